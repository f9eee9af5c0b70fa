//! The part of the summary that tells of services.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::record::{
    CountOverTime, DeploymentRow, Fraction, LoadOverTime, Run, ServiceEventRow, ServiceRow,
    TaskCounts, WeightedMean, scaling_cause,
};
use crate::units::{NanoUsd, SimTime};

use super::summary::TaskSummary;

/// A service over the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSummary {
    /// `REPLICA` or `DAEMON`.
    pub scheduling_strategy: String,
    /// The chain of strategies by short name; `null` for DAEMON.
    pub placement_strategy: Option<String>,
    /// The revision of its latest deployment.
    pub task_definition: Option<String>,
    /// When it was created.
    pub created_ms: u64,
    /// Its tasks by state.
    pub tasks: TaskSummary,
    /// Why its tasks stopped, and how many for each reason.
    pub stop_reasons: BTreeMap<String, u64>,
    /// The desired count.
    pub desired: CountSummary,
    /// The fewest tasks that had to be healthy.
    pub lower_limit: CountSummary,
    /// Placed, not yet RUNNING.
    pub pending: CountSummary,
    /// RUNNING.
    pub running: CountSummary,
    /// RUNNING and healthy.
    pub healthy: CountSummary,
    /// Asked to stop, not yet STOPPED.
    pub stopping: CountSummary,
    /// Share of the time since its creation during which it was available.
    pub availability: Option<f64>,
    /// Share of the time since it was available first.
    pub availability_since_ready: Option<f64>,
    /// From its creation until it was available first.
    pub ready_after_ms: Option<u64>,
    /// From its creation to its first steady state.
    pub steady_after_ms: Option<u64>,
    /// How long it was not available.
    pub unavailable_ms: u64,
    /// How long no task was healthy although some were desired.
    pub without_healthy_ms: u64,
    /// How placement of its tasks went.
    pub placement: ServicePlacement,
    /// Its deployments by number.
    pub deployments: Vec<DeploymentSummary>,
    /// What auto scaling did.
    pub scaling: ScalingSummary,
    /// Its load; `null` without load.
    pub load: Option<LoadSummary>,
    /// What it told.
    pub events: EventsSummary,
    /// What its tasks cost.
    pub cost_usd: NanoUsd,
}

/// A count over the life of a service; all `null` when it had none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct CountSummary {
    /// On average.
    pub mean: Option<f64>,
    /// The least.
    pub min: Option<u32>,
    /// The most.
    pub max: Option<u32>,
    /// At the end.
    pub end: Option<u32>,
}

/// How placement of a service's tasks went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ServicePlacement {
    /// Attempts.
    pub attempts: u64,
    /// For each reason, the refused attempts that gave it.
    pub failures: BTreeMap<String, u64>,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentSummary {
    /// Its number within the service, from 1.
    pub number: u32,
    /// The revision.
    pub task_definition: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`, as the run left it.
    pub status: String,
    /// `IN_PROGRESS`, `COMPLETED` or `FAILED`, as the run left it.
    pub rollout_state: String,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`.
    pub strategy: String,
    /// When it began.
    pub created_ms: u64,
    /// When it was completed or failed.
    pub finished_ms: Option<u64>,
    /// From the one to the other.
    pub duration_ms: Option<u64>,
    /// When it was declared successful ahead of its completion.
    pub succeeded_early_ms: Option<u64>,
    /// Tasks that were started for it until it was completed.
    pub tasks_started: u32,
    /// Tasks of earlier revisions that were stopped for it.
    pub tasks_replaced: u32,
    /// Failed tasks as the circuit breaker counts them.
    pub failed_tasks: u32,
    /// All failed tasks until it was completed.
    pub failures: u32,
    /// Why it failed.
    pub cause: Option<String>,
    /// The deployment that it rolls back.
    pub rolls_back: Option<u32>,
    /// The deployment that rolled it back.
    pub rolled_back_by: Option<u32>,
    /// Why it did not go on at the end.
    pub stuck: Option<String>,
}

