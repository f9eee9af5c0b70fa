//! `services`: CreateService's shape.
//!
//! Sources: API reference of CreateService; Developer Guide, "Amazon ECS services".

mod deployment_configuration;
mod deployments;
mod ignored;
mod lifecycle_hooks;
mod options;
mod protection;
mod rules;

use crate::kernel::Distribution;
use crate::model::{TargetGroupId, TaskDefinition, TaskDefinitionId};
use crate::placement::StrategySpec;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::services::{SchedulingStrategy, Service};
use crate::scenario::strategies::read_strategies;
use crate::units::{Millis, SimTime, nearest};

use super::Environment;
use super::arrivals::Clock;
use super::capacity::{CapacityRules, read_capacity};
use super::capacity_providers::Providers;
use super::constraints::read_constraints;
use super::fleet::{Fleet, TasksOf};
use super::load::read_service_load;
use super::network::read_network;
use super::scaling::read_scaling;
use super::subnets::Subnets;
use super::task_definitions::TaskDefinitions;

pub(super) use self::deployments::{read_deployments, read_time};
pub(super) use self::options::read_options;
pub(super) use self::protection::read_protection;

const KEYS: [&str; 18] = [
    "serviceName",
    "taskDefinition",
    "desiredCount",
    "schedulingStrategy",
    "deploymentConfiguration",
    "deploymentController",
    "placementStrategy",
    "placementConstraints",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "availabilityZoneRebalancing",
    "loadBalancers",
    "serviceRegistries",
    "launchType",
    "capacityProviderStrategy",
    "createdAt",
    "load",
    "scaling",
];
/// The most tasks that a service is read with when quotas are off.
const MOST_TASKS: u32 = 1_000_000;
/// The largest value of the API's 32-bit integers.
const LONGEST_GRACE: u64 = 2_147_483_647;

/// What services may name, and what they are checked against.
pub(super) struct Known<'a> {
    pub(super) environment: &'a Environment<'a>,
    pub(super) clock: &'a Clock,
    pub(super) definitions: &'a TaskDefinitions,
    pub(super) subnets: &'a Subnets,
    /// What registers; `None` when a part of it was reported.
    pub(super) fleet: Option<&'a Fleet<'a>>,
    /// Capacity providers, and the cluster's default strategy.
    pub(super) providers: &'a Providers,
    /// Names of target groups.
    pub(super) target_groups: &'a [String],
    /// Names of alarms.
    pub(super) alarms: &'a [String],
    /// Whether ECS's quotas are kept.
    pub(super) quotas: bool,
    /// How long registration with Cloud Map takes.
    pub(super) registration: &'a Distribution,
}

/// Reads the services.
pub(super) struct ServicesReader<'a> {
    pub(super) known: Known<'a>,
    /// Which definitions something names.
    pub(super) used: Vec<bool>,
    /// Names that are taken.
    pub(super) names: Vec<String>,
}

/// The services that were read.
pub(super) struct Services {
    pub(super) list: Vec<Service>,
    /// Names of services that were reported: what names one is not wrong.
    broken: Vec<String>,
}

