//! What auto scaling did to a service's desired count, why, and why it did nothing.

use crate::control::metric::MetricValue;
use crate::units::SimTime;

/// The tasks of a service at the moment of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// The service's desired count.
    pub desired: u32,
    /// Its tasks that run: what policies reckon from, so that tasks which found no room do not let
    /// the count run away.
    pub running: u32,
}

/// A change of a service's desired count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingActivity {
    /// When it was decided.
    pub start_time: SimTime,
    /// The desired count before.
    pub previous_capacity: u32,
    /// The desired count from now on.
    pub desired_capacity: u32,
    /// Who asked for it.
    pub cause: ScalingCause,
}

/// What led to a scaling activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScalingCause {
    /// Every policy that asked for a change in the activity's direction, in the target's order.
    Policies(Vec<PolicyCause>),
    /// A scheduled action, by its place in the target.
    ScheduledAction(usize),
}

/// What a policy asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyCause {
    /// The policy, by its place in the target.
    pub policy: usize,
    /// Its alarm that stands at ALARM.
    pub alarm: PolicyAlarm,
    /// The metric that the request follows from.
    pub metric_value: MetricValue,
    /// The capacity asked for, before the target's bounds.
    pub capacity: u32,
}

/// An alarm of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyAlarm {
    /// Target tracking's alarm above the target.
    High,
    /// Target tracking's alarm below it.
    Low,
    /// The alarm of a step scaling policy.
    Step,
}

/// Why a policy or a scheduled action that wanted a change brought none about. The first three are
/// Application Auto Scaling's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotScaledReason {
    /// `AlreadyAtMaxCapacity`: at the maximum, or above it.
    AlreadyAtMaxCapacity,
    /// `AlreadyAtMinCapacity`: at the minimum, or below it.
    AlreadyAtMinCapacity,
    /// `AlreadyAtDesiredCapacity`: the desired count meets the request.
    AlreadyAtDesiredCapacity,
    /// A cooldown is in effect.
    Cooldown,
    /// A deployment is in progress, which suspends scale-in.
    DeploymentInProgress,
    /// Scaling in this direction, or by schedule, is suspended.
    Suspended,
    /// A scheduled action would set the minimum above the maximum; it fails and sets neither.
    MinCapacityAboveMaxCapacity,
}
