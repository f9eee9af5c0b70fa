//! What runs on Fargate, and what Fargate cannot do for it.
//!
//! Sources: Developer Guide, "Task CPU and memory", "Fargate capacity providers", "Fargate platform
//! versions".

use crate::cloud::fargate::{FargateSettings, FargateSize};
use crate::model::{FargateCapacity, FargatePlatform, LaunchType, TaskDefinition};
use crate::scenario::check::capacity_providers::Providers;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::Fields;
use crate::scenario::{Capacity, CapacityProviderKind};
use crate::units::{CpuUnits, MemoryMib};

use super::FargateReader;

/// Tasks of one entry or service, with one task definition.
pub(super) struct Use<'a> {
    /// Name of the entry or service.
    name: &'a str,
    /// Where it stands.
    place: Place,
    /// `platformVersion`.
    version: Option<&'a Node>,
    pub(super) capacities: Vec<FargateCapacity>,
    definition: Option<&'a TaskDefinition>,
}

impl Use<'_> {
    pub(super) fn platform(&self) -> FargatePlatform {
        FargatePlatform::of(self.definition)
    }

    /// GiB of ephemeral storage beyond what is free, where it asks for some.
    pub(super) fn asks_for_storage(&self) -> bool {
        let storage = self
            .definition
            .and_then(|known| known.ephemeral_storage_gib);
        storage.is_some_and(|gib| gib > crate::cloud::fargate::FREE_STORAGE_GIB)
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// `` tasks of `web` ``.
    pub(super) fn what(&self) -> String {
        format!("tasks of `{}`", self.name)
    }
}

/// All that runs on Fargate.
pub(super) struct Uses<'a> {
    pub(super) list: Vec<Use<'a>>,
}

impl<'a> Uses<'a> {
    pub(super) fn of(root: &Fields<'a>, reader: &FargateReader<'a>) -> Self {
        let definition = |id: crate::model::TaskDefinitionId| &reader.definitions.list[id.index()];
        let mut list = Vec::new();
        for entry in &reader.work.tasks {
            let capacities = capacities(&entry.capacity, reader.providers);
            if capacities.is_empty() {
                continue;
            }
            let node = named(root, "tasks", "name", &entry.name);
            list.push(Use {
                name: &entry.name,
                place: node.map_or(root.place, |node| node.place),
                version: None,
                capacities,
                definition: entry.task_definition.map(definition),
            });
        }
        for (id, service) in (0..)
            .map(crate::model::ServiceId)
            .zip(&reader.work.services)
        {
            let capacities = capacities(&service.capacity, reader.providers);
            if capacities.is_empty() {
                continue;
            }
            let updates = reader.work.deployments.iter();
            let updates = updates
                .filter(|update| update.service == id)
                .filter_map(|update| update.task_definition);
            let mut definitions: Vec<_> = std::iter::once(service.task_definition)
                .chain(updates)
                .collect();
            definitions.sort_unstable();
            definitions.dedup();
            let node = named(root, "services", "serviceName", &service.name);
            list.extend(definitions.into_iter().map(|id| Use {
                name: &service.name,
                place: node.map_or(root.place, |node| node.place),
                version: node.and_then(|node| node.get("platformVersion")),
                capacities: capacities.clone(),
                definition: Some(definition(id)),
            }));
        }
        Self { list }
    }

    pub(super) fn check(&self, settings: &FargateSettings, diagnostics: &mut Diagnostics) {
        for of in &self.list {
            check_spot(of, diagnostics);
            check_version(of, diagnostics);
            warn_of_quota(of, settings, diagnostics);
        }
    }
}

/// The Fargate capacities of a capacity, in order.
fn capacities(capacity: &Capacity, providers: &Providers) -> Vec<FargateCapacity> {
    match capacity {
        Capacity::LaunchType(LaunchType::Fargate) => vec![FargateCapacity::OnDemand],
        Capacity::LaunchType(
            LaunchType::Ec2 | LaunchType::External | LaunchType::ManagedInstances,
        ) => Vec::new(),
        Capacity::Strategy(items) => {
            let of = |kind: &CapacityProviderKind| match kind {
                CapacityProviderKind::Fargate => Some(FargateCapacity::OnDemand),
                CapacityProviderKind::FargateSpot => Some(FargateCapacity::Spot),
                CapacityProviderKind::AutoScalingGroup { .. }
                | CapacityProviderKind::ManagedInstances { .. } => None,
            };
            let kinds = items
                .iter()
                .map(|item| &providers.list[item.provider.index()].kind);
            let mut all: Vec<FargateCapacity> = kinds.filter_map(of).collect();
            all.sort_unstable();
            all
        }
    }
}

