//! What managed scaling says of a minute: what it saw, what it decided, and why.

use std::cmp::Ordering;
use std::fmt;

use super::reservation::Reservation;
use crate::units::{Millis, SimTime};

/// Datapoints of a minute, one after another below the target, until the low alarm goes off. The
/// high alarm takes one. Neither can be set (Developer Guide, managed scaling behavior).
pub const LOW_DATAPOINTS: u32 = 15;

/// A minute of managed scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedScalingMinute {
    /// When.
    pub at: SimTime,
    /// The group's `minSize`.
    pub min_size: u32,
    /// The group's `maxSize`.
    pub max_size: u32,
    /// The group's desired capacity before the decision.
    pub desired: u32,
    /// N: instances in service.
    pub running: u32,
    /// Instances on their way.
    pub pending: u32,
    /// Tasks in PROVISIONING that wait for the group.
    pub provisioning_tasks: u32,
    /// M: instances needed. Where every task that waits is too large it is the instances that
    /// host a task, and the reservation does not follow from it.
    pub needed: u32,
    /// `targetCapacity` in percent.
    pub target_capacity: u32,
    /// `CapacityProviderReservation`.
    pub reservation: Reservation,
    /// What the alarms say of it.
    pub alarm: ManagedScalingAlarm,
    /// The desired capacity that would meet the target, before the group's limits and whatever
    /// holds it back.
    pub wanted: u32,
    /// What follows.
    pub decision: ManagedScalingDecision,
    /// Why.
    pub reason: ManagedScalingReason,
}

/// The alarms of a capacity provider, of which one at most goes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedScalingAlarm {
    /// The reservation is at the target.
    Ok,
    /// It is above.
    High,
    /// It is below.
    Low {
        /// For so many minutes without a break; the alarm goes off from [`LOW_DATAPOINTS`] on.
        datapoints: u32,
    },
}

impl ManagedScalingAlarm {
    /// The word of files: `OK`, `HIGH`, `LOW`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::High => "HIGH",
            Self::Low { .. } => "LOW",
        }
    }
}

/// What managed scaling does about the group's desired capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedScalingDecision {
    /// Nothing, for no change is wanted, or it has been asked for already.
    None,
    /// Nothing, although a change is wanted: something holds it back.
    HeldBack,
    /// It raises the desired capacity.
    ScaleOut {
        /// To so many instances.
        to: u32,
    },
    /// It lowers the desired capacity.
    ScaleIn {
        /// To so many instances.
        to: u32,
    },
}

impl ManagedScalingDecision {
    /// The word of files: `none`, `held-back`, `scale-out`, `scale-in`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::HeldBack => "held-back",
            Self::ScaleOut { .. } => "scale-out",
            Self::ScaleIn { .. } => "scale-in",
        }
    }

    /// The new desired capacity, if it changes.
    pub const fn to(self) -> Option<u32> {
        match self {
            Self::None | Self::HeldBack => None,
            Self::ScaleOut { to } | Self::ScaleIn { to } => Some(to),
        }
    }
}

/// Why a minute's decision is what it is. `Display` writes it as a plain line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedScalingReason {
    /// No instance runs, no task waits.
    Idle,
    /// The reservation is at the target.
    AtTarget(GroupNeed),
    /// Every task that waits is excluded from the estimate.
    TasksTooLarge {
        /// How many wait.
        tasks: u32,
    },
    /// Below the target, but an instance fewer would bring it above.
    FewerWouldExceedTarget(GroupNeed),
    /// The desired capacity meets what is wanted; instances come or go in their own time.
    AlreadyAsked {
        /// The desired capacity.
        desired: u32,
    },
    /// Tasks wait that more instances would hold.
    TasksWait(TasksWait),
    /// Tasks wait for a group of several zones or types, which goes by its minimum step alone.
    TasksWaitForMixedGroup {
        /// How many.
        tasks: u32,
        /// `minimumScalingStepSize`.
        step: u32,
    },
    /// Tasks wait and no instance runs: two come first, whatever is needed.
    TasksWaitForEmptyGroup {
        /// How many.
        tasks: u32,
    },
    /// No instance runs, which a target below 100 percent does not allow.
    EmptyBelowTarget {
        /// `targetCapacity`.
        target: u32,
    },
    /// Fewer instances are spare than the target wants.
    TooFewSpare(GroupNeed),
    /// The group cannot grow.
    AtMaxSize {
        /// `maxSize`.
        max_size: u32,
        /// The desired capacity that was wanted.
        wanted: u32,
    },
    /// Instances are on their way, and `instanceWarmupPeriod` has not begun for them.
    Launching {
        /// How many.
        instances: u32,
        /// `instanceWarmupPeriod`.
        warmup: Millis,
    },
    /// The latest instance has been in service for less than `instanceWarmupPeriod`.
    WarmingUp {
        /// How long it has been.
        launched_ago: Millis,
        /// `instanceWarmupPeriod`.
        warmup: Millis,
    },
    /// Below the target, not for long enough.
    LowFor {
        /// For so many minutes.
        datapoints: u32,
        /// Below which.
        need: GroupNeed,
    },
    /// Scale-in waits after a scale-out.
    AfterScaleOut {
        /// How long it waits in all.
        wait: Millis,
        /// How long from now on.
        remaining: Millis,
    },
    /// The group cannot shrink.
    AtMinSize {
        /// `minSize`.
        min_size: u32,
        /// What is needed of it.
        need: GroupNeed,
    },
    /// The low alarm is on.
    Low {
        /// For so many minutes below the target.
        datapoints: u32,
        /// What is needed.
        need: GroupNeed,
        /// Whether more are to go than may go in a minute.
        is_limited: bool,
    },
}

