//! `deployments`: UpdateService over time.
//!
//! Source: API reference of UpdateService.

use crate::model::{ServiceId, TaskDefinitionId};
use crate::scenario::check::arrivals::Clock;
use crate::scenario::check::capacity::CapacityRules;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::{self, Fields};
use crate::scenario::services::{SchedulingStrategy, Service, ServiceUpdate};
use crate::units::{Millis, SimTime, id};

use super::deployment_configuration::Reader;
use super::{Known, MOST_TASKS, Services, rules};

const KEYS: [&str; 6] = [
    "at",
    "service",
    "taskDefinition",
    "forceNewDeployment",
    "desiredCount",
    "deploymentConfiguration",
];
/// What UpdateService takes beside them without a bearing on a run.
const ACCEPTED: [&str; 6] = [
    "cluster",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "platformVersion",
    "monitoring",
];
/// What UpdateService could change, and a run cannot.
const FIXED: [&str; 8] = [
    "placementStrategy",
    "placementConstraints",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "availabilityZoneRebalancing",
    "loadBalancers",
    "serviceRegistries",
    "capacityProviderStrategy",
];

/// Reads the entries, in order of time. What an update leaves out is as the ones before it left
/// it.
pub(in crate::scenario::check) fn read_deployments(
    fields: &Fields<'_>,
    services: &Services,
    known: &Known<'_>,
    used: &mut [bool],
    diagnostics: &mut Diagnostics,
) -> Vec<ServiceUpdate> {
    let mut timed = Vec::new();
    for item in read::items_of(fields, "deployments", diagnostics) {
        let example = "at: 1h, service: web, taskDefinition: web";
        if item.text().is_some() {
            read::fields_like(item, &KEYS, example, diagnostics);
            continue;
        }
        let accepted = [&ACCEPTED[..], &FIXED[..]].concat();
        if let Some(entry) = read::fields_beside(item, &KEYS, &accepted, diagnostics) {
            refuse_fixed(&entry, diagnostics);
            let at = read_time(&entry, "this deployment", known.clock, diagnostics);
            timed.push((at, entry));
        }
    }
    timed.sort_by_key(|(at, _)| *at);
    let mut reader = UpdateReader {
        known,
        used,
        services,
        current: services.list.clone(),
    };
    timed
        .iter()
        .filter_map(|(at, entry)| reader.read(*at, entry, diagnostics))
        .collect()
}

/// `at` of an entry, which should lie within the run.
pub(in crate::scenario::check) fn read_time(
    fields: &Fields<'_>,
    what: &str,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<SimTime> {
    let node = fields.required("at", "1h", diagnostics)?;
    let at: Millis = read::duration(node, diagnostics)?;
    if let Some(duration) = clock.duration.filter(|duration| at >= *duration) {
        diagnostics
            .warning(node.place, format!("{what} never happens"))
            .label(format!("the run ends at {duration}"))
            .help("let it come earlier, or make `duration` longer");
    }
    Some(SimTime(at.0))
}

fn refuse_fixed(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    for key in FIXED {
        if let Some(place) = fields.key_place(key) {
            diagnostics
                .error(place, format!("a change of `{key}` is not simulated yet"))
                .help("set it in the service itself; an update changes the revision and counts");
        }
    }
}

struct UpdateReader<'a> {
    known: &'a Known<'a>,
    used: &'a mut [bool],
    services: &'a Services,
    /// The services as the updates so far left them.
    current: Vec<Service>,
}

