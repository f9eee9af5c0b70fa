//! Why a task stops: `stopCode` and `stoppedReason`.

use std::fmt;

use super::ids::ContainerInstanceId;
use super::reason::Reasons;

/// `stopCode` of a task (API reference of Task).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskStopCode {
    /// It never reached RUNNING.
    TaskFailedToStart,
    /// An essential container ended by itself.
    EssentialContainerExited,
    /// A user asked for it.
    UserInitiated,
    /// The service scheduler asked for it.
    ServiceSchedulerInitiated,
    /// The instance under it ended.
    TerminationNotice,
    /// Its Fargate Spot capacity was taken back.
    SpotInterruption,
}

impl TaskStopCode {
    /// ECS's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TaskFailedToStart => "TaskFailedToStart",
            Self::EssentialContainerExited => "EssentialContainerExited",
            Self::UserInitiated => "UserInitiated",
            Self::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            Self::TerminationNotice => "TerminationNotice",
            Self::SpotInterruption => "SpotInterruption",
        }
    }
}

/// Why a container instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// A fault of the scenario's `incidents`.
    Incident,
    /// Its group needs fewer instances.
    ScaleIn,
    /// EC2 has taken a Spot Instance back.
    SpotInterruption,
    /// Its replacement was launched at a rebalance recommendation.
    CapacityRebalancing,
    /// Its group has moved it to another zone.
    ZoneRebalancing,
    /// It was not used enough: ECS has moved its tasks to other instances.
    Consolidation,
    /// An instance refresh has replaced it.
    InstanceRefresh,
    /// It was as old as its group lets an instance become.
    MaxInstanceLifetime,
    /// It was made ready for a warm pool, and stopped.
    WarmPool,
}

impl EndReason {
    /// The spelling of `instances.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::ScaleIn => "scale-in",
            Self::SpotInterruption => "spot-interruption",
            Self::CapacityRebalancing => "capacity-rebalancing",
            Self::ZoneRebalancing => "zone-rebalancing",
            Self::Consolidation => "consolidation",
            Self::InstanceRefresh => "instance-refresh",
            Self::MaxInstanceLifetime => "max-instance-lifetime",
            Self::WarmPool => "warm-pool",
        }
    }
}

/// What is behind a `stoppedReason`; its `Display` is ECS's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoppedReason {
    /// The work of the task is over, or an essential container of it has ended, with this exit
    /// code.
    EssentialContainerExited {
        /// 0 is success.
        exit_code: u8,
    },
    /// A container used more memory than its hard limit.
    OutOfMemory,
    /// Scale-in of a service, or the end of an old revision.
    ScalingActivity {
        /// Number of the deployment, from 1 within the service.
        deployment: u32,
    },
    /// Its target is unhealthy.
    FailedElbHealthChecks {
        /// Index of the target group in the scenario.
        target_group: u32,
    },
    /// Its containers are unhealthy.
    FailedContainerHealthChecks,
    /// The instance under it ended.
    HostTerminated(ContainerInstanceId),
    /// It waited for capacity for too long.
    NoCapacity(Reasons),
    /// Its Fargate Spot capacity is taken back.
    SpotTaskInterrupted,
    /// Fargate retires the host under it.
    FargateMaintenance,
    /// The zone of a Fargate task was lost.
    FargateZoneLost,
    /// The instance was deregistered by force.
    DeregisteredByUser,
    /// An image could not be pulled.
    CannotPullContainer(PullError),
    /// A container could not be started.
    CannotStartContainer,
    /// A condition of `dependsOn` did not come true within the start timeout.
    DependencyTimedOut,
    /// A condition of `dependsOn` can no longer come true: the container did not start, or ended
    /// without success.
    DependencyFailed,
    /// A volume could not be mounted: no mount target in the zone.
    NoMountTarget,
    /// A user asked for it.
    StoppedByUser,
}

