//! `taskBehaviors`: what goes wrong with which tasks; and `fileSystems`, which tasks mount.

use std::num::NonZeroU64;

use crate::cloud::behavior::{Effect, Starts, TaskBehavior};
use crate::cloud::file_system::FileSystem;
use crate::kernel::Distribution;
use crate::model::{EntryId, TaskDefinition, TaskDefinitionId};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::distribution::read_distribution;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::TasksEntry;
use crate::units::{Millis, SimTime, id};

use super::services::{Services, report_unknown_name};
use super::subnets::read_zone;
use super::task_definitions::TaskDefinitions;

const EFFECTS: [&str; 6] = [
    "failToStart",
    "exit",
    "outOfMemory",
    "unhealthy",
    "slowReadiness",
    "ignoreSigterm",
];
const KEYS: [&str; 16] = [
    "name",
    "taskDefinition",
    "service",
    "tasks",
    "container",
    "every",
    "first",
    "last",
    "from",
    "until",
    "failToStart",
    "exit",
    "outOfMemory",
    "unhealthy",
    "slowReadiness",
    "ignoreSigterm",
];

/// Reads `taskBehaviors`.
pub(super) struct BehaviorsReader<'a> {
    pub(super) definitions: &'a TaskDefinitions,
    pub(super) tasks: &'a [TasksEntry],
    pub(super) services: &'a Services,
}

