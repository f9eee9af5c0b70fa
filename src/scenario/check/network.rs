//! `networkConfiguration` of tasks and services: which zones they may run in.

use crate::model::{NetworkMode, TaskDefinition};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};

use super::subnets::Subnets;

/// Zones of the subnets that an entry names, sorted; empty is any.
pub(super) fn read_network(
    fields: &Fields<'_>,
    definition: Option<&TaskDefinition>,
    subnets: &Subnets,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let Some(nodes) = find_subnets(fields, diagnostics) else {
        return Vec::new();
    };
    let is_awsvpc = definition.is_some_and(|known| known.network_mode == NetworkMode::Awsvpc);
    if !is_awsvpc && (definition.is_some() || fields.get("taskDefinition").is_none()) {
        let place = fields
            .key_place("networkConfiguration")
            .unwrap_or(fields.place);
        diagnostics
            .error(
                place,
                "`networkConfiguration` without an `awsvpc` task definition",
            )
            .help("set `networkMode: awsvpc` in the task definition, or remove this");
    }
    let mut zones = Vec::new();
    for node in nodes {
        let Some(id) = read::name(node, "a subnet id", diagnostics) else {
            continue;
        };
        zones.extend(subnets.zone_of(id, node.place, diagnostics));
    }
    zones.sort();
    zones.dedup();
    zones
}

fn find_subnets<'n>(fields: &Fields<'n>, diagnostics: &mut Diagnostics) -> Option<&'n [Node]> {
    let network = fields.get("networkConfiguration")?;
    let network = read::fields(network, &["awsvpcConfiguration"], diagnostics)?;
    let example = "{subnets: [subnet-1]}";
    let awsvpc = network.required("awsvpcConfiguration", example, diagnostics)?;
    // Security groups and public addresses have no bearing on where a task goes.
    let keys = ["subnets", "securityGroups", "assignPublicIp"];
    let awsvpc = read::fields(awsvpc, &keys, diagnostics)?;
    let node = awsvpc.required("subnets", "[subnet-1]", diagnostics)?;
    let subnets = read::items(node, diagnostics)?;
    if subnets.is_empty() {
        diagnostics
            .error(node.place, "no subnet is named")
            .label("expected a subnet id");
    }
    Some(subnets)
}
