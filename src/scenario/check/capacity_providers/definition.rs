//! A capacity provider as CreateCapacityProvider has it.

use crate::control::managed_scaling::ManagedScaling;
use crate::model::{AutoScalingGroupId, CapacityProviderId};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::{CapacityProvider, CapacityProviderKind};
use crate::units::id;

use super::managed_scaling::read_managed_scaling;
use super::{Providers, ProvidersReader, is_fargate};

const KEYS: [&str; 3] = [
    "name",
    "autoScalingGroupProvider",
    "managedInstancesProvider",
];
/// What DescribeCapacityProviders prints beside them, and what CreateCapacityProvider takes without
/// a bearing on a run.
const ACCEPTED: [&str; 7] = [
    "capacityProviderArn",
    "cluster",
    "status",
    "tags",
    "type",
    "updateStatus",
    "updateStatusReason",
];
/// What a name must not begin with.
const RESERVED: [&str; 3] = ["aws", "ecs", "fargate"];

impl ProvidersReader<'_> {
    /// Reads a provider; its name, also when the rest of it was reported.
    pub(super) fn define(
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
        defined.has_wrong_name |= name.is_none();
        let kind = self.read_kind(&fields, defined, diagnostics);
        let (name, name_node) = (name?.to_owned(), name_node?);
        if defined.list.iter().any(|other| other.name == name) || defined.broken.contains(&name) {
            let title = format!("the capacity provider `{name}` is given twice");
            diagnostics.error(name_node.place, title);
            defined.has_wrong_name = true;
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
        if let Some(node) = fields.get("managedInstancesProvider") {
            if let Some(place) = fields.key_place("autoScalingGroupProvider") {
                diagnostics
                    .error(
                        place,
                        "`autoScalingGroupProvider` beside `managedInstancesProvider`",
                    )
                    .help("a provider has one of them: remove the other");
                return None;
            }
            let group = self.groups.of_managed(node.place)?;
            return Some(CapacityProviderKind::ManagedInstances { group });
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
