//! The search for the choice of least objective that holds the checks, with as few runs as may be.
//!
//! Choices are tried in the order of what they cost at least, one run each (*screening*); one that
//! fails has a second. As soon as one holds, whatever costs at least as much stands back. Those
//! left race in rounds on the same seeds (*successive halving*): in each round the better half goes
//! on and gets twice as many runs, and a choice whose record no bad luck explains is given up. The
//! leader of the race is *confirmed* on seeds that nobody has seen; where it fails, the next one
//! takes its place, and where it is confirmed, cheaper ones that are still open race on.
//!
//! What is decided depends on the results of runs alone, never on the order in which they are done.

use std::cmp::Reverse;

use crate::scenario::PlanShare as Share;
use crate::units::Fixed;

use super::confidence::{Trial, Verdict, is_plausible};
use super::record::{Fate, Observation, Record};

/// Choices that are screened side by side.
const SCREENED_TOGETHER: usize = 8;
/// How many runs a choice has had after each round of the race. Replications from 0.
const ROUNDS: [u64; 3] = [2, 4, 8];
/// The first replication of confirmation, that no choice is raced on.
pub const FIRST_FRESH: u64 = 8;
/// Runs of a confirmation side by side: few at first, since many fail early.
const FRESH_TOGETHER: [u64; 3] = [4, 8, 12];
/// How many choices beside the winner have the runs of the whole race in the end, so that they can
/// be compared with it.
const RUNNERS_UP: usize = 5;

/// A run: a choice by its place among the entrants, and a replication.
pub type Play = (usize, u64);

/// Who plays the runs.
pub trait Player {
    /// Why a run cannot be played.
    type Error;

    /// Plays runs; what they tell, in the same order.
    fn play(&mut self, runs: &[Play]) -> Result<Vec<Observation>, Self::Error>;
}

/// What the search has to keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The share of all runs in which the checks must hold.
    pub holds_in: Share,
    /// The confidence with which that must be shown.
    pub confidence: Share,
    /// The most runs.
    pub budget: u64,
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What became of each entrant.
    pub records: Vec<Record>,
    /// The place of the winner.
    pub winner: Option<usize>,
    /// Choices that were put to confirmation.
    pub attempts: u64,
    /// Runs that were played.
    pub runs: u64,
    /// Whether more runs were wanted than the budget has.
    pub ran_out: bool,
}

/// Searches. `bounds` has for each entrant what its objective is at least, in every run, where
/// that is known. Of choices that are equal otherwise the first wins.
///
/// # Errors
/// The first run that cannot be played.
pub fn search<P: Player>(
    bounds: &[Option<Fixed>],
    rules: Rules,
    player: &mut P,
) -> Result<Search, P::Error> {
    let mut order: Vec<usize> = (0..bounds.len()).collect();
    order.sort_by_key(|place| (bounds[*place], *place));
    order.reverse();
    let mut state = State {
        records: bounds.iter().map(|bound| Record::new(*bound)).collect(),
        untried: order,
        rules,
        player,
        winner: None,
        attempts: 0,
        runs: 0,
        ran_out: false,
    };
    loop {
        state.screen()?;
        let field = state.field();
        if field.is_empty() {
            // More runs of the next best ones may show that one of them is better after all.
            if !state.compare()? {
                return Ok(state.finish());
            }
            continue;
        }
        let survivors = state.race(field)?;
        if let Some(leader) = survivors.first().copied()
            && !state.confirm(leader)?
        {
            return Ok(state.finish());
        }
    }
}

struct State<'p, P> {
    records: Vec<Record>,
    /// Those without a run, the cheapest last.
    untried: Vec<usize>,
    rules: Rules,
    player: &'p mut P,
    winner: Option<usize>,
    attempts: u64,
    runs: u64,
    ran_out: bool,
}

