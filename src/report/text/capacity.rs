//! Capacity providers and Auto Scaling groups: what became of their instances, and what managed
//! scaling did and why; and Spot.

use std::cmp::Reverse;

use crate::cost::{
    AutoScalingGroupSummary, CapacityChangeSummary, CapacityProviderSummary, ManagedScalingSummary,
    SpotCounts, SpotPoolSummary, SpotSummary, Summary,
};

use super::table::aligned;
use crate::report::words::{bound, count, decimal, duration, grouped, list, often, plain, wrap};

/// The most providers and groups that are told of.
const TOLD: usize = 4;
/// The most changes of one provider, and of each of several.
const CHANGES: (usize, usize) = (12, 6);
/// The most pools of Spot Instances that are named.
const POOLS: usize = 3;

/// A part of the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A paragraph, to be wrapped.
    Say(String),
    /// A line as it is.
    Line(String),
    /// A blank line.
    Gap,
}

/// The whole section; empty without groups.
pub(super) fn section(summary: &Summary, width: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    providers(summary, width, &mut parts);
    groups(summary, &mut parts);
    if let Some(spot) = &summary.spot {
        parts.push(Part::Gap);
        parts.extend(told_spot(spot).into_iter().map(Part::Say));
    }
    parts
}

fn providers(summary: &Summary, width: usize, parts: &mut Vec<Part>) {
    let mut shown: Vec<_> = summary.capacity_providers.iter().collect();
    let all = shown.len();
    if all > TOLD {
        shown.sort_by_key(|(_, provider)| {
            let scaling = provider.managed_scaling.as_ref();
            Reverse(scaling.map(|scaling| (changes(scaling), scaling.held_back)))
        });
        shown.truncate(TOLD);
    }
    let (alone, each) = CHANGES;
    let most = if shown.len() > 1 { each } else { alone };
    for (name, provider) in &shown {
        parts.push(Part::Gap);
        parts.push(Part::Say(instances_of_provider(name, provider)));
        let Some(scaling) = &provider.managed_scaling else {
            continue;
        };
        let told = [reservation(provider, scaling), decisions(scaling)];
        parts.extend(told.into_iter().flatten().map(Part::Say));
        let table = table(scaling, most, width);
        parts.extend(table.into_iter().map(Part::Line));
        let more = changes(scaling).saturating_sub(number(most.min(scaling.changes.len())));
        if more > 0 {
            let more = count(more, "more change", "more changes");
            let all = "all minutes stand in managed_scaling.csv, which --out writes";
            parts.push(Part::Say(format!("and {more}: {all}.")));
        }
    }
    untold(all - shown.len(), "capacity provider", parts);
}

fn groups(summary: &Summary, parts: &mut Vec<Part>) {
    let groups = &summary.auto_scaling_groups;
    if !groups.is_empty() {
        parts.push(Part::Gap);
    }
    let shown = groups.iter().take(TOLD);
    parts.extend(shown.map(|(name, group)| {
        let of = format!("Auto Scaling group {}", plain(name));
        Part::Say(instances(&of, group))
    }));
    untold(groups.len().saturating_sub(TOLD), "group", parts);
}

fn untold(more: usize, what: &str, parts: &mut Vec<Part>) {
    if more > 0 {
        let more = count(
            number(more),
            &format!("more {what}"),
            &format!("more {what}s"),
        );
        parts.push(Part::Say(format!("and {more}: see summary.json.")));
    }
}

fn instances_of_provider(name: &str, provider: &CapacityProviderSummary) -> String {
    let group = match &provider.auto_scaling_group {
        Some(group) => format!("(Auto Scaling group {})", plain(group)),
        None => "(ECS Managed Instances)".to_owned(),
    };
    let group = bound(&group);
    let of = format!("Capacity provider {} {group}", plain(name));
    instances(&of, &provider.group)
}

