//! `containerInstances`: the fixed fleet, and servers of one's own.

use crate::model::{LaunchType, PurchaseOption};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::ContainerInstances;
use crate::units::HourlyRate;

use super::fleet_limits::check_total;
use super::instance_settings::{self, read_memory, read_price, read_settings};
use super::instance_types::InstanceTypes;
use super::zones::ZonesReader;

const KEYS: [&str; 8] = [
    "name",
    "instanceType",
    "count",
    "availabilityZone",
    "availabilityZones",
    "launchType",
    "purchaseOption",
    "agentConnected",
];
/// Where servers of one's own stand when the scenario does not say: in no zone of AWS.
const EXTERNAL_ZONE: &str = "external";

/// Reads the fleet of a region.
pub(super) struct FleetReader<'a> {
    pub(super) region: &'a str,
}

impl FleetReader<'_> {
    pub(super) fn read(
        &self,
        fields: &Fields<'_>,
        types: &mut InstanceTypes,
        diagnostics: &mut Diagnostics,
    ) -> Vec<ContainerInstances> {
        let entries: Vec<ContainerInstances> =
            read::items_of(fields, "containerInstances", diagnostics)
                .iter()
                .filter_map(|item| self.read_entry(item, types, diagnostics))
                .collect();
        check_names(fields, diagnostics);
        if let Some(place) = fields.key_place("containerInstances") {
            check_total(&entries, place, diagnostics);
        }
        entries
    }

    fn read_entry(
        &self,
        node: &Node,
        types: &mut InstanceTypes,
        diagnostics: &mut Diagnostics,
    ) -> Option<ContainerInstances> {
        let example = format!("instanceType: {}", node.text().unwrap_or("m5.large"));
        let keys = [&KEYS[..], &instance_settings::KEYS].concat();
        let fields = read::fields_like(node, &keys, &example, diagnostics)?;
        let type_node = fields.required("instanceType", "m5.large", diagnostics);
        let found = type_node.and_then(|node| types.find(node, diagnostics));
        let count = fields.get("count").map_or(Some(1), |node| {
            read::number_u32(node, 1..=1_000_000, diagnostics)
        });
        let launch_type = read_launch_type(&fields, diagnostics);
        let purchase_option = read_purchase_option(&fields, launch_type, diagnostics);
        let availability_zones = self.zones_of(launch_type).read(&fields, diagnostics);
        let mut settings = read_settings(&fields, diagnostics);
        let agent_connected = fields
            .get("agentConnected")
            .and_then(|node| read::boolean(node, diagnostics));
        settings.agent_connected = agent_connected.unwrap_or(true);
        let (found, type_node) = (found?, type_node?);
        let system = &settings.operating_system_family;
        let has_price = fields.get("onDemandUsdPerHour").is_some();
        // A server of one's own has no list price.
        let rate = if launch_type == LaunchType::External && !has_price {
            HourlyRate::default()
        } else {
            read_price(&fields, type_node, &found, system, types, diagnostics)?
        };
        let registered_memory = read_memory(&fields, &found, system, types, diagnostics)?;
        Some(ContainerInstances {
            instance_type: found.id,
            count: count?,
            availability_zones,
            purchase_option,
            rate,
            registered_memory,
            launch_type,
            settings,
        })
    }

    fn zones_of(&self, launch_type: LaunchType) -> ZonesReader<'_> {
        match launch_type {
            LaunchType::External => ZonesReader {
                region: None,
                default: EXTERNAL_ZONE.to_owned(),
            },
            _ => ZonesReader::of_region(self.region),
        }
    }
}

fn read_launch_type(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> LaunchType {
    let Some(node) = fields.get("launchType") else {
        return LaunchType::Ec2;
    };
    if node.text() == Some("FARGATE") {
        diagnostics
            .error(node.place, "Fargate has no container instances")
            .help("tasks and services have `launchType: FARGATE`, with nothing here");
        return LaunchType::Ec2;
    }
    let choices = [("EC2", LaunchType::Ec2), ("EXTERNAL", LaunchType::External)];
    read::one_of(node, "launchType", &choices, diagnostics).unwrap_or_default()
}

/// What is fixed is On-Demand: a Spot Instance comes and goes.
fn read_purchase_option(
    fields: &Fields<'_>,
    launch_type: LaunchType,
    diagnostics: &mut Diagnostics,
) -> PurchaseOption {
    let (word, option) = match launch_type {
        LaunchType::External => ("external", PurchaseOption::External),
        _ => ("on-demand", PurchaseOption::OnDemand),
    };
    let Some(node) = fields.get("purchaseOption") else {
        return option;
    };
    if node.text() == Some("spot") {
        diagnostics
            .error(node.place, "a fixed fleet has no Spot Instances")
            .label(format!("expected `{word}`"))
            .help(
                "EC2 takes Spot Instances back and launches others: make it an entry of \
                 `autoScalingGroups` with `purchaseOption: spot`",
            );
        return option;
    }
    read::one_of(node, "purchaseOption", &[(word, option)], diagnostics).unwrap_or(option)
}

/// An entry's name serves `--set` alone; it must tell the entries apart.
fn check_names(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    let entries = match fields.get("containerInstances").map(|node| &node.value) {
        Some(Value::Sequence(items)) => items.as_slice(),
        _ => &[],
    };
    let given = entries.iter().filter_map(|entry| entry.get("name"));
    let mut names: Vec<&str> = Vec::new();
    for node in given.filter(|node| !node.is_null()) {
        let Some(name) = read::name(node, "a name", diagnostics) else {
            continue;
        };
        if names.contains(&name) {
            let title = format!("the name `{name}` is given twice in `containerInstances`");
            diagnostics
                .error(node.place, title)
                .help("an entry needs no name, but two cannot have the same");
        }
        names.push(name);
    }
}
