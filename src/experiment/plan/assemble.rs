//! Puts together what a search has found.

use std::collections::BTreeMap;

use crate::experiment::statistics::Estimate;
use crate::scenario::{Check, Plan, PlanShare as Share, Scenario};
use crate::units::Fixed;

use super::front::{Offer, front};
use super::outcome::{
    ChoiceCounts, Difference, InvalidExample, PairedMean, Planned, PlannedVariable, Tried,
    TriedFate,
};
use super::prepare::Prospect;
use super::record::{Fate, Observation, Record, mean};
use super::search::Search;
use super::space::Space;

/// Runners-up that are named.
const RUNNERS_UP: usize = 5;
/// So many steps of a [`Fixed`] make a millionth.
const STEPS_OF_A_MILLIONTH: i128 = 1_000_000;

/// All that is known at the end.
pub(super) struct Findings<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a Plan,
    pub(super) checks: &'a [Check],
    pub(super) space: Space<'a>,
    pub(super) prospects: &'a [Prospect],
    /// The numbers of those that took part, by their places in the search.
    pub(super) numbers: &'a [u64],
    pub(super) found: &'a Search,
}

impl Findings<'_> {
    pub(super) fn put_together(&self) -> Planned {
        let found = self.found;
        let with_runs = || {
            let records = found.records.iter().enumerate();
            records.filter(|(_, record)| !record.search.is_empty())
        };
        let winner = found.winner.map(|winner| &found.records[winner]);
        let tried: Vec<Tried> = with_runs()
            .map(|(place, record)| self.tried(place, record, winner))
            .collect();
        let place_of_winner = with_runs().position(|(place, _)| Some(place) == found.winner);
        Planned {
            scenario: self.scenario.name.clone(),
            seed: self.scenario.seed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            objective: self.plan.objective.to_string(),
            holds_in: fixed(self.plan.holds_in),
            confidence: fixed(self.plan.confidence),
            checks: self.checks.iter().map(|check| check.text.clone()).collect(),
            variables: self.variables(),
            choices: self.counts(),
            invalid_example: self.invalid_example(),
            runs: found.runs,
            budget: self.plan.budget,
            ran_out: found.ran_out,
            confirmations: found.attempts,
            winner: place_of_winner,
            nearest: if winner.is_none() {
                nearest(&tried)
            } else {
                None
            },
            runners_up: runners_up(&tried, winner.is_some()),
            front: front_of(&tried),
            tried,
        }
    }

    fn variables(&self) -> Vec<PlannedVariable> {
        let variables = self.plan.vary.iter();
        variables
            .map(|variable| PlannedVariable {
                name: variable.name.clone(),
                values: variable
                    .values
                    .iter()
                    .map(|value| value.label.clone())
                    .collect(),
            })
            .collect()
    }

    fn counts(&self) -> ChoiceCounts {
        let count =
            |is: fn(&Prospect) -> bool| number(self.prospects.iter().filter(|one| is(one)).count());
        let untried = |fate: Fate| {
            let records = self.found.records.iter();
            let untried = records.filter(|record| record.search.is_empty() && record.fate == fate);
            number(untried.count())
        };
        let tried = number(
            self.found
                .records
                .iter()
                .filter(|record| !record.search.is_empty())
                .count(),
        );
        let is_open = |one: &Prospect| matches!(one, Prospect::Open(_));
        // One that was left out may have been played after all, to show what fails.
        let shown = if self.prospects.iter().any(is_open) {
            0
        } else {
            tried
        };
        let too_small = count(|one| matches!(one, Prospect::TooSmall(_)));
        let shown_small = shown.min(too_small);
        ChoiceCounts {
            all: number(self.prospects.len()),
            invalid: count(|one| matches!(one, Prospect::Invalid(_))),
            too_small: too_small - shown_small,
            too_dear: count(|one| *one == Prospect::TooDear) - (shown - shown_small),
            no_cheaper: untried(Fate::NoBetter),
            beyond_budget: untried(Fate::BeyondBudget),
            tried,
        }
    }

    fn invalid_example(&self) -> Option<InvalidExample> {
        let invalid = (0..)
            .zip(self.prospects)
            .find_map(|(number, prospect)| match prospect {
                Prospect::Invalid(error) => Some((number, error)),
                _ => None,
            });
        let (number, error) = invalid?;
        let findings = error.diagnostics().in_order();
        Some(InvalidExample {
            values: self.labels(number),
            problem: findings
                .first()
                .map_or("", |finding| finding.title())
                .to_owned(),
        })
    }

    fn labels(&self, number: u64) -> Vec<String> {
        self.space
            .values(number)
            .iter()
            .map(|value| value.label.clone())
            .collect()
    }

    fn tried(&self, place: usize, record: &Record, winner: Option<&Record>) -> Tried {
        let choice = self.numbers[place];
        let is_winner = self.found.winner == Some(place);
        Tried {
            number: choice,
            values: self.labels(choice),
            sets: self.space.sets(choice),
            fate: TriedFate::from(record.fate),
            dropped_in: match record.fate {
                Fate::Dropped(round) => Some(round),
                _ => None,
            },
            runs: number(record.search.len()),
            failed_runs: number(record.failures()),
            fresh_runs: number(record.fresh.len()),
            fresh_failed: record.fresh_failures(),
            confirmation: record.attempt,
            failed_checks: self.failed_checks(record),
            bound: record.bound,
            objective: record.mean(),
            wait_ms: mean(record.search.iter().map(|run| run.wait)),
            availability: mean(record.search.iter().map(|run| run.availability)),
            difference: winner
                .filter(|_| !is_winner)
                .map(|winner| difference(record, winner)),
        }
    }

    fn failed_checks(&self, record: &Record) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for run in record.search.iter().chain(&record.fresh) {
            for check in run
                .failed
                .iter()
                .filter_map(|place| self.checks.get(*place))
            {
                *counts.entry(check.text.clone()).or_default() += 1;
            }
        }
        counts
    }
}

