//! Scale-in with and without managed draining and managed termination protection: the four rows of
//! the table of the Developer Guide.

use super::{Seen, provider, watch};
use crate::harness::Ran;

/// Three instances of which each hosts one task of the service and one standalone task; after an
/// hour the group is to have one.
fn scale_in(cp: &str, protected: bool) -> (Ran, Seen) {
    let group = format!(
        "minSize: 3, maxSize: 6, newInstancesProtectedFromScaleIn: {protected},
      scheduledActions: [{{at: 60m, minSize: 1, desiredCapacity: 1}}]"
    );
    let rest = "services: [{serviceName: web, taskDefinition: web, desiredCount: 3}]
tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30m, count: 3}, runtime: 40m, placementStrategy: [{type: spread, field: instanceId}]}]";
    watch(&provider(&group, cp, rest))
}

fn ends(ran: &Ran) -> Vec<String> {
    let mut ends = ran.instance_column("terminated_ms");
    ends.sort();
    ends
}

#[test]
fn with_draining_and_protection_only_empty_instances_go() {
    let cp = "managedScaling: {status: ENABLED}, managedTerminationProtection: ENABLED,
        managedDraining: ENABLED";
    let (ran, seen) = scale_in(cp, true);
    assert_eq!(ran.summary.tasks.interrupted, 0);
    assert!(
        seen.changes.is_empty(),
        "no busy instance drains: {:?}",
        seen.changes
    );
    assert_eq!(ends(&ran), ["", "", ""], "a task of the service is on each");
}

#[test]
fn with_draining_alone_any_instance_goes_once_its_tasks_have_moved_or_ended() {
    let cp = "managedScaling: {status: ENABLED}, managedDraining: ENABLED";
    let (ran, _) = scale_in(cp, false);
    assert_eq!(ran.summary.tasks.interrupted, 0);
    // Tasks of the service move at once; the standalone ones end at minute 70.
    let ended = ends(&ran);
    assert_eq!(
        ended.iter().filter(|at| *at == "4200000").count(),
        2,
        "{ended:?}"
    );
    let rows = ran
        .task_column("group")
        .into_iter()
        .zip(ran.task_column("last_status"));
    let running = rows.filter(|(group, status)| group == "service:web" && status == "RUNNING");
    assert_eq!(running.count(), 3);
}

#[test]
fn with_protection_alone_only_empty_instances_go() {
    let cp = "managedScaling: {status: ENABLED}, managedTerminationProtection: ENABLED,
        managedDraining: DISABLED";
    let (ran, _) = scale_in(cp, true);
    assert_eq!(ran.summary.tasks.interrupted, 0);
    assert_eq!(ends(&ran), ["", "", ""]);
}

#[test]
fn with_neither_any_instance_ends_at_once_and_its_tasks_are_lost() {
    let cp = "managedScaling: {status: ENABLED}, managedDraining: DISABLED";
    let (ran, seen) = scale_in(cp, false);
    assert!(seen.changes.is_empty());
    // Two instances with one task of the service and one standalone each.
    assert_eq!(ran.summary.tasks.interrupted, 4);
    let ended = ends(&ran);
    assert!(ended.contains(&"3600000".to_owned()), "{ended:?}");
}

#[test]
fn a_lifecycle_hook_drains_for_as_long_as_it_waits() {
    let group = "minSize: 1, maxSize: 6, terminationHook: {heartbeatTimeout: 5m},
      scheduledActions: [{at: 60m, minSize: 0, desiredCapacity: 0}]";
    let cp = "managedScaling: {status: DISABLED}, managedDraining: DISABLED";
    let rest = "tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30m, count: 1}, runtime: 40m}]";
    let (ran, seen) = watch(&provider(group, cp, rest));
    assert_eq!(seen.changes, [(3_600_000, 0)]);
    assert_eq!(ends(&ran), ["3900000"]);
    assert_eq!(ran.summary.tasks.interrupted, 1);
}

#[test]
fn managed_draining_waits_for_48_hours_at_most() {
    let group =
        "minSize: 1, maxSize: 6, scheduledActions: [{at: 60m, minSize: 0, desiredCapacity: 0}]";
    let cp = "managedScaling: {status: ENABLED}, managedDraining: ENABLED";
    let rest = "tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 30m, count: 1}}]";
    let text = provider(group, cp, rest).replace("duration: 3h", "duration: 60h");
    let (ran, seen) = watch(&text);
    assert_eq!(seen.changes, [(3_600_000, 0)]);
    assert_eq!(ends(&ran), [(49 * 3_600_000_u64).to_string()]);
}
