//! `autoScalingGroups`: CreateAutoScalingGroup's shape, with the launch template written out.
//!
//! Sources: API reference of Amazon EC2 Auto Scaling; Developer Guide of ECS, "Capacity providers
//! for EC2 workloads".

mod ignored;
mod launch_template;
mod mixed_instances_policy;
mod recurrence;
mod schedule;
mod warm_pool;

use crate::cloud::auto_scaling::{GroupConfiguration, TerminationPolicy};
use crate::model::AutoScalingGroupId;
use crate::scenario::AutoScalingGroup;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{Millis, id};

use super::arrivals::Clock;
use super::instance_types::InstanceTypes;
use super::seconds::read_seconds;
use super::services::report_unknown_name;
use super::zones::ZonesReader;

use self::launch_template::TemplateReader;

const KEYS: [&str; 16] = [
    "autoScalingGroupName",
    "minSize",
    "maxSize",
    "desiredCapacity",
    "availabilityZone",
    "availabilityZones",
    "launchTemplate",
    "mixedInstancesPolicy",
    "terminationPolicies",
    "newInstancesProtectedFromScaleIn",
    "capacityRebalance",
    "terminationHook",
    "maxInstanceLifetime",
    "warmPool",
    "instanceRefreshes",
    "scheduledActions",
];
/// What this simulator is made for.
const MOST_INSTANCES: u32 = 1_000_000;
/// Seconds that a termination hook may hold an instance: 48 hours.
const HEARTBEAT: std::ops::RangeInclusive<u64> = 30..=172_800;
/// EC2 Auto Scaling's default: an hour.
const DEFAULT_HEARTBEAT: Millis = Millis(3_600_000);
/// Seconds of `maxInstanceLifetime`: a day to a year.
const LIFETIME: std::ops::RangeInclusive<u64> = 86_400..=31_536_000;

/// Reads the groups of a region.
pub(super) struct GroupsReader<'a> {
    pub(super) region: &'a str,
    pub(super) clock: &'a Clock,
}

/// The groups that were read.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) list: Vec<AutoScalingGroup>,
    /// Names of groups that were reported: what names one is not wrong.
    broken: Vec<String>,
    /// Where each provider of ECS Managed Instances is written out, and the group of its instances;
    /// `None` was reported.
    pub(super) managed: Vec<(Place, Option<AutoScalingGroupId>)>,
}

impl Groups {
    /// Whether every group could be read.
    pub(super) fn are_known(&self) -> bool {
        self.broken.is_empty() && self.managed.iter().all(|(_, group)| group.is_some())
    }

    /// The group that a value names, by its name or its ARN; reports one that there is not.
    pub(super) fn find(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<AutoScalingGroupId> {
        let given = read::name(node, "an Auto Scaling group", diagnostics)?;
        let name = match given.split_once(":autoScalingGroupName/") {
            Some((_, name)) => name,
            None => given,
        };
        let mut groups = self.list.iter();
        let found =
            groups.position(|group| group.name == name && group.managed_instances.is_none());
        if let Some(found) = found {
            return Some(AutoScalingGroupId(id(found)));
        }
        if !self.broken.iter().any(|broken| broken == name) {
            let own = self
                .list
                .iter()
                .filter(|group| group.managed_instances.is_none());
            let names: Vec<&str> = own.map(|group| group.name.as_str()).collect();
            let (what, block) = ("Auto Scaling group", "autoScalingGroups");
            report_unknown_name(name, what, block, &names, node.place, diagnostics);
        }
        None
    }
}

impl GroupsReader<'_> {
    pub(super) fn read(
        &self,
        fields: &Fields<'_>,
        types: &mut InstanceTypes,
        diagnostics: &mut Diagnostics,
    ) -> Groups {
        let mut groups = Groups::default();
        for item in read::items_of(fields, "autoScalingGroups", diagnostics) {
            let named = item.get("autoScalingGroupName");
            let name = named.and_then(Node::text).unwrap_or_default();
            if groups.list.iter().any(|other| other.name == name) {
                let place = named.map_or(item.place, |node| node.place);
                let title = format!("the name `{name}` is given twice in `autoScalingGroups`");
                diagnostics.error(place, title);
            }
            match self.read_group(item, types, diagnostics) {
                Some(group) => groups.list.push(group),
                None => groups.broken.push(name.to_owned()),
            }
        }
        groups
    }

    fn read_group(
        &self,
        node: &Node,
        types: &mut InstanceTypes,
        diagnostics: &mut Diagnostics,
    ) -> Option<AutoScalingGroup> {
        let fields = read_fields(node, diagnostics)?;
        let name = fields
            .required("autoScalingGroupName", "web", diagnostics)
            .and_then(|node| read::name(node, "the name of an Auto Scaling group", diagnostics));
        let sizes = read_sizes(&fields, diagnostics);
        let zones = ZonesReader::of_region(self.region).read(&fields, diagnostics);
        check_zones(&fields, &zones, diagnostics);
        let launches = TemplateReader { types }.read(&fields, diagnostics);
        let configuration = GroupConfiguration {
            min_size: sizes.map_or(0, |sizes| sizes.min),
            max_size: sizes.map_or(1, |sizes| sizes.max),
            desired_capacity: sizes.map_or(0, |sizes| sizes.desired),
            availability_zones: zones,
            distribution: launches
                .as_ref()
                .map(|it| it.distribution)
                .unwrap_or_default(),
            termination_policies: read_termination_policies(&fields, diagnostics),
            new_instances_protected_from_scale_in: flag(
                &fields,
                "newInstancesProtectedFromScaleIn",
                diagnostics,
            ),
            capacity_rebalance: flag(&fields, "capacityRebalance", diagnostics),
            termination_hook: read_termination_hook(&fields, diagnostics),
            max_instance_lifetime: fields
                .get("maxInstanceLifetime")
                .and_then(|node| read_seconds(node, LIFETIME, diagnostics)),
            warm_pool: warm_pool::read(&fields, sizes, launches.as_ref(), diagnostics),
            instance_refreshes: schedule::read_refreshes(&fields, self.clock, diagnostics),
            scheduled_actions: schedule::read_actions(&fields, self.clock, diagnostics),
        };
        let (_, launches) = (sizes?, launches?);
        Some(AutoScalingGroup {
            name: name?.to_owned(),
            configuration,
            types: launches.types,
            settings: launches.settings,
            spot_instance_draining: launches.spot_instance_draining,
            root_volume_gib: launches.root_volume_gib,
            public_ipv4: launches.public_ipv4,
            managed_instances: None,
        })
    }
}

