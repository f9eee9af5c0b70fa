//! The rules of Application Auto Scaling, one test a rule; each subject has its file.

mod bounds;
mod cooldown;
mod errors;
mod properties;
mod step_scaling;
mod target_tracking;

use super::{
    AdjustmentType, Capacity, Metric, MetricAggregationType, ScalableTarget, ScalingActivity,
    ScalingPolicy, ScheduledAction, ServiceMetrics, ServiceScaling, StepAdjustment,
    StepScalingPolicyConfiguration, SuspendedState, TargetTrackingScalingPolicyConfiguration,
};
use crate::control::alarm::{AlarmConfiguration, ComparisonOperator, Statistic, TreatMissingData};
use crate::control::metric::MetricValue;
use crate::units::{Millis, SimTime};

const CPU: Metric = Metric::EcsServiceAverageCpuUtilization;
const MEMORY: Metric = Metric::EcsServiceAverageMemoryUtilization;

/// A service whose tasks start and stop at once, unless a test says otherwise.
struct Service {
    scaling: ServiceScaling,
    desired: u32,
    running: u32,
    minutes: u64,
    deployment_in_progress: bool,
}

impl Service {
    fn new(desired: u32, policies: Vec<ScalingPolicy>) -> Self {
        Self::with_target(desired, target(0, 100, policies))
    }

    fn with_target(desired: u32, target: ScalableTarget) -> Self {
        Self {
            scaling: ServiceScaling::new(target),
            desired,
            running: desired,
            minutes: 0,
            deployment_in_progress: false,
        }
    }

    fn capacity(&self) -> Capacity {
        Capacity {
            desired: self.desired,
            running: self.running,
        }
    }

    fn minute_with(&mut self, metrics: &ServiceMetrics<'_>) -> Option<ScalingActivity> {
        self.minutes += 1;
        let now = SimTime(self.minutes * 60_000);
        let (capacity, deployment) = (self.capacity(), self.deployment_in_progress);
        let activity = self.scaling.minute(now, capacity, metrics, deployment)?;
        assert_eq!(activity.previous_capacity, self.desired);
        self.desired = activity.desired_capacity;
        self.running = self.desired;
        Some(activity)
    }

    /// A minute with a CPU utilization in percent; the new desired count if it changes.
    fn cpu(&mut self, percent: i32) -> Option<u32> {
        let cpu_utilization = Some(MetricValue::whole(percent));
        let activity = self.minute_with(&ServiceMetrics {
            cpu_utilization,
            ..ServiceMetrics::default()
        })?;
        Some(activity.desired_capacity)
    }

    /// So many minutes; the last change among them.
    fn cpu_for(&mut self, minutes: u32, percent: i32) -> Option<u32> {
        (0..minutes).filter_map(|_| self.cpu(percent)).last()
    }

    fn both(&mut self, cpu: i32, memory: i32) -> Option<u32> {
        let activity = self.minute_with(&ServiceMetrics {
            cpu_utilization: Some(MetricValue::whole(cpu)),
            memory_utilization: Some(MetricValue::whole(memory)),
            ..ServiceMetrics::default()
        })?;
        Some(activity.desired_capacity)
    }

    fn scheduled(&mut self, place: usize) -> Option<u32> {
        let now = SimTime(self.minutes * 60_000);
        let activity = self.scaling.scheduled_action(now, place, self.capacity())?;
        self.desired = activity.desired_capacity;
        self.running = self.desired;
        Some(self.desired)
    }
}

fn target(min: u32, max: u32, policies: Vec<ScalingPolicy>) -> ScalableTarget {
    ScalableTarget::new(min, max, SuspendedState::default(), policies, vec![]).unwrap()
}

fn tracking_configuration(percent: i32) -> TargetTrackingScalingPolicyConfiguration {
    TargetTrackingScalingPolicyConfiguration::new(CPU, MetricValue::whole(percent))
}

fn tracking(metric: Metric, percent: i32) -> ScalingPolicy {
    let configuration = TargetTrackingScalingPolicyConfiguration {
        metric,
        ..tracking_configuration(percent)
    };
    ScalingPolicy::target_tracking(format!("{metric:?}"), configuration).unwrap()
}

/// A step between bounds in percent above the threshold.
fn step(lower: Option<i32>, upper: Option<i32>, scaling_adjustment: i32) -> StepAdjustment {
    StepAdjustment {
        metric_interval_lower_bound: lower.map(MetricValue::whole),
        metric_interval_upper_bound: upper.map(MetricValue::whole),
        scaling_adjustment,
    }
}

/// A policy on an alarm of one minute at 50 % CPU, with a cooldown of 5 minutes.
fn step_configuration(
    comparison_operator: ComparisonOperator,
    adjustment_type: AdjustmentType,
    steps: &[StepAdjustment],
) -> StepScalingPolicyConfiguration {
    StepScalingPolicyConfiguration {
        metric: CPU,
        alarm: AlarmConfiguration {
            period: Millis::MINUTE,
            statistic: Statistic::Average,
            comparison_operator,
            threshold: MetricValue::whole(50),
            evaluation_periods: 1,
            datapoints_to_alarm: 1,
            treat_missing_data: TreatMissingData::Missing,
        },
        adjustment_type,
        step_adjustments: steps.to_vec(),
        min_adjustment_magnitude: None,
        cooldown: Millis(300_000),
        metric_aggregation_type: MetricAggregationType::Average,
    }
}

const ABOVE: ComparisonOperator = ComparisonOperator::GreaterThanOrEqualToThreshold;
const BELOW: ComparisonOperator = ComparisonOperator::LessThanOrEqualToThreshold;

fn step_policy(configuration: StepScalingPolicyConfiguration) -> ScalingPolicy {
    let name = format!("{:?}", configuration.alarm.comparison_operator);
    ScalingPolicy::step_scaling(name, configuration).unwrap()
}

/// A step policy that adds so many tasks at 50 % and above.
fn adds(tasks: i32) -> ScalingPolicy {
    let steps = [step(Some(0), None, tasks)];
    step_policy(step_configuration(
        ABOVE,
        AdjustmentType::ChangeInCapacity,
        &steps,
    ))
}

/// A step policy that removes so many tasks at 50 % and below.
fn removes(tasks: i32) -> ScalingPolicy {
    let steps = [step(None, Some(0), -tasks)];
    step_policy(step_configuration(
        BELOW,
        AdjustmentType::ChangeInCapacity,
        &steps,
    ))
}

fn scheduled_action(name: &str, min: Option<u32>, max: Option<u32>) -> ScheduledAction {
    ScheduledAction {
        scheduled_action_name: name.to_owned(),
        min_capacity: min,
        max_capacity: max,
    }
}
