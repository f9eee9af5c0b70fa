//! Desired counts, placement, scale-in, protection, draining, daemons, rebalancing.

use ecs_sim::control::RolloutState;

use super::{ONE_TASK_AN_INSTANCE, watch};

/// Instances with room for four tasks of `web`, by zone.
fn roomy(zones: &[(&str, u32)], rest: &str) -> String {
    let fleet: Vec<String> = zones
        .iter()
        .map(|(zone, count)| {
            format!("{{instanceType: own, count: {count}, availabilityZones: [us-east-1{zone}]}}")
        })
        .collect();
    format!(
        "instanceTypes: [{{instanceType: own, cpu: 4 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]}}
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:2', cpu: 1024, memory: 512}}]}}
containerInstances: [{}]
{rest}",
        fleet.join(", ")
    )
}

#[test]
fn the_default_prefers_the_zone_and_then_the_instance_with_the_fewest_tasks() {
    // G28: zone a has two instances and b one; of four tasks two go to each.
    let (_, seen) = watch(&roomy(
        &[("a", 2), ("b", 1)],
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 4}]",
    ));
    assert_eq!(seen.last_places("web", 3), [1, 1, 2]);
}

#[test]
fn a_service_reaches_its_desired_count_and_a_steady_state() {
    let (ran, seen) = watch(&roomy(
        &[("a", 1)],
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 3}]",
    ));
    assert_eq!(
        seen.said("has reached a steady state."),
        [(40_000, "has reached a steady state.")]
    );
    assert_eq!(seen.rollout(1), RolloutState::Completed);
    assert_eq!(ran.task_column("task_id"), ["web/1", "web/2", "web/3"]);
    assert_eq!(ran.task_column("group"), ["service:web"; 3]);
}

#[test]
fn without_any_check_a_task_counts_as_healthy_after_forty_seconds() {
    // G68.
    let (_, seen) = watch(&roomy(
        &[("a", 1)],
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 1}]",
    ));
    let healthy: Vec<(u64, u32)> = seen
        .counts
        .iter()
        .map(|(at, _, counts)| (*at, counts.healthy))
        .collect();
    assert_eq!(healthy, [(0, 0), (40_000, 1)]);
}

/// A service that is scaled in by one after ten minutes under a chain of strategies.
fn scaled_in(zones: &[(&str, u32)], desired: u32, chain: &str) -> Vec<u32> {
    let (_, seen) = watch(&roomy(
        zones,
        &format!(
            "services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: {desired}
    availabilityZoneRebalancing: DISABLED
    placementStrategy: [{chain}]
deployments: [{{at: 10m, service: web, desiredCount: {}}}]",
            desired - 1
        ),
    ));
    let instances = zones.iter().map(|(_, count)| count).sum();
    seen.last_places("web", instances)
}

#[test]
fn scale_in_takes_from_the_fullest_zone() {
    // G33: zones 3 and 2.
    let zone = "{type: spread, field: 'attribute:ecs.availability-zone'}";
    assert_eq!(scaled_in(&[("a", 1), ("b", 1)], 5, zone), [2, 2]);
}

#[test]
fn scale_in_under_binpack_stops_where_the_most_will_be_free() {
    // G32: five tasks pack as 4 and 1; the lone one goes.
    let pack = "{type: binpack, field: cpu}";
    assert_eq!(scaled_in(&[("a", 2)], 5, pack), [4, 0]);
}

