//! The summary of a run: what `summary.json` holds, as one typed value.
//!
//! Field names in camel case are the keys of the file and of the scenario's `checks`; scripts
//! depend on them. Fractions and means are rounded to six digits, `null` where there is nothing to
//! divide by.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::record::{
    Fraction, GroupKind, GroupUtilization, InstanceCounts, PerResource, RefusedShape, Run,
    Stranded, TaskCounts, WaitStats,
};

use super::bill::Bill;
use super::capacity::{self, AutoScalingGroupSummary, CapacityProviderSummary, SpotSummary};
use super::checks::CheckSummary;
use super::cost_summary::CostSummary;
use super::fargate::{self, FargateSummary};
use super::incidents::{self, IncidentSummary};
use super::services::{self, ServiceSummary};

/// The summary of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Seed of the run.
    pub seed: u64,
    /// Version of this program.
    pub version: String,
    /// Fingerprint of everything that happened.
    pub digest: String,
    /// The run covered [0, durationMs).
    pub duration_ms: u64,
    /// Events that were dispatched.
    pub events: u64,
    /// Tasks by state at the end.
    pub tasks: TaskSummary,
    /// How placement went.
    pub placement: PlacementSummary,
    /// How full the cluster was.
    pub utilization: UtilizationSummary,
    /// How many instances there were.
    pub instances: InstanceSummary,
    /// The capacity providers with Auto Scaling groups by name; without any there is no such key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity_providers: BTreeMap<String, CapacityProviderSummary>,
    /// The Auto Scaling groups without a capacity provider; without any there is no such key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub auto_scaling_groups: BTreeMap<String, AutoScalingGroupSummary>,
    /// Spot Instances; where no group can launch any there is no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot: Option<SpotSummary>,
    /// The services by name; without services there is no such key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, ServiceSummary>,
    /// What ran on Fargate; where nothing did there is no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fargate: Option<FargateSummary>,
    /// The incidents that came to pass; without any there is no such key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentSummary>,
    /// What it cost.
    pub cost: CostSummary,
    /// What became of the scenario's checks, in its order, once somebody has looked at them;
    /// without checks there is no such key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckSummary>,
}

/// Tasks by state. The states add up to `submitted`; `placed` counts every task that was ever given
/// an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskSummary {
    /// Submitted.
    pub submitted: u64,
    /// Ever given an instance.
    pub placed: u64,
    /// Refused and not tried again.
    pub not_placed: u64,
    /// Waiting for room, or placed and not yet running.
    pub pending: u64,
    /// Running; those being stopped included.
    pub running: u64,
    /// Ended by themselves.
    pub succeeded: u64,
    /// Failed.
    pub failed: u64,
    /// Ended by a loss of their instance.
    pub interrupted: u64,
    /// Stopped from outside.
    pub stopped: u64,
    /// The part of `pending` that waits for room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u64>,
    /// Submissions that fell on the end of the run or later, and did not happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_end: Option<u64>,
    /// The same for each entry of `tasks`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_entry: BTreeMap<String, TaskSummary>,
}

/// How placement went.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementSummary {
    /// The strategies in use, by short name.
    pub strategies: Vec<String>,
    /// The strategies of each entry of `tasks`; without those that name their instances.
    pub strategy_by_entry: BTreeMap<String, String>,
    /// Attempts; retries count.
    pub attempts: u64,
    /// For each reason, the refused attempts that gave it.
    pub failures: BTreeMap<String, u64>,
    /// Waits of placed tasks.
    pub wait_ms: Waits,
    /// Placed tasks that waited before.
    pub waited: u64,
    /// Their mean wait in milliseconds; `null` when none waited.
    pub waited_mean_ms: Option<f64>,
    /// How long, in milliseconds, the task that has waited longest at the end has waited; `null`
    /// when none waits there.
    pub still_waiting_max_ms: Option<u64>,
    /// Shapes of tasks that were refused at least once.
    pub refused_shape_count: u64,
    /// The shapes of tasks that were refused most.
    pub refused_shapes: Vec<RefusedShapeSummary>,
}

/// Waits in milliseconds, percentiles by nearest rank; all `null` when nothing was placed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Waits {
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<u64>,
    /// 90th percentile.
    pub p90: Option<u64>,
    /// 99th percentile.
    pub p99: Option<u64>,
    /// Longest.
    pub max: Option<u64>,
}

/// Amounts of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// CPU units.
    pub cpu: u64,
    /// MiB.
    pub memory: u64,
    /// GPUs.
    pub gpu: u64,
}

