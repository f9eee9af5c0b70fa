//! Managed scaling of a capacity provider, minute by minute.

use super::{PROTECTED, provider, watch};

const MINUTE: u64 = 60_000;

#[test]
fn an_empty_group_without_tasks_stays_empty_at_100() {
    // G86: N 0, M 0: 100.
    let (_, seen) = watch(&provider("maxSize: 9", PROTECTED, ""));
    assert_eq!(seen.desired(), [(0, 0)]);
    assert_eq!(seen.minutes.len(), 179);
    let reservation = |at: u64| seen.minute(at).reservation.to_string();
    assert_eq!(reservation(MINUTE), "100");
}

#[test]
fn an_empty_group_begins_with_two_instances() {
    // G86: N 0, M 3: 200, whatever is needed two come first (RM#900).
    let tasks = "tasks: [{name: job, cpu: 1 vCPU, memory: 512, arrivals: {at: 90s, count: 1}}]";
    let (ran, seen) = watch(&provider("maxSize: 9", PROTECTED, tasks));
    assert_eq!(seen.desired()[..2], [(0, 0), (2 * MINUTE, 2)]);
    let minute = seen.minute(2 * MINUTE);
    assert_eq!((minute.running, minute.provisioning_tasks), (0, 1));
    assert_eq!(minute.reservation.to_string(), "200");
    // The task ran from then on; the instance too many goes after 15 minutes.
    assert_eq!(ran.task_column("placed_ms"), ["120000"]);
    assert_eq!(seen.desired()[2], (17 * MINUTE, 1));
}

#[test]
fn ten_tasks_of_which_one_waits_bring_a_fourth_instance_and_four_let_two_go() {
    // G90: three slots an instance, 3 instances, 7 tasks, then 10: M 4, 133.3, N 4.
    // G91: then 4 tasks are left on two instances: M 2, 66.6, N 2 after 15 low datapoints.
    let group =
        "minSize: 3, maxSize: 9, desiredCapacity: 3, newInstancesProtectedFromScaleIn: true,
      scheduledActions: [{at: 1m, minSize: 0}]";
    let rest = "tasks:
  - {name: first, cpu: 1 vCPU, memory: 512, arrivals: {at: 0s, count: 4}, placementStrategy: [{type: binpack, field: cpu}]}
  - {name: second, cpu: 1 vCPU, memory: 512, arrivals: {at: 1s, count: 3}, runtime: 60m, placementStrategy: [{type: binpack, field: cpu}]}
  - {name: third, cpu: 1 vCPU, memory: 512, arrivals: {at: 10m, count: 3}, runtime: 30m, placementStrategy: [{type: binpack, field: cpu}]}";
    let (_, seen) = watch(&provider(group, PROTECTED, rest));
    let at_rest = seen.minute(5 * MINUTE);
    assert_eq!((at_rest.running, at_rest.needed), (3, 3));
    assert_eq!(at_rest.reservation.to_string(), "100");
    let ten = seen.minute(10 * MINUTE);
    assert_eq!((ten.running, ten.needed, ten.provisioning_tasks), (3, 4, 1));
    assert_eq!(ten.reservation.to_string(), "133.333");
    assert_eq!(seen.desired()[1], (10 * MINUTE, 4));
    // From minute 60 on four tasks of `first` are left, on two instances.
    let left = seen.minute(61 * MINUTE);
    assert_eq!(left.needed, 2);
    let desired = seen.desired();
    assert_eq!(
        desired.last().map(|(_, desired)| *desired),
        Some(2),
        "{desired:?}"
    );
}

#[test]
fn target_50_keeps_as_many_spare_as_busy() {
    // G88: M 2, N 3, target 50: 4.
    let group =
        "minSize: 3, maxSize: 9, desiredCapacity: 3, newInstancesProtectedFromScaleIn: true,
      scheduledActions: [{at: 1s, minSize: 0}]";
    let cp = "managedScaling: {status: ENABLED, targetCapacity: 50},
        managedTerminationProtection: ENABLED";
    let rest = "tasks: [{name: job, cpu: 3 vCPU, memory: 512, arrivals: {at: 0s, count: 2}}]";
    let (_, seen) = watch(&provider(group, cp, rest));
    let first = seen.minute(MINUTE);
    assert_eq!((first.needed, first.running), (2, 3));
    assert_eq!(first.reservation.to_string(), "66.667");
    assert_eq!(seen.desired(), [(0, 3), (MINUTE, 4)]);
}

#[test]
fn an_instance_with_daemon_tasks_alone_counts_as_empty() {
    // G92; G89: M 0 of N 2 is 0, and both go, one a minute.
    let group = "minSize: 2, maxSize: 9, newInstancesProtectedFromScaleIn: true,
      scheduledActions: [{at: 1s, minSize: 0}]";
    let rest = "services:
  - {serviceName: agent, taskDefinition: web, schedulingStrategy: DAEMON, launchType: EC2}";
    let (ran, seen) = watch(&provider(group, PROTECTED, rest));
    let first = seen.minute(MINUTE);
    assert_eq!((first.needed, first.running), (0, 2));
    assert_eq!(first.reservation.to_string(), "0");
    assert_eq!(seen.desired(), [(0, 2), (15 * MINUTE, 1), (16 * MINUTE, 0)]);
    assert_eq!(ran.instance_column("end_reason"), ["scale-in", "scale-in"]);
}

