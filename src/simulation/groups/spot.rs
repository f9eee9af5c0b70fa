//! Spot Instances of groups: what happens in their capacity pools, and what the notice of an
//! interruption sets off.

use crate::cloud::auto_scaling::LifecycleState;
use crate::cloud::spot::{Reclaim, SpotEvent, SpotRequestId};
use crate::model::SpotPoolId;
use crate::scenario::{Extent, PoolSelector};
use crate::simulation::{Event, LaunchRef, Observer, Record, Simulation};
use crate::units::{Millis, SimTime, id, index};

/// How long the container agent takes to see an interruption notice: it looks every second
/// (container agent, `ECS_ENABLE_SPOT_INSTANCE_DRAINING`).
const AGENT_SEES_NOTICE: Millis = Millis(1_000);

impl Simulation<'_> {
    /// The first events of every pool.
    pub(in crate::simulation) fn schedule_spot(&mut self) {
        for pool in 0..id(self.scenario.spot_pools.len()) {
            self.set_pool_timer(SpotPoolId(pool));
        }
    }

    /// Sets the timer of a pool for what happens there next.
    fn set_pool_timer(&mut self, pool: SpotPoolId) {
        let Some(next) = self.spot.next_event(pool) else {
            return;
        };
        let next = next.max(self.now);
        let timer = &mut self.groups.pool_timers[pool.index()];
        if timer.is_none_or(|at| next < at) {
            *timer = Some(next);
            self.schedule(next, Event::SpotPoolDue(pool));
        }
    }

    /// An instance was launched from a pool.
    pub(super) fn spot_launched(&mut self, request: SpotRequestId, launch: LaunchRef) {
        self.groups.requests.insert(request, launch);
        self.set_pool_timer(request.pool);
    }

    /// An instance of a pool is gone.
    pub(super) fn spot_ended(&mut self, request: SpotRequestId) {
        self.groups.requests.remove(&request);
        self.spot.end(request);
    }

    /// Something is due in a pool.
    pub(in crate::simulation) fn spot_pool_due(
        &mut self,
        pool: SpotPoolId,
        observer: &mut impl Observer,
    ) {
        let timer = &mut self.groups.pool_timers[pool.index()];
        if *timer == Some(self.now) {
            *timer = None;
        }
        let events = self.spot.advance(pool, self.now);
        self.take_spot_events(&events, observer);
        self.set_pool_timer(pool);
    }

    fn take_spot_events(&mut self, events: &[SpotEvent], observer: &mut impl Observer) {
        for event in events {
            match *event {
                SpotEvent::Recommendation { request } => {
                    self.rebalance_recommended(request, observer);
                }
                SpotEvent::Notice {
                    request,
                    terminates_at,
                    ..
                } => self.spot_notice(request, terminates_at, observer),
            }
        }
    }

    /// A Spot Instance is at elevated risk: a group with Capacity Rebalancing replaces it.
    fn rebalance_recommended(&mut self, request: SpotRequestId, observer: &mut impl Observer) {
        let Some((launch, place)) = self.launch_of_request(request) else {
            return;
        };
        let record = Record::RebalanceRecommended {
            pool: request.pool,
            instance: self.group(launch.group).members[place].instance,
        };
        observer.record(self.now, &record, &self.cluster);
        self.replace_if_rebalancing(launch, place);
    }

    fn replace_if_rebalancing(&mut self, launch: LaunchRef, place: usize) {
        if self
            .group_spec(launch.group)
            .configuration
            .capacity_rebalance
        {
            self.group_mut(launch.group).members[place].at_risk = true;
            self.group_looks(launch.group);
        }
    }

    /// EC2 says that it takes a Spot Instance back.
    fn spot_notice(
        &mut self,
        request: SpotRequestId,
        takes_back_at: SimTime,
        observer: &mut impl Observer,
    ) {
        let Some((launch, place)) = self.launch_of_request(request) else {
            return;
        };
        let member = &mut self.group_mut(launch.group).members[place];
        member.taken_back_at = Some(takes_back_at);
        let record = Record::SpotInterruptionNotice {
            pool: request.pool,
            instance: member.instance,
            takes_back_at,
        };
        observer.record(self.now, &record, &self.cluster);
        // One that is noticed as it is launched came too late before a fall. What replaced it would
        // come from the same pool and be noticed, too: the group waits until it is gone.
        let is_new = self.group(launch.group).rows[place].launched_at == self.now;
        self.schedule(takes_back_at, Event::InstanceEnds(launch));
        let seen = self.now.saturating_add(AGENT_SEES_NOTICE);
        if seen < takes_back_at {
            self.schedule(seen, Event::SpotInstanceDrains(launch));
        }
        if !is_new {
            self.replace_if_rebalancing(launch, place);
        }
    }

    /// The agent of a Spot Instance has seen the notice: it sets the instance DRAINING, where it
    /// is asked to or managed draining does.
    pub(in crate::simulation) fn spot_instance_drains(
        &mut self,
        launch: LaunchRef,
        observer: &mut impl Observer,
    ) {
        let Some(place) = self.place_of(launch) else {
            return;
        };
        let on = self.group(launch.group).members[place].instance;
        if let (true, Some(on)) = (self.drains_at_notice(launch), on) {
            self.drain_instance(on, observer);
        }
    }

    /// Whether an instance of a group is set DRAINING when EC2 says that it takes it back.
    pub(super) fn drains_at_notice(&self, launch: LaunchRef) -> bool {
        let by_agent = self.group_spec(launch.group).spot_instance_draining;
        by_agent || self.has_managed_draining(launch.group)
    }

    fn launch_of_request(&self, request: SpotRequestId) -> Option<(LaunchRef, usize)> {
        let launch = *self.groups.requests.get(&request)?;
        Some((launch, self.place_of(launch)?))
    }

    /// A Spot storm: instances of pools are taken back, and the pools refuse launches for as long
    /// as the incident lasts.
    pub(in crate::simulation) fn reclaim_spot(
        &mut self,
        incident: u32,
        pools: &PoolSelector,
        extent: Extent,
        observer: &mut impl Observer,
    ) {
        let scenario = self.scenario;
        let lasts = scenario.incidents[index(incident)].duration;
        let until = lasts.map_or(SimTime(u64::MAX), |span| self.now.saturating_add(span));
        for (pool, spec) in (0..).map(SpotPoolId).zip(&scenario.spot_pools) {
            if !pools.has(spec.instance_type, &spec.availability_zone) {
                continue;
            }
            let count = match extent {
                Extent::Count(count) => count,
                Extent::Share(share) => {
                    let running = self.without_notice(pool);
                    u32::try_from(share.of(running)).unwrap_or(u32::MAX)
                }
            };
            let events = self.spot.reclaim(pool, Reclaim::Count(count), self.now);
            self.spot.close(pool, until);
            self.take_spot_events(&events, observer);
        }
    }

    /// How many instances of a pool have no notice.
    fn without_notice(&self, pool: SpotPoolId) -> u64 {
        let groups = self.groups.list.iter();
        let members = groups.flat_map(|group| group.rows.iter().zip(&group.members));
        let of_pool = members.filter(|(row, member)| {
            let from = member.request.map(|request| request.pool);
            from == Some(pool)
                && member.taken_back_at.is_none()
                && row.lifecycle_state != LifecycleState::Warmed
        });
        u64::from(id(of_pool.count()))
    }

    /// The pools launch again.
    pub(in crate::simulation) fn spot_is_back(&mut self) {
        self.all_groups_look();
    }
}
