//! Scaling policies: what a service's capacity is to follow.

use super::error::ScalingError;
use super::step_scaling::StepScalingPolicyConfiguration;
use crate::control::alarm::{AlarmConfiguration, ComparisonOperator, Statistic, TreatMissingData};
use crate::control::metric::MetricValue;
use crate::units::{Millis, index};

/// A metric that a policy watches: one of Application Auto Scaling's predefined ones for ECS, or
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// `ECSServiceAverageCPUUtilization`, in percent.
    EcsServiceAverageCpuUtilization,
    /// `ECSServiceAverageMemoryUtilization`, in percent.
    EcsServiceAverageMemoryUtilization,
    /// `ALBRequestCountPerTarget`, in requests a minute.
    AlbRequestCountPerTarget,
    /// A metric of one's own, by its place in [`ServiceMetrics::customized`].
    Customized(u32),
}

/// The datapoints of one minute; `None` where there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceMetrics<'a> {
    /// `ECSServiceAverageCPUUtilization`, in percent.
    pub cpu_utilization: Option<MetricValue>,
    /// `ECSServiceAverageMemoryUtilization`, in percent.
    pub memory_utilization: Option<MetricValue>,
    /// `ALBRequestCountPerTarget`, in requests a minute.
    pub request_count_per_target: Option<MetricValue>,
    /// Metrics of one's own.
    pub customized: &'a [Option<MetricValue>],
}

impl ServiceMetrics<'_> {
    /// The datapoint of a metric; `None` also when there is no such metric.
    pub fn datapoint(&self, metric: Metric) -> Option<MetricValue> {
        match metric {
            Metric::EcsServiceAverageCpuUtilization => self.cpu_utilization,
            Metric::EcsServiceAverageMemoryUtilization => self.memory_utilization,
            Metric::AlbRequestCountPerTarget => self.request_count_per_target,
            Metric::Customized(place) => self.customized.get(index(place)).copied().flatten(),
        }
    }
}

/// The cooldown of policies that name none: ECS's default.
pub const DEFAULT_COOLDOWN: Millis = Millis(300_000);

/// The line of the low alarm when none is given, in percent of the target: alarms seen in accounts
/// stand there, AWS documents none.
pub const DEFAULT_LOW_ALARM_PERCENT: u32 = 90;

/// A target tracking policy as `PutScalingPolicy` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTrackingScalingPolicyConfiguration {
    /// What is kept at the target. It must fall as tasks are added.
    pub metric: Metric,
    /// The value to keep the metric at, above 0.
    pub target_value: MetricValue,
    /// How long a scale-out of the policy is given to take effect.
    pub scale_out_cooldown: Millis,
    /// How long after a scale-in the next may come.
    pub scale_in_cooldown: Millis,
    /// Whether the policy never removes tasks.
    pub disable_scale_in: bool,
    /// The line below which the service scales in, in percent of the target, 1 to 100. Not of AWS.
    pub low_alarm_percent: u32,
}

impl TargetTrackingScalingPolicyConfiguration {
    /// A policy with ECS's defaults.
    pub fn new(metric: Metric, target_value: MetricValue) -> Self {
        Self {
            metric,
            target_value,
            scale_out_cooldown: DEFAULT_COOLDOWN,
            scale_in_cooldown: DEFAULT_COOLDOWN,
            disable_scale_in: false,
            low_alarm_percent: DEFAULT_LOW_ALARM_PERCENT,
        }
    }

    fn checked(self) -> Result<Self, ScalingError> {
        if self.target_value.0 <= 0 {
            return Err(ScalingError::TargetValueNotPositive(self.target_value));
        }
        if !(1..=100).contains(&self.low_alarm_percent) {
            return Err(ScalingError::LowAlarmPercent(self.low_alarm_percent));
        }
        Ok(self)
    }

    /// The alarm that scales out: three minutes above the target.
    pub(super) fn high_alarm(&self) -> AlarmConfiguration {
        let above = ComparisonOperator::GreaterThanThreshold;
        target_tracking_alarm(above, self.target_value, 3)
    }

