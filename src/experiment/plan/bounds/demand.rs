//! What the standalone work of a scenario asks of any fleet, for one seed, without a run.
//!
//! What is submitted when, and how long it runs, does not depend on the cluster. So where the
//! checks say by when each task must be placed, it is known at what times it holds its place in
//! any case (its *mandatory part*): from the latest moment at which it may be placed, to the
//! earliest at which it can be over. What is held at one time must fit into the fleet at once; and
//! what is held between a time and the end of the run must fit into the fleet over that span. Both
//! are necessary conditions, so a fleet that misses one cannot pass, whatever the placement.

use std::collections::BTreeMap;

use crate::kernel::Streams;
use crate::model::TaskDefinition;
use crate::record::PerResource;
use crate::scenario::{Scenario, TasksEntry, WhenFull};
use crate::units::{Millis, Resources, SimTime, index};
use crate::workload::{Submission, Workload, WorkloadEntry};

use super::requirement::Requirement;

/// Beyond so many submissions no demand is worked out: it would take the memory of a run.
const MOST_SUBMISSIONS: u64 = 2_000_000;
/// How many shapes of tasks are counted, those with most tasks first.
const MOST_SHAPES: usize = 8;

/// What a fleet must have at least.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Demand {
    /// In all, of each resource.
    pub amounts: PerResource<u64>,
    /// Room for so many tasks at once, each of at least this shape.
    pub tasks: Vec<(PerResource<u64>, u64)>,
}

/// A task that must be placed.
struct Held {
    needs: PerResource<u64>,
    submitted: SimTime,
    /// The latest moment at which it may be placed.
    latest: SimTime,
    /// How long it holds its place; at least to the end of the run when `None`.
    span: Option<Millis>,
}

impl Held {
    /// From when to when it holds its place in any case; `None` when there is no such span.
    fn mandatory(&self, end: SimTime) -> Option<(SimTime, SimTime)> {
        let over = self
            .span
            .map_or(end, |span| self.submitted.saturating_add(span).min(end));
        (self.latest < over).then_some((self.latest, over))
    }

    /// How long it holds its place before the end of the run, at least.
    fn least_span(&self, end: SimTime, must_be_over: bool) -> Millis {
        match self.span {
            Some(span) if must_be_over => span,
            Some(span) => span.min(end.since(self.latest)),
            None => end.since(self.latest),
        }
    }
}

impl Demand {
    /// The demand of a scenario under a seed, given what its checks require. `None` when nothing
    /// can be said.
    pub fn of(scenario: &Scenario, seed: u64, requirement: &Requirement) -> Option<Self> {
        // Tasks that break off, or lose their instance, hold their place for a shorter time; and a
        // fleet that grows may hold anything.
        let is_steady = scenario.task_behaviors.is_empty() && scenario.incidents.is_empty();
        if !is_steady || !scenario.has_fixed_fleet() {
            return None;
        }
        let (held, submitted) = held(scenario, seed, requirement)?;
        let end = SimTime::ZERO + scenario.duration;
        let exempt = requirement.exempt(submitted);
        let mut demand = at_once(&held, end, exempt);
        let over_time = over_time(&held, end, requirement.all_over, exempt);
        demand.amounts = demand.amounts.with(over_time, u64::max);
        Some(demand)
    }
}

/// The tasks that must be placed, and how many are submitted in all.
fn held(scenario: &Scenario, seed: u64, requirement: &Requirement) -> Option<(Vec<Held>, u64)> {
    let entries: Vec<WorkloadEntry> = scenario
        .tasks
        .iter()
        .map(|entry| WorkloadEntry {
            name: entry.name.clone(),
            source: entry.source.clone(),
        })
        .collect();
    let has_needs: Vec<bool> = scenario
        .tasks
        .iter()
        .map(TasksEntry::has_default_needs)
        .collect();
    let end = SimTime::ZERO + scenario.duration;
    let streams = Streams::new(seed);
    let (latencies, start) = (&scenario.latencies, scenario.start);
    let workload = Workload::new(&entries, latencies, &streams, start, end, &has_needs);
    // What is wrong with a trace is told by the run.
    let mut workload = workload.ok()?;
    let mut held = Vec::new();
    let mut submitted = 0;
    while let Some(submission) = workload.next().ok()? {
        held.extend(held_task(scenario, &submission, requirement));
        submitted += 1;
        if submitted > MOST_SUBMISSIONS {
            return None;
        }
    }
    Some((held, submitted))
}

fn held_task(
    scenario: &Scenario,
    submission: &Submission,
    requirement: &Requirement,
) -> Option<Held> {
    let entry = &scenario.tasks[index(submission.entry)];
    let wait = match entry.when_full {
        WhenFull::Fail => requirement.places_at_once().then_some(Millis::ZERO),
        WhenFull::Queue | WhenFull::Backfill => requirement.wait_of_queued(),
    }?;
    let definition = submission.definition.or(entry.task_definition);
    let definition = definition.map(|id| &scenario.task_definitions[id.index()]);
    if definition.is_some_and(|definition| may_break_off(scenario, definition)) {
        return None;
    }
    let defined = definition
        .map(|known| known.needs)
        .or(entry.needs)
        .unwrap_or_default();
    let needs = Resources {
        cpu: submission.cpu.unwrap_or(defined.cpu),
        memory: submission.memory.unwrap_or(defined.memory),
        gpus: submission.gpus.unwrap_or(defined.gpus),
        enis: 0,
    };
    let last = SimTime((SimTime::ZERO + scenario.duration).0.saturating_sub(1));
    let around = submission
        .start_latency
        .0
        .saturating_add(submission.stop_latency.0);
    Some(Held {
        needs: PerResource::amounts(&needs),
        submitted: submission.at,
        latest: submission.at.saturating_add(wait).min(last),
        span: submission
            .runtime
            .map(|runtime| Millis(runtime.0.saturating_add(around))),
    })
}

