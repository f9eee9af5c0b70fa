//! What tasks and services ask of a capacity that it does not have, wrong options and incidents of
//! capacity, with what their users see.

use super::GROUPS;

const TOP: &str = "duration: 24h
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
  - {family: files, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128,
     mountPoints: [{sourceVolume: v, containerPath: /v}]}],
     volumes: [{name: v, efsVolumeConfiguration: {fileSystemId: fs-1}}]}
  - {family: api, networkMode: awsvpc, requiresCompatibilities: [FARGATE], cpu: 256, memory: 512,
     containerDefinitions: [{name: app, image: api:1}]}
";

fn errors(rest: &str) -> Vec<String> {
    super::errors(&format!("{TOP}{rest}\n"))
}

/// The errors of a service of two tasks with these keys, beside groups and providers.
fn of_service(keys: &str) -> Vec<String> {
    errors(&format!(
        "{GROUPS}services: [{{serviceName: web, desiredCount: 2, {keys}}}]"
    ))
}

fn of_task(keys: &str) -> Vec<String> {
    errors(&format!(
        "{GROUPS}tasks: [{{name: job, arrivals: {{at: 0s}}, {keys}}}]"
    ))
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
            "which of its providers, `MANAGED_INSTANCES` does not say | name it: \
             `capacityProviderStrategy: [{capacityProvider: managed, weight: 1}]`, and in \
             `capacityProviders` its `managedInstancesProvider`"
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
    // Without managed scaling they are refused at once.
    let disabled = "Provider: {managedScaling: {status: DISABLED}, autoScalingGroupName: a}";
    let queued = GROUPS.replace("Provider: {autoScalingGroupName: a}", disabled);
    let entry = format!(
        "tasks: [{{name: job, arrivals: {{at: 0s}}, taskDefinition: web, {strategy}, whenFull: \
         queue}}]"
    );
    assert_eq!(errors(&format!("{queued}{entry}")), [""; 0]);
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
