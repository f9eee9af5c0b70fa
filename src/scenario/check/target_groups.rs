//! `targetGroups`: CreateTargetGroup's shape with the attributes that matter here.
//!
//! Source: API reference of Elastic Load Balancing v2.

use crate::cloud::{Algorithm, CheckPhase, Protocol, TargetGroup};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::Millis;

use super::faults::report_faults;
use super::subnets::read_zone;

const KEYS: [&str; 11] = [
    "targetGroupName",
    "protocol",
    "healthCheckIntervalSeconds",
    "healthCheckTimeoutSeconds",
    "healthyThresholdCount",
    "unhealthyThresholdCount",
    "deregistrationDelay",
    "slowStart",
    "algorithm",
    "availabilityZones",
    "firstCheck",
];
/// What DescribeTargetGroups prints without a bearing on a run.
const ACCEPTED: [&str; 14] = [
    "targetGroupArn",
    "loadBalancerArns",
    "port",
    "vpcId",
    "targetType",
    "protocolVersion",
    "ipAddressType",
    "healthCheckEnabled",
    "healthCheckPath",
    "healthCheckPort",
    "healthCheckProtocol",
    "matcher",
    "tags",
    "targetControlPort",
];

/// Names by position, of groups that are wrong too: what names one is not wrong.
pub(super) fn names(fields: &Fields<'_>, block: &str, key: &str) -> Vec<String> {
    let items = match fields.get(block).map(|node| &node.value) {
        Some(crate::scenario::node::Value::Sequence(items)) => items.as_slice(),
        _ => &[],
    };
    items
        .iter()
        .map(|item| {
            item.get(key)
                .and_then(Node::text)
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

pub(super) fn read_target_groups(
    fields: &Fields<'_>,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<TargetGroup> {
    let mut groups: Vec<TargetGroup> = Vec::new();
    for item in read::items_of(fields, "targetGroups", diagnostics) {
        let Some(group) = read_target_group(item, region, diagnostics) else {
            continue;
        };
        if groups.iter().any(|other| other.name == group.name) {
            let node = item.get("targetGroupName").unwrap_or(item);
            let title = format!("the name `{}` is given twice in `targetGroups`", group.name);
            diagnostics.error(node.place, title);
        }
        groups.push(group);
    }
    groups
}

fn read_target_group(
    node: &Node,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Option<TargetGroup> {
    let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
    let name = fields
        .required("targetGroupName", "web", diagnostics)
        .and_then(|node| read::name(node, "the name of a target group", diagnostics));
    let protocols = [
        ("HTTP", Protocol::Http),
        ("HTTPS", Protocol::Http),
        ("TCP", Protocol::Tcp),
        ("TLS", Protocol::Tcp),
        ("UDP", Protocol::Tcp),
        ("TCP_UDP", Protocol::Tcp),
    ];
    let protocol = fields
        .get("protocol")
        .and_then(|node| read::one_of(node, "protocol", &protocols, diagnostics))
        .unwrap_or_default();
    let mut group = TargetGroup::new(name.unwrap_or_default(), protocol);
    read_checks(&fields, &mut group, diagnostics);
    for (key, span) in [
        ("deregistrationDelay", &mut group.deregistration_delay),
        ("slowStart", &mut group.slow_start),
    ] {
        if let Some(node) = fields.get(key) {
            *span = read::duration(node, diagnostics).unwrap_or(*span);
        }
    }
    if let Some(node) = fields.get("algorithm") {
        let choices = [
            ("round_robin", Algorithm::RoundRobin),
            (
                "least_outstanding_requests",
                Algorithm::LeastOutstandingRequests,
            ),
            ("weighted_random", Algorithm::WeightedRandom),
        ];
        let found = read::one_of(node, "algorithm", &choices, diagnostics);
        group.algorithm = found.unwrap_or(group.algorithm);
    }
    let zones = read::items_of(&fields, "availabilityZones", diagnostics);
    let zones = zones
        .iter()
        .filter_map(|node| read_zone(node, region, diagnostics));
    group.availability_zones = zones.collect();
    report_faults(&group.faults(), &fields, diagnostics);
    name.map(|_| group)
}

fn read_checks(fields: &Fields<'_>, group: &mut TargetGroup, diagnostics: &mut Diagnostics) {
    let check = &mut group.health_check;
    for (key, span) in [
        ("healthCheckIntervalSeconds", &mut check.interval),
        ("healthCheckTimeoutSeconds", &mut check.timeout),
    ] {
        if let Some(node) = fields.get(key) {
            let seconds = read::number(node, 0..=100_000, diagnostics);
            *span = seconds.map_or(*span, |seconds| Millis(seconds * 1_000));
        }
    }
    for (key, count) in [
        ("healthyThresholdCount", &mut check.healthy_threshold),
        ("unhealthyThresholdCount", &mut check.unhealthy_threshold),
    ] {
        if let Some(node) = fields.get(key) {
            *count = read::number_u32(node, 0..=100_000, diagnostics).unwrap_or(*count);
        }
    }
    if let Some(node) = fields.get("firstCheck") {
        let choices = [
            ("registration", CheckPhase::Registration),
            ("interval", CheckPhase::Interval),
        ];
        check.phase = read::one_of(node, "firstCheck", &choices, diagnostics).unwrap_or_default();
    }
}
