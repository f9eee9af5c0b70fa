//! Providers of ECS Managed Instances, wrong ones and what they launch.

use super::loaded;

const TOP: &str = "duration: 24h
taskDefinitions:
  - {family: web, networkMode: host, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
  - {family: bridged, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
";

fn provider(keys: &str, rest: &str) -> String {
    format!(
        "{TOP}capacityProviders: [{{name: managed, managedInstancesProvider: {{{keys}}}}}]
cluster: {{defaultCapacityProviderStrategy: [{{capacityProvider: managed, weight: 1}}]}}
{rest}\n"
    )
}

fn errors(keys: &str, rest: &str) -> Vec<String> {
    super::errors(&provider(keys, rest))
}

/// The types of a provider with these requirements.
fn types(requirements: &str) -> Vec<String> {
    let rest = "services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]";
    let keys = format!("instanceLaunchTemplate: {{{requirements}}}");
    let text = provider(&keys, rest);
    let scenario = loaded(&text, &[])
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario;
    let group = &scenario.auto_scaling_groups[0];
    let names = group.types.iter().map(|of| {
        let of = &scenario.instance_types[of.instance_type.index()];
        of.name.clone()
    });
    names.collect()
}

#[test]
fn providers_of_managed_instances_are_checked() {
    for (keys, expected) in [
        (
            "instanceLaunchTemplate: {capacityOptionType: RESERVED}",
            "capacity reservations are not simulated | use `ON_DEMAND`; `commitments` has Reserved \
             Instances and Savings Plans",
        ),
        (
            "instanceLaunchTemplate: {storageConfiguration: {storageSizeGiB: 20}}",
            "`20` is too small | expected a whole number from 30 to 16384",
        ),
        (
            "infrastructureOptimization: {scaleInAfter: 3601}",
            "`3601` is too large | expected a whole number from 0 to 3600 | -1 keeps instances that \
             are not needed",
        ),
        (
            "managementFee: 120%",
            "`120%` is more than the whole | expected a share of the On-Demand price, such as 12%",
        ),
        (
            "instanceLaunchTemplate: {instanceRequirements: {localStorage: required}}",
            "`localStorage` is not simulated | name the types that meet it: `allowedInstanceTypes: \
             [m6i.*, m7g.large]`",
        ),
        (
            "instanceLaunchTemplate: {instanceRequirements: {vCpuCount: {min: 8, max: 4}}}",
            "`min` (8) is above `max` (4)",
        ),
        (
            "instanceLaunchTemplate: {instanceRequirements: {vCpuCount: {min: 10000}}}",
            "no instance type meets the requirements | of the types with a price in us-east-1 | \
             `ecs-sim catalog` lists the types",
        ),
        (
            "instanceLaunchTemplate: {instanceRequirements: {allowedInstanceTypes: [m5.*], \
             excludedInstanceTypes: [m5.large]}}",
            "`excludedInstanceTypes` beside `allowedInstanceTypes` | EC2 takes one of them: remove \
             the other",
        ),
    ] {
        assert_eq!(errors(keys, ""), [expected], "{keys}");
    }
    let both = super::errors(&format!(
        "{TOP}autoScalingGroups: [{{autoScalingGroupName: a, maxSize: 1, instanceType: m5.large}}]
capacityProviders:
  - {{name: m, managedInstancesProvider: {{}}, autoScalingGroupProvider: {{autoScalingGroupName: a}}}}
"
    ));
    assert_eq!(
        both,
        [
            "`autoScalingGroupProvider` beside `managedInstancesProvider` | a provider has one of \
             them: remove the other"
        ]
    );
}

#[test]
fn what_managed_instances_do_not_take_is_refused() {
    let service = |keys: &str| {
        let rest = format!("services: [{{serviceName: web, desiredCount: 1, {keys}}}]");
        errors("", &rest)
    };
    for (keys, expected) in [
        (
            "taskDefinition: web, placementStrategy: [{type: random}]",
            "`placementStrategy` of tasks on ECS Managed Instances | ECS spreads them over the \
             zones and fills instances by itself: remove it",
        ),
        (
            "taskDefinition: web, placementConstraints: [{type: memberOf, expression: \
             'attribute:stack == prod'}]",
            "ECS Managed Instances do not accept the constraint `attribute:stack == prod` | they \
             accept `ecs.subnet-id`, `ecs.availability-zone`, `ecs.instance-type`, \
             `ecs.cpu-architecture` alone",
        ),
        (
            "taskDefinition: bridged",
            "the network mode of `bridged:1` is not that of ECS Managed Instances | set \
             `networkMode: awsvpc` or `host` in it",
        ),
    ] {
        assert_eq!(service(keys), [expected], "{keys}");
    }
    let allowed = "taskDefinition: web, placementConstraints: [{type: memberOf, expression: \
                   'attribute:ecs.availability-zone in [us-east-1a]'}, {type: distinctInstance}]";
    assert_eq!(service(allowed), [""; 0]);
}

#[test]
fn without_requirements_there_are_general_purpose_types_of_each_size() {
    let types = types("");
    assert!(types.len() > 10, "{types:?}");
    assert!(types.iter().all(|name| name.starts_with('m')), "{types:?}");
    let large = types.iter().filter(|name| {
        name.split_once('.')
            .is_some_and(|(_, size)| size == "large")
    });
    let large = large.count();
    assert_eq!(large, 2, "one of each architecture: {types:?}");
}

#[test]
fn requirements_choose_the_types() {
    let exact = "instanceRequirements: {vCpuCount: {min: 2, max: 2}, memoryMiB: {min: 4096, max: \
                 4096}, cpuManufacturers: [amazon-web-services]}";
    // The cheapest stands for all of a shape.
    assert_eq!(types(exact), ["a1.large"]);
    let named = "instanceRequirements: {allowedInstanceTypes: ['m5.*large', c6g.large]}";
    let named = types(named);
    assert!(named.contains(&"m5.large".to_owned()) && named.contains(&"m5.2xlarge".to_owned()));
    assert!(named.contains(&"c6g.large".to_owned()));
    let makers = "instanceRequirements: {vCpuCount: {max: 4}, cpuManufacturers: [amd]}";
    assert!(types(makers).iter().all(|name| name.contains('a')));
    let cheap = "instanceRequirements: {vCpuCount: {max: 2}, burstablePerformance: required}";
    assert!(types(cheap).iter().all(|name| name.starts_with('t')));
}
