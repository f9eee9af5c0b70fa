//! The observer that writes a run down.

mod blank_run;
mod capacity;
mod changes;
mod fargate;
mod finish;
mod strategies;

use crate::kernel::Digest;
use crate::model::{
    Cluster, ContainerInstanceId, FargateCapacity, LaunchType, Task, TaskId, TaskStatus,
};
use crate::placement::{NearestMiss, Reasons};
use crate::scenario::Scenario;
use crate::simulation::{Observer, Record};
use crate::units::{NanoUsd, SimTime};

use super::capacity::Capacity;
use super::fargate::FargateLedger;
use super::first_hour::FirstHour;
use super::incidents::Incidents;
use super::instances::{InstanceFacts, Instances};
use super::load_balancers::LoadBalancers;
use super::lower_bound::LowerBound;
use super::per_resource::PerResource;
use super::placements::{Placements, ShapeCounts};
use super::prices::Prices;
use super::run::{Run, TaskCounts};
use super::services::Services;
use super::stranded::StrandedMeter;
use super::tasks::{TaskLedger, TaskOutcome};
use super::timeseries::{Sample, Sampler, WaitingTasks};
use super::waits::Waits;

use blank_run::blank_run;

/// What to keep beyond the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordOptions {
    /// The rows of files: one for every task, for `tasks.csv`; every event of each service and its
    /// samples, for `service_events.csv` and `services.csv`. Without them memory does not grow with
    /// the number of tasks, but for the waits of those that had to wait.
    pub tasks: bool,
}

/// Writes down what happens in a run; see [`Run`]. No option changes a figure or the digest.
#[derive(Debug)]
pub struct Recorder {
    /// The parts of `Run` that the scenario gives; filled in at the end.
    run: Run,
    prices: Prices,
    digest: Digest,
    total: TaskCounts,
    instances: Instances,
    first_hour: FirstHour,
    load_balancers: LoadBalancers,
    capacity: Capacity,
    lower_bound: LowerBound,
    stranded: StrandedMeter,
    shapes_submitted: ShapeCounts,
    shapes_refused: ShapeCounts,
    /// By row of the live table: whether an attempt for the task there was refused.
    refused: Vec<bool>,
    placements: Placements,
    waits: Waits,
    waiting: WaitingTasks,
    sampler: Sampler,
    services: Services,
    fargate: FargateLedger,
    incidents: Incidents,
    ledger: Option<TaskLedger>,
}

/// Tags of records in the digest. They are part of what a digest means: never renumbered.
mod tag {
    pub(super) const INSTANCE_REGISTERED: u64 = 1;
    pub(super) const TASK_SUBMITTED: u64 = 2;
    pub(super) const TASK_PLACED: u64 = 3;
    pub(super) const ATTEMPT_REFUSED: u64 = 4;
    pub(super) const TASK_GIVEN_UP: u64 = 5;
    pub(super) const TASK_STARTED: u64 = 6;
    pub(super) const TASK_STOPPING: u64 = 7;
    pub(super) const TASK_STOPPED: u64 = 8;
    pub(super) const TASK_STATUS: u64 = 9;
    pub(super) const SERVICE_COUNTED: u64 = 10;
    pub(super) const SERVICE_EVENT: u64 = 11;
    pub(super) const SERVICE_PLACEMENT_FAILED: u64 = 12;
    pub(super) const DEPLOYMENT_CHANGED: u64 = 13;
    pub(super) const INSTANCE_CHANGED: u64 = 14;
    pub(super) const INSTANCE_TERMINATED: u64 = 15;
    pub(super) const INCIDENT: u64 = 16;
    pub(super) const SERVICE_MINUTE: u64 = 17;
    pub(super) const SERVICE_SCALED: u64 = 18;
    pub(super) const INSTANCE_NOT_REGISTERED: u64 = 19;
    pub(super) const GROUP_COUNTED: u64 = 20;
    pub(super) const LAUNCH_FAILED: u64 = 21;
    pub(super) const REBALANCE_RECOMMENDED: u64 = 22;
    pub(super) const SPOT_NOTICE: u64 = 23;
    pub(super) const PROVIDER_MINUTE: u64 = 24;
    pub(super) const TASK_PLACED_ON_FARGATE: u64 = 40;
}

