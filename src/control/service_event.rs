//! What a service tells its owner, in ECS's wording (Developer Guide, "Amazon ECS service event
//! messages"; texts of EventBridge's service events).

use std::fmt;

use crate::model::ContainerInstanceId;
use crate::placement::{NearestMiss, Reason, Reasons};

/// How grave an event is, as EventBridge marks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventSeverity {
    /// `INFO`.
    Info,
    /// `WARN`.
    Warn,
    /// `ERROR`.
    Error,
}

impl EventSeverity {
    /// EventBridge's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// An event of a service. `Display` is the text after `service (name) `.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ServiceEvent {
    /// Desired and running count are equal and there is one deployment.
    SteadyState,
    /// Tasks were started.
    TasksStarted {
        /// How many.
        count: u32,
    },
    /// Tasks were asked to stop.
    TasksStopped {
        /// How many.
        count: u32,
    },
    /// The desired count was changed.
    DesiredCountUpdated {
        /// To what.
        desired: u32,
    },
    /// A task found no instance.
    PlacementFailed {
        /// Every reason that was given.
        reasons: Reasons,
        /// The instance that came closest, and what it lacked.
        closest: Option<NearestMiss>,
    },
    /// Tasks never reach RUNNING, one after the other: starts are delayed.
    StartImpaired,
    /// The percentages let a deployment neither stop nor start a task.
    DeploymentStuck,
    /// More tasks are protected than are wanted.
    ProtectedTasks {
        /// Number of the deployment whose tasks they are.
        deployment: u32,
    },
    /// As many tasks are in PROVISIONING as the cluster may have.
    ProvisioningLimitExceeded,
    /// The launch rate of the service is used up.
    Throttled,
    /// A deployment has begun.
    DeploymentStarted {
        /// Its number.
        deployment: u32,
    },
    /// A deployment has been completed.
    DeploymentCompleted {
        /// Its number.
        deployment: u32,
    },
    /// A deployment has failed.
    DeploymentFailed {
        /// Its number.
        deployment: u32,
        /// Why.
        cause: FailureCause,
    },
    /// A failed deployment is rolled back.
    RollingBack {
        /// Number of the deployment whose revision comes back.
        to: u32,
    },
    /// A DAEMON task stands where its constraints forbid it.
    DaemonConstraintViolated {
        /// Where.
        instance: ContainerInstanceId,
    },
    /// Targets were registered.
    TargetsRegistered {
        /// How many.
        count: u32,
        /// Index of the target group in the scenario.
        target_group: u32,
    },
    /// Targets were deregistered.
    TargetsDeregistered {
        /// How many.
        count: u32,
        /// Index of the target group in the scenario.
        target_group: u32,
    },
    /// Zones are out of balance: a task moves.
    RebalancingStarted,
    /// Zones are in balance again.
    RebalancingCompleted,
    /// Rebalancing was stopped.
    RebalancingStopped,
}

/// Why a deployment has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The circuit breaker: too many tasks failed.
    TasksFailedToStart,
    /// An alarm fired.
    Alarm {
        /// Index of the alarm in the scenario.
        alarm: u32,
    },
    /// A lifecycle hook answered FAILED.
    LifecycleHook,
    /// A lifecycle stage took more than its 24 hours.
    StageTimedOut,
}

impl ServiceEvent {
    /// EventBridge's `eventName`; texts that have none there are given the nearest.
    pub const fn event_name(&self) -> &'static str {
        match self {
            Self::SteadyState => "SERVICE_STEADY_STATE",
            Self::TasksStarted { .. } | Self::TargetsRegistered { .. } => "TASKS_STARTED",
            Self::TasksStopped { .. } | Self::TargetsDeregistered { .. } => "TASKS_STOPPED",
            Self::DesiredCountUpdated { .. } => "SERVICE_DESIRED_COUNT_UPDATED",
            Self::PlacementFailed { .. } | Self::ProvisioningLimitExceeded => {
                "SERVICE_TASK_PLACEMENT_FAILURE"
            }
            Self::StartImpaired => "SERVICE_TASK_START_IMPAIRED",
            Self::DeploymentStuck | Self::ProtectedTasks { .. } => {
                "SERVICE_TASK_CONFIGURATION_FAILURE"
            }
            Self::Throttled => "ECS_OPERATION_THROTTLED",
            Self::DeploymentStarted { .. } | Self::RollingBack { .. } => {
                "SERVICE_DEPLOYMENT_IN_PROGRESS"
            }
            Self::DeploymentCompleted { .. } => "SERVICE_DEPLOYMENT_COMPLETED",
            Self::DeploymentFailed { .. } => "SERVICE_DEPLOYMENT_FAILED",
            Self::DaemonConstraintViolated { .. } => "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED",
            Self::RebalancingStarted => "SERVICE_REBALANCING_STARTED",
            Self::RebalancingCompleted => "SERVICE_REBALANCING_COMPLETED",
            Self::RebalancingStopped => "SERVICE_REBALANCING_STOPPED",
        }
    }

    /// How grave it is.
    pub const fn severity(&self) -> EventSeverity {
        match self {
            Self::SteadyState
            | Self::TasksStarted { .. }
            | Self::TasksStopped { .. }
            | Self::TargetsRegistered { .. }
            | Self::TargetsDeregistered { .. }
            | Self::DesiredCountUpdated { .. }
            | Self::DeploymentStarted { .. }
            | Self::DeploymentCompleted { .. }
            | Self::RollingBack { .. }
            | Self::RebalancingStarted
            | Self::RebalancingCompleted => EventSeverity::Info,
            Self::StartImpaired | Self::RebalancingStopped => EventSeverity::Warn,
            Self::PlacementFailed { .. }
            | Self::ProvisioningLimitExceeded
            | Self::DeploymentStuck
            | Self::ProtectedTasks { .. }
            | Self::Throttled
            | Self::DeploymentFailed { .. }
            | Self::DaemonConstraintViolated { .. } => EventSeverity::Error,
        }
    }
}

