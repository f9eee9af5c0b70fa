//! `containerInstances`: the fixed fleet.

use crate::catalog::registered_memory::windows_registered;
use crate::model::{
    Attributes, LINUX_RESERVED_TCP, LaunchType, MAX_RESERVED_PORTS, PurchaseOption,
    WINDOWS_RESERVED_TCP,
};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::{ContainerInstances, InstanceSettings};
use crate::units::{HourlyRate, MemoryMib, index};

use super::fleet_limits::check_total;
use super::instance_attributes::{read_attributes, read_without_attributes};
use super::instance_types::{Found, InstanceTypes, positive};
use super::subnets::read_zone;

const KEYS: [&str; 16] = [
    "name",
    "instanceType",
    "count",
    "availabilityZone",
    "availabilityZones",
    "purchaseOption",
    "attributes",
    "withoutAttributes",
    "registeredMemory",
    "reservedMemory",
    "reservedPorts",
    "reservedPortsUdp",
    "operatingSystemFamily",
    "agentConnected",
    "agentVersion",
    "onDemandUsdPerHour",
];
/// ECS's operating system families on EC2. Source: the attribute `ecs.os-family`.
const OPERATING_SYSTEM_FAMILIES: [&str; 9] = [
    "LINUX",
    "WINDOWS_SERVER_2025_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_20H2_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2016_FULL",
];
const LINUX: &str = "LINUX";
const AGENT_VERSION: &str = "1.95.0";

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
        let fields = read::fields_like(node, &KEYS, &example, diagnostics)?;
        let type_node = fields.required("instanceType", "m5.large", diagnostics);
        let found = type_node.and_then(|node| types.find(node, diagnostics));
        let count = fields.get("count").map_or(Some(1), |node| {
            read::number_u32(node, 1..=1_000_000, diagnostics)
        });
        let choices = [("on-demand", PurchaseOption::OnDemand)];
        let purchase_option = fields
            .get("purchaseOption")
            .and_then(|node| read::one_of(node, "purchaseOption", &choices, diagnostics));
        let system = read_system(&fields, diagnostics);
        let reserved_tcp_ports = read_ports(&fields, "reservedPorts", diagnostics);
        let reserved_udp_ports = read_ports(&fields, "reservedPortsUdp", diagnostics);
        check_port_count(
            &fields,
            system,
            &reserved_tcp_ports,
            &reserved_udp_ports,
            diagnostics,
        );
        let availability_zones = self.read_zones(&fields, diagnostics);
        let attributes: Attributes = read_attributes(&fields, diagnostics);
        let without_attributes = read_without_attributes(&fields, diagnostics);
        let agent_connected = fields
            .get("agentConnected")
            .and_then(|node| read::boolean(node, diagnostics));
        let agent_version = read_agent_version(&fields, diagnostics);
        let own_rate = fields
            .get("onDemandUsdPerHour")
            .map(|node| read::rate(node, diagnostics));
        let (found, type_node) = (found?, type_node?);
        let rate = match own_rate {
            Some(rate) => rate?,
            None => self.list_price(&found, type_node, system, types, diagnostics)?,
        };
        let registered_memory = read_memory(&fields, &found, system, types, diagnostics)?;
        Some(ContainerInstances {
            instance_type: found.id,
            count: count?,
            availability_zones,
            purchase_option: purchase_option.unwrap_or_default(),
            rate,
            registered_memory,
            launch_type: LaunchType::Ec2,
            settings: InstanceSettings {
                attributes,
                without_attributes,
                operating_system_family: system.to_owned(),
                agent_connected: agent_connected.unwrap_or(true),
                agent_version,
                reserved_tcp_ports,
                reserved_udp_ports,
            },
        })
    }

    fn read_zones(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<String> {
        let one = fields.get("availabilityZone");
        let many = fields.get("availabilityZones");
        if let (Some(_), Some(many)) = (one, many) {
            let place = fields.key_place("availabilityZones").unwrap_or(many.place);
            diagnostics
                .error(place, "both `availabilityZone` and `availabilityZones`")
                .help("remove one of them");
        }
        let nodes = match (one, many) {
            (Some(one), _) => std::slice::from_ref(one),
            (None, Some(many)) => {
                let nodes = read::items(many, diagnostics);
                if nodes.is_some_and(<[Node]>::is_empty) {
                    diagnostics
                        .error(many.place, "no zone is named")
                        .label("expected a zone");
                }
                nodes.unwrap_or_default()
            }
            (None, None) => return vec![format!("{}a", self.region)],
        };
        let zones = nodes
            .iter()
            .filter_map(|node| read_zone(node, self.region, diagnostics));
        zones.collect()
    }

    /// The type's price in the region. The catalog's prices are those of Linux.
    fn list_price(
        &self,
        found: &Found,
        type_node: &Node,
        system: &str,
        types: &InstanceTypes,
        diagnostics: &mut Diagnostics,
    ) -> Option<HourlyRate> {
        let definition = &types.used[index(found.id.0)];
        if system != LINUX && !found.own {
            diagnostics
                .error(
                    type_node.place,
                    format!("no Windows price for `{}`", definition.name),
                )
                .help("the catalog's prices are those of Linux: add `onDemandUsdPerHour`");
            return None;
        }
        if definition.on_demand.is_none() {
            let region = self.region;
            let title = format!("no price for `{}` in {region}", definition.name);
            let with_price = types.regions_with_price(&definition.name);
            let finding = diagnostics.error(type_node.place, title);
            if !types.is_region(region) {
                let near = types.nearest_region(region);
                finding.help(match near {
                    Some(near) => {
                        format!("`{region}` is no region with prices: did you mean `{near}`?")
                    }
                    None => format!("`{region}` is no region with prices"),
                });
            }
            if !with_price.is_empty() {
                finding.help(format!("there is one in {}", read::short_list(&with_price)));
            }
            finding.help("give the price of this entry with `onDemandUsdPerHour`");
        }
        definition.on_demand
    }
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

fn read_system<'n>(fields: &Fields<'n>, diagnostics: &mut Diagnostics) -> &'n str {
    let choices = OPERATING_SYSTEM_FAMILIES.map(|name| (name, name));
    fields
        .get("operatingSystemFamily")
        .and_then(|node| read::one_of(node, "operatingSystemFamily", &choices, diagnostics))
        .unwrap_or(LINUX)
}

