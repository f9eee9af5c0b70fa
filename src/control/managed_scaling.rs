//! Managed scaling of an Auto Scaling group by its capacity provider (cluster auto scaling).
//!
//! Once a minute ECS compares the instances that are needed (M) with those that run (N). The
//! metric `CapacityProviderReservation` is M over N in percent; an alarm above the target capacity
//! scales out at once, one below it scales in after 15 minutes. [`ManagedScalingController`] keeps
//! the state from minute to minute, and each minute gives a [`ManagedScalingMinute`], which says
//! what was seen, what was decided, and why in a plain line.
//!
//! Reading order: `estimate` (how many instances would hold the tasks that wait), `reservation`
//! (the metric), `controller` (alarms and decisions), `minute` (what it says of itself).
//!
//! Sources: ECS Developer Guide, cluster auto scaling and managed scaling behavior; AWS blog "Deep
//! dive on Amazon ECS cluster auto scaling".

mod controller;
mod estimate;
mod minute;
mod reason_kind;
mod reservation;
#[cfg(test)]
mod tests;

pub use controller::{GroupView, ManagedScalingController, ManagedScalingOptions};
pub use estimate::{InstanceTypes, ProvisioningTasks, ScaleOutEstimate, scale_out_estimate};
pub use minute::{
    GroupNeed, LOW_DATAPOINTS, ManagedScalingAlarm, ManagedScalingDecision, ManagedScalingMinute,
    ManagedScalingReason, TasksWait,
};
pub use reservation::Reservation;

use crate::units::Millis;

/// `managedScaling` of a capacity provider (API reference of ManagedScaling).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedScaling {
    /// `targetCapacity`: 1 to 100 percent.
    pub target_capacity: u32,
    /// `minimumScalingStepSize`: 1 to 10,000; of scale-out alone.
    pub minimum_scaling_step_size: u32,
    /// `maximumScalingStepSize`: 1 to 10,000.
    pub maximum_scaling_step_size: u32,
    /// `instanceWarmupPeriod`: 0 to 10,000 s.
    pub instance_warmup_period: Millis,
}

/// AWS's defaults.
impl Default for ManagedScaling {
    fn default() -> Self {
        Self {
            target_capacity: 100,
            minimum_scaling_step_size: 1,
            maximum_scaling_step_size: 10_000,
            instance_warmup_period: Millis(300_000),
        }
    }
}
