//! Host ports of one container instance: the static ones as sets, TCP and UDP apart, and the
//! dynamic range.

use super::task_definition::Ports;

/// TCP ports that every Linux instance keeps for itself: SSH, Docker, the agent.
pub const LINUX_RESERVED_TCP: [u16; 5] = [22, 2375, 2376, 51678, 51679];
/// TCP ports that every Windows instance keeps for itself.
pub const WINDOWS_RESERVED_TCP: [u16; 11] = [
    53, 135, 139, 445, 2375, 2376, 3389, 5985, 5986, 51678, 51679,
];
/// The most reserved host ports of an instance, the defaults included; dynamic ones do not count.
pub const MAX_RESERVED_PORTS: usize = 100;
/// Where dynamic host ports come from: Linux' usual local port range.
const DYNAMIC_RANGE: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// Why ports cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortConflict {
    /// A static TCP port is taken.
    Tcp(u16),
    /// A static UDP port is taken.
    Udp(u16),
    /// The instance would hold more than [`MAX_RESERVED_PORTS`].
    TooMany,
    /// The dynamic range is used up.
    DynamicRangeFull,
}

/// Host ports in use on an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortTable {
    reserved_tcp: Vec<u16>,
    reserved_udp: Vec<u16>,
    tcp: Vec<u16>,
    udp: Vec<u16>,
    dynamic: Vec<u16>,
}

impl PortTable {
    /// A table in which only the reserved ports are taken.
    pub fn with_reserved(tcp: &[u16], udp: &[u16]) -> Self {
        let sorted = |ports: &[u16]| {
            let mut ports = ports.to_vec();
            ports.sort_unstable();
            ports.dedup();
            ports
        };
        Self {
            reserved_tcp: sorted(tcp),
            reserved_udp: sorted(udp),
            ..Self::default()
        }
    }

