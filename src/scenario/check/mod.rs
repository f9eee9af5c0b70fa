//! The tree of a scenario to the checked [`Scenario`]: one file a block. Defaults are applied
//! here and nowhere else.

mod arrivals;
mod constraints;
mod container_instances;
mod fleet;
mod fleet_limits;
mod incidents;
mod instance_attributes;
mod instance_types;
mod network;
mod services;
mod settings;
mod start_task;
mod subnets;
mod task_definitions;
mod tasks;
mod trace;

use std::path::Path;

use crate::placement::StrategySpec;
use crate::units::Millis;

use self::arrivals::Clock;
use self::container_instances::FleetReader;
use self::fleet::Fleet;
use self::instance_types::InstanceTypes;
use self::task_definitions::TaskDefinitions;
pub(super) use self::trace::{nearest_file, reason};
use super::diagnostics::Diagnostics;
use super::node::{Node, Value};
use super::read::{self, Fields};
use super::spec::Scenario;

const KEYS: [&str; 20] = [
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
    "latencies",
    "accountSettings",
    "placementOptions",
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
    // What was reported of the fleet is not to be reported again of the tasks.
    let fleet_is_known = fields.get("containerInstances").is_none_or(|node| {
        matches!(&node.value, Value::Sequence(items) if items.len() == container_instances.len())
    });
    let fleet = Fleet::of(&container_instances, &types.used);
    let definitions = TaskDefinitions::read(&fields, environment, diagnostics);
    let subnets = subnets::read_subnets(&fields, &top.region, diagnostics);
    let fleet = fleet_is_known.then_some(&fleet);
    let clock = Clock {
        start: top.start,
        duration: top.duration,
    };
    let latencies = settings::read_latencies(&fields, diagnostics);
    let mut reader = tasks::TasksReader {
        environment,
        clock: &clock,
        definitions: &definitions,
        subnets: &subnets,
        fleet,
        used: vec![false; definitions.list.len()],
        names: Vec::new(),
    };
    let tasks = reader.read(&fields, diagnostics);
    let options = services::read_options(&fields, diagnostics);
    let mut reader = services::ServicesReader {
        known: services::Known {
            environment,
            clock: &clock,
            definitions: &definitions,
            subnets: &subnets,
            fleet,
            target_groups: &[],
            alarms: &[],
            quotas: options.quotas,
            registration: &latencies.service_registration,
        },
        used: reader.used,
        names: reader.names,
    };
    let read = reader.read(&fields, diagnostics);
    let services::ServicesReader {
        known, mut used, ..
    } = reader;
    let deployments = services::read_deployments(&fields, &read, &known, &mut used, diagnostics);
    let task_protection = services::read_protection(&fields, &read, &clock, diagnostics);
    let incidents = incidents::IncidentsReader {
        clock: &clock,
        fleet,
    }
    .read(&fields, diagnostics);
    definitions.warn_unused(&used, &tasks, diagnostics);
    types.warn_unused(diagnostics);
    if container_instances.is_empty() && fleet_is_known {
        let work = [
            ("tasks", tasks.is_empty()),
            ("services", read.list.is_empty()),
        ];
        warn_of_no_fleet(&fields, work, diagnostics);
    }
    Some(Scenario {
        name: top.name,
        seed: top.seed,
        start: top.start,
        duration: top.duration.unwrap_or(Millis::MINUTE),
        region: top.region,
        cluster_name: top.cluster_name,
        instance_types: types.used,
        container_instances,
        task_definitions: definitions.list,
        tasks,
        services: read.list,
        deployments,
        task_protection,
        incidents,
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        alarms: Vec::new(),
        load_factor: crate::workload::load::Factor::ONE,
        images: Vec::new(),
        image_pull: crate::cloud::image_pull::PullSettings::default(),
        agent_settings: crate::cloud::agent::AgentSettings::default(),
        task_behaviors: Vec::new(),
        file_systems: Vec::new(),
        service_options: options.options,
        latencies: latencies.tasks,
        awsvpc_trunking: settings::read_awsvpc_trunking(&fields, diagnostics),
        placement_options: settings::read_placement_options(&fields, diagnostics),
        timeseries_period: top.timeseries_period,
    })
}

/// Warns of work that no instance can take.
fn warn_of_no_fleet(fields: &Fields<'_>, work: [(&str, bool); 2], diagnostics: &mut Diagnostics) {
    for (key, is_empty) in work {
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
