//! The service scheduler looks at a REPLICA service: it counts, decides, and has it done.

use crate::control::service_scheduler::{
    Cohort, ReplicaPlan, ReplicaView, StopTasks, Which, Whose, replica,
};
use crate::control::{DeploymentConfiguration, RolloutState, ServiceEvent};
use crate::model::{ServiceId, TaskId, TaskStatus};
use crate::placement::Reasons;
use crate::scenario::SchedulingStrategy;
use crate::simulation::{Event, Observer, Record, ServiceCounts, Simulation};
use crate::units::SimTime;

use super::classes::{Counted, TaskClass};
use super::{REPEATED_AFTER, Rebalancing};

/// The live tasks of one deployment that stay, or that go.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) deployment: usize,
    pub(super) cohort: Cohort,
}

/// How the tasks of a service stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) current: Line,
    /// Old revisions, oldest first; tasks on instances that drain before the others of theirs.
    pub(super) outgoing: Vec<Line>,
    pub(super) stopping: u32,
    pub(super) unhealthy_stopping: u32,
}

impl Standing {
    pub(super) fn line(&self, whose: Whose) -> &Line {
        match whose {
            Whose::Current => &self.current,
            Whose::Outgoing(place) => &self.outgoing[place],
        }
    }
}

impl Simulation<'_> {
    /// Something about a service has changed: its scheduler looks at it when all else of this
    /// instant has happened.
    pub(in crate::simulation) fn service_changed(&mut self, service: ServiceId) {
        self.services.changed.insert(service);
        let state = self.service_mut(service);
        if !state.created || state.evaluation_is_due {
            return;
        }
        state.evaluation_is_due = true;
        let event = evaluation(service, state.strategy);
        self.schedule(self.now, event);
    }

    /// The service of a task, if one owns it, has changed.
    pub(in crate::simulation) fn note_service_of(&mut self, task: TaskId) {
        let service = self.services.task(task).map(|owned| owned.service);
        if let Some(service) = service {
            self.service_changed(service);
        }
    }

    /// Room has come free somewhere: services that found none try again.
    pub(in crate::simulation) fn services_may_fit(&mut self) {
        for service in std::mem::take(&mut self.services.blocked) {
            self.service_changed(service);
        }
    }

    /// The scheduler looks at the service again at a later time.
    pub(super) fn wake_service(&mut self, service: ServiceId, at: SimTime) {
        let state = self.service_mut(service);
        if state.wakes_at.is_some_and(|known| known <= at) {
            return;
        }
        state.wakes_at = Some(at);
        let event = evaluation(service, state.strategy);
        self.schedule(at, event);
    }

    /// The scheduler looks at a REPLICA service.
    pub(in crate::simulation) fn evaluate_replica(
        &mut self,
        service: ServiceId,
        observer: &mut impl Observer,
    ) {
        if !self.begin_evaluation(service) {
            return;
        }
        if self.service(service).shift.is_some() {
            self.evaluate_shift(service, observer);
            self.note_stuck(service, false, observer);
        } else {
            let standing = self.standing(service);
            let plan = self.plan(service, &standing);
            self.carry_out(service, &standing, &plan, observer);
            if plan.stops.iter().any(|stop| stop.which == Which::Surplus) {
                self.note_protected(service, &standing, observer);
            }
            self.let_old_ones_go(service, &standing);
            self.note_stuck(service, plan.stuck, observer);
        }
        self.conclude(service, observer);
        self.rebalance(service, observer);
    }

    /// Whether there is anything to look at.
    pub(super) fn begin_evaluation(&mut self, service: ServiceId) -> bool {
        let now = self.now;
        let state = self.service_mut(service);
        state.evaluation_is_due = false;
        if state.wakes_at.is_some_and(|at| at <= now) {
            state.wakes_at = None;
        }
        self.services.changed.insert(service);
        self.service(service).created
    }

    /// How the tasks of a service stand.
    pub(super) fn standing(&self, service: ServiceId) -> Standing {
        let state = self.service(service);
        let mut standing = Standing::default();
        standing.current.deployment = state.primary;
        standing.current.cohort.wanted = state.desired;
        for (class, count) in self.classes(service) {
            if !class.status.is_wanted() {
                standing.stopping += count;
                standing.unhealthy_stopping += if class.makes_room { count } else { 0 };
                continue;
            }
            let line = if class.deployment == state.primary && !class.is_draining {
                &mut standing.current
            } else {
                outgoing(&mut standing.outgoing, class.deployment, class.is_draining)
            };
            *count_of(&mut line.cohort, class) += count;
        }
        for line in &mut standing.outgoing {
            line.cohort.wanted = if line.cohort.draining {
                line.cohort.live()
            } else {
                state.deployments[line.deployment].desired
            };
        }
        self.add_vanished(service, &mut standing);
        let order = |line: &Line| (line.deployment, !line.cohort.draining);
        standing.outgoing.sort_by_key(order);
        standing
    }

    /// The tasks of a line, in the order in which they were started.
    pub(super) fn tasks_of<'s>(
        &'s self,
        service: ServiceId,
        line: &Line,
    ) -> impl Iterator<Item = TaskId> + use<'s> {
        let (deployment, draining) = (line.deployment, line.cohort.draining);
        let tasks = self.service(service).tasks.iter().copied();
        tasks.filter(move |task| {
            let class = self.services.owned(*task).class;
            class.is_some_and(|class| {
                class.status.is_wanted()
                    && class.deployment == deployment
                    && class.is_draining == draining
            })
        })
    }

    /// Old revisions all of whose tasks were lost, and that are still wanted.
    fn add_vanished(&self, service: ServiceId, standing: &mut Standing) {
        let state = self.service(service);
        for (place, deployment) in state.deployments.iter().enumerate() {
            let known = |line: &Line| line.deployment == place && !line.cohort.draining;
            if place != state.primary
                && deployment.desired > 0
                && !standing.outgoing.iter().any(known)
            {
                let line = outgoing(&mut standing.outgoing, place, false);
                line.cohort.wanted = deployment.desired;
            }
        }
    }

    fn plan(&self, service: ServiceId, standing: &Standing) -> ReplicaPlan {
        let state = self.service(service);
        let in_excess = u32::from(matches!(state.rebalancing, Rebalancing::Moving { .. }));
        let cohorts: Vec<Cohort> = standing.outgoing.iter().map(|line| line.cohort).collect();
        let counted = self.scenario.service_options.count_stopping_tasks;
        replica(&ReplicaView {
            desired: state.desired + in_excess,
            lower_limit: state.configuration.lower_limit(state.desired),
            upper_limit: state.configuration.upper_limit(state.desired),
            stopping_counted: counted.then_some(standing.stopping),
            unhealthy_stopping: standing.unhealthy_stopping,
            current: standing.current.cohort,
            may_start: state.primary().rollout_state != RolloutState::Failed,
            outgoing: &cohorts,
        })
    }

    /// Stops and starts what was decided.
    pub(super) fn carry_out(
        &mut self,
        service: ServiceId,
        standing: &Standing,
        plan: &ReplicaPlan,
        observer: &mut impl Observer,
    ) {
        let mut stopped = 0;
        for stop in &plan.stops {
            stopped += self.stop_tasks(service, standing, stop, observer);
        }
        if stopped > 0 {
            self.say(
                service,
                ServiceEvent::TasksStopped { count: stopped },
                observer,
            );
        }
        let planned: u32 = plan.stops.iter().map(|stop| stop.count).sum();
        let mut room = if stopped < planned {
            self.room(service)
        } else {
            u32::MAX
        };
        let mut started = 0;
        for start in &plan.starts {
            let deployment = standing.line(start.whose).deployment;
            let wanted = start.count.min(room);
            let count = self.start_tasks(service, deployment, wanted, observer);
            started += count;
            room -= count;
            if count < start.count {
                break;
            }
        }
        if started > 0 {
            self.say(
                service,
                ServiceEvent::TasksStarted { count: started },
                observer,
            );
        }
        if stopped + started > 0 {
            // However soon it is steady again, it says so.
            self.service_mut(service).steady = false;
        }
    }

    /// How many tasks the upper limit leaves room for as things are: protected tasks may stand
    /// where others were counted on to stop.
    fn room(&self, service: ServiceId) -> u32 {
        let state = self.service(service);
        if state.shift.is_some() {
            return u32::MAX;
        }
        let counts_all = self.scenario.service_options.count_stopping_tasks;
        let counted = self
            .classes(service)
            .filter(|(class, _)| counts_all || class.status.is_wanted())
            .map(|(_, count)| count);
        let upper = state.configuration.upper_limit(state.desired);
        upper.saturating_sub(counted.sum())
    }

    fn stop_tasks(
        &mut self,
        service: ServiceId,
        standing: &Standing,
        stop: &StopTasks,
        observer: &mut impl Observer,
    ) -> u32 {
        let line = standing.line(stop.whose);
        let tasks = self.pick_to_stop(service, standing, stop);
        let replaced = stop.whose == Whose::Current || stop.which == Which::UnhealthyToReplace;
        let makes_room = stop.which == Which::UnhealthyToReplace
            || (stop.whose == Whose::Current && stop.which == Which::Unhealthy);
        for task in &tasks {
            if let Some(owned) = self.services.task_mut(*task) {
                owned.makes_room = makes_room;
            }
            self.reclassify(*task);
            self.stop_service_task(*task, observer);
        }
        let count = crate::units::id(tasks.len());
        if !replaced {
            let state = self.service_mut(service);
            let primary = state.primary;
            if line.deployment != primary {
                state.deployments[primary].tasks_replaced += count;
                let old = &mut state.deployments[line.deployment];
                old.desired = old.desired.saturating_sub(count);
            }
        }
        count
    }

    /// Where enough is healthy, tasks of old revisions that were lost do not come back.
    fn let_old_ones_go(&mut self, service: ServiceId, standing: &Standing) {
        let lines = || std::iter::once(&standing.current).chain(&standing.outgoing);
        let healthy: u32 = lines().map(|line| line.cohort.healthy).sum();
        let state = self.service_mut(service);
        if healthy < state.configuration.lower_limit(state.desired) {
            return;
        }
        for line in standing
            .outgoing
            .iter()
            .filter(|line| !line.cohort.draining)
        {
            let deployment = &mut state.deployments[line.deployment];
            deployment.desired = deployment.desired.min(line.cohort.live());
        }
    }

    /// Says something, unless it is a complaint that was said not long ago.
    pub(in crate::simulation) fn say(
        &mut self,
        service: ServiceId,
        event: ServiceEvent,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        if is_complaint(&event) {
            let said = &mut self.service_mut(service).said;
            said.retain(|(_, at)| at.saturating_add(REPEATED_AFTER) > now);
            if said.iter().any(|(known, _)| *known == event) {
                return;
            }
            said.push((event, now));
        }
        let record = Record::ServiceEvent { service, event };
        observer.record(now, &record, &self.cluster);
    }

    /// What a complaint was about is over: it is said at once when it comes back.
    pub(super) fn unsay(&mut self, service: ServiceId, is: impl Fn(&ServiceEvent) -> bool) {
        self.service_mut(service)
            .said
            .retain(|(event, _)| !is(event));
    }

    /// The counts of the services that have changed, before the clock moves on.
    pub(in crate::simulation) fn tell_counts(&mut self, observer: &mut impl Observer) {
        self.tell_targets(observer);
        self.tell_groups(observer);
        while let Some(service) = self.services.changed.pop_first() {
            if !self.service(service).created {
                continue;
            }
            let counts = self.counts(service);
            let record = Record::ServiceCounted { service, counts };
            observer.record(self.now, &record, &self.cluster);
        }
    }

    /// Targets that were registered and deregistered in this instant.
    fn tell_targets(&mut self, observer: &mut impl Observer) {
        while let Some((service, (registered, deregistered))) =
            self.services.targets_moved.pop_first()
        {
            for group in &self.scenario.services[service.index()].target_groups {
                let target_group = group.0;
                if deregistered > 0 {
                    let event = ServiceEvent::TargetsDeregistered {
                        count: deregistered,
                        target_group,
                    };
                    self.say(service, event, observer);
                }
                if registered > 0 {
                    let event = ServiceEvent::TargetsRegistered {
                        count: registered,
                        target_group,
                    };
                    self.say(service, event, observer);
                }
            }
        }
    }

    fn counts(&self, service: ServiceId) -> ServiceCounts {
        let state = self.service(service);
        let configuration: &DeploymentConfiguration = &state.configuration;
        let mut counts = ServiceCounts {
            desired: state.desired,
            lower_limit: configuration.lower_limit(state.desired),
            ..ServiceCounts::default()
        };
        for (class, count) in self.classes(service) {
            match class.status {
                TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => {
                    counts.pending += count;
                }
                TaskStatus::Running => {
                    counts.running += count;
                    counts.healthy += if class.is_healthy() { count } else { 0 };
                }
                _ => counts.stopping += count,
            }
        }
        counts
    }

    /// A task of the service found no instance.
    pub(super) fn note_no_room(
        &mut self,
        service: ServiceId,
        reasons: Reasons,
        closest: impl FnOnce(&Self) -> Option<crate::placement::NearestMiss>,
        observer: &mut impl Observer,
    ) {
        let record = Record::ServicePlacementFailed { service, reasons };
        observer.record(self.now, &record, &self.cluster);
        self.services.blocked.insert(service);
        let now = self.now;
        let fresh = match self.service(service).blocked {
            Some((known, at)) => known != reasons || at.saturating_add(REPEATED_AFTER) <= now,
            None => true,
        };
        if fresh {
            self.service_mut(service).blocked = Some((reasons, now));
            let closest = closest(self);
            let event = ServiceEvent::PlacementFailed { reasons, closest };
            let record = Record::ServiceEvent { service, event };
            observer.record(now, &record, &self.cluster);
        }
    }
}

