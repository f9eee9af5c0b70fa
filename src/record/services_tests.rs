//! The ledger of services over hand-made runs; every expected figure is worked out beside it.

use crate::cloud::ServiceMinute;
use crate::control::{Deployment, FailureCause, LifecycleStage, ServiceEvent, Stuck};
use crate::model::{Stop, StoppedReason, TaskStopCode};
use crate::placement::Reason;
use crate::units::{Millis, SimTime};

use super::testing::{Stage, deployment, minute, scenario, serving, small, with_services};
use super::{
    CountOverTime, LATEST_EVENTS, RecordOptions, Run, ServiceEventRow, ServiceRow, TaskCounts,
};

const WITH_ROWS: RecordOptions = RecordOptions { tasks: true };
const WITHOUT: RecordOptions = RecordOptions { tasks: false };

fn shop(run: &Run) -> &ServiceRow {
    &run.services[0]
}

fn figures(count: &CountOverTime) -> (Option<f64>, Option<u32>, Option<u32>, Option<u32>) {
    (count.mean.to_f64(), count.least, count.peak, count.last)
}

/// An hour of a service with these counts: desired, lower limit, healthy, each from a time on.
fn hour(states: &[(u64, [u32; 3])]) -> ServiceRow {
    let mut stage = Stage::new(with_services(scenario(&[(small(), 1)], 3_600_000)), WITHOUT);
    for (at, [desired, lower_limit, healthy]) in states {
        let counts = [*desired, *lower_limit, 0, *healthy, *healthy, 0];
        stage.at(*at).count(0, counts);
    }
    shop(&stage.end()).clone()
}

#[test]
fn counts_are_integrated_over_the_life_of_the_service() {
    let run = serving(|_| (), WITHOUT);
    let row = shop(&run);
    assert_eq!((row.name.as_str(), row.lived), ("shop", Millis(100_000)));
    assert_eq!(
        figures(&row.desired),
        (Some(4.0), Some(4), Some(4), Some(4))
    );
    // Healthy: 0 for 10 s, 4, 3 for 10 s, 4, 0 for 5 s, 4: 4 x 75 + 3 x 10 = 330 of 100 s.
    assert_eq!(
        figures(&row.healthy),
        (Some(3.3), Some(0), Some(4), Some(4))
    );
    assert_eq!(
        figures(&row.pending),
        (Some(0.4), Some(0), Some(4), Some(0))
    );
    // 4 for 5 s.
    assert_eq!(
        figures(&row.stopping),
        (Some(0.2), Some(0), Some(4), Some(0))
    );
    assert_eq!(row.without_healthy, Millis(15_000));
    let agent = &run.services[1];
    assert_eq!(
        figures(&agent.running),
        (Some(3.0), Some(3), Some(3), Some(3))
    );
}

#[test]
fn availability_is_the_share_of_time_at_the_lower_limit_or_above() {
    let row = shop(&serving(|_| (), WITHOUT)).clone();
    // Not in [0, 10), [30, 40), [60, 65) of 100 s; it was ready at 10 s.
    assert_eq!(row.availability.to_f64(), Some(0.75));
    assert_eq!(row.availability_since_ready.to_f64(), Some(0.833_333)); // 75 of 90
    assert_eq!(row.ready_at, Some(SimTime(10_000)));
    assert_eq!(row.steady_at, Some(SimTime(10_000)));
    let share = |states: &[(u64, [u32; 3])]| hour(states).availability.to_f64();
    let half = 1_800_000;
    assert_eq!(share(&[(0, [4, 2, 2])]), Some(1.0));
    assert_eq!(share(&[(0, [4, 2, 1])]), Some(0.0));
    assert_eq!(share(&[(0, [4, 2, 1]), (half, [4, 2, 3])]), Some(0.5));
    // A lower limit of 0 asks for one task where any is desired.
    assert_eq!(share(&[(0, [4, 0, 0])]), Some(0.0));
    assert_eq!(share(&[(0, [4, 0, 1])]), Some(1.0));
    assert_eq!(share(&[(0, [0, 0, 0])]), Some(1.0));
}

