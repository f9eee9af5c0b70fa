//! The life of one task between its placement and STOPPED.

use crate::model::{Stop, TaskId, TaskStatus};
use crate::units::Millis;

use super::{Observer, Record, Simulation, TaskRef};

/// What is planned for tasks whose life is not the plain one, by row of the table of live tasks.
#[derive(Debug, Default)]
pub(super) struct Fates {
    rows: Vec<Option<Fate>>,
}

/// What is planned for a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fate {
    /// Why it does not reach RUNNING, or ends after it has.
    pub(super) stop: Stop,
    /// From the stop signal to the end of its containers.
    pub(super) stop_latency: Option<Millis>,
}

impl Fates {
    pub(super) fn set(&mut self, task: TaskId, fate: Fate) {
        if self.rows.len() <= task.index() {
            self.rows.resize(task.index() + 1, None);
        }
        self.rows[task.index()] = Some(fate);
    }

    pub(super) fn take(&mut self, task: TaskId) -> Option<Fate> {
        self.rows.get_mut(task.index())?.take()
    }

    /// How a task ends by itself.
    pub(super) fn end(&self, task: TaskId) -> Stop {
        let fate = self.rows.get(task.index()).copied().flatten();
        fate.map_or(Stop::FINISHED, |fate| fate.stop)
    }
}

impl Simulation<'_> {
    /// Does to a task what an event means, if the task is still there and in the state that the
    /// event was planned for.
    pub(super) fn to_task<O: Observer>(
        &mut self,
        of: TaskRef,
        planned_for: fn(TaskStatus) -> bool,
        observer: &mut O,
        handler: fn(&mut Self, TaskId, &mut O),
    ) {
        let row = self.cluster.live_task(of.task).filter(|row| of.is(row));
        if row.is_some_and(|row| planned_for(row.last_status)) {
            handler(self, of.task, observer);
        }
    }

    /// The launch of a task begins: images are pulled, containers start.
    pub(super) fn task_activates(&mut self, task: TaskId, observer: &mut impl Observer) {
        self.cluster.activate_task(task);
        let record = Record::TaskStatusChanged { task };
        observer.record(self.now, &record, &self.cluster);
    }

    /// A task on its way does not reach RUNNING.
    pub(super) fn task_fails_to_start(&mut self, task: TaskId, observer: &mut impl Observer) {
        let stop = self.fates.end(task);
        self.cluster.begin_stop(task, stop, TaskStatus::Stopping);
        observer.record(self.now, &Record::TaskStopping { task }, &self.cluster);
        self.task_stopped(task, observer);
    }

    /// How long a task is deregistered from its target groups before it is stopped.
    pub(super) fn deregistration_delay(&self, _: TaskId) -> Millis {
        Millis::ZERO
    }
}
