//! Rolling deployments, the circuit breaker, traffic shifts.

use ecs_sim::control::{DeploymentStatus, RolloutState, Stuck};

use super::{ONE_TASK_AN_INSTANCE, watch};

/// A service of `desired` tasks on `room` instances, one task each, that is updated after 10 min.
fn updated(desired: u32, room: u32, minimum: u32, maximum: u32) -> String {
    format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: {room}}}]
services:
  - serviceName: web
    taskDefinition: web:1
    desiredCount: {desired}
    availabilityZoneRebalancing: DISABLED
    deploymentConfiguration: {{minimumHealthyPercent: {minimum}, maximumPercent: {maximum}}}
deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]"
    )
}

#[test]
fn six_tasks_with_room_for_eight_at_100_and_200() {
    // G58.
    let (_, seen) = watch(&updated(6, 8, 100, 200));
    let documented = [(6, 0), (6, 2), (4, 2), (4, 4), (2, 4), (2, 6), (0, 6)];
    assert_eq!(seen.old_and_new("web"), documented);
    assert_eq!(seen.rollout(2), RolloutState::Completed);
    assert_eq!(seen.deployments[&(0, 1)].status, DeploymentStatus::Inactive);
}

#[test]
fn six_tasks_with_room_for_eight_at_50_and_200() {
    // G59: stop 3, start 5, stop 3, start 1.
    let (_, seen) = watch(&updated(6, 8, 50, 200));
    assert_eq!(
        seen.old_and_new("web"),
        [(6, 0), (3, 0), (3, 5), (0, 5), (0, 6)]
    );
}

#[test]
fn six_tasks_with_room_for_ten_at_50_and_200() {
    // G60: stop 3, start 6, stop 3.
    let (_, seen) = watch(&updated(6, 10, 50, 200));
    assert_eq!(seen.old_and_new("web"), [(6, 0), (3, 0), (3, 6), (0, 6)]);
}

#[test]
fn a_deployment_at_100_and_100_is_stuck_and_says_so() {
    // G61.
    let (_, seen) = watch(&updated(4, 8, 100, 100));
    assert_eq!(seen.old_and_new("web"), [(4, 0)]);
    let said = seen.said("because of the service deployment configuration");
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(seen.deployments[&(0, 2)].stuck, Some(Stuck::Configuration));
    assert_eq!(seen.rollout(2), RolloutState::InProgress);
}

#[test]
fn four_may_start_before_any_stops_at_200() {
    // G56.
    let (_, seen) = watch(&updated(4, 8, 100, 200));
    assert_eq!(seen.old_and_new("web"), [(4, 0), (4, 4), (0, 4)]);
}

#[test]
fn a_rollback_is_not_failed_by_the_alarm_that_caused_it() {
    // An alarm at ALARM when a deployment starts is ignored for it, for one that rolls back too.
    let rolled_back = |states: &str| {
        let (_, seen) = watch(&format!(
            "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 8}}]
services:
  - serviceName: web
    taskDefinition: web:1
    desiredCount: 4
    deploymentConfiguration:
      bakeTimeInMinutes: 10
      alarms: {{alarmNames: [drill], enable: true, rollback: true}}
alarms: [{{alarmName: drill, states: [{states}]}}]
deployments: [{{at: 30m, service: web, taskDefinition: 'web:2'}}]"
        ));
        (seen.rollout(1), seen.rollout(2))
    };
    let (failed, completed) = (RolloutState::Failed, RolloutState::Completed);
    assert_eq!(rolled_back("{at: 0s, state: OK}"), (completed, completed));
    assert_eq!(
        rolled_back("{at: 35m, state: ALARM}"),
        (completed, failed),
        "one rollback"
    );
    assert_eq!(
        rolled_back("{at: 29m, state: ALARM}"),
        (completed, completed),
        "ALARM before the deployment"
    );
}

#[test]
fn a_deployment_in_progress_at_the_end_has_counted_to_the_end() {
    let (ran, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 8}}]
services: [{{serviceName: web, taskDefinition: web:1, desiredCount: 4}}]
deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]
images: [{{name: 'web:2', missing: true}}]"
    ));
    let deployment = &seen.deployments[&(0, 2)];
    assert_eq!(deployment.rollout_state, RolloutState::InProgress);
    let started = ran.task_column("task_definition").into_iter();
    let started = started.filter(|of| of == "web:2").count();
    assert!(started > 8, "more than two rounds: {started}");
    let counted = [deployment.tasks_started, deployment.failures];
    assert_eq!(counted.map(ecs_sim::units::index), [started; 2]);
}
