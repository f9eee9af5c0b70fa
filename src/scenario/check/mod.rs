//! The tree of a scenario to the checked [`Scenario`]: one file a block. Defaults are applied
//! here and nowhere else.

mod alarms;
mod arrivals;
mod auto_scaling_groups;
mod capacity;
mod capacity_options;
mod capacity_provider_strategy;
mod capacity_providers;
mod checks;
mod commitments;
mod constraints;
mod container_instances;
mod fargate;
mod faults;
mod fleet;
mod fleet_limits;
mod images;
mod incidents;
mod instance_attributes;
mod instance_settings;
mod instance_types;
mod instances;
mod load;
mod load_balancers;
mod managed_instances;
mod network;
mod plan;
mod prices_of_requests;
mod pricing;
mod scaling;
mod seconds;
mod services;
mod settings;
mod spot;
mod start_task;
mod subnets;
mod sweep;
mod target_groups;
mod task_behaviors;
mod task_definitions;
mod tasks;
mod trace;
mod unused_capacity;
mod variants;
mod work;
mod zones;

use std::path::Path;

use crate::placement::StrategySpec;
use crate::units::Millis;

use self::arrivals::Clock;
use self::capacity_options::read_capacity_options;
use self::fargate::FargateReader;
use self::instances::Instances;
use self::pricing::PricingReader;
pub use self::sweep::parse_over;
pub(super) use self::sweep::read_sweep;
use self::task_definitions::TaskDefinitions;
pub(super) use self::trace::{nearest_file, reason};
use self::work::WorkReader;
use super::diagnostics::Diagnostics;
use super::node::Node;
use super::read;
use super::spec::Scenario;

const KEYS: [&str; 39] = [
    "name",
    "seed",
    "start",
    "duration",
    "region",
    "cluster",
    "timeseriesPeriod",
    "instanceTypes",
    "containerInstances",
    "autoScalingGroups",
    "capacityProviders",
    "spot",
    "fargate",
    "taskDefinitions",
    "subnets",
    "tasks",
    "services",
    "deployments",
    "taskProtection",
    "incidents",
    "serviceOptions",
    "targetGroups",
    "loadBalancers",
    "alarms",
    "workload",
    "images",
    "agentSettings",
    "taskBehaviors",
    "fileSystems",
    "latencies",
    "capacityOptions",
    "accountSettings",
    "prices",
    "commitments",
    "placementOptions",
    "checks",
    "variants",
    "plan",
    "sweep",
];

/// What the checks know beside the tree.
pub(crate) struct Environment<'a> {
    /// What files are relative to.
    pub(crate) base_dir: &'a Path,
    /// The scenario's name when the file gives none.
    pub(crate) default_name: &'a str,
    /// Replaces the seed.
    pub(crate) seed: Option<u64>,
    /// Replaces the strategy of every entry.
    pub(crate) strategy: Option<&'a [StrategySpec]>,
    /// Strategies of the caller's own.
    pub(crate) strategy_names: &'a [String],
}

/// Checks a whole scenario. `None` when the tree is no scenario at all; otherwise the result means
/// something only when the diagnostics have no errors.
#[expect(
    clippy::too_many_lines,
    reason = "a line a block of the scenario, in reading order"
)]
pub(crate) fn check(
    root: &Node,
    environment: &Environment<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Scenario> {
    let fields = read::top_fields(root, &KEYS, diagnostics)?;
    let top = settings::read_top(&fields, environment, diagnostics);
    let clock = Clock {
        start: top.start,
        duration: top.duration,
        scale: load::read_scale(&fields, diagnostics),
    };
    let instances = Instances::read(&fields, environment, &top.region, &clock, diagnostics);
    let definitions = TaskDefinitions::read(&fields, environment, diagnostics);
    let subnets = subnets::read_subnets(&fields, &top.region, diagnostics);
    let fleet = instances.fleet();
    let latencies = settings::read_latencies(&fields, diagnostics);
    let work = WorkReader {
        environment,
        clock: &clock,
        region: &top.region,
        definitions: &definitions,
        subnets: &subnets,
        providers: &instances.providers,
        fleet: fleet.as_ref(),
        registration: &latencies.service_registration,
    }
    .read(&fields, diagnostics);
    definitions.warn_unused(&work.used, &work.tasks, diagnostics);
    instances.types.warn_unused(diagnostics);
    if let Some(fleet) = &fleet {
        fleet.warn_if_none(&fields, &work, diagnostics);
        unused_capacity::warn_of_unused(&fields, &instances, &work, diagnostics);
    }
    let pricing = PricingReader {
        region: &top.region,
        instances: &instances,
        work: &work,
    }
    .read(&fields, diagnostics);
    let fargate = FargateReader {
        region: &top.region,
        clock: &clock,
        providers: &instances.providers,
        definitions: &definitions,
        work: &work,
        retirement_wait: settings::read_retirement_wait(&fields, diagnostics),
    }
    .read(&fields, diagnostics);
    if let Some(fleet) = &fleet {
        let providers = &instances.providers;
        incidents::warn_of_zones(
            &fields,
            fleet,
            &work,
            &fargate.settings,
            providers,
            diagnostics,
        );
    }
    let images = images::read_images(&fields, &definitions.list, diagnostics);
    let (image_pull, agent_settings) = images::read_agent_settings(&fields, diagnostics);
    let file_systems =
        task_behaviors::read_file_systems(&fields, &top.region, &definitions.list, diagnostics);
    Some(Scenario {
        plan: plan::read_plan(&fields, root, &top.region, diagnostics),
        name: top.name,
        seed: top.seed,
        start: top.start,
        duration: top.duration.unwrap_or(Millis::MINUTE),
        region: top.region,
        cluster_name: top.cluster_name,
        instance_types: instances.types.used,
        container_instances: instances.fixed,
        auto_scaling_groups: instances.groups.list,
        capacity_providers: instances.providers.list,
        capacity_options: read_capacity_options(&fields, latencies.capacity, diagnostics),
        spot_pools: instances.spot.pools,
        spot_options: instances.spot.options,
        pricing,
        fargate,
        task_definitions: definitions.list,
        tasks: work.tasks,
        services: work.services,
        deployments: work.deployments,
        task_protection: work.task_protection,
        incidents: work.incidents,
        service_options: work.service_options,
        target_groups: work.target_groups,
        load_balancers: work.load_balancers,
        alarms: work.alarms,
        load_factor: clock.scale,
        images,
        image_pull,
        agent_settings,
        task_behaviors: work.task_behaviors,
        file_systems,
        latencies: latencies.tasks,
        network_interface_detach: latencies.network_interface_detach,
        awsvpc_trunking: settings::read_awsvpc_trunking(&fields, diagnostics),
        placement_options: settings::read_placement_options(&fields, diagnostics),
        timeseries_period: top.timeseries_period,
        checks: checks::read_checks(&fields, "checks", diagnostics),
        variants: variants::read_variants(&fields, diagnostics),
    })
}

/// Counts rows of `timeseries.csv`: at 0 and every `period` before the end.
fn rows(duration: Millis, period: Millis) -> u64 {
    duration.0.div_ceil(period.0.max(1))
}
