//! `managedInstancesProvider` of a capacity provider: ECS Managed Instances.
//!
//! Sources: API reference of CreateManagedInstancesProviderConfiguration, InstanceLaunchTemplate,
//! InstanceRequirementsRequest and InfrastructureOptimization; Developer Guide, "Amazon ECS Managed
//! Instances".

mod requirements;

use crate::cloud::auto_scaling::{GroupConfiguration, InstancesDistribution};
use crate::model::AutoScalingGroupId;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::{AutoScalingGroup, ManagedInstances};
use crate::units::{Millis, Share, id};

use self::requirements::Requirements;
use super::auto_scaling_groups::Groups;
use super::instance_settings::read_settings;
use super::instance_types::InstanceTypes;
use super::seconds::read_seconds;
use super::zones::ZonesReader;

const KEY: &str = "managedInstancesProvider";
const KEYS: [&str; 3] = [
    "instanceLaunchTemplate",
    "infrastructureOptimization",
    "managementFee",
];
/// What has no bearing on a run.
const ACCEPTED: [&str; 2] = ["infrastructureRoleArn", "propagateTags"];
const TEMPLATE_KEYS: [&str; 5] = [
    "availabilityZone",
    "availabilityZones",
    "capacityOptionType",
    "instanceRequirements",
    "storageConfiguration",
];
/// The same of a launch template.
const TEMPLATE_ACCEPTED: [&str; 6] = [
    "ec2InstanceProfileArn",
    "networkConfiguration",
    "monitoring",
    "fipsEnabled",
    "instanceMetadataTagsPropagation",
    "localStorageConfiguration",
];
/// The data volume: 80 GiB where it is not given.
const STORAGE: std::ops::RangeInclusive<u32> = 30..=16_384;
const DEFAULT_STORAGE: u32 = 80;
/// An instance is replaced when it is so old: 14 days.
const LIFETIME: Millis = Millis(14 * 86_400_000);
/// What the fee is of an instance's On-Demand price where the scenario does not say it.
const FEE: Share = Share::percent(12);
/// How long an instance stays that is not needed where `scaleInAfter` is not given: AWS does not
/// say.
const SCALE_IN_AFTER: Millis = Millis(300_000);

/// Reads the providers of ECS Managed Instances; each has its instances in a group of its own.
pub(super) struct ManagedInstancesReader<'a> {
    pub(super) region: &'a str,
    pub(super) types: &'a mut InstanceTypes,
}

impl ManagedInstancesReader<'_> {
    /// Adds the groups, wherever a provider is written out.
    pub(super) fn read(
        &mut self,
        root: &Fields<'_>,
        groups: &mut Groups,
        diagnostics: &mut Diagnostics,
    ) {
        let of_cluster = root.get("cluster");
        let blocks = [
            root.get("capacityProviders"),
            of_cluster.and_then(|cluster| cluster.get("capacityProviders")),
        ];
        for block in blocks.into_iter().flatten() {
            let Value::Sequence(items) = &block.value else {
                continue;
            };
            for item in items {
                let named = item.get("name").and_then(Node::text);
                let Some(node) = item.get(KEY).filter(|node| !node.is_null()) else {
                    continue;
                };
                let group = self.read_provider(node, named.unwrap_or_default(), diagnostics);
                groups.add_managed(node.place, group);
            }
        }
    }

    fn read_provider(
        &mut self,
        node: &Node,
        name: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<AutoScalingGroup> {
        let before = diagnostics.len();
        let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
        let fee = fields.get("managementFee").map_or(Some(FEE), |node| {
            read::share(
                node,
                "a share of the On-Demand price, such as 12%",
                diagnostics,
            )
        });
        let scale_in_after = read_optimization(&fields, diagnostics);
        let empty = Fields::none(node.place);
        let template = match fields.get("instanceLaunchTemplate") {
            Some(node) => {
                read::fields_beside(node, &TEMPLATE_KEYS, &TEMPLATE_ACCEPTED, diagnostics)?
            }
            None => empty,
        };
        let distribution = read_option_type(&template, diagnostics);
        let availability_zones = ZonesReader::of_region(self.region).read(&template, diagnostics);
        let storage = read_storage(&template, diagnostics);
        let place = template
            .key_place("instanceRequirements")
            .unwrap_or(node.place);
        let required = template.get("instanceRequirements");
        let requirements = Requirements::read(required, place, diagnostics)?;
        let types = requirements.select(place, self.types, diagnostics)?;
        if diagnostics.len() > before {
            return None;
        }
        warn_of_subnets(&template, diagnostics);
        let managed = ManagedInstances {
            scale_in_after,
            management_fee: fee?,
        };
        Some(AutoScalingGroup {
            name: name.to_owned(),
            configuration: GroupConfiguration {
                max_size: u32::MAX,
                distribution: distribution?,
                max_instance_lifetime: Some(LIFETIME),
                ..GroupConfiguration::new(availability_zones)
            },
            types,
            settings: read_settings(&template, diagnostics),
            spot_instance_draining: true,
            root_volume_gib: Some(storage?),
            public_ipv4: false,
            managed_instances: Some(managed),
        })
    }
}