#[test]
fn a_lost_zone_is_replaced_elsewhere_and_rebalanced_when_it_is_back() {
    let (_, seen) = watch(&roomy(
        &[("a", 1), ("b", 1)],
        "services:
  - {serviceName: web, taskDefinition: 'web:1', desiredCount: 4}
incidents: [{at: 10m, duration: 30m, availabilityZoneLost: us-east-1b}]",
    ));
    // Instance 1 is lost, all run on 0; instance 2 is its successor.
    let at = |minute: u64| {
        let before = seen
            .steps
            .iter()
            .rev()
            .find(|step| step.at <= minute * 60_000);
        let instances = &before.expect("a step").instances;
        let count = |on| instances.get(&("service:web".to_owned(), on)).copied();
        [0, 1, 2].map(|on| count(on).unwrap_or(0))
    };
    assert_eq!(at(9), [2, 2, 0]);
    assert_eq!(at(11), [4, 0, 0]);
    assert_eq!(at(60), [2, 0, 2]);
    assert_eq!(seen.said("Availability Zone rebalancing").len(), 2);
}

#[test]
fn rebalancing_starts_in_the_thin_zone_before_it_stops_in_the_other() {
    // G50: two tasks in one zone; when the other zone is back, one moves.
    let (_, seen) = watch(&roomy(
        &[("a", 1), ("b", 1)],
        "services:
  - {serviceName: web, taskDefinition: 'web:1', desiredCount: 2}
incidents: [{at: 10m, duration: 10m, availabilityZoneLost: us-east-1b}]",
    ));
    let totals: Vec<u32> = seen
        .steps
        .iter()
        .filter(|step| step.at >= 20 * 60_000)
        .map(|step| step.instances.values().sum())
        .collect();
    assert_eq!(totals, [3, 2]);
    assert_eq!(seen.last_places("web", 3), [1, 0, 1]);
}

#[test]
fn rebalancing_is_off_at_a_maximum_of_100_percent() {
    // G53.
    let (_, seen) = watch(&roomy(
        &[("a", 1), ("b", 1)],
        "services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    deploymentConfiguration: {minimumHealthyPercent: 0, maximumPercent: 100}
incidents: [{at: 10m, duration: 10m, availabilityZoneLost: us-east-1b}]",
    ));
    assert_eq!(seen.last_places("web", 3), [2, 0, 0]);
}

/// A service whose four tasks fill two instances of two, and two more instances with room; the
/// first instance drains from 10 min on.
fn draining(minimum: u32, maximum: u32) -> super::Seen {
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 4 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own, count: 2}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 4
    availabilityZoneRebalancing: DISABLED
    placementStrategy: [{{type: binpack, field: cpu}}]
    deploymentConfiguration: {{minimumHealthyPercent: {minimum}, maximumPercent: {maximum}}}
incidents: [{{at: 10m, containerInstancesDraining: [0]}}]"
    ));
    seen
}

/// Runs of starts (+) and stops (-) from 10 min on.
fn moves(seen: &super::Seen) -> Vec<i32> {
    let mut runs: Vec<((u64, bool), i32)> = Vec::new();
    for (at, starts, ..) in seen.moves.iter().filter(|(at, ..)| *at >= 600_000) {
        let step = if *starts { 1 } else { -1 };
        match runs.last_mut() {
            Some((key, count)) if *key == (*at, *starts) => *count += step,
            _ => runs.push(((*at, *starts), step)),
        }
    }
    runs.into_iter().map(|(_, count)| count).collect()
}

#[test]
fn draining_at_50_percent_stops_two_before_two_start() {
    // G62.
    assert_eq!(moves(&draining(50, 100)), [-2, 2, -2, 2]);
}

#[test]
fn draining_at_100_and_200_starts_four_elsewhere_and_then_stops_four() {
    // G63.
    let seen = draining(100, 200);
    assert_eq!(moves(&seen), [4, -4]);
    assert_eq!(seen.last_places("web", 2), [0, 4]);
}

#[test]
fn draining_at_100_and_100_never_finishes() {
    // G64.
    let seen = draining(100, 100);
    assert_eq!(moves(&seen), [0; 0]);
    assert_eq!(seen.last_places("web", 2), [4, 0]);
}

#[test]
fn a_standalone_task_stays_on_a_draining_instance() {
    // G65.
    let (ran, _) = watch(&roomy(
        &[("a", 2)],
        "tasks: [{name: job, taskDefinition: 'web:1', arrivals: {at: 0s}}]
incidents: [{at: 10m, containerInstancesDraining: [0, 1]}]",
    ));
    assert_eq!(ran.task_column("last_status"), ["RUNNING"]);
}

