//! `capacityProviders`, CreateCapacityProvider's shape, and those of `cluster`,
//! PutClusterCapacityProviders's.
//!
//! Sources: API reference of both; Developer Guide, "Capacity providers for EC2 workloads".

use crate::control::capacity_provider_strategy::StrategyItem;
use crate::control::managed_scaling::ManagedScaling;
use crate::model::{AutoScalingGroupId, CapacityProviderId};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::{CapacityProvider, CapacityProviderKind};
use crate::units::{Millis, id, nearest};

use super::auto_scaling_groups::Groups;
use super::capacity_provider_strategy::read_strategy;
use super::seconds::read_seconds;

const KEYS: [&str; 2] = ["name", "autoScalingGroupProvider"];
/// What DescribeCapacityProviders prints beside them, and what CreateCapacityProvider takes without
/// a bearing on a run.
const ACCEPTED: [&str; 8] = [
    "capacityProviderArn",
    "cluster",
    "managedInstancesProvider",
    "status",
    "tags",
    "type",
    "updateStatus",
    "updateStatusReason",
];
/// The providers that every cluster can have.
const FARGATE: [(&str, CapacityProviderKind); 2] = [
    ("FARGATE", CapacityProviderKind::Fargate),
    ("FARGATE_SPOT", CapacityProviderKind::FargateSpot),
];
/// The most providers of a cluster.
const MOST_PROVIDERS: usize = 20;
/// What a name must not begin with.
const RESERVED: [&str; 3] = ["aws", "ecs", "fargate"];

/// The cluster's capacity providers.
#[derive(Default)]
pub(super) struct Providers {
    pub(super) list: Vec<CapacityProvider>,
    /// The cluster's default strategy; empty is none.
    pub(super) default_strategy: Vec<StrategyItem>,
    /// Names of providers that were reported, and of those that are not the cluster's.
    broken: Vec<String>,
    /// Names of providers that there are, but not in the cluster.
    elsewhere: Vec<String>,
}

impl Providers {
    /// The provider that a value names, by its name or its ARN; reports one that there is not.
    pub(super) fn find(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<CapacityProviderId> {
        let name = read_reference(node, diagnostics)?;
        let found = self.list.iter().position(|known| known.name == name);
        if found.is_some() || self.broken.iter().any(|broken| broken == name) {
            return found.map(|position| CapacityProviderId(id(position)));
        }
        let title = format!("unknown capacity provider `{name}`");
        if self.elsewhere.iter().any(|other| other == name) || is_fargate(name) {
            diagnostics
                .error(
                    node.place,
                    format!("`{name}` is no capacity provider of the cluster"),
                )
                .help("add it to `capacityProviders` of `cluster`");
            return None;
        }
        let listed = self.list.iter().map(|known| &known.name);
        let names: Vec<&str> = listed.chain(&self.broken).map(String::as_str).collect();
        let near = nearest(
            name,
            names.iter().copied().chain(FARGATE.map(|(name, _)| name)),
        );
        let finding = diagnostics.error(node.place, title);
        finding.label("not in `capacityProviders`").nearest(near);
        match names.as_slice() {
            [] => finding.help(
                "add `capacityProviders: [{name: web, autoScalingGroupProvider: \
                 {autoScalingGroupName: web}}]`",
            ),
            _ if near.is_none() => finding.help(format!("there are {}", read::short_list(&names))),
            _ => finding,
        };
        None
    }

    /// The group of a provider; `None` is Fargate.
    pub(super) fn group_of(&self, provider: CapacityProviderId) -> Option<AutoScalingGroupId> {
        match self.list[provider.index()].kind {
            CapacityProviderKind::AutoScalingGroup { group, .. } => Some(group),
            CapacityProviderKind::Fargate | CapacityProviderKind::FargateSpot => None,
        }
    }
}

fn is_fargate(name: &str) -> bool {
    FARGATE.iter().any(|(known, _)| *known == name)
}

/// A provider's name, out of its ARN when it is one.
fn read_reference<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<&'n str> {
    let given = read::name(node, "a capacity provider", diagnostics)?;
    Some(match given.split_once(":capacity-provider/") {
        Some((_, name)) => name,
        None => given,
    })
}

