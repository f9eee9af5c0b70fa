//! `cost` of the summary.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::model::PurchaseOption;
use crate::record::{Fraction, Run};
use crate::units::NanoUsd;

use super::bill::Bill;
use super::charge::{Charge, ChargeKind, ChargePart, Quantity};
use super::commitments::{CommitmentHour, MONEY};

/// What the run cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CostSummary {
    /// The whole bill.
    pub total_usd: NanoUsd,
    /// What the tasks' reservations cost.
    pub used_usd: NanoUsd,
    /// The rest of what instances cost.
    pub idle_usd: NanoUsd,
    /// What is no compute; without any there is no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_usd: Option<NanoUsd>,
    /// What Spot Instances would have cost On-Demand beyond what they did; without any there is no
    /// such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub savings_against_on_demand_usd: Option<NanoUsd>,
    /// By purchase option.
    pub by_purchase_option: BTreeMap<String, NanoUsd>,
    /// By capacity provider.
    pub by_capacity_provider: BTreeMap<String, NanoUsd>,
    /// By service.
    pub by_service: BTreeMap<String, NanoUsd>,
    /// By instance type.
    pub by_instance_type: BTreeMap<String, NanoUsd>,
    /// By zone.
    pub by_availability_zone: BTreeMap<String, NanoUsd>,
    /// The lines of the bill by what they are for; there is no such key where all are hours of
    /// On-Demand Instances.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, ChargeSummary>,
    /// Reserved Instances and Savings Plans; without any there is no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitments: Option<CommitmentsSummary>,
    /// The bill of an hour, on average.
    pub hourly_usd: NanoUsd,
    /// The bill of a month of 730 hours at that rate.
    pub monthly_usd: NanoUsd,
}

/// Lines of the bill that are for the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeSummary {
    /// How much.
    pub quantity: Quantity,
    /// Of what.
    pub unit: &'static str,
    /// Sum of the lines.
    pub usd: NanoUsd,
}

/// What commitments came to.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitmentsSummary {
    /// Part of the On-Demand usage that they covered, by On-Demand prices; `null` without usage.
    pub coverage: Option<f64>,
    /// What they saved: the On-Demand price of what they covered, less what they cost.
    pub saved_usd: NanoUsd,
    /// Each by name.
    pub by_name: BTreeMap<String, CommitmentSummary>,
}

/// What a commitment came to.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitmentSummary {
    /// `Reserved`, `EC2Instance` or `Compute`.
    #[serde(rename = "type")]
    pub commitment_type: String,
    /// What it cost.
    pub cost_usd: NanoUsd,
    /// What of that was used.
    pub used_usd: NanoUsd,
    /// The same as a part.
    pub utilization: Option<f64>,
    /// Utilization of the hour that used the least of it.
    pub utilization_min: Option<f64>,
    /// Part of all On-Demand usage that it covered, by On-Demand prices.
    pub coverage: Option<f64>,
}

impl CostSummary {
    pub(super) fn new(run: &Run, bill: &Bill) -> Self {
        let kinds = bill.by_kind();
        let is_plain = kinds
            .keys()
            .all(|kind| *kind == ChargeKind::OnDemandInstance);
        let has_other = kinds.keys().any(|kind| kind.part() == ChargePart::Other);
        let mut rows = run.instances.iter();
        let has_spot = rows.any(|row| row.facts.purchase_option == PurchaseOption::Spot);
        let lines = kinds.iter().filter(|_| !is_plain);
        Self {
            total_usd: bill.total,
            used_usd: bill.used,
            idle_usd: bill.idle,
            other_usd: has_other.then_some(bill.other),
            savings_against_on_demand_usd: has_spot.then_some(bill.saved_by_spot),
            by_purchase_option: bill.by_purchase_option.clone(),
            by_capacity_provider: bill.by_capacity_provider.clone(),
            by_service: bill.by_service.clone(),
            by_instance_type: bill.by_instance_type.clone(),
            by_availability_zone: bill.by_availability_zone.clone(),
            lines: lines
                .map(|(kind, charges)| (kind.name().to_owned(), charge_summary(*kind, charges)))
                .collect(),
            commitments: commitments(run, bill),
            hourly_usd: bill.hourly,
            monthly_usd: bill.monthly,
        }
    }
}

fn charge_summary(kind: ChargeKind, charges: &[&Charge]) -> ChargeSummary {
    let quantities = charges
        .iter()
        .map(|charge| Quantity::from(charge.quantity).0);
    ChargeSummary {
        quantity: Quantity(quantities.sum()),
        unit: kind.unit(),
        usd: charges.iter().map(|charge| charge.billed).sum(),
    }
}

fn commitments(run: &Run, bill: &Bill) -> Option<CommitmentsSummary> {
    let commitments = &run.pricing.commitments;
    if commitments.is_empty() {
        return None;
    }
    let on_demand: u128 = bill.applied.on_demand.iter().sum();
    let reserved = commitments.reserved_instances.iter();
    let reserved = reserved.map(|of| (&of.name, "Reserved"));
    let plans = commitments.savings_plans.iter();
    let plans = plans.map(|plan| (&plan.name, plan.plan_type.name()));
    let by_name = reserved.chain(plans).zip(&bill.applied.hours);
    let by_name = by_name.map(|((name, commitment_type), hours)| {
        let summary = commitment(commitment_type, hours, on_demand);
        (name.clone(), summary)
    });
    let hours = bill.applied.hours.iter().flatten();
    Some(CommitmentsSummary {
        coverage: part(hours.map(|hour| hour.covered).sum(), on_demand),
        saved_usd: bill.saved_by_commitments,
        by_name: by_name.collect(),
    })
}

fn commitment(
    commitment_type: &str,
    hours: &[CommitmentHour],
    on_demand: u128,
) -> CommitmentSummary {
    let sum = |of: fn(&CommitmentHour) -> u128| hours.iter().map(of).sum::<u128>();
    let (committed, used) = (sum(|hour| hour.committed), sum(|hour| hour.used));
    let by_hour = hours
        .iter()
        .filter_map(|hour| part(hour.used, hour.committed));
    CommitmentSummary {
        commitment_type: commitment_type.to_owned(),
        cost_usd: money(committed),
        used_usd: money(used),
        utilization: part(used, committed),
        utilization_min: by_hour.min_by(f64::total_cmp),
        coverage: part(sum(|hour| hour.covered), on_demand),
    }
}

fn part(part: u128, whole: u128) -> Option<f64> {
    Fraction { part, whole }.to_f64()
}

/// Money as hours of commitments have it, rounded half up once.
fn money(amount: u128) -> NanoUsd {
    let rounded = (amount + MONEY / 2) / MONEY;
    NanoUsd(i128::try_from(rounded).expect("a bill stays below 10^29 dollars"))
}

/// In JSON a number, exact to nine decimals.
impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}