/// What auto scaling did to a service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ScalingSummary {
    /// Times that it raised the desired count.
    pub out: u64,
    /// Times that it lowered it.
    #[serde(rename = "in")]
    pub r#in: u64,
    /// The latest activities, the latest last.
    pub latest: Vec<ScalingActivitySummary>,
}

/// A change of a desired count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScalingActivitySummary {
    /// When.
    pub time_ms: u64,
    /// The desired count before.
    pub from: u32,
    /// The desired count after.
    pub to: u32,
    /// Who asked for it.
    pub cause: String,
}

/// The request load of a service.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadSummary {
    /// Requests that came.
    pub requests: Option<f64>,
    /// Requests that were answered.
    pub served: Option<f64>,
    /// Requests that were not.
    pub lost: Option<f64>,
    /// `lost` over `requests`.
    pub error_rate: Option<f64>,
    /// Minutes in which a request was lost.
    pub minutes_with_loss: u64,
    /// `CPUUtilization`, in percent.
    pub cpu_utilization: MetricSummary,
    /// `MemoryUtilization`, in percent.
    pub memory_utilization: MetricSummary,
    /// Mean response time in milliseconds.
    pub latency_mean_ms: MetricSummary,
    /// 99th percentile of the response time in milliseconds.
    pub latency_p99_ms: MetricSummary,
}

/// A metric of minutes; `null` when no minute had it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct MetricSummary {
    /// Its weighted mean.
    pub mean: Option<f64>,
    /// The highest minute.
    pub max: Option<f64>,
}

/// What a service told its owner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EventsSummary {
    /// Events of severity `INFO`.
    pub info: u64,
    /// Of severity `WARN`.
    pub warn: u64,
    /// Of severity `ERROR`.
    pub error: u64,
    /// The latest ones, the latest last.
    pub latest: Vec<EventSummary>,
    /// The latest ones of severity `WARN` and `ERROR`, the latest last.
    pub troubles: Vec<EventSummary>,
}

/// An event of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventSummary {
    /// When.
    pub time_ms: u64,
    /// EventBridge's `eventName`.
    pub event_name: String,
    /// `INFO`, `WARN` or `ERROR`.
    pub severity: String,
    /// The text.
    pub message: String,
}

/// How many events, and how many warnings and errors, the summary tells of a service.
const EVENTS: usize = 10;
const TROUBLES: usize = 5;

/// The services by name.
pub(super) fn services(run: &Run) -> BTreeMap<String, ServiceSummary> {
    let services = run.services();
    services
        .map(|(row, counts)| (row.name.clone(), service(run, row, counts)))
        .collect()
}

fn service(run: &Run, row: &ServiceRow, counts: &TaskCounts) -> ServiceSummary {
    let after = |at: Option<SimTime>| at.map(|at| at.since(row.created_at).0);
    let latest = row.deployments.last().map(DeploymentRow::task_definition);
    let Fraction { part, .. } = row.availability;
    let available = u64::try_from(part).unwrap_or(u64::MAX);
    let failures = row.failures.iter();
    ServiceSummary {
        scheduling_strategy: row.scheduling_strategy.to_owned(),
        placement_strategy: row.placement_strategy.clone(),
        task_definition: latest.map(|id| run.definition_name(id).to_owned()),
        created_ms: row.created_at.0,
        tasks: TaskSummary::from(counts),
        stop_reasons: row
            .stop_reasons
            .iter()
            .map(|(reason, tasks)| ((*reason).to_owned(), *tasks))
            .collect(),
        desired: count(&row.desired),
        lower_limit: count(&row.lower_limit),
        pending: count(&row.pending),
        running: count(&row.running),
        healthy: count(&row.healthy),
        stopping: count(&row.stopping),
        availability: row.availability.to_f64(),
        availability_since_ready: row.availability_since_ready.to_f64(),
        ready_after_ms: after(row.ready_at),
        steady_after_ms: after(row.steady_at),
        unavailable_ms: row.lived.0.saturating_sub(available),
        without_healthy_ms: row.without_healthy.0,
        placement: ServicePlacement {
            attempts: row.attempts,
            failures: failures
                .map(|(reason, count)| (reason.name().to_owned(), *count))
                .collect(),
        },
        deployments: row
            .deployments
            .iter()
            .map(|row| deployment(run, row))
            .collect(),
        scaling: scaling(row),
        load: (row.load.minutes > 0).then(|| load(&row.load)),
        events: events(run, row),
        cost_usd: row.used,
    }
}