impl<P: Player> State<'_, P> {
    /// Tries those that may still be better than the best known one.
    fn screen(&mut self) -> Result<(), P::Error> {
        loop {
            let best = self.best().and_then(|best| self.records[best].mean());
            let may_be_better = |place: &usize| {
                let bound = self.records[*place].bound;
                best.is_none_or(|best| bound.is_none_or(|bound| bound < best))
            };
            let next = self.untried.iter().rev().take(SCREENED_TOGETHER);
            let next: Vec<usize> = next.copied().take_while(may_be_better).collect();
            if next.is_empty() || !self.play(&next, 1)? {
                return Ok(());
            }
            self.untried.truncate(self.untried.len() - next.len());
            let best = self.best();
            let failed = next.into_iter().filter(|place| {
                let record = &self.records[*place];
                let may_win = best.is_none_or(|best| self.may_beat(*place, best));
                may_win && !record.holds_so_far() && self.is_plausible(record)
            });
            let failed: Vec<usize> = failed.collect();
            self.play(&failed, 2)?;
        }
    }

    /// The best known choice: the winner so far, else the first of those that hold so far.
    fn best(&self) -> Option<usize> {
        self.winner.or_else(|| {
            let open = self.open();
            let holding = open.filter(|place| self.records[*place].holds_so_far());
            holding.min_by_key(|place| self.rank(*place))
        })
    }

    /// The order of choices: least mean first; those without one last; among equals by place.
    fn rank(&self, place: usize) -> (bool, Option<Fixed>, usize) {
        let mean = self.records[place].mean();
        (mean.is_none(), mean, place)
    }

    /// Those that have been tried and neither given up nor put to confirmation.
    fn open(&self) -> impl Iterator<Item = usize> {
        let records = self.records.iter().enumerate();
        let open = records.filter(|(_, record)| {
            !record.search.is_empty() && record.fresh.is_empty() && self.is_plausible(record)
        });
        open.map(|(place, _)| place)
    }

    fn is_plausible(&self, record: &Record) -> bool {
        let (runs, failures) = (count(record.search.len()), count(record.failures()));
        is_plausible(self.rules.holds_in, runs, failures)
    }

    /// Those that may still be the winner.
    fn field(&self) -> Vec<usize> {
        let best = self.best();
        let field = self.open().filter(|place| match best {
            Some(best) if best == *place => true,
            Some(best) => self.may_beat(*place, best),
            None => true,
        });
        field.collect()
    }

    /// Whether a choice may still turn out better than another. The winner is beaten by what has
    /// cost less on the seeds that both have seen; one that only holds so far, by all that can
    /// cost less.
    fn may_beat(&self, place: usize, best: usize) -> bool {
        let (record, other) = (&self.records[place], &self.records[best]);
        if self.winner == Some(best) {
            return record.is_below(other);
        }
        match (record.bound, other.mean()) {
            (Some(bound), Some(mean)) => bound < mean,
            _ => true,
        }
    }

    /// Runs the race; those that are left, the best first.
    fn race(&mut self, mut field: Vec<usize>) -> Result<Vec<usize>, P::Error> {
        for (round, runs) in (1..).zip(ROUNDS) {
            let kept = self.better_half(&field);
            for place in &field {
                let is_kept = kept.contains(place);
                self.records[*place].dropped_in = (!is_kept).then_some(round);
            }
            field = kept;
            self.play(&field, runs)?;
            field.retain(|place| self.is_plausible(&self.records[*place]));
        }
        field.sort_by_key(|place| self.rank(*place));
        Ok(field)
    }

    /// The half that goes on: one part the best of those that have held in every run, the other
    /// part those that have failed and would be better, of which the nearest to holding are taken.
    fn better_half(&self, field: &[usize]) -> Vec<usize> {
        let places = field.len().div_ceil(2);
        let record = |place: &usize| &self.records[*place];
        let (mut holding, mut failing): (Vec<usize>, Vec<usize>) =
            field.iter().partition(|place| record(place).holds_so_far());
        holding.sort_by_key(|place| self.rank(*place));
        let best = holding.first().map(|best| self.rank(*best));
        let is_better = |place: &usize| best.is_none_or(|best| self.rank(*place) < best);
        // Those that would be no better come last, then those that failed more often; among equals
        // the costlier one is nearer to holding.
        failing.sort_by_key(|place| {
            let mean = Reverse(record(place).mean());
            (!is_better(place), record(place).failures(), mean, *place)
        });
        let better = failing.iter().filter(|place| is_better(place)).count();
        let of_holding = places.div_ceil(2).max(places.saturating_sub(better));
        let mut kept: Vec<usize> = holding.into_iter().take(of_holding).collect();
        kept.extend(failing.into_iter().take(places - kept.len()));
        kept
    }

    /// Puts a choice to the proof on fresh seeds. False when the budget does not suffice.
    fn confirm(&mut self, place: usize) -> Result<bool, P::Error> {
        if let Some(winner) = self.winner
            && !self.records[place].is_below(&self.records[winner])
        {
            return Ok(true);
        }
        if self.reserve() > self.left() {
            self.ran_out = true;
            return Ok(false);
        }
        self.attempts += 1;
        self.records[place].attempt = Some(self.attempts);
        let trial = self.trial(self.attempts);
        let last = FRESH_TOGETHER.last().into_iter().cycle();
        let mut together = FRESH_TOGETHER.iter().chain(last);
        loop {
            let record = &self.records[place];
            let done = count(record.fresh.len());
            let needed = match trial.verdict(done, record.fresh_failures()) {
                Verdict::Passed => {
                    self.winner = Some(place);
                    return Ok(true);
                }
                Verdict::Failed => {
                    self.records[place].has_failed_trial = true;
                    return Ok(true);
                }
                Verdict::Open(needed) => needed,
            };
            let next = together.next().copied().unwrap_or(1).min(needed - done);
            if next > self.left() {
                self.ran_out = true;
                return Ok(false);
            }
            let from = FIRST_FRESH + done;
            let runs: Vec<Play> = (from..from + next).map(|run| (place, run)).collect();
            let told = self.player.play(&runs)?;
            self.runs += next;
            self.records[place].fresh.extend(told);
        }
    }

    fn trial(&self, attempt: u64) -> Trial {
        Trial::new(self.rules.holds_in, self.rules.confidence, attempt)
    }

    /// How many fresh runs the next confirmation takes if all of them hold.
    fn reserve(&self) -> u64 {
        let trial = self.trial(self.attempts + 1);
        trial.runs(0).unwrap_or(u64::MAX)
    }

    /// What is left of the budget.
    fn left(&self) -> u64 {
        self.rules.budget.saturating_sub(self.runs)
    }

    /// Brings choices up to so many runs. What the next confirmation needs is left in the budget:
    /// where it does not suffice for all of them, nothing is played and the answer is false.
    fn play(&mut self, places: &[usize], up_to: u64) -> Result<bool, P::Error> {
        let mut runs: Vec<Play> = Vec::new();
        for place in places {
            let has = count(self.records[*place].search.len());
            runs.extend((has..up_to).map(|replication| (*place, replication)));
        }
        let wanted = count(runs.len());
        let reserve = match self.winner {
            Some(_) => 0,
            None => self.reserve(),
        };
        if wanted > self.left().saturating_sub(reserve) {
            self.ran_out = true;
            return Ok(false);
        }
        if runs.is_empty() {
            return Ok(true);
        }
        let told = self.player.play(&runs)?;
        self.runs += wanted;
        for ((place, _), observation) in runs.into_iter().zip(told) {
            self.records[place].search.push(observation);
        }
        Ok(true)
    }

    /// Gives the winner and the next best ones the runs of the whole race, as far as the budget
    /// goes. False when there is nothing left to play.
    fn compare(&mut self) -> Result<bool, P::Error> {
        let Some(winner) = self.winner else {
            return Ok(false);
        };
        let all = ROUNDS.last().copied().unwrap_or(1);
        let (before, ran_out) = (self.runs, self.ran_out);
        let mut tried: Vec<usize> = self.open().collect();
        tried.sort_by_key(|place| (!self.records[*place].holds_so_far(), self.rank(*place)));
        let untried = self.untried.iter().rev().copied();
        let next = tried.into_iter().chain(untried).take(RUNNERS_UP);
        let next: Vec<usize> = std::iter::once(winner).chain(next).collect();
        for place in next {
            self.play(&[place], all)?;
        }
        self.untried
            .retain(|place| self.records[*place].search.is_empty());
        // What is left undone here was not needed for the search.
        self.ran_out = ran_out;
        Ok(self.runs > before)
    }

    fn finish(mut self) -> Search {
        for place in 0..self.records.len() {
            self.records[place].fate = self.fate(place);
        }
        Search {
            records: self.records,
            winner: self.winner,
            attempts: self.attempts,
            runs: self.runs,
            ran_out: self.ran_out,
        }
    }

    fn fate(&self, place: usize) -> Fate {
        let record = &self.records[place];
        if self.winner == Some(place) {
            return Fate::Winner;
        }
        if record.has_failed_trial {
            return Fate::NotConfirmed;
        }
        if !self.is_plausible(record) {
            return Fate::GivenUp;
        }
        match (self.winner, record.dropped_in) {
            (Some(winner), _) if record.search.is_empty() => {
                let best = self.records[winner].mean();
                match record.bound.zip(best) {
                    Some((bound, best)) if bound >= best => Fate::NoBetter,
                    _ => Fate::BeyondBudget,
                }
            }
            (Some(_), Some(round)) => Fate::Dropped(round),
            (Some(winner), None) if !record.is_below(&self.records[winner]) => Fate::NoBetter,
            _ => Fate::BeyondBudget,
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
