//! Entries of `spot.pools`, and what each pool is after all.

use std::path::Path;

use crate::catalog::InterruptionFrequency;
use crate::cloud::spot::{SpotPool, SpotPrice, SpotSupply};
use crate::model::InstanceTypeId;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{Decimal, HourlyRate, index, nearest};

use super::{SpotReader, intervals};
use crate::scenario::check::unused_capacity::place_of;

const KEYS: [&str; 6] = [
    "instanceType",
    "availabilityZone",
    "usdPerHour",
    "savingsPercent",
    "capacity",
    "interruptions",
];
/// A hundredth of a percent is the unit of savings.
const WHOLE: u64 = 10_000;

/// A pool that a group can use.
pub(super) struct UsedPool {
    pub(super) id: InstanceTypeId,
    pub(super) zone: String,
    pub(super) on_demand: HourlyRate,
    /// The most that a group would pay.
    pub(super) max_price: HourlyRate,
    /// The first group that uses it.
    pub(super) group: String,
}

/// How a pool's price is given.
#[derive(Debug, Clone)]
enum PriceTerm {
    Own(SpotPrice),
    /// Savings against On-Demand, in hundredths of a percent.
    Savings(u64),
}

impl PriceTerm {
    fn price(&self, on_demand: HourlyRate) -> SpotPrice {
        match self {
            Self::Own(price) => price.clone(),
            Self::Savings(savings) => {
                let rest = u128::from(WHOLE.saturating_sub(*savings));
                let price = (u128::from(on_demand.0) * rest + 5_000) / u128::from(WHOLE);
                let price = u64::try_from(price).expect("no more than the On-Demand price");
                SpotPrice::Constant(HourlyRate(price))
            }
        }
    }
}

/// What holds for pools that have no entry of their own.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    savings: Option<u64>,
    interruptions: Option<u32>,
}

impl Defaults {
    pub(super) fn read(block: &Fields<'_>, diagnostics: &mut Diagnostics) -> Self {
        Self {
            savings: block
                .get("savingsPercent")
                .and_then(|node| read_savings(node, diagnostics)),
            interruptions: block
                .get("interruptions")
                .and_then(|node| read_interruptions(node, diagnostics)),
        }
    }
}

/// An entry: for one pool, or for all zones of a type.
pub(super) struct Entry {
    pub(super) place: Place,
    instance_type: (String, Place),
    zone: Option<(String, Place)>,
    price: Option<PriceTerm>,
    supply: Option<SpotSupply>,
}

impl Entry {
    pub(super) fn is_of_the_same(&self, other: &Self) -> bool {
        self.instance_type.0 == other.instance_type.0 && self.zone_name() == other.zone_name()
    }

    /// `m5.large/us-east-1a`, or the type alone.
    pub(super) fn name(&self) -> String {
        match self.zone_name() {
            Some(zone) => format!("{}/{zone}", self.instance_type.0),
            None => self.instance_type.0.clone(),
        }
    }

    fn zone_name(&self) -> Option<&str> {
        self.zone.as_ref().map(|(zone, _)| zone.as_str())
    }
}

