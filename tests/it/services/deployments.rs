//! Rolling deployments, the circuit breaker, traffic shifts.

use ecs_sim::control::{DeploymentStatus, RolloutState, Stuck};

use super::{ONE_TASK_AN_INSTANCE, watch, watch_text};

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

#[test]
fn a_deployment_counts_its_tasks_until_it_is_completed() {
    // Crashes and replacements afterwards are no part of it, whether another deployment follows or
    // not.
    let first = |deployments: &str| {
        let (ran, seen) = watch(&format!(
            "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 8}}]
services: [{{serviceName: web, taskDefinition: web:1, desiredCount: 3}}]
taskBehaviors: [{{taskDefinition: 'web:1', exit: {{after: 10m}}}}]
incidents: [{{at: 25m, duration: 5m, containerInstancesDraining: [0, 1, 2, 3, 4, 5]}}]
deployments: [{deployments}]"
        ));
        assert!(ran.tasks().len() > 6, "tasks crash and are replaced");
        let deployment = &seen.deployments[&(0, 1)];
        (
            deployment.tasks_started,
            deployment.tasks_replaced,
            deployment.failures,
        )
    };
    assert_eq!(first(""), (3, 0, 0));
    assert_eq!(
        first("{at: 1h, service: web, taskDefinition: 'web:2'}"),
        (3, 0, 0)
    );
}

#[test]
fn the_lower_limit_rounds_up_and_may_let_none_stop() {
    // G55: 75 % of two are two; a new one has to come first.
    let (_, seen) = watch(&updated(2, 4, 75, 150));
    assert_eq!(
        seen.old_and_new("web"),
        [(2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
    );
}

#[test]
fn the_upper_limit_rounds_down_and_may_let_none_start() {
    // G57: 125 % of three are three; one has to go first, which 50 % allows and 100 % does not.
    let (_, seen) = watch(&updated(3, 6, 100, 125));
    assert_eq!(seen.old_and_new("web"), [(3, 0)]);
    assert_eq!(seen.deployments[&(0, 2)].stuck, Some(Stuck::Configuration));
    let (_, seen) = watch(&updated(3, 6, 50, 125));
    assert_eq!(
        seen.old_and_new("web"),
        [(3, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2), (0, 3)]
    );
}

#[test]
fn new_tasks_are_healthy_before_old_ones_stop() {
    // Forty seconds after each start.
    let (_, seen) = watch(&updated(4, 8, 100, 150));
    assert_eq!(seen.moved("web", true), [0, 0, 0, 0, 600, 600, 640, 640]);
    assert_eq!(seen.moved("web", false), [640, 640, 680, 680]);
    assert_eq!(
        seen.rollouts(2),
        [
            (600, RolloutState::InProgress),
            (680, RolloutState::Completed)
        ]
    );
}

/// A service of two on eight instances, with what is done to it.
fn service(configuration: &str, rest: &str) -> super::Seen {
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:3', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own, count: 8}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 3
    availabilityZoneRebalancing: DISABLED
    deploymentConfiguration: {{{configuration}}}
{rest}"
    ));
    seen
}

#[test]
fn early_success_is_declared_with_the_part_that_is_healthy() {
    // G77: half of three is two. At 133 % one new task comes at a time, each healthy after 40 s.
    let seen = service(
        "minimumHealthyPercent: 50, maximumPercent: 134,
      earlySuccessCriteria:
        {enable: true, healthyPercent: 50, sourceServiceRevisionCleanup: BLOCKING}",
        "deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]
taskBehaviors: [{service: web, taskDefinition: 'web:2', first: 6, exit: {after: 30s}}]",
    );
    let deployment = &seen.deployments[&(0, 2)];
    let succeeded = deployment.succeeded_early_at.map(|at| at.0 / 1_000);
    assert_eq!(succeeded, Some(640));
    // The third never is healthy: it is not completed.
    assert_eq!(deployment.rollout_state, RolloutState::InProgress);
}

#[test]
fn a_forced_deployment_replaces_all_tasks_by_the_same_revision() {
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "deployments: [{at: 10m, service: web, forceNewDeployment: true}]",
    );
    assert_eq!(seen.moved("web", true), [0, 0, 0, 600, 600, 600]);
    assert_eq!(seen.moved("web", false), [640, 640, 640]);
    assert_eq!(seen.deployments[&(0, 2)].tasks_replaced, 3);
}

#[test]
fn an_update_without_a_new_revision_starts_no_deployment() {
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:1'}
  - {at: 20m, service: web, desiredCount: 4}
  - {at: 30m, service: web, deploymentConfiguration: {minimumHealthyPercent: 50}}",
    );
    assert_eq!(seen.deployments.len(), 1);
    assert_eq!(seen.moved("web", true), [0, 0, 0, 1_200]);
    assert!(seen.moved("web", false).is_empty());
}

#[test]
fn a_change_of_the_desired_count_during_a_deployment_is_for_the_new_revision() {
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:2'}
  - {at: 610s, service: web, desiredCount: 4}",
    );
    // The fourth finds room under 200 % of four at once.
    assert_eq!(seen.moved("web", true), [0, 0, 0, 600, 600, 600, 610]);
    assert_eq!(seen.old_and_new("web").last(), Some(&(0, 4)));
    // 100 % of four are four: at 640 s three new ones are healthy, and one old one has to stay.
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:2'}
  - {at: 620s, service: web, desiredCount: 4}",
    );
    assert_eq!(seen.moved("web", false), [640, 640, 660]);
    // Fewer: the surplus goes first of the old ones.
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:2'}
  - {at: 610s, service: web, desiredCount: 1}",
    );
    assert_eq!(seen.old_and_new("web").last(), Some(&(0, 1)));
    assert_eq!(seen.rollout(2), RolloutState::Completed);
}

