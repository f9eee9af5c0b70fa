//! The Auto Scaling groups of a run: their instances from the request to the end. Which instance is
//! launched next and which ends is decided in `cloud::auto_scaling`, how many there should be in
//! `control::managed_scaling`; here it is done.
//!
//! Reading order: this file (the state), `launch` (an instance comes), `terminate` (it goes),
//! `reconcile` (as many as desired), `scaling` (managed scaling, minute by minute), `spot`,
//! `replace` (refresh, lifetime, zones, warm pool), `managed_instances` (where ECS decides alone).

mod launch;
mod managed_instances;
mod reconcile;
mod replace;
mod scaling;
mod spot;
mod terminate;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use crate::cloud::auto_scaling::{
    GroupConfiguration, GroupInstance, GroupView, LifecycleState, Offer,
};
use crate::cloud::spot::{SpotPool, SpotRequestId};
use crate::control::managed_scaling::ManagedScalingController;
use crate::kernel::{Stream, StreamFamily, Streams};
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, ContainerInstanceId, EndReason, InstanceTypeId,
    ProfileId, PurchaseOption, SpotPoolId,
};
use crate::scenario::{AutoScalingGroup, CapacityProviderKind, Scenario};
use crate::units::{SimTime, id};

use super::{GroupCounts, Observer, Record, Simulation};

/// An instance of a group: the n-th that it launched. It outlives the instance, so that an event
/// for one that has ended finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaunchRef {
    /// The group.
    pub group: AutoScalingGroupId,
    /// Its number within the group, from 1.
    pub number: u64,
}

/// What is known of an instance of a group beside what decisions see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    number: u64,
    profile: ProfileId,
    /// What it is in its Spot pool.
    request: Option<SpotRequestId>,
    /// When its bill began: it is RUNNING since then. `None` while it is asked for, and while it
    /// stands stopped in a warm pool.
    running_since: Option<SimTime>,
    /// Its container instance, once it has registered.
    instance: Option<ContainerInstanceId>,
    /// Why it ends, once that is decided.
    ends: Option<EndReason>,
    /// When EC2 takes a Spot Instance back, once it has said so.
    taken_back_at: Option<SimTime>,
    /// Whether its replacement was launched at a rebalance recommendation.
    at_risk: bool,
    /// Whether it was made ready in the warm pool, so that its agent registers sooner.
    warm: bool,
    /// Since when ECS could do without it, where ECS decides that.
    spare_since: Option<SimTime>,
    /// Whether it made the group larger, so that its warm-up keeps the group from growing again.
    grows: bool,
}

/// A group as it is.
#[derive(Debug)]
pub(super) struct Group {
    /// Its settings; scheduled actions change the sizes.
    configuration: GroupConfiguration,
    desired: u32,
    /// What decisions see of its instances, in order of launch.
    rows: Vec<GroupInstance>,
    /// The rest, in the same order.
    members: Vec<Member>,
    launches: u64,
    /// How many instances beyond the desired capacity it has for now, so that others can go.
    ahead: u32,
    /// How many of those are to even out the zones.
    zone_moves: u32,
    /// The capacity above which launches are growth, since the latest scale-out.
    grows_from: u32,
    /// When the latest instance entered service that made the group larger.
    latest_growth: Option<SimTime>,
    /// When it tries again to launch what it could not.
    retries_at: Option<SimTime>,
    reconcile_is_due: bool,
    /// When ECS looks next whether instances are used enough.
    looks_at: Option<SimTime>,
    template_version: u32,
    /// The refresh under way, by its place in the settings.
    refresh: Option<usize>,
    profiles: BTreeMap<(u32, u32, PurchaseOption), ProfileId>,
    /// The Spot pools of each zone, by type.
    pools: Vec<Vec<Option<SpotPoolId>>>,
    latency_draws: StreamFamily,
    termination_draws: Stream,
    provider: Option<CapacityProviderId>,
}

impl Group {
    fn new(
        spec: &AutoScalingGroup,
        scenario: &Scenario,
        streams: &Streams,
        provider: Option<CapacityProviderId>,
    ) -> Self {
        let (configuration, name) = (&spec.configuration, &spec.name);
        let pool = |zone: &String, of: InstanceTypeId| {
            let mut pools = scenario.spot_pools.iter();
            let is_it =
                |pool: &SpotPool| pool.instance_type == of && pool.availability_zone == *zone;
            pools.position(is_it).map(|place| SpotPoolId(id(place)))
        };
        let zones = configuration.availability_zones.iter();
        Self {
            configuration: configuration.clone(),
            desired: configuration.desired_capacity,
            rows: Vec::new(),
            members: Vec::new(),
            launches: 0,
            ahead: 0,
            zone_moves: 0,
            // What it begins with is no growth.
            grows_from: u32::MAX,
            latest_growth: None,
            retries_at: None,
            reconcile_is_due: false,
            looks_at: None,
            template_version: 1,
            refresh: None,
            profiles: BTreeMap::new(),
            pools: zones
                .map(|zone| {
                    spec.types
                        .iter()
                        .map(|of| pool(zone, of.instance_type))
                        .collect()
                })
                .collect(),
            latency_draws: streams.family("launch", &format!("{name}/")),
            termination_draws: streams.open("termination", name),
            provider,
        }
    }

    /// The place of a launch among the instances that there are.
    fn place_of(&self, number: u64) -> Option<usize> {
        self.members
            .binary_search_by_key(&number, |member| member.number)
            .ok()
    }

