//! Services: a table, and what each has to tell.

use std::cmp::Reverse;

use crate::cost::{DeploymentSummary, EventSummary, ServiceSummary, Summary};

use super::table::{aligned, shortened};
use crate::report::words::{bound, count, duration, grouped, list, mean, often, percent, plain};

/// The most services that have a row and something to tell.
const SERVICES: usize = 10;
/// The most deployments, warnings and errors that are told of a service.
const DEPLOYMENTS: usize = 3;
const TROUBLES: usize = 2;
/// The most sentences on all services together.
const SENTENCES: usize = 24;
/// The narrowest screen that has room for every column.
const WIDE: usize = 100;

type Named<'a> = (&'a String, &'a ServiceSummary);

/// Rows of the table, then a sentence for each thing that matters. Both are empty without services.
pub(super) fn section(summary: &Summary, width: usize) -> (Vec<String>, Vec<String>) {
    let shown = shown(summary);
    if shown.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let more = summary.services.len() - shown.len();
    let mut rows = vec![header(width)];
    rows.extend(shown.iter().map(|service| row(*service, width)));
    if more > 0 {
        rows.push(vec![format!("and {} more", grouped(number(more)))]);
    }
    let mut sentences: Vec<String> = shown.iter().flat_map(|of| sentences(*of)).collect();
    let untold = sentences.len().saturating_sub(SENTENCES);
    if untold > 0 {
        sentences.truncate(SENTENCES);
        let things = count(number(untold), "more thing", "more things");
        sentences.push(format!("- and {things} to tell: see summary.json."));
    }
    (aligned(&rows), sentences)
}

/// All services by name, or where there are too many those that were unavailable longest, then
/// those that had most failed tasks.
fn shown(summary: &Summary) -> Vec<Named<'_>> {
    let mut services: Vec<Named<'_>> = summary.services.iter().collect();
    if services.len() > SERVICES {
        services.sort_by_key(|(_, service)| {
            let worst = (service.unavailable_ms, service.tasks.failed);
            Reverse(worst)
        });
        services.truncate(SERVICES);
    }
    services
}

