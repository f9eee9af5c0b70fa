//! Availability Zone rebalancing: a task is started in the zone with the fewest, and when it is
//! healthy one is stopped in the zone with the most.

use std::collections::BTreeMap;

use crate::control::rebalancing::moves;
use crate::control::{RolloutState, ServiceEvent};
use crate::model::{ContainerInstanceStatus, ServiceId, TaskId};
use crate::simulation::{Observer, Simulation};

use super::Rebalancing;

impl Simulation<'_> {
    /// The scheduler looks at the balance of a service's zones.
    pub(super) fn rebalance(&mut self, service: ServiceId, observer: &mut impl Observer) {
        if !self.service_spec(service).availability_zone_rebalancing {
            return;
        }
        let state = self.service(service);
        if state.primary().rollout_state != RolloutState::Completed {
            if std::mem::take(&mut self.service_mut(service).is_rebalancing) {
                self.service_mut(service).rebalancing = None;
                self.say(service, ServiceEvent::RebalancingStopped, observer);
            }
            return;
        }
        if let Some(moving) = state.rebalancing {
            if self.services.owned(moving.task).health.is_healthy() {
                self.finish_move(service, moving.task, observer);
            }
            return;
        }
        if state.steady {
            self.begin_move(service, observer);
        }
    }

    /// Tasks of the service in each zone that has an instance it may use, by the zone's name.
    fn tasks_by_zone(&mut self, service: ServiceId) -> BTreeMap<String, Vec<TaskId>> {
        let primary = self.service(service).primary;
        let template = self.service_template(service, primary, None);
        let template = self.placer.template(template);
        let mut zones: BTreeMap<String, Vec<TaskId>> = BTreeMap::new();
        let mut last = None;
        for instance in self.cluster.registered() {
            let row = self.cluster.instance(*instance);
            let profile = self.cluster.profile(*instance);
            let key = (row.profile, row.status);
            if row.status != ContainerInstanceStatus::Active || last == Some(key) {
                continue;
            }
            last = Some(key);
            let zone = profile.availability_zone();
            if template.reaches(zone) && template.missing_attribute(&profile.attributes).is_none() {
                zones.entry(zone.to_owned()).or_default();
            }
        }
        for task in &self.service(service).tasks {
            let row = self.cluster.task(*task);
            if let (true, Some(on)) = (row.last_status.is_to_run(), row.instance) {
                let zone = self.cluster.profile(on).availability_zone();
                zones.entry(zone.to_owned()).or_default().push(*task);
            }
        }
        zones
    }

    fn begin_move(&mut self, service: ServiceId, observer: &mut impl Observer) {
        let zones = self.tasks_by_zone(service);
        let sizes: Vec<u32> = zones
            .values()
            .map(|tasks| crate::units::id(tasks.len()))
            .collect();
        let moves = moves(&sizes);
        if moves.is_empty() {
            if std::mem::take(&mut self.service_mut(service).is_rebalancing) {
                self.say(service, ServiceEvent::RebalancingCompleted, observer);
            }
            return;
        }
        let state = self.service(service);
        let live: u32 = sizes.iter().sum();
        if live >= state.configuration.upper_limit(state.desired) {
            return;
        }
        let names: Vec<&String> = zones.keys().collect();
        for step in moves {
            let primary = self.service(service).primary;
            let Some(task) = self.start_task_in_zone(service, primary, names[step.to], observer)
            else {
                continue;
            };
            let serial = self.cluster.task(task).serial;
            let state = self.service_mut(service);
            state.rebalancing = Some(Rebalancing { task, serial });
            state.steady = false;
            if !std::mem::replace(&mut state.is_rebalancing, true) {
                self.say(service, ServiceEvent::RebalancingStarted, observer);
            }
            return;
        }
    }

    /// The new task is healthy: one stops in the zone with the most.
    fn finish_move(&mut self, service: ServiceId, moved: TaskId, observer: &mut impl Observer) {
        self.service_mut(service).rebalancing = None;
        let zones = self.tasks_by_zone(service);
        let now = self.now;
        let fullest = zones.into_values().rev().max_by_key(Vec::len);
        let open: Vec<TaskId> = fullest
            .unwrap_or_default()
            .into_iter()
            .filter(|task| *task != moved && self.services.owned(*task).protected_until <= now)
            .collect();
        let counted = open.clone();
        let spare = self.spare(service, self.service(service).primary);
        let picked = self.pick_by_strategy(service, counted, open, 1, spare);
        match picked.first() {
            Some(task) => {
                self.stop_service_task(*task, observer);
                let event = ServiceEvent::TasksStopped { count: 1 };
                self.say(service, event, observer);
            }
            None => {
                self.service_mut(service).is_rebalancing = false;
                self.say(service, ServiceEvent::RebalancingStopped, observer);
            }
        }
    }
}
