//! Warnings about groups and capacity providers that nothing comes of.

use crate::model::{AutoScalingGroupId, CapacityProviderId};
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::Fields;
use crate::scenario::{AutoScalingGroup, Capacity, CapacityProvider};
use crate::units::id;

use super::instances::Instances;
use super::work::Work;

/// Warns of providers that no task uses, and of groups that never launch an instance.
pub(super) fn warn_of_unused(
    fields: &Fields<'_>,
    instances: &Instances,
    work: &Work,
    diagnostics: &mut Diagnostics,
) {
    let of_tasks = work.tasks.iter().map(|entry| &entry.capacity);
    let of_services = work.services.iter().map(|service| &service.capacity);
    let items = of_tasks.chain(of_services).flat_map(|used| match used {
        Capacity::Strategy(items) => items.as_slice(),
        Capacity::LaunchType(_) => &[],
    });
    let used: Vec<CapacityProviderId> = items.map(|item| item.provider).collect();
    for (position, provider) in instances.providers.list.iter().enumerate() {
        let place = place_of(fields, "capacityProviders", "name", &provider.name);
        let is_used = used.contains(&CapacityProviderId(id(position)));
        if let (Some(place), false) = (place, is_used) {
            diagnostics
                .warning_of_no_effect(
                    place,
                    format!("no task uses the capacity provider `{}`", provider.name),
                )
                .help("name it in a `capacityProviderStrategy`, or in the cluster's default");
        }
    }
    for (position, group) in instances.groups.list.iter().enumerate() {
        let place = place_of(
            fields,
            "autoScalingGroups",
            "autoScalingGroupName",
            &group.name,
        );
        if group.managed_instances.is_some() {
            continue;
        }
        let provider = provider_of(instances, AutoScalingGroupId(id(position)));
        let may_scale = provider.is_some_and(|of| of.kind.is_managed()) || grows(group);
        if let (Some(place), false) = (place, may_scale) {
            diagnostics
                .warning_of_no_effect(
                    place,
                    format!("the group `{}` never launches an instance", group.name),
                )
                .label("its desired capacity is 0, and nothing changes it")
                .help(match provider {
                    None => "set `desiredCapacity`, or give it a capacity provider".to_owned(),
                    Some(provider) => format!(
                        "set `desiredCapacity`, or enable `managedScaling` of its capacity \
                         provider `{}`",
                        provider.name
                    ),
                });
        }
    }
}

/// The capacity provider of a group.
fn provider_of(instances: &Instances, of: AutoScalingGroupId) -> Option<&CapacityProvider> {
    let mut providers = instances.providers.list.iter();
    providers.find(|provider| provider.kind.group() == Some(of))
}

/// Whether a group has instances without anybody's doing.
fn grows(group: &AutoScalingGroup) -> bool {
    let configuration = &group.configuration;
    configuration.desired_capacity > 0 || !configuration.scheduled_actions.is_empty()
}

/// Where the entry of a block stands that has a name.
pub(super) fn place_of(fields: &Fields<'_>, block: &str, key: &str, name: &str) -> Option<Place> {
    let named = |item: &&Node| item.get(key).and_then(Node::text) == Some(name);
    match &fields.get(block)?.value {
        Value::Sequence(items) => items.iter().find(named)?.get(key).map(|node| node.place),
        _ => None,
    }
}
