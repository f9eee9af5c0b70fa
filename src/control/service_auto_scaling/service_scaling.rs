//! The state machine: alarms, wishes, cooldowns, and the decision of each minute.

use std::cmp::Ordering;

use super::activity::{
    Capacity, NotScaledReason, PolicyAlarm, PolicyCause, ScalingActivity, ScalingCause,
};
use super::policy::{PolicyKind, ScalingPolicy, ServiceMetrics};
use super::target::{ScalableTarget, ScheduledAction, SuspendedState};
use crate::control::alarm::{Alarm, AlarmConfiguration, AlarmState};
use crate::units::SimTime;

/// The auto scaling of one service.
///
/// It is told each minute's metrics and says when the desired count changes. It allocates nothing
/// in a minute in which nothing changes.
#[derive(Debug, Clone)]
pub struct ServiceScaling {
    min_capacity: u32,
    max_capacity: u32,
    suspended_state: SuspendedState,
    policies: Vec<PolicyScaling>,
    scheduled_actions: Vec<ScheduledAction>,
    /// When the next scale-in may come; a scale-out ends the wait.
    scale_in_cooldown_end: SimTime,
    not_scaled_reason: Option<NotScaledReason>,
}

/// One policy with its alarms.
#[derive(Debug, Clone)]
struct PolicyScaling {
    policy: ScalingPolicy,
    /// Target tracking's high alarm, or a step policy's alarm.
    alarm: Alarm,
    /// Target tracking's low alarm.
    low_alarm: Option<Alarm>,
    scale_out_cooldown: Option<ScaleOutCooldown>,
    /// What it asks for in the minute under way.
    wish: Option<Wish>,
}

/// The time after a scale-out in which its tasks count as not yet there.
#[derive(Debug, Clone, Copy)]
struct ScaleOutCooldown {
    end: SimTime,
    /// The capacity that the scale-out was reckoned from.
    base: u32,
}

/// What a policy asks for.
#[derive(Debug, Clone, Copy)]
struct Wish {
    direction: Direction,
    /// The capacity that the request was reckoned from.
    base: u32,
    cause: PolicyCause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Out,
    In,
}

impl ServiceScaling {
    /// The auto scaling of a service as its scalable target describes it; no alarm has data yet.
    pub fn new(target: ScalableTarget) -> Self {
        Self {
            min_capacity: target.min_capacity,
            max_capacity: target.max_capacity,
            suspended_state: target.suspended_state,
            policies: target
                .policies
                .into_iter()
                .map(PolicyScaling::new)
                .collect(),
            scheduled_actions: target.scheduled_actions,
            scale_in_cooldown_end: SimTime::ZERO,
            not_scaled_reason: None,
        }
    }

    /// Takes the metrics of the minute that has passed, and says how the desired count changes.
    /// To be called once a minute. `deployment_in_progress` is that of a rolling deployment.
    pub fn minute(
        &mut self,
        now: SimTime,
        capacity: Capacity,
        metrics: &ServiceMetrics<'_>,
        deployment_in_progress: bool,
    ) -> Option<ScalingActivity> {
        self.not_scaled_reason = None;
        let (mut out, mut scale_in) = (false, false);
        for (place, policy) in self.policies.iter_mut().enumerate() {
            policy.evaluate(place, now, capacity, metrics);
            let direction = policy.wish.map(|wish| wish.direction);
            out |= direction == Some(Direction::Out);
            scale_in |= direction == Some(Direction::In);
        }
        if out && !self.suspended_state.dynamic_scaling_out_suspended {
            return self.scale_out(now, capacity);
        }
        if out {
            self.not_scaled_reason = Some(NotScaledReason::Suspended);
        }
        if scale_in {
            return self.scale_in(now, capacity, deployment_in_progress);
        }
        None
    }

    /// Carries out the scheduled action at `place` of the target, whatever cooldown is in effect:
    /// sets its bounds, and brings the desired count within them. Nothing when there is no such
    /// action, when scheduled scaling is suspended, or when the bounds would cross.
    pub fn scheduled_action(
        &mut self,
        now: SimTime,
        place: usize,
        capacity: Capacity,
    ) -> Option<ScalingActivity> {
        let action = self.scheduled_actions.get(place)?;
        let min = action.min_capacity.unwrap_or(self.min_capacity);
        let max = action.max_capacity.unwrap_or(self.max_capacity);
        if self.suspended_state.scheduled_scaling_suspended {
            return self.nothing(NotScaledReason::Suspended);
        }
        if min > max {
            return self.nothing(NotScaledReason::MinCapacityAboveMaxCapacity);
        }
        (self.min_capacity, self.max_capacity) = (min, max);
        let desired_capacity = capacity.desired.clamp(min, max);
        if desired_capacity == capacity.desired {
            return self.nothing(NotScaledReason::AlreadyAtDesiredCapacity);
        }
        self.not_scaled_reason = None;
        Some(ScalingActivity {
            start_time: now,
            previous_capacity: capacity.desired,
            desired_capacity,
            cause: ScalingCause::ScheduledAction(place),
        })
    }