    fn counts(&self) -> GroupCounts {
        let mut counts = GroupCounts {
            desired: self.desired,
            ..GroupCounts::default()
        };
        for row in &self.rows {
            let of_state = match row.lifecycle_state {
                LifecycleState::Pending => &mut counts.pending,
                LifecycleState::InService => &mut counts.in_service,
                LifecycleState::Terminating => &mut counts.terminating,
                LifecycleState::Warmed | LifecycleState::WarmedPending => &mut counts.warmed,
            };
            *of_state += 1;
        }
        counts
    }
}

/// All groups of a run, and the managed scaling of the providers that have it.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) list: Vec<Group>,
    /// By container instance: the launch that it comes from, where a group launched it.
    by_instance: Vec<Option<LaunchRef>>,
    /// By provider.
    controllers: Vec<Option<ManagedScalingController>>,
    /// The launches of Spot Instances.
    requests: BTreeMap<SpotRequestId, LaunchRef>,
    /// By Spot pool: for when its timer is set.
    pool_timers: Vec<Option<SimTime>>,
    /// How many incidents keep each zone down.
    zones_lost: BTreeMap<String, u32>,
    /// Groups that may have changed since they were told of.
    changed: BTreeSet<AutoScalingGroupId>,
    /// By group: the counts that were told last.
    told: Vec<Option<GroupCounts>>,
}

impl Groups {
    pub(super) fn new(scenario: &Scenario, streams: &Streams) -> Self {
        let groups = (0..)
            .map(AutoScalingGroupId)
            .zip(&scenario.auto_scaling_groups);
        let list: Vec<Group> = groups
            .map(|(group, spec)| Group::new(spec, scenario, streams, scenario.provider_of(group)))
            .collect();
        Self {
            by_instance: Vec::new(),
            controllers: scaling::controllers(scenario),
            pool_timers: vec![None; scenario.spot_pools.len()],
            told: vec![None; list.len()],
            list,
            ..Self::default()
        }
    }

    /// A zone is lost: nothing is launched there.
    pub(super) fn zone_is_lost(&mut self, zone: &str) {
        *self.zones_lost.entry(zone.to_owned()).or_default() += 1;
    }

    /// An incident no longer keeps a zone down.
    pub(super) fn zone_is_back(&mut self, zone: &str) {
        if let Some(lost) = self.zones_lost.get_mut(zone) {
            *lost = lost.saturating_sub(1);
        }
    }

    /// The launch that a container instance comes from.
    pub(super) fn launch_of(&self, on: ContainerInstanceId) -> Option<LaunchRef> {
        self.by_instance.get(on.index()).copied().flatten()
    }
}

impl Simulation<'_> {
    fn group(&self, group: AutoScalingGroupId) -> &Group {
        &self.groups.list[group.index()]
    }

    fn group_mut(&mut self, group: AutoScalingGroupId) -> &mut Group {
        self.groups.changed.insert(group);
        &mut self.groups.list[group.index()]
    }

    fn group_spec(&self, group: AutoScalingGroupId) -> &AutoScalingGroup {
        &self.scenario.auto_scaling_groups[group.index()]
    }

    /// What the capacity provider of a group is, where it has one.
    fn provider_kind_of(&self, group: AutoScalingGroupId) -> Option<&CapacityProviderKind> {
        let provider = self.group(group).provider?;
        Some(&self.scenario.capacity_providers[provider.index()].kind)
    }

    fn has_managed_draining(&self, group: AutoScalingGroupId) -> bool {
        match self.provider_kind_of(group) {
            Some(CapacityProviderKind::AutoScalingGroup {
                managed_draining, ..
            }) => *managed_draining,
            Some(CapacityProviderKind::ManagedInstances { .. }) => true,
            _ => false,
        }
    }

    /// A group as decisions see it.
    fn group_view<'v>(
        &'v self,
        group: AutoScalingGroupId,
        instances: &'v [GroupInstance],
        offers: &'v [Offer],
    ) -> GroupView<'v> {
        GroupView {
            configuration: &self.group(group).configuration,
            instances,
            offers,
        }
    }

    /// The instances of a group that a decision named by their places.
    fn launches_at(
        &self,
        group: AutoScalingGroupId,
        places: impl IntoIterator<Item = usize>,
    ) -> Vec<LaunchRef> {
        let members = &self.group(group).members;
        let launch = |place: usize| LaunchRef {
            group,
            number: members[place].number,
        };
        places.into_iter().map(launch).collect()
    }

    fn group_ids(&self) -> impl Iterator<Item = AutoScalingGroupId> + use<> {
        (0..id(self.groups.list.len())).map(AutoScalingGroupId)
    }

    /// Where a launch stands among the instances of its group, if it is still there.
    fn place_of(&self, launch: LaunchRef) -> Option<usize> {
        self.group(launch.group).place_of(launch.number)
    }

    /// The counts of the groups that have changed, before the clock moves on.
    pub(super) fn tell_groups(&mut self, observer: &mut impl Observer) {
        while let Some(group) = self.groups.changed.pop_first() {
            let counts = self.group(group).counts();
            if self.groups.told[group.index()].replace(counts) != Some(counts) {
                let record = Record::GroupCounted { group, counts };
                observer.record(self.now, &record, &self.cluster);
            }
        }
    }
}
