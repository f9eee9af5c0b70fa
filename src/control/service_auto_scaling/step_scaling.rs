//! Step scaling: how far the metric is from the threshold says how many tasks to add or remove.
//!
//! Source: Application Auto Scaling User Guide, step scaling policies.

use std::cmp::Ordering;

use super::error::ScalingError;
use super::policy::Metric;
use crate::control::alarm::{AlarmConfiguration, Statistic};
use crate::control::metric::MetricValue;
use crate::units::Millis;

/// How a step's adjustment is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentType {
    /// So many tasks more, or fewer.
    ChangeInCapacity,
    /// So many tasks.
    ExactCapacity,
    /// So many percent of the tasks more, or fewer.
    PercentChangeInCapacity,
}

/// How the minutes of the alarm's period become the value that chooses the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricAggregationType {
    /// Their mean.
    #[default]
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}

impl MetricAggregationType {
    pub(super) fn statistic(self) -> Statistic {
        match self {
            Self::Average => Statistic::Average,
            Self::Minimum => Statistic::Minimum,
            Self::Maximum => Statistic::Maximum,
        }
    }
}

/// What to do while the metric's distance from the threshold lies between two bounds. Above the
/// threshold the lower bound belongs to the step and the upper does not; below it is the reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepAdjustment {
    /// The bound nearer to minus infinity, relative to the threshold; `None` is minus infinity.
    pub metric_interval_lower_bound: Option<MetricValue>,
    /// The bound nearer to plus infinity, relative to the threshold; `None` is plus infinity.
    pub metric_interval_upper_bound: Option<MetricValue>,
    /// Tasks or percent, as the policy's adjustment type says.
    pub scaling_adjustment: i32,
}

/// A step scaling policy as `PutScalingPolicy` describes it, with the alarm that triggers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepScalingPolicyConfiguration {
    /// What the alarm watches.
    pub metric: Metric,
    /// The alarm; the steps' bounds are relative to its threshold.
    pub alarm: AlarmConfiguration,
    /// How adjustments are meant.
    pub adjustment_type: AdjustmentType,
    /// The steps, in any order.
    pub step_adjustments: Vec<StepAdjustment>,
    /// With percentages: the fewest tasks that are added or removed.
    pub min_adjustment_magnitude: Option<u32>,
    /// How long a scaling activity of the policy is given to take effect.
    pub cooldown: Millis,
    /// How the minutes of the alarm's period become the value that chooses the step.
    pub metric_aggregation_type: MetricAggregationType,
}

/// The most steps of a policy.
const MOST_STEPS: usize = 20;

impl StepScalingPolicyConfiguration {
    /// Sorts the steps from low to high and checks all.
    pub(super) fn checked(mut self) -> Result<Self, ScalingError> {
        self.alarm.check()?;
        let steps = &mut self.step_adjustments;
        if steps.is_empty() {
            return Err(ScalingError::NoSteps);
        }
        if steps.len() > MOST_STEPS {
            return Err(ScalingError::TooManySteps(steps.len()));
        }
        // `None`, minus infinity, sorts first.
        steps.sort_by_key(|step| step.metric_interval_lower_bound);
        check_bounds(steps)?;
        let adjustments = || steps.iter().map(|step| step.scaling_adjustment);
        if let Some(negative) = adjustments().find(|adjustment| *adjustment < 0)
            && self.adjustment_type == AdjustmentType::ExactCapacity
        {
            return Err(ScalingError::NegativeExactCapacity(negative));
        }
        if self.min_adjustment_magnitude.is_some()
            && self.adjustment_type != AdjustmentType::PercentChangeInCapacity
        {
            return Err(ScalingError::MagnitudeWithoutPercent);
        }
        Ok(self)
    }

