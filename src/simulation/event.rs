//! What is scheduled to happen, and in which order things of one instant do.

use crate::model::TaskId;

/// Something that will happen to the cluster. Submissions are not here: they come from the
/// workload, which is in order already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A pending task reaches RUNNING.
    TaskStarts(TaskId),
    /// A running task's work is over.
    TaskStops(TaskId),
    /// A stopping task reaches STOPPED.
    TaskStopped(TaskId),
    /// Capacity has come free while tasks wait: they are tried in order.
    WaitingTried,
}

/// The class of submissions: after all that frees or adds capacity in the same instant, and after
/// the waiting tasks have been tried.
pub(super) const SUBMISSION_CLASS: u8 = 3;

impl Event {
    /// Events of one instant happen in order of class: what ends, what begins, who has waited,
    /// then what is new. Within a class, in the order in which they were scheduled.
    pub const fn class(self) -> u8 {
        match self {
            Self::TaskStops(_) | Self::TaskStopped(_) => 0,
            Self::TaskStarts(_) => 1,
            Self::WaitingTried => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, SUBMISSION_CLASS};
    use crate::model::TaskId;

    #[test]
    fn what_frees_room_comes_before_what_takes_it() {
        let task = TaskId(0);
        let order = [
            Event::TaskStopped(task).class(),
            Event::TaskStarts(task).class(),
            Event::WaitingTried.class(),
            SUBMISSION_CLASS,
        ];
        assert!(order.is_sorted() && order[0] < order[1] && order[2] < order[3]);
    }
}
