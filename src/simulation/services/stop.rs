//! Which tasks of a service stop, once it is decided how many.

use crate::control::ServiceEvent;
use crate::control::capacity_provider_strategy::{StrategyCounts, surplus};
use crate::control::scale_in::{Stoppable, narrow};
use crate::control::service_scheduler::{StopTasks, Which};
use crate::model::{ServiceId, Stop, StoppedReason, TaskId, TaskStatus, TaskStopCode};
use crate::scenario::Capacity;
use crate::simulation::{Observer, Simulation};
use crate::units::{id, index};

use super::evaluate::Standing;
use super::{Check, TaskHealth};

impl Simulation<'_> {
    /// The tasks that a decision to stop some means. Protected tasks are passed over, so there may
    /// be fewer.
    pub(super) fn pick_to_stop(
        &mut self,
        service: ServiceId,
        standing: &Standing,
        stop: &StopTasks,
    ) -> Vec<TaskId> {
        let line = standing.line(stop.whose);
        let now = self.now;
        let open: Vec<TaskId> = self
            .tasks_of(service, line)
            .filter(|task| self.is_to_run(*task))
            .filter(|task| self.services.owned(*task).protected_until <= now)
            .filter(|task| self.is_of(*task, stop.which))
            .collect();
        let count = index(stop.count).min(open.len());
        match stop.which {
            Which::Unhealthy | Which::UnhealthyToReplace => self.draw_some(service, open, count),
            Which::Pending => open[..count].to_vec(),
            Which::NotHealthy => {
                let mut open = open;
                open.sort_by_key(|task| self.urgency(*task));
                open.truncate(count);
                open
            }
            Which::Healthy | Which::Surplus => {
                let (waiting, open): (Vec<TaskId>, Vec<TaskId>) = open
                    .into_iter()
                    .partition(|task| self.is_provisioning(*task));
                // Those without a place go first, the youngest of them before the others.
                let mut picked: Vec<TaskId> = waiting.into_iter().rev().take(count).collect();
                let count = count - picked.len();
                let counted: Vec<TaskId> = std::iter::once(&standing.current)
                    .chain(&standing.outgoing)
                    .flat_map(|line| self.tasks_of(service, line))
                    .filter(|task| self.is_to_run(*task) && !self.is_provisioning(*task))
                    .collect();
                let spare = match stop.which {
                    Which::Surplus => self.spare(service, line.deployment),
                    _ => count,
                };
                picked.extend(self.pick_by_strategy(service, counted, open, count, spare));
                picked
            }
        }
    }

    /// Whether a task is protected from scale-in.
    pub(in crate::simulation) fn is_protected(&self, task: TaskId) -> bool {
        let owned = self.services.task(task);
        owned.is_some_and(|owned| owned.protected_until > self.now)
    }

    /// Whether a task still stands: an earlier decision of this instant may have stopped it.
    fn is_to_run(&self, task: TaskId) -> bool {
        let row = self.cluster.live_task(task);
        row.is_some_and(|row| row.last_status.is_wanted())
    }

    fn is_of(&self, task: TaskId, which: Which) -> bool {
        let running = self.cluster.task(task).last_status == TaskStatus::Running;
        let health: TaskHealth = self.services.owned(task).health;
        match which {
            Which::Unhealthy | Which::UnhealthyToReplace => running && health.is_unhealthy(),
            Which::Pending => !running,
            Which::NotHealthy => !running || !health.is_healthy() || health.is_unhealthy(),
            Which::Healthy => running && health.is_healthy() && !health.is_unhealthy(),
            Which::Surplus => !(running && health.is_unhealthy()),
        }
    }

    /// Unhealthy tasks go first, then those on their way, then those that may become healthy.
    fn urgency(&self, task: TaskId) -> u8 {
        if self.is_of(task, Which::Unhealthy) {
            0
        } else if self.is_of(task, Which::Pending) {
            1
        } else {
            2
        }
    }

    fn draw_some(
        &mut self,
        service: ServiceId,
        mut open: Vec<TaskId>,
        count: usize,
    ) -> Vec<TaskId> {
        let mut drawn = Vec::with_capacity(count);
        for _ in 0..count {
            let place = self.draw_place(service, open.len());
            drawn.push(open.remove(place));
        }
        drawn
    }

    fn draw_place(&mut self, service: ServiceId, len: usize) -> usize {
        let bound = u64::from(id(len));
        let drawn = self.service_mut(service).scale_in_draws.below(bound);
        usize::try_from(drawn).expect("a draw below the length of a list is an index of it")
    }

    /// How many healthy tasks may stop so that the lower limit stays met; while traffic is being
    /// shifted, of one deployment.
    pub(super) fn spare(&self, service: ServiceId, deployment: usize) -> usize {
        let state = self.service(service);
        let alike = |task: &TaskId| {
            state.shift.is_none() || self.services.owned(*task).deployment == deployment
        };
        let tasks = state.tasks.iter().copied().filter(alike);
        let healthy = tasks
            .filter(|task| self.is_of(*task, Which::Healthy))
            .count();
        healthy.saturating_sub(index(state.configuration.lower_limit(state.desired)))
    }

    /// One after the other, each by the strategies of the service, no more than `spare` healthy
    /// ones among them.
    pub(super) fn pick_by_strategy(
        &mut self,
        service: ServiceId,
        mut counted: Vec<TaskId>,
        mut open: Vec<TaskId>,
        count: usize,
        mut spare: usize,
    ) -> Vec<TaskId> {
        let mut picked = Vec::with_capacity(count);
        if count == open.len() && spare >= count {
            return open;
        }
        while picked.len() < count {
            if spare == 0 {
                open.retain(|task| !self.is_of(*task, Which::Healthy));
            }
            if open.is_empty() {
                break;
            }
            let from = self.stop_from(service, &counted, &open);
            let all: Vec<Stoppable<'_>> =
                counted.iter().map(|task| self.stoppable(*task)).collect();
            let may_stop = from.iter().map(|task| self.stoppable(*task)).collect();
            let chain = &self.service_spec(service).placement_strategy;
            let best: Vec<TaskId> = narrow(chain, &all, may_stop)
                .iter()
                .map(|task| task.task)
                .collect();
            let task = best[self.draw_place(service, best.len())];
            spare -= usize::from(self.is_of(task, Which::Healthy));
            open.retain(|other| *other != task);
            counted.retain(|other| *other != task);
            picked.push(task);
        }
        picked
    }

    /// The tasks that may stop next: those of the capacity provider that is most above its share,
    /// where the service has a strategy and any of these may stop.
    fn stop_from(&self, service: ServiceId, counted: &[TaskId], open: &[TaskId]) -> Vec<TaskId> {
        let Capacity::Strategy(items) = &self.service_spec(service).capacity else {
            return open.to_vec();
        };
        let mut counts = StrategyCounts::default();
        let providers = counted.iter();
        for provider in providers.filter_map(|task| self.cluster.task(*task).capacity_provider) {
            counts.add(provider);
        }
        let provider = surplus(items, &counts);
        let of_it = |task: &&TaskId| self.cluster.task(**task).capacity_provider == provider;
        let picked: Vec<TaskId> = open.iter().filter(of_it).copied().collect();
        if picked.is_empty() {
            open.to_vec()
        } else {
            picked
        }
    }

    fn stoppable(&self, task: TaskId) -> Stoppable<'_> {
        let row = self.cluster.task(task);
        if let Some(place) = row.fargate {
            return Stoppable {
                task,
                // Each has a host of its own.
                instance: u32::MAX - task.0,
                attributes: self.cluster.fargate().attributes(place.zone),
                cpu_afterwards: 0,
                memory_afterwards: 0,
            };
        }
        let on = row.instance.expect("a task of a service is placed");
        let free = self.cluster.instance(on).remaining.plus(&row.needs);
        Stoppable {
            task,
            instance: on.0,
            attributes: &self.cluster.profile(on).attributes,
            cpu_afterwards: free.cpu.0,
            memory_afterwards: free.memory.0,
        }
    }

    /// The service scheduler stops a task: an unhealthy one for that, any other because it is too
    /// many or too old.
    pub(super) fn stop_service_task(&mut self, task: TaskId, observer: &mut impl Observer) {
        let owned = self.services.owned(task);
        let state = self.service(owned.service);
        let reason = if owned.retires {
            StoppedReason::FargateMaintenance
        } else if !owned.health.is_unhealthy() {
            StoppedReason::ScalingActivity {
                deployment: state.deployments[owned.deployment].number,
            }
        } else if owned.health.targets == Check::Unhealthy {
            let groups = &self.service_spec(owned.service).target_groups;
            StoppedReason::FailedElbHealthChecks {
                target_group: groups.first().map_or(0, |group| group.0),
            }
        } else {
            StoppedReason::FailedContainerHealthChecks
        };
        let code = TaskStopCode::ServiceSchedulerInitiated;
        self.stop_task(task, Stop { code, reason }, observer);
    }

    /// Says so when more tasks are protected than are wanted.
    pub(super) fn note_protected(
        &mut self,
        service: ServiceId,
        standing: &Standing,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        let current = self.tasks_of(service, &standing.current);
        let protected = |task: &TaskId| self.services.owned(*task).protected_until > now;
        let count = id(current.filter(protected).count());
        let state = self.service(service);
        let deployment = state.primary().number;
        if count > state.desired {
            self.say(
                service,
                ServiceEvent::ProtectedTasks { deployment },
                observer,
            );
        } else {
            self.unsay(service, |event| {
                matches!(event, ServiceEvent::ProtectedTasks { .. })
            });
        }
    }
}
