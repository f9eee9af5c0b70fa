//! The same version, scenario and seed: the same digest, and the same bytes.

use proptest::prelude::*;

use ecs_sim::model::Cluster;
use ecs_sim::record::RecordOptions;
use ecs_sim::simulation::{Observer, Record};
use ecs_sim::units::SimTime;

use crate::harness::{run, run_watched, scenario};
use crate::invariants::{any_scenario, any_service_scenario};

const BUSY: &str = "duration: 2h
containerInstances:
  - {instanceType: m5.large, count: 3, availabilityZones: [us-east-1a, us-east-1b]}
  - {instanceType: c5.xlarge, count: 2}
tasks:
  - {name: a, cpu: 1024, memory: 512, arrivals: {poisson: {perHour: 90}},
      runtime: {exponential: {mean: 9m}}, whenFull: queue}
  - {name: b, cpu: 700, memory: 900, arrivals: {poisson: {perHour: 60}},
      runtime: {lognormal: {mean: 5m, sigma: 1}}, whenFull: backfill}
  - {name: c, cpu: 64, memory: 64, arrivals: {every: 1m}, runtime: 90s}
";

/// Services of every kind, and all that may befall them.
const SERVICES: &str = "duration: 3h
start: 2026-01-05T00:00:00Z
containerInstances:
  - {instanceType: m5.large, count: 4, availabilityZones: [us-east-1a, us-east-1b],
     attributes: {rack: r0}}
  - {instanceType: m5.large, count: 2, availabilityZones: [us-east-1a], attributes: {rack: r1}}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 256, memory: 256,
      portMappings: [{containerPort: 80}]}]}
  - {family: web, containerDefinitions: [{name: app, image: 'web:2', cpu: 256, memory: 300,
      portMappings: [{containerPort: 80}],
      healthCheck: {command: [CMD, x], interval: 10}}]}
