//! Deployments: begun, completed, failed, rolled back.

use crate::control::{
    Deployment, DeploymentAlarms, DeploymentStatus, DeploymentStrategy, FailureCause, RolloutState,
    ServiceEvent, Stuck,
};
use crate::model::{ServiceId, TaskDefinitionId};
use crate::scenario::{AlarmEntry, AlarmSource, SchedulingStrategy};
use crate::simulation::{Event, Observer, Record, Simulation};
use crate::units::{Millis, id, index};

use super::classes::TaskClass;

impl Simulation<'_> {
    /// CreateService.
    pub(in crate::simulation) fn service_created(
        &mut self,
        service: ServiceId,
        observer: &mut impl Observer,
    ) {
        let definition = self.service_spec(service).task_definition;
        self.service_mut(service).created = true;
        self.begin_deployment(service, definition, observer);
    }

    /// UpdateService: an entry of `deployments`.
    pub(in crate::simulation) fn service_updated(
        &mut self,
        update: u32,
        observer: &mut impl Observer,
    ) {
        let update = &self.scenario.deployments[index(update)];
        let service = update.service;
        if !self.service(service).created {
            return;
        }
        if let Some(configuration) = &update.deployment_configuration {
            self.service_mut(service).configuration = configuration.clone();
        }
        if let Some(desired) = update.desired_count {
            self.set_desired_count(service, desired, observer);
        }
        let running = self.service(service).primary().task_definition;
        let wanted = update.task_definition.unwrap_or(running);
        if wanted != running || update.force_new_deployment {
            self.begin_deployment(service, wanted, observer);
        }
        self.service_changed(service);
    }

    /// The desired count becomes another.
    pub(in crate::simulation) fn set_desired_count(
        &mut self,
        service: ServiceId,
        desired: u32,
        observer: &mut impl Observer,
    ) {
        let state = self.service_mut(service);
        if state.desired == desired || state.strategy == SchedulingStrategy::Daemon {
            return;
        }
        state.desired = desired;
        let primary = state.primary;
        state.deployments[primary].desired = desired;
        self.say(
            service,
            ServiceEvent::DesiredCountUpdated { desired },
            observer,
        );
        self.service_changed(service);
    }

    /// UpdateTaskProtection: an entry of `taskProtection`.
    pub(in crate::simulation) fn task_protection_changed(&mut self, entry: u32) {
        let entry = self.scenario.task_protection[index(entry)];
        let until = if entry.enabled {
            self.now.saturating_add(entry.expires_in)
        } else {
            self.now
        };
        let tasks = self.service(entry.service).tasks.iter().copied();
        let running: Vec<_> = tasks
            .filter(|task| self.cluster.task(*task).last_status.is_to_run())
            .take(index(entry.tasks))
            .collect();
        for task in running {
            if let Some(owned) = self.services.task_mut(task) {
                owned.protected_until = until;
            }
        }
        // Not as one of its wakes: an earlier one would stand for it.
        let look = match self.service(entry.service).strategy {
            SchedulingStrategy::Replica => Event::ServiceEvaluated(entry.service),
            SchedulingStrategy::Daemon => Event::DaemonEvaluated(entry.service),
        };
        self.schedule(until, look);
        self.service_changed(entry.service);
    }

    /// A deployment of a revision begins; it is the service's current one from now on.
    fn begin_deployment(
        &mut self,
        service: ServiceId,
        definition: TaskDefinitionId,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        let state = self.service_mut(service);
        let number = id(state.deployments.len()) + 1;
        let mut deployment =
            Deployment::new(number, definition, &state.configuration, state.desired, now);
        let first = state.deployments.is_empty();
        if first {
            // There is nothing that traffic could be shifted from.
            deployment.strategy = DeploymentStrategy::Rolling;
            deployment.traffic = 1_000;
        }
        state.deployments.push(deployment);
        self.ignore_firing_alarms(service);
        let state = self.service_mut(service);
        state.throttle.reset();
        state.steady = false;
        self.say(
            service,
            ServiceEvent::DeploymentStarted { deployment: number },
            observer,
        );
        self.make_primary(service, index(number - 1), observer);
        let strategy = self.service(service).primary().strategy;
        if !first && strategy != DeploymentStrategy::Rolling {
            self.begin_shift(service, observer);
        }
    }

    /// A deployment begins: alarms that stand at ALARM now are ignored for it (Developer Guide,
    /// "How CloudWatch alarms detect Amazon ECS deployment failures").
    fn ignore_firing_alarms(&mut self, service: ServiceId) {
        let watched = self.service(service).configuration.alarms.clone();
        let watched = watched.map_or_else(Vec::new, |alarms| alarms.alarms);
        let firing = watched.into_iter().filter(|alarm| self.is_in_alarm(*alarm));
        let firing = firing.collect();
        self.service_mut(service).ignored_alarms = firing;
    }

    /// A deployment becomes the current one; the one before keeps what tasks it has for now.
    pub(super) fn make_primary(
        &mut self,
        service: ServiceId,
        deployment: usize,
        observer: &mut impl Observer,
    ) {
        self.meter_service(service);
        let mut kept = vec![0; self.service(service).deployments.len()];
        for (class, count) in self.classes(service) {
            if class.status.is_wanted() {
                kept[class.deployment] += count;
            }
        }
        let state = self.service_mut(service);
        state.shift = None;
        let before = state.primary;
        state.primary = deployment;
        let desired = state.desired;
        if before != deployment {
            let old = &mut state.deployments[before];
            old.status = if kept[before] > 0 {
                DeploymentStatus::Active
            } else {
                DeploymentStatus::Inactive
            };
            old.desired = kept[before];
            old.stuck = None;
        }
        let new = &mut state.deployments[deployment];
        new.status = DeploymentStatus::Primary;
        new.desired = desired;
        if before != deployment {
            self.tell_deployment(service, before, observer);
        }
        self.tell_deployment(service, deployment, observer);
        self.service_changed(service);
    }

    /// Deployments that the end of the run finds unfinished: what they have counted since they were
    /// last told.
    pub(in crate::simulation) fn tell_open_deployments(&self, observer: &mut impl Observer) {
        for service in (0..id(self.services.list.len())).map(ServiceId) {
            let state = self.service(service);
            if state.created && state.primary().rollout_state != RolloutState::Completed {
                self.tell_deployment(service, state.primary, observer);
            }
        }
    }

    pub(super) fn tell_deployment(
        &self,
        service: ServiceId,
        deployment: usize,
        observer: &mut impl Observer,
    ) {
        let deployment = &self.service(service).deployments[deployment];
        let record = Record::DeploymentChanged {
            service,
            deployment,
        };
        observer.record(self.now, &record, &self.cluster);
    }

    /// The circuit breaker counts a failed task.
    pub(super) fn consult_breaker(
        &mut self,
        service: ServiceId,
        deployment: usize,
        observer: &mut impl Observer,
    ) {
        let state = self.service(service);
        let (Some(breaker), true) = (
            state.configuration.circuit_breaker,
            deployment == state.primary,
        ) else {
            return;
        };
        let current = &state.deployments[deployment];
        // A deployment that was declared successful early cannot fail any more.
        let rolling =
            current.strategy == DeploymentStrategy::Rolling && current.succeeded_early_at.is_none();
        if rolling && current.failed_tasks >= breaker.threshold.failures(state.desired) {
            let cause = FailureCause::TasksFailedToStart;
            self.fail_deployment(service, cause, breaker.rollback, observer);
        }
    }

    /// The current deployment has failed. It launches nothing more; if that is wanted, the last
    /// completed one comes back.
    pub(super) fn fail_deployment(
        &mut self,
        service: ServiceId,
        cause: FailureCause,
        rollback: bool,
        observer: &mut impl Observer,
    ) {
        self.meter_service(service);
        let now = self.now;
        let state = self.service_mut(service);
        let failed = state.primary;
        let deployment = &mut state.deployments[failed];
        deployment.rollout_state = RolloutState::Failed;
        deployment.finished_at = Some(now);
        deployment.cause = Some(cause);
        let number = deployment.number;
        let completed = |deployment: &Deployment| {
            deployment.number != number && deployment.rollout_state == RolloutState::Completed
        };
        let back_to = state.deployments.iter().rposition(completed);
        if rollback && back_to.is_none() {
            state.deployments[failed].stuck = Some(Stuck::NothingToRollBackTo);
        }
        let event = ServiceEvent::DeploymentFailed {
            deployment: number,
            cause,
        };
        self.say(service, event, observer);
        if let (true, Some(back_to)) = (rollback, back_to) {
            let state = self.service_mut(service);
            state.throttle.reset();
            let earlier = &mut state.deployments[back_to];
            earlier.rollout_state = RolloutState::InProgress;
            earlier.finished_at = None;
            earlier.in_progress_since = now;
            earlier.baking_since = None;
            earlier.failed_tasks = 0;
            earlier.traffic = 1_000;
            earlier.strategy = DeploymentStrategy::Rolling;
            earlier.rolls_back = Some(number);
            let to = earlier.number;
            state.deployments[failed].traffic = 0;
            self.ignore_firing_alarms(service);
            self.say(service, ServiceEvent::RollingBack { to }, observer);
            self.make_primary(service, back_to, observer);
        } else {
            self.tell_deployment(service, failed, observer);
            self.service_changed(service);
        }
    }

    /// Notes whether the current deployment can never go on as things are.
    pub(super) fn note_stuck(
        &mut self,
        service: ServiceId,
        by_configuration: bool,
        observer: &mut impl Observer,
    ) {
        let state = self.service(service);
        let deployment = state.primary();
        if deployment.rollout_state == RolloutState::Failed {
            return;
        }
        let in_progress = deployment.rollout_state == RolloutState::InProgress;
        let known = deployment.stuck;
        let found = if !in_progress {
            None
        } else if by_configuration {
            Some(Stuck::Configuration)
        } else if state.blocked.is_some() && !self.could_ever_hold(service) {
            Some(Stuck::NeverFits)
        } else if self.protection_holds(service) {
            Some(Stuck::ProtectedTasks)
        } else {
            None
        };
        if found == Some(Stuck::Configuration) {
            self.say(service, ServiceEvent::DeploymentStuck, observer);
        }
        if found != known {
            let state = self.service_mut(service);
            let primary = state.primary;
            state.deployments[primary].stuck = found;
            self.tell_deployment(service, primary, observer);
        }
    }

    /// Whether only protected tasks of earlier revisions keep the deployment from its end.
    fn protection_holds(&self, service: ServiceId) -> bool {
        let state = self.service(service);
        let is_old = |class: &TaskClass| class.deployment != state.primary;
        if !self.classes(service).any(|(class, _)| is_old(class)) {
            return false;
        }
        let (mut healthy, mut held) = (0, 0);
        for task in &state.tasks {
            let row = self.cluster.task(*task);
            let owned = self.services.owned(*task);
            if !row.last_status.is_wanted() {
                continue;
            }
            if owned.deployment == state.primary {
                healthy += u32::from(row.started_at.is_some() && owned.health.is_healthy());
            } else if owned.protected_until > self.now {
                held += 1;
            } else {
                return false;
            }
        }
        held > 0 && healthy >= state.desired
    }

    /// What the scheduler has seen and done may have brought the deployment to its end, or the
    /// service to a steady state.
    pub(super) fn conclude(&mut self, service: ServiceId, observer: &mut impl Observer) {
        self.retire_deployments(service, observer);
        let state = self.service(service);
        let primary = state.primary;
        let (mut live, mut running, mut healthy) = (0, 0, 0);
        let mut others = false;
        for (class, count) in self.classes(service) {
            if class.deployment != primary {
                others = true;
            } else if class.status.is_wanted() {
                live += count;
                running += if class.has_started { count } else { 0 };
                healthy += if class.is_healthy() { count } else { 0 };
            }
        }
        let desired = state.desired;
        self.note_early_success(service, healthy, observer);
        let state = self.service(service);
        let in_progress = state.primary().rollout_state == RolloutState::InProgress;
        let settled = !others && state.shift.is_none();
        if in_progress && settled && healthy >= desired {
            self.complete_deployment(service, observer);
        }
        let state = self.service(service);
        let completed = state.primary().rollout_state == RolloutState::Completed;
        let stopping = state.tasks.len() > index(live);
        let steady = completed && settled && !stopping && live == desired && running == desired;
        let was_steady = std::mem::replace(&mut self.service_mut(service).steady, steady);
        if steady && !was_steady {
            self.say(service, ServiceEvent::SteadyState, observer);
        }
    }

    /// Old deployments without tasks are INACTIVE.
    fn retire_deployments(&mut self, service: ServiceId, observer: &mut impl Observer) {
        let mut alive = vec![false; self.service(service).deployments.len()];
        for (class, _) in self.classes(service) {
            alive[class.deployment] = true;
        }
        for (place, alive) in alive.into_iter().enumerate() {
            let deployment = &mut self.service_mut(service).deployments[place];
            let over =
                deployment.status == DeploymentStatus::Active && !alive && deployment.desired == 0;
            if over {
                deployment.status = DeploymentStatus::Inactive;
                self.tell_deployment(service, place, observer);
            }
        }
    }

    fn note_early_success(
        &mut self,
        service: ServiceId,
        healthy: u32,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        let state = self.service_mut(service);
        let Some(criteria) = state.configuration.early_success else {
            return;
        };
        let enough = healthy >= criteria.healthy_tasks(state.desired);
        let primary = state.primary;
        let deployment = &mut state.deployments[primary];
        let open = deployment.rollout_state == RolloutState::InProgress
            && deployment.succeeded_early_at.is_none();
        if open && enough {
            deployment.succeeded_early_at = Some(now);
            self.tell_deployment(service, primary, observer);
        }
    }

    fn complete_deployment(&mut self, service: ServiceId, observer: &mut impl Observer) {
        if !self.bake_is_over(service, observer) {
            return;
        }
        let now = self.now;
        let state = self.service_mut(service);
        let primary = state.primary;
        let deployment = &mut state.deployments[primary];
        deployment.rollout_state = RolloutState::Completed;
        deployment.finished_at = Some(now);
        deployment.stuck = None;
        deployment.traffic = 1_000;
        let number = deployment.number;
        self.say(
            service,
            ServiceEvent::DeploymentCompleted { deployment: number },
            observer,
        );
        self.tell_deployment(service, primary, observer);
    }

    /// A rolling deployment with alarms is watched for a while after its last step.
    fn bake_is_over(&mut self, service: ServiceId, observer: &mut impl Observer) -> bool {
        let now = self.now;
        let state = self.service(service);
        // Where traffic shifts, the bake time is one of two revisions side by side: the first
        // deployment and one that is rolled back to have none.
        let configuration = &state.configuration;
        let rolling = configuration.strategy == DeploymentStrategy::Rolling;
        let Some(alarms) = configuration.alarms.as_ref().filter(|_| rolling) else {
            return true;
        };
        let bake = configuration.bake_time;
        let bake = bake.unwrap_or_else(|| longest_to_fire(&self.scenario.alarms, alarms));
        let state = self.service_mut(service);
        let primary = state.primary;
        let deployment = &mut state.deployments[primary];
        let since = *deployment.baking_since.get_or_insert(now);
        let until = since.saturating_add(bake);
        if until > now {
            self.tell_deployment(service, primary, observer);
            self.wake_service(service, until);
        }
        until <= now
    }
}

/// The longest that an alarm of a deployment takes to fire.
fn longest_to_fire(all: &[AlarmEntry], watched: &DeploymentAlarms) -> Millis {
    let watched = watched.alarms.iter();
    let spans = watched.map(|alarm| match &all[index(*alarm)].source {
        AlarmSource::Metric { configuration, .. } => {
            let periods = u64::from(configuration.evaluation_periods);
            Millis(configuration.period.0.saturating_mul(periods))
        }
        AlarmSource::Script(_) => Millis::ZERO,
    });
    spans.max().unwrap_or_default()
}
