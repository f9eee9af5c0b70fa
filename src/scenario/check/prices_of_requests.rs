//! What a request means to a load balancer's capacity units and to traffic between zones: keys of
//! `prices`.

use crate::model::{CrossZonePricing, LoadBalancerPricing};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::Millis;

use super::images;
use super::pricing::read_usd;

/// Connections for a request are read in millionths.
const MILLION: u64 = 1_000_000;
/// Rules of a listener at most (quota of Application Load Balancers, raised).
const MOST_RULES: u64 = 1_000;

/// `loadBalancers`: what each request means. Its rates are left at zero.
pub(super) fn read_requests(
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<LoadBalancerPricing> {
    let keys = [
        "connectionsPerRequest",
        "connectionDuration",
        "bytesPerRequest",
        "rulesPerRequest",
    ];
    let example = "connectionsPerRequest: 0.1, bytesPerRequest: 20 KB";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    let connections = fields
        .required("connectionsPerRequest", "0.1", diagnostics)
        .and_then(|node| {
            let expected = "new connections for each request, 0 to 1, at most six decimals";
            read::decimal(node, MILLION, 0..=MILLION, expected, diagnostics)
        });
    let duration = fields
        .get("connectionDuration")
        .map_or(Some(Millis::ZERO), |node| read::duration(node, diagnostics));
    let bytes = fields
        .get("bytesPerRequest")
        .map_or(Some(0), |node| read_bytes(node, diagnostics));
    let rules = fields.get("rulesPerRequest").map_or(Some(0), |node| {
        read::number(node, 0..=MOST_RULES, diagnostics)
    });
    Some(LoadBalancerPricing {
        connections_per_request: connections?,
        connection_duration: duration?,
        bytes_per_request: bytes?,
        rules_per_request: rules?,
        ..LoadBalancerPricing::default()
    })
}

/// `crossZoneTraffic`: rate and bytes, both the scenario's to give.
pub(super) fn read_cross_zone(
    given: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<CrossZonePricing> {
    let node = given.get("crossZoneTraffic")?;
    let keys = ["usdPerGb", "bytesPerRequest"];
    let example = "usdPerGb: 0.01, bytesPerRequest: 20 KB";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    let gb = fields
        .required("usdPerGb", "0.01", diagnostics)
        .and_then(|node| read_usd(node, diagnostics));
    let bytes = fields
        .required("bytesPerRequest", "20 KB", diagnostics)
        .and_then(|node| read_bytes(node, diagnostics));
    Some(CrossZonePricing {
        gb: gb?,
        bytes_per_request: bytes?,
    })
}

fn read_bytes(node: &Node, diagnostics: &mut Diagnostics) -> Option<u64> {
    images::read_bytes(node, "bytes such as `20 KB`, `1.5 MB`", diagnostics)
}