/// What became of the instances of a group.
fn instances(of: &str, group: &AutoScalingGroupSummary) -> String {
    let launched = match group.instances_launched {
        0 => "no instance".to_owned(),
        launched => count(launched, "instance", "instances"),
    };
    let peak = grouped(u64::from(group.instances_peak));
    let peak = (group.instances_launched > 1).then(|| format!(", at most {peak} at a time"));
    let hours = group.instance_hours.filter(|hours| *hours > 0.0);
    let hours =
        hours.map(|hours| format!(", {}", bound(&format!("{} instance-hours", decimal(hours)))));
    let ended = by_count(&group.instances_terminated);
    let ended = (!ended.is_empty()).then(|| format!("; ended: {}", ended.join(", ")));
    let refused = match (group.launch_failures, group.without_capacity_ms) {
        (0, _) => None,
        (times, 0) => Some(format!(
            "; EC2 refused launches {}",
            count(times, "time", "times")
        )),
        (times, lacked) => Some(format!(
            "; EC2 refused launches {}, and it had fewer than desired for {}",
            count(times, "time", "times"),
            duration(lacked)
        )),
    };
    let head = format!("{of} launched {launched}");
    std::iter::once(head)
        .chain([peak, hours, ended, refused].into_iter().flatten())
        .chain([".".to_owned()])
        .collect()
}

/// `scale-in 4`, the commonest first.
fn by_count(counts: &std::collections::BTreeMap<String, u64>) -> Vec<String> {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(**count));
    let said = counts.into_iter();
    said.map(|(name, count)| bound(&format!("{name} {}", grouped(*count))))
        .collect()
}

fn reservation(
    provider: &CapacityProviderSummary,
    scaling: &ManagedScalingSummary,
) -> Option<String> {
    let percent = |value: f64| bound(&format!("{value:.0} %"));
    let [mean, least, most] = [
        scaling.reservation_mean?,
        scaling.reservation_min?,
        scaling.reservation_max?,
    ]
    .map(percent);
    let was = if least == most {
        format!("{mean} throughout")
    } else {
        format!("{mean} on average, from {least} to {most}")
    };
    let target = provider.target_capacity?;
    let target = bound(&format!("{target} %"));
    let waited = match provider.provisioning_peak? {
        0 => "no task waited in PROVISIONING".to_owned(),
        tasks => format!(
            "at most {} waited in PROVISIONING",
            count(u64::from(tasks), "task", "tasks")
        ),
    };
    Some(format!(
        "- CapacityProviderReservation, M needed over N running instances, was {was}, \
         its target {target}; {waited}."
    ))
}

fn decisions(scaling: &ManagedScalingSummary) -> Option<String> {
    let ways = [(scaling.scale_outs, "out"), (scaling.scale_ins, "in")];
    let ways = ways.into_iter().filter(|(times, _)| *times > 0);
    let ways: Vec<String> = ways
        .map(|(times, way)| bound(&format!("{way} {}", often(times))))
        .collect();
    let scaled = match ways.as_slice() {
        [] => "never scaled".to_owned(),
        ways => format!("scaled {}", list(ways)),
    };
    let held_back = match scaling.held_back {
        0 => String::new(),
        minutes => format!(
            ", and was held back in {}",
            count(minutes, "minute", "minutes")
        ),
    };
    let reasons: Vec<String> = scaling
        .reasons
        .iter()
        .map(|of| bound(&format!("{} {}", told(&of.reason), grouped(of.minutes))))
        .collect();
    (scaling.minutes > 0).then(|| {
        format!(
            "- It {scaled}{held_back}. Its {}: {}.",
            count(scaling.minutes, "minute", "minutes"),
            reasons.join(", ")
        )
    })
}

/// What a reason of files says of what was decided.
fn told(reason: &str) -> String {
    match reason {
        "idle" => "no instances and no tasks".to_owned(),
        "tasks-wait" => "scaled out for tasks that wait".to_owned(),
        "tasks-wait-for-mixed-group" => "scaled out by the minimum step".to_owned(),
        "tasks-wait-for-empty-group" => "scaled out from none".to_owned(),
        "empty-below-target" => "scaled out to keep spare ones".to_owned(),
        "too-few-spare" => "scaled out for more spare ones".to_owned(),
        "low" => "scaled in".to_owned(),
        other => other.replace('-', " "),
    }
}

fn changes(scaling: &ManagedScalingSummary) -> u64 {
    scaling.scale_outs + scaling.scale_ins
}