    /// Why the last minute or scheduled action that wanted a change brought none about. `None`
    /// when nothing wanted one, or when it came.
    pub fn not_scaled_reason(&self) -> Option<NotScaledReason> {
        self.not_scaled_reason
    }

    /// The least desired count at present.
    pub fn min_capacity(&self) -> u32 {
        self.min_capacity
    }

    /// The greatest desired count at present.
    pub fn max_capacity(&self) -> u32 {
        self.max_capacity
    }

    /// What is suspended at present.
    pub fn suspended_state(&self) -> SuspendedState {
        self.suspended_state
    }

    /// Suspends or resumes scaling from now on.
    pub fn set_suspended_state(&mut self, suspended_state: SuspendedState) {
        self.suspended_state = suspended_state;
    }

    /// The policies in the target's order.
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &ScalingPolicy> {
        self.policies.iter().map(|scaling| &scaling.policy)
    }

    /// The scheduled actions in the target's order.
    pub fn scheduled_actions(&self) -> &[ScheduledAction] {
        &self.scheduled_actions
    }

    /// The alarms of the policy at `place` with their states; none when there is no such policy.
    pub fn alarms(&self, place: usize) -> impl Iterator<Item = (PolicyAlarm, AlarmState)> {
        let policy = self.policies.get(place);
        policy.into_iter().flat_map(|scaling| {
            let low = scaling.low_alarm.as_ref();
            let first = low.map_or(PolicyAlarm::Step, |_| PolicyAlarm::High);
            let low = low.map(|alarm| (PolicyAlarm::Low, alarm.state()));
            std::iter::once((first, scaling.alarm.state())).chain(low)
        })
    }

    fn nothing(&mut self, reason: NotScaledReason) -> Option<ScalingActivity> {
        self.not_scaled_reason = Some(reason);
        None
    }

    /// At least one policy wants out: the largest capacity wins.
    fn scale_out(&mut self, now: SimTime, capacity: Capacity) -> Option<ScalingActivity> {
        let desired = capacity.desired;
        if desired >= self.max_capacity {
            return self.nothing(NotScaledReason::AlreadyAtMaxCapacity);
        }
        if desired < self.min_capacity {
            // To the minimum first; the policies go on from there, so no cooldown begins.
            self.scale_in_cooldown_end = SimTime::ZERO;
            return Some(self.activity(now, desired, self.min_capacity, Direction::Out));
        }
        let largest = self.wished(Direction::Out).max()?.min(self.max_capacity);
        if largest <= desired {
            let mut policies = self.policies.iter();
            let in_cooldown = policies.any(|policy| policy.is_in_scale_out_cooldown(now));
            return self.nothing(if in_cooldown {
                NotScaledReason::Cooldown
            } else {
                NotScaledReason::AlreadyAtDesiredCapacity
            });
        }
        for policy in &mut self.policies {
            if let Some(wish) = policy.wish
                && wish.direction == Direction::Out
                && wish.cause.capacity > desired
            {
                policy.scale_out_cooldown = Some(ScaleOutCooldown {
                    end: now.saturating_add(policy.policy.scale_out_cooldown()),
                    base: wish.base,
                });
            }
        }
        self.scale_in_cooldown_end = SimTime::ZERO;
        Some(self.activity(now, desired, largest, Direction::Out))
    }

    /// No policy wants out, at least one wants in.
    fn scale_in(
        &mut self,
        now: SimTime,
        capacity: Capacity,
        deployment_in_progress: bool,
    ) -> Option<ScalingActivity> {
        // Target tracking policies remove tasks only together, step policies each alone.
        if !self
            .policies
            .iter()
            .all(PolicyScaling::is_ready_to_scale_in)
        {
            for policy in &mut self.policies {
                if policy.low_alarm.is_some() {
                    policy.wish = None;
                }
            }
        }
        let largest = self.wished(Direction::In).max()?;
        let desired = capacity.desired;
        if self.suspended_state.dynamic_scaling_in_suspended {
            return self.nothing(NotScaledReason::Suspended);
        }
        if deployment_in_progress {
            return self.nothing(NotScaledReason::DeploymentInProgress);
        }
        if desired <= self.min_capacity {
            return self.nothing(NotScaledReason::AlreadyAtMinCapacity);
        }
        if now < self.scale_in_cooldown_end {
            return self.nothing(NotScaledReason::Cooldown);
        }
        if desired > self.max_capacity {
            // To the maximum first; the policies go on from there, so no cooldown begins.
            return Some(self.activity(now, desired, self.max_capacity, Direction::In));
        }
        let largest = largest.max(self.min_capacity);
        if largest >= desired {
            return self.nothing(NotScaledReason::AlreadyAtDesiredCapacity);
        }
        for policy in &self.policies {
            if let Some(wish) = policy.wish
                && wish.direction == Direction::In
            {
                let end = now.saturating_add(policy.policy.scale_in_cooldown());
                self.scale_in_cooldown_end = self.scale_in_cooldown_end.max(end);
            }
        }
        Some(self.activity(now, desired, largest, Direction::In))
    }

