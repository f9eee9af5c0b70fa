//! The life of one task between its placement and STOPPED: what `cloud` plans for it is put into
//! the queue here.
//!
//! A task that nothing is known of but its latencies takes the short way: PENDING, RUNNING,
//! STOPPING, STOPPED. One with a scenario's images, behaviors, file systems, or with containers
//! that wait for one another or are checked, has a plan.

use crate::cloud::agent::{Launch, RunPlan, StartEnd, plan_run, plan_start, stop_duration};
use crate::cloud::behavior::{Fate, TaskStart};
use crate::cloud::fargate::SPOT_WARNING;
use crate::cloud::file_system::check_mounts;
use crate::cloud::image_pull::{ImageCaches, ImageId, PullOutcome, PullRequest};
use crate::kernel::{Distribution, StreamFamily};
use crate::model::{
    ContainerInstanceId, NetworkMode, Stop, StoppedReason, TaskDefinition, TaskDefinitionId,
    TaskId, TaskStatus, TaskStopCode,
};
use crate::scenario::Scenario;
use crate::units::{Millis, index};

use super::fargate::AGENT_SETTINGS;
use super::{Event, Observer, Record, Simulation, TaskRef};

/// What is planned for tasks that do not take the short way.
pub(super) struct Plans {
    /// By row of the table of live tasks.
    rows: Vec<Option<Box<Plan>>>,
    caches: ImageCaches,
    /// By task definition: whether its containers make a plan necessary.
    intricate: Vec<bool>,
    /// By entry or service.
    behavior_draws: Vec<StreamFamily>,
    /// The same for network interfaces that are given back.
    detach_draws: Vec<StreamFamily>,
}

/// What is planned for a task.
#[derive(Debug)]
struct Plan {
    /// Why it does not reach RUNNING.
    failure: Option<Stop>,
    run: Option<RunPlan>,
    /// From the stop signal to the end of its containers.
    stop_latency: Millis,
    /// Images that its containers hold.
    images: Vec<ImageId>,
}

impl Plans {
    pub(super) fn new(scenario: &Scenario, streams: &crate::kernel::Streams) -> Self {
        let images = scenario.images.clone();
        let definitions = scenario.task_definitions.iter();
        let families = |purpose: &'static str| {
            let names = scenario.entry_names();
            names.map(move |name| streams.family(purpose, &format!("{name}/")))
        };
        Self {
            rows: Vec::new(),
            caches: ImageCaches::new(scenario.image_pull, images),
            intricate: definitions.map(is_intricate).collect(),
            behavior_draws: families("behavior").collect(),
            detach_draws: families("network-interface").collect(),
        }
    }

    fn set(&mut self, task: TaskId, plan: Plan) {
        if self.rows.len() <= task.index() {
            self.rows.resize_with(task.index() + 1, || None);
        }
        self.rows[task.index()] = Some(Box::new(plan));
    }

    fn get(&self, task: TaskId) -> Option<&Plan> {
        self.rows.get(task.index())?.as_deref()
    }

    /// What a task's run is planned to be, if it has a plan.
    pub(super) fn run(&self, task: TaskId) -> Option<&RunPlan> {
        self.get(task)?.run.as_ref()
    }

    /// An instance's agent starts, without any image.
    pub(super) fn instance_registers(
        &mut self,
        on: ContainerInstanceId,
        at: crate::units::SimTime,
    ) {
        self.caches.start_agent(on, at);
    }

    /// An instance is gone, and its images with it.
    pub(super) fn instance_ends(&mut self, on: ContainerInstanceId) {
        self.caches.forget(on);
    }
}

/// Whether the containers of a definition wait for one another, are checked, or mount what may not
/// be mountable.
fn is_intricate(definition: &TaskDefinition) -> bool {
    let containers = &definition.containers;
    !definition.efs_file_systems.is_empty()
        || containers
            .iter()
            .any(|container| !container.depends_on.is_empty() || container.health_check.is_some())
}

