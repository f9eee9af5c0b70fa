//! From RUNNING to whatever ends the task by itself.

use crate::cloud::behavior::ContainerExit;
use crate::model::{HealthStatus, RestartPolicy, Stop, StoppedReason, TaskStopCode, task_health};
use crate::units::{Millis, SimTime};

use super::{Launch, StartEnd, StartPlan, health_check};

/// What happens to a task from RUNNING on, unless it is stopped from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlan {
    /// From when on its application answers: all essential containers are ready.
    pub answers_from: SimTime,
    /// From when on it answers no more although it runs: an essential container is unhealthy.
    pub answers_until: Option<SimTime>,
    /// When and why it stops by itself.
    pub end: Option<(SimTime, Stop)>,
    /// Changes of its health by its essential containers' checks, in order; UNKNOWN before. The
    /// first may lie before RUNNING, none lies after the end.
    pub health: Vec<(SimTime, HealthStatus)>,
}

/// Plans the run of a task that reached RUNNING; `None` for one that did not. `runtime` is how
/// long its work takes, counted from RUNNING, when it has an end.
///
/// A container that exits is started again if its `restartPolicy` allows it: it must have run for
/// the attempt period, and its exit code not be ignored. It then lives as long as the first time,
/// so that it is started again for ever. Else the end of an essential container is the end of the
/// task, and that of another one is nothing.
pub fn plan_run(
    launch: &Launch<'_>,
    start: &StartPlan,
    runtime: Option<Millis>,
) -> Option<RunPlan> {
    let StartEnd::Running(running_at) = start.end else {
        return None;
    };
    let essential: Vec<(usize, SimTime)> = (0..launch.count())
        .filter(|&place| launch.is_essential(place))
        .map(|place| {
            let own = start.containers.get(place);
            let started_at = own.and_then(|own| own.started_at);
            (place, started_at.unwrap_or(running_at))
        })
        .collect();
    let finished = runtime.map(|span| (running_at.saturating_add(span), Stop::FINISHED));
    let exits = essential.iter().filter_map(|&(place, _)| {
        let exit = launch.fate.exit(place)?;
        let policy = launch.container(place);
        let policy = policy.and_then(|found| found.restart_policy.as_ref());
        // However soon it exits, its replacement starts later, not in the same instant for ever.
        let after = exit.after.max(Millis(1));
        (!restarts(policy, exit)).then(|| (running_at.saturating_add(after), stop_of(exit)))
    });
    let end = finished.into_iter().chain(exits).min_by_key(|(at, _)| *at);
    let ready = essential
        .iter()
        .map(|&(place, started_at)| started_at.saturating_add(launch.fate.ready_after(place)));
    let ceasing = essential.iter().filter_map(|&(place, started_at)| {
        let after = launch.fate.unhealthy_after(place)?;
        Some(started_at.saturating_add(after).max(running_at))
    });
    let mut health = health_changes(launch, &essential);
    health.retain(|(at, _)| end.is_none_or(|(end, _)| *at <= end));
    Some(RunPlan {
        answers_from: ready.max().unwrap_or(running_at).max(running_at),
        answers_until: ceasing.min(),
        end,
        health,
    })
}

/// Whether a container is started again (API reference of ContainerRestartPolicy).
fn restarts(policy: Option<&RestartPolicy>, exit: ContainerExit) -> bool {
    policy.is_some_and(|policy| {
        exit.after >= policy.restart_attempt_period
            && !policy.ignored_exit_codes.contains(&exit.exit_code)
    })
}

fn stop_of(exit: ContainerExit) -> Stop {
    let exit_code = exit.exit_code;
    Stop {
        code: TaskStopCode::EssentialContainerExited,
        reason: if exit.out_of_memory {
            StoppedReason::OutOfMemory
        } else {
            StoppedReason::EssentialContainerExited { exit_code }
        },
    }
}

/// The task's health over time: a container without a check is UNKNOWN throughout.
fn health_changes(
    launch: &Launch<'_>,
    essential: &[(usize, SimTime)],
) -> Vec<(SimTime, HealthStatus)> {
    let containers: Vec<Vec<(SimTime, HealthStatus)>> = essential
        .iter()
        .map(|&(place, started_at)| {
            let check = launch.container(place);
            let check = check.and_then(|found| found.health_check.as_ref());
            check.map_or_else(Vec::new, |check| {
                health_check::changes(check, launch.fate, place, started_at)
            })
        })
        .collect();
    let mut times: Vec<SimTime> = containers.iter().flatten().map(|(at, _)| *at).collect();
    times.sort_unstable();
    times.dedup();
    let status_at = |changes: &Vec<(SimTime, HealthStatus)>, now: SimTime| {
        let past = changes.iter().rev().find(|(at, _)| *at <= now);
        past.map_or(HealthStatus::Unknown, |(_, status)| *status)
    };
    let mut before = HealthStatus::Unknown;
    let mut changes = Vec::new();
    for now in times {
        let status = task_health(containers.iter().map(|own| status_at(own, now)));
        if status != before {
            changes.push((now, status));
            before = status;
        }
    }
    changes
}
