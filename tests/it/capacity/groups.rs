//! Auto Scaling groups: limits, zones, purchase options, launches that fail.

use super::{provider, watch};
use crate::harness::run;

fn group(settings: &str, rest: &str) -> String {
    format!(
        "duration: 1h
latencies: {{instant: true}}
instanceTypes:
  - {{instanceType: own, cpu: 3 vCPU, memory: 3 GiB, onDemandUsdPerHour: 1}}
  - {{instanceType: other, cpu: 3 vCPU, memory: 3 GiB, onDemandUsdPerHour: 2}}
autoScalingGroups:
  - {{autoScalingGroupName: asg, {settings}}}
{rest}"
    )
}

#[test]
fn a_group_launches_its_desired_capacity_balanced_over_its_zones() {
    let settings = "instanceType: own, minSize: 1, maxSize: 9, desiredCapacity: 5,
      availabilityZones: [us-east-1a, us-east-1b]";
    let ran = run(&group(settings, ""));
    let zones = ran.instance_column("availability_zone");
    let of = |name: &str| zones.iter().filter(|zone| *zone == name).count();
    assert_eq!((of("us-east-1a"), of("us-east-1b")), (3, 2));
    assert_eq!(ran.summary.cost.total_usd.to_string(), "5.000000000");
}

#[test]
fn scheduled_actions_change_size_and_limits() {
    let settings = "instanceType: own, minSize: 1, maxSize: 9,
      scheduledActions: [{at: 10m, desiredCapacity: 4}, {at: 20m, maxSize: 2}]";
    let (_, seen) = watch(&group(settings, ""));
    assert_eq!(seen.desired(), [(0, 1), (600_000, 4), (1_200_000, 2)]);
}

#[test]
fn instances_of_a_group_use_overrides_in_their_order() {
    let settings = "minSize: 4, maxSize: 9,
      mixedInstancesPolicy: {launchTemplate: {overrides: [{instanceType: other}, {instanceType: own}]}}";
    let ran = run(&group(settings, ""));
    assert_eq!(ran.instance_column("instance_type"), ["other"; 4]);
    let lowest = settings.replace(
        "mixedInstancesPolicy: {",
        "mixedInstancesPolicy: {instancesDistribution: {onDemandAllocationStrategy: lowest-price}, ",
    );
    assert_eq!(
        run(&group(&lowest, "")).instance_column("instance_type"),
        ["own"; 4]
    );
}

#[test]
fn a_launch_that_finds_no_capacity_is_tried_again() {
    let settings = "instanceType: own, minSize: 2, maxSize: 9";
    let rest = "incidents:
  - {at: 10m, duration: 150s, onDemandCapacityRefused: {}}
  - {at: 10m, containerInstancesLost: {count: 2}}";
    let (ran, seen) = watch(&group(settings, rest));
    assert_eq!(seen.failures, [600_000, 660_000, 720_000]);
    assert_eq!(
        ran.instance_column("registered_ms"),
        ["0", "0", "750000", "750000"]
    );
}

#[test]
fn an_instance_that_is_lost_is_replaced_by_its_group() {
    let settings = "instanceType: own, minSize: 2, maxSize: 9";
    let rest = "incidents: [{at: 10m, duration: 5m, containerInstancesLost: {count: 1}}]";
    let ran = run(&group(settings, rest));
    let ended = ran.instance_column("end_reason");
    assert_eq!(
        ended.iter().filter(|reason| *reason == "incident").count(),
        1
    );
    // One replacement, at once: the incident brings nothing back.
    assert_eq!(ran.instance_column("registered_ms"), ["0", "0", "600000"]);
}

