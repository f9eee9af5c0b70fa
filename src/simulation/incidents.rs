//! What befalls the cluster: zones and instances lost, instances that drain, agents that drop out,
//! capacity that is taken back or refused, registries that do not answer.

use std::collections::BTreeSet;

use crate::model::{
    ContainerInstance, ContainerInstanceId, ContainerInstanceStatus, EndReason, StoppedReason,
    TaskId,
};
use crate::scenario::{Extent, IncidentKind, InstanceSelector, StruckInstances};
use crate::units::{id, index};
use crate::workload::load::Factor;

use super::{Observer, Record, Simulation};

impl Simulation<'_> {
    pub(super) fn incident_begins(&mut self, incident: u32, observer: &mut impl Observer) {
        self.tell_incident(incident, true, observer);
        let scenario = self.scenario;
        match &scenario.incidents[index(incident)].kind {
            IncidentKind::AvailabilityZoneLost { availability_zone } => {
                self.lose_zone(incident, availability_zone, observer);
            }
            IncidentKind::InstancesLost { instances } => {
                let lost = self.struck(incident, instances);
                self.lose(incident, &lost, observer);
            }
            IncidentKind::InstancesDraining { instances } => {
                let struck = self.struck(incident, instances);
                self.set_draining(&struck, true, observer);
                self.struck.insert(incident, struck);
            }
            IncidentKind::AgentsDisconnected { instances } => {
                let struck = self.struck(incident, instances);
                self.set_agents_connected(&struck, false, observer);
                self.struck.insert(incident, struck);
            }
            IncidentKind::RegistryUnavailable => self.registries_down += 1,
            IncidentKind::RegistrySlow { .. } => self.slow_registries.push(incident),
            IncidentKind::SpotReclaim { pools, extent } => {
                self.reclaim_spot(incident, pools, *extent, observer);
            }
            IncidentKind::OnDemandCapacityRefused { .. } => self.on_demand_refused.push(incident),
            IncidentKind::FargateCapacityRefused {
                purchase_option,
                availability_zone,
            } => {
                self.fargate_refuses(*purchase_option, availability_zone.as_deref(), false);
                self.fleet_changed();
            }
            IncidentKind::FargateSpotReclaim { extent } => {
                self.reclaim_fargate_spot(incident, *extent, observer);
            }
        }
    }

    pub(super) fn incident_ends(&mut self, incident: u32, observer: &mut impl Observer) {
        self.tell_incident(incident, false, observer);
        let scenario = self.scenario;
        match &scenario.incidents[index(incident)].kind {
            IncidentKind::AvailabilityZoneLost { availability_zone } => {
                self.groups.zone_is_back(availability_zone);
                self.fargate_refuses(None, Some(availability_zone), true);
                self.bring_back(incident, observer);
                self.all_groups_look();
            }
            IncidentKind::InstancesLost { .. } => self.bring_back(incident, observer),
            IncidentKind::InstancesDraining { .. } => {
                let struck = self.still_struck(incident);
                self.set_draining(&struck, false, observer);
            }
            IncidentKind::AgentsDisconnected { .. } => {
                let struck = self.still_struck(incident);
                self.set_agents_connected(&struck, true, observer);
            }
            IncidentKind::RegistryUnavailable => self.registries_down -= 1,
            IncidentKind::RegistrySlow { .. } => {
                self.slow_registries.retain(|other| *other != incident);
            }
            IncidentKind::SpotReclaim { .. } => self.spot_is_back(),
            IncidentKind::OnDemandCapacityRefused { .. } => {
                self.on_demand_refused.retain(|other| *other != incident);
                self.all_groups_look();
            }
            IncidentKind::FargateCapacityRefused {
                purchase_option,
                availability_zone,
            } => {
                self.fargate_refuses(*purchase_option, availability_zone.as_deref(), true);
                self.fleet_changed();
            }
            IncidentKind::FargateSpotReclaim { .. } => {}
        }
    }

    /// How many times as long as usual images take to pull, in millionths.
    pub(super) fn registry_slowness(&self) -> u64 {
        let slow = self.slow_registries.iter();
        let factors = slow.map(
            |incident| match self.scenario.incidents[index(*incident)].kind {
                IncidentKind::RegistrySlow { factor } => factor,
                _ => Factor::ONE,
            },
        );
        factors.fold(Factor::ONE, Factor::times).0
    }

    fn tell_incident(&mut self, incident: u32, begins: bool, observer: &mut impl Observer) {
        let record = Record::Incident { incident, begins };
        observer.record(self.now, &record, &self.cluster);
    }

    /// The registered instances that an incident strikes, in order of registration.
    fn struck(&mut self, incident: u32, instances: &StruckInstances) -> Vec<ContainerInstanceId> {
        match instances {
            StruckInstances::Numbers(numbers) => {
                let known = numbers.iter().copied().map(ContainerInstanceId);
                known
                    .filter(|on| self.cluster.registered().binary_search(on).is_ok())
                    .collect()
            }
            StruckInstances::Selected { matching, extent } => {
                let registered = self.cluster.registered().iter().copied();
                let matching = registered.filter(|on| self.matches(matching, *on));
                let matching: Vec<ContainerInstanceId> = matching.collect();
                let mut drawn = self.draw_struck(incident, matching, *extent);
                drawn.sort_unstable();
                drawn
            }
        }
    }

    /// As many as an incident strikes of those that it could, drawn from the incident's stream.
    pub(super) fn draw_struck<T>(&self, incident: u32, mut open: Vec<T>, extent: Extent) -> Vec<T> {
        let all = id(open.len());
        let count = match extent {
            Extent::Share(share) => {
                let struck = share.of(u64::from(all));
                u32::try_from(struck).unwrap_or(all)
            }
            Extent::Count(count) => count.min(all),
        };
        if count == all {
            return open;
        }
        let name = &self.scenario.incidents[index(incident)].name;
        let mut stream = self.streams.open("incident", name);
        let mut drawn = Vec::with_capacity(index(count));
        for _ in 0..count {
            let place = stream.below(u64::from(id(open.len())));
            let place = usize::try_from(place).expect("a draw below the length of a list");
            drawn.push(open.swap_remove(place));
        }
        drawn
    }

    fn matches(&self, selector: &InstanceSelector, on: ContainerInstanceId) -> bool {
        let profile = self.cluster.profile(on);
        let zone = profile.availability_zone();
        selector
            .availability_zone
            .as_ref()
            .is_none_or(|named| named == zone)
            && selector
                .instance_type
                .is_none_or(|named| named == profile.instance_type)
            && selector
                .capacity_provider
                .is_none_or(|named| Some(named) == profile.capacity_provider)
            && selector
                .purchase_option
                .is_none_or(|named| named == profile.purchase_option)
    }

    fn lose_zone(&mut self, incident: u32, zone: &str, observer: &mut impl Observer) {
        self.groups.zone_is_lost(zone);
        let registered = self.cluster.registered().iter().copied();
        let lost: Vec<_> = registered
            .filter(|on| self.cluster.profile(*on).availability_zone() == zone)
            .collect();
        self.lose_launches_in(zone, observer);
        self.lose_fargate_zone(zone, observer);
        self.lose(incident, &lost, observer);
        self.all_groups_look();
    }

    /// Instances end at once, and their tasks with them. Those of a group are not brought back: the
    /// group replaces them.
    fn lose(&mut self, incident: u32, lost: &[ContainerInstanceId], observer: &mut impl Observer) {
        for on in lost {
            match self.groups.launch_of(*on) {
                Some(launch) => {
                    self.forget_launch(launch, EndReason::Incident, observer);
                    self.group_looks(launch.group);
                }
                None => self.lost.push((incident, *on)),
            }
        }
        self.end_instances(lost, EndReason::Incident, observer);
        self.fleet_changed();
    }

    /// Instances end at once: what they host is STOPPED, and they are deregistered.
    pub(super) fn end_instances(
        &mut self,
        ended: &[ContainerInstanceId],
        reason: EndReason,
        observer: &mut impl Observer,
    ) {
        let on_ended = |on: Option<ContainerInstanceId>| on.is_some_and(|on| ended.contains(&on));
        let busy = ended
            .iter()
            .any(|on| self.cluster.instance(*on).live_tasks > 0);
        let live = busy
            .then(|| self.cluster.live_tasks())
            .into_iter()
            .flatten();
        let tasks = live.filter(|(_, row)| on_ended(row.instance));
        let mut tasks: Vec<TaskId> = tasks.map(|(task, _)| task).collect();
        self.cluster.sort_by_submission(&mut tasks);
        for task in tasks {
            let on = self.cluster.task(task).instance;
            let on = on.expect("it is on a lost instance");
            self.end_with_host(task, StoppedReason::HostTerminated(on), observer);
        }
        for on in ended {
            self.cluster.deregister(*on);
            self.plans.instance_ends(*on);
            let record = Record::InstanceTerminated {
                instance: *on,
                reason,
            };
            observer.record(self.now, &record, &self.cluster);
        }
    }

    /// As many instances of the fixed fleet register as were lost.
    fn bring_back(&mut self, incident: u32, observer: &mut impl Observer) {
        let (back, still_lost): (Vec<_>, Vec<_>) =
            self.lost.drain(..).partition(|(of, _)| *of == incident);
        self.lost = still_lost;
        for (_, lost) in back {
            let row = self.cluster.instance(lost);
            let new = ContainerInstance::new(
                row.profile,
                row.agent_connected,
                self.now,
                row.registered,
                row.ports.emptied(),
            );
            let instance = self.cluster.register(new);
            self.plans.instance_registers(instance, self.now);
            let record = Record::InstanceRegistered { instance };
            observer.record(self.now, &record, &self.cluster);
        }
        self.fleet_changed();
    }

    /// Those that an incident has struck, that are still there, and that no other incident of the
    /// kind holds.
    fn still_struck(&mut self, incident: u32) -> Vec<ContainerInstanceId> {
        let mut struck = self.struck.remove(&incident).unwrap_or_default();
        let kind = |of: u32| std::mem::discriminant(&self.scenario.incidents[index(of)].kind);
        let others = self.struck.iter();
        let others = others.filter(|(other, _)| kind(**other) == kind(incident));
        let held: BTreeSet<ContainerInstanceId> = others.flat_map(|(_, on)| on).copied().collect();
        struck
            .retain(|on| self.cluster.registered().binary_search(on).is_ok() && !held.contains(on));
        struck
    }

    fn set_draining(
        &mut self,
        instances: &[ContainerInstanceId],
        draining: bool,
        observer: &mut impl Observer,
    ) {
        for on in instances.iter().copied() {
            let is_draining = self.cluster.instance(on).status == ContainerInstanceStatus::Draining;
            if is_draining != draining && !self.stays_draining(on) {
                self.cluster.set_draining(on, draining);
                self.reclassify_tasks_on(on);
                let record = Record::InstanceChanged { instance: on };
                observer.record(self.now, &record, &self.cluster);
            }
        }
        self.fleet_changed();
    }

    fn set_agents_connected(
        &mut self,
        instances: &[ContainerInstanceId],
        connected: bool,
        observer: &mut impl Observer,
    ) {
        for on in instances.iter().copied() {
            self.cluster.set_agent_connected(on, connected);
            let record = Record::InstanceChanged { instance: on };
            observer.record(self.now, &record, &self.cluster);
        }
        self.fleet_changed();
    }

    /// Instances have come, gone, or changed: whoever waits for room tries again, daemons look at
    /// their instances, services at their zones and at tasks that have to move.
    pub(super) fn fleet_changed(&mut self) {
        self.fleet_version += 1;
        self.shapes.clear();
        self.waiting_may_fit();
        for service in 0..id(self.services.list.len()) {
            self.service_changed(crate::model::ServiceId(service));
        }
    }
}
