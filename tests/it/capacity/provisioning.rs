//! Tasks that wait in PROVISIONING for their capacity provider.

use super::{PROTECTED, provider, watch};
use crate::harness::run;

#[test]
fn tasks_wait_in_provisioning_until_an_instance_comes() {
    let text = provider(
        "maxSize: 9",
        PROTECTED,
        "tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30s, count: 3}, runtime: 10m}]",
    )
    .replace(
        "latencies: {instant: true}",
        "latencies: {start: 0s, stop: 0s, instanceLaunch: 20s, agentRegistration: 40s}",
    );
    let (ran, _) = watch(&text);
    // Asked for at 60 s, RUNNING at 80 s, registered at 120 s.
    assert_eq!(ran.task_column("placed_ms"), ["120000"; 3]);
    assert_eq!(ran.task_column("capacity_provider"), ["cp"; 3]);
    assert_eq!(ran.instance_column("launched_ms"), ["80000"; 2]);
    assert_eq!(ran.instance_column("registered_ms"), ["120000"; 2]);
}

#[test]
fn the_501st_waiting_task_is_refused() {
    // G23: the call raises ClientException.
    let tasks = "tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30s, count: 501}}]";
    let ran = run(&provider("maxSize: 1", PROTECTED, tasks));
    let statuses = ran.task_column("last_status");
    assert_eq!(statuses[500], "NOT_PLACED");
    assert!(
        ran.task_column("stopped_reason")[500].starts_with("ClientException"),
        "{:?}",
        ran.task_column("stopped_reason")[500]
    );
    let refused = statuses.iter().filter(|status| **status == "NOT_PLACED");
    assert_eq!(refused.count(), 1);
}

#[test]
fn a_service_says_that_the_provisioning_limit_is_exceeded() {
    // G23.
    let rest = "capacityOptions: {provisioningLimit: 3}
services: [{serviceName: web, taskDefinition: web, desiredCount: 5}]";
    let ran = run(&provider("maxSize: 1", PROTECTED, rest));
    let said = ran.run.services[0].events.iter();
    let messages: Vec<String> = said
        .map(|row| ran.run.event_message(&ran.run.services[0], row))
        .collect();
    assert!(
        messages.iter().any(|message| message
            == "service (web) was unable to place tasks in your cluster because the tasks \
                provisioning capacity limit was exceeded."),
        "{messages:?}"
    );
}

#[test]
fn a_task_that_gets_no_capacity_in_time_is_stopped() {
    // G24: a provider with no registered instance: EMPTY CAPACITY PROVIDER. The time is a choice
    // within the 10 to 30 minutes that AWS says.
    let rest = "incidents: [{at: 0s, onDemandCapacityRefused: {}}]
tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30s}}]";
    let (ran, seen) = watch(&provider("maxSize: 9", PROTECTED, rest));
    assert_eq!(ran.task_column("stopped_ms"), ["1230000"]);
    assert_eq!(ran.task_column("stop_code"), ["TaskFailedToStart"]);
    assert_eq!(
        ran.task_column("stopped_reason"),
        ["TaskFailedToStart: EMPTY CAPACITY PROVIDER"]
    );
    assert_eq!(ran.summary.tasks.failed, 1);
    // The group tried every minute.
    assert_eq!(seen.failures[..3], [60_000, 120_000, 180_000]);
}

#[test]
fn a_service_tries_again_after_its_task_was_given_up() {
    let rest = "incidents: [{at: 0s, duration: 30m, onDemandCapacityRefused: {}}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]";
    let ran = run(&provider("maxSize: 9", PROTECTED, rest));
    assert_eq!(ran.task_column("last_status"), ["STOPPED", "RUNNING"]);
    assert_eq!(ran.task_column("submitted_ms"), ["0", "1200000"]);
    assert_eq!(ran.task_column("placed_ms"), ["", "1800000"]);
}

#[test]
fn a_provider_without_managed_scaling_refuses_as_run_task_does() {
    let rest = "tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30s, count: 4}}]";
    let cp = "managedScaling: {status: DISABLED}";
    let ran = run(&provider("minSize: 1, maxSize: 9", cp, rest));
    let mut statuses = ran.task_column("last_status");
    statuses.sort();
    assert_eq!(statuses, ["NOT_PLACED", "RUNNING", "RUNNING", "RUNNING"]);
    assert_eq!(ran.summary.placement.failures["RESOURCE:CPU"], 1);
}

#[test]
fn without_managed_scaling_clients_may_wait_for_room() {
    let rest = "tasks: [{name: job, cpu: 1 vCPU, memory: 512, runtime: 10m, whenFull: queue,
  arrivals: {at: 30s, count: 4}}]";
    let cp = "managedScaling: {status: DISABLED}";
    let ran = run(&provider("minSize: 1, maxSize: 9", cp, rest));
    assert_eq!(ran.summary.tasks.not_placed, 0);
    // Three find room at once, the fourth when one of them has ended.
    let mut placed = ran.task_column("placed_ms");
    placed.sort();
    assert_eq!(placed, ["30000", "30000", "30000", "630000"]);
}

#[test]
fn a_service_that_scales_in_stops_what_waits_first() {
    let rest = "services: [{serviceName: web, taskDefinition: web, desiredCount: 6}]
deployments: [{at: 10m, service: web, desiredCount: 3}]";
    let ran = run(&provider("minSize: 1, maxSize: 1", PROTECTED, rest));
    let running = ran.task_column("last_status");
    assert_eq!(running[..3], ["RUNNING", "RUNNING", "RUNNING"]);
    assert_eq!(running[3..], ["STOPPED", "STOPPED", "STOPPED"]);
    assert_eq!(ran.task_column("placed_ms")[3..], ["", "", ""]);
}
