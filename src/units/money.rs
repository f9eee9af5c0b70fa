//! Money: integer nano-dollars, so that a bill's lines add up to its total exactly.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Serialize, Serializer};

use super::Millis;

/// An amount of money in nano-USD (10^-9 dollars). Negative amounts arise only as differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NanoUsd(pub i128);

/// A price in nano-USD per hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HourlyRate(pub u64);

/// A price in nano-USD a unit of whatever is sold: a GB-month, an hour, a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnitPrice(pub u64);

impl NanoUsd {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The amount rounded to whole cents, half away from zero, as `1,234.57`: for people.
    pub fn to_cents(self) -> String {
        let cents = (self.0.unsigned_abs() + 5_000_000) / 10_000_000;
        let sign = if self.0 < 0 && cents > 0 { "-" } else { "" };
        let whole = (cents / 100).to_string();
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped}.{:02}", cents % 100)
    }
}

impl HourlyRate {
    /// The price of a span of time, rounded half up to a nano-dollar. The one rounding rule of
    /// this crate: each line of a bill is rounded once, and totals are sums of rounded lines.
    pub fn cost_of(self, span: Millis) -> NanoUsd {
        self.cost_of_share(u128::from(span.0), 1)
    }

    /// The price of `weighted_millis / whole` of this rate: a share (weight over whole) of it for a
    /// time, both already multiplied into `weighted_millis`. Rounded half up, once.
    ///
    /// # Panics
    /// When `whole` is 0.
    pub fn cost_of_share(self, weighted_millis: u128, whole: u128) -> NanoUsd {
        assert!(whole > 0, "a share of nothing has no price");
        UnitPrice::from(self).cost_of(weighted_millis, whole * u128::from(Millis::HOUR.0))
    }
}

impl UnitPrice {
    /// The price of `part / whole` units, rounded half up, once.
    ///
    /// # Panics
    /// When `whole` is 0.
    pub fn cost_of(self, part: u128, whole: u128) -> NanoUsd {
        assert!(whole > 0, "a part of nothing has no price");
        let price = u128::from(self.0);
        // Whole units apart, so that large quantities do not overflow.
        let (units, rest) = (part / whole, part % whole);
        let rounded = price * units + (price * rest + whole / 2) / whole;
        NanoUsd(i128::try_from(rounded).expect("a bill stays below 10^29 dollars"))
    }
}

/// The price of an hour is a price a unit.
impl From<HourlyRate> for UnitPrice {
    fn from(rate: HourlyRate) -> Self {
        Self(rate.0)
    }
}

impl Add for NanoUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for NanoUsd {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for NanoUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::iter::Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// All nine decimals, `12.345678901`: the form of every file.
impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        write!(
            f,
            "{sign}{}.{:09}",
            amount / 1_000_000_000,
            amount % 1_000_000_000
        )
    }
}

/// In JSON a number with all nine decimals, exact.
impl Serialize for NanoUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::value::RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::{HourlyRate, NanoUsd, UnitPrice};
    use crate::units::Millis;

    #[test]
    fn a_rate_times_a_span_is_rounded_once() {
        // G122: m5.large at 0.096 an hour for 60 s is 0.0016.
        assert_eq!(
            HourlyRate(96_000_000).cost_of(Millis::MINUTE).to_string(),
            "0.001600000"
        );
        assert_eq!(HourlyRate(1).cost_of(Millis(1_800_000)), NanoUsd(1));
        assert_eq!(HourlyRate(1).cost_of(Millis(1_799_999)), NanoUsd(0));
    }

    #[test]
    fn a_unit_price_is_rounded_once() {
        // G123: 30 GB of gp3 for a month at 0.08.
        assert_eq!(
            UnitPrice(80_000_000).cost_of(30, 1).to_string(),
            "2.400000000"
        );
        assert_eq!(UnitPrice(1).cost_of(1, 2), NanoUsd(1));
        assert_eq!(UnitPrice(1).cost_of(1, 3), NanoUsd(0));
    }

    #[test]
    fn json_keeps_all_nine_digits() {
        let text = serde_json::to_string(&NanoUsd(12_345_678_900)).unwrap();
        assert_eq!(text, "12.345678900");
    }

    #[test]
    fn cents_are_grouped_and_rounded() {
        assert_eq!(NanoUsd(1_234_567_891_000_000).to_cents(), "1,234,567.89");
        assert_eq!(NanoUsd(4_999_999).to_cents(), "0.00");
        assert_eq!(NanoUsd(-5_000_000).to_cents(), "-0.01");
    }
}
