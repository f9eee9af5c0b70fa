//! The ledger of incidents: what each struck, how deep capacity and services fell, and when they
//! were back. Without incidents in the scenario it keeps nothing.

use std::collections::BTreeMap;

use crate::model::{
    AutoScalingGroupId, Cluster, ContainerInstanceId, ContainerInstanceStatus, EndReason,
    InstanceSource, ServiceId, SpotPoolId, Stop, StoppedReason, Task, TaskStopCode,
};
use crate::scenario::{IncidentKind, Scenario};
use crate::simulation::{Record, ServiceCounts};
use crate::units::{SimTime, index};

use super::incident_row::{FargateFall, IncidentRow, ServiceFall, kind_name};
use super::watch::{State, Watch};

/// All incidents of a run.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    scenario: Vec<Named>,
    service_names: Vec<String>,
    /// Those that have begun, in order.
    begun: Vec<Meter>,
    /// Those of them that are not over.
    in_progress: Vec<usize>,
    /// Those of them of which something is still watched.
    watched: Vec<usize>,
    /// The one that strikes right now.
    striking: Option<usize>,
    /// Spot Instances that one has struck, by pool and by when EC2 takes them back.
    taken_back: BTreeMap<(SpotPoolId, SimTime), (usize, u64)>,
    /// Fargate tasks that one has struck, by their serial numbers.
    warned: BTreeMap<u64, usize>,
    capacity: Capacity,
    /// Fargate tasks that are RUNNING, those being stopped included.
    fargate_running: u64,
    /// By service, once it has told its counts.
    services: Vec<Option<ServiceCounts>>,
}

/// An incident as the scenario has it.
#[derive(Debug)]
struct Named {
    name: String,
    kind: &'static str,
    /// What tells that it strikes an instance, where that does not end at once.
    strikes: Strikes,
}

/// How an incident acts on instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strikes {
    /// It ends them, or lets them be.
    Otherwise,
    /// It changes their status or their agents.
    ByChange,
    /// It gives them interruption notices.
    ByNotice,
    /// It interrupts Fargate Spot tasks.
    ByTask,
}

#[derive(Debug)]
struct Meter {
    incident: u32,
    row: IncidentRow,
    /// Usable instances of the fixed fleet when it began.
    fleet_before: u64,
    capacity: Watch,
    fargate: Watch,
    /// Fargate tasks that have ended since without being lost.
    fargate_ended: u64,
    /// By service; `None` for one that was not there yet.
    services: Vec<Option<Watch>>,
}

/// The container instances that take tasks.
#[derive(Debug, Default)]
struct Capacity {
    /// By instance.
    usable: Vec<bool>,
    instances: u64,
    of_fleet: u64,
    cpu: u64,
    /// By group: its desired capacity.
    desired: Vec<u64>,
}

impl Incidents {
    pub(super) fn new(scenario: &Scenario) -> Self {
        if scenario.incidents.is_empty() {
            return Self::default();
        }
        let incidents = scenario.incidents.iter().map(|incident| Named {
            name: incident.name.clone(),
            kind: kind_name(&incident.kind),
            strikes: match incident.kind {
                IncidentKind::InstancesDraining { .. }
                | IncidentKind::AgentsDisconnected { .. } => Strikes::ByChange,
                IncidentKind::SpotReclaim { .. } => Strikes::ByNotice,
                IncidentKind::FargateSpotReclaim { .. } => Strikes::ByTask,
                _ => Strikes::Otherwise,
            },
        });
        let services = scenario.services.iter();
        Self {
            scenario: incidents.collect(),
            service_names: services.map(|service| service.name.clone()).collect(),
            services: vec![None; scenario.services.len()],
            capacity: Capacity {
                desired: vec![0; scenario.auto_scaling_groups.len()],
                ..Capacity::default()
            },
            ..Self::default()
        }
    }

    /// Whether the scenario has any.
    fn has_any(&self) -> bool {
        !self.scenario.is_empty()
    }

    pub(super) fn begins(&mut self, at: SimTime, incident: u32) {
        let named = &self.scenario[index(incident)];
        let place = self.begun.len();
        self.striking = (named.strikes != Strikes::Otherwise).then_some(place);
        let services = self.services.iter().map(|counts| {
            let ServiceCounts {
                running, healthy, ..
            } = (*counts)?;
            Some(Watch::new(at, [running.into(), healthy.into()]))
        });
        self.begun.push(Meter {
            incident,
            row: IncidentRow {
                name: named.name.clone(),
                kind: named.kind,
                began_at: at,
                ..IncidentRow::default()
            },
            fleet_before: self.capacity.of_fleet,
            capacity: Watch::new(at, [self.capacity.instances, self.capacity.cpu]),
            fargate: Watch::new(at, [self.fargate_running; 2]),
            fargate_ended: 0,
            services: services.collect(),
        });
        self.in_progress.push(place);
        self.watched.push(place);
    }

    pub(super) fn ends(&mut self, at: SimTime, incident: u32) {
        let begun = &mut self.begun;
        let ended = |place: &usize| begun[*place].incident == incident;
        if let Some(position) = self.in_progress.iter().position(ended) {
            begun[self.in_progress.remove(position)].row.ended_at = Some(at);
        }
    }

