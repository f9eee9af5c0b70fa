//! The ledger of groups, capacity providers and Spot pools.

use std::collections::BTreeMap;

use crate::cloud::auto_scaling::WarmPoolState;
use crate::control::managed_scaling::ManagedScalingMinute;
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, ContainerInstanceId, EndReason, InstanceSource,
    SpotPoolId, Stop, StoppedReason, Task,
};
use crate::scenario::{CapacityProviderKind, Scenario};
use crate::simulation::GroupCounts;
use crate::units::{Millis, SimTime};

use super::capacity_row::{
    CapacityProviderRow, GroupRow, ManagedScalingTotals, SpotPoolCounts, SpotPoolRow,
};
use super::instances::InstanceRow;

/// Groups, providers and pools as the run goes on.
#[derive(Debug, Default)]
pub(super) struct Capacity {
    groups: Vec<GroupMeter>,
    providers: Vec<CapacityProviderRow>,
    pools: Vec<SpotPoolRow>,
    /// What happened in each pool: recommendations and notices.
    happened: Vec<Vec<(SimTime, Happened)>>,
    /// Tasks that have ended with an instance that is about to be told as ended.
    ended_with: BTreeMap<ContainerInstanceId, EndedTasks>,
    services_from: u32,
    /// How often a group tries again to launch what it could not.
    launch_retry: Millis,
    keep_rows: bool,
}

#[derive(Debug)]
struct GroupMeter {
    row: GroupRow,
    shortage: Shortage,
    spot_shortage: Shortage,
}

/// A time during which EC2 has no capacity for what a group lacks.
#[derive(Debug, Default)]
struct Shortage {
    /// Until when the latest refusal stands: the group tries again then.
    refused_until: Option<SimTime>,
    since: Option<SimTime>,
    millis: u64,
}

/// Something that happens in a Spot pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happened {
    Launch,
    End(EndReason),
    Recommendation,
    Notice,
}

/// Tasks that ended with their instance; the times are those of standalone tasks.
#[derive(Debug, Default)]
struct EndedTasks {
    count: u64,
    millis: u64,
    cpu_millis: u128,
}

