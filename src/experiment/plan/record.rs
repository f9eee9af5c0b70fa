//! What is known of one choice: the runs it has had, and what became of it.

use crate::units::Fixed;

/// What a run told of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// The checks that failed, by their places.
    pub failed: Vec<usize>,
    /// The objective; `None` where the summary has no number there, and the run counts as failed.
    pub objective: Option<Fixed>,
    /// The wait of placed tasks, 99th percentile, in milliseconds.
    pub wait: Option<Fixed>,
    /// The lowest availability of a service, or the share of standalone tasks that were placed,
    /// whichever is lower.
    pub availability: Option<Fixed>,
}

impl Observation {
    /// Whether all checks hold.
    pub fn holds(&self) -> bool {
        self.failed.is_empty() && self.objective.is_some()
    }
}

/// What became of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Confirmed, and none better was.
    Winner,
    /// It costs at least as much as the winner: a bound says so, or its runs do.
    NoBetter,
    /// Worse than the other half of the field in this round of the race.
    Dropped(u32),
    /// It failed so often that it cannot be expected to hold.
    GivenUp,
    /// Its confirmation failed.
    NotConfirmed,
    /// More runs were needed than the budget has.
    BeyondBudget,
}

/// A choice in the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What its objective is at least, in every run.
    pub bound: Option<Fixed>,
    /// Runs of screening and race, by replication from 0.
    pub search: Vec<Observation>,
    /// Runs of its confirmation, in the order of replications.
    pub fresh: Vec<Observation>,
    /// Which confirmation of the search that was, from 1, if it came to one.
    pub attempt: Option<u64>,
    /// Whether its confirmation failed.
    pub has_failed_trial: bool,
    /// The round of the race that it was dropped in, if it has not raced on since.
    pub dropped_in: Option<u32>,
    /// What became of it.
    pub fate: Fate,
}

impl Record {
    pub(super) fn new(bound: Option<Fixed>) -> Self {
        Self {
            bound,
            search: Vec::new(),
            fresh: Vec::new(),
            attempt: None,
            has_failed_trial: false,
            dropped_in: None,
            fate: Fate::BeyondBudget,
        }
    }

    /// How many runs of the search failed.
    pub fn failures(&self) -> usize {
        self.search.iter().filter(|run| !run.holds()).count()
    }

    /// How many runs of its confirmation failed.
    pub fn fresh_failures(&self) -> u64 {
        let failed = self.fresh.iter().filter(|run| !run.holds());
        u64::try_from(failed.count()).unwrap_or(u64::MAX)
    }

    /// Whether it has had runs and none of them failed.
    pub fn holds_so_far(&self) -> bool {
        !self.search.is_empty() && self.failures() == 0
    }

    /// The mean objective of its runs in the search; `None` where one has none.
    pub fn mean(&self) -> Option<Fixed> {
        mean(self.search.iter().map(|run| run.objective))
    }

    /// Whether it costs less than another on the replications that both have had.
    pub fn is_below(&self, other: &Self) -> bool {
        self.difference(other)
            .is_some_and(|(sum, _)| sum < Fixed::ZERO)
    }

    /// The sum of the differences from another one's objective, and how many they are: one for each
    /// replication that both have had.
    pub fn difference(&self, other: &Self) -> Option<(Fixed, usize)> {
        let mut sum = Fixed::ZERO;
        let mut count = 0;
        for (own, other) in self.search.iter().zip(&other.search) {
            sum = sum + (own.objective? - other.objective?);
            count += 1;
        }
        (count > 0).then_some((sum, count))
    }
}

/// The mean of values, rounded towards 0; `None` where one is missing or there are none.
pub(super) fn mean(values: impl Iterator<Item = Option<Fixed>>) -> Option<Fixed> {
    let mut sum = Fixed::ZERO;
    let mut count = 0_i128;
    for value in values {
        sum = sum + value?;
        count += 1;
    }
    (count > 0).then(|| Fixed(sum.0 / count))
}
