//! The checked capacity of a scenario: Auto Scaling groups, capacity providers, and who uses which.

use crate::cloud::auto_scaling::GroupConfiguration;
use crate::control::capacity_provider_strategy::StrategyItem;
use crate::control::managed_scaling::ManagedScaling;
use crate::kernel::Distribution;
use crate::model::{AutoScalingGroupId, InstanceTypeId, LaunchType};
use crate::units::{HourlyRate, MemoryMib, Millis, Share};

use super::spec::InstanceSettings;

/// Whose capacity the tasks of an entry or a service use (API reference of RunTask): a launch type
/// or a capacity provider strategy, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capacity {
    /// `launchType`.
    LaunchType(LaunchType),
    /// `capacityProviderStrategy`, else the cluster's default strategy.
    Strategy(Vec<StrategyItem>),
}

/// Neither a launch type nor a strategy, in a cluster without a default strategy: EC2.
impl Default for Capacity {
    fn default() -> Self {
        Self::LaunchType(LaunchType::Ec2)
    }
}

/// An instance type that a group may launch: an override of its mixed-instances policy, or the one
/// type of its launch template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupType {
    /// The type.
    pub instance_type: InstanceTypeId,
    /// On-Demand price of an instance-hour.
    pub on_demand: HourlyRate,
    /// Memory that each instance registers.
    pub registered_memory: MemoryMib,
}

/// An entry of `autoScalingGroups`.
#[derive(Debug, Clone, PartialEq)]
pub struct AutoScalingGroup {
    /// `autoScalingGroupName`.
    pub name: String,
    /// What EC2 Auto Scaling goes by.
    pub configuration: GroupConfiguration,
    /// The instance types, in order of priority. Never empty.
    pub types: Vec<GroupType>,
    /// How its instances are set up.
    pub settings: InstanceSettings,
    /// Whether the agent drains a Spot Instance at its interruption notice
    /// (`ECS_ENABLE_SPOT_INSTANCE_DRAINING`).
    pub spot_instance_draining: bool,
    /// Root volume of each instance in GiB, where the scenario gives one; it is billed.
    pub root_volume_gib: Option<u32>,
    /// Whether each instance has a public IPv4 address, which is billed.
    pub public_ipv4: bool,
    /// What ECS goes by where it launches and ends the instances by itself, and there is no Auto
    /// Scaling group: the group is that of a provider of ECS Managed Instances, whose name it has.
    pub managed_instances: Option<ManagedInstances>,
}

/// ECS Managed Instances (Developer Guide, "Amazon ECS Managed Instances").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedInstances {
    /// `scaleInAfter`: how long an instance stays that is idle or not used enough; `None` is for
    /// ever.
    pub scale_in_after: Option<Millis>,
    /// What ECS charges for each instance beside EC2, of its On-Demand price.
    pub management_fee: Share,
}

/// What a capacity provider is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapacityProviderKind {
    /// `autoScalingGroupProvider`.
    AutoScalingGroup {
        /// Its group.
        group: AutoScalingGroupId,
        /// `managedScaling`; `None` where its status is DISABLED.
        managed_scaling: Option<ManagedScaling>,
        /// `managedTerminationProtection`.
        managed_termination_protection: bool,
        /// `managedDraining`.
        managed_draining: bool,
    },
    /// `managedInstancesProvider`.
    ManagedInstances {
        /// The group of its instances.
        group: AutoScalingGroupId,
    },
    /// `FARGATE`.
    Fargate,
    /// `FARGATE_SPOT`.
    FargateSpot,
}

impl CapacityProviderKind {
    /// Its group; `None` is Fargate.
    pub const fn group(&self) -> Option<AutoScalingGroupId> {
        match self {
            Self::AutoScalingGroup { group, .. } | Self::ManagedInstances { group } => Some(*group),
            Self::Fargate | Self::FargateSpot => None,
        }
    }

    /// Whether instances are launched for its tasks, by managed scaling or by ECS itself: they wait
    /// in PROVISIONING.
    pub fn is_managed(&self) -> bool {
        match self {
            Self::AutoScalingGroup {
                managed_scaling, ..
            } => managed_scaling.is_some(),
            Self::ManagedInstances { .. } => true,
            Self::Fargate | Self::FargateSpot => false,
        }
    }
}

impl Capacity {
    /// Whether its tasks run on Fargate: the providers of a strategy are of one family.
    pub fn is_fargate(&self, providers: &[CapacityProvider]) -> bool {
        match self {
            Self::LaunchType(launch_type) => *launch_type == LaunchType::Fargate,
            Self::Strategy(items) => items
                .iter()
                .any(|item| providers[item.provider.index()].kind.group().is_none()),
        }
    }
}

/// A capacity provider of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityProvider {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: CapacityProviderKind,
}

/// `capacityOptions` and the latencies of capacity: quotas, and named choices where AWS publishes
/// no rule.
#[derive(Debug, Clone, PartialEq)]
pub struct CapacityOptions {
    /// From the request to RUNNING, when the bill begins (`latencies.instanceLaunch`).
    pub instance_launch: Distribution,
    /// From RUNNING to the agent's registration (`latencies.agentRegistration`).
    pub agent_registration: Distribution,
    /// From RUNNING to registration for an instance from a warm pool that was stopped or
    /// hibernated (`latencies.warmStart`).
    pub warm_start: Distribution,
    /// The most tasks in PROVISIONING for Auto Scaling group providers (`provisioningLimit`): 500
    /// per cluster.
    pub provisioning_limit: u32,
    /// After how long a task in PROVISIONING is given up (`provisioningTimeout`): AWS says 10 to 30
    /// minutes.
    pub provisioning_timeout: Millis,
    /// How often a group tries again to launch what it could not (`launchRetry`).
    pub launch_retry: Millis,
    /// Between two cycles of scale-in, how long ECS waits after a scale-out
    /// (`scaleInAfterScaleOut`).
    pub scale_in_after_scale_out: Millis,
    /// Whether several zones or mixed types make managed scaling go by the minimum step alone
    /// (`minimumStepForMixedGroups`).
    pub minimum_step_for_mixed_groups: bool,
}

impl Default for CapacityOptions {
    fn default() -> Self {
        Self {
            instance_launch: Distribution::Fixed(Millis(15_000)),
            agent_registration: Distribution::Fixed(Millis(90_000)),
            warm_start: Distribution::Fixed(Millis(30_000)),
            provisioning_limit: 500,
            provisioning_timeout: Millis(20 * 60_000),
            launch_retry: Millis::MINUTE,
            scale_in_after_scale_out: Millis(15 * 60_000),
            minimum_step_for_mixed_groups: false,
        }
    }
}
