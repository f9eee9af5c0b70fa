//! The recorder over hand-made runs; every expected figure is worked out beside it.

use crate::units::Millis;

use super::testing::{Stage, eventful, large, needs, scenario, small};
use super::{Fraction, GroupKind, PerResource, RecordOptions, Run, TaskCounts, WaitStats};

const WITH_TASKS: RecordOptions = RecordOptions { tasks: true };
const WITHOUT: RecordOptions = RecordOptions { tasks: false };

fn group<'a>(run: &'a Run, kind: GroupKind, name: &str) -> &'a super::GroupUtilization {
    let mut groups = run.utilization.iter();
    groups
        .find(|group| group.kind == kind && group.name == name)
        .unwrap()
}

fn cpu(of: PerResource<Fraction>) -> Option<f64> {
    of.cpu.to_f64()
}

#[test]
fn utilization_is_the_integral_of_reserved_over_that_of_registered() {
    let run = eventful(|_| (), WITH_TASKS);
    // CPU reserved: 500 for 5,500 ms and 800 for 4,500 ms on instance 0, 1,000 for 10,000 ms on
    // instance 2: 2,750,000 + 3,600,000 + 10,000,000 of 4,000 x 10,000.
    let all = group(&run, GroupKind::Cluster, "");
    assert_eq!(all.reserved_mean.cpu.part, 16_350_000);
    assert_eq!(all.reserved_mean.cpu.whole, 40_000_000);
    assert_eq!(cpu(all.reserved_mean), Some(0.40875));
    // At the most 1,800 of 4,000, from 5,500 on.
    assert_eq!(cpu(all.reserved_peak), Some(0.45));
    // Memory: 250 x 5,500 + 100 x 4,500 + 1,000 x 10,000 of 6,000 x 10,000.
    assert_eq!(all.reserved_mean.memory.part, 11_825_000);
    assert_eq!(all.reserved_peak.memory.to_f64(), Some(0.208_333)); // 1,250 of 6,000
    assert_eq!(all.reserved_mean.gpu.to_f64(), Some(0.5));
    // Zone a has instances 0 and 2, zone b instance 1.
    let a = group(&run, GroupKind::AvailabilityZone, "a");
    assert_eq!((a.instances, cpu(a.reserved_mean)), (2, Some(0.545))); // 16.35 of 30
    assert_eq!(cpu(a.reserved_peak), Some(0.6)); // 1,800 of 3,000
    let b = group(&run, GroupKind::AvailabilityZone, "b");
    assert_eq!(cpu(b.reserved_mean), Some(0.0));
    assert_eq!(b.reserved_mean.gpu.to_f64(), None); // registered none
    let small = group(&run, GroupKind::InstanceType, "small");
    assert_eq!(
        (small.instances, cpu(small.reserved_mean)),
        (2, Some(0.3175))
    ); // 6.35 of 20
    let fixed = group(&run, GroupKind::CapacityProvider, "");
    assert_eq!(fixed.reserved_mean, all.reserved_mean);
}

#[test]
fn a_peak_that_does_not_last_is_none() {
    let mut stage = Stage::new(scenario(&[(small(), 1)], 1_000), WITHOUT);
    let brief = stage.run(0, needs(900, 900, 0), 0);
    stage.stop(brief);
    stage.run(0, needs(100, 0, 0), 0);
    let run = stage.end();
    let all = group(&run, GroupKind::Cluster, "");
    assert_eq!(cpu(all.reserved_peak), Some(0.1));
    assert_eq!(all.reserved_peak.memory.to_f64(), Some(0.0));
    assert_eq!(run.lower_bound, 1);
    assert_eq!(run.instances[0].tasks_run, 2);
}

#[test]
fn tasks_are_counted_by_where_they_stand_at_the_end() {
    let run = eventful(|_| (), WITHOUT);
    let expected = TaskCounts {
        submitted: 5,
        placed: 3,
        not_placed: 1,
        waiting: 1,
        starting: 0,
        running: 2,
        succeeded: 1,
        ..TaskCounts::default()
    };
    assert_eq!(run.tasks, expected);
    let web = TaskCounts {
        submitted: 3,
        placed: 2,
        not_placed: 0,
        waiting: 1,
        starting: 0,
        running: 1,
        succeeded: 1,
        ..TaskCounts::default()
    };
    assert_eq!(run.entries[0], ("web".to_owned(), web));
    assert_eq!(run.entries[1].1.not_placed, 1);
    assert_eq!(run.entries[1].1.submitted, 2);
}

