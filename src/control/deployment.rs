//! A deployment of a service: one revision, from the moment it is asked for.

use crate::model::TaskDefinitionId;
use crate::units::SimTime;

use super::service_event::FailureCause;
use super::{DeploymentConfiguration, DeploymentStrategy, LifecycleStage};

/// `status` of a deployment (API reference of Deployment).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeploymentStatus {
    /// The latest one.
    Primary,
    /// An earlier one that still has tasks.
    Active,
    /// Replaced.
    Inactive,
}

/// `rolloutState` of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RolloutState {
    /// `IN_PROGRESS`.
    InProgress,
    /// `COMPLETED`.
    Completed,
    /// `FAILED`.
    Failed,
}

impl RolloutState {
    /// ECS's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// Why a deployment that is in progress does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stuck {
    /// The percentages allow neither a stop nor a start.
    Configuration,
    /// No registered instance could hold a task of the revision, even when empty.
    NeverFits,
    /// The tasks of earlier revisions that are left are all protected.
    ProtectedTasks,
    /// It has failed, and there is no completed deployment to roll back to.
    NothingToRollBackTo,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its number within the service, from 1. Its id is `ecs-svc/<number>`.
    pub number: u32,
    /// The revision.
    pub task_definition: TaskDefinitionId,
    /// `status`.
    pub status: DeploymentStatus,
    /// `rolloutState`.
    pub rollout_state: RolloutState,
    /// How it is carried out.
    pub strategy: DeploymentStrategy,
    /// The stage it is in, when it is not `ROLLING`.
    pub stage: Option<LifecycleStage>,
    /// Its part of the production traffic in tenths of a percent.
    pub traffic: u32,
    /// When it was asked for.
    pub created_at: SimTime,
    /// Since when it is, or was last, in progress: from its creation, or from when it was brought
    /// back by a rollback.
    pub in_progress_since: SimTime,
    /// When it was completed or failed.
    pub finished_at: Option<SimTime>,
    /// Since when alarms are watched after its last step.
    pub baking_since: Option<SimTime>,
    /// When it was declared successful ahead of its completion (`earlySuccessCriteria`).
    pub succeeded_early_at: Option<SimTime>,
    /// The desired count for its tasks: what it should have now. That of an old revision falls as
    /// its tasks are stopped.
    pub desired: u32,
    /// Tasks that were started for it, until it was completed.
    pub tasks_started: u32,
    /// Tasks of earlier revisions that were stopped for it.
    pub tasks_replaced: u32,
    /// `failedTasks`: consecutive failures, as the circuit breaker counts them.
    pub failed_tasks: u32,
    /// All failures until it was completed: tasks that did not reach RUNNING, exited, or failed a
    /// health check.
    pub failures: u32,
    /// Whether any task of it has reached RUNNING.
    pub reached_running: bool,
    /// Why it failed.
    pub cause: Option<FailureCause>,
    /// The number of the failed deployment that it rolls back.
    pub rolls_back: Option<u32>,
    /// Why it does not go on, since it was last found so.
    pub stuck: Option<Stuck>,
}

impl Deployment {
    /// A deployment that has just been asked for; the latest one of its service.
    pub fn new(
        number: u32,
        task_definition: TaskDefinitionId,
        configuration: &DeploymentConfiguration,
        desired: u32,
        created_at: SimTime,
    ) -> Self {
        Self {
            number,
            task_definition,
            status: DeploymentStatus::Primary,
            rollout_state: RolloutState::InProgress,
            strategy: configuration.strategy,
            stage: None,
            traffic: 0,
            created_at,
            in_progress_since: created_at,
            finished_at: None,
            baking_since: None,
            succeeded_early_at: None,
            desired,
            tasks_started: 0,
            tasks_replaced: 0,
            failed_tasks: 0,
            failures: 0,
            reached_running: false,
            cause: None,
            rolls_back: None,
            stuck: None,
        }
    }
}
