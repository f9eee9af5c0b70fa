//! Wrong groups, capacity providers, strategies and launch types, with what their users see.

use super::messages;

const TOP: &str = "duration: 24h
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
  - {family: files, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128,
     mountPoints: [{sourceVolume: v, containerPath: /v}]}],
     volumes: [{name: v, efsVolumeConfiguration: {fileSystemId: fs-1}}]}
  - {family: api, networkMode: awsvpc, requiresCompatibilities: [FARGATE], cpu: 256, memory: 512,
     containerDefinitions: [{name: app, image: api:1}]}
";
const GROUPS: &str = "autoScalingGroups:
  - {autoScalingGroupName: a, maxSize: 10, instanceType: m5.large}
  - {autoScalingGroupName: b, maxSize: 10, instanceType: m5.large, purchaseOption: spot}
capacityProviders:
  - {name: one, autoScalingGroupProvider: {autoScalingGroupName: a}}
  - {name: two, autoScalingGroupProvider: {autoScalingGroupName: b}}
";

fn errors(rest: &str) -> Vec<String> {
    super::errors(&format!("{TOP}{rest}\n"))
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

/// The errors of a provider of group `a` with these keys.
fn of_provider(keys: &str) -> Vec<String> {
    errors(&format!(
        "autoScalingGroups: [{{autoScalingGroupName: a, maxSize: 10, instanceType: m5.large}}]
capacityProviders: [{{name: one, autoScalingGroupProvider: {{autoScalingGroupName: a, {keys}}}}}]"
    ))
}

/// The errors of a service of two tasks with these keys, beside groups and providers.
fn of_service(keys: &str) -> Vec<String> {
    errors(&format!(
        "{GROUPS}services: [{{serviceName: web, desiredCount: 2, {keys}}}]"
    ))
}

fn of_strategy(items: &str) -> Vec<String> {
    of_service(&format!(
        "taskDefinition: web, capacityProviderStrategy: [{items}]"
    ))
}

fn of_task(keys: &str) -> Vec<String> {
    errors(&format!(
        "{GROUPS}tasks: [{{name: job, arrivals: {{at: 0s}}, {keys}}}]"
    ))
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
services:
  - {serviceName: web, taskDefinition: web, desiredCount: 2,
     capacityProviderStrategy: [{capacityProvider: one, weight: 1}]}",
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`0` is too small"), "{found:?}");
}

#[test]
fn capacity_providers_are_checked() {
    for (keys, expected) in [
        (
            "managedScaling: {targetCapacity: 101}",
            "`101` is too large | expected a whole number from 1 to 100",
        ),
        (
            "managedScaling: {targetCapacity: 0}",
            "`0` is too small | expected a whole number from 1 to 100",
        ),
        (
            "managedScaling: {minimumScalingStepSize: 5, maximumScalingStepSize: 4}",
            "`minimumScalingStepSize` (5) is above the maximum (4) | lower the one or raise the \
             other",
        ),
        (
            "managedScaling: {instanceWarmupPeriod: 3h}",
            "`3h` is too long | expected 0s to 2h 46m 40s",
        ),
        (
            "managedScaling: ENABLED",
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{targetCapacity: 100}`",
        ),
        (
            "managedTerminationProtection: ENABLED",
            "the instances of `a` are not protected from scale-in | set \
             `newInstancesProtectedFromScaleIn: true` in the group",
        ),
        (
            "managedDraining: on",
            "`on` is not a value of `managedDraining` | expected `ENABLED` or `DISABLED`",
        ),
    ] {
        assert_eq!(of_provider(keys), [expected], "{keys}");
    }
    let unmanaged = "managedScaling: {status: DISABLED}, managedTerminationProtection: ENABLED";
    let found = of_provider(unmanaged);
    assert_eq!(
        found[0],
        "`managedTerminationProtection` without managed scaling | enable `managedScaling`, or \
         disable the protection"
    );
}

#[test]
fn names_of_capacity_providers_are_ecs_s_and_unique() {
    let of = |name: &str| {
        errors(&format!(
            "autoScalingGroups: [{{autoScalingGroupName: a, maxSize: 10, instanceType: m5.large}}]
capacityProviders: [{{name: {name}, autoScalingGroupProvider: {{autoScalingGroupName: a}}}}]"
        ))
    };
    assert_eq!(of("on-demand_1"), [""; 0]);
    let own = "names that begin with `aws`, `ecs` or `fargate` are AWS's own";
    for (name, expected) in [
        (
            "ecs-web",
            format!("the name `ecs-web` begins with `ecs` | {own}"),
        ),
        (
            "AwsWeb",
            format!("the name `AwsWeb` begins with `aws` | {own}"),
        ),
        (
            "FARGATE",
            "`FARGATE` is there already | name it in a strategy, or in `capacityProviders` of \
             `cluster`"
                .to_owned(),
        ),
        (
            "a.b",
            "`a.b` is no name of a capacity provider | expected letters, digits, hyphens and \
             underscores"
                .to_owned(),
        ),
    ] {
        assert_eq!(of(name), [expected], "{name}");
    }
    let same_group = errors(
        "autoScalingGroups: [{autoScalingGroupName: a, maxSize: 10, instanceType: m5.large}]
capacityProviders:
  - {name: one, autoScalingGroupProvider: {autoScalingGroupName: a}}
  - {name: two, autoScalingGroupProvider: {autoScalingGroupName: a}}",
    );
    assert_eq!(
        same_group,
        [
            "the group `a` belongs to `one` already | each capacity provider needs an Auto Scaling \
             group of its own"
        ]
    );
    let managed = errors("capacityProviders: [{name: one, managedInstancesProvider: {}}]");
    assert_eq!(
        managed,
        [
            "ECS Managed Instances are not simulated | a provider has an Auto Scaling group: \
             `autoScalingGroupProvider`"
        ]
    );
}

#[test]
fn a_cluster_has_its_providers() {
    let of = |cluster: &str| errors(&format!("{GROUPS}cluster: {{{cluster}}}"));
    for (cluster, expected) in [
        (
            "capacityProviders: [oen]",
            "unknown capacity provider `oen` | not in `capacityProviders` | did you mean `one`?",
        ),
        (
            "capacityProviders: [one, one]",
            "the capacity provider `one` is given twice",
        ),
        (
            "capacityProviders: [one], defaultCapacityProviderStrategy: [{capacityProvider: two, \
             weight: 1}]",
            "`two` is no capacity provider of the cluster | add it to `capacityProviders` of \
             `cluster`",
        ),
        (
            "capacityProviders: [one], defaultCapacityProviderStrategy: [{capacityProvider: \
             FARGATE, weight: 1}]",
            "`FARGATE` is no capacity provider of the cluster | add it to `capacityProviders` of \
             `cluster`",
        ),
        (
            "capacityProvider: one",
            "unknown key `capacityProvider` | did you mean `capacityProviders`?",
        ),
    ] {
        assert_eq!(of(cluster), [expected], "{cluster}");
    }
    let many = |count: u32| {
        let groups = (0..count).map(|number| {
            format!("{{autoScalingGroupName: g{number}, maxSize: 1, instanceType: m5.large}}")
        });
        let providers = (0..count).map(|number| {
            format!(
                "{{name: p{number}, autoScalingGroupProvider: {{autoScalingGroupName: g{number}}}}}"
            )
        });
        let (groups, providers): (Vec<_>, Vec<_>) = (groups.collect(), providers.collect());
        errors(&format!(
            "autoScalingGroups: [{}]\ncapacityProviders: [{}]",
            groups.join(", "),
            providers.join(", ")
        ))
    };
    assert_eq!(many(20), [""; 0]);
    assert_eq!(
        many(21),
        ["21 capacity providers | a cluster has at most 20"]
    );
}

#[test]
fn strategies_keep_ecs_s_rules() {
    let one = "{capacityProvider: one, weight: 1}";
    for (items, expected) in [
        (
            // G84
            "{capacityProvider: one}, {capacityProvider: two, weight: 0}".to_owned(),
            "a strategy whose weights are all 0 places no task | a weight that is not given is 0: \
             add `weight: 1`",
        ),
        (
            // G85
            "{capacityProvider: one, base: 1, weight: 1}, {capacityProvider: two, base: 2}"
                .to_owned(),
            "a second item with a `base` | only one item of a strategy has a base above 0",
        ),
        (
            format!("{one}, {one}"),
            "a capacity provider that the strategy has already | remove one of the items",
        ),
        (
            "{capacityProvider: onee, weight: 1}".to_owned(),
            "unknown capacity provider `onee` | not in `capacityProviders` | did you mean `one`?",
        ),
        (
            "{capacityProvider: one, weight: 1001}".to_owned(),
            "`1001` is too large | expected a whole number from 0 to 1000",
        ),
        (
            "{capacityProvider: one, base: 100001, weight: 1}".to_owned(),
            "`100001` is too large | expected a whole number from 0 to 100000",
        ),
        (
            "one".to_owned(),
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{capacityProvider: one, weight: 1}`",
        ),
        (
            "{weight: 1}".to_owned(),
            "the key `capacityProvider` is missing | add `capacityProvider: web`",
        ),
    ] {
        assert_eq!(of_strategy(&items), [expected], "{items}");
    }
    let families = of_strategy(&format!("{one}, {{capacityProvider: FARGATE, weight: 1}}"));
    assert_eq!(
        families,
        [
            "Fargate and Auto Scaling groups in one strategy | a strategy has `FARGATE` and \
             `FARGATE_SPOT`, or providers of Auto Scaling groups: make two services of it"
        ]
    );
    let many = vec![one; 21].join(", ");
    assert_eq!(of_strategy(&many), ["21 items | a strategy has at most 20"]);
}

#[test]
fn a_strategy_without_any_provider_says_how_to_add_one() {
    let found = errors(
        "containerInstances: [{instanceType: m5.large}]
services:
  - {serviceName: web, taskDefinition: web, desiredCount: 2,
     capacityProviderStrategy: [{capacityProvider: web, weight: 1}]}",
    );
    assert_eq!(
        found,
        [
            "unknown capacity provider `web` | not in `capacityProviders` | add \
             `capacityProviders: [{name: web, autoScalingGroupProvider: {autoScalingGroupName: \
             web}}]`"
        ]
    );
}

#[test]
fn launch_types_and_strategies_exclude_each_other() {
    let strategy = "capacityProviderStrategy: [{capacityProvider: one, weight: 1}]";
    let both = "`capacityProviderStrategy` beside `launchType` | ECS takes one of them: remove the \
                other";
    let service = of_service(&format!("taskDefinition: web, launchType: EC2, {strategy}"));
    assert_eq!(service, [both]);
    let task = of_task(&format!("taskDefinition: web, launchType: EC2, {strategy}"));
    assert_eq!(task, [both]);
    assert_eq!(
        of_service("taskDefinition: web, launchType: MANAGED_INSTANCES"),
        [
            "ECS Managed Instances are not simulated | `EC2` has tasks run on `containerInstances` \
             and Auto Scaling groups"
        ]
    );
    assert_eq!(
        of_service("taskDefinition: web, launchType: Fargate"),
        [
            "`Fargate` is not a value of `launchType` | expected `EC2`, `FARGATE`, `EXTERNAL` or \
             `MANAGED_INSTANCES` | did you mean `FARGATE`?"
        ]
    );
    let started = "startTask: {containerInstances: [i-00000000000000000]}";
    assert_eq!(
        of_task(&format!("taskDefinition: web, {started}, {strategy}")),
        [
            "`capacityProviderStrategy` beside `startTask` | StartTask names its instances and \
             bypasses placement: remove one of them"
        ]
    );
}

#[test]
fn what_fargate_cannot_do_is_refused() {
    let placed = "Fargate has no container instances to choose from: it spreads tasks over the \
                  zones of their subnets by itself";
    let spot = "capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT, weight: 1}]";
    for (keys, expected) in [
        (
            // G36
            "taskDefinition: api, launchType: FARGATE, placementConstraints: [{type: \
             distinctInstance}]"
                .to_owned(),
            format!("`placementConstraints` of tasks on Fargate | {placed}"),
        ),
        (
            format!(
                "taskDefinition: api, {spot}, placementStrategy: [{{type: binpack, field: cpu}}]"
            ),
            format!("`placementStrategy` of tasks on Fargate | {placed}"),
        ),
        (
            "taskDefinition: web, launchType: FARGATE".to_owned(),
            "the task definition `web:1` is not made for Fargate | add \
             `requiresCompatibilities: [FARGATE]` to it"
                .to_owned(),
        ),
        (
            format!("taskDefinition: web, {spot}"),
            "the task definition `web:1` is not made for Fargate | add \
             `requiresCompatibilities: [FARGATE]` to it"
                .to_owned(),
        ),
    ] {
        assert_eq!(of_service(&keys), [expected.as_str()], "{keys}");
        assert_eq!(of_task(&keys), [expected.as_str()], "{keys}");
    }
    assert_eq!(
        of_task("cpu: 256, memory: 512, launchType: FARGATE"),
        [
            "tasks on Fargate without a task definition | Fargate has certain sizes only: add \
             `taskDefinition`, with `requiresCompatibilities: [FARGATE]` in the definition"
        ]
    );
}

#[test]
fn a_daemon_service_takes_the_launch_type_of_its_instances() {
    let daemon = "taskDefinition: web, schedulingStrategy: DAEMON";
    let of = |keys: &str, rest: &str| {
        errors(&format!(
            "{GROUPS}services: [{{serviceName: web, {daemon}{keys}}}]\n{rest}"
        ))
    };
    assert_eq!(of("", ""), [""; 0]);
    let with = "a DAEMON service with a capacity provider strategy";
    let help =
        "it runs one task on each container instance, whoever launched it: `launchType: EC2`";
    let strategy = "[{capacityProvider: one, weight: 1}]";
    assert_eq!(
        of(&format!(", capacityProviderStrategy: {strategy}"), ""),
        [format!("{with} | {help}")]
    );
    let default = format!("cluster: {{defaultCapacityProviderStrategy: {strategy}}}");
    assert_eq!(
        of("", &default),
        [format!(
            "{with} | the cluster's default strategy is meant where there is none | {help}"
        )]
    );
    assert_eq!(of(", launchType: EC2", &default), [""; 0]);
    let fargate = errors(
        "services: [{serviceName: api, taskDefinition: api, schedulingStrategy: DAEMON, \
         launchType: FARGATE}]",
    );
    assert_eq!(
        fargate,
        [
            "a DAEMON service on Fargate | it runs one task on each container instance, and \
             Fargate has none"
        ]
    );
}

#[test]
fn what_ecs_anywhere_does_not_have_is_refused() {
    let of = |keys: &str| {
        errors(&format!(
            "containerInstances: [{{instanceType: m5.large, launchType: EXTERNAL}}]
targetGroups: [{{targetGroupName: web}}]
services: [{{serviceName: web, desiredCount: 1, launchType: EXTERNAL, {keys}}}]"
        ))
    };
    let registry = "registryArn: arn:aws:servicediscovery:us-east-1:1:service/srv-1";
    for (keys, expected) in [
        (
            "taskDefinition: web, loadBalancers: [{targetGroupName: web}]".to_owned(),
            "a load balancer for tasks on external instances | ECS Anywhere has none: remove \
             `loadBalancers`",
        ),
        (
            format!("taskDefinition: web, serviceRegistries: [{{{registry}}}]"),
            "a service registry for tasks on external instances | ECS Anywhere has none: remove \
             `serviceRegistries`",
        ),
        (
            "taskDefinition: files".to_owned(),
            "`files:1` mounts an EFS file system, which external instances cannot | use a bind \
             mount instead",
        ),
        (
            "taskDefinition: web, availabilityZoneRebalancing: ENABLED".to_owned(),
            "the service is not eligible for Availability Zone rebalancing | external instances \
             stand in no Availability Zone | set `availabilityZoneRebalancing: DISABLED`, or \
             remove it",
        ),
    ] {
        let found = of(&keys);
        assert!(found.contains(&expected.to_owned()), "{keys}: {found:?}");
    }
    let awsvpc = errors(
        "containerInstances: [{instanceType: m5.large, launchType: EXTERNAL}]
tasks: [{name: job, taskDefinition: api, arrivals: {at: 0s}, launchType: EXTERNAL}]",
    );
    assert_eq!(
        awsvpc,
        [
            "the task definition `api:1` is not made for EXTERNAL | add EXTERNAL to its \
             `requiresCompatibilities`",
            "`api:1` has the network mode `awsvpc`, which external instances lack | set \
             `networkMode: bridge`, `host` or `none` in it",
        ]
    );
}

#[test]
fn tasks_of_a_capacity_provider_wait_as_ecs_does() {
    let strategy = "capacityProviderStrategy: [{capacityProvider: one, weight: 1}]";
    assert_eq!(
        of_task(&format!("taskDefinition: web, {strategy}, whenFull: queue")),
        [
            "`whenFull` of tasks with a capacity provider strategy | with a capacity provider \
             tasks wait in PROVISIONING, as in ECS, while managed scaling launches instances: \
             remove `whenFull`"
        ]
    );
    assert_eq!(
        of_task(&format!("taskDefinition: web, {strategy}, whenFull: fail")),
        [""; 0]
    );
    assert_eq!(
        of_task("taskDefinition: api, launchType: FARGATE, whenFull: backfill"),
        [
            "`whenFull` of tasks on Fargate | a task for which Fargate has no capacity fails: \
             remove `whenFull`"
        ]
    );
}

#[test]
fn a_fixed_fleet_has_no_spot_and_no_fargate() {
    let of = |keys: &str| {
        errors(&format!(
            "containerInstances: [{{instanceType: m5.large, {keys}}}]"
        ))
    };
    for (keys, expected) in [
        (
            "purchaseOption: spot",
            "a fixed fleet has no Spot Instances | expected `on-demand` | EC2 takes Spot Instances \
             back and launches others: make it an entry of `autoScalingGroups` with \
             `purchaseOption: spot`",
        ),
        (
            "launchType: FARGATE",
            "Fargate has no container instances | tasks and services have `launchType: FARGATE`, \
             with nothing here",
        ),
        (
            "launchType: EXTERNAL, purchaseOption: on-demand",
            "`on-demand` is not a value of `purchaseOption` | expected `external`",
        ),
    ] {
        assert_eq!(of(keys), [expected], "{keys}");
    }
}

#[test]
fn options_of_capacity_are_checked() {
    for (keys, expected) in [
        (
            "provisioningLimit: 0",
            "`0` is too small | expected a whole number from 1 to 10000000",
        ),
        (
            "provisioningTimeout: 0s",
            "`0s` is no time: it must be more than 0",
        ),
        (
            "launchRetries: 1m",
            "unknown key `launchRetries` | did you mean `launchRetry`?",
        ),
    ] {
        let found = errors(&format!("capacityOptions: {{{keys}}}"));
        assert_eq!(found, [expected], "{keys}");
    }
    assert_eq!(
        errors("latencies: {instant: true, instanceLaunch: 1s}"),
        [
            "`instanceLaunch` beside `instant: true` | instant makes all latencies zero: remove \
             one of them"
        ]
    );
}

#[test]
fn incidents_of_capacity_are_checked() {
    let of = |incident: &str| errors(&format!("{GROUPS}incidents: [{{at: 1h, {incident}}}]"));
    for (incident, expected) in [
        (
            "containerInstancesLost: {share: 120%}",
            "`120%` is more than the whole | expected a share such as `20%` or `0.2`",
        ),
        (
            "containerInstancesLost: {share: 20}",
            "`20` is more than the whole | expected a share such as `20%` or `0.2`",
        ),
        (
            "containerInstancesLost: {share: 20%, count: 2}",
            "both `share` and `count` | remove one of them",
        ),
        (
            "containerInstancesLost: {availabilityZone: us-east-1b}",
            "no container instance stands in `us-east-1b` | did you mean `us-east-1a`?",
        ),
        (
            "agentsDisconnected: {instanceType: m5a.large}",
            "no container instance is a `m5a.large` | did you mean `m5.large`?",
        ),
        (
            "agentsDisconnected: {capacityProvider: FARGATE}",
            "Fargate has no container instances | `fargateCapacityRefused` and \
             `fargateSpotReclaim` strike Fargate",
        ),
        (
            "containerInstancesDraining: {count: 0}",
            "`0` is too small | expected a whole number from 1 to 1000000",
        ),
        (
            "spotReclaim: 20%",
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{share: 20%}`",
        ),
        (
            "fargateCapacityRefused: {capacityProvider: one}",
            "`one` is not a value of `capacityProvider` | expected `FARGATE` or `FARGATE_SPOT`",
        ),
        (
            "registrySlow: {factor: 0.5}",
            "`0.5` slows nothing down | expected a number above 1 such as `4`",
        ),
        (
            "registrySlow: 4",
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{factor: 4}`",
        ),
    ] {
        assert_eq!(of(incident), [expected], "{incident}");
    }
}