    /// The table of the same instance when no task is on it.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self {
            reserved_tcp: self.reserved_tcp.clone(),
            reserved_udp: self.reserved_udp.clone(),
            ..Self::default()
        }
    }

    /// The first conflict that keeps the wanted ports from being taken here.
    ///
    /// A dynamic port is never a static one that is taken already.
    pub fn conflict(&self, wanted: &Ports) -> Option<PortConflict> {
        if *wanted == Ports::default() {
            return None;
        }
        if let Some(port) = wanted.tcp.iter().find(|port| self.takes_tcp(**port)) {
            return Some(PortConflict::Tcp(*port));
        }
        if let Some(port) = wanted.udp.iter().find(|port| self.takes_udp(**port)) {
            return Some(PortConflict::Udp(*port));
        }
        let asked = wanted.tcp.len() + wanted.udp.len();
        if asked > 0 && asked + self.static_ports() > MAX_RESERVED_PORTS {
            return Some(PortConflict::TooMany);
        }
        let left = self
            .free_dynamic(wanted)
            .take(crate::units::index(wanted.dynamic))
            .count();
        (left < crate::units::index(wanted.dynamic)).then_some(PortConflict::DynamicRangeFull)
    }

    /// Takes the wanted ports and returns the dynamic ones that were assigned: the lowest free.
    ///
    /// # Panics
    /// When there is a conflict: the caller has asked [`Self::conflict`] before.
    pub(super) fn take(&mut self, wanted: &Ports) -> Vec<u16> {
        if *wanted == Ports::default() {
            return Vec::new();
        }
        assert_eq!(
            self.conflict(wanted),
            None,
            "ports were checked before they are taken"
        );
        for (used, ports) in [(&mut self.tcp, &wanted.tcp), (&mut self.udp, &wanted.udp)] {
            used.extend_from_slice(ports);
            used.sort_unstable();
        }
        let assigned: Vec<u16> = self
            .free_dynamic(wanted)
            .take(crate::units::index(wanted.dynamic))
            .collect();
        if !assigned.is_empty() {
            self.dynamic.extend_from_slice(&assigned);
            self.dynamic.sort_unstable();
        }
        assigned
    }

    /// Gives a task's ports back.
    pub(super) fn release(&mut self, ports: &Ports, assigned: &[u16]) {
        if !ports.tcp.is_empty() {
            self.tcp
                .retain(|port| ports.tcp.binary_search(port).is_err());
        }
        if !ports.udp.is_empty() {
            self.udp
                .retain(|port| ports.udp.binary_search(port).is_err());
        }
        if !assigned.is_empty() {
            self.dynamic.retain(|port| !assigned.contains(port));
        }
    }

    fn static_ports(&self) -> usize {
        self.reserved_tcp.len() + self.reserved_udp.len() + self.tcp.len() + self.udp.len()
    }

    fn takes_tcp(&self, port: u16) -> bool {
        [&self.reserved_tcp, &self.tcp, &self.dynamic]
            .into_iter()
            .any(|ports| ports.binary_search(&port).is_ok())
    }

    fn takes_udp(&self, port: u16) -> bool {
        [&self.reserved_udp, &self.udp, &self.dynamic]
            .into_iter()
            .any(|ports| ports.binary_search(&port).is_ok())
    }

    fn free_dynamic<'a>(&'a self, wanted: &'a Ports) -> impl Iterator<Item = u16> + 'a {
        DYNAMIC_RANGE.filter(|port| {
            !self.takes_tcp(*port)
                && !self.takes_udp(*port)
                && !wanted.tcp.contains(port)
                && !wanted.udp.contains(port)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{DYNAMIC_RANGE, LINUX_RESERVED_TCP, PortConflict, PortTable, Ports};

    fn ports(tcp: &[u16], udp: &[u16], dynamic: u32) -> Ports {
        Ports {
            tcp: tcp.to_vec(),
            udp: udp.to_vec(),
            dynamic,
        }
    }

    #[test]
    fn a_static_port_is_taken_once_and_comes_back() {
        // G9: two copies with host port 80 do not share an instance.
        let mut table = PortTable::with_reserved(&LINUX_RESERVED_TCP, &[]);
        let web = ports(&[80], &[], 0);
        assert!(table.take(&web).is_empty());
        assert_eq!(table.conflict(&web), Some(PortConflict::Tcp(80)));
        table.release(&web, &[]);
        assert_eq!(table.conflict(&web), None);
    }

    #[test]
    fn reserved_ports_are_never_free() {
        // G11.
        let table = PortTable::with_reserved(&LINUX_RESERVED_TCP, &[]);
        for port in [22, 51_678] {
            assert_eq!(
                table.conflict(&ports(&[port], &[], 0)),
                Some(PortConflict::Tcp(port))
            );
        }
    }

    #[test]
    fn tcp_and_udp_are_separate_sets() {
        // G12.
        let mut table = PortTable::with_reserved(&LINUX_RESERVED_TCP, &[]);
        table.take(&ports(&[53], &[], 0));
        assert_eq!(table.conflict(&ports(&[], &[53], 0)), None);
    }

    #[test]
    fn dynamic_ports_are_distinct() {
        // G10.
        let mut table = PortTable::with_reserved(&LINUX_RESERVED_TCP, &[]);
        let first = table.take(&ports(&[], &[], 1));
        let second = table.take(&ports(&[], &[], 2));
        assert_eq!((first, second), (vec![32_768], vec![32_769, 32_770]));
    }

    #[test]
    fn no_more_than_a_hundred_reserved_ports() {
        let mut table = PortTable::with_reserved(&LINUX_RESERVED_TCP, &[]);
        let many: Vec<u16> = (1_000..1_095).collect();
        table.take(&ports(&many, &[], 0));
        assert_eq!(
            table.conflict(&ports(&[80], &[], 0)),
            Some(PortConflict::TooMany)
        );
        assert_eq!(table.conflict(&ports(&[], &[], 1)), None);
    }

    #[test]
    fn the_dynamic_range_ends() {
        let mut table = PortTable::default();
        let all = u32::try_from(DYNAMIC_RANGE.len()).unwrap();
        table.take(&ports(&[], &[], all));
        assert_eq!(
            table.conflict(&ports(&[], &[], 1)),
            Some(PortConflict::DynamicRangeFull)
        );
    }
}
