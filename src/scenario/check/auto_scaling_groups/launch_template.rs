//! What a group launches: `launchTemplate`, `mixedInstancesPolicy`, or the keys of a launch
//! template in the group itself.

use crate::cloud::auto_scaling::InstancesDistribution;
use crate::scenario::GroupType;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::InstanceSettings;

use super::mixed_instances_policy::read_distribution;
use crate::scenario::check::instance_settings::{read_memory, read_price, read_settings};
use crate::scenario::check::instance_types::{Found, InstanceTypes};

/// The keys of a launch template.
pub(super) const KEYS: [&str; 14] = [
    "instanceType",
    "purchaseOption",
    "rootVolumeGiB",
    "publicIpv4",
    "spotInstanceDraining",
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
/// How AWS names a launch template that is written out here.
const NAMES: [&str; 4] = [
    "launchTemplateId",
    "launchTemplateName",
    "version",
    "launchTemplateSpecification",
];
/// The most types of a mixed-instances policy (API reference of LaunchTemplate).
const MOST_TYPES: usize = 40;
/// EBS's largest gp3 volume.
const LARGEST_VOLUME: u32 = 65_536;

/// What a group launches.
pub(super) struct Launches {
    pub(super) types: Vec<GroupType>,
    pub(super) distribution: InstancesDistribution,
    pub(super) settings: InstanceSettings,
    pub(super) spot_instance_draining: bool,
    pub(super) root_volume_gib: Option<u32>,
    pub(super) public_ipv4: bool,
}

/// Reads what a group launches.
pub(super) struct TemplateReader<'a> {
    pub(super) types: &'a mut InstanceTypes,
}

