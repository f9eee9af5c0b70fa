//! Fargate tasks: they have no container instance, only a zone. How many there are, by purchase
//! option, group and zone, and how many vCPUs they use.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::units::{CpuUnits, HourlyRate, id};

use super::attributes::{self, Attributes};
use super::capacity::PurchaseOption;
use super::ids::{FargateZoneId, GroupId};
use super::instance_type::CpuArchitecture;
use super::task::Task;
use super::task_definition::TaskDefinition;

/// The two kinds of Fargate capacity: `FARGATE` and `FARGATE_SPOT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FargateCapacity {
    /// `FARGATE`.
    OnDemand,
    /// `FARGATE_SPOT`: cheaper, and taken back with a warning of two minutes.
    Spot,
}

impl FargateCapacity {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::OnDemand, Self::Spot];

    /// The name of its capacity provider.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "FARGATE",
            Self::Spot => "FARGATE_SPOT",
        }
    }

    /// How it is paid for.
    pub const fn purchase_option(self) -> PurchaseOption {
        match self {
            Self::OnDemand => PurchaseOption::Fargate,
            Self::Spot => PurchaseOption::FargateSpot,
        }
    }

    /// Its place among both.
    pub const fn index(self) -> usize {
        match self {
            Self::OnDemand => 0,
            Self::Spot => 1,
        }
    }
}

/// What Fargate tells apart by price and by the sizes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FargatePlatform {
    /// Linux on X86_64.
    LinuxX86,
    /// Linux on ARM64.
    LinuxArm,
    /// Windows on X86_64.
    Windows,
}

impl FargatePlatform {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::LinuxX86, Self::LinuxArm, Self::Windows];

    /// That of a task; one without a definition runs on Linux on X86_64.
    pub fn of(definition: Option<&TaskDefinition>) -> Self {
        match definition {
            Some(definition) if definition.is_windows() => Self::Windows,
            Some(definition) if definition.architecture == CpuArchitecture::Arm64 => Self::LinuxArm,
            _ => Self::LinuxX86,
        }
    }

    /// `Linux/X86_64`, `Linux/ARM64`, `Windows`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinuxX86 => "Linux/X86_64",
            Self::LinuxArm => "Linux/ARM64",
            Self::Windows => "Windows",
        }
    }

    /// Its place among all.
    pub const fn index(self) -> usize {
        match self {
            Self::LinuxX86 => 0,
            Self::LinuxArm => 1,
            Self::Windows => 2,
        }
    }
}

/// What Fargate charges by the hour for tasks of a platform and capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FargateRates {
    /// A vCPU.
    pub vcpu: HourlyRate,
    /// A GB of memory.
    pub memory_gb: HourlyRate,
    /// The licence of the operating system, a vCPU.
    pub license_vcpu: HourlyRate,
    /// A GB of ephemeral storage beyond what is free; `None` where it is not known.
    pub storage_gb: Option<HourlyRate>,
}

/// Where a Fargate task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FargatePlace {
    /// On which capacity.
    pub capacity: FargateCapacity,
    /// In which zone.
    pub zone: FargateZoneId,
}

/// A zone with its attributes, as an instance there would have them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Zone {
    name: String,
    attributes: Attributes,
}

/// The Fargate tasks of a cluster.
#[derive(Debug, Clone, Default)]
pub struct FargateTasks {
    zones: Vec<Zone>,
    cpu_in_use: [u64; 2],
    cpu_to_run: [u64; 2],
    placed: [u32; 2],
    /// Tasks with desired status RUNNING, by zone.
    groups: BTreeMap<(GroupId, FargateCapacity), SmallVec<[u32; 4]>>,
}

impl FargateTasks {
    /// No task yet, in zones of these names.
    pub(super) fn new(zones: &[String]) -> Self {
        let zone = |name: &String| Zone {
            name: name.clone(),
            attributes: [(attributes::AVAILABILITY_ZONE.to_owned(), name.clone())].into(),
        };
        Self {
            zones: zones.iter().map(zone).collect(),
            ..Self::default()
        }
    }

    /// The zones, in order.
    pub fn zones(&self) -> impl Iterator<Item = (FargateZoneId, &str)> {
        let zones = self.zones.iter().enumerate();
        zones.map(|(place, zone)| (FargateZoneId(id(place)), zone.name.as_str()))
    }

    /// The name of a zone.
    pub fn zone_name(&self, zone: FargateZoneId) -> &str {
        &self.zones[zone.index()].name
    }

    /// What a task knows of where it runs in a zone.
    pub fn attributes(&self, zone: FargateZoneId) -> &Attributes {
        &self.zones[zone.index()].attributes
    }

    /// CPU units of the tasks that are placed and not yet STOPPED.
    pub fn cpu_in_use(&self, capacity: FargateCapacity) -> u64 {
        self.cpu_in_use[capacity.index()]
    }

    /// CPU units of those of them that nobody has asked to stop.
    pub fn cpu_to_run(&self, capacity: FargateCapacity) -> u64 {
        self.cpu_to_run[capacity.index()]
    }

    /// Tasks that are placed and not yet STOPPED.
    pub fn placed(&self, capacity: FargateCapacity) -> u32 {
        self.placed[capacity.index()]
    }

    /// Tasks of a group with desired status RUNNING in a zone.
    pub fn of_group(&self, group: GroupId, place: FargatePlace) -> u32 {
        let counts = self.groups.get(&(group, place.capacity));
        counts.map_or(0, |counts| counts[place.zone.index()])
    }

    pub(super) fn place(&mut self, task: &Task, place: FargatePlace) {
        let CpuUnits(cpu) = task.needs.cpu;
        self.cpu_in_use[place.capacity.index()] += u64::from(cpu);
        self.cpu_to_run[place.capacity.index()] += u64::from(cpu);
        self.placed[place.capacity.index()] += 1;
        let zones = self.zones.len();
        let counts = self.groups.entry((task.group, place.capacity)).or_default();
        counts.resize(zones, 0);
        counts[place.zone.index()] += 1;
    }

    pub(super) fn begin_stop(&mut self, task: &Task, place: FargatePlace) {
        let (CpuUnits(cpu), group) = (task.needs.cpu, task.group);
        self.cpu_to_run[place.capacity.index()] -= u64::from(cpu);
        let counts = self.groups.get_mut(&(group, place.capacity));
        let counts = counts.expect("a placed task was counted");
        counts[place.zone.index()] -= 1;
        if counts.iter().all(|count| *count == 0) {
            self.groups.remove(&(group, place.capacity));
        }
    }

    pub(super) fn finish_stop(&mut self, task: &Task, place: FargatePlace) {
        let CpuUnits(cpu) = task.needs.cpu;
        self.cpu_in_use[place.capacity.index()] -= u64::from(cpu);
        self.placed[place.capacity.index()] -= 1;
    }
}
