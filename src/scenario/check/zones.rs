//! `availabilityZone` or `availabilityZones` of what launches or registers instances.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};

use super::subnets::read_zone;

/// Reads zones.
pub(super) struct ZonesReader<'a> {
    /// Where they should lie; `None` when they are no zones of AWS.
    pub(super) region: Option<&'a str>,
    /// The zone where none is given.
    pub(super) default: String,
}

impl<'a> ZonesReader<'a> {
    /// Of a region's zones, its `a` where none is given.
    pub(super) fn of_region(region: &'a str) -> Self {
        Self {
            region: Some(region),
            default: format!("{region}a"),
        }
    }

    /// The zones in their order. Only what was reported is without any.
    pub(super) fn read(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<String> {
        let one = fields.get("availabilityZone");
        let many = fields.get("availabilityZones");
        if let (Some(_), Some(many)) = (one, many) {
            let place = fields.key_place("availabilityZones").unwrap_or(many.place);
            diagnostics
                .error(place, "both `availabilityZone` and `availabilityZones`")
                .help("remove one of them");
        }
        let nodes = match (one, many) {
            (Some(one), _) => std::slice::from_ref(one),
            (None, Some(many)) => {
                let nodes = read::items(many, diagnostics);
                if nodes.is_some_and(<[Node]>::is_empty) {
                    diagnostics
                        .error(many.place, "no zone is named")
                        .label("expected a zone");
                }
                nodes.unwrap_or_default()
            }
            (None, None) => return vec![self.default.clone()],
        };
        let zones = nodes
            .iter()
            .filter_map(|node| self.read_one(node, diagnostics));
        zones.collect()
    }

    fn read_one(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
        match self.region {
            Some(region) => read_zone(node, region, diagnostics),
            None => read::name(node, "a place", diagnostics).map(str::to_owned),
        }
    }
}
