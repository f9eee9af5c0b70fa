//! How container instances are set up, and what they register and cost: of an entry of
//! `containerInstances`, or of a launch template.

use crate::catalog::registered_memory::windows_registered;
use crate::model::{LINUX_RESERVED_TCP, MAX_RESERVED_PORTS, WINDOWS_RESERVED_TCP};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::InstanceSettings;
use crate::units::{HourlyRate, MemoryMib, index};

use super::instance_attributes::{read_attributes, read_without_attributes};
use super::instance_types::{Found, InstanceTypes, positive};

/// The keys that are read here.
pub(super) const KEYS: [&str; 9] = [
    "attributes",
    "withoutAttributes",
    "registeredMemory",
    "reservedMemory",
    "reservedPorts",
    "reservedPortsUdp",
    "operatingSystemFamily",
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

/// The settings, of an instance whose agent is connected.
pub(super) fn read_settings(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> InstanceSettings {
    let system = read_system(fields, diagnostics);
    let reserved_tcp_ports = read_ports(fields, "reservedPorts", diagnostics);
    let reserved_udp_ports = read_ports(fields, "reservedPortsUdp", diagnostics);
    check_port_count(
        fields,
        system,
        &reserved_tcp_ports,
        &reserved_udp_ports,
        diagnostics,
    );
    InstanceSettings {
        attributes: read_attributes(fields, diagnostics),
        without_attributes: read_without_attributes(fields, diagnostics),
        operating_system_family: system.to_owned(),
        agent_connected: true,
        agent_version: read_agent_version(fields, diagnostics),
        reserved_tcp_ports,
        reserved_udp_ports,
    }
}

/// What an instance-hour costs: the entry's own price, else the type's in the region.
pub(super) fn read_price(
    fields: &Fields<'_>,
    type_node: &Node,
    found: &Found,
    system: &str,
    types: &InstanceTypes,
    diagnostics: &mut Diagnostics,
) -> Option<HourlyRate> {
    match fields.get("onDemandUsdPerHour") {
        Some(node) => read::rate(node, diagnostics),
        None => list_price(found, type_node, system, types, diagnostics),
    }
}

/// The type's price in the region. The catalog's prices are those of Linux.
fn list_price(
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
        let region = types.region();
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

fn read_system<'n>(fields: &Fields<'n>, diagnostics: &mut Diagnostics) -> &'n str {
    let choices = OPERATING_SYSTEM_FAMILIES.map(|name| (name, name));
    fields
        .get("operatingSystemFamily")
        .and_then(|node| read::one_of(node, "operatingSystemFamily", &choices, diagnostics))
        .unwrap_or(LINUX)
}

/// The memory that an instance registers. On Windows that is all but 1 MiB; ECS's example is
/// m4.large.
pub(super) fn read_memory(
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
