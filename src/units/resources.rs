//! The resources that a container instance registers and a task reserves.

use std::fmt;

/// ECS CPU units: 1,024 to a vCPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CpuUnits(pub u32);

/// Memory in MiB, the unit of every ECS memory field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MemoryMib(pub u32);

impl CpuUnits {
    /// CPU units of one vCPU.
    pub const PER_VCPU: u32 = 1_024;
}

impl fmt::Display for CpuUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} CPU units", self.0)
    }
}

impl fmt::Display for MemoryMib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MiB", self.0)
    }
}

/// An amount of each countable resource: what an instance registered, what remains of it, or what
/// a task needs. Ports are sets, not amounts, and live beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Resources {
    /// CPU units.
    pub cpu: CpuUnits,
    /// Memory in MiB.
    pub memory: MemoryMib,
    /// Whole GPUs.
    pub gpus: u32,
    /// Elastic network interfaces for `awsvpc` tasks; [`Resources::UNLIMITED_ENIS`] on an instance
    /// without a limit.
    pub enis: u32,
}

impl Resources {
    /// The ENI count of an instance that has no limit on `awsvpc` tasks.
    pub const UNLIMITED_ENIS: u32 = u32::MAX;

    /// Whether this amount covers `needs` in every resource.
    #[inline]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "four comparisons at once are faster than four branches"
    )]
    pub fn covers(&self, needs: &Self) -> bool {
        (self.cpu >= needs.cpu)
            & (self.memory >= needs.memory)
            & (self.gpus >= needs.gpus)
            & (self.enis >= needs.enis)
    }

    /// What is left after `needs` are taken. An unlimited ENI count stays unlimited.
    ///
    /// # Panics
    /// When `needs` are not covered: reserving more than there is would be a fault of the caller.
    #[must_use]
    #[inline]
    pub fn minus(&self, needs: &Self) -> Self {
        assert!(self.covers(needs), "{needs:?} reserved out of {self:?}");
        Self {
            cpu: CpuUnits(self.cpu.0 - needs.cpu.0),
            memory: MemoryMib(self.memory.0 - needs.memory.0),
            gpus: self.gpus - needs.gpus,
            enis: match self.enis {
                Self::UNLIMITED_ENIS => Self::UNLIMITED_ENIS,
                enis => enis - needs.enis,
            },
        }
    }

    /// What there is after `needs` are given back. An unlimited ENI count stays unlimited.
    #[must_use]
    #[inline]
    pub fn plus(&self, needs: &Self) -> Self {
        Self {
            cpu: CpuUnits(self.cpu.0 + needs.cpu.0),
            memory: MemoryMib(self.memory.0 + needs.memory.0),
            gpus: self.gpus + needs.gpus,
            enis: match self.enis {
                Self::UNLIMITED_ENIS => Self::UNLIMITED_ENIS,
                enis => enis + needs.enis,
            },
        }
    }

    /// The larger of the two in each resource.
    #[must_use]
    #[inline]
    pub fn max(&self, other: &Self) -> Self {
        Self {
            cpu: self.cpu.max(other.cpu),
            memory: self.memory.max(other.memory),
            gpus: self.gpus.max(other.gpus),
            enis: self.enis.max(other.enis),
        }
    }

    /// The smaller of the two in each resource.
    #[must_use]
    #[inline]
    pub fn min(&self, other: &Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            memory: self.memory.min(other.memory),
            gpus: self.gpus.min(other.gpus),
            enis: self.enis.min(other.enis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CpuUnits, MemoryMib, Resources};

    fn amount(cpu: u32, memory: u32, enis: u32) -> Resources {
        Resources {
            cpu: CpuUnits(cpu),
            memory: MemoryMib(memory),
            gpus: 0,
            enis,
        }
    }

    #[test]
    fn taking_and_giving_back_is_neutral() {
        let registered = amount(2_048, 7_680, Resources::UNLIMITED_ENIS);
        let needs = amount(256, 512, 1);
        let remaining = registered.minus(&needs);
        assert_eq!(remaining, amount(1_792, 7_168, Resources::UNLIMITED_ENIS));
        assert_eq!(remaining.plus(&needs), registered);
    }

    #[test]
    #[should_panic(expected = "reserved out of")]
    fn over_allocation_is_a_fault() {
        let _ = amount(1, 1, 0).minus(&amount(2, 0, 0));
    }
}
