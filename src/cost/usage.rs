//! The compute of a run as lines of the bill: instances and Fargate tasks, and what commitments
//! cover of them.

use crate::model::{FargateCapacity, Meter, PurchaseOption};
use crate::record::{FargateUse, Fraction, InstanceRow, Run};
use crate::units::{HourlyRate, Millis, NanoUsd, SimTime, UnitPrice};

use super::charge::{Charge, ChargeKind, ChargeResource};
use super::commitments::{Applied, Covered, MONEY, Usage, UsageTime, apply};
use super::extras::hours;

/// CPU units of a vCPU, and MiB of a GB.
const PARTS: u64 = 1_024;

/// The lines of all compute, and how the commitments applied.
pub(super) fn charges(run: &Run) -> (Vec<Charge>, Applied) {
    let commitments = &run.pricing.commitments;
    let applied = if commitments.is_empty() {
        Applied::default()
    } else {
        apply(commitments, &usages(run), run.duration)
    };
    let mut covered = applied.covered.iter().map(Vec::as_slice);
    let mut next = || covered.next().unwrap_or_default();
    let mut charges = Vec::new();
    for (place, row) in run.instances.iter().enumerate() {
        let covered: &[Covered] = if is_on_demand(row) { next() } else { &[] };
        instance(run, place, row, covered, &mut charges);
    }
    for (place, of) in run.fargate.uses.iter().enumerate() {
        let covered: [&[Covered]; 2] = match of.kind.capacity {
            FargateCapacity::OnDemand => [next(), next()],
            FargateCapacity::Spot => [&[], &[]],
        };
        fargate(run, place, of, covered, &mut charges);
    }
    (charges, applied)
}

fn is_on_demand(row: &InstanceRow) -> bool {
    row.facts.purchase_option == PurchaseOption::OnDemand
}

/// On-Demand usage: instances in order of registration, then the vCPUs and the memory of each kind
/// of Fargate tasks.
fn usages(run: &Run) -> Vec<Usage> {
    let rows = run.instances.iter().filter(|row| is_on_demand(row));
    let instances = rows.map(|row| {
        let (from, until) = billed_time(run, row);
        Usage {
            meter: Meter::Instance(row.facts.instance_type.clone()),
            availability_zone: row.facts.availability_zone.clone(),
            time: UsageTime::Span(from, until),
            on_demand: row.facts.on_demand,
        }
    });
    let uses = run.fargate.uses.iter();
    let uses = uses.filter(|of| of.kind.capacity == FargateCapacity::OnDemand);
    let fargate = uses.flat_map(|of| {
        let platform = of.kind.platform;
        let usage = |meter, parts: u32, on_demand| Usage {
            meter,
            availability_zone: of.kind.availability_zone.clone(),
            time: UsageTime::Hourly(
                of.billed_by_hour
                    .iter()
                    .map(|millis| millis * u128::from(parts))
                    .collect(),
            ),
            on_demand,
        };
        [
            usage(Meter::FargateVcpu(platform), of.kind.cpu.0, of.rates.vcpu),
            usage(
                Meter::FargateMemory(platform),
                of.kind.memory.0,
                of.rates.memory_gb,
            ),
        ]
    });
    instances.chain(fargate).collect()
}

/// When an instance is billed.
fn billed_time(run: &Run, row: &InstanceRow) -> (SimTime, SimTime) {
    let from = row.facts.launched_at;
    (from, from.saturating_add(row.billed(run.end())))
}

fn instance(
    run: &Run,
    place: usize,
    row: &InstanceRow,
    covered: &[Covered],
    charges: &mut Vec<Charge>,
) {
    let (facts, time) = (&row.facts, billed_time(run, row));
    let billed = u128::from(row.billed(run.end()).0);
    if billed == 0 {
        return;
    }
    let resource = ChargeResource::Instance(place);
    let line = |kind, amount, rate: HourlyRate| {
        Charge::listed(kind, resource, time, hours(amount), rate.into())
    };
    match facts.purchase_option {
        PurchaseOption::Spot => charges.push(Charge {
            unit_price: None,
            billed: row.cost(run.end()),
            effective: row.cost(run.end()),
            ..line(ChargeKind::SpotInstance, billed, facts.on_demand)
        }),
        PurchaseOption::External => {
            let fee = run.pricing.ecs_anywhere.unwrap_or_default();
            let own = HourlyRate(facts.on_demand.0.saturating_sub(fee.0));
            let lines = [(ChargeKind::EcsAnywhere, fee), (ChargeKind::OwnServer, own)];
            let lines = lines.into_iter().filter(|(_, rate)| rate.0 > 0);
            charges.extend(lines.map(|(kind, rate)| line(kind, billed, rate)));
        }
        PurchaseOption::OnDemand | PurchaseOption::Fargate | PurchaseOption::FargateSpot => {
            let kinds = [ChargeKind::OnDemandInstance, ChargeKind::CoveredInstance];
            let line = |kind, amount| line(kind, amount, facts.on_demand);
            push_parts(kinds, billed, covered, line, charges);
        }
    }
}