    /// Whether an incident strikes right now: then every record that follows is to be told.
    #[inline]
    pub(super) fn is_striking(&self) -> bool {
        self.striking.is_some()
    }

    /// What an incident strikes follows its begin without a break: what another record tells is
    /// something else's doing, and so is all after it.
    pub(super) fn strike(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        let Some(place) = self.striking else { return };
        let meter = &mut self.begun[place];
        if at > meter.row.began_at {
            self.striking = None;
            return;
        }
        let strikes = self.scenario[index(meter.incident)].strikes;
        let on = match (strikes, *record) {
            (Strikes::ByChange, Record::InstanceChanged { instance }) => Some(instance),
            (Strikes::ByTask, Record::TaskStopping { task }) => {
                let task = cluster.task(task);
                if task.stop.is_some_and(|stop| is_lost(&stop)) {
                    meter.row.tasks_struck += 1;
                    self.warned.insert(task.serial, place);
                }
                return;
            }
            // What it interrupts leaves its load balancers, and may stop at once.
            (Strikes::ByNotice, Record::RebalanceRecommended { .. })
            | (
                Strikes::ByTask,
                Record::ServiceEvent { .. }
                | Record::TaskStatusChanged { .. }
                | Record::TaskStopped { .. },
            ) => return,
            (
                Strikes::ByNotice,
                Record::SpotInterruptionNotice {
                    pool,
                    instance,
                    takes_back_at,
                },
            ) => {
                let entry = self.taken_back.entry((pool, takes_back_at));
                entry.or_insert((place, 0)).1 += 1;
                instance
            }
            _ => {
                self.striking = None;
                return;
            }
        };
        meter.row.instances_struck += 1;
        let tasks = on.map_or(0, |on| cluster.instance(on).live_tasks);
        meter.row.tasks_struck += u64::from(tasks);
    }

    /// An instance has registered, has changed, or has ended.
    pub(super) fn instance_changed(
        &mut self,
        at: SimTime,
        instance: ContainerInstanceId,
        cluster: &Cluster,
    ) {
        if self.has_any() {
            self.hold_capacity(at);
            self.capacity.note(instance, cluster);
        }
    }

    /// An instance has ended, and so many tasks with it.
    pub(super) fn instance_ended(
        &mut self,
        at: SimTime,
        pool: Option<SpotPoolId>,
        reason: EndReason,
        tasks: u64,
    ) {
        match reason {
            // It ends in the instant in which the incident begins, before anything else does.
            EndReason::Incident => {
                if let Some(Meter { row, .. }) = self.begun.last_mut() {
                    row.instances_struck += 1;
                    row.tasks_struck += tasks;
                    row.instances_ended += 1;
                    row.tasks_ended += tasks;
                }
            }
            EndReason::SpotInterruption => {
                let taken_back = pool.and_then(|pool| self.taken_back.get_mut(&(pool, at)));
                if let Some((place, left @ 1..)) = taken_back {
                    *left -= 1;
                    let row = &mut self.begun[*place].row;
                    row.instances_ended += 1;
                    row.tasks_ended += tasks;
                }
            }
            _ => (),
        }
    }

    pub(super) fn task_stopped(&mut self, at: SimTime, task: &Task, stop: &Stop) {
        if !self.has_any() {
            return;
        }
        if stop.code == TaskStopCode::TaskFailedToStart {
            for place in &self.in_progress {
                self.begun[*place].row.tasks_failed_to_start += 1;
            }
        }
        if task.fargate.is_some() {
            self.fargate_task_stopped(at, task, stop);
        }
    }

    /// A Fargate task has reached RUNNING.
    pub(super) fn fargate_task_started(&mut self, at: SimTime) {
        if self.has_any() {
            self.hold_capacity(at);
            self.fargate_running += 1;
        }
    }

    fn fargate_task_stopped(&mut self, at: SimTime, task: &Task, stop: &Stop) {
        if let Some(place) = self.warned.remove(&task.serial) {
            self.begun[place].row.tasks_ended += 1;
        } else if stop.reason == StoppedReason::FargateZoneLost
            && let Some(Meter { row, .. }) = self.begun.last_mut()
        {
            // It ends in the instant in which the incident begins.
            row.tasks_struck += 1;
            row.tasks_ended += 1;
        }
        if task.started_at.is_some() {
            self.hold_capacity(at);
            self.fargate_running -= 1;
            for place in self.watched.iter().filter(|_| !is_lost(stop)) {
                self.begun[*place].fargate_ended += 1;
            }
        }
    }

    pub(super) fn launch_failed(&mut self) {
        for place in &self.in_progress {
            self.begun[*place].row.launch_failures += 1;
        }
    }

    pub(super) fn group_counted(&mut self, at: SimTime, group: AutoScalingGroupId, desired: u32) {
        if self.has_any() {
            self.hold_capacity(at);
            self.capacity.desired[group.index()] = desired.into();
        }
    }

