//! Services on Fargate: which capacity their tasks get, and when they cannot.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::control::ServiceEvent;
use crate::control::capacity_provider_strategy::StrategyItem;
use crate::model::{FargateCapacity, LaunchType, ServiceId, TaskId, TemplateId};
use crate::placement::Reasons;
use crate::scenario::{Capacity, Scenario};
use crate::simulation::capacity::{Chosen, ProviderCounts, choose_provider, launch_type_of};
use crate::simulation::{Observer, Simulation};
use crate::units::Resources;

/// Why a task does not start now.
enum NotNow {
    /// The launch rate: later.
    Pace,
    /// There is no capacity, or too little of the quota.
    Refused(Reasons),
}

impl<'s> Simulation<'s> {
    /// Whether the tasks of a service run on Fargate.
    pub(super) fn is_on_fargate(&self, service: ServiceId) -> bool {
        let capacity = &self.service_spec(service).capacity;
        launch_type_of(self.scenario, capacity) == LaunchType::Fargate
    }

    /// Starts tasks of a deployment. Where a provider of its strategy has no capacity, the tasks
    /// that are its share are left out, and none of them goes to another.
    pub(super) fn start_on_fargate(
        &mut self,
        service: ServiceId,
        deployment: usize,
        count: u32,
        observer: &mut impl Observer,
    ) -> u32 {
        let items = self.strategy_of(service);
        let mut counts = self.provider_counts(service, deployment, items);
        let template = self.service_template(service, deployment, None);
        let mut without: Vec<Chosen> = Vec::new();
        let mut refused = Reasons::NONE;
        let mut started = 0;
        for _ in 0..count {
            let chosen = self.choose_on_fargate(items, &mut counts);
            if without.contains(&chosen) {
                continue;
            }
            let of = (deployment, chosen);
            match self.try_on_fargate(service, of, template, observer) {
                Ok(_) => started += 1,
                Err(NotNow::Pace) => break,
                Err(NotNow::Refused(reasons)) => {
                    without.push(chosen);
                    reasons.iter().for_each(|reason| refused.insert(reason));
                }
            }
        }
        if refused.is_empty() {
            self.service_mut(service).blocked = None;
        } else {
            self.note_no_room(service, refused, |_| None, observer);
        }
        started
    }

    /// Starts a task in the one zone of a template. Where that has no capacity nothing is said.
    pub(super) fn move_on_fargate(
        &mut self,
        service: ServiceId,
        deployment: usize,
        template: TemplateId,
        observer: &mut impl Observer,
    ) -> Option<TaskId> {
        let items = self.strategy_of(service);
        let mut counts = self.provider_counts(service, deployment, items);
        let chosen = self.choose_on_fargate(items, &mut counts);
        let of = (deployment, chosen);
        match self.try_on_fargate(service, of, template, observer) {
            Ok(task) => Some(task),
            Err(NotNow::Pace) => None,
            Err(NotNow::Refused(_)) => {
                self.services.blocked.insert(service);
                None
            }
        }
    }

    /// One task, if pace, quota and capacity allow it.
    fn try_on_fargate(
        &mut self,
        service: ServiceId,
        (deployment, chosen): (usize, Chosen),
        template: TemplateId,
        observer: &mut impl Observer,
    ) -> Result<TaskId, NotNow> {
        let capacity = chosen.fargate(self.scenario);
        let capacity = capacity.unwrap_or(FargateCapacity::OnDemand);
        let needs = self.service_needs(service, deployment);
        let found = self.find_on_fargate(capacity, template, &needs);
        let place = found.map_err(NotNow::Refused)?;
        let ready_at = self.fargate_ready_at(capacity);
        if ready_at > self.now {
            self.say(service, ServiceEvent::Throttled, observer);
            self.wake_service(service, ready_at);
            return Err(NotNow::Pace);
        }
        if !self.may_launch(service, observer) {
            return Err(NotNow::Pace);
        }
        let of = (deployment, chosen);
        let task = self.take_in_service_task(service, of, template, observer);
        self.place_on_fargate(task, place, observer);
        Ok(task)
    }

    /// The strategy of a service; empty for a launch type.
    fn strategy_of(&self, service: ServiceId) -> &'s [StrategyItem] {
        let scenario: &'s Scenario = self.scenario;
        match &scenario.services[service.index()].capacity {
            Capacity::LaunchType(_) => &[],
            Capacity::Strategy(items) => items,
        }
    }

    /// The tasks of a deployment on each provider of a strategy.
    fn provider_counts(
        &self,
        service: ServiceId,
        deployment: usize,
        items: &[StrategyItem],
    ) -> ProviderCounts {
        let tasks = self.service(service).tasks.iter();
        let of_deployment = tasks
            .filter(|task| self.services.owned(**task).deployment == deployment)
            .map(|task| self.cluster.task(*task))
            .filter(|row| row.last_status.is_to_run());
        ProviderCounts::of(items, of_deployment)
    }

    fn choose_on_fargate(&self, items: &[StrategyItem], counts: &mut ProviderCounts) -> Chosen {
        match choose_provider(items, counts) {
            Some(provider) => {
                counts.add(items, provider);
                Chosen::provider(self.scenario, provider)
            }
            None => Chosen::launch_type(LaunchType::Fargate),
        }
    }

    /// The zones that tasks of a template may use, by name.
    pub(super) fn fargate_zones(&self, template: TemplateId) -> Arc<[String]> {
        let named = &self.placer.template(template).subnet_zones;
        let default = &self.scenario.fargate.settings.availability_zones;
        let zones = if named.is_empty() { default } else { named };
        let zones: BTreeSet<&String> = zones.iter().collect();
        zones.into_iter().cloned().collect()
    }

    /// Whether a task of a service could ever run.
    pub(super) fn fargate_could_ever_hold(&self, service: ServiceId, needs: &Resources) -> bool {
        let items = self.strategy_of(service);
        let chosen = |item: &StrategyItem| Chosen::provider(self.scenario, item.provider);
        let capacities = items.iter().map(chosen);
        let default = Chosen::launch_type(LaunchType::Fargate);
        let default = std::iter::once(default).filter(|_| items.is_empty());
        capacities
            .chain(default)
            .filter_map(|chosen| chosen.fargate(self.scenario))
            .any(|capacity| self.could_run_on_fargate(capacity, needs))
    }

    /// The host of a task is retired: its service starts another and stops it. `false` for a task
    /// that no service owns.
    pub(in crate::simulation) fn retire_service_task(&mut self, task: TaskId) -> bool {
        let Some(owned) = self.services.task_mut(task) else {
            return false;
        };
        owned.retires = true;
        let service = owned.service;
        self.service_changed(service);
        true
    }
}
