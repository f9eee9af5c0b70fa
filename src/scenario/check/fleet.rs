//! What container instances there can be, as the checks of work and incidents need it.

use crate::model::{AutoScalingGroupId, InstanceType, InstanceTypeId, LaunchType, PurchaseOption};
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::{AutoScalingGroup, Capacity, CapacityProviderKind};
use crate::units::{CpuUnits, MemoryMib, Resources, id, index, nearest};

use super::capacity_providers::Providers;
use super::fleet_limits::total;
use super::instances::Instances;
use super::work::Work;

/// The instances that register, and those that groups may launch.
pub(super) struct Fleet<'a> {
    /// How many register without a group.
    fixed: u64,
    groups: &'a [AutoScalingGroup],
    providers: &'a Providers,
    /// Zones in which instances can stand, sorted.
    zones: Vec<String>,
    shapes: Vec<Shape>,
    /// The instance types of all of them.
    types: &'a [InstanceType],
}

/// What an instance registers.
struct Shape {
    resources: Resources,
    launch_type: LaunchType,
    /// `None` is the fixed fleet.
    group: Option<AutoScalingGroupId>,
}

impl<'a> Fleet<'a> {
    pub(super) fn of(instances: &'a Instances) -> Self {
        let (types, entries) = (&instances.types.used, &instances.fixed);
        let (groups, providers) = (&instances.groups.list, &instances.providers);
        let resources = |instance_type: InstanceTypeId, memory: MemoryMib| {
            let definition = &types[index(instance_type.0)];
            Resources {
                cpu: definition.cpu,
                memory,
                gpus: definition.gpus,
                // How many there are depends on settings that are read elsewhere.
                enis: u32::MAX,
            }
        };
        let fixed = entries.iter().map(|entry| Shape {
            resources: resources(entry.instance_type, entry.registered_memory),
            launch_type: entry.launch_type,
            group: None,
        });
        let launched = groups.iter().enumerate().flat_map(|(position, group)| {
            group.types.iter().map(move |one| Shape {
                resources: resources(one.instance_type, one.registered_memory),
                launch_type: match group.managed_instances {
                    Some(_) => LaunchType::ManagedInstances,
                    None => LaunchType::Ec2,
                },
                group: Some(AutoScalingGroupId(id(position))),
            })
        });
        let shapes = fixed.chain(launched).collect();
        let of_entries = entries.iter().flat_map(|entry| {
            let most = index(entry.count);
            entry.availability_zones.iter().take(most)
        });
        let of_groups = groups
            .iter()
            .flat_map(|group| &group.configuration.availability_zones);
        let mut zones: Vec<String> = of_entries.chain(of_groups).cloned().collect();
        zones.sort();
        zones.dedup();
        Self {
            fixed: total(entries),
            groups,
            providers,
            zones,
            shapes,
            types,
        }
    }

    /// How many container instances register in all, where no group can launch more.
    pub(super) fn instances(&self) -> Option<u64> {
        self.groups.is_empty().then_some(self.fixed)
    }

    /// Zones in which instances can stand, sorted.
    pub(super) fn zones(&self) -> &[String] {
        &self.zones
    }

    /// Whether some group launches instances of a purchase option.
    pub(super) fn launches(&self, purchase_option: PurchaseOption) -> bool {
        self.groups.iter().any(|group| {
            let distribution = &group.configuration.distribution;
            let percentage = distribution.on_demand_percentage_above_base_capacity;
            match purchase_option {
                PurchaseOption::Spot => percentage < 100,
                _ => percentage > 0 || distribution.on_demand_base_capacity > 0,
            }
        })
    }