/// Whether the launch of a task may fail, or its run end early, without any behavior of the
/// scenario: its images are pulled, its containers wait for one another, are checked, or mount.
fn may_break_off(scenario: &Scenario, definition: &TaskDefinition) -> bool {
    let pulled = |image: &String| scenario.images.iter().any(|known| known.name == *image);
    !definition.efs_file_systems.is_empty()
        || definition.containers.iter().any(|container| {
            !container.depends_on.is_empty()
                || container.health_check.is_some()
                || pulled(&container.image)
        })
}

/// What is held at one time, `exempt` tasks left out.
fn at_once(held: &[Held], end: SimTime, exempt: u64) -> Demand {
    let shapes = shapes(held);
    let spans = || {
        held.iter()
            .filter_map(|task| Some((task, task.mandatory(end)?)))
    };
    // What ends at a moment makes room for what begins then.
    let mut changes: Vec<(SimTime, bool, PerResource<u64>)> = spans()
        .flat_map(|(task, (from, to))| [(from, true, task.needs), (to, false, task.needs)])
        .collect();
    changes.sort_unstable_by_key(|(at, begins, _)| (*at, *begins));
    let mut now = PerResource::all(0_u64);
    let mut peak = PerResource::all(0_u64);
    let mut tasks = vec![(0_u64, 0_u64); shapes.len()];
    for (_, begins, needs) in changes {
        let like = shapes
            .iter()
            .zip(&mut tasks)
            .filter(|(shape, _)| is_at_least(needs, **shape));
        if begins {
            now = now.plus(needs);
            peak = peak.with(now, u64::max);
            like.for_each(|(_, (count, most))| {
                *count += 1;
                *most = (*most).max(*count);
            });
        } else {
            now = now.minus(needs);
            like.for_each(|(_, (count, _))| *count -= 1);
        }
    }
    let left_out = largest(held, exempt, |task| task.needs.map(u128::from));
    let tasks = tasks
        .into_iter()
        .map(|(_, most)| most.saturating_sub(exempt));
    Demand {
        amounts: peak.with(left_out, |peak, left_out| {
            u64::try_from(u128::from(peak).saturating_sub(left_out)).unwrap_or(u64::MAX)
        }),
        tasks: shapes
            .into_iter()
            .zip(tasks)
            .filter(|(_, most)| *most > 0)
            .collect(),
    }
}

/// The most frequent needs.
fn shapes(held: &[Held]) -> Vec<PerResource<u64>> {
    let mut counts: BTreeMap<PerResource<u64>, u64> = BTreeMap::new();
    for task in held {
        *counts.entry(task.needs).or_default() += 1;
    }
    let mut shapes: Vec<(PerResource<u64>, u64)> = counts.into_iter().collect();
    shapes.sort_by_key(|(shape, count)| (std::cmp::Reverse(*count), *shape));
    shapes
        .into_iter()
        .take(MOST_SHAPES)
        .map(|(shape, _)| shape)
        .collect()
}

fn is_at_least(needs: PerResource<u64>, shape: PerResource<u64>) -> bool {
    needs
        .with(shape, |needs, shape| needs >= shape)
        .values()
        .into_iter()
        .all(|holds| holds)
}

/// What the fleet must have, so that all that is held between a submission and the end of the run
/// fits into that span.
fn over_time(held: &[Held], end: SimTime, must_be_over: bool, exempt: u64) -> PerResource<u64> {
    let volume = |task: &Held| task.needs.over(task.least_span(end, must_be_over).0);
    let left_out = largest(held, exempt, volume);
    let mut sum = PerResource::all(0_u128);
    let mut least = PerResource::all(0_u64);
    // Backwards, so that the sum is that of the tasks submitted at this time or later.
    for task in held.iter().rev() {
        sum = sum.plus(volume(task));
        let span = u128::from(end.since(task.submitted).0.max(1));
        let rate = sum.with(left_out, |sum, left_out| {
            let amount = sum.saturating_sub(left_out).div_ceil(span);
            u64::try_from(amount).unwrap_or(u64::MAX)
        });
        least = least.with(rate, u64::max);
    }
    least
}

/// The sum of the largest so many, for each resource by itself.
fn largest(
    held: &[Held],
    count: u64,
    of: impl Fn(&Held) -> PerResource<u128>,
) -> PerResource<u128> {
    if count == 0 {
        return PerResource::all(0);
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let sum = |amount: fn(PerResource<u128>) -> u128| {
        let mut amounts: Vec<u128> = held.iter().map(|task| amount(of(task))).collect();
        amounts.sort_unstable_by(|a, b| b.cmp(a));
        amounts.iter().take(count).sum()
    };
    PerResource {
        cpu: sum(|amounts| amounts.cpu),
        memory: sum(|amounts| amounts.memory),
        gpu: sum(|amounts| amounts.gpu),
    }
}
