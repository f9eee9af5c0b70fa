//! The life of every task, by what the records say.

use std::collections::BTreeMap;

use ecs_sim::model::{
    Cluster, ContainerInstanceId, Stop, StoppedReason, Task, TaskDefinitionId, TaskId, TaskStatus,
    TaskStopCode,
};
use ecs_sim::units::SimTime;

use super::Auditor;

/// A live task.
#[derive(Debug, Clone)]
pub(super) struct TaskBook {
    pub(super) status: TaskStatus,
    pub(super) service: Option<usize>,
    /// Number of the deployment that was the current one when it was submitted.
    pub(super) deployment: u32,
    pub(super) definition: Option<TaskDefinitionId>,
    pub(super) instance: Option<ContainerInstanceId>,
    pub(super) running_since: Option<SimTime>,
    pub(super) protected_until: SimTime,
    stop: Option<Stop>,
}

/// All tasks, by their place in the order of submission.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    pub(super) live: BTreeMap<u64, TaskBook>,
    pub(super) submitted: u64,
    pub(super) given_up: u64,
    pub(super) stopped_by_code: BTreeMap<&'static str, u64>,
}

impl Tasks {
    /// A task is now in the state that the cluster says, and was in one of these.
    pub(super) fn goes(&mut self, row: &Task, from: &[TaskStatus]) -> &mut TaskBook {
        let book = self.live.get_mut(&row.serial).expect("a live task");
        let (was, is) = (book.status, row.last_status);
        assert!(from.contains(&was), "{is:?} after {was:?}");
        assert!(is > was, "{is:?} after {was:?}");
        book.status = is;
        book.instance = row.instance;
        book
    }

    /// A task enters one of the states between.
    pub(super) fn changes(&mut self, row: &Task) {
        match row.last_status {
            TaskStatus::Activating => self.goes(row, &[TaskStatus::Pending]),
            TaskStatus::Stopping => self.goes(row, &[TaskStatus::Deactivating]),
            TaskStatus::Deprovisioning => self.goes(row, &[TaskStatus::Stopping]),
            other => panic!("{other:?} has a record of its own"),
        };
    }

    pub(super) fn stopped(&mut self, row: &Task) {
        let book = self.live.remove(&row.serial).expect("a live task");
        assert!(book.status >= TaskStatus::Deactivating, "{:?}", book.status);
        assert_eq!(row.last_status, TaskStatus::Stopped);
        assert_eq!(row.stop, book.stop, "a stop has one code and one reason");
        assert_eq!(row.started_at, book.running_since);
        let code = book.stop.expect("it was stopping").code.name();
        *self.stopped_by_code.entry(code).or_default() += 1;
    }

    pub(super) fn of_service(&self, service: usize) -> impl Iterator<Item = &TaskBook> {
        let books = self.live.values();
        books.filter(move |book| book.service == Some(service))
    }

    /// The cluster agrees.
    pub(super) fn audit(&self, cluster: &Cluster) {
        assert_eq!(self.live.len(), cluster.live_task_count());
        for (_, row) in cluster.live_tasks() {
            let book = &self.live[&row.serial];
            assert_eq!(
                (row.last_status, row.instance, row.stop),
                (book.status, book.instance, book.stop)
            );
        }
    }
}

/// Whether a reason goes with a code.
fn fits(stop: &Stop, has_run: bool) -> bool {
    let by_scheduler = matches!(
        stop.reason,
        StoppedReason::ScalingActivity { .. }
            | StoppedReason::FailedElbHealthChecks { .. }
            | StoppedReason::FailedContainerHealthChecks
            | StoppedReason::FargateMaintenance
    );
    let lost = matches!(
        stop.reason,
        StoppedReason::HostTerminated(_)
            | StoppedReason::FargateZoneLost
            | StoppedReason::FargateMaintenance
    );
    let exited = matches!(
        stop.reason,
        StoppedReason::EssentialContainerExited { .. } | StoppedReason::OutOfMemory
    );
    match stop.code {
        TaskStopCode::ServiceSchedulerInitiated => by_scheduler,
        TaskStopCode::TerminationNotice => lost,
        TaskStopCode::EssentialContainerExited => exited && has_run,
        TaskStopCode::TaskFailedToStart => !by_scheduler && !lost && !has_run,
        TaskStopCode::SpotInterruption => stop.reason == StoppedReason::SpotTaskInterrupted,
        TaskStopCode::UserInitiated => false,
    }
}

impl Auditor<'_> {
    pub(super) fn submitted(&mut self, task: TaskId, cluster: &Cluster) {
        let row = cluster.task(task);
        let service = self.scenario.service_of(row.entry);
        if service.is_some() {
            self.protect();
        }
        let deployment = service.and_then(|id| self.services[id.index()].deployments.primary());
        let book = TaskBook {
            status: row.last_status,
            service: service.map(ecs_sim::model::ServiceId::index),
            deployment: deployment.map_or(0, |deployment| deployment.number),
            definition: row.definition,
            instance: None,
            running_since: None,
            protected_until: SimTime::ZERO,
            stop: None,
        };
        assert_eq!(row.submitted_at, self.now);
        assert_eq!(self.tasks.live.insert(row.serial, book).map(|_| ()), None);
        self.tasks.submitted += 1;
    }

    /// Entries of `taskProtection` that are due come true: they concern the oldest tasks that are
    /// to run. No scheduler acts in an instant before this.
    pub(super) fn protect(&mut self) {
        let entries = &self.scenario.task_protection;
        while let Some(entry) = entries.get(self.protections).filter(|e| e.at <= self.now) {
            self.protections += 1;
            let until = if entry.enabled {
                entry.at + entry.expires_in
            } else {
                entry.at
            };
            let count = usize::try_from(entry.tasks).expect("few tasks");
            let service = Some(entry.service.index());
            let books = self.tasks.live.values_mut();
            for book in books
                .filter(|book| book.service == service && book.status.is_to_run())
                .take(count)
            {
                book.protected_until = until;
                self.seen.insert("PROTECTED".to_owned());
            }
        }
    }

    pub(super) fn stopping(&mut self, row: &Task) {
        let stop = row.stop.expect("a stopping task has a reason");
        let by_scheduler = stop.code == TaskStopCode::ServiceSchedulerInitiated;
        if by_scheduler {
            self.protect();
        }
        let book = self.tasks.live[&row.serial].clone();
        assert!(fits(&stop, book.running_since.is_some()), "{stop:?}");
        assert!(
            !by_scheduler || book.protected_until <= self.now,
            "protected"
        );
        if let Some(service) = self.scenario.service_of(row.entry) {
            self.note_stop(service, &book, stop);
        } else {
            assert!(!by_scheduler, "no service owns it");
        }
        if row.last_status == TaskStatus::Deactivating {
            assert_eq!(book.status, TaskStatus::Running);
            self.seen.insert("DEACTIVATING".to_owned());
        } else {
            assert_eq!(row.last_status, TaskStatus::Stopping);
        }
        let to_run = [
            TaskStatus::Pending,
            TaskStatus::Activating,
            TaskStatus::Running,
        ];
        self.tasks.goes(row, &to_run).stop = Some(stop);
    }
}