impl TemplateReader<'_> {
    pub(super) fn read(
        &mut self,
        group: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Launches> {
        check_one_form(group, diagnostics);
        if let Some(node) = group.get("mixedInstancesPolicy") {
            return self.read_policy(node, diagnostics);
        }
        let template = match group.get("launchTemplate") {
            Some(node) => read_template(node, &KEYS, diagnostics)?,
            None => *group,
        };
        let distribution = read_purchase_option(&template, diagnostics);
        self.read_launches(&template, None, distribution, diagnostics)
    }

    fn read_policy(&mut self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Launches> {
        let keys = ["launchTemplate", "instancesDistribution"];
        let policy = read::fields(node, &keys, diagnostics)?;
        let distribution = policy
            .get("instancesDistribution")
            .map_or(Some(InstancesDistribution::default()), |node| {
                read_distribution(node, diagnostics)
            });
        let example = "{overrides: [{instanceType: m5.large}, {instanceType: m5a.large}]}";
        let node = policy.required("launchTemplate", example, diagnostics)?;
        let keys = [&KEYS[..], &["overrides"]].concat();
        let template = read_template(node, &keys, diagnostics)?;
        if let Some(place) = template.key_place("purchaseOption") {
            diagnostics
                .error(place, "`purchaseOption` in a mixed-instances policy")
                .help("`instancesDistribution` says how many are On-Demand and how many Spot");
        }
        let overrides = template.get("overrides");
        let launches = self.read_launches(&template, overrides, distribution?, diagnostics)?;
        Some(launches)
    }

    fn read_launches(
        &mut self,
        template: &Fields<'_>,
        overrides: Option<&Node>,
        distribution: InstancesDistribution,
        diagnostics: &mut Diagnostics,
    ) -> Option<Launches> {
        let settings = read_settings(template, diagnostics);
        let system = &settings.operating_system_family;
        let types = match overrides {
            Some(node) => self.read_overrides(node, template, system, diagnostics),
            None => self
                .read_type(template, template, system, diagnostics)
                .map(|one| vec![one]),
        };
        let root_volume_gib = template
            .get("rootVolumeGiB")
            .and_then(|node| read::number_u32(node, 1..=LARGEST_VOLUME, diagnostics));
        Some(Launches {
            spot_instance_draining: super::flag(template, "spotInstanceDraining", diagnostics),
            public_ipv4: super::flag(template, "publicIpv4", diagnostics),
            root_volume_gib,
            types: types?,
            distribution,
            settings,
        })
    }

    fn read_overrides(
        &mut self,
        node: &Node,
        template: &Fields<'_>,
        system: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<GroupType>> {
        let items = read::items(node, diagnostics)?;
        if items.is_empty() || items.len() > MOST_TYPES {
            diagnostics
                .error(node.place, format!("{} instance types", items.len()))
                .label(format!("a mixed-instances policy has 1 to {MOST_TYPES}"));
            return None;
        }
        if let Some(place) = template.key_place("onDemandUsdPerHour") {
            diagnostics
                .error(place, "`onDemandUsdPerHour` beside `overrides`")
                .help("give each override its own price");
        }
        let mut types: Vec<GroupType> = Vec::with_capacity(items.len());
        let mut all_are_right = true;
        for item in items {
            let Some(one) = self.read_override(item, template, system, diagnostics) else {
                all_are_right = false;
                continue;
            };
            if types
                .iter()
                .any(|known| known.instance_type == one.instance_type)
            {
                let place = item
                    .get("instanceType")
                    .map_or(item.place, |node| node.place);
                diagnostics.error(place, "this instance type is given twice");
            }
            types.push(one);
        }
        all_are_right.then_some(types)
    }

    fn read_override(
        &mut self,
        node: &Node,
        template: &Fields<'_>,
        system: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<GroupType> {
        const KEYS: [&str; 3] = ["instanceType", "onDemandUsdPerHour", "registeredMemory"];
        let accepted = [&NAMES[..], &["weightedCapacity", "instanceRequirements"]].concat();
        if node.text().is_some() {
            let example = format!("instanceType: {}", node.text().unwrap_or_default());
            read::fields_like(node, &KEYS, &example, diagnostics)?;
        }
        let fields = read::fields_beside(node, &KEYS, &accepted, diagnostics)?;
        if let Some(place) = fields.key_place("weightedCapacity") {
            diagnostics
                .error(place, "instance weights are not simulated")
                .help("a capacity provider with managed scaling allows none: remove the weights");
        }
        if let Some(place) = fields.key_place("instanceRequirements") {
            diagnostics
                .error(
                    place,
                    "attribute-based selection of instance types is not simulated",
                )
                .help("name the types that match: `{instanceType: m5.large}`");
            return None;
        }
        self.read_type(&fields, template, system, diagnostics)
    }

    /// A type with its price; what it registers is the override's or the template's.
    fn read_type(
        &mut self,
        fields: &Fields<'_>,
        template: &Fields<'_>,
        system: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<GroupType> {
        let node = fields.required("instanceType", "m5.large", diagnostics)?;
        let found: Found = self.types.find(node, diagnostics)?;
        let on_demand = read_price(fields, node, &found, system, self.types, diagnostics);
        let of_memory = match fields.get("registeredMemory") {
            Some(_) => fields,
            None => template,
        };
        let memory = read_memory(of_memory, &found, system, self.types, diagnostics);
        Some(GroupType {
            instance_type: found.id,
            on_demand: on_demand?,
            registered_memory: memory?,
        })
    }
}

impl Launches {
    /// Whether the group launches Spot Instances.
    pub(super) fn may_be_spot(&self) -> bool {
        self.distribution.on_demand_percentage_above_base_capacity < 100
    }
}

fn read_template<'n>(
    node: &'n Node,
    keys: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n>> {
    if node.text().is_some() {
        return read::fields_like(node, keys, "instanceType: m5.large", diagnostics);
    }
    read::fields_beside(node, keys, &NAMES, diagnostics)
}

/// A group has one of `launchTemplate`, `mixedInstancesPolicy` and the short form.
fn check_one_form(group: &Fields<'_>, diagnostics: &mut Diagnostics) {
    let forms = ["mixedInstancesPolicy", "launchTemplate"];
    let given: Vec<&str> = forms
        .into_iter()
        .filter(|key| group.get(key).is_some())
        .collect();
    let Some((form, others)) = given.split_first() else {
        return;
    };
    let inside = KEYS.iter().filter(|key| group.get(key).is_some());
    for key in others.iter().chain(inside) {
        let place = group.key_place(key).unwrap_or(group.place);
        let finding = diagnostics.error(place, format!("`{key}` beside `{form}`"));
        finding.help(match *form {
            "launchTemplate" => "move it into `launchTemplate`",
            _ => "a policy has a `launchTemplate` of its own: move it there",
        });
    }
}

/// `purchaseOption: spot` is a group of Spot Instances alone.
fn read_purchase_option(
    template: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> InstancesDistribution {
    let choices = [("on-demand", 100), ("spot", 0)];
    let percentage = template
        .get("purchaseOption")
        .and_then(|node| read::one_of(node, "purchaseOption", &choices, diagnostics));
    InstancesDistribution {
        on_demand_percentage_above_base_capacity: percentage.unwrap_or(100),
        ..InstancesDistribution::default()
    }
}