/// The item of a list that has a name.
fn named<'n>(root: &Fields<'n>, block: &str, key: &str, name: &str) -> Option<&'n Node> {
    let Value::Sequence(items) = &root.get(block)?.value else {
        return None;
    };
    let is_its = |node: &&Node| node.get(key).and_then(Node::text) == Some(name);
    items.iter().find(is_its)
}

/// Windows tasks run on `FARGATE` alone.
fn check_spot(of: &Use<'_>, diagnostics: &mut Diagnostics) {
    let on_spot = of.capacities.contains(&FargateCapacity::Spot);
    if on_spot && of.platform() == FargatePlatform::Windows {
        diagnostics
            .error(of.place, "Windows tasks on FARGATE_SPOT")
            .label(format!("{} are Windows containers", of.what()))
            .help("Fargate Spot runs Linux tasks only: use `FARGATE`");
    }
}

/// `platformVersion` of a service.
fn check_version(of: &Use<'_>, diagnostics: &mut Diagnostics) {
    const LINUX: [&str; 3] = ["LATEST", "1.4.0", "1.3.0"];
    const WINDOWS: [&str; 2] = ["LATEST", "1.0.0"];
    let (Some(node), Some(definition)) = (of.version, of.definition) else {
        return;
    };
    let Some(version) = node.text() else {
        return;
    };
    let platform = of.platform();
    let known = match platform {
        FargatePlatform::Windows => &WINDOWS[..],
        FargatePlatform::LinuxX86 | FargatePlatform::LinuxArm => &LINUX[..],
    };
    if !known.contains(&version) {
        diagnostics
            .error(
                node.place,
                format!("`{version}` is no platform version of {}", platform.name()),
            )
            .label(format!(
                "expected {}",
                crate::scenario::read::alternatives(known)
            ));
        return;
    }
    let CpuUnits(cpu) = definition.needs.cpu;
    let needs_later = if platform == FargatePlatform::LinuxArm {
        Some("ARM64".to_owned())
    } else if cpu >= 8_192 {
        Some(format!("{cpu} CPU units"))
    } else {
        None
    };
    if let Some(what) = needs_later.filter(|_| version == "1.3.0") {
        diagnostics
            .error(node.place, format!("{what} on platform version 1.3.0"))
            .help("it takes 1.4.0 or later: `platformVersion: LATEST`");
    }
}

/// A task with more vCPUs than the quota is never placed.
fn warn_of_quota(of: &Use<'_>, settings: &FargateSettings, diagnostics: &mut Diagnostics) {
    let Some(definition) = of.definition else {
        return;
    };
    let CpuUnits(cpu) = definition.needs.cpu;
    for capacity in &of.capacities {
        let quota = settings.cpu_quota(*capacity);
        if quota.is_some_and(|quota| u64::from(cpu) > quota) {
            diagnostics
                .warning(
                    of.place,
                    format!(
                        "no task of `{}` can ever run on {}",
                        of.name,
                        capacity.name()
                    ),
                )
                .label(format!(
                    "each has {}, more than the quota",
                    definition.needs.cpu
                ))
                .help("raise `fargate.vcpuQuota`, or make the tasks smaller");
        }
    }
}

/// An entry of `tasks` on Fargate that gives its amounts itself: they must be a size.
pub(in crate::scenario::check) fn check_size(
    cpu: CpuUnits,
    memory: MemoryMib,
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let platform = FargatePlatform::LinuxX86;
    if FargateSize::exactly(platform, cpu, memory).is_some() {
        return;
    }
    diagnostics
        .error(place, "No Fargate configuration exists for given values.")
        .label(format!("{} CPU units and {} MiB", cpu.0, memory.0))
        .help(FargateSize::advice(platform, cpu, memory));
}
