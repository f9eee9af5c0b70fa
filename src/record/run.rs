//! The finished record of a run.

use jiff::Timestamp;

use crate::control::{FailureCause, ServiceEvent};
use crate::model::{
    EntryId, GroupId, Pricing, Stop, StoppedReason, TaskDefinitionId, TaskStopCode,
};
use crate::units::{Millis, NanoUsd, SimTime};

use super::capacity_row::{CapacityProviderRow, GroupRow, SpotPoolRow};
use super::fargate::{FargateRun, FargateTask};
use super::incident_row::IncidentRow;
use super::instances::{GroupUtilization, InstanceCounts, InstanceRow};
use super::load_balancers::LoadBalancerRow;
use super::placements::PlacementStats;
use super::service_row::{ServiceEventRow, ServiceRow};
use super::split_cost;
use super::stranded::Stranded;
use super::tasks::TaskRow;
use super::timeseries::Sample;
use super::waits::WaitStats;

/// How many tasks stand where. The ten states add up to `submitted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskCounts {
    /// Submitted.
    pub submitted: u64,
    /// Ever given an instance.
    pub placed: u64,
    /// Refused and given up.
    pub not_placed: u64,
    /// Waiting for room.
    pub waiting: u64,
    /// Placed, not yet RUNNING.
    pub starting: u64,
    /// Running, those being stopped included.
    pub running: u64,
    /// Ended by themselves, and well.
    pub succeeded: u64,
    /// Ended by themselves otherwise, or never reached RUNNING.
    pub failed: u64,
    /// Ended with the instance or the Fargate capacity under them.
    pub interrupted: u64,
    /// Stopped by the service scheduler or a user.
    pub stopped: u64,
}

impl TaskCounts {
    /// Waiting or starting: `pending` of the summary.
    pub fn pending(&self) -> u64 {
        self.waiting + self.starting
    }

    /// The count of the tasks that end in this way.
    pub(super) fn ended(&mut self, stop: &Stop) -> &mut u64 {
        match (stop.code, stop.reason) {
            (_, StoppedReason::EssentialContainerExited { exit_code: 0 }) => &mut self.succeeded,
            (TaskStopCode::EssentialContainerExited | TaskStopCode::TaskFailedToStart, _) => {
                &mut self.failed
            }
            (TaskStopCode::TerminationNotice | TaskStopCode::SpotInterruption, _) => {
                &mut self.interrupted
            }
            (TaskStopCode::UserInitiated | TaskStopCode::ServiceSchedulerInitiated, _) => {
                &mut self.stopped
            }
        }
    }
}

/// All that is known of a finished run, in the order of the model and in integers. Bills,
/// summaries and reports are made from it alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Seed of the run.
    pub seed: u64,
    /// Region of the scenario.
    pub region: String,
    /// What time 0 is on the calendar.
    pub start: Timestamp,
    /// The run covers [0, duration).
    pub duration: Millis,
    /// The strategies of the scenario's entries by their short names, each once: `spread-az`,
    /// `spread-az+binpack-memory`, ...
    pub strategies: Vec<String>,
    /// The same for each entry of `tasks`, in its order; `None` for entries that name their
    /// instances (StartTask).
    pub entry_strategies: Vec<Option<String>>,
    /// Fingerprint of everything that happened, in order.
    pub digest: String,
    /// Events that were dispatched.
    pub events: u64,
    /// Submissions that fell on the end or later and did not happen.
    pub beyond_end: u64,
    /// All tasks.
    pub tasks: TaskCounts,
    /// Tasks of each entry of `tasks`, then of each service, by name, in the order of the scenario.
    pub entries: Vec<(String, TaskCounts)>,
    /// How placement went.
    pub placement: PlacementStats,
    /// Waits of placed tasks; `None` when none was placed.
    pub waits: Option<WaitStats>,
    /// How long the task that has waited longest has waited at the end; `None` when none waits.
    pub longest_waiting: Option<Millis>,
    /// Every instance, in order of registration.
    pub instances: Vec<InstanceRow>,
    /// Their number over time.
    pub instance_counts: InstanceCounts,
    /// The fewest instances that any packing could have done with.
    pub lower_bound: u64,
    /// How full the cluster was, then its zones, types, capacity providers, each by name.
    pub utilization: Vec<GroupUtilization>,
    /// Every Auto Scaling group, in the order of the scenario.
    pub auto_scaling_groups: Vec<GroupRow>,
    /// Every capacity provider, in the order of the scenario.
    pub capacity_providers: Vec<CapacityProviderRow>,
    /// Every Spot pool, in the order of the scenario.
    pub spot_pools: Vec<SpotPoolRow>,
    /// Every load balancer, in the order of the scenario.
    pub load_balancers: Vec<LoadBalancerRow>,
    /// What the bill goes by, beside the prices of instances.
    pub pricing: Pricing,
    /// Free capacity that the work could not use.
    pub stranded: Stranded,
    /// Samples by time.
    pub timeseries: Vec<Sample>,
    /// Every task in the order of submission, when the run was asked to keep them.
    pub task_rows: Option<Vec<TaskRow>>,
    /// Every service, in the order of the scenario.
    pub services: Vec<ServiceRow>,
    /// Fargate tasks.
    pub fargate: FargateRun,
    /// The incidents that came to pass, in order of their begin.
    pub incidents: Vec<IncidentRow>,
    /// Names of groups, by [`GroupId`]; as far as `task_rows` name them.
    pub(super) groups: Vec<String>,
    /// `family:revision`, by [`TaskDefinitionId`].
    pub(super) definitions: Vec<String>,
    /// Names of target groups, by their index in the scenario.
    pub(super) target_groups: Vec<String>,
    /// Names of alarms, by their index in the scenario.
    pub(super) alarms: Vec<String>,
}

