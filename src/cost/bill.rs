//! The bill: a line an instance, each rounded once; every total is a sum of lines.

use std::collections::BTreeMap;

use crate::model::ContainerInstanceId;
use crate::record::{InstanceRow, Run, billed_span};
use crate::units::{HourlyRate, Millis, NanoUsd};

/// Hours of a month, as AWS's price examples count them.
pub const HOURS_PER_MONTH: u64 = 730;

/// What one instance cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillLine {
    /// Which.
    pub instance: ContainerInstanceId,
    /// Its price.
    pub rate: HourlyRate,
    /// The time billed: whole seconds, at least 60.
    pub billed: Millis,
    /// The price of that time, rounded once.
    pub cost: NanoUsd,
    /// The sum of its tasks' costs, each rounded once.
    pub used: NanoUsd,
}

/// What a run cost, and who it was spent on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bill {
    /// A line an instance, in order of registration.
    pub lines: Vec<BillLine>,
    /// Sum of the lines.
    pub total: NanoUsd,
    /// Sum of the tasks' costs.
    pub used: NanoUsd,
    /// The rest of the total. Where instances are full to the last unit it can fall below 0 by the
    /// roundings of tasks: half a nano-dollar each.
    pub idle: NanoUsd,
    /// Lines by `on-demand`, ...
    pub by_purchase_option: BTreeMap<String, NanoUsd>,
    /// Lines by capacity provider; a fixed fleet's is empty.
    pub by_capacity_provider: BTreeMap<String, NanoUsd>,
    /// Tasks by the service that owns them.
    pub by_service: BTreeMap<String, NanoUsd>,
    /// Lines by instance type.
    pub by_instance_type: BTreeMap<String, NanoUsd>,
    /// Lines by zone.
    pub by_availability_zone: BTreeMap<String, NanoUsd>,
    /// What the total comes to in an hour of the run.
    pub hourly: NanoUsd,
    /// What it would come to in a month of [`HOURS_PER_MONTH`] hours.
    pub monthly: NanoUsd,
}

/// Makes out the bill: every instance from launch to termination or the end of the run, by the
/// second and for at least 60 s.
pub fn bill(run: &Run) -> Bill {
    let mut bill = Bill::default();
    for row in &run.instances {
        let line = line(run, row);
        bill.total += line.cost;
        bill.used += line.used;
        let facts = &row.facts;
        add(
            &mut bill.by_purchase_option,
            facts.purchase_option,
            line.cost,
        );
        add(
            &mut bill.by_capacity_provider,
            &facts.capacity_provider,
            line.cost,
        );
        add(&mut bill.by_instance_type, &facts.instance_type, line.cost);
        add(
            &mut bill.by_availability_zone,
            &facts.availability_zone,
            line.cost,
        );
        bill.lines.push(line);
    }
    for service in &run.services {
        add(&mut bill.by_service, &service.name, service.used);
    }
    bill.idle = bill.total - bill.used;
    bill.hourly = per_hour(bill.total, run.duration);
    bill.monthly = per_month(bill.total, run.duration);
    bill
}

/// What a total, spent over `duration`, comes to in an hour.
pub fn per_hour(total: NanoUsd, duration: Millis) -> NanoUsd {
    spread(total, Millis::HOUR.0, duration)
}

/// What a total, spent over `duration`, comes to in a month of [`HOURS_PER_MONTH`] hours.
pub fn per_month(total: NanoUsd, duration: Millis) -> NanoUsd {
    spread(total, HOURS_PER_MONTH * Millis::HOUR.0, duration)
}

fn line(run: &Run, row: &InstanceRow) -> BillLine {
    let until = row.terminated_at.unwrap_or(run.end());
    let billed = billed_span(until.since(row.facts.launched_at));
    BillLine {
        instance: row.facts.id,
        rate: row.facts.rate,
        billed,
        cost: row.facts.rate.cost_of(billed),
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
