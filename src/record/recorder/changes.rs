//! What befalls services and instances, in the digest and in the ledgers.

use crate::cloud::ServiceMinute;
use crate::control::service_auto_scaling::ScalingActivity;
use crate::control::{
    Deployment, DeploymentStatus, FailureCause, LifecycleStage, RolloutState, ServiceEvent, Stuck,
};
use crate::model::{
    Cluster, ContainerInstanceId, ContainerInstanceStatus, EndReason, PullError, ServiceId, Stop,
    StoppedReason, TaskStatus, TaskStopCode,
};
use crate::placement::Reasons;
use crate::record::PerResource;
use crate::simulation::ServiceCounts;
use crate::units::{Millis, NanoUsd, SimTime};

use super::capacity::pool_of;
use super::{Recorder, tag};

impl Recorder {
    pub(super) fn instance_changed(
        &mut self,
        at: SimTime,
        id: ContainerInstanceId,
        cluster: &Cluster,
    ) {
        let row = cluster.instance(id);
        let status = match row.status {
            ContainerInstanceStatus::Active => 1,
            ContainerInstanceStatus::Draining => 2,
            ContainerInstanceStatus::Inactive => 3,
        };
        let state = status << 1 | u64::from(row.agent_connected);
        self.fold(at, tag::INSTANCE_CHANGED, state, u64::from(id.0));
        self.incidents.instance_changed(at, id, cluster);
    }

    pub(super) fn instance_terminated(
        &mut self,
        at: SimTime,
        id: ContainerInstanceId,
        reason: EndReason,
        cluster: &Cluster,
    ) {
        let word = end_word(reason);
        self.fold(at, tag::INSTANCE_TERMINATED, word, u64::from(id.0));
        let charged = self.first_hour.ended(id);
        let pool = pool_of(cluster.profile(id));
        let tasks = self.capacity.instance_ended(id, pool, reason);
        self.incidents.instance_changed(at, id, cluster);
        self.incidents.instance_ended(at, pool, reason, tasks);
        let (free, facts) = self.instances.terminate(at, id, reason);
        if facts.billed(at, Some(reason)) == Millis::ZERO {
            for (entry, cost) in charged {
                self.services.charge(entry, NanoUsd::ZERO - cost);
            }
        }
        let cost = facts.cost(at, Some(reason));
        let price = facts.price.clone();
        self.sampler.terminated(facts.launched_at, price, cost);
        self.stranded.changed(free, PerResource::all(0));
    }

    pub(super) fn service_counted(
        &mut self,
        at: SimTime,
        service: ServiceId,
        counts: ServiceCounts,
    ) {
        self.fold(at, tag::SERVICE_COUNTED, u64::from(service.0), 0);
        for (high, low) in [
            (counts.desired, counts.lower_limit),
            (counts.pending, counts.running),
            (counts.healthy, counts.stopping),
        ] {
            self.digest.update(pair(high, low));
        }
        self.services.counted(at, service, counts);
        self.incidents.service_counted(at, service, counts);
    }

    pub(super) fn service_event(&mut self, at: SimTime, service: ServiceId, event: ServiceEvent) {
        let word = event_word(&event);
        self.fold(at, tag::SERVICE_EVENT, u64::from(service.0), word);
        self.services.told(at, service, event);
    }

    pub(super) fn service_placement_failed(
        &mut self,
        at: SimTime,
        service: ServiceId,
        reasons: Reasons,
    ) {
        let bits = u64::from(reasons.bits());
        self.fold(
            at,
            tag::SERVICE_PLACEMENT_FAILED,
            u64::from(service.0),
            bits,
        );
        self.placements.count(reasons);
        self.services.not_placed(service, reasons);
    }

    pub(super) fn deployment_changed(
        &mut self,
        at: SimTime,
        service: ServiceId,
        deployment: &Deployment,
    ) {
        let named = pair(deployment.number, service.0);
        let state = deployment_word(deployment);
        self.fold(at, tag::DEPLOYMENT_CHANGED, named, state);
        for (high, low) in [
            (deployment.task_definition.0, deployment.traffic),
            (deployment.desired, deployment.tasks_started),
            (deployment.tasks_replaced, deployment.failures),
        ] {
            self.digest.update(pair(high, low));
        }
        self.services.deployed(service, deployment);
    }

    pub(super) fn service_minute(
        &mut self,
        at: SimTime,
        service: ServiceId,
        metrics: &ServiceMinute,
    ) {
        let named = u64::from(service.0);
        self.fold(at, tag::SERVICE_MINUTE, named, metrics.offered);
        for word in [
            metrics.served,
            metrics.cpu_utilization.unwrap_or(u64::MAX),
            metrics.memory_utilization.unwrap_or(u64::MAX),
            metrics.latency_mean_us.unwrap_or(u64::MAX),
        ] {
            self.digest.update(word);
        }
        self.load_balancers.minute(at, service, metrics);
        self.services.minute(at, service, metrics);
    }

    pub(super) fn service_scaled(
        &mut self,
        at: SimTime,
        service: ServiceId,
        activity: &ScalingActivity,
    ) {
        let counts = pair(activity.previous_capacity, activity.desired_capacity);
        self.fold(at, tag::SERVICE_SCALED, u64::from(service.0), counts);
        self.services.scaled(service, activity);
    }

    pub(super) fn incident(&mut self, at: SimTime, incident: u32, begins: bool) {
        let begin = u64::from(begins);
        self.fold(at, tag::INCIDENT, u64::from(incident), begin);
        if begins {
            self.incidents.begins(at, incident);
        } else {
            self.incidents.ends(at, incident);
        }
    }
}

