//! The scenarios that ship: each loads without a warning, runs the same twice, says what its
//! snapshot says, and every claim and command of its comment header holds.

mod capacity;
mod fargate;
mod services;
mod sweeps;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use ecs_sim::cost::{self, Summary};
use ecs_sim::experiment::checks;
use ecs_sim::experiment::compare::{CompareOptions, compare};
use ecs_sim::experiment::variants::{self, VariantSpec};
use ecs_sim::placement::strategies::Strategies;
use ecs_sim::record::{RecordOptions, Recorder, Run, TaskRow};
use ecs_sim::report;
use ecs_sim::scenario::{LoadOptions, Loaded, ScenarioFile, load, parse_strategy_chain};
use ecs_sim::simulation::Simulation;

/// A run that has ended, and what would be printed and written of it.
struct Finished {
    run: Run,
    summary: Summary,
    text: String,
    json: String,
    tasks_csv: Vec<u8>,
    warnings: String,
}

/// What a header asks for beside the file.
#[derive(Default)]
struct Changes {
    sets: Vec<String>,
    strategy: Option<String>,
    variant: Option<String>,
    seed: Option<u64>,
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Every scenario's file name, sorted.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).expect("the scenarios are there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a readable directory").file_name())
        .map(|name| name.into_string().expect("a name in UTF-8"))
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    names.sort();
    names
}

fn loaded(name: &str, changes: &Changes) -> Loaded {
    let chain = changes.strategy.as_deref();
    let options = LoadOptions {
        sets: changes.sets.clone(),
        variant: changes.variant.clone(),
        seed: changes.seed,
        strategy: chain.map(|chain| parse_strategy_chain(chain).expect(chain)),
        ..LoadOptions::default()
    };
    load(&directory().join(name), &options)
        .unwrap_or_else(|error| panic!("{name}: {}", error.render(false)))
}

fn run(name: &str, changes: &Changes) -> Finished {
    let loaded = loaded(name, changes);
    let scenario = loaded.scenario;
    let strategies = Strategies::default();
    let mut recorder = Recorder::new(&scenario, RecordOptions { tasks: true });
    let mut simulation = Simulation::new(&scenario, &strategies).expect("a checked scenario");
    let outcome = simulation.run(&mut recorder).expect("a whole trace");
    let run = recorder.finish(&outcome, simulation.cluster());
    let bill = cost::bill(&run);
    let mut summary = Summary::new(&run, &bill);
    summary.checks = checks::evaluate(&scenario.checks, &summary);
    let mut tasks_csv = Vec::new();
    report::csv::tasks(&run, &mut tasks_csv).expect("memory takes any bytes");
    Finished {
        text: report::text::summary(&summary, report::text::Style::default()),
        json: report::json::summary(&summary),
        tasks_csv,
        warnings: loaded.warnings.render(false),
        run,
        summary,
    }
}

fn as_written(name: &str) -> Finished {
    run(name, &Changes::default())
}

fn with_sets(name: &str, sets: &[&str]) -> Finished {
    let sets = sets.iter().map(ToString::to_string).collect();
    run(
        name,
        &Changes {
            sets,
            ..Changes::default()
        },
    )
}

fn with_strategy(name: &str, chain: &str) -> Finished {
    let strategy = Some(chain.to_owned());
    run(
        name,
        &Changes {
            strategy,
            ..Changes::default()
        },
    )
}

impl Finished {
    fn rows(&self) -> &[TaskRow] {
        self.run.task_rows.as_deref().expect("rows were recorded")
    }

    fn rows_of(&self, entry: &str) -> Vec<&TaskRow> {
        let rows = self.rows().iter();
        rows.filter(|row| self.run.entry_name(row.entry) == entry)
            .collect()
    }

    /// Instances that hosted tasks of an entry.
    fn instances_of(&self, entry: &str) -> BTreeSet<String> {
        let rows = self.rows_of(entry).into_iter();
        rows.filter_map(|row| row.instance.map(|on| on.to_string()))
            .collect()
    }