impl fmt::Display for ServiceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SteadyState => f.write_str("has reached a steady state."),
            Self::TasksStarted { count } => write!(f, "has started {count} tasks."),
            Self::TasksStopped { count } => write!(f, "has stopped {count} running tasks."),
            Self::DesiredCountUpdated { desired } => {
                write!(f, "has updated its desired count to {desired}.")
            }
            Self::PlacementFailed { reasons, closest } => placement_failed(*reasons, *closest, f),
            Self::StartImpaired => {
                f.write_str("is unable to consistently start tasks successfully.")
            }
            Self::DeploymentStuck => f.write_str(
                "was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent \
                 value and try again.",
            ),
            Self::ProtectedTasks { deployment } => write!(
                f,
                "was unable to reach steady state because task set (ecs-svc/{deployment}) was \
                 unable to scale in. Reason: The number of protected tasks are more than the \
                 desired count of tasks."
            ),
            Self::ProvisioningLimitExceeded => f.write_str(
                "was unable to place tasks in your cluster because the tasks provisioning \
                 capacity limit was exceeded.",
            ),
            Self::Throttled => f.write_str("operations are being throttled. Will try again later."),
            Self::DeploymentStarted { deployment } => {
                write!(f, "has begun deployment (ecs-svc/{deployment}).")
            }
            Self::DeploymentCompleted { deployment } => {
                write!(f, "deployment (ecs-svc/{deployment}) completed.")
            }
            Self::DeploymentFailed { cause, .. } => write!(f, "deployment failed: {cause}."),
            Self::RollingBack { to } => write!(f, "is rolling back to deployment (ecs-svc/{to})."),
            Self::DaemonConstraintViolated { instance } => write!(
                f,
                "has stopped a task on instance {instance}, which no longer satisfies its \
                 placement constraints."
            ),
            Self::TargetsRegistered {
                count,
                target_group,
            } => {
                write!(
                    f,
                    "registered {count} targets in target-group {target_group}."
                )
            }
            Self::TargetsDeregistered {
                count,
                target_group,
            } => {
                write!(
                    f,
                    "deregistered {count} targets in target-group {target_group}."
                )
            }
            Self::RebalancingStarted => f.write_str("has started Availability Zone rebalancing."),
            Self::RebalancingCompleted => {
                f.write_str("has completed Availability Zone rebalancing.")
            }
            Self::RebalancingStopped => f.write_str("has stopped Availability Zone rebalancing."),
        }
    }
}

/// ECS names the instance that came closest, and one thing it lacks.
fn placement_failed(
    reasons: Reasons,
    closest: Option<NearestMiss>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if let Some(reason) = reasons.iter().find(|reason| reason.is_of_fargate()) {
        let text = reason.name().trim_end_matches('.');
        return write!(f, "was unable to place a task. Reason: {text}.");
    }
    f.write_str("was unable to place a task ")?;
    if reasons.contains(Reason::NoInstances) {
        return f.write_str(
            "because no container instance met all of its requirements. Reason: No Container \
             Instances were found in your cluster.",
        );
    }
    if reasons.contains(Reason::EmptyCapacityProvider) {
        return f.write_str(
            "because no container instance met all of its requirements. Reason: No Container \
             Instances were found in your capacity provider.",
        );
    }
    f.write_str("because no container instance met all of its requirements.")?;
    let lacks_amounts =
        |miss: &NearestMiss| miss.cpu > 0 || miss.memory > 0 || miss.gpus > 0 || miss.enis > 0;
    let Some(miss) = closest.filter(lacks_amounts) else {
        return refused_otherwise(reasons, closest, f);
    };
    let instance = miss.instance;
    write!(
        f,
        " The closest matching container-instance {instance} has "
    )?;
    f.write_str(if miss.cpu > 0 {
        "insufficient CPU units available."
    } else if miss.memory > 0 {
        "insufficient memory available."
    } else if miss.gpus > 0 {
        "insufficient GPUs available."
    } else {
        "insufficient network interfaces available."
    })
}

/// No instance lacked amounts alone: something else kept the task from each.
fn refused_otherwise(
    reasons: Reasons,
    closest: Option<NearestMiss>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if reasons.contains(Reason::Ports) {
        return f.write_str(
            " The closest matching container-instance is already using a port required by your \
             task.",
        );
    }
    let Some(reason) = reasons.iter().next() else {
        return Ok(());
    };
    f.write_str(" The closest matching container-instance ")?;
    if let Some(miss) = closest {
        write!(f, "{} ", miss.instance)?;
    }
    write!(f, "encountered error \"{reason}\".")
}

impl fmt::Display for FailureCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TasksFailedToStart => f.write_str("tasks failed to start"),
            Self::Alarm { .. } => f.write_str("alarm detected"),
            Self::LifecycleHook => f.write_str("a lifecycle hook failed"),
            Self::StageTimedOut => f.write_str("a lifecycle stage took more than 24 hours"),
        }
    }
}
