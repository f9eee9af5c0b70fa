//! Right scenarios, and what the loader makes of them.

use std::fs;
use std::path::Path;

use super::{loaded, warnings, without_trailing_blanks};
use crate::kernel::Distribution;
use crate::placement::StrategySpec;
use crate::scenario::{LoadOptions, Scenario, WhenFull, load, load_text, parse_strategy_chain};
use crate::units::{CpuUnits, HourlyRate, MemoryMib, Millis, SimTime};
use crate::workload::{Arrivals, Runtime, Source};

const WEB: &str = "
name: web-and-batch
seed: 7
start: 2026-01-05T00:00:00Z
duration: 24h
cluster: {name: prod}
instanceTypes:
  - {instanceType: trace.node, cpu: 96 vCPU, memory: 384 GiB, gpu: 8, onDemandUsdPerHour: 12.5}
containerInstances:
  - &two
    instanceType: m5.large
    count: 2
    availabilityZones: [us-east-1a, us-east-1b]
    attributes: {stack: prod}
  - {instanceType: trace.node}
  - {<<: *two, count: 3}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 256, memory: 512}]}
  - {family: web, containerDefinitions: [{name: app, image: web:2, cpu: 256, memory: 512}]}
tasks:
  - name: nightly
    taskDefinition: web:1
    arrivals: {at: 30s, count: 40}
    count: 10
    runtime: {lognormal: {mean: 10m, sigma: 0}}
    placementStrategy: [{type: Spread, field: \"attribute:ecs.availability-zone\"}, {type: binpack, field: MEMORY}]
    placementConstraints: [{type: memberOf, expression: \"attribute:stack == prod\"}]
    whenFull: backfill
  - taskDefinition: web
    arrivals: {poisson: {perMinute: 2}, until: 1h}
  - {cpu: 1 vCPU, memory: 2 GB, gpu: 1, arrivals: {every: 10m, from: 1m}, runtime: 90s}
";

fn scenario(text: &str, sets: &[&str]) -> Scenario {
    loaded(text, sets)
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario
}

#[test]
fn a_scenario_is_read_as_it_is_written() {
    let read = scenario(WEB, &[]);
    assert_eq!((read.name.as_str(), read.seed), ("web-and-batch", 7));
    assert_eq!(read.start.to_string(), "2026-01-05T00:00:00Z");
    assert_eq!(
        (read.duration, read.timeseries_period),
        (Millis::DAY, Millis::MINUTE)
    );
    let types: Vec<&str> = read
        .instance_types
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    assert_eq!(types, ["m5.large", "trace.node"]);
    let own = &read.instance_types[1];
    assert_eq!(
        (own.cpu, own.registered_memory),
        (CpuUnits(98_304), MemoryMib(393_216))
    );
    assert_eq!((own.gpus, own.awsvpc_tasks), (8, None));
    let counts: Vec<u32> = read
        .container_instances
        .iter()
        .map(|entry| entry.count)
        .collect();
    assert_eq!(counts, [2, 1, 3]);
    assert_eq!(read.container_instances[1].rate, HourlyRate(12_500_000_000));
    assert_eq!(
        read.container_instances[1].availability_zones,
        ["us-east-1a"]
    );
    // What `<<` brings, but for the count.
    assert_eq!(
        read.container_instances[2].settings.attributes,
        read.container_instances[0].settings.attributes
    );
}

#[test]
fn entries_of_tasks_are_read_as_they_are_written() {
    let read = scenario(WEB, &[]);
    let names: Vec<&str> = read.tasks.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["nightly", "web-1", "tasks-2"]);
    let definitions: Vec<String> = read
        .tasks
        .iter()
        .filter_map(|entry| entry.task_definition)
        .map(|id| read.task_definitions[id.index()].name())
        .collect();
    assert_eq!(definitions, ["web:1", "web:2"]);
    let nightly = &read.tasks[0];
    let chain: Vec<String> = nightly
        .placement_strategy
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(chain, ["spread-az", "binpack-memory"]);
    assert_eq!(
        (nightly.when_full, nightly.placement_constraints.len()),
        (WhenFull::Backfill, 1)
    );
    let median = Distribution::Lognormal {
        median_ms: 600_000.0,
        sigma: 0.0,
    };
    let expected = Source::Generated {
        arrivals: Arrivals::At {
            at: SimTime(30_000),
            count: 40,
        },
        count: 10,
        runtime: Runtime::Drawn(median),
    };
    assert_eq!(nightly.source, expected);
    let until = Some(SimTime(3_600_000));
    let poisson = Arrivals::Poisson {
        mean_gap_ms: 30_000.0,
        from: SimTime::ZERO,
        until,
    };
    let expected = Source::Generated {
        arrivals: poisson,
        count: 1,
        runtime: Runtime::UntilEnd,
    };
    assert_eq!(read.tasks[1].source, expected);
    let needs = read.tasks[2].needs.unwrap();
    assert_eq!(
        (needs.cpu, needs.memory, needs.gpus),
        (CpuUnits(1_024), MemoryMib(2_048), 1)
    );
}

#[test]
fn defaults_are_those_of_the_contract() {
    let read = scenario("duration: 90s", &[]);
    assert_eq!(
        (read.name.as_str(), read.seed, read.region.as_str()),
        ("s", 1, "us-east-1")
    );
    assert_eq!(read.start.to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(read.cluster_name, "default");
    assert!(!read.awsvpc_trunking);
    let start = Distribution::Lognormal {
        median_ms: 6_000.0,
        sigma: 0.5,
    };
    assert_eq!(read.latencies.start, start);
    let instant = scenario("duration: 90s\nlatencies: {instant: true}", &[]);
    assert_eq!(instant.latencies.start, Distribution::Fixed(Millis::ZERO));
    assert_eq!(instant.latencies.stop, Distribution::Fixed(Millis::ZERO));
}

#[test]
fn what_an_instance_registers_can_be_said() {
    let memory = |keys: &str| {
        let text =
            format!("duration: 1h\ncontainerInstances: [{{instanceType: m5.large, {keys}}}]");
        scenario(&text, &[]).container_instances[0]
            .registered_memory
            .0
    };
    assert_eq!(memory(""), 7_680);
    // G2: ECS_RESERVED_MEMORY is taken off.
    assert_eq!(memory("reservedMemory: 256"), 7_424);
    assert_eq!(memory("registeredMemory: 7 GiB"), 7_168);
    // G3: Windows registers all but a MiB of the nominal memory.
    let windows = "operatingSystemFamily: WINDOWS_SERVER_2022_FULL, onDemandUsdPerHour: 0.188";
    assert_eq!(memory(windows), 8_191);
}

#[test]
fn set_is_applied_before_the_checks() {
    let sets = [
        "containerInstances.trace.node.count=9",
        "tasks.nightly.count=3",
        "tasks.2.runtime=2h",
        "latencies.instant=true",
        "tasks+={name: more, cpu: 1, memory: 1, arrivals: {at: 0s}}",
    ];
    let read = scenario(WEB, &sets);
    assert_eq!(read.container_instances[1].count, 9);
    assert_eq!(read.tasks[3].name, "more");
    assert_eq!(read.latencies.start, Distribution::Fixed(Millis::ZERO));
    let error = loaded(WEB, &["tasks.nightly.count=11"])
        .unwrap_err()
        .render(false);
    let expected = "\
error: `11` is too large
 --> --set 'tasks.nightly.count=11':1:21
  |
1 | tasks.nightly.count=11
  |                     ^^ expected a whole number from 1 to 10
  |
  = help: RunTask starts at most 10 tasks a call: more calls are the `count` of \
`arrivals: {at: 0s, count: 40}`";
    assert_eq!(without_trailing_blanks(&error), expected);
}

#[test]
fn options_replace_seed_and_strategies_but_for_start_task() {
    let text = "
duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - {cpu: 1, memory: 1, arrivals: {at: 0s}, placementStrategy: [{type: random}]}
  - {cpu: 1, memory: 1, arrivals: {at: 0s}, startTask: {containerInstances: [i-00000000000000000]}}
";
    let options = LoadOptions {
        seed: Some(9),
        strategy: Some(parse_strategy_chain("x-first-fit").unwrap()),
        ..LoadOptions::default()
    };
    let read = load_text(text, "s", Path::new(""), &options)
        .unwrap()
        .scenario;
    assert_eq!(read.seed, 9);
    assert_eq!(
        read.tasks[0].placement_strategy,
        [StrategySpec::Named("x-first-fit".to_owned())]
    );
    assert_eq!(read.tasks[1].placement_strategy, []);
}

#[test]
fn files_are_relative_to_the_scenario_and_may_be_what_aws_prints() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let definition = "{\n\t\"taskDefinition\": {\"family\": \"web\", \"revision\": 7, \"status\": \
        \"ACTIVE\",\n\t\t\"containerDefinitions\": [{\"name\": \"app\", \"image\": \"a\\/b\", \
        \"memory\": 128}]}, \"tags\": []}";
    fs::write(at("web.json"), definition).unwrap();
    fs::write(at("jobs.csv"), "submit_s,duration_s,cpu,memory\n").unwrap();
    let text = "duration: 1h\ncontainerInstances: [{instanceType: m5.large}]\ntaskDefinitions: \
        [{file: web.json}]\ntasks: [{name: replay, trace: {file: jobs.csv, sorted: false}}]\n";
    fs::write(at("my-scenario.yaml"), text).unwrap();
    let read = load(&at("my-scenario.yaml"), &LoadOptions::default()).unwrap();
    assert!(read.warnings.is_empty(), "{}", read.warnings.render(false));
    assert_eq!(read.scenario.name, "my-scenario");
    assert_eq!(read.scenario.task_definitions[0].name(), "web:7");
    let Source::Trace(trace) = &read.scenario.tasks[0].source else {
        panic!("no trace")
    };
    let names: Vec<&str> = trace
        .definitions
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!((names, trace.sorted), (vec!["web", "web:7"], false));
    assert_eq!(trace.path, at("jobs.csv"));
}

#[test]
fn what_is_legal_but_strange_is_warned_of() {
    let text = "
duration: 1h
instanceTypes:
  - {instanceType: spare, cpu: 1, memory: 1, onDemandUsdPerHour: 0}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web, memory: 128}]}
tasks:
  - {cpu: 1, memory: 1, arrivals: {at: 1h}}
";
    let expected = [
        "the instance type `spare` is not used",
        "the task definition `web:1` is not used",
        "there are tasks but no container instances",
        "these tasks never arrive",
    ];
    assert_eq!(warnings(text), expected);
    let fleet = |count: u32, zone: &str| {
        warnings(&format!(
            "duration: 1h\ncontainerInstances: \
             [{{instanceType: m5.large, count: {count}, availabilityZone: {zone}}}]"
        ))
    };
    assert_eq!(fleet(5_000, "us-east-1f"), [""; 0]);
    assert_eq!(fleet(5_001, "us-east-1f"), ["5001 container instances"]);
    assert_eq!(fleet(1, "us-east-1-bos-1a"), [""; 0]);
    // Whose region has no prices in the catalog knows its zones itself.
    let elsewhere = warnings(
        "duration: 1h\nregion: cellar\ncontainerInstances: [{instanceType: m5.large, \
         onDemandUsdPerHour: 0.1, availabilityZone: shelf}]",
    );
    assert_eq!(elsewhere, ["`shelf` is no zone of cellar"]);
}

#[test]
fn strategies_of_the_callers_own_are_known_by_the_names_that_it_gives() {
    let text = "
duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - {cpu: 1, memory: 1, arrivals: {at: 0s}, placementStrategy: [{type: Fewest-tasks}]}
";
    let named = |names: &[&str]| {
        let options = LoadOptions {
            strategy_names: names.iter().map(|&name| name.to_owned()).collect(),
            ..LoadOptions::default()
        };
        load_text(text, "s.yaml", Path::new(""), &options)
    };
    let scenario = named(&["most-tasks", "Fewest-tasks"]).unwrap().scenario;
    assert_eq!(
        scenario.tasks[0].placement_strategy,
        [StrategySpec::Named("Fewest-tasks".to_owned())]
    );
    // Names are told apart by upper and lower case, and a near one is proposed.
    let message = named(&["fewest-tasks"]).unwrap_err().render(false);
    assert!(
        message.contains("did you mean `fewest-tasks`?"),
        "{message}"
    );
    assert!(named(&[]).is_err());
}
