//! How tasks of services are stopped: deregistration, stop signal, kill.

use super::{Seen, watch_text};

/// A service of one task behind a load balancer that is scaled to none after ten minutes. What
/// minds the stop signal ends after 10 s.
fn stopped(group: &str, container: &str, rest: &str) -> Seen {
    let (_, seen) = watch_text(&format!(
        "duration: 1h
latencies: {{start: 20s, stop: 10s}}
instanceTypes: [{{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512, {container}}}]
containerInstances: [{{instanceType: own}}]
targetGroups: [{{targetGroupName: web, {group}}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 1
    loadBalancers: [{{targetGroupName: web, containerName: app, containerPort: 80}}]
{rest}"
    ));
    seen
}

const TO_NONE: &str = "deployments: [{at: 10m, service: web, desiredCount: 0}]";

#[test]
fn a_task_behind_a_load_balancer_is_deregistered_for_300_s_and_then_stopped() {
    // G126: up to 300 s, then the stop signal, then at most 30 s.
    let seen = stopped("", "", TO_NONE);
    let life = [
        (0, "PENDING"),
        (20_000, "RUNNING"),
        (600_000, "DEACTIVATING"),
        (900_000, "STOPPING"),
        (910_000, "STOPPED"),
    ];
    assert_eq!(seen.life("web", 1), life);
}

#[test]
fn a_task_that_ignores_the_stop_signal_is_killed_after_its_stop_timeout() {
    // G126 at its longest, then the container's own stopTimeout, then the agent's setting.
    let ignores = format!("taskBehaviors: [{{service: web, ignoreSigterm: true}}]\n{TO_NONE}");
    let agent = format!("agentSettings: {{containerStopTimeout: 60s}}\n{ignores}");
    for (container, rest, expected) in [
        ("", &ignores, 930_000),
        ("stopTimeout: 100", &ignores, 1_000_000),
        ("stopTimeout: 5", &ignores, 905_000),
        ("", &agent, 960_000),
        ("stopTimeout: 100", &agent, 1_000_000),
    ] {
        let seen = stopped("", container, rest);
        let end = seen.life("web", 1).last().copied();
        assert_eq!(end, Some((expected, "STOPPED")), "{container}");
    }
}

#[test]
fn a_stop_timeout_shortens_a_slow_end_and_lengthens_none() {
    for (container, expected) in [("stopTimeout: 2", 902_000), ("stopTimeout: 100", 910_000)] {
        let rest = format!("images: [{{name: 'web:1', size: 0 MB}}]\n{TO_NONE}");
        let seen = stopped("", container, &rest);
        let end = seen.life("web", 1).last().copied();
        assert_eq!(end, Some((expected, "STOPPED")), "{container}");
    }
}

#[test]
fn the_deregistration_delay_is_the_target_groups() {
    for (group, expected) in [
        ("deregistrationDelay: 30s", 640_000),
        ("deregistrationDelay: 0s", 610_000),
        ("deregistrationDelay: 1h", 0),
    ] {
        let seen = stopped(group, "", TO_NONE);
        let end = seen.life("web", 1).last().copied();
        // An hour is longer than the run.
        let expected = match expected {
            0 => (600_000, "DEACTIVATING"),
            at => (at, "STOPPED"),
        };
        assert_eq!(end, Some(expected), "{group}");
    }
}

#[test]
fn a_task_that_never_ran_is_not_deregistered() {
    let early = "deployments: [{at: 5s, service: web, desiredCount: 0}]";
    let seen = stopped("", "", early);
    let life = [(0, "PENDING"), (5_000, "STOPPING"), (15_000, "STOPPED")];
    assert_eq!(seen.life("web", 1), life);
}

#[test]
fn a_task_that_ends_by_itself_does_not_wait_for_its_deregistration() {
    let exits = "taskBehaviors: [{service: web, last: 1, exit: {after: 60s}}]";
    let seen = stopped("", "", exits);
    let life = &seen.life("web", 1)[3..];
    assert_eq!(life, [(80_000, "STOPPING"), (90_000, "STOPPED")]);
}

#[test]
fn a_draining_target_keeps_its_place_on_the_instance() {
    // The instance holds one task: the new revision has to wait for the whole of the old one's end.
    let seen = stopped(
        "",
        "",
        "deployments:
  - {at: 10m, service: web, forceNewDeployment: true,
     deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}}",
    );
    assert_eq!(seen.moved("web", false), [600]);
    assert_eq!(seen.moved("web", true), [0, 910]);
}

#[test]
fn containers_stop_in_the_reverse_order_of_their_start() {
    let (_, seen) = watch_text(
        "duration: 1h
latencies: {start: 0s, stop: 10s}
instanceTypes: [{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}]
taskDefinitions:
  - family: web
    containerDefinitions:
      - {name: db, image: 'db:1', memory: 256}
      - {name: app, image: 'web:1', memory: 256,
         dependsOn: [{containerName: db, condition: START}]}
containerInstances: [{instanceType: own}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]
deployments: [{at: 10m, service: web, desiredCount: 0}]",
    );
    // Without a load balancer there is no DEACTIVATING.
    let end = seen.life("web", 1).iter().rev().take(2);
    let end: Vec<(u64, &str)> = end.copied().collect();
    assert_eq!(end, [(620_000, "STOPPED"), (600_000, "STOPPING")]);
}

#[test]
fn pending_tasks_on_a_draining_instance_stop_at_once_and_running_ones_are_replaced() {
    let (_, seen) = watch_text(
        "duration: 1h
latencies: {start: 20s, stop: 0s}
instanceTypes: [{instanceType: own, cpu: 2 vCPU, memory: 2 GiB, onDemandUsdPerHour: 1}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 1024, memory: 512}]}
containerInstances: [{instanceType: own, count: 2}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 1
    placementStrategy: [{type: binpack, field: cpu}]
    availabilityZoneRebalancing: DISABLED
deployments: [{at: 10m, service: web, desiredCount: 2}]
incidents: [{at: 605s, containerInstancesDraining: [0]}]",
    );
    // The second was on its way: it stops at once, though the first one has to wait until both
    // replacements are healthy, 20 s and 40 s later.
    assert_eq!(seen.asked_to_stop("web", 2), Some(605));
    assert_eq!(seen.moved("web", true), [0, 600, 605, 605]);
    assert_eq!(seen.asked_to_stop("web", 1), Some(665));
    assert_eq!(seen.last_places("web", 2), [0, 2]);
}

#[test]
fn draining_that_ends_makes_the_instance_active_again() {
    let (_, seen) = watch_text(
        "duration: 1h
latencies: {instant: true}
instanceTypes: [{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 1024, memory: 512}]}
containerInstances: [{instanceType: own}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]
incidents: [{at: 10m, duration: 10m, containerInstancesDraining: [0]}]
deployments:
  - {at: 15m, service: web, forceNewDeployment: true,
     deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}}",
    );
    assert_eq!(seen.moved("web", false), [900]);
    // Nothing is placed on it while it drains.
    assert_eq!(seen.moved("web", true), [0, 1_200]);
}
