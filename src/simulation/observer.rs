//! What happened, and who watches it.

use crate::cloud::ServiceMinute;
use crate::control::managed_scaling::ManagedScalingMinute;
use crate::control::service_auto_scaling::ScalingActivity;
use crate::control::{Deployment, ServiceEvent};
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, Cluster, ContainerInstanceId, EndReason, ProfileId,
    ServiceId, SpotPoolId, Task, TaskId,
};
use crate::placement::{NearestMiss, Reasons};
use crate::units::SimTime;

/// How a service stands: its counts of tasks of all revisions, those being stopped apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceCounts {
    /// `desiredCount`; for DAEMON the instances that should have a task.
    pub desired: u32,
    /// The fewest that have to be healthy: `minimumHealthyPercent` of the desired count.
    pub lower_limit: u32,
    /// In PROVISIONING for a capacity provider, or placed, and not yet RUNNING.
    pub pending: u32,
    /// RUNNING.
    pub running: u32,
    /// RUNNING and healthy, as the service scheduler counts it.
    pub healthy: u32,
    /// Asked to stop and not yet STOPPED.
    pub stopping: u32,
}

/// How an Auto Scaling group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupCounts {
    /// Its desired capacity.
    pub desired: u32,
    /// Instances that are asked for and not RUNNING yet.
    pub pending: u32,
    /// Instances in service.
    pub in_service: u32,
    /// Instances that drain to end.
    pub terminating: u32,
    /// Instances in its warm pool, or being prepared for it.
    pub warmed: u32,
}