    /// The alarm that scales in: fifteen minutes below a line under the target.
    pub(super) fn low_alarm(&self) -> AlarmConfiguration {
        // Rounded up: a whole number below the exact line is also below the rounded one.
        let exact = i128::from(self.target_value.0) * i128::from(self.low_alarm_percent);
        let line = i64::try_from((exact + 99) / 100).expect("at most the target");
        let below = ComparisonOperator::LessThanThreshold;
        target_tracking_alarm(below, MetricValue(line), 15)
    }

    /// The tasks that would bring the metric to the target, if `capacity` tasks make it `value`:
    /// proportional, rounded up, so that more is added than is needed and less removed.
    pub(super) fn proportional(&self, capacity: u32, value: MetricValue) -> u32 {
        let target = i128::from(self.target_value.0);
        let exact = i128::from(capacity) * i128::from(value.0.max(0));
        u32::try_from((exact + target - 1) / target).unwrap_or(u32::MAX)
    }
}

fn target_tracking_alarm(
    comparison_operator: ComparisonOperator,
    threshold: MetricValue,
    minutes: u32,
) -> AlarmConfiguration {
    AlarmConfiguration {
        period: Millis::MINUTE,
        statistic: Statistic::Average,
        comparison_operator,
        threshold,
        evaluation_periods: minutes,
        datapoints_to_alarm: minutes,
        treat_missing_data: TreatMissingData::Missing,
    }
}

/// A scaling policy that has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalingPolicy {
    policy_name: String,
    pub(super) kind: PolicyKind,
}

/// `PolicyType`, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PolicyKind {
    TargetTrackingScaling(TargetTrackingScalingPolicyConfiguration),
    StepScaling(StepScalingPolicyConfiguration),
}

impl ScalingPolicy {
    /// A target tracking policy.
    ///
    /// # Errors
    /// What Application Auto Scaling would refuse.
    pub fn target_tracking(
        policy_name: impl Into<String>,
        configuration: TargetTrackingScalingPolicyConfiguration,
    ) -> Result<Self, ScalingError> {
        Ok(Self {
            policy_name: policy_name.into(),
            kind: PolicyKind::TargetTrackingScaling(configuration.checked()?),
        })
    }

    /// A step scaling policy.
    ///
    /// # Errors
    /// What Application Auto Scaling or CloudWatch would refuse.
    pub fn step_scaling(
        policy_name: impl Into<String>,
        configuration: StepScalingPolicyConfiguration,
    ) -> Result<Self, ScalingError> {
        Ok(Self {
            policy_name: policy_name.into(),
            kind: PolicyKind::StepScaling(configuration.checked()?),
        })
    }

    /// `PolicyName`.
    pub fn policy_name(&self) -> &str {
        &self.policy_name
    }

    /// The metric that the policy watches.
    pub fn metric(&self) -> Metric {
        match &self.kind {
            PolicyKind::TargetTrackingScaling(configuration) => configuration.metric,
            PolicyKind::StepScaling(configuration) => configuration.metric,
        }
    }

    /// `TargetValue` of a target tracking policy.
    pub fn target_value(&self) -> Option<MetricValue> {
        match &self.kind {
            PolicyKind::TargetTrackingScaling(configuration) => Some(configuration.target_value),
            PolicyKind::StepScaling(_) => None,
        }
    }

    pub(super) fn scale_out_cooldown(&self) -> Millis {
        match &self.kind {
            PolicyKind::TargetTrackingScaling(configuration) => configuration.scale_out_cooldown,
            PolicyKind::StepScaling(configuration) => configuration.cooldown,
        }
    }

    pub(super) fn scale_in_cooldown(&self) -> Millis {
        match &self.kind {
            PolicyKind::TargetTrackingScaling(configuration) => configuration.scale_in_cooldown,
            PolicyKind::StepScaling(configuration) => configuration.cooldown,
        }
    }
}