/// Reads the providers of a scenario.
pub(super) struct ProvidersReader<'a> {
    pub(super) groups: &'a Groups,
}

impl ProvidersReader<'_> {
    pub(super) fn read(&self, root: &Fields<'_>, diagnostics: &mut Diagnostics) -> Providers {
        let mut defined = Providers::default();
        for item in read::items_of(root, "capacityProviders", diagnostics) {
            self.define(item, &mut defined, diagnostics);
        }
        let cluster = root.get("cluster");
        let of_cluster = |key: &str| {
            let node = cluster.and_then(|node| node.get(key));
            node.filter(|node| !node.is_null())
        };
        let mut providers = match of_cluster("capacityProviders") {
            Some(node) => self.associate(node, defined, root, diagnostics),
            None => {
                let used = FARGATE.into_iter().filter(|(name, _)| is_used(root, name));
                defined
                    .list
                    .extend(used.map(|(name, kind)| CapacityProvider {
                        name: name.to_owned(),
                        kind,
                    }));
                defined
            }
        };
        if let Some(place) = root
            .key_place("capacityProviders")
            .or_else(|| of_cluster("capacityProviders").map(|node| node.place))
            .filter(|_| providers.list.len() > MOST_PROVIDERS)
        {
            let count = providers.list.len();
            diagnostics
                .error(place, format!("{count} capacity providers"))
                .label(format!("a cluster has at most {MOST_PROVIDERS}"));
        }
        if let Some(node) = of_cluster("defaultCapacityProviderStrategy") {
            let strategy = read_strategy(node, &providers, diagnostics);
            providers.default_strategy = strategy.unwrap_or_default();
        }
        providers
    }

    /// The providers that `cluster` lists, by name or written out there.
    fn associate(
        &self,
        node: &Node,
        mut defined: Providers,
        root: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Providers {
        let mut names: Vec<String> = Vec::new();
        for item in read::items(node, diagnostics).unwrap_or_default() {
            let name = if matches!(item.value, Value::Mapping(_)) {
                self.define(item, &mut defined, diagnostics)
            } else {
                find_defined(item, &mut defined, diagnostics)
            };
            let Some(name) = name else { continue };
            if names.contains(&name) {
                let title = format!("the capacity provider `{name}` is given twice");
                diagnostics.error(item.place, title);
            } else {
                names.push(name);
            }
        }
        let (listed, others): (Vec<_>, Vec<_>) = defined
            .list
            .into_iter()
            .partition(|provider| names.contains(&provider.name));
        for other in &others {
            let item = root
                .get("capacityProviders")
                .and_then(|node| match &node.value {
                    Value::Sequence(items) => items
                        .iter()
                        .find(|item| item.get("name").and_then(Node::text) == Some(&other.name)),
                    _ => None,
                });
            let place = item.map_or(node.place, |item| item.place);
            diagnostics
                .warning(
                    place,
                    format!("`{}` is no capacity provider of the cluster", other.name),
                )
                .help("add its name to `capacityProviders` of `cluster`, or remove that list");
        }
        Providers {
            list: listed,
            elsewhere: others.into_iter().map(|other| other.name).collect(),
            ..defined
        }
    }

    /// Reads a provider; its name, also when the rest of it was reported.
    fn define(
        &self,
        node: &Node,
        defined: &mut Providers,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        let example = "name: web, autoScalingGroupProvider: {autoScalingGroupName: web}";
        if node.text().is_some() {
            read::fields_like(node, &KEYS, example, diagnostics);
            return None;
        }
        let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
        let name_node = fields.required("name", "web", diagnostics);
        let name = name_node.and_then(|node| read_name(node, diagnostics));
        let kind = self.read_kind(&fields, defined, diagnostics);
        let (name, name_node) = (name?.to_owned(), name_node?);
        if defined.list.iter().any(|other| other.name == name) || defined.broken.contains(&name) {
            let title = format!("the capacity provider `{name}` is given twice");
            diagnostics.error(name_node.place, title);
            return Some(name);
        }
        match kind {
            Some(kind) => defined.list.push(CapacityProvider {
                name: name.clone(),
                kind,
            }),
            None => defined.broken.push(name.clone()),
        }
        Some(name)
    }

    fn read_kind(
        &self,
        fields: &Fields<'_>,
        defined: &Providers,
        diagnostics: &mut Diagnostics,
    ) -> Option<CapacityProviderKind> {
        const KEYS: [&str; 5] = [
            "autoScalingGroupArn",
            "autoScalingGroupName",
            "managedScaling",
            "managedTerminationProtection",
            "managedDraining",
        ];
        if let Some(place) = fields.key_place("managedInstancesProvider") {
            diagnostics
                .error(place, "ECS Managed Instances are not simulated")
                .help("a provider has an Auto Scaling group: `autoScalingGroupProvider`");
            return None;
        }
        let example = "{autoScalingGroupName: web}";
        let node = fields.required("autoScalingGroupProvider", example, diagnostics)?;
        let example = "autoScalingGroupName: web";
        let own = read::fields_like(node, &KEYS, example, diagnostics)?;
        let managed_scaling = match own.get("managedScaling") {
            Some(node) => read_managed_scaling(node, diagnostics),
            None => Some(ManagedScaling::default()),
        };
        let choices = [("ENABLED", true), ("DISABLED", false)];
        let mut switch = |key: &str| {
            let node = own.get(key)?;
            read::one_of(node, key, &choices, diagnostics)
        };
        let protection = switch("managedTerminationProtection").unwrap_or(false);
        let managed_draining = switch("managedDraining").unwrap_or(true);
        let group_node = self.group_node(&own, diagnostics)?;
        let group = self.groups.find(group_node, diagnostics)?;
        self.check_group(group, group_node, defined, diagnostics);
        if protection {
            self.check_protection(&own, group, managed_scaling, diagnostics);
        }
        Some(CapacityProviderKind::AutoScalingGroup {
            group,
            managed_scaling,
            managed_termination_protection: protection,
            managed_draining,
        })
    }

    fn group_node<'n>(&self, own: &Fields<'n>, diagnostics: &mut Diagnostics) -> Option<&'n Node> {
        let by_name = own.get("autoScalingGroupName");
        let by_arn = own.get("autoScalingGroupArn");
        if let (Some(_), Some(place)) = (by_name, own.key_place("autoScalingGroupArn")) {
            diagnostics
                .error(
                    place,
                    "both `autoScalingGroupName` and `autoScalingGroupArn`",
                )
                .help("remove one of them");
        }
        by_name.or(by_arn).or_else(|| {
            let example = match self.groups.list.first() {
                Some(group) => group.name.as_str(),
                None => "web",
            };
            own.required("autoScalingGroupName", example, diagnostics)
        })
    }

    /// A group belongs to one provider.
    fn check_group(
        &self,
        group: AutoScalingGroupId,
        node: &Node,
        defined: &Providers,
        diagnostics: &mut Diagnostics,
    ) {
        let others = defined.list.iter().enumerate();
        let other = others
            .filter(|(position, _)| {
                defined.group_of(CapacityProviderId(id(*position))) == Some(group)
            })
            .map(|(_, provider)| provider.name.as_str())
            .next();
        if let Some(other) = other {
            let name = &self.groups.list[group.index()].name;
            diagnostics
                .error(
                    node.place,
                    format!("the group `{name}` belongs to `{other}` already"),
                )
                .help("each capacity provider needs an Auto Scaling group of its own");
        }
    }

    /// Managed termination protection needs managed scaling and protected instances.
    fn check_protection(
        &self,
        own: &Fields<'_>,
        group: AutoScalingGroupId,
        managed_scaling: Option<ManagedScaling>,
        diagnostics: &mut Diagnostics,
    ) {
        let key = "managedTerminationProtection";
        let place = own.get(key).map_or(own.place, |node| node.place);
        if managed_scaling.is_none() {
            diagnostics
                .error(place, format!("`{key}` without managed scaling"))
                .help("enable `managedScaling`, or disable the protection");
        }
        let group = &self.groups.list[group.index()];
        if !group.configuration.new_instances_protected_from_scale_in {
            let name = &group.name;
            diagnostics
                .error(
                    place,
                    format!("the instances of `{name}` are not protected from scale-in"),
                )
                .help("set `newInstancesProtectedFromScaleIn: true` in the group");
        }
    }
}