#[test]
fn a_service_that_is_never_ready_has_no_availability_since() {
    let row = hour(&[(0, [4, 2, 1])]);
    assert_eq!(row.ready_at, None);
    assert_eq!(row.availability_since_ready.to_f64(), None);
    let late = hour(&[(0, [4, 2, 1]), (2_700_000, [4, 2, 2])]);
    assert_eq!(late.ready_at, Some(SimTime(2_700_000)));
    assert_eq!(late.availability.to_f64(), Some(0.25));
    assert_eq!(late.availability_since_ready.to_f64(), Some(1.0));
}

#[test]
fn a_service_lives_from_its_creation() {
    let created = |at| {
        let mut scenario = with_services(scenario(&[(small(), 1)], 10_000));
        scenario.services[0].created_at = SimTime(at);
        scenario.timeseries_period = Millis(1_500);
        let mut stage = Stage::new(scenario, WITH_ROWS);
        if at < 10_000 {
            stage.at(at).count(0, [2, 2, 0, 2, 2, 0]);
        }
        shop(&stage.end()).clone()
    };
    let row = created(4_000);
    assert_eq!(row.lived, Millis(6_000));
    assert_eq!(row.healthy.mean.to_f64(), Some(2.0));
    let times: Vec<u64> = row.samples.iter().map(|sample| sample.at.0).collect();
    assert_eq!(times, [4_500, 6_000, 7_500, 9_000]);
    for never in [created(10_000), created(99_000)] {
        assert_eq!(never.lived, Millis::ZERO);
        assert_eq!(figures(&never.desired), (None, None, None, None));
        assert_eq!(never.availability.to_f64(), None);
        assert!(never.samples.is_empty());
    }
}

#[test]
fn samples_are_the_state_after_all_of_their_instant_and_are_kept_on_demand() {
    let row = shop(&serving(
        |scenario| scenario.timeseries_period = Millis(10_000),
        WITH_ROWS,
    ))
    .clone();
    let healthy: Vec<u32> = row.samples.iter().map(|row| row.counts.healthy).collect();
    assert_eq!(healthy, [0, 4, 4, 3, 4, 4, 0, 4, 4, 4]);
    assert!(shop(&serving(|_| (), WITHOUT)).samples.is_empty());
}

#[test]
fn no_option_changes_a_figure_or_the_digest() {
    let (with, without) = (serving(|_| (), WITH_ROWS), serving(|_| (), WITHOUT));
    assert_eq!(with.digest, without.digest);
    for (one, other) in with.services.iter().zip(&without.services) {
        let bare = ServiceRow {
            samples: Vec::new(),
            ..one.clone()
        };
        assert_eq!(bare, *other);
    }
}

#[test]
fn the_latest_events_are_kept_and_all_of_them_on_demand() {
    let events = |options| {
        let mut stage = Stage::new(with_services(scenario(&[], 10_000)), options);
        stage.say(0, ServiceEvent::StartImpaired);
        for count in 0..150 {
            stage.say(0, ServiceEvent::TasksStarted { count });
        }
        shop(&stage.end()).clone()
    };
    let row = events(WITHOUT);
    assert_eq!(
        (row.events.len(), row.event_counts),
        (LATEST_EVENTS, [150, 1, 0])
    );
    let first = row.events.first().map(|row| row.event);
    assert_eq!(first, Some(ServiceEvent::TasksStarted { count: 50 }));
    // What is grave is not washed away.
    assert_eq!(row.troubles.len(), 1);
    assert_eq!(events(WITH_ROWS).events.len(), 151);
}

