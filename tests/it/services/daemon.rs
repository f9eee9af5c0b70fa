//! DAEMON services.

use ecs_sim::control::RolloutState;

use super::{Seen, watch};

/// A daemon and, if asked for, a service of one vCPU tasks on three instances of two vCPUs.
fn daemon(keys: &str, services: &str, rest: &str) -> Seen {
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 2 vCPU, memory: 4 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: agent, containerDefinitions: [{{name: app, image: 'a:1', cpu: 1024, memory: 64}}]}}
  - {{family: agent, containerDefinitions: [{{name: app, image: 'a:2', cpu: 1024, memory: 64}}]}}
  - {{family: web, containerDefinitions: [{{name: app, image: 'w:1', cpu: 1024, memory: 64}}]}}
containerInstances:
  - {{instanceType: own, count: 2, attributes: {{stack: prod}}}}
  - {{instanceType: own, attributes: {{stack: test}}}}
services:
  - serviceName: agent
    taskDefinition: 'agent:1'
    schedulingStrategy: DAEMON
    {keys}
{services}
{rest}"
    ));
    seen
}

#[test]
fn a_daemon_has_a_task_on_each_instance_that_satisfies_its_constraints() {
    let seen = daemon("", "", "");
    assert_eq!(seen.last_places("agent", 3), [1, 1, 1]);
    assert_eq!(seen.desired(), [(0, 3)]);
    let prod = "placementConstraints: [{type: memberOf, expression: 'attribute:stack == prod'}]";
    let seen = daemon(prod, "", "");
    assert_eq!(seen.last_places("agent", 3), [1, 1, 0]);
    assert_eq!(seen.desired(), [(0, 2)]);
}

#[test]
fn daemons_are_placed_ahead_of_replicas() {
    // Six places, three of them the daemon's, whatever the order of the file.
    let web = "  - {serviceName: web, taskDefinition: web, desiredCount: 6}";
    let seen = daemon("", web, "");
    assert_eq!(seen.last_places("agent", 3), [1, 1, 1]);
    assert_eq!(seen.last_places("web", 3), [1, 1, 1]);
}

#[test]
fn a_daemon_updates_by_stopping_first_all_at_once() {
    // 0 and 100 percent are the defaults.
    let update = "deployments: [{at: 10m, service: agent, taskDefinition: 'agent:2'}]";
    let seen = daemon("", "", update);
    assert_eq!(seen.old_and_new("agent"), [(3, 0), (0, 0), (0, 3)]);
    assert_eq!(seen.rollout(2), RolloutState::Completed);
}

#[test]
fn a_daemon_with_a_lower_limit_updates_in_steps() {
    // Two of three stay healthy: one at a time, 40 s apart.
    let update = "deployments: [{at: 10m, service: agent, taskDefinition: 'agent:2'}]";
    let keys = "deploymentConfiguration: {minimumHealthyPercent: 50, maximumPercent: 100}";
    let seen = daemon(keys, "", update);
    assert_eq!(seen.moved("agent", false), [600, 640, 680]);
    assert_eq!(seen.moved("agent", true), [0, 0, 0, 600, 640, 680]);
    assert_eq!(seen.last_places("agent", 3), [1, 1, 1]);
}

#[test]
fn a_daemon_at_100_and_200_starts_beside_the_old_task_before_that_stops() {
    let update = "deployments: [{at: 10m, service: agent, taskDefinition: 'agent:2'}]";
    let keys = "deploymentConfiguration: {minimumHealthyPercent: 100, maximumPercent: 200}";
    let seen = daemon(keys, "", update);
    assert_eq!(seen.old_and_new("agent"), [(3, 0), (3, 3), (0, 3)]);
    assert_eq!(seen.moved("agent", false), [640, 640, 640]);
}

#[test]
fn a_daemon_at_100_and_100_is_stuck_and_says_so() {
    let update = "deployments: [{at: 10m, service: agent, taskDefinition: 'agent:2'}]";
    let keys = "deploymentConfiguration: {minimumHealthyPercent: 100, maximumPercent: 100}";
    let seen = daemon(keys, "", update);
    assert_eq!(seen.old_and_new("agent"), [(3, 0)]);
    assert_eq!(seen.rollout(2), RolloutState::InProgress);
    let said = seen.said("because of the service deployment configuration");
    assert_eq!(said.len(), 1);
}

#[test]
fn a_daemon_whose_task_ends_is_started_again_where_it_was() {
    let seen = daemon(
        "",
        "",
        "taskBehaviors: [{service: agent, first: 2, last: 2, exit: {after: 10m}}]",
    );
    assert_eq!(seen.moved("agent", true), [0, 0, 0, 600]);
    assert_eq!(seen.last_places("agent", 3), [1, 1, 1]);
}

#[test]
fn a_daemon_waits_for_room_and_takes_it_when_it_comes_free() {
    // Two jobs fill the first instance before the daemon is created.
    let seen = daemon(
        "createdAt: 5m",
        "",
        "tasks:
  - {name: job, cpu: 1024, memory: 64, arrivals: {at: 0s, count: 2}, runtime: 20m,
     placementStrategy: [{type: binpack, field: cpu}]}",
    );
    assert_eq!(seen.moved("agent", true), [300, 300, 1_200]);
    assert_eq!(seen.said("unable to place a task").len(), 1);
}

#[test]
fn no_daemon_starts_on_an_instance_that_drains() {
    let seen = daemon(
        "createdAt: 5m",
        "",
        "incidents: [{at: 1m, duration: 9m, containerInstancesDraining: [1]}]",
    );
    assert_eq!(seen.moved("agent", true), [300, 300, 600]);
    assert_eq!(seen.desired(), [(300, 2), (600, 3)]);
}
