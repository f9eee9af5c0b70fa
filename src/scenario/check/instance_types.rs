//! `instanceTypes`, the user's own, and the lookup of every type that the fleet names.

use crate::catalog::{Catalog, CatalogEntry, SpotFigures};
use crate::model::{CpuArchitecture, InstanceType, InstanceTypeId};
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{CpuUnits, HourlyRate, MemoryMib, id, nearest};

const KEYS: [&str; 7] = [
    "instanceType",
    "cpu",
    "memory",
    "gpu",
    "architecture",
    "maxEnis",
    "onDemandUsdPerHour",
];
/// More network interfaces than any instance has.
const MOST_ENIS: u32 = 1_000;
/// More GPUs than any instance has.
const MOST_GPUS: u32 = 10_000;

/// A type of the scenario's own.
struct OwnType {
    place: Place,
    definition: InstanceType,
    used: bool,
}

/// The types that a scenario can name, and those that it does.
pub(super) struct InstanceTypes {
    own: Vec<OwnType>,
    /// Names of own types that were reported: entries that name one are not wrong.
    broken: Vec<String>,
    catalog: &'static Catalog,
    region: String,
    /// The types that the fleet uses, in order of first use.
    pub(super) used: Vec<InstanceType>,
}

/// A type that was found.
pub(super) struct Found {
    pub(super) id: InstanceTypeId,
    /// The user's own: its memory is what an instance registers, whatever its system.
    pub(super) own: bool,
}

impl InstanceTypes {
    pub(super) fn read(fields: &Fields<'_>, region: &str, diagnostics: &mut Diagnostics) -> Self {
        let mut types = Self {
            own: Vec::new(),
            broken: Vec::new(),
            catalog: Catalog::shared(),
            region: region.to_owned(),
            used: Vec::new(),
        };
        for item in read::items_of(fields, "instanceTypes", diagnostics) {
            if let Some(own) = read_own(item, diagnostics) {
                types.add_own(own, diagnostics);
            } else {
                let name = item.get("instanceType").and_then(Node::text);
                types.broken.extend(name.map(str::to_owned));
            }
        }
        types
    }

    fn add_own(&mut self, own: OwnType, diagnostics: &mut Diagnostics) {
        let name = &own.definition.name;
        if self.own.iter().any(|other| other.definition.name == *name) {
            diagnostics.error(
                own.place,
                format!("the instance type `{name}` is given twice"),
            );
            return;
        }
        if self.catalog.instance_type(name).is_some() {
            diagnostics
                .warning(
                    own.place,
                    format!("`{name}` takes the place of the catalog's type"),
                )
                .help("give it another name to have both");
        }
        self.own.push(own);
    }