/// The choice minus the winner, on the seeds that both have run on.
fn difference(record: &Record, winner: &Record) -> Difference {
    let pairs = || record.search.iter().zip(&winner.search);
    let paired = |of: fn(&Observation) -> Option<Fixed>| {
        let differences: Option<Vec<Fixed>> = pairs()
            .map(|(own, other)| Some(of(own)? - of(other)?))
            .collect();
        let estimate = Estimate::of(&differences?)?;
        Some(PairedMean {
            mean: estimate.mean,
            half_width: estimate.half_width,
        })
    };
    Difference {
        runs: number(pairs().count()),
        objective: paired(|run| run.objective),
        wait_ms: paired(|run| run.wait),
        availability: paired(|run| run.availability),
    }
}

/// The choice that failed in the smallest part of its runs; of several the one in whose runs the
/// fewest checks failed, then the cheapest.
fn nearest(tried: &[Tried]) -> Option<usize> {
    let key = |place: &usize| {
        let choice = &tried[*place];
        let runs = choice.runs + choice.fresh_runs;
        let failed = (choice.failed_runs + choice.fresh_failed) * 1_000_000;
        let checks: u64 = choice.failed_checks.values().sum();
        let checks = (checks * 1_000_000).checked_div(runs);
        (failed.checked_div(runs), checks, choice.objective, *place)
    };
    (0..tried.len()).min_by_key(key)
}

/// The next best: those that held in every run, the cheapest first. Without a winner there is none
/// to come next to.
fn runners_up(tried: &[Tried], has_winner: bool) -> Vec<usize> {
    let next = (0..tried.len()).filter(|place| {
        let choice = &tried[*place];
        has_winner
            && choice.fate != TriedFate::Winner
            && choice.failed_runs + choice.fresh_failed == 0
    });
    let mut next: Vec<usize> = next.collect();
    next.sort_by_key(|place| (tried[*place].objective, *place));
    next.truncate(RUNNERS_UP);
    next
}

fn front_of(tried: &[Tried]) -> Vec<usize> {
    let offers = tried.iter().map(|choice| Offer {
        objective: choice.objective,
        wait: choice.wait_ms,
        availability: choice.availability,
    });
    front(&offers.collect::<Vec<Offer>>())
}

fn fixed(share: Share) -> Fixed {
    Fixed(i128::from(share.millionths()) * STEPS_OF_A_MILLIONTH)
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