#[test]
fn a_third_revision_during_a_deployment_replaces_both_others() {
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:2'}
  - {at: 620s, service: web, taskDefinition: 'web:3'}",
    );
    // Six tasks are all that may be there: those of web:2, not yet healthy, make room for web:3.
    let of = |revision: u32, starts: bool| -> Vec<u64> {
        let moves = seen.moves.iter();
        moves
            .filter(|(_, start, _, of)| *start == starts && *of == revision)
            .map(|(at, ..)| at / 1_000)
            .collect()
    };
    assert_eq!((of(1, true), of(1, false)), (vec![600; 3], vec![620; 3]));
    assert_eq!((of(2, true), of(0, false)), (vec![620; 3], vec![660; 3]));
    assert_eq!(seen.rollout(3), RolloutState::Completed);
    assert_eq!(seen.rollout(2), RolloutState::InProgress);
    assert_eq!(seen.deployments[&(0, 2)].status, DeploymentStatus::Inactive);
}

#[test]
fn a_deployment_waits_for_protected_tasks() {
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "taskProtection: [{at: 5m, service: web, tasks: 2, expiresInMinutes: 60}]
deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]",
    );
    assert_eq!(seen.moved("web", false), [640, 3_900, 3_900]);
    assert_eq!(
        seen.rollouts(2),
        [
            (600, RolloutState::InProgress),
            (3_900, RolloutState::Completed)
        ]
    );
}

#[test]
fn each_call_for_protection_sets_its_own_end() {
    // All three until 65 min, but the first only until 15 min.
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "taskProtection:
  - {at: 5m, service: web, tasks: 3, expiresInMinutes: 60}
  - {at: 6m, service: web, tasks: 1, expiresInMinutes: 9}
deployments: [{at: 10m, service: web, desiredCount: 0}]",
    );
    assert_eq!(seen.moved("web", false), [900, 3_900, 3_900]);
    // The other way round: the end that was set first comes first and does not hide the later.
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "taskProtection:
  - {at: 5m, service: web, tasks: 1, expiresInMinutes: 10}
  - {at: 6m, service: web, tasks: 3, expiresInMinutes: 60}
deployments: [{at: 10m, service: web, desiredCount: 0}]",
    );
    assert_eq!(seen.moved("web", false), [3_960, 3_960, 3_960]);
}

#[test]
fn protection_that_is_taken_back_is_over_at_once() {
    let seen = service(
        "minimumHealthyPercent: 100, maximumPercent: 200",
        "taskProtection:
  - {at: 5m, service: web, tasks: 3}
  - {at: 20m, service: web, tasks: 3, protectionEnabled: false}
deployments: [{at: 10m, service: web, desiredCount: 1}]",
    );
    assert_eq!(seen.moved("web", false), [1_200, 1_200]);
}

#[test]
fn stopping_tasks_may_be_made_to_count_for_the_upper_limit() {
    let run = |counted: bool| {
        let (_, seen) = watch_text(&format!(
            "duration: 1h
latencies: {{start: 0s, stop: 20s}}
{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 8}}]
serviceOptions: {{countStoppingTasks: {counted}}}
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    deploymentConfiguration: {{minimumHealthyPercent: 0, maximumPercent: 100}}
deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]"
        ));
        seen.moved("web", true)
    };
    assert_eq!(run(false), [0, 0, 600, 600]);
    assert_eq!(run(true), [0, 0, 620, 620]);
}

#[test]
fn a_deployment_of_what_never_fits_is_stuck_and_keeps_the_old_tasks() {
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:3', cpu: 2048, memory: 512}}]}}
containerInstances: [{{instanceType: own, count: 8}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 3}}]
deployments: [{{at: 10m, service: web, taskDefinition: 'web:3'}}]"
    ));
    assert_eq!(seen.moved("web", true), [0, 0, 0]);
    assert!(seen.moved("web", false).is_empty());
    assert_eq!(seen.deployments[&(0, 2)].stuck, Some(Stuck::NeverFits));
    assert_eq!(seen.said("unable to place a task").len(), 1);
}

#[test]
fn a_deployment_that_protected_tasks_hold_says_so_until_their_protection_ends() {
    let (_, seen) = watch(&format!(
        "{}\ntaskProtection: [{{at: 5m, service: web, tasks: 1, expiresInMinutes: 60}}]",
        updated(2, 4, 100, 200)
    ));
    let changes = seen.changes.iter();
    let held: Vec<(u64, Option<Stuck>)> = changes
        .filter(|(_, deployment)| deployment.number == 2)
        .map(|(at, deployment)| (at / 1_000, deployment.stuck))
        .collect();
    assert!(
        held.contains(&(640, Some(Stuck::ProtectedTasks))),
        "{held:?}"
    );
    let ended = seen.rollouts(2).last().copied();
    assert_eq!(ended, Some((3_900, RolloutState::Completed)));
}