    /// The capacities that policies ask for in a direction.
    fn wished(&self, direction: Direction) -> impl Iterator<Item = u32> {
        self.causes(direction).map(|cause| cause.capacity)
    }

    fn causes(&self, direction: Direction) -> impl Iterator<Item = PolicyCause> {
        let wishes = self.policies.iter().filter_map(|policy| policy.wish);
        wishes
            .filter(move |wish| wish.direction == direction)
            .map(|wish| wish.cause)
    }

    fn activity(
        &self,
        start_time: SimTime,
        previous_capacity: u32,
        desired_capacity: u32,
        direction: Direction,
    ) -> ScalingActivity {
        ScalingActivity {
            start_time,
            previous_capacity,
            desired_capacity,
            cause: ScalingCause::Policies(self.causes(direction).collect()),
        }
    }
}

/// The alarm of a policy that has been checked.
fn alarm(configuration: AlarmConfiguration) -> Alarm {
    Alarm::new(configuration).expect("policies are checked with their alarms")
}

impl PolicyScaling {
    fn new(policy: ScalingPolicy) -> Self {
        let (first, low_alarm) = match &policy.kind {
            PolicyKind::TargetTrackingScaling(tracking) => {
                (tracking.high_alarm(), Some(alarm(tracking.low_alarm())))
            }
            PolicyKind::StepScaling(step) => (step.alarm.clone(), None),
        };
        Self {
            policy,
            alarm: alarm(first),
            low_alarm,
            scale_out_cooldown: None,
            wish: None,
        }
    }

    fn is_in_scale_out_cooldown(&self, now: SimTime) -> bool {
        self.scale_out_cooldown
            .is_some_and(|cooldown| now < cooldown.end)
    }

    /// The capacity that scale-out is reckoned from: the tasks that run, without those that a
    /// scale-out whose cooldown is in effect has added already. Fewer when some have gone since.
    fn scale_out_base(&self, now: SimTime, running: u32) -> u32 {
        match self.scale_out_cooldown {
            Some(cooldown) if now < cooldown.end => cooldown.base.min(running),
            _ => running,
        }
    }

    /// Whether the policy does not stand in the way of target tracking policies that scale in.
    fn is_ready_to_scale_in(&self) -> bool {
        match &self.policy.kind {
            PolicyKind::StepScaling(_) => true,
            PolicyKind::TargetTrackingScaling(tracking) => {
                let wants_in = |wish: Wish| wish.direction == Direction::In;
                tracking.disable_scale_in || self.wish.is_some_and(wants_in)
            }
        }
    }

    /// Evaluates the alarms and what the policy asks for: nothing without a datapoint.
    fn evaluate(
        &mut self,
        place: usize,
        now: SimTime,
        capacity: Capacity,
        metrics: &ServiceMetrics<'_>,
    ) {
        let datapoint = metrics.datapoint(self.policy.metric());
        let state = self.alarm.evaluate(datapoint);
        let low = self.low_alarm.as_mut().map(|low| low.evaluate(datapoint));
        self.wish = if state != AlarmState::Alarm && low != Some(AlarmState::Alarm) {
            None
        } else if datapoint.is_none() {
            // An alarm may stand although its newest datapoint is missing. Nothing to reckon with.
            None
        } else {
            self.wish(place, now, capacity)
        };
    }

    fn wish(&self, place: usize, now: SimTime, capacity: Capacity) -> Option<Wish> {
        let running = capacity.running;
        let scale_out_base = self.scale_out_base(now, running);
        let wish = |direction, base, alarm, metric_value, capacity| Wish {
            direction,
            base,
            cause: PolicyCause {
                policy: place,
                alarm,
                metric_value,
                capacity,
            },
        };
        match &self.policy.kind {
            PolicyKind::TargetTrackingScaling(tracking) => {
                let value = self.alarm.value(self.alarm.configuration().statistic)?;
                if self.alarm.state() == AlarmState::Alarm {
                    // From no tasks at all by the least amount.
                    let wanted = tracking.proportional(scale_out_base, value).max(1);
                    let base = scale_out_base;
                    Some(wish(Direction::Out, base, PolicyAlarm::High, value, wanted))
                } else if tracking.disable_scale_in {
                    None
                } else {
                    let wanted = tracking.proportional(running, value);
                    Some(wish(
                        Direction::In,
                        running,
                        PolicyAlarm::Low,
                        value,
                        wanted,
                    ))
                }
            }
            PolicyKind::StepScaling(step) => {
                let value = self.alarm.value(step.metric_aggregation_type.statistic())?;
                let adjustment = step.adjustment(value)?;
                let (direction, base) = match step.change(adjustment, capacity.desired) {
                    Ordering::Greater => (Direction::Out, scale_out_base),
                    Ordering::Less => (Direction::In, running),
                    Ordering::Equal => return None,
                };
                let wanted = step.adjusted(base, adjustment);
                Some(wish(direction, base, PolicyAlarm::Step, value, wanted))
            }
        }
    }
}
