//! Port mappings: which host ports a task takes.

use std::collections::BTreeSet;

use crate::model::{LINUX_RESERVED_TCP, NetworkMode, Ports, WINDOWS_RESERVED_TCP};

use super::platform::Platform;
use super::reader::{Findings, Node};

/// The most port ranges of one container.
const MAX_RANGES: usize = 100;

/// What has been mapped so far.
struct Mapped<'a> {
    platform: &'a Platform<'a>,
    tcp: BTreeSet<u16>,
    udp: BTreeSet<u16>,
    dynamic: u32,
}

/// Reads and checks the port mappings of all containers.
pub(super) fn read(root: &Node<'_>, platform: &Platform<'_>, findings: &mut Findings) -> Ports {
    let mut mapped = Mapped {
        platform,
        tcp: BTreeSet::new(),
        udp: BTreeSet::new(),
        dynamic: 0,
    };
    for container in root.list("containerDefinitions") {
        let mappings = container.list("portMappings");
        let path = container.path_of("portMappings");
        if platform.network_mode == NetworkMode::None && !mappings.is_empty() {
            findings.error(&path, "in the network mode `none` no port can be mapped");
            continue;
        }
        let ranges = mappings
            .iter()
            .filter(|m| m.get("containerPortRange").is_some())
            .count();
        if ranges > MAX_RANGES {
            findings.error(
                &path,
                format!("{ranges} port ranges, ECS takes {MAX_RANGES}"),
            );
        }
        for mapping in mappings {
            mapped.add(&mapping, findings);
        }
    }
    Ports {
        tcp: mapped.tcp.into_iter().collect(),
        udp: mapped.udp.into_iter().collect(),
        dynamic: mapped.dynamic,
    }
}

impl Mapped<'_> {
    fn add(&mut self, mapping: &Node<'_>, findings: &mut Findings) {
        let udp = is_udp(mapping, findings);
        let port = mapping.get("containerPort");
        match (port, mapping.get("containerPortRange")) {
            (None, None) => {
                findings.error(&mapping.path, "a port mapping needs a `containerPort`");
            }
            (Some(_), Some(range)) => {
                let message = "`containerPort` and `containerPortRange` exclude each other";
                findings.error(range.path, message);
            }
            (None, Some(range)) => self.add_range(mapping, &range, findings),
            (Some(_), None) => self.add_port(mapping, udp, findings),
        }
    }

    fn add_port(&mut self, mapping: &Node<'_>, udp: bool, findings: &mut Findings) {
        let container_port = port(mapping, "containerPort", findings);
        let host_port = port(mapping, "hostPort", findings).unwrap_or(0);
        let mode = self.platform.network_mode;
        if matches!(mode, NetworkMode::Host | NetworkMode::Awsvpc)
            && host_port != 0
            && container_port.is_some_and(|container_port| container_port != host_port)
        {
            let name = if mode == NetworkMode::Host {
                "host"
            } else {
                "awsvpc"
            };
            findings.error_with_hint(
                mapping.path_of("hostPort"),
                format!("in the network mode `{name}` a host port equals its container port"),
                "leave out `hostPort`",
            );
            return;
        }
        match (mode, container_port, host_port) {
            (NetworkMode::Host, Some(port), _) if port != 0 => {
                self.take(port, udp, &mapping.path_of("containerPort"), findings);
            }
            (NetworkMode::Bridge | NetworkMode::Default, Some(_), 0) => {
                self.dynamic = self.dynamic.saturating_add(1);
            }
            (NetworkMode::Bridge | NetworkMode::Default, Some(_), port) => {
                self.take(port, udp, &mapping.path_of("hostPort"), findings);
            }
            _ => {}
        }
    }

    fn take(&mut self, port: u16, udp: bool, path: &str, findings: &mut Findings) {
        let (protocol, taken) = if udp {
            ("UDP", &mut self.udp)
        } else {
            ("TCP", &mut self.tcp)
        };
        if !taken.insert(port) {
            findings.error(path, format!("host port {port}/{protocol} is mapped twice"));
        }
        // G11
        let (system, reserved) = if self.platform.windows {
            ("Windows", WINDOWS_RESERVED_TCP.as_slice())
        } else {
            ("Linux", LINUX_RESERVED_TCP.as_slice())
        };
        if !udp && reserved.contains(&port) {
            let message =
                format!("host port {port} is reserved on {system} instances: never placed there");
            findings.warning(path, message);
        }
    }

    fn add_range(&mut self, mapping: &Node<'_>, range: &Node<'_>, findings: &mut Findings) {
        if mapping.get("hostPort").is_some() {
            let message = "the host ports of a `containerPortRange` are assigned by the agent";
            findings.error_with_hint(mapping.path_of("hostPort"), message, "leave out `hostPort`");
        }
        let mode = self.platform.network_mode;
        if !matches!(mode, NetworkMode::Bridge | NetworkMode::Awsvpc) {
            let message = "port ranges need the network mode `bridge` or `awsvpc`";
            findings.error(&range.path, message);
        }
        let Some(text) = range.value.as_str() else {
            return;
        };
        let ends = text.split_once('-').and_then(|(first, last)| {
            let first: u16 = first.parse().ok()?;
            let last: u16 = last.parse().ok()?;
            (1..=last).contains(&first).then(|| last - first)
        });
        match ends {
            None => findings.error_with_hint(
                &range.path,
                format!("`{text}` is not a range of ports"),
                "for example: 8000-8010",
            ),
            Some(distance) if mode == NetworkMode::Bridge => {
                self.dynamic = self.dynamic.saturating_add(u32::from(distance) + 1);
            }
            Some(_) => {}
        }
    }
}

fn port(mapping: &Node<'_>, key: &str, findings: &mut Findings) -> Option<u16> {
    let number = mapping.whole(key)?;
    let port = u16::try_from(number).ok();
    if port.is_none() {
        findings.error(
            mapping.path_of(key),
            format!("port {number} is not between 0 and 65535"),
        );
    }
    port
}

/// `tcp` unless `udp` is written; other text counts as `tcp`, as ECS has it.
fn is_udp(mapping: &Node<'_>, findings: &mut Findings) -> bool {
    match mapping.text("protocol") {
        None | Some("tcp") => false,
        Some("udp") => true,
        Some(other) => {
            let message = format!("unknown protocol `{other}` counts as `tcp`");
            findings.warning(mapping.path_of("protocol"), message);
            false
        }
    }
}
