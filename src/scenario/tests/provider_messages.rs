//! Wrong capacity providers and strategies, with what their users see.

use super::GROUPS;

const TOP: &str = "duration: 24h
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
";

fn errors(rest: &str) -> Vec<String> {
    super::errors(&format!("{TOP}{rest}\n"))
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
             `FARGATE_SPOT`, or providers of Auto Scaling groups, or of ECS Managed Instances: \
             make two services of it"
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
