//! What the run cost, in sentences.

use crate::cost::{CommitmentsSummary, CostSummary};
use crate::units::NanoUsd;

use crate::report::words::{bound, list, percent, plain};

/// Lines of the bill that have a sentence, with their names in it.
const NAMED: [(&str, &str); 7] = [
    ("management-fee", "the management of instances"),
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

/// `Commitments covered 80 % of the On-Demand usage and saved $12.00; used: 95 % of plan.`
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
    format!("{covered} and {saved}; used: {}.", list(&used))
}

#[cfg(test)]
mod tests {
    use super::sentences;
    use crate::cost::{
        ChargeSummary, CommitmentSummary, CommitmentsSummary, CostSummary, Quantity,
    };
    use crate::units::NanoUsd;

    const DOLLAR: i128 = 1_000_000_000;

    fn cost() -> CostSummary {
        CostSummary {
            total_usd: NanoUsd(10 * DOLLAR),
            used_usd: NanoUsd(6 * DOLLAR),
            idle_usd: NanoUsd(4 * DOLLAR),
            hourly_usd: NanoUsd(DOLLAR),
            monthly_usd: NanoUsd(730 * DOLLAR),
            ..CostSummary::default()
        }
    }

    fn said(cost: &CostSummary) -> Vec<String> {
        let said = sentences(cost).into_iter();
        said.map(|sentence| super::super::unbound(&sentence))
            .collect()
    }

    #[test]
    fn a_plain_bill_is_a_sentence() {
        assert_eq!(
            said(&cost()),
            [
                "The bill: $10.00, of which $6.00 was used by tasks and $4.00 idle; rate $1.00 an \
              hour, $730.00 a month (730 h)."
            ]
        );
    }

    #[test]
    fn what_comes_beside_instances_is_told_where_there_is_any() {
        let line = |usd| ChargeSummary {
            quantity: Quantity(0),
            unit: "Hours",
            usd: NanoUsd(usd),
        };
        let mut cost = cost();
        cost.other_usd = Some(NanoUsd(3 * DOLLAR));
        cost.lines = [("root-volume", DOLLAR), ("load-balancer", 2 * DOLLAR)]
            .map(|(kind, usd)| (kind.to_owned(), line(usd)))
            .into();
        cost.savings_against_on_demand_usd = Some(NanoUsd(7 * DOLLAR));
        cost.by_purchase_option = [("spot".to_owned(), NanoUsd(3 * DOLLAR))].into();
        assert_eq!(
            said(&cost),
            [
                "The bill: $10.00. Compute by its own prices: $6.00 used by tasks, $4.00 idle; \
                 rate $1.00 an hour, $730.00 a month (730 h).",
                "In the bill: $1.00 for root volumes and $2.00 for load balancers.",
                "Spot Instances cost $3.00, $7.00 less than On-Demand.",
            ]
        );
    }

    #[test]
    fn commitments_tell_what_they_covered_saved_and_left_unused() {
        let mut cost = cost();
        let plan = CommitmentSummary {
            utilization: Some(0.9),
            ..CommitmentSummary::default()
        };
        cost.commitments = Some(CommitmentsSummary {
            coverage: Some(0.5),
            saved_usd: NanoUsd(2 * DOLLAR),
            by_name: [("plan".to_owned(), plan)].into(),
        });
        assert_eq!(
            said(&cost)[1],
            "Commitments covered 50 % of the On-Demand usage and saved $2.00; used: 90 % of plan."
        );
        let commitments = cost.commitments.as_mut().unwrap();
        (commitments.coverage, commitments.saved_usd) = (None, NanoUsd(-DOLLAR));
        assert_eq!(
            said(&cost)[1],
            "Commitments had no usage to cover and cost $1.00 more than they saved; used: 90 % of \
             plan."
        );
    }
}
