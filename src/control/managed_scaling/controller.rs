//! The state of managed scaling, and the decision of each minute.

use std::cmp::Ordering;

use super::ManagedScaling;
use super::estimate::{InstanceTypes, ProvisioningTasks, ScaleOutEstimate, scale_out_estimate};
use super::minute::{
    GroupNeed, LOW_DATAPOINTS, ManagedScalingAlarm, ManagedScalingDecision, ManagedScalingMinute,
    ManagedScalingReason, TasksWait,
};
use super::reservation::Reservation;
use crate::units::{Millis, SimTime};

/// An empty group begins with so many instances, whatever is needed: its capacity is taken to be 1
/// and its reservation to be 200 percent.
const FROM_ZERO: u32 = 2;

/// What a scenario may set about managed scaling beyond AWS's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedScalingOptions {
    /// How long scale-in waits after a scale-out: 15 minutes at AWS.
    pub scale_in_after_scale_out: Millis,
    /// Whether a group of several zones or types counts its minimum step as needed, whatever the
    /// tasks that wait come to (as AWS did before it estimated them).
    pub minimum_step_for_mixed_groups: bool,
}

/// What managed scaling sees of a group and its tasks in a minute.
#[derive(Debug, Clone, Copy)]
pub struct GroupView<'a> {
    /// The time.
    pub now: SimTime,
    /// The group's `minSize`.
    pub min_size: u32,
    /// The group's `maxSize`.
    pub max_size: u32,
    /// The group's desired capacity.
    pub desired: u32,
    /// N: its instances in service, those that are on their way out not counted.
    pub running: u32,
    /// Its instances on their way.
    pub pending: u32,
    /// How many of those in service host at least one task that is no daemon's.
    pub hosting: u32,
    /// How many of those on their way count for `instanceWarmupPeriod`: it has not begun for them.
    pub launching: u32,
    /// When the latest instance entered service that counts for `instanceWarmupPeriod`.
    pub latest_launch: Option<SimTime>,
    /// The tasks in PROVISIONING for this provider, like ones together.
    pub provisioning: &'a [ProvisioningTasks],
}

/// Managed scaling of one capacity provider. It allocates nothing.
#[derive(Debug, Clone)]
pub struct ManagedScalingController {
    configuration: ManagedScaling,
    options: ManagedScalingOptions,
    types: InstanceTypes,
    /// Whether its group has several zones or types.
    is_mixed: bool,
    /// For how many minutes without a break the reservation has been below the target.
    low_datapoints: u32,
    last_scale_out: Option<SimTime>,
}

impl ManagedScalingController {
    /// For a group with these instance types in so many zones; no alarm has data yet.
    pub fn new(
        configuration: ManagedScaling,
        options: ManagedScalingOptions,
        types: InstanceTypes,
        availability_zones: usize,
    ) -> Self {
        Self {
            configuration,
            options,
            is_mixed: types.is_mixed() || availability_zones > 1,
            types,
            low_datapoints: 0,
            last_scale_out: None,
        }
    }

    /// Looks at the group, and says what becomes of its desired capacity. To be called once a
    /// minute; the caller applies the decision.
    pub fn minute(&mut self, view: &GroupView<'_>) -> ManagedScalingMinute {
        let estimate = scale_out_estimate(view.provisioning, &self.types);
        let target = self.configuration.target_capacity;
        let step = self.step(&estimate);
        let needed = match step {
            Some(step) => view.running.saturating_add(step),
            None => view.hosting,
        };
        let is_without_help = estimate.tasks > 0 && step.is_none();
        let reservation = if is_without_help {
            Reservation::percent(target)
        } else {
            Reservation::of(needed, view.running)
        };
        let need = GroupNeed {
            needed,
            running: view.running,
            target,
        };
        let alarm = self.alarm(reservation);
        let wanted = match alarm {
            ManagedScalingAlarm::Ok => view.desired,
            _ if view.running == 0 => FROM_ZERO,
            _ => instances_at_target(needed, target),
        };
        let (decision, reason) = match alarm {
            ManagedScalingAlarm::Ok => {
                let reason = at_target(&estimate, need);
                (ManagedScalingDecision::None, reason)
            }
            ManagedScalingAlarm::High => {
                let reason = self.why_high(&estimate, step, need);
                self.scale_out(view, wanted, reason)
            }
            ManagedScalingAlarm::Low { datapoints } => {
                self.scale_in(view, wanted, datapoints, need)
            }
        };
        ManagedScalingMinute {
            at: view.now,
            min_size: view.min_size,
            max_size: view.max_size,
            desired: view.desired,
            running: view.running,
            pending: view.pending,
            provisioning_tasks: estimate.tasks,
            needed,
            target_capacity: target,
            reservation,
            alarm,
            wanted,
            decision,
            reason,
        }
    }

    /// Instances that are needed beyond those that run, for tasks that wait and that more
    /// instances would help: at least the minimum step, at most the maximum.
    fn step(&self, estimate: &ScaleOutEstimate) -> Option<u32> {
        let minimum = self.configuration.minimum_scaling_step_size;
        let maximum = self.configuration.maximum_scaling_step_size;
        if !estimate.has_any() {
            None
        } else if self.goes_by_minimum_step() || estimate.instances < minimum {
            Some(minimum)
        } else {
            Some(estimate.instances.min(maximum))
        }
    }

    fn goes_by_minimum_step(&self) -> bool {
        self.is_mixed && self.options.minimum_step_for_mixed_groups
    }

