//! A recorded trace of Spot capacity through a whole run: the one that ships.

use std::path::Path;

use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::LoadOptions;

use super::Seen;
use crate::harness::{Ran, run_watched, scenario_in};

#[path = "../../../examples/spot_trace.rs"]
#[expect(dead_code, reason = "the example prints what is compared here")]
mod example;

const END_MS: u64 = 2 * 86_400_000;

/// A group that wants sixteen Spot Instances of a pool with the trace.
const TEXT: &str = "
duration: 2d
instanceTypes: [{instanceType: own, cpu: 2 vCPU, memory: 4 GB, onDemandUsdPerHour: 1}]
autoScalingGroups:
  - autoScalingGroupName: spots
    maxSize: 16
    desiredCapacity: 16
    availabilityZones: [us-east-1a]
    mixedInstancesPolicy:
      launchTemplate: {overrides: [{instanceType: own}]}
      instancesDistribution: {onDemandPercentageAboveBaseCapacity: 0}
spot:
  pools: [{instanceType: own, usdPerHour: 0.3, capacity: {file: spot-capacity.csv}}]
";

fn scenarios() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn run() -> (Ran, Seen) {
    let scenario = scenario_in(&scenarios(), TEXT, &LoadOptions::default());
    let mut seen = Seen::default();
    let ran = run_watched(&scenario, RecordOptions { tasks: true }, &mut seen);
    (ran, seen)
}

/// Launch and end of each instance in milliseconds; what runs to the end ends with the run.
fn lives(ran: &Ran) -> Vec<(u64, u64)> {
    let launched = ran.instance_column("launched_ms");
    let ended = ran.instance_column("terminated_ms");
    let life = |(from, to): (&String, &String)| {
        let from = from.parse().expect("a time");
        (from, to.parse().unwrap_or(END_MS))
    };
    launched.iter().zip(&ended).map(life).collect()
}

/// Start in milliseconds and number of instances of each row.
fn steps() -> Vec<(u64, usize)> {
    let text = std::fs::read_to_string(scenarios().join("spot-capacity.csv")).expect("a file");
    let step = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let start: u64 = fields[0].parse().expect("seconds");
        (start * 1_000, fields[2].parse().expect("a number"))
    };
    text.lines().skip(1).map(step).collect()
}

#[test]
fn the_trace_that_ships_is_made_by_its_example() {
    let text = std::fs::read_to_string(scenarios().join("spot-capacity.csv")).expect("a file");
    assert_eq!(text, example::trace(7, 2 * 86_400));
}

#[test]
fn a_group_has_what_the_trace_gives_and_never_more() {
    let (ran, _) = run();
    let lives = lives(&ran);
    let running_at = |at: u64| {
        let running = lives.iter().filter(|(from, to)| *from <= at && at < *to);
        running.count()
    };
    for pair in steps().windows(2) {
        let ((start, nodes), (end, _)) = (pair[0], pair[1]);
        assert!(running_at(start) <= nodes, "at {start}");
        // The group tries again every minute: before the step is over it has all.
        assert_eq!(running_at(end - 1), nodes, "before {end}");
    }
}

#[test]
fn each_fall_of_the_trace_interrupts_as_many_as_it_falls_by() {
    let (ran, seen) = run();
    let falls = steps();
    let fallen = falls
        .windows(2)
        .map(|pair| pair[0].1.saturating_sub(pair[1].1));
    let expected: usize = fallen.sum();
    assert!(expected > 50, "{expected}");
    assert_eq!(seen.notices.len(), expected);
    let full = |(at, ends): &&(u64, u64)| ends - at == 120_000;
    assert_eq!(seen.notices.iter().filter(full).count(), expected);
    let reasons = ran.instance_column("end_reason");
    let interrupted = reasons
        .iter()
        .filter(|reason| *reason == "spot-interruption");
    assert_eq!(interrupted.count(), expected);
}
