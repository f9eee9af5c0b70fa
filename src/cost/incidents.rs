//! The part of the summary that tells of incidents.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::record::{Fall, IncidentRow, Run, ServiceFall};

/// An incident that came to pass.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentSummary {
    /// Its name.
    pub name: String,
    /// Its kind, by its key in the scenario.
    pub kind: String,
    /// When it began.
    pub began_ms: u64,
    /// When it was over; `null` when it lasts to the end.
    pub ended_ms: Option<u64>,
    /// Instances that it struck.
    pub instances_struck: u64,
    /// Instances that ended of it.
    pub instances_ended: u64,
    /// Tasks on the instances that it struck, and Fargate tasks that it struck.
    pub tasks_struck: u64,
    /// Tasks that ended with instances, and Fargate tasks that ended of it.
    pub tasks_ended: u64,
    /// Tasks that failed to start while it lasted.
    pub tasks_failed_to_start: u64,
    /// Refusals of instances that groups lacked, while it lasted.
    pub launch_failures: u64,
    /// Container instances that take tasks.
    pub capacity: CapacityFallSummary,
    /// Fargate tasks; `null` when none ran when it began.
    pub fargate: Option<FargateFallSummary>,
    /// The services that there were when it began, by name.
    pub services: BTreeMap<String, ServiceFallSummary>,
}

/// The capacity of the cluster in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityFallSummary {
    /// Instances.
    pub instances: FallSummary,
    /// CPU units that they registered.
    pub cpu: FallSummary,
    /// From the begin until as many instances took tasks as before; `null` when that never was.
    pub recovered_after_ms: Option<u64>,
}

/// Fargate in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FargateFallSummary {
    /// RUNNING tasks.
    pub running: FallSummary,
    /// From the begin until as many were RUNNING as before; `null` when that never was.
    pub recovered_after_ms: Option<u64>,
}

/// A service in an incident.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceFallSummary {
    /// RUNNING tasks.
    pub running: FallSummary,
    /// RUNNING and healthy tasks.
    pub healthy: FallSummary,
    /// For how long fewer tasks were RUNNING than desired.
    pub below_desired_ms: u64,
    /// From the begin until as many tasks were RUNNING as desired; `null` when that never was.
    pub recovered_after_ms: Option<u64>,
}

/// An amount before, and the least that it fell to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FallSummary {
    /// When the incident began.
    pub before: u64,
    /// The least.
    pub lowest: u64,
}

/// The incidents in order of their begin.
pub(super) fn incidents(run: &Run) -> Vec<IncidentSummary> {
    run.incidents.iter().map(incident).collect()
}

fn incident(row: &IncidentRow) -> IncidentSummary {
    let services = row.services.iter();
    IncidentSummary {
        name: row.name.clone(),
        kind: row.kind.to_owned(),
        began_ms: row.began_at.0,
        ended_ms: row.ended_at.map(|at| at.0),
        instances_struck: row.instances_struck,
        instances_ended: row.instances_ended,
        tasks_struck: row.tasks_struck,
        tasks_ended: row.tasks_ended,
        tasks_failed_to_start: row.tasks_failed_to_start,
        launch_failures: row.launch_failures,
        capacity: CapacityFallSummary {
            instances: row.instances.into(),
            cpu: row.cpu.into(),
            recovered_after_ms: row.capacity_recovered_after.map(|after| after.0),
        },
        fargate: row.fargate.map(|fall| FargateFallSummary {
            running: fall.running.into(),
            recovered_after_ms: fall.recovered_after.map(|after| after.0),
        }),
        services: services
            .map(|fall| (fall.name.clone(), service(fall)))
            .collect(),
    }
}

fn service(fall: &ServiceFall) -> ServiceFallSummary {
    ServiceFallSummary {
        running: fall.running.into(),
        healthy: fall.healthy.into(),
        below_desired_ms: fall.below_desired.0,
        recovered_after_ms: fall.recovered_after.map(|after| after.0),
    }
}

impl From<Fall> for FallSummary {
    fn from(fall: Fall) -> Self {
        Self {
            before: fall.before,
            lowest: fall.lowest,
        }
    }
}
