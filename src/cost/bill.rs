//! The bill: typed lines, each rounded once; every total is a sum of lines.

use std::collections::BTreeMap;

use crate::model::{ContainerInstanceId, PurchaseOption};
use crate::record::{FargateUse, InstanceRow, Run, billed_span};
use crate::units::{HourlyRate, Millis, NanoUsd};

use super::charge::{Charge, ChargeKind, ChargePart, ChargeResource};
use super::commitments::Applied;
use super::{extras, load_balancers, usage};

/// Hours of a month, as AWS's price examples count them.
pub const HOURS_PER_MONTH: u64 = 730;

/// What one instance cost by its own price: On-Demand or Spot, whatever commitments cover of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillLine {
    /// Which.
    pub instance: ContainerInstanceId,
    /// Its price when it was launched.
    pub rate: HourlyRate,
    /// The time billed: whole seconds, at least 60; nothing when EC2 took it back in its first
    /// hour.
    pub billed: Millis,
    /// The price of that time, rounded once.
    pub cost: NanoUsd,
    /// The sum of its tasks' costs, each rounded once.
    pub used: NanoUsd,
}

/// What a run cost, and who it was spent on.
///
/// total = used + idle + other - saved by commitments
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bill {
    /// A line an instance, in order of registration.
    pub lines: Vec<BillLine>,
    /// Every line of the bill: instances, Fargate, commitments, what comes with them.
    pub charges: Vec<Charge>,
    /// How the commitments applied to the usage.
    pub applied: Applied,
    /// Sum of what is billed.
    pub total: NanoUsd,
    /// Sum of the tasks' costs.
    pub used: NanoUsd,
    /// The rest of what instances and Fargate tasks cost by their own prices. Where instances are
    /// full to the last unit it can fall below 0 by the roundings of tasks: half a nano-dollar
    /// each.
    pub idle: NanoUsd,
    /// What is no compute: volumes, addresses, load balancers, traffic.
    pub other: NanoUsd,
    /// What commitments save: the list price of the usage that they cover, less what they cost.
    /// Below 0 where they cost more.
    pub saved_by_commitments: NanoUsd,
    /// What Spot Instances would have cost On-Demand beyond what they did.
    pub saved_by_spot: NanoUsd,
    /// Compute by `on-demand`, `spot`, `savings-plan`, ...: as it is billed.
    pub by_purchase_option: BTreeMap<String, NanoUsd>,
    /// Compute by capacity provider, by its own price; a fixed fleet's is empty.
    pub by_capacity_provider: BTreeMap<String, NanoUsd>,
    /// Tasks by the service that owns them.
    pub by_service: BTreeMap<String, NanoUsd>,
    /// Instances by type, by their own prices.
    pub by_instance_type: BTreeMap<String, NanoUsd>,
    /// Compute by zone, by its own price.
    pub by_availability_zone: BTreeMap<String, NanoUsd>,
    /// What the total comes to in an hour of the run.
    pub hourly: NanoUsd,
    /// What it would come to in a month of [`HOURS_PER_MONTH`] hours.
    pub monthly: NanoUsd,
}

/// Makes out the bill: every instance from launch to termination or the end of the run, by the
/// second and for at least 60 s; every Fargate task; commitments hour by hour; and what the
/// scenario has beside them.
pub fn bill(run: &Run) -> Bill {
    let (mut charges, applied) = usage::charges(run);
    let commitments = usage::commitments(run, &applied, &charges);
    charges.extend(commitments);
    charges.extend(load_balancers::charges(run));
    charges.extend(extras::charges(run));
    let mut bill = Bill {
        applied,
        ..Bill::default()
    };
    for charge in &charges {
        bill.add_charge(run, charge);
    }
    bill.charges = charges;
    for row in &run.instances {
        bill.add_instance(run, row);
    }
    for of in &run.fargate.uses {
        bill.add_fargate(of);
    }
    for service in &run.services {
        add(&mut bill.by_service, &service.name, service.used);
    }
    if !run.pricing.commitments.is_empty() {
        let own: NanoUsd = bill.by_availability_zone.values().copied().sum();
        bill.saved_by_commitments = own + bill.other - bill.total;
    }
    bill.idle = bill.total + bill.saved_by_commitments - bill.other - bill.used;
    bill.hourly = per_hour(bill.total, run.duration);
    bill.monthly = per_month(bill.total, run.duration);
    bill
}