#[test]
fn a_deployment_is_kept_as_it_was_last() {
    let run = serving(|_| (), WITHOUT);
    let rows = &shop(&run).deployments;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let took = row.took().map(|took| took.0);
            (
                row.last.number,
                row.last.rollout_state.name(),
                took,
                row.rolled_back_by,
            )
        })
        .collect();
    let expected = [
        (1, "COMPLETED", Some(10_000), None),
        (2, "FAILED", Some(0), Some(3)),
        (3, "IN_PROGRESS", None, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(run.definition_name(rows[1].task_definition()), "web:2");
}

#[test]
fn load_is_summed_up_and_told_with_the_sample_after_its_minute() {
    let run = serving(|_| (), WITH_ROWS);
    let load = &shop(&run).load;
    assert_eq!((load.minutes, load.minutes_with_loss), (1, 1));
    assert_eq!((load.offered, load.lost), (600_000_000, 60_000_000));
    assert_eq!(load.cpu.mean.to_f64(), Some(45_000.0));
    let samples = &shop(&run).samples;
    let with_load: Vec<u64> = samples
        .iter()
        .filter(|row| row.load.is_some())
        .map(|row| row.at.0)
        .collect();
    assert_eq!(with_load, [60_000]);
    assert_eq!(run.services[1].load.minutes, 0);
}

#[test]
fn auto_scaling_is_told_with_its_cause() {
    let run = serving(|_| (), WITHOUT);
    let agent = &run.services[1];
    assert_eq!((agent.scaled_out, agent.scaled_in), (1, 0));
    let target = agent.scalable_target.as_ref().expect("it scales");
    let cause = super::scaling_cause(target, &agent.scalings[0]);
    assert_eq!(cause, "cpu, high alarm at 92.3");
    let mut stage = Stage::new(with_services(scenario(&[], 1_000)), WITHOUT);
    for _ in 0..60 {
        stage.scale(0, 2, 4);
        stage.scale(0, 4, 2);
    }
    let row = shop(&stage.end()).clone();
    assert_eq!((row.scaled_out, row.scaled_in), (60, 60));
    assert_eq!(row.scalings.len(), LATEST_EVENTS);
}

#[test]
fn target_groups_are_called_by_their_names() {
    let mut run = serving(|_| (), WITHOUT);
    let reason = StoppedReason::FailedElbHealthChecks { target_group: 0 };
    let code = TaskStopCode::ServiceSchedulerInitiated;
    let said = |run: &Run| {
        let event = ServiceEvent::TargetsRegistered {
            count: 2,
            target_group: 0,
        };
        let row = ServiceEventRow {
            at: SimTime(0),
            event,
        };
        let reason = run.stopped_reason(&Stop { code, reason });
        (reason, run.event_message(shop(run), &row))
    };
    run.target_groups = vec!["web-tg".to_owned()];
    let (stopped, event) = said(&run);
    assert_eq!(
        stopped,
        "Task failed ELB health checks in (target-group web-tg)"
    );
    assert_eq!(
        event,
        "service (shop) registered 2 targets in target-group web-tg."
    );
    run.target_groups.clear();
    assert!(said(&run).0.ends_with("(target-group 0)"));
}

#[test]
fn an_alarm_that_fails_a_deployment_is_called_by_its_name() {
    let mut run = serving(|_| (), WITHOUT);
    run.alarms = vec!["slow".to_owned(), "errors".to_owned()];
    let said = |cause| run.failure_cause(cause);
    assert_eq!(
        said(FailureCause::Alarm { alarm: 1 }),
        "alarm detected: errors"
    );
    assert_eq!(said(FailureCause::Alarm { alarm: 2 }), "alarm detected: 2");
    assert_eq!(said(FailureCause::LifecycleHook), "a lifecycle hook failed");
}

#[test]
fn refused_attempts_of_services_count_with_those_of_tasks() {
    let run = serving(|_| (), WITHOUT);
    // Five tasks of shop were placed, one of agent; one attempt was refused.
    assert_eq!(run.placement.attempts, 7);
    let refused = vec![(Reason::Cpu, 1), (Reason::Memory, 1)];
    assert_eq!(run.placement.failures, refused);
    let row = shop(&run);
    assert_eq!((row.attempts, &row.failures), (6, &refused));
    assert_eq!(run.services[1].attempts, 1);
    assert!(run.placement.refused_shapes.is_empty());
}

#[test]
fn tasks_of_services_are_counted_by_how_they_ended() {
    let run = serving(|_| (), WITHOUT);
    let names: Vec<&str> = run
        .task_entries()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["web", "batch"]);
    let counts: Vec<TaskCounts> = run.services().map(|(_, counts)| *counts).collect();
    let expected = TaskCounts {
        submitted: 5,
        placed: 5,
        running: 3,
        failed: 1,  // stopped from PENDING
        stopped: 1, // by the service scheduler
        ..TaskCounts::default()
    };
    assert_eq!(counts[0], expected);
    assert_eq!(counts[1].running, 1);
    assert_eq!(run.tasks.submitted, 6);
}