    pub(super) fn service_counted(
        &mut self,
        at: SimTime,
        service: ServiceId,
        counts: ServiceCounts,
    ) {
        if self.has_any() {
            self.hold_service(at, service.index());
            self.services[service.index()] = Some(counts);
        }
    }

    /// Capacity and Fargate have stood as they are until `at`.
    fn hold_capacity(&mut self, at: SimTime) {
        let (begun, capacity) = (&mut self.begun, &self.capacity);
        let fargate_running = self.fargate_running;
        self.watched.retain(|place| {
            let meter = &mut begun[*place];
            meter.hold_capacity(at, capacity);
            meter.hold_fargate(at, fargate_running);
            !meter.is_settled()
        });
    }

    fn hold_service(&mut self, at: SimTime, service: usize) {
        for place in &self.watched {
            self.begun[*place].hold_service(at, service, self.services[service]);
        }
    }

    /// The incidents that came to pass, in order of their begin.
    pub(super) fn finish(mut self, end: SimTime) -> Vec<IncidentRow> {
        self.hold_capacity(end);
        for service in 0..self.services.len() {
            self.hold_service(end, service);
        }
        let names = &self.service_names;
        self.begun
            .into_iter()
            .map(|meter| meter.finish(names))
            .collect()
    }
}

impl Meter {
    /// Instances are short while there are fewer than before, and fewer than the fleet of before
    /// and the desired capacity of the groups come to: a group that scales in has not fallen.
    fn hold_capacity(&mut self, to: SimTime, capacity: &Capacity) {
        let [before, _] = self.capacity.falls().map(|fall| fall.before);
        let wanted = self.fleet_before + capacity.desired.iter().sum::<u64>();
        let state = State {
            amounts: [capacity.instances, capacity.cpu],
            short: [capacity.instances < before.min(wanted); 2],
        };
        self.capacity.hold(to, &state, self.row.ended_at);
    }

    /// Fargate tasks are short while fewer run than before, those that ended otherwise apart.
    fn hold_fargate(&mut self, to: SimTime, running: u64) {
        let [before, _] = self.fargate.falls().map(|fall| fall.before);
        let state = State {
            amounts: [running; 2],
            short: [running < before.saturating_sub(self.fargate_ended); 2],
        };
        self.fargate.hold(to, &state, self.row.ended_at);
    }

    fn hold_service(&mut self, to: SimTime, service: usize, counts: Option<ServiceCounts>) {
        if let (Some(watch), Some(counts)) = (&mut self.services[service], counts) {
            let amounts = [counts.running, counts.healthy];
            let state = State {
                amounts: amounts.map(u64::from),
                short: amounts.map(|amount| amount < counts.desired),
            };
            watch.hold(to, &state, self.row.ended_at);
        }
    }

    fn is_settled(&self) -> bool {
        let services = self.services.iter().flatten();
        let mut watches = [&self.capacity, &self.fargate].into_iter().chain(services);
        watches.all(Watch::is_settled)
    }

    fn finish(self, names: &[String]) -> IncidentRow {
        let [instances, cpu] = self.capacity.falls();
        let [fargate, _] = self.fargate.falls();
        let services = names.iter().zip(self.services);
        let services = services.filter_map(|(name, watch)| {
            let watch = watch?;
            let [running, healthy] = watch.falls();
            Some(ServiceFall {
                name: name.clone(),
                running,
                healthy,
                below_desired: watch.short(),
                recovered_after: watch.recovered_after(),
            })
        });
        IncidentRow {
            instances,
            cpu,
            capacity_recovered_after: self.capacity.recovered_after(),
            fargate: (fargate.before > 0).then(|| FargateFall {
                running: fargate,
                recovered_after: self.fargate.recovered_after(),
            }),
            services: services.collect(),
            ..self.row
        }
    }
}

/// Whether a Fargate task stops because it is lost, or taken back.
fn is_lost(stop: &Stop) -> bool {
    matches!(
        stop.reason,
        StoppedReason::FargateZoneLost | StoppedReason::SpotTaskInterrupted
    )
}

impl Capacity {
    /// Looks whether an instance takes tasks now.
    fn note(&mut self, id: ContainerInstanceId, cluster: &Cluster) {
        let row = cluster.instance(id);
        let is_usable = row.status == ContainerInstanceStatus::Active && row.agent_connected;
        let source = cluster.profile(id).source;
        let is_of_fleet = matches!(source, InstanceSource::Fleet(_));
        if self.usable.len() <= id.index() {
            self.usable.resize(id.index() + 1, false);
        }
        let was_usable = std::mem::replace(&mut self.usable[id.index()], is_usable);
        let cpu = u64::from(row.registered.cpu.0);
        match (was_usable, is_usable) {
            (false, true) => {
                self.instances += 1;
                self.of_fleet += u64::from(is_of_fleet);
                self.cpu += cpu;
            }
            (true, false) => {
                self.instances -= 1;
                self.of_fleet -= u64::from(is_of_fleet);
                self.cpu -= cpu;
            }
            (true, true) | (false, false) => (),
        }
    }
}
