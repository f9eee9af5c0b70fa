//! The kinds of reasons, by which minutes are counted.

use super::minute::ManagedScalingReason;

impl ManagedScalingReason {
    /// The word of files for reasons of its kind: `at-target`, `tasks-wait`, ...
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::AtTarget { .. } => "at-target",
            Self::TasksTooLarge { .. } => "tasks-too-large",
            Self::FewerWouldExceedTarget { .. } => "fewer-would-exceed-target",
            Self::AlreadyAsked { .. } => "already-asked",
            Self::TasksWait { .. } => "tasks-wait",
            Self::TasksWaitForMixedGroup { .. } => "tasks-wait-for-mixed-group",
            Self::TasksWaitForEmptyGroup { .. } => "tasks-wait-for-empty-group",
            Self::EmptyBelowTarget { .. } => "empty-below-target",
            Self::TooFewSpare { .. } => "too-few-spare",
            Self::AtMaxSize { .. } => "at-max-size",
            Self::Launching { .. } => "launching",
            Self::WarmingUp { .. } => "warming-up",
            Self::LowFor { .. } => "low-not-long-enough",
            Self::AfterScaleOut { .. } => "after-scale-out",
            Self::AtMinSize { .. } => "at-min-size",
            Self::Low { .. } => "low",
        }
    }
}
