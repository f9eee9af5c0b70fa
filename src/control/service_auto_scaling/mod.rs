//! Application Auto Scaling of a service's desired count: target tracking, step scaling and
//! scheduled actions.
//!
//! A [`ScalableTarget`] is checked when it is made; [`ServiceScaling`] then takes each minute's
//! metrics and answers with a [`ScalingActivity`] when the desired count changes.
//!
//! A minute goes so. Each policy's alarms take the datapoint. A policy whose alarm stands at ALARM
//! asks for a capacity, reckoned from the tasks that run. If one asks for more, the largest
//! capacity wins; else, if target tracking policies all ask for less, or a step policy does, the
//! largest of those. Cooldowns, suspensions and the target's bounds then have their say.
//!
//! # A day of a service
//!
//! The load makes four tasks as busy as 30 % by night and 90 % by day, and the policy keeps them
//! near 50 %.
//!
//! ```
//! use ecs_sim::control::metric::MetricValue;
//! use ecs_sim::control::service_auto_scaling::{
//!     Capacity, Metric, ScalableTarget, ScalingPolicy, ServiceMetrics, ServiceScaling,
//!     SuspendedState, TargetTrackingScalingPolicyConfiguration,
//! };
//! use ecs_sim::units::SimTime;
//!
//! let policy = ScalingPolicy::target_tracking(
//!     "cpu",
//!     TargetTrackingScalingPolicyConfiguration::new(
//!         Metric::EcsServiceAverageCpuUtilization,
//!         MetricValue::whole(50),
//!     ),
//! )?;
//! let target = ScalableTarget::new(2, 10, SuspendedState::default(), vec![policy], vec![])?;
//! let mut scaling = ServiceScaling::new(target);
//!
//! let mut desired = 4;
//! let mut activities = Vec::new();
//! for minute in 1..=24 * 60 {
//!     let by_day = (8 * 60..20 * 60).contains(&minute);
//!     let percent_of_one_task = if by_day { 360 } else { 120 };
//!     let metrics = ServiceMetrics {
//!         cpu_utilization: Some(MetricValue(percent_of_one_task * 1_000 / i64::from(desired))),
//!         ..ServiceMetrics::default()
//!     };
//!     // Here tasks start and stop at once.
//!     let capacity = Capacity { desired, running: desired };
//!     let now = SimTime(minute * 60_000);
//!     if let Some(activity) = scaling.minute(now, capacity, &metrics, false) {
//!         desired = activity.desired_capacity;
//!         activities.push((minute, activity.previous_capacity, desired));
//!     }
//! }
//!
//! // Fifteen quiet minutes take a task away, three busy ones bring five. These eight tasks at 45 %
//! // stay all day: scale-in begins below 90 % of the target.
//! assert_eq!(activities, [(15, 4, 3), (482, 3, 8), (1_214, 8, 3)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: Application Auto Scaling User Guide; ECS Developer Guide, service auto scaling.

mod activity;
mod error;
mod policy;
mod service_scaling;
mod step_scaling;
mod target;
#[cfg(test)]
mod tests;

pub use activity::{
    Capacity, NotScaledReason, PolicyAlarm, PolicyCause, ScalingActivity, ScalingCause,
};
pub use error::ScalingError;
pub use policy::{
    DEFAULT_COOLDOWN, DEFAULT_LOW_ALARM_PERCENT, Metric, ScalingPolicy, ServiceMetrics,
    TargetTrackingScalingPolicyConfiguration,
};
pub use service_scaling::ServiceScaling;
pub use step_scaling::{
    AdjustmentType, MetricAggregationType, StepAdjustment, StepScalingPolicyConfiguration,
};
pub use target::{ScalableTarget, ScheduledAction, SuspendedState};
