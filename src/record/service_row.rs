//! What became of a service, when the run is over.

use std::collections::BTreeMap;

use crate::control::service_auto_scaling::{
    PolicyAlarm, ScalableTarget, ScalingActivity, ScalingCause, ScalingPolicy,
};
use crate::control::{Deployment, DeploymentStatus, DeploymentStrategy, ServiceEvent, Stuck};
use crate::model::TaskDefinitionId;
use crate::placement::Reason;
use crate::simulation::ServiceCounts;
use crate::units::{Millis, NanoUsd, SimTime};

use super::per_resource::Fraction;
use super::service_load::{LoadOverTime, LoadSample};

/// A count over the life of a service. States that last count; all is unknown of a service that is
/// created at the end of the run or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CountOverTime {
    /// Integral of the count over the time integrated.
    pub mean: Fraction,
    /// The least.
    pub least: Option<u32>,
    /// The most.
    pub peak: Option<u32>,
    /// At the end of the run.
    pub last: Option<u32>,
}

/// A service's counts at one time, after everything that happened in that instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSample {
    /// When.
    pub at: SimTime,
    /// Its counts.
    pub counts: ServiceCounts,
    /// Its load in the minutes that were over since the sample before; `None` without any.
    pub load: Option<Box<LoadSample>>,
}

/// Something that a service told its owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceEventRow {
    /// When.
    pub at: SimTime,
    /// What.
    pub event: ServiceEvent,
}

/// A deployment as the run left it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentRow {
    /// The deployment.
    pub last: Deployment,
    /// The number of the deployment that rolled it back.
    pub rolled_back_by: Option<u32>,
}

/// A service over a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServiceRow {
    /// `serviceName`.
    pub name: String,
    /// `REPLICA` or `DAEMON`.
    pub scheduling_strategy: &'static str,
    /// Its chain of strategies by short name; a DAEMON service has none.
    pub placement_strategy: Option<String>,
    /// When it was created.
    pub created_at: SimTime,
    /// From then to the end of the run.
    pub lived: Millis,
    /// `desiredCount`.
    pub desired: CountOverTime,
    /// The fewest that had to be healthy.
    pub lower_limit: CountOverTime,
    /// Placed, not yet RUNNING.
    pub pending: CountOverTime,
    /// RUNNING.
    pub running: CountOverTime,
    /// RUNNING and healthy.
    pub healthy: CountOverTime,
    /// Asked to stop, not yet STOPPED.
    pub stopping: CountOverTime,
    /// The time during which it was available over the time since it was created. It is available
    /// while as many tasks are healthy as its lower limit asks for, and at least one if any is
    /// desired.
    pub availability: Fraction,
    /// The same over the time since it was available first.
    pub availability_since_ready: Fraction,
    /// When it was available first.
    pub ready_at: Option<SimTime>,
    /// When it told of a steady state first.
    pub steady_at: Option<SimTime>,
    /// How long no task was healthy although some were desired.
    pub without_healthy: Millis,
    /// Attempts to place a task.
    pub attempts: u64,
    /// Refused attempts that gave a reason, for each reason that any gave, in ECS's order.
    pub failures: Vec<(Reason, u64)>,
    /// Why its tasks stopped, and how many for each reason: those of
    /// [`StoppedReason::kind`](crate::model::StoppedReason::kind).
    pub stop_reasons: BTreeMap<&'static str, u64>,
    /// Its deployments by number.
    pub deployments: Vec<DeploymentRow>,
    /// How many events it told of: `INFO`, `WARN`, `ERROR`.
    pub event_counts: [u64; 3],
    /// What it told: everything when the run was asked to keep rows, else the latest
    /// [`LATEST_EVENTS`](super::LATEST_EVENTS).
    pub events: Vec<ServiceEventRow>,
    /// The latest of `WARN` and `ERROR`, a few.
    pub troubles: Vec<ServiceEventRow>,
    /// Its bounds, policies and scheduled actions, when it scales.
    pub scalable_target: Option<ScalableTarget>,
    /// Times that auto scaling raised its desired count.
    pub scaled_out: u64,
    /// Times that auto scaling lowered it.
    pub scaled_in: u64,
    /// What auto scaling did: everything when the run was asked to keep rows, else the latest
    /// [`LATEST_EVENTS`](super::LATEST_EVENTS).
    pub scalings: Vec<ScalingActivity>,
    /// Its load; without load there are no minutes.
    pub load: LoadOverTime,
    /// What its tasks cost, each rounded once.
    pub used: NanoUsd,
    /// Its counts by time, when the run was asked to keep rows.
    pub samples: Vec<ServiceSample>,
}

/// Why a desired count was changed, in words: `cpu, high alarm at 92.3`. Policies and scheduled
/// actions have the names that the scalable target gives them.
pub fn scaling_cause(target: &ScalableTarget, activity: &ScalingActivity) -> String {
    let policies = match &activity.cause {
        ScalingCause::ScheduledAction(place) => {
            let action = target.scheduled_actions().get(*place);
            return action.map_or_else(String::new, |action| {
                format!("scheduled action {}", action.scheduled_action_name)
            });
        }
        ScalingCause::Policies(policies) => policies.iter(),
    };
    let said = policies.map(|cause| {
        let policy = target.policies().get(cause.policy);
        let policy = policy.map_or("", ScalingPolicy::policy_name);
        let value = cause.metric_value;
        let alarm = match cause.alarm {
            PolicyAlarm::High => "high alarm",
            PolicyAlarm::Low => "low alarm",
            PolicyAlarm::Step => "alarm",
        };
        format!("{policy}, {alarm} at {value}")
    });
    said.collect::<Vec<String>>().join("; ")
}

impl DeploymentRow {
    /// Its task definition.
    pub fn task_definition(&self) -> TaskDefinitionId {
        self.last.task_definition
    }

    /// `status`, in ECS's spelling.
    pub const fn status(&self) -> &'static str {
        match self.last.status {
            DeploymentStatus::Primary => "PRIMARY",
            DeploymentStatus::Active => "ACTIVE",
            DeploymentStatus::Inactive => "INACTIVE",
        }
    }

    /// `strategy`, in ECS's spelling.
    pub const fn strategy(&self) -> &'static str {
        match self.last.strategy {
            DeploymentStrategy::Rolling => "ROLLING",
            DeploymentStrategy::BlueGreen => "BLUE_GREEN",
            DeploymentStrategy::Linear { .. } => "LINEAR",
            DeploymentStrategy::Canary { .. } => "CANARY",
        }
    }

    /// How long it was in progress, if it came to an end; where it was brought back by a rollback,
    /// since then.
    pub fn took(&self) -> Option<Millis> {
        let end = self.last.finished_at?;
        Some(end.since(self.last.in_progress_since))
    }

    /// Why it does not go on, when it is stuck.
    pub fn stuck(&self) -> Option<&'static str> {
        self.last.stuck.map(|stuck| match stuck {
            Stuck::Configuration => "the percentages allow neither a stop nor a start",
            Stuck::NeverFits => "no registered instance could hold its task, even when empty",
            Stuck::ProtectedTasks => "the old tasks that are left are protected",
            Stuck::NothingToRollBackTo => {
                "it has failed, and there is no completed deployment to roll back to"
            }
        })
    }
}