#[test]
fn steps_bound_what_is_added() {
    // G93: the estimate is 3, the minimum step 5: 5 more. G94: 30, and at most 10 more.
    for (tasks, scaling, expected) in [
        (9, "minimumScalingStepSize: 5", 6),
        (90, "maximumScalingStepSize: 10", 11),
        (90, "minimumScalingStepSize: 1", 31),
    ] {
        let group = "minSize: 1, maxSize: 99, desiredCapacity: 1";
        let cp = format!("managedScaling: {{status: ENABLED, {scaling}}}");
        let rest = format!(
            "tasks:
  - {{name: full, cpu: 3 vCPU, memory: 512, arrivals: {{at: 0s, count: 1}}}}
  - {{name: job, cpu: 1 vCPU, memory: 512, arrivals: {{at: 1s, count: {tasks}}}}}"
        );
        let (_, seen) = watch(&provider(group, &cp, &rest));
        assert_eq!(seen.desired()[1], (MINUTE, expected), "{scaling}");
    }
}

#[test]
fn a_task_too_large_for_the_smallest_type_waits_and_changes_nothing() {
    // G95: excluded; the metric stays at the target.
    let text = provider(
        "minSize: 1, maxSize: 9, newInstancesProtectedFromScaleIn: true",
        PROTECTED,
        "capacityOptions: {provisioningTimeout: 30m}
tasks: [{name: job, cpu: 3 vCPU, memory: 512, arrivals: {at: 0s, count: 1}}, {name: big, cpu: 1 vCPU, memory: 2 GiB, arrivals: {at: 1s}}]",
    );
    let mixed = text
        .replace(
            "launchTemplate: {instanceType: own}",
            "mixedInstancesPolicy: {launchTemplate: {overrides: [{instanceType: own}, {instanceType: small}]}}",
        )
        .replace(
            "instanceTypes: [",
            "instanceTypes: [{instanceType: small, cpu: 3 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}, ",
        );
    let (ran, seen) = watch(&mixed);
    let minute = seen.minute(MINUTE);
    assert_eq!(minute.provisioning_tasks, 1);
    assert_eq!(minute.reservation.to_string(), "100");
    assert_eq!(seen.desired(), [(0, 1)]);
    assert_eq!(
        ran.task_column("last_status"),
        ["RUNNING", "STOPPED"],
        "it waits in PROVISIONING until it is given up"
    );
}

#[test]
fn no_second_increase_while_instances_warm_up() {
    // G96: launched 100 s ago, warm-up 300.
    let group = "minSize: 1, maxSize: 99";
    let cp = "managedScaling: {status: ENABLED, instanceWarmupPeriod: 300}";
    let rest = "tasks:
  - {name: full, cpu: 3 vCPU, memory: 512, arrivals: {at: 0s, count: 1}}
  - {name: one, cpu: 3 vCPU, memory: 512, arrivals: {at: 30s, count: 1}}
  - {name: two, cpu: 3 vCPU, memory: 512, arrivals: {at: 90s, count: 1}}";
    let (_, seen) = watch(&provider(group, cp, rest));
    assert_eq!(seen.desired(), [(0, 1), (MINUTE, 2), (6 * MINUTE, 3)]);
    let held = seen.minute(2 * MINUTE);
    assert_eq!(held.decision.name(), "held-back");
}

#[test]
fn a_warm_up_counts_from_the_time_in_service() {
    // Asked for at 6 min, RUNNING at 10 min, warm at 12 min. From a warm pool it is RUNNING at
    // once, and warm at 8 min.
    for (warm_pool, second) in [("", 7), (", warmPool: {minSize: 1}", 3)] {
        let group = format!("minSize: 1, maxSize: 99{warm_pool}");
        let cp = "managedScaling: {status: ENABLED, instanceWarmupPeriod: 120}";
        let rest = "tasks:
  - {name: full, cpu: 3 vCPU, memory: 512, arrivals: {at: 0s, count: 1}}
  - {name: one, cpu: 3 vCPU, memory: 512, arrivals: {at: 330s, count: 1}}
  - {name: two, cpu: 3 vCPU, memory: 512, arrivals: {at: 390s, count: 1}}";
        let text = provider(&group, cp, rest).replace(
            "latencies: {instant: true}",
            "latencies: {start: 0s, stop: 0s, instanceLaunch: 4m, agentRegistration: 0s, warmStart: 0s}",
        );
        let (_, seen) = watch(&text);
        let desired = [(0, 1), (6 * MINUTE, 2), ((5 + second) * MINUTE, 3)];
        assert_eq!(seen.desired(), desired, "{warm_pool}");
    }
}

#[test]
fn a_group_never_grows_beyond_its_maximum() {
    let rest = "tasks: [{name: job, cpu: 3 vCPU, memory: 512, arrivals: {at: 0s, count: 5}}]";
    let (ran, seen) = watch(&provider("maxSize: 3", PROTECTED_SHORT, rest));
    assert_eq!(seen.desired(), [(0, 0), (MINUTE, 2), (2 * MINUTE, 3)]);
    assert_eq!(ran.summary.tasks.running, 3);
}

/// As short a warm-up as there is.
const PROTECTED_SHORT: &str = "managedScaling: {status: ENABLED, instanceWarmupPeriod: 0}";
