//! Instances that are replaced: refresh, maximum lifetime, warm pool.

use super::{provider, watch};
use crate::harness::run;

const PLAIN: &str = "managedScaling: {status: DISABLED}, managedDraining: DISABLED";

#[test]
fn an_instance_refresh_replaces_every_instance_within_its_percentages() {
    let group = "minSize: 4, maxSize: 8,
      instanceRefreshes: [{at: 10m, preferences: {minHealthyPercentage: 50, instanceWarmup: 60}}]";
    let (ran, seen) = watch(&provider(group, PLAIN, ""));
    let ended = ran.instance_column("end_reason");
    assert_eq!(
        ended
            .iter()
            .filter(|end| *end == "instance-refresh")
            .count(),
        4
    );
    assert_eq!(ended.iter().filter(|end| end.is_empty()).count(), 4);
    // Two at a time, the next two when these have warmed up.
    let mut terminated = ran.instance_column("terminated_ms");
    terminated.retain(|at| !at.is_empty());
    assert_eq!(terminated, ["600000", "600000", "660000", "660000"]);
    assert!(
        seen.groups
            .iter()
            .all(|(_, counts)| counts.in_service >= 2 || counts.desired == 0 || counts.pending > 0)
    );
}

#[test]
fn a_refresh_above_100_percent_launches_first() {
    let group = "minSize: 4, maxSize: 8,
      instanceRefreshes: [{at: 10m, preferences: {minHealthyPercentage: 100, maxHealthyPercentage: 150, instanceWarmup: 60}}]";
    let (ran, seen) = watch(&provider(group, PLAIN, ""));
    let counts = seen.groups.iter().filter(|(at, _)| *at > 0);
    let least = counts.map(|(_, counts)| counts.in_service).min();
    assert_eq!(least, Some(4), "never fewer than all");
    let ended = ran.instance_column("end_reason");
    assert_eq!(
        ended
            .iter()
            .filter(|end| *end == "instance-refresh")
            .count(),
        4
    );
}

#[test]
fn an_instance_at_its_maximum_lifetime_is_replaced() {
    let group = "minSize: 2, maxSize: 8, maxInstanceLifetime: 24h";
    let text = provider(group, PLAIN, "").replace("duration: 3h", "duration: 25h");
    let ran = run(&text);
    let ended = ran.instance_column("end_reason");
    assert_eq!(
        ended
            .iter()
            .filter(|end| *end == "max-instance-lifetime")
            .count(),
        2,
        "{ended:?}"
    );
    let mut launched = ran.instance_column("launched_ms");
    launched.sort();
    assert_eq!(launched, ["0", "0", "86400000", "86400000"]);
}

#[test]
fn a_warm_pool_shortens_the_way_and_costs_no_instance_hours_while_stopped() {
    let group = "minSize: 0, maxSize: 4, warmPool: {minSize: 2, maxGroupPreparedCapacity: 2, poolState: Stopped},
      scheduledActions: [{at: 60m, desiredCapacity: 2}]";
    let text = provider(group, PLAIN, "").replace(
        "latencies: {instant: true}",
        "latencies: {instanceLaunch: 20s, agentRegistration: 90s, warmStart: 30s}",
    );
    let ran = run(&text);
    let registered = ran.instance_column("registered_ms");
    assert_eq!(registered[..2], ["3630000", "3630000"], "{registered:?}");
    // Made ready from 20 s to 110 s, then stopped until it is taken.
    let launched = ran.instance_column("launched_ms");
    assert_eq!(launched[..2], ["3600000", "3600000"], "{launched:?}");
    let ended = ran.instance_column("end_reason");
    assert!(
        ended.iter().filter(|end| *end == "warm-pool").count() >= 2,
        "{ended:?}"
    );
    // A dollar an hour: two instances are in service for two hours, and they and the two that
    // take their places in the pool were RUNNING for 90 s each to be made ready.
    assert_eq!(ran.bill.total.to_cents(), "4.10");
}
