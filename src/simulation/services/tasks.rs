//! The tasks of services: started, settled, healthy, stopped.

use crate::control::{RestartThrottle, RolloutState, ServiceEvent};
use crate::model::{
    CapacityProviderId, CapacityScope, ServiceId, Stop, StoppedReason, Task, TaskId, TaskStopCode,
    TemplateId,
};
use crate::placement::{
    NearestMiss, Reasons, Rejection, check, could_hold_when_empty, nearest_miss,
};
use crate::simulation::capacity::launch_type_of;
use crate::simulation::fargate::needs_on_fargate;
use crate::simulation::handlers::TaskDraws;
use crate::simulation::provisioning::scope_of;
use crate::simulation::{Observer, Record, Simulation, setup};
use crate::units::{Resources, SimTime};

use super::{Rebalancing, ServiceTask, TaskHealth};

impl Simulation<'_> {
    /// Starts tasks of a deployment, as far as there is room and the pace allows. How many.
    pub(super) fn start_tasks(
        &mut self,
        service: ServiceId,
        deployment: usize,
        count: u32,
        observer: &mut impl Observer,
    ) -> u32 {
        if self.is_on_fargate(service) {
            return self.start_on_fargate(service, deployment, count, observer);
        }
        let providers = self.next_providers(service, deployment, count);
        for (started, provider) in (0..).zip(providers) {
            if !self.may_launch(service, observer) {
                return started;
            }
            let template = self.service_template(service, deployment, provider, None);
            if let Err(reasons) = self.start_task_of(service, deployment, template, observer) {
                if provider.is_some_and(|provider| self.waits_in_provisioning(provider)) {
                    if self.provision_task_of(service, deployment, template, observer) {
                        continue;
                    }
                    return started;
                }
                let reasons = self.provider_reasons(reasons, provider);
                let needs = self.service_needs(service, deployment);
                let closest = |simulation: &Self| simulation.closest(template, &needs, reasons);
                self.note_no_room(service, reasons, closest, observer);
                return started;
            }
        }
        self.service_mut(service).blocked = None;
        count
    }

    /// The instance that came closest to taking a task: one that lacked amounts alone, else the
    /// first that was refused for the first of the reasons.
    pub(super) fn closest(
        &self,
        template: TemplateId,
        needs: &Resources,
        reasons: Reasons,
    ) -> Option<NearestMiss> {
        let template = self.placer.template(template);
        nearest_miss(&self.cluster, template, needs).or_else(|| {
            let first = reasons.iter().next();
            let refusal = |on| check(&self.cluster, template, needs, on).err();
            let mut registered = self.cluster.registered().iter().copied();
            let instance = registered.find(|on| refusal(*on).map(Rejection::reason) == first)?;
            Some(NearestMiss {
                instance,
                cpu: 0,
                memory: 0,
                gpus: 0,
                enis: 0,
            })
        })
    }

    /// Whether some registered instance could hold a task of the current revision when empty.
    pub(super) fn could_ever_hold(&mut self, service: ServiceId) -> bool {
        let primary = self.service(service).primary;
        let asked = (primary, self.fleet_version);
        if let Some((of, holds)) = self.service(service).could_ever_hold
            && of == asked
        {
            return holds;
        }
        let provider = self.provider_of_service(service, primary);
        if provider.is_some_and(|provider| self.waits_in_provisioning(provider)) {
            // Its provider may bring an instance.
            return true;
        }
        let template = self.service_template(service, primary, provider, None);
        let needs = self.service_needs(service, primary);
        if self.is_on_fargate(service) {
            return self.fargate_could_ever_hold(service, &needs);
        }
        let template = self.placer.template(template);
        let registered = self.cluster.registered().iter();
        let mut holding =
            registered.map(|on| could_hold_when_empty(&self.cluster, template, &needs, *on));
        let holds = holding.any(|holds| holds);
        self.service_mut(service).could_ever_hold = Some((asked, holds));
        holds
    }

    /// Whether the pace of the service allows a start now; if not, the scheduler looks again when
    /// it does.
    pub(super) fn may_launch(&mut self, service: ServiceId, observer: &mut impl Observer) -> bool {
        let now = self.now;
        let not_before = self.service(service).throttle.not_before();
        if not_before > now {
            self.wake_service(service, not_before);
            return false;
        }
        match self.service_mut(service).launches.take(now) {
            Ok(()) => true,
            Err(at) => {
                self.say(service, ServiceEvent::Throttled, observer);
                self.wake_service(service, at);
                false
            }
        }
    }

    /// Starts a task of a deployment on a capacity provider, in one zone. Where that zone has no
    /// room nothing is said.
    pub(super) fn start_task_in_zone(
        &mut self,
        service: ServiceId,
        deployment: usize,
        provider: Option<CapacityProviderId>,
        zone: &str,
        observer: &mut impl Observer,
    ) -> Option<TaskId> {
        let template = self.service_template(service, deployment, provider, Some(zone));
        if self.is_on_fargate(service) {
            return self.move_on_fargate(service, deployment, template, observer);
        }
        if !self.may_launch(service, observer) {
            return None;
        }
        let started = self.start_task_of(service, deployment, template, observer);
        if started.is_err() {
            self.services.blocked.insert(service);
        }
        started.ok()
    }

    /// Places a task of a deployment and launches it.
    fn start_task_of(
        &mut self,
        service: ServiceId,
        deployment: usize,
        template: TemplateId,
        observer: &mut impl Observer,
    ) -> Result<TaskId, Reasons> {
        let needs = self.service_needs(service, deployment);
        let state = self.service(service);
        let family = state.placement_draws.clone();
        let mut draws = TaskDraws::new(&family, state.next_number, 1);
        let placed = self
            .placer
            .place(&self.cluster, template, &needs, &mut draws);
        let instance = placed.inspect_err(|_| {
            let state = &mut self.services.list[service.index()];
            state.launches.give_back();
        })?;
        let task = self.take_in_service_task(service, deployment, template, observer);
        self.place(task, instance, observer);
        Ok(task)
    }

    /// A task of a deployment waits in PROVISIONING for its capacity provider, unless as many wait
    /// as the cluster may have; the service says so then.
    fn provision_task_of(
        &mut self,
        service: ServiceId,
        deployment: usize,
        template: TemplateId,
        observer: &mut impl Observer,
    ) -> bool {
        if !self.may_provision() {
            self.say(service, ServiceEvent::ProvisioningLimitExceeded, observer);
            self.services.blocked.insert(service);
            return false;
        }
        let task = self.take_in_service_task(service, deployment, template, observer);
        self.begin_provisioning(task);
        true
    }

    /// What a task of a deployment needs.
    pub(super) fn service_needs(&self, service: ServiceId, deployment: usize) -> Resources {
        let definition = self.service(service).deployments[deployment].task_definition;
        let needs = self.scenario.task_definitions[definition.index()].needs;
        if self.is_on_fargate(service) {
            return needs_on_fargate(self.scenario, Some(definition), needs);
        }
        needs
    }

    /// The template of a deployment's tasks, if need be of those in one zone.
    pub(super) fn service_template(
        &mut self,
        service: ServiceId,
        deployment: usize,
        provider: Option<CapacityProviderId>,
        zone: Option<&str>,
    ) -> TemplateId {
        let definition = self.service(service).deployments[deployment].task_definition;
        let key = (definition, provider, zone.map(str::to_owned));
        if let Some(known) = self.service(service).templates.get(&key) {
            return *known;
        }
        let spec = &self.scenario.services[service.index()];
        let definition = &self.scenario.task_definitions[definition.index()];
        let chain = self.service_chains[service.index()].clone();
        let mut template = setup::service_template(spec, definition, chain, &mut self.cluster);
        template.capacity = scope_of(&spec.capacity, provider);
        if let Some(zone) = zone {
            template.subnet_zones = vec![zone.to_owned()];
        }
        self.tasks_open_places |= template.member_of.iter().any(|member| !member.is_static());
        let id = self.placer.add(template, &self.cluster);
        self.service_mut(service).templates.insert(key, id);
        id
    }

    pub(super) fn take_in_service_task(
        &mut self,
        service: ServiceId,
        deployment: usize,
        template: TemplateId,
        observer: &mut impl Observer,
    ) -> TaskId {
        let needs = self.service_needs(service, deployment);
        let group = self.placer.template(template).group;
        let serial = self.next_serial;
        self.next_serial += 1;
        let latencies = &self.scenario.latencies;
        let entry = self.scenario.entry_of(service);
        let now = self.now;
        let grace = self.service_spec(service).health_check_grace_period;
        let state = &mut self.services.list[service.index()];
        let number = state.next_number;
        state.next_number += 1;
        let mut stream = state.task_draws.open(number);
        let start = latencies.start.sample(&mut stream);
        let stop_latency = latencies.stop.sample(&mut stream);
        let registry = self.scenario.services[service.index()]
            .service_registry
            .as_ref();
        let registration = registry.map(|law| law.sample(&mut stream));
        let scope = self.placer.template(template).capacity;
        let capacity_provider = match scope {
            CapacityScope::LaunchType(_) => None,
            CapacityScope::Provider(provider) => Some(provider),
        };
        let task = self.cluster.submit(Task {
            launch_type: launch_type_of(self.scenario, scope),
            capacity_provider,
            entry,
            number,
            definition: Some(state.deployments[deployment].task_definition),
            start_latency: start + registration.unwrap_or_default(),
            stop_latency,
            ..Task::waiting(serial, template, group, needs, now)
        });
        state.tasks.push(task);
        let of = &mut state.deployments[deployment];
        of.tasks_started += u32::from(of.rollout_state != RolloutState::Completed);
        let owned = ServiceTask {
            service,
            deployment,
            round: state.throttle.round(),
            health: TaskHealth {
                in_grace: grace.0 > 0,
                ..TaskHealth::default()
            },
            protected_until: SimTime::ZERO,
            makes_room: false,
            retires: false,
            class: None,
        };
        self.services.own(task, owned);
        self.reclassify(task);
        let record = Record::TaskSubmitted { task, name: None };
        observer.record(now, &record, &self.cluster);
        task
    }

    /// A task of a service has stopped: its row is gone.
    pub(in crate::simulation) fn service_task_stopped(
        &mut self,
        id: TaskId,
        task: &Task,
        observer: &mut impl Observer,
    ) {
        let Some(owned) = self
            .services
            .tasks
            .get_mut(id.index())
            .and_then(Option::take)
        else {
            return;
        };
        let service = owned.service;
        let state = self.service_mut(service);
        state.tasks.retain(|other| *other != id);
        if let Some(class) = owned.class {
            state.declassify(class);
        }
        if matches!(state.rebalancing, Rebalancing::Moving { serial, .. } if serial == task.serial)
        {
            state.rebalancing = Rebalancing::Between;
        }
        let stop = task.stop.expect("a stopped task has a reason");
        self.count_failure(&owned, task, stop, observer);
        self.service_changed(service);
    }

    /// What a failed task means for the pace of its service and for its deployment.
    fn count_failure(
        &mut self,
        owned: &ServiceTask,
        task: &Task,
        stop: Stop,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        let service = owned.service;
        let never_ran = task.started_at.is_none() && stop.code == TaskStopCode::TaskFailedToStart;
        // Only a task that was PENDING slows the next ones down.
        let never_left_pending = never_ran && task.placed_at.is_some();
        let unhealthy = matches!(
            stop.reason,
            StoppedReason::FailedElbHealthChecks { .. }
                | StoppedReason::FailedContainerHealthChecks
        );
        let state = self.service_mut(service);
        let deployment = &mut state.deployments[owned.deployment];
        let exited = stop.code == TaskStopCode::EssentialContainerExited;
        let open = deployment.rollout_state != RolloutState::Completed;
        deployment.failures += u32::from(open && (never_ran || unhealthy || exited));
        if never_left_pending && state.throttle.failed_to_start(owned.round, now) {
            let impaired = RestartThrottle::IMPAIRED_AFTER;
            if state.throttle.failed_rounds() >= impaired {
                self.say(service, ServiceEvent::StartImpaired, observer);
            }
        }
        let state = self.service_mut(service);
        let deployment = &mut state.deployments[owned.deployment];
        // Stage 1: nothing has run yet, and what counts is not to reach RUNNING. Stage 2: what
        // counts are failed health checks.
        let counts = if deployment.reached_running {
            unhealthy
        } else {
            never_ran
        };
        if counts && deployment.rollout_state == RolloutState::InProgress {
            deployment.failed_tasks += 1;
            self.consult_breaker(service, owned.deployment, observer);
        }
    }
}