    /// The type of a name that instances have or can have; reports one that none has.
    pub(super) fn find_type(
        &self,
        name: &str,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<InstanceTypeId> {
        let found = self.types.iter().position(|known| known.name == name);
        if let Some(position) = found {
            return Some(InstanceTypeId(id(position)));
        }
        let names: Vec<&str> = self.types.iter().map(|known| known.name.as_str()).collect();
        let near = nearest(name, names.iter().copied());
        let finding = diagnostics.error(node.place, format!("no container instance is a `{name}`"));
        finding.nearest(near);
        if near.is_none() && !names.is_empty() {
            finding.help(format!("there are {}", read::short_list(&names)));
        }
        None
    }

    /// Warns of work that no instance can take.
    pub(super) fn warn_if_none(
        &self,
        fields: &Fields<'_>,
        work: &Work,
        diagnostics: &mut Diagnostics,
    ) {
        let tasks = work.tasks.iter().map(|entry| &entry.capacity);
        let services = work.services.iter().map(|service| &service.capacity);
        let blocks = [
            ("tasks", self.first_without_any(tasks)),
            ("services", self.first_without_any(services)),
        ];
        for (key, capacity) in blocks {
            let (Some(place), Some(capacity)) = (fields.key_place(key), capacity) else {
                continue;
            };
            if *capacity == Capacity::LaunchType(LaunchType::External) {
                diagnostics
                    .warning_of_no_effect(
                        place,
                        format!("there are {key} but no external instances"),
                    )
                    .help("add `containerInstances` with `launchType: EXTERNAL`");
            } else {
                diagnostics
                    .warning_of_no_effect(
                        place,
                        format!("there are {key} but no container instances"),
                    )
                    .help("no task can be placed: add `containerInstances` or `autoScalingGroups`");
            }
        }
    }

    /// The first capacity without any instance, now or later, where it takes one.
    fn first_without_any<'c>(
        &self,
        mut capacities: impl Iterator<Item = &'c Capacity>,
    ) -> Option<&'c Capacity> {
        capacities.find(|capacity| match capacity {
            Capacity::LaunchType(LaunchType::Fargate) | Capacity::Strategy(_) => false,
            Capacity::LaunchType(launch_type) => {
                let mut shapes = self.shapes.iter();
                !shapes.any(|shape| shape.launch_type == *launch_type)
            }
        })
    }

    /// Warns of tasks that even an empty instance cannot hold.
    pub(super) fn warn_if_never_held(
        &self,
        tasks: &TasksOf<'_>,
        needs: &Resources,
        diagnostics: &mut Diagnostics,
    ) {
        match tasks.capacity {
            Capacity::LaunchType(LaunchType::Fargate) => {}
            Capacity::LaunchType(launch_type) => {
                let of_type = |shape: &&Shape| shape.launch_type == *launch_type;
                let shapes: Vec<&Shape> = self.shapes.iter().filter(of_type).collect();
                if let Some(why) = why_never(&shapes, needs) {
                    let title = format!(
                        "no instance of the fleet can ever hold tasks of `{}`",
                        tasks.name
                    );
                    diagnostics.warning(tasks.place, title).label(why).help(
                        "make the tasks smaller, or add larger instances to `containerInstances`",
                    );
                }
            }
            Capacity::Strategy(items) => {
                for item in items {
                    let provider = &self.providers.list[item.provider.index()];
                    let (group, is_managed) = match &provider.kind {
                        CapacityProviderKind::AutoScalingGroup {
                            group,
                            managed_scaling,
                            ..
                        } => (*group, managed_scaling.is_some()),
                        CapacityProviderKind::ManagedInstances { group } => (*group, false),
                        CapacityProviderKind::Fargate | CapacityProviderKind::FargateSpot => {
                            continue;
                        }
                    };
                    self.warn_of_group(group, is_managed, tasks, needs, diagnostics);
                }
            }
        }
    }

    /// Tasks of a capacity provider: managed scaling counts on the smallest type alone (G95).
    fn warn_of_group(
        &self,
        group: AutoScalingGroupId,
        is_managed: bool,
        tasks: &TasksOf<'_>,
        needs: &Resources,
        diagnostics: &mut Diagnostics,
    ) {
        let of_group = |shape: &&Shape| shape.group == Some(group);
        let shapes: Vec<&Shape> = self.shapes.iter().filter(of_group).collect();
        let is_of_ecs = self.groups[group.index()].managed_instances.is_some();
        let group = &self.groups[group.index()].name;
        let name = tasks.name;
        if let Some(why) = why_never(&shapes, needs) {
            let (of, help) = if is_of_ecs {
                let help = "make the tasks smaller, or widen `instanceRequirements`";
                (format!("`{group}`"), help)
            } else {
                let help = "make the tasks smaller, or give the group larger instance types";
                (format!("the group `{group}`"), help)
            };
            let title = format!("no instance of {of} can ever hold tasks of `{name}`");
            let finding = diagnostics.warning(tasks.place, title);
            finding.label(why).help(help);
        } else if let Some(what) = above_smallest(&shapes, needs).filter(|_| is_managed) {
            diagnostics
                .warning(
                    tasks.place,
                    format!(
                        "managed scaling launches no instance of `{group}` for tasks of `{name}`"
                    ),
                )
                .label(what)
                .help(
                    "it looks at the smallest of each amount among the types of a group: such \
                     tasks wait in PROVISIONING; remove the small types, or make the tasks smaller",
                );
        }
    }
}

