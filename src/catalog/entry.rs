//! One row of the catalog.

use std::cmp::Ordering;

use serde::Deserialize;

use crate::model::CpuArchitecture;
use crate::units::{CpuUnits, MemoryMib};

/// What runs beneath an instance; it decides how much memory is left to register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hypervisor {
    /// AWS Nitro.
    Nitro,
    /// Xen, the older families.
    Xen,
    /// Bare metal.
    #[serde(rename = "")]
    None,
}

impl Hypervisor {
    /// `nitro`, `xen` or `none`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nitro => "nitro",
            Self::Xen => "xen",
            Self::None => "none",
        }
    }
}

/// An EC2 instance type as ECS sees it. Prices are asked of the catalog, by region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogEntry {
    /// `m5.large`.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory of the price list.
    pub nominal_memory: MemoryMib,
    /// Memory that a Linux instance registers with nothing reserved.
    pub registered_memory: MemoryMib,
    /// Processor architecture.
    pub architecture: CpuArchitecture,
    /// Whole GPUs that ECS counts.
    pub gpus: u32,
    /// Maker and model of the GPUs.
    pub gpu_model: Option<String>,
    /// Inferentia and Trainium devices, which ECS does not count as GPUs.
    pub neuron_devices: u32,
    /// `awsvpc` tasks at a time without ENI trunking.
    pub awsvpc_tasks: u32,
    /// `awsvpc` tasks at a time with ENI trunking; `None` where it is not supported.
    pub awsvpc_tasks_trunking: Option<u32>,
    /// What runs beneath.
    pub hypervisor: Hypervisor,
    /// Whether CPU beyond a baseline costs credits.
    pub burstable: bool,
    /// Whether the instance is a whole machine.
    pub bare_metal: bool,
}

impl CatalogEntry {
    /// CPU units that an instance registers: 1,024 a vCPU.
    ///
    /// # Panics
    /// Never for a catalog's entry: reading one checks that its CPU units fit.
    pub fn cpu(&self) -> CpuUnits {
        let units = self.vcpus.checked_mul(CpuUnits::PER_VCPU);
        CpuUnits(units.expect("the catalog's vCPUs were checked when read"))
    }

    /// The part of the name before the dot: `m5`.
    pub fn family(&self) -> &str {
        self.name
            .split_once('.')
            .map_or(self.name.as_str(), |(family, _)| family)
    }

    /// `awsvpc` tasks at a time with the account setting `awsvpcTrunking` on: the plain limit where
    /// trunking is not supported.
    pub fn awsvpc_tasks_at_most(&self) -> u32 {
        self.awsvpc_tasks_trunking.unwrap_or(self.awsvpc_tasks)
    }

    /// The catalog's order: family, then size (vCPUs, memory), then name.
    pub fn compare(&self, other: &Self) -> Ordering {
        let key = |entry: &Self| (entry.vcpus, entry.nominal_memory);
        self.family()
            .cmp(other.family())
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.name.cmp(&other.name))
    }
}
