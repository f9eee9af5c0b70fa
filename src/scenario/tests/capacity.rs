//! Right scenarios with Auto Scaling groups, capacity providers and launch types, and what is read
//! from them.

use super::{loaded, warnings};
use crate::cloud::auto_scaling::{
    GroupConfiguration, InstanceRefresh, InstancesDistribution, OnDemandAllocationStrategy,
    ScheduledAction, SpotAllocationStrategy, TerminationPolicy, WarmPool, WarmPoolState,
};
use crate::control::capacity_provider_strategy::StrategyItem;
use crate::control::managed_scaling::ManagedScaling;
use crate::kernel::Distribution;
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, InstanceTypeId, LaunchType, PurchaseOption,
};
use crate::scenario::{
    Capacity, CapacityOptions, CapacityProviderKind, Extent, IncidentKind, InstanceSelector,
    PoolSelector, Scenario, StruckInstances,
};
use crate::units::{HourlyRate, MemoryMib, Millis, Share, SimTime};
use crate::workload::load::Factor;

const DEFINITIONS: &str = "taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 256, memory: 512}]}
  - family: api
    networkMode: awsvpc
    requiresCompatibilities: [EC2, FARGATE]
    cpu: 256
    memory: 512
    containerDefinitions: [{name: app, image: api:1}]
";

fn read(text: &str) -> Scenario {
    let text = format!("duration: 24h\n{text}\n{DEFINITIONS}");
    let loaded = loaded(&text, &[]).unwrap_or_else(|error| panic!("{error}"));
    loaded.scenario
}

/// A cluster with a group and its provider, both `web`, and what comes after.
fn with_group(rest: &str) -> Scenario {
    read(&format!(
        "autoScalingGroups: [{{autoScalingGroupName: web, maxSize: 10, instanceType: m5.large}}]
capacityProviders: [{{name: web, autoScalingGroupProvider: {{autoScalingGroupName: web}}}}]
{rest}"
    ))
}

fn item(provider: u32, base: u32, weight: u32) -> StrategyItem {
    StrategyItem {
        provider: CapacityProviderId(provider),
        base,
        weight,
    }
}

#[test]
fn the_short_form_of_a_group_has_aws_s_defaults() {
    let read = with_group("");
    let [group] = read.auto_scaling_groups.as_slice() else {
        panic!("one group");
    };
    assert_eq!(group.name, "web");
    let expected = GroupConfiguration {
        min_size: 0,
        max_size: 10,
        desired_capacity: 0,
        availability_zones: vec!["us-east-1a".to_owned()],
        distribution: InstancesDistribution::default(),
        termination_policies: vec![TerminationPolicy::Default],
        new_instances_protected_from_scale_in: false,
        capacity_rebalance: false,
        termination_hook: None,
        max_instance_lifetime: None,
        warm_pool: None,
        instance_refreshes: Vec::new(),
        scheduled_actions: Vec::new(),
    };
    assert_eq!(group.configuration, expected);
    let [only] = group.types.as_slice() else {
        panic!("one type");
    };
    let known = &read.instance_types[only.instance_type.index()];
    assert_eq!(known.name, "m5.large");
    assert_eq!(Some(only.on_demand), known.on_demand);
    assert_eq!(only.registered_memory, known.registered_memory);
    assert_eq!(group.settings.operating_system_family, "LINUX");
    assert!(group.settings.agent_connected);
    assert!(!group.spot_instance_draining && !group.public_ipv4);
    assert_eq!(group.root_volume_gib, None);
}

