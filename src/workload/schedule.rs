//! `rate(...)`, `cron(...)` and `at(...)`: when a scheduled task runs.
//!
//! The expressions are those of Amazon EventBridge Scheduler, read in UTC. Its 60 seconds of
//! imprecision are not modelled: an occurrence falls exactly on its time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use thiserror::Error;

use super::cron::Cron;
use crate::units::{Millis, SimTime};

/// A `rate(...)`, `cron(...)` or `at(...)` schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Rule);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Rate(Millis),
    Cron(Cron),
    At(DateTime),
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// What was found and what is expected.
    pub message: String,
    /// Where the faulty part begins: bytes from the start of the text.
    pub offset: usize,
}

impl ScheduleError {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            offset,
        }
    }
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// - `rate(5 minutes)`: a positive whole number and `minute(s)`, `hour(s)` or `day(s)`. The
    ///   schedule is created at the scenario's start and occurs there first, as EventBridge
    ///   Scheduler invokes a rate without a start date at once.
    /// - `cron(15 10 ? * 6L 2022-2023)`: minute, hour, day of the month, month, day of the week
    ///   (1 is Sunday) and year, with the wildcards `,` `-` `*` `/`, and for days `?` `L` `W` `#`.
    ///   Exactly one of the two day fields is `?`.
    /// - `at(2026-01-05T02:00:00)`: once.
    ///
    /// # Errors
    /// When the text is none of these; the error points at the faulty part.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let start = text.len() - text.trim_start().len();
        let trimmed = text.trim();
        let (kind, rest) = trimmed.split_once('(').ok_or_else(|| {
            ScheduleError::new(start, format!("`{trimmed}` is no schedule: {EXPECTED}"))
        })?;
        let inner_start = start + kind.len() + 1;
        let inner = rest.strip_suffix(')').ok_or_else(|| {
            ScheduleError::new(
                start + trimmed.len(),
                "the closing `)` is missing at the end",
            )
        })?;
        match kind {
            "rate" => parse_rate(inner, inner_start).map(Rule::Rate),
            "cron" => Cron::parse(inner, inner_start).map(Rule::Cron),
            "at" => parse_at(inner, inner_start).map(Rule::At),
            _ => Err(ScheduleError::new(
                start,
                format!("`{kind}(` is unknown: {EXPECTED}"),
            )),
        }
        .map(Self)
    }

    /// The first occurrence after a point of simulated time, or with `None` the first of all, which
    /// may fall on the scenario's start itself. `None` when there is no further occurrence.
    ///
    /// `start` is the scenario's start; occurrences before it are lost.
    pub fn next_after(&self, start: Timestamp, after: Option<SimTime>) -> Option<SimTime> {
        if let Rule::Rate(interval) = self.0 {
            let Some(after) = after else {
                return Some(SimTime::ZERO);
            };
            let past = after.0 / interval.0;
            return past.checked_add(1)?.checked_mul(interval.0).map(SimTime);
        }
        let start_ms = start.as_millisecond();
        let earliest = match after {
            None => start_ms,
            Some(SimTime(after)) => start_ms
                .checked_add(i64::try_from(after).ok()?)?
                .checked_add(1)?,
        };
        let occurrence = match &self.0 {
            Rule::Rate(_) => return None,
            Rule::At(time) => milliseconds(*time)?,
            Rule::Cron(cron) => {
                let earliest = Timestamp::from_millisecond(earliest).ok()?;
                milliseconds(cron.next_from(Offset::UTC.to_datetime(earliest))?)?
            }
        };
        if occurrence < earliest {
            return None;
        }
        u64::try_from(occurrence.checked_sub(start_ms)?)
            .ok()
            .map(SimTime)
    }

    /// Whether the schedule occurs at most once.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.0, Rule::At(_))
    }
}

const EXPECTED: &str =
    "expected `rate(5 minutes)`, `cron(0 2 * * ? *)` or `at(2026-01-05T02:00:00)`";

fn milliseconds(time: DateTime) -> Option<i64> {
    Offset::UTC
        .to_timestamp(time)
        .ok()
        .map(Timestamp::as_millisecond)
}

