//! The bill: what its lines come to, what each instance costs, and files that say the same.

use std::collections::BTreeMap;

use ecs_sim::cloud::spot::SpotPrice;
use ecs_sim::model::{EndReason, InstanceSource, PurchaseOption};
use ecs_sim::record::InstanceRow;
use ecs_sim::report::costs::costs;
use ecs_sim::scenario::Scenario;
use ecs_sim::units::{HourlyRate, Millis, NanoUsd, id};

use crate::harness::{Ran, column};
use crate::invariants::check_integrals;

pub(super) fn close(scenario: &Scenario, ran: &Ran) {
    check_integrals(ran);
    let (run, bill, cost) = (&ran.run, &ran.bill, &ran.summary.cost);
    let instances: NanoUsd = bill.lines.iter().map(|line| line.cost).sum();
    let fargate: NanoUsd = run.fargate.uses.iter().map(|of| of.cost).sum();
    assert_eq!(bill.total, instances + fargate + bill.other);
    let charges: NanoUsd = bill.charges.iter().map(|charge| charge.billed).sum();
    assert_eq!((bill.total, cost.total_usd), (charges, charges));
    for sums in [
        &cost.by_purchase_option,
        &cost.by_capacity_provider,
        &cost.by_availability_zone,
    ] {
        let sum: NanoUsd = sums.values().copied().sum();
        assert_eq!(sum + bill.other, bill.total);
    }
    let mut text = Vec::new();
    costs(run, bill, &mut text).expect("memory takes all");
    let billed = column(&text, "BilledCost");
    assert_eq!(
        billed.iter().map(|cost| nano(cost)).sum::<NanoUsd>(),
        charges
    );
    let told = ran.instance_column("cost_usd");
    assert_eq!(
        told.iter().map(|cost| nano(cost)).sum::<NanoUsd>(),
        instances
    );

    let mut used: BTreeMap<usize, (NanoUsd, u32)> = BTreeMap::new();
    let mut on_fargate = NanoUsd::ZERO;
    for task in ran.tasks() {
        let cost = run.task_cost(task);
        if run.fargate_task(task).is_some() {
            on_fargate += cost;
        } else if let Some(on) = task.instance {
            let (sum, count) = used.entry(on.index()).or_default();
            *sum += cost;
            *count += 1;
        }
    }
    assert_eq!(on_fargate, fargate);
    let mut of_tasks = on_fargate;
    for (place, (row, line)) in run.instances.iter().zip(&bill.lines).enumerate() {
        let (sum, count) = used.get(&place).copied().unwrap_or_default();
        assert_eq!((line.used, id(place)), (sum, line.instance.0));
        // Each task is rounded once.
        assert!(
            sum.0 <= line.cost.0 + i128::from(count),
            "{place}: {sum} of {}",
            line.cost
        );
        check_line(scenario, ran, row, line.cost);
        of_tasks += sum;
    }
    assert_eq!(
        (bill.used, bill.idle),
        (of_tasks, instances + fargate - of_tasks)
    );
    let rows = u64::from(id(run.instances.len()));
    let ended = run
        .instances
        .iter()
        .filter(|row| row.terminated_at.is_some());
    let ended = u64::from(id(ended.count()));
    let told = &ran.summary.instances;
    assert_eq!((told.launched, told.terminated), (rows, ended));
}

/// Price times life: by the second, a minute at least, and nothing for what EC2 took back in its
/// first hour.
fn check_line(scenario: &Scenario, ran: &Ran, row: &InstanceRow, cost: NanoUsd) {
    let facts = &row.facts;
    let Millis(lived) = row
        .terminated_at
        .unwrap_or(ran.run.end())
        .since(facts.launched_at);
    let is_free = row.end_reason == Some(EndReason::SpotInterruption) && lived < Millis::HOUR.0;
    let seconds = match lived {
        0 => 0,
        _ if is_free => 0,
        lived => lived.div_ceil(1_000).max(60),
    };
    let price: Option<HourlyRate> = match (facts.purchase_option, facts.source) {
        (
            PurchaseOption::Spot,
            InstanceSource::Group {
                pool: Some(pool), ..
            },
        ) => match scenario.spot_pools[pool.index()].price {
            SpotPrice::Constant(price) => Some(price),
            SpotPrice::Series(_) => None,
        },
        (PurchaseOption::OnDemand, _) => Some(facts.on_demand),
        _ => None,
    };
    if let Some(price) = price {
        assert_eq!(cost, price.cost_of(Millis(seconds * 1_000)), "{row:?}");
    }
    assert!(!is_free || cost == NanoUsd::ZERO);
}

/// An amount of a file, which has nine decimals.
fn nano(text: &str) -> NanoUsd {
    NanoUsd(text.replace('.', "").parse().expect("an amount"))
}