/// `scaleInAfter`: how long an instance stays that is not needed; `None` is for ever.
fn read_optimization(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Millis> {
    let default = Some(SCALE_IN_AFTER);
    let Some(node) = fields.get("infrastructureOptimization") else {
        return default;
    };
    let own = read::fields_like(node, &["scaleInAfter"], "scaleInAfter: 300", diagnostics)?;
    let Some(node) = own.get("scaleInAfter") else {
        return default;
    };
    if node.text() == Some("-1") {
        return None;
    }
    let read = read_seconds(node, 0..=3_600, diagnostics);
    if read.is_none() {
        diagnostics
            .last()
            .help("-1 keeps instances that are not needed");
    }
    read
}

/// `capacityOptionType`.
fn read_option_type(
    template: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<InstancesDistribution> {
    let Some(node) = template.get("capacityOptionType") else {
        return Some(InstancesDistribution::default());
    };
    let choices = [
        ("ON_DEMAND", Some(100)),
        ("SPOT", Some(0)),
        ("RESERVED", None),
    ];
    let percentage = read::one_of(node, "capacityOptionType", &choices, diagnostics)?;
    if percentage.is_none() {
        diagnostics
            .error(node.place, "capacity reservations are not simulated")
            .help("use `ON_DEMAND`; `commitments` has Reserved Instances and Savings Plans");
    }
    Some(InstancesDistribution {
        on_demand_percentage_above_base_capacity: percentage?,
        ..InstancesDistribution::default()
    })
}

fn read_storage(template: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<u32> {
    let Some(node) = template.get("storageConfiguration") else {
        return Some(DEFAULT_STORAGE);
    };
    let keys = ["storageSizeGiB"];
    let own = read::fields_like(node, &keys, "storageSizeGiB: 80", diagnostics)?;
    match own.get("storageSizeGiB") {
        Some(node) => read::number_u32(node, STORAGE, diagnostics),
        None => Some(DEFAULT_STORAGE),
    }
}

/// Subnets say in AWS where instances stand; here the zones are named.
fn warn_of_subnets(template: &Fields<'_>, diagnostics: &mut Diagnostics) {
    let has_zones = ["availabilityZone", "availabilityZones"]
        .iter()
        .any(|key| template.get(key).is_some());
    let network = template.get("networkConfiguration");
    let subnets = network.and_then(|node| node.get("subnets"));
    if let (Some(node), false) = (subnets, has_zones) {
        diagnostics
            .warning(node.place, "the zones of these subnets are not known")
            .help("name the zones: `availabilityZones: [us-east-1a, us-east-1b]` beside it");
    }
}

impl Groups {
    /// Adds the group of a provider that is written out at a place; `None` was reported.
    fn add_managed(&mut self, place: Place, group: Option<AutoScalingGroup>) {
        let added = group.map(|group| {
            self.list.push(group);
            AutoScalingGroupId(id(self.list.len() - 1))
        });
        self.managed.push((place, added));
    }

    /// The group of the provider that is written out at a place; `None` when it was reported.
    pub(super) fn of_managed(&self, place: Place) -> Option<AutoScalingGroupId> {
        let mut managed = self.managed.iter();
        managed.find(|(known, _)| *known == place)?.1
    }
}
