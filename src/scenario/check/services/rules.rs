//! ECS's rules that join several keys of a service.
//!
//! Sources: API reference of CreateService; Developer Guide, "Balancing an Amazon ECS service
//! across Availability Zones", "Amazon ECS service quotas".

use crate::control::DeploymentStrategy;
use crate::model::{LaunchType, TaskDefinition, attributes};
use crate::placement::{ConstraintSpec, SpreadField, StrategySpec};
use crate::scenario::Capacity;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::{self, Fields};
use crate::scenario::services::{SchedulingStrategy, Service};
use crate::units::Millis;

/// Tasks of a service, by the service quotas.
const MOST_TASKS: u32 = 5_000;
/// The same for services that use Cloud Map.
const MOST_REGISTERED_TASKS: u32 = 1_000;
/// Target groups of a service.
const MOST_TARGET_GROUPS: usize = 5;
/// Services of a cluster.
const MOST_SERVICES: usize = 5_000;

const WITHOUT_QUOTAS: &str = "quotas can be raised: `serviceOptions: {quotas: false}` lifts them";

/// Deployment controller: what can be simulated.
pub(super) fn check_controller(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    let Some(controller) = fields
        .get("deploymentController")
        .and_then(|node| read::fields_like(node, &["type"], "type: ECS", diagnostics))
    else {
        return;
    };
    let types = ["ECS", "CODE_DEPLOY", "EXTERNAL"].map(|name| (name, name));
    let given = controller.get("type").and_then(|node| {
        let found = read::one_of(node, "type", &types, diagnostics)?;
        Some((node, found))
    });
    if let Some((node, name)) = given.filter(|(_, name)| *name != "ECS") {
        diagnostics
            .error(
                node.place,
                format!("the deployment controller {name} is not simulated"),
            )
            .help("expected `ECS`, whose strategies are ROLLING, BLUE_GREEN, LINEAR and CANARY");
    }
}

/// Whether zones are rebalanced: what is asked for, where the service is eligible. G53 and the
/// other conditions of the guide.
pub(super) fn rebalancing(
    fields: &Fields<'_>,
    service: &Service,
    definition: &TaskDefinition,
    is_strategy_replaced: bool,
    diagnostics: &mut Diagnostics,
) -> bool {
    let choices = [("ENABLED", true), ("DISABLED", false)];
    let node = fields.get("availabilityZoneRebalancing");
    let asked = node
        .and_then(|node| read::one_of(node, "availabilityZoneRebalancing", &choices, diagnostics));
    let by_strategy = !starts_with_zones(&service.placement_strategy);
    let reason = if service.scheduling_strategy == SchedulingStrategy::Daemon {
        Some("a DAEMON service has its tasks where its instances are")
    } else if service.capacity == Capacity::LaunchType(LaunchType::External) {
        Some("external instances stand in no Availability Zone")
    } else if service.deployment_configuration.maximum_percent == 100 {
        Some("with `maximumPercent: 100` no task can be started before another is stopped")
    } else if is_bound_to_zones(service, definition) {
        Some("a placement constraint on `attribute:ecs.availability-zone` binds it to zones")
    } else if by_strategy {
        Some("the first placement strategy must spread by `attribute:ecs.availability-zone`")
    } else {
        None
    };
    let Some(reason) = reason else {
        return asked.unwrap_or(true);
    };
    if let (Some(node), Some(true)) = (node, asked)
        && !(by_strategy && is_strategy_replaced)
    {
        diagnostics
            .error(
                node.place,
                "the service is not eligible for Availability Zone rebalancing",
            )
            .label(reason)
            .help("set `availabilityZoneRebalancing: DISABLED`, or remove it");
    }
    false
}

/// Whether the strategies are none, or spread over zones first.
fn starts_with_zones(strategies: &[StrategySpec]) -> bool {
    match strategies.first() {
        None => true,
        Some(StrategySpec::Spread(SpreadField::Attribute(name))) => {
            name == attributes::AVAILABILITY_ZONE
        }
        Some(_) => false,
    }
}

fn is_bound_to_zones(service: &Service, definition: &TaskDefinition) -> bool {
    let own = service.placement_constraints.iter();
    let own = own.filter_map(|constraint| match constraint {
        ConstraintSpec::MemberOf(expression) => Some(expression),
        ConstraintSpec::DistinctInstance => None,
    });
    own.chain(&definition.placement_constraints)
        .any(|expression| expression.text().contains(attributes::AVAILABILITY_ZONE))
}

