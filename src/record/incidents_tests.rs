//! The ledger of incidents over hand-made runs; every expected figure is worked out beside it.

use crate::control::ServiceEvent;
use crate::model::{EndReason, StoppedReason, TaskStopCode};
use crate::scenario::{
    Extent, Incident, IncidentKind, InstanceSelector, PoolSelector, Scenario, StruckInstances,
};
use crate::units::{Millis, SimTime};

use super::testing::{
    Stage, elastic, elastic_scenario, needs, scenario, serving, small, with_services,
};
use super::{Fall, IncidentRow, RecordOptions};

const WITHOUT: RecordOptions = RecordOptions { tasks: false };
const MINUTE: u64 = 60_000;

fn fall(before: u64, lowest: u64) -> Fall {
    Fall { before, lowest }
}

fn minutes(after: Option<Millis>) -> Option<u64> {
    after.map(|after| after.0 / MINUTE)
}

/// The scenario with the services `shop` and `agent` and the incidents `first` and `second`.
fn with(kind: &IncidentKind, scenario: Scenario) -> Scenario {
    let mut scenario = with_services(scenario);
    let incident = |name: &str| Incident {
        name: name.to_owned(),
        at: SimTime::ZERO,
        duration: None,
        kind: kind.clone(),
    };
    scenario.incidents = vec![incident("first"), incident("second")];
    scenario
}

/// Four small instances for an hour.
fn fleet() -> Scenario {
    scenario(&[(small(), 4)], 60 * MINUTE)
}

fn two_instances() -> StruckInstances {
    StruckInstances::Selected {
        matching: InstanceSelector::default(),
        extent: Extent::Count(2),
    }
}

fn spot_reclaim() -> IncidentKind {
    IncidentKind::SpotReclaim {
        pools: PoolSelector::default(),
        extent: Extent::Count(2),
    }
}