impl Bill {
    /// The lines that are billed, by what they are for.
    pub fn by_kind(&self) -> BTreeMap<ChargeKind, Vec<&Charge>> {
        let mut kinds: BTreeMap<ChargeKind, Vec<&Charge>> = BTreeMap::new();
        for charge in &self.charges {
            kinds.entry(charge.kind).or_default().push(charge);
        }
        kinds
    }

    fn add_charge(&mut self, run: &Run, charge: &Charge) {
        self.total += charge.billed;
        if charge.kind.part() == ChargePart::Other {
            self.other += charge.billed;
        }
        if let Some(option) = purchase_option(run, charge) {
            add(&mut self.by_purchase_option, option, charge.billed);
        }
    }

    /// Nothing of Fargate is idle.
    fn add_fargate(&mut self, of: &FargateUse) {
        self.used += of.cost;
        let provider = of.kind.capacity.name();
        add(&mut self.by_capacity_provider, provider, of.cost);
        let zone = &of.kind.availability_zone;
        add(&mut self.by_availability_zone, zone, of.cost);
    }

    fn add_instance(&mut self, run: &Run, row: &InstanceRow) {
        let line = line(run, row);
        self.used += line.used;
        let facts = &row.facts;
        for (sums, key) in [
            (&mut self.by_capacity_provider, &facts.capacity_provider),
            (&mut self.by_instance_type, &facts.instance_type),
            (&mut self.by_availability_zone, &facts.availability_zone),
        ] {
            add(sums, key, line.cost);
        }
        if facts.purchase_option == PurchaseOption::Spot {
            let until = row.terminated_at.unwrap_or(run.end());
            let lived = billed_span(until.since(facts.launched_at));
            self.saved_by_spot += facts.on_demand.cost_of(lived) - line.cost;
        }
        self.lines.push(line);
    }
}

/// What a total, spent over `duration`, comes to in an hour.
pub fn per_hour(total: NanoUsd, duration: Millis) -> NanoUsd {
    spread(total, Millis::HOUR.0, duration)
}

/// What a total, spent over `duration`, comes to in a month of [`HOURS_PER_MONTH`] hours.
pub fn per_month(total: NanoUsd, duration: Millis) -> NanoUsd {
    spread(total, HOURS_PER_MONTH * Millis::HOUR.0, duration)
}

/// By what a line is bought; `None` for what is no compute.
fn purchase_option(run: &Run, charge: &Charge) -> Option<&'static str> {
    match (charge.kind, charge.resource) {
        (ChargeKind::UnusedCommitment, _) => None,
        (ChargeKind::ReservedInstances, _) => Some("reserved"),
        (ChargeKind::SavingsPlan, _) => Some("savings-plan"),
        (_, ChargeResource::Instance(place)) if charge.kind.part() == ChargePart::Compute => {
            Some(run.instances[place].facts.purchase_option.name())
        }
        (_, ChargeResource::Fargate(place)) => {
            let capacity = run.fargate.uses[place].kind.capacity;
            Some(capacity.purchase_option().name())
        }
        _ => None,
    }
}

fn line(run: &Run, row: &InstanceRow) -> BillLine {
    let facts = &row.facts;
    BillLine {
        instance: facts.id,
        rate: facts.price.at(facts.launched_at),
        billed: row.billed(run.end()),
        cost: row.cost(run.end()),
        used: row.used,
    }
}

fn add(sums: &mut BTreeMap<String, NanoUsd>, key: &str, cost: NanoUsd) {
    match sums.get_mut(key) {
        Some(sum) => *sum += cost,
        None => {
            sums.insert(key.to_owned(), cost);
        }
    }
}

/// The part of `total`, spent over `duration`, that falls to a span of milliseconds.
fn spread(total: NanoUsd, span: u64, duration: Millis) -> NanoUsd {
    let product = total.0 * i128::from(span) + i128::from(duration.0 / 2);
    NanoUsd(product.checked_div(i128::from(duration.0)).unwrap_or(0))
}