#[test]
fn a_launch_template_is_set_up_like_a_fixed_fleet() {
    let read = read(
        "autoScalingGroups:
  - autoScalingGroupName: web
    minSize: 2
    maxSize: 10
    desiredCapacity: 3
    availabilityZones: [us-east-1a, us-east-1b]
    tags: []
    launchTemplate:
      launchTemplateName: ignored
      instanceType: m5.large
      purchaseOption: spot
      attributes: {stack: prod}
      reservedMemory: 256
      reservedPorts: [8125]
      agentVersion: 1.90.0
      rootVolumeGiB: 30
      publicIpv4: true
      spotInstanceDraining: true
      onDemandUsdPerHour: 0.5",
    );
    let group = &read.auto_scaling_groups[0];
    let configuration = &group.configuration;
    assert_eq!((configuration.min_size, configuration.max_size), (2, 10));
    assert_eq!(configuration.desired_capacity, 3);
    assert_eq!(
        configuration.availability_zones,
        ["us-east-1a", "us-east-1b"]
    );
    // Spot alone.
    let distribution = configuration.distribution;
    assert_eq!(distribution.on_demand_percentage_above_base_capacity, 0);
    assert_eq!(distribution.on_demand_base_capacity, 0);
    assert_eq!(group.settings.attributes["stack"], "prod");
    assert_eq!(group.settings.reserved_tcp_ports, [8125]);
    assert_eq!(group.settings.agent_version, "1.90.0");
    assert_eq!(group.types[0].on_demand, HourlyRate(500_000_000));
    let whole = read.instance_types[0].registered_memory.0;
    assert_eq!(group.types[0].registered_memory, MemoryMib(whole - 256));
    assert_eq!(group.root_volume_gib, Some(30));
    assert!(group.public_ipv4 && group.spot_instance_draining);
}

#[test]
fn a_mixed_instances_policy_is_read_as_it_is_written() {
    let read = read(
        "autoScalingGroups:
  - autoScalingGroupName: web
    maxSize: 10
    mixedInstancesPolicy:
      launchTemplate:
        launchTemplateSpecification: {launchTemplateName: ignored, version: $Latest}
        registeredMemory: 7000
        overrides:
          - {instanceType: m5.large}
          - {instanceType: m5a.large, onDemandUsdPerHour: 0.08, registeredMemory: 6000}
      instancesDistribution:
        onDemandAllocationStrategy: lowest-price
        onDemandBaseCapacity: 2
        onDemandPercentageAboveBaseCapacity: 25
        spotAllocationStrategy: lowest-price
        spotInstancePools: 4
        spotMaxPrice: 0.06",
    );
    let group = &read.auto_scaling_groups[0];
    let expected = InstancesDistribution {
        on_demand_allocation_strategy: OnDemandAllocationStrategy::LowestPrice,
        on_demand_base_capacity: 2,
        on_demand_percentage_above_base_capacity: 25,
        spot_allocation_strategy: SpotAllocationStrategy::LowestPrice,
        spot_instance_pools: 4,
        spot_max_price: Some(HourlyRate(60_000_000)),
    };
    assert_eq!(group.configuration.distribution, expected);
    let types: Vec<(&str, u32)> = group
        .types
        .iter()
        .map(|one| {
            let name = &read.instance_types[one.instance_type.index()].name;
            (name.as_str(), one.registered_memory.0)
        })
        .collect();
    assert_eq!(types, [("m5.large", 7_000), ("m5a.large", 6_000)]);
    assert_eq!(group.types[1].on_demand, HourlyRate(80_000_000));
}

#[test]
fn what_is_done_to_a_group_is_read_in_order_of_time() {
    let read = read(
        "autoScalingGroups:
  - autoScalingGroupName: web
    maxSize: 10
    instanceType: m5.large
    newInstancesProtectedFromScaleIn: true
    capacityRebalance: true
    terminationPolicies: [OldestInstance, Default]
    terminationHook: {heartbeatTimeout: 900}
    maxInstanceLifetime: 7d
    warmPool: {minSize: 1, maxGroupPreparedCapacity: 4, poolState: Running}
    instanceRefreshes:
      - {at: 5h}
      - {at: 2h, preferences: {minHealthyPercentage: 100, maxHealthyPercentage: 110, instanceWarmup: 2m}}
    scheduledActions:
      - {at: 20h, maxSize: 5}
      - {scheduledActionName: day, recurrence: '0 8 * * *', minSize: 2, desiredCapacity: 4}
      - {schedule: 'rate(10 hours)', desiredCapacity: 1}",
    );
    let configuration = &read.auto_scaling_groups[0].configuration;
    assert!(configuration.new_instances_protected_from_scale_in);
    assert!(configuration.capacity_rebalance);
    assert_eq!(
        configuration.termination_policies,
        [
            TerminationPolicy::OldestInstance,
            TerminationPolicy::Default
        ]
    );
    assert_eq!(configuration.termination_hook, Some(Millis(900_000)));
    let week = Some(Millis(7 * 86_400_000));
    assert_eq!(configuration.max_instance_lifetime, week);
    let pool = WarmPool {
        min_size: 1,
        max_group_prepared_capacity: Some(4),
        pool_state: WarmPoolState::Running,
    };
    assert_eq!(configuration.warm_pool, Some(pool));
    let hour = |hours: u64| SimTime(hours * 3_600_000);
    let refreshes = [
        InstanceRefresh {
            at: hour(2),
            min_healthy_percentage: 100,
            max_healthy_percentage: 110,
            instance_warmup: Millis(120_000),
        },
        InstanceRefresh {
            at: hour(5),
            min_healthy_percentage: 90,
            max_healthy_percentage: 100,
            instance_warmup: Millis::ZERO,
        },
    ];
    assert_eq!(configuration.instance_refreshes, refreshes);
    let action = |hours, min_size, max_size, desired_capacity| ScheduledAction {
        at: hour(hours),
        min_size,
        max_size,
        desired_capacity,
    };
    let actions = [
        action(0, None, None, Some(1)),
        action(8, Some(2), None, Some(4)),
        action(10, None, None, Some(1)),
        action(20, None, Some(5), None),
        action(20, None, None, Some(1)),
    ];
    assert_eq!(configuration.scheduled_actions, actions);
}