pub(super) fn read_entry(
    node: &Node,
    base_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<Entry> {
    let example = "instanceType: m5.large, usdPerHour: 0.035";
    let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
    let named = |node: &Node, what: &str, diagnostics: &mut Diagnostics| {
        let name = read::name(node, what, diagnostics)?;
        Some((name.to_owned(), node.place))
    };
    let instance_type = fields
        .required("instanceType", "m5.large", diagnostics)
        .and_then(|node| named(node, "an instance type", diagnostics));
    let zone = fields
        .get("availabilityZone")
        .and_then(|node| named(node, "an Availability Zone", diagnostics));
    // What was reported counts as given, so that it is not said to be missing as well.
    refuse_both(&fields, "usdPerHour", "savingsPercent", diagnostics);
    refuse_both(&fields, "capacity", "interruptions", diagnostics);
    let price = match (fields.get("usdPerHour"), fields.get("savingsPercent")) {
        (Some(node), _) => {
            let price = intervals::read_price(node, base_dir, diagnostics);
            Some(price.map_or(PriceTerm::Savings(0), PriceTerm::Own))
        }
        (None, Some(node)) => {
            let savings = read_savings(node, diagnostics);
            Some(PriceTerm::Savings(savings.unwrap_or_default()))
        }
        (None, None) => None,
    };
    let supply = match (fields.get("capacity"), fields.get("interruptions")) {
        (Some(node), _) => {
            let capacity = intervals::read_capacity(node, base_dir, diagnostics);
            Some(capacity.unwrap_or(SpotSupply::Unlimited))
        }
        (None, Some(node)) => {
            let interruptions = read_interruptions(node, diagnostics);
            Some(stochastic(interruptions.unwrap_or_default()))
        }
        (None, None) => None,
    };
    Some(Entry {
        place: node.place,
        instance_type: instance_type?,
        zone,
        price,
        supply,
    })
}

fn refuse_both(fields: &Fields<'_>, first: &str, second: &str, diagnostics: &mut Diagnostics) {
    if fields.get(first).is_none() {
        return;
    }
    if let Some(place) = fields.key_place(second) {
        diagnostics
            .error(place, format!("`{second}` beside `{first}`"))
            .help(format!("`{first}` says it all: remove one of them"));
    }
}

fn stochastic(interruptions_per_month: u32) -> SpotSupply {
    SpotSupply::Stochastic {
        interruptions_per_month,
    }
}

fn read_savings(node: &Node, diagnostics: &mut Diagnostics) -> Option<u64> {
    let expected = "a percentage from 0 to 100, at most two decimals";
    read::decimal(node, 100, 0..=WHOLE, expected, diagnostics)
}

/// A class of the Spot Instance Advisor, or a percentage: how many of the instances are interrupted
/// within 30 days, in millionths.
fn read_interruptions(node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
    const EXPECTED: &str = "a class of the Spot Instance Advisor (\"<5%\", \"5-10%\", \"10-15%\", \
                            \"15-20%\", \">20%\"), or a percentage a month from 0% to 99%";
    const MOST: u64 = 990_000;
    let text = read::text(node, EXPECTED, diagnostics)?;
    let mut classes = InterruptionFrequency::ALL.into_iter();
    if let Some(class) = classes.find(|class| class.name() == text) {
        return Some(class.monthly_millionths());
    }
    let reason = match text.strip_suffix('%').map(Decimal::parse) {
        None => "is no percentage".to_owned(),
        Some(Err(reason)) => reason,
        Some(Ok(percent)) => match percent.times(10_000) {
            Ok(parts) if parts <= MOST => return u32::try_from(parts).ok(),
            Ok(_) => "is too often".to_owned(),
            Err(_) => "has more than four decimals".to_owned(),
        },
    };
    let finding = diagnostics.error(node.place, format!("`{text}` {reason}"));
    finding.label(format!("expected {EXPECTED}"));
    if text.contains(['-', '<', '>']) {
        let classes = InterruptionFrequency::ALL.map(InterruptionFrequency::name);
        finding.nearest(nearest(text, classes));
    }
    if Decimal::parse(text).is_ok() {
        finding.help(format!("write `{text}%`"));
    }
    None
}

fn place_of_group(fields: &Fields<'_>, name: &str) -> Option<Place> {
    place_of(fields, "autoScalingGroups", "autoScalingGroupName", name)
}

impl SpotReader<'_> {
    fn type_name(&self, id: InstanceTypeId) -> &str {
        &self.types.used[index(id.0)].name
    }

    /// Reports entries of pools that no group uses.
    pub(super) fn refuse_unknown(
        &self,
        entries: &[Entry],
        used: &[UsedPool],
        diagnostics: &mut Diagnostics,
    ) {
        for entry in entries {
            let (name, place) = &entry.instance_type;
            let of_type = used.iter().filter(|pool| self.type_name(pool.id) == name);
            let zones: Vec<&str> = of_type.map(|pool| pool.zone.as_str()).collect();
            if zones.is_empty() {
                let mut names: Vec<&str> = used.iter().map(|at| self.type_name(at.id)).collect();
                names.dedup();
                diagnostics
                    .error(
                        *place,
                        format!("no group launches Spot Instances of `{name}`"),
                    )
                    .label(format!("they launch {}", read::short_list(&names)))
                    .nearest(nearest(name, names.iter().copied()));
            } else if let Some((zone, place)) = &entry.zone
                && !zones.contains(&zone.as_str())
            {
                let title = format!("no group launches Spot Instances of `{name}` in `{zone}`");
                diagnostics
                    .error(*place, title)
                    .label(format!("they launch it in {}", read::short_list(&zones)))
                    .nearest(nearest(zone, zones.iter().copied()));
            }
        }
    }

    /// Price and supply of every pool: its own entry, else that of its type, else what holds for
    /// all, else the catalog's figures.
    pub(super) fn resolve(
        &self,
        used: &[UsedPool],
        entries: &[Entry],
        defaults: &Defaults,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<SpotPool> {
        let mut pools = Vec::with_capacity(used.len());
        let mut reported: Option<InstanceTypeId> = None;
        for pool in used {
            let name = self.type_name(pool.id);
            let of_type = entries.iter().filter(|entry| entry.instance_type.0 == name);
            let (own, of_all): (Vec<&Entry>, Vec<&Entry>) = of_type
                .filter(|entry| entry.zone_name().is_none_or(|zone| zone == pool.zone))
                .partition(|entry| entry.zone.is_some());
            let terms = || own.iter().chain(&of_all);
            let figures = self.types.spot_figures(name);
            let price = terms().find_map(|entry| entry.price.as_ref());
            let price = match (price, defaults.savings, figures) {
                (Some(term), _, _) => Some(term.price(pool.on_demand)),
                (None, Some(savings), _) => Some(PriceTerm::Savings(savings).price(pool.on_demand)),
                (None, None, Some(figures)) => {
                    Some(SpotPrice::Constant(figures.price(pool.on_demand)))
                }
                (None, None, None) => None,
            };
            let supply = terms().find_map(|entry| entry.supply.clone());
            let class = figures.map(|figures| figures.interruptions.monthly_millionths());
            let supply = supply.or_else(|| defaults.interruptions.or(class).map(stochastic));
            let place = terms().next().map(|entry| entry.place);
            if let (Some(price), Some(supply)) = (&price, supply) {
                self.warn_if_too_dear(pool, price, place, diagnostics);
                pools.push(SpotPool {
                    name: format!("{name}/{}", pool.zone),
                    instance_type: pool.id,
                    availability_zone: pool.zone.clone(),
                    price: price.clone(),
                    supply,
                });
            } else if reported != Some(pool.id) {
                reported = Some(pool.id);
                let place = place.or_else(|| place_of_group(fields, &pool.group));
                let place = place.unwrap_or(fields.place);
                self.report_missing(name, price.is_none(), place, diagnostics);
            }
        }
        pools
    }

    fn report_missing(
        &self,
        name: &str,
        lacks_price: bool,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) {
        let region = self.types.region();
        let (what, key) = if lacks_price {
            ("the Spot price", "usdPerHour: 0.035")
        } else {
            (
                "how often EC2 interrupts Spot Instances",
                "interruptions: 5-10%",
            )
        };
        diagnostics
            .error(place, format!("{what} of `{name}` is not known"))
            .label(format!("the catalog has no Spot figures of it in {region}"))
            .help(format!(
                "give it in `spot.pools`: `{{instanceType: {name}, {key}}}`"
            ));
    }

    /// Warns of a pool that costs more at all times than any group pays.
    fn warn_if_too_dear(
        &self,
        pool: &UsedPool,
        price: &SpotPrice,
        place: Option<Place>,
        diagnostics: &mut Diagnostics,
    ) {
        let least = match price {
            SpotPrice::Constant(rate) => Some(*rate),
            SpotPrice::Series(steps) => steps.iter().map(|(_, rate)| *rate).min(),
        };
        let Some(place) = place.filter(|_| least > Some(pool.max_price)) else {
            return;
        };
        let name = self.type_name(pool.id);
        let title = format!("no group ever launches `{name}` in `{}` as Spot", pool.zone);
        diagnostics
            .warning(place, title)
            .label("the price is above the maximum price at all times")
            .help("the maximum is `spotMaxPrice` of the group, else the On-Demand price");
    }
}
