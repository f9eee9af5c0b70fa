//! From a checked scenario to the first state of the world.

use crate::model::{
    Attributes, CapacityScope, Cluster, ContainerInstance, InstanceType, LINUX_RESERVED_TCP,
    LaunchType, PortTable, Profile, TaskDefinition, WINDOWS_RESERVED_TCP, attributes,
};
use crate::placement::query::Expression;
use crate::placement::strategies::{Chain, Strategies};
use crate::placement::{ConstraintSpec, SpreadField, StrategySpec, Template};
use crate::scenario::{InstanceSettings, Scenario, Service, TasksEntry};
use crate::units::{MemoryMib, Resources, SimTime, id, index};

use super::SetupError;

/// A cluster with the scenario's fixed fleet registered, in the order of the file.
pub(super) fn cluster(scenario: &Scenario) -> Cluster {
    let zones = super::fargate::zones(scenario);
    let cluster = Cluster::new(scenario.start, scenario.instance_types.clone());
    let mut cluster = cluster.with_fargate_zones(&zones);
    for (fleet_entry, fleet) in scenario.container_instances.iter().enumerate() {
        let instance_type = &scenario.instance_types[fleet.instance_type.index()];
        let settings = &fleet.settings;
        let zones = fleet.availability_zones.iter();
        let profiles: Vec<_> = zones
            .map(|zone| {
                let attributes = attributes_of(scenario, settings, instance_type, zone);
                let version = settings.agent_version.clone();
                let mut profile =
                    Profile::of_fleet(id(fleet_entry), fleet.instance_type, attributes, version);
                profile.launch_type = fleet.launch_type;
                profile.purchase_option = fleet.purchase_option;
                if fleet.launch_type == LaunchType::External {
                    let external = attributes::EXTERNAL.to_owned();
                    profile.attributes.insert(external, String::new());
                }
                cluster.intern_profile(profile)
            })
            .collect();
        let registered = registered(scenario, settings, instance_type, fleet.registered_memory);
        let ports = ports(settings);
        for copy in 0..fleet.count {
            cluster.register(ContainerInstance::new(
                profiles[index(copy) % profiles.len()],
                settings.agent_connected,
                SimTime::ZERO,
                registered,
                ports.clone(),
            ));
        }
    }
    cluster
}

fn is_windows(settings: &InstanceSettings) -> bool {
    settings.operating_system_family.starts_with("WINDOWS")
}

/// What an instance registers.
pub(super) fn registered(
    scenario: &Scenario,
    settings: &InstanceSettings,
    instance_type: &InstanceType,
    memory: MemoryMib,
) -> Resources {
    // Branch ENIs cannot be used by Windows.
    let trunking = scenario.awsvpc_trunking && !is_windows(settings);
    let trunk_limit = instance_type.awsvpc_tasks_trunking.filter(|_| trunking);
    Resources {
        cpu: instance_type.cpu,
        memory,
        gpus: instance_type.gpus,
        enis: trunk_limit
            .or(instance_type.awsvpc_tasks)
            .unwrap_or(Resources::UNLIMITED_ENIS),
    }
}

/// The host ports that are taken from the start.
pub(super) fn ports(settings: &InstanceSettings) -> PortTable {
    let defaults: &[u16] = if is_windows(settings) {
        &WINDOWS_RESERVED_TCP
    } else {
        &LINUX_RESERVED_TCP
    };
    let tcp = [defaults, &settings.reserved_tcp_ports].concat();
    PortTable::with_reserved(&tcp, &settings.reserved_udp_ports)
}