/// The line of what is left On-Demand of an amount, and one for each commitment that covers some.
fn push_parts(
    [on_demand, by_commitment]: [ChargeKind; 2],
    amount: u128,
    covered: &[Covered],
    line: impl Fn(ChargeKind, u128) -> Charge,
    charges: &mut Vec<Charge>,
) {
    let taken: u128 = covered.iter().map(|part| part.amount).sum();
    if amount > taken {
        charges.push(line(on_demand, amount - taken));
    }
    charges.extend(
        covered.iter().map(|part| {
            line(by_commitment, part.amount).covered(part.commitment, part.rate.into())
        }),
    );
}

fn fargate(
    run: &Run,
    place: usize,
    of: &FargateUse,
    [covered_vcpu, covered_memory]: [&[Covered]; 2],
    charges: &mut Vec<Charge>,
) {
    let (kind, rates, millis) = (&of.kind, &of.rates, of.billed_millis);
    if millis == 0 {
        return;
    }
    let resource = ChargeResource::Fargate(place);
    let time = (SimTime::ZERO, run.end());
    let line = |kind, amount: u128, rate: HourlyRate| {
        let quantity = Fraction {
            part: amount,
            whole: u128::from(PARTS * Millis::HOUR.0),
        };
        Charge::listed(kind, resource, time, quantity, rate.into())
    };
    let is_spot = kind.capacity == FargateCapacity::Spot;
    let [vcpu, memory] = if is_spot {
        [ChargeKind::FargateSpotVcpu, ChargeKind::FargateSpotMemory]
    } else {
        [ChargeKind::FargateVcpu, ChargeKind::FargateMemory]
    };
    let cpu_units = millis * u128::from(kind.cpu.0);
    let storage = millis * u128::from(of.paid_storage_gib()) * u128::from(PARTS);
    let first = charges.len();
    for (kind, amount, rate) in [
        (ChargeKind::FargateLicense, cpu_units, rates.license_vcpu),
        (
            ChargeKind::FargateStorage,
            storage,
            rates.storage_gb.unwrap_or_default(),
        ),
    ] {
        if amount > 0 && rate.0 > 0 {
            charges.push(line(kind, amount, rate));
        }
    }
    push_parts(
        [vcpu, ChargeKind::CoveredFargateVcpu],
        cpu_units,
        covered_vcpu,
        |kind, amount| line(kind, amount, rates.vcpu),
        charges,
    );
    push_parts(
        [memory, ChargeKind::CoveredFargateMemory],
        millis * u128::from(kind.memory.0),
        covered_memory,
        |kind, amount| line(kind, amount, rates.memory_gb),
        charges,
    );
    if covered_vcpu.is_empty() && covered_memory.is_empty() {
        level(&mut charges[first..], of.cost);
    }
}

/// Each task is rounded once, and so is each line: the last line takes the difference, so that the
/// lines are the sum of the tasks.
fn level(lines: &mut [Charge], cost: NanoUsd) {
    let sum: NanoUsd = lines.iter().map(|line| line.billed).sum();
    if let Some(line) = lines.last_mut() {
        let exact = line.billed + cost - sum;
        (line.list, line.billed, line.effective) = (exact, exact, exact);
    }
}

/// The lines of the commitments themselves, each with one for what was not used of it.
pub(super) fn commitments(run: &Run, applied: &Applied, usage: &[Charge]) -> Vec<Charge> {
    let commitments = &run.pricing.commitments;
    let time = (SimTime::ZERO, run.end());
    let lasts = u128::from(run.duration.0);
    let fee = |kind, place, count: u32, rate: HourlyRate| {
        let quantity = hours(lasts * u128::from(count));
        let resource = ChargeResource::Commitment(place);
        let fee = Charge::listed(kind, resource, time, quantity, UnitPrice::from(rate));
        Charge {
            // What it is used for has its part of it.
            effective: NanoUsd::ZERO,
            commitment: Some(place),
            ..fee
        }
    };
    let reserved = commitments.reserved_instances.iter().enumerate();
    let reserved =
        reserved.map(|(place, of)| fee(ChargeKind::ReservedInstances, place, of.count, of.rate));
    let first = commitments.reserved_instances.len();
    let plans = (first..).zip(&commitments.savings_plans);
    let plans = plans.map(|(place, plan)| fee(ChargeKind::SavingsPlan, place, 1, plan.commitment));
    let with_unused = |fee: Charge| {
        let unused = unused(&fee, applied, usage);
        std::iter::once(fee).chain(unused)
    };
    reserved.chain(plans).flat_map(with_unused).collect()
}

/// What of a commitment no usage had its part of.
fn unused(fee: &Charge, applied: &Applied, usage: &[Charge]) -> Option<Charge> {
    let place = fee.commitment?;
    let covered = usage.iter().filter(|line| line.commitment == Some(place));
    let used: NanoUsd = covered.map(|line| line.effective).sum();
    let left = fee.billed - used;
    let rate = u128::from(fee.unit_price?.0);
    let hours = applied.hours[place].iter();
    let quantity = Fraction {
        part: hours.map(|hour| hour.committed - hour.used).sum(),
        whole: MONEY * rate,
    };
    (left > NanoUsd::ZERO).then(|| Charge {
        kind: ChargeKind::UnusedCommitment,
        quantity,
        list: NanoUsd::ZERO,
        billed: NanoUsd::ZERO,
        effective: left,
        ..fee.clone()
    })
}