impl Services {
    /// The position of the service that a value names; reports one that there is not.
    pub(super) fn find(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<usize> {
        let given = read::name(node, "the name of a service", diagnostics)?;
        let name = match given.strip_prefix("arn:") {
            Some(rest) => rest.rsplit('/').next().unwrap_or(rest),
            None => given,
        };
        let found = self.list.iter().position(|service| service.name == name);
        if found.is_some() || self.broken.iter().any(|broken| broken == name) {
            return found;
        }
        let names: Vec<&str> = self.list.iter().map(|known| known.name.as_str()).collect();
        report_unknown_name(name, "service", "services", &names, node.place, diagnostics);
        None
    }
}

/// Reports a name that no entry of a block has.
pub(super) fn report_unknown_name(
    name: &str,
    what: &str,
    block: &str,
    names: &[&str],
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let near = nearest(name, names.iter().copied());
    let finding = diagnostics.error(place, format!("unknown {what} `{name}`"));
    finding.label(format!("not in `{block}`")).nearest(near);
    match names {
        [] => {
            finding.help(format!("the scenario has no usable entry in `{block}`"));
        }
        _ if near.is_none() => {
            finding.help(format!("there are {}", read::short_list(names)));
        }
        _ => {}
    }
}

impl ServicesReader<'_> {
    pub(super) fn read(&mut self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Services {
        let mut services = Services {
            list: Vec::new(),
            broken: Vec::new(),
        };
        let items = read::items_of(fields, "services", diagnostics);
        let node = fields.get("services").map(|node| &node.value);
        if matches!(node, Some(Value::Mapping(_))) {
            diagnostics
                .last()
                .help("each service is an element with its name: `- serviceName: web`");
        }
        for item in items {
            if let Some(service) = self.read_service(item, diagnostics) {
                services.list.push(service);
            } else {
                let name = item.get("serviceName").and_then(Node::text);
                services.broken.extend(name.map(str::to_owned));
            }
        }
        rules::check_number_of_services(fields, &services.list, self.known.quotas, diagnostics);
        services
    }

    fn read_service(&mut self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Service> {
        let accepted = ignored::accepted();
        let fields = read::fields_beside(node, &KEYS, &accepted, diagnostics)?;
        ignored::warn(&fields, diagnostics);
        let name = self.read_name(&fields, diagnostics);
        let created_at = read_created_at(&fields, self.known.clock, diagnostics);
        rules::check_controller(&fields, diagnostics);
        let capacity = read_capacity(&fields, self.known.providers, diagnostics);
        let id = fields
            .required("taskDefinition", "web", diagnostics)
            .and_then(|node| {
                let definitions = self.known.definitions;
                definitions.find_used(node, &mut self.used, diagnostics)
            });
        let scheduling_strategy = read_scheduling_strategy(&fields, diagnostics);
        let is_daemon = scheduling_strategy == SchedulingStrategy::Daemon;
        let desired_count = read_desired_count(&fields, is_daemon, diagnostics);
        let deployment_configuration = deployment_configuration::Reader {
            alarms: self.known.alarms,
            base: deployment_configuration::defaults(scheduling_strategy),
        }
        .read(fields.get("deploymentConfiguration"), diagnostics);
        let definition = id.map(|id: TaskDefinitionId| &self.known.definitions.list[id.index()]);
        let of_definition = definition.map_or(0, |known| known.placement_constraints.len());
        let placement_constraints = read_constraints(&fields, of_definition, diagnostics);
        let placement_strategy = self.read_strategy(&fields, is_daemon, diagnostics);
        let subnet_zones = read_network(&fields, definition, self.known.subnets, diagnostics);
        let target_groups = self.read_load_balancers(&fields, definition, diagnostics);
        let health_check_grace_period = read_grace_period(&fields, diagnostics);
        let service_registry = self.read_registries(&fields, diagnostics);
        let load = fields.get("load").and_then(|node| {
            let base_dir = self.known.environment.base_dir;
            read_service_load(node, base_dir, diagnostics)
        });
        let has_groups = !read::items_of(&fields, "loadBalancers", diagnostics).is_empty();
        let scaling = fields
            .get("scaling")
            .and_then(|node| read_scaling(node, has_groups, diagnostics));
        let (load, request_cost) =
            load.map_or_else(Default::default, |load| (load.spec, load.cost));
        let mut service = Service {
            capacity: capacity?,
            name: name?,
            created_at,
            task_definition: id?,
            scheduling_strategy,
            desired_count: desired_count?,
            deployment_configuration: deployment_configuration?,
            placement_strategy,
            placement_constraints,
            subnet_zones,
            health_check_grace_period,
            availability_zone_rebalancing: false,
            target_groups,
            service_registry,
            load,
            request_cost,
            scaling,
        };
        self.apply_rules(&fields, &mut service, diagnostics);
        Some(service)
    }

    /// The rules that look at several keys at once.
    fn apply_rules(
        &self,
        fields: &Fields<'_>,
        service: &mut Service,
        diagnostics: &mut Diagnostics,
    ) {
        let definition = &self.known.definitions.list[service.task_definition.index()];
        let is_replaced = self.known.environment.strategy.is_some();
        self.check_capacity(fields, service, definition, diagnostics);
        service.availability_zone_rebalancing =
            rules::rebalancing(fields, service, definition, is_replaced, diagnostics);
        rules::check_grace_period(fields, service, diagnostics);
        rules::check_scaling(fields, service, diagnostics);
        if self.known.quotas {
            rules::check_quotas(fields, service, diagnostics);
        }
        if let Some(fleet) = self.known.fleet {
            if let Some(instances) = fleet.instances() {
                rules::warn_if_more_than_instances(fields, service, instances, diagnostics);
            }
            let place = fields
                .get("taskDefinition")
                .map_or(fields.place, |node| node.place);
            let tasks = TasksOf {
                name: &service.name,
                capacity: &service.capacity,
                place,
            };
            fleet.warn_if_never_held(&tasks, &definition.needs, diagnostics);
        }
    }

    /// What the service's capacity cannot do.
    fn check_capacity(
        &self,
        fields: &Fields<'_>,
        service: &mut Service,
        definition: &TaskDefinition,
        diagnostics: &mut Diagnostics,
    ) {
        let rules = CapacityRules {
            fields,
            capacity: &service.capacity,
            providers: self.known.providers,
        };
        rules.check_placement(diagnostics);
        rules.check_external_service(diagnostics);
        let place = fields
            .get("taskDefinition")
            .map_or(fields.place, |node| node.place);
        rules.check_definition(definition, place, diagnostics);
        if service.scheduling_strategy == SchedulingStrategy::Daemon {
            rules.check_daemon(diagnostics);
        }
        let of_definition = &definition.placement_constraints;
        rules.check_constraints(&service.placement_constraints, of_definition, diagnostics);
        if rules.is_fargate() {
            // `--strategies` is for container instances.
            service.placement_strategy.clear();
        } else if let Some(strategy) = rules.managed_strategy() {
            service.placement_strategy = strategy;
        }
    }

    /// `serviceName`: letters, digits, hyphens and underscores, at most 255.
    fn read_name(&mut self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
        let node = fields.required("serviceName", "web", diagnostics)?;
        let name = read::name(node, "the name of a service", diagnostics)?;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !name.bytes().all(legal) {
            diagnostics
                .error(node.place, format!("`{name}` is no name of a service"))
                .label("expected letters, digits, hyphens and underscores");
            return None;
        }
        if self.names.iter().any(|taken| taken == name) {
            let title = format!("the name `{name}` is given twice");
            diagnostics
                .error(node.place, title)
                .help("services and entries of `tasks` need names of their own");
            return None;
        }
        self.names.push(name.to_owned());
        Some(name.to_owned())
    }

    fn read_strategy(
        &self,
        fields: &Fields<'_>,
        is_daemon: bool,
        diagnostics: &mut Diagnostics,
    ) -> Vec<StrategySpec> {
        let own = read_strategies(fields, self.known.environment.strategy_names, diagnostics);
        if is_daemon {
            if let Some(place) = fields
                .key_place("placementStrategy")
                .filter(|_| !own.is_empty())
            {
                diagnostics
                    .warning(place, "`placementStrategy` of a DAEMON service is ignored")
                    .help("it has one task on each instance: there is nothing to choose");
            }
            return Vec::new();
        }
        match self.known.environment.strategy {
            Some(strategy) => strategy.to_vec(),
            None => own,
        }
    }

    /// The target groups that the entries of `loadBalancers` name.
    fn read_load_balancers(
        &self,
        fields: &Fields<'_>,
        definition: Option<&TaskDefinition>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<TargetGroupId> {
        const KEYS: [&str; 4] = [
            "targetGroupArn",
            "targetGroupName",
            "containerName",
            "containerPort",
        ];
        let mut groups = Vec::new();
        for item in read::items_of(fields, "loadBalancers", diagnostics) {
            // Both sides of a blue/green deployment share what the target group says here.
            let accepted = ["advancedConfiguration", "loadBalancerName"];
            let Some(entry) = read::fields_beside(item, &KEYS, &accepted, diagnostics) else {
                continue;
            };
            if let Some(place) = entry.key_place("loadBalancerName") {
                diagnostics
                    .error(place, "a Classic Load Balancer is not simulated")
                    .help("name a target group: `targetGroupName: web`");
                continue;
            }
            if let Some(node) = entry.get("containerPort") {
                read::number(node, 0..=65_535, diagnostics);
            }
            if let (Some(node), Some(definition)) = (entry.get("containerName"), definition) {
                check_container_name(node, definition, diagnostics);
            }
            let named = entry
                .get("targetGroupName")
                .or_else(|| entry.get("targetGroupArn"));
            let node = named.or_else(|| entry.required("targetGroupName", "web", diagnostics));
            let found = node.and_then(|node| self.find_target_group(node, diagnostics));
            groups.extend(found.filter(|found| !groups.contains(found)));
        }
        groups
    }

    /// A target group by its name or its ARN, `...:targetgroup/NAME/ID`.
    fn find_target_group(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<TargetGroupId> {
        let given = read::name(node, "a target group", diagnostics)?;
        let name = match given.split_once(":targetgroup/") {
            Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
            None => given,
        };
        let groups = self.known.target_groups;
        if let Some(found) = groups.iter().position(|known| known == name) {
            return Some(TargetGroupId(crate::units::id(found)));
        }
        let names: Vec<&str> = groups.iter().map(String::as_str).collect();
        report_unknown_name(
            name,
            "target group",
            "targetGroups",
            &names,
            node.place,
            diagnostics,
        );
        None
    }

    /// `serviceRegistries`: at most one (API reference of CreateService).
    fn read_registries(
        &self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Distribution> {
        const KEYS: [&str; 4] = ["registryArn", "port", "containerName", "containerPort"];
        let items = read::items_of(fields, "serviceRegistries", diagnostics);
        if let Some(second) = items.get(1) {
            diagnostics
                .error(second.place, format!("{} service registries", items.len()))
                .label("a service has at most one");
        }
        for item in items {
            if let Some(entry) = read::fields(item, &KEYS, diagnostics) {
                let example = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1";
                entry.required("registryArn", example, diagnostics);
            }
        }
        items.first().map(|_| self.known.registration.clone())
    }
}

/// A load balancer sends requests to a container that the task definition has (API reference of
/// LoadBalancer).
fn check_container_name(node: &Node, definition: &TaskDefinition, diagnostics: &mut Diagnostics) {
    let Some(name) = read::name(node, "the name of a container", diagnostics) else {
        return;
    };
    let containers = definition.containers.iter();
    let names: Vec<&str> = containers.map(|known| known.name.as_str()).collect();
    if !names.is_empty() && !names.contains(&name) {
        let block = "containerDefinitions";
        report_unknown_name(name, "container", block, &names, node.place, diagnostics);
    }
}

fn read_scheduling_strategy(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> SchedulingStrategy {
    let choices = [
        ("REPLICA", SchedulingStrategy::Replica),
        ("DAEMON", SchedulingStrategy::Daemon),
    ];
    fields
        .get("schedulingStrategy")
        .and_then(|node| read::one_of(node, "schedulingStrategy", &choices, diagnostics))
        .unwrap_or_default()
}

fn read_desired_count(
    fields: &Fields<'_>,
    is_daemon: bool,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    if is_daemon {
        if let Some(place) = fields.key_place("desiredCount") {
            diagnostics
                .warning(place, "`desiredCount` of a DAEMON service is ignored")
                .help("it runs one task on each instance that satisfies its constraints");
        }
        return Some(0);
    }
    let node = fields.required("desiredCount", "2", diagnostics)?;
    read::number_u32(node, 0..=MOST_TASKS, diagnostics)
}

fn read_grace_period(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Millis {
    fields
        .get("healthCheckGracePeriodSeconds")
        .and_then(|node| read::number(node, 0..=LONGEST_GRACE, diagnostics))
        .map_or(Millis::ZERO, |seconds| Millis(seconds * 1_000))
}

/// `createdAt`: a span from the start, or a point in time as DescribeServices prints it. A service
/// that is older than the run is there from its beginning.
fn read_created_at(fields: &Fields<'_>, clock: &Clock, diagnostics: &mut Diagnostics) -> SimTime {
    let Some(node) = fields.get("createdAt") else {
        return SimTime::ZERO;
    };
    let point = node.text().and_then(point_in_time);
    let at = match point {
        Some(millis) => {
            let since = millis.saturating_sub(clock.start.as_millisecond());
            Some(Millis(u64::try_from(since).unwrap_or(0)))
        }
        None => read::duration(node, diagnostics),
    };
    let at = at.unwrap_or(Millis::ZERO);
    if let Some(duration) = clock.duration.filter(|duration| at >= *duration) {
        diagnostics
            .warning(node.place, "this service is never created")
            .label(format!("the run ends at {duration}"));
    }
    SimTime(at.0)
}

/// Milliseconds since 1970 of an ISO 8601 time, or of seconds since then.
fn point_in_time(text: &str) -> Option<i64> {
    /// 2001: no span in seconds is written with so many digits.
    const LEAST_SECONDS: i64 = 1_000_000_000;
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_millisecond());
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = seconds.parse::<i64>().ok().filter(|_| is_number)?;
    (seconds >= LEAST_SECONDS).then(|| seconds.saturating_mul(1_000))
}
