//! `capacityProviders`, CreateCapacityProvider's shape, and those of `cluster`,
//! PutClusterCapacityProviders's.
//!
//! Sources: API reference of both; Developer Guide, "Capacity providers for EC2 workloads".

mod definition;
mod managed_scaling;

use crate::control::capacity_provider_strategy::StrategyItem;
use crate::model::{AutoScalingGroupId, CapacityProviderId};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::{CapacityProvider, CapacityProviderKind};
use crate::units::{id, nearest};

use super::auto_scaling_groups::Groups;
use super::capacity_provider_strategy::read_strategy;

/// The providers that every cluster can have.
const FARGATE: [(&str, CapacityProviderKind); 2] = [
    ("FARGATE", CapacityProviderKind::Fargate),
    ("FARGATE_SPOT", CapacityProviderKind::FargateSpot),
];
/// The most providers of a cluster.
const MOST_PROVIDERS: usize = 20;
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
    /// Whether a name was reported, as wrong or given twice: it may stand for one that is missing.
    has_wrong_name: bool,
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
        if self.has_wrong_name && !is_fargate(name) {
            return None;
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

    /// What a provider that a value names is one of; `None` of one that is not known.
    pub(super) fn family_of(&self, node: &Node) -> Option<&'static str> {
        let name = node.text()?;
        let name = name
            .split_once(":capacity-provider/")
            .map_or(name, |(_, name)| name);
        if is_fargate(name) {
            return Some("Fargate");
        }
        let mut known = self.list.iter();
        let found = known.find(|known| known.name == name)?;
        Some(match found.kind {
            CapacityProviderKind::AutoScalingGroup { .. } => "Auto Scaling groups",
            CapacityProviderKind::ManagedInstances { .. } => "ECS Managed Instances",
            CapacityProviderKind::Fargate | CapacityProviderKind::FargateSpot => "Fargate",
        })
    }

    /// The group of a provider; `None` is Fargate.
    pub(super) fn group_of(&self, provider: CapacityProviderId) -> Option<AutoScalingGroupId> {
        self.list[provider.index()].kind.group()
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
        let mut providers = if let Some(node) = of_cluster("capacityProviders") {
            self.associate(node, defined, root, diagnostics)
        } else {
            let used = FARGATE.into_iter().filter(|(name, _)| is_used(root, name));
            defined
                .list
                .extend(used.map(|(name, kind)| CapacityProvider {
                    name: name.to_owned(),
                    kind,
                }));
            defined
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
            let is_definition = matches!(item.value, Value::Mapping(_));
            let name = if is_definition {
                self.define(item, &mut defined, diagnostics)
            } else {
                find_defined(item, &mut defined, diagnostics)
            };
            let Some(name) = name else { continue };
            if !names.contains(&name) {
                names.push(name);
            } else if !is_definition {
                // A definition is reported where its name stands.
                let title = format!("the capacity provider `{name}` is given twice");
                diagnostics.error(item.place, title);
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

/// Whether a strategy somewhere in the scenario names a provider.
fn is_used(root: &Fields<'_>, name: &str) -> bool {
    // Incidents name what they strike, whether something uses it or not.
    let mut entries = root.entries().iter();
    entries.any(|(key, node)| key.text != "incidents" && names_provider(node, name))
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