impl Capacity {
    /// The ledger of a scenario. With `keep_rows` every minute of managed scaling is kept.
    pub(super) fn new(scenario: &Scenario, keep_rows: bool) -> Self {
        let provider_of = |group: AutoScalingGroupId| {
            let provider = scenario.provider_of(group);
            provider.map_or(String::new(), |provider| {
                scenario.capacity_providers[provider.index()].name.clone()
            })
        };
        let groups = (0..)
            .map(AutoScalingGroupId)
            .zip(&scenario.auto_scaling_groups);
        let groups = groups.map(|(group, spec)| GroupMeter {
            row: GroupRow {
                name: spec.name.clone(),
                capacity_provider: provider_of(group),
                root_volume_gib: spec.root_volume_gib,
                public_ipv4: spec.public_ipv4,
                management_fee: spec.managed_instances.map(|managed| managed.management_fee),
                stops_warm_instances: spec
                    .configuration
                    .warm_pool
                    .is_some_and(|pool| pool.pool_state != WarmPoolState::Running),
                ..GroupRow::default()
            },
            shortage: Shortage::default(),
            spot_shortage: Shortage::default(),
        });
        let providers = scenario.capacity_providers.iter();
        let providers = providers.map(|provider| CapacityProviderRow {
            name: provider.name.clone(),
            group: provider.kind.group().map(AutoScalingGroupId::index),
            target_capacity: match &provider.kind {
                CapacityProviderKind::AutoScalingGroup {
                    managed_scaling, ..
                } => managed_scaling.map(|scaling| scaling.target_capacity),
                CapacityProviderKind::ManagedInstances { .. }
                | CapacityProviderKind::Fargate
                | CapacityProviderKind::FargateSpot => None,
            },
            managed_scaling: ManagedScalingTotals::default(),
            minutes: Vec::new(),
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
            happened: vec![Vec::new(); scenario.spot_pools.len()],
            ended_with: BTreeMap::new(),
            services_from: crate::units::id(scenario.tasks.len()),
            launch_retry: scenario.capacity_options.launch_retry,
            keep_rows,
        }
    }

    pub(super) fn group_counted(
        &mut self,
        at: SimTime,
        group: AutoScalingGroupId,
        counts: GroupCounts,
    ) {
        let meter = &mut self.groups[group.index()];
        let is_short = is_short(&counts);
        meter.shortage.stands(at, is_short);
        meter.spot_shortage.stands(at, is_short);
        let row = &mut meter.row;
        row.peak = row.peak.max(counts.in_service + counts.terminating);
        row.counts.push((at, counts));
    }

    /// EC2 has refused a group: how many On-Demand and Spot Instances it lacks.
    pub(super) fn launch_failed(&mut self, at: SimTime, group: AutoScalingGroupId, spot: u32) {
        let meter = &mut self.groups[group.index()];
        let until = at.saturating_add(self.launch_retry);
        let counts = meter.row.counts.last();
        let lacks = counts.is_some_and(|(_, counts)| is_short(counts));
        meter.row.launch_failures += 1;
        meter.shortage.refused(at, until, lacks);
        if spot > 0 {
            meter.spot_shortage.refused(at, until, lacks);
        } else {
            meter.spot_shortage.ends(at);
        }
    }

    pub(super) fn provider_minute(
        &mut self,
        provider: CapacityProviderId,
        minute: &ManagedScalingMinute,
    ) {
        let row = &mut self.providers[provider.index()];
        row.managed_scaling.add(minute);
        if self.keep_rows {
            row.minutes.push(*minute);
        }
    }

    pub(super) fn rebalance_recommended(&mut self, at: SimTime, pool: SpotPoolId) {
        self.happened[pool.index()].push((at, Happened::Recommendation));
    }

    pub(super) fn spot_notice(&mut self, at: SimTime, pool: SpotPoolId) {
        self.happened[pool.index()].push((at, Happened::Notice));
    }

    /// A task has stopped: one whose instance ends under it is counted until that is told.
    pub(super) fn task_stopped(&mut self, at: SimTime, task: &Task, stop: &Stop) {
        let StoppedReason::HostTerminated(on) = stop.reason else {
            return;
        };
        let tasks = self.ended_with.entry(on).or_default();
        tasks.count += 1;
        let started = task.started_at;
        if let Some(started) = started.filter(|_| task.entry.0 < self.services_from) {
            let ran = at.since(started).0;
            tasks.millis += ran;
            tasks.cpu_millis += u128::from(ran) * u128::from(task.needs.cpu.0);
        }
    }

    /// An instance has ended. Returns how many tasks ended with it.
    pub(super) fn instance_ended(
        &mut self,
        instance: ContainerInstanceId,
        pool: Option<SpotPoolId>,
        reason: EndReason,
    ) -> u64 {
        let tasks = self.ended_with.remove(&instance).unwrap_or_default();
        if let (Some(pool), EndReason::SpotInterruption) = (pool, reason) {
            let row = &mut self.pools[pool.index()];
            row.tasks_interrupted += tasks.count;
            row.work_lost_millis += tasks.millis;
            row.work_lost_cpu_millis += tasks.cpu_millis;
        }
        tasks.count
    }

    /// Ends the run, with the instances that there were.
    pub(super) fn finish(mut self, end: SimTime, instances: &[InstanceRow]) -> FinishedCapacity {
        for instance in instances {
            self.count_instance(end, instance);
        }
        let pools = self.pools.iter_mut().zip(self.happened);
        for (row, happened) in pools {
            row.counts = counts_over_time(happened);
        }
        let groups = self.groups.into_iter().map(|mut meter| {
            for shortage in [&mut meter.shortage, &mut meter.spot_shortage] {
                shortage.ends(end);
            }
            meter.row.without_capacity_millis = meter.shortage.millis;
            meter.row.without_spot_capacity_millis = meter.spot_shortage.millis;
            meter.row
        });
        FinishedCapacity {
            groups: groups.collect(),
            providers: self.providers,
            pools: self.pools,
        }
    }

    fn count_instance(&mut self, end: SimTime, row: &InstanceRow) {
        let InstanceSource::Group { group, pool, .. } = row.facts.source else {
            return;
        };
        let launched_at = row.facts.launched_at;
        let ran = row.terminated_at.unwrap_or(end).since(launched_at).0;
        let group = &mut self.groups[group.index()].row;
        group.instances.add(ran, row.end_reason);
        let Some(pool) = pool else { return };
        let (pool, happened) = (
            &mut self.pools[pool.index()],
            &mut self.happened[pool.index()],
        );
        pool.instances.add(ran, row.end_reason);
        happened.push((launched_at, Happened::Launch));
        let ended = row.terminated_at.zip(row.end_reason);
        happened.extend(ended.map(|(at, reason)| (at, Happened::End(reason))));
    }
}

/// The ledger when the run is over.
#[derive(Debug)]
pub(super) struct FinishedCapacity {
    pub(super) groups: Vec<GroupRow>,
    pub(super) providers: Vec<CapacityProviderRow>,
    pub(super) pools: Vec<SpotPoolRow>,
}

impl Shortage {
    /// EC2 has refused what the group lacks, until it tries again.
    fn refused(&mut self, at: SimTime, until: SimTime, is_short: bool) {
        self.refused_until = Some(until);
        if is_short {
            self.since.get_or_insert(at);
        }
    }

    /// The group has fewer instances than desired from now on, or has not.
    fn stands(&mut self, at: SimTime, is_short: bool) {
        if !is_short {
            self.ends(at);
        } else if self.refused_until.is_some_and(|until| at <= until) {
            self.since.get_or_insert(at);
        }
    }

    fn ends(&mut self, at: SimTime) {
        if let Some(since) = self.since.take() {
            self.millis += at.since(since).0;
        }
    }
}

/// What happened in a pool, as its counts from each time on.
fn counts_over_time(mut happened: Vec<(SimTime, Happened)>) -> Vec<(SimTime, SpotPoolCounts)> {
    happened.sort_by_key(|(at, _)| *at);
    let mut rows: Vec<(SimTime, SpotPoolCounts)> = Vec::new();
    let (mut now, mut ended) = (SpotPoolCounts::default(), 0);
    for (at, what) in happened {
        match what {
            Happened::Launch => now.launched += 1,
            Happened::End(reason) => {
                ended += 1;
                now.interruptions += u64::from(reason == EndReason::SpotInterruption);
            }
            Happened::Recommendation => now.rebalance_recommendations += 1,
            Happened::Notice => now.notices += 1,
        }
        // An instance may end in the instant of its launch, and is sorted by time alone.
        now.running = now.launched.saturating_sub(ended);
        match rows.last_mut() {
            Some((last, counts)) if *last == at => *counts = now,
            _ => rows.push((at, now)),
        }
    }
    rows
}

/// Whether a group has fewer instances, or fewer on their way, than it is to have.
fn is_short(counts: &GroupCounts) -> bool {
    counts.capacity() < counts.desired
}
