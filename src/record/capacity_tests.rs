//! The ledgers of capacity over hand-made runs; every expected figure is worked out beside it.

use crate::model::EndReason;
use crate::units::SimTime;

use super::testing::{Stage, elastic, elastic_scenario, needs, scenario, small};
use super::{RecordOptions, SpotPoolCounts};

const WITH_ROWS: RecordOptions = RecordOptions { tasks: true };
const WITHOUT: RecordOptions = RecordOptions { tasks: false };

#[test]
fn instances_of_a_group_are_counted_from_running_to_their_end() {
    let run = elastic(|_| (), WITHOUT);
    let [asg, solo] = &run.auto_scaling_groups[..] else {
        panic!("{:?}", run.auto_scaling_groups)
    };
    assert_eq!(
        (asg.name.as_str(), asg.capacity_provider.as_str()),
        ("asg", "cp")
    );
    assert_eq!(
        (solo.name.as_str(), solo.capacity_provider.as_str()),
        ("solo", "")
    );
    // Two from 75 to 1,230 s, one from 75 to 420 s, one from 615 s to the end at 1,800 s.
    assert_eq!(asg.instances.launched, 4);
    assert_eq!(
        asg.instances.running_millis,
        2 * 1_155_000 + 345_000 + 1_185_000
    );
    let ended: Vec<(EndReason, u64)> = asg.instances.terminated.clone().into_iter().collect();
    assert_eq!(
        ended,
        [(EndReason::ScaleIn, 2), (EndReason::SpotInterruption, 1)]
    );
    assert_eq!(asg.peak, 3);
    // RUNNING for 15 s without ever registering.
    assert_eq!(
        (solo.instances.launched, solo.instances.running_millis),
        (1, 15_000)
    );
    assert_eq!(solo.peak, 1);
}

#[test]
fn a_group_lacks_capacity_from_the_refusal_until_it_has_what_it_wants() {
    let run = elastic(|_| (), WITHOUT);
    let asg = &run.auto_scaling_groups[0];
    // Refused at 420 s and 480 s, asked for at 600 s.
    assert_eq!(asg.launch_failures, 2);
    assert_eq!(asg.without_capacity_millis, 180_000);
    assert_eq!(asg.without_spot_capacity_millis, 180_000);
    assert_eq!(run.auto_scaling_groups[1].without_capacity_millis, 0);
}

/// Milliseconds without capacity, and without Spot capacity, of 1,800 s.
fn without(play: impl Fn(&mut Stage)) -> (u64, u64) {
    let mut stage = Stage::new(elastic_scenario(), WITHOUT);
    stage.group(0, [2, 0, 2, 0]);
    play(&mut stage);
    let run = stage.end();
    let group = &run.auto_scaling_groups[0];
    (
        group.without_capacity_millis,
        group.without_spot_capacity_millis,
    )
}

#[test]
fn a_shortage_has_a_refusal_and_fewer_instances_than_desired() {
    // Instances are on their way: nothing lacks.
    assert_eq!(
        without(|stage| stage.at(60_000).group(0, [4, 2, 2, 0])),
        (0, 0)
    );
    // Refused what was to replace others: the group has as many as desired.
    assert_eq!(
        without(|stage| stage.at(60_000).refuse_launch(0, 1, 0)),
        (0, 0)
    );
    // An instance goes while the refusal stands, to the end; it is tried again after a minute.
    let goes = |after: u64| {
        without(|stage| {
            stage.at(60_000).refuse_launch(0, 1, 0);
            stage.at(60_000 + after).group(0, [2, 0, 1, 0]);
        })
    };
    assert_eq!(goes(60_000), (1_680_000, 0));
    assert_eq!(goes(60_001), (0, 0));
    // The Spot part of what lacks is filled at 120 s.
    let spot = without(|stage| {
        stage.at(60_000).group(0, [6, 0, 2, 0]);
        stage.refuse_launch(0, 2, 2);
        stage.at(120_000).group(0, [6, 2, 2, 0]);
        stage.refuse_launch(0, 2, 0);
        stage.at(180_000).group(0, [6, 0, 4, 0]);
        stage.at(240_000).group(0, [4, 0, 4, 0]);
    });
    assert_eq!(spot, (180_000, 60_000));
}