/// Tasks of one entry and the same needs that were refused at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedShapeSummary {
    /// Name of the entry.
    pub entry: String,
    /// CPU units of each task.
    pub cpu: u64,
    /// MiB of each task.
    pub memory: u64,
    /// GPUs of each task.
    pub gpu: u64,
    /// Tasks refused at least once.
    pub tasks: u64,
    /// Tasks of these that were given up.
    pub not_placed: u64,
    /// Every reason that was given.
    pub reasons: Vec<String>,
    /// The instance that came closest at the first refusal, where only amounts lacked.
    pub closest_instance: Option<String>,
    /// Its type.
    pub closest_instance_type: Option<String>,
    /// Its zone.
    pub closest_availability_zone: Option<String>,
    /// What it lacked, in words.
    pub lacked: Option<String>,
}

/// Part of what was registered, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Utilization {
    /// Reserved over registered, integrated over the run.
    pub reserved_mean: Option<f64>,
    /// The highest at any time.
    pub reserved_peak: Option<f64>,
    /// Used over registered; `null` while use is not modelled.
    pub used_mean: Option<f64>,
}

/// Utilization of a group of instances.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Capacity {
    /// Instances that ever were of the group.
    pub instances: u64,
    /// CPU.
    pub cpu: Utilization,
    /// Memory.
    pub memory: Utilization,
    /// GPUs.
    pub gpu: Utilization,
}

/// Groups of instances by name.
pub type Groups = BTreeMap<String, Capacity>;

/// How full the cluster and its parts were.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UtilizationSummary {
    /// CPU of the cluster.
    pub cpu: Utilization,
    /// Memory of the cluster.
    pub memory: Utilization,
    /// GPUs of the cluster.
    pub gpu: Utilization,
    /// Each zone.
    pub by_availability_zone: Groups,
    /// Each instance type.
    pub by_instance_type: Groups,
    /// Each capacity provider.
    pub by_capacity_provider: Groups,
    /// Free capacity that the work could not use.
    pub stranded: StrandedSummary,
}

/// Mean and peak of a part.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Share {
    /// Over the run.
    pub mean: Option<f64>,
    /// The highest at any time.
    pub peak: Option<f64>,
}

/// Stranded capacity as a part of what was registered, and fragmentation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct StrandedSummary {
    /// The last reference shape.
    pub shape: Option<Shape>,
    /// CPU.
    pub cpu: Share,
    /// Memory.
    pub memory: Share,
    /// GPUs.
    pub gpu: Share,
    /// 0: the free capacity takes as many tasks of the shape as if it were one piece; 1: none.
    pub fragmentation: Option<f64>,
}

/// How many instances there were.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceSummary {
    /// The most registered at a time.
    pub peak: u64,
    /// Registered on average.
    pub mean: Option<f64>,
    /// Launched in the run.
    pub launched: u64,
    /// Terminated in the run.
    pub terminated: u64,
    /// The fewest that any packing could have done with.
    pub lower_bound: u64,
    /// Instances that ever hosted a task.
    pub used: u64,
    /// The most that hosted a task at a time.
    pub used_peak: u64,
    /// Hosting a task on average.
    pub used_mean: Option<f64>,
}

/// How many of the refused shapes the summary names.
const REFUSED_SHAPES: usize = 10;

impl Summary {
    /// The summary of a run and its bill.
    pub fn new(run: &Run, bill: &Bill) -> Self {
        Self {
            scenario: run.scenario.clone(),
            cluster: run.cluster.clone(),
            seed: run.seed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            digest: run.digest.clone(),
            duration_ms: run.duration.0,
            events: run.events,
            tasks: TaskSummary {
                waiting: Some(run.tasks.waiting),
                beyond_end: Some(run.beyond_end),
                by_entry: entries(run),
                ..TaskSummary::from(&run.tasks)
            },
            placement: placement(run),
            utilization: utilization(run),
            instances: instances(&run.instance_counts, run.lower_bound),
            capacity_providers: capacity::capacity_providers(run),
            auto_scaling_groups: capacity::auto_scaling_groups(run),
            spot: capacity::spot(run),
            services: services::services(run),
            fargate: fargate::summary(run),
            incidents: incidents::incidents(run),
            cost: CostSummary::new(run, bill),
            checks: Vec::new(),
        }
    }
}

fn entries(run: &Run) -> BTreeMap<String, TaskSummary> {
    let entries = run.task_entries().iter();
    entries
        .map(|(name, counts)| (name.clone(), TaskSummary::from(counts)))
        .collect()
}

impl From<&TaskCounts> for TaskSummary {
    fn from(counts: &TaskCounts) -> Self {
        Self {
            submitted: counts.submitted,
            placed: counts.placed,
            not_placed: counts.not_placed,
            pending: counts.pending(),
            running: counts.running,
            succeeded: counts.succeeded,
            failed: counts.failed,
            interrupted: counts.interrupted,
            stopped: counts.stopped,
            ..Self::default()
        }
    }
}