    /// The type of a name; reports one that there is not.
    pub(super) fn find(&mut self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Found> {
        let name = read::name(node, "an instance type", diagnostics)?;
        let found = self.use_named(name);
        if found.is_none() {
            self.report_unknown(name, node.place, diagnostics);
        }
        found
    }

    /// The type of a name, from now on among those that the fleet uses.
    pub(super) fn use_named(&mut self, name: &str) -> Option<Found> {
        let own = self.own.iter_mut().find(|own| own.definition.name == name);
        let (definition, is_own) = if let Some(own) = own {
            own.used = true;
            (own.definition.clone(), true)
        } else {
            (self.catalog.resolve(name, &self.region)?, false)
        };
        let known = self.used.iter().position(|used| used.name == name);
        let index = known.unwrap_or_else(|| {
            self.used.push(definition);
            self.used.len() - 1
        });
        Some(Found {
            id: InstanceTypeId(id(index)),
            own: is_own,
        })
    }

    /// The catalog's types that have a price in the region, without those whose names are the
    /// scenario's own.
    pub(super) fn priced_entries(
        &self,
    ) -> impl Iterator<Item = (&'static CatalogEntry, HourlyRate)> + '_ {
        self.catalog.entries().iter().filter_map(|entry| {
            let is_own = self.own.iter().any(|own| own.definition.name == entry.name);
            let price = self.catalog.price(&self.region, &entry.name)?;
            (!is_own).then_some((entry, price))
        })
    }

    /// The scenario's own types and their prices.
    pub(super) fn own_prices(&self) -> impl Iterator<Item = (HourlyRate, String)> + '_ {
        let own = self.own.iter().map(|own| &own.definition);
        own.filter_map(|own| Some((own.on_demand?, own.name.clone())))
    }

    /// Whether there is a type of this name, or one that was reported.
    pub(super) fn is_known(&self, name: &str) -> bool {
        let mut own = self.own.iter().map(|own| &own.definition.name);
        own.any(|own| own == name)
            || self.broken.iter().any(|broken| broken == name)
            || self.catalog.instance_type(name).is_some()
    }

    pub(super) fn report_unknown(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) {
        if self.broken.iter().any(|broken| broken == name) {
            return;
        }
        let own = self.own.iter().map(|own| own.definition.name.as_str());
        let near = nearest(name, own.chain(self.catalog.names()));
        let finding = diagnostics.error(place, format!("unknown instance type `{name}`"));
        finding
            .label("neither in the catalog nor in `instanceTypes`")
            .nearest(near);
        if near.is_none() {
            finding.help("`ecs-sim catalog` lists the types; `instanceTypes` adds one's own");
        }
    }

    /// The catalog's Spot figures of a type; an own type has none, whatever its name.
    pub(super) fn spot_figures(&self, name: &str) -> Option<SpotFigures> {
        let is_own = self.own.iter().any(|own| own.definition.name == name);
        let figures = self.catalog.spot(&self.region, name);
        figures.filter(|_| !is_own)
    }

    /// The region of prices.
    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Regions in which the catalog has a price for a type.
    pub(super) fn regions_with_price(&self, name: &str) -> Vec<&str> {
        let catalog = &self.catalog;
        catalog
            .regions()
            .filter(|region| catalog.price(region, name).is_some())
            .collect()
    }

    /// Whether the catalog has prices of a region.
    pub(super) fn is_region(&self, region: &str) -> bool {
        self.catalog.regions().any(|known| known == region)
    }

    /// The region that a misspelt one probably meant.
    pub(super) fn nearest_region(&self, region: &str) -> Option<&str> {
        nearest(region, self.catalog.regions())
    }

    pub(super) fn warn_unused(&self, diagnostics: &mut Diagnostics) {
        for own in self.own.iter().filter(|own| !own.used) {
            let title = format!("the instance type `{}` is not used", own.definition.name);
            diagnostics.warning_of_no_effect(own.place, title);
        }
    }
}

fn read_own(node: &Node, diagnostics: &mut Diagnostics) -> Option<OwnType> {
    let fields = read::fields(node, &KEYS, diagnostics)?;
    let name_node = fields.required("instanceType", "my.large", diagnostics);
    let name = name_node.and_then(|node| read::name(node, "a name", diagnostics));
    let cpu = fields
        .required("cpu", "2 vCPU", diagnostics)
        .and_then(|node| read::cpu(node, diagnostics))
        .and_then(|cpu| positive(cpu.0, fields.get("cpu"), diagnostics));
    let memory = fields
        .required("memory", "8 GB", diagnostics)
        .and_then(|node| read::memory(node, diagnostics))
        .and_then(|memory| positive(memory.0, fields.get("memory"), diagnostics));
    let rate = fields
        .required("onDemandUsdPerHour", "0.096", diagnostics)
        .and_then(|node| read::rate(node, diagnostics));
    let gpus = fields
        .get("gpu")
        .and_then(|node| read::number_u32(node, 0..=MOST_GPUS, diagnostics));
    let architectures = [
        ("x86_64", CpuArchitecture::X86_64),
        ("arm64", CpuArchitecture::Arm64),
    ];
    let architecture = fields
        .get("architecture")
        .and_then(|node| read::one_of(node, "architecture", &architectures, diagnostics));
    let enis = fields
        .get("maxEnis")
        .and_then(|node| read::number_u32(node, 1..=MOST_ENIS, diagnostics));
    let memory = MemoryMib(memory?);
    let definition = InstanceType {
        name: name?.to_owned(),
        architecture: architecture.unwrap_or_default(),
        cpu: CpuUnits(cpu?),
        nominal_memory: memory,
        registered_memory: memory,
        gpus: gpus.unwrap_or(0),
        // One of the interfaces is the instance's own.
        awsvpc_tasks: enis.map(|enis| enis - 1),
        awsvpc_tasks_trunking: None,
        on_demand: Some(rate?),
    };
    Some(OwnType {
        place: name_node?.place,
        definition,
        used: false,
    })
}

/// A quantity of which an instance has some.
pub(super) fn positive(
    amount: u32,
    node: Option<&Node>,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    if amount > 0 {
        return Some(amount);
    }
    if let Some(node) = node {
        diagnostics.error(node.place, "must be more than 0");
    }
    None
}