    /// The adjustment for a value of the metric, if a step covers it.
    pub(super) fn adjustment(&self, value: MetricValue) -> Option<i32> {
        let distance = MetricValue(value.0.saturating_sub(self.alarm.threshold.0));
        let is_above = match distance.0 {
            0 => self.alarm.comparison_operator.is_upper(),
            distance => distance > 0,
        };
        let covers = |step: &&StepAdjustment| {
            let lower = step.metric_interval_lower_bound;
            let upper = step.metric_interval_upper_bound;
            if is_above {
                lower.is_none_or(|lower| lower <= distance)
                    && upper.is_none_or(|upper| distance < upper)
            } else {
                lower.is_none_or(|lower| lower < distance)
                    && upper.is_none_or(|upper| distance <= upper)
            }
        };
        self.step_adjustments
            .iter()
            .find(covers)
            .map(|step| step.scaling_adjustment)
    }

    /// Whether an adjustment asks for more tasks (`Greater`), for fewer, or for no change.
    pub(super) fn change(&self, adjustment: i32, desired: u32) -> Ordering {
        match self.adjustment_type {
            AdjustmentType::ExactCapacity => i64::from(adjustment).cmp(&i64::from(desired)),
            _ => adjustment.cmp(&0),
        }
    }

    /// The capacity that an adjustment makes of `capacity` tasks.
    pub(super) fn adjusted(&self, capacity: u32, adjustment: i32) -> u32 {
        let change = match self.adjustment_type {
            AdjustmentType::ExactCapacity => return u32::try_from(adjustment).unwrap_or(0),
            AdjustmentType::ChangeInCapacity => i64::from(adjustment),
            AdjustmentType::PercentChangeInCapacity => {
                let change = percent_change(capacity, adjustment);
                let least = i64::from(self.min_adjustment_magnitude.unwrap_or(0));
                if change.abs() < least && adjustment != 0 {
                    least * i64::from(adjustment.signum())
                } else {
                    change
                }
            }
        };
        let adjusted = (i64::from(capacity) + change).clamp(0, i64::from(u32::MAX));
        u32::try_from(adjusted).expect("just clamped")
    }
}

/// So many percent of a capacity in whole tasks: towards zero, but at least one task.
fn percent_change(capacity: u32, percent: i32) -> i64 {
    let change = i64::from(capacity) * i64::from(percent) / 100;
    if change == 0 {
        // Also of no tasks at all: a service that stands at zero begins with one.
        i64::from(percent.signum())
    } else {
        change
    }
}

/// Whether sorted steps follow one another without gap or overlap, and reach as far as they must.
fn check_bounds(steps: &[StepAdjustment]) -> Result<(), ScalingError> {
    for step in steps {
        match (
            step.metric_interval_lower_bound,
            step.metric_interval_upper_bound,
        ) {
            (None, None) => return Err(ScalingError::UnboundedStep),
            (Some(lower), Some(upper)) if lower >= upper => {
                return Err(ScalingError::EmptyStep { lower, upper });
            }
            _ => {}
        }
    }
    let without = |bound: fn(&StepAdjustment) -> Option<MetricValue>| {
        steps.iter().filter(|step| bound(step).is_none()).count()
    };
    if without(|step| step.metric_interval_lower_bound) > 1 {
        return Err(ScalingError::TwoWithoutLowerBound);
    }
    if without(|step| step.metric_interval_upper_bound) > 1 {
        return Err(ScalingError::TwoWithoutUpperBound);
    }
    for pair in steps.windows(2) {
        let Some(lower) = pair[1].metric_interval_lower_bound else {
            continue;
        };
        let Some(upper) = pair[0].metric_interval_upper_bound else {
            return Err(ScalingError::OpenStepBelow(lower));
        };
        if upper > lower {
            return Err(ScalingError::StepsOverlap { upper, lower });
        }
        if upper < lower {
            return Err(ScalingError::GapBetweenSteps { upper, lower });
        }
    }
    match steps
        .first()
        .and_then(|step| step.metric_interval_lower_bound)
    {
        Some(lowest) if lowest.0 < 0 => return Err(ScalingError::NoStepBelow(lowest)),
        _ => {}
    }
    match steps
        .last()
        .and_then(|step| step.metric_interval_upper_bound)
    {
        Some(highest) if highest.0 > 0 => Err(ScalingError::NoStepAbove(highest)),
        _ => Ok(()),
    }
}