fn only(stage: Stage) -> IncidentRow {
    let mut rows = stage.end().incidents;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[test]
fn instances_that_are_lost_end_with_their_tasks_until_as_many_are_back() {
    let instances = two_instances();
    let kind = IncidentKind::InstancesLost { instances };
    let mut stage = Stage::new(with(&kind, fleet()), WITHOUT);
    let tasks: Vec<_> = (0..3).map(|_| stage.run(2, needs(10, 10, 0), 2)).collect();
    stage.count(0, [4, 4, 0, 4, 4, 0]);
    stage.at(10 * MINUTE).incident(0, true);
    stage.end_instance(2, &tasks, EndReason::Incident);
    stage.end_instance(3, &[], EndReason::Incident);
    stage.count(0, [4, 4, 0, 1, 1, 0]);
    stage.at(12 * MINUTE).count(0, [4, 4, 0, 4, 2, 0]);
    stage.at(13 * MINUTE).count(0, [4, 4, 0, 4, 4, 0]);
    stage.at(15 * MINUTE).register_one();
    stage.at(20 * MINUTE).incident(0, false);
    stage.register_one();
    // What becomes of it later is not its doing.
    stage.at(40 * MINUTE).count(0, [4, 4, 0, 0, 0, 0]);
    let row = only(stage);
    assert_eq!(
        (row.name.as_str(), row.kind),
        ("first", "containerInstancesLost")
    );
    assert_eq!(row.began_at, SimTime(10 * MINUTE));
    assert_eq!(row.ended_at, Some(SimTime(20 * MINUTE)));
    assert_eq!((row.instances_struck, row.instances_ended), (2, 2));
    assert_eq!((row.tasks_struck, row.tasks_ended), (3, 3));
    assert_eq!((row.instances, row.cpu), (fall(4, 2), fall(4_000, 2_000)));
    assert_eq!(minutes(row.capacity_recovered_after), Some(10));
    let [shop] = &row.services[..] else {
        panic!("`agent` has told no counts: {:?}", row.services)
    };
    assert_eq!(shop.name, "shop");
    assert_eq!((shop.running, shop.healthy), (fall(4, 1), fall(4, 1)));
    assert_eq!(minutes(shop.recovered_after), Some(2));
    assert_eq!(shop.below_desired, Millis(2 * MINUTE));
}

#[test]
fn instances_that_drain_take_no_tasks_and_others_are_not_its_doing() {
    let instances = two_instances();
    let kind = IncidentKind::InstancesDraining { instances };
    let mut stage = Stage::new(with(&kind, fleet()), WITHOUT);
    stage.run(2, needs(10, 10, 0), 0);
    stage.run(2, needs(10, 10, 0), 2);
    stage.at(MINUTE).incident(0, true);
    stage.drain(0);
    stage.drain(1);
    stage.say(0, ServiceEvent::SteadyState);
    stage.drain(2);
    let row = only(stage);
    assert_eq!((row.instances_struck, row.instances_ended), (2, 0));
    assert_eq!((row.tasks_struck, row.tasks_ended), (1, 0));
    assert_eq!(row.instances, fall(4, 1));
    assert_eq!((row.capacity_recovered_after, row.ended_at), (None, None));
}

#[test]
fn agents_that_are_disconnected_take_no_tasks() {
    let instances = two_instances();
    let kind = IncidentKind::AgentsDisconnected { instances };
    let mut stage = Stage::new(with(&kind, fleet()), WITHOUT);
    stage.at(MINUTE).incident(0, true);
    stage.connect(3, false);
    stage.at(4 * MINUTE).incident(0, false);
    stage.connect(3, true);
    let row = only(stage);
    assert_eq!((row.instances_struck, row.instances_ended), (1, 0));
    assert_eq!((row.instances, row.cpu), (fall(4, 3), fall(4_000, 3_000)));
    assert_eq!(minutes(row.capacity_recovered_after), Some(3));
}

#[test]
fn spot_instances_are_struck_by_their_notice_and_end_of_it_later() {
    let mut stage = Stage::new(with(&spot_reclaim(), elastic_scenario()), WITHOUT);
    stage.group(0, [3, 0, 3, 0]);
    let [a, b, c] = [Some(0), Some(1), Some(0)].map(|pool| stage.launch(0, pool, 0));
    let task = stage.run(0, needs(10, 10, 0), a);
    stage.run(0, needs(10, 10, 0), b);
    stage.at(MINUTE).incident(0, true);
    stage.notice(0, a);
    stage.recommend(1, b);
    stage.notice(1, b);
    stage.say(0, ServiceEvent::SteadyState);
    // The market takes another one by itself, in the same pool and instant.
    stage.notice(0, c);
    stage.at(2 * MINUTE).incident(0, false);
    // It is drained, and goes before it is taken back.
    stage.drain(b);
    stage.at(3 * MINUTE);
    stage.end_instance(a, &[task], EndReason::SpotInterruption);
    stage.end_instance(c, &[], EndReason::SpotInterruption);
    stage.at(4 * MINUTE);
    for _ in 0..3 {
        stage.launch(0, Some(1), 3 * MINUTE);
    }
    let row = only(stage);
    assert_eq!((row.instances_struck, row.tasks_struck), (2, 2));
    assert_eq!((row.instances_ended, row.tasks_ended), (1, 1));
    assert_eq!(row.instances, fall(3, 0));
    assert_eq!(minutes(row.capacity_recovered_after), Some(3));
}

#[test]
fn a_spot_instance_that_never_registered_ends_of_it_too() {
    let mut stage = Stage::new(with(&spot_reclaim(), elastic_scenario()), WITHOUT);
    stage.at(MINUTE).incident(0, true);
    stage.notice_unregistered(0);
    stage.at(3 * MINUTE);
    stage.end_unregistered(0, Some(0), 0, EndReason::SpotInterruption);
    let row = only(stage);
    assert_eq!((row.instances_struck, row.instances_ended), (1, 1));
    assert_eq!((row.tasks_struck, row.tasks_ended), (0, 0));
}

#[test]
fn what_fails_while_it_lasts_is_counted() {
    let kind = IncidentKind::RegistryUnavailable;
    let mut stage = Stage::new(with(&kind, elastic_scenario()), WITHOUT);
    let on = stage.launch(0, None, 0);
    let fail = |stage: &mut Stage| {
        let task = stage.submit(0, needs(10, 10, 0));
        stage.place(task, on);
        let reason = StoppedReason::CannotStartContainer;
        stage.stop_for(task, TaskStopCode::TaskFailedToStart, reason);
        stage.refuse_launch(0, 1, 0);
    };
    fail(&mut stage);
    stage.at(MINUTE).incident(0, true);
    fail(&mut stage);
    let task = stage.run(0, needs(10, 10, 0), on);
    stage.stop(task);
    stage.at(2 * MINUTE).incident(1, true);
    fail(&mut stage);
    stage.at(3 * MINUTE).incident(0, false);
    fail(&mut stage);
    let run = stage.end();
    let counts = run.incidents.iter();
    let counts: Vec<(u64, u64)> = counts
        .map(|row| (row.tasks_failed_to_start, row.launch_failures))
        .collect();
    assert_eq!(counts, [(2, 2), (2, 2)]);
    let struck = run.incidents.iter().map(|row| row.instances_struck);
    assert_eq!(struck.sum::<u64>(), 0);
}

#[test]
fn a_group_that_scales_in_has_not_fallen_and_one_that_lacks_instances_has() {
    let lowest = |desired: u32| {
        let kind = IncidentKind::RegistryUnavailable;
        let mut stage = Stage::new(with(&kind, elastic_scenario()), WITHOUT);
        for _ in 0..3 {
            stage.launch(0, None, 0);
        }
        stage.group(0, [3, 0, 3, 0]);
        stage.at(MINUTE).incident(0, true);
        stage.at(2 * MINUTE);
        stage.end_instance(0, &[], EndReason::ScaleIn);
        stage.end_instance(1, &[], EndReason::ScaleIn);
        stage.group(0, [desired, 0, 1, 0]);
        let row = only(stage);
        (row.instances.lowest, row.capacity_recovered_after)
    };
    assert_eq!(lowest(1), (3, Some(Millis::ZERO)));
    assert_eq!(lowest(2), (1, None));
}

#[test]
fn an_instance_that_ends_by_incident_is_that_of_the_latest_begin() {
    let instances = two_instances();
    let kind = IncidentKind::InstancesLost { instances };
    let mut stage = Stage::new(with(&kind, fleet()), WITHOUT);
    stage.at(MINUTE).incident(1, true);
    stage.end_instance(0, &[], EndReason::Incident);
    stage.at(2 * MINUTE).incident(0, true);
    stage.end_instance(1, &[], EndReason::Incident);
    stage.end_instance(2, &[], EndReason::Incident);
    let run = stage.end();
    let rows: Vec<(&str, u64, Fall)> = run
        .incidents
        .iter()
        .map(|row| (row.name.as_str(), row.instances_ended, row.instances))
        .collect();
    // Both see how few there are while they last.
    assert_eq!(rows, [("second", 1, fall(4, 1)), ("first", 2, fall(3, 1))]);
}

#[test]
fn every_service_of_the_time_is_told_of() {
    // `shop` lost all tasks from 60 to 65 s, during no incident's strike but while `storm`'s
    // effects are watched, from 50 s on; `agent` never has fewer than desired.
    let run = serving(|_| (), WITHOUT);
    let storm = &run.incidents[0];
    let [shop, agent] = &storm.services[..] else {
        panic!("{:?}", storm.services)
    };
    assert_eq!(
        (shop.running, shop.below_desired),
        (fall(4, 0), Millis(5_000))
    );
    assert_eq!(shop.recovered_after, Some(Millis(15_000)));
    assert_eq!(
        (agent.running, agent.recovered_after),
        (fall(3, 3), Some(Millis::ZERO))
    );
    // Instance 2 ended at its begin, another came 5 s later.
    assert_eq!((storm.instances_ended, storm.instances), (1, fall(3, 2)));
    assert_eq!(storm.capacity_recovered_after, Some(Millis(5_000)));
}

#[test]
fn a_scenario_without_incidents_tells_of_none() {
    let run = elastic(|_| (), WITHOUT);
    assert_eq!(run.incidents, []);
}
