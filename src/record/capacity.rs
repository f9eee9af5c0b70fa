//! What Auto Scaling groups, capacity providers and Spot pools went through.

use std::collections::BTreeMap;

use crate::cloud::auto_scaling::WarmPoolState;
use crate::control::managed_scaling::ManagedScalingMinute;
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, ContainerInstanceId, EndReason, SpotPoolId, Stop,
    StoppedReason, Task,
};
use crate::scenario::{CapacityProviderKind, Scenario};
use crate::simulation::GroupCounts;
use crate::units::SimTime;

/// An Auto Scaling group over the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// `autoScalingGroupName`.
    pub name: String,
    /// Its capacity provider; empty when it has none.
    pub capacity_provider: String,
    /// Root volume of each of its instances in GiB, where it is billed.
    pub root_volume_gib: Option<u32>,
    /// Whether each of its instances has a public IPv4 address.
    pub public_ipv4: bool,
    /// Whether it has a warm pool whose instances stand stopped.
    pub stops_warm_instances: bool,
    /// How it stood from each time on; the first is at 0.
    pub counts: Vec<(SimTime, GroupCounts)>,
    /// How often EC2 had no capacity for what it lacked.
    pub launch_failures: u64,
    /// How long it had fewer instances than desired for which EC2 had no capacity, in milliseconds.
    pub without_capacity_millis: u64,
    /// Instances in service times milliseconds.
    pub in_service_millis: u128,
    /// Since when EC2 has no capacity for it.
    short_since: Option<SimTime>,
}

/// A capacity provider over the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityProviderRow {
    /// Its name.
    pub name: String,
    /// Its group, by its place among the groups; `None` for Fargate.
    pub group: Option<usize>,
    /// `targetCapacity`, where it has managed scaling.
    pub target_capacity: Option<u32>,
    /// What managed scaling saw and decided, minute by minute.
    pub minutes: Vec<ManagedScalingMinute>,
    /// The most tasks that waited in PROVISIONING at a minute.
    pub provisioning_peak: u32,
}

/// A Spot capacity pool over the run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpotPoolRow {
    /// The instance type.
    pub instance_type: String,
    /// The zone.
    pub availability_zone: String,
    /// Rebalance recommendations.
    pub rebalance_recommendations: u64,
    /// Interruption notices.
    pub notices: u64,
    /// Instances that EC2 took back.
    pub interruptions: u64,
    /// Tasks that ended with them.
    pub tasks_interrupted: u64,
    /// What these tasks had run since RUNNING, in milliseconds: of standalone tasks, whose work is
    /// lost.
    pub work_lost_millis: u64,
    /// The same times their CPU units.
    pub work_lost_cpu_millis: u128,
}

/// The ledger of groups, providers and pools.
#[derive(Debug, Default)]
pub(super) struct Capacity {
    groups: Vec<GroupRow>,
    providers: Vec<CapacityProviderRow>,
    pools: Vec<SpotPoolRow>,
    /// Instances that have their notice, and their pool.
    noticed: BTreeMap<ContainerInstanceId, SpotPoolId>,
    services_from: u32,
}