fn read_fields<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<Fields<'n>> {
    let known = [&KEYS[..], &launch_template::keys()].concat();
    if node.text().is_some() {
        let example = "autoScalingGroupName: web, maxSize: 10, instanceType: m5.large";
        return read::fields_like(node, &known, example, diagnostics);
    }
    let accepted: Vec<&str> = ignored::accepted().collect();
    let fields = read::fields_beside(node, &known, &accepted, diagnostics)?;
    ignored::report(&fields, diagnostics);
    Some(fields)
}

fn flag(fields: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) -> bool {
    let node = fields.get(key);
    node.and_then(|node| read::boolean(node, diagnostics))
        .unwrap_or(false)
}

/// `minSize`, `maxSize` and `desiredCapacity`.
#[derive(Clone, Copy)]
struct Sizes {
    min: u32,
    max: u32,
    desired: u32,
}

/// The sizes, each within the others.
fn read_sizes(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Sizes> {
    let max = fields
        .required("maxSize", "10", diagnostics)
        .and_then(|node| read_max(node, diagnostics));
    let mut size = |key: &str| match fields.get(key) {
        Some(node) => read::number_u32(node, 0..=MOST_INSTANCES, diagnostics).map(Some),
        None => Some(None),
    };
    let (min, desired) = (size("minSize"), size("desiredCapacity"));
    let (min, max, desired) = (min?.unwrap_or(0), max?, desired?);
    let sizes = Sizes {
        min,
        max,
        desired: desired.unwrap_or(min),
    };
    let (key, title) = if min > max {
        let title = format!("`minSize` ({min}) is above `maxSize` ({max})");
        ("minSize", title)
    } else if sizes.desired < min {
        let title = format!(
            "`desiredCapacity` ({}) is below `minSize` ({min})",
            sizes.desired
        );
        ("desiredCapacity", title)
    } else if sizes.desired > max {
        let title = format!(
            "`desiredCapacity` ({}) is above `maxSize` ({max})",
            sizes.desired
        );
        ("desiredCapacity", title)
    } else {
        return Some(sizes);
    };
    let place = fields.get(key).map_or(fields.place, |node| node.place);
    diagnostics
        .error(place, title)
        .help("the desired capacity lies between both sizes: lower the one or raise the other");
    None
}

/// A group that may hold nothing is of no use to a capacity provider: managed scaling never
/// changes `maxSize`.
fn read_max(node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
    let max = read::number_u32(node, 1..=MOST_INSTANCES, diagnostics);
    if node.text() == Some("0") {
        diagnostics.last().help(
            "managed scaling adds instances up to `maxSize` and never changes it: with 0 there is \
             no capacity, ever",
        );
    }
    max
}

fn check_zones(fields: &Fields<'_>, zones: &[String], diagnostics: &mut Diagnostics) {
    let twice = zones
        .iter()
        .enumerate()
        .find(|(position, zone)| zones[..*position].contains(zone));
    let place = fields.key_place("availabilityZones");
    if let (Some((_, zone)), Some(place)) = (twice, place) {
        diagnostics
            .error(place, format!("the zone `{zone}` is given twice"))
            .help("a group balances its instances over its zones by itself");
    }
}

fn read_termination_policies(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<TerminationPolicy> {
    let choices = [
        ("Default", TerminationPolicy::Default),
        ("AllocationStrategy", TerminationPolicy::AllocationStrategy),
        (
            "OldestLaunchTemplate",
            TerminationPolicy::OldestLaunchTemplate,
        ),
        (
            "OldestLaunchConfiguration",
            TerminationPolicy::OldestLaunchConfiguration,
        ),
        (
            "ClosestToNextInstanceHour",
            TerminationPolicy::ClosestToNextInstanceHour,
        ),
        ("NewestInstance", TerminationPolicy::NewestInstance),
        ("OldestInstance", TerminationPolicy::OldestInstance),
    ];
    let policies: Vec<TerminationPolicy> =
        read::items_of(fields, "terminationPolicies", diagnostics)
            .iter()
            .filter_map(|item| read::one_of(item, "terminationPolicies", &choices, diagnostics))
            .collect();
    if policies.is_empty() {
        return vec![TerminationPolicy::Default];
    }
    policies
}

/// A hook that drains instances of a group without managed draining.
fn read_termination_hook(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Millis> {
    let node = fields.get("terminationHook")?;
    let example = "heartbeatTimeout: 15m";
    let hook = read::fields_like(node, &["heartbeatTimeout"], example, diagnostics)?;
    match hook.get("heartbeatTimeout") {
        Some(node) => read_seconds(node, HEARTBEAT, diagnostics),
        None => Some(DEFAULT_HEARTBEAT),
    }
}
