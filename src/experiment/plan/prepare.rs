//! What is known of each choice before any run: whether it is a scenario at all, what it costs at
//! least, whether its fleet can hold the work.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::experiment::parallel::run_indexed;
use crate::experiment::seeds::seed_of;
use crate::scenario::{Check, Comparison, LoadError, Scenario};
use crate::units::Fixed;

use super::bounds::{Demand, FixedFleet, Limit, Requirement};
use super::confidence::MOST_FAILURES;
use super::search::FIRST_FRESH;

/// So many of the fresh seeds are looked at: a choice that can hold on none of them has failed more
/// often than it may by the time that it has been played on them, and cannot be confirmed.
const SEEDS: u64 = MOST_FAILURES + 1;
/// Of so many different kinds of work the demand is worked out.
const MOST_WORKS: usize = 256;
/// Choices that are in memory at a time.
const AT_A_TIME: usize = 256;

/// What is known of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prospect {
    /// It may be the answer; its objective is at least so much, where that is known.
    Open(Option<Fixed>),
    /// It is no valid scenario.
    Invalid(Box<LoadError>),
    /// Its fleet cannot hold the work.
    TooSmall(Option<Fixed>),
    /// It costs more than a check allows.
    TooDear,
}

/// Where choices come from, and what is asked of them.
pub(super) struct Preparation<'a, L> {
    /// Loads a choice.
    pub(super) load: L,
    pub(super) checks: &'a [Check],
    /// The path of the objective.
    pub(super) objective: &'a str,
    pub(super) jobs: NonZeroUsize,
}

/// A choice that has been loaded.
struct Loaded {
    fleet: FixedFleet,
    /// Its work, by its place among the different ones; `None` beyond the first so many.
    work: Option<usize>,
}

/// Work that some choices share, and what it demands.
struct Work {
    scenario: Box<Scenario>,
    /// On each of the seeds that are looked at; `None` where nothing can be said.
    demands: Option<Vec<Demand>>,
}

impl<L: Fn(u64) -> Result<Scenario, LoadError> + Sync> Preparation<'_, L> {
    /// Looks at the choices below `count`; `done` hears how many have been looked at.
    pub(super) fn look(&self, count: u64, mut done: impl FnMut(u64)) -> Vec<Prospect> {
        let limits = limits(self.checks);
        let mut works: Vec<Work> = Vec::new();
        let mut prospects = Vec::new();
        let numbers: Vec<u64> = (0..count).collect();
        for numbers in numbers.chunks(AT_A_TIME) {
            let loaded = run_indexed(
                self.jobs,
                numbers.len(),
                |place| (self.load)(numbers[place]).map(Box::new),
                |_, _| ControlFlow::Continue(()),
            );
            for scenario in loaded {
                let prospect = match scenario {
                    Ok(scenario) => {
                        let loaded = take_in(scenario, &limits, &mut works, self.jobs);
                        self.judge(&loaded, &limits, &works)
                    }
                    Err(error) => Prospect::Invalid(Box::new(error)),
                };
                prospects.push(prospect);
            }
            done(u64::try_from(prospects.len()).unwrap_or(u64::MAX));
        }
        prospects
    }

    fn judge(&self, loaded: &Loaded, limits: &[Limit<'_>], works: &[Work]) -> Prospect {
        let bound = loaded.fleet.least(self.objective);
        let is_too_dear = |limit: &Limit<'_>| {
            let least = loaded.fleet.least(limit.path);
            least.is_some_and(|least| least > limit.most || limit.below && least == limit.most)
        };
        let demands = loaded.work.and_then(|work| works[work].demands.as_ref());
        let may_hold = demands.is_none_or(|demands| {
            let mut demands = demands.iter();
            demands.any(|demand| loaded.fleet.may_hold(demand))
        });
        if limits.iter().any(is_too_dear) {
            Prospect::TooDear
        } else if may_hold {
            Prospect::Open(bound)
        } else {
            Prospect::TooSmall(bound)
        }
    }
}

/// The checks that are upper limits.
fn limits(checks: &[Check]) -> Vec<Limit<'_>> {
    let limit = |check: &'_ Check| {
        let below = match check.expression.comparison {
            Comparison::Less => true,
            Comparison::AtMost | Comparison::Equal => false,
            Comparison::Greater | Comparison::AtLeast | Comparison::NotEqual => return None,
        };
        Some((below, check.expression.threshold))
    };
    let limits = checks.iter().filter_map(|check| {
        let (below, most) = limit(check)?;
        Some(Limit {
            path: check.expression.figure.as_str(),
            most,
            below,
        })
    });
    limits.collect()
}

fn take_in(
    scenario: Box<Scenario>,
    limits: &[Limit<'_>],
    works: &mut Vec<Work>,
    jobs: NonZeroUsize,
) -> Loaded {
    let fleet = FixedFleet::of(&scenario);
    let mut known = works.iter();
    if let Some(work) = known.position(|work| is_same_work(&work.scenario, &scenario)) {
        let work = Some(work);
        return Loaded { fleet, work };
    }
    if works.len() >= MOST_WORKS {
        return Loaded { fleet, work: None };
    }
    let requirement = Requirement::of(limits, !scenario.services.is_empty());
    let base = scenario.seed;
    let seeds = (FIRST_FRESH..FIRST_FRESH + SEEDS).map(|run| seed_of(base, run));
    let seeds: Vec<u64> = seeds.collect();
    let demands = run_indexed(
        jobs,
        seeds.len(),
        |place| Demand::of(&scenario, seeds[place], &requirement),
        |_, _| ControlFlow::Continue(()),
    );
    works.push(Work {
        scenario,
        demands: demands.into_iter().collect(),
    });
    Loaded {
        fleet,
        work: Some(works.len() - 1),
    }
}

/// Whether two scenarios demand the same: all that a [`Demand`] is made of is the same.
fn is_same_work(one: &Scenario, other: &Scenario) -> bool {
    let entries = |scenario: &Scenario| scenario.tasks.len();
    let same_entries = || {
        one.tasks.iter().zip(&other.tasks).all(|(one, other)| {
            one.name == other.name
                && one.source == other.source
                && one.needs == other.needs
                && one.task_definition == other.task_definition
                && one.when_full == other.when_full
        })
    };
    one.has_fixed_fleet() == other.has_fixed_fleet()
        && (one.start, one.duration, one.seed) == (other.start, other.duration, other.seed)
        && one.latencies == other.latencies
        && one.task_definitions == other.task_definitions
        && one.images == other.images
        && one.task_behaviors == other.task_behaviors
        && one.incidents == other.incidents
        && one.services.is_empty() == other.services.is_empty()
        && entries(one) == entries(other)
        && same_entries()
}
