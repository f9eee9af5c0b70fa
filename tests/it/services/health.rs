//! Health checks of containers and of target groups, the grace period, unhealthy tasks replaced.

use super::{ONE_TASK_AN_INSTANCE, Seen, stop_of, watch, watch_text};

/// A service whose tasks have containers with these `healthCheck` intervals, in seconds, on
/// instances of one task.
fn checked(intervals: &[u32], keys: &str, rest: &str) -> String {
    let containers: Vec<String> = (0..)
        .zip(intervals)
        .map(|(place, interval)| {
            format!(
                "{{name: c{place}, image: 'web:1', cpu: 256, memory: 128, healthCheck:
          {{command: [CMD, ok], interval: {interval}, retries: 3}}}}"
            )
        })
        .collect();
    format!(
        "instanceTypes: [{{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, cpu: 1024, containerDefinitions: [{}]}}
containerInstances: [{{instanceType: own, count: 4}}]
services:
  - serviceName: web
    taskDefinition: web
    {keys}
{rest}",
        containers.join(", ")
    )
}

#[test]
fn a_task_is_healthy_when_all_its_essential_containers_are() {
    // G69, G71, G72: as long as one is UNKNOWN the task is.
    for (intervals, seconds) in [
        (&[10][..], 10),
        (&[10, 30], 30),
        (&[10, 30, 20], 30),
        (&[10, 60, 60], 60),
    ] {
        let (_, seen) = watch(&checked(intervals, "desiredCount: 1", ""));
        assert_eq!(seen.healthy(), [(0, 0), (seconds, 1)], "{intervals:?}");
    }
}

#[test]
fn one_unhealthy_container_makes_its_task_unhealthy_and_it_is_replaced() {
    // G70. Checks of c1 fail at 60, 70 and 80 s.
    let (ran, seen) = watch(&checked(
        &[10, 10, 10],
        "desiredCount: 1",
        "taskBehaviors: [{service: web, container: c1, last: 1, unhealthy: {after: 60s}}]",
    ));
    assert_eq!(seen.moved("web", true), [0, 80]);
    assert_eq!(seen.moved("web", false), [90]);
    let (code, reason) = stop_of(&ran, 0);
    assert_eq!(code, "ServiceSchedulerInitiated");
    assert_eq!(reason, "Task failed container health checks");
}

#[test]
fn an_unhealthy_standalone_task_is_never_stopped() {
    let (ran, _) = watch(&format!(
        "{}
tasks: [{{name: job, taskDefinition: web, arrivals: {{at: 0s}}}}]",
        checked(
            &[10],
            "desiredCount: 0",
            "taskBehaviors: [{tasks: job, unhealthy: {after: 0s}}]"
        )
    ));
    assert_eq!(ran.task_column("last_status"), ["RUNNING"]);
}

#[test]
fn a_replacement_is_healthy_before_the_unhealthy_task_stops() {
    let unhealthy = "taskBehaviors: [{service: web, last: 1, unhealthy: {after: 60s}}]";
    let (_, seen) = watch(&checked(&[10], "desiredCount: 2", unhealthy));
    assert_eq!(seen.moved("web", true), [0, 0, 80]);
    assert_eq!(seen.moved("web", false), [90]);
    assert_eq!(seen.asked_to_stop("web", 1), Some(90));
}

/// The first four tasks go bad together.
const ALL_GO_BAD: &str = "taskBehaviors:
  - {service: web, last: 4, unhealthy: {after: 60s}}";

#[test]
fn where_the_upper_limit_forbids_a_replacement_unhealthy_tasks_go_one_at_a_time() {
    let keys = "desiredCount: 4
    deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}";
    let text = checked(&[10], keys, ALL_GO_BAD);
    let (_, seen) = watch_text(&format!(
        "duration: 1h\nlatencies: {{start: 0s, stop: 7s}}\n{text}"
    ));
    // Each gives its place to a replacement before the next one goes.
    assert_eq!(seen.moved("web", false), [80, 87, 94, 101]);
    assert_eq!(seen.moved("web", true), [0, 0, 0, 0, 87, 94, 101, 108]);
    let mut gone: Vec<Option<u64>> = (1..=4)
        .map(|number| seen.asked_to_stop("web", number))
        .collect();
    gone.sort_unstable();
    assert_eq!(gone, [80, 87, 94, 101].map(Some));
}

