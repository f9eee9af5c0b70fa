//! Why a placement attempt finds no instance, in ECS's own words.

use std::fmt;

/// Why an instance is no place for a task, in the order in which reasons are looked for: each
/// refused instance gives the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The agent is not connected.
    Agent,
    /// A required attribute is missing or has another value.
    Attribute,
    /// The instance's zone is not one of the subnets'.
    Location,
    /// Not enough CPU.
    Cpu,
    /// Not enough memory.
    Memory,
    /// Not enough GPUs.
    Gpu,
    /// A host port is taken.
    Ports,
    /// No network interface left.
    Eni,
    /// A `memberOf` constraint does not hold.
    MemberOf,
    /// A task of the group is there already.
    DistinctInstance,
    /// The cluster has no instance at all, or none that is ACTIVE.
    NoInstances,
    /// StartTask named an instance that does not exist.
    Missing,
    /// StartTask named an instance that is deregistered, or drains.
    Inactive,
    /// The capacity provider has no registered instance.
    EmptyCapacityProvider,
    /// The capacity provider has no ACTIVE instance.
    NoActiveInstances,
    /// As many tasks are in PROVISIONING as the cluster may have.
    ProvisioningLimit,
    /// Fargate has no such size.
    FargateSize,
    /// The account's Fargate vCPUs are used up.
    FargateVcpuLimit,
    /// Fargate has no capacity.
    FargateCapacity,
    /// Fargate launches no more tasks at this time.
    FargateThrottled,
}

impl Reason {
    /// Every reason, in order.
    pub const ALL: [Self; 20] = [
        Self::Agent,
        Self::Attribute,
        Self::Location,
        Self::Cpu,
        Self::Memory,
        Self::Gpu,
        Self::Ports,
        Self::Eni,
        Self::MemberOf,
        Self::DistinctInstance,
        Self::NoInstances,
        Self::Missing,
        Self::Inactive,
        Self::EmptyCapacityProvider,
        Self::NoActiveInstances,
        Self::ProvisioningLimit,
        Self::FargateSize,
        Self::FargateVcpuLimit,
        Self::FargateCapacity,
        Self::FargateThrottled,
    ];

    /// Whether it is Fargate that refuses.
    pub const fn is_of_fargate(self) -> bool {
        matches!(
            self,
            Self::FargateSize
                | Self::FargateVcpuLimit
                | Self::FargateCapacity
                | Self::FargateThrottled
        )
    }

    /// ECS's wording.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "AGENT",
            Self::Attribute => "ATTRIBUTE",
            Self::Location => "LOCATION",
            Self::Cpu => "RESOURCE:CPU",
            Self::Memory => "RESOURCE:MEMORY",
            Self::Gpu => "RESOURCE:GPU",
            Self::Ports => "RESOURCE:PORTS",
            Self::Eni => "RESOURCE:ENI",
            Self::MemberOf => "MemberOf placement constraint unsatisfied.",
            Self::DistinctInstance => "DistinctInstance placement constraint unsatisfied.",
            Self::NoInstances => "No Container Instances were found in your cluster.",
            Self::Missing => "MISSING",
            Self::Inactive => "INACTIVE",
            Self::EmptyCapacityProvider => "EMPTY CAPACITY PROVIDER",
            Self::NoActiveInstances => "NO ACTIVE INSTANCES",
            Self::ProvisioningLimit => {
                "ClientException: the tasks provisioning capacity limit was exceeded."
            }
            Self::FargateSize => {
                "ClientException: No Fargate configuration exists for given values."
            }
            Self::FargateVcpuLimit => {
                "You've reached the limit on the number of vCPUs you can run concurrently"
            }
            Self::FargateCapacity => {
                "Capacity is unavailable at this time. Please try again later or in a different \
                 availability zone"
            }
            Self::FargateThrottled => "ThrottlingException: Rate exceeded",
        }
    }

    const fn bit(self) -> u32 {
        match self {
            Self::Agent => 1,
            Self::Attribute => 1 << 1,
            Self::Location => 1 << 2,
            Self::Cpu => 1 << 3,
            Self::Memory => 1 << 4,
            Self::Gpu => 1 << 5,
            Self::Ports => 1 << 6,
            Self::Eni => 1 << 7,
            Self::MemberOf => 1 << 8,
            Self::DistinctInstance => 1 << 9,
            Self::NoInstances => 1 << 10,
            Self::Missing => 1 << 11,
            Self::Inactive => 1 << 12,
            Self::EmptyCapacityProvider => 1 << 13,
            Self::NoActiveInstances => 1 << 14,
            Self::ProvisioningLimit => 1 << 15,
            Self::FargateSize => 1 << 16,
            Self::FargateVcpuLimit => 1 << 17,
            Self::FargateCapacity => 1 << 18,
            Self::FargateThrottled => 1 << 19,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of reasons. Shown in order, joined by `; `, as in a task's `stoppedReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Reasons(u32);

impl Reasons {
    /// No reason.
    pub const NONE: Self = Self(0);

    /// The set of one.
    pub const fn only(reason: Reason) -> Self {
        Self(reason.bit())
    }

    /// Adds a reason.
    pub fn insert(&mut self, reason: Reason) {
        self.0 |= reason.bit();
    }

    /// Whether the reason is in the set.
    pub const fn contains(self, reason: Reason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// Takes a reason out.
    pub fn remove(&mut self, reason: Reason) {
        self.0 &= !reason.bit();
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons, in order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL
            .into_iter()
            .filter(move |reason| self.contains(*reason))
    }

    /// The set as a number, for a digest.
    pub fn bits(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, reason) in self.iter().enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            f.write_str(reason.name())?;
        }
        Ok(())
    }
}