fn parse_rate(inner: &str, start: usize) -> Result<Millis, ScheduleError> {
    let words = words(inner, start);
    let &[(value_at, value), (unit_at, unit)] = words.as_slice() else {
        return Err(ScheduleError::new(
            start,
            format!("`{inner}` is no rate: expected a number and a unit, such as `5 minutes`"),
        ));
    };
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScheduleError::new(
            value_at,
            format!("`{value}` is no rate's value: expected a whole number of 1 or more"),
        ));
    }
    let span = match unit {
        "minute" | "minutes" => Millis::MINUTE,
        "hour" | "hours" => Millis::HOUR,
        "day" | "days" => Millis::DAY,
        _ => {
            return Err(ScheduleError::new(
                unit_at,
                format!("`{unit}` is no rate's unit: expected minutes, hours or days"),
            ));
        }
    };
    let interval = value
        .parse::<u64>()
        .ok()
        .and_then(|value| value.checked_mul(span.0));
    match interval {
        Some(0) => Err(ScheduleError::new(
            value_at,
            "a rate's value is 1 or more, not 0",
        )),
        Some(interval) => Ok(Millis(interval)),
        None => Err(ScheduleError::new(
            value_at,
            format!("`{value} {unit}` is too long"),
        )),
    }
}

fn parse_at(inner: &str, start: usize) -> Result<DateTime, ScheduleError> {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let bytes = inner.as_bytes();
    let fault = shape.iter().enumerate().find(|&(place, &expected)| {
        bytes.get(place).is_none_or(|&byte| match expected {
            b'd' => !byte.is_ascii_digit(),
            _ => byte != expected,
        })
    });
    let fault = fault
        .map(|(place, _)| place)
        .or((bytes.len() > shape.len()).then_some(shape.len()));
    if let Some(place) = fault {
        return Err(ScheduleError::new(
            start + place.min(bytes.len()),
            format!("`{inner}` is no time: expected yyyy-mm-ddThh:mm:ss, read as UTC"),
        ));
    }
    inner.parse().map_err(|_| {
        ScheduleError::new(
            start,
            format!("`{inner}` names a date or time that does not exist"),
        )
    })
}