#[test]
fn a_daemon_runs_on_every_instance_and_stops_last_where_one_drains() {
    // G78: three instances, one comes back and makes a fourth task.
    let (_, seen) = watch(&roomy(
        &[("a", 2), ("b", 1)],
        "services:
  - {serviceName: agent, taskDefinition: 'web:2', schedulingStrategy: DAEMON}
  - {serviceName: web, taskDefinition: 'web:1', desiredCount: 3,
     availabilityZoneRebalancing: DISABLED}
incidents:
  - {at: 10m, duration: 10m, availabilityZoneLost: us-east-1b}
  - {at: 40m, containerInstancesDraining: [0]}",
    ));
    let placed = seen
        .moves
        .iter()
        .filter(|(_, starts, group, _)| *starts && group == "service:agent");
    assert_eq!(placed.count(), 4);
    assert_eq!(seen.last_places("agent", 4), [0, 1, 0, 1]);
    let drained = seen
        .moves
        .iter()
        .filter(|(at, starts, ..)| !*starts && *at >= 40 * 60_000);
    let order: Vec<&str> = drained.map(|(_, _, group, _)| group.as_str()).collect();
    assert_eq!(order.last(), Some(&"service:agent"), "{order:?}");
    assert!(order.len() >= 2, "{order:?}");
}

#[test]
fn protected_tasks_are_not_stopped_by_scale_in() {
    // G79: four tasks, three of them protected, two wanted.
    let (_, seen) = watch(&roomy(
        &[("a", 2)],
        "services:
  - {serviceName: web, taskDefinition: 'web:1', desiredCount: 4}
taskProtection: [{at: 5m, service: web, tasks: 3, expiresInMinutes: 30}]
deployments: [{at: 10m, service: web, desiredCount: 2}]",
    ));
    let totals: Vec<(u64, u32)> = seen
        .steps
        .iter()
        .map(|step| (step.at / 60_000, step.instances.values().sum()))
        .collect();
    assert_eq!(totals, [(0, 4), (10, 3), (35, 2)]);
    let said = seen.said("The number of protected tasks are more than the desired count");
    assert_eq!(said.len(), 1);
}

#[test]
fn protection_lasts_120_minutes_where_nothing_is_said() {
    // G80.
    let scenario = crate::harness::scenario(&format!(
        "duration: 1h
{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1}}]
taskProtection: [{{at: 5m, service: web, tasks: 1}}]"
    ));
    assert_eq!(scenario.task_protection[0].expires_in.0, 120 * 60_000);
}

#[test]
fn no_more_than_500_tasks_are_launched_in_a_minute() {
    let (_, seen) = watch(
        "instanceTypes: [{instanceType: own, cpu: 4096 vCPU, memory: 8000 GiB,
    onDemandUsdPerHour: 1}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 128, memory: 64}]}
containerInstances: [{instanceType: own}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1000}]",
    );
    let first = seen.moves.iter().filter(|(at, ..)| *at == 0).count();
    let minute = seen.moves.iter().filter(|(at, ..)| *at < 60_000).count();
    assert_eq!((first, minute, seen.moves.len()), (500, 999, 1_000));
    assert!(!seen.said("operations are being throttled").is_empty());
}

#[test]
fn what_finds_no_room_is_said_once_with_the_closest_instance_and_tried_again() {
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 2}}]
tasks: [{{name: job, cpu: 512, memory: 100, runtime: 30m, arrivals: {{at: 0s}}}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 2}}]"
    ));
    let said = seen.said("unable to place a task");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0]
            .1
            .contains("closest matching container-instance i-0000000000000000")
            && said[0].1.contains("insufficient CPU units available"),
        "{said:?}"
    );
    // The job ends after half an hour, and the second task has its place.
    assert_eq!(seen.last_places("web", 2), [1, 1]);
}

