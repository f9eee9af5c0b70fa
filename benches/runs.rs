//! Whole runs, and the floor beneath them.
//!
//! `million`: one million tasks with finite runtimes on 10,000 instances under spread-zone +
//! binpack-memory, from a checked scenario to its summary. `million/floor`: the barest loop that
//! makes the same placements with the same ordered trees and no model, records or ids around it,
//! once with its tasks given in a list and once drawing them as the run does.
//! Both place every task on the same instance: their checksums are compared before anything is
//! timed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use ecs_sim::cost::{self, Summary};
use ecs_sim::kernel::Streams;
use ecs_sim::model::Cluster;
use ecs_sim::placement::index::{Key, Root, Trees};
use ecs_sim::placement::strategies::Strategies;
use ecs_sim::record::{RecordOptions, Recorder};
use ecs_sim::scenario::{LoadOptions, Scenario, load_text};
use ecs_sim::simulation::{Observer, Record, Simulation};
use ecs_sim::units::{CpuUnits, MemoryMib, Resources, SimTime, id, index};
use ecs_sim::workload::{Workload, WorkloadEntry};

const INSTANCES: u32 = 10_000;
const ZONES: usize = 3;
const MILLION: &str = include_str!("million.yaml");

/// A checksum of placements in order: which instance each task went to.
fn fold(checksum: u64, instance: u32) -> u64 {
    (checksum ^ u64::from(instance))
        .wrapping_mul(0x0000_0100_0000_01b3)
        .rotate_left(5)
}

fn scenario() -> Scenario {
    load_text(
        MILLION,
        "million.yaml",
        Path::new("."),
        &LoadOptions::default(),
    )
    .unwrap_or_else(|error| panic!("{error}"))
    .scenario
}

/// Sums up the placements of a run.
#[derive(Default)]
struct Checksum {
    placed: u64,
    sum: u64,
}

impl Observer for Checksum {
    fn advance(&mut self, _: SimTime, _: SimTime, _: &Cluster) {}

    fn record(&mut self, _: SimTime, record: &Record<'_>, _: &Cluster) {
        if let Record::TaskPlaced { instance, .. } = record {
            self.placed += 1;
            self.sum = fold(self.sum, instance.0);
        }
    }
}

fn simulate(scenario: &Scenario, extra: &mut impl Observer) -> Summary {
    let strategies = Strategies::default();
    let mut simulation = Simulation::new(scenario, &strategies).expect("a checked scenario");
    let mut recorder = Recorder::new(scenario, RecordOptions { tasks: false });
    let outcome = simulation
        .run(&mut (&mut recorder, extra))
        .expect("no trace, no wrong row");
    let run = recorder.finish(&outcome, simulation.cluster());
    Summary::new(&run, &cost::bill(&run))
}

/// A task as the floor sees it.
#[derive(Clone, Copy)]
struct Task {
    at: u64,
    group: usize,
    needs: Resources,
    runtime: u64,
}

/// The tasks of the scenario, drawn by its own workload.
fn tasks(scenario: &Scenario) -> Vec<Task> {
    let entry = |entry: &ecs_sim::scenario::TasksEntry| WorkloadEntry {
        name: entry.name.clone(),
        source: entry.source.clone(),
    };
    let entries: Vec<WorkloadEntry> = scenario.tasks.iter().map(entry).collect();
    let streams = Streams::new(scenario.seed);
    let (end, has_needs) = (SimTime::ZERO + scenario.duration, vec![true; entries.len()]);
    let latencies = &scenario.latencies;
    let mut workload = Workload::new(
        &entries,
        latencies,
        &streams,
        scenario.start,
        end,
        &has_needs,
    )
    .expect("no trace");
    let mut tasks = Vec::new();
    while let Some(submission) = workload.next().expect("no trace") {
        let entry = &scenario.tasks[index(submission.entry)];
        tasks.push(Task {
            at: submission.at.0,
            group: index(submission.entry),
            needs: entry.needs.expect("every entry gives its needs"),
            runtime: submission.runtime.expect("every runtime is finite").0,
        });
    }
    tasks
}

