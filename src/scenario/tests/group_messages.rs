//! Wrong Auto Scaling groups, with what their users see.

use super::messages;

fn errors(rest: &str) -> Vec<String> {
    super::errors(&format!("duration: 24h\n{rest}\n"))
}

/// The errors of a group with these keys beside its name.
fn of_group(keys: &str) -> Vec<String> {
    errors(&format!(
        "autoScalingGroups: [{{autoScalingGroupName: web, {keys}}}]"
    ))
}

/// The errors of a group of m5.large with these keys.
fn of_large(keys: &str) -> Vec<String> {
    of_group(&format!("maxSize: 10, instanceType: m5.large, {keys}"))
}

#[test]
fn a_wrong_group_is_shown_in_its_place() {
    let text = "duration: 24h
autoScalingGroups:
  - autoScalingGroupName: web
    minSize: 4
    maxsize: 10
    desiredCapacity: 2
    launchTemplate: {instanceType: m5.lrage}
";
    let expected = "error: the key `maxSize` is missing
 --> s.yaml:3:5
  |
3 |   - autoScalingGroupName: web
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: add `maxSize: 10`

error: unknown key `maxsize`
 --> s.yaml:5:5
  |
5 |     maxsize: 10
  |     ^^^^^^^
  |
  = help: did you mean `maxSize`?

error: unknown instance type `m5.lrage`
 --> s.yaml:7:36
  |
7 |     launchTemplate: {instanceType: m5.lrage}
  |                                    ^^^^^^^^ neither in the catalog nor in `instanceTypes`
  |
  = help: did you mean `m5.large`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn the_sizes_of_a_group_are_within_each_other() {
    let within = "the desired capacity lies between both sizes: lower the one or raise the other";
    for (keys, expected) in [
        (
            "maxSize: 0",
            "`0` is too small | expected a whole number from 1 to 1000000 | managed scaling adds \
             instances up to `maxSize` and never changes it: with 0 there is no capacity, ever"
                .to_owned(),
        ),
        (
            "minSize: 11, maxSize: 10",
            format!("`minSize` (11) is above `maxSize` (10) | {within}"),
        ),
        (
            "minSize: 2, maxSize: 10, desiredCapacity: 1",
            format!("`desiredCapacity` (1) is below `minSize` (2) | {within}"),
        ),
        (
            "maxSize: 10, desiredCapacity: 11",
            format!("`desiredCapacity` (11) is above `maxSize` (10) | {within}"),
        ),
        (
            "maxSize: 10, desiredCapacity: -1",
            "`-1` is negative | expected a whole number from 0 to 1000000".to_owned(),
        ),
    ] {
        let found = of_group(&format!("{keys}, instanceType: m5.large"));
        assert_eq!(found, [expected], "{keys}");
    }
}

#[test]
fn a_group_says_in_one_way_what_it_launches() {
    let overrides = |items: &str, more: &str| {
        format!(
            "maxSize: 10, mixedInstancesPolicy: {{launchTemplate: {{overrides: [{items}]{more}}}}}"
        )
    };
    for (keys, expected) in [
        (
            "maxSize: 10".to_owned(),
            "the key `instanceType` is missing | add `instanceType: m5.large`",
        ),
        (
            "maxSize: 10, instanceType: m5.large, launchTemplate: {instanceType: m5.large}"
                .to_owned(),
            "`instanceType` beside `launchTemplate` | move it into `launchTemplate`",
        ),
        (
            "maxSize: 10, launchTemplate: m5.large".to_owned(),
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{instanceType: m5.large}`",
        ),
        (
            overrides("{instanceType: m5.large, weightedCapacity: 2}", ""),
            "instance weights are not simulated | a capacity provider with managed scaling allows \
             none: remove the weights",
        ),
        (
            overrides("{instanceType: m5.large}, {instanceType: m5.large}", ""),
            "this instance type is given twice",
        ),
        (
            overrides("m5.large", ""),
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{instanceType: m5.large}`",
        ),
        (
            overrides("", ""),
            "0 instance types | a mixed-instances policy has 1 to 40",
        ),
        (
            overrides("{instanceType: m5.large}", ", onDemandUsdPerHour: 1"),
            "`onDemandUsdPerHour` beside `overrides` | give each override its own price",
        ),
        (
            overrides("{instanceRequirements: {}}", ""),
            "attribute-based selection of instance types is not simulated | name the types that \
             match: `{instanceType: m5.large}`",
        ),
        (
            overrides("{instanceType: m5.large}", ", purchaseOption: spot"),
            "`purchaseOption` in a mixed-instances policy | `instancesDistribution` says how many \
             are On-Demand and how many Spot",
        ),
    ] {
        assert_eq!(of_group(&keys), [expected], "{keys}");
    }
    let forty_one: Vec<String> = (0..41)
        .map(|number| format!("{{instanceType: t{number}}}"))
        .collect();
    assert_eq!(
        of_group(&overrides(&forty_one.join(", "), "")),
        ["41 instance types | a mixed-instances policy has 1 to 40"]
    );
}

#[test]
fn the_rest_of_a_group_is_checked() {
    for (keys, expected) in [
        (
            "availabilityZones: [us-east-1a, us-east-1a]",
            "the zone `us-east-1a` is given twice | a group balances its instances over its zones \
             by itself",
        ),
        (
            "availabilityZones: []",
            "no zone is named | expected a zone",
        ),
        (
            "terminationPolicies: [Oldest]",
            "`Oldest` is not a value of `terminationPolicies` | expected `Default`, \
             `AllocationStrategy`, `OldestLaunchTemplate`, `OldestLaunchConfiguration`, \
             `ClosestToNextInstanceHour`, `NewestInstance` or `OldestInstance`",
        ),
        (
            "maxInstanceLifetime: 3600",
            "`3600` is too small | expected a whole number from 86400 to 31536000",
        ),
        (
            "maxInstanceLifetime: 2h",
            "`2h` is too short | expected 1d to 365d",
        ),
        (
            "terminationHook: {heartbeatTimeout: 49h}",
            "`49h` is too long | expected 30s to 2d",
        ),
        (
            "vpcZoneIdentifier: 'subnet-1,subnet-2'",
            "`vpcZoneIdentifier` of a group is not simulated | name the zones of its subnets: \
             `availabilityZones: [us-east-1a, us-east-1b]`",
        ),
        (
            "purchaseOption: spot, warmPool: {}",
            "a warm pool in a group that launches Spot Instances | EC2 Auto Scaling keeps \
             On-Demand Instances warm alone: remove `warmPool`",
        ),
        (
            "warmPool: {instanceReusePolicy: {reuseOnScaleIn: true}}",
            "instances do not go back to the warm pool | ECS does not support reuse on scale-in: \
             remove `instanceReusePolicy`",
        ),
        (
            "minSize: 3, warmPool: {maxGroupPreparedCapacity: 2}",
            "`2` is below the group's `minSize` (3) | the group's own instances count",
        ),
    ] {
        assert_eq!(of_large(keys), [expected], "{keys}");
    }
}

#[test]
fn what_is_done_to_a_group_over_time_is_checked() {
    for (keys, expected) in [
        (
            "instanceRefreshes: [{at: 1h, preferences: {maxHealthyPercentage: 110}}]",
            "`maxHealthyPercentage` without `minHealthyPercentage` | StartInstanceRefresh takes \
             both or neither",
        ),
        (
            "instanceRefreshes: [{at: 1h, preferences: {minHealthyPercentage: 50, \
             maxHealthyPercentage: 151}}]",
            "50 to 151 percent are more than 100 apart | expected a difference of at most 100",
        ),
        (
            "scheduledActions: [{at: 1h}]",
            "a scheduled action that changes nothing | add `minSize`, `maxSize` or \
             `desiredCapacity`",
        ),
        (
            "scheduledActions: [{desiredCapacity: 1}]",
            "the key `at` is missing | add `at: 1h`",
        ),
        (
            "scheduledActions: [{at: 1h, recurrence: '0 8 * * *', desiredCapacity: 1}]",
            "`recurrence` beside `at` | `at` is once, `schedule` and `recurrence` are again and \
             again: remove one",
        ),
        (
            "scheduledActions: [{recurrence: '0 8 * *', desiredCapacity: 1}]",
            "`0 8 * *` has 4 fields, not 5 | expected cron with five fields such as `0 9 * * 1-5`",
        ),
        (
            "scheduledActions: [{recurrence: '0 8 * * *', startTime: 2026-01-01T00:00:00Z, \
             desiredCapacity: 1}]",
            "`startTime` of a scheduled action is not simulated | `at: 8h` is a time of the run; \
             `recurrence` and `schedule` are in UTC",
        ),
    ] {
        assert_eq!(of_large(keys), [expected], "{keys}");
    }
}

#[test]
fn the_distribution_of_a_mixed_group_is_checked() {
    for (keys, expected) in [
        (
            "onDemandPercentageAboveBaseCapacity: 101",
            "`101` is too large | expected a whole number from 0 to 100",
        ),
        (
            "spotInstancePools: 21",
            "`21` is too large | expected a whole number from 1 to 20",
        ),
        (
            "spotAllocationStrategy: diversified, spotInstancePools: 3",
            "`spotInstancePools` without `lowest-price` | only `spotAllocationStrategy: \
             lowest-price` counts pools: remove it",
        ),
        (
            "spotAllocationStrategy: price-optimised",
            "`price-optimised` is not a value of `spotAllocationStrategy` | expected \
             `lowest-price`, `diversified`, `capacity-optimized`, \
             `capacity-optimized-prioritized` or `price-capacity-optimized`",
        ),
    ] {
        let found = of_group(&format!(
            "maxSize: 10, mixedInstancesPolicy: {{launchTemplate: {{instanceType: m5.large}}, \
             instancesDistribution: {{{keys}}}}}"
        ));
        assert_eq!(found, [expected], "{keys}");
    }
}

#[test]
fn names_of_groups_are_unique_and_found_or_the_nearest_is_named() {
    let group = "{autoScalingGroupName: web, maxSize: 1, instanceType: m5.large}";
    assert_eq!(
        errors(&format!("autoScalingGroups: [{group}, {group}]")),
        ["the name `web` is given twice in `autoScalingGroups`"]
    );
    let provider = |of: &str| {
        errors(&format!(
            "autoScalingGroups: [{group}]
capacityProviders: [{{name: one, autoScalingGroupProvider: {{{of}}}}}]"
        ))
    };
    assert_eq!(
        provider("autoScalingGroupName: wep"),
        ["unknown Auto Scaling group `wep` | not in `autoScalingGroups` | did you mean `web`?"]
    );
    assert_eq!(
        provider(
            "autoScalingGroupArn: 'arn:aws:autoscaling:r:1:autoScalingGroup:u:autoScalingGroupName/wbe'"
        ),
        ["unknown Auto Scaling group `wbe` | not in `autoScalingGroups` | did you mean `web`?"]
    );
    assert_eq!(
        provider("autoScalingGroupName: web, autoScalingGroupArn: web"),
        ["both `autoScalingGroupName` and `autoScalingGroupArn` | remove one of them"]
    );
    assert_eq!(
        provider(""),
        ["the key `autoScalingGroupName` is missing | add `autoScalingGroupName: web`"]
    );
}

#[test]
fn a_group_that_was_reported_is_not_missed_by_what_names_it() {
    let found = errors(
        "autoScalingGroups: [{autoScalingGroupName: a, maxSize: 0, instanceType: m5.large}]
capacityProviders: [{name: one, autoScalingGroupProvider: {autoScalingGroupName: a}}]
tasks:
  - {name: job, cpu: 256, memory: 512, arrivals: {at: 0s},
     capacityProviderStrategy: [{capacityProvider: one, weight: 1}]}",
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`0` is too small"), "{found:?}");
}
