//! `managed_scaling.csv`, `auto_scaling_groups.csv`, `spot_pools.csv`.

use std::io::{self, Write};

use crate::control::managed_scaling::{ManagedScalingAlarm, ManagedScalingMinute};
use crate::record::{CapacityProviderRow, Run};
use crate::units::SimTime;

use super::{text, writer};

/// The columns of `managed_scaling.csv`.
pub const MANAGED_SCALING_COLUMNS: [&str; 14] = [
    "time_ms",
    "capacity_provider",
    "instances_running",
    "instances_needed",
    "reservation_percent",
    "target_capacity",
    "alarm",
    "low_datapoints",
    "provisioning_tasks",
    "instances_pending",
    "desired",
    "decision",
    "new_desired",
    "reason",
];

/// The columns of `auto_scaling_groups.csv`.
pub const GROUP_COLUMNS: [&str; 7] = [
    "time_ms",
    "auto_scaling_group",
    "desired",
    "pending",
    "in_service",
    "terminating",
    "warmed",
];

/// The columns of `spot_pools.csv`.
pub const SPOT_POOL_COLUMNS: [&str; 8] = [
    "time_ms",
    "instance_type",
    "availability_zone",
    "running",
    "launched",
    "rebalance_recommendations",
    "interruption_notices",
    "interruptions",
];

/// Writes a row a capacity provider and minute of managed scaling, by time, then in the order of
/// the scenario; the header alone when the run kept no rows.
pub fn managed_scaling(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(MANAGED_SCALING_COLUMNS)?;
    let providers = run.capacity_providers.iter();
    let minutes = providers.flat_map(|of| of.minutes.iter().map(move |minute| (of, minute)));
    for (provider, minute) in by_time(minutes, |(_, minute)| minute.at) {
        file.write_record(minute_of(provider, minute))?;
    }
    file.flush()
}

fn minute_of(provider: &CapacityProviderRow, minute: &ManagedScalingMinute) -> [String; 14] {
    let low_datapoints = match minute.alarm {
        ManagedScalingAlarm::Low { datapoints } => datapoints,
        ManagedScalingAlarm::Ok | ManagedScalingAlarm::High => 0,
    };
    [
        minute.at.0.to_string(),
        provider.name.clone(),
        minute.running.to_string(),
        minute.needed.to_string(),
        minute.reservation.to_string(),
        minute.target_capacity.to_string(),
        minute.alarm.name().to_owned(),
        low_datapoints.to_string(),
        minute.provisioning_tasks.to_string(),
        minute.pending.to_string(),
        minute.desired.to_string(),
        minute.decision.name().to_owned(),
        text(minute.decision.to()),
        minute.reason.to_string(),
    ]
}

/// Writes a row whenever the counts of an Auto Scaling group change, by time, then in the order of
/// the scenario.
pub fn auto_scaling_groups(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(GROUP_COLUMNS)?;
    let groups = run.auto_scaling_groups.iter();
    let changes = groups.flat_map(|of| of.counts.iter().map(move |change| (of, change)));
    for (group, (at, counts)) in by_time(changes, |(_, (at, _))| *at) {
        file.write_record([
            at.0.to_string(),
            group.name.clone(),
            counts.desired.to_string(),
            counts.pending.to_string(),
            counts.in_service.to_string(),
            counts.terminating.to_string(),
            counts.warmed.to_string(),
        ])?;
    }
    file.flush()
}

/// Writes a row whenever something happens in a Spot pool, by time, then in the order of the
/// scenario.
pub fn spot_pools(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(SPOT_POOL_COLUMNS)?;
    let pools = run.spot_pools.iter();
    let changes = pools.flat_map(|of| of.counts.iter().map(move |change| (of, change)));
    for (pool, (at, counts)) in by_time(changes, |(_, (at, _))| *at) {
        file.write_record([
            at.0.to_string(),
            pool.instance_type.clone(),
            pool.availability_zone.clone(),
            counts.running.to_string(),
            counts.launched.to_string(),
            counts.rebalance_recommendations.to_string(),
            counts.notices.to_string(),
            counts.interruptions.to_string(),
        ])?;
    }
    file.flush()
}

/// The rows by time; those of one time stay in their order.
fn by_time<T>(rows: impl Iterator<Item = T>, at: impl Fn(&T) -> SimTime) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.sort_by_key(at);
    rows
}
