//! `loadBalancers`: requests that are parted between target groups by paths.

use std::path::Path;

use crate::cloud::{Listener, ListenerRule, Protocol, TargetGroup, TrafficShare};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::services::Service;
use crate::scenario::traffic::LoadBalancer;
use crate::units::{id, index};

use super::faults::report_fault;
use super::load::{RULES, read_load};
use super::services::report_unknown_name;

const KEYS: [&str; 5] = [
    "loadBalancerName",
    "type",
    "rules",
    "defaultTargetGroupName",
    "load",
];
const ACCEPTED: [&str; 10] = [
    "loadBalancerArn",
    "dnsName",
    "canonicalHostedZoneId",
    "createdTime",
    "scheme",
    "vpcId",
    "state",
    "securityGroups",
    "ipAddressType",
    "tags",
];

/// Reads the load balancers.
pub(super) struct LoadBalancersReader<'a> {
    pub(super) base_dir: &'a Path,
    pub(super) groups: &'a [TargetGroup],
    /// Names of all groups, of those that were reported too.
    pub(super) names: &'a [String],
}

impl LoadBalancersReader<'_> {
    pub(super) fn read(
        &self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<LoadBalancer> {
        let mut balancers: Vec<LoadBalancer> = Vec::new();
        for item in read::items_of(fields, "loadBalancers", diagnostics) {
            let Some(balancer) = self.read_balancer(item, diagnostics) else {
                continue;
            };
            let same = |other: &&LoadBalancer| other.listener.name == balancer.listener.name;
            if balancers.iter().any(|other| same(&other)) {
                let node = item.get("loadBalancerName").unwrap_or(item);
                let name = &balancer.listener.name;
                let title = format!("the name `{name}` is given twice in `loadBalancers`");
                diagnostics.error(node.place, title);
            }
            balancers.push(balancer);
        }
        self.check_owners(fields, &balancers, diagnostics);
        balancers
    }

    /// A target group belongs to one load balancer.
    fn check_owners(
        &self,
        fields: &Fields<'_>,
        balancers: &[LoadBalancer],
        diagnostics: &mut Diagnostics,
    ) {
        for group in self.groups {
            let mut owners = balancers
                .iter()
                .filter(|balancer| groups_of(balancer).any(|name| name == group.name));
            if let (Some(first), Some(second)) = (owners.next(), owners.next()) {
                let place = fields.key_place("loadBalancers").unwrap_or(fields.place);
                let (first, second) = (&first.listener.name, &second.listener.name);
                let name = &group.name;
                diagnostics
                    .error(
                        place,
                        format!("`{first}` and `{second}` share the target group `{name}`"),
                    )
                    .help("a target group belongs to one load balancer: make another");
            }
        }
    }

    fn read_balancer(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<LoadBalancer> {
        let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
        let name = fields
            .required("loadBalancerName", "public", diagnostics)
            .and_then(|node| read::name(node, "the name of a load balancer", diagnostics));
        let kinds = [("application", Protocol::Http), ("network", Protocol::Tcp)];
        let kind = fields
            .get("type")
            .and_then(|node| read::one_of(node, "type", &kinds, diagnostics))
            .unwrap_or_default();
        let default_target_group = fields
            .required("defaultTargetGroupName", "web", diagnostics)
            .and_then(|node| self.find_group(node, kind, diagnostics));
        let rules: Vec<ListenerRule> = read::items_of(&fields, "rules", diagnostics)
            .iter()
            .filter_map(|item| self.read_rule(item, kind, diagnostics))
            .collect();
        if let Some(place) = fields
            .key_place("rules")
            .filter(|_| kind == Protocol::Tcp && !rules.is_empty())
        {
            diagnostics
                .error(place, "a Network Load Balancer has no path rules")
                .help("remove them, or set `type: application`");
        }
        let load = fields
            .required("load", "{requestsPerSecond: 100}", diagnostics)
            .and_then(|node| read_load(node, self.base_dir, diagnostics));
        let listener = Listener {
            name: name?.to_owned(),
            rules,
            default_target_group: default_target_group?,
        };
        for fault in listener.faults() {
            let place = fields.key_place("rules").unwrap_or(fields.place);
            report_fault(&fault, place, diagnostics);
        }
        Some(LoadBalancer {
            listener,
            load: load?,
        })
    }

    fn read_rule(
        &self,
        node: &Node,
        kind: Protocol,
        diagnostics: &mut Diagnostics,
    ) -> Option<ListenerRule> {
        let keys = ["path", "targetGroupName", "share"];
        let example = "path: /api/*, targetGroupName: api, share: 30";
        let fields = read::fields_like(node, &keys, example, diagnostics)?;
        let path = fields
            .required("path", "/api/*", diagnostics)
            .and_then(|node| read::text(node, "a path such as `/api/*`", diagnostics));
        let group = fields
            .required("targetGroupName", "api", diagnostics)
            .and_then(|node| self.find_group(node, kind, diagnostics));
        let expected = "percent of the requests, 0 to 100, at most one decimal";
        let share = fields
            .required("share", "30", diagnostics)
            .and_then(|node| read::decimal(node, 10, 0..=1_000, expected, diagnostics));
        Some(ListenerRule {
            path: path?.to_owned(),
            target_group: group?,
            share: TrafficShare(u32::try_from(share?).ok()?),
        })
    }

    fn find_group(
        &self,
        node: &Node,
        kind: Protocol,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        let name = read::name(node, "the name of a target group", diagnostics)?;
        if !self.names.iter().any(|known| known == name) {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let place = node.place;
            let block = "targetGroups";
            report_unknown_name(name, "target group", block, &names, place, diagnostics);
            return None;
        }
        let group = self.groups.iter().find(|group| group.name == name);
        if group.is_some_and(|group| group.protocol != kind) {
            let (one, other) = match kind {
                Protocol::Http => ("an Application", "HTTP or HTTPS"),
                Protocol::Tcp => ("a Network", "TCP, TLS, UDP or TCP_UDP"),
            };
            diagnostics
                .error(
                    node.place,
                    format!("`{name}` is no target group of {one} Load Balancer"),
                )
                .label(format!("expected one whose `protocol` is {other}"));
        }
        Some(name.to_owned())
    }
}

/// Target groups that no service names, and services whose requests come on two ways.
pub(super) fn check_use(
    fields: &Fields<'_>,
    groups: &[TargetGroup],
    balancers: &[LoadBalancer],
    services: &[Service],
    diagnostics: &mut Diagnostics,
) {
    report_unused(fields, groups, services, diagnostics);
    let nodes = whole_block(fields, "services", services.len());
    let knows_balancers = fields.get("loadBalancers").is_none()
        || whole_block(fields, "loadBalancers", balancers.len()).is_some();
    let node_of = |position: usize| nodes.and_then(|nodes| nodes.get(position));
    for (position, service) in services.iter().enumerate() {
        let of_balancer = balancer_of(service, groups, balancers);
        if let (Some(_), Some(balancer)) = (&service.load, of_balancer)
            && let Some(node) = node_of(position)
        {
            let name = &balancer.listener.name;
            let place = node.get("load").map_or(node.place, |load| load.place);
            diagnostics
                .error(
                    place,
                    format!("`{}` gets its requests from `{name}` already", service.name),
                )
                .help("keep `load.request` here, and the load with the load balancer");
        }
        if let Some(node) = node_of(position)
            && service.load.is_none()
            && of_balancer.is_none()
            && knows_balancers
        {
            warn_of_no_requests(service, node, diagnostics);
        }
    }
}

/// Warns of a service that counts on requests and gets none. One whose rule was reported gets some
/// when that is mended.
fn warn_of_no_requests(service: &Service, node: &Node, diagnostics: &mut Diagnostics) {
    let load = node.get("load");
    let is_reported = load.is_some_and(|load| match &load.value {
        Value::Mapping(_) => RULES.iter().any(|rule| load.get(rule).is_some()),
        _ => true,
    });
    let named = node.get("loadBalancers").map(|node| &node.value);
    let has_lost_group = service.target_groups.is_empty()
        && matches!(named, Some(Value::Sequence(items)) if !items.is_empty());
    if is_reported || has_lost_group {
        return;
    }
    let scaling = node
        .get("scaling")
        .filter(|scaling| service.scaling.is_some() && scaling.get("policies").is_some());
    let (place, title) = match (scaling, load) {
        (Some(scaling), _) => (scaling.place, "scales by metrics"),
        (None, Some(load)) => (load.place, "has a `load`"),
        (None, None) => return,
    };
    let title = format!("`{}` {title}, but no requests come to it", service.name);
    let help = if service.target_groups.is_empty() {
        "add `load: {requestsPerSecond: 100, request: {cpuTime: 5ms}}`"
    } else {
        "let an entry of the block `loadBalancers` send requests to its target group"
    };
    diagnostics.warning_of_no_effect(place, title).help(help);
}

/// Target groups that no service names. While a part of either block was reported, nobody knows.
fn report_unused(
    fields: &Fields<'_>,
    groups: &[TargetGroup],
    services: &[Service],
    diagnostics: &mut Diagnostics,
) {
    let nodes = whole_block(fields, "targetGroups", groups.len());
    let is_known = fields.get("services").is_none()
        || whole_block(fields, "services", services.len()).is_some();
    let (Some(nodes), true) = (nodes, is_known) else {
        return;
    };
    for (position, (group, node)) in groups.iter().zip(nodes).enumerate() {
        let is_used = services.iter().any(|service| {
            let mut used = service.target_groups.iter();
            used.any(|used| used.0 == id(position))
        });
        if !is_used {
            let name = &group.name;
            let place = node.get("targetGroupName").unwrap_or(node).place;
            diagnostics
                .error(place, format!("no service uses the target group `{name}`"))
                .help(format!(
                    "name it in a service: `loadBalancers: [{{targetGroupName: {name}}}]`"
                ));
        }
    }
}

/// The elements of a block, when so many as it has could be read.
fn whole_block<'n>(fields: &Fields<'n>, block: &str, count: usize) -> Option<&'n [Node]> {
    match &fields.get(block)?.value {
        Value::Sequence(items) if items.len() == count => Some(items),
        _ => None,
    }
}

/// The load balancer that sends requests to a service.
fn balancer_of<'a>(
    service: &Service,
    groups: &[TargetGroup],
    balancers: &'a [LoadBalancer],
) -> Option<&'a LoadBalancer> {
    let names: Vec<&str> = service
        .target_groups
        .iter()
        .filter_map(|group| groups.get(index(group.0)))
        .map(|group| group.name.as_str())
        .collect();
    balancers
        .iter()
        .find(|balancer| groups_of(balancer).any(|name| names.contains(&name)))
}

/// Names of the target groups to which a load balancer sends requests.
fn groups_of(balancer: &LoadBalancer) -> impl Iterator<Item = &str> {
    let listener = &balancer.listener;
    let rules = listener.rules.iter().map(|rule| rule.target_group.as_str());
    rules.chain([listener.default_target_group.as_str()])
}
