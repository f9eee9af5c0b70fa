//! `instanceRequirements`: which instance types ECS may launch.

use std::collections::BTreeMap;

use regex::Regex;

use crate::catalog::{CatalogEntry, Hypervisor};
use crate::scenario::GroupType;
use crate::scenario::check::instance_types::InstanceTypes;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{HourlyRate, index};

const KEYS: [&str; 8] = [
    "vCpuCount",
    "memoryMiB",
    "cpuManufacturers",
    "allowedInstanceTypes",
    "excludedInstanceTypes",
    "burstablePerformance",
    "bareMetal",
    "acceleratorCount",
];
/// What the API knows and the catalog does not tell.
const NOT_KNOWN: [&str; 15] = [
    "acceleratorManufacturers",
    "acceleratorNames",
    "acceleratorTotalMemoryMiB",
    "acceleratorTypes",
    "baselineEbsBandwidthMbps",
    "instanceGenerations",
    "localStorage",
    "localStorageTypes",
    "maxSpotPriceAsPercentageOfOptimalOnDemandPrice",
    "memoryGiBPerVCpu",
    "networkBandwidthGbps",
    "networkInterfaceCount",
    "onDemandMaxPricePercentageOverLowestPrice",
    "spotMaxPricePercentageOverLowestPrice",
    "totalLocalStorageGB",
];
/// Has no bearing on a run.
const ACCEPTED: [&str; 1] = ["requireHibernateSupport"];

/// `included`, `excluded` or `required`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inclusion {
    Included,
    Excluded,
    Required,
}

/// A lowest and a highest number.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    min: u32,
    max: u32,
}

const ANY: Bounds = Bounds {
    min: 0,
    max: u32::MAX,
};

/// What the types must be like.
pub(super) struct Requirements {
    /// General-purpose types on Nitro, where nothing is required.
    are_general: bool,
    vcpus: Bounds,
    memory: Bounds,
    accelerators: Bounds,
    manufacturers: Vec<&'static str>,
    /// Names that may be; empty is any.
    allowed: Vec<Regex>,
    excluded: Vec<Regex>,
    burstable: Inclusion,
    bare_metal: Inclusion,
}

impl Requirements {
    pub(super) fn read(
        node: Option<&Node>,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let before = diagnostics.len();
        let fields = match node {
            Some(node) => {
                let accepted = [&NOT_KNOWN[..], &ACCEPTED].concat();
                read::fields_beside(node, &KEYS, &accepted, diagnostics)?
            }
            None => Fields::none(place),
        };
        for key in NOT_KNOWN {
            if let Some(place) = fields.key_place(key) {
                diagnostics
                    .error(place, format!("`{key}` is not simulated"))
                    .help(
                        "name the types that meet it: `allowedInstanceTypes: [m6i.*, m7g.large]`",
                    );
            }
        }
        let mut inclusion = |key: &str| {
            let choices = [
                ("included", Inclusion::Included),
                ("excluded", Inclusion::Excluded),
                ("required", Inclusion::Required),
            ];
            let node = fields.get(key);
            node.map_or(Some(Inclusion::Excluded), |node| {
                read::one_of(node, key, &choices, diagnostics)
            })
        };
        let (burstable, bare_metal) = (inclusion("burstablePerformance"), inclusion("bareMetal"));
        let requirements = Self {
            are_general: node.is_none(),
            vcpus: bounds(&fields, "vCpuCount", diagnostics),
            memory: bounds(&fields, "memoryMiB", diagnostics),
            accelerators: bounds(&fields, "acceleratorCount", diagnostics),
            manufacturers: manufacturers(&fields, diagnostics),
            allowed: patterns(&fields, "allowedInstanceTypes", diagnostics),
            excluded: patterns(&fields, "excludedInstanceTypes", diagnostics),
            burstable: burstable.unwrap_or(Inclusion::Excluded),
            bare_metal: bare_metal.unwrap_or(Inclusion::Excluded),
        };
        let both = [&requirements.allowed, &requirements.excluded];
        if let (true, Some(place)) = (
            both.iter().all(|list| !list.is_empty()),
            fields.key_place("excludedInstanceTypes"),
        ) {
            diagnostics
                .error(
                    place,
                    "`excludedInstanceTypes` beside `allowedInstanceTypes`",
                )
                .help("EC2 takes one of them: remove the other");
        }
        (diagnostics.len() == before).then_some(requirements)
    }

