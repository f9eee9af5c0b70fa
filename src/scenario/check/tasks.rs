//! `tasks`: standalone work and traces.

use crate::model::{TaskDefinition, TaskDefinitionId};
use crate::placement::StrategySpec;
use crate::scenario::Capacity;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::{TasksEntry, WhenFull};
use crate::scenario::strategies::read_strategies;
use crate::units::{Resources, id};
use crate::workload::{Runtime, Source};

use super::Environment;
use super::arrivals::{Clock, read_arrivals, read_runtime};
use super::capacity::{CapacityRules, read_capacity};
use super::capacity_providers::Providers;
use super::constraints::read_constraints;
use super::fleet::{Fleet, TasksOf};
use super::network::read_network;
use super::start_task::{read_start_task, report_excluded};
use super::subnets::Subnets;
use super::task_definitions::TaskDefinitions;
use super::trace::read_trace;

const KEYS: [&str; 18] = [
    "name",
    "taskDefinition",
    "cpu",
    "memory",
    "gpu",
    "arrivals",
    "count",
    "runtime",
    "group",
    "placementStrategy",
    "placementConstraints",
    "whenFull",
    "networkConfiguration",
    "startTask",
    "trace",
    "launchType",
    "capacityProviderStrategy",
    "retryStrategy",
];
/// AWS Batch's limit of attempts (API reference of RetryStrategy).
const MOST_ATTEMPTS: u64 = 10;
/// RunTask's limit (API reference of RunTask).
const MOST_PER_CALL: u32 = 10;

/// Reads the entries of `tasks`.
pub(super) struct TasksReader<'a> {
    pub(super) environment: &'a Environment<'a>,
    pub(super) clock: &'a Clock,
    pub(super) definitions: &'a TaskDefinitions,
    pub(super) subnets: &'a Subnets,
    /// Capacity providers, and the cluster's default strategy.
    pub(super) providers: &'a Providers,
    /// What registers; `None` when a part of it was reported.
    pub(super) fleet: Option<&'a Fleet<'a>>,
    /// Which definitions an entry names.
    pub(super) used: Vec<bool>,
    /// Names that are taken.
    pub(super) names: Vec<String>,
}