#[test]
fn with_room_all_unhealthy_tasks_are_replaced_together() {
    let keys = "desiredCount: 2";
    let two = "taskBehaviors: [{service: web, last: 2, unhealthy: {after: 60s}}]";
    let (_, seen) = watch(&checked(&[10], keys, two));
    assert_eq!(seen.moved("web", true), [0, 0, 80, 80]);
    assert_eq!(seen.moved("web", false), [90, 90]);
}

#[test]
fn failed_checks_are_ignored_in_the_grace_period() {
    let keys = "desiredCount: 1
    healthCheckGracePeriodSeconds: 120";
    let bad = "taskBehaviors: [{service: web, last: 1, unhealthy: {after: 60s}}]";
    let (_, seen) = watch(&checked(&[10], keys, bad));
    // UNHEALTHY since 80 s, and replaced only at 120 s.
    assert_eq!(seen.moved("web", true), [0, 120]);
    assert_eq!(seen.moved("web", false), [130]);
}

/// Tasks that answer only after five minutes.
fn slow(grace: u32) -> Seen {
    let keys = format!("desiredCount: 1\n    healthCheckGracePeriodSeconds: {grace}");
    let slow = "taskBehaviors: [{service: web, slowReadiness: {after: 5m}}]";
    watch(&checked(&[10], &keys, slow)).1
}

#[test]
fn a_grace_period_that_is_long_enough_spares_a_slow_start() {
    let seen = slow(310);
    assert_eq!(seen.moved("web", true), [0]);
    assert_eq!(seen.healthy(), [(0, 0), (300, 1)]);
}

#[test]
fn too_short_a_grace_period_is_a_loop_of_starts_and_stops() {
    let seen = slow(60);
    let (starts, stops) = (seen.moved("web", true), seen.moved("web", false));
    // Bad at 60 s, and room for one in addition; from then on one dies for each that starts.
    assert_eq!(starts[..4], [0, 60, 120, 180]);
    assert_eq!(stops[..3], [120, 180, 240]);
    // Without any room for one in addition it never ends.
    let keys = "desiredCount: 1
    healthCheckGracePeriodSeconds: 60
    deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}";
    let slow = "taskBehaviors: [{service: web, slowReadiness: {after: 5m}}]";
    let (_, seen) = watch(&checked(&[10], keys, slow));
    let every_minute: Vec<u64> = (1..120).map(|minute| minute * 60).collect();
    assert_eq!(seen.moved("web", false), every_minute);
    assert!(seen.said("is unable to consistently start").is_empty());
}

/// A service behind a load balancer, whose containers are checked where an interval is given.
fn balanced(group: &str, interval: Option<u32>, keys: &str, rest: &str) -> String {
    let check = interval.map_or_else(String::new, |interval| {
        format!("healthCheck: {{command: [CMD, ok], interval: {interval}}}")
    });
    format!(
        "instanceTypes: [{{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512, {check}}}]
containerInstances: [{{instanceType: own, count: 4}}]
targetGroups: [{{targetGroupName: web, deregistrationDelay: 0s, {group}}}]
services:
  - serviceName: web
    taskDefinition: web
    loadBalancers: [{{targetGroupName: web, containerName: app, containerPort: 80}}]
    {keys}
{rest}"
    )
}

#[test]
fn a_new_target_is_healthy_with_its_first_passed_check() {
    // G125: one check, not the five of healthyThresholdCount.
    for (group, healthy) in [
        ("", vec![(0, 1)]),
        ("firstCheck: interval", vec![(0, 0), (30, 1)]),
        (
            "firstCheck: interval, healthCheckIntervalSeconds: 10, healthyThresholdCount: 10",
            vec![(0, 0), (10, 1)],
        ),
    ] {
        let (_, seen) = watch(&balanced(group, None, "desiredCount: 1", ""));
        assert_eq!(seen.healthy(), healthy, "{group}");
    }
}

