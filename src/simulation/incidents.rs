//! What befalls the cluster: zones and instances lost, instances that drain, agents that drop out.

use crate::model::{
    ContainerInstance, ContainerInstanceId, ContainerInstanceStatus, StoppedReason, TaskId,
};
use crate::scenario::{IncidentKind, StruckInstances};
use crate::units::index;

use super::{Observer, Record, Simulation};

impl Simulation<'_> {
    pub(super) fn incident_begins(&mut self, incident: u32, observer: &mut impl Observer) {
        self.tell_incident(incident, true, observer);
        let scenario = self.scenario;
        match &scenario.incidents[index(incident)].kind {
            IncidentKind::AvailabilityZoneLost { availability_zone } => {
                let registered = self.cluster.registered().iter().copied();
                let lost: Vec<_> = registered
                    .filter(|on| self.cluster.profile(*on).availability_zone() == availability_zone)
                    .collect();
                self.lose_fargate_zone(availability_zone, observer);
                self.lose(incident, &lost, observer);
            }
            IncidentKind::InstancesLost {
                instances: StruckInstances::Numbers(instances),
            } => {
                let lost = self.registered_among(instances);
                self.lose(incident, &lost, observer);
            }
            IncidentKind::InstancesDraining {
                instances: StruckInstances::Numbers(instances),
            } => {
                self.set_draining(instances, true, observer);
            }
            IncidentKind::AgentsDisconnected {
                instances: StruckInstances::Numbers(instances),
            } => {
                self.set_agents_connected(instances, false, observer);
            }
            IncidentKind::RegistryUnavailable => self.registries_down += 1,
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
            _ => self.capacity_incident(),
        }
    }

    pub(super) fn incident_ends(&mut self, incident: u32, observer: &mut impl Observer) {
        self.tell_incident(incident, false, observer);
        let scenario = self.scenario;
        match &scenario.incidents[index(incident)].kind {
            IncidentKind::AvailabilityZoneLost { availability_zone } => {
                self.fargate_refuses(None, Some(availability_zone), true);
                self.bring_back(incident, observer);
            }
            IncidentKind::InstancesLost {
                instances: StruckInstances::Numbers(_),
            } => self.bring_back(incident, observer),
            IncidentKind::InstancesDraining {
                instances: StruckInstances::Numbers(instances),
            } => {
                self.set_draining(instances, false, observer);
            }
            IncidentKind::AgentsDisconnected {
                instances: StruckInstances::Numbers(instances),
            } => {
                self.set_agents_connected(instances, true, observer);
            }
            IncidentKind::RegistryUnavailable => self.registries_down -= 1,
            IncidentKind::FargateCapacityRefused {
                purchase_option,
                availability_zone,
            } => {
                self.fargate_refuses(*purchase_option, availability_zone.as_deref(), true);
                self.fleet_changed();
            }
            IncidentKind::FargateSpotReclaim { .. } => {}
            _ => self.capacity_incident(),
        }
    }

    /// What befalls capacity: whoever waits for some tries again.
    fn capacity_incident(&mut self) {
        self.fleet_changed();
    }

    fn tell_incident(&mut self, incident: u32, begins: bool, observer: &mut impl Observer) {
        let record = Record::Incident { incident, begins };
        observer.record(self.now, &record, &self.cluster);
    }

    /// Those of the instances that are registered.
    fn registered_among(&self, numbers: &[u32]) -> Vec<ContainerInstanceId> {
        let known = numbers.iter().copied().map(ContainerInstanceId);
        known
            .filter(|on| self.cluster.registered().binary_search(on).is_ok())
            .collect()
    }

    /// Instances end at once, and their tasks with them.
    fn lose(&mut self, incident: u32, lost: &[ContainerInstanceId], observer: &mut impl Observer) {
        let on_lost = |on: Option<ContainerInstanceId>| on.is_some_and(|on| lost.contains(&on));
        let tasks: Vec<TaskId> = self
            .cluster
            .live_tasks()
            .filter(|(_, row)| on_lost(row.instance))
            .map(|(task, _)| task)
            .collect();
        for task in tasks {
            let on = self.cluster.task(task).instance;
            let on = on.expect("it is on a lost instance");
            self.end_with_host(task, StoppedReason::HostTerminated(on), observer);
        }
        for on in lost {
            self.lost.push((incident, *on));
            self.cluster.deregister(*on);
            self.plans.instance_ends(*on);
            let record = Record::InstanceTerminated {
                instance: *on,
                reason: crate::model::EndReason::Incident,
            };
            observer.record(self.now, &record, &self.cluster);
        }
        self.fleet_changed();
    }

    /// As many instances of the same kind register as were lost.
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

    fn set_draining(&mut self, numbers: &[u32], draining: bool, observer: &mut impl Observer) {
        for on in self.registered_among(numbers) {
            let is_draining = self.cluster.instance(on).status == ContainerInstanceStatus::Draining;
            if is_draining != draining {
                self.cluster.set_draining(on, draining);
                let record = Record::InstanceChanged { instance: on };
                observer.record(self.now, &record, &self.cluster);
            }
        }
        self.fleet_changed();
    }

    fn set_agents_connected(
        &mut self,
        numbers: &[u32],
        connected: bool,
        observer: &mut impl Observer,
    ) {
        for on in self.registered_among(numbers) {
            self.cluster.set_agent_connected(on, connected);
            let record = Record::InstanceChanged { instance: on };
            observer.record(self.now, &record, &self.cluster);
        }
        self.fleet_changed();
    }

    /// Instances have come, gone, or changed: whoever waits for room tries again, daemons look at
    /// their instances, services at their zones and at tasks that have to move.
    fn fleet_changed(&mut self) {
        self.fleet_version += 1;
        self.shapes.clear();
        self.waiting_may_fit();
        for service in 0..crate::units::id(self.services.list.len()) {
            self.service_changed(crate::model::ServiceId(service));
        }
    }
}
