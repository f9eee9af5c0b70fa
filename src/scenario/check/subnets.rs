//! `subnets`, and zones.

use crate::catalog::Catalog;
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

/// A zone's name, which must be one of the region's; of one that is refused what was probably
/// meant, so that nothing else is refused for it. Of a region that the catalog does not know,
/// nobody can tell.
pub(super) fn read_zone(
    node: &Node,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let zone = read::name(node, "an Availability Zone", diagnostics)?;
    if is_zone_of(zone, region) {
        return Some(zone.to_owned());
    }
    let title = format!("`{zone}` is no zone of {region}");
    let expected = format!("expected a name such as `{region}a`");
    let catalog = Catalog::shared();
    if !catalog.regions().any(|known| known == region) {
        diagnostics.warning(node.place, title).label(expected);
        return Some(zone.to_owned());
    }
    let zones: Vec<String> = ('a'..='f').map(|of| format!("{region}{of}")).collect();
    let finding = diagnostics.error(node.place, title);
    finding.label(expected);
    let mut regions = catalog.regions();
    if let Some(other) = regions.find(|other| is_zone_of(zone, other)) {
        finding.help(format!("it is one of {other}: set `region: {other}`"));
        return Some(zone.to_owned());
    }
    let near = nearest(zone, zones.iter().map(String::as_str));
    finding.nearest(near);
    Some(near.unwrap_or(zone).to_owned())
}

/// Whether a zone is named as those of a region are: `us-east-1a`, or a Local or Wavelength Zone
/// such as `us-east-1-bos-1a`.
fn is_zone_of(zone: &str, region: &str) -> bool {
    match zone.strip_prefix(region).map(str::as_bytes) {
        Some([letter]) => letter.is_ascii_lowercase(),
        Some([b'-', .., digit, letter]) => digit.is_ascii_digit() && letter.is_ascii_lowercase(),
        _ => false,
    }
}
