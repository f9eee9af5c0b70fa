//! The tree of a scenario to the checked [`Scenario`]: one file a block. Defaults are applied
//! here and nowhere else.

mod alarms;
mod arrivals;
mod checks;
mod constraints;
mod container_instances;
mod faults;
mod fleet;
mod fleet_limits;
mod images;
mod incidents;
mod instance_attributes;
mod instance_types;
mod load;
mod load_balancers;
mod network;
mod plan;
mod scaling;
mod services;
mod settings;
mod start_task;
mod subnets;
mod target_groups;
mod task_behaviors;
mod task_definitions;
mod tasks;
mod trace;
mod variants;
mod work;

use std::path::Path;

use crate::placement::StrategySpec;
use crate::units::Millis;

use self::arrivals::Clock;
use self::container_instances::FleetReader;
use self::fleet::Fleet;
use self::instance_types::InstanceTypes;
use self::task_definitions::TaskDefinitions;
pub(super) use self::trace::{nearest_file, reason};
use self::work::{Work, WorkReader};
use super::diagnostics::Diagnostics;
use super::node::{Node, Value};
use super::read::{self, Fields};
use super::spec::{ContainerInstances, Scenario};

const KEYS: [&str; 31] = [
    "name",
    "seed",
    "start",
    "duration",
    "region",
    "cluster",
    "timeseriesPeriod",
    "instanceTypes",
    "containerInstances",
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
    "accountSettings",
    "placementOptions",
    "checks",
    "variants",
    "plan",
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
pub(crate) fn check(
    root: &Node,
    environment: &Environment<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Scenario> {
    let fields = read::top_fields(root, &KEYS, diagnostics)?;
    let top = settings::read_top(&fields, environment, diagnostics);
    let mut types = InstanceTypes::read(&fields, &top.region, diagnostics);
    let container_instances = FleetReader {
        region: &top.region,
    }
    .read(&fields, &mut types, diagnostics);
    let fleet_is_known = is_known(&fields, &container_instances);
    let fleet = fleet_is_known.then(|| Fleet::of(&container_instances, &types.used));
    let definitions = TaskDefinitions::read(&fields, environment, diagnostics);
    let subnets = subnets::read_subnets(&fields, &top.region, diagnostics);
    let clock = Clock {
        start: top.start,
        duration: top.duration,
        scale: load::read_scale(&fields, diagnostics),
    };
    let latencies = settings::read_latencies(&fields, diagnostics);
    let work = WorkReader {
        environment,
        clock: &clock,
        region: &top.region,
        definitions: &definitions,
        subnets: &subnets,
        fleet: fleet.as_ref(),
        registration: &latencies.service_registration,
    }
    .read(&fields, diagnostics);
    definitions.warn_unused(&work.used, &work.tasks, diagnostics);
    types.warn_unused(diagnostics);
    if container_instances.is_empty() && fleet_is_known {
        warn_of_no_fleet(&fields, &work, diagnostics);
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
        instance_types: types.used,
        container_instances,
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

/// Whether every entry of the fleet could be read: what was reported of it is not to be reported
/// again of the tasks.
fn is_known(fields: &Fields<'_>, fleet: &[ContainerInstances]) -> bool {
    fields.get("containerInstances").is_none_or(
        |node| matches!(&node.value, Value::Sequence(items) if items.len() == fleet.len()),
    )
}

/// Warns of work that no instance can take.
fn warn_of_no_fleet(fields: &Fields<'_>, work: &Work, diagnostics: &mut Diagnostics) {
    let blocks = [
        ("tasks", work.tasks.is_empty()),
        ("services", work.services.is_empty()),
    ];
    for (key, is_empty) in blocks {
        if let Some(place) = fields.key_place(key).filter(|_| !is_empty) {
            diagnostics
                .warning(place, format!("there are {key} but no container instances"))
                .help("no task can be placed: add `containerInstances`");
        }
    }
}

/// Counts rows of `timeseries.csv`: at 0 and every `period` before the end.
fn rows(duration: Millis, period: Millis) -> u64 {
    duration.0.div_ceil(period.0.max(1))
}