impl Recorder {
    /// A recorder for one run of the scenario.
    pub fn new(scenario: &Scenario, options: RecordOptions) -> Self {
        let services = Services::new(scenario, options.tasks);
        Self {
            run: blank_run(scenario, services.chains()),
            prices: Prices::of(scenario),
            digest: Digest::new(),
            total: TaskCounts::default(),
            instances: Instances::default(),
            first_hour: FirstHour::default(),
            load_balancers: LoadBalancers::new(scenario),
            capacity: Capacity::new(scenario, options.tasks),
            lower_bound: LowerBound::of(scenario),
            stranded: StrandedMeter::default(),
            shapes_submitted: ShapeCounts::default(),
            shapes_refused: ShapeCounts::default(),
            refused: Vec::new(),
            placements: Placements::default(),
            waits: Waits::default(),
            waiting: WaitingTasks::default(),
            sampler: Sampler::new(scenario.timeseries_period),
            services,
            fargate: FargateLedger::new(scenario),
            incidents: Incidents::new(scenario),
            ledger: options.tasks.then(TaskLedger::default),
        }
    }

    #[inline]
    fn fold(&mut self, at: SimTime, tag: u64, serial: u64, detail: u64) {
        for word in [at.0, tag, serial, detail] {
            self.digest.update(word);
        }
    }

    /// Changes the counts of all tasks and those of the task's entry alike.
    #[inline]
    fn count(&mut self, task: &Task, change: impl Fn(&mut TaskCounts)) {
        change(&mut self.total);
        change(&mut self.run.entries[task.entry.index()].1);
    }

    fn instance_registered(&mut self, at: SimTime, id: ContainerInstanceId, cluster: &Cluster) {
        self.fold(at, tag::INSTANCE_REGISTERED, 0, u64::from(id.0));
        let (row, profile) = (cluster.instance(id), cluster.profile(id));
        let facts = InstanceFacts {
            registered: row.registered,
            registered_at: Some(at),
            ..self.facts_of(id, profile, row.launched_at, cluster)
        };
        self.sampler.launched(row.launched_at, facts.price.clone());
        self.stranded
            .changed(PerResource::all(0), PerResource::amounts(&row.registered));
        self.instances.register(facts);
        self.incidents.instance_changed(at, id, cluster);
    }

    fn task_submitted(&mut self, at: SimTime, id: TaskId, name: Option<&str>, task: &Task) {
        let needs = &task.needs;
        self.fold(
            at,
            tag::TASK_SUBMITTED,
            task.serial,
            u64::from(task.entry.0),
        );
        self.digest
            .update(u64::from(needs.cpu.0) << 32 | u64::from(needs.memory.0));
        self.digest.update(u64::from(needs.gpus));
        self.count(task, |counts| {
            counts.submitted += 1;
            counts.waiting += 1;
        });
        if self.refused.len() <= id.index() {
            self.refused.resize(id.index() + 1, false);
        }
        self.refused[id.index()] = false;
        self.waiting.enter(id, task.serial, at);
        // The shape that stranded capacity is measured by is one of tasks on instances.
        let on_instances = task.launch_type != LaunchType::Fargate;
        if on_instances && self.shapes_refused.is_empty() && self.shapes_submitted.add(needs) {
            self.decide_shape(self.shapes_submitted.commonest());
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.submitted(task, name);
        }
    }

    fn decide_shape(&mut self, shape: Option<PerResource<u64>>) {
        if let Some(shape) = shape {
            self.stranded.decide(shape, self.instances.free());
        }
    }

    #[inline]
    fn task_placed(&mut self, at: SimTime, id: TaskId, on: ContainerInstanceId, task: &Task) {
        self.fold(at, tag::TASK_PLACED, task.serial, u64::from(on.0));
        self.found_a_place(at, id, task);
        self.lower_bound.reserve(&task.needs);
        let (before, after) = self.instances.reserve(at, on, &task.needs);
        self.stranded.changed(before, after);
        if let Some(ledger) = &mut self.ledger {
            let row = ledger.row(task);
            row.placed_at = at.into();
            row.instance = Some(on);
            row.outcome = TaskOutcome::Alive(TaskStatus::Pending);
        }
    }