impl Simulation<'_> {
    /// Does to a task what an event means, if the task is still there and in the state that the
    /// event was planned for.
    pub(super) fn befall_task<O: Observer>(
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

    /// A task has been placed: its launch is planned.
    pub(super) fn launch(&mut self, task: TaskId, observer: &mut impl Observer) {
        let Some(end) = self.plan_launch(task) else {
            let latency = self.cluster.task(task).start_latency;
            if latency.0 == 0 {
                self.task_starts(task, observer);
            } else {
                self.schedule_for(task, latency, Event::TaskStarts);
            }
            return;
        };
        let (at, event): (_, fn(TaskRef) -> Event) = match end {
            StartEnd::Running(at) => (at, Event::TaskStarts),
            StartEnd::Fails { at, .. } => (at, Event::TaskFailsToStart),
        };
        self.task_activates(task, observer);
        let span = at.since(self.now);
        match (span.0, end) {
            (0, StartEnd::Running(_)) => self.task_starts(task, observer),
            _ => self.schedule_for(task, span, event),
        }
    }

    /// Plans the launch of a task that does not take the short way, and how it ends.
    fn plan_launch(&mut self, task: TaskId) -> Option<StartEnd> {
        let scenario = self.scenario;
        let row = self.cluster.task(task);
        let known = |id: TaskDefinitionId| (id, &scenario.task_definitions[id.index()]);
        let definition = row.definition.map(known);
        let intricate = definition.is_some_and(|(id, _)| self.plans.intricate[id.index()])
            || !scenario.images.is_empty()
            || row.fargate.is_some();
        if !intricate && scenario.task_behaviors.is_empty() {
            return None;
        }
        let start = TaskStart {
            definition,
            entry: row.entry,
            number: row.number,
            placed_at: self.now,
        };
        let mut stream =
            self.plans.behavior_draws[row.entry.index()].open_attempt(row.number, row.attempt);
        let fate = Fate::of(&scenario.task_behaviors, &start, &mut stream);
        if !intricate && fate.is_none() {
            return None;
        }
        let fate = fate.unwrap_or_default();
        let launch = Launch {
            definition: definition.map(|(_, definition)| definition),
            placed_at: self.now,
            start_latency: row.start_latency,
            fate: &fate,
            settings: match row.fargate {
                Some(_) => &AGENT_SETTINGS,
                None => &scenario.agent_settings,
            },
        };
        Some(self.plan_start_and_run(task, &launch))
    }

    fn plan_start_and_run(&mut self, task: TaskId, launch: &Launch<'_>) -> StartEnd {
        let scenario = self.scenario;
        let row = self.cluster.task(task);
        let (on, runtime) = (row.instance, row.runtime);
        let stop_latency = stop_duration(launch, row.stop_latency);
        let containers = launch
            .definition
            .map_or(&[][..], |definition| &definition.containers);
        let request = PullRequest {
            now: self.now,
            after: Millis::ZERO,
            registry_available: self.registries_down == 0,
            slowness: self.registry_slowness(),
            has_execution_role: launch
                .definition
                .is_some_and(|definition| definition.execution_role),
        };
        // A task without a definition has a container, but nothing says of which image.
        let image_of = |caches: &ImageCaches, place: usize| {
            let container = containers.get(place)?;
            caches.image(&container.image)
        };
        let mut plan = match on {
            None => self.plan_start_on_fargate(launch, request),
            Some(on) => {
                let caches = &mut self.plans.caches;
                plan_start(launch, &mut |place, after| match image_of(caches, place) {
                    Some(image) => caches.pull(on, image, &PullRequest { after, ..request }),
                    None => PullOutcome::AT_ONCE,
                })
            }
        };
        let zone = self.cluster.zone_of(self.cluster.task(task));
        let zone = zone.expect("a placed task has a zone");
        let mounts = launch.definition.map_or(Ok(()), |definition| {
            check_mounts(definition, &scenario.file_systems, zone)
        });
        if let (Err(stop), StartEnd::Running(at)) = (mounts, plan.end) {
            plan.end = StartEnd::Fails { at, stop };
        }
        let held = plan.containers.iter().enumerate();
        let images = held
            .filter(|(_, container)| container.holds_image)
            .filter_map(|(place, _)| image_of(&self.plans.caches, place));
        let images = images.collect();
        let failure = match plan.end {
            StartEnd::Running(_) => None,
            StartEnd::Fails { stop, .. } => Some(stop),
        };
        let planned = Plan {
            failure,
            run: plan_run(launch, &plan, runtime),
            stop_latency,
            images,
        };
        self.plans.set(task, planned);
        plan.end
    }

    /// The launch of a task begins: images are pulled, containers start.
    fn task_activates(&mut self, task: TaskId, observer: &mut impl Observer) {
        self.cluster.activate_task(task, self.now);
        self.reclassify(task);
        let record = Record::TaskStatusChanged { task };
        observer.record(self.now, &record, &self.cluster);
    }

    /// A task on its way does not reach RUNNING.
    pub(super) fn task_fails_to_start(&mut self, task: TaskId, observer: &mut impl Observer) {
        let planned = self.plans.get(task).and_then(|plan| plan.failure);
        let stop = planned.expect("a failure to start is planned");
        self.cluster.begin_stop(task, stop, TaskStatus::Stopping);
        self.reclassify(task);
        observer.record(self.now, &Record::TaskStopping { task }, &self.cluster);
        self.task_stopped(task, observer);
    }

    /// A task on its way reaches RUNNING; its runtime counts from here.
    pub(super) fn task_starts(&mut self, task: TaskId, observer: &mut impl Observer) {
        self.meter_owner(task);
        self.cluster.start_task(task, self.now);
        self.reclassify(task);
        observer.record(self.now, &Record::TaskStarted { task }, &self.cluster);
        let planned = self.plans.run(task).map(|run| run.end);
        let end = if let Some(end) = planned {
            end.map(|(at, _)| at)
        } else {
            let runtime = self.cluster.task(task).runtime;
            runtime.map(|runtime| self.now.saturating_add(runtime))
        };
        if let Some(at) = end {
            self.schedule_for(task, at.since(self.now), Event::TaskStops);
        }
        self.service_task_started(task);
    }

    /// A task ends by itself: its work is over, or an essential container has exited.
    pub(super) fn task_stops(&mut self, task: TaskId, observer: &mut impl Observer) {
        self.meter_owner(task);
        self.deregister_targets(task);
        let end = self.plans.run(task).and_then(|run| run.end);
        let stop = end.map_or(Stop::FINISHED, |(_, stop)| stop);
        self.cluster.begin_stop(task, stop, TaskStatus::Stopping);
        self.reclassify(task);
        observer.record(self.now, &Record::TaskStopping { task }, &self.cluster);
        self.end_containers(task, observer);
        self.note_service_of(task);
    }

    /// A task is asked to stop. One that has no place yet is STOPPED at once; any other first it
    /// leaves its target groups, then its containers are stopped.
    pub(super) fn stop_task(&mut self, task: TaskId, stop: Stop, observer: &mut impl Observer) {
        if self.is_provisioning(task) {
            self.stop_provisioning(task, stop, observer);
            return;
        }
        let delay = self.deregistration_delay(task);
        self.stop_after(task, stop, delay, observer);
    }

    /// The capacity of a placed task is taken back: it leaves its target groups, and its
    /// containers are stopped at once.
    pub(super) fn stop_at_once(&mut self, task: TaskId, stop: Stop, observer: &mut impl Observer) {
        self.stop_after(task, stop, Millis::ZERO, observer);
    }

    /// A placed task leaves its target groups, and after a delay its containers are stopped.
    fn stop_after(
        &mut self,
        task: TaskId,
        stop: Stop,
        delay: Millis,
        observer: &mut impl Observer,
    ) {
        self.meter_owner(task);
        self.deregister_targets(task);
        let status = if delay.0 > 0 {
            TaskStatus::Deactivating
        } else {
            TaskStatus::Stopping
        };
        self.cluster.begin_stop(task, stop, status);
        self.reclassify(task);
        observer.record(self.now, &Record::TaskStopping { task }, &self.cluster);
        self.note_service_of(task);
        if delay.0 > 0 {
            self.schedule_for(task, delay, Event::TaskDeactivated);
            self.places_may_open();
        } else {
            self.end_containers(task, observer);
        }
    }

    /// What a task runs on is lost: it ends at once.
    pub(super) fn end_with_host(
        &mut self,
        task: TaskId,
        reason: StoppedReason,
        observer: &mut impl Observer,
    ) {
        if self.cluster.task(task).last_status.is_to_run() {
            let code = TaskStopCode::TerminationNotice;
            self.meter_owner(task);
            self.cluster
                .begin_stop(task, Stop { code, reason }, TaskStatus::Stopping);
            self.reclassify(task);
            observer.record(self.now, &Record::TaskStopping { task }, &self.cluster);
        }
        self.task_stopped(task, observer);
    }

    /// A task is deregistered from its targets: its containers are stopped.
    pub(super) fn task_deactivated(&mut self, task: TaskId, observer: &mut impl Observer) {
        self.cut_deregistration_short(task, Millis(u64::MAX), observer);
    }

    /// A task that is DEACTIVATING waits for its targets no longer: its containers are stopped,
    /// and gone after a span at most.
    pub(super) fn cut_deregistration_short(
        &mut self,
        task: TaskId,
        most: Millis,
        observer: &mut impl Observer,
    ) {
        self.cluster.go_on_stopping(task, TaskStatus::Stopping);
        self.reclassify(task);
        let record = Record::TaskStatusChanged { task };
        observer.record(self.now, &record, &self.cluster);
        self.end_containers_within(task, most, observer);
    }

    fn end_containers(&mut self, task: TaskId, observer: &mut impl Observer) {
        let stop = self.cluster.task(task).stop;
        let is_interrupted = stop.is_some_and(|stop| stop.code == TaskStopCode::SpotInterruption);
        // However many containers wait for one another, the capacity goes.
        let most = if is_interrupted {
            SPOT_WARNING
        } else {
            Millis(u64::MAX)
        };
        self.end_containers_within(task, most, observer);
    }

    fn end_containers_within(&mut self, task: TaskId, most: Millis, observer: &mut impl Observer) {
        let latency = match self.plans.get(task) {
            Some(plan) => plan.stop_latency,
            None => self.cluster.task(task).stop_latency,
        };
        let latency = latency.min(most);
        if latency.0 == 0 {
            self.containers_ended(task, observer);
        } else {
            self.schedule_for(task, latency, Event::TaskStopped);
            self.places_may_open();
        }
    }

    /// The containers of a task have ended, or its network interface is gone: one that has an
    /// interface of its own is DEPROVISIONING between the two, where that takes any time.
    pub(super) fn containers_ended(&mut self, task: TaskId, observer: &mut impl Observer) {
        let law = &self.scenario.network_interface_detach;
        let row = self.cluster.task(task);
        let in_awsvpc = row.definition.is_some_and(|id| {
            self.scenario.task_definitions[id.index()].network_mode == NetworkMode::Awsvpc
        });
        let has_interface = in_awsvpc || row.fargate.is_some();
        let over = row.last_status == TaskStatus::Deprovisioning;
        if over || !has_interface || *law == Distribution::Fixed(Millis::ZERO) {
            self.task_stopped(task, observer);
            return;
        }
        let mut stream =
            self.plans.detach_draws[row.entry.index()].open_attempt(row.number, row.attempt);
        let span = law.sample(&mut stream);
        self.cluster
            .go_on_stopping(task, TaskStatus::Deprovisioning);
        self.reclassify(task);
        let record = Record::TaskStatusChanged { task };
        observer.record(self.now, &record, &self.cluster);
        self.schedule_for(task, span, Event::TaskStopped);
    }

    /// A RUNNING task of a service is about to leave its target groups.
    fn deregister_targets(&mut self, task: TaskId) {
        let Some(owned) = self.services.task(task) else {
            return;
        };
        let service = owned.service;
        let running = self.cluster.task(task).last_status.is_running();
        if running && !self.service_spec(service).target_groups.is_empty() {
            self.services.targets_moved.entry(service).or_default().1 += 1;
        }
    }

    /// A task's group no longer counts it: a `distinctInstance` task may fit now.
    fn places_may_open(&mut self) {
        self.waiting_may_fit();
        self.services_may_fit();
    }

    /// A stopping task reaches STOPPED: its resources are free.
    pub(super) fn task_stopped(&mut self, task: TaskId, observer: &mut impl Observer) {
        let template = self.cluster.task(task).template;
        let ports = &self.placer.template(template).ports;
        let stopped = self.cluster.finish_stop(task, ports);
        let record = Record::TaskStopped { task: &stopped };
        observer.record(self.now, &record, &self.cluster);
        if let (Some(plan), Some(on)) = (self.take_plan(task), stopped.instance) {
            for image in plan.images {
                self.plans.caches.release(on, image, self.now);
            }
        }
        self.waiting_may_fit();
        self.note_retry(&stopped);
        self.drained(stopped.instance);
        if !self.services.list.is_empty() {
            self.service_task_stopped(task, &stopped, observer);
            self.services_may_fit();
            self.drained_further(stopped.instance);
        }
    }

    fn take_plan(&mut self, task: TaskId) -> Option<Box<Plan>> {
        self.plans.rows.get_mut(task.index())?.take()
    }

    /// How long a task is deregistered from its target groups before it is stopped: one that is
    /// not RUNNING has not been registered.
    fn deregistration_delay(&self, task: TaskId) -> Millis {
        let Some(owned) = self.services.task(task) else {
            return Millis::ZERO;
        };
        if !self.cluster.task(task).last_status.is_running() {
            return Millis::ZERO;
        }
        let groups = self.service_spec(owned.service).target_groups.iter();
        groups
            .map(|group| self.scenario.target_groups[index(group.0)].deregistration_delay)
            .max()
            .unwrap_or_default()
    }

    /// Schedules what happens to a task a span from now.
    pub(super) fn schedule_for(&mut self, task: TaskId, span: Millis, event: fn(TaskRef) -> Event) {
        let reference = TaskRef::new(task, self.cluster.task(task));
        self.schedule(self.now.saturating_add(span), event(reference));
    }
}
