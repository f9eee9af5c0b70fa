//! A group has as many instances as it is to have: it launches what lacks, and ends what is too
//! many.

use crate::cloud::auto_scaling::{GroupInstance, GroupView, LifecycleState};
use crate::model::{AutoScalingGroupId, EndReason, PurchaseOption};
use crate::scenario::CapacityProviderKind;
use crate::simulation::{Event, Observer, Record, Simulation};
use crate::units::{id, index};

use super::LaunchRef;

impl Simulation<'_> {
    /// The groups at time 0: the instances that make up their desired capacities are there already,
    /// like those of a fixed fleet, as far as EC2 has room for them.
    pub(in crate::simulation) fn open_groups(&mut self, observer: &mut impl Observer) {
        for group in self.group_ids() {
            self.launch_missing(group, observer);
            let now = self.now;
            let state = self.group_mut(group);
            for (row, member) in state.rows.iter_mut().zip(&mut state.members) {
                row.lifecycle_state = LifecycleState::InService;
                member.running_since = Some(now);
            }
            for number in 1..=self.group(group).launches {
                self.instance_registers(LaunchRef { group, number }, observer);
            }
        }
    }

    /// Puts what groups do by themselves into the queue: the first instances, scheduled actions,
    /// refreshes, the minutes of managed scaling.
    pub(in crate::simulation) fn schedule_groups(&mut self) {
        for group in self.group_ids() {
            self.group_looks(group);
            let configuration = &self.scenario.auto_scaling_groups[group.index()].configuration;
            for (number, action) in (0..).zip(&configuration.scheduled_actions) {
                self.schedule(action.at, Event::GroupScheduled(group, number));
            }
            for (number, refresh) in (0..).zip(&configuration.instance_refreshes) {
                self.schedule(refresh.at, Event::RefreshBegins(group, number));
            }
        }
        self.schedule_capacity_minute();
    }

    /// Something about a group has changed: it looks at itself when all else of this instant has
    /// happened.
    pub(in crate::simulation) fn group_looks(&mut self, group: AutoScalingGroupId) {
        let state = self.group_mut(group);
        if !state.reconcile_is_due {
            state.reconcile_is_due = true;
            self.schedule(self.now, Event::GroupReconciled(group));
        }
    }

    /// Every group looks at itself: a zone or On-Demand capacity is lost, or back.
    pub(in crate::simulation) fn all_groups_look(&mut self) {
        for group in self.group_ids() {
            self.group_looks(group);
        }
    }

    /// A scheduled action of a group is due.
    pub(in crate::simulation) fn group_scheduled(
        &mut self,
        group: AutoScalingGroupId,
        number: u32,
    ) {
        let action = self.group_spec(group).configuration.scheduled_actions[index(number)];
        let state = self.group_mut(group);
        let sizes = &mut state.configuration;
        sizes.min_size = action.min_size.unwrap_or(sizes.min_size);
        sizes.max_size = action
            .max_size
            .unwrap_or(sizes.max_size)
            .max(sizes.min_size);
        let desired = action.desired_capacity.unwrap_or(state.desired);
        self.set_desired_capacity(group, desired);
    }

    /// SetDesiredCapacity, within the group's limits.
    pub(super) fn set_desired_capacity(&mut self, group: AutoScalingGroupId, desired: u32) {
        let state = self.group_mut(group);
        let before = state.desired;
        let sizes = &state.configuration;
        state.desired = desired.clamp(sizes.min_size, sizes.max_size);
        if state.desired > before {
            state.grows_from = before;
        }
        self.group_looks(group);
    }

    /// A group looks at itself.
    pub(in crate::simulation) fn reconcile_group(
        &mut self,
        group: AutoScalingGroupId,
        observer: &mut impl Observer,
    ) {
        self.group_mut(group).reconcile_is_due = false;
        if self.is_managed_by_ecs(group) {
            self.reconcile_managed_instances(group, observer);
            return;
        }
        self.go_on_replacing(group, observer);
        self.launch_missing(group, observer);
        self.end_surplus(group, observer);
        self.keep_warm_pool(group, observer);
    }

    /// How many instances the group is to have now: while it replaces instances it may have more.
    fn wanted(&self, group: AutoScalingGroupId) -> u32 {
        let state = self.group(group);
        state.desired + state.ahead
    }

    fn launch_missing(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        let leaving = self.leaving(group);
        let wanted = self.wanted(group).saturating_sub(id(leaving.len()));
        loop {
            let rows = self.group(group).rows.iter().enumerate();
            let staying = rows.filter(|(place, _)| !leaving.contains(place));
            let staying: Vec<GroupInstance> = staying.map(|(_, row)| *row).collect();
            let shortfall = self.group_view(group, &staying, &[]).shortfall(wanted);
            if shortfall.on_demand + shortfall.spot == 0 {
                self.group_mut(group).retries_at = None;
                return;
            }
            // What the warm pool has does not stand in the zone that has too few.
            if self.group(group).zone_moves == 0 && self.take_from_warm_pool(group) {
                continue;
            }
            // A slot that cannot be filled is not filled by the other option.
            let on_demand =
                shortfall.on_demand > 0 && self.launch_instance(group, PurchaseOption::OnDemand);
            let spot = !on_demand
                && shortfall.spot > 0
                && self.launch_instance(group, PurchaseOption::Spot);
            if !on_demand && !spot {
                self.launch_failed(group, shortfall.on_demand, shortfall.spot, observer);
                return;
            }
        }
    }

    /// InsufficientInstanceCapacity: the group tries again after a while.
    pub(super) fn launch_failed(
        &mut self,
        group: AutoScalingGroupId,
        on_demand: u32,
        spot: u32,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        if self.group(group).retries_at.is_some_and(|at| at > now) {
            return;
        }
        let record = Record::LaunchFailed {
            group,
            on_demand,
            spot,
        };
        observer.record(now, &record, &self.cluster);
        let at = now.saturating_add(self.scenario.capacity_options.launch_retry);
        self.group_mut(group).retries_at = Some(at);
        self.schedule(at, Event::GroupReconciled(group));
    }

    fn end_surplus(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        let wanted = self.wanted(group);
        let surplus = self.capacity_of(group).saturating_sub(wanted);
        let state = self.group_mut(group);
        // What was launched to even out the zones is in service, or could not be had.
        let moves_are_over = state.counts().pending == 0;
        let moved = if moves_are_over {
            std::mem::take(&mut state.zone_moves)
        } else {
            0
        };
        if surplus == 0 {
            return;
        }
        let rows = self.rows_for_scale_in(group);
        let offers = self.offers(group);
        let now = self.now;
        let state = &mut self.groups.list[group.index()];
        let view = GroupView {
            configuration: &state.configuration,
            instances: &rows,
            offers: &offers,
        };
        let draws = &mut state.termination_draws;
        let picked = view.pick_to_terminate(surplus, now, &mut |bound| draws.below(bound));
        for (launch, nth) in self.launches_at(group, picked).into_iter().zip(0..) {
            let reason = if nth < moved {
                EndReason::ZoneRebalancing
            } else {
                EndReason::ScaleIn
            };
            self.terminate_instance(launch, reason, observer);
        }
    }

    /// The instances as scale-in sees them: with managed termination protection those that host a
    /// task other than a daemon's are protected, and those that have not registered; one that is
    /// not in service cannot be chosen.
    pub(super) fn rows_for_scale_in(&self, group: AutoScalingGroupId) -> Vec<GroupInstance> {
        let state = self.group(group);
        let managed = matches!(
            self.provider_kind_of(group),
            Some(CapacityProviderKind::AutoScalingGroup {
                managed_termination_protection: true,
                ..
            })
        );
        let rows = state.rows.iter().zip(&state.members);
        rows.map(|(row, member)| {
            let protected = if managed {
                member.instance.is_none_or(|on| self.hosts_tasks(on))
            } else {
                row.protected_from_scale_in
            };
            GroupInstance {
                protected_from_scale_in: protected
                    || row.lifecycle_state != LifecycleState::InService,
                ..*row
            }
        })
        .collect()
    }
}
