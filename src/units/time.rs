//! Simulated time: integer milliseconds.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A point in simulated time: milliseconds since the scenario's `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(pub u64);

/// A span of simulated time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub u64);

impl SimTime {
    /// The scenario's `start`.
    pub const ZERO: Self = Self(0);

    /// The span since an earlier point.
    ///
    /// # Panics
    /// When `earlier` lies after `self`: simulated time never runs backwards.
    pub fn since(self, earlier: Self) -> Millis {
        Millis(
            self.0
                .checked_sub(earlier.0)
                .expect("simulated time never runs backwards"),
        )
    }

    /// The point a span later, or the end of representable time.
    #[must_use]
    pub fn saturating_add(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(1_000);
    /// One minute.
    pub const MINUTE: Self = Self(60_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000);
    /// One day of 24 hours.
    pub const DAY: Self = Self(86_400_000);
}

impl Add<Millis> for SimTime {
    type Output = Self;
    fn add(self, span: Millis) -> Self {
        Self(self.0 + span.0)
    }
}

impl Sub for SimTime {
    type Output = Millis;
    fn sub(self, earlier: Self) -> Millis {
        self.since(earlier)
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Millis {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// Writes a span as people say it: `1d 2h 3m`, `1m 30s`, `250ms`, `0s`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 5] = [
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1_000, "s"),
            (1, "ms"),
        ];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        let mut space = "";
        for (size, suffix) in UNITS {
            if rest >= size {
                write!(f, "{space}{}{suffix}", rest / size)?;
                rest %= size;
                space = " ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Millis, SimTime};

    #[test]
    fn spans_read_as_people_say_them() {
        let said = |ms| Millis(ms).to_string();
        assert_eq!(said(0), "0s");
        assert_eq!(said(250), "250ms");
        assert_eq!(said(90_000), "1m 30s");
        assert_eq!(said(93_780_000), "1d 2h 3m");
    }

    #[test]
    fn a_point_plus_a_span_is_a_point() {
        assert_eq!(SimTime(5) + Millis(7), SimTime(12));
        assert_eq!(SimTime(12) - SimTime(5), Millis(7));
    }
}