fn placement(run: &Run) -> PlacementSummary {
    let stats = &run.placement;
    let failures = stats.failures.iter();
    let shapes = stats.refused_shapes.iter().take(REFUSED_SHAPES);
    let names = run.task_entries().iter().map(|(name, _)| name);
    let chains = names.zip(&run.entry_strategies);
    let waited_mean = run.waits.as_ref().and_then(|waits| {
        let mean = Fraction {
            part: waits.sum,
            whole: u128::from(waits.waited),
        };
        mean.to_f64()
    });
    PlacementSummary {
        strategies: run.strategies.clone(),
        strategy_by_entry: chains
            .filter_map(|(name, chain)| Some((name.clone(), chain.clone()?)))
            .collect(),
        attempts: stats.attempts,
        failures: failures
            .map(|(reason, count)| (reason.name().to_owned(), *count))
            .collect(),
        wait_ms: run.waits.as_ref().map(waits).unwrap_or_default(),
        waited: run.waits.as_ref().map_or(0, |waits| waits.waited),
        waited_mean_ms: waited_mean,
        still_waiting_max_ms: run.longest_waiting.map(|wait| wait.0),
        refused_shape_count: u64::try_from(stats.refused_shapes.len()).unwrap_or(u64::MAX),
        refused_shapes: shapes.map(|shape| refused_shape(run, shape)).collect(),
    }
}

fn waits(stats: &WaitStats) -> Waits {
    let mean = Fraction {
        part: stats.sum,
        whole: u128::from(stats.count),
    };
    Waits {
        mean: mean.to_f64(),
        p50: Some(stats.p50),
        p90: Some(stats.p90),
        p99: Some(stats.p99),
        max: Some(stats.max),
    }
}

fn refused_shape(run: &Run, shape: &RefusedShape) -> RefusedShapeSummary {
    let PerResource { cpu, memory, gpu } = PerResource::amounts(&shape.needs);
    let reasons = shape.reasons.iter();
    let closest = shape.nearest_miss.map(|miss| miss.instance.index());
    let closest = closest.and_then(|place| run.instances.get(place));
    RefusedShapeSummary {
        entry: run.entry_name(shape.entry).to_owned(),
        cpu,
        memory,
        gpu,
        tasks: shape.tasks,
        not_placed: shape.not_placed,
        reasons: reasons.map(|reason| reason.name().to_owned()).collect(),
        closest_instance: shape.nearest_miss.map(|miss| miss.instance.to_string()),
        closest_instance_type: closest.map(|row| row.facts.instance_type.clone()),
        closest_availability_zone: closest.map(|row| row.facts.availability_zone.clone()),
        lacked: shape.nearest_miss.map(|miss| miss.to_string()),
    }
}

fn utilization(run: &Run) -> UtilizationSummary {
    let cluster = of_kind(run, GroupKind::Cluster)
        .remove("")
        .unwrap_or_default();
    UtilizationSummary {
        cpu: cluster.cpu,
        memory: cluster.memory,
        gpu: cluster.gpu,
        by_availability_zone: of_kind(run, GroupKind::AvailabilityZone),
        by_instance_type: of_kind(run, GroupKind::InstanceType),
        by_capacity_provider: of_kind(run, GroupKind::CapacityProvider),
        stranded: stranded(&run.stranded),
    }
}

fn of_kind(run: &Run, kind: GroupKind) -> Groups {
    let groups = run.utilization.iter().filter(|group| group.kind == kind);
    groups
        .map(|group| (group.name.clone(), capacity(group)))
        .collect()
}

fn capacity(group: &GroupUtilization) -> Capacity {
    let each = group
        .reserved_mean
        .with(group.reserved_peak, |mean, peak| Utilization {
            reserved_mean: mean.to_f64(),
            reserved_peak: peak.to_f64(),
            used_mean: None,
        });
    Capacity {
        instances: group.instances,
        cpu: each.cpu,
        memory: each.memory,
        gpu: each.gpu,
    }
}

fn stranded(stranded: &Stranded) -> StrandedSummary {
    let each = stranded.mean.with(stranded.peak, |mean, peak| Share {
        mean: mean.to_f64(),
        peak: peak.to_f64(),
    });
    let lost = Fraction {
        part: stranded.pieces.whole - stranded.pieces.part,
        whole: stranded.pieces.whole,
    };
    StrandedSummary {
        shape: stranded
            .shape
            .map(|PerResource { cpu, memory, gpu }| Shape { cpu, memory, gpu }),
        cpu: each.cpu,
        memory: each.memory,
        gpu: each.gpu,
        fragmentation: lost.to_f64(),
    }
}

fn instances(counts: &InstanceCounts, lower_bound: u64) -> InstanceSummary {
    InstanceSummary {
        peak: counts.peak,
        mean: counts.mean.to_f64(),
        launched: counts.launched,
        terminated: counts.terminated,
        lower_bound,
        used: counts.used,
        used_peak: counts.used_peak,
        used_mean: counts.used_mean.to_f64(),
    }
}