#[test]
fn what_the_tasks_of_a_service_cost_is_told_of_each_service() {
    let run = serving(|_| (), WITHOUT);
    // 100 CPU units and 100 MiB weigh a tenth of an instance of 0.0001 a second: 3 tasks for 100 s,
    // one for 30 s, one for none. agent: a hundredth for 100 s.
    assert_eq!(shop(&run).used.to_string(), "0.003300000");
    assert_eq!(run.services[1].used.to_string(), "0.000100000");
}

#[test]
fn an_instance_that_ends_takes_its_capacity_along() {
    let run = serving(|_| (), WITH_ROWS);
    let row = &run.instances[2];
    assert_eq!(row.terminated_at, Some(SimTime(50_000)));
    assert_eq!(
        (row.end_reason_name(), run.instances[0].end_reason_name()),
        ("incident", "")
    );
    let counts = &run.instance_counts;
    assert_eq!((counts.peak, counts.launched, counts.terminated), (3, 4, 1));
    // 3 for 50 s, 2 for 5 s, 3 for 45 s.
    assert_eq!(counts.mean.to_f64(), Some(2.95));
    let registered: Vec<u64> = run
        .timeseries
        .iter()
        .map(|row| row.registered.cpu)
        .collect();
    assert_eq!(
        (registered[49], registered[50], registered[55]),
        (3_000, 2_000, 3_000)
    );
    let cluster = &run.utilization[0];
    assert_eq!(cluster.reserved_mean.cpu.whole, 295_000_000);
    // Billed until it ended: 60 s at least, as the one that registered at 55 s; else 100 s.
    let costs: Vec<String> = [0, 49, 50, 54, 99]
        .map(|row: usize| run.timeseries[row].cost.to_string())
        .into();
    assert_eq!(
        costs,
        [
            "0.000000000",
            "0.018000000",
            "0.018000000",
            "0.018000000",
            "0.031800000"
        ]
    );
}

#[test]
fn incidents_are_told_with_begin_and_end() {
    let run = serving(|_| (), WITHOUT);
    let told: Vec<_> = run
        .incidents
        .iter()
        .map(|row| {
            (
                row.name.as_str(),
                row.began_at.0,
                row.ended_at.map(|at| at.0),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("storm", 50_000, Some(55_000)), ("flood", 70_000, None)]
    );
}

#[test]
fn whatever_is_told_of_a_service_changes_the_digest() {
    type Change = fn(&mut Stage);
    let changes: [Change; 16] = [
        |_| (),
        |stage| stage.count(0, [1, 0, 0, 0, 0, 0]),
        |stage| stage.count(1, [1, 0, 0, 0, 0, 0]),
        |stage| stage.count(0, [0, 0, 0, 0, 0, 1]),
        |stage| stage.say(0, ServiceEvent::SteadyState),
        |stage| stage.say(0, ServiceEvent::TasksStarted { count: 1 }),
        |stage| stage.say(0, ServiceEvent::TasksStarted { count: 2 }),
        |stage| stage.no_place(0, &[Reason::Cpu]),
        |stage| stage.incident(0, true),
        |stage| stage.drain(0),
        |stage| stage.minute(0, minute()),
        |stage| stage.minute(0, ServiceMinute::default()),
        |stage| stage.scale(0, 1, 2),
        |stage| stage.deployment(0, &deployment(1, 1, 0)),
        |stage| {
            let stuck = Some(Stuck::NeverFits);
            let stuck = Deployment {
                stuck,
                ..deployment(1, 1, 0)
            };
            stage.deployment(0, &stuck);
        },
        |stage| {
            let baking = Some(LifecycleStage::BakeTime);
            let baking = Deployment {
                stage: baking,
                ..deployment(1, 1, 0)
            };
            stage.deployment(0, &baking);
        },
    ];
    let digest = |change: &Change| {
        let mut stage = Stage::new(with_services(scenario(&[(small(), 1)], 9)), WITHOUT);
        change(&mut stage);
        stage.end().digest
    };
    let digests: std::collections::BTreeSet<String> = changes.iter().map(digest).collect();
    assert_eq!(digests.len(), changes.len());
}
