//! The cluster: the one owner of instances and live tasks. Every change is a named method that
//! keeps the sums, and is noted in a log of changed instances that indexes catch up from.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::units::{SimTime, id};

use super::container_instance::{ContainerInstance, ContainerInstanceStatus, Profile, ProfileId};
use super::fargate::{FargatePlace, FargateTasks};
use super::ids::{ContainerInstanceId, GroupId, TaskId};
use super::instance_type::InstanceType;
use super::stop::Stop;
use super::task::{Task, TaskStatus};
use super::task_definition::Ports;

/// One change of an instance: its amounts, ports, tasks or status are no longer what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which instance.
    pub instance: ContainerInstanceId,
    /// A group that gained (+1) or lost (-1) a task with desired status RUNNING there.
    pub group: Option<(GroupId, i8)>,
}

/// All container instances and live tasks, and what they are called.
#[derive(Debug, Clone)]
pub struct Cluster {
    start: Timestamp,
    instance_types: Vec<InstanceType>,
    profiles: Vec<Profile>,
    instances: Vec<ContainerInstance>,
    registered: Vec<ContainerInstanceId>,
    tasks: Vec<Option<Task>>,
    free_task_rows: Vec<TaskId>,
    live_tasks: usize,
    fargate: FargateTasks,
    groups: Vec<String>,
    groups_by_name: BTreeMap<String, GroupId>,
    changes: Vec<Change>,
    changes_dropped: u64,
}

impl Cluster {
    /// An empty cluster. `start` is what time 0 is on the calendar.
    pub fn new(start: Timestamp, instance_types: Vec<InstanceType>) -> Self {
        Self {
            start,
            instance_types,
            profiles: Vec::new(),
            instances: Vec::new(),
            registered: Vec::new(),
            tasks: Vec::new(),
            free_task_rows: Vec::new(),
            live_tasks: 0,
            fargate: FargateTasks::default(),
            groups: Vec::new(),
            groups_by_name: BTreeMap::new(),
            changes: Vec::new(),
            changes_dropped: 0,
        }
    }

    /// The same with zones that Fargate tasks may run in.
    #[must_use]
    pub fn with_fargate_zones(mut self, zones: &[String]) -> Self {
        self.fargate = FargateTasks::new(zones);
        self
    }

    /// What time 0 is on the calendar.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The instance types in use.
    pub fn instance_types(&self) -> &[InstanceType] {
        &self.instance_types
    }

    /// Every instance that ever registered, by id.
    pub fn instances(&self) -> &[ContainerInstance] {
        &self.instances
    }

    /// One instance.
    #[inline]
    pub fn instance(&self, id: ContainerInstanceId) -> &ContainerInstance {
        &self.instances[id.index()]
    }

    /// What an instance shares with its like.
    #[inline]
    pub fn profile(&self, id: ContainerInstanceId) -> &Profile {
        self.profile_by_id(self.instance(id).profile)
    }

    /// A profile by its id.
    #[inline]
    pub fn profile_by_id(&self, id: ProfileId) -> &Profile {
        &self.profiles[crate::units::index(id.0)]
    }

    /// The instances that are registered now, in order of registration.
    pub fn registered(&self) -> &[ContainerInstanceId] {
        &self.registered
    }

    /// A live task.
    ///
    /// # Panics
    /// When the task has stopped: its row is then another's.
    #[inline]
    pub fn task(&self, id: TaskId) -> &Task {
        self.tasks[id.index()].as_ref().expect("a live task")
    }

