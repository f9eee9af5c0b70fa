//! The services of a run: their state, and the hands of the service scheduler. What is decided is
//! decided in `control`; here it is done.
//!
//! Reading order: this file (the state), `evaluate` (the scheduler looks at a service), `classes`
//! (its tasks, counted), `tasks` (their start and end), `health`, `stop` (which tasks go), `deploy`
//! (deployments and their end), `shift` (blue/green, linear, canary), `daemon`, `fargate`,
//! `rebalance`.

mod classes;
mod daemon;
mod deploy;
mod evaluate;
mod fargate;
mod health;
mod load;
mod rebalance;
mod scaling;
mod shift;
mod stop;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::control::alarm::Alarm;
use crate::control::service_auto_scaling::ServiceScaling;
use crate::control::{
    Deployment, DeploymentConfiguration, LaunchRate, RestartThrottle, ServiceEvent,
};
use crate::kernel::{Stream, StreamFamily, Streams};
use crate::model::{CapacityProviderId, GroupId, ServiceId, TaskDefinitionId, TaskId, TemplateId};
use crate::placement::Reasons;
use crate::scenario::{AlarmSource, Scenario, SchedulingStrategy, Service};
use crate::units::{Millis, SimTime, id};
use crate::workload::TraceError;
use crate::workload::load::LoadSeries;

use super::Simulation;

/// An unchanged complaint is repeated after so long (Developer Guide, "Service event messages").
const REPEATED_AFTER: Millis = Millis(6 * 3_600_000);
/// A task without any health check counts as healthy after it has been RUNNING for so long (API
/// reference of DeploymentConfiguration).
pub(super) const SETTLES_AFTER: Millis = Millis(40_000);

/// What is known of a task because a service owns it.
#[derive(Debug, Clone)]
pub(super) struct ServiceTask {
    pub(super) service: ServiceId,
    /// Place in the service's list of deployments.
    deployment: usize,
    /// The round of starts it belongs to: see [`RestartThrottle`].
    round: u32,
    pub(super) health: TaskHealth,
    protected_until: SimTime,
    /// Whether it is stopped, unhealthy, so that its replacement has room.
    makes_room: bool,
    /// Whether the Fargate host under it is being retired.
    retires: bool,
    /// What it is counted as.
    class: Option<classes::TaskClass>,
}

/// What a kind of health check says of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Check {
    /// There is none.
    #[default]
    None,
    /// It has not said anything yet: UNKNOWN, `initial`.
    Unknown,
    /// It passes.
    Healthy,
    /// It fails.
    Unhealthy,
}

/// What is known of the health of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TaskHealth {
    /// Whether it has been RUNNING for long enough to count without any check.
    settled: bool,
    /// Its containers.
    pub(super) containers: Check,
    /// Its targets.
    pub(super) targets: Check,
    /// Since when its targets are healthy.
    pub(super) targets_since: SimTime,
    /// Whether its application answers nothing.
    pub(super) silent: bool,
    /// Whether failed checks are still ignored.
    in_grace: bool,
}

impl TaskHealth {
    /// Whether it counts for the lower limit: by its checks, all of which have to pass, or else by
    /// its time.
    pub(super) fn is_healthy(self) -> bool {
        match (self.containers, self.targets) {
            (Check::None, Check::None) => self.settled,
            (containers, targets) => {
                let passes = |check| matches!(check, Check::None | Check::Healthy);
                passes(containers) && passes(targets)
            }
        }
    }

    /// Whether it is to be replaced.
    fn is_unhealthy(self) -> bool {
        let fails = self.containers == Check::Unhealthy || self.targets == Check::Unhealthy;
        fails && !self.in_grace
    }
}

/// What makes two templates of a service's tasks one: definition, capacity provider, zone.
type TemplateKey = (TaskDefinitionId, Option<CapacityProviderId>, Option<String>);

/// What was looked up for a deployment, by its place, and a state of the fleet.
type AsOf = (usize, u64);

/// Where a service stands with the balance of its zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Rebalancing {
    /// Nothing is being moved.
    #[default]
    Idle,
    /// A run of moves has been announced, and none is under way.
    Between,
    /// A task in excess is started, for which another will stop.
    Moving { task: TaskId, serial: u64 },
}

impl Rebalancing {
    /// Whether a run of moves has been announced and not ended.
    fn is_announced(self) -> bool {
        self != Self::Idle
    }
}

/// A service as it is.
#[derive(Debug)]
pub(super) struct ServiceState {
    strategy: SchedulingStrategy,
    created: bool,
    pub(super) desired: u32,
    configuration: DeploymentConfiguration,
    /// Every deployment, by number.
    pub(super) deployments: Vec<Deployment>,
    /// Place of the current one.
    pub(super) primary: usize,
    /// Its live tasks, those being stopped included, in the order in which they were started.
    pub(super) tasks: Vec<TaskId>,
    /// How many of them are of each class.
    classes: BTreeMap<classes::TaskClass, u32>,
    templates: BTreeMap<TemplateKey, TemplateId>,
    next_number: u64,
    launches: LaunchRate,
    throttle: RestartThrottle,
    evaluation_is_due: bool,
    wakes_at: Option<SimTime>,
    /// Why the last attempt to place a task failed, and when that was last said.
    blocked: Option<(Reasons, SimTime)>,
    steady: bool,
    rebalancing: Rebalancing,
    /// The last complaints that are not to be repeated at once.
    said: Vec<(ServiceEvent, SimTime)>,
    /// The zones it may use, for which deployment and which state of the fleet.
    zones: Option<(AsOf, Arc<[String]>)>,
    /// Whether any instance could hold a task when empty, for which deployment and which state of
    /// the fleet.
    could_ever_hold: Option<(AsOf, bool)>,
    shift: Option<shift::Shift>,
    /// Alarms that stood at ALARM when the current deployment began.
    ignored_alarms: Vec<u32>,
    load: Option<Box<load::ServiceLoad>>,
    scaling: Option<ServiceScaling>,
    /// How many waits of such deployments there have been.
    shift_waits: u32,
    placement_draws: StreamFamily,
    task_draws: StreamFamily,
    scale_in_draws: Stream,
}

