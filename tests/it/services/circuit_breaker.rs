//! The deployment circuit breaker.

use ecs_sim::control::{DeploymentStatus, FailureCause, RolloutState, Stuck};

use super::{ONE_TASK_AN_INSTANCE, Seen, messages, watch};
use crate::harness::Ran;

/// A service with a circuit breaker on instances of one task, and what happens to it.
fn guarded(desired: u32, instances: u32, configuration: &str, rest: &str) -> (Ran, Seen) {
    watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:3', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own, count: {instances}}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: {desired}
    availabilityZoneRebalancing: DISABLED
    deploymentConfiguration: {{{configuration}}}
{rest}"
    ))
}

const BREAKER: &str = "deploymentCircuitBreaker: {enable: true, rollback: false}";
const WITH_ROLLBACK: &str = "deploymentCircuitBreaker: {enable: true, rollback: true}";
const TO_A_BROKEN_ONE: &str = "deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]
taskBehaviors: [{taskDefinition: 'web:2', failToStart: {after: 0s}}]";

#[test]
fn the_breaker_trips_after_half_the_desired_count_and_at_least_three_failures() {
    // G66.
    for (desired, failures, seconds) in [(1, 3, 603), (4, 3, 600), (25, 13, 600)] {
        let (_, seen) = guarded(desired, 2 * desired, BREAKER, TO_A_BROKEN_ONE);
        let deployment = &seen.deployments[&(0, 2)];
        assert_eq!(deployment.failed_tasks, failures, "{desired}");
        assert_eq!(
            seen.rollouts(2),
            [
                (600, RolloutState::InProgress),
                (seconds, RolloutState::Failed)
            ]
        );
        assert_eq!(deployment.cause, Some(FailureCause::TasksFailedToStart));
        // The old tasks are all there still.
        assert!(
            seen.moves
                .iter()
                .all(|(_, starts, _, revision)| *starts || *revision != 0)
        );
    }
}

#[test]
fn a_failed_deployment_launches_nothing_more() {
    let (_, seen) = guarded(1, 2, BREAKER, TO_A_BROKEN_ONE);
    assert_eq!(seen.moved("web", true), [0, 600, 601, 603]);
    assert_eq!(seen.deployments[&(0, 2)].status, DeploymentStatus::Primary);
}

#[test]
fn without_a_breaker_a_deployment_tries_for_ever() {
    let (_, seen) = guarded(1, 2, "maximumPercent: 200", TO_A_BROKEN_ONE);
    assert_eq!(seen.rollout(2), RolloutState::InProgress);
    assert!(seen.moved("web", true).len() > 10);
}

#[test]
fn a_failed_deployment_is_rolled_back_to_the_last_completed_one() {
    let (ran, seen) = guarded(2, 4, WITH_ROLLBACK, TO_A_BROKEN_ONE);
    assert_eq!(seen.rollout(2), RolloutState::Failed);
    assert_eq!(seen.rollout(1), RolloutState::Completed);
    assert_eq!(seen.deployments[&(0, 1)].rolls_back, Some(2));
    assert_eq!(seen.deployments[&(0, 1)].status, DeploymentStatus::Primary);
    let texts: Vec<String> = messages(&ran).into_iter().map(|(_, text)| text).collect();
    let expected = "service (web) deployment failed: tasks failed to start.";
    let failed = texts.iter().position(|text| text == expected);
    let back = "service (web) is rolling back to deployment (ecs-svc/1).";
    assert_eq!(texts[failed.expect("it failed") + 1], back);
}

#[test]
fn a_third_deployment_during_a_rollback_can_neither_roll_back_nor_launch() {
    // G67.
    let configuration = format!("minimumHealthyPercent: 50, maximumPercent: 100, {WITH_ROLLBACK}");
    let rest = "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:2'}
  - {at: 620s, service: web, taskDefinition: 'web:3'}
taskBehaviors:
  - {taskDefinition: 'web:2', failToStart: {after: 0s}}
  - {taskDefinition: 'web:3', failToStart: {after: 0s}}";
    let (_, seen) = guarded(2, 4, &configuration, rest);
    let (progress, completed, failed) = (
        RolloutState::InProgress,
        RolloutState::Completed,
        RolloutState::Failed,
    );
    // 2 fails with its third task, and 1 comes back.
    assert_eq!(seen.rollouts(2), [(600, progress), (603, failed)]);
    let first = [(0, progress), (40, completed), (603, progress)];
    assert_eq!(seen.rollouts(1), first);
    // 3 is started before 1 is COMPLETED again: nothing to roll back to, and nothing is launched.
    assert_eq!(seen.rollouts(3), [(620, progress), (623, failed)]);
    assert_eq!(
        seen.deployments[&(0, 3)].stuck,
        Some(Stuck::NothingToRollBackTo)
    );
    assert_eq!(seen.said("is rolling back").len(), 1);
    assert!(seen.moves.iter().all(|(at, ..)| *at <= 623_000));
    assert_eq!(seen.last_places("web", 4).iter().sum::<u32>(), 1);
}