/// The words of a text between blanks, each with its offset.
pub(super) fn words(text: &str, start: usize) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut word_start = 0;
    for (blank, letter) in text
        .char_indices()
        .filter(|(_, letter)| letter.is_whitespace())
    {
        words.push((start + word_start, &text[word_start..blank]));
        word_start = blank + letter.len_utf8();
    }
    words.push((start + word_start, &text[word_start..]));
    words.retain(|(_, word)| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Schedule;
    use crate::units::{Millis, SimTime};

    fn start(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The first occurrences, in minutes since the start.
    fn minutes(schedule: &str, from: &str, count: usize) -> Vec<u64> {
        let schedule = Schedule::parse(schedule).unwrap();
        let first = schedule.next_after(start(from), None);
        std::iter::successors(first, |&last| schedule.next_after(start(from), Some(last)))
            .take(count)
            .map(|at| {
                assert_eq!(at.0 % 60_000, 0);
                at.0 / 60_000
            })
            .collect()
    }

    #[test]
    fn a_rate_occurs_first_at_the_start() {
        assert_eq!(
            minutes("rate(5 minutes)", "2026-01-01T00:03:00Z", 3),
            [0, 5, 10]
        );
        assert_eq!(minutes("rate(1 hour)", "2026-01-01T00:00:00Z", 2), [0, 60]);
        assert_eq!(
            minutes(" rate( 2  days ) ", "2026-01-01T00:00:00Z", 2),
            [0, 2_880]
        );
    }

    #[test]
    fn a_rate_keeps_its_rhythm_whatever_it_is_asked_after() {
        let rate = Schedule::parse("rate(1 minute)").unwrap();
        let next = |after| rate.next_after(start("2026-01-01T00:00:30Z"), Some(SimTime(after)));
        assert_eq!(next(59_999), Some(SimTime(60_000)));
        assert_eq!(next(60_000), Some(SimTime(120_000)));
        assert_eq!(next(u64::MAX), None);
    }

    #[test]
    fn at_occurs_once_and_may_fall_on_the_start() {
        let at = Schedule::parse("at(2026-01-05T02:00:30)").unwrap();
        let next = |from, after| at.next_after(start(from), after);
        assert_eq!(next("2026-01-05T02:00:30Z", None), Some(SimTime::ZERO));
        assert_eq!(next("2026-01-05T02:00:30Z", Some(SimTime::ZERO)), None);
        assert_eq!(next("2026-01-05T00:00:00Z", None), Some(SimTime(7_230_000)));
        assert_eq!(
            next("2026-01-05T00:00:00Z", Some(SimTime(7_229_999))),
            Some(SimTime(7_230_000))
        );
        assert_eq!(next("2026-01-05T00:00:00Z", Some(SimTime(7_230_000))), None);
        assert_eq!(next("2026-01-05T02:00:31Z", None), None);
    }

    #[test]
    fn cron_occurrences_count_from_the_start_and_may_fall_on_it() {
        let nightly = "cron(0 2 * * ? *)";
        assert_eq!(minutes(nightly, "2026-01-01T02:00:00Z", 2), [0, 1_440]);
        assert_eq!(minutes(nightly, "2026-01-01T01:00:00Z", 2), [60, 1_500]);
        // A start between two minutes: the next minute is half a minute away.
        let every = Schedule::parse("cron(* * * * ? *)").unwrap();
        let odd = start("2026-01-01T00:00:30.250Z");
        assert_eq!(every.next_after(odd, None), Some(SimTime(29_750)));
        assert_eq!(
            every.next_after(odd, Some(SimTime(29_749))),
            Some(SimTime(29_750))
        );
        assert_eq!(
            every.next_after(odd, Some(SimTime(29_750))),
            Some(SimTime(89_750))
        );
    }

    #[test]
    fn a_passed_range_of_years_ends_the_schedule() {
        // G128
        let text = "cron(15 10 ? * 6L 2022-2023)";
        assert_eq!(minutes(text, "2026-01-01T00:00:00Z", 5), [0_u64; 0]);
        assert_eq!(minutes(text, "2023-12-29T10:15:00Z", 5), [0]);
    }

    #[test]
    fn far_points_have_no_occurrence_and_no_panic() {
        let cron = Schedule::parse("cron(* * * * ? *)").unwrap();
        let from = start("2026-01-01T00:00:00Z");
        for after in [
            u64::MAX,
            u64::MAX / 2,
            1 << 62,
            Millis::DAY.0 * 366 * 1_000_000,
        ] {
            assert_eq!(cron.next_after(from, Some(SimTime(after))), None);
        }
    }

    #[test]
    fn errors_point_at_the_faulty_part() {
        for (text, offset, says) in [
            ("", 0, "expected `rate(5 minutes)`"),
            ("hourly", 0, "`hourly` is no schedule"),
            ("  every(5 minutes)", 2, "`every(` is unknown"),
            ("rate(5 minutes", 14, "closing `)`"),
            ("rate(five minutes)", 5, "`five` is no rate's value"),
            ("rate(-5 minutes)", 5, "`-5` is no rate's value"),
            ("rate(0 minutes)", 5, "1 or more"),
            ("rate(5 seconds)", 7, "`seconds` is no rate's unit"),
            ("rate(5)", 5, "a number and a unit"),
            ("rate(5 minutes 3)", 5, "a number and a unit"),
            ("rate(99999999999999999999 days)", 5, "too long"),
            ("rate(999999999999999999 days)", 5, "too long"),
            ("at(2026-01-05)", 13, "yyyy-mm-ddThh:mm:ss"),
            ("at(2026-01-05T02:00:00Z)", 22, "yyyy-mm-ddThh:mm:ss"),
            ("at(2026-1-05T02:00:00)", 9, "yyyy-mm-ddThh:mm:ss"),
            ("at(2026-02-30T02:00:00)", 3, "does not exist"),
            ("at(2026-01-05T24:00:00)", 3, "does not exist"),
            ("cron(0 2 * * *)", 5, "6 fields"),
            ("cron(0 99 * * ? *)", 7, "99"),
        ] {
            let error = Schedule::parse(text).unwrap_err();
            assert_eq!(error.offset, offset, "{text}: {error}");
            assert!(error.message.contains(says), "{text}: {error}");
        }
    }
}
