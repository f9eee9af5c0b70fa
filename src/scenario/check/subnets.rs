//! `subnets`, and zones.

use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::Subnet;
use crate::units::nearest;

/// The subnets of a scenario.
pub(super) struct Subnets {
    list: Vec<Subnet>,
    /// Ids of entries that were reported: entries of `tasks` that name one are not wrong.
    broken: Vec<String>,
}

impl Subnets {
    /// The zone of a subnet; reports an id that there is not.
    pub(super) fn zone_of(
        &self,
        id: &str,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        if let Some(subnet) = self.list.iter().find(|known| known.subnet_id == id) {
            return Some(subnet.availability_zone.clone());
        }
        if self.broken.iter().any(|broken| broken == id) {
            return None;
        }
        let names: Vec<&str> = self.list.iter().map(|known| &*known.subnet_id).collect();
        let near = nearest(id, names.iter().copied());
        let finding = diagnostics.error(place, format!("unknown subnet `{id}`"));
        finding.label("not in `subnets`").nearest(near);
        match names.as_slice() {
            [] => {
                let example = format!("[{{subnetId: {id}, availabilityZone: us-east-1a}}]");
                finding.help(format!("add `subnets: {example}`"));
            }
            _ if near.is_none() => {
                finding.help(format!("there are {}", read::short_list(&names)));
            }
            _ => {}
        }
        None
    }
}

pub(super) fn read_subnets(
    fields: &Fields<'_>,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Subnets {
    let mut subnets: Vec<Subnet> = Vec::new();
    let mut broken = Vec::new();
    for item in read::items_of(fields, "subnets", diagnostics) {
        let keys = ["subnetId", "availabilityZone"];
        let named = item.get("subnetId").and_then(Node::text);
        let Some(entry) = read::fields(item, &keys, diagnostics) else {
            continue;
        };
        let id_node = entry.required("subnetId", "subnet-1", diagnostics);
        let zone_node = entry.required("availabilityZone", &format!("{region}a"), diagnostics);
        let id = id_node.and_then(|node| read::name(node, "a subnet id", diagnostics));
        let zone = zone_node.and_then(|node| read_zone(node, region, diagnostics));
        let (Some(id), Some(zone)) = (id, zone) else {
            broken.extend(named.map(str::to_owned));
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
    Subnets {
        list: subnets,
        broken,
    }
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