/// A grace period is for checks of a load balancer; without one it covers the container's alone.
pub(super) fn check_grace_period(
    fields: &Fields<'_>,
    service: &Service,
    diagnostics: &mut Diagnostics,
) {
    let is_given = service.health_check_grace_period > Millis::ZERO;
    if let Some(place) = fields
        .key_place("healthCheckGracePeriodSeconds")
        .filter(|_| is_given && service.target_groups.is_empty())
    {
        diagnostics
            .warning(place, "a grace period without a load balancer")
            .label("only checks of containers fall into it")
            .help("for those alone set `startPeriod` in the container's `healthCheck`");
    }
}

/// Auto scaling changes the desired count, which a DAEMON service does not have; and a count beyond
/// the bounds comes within them only once something scales.
pub(super) fn check_scaling(fields: &Fields<'_>, service: &Service, diagnostics: &mut Diagnostics) {
    let (Some(scaling), Some(node)) = (&service.scaling, fields.get("scaling")) else {
        return;
    };
    if service.scheduling_strategy == SchedulingStrategy::Daemon {
        diagnostics
            .error(node.place, "a DAEMON service cannot scale")
            .help("it runs one task on each instance: remove `scaling`");
        return;
    }
    let (minimum, maximum) = (scaling.target.min_capacity(), scaling.target.max_capacity());
    let count = service.desired_count;
    if let Some(node) = fields
        .get("desiredCount")
        .filter(|_| !(minimum..=maximum).contains(&count))
    {
        diagnostics
            .warning(
                node.place,
                format!("`desiredCount` ({count}) is not within the bounds of its scaling"),
            )
            .label(format!("from {minimum} to {maximum}"));
    }
}

/// ECS's quotas for one service.
pub(super) fn check_quotas(fields: &Fields<'_>, service: &Service, diagnostics: &mut Diagnostics) {
    let (most, which) = match &service.service_registry {
        Some(_) => (MOST_REGISTERED_TASKS, "a service with a service registry"),
        None => (MOST_TASKS, "a service"),
    };
    let count = service.desired_count;
    if let Some(node) = fields.get("desiredCount").filter(|_| count > most) {
        diagnostics
            .error(node.place, format!("`{count}` tasks are beyond the quota"))
            .label(format!("ECS's quota for {which} is {most}"))
            .help(WITHOUT_QUOTAS);
    }
    let groups = service.target_groups.len();
    if let Some(place) = fields
        .key_place("loadBalancers")
        .filter(|_| groups > MOST_TARGET_GROUPS)
    {
        diagnostics
            .error(place, format!("{groups} target groups"))
            .label(format!("ECS's quota for a service is {MOST_TARGET_GROUPS}"))
            .help(WITHOUT_QUOTAS);
    }
}

/// ECS's quota for a cluster.
pub(super) fn check_number_of_services(
    fields: &Fields<'_>,
    services: &[Service],
    quotas: bool,
    diagnostics: &mut Diagnostics,
) {
    let count = services.len();
    if let Some(place) = fields
        .key_place("services")
        .filter(|_| quotas && count > MOST_SERVICES)
    {
        diagnostics
            .error(place, format!("{count} services"))
            .label(format!("ECS's quota for a cluster is {MOST_SERVICES}"))
            .help(WITHOUT_QUOTAS);
    }
}

/// `distinctInstance` with more tasks than instances: some are never placed (G37).
pub(super) fn warn_if_more_than_instances(
    fields: &Fields<'_>,
    service: &Service,
    instances: u64,
    diagnostics: &mut Diagnostics,
) {
    let is_distinct = service
        .placement_constraints
        .contains(&ConstraintSpec::DistinctInstance);
    let count = u64::from(service.desired_count);
    if let Some(node) = fields
        .get("desiredCount")
        .filter(|_| is_distinct && count > instances && instances > 0)
    {
        diagnostics
            .warning(
                node.place,
                format!("{count} tasks on instances of their own, and {instances} instances"),
            )
            .help("`distinctInstance` leaves the others without a place");
    }
}

/// Whether a rolling update can neither stop nor start a task (G61).
pub(super) fn is_stuck(service: &Service, desired: u32) -> bool {
    let configuration = &service.deployment_configuration;
    desired > 0
        && service.scheduling_strategy == SchedulingStrategy::Replica
        && configuration.strategy == DeploymentStrategy::Rolling
        && configuration.lower_limit(desired) >= desired
        && configuration.upper_limit(desired) <= desired
}