#[test]
fn a_hook_without_a_timeout_and_a_pool_without_a_limit_have_aws_s_defaults() {
    let read = read(
        "autoScalingGroups:
  - {autoScalingGroupName: web, maxSize: 10, instanceType: m5.large, terminationHook: {},
     warmPool: {maxGroupPreparedCapacity: -1}}",
    );
    let configuration = &read.auto_scaling_groups[0].configuration;
    assert_eq!(configuration.termination_hook, Some(Millis(3_600_000)));
    let pool = WarmPool {
        min_size: 0,
        max_group_prepared_capacity: None,
        pool_state: WarmPoolState::Stopped,
    };
    assert_eq!(configuration.warm_pool, Some(pool));
}

#[test]
fn capacity_providers_have_aws_s_defaults() {
    let read = with_group("");
    let expected = CapacityProviderKind::AutoScalingGroup {
        group: AutoScalingGroupId(0),
        managed_scaling: Some(ManagedScaling::default()),
        managed_termination_protection: false,
        managed_draining: true,
    };
    assert_eq!(read.capacity_providers.len(), 1);
    assert_eq!(read.capacity_providers[0].name, "web");
    assert_eq!(read.capacity_providers[0].kind, expected);
}

#[test]
fn capacity_providers_are_read_as_they_are_written() {
    let read = read(
        "autoScalingGroups:
  - {autoScalingGroupName: a, maxSize: 10, instanceType: m5.large, newInstancesProtectedFromScaleIn: true}
  - {autoScalingGroupName: b, maxSize: 10, instanceType: m5.large}
capacityProviders:
  - name: one
    autoScalingGroupProvider:
      autoScalingGroupArn: arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u-1:autoScalingGroupName/a
      managedScaling: {status: ENABLED, targetCapacity: 90, minimumScalingStepSize: 2,
        maximumScalingStepSize: 20, instanceWarmupPeriod: 60}
      managedTerminationProtection: ENABLED
      managedDraining: DISABLED
cluster:
  capacityProviders:
    - FARGATE
    - arn:aws:ecs:us-east-1:123456789012:capacity-provider/one
    - {name: two, autoScalingGroupProvider: {autoScalingGroupName: b, managedScaling: {status: DISABLED}}}
  defaultCapacityProviderStrategy: [{capacityProvider: two, weight: 1}]",
    );
    let scaling = ManagedScaling {
        target_capacity: 90,
        minimum_scaling_step_size: 2,
        maximum_scaling_step_size: 20,
        instance_warmup_period: Millis(60_000),
    };
    let kinds: Vec<(&str, &CapacityProviderKind)> = read
        .capacity_providers
        .iter()
        .map(|provider| (provider.name.as_str(), &provider.kind))
        .collect();
    let one = CapacityProviderKind::AutoScalingGroup {
        group: AutoScalingGroupId(0),
        managed_scaling: Some(scaling),
        managed_termination_protection: true,
        managed_draining: false,
    };
    let two = CapacityProviderKind::AutoScalingGroup {
        group: AutoScalingGroupId(1),
        managed_scaling: None,
        managed_termination_protection: false,
        managed_draining: true,
    };
    let expected = [
        ("one", &one),
        ("FARGATE", &CapacityProviderKind::Fargate),
        ("two", &two),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn work_takes_its_own_capacity_else_the_default_strategy_else_ec2() {
    let services = "services:
  - {serviceName: default, taskDefinition: web, desiredCount: 1}
  - {serviceName: typed, taskDefinition: web, desiredCount: 1, launchType: EC2}
  - {serviceName: own, taskDefinition: web, desiredCount: 1,
     capacityProviderStrategy: [{capacityProvider: web, base: 2, weight: 3}]}
  - {serviceName: empty, taskDefinition: web, desiredCount: 1, capacityProviderStrategy: []}
tasks:
  - {name: job, taskDefinition: web, arrivals: {at: 0s}}
  - {name: started, taskDefinition: web, arrivals: {at: 0s},
     startTask: {containerInstances: [i-00000000000000000]}}";
    let capacities = |read: &Scenario| -> Vec<Capacity> {
        let of_services = read.services.iter().map(|service| &service.capacity);
        let of_tasks = read.tasks.iter().map(|entry| &entry.capacity);
        of_services.chain(of_tasks).cloned().collect()
    };
    let ec2 = || Capacity::LaunchType(LaunchType::Ec2);
    let strategy = |base, weight| Capacity::Strategy(vec![item(0, base, weight)]);
    let without = with_group(services);
    let expected = [ec2(), ec2(), strategy(2, 3), ec2(), ec2(), ec2()];
    assert_eq!(capacities(&without), expected);
    let default =
        "cluster: {defaultCapacityProviderStrategy: [{capacityProvider: web, weight: 1}]}";
    let with = with_group(&format!("{services}\n{default}"));
    let expected = [
        strategy(0, 1),
        ec2(),
        strategy(2, 3),
        strategy(0, 1),
        strategy(0, 1),
        ec2(),
    ];
    assert_eq!(capacities(&with), expected);
}

#[test]
fn fargate_s_providers_are_there_where_they_are_used() {
    let service = |strategy: &str| {
        format!(
            "services: [{{serviceName: api, taskDefinition: api, desiredCount: 2, \
             capacityProviderStrategy: [{strategy}]}}]"
        )
    };
    let names = |read: &Scenario| -> Vec<String> {
        let providers = read.capacity_providers.iter();
        providers.map(|provider| provider.name.clone()).collect()
    };
    let both = "{capacityProvider: FARGATE, base: 1, weight: 1}, \
                {capacityProvider: FARGATE_SPOT, weight: 4}";
    let read = with_group(&service(both));
    assert_eq!(names(&read), ["web", "FARGATE", "FARGATE_SPOT"]);
    let expected = Capacity::Strategy(vec![item(1, 1, 1), item(2, 0, 4)]);
    assert_eq!(read.services[0].capacity, expected);
    let spot = "{capacityProvider: FARGATE_SPOT, weight: 1}";
    let read = with_group(&service(spot));
    assert_eq!(names(&read), ["web", "FARGATE_SPOT"]);
    // A launch type is no capacity provider.
    let read = with_group(
        "services: [{serviceName: api, taskDefinition: api, desiredCount: 2, launchType: FARGATE}]",
    );
    assert_eq!(names(&read), ["web"]);
    let fargate = Capacity::LaunchType(LaunchType::Fargate);
    assert_eq!(read.services[0].capacity, fargate);
}

#[test]
fn servers_of_one_s_own_cost_nothing_and_stand_in_no_zone() {
    let read = read(
        "instanceTypes: [{instanceType: rack, cpu: 32 vCPU, memory: 128 GiB, onDemandUsdPerHour: 1}]
containerInstances:
  - {instanceType: rack, count: 3, launchType: EXTERNAL}
  - {instanceType: rack, launchType: EXTERNAL, onDemandUsdPerHour: 0.2, availabilityZone: cellar,
     purchaseOption: external}
services: [{serviceName: web, taskDefinition: web, desiredCount: 1, launchType: EXTERNAL}]",
    );
    let entries: Vec<_> = read
        .container_instances
        .iter()
        .map(|entry| (entry.launch_type, entry.purchase_option, entry.rate))
        .collect();
    let external = |rate| (LaunchType::External, PurchaseOption::External, rate);
    let expected = [external(HourlyRate(0)), external(HourlyRate(200_000_000))];
    assert_eq!(entries, expected);
    assert_eq!(read.container_instances[0].availability_zones, ["external"]);
    assert_eq!(read.container_instances[1].availability_zones, ["cellar"]);
    let external = Capacity::LaunchType(LaunchType::External);
    assert_eq!(read.services[0].capacity, external);
    assert!(!read.services[0].availability_zone_rebalancing);
}

#[test]
fn options_and_latencies_of_capacity_have_their_defaults_or_what_is_given() {
    assert_eq!(with_group("").capacity_options, CapacityOptions::default());
    let read = with_group(
        "capacityOptions: {provisioningLimit: 100, provisioningTimeout: 10m, launchRetry: 30s,
  scaleInAfterScaleOut: 0s, minimumStepForMixedGroups: true}
latencies: {instanceLaunch: 20s, agentRegistration: {uniform: {min: 1m, max: 2m}}, warmStart: 5s}",
    );
    let expected = CapacityOptions {
        instance_launch: Distribution::Fixed(Millis(20_000)),
        agent_registration: Distribution::Uniform {
            min: Millis(60_000),
            max: Millis(120_000),
        },
        warm_start: Distribution::Fixed(Millis(5_000)),
        provisioning_limit: 100,
        provisioning_timeout: Millis(600_000),
        launch_retry: Millis(30_000),
        scale_in_after_scale_out: Millis::ZERO,
        minimum_step_for_mixed_groups: true,
    };
    assert_eq!(read.capacity_options, expected);
    let instant = with_group("latencies: {instant: true}").capacity_options;
    let zero = Distribution::Fixed(Millis::ZERO);
    assert_eq!(instant.instance_launch, zero);
    assert_eq!(instant.agent_registration, zero);
    assert_eq!(instant.warm_start, zero);
}

/// The kinds of incidents beside a fixed fleet of m5a.large, a group of m5.large and Fargate Spot.
fn incidents(list: &str) -> (Scenario, Vec<IncidentKind>) {
    let read = with_group(&format!(
        "containerInstances: [{{instanceType: m5a.large, count: 2, availabilityZone: us-east-1b}}]
services:
  - {{serviceName: api, taskDefinition: api, desiredCount: 2,
     capacityProviderStrategy: [{{capacityProvider: FARGATE_SPOT, weight: 1}}]}}
incidents:
{list}"
    ));
    let kinds = read.incidents.iter();
    let kinds = kinds.map(|incident| incident.kind.clone()).collect();
    (read, kinds)
}

fn share(text: &str) -> Extent {
    Extent::Share(Share::parse(text).unwrap())
}

#[test]
fn instances_are_struck_by_number_or_by_what_they_are() {
    let (read, kinds) = incidents(
        "  - {at: 1h, containerInstancesLost: {share: 20%, availabilityZone: us-east-1b}}
  - {at: 1h, containerInstancesDraining: {count: 3, instanceType: m5a.large, purchaseOption: on-demand}}
  - {at: 1h, agentsDisconnected: {capacityProvider: web}}
  - {at: 1h, containerInstancesLost: [17]}",
    );
    let mut types = (0..).map(InstanceTypeId).zip(&read.instance_types);
    let fixed = types.find(|(_, known)| known.name == "m5a.large");
    let selected =
        |matching: InstanceSelector, extent: Extent| StruckInstances::Selected { matching, extent };
    let in_zone = InstanceSelector {
        availability_zone: Some("us-east-1b".to_owned()),
        ..InstanceSelector::default()
    };
    let of_type = InstanceSelector {
        instance_type: fixed.map(|(id, _)| id),
        purchase_option: Some(PurchaseOption::OnDemand),
        ..InstanceSelector::default()
    };
    let of_provider = InstanceSelector {
        capacity_provider: Some(CapacityProviderId(0)),
        ..InstanceSelector::default()
    };
    let expected = [
        IncidentKind::InstancesLost {
            instances: selected(in_zone, share("20%")),
        },
        IncidentKind::InstancesDraining {
            instances: selected(of_type, Extent::Count(3)),
        },
        IncidentKind::AgentsDisconnected {
            instances: selected(of_provider, share("100%")),
        },
        // Groups may launch more than the two that register at first.
        IncidentKind::InstancesLost {
            instances: StruckInstances::Numbers(vec![17]),
        },
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn incidents_of_capacity_are_read_as_they_are_written() {
    let (read, kinds) = incidents(
        "  - {at: 1h, spotReclaim: {share: 0.5, instanceType: m5.large, availabilityZone: us-east-1a}}
  - {at: 1h, onDemandCapacityRefused: true}
  - {at: 1h, fargateCapacityRefused: {capacityProvider: FARGATE_SPOT, availabilityZone: us-east-1c}}
  - {at: 1h, fargateCapacityRefused: {}}
  - {at: 1h, fargateSpotReclaim: {count: 3}}
  - {at: 1h, registrySlow: {factor: 4}}",
    );
    let mut types = (0..).map(InstanceTypeId).zip(&read.instance_types);
    let of_group = types.find(|(_, known)| known.name == "m5.large");
    let expected = [
        IncidentKind::SpotReclaim {
            pools: PoolSelector {
                instance_type: of_group.map(|(id, _)| id),
                availability_zone: Some("us-east-1a".to_owned()),
            },
            extent: share("50%"),
        },
        IncidentKind::OnDemandCapacityRefused {
            pools: PoolSelector::default(),
        },
        IncidentKind::FargateCapacityRefused {
            purchase_option: Some(PurchaseOption::FargateSpot),
            availability_zone: Some("us-east-1c".to_owned()),
        },
        IncidentKind::FargateCapacityRefused {
            purchase_option: None,
            availability_zone: None,
        },
        IncidentKind::FargateSpotReclaim {
            extent: Extent::Count(3),
        },
        IncidentKind::RegistrySlow {
            factor: Factor::parse("4").unwrap(),
        },
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn incidents_that_strike_nothing_are_a_warning() {
    let of = |incident: &str, rest: &str| {
        let text = format!(
            "duration: 24h
autoScalingGroups:
  - {{autoScalingGroupName: web, maxSize: 10, desiredCapacity: 1, instanceType: m5.large}}
{rest}incidents: [{{at: 1h, {incident}}}]
{DEFINITIONS}services:
  - {{serviceName: api, taskDefinition: api, desiredCount: 1, launchType: FARGATE}}
  - {{serviceName: web, taskDefinition: web, desiredCount: 1}}
"
        );
        warnings(&text)
    };
    let no_spot = "no group launches Spot Instances";
    for (incident, warning) in [
        ("spotReclaim: {}", no_spot),
        ("containerInstancesLost: {purchaseOption: spot}", no_spot),
        ("fargateSpotReclaim: {}", "no tasks run on Fargate Spot"),
        (
            "fargateCapacityRefused: {capacityProvider: FARGATE_SPOT}",
            "no tasks run on Fargate Spot",
        ),
        (
            "fargateCapacityRefused: {availabilityZone: us-east-1b}",
            "Fargate runs no tasks in `us-east-1b`",
        ),
        (
            "availabilityZoneLost: us-east-1b",
            "Fargate runs no tasks in `us-east-1b`",
        ),
    ] {
        assert_eq!(of(incident, ""), [warning], "{incident}");
    }
    for incident in [
        "onDemandCapacityRefused: {}",
        "fargateCapacityRefused: {availabilityZone: us-east-1b}",
        "availabilityZoneLost: us-east-1b",
    ] {
        let zones = "fargate: {availabilityZones: [us-east-1a, us-east-1b]}\n";
        assert_eq!(of(incident, zones), [""; 0], "{incident}");
    }
}

#[test]
fn groups_and_providers_can_be_set_by_their_names() {
    let text = format!(
        "duration: 1h
autoScalingGroups:
  - {{autoScalingGroupName: web, maxSize: 10, instanceType: m5.large}}
cluster:
  capacityProviders:
    - {{name: web, autoScalingGroupProvider: {{autoScalingGroupName: web}}}}
  defaultCapacityProviderStrategy: [{{capacityProvider: web, weight: 1}}]
services: [{{serviceName: web, taskDefinition: web, desiredCount: 1}}]
{DEFINITIONS}"
    );
    let sets = [
        "autoScalingGroups.web.maxSize=20",
        "autoScalingGroups.web.instanceType=m5a.large",
        "cluster.capacityProviders.web.autoScalingGroupProvider.managedScaling.targetCapacity=80",
        "cluster.defaultCapacityProviderStrategy.web.base=4",
    ];
    let read = loaded(&text, &sets).unwrap_or_else(|error| panic!("{error}"));
    let read = read.scenario;
    let group = &read.auto_scaling_groups[0];
    assert_eq!(group.configuration.max_size, 20);
    assert_eq!(read.instance_types[0].name, "m5a.large");
    let CapacityProviderKind::AutoScalingGroup {
        managed_scaling: Some(scaling),
        ..
    } = &read.capacity_providers[0].kind
    else {
        panic!("a provider with managed scaling");
    };
    assert_eq!(scaling.target_capacity, 80);
    let expected = Capacity::Strategy(vec![item(0, 4, 1)]);
    assert_eq!(read.services[0].capacity, expected);
}

#[test]
fn what_comes_to_nothing_is_a_warning() {
    let of = |text: &str| warnings(&format!("duration: 1h\n{text}\n"));
    let group =
        "autoScalingGroups: [{autoScalingGroupName: web, maxSize: 4, instanceType: m5.large}]";
    let provider =
        "capacityProviders: [{name: web, autoScalingGroupProvider: {autoScalingGroupName: web}}]";
    assert_eq!(of(group), ["the group `web` never launches an instance"]);
    assert_eq!(
        of(&format!("{group}\n{provider}")),
        ["no task uses the capacity provider `web`"]
    );
    assert_eq!(
        of(&format!(
            "{group}\n{provider}\ncluster: {{capacityProviders: []}}"
        )),
        [
            "the group `web` never launches an instance",
            "`web` is no capacity provider of the cluster",
        ]
    );
    let job = "tasks: [{name: job, cpu: 256, memory: 512, arrivals: {at: 0s}";
    assert_eq!(
        of(&format!("{job}, launchType: EXTERNAL}}]")),
        ["there are tasks but no external instances"]
    );
    assert_eq!(
        of(&format!("{job}}}]")),
        ["there are tasks but no container instances"]
    );
    // Groups have instances, and Fargate needs none.
    let desired = group.replace("maxSize", "desiredCapacity: 1, maxSize");
    assert_eq!(of(&format!("{desired}\n{job}}}]")), [""; 0]);
}

#[test]
fn tasks_that_a_group_can_never_hold_are_a_warning() {
    // G95.
    let of = |needs: &str, managed: &str| {
        warnings(&format!(
            "duration: 1h
autoScalingGroups:
  - autoScalingGroupName: web
    maxSize: 4
    desiredCapacity: 1
    mixedInstancesPolicy:
      launchTemplate: {{overrides: [{{instanceType: m5.large}}, {{instanceType: m5.2xlarge}}]}}
capacityProviders:
  - {{name: web, autoScalingGroupProvider: {{autoScalingGroupName: web, managedScaling: {{{managed}}}}}}}
tasks:
  - {{name: job, {needs}, arrivals: {{at: 0s}},
     capacityProviderStrategy: [{{capacityProvider: web, weight: 1}}]}}
"
        ))
    };
    let enabled = "status: ENABLED";
    assert_eq!(of("cpu: 2048, memory: 512", enabled), [""; 0]);
    let excluded = "managed scaling launches no instance of `web` for tasks of `job`";
    assert_eq!(of("cpu: 2049, memory: 512", enabled), [excluded]);
    assert_eq!(of("cpu: 1024, memory: 16 GiB", enabled), [excluded]);
    assert_eq!(of("cpu: 2049, memory: 512", "status: DISABLED"), [""; 0]);
    assert_eq!(
        of("cpu: 9000, memory: 512", enabled),
        ["no instance of the group `web` can ever hold tasks of `job`"]
    );
}

#[test]
fn a_definition_that_does_not_ask_for_ec2_is_a_warning_where_it_is_placed_there() {
    let text = |keys: &str| {
        format!(
            "duration: 1h
containerInstances: [{{instanceType: m5.large}}]
taskDefinitions:
  - {{family: api, networkMode: awsvpc, requiresCompatibilities: [FARGATE], cpu: 256, memory: 512,
     containerDefinitions: [{{name: app, image: api:1}}]}}
services: [{{serviceName: api, taskDefinition: api, desiredCount: 1{keys}}}]
"
        )
    };
    assert_eq!(
        warnings(&text("")),
        ["`api:1` does not ask for EC2, but its tasks are placed there"]
    );
    assert_eq!(warnings(&text(", launchType: FARGATE")), [""; 0]);
}
