//! Managed scaling of an Auto Scaling group by its capacity provider (cluster auto scaling).

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
