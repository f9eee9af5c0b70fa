//! `incidents`: what befalls the cluster and the capacity beneath it.

mod of_capacity;

pub(super) use self::of_capacity::warn_of_zones;

use crate::model::ContainerInstanceId;
use crate::scenario::Capacity;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::incidents::{Incident, IncidentKind, StruckInstances};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};

use crate::units::nearest;
use crate::workload::load::Factor;

use super::arrivals::Clock;
use super::capacity_providers::Providers;
use super::fleet::Fleet;

const KINDS: [&str; 10] = [
    "availabilityZoneLost",
    "containerInstancesLost",
    "containerInstancesDraining",
    "agentsDisconnected",
    "registryUnavailable",
    "registrySlow",
    "spotReclaim",
    "onDemandCapacityRefused",
    "fargateCapacityRefused",
    "fargateSpotReclaim",
];

/// Reads the incidents of a fleet.
pub(super) struct IncidentsReader<'a> {
    pub(super) clock: &'a Clock,
    /// What registers; `None` when a part of it was reported.
    pub(super) fleet: Option<&'a Fleet<'a>>,
    /// Capacity providers.
    pub(super) providers: &'a Providers,
    /// The capacities of all tasks and services.
    pub(super) used: &'a [&'a Capacity],
}

impl IncidentsReader<'_> {
    pub(super) fn read(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<Incident> {
        let mut incidents: Vec<Incident> = Vec::new();
        for (position, item) in read::items_of(fields, "incidents", diagnostics)
            .iter()
            .enumerate()
        {
            let Some(incident) = self.read_incident(item, position, diagnostics) else {
                continue;
            };
            if incidents.iter().any(|other| other.name == incident.name) {
                let place = item.get("name").map_or(item.place, |node| node.place);
                let title = format!("the name `{}` is given twice in `incidents`", incident.name);
                diagnostics.error(place, title);
            }
            incidents.push(incident);
        }
        incidents
    }

    fn read_incident(
        &self,
        node: &Node,
        position: usize,
        diagnostics: &mut Diagnostics,
    ) -> Option<Incident> {
        let example = "at: 1h, availabilityZoneLost: us-east-1a";
        let keys = [&["name", "at", "duration"], &KINDS[..]].concat();
        let before = diagnostics.len();
        let fields = read::fields_like(node, &keys, example, diagnostics)?;
        let has_unknown_key = diagnostics.len() > before;
        let name = fields
            .get("name")
            .and_then(|node| read::name(node, "a name", diagnostics));
        let at = super::services::read_time(&fields, "this incident", self.clock, diagnostics);
        let duration = match fields.get("duration") {
            Some(node) => Some(read::positive_duration(node, diagnostics)?),
            None => None,
        };
        let given: Vec<&str> = KINDS
            .into_iter()
            .filter(|key| fields.get(key).is_some())
            .collect();
        let [kind] = given.as_slice() else {
            let title = match given.as_slice() {
                // The unknown key may be the kind.
                [] if has_unknown_key => return None,
                [] => "an incident of no kind".to_owned(),
                _ => format!("an incident of several kinds: {}", read::list(&given)),
            };
            diagnostics
                .error(node.place, title)
                .label(format!("expected one of {}", read::list(&KINDS)));
            return None;
        };
        if let ("fargateSpotReclaim", Some(place)) = (*kind, fields.key_place("duration")) {
            diagnostics
                .warning(place, "`duration` of `fargateSpotReclaim` has no effect")
                .help("`fargateCapacityRefused` keeps tasks from starting for so long");
        }
        let name = name.map_or_else(|| format!("{kind}-{position}"), str::to_owned);
        Some(Incident {
            name,
            kind: self.read_kind(&fields, kind, diagnostics)?,
            at: at?,
            duration,
        })
    }

    fn read_kind(
        &self,
        fields: &Fields<'_>,
        kind: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<IncidentKind> {
        let node = fields.get(kind)?;
        match kind {
            "availabilityZoneLost" => {
                let availability_zone = self.read_zone(node, diagnostics)?;
                Some(IncidentKind::AvailabilityZoneLost { availability_zone })
            }
            "registryUnavailable" => {
                if !read::boolean(node, diagnostics)? {
                    diagnostics
                        .error(node.place, "an incident that does nothing")
                        .help("set `registryUnavailable: true`, or remove the incident");
                }
                Some(IncidentKind::RegistryUnavailable)
            }
            "registrySlow" => {
                let fields = read::fields_like(node, &["factor"], "factor: 4", diagnostics)?;
                let factor = fields.required("factor", "4", diagnostics)?;
                read_factor(factor, diagnostics).map(|factor| IncidentKind::RegistrySlow { factor })
            }
            "containerInstancesLost" => {
                let instances = self.read_struck(node, diagnostics)?;
                Some(IncidentKind::InstancesLost { instances })
            }
            "containerInstancesDraining" => {
                let instances = self.read_struck(node, diagnostics)?;
                Some(IncidentKind::InstancesDraining { instances })
            }
            "agentsDisconnected" => {
                let instances = self.read_struck(node, diagnostics)?;
                Some(IncidentKind::AgentsDisconnected { instances })
            }
            _ => self.read_of_capacity(kind, node, diagnostics),
        }
    }

    /// A list of instances, or which of them and how many.
    fn read_struck(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<StruckInstances> {
        if matches!(node.value, Value::Sequence(_)) {
            let numbers = self.read_instances(node, diagnostics)?;
            return Some(StruckInstances::Numbers(numbers));
        }
        self.read_selected(node, diagnostics)
    }

    /// A zone in which instances can stand.
    fn read_zone(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
        let zone = read::name(node, "an Availability Zone", diagnostics)?;
        let zones = self.fleet.map_or(&[][..], |fleet| fleet.zones());
        // Fargate's tasks stand in the zones of their subnets.
        let is_known = self.fleet.is_some() && !self.uses_fargate(None);
        if is_known && !zones.iter().any(|known| known == zone) {
            let names: Vec<&str> = zones.iter().map(String::as_str).collect();
            let near = nearest(zone, names.iter().copied());
            let finding = diagnostics.error(
                node.place,
                format!("no container instance stands in `{zone}`"),
            );
            finding.nearest(near);
            if near.is_none() && !names.is_empty() {
                finding.help(format!(
                    "there are instances in {}",
                    read::short_list(&names)
                ));
            }
            return None;
        }
        Some(zone.to_owned())
    }

    /// Instances by id, by number, or as `{from: 0, count: 10}`: their numbers, sorted.
    fn read_instances(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<u32>> {
        let items = read::items(node, diagnostics)?;
        if items.is_empty() {
            diagnostics
                .error(node.place, "no container instance is named")
                .label("expected ids such as `i-00000000000000000`, or numbers from 0");
            return None;
        }
        let before = diagnostics.len();
        let mut numbers: Vec<u32> = Vec::new();
        for item in items {
            match &item.value {
                Value::Mapping(_) => {
                    numbers.extend(self.read_range(item, diagnostics).into_iter().flatten());
                }
                _ => numbers.extend(self.read_instance(item, diagnostics)),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        (diagnostics.len() == before).then_some(numbers)
    }

    fn read_instance(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
        let expected = "an instance id or its number";
        let text = read::text(node, expected, diagnostics)?;
        let number = match ContainerInstanceId::parse(text) {
            Some(known) => Some(known.0),
            None => text.parse::<u32>().ok(),
        };
        let Some(number) = number else {
            diagnostics
                .error(node.place, format!("`{text}` is not {expected}"))
                .label("expected an id such as `i-00000000000000000`, or a number from 0");
            return None;
        };
        self.check_number(number, node, diagnostics)
    }

    fn read_range(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<std::ops::Range<u32>> {
        let fields = read::fields(node, &["from", "count"], diagnostics)?;
        let from = fields.get("from").map_or(Some(0), |node| {
            read::number_u32(node, 0..=1_000_000, diagnostics)
        });
        let count = fields
            .required("count", "10", diagnostics)
            .and_then(|node| read::number_u32(node, 1..=1_000_000, diagnostics));
        let (from, count) = (from?, count?);
        self.check_number(from + count - 1, node, diagnostics)?;
        Some(from..from + count)
    }

    /// Refuses the number of an instance that does not register.
    fn check_number(&self, number: u32, node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
        let Some(instances) = self.fleet.and_then(Fleet::instances) else {
            return Some(number);
        };
        if u64::from(number) < instances {
            return Some(number);
        }
        let finding = diagnostics.error(
            node.place,
            format!("no container instance {number} registers"),
        );
        match instances.checked_sub(1) {
            Some(last) => finding.label(format!("they are numbered from 0 to {last}")),
            None => finding.help("add `containerInstances`"),
        };
        None
    }
}

/// How many times as long something takes.
fn read_factor(node: &Node, diagnostics: &mut Diagnostics) -> Option<Factor> {
    let expected = "a number above 1 such as `4`";
    let text = read::text(node, expected, diagnostics)?;
    let reason = match Factor::parse(text) {
        Ok(factor) if factor > Factor::ONE => return Some(factor),
        Ok(_) => "slows nothing down".to_owned(),
        Err(reason) => reason,
    };
    diagnostics
        .error(node.place, format!("`{text}` {reason}"))
        .label(format!("expected {expected}"));
    None
}
