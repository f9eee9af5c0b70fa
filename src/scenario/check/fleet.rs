//! What the fleet registers, as the checks of `tasks` need it.

use crate::model::InstanceType;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::spec::ContainerInstances;
use crate::units::{CpuUnits, MemoryMib, Resources, index};

use super::fleet_limits::total;

/// The instances that register.
pub(super) struct Fleet {
    instances: u64,
    /// Zones in which instances stand, sorted.
    zones: Vec<String>,
    /// What an instance of each entry registers.
    shapes: Vec<Resources>,
}

impl Fleet {
    pub(super) fn of(entries: &[ContainerInstances], types: &[InstanceType]) -> Self {
        let shape = |entry: &ContainerInstances| {
            let definition = &types[index(entry.instance_type.0)];
            Resources {
                cpu: definition.cpu,
                memory: entry.registered_memory,
                gpus: definition.gpus,
                // How many there are depends on settings that are read elsewhere.
                enis: u32::MAX,
            }
        };
        let mut zones: Vec<String> = entries
            .iter()
            .flat_map(|entry| {
                let most = index(entry.count);
                entry.availability_zones.iter().take(most).cloned()
            })
            .collect();
        zones.sort();
        zones.dedup();
        Self {
            instances: total(entries),
            zones,
            shapes: entries.iter().map(shape).collect(),
        }
    }

    /// How many container instances register.
    pub(super) fn instances(&self) -> u64 {
        self.instances
    }

    /// Zones in which instances stand, sorted.
    pub(super) fn zones(&self) -> &[String] {
        &self.zones
    }

    /// Warns of tasks that even an empty instance cannot hold.
    pub(super) fn warn_if_never_held(
        &self,
        name: &str,
        needs: &Resources,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) {
        let held = self.shapes.iter().any(|shape| shape.covers(needs));
        if held || self.shapes.is_empty() {
            return;
        }
        let why = self.why(needs);
        let title = format!("no instance of the fleet can ever hold tasks of `{name}`");
        diagnostics
            .warning(place, title)
            .label(why)
            .help("make the tasks smaller, or add larger instances to `containerInstances`");
    }

    /// The amount of which no instance has enough, or all amounts when only together they are
    /// too much.
    fn why(&self, needs: &Resources) -> String {
        let largest = |amount: fn(&Resources) -> u32| {
            let amounts = self.shapes.iter().map(amount);
            amounts.max().unwrap_or_default()
        };
        let cpu = largest(|shape| shape.cpu.0);
        let memory = largest(|shape| shape.memory.0);
        let gpus = largest(|shape| shape.gpus);
        if needs.memory.0 > memory {
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
        }
    }
}
