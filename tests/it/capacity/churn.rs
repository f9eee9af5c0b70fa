//! Groups that replace instances while something else befalls them: limits, shares and ends that
//! random scenarios have shown to be in danger.

use super::{provider, watch};
use crate::harness::Ran;

const PLAIN: &str = "managedScaling: {status: DISABLED}, managedDraining: DISABLED";

/// A scenario with a group of Spot Instances, or with one of a base of On-Demand Instances and Spot
/// Instances beyond.
fn spot(group: &str, base: Option<u32>, rest: &str) -> String {
    let launches = match base {
        None => "launchTemplate: {instanceType: own, purchaseOption: spot}".to_owned(),
        Some(base) => format!(
            "mixedInstancesPolicy: {{launchTemplate: {{overrides: [{{instanceType: own}}]}}, \
             instancesDistribution: {{onDemandBaseCapacity: {base}, \
             onDemandPercentageAboveBaseCapacity: 0}}}}"
        ),
    };
    let text = provider(group, PLAIN, rest);
    text.replace("launchTemplate: {instanceType: own}", &launches)
}

fn count(ran: &Ran, column: &str, value: &str) -> usize {
    let values = ran.instance_column(column);
    values.iter().filter(|given| *given == value).count()
}

#[test]
fn a_warm_pool_goes_by_the_maximum_of_a_scheduled_action() {
    let group = "maxSize: 5, warmPool: {poolState: Running},
      scheduledActions: [{at: 10m, maxSize: 2}, {at: 20m, maxSize: 7}]";
    let (_, seen) = watch(&provider(group, PLAIN, ""));
    let at = |minute: u64| {
        let mut until = seen.groups.iter().rev();
        let last = until.find(|(at, _)| *at <= minute * 60_000);
        last.expect("it was told").1.warmed
    };
    assert_eq!((at(9), at(15), at(30)), (5, 2, 7));
}

#[test]
fn capacity_rebalancing_exceeds_the_maximum_by_one_or_a_tenth() {
    let rest = "spot: {recommendationPercent: 100, pools: [{instanceType: own, usdPerHour: 0.1, \
                capacity: [{start: 0s, end: 1h, nodes: 20}, {start: 1h, end: 2h, nodes: 5}]}]}";
    let group = "minSize: 8, maxSize: 8, capacityRebalance: true";
    let text = spot(group, None, rest);
    let (ran, seen) = watch(&text.replace("{instant: true}", "{instanceLaunch: 20s}"));
    let most = seen
        .groups
        .iter()
        .map(|(_, counts)| counts.capacity())
        .max();
    assert_eq!(most, Some(9));
    assert!(count(&ran, "end_reason", "capacity-rebalancing") > 0);
}

#[test]
fn a_refresh_that_launches_first_keeps_the_on_demand_base() {
    let group = "minSize: 3, maxSize: 6, instanceRefreshes: [{at: 10m, \
                 preferences: {minHealthyPercentage: 100, maxHealthyPercentage: 150}}]";
    let rest = "spot: {pools: [{instanceType: own, usdPerHour: 0.1, capacity: unlimited}]}";
    let (ran, _) = watch(&spot(group, Some(2), rest));
    assert_eq!(count(&ran, "end_reason", "instance-refresh"), 3);
    let ended = ran.instance_column("end_reason");
    let options = ran.instance_column("purchase_option");
    let alive = options.iter().zip(&ended).filter(|(_, end)| end.is_empty());
    let mut alive: Vec<&str> = alive.map(|(option, _)| option.as_str()).collect();
    alive.sort_unstable();
    assert_eq!(alive, ["on-demand", "on-demand", "spot"]);
}