pub(super) fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// Why an instance ended as a number, for the digest.
pub(super) const fn end_word(reason: EndReason) -> u64 {
    match reason {
        EndReason::Incident => 0,
        EndReason::ScaleIn => 1,
        EndReason::SpotInterruption => 2,
        EndReason::CapacityRebalancing => 3,
        EndReason::ZoneRebalancing => 4,
        EndReason::InstanceRefresh => 5,
        EndReason::MaxInstanceLifetime => 6,
        EndReason::WarmPool => 7,
        EndReason::Consolidation => 8,
    }
}

/// A status as a number, for the digest.
pub(super) const fn status_word(status: TaskStatus) -> u64 {
    match status {
        TaskStatus::Provisioning => 1,
        TaskStatus::Pending => 2,
        TaskStatus::Activating => 3,
        TaskStatus::Running => 4,
        TaskStatus::Deactivating => 5,
        TaskStatus::Stopping => 6,
        TaskStatus::Deprovisioning => 7,
        TaskStatus::Stopped => 8,
    }
}

/// Why a task stopped as a number, for the digest; 0 for work that is done.
pub(super) fn stop_word(stop: &Stop) -> u64 {
    if *stop == Stop::FINISHED {
        return 0;
    }
    let code = match stop.code {
        TaskStopCode::TaskFailedToStart => 1,
        TaskStopCode::EssentialContainerExited => 2,
        TaskStopCode::UserInitiated => 3,
        TaskStopCode::ServiceSchedulerInitiated => 4,
        TaskStopCode::TerminationNotice => 5,
        TaskStopCode::SpotInterruption => 40,
    };
    let (reason, detail) = match stop.reason {
        StoppedReason::EssentialContainerExited { exit_code } => (1, u32::from(exit_code)),
        StoppedReason::OutOfMemory => (2, 0),
        StoppedReason::ScalingActivity { deployment } => (3, deployment),
        StoppedReason::FailedElbHealthChecks { target_group } => (4, target_group),
        StoppedReason::FailedContainerHealthChecks => (5, 0),
        StoppedReason::HostTerminated(instance) => (6, instance.0),
        StoppedReason::DeregisteredByUser => (7, 0),
        StoppedReason::CannotPullContainer(error) => (
            8,
            match error {
                PullError::NotFound => 1,
                PullError::NoExecutionRole => 2,
                PullError::RegistryUnavailable => 3,
                PullError::TimedOut => 4,
            },
        ),
        StoppedReason::CannotStartContainer => (9, 0),
        StoppedReason::DependencyTimedOut => (10, 0),
        StoppedReason::NoMountTarget => (11, 0),
        StoppedReason::StoppedByUser => (12, 0),
        StoppedReason::DependencyFailed => (13, 0),
        StoppedReason::NoCapacity(reasons) => (14, reasons.bits()),
        StoppedReason::SpotTaskInterrupted => (40, 0),
        StoppedReason::FargateMaintenance => (41, 0),
        StoppedReason::FargateZoneLost => (42, 0),
    };
    pair(code << 16 | reason, detail)
}

/// How a deployment stands as a number, for the digest.
fn deployment_word(deployment: &Deployment) -> u64 {
    let state = match deployment.rollout_state {
        RolloutState::InProgress => 1,
        RolloutState::Completed => 2,
        RolloutState::Failed => 3,
    };
    let status = match deployment.status {
        DeploymentStatus::Primary => 1,
        DeploymentStatus::Active => 2,
        DeploymentStatus::Inactive => 3,
    };
    let stuck = deployment.stuck.map_or(0, |stuck| match stuck {
        Stuck::Configuration => 1,
        Stuck::NeverFits => 2,
        Stuck::NothingToRollBackTo => 3,
        Stuck::ProtectedTasks => 4,
    });
    let stages = (1..).zip(LifecycleStage::ALL);
    let mut stages = stages.filter(|(_, stage)| Some(*stage) == deployment.stage);
    let stage = stages.next().map_or(0, |(number, _)| number);
    pair(
        stage << 16 | stuck << 8 | status << 4 | state,
        deployment.failed_tasks,
    )
}

/// An event as a number, for the digest.
fn event_word(event: &ServiceEvent) -> u64 {
    let (what, detail) = match *event {
        ServiceEvent::SteadyState => (1, 0),
        ServiceEvent::TasksStarted { count } => (2, count),
        ServiceEvent::TasksStopped { count } => (3, count),
        ServiceEvent::DesiredCountUpdated { desired } => (4, desired),
        ServiceEvent::PlacementFailed { reasons, .. } => (5, reasons.bits()),
        ServiceEvent::StartImpaired => (6, 0),
        ServiceEvent::DeploymentStuck => (7, 0),
        ServiceEvent::ProtectedTasks { deployment } => (8, deployment),
        ServiceEvent::Throttled => (9, 0),
        ServiceEvent::DeploymentStarted { deployment } => (10, deployment),
        ServiceEvent::DeploymentCompleted { deployment } => (11, deployment),
        ServiceEvent::DeploymentFailed { deployment, cause } => match cause {
            FailureCause::TasksFailedToStart => (12, deployment),
            FailureCause::Alarm { .. } => (13, deployment),
            FailureCause::LifecycleHook => (14, deployment),
            FailureCause::StageTimedOut => (22, deployment),
        },
        ServiceEvent::RollingBack { to } => (15, to),
        ServiceEvent::DaemonConstraintViolated { instance } => (16, instance.0),
        ServiceEvent::TargetsRegistered { count, .. } => (17, count),
        ServiceEvent::TargetsDeregistered { count, .. } => (18, count),
        ServiceEvent::RebalancingStarted => (19, 0),
        ServiceEvent::RebalancingCompleted => (20, 0),
        ServiceEvent::RebalancingStopped => (21, 0),
        ServiceEvent::ProvisioningLimitExceeded => (23, 0),
    };
    pair(what, detail)
}