impl TasksReader<'_> {
    pub(super) fn read(
        &mut self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<TasksEntry> {
        let items = read::items_of(fields, "tasks", diagnostics);
        let mut entries = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            entries.extend(self.read_entry(position, item, diagnostics));
        }
        entries
    }

    fn read_entry(
        &mut self,
        position: usize,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<TasksEntry> {
        let fields = read::fields(node, &KEYS, diagnostics)?;
        let definition = fields.get("taskDefinition").and_then(|node| {
            self.definitions
                .find_used(node, &mut self.used, diagnostics)
        });
        let name = self.read_name(&fields, position, definition, diagnostics);
        let group = fields
            .get("group")
            .and_then(|node| read::name(node, "a group", diagnostics));
        let needs = read_needs(&fields, diagnostics);
        let instances = self.fleet.and_then(Fleet::instances);
        let start_task = fields
            .get("startTask")
            .and_then(|node| read_start_task(node, instances, diagnostics));
        if fields.get("startTask").is_some() {
            report_excluded(&fields, diagnostics);
        }
        let when_full = read_when_full(&fields, diagnostics);
        let task_definition = definition.map(|id| &self.definitions.list[id.index()]);
        let of_definition = task_definition.map_or(0, |known| known.placement_constraints.len());
        let placement_constraints = read_constraints(&fields, of_definition, diagnostics);
        let subnet_zones = read_network(&fields, task_definition, self.subnets, diagnostics);
        let asked = (task_definition, needs.as_ref());
        let capacity = self.read_capacity(&fields, asked, diagnostics);
        let mut placement_strategy = self.read_strategy(&fields, diagnostics);
        if let Some(capacity) = &capacity {
            let rules = CapacityRules {
                fields: &fields,
                capacity,
                providers: self.providers,
            };
            let of_definition =
                task_definition.map_or(&[][..], |known| &known.placement_constraints);
            rules.check_constraints(&placement_constraints, of_definition, diagnostics);
            placement_strategy = rules.managed_strategy().unwrap_or(placement_strategy);
        }
        let mut source = self.read_source(&fields, diagnostics);
        if let (Some(start), Some(Source::Generated { count, .. })) = (&start_task, &mut source) {
            // A call starts one task on each of the instances that it names.
            *count = id(start.container_instances.len());
        }
        let asked = needs.or(task_definition.map(|known| known.needs));
        if let (Some(fleet), Some(needs), Some(capacity), None) =
            (self.fleet, asked, &capacity, fields.get("trace"))
        {
            let place = ["taskDefinition", "memory"]
                .into_iter()
                .find_map(|key| Some(fields.get(key)?.place));
            let tasks = TasksOf {
                name: &name,
                capacity,
                place: place.unwrap_or(fields.place),
            };
            fleet.warn_if_never_held(&tasks, &needs, diagnostics);
        }
        let attempts = read_attempts(&fields, diagnostics);
        Some(TasksEntry {
            capacity: capacity?,
            attempts,
            name,
            task_definition: definition,
            needs,
            group: group.map(str::to_owned),
            source: source?,
            placement_strategy,
            placement_constraints,
            when_full,
            subnet_zones,
            start_task,
        })
    }

    /// Whose capacity the tasks use, checked against what it cannot do.
    fn read_capacity(
        &self,
        fields: &Fields<'_>,
        (definition, needs): (Option<&TaskDefinition>, Option<&Resources>),
        diagnostics: &mut Diagnostics,
    ) -> Option<Capacity> {
        if fields.get("startTask").is_some() {
            // StartTask names container instances, whoever launched them.
            return Some(Capacity::default());
        }
        let capacity = read_capacity(fields, self.providers, diagnostics)?;
        let rules = CapacityRules {
            fields,
            capacity: &capacity,
            providers: self.providers,
        };
        rules.check_placement(diagnostics);
        rules.check_when_full(diagnostics);
        rules.check_size(needs, diagnostics);
        if let (Some(definition), Some(node)) = (definition, fields.get("taskDefinition")) {
            rules.check_definition(definition, node.place, diagnostics);
        }
        Some(capacity)
    }

    /// The entry's name: the first half of its task ids.
    fn read_name(
        &mut self,
        fields: &Fields<'_>,
        position: usize,
        definition: Option<TaskDefinitionId>,
        diagnostics: &mut Diagnostics,
    ) -> String {
        let given = fields.get("name");
        let named = given.and_then(|node| read::name(node, "a name", diagnostics));
        let name = named.map_or_else(
            || {
                let family =
                    definition.map_or("tasks", |id| &*self.definitions.list[id.index()].family);
                format!("{family}-{position}")
            },
            str::to_owned,
        );
        let place = given.map_or(fields.place, |node| node.place);
        if name.contains('/') {
            diagnostics
                .error(place, format!("the name `{name}` has a `/`"))
                .help("a task's id is the name, `/` and a number: use another character");
        }
        if self.names.contains(&name) {
            diagnostics
                .error(
                    place,
                    format!("the name `{name}` is given twice in `tasks`"),
                )
                .help("every entry needs a `name` of its own");
        }
        self.names.push(name.clone());
        name
    }

    fn read_strategy(
        &self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<StrategySpec> {
        let own = read_strategies(fields, self.environment.strategy_names, diagnostics);
        match self.environment.strategy {
            Some(strategy) if fields.get("startTask").is_none() => strategy.to_vec(),
            _ => own,
        }
    }

    fn read_source(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Source> {
        let (arrivals, trace) = (fields.get("arrivals"), fields.get("trace"));
        if let Some(trace) = trace {
            for key in ["arrivals", "runtime", "count"] {
                if let Some(place) = fields.key_place(key) {
                    diagnostics
                        .error(place, format!("`{key}` beside `trace`"))
                        .help("the rows of the trace say when tasks come and how long they run");
                }
            }
            let base_dir = self.environment.base_dir;
            return read_trace(trace, base_dir, self.definitions.names(), diagnostics)
                .map(Source::Trace);
        }
        if arrivals.is_none() {
            diagnostics
                .error(fields.place, "neither `arrivals` nor `trace`")
                .help("say when the tasks come: `arrivals: {at: 0s, count: 10}`");
        }
        let shape = ["taskDefinition", "cpu", "memory"];
        if shape.iter().all(|key| fields.get(key).is_none()) {
            diagnostics
                .error(
                    fields.place,
                    "neither `taskDefinition` nor `cpu` and `memory`",
                )
                .help("say what a task needs");
        }
        let arrivals = arrivals.and_then(|node| read_arrivals(node, self.clock, diagnostics));
        let count = read_count(fields, diagnostics);
        let runtime: Runtime = read_runtime(fields, diagnostics);
        Some(Source::Generated {
            arrivals: arrivals?,
            count,
            runtime,
        })
    }
}

fn read_count(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> u32 {
    let Some(node) = fields.get("count") else {
        return 1;
    };
    let before = diagnostics.len();
    let count = read::number_u32(node, 1..=MOST_PER_CALL, diagnostics);
    if diagnostics.len() > before {
        diagnostics.last().help(format!(
            "RunTask starts at most {MOST_PER_CALL} tasks a call: \
             more calls are the `count` of `arrivals: {{at: 0s, count: 40}}`"
        ));
    }
    count.unwrap_or(1)
}

/// The shape of tasks without a task definition.
fn read_needs(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Resources> {
    const SHAPE: [&str; 3] = ["cpu", "memory", "gpu"];
    let given = SHAPE.iter().find_map(|key| fields.key_place(key))?;
    let instead = match (fields.get("taskDefinition"), fields.get("trace")) {
        (Some(_), _) => Some((
            "taskDefinition",
            "the task definition says what a task needs",
        )),
        (None, Some(_)) => Some(("trace", "the rows of the trace say what a task needs")),
        (None, None) => None,
    };
    if let Some((key, help)) = instead {
        diagnostics
            .error(given, format!("`cpu`, `memory` or `gpu` beside `{key}`"))
            .help(help);
        return None;
    }
    let cpu = fields
        .required("cpu", "256", diagnostics)
        .and_then(|node| read::cpu(node, diagnostics));
    let memory = fields
        .required("memory", "512", diagnostics)
        .and_then(|node| read::memory(node, diagnostics));
    let gpus = fields.get("gpu").map_or(Some(0), |node| {
        read::number_u32(node, 0..=10_000, diagnostics)
    });
    Some(Resources {
        cpu: cpu?,
        memory: memory?,
        gpus: gpus?,
        enis: 0,
    })
}

/// `retryStrategy: {attempts: 3}`, as AWS Batch has it: how often a task is submitted at most.
fn read_attempts(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> u16 {
    let attempts = fields.get("retryStrategy").and_then(|node| {
        let strategy = read::fields_like(node, &["attempts"], "attempts: 3", diagnostics)?;
        let attempts = strategy.required("attempts", "3", diagnostics)?;
        read::number(attempts, 1..=MOST_ATTEMPTS, diagnostics)
    });
    attempts
        .and_then(|attempts| u16::try_from(attempts).ok())
        .unwrap_or(1)
}

fn read_when_full(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> WhenFull {
    let choices = [
        ("fail", WhenFull::Fail),
        ("queue", WhenFull::Queue),
        ("backfill", WhenFull::Backfill),
    ];
    fields
        .get("whenFull")
        .and_then(|node| read::one_of(node, "whenFull", &choices, diagnostics))
        .unwrap_or_default()
}
