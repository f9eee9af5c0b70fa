//! Who waited for room, and which services were short of tasks meanwhile.

use crate::cost::Summary;
use crate::report::words::{self, bound, count, duration, grouped, list, plain};

/// How long tasks waited for room.
pub(super) fn waits(summary: &Summary) -> String {
    let placement = &summary.placement;
    let placed = summary.tasks.placed;
    let all = placed == summary.tasks.submitted;
    let mut said = match (placed, placement.waited_mean_ms, placement.wait_ms.max) {
        (1.., Some(mean), Some(max)) => {
            let tasks = if all { "tasks" } else { "placed tasks" };
            let tasks = bound(&format!("{} {tasks}", grouped(placed)));
            let (waited, mean) = (grouped(placement.waited), words::mean(mean));
            let max = duration(max);
            let long = if mean == max {
                max
            } else {
                format!("{mean} on average, at most {max}")
            };
            let over_all = placement
                .wait_ms
                .mean
                .filter(|_| placement.waited < placed)
                .map(|all| bound(&format!("({} over all tasks)", words::mean(all))));
            let over_all = over_all.map_or_else(String::new, |all| [" ", &all].concat());
            format!("{waited} of {tasks} waited, {long}{over_all}.")
        }
        // A service that finds no room starts no task: it tries again.
        (1.., ..) if is_short(summary) => "No task waited for room.".to_owned(),
        (1.., ..) if all => "Every task was placed at once.".to_owned(),
        (1.., ..) => "Every task that was placed was placed at once.".to_owned(),
        _ => String::new(),
    };
    if let (Some(waiting @ 1..), Some(longest)) =
        (summary.tasks.waiting, placement.still_waiting_max_ms)
    {
        let longest = duration(longest);
        let still = if waiting == 1 {
            format!(" The one that waits at the end has waited {longest}.")
        } else {
            let waiting = grouped(waiting);
            format!(" The {waiting} that wait at the end have waited at most {longest}.")
        };
        said += &still;
    }
    said
}

/// Whether services tried to start tasks and found no room.
fn is_short(summary: &Summary) -> bool {
    let mut services = summary.services.values();
    services.any(|service| !service.placement.failures.is_empty())
}

/// How many tasks the services had that found no room for as many as were desired.
pub(super) fn short_of_tasks(summary: &Summary) -> String {
    const NAMED: usize = 3;
    let services = summary.services.iter();
    let refused = services.filter(|(_, service)| !service.placement.failures.is_empty());
    let mut short: Vec<String> = refused
        .filter_map(|(name, service)| {
            let means = [service.running.mean?, service.desired.mean?];
            let [running, desired] = means.map(|mean| format!("{mean:.1}"));
            let counts = bound(&format!("{running} of {desired}"));
            let is_short = means[0] < means[1] && running != desired;
            is_short.then(|| format!("{} had {counts}", plain(name)))
        })
        .collect();
    let more = short.len().saturating_sub(NAMED);
    short.truncate(NAMED);
    if more > 0 {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        short.push(count(more, "more service", "more services"));
    }
    if short.is_empty() {
        return String::new();
    }
    format!(
        "Services did not always find room for their tasks. On average {} desired tasks running.",
        list(&short)
    )
}