impl Run {
    /// The name of an entry of `tasks`, or of a service.
    pub fn entry_name(&self, entry: EntryId) -> &str {
        &self.entries[entry.index()].0
    }

    /// The capacity provider that a strategy has chosen for a task.
    pub fn provider_of(&self, task: &TaskRow) -> Option<&str> {
        let provider = task.capacity_provider.get()?;
        Some(&self.capacity_providers[provider].name)
    }

    /// The name of a group that a row of `task_rows` has.
    pub fn group_name(&self, group: GroupId) -> &str {
        &self.groups[group.index()]
    }

    /// `family:revision` of a task definition.
    pub fn definition_name(&self, definition: TaskDefinitionId) -> &str {
        &self.definitions[definition.index()]
    }

    /// The entries of `tasks` by name, with the counts of their tasks.
    pub fn task_entries(&self) -> &[(String, TaskCounts)] {
        let services = self.services.len();
        &self.entries[..self.entries.len().saturating_sub(services)]
    }

    /// The services, with the counts of their tasks.
    pub fn services(&self) -> impl Iterator<Item = (&ServiceRow, &TaskCounts)> {
        let counts = self.entries.iter().skip(self.task_entries().len());
        self.services.iter().zip(counts.map(|(_, counts)| counts))
    }

    /// The service that submitted the tasks of an entry, if one did.
    pub fn service_of(&self, entry: EntryId) -> Option<&ServiceRow> {
        let row = entry.index().checked_sub(self.task_entries().len())?;
        self.services.get(row)
    }

    /// `stoppedReason`, with the names of target groups for their numbers.
    pub fn stopped_reason(&self, stop: &Stop) -> String {
        match stop.reason {
            StoppedReason::FailedElbHealthChecks { target_group } => {
                let name = self.target_group_name(target_group);
                format!("Task failed ELB health checks in (target-group {name})")
            }
            reason => reason.to_string(),
        }
    }

    /// The message of a service's event: `service (web) has reached a steady state.`
    pub fn event_message(&self, service: &ServiceRow, row: &ServiceEventRow) -> String {
        let said = match row.event {
            ServiceEvent::TargetsRegistered {
                count,
                target_group,
            } => {
                let name = self.target_group_name(target_group);
                format!("registered {count} targets in target-group {name}.")
            }
            ServiceEvent::TargetsDeregistered {
                count,
                target_group,
            } => {
                let name = self.target_group_name(target_group);
                format!("deregistered {count} targets in target-group {name}.")
            }
            event => event.to_string(),
        };
        format!("service ({}) {said}", service.name)
    }

    /// Why a deployment failed, with the name of the alarm: `alarm detected: errors`.
    pub fn failure_cause(&self, cause: FailureCause) -> String {
        match cause {
            FailureCause::Alarm { alarm } => format!("{cause}: {}", name_of(&self.alarms, alarm)),
            cause => cause.to_string(),
        }
    }

    fn target_group_name(&self, target_group: u32) -> String {
        name_of(&self.target_groups, target_group)
    }

    /// The end of the run.
    pub fn end(&self) -> SimTime {
        SimTime::ZERO + self.duration
    }

    /// What is known of a task beside its row because it ran on Fargate.
    pub fn fargate_task(&self, task: &TaskRow) -> Option<&FargateTask> {
        self.fargate
            .tasks
            .get(crate::units::index(task.fargate.get()?))
    }

    /// The zone of a task that was placed.
    pub fn zone_of(&self, task: &TaskRow) -> Option<&str> {
        if let Some(on) = task.instance {
            return Some(&self.instances[on.index()].facts.availability_zone);
        }
        let zone = self.fargate_task(task)?.place.zone;
        self.fargate.zones.get(zone.index()).map(String::as_str)
    }

    /// What a task cost: on Fargate its own price, else its share of its instance from placement
    /// to STOPPED, or to the end. One that was never placed cost nothing, nor did one on an
    /// instance that is not billed.
    pub fn task_cost(&self, task: &TaskRow) -> NanoUsd {
        if let Some(on_fargate) = self.fargate_task(task) {
            return on_fargate.cost;
        }
        let (Some(on), Some(placed)) = (task.instance, task.placed_at.get()) else {
            return NanoUsd::ZERO;
        };
        let until = task.stopped_at.get().unwrap_or(self.end());
        let row = &self.instances[on.index()];
        if row.is_free() {
            return NanoUsd::ZERO;
        }
        let (facts, time) = (&row.facts, (placed, until));
        split_cost::cost(&facts.price, &task.needs, &facts.registered, time)
    }
}

/// A name by its place; the place where there is none.
fn name_of(names: &[String], place: u32) -> String {
    let name = names.get(crate::units::index(place));
    name.cloned().unwrap_or_else(|| place.to_string())
}