/// The floor's whole state: what remains of each instance, its tree, tasks by group and zone.
struct Floor {
    remaining: Vec<Resources>,
    trees: Trees,
    roots: [Root; ZONES],
    counts: Vec<[u32; ZONES]>,
    stops: BinaryHeap<Reverse<(u64, u64, u32, u32)>>,
}

impl Floor {
    fn new(registered: Resources, groups: usize) -> Self {
        let mut floor = Self {
            remaining: vec![registered; index(INSTANCES)],
            trees: Trees::default(),
            roots: [Root::EMPTY; ZONES],
            counts: vec![[0; ZONES]; groups],
            stops: BinaryHeap::new(),
        };
        floor.trees.grow(index(INSTANCES));
        for row in 0..INSTANCES {
            floor.enter(row);
        }
        floor
    }

    fn enter(&mut self, row: u32) {
        let remaining = self.remaining[index(row)];
        let key = Key::new([remaining.memory.0, 0, 0], row);
        self.trees
            .insert(&mut self.roots[index(row) % ZONES], row, key, remaining);
    }

    fn becomes(&mut self, row: u32, remaining: Resources) {
        self.trees.remove(&mut self.roots[index(row) % ZONES], row);
        self.remaining[index(row)] = remaining;
        self.enter(row);
    }

    /// The zone with the fewest tasks of the group that has room; in it the fullest instance.
    fn choose(&self, task: &Task) -> Option<u32> {
        let mut best: Option<(u32, Key, u32)> = None;
        for zone in 0..ZONES {
            let count = self.counts[task.group][zone];
            if best.is_some_and(|(fewest, ..)| count > fewest) {
                continue;
            }
            let Some((row, key)) = self.trees.first(self.roots[zone], &task.needs) else {
                continue;
            };
            if best.is_none_or(|(fewest, least, _)| (count, key) < (fewest, least)) {
                best = Some((count, key, row));
            }
        }
        best.map(|(.., row)| row)
    }

    fn run(&mut self, tasks: &[Task]) -> Checksum {
        let mut checksum = Checksum::default();
        for (number, task) in tasks.iter().enumerate() {
            while let Some(Reverse((at, _, row, old))) = self.stops.peek().copied()
                && at <= task.at
            {
                self.stops.pop();
                let stopped = &tasks[index(old)];
                self.counts[stopped.group][index(row) % ZONES] -= 1;
                self.becomes(row, self.remaining[index(row)].plus(&stopped.needs));
            }
            let Some(row) = self.choose(task) else {
                continue;
            };
            self.becomes(row, self.remaining[index(row)].minus(&task.needs));
            self.counts[task.group][index(row) % ZONES] += 1;
            checksum.placed += 1;
            checksum.sum = fold(checksum.sum, row);
            let stop = (task.at + task.runtime, checksum.placed, row, id(number));
            self.stops.push(Reverse(stop));
        }
        checksum
    }
}

fn million(criterion: &mut Criterion) {
    let scenario = scenario();
    let tasks = tasks(&scenario);
    let registered = Resources {
        cpu: CpuUnits(16_384),
        memory: MemoryMib(62_950),
        gpus: 0,
        enis: Resources::UNLIMITED_ENIS,
    };
    let mut seen = Checksum::default();
    let summary = simulate(&scenario, &mut seen);
    let floor = Floor::new(registered, scenario.tasks.len()).run(&tasks);
    assert!(tasks.len() >= 1_000_000, "{} tasks", tasks.len());
    assert_eq!(
        (seen.placed, seen.sum),
        (floor.placed, floor.sum),
        "the same placements"
    );
    criterion.bench_function("million/floor", |bencher| {
        bencher.iter(|| Floor::new(registered, scenario.tasks.len()).run(&tasks).sum);
    });
    criterion.bench_function("million/floor that draws its tasks", |bencher| {
        bencher.iter(|| {
            let tasks = self::tasks(&scenario);
            Floor::new(registered, scenario.tasks.len()).run(&tasks).sum
        });
    });
    criterion.bench_function("million/run", |bencher| {
        bencher.iter(|| simulate(&scenario, &mut ()));
    });
    assert_eq!(summary.tasks.placed, floor.placed);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .measurement_time(std::time::Duration::from_secs(20));
    targets = million
}
criterion_main!(benches);
