//! Whose capacity a task runs on, and how it is paid for.

use super::ids::{AutoScalingGroupId, CapacityProviderId, SpotPoolId};

/// `launchType` of a task or a container instance (API reference of RunTask).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LaunchType {
    /// `EC2`: container instances in the account.
    #[default]
    Ec2,
    /// `FARGATE`: no container instance.
    Fargate,
    /// `EXTERNAL`: servers of one's own, registered through ECS Anywhere.
    External,
    /// `MANAGED_INSTANCES`: instances that ECS launches and ends by itself.
    ManagedInstances,
}

impl LaunchType {
    /// ECS's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::Fargate => "FARGATE",
            Self::External => "EXTERNAL",
            Self::ManagedInstances => "MANAGED_INSTANCES",
        }
    }
}

/// How capacity is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PurchaseOption {
    /// `on-demand`: an EC2 instance at the list price.
    #[default]
    OnDemand,
    /// `spot`: an EC2 Spot Instance.
    Spot,
    /// `external`: a server of one's own, for which ECS Anywhere charges by the hour.
    External,
    /// `fargate`: a Fargate task.
    Fargate,
    /// `fargate-spot`: a Fargate Spot task.
    FargateSpot,
}

impl PurchaseOption {
    /// The spelling of scenarios and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
            Self::External => "external",
            Self::Fargate => "fargate",
            Self::FargateSpot => "fargate-spot",
        }
    }
}

/// The container instances that a task may be placed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CapacityScope {
    /// Those of a launch type, whoever launched them: a task with launch type EC2 may use the
    /// instances of a capacity provider's group, too.
    LaunchType(LaunchType),
    /// Those of one capacity provider.
    Provider(CapacityProviderId),
}

impl Default for CapacityScope {
    fn default() -> Self {
        Self::LaunchType(LaunchType::Ec2)
    }
}

/// Where a container instance comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceSource {
    /// An entry of the scenario's `containerInstances`, by its number.
    Fleet(u32),
    /// An Auto Scaling group.
    Group {
        /// Which.
        group: AutoScalingGroupId,
        /// Which of its instance types, by their order.
        instance_type: u32,
        /// The Spot pool, for a Spot Instance.
        pool: Option<SpotPoolId>,
    },
}
