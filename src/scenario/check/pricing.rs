//! `prices`: what is billed beside instances, in so far as the scenario has it. The catalog knows
//! these prices in one region; elsewhere the scenario gives them.

use crate::catalog::{OtherPrices, PricedItem};
use crate::cloud::Protocol;
use crate::model::{LaunchType, LoadBalancerPricing, LoadBalancerRates, Pricing};
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::{ContainerInstances, LoadBalancer};
use crate::units::{HourlyRate, UnitPrice};

use super::commitments::CommitmentsReader;
use super::instances::Instances;
use super::prices_of_requests::{read_cross_zone, read_requests};
use super::work::Work;

const KEYS: [&str; 7] = [
    GP3,
    IPV4,
    ANYWHERE,
    "applicationLoadBalancer",
    "networkLoadBalancer",
    "loadBalancers",
    "crossZoneTraffic",
];
const GP3: &str = "gp3UsdPerGbMonth";
const IPV4: &str = "publicIpv4UsdPerHour";
const ANYWHERE: &str = "ecsAnywhereUsdPerHour";
/// The one region whose prices the catalog has.
const KNOWN: &str = "us-east-1";

/// Reads the prices of what a scenario has.
pub(super) struct PricingReader<'a> {
    pub(super) region: &'a str,
    pub(super) instances: &'a Instances,
    pub(super) work: &'a Work,
}

/// A price that something asks for.
struct Asked<'a> {
    key: &'static str,
    item: PricedItem,
    /// What it is the price of, as the end of a sentence.
    what: &'static str,
    /// What asks for it, and where, if anything does.
    place: Option<Place>,
    /// What would ask for it.
    asks: &'a str,
}

