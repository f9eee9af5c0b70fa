//! Availability Zone rebalancing: a task is started in the zone with the fewest, and when it is
//! healthy one is stopped in the zone with the most.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use crate::control::capacity_provider_strategy::{StrategyCounts, surplus};
use crate::control::rebalancing::moves;
use crate::control::{RolloutState, ServiceEvent};
use crate::model::{CapacityProviderId, ContainerInstanceStatus, ServiceId, TaskId};
use crate::placement::admits_for_life;
use crate::scenario::Capacity;
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
            if std::mem::take(&mut self.service_mut(service).rebalancing).is_announced() {
                self.say(service, ServiceEvent::RebalancingStopped, observer);
            }
            return;
        }
        if let Rebalancing::Moving { task, .. } = state.rebalancing {
            if self.services.owned(task).health.is_healthy() {
                self.finish_move(service, task, observer);
            }
            return;
        }
        if state.steady {
            self.begin_move(service, observer);
        }
    }

    /// The zones with an ACTIVE instance that the service may use, in order of their names. They
    /// are looked up again when the fleet or the revision has changed.
    fn zones(&mut self, service: ServiceId) -> Arc<[String]> {
        let primary = self.service(service).primary;
        if let Some((of, zones)) = &self.service(service).zones
            && *of == (primary, self.fleet_version)
        {
            return Arc::clone(zones);
        }
        let provider = self.provider_of_service(service, primary);
        let template = self.service_template(service, primary, provider, None);
        if self.is_on_fargate(service) {
            return self.fargate_zones(template);
        }
        let template = self.placer.template(template);
        let mut zones = BTreeSet::new();
        for instance in self.cluster.registered() {
            let zone = self.cluster.profile(*instance).availability_zone();
            let status = self.cluster.instance(*instance).status;
            if status == ContainerInstanceStatus::Active
                && !zones.contains(zone)
                && admits_for_life(&self.cluster, template, *instance)
            {
                zones.insert(zone);
            }
        }
        let zones = zones.into_iter().map(str::to_owned);
        let zones: Arc<[String]> = zones.collect();
        let known = ((primary, self.fleet_version), Arc::clone(&zones));
        self.service_mut(service).zones = Some(known);
        zones
    }

    /// The service's tasks that are to run, in the zone of each; those elsewhere are left out.
    fn tasks_by_zone<'z>(
        &self,
        service: ServiceId,
        zones: &'z [String],
    ) -> impl Iterator<Item = (usize, TaskId)> + use<'_, 'z> {
        let tasks = self.service(service).tasks.iter();
        tasks.filter_map(move |task| {
            let row = self.cluster.task(*task);
            let zone = self.cluster.zone_of(row);
            let zone = zone.filter(|_| row.last_status.is_to_run())?;
            let place = zones.iter().position(|known| known == zone)?;
            Some((place, *task))
        })
    }

    fn begin_move(&mut self, service: ServiceId, observer: &mut impl Observer) {
        let zones = self.zones(service);
        let mut sizes: SmallVec<[u32; 8]> = SmallVec::from_elem(0, zones.len());
        for (class, count) in self.classes(service) {
            let zone = self.zone_of_class(class);
            let zone = zone.filter(|_| class.status.is_to_run());
            let known = zones.iter().position(|known| Some(known.as_str()) == zone);
            if let Some(known) = known {
                sizes[known] += count;
            }
        }
        let moves = moves(&sizes);
        if moves.is_empty() {
            if std::mem::take(&mut self.service_mut(service).rebalancing).is_announced() {
                self.say(service, ServiceEvent::RebalancingCompleted, observer);
            }
            return;
        }
        let state = self.service(service);
        let live: u32 = sizes.iter().sum();
        if live >= state.configuration.upper_limit(state.desired) {
            return;
        }
        let primary = self.service(service).primary;
        let providers = self.providers_to_move(service, &zones[moves[0].from]);
        let ways = moves.iter().flat_map(|step| {
            providers
                .iter()
                .map(|provider| (&zones[step.to], *provider))
        });
        for (zone, provider) in ways {
            let started = self.start_task_in_zone(service, primary, provider, zone, observer);
            if let Some(task) = started {
                self.move_begins(service, task, observer);
                return;
            }
        }
    }

    /// A task that will take the place of another has been started.
    fn move_begins(&mut self, service: ServiceId, task: TaskId, observer: &mut impl Observer) {
        let serial = self.cluster.task(task).serial;
        let state = self.service_mut(service);
        let moving = Rebalancing::Moving { task, serial };
        let before = std::mem::replace(&mut state.rebalancing, moving);
        state.steady = false;
        if !before.is_announced() {
            self.say(service, ServiceEvent::RebalancingStarted, observer);
        }
        let event = ServiceEvent::TasksStarted { count: 1 };
        self.say(service, event, observer);
    }

    /// The capacity providers of the tasks in a zone, the one most above its share of them first.
    /// A task that moves stays with its provider, so that the shares of the service stay as they
    /// are.
    fn providers_to_move(
        &self,
        service: ServiceId,
        zone: &str,
    ) -> SmallVec<[Option<CapacityProviderId>; 4]> {
        let Capacity::Strategy(items) = &self.service_spec(service).capacity else {
            return smallvec![None];
        };
        let mut held: BTreeMap<CapacityProviderId, u32> = BTreeMap::new();
        for (class, count) in self.classes(service) {
            let is_there = self.zone_of_class(class) == Some(zone) && class.status.is_to_run();
            if let (true, Some(provider)) = (is_there, class.provider) {
                *held.entry(provider).or_default() += count;
            }
        }
        let mut order = SmallVec::new();
        loop {
            let mut counts = StrategyCounts::default();
            for (provider, count) in &held {
                counts.add_many(*provider, *count);
            }
            let Some(provider) = surplus(items, &counts) else {
                return order;
            };
            held.remove(&provider);
            order.push(Some(provider));
        }
    }

    /// The new task is healthy: one of its capacity provider stops in the zone with the most.
    fn finish_move(&mut self, service: ServiceId, moved: TaskId, observer: &mut impl Observer) {
        self.service_mut(service).rebalancing = Rebalancing::Between;
        let zones = self.zones(service);
        let now = self.now;
        let mut by_zone: Vec<Vec<TaskId>> = vec![Vec::new(); zones.len()];
        for (zone, task) in self.tasks_by_zone(service, &zones) {
            by_zone[zone].push(task);
        }
        let fullest = by_zone.into_iter().rev().max_by_key(Vec::len);
        let provider_of = |task: TaskId| self.cluster.task(task).capacity_provider;
        let open: Vec<TaskId> = fullest
            .unwrap_or_default()
            .into_iter()
            .filter(|task| *task != moved && provider_of(*task) == provider_of(moved))
            .filter(|task| self.services.owned(*task).protected_until <= now)
            .collect();
        let counted = open.clone();
        let spare = self.spare(service, self.service(service).primary);
        let picked = self.pick_by_strategy(service, counted, open, 1, spare);
        if let Some(task) = picked.first() {
            self.stop_service_task(*task, observer);
            let event = ServiceEvent::TasksStopped { count: 1 };
            self.say(service, event, observer);
        } else {
            self.service_mut(service).rebalancing = Rebalancing::Idle;
            self.say(service, ServiceEvent::RebalancingStopped, observer);
        }
    }
}