impl BehaviorsReader<'_> {
    pub(super) fn read(
        &self,
        fields: &Fields<'_>,
        used: &[bool],
        diagnostics: &mut Diagnostics,
    ) -> Vec<TaskBehavior> {
        read::items_of(fields, "taskBehaviors", diagnostics)
            .iter()
            .filter_map(|item| self.read_behavior(item, used, diagnostics))
            .collect()
    }

    fn read_behavior(
        &self,
        node: &Node,
        used: &[bool],
        diagnostics: &mut Diagnostics,
    ) -> Option<TaskBehavior> {
        let example = "service: web, exit: {after: 10s, exitCode: 1}";
        let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
        let before = diagnostics.len();
        let definition = fields.get("taskDefinition").and_then(|node| {
            // That something goes wrong with its tasks makes no use of a definition.
            let mut unused = used.to_vec();
            self.definitions.find_used(node, &mut unused, diagnostics)
        });
        let entry = self.read_entry(&fields, diagnostics);
        let container = fields
            .get("container")
            .and_then(|node| read::name(node, "the name of a container", diagnostics));
        self.check_container(&fields, definition, container, diagnostics);
        let starts = read_starts(&fields, diagnostics);
        let effect = read_effect(&fields, diagnostics);
        (diagnostics.len() == before).then_some(())?;
        Some(TaskBehavior {
            definition,
            entry,
            starts: starts?,
            container: container.map(str::to_owned),
            effect: effect?,
        })
    }

    fn read_entry(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<EntryId> {
        if let (Some(_), Some(place)) = (fields.get("service"), fields.key_place("tasks")) {
            diagnostics
                .error(place, "`tasks` beside `service`")
                .help("an entry strikes tasks of one of them: remove the other");
            return None;
        }
        if let Some(node) = fields.get("service") {
            let service = self.services.find(node, diagnostics)?;
            return Some(EntryId(id(self.tasks.len() + service)));
        }
        let node = fields.get("tasks")?;
        let name = read::name(node, "the name of an entry", diagnostics)?;
        let found = self.tasks.iter().position(|entry| entry.name == name);
        if found.is_none() {
            let names: Vec<&str> = self.tasks.iter().map(|entry| entry.name.as_str()).collect();
            report_unknown_name(name, "entry", "tasks", &names, node.place, diagnostics);
        }
        found.map(|position| EntryId(id(position)))
    }

    /// A container that the definition does not have would never be struck.
    fn check_container(
        &self,
        fields: &Fields<'_>,
        definition: Option<TaskDefinitionId>,
        container: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) {
        let (Some(name), Some(node)) = (container, fields.get("container")) else {
            return;
        };
        let list = &self.definitions.list;
        let known: Vec<&TaskDefinition> = match definition {
            Some(id) => vec![&list[id.index()]],
            None => list.iter().collect(),
        };
        let containers = known.iter().flat_map(|known| &known.containers);
        let mut names: Vec<&str> = containers.map(|known| known.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if !names.contains(&name) {
            let block = "containerDefinitions";
            report_unknown_name(name, "container", block, &names, node.place, diagnostics);
        }
    }
}

fn read_starts(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Starts> {
    let mut count = |key: &str| {
        let node = fields.get(key)?;
        read::number(node, 1..=u64::MAX, diagnostics)
    };
    let (every, first, last) = (count("every"), count("first"), count("last"));
    let mut point = |key: &str| {
        let node = fields.get(key)?;
        read::duration(node, diagnostics).map(|span| SimTime(span.0))
    };
    let (from, until) = (point("from"), point("until"));
    let starts = Starts {
        every: every.and_then(NonZeroU64::new).unwrap_or(NonZeroU64::MIN),
        first: first.unwrap_or(0),
        last,
        from: from.unwrap_or(SimTime::ZERO),
        until,
    };
    if let (Some(node), Some(until)) = (fields.get("until"), starts.until)
        && until <= starts.from
    {
        diagnostics
            .error(node.place, "`until` is not after `from`")
            .label(format!("expected more than {}", Millis(starts.from.0)));
        return None;
    }
    if let (Some(node), Some(last)) = (fields.get("last"), starts.last)
        && last < starts.first
    {
        diagnostics
            .error(node.place, "`last` is below `first`")
            .label(format!("expected at least {}", starts.first));
        return None;
    }
    Some(starts)
}

fn read_effect(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Effect> {
    let given: Vec<&str> = EFFECTS
        .into_iter()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let [effect] = given.as_slice() else {
        let title = match given.as_slice() {
            [] => "a behavior without an effect".to_owned(),
            _ => format!("a behavior with several effects: {}", read::list(&given)),
        };
        diagnostics
            .error(fields.place, title)
            .label(format!("expected one of {}", read::list(&EFFECTS)));
        return None;
    };
    let node = fields.get(effect)?;
    if *effect == "ignoreSigterm" {
        if !read::boolean(node, diagnostics)? {
            diagnostics
                .error(node.place, "a behavior that does nothing")
                .help("set `ignoreSigterm: true`, or remove the entry");
            return None;
        }
        return Some(Effect::IgnoreSigterm);
    }
    let keys: &[&str] = match *effect {
        "exit" => &["after", "exitCode"],
        _ => &["after"],
    };
    let given = read::fields_like(node, keys, "after: 10s", diagnostics)?;
    let after = match given.get("after") {
        Some(node) => read_distribution(node, diagnostics)?,
        None => Distribution::Fixed(Millis::ZERO),
    };
    Some(match *effect {
        "failToStart" => Effect::FailToStart { after },
        "exit" => {
            let code = match given.get("exitCode") {
                Some(node) => read::number(node, 0..=255, diagnostics)?,
                None => 1,
            };
            Effect::Exit {
                after,
                exit_code: u8::try_from(code).ok()?,
            }
        }
        "outOfMemory" => Effect::OutOfMemory { after },
        "unhealthy" => Effect::Unhealthy { after },
        _ => Effect::SlowReadiness { after },
    })
}

/// `fileSystems`: EFS file systems with the zones of their mount targets.
pub(super) fn read_file_systems(
    fields: &Fields<'_>,
    region: &str,
    definitions: &[TaskDefinition],
    diagnostics: &mut Diagnostics,
) -> Vec<FileSystem> {
    let mut systems: Vec<FileSystem> = Vec::new();
    for item in read::items_of(fields, "fileSystems", diagnostics) {
        let keys = ["fileSystemId", "mountTargets"];
        let example = "fileSystemId: fs-1, mountTargets: [us-east-1a]";
        let Some(entry) = read::fields_like(item, &keys, example, diagnostics) else {
            continue;
        };
        let node = entry.required("fileSystemId", "fs-1", diagnostics);
        let name = node.and_then(|node| read::name(node, "a file system id", diagnostics));
        entry.required("mountTargets", "[us-east-1a]", diagnostics);
        let zones = read::items_of(&entry, "mountTargets", diagnostics);
        let mount_target_zones = zones
            .iter()
            .filter_map(|node| read_zone(node, region, diagnostics))
            .collect();
        let (Some(name), Some(node)) = (name, node) else {
            continue;
        };
        if systems.iter().any(|other| other.id == name) {
            let title = format!("the file system `{name}` is given twice");
            diagnostics.error(node.place, title);
        }
        let mut mounted = definitions.iter().flat_map(|known| &known.efs_file_systems);
        if !mounted.any(|mounted| mounted == name) {
            diagnostics
                .warning_of_no_effect(node.place, format!("no task definition mounts `{name}`"))
                .help("a definition mounts it by `efsVolumeConfiguration` of its `volumes`");
        }
        systems.push(FileSystem {
            id: name.to_owned(),
            mount_target_zones,
        });
    }
    systems
}
