//! A service as a scalable target: its bounds, and what may change its desired count.

use super::error::ScalingError;
use super::policy::ScalingPolicy;

/// What is suspended for a scalable target; nothing by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SuspendedState {
    /// Policies remove no tasks.
    pub dynamic_scaling_in_suspended: bool,
    /// Policies add no tasks.
    pub dynamic_scaling_out_suspended: bool,
    /// Scheduled actions do nothing.
    pub scheduled_scaling_suspended: bool,
}

/// What a scheduled action sets; when it comes is the caller's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledAction {
    /// `ScheduledActionName`.
    pub scheduled_action_name: String,
    /// The new minimum; `None` keeps the one there is.
    pub min_capacity: Option<u32>,
    /// The new maximum; `None` keeps the one there is.
    pub max_capacity: Option<u32>,
}

impl ScheduledAction {
    fn check(&self) -> Result<(), ScalingError> {
        let name = || self.scheduled_action_name.clone();
        match (self.min_capacity, self.max_capacity) {
            (None, None) => Err(ScalingError::EmptyScheduledAction(name())),
            (Some(min), Some(max)) if min > max => Err(ScalingError::ScheduledMinAboveMax {
                name: name(),
                min,
                max,
            }),
            _ => Ok(()),
        }
    }
}

/// A service that scales, checked: what `RegisterScalableTarget`, `PutScalingPolicy` and
/// `PutScheduledAction` say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScalableTarget {
    pub(super) min_capacity: u32,
    pub(super) max_capacity: u32,
    pub(super) suspended_state: SuspendedState,
    pub(super) policies: Vec<ScalingPolicy>,
    pub(super) scheduled_actions: Vec<ScheduledAction>,
}

/// The most policies of a target, of all types together.
const MOST_POLICIES: usize = 50;

/// The most scheduled actions of a target.
const MOST_SCHEDULED_ACTIONS: usize = 200;

impl ScalableTarget {
    /// A target; its capacity is kept within `min_capacity` and `max_capacity`, both included.
    ///
    /// # Errors
    /// What Application Auto Scaling would refuse.
    pub fn new(
        min_capacity: u32,
        max_capacity: u32,
        suspended_state: SuspendedState,
        policies: Vec<ScalingPolicy>,
        scheduled_actions: Vec<ScheduledAction>,
    ) -> Result<Self, ScalingError> {
        if min_capacity > max_capacity {
            return Err(ScalingError::MinAboveMax {
                min: min_capacity,
                max: max_capacity,
            });
        }
        if policies.len() > MOST_POLICIES {
            return Err(ScalingError::TooManyPolicies(policies.len()));
        }
        if scheduled_actions.len() > MOST_SCHEDULED_ACTIONS {
            let count = scheduled_actions.len();
            return Err(ScalingError::TooManyScheduledActions(count));
        }
        if let Some(name) = repeated(policies.iter().map(ScalingPolicy::policy_name)) {
            return Err(ScalingError::SamePolicyName(name));
        }
        let names = scheduled_actions
            .iter()
            .map(|action| action.scheduled_action_name.as_str());
        if let Some(name) = repeated(names) {
            return Err(ScalingError::SameScheduledActionName(name));
        }
        scheduled_actions
            .iter()
            .try_for_each(ScheduledAction::check)?;
        Ok(Self {
            min_capacity,
            max_capacity,
            suspended_state,
            policies,
            scheduled_actions,
        })
    }
}

impl ScalableTarget {
    /// `MinCapacity`.
    pub fn min_capacity(&self) -> u32 {
        self.min_capacity
    }

    /// `MaxCapacity`.
    pub fn max_capacity(&self) -> u32 {
        self.max_capacity
    }

    /// Its policies, in order.
    pub fn policies(&self) -> &[ScalingPolicy] {
        &self.policies
    }

    /// Its scheduled actions, in order.
    pub fn scheduled_actions(&self) -> &[ScheduledAction] {
        &self.scheduled_actions
    }
}

fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let pair = names.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(pair[0].to_owned())
}
