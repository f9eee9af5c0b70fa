//! Tasks with a capacity provider strategy: which provider each goes to, and who waits in
//! PROVISIONING until the provider's Auto Scaling group has brought an instance.

use crate::control::capacity_provider_strategy::{StrategyCounts, StrategyItem, next};
use crate::model::{
    CapacityProviderId, CapacityScope, EntryId, Reason, Reasons, ServiceId, Stop, StoppedReason,
    TaskId, TaskStatus,
};
use crate::scenario::Capacity;
use crate::units::index;
use crate::workload::Submission;

use super::waiting::{Line, Shape};
use super::{Event, Observer, Record, Simulation};

/// The instances that tasks with this capacity may use, once their provider is known.
pub(super) fn scope_of(capacity: &Capacity, provider: Option<CapacityProviderId>) -> CapacityScope {
    match (capacity, provider) {
        (_, Some(provider)) => CapacityScope::Provider(provider),
        (Capacity::LaunchType(launch_type), None) => CapacityScope::LaunchType(*launch_type),
        (Capacity::Strategy(_), None) => CapacityScope::default(),
    }
}

/// Every scope that tasks with this capacity can have.
pub(super) fn scopes_of(capacity: &Capacity) -> Vec<CapacityScope> {
    match capacity {
        Capacity::LaunchType(launch_type) => vec![CapacityScope::LaunchType(*launch_type)],
        Capacity::Strategy(items) => {
            let providers = items.iter().map(|item| item.provider);
            providers.map(CapacityScope::Provider).collect()
        }
    }
}

impl<'a> Simulation<'a> {
    /// The capacity provider of a standalone task: base and weights count the tasks of one call.
    pub(super) fn provider_of_submission(
        &mut self,
        submission: &Submission,
    ) -> Option<CapacityProviderId> {
        let entry = &self.scenario.tasks[index(submission.entry)];
        let Capacity::Strategy(items) = &entry.capacity else {
            return None;
        };
        let counts = &mut self.call_counts[index(submission.entry)];
        if submission.index_in_call == 0 {
            *counts = StrategyCounts::default();
        }
        let provider = next(items, counts)?;
        counts.add(provider);
        Some(provider)
    }

    /// The capacity provider of the next task of a service's deployment.
    pub(super) fn provider_of_service(
        &self,
        service: ServiceId,
        deployment: usize,
    ) -> Option<CapacityProviderId> {
        let mut next = self.next_providers(service, deployment, 1);
        next.next().flatten()
    }