#[test]
fn behind_a_load_balancer_both_checks_have_to_pass() {
    for (group, interval, seconds) in [
        ("healthCheckIntervalSeconds: 10", 50, 50),
        (
            "firstCheck: interval, healthCheckIntervalSeconds: 50",
            10,
            50,
        ),
        (
            "firstCheck: interval, healthCheckIntervalSeconds: 50",
            60,
            60,
        ),
    ] {
        let text = balanced(group, Some(interval), "desiredCount: 1", "");
        let (_, seen) = watch(&text);
        assert_eq!(seen.healthy(), [(0, 0), (seconds, 1)], "{group}");
    }
}

#[test]
fn either_check_makes_a_task_unhealthy() {
    // The target fails its checks of 70 and 80 s, the container its three of 60 to 180 s.
    let bad = "taskBehaviors: [{service: web, last: 1, unhealthy: {after: 61s}}]";
    let group = "healthCheckIntervalSeconds: 10";
    let (ran, seen) = watch(&balanced(group, Some(60), "desiredCount: 1", bad));
    assert_eq!(seen.moved("web", true), [0, 80]);
    assert_eq!(
        stop_of(&ran, 0).1,
        "Task failed ELB health checks in (target-group web)"
    );
    let group = "healthCheckIntervalSeconds: 300";
    let (ran, seen) = watch(&balanced(group, Some(10), "desiredCount: 1", bad));
    assert_eq!(seen.moved("web", true), [0, 90]);
    assert_eq!(stop_of(&ran, 0).1, "Task failed container health checks");
}

#[test]
fn a_dead_target_is_found_out_after_two_failed_checks() {
    // Dead at 301 s; checks of 330 and 360 s fail.
    let bad = "taskBehaviors: [{service: web, last: 1, unhealthy: {after: 301s}}]";
    let (_, seen) = watch(&balanced("", None, "desiredCount: 2", bad));
    assert_eq!(seen.moved("web", true), [0, 0, 360]);
    assert_eq!(seen.moved("web", false), [360]);
}

#[test]
fn an_unhealthy_target_recovers_with_five_passed_checks() {
    // Not ready until 300 s: unhealthy at 30 s, ignored, and healthy with the check of 420 s.
    let keys = "desiredCount: 1
    healthCheckGracePeriodSeconds: 3000";
    let slow = "taskBehaviors: [{service: web, slowReadiness: {after: 5m}}]";
    let (_, seen) = watch(&balanced("", None, keys, slow));
    assert_eq!(seen.healthy(), [(0, 0), (420, 1)]);
    assert_eq!(seen.moved("web", true), [0]);
}

#[test]
fn during_a_deployment_an_unhealthy_task_is_replaced_by_its_own_revision() {
    // The new revision is never healthy within its grace; an old task goes bad at 11 min.
    let two = ONE_TASK_AN_INSTANCE.replace(
        "memory: 512}",
        "memory: 512, healthCheck: {command: [CMD, ok], interval: 10}}",
    );
    let (ran, seen) = watch(&format!(
        "{two}
containerInstances: [{{instanceType: own, count: 6}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    healthCheckGracePeriodSeconds: 600
    deploymentConfiguration: {{minimumHealthyPercent: 100, maximumPercent: 300}}
deployments: [{{at: 20m, service: web, taskDefinition: 'web:2'}}]
taskBehaviors:
  - {{service: web, last: 1, unhealthy: {{after: 21m}}}}
  - {{service: web, taskDefinition: 'web:2', slowReadiness: {{after: 9m}}}}"
    ));
    // Two new ones at 20 min; the third check fails 21 min and 20 s after the start.
    assert_eq!(seen.moved("web", true), [0, 0, 1_200, 1_200, 1_280]);
    let revisions = ran.task_column("task_definition");
    assert_eq!(revisions, ["web:1", "web:1", "web:2", "web:2", "web:1"]);
    assert_eq!(seen.old_and_new("web").last(), Some(&(0, 2)));
}