#[test]
fn a_task_that_is_being_stopped_still_runs_and_reserves() {
    let mut stage = Stage::new(scenario(&[(small(), 1)], 1_000), WITH_TASKS);
    let task = stage.run(0, needs(500, 500, 0), 0);
    stage.at(400).begin_stop(task);
    let run = stage.end();
    assert_eq!((run.tasks.running, run.tasks.succeeded), (1, 0));
    let row = &run.task_rows.as_ref().unwrap()[0];
    assert_eq!(row.outcome.last_status(), "STOPPING");
    assert_eq!(row.stopped_at.get(), None);
    assert_eq!(run.instances[0].reserved_millis.cpu, 500_000);
}

#[test]
fn waits_are_placed_minus_submitted_over_placed_tasks() {
    // Two waited 0, one from 2,000 to 5,500.
    let expected = WaitStats {
        sum: 3_500,
        count: 3,
        waited: 1,
        p50: 0,
        p90: 3_500,
        p99: 3_500,
        max: 3_500,
    };
    assert_eq!(eventful(|_| (), WITHOUT).waits, Some(expected));
    let idle = Stage::new(scenario(&[(small(), 1)], 1_000), WITHOUT).end();
    assert_eq!(idle.waits, None);
    assert_eq!(idle.longest_waiting, None);
}

#[test]
fn each_reason_counts_once_a_refused_attempt() {
    let run = eventful(|_| (), WITHOUT);
    let failures: Vec<(&str, u64)> = run
        .placement
        .failures
        .iter()
        .map(|(reason, count)| (reason.name(), *count))
        .collect();
    let expected = [
        ("RESOURCE:CPU", 2),
        ("RESOURCE:MEMORY", 1),
        ("RESOURCE:PORTS", 1),
    ];
    assert_eq!(failures, expected);
    assert_eq!(run.placement.attempts, 6); // 3 placed, 3 refused
}

#[test]
fn retries_count_as_attempts_but_a_task_is_refused_once() {
    use crate::placement::Reason;
    let mut stage = Stage::new(scenario(&[(small(), 1)], 1_000), WITHOUT);
    let task = stage.submit(1, needs(100, 2_000, 0));
    stage.refuse(task, &[Reason::Memory], Some(1_000));
    stage.at(10).refuse(task, &[Reason::Memory], None);
    stage.at(20).give_up(task, &[Reason::Memory]);
    // The row is another task's now: its refusal is a first one again.
    let next = stage.submit(1, needs(100, 2_000, 0));
    stage.refuse(next, &[Reason::Cpu], None);
    let run = stage.end();
    assert_eq!(run.placement.attempts, 3);
    let [shape] = run.placement.refused_shapes.as_slice() else {
        panic!("{:?}", run.placement.refused_shapes)
    };
    assert_eq!((shape.tasks, shape.not_placed), (2, 1));
    assert_eq!(shape.reasons.to_string(), "RESOURCE:CPU; RESOURCE:MEMORY");
    assert_eq!(shape.nearest_miss.unwrap().to_string(), "1000 MiB");
}

#[test]
fn instances_are_counted_over_time() {
    let mut stage = Stage::new(scenario(&[(small(), 3)], 1_000), WITHOUT);
    let first = stage.run(0, needs(100, 0, 0), 0);
    stage.at(250).run(0, needs(100, 0, 0), 2);
    stage.at(500).stop(first);
    let counts = stage.end().instance_counts;
    assert_eq!((counts.peak, counts.launched, counts.terminated), (3, 3, 0));
    assert_eq!(counts.mean.to_f64(), Some(3.0));
    assert_eq!((counts.used, counts.used_peak), (2, 2));
    assert_eq!(counts.used_mean.to_f64(), Some(1.25)); // 500 + 750 of 1,000 ms
}