#[test]
fn managed_scaling_is_summed_up_and_kept_by_the_minute() {
    let run = elastic(|_| (), WITH_ROWS);
    let provider = &run.capacity_providers[0];
    let totals = &provider.managed_scaling;
    assert_eq!(
        (provider.target_capacity, provider.group),
        (Some(100), Some(0))
    );
    assert_eq!((totals.minutes, totals.provisioning_peak), (4, 3));
    assert_eq!(
        (totals.scale_outs, totals.scale_ins, totals.held_back),
        (1, 1, 1)
    );
    // 200, 100, 150 and 0 percent.
    assert_eq!(totals.reservation_sum, 450_000);
    let range = totals
        .reservation_range
        .map(|(least, most)| (least.0, most.0));
    assert_eq!(range, Some((0, 200_000)));
    let reasons: Vec<(&str, u64)> = totals.reasons.clone().into_iter().collect();
    let expected = [
        ("at-target", 1),
        ("low", 1),
        ("tasks-wait-for-empty-group", 1),
        ("warming-up", 1),
    ];
    assert_eq!(reasons, expected);
    assert_eq!(provider.minutes.len(), 4);
    let changes: Vec<SimTime> = totals
        .first_changes
        .iter()
        .map(|minute| minute.at)
        .collect();
    assert_eq!(changes, [SimTime(60_000), SimTime(1_200_000)]);
    let without = elastic(|_| (), WITHOUT);
    assert_eq!(without.capacity_providers[0].minutes, []);
    assert_eq!(without.capacity_providers[0].managed_scaling, *totals);
    assert_eq!(without.digest, run.digest);
}

#[test]
fn a_spot_pool_tells_what_happened_there_by_time() {
    let run = elastic(|_| (), WITHOUT);
    let [a, b] = &run.spot_pools[..] else {
        panic!("{:?}", run.spot_pools)
    };
    let counts = |[
        running,
        launched,
        rebalance_recommendations,
        notices,
        interruptions,
    ]: [u64; 5]| {
        SpotPoolCounts {
            running,
            launched,
            rebalance_recommendations,
            notices,
            interruptions,
        }
    };
    let expected = [
        (SimTime(75_000), counts([1, 1, 0, 0, 0])),
        (SimTime(300_000), counts([1, 1, 1, 1, 0])),
        (SimTime(420_000), counts([0, 1, 1, 1, 1])),
        (SimTime(615_000), counts([1, 2, 1, 1, 1])),
    ];
    assert_eq!(a.counts, expected);
    assert_eq!(a.totals(), counts([1, 2, 1, 1, 1]));
    // It went by scale-in.
    assert_eq!(b.totals(), counts([0, 1, 0, 0, 0]));
    // Both tasks, and the work of the standalone one: 255 s of 500 CPU units.
    assert_eq!((a.tasks_interrupted, b.tasks_interrupted), (2, 0));
    assert_eq!(a.work_lost_millis, 255_000);
    assert_eq!(a.work_lost_cpu_millis, 500 * 255_000);
}

#[test]
fn tasks_that_end_with_an_instance_that_is_not_taken_back_are_not_interrupted_by_spot() {
    let mut stage = Stage::new(elastic_scenario(), WITHOUT);
    let spot = stage.launch(0, Some(0), 0);
    let task = stage.run(1, needs(500, 100, 0), spot);
    stage.at(60_000).notice(0, spot);
    stage
        .at(90_000)
        .end_instance(spot, &[task], EndReason::ScaleIn);
    let run = stage.end();
    assert_eq!(run.spot_pools[0].tasks_interrupted, 0);
    assert_eq!(run.spot_pools[0].totals().interruptions, 0);
    assert_eq!(run.tasks.interrupted, 1);
}

#[test]
fn the_lower_bound_knows_the_types_of_groups() {
    // 2 x 600 of 1,000 CPU units: no two share an instance.
    let mut stage = Stage::new(elastic_scenario(), WITHOUT);
    for _ in 0..2 {
        let on = stage.launch(0, None, 0);
        stage.run(0, needs(600, 10, 0), on);
    }
    assert_eq!(stage.end().lower_bound, 2);
    // A group that may launch a larger type asks for fewer.
    let mut both = elastic_scenario();
    let larger = super::testing::large();
    both.instance_types.push(larger.clone());
    let mut of = both.auto_scaling_groups[0].types[0].clone();
    of.instance_type = crate::model::InstanceTypeId(1);
    of.registered_memory = larger.registered_memory;
    both.auto_scaling_groups[0].types.push(of);
    let mut stage = Stage::new(both, WITHOUT);
    for _ in 0..2 {
        let on = stage.launch(0, None, 0);
        stage.run(0, needs(600, 10, 0), on);
    }
    assert_eq!(stage.end().lower_bound, 1);
    // A scenario without groups is as before.
    let mut stage = Stage::new(scenario(&[(small(), 2)], 10_000), WITHOUT);
    stage.run(0, needs(600, 10, 0), 0);
    stage.run(0, needs(600, 10, 0), 1);
    stage.at(10);
    assert_eq!(stage.end().lower_bound, 2);
}
