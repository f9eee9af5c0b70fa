//! The world and the loop: the one place where the rooms above are wired to the kernel.
//!
//! [`Simulation::new`] makes the first state of the world from a checked scenario;
//! [`Simulation::run`] takes events and submissions in order until the end, and tells an
//! [`Observer`] what happens. Reading order: `event` (what is scheduled and in which order),
//! `handlers` (what each event does), `lifecycle` (the life of one task), `waiting` (who waits for
//! room), `setup`; then `services`, `groups`, `provisioning`, `fargate`, `incidents`.

mod capacity;
mod event;
mod fargate;
mod groups;
mod handlers;
mod incidents;
mod lifecycle;
mod observer;
mod provisioning;
mod services;
mod setup;
mod waiting;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::cloud::spot::SpotMarket;
use crate::control::capacity_provider_strategy::StrategyCounts;
use crate::kernel::{EventQueue, StreamFamily, Streams};
use crate::model::{
    CapacityScope, Cluster, ContainerInstanceId, ServiceId, Task, TaskDefinitionId, TaskStatus,
    TemplateId,
};
use crate::placement::Placer;
use crate::placement::strategies::{Chain, Strategies};
use crate::scenario::{Scenario, TasksEntry};
use crate::units::SimTime;
use crate::workload::{TraceError, Workload};

pub use event::{Event, HealthChange, TaskRef};
pub use groups::LaunchRef;
pub use observer::{GroupCounts, Observer, Record, RunOutcome, ServiceCounts};

use event::SUBMISSION_CLASS;
use fargate::Fargate;
use groups::Groups;
use lifecycle::Plans;
use services::Services;
use waiting::{Shape, Waiting};

/// Why a checked scenario cannot be run.
#[derive(Debug, Error)]
pub enum SetupError {
    /// It names a strategy that is not registered.
    #[error("tasks entry `{entry}` names the strategy `{strategy}`, which is not registered")]
    UnknownStrategy {
        /// The entry.
        entry: String,
        /// The strategy.
        strategy: String,
    },
    /// A trace cannot be opened or its first rows are wrong.
    #[error(transparent)]
    Trace(#[from] TraceError),
}

/// What is known of a shape that has been refused or held back.
#[derive(Debug, Clone, Copy)]
struct ShapeFacts {
    /// Whether some instance could hold it when empty.
    ever_fits: bool,
    /// Whether its nearest miss has been looked for.
    missed: bool,
}

/// One run of a scenario.
pub struct Simulation<'a> {
    scenario: &'a Scenario,
    strategies: &'a Strategies,
    cluster: Cluster,
    placer: Placer,
    queue: EventQueue<Event>,
    workload: Workload,
    waiting: Waiting,
    waiting_try_is_due: bool,
    /// Whether some template's constraints look at other tasks, so that a placement may open a
    /// place for a waiting task.
    tasks_open_places: bool,
    templates: BTreeMap<(u32, Option<TaskDefinitionId>, CapacityScope), TemplateId>,
    /// By entry: the tasks of its latest call by capacity provider.
    call_counts: Vec<StrategyCounts>,
    /// Tasks that their clients are about to submit again.
    retries: Vec<Task>,
    /// How many tasks are in PROVISIONING for a capacity provider.
    provisioning: u32,
    draws: Vec<StreamFamily>,
    shapes: BTreeMap<Shape, ShapeFacts>,
    nearest_misses: u32,
    next_serial: u64,
    now: SimTime,
    services: Services,
    /// The chain of strategies of each service.
    service_chains: Vec<Chain>,
    /// Instances that an incident has taken, with the incident.
    lost: Vec<(u32, ContainerInstanceId)>,
    /// How often instances have come, gone, or changed.
    fleet_version: u64,
    /// How many incidents keep images from being pulled.
    registries_down: u32,
    plans: Plans,
    groups: Groups,
    spot: SpotMarket,
    /// Instances that incidents have struck and will let go.
    struck: BTreeMap<u32, Vec<ContainerInstanceId>>,
    /// Incidents under way during which images take longer to pull.
    slow_registries: Vec<u32>,
    /// Incidents under way during which EC2 launches no On-Demand Instances.
    on_demand_refused: Vec<u32>,
    streams: Streams,
    fargate: Fargate,
}

