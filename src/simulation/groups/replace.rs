//! A group replaces instances: Spot Instances at risk, old ones, those in the wrong zone; and it
//! keeps its warm pool.

use std::collections::BTreeMap;

use crate::cloud::auto_scaling::{LifecycleState, RefreshCounts, WarmPoolState, refresh_step};
use crate::model::{AutoScalingGroupId, EndReason, PurchaseOption, SpotPoolId};
use crate::simulation::{Event, Observer, Simulation};
use crate::units::{id, index};

use super::LaunchRef;

impl Simulation<'_> {
    /// Ends what has been replaced, and says how many more are to be launched ahead.
    pub(super) fn go_on_replacing(
        &mut self,
        group: AutoScalingGroupId,
        observer: &mut impl Observer,
    ) {
        self.end_past_lifetime(group, observer);
        self.end_replaced(group, observer);
        // What is launched ahead for the one is there for the other, too.
        let refresh_ahead = self.refresh_ahead(group, observer);
        let mut ahead = self.rebalance_ahead(group).max(refresh_ahead);
        if ahead == 0 {
            ahead = self.zone_moves(group);
            if ahead > 0 {
                self.group_mut(group).zone_moves = ahead;
            }
        }
        let state = self.group_mut(group);
        let waits = state.counts().pending > 0;
        // What was launched ahead has to be in service before it counts as surplus; it counts as
        // growth where the desired capacity has caught up with it.
        let most = state.configuration.max_size_while_rebalancing();
        let before = state.ahead.min(most.saturating_sub(state.desired));
        state.ahead = if waits { before.max(ahead) } else { ahead };
    }

    /// Instances in service that got a rebalance recommendation, where the group heeds it.
    fn at_risk(&self, group: AutoScalingGroupId) -> Vec<LaunchRef> {
        let state = self.group(group);
        let rows = state.rows.iter().zip(&state.members);
        rows.filter(|(row, member)| {
            member.at_risk && row.lifecycle_state == LifecycleState::InService
        })
        .map(|(_, member)| LaunchRef {
            group,
            number: member.number,
        })
        .collect()
    }

    /// How many instances at risk are replaced at a time: `maxSize` is exceeded by so much at most.
    fn rebalance_ahead(&self, group: AutoScalingGroupId) -> u32 {
        let state = self.group(group);
        let most = state.configuration.max_size_while_rebalancing();
        id(self.at_risk(group).len()).min(most.saturating_sub(state.desired))
    }

    /// The instances that go once others are in service that are launched ahead for them, by their
    /// places: what is launched is to make up the group without them, so that each is replaced by
    /// one of its own purchase option.
    pub(super) fn leaving(&self, group: AutoScalingGroupId) -> Vec<usize> {
        let state = self.group(group);
        if state.zone_moves > 0 {
            return Vec::new();
        }
        let rows = state.rows.iter().zip(&state.members).enumerate();
        let in_service: Vec<_> = rows
            .filter(|(_, (row, _))| row.lifecycle_state == LifecycleState::InService)
            .collect();
        let is_outdated =
            |version: u32| state.refresh.is_some() && version != state.template_version;
        let at_risk = in_service.iter().filter(|(_, (_, member))| member.at_risk);
        let outdated = in_service.iter().filter(|(_, (row, member))| {
            !member.at_risk && is_outdated(row.launch_template_version)
        });
        let places = at_risk.chain(outdated).map(|(place, _)| *place);
        places.take(index(state.ahead)).collect()
    }

    /// Instances at risk go once as many others are in service.
    fn end_replaced(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        let at_risk = self.at_risk(group);
        let state = self.group(group);
        let spare = state.counts().in_service.saturating_sub(state.desired);
        for launch in at_risk.into_iter().take(index(spare)) {
            self.terminate_instance(launch, EndReason::CapacityRebalancing, observer);
        }
    }

    /// Instances that have reached their maximum lifetime.
    fn end_past_lifetime(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        let state = self.group(group);
        let being_replaced = state.desired.saturating_sub(state.counts().in_service);
        let view = self.group_view(group, &state.rows, &[]);
        let due = view.past_lifetime(self.now, being_replaced);
        for launch in self.launches_at(group, due) {
            self.terminate_instance(launch, EndReason::MaxInstanceLifetime, observer);
        }
    }

    /// The group looks at an instance again when it is as old as it may become.
    pub(super) fn schedule_lifetime(&mut self, launch: LaunchRef) {
        let configuration = &self.group_spec(launch.group).configuration;
        let Some(lifetime) = configuration.max_instance_lifetime else {
            return;
        };
        let at = self.now.saturating_add(lifetime);
        self.schedule(at, Event::GroupReconciled(launch.group));
    }

    /// StartInstanceRefresh: from now on new instances have another version of the launch
    /// template.
    pub(in crate::simulation) fn refresh_begins(&mut self, group: AutoScalingGroupId, number: u32) {
        let state = self.group_mut(group);
        state.template_version += 1;
        state.refresh = Some(index(number));
        self.group_looks(group);
    }

    /// Goes on with the refresh under way: how many instances it wants ahead.
    fn refresh_ahead(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) -> u32 {
        let Some(number) = self.group(group).refresh else {
            return 0;
        };
        let refresh = self.group_spec(group).configuration.instance_refreshes[number];
        let state = self.group(group);
        let mut counts = RefreshCounts {
            desired: state.desired,
            ..RefreshCounts::default()
        };
        let mut outdated = Vec::new();
        for (row, member) in state.rows.iter().zip(&state.members) {
            let is_new = row.launch_template_version == state.template_version;
            let warm = row.launched_at.saturating_add(refresh.instance_warmup) <= self.now;
            match row.lifecycle_state {
                LifecycleState::InService if !is_new || warm => {
                    counts.healthy += 1;
                    if !is_new {
                        outdated.push(member.number);
                    }
                }
                LifecycleState::InService | LifecycleState::Pending => counts.pending += 1,
                LifecycleState::Terminating
                | LifecycleState::WarmedPending
                | LifecycleState::Warmed => {}
            }
        }
        counts.outdated = id(outdated.len());
        if counts.outdated == 0 && counts.pending == 0 {
            self.group_mut(group).refresh = None;
            return 0;
        }
        let step = refresh_step(&refresh, &counts);
        for number in outdated.into_iter().take(index(step.terminate)) {
            let launch = LaunchRef { group, number };
            self.terminate_instance(launch, EndReason::InstanceRefresh, observer);
        }
        let left = counts.healthy - step.terminate.min(counts.healthy) + counts.pending;
        (left + step.launch).saturating_sub(counts.desired)
    }

    /// A new instance of a refresh counts as healthy after its warm-up.
    pub(super) fn note_refresh_warmup(&mut self, group: AutoScalingGroupId) {
        if let Some(number) = self.group(group).refresh {
            let refresh = self.group_spec(group).configuration.instance_refreshes[number];
            let at = self.now.saturating_add(refresh.instance_warmup);
            self.schedule(at, Event::GroupReconciled(group));
        }
    }

    /// How many instances more would even out the zones, where nothing else is under way.
    fn zone_moves(&self, group: AutoScalingGroupId) -> u32 {
        let state = self.group(group);
        let counts = state.counts();
        if counts.pending > 0 || state.retries_at.is_some() || counts.capacity() != counts.desired {
            return 0;
        }
        let rows = self.rows_for_scale_in(group);
        let offers = self.offers(group);
        let mut taken: BTreeMap<SpotPoolId, u32> = BTreeMap::new();
        self.group_view(group, &rows, &offers)
            .zone_moves(self.now, |choice| {
                let pool = self.pool_of(group, choice);
                let pool = pool.filter(|_| choice.purchase_option == PurchaseOption::Spot);
                let has_room = self.has_room(group, choice);
                let Some(pool) = pool else { return has_room };
                let taken = taken.entry(pool).or_default();
                let has_room = has_room && self.spot.free(pool, self.now) > *taken;
                *taken += u32::from(has_room);
                has_room
            })
    }

    /// The group takes an instance that its warm pool has ready. `false` where there is none.
    pub(super) fn take_from_warm_pool(&mut self, group: AutoScalingGroupId) -> bool {
        if self.group_spec(group).configuration.warm_pool.is_none() {
            return false;
        }
        let offers = self.offers(group);
        let state = self.group(group);
        let view = self.group_view(group, &state.rows, &offers);
        let Some(place) = view.pick_warmed() else {
            return false;
        };
        let grows = self.grows(group);
        let state = self.group_mut(group);
        state.rows[place].lifecycle_state = LifecycleState::Pending;
        state.members[place].grows = grows;
        let number = state.members[place].number;
        self.schedule(self.now, Event::InstanceRuns(LaunchRef { group, number }));
        true
    }

    /// Prepares what the warm pool lacks, and ends what it has too many.
    pub(super) fn keep_warm_pool(
        &mut self,
        group: AutoScalingGroupId,
        observer: &mut impl Observer,
    ) {
        if self.group_spec(group).configuration.warm_pool.is_none() {
            return;
        }
        let state = self.group(group);
        let view = self.group_view(group, &state.rows, &[]);
        let change = view.warm_pool_change(state.desired);
        for launch in self.launches_at(group, change.end) {
            self.end_launch(launch, EndReason::ScaleIn, observer);
        }
        for _ in 0..change.prepare {
            if !self.prepare_instance(group) {
                return;
            }
        }
    }

    /// Launches an instance for the warm pool. `false` where On-Demand capacity is refused.
    fn prepare_instance(&mut self, group: AutoScalingGroupId) -> bool {
        let offers = self.offers(group);
        let state = self.group(group);
        let view = self.group_view(group, &state.rows, &offers);
        let ranked = view.rank_preparations();
        let mut choices = ranked.into_iter();
        let Some(choice) = choices.find(|choice| !self.is_on_demand_refused(group, choice)) else {
            return false;
        };
        self.ask_for(group, &choice, None);
        let state = self.group_mut(group);
        if let (Some(row), Some(member)) = (state.rows.last_mut(), state.members.last_mut()) {
            row.lifecycle_state = LifecycleState::WarmedPending;
            member.warm = true;
        }
        true
    }

    /// An instance for the warm pool is ready: it stands there, stopped where the pool's state
    /// says so.
    pub(in crate::simulation) fn warmed_up(
        &mut self,
        launch: LaunchRef,
        observer: &mut impl Observer,
    ) {
        let Some(place) = self.place_of(launch) else {
            return;
        };
        let pool = self.group_spec(launch.group).configuration.warm_pool;
        let stops = pool.is_some_and(|pool| pool.pool_state != WarmPoolState::Running);
        let state = self.group_mut(launch.group);
        state.rows[place].lifecycle_state = LifecycleState::Warmed;
        let member = state.members[place];
        if let (true, Some(since)) = (stops, member.running_since) {
            state.members[place].running_since = None;
            self.tell_not_registered(&member, since, Some(EndReason::WarmPool), observer);
        }
        self.group_looks(launch.group);
    }
}