#[test]
fn the_lower_bound_goes_by_the_largest_instance_of_the_fleet() {
    // 2,500 CPU units at the most, 2,000 on the largest: 2.
    let mut stage = Stage::new(scenario(&[(small(), 3), (large(), 1)], 1_000), WITHOUT);
    for on in 0..3 {
        stage.run(0, needs(500, 1, 0), on);
    }
    stage.run(0, needs(1_000, 1, 0), 3);
    assert_eq!(stage.end().lower_bound, 2);
    // Three tasks of 1,001 CPU units cannot share: but here only two do so at a time.
    let mut stage = Stage::new(scenario(&[(large(), 3)], 1_000), WITHOUT);
    let first = stage.run(0, needs(1_001, 1, 0), 0);
    stage.run(0, needs(1_001, 1, 0), 1);
    stage.at(10).stop(first);
    stage.run(0, needs(1_001, 1, 0), 2);
    assert_eq!(stage.end().lower_bound, 2);
}

#[test]
fn stranded_capacity_goes_by_the_commonest_shape_refused() {
    use crate::placement::Reason;
    let mut stage = Stage::new(scenario(&[(small(), 2)], 1_000), WITHOUT);
    // Of 700 CPU units, 100 MiB: nothing stranded while both are empty; 3 of 4 after one is.
    stage.at(500).run(0, needs(700, 100, 0), 0);
    // From 600 on shape (400, 900, 0), the first refused: no room beside the first.
    let refused = stage.at(600).submit(1, needs(400, 900, 0));
    stage.refuse(refused, &[Reason::Memory], None);
    let run = stage.end();
    let stranded = run.stranded;
    let shape = PerResource {
        cpu: 400,
        memory: 900,
        gpu: 0,
    };
    assert_eq!(stranded.shape, Some(shape));
    // 0 until 500 (no shape); from 500 on 300 CPU and 900 MiB are stranded on instance 0 for
    // shape (700, 100): 100 ms; from 600 on for (400, 900) as well: 300 < 400.
    assert_eq!(stranded.mean.cpu.part, 300 * 500);
    assert_eq!(stranded.mean.cpu.to_f64(), Some(0.075)); // of 2,000 x 1,000
    assert_eq!(stranded.mean.memory.part, 900 * 500);
    assert_eq!(stranded.peak.cpu.to_f64(), Some(0.15));
    // In pieces one copy for 100 ms and one for 400 ms; in one piece, 1,300 CPU and 1,900 MiB,
    // 1 of (700, 100) and 2 of (400, 900).
    assert_eq!(stranded.pieces.part, 100 + 400);
    assert_eq!(stranded.pieces.whole, 100 + 2 * 400);
}

#[test]
fn samples_show_the_state_after_their_instant_and_the_first_is_at_zero() {
    let run = eventful(
        |scenario| scenario.timeseries_period = Millis(2_000),
        WITHOUT,
    );
    let rows: Vec<_> = run
        .timeseries
        .iter()
        .map(|row| {
            (
                row.at.0,
                row.reserved.cpu,
                row.tasks_pending,
                row.tasks_running,
            )
        })
        .collect();
    let expected = [
        (0, 1_500, 0, 2),
        (2_000, 1_500, 1, 2),
        (4_000, 1_500, 1, 2),
        (6_000, 1_800, 1, 1),
        (8_000, 1_800, 1, 2),
    ];
    assert_eq!(rows, expected);
    let waits: Vec<_> = run
        .timeseries
        .iter()
        .map(|row| (row.wait_longest.0, row.wait_mean.map(|wait| wait.0)))
        .collect();
    let expected = [
        (0, Some(0)),
        (0, None),
        (2_000, None),
        (0, Some(3_500)),
        (0, None),
    ];
    assert_eq!(waits, expected);
}

