//! The part of the summary that tells of Auto Scaling groups, capacity providers and Spot.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::EndReason;
use crate::record::{
    CapacityProviderRow, Fraction, GroupRow, ManagedScalingTotals, Run, SpotPoolRow,
};

/// Milliseconds of an hour, and CPU-unit-milliseconds of a vCPU-hour.
const HOUR: u128 = 3_600_000;
const VCPU_HOUR: u128 = 1_024 * HOUR;

/// An Auto Scaling group over the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoScalingGroupSummary {
    /// Instances that were ever RUNNING.
    pub instances_launched: u64,
    /// Instances that ended, by why.
    pub instances_terminated: BTreeMap<String, u64>,
    /// Hours that they were RUNNING.
    pub instance_hours: Option<f64>,
    /// The most in service or draining to end at a time.
    pub instances_peak: u32,
    /// How often EC2 had no capacity for what it lacked.
    pub launch_failures: u64,
    /// How long it had fewer instances than desired for which EC2 had no capacity.
    pub without_capacity_ms: u64,
}

/// A capacity provider over the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityProviderSummary {
    /// `targetCapacity` in percent; `null` without managed scaling.
    pub target_capacity: Option<u32>,
    /// Name of its group; `null` for ECS Managed Instances.
    pub auto_scaling_group: Option<String>,
    /// The instances of its group.
    #[serde(flatten)]
    pub group: AutoScalingGroupSummary,
    /// The most tasks that waited in PROVISIONING at a minute; `null` without managed scaling.
    pub provisioning_peak: Option<u32>,
    /// Managed scaling; `null` without.
    pub managed_scaling: Option<ManagedScalingSummary>,
}

/// Managed scaling of a capacity provider.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedScalingSummary {
    /// Minutes at which it looked at its group.
    pub minutes: u64,
    /// `CapacityProviderReservation` in percent: its mean over the minutes.
    pub reservation_mean: Option<f64>,
    /// The lowest.
    pub reservation_min: Option<f64>,
    /// The highest.
    pub reservation_max: Option<f64>,
    /// Minutes that raised the desired capacity.
    pub scale_outs: u64,
    /// Minutes that lowered it.
    pub scale_ins: u64,
    /// Minutes in which a change was wanted and something held it back.
    pub held_back: u64,
    /// How many minutes had a reason of each kind, the commonest first.
    pub reasons: Vec<ReasonSummary>,
    /// The first changes of the desired capacity.
    pub changes: Vec<CapacityChangeSummary>,
}

/// A kind of reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasonSummary {
    /// Which: `at-target`, `tasks-wait`, ...
    pub reason: String,
    /// How many minutes had one.
    pub minutes: u64,
}

/// A change of a desired capacity by managed scaling.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityChangeSummary {
    /// When.
    pub time_ms: u64,
    /// N.
    pub instances_running: u32,
    /// M.
    pub instances_needed: u32,
    /// `CapacityProviderReservation` in percent.
    pub reservation: Option<f64>,
    /// `HIGH` or `LOW`.
    pub alarm: String,
    /// The desired capacity before.
    pub from: u32,
    /// The desired capacity after.
    pub to: u32,
    /// Why, in a line.
    pub reason: String,
}

/// Spot Instances over the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpotSummary {
    /// Those of all pools.
    #[serde(flatten)]
    pub all: SpotCounts,
    /// How long groups lacked Spot Instances for which EC2 had no capacity, together.
    pub without_capacity_ms: u64,
    /// The pools that groups can use, those without any instance too.
    pub pools: Vec<SpotPoolSummary>,
}

/// A Spot capacity pool over the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpotPoolSummary {
    /// Its instance type.
    pub instance_type: String,
    /// Its zone.
    pub availability_zone: String,
    /// Its instances.
    #[serde(flatten)]
    pub counts: SpotCounts,
}

/// What became of Spot Instances.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpotCounts {
    /// Instances that were ever RUNNING.
    pub launched: u64,
    /// Hours that they were RUNNING.
    pub instance_hours: Option<f64>,
    /// Rebalance recommendations.
    pub rebalance_recommendations: u64,
    /// Interruption notices.
    pub notices: u64,
    /// Instances that EC2 took back.
    pub interruptions: u64,
    /// Tasks that ended with them.
    pub tasks_interrupted: u64,
    /// What the standalone ones of these tasks had run.
    pub work_lost_ms: u64,
    /// The same times their vCPUs, in hours.
    pub work_lost_vcpu_hours: Option<f64>,
}

/// The capacity providers with Auto Scaling groups, by name.
pub(super) fn capacity_providers(run: &Run) -> BTreeMap<String, CapacityProviderSummary> {
    let providers = run.capacity_providers.iter();
    providers
        .filter_map(|row| {
            let group = run.auto_scaling_groups.get(row.group?)?;
            Some((row.name.clone(), provider(row, group)))
        })
        .collect()
}