fn header(width: usize) -> Vec<String> {
    let cells: &[&str] = if width >= WIDE {
        &[
            "service",
            "desired",
            "running",
            "healthy mean",
            "availability",
            "started",
            "lost",
            "stopped",
            "cost",
        ]
    } else {
        &[
            "service",
            "desired",
            "running",
            "healthy",
            "available",
            "started",
            "lost",
            "cost",
        ]
    };
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn row((name, service): Named<'_>, width: usize) -> Vec<String> {
    let or_none = |said: Option<String>| said.unwrap_or_else(|| "-".to_owned());
    let at_end = |count: Option<u32>| or_none(count.map(|count| grouped(u64::from(count))));
    let tasks = &service.tasks;
    let mut cells = vec![
        plain(name),
        at_end(service.desired.end),
        at_end(service.running.end),
        or_none(service.healthy.mean.map(|mean| format!("{mean:.1}"))),
        or_none(service.availability.map(percent)),
        grouped(tasks.placed),
        // Lost is what ended unasked.
        grouped(tasks.failed + tasks.interrupted),
    ];
    if width >= WIDE {
        cells.push(grouped(tasks.stopped));
    }
    cells.push(format!("${}", service.cost_usd.to_cents()));
    shortened(cells, if width >= WIDE { 22 } else { 12 })
}

/// What matters of a service, a sentence each.
fn sentences((name, service): Named<'_>) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(availability(service));
    said.extend(refused(service));
    said.extend(failures(service));
    let telling = service.deployments.iter().filter(|one| is_telling(one));
    let telling: Vec<&DeploymentSummary> = telling.collect();
    let older = telling.len().saturating_sub(DEPLOYMENTS);
    if older > 0 {
        said.push(count(
            number(older),
            "earlier deployment",
            "earlier deployments",
        ));
    }
    let latest = telling.into_iter().skip(older);
    said.extend(latest.map(|one| deployment(service, one)));
    said.extend(scaling(service));
    said.extend(load(service));
    let troubles = &service.events.troubles;
    let latest = troubles
        .iter()
        .skip(troubles.len().saturating_sub(TROUBLES));
    said.extend(latest.enumerate().map(|(place, one)| {
        let head = if place == 0 {
            untold(service)
        } else {
            String::new()
        };
        [head, event(one)].concat()
    }));
    said.into_iter()
        .map(|words| {
            let stop = if words.ends_with('.') { "" } else { "." };
            format!("- {}: {words}{stop}", plain(name))
        })
        .collect()
}

fn availability(service: &ServiceSummary) -> Option<String> {
    if service.unavailable_ms == 0 {
        return None;
    }
    let ready = match service.ready_after_ms {
        None => ", and never available".to_owned(),
        Some(0) => String::new(),
        Some(after) if after == service.unavailable_ms => ", all of it at its start".to_owned(),
        Some(after) => format!(", {} of it at its start", duration(after)),
    };
    let none = match service.without_healthy_ms {
        0 => String::new(),
        none => format!("; {} without a healthy task", duration(none)),
    };
    let unavailable = duration(service.unavailable_ms);
    Some(format!("unavailable for {unavailable}{ready}{none}"))
}

fn refused(service: &ServiceSummary) -> Option<String> {
    let failures = &service.placement.failures;
    let reasons: Vec<String> = failures
        .iter()
        .map(|(reason, refused)| {
            bound(&format!(
                "{} {}",
                reason.trim_end_matches('.'),
                grouped(*refused)
            ))
        })
        .collect();
    (!reasons.is_empty()).then(|| format!("refused attempts by reason: {}", reasons.join(", ")))
}

/// Why tasks ended that nobody asked to, the commonest reason first.
fn failures(service: &ServiceSummary) -> Option<String> {
    const ASKED: [&str; 2] = [
        "Scaling activity initiated by deployment",
        "Task stopped by user",
    ];
    let reasons = service.stop_reasons.iter();
    let mut failed: Vec<(&String, u64)> = reasons
        .filter(|(reason, _)| !ASKED.contains(&reason.as_str()))
        .map(|(reason, tasks)| (reason, *tasks))
        .collect();
    failed.sort_by_key(|(_, tasks)| Reverse(*tasks));
    let said: Vec<String> = failed
        .into_iter()
        .map(|(reason, tasks)| bound(&format!("{reason} {}", grouped(tasks))))
        .collect();
    (!said.is_empty()).then(|| format!("tasks that ended unasked: {}", said.join(", ")))
}

/// The first deployment is what a service begins with; it is told when something was amiss.
fn is_telling(deployment: &DeploymentSummary) -> bool {
    deployment.number > 1 || deployment.failures > 0 || deployment.rollout_state != "COMPLETED"
}

fn deployment(service: &ServiceSummary, one: &DeploymentSummary) -> String {
    let number = |number: u32| bound(&format!("deployment {number}"));
    let revision = plain(&one.task_definition);
    let took = one.duration_ms.map(duration);
    let became = match (one.rollout_state.as_str(), took) {
        ("COMPLETED", Some(took)) => format!("completed in {took}"),
        ("FAILED", Some(took)) => format!("failed after {took}"),
        _ if one.status == "PRIMARY" => "in progress at the end".to_owned(),
        _ => "superseded before it was completed".to_owned(),
    };
    let cause = one.cause.as_ref().map(|cause| format!(": {cause}"));
    let replaced = (one.tasks_replaced, "task replaced", "tasks replaced");
    let failed = (one.failures, "failed task", "failed tasks");
    let counts = [replaced, failed].map(|(tasks, singular, plural)| {
        (tasks > 0).then(|| format!(", {}", count(u64::from(tasks), singular, plural)))
    });
    let rolled_back = one.rolled_back_by.map(|back| {
        let brought = service
            .deployments
            .iter()
            .find(|other| other.number == back);
        let revision = brought.map(|other| format!(" to {}", plain(&other.task_definition)));
        let revision = revision.unwrap_or_default();
        format!("; rolled back{revision} by {}", number(back))
    });
    let stuck = one.stuck.as_ref().map(|stuck| format!("; stuck: {stuck}"));
    let [replaced, failed] = counts;
    let rest = [cause, replaced, failed, rolled_back, stuck];
    let head = format!("{}: {revision}, {became}", number(one.number));
    std::iter::once(head)
        .chain(rest.into_iter().flatten())
        .collect()
}

fn scaling(service: &ServiceSummary) -> Option<String> {
    let scaling = &service.scaling;
    let (least, most) = service.desired.min.zip(service.desired.max)?;
    let ways = [(scaling.out, "out"), (scaling.r#in, "in")];
    let ways = ways.into_iter().filter(|(times, _)| *times > 0);
    let ways: Vec<String> = ways
        .map(|(times, way)| bound(&format!("{way} {}", often(times))))
        .collect();
    (!ways.is_empty()).then(|| {
        format!(
            "scaled {}, between {} and {}",
            list(&ways),
            grouped(u64::from(least)),
            count(u64::from(most), "task", "tasks")
        )
    })
}

fn load(service: &ServiceSummary) -> Option<String> {
    let load = service.load.as_ref()?;
    let cpu = load.cpu_utilization;
    let cpu = cpu
        .mean
        .zip(cpu.max)
        .map(|(mean, max)| format!("CPU utilization {mean:.0} % on average, {max:.0} % at most"));
    let latency = load.latency_mean_ms.mean.zip(load.latency_p99_ms.mean);
    let latency = latency.map(|(mean, p99)| {
        let (mean, p99) = (response_time(mean), response_time(p99));
        format!("answers took {mean} (p99 {p99})")
    });
    let lost = load.error_rate.filter(|rate| *rate > 0.0);
    let lost = lost.map(|rate| format!("{} of the requests were lost", percent(rate)));
    let parts: Vec<String> = [cpu, latency, lost].into_iter().flatten().collect();
    let parts: Vec<String> = parts.iter().map(|part| bound(part)).collect();
    (!parts.is_empty()).then(|| list(&parts))
}

/// A response time in milliseconds.
fn response_time(time: f64) -> String {
    if time < 10.0 {
        format!("{time:.1} ms")
    } else {
        mean(time)
    }
}

/// How many warnings and errors there were, where only the last of them are told.
fn untold(service: &ServiceSummary) -> String {
    let all = service.events.warn + service.events.error;
    match number(service.events.troubles.len().min(TROUBLES)) {
        told if told >= all => String::new(),
        told => format!(
            "the last {} of {} warnings and errors: ",
            grouped(told),
            grouped(all)
        ),
    }
}

fn event(event: &EventSummary) -> String {
    format!(
        "{} at {}: {}",
        event.severity,
        duration(event.time_ms),
        plain(&event.message)
    )
}

fn number(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