/// Tasks of an entry or a service, and where their needs stand.
pub(super) struct TasksOf<'a> {
    pub(super) name: &'a str,
    pub(super) capacity: &'a Capacity,
    pub(super) place: Place,
}

/// The amount of which no instance has enough, or all amounts when only together they are too
/// much; `None` when some instance can hold the needs, or there is none.
fn why_never(shapes: &[&Shape], needs: &Resources) -> Option<String> {
    let held = shapes.iter().any(|shape| shape.resources.covers(needs));
    if held || shapes.is_empty() {
        return None;
    }
    let largest = |amount: fn(&Resources) -> u32| {
        let amounts = shapes.iter().map(|shape| amount(&shape.resources));
        amounts.max().unwrap_or_default()
    };
    let cpu = largest(|shape| shape.cpu.0);
    let memory = largest(|shape| shape.memory.0);
    let gpus = largest(|shape| shape.gpus);
    Some(if needs.memory.0 > memory {
        let (needs, memory) = (needs.memory, MemoryMib(memory));
        format!("they need {needs}, the largest registers {memory}")
    } else if needs.cpu.0 > cpu {
        let (needs, cpu) = (needs.cpu, CpuUnits(cpu));
        format!("they need {needs}, the largest registers {cpu}")
    } else if needs.gpus > gpus {
        match gpus {
            0 => "they need a GPU, and no instance has any".to_owned(),
            _ => format!("they need {} GPUs, the largest has {gpus}", needs.gpus),
        }
    } else {
        let (cpu, memory) = (needs.cpu, needs.memory);
        match needs.gpus {
            0 => format!("none has {cpu} and {memory} together"),
            gpus => format!("none has {cpu}, {memory} and {gpus} GPUs together"),
        }
    })
}

/// The amount that exceeds the smallest among the types of a group.
fn above_smallest(shapes: &[&Shape], needs: &Resources) -> Option<String> {
    let smallest = |amount: fn(&Resources) -> u32| {
        let amounts = shapes.iter().map(|shape| amount(&shape.resources));
        amounts.min().unwrap_or(u32::MAX)
    };
    let cpu = CpuUnits(smallest(|shape| shape.cpu.0));
    let memory = MemoryMib(smallest(|shape| shape.memory.0));
    let gpus = smallest(|shape| shape.gpus);
    if needs.memory > memory {
        Some(format!(
            "they need {}, the smallest registers {memory}",
            needs.memory
        ))
    } else if needs.cpu > cpu {
        Some(format!(
            "they need {}, the smallest registers {cpu}",
            needs.cpu
        ))
    } else if needs.gpus > gpus {
        Some(format!(
            "they need {} GPUs, the smallest has {gpus}",
            needs.gpus
        ))
    } else {
        None
    }
}
