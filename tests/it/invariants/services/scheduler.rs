//! What the service scheduler may do, and what is told of it.

use std::collections::BTreeMap;

use ecs_sim::control::{Deployment, DeploymentStatus, RolloutState};
use ecs_sim::model::{
    Cluster, ContainerInstanceStatus, ServiceId, Stop, StoppedReason, Task, TaskStatus,
    TaskStopCode,
};
use ecs_sim::simulation::ServiceCounts;
use ecs_sim::units::id;

use super::{Auditor, TaskBook};

impl Auditor<'_> {
    /// A task of a service has been placed: a decision to start.
    pub(super) fn check_start(&self, row: &Task, cluster: &Cluster) {
        let Some(service) = self.scenario.service_of(row.entry) else {
            return;
        };
        let book = &self.services[service.index()];
        let current = book.deployments.primary().expect("it was created");
        if current.rollout_state == RolloutState::Failed {
            let older = |other: &&Deployment| {
                other.status == DeploymentStatus::Active
                    && Some(other.task_definition) == row.definition
            };
            let of_older = book.deployments.all().any(|other| older(&other));
            assert!(of_older, "a failed deployment launches nothing");
        }
        if self.is_daemon(service) {
            return;
        }
        let upper = self.configuration(service).upper_limit(book.desired);
        let tasks = || self.tasks.of_service(service.index());
        let live = id(tasks().filter(|task| task.status.is_to_run()).count());
        if book.deployments.is_shifting() {
            // Beside both revisions stand tasks that may not stop yet.
            let draining = |on| cluster.instance(on).status == ContainerInstanceStatus::Draining;
            let stays = |task: &&TaskBook| {
                task.protected_until > self.now || task.instance.is_some_and(draining)
            };
            let most = 2 * upper.max(book.desired) + id(tasks().filter(stays).count());
            assert!(
                live <= most,
                "{live} tasks, at most {most} of two revisions"
            );
            return;
        }
        assert!(live <= upper, "{live} tasks, at most {upper}");
        if self.scenario.service_options.count_stopping_tasks {
            let all = id(tasks().count());
            assert!(
                all <= upper,
                "{all} tasks with those that stop, at most {upper}"
            );
        }
    }

    pub(super) fn note_stop(&mut self, service: ServiceId, task: &TaskBook, stop: Stop) {
        let running = task.status == TaskStatus::Running;
        let settled = self.is_plain(service, task) && self.is_settled(task);
        let book = &mut self.services[service.index()];
        let own = stop.code == TaskStopCode::ServiceSchedulerInitiated;
        if own && matches!(stop.reason, StoppedReason::ScalingActivity { .. }) {
            book.own_stops += u32::from(running);
            book.own_stops_of_healthy += u32::from(settled);
        } else {
            book.losses += u32::from(running);
        }
    }

    /// A deployment has been completed: all that is wanted runs, and nothing else is alive.
    pub(super) fn check_completed(&self, service: ServiceId, deployment: &Deployment) {
        let book = &self.services[service.index()];
        let mut running = 0;
        for task in self.tasks.of_service(service.index()) {
            let is_old = task.definition != Some(deployment.task_definition);
            assert!(!is_old, "an old task is alive: {task:?}");
            running += u32::from(task.status == TaskStatus::Running);
        }
        if !self.is_daemon(service) {
            assert!(running >= book.desired, "{running} of {}", book.desired);
        }
    }

    fn count(&self, service: ServiceId) -> ServiceCounts {
        let mut counts = ServiceCounts::default();
        for task in self.tasks.of_service(service.index()) {
            match task.status {
                TaskStatus::Pending | TaskStatus::Activating => counts.pending += 1,
                TaskStatus::Running => counts.running += 1,
                _ => counts.stopping += 1,
            }
        }
        counts
    }

    /// What is told at the end of an instant.
    pub(super) fn counted(&mut self, service: ServiceId, counts: ServiceCounts) {
        let lower = self.configuration(service).lower_limit(counts.desired);
        assert_eq!(counts.lower_limit, lower);
        assert!(counts.healthy <= counts.running);
        let tasks = || self.tasks.of_service(service.index());
        if tasks().all(|task| self.is_plain(service, task)) {
            let settled = id(tasks().filter(|task| self.is_settled(task)).count());
            assert_eq!(counts.healthy, settled, "healthy by their time");
        }
        let book = &self.services[service.index()];
        if !self.is_daemon(service) {
            assert_eq!(counts.desired, book.desired);
            let why = format!("{} healthy after own stops, {lower} needed", counts.healthy);
            assert!(
                book.own_stops_of_healthy == 0 || counts.healthy >= lower,
                "{why}"
            );
            // Where nothing turns unhealthy by itself, all that is missing was stopped or lost.
            if self.scenario.task_behaviors.is_empty() && book.own_stops > 0 {
                let left = book.told.healthy.saturating_sub(book.losses);
                assert!(counts.healthy >= lower.min(left), "{why}");
            }
        }
        self.services[service.index()].told = counts;
    }

    /// Nothing has changed since it was told, and each instance has its daemons once.
    pub(super) fn check_instant(&mut self, service: ServiceId, cluster: &Cluster) {
        let counts = self.count(service);
        let daemon = self.is_daemon(service);
        let book = &mut self.services[service.index()];
        (book.own_stops, book.own_stops_of_healthy, book.losses) = (0, 0, 0);
        let created = self.scenario.services[service.index()].created_at <= self.now;
        assert_eq!(book.deployments.primaries(), usize::from(created));
        let Some(current) = book.deployments.primary() else {
            return;
        };
        let told = book.told;
        assert_eq!(
            (told.pending, told.running, told.stopping),
            (counts.pending, counts.running, counts.stopping)
        );
        if !daemon {
            assert_eq!(told.desired, book.desired);
            return;
        }
        let registered = cluster.registered().iter();
        let active = registered
            .filter(|on| cluster.instance(**on).status == ContainerInstanceStatus::Active);
        assert!(told.desired <= id(active.count()));
        let mut of_current = BTreeMap::new();
        for task in self.tasks.of_service(service.index()) {
            if task.status.is_to_run() && task.deployment == current.number {
                *of_current.entry(task.instance).or_insert(0) += 1;
            }
        }
        assert!(
            of_current.values().all(|count| *count == 1),
            "{of_current:?}"
        );
    }
}
