//! What a plan came to, as one typed value: what `plan.json` holds, under keys in camel case.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::experiment::figures::{KnownFigure, describe};
use crate::scenario::FigurePath;
use crate::units::Fixed;

use super::record::Fate;

/// What a plan came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the first run of each choice; run k, from 0, has the seed plus k.
    pub seed: u64,
    /// Version of this program.
    pub version: String,
    /// The figure that was to be as low as may be.
    pub objective: String,
    /// The share of runs in which all checks must hold.
    pub holds_in: Fixed,
    /// The confidence with which that must be shown.
    pub confidence: Fixed,
    /// What must hold.
    pub checks: Vec<String>,
    /// What varied.
    pub variables: Vec<PlannedVariable>,
    /// How many choices there were, and what became of them.
    pub choices: ChoiceCounts,
    /// The first of the choices that are no scenario that can run, and what is wrong with it.
    pub invalid_example: Option<InvalidExample>,
    /// Runs that were played.
    pub runs: u64,
    /// The most runs that were allowed.
    pub budget: u64,
    /// Whether more runs were wanted than allowed.
    pub ran_out: bool,
    /// Choices that were put to confirmation.
    pub confirmations: u64,
    /// The place of the winner in `tried`.
    pub winner: Option<usize>,
    /// Without a winner, the place of the choice that came nearest.
    pub nearest: Option<usize>,
    /// The places of the next best choices, the best first.
    pub runners_up: Vec<usize>,
    /// The places of the choices that no other one beats in objective, wait and availability at
    /// once, the least objective first.
    pub front: Vec<usize>,
    /// Every choice that had a run, by number.
    pub tried: Vec<Tried>,
}

/// Something that varied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedVariable {
    /// Its path or name.
    pub name: String,
    /// What it could be.
    pub values: Vec<String>,
}

/// A choice that is no scenario that can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvalidExample {
    /// Its values, in the order of the variables.
    pub values: Vec<String>,
    /// The first of what is wrong with it.
    pub problem: String,
}

/// How many choices there were, and what became of them. The rest adds up to `all`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChoiceCounts {
    /// All combinations.
    pub all: u64,
    /// No scenario that can run.
    pub invalid: u64,
    /// Left out without a run: the fleet cannot hold the work.
    pub too_small: u64,
    /// Left out without a run: it costs more than a check allows.
    pub too_dear: u64,
    /// Left out without a run: it costs at least as much as the winner.
    pub no_cheaper: u64,
    /// Left out without a run: the budget was used up.
    pub beyond_budget: u64,
    /// Had at least one run.
    pub tried: u64,
}

/// A choice that had a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// Its number among all combinations, from 0; the last variable changes first.
    pub number: u64,
    /// Its values, in the order of the variables.
    pub values: Vec<String>,
    /// The arguments of `--set` that make it.
    pub sets: Vec<String>,
    /// What became of it.
    pub fate: TriedFate,
    /// The round of the race in which it was dropped.
    pub dropped_in: Option<u32>,
    /// Runs on the seeds that all choices share.
    pub runs: u64,
    /// Of these, those in which a check failed.
    pub failed_runs: u64,
    /// Runs of its confirmation, on fresh seeds.
    pub fresh_runs: u64,
    /// Of these, those in which a check failed.
    pub fresh_failed: u64,
    /// Which confirmation of the search that was, from 1; `null` when it came to none.
    pub confirmation: Option<u64>,
    /// For each check that failed, in how many of all runs.
    pub failed_checks: BTreeMap<String, u64>,
    /// What the objective is at least, where that is known before any run.
    pub bound: Option<Fixed>,
    /// The mean objective over the shared seeds.
    pub objective: Option<Fixed>,
    /// The mean of the 99th percentile of waits, in milliseconds.
    pub wait_ms: Option<Fixed>,
    /// The mean of the lowest availability of a service, or of the share of standalone tasks that
    /// were placed, whichever is lower.
    pub availability: Option<Fixed>,
    /// How it differs from the winner on the seeds that both have run on.
    pub difference: Option<Difference>,
}

/// How a choice differs from the winner: the choice minus the winner, seed by seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Seeds that both have run on.
    pub runs: u64,
    /// In the objective.
    pub objective: Option<PairedMean>,
    /// In the wait.
    pub wait_ms: Option<PairedMean>,
    /// In the availability.
    pub availability: Option<PairedMean>,
}

/// The mean of differences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PairedMean {
    /// The mean.
    pub mean: Fixed,
    /// Half the width of its 95 % interval; `null` of a single difference.
    pub half_width: Option<Fixed>,
}

/// What became of a choice that had a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriedFate {
    /// Confirmed, and none cheaper was.
    Winner,
    /// It costs at least as much as the winner.
    NoCheaper,
    /// Dropped in a round of the race.
    Dropped,
    /// Given up: it failed so often that it cannot be expected to hold.
    Fails,
    /// Its confirmation failed.
    NotConfirmed,
    /// The budget was used up before anything was decided.
    BeyondBudget,
}

impl TriedFate {
    /// As files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Winner => "winner",
            Self::NoCheaper => "no-cheaper",
            Self::Dropped => "dropped",
            Self::Fails => "fails",
            Self::NotConfirmed => "not-confirmed",
            Self::BeyondBudget => "beyond-budget",
        }
    }
}

impl From<Fate> for TriedFate {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Winner => Self::Winner,
            Fate::NoBetter => Self::NoCheaper,
            Fate::Dropped(_) => Self::Dropped,
            Fate::GivenUp => Self::Fails,
            Fate::NotConfirmed => Self::NotConfirmed,
            Fate::BeyondBudget => Self::BeyondBudget,
        }
    }
}

impl Planned {
    /// What is known of the objective: what it is called and counted in.
    pub fn figure(&self) -> KnownFigure {
        describe(&FigurePath::joined(self.objective.clone()))
    }

    /// The winner.
    pub fn winner(&self) -> Option<&Tried> {
        self.winner.and_then(|place| self.tried.get(place))
    }

    /// The choice that came nearest, where none won.
    pub fn nearest(&self) -> Option<&Tried> {
        self.nearest.and_then(|place| self.tried.get(place))
    }

    /// The next best choices.
    pub fn runners_up(&self) -> impl Iterator<Item = &Tried> {
        self.runners_up
            .iter()
            .filter_map(|place| self.tried.get(*place))
    }

    /// The choices that none beats in everything.
    pub fn front(&self) -> impl Iterator<Item = &Tried> {
        self.front.iter().filter_map(|place| self.tried.get(*place))
    }
}