/// The groups without a capacity provider, by name.
pub(super) fn auto_scaling_groups(run: &Run) -> BTreeMap<String, AutoScalingGroupSummary> {
    let groups = run.auto_scaling_groups.iter();
    groups
        .filter(|row| row.capacity_provider.is_empty())
        .map(|row| (row.name.clone(), group(row)))
        .collect()
}

/// Spot Instances, where the scenario has pools of them.
pub(super) fn spot(run: &Run) -> Option<SpotSummary> {
    let pools = &run.spot_pools;
    let groups = run.auto_scaling_groups.iter();
    (!pools.is_empty()).then(|| SpotSummary {
        all: spot_counts(pools),
        without_capacity_ms: groups.map(|row| row.without_spot_capacity_millis).sum(),
        pools: pools
            .iter()
            .map(|row| SpotPoolSummary {
                instance_type: row.instance_type.clone(),
                availability_zone: row.availability_zone.clone(),
                counts: spot_counts(std::slice::from_ref(row)),
            })
            .collect(),
    })
}

fn spot_counts(pools: &[SpotPoolRow]) -> SpotCounts {
    let mut sums = SpotCounts::default();
    let (mut running_millis, mut work_lost) = (0, 0);
    for row in pools {
        let totals = row.totals();
        sums.launched += row.instances.launched;
        sums.rebalance_recommendations += totals.rebalance_recommendations;
        sums.notices += totals.notices;
        sums.interruptions += totals.interruptions;
        sums.tasks_interrupted += row.tasks_interrupted;
        sums.work_lost_ms += row.work_lost_millis;
        running_millis += row.instances.running_millis;
        work_lost += row.work_lost_cpu_millis;
    }
    SpotCounts {
        instance_hours: share(running_millis, HOUR),
        work_lost_vcpu_hours: share(work_lost, VCPU_HOUR),
        ..sums
    }
}

fn provider(row: &CapacityProviderRow, of: &GroupRow) -> CapacityProviderSummary {
    let scaling = row.target_capacity.map(|_| &row.managed_scaling);
    CapacityProviderSummary {
        target_capacity: row.target_capacity,
        auto_scaling_group: of.management_fee.is_none().then(|| of.name.clone()),
        group: group(of),
        provisioning_peak: scaling.map(|scaling| scaling.provisioning_peak),
        managed_scaling: scaling.map(managed_scaling),
    }
}

fn group(row: &GroupRow) -> AutoScalingGroupSummary {
    let terminated = row.instances.terminated.iter();
    AutoScalingGroupSummary {
        instances_launched: row.instances.launched,
        instances_terminated: terminated
            .map(|(reason, count)| (EndReason::name(*reason).to_owned(), *count))
            .collect(),
        instance_hours: share(row.instances.running_millis, HOUR),
        instances_peak: row.peak,
        launch_failures: row.launch_failures,
        without_capacity_ms: row.without_capacity_millis,
    }
}

fn managed_scaling(totals: &ManagedScalingTotals) -> ManagedScalingSummary {
    let (least, most) = totals.reservation_range.unzip();
    let mut reasons: Vec<ReasonSummary> = totals
        .reasons
        .iter()
        .map(|(reason, minutes)| ReasonSummary {
            reason: (*reason).to_owned(),
            minutes: *minutes,
        })
        .collect();
    reasons.sort_by_key(|of| Reverse(of.minutes));
    let changes = totals.first_changes.iter().filter_map(|minute| {
        Some(CapacityChangeSummary {
            time_ms: minute.at.0,
            instances_running: minute.running,
            instances_needed: minute.needed,
            reservation: thousandths(minute.reservation.metric_value().0),
            alarm: minute.alarm.name().to_owned(),
            from: minute.desired,
            to: minute.decision.to()?,
            reason: minute.reason.to_string(),
        })
    });
    ManagedScalingSummary {
        minutes: totals.minutes,
        reservation_mean: share(
            totals.reservation_sum.into(),
            u128::from(totals.minutes) * 1_000,
        ),
        reservation_min: least.and_then(|value| thousandths(value.0)),
        reservation_max: most.and_then(|value| thousandths(value.0)),
        scale_outs: totals.scale_outs,
        scale_ins: totals.scale_ins,
        held_back: totals.held_back,
        reasons,
        changes: changes.collect(),
    }
}

/// A metric of 0 or more in its unit.
fn thousandths(value: i64) -> Option<f64> {
    share(value.unsigned_abs().into(), 1_000)
}

fn share(part: u128, whole: u128) -> Option<f64> {
    Fraction { part, whole }.to_f64()
}