impl<'a> Simulation<'a> {
    /// The world at time 0: the fixed fleet has registered, nothing has been submitted.
    ///
    /// # Errors
    /// A strategy that is not registered, or a trace that cannot be opened.
    pub fn new(scenario: &'a Scenario, strategies: &'a Strategies) -> Result<Self, SetupError> {
        let streams = Streams::new(scenario.seed);
        let end = SimTime::ZERO + scenario.duration;
        let defaults: Vec<bool> = scenario
            .tasks
            .iter()
            .map(TasksEntry::has_default_needs)
            .collect();
        let (entries, latencies) = (workload_entries(scenario), &scenario.latencies);
        let workload = Workload::new(
            &entries,
            latencies,
            &streams,
            scenario.start,
            end,
            &defaults,
        )?;
        let draws = scenario
            .tasks
            .iter()
            .map(|entry| streams.family("placement", &format!("{}/", entry.name)))
            .collect();
        let mut simulation = Self {
            scenario,
            strategies,
            cluster: setup::cluster(scenario),
            placer: Placer::default(),
            queue: EventQueue::new(),
            workload,
            waiting: Waiting::default(),
            waiting_try_is_due: false,
            tasks_open_places: false,
            templates: BTreeMap::new(),
            call_counts: vec![StrategyCounts::default(); scenario.tasks.len()],
            retries: Vec::new(),
            provisioning: 0,
            draws,
            shapes: BTreeMap::new(),
            nearest_misses: 0,
            next_serial: 0,
            now: SimTime::ZERO,
            services: Services::new(scenario, &streams)?,
            service_chains: setup::service_chains(scenario, strategies)?,
            lost: Vec::new(),
            fleet_version: 0,
            registries_down: 0,
            plans: Plans::new(scenario, &streams),
            groups: Groups::new(scenario, &streams),
            spot: SpotMarket::new(
                &scenario.spot_pools,
                &scenario.spot_options,
                &streams,
                scenario.duration,
            ),
            struck: BTreeMap::new(),
            slow_registries: Vec::new(),
            on_demand_refused: Vec::new(),
            fargate: Fargate::new(scenario, &streams),
            streams,
        };
        if !scenario.auto_scaling_groups.is_empty() {
            simulation.name_daemon_groups();
        }
        for (number, entry) in (0..).zip(&scenario.tasks) {
            for scope in provisioning::scopes_of(&entry.capacity) {
                simulation.template(number, None, scope)?;
            }
        }
        Ok(simulation)
    }

    /// The world as it is.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Runs to the end of the scenario.
    ///
    /// # Errors
    /// A wrong row of a trace, or a strategy that is not registered.
    pub fn run(&mut self, observer: &mut impl Observer) -> Result<RunOutcome, SetupError> {
        let end = SimTime::ZERO + self.scenario.duration;
        for instance in self.cluster.registered() {
            self.plans.instance_registers(*instance, self.now);
            let record = Record::InstanceRegistered {
                instance: *instance,
            };
            observer.record(self.now, &record, &self.cluster);
        }
        self.open_groups(observer);
        self.schedule_script();
        let mut events = 0;
        while let Some((at, next)) = self.next().filter(|(at, _)| *at < end) {
            if at > self.now {
                self.tell_counts(observer);
                observer.advance(self.now, at, &self.cluster);
                self.now = at;
            }
            events += 1;
            match next {
                Next::Event => {
                    let (_, _, event) = self.queue.pop().expect("it was seen at the front");
                    self.dispatch(event, observer);
                }
                Next::Submission => {
                    if let Some(submission) = self.workload.next()? {
                        self.submit(&submission, observer)?;
                    }
                }
            }
        }
        self.tell_counts(observer);
        self.tell_open_deployments(observer);
        self.tell_unregistered(observer);
        if end > self.now {
            observer.advance(self.now, end, &self.cluster);
            self.now = end;
        }
        self.publish_last_minute(observer);
        Ok(RunOutcome {
            events,
            end,
            beyond_end: self.workload.beyond_end(),
        })
    }

    /// Puts what the scenario sets down in advance into the queue.
    fn schedule_script(&mut self) {
        let scenario = self.scenario;
        for (service, spec) in (0..).map(ServiceId).zip(&scenario.services) {
            self.schedule(spec.created_at, Event::ServiceCreated(service));
        }
        for (service, spec) in (0..).map(ServiceId).zip(&scenario.services) {
            let actions = spec
                .scaling
                .as_ref()
                .map_or(0, |scaling| scaling.schedules.len());
            for action in 0..crate::units::id(actions) {
                self.schedule_action(service, action, None);
            }
        }
        self.load_changes();
        self.schedule_minute();
        self.schedule_groups();
        self.schedule_spot();
        for (number, update) in (0..).zip(&scenario.deployments) {
            self.schedule(update.at, Event::ServiceUpdated(number));
        }
        for (number, entry) in (0..).zip(&scenario.task_protection) {
            self.schedule(entry.at, Event::TaskProtectionChanged(number));
        }
        for at in scenario.fargate.settings.spot.changes() {
            self.schedule(at, Event::FargateSpotChanges);
        }
        for (number, retirement) in (0..).zip(&scenario.fargate.settings.retirements) {
            self.schedule(retirement.at(), Event::FargateRetirement(number));
        }
        for (number, incident) in (0..).zip(&scenario.incidents) {
            self.schedule(incident.at, Event::IncidentBegins(number));
            if let Some(duration) = incident.duration {
                let over = incident.at.saturating_add(duration);
                self.schedule(over, Event::IncidentEnds(number));
            }
        }
    }