impl ServiceState {
    fn new(service: &Service, scenario: &Scenario, streams: &Streams) -> Result<Self, TraceError> {
        let options = &scenario.service_options;
        let prefix = format!("{}/", service.name);
        Ok(Self {
            strategy: service.scheduling_strategy,
            created: false,
            desired: service.desired_count,
            configuration: service.deployment_configuration.clone(),
            deployments: Vec::new(),
            primary: 0,
            tasks: Vec::new(),
            classes: BTreeMap::new(),
            templates: BTreeMap::new(),
            next_number: 1,
            launches: LaunchRate::new(if scenario.runs_on_fargate(&service.capacity) {
                scenario.fargate.task_launches_per_minute
            } else {
                options.task_launches_per_minute
            }),
            throttle: RestartThrottle::new(options.throttle_first, options.throttle_longest),
            evaluation_is_due: false,
            wakes_at: None,
            blocked: None,
            steady: false,
            rebalancing: Rebalancing::Idle,
            said: Vec::new(),
            zones: None,
            could_ever_hold: None,
            shift: None,
            ignored_alarms: Vec::new(),
            load: load::ServiceLoad::of(service, scenario, streams)?,
            scaling: service
                .scaling
                .as_ref()
                .map(|scaling| ServiceScaling::new(scaling.target.clone())),
            shift_waits: 0,
            placement_draws: streams.family("placement", &prefix),
            task_draws: streams.family("task", &prefix),
            scale_in_draws: streams.open("scale-in", &service.name),
        })
    }

    fn primary(&self) -> &Deployment {
        &self.deployments[self.primary]
    }
}

/// All services of a run.
#[derive(Debug, Default)]
pub(super) struct Services {
    pub(super) list: Vec<ServiceState>,
    /// By row of the table of live tasks.
    tasks: Vec<Option<ServiceTask>>,
    /// Services that found no room at their last attempt.
    blocked: BTreeSet<ServiceId>,
    /// Services whose counts are to be told.
    changed: BTreeSet<ServiceId>,
    daemons: Vec<ServiceId>,
    /// The groups of their tasks.
    daemon_groups: Vec<GroupId>,
    /// Targets of each service that were registered and deregistered in this instant.
    pub(super) targets_moved: BTreeMap<ServiceId, (u32, u32)>,
    /// Alarms on metrics, by their place in the scenario.
    alarms: Vec<Option<Alarm>>,
    /// Requests that come to each load balancer.
    listener_series: Vec<LoadSeries>,
}

impl Services {
    pub(super) fn new(scenario: &Scenario, streams: &Streams) -> Result<Self, TraceError> {
        let list = scenario
            .services
            .iter()
            .map(|service| ServiceState::new(service, scenario, streams))
            .collect::<Result<Vec<ServiceState>, TraceError>>()?;
        let alarms = scenario.alarms.iter().map(|entry| match &entry.source {
            AlarmSource::Metric { configuration, .. } => Alarm::new(configuration.clone()).ok(),
            AlarmSource::Script(_) => None,
        });
        let daemons = (0..id(list.len()))
            .map(ServiceId)
            .filter(|service| list[service.index()].strategy == SchedulingStrategy::Daemon);
        Ok(Self {
            daemons: daemons.collect(),
            alarms: alarms.collect(),
            listener_series: load::listener_series(scenario)?,
            list,
            ..Self::default()
        })
    }

    /// What is known of a task because a service owns it.
    pub(super) fn task(&self, task: TaskId) -> Option<&ServiceTask> {
        self.tasks.get(task.index())?.as_ref()
    }

    pub(super) fn task_mut(&mut self, task: TaskId) -> Option<&mut ServiceTask> {
        self.tasks.get_mut(task.index())?.as_mut()
    }

    fn owned(&self, task: TaskId) -> &ServiceTask {
        self.task(task).expect("a task of a service")
    }

    fn own(&mut self, task: TaskId, owned: ServiceTask) {
        if self.tasks.len() <= task.index() {
            self.tasks.resize(task.index() + 1, None);
        }
        self.tasks[task.index()] = Some(owned);
    }
}

impl Simulation<'_> {
    pub(super) fn service(&self, service: ServiceId) -> &ServiceState {
        &self.services.list[service.index()]
    }

    pub(super) fn service_mut(&mut self, service: ServiceId) -> &mut ServiceState {
        &mut self.services.list[service.index()]
    }

    /// Gives the groups of the tasks of DAEMON services their numbers: an instance that hosts no
    /// others is empty for its capacity provider.
    pub(super) fn name_daemon_groups(&mut self) {
        for service in &self.services.daemons {
            let name = &self.scenario.services[service.index()].name;
            let group = self.cluster.intern_group(&format!("service:{name}"));
            self.services.daemon_groups.push(group);
        }
    }

    /// The groups of the tasks of DAEMON services.
    pub(super) fn daemon_groups(&self) -> &[GroupId] {
        &self.services.daemon_groups
    }

    pub(super) fn service_placement_draws(&self, service: ServiceId) -> &StreamFamily {
        &self.service(service).placement_draws
    }

    pub(super) fn service_spec(&self, service: ServiceId) -> &Service {
        &self.scenario.services[service.index()]
    }
}
