//! EC2 Spot: notices, draining, capacity by trace, storms.

use super::{provider, watch};

const DRAINED: &str = "managedScaling: {status: ENABLED}, managedDraining: ENABLED";

/// A group of Spot alone, with pools as given.
fn spot(pools: &str, group: &str, cp: &str, rest: &str) -> String {
    let rest = format!(
        "spot:
  pools:
{pools}
{rest}"
    );
    provider(group, cp, &rest).replace(
        "launchTemplate: {instanceType: own}",
        "instanceType: own, purchaseOption: spot",
    )
}

const ROOMY: &str =
    "    - {instanceType: own, availabilityZone: us-east-1a, usdPerHour: 0.3, capacity: 10}";

#[test]
fn a_notice_sets_the_instance_draining_within_a_second_and_ends_it_after_two_minutes() {
    // G113.
    let rest = "incidents: [{at: 10m, spotReclaim: {count: 1}}]";
    let (ran, seen) = watch(&spot(ROOMY, "minSize: 1, maxSize: 2", DRAINED, rest));
    assert_eq!(seen.notices, [(600_000, 720_000)]);
    assert_eq!(seen.changes, [(601_000, 0)]);
    assert_eq!(ran.instance_column("terminated_ms")[0], "720000");
    assert_eq!(ran.instance_column("end_reason")[0], "spot-interruption");
}

#[test]
fn without_draining_the_tasks_run_until_the_instance_is_gone() {
    let cp = "managedScaling: {status: ENABLED}, managedDraining: DISABLED";
    let rest = "incidents: [{at: 10m, duration: 1m, spotReclaim: {}}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 2}]";
    let (ran, seen) = watch(&spot(ROOMY, "minSize: 1, maxSize: 2", cp, rest));
    assert!(seen.changes.is_empty());
    assert_eq!(ran.summary.tasks.interrupted, 2);
    let reasons = ran.task_column("stopped_reason");
    assert_eq!(
        reasons[0],
        "Host EC2 (instance i-00000000000000000) terminated."
    );
    // The group replaces the instance when it is gone.
    assert_eq!(ran.instance_column("registered_ms"), ["0", "720000"]);
}

#[test]
fn a_storm_keeps_the_pool_closed_for_as_long_as_it_lasts() {
    let rest = "incidents: [{at: 10m, duration: 30m, spotReclaim: {}}]";
    let (ran, seen) = watch(&spot(ROOMY, "minSize: 3, maxSize: 4", DRAINED, rest));
    assert_eq!(seen.notices.len(), 3);
    assert!(seen.failures.contains(&720_000), "{:?}", seen.failures);
    assert_eq!(ran.instance_column("registered_ms")[3..], ["2400000"; 3]);
}

#[test]
fn a_group_waits_with_evening_out_its_zones_until_the_closed_pool_has_room() {
    let pools: Vec<String> = ["us-east-1a", "us-east-1b", "us-east-1c"]
        .map(|zone| ROOMY.replace("us-east-1a", zone))
        .to_vec();
    let group = "minSize: 9, maxSize: 12,
      availabilityZones: [us-east-1a, us-east-1b, us-east-1c]";
    let rest = "incidents: [{at: 1h, duration: 20m, spotReclaim: {availabilityZone: us-east-1a}}]";
    let (ran, _) = watch(&spot(&pools.join("\n"), group, DRAINED, rest));
    // The other zones launch what is missing; when the pool is open again, three move back.
    let mut registered = ran.instance_column("registered_ms");
    registered.retain(|at| at != "0");
    assert_eq!(registered[..3], ["3720000"; 3]);
    assert_eq!(registered[3..], ["4800000"; 3]);
    let ended = ran.instance_column("end_reason");
    let count = |reason: &str| ended.iter().filter(|end| *end == reason).count();
    assert_eq!(count("spot-interruption"), 3);
    assert_eq!(count("zone-rebalancing"), 3);
    assert_eq!(count(""), 9, "{ended:?}");
}

#[test]
fn capacity_rebalancing_launches_the_replacement_first() {
    let rest = "incidents: [{at: 10m, duration: 1s, spotReclaim: {count: 1}}]";
    let group = "minSize: 2, maxSize: 4, capacityRebalance: true";
    let (ran, _) = watch(&spot(ROOMY, group, DRAINED, rest));
    let launched = ran.instance_column("launched_ms");
    let ended = ran.instance_column("terminated_ms");
    // At the notice at the latest; the pool was closed for the second.
    let replacement: u64 = launched[2].parse().unwrap();
    assert!((600_000..=720_000).contains(&replacement), "{launched:?}");
    let gone: Vec<&String> = ended.iter().filter(|at| !at.is_empty()).collect();
    assert_eq!(gone.len(), 1, "{ended:?}");
}

#[test]
fn a_spot_instance_costs_the_spot_price() {
    let (ran, _) = watch(&spot(ROOMY, "minSize: 2, maxSize: 2", DRAINED, ""));
    // 2 instances x 3 h x 0.30.
    assert_eq!(ran.summary.cost.total_usd.to_string(), "1.800000000");
    assert_eq!(
        ran.summary.cost.by_purchase_option["spot"].to_string(),
        "1.800000000"
    );
}

#[test]
fn a_pool_holds_no_more_than_its_capacity() {
    let small = ROOMY.replace("capacity: 10", "capacity: 2");
    let (ran, seen) = watch(&spot(&small, "minSize: 3, maxSize: 4", DRAINED, ""));
    assert_eq!(ran.instance_column("registered_ms"), ["0", "0"]);
    assert!(seen.failures.len() > 100, "it tries again every minute");
}