#[test]
fn a_service_that_never_worked_has_nothing_to_roll_back_to() {
    let rest = "taskBehaviors: [{service: web, failToStart: {after: 0s}}]";
    let (_, seen) = guarded(1, 2, WITH_ROLLBACK, rest);
    assert_eq!(seen.moved("web", true), [0, 1, 3]);
    assert_eq!(seen.rollout(1), RolloutState::Failed);
    assert_eq!(
        seen.deployments[&(0, 1)].stuck,
        Some(Stuck::NothingToRollBackTo)
    );
    assert!(seen.said("is rolling back").is_empty());
}

/// A deployment whose tasks are checked every ten seconds, three times, and some never pass.
fn checked(configuration: &str, behaviors: &str) -> Seen {
    let text = ONE_TASK_AN_INSTANCE.replace(
        "memory: 512}",
        "memory: 512, healthCheck: {command: [CMD, ok], interval: 10}}",
    );
    let (_, seen) = watch(&format!(
        "{text}
containerInstances: [{{instanceType: own, count: 4}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 1
    deploymentConfiguration: {{{configuration}}}
deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]
taskBehaviors: [{behaviors}]"
    ));
    seen
}

#[test]
fn once_a_task_has_run_failed_health_checks_count() {
    let never = "{taskDefinition: 'web:2', unhealthy: {after: 0s}}";
    let seen = checked(BREAKER, never);
    // UNHEALTHY 30 s after each start.
    let failed = [(600, RolloutState::InProgress), (690, RolloutState::Failed)];
    assert_eq!(seen.rollouts(2), failed);
    assert_eq!(seen.deployments[&(0, 2)].failed_tasks, 3);
}

#[test]
fn a_healthy_task_sets_the_count_of_failures_back_unless_that_is_switched_off() {
    // Of web:2 two are never healthy, then one is for 100 s, then none.
    let behaviors = "{taskDefinition: 'web:2', until: 640s, unhealthy: {after: 0s}},
  {taskDefinition: 'web:2', from: 640s, until: 700s, unhealthy: {after: 100s}},
  {taskDefinition: 'web:2', from: 700s, unhealthy: {after: 0s}}";
    let configuration = |reset: bool| {
        format!(
            "minimumHealthyPercent: 100, maximumPercent: 200, deploymentCircuitBreaker:
      {{enable: true, rollback: false, resetOnHealthyTask: {reset},
       thresholdConfiguration: {{type: COUNT, value: 3}}}}"
        )
    };
    let seen = checked(&configuration(true), behaviors);
    assert_eq!(seen.rollout(2), RolloutState::Completed);
    assert_eq!(seen.deployments[&(0, 2)].failed_tasks, 0);
    let seen = checked(&configuration(false), behaviors);
    assert_eq!(seen.deployments[&(0, 2)].failed_tasks, 2);
}

#[test]
fn quick_crashes_after_running_escape_the_breaker() {
    let rest = "deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]
taskBehaviors: [{taskDefinition: 'web:2', exit: {after: 1s}}]";
    let (_, seen) = guarded(1, 2, BREAKER, rest);
    assert_eq!(seen.rollout(2), RolloutState::InProgress);
    assert_eq!(seen.deployments[&(0, 2)].failed_tasks, 0);
    assert!(seen.moved("web", true).len() > 1_000);
}

#[test]
fn thresholds_may_be_a_count_or_a_percentage_without_bounds() {
    for (kind, value, desired, failures) in [
        ("COUNT", 1, 4, 1),
        ("COUNT", 7, 4, 7),
        ("UNBOUNDED_PERCENT", 25, 4, 1),
        ("UNBOUNDED_PERCENT", 100, 8, 8),
        ("BOUNDED_PERCENT", 100, 8, 8),
    ] {
        let configuration = format!(
            "deploymentCircuitBreaker: {{enable: true, rollback: false,
      thresholdConfiguration: {{type: {kind}, value: {value}}}}}"
        );
        let (_, seen) = guarded(desired, 2 * desired, &configuration, TO_A_BROKEN_ONE);
        assert_eq!(
            seen.deployments[&(0, 2)].failed_tasks,
            failures,
            "{kind} {value}"
        );
        assert_eq!(seen.rollout(2), RolloutState::Failed);
    }
}