/// The first changes of the desired capacity, with what managed scaling saw, and why.
fn table(scaling: &ManagedScalingSummary, most: usize, width: usize) -> Vec<String> {
    let shown = scaling.changes.iter().take(most);
    let shown: Vec<&CapacityChangeSummary> = shown.collect();
    if shown.is_empty() {
        return Vec::new();
    }
    let header = ["time", "N", "M", "metric", "alarm", "desired"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(shown.iter().map(|change| seen(change)));
    let rows = aligned(&rows);
    let left = rows.iter().map(|row| row.chars().count()).max();
    let left = left.unwrap_or(0) + 2;
    let reasons = shown.iter().map(|change| plain(&change.reason));
    let reasons = std::iter::once("why".to_owned()).chain(reasons);
    let mut lines = Vec::new();
    for (row, reason) in rows.iter().zip(reasons) {
        let wrapped = wrap(&reason, width.saturating_sub(left));
        for (place, words) in wrapped.iter().enumerate() {
            let row = if place == 0 { row.as_str() } else { "" };
            lines.push(format!("{row:<left$}{words}"));
        }
    }
    lines
}

fn seen(change: &CapacityChangeSummary) -> Vec<String> {
    let metric = change
        .reservation
        .map(|percent| format!("{} %", decimal(percent)));
    vec![
        duration(change.time_ms),
        grouped(u64::from(change.instances_running)),
        grouped(u64::from(change.instances_needed)),
        metric.unwrap_or_else(|| "-".to_owned()),
        change.alarm.clone(),
        format!("{} -> {}", change.from, change.to),
    ]
}

fn told_spot(spot: &SpotSummary) -> Vec<String> {
    let all = &spot.all;
    let launched = match all.launched {
        0 => "no instance".to_owned(),
        launched => count(launched, "instance", "instances"),
    };
    let hours = all.instance_hours.filter(|hours| *hours > 0.0);
    let hours =
        hours.map(|hours| format!(", {}", bound(&format!("{} instance-hours", decimal(hours)))));
    let used = spot.pools.iter().filter(|pool| pool.counts.launched > 0);
    let pools = match used.count() {
        0 => None,
        pools => Some(format!(" in {}", count(number(pools), "pool", "pools"))),
    };
    let lacked = match spot.without_capacity_ms {
        0 => None,
        lacked => Some(format!(
            "; EC2 had less Spot capacity than was asked for, for {} in all",
            duration(lacked)
        )),
    };
    let head = format!("Spot: {launched} launched");
    let said = [hours, pools, Some(interrupted(all)), lacked];
    let said: String = std::iter::once(head)
        .chain(said.into_iter().flatten())
        .chain([".".to_owned()])
        .collect();
    std::iter::once(said)
        .chain(told_pools(&spot.pools))
        .collect()
}

fn interrupted(all: &SpotCounts) -> String {
    let mut parts = Vec::new();
    if all.rebalance_recommendations > 0 {
        parts.push(count(
            all.rebalance_recommendations,
            "rebalance recommendation",
            "rebalance recommendations",
        ));
    }
    parts.push(match all.notices {
        0 => "no interruption notice".to_owned(),
        notices => count(notices, "interruption notice", "interruption notices"),
    });
    if all.interruptions > 0 {
        let taken = count(all.interruptions, "instance", "instances");
        let tasks = match all.tasks_interrupted {
            0 => "without a task".to_owned(),
            tasks => format!("with {}", count(tasks, "task", "tasks")),
        };
        parts.push(format!("{taken} taken back {tasks}"));
    }
    let lost = all.work_lost_vcpu_hours.filter(|hours| *hours > 0.0);
    parts.extend(lost.map(|hours| {
        let hours = bound(&format!("{} vCPU-hours", decimal(hours)));
        format!("{} of work lost ({hours})", duration(all.work_lost_ms))
    }));
    format!("; {}", parts.join(", "))
}

/// The pools that were interrupted most.
fn told_pools(pools: &[SpotPoolSummary]) -> Option<String> {
    let mut pools: Vec<_> = pools.iter().collect();
    pools.retain(|pool| pool.counts.interruptions > 0);
    pools.sort_by_key(|pool| Reverse(pool.counts.interruptions));
    let more = pools.len().saturating_sub(POOLS);
    let shown = pools.into_iter().take(POOLS);
    let mut said: Vec<String> = shown
        .map(|pool| {
            let of = format!(
                "{} in {}",
                plain(&pool.instance_type),
                plain(&pool.availability_zone)
            );
            let (taken, launched) = (pool.counts.interruptions, pool.counts.launched);
            bound(&format!("{of} {} of {}", grouped(taken), grouped(launched)))
        })
        .collect();
    if more > 0 {
        said.push(count(number(more), "more pool", "more pools"));
    }
    (!said.is_empty()).then(|| format!("- Instances taken back by pool: {}.", said.join(", ")))
}

fn number(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
