//! DAEMON services: one task on each ACTIVE instance that satisfies the constraints.

use std::collections::BTreeSet;

use crate::control::{RolloutState, ServiceEvent};
use crate::model::{ContainerInstanceId, ContainerInstanceStatus, ServiceId, TaskId};
use crate::placement::{Reasons, admits_for_life, check};
use crate::simulation::{Observer, Simulation};
use crate::units::id;

impl Simulation<'_> {
    /// A task has left an instance: if it drains, the DAEMON services look whether theirs there is
    /// the last.
    pub(in crate::simulation) fn drained_further(&mut self, on: Option<ContainerInstanceId>) {
        let status = on.map(|on| self.cluster.instance(on).status);
        if status == Some(ContainerInstanceStatus::Draining) {
            for service in self.services.daemons.clone() {
                self.service_changed(service);
            }
        }
    }

    /// The scheduler looks at a DAEMON service.
    pub(in crate::simulation) fn evaluate_daemon(
        &mut self,
        service: ServiceId,
        observer: &mut impl Observer,
    ) {
        if !self.begin_evaluation(service) {
            return;
        }
        let primary = self.service(service).primary;
        let template = self.service_template(service, primary, None, None);
        let template = self.placer.template(template);
        let eligible: BTreeSet<ContainerInstanceId> = self
            .cluster
            .registered()
            .iter()
            .copied()
            .filter(|on| {
                self.cluster.instance(*on).status == ContainerInstanceStatus::Active
                    && admits_for_life(&self.cluster, template, *on)
            })
            .collect();
        let desired = id(eligible.len());
        let state = self.service_mut(service);
        state.desired = desired;
        state.deployments[primary].desired = desired;
        let stopped = self.stop_daemons(service, &eligible, observer);
        let started = self.start_daemons(service, &eligible, observer);
        if stopped > 0 {
            self.say(
                service,
                ServiceEvent::TasksStopped { count: stopped },
                observer,
            );
        }
        if started > 0 {
            self.say(
                service,
                ServiceEvent::TasksStarted { count: started },
                observer,
            );
        }
        let stuck = stopped + started == 0 && self.is_daemon_stuck(service);
        self.note_stuck(service, stuck, observer);
        self.conclude(service, observer);
    }

    /// Whether all is quiet, and the limits let no old task stop and no new one start.
    fn is_daemon_stuck(&self, service: ServiceId) -> bool {
        let state = self.service(service);
        let mut old = 0;
        for task in &state.tasks {
            let owned = self.services.owned(*task);
            if !self.cluster.task(*task).last_status.is_running() || !owned.health.is_healthy() {
                return false;
            }
            old += u32::from(owned.deployment != state.primary);
        }
        let live = id(state.tasks.len());
        old > 0
            && live <= state.configuration.lower_limit(state.desired)
            && live >= state.configuration.upper_limit(state.desired)
    }

    /// Old revisions go as far as the lower limit stays met; tasks that stand where they may not
    /// go at once; those on an instance that drains go when all others there have gone.
    fn stop_daemons(
        &mut self,
        service: ServiceId,
        eligible: &BTreeSet<ContainerInstanceId>,
        observer: &mut impl Observer,
    ) -> u32 {
        let state = self.service(service);
        let lower = state.configuration.lower_limit(state.desired);
        let primary = state.primary;
        let mut healthy = 0;
        let mut out_of_place = Vec::new();
        let mut old = Vec::new();
        for task in &state.tasks {
            let row = self.cluster.task(*task);
            let (true, Some(on)) = (row.last_status.is_to_run(), row.instance) else {
                continue;
            };
            let owned = self.services.owned(*task);
            let is_healthy = row.started_at.is_some() && owned.health.is_healthy();
            let draining = self.cluster.instance(on).status == ContainerInstanceStatus::Draining;
            healthy += u32::from(is_healthy && !draining);
            if owned.protected_until > self.now {
                continue;
            }
            if draining {
                if !self.hosts_others(on) {
                    out_of_place.push(*task);
                }
            } else if !eligible.contains(&on) || owned.health.is_unhealthy() {
                out_of_place.push(*task);
            } else if owned.deployment != primary {
                old.push((is_healthy, *task));
            }
        }
        old.sort_by_key(|(is_healthy, _)| *is_healthy);
        let may_go = self.service(service).primary().rollout_state != RolloutState::Failed;
        let mut spare = healthy.saturating_sub(lower);
        let mut stops: Vec<TaskId> = out_of_place;
        for (is_healthy, task) in old {
            if may_go && (!is_healthy || spare > 0) {
                spare -= u32::from(is_healthy);
                stops.push(task);
            }
        }
        for task in &stops {
            let (deployment, on) = {
                let owned = self.services.owned(*task);
                (owned.deployment, self.cluster.task(*task).instance)
            };
            let active = on.is_some_and(|on| {
                self.cluster.instance(on).status == ContainerInstanceStatus::Active
            });
            if let (Some(instance), true) =
                (on, active && on.is_some_and(|on| !eligible.contains(&on)))
            {
                let event = ServiceEvent::DaemonConstraintViolated { instance };
                self.say(service, event, observer);
            }
            self.stop_service_task(*task, observer);
            let state = self.service_mut(service);
            if deployment != primary {
                let left = &mut state.deployments[deployment].desired;
                *left = left.saturating_sub(1);
                state.deployments[primary].tasks_replaced += 1;
            }
        }
        id(stops.len())
    }

    /// Whether an instance hosts tasks that are no daemons'.
    fn hosts_others(&self, on: ContainerInstanceId) -> bool {
        let daemons = |task: TaskId| {
            let owned = self.services.task(task);
            owned.is_some_and(|owned| self.services.daemons.contains(&owned.service))
        };
        self.cluster
            .live_tasks()
            .any(|(task, row)| row.instance == Some(on) && !daemons(task))
    }

    fn start_daemons(
        &mut self,
        service: ServiceId,
        eligible: &BTreeSet<ContainerInstanceId>,
        observer: &mut impl Observer,
    ) -> u32 {
        let state = self.service(service);
        if state.primary().rollout_state == RolloutState::Failed {
            return 0;
        }
        let primary = state.primary;
        let upper = state.configuration.upper_limit(state.desired);
        let mut has_current = BTreeSet::new();
        let mut live = 0;
        for task in &state.tasks {
            let row = self.cluster.task(*task);
            if let (true, Some(on)) = (row.last_status.is_to_run(), row.instance) {
                live += 1;
                if self.services.owned(*task).deployment == primary {
                    has_current.insert(on);
                }
            }
        }
        let mut started = 0;
        let mut refused: Option<Reasons> = None;
        for on in eligible {
            if live >= upper || has_current.contains(on) {
                continue;
            }
            match self.start_daemon_on(service, primary, *on, observer) {
                Ok(true) => {
                    started += 1;
                    live += 1;
                }
                Ok(false) => break,
                Err(reasons) => {
                    let mut all = refused.unwrap_or(Reasons::NONE);
                    reasons.iter().for_each(|reason| all.insert(reason));
                    refused = Some(all);
                }
            }
        }
        match refused {
            Some(reasons) => {
                let template = self.service_template(service, primary, None, None);
                let needs = self.service_needs(service, primary);
                let closest = |simulation: &Self| simulation.closest(template, &needs, reasons);
                self.note_no_room(service, reasons, closest, observer);
            }
            None => self.service_mut(service).blocked = None,
        }
        started
    }

    /// Starts a task on an instance. `false` when the pace does not allow any more now.
    fn start_daemon_on(
        &mut self,
        service: ServiceId,
        deployment: usize,
        on: ContainerInstanceId,
        observer: &mut impl Observer,
    ) -> Result<bool, Reasons> {
        let template = self.service_template(service, deployment, None, None);
        let needs = self.service_needs(service, deployment);
        let request = self.placer.template(template);
        if let Err(rejection) = check(&self.cluster, request, &needs, on) {
            return Err(Reasons::only(rejection.reason()));
        }
        if !self.may_launch(service, observer) {
            return Ok(false);
        }
        let task = self.take_in_service_task(service, deployment, template, observer);
        self.place(task, on, observer);
        Ok(true)
    }
}
