//! Services on Fargate: when their tasks start, and when they cannot.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::control::ServiceEvent;
use crate::model::{CapacityProviderId, FargateCapacity, ServiceId, TaskId, TemplateId};
use crate::placement::Reasons;
use crate::simulation::capacity::fargate_of;
use crate::simulation::provisioning::scopes_of;
use crate::simulation::{Observer, Simulation};
use crate::units::Resources;

/// Why a task does not start now.
enum NotNow {
    /// The launch rate: later.
    Pace,
    /// There is no capacity, or too little of the quota.
    Refused(Reasons),
}

impl Simulation<'_> {
    /// Whether the tasks of a service run on Fargate.
    pub(super) fn is_on_fargate(&self, service: ServiceId) -> bool {
        let capacity = &self.service_spec(service).capacity;
        self.scenario.runs_on_fargate(capacity)
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
        let mut without: Vec<Option<CapacityProviderId>> = Vec::new();
        let mut refused = Reasons::NONE;
        let mut started = 0;
        for provider in self.next_providers(service, deployment, count) {
            if without.contains(&provider) {
                continue;
            }
            let template = self.service_template(service, deployment, provider, None);
            match self.try_on_fargate(service, deployment, template, observer) {
                Ok(_) => started += 1,
                Err(NotNow::Pace) => break,
                Err(NotNow::Refused(reasons)) => {
                    without.push(provider);
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
        match self.try_on_fargate(service, deployment, template, observer) {
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
        deployment: usize,
        template: TemplateId,
        observer: &mut impl Observer,
    ) -> Result<TaskId, NotNow> {
        let scope = self.placer.template(template).capacity;
        let capacity = fargate_of(self.scenario, scope);
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
        let task = self.take_in_service_task(service, deployment, template, observer);
        self.place_on_fargate(task, place, observer);
        Ok(task)
    }

    /// The zones in which tasks of a template may start now, by name.
    pub(super) fn fargate_zones(&self, template: TemplateId) -> Arc<[String]> {
        let scope = self.placer.template(template).capacity;
        let capacity = fargate_of(self.scenario, scope);
        let capacity = capacity.unwrap_or(FargateCapacity::OnDemand);
        let places = self.fargate_places(capacity, template);
        let zones = places.map(|place| self.cluster.fargate().zone_name(place.zone));
        let zones: BTreeSet<&str> = zones.collect();
        zones.into_iter().map(str::to_owned).collect()
    }

    /// Whether a task of a service could ever run.
    pub(super) fn fargate_could_ever_hold(&self, service: ServiceId, needs: &Resources) -> bool {
        let capacity = &self.service_spec(service).capacity;
        let scopes = scopes_of(capacity).into_iter();
        scopes
            .filter_map(|scope| fargate_of(self.scenario, scope))
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
        self.reclassify(task);
        self.service_changed(service);
        true
    }
}