/// Something that has happened. Observers get it after the cluster has changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Record<'a> {
    /// A container instance has registered.
    InstanceRegistered {
        /// Which.
        instance: ContainerInstanceId,
    },
    /// A task has been submitted; it waits for its first attempt.
    TaskSubmitted {
        /// Which.
        task: TaskId,
        /// The name that its row of a trace gave it.
        name: Option<&'a str>,
    },
    /// A task has been placed.
    TaskPlaced {
        /// Which.
        task: TaskId,
        /// Where.
        instance: ContainerInstanceId,
    },
    /// A task has been placed on Fargate; the task says where.
    TaskPlacedOnFargate {
        /// Which.
        task: TaskId,
    },
    /// An attempt has found no instance. The task waits on, unless `TaskGivenUp` follows.
    AttemptRefused {
        /// Which.
        task: TaskId,
        /// Why, over all instances.
        reasons: Reasons,
        /// The instance that came closest; given for the first refusal of each shape only.
        nearest_miss: Option<NearestMiss>,
    },
    /// A refused task is not tried again. Its row is already gone.
    TaskGivenUp {
        /// The task as it was.
        task: &'a Task,
        /// Why.
        reasons: Reasons,
    },
    /// A task has reached RUNNING.
    TaskStarted {
        /// Which.
        task: TaskId,
    },
    /// A task's desired status has become STOPPED; its resources are still reserved.
    TaskStopping {
        /// Which.
        task: TaskId,
    },
    /// A task has entered one of the states between: ACTIVATING on its way to RUNNING, STOPPING or
    /// DEPROVISIONING on its way to STOPPED.
    TaskStatusChanged {
        /// Which.
        task: TaskId,
    },
    /// An instance's status or its agent's connection has changed.
    InstanceChanged {
        /// Which.
        instance: ContainerInstanceId,
    },
    /// An instance has ended and is deregistered; its tasks have stopped before.
    InstanceTerminated {
        /// Which.
        instance: ContainerInstanceId,
        /// Why.
        reason: EndReason,
    },
    /// An instance of a group that was RUNNING has ended, or the run has, before its agent had
    /// registered; or it was made ready for a warm pool and stopped. It is billed all the same.
    InstanceNotRegistered {
        /// What it would have registered as.
        profile: ProfileId,
        /// Since when it was RUNNING.
        launched_at: SimTime,
        /// Why it has ended; `None` when the run has.
        ended: Option<EndReason>,
    },
    /// A group's counts are not what they were. Told once for each group and instant, when all else
    /// of the instant has happened.
    GroupCounted {
        /// Which.
        group: AutoScalingGroupId,
        /// Its counts now.
        counts: GroupCounts,
    },
    /// EC2 has no capacity for instances that a group lacks: InsufficientInstanceCapacity.
    LaunchFailed {
        /// Which group.
        group: AutoScalingGroupId,
        /// On-Demand Instances that it lacks.
        on_demand: u32,
        /// Spot Instances that it lacks.
        spot: u32,
    },
    /// A Spot Instance has got a rebalance recommendation.
    RebalanceRecommended {
        /// Its pool.
        pool: SpotPoolId,
        /// Its container instance, where it has registered.
        instance: Option<ContainerInstanceId>,
    },
    /// A Spot Instance has got its interruption notice.
    SpotInterruptionNotice {
        /// Its pool.
        pool: SpotPoolId,
        /// Its container instance, where it has registered.
        instance: Option<ContainerInstanceId>,
        /// When EC2 takes it back.
        takes_back_at: SimTime,
    },
    /// A minute of managed scaling is over: what it saw and what it does.
    CapacityProviderMinute {
        /// Which provider.
        provider: CapacityProviderId,
        /// What it saw, decided, and why.
        minute: &'a ManagedScalingMinute,
    },
    /// A service's counts are not what they were. Told once for each service and instant, when
    /// all else of the instant has happened.
    ServiceCounted {
        /// Which.
        service: ServiceId,
        /// Its counts now.
        counts: ServiceCounts,
    },
    /// A service tells its owner something.
    ServiceEvent {
        /// Which.
        service: ServiceId,
        /// What.
        event: ServiceEvent,
    },
    /// A service has tried to place a task and has found no instance. No task comes of it.
    ServicePlacementFailed {
        /// Which.
        service: ServiceId,
        /// Why, over all instances.
        reasons: Reasons,
    },
    /// A service's deployment has begun, or has gone on: a state, its stage, its traffic.
    DeploymentChanged {
        /// Which service.
        service: ServiceId,
        /// The deployment as it is now.
        deployment: &'a Deployment,
    },
    /// A minute of a service with load is over, or the part of one that the run ends in.
    ServiceMinute {
        /// Which.
        service: ServiceId,
        /// Its metrics.
        metrics: &'a ServiceMinute,
    },
    /// Auto scaling changes a service's desired count.
    ServiceScaled {
        /// Which.
        service: ServiceId,
        /// What it does and why.
        activity: &'a ScalingActivity,
    },
    /// An incident of the scenario has begun or is over.
    Incident {
        /// Its index in the scenario.
        incident: u32,
        /// Whether it has begun.
        begins: bool,
    },
    /// A task has reached STOPPED; its resources are free. Its row is already gone.
    TaskStopped {
        /// The task as it was; its `stop` says why.
        task: &'a Task,
    },
}

/// Somebody who watches a run. Observers see everything and can change nothing.
pub trait Observer {
    /// The clock is about to move from `now` to a later `to` (or to the end of the run): the
    /// cluster is what it is over [now, to).
    fn advance(&mut self, now: SimTime, to: SimTime, cluster: &Cluster);

    /// Something has happened.
    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster);
}

/// Two observers as one.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn advance(&mut self, now: SimTime, to: SimTime, cluster: &Cluster) {
        self.0.advance(now, to, cluster);
        self.1.advance(now, to, cluster);
    }

    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        self.0.record(at, record, cluster);
        self.1.record(at, record, cluster);
    }
}

/// Nobody watches.
impl Observer for () {
    fn advance(&mut self, _: SimTime, _: SimTime, _: &Cluster) {}

    fn record(&mut self, _: SimTime, _: &Record<'_>, _: &Cluster) {}
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn advance(&mut self, now: SimTime, to: SimTime, cluster: &Cluster) {
        (**self).advance(now, to, cluster);
    }

    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        (**self).record(at, record, cluster);
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOutcome {
    /// Events dispatched, submissions included.
    pub events: u64,
    /// The end of the run: the scenario's duration.
    pub end: SimTime,
    /// Submissions that fell on or after the end and were not made.
    pub beyond_end: u64,
}