/// The scheduler's look at a service: DAEMON services have theirs ahead of the others.
fn evaluation(service: ServiceId, strategy: SchedulingStrategy) -> Event {
    match strategy {
        SchedulingStrategy::Replica => Event::ServiceEvaluated(service),
        SchedulingStrategy::Daemon => Event::DaemonEvaluated(service),
    }
}

/// The line of a deployment among those that go.
fn outgoing(lines: &mut Vec<Line>, deployment: usize, draining: bool) -> &mut Line {
    let known = lines
        .iter()
        .position(|line| line.deployment == deployment && line.cohort.draining == draining);
    let place = known.unwrap_or_else(|| {
        lines.push(Line {
            deployment,
            cohort: Cohort {
                draining,
                ..Cohort::default()
            },
        });
        lines.len() - 1
    });
    &mut lines[place]
}

fn count_of<'c>(cohort: &'c mut Cohort, class: &TaskClass) -> &'c mut u32 {
    match class.counted {
        _ if class.status != TaskStatus::Running => &mut cohort.pending,
        Counted::Unhealthy => &mut cohort.unhealthy,
        Counted::Healthy => &mut cohort.healthy,
        Counted::Unsettled => &mut cohort.unsettled,
    }
}

fn is_complaint(event: &ServiceEvent) -> bool {
    matches!(
        event,
        ServiceEvent::StartImpaired
            | ServiceEvent::DeploymentStuck
            | ServiceEvent::ProtectedTasks { .. }
            | ServiceEvent::Throttled
            | ServiceEvent::ProvisioningLimitExceeded
    )
}
