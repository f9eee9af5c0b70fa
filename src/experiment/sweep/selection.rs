//! Which runs of a sweep are done here: all, those of a shard, or some by their numbers.

use std::fmt;

use thiserror::Error;

use crate::units::nearest;

/// More shards than anybody has machines for.
pub const MOST_SHARDS: u64 = 1_000_000;
/// A longer list of runs is cut in messages.
const SHOWN: usize = 20;

/// One of several equal parts of a sweep, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u64,
    count: u64,
}

/// Why a text names no shard, or no runs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct SelectionError(String);

impl Shard {
    /// Shard `index`, from 1, of `count`.
    ///
    /// # Errors
    /// When there is no such shard.
    pub fn new(index: u64, count: u64) -> Result<Self, SelectionError> {
        let problem = if count == 0 || count > MOST_SHARDS {
            format!("there are 1 to {MOST_SHARDS} shards, not {count}")
        } else if index == 0 {
            format!("shards are counted from 1: the first is 1/{count}")
        } else if index > count {
            format!("there is no shard {index} of {count}: the last is {count}/{count}")
        } else {
            return Ok(Self { index, count });
        };
        Err(SelectionError(problem))
    }

    /// Reads `3/16`.
    ///
    /// # Errors
    /// When it is no such text, or there is no such shard.
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        let number = |part: &str| {
            let is_digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_digits)
        };
        let parts = text.split_once('/');
        match parts.and_then(|(index, count)| Some((number(index)?, number(count)?))) {
            Some((index, count)) => Self::new(index, count),
            None if nearest(text, ["auto"]).is_some() => Err(SelectionError(format!(
                "`{text}` is no shard; did you mean `auto`?"
            ))),
            None => Err(SelectionError(format!(
                "`{text}` is no shard: expected I/N such as `3/16`, or `auto`"
            ))),
        }
    }

    /// Which one, from 1.
    pub fn index(self) -> u64 {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> u64 {
        self.count
    }

    /// Which of `count` shards does a run, both from 1. Of so many runs in a row as there are
    /// shards each has one, and not always the same of them: neighbours in a grid differ in one
    /// value, and a shard should not get all the large ones.
    pub fn index_of(run: u64, count: u64) -> u64 {
        let place = run.saturating_sub(1);
        (place + place / count) % count + 1
    }

    /// Whether a run, from 1, is its.
    pub fn holds(self, run: u64) -> bool {
        Self::index_of(run, self.count) == self.index
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// Numbers of runs, from 1, as ranges in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunSet {
    /// First and last of each range; between two ranges a number is missing.
    ranges: Vec<(u64, u64)>,
}

impl RunSet {
    /// Reads `3,7,11-20`.
    ///
    /// # Errors
    /// When it is no such text.
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        let number = |part: &str| part.trim().parse::<u64>().ok().filter(|run| *run > 0);
        let range = |part: &str| match part.split_once('-') {
            Some((first, last)) => Some((number(first)?, number(last)?)),
            None => number(part).map(|run| (run, run)),
        };
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let (first, last) = range(part).filter(|(first, last)| first <= last).ok_or_else(|| {
                SelectionError(format!(
                    "`{part}` names no runs: expected numbers from 1 and ranges such as `3,7,11-20`"
                ))
            })?;
            ranges.push((first, last));
        }
        ranges.sort_unstable();
        let mut set = Self::default();
        for (first, last) in ranges {
            match set.ranges.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => set.ranges.push((first, last)),
            }
        }
        Ok(set)
    }

    /// Adds a number that is larger than all before.
    pub fn push(&mut self, run: u64) {
        match self.ranges.last_mut() {
            Some((_, end)) if *end + 1 == run => *end = run,
            _ => self.ranges.push((run, run)),
        }
    }

    /// Whether a number is among them.
    pub fn holds(&self, run: u64) -> bool {
        let before = self.ranges.partition_point(|(first, _)| *first <= run);
        before > 0 && run <= self.ranges[before - 1].1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The largest; 0 when there is none.
    pub fn last(&self) -> u64 {
        self.ranges.last().map_or(0, |(_, last)| *last)
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.ranges
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum()
    }

    /// The first ranges, and how many numbers stand in those left out.
    pub fn short(&self) -> String {
        let (shown, rest) = self.ranges.split_at(self.ranges.len().min(SHOWN));
        let shown = Self {
            ranges: shown.to_vec(),
        };
        let rest = Self {
            ranges: rest.to_vec(),
        };
        match rest.count() {
            0 => shown.to_string(),
            more => format!("{shown} and {more} more"),
        }
    }
}