    /// What a placement means wherever it is.
    #[inline]
    pub(super) fn found_a_place(&mut self, at: SimTime, id: TaskId, task: &Task) {
        self.count(task, |counts| {
            counts.placed += 1;
            counts.waiting -= 1;
            counts.starting += 1;
        });
        let wait = at.since(task.submitted_at).0;
        self.waits.add(wait);
        self.sampler.placed(wait);
        self.waiting.leave(id);
        self.placements.placed();
        self.services.placed(task.entry);
    }

    fn attempt_refused(
        &mut self,
        at: SimTime,
        id: TaskId,
        task: &Task,
        why: (Reasons, Option<NearestMiss>),
    ) {
        let (reasons, nearest_miss) = why;
        self.fold(
            at,
            tag::ATTEMPT_REFUSED,
            task.serial,
            u64::from(reasons.bits()),
        );
        let first = !std::mem::replace(&mut self.refused[id.index()], true);
        self.placements.refused(task, first, reasons, nearest_miss);
        let on_instances = task.launch_type != LaunchType::Fargate;
        if first && on_instances && self.shapes_refused.add(&task.needs) {
            self.decide_shape(self.shapes_refused.commonest());
        }
    }

    fn task_given_up(&mut self, at: SimTime, task: &Task, reasons: Reasons) {
        self.fold(
            at,
            tag::TASK_GIVEN_UP,
            task.serial,
            u64::from(reasons.bits()),
        );
        self.count(task, |counts| {
            counts.waiting -= 1;
            counts.not_placed += 1;
        });
        self.waiting.leave_by_serial(task.serial);
        self.placements.given_up(task);
        if let Some(ledger) = &mut self.ledger {
            ledger.row(task).outcome = TaskOutcome::NotPlaced(reasons);
        }
    }

    fn task_started(&mut self, at: SimTime, task: &Task) {
        self.fold(at, tag::TASK_STARTED, task.serial, 0);
        self.count(task, |counts| {
            counts.starting -= 1;
            counts.running += 1;
        });
        if let Some(ledger) = &mut self.ledger {
            let row = ledger.row(task);
            row.started_at = at.into();
            row.outcome = TaskOutcome::Alive(TaskStatus::Running);
        }
        if task.fargate.is_some() {
            self.incidents.fargate_task_started(at);
        }
    }

    fn task_status(&mut self, at: SimTime, task: &Task) {
        let (tag, status) = match task.last_status {
            TaskStatus::Stopping => (tag::TASK_STOPPING, 0),
            status => (tag::TASK_STATUS, changes::status_word(status)),
        };
        self.fold(at, tag, task.serial, status);
        if let Some(ledger) = &mut self.ledger {
            ledger.row(task).outcome = TaskOutcome::Alive(task.last_status);
        }
        if task.last_status == TaskStatus::Activating {
            self.fargate_pull_begins(at, task);
        }
    }

    fn task_stopped(&mut self, at: SimTime, task: &Task) {
        let stop = task.stop.expect("a stopped task has a reason");
        let word = changes::stop_word(&stop);
        self.fold(at, tag::TASK_STOPPED, task.serial, word);
        self.count(task, |counts| {
            match (task.placed_at, task.started_at) {
                (None, _) => counts.waiting -= 1,
                (_, None) => counts.starting -= 1,
                (_, Some(_)) => counts.running -= 1,
            }
            *counts.ended(&stop) += 1;
        });
        self.services.task_stopped(task.entry, &stop);
        self.capacity.task_stopped(at, task, &stop);
        self.fargate_task_stopped(at, task);
        self.incidents.task_stopped(at, task, &stop);
        if task.placed_at.is_none() {
            self.waiting.leave_by_serial(task.serial);
        }
        if let Some(on) = task.instance {
            self.lower_bound.release(&task.needs);
            let cost = self.cost_until(at, on, task);
            self.services.charge(task.entry, cost);
            let facts = self.instances.facts(on);
            self.first_hour.charged(at, facts, task.entry, cost);
            let (before, after) = self.instances.release(at, on, &task.needs, cost);
            self.stranded.changed(before, after);
        }
        if let Some(ledger) = &mut self.ledger {
            let row = ledger.row(task);
            row.stopped_at = at.into();
            row.outcome = TaskOutcome::Stopped(stop);
        }
    }
}

