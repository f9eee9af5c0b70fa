//! Incidents: what each struck, how deep capacity and services fell, and when they were back.

use std::cmp::Reverse;

use crate::cost::{CapacityFallSummary, IncidentSummary, ServiceFallSummary, Summary};

use crate::report::words::{bound, count, duration, grouped, list, plain};

/// The most incidents that are told of, and services of each.
const TOLD: usize = 5;
const SERVICES: usize = 3;
/// Incidents that strike in an instant; where they have a duration it is until what they took comes
/// back.
const STRIKES_ONCE: [&str; 2] = ["containerInstancesLost", "fargateSpotReclaim"];

/// A sentence each.
pub(super) fn sentences(summary: &Summary) -> Vec<String> {
    let told = summary.incidents.iter().take(TOLD);
    let mut told: Vec<String> = told.map(sentence).collect();
    let more = summary.incidents.len().saturating_sub(TOLD);
    if more > 0 {
        let more = count(number(more), "more incident", "more incidents");
        told.push(format!("and {more}: see summary.json."));
    }
    told
}

fn sentence(incident: &IncidentSummary) -> String {
    let began = duration(incident.began_ms);
    let when = match incident.ended_ms {
        Some(ended) => format!("from {began} to {}", duration(ended)),
        None if STRIKES_ONCE.contains(&incident.kind.as_str()) => format!("at {began}"),
        None => format!("from {began} to the end"),
    };
    let said = [struck(incident), failures(incident)];
    let mut said: Vec<String> = said.into_iter().flatten().collect();
    said.extend(capacity(&incident.capacity));
    said.extend(fargate(incident));
    said.extend(services(incident));
    if said.is_empty() {
        said.push("neither capacity nor a service fell".to_owned());
    }
    format!(
        "Incident {} ({}) {when}: {}.",
        plain(&incident.name),
        incident.kind,
        said.join("; ")
    )
}

fn struck(incident: &IncidentSummary) -> Option<String> {
    let instances = count(incident.instances_struck, "instance", "instances");
    let tasks = |tasks: u64| match tasks {
        0 => "without a task".to_owned(),
        tasks => format!("with {}", count(tasks, "task", "tasks")),
    };
    let (struck, ended) = (incident.instances_struck, incident.instances_ended);
    let struck_tasks = tasks(incident.tasks_struck);
    match ended {
        _ if struck == 0 => {
            let tasks = |tasks| count(tasks, "task", "tasks");
            match (incident.tasks_struck, incident.tasks_ended) {
                (0, _) => None,
                (struck, ended) if struck == ended => Some(format!("{} ended", tasks(ended))),
                (struck, ended) => Some(format!(
                    "{} struck, of which {} ended",
                    tasks(struck),
                    grouped(ended)
                )),
            }
        }
        0 => Some(format!("{instances} struck {struck_tasks}")),
        _ if ended == struck => Some(format!("{instances} ended {}", tasks(incident.tasks_ended))),
        _ => Some(format!(
            "{instances} struck {struck_tasks}, of which {} ended {}",
            grouped(ended),
            tasks(incident.tasks_ended)
        )),
    }
}

fn failures(incident: &IncidentSummary) -> Option<String> {
    let failed = (incident.tasks_failed_to_start > 0).then(|| {
        let tasks = count(incident.tasks_failed_to_start, "task", "tasks");
        format!("{tasks} failed to start")
    });
    let refused = (incident.launch_failures > 0).then(|| {
        let times = count(incident.launch_failures, "time", "times");
        format!("EC2 refused launches {times}")
    });
    let said: Vec<String> = [failed, refused].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn capacity(fall: &CapacityFallSummary) -> Option<String> {
    let (instances, cpu) = (fall.instances, fall.cpu);
    (instances.lowest < instances.before).then(|| {
        let cpu = format!(
            "({} to {} CPU units)",
            grouped(cpu.before),
            grouped(cpu.lowest)
        );
        format!(
            "capacity fell from {} to {} {}, {}",
            grouped(instances.before),
            count(instances.lowest, "instance", "instances"),
            bound(&cpu),
            back(fall.recovered_after_ms, "back")
        )
    })
}

fn fargate(incident: &IncidentSummary) -> Option<String> {
    let fall = incident.fargate.as_ref()?;
    let running = fall.running;
    (running.lowest < running.before).then(|| {
        format!(
            "Fargate fell from {} to {}, {}",
            grouped(running.before),
            count(running.lowest, "running task", "running tasks"),
            back(fall.recovered_after_ms, "back")
        )
    })
}

/// The services that fell, those that took longest first.
fn services(incident: &IncidentSummary) -> Option<String> {
    let mut fell: Vec<(&String, &ServiceFallSummary)> = incident
        .services
        .iter()
        .filter(|(_, fall)| {
            fall.running.lowest < fall.running.before || fall.recovered_after_ms.is_none()
        })
        .collect();
    fell.sort_by_key(|(_, fall)| Reverse(fall.recovered_after_ms.unwrap_or(u64::MAX)));
    let more = fell.len().saturating_sub(SERVICES);
    let shown = fell.into_iter().take(SERVICES);
    let mut said: Vec<String> = shown.map(|(name, fall)| service(name, fall)).collect();
    if more > 0 {
        said.push(count(number(more), "more service", "more services"));
    }
    (!said.is_empty()).then(|| list(&said))
}

fn service(name: &str, fall: &ServiceFallSummary) -> String {
    let running = fall.running;
    let fell = if running.lowest < running.before {
        format!(
            "fell from {} to {}",
            grouped(running.before),
            count(running.lowest, "running task", "running tasks")
        )
    } else {
        format!(
            "had {}",
            count(running.before, "running task", "running tasks")
        )
    };
    let back = back(fall.recovered_after_ms, "as many as desired");
    format!("{} {fell}, {back}", plain(name))
}

fn back(after: Option<u64>, what: &str) -> String {
    match after {
        Some(after) => format!("{what} after {}", duration(after)),
        None => format!("never {what} again"),
    }
}

fn number(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}
