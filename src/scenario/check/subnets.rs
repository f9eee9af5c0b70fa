//! `subnets`, and zones.

use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::Subnet;

pub(super) fn read_subnets(
    fields: &Fields<'_>,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<Subnet> {
    let mut subnets: Vec<Subnet> = Vec::new();
    for item in read::items_of(fields, "subnets", diagnostics) {
        let keys = ["subnetId", "availabilityZone"];
        let Some(entry) = read::fields(item, &keys, diagnostics) else {
            continue;
        };
        let id_node = entry.required("subnetId", "subnet-1", diagnostics);
        let zone_node = entry.required("availabilityZone", &format!("{region}a"), diagnostics);
        let id = id_node.and_then(|node| read::name(node, "a subnet id", diagnostics));
        let zone = zone_node.and_then(|node| read_zone(node, region, diagnostics));
        let (Some(id), Some(zone)) = (id, zone) else {
            continue;
        };
        if subnets.iter().any(|subnet| subnet.subnet_id == id) {
            let place = id_node.map_or(item.place, |node| node.place);
            diagnostics.error(place, format!("the subnet `{id}` is given twice"));
            continue;
        }
        subnets.push(Subnet {
            subnet_id: id.to_owned(),
            availability_zone: zone,
        });
    }
    subnets
}

/// A zone's name. One that is not the region's may be meant: Local Zones have such names.
pub(super) fn read_zone(
    node: &Node,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let zone = read::name(node, "an Availability Zone", diagnostics)?;
    warn_about_zone(zone, node.place, region, diagnostics);
    Some(zone.to_owned())
}

fn warn_about_zone(zone: &str, place: Place, region: &str, diagnostics: &mut Diagnostics) {
    let letter = zone.strip_prefix(region).unwrap_or_default();
    if letter.len() != 1 || !letter.bytes().all(|byte| byte.is_ascii_lowercase()) {
        diagnostics
            .warning(
                place,
                format!("`{zone}` does not look like a zone of {region}"),
            )
            .label(format!("expected a name such as `{region}a`"));
    }
}