impl PricingReader<'_> {
    pub(super) fn read(&self, root: &Fields<'_>, diagnostics: &mut Diagnostics) -> Pricing {
        let commitments = CommitmentsReader {
            region: self.region,
            types: &self.instances.types,
        }
        .read(root, diagnostics);
        let given = root
            .get("prices")
            .and_then(|node| read::fields(node, &KEYS, diagnostics));
        let list = &self.instances.groups.list;
        let volumes = list.iter().any(|group| group.root_volume_gib.is_some());
        let addresses = list.iter().any(|group| group.public_ipv4);
        let is_external = |entry: &ContainerInstances| entry.launch_type == LaunchType::External;
        let external = self.instances.fixed.iter().any(is_external);
        let groups = root.get("autoScalingGroups");
        let place_of = |node: Option<&Node>, key: &str| {
            node.and_then(|node| place_of_key(node, key))
                .unwrap_or(root.place)
        };
        let mut unit_price =
            |asked: &Asked<'_>| self.unit_price(given.as_ref(), asked, diagnostics);
        let gp3_gb_month = unit_price(&Asked {
            key: GP3,
            item: PricedItem::Gp3,
            what: "a gp3 volume",
            place: volumes.then(|| place_of(groups, "rootVolumeGiB")),
            asks: "`rootVolumeGiB` in the launch template of a group",
        });
        let public_ipv4 = unit_price(&Asked {
            key: IPV4,
            item: PricedItem::PublicIpv4,
            what: "a public IPv4 address",
            place: addresses.then(|| place_of(groups, "publicIpv4")),
            asks: "`publicIpv4` in the launch template of a group",
        });
        let ecs_anywhere = unit_price(&Asked {
            key: ANYWHERE,
            item: PricedItem::EcsAnywhere,
            what: "an external instance",
            place: external.then(|| place_of(root.get("containerInstances"), "launchType")),
            asks: "`launchType: EXTERNAL` in `containerInstances`",
        });
        let hourly = |price: Option<UnitPrice>| price.map(|price| HourlyRate(price.0));
        Pricing {
            commitments,
            gp3_gb_month,
            public_ipv4: hourly(public_ipv4),
            ecs_anywhere: hourly(ecs_anywhere),
            load_balancers: given
                .as_ref()
                .and_then(|given| self.load_balancers(given, diagnostics)),
            cross_zone_traffic: given
                .as_ref()
                .and_then(|given| read_cross_zone(given, diagnostics)),
        }
    }

    /// The scenario's price, else the catalog's; reports when something asks for it and there is
    /// none.
    fn unit_price(
        &self,
        given: Option<&Fields<'_>>,
        asked: &Asked<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<UnitPrice> {
        let key = asked.key;
        let node = given.and_then(|given| given.get(key));
        let price = node.map(|node| read_usd(node, diagnostics));
        let Some(place) = asked.place else {
            if let Some(node) = node {
                diagnostics
                    .warning_of_no_effect(node.place, format!("nothing is billed by `{key}`"))
                    .help(format!("{} asks for it", asked.asks));
            }
            return None;
        };
        if let Some(price) = price {
            return price;
        }
        let known = self.known(asked.item);
        if known.is_none() {
            self.report_unknown(asked.what, place, diagnostics)
                .help(format!("give it: `prices: {{{key}: 0.01}}`"));
        }
        known
    }

    fn known(&self, item: PricedItem) -> Option<UnitPrice> {
        OtherPrices::shared().price(item, self.region)
    }

    fn report_unknown<'d>(
        &self,
        what: &str,
        place: Place,
        diagnostics: &'d mut Diagnostics,
    ) -> &'d mut crate::scenario::diagnostics::Diagnostic {
        let region = self.region;
        diagnostics
            .error(place, format!("no price of {what} in {region} is known"))
            .label(format!("the catalog has that of {KNOWN} alone"))
    }

    /// `loadBalancers` asks for the bill of the scenario's load balancers.
    fn load_balancers(
        &self,
        given: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<LoadBalancerPricing> {
        let application = Kind {
            key: "applicationLoadBalancer",
            unit_key: "usdPerLcuHour",
            items: [
                PricedItem::ApplicationLoadBalancer,
                PricedItem::ApplicationLoadBalancerLcu,
            ],
            what: "an Application Load Balancer",
        };
        let network = Kind {
            key: "networkLoadBalancer",
            unit_key: "usdPerNlcuHour",
            items: [
                PricedItem::NetworkLoadBalancer,
                PricedItem::NetworkLoadBalancerNlcu,
            ],
            what: "a Network Load Balancer",
        };
        let Some(node) = given.get("loadBalancers") else {
            for kind in [application, network] {
                if let Some(place) = given.key_place(kind.key) {
                    diagnostics
                        .warning_of_no_effect(place, format!("nothing is billed by `{}`", kind.key))
                        .help("`loadBalancers` in `prices` asks for it");
                }
            }
            return None;
        };
        let place = given.key_place("loadBalancers").unwrap_or(node.place);
        if self.work.load_balancers.is_empty() {
            diagnostics
                .warning_of_no_effect(place, "there are no load balancers to bill")
                .help("the block `loadBalancers` of the scenario has them");
        }
        let requests = read_requests(node, diagnostics);
        let has = |network: bool| {
            let mut balancers = self.work.load_balancers.iter();
            balancers.any(|balancer| self.is_network(balancer) == network)
        };
        let mut rates = |kind: &Kind, is_used: bool| {
            self.rates(given, kind, is_used.then_some(place), diagnostics)
        };
        let application = rates(&application, has(false));
        let network = rates(&network, has(true));
        Some(LoadBalancerPricing {
            application: application?,
            network: network?,
            ..requests?
        })
    }

    fn is_network(&self, balancer: &LoadBalancer) -> bool {
        let name = &balancer.listener.default_target_group;
        let mut groups = self.work.target_groups.iter();
        let group = groups.find(|group| group.name == *name);
        group.is_some_and(|group| group.protocol == Protocol::Tcp)
    }

    /// The rates of a kind of load balancer; none are needed where the scenario has none of it.
    fn rates(
        &self,
        given: &Fields<'_>,
        kind: &Kind,
        asked: Option<Place>,
        diagnostics: &mut Diagnostics,
    ) -> Option<LoadBalancerRates> {
        let unit_key = kind.unit_key;
        if let Some(node) = given.get(kind.key) {
            let example = format!("usdPerHour: 0.0225, {unit_key}: 0.008");
            let keys = ["usdPerHour", unit_key];
            let fields = read::fields_like(node, &keys, &example, diagnostics)?;
            let mut rate = |key: &str, example: &str| {
                let node = fields.required(key, example, diagnostics)?;
                read::rate(node, diagnostics)
            };
            let (hour, unit) = (rate("usdPerHour", "0.0225"), rate(unit_key, "0.008"));
            return Some(LoadBalancerRates {
                hour: hour?,
                capacity_unit_hour: unit?,
            });
        }
        let Some(place) = asked else {
            return Some(LoadBalancerRates::default());
        };
        let known = kind.items.map(|item| self.known(item));
        let [Some(hour), Some(unit)] = known else {
            let key = kind.key;
            let give = format!("`{key}: {{usdPerHour: 0.01, {unit_key}: 0.01}}`");
            self.report_unknown(kind.what, place, diagnostics)
                .help(format!("give it: {give}"));
            return None;
        };
        Some(LoadBalancerRates {
            hour: HourlyRate(hour.0),
            capacity_unit_hour: HourlyRate(unit.0),
        })
    }
}

/// A kind of load balancer.
struct Kind {
    key: &'static str,
    unit_key: &'static str,
    /// The hour, and the capacity unit.
    items: [PricedItem; 2],
    what: &'static str,
}

/// Dollars for a unit of something.
pub(super) fn read_usd(node: &Node, diagnostics: &mut Diagnostics) -> Option<UnitPrice> {
    const NANO: u64 = 1_000_000_000;
    let expected = "US dollars such as `0.08`";
    read::decimal(node, NANO, 0..=u64::MAX, expected, diagnostics).map(UnitPrice)
}

/// Where a key stands first in a tree.
fn place_of_key(node: &Node, key: &str) -> Option<Place> {
    match &node.value {
        Value::Scalar { .. } => None,
        Value::Sequence(items) => items.iter().find_map(|item| place_of_key(item, key)),
        Value::Mapping(entries) => entries.iter().find_map(|(name, value)| {
            if name.text == key {
                return Some(name.place);
            }
            place_of_key(value, key)
        }),
    }
}