images: [{name: 'web:2', size: 300 MB}]
targetGroups: [{targetGroupName: web, deregistrationDelay: 20s}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 3
    deploymentConfiguration: {deploymentCircuitBreaker: {enable: true, rollback: true}}
    loadBalancers: [{targetGroupName: web, containerName: app, containerPort: 80}]
    load: {curve: {base: 20, peak: 90, peakAt: 1h}, request: {cpuTime: 9ms, cpuNoise: 0.2}}
    scaling:
      minCapacity: 2
      maxCapacity: 9
      policies:
        - policyName: cpu
          policyType: TargetTrackingScaling
          targetTrackingScalingPolicyConfiguration:
            targetValue: 50
            predefinedMetricSpecification: {predefinedMetricType: ECSServiceAverageCPUUtilization}
  - serviceName: work
    taskDefinition: 'web:1'
    desiredCount: 4
    placementStrategy: [{type: random}]
    placementConstraints: [{type: memberOf, expression: 'attribute:rack == r0'}]
  - {serviceName: agent, taskDefinition: 'web:1', schedulingStrategy: DAEMON}
deployments:
  - {at: 20m, service: web, taskDefinition: 'web:2'}
  - {at: 30m, service: agent, forceNewDeployment: true}
  - {at: 70m, service: work, desiredCount: 2}
incidents:
  - {at: 50m, duration: 10m, availabilityZoneLost: us-east-1b}
  - {at: 90m, duration: 10m, containerInstancesDraining: [0]}
taskBehaviors:
  - {service: work, exit: {after: {exponential: {mean: 5m}}, exitCode: 1}}
tasks:
  - {name: job, cpu: 256, memory: 128, arrivals: {poisson: {perHour: 60}},
      runtime: {exponential: {mean: 3m}}, whenFull: backfill}
";

/// Counts what it sees.
#[derive(Default)]
struct Counter {
    records: u64,
    steps: u64,
}

impl Observer for Counter {
    fn advance(&mut self, _: SimTime, _: SimTime, _: &Cluster) {
        self.steps += 1;
    }

    fn record(&mut self, _: SimTime, _: &Record<'_>, _: &Cluster) {
        self.records += 1;
    }
}

fn digest(text: &str) -> String {
    run(text).run.digest
}

#[test]
fn twice_the_same_run_gives_the_same_bytes() {
    let (one, two) = (run(BUSY), run(BUSY));
    assert_eq!(one.run.digest, two.run.digest);
    assert!(one.run.digest.len() >= 16 && one.run.tasks.submitted > 200);
    assert_eq!(one.bytes(), two.bytes());
}

#[test]
fn observers_and_options_change_nothing() {
    let scenario = scenario(BUSY);
    let mut counter = Counter::default();
    let plain = run_watched(&scenario, RecordOptions { tasks: false }, &mut ());
    let watched = run_watched(&scenario, RecordOptions { tasks: false }, &mut counter);
    let kept = run_watched(&scenario, RecordOptions { tasks: true }, &mut ());
    assert!(counter.records > 1_000 && counter.steps > 500);
    assert_eq!(plain.bytes(), watched.bytes());
    assert_eq!(plain.json(), kept.json());
    assert_eq!(plain.run.timeseries, kept.run.timeseries);
    assert_eq!(plain.bill, kept.bill);
}

#[test]
fn services_give_the_same_bytes_twice_and_under_any_number_of_observers() {
    let (one, two) = (run(SERVICES), run(SERVICES));
    assert!(one.run.tasks.stopped > 10 && one.run.tasks.failed > 10);
    assert_eq!(one.run.digest, two.run.digest);
    assert_eq!(one.bytes(), two.bytes());
    let scenario = scenario(SERVICES);
    let kept = RecordOptions { tasks: true };
    let mut counters = [0; 3].map(|_| Counter::default());
    let [first, second, third] = &mut counters;
    let watched = run_watched(&scenario, kept, &mut (first, (second, third)));
    assert_eq!(watched.bytes(), one.bytes());
    assert!(counters[0].records > 1_000);
    assert!(
        counters
            .iter()
            .all(|counter| counter.records == counters[0].records)
    );
    let bare = run_watched(&scenario, RecordOptions { tasks: false }, &mut ());
    assert_eq!(bare.json(), one.json());
}

#[test]
fn a_service_more_leaves_the_luck_of_the_others_alone() {
    // Each has instances of its own; places, spans and exits are drawn.
    let service = |name: &str| {
        format!(
            "  - {{serviceName: {name}, taskDefinition: web, desiredCount: 5,
      availabilityZoneRebalancing: DISABLED, placementStrategy: [{{type: random}}],
      placementConstraints: [{{type: memberOf, expression: 'attribute:for == {name}'}}]}}\n"
        )
    };
    let text = |services: &str| {
        format!(
            "duration: 2h
containerInstances:
  - {{instanceType: m5.large, count: 3, attributes: {{for: a}}}}
  - {{instanceType: m5.large, count: 3, attributes: {{for: b}}}}
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: i, cpu: 200, memory: 200}}]}}
taskBehaviors:
  - {{taskDefinition: web, exit: {{after: {{exponential: {{mean: 7m}}}}, exitCode: 1}}}}
deployments: [{{at: 1h, service: a, desiredCount: 3}}]
services:
{services}"
        )
    };
    let of_a = |services: &str| {
        let ran = run(&text(services));
        let columns = [
            "task_id",
            "instance_id",
            "placed_ms",
            "started_ms",
            "stopped_ms",
        ];
        let columns = columns.map(|name| ran.task_column(name));
        let rows = (0..columns[0].len()).map(|at| columns.each_ref().map(|row| row[at].clone()));
        rows.filter(|row| row[0].starts_with("a/"))
            .collect::<Vec<_>>()
    };
    let (a, b) = (service("a"), service("b"));
    let alone = of_a(&a);
    assert!(alone.len() > 50, "{}", alone.len());
    assert_eq!(alone, of_a(&format!("{a}{b}")));
    assert_eq!(alone, of_a(&format!("{b}{a}")));
    assert_ne!(alone, of_a(&a.replace("random", "binpack, field: cpu")));
}

#[test]
fn another_seed_gives_another_digest() {
    let seeded = |seed: u64| digest(&format!("seed: {seed}\n{BUSY}"));
    assert_eq!(seeded(1), digest(BUSY), "1 is the default");
    let all: std::collections::BTreeSet<String> = (1..=8).map(seeded).collect();
    assert_eq!(all.len(), 8);
}