    /// Tasks of an entry that were placed, and all of them.
    fn placed(&self, entry: &str) -> (u64, u64) {
        let counts = &self.summary.tasks.by_entry[entry];
        (counts.placed, counts.submitted)
    }

    /// Refused attempts by reason.
    fn failures(&self) -> Vec<(&str, u64)> {
        let failures = self.summary.placement.failures.iter();
        failures
            .map(|(reason, count)| (reason.as_str(), *count))
            .collect()
    }

    /// A column of tasks.csv by task id.
    fn column(&self, column: &str) -> BTreeMap<String, String> {
        let mut reader = csv::Reader::from_reader(self.tasks_csv.as_slice());
        let headers = reader.headers().expect("a header").clone();
        let at = |name: &str| {
            headers
                .iter()
                .position(|header| header == name)
                .expect(name)
        };
        let (id, value) = (at("task_id"), at(column));
        let rows = reader.records().map(|row| row.expect("a row"));
        rows.map(|row| (row[id].to_owned(), row[value].to_owned()))
            .collect()
    }

    /// How many placed tasks each value of a column of tasks.csv has.
    fn count_by(&self, column: &str) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for value in self.column(column).into_values() {
            if !value.is_empty() {
                *counts.entry(value).or_insert(0) += 1;
            }
        }
        counts
    }

    /// Whether the summary says so, wherever its lines break.
    fn says(&self, words: &str) -> bool {
        let text: Vec<&str> = self.text.split_whitespace().collect();
        text.join(" ").contains(words)
    }

    /// Milliseconds that the placed tasks of an entry waited in all, and the longest wait.
    fn waits_of(&self, entry: &str) -> (u64, u64) {
        let rows = self.rows_of(entry).into_iter();
        let waits = rows.filter_map(|row| Some(row.placed_at.get()?.since(row.submitted_at).0));
        waits.fold((0, 0), |(sum, longest), wait| {
            (sum + wait, longest.max(wait))
        })
    }
}

/// A share as text with two digits.
fn share(value: Option<f64>) -> String {
    format!("{:.2}", value.expect("a share of something"))
}