    /// The capacity providers of the next tasks of a service's deployment, each of which counts for
    /// those after it: base and weights count the deployment's tasks that are to run.
    pub(super) fn next_providers(
        &self,
        service: ServiceId,
        deployment: usize,
        count: u32,
    ) -> impl Iterator<Item = Option<CapacityProviderId>> + use<'a> {
        let items: &'a [StrategyItem] = match &self.scenario.services[service.index()].capacity {
            Capacity::Strategy(items) => items,
            Capacity::LaunchType(_) => &[],
        };
        let mut counts = self.provider_counts(service, deployment);
        (0..count).map(move |_| {
            let provider = next(items, &counts)?;
            counts.add(provider);
            Some(provider)
        })
    }

    /// The tasks of a deployment that are to run, by provider.
    fn provider_counts(&self, service: ServiceId, deployment: usize) -> StrategyCounts {
        let mut counts = StrategyCounts::default();
        for (class, count) in self.classes(service) {
            let is_counted = class.deployment == deployment && class.status.is_wanted();
            if let (true, Some(provider)) = (is_counted, class.provider) {
                counts.add_many(provider, count);
            }
        }
        counts
    }

    /// Whether a provider's tasks wait in PROVISIONING where there is no room: managed scaling, or
    /// ECS itself, brings instances for them. Others are refused as RunTask refuses.
    pub(super) fn waits_in_provisioning(&self, provider: CapacityProviderId) -> bool {
        self.scenario.capacity_providers[provider.index()]
            .kind
            .is_managed()
    }

    /// A task of a provider that brings instances: placed, or in PROVISIONING.
    pub(super) fn try_or_provision(&mut self, task: TaskId, observer: &mut impl Observer) {
        if self.attempt(task, observer).is_ok() {
            return;
        }
        if self.provisioning >= self.scenario.capacity_options.provisioning_limit {
            self.give_up(task, Reasons::only(Reason::ProvisioningLimit), observer);
            return;
        }
        self.begin_provisioning(task);
    }

    /// A task waits in PROVISIONING from now on.
    pub(super) fn begin_provisioning(&mut self, task: TaskId) {
        let row = self.cluster.task(task);
        let shape = Shape::new(row.template, &row.needs);
        let (serial, provider) = (row.serial, row.capacity_provider);
        self.waiting.join(Line::Backfill(shape), serial, task);
        self.provisioning += 1;
        let timeout = self.scenario.capacity_options.provisioning_timeout;
        self.schedule_for(task, timeout, Event::ProvisioningTimesOut);
        self.managed_instances_look(provider);
    }

    /// Whether one more task may wait in PROVISIONING.
    pub(super) fn may_provision(&self) -> bool {
        self.provisioning < self.scenario.capacity_options.provisioning_limit
    }

    /// Whether a waiting task is one in PROVISIONING for its capacity provider.
    pub(super) fn is_provisioning(&self, task: TaskId) -> bool {
        let row = self.cluster.task(task);
        let provider = row.capacity_provider;
        row.last_status == TaskStatus::Provisioning
            && provider.is_some_and(|provider| self.waits_in_provisioning(provider))
    }

    /// A task has been in PROVISIONING for as long as ECS waits: it is STOPPED.
    pub(super) fn provisioning_times_out(&mut self, task: TaskId, observer: &mut impl Observer) {
        let row = self.cluster.task(task);
        let (template, needs, provider) = (row.template, row.needs, row.capacity_provider);
        let refused = self.refusal(task, template, &needs);
        let reasons = self.provider_reasons(refused, provider);
        let stop = Stop::failed_to_start(StoppedReason::NoCapacity(reasons));
        self.stop_provisioning(task, stop, observer);
    }

    /// A task in PROVISIONING is stopped: it never had a place.
    pub(super) fn stop_provisioning(
        &mut self,
        task: TaskId,
        stop: Stop,
        observer: &mut impl Observer,
    ) {
        let row = self.cluster.task(task);
        let shape = Shape::new(row.template, &row.needs);
        self.waiting.remove(shape, row.serial);
        self.provisioning -= 1;
        let stopped = self.cluster.stop_waiting(task, stop);
        let record = Record::TaskStopped { task: &stopped };
        observer.record(self.now, &record, &self.cluster);
        self.service_task_stopped(task, &stopped, observer);
        self.note_retry(&stopped);
        self.services_may_fit();
    }

    /// The reasons of a refusal in the words that ECS has for tasks of a capacity provider.
    pub(super) fn provider_reasons(
        &self,
        mut reasons: Reasons,
        provider: Option<CapacityProviderId>,
    ) -> Reasons {
        if reasons.contains(Reason::NoInstances) && provider.is_some() {
            let mut registered = self.cluster.registered().iter();
            let of_provider =
                registered.any(|on| self.cluster.profile(*on).capacity_provider == provider);
            reasons.remove(Reason::NoInstances);
            reasons.insert(if of_provider {
                Reason::NoActiveInstances
            } else {
                Reason::EmptyCapacityProvider
            });
        }
        reasons
    }

    /// The entry or service whose placement draws a task uses.
    pub(super) fn placement_family(&self, entry: EntryId) -> &crate::kernel::StreamFamily {
        match self.scenario.service_of(entry) {
            Some(service) => self.service_placement_draws(service),
            None => &self.draws[entry.index()],
        }
    }
}