#[test]
fn a_lost_zone_gets_no_instances_until_it_is_back_and_is_balanced_then() {
    let settings = "instanceType: own, minSize: 4, maxSize: 8,
      availabilityZones: [us-east-1a, us-east-1b]";
    let rest = "incidents: [{at: 10m, duration: 10m, availabilityZoneLost: us-east-1a}]";
    let ran = run(&group(settings, rest));
    let zones = ran.instance_column("availability_zone");
    let ended = ran.instance_column("end_reason");
    let alive = |name: &str| {
        let rows = zones.iter().zip(&ended);
        rows.filter(|(zone, end)| *zone == name && end.is_empty())
            .count()
    };
    assert_eq!((alive("us-east-1a"), alive("us-east-1b")), (2, 2));
    let moved = ended
        .iter()
        .filter(|reason| *reason == "zone-rebalancing" || *reason == "scale-in");
    assert_eq!(moved.count(), 2, "{ended:?}");
    let launched = ran.instance_column("launched_ms");
    let rows = zones.iter().zip(&launched);
    let in_a: Vec<&String> = rows
        .filter(|(zone, _)| *zone == "us-east-1a")
        .map(|(_, at)| at)
        .collect();
    assert_eq!(in_a, ["0", "0", "1200000", "1200000"]);
}

#[test]
fn the_on_demand_base_comes_first_and_spot_is_the_rest() {
    let settings = "minSize: 10, maxSize: 20,
      mixedInstancesPolicy: {launchTemplate: {overrides: [{instanceType: own}]},
        instancesDistribution: {onDemandBaseCapacity: 2, onDemandPercentageAboveBaseCapacity: 25,
          spotAllocationStrategy: price-capacity-optimized}}";
    let rest = "spot: {pools: [{instanceType: own, availabilityZone: us-east-1a, usdPerHour: 0.3, capacity: unlimited}]}";
    let ran = run(&group(settings, rest));
    let options = ran.instance_column("purchase_option");
    let spot = options.iter().filter(|option| *option == "spot").count();
    // 2 and a quarter of 8 are On-Demand.
    assert_eq!(spot, 6);
    // 4 x 1.00 + 6 x 0.30.
    assert_eq!(ran.summary.cost.total_usd.to_string(), "5.800000000");
}

#[test]
fn instances_that_are_running_and_not_registered_at_the_end_are_billed() {
    let text = provider(
        "maxSize: 1, scheduledActions: [{at: 0s, desiredCapacity: 1}]",
        "managedScaling: {status: DISABLED}",
        "",
    )
    .replace(
        "duration: 3h\nlatencies: {instant: true}",
        "duration: 1h\nlatencies: {instanceLaunch: 30m, agentRegistration: 45m}",
    );
    let ran = run(&text);
    assert_eq!(ran.instance_column("launched_ms"), ["1800000"]);
    assert_eq!(ran.instance_column("registered_ms"), [""]);
    assert_eq!(ran.summary.cost.total_usd.to_string(), "0.500000000");
    assert_eq!(ran.summary.instances.launched, 1);
}

#[test]
fn a_slow_registry_makes_pulls_take_as_many_times_as_long() {
    let text = |incidents: &str| {
        format!(
            "duration: 1h
latencies: {{start: 0s, stop: 0s, imagePull: {{bandwidth: 10 MB, overhead: 2s}}}}
instanceTypes: [{{instanceType: own, cpu: 3 vCPU, memory: 3 GiB, onDemandUsdPerHour: 1}}]
containerInstances: [{{instanceType: own}}]
images: [{{name: 'web:1', size: 100 MB}}]
taskDefinitions:
  - family: web
    containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]
tasks: [{{name: job, taskDefinition: web, arrivals: {{at: 10m}}}}]
{incidents}"
        )
    };
    let started = |incidents: &str| run(&text(incidents)).task_column("started_ms")[0].clone();
    assert_eq!(started(""), "612000");
    let slow = "incidents: [{at: 5m, duration: 10m, registrySlow: {factor: 3}}]";
    assert_eq!(started(slow), "636000");
    let over = "incidents: [{at: 5m, duration: 4m, registrySlow: {factor: 3}}]";
    assert_eq!(started(over), "612000");
}