fn count(over_time: &CountOverTime) -> CountSummary {
    CountSummary {
        mean: over_time.mean.to_f64(),
        min: over_time.least,
        max: over_time.peak,
        end: over_time.last,
    }
}

fn deployment(run: &Run, row: &DeploymentRow) -> DeploymentSummary {
    let last = &row.last;
    DeploymentSummary {
        number: last.number,
        task_definition: run.definition_name(last.task_definition).to_owned(),
        status: row.status().to_owned(),
        rollout_state: last.rollout_state.name().to_owned(),
        strategy: row.strategy().to_owned(),
        created_ms: last.created_at.0,
        finished_ms: last.finished_at.map(|at| at.0),
        duration_ms: row.took().map(|took| took.0),
        succeeded_early_ms: last.succeeded_early_at.map(|at| at.0),
        tasks_started: last.tasks_started,
        tasks_replaced: last.tasks_replaced,
        failed_tasks: last.failed_tasks,
        failures: last.failures,
        cause: last.cause.map(|cause| run.failure_cause(cause)),
        rolls_back: last.rolls_back,
        rolled_back_by: row.rolled_back_by,
        stuck: row.stuck().map(str::to_owned),
    }
}

fn scaling(row: &ServiceRow) -> ScalingSummary {
    let activities = row.scalings.iter();
    let latest = activities.skip(row.scalings.len().saturating_sub(EVENTS));
    ScalingSummary {
        out: row.scaled_out,
        r#in: row.scaled_in,
        latest: latest
            .map(|activity| ScalingActivitySummary {
                time_ms: activity.start_time.0,
                from: activity.previous_capacity,
                to: activity.desired_capacity,
                cause: row
                    .scalable_target
                    .as_ref()
                    .map_or_else(String::new, |target| scaling_cause(target, activity)),
            })
            .collect(),
    }
}

fn load(load: &LoadOverTime) -> LoadSummary {
    const MILLION: u128 = 1_000_000;
    let share = |part, whole| Fraction { part, whole }.to_f64();
    LoadSummary {
        requests: share(load.offered, MILLION),
        served: share(load.served, MILLION),
        lost: share(load.lost, MILLION),
        error_rate: share(load.lost, load.offered),
        minutes_with_loss: load.minutes_with_loss,
        cpu_utilization: metric(&load.cpu),
        memory_utilization: metric(&load.memory),
        latency_mean_ms: metric(&load.latency),
        latency_p99_ms: metric(&load.latency_p99),
    }
}

/// A metric in thousandths of the unit in which the summary tells it.
fn metric(over_time: &WeightedMean) -> MetricSummary {
    let Fraction { part, whole } = over_time.mean;
    let thousandths = |part, whole: u128| Fraction {
        part,
        whole: whole.saturating_mul(1_000),
    };
    let peak = over_time.peak.map(u128::from);
    MetricSummary {
        mean: thousandths(part, whole).to_f64(),
        max: peak.and_then(|peak| thousandths(peak, 1).to_f64()),
    }
}

fn events(run: &Run, row: &ServiceRow) -> EventsSummary {
    let [info, warn, error] = row.event_counts;
    let told = |rows: &[ServiceEventRow], most: usize| {
        let rows = rows.iter().skip(rows.len().saturating_sub(most));
        let rows = rows.map(|event| EventSummary {
            time_ms: event.at.0,
            event_name: event.event.event_name().to_owned(),
            severity: event.event.severity().name().to_owned(),
            message: run.event_message(row, event),
        });
        rows.collect()
    };
    EventsSummary {
        info,
        warn,
        error,
        latest: told(&row.events, EVENTS),
        troubles: told(&row.troubles, TROUBLES),
    }
}