fn header(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(directory().join(name)).expect(name);
    let lines = text.lines().take_while(|line| line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// The commands of a header. What follows two blanks is an explanation, and a line that ends in a
/// backslash goes on in the next.
fn commands(name: &str) -> Vec<String> {
    commands_of(name, "ecs-sim run ")
}

/// Those that begin so.
fn commands_of(name: &str, program: &str) -> Vec<String> {
    let header = header(name);
    let mut lines = header
        .iter()
        .map(|line| line.trim_start_matches('#').trim());
    let mut commands = Vec::new();
    while let Some(line) = lines.next() {
        let Some(start) = line.find(program) else {
            continue;
        };
        let mut command = line[start..].to_owned();
        while let Some(begin) = command.strip_suffix('\\') {
            command = format!("{begin}{}", lines.next().expect("the command goes on"));
        }
        let end = command.find("  ").unwrap_or(command.len());
        command.truncate(end);
        commands.push(command);
    }
    commands
}

/// What a command changes in its scenario.
fn changes_of(name: &str, command: &str) -> Changes {
    let mut words = crate::docs::words(command).into_iter().skip(2);
    assert_eq!(words.next().as_deref(), Some(name), "{command}");
    let mut changes = Changes::default();
    while let Some(option) = words.next() {
        let value = words.next().expect(&option);
        match option.as_str() {
            "--set" => changes.sets.push(value),
            "--strategy" => changes.strategy = Some(value),
            "--variant" => changes.variant = Some(value),
            "--seed" => changes.seed = Some(value.parse().expect("a seed")),
            "--out" => {}
            _ => panic!("{name}: {option} in a header"),
        }
    }
    changes
}

#[test]
fn every_scenario_has_a_header_with_commands() {
    for name in names() {
        let header = header(&name);
        assert!(
            (5..=22).contains(&header.len()),
            "{name}: {} lines",
            header.len()
        );
        assert!(!commands(&name).is_empty(), "{name}");
        let long = header.iter().find(|line| line.chars().count() > 100);
        assert_eq!(long, None, "{name}");
    }
}

#[test]
fn every_command_of_a_header_runs_without_a_warning() {
    for name in names() {
        for command in commands(&name) {
            let finished = run(&name, &changes_of(&name, &command));
            assert_eq!(finished.warnings, "", "{command}");
        }
    }
}

#[test]
fn every_scenario_says_what_its_snapshot_says() {
    for name in names() {
        let finished = as_written(&name);
        assert_eq!(finished.warnings, "", "{name}");
        insta::assert_snapshot!(name.trim_end_matches(".yaml"), finished.text);
    }
}

#[test]
fn two_runs_of_a_scenario_give_the_same_bytes() {
    for name in names() {
        let (one, two) = (as_written(&name), as_written(&name));
        assert_eq!(one.summary.digest, two.summary.digest, "{name}");
        assert_eq!(one.json, two.json, "{name}");
        assert!(one.tasks_csv == two.tasks_csv, "{name}: tasks.csv differs");
    }
}

#[test]
fn a_seed_of_its_own_changes_a_scenario_with_chance() {
    for (name, by_chance) in [
        ("quickstart.yaml", true),
        ("batch-queue.yaml", true),
        ("zones.yaml", false),
    ] {
        let other = run(
            name,
            &Changes {
                seed: Some(99),
                ..Changes::default()
            },
        );
        let differs = as_written(name).tasks_csv != other.tasks_csv;
        assert_eq!(differs, by_chance, "{name}");
    }
}

#[test]
fn quickstart_has_its_four_late_reports_its_peak_and_its_bill() {
    let finished = as_written("quickstart.yaml");
    assert_eq!(finished.placed("web"), (6, 6));
    assert_eq!(finished.placed("reports"), (6, 6));
    let late = finished.rows_of("reports").into_iter();
    let late = late.filter(|row| row.placed_at.get() > Some(row.submitted_at));
    assert_eq!(late.count(), 4);
    assert_eq!(
        finished.waits_of("thumbnails"),
        (0, 0),
        "thumbnails pass the reports"
    );
    let [cpu, memory] = [
        &finished.summary.utilization.cpu,
        &finished.summary.utilization.memory,
    ];
    assert_eq!(share(cpu.reserved_peak), "0.75");
    assert_eq!(share(memory.reserved_peak), "0.71");
    assert_eq!(share(cpu.reserved_mean), "0.39");
    assert_eq!(share(memory.reserved_mean), "0.29");
    assert!(finished.says(
        "4 of 1,434 tasks waited, 41 min on average, at most 58 min (6.8 s over all tasks)."
    ));
    assert!(finished.says("The bill: $6.60, of which $2.16 was used by tasks and $4.44 idle"));
    let larger = with_sets("quickstart.yaml", &["containerInstances.m5.large.count=6"]);
    assert_eq!(larger.summary.placement.wait_ms.max, Some(0));
}

#[test]
fn strategies_decide_whether_large_tasks_find_room() {
    let stranded = |finished: &Finished| share(finished.summary.utilization.stranded.cpu.mean);
    let spread = as_written("strategies.yaml");
    assert_eq!(spread.instances_of("small").len(), 8);
    assert_eq!(spread.placed("large"), (0, 4));
    assert_eq!(stranded(&spread), "0.38");
    let binpack = with_strategy("strategies.yaml", "binpack-memory");
    assert_eq!(binpack.instances_of("small").len(), 4);
    assert_eq!(binpack.placed("large"), (4, 4));
    assert_eq!(stranded(&binpack), "0.00");
    let random = with_strategy("strategies.yaml", "random");
    assert_eq!(random.placed("large"), (2, 4));
    assert_eq!(stranded(&random), "0.19");
    let strategy = Some("random".to_owned());
    let again = run(
        "strategies.yaml",
        &Changes {
            strategy,
            seed: Some(3),
            ..Changes::default()
        },
    );
    assert_eq!(again.placed("large"), (1, 4));
}

/// The text of the comparison of a scenario's own variants.
fn compared(name: &str) -> String {
    let file = ScenarioFile::read(&directory().join(name)).expect(name);
    let options = LoadOptions::default();
    let scenario = file.load(&options).expect(name).scenario;
    let specs = variants::complete(Vec::new(), &scenario).expect("it has variants");
    let load = |spec: &VariantSpec| spec.load(&file, &options).expect("a right variant");
    let variants: Vec<_> = specs.iter().map(load).collect();
    let options = CompareOptions {
        baseline: 0,
        replications: 10,
        precision: None,
        figures: Vec::new(),
        jobs: NonZeroUsize::MIN,
    };
    let compared = compare(&variants, &options, &mut |_, _| {}).expect("every variant runs");
    report::compare::text(&compared, report::text::Style::default())
}

#[test]
fn every_scenario_with_variants_compares_as_its_snapshot_says() {
    let with_variants = names().into_iter().filter(|name| {
        !loaded(name, &Changes::default())
            .scenario
            .variants
            .is_empty()
    });
    let mut count = 0;
    for name in with_variants {
        count += 1;
        let snapshot = format!("{}-compared", name.trim_end_matches(".yaml"));
        insta::assert_snapshot!(snapshot, compared(&name));
    }
    assert!(count > 0);
}

#[test]
fn one_run_of_compare_strategies_looks_better_than_ten() {
    let as_written = as_written("compare-strategies.yaml");
    assert!(as_written.says("All 3 checks hold."));
    let packed = run(
        "compare-strategies.yaml",
        &Changes {
            variant: Some("packed".to_owned()),
            ..Changes::default()
        },
    );
    assert!(packed.says("placement.waitMs.p99 <= 5m: 0 s, 5 min to spare"));
    let compared = compared("compare-strategies.yaml");
    let compared = compared.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "packed-on-8 costs 20 % less than spread (in every replication)",
        "waits 3 min 31 s less at the 99th percentile",
        "placement.waitMs.p99 <= 5m 8 of 10 10 of 10 10 of 10 2 of 10",
    ] {
        assert!(compared.contains(words), "no {words} in {compared}");
    }
    assert!(compared.contains("spread-on-8 costs 20 % less") && compared.contains("longer at the"));
}

#[test]
fn zones_stay_even_until_the_smallest_is_full() {
    let tasks = |finished: &Finished| -> Vec<u32> {
        finished
            .count_by("availability_zone")
            .into_values()
            .collect()
    };
    let spread = as_written("zones.yaml");
    assert_eq!(tasks(&spread), [14, 14, 8]);
    assert_eq!(spread.summary.instances.used, 7);
    let zones = spread.summary.utilization.by_availability_zone.values();
    let cpu: Vec<String> = zones.map(|zone| share(zone.cpu.reserved_peak)).collect();
    assert_eq!(cpu, ["0.44", "0.88", "1.00"]);
    let by_instance = with_strategy("zones.yaml", "spread-instance");
    assert_eq!(tasks(&by_instance), [21, 10, 5]);
    let packed = with_strategy("zones.yaml", "spread-az+binpack-memory");
    assert_eq!(tasks(&packed), [14, 14, 8]);
    assert_eq!(packed.summary.instances.used, 5);
}

#[test]
fn constraints_put_each_entry_where_its_comment_says() {
    let id = |number: u32| format!("i-{number:017x}");
    let set = |numbers: &[u32]| numbers.iter().copied().map(id).collect::<BTreeSet<_>>();
    let finished = as_written("constraints.yaml");
    // G39, G40, G42: m5.large are instances 0 and 1, r5.large 2 and 3, c5.large 4 and 5
    assert_eq!(finished.instances_of("database"), set(&[2, 3]));
    assert_eq!(finished.instances_of("web"), set(&[0, 1]));
    assert!(
        finished
            .instances_of("near-web")
            .is_subset(&finished.instances_of("web"))
    );
    assert!(finished.instances_of("away").is_subset(&set(&[4, 5])));
    assert!(finished.instances_of("one-of").is_subset(&set(&[0, 4])));
    assert_eq!(finished.placed("database"), (2, 3));
    assert_eq!(finished.placed("nowhere"), (0, 1));
    assert_eq!(finished.summary.tasks.not_placed, 2);
    let reasons = finished.column("stopped_reason");
    assert!(reasons["database/3"].contains("DistinctInstance"));
    assert!(reasons["nowhere/1"].starts_with("MemberOf"));
    let set_disk = "containerInstances.m5.large.attributes.disk=ssd";
    let more = with_sets("constraints.yaml", &[set_disk]);
    assert_eq!(more.placed("database"), (3, 3));
    assert!(more.instances_of("database").is_subset(&set(&[0, 1, 2, 3])));
}

#[test]
fn ports_and_interfaces_refuse_before_cpu_and_memory() {
    let finished = as_written("ports.yaml");
    // G9, G10, G12, G13, G14
    for (entry, placed) in [
        ("proxies", (3, 4)),
        ("apis", (12, 12)),
        ("resolvers-tcp", (1, 1)),
        ("resolvers-udp", (1, 1)),
        ("exporters", (0, 1)),
        ("agents", (3, 4)),
        ("interfaces", (6, 7)),
    ] {
        assert_eq!(finished.placed(entry), placed, "{entry}");
    }
    assert_eq!(
        finished.instances_of("resolvers-tcp"),
        finished.instances_of("resolvers-udp")
    );
    let reasons = finished.failures();
    let amounts: Vec<u64> = reasons.iter().map(|(_, count)| *count).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert_eq!(amounts.iter().sum::<u64>(), 4);
    assert!(reasons.contains(&("RESOURCE:PORTS", 2)));
    assert!(reasons.contains(&("RESOURCE:ENI", 1)));
    let trunked = with_sets("ports.yaml", &["accountSettings.awsvpcTrunking=enabled"]);
    assert_eq!(trunked.placed("interfaces"), (7, 7));
    let unreserved = with_sets("ports.yaml", &["containerInstances.0.reservedPorts=[]"]);
    assert_eq!(unreserved.placed("exporters"), (1, 1));
}

#[test]
fn gpus_are_whole_and_a_constraint_keeps_other_tasks_off() {
    let finished = as_written("gpu.yaml");
    // G22
    assert_eq!(finished.placed("training"), (2, 3));
    assert_eq!(finished.placed("inference"), (3, 3));
    assert_eq!(finished.placed("web"), (6, 6));
    assert_eq!(
        finished.instances_of("web").len(),
        1,
        "the m5.large is the only one"
    );
    assert!(finished.failures().contains(&("RESOURCE:GPU", 1)));
    let p3 = &finished.summary.utilization.by_instance_type["p3.16xlarge"];
    assert_eq!(share(p3.gpu.reserved_mean), "0.38");
    assert_eq!(share(p3.gpu.reserved_peak), "0.75", "2 of 8 stay free");
    let cost = &finished.summary.cost;
    let percent = cost.by_instance_type["p3.16xlarge"].0 * 100 / cost.total_usd.0;
    assert_eq!(percent, 90);
    let unkept = with_sets("gpu.yaml", &["tasks.web.placementConstraints=[]"]);
    assert_eq!(unkept.placed("inference"), (0, 3));
    assert_eq!(unkept.instances_of("web").len(), 5);
}

#[test]
fn binpack_on_cpu_strands_the_memory_that_binpack_on_memory_keeps() {
    let stranded = |finished: &Finished| share(finished.summary.utilization.stranded.memory.mean);
    let cpu = with_strategy("fragmentation.yaml", "binpack-cpu");
    assert_eq!(cpu.tasks_csv, as_written("fragmentation.yaml").tasks_csv);
    assert_eq!(
        (cpu.placed("compute"), cpu.placed("cache")),
        ((6, 6), (0, 6))
    );
    assert_eq!(
        cpu.failures(),
        [("RESOURCE:CPU", 6), ("RESOURCE:MEMORY", 6)]
    );
    assert_eq!(stranded(&cpu), "0.84");
    let memory = with_strategy("fragmentation.yaml", "binpack-memory");
    assert_eq!(
        (memory.placed("compute"), memory.placed("cache")),
        ((6, 6), (6, 6))
    );
    assert_eq!(stranded(&memory), "0.09");
}

#[test]
fn the_order_of_arrival_alone_makes_four_five_or_six_instances() {
    for (sets, used) in [
        (&[][..], 5),
        (&["tasks.first-small.arrivals.at=3m"], 4),
        (&["tasks.last-small.arrivals.at=0s"], 6),
    ] {
        let finished = with_sets("arrival-order.yaml", sets);
        assert_eq!(finished.summary.tasks.placed, 8, "{sets:?}");
        assert_eq!(finished.summary.instances.used, used, "{sets:?}");
    }
}

#[test]
fn backfill_shortens_the_mean_wait_and_queue_keeps_strict_order() {
    let in_order = |finished: &Finished| {
        finished
            .rows()
            .is_sorted_by_key(|row| row.placed_at.get().expect("every job was placed"))
    };
    let queue = ["tasks.small.whenFull=queue", "tasks.large.whenFull=queue"];
    let backfill = as_written("batch-queue.yaml");
    let queue = with_sets("batch-queue.yaml", &queue);
    assert!(backfill.summary.placement.wait_ms.mean < queue.summary.placement.wait_ms.mean);
    assert!(backfill.says("at most 1 h 51 min (2 min 56 s over all tasks)"));
    assert!(queue.says("at most 39 min (5 min 9 s over all tasks)"));
    assert!(in_order(&queue), "queue");
    assert!(!in_order(&backfill), "backfill");
    assert!(backfill.waits_of("large").0 > queue.waits_of("large").0);
    assert!(backfill.waits_of("small").0 < queue.waits_of("small").0);
}

/// The generator of the headers of trace.yaml and measured-load.yaml.
fn generator() -> impl FnMut(u64) -> u64 {
    let mut x: u64 = 1;
    move |n| {
        x = (1_103_515_245 * x + 12_345) % (1 << 31);
        (x / 65_536) % n
    }
}

/// The rows of trace.yaml's header.
fn trace_by_rule() -> String {
    let mut next = generator();
    let mut text = "submit_s,duration_s,cpu,memory,name\n".to_owned();
    let mut submit = 0;
    for k in 1..=3000 {
        let gap = next(60);
        if k > 1 {
            submit += gap;
        }
        let duration = 60 + next(30).pow(2);
        let cpu = 256 << next(3);
        let memory = cpu * (2 + next(3));
        writeln!(text, "{submit},{duration},{cpu},{memory},job-{k}").expect("text grows");
    }
    text
}

#[test]
fn the_trace_is_what_its_header_says_and_its_jobs_wait() {
    let file = std::fs::File::open(directory().join("trace.csv.gz")).expect("the trace");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("a gzip file");
    assert!(
        text == trace_by_rule(),
        "the rows differ from the header's rule"
    );
    let finished = as_written("trace.yaml");
    assert_eq!(finished.placed("jobs"), (3000, 3000));
    assert_eq!(
        share(finished.summary.utilization.cpu.reserved_mean),
        "0.84"
    );
    assert!(finished.says("(2 min 9 s over all tasks)"));
    let larger = with_sets("trace.yaml", &["containerInstances.m5.xlarge.count=4"]);
    assert_eq!(larger.summary.placement.wait_ms.max, Some(0));
}
