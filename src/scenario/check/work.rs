//! Tasks, services and what happens to them: blocks that name one another, in the order in which
//! they can be read.

use crate::cloud::TargetGroup;
use crate::cloud::behavior::TaskBehavior;
use crate::kernel::Distribution;
use crate::scenario::Capacity;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::incidents::Incident;
use crate::scenario::read::Fields;
use crate::scenario::services::{Service, ServiceOptions, ServiceUpdate, TaskProtection};
use crate::scenario::spec::TasksEntry;
use crate::scenario::traffic::{AlarmEntry, LoadBalancer};

use super::arrivals::Clock;
use super::capacity_providers::Providers;
use super::fleet::Fleet;
use super::incidents::IncidentsReader;
use super::load_balancers::{self, LoadBalancersReader};
use super::services::{self, Known, ServicesReader};
use super::subnets::Subnets;
use super::target_groups::{names, read_target_groups};
use super::task_behaviors::BehaviorsReader;
use super::task_definitions::TaskDefinitions;
use super::tasks::TasksReader;
use super::{Environment, alarms};

/// What the blocks of work may name.
pub(super) struct WorkReader<'a> {
    pub(super) environment: &'a Environment<'a>,
    pub(super) clock: &'a Clock,
    pub(super) region: &'a str,
    pub(super) definitions: &'a TaskDefinitions,
    pub(super) subnets: &'a Subnets,
    /// Capacity providers, and the cluster's default strategy.
    pub(super) providers: &'a Providers,
    /// What registers; `None` when a part of it was reported.
    pub(super) fleet: Option<&'a Fleet<'a>>,
    /// How long registration with Cloud Map takes.
    pub(super) registration: &'a Distribution,
}

/// The work of a scenario.
pub(super) struct Work {
    pub(super) tasks: Vec<TasksEntry>,
    pub(super) services: Vec<Service>,
    pub(super) deployments: Vec<ServiceUpdate>,
    pub(super) task_protection: Vec<TaskProtection>,
    pub(super) incidents: Vec<Incident>,
    pub(super) service_options: ServiceOptions,
    pub(super) target_groups: Vec<TargetGroup>,
    pub(super) load_balancers: Vec<LoadBalancer>,
    pub(super) alarms: Vec<AlarmEntry>,
    pub(super) task_behaviors: Vec<TaskBehavior>,
    /// Which definitions something names.
    pub(super) used: Vec<bool>,
    /// Whether ECS's quotas are kept.
    pub(super) quotas: bool,
}

impl WorkReader<'_> {
    /// The entries of `tasks`, which definitions they name, and the names that they take.
    fn read_tasks(
        &self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> (Vec<TasksEntry>, Vec<bool>, Vec<String>) {
        let mut reader = TasksReader {
            environment: self.environment,
            clock: self.clock,
            definitions: self.definitions,
            subnets: self.subnets,
            providers: self.providers,
            fleet: self.fleet,
            used: vec![false; self.definitions.list.len()],
            names: Vec::new(),
        };
        let tasks = reader.read(fields, diagnostics);
        (tasks, reader.used, reader.names)
    }

    fn read_incidents(
        &self,
        fields: &Fields<'_>,
        tasks: &[TasksEntry],
        services: &[Service],
        diagnostics: &mut Diagnostics,
    ) -> Vec<Incident> {
        let of_tasks = tasks.iter().map(|entry| &entry.capacity);
        let of_services = services.iter().map(|service| &service.capacity);
        let used: Vec<&Capacity> = of_tasks.chain(of_services).collect();
        IncidentsReader {
            clock: self.clock,
            fleet: self.fleet,
            providers: self.providers,
            used: &used,
        }
        .read(fields, diagnostics)
    }

    pub(super) fn read(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Work {
        let (tasks, used, names_taken) = self.read_tasks(fields, diagnostics);
        let options = services::read_options(fields, diagnostics);
        let target_groups = read_target_groups(fields, self.region, diagnostics);
        let group_names = names(fields, "targetGroups", "targetGroupName");
        let load_balancers = LoadBalancersReader {
            base_dir: self.environment.base_dir,
            groups: &target_groups,
            names: &group_names,
        }
        .read(fields, diagnostics);
        let alarm_names = names(fields, "alarms", "alarmName");
        let mut services_reader = ServicesReader {
            known: Known {
                environment: self.environment,
                clock: self.clock,
                definitions: self.definitions,
                subnets: self.subnets,
                providers: self.providers,
                fleet: self.fleet,
                target_groups: &group_names,
                alarms: &alarm_names,
                quotas: options.quotas,
                registration: self.registration,
            },
            used,
            names: names_taken,
        };
        let services = services_reader.read(fields, diagnostics);
        let ServicesReader {
            known, mut used, ..
        } = services_reader;
        let deployments =
            services::read_deployments(fields, &services, &known, &mut used, diagnostics);
        let task_protection = services::read_protection(fields, &services, self.clock, diagnostics);
        let alarms = alarms::read_alarms(fields, &services, self.clock, diagnostics);
        alarms::warn_unused(fields, &alarms, &services.list, &deployments, diagnostics);
        let task_behaviors = BehaviorsReader {
            definitions: self.definitions,
            tasks: &tasks,
            services: &services,
        }
        .read(fields, &used, diagnostics);
        let incidents = self.read_incidents(fields, &tasks, &services.list, diagnostics);
        load_balancers::check_use(
            fields,
            &target_groups,
            &load_balancers,
            &services.list,
            diagnostics,
        );
        Work {
            tasks,
            services: services.list,
            deployments,
            task_protection,
            incidents,
            service_options: options.options,
            target_groups,
            load_balancers,
            alarms,
            task_behaviors,
            used,
            quotas: options.quotas,
        }
    }
}
