//! Memory that a container instance registers with ECS.
//!
//! The agent registers the operating system's MemTotal in whole MiB, less `ECS_RESERVED_MEMORY`.
//! MemTotal is below the nominal size by what the hypervisor and the kernel keep. A figure that was
//! observed wins; otherwise a formula that fits the observations of its hypervisor. The caller
//! subtracts `ECS_RESERVED_MEMORY`.

use std::collections::BTreeMap;

use crate::units::MemoryMib;

use super::Hypervisor;

/// Memory seen on running instances, by instance type.
#[derive(Debug, Clone, Default)]
pub struct Observations(BTreeMap<String, MemoryMib>);

/// How far a figure can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Read off an instance.
    Observed,
    /// Looks chosen rather than read: kept for the record, never used.
    SuspectRounded,
}

impl Observations {
    /// Adds a figure. Of two for one type the lower is kept, so that a task which fits the
    /// simulated instance fits the real one; a suspect figure is left out.
    pub fn add(&mut self, instance_type: &str, registered: MemoryMib, quality: Quality) {
        if quality == Quality::SuspectRounded {
            return;
        }
        self.0
            .entry(instance_type.to_owned())
            .and_modify(|kept| *kept = registered.min(*kept))
            .or_insert(registered);
    }

    /// What an instance of this type was seen to register.
    pub fn get(&self, instance_type: &str) -> Option<MemoryMib> {
        self.0.get(instance_type).copied()
    }
}

/// Memory that a Linux instance registers without an observation: the Xen formula for Xen types,
/// the Nitro rule for all others, bare metal included.
pub fn linux_registered(nominal: MemoryMib, vcpus: u32, hypervisor: Hypervisor) -> MemoryMib {
    match hypervisor {
        Hypervisor::Xen => xen_registered(nominal, vcpus),
        Hypervisor::Nitro | Hypervisor::None => nitro_registered(nominal),
    }
}

/// Xen types: nominal less a 64th, less 15 MiB below 4 GiB, 80 MiB from 4 GiB, 95 MiB from 4 GiB
/// with 16 vCPUs or more. It meets the community's figures of t2, m3, m4, c4 and r4 exactly.
pub fn xen_registered(nominal: MemoryMib, vcpus: u32) -> MemoryMib {
    let kept = match (nominal.0, vcpus) {
        (..4_096, _) => 15,
        (_, ..16) => 80,
        _ => 95,
    };
    MemoryMib((nominal.0 - nominal.0 / 64).saturating_sub(kept))
}

/// Nitro types: 15/16 of nominal up to 16 GiB, 95.5 % above, rounded down. An estimate: AWS
/// publishes no rule, and images differ by about one part in a hundred.
pub fn nitro_registered(nominal: MemoryMib) -> MemoryMib {
    let mib = u64::from(nominal.0);
    let registered = if mib <= 16_384 {
        mib * 15 / 16
    } else {
        mib * 955 / 1_000
    };
    MemoryMib(u32::try_from(registered).expect("a part of a u32 is a u32"))
}

