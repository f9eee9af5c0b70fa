//! The life of every task: each state once and in order, each place one that it may have.

use std::collections::{BTreeMap, BTreeSet};

use ecs_sim::model::{
    Cluster, ContainerInstanceId, ContainerInstanceStatus, LaunchType, Task, TaskStatus,
};
use ecs_sim::simulation::Record;
use ecs_sim::units::SimTime;

use crate::harness::Ran;

/// All tasks, by their place in the order of submission.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    live: BTreeMap<u64, (TaskStatus, SimTime)>,
    /// Live ones that have reached RUNNING.
    started: BTreeSet<u64>,
    submitted: u64,
    given_up: u64,
    /// That had a place.
    placed: u64,
    ended: u64,
}

impl Tasks {
    pub(super) fn follow(&mut self, now: SimTime, record: &Record<'_>, cluster: &Cluster) {
        match *record {
            Record::TaskSubmitted { task, .. } => {
                let row = cluster.task(task);
                assert_eq!(row.submitted_at, now);
                let first = (TaskStatus::Provisioning, now);
                let known = self.live.insert(row.serial, first);
                assert_eq!((known, row.last_status), (None, TaskStatus::Provisioning));
                self.submitted += 1;
            }
            Record::TaskPlaced { task, instance } => {
                let row = cluster.task(task);
                self.goes(now, row, TaskStatus::Pending);
                check_place(row, instance, cluster);
                self.placed += 1;
            }
            Record::TaskPlacedOnFargate { task } => {
                let row = cluster.task(task);
                self.goes(now, row, TaskStatus::Pending);
                assert!(row.fargate.is_some() && row.launch_type == LaunchType::Fargate);
                self.placed += 1;
            }
            Record::TaskStarted { task } => {
                let row = cluster.task(task);
                self.goes(now, row, TaskStatus::Running);
                assert_eq!(row.started_at, Some(now));
                self.started.insert(row.serial);
            }
            Record::TaskStopping { task } | Record::TaskStatusChanged { task } => {
                let row = cluster.task(task);
                self.goes(now, row, row.last_status);
            }
            Record::TaskGivenUp { task, .. } => {
                let (was, _) = self.live.remove(&task.serial).expect("a live task");
                assert_eq!(was, TaskStatus::Provisioning);
                self.given_up += 1;
            }
            Record::TaskStopped { task } => {
                self.goes(now, task, TaskStatus::Stopped);
                let had_place = task.instance.is_some() || task.fargate.is_some();
                assert_eq!(had_place, task.placed_at.is_some());
                let (stop, started) = (task.stop.is_some(), task.started_at);
                assert!(stop && started.is_none_or(|at| Some(at) >= task.placed_at));
                self.live.remove(&task.serial);
                self.started.remove(&task.serial);
                self.ended += 1;
            }
            Record::InstanceTerminated { instance, .. } => {
                let mut live = cluster.live_tasks();
                assert!(!live.any(|(_, row)| row.instance == Some(instance)));
            }
            _ => {}
        }
    }

    /// A task goes on to a state: never back, and never twice into one.
    fn goes(&mut self, now: SimTime, row: &Task, to: TaskStatus) {
        let book = self.live.get_mut(&row.serial).expect("a live task");
        let (was, since) = *book;
        assert_eq!(row.last_status, to);
        assert!(to > was && now >= since, "{to:?} after {was:?}");
        *book = (to, now);
    }

    /// The cluster agrees, and no task is where it cannot be.
    pub(super) fn audit(&self, cluster: &Cluster) {
        assert_eq!(self.live.len(), cluster.live_task_count());
        for (_, row) in cluster.live_tasks() {
            assert_eq!(row.last_status, self.live[&row.serial].0);
            if let Some(on) = row.instance {
                let registered = cluster.registered().binary_search(&on).is_ok();
                assert!(
                    registered,
                    "task {} is on {on}, which has ended",
                    row.serial
                );
            }
        }
    }

    /// Summary and files count the same.
    pub(super) fn close(&self, ran: &Ran) {
        let counts = &ran.run.tasks;
        let size = |count: usize| u64::try_from(count).expect("few tasks");
        let waits = |book: &&(TaskStatus, SimTime)| book.0 == TaskStatus::Provisioning;
        let waiting = self.live.values().filter(waits).count();
        let ended = counts.succeeded + counts.failed + counts.interrupted + counts.stopped;
        let placed = counts.placed;
        assert_eq!(counts.submitted, self.submitted);
        assert_eq!((counts.not_placed, placed), (self.given_up, self.placed));
        assert_eq!(counts.waiting, size(waiting));
        assert_eq!(counts.running, size(self.started.len()));
        // Those that stop before they have run are among them.
        let starting = self.live.len() - waiting - self.started.len();
        assert_eq!(counts.starting, size(starting));
        assert_eq!(ended, self.ended);
        let states = counts.waiting + counts.starting + counts.running;
        assert_eq!(counts.submitted, counts.not_placed + states + ended);
        let of_entries = ran.run.entries.iter().map(|(_, of)| of.submitted);
        assert_eq!(of_entries.sum::<u64>(), counts.submitted);
        check_rows(ran);
    }
}

/// A task is placed where it may be: on an instance that is ACTIVE with its agent, of its launch
/// type or its provider.
fn check_place(row: &Task, on: ContainerInstanceId, cluster: &Cluster) {
    let (instance, profile) = (cluster.instance(on), cluster.profile(on));
    assert!(cluster.registered().binary_search(&on).is_ok());
    assert_eq!(instance.status, ContainerInstanceStatus::Active);
    assert!(instance.agent_connected, "placed where the agent is silent");
    assert_eq!(row.instance, Some(on));
    match row.capacity_provider {
        Some(_) => assert_eq!(profile.capacity_provider, row.capacity_provider),
        None => assert_eq!(profile.launch_type, row.launch_type),
    }
}

/// The rows of `tasks.csv`: times in order, and as many of each status as the summary has.
fn check_rows(ran: &Ran) {
    let columns = ["submitted_ms", "placed_ms", "started_ms", "stopped_ms"];
    let columns = columns.map(|name| ran.task_column(name));
    let ids = ran.task_column("task_id");
    for (row, id) in ids.iter().enumerate() {
        let times: Vec<u64> = columns
            .iter()
            .filter(|column| !column[row].is_empty())
            .map(|column| column[row].parse().expect("milliseconds"))
            .collect();
        assert!(times.is_sorted(), "{id}: {times:?}");
        assert!(times.iter().all(|at| *at <= ran.run.duration.0));
    }
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "a task has one row");
    let counts = &ran.summary.tasks;
    assert_eq!(u64::try_from(ids.len()), Ok(counts.submitted));
    let statuses = ran.task_column("last_status");
    let stopped = statuses.iter().filter(|status| *status == "STOPPED");
    let ended = counts.succeeded + counts.failed + counts.interrupted + counts.stopped;
    assert_eq!(u64::try_from(stopped.count()), Ok(ended));
    let placed = columns[1].iter().filter(|at| !at.is_empty());
    assert_eq!(u64::try_from(placed.count()), Ok(counts.placed));
}
