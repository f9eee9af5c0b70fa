//! An instance of a group goes: it drains where it is to, and ends.

use crate::cloud::auto_scaling::LifecycleState;
use crate::model::{AutoScalingGroupId, ContainerInstanceId, ContainerInstanceStatus, EndReason};
use crate::simulation::{Event, Observer, Record, Simulation};
use crate::units::{Millis, index};

use super::LaunchRef;

/// The longest that managed draining waits (Developer Guide, "Amazon ECS-managed instance
/// draining").
const MANAGED_DRAINING: Millis = Millis(48 * 3_600_000);
/// The same of ECS Managed Instances: 7 days.
const MANAGED_INSTANCE_DRAINING: Millis = Millis(7 * 86_400_000);

impl Simulation<'_> {
    /// How long an instance of a group may drain before it ends: managed draining, else a
    /// lifecycle hook; `None` where it ends at once.
    fn draining_time(&self, group: AutoScalingGroupId) -> Option<Millis> {
        let hook = self.group_spec(group).configuration.termination_hook;
        if self.is_managed_by_ecs(group) {
            Some(MANAGED_INSTANCE_DRAINING)
        } else if self.has_managed_draining(group) {
            Some(MANAGED_DRAINING)
        } else {
            hook
        }
    }

    /// A group ends an instance. One that hosts tasks drains first where the group lets it.
    pub(super) fn terminate_instance(
        &mut self,
        launch: LaunchRef,
        reason: EndReason,
        observer: &mut impl Observer,
    ) {
        let Some(place) = self.place_of(launch) else {
            return;
        };
        let time = self.draining_time(launch.group);
        let state = self.group_mut(launch.group);
        state.rows[place].lifecycle_state = LifecycleState::Terminating;
        state.members[place].ends = Some(reason);
        let on = state.members[place].instance;
        match (on, time) {
            (Some(on), Some(time)) => {
                self.drain_instance(on, observer);
                if self.cluster.instance(on).live_tasks > 0 {
                    let latest = self.now.saturating_add(time);
                    self.schedule(latest, Event::InstanceEnds(launch));
                } else {
                    self.schedule(self.now, Event::InstanceEnds(launch));
                }
            }
            _ => self.end_launch(launch, reason, observer),
        }
    }

    /// Sets an instance DRAINING, unless it is.
    pub(super) fn drain_instance(&mut self, on: ContainerInstanceId, observer: &mut impl Observer) {
        if self.cluster.instance(on).status != ContainerInstanceStatus::Active {
            return;
        }
        self.cluster.set_draining(on, true);
        self.reclassify_tasks_on(on);
        let record = Record::InstanceChanged { instance: on };
        observer.record(self.now, &record, &self.cluster);
        self.fleet_changed();
    }

    /// The time of an instance that was to end is over, or it is empty.
    pub(in crate::simulation) fn instance_ends(
        &mut self,
        launch: LaunchRef,
        observer: &mut impl Observer,
    ) {
        let Some(place) = self.place_of(launch) else {
            return;
        };
        let member = self.group(launch.group).members[place];
        let reason = match member.taken_back_at {
            Some(at) if at <= self.now => EndReason::SpotInterruption,
            _ => member.ends.unwrap_or(EndReason::ScaleIn),
        };
        self.end_launch(launch, reason, observer);
    }

    /// A task has left an instance. One that drains to end does so when it hosts none.
    pub(in crate::simulation) fn drained(&mut self, on: Option<ContainerInstanceId>) {
        let Some(on) = on else { return };
        let Some(launch) = self.groups.launch_of(on) else {
            return;
        };
        if self.is_managed_by_ecs(launch.group) {
            self.note_less_needed(on, launch.group);
        }
        if self.cluster.instance(on).live_tasks > 0 {
            return;
        }
        let Some(place) = self.place_of(launch) else {
            return;
        };
        if self.group(launch.group).members[place].ends.is_some() {
            self.schedule(self.now, Event::InstanceEnds(launch));
        }
    }

    /// An instance of a group is gone, with all that it hosted.
    pub(super) fn end_launch(
        &mut self,
        launch: LaunchRef,
        reason: EndReason,
        observer: &mut impl Observer,
    ) {
        let on = self.forget_launch(launch, reason, observer);
        if let Some(on) = on {
            self.end_instances(&[on], reason, observer);
            self.fleet_changed();
        }
        self.group_looks(launch.group);
    }

    /// Whether an instance of a group drains to end, or since it is taken back: it does not become
    /// ACTIVE again.
    pub(in crate::simulation) fn stays_draining(&self, on: ContainerInstanceId) -> bool {
        let Some(launch) = self.groups.launch_of(on) else {
            return false;
        };
        self.place_of(launch).is_some_and(|place| {
            let member = &self.group(launch.group).members[place];
            let is_taken_back = member.taken_back_at.is_some() && self.drains_at_notice(launch);
            member.ends.is_some() || is_taken_back
        })
    }

    /// A zone is lost, with the instances of groups there that have not registered.
    pub(in crate::simulation) fn lose_launches_in(
        &mut self,
        zone: &str,
        observer: &mut impl Observer,
    ) {
        let mut lost = Vec::new();
        for group in self.group_ids() {
            let zones = &self.group_spec(group).configuration.availability_zones;
            let state = self.group(group);
            for (row, member) in state.rows.iter().zip(&state.members) {
                if member.instance.is_none() && zones[index(row.zone)] == zone {
                    let number = member.number;
                    lost.push(LaunchRef { group, number });
                }
            }
        }
        for launch in lost {
            self.forget_launch(launch, EndReason::Incident, observer);
            self.group_looks(launch.group);
        }
    }

    /// Takes an instance out of its group, and gives its place in the Spot pool back.
    pub(in crate::simulation) fn forget_launch(
        &mut self,
        launch: LaunchRef,
        reason: EndReason,
        observer: &mut impl Observer,
    ) -> Option<ContainerInstanceId> {
        let place = self.place_of(launch)?;
        let state = self.group_mut(launch.group);
        state.rows.remove(place);
        let member = state.members.remove(place);
        if let Some(request) = member.request {
            self.spot_ended(request);
        }
        if let (None, Some(since)) = (member.instance, member.running_since) {
            self.tell_not_registered(&member, since, Some(reason), observer);
        }
        if let Some(on) = member.instance {
            self.groups.by_instance[on.index()] = None;
        }
        member.instance
    }
}
