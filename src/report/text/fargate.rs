//! What ran on Fargate.

use crate::cost::{FargateCapacitySummary, Summary};

use crate::report::words::{bound, count, grouped, list};

/// A sentence for each of Fargate's capacity providers that tasks ran on.
pub(super) fn sentences(summary: &Summary) -> Vec<String> {
    let of_fargate = summary.fargate.iter();
    of_fargate
        .flat_map(|all| &all.by_capacity_provider)
        .map(|(name, of)| sentence(name, of))
        .collect()
}

fn sentence(name: &str, of: &FargateCapacitySummary) -> String {
    let tasks = count(of.tasks, "task", "tasks");
    let interrupted = match of.interrupted {
        0 => String::new(),
        1 => ", 1 of them interrupted".to_owned(),
        more => format!(", {} of them interrupted", grouped(more)),
    };
    let hours = [
        (of.vcpu_hours, "vCPU-hours"),
        (of.memory_gb_hours, "GB-hours"),
    ];
    let hours: Vec<String> = hours
        .into_iter()
        .filter_map(|(hours, unit)| hours.map(|hours| bound(&format!("{hours:.1} {unit}"))))
        .collect();
    let peak = match of.peak {
        peak if peak < of.tasks => format!(", at most {} at a time", grouped(peak)),
        _ => String::new(),
    };
    format!(
        "{tasks} ran on {name}{interrupted}{peak}: {}, ${}.",
        list(&hours),
        of.cost_usd.to_cents()
    )
}