    fn alarm(&mut self, reservation: Reservation) -> ManagedScalingAlarm {
        let order = reservation.cmp_percent(self.configuration.target_capacity);
        self.low_datapoints = match order {
            Ordering::Less => self.low_datapoints + 1,
            Ordering::Equal | Ordering::Greater => 0,
        };
        match order {
            Ordering::Less => ManagedScalingAlarm::Low {
                datapoints: self.low_datapoints,
            },
            Ordering::Equal => ManagedScalingAlarm::Ok,
            Ordering::Greater => ManagedScalingAlarm::High,
        }
    }

    fn why_high(
        &self,
        estimate: &ScaleOutEstimate,
        step: Option<u32>,
        need: GroupNeed,
    ) -> ManagedScalingReason {
        let tasks = estimate.tasks - estimate.excluded;
        match step {
            Some(_) if need.running == 0 => ManagedScalingReason::TasksWaitForEmptyGroup { tasks },
            Some(step) if self.goes_by_minimum_step() => {
                ManagedScalingReason::TasksWaitForMixedGroup { tasks, step }
            }
            Some(step) => ManagedScalingReason::TasksWait(TasksWait {
                tasks,
                too_large: estimate.excluded,
                instances: estimate.instances,
                step,
            }),
            None if need.running == 0 => ManagedScalingReason::EmptyBelowTarget {
                target: need.target,
            },
            None => ManagedScalingReason::TooFewSpare(need),
        }
    }

    /// The high alarm is on: the group grows at once, unless an earlier launch is under way or
    /// warming up.
    fn scale_out(
        &mut self,
        view: &GroupView<'_>,
        wanted: u32,
        reason: ManagedScalingReason,
    ) -> (ManagedScalingDecision, ManagedScalingReason) {
        let held_back = |reason| (ManagedScalingDecision::HeldBack, reason);
        let desired = view.desired;
        if wanted <= desired {
            let reason = ManagedScalingReason::AlreadyAsked { desired };
            return (ManagedScalingDecision::None, reason);
        }
        if desired >= view.max_size {
            let max_size = view.max_size;
            return held_back(ManagedScalingReason::AtMaxSize { max_size, wanted });
        }
        let warmup = self.configuration.instance_warmup_period;
        if view.launching > 0 && warmup > Millis::ZERO {
            let instances = view.launching;
            return held_back(ManagedScalingReason::Launching { instances, warmup });
        }
        let launched_ago = view.latest_launch.map(|launched| view.now.since(launched));
        if let Some(launched_ago) = launched_ago.filter(|ago| *ago < warmup) {
            return held_back(ManagedScalingReason::WarmingUp {
                launched_ago,
                warmup,
            });
        }
        self.last_scale_out = Some(view.now);
        let to = wanted.min(view.max_size);
        (ManagedScalingDecision::ScaleOut { to }, reason)
    }

    /// The reservation is below the target: after 15 minutes the group shrinks, in each minute by
    /// at least one instance and by less than half of them.
    fn scale_in(
        &self,
        view: &GroupView<'_>,
        wanted: u32,
        datapoints: u32,
        need: GroupNeed,
    ) -> (ManagedScalingDecision, ManagedScalingReason) {
        let held_back = |reason| (ManagedScalingDecision::HeldBack, reason);
        let nothing = |reason| (ManagedScalingDecision::None, reason);
        let (desired, min_size) = (view.desired, view.min_size);
        if wanted >= view.running {
            return nothing(ManagedScalingReason::FewerWouldExceedTarget(need));
        }
        if wanted >= desired {
            return nothing(ManagedScalingReason::AlreadyAsked { desired });
        }
        if desired <= min_size {
            return held_back(ManagedScalingReason::AtMinSize { min_size, need });
        }
        if datapoints < LOW_DATAPOINTS {
            return held_back(ManagedScalingReason::LowFor { datapoints, need });
        }
        let wait = self.options.scale_in_after_scale_out;
        let allowed_from = self.last_scale_out.map(|at| at.saturating_add(wait));
        if let Some(from) = allowed_from.filter(|from| view.now < *from) {
            let remaining = from.since(view.now);
            return held_back(ManagedScalingReason::AfterScaleOut { wait, remaining });
        }
        let least = wanted.max(min_size);
        let to = least.max(desired - most_at_a_time(desired));
        let reason = ManagedScalingReason::Low {
            datapoints,
            need,
            is_limited: to > least,
        };
        (ManagedScalingDecision::ScaleIn { to }, reason)
    }
}

/// N x reservation / target, rounded up: the instances of which `needed` are the target.
fn instances_at_target(needed: u32, target: u32) -> u32 {
    let exact = (u64::from(needed) * 100).div_ceil(u64::from(target));
    u32::try_from(exact).unwrap_or(u32::MAX)
}

/// The most instances that go in a minute: less than half, but one.
fn most_at_a_time(desired: u32) -> u32 {
    (desired.saturating_sub(1) / 2).max(1)
}

/// Why nothing is wanted.
fn at_target(estimate: &ScaleOutEstimate, need: GroupNeed) -> ManagedScalingReason {
    if estimate.tasks > 0 {
        let tasks = estimate.tasks;
        ManagedScalingReason::TasksTooLarge { tasks }
    } else if need.running == 0 {
        ManagedScalingReason::Idle
    } else {
        ManagedScalingReason::AtTarget(need)
    }
}