/// Built-in attributes and capabilities, then the scenario's own, less what it says is missing.
pub(super) fn attributes_of(
    scenario: &Scenario,
    settings: &InstanceSettings,
    instance_type: &InstanceType,
    zone: &str,
) -> Attributes {
    let os_type = if is_windows(settings) {
        "windows"
    } else {
        "linux"
    };
    let mut all: Attributes = [
        (attributes::AVAILABILITY_ZONE, zone),
        (attributes::INSTANCE_TYPE, &instance_type.name),
        (attributes::OS_TYPE, os_type),
        (attributes::OS_FAMILY, &settings.operating_system_family),
        (
            attributes::CPU_ARCHITECTURE,
            instance_type.architecture.attribute_value(),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for capability in attributes::LINUX_CAPABILITIES {
        all.insert(capability.to_owned(), String::new());
    }
    let trunk = scenario.awsvpc_trunking && !is_windows(settings);
    if trunk && instance_type.awsvpc_tasks_trunking.is_some() {
        all.insert(attributes::TASK_ENI_TRUNKING.to_owned(), String::new());
    }
    all.extend(settings.attributes.clone());
    for name in &settings.without_attributes {
        all.remove(name);
    }
    all
}

/// What the tasks of an entry and a definition ask of an instance.
pub(super) fn template(
    scenario: &Scenario,
    entry: &TasksEntry,
    definition: Option<&TaskDefinition>,
    strategies: &Strategies,
    cluster: &mut Cluster,
) -> Result<Template, SetupError> {
    let family = definition.map_or(&entry.name, |definition| &definition.family);
    let group = entry
        .group
        .clone()
        .unwrap_or_else(|| format!("family:{family}"));
    let chain = chain(&entry.placement_strategy, &entry.name, strategies, scenario)?;
    let group = cluster.intern_group(&group);
    let constraints = &entry.placement_constraints;
    let (distinct_instance, member_of) = constraints_of(constraints, definition);
    Ok(Template {
        capacity: CapacityScope::default(),
        group,
        ports: definition
            .map(|definition| definition.ports.clone())
            .unwrap_or_default(),
        required_attributes: definition
            .map(|definition| definition.required_attributes.clone())
            .unwrap_or_default(),
        subnet_zones: entry.subnet_zones.clone(),
        distinct_instance,
        member_of,
        chain,
    })
}

/// The chain of strategies of each service. A service without any has ECS's default: the zone with
/// the fewest tasks of the service, inside it the instance with the fewest.
pub(super) fn service_chains(
    scenario: &Scenario,
    strategies: &Strategies,
) -> Result<Vec<Chain>, SetupError> {
    let zone = SpreadField::Attribute(attributes::AVAILABILITY_ZONE.to_owned());
    let default = [
        StrategySpec::Spread(zone),
        StrategySpec::Spread(SpreadField::InstanceId),
    ];
    let services = scenario.services.iter();
    let chains = services.map(|service| {
        let given = &service.placement_strategy;
        let specs = if given.is_empty() {
            &default
        } else {
            &given[..]
        };
        chain(specs, &service.name, strategies, scenario)
    });
    chains.collect()
}

/// What the tasks of a service and a definition ask of an instance.
pub(super) fn service_template(
    service: &Service,
    definition: &TaskDefinition,
    chain: Chain,
    cluster: &mut Cluster,
) -> Template {
    let constraints = &service.placement_constraints;
    let (distinct_instance, member_of) = constraints_of(constraints, Some(definition));
    Template {
        capacity: CapacityScope::default(),
        group: cluster.intern_group(&format!("service:{}", service.name)),
        ports: definition.ports.clone(),
        required_attributes: definition.required_attributes.clone(),
        subnet_zones: service.subnet_zones.clone(),
        distinct_instance,
        member_of,
        chain,
    }
}

fn chain(
    specs: &[StrategySpec],
    entry: &str,
    strategies: &Strategies,
    scenario: &Scenario,
) -> Result<Chain, SetupError> {
    Chain::new(specs, strategies, scenario.placement_options).map_err(|strategy| {
        SetupError::UnknownStrategy {
            entry: entry.to_owned(),
            strategy,
        }
    })
}

/// Whether `distinctInstance` holds, and every `memberOf` expression, the definition's first.
fn constraints_of(
    constraints: &[ConstraintSpec],
    definition: Option<&TaskDefinition>,
) -> (bool, Vec<Expression>) {
    let mut member_of = definition.map_or_else(Vec::new, |definition| {
        definition.placement_constraints.clone()
    });
    let mut distinct_instance = false;
    for constraint in constraints {
        match constraint {
            ConstraintSpec::DistinctInstance => distinct_instance = true,
            ConstraintSpec::MemberOf(expression) => member_of.push(expression.clone()),
        }
    }
    (distinct_instance, member_of)
}
