//! The rows of a file as a function of time, and its mean over a minute, in integers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Factor;
use super::file::{Between, RateFile, RateSummary, ValuePeriod, WhenOver};
use crate::units::{Millis, RequestRate};

/// Rows on a clock of their own, which begins at the first one.
pub(super) struct Series {
    /// Milliseconds from the first row, ascending, and values in millionths.
    rows: Vec<(i64, u64)>,
    /// The first row's time: since 1970 if `is_calendar`, else from the start of the file.
    first: i64,
    is_calendar: bool,
    /// The most frequent distance of rows.
    period: i64,
    /// From the first row to the end of the last.
    length: i64,
    /// What a value counts the requests of.
    counted: u64,
    between: Between,
    when_over: WhenOver,
    /// The integral over the whole length.
    total: u128,
}

const MINUTE: i64 = 60_000;

impl Series {
    /// `None` when values count a period and there is one row, which has none.
    pub(super) fn new(rows: &[(i64, u64)], is_calendar: bool, file: &RateFile) -> Option<Self> {
        let first = rows.first()?.0;
        let span = match file.per {
            ValuePeriod::Span(span) => i64::try_from(span.0.max(1)).ok(),
            ValuePeriod::Row => None,
        };
        let period = most_frequent_distance(rows).or(span)?;
        let rows: Vec<(i64, u64)> = rows
            .iter()
            .map(|(at, value)| (at - first, *value))
            .collect();
        let length = rows.last()?.0 + period;
        let counted = u64::try_from(span.unwrap_or(period)).ok()?;
        let mut series = Self {
            rows,
            first,
            is_calendar,
            period,
            length,
            counted,
            between: file.between,
            when_over: file.when_over,
            total: 0,
        };
        series.total = series.integral(0, length);
        Some(series)
    }

    /// When on the run's clock the first row lies, if each row is at its own time: milliseconds.
    pub(super) fn origin(&self, start: Timestamp) -> i128 {
        let start = if self.is_calendar {
            start.as_millisecond()
        } else {
            0
        };
        i128::from(self.first) - i128::from(start)
    }

    /// The mean rate over the minute that begins `begin` milliseconds after the first row, times
    /// `factor`, rounded half up.
    pub(super) fn mean(&self, begin: i128, factor: Factor) -> RequestRate {
        let sum = match self.when_over {
            WhenOver::End => {
                let clip = |at: i128| {
                    let at = at.clamp(0, i128::from(self.length));
                    i64::try_from(at).expect("at most the length")
                };
                self.integral(clip(begin), clip(begin + i128::from(MINUTE)))
            }
            WhenOver::Repeat => {
                let length = i128::from(self.length);
                let begin = begin.rem_euclid(length);
                let begin = i64::try_from(begin).expect("below the length");
                let end = begin + MINUTE;
                // The rest of this round, whole rounds, the beginning of the last one.
                let beyond = end.saturating_sub(self.length).max(0);
                let rounds = u128::try_from(beyond / self.length).expect("not below 0");
                self.integral(begin, end.min(self.length))
                    + rounds * self.total
                    + self.integral(0, beyond % self.length)
            }
        };
        // A value of a millionth over a period of a millisecond is a thousandth a second.
        let divisor = 1_000_000 * 60_000 * u128::from(self.counted);
        let rate = (sum * u128::from(factor.0) + divisor / 2) / divisor;
        u64::try_from(rate).map_or(RequestRate::MOST, |rate| {
            RequestRate(rate).min(RequestRate::MOST)
        })
    }

    /// The integral of the value from `begin` to `end`, both within the length: millionths times
    /// milliseconds.
    fn integral(&self, begin: i64, end: i64) -> u128 {
        let from = self.rows.partition_point(|(at, _)| *at <= begin);
        let (mut now, mut sum) = (begin, 0);
        let mut place = from.saturating_sub(1);
        while now < end {
            let until = self
                .rows
                .get(place + 1)
                .map_or(self.length, |(at, _)| *at)
                .min(end);
            sum += self.piece(place, now, until);
            now = until;
            place += 1;
        }
        sum
    }

    /// The integral over a part of what follows one row.
    fn piece(&self, place: usize, begin: i64, end: i64) -> u128 {
        let (at, value) = self.rows[place];
        let width = u128::try_from(end - begin).expect("times go forward");
        let next = match (self.between, self.when_over) {
            (Between::Hold, _) => None,
            (Between::Linear, WhenOver::End) => self.rows.get(place + 1).copied(),
            (Between::Linear, WhenOver::Repeat) => {
                let again = (self.length, self.rows[0].1);
                Some(self.rows.get(place + 1).copied().unwrap_or(again))
            }
        };
        let Some((next_at, next_value)) = next else {
            return u128::from(value) * width;
        };
        // The value in the middle of the part, to a millionth, times its width.
        let length = u128::try_from(next_at - at).expect("rows are in order");
        let twice_into = u128::try_from(begin - at + end - at).expect("a part of the row");
        let change = u128::from(value.abs_diff(next_value)) * twice_into / (2 * length);
        if next_value >= value {
            (u128::from(value) + change) * width
        } else {
            (u128::from(value) - change) * width
        }
    }

    pub(super) fn summary(&self, scale: Factor) -> RateSummary {
        let highest = self.rows.iter().map(|(_, value)| *value).max().unwrap_or(0);
        let divisor = 1_000_000 * u128::from(self.counted);
        let peak = (u128::from(highest) * u128::from(scale.0) + divisor / 2) / divisor;
        let distances = self.rows.windows(2).map(|pair| pair[1].0 - pair[0].0);
        let gaps = distances.filter(|distance| *distance > self.period).count();
        let count = |number: usize| u64::try_from(number).expect("a count has at most 64 bits");
        RateSummary {
            rows: count(self.rows.len()),
            length: Millis(self.length.unsigned_abs()),
            period: Millis(self.period.unsigned_abs()),
            peak: u64::try_from(peak).map_or(RequestRate::MOST, RequestRate),
            gaps: count(gaps),
        }
    }
}

fn most_frequent_distance(rows: &[(i64, u64)]) -> Option<i64> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for pair in rows.windows(2) {
        *counts.entry(pair[1].0 - pair[0].0).or_default() += 1;
    }
    // The first of the greatest: `max_by_key` takes the last, hence the order reversed.
    let greatest = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    greatest.map(|(distance, _)| distance)
}
