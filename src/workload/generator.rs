//! Calls made by rule, one after the other; none is made before it is asked for.

use jiff::Timestamp;

use super::Schedule;
use super::spec::Arrivals;
use crate::kernel::{Stream, exponential, round_half_up};
use crate::units::{Millis, SimTime};

/// The tasks of a generated entry: `count` for each call.
#[derive(Debug)]
pub(super) struct Generator {
    calls: Calls,
    count: u32,
    /// When the present call is made.
    at: SimTime,
    /// The next task of the present call; `count` when a new call is due.
    index_in_call: u32,
}

#[derive(Debug)]
enum Calls {
    At {
        at: SimTime,
        remaining: u64,
    },
    Every {
        interval: Millis,
        next: Option<SimTime>,
        until: Option<SimTime>,
    },
    Poisson {
        mean_gap_ns: f64,
        /// Since the scenario's start. Nanoseconds, because rounding every gap to a millisecond
        /// would change the rate of a fast process.
        position_ns: u128,
        until: Option<SimTime>,
    },
    Schedule {
        schedule: Schedule,
        start: Timestamp,
        last: Option<SimTime>,
    },
}

const NANOSECONDS: u64 = 1_000_000;

impl Generator {
    pub(super) fn new(arrivals: &Arrivals, count: u32, start: Timestamp) -> Self {
        let calls = match *arrivals {
            Arrivals::At { at, count } => Calls::At {
                at,
                remaining: count,
            },
            Arrivals::Every {
                interval,
                from,
                until,
            } => {
                assert!(
                    interval > Millis::ZERO,
                    "an interval of arrivals is more than 0"
                );
                Calls::Every {
                    interval,
                    next: Some(from),
                    until,
                }
            }
            Arrivals::Poisson {
                mean_gap_ms,
                from,
                until,
            } => Calls::Poisson {
                mean_gap_ns: nanoseconds(mean_gap_ms),
                position_ns: u128::from(from.0) * u128::from(NANOSECONDS),
                until,
            },
            Arrivals::Schedule(ref schedule) => Calls::Schedule {
                schedule: schedule.clone(),
                start,
                last: None,
            },
        };
        Self {
            calls,
            count,
            at: SimTime::ZERO,
            index_in_call: count,
        }
    }

    /// Whether the time of a call is drawn.
    pub(super) fn draws(&self) -> bool {
        matches!(self.calls, Calls::Poisson { .. })
    }

    /// When the next task is submitted, and which of its call's tasks it is. `stream` is the
    /// task's own; the gap before a call is drawn from that of its first task.
    pub(super) fn next(&mut self, stream: &mut Option<Stream>) -> Option<(SimTime, u32)> {
        if self.index_in_call >= self.count {
            if self.count == 0 {
                return None;
            }
            self.at = self.calls.next(stream)?;
            self.index_in_call = 0;
        }
        let index_in_call = self.index_in_call;
        self.index_in_call += 1;
        Some((self.at, index_in_call))
    }

    /// How many tasks there are from the present call on, where that is a number: a process that
    /// is drawn, or goes on for ever, has none and counts 0.
    pub(super) fn tasks_from_here(&self) -> u64 {
        let calls = match &self.calls {
            Calls::At { remaining, .. } => remaining.saturating_add(1),
            Calls::Every {
                interval,
                until: Some(until),
                ..
            } => until.since(self.at).0.div_ceil(interval.0),
            Calls::Schedule { schedule, .. } => u64::from(schedule.is_single()),
            Calls::Every { until: None, .. } | Calls::Poisson { .. } => 0,
        };
        calls.saturating_mul(u64::from(self.count))
    }
}

impl Calls {
    fn next(&mut self, stream: &mut Option<Stream>) -> Option<SimTime> {
        match self {
            Self::At { at, remaining } => {
                *remaining = remaining.checked_sub(1)?;
                Some(*at)
            }
            Self::Every {
                interval,
                next,
                until,
            } => {
                let at = before(*next, *until)?;
                *next = at.0.checked_add(interval.0).map(SimTime);
                Some(at)
            }
            Self::Poisson {
                mean_gap_ns,
                position_ns,
                until,
            } => {
                let stream = stream.as_mut().expect("a drawn gap has a stream");
                *position_ns += u128::from(round_half_up(exponential(*mean_gap_ns, stream)));
                let rounded =
                    (*position_ns + u128::from(NANOSECONDS / 2)) / u128::from(NANOSECONDS);
                before(u64::try_from(rounded).ok().map(SimTime), *until)
            }
            Self::Schedule {
                schedule,
                start,
                last,
            } => {
                *last = Some(schedule.next_after(*start, *last)?);
                *last
            }
        }
    }
}

fn before(at: Option<SimTime>, until: Option<SimTime>) -> Option<SimTime> {
    at.filter(|at| until.is_none_or(|until| *at < until))
}

#[expect(clippy::float_arithmetic, reason = "the parameter of a sampler")]
fn nanoseconds(milliseconds: f64) -> f64 {
    milliseconds * 1e6
}
