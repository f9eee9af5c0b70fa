//! Requests, utilization, and which tasks receive them.

use super::{Seen, watch};

/// One task of 512 CPU units and 1,024 MiB alone on an instance like a c4.large, with what a task
/// uses without requests. Its utilization in thousandths of a percent.
fn utilization(definition: &str, request: &str) -> (Option<u64>, Option<u64>) {
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 2048, memory: 3768, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    {definition}
containerInstances: [{{instanceType: own}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 1
    load: {{requestsPerSecond: 0, request: {{{request}}}}}"
    ));
    let (_, minute) = seen.minutes[0];
    (minute.cpu_utilization, minute.memory_utilization)
}

const BY_CONTAINER: &str =
    "containerDefinitions: [{name: app, image: 'web:1', cpu: 512, memory: 1024}]";

#[test]
fn utilization_is_what_is_used_over_what_the_definition_asks_for() {
    // G26: all of the instance's CPU is four times the definition's, half the memory.
    let all = utilization(BY_CONTAINER, "cpuIdle: 2048, memoryIdle: 512, maxCpu: 2049");
    assert_eq!(all, (Some(400_000), Some(50_000)));
    // G27.
    let little = utilization(BY_CONTAINER, "cpuIdle: 128, memoryIdle: 128");
    assert_eq!(little, (Some(25_000), Some(12_500)));
}

#[test]
fn memory_utilization_is_of_the_soft_limit() {
    let soft = "containerDefinitions:
      - {name: app, image: 'web:1', cpu: 512, memory: 1024, memoryReservation: 256}";
    let (_, memory) = utilization(soft, "memoryIdle: 512");
    assert_eq!(memory, Some(200_000));
}

/// Requests beyond the CPU of a task: 30 a second of 100 ms each.
fn busy(definition: &str) -> Option<u64> {
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 2048, memory: 3768, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    {definition}
containerInstances: [{{instanceType: own}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 1
    load: {{requestsPerSecond: 30, request: {{cpuTime: 100ms, maxCpu: 2048}}}}"
    ));
    seen.minutes[0].1.cpu_utilization
}

#[test]
fn only_a_task_level_size_keeps_cpu_utilization_at_100_percent() {
    assert_eq!(busy(BY_CONTAINER), Some(400_000));
    let by_task = "cpu: 512
    memory: 1024
    containerDefinitions: [{name: app, image: 'web:1'}]";
    assert_eq!(busy(by_task), Some(100_000));
}

#[test]
fn reservation_is_what_is_reserved_over_what_is_registered() {
    // G25: 55 % of CPU and 60 % of memory.
    let (ran, _) = watch(
        "instanceTypes:
  - {instanceType: big, cpu: 16384, memory: 30158, onDemandUsdPerHour: 1}
  - {instanceType: small, cpu: 2048, memory: 3768, onDemandUsdPerHour: 1}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 1024, memory: 2048}]}
containerInstances: [{instanceType: big}, {instanceType: small}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 10}]",
    );
    let last = |name: &str| {
        let mut column = ran.series(name);
        column.pop().and_then(|value| value.parse::<u64>().ok())
    };
    let percent = |what: &str| {
        let part = last(&format!("reserved_{what}"));
        let whole = last(&format!("registered_{what}"));
        part.zip(whole).map(|(part, whole)| part * 100 / whole)
    };
    assert_eq!((percent("cpu"), percent("memory")), (Some(55), Some(60)));
}

/// A service behind a load balancer; a request takes 100 ms of a task's one vCPU.
fn balanced(group: &str, desired: u32, keys: &str, load: &str, rest: &str) -> Seen {
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 4 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own}}]
targetGroups: [{{targetGroupName: web, {group}}}]
loadBalancers:
  - loadBalancerName: public
    type: application
    defaultTargetGroupName: web
    load: {{{load}}}
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: {desired}
    loadBalancers: [{{targetGroupName: web, containerName: app, containerPort: 80}}]
    load: {{request: {{cpuTime: 100ms}}}}
    {keys}
{rest}"
    ));
    seen
}