impl Observer for Recorder {
    #[inline]
    fn advance(&mut self, now: SimTime, to: SimTime, _: &Cluster) {
        let span = to.since(now).0;
        if span == 0 {
            return;
        }
        let (instances, total) = (&mut self.instances, &self.total);
        instances.hold(span);
        self.fargate.hold(span);
        let (instances, fargate) = (&*instances, &self.fargate);
        self.lower_bound.hold(instances.reserved());
        self.stranded.hold(span, instances.registered());
        self.sampler.hold(to, &self.waiting, || Sample {
            at: now,
            instances: instances.registered_count(),
            registered: instances.registered(),
            reserved: instances.reserved(),
            tasks_pending: total.pending(),
            tasks_running: total.running,
            cost: NanoUsd::ZERO,
            fargate_tasks: fargate.placed_now(FargateCapacity::OnDemand),
            fargate_spot_tasks: fargate.placed_now(FargateCapacity::Spot),
            instances_used: instances.with_tasks(),
            tasks_succeeded: total.succeeded,
            tasks_not_placed: total.not_placed,
            wait_longest: crate::units::Millis::ZERO,
            wait_mean: None,
            wait_placed_longest: crate::units::Millis::ZERO,
        });
    }

    #[expect(
        clippy::too_many_lines,
        reason = "an arm a record: all that is told, on one page"
    )]
    #[inline]
    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        if self.incidents.is_striking() {
            self.incidents.strike(at, record, cluster);
        }
        match *record {
            Record::InstanceRegistered { instance } => {
                self.instance_registered(at, instance, cluster);
            }
            Record::TaskSubmitted { task, name } => {
                self.task_submitted(at, task, name, cluster.task(task));
            }
            Record::TaskPlaced { task, instance } => {
                self.task_placed(at, task, instance, cluster.task(task));
            }
            Record::TaskPlacedOnFargate { task } => {
                self.task_placed_on_fargate(at, task, cluster);
            }
            Record::AttemptRefused {
                task,
                reasons,
                nearest_miss,
            } => self.attempt_refused(at, task, cluster.task(task), (reasons, nearest_miss)),
            Record::TaskGivenUp { task, reasons } => self.task_given_up(at, task, reasons),
            Record::TaskStarted { task } => self.task_started(at, cluster.task(task)),
            Record::TaskStopping { task } | Record::TaskStatusChanged { task } => {
                self.task_status(at, cluster.task(task));
            }
            Record::TaskStopped { task } => self.task_stopped(at, task),
            Record::InstanceChanged { instance } => self.instance_changed(at, instance, cluster),
            Record::InstanceTerminated { instance, reason } => {
                self.instance_terminated(at, instance, reason, cluster);
            }
            Record::Incident { incident, begins } => self.incident(at, incident, begins),
            Record::InstanceNotRegistered {
                profile,
                launched_at,
                ended,
            } => {
                let profile = cluster.profile_by_id(profile);
                self.instance_not_registered(at, profile, launched_at, ended, cluster);
            }
            Record::GroupCounted { group, counts } => self.group_counted(at, group, counts),
            Record::LaunchFailed {
                group,
                on_demand,
                spot,
            } => self.launch_failed(at, group, on_demand, spot),
            Record::RebalanceRecommended { pool, instance } => {
                self.rebalance_recommended(at, pool, instance);
            }
            Record::SpotInterruptionNotice {
                pool,
                instance,
                takes_back_at,
            } => self.spot_notice(at, pool, instance, takes_back_at),
            Record::CapacityProviderMinute { provider, minute } => {
                self.provider_minute(at, provider, minute);
            }
            Record::ServiceCounted { service, counts } => {
                self.service_counted(at, service, counts);
            }
            Record::ServiceEvent { service, event } => self.service_event(at, service, event),
            Record::ServicePlacementFailed { service, reasons } => {
                self.service_placement_failed(at, service, reasons);
            }
            Record::ServiceMinute { service, metrics } => {
                self.service_minute(at, service, metrics);
            }
            Record::ServiceScaled { service, activity } => {
                self.service_scaled(at, service, activity);
            }
            Record::DeploymentChanged {
                service,
                deployment,
            } => self.deployment_changed(at, service, deployment),
        }
    }
}
