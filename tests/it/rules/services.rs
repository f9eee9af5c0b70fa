//! Edges of the service scheduler that random scenarios have found.

use ecs_sim::control::RolloutState;

use crate::services::{ONE_TASK_AN_INSTANCE, watch, watch_text};

/// A service of `web:1` with the given keys on instances of one task each.
fn one_each(instances: u32, keys: &str, rest: &str) -> String {
    format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: {instances}}}]
services: [{{serviceName: web, taskDefinition: 'web:1', {keys}}}]
{rest}"
    )
}

#[test]
fn scale_in_spares_healthy_tasks_that_the_lower_limit_needs() {
    // Two run for long, four more have just been asked for when two are wanted again.
    let desired = "desiredCount: 2, availabilityZoneRebalancing: DISABLED";
    let updates = "deployments:
  - {at: 10m, service: web, desiredCount: 6}
  - {at: 10m 20s, service: web, desiredCount: 2}";
    let (ran, seen) = watch(&one_each(6, desired, updates));
    let stopped: Vec<&str> = seen
        .counts
        .iter()
        .filter(|(_, _, counts)| counts.healthy < counts.lower_limit)
        .map(|_| "below the limit")
        .collect();
    // Before the first ones are healthy, and while six are wanted.
    assert!(stopped.len() <= 2, "{:?}", seen.counts);
    let ids = ran.task_column("task_id");
    let last = ran.task_column("last_status");
    let left: Vec<&String> = ids
        .iter()
        .zip(&last)
        .filter(|(_, status)| *status == "RUNNING")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(left, ["web/1", "web/2"]);
}

#[test]
fn protected_tasks_leave_no_room_for_new_ones() {
    // One of four old tasks is protected and cannot give way: no more than four stand.
    let limits = "desiredCount: 4, availabilityZoneRebalancing: DISABLED,
    deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}";
    let rest = "taskProtection: [{at: 5m, service: web, tasks: 1, expiresInMinutes: 30}]
deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]";
    let (_, seen) = watch(&one_each(8, limits, rest));
    assert_eq!(
        seen.old_and_new("web"),
        [(4, 0), (1, 0), (1, 3), (0, 3), (0, 4)]
    );
}

#[test]
fn a_protected_daemon_is_not_stopped_by_a_deployment() {
    let rest = "taskProtection: [{at: 5m, service: web, tasks: 1, expiresInMinutes: 30}]
deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]";
    let (_, seen) = watch(&one_each(3, "schedulingStrategy: DAEMON", rest));
    let steps = seen.old_and_new("web");
    assert_eq!(steps, [(3, 0), (1, 0), (1, 2), (0, 2), (0, 3)]);
    let last_stop = seen.moves.iter().rfind(|(_, starts, ..)| !starts);
    assert_eq!(last_stop.map(|(at, ..)| *at), Some(35 * 60_000));
}

#[test]
fn stopping_tasks_count_for_the_upper_limit_where_that_is_chosen() {
    let new_starts = |option: &str| {
        let limits = "desiredCount: 2, availabilityZoneRebalancing: DISABLED,
    deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}";
        let rest = format!(
            "duration: 1h\nlatencies: {{start: 0s, stop: 5s}}\nserviceOptions: {{{option}}}\n\
             deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]"
        );
        let (_, seen) = watch_text(&one_each(4, limits, &rest));
        let starts = seen
            .moves
            .iter()
            .filter(|(_, starts, _, of)| *starts && *of == 1);
        starts.map(|(at, ..)| *at).collect::<Vec<u64>>()
    };
    assert_eq!(new_starts("countStoppingTasks: false"), [600_000, 600_000]);
    assert_eq!(new_starts("countStoppingTasks: true"), [605_000, 605_000]);
}

/// A blue/green deployment whose hook fails, of a service whose first deployment is not completed.
fn failing_shift(rest: &str) -> String {
    one_each(
        8,
        "desiredCount: 2, availabilityZoneRebalancing: DISABLED,
    deploymentConfiguration: {strategy: BLUE_GREEN, bakeTimeInMinutes: 1,
      lifecycleHooks: [{lifecycleStages: [POST_SCALE_UP], duration: 30s, succeeds: false}]}",
        rest,
    )
}

#[test]
fn a_failed_shift_with_nothing_to_roll_back_to_launches_nothing_more() {
    // The first revision never runs, so the second has nothing to go back to.
    let (_, seen) = watch(&failing_shift(
        "deployments:
  - {at: 10m, service: web, taskDefinition: 'web:2'}
  - {at: 30m, service: web, desiredCount: 4}
taskBehaviors: [{taskDefinition: 'web:1', failToStart: {after: 1s}}]",
    ));
    assert_eq!(seen.rollout(2), RolloutState::Failed);
    let of_green = seen
        .moves
        .iter()
        .filter(|(_, starts, _, of)| *starts && *of == 1);
    assert_eq!(
        of_green.count(),
        2,
        "none for the two that are wanted later"
    );
}

#[test]
fn a_draining_instance_is_left_within_the_lower_limit_while_traffic_is_shifted() {
    // Four instances take one task each. Blue stands on two of them when green has scaled up, and
    // keeps its healthy tasks there until they are replaced, for which there is no room.
    let (_, seen) = watch(&one_each(
        4,
        "desiredCount: 2, availabilityZoneRebalancing: DISABLED,
    deploymentConfiguration: {strategy: BLUE_GREEN, bakeTimeInMinutes: 30}",
        "deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]
incidents: [{at: 15m, duration: 5m, containerInstancesDraining: [0, 1]}]",
    ));
    assert_eq!(seen.old_and_new("web"), [(2, 0), (2, 2), (0, 2)]);
    let blue_stops = seen.moves.iter().filter(|(_, starts, ..)| !starts);
    assert!(
        blue_stops.clone().all(|(at, ..)| *at > 20 * 60_000),
        "{blue_stops:?}"
    );
}

#[test]
fn several_stops_of_one_instant_are_each_of_a_task_that_stands() {
    // Tasks stop at once. Unsettled and healthy ones of an old revision go in one evaluation.
    let (_, seen) = watch(&one_each(
        12,
        "desiredCount: 4, availabilityZoneRebalancing: DISABLED,
    deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 200}",
        "deployments:
  - {at: 10m, service: web, desiredCount: 6}
  - {at: 10m 10s, service: web, taskDefinition: 'web:2'}",
    ));
    assert_eq!(seen.old_and_new("web"), [(4, 0), (6, 0), (0, 0), (0, 6)]);
}