/// A provider of `cluster` that is named there.
fn find_defined(
    node: &Node,
    defined: &mut Providers,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let name = read_reference(node, diagnostics)?;
    let fargate = FARGATE.into_iter().find(|(known, _)| *known == name);
    if let Some((_, kind)) = fargate
        && !defined.list.iter().any(|known| known.name == name)
    {
        defined.list.push(CapacityProvider {
            name: name.to_owned(),
            kind,
        });
    }
    let known = defined.list.iter().any(|known| known.name == name);
    if known
        || defined.find(node, diagnostics).is_some()
        || defined.broken.iter().any(|b| b == name)
    {
        return Some(name.to_owned());
    }
    None
}

fn read_name<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<&'n str> {
    let name = read::name(node, "the name of a capacity provider", diagnostics)?;
    if is_fargate(name) {
        diagnostics
            .error(node.place, format!("`{name}` is there already"))
            .help("name it in a strategy, or in `capacityProviders` of `cluster`");
        return None;
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.bytes().all(legal) {
        diagnostics
            .error(
                node.place,
                format!("`{name}` is no name of a capacity provider"),
            )
            .label("expected letters, digits, hyphens and underscores");
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if let Some(prefix) = RESERVED
        .into_iter()
        .find(|prefix| lower.starts_with(prefix))
    {
        diagnostics
            .error(
                node.place,
                format!("the name `{name}` begins with `{prefix}`"),
            )
            .label("names that begin with `aws`, `ecs` or `fargate` are AWS's own");
        return None;
    }
    Some(name)
}

/// `None` where it is disabled.
fn read_managed_scaling(node: &Node, diagnostics: &mut Diagnostics) -> Option<ManagedScaling> {
    const KEYS: [&str; 5] = [
        "status",
        "targetCapacity",
        "minimumScalingStepSize",
        "maximumScalingStepSize",
        "instanceWarmupPeriod",
    ];
    let mut scaling = ManagedScaling::default();
    let Some(fields) = read::fields_like(node, &KEYS, "targetCapacity: 100", diagnostics) else {
        return Some(scaling);
    };
    let numbers = [
        ("targetCapacity", 100, &mut scaling.target_capacity),
        (
            "minimumScalingStepSize",
            10_000,
            &mut scaling.minimum_scaling_step_size,
        ),
        (
            "maximumScalingStepSize",
            10_000,
            &mut scaling.maximum_scaling_step_size,
        ),
    ];
    for (key, most, target) in numbers {
        if let Some(node) = fields.get(key) {
            *target = read::number_u32(node, 1..=most, diagnostics).unwrap_or(*target);
        }
    }
    let (least, most) = (
        scaling.minimum_scaling_step_size,
        scaling.maximum_scaling_step_size,
    );
    if least > most {
        let place = fields
            .get("minimumScalingStepSize")
            .map_or(node.place, |node| node.place);
        diagnostics
            .error(
                place,
                format!("`minimumScalingStepSize` ({least}) is above the maximum ({most})"),
            )
            .help("lower the one or raise the other");
    }
    if let Some(node) = fields.get("instanceWarmupPeriod") {
        let period: Option<Millis> = read_seconds(node, 0..=10_000, diagnostics);
        scaling.instance_warmup_period = period.unwrap_or(scaling.instance_warmup_period);
    }
    let choices = [("ENABLED", true), ("DISABLED", false)];
    let status = fields
        .get("status")
        .and_then(|node| read::one_of(node, "status", &choices, diagnostics));
    status.unwrap_or(true).then_some(scaling)
}

/// Whether a strategy somewhere in the scenario names a provider.
fn is_used(root: &Fields<'_>, name: &str) -> bool {
    root.entries()
        .iter()
        .any(|(_, node)| names_provider(node, name))
}

fn names_provider(node: &Node, name: &str) -> bool {
    match &node.value {
        Value::Scalar { .. } => false,
        Value::Sequence(items) => items.iter().any(|item| names_provider(item, name)),
        Value::Mapping(entries) => entries.iter().any(|(key, value)| {
            (key.text == "capacityProvider" && value.text() == Some(name))
                || names_provider(value, name)
        }),
    }
}
