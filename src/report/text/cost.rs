//! What the run cost, in sentences.

use crate::cost::{CommitmentsSummary, CostSummary};
use crate::units::NanoUsd;

use super::words::{bound, list, percent, plain};

/// Lines of the bill that have a sentence, with their names in it.
const NAMED: [(&str, &str); 6] = [
    ("root-volume", "root volumes"),
    ("public-ipv4", "public IPv4 addresses"),
    ("load-balancer", "load balancers"),
    ("load-balancer-capacity-units", "their capacity units"),
    ("cross-zone-traffic", "traffic between zones"),
    ("ecs-anywhere", "ECS Anywhere"),
];

/// The bill, and what it has beside instances, Spot and commitments where there are any.
pub(super) fn sentences(cost: &CostSummary) -> Vec<String> {
    let mut said = vec![bill(cost)];
    said.extend(other(cost));
    said.extend(spot(cost));
    said.extend(cost.commitments.as_ref().map(commitments));
    said
}

fn bill(cost: &CostSummary) -> String {
    let (total, used, idle) = (
        cost.total_usd.to_cents(),
        cost.used_usd.to_cents(),
        cost.idle_usd.to_cents(),
    );
    let parts = if cost.other_usd.is_none() && cost.commitments.is_none() {
        format!("The bill: ${total}, of which ${used} was used by tasks and ${idle} idle;")
    } else {
        format!(
            "The bill: ${total}. Compute by its own prices: ${used} used by tasks, ${idle} idle;"
        )
    };
    format!(
        "{parts} rate {}, {}.",
        bound(&format!("${} an hour", cost.hourly_usd.to_cents())),
        bound(&format!("${} a month (730 h)", cost.monthly_usd.to_cents()))
    )
}

/// `Beside it: $1.20 for root volumes.`
fn other(cost: &CostSummary) -> Option<String> {
    let lines = NAMED.iter().filter_map(|(kind, name)| {
        let line = cost.lines.get(*kind)?;
        let usd = line.usd.to_cents();
        Some(bound(&format!("${usd} for {name}")))
    });
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| format!("In the bill: {}.", list(&lines)))
}

/// `Spot Instances cost $3.10, $7.20 less than On-Demand.`
fn spot(cost: &CostSummary) -> Option<String> {
    let saved = cost.savings_against_on_demand_usd?;
    let spot = cost.by_purchase_option.get("spot").copied();
    let spot = spot.unwrap_or_default().to_cents();
    Some(format!(
        "Spot Instances cost ${spot}, {} than On-Demand.",
        bound(&less(saved))
    ))
}

fn less(saved: NanoUsd) -> String {
    if saved < NanoUsd::ZERO {
        let more = NanoUsd::ZERO - saved;
        return format!("${} more", more.to_cents());
    }
    format!("${} less", saved.to_cents())
}

/// `Commitments covered 80.0 % of the On-Demand usage and saved $12.00; of savings-plan-1 95.0 %
/// were used.`
fn commitments(commitments: &CommitmentsSummary) -> String {
    let covered = commitments.coverage.map_or_else(
        || "Commitments had no usage to cover".to_owned(),
        |coverage| {
            let part = percent(coverage);
            format!("Commitments covered {part} of the On-Demand usage")
        },
    );
    let saved = commitments.saved_usd;
    let saved = if saved < NanoUsd::ZERO {
        let lost = NanoUsd::ZERO - saved;
        format!("cost ${} more than they saved", lost.to_cents())
    } else {
        format!("saved ${}", saved.to_cents())
    };
    let used = commitments.by_name.iter().filter_map(|(name, one)| {
        let part = percent(one.utilization?);
        Some(bound(&format!("{part} of {}", plain(name))))
    });
    let used: Vec<String> = used.collect();
    format!("{covered} and {saved}; used were {}.", list(&used))
}
