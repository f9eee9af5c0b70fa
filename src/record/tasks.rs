//! The ledger of tasks: a compact row each, in the order of submission.

use crate::model::{
    CapacityProviderId, ContainerInstanceId, EntryId, GroupId, Stop, Task, TaskDefinitionId,
    TaskStatus,
};
use crate::placement::Reasons;
use crate::units::{Resources, SimTime};

/// A point in time that may not have come. Half the size of an `Option<SimTime>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(u64);

impl Moment {
    /// It has not come.
    pub const NEVER: Self = Self(u64::MAX);

    /// When it came, if it did.
    pub fn get(self) -> Option<SimTime> {
        (self != Self::NEVER).then_some(SimTime(self.0))
    }
}

impl From<SimTime> for Moment {
    fn from(at: SimTime) -> Self {
        Self(at.0)
    }
}

/// A place in the list of Fargate tasks, or none. Half the size of an `Option<u32>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FargateIndex(u32);

impl FargateIndex {
    /// It was not placed on Fargate.
    pub const NONE: Self = Self(u32::MAX);

    /// The place, if there is one.
    pub fn get(self) -> Option<u32> {
        (self != Self::NONE).then_some(self.0)
    }
}

impl From<Option<u32>> for FargateIndex {
    fn from(place: Option<u32>) -> Self {
        place.map_or(Self::NONE, Self)
    }
}

/// How a task stands in its row: ECS's `lastStatus`, and NOT_PLACED for a submission that was
/// refused and never became a task of ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskOutcome {
    /// Refused, for these reasons, and not tried again.
    NotPlaced(Reasons),
    /// Alive at the end of the run.
    Alive(TaskStatus),
    /// Stopped.
    Stopped(Stop),
}

impl TaskOutcome {
    /// The column `last_status`.
    pub const fn last_status(self) -> &'static str {
        match self {
            Self::NotPlaced(_) => "NOT_PLACED",
            Self::Alive(status) => status.name(),
            Self::Stopped(_) => TaskStatus::Stopped.name(),
        }
    }
}

/// What became of a task: a row of `tasks.csv`, but for its cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// n of its id `<entry>/<n>`.
    pub number: u64,
    /// How often it has been submitted: 1, and one more for each retry.
    pub attempt: u16,
    /// When it was submitted.
    pub submitted_at: SimTime,
    /// When it was placed.
    pub placed_at: Moment,
    /// When it reached RUNNING.
    pub started_at: Moment,
    /// When it reached STOPPED.
    pub stopped_at: Moment,
    /// The name that its row of a trace gave it.
    pub name: Option<Box<str>>,
    /// Its entry of the scenario's `tasks`.
    pub entry: EntryId,
    /// Its group.
    pub group: GroupId,
    /// Its task definition, when it has one.
    pub definition: Option<TaskDefinitionId>,
    /// The capacity provider that a strategy has chosen for it.
    pub capacity_provider: ProviderIndex,
    /// Where it was placed.
    pub instance: Option<ContainerInstanceId>,
    /// Its index among the Fargate tasks of the run.
    pub fargate: FargateIndex,
    /// What it reserved, or would have.
    pub needs: Resources,
    /// How it ended, or stands.
    pub outcome: TaskOutcome,
}

/// A capacity provider of the run, or none: half of what an `Option` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderIndex(u16);

impl ProviderIndex {
    /// No provider.
    const NONE: u16 = u16::MAX;

    /// Its place among the providers.
    pub fn get(self) -> Option<usize> {
        (self.0 != Self::NONE).then_some(usize::from(self.0))
    }
}

impl From<Option<CapacityProviderId>> for ProviderIndex {
    fn from(provider: Option<CapacityProviderId>) -> Self {
        // A cluster has at most 20.
        let place = provider.and_then(|provider| u16::try_from(provider.0).ok());
        Self(place.unwrap_or(Self::NONE))
    }
}

/// All tasks by serial number.
#[derive(Debug, Default)]
pub(super) struct TaskLedger {
    rows: Vec<TaskRow>,
}

impl TaskLedger {
    /// A task was submitted. Tasks are submitted in the order of their serial numbers.
    pub(super) fn submitted(&mut self, task: &Task, name: Option<&str>) {
        self.rows.push(TaskRow {
            number: task.number,
            attempt: task.attempt,
            submitted_at: task.submitted_at,
            placed_at: Moment::NEVER,
            started_at: Moment::NEVER,
            stopped_at: Moment::NEVER,
            name: name.map(Box::from),
            entry: task.entry,
            group: task.group,
            definition: task.definition,
            capacity_provider: ProviderIndex::from(task.capacity_provider),
            instance: None,
            fargate: FargateIndex::NONE,
            needs: task.needs,
            outcome: TaskOutcome::Alive(TaskStatus::Provisioning),
        });
    }

    /// The row of a task that was submitted before.
    pub(super) fn row(&mut self, task: &Task) -> &mut TaskRow {
        let row = usize::try_from(task.serial).ok();
        row.and_then(|row| self.rows.get_mut(row))
            .expect("a task is submitted before anything else happens to it")
    }

    /// The rows.
    pub(super) fn finish(self) -> Vec<TaskRow> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::{Moment, TaskRow};
    use crate::units::SimTime;

    #[test]
    fn a_row_is_compact() {
        let name = size_of::<Option<Box<str>>>();
        let row = size_of::<TaskRow>() - name;
        assert!(row <= 104, "{row} bytes beside the name");
    }

    #[test]
    fn a_moment_may_not_have_come() {
        assert_eq!(Moment::NEVER.get(), None);
        assert_eq!(Moment::from(SimTime(0)).get(), Some(SimTime(0)));
    }
}
