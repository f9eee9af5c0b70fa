//! What became of the cluster in an incident.

use crate::scenario::IncidentKind;
use crate::units::{Millis, SimTime};

/// An incident that came to pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncidentRow {
    /// Its name.
    pub name: String,
    /// Its kind, by its key in the scenario.
    pub kind: &'static str,
    /// When it began.
    pub began_at: SimTime,
    /// When it was over; `None` when it lasts to the end.
    pub ended_at: Option<SimTime>,
    /// Instances that it struck at its begin: that ended, were set DRAINING, whose agents were
    /// disconnected, or that got an interruption notice.
    pub instances_struck: u64,
    /// Instances of these that ended of it.
    pub instances_ended: u64,
    /// Tasks on the instances that it struck, and Fargate tasks that it struck.
    pub tasks_struck: u64,
    /// Tasks that ended with their instances, and Fargate tasks that ended of it.
    pub tasks_ended: u64,
    /// Tasks that failed to start while it lasted, whatever the reason.
    pub tasks_failed_to_start: u64,
    /// Refusals of instances that groups lacked, while it lasted.
    pub launch_failures: u64,
    /// Container instances that take tasks: registered, ACTIVE, with a connected agent.
    pub instances: Fall,
    /// CPU units that they registered.
    pub cpu: Fall,
    /// From its begin until as many instances take tasks as before; `None` when that never was.
    pub capacity_recovered_after: Option<Millis>,
    /// Fargate tasks that are RUNNING; `None` when there were none when it began.
    pub fargate: Option<FargateFall>,
    /// The services that there were when it began.
    pub services: Vec<ServiceFall>,
}

/// An amount when an incident began, and the least of it that was too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fall {
    /// When it began.
    pub before: u64,
    /// The least until it had recovered; the amount before when it never fell.
    pub lowest: u64,
}

/// Fargate in an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FargateFall {
    /// RUNNING tasks.
    pub running: Fall,
    /// From the begin of the incident until as many were RUNNING as before, less those that have
    /// ended otherwise; `None` when that never was.
    pub recovered_after: Option<Millis>,
}

/// A service in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceFall {
    /// Its name.
    pub name: String,
    /// RUNNING tasks.
    pub running: Fall,
    /// Tasks that are RUNNING and healthy.
    pub healthy: Fall,
    /// For how long fewer tasks were RUNNING than desired, until it had recovered.
    pub below_desired: Millis,
    /// From the begin of the incident until as many tasks were RUNNING as desired; `None` when that
    /// never was.
    pub recovered_after: Option<Millis>,
}

/// The key of a kind in the scenario.
pub(super) const fn kind_name(kind: &IncidentKind) -> &'static str {
    match kind {
        IncidentKind::AvailabilityZoneLost { .. } => "availabilityZoneLost",
        IncidentKind::InstancesLost { .. } => "containerInstancesLost",
        IncidentKind::InstancesDraining { .. } => "containerInstancesDraining",
        IncidentKind::AgentsDisconnected { .. } => "agentsDisconnected",
        IncidentKind::RegistryUnavailable => "registryUnavailable",
        IncidentKind::RegistrySlow { .. } => "registrySlow",
        IncidentKind::SpotReclaim { .. } => "spotReclaim",
        IncidentKind::OnDemandCapacityRefused { .. } => "onDemandCapacityRefused",
        IncidentKind::FargateCapacityRefused { .. } => "fargateCapacityRefused",
        IncidentKind::FargateSpotReclaim { .. } => "fargateSpotReclaim",
    }
}