#[test]
fn instances_past_their_lifetime_wait_while_replacements_are_refused() {
    let group = "minSize: 4, maxSize: 4, maxInstanceLifetime: 24h";
    let rest = "incidents: [{at: 23h, duration: 150m, onDemandCapacityRefused: true}]";
    let text = provider(group, PLAIN, rest).replace("duration: 3h", "duration: 26h");
    let (ran, seen) = watch(&text);
    let least = seen
        .groups
        .iter()
        .map(|(_, counts)| counts.in_service)
        .min();
    assert_eq!(least, Some(3), "one at a time");
    assert_eq!(count(&ran, "end_reason", "max-instance-lifetime"), 4);
}

#[test]
fn an_instance_that_is_noticed_at_its_launch_is_not_replaced_before_it_is_gone() {
    // At 29 minutes the pool of zone b is told to fall: what is launched there then has a minute.
    let rest = "spot:
  pools:
    - {instanceType: own, usdPerHour: 0.1, capacity: 2}
    - {instanceType: own, availabilityZone: us-east-1b, usdPerHour: 0.1, capacity: \
       [{start: 0s, end: 30m, nodes: 4}, {start: 30m, end: 31m, nodes: 0}, \
       {start: 31m, end: 3h, nodes: 4}]}
incidents: [{at: 29m, duration: 5m, spotReclaim: {availabilityZone: us-east-1a}}]";
    let group = "minSize: 4, maxSize: 4, capacityRebalance: true, \
                 availabilityZones: [us-east-1a, us-east-1b]";
    let (ran, _) = watch(&spot(group, None, rest));
    assert!(ran.outcome.events < 500, "{} events", ran.outcome.events);
    assert!(count(&ran, "end_reason", "capacity-rebalancing") <= 8);
    assert_eq!(count(&ran, "end_reason", ""), 4);
}

#[test]
fn zones_are_evened_out_by_cold_starts() {
    // A zone is lost and comes back while the warm pool has an instance of the other.
    let group = "minSize: 4, maxSize: 8, availabilityZones: [us-east-1a, us-east-1b],
      warmPool: {maxGroupPreparedCapacity: 4, minSize: 1}";
    let rest = "incidents: [{at: 10m, duration: 10m, availabilityZoneLost: us-east-1b}]";
    let (ran, _) = watch(&provider(group, PLAIN, rest));
    assert!(ran.outcome.events < 500, "{} events", ran.outcome.events);
    assert_eq!(count(&ran, "end_reason", "zone-rebalancing"), 2);
}

#[test]
fn what_two_incidents_hold_is_free_when_both_are_over() {
    let group = "minSize: 2, maxSize: 2";
    for (kind, changes) in [
        ("containerInstancesDraining", [10, 10, 30, 30].as_slice()),
        ("agentsDisconnected", &[10, 10, 15, 15, 30, 30]),
    ] {
        let rest = format!(
            "incidents: [{{at: 10m, duration: 10m, {kind}: true}}, \
             {{at: 15m, duration: 15m, {kind}: true}}]"
        );
        let (_, seen) = watch(&provider(group, PLAIN, &rest));
        let minutes: Vec<u64> = seen.changes.iter().map(|(at, _)| at / 60_000).collect();
        assert_eq!(minutes, changes, "{kind}");
    }
}

#[test]
fn an_instance_that_is_taken_back_stays_draining_when_an_incident_is_over() {
    let rest = "spot: {pools: [{instanceType: own, usdPerHour: 0.1, capacity: 4}]}
incidents:
  - {at: 10m, duration: 2m, containerInstancesDraining: true}
  - {at: 11m, duration: 9m, spotReclaim: true}";
    let group = "minSize: 1, maxSize: 1, launchTemplate: {instanceType: own, \
                 purchaseOption: spot, spotInstanceDraining: true}";
    let text = provider(group, PLAIN, rest);
    let (_, seen) = watch(&text.replace("launchTemplate: {instanceType: own}, ", ""));
    assert_eq!(seen.changes, [(600_000, 0)], "never ACTIVE again");
    assert_eq!(seen.notices, [(660_000, 780_000)]);
}