#[test]
fn how_often_the_series_is_sampled_leaves_the_digest_alone() {
    let plain = run(BUSY);
    for period in ["1s", "7m", "3h"] {
        let other = run(&format!("timeseriesPeriod: {period}\n{BUSY}"));
        assert_eq!(other.json(), plain.json(), "{period}");
        assert_ne!(other.run.timeseries.len(), plain.run.timeseries.len());
    }
}

#[test]
fn names_prices_and_zones_of_the_calendar_leave_what_happens_alone() {
    // The digest is of what happened: not of the scenario's name or of prices.
    let plain = digest(BUSY);
    assert_eq!(digest(&format!("name: other\n{BUSY}")), plain);
    assert_eq!(
        digest(&format!("start: 2020-02-29T12:00:00Z\n{BUSY}")),
        plain
    );
    let dearer = BUSY.replace("m5.large,", "m5.large, onDemandUsdPerHour: 9,");
    assert_eq!(digest(&dearer), plain);
}

#[test]
fn what_happens_is_in_the_digest() {
    let plain = digest(BUSY);
    for (from, to) in [
        ("cpu: 64,", "cpu: 65,"),
        ("runtime: 90s", "runtime: 91s"),
        ("count: 2}", "count: 3}"),
        ("duration: 2h", "duration: 119m"),
        ("whenFull: queue", "whenFull: fail"),
    ] {
        assert!(BUSY.contains(from));
        assert_ne!(digest(&BUSY.replace(from, to)), plain, "{from}");
    }
}

#[test]
fn entries_that_do_not_meet_can_change_their_order() {
    // Each has instances of its own. Only the order of rows of one instant changes.
    let header = "duration: 1h
containerInstances:
  - {instanceType: m5.large, attributes: {for: a}}
  - {instanceType: m5.large, attributes: {for: b}}
tasks:
";
    let entry = |name: &str| {
        format!(
            "  - {{name: {name}, cpu: 512, memory: 64, arrivals: {{every: 1m}},
      runtime: {{exponential: {{mean: 3m}}}}, whenFull: backfill,
      placementConstraints: [{{type: memberOf, expression: 'attribute:for == {name}'}}]}}\n"
        )
    };
    let (one, two) = (entry("a"), entry("b"));
    let forth = run(&format!("{header}{one}{two}"));
    let back = run(&format!("{header}{two}{one}"));
    let sorted = |ran: &crate::harness::Ran| {
        let columns = [
            "task_id",
            "instance_id",
            "placed_ms",
            "started_ms",
            "stopped_ms",
        ];
        let columns = columns.map(|name| ran.task_column(name));
        let mut rows: Vec<Vec<String>> = (0..columns[0].len())
            .map(|at| columns.iter().map(|column| column[at].clone()).collect())
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&forth), sorted(&back));
    assert_eq!(forth.bill, back.bill);
    assert_eq!(forth.summary.tasks, back.summary.tasks);
    assert_eq!(forth.summary.utilization, back.summary.utilization);
    assert_eq!(forth.run.timeseries, back.run.timeseries);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_scenario_gives_the_same_bytes_twice(text in any_scenario()) {
        let (one, two) = (run(&text), run(&text));
        prop_assert_eq!(&one.run.digest, &two.run.digest);
        prop_assert_eq!(one.bytes(), two.bytes());
        let scenario = scenario(&text);
        let bare = run_watched(&scenario, RecordOptions { tasks: false }, &mut ());
        prop_assert_eq!(bare.json(), one.json());
    }

    #[test]
    fn any_scenario_of_services_gives_the_same_bytes_twice(text in any_service_scenario()) {
        let (one, two) = (run(&text), run(&text));
        prop_assert_eq!(&one.run.digest, &two.run.digest);
        prop_assert_eq!(one.bytes(), two.bytes());
        let mut counter = Counter::default();
        let options = RecordOptions { tasks: false };
        let watched = run_watched(&scenario(&text), options, &mut counter);
        prop_assert_eq!(watched.json(), one.json());
    }
}