    /// The types, cheapest first. Of types alike in architecture, vCPUs, memory and GPUs the
    /// cheapest stands for all, unless they are named.
    pub(super) fn select(
        &self,
        place: Place,
        types: &mut InstanceTypes,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<GroupType>> {
        let mut chosen: Vec<(HourlyRate, String)> = Vec::new();
        let mut alike: BTreeMap<_, (HourlyRate, String)> = BTreeMap::new();
        for (entry, price) in types.priced_entries() {
            if !self.meets(entry) {
                continue;
            }
            let this = (price, entry.name.clone());
            if !self.allowed.is_empty() {
                chosen.push(this);
                continue;
            }
            let arm = entry.architecture == crate::model::CpuArchitecture::Arm64;
            let shape = (arm, entry.vcpus, entry.nominal_memory, entry.gpus);
            let best = alike.entry(shape).or_insert_with(|| this.clone());
            if this < *best {
                *best = this;
            }
        }
        chosen.extend(alike.into_values());
        chosen.extend(types.own_prices().filter(|(_, name)| self.names(name)));
        chosen.sort();
        chosen.dedup();
        if chosen.is_empty() {
            let finding = diagnostics.error(place, "no instance type meets the requirements");
            finding.label(format!("of the types with a price in {}", types.region()));
            finding.help("`ecs-sim catalog` lists the types");
            return None;
        }
        let found = chosen.into_iter().filter_map(|(on_demand, name)| {
            let instance_type = types.use_named(&name)?.id;
            let definition = &types.used[index(instance_type.0)];
            Some(GroupType {
                instance_type,
                on_demand,
                registered_memory: definition.registered_memory,
            })
        });
        Some(found.collect())
    }

    fn meets(&self, entry: &CatalogEntry) -> bool {
        let family = entry.family();
        let is_general = family.starts_with('m') && entry.hypervisor == Hypervisor::Nitro;
        let inside = |bounds: Bounds, amount: u32| (bounds.min..=bounds.max).contains(&amount);
        let as_wanted = |inclusion: Inclusion, is: bool| match inclusion {
            Inclusion::Included => true,
            Inclusion::Excluded => !is,
            Inclusion::Required => is,
        };
        let is_named = self.names(&entry.name);
        let is_excluded = self.excluded.iter().any(|it| it.is_match(&entry.name));
        (!self.are_general || is_general)
            && (self.allowed.is_empty() || is_named)
            && !is_excluded
            && inside(self.vcpus, entry.vcpus)
            && inside(self.memory, entry.nominal_memory.0)
            && inside(self.accelerators, entry.gpus)
            && (self.manufacturers.is_empty() || self.manufacturers.contains(&maker(family)))
            && as_wanted(self.burstable, entry.burstable)
            && as_wanted(self.bare_metal, entry.bare_metal)
    }

    /// Whether a type is among those that are named.
    fn names(&self, name: &str) -> bool {
        self.allowed.iter().any(|pattern| pattern.is_match(name))
    }
}

/// Whose processors a family has, by the letters after its generation: `g` is Graviton, `a` AMD.
fn maker(family: &str) -> &'static str {
    let kind = family.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let options = kind.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if options.starts_with('g') || family == "a1" {
        "amazon-web-services"
    } else if options.starts_with('a') {
        "amd"
    } else {
        "intel"
    }
}

fn bounds(fields: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) -> Bounds {
    let Some(node) = fields.get(key) else {
        return ANY;
    };
    let Some(own) = read::fields_like(node, &["min", "max"], "min: 2, max: 8", diagnostics) else {
        return ANY;
    };
    let mut number = |key: &str| {
        let node = own.get(key)?;
        read::number_u32(node, 0..=u32::MAX, diagnostics)
    };
    let bounds = Bounds {
        min: number("min").unwrap_or(0),
        max: number("max").unwrap_or(u32::MAX),
    };
    if bounds.min > bounds.max {
        let title = format!("`min` ({}) is above `max` ({})", bounds.min, bounds.max);
        diagnostics.error(node.place, title);
    }
    bounds
}

fn manufacturers(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<&'static str> {
    let choices = ["intel", "amd", "amazon-web-services"].map(|name| (name, name));
    read::items_of(fields, "cpuManufacturers", diagnostics)
        .iter()
        .filter_map(|item| read::one_of(item, "cpuManufacturers", &choices, diagnostics))
        .collect()
}

/// Names in which `*` stands for anything.
fn patterns(fields: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) -> Vec<Regex> {
    let items = read::items_of(fields, key, diagnostics);
    let pattern = |item: &Node, diagnostics: &mut Diagnostics| {
        let name = read::name(
            item,
            "an instance type, such as m5.* or m7g.large",
            diagnostics,
        )?;
        let anything = regex::escape(name).replace(r"\*", ".*");
        Regex::new(&format!("^{anything}$")).ok()
    };
    items
        .iter()
        .filter_map(|item| pattern(item, diagnostics))
        .collect()
}
