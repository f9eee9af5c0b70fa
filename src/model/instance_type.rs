//! What an instance type offers to ECS.

use crate::units::{CpuUnits, HourlyRate, MemoryMib};

/// The processor architecture of an instance type or a task definition, in ECS's attribute
/// spelling (`ecs.cpu-architecture`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum CpuArchitecture {
    /// `x86_64` (`X86_64` in a task definition).
    #[default]
    X86_64,
    /// `arm64` (`ARM64` in a task definition).
    Arm64,
}

impl CpuArchitecture {
    /// The value of the attribute `ecs.cpu-architecture`.
    pub const fn attribute_value(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// An instance type as the scenario uses it: from the catalog with the region's price, or the
/// user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceType {
    /// `m5.large`, or the user's own name.
    pub name: String,
    /// Processor architecture.
    pub architecture: CpuArchitecture,
    /// CPU units that an instance registers: vCPUs times 1,024.
    pub cpu: CpuUnits,
    /// Nominal memory: what the price list says.
    pub nominal_memory: MemoryMib,
    /// Memory that a Linux instance registers with ECS when `ECS_RESERVED_MEMORY` is 0. Less than
    /// nominal for the catalog's types.
    pub registered_memory: MemoryMib,
    /// Whole GPUs that ECS counts.
    pub gpus: u32,
    /// `awsvpc` tasks at a time without ENI trunking; `None` is no limit (own types only).
    pub awsvpc_tasks: Option<u32>,
    /// `awsvpc` tasks at a time with the account setting `awsvpcTrunking`; `None` where trunking is
    /// not supported and the plain limit holds.
    pub awsvpc_tasks_trunking: Option<u32>,
    /// Linux On-Demand price in the scenario's region; `None` where the catalog has none.
    pub on_demand: Option<HourlyRate>,
}
