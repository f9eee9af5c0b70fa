//! Why there can be no such scalable target: what is wrong, and how to mend it.

use thiserror::Error;

use crate::control::alarm::AlarmError;
use crate::control::metric::MetricValue;

/// What Application Auto Scaling refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScalingError {
    /// `RegisterScalableTarget`.
    #[error("minCapacity {min} is above maxCapacity {max}: lower the one or raise the other")]
    MinAboveMax {
        /// `MinCapacity`.
        min: u32,
        /// `MaxCapacity`.
        max: u32,
    },
    /// Limit of policies for one target.
    #[error("{0} scaling policies: a service has at most 50, so leave some out")]
    TooManyPolicies(usize),
    /// Limit of scheduled actions for one target.
    #[error("{0} scheduled actions: a service has at most 200, so leave some out")]
    TooManyScheduledActions(usize),
    /// `PutScalingPolicy` would overwrite the first.
    #[error("two scaling policies are named `{0}`: give each a name of its own")]
    SamePolicyName(String),
    /// `PutScheduledAction` would overwrite the first.
    #[error("two scheduled actions are named `{0}`: give each a name of its own")]
    SameScheduledActionName(String),
    /// A scheduled action that changes nothing.
    #[error("scheduled action `{0}` changes nothing: give it a minCapacity, a maxCapacity or both")]
    EmptyScheduledAction(String),
    /// A scheduled action that could never be carried out.
    #[error(
        "scheduled action `{name}` has minCapacity {min} above maxCapacity {max}: lower the one or \
         raise the other"
    )]
    ScheduledMinAboveMax {
        /// The action.
        name: String,
        /// `MinCapacity`.
        min: u32,
        /// `MaxCapacity`.
        max: u32,
    },
    /// Target tracking divides by it.
    #[error("targetValue {0} is not positive: give the value that the metric is to be kept at")]
    TargetValueNotPositive(MetricValue),
    /// The line of the low alarm.
    #[error(
        "lowAlarmPercent {0} is not from 1 to 100: it is the line below which the service scales \
         in, in percent of targetValue (90 is usual)"
    )]
    LowAlarmPercent(u32),
    /// A step policy that does nothing.
    #[error("a step scaling policy without stepAdjustments does nothing: give it at least one")]
    NoSteps,
    /// Limit of steps for one policy.
    #[error("{0} step adjustments: a policy has at most 20, so join some")]
    TooManySteps(usize),
    /// A step without bounds.
    #[error(
        "a step adjustment has neither bound: give metricIntervalLowerBound 0 to scale out above \
         the threshold, or metricIntervalUpperBound 0 to scale in below it"
    )]
    UnboundedStep,
    /// A step that holds no value.
    #[error(
        "a step adjustment's metricIntervalLowerBound {lower} is not below its \
         metricIntervalUpperBound {upper}: exchange them"
    )]
    EmptyStep {
        /// Its lower bound.
        lower: MetricValue,
        /// Its upper bound.
        upper: MetricValue,
    },
    /// Both reach down without end.
    #[error(
        "two step adjustments have no metricIntervalLowerBound: only the lowest may be without, so \
         give the other one"
    )]
    TwoWithoutLowerBound,
    /// Both reach up without end.
    #[error(
        "two step adjustments have no metricIntervalUpperBound: only the highest may be without, \
         so give the other one"
    )]
    TwoWithoutUpperBound,
    /// One value, two adjustments.
    #[error(
        "the step adjustment without metricIntervalUpperBound overlaps the one that begins at {0}: \
         only the highest may be without, so give it one"
    )]
    OpenStepBelow(MetricValue),
    /// One value, two adjustments.
    #[error(
        "two step adjustments overlap: one goes up to {upper}, the next begins at {lower}; let it \
         begin where the one before ends"
    )]
    StepsOverlap {
        /// Where the lower step ends.
        upper: MetricValue,
        /// Where the upper step begins.
        lower: MetricValue,
    },
    /// A value without an adjustment.
    #[error(
        "there is a gap between step adjustments: one goes up to {upper}, the next begins at \
         {lower}; let it begin where the one before ends"
    )]
    GapBetweenSteps {
        /// Where the lower step ends.
        upper: MetricValue,
        /// Where the upper step begins.
        lower: MetricValue,
    },
    /// Values below the lowest step have none.
    #[error(
        "the lowest step adjustment begins at {0}: where a bound is negative, the lowest step must \
         be without metricIntervalLowerBound"
    )]
    NoStepBelow(MetricValue),
    /// Values above the highest step have none.
    #[error(
        "the highest step adjustment ends at {0}: where a bound is positive, the highest step must \
         be without metricIntervalUpperBound"
    )]
    NoStepAbove(MetricValue),
    /// There are no negative tasks.
    #[error(
        "scalingAdjustment {0} with adjustmentType ExactCapacity: a capacity cannot be negative; \
         give 0 or more, or ChangeInCapacity to remove tasks"
    )]
    NegativeExactCapacity(i32),
    /// The magnitude goes with percentages.
    #[error(
        "minAdjustmentMagnitude goes with adjustmentType PercentChangeInCapacity alone: leave it \
         out or change the type"
    )]
    MagnitudeWithoutPercent,
    /// The alarm of a step policy.
    #[error(transparent)]
    Alarm(#[from] AlarmError),
}