/// A Windows instance registers all its memory but for 1 MiB; ECS's example is m4.large.
fn read_memory(
    fields: &Fields<'_>,
    found: &Found,
    system: &str,
    types: &InstanceTypes,
    diagnostics: &mut Diagnostics,
) -> Option<MemoryMib> {
    if let Some(node) = fields.get("registeredMemory") {
        if let Some(place) = fields.key_place("reservedMemory") {
            diagnostics
                .error(place, "`reservedMemory` beside `registeredMemory`")
                .help("the registered memory is what is left after the reserved: remove one");
        }
        let memory = read::memory(node, diagnostics)?;
        return positive(memory.0, Some(node), diagnostics).map(MemoryMib);
    }
    let definition = &types.used[index(found.id.0)];
    let before = if system == LINUX || found.own {
        definition.registered_memory.0
    } else {
        windows_registered(definition.nominal_memory).0
    };
    let Some(node) = fields.get("reservedMemory") else {
        return Some(MemoryMib(before));
    };
    let reserved = read::memory(node, diagnostics)?;
    let left = before.checked_sub(reserved.0).filter(|left| *left > 0);
    if left.is_none() {
        diagnostics
            .error(node.place, format!("{reserved} reserved of {before} MiB"))
            .label(format!(
                "`{}` would have no memory left for tasks",
                definition.name
            ));
    }
    left.map(MemoryMib)
}

fn read_ports(fields: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) -> Vec<u16> {
    let mut ports: Vec<u16> = read::items_of(fields, key, diagnostics)
        .iter()
        .filter_map(|node| read::number(node, 1..=65_535, diagnostics))
        .filter_map(|port| u16::try_from(port).ok())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn check_port_count(
    fields: &Fields<'_>,
    system: &str,
    tcp: &[u16],
    udp: &[u16],
    diagnostics: &mut Diagnostics,
) {
    let defaults: &[u16] = if system == LINUX {
        &LINUX_RESERVED_TCP
    } else {
        &WINDOWS_RESERVED_TCP
    };
    let more = tcp.iter().filter(|port| !defaults.contains(port)).count() + udp.len();
    let total = defaults.len() + more;
    if total > MAX_RESERVED_PORTS {
        let key = if tcp.is_empty() {
            "reservedPortsUdp"
        } else {
            "reservedPorts"
        };
        let place = fields.key_place(key).unwrap_or(fields.place);
        diagnostics
            .error(
                place,
                format!(
                    "{total} reserved host ports, ECS's {} included",
                    defaults.len()
                ),
            )
            .label(format!("expected at most {MAX_RESERVED_PORTS} in all"));
    }
}

fn read_agent_version(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> String {
    let Some(node) = fields.get("agentVersion") else {
        return AGENT_VERSION.to_owned();
    };
    let expected = "a version such as `1.95.0`";
    let Some(text) = read::text(node, expected, diagnostics) else {
        return AGENT_VERSION.to_owned();
    };
    let is_part = |part: &str| {
        (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if text.split('.').count() > 4 || !text.split('.').all(is_part) {
        diagnostics
            .error(
                node.place,
                format!("`{text}` is not a version of the agent"),
            )
            .label(format!("expected {expected}"));
    }
    text.to_owned()
}
