//! `CapacityProviderReservation`, exact.

use std::cmp::Ordering;
use std::fmt;

use crate::control::metric::{MetricValue, percentage};

/// The metric `CapacityProviderReservation`: instances that are needed in percent of those that
/// run, as the fraction `part / whole` that it is, so that comparisons are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// Numerator: M where instances run.
    pub part: u32,
    /// Denominator: N where instances run. Never 0.
    pub whole: u32,
}

impl Reservation {
    /// M over N. With no instance running it is 100 percent when none is needed, 200 otherwise.
    pub fn of(needed: u32, running: u32) -> Self {
        match (needed, running) {
            (0, 0) => Self { part: 1, whole: 1 },
            (_, 0) => Self { part: 2, whole: 1 },
            (part, whole) => Self { part, whole },
        }
    }

    /// So many percent.
    pub fn percent(percent: u32) -> Self {
        Self {
            part: percent,
            whole: 100,
        }
    }

    /// How it compares with so many percent.
    pub fn cmp_percent(self, percent: u32) -> Ordering {
        let part = u64::from(self.part) * 100;
        part.cmp(&(u64::from(self.whole) * u64::from(percent)))
    }

    /// As CloudWatch shows it: in percent, rounded half up to a thousandth.
    pub fn metric_value(self) -> MetricValue {
        percentage(u64::from(self.part), u64::from(self.whole)).expect("the whole is never nothing")
    }
}

/// Writes the percent without their sign: `66.667`.
impl fmt::Display for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.metric_value().fmt(f)
    }
}