    /// The task of a row, if it is alive.
    #[inline]
    pub fn live_task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(id.index())?.as_ref()
    }

    /// All live tasks.
    pub fn live_tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.tasks
            .iter()
            .enumerate()
            .filter_map(|(row, task)| task.as_ref().map(|task| (TaskId(id(row)), task)))
    }

    /// Puts live tasks in the order of their submission. That of their rows tells of other tasks:
    /// rows are used again.
    pub fn sort_by_submission(&self, tasks: &mut [TaskId]) {
        tasks.sort_unstable_by_key(|task| self.task(*task).serial);
    }

    /// How many tasks are alive.
    pub fn live_task_count(&self) -> usize {
        self.live_tasks
    }

    /// The Fargate tasks.
    pub fn fargate(&self) -> &FargateTasks {
        &self.fargate
    }

    /// The zone of a task that was placed.
    pub fn zone_of(&self, task: &Task) -> Option<&str> {
        let on_instance = task.instance.map(|on| self.profile(on).availability_zone());
        on_instance.or_else(|| task.fargate.map(|on| self.fargate.zone_name(on.zone)))
    }

    /// The name of a group.
    pub fn group_name(&self, group: GroupId) -> &str {
        &self.groups[group.index()]
    }

    /// The group of a name, if any task or template named it.
    pub fn group(&self, name: &str) -> Option<GroupId> {
        self.groups_by_name.get(name).copied()
    }

    /// The group of a name, new if need be.
    pub fn intern_group(&mut self, name: &str) -> GroupId {
        if let Some(known) = self.groups_by_name.get(name) {
            return *known;
        }
        let group = GroupId(id(self.groups.len()));
        self.groups.push(name.to_owned());
        self.groups_by_name.insert(name.to_owned(), group);
        group
    }

    /// Adds a profile, or finds its equal.
    pub fn intern_profile(&mut self, profile: Profile) -> ProfileId {
        let known = self.profiles.iter().position(|other| *other == profile);
        let row = known.unwrap_or_else(|| {
            self.profiles.push(profile);
            self.profiles.len() - 1
        });
        ProfileId(id(row))
    }

    /// Registers an instance, which gets the next id.
    pub fn register(&mut self, instance: ContainerInstance) -> ContainerInstanceId {
        let new = ContainerInstanceId(id(self.instances.len()));
        self.instances.push(instance);
        self.registered.push(new);
        self.note(new, None);
        new
    }

    /// Deregisters an instance that hosts nothing any more.
    ///
    /// # Panics
    /// When tasks are still placed on it.
    pub fn deregister(&mut self, instance: ContainerInstanceId) {
        let row = &mut self.instances[instance.index()];
        assert!(
            row.live_tasks == 0 && row.remaining == row.registered,
            "an instance deregisters empty"
        );
        row.status = ContainerInstanceStatus::Inactive;
        let place = self
            .registered
            .binary_search(&instance)
            .expect("it is registered");
        self.registered.remove(place);
        self.note(instance, None);
    }

    /// Takes in a submitted task.
    pub fn submit(&mut self, task: Task) -> TaskId {
        assert_eq!(
            task.last_status,
            TaskStatus::Provisioning,
            "a new task waits for room"
        );
        self.live_tasks += 1;
        if let Some(row) = self.free_task_rows.pop() {
            self.tasks[row.index()] = Some(task);
            return row;
        }
        self.tasks.push(Some(task));
        TaskId(id(self.tasks.len() - 1))
    }

    /// Places a waiting task: reserves its needs and ports. It is PENDING from here on.
    ///
    /// # Panics
    /// When the instance lacks room: placement has checked it.
    pub fn place(&mut self, task: TaskId, on: ContainerInstanceId, ports: &Ports, now: SimTime) {
        let row = self.tasks[task.index()].as_mut().expect("a live task");
        assert_eq!(
            row.last_status,
            TaskStatus::Provisioning,
            "a task is placed once"
        );
        let instance = &mut self.instances[on.index()];
        instance.remaining = instance.remaining.minus(&row.needs);
        instance.live_tasks += 1;
        row.dynamic_ports = instance.ports.take(ports);
        instance.count_in(row.group);
        row.last_status = TaskStatus::Pending;
        row.instance = Some(on);
        row.placed_at = Some(now);
        let group = row.group;
        self.note(on, Some((group, 1)));
    }

    /// Places a waiting task on Fargate. It is PENDING from here on.
    pub fn place_on_fargate(&mut self, task: TaskId, place: FargatePlace, now: SimTime) {
        let row = self.tasks[task.index()].as_mut().expect("a live task");
        assert_eq!(
            row.last_status,
            TaskStatus::Provisioning,
            "a task is placed once"
        );
        row.last_status = TaskStatus::Pending;
        row.fargate = Some(place);
        row.placed_at = Some(now);
        self.fargate.place(row, place);
    }

    /// A pending task is being launched: its images are pulled, its containers start.
    pub fn activate_task(&mut self, task: TaskId, now: SimTime) {
        let row = self.tasks[task.index()].as_mut().expect("a live task");
        assert_eq!(
            row.last_status,
            TaskStatus::Pending,
            "only a pending task is launched"
        );
        row.last_status = TaskStatus::Activating;
        row.pull_started_at = Some(now);
    }

    /// A pending or activating task reaches RUNNING.
    pub fn start_task(&mut self, task: TaskId, now: SimTime) {
        let row = self.tasks[task.index()].as_mut().expect("a live task");
        assert!(
            matches!(
                row.last_status,
                TaskStatus::Pending | TaskStatus::Activating
            ),
            "only a task on its way starts"
        );
        row.last_status = TaskStatus::Running;
        row.started_at = Some(now);
    }

    /// The desired status of a placed task becomes STOPPED, once and for one reason: it no longer
    /// counts for its group, its resources stay reserved. `status` is where it stands from now:
    /// DEACTIVATING, STOPPING or DEPROVISIONING.
    pub fn begin_stop(&mut self, task: TaskId, stop: Stop, status: TaskStatus) {
        let row = self.tasks[task.index()].as_mut().expect("a live task");
        assert!(
            row.last_status.is_to_run() && !status.is_to_run(),
            "a task is asked to stop once"
        );
        row.last_status = status;
        row.stop = Some(stop);
        if let Some(place) = row.fargate {
            self.fargate.begin_stop(row, place);
            return;
        }
        let (on, group) = (
            row.instance.expect("a placed task has an instance"),
            row.group,
        );
        self.instances[on.index()].count_out(group);
        self.note(on, Some((group, -1)));
    }

    /// A task that stops goes on to a later state before STOPPED.
    pub fn go_on_stopping(&mut self, task: TaskId, status: TaskStatus) {
        let row = self.tasks[task.index()].as_mut().expect("a live task");
        assert!(
            row.stop.is_some() && row.last_status < status && status < TaskStatus::Stopped,
            "states of a stop follow one another"
        );
        row.last_status = status;
    }

    /// A task that stops reaches STOPPED: its resources and ports come back, its row is free. The
    /// task as it was is returned.
    pub fn finish_stop(&mut self, task: TaskId, ports: &Ports) -> Task {
        let mut row = self.tasks[task.index()].take().expect("a live task");
        assert!(row.stop.is_some(), "only a stopping task is stopped");
        row.last_status = TaskStatus::Stopped;
        if let Some(place) = row.fargate {
            self.fargate.finish_stop(&row, place);
            self.forget(task);
            return row;
        }
        let on = row.instance.expect("a stopping task has an instance");
        let instance = &mut self.instances[on.index()];
        instance.remaining = instance.remaining.plus(&row.needs);
        instance.live_tasks -= 1;
        instance.ports.release(ports, &row.dynamic_ports);
        self.forget(task);
        self.note(on, None);
        row
    }

    /// Sets an instance DRAINING, or ACTIVE again (UpdateContainerInstancesState).
    pub fn set_draining(&mut self, instance: ContainerInstanceId, draining: bool) {
        let row = &mut self.instances[instance.index()];
        assert_ne!(
            row.status,
            ContainerInstanceStatus::Inactive,
            "only a registered instance drains"
        );
        row.status = if draining {
            ContainerInstanceStatus::Draining
        } else {
            ContainerInstanceStatus::Active
        };
        self.note(instance, None);
    }

    /// Notes whether the agent of an instance is connected.
    pub fn set_agent_connected(&mut self, instance: ContainerInstanceId, connected: bool) {
        self.instances[instance.index()].agent_connected = connected;
        self.note(instance, None);
    }

    /// A waiting task is given up: it was refused and is never tried again.
    pub fn give_up(&mut self, task: TaskId) -> Task {
        let row = self.tasks[task.index()].take().expect("a live task");
        assert_eq!(
            row.last_status,
            TaskStatus::Provisioning,
            "only a waiting task is given up"
        );
        self.forget(task);
        row
    }

    /// A task that waits for capacity is stopped: it never had a place. The task as it was is
    /// returned.
    pub fn stop_waiting(&mut self, task: TaskId, stop: Stop) -> Task {
        let mut row = self.tasks[task.index()].take().expect("a live task");
        assert_eq!(
            row.last_status,
            TaskStatus::Provisioning,
            "only a waiting task stops without a place"
        );
        row.last_status = TaskStatus::Stopped;
        row.stop = Some(stop);
        self.forget(task);
        row
    }

    fn forget(&mut self, task: TaskId) {
        self.free_task_rows.push(task);
        self.live_tasks -= 1;
    }

    /// The number of changes so far: a place in the log to catch up from later.
    #[inline]
    pub fn change_count(&self) -> u64 {
        self.changes_dropped + u64::from(id(self.changes.len()))
    }

    /// The changes since a place in the log; `None` when they are no longer kept, and whoever
    /// asks has to look at every instance again.
    #[inline]
    pub fn changes_since(&self, place: u64) -> Option<&[Change]> {
        let from = usize::try_from(place.checked_sub(self.changes_dropped)?).ok()?;
        self.changes.get(from..)
    }

    fn note(&mut self, instance: ContainerInstanceId, group: Option<(GroupId, i8)>) {
        // Whoever has missed as many changes as there are instances looks at all of them again.
        let keep = self.instances.len().max(1_024);
        if self.changes.len() >= 2 * keep {
            let dropped = self.changes.len() - keep;
            self.changes.drain(..dropped);
            self.changes_dropped += u64::from(id(dropped));
        }
        self.changes.push(Change { instance, group });
    }
}