/// Requests lost in each minute, whole ones.
fn lost(seen: &Seen) -> Vec<u64> {
    let minutes = seen.minutes.iter();
    minutes.map(|(_, minute)| minute.lost / 1_000_000).collect()
}

#[test]
fn requests_to_a_dead_target_are_lost_until_it_is_found_out() {
    // Of two tasks one dies at 301 s; its checks of 330 and 360 s fail.
    let seen = balanced(
        "",
        2,
        "",
        "requestsPerSecond: 8",
        "taskBehaviors: [{service: web, last: 1, unhealthy: {after: 301s}}]",
    );
    // Four a second for 59 s.
    let lost = lost(&seen);
    assert_eq!(lost[5], 4 * 59);
    assert_eq!(lost.iter().sum::<u64>(), 4 * 59);
}

#[test]
fn when_all_targets_are_unhealthy_all_receive_requests() {
    // Both answer from 300 s on, and are healthy again only with the check of 420 s.
    let seen = balanced(
        "",
        2,
        "healthCheckGracePeriodSeconds: 6000",
        "requestsPerSecond: 8",
        "taskBehaviors: [{service: web, slowReadiness: {after: 5m}}]",
    );
    assert_eq!(lost(&seen)[..8], [480, 480, 480, 480, 480, 0, 0, 0]);
    // With one of them healthy the other one receives none.
    let seen = balanced(
        "",
        2,
        "healthCheckGracePeriodSeconds: 6000",
        "requestsPerSecond: 8",
        "taskBehaviors: [{service: web, first: 2, slowReadiness: {after: 5m}}]",
    );
    let receiving: Vec<u64> = seen
        .minutes
        .iter()
        .map(|(_, minute)| minute.receiving_targets)
        .collect();
    assert_eq!(
        receiving[..8],
        [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 2_000]
    );
    assert_eq!(lost(&seen).iter().sum::<u64>(), 0);
}

#[test]
fn a_target_in_slow_start_receives_less_than_its_share() {
    // At 10 min the load doubles and a second task comes: together they can do it.
    let run = |group: &str| {
        let seen = balanced(
            group,
            1,
            "",
            "steps: [{at: 0s, requestsPerSecond: 9}, {at: 10m, requestsPerSecond: 18}]",
            "deployments: [{at: 10m, service: web, desiredCount: 2}]",
        );
        lost(&seen)
    };
    assert_eq!(run("").iter().sum::<u64>(), 0);
    let lost = run("slowStart: 2m");
    assert_eq!(lost[..10].iter().sum::<u64>(), 0);
    assert!(lost[10] > lost[11] && lost[11] > 0, "{lost:?}");
    assert_eq!(lost[12..].iter().sum::<u64>(), 0);
}

#[test]
fn a_target_that_is_deregistered_receives_nothing_more() {
    let seen = balanced(
        "deregistrationDelay: 5m",
        2,
        "",
        "requestsPerSecond: 8",
        "deployments: [{at: 10m, service: web, desiredCount: 1}]",
    );
    let receiving = |minute: usize| seen.minutes[minute].1.receiving_targets;
    assert_eq!(
        [receiving(9), receiving(10), receiving(14)],
        [2_000, 1_000, 1_000]
    );
    assert_eq!(lost(&seen).iter().sum::<u64>(), 0);
}

#[test]
fn requests_without_any_task_are_lost() {
    let seen = balanced(
        "",
        1,
        "createdAt: 10m",
        "requestsPerSecond: 2",
        "deployments: [{at: 20m, service: web, desiredCount: 0}]",
    );
    let lost = lost(&seen);
    let last = lost.len() - 1;
    assert_eq!((lost[lost.len() - 2], lost[last]), (120, 120));
}
