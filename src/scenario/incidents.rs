//! What befalls the cluster and the capacity beneath it.

use crate::model::{CapacityProviderId, InstanceTypeId, PurchaseOption};
use crate::units::{Millis, Share, SimTime};
use crate::workload::load::Factor;

/// How much of what is there an incident strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// `share`, rounded up to whole instances or tasks; all where neither is given.
    Share(Share),
    /// `count`: so many, or all when there are fewer.
    Count(u32),
}

/// Which container instances match; a selector without any is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceSelector {
    /// `availabilityZone`.
    pub availability_zone: Option<String>,
    /// `instanceType`.
    pub instance_type: Option<InstanceTypeId>,
    /// `capacityProvider`.
    pub capacity_provider: Option<CapacityProviderId>,
    /// `purchaseOption`: on-demand, spot or external.
    pub purchase_option: Option<PurchaseOption>,
}

/// The container instances that an incident strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StruckInstances {
    /// Registration numbers, from 0, ascending.
    Numbers(Vec<u32>),
    /// Some of those that match when the incident begins, drawn at random.
    Selected {
        /// Which match.
        matching: InstanceSelector,
        /// How many of them.
        extent: Extent,
    },
}

/// Which capacity pools of EC2, an instance type in a zone each; a selector without any is all of
/// them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolSelector {
    /// `instanceType`.
    pub instance_type: Option<InstanceTypeId>,
    /// `availabilityZone`.
    pub availability_zone: Option<String>,
}

impl PoolSelector {
    /// Whether the pool of a type in a zone is among them.
    pub fn has(&self, instance_type: InstanceTypeId, zone: &str) -> bool {
        self.instance_type
            .is_none_or(|named| named == instance_type)
            && self
                .availability_zone
                .as_ref()
                .is_none_or(|named| named == zone)
    }
}

/// What an incident does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentKind {
    /// Every instance of a zone ends; as many register anew when the incident is over.
    AvailabilityZoneLost {
        /// The zone.
        availability_zone: String,
    },
    /// Instances end; as many register anew when the incident is over.
    InstancesLost {
        /// Which.
        instances: StruckInstances,
    },
    /// Instances are set DRAINING; they are ACTIVE again when the incident is over.
    InstancesDraining {
        /// Which.
        instances: StruckInstances,
    },
    /// Agents are disconnected until the incident is over.
    AgentsDisconnected {
        /// Of which instances.
        instances: StruckInstances,
    },
    /// No image can be pulled until the incident is over.
    RegistryUnavailable,
    /// `registrySlow`: images take longer to pull until the incident is over.
    RegistrySlow {
        /// `factor`: so many times as long, at least 1.
        factor: Factor,
    },
    /// `spotReclaim`: EC2 takes Spot Instances back, each with its interruption notice; the pools
    /// refuse launches until the incident is over.
    SpotReclaim {
        /// From which pools.
        pools: PoolSelector,
        /// How many of the Spot Instances in each of them.
        extent: Extent,
    },
    /// `onDemandCapacityRefused`: EC2 launches no On-Demand Instances until the incident is over
    /// (`InsufficientInstanceCapacity`).
    OnDemandCapacityRefused {
        /// From which pools.
        pools: PoolSelector,
    },
    /// `fargateCapacityRefused`: Fargate starts no tasks until the incident is over.
    FargateCapacityRefused {
        /// `capacityProvider`: Fargate or Fargate Spot; both where it is not given.
        purchase_option: Option<PurchaseOption>,
        /// `availabilityZone`; all where it is not given.
        availability_zone: Option<String>,
    },
    /// `fargateSpotReclaim`: Fargate Spot tasks are interrupted, each with its warning.
    FargateSpotReclaim {
        /// How many of them.
        extent: Extent,
    },
}

/// An entry of `incidents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// What the summary calls it: `name`, or its kind and number.
    pub name: String,
    /// When it begins.
    pub at: SimTime,
    /// How long it lasts; to the end where it is not given.
    pub duration: Option<Millis>,
    /// What happens.
    pub kind: IncidentKind,
}
