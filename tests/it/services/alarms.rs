//! Deployment alarms and bake time.

use ecs_sim::control::{FailureCause, RolloutState};

use super::{ONE_TASK_AN_INSTANCE, Seen, watch};

const PROGRESS: RolloutState = RolloutState::InProgress;
const COMPLETED: RolloutState = RolloutState::Completed;
const FAILED: RolloutState = RolloutState::Failed;

/// A service of two that is updated after 20 min, watched by an alarm with these states.
fn watched(configuration: &str, states: &str, rest: &str) -> Seen {
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 4}}]
alarms: [{{alarmName: errors, states: [{states}]}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    deploymentConfiguration: {{{configuration}}}
deployments: [{{at: 20m, service: web, taskDefinition: 'web:2'}}]
{rest}"
    ));
    seen
}

const WITH_ROLLBACK: &str = "bakeTimeInMinutes: 10,
      alarms: {alarmNames: [errors], enable: true, rollback: true}";
const WITHOUT: &str = "bakeTimeInMinutes: 10,
      alarms: {alarmNames: [errors], enable: true, rollback: false}";

#[test]
fn a_deployment_stays_in_progress_for_its_bake_time() {
    // The tasks are healthy after 40 s, and the old ones gone.
    let seen = watched(WITH_ROLLBACK, "{at: 0s, state: OK}", "");
    assert_eq!(seen.rollouts(1), [(0, PROGRESS), (640, COMPLETED)]);
    assert_eq!(seen.rollouts(2), [(1_200, PROGRESS), (1_840, COMPLETED)]);
    assert_eq!(
        seen.deployments[&(0, 2)].baking_since.map(|at| at.0),
        Some(1_240_000)
    );
}

#[test]
fn an_alarm_in_the_bake_time_rolls_back_though_it_goes_on_firing() {
    let states = "{at: 25m, state: ALARM}, {at: 80m, state: OK}";
    let seen = watched(WITH_ROLLBACK, states, "");
    assert_eq!(seen.rollouts(2), [(1_200, PROGRESS), (1_500, FAILED)]);
    let cause = seen.deployments[&(0, 2)].cause;
    assert_eq!(cause, Some(FailureCause::Alarm { alarm: 0 }));
    assert_eq!(seen.said("deployment failed: alarm detected.").len(), 1);
    // The old revision is back at 1,540 s and bakes again; the alarm fires when its deployment
    // begins and is ignored for it.
    assert_eq!(
        seen.rollouts(1),
        [
            (0, PROGRESS),
            (640, COMPLETED),
            (1_500, PROGRESS),
            (2_140, COMPLETED)
        ]
    );
    assert_eq!(seen.old_and_new("web").last(), Some(&(2, 0)));
}

#[test]
fn an_alarm_without_rollback_fails_the_deployment_and_leaves_its_tasks() {
    let seen = watched(WITHOUT, "{at: 25m, state: ALARM}", "");
    assert_eq!(seen.rollout(2), FAILED);
    assert_eq!(seen.old_and_new("web").last(), Some(&(0, 2)));
}

#[test]
fn an_alarm_that_fires_already_is_ignored_for_the_deployment() {
    let states = "{at: 5m, state: OK}, {at: 19m, state: ALARM}";
    let seen = watched(WITH_ROLLBACK, states, "");
    assert_eq!(seen.rollouts(2), [(1_200, PROGRESS), (1_840, COMPLETED)]);
}

#[test]
fn an_alarm_after_the_deployment_changes_nothing() {
    let seen = watched(WITH_ROLLBACK, "{at: 40m, state: ALARM}", "");
    assert_eq!(seen.rollout(2), COMPLETED);
}

#[test]
fn of_alarm_and_breaker_the_first_to_fire_decides() {
    let both =
        format!("{WITH_ROLLBACK}, deploymentCircuitBreaker: {{enable: true, rollback: true}}");
    let fails = "taskBehaviors: [{taskDefinition: 'web:2', failToStart: {after: 0s}}]";
    // Three failures at 1,200 and 1,201 s, before the first minute that the alarm is looked at.
    let seen = watched(&both, "{at: 1201s, state: ALARM}", fails);
    let cause = seen.deployments[&(0, 2)].cause;
    assert_eq!(cause, Some(FailureCause::TasksFailedToStart));
    // Those that fail only after 5 min are too late.
    let late = "taskBehaviors: [{taskDefinition: 'web:2', failToStart: {after: 5m}}]";
    let seen = watched(&both, "{at: 1201s, state: ALARM}", late);
    let cause = seen.deployments[&(0, 2)].cause;
    assert_eq!(cause, Some(FailureCause::Alarm { alarm: 0 }));
    assert_eq!(seen.rollouts(2), [(1_200, PROGRESS), (1_260, FAILED)]);
}

#[test]
fn an_alarm_on_a_metric_of_the_service_fails_a_deployment() {
    // Tasks of web:2 answer nothing; two minutes of lost requests are one too many.
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 4}}]
alarms:
  - {{alarmName: errors, service: web, metricName: HTTPCode_ELB_5XX_Count, statistic: Sum,
     period: 60, evaluationPeriods: 2, threshold: 10, comparisonOperator: GreaterThanThreshold}}
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    load: {{requestsPerSecond: 10, request: {{cpuTime: 1ms}}}}
    deploymentConfiguration: {{{WITH_ROLLBACK}}}
deployments: [{{at: 20m, service: web, taskDefinition: 'web:2'}}]
taskBehaviors: [{{taskDefinition: 'web:2', unhealthy: {{after: 0s}}}}]"
    ));
    assert_eq!(seen.rollouts(2), [(1_200, PROGRESS), (1_320, FAILED)]);
    assert_eq!(seen.old_and_new("web").last(), Some(&(2, 0)));
}
