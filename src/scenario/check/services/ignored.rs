//! Keys of CreateService and of what DescribeServices prints that have no bearing on a run.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::Fields;

/// Accepted in silence: they change nothing that is simulated.
const HARMLESS: [&str; 9] = [
    "cluster",
    "clientToken",
    "role",
    "tags",
    "platformVersion",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "propagateTags",
    "monitoring",
];
/// What DescribeServices adds: the state of a real service, not what it is asked to be.
const OBSERVED: [&str; 15] = [
    "serviceArn",
    "clusterArn",
    "roleArn",
    "status",
    "runningCount",
    "pendingCount",
    "deployments",
    "taskSets",
    "events",
    "createdBy",
    "platformFamily",
    "currentServiceDeployment",
    "currentServiceRevisions",
    "resourceManagementType",
    "forceNewDeployment",
];
/// Accepted with a warning: a real service would behave otherwise.
const WITHOUT_EFFECT: [(&str, &str); 3] = [
    (
        "serviceConnectConfiguration",
        "add the sidecar's CPU units and memory to the task definition",
    ),
    (
        "volumeConfigurations",
        "volumes do not decide where a task goes",
    ),
    (
        "vpcLatticeConfigurations",
        "name a target group in `loadBalancers` instead",
    ),
];

/// Every key that is accepted beside those that are read.
pub(super) fn accepted() -> Vec<&'static str> {
    let without_effect = WITHOUT_EFFECT.iter().map(|(key, _)| *key);
    let silent = HARMLESS.into_iter().chain(OBSERVED);
    silent.chain(without_effect).collect()
}

/// Warns of keys that a real service would heed.
pub(super) fn warn(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    let is_empty = |node: &Node| match &node.value {
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(entries) => entries.is_empty(),
        Value::Scalar { .. } => false,
    };
    for (key, help) in WITHOUT_EFFECT {
        let Some(place) = fields.key_place(key) else {
            continue;
        };
        if !fields.get(key).is_some_and(is_empty) {
            diagnostics
                .warning(place, format!("`{key}` has no effect in a run"))
                .help(help);
        }
    }
}