#[test]
fn the_cost_so_far_ends_in_the_bill() {
    // An hour: 2 x 0.36 + 3.60 = 4.32. Billed by the second, for at least a minute.
    let mut stage = Stage::new(scenario(&[(small(), 2), (large(), 1)], 3_600_000), WITHOUT);
    stage.run(0, needs(1, 1, 0), 0);
    let run = stage.end();
    let cost = |row: usize| run.timeseries[row].cost.to_string();
    assert_eq!(run.timeseries.len(), 3_600);
    assert_eq!(cost(0), "0.000000000");
    assert_eq!(cost(1), "0.072000000"); // 60 s
    assert_eq!(cost(60), "0.072000000");
    assert_eq!(cost(3_599), "4.318800000");
    assert_eq!(crate::cost::bill(&run).total.to_string(), "4.320000000");
}

#[test]
fn the_sampling_period_changes_no_figure_but_the_samples() {
    let sampled = |period| {
        let mut run = eventful(
            |scenario| scenario.timeseries_period = Millis(period),
            WITH_TASKS,
        );
        let samples = std::mem::take(&mut run.timeseries).len();
        (run, samples)
    };
    let (fine, many) = sampled(1);
    assert_eq!(many, 10_000);
    for (period, rows) in [(7, 1_429), (1_000, 10), (60_000, 1)] {
        let (coarse, taken) = sampled(period);
        assert_eq!((coarse, taken), (fine.clone(), rows));
    }
}

#[test]
fn keeping_rows_changes_neither_digest_nor_figures() {
    let (with, without) = (eventful(|_| (), WITH_TASKS), eventful(|_| (), WITHOUT));
    assert_eq!(with.task_rows.as_ref().map(Vec::len), Some(5));
    assert_eq!(without.task_rows, None);
    assert_eq!(with.digest, without.digest);
    let summary = |run: &Run| {
        let bill = crate::cost::bill(run);
        crate::report::json::summary(&crate::cost::Summary::new(run, &bill))
    };
    assert_eq!(summary(&with), summary(&without));
}

#[test]
fn the_digest_tells_runs_apart_that_differ_in_one_placement() {
    let digest = |on| {
        let mut stage = Stage::new(scenario(&[(small(), 2)], 1_000), WITHOUT);
        stage.run(0, needs(1, 1, 0), on);
        stage.end().digest
    };
    assert_eq!(digest(0), digest(0));
    assert_ne!(digest(0), digest(1));
}

#[test]
fn a_run_in_which_nothing_is_has_no_fractions() {
    let run = Stage::new(scenario(&[], 1_000), WITH_TASKS).end();
    assert_eq!(run.utilization, []);
    assert_eq!(run.stranded.shape, None);
    assert_eq!((run.lower_bound, run.instance_counts.peak), (0, 0));
    assert_eq!(run.timeseries[0].instances, 0);
}

#[test]
fn what_tasks_cost_is_the_same_with_and_without_rows() {
    let run = eventful(|_| (), WITH_TASKS);
    let by_rows = run.task_rows.iter().flatten().map(|row| run.task_cost(row));
    let by_instances = run.instances.iter().map(|row| row.used);
    let (by_rows, by_instances): (Vec<_>, Vec<_>) = (by_rows.collect(), by_instances.collect());
    let total =
        |costs: &[crate::units::NanoUsd]| costs.iter().copied().sum::<crate::units::NanoUsd>();
    assert_eq!(total(&by_rows), total(&by_instances));
    // Instance 0 weighs 9 x 1,000 + 1,000 = 10,000 and costs 0.0001 a second. Task 1 weighs
    // 4,750 for 5.5 s: 0.00026125; task 3 weighs 7,300 for 4.5 s: 0.0003285.
    assert_eq!(by_rows[0].to_string(), "0.000261250");
    assert_eq!(by_rows[2].to_string(), "0.000328500");
    assert_eq!(by_instances[0].to_string(), "0.000589750");
    // Instance 2 weighs 18,000 + 4,000 + 2 x 92,160 = 206,320, costs 0.001 a second; task 2
    // weighs 9,000 + 1,000 + 92,160 = 102,160 for 10 s: 0.0049515316...
    assert_eq!(by_rows[1].to_string(), "0.004951532");
    assert_eq!(by_rows[3].to_string(), "0.000000000"); // never placed
}