impl fmt::Display for RunSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// Which runs are done here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// Those of a shard.
    Shard(Shard),
    /// Those with these numbers.
    Runs(RunSet),
}

impl Selection {
    /// Whether a run, from 1, is done here.
    pub fn holds(&self, run: u64) -> bool {
        match self {
            Self::All => true,
            Self::Shard(shard) => shard.holds(run),
            Self::Runs(runs) => runs.holds(run),
        }
    }

    /// The arguments of `ecs-sim sweep` that say so; none for all runs.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::All => Vec::new(),
            Self::Shard(shard) => vec!["--shard".to_owned(), shard.to_string()],
            Self::Runs(runs) => vec!["--runs".to_owned(), runs.to_string()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RunSet, Selection, Shard};

    #[test]
    fn every_run_is_in_exactly_one_shard_and_shards_differ_by_one_run_at_most() {
        for count in [1, 2, 3, 7, 16, 1_000] {
            let shards: Vec<Shard> = (1..=count)
                .map(|index| Shard::new(index, count).unwrap())
                .collect();
            let mut held = vec![0_u64; shards.len()];
            for run in 1..=500 {
                let holders = shards
                    .iter()
                    .enumerate()
                    .filter(|(_, shard)| shard.holds(run));
                let holders: Vec<usize> = holders.map(|(place, _)| place).collect();
                assert_eq!(holders.len(), 1, "run {run} of {count} shards");
                held[holders[0]] += 1;
            }
            let (least, most) = (held.iter().min().unwrap(), held.iter().max().unwrap());
            assert!(most - least <= 1, "{count}: {held:?}");
        }
    }

    #[test]
    fn a_shard_gets_every_value_of_an_axis_of_its_own_length() {
        // Four values in turn and four shards: every fourth run would be one and the same value.
        let shard = Shard::new(4, 4).unwrap();
        let held = (1..=16).filter(|run| shard.holds(*run));
        let mut values: Vec<u64> = held.map(|run| (run - 1) % 4).collect();
        values.sort_unstable();
        assert_eq!(values, [0, 1, 2, 3]);
    }

    #[test]
    fn shards_that_do_not_exist_are_refused_with_the_reason() {
        for (text, reason) in [
            ("0/4", "shards are counted from 1: the first is 1/4"),
            ("5/4", "there is no shard 5 of 4: the last is 4/4"),
            ("1/0", "there are 1 to 1000000 shards, not 0"),
            (
                "3",
                "`3` is no shard: expected I/N such as `3/16`, or `auto`",
            ),
            (
                "a/4",
                "`a/4` is no shard: expected I/N such as `3/16`, or `auto`",
            ),
            (
                "-1/4",
                "`-1/4` is no shard: expected I/N such as `3/16`, or `auto`",
            ),
            (
                "+1/4",
                "`+1/4` is no shard: expected I/N such as `3/16`, or `auto`",
            ),
            ("atuo", "`atuo` is no shard; did you mean `auto`?"),
        ] {
            assert_eq!(Shard::parse(text).unwrap_err().to_string(), reason);
        }
        assert_eq!(Shard::parse("3/16").unwrap().to_string(), "3/16");
    }

    #[test]
    fn sets_of_runs_read_and_write_and_know_their_members() {
        let set = RunSet::parse("11-20, 3,7,8,15-22").unwrap();
        assert_eq!(set.to_string(), "3,7-8,11-22");
        assert_eq!((set.count(), set.last()), (15, 22));
        let held: Vec<u64> = (1..=25).filter(|run| set.holds(*run)).collect();
        assert_eq!(RunSet::parse(&set.to_string()).unwrap(), set);
        let mut pushed = RunSet::default();
        for run in held {
            pushed.push(run);
        }
        assert_eq!(pushed, set);
        for wrong in ["", "0", "a", "3-", "5-3", "1,,2"] {
            assert!(RunSet::parse(wrong).is_err(), "{wrong}");
        }
        let odd: Vec<String> = (0..50).map(|half| (2 * half + 1).to_string()).collect();
        let short = RunSet::parse(&odd.join(",")).unwrap().short();
        assert!(short.ends_with("37,39 and 30 more"), "{short}");
    }

    #[test]
    fn a_selection_knows_how_to_be_asked_for_again() {
        let shard = Selection::Shard(Shard::new(2, 3).unwrap());
        assert_eq!(shard.arguments(), ["--shard", "2/3"]);
        let runs = Selection::Runs(RunSet::parse("4,9").unwrap());
        assert_eq!(runs.arguments(), ["--runs", "4,9"]);
        assert!(runs.holds(9) && !runs.holds(8) && Selection::All.holds(8));
    }
}