#[test]
fn scale_in_under_the_default_takes_from_the_fullest_zone_and_then_the_fullest_instance() {
    // Zone a has two instances. Five tasks are 1 and 1 there and 3 in b, or 2 and 1 and 2.
    let left = scaled_in(&[("a", 2), ("b", 1)], 5, "");
    assert_eq!(left, [1, 1, 2]);
    // Spread over instances alone: the fullest instance.
    let instances = "{type: spread, field: instanceId}";
    assert_eq!(scaled_in(&[("a", 3)], 7, instances), [2, 2, 2]);
}

#[test]
fn scale_in_under_a_chain_decides_by_zone_first_and_by_packing_among_the_fullest() {
    // Zone a packs as 4 and 1 and b as 4: of the five in a the lone one goes.
    let chain = "{type: spread, field: 'attribute:ecs.availability-zone'},
      {type: binpack, field: memory}";
    assert_eq!(scaled_in(&[("a", 2), ("b", 2)], 9, chain), [4, 0, 4, 0]);
}

#[test]
fn scale_in_at_random_takes_any_task() {
    let left = scaled_in(&[("a", 3)], 9, "{type: random}");
    assert_eq!(left.iter().sum::<u32>(), 8);
}

#[test]
fn zones_that_are_as_even_as_can_be_are_left_alone() {
    // G51: three tasks in two zones; G52: five in three.
    for (zones, desired, expected) in [
        (&[("a", 1), ("b", 1)][..], 3, vec![2, 1]),
        (&[("a", 2), ("b", 2), ("c", 2)], 5, vec![1, 1, 1, 1, 1, 0]),
    ] {
        let (_, seen) = watch(&roomy(
            zones,
            &format!(
                "services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: {desired}}}]"
            ),
        ));
        let instances = zones.iter().map(|(_, count)| count).sum();
        assert_eq!(seen.last_places("web", instances), expected);
        assert_eq!(seen.moved("web", true).len(), desired);
        assert!(seen.said("rebalancing").is_empty());
    }
}

#[test]
fn rebalancing_says_when_it_starts_and_when_it_is_done() {
    let (_, seen) = watch(&roomy(
        &[("a", 1), ("b", 1)],
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 4}]
incidents: [{at: 10m, duration: 10m, availabilityZoneLost: us-east-1b}]",
    ));
    // Two moves, each healthy after 40 s before the next.
    assert_eq!(seen.moved("web", true)[6..], [1_200, 1_240]);
    let said: Vec<(u64, &str)> = seen.said("Availability Zone rebalancing");
    let started = (1_200_000, "has started Availability Zone rebalancing.");
    let completed = (1_280_000, "has completed Availability Zone rebalancing.");
    assert_eq!(said, [started, completed]);
}

#[test]
fn a_deployment_stops_rebalancing() {
    let (_, seen) = watch(&roomy(
        &[("a", 1), ("b", 1)],
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 4}]
incidents: [{at: 10m, duration: 10m, availabilityZoneLost: us-east-1b}]
deployments: [{at: 1210s, service: web, taskDefinition: 'web:2'}]",
    ));
    let said = seen.said("has stopped Availability Zone rebalancing.");
    assert_eq!(
        said.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [1_210_000]
    );
    assert_eq!(seen.rollout(2), RolloutState::Completed);
    assert_eq!(seen.last_places("web", 3), [2, 0, 2]);
}

#[test]
fn two_runs_of_a_service_are_alike_to_the_last_byte() {
    let text = roomy(
        &[("a", 3)],
        "services:
  - {serviceName: web, taskDefinition: 'web:1', desiredCount: 9,
     placementStrategy: [{type: random}]}
deployments: [{at: 10m, service: web, desiredCount: 4}]",
    );
    let (first, second) = (watch(&text).0, watch(&text).0);
    assert_eq!(first.bytes(), second.bytes());
}