impl Capacity {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let provider_of = |group: AutoScalingGroupId| {
            let mut providers = scenario.capacity_providers.iter();
            let provider = providers.find(|provider| group_of(&provider.kind) == Some(group));
            provider.map_or(String::new(), |provider| provider.name.clone())
        };
        let groups = (0..)
            .map(AutoScalingGroupId)
            .zip(&scenario.auto_scaling_groups);
        let groups = groups.map(|(group, spec)| GroupRow {
            name: spec.name.clone(),
            capacity_provider: provider_of(group),
            root_volume_gib: spec.root_volume_gib,
            public_ipv4: spec.public_ipv4,
            stops_warm_instances: spec
                .configuration
                .warm_pool
                .is_some_and(|pool| pool.pool_state != WarmPoolState::Running),
            counts: Vec::new(),
            launch_failures: 0,
            without_capacity_millis: 0,
            in_service_millis: 0,
            short_since: None,
        });
        let providers = scenario.capacity_providers.iter();
        let providers = providers.map(|provider| CapacityProviderRow {
            name: provider.name.clone(),
            group: group_of(&provider.kind).map(AutoScalingGroupId::index),
            target_capacity: match &provider.kind {
                CapacityProviderKind::AutoScalingGroup {
                    managed_scaling, ..
                } => managed_scaling.map(|scaling| scaling.target_capacity),
                CapacityProviderKind::Fargate | CapacityProviderKind::FargateSpot => None,
            },
            minutes: Vec::new(),
            provisioning_peak: 0,
        });
        let pools = scenario.spot_pools.iter().map(|pool| SpotPoolRow {
            instance_type: scenario.instance_types[pool.instance_type.index()]
                .name
                .clone(),
            availability_zone: pool.availability_zone.clone(),
            ..SpotPoolRow::default()
        });
        Self {
            groups: groups.collect(),
            providers: providers.collect(),
            pools: pools.collect(),
            noticed: BTreeMap::new(),
            services_from: crate::units::id(scenario.tasks.len()),
        }
    }

    pub(super) fn group_counted(
        &mut self,
        at: SimTime,
        group: AutoScalingGroupId,
        counts: GroupCounts,
    ) {
        let row = &mut self.groups[group.index()];
        row.hold(at);
        if counts.pending + counts.in_service >= counts.desired {
            row.no_longer_short(at);
        }
        row.counts.push((at, counts));
    }

    pub(super) fn launch_failed(&mut self, at: SimTime, group: AutoScalingGroupId) {
        let row = &mut self.groups[group.index()];
        row.launch_failures += 1;
        row.short_since.get_or_insert(at);
    }

    pub(super) fn provider_minute(
        &mut self,
        provider: CapacityProviderId,
        minute: &ManagedScalingMinute,
    ) {
        let row = &mut self.providers[provider.index()];
        row.provisioning_peak = row.provisioning_peak.max(minute.provisioning_tasks);
        row.minutes.push(*minute);
    }

    pub(super) fn rebalance_recommended(&mut self, pool: SpotPoolId) {
        self.pools[pool.index()].rebalance_recommendations += 1;
    }

    pub(super) fn spot_notice(&mut self, pool: SpotPoolId, instance: Option<ContainerInstanceId>) {
        self.pools[pool.index()].notices += 1;
        if let Some(instance) = instance {
            self.noticed.insert(instance, pool);
        }
    }

    /// A task has stopped: one whose Spot Instance was taken back from under it has been
    /// interrupted.
    pub(super) fn task_stopped(&mut self, at: SimTime, task: &Task, stop: &Stop) {
        let StoppedReason::HostTerminated(on) = stop.reason else {
            return;
        };
        let Some(pool) = self.noticed.get(&on) else {
            return;
        };
        let row = &mut self.pools[pool.index()];
        row.tasks_interrupted += 1;
        if let Some(started) = task
            .started_at
            .filter(|_| task.entry.0 < self.services_from)
        {
            let ran = at.since(started).0;
            row.work_lost_millis += ran;
            row.work_lost_cpu_millis += u128::from(ran) * u128::from(task.needs.cpu.0);
        }
    }

    /// An instance of a pool has ended.
    pub(super) fn instance_ended(
        &mut self,
        instance: Option<ContainerInstanceId>,
        pool: Option<SpotPoolId>,
        reason: EndReason,
    ) {
        if let Some(instance) = instance {
            self.noticed.remove(&instance);
        }
        if let (Some(pool), EndReason::SpotInterruption) = (pool, reason) {
            self.pools[pool.index()].interruptions += 1;
        }
    }

    pub(super) fn finish(mut self, end: SimTime) -> FinishedCapacity {
        for row in &mut self.groups {
            row.hold(end);
            row.no_longer_short(end);
        }
        FinishedCapacity {
            groups: self.groups,
            providers: self.providers,
            pools: self.pools,
        }
    }
}

/// The ledger when the run is over.
#[derive(Debug)]
pub(super) struct FinishedCapacity {
    pub(super) groups: Vec<GroupRow>,
    pub(super) providers: Vec<CapacityProviderRow>,
    pub(super) pools: Vec<SpotPoolRow>,
}

impl GroupRow {
    fn hold(&mut self, at: SimTime) {
        if let Some((since, counts)) = self.counts.last() {
            let span = u128::from(at.since(*since).0);
            self.in_service_millis += u128::from(counts.in_service) * span;
        }
    }

    fn no_longer_short(&mut self, at: SimTime) {
        if let Some(since) = self.short_since.take() {
            self.without_capacity_millis += at.since(since).0;
        }
    }
}

fn group_of(kind: &CapacityProviderKind) -> Option<AutoScalingGroupId> {
    match kind {
        CapacityProviderKind::AutoScalingGroup { group, .. } => Some(*group),
        CapacityProviderKind::Fargate | CapacityProviderKind::FargateSpot => None,
    }
}