/// Tasks that wait, and what would hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TasksWait {
    /// How many tasks wait that more instances would help.
    pub tasks: u32,
    /// How many others are too large for the smallest type.
    pub too_large: u32,
    /// Instances that would hold them.
    pub instances: u32,
    /// Instances that are counted as needed beyond those that run: the same, within
    /// `minimumScalingStepSize` and `maximumScalingStepSize`.
    pub step: u32,
}

/// How much of a group is needed, and how much should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupNeed {
    /// M.
    pub needed: u32,
    /// N.
    pub running: u32,
    /// `targetCapacity` in percent.
    pub target: u32,
}

/// `2 of 3 instances are needed`, `the one instance is not needed`.
impl fmt::Display for GroupNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.needed, self.running) {
            (0, 1) => f.write_str("the one instance is not needed"),
            (1, 1) => f.write_str("the one instance is needed"),
            (needed, running) => {
                let (running, verb) = (Instances(running, ""), are(needed));
                write!(f, "{needed} of {running} {verb} needed")
            }
        }
    }
}

/// `1 task waits`, `3 tasks wait`.
struct Waiting(u32);

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 task waits"),
            tasks => write!(f, "{tasks} tasks wait"),
        }
    }
}

/// `1 instance`, `3 instances`, with a word between.
struct Instances(u32, &'static str);

impl fmt::Display for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, word) = self;
        let noun = if *count == 1 { "instance" } else { "instances" };
        write!(f, "{count} {word}{noun}")
    }
}

/// `1 instance is`, `3 instances are`.
struct InstancesAre(u32);

impl fmt::Display for InstancesAre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Instances(self.0, ""), are(self.0))
    }
}

impl fmt::Display for ManagedScalingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Idle => f.write_str("no instance runs and no task waits"),
            Self::AtTarget(need) => write!(f, "{need}, as the target of {} % has it", need.target),
            Self::TasksTooLarge { tasks } => write_too_large(f, tasks),
            Self::FewerWouldExceedTarget(need) => {
                let target = need.target;
                write!(f, "{need}, and fewer would exceed the target of {target} %")
            }
            Self::AlreadyAsked { desired } => {
                write!(f, "{} asked for already", InstancesAre(desired))
            }
            Self::TasksWait(tasks) => tasks.fmt(f),
            Self::TasksWaitForMixedGroup { tasks, step } => {
                let tasks = Waiting(tasks);
                write!(
                    f,
                    "{tasks}: a group of several zones or types adds {step} at a time"
                )
            }
            Self::TasksWaitForEmptyGroup { tasks } => {
                let tasks = Waiting(tasks);
                write!(f, "{tasks} and no instance runs: two come first")
            }
            Self::EmptyBelowTarget { target } => write!(
                f,
                "no instance runs: a target of {target} % keeps spare ones, and two come first"
            ),
            Self::TooFewSpare(need) => {
                let target = need.target;
                write!(f, "{need}: the target of {target} % keeps more spare")
            }
            Self::AtMaxSize { max_size, wanted } => {
                let wanted = InstancesAre(wanted);
                write!(
                    f,
                    "{wanted} wanted, the group is at its maxSize of {max_size}"
                )
            }
            Self::Launching { instances, warmup } => {
                let are = InstancesAre(instances);
                write!(f, "{are} on the way, and will warm up for {warmup}")
            }
            Self::WarmingUp {
                launched_ago,
                warmup,
            } => write_warming_up(f, launched_ago, warmup),
            Self::LowFor { datapoints, need } => {
                write!(
                    f,
                    "low for {datapoints} of {LOW_DATAPOINTS} minutes: {need}"
                )
            }
            Self::AfterScaleOut { wait, remaining } => {
                write!(
                    f,
                    "scale-in waits {wait} after a scale-out, {remaining} more"
                )
            }
            Self::AtMinSize { min_size, need } => {
                write!(f, "{need}, the group is at its minSize of {min_size}")
            }
            Self::Low {
                datapoints,
                need,
                is_limited,
            } => {
                let limit = if is_limited { LIMIT } else { "" };
                write!(f, "low for {datapoints} minutes: {need}{limit}")
            }
        }
    }
}

/// What keeps a scale-in from going all the way in a minute.
const LIMIT: &str = ", less than half of the group goes in a minute";

fn are(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn write_warming_up(
    f: &mut fmt::Formatter<'_>,
    launched_ago: Millis,
    warmup: Millis,
) -> fmt::Result {
    write!(
        f,
        "instances launched {launched_ago} ago are still warming up, for {warmup} each"
    )
}

fn write_too_large(f: &mut fmt::Formatter<'_>, tasks: u32) -> fmt::Result {
    let each = if tasks == 1 { "" } else { "each " };
    let waiting = Waiting(tasks);
    write!(
        f,
        "{waiting}, {each}too large for the smallest instance type: more would not help"
    )
}

/// `5 tasks wait: 2 more instances would hold them`.
impl fmt::Display for TasksWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, .. } = self;
        let (waiting, more) = (Waiting(self.tasks), Instances(self.instances, "more "));
        let them = if self.tasks == 1 { "it" } else { "them" };
        write!(f, "{waiting}: {more} would hold {them}")?;
        match step.cmp(&self.instances) {
            Ordering::Greater => write!(f, ", at least {step} come at a time")?,
            Ordering::Less => write!(f, ", at most {step} come at a time")?,
            Ordering::Equal => (),
        }
        match self.too_large {
            0 => Ok(()),
            1 => f.write_str("; another is too large for the smallest type"),
            tasks => write!(f, "; {tasks} others are too large for the smallest type"),
        }
    }
}