/// Windows instances: 1 MiB below nominal, as in the ECS Developer Guide's example of m4.large.
pub fn windows_registered(nominal: MemoryMib) -> MemoryMib {
    MemoryMib(nominal.0.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::{
        Observations, Quality, linux_registered, nitro_registered, windows_registered,
        xen_registered,
    };
    use crate::catalog::{Catalog, Hypervisor};
    use crate::units::MemoryMib;

    #[test]
    fn the_xen_formula_meets_the_observed_values() {
        // name, nominal MiB, vCPUs, observed MiB
        let cases = [
            ("t2.micro", 1_024, 1, 993),
            ("t2.small", 2_048, 1, 2_001),
            ("t2.medium", 4_096, 2, 3_952),
            ("t2.large", 8_192, 2, 7_984),
            ("t2.xlarge", 16_384, 4, 16_048),
            ("t2.2xlarge", 32_768, 8, 32_176),
            ("m3.medium", 3_840, 1, 3_765),
            ("m4.xlarge", 16_384, 4, 16_048),
            ("m4.2xlarge", 32_768, 8, 32_176),
            ("m4.4xlarge", 65_536, 16, 64_417),
            ("c4.xlarge", 7_680, 4, 7_480),
            ("c4.2xlarge", 15_360, 8, 15_040),
            ("c4.4xlarge", 30_720, 16, 30_145),
            ("c4.8xlarge", 61_440, 36, 60_385),
            ("r4.large", 15_616, 2, 15_292),
            ("r4.xlarge", 31_232, 4, 30_664),
        ];
        for (name, nominal, vcpus, observed) in cases {
            let registered = linux_registered(MemoryMib(nominal), vcpus, Hypervisor::Xen);
            assert_eq!(registered, MemoryMib(observed), "{name}");
        }
    }

    #[test]
    fn nitro_keeps_a_sixteenth_up_to_16_gib_and_less_above() {
        // m5.large 8192 * 15/16; 16 GiB is the last of the first kind; 32768 * 0.955 = 31293.44.
        let cases = [
            (8_192, 7_680),
            (16_384, 15_360),
            (32_768, 31_293),
            (147_456, 140_820),
        ];
        for (nominal, registered) in cases {
            assert_eq!(
                nitro_registered(MemoryMib(nominal)),
                MemoryMib(registered),
                "{nominal}"
            );
        }
        let metal = linux_registered(MemoryMib(32_768), 96, Hypervisor::None);
        assert_eq!(metal, MemoryMib(31_293));
    }

    #[test]
    fn no_size_is_out_of_range() {
        for nominal in [0, 1, 15, 16, u32::MAX] {
            let nominal = MemoryMib(nominal);
            for registered in [
                xen_registered(nominal, 1),
                nitro_registered(nominal),
                windows_registered(nominal),
            ] {
                assert!(registered <= nominal);
            }
        }
    }

    /// G1: m4.large registers 7985 MiB on Linux; G2: 256 reserved leave 7729; G3: 8191 on Windows.
    #[test]
    fn the_guides_m4_large() {
        let catalog = Catalog::builtin();
        let m4 = catalog.instance_type("m4.large").unwrap();
        assert_eq!(m4.registered_memory, MemoryMib(7_985));
        assert_eq!(m4.registered_memory.0 - 256, 7_729);
        assert_eq!(m4.cpu().0, 2_048);
        assert_eq!(windows_registered(m4.nominal_memory), MemoryMib(8_191));
    }

    #[test]
    fn an_observation_wins_over_the_formula() {
        let catalog = Catalog::builtin();
        let registered = |name: &str| catalog.instance_type(name).unwrap().registered_memory.0;
        assert_eq!(registered("c5.2xlarge"), 15_463);
        assert_eq!(registered("c5.18xlarge"), 140_768);
        assert_eq!(registered("t2.large"), 7_975, "the formula says 7984");
        assert_eq!(registered("c4.4xlarge"), 30_145, "the lower of two");
        assert_eq!(registered("t3.medium"), 3_828, "the lower of two");
        assert_eq!(registered("t2.small"), 2_001, "1800 is suspect");
        assert_eq!(registered("m5.large"), 7_680, "suspect: the Nitro rule");
        assert_eq!(registered("m6i.2xlarge"), 31_293, "none: the Nitro rule");
        assert_eq!(registered("r3.large"), 15_040, "none: the Xen formula");
    }

    #[test]
    fn the_lower_observation_counts_and_a_suspect_one_does_not() {
        let mut seen = Observations::default();
        seen.add("a", MemoryMib(3_884), Quality::Observed);
        seen.add("a", MemoryMib(3_828), Quality::Observed);
        seen.add("a", MemoryMib(3_900), Quality::Observed);
        seen.add("b", MemoryMib(1_800), Quality::SuspectRounded);
        assert_eq!(seen.get("a"), Some(MemoryMib(3_828)));
        assert_eq!(seen.get("b"), None);
    }
}
