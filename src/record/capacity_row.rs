//! What became of Auto Scaling groups, capacity providers and Spot pools, when the run is over.

use std::collections::BTreeMap;

use crate::control::managed_scaling::{ManagedScalingDecision, ManagedScalingMinute};
use crate::control::metric::MetricValue;
use crate::model::EndReason;
use crate::simulation::GroupCounts;
use crate::units::{Share, SimTime};

/// Instances of a group or a pool: one for each time that one was RUNNING, so that an instance that
/// was made ready for a warm pool and stopped counts there and again when it is taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaunchedInstances {
    /// That were ever RUNNING.
    pub launched: u64,
    /// That ended, by why.
    pub terminated: BTreeMap<EndReason, u64>,
    /// Instances RUNNING times milliseconds.
    pub running_millis: u128,
}

impl LaunchedInstances {
    /// Counts in an instance that was RUNNING for so long.
    pub(super) fn add(&mut self, ran: u64, ended: Option<EndReason>) {
        self.launched += 1;
        self.running_millis += u128::from(ran);
        if let Some(reason) = ended {
            *self.terminated.entry(reason).or_default() += 1;
        }
    }
}

/// An Auto Scaling group over the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupRow {
    /// `autoScalingGroupName`.
    pub name: String,
    /// Its capacity provider; empty when it has none.
    pub capacity_provider: String,
    /// Root volume of each of its instances in GiB, where it is billed.
    pub root_volume_gib: Option<u32>,
    /// Whether each of its instances has a public IPv4 address.
    pub public_ipv4: bool,
    /// What ECS charges beside EC2, of an instance's On-Demand price; `None` where ECS does not
    /// manage the instances.
    pub management_fee: Option<Share>,
    /// Whether it has a warm pool whose instances stand stopped.
    pub stops_warm_instances: bool,
    /// Its instances.
    pub instances: LaunchedInstances,
    /// The most in service or draining to end at a time.
    pub peak: u32,
    /// How often EC2 had no capacity for what it lacked.
    pub launch_failures: u64,
    /// How long it had fewer instances than desired for which EC2 had no capacity, in milliseconds.
    pub without_capacity_millis: u64,
    /// The same while Spot Instances were among those that it lacked.
    pub without_spot_capacity_millis: u64,
    /// How it stood from each time on; the first is at 0.
    pub counts: Vec<(SimTime, GroupCounts)>,
}

/// A capacity provider over the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CapacityProviderRow {
    /// Its name.
    pub name: String,
    /// Its group, by its place among the groups; `None` for Fargate.
    pub group: Option<usize>,
    /// `targetCapacity`, where it has managed scaling.
    pub target_capacity: Option<u32>,
    /// What managed scaling came to.
    pub managed_scaling: ManagedScalingTotals,
    /// What managed scaling saw and decided, minute by minute, when the run was asked to keep rows.
    pub minutes: Vec<ManagedScalingMinute>,
}

/// Managed scaling of a capacity provider over the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ManagedScalingTotals {
    /// Minutes.
    pub minutes: u64,
    /// Sum of `CapacityProviderReservation` over them, in thousandths of a percent.
    pub reservation_sum: u64,
    /// Its lowest and its highest minute; `None` without minutes.
    pub reservation_range: Option<(MetricValue, MetricValue)>,
    /// Minutes that raised the desired capacity.
    pub scale_outs: u64,
    /// Minutes that lowered it.
    pub scale_ins: u64,
    /// Minutes in which a change was wanted and something held it back.
    pub held_back: u64,
    /// Minutes by the kind of their reason.
    pub reasons: BTreeMap<&'static str, u64>,
    /// The most tasks that waited in PROVISIONING at a minute.
    pub provisioning_peak: u32,
    /// The first minutes that changed the desired capacity, at most [`Self::FIRST_CHANGES`].
    pub first_changes: Vec<ManagedScalingMinute>,
}

impl ManagedScalingTotals {
    /// How many changes of the desired capacity are kept of every run.
    pub const FIRST_CHANGES: usize = 12;

    pub(super) fn add(&mut self, minute: &ManagedScalingMinute) {
        let reservation = minute.reservation.metric_value();
        self.minutes += 1;
        self.reservation_sum += reservation.0.unsigned_abs();
        let (least, most) = self.reservation_range.unwrap_or((reservation, reservation));
        self.reservation_range = Some((least.min(reservation), most.max(reservation)));
        match minute.decision {
            ManagedScalingDecision::None => (),
            ManagedScalingDecision::HeldBack => self.held_back += 1,
            ManagedScalingDecision::ScaleOut { .. } => self.scale_outs += 1,
            ManagedScalingDecision::ScaleIn { .. } => self.scale_ins += 1,
        }
        *self.reasons.entry(minute.reason.kind()).or_default() += 1;
        self.provisioning_peak = self.provisioning_peak.max(minute.provisioning_tasks);
        if minute.decision.to().is_some() && self.first_changes.len() < Self::FIRST_CHANGES {
            self.first_changes.push(*minute);
        }
    }
}

/// A Spot capacity pool over the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpotPoolRow {
    /// The instance type.
    pub instance_type: String,
    /// The zone.
    pub availability_zone: String,
    /// Its instances.
    pub instances: LaunchedInstances,
    /// Tasks that ended with instances that EC2 took back.
    pub tasks_interrupted: u64,
    /// What these tasks had run since RUNNING, in milliseconds: of standalone tasks, whose work is
    /// lost.
    pub work_lost_millis: u64,
    /// The same times their CPU units.
    pub work_lost_cpu_millis: u128,
    /// How it stood from each time on at which something happened there.
    pub counts: Vec<(SimTime, SpotPoolCounts)>,
}

impl SpotPoolRow {
    /// What has happened there by the end.
    pub fn totals(&self) -> SpotPoolCounts {
        self.counts
            .last()
            .map(|(_, counts)| *counts)
            .unwrap_or_default()
    }
}

/// How a Spot pool stands: its instances that are RUNNING, and what has happened there so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpotPoolCounts {
    /// RUNNING now.
    pub running: u64,
    /// Launched so far.
    pub launched: u64,
    /// Rebalance recommendations so far.
    pub rebalance_recommendations: u64,
    /// Interruption notices so far.
    pub notices: u64,
    /// Instances that EC2 has taken back so far.
    pub interruptions: u64,
}