impl StoppedReason {
    /// The reason without the deployment, target group or instance that it names: what tasks that
    /// stopped alike have in common.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::EssentialContainerExited { .. } => "Essential container in task exited",
            Self::OutOfMemory => "OutOfMemoryError",
            Self::ScalingActivity { .. } => "Scaling activity initiated by deployment",
            Self::FailedElbHealthChecks { .. } => "Task failed ELB health checks",
            Self::FailedContainerHealthChecks => "Task failed container health checks",
            Self::HostTerminated(_) => "Host EC2 terminated",
            Self::NoCapacity(_) => "TaskFailedToStart: no capacity",
            Self::SpotTaskInterrupted => "Your Spot Task was interrupted",
            Self::FargateMaintenance => "ECS is performing maintenance",
            Self::FargateZoneLost => "The Availability Zone of the task was lost",
            Self::DeregisteredByUser => "Container instance deregistration forced by user",
            Self::CannotPullContainer(_) => "CannotPullContainerError",
            Self::CannotStartContainer => "CannotStartContainerError",
            Self::DependencyTimedOut | Self::DependencyFailed => "ContainerRuntimeTimeoutError",
            Self::NoMountTarget => "ResourceInitializationError",
            Self::StoppedByUser => "Task stopped by user",
        }
    }
}

/// Why an image cannot be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PullError {
    /// There is no such image or tag.
    NotFound,
    /// The image is private and the task has no execution role.
    NoExecutionRole,
    /// The registry does not answer.
    RegistryUnavailable,
    /// The pull took longer than the agent allows.
    TimedOut,
}

impl fmt::Display for StoppedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EssentialContainerExited { .. } => {
                f.write_str("Essential container in task exited")
            }
            Self::OutOfMemory => {
                f.write_str("OutOfMemoryError: Container killed due to memory usage")
            }
            Self::ScalingActivity { deployment } => {
                write!(
                    f,
                    "Scaling activity initiated by (deployment ecs-svc/{deployment})"
                )
            }
            Self::FailedElbHealthChecks { target_group } => {
                write!(
                    f,
                    "Task failed ELB health checks in (target-group {target_group})"
                )
            }
            Self::FailedContainerHealthChecks => f.write_str("Task failed container health checks"),
            Self::HostTerminated(instance) => {
                write!(f, "Host EC2 (instance {instance}) terminated.")
            }
            Self::NoCapacity(reasons) => write!(f, "TaskFailedToStart: {reasons}"),
            Self::SpotTaskInterrupted => f.write_str("Your Spot Task was interrupted."),
            Self::FargateMaintenance => f.write_str(
                "ECS is performing maintenance on the underlying infrastructure hosting the task",
            ),
            Self::FargateZoneLost => f.write_str("The Availability Zone of the task was lost."),
            Self::DeregisteredByUser => {
                f.write_str("Container instance deregistration forced by user")
            }
            Self::CannotPullContainer(error) => write!(f, "CannotPullContainerError: {error}"),
            Self::CannotStartContainer => {
                f.write_str("CannotStartContainerError: the container could not be started")
            }
            Self::DependencyTimedOut => f.write_str(
                "ContainerRuntimeTimeoutError: a container dependency was not met in time",
            ),
            Self::DependencyFailed => {
                f.write_str("ContainerRuntimeError: a container dependency cannot be met any more")
            }
            Self::NoMountTarget => {
                f.write_str("ResourceInitializationError: no mount target in the Availability Zone")
            }
            Self::StoppedByUser => f.write_str("Task stopped by user"),
        }
    }
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "image not found",
            Self::NoExecutionRole => "no execution role for a private image",
            Self::RegistryUnavailable => "the registry does not answer",
            Self::TimedOut => "the pull took too long",
        })
    }
}

/// Why a task stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stop {
    /// `stopCode`.
    pub code: TaskStopCode,
    /// `stoppedReason`.
    pub reason: StoppedReason,
}

impl Stop {
    /// A task that never reaches RUNNING.
    pub const fn failed_to_start(reason: StoppedReason) -> Self {
        Self {
            code: TaskStopCode::TaskFailedToStart,
            reason,
        }
    }

    /// The work of a task ended by itself and well.
    pub const FINISHED: Self = Self {
        code: TaskStopCode::EssentialContainerExited,
        reason: StoppedReason::EssentialContainerExited { exit_code: 0 },
    };
}
