//! Managed scaling, minute by minute: what each capacity provider sees of its group, and what it
//! decides.

use crate::cloud::auto_scaling::LifecycleState;
use crate::control::managed_scaling::{
    GroupView, InstanceTypes, ManagedScalingController, ManagedScalingDecision,
    ManagedScalingOptions, ProvisioningTasks,
};
use crate::model::{AutoScalingGroupId, CapacityProviderId, CapacityScope, ContainerInstanceId};
use crate::scenario::{CapacityProviderKind, Scenario};
use crate::simulation::waiting::Shape;
use crate::simulation::{Event, Observer, Record, Simulation, setup};
use crate::units::{CpuUnits, MemoryMib, Millis, Resources, id};

/// The controllers by provider; `None` for those without managed scaling.
pub(super) fn controllers(scenario: &Scenario) -> Vec<Option<ManagedScalingController>> {
    let options = ManagedScalingOptions {
        scale_in_after_scale_out: scenario.capacity_options.scale_in_after_scale_out,
        minimum_step_for_mixed_groups: scenario.capacity_options.minimum_step_for_mixed_groups,
    };
    let controller = |kind: &CapacityProviderKind| {
        let CapacityProviderKind::AutoScalingGroup {
            group,
            managed_scaling: Some(configuration),
            ..
        } = kind
        else {
            return None;
        };
        let group = &scenario.auto_scaling_groups[group.index()];
        let registered: Vec<Resources> = group
            .types
            .iter()
            .map(|of| {
                let instance_type = &scenario.instance_types[of.instance_type.index()];
                let memory = of.registered_memory;
                setup::registered(scenario, &group.settings, instance_type, memory)
            })
            .collect();
        let types = InstanceTypes::new(&registered);
        let zones = group.configuration.availability_zones.len();
        Some(ManagedScalingController::new(
            *configuration,
            options,
            types,
            zones,
        ))
    };
    let providers = scenario.capacity_providers.iter();
    providers
        .map(|provider| controller(&provider.kind))
        .collect()
}

impl Simulation<'_> {
    /// The next minute of managed scaling, where any provider has it.
    pub(super) fn schedule_capacity_minute(&mut self) {
        if self.groups.controllers.iter().any(Option::is_some) {
            let next = self.now.saturating_add(Millis::MINUTE);
            self.schedule(next, Event::CapacityMinute);
        }
    }

    /// A minute is over: managed scaling looks at each provider's group.
    pub(in crate::simulation) fn capacity_minute(&mut self, observer: &mut impl Observer) {
        let scenario = self.scenario;
        for (provider, spec) in (0..)
            .map(CapacityProviderId)
            .zip(&scenario.capacity_providers)
        {
            if let CapacityProviderKind::AutoScalingGroup { group, .. } = spec.kind {
                self.scale_provider(provider, group, observer);
            }
        }
        self.schedule_capacity_minute();
    }

    fn scale_provider(
        &mut self,
        provider: CapacityProviderId,
        group: AutoScalingGroupId,
        observer: &mut impl Observer,
    ) {
        let Some(mut controller) = self.groups.controllers[provider.index()].take() else {
            return;
        };
        let provisioning = self.provisioning_of(provider);
        let state = self.group(group);
        let counts = state.counts();
        let rows = state.rows.iter().zip(&state.members);
        let hosting = rows.filter(|(row, member)| {
            row.lifecycle_state == LifecycleState::InService
                && member.instance.is_some_and(|on| self.hosts_tasks(on))
        });
        let rows = state.rows.iter().zip(&state.members);
        let launching = rows
            .filter(|(row, member)| row.lifecycle_state == LifecycleState::Pending && member.grows);
        let minute = controller.minute(&GroupView {
            now: self.now,
            min_size: state.configuration.min_size,
            max_size: state.configuration.max_size,
            desired: state.desired,
            running: counts.in_service,
            pending: counts.pending,
            hosting: id(hosting.count()),
            launching: id(launching.count()),
            latest_launch: state.latest_growth,
            provisioning: &provisioning,
        });
        self.groups.controllers[provider.index()] = Some(controller);
        let record = Record::CapacityProviderMinute {
            provider,
            minute: &minute,
        };
        observer.record(self.now, &record, &self.cluster);
        match minute.decision {
            ManagedScalingDecision::ScaleOut { to } | ManagedScalingDecision::ScaleIn { to } => {
                self.set_desired_capacity(group, to);
            }
            ManagedScalingDecision::None | ManagedScalingDecision::HeldBack => {
                // What protection kept from going may go now.
                if self.capacity_of(group) > self.group(group).desired {
                    self.group_looks(group);
                }
            }
        }
    }

    /// The tasks that wait in PROVISIONING for a provider, like ones together.
    fn provisioning_of(&self, provider: CapacityProviderId) -> Vec<ProvisioningTasks> {
        let scope = CapacityScope::Provider(provider);
        let shapes = self.waiting.shapes();
        let of_provider =
            shapes.filter(|(shape, _)| self.placer.template(shape.template).capacity == scope);
        of_provider
            .map(|(shape, count)| {
                let template = self.placer.template(shape.template);
                let ports = &template.ports;
                ProvisioningTasks {
                    needs: needs_of(&shape),
                    distinct_instance: template.distinct_instance
                        || !(ports.tcp.is_empty() && ports.udp.is_empty()),
                    count: id(count),
                }
            })
            .collect()
    }

    /// Whether an instance hosts a task that is no daemon's: one that is to run, or one that stops.
    pub(super) fn hosts_tasks(&self, on: ContainerInstanceId) -> bool {
        let row = self.cluster.instance(on);
        if row.live_tasks > row.running_tasks_count {
            return true;
        }
        let daemons = self.daemon_groups().iter();
        let running: u32 = daemons.map(|group| row.tasks_of_group(*group)).sum();
        row.running_tasks_count > running
    }
}

pub(super) fn needs_of(shape: &Shape) -> Resources {
    let [cpu, memory, gpus, enis] = shape.amounts;
    Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus,
        enis,
    }
}