impl UpdateReader<'_> {
    fn read(
        &mut self,
        at: Option<SimTime>,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<ServiceUpdate> {
        let found = fields
            .required("service", "web", diagnostics)
            .and_then(|node| self.services.find(node, diagnostics));
        let definition = match fields.get("taskDefinition") {
            Some(node) => {
                let definitions = self.known.definitions;
                Some(definitions.find_used(node, self.used, diagnostics)?)
            }
            None => None,
        };
        let force = fields
            .get("forceNewDeployment")
            .and_then(|node| read::boolean(node, diagnostics))
            .unwrap_or(false);
        let position = found?;
        let service = &mut self.current[position];
        check_created(at, fields, service, diagnostics);
        let desired_count = read_desired_count(fields, service, diagnostics);
        let deployment_configuration = match fields.get("deploymentConfiguration") {
            Some(node) => {
                let reader = Reader {
                    alarms: self.known.alarms,
                    base: service.deployment_configuration.clone(),
                };
                Some(reader.read(Some(node), diagnostics)?)
            }
            None => None,
        };
        let changes = definition.filter(|id| *id != service.task_definition);
        if let Some(configuration) = &deployment_configuration {
            service.deployment_configuration = configuration.clone();
        }
        if let Some(count) = desired_count {
            service.desired_count = count;
        }
        if changes.is_none() && !force {
            self.warn_of_no_deployment(fields, definition, diagnostics);
        } else {
            warn_if_stuck(fields, service, diagnostics);
        }
        let service = &mut self.current[position];
        if let (Some(id), Some(node)) = (changes, fields.get("taskDefinition")) {
            service.task_definition = id;
            CapacityRules {
                fields,
                capacity: &service.capacity,
                providers: self.known.providers,
            }
            .check_definition(
                &self.known.definitions.list[id.index()],
                node.place,
                diagnostics,
            );
        }
        if self.known.quotas && desired_count.is_some() {
            rules::check_quotas(fields, service, diagnostics);
        }
        Some(ServiceUpdate {
            at: at?,
            service: ServiceId(id(position)),
            task_definition: definition,
            force_new_deployment: force,
            desired_count,
            deployment_configuration,
        })
    }

    /// The revision that is deployed already, and nothing that forces it anew.
    fn warn_of_no_deployment(
        &self,
        fields: &Fields<'_>,
        definition: Option<TaskDefinitionId>,
        diagnostics: &mut Diagnostics,
    ) {
        if let (Some(node), Some(id)) = (fields.get("taskDefinition"), definition) {
            let name = self.known.definitions.list[id.index()].name();
            diagnostics
                .warning(
                    node.place,
                    format!("`{name}` is deployed already: nothing would be deployed"),
                )
                .help("name another revision, or add `forceNewDeployment: true`");
            return;
        }
        let changes = ["desiredCount", "deploymentConfiguration"];
        if changes.iter().all(|key| fields.get(key).is_none()) {
            diagnostics
                .warning(fields.place, "this update changes nothing")
                .help("add `taskDefinition`, `forceNewDeployment` or `desiredCount`");
        }
    }
}

fn check_created(
    at: Option<SimTime>,
    fields: &Fields<'_>,
    service: &Service,
    diagnostics: &mut Diagnostics,
) {
    let created = service.created_at;
    let node = fields.get("at");
    if let (Some(at), Some(node)) = (at, node)
        && at < created
    {
        let name = &service.name;
        diagnostics
            .error(node.place, format!("there is no service `{name}` yet"))
            .label(format!("it is created at {}", Millis(created.0)));
    }
}

fn read_desired_count(
    fields: &Fields<'_>,
    service: &Service,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let node = fields.get("desiredCount")?;
    let count = read::number_u32(node, 0..=MOST_TASKS, diagnostics)?;
    if service.scheduling_strategy == SchedulingStrategy::Daemon {
        diagnostics.warning(node.place, "`desiredCount` of a DAEMON service is ignored");
        return None;
    }
    Some(count)
}

fn warn_if_stuck(fields: &Fields<'_>, service: &Service, diagnostics: &mut Diagnostics) {
    let desired = service.desired_count;
    if !rules::is_stuck(service, desired) {
        return;
    }
    let configuration = &service.deployment_configuration;
    let minimum = configuration.minimum_healthy_percent;
    let maximum = configuration.maximum_percent;
    diagnostics
        .warning(
            fields.place,
            format!("this deployment of `{}` will be stuck", service.name),
        )
        .label(format!(
            "with {minimum} and {maximum} percent of {desired} tasks none may stop and none start"
        ))
        .help("lower `minimumHealthyPercent` or raise `maximumPercent`");
}
