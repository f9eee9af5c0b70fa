//! Incidents that strike every instance hold them until they are over.

use std::collections::BTreeSet;

use ecs_sim::model::{Cluster, ContainerInstanceId, ContainerInstanceStatus};
use ecs_sim::scenario::{Extent, IncidentKind, InstanceSelector, Scenario, StruckInstances};
use ecs_sim::units::{Share, index};

/// Instances that incidents hold.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Incidents that have begun in this instant.
    begun: Vec<u32>,
    held: BTreeSet<(u32, ContainerInstanceId)>,
}

/// Whether an incident strikes all instances.
fn strikes_all(instances: &StruckInstances) -> bool {
    let all = StruckInstances::Selected {
        matching: InstanceSelector::default(),
        extent: Extent::Share(Share::ALL),
    };
    *instances == all
}

impl Held {
    pub(super) fn happens(&mut self, incident: u32, begins: bool) {
        if begins {
            self.begun.push(incident);
        } else {
            self.begun.retain(|other| *other != incident);
            self.held.retain(|(other, _)| *other != incident);
        }
    }

    pub(super) fn check_instant(&mut self, scenario: &Scenario, cluster: &Cluster) {
        let is_there = |on: &ContainerInstanceId| cluster.registered().binary_search(on).is_ok();
        self.held.retain(|(_, on)| is_there(on));
        for (incident, on) in &self.held {
            let row = cluster.instance(*on);
            let holds = match &scenario.incidents[index(*incident)].kind {
                IncidentKind::InstancesDraining { .. } => {
                    row.status == ContainerInstanceStatus::Draining
                }
                _ => !row.agent_connected,
            };
            assert!(holds, "incident {incident} no longer holds {on}");
        }
        for incident in self.begun.drain(..) {
            let (IncidentKind::InstancesDraining { instances }
            | IncidentKind::AgentsDisconnected { instances }) =
                &scenario.incidents[index(incident)].kind
            else {
                continue;
            };
            if strikes_all(instances) {
                // Those that have registered later in the instant were not struck.
                let struck = cluster.registered().iter().filter(|on| {
                    let row = cluster.instance(**on);
                    row.status == ContainerInstanceStatus::Draining || !row.agent_connected
                });
                self.held.extend(struck.map(|on| (incident, *on)));
            }
        }
    }
}
