//! The health of a service's tasks: what their checks will say is worked out when they start, and
//! comes true one change at a time.

use crate::cloud::{Health, Monitor};
use crate::control::ServiceEvent;
use crate::model::{HealthStatus, TargetGroupId, TaskDefinition, TaskId};
use crate::simulation::event::{HealthChange, TaskRef};
use crate::simulation::{Event, Simulation};
use crate::units::{SimTime, index};

use super::{Check, SETTLES_AFTER};

impl Simulation<'_> {
    /// A task of a service has reached RUNNING: its targets are registered, its health begins.
    pub(in crate::simulation) fn service_task_started(&mut self, task: TaskId) {
        let Some(owned) = self.services.task(task) else {
            return;
        };
        let (service, deployment) = (owned.service, owned.deployment);
        let now = self.now;
        let checked = self.is_checked(task);
        let spec = &self.scenario.services[service.index()];
        let changes = self.health_changes(task, &spec.target_groups);
        if let Some(owned) = self.services.task_mut(task) {
            if checked {
                owned.health.containers = Check::Unknown;
            }
            if !spec.target_groups.is_empty() {
                owned.health.targets = Check::Unknown;
            }
        }
        self.reclassify(task);
        let reference = TaskRef::new(task, self.cluster.task(task));
        let plain = !checked && spec.target_groups.is_empty();
        if !spec.target_groups.is_empty() {
            self.services.targets_moved.entry(service).or_default().0 += 1;
        }
        if plain {
            let settled = now.saturating_add(SETTLES_AFTER);
            self.schedule(settled, Event::TaskHealth(reference, HealthChange::Settles));
        }
        let grace = spec.health_check_grace_period;
        if grace.0 > 0 && !plain {
            let over = now.saturating_add(grace);
            self.schedule(over, Event::TaskHealth(reference, HealthChange::GraceEnds));
        }
        for (at, change) in changes {
            self.schedule(at.max(now), Event::TaskHealth(reference, change));
        }
        let state = self.service_mut(service);
        state.deployments[deployment].reached_running = true;
        state.throttle.reset();
        self.unsay(service, |event| {
            matches!(event, ServiceEvent::StartImpaired)
        });
        self.service_changed(service);
    }

    /// Whether an essential container of a task has a health check.
    fn is_checked(&self, task: TaskId) -> bool {
        let definition = self.cluster.task(task).definition;
        let checks = |definition: &TaskDefinition| {
            let mut containers = definition.containers.iter();
            containers.any(|container| container.essential && container.health_check.is_some())
        };
        definition.is_some_and(|id| checks(&self.scenario.task_definitions[id.index()]))
    }

    /// All that the checks of a task that starts now will say, and when it begins and ceases to
    /// answer.
    fn health_changes(
        &self,
        task: TaskId,
        target_groups: &[TargetGroupId],
    ) -> Vec<(SimTime, HealthChange)> {
        let plan = self.plans.run(task);
        let from = plan.map_or(self.now, |plan| plan.answers_from);
        let until = plan.and_then(|plan| plan.answers_until);
        let mut changes = self.target_changes(task, target_groups, from, until);
        let containers = plan.map_or(&[][..], |plan| &plan.health);
        changes.extend(containers.iter().filter_map(|(at, status)| {
            let change = match status {
                HealthStatus::Healthy => HealthChange::ContainersHealthy,
                HealthStatus::Unhealthy => HealthChange::ContainersUnhealthy,
                HealthStatus::Unknown => return None,
            };
            Some((*at, change))
        }));
        if from > self.now {
            changes.push((self.now, HealthChange::Silent));
            changes.push((from, HealthChange::Answers));
        }
        if let Some(until) = until {
            changes.push((until, HealthChange::Silent));
        }
        changes
    }

    /// What the checks of all target groups together say: healthy when all do, unhealthy when one
    /// does. A target in a zone that is not enabled on the load balancer never is healthy.
    fn target_changes(
        &self,
        task: TaskId,
        target_groups: &[TargetGroupId],
        from: SimTime,
        until: Option<SimTime>,
    ) -> Vec<(SimTime, HealthChange)> {
        let zone = self.cluster.zone_of(self.cluster.task(task));
        let mut single: Vec<(SimTime, usize, Health)> = Vec::new();
        for (place, group) in target_groups.iter().enumerate() {
            let group = &self.scenario.target_groups[index(group.0)];
            if zone.is_some_and(|zone| !group.serves_zone(zone)) {
                single.push((self.now, place, Health::Unhealthy));
                continue;
            }
            let changes = Monitor::changes(group.monitor_settings(), self.now, from, until);
            single.extend(changes.into_iter().map(|(at, health)| (at, place, health)));
        }
        single.sort_by_key(|(at, place, _)| (*at, *place));
        let mut states = vec![Health::Initial; target_groups.len()];
        let mut last = Health::Initial;
        let mut changes = Vec::new();
        for (at, place, health) in single {
            states[place] = health;
            let all = if states.contains(&Health::Unhealthy) {
                Health::Unhealthy
            } else if states.contains(&Health::Initial) {
                Health::Initial
            } else {
                Health::Healthy
            };
            if all != last {
                changes.extend(match all {
                    Health::Healthy => Some((at, HealthChange::TargetsHealthy)),
                    Health::Unhealthy => Some((at, HealthChange::TargetsUnhealthy)),
                    Health::Initial => None,
                });
                last = all;
            }
        }
        changes
    }

    /// The health of a running task changes.
    pub(in crate::simulation) fn task_health(&mut self, of: TaskRef, change: HealthChange) {
        let row = self.cluster.live_task(of.task).filter(|row| of.is(row));
        if !row.is_some_and(|row| row.last_status.is_running()) {
            return;
        }
        let now = self.now;
        let Some(owned) = self.services.task(of.task) else {
            return;
        };
        let (service, deployment) = (owned.service, owned.deployment);
        self.meter_service(service);
        let Some(owned) = self.services.task_mut(of.task) else {
            return;
        };
        let before = owned.health;
        let health = &mut owned.health;
        match change {
            HealthChange::Settles => health.settled = true,
            HealthChange::ContainersHealthy => health.containers = Check::Healthy,
            HealthChange::ContainersUnhealthy => health.containers = Check::Unhealthy,
            HealthChange::TargetsHealthy => {
                health.targets = Check::Healthy;
                health.targets_since = now;
            }
            HealthChange::TargetsUnhealthy => health.targets = Check::Unhealthy,
            HealthChange::Answers => health.silent = false,
            HealthChange::Silent => health.silent = true,
            HealthChange::GraceEnds => health.in_grace = false,
        }
        let became_healthy = health.is_healthy() && !before.is_healthy();
        self.reclassify(of.task);
        if became_healthy {
            let state = self.service_mut(service);
            let breaker = state.configuration.circuit_breaker;
            if breaker.is_some_and(|breaker| breaker.reset_on_healthy_task) {
                state.deployments[deployment].failed_tasks = 0;
            }
        }
        self.service_changed(service);
    }
}