    /// What comes next: the workload is a second, already ordered source of events.
    fn next(&self) -> Option<(SimTime, Next)> {
        let event = self.queue.peek_key().map(|key| (key.at, key.class));
        let submission = self.workload.next_at().map(|at| (at, SUBMISSION_CLASS));
        match (event, submission) {
            (Some(event), Some(submission)) if event < submission => Some((event.0, Next::Event)),
            (Some(event), None) => Some((event.0, Next::Event)),
            (_, Some(submission)) => Some((submission.0, Next::Submission)),
            (None, None) => None,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "an arm an event: all that can happen, on one page"
    )]
    fn dispatch(&mut self, event: Event, observer: &mut impl Observer) {
        match event {
            Event::TaskStarts(of) => {
                self.befall_task(of, TaskStatus::is_starting, observer, Self::task_starts);
            }
            Event::TaskFailsToStart(of) => {
                self.befall_task(
                    of,
                    TaskStatus::is_starting,
                    observer,
                    Self::task_fails_to_start,
                );
            }
            Event::TaskStops(of) => {
                self.befall_task(of, TaskStatus::is_running, observer, Self::task_stops);
            }
            Event::TaskDeactivated(of) => {
                self.befall_task(
                    of,
                    TaskStatus::is_deactivating,
                    observer,
                    Self::task_deactivated,
                );
            }
            Event::TaskStopped(of) => {
                self.befall_task(
                    of,
                    TaskStatus::is_stopping,
                    observer,
                    Self::containers_ended,
                );
            }
            Event::TaskHealth(of, change) => self.task_health(of, change),
            Event::InstanceRuns(launch) => self.instance_runs(launch),
            Event::InstanceRegisters(launch) => self.instance_registers(launch, observer),
            Event::InstanceEnds(launch) => self.instance_ends(launch, observer),
            Event::WarmedUp(launch) => self.warmed_up(launch, observer),
            Event::SpotPoolDue(pool) => self.spot_pool_due(pool, observer),
            Event::SpotInstanceDrains(launch) => self.spot_instance_drains(launch, observer),
            Event::GroupReconciled(group) => self.reconcile_group(group, observer),
            Event::GroupScheduled(group, action) => self.group_scheduled(group, action),
            Event::RefreshBegins(group, refresh) => self.refresh_begins(group, refresh),
            Event::CapacityMinute => self.capacity_minute(observer),
            Event::FargateProvisioned(of) => {
                self.befall_task(of, fargate::is_pending, observer, Self::launch);
            }
            Event::FargateSpotWarning(of) => {
                self.befall_task(
                    of,
                    TaskStatus::has_no_stop_signal,
                    observer,
                    Self::interrupt_on_fargate,
                );
            }
            Event::FargateSpotChanges => self.fargate_spot_changes(observer),
            Event::FargateRetirement(retirement) => {
                self.retire_fargate_tasks(retirement, observer);
            }
            Event::IncidentBegins(incident) => self.incident_begins(incident, observer),
            Event::IncidentEnds(incident) => self.incident_ends(incident, observer),
            Event::ServiceCreated(service) => self.service_created(service, observer),
            Event::ServiceUpdated(update) => self.service_updated(update, observer),
            Event::TaskProtectionChanged(entry) => self.task_protection_changed(entry),
            Event::DaemonEvaluated(service) => self.evaluate_daemon(service, observer),
            Event::TasksRetried => self.retry_tasks(observer),
            Event::WaitingTried => self.try_waiting(observer),
            Event::ProvisioningTimesOut(of) => {
                self.befall_task(
                    of,
                    TaskStatus::is_provisioning,
                    observer,
                    Self::provisioning_times_out,
                );
            }
            Event::StageEnds(service, wait) => self.stage_ends(service, wait, observer),
            Event::Minute => self.minute(observer),
            Event::ScheduledAction(service, action) => {
                self.scheduled_action(service, action, observer);
            }
            Event::ServiceEvaluated(service) => self.evaluate_replica(service, observer),
        }
    }

    /// The template of an entry and, where a row of a trace names one, a definition.
    fn template(
        &mut self,
        entry: u32,
        row_definition: Option<TaskDefinitionId>,
        capacity: CapacityScope,
    ) -> Result<TemplateId, SetupError> {
        let key = (entry, row_definition, capacity);
        if let Some(known) = self.templates.get(&key) {
            return Ok(*known);
        }
        let spec = &self.scenario.tasks[crate::units::index(entry)];
        let definition = row_definition
            .or(spec.task_definition)
            .map(|definition| &self.scenario.task_definitions[definition.index()]);
        let mut template = setup::template(
            self.scenario,
            spec,
            definition,
            self.strategies,
            &mut self.cluster,
        )?;
        template.capacity = capacity;
        self.tasks_open_places |= template.member_of.iter().any(|member| !member.is_static());
        let id = self.placer.add(template, &self.cluster);
        self.templates.insert(key, id);
        Ok(id)
    }
}

/// Where the next thing to happen comes from.
#[derive(Debug, Clone, Copy)]
enum Next {
    Event,
    Submission,
}

fn workload_entries(scenario: &Scenario) -> Vec<crate::workload::WorkloadEntry> {
    let entry = |entry: &TasksEntry| crate::workload::WorkloadEntry {
        name: entry.name.clone(),
        source: entry.source.clone(),
    };
    scenario.tasks.iter().map(entry).collect()
}
