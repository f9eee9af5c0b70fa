//! Factors that load is multiplied by, in integers.

use crate::units::{Decimal, NotRepresentable, RequestRate};

/// A factor in millionths: `workload.scale`, the scale of a file, that of a day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(pub u64);

/// Factors beyond a million are no scale but a mistake.
const MOST: u64 = 1_000_000 * PARTS;
const PARTS: u64 = 1_000_000;

impl Factor {
    /// Leaves everything as it is.
    pub const ONE: Self = Self(PARTS);

    /// Reads `1`, `2.5`, `0.001`: at most six decimals, at most a million.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        match Decimal::parse(text)?.times(PARTS) {
            Ok(parts) if parts <= MOST => Ok(Self(parts)),
            Ok(_) | Err(NotRepresentable::TooLarge) => Err("is above 1,000,000".to_owned()),
            Err(NotRepresentable::NotWhole) => Err("has more than six decimals".to_owned()),
        }
    }

    /// Both factors in one, rounded half up to a millionth, at most 10^9.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let parts = u128::from(PARTS);
        let product = (u128::from(self.0) * u128::from(other.0) + parts / 2) / parts;
        let most = 1_000 * MOST;
        Self(u64::try_from(product).map_or(most, |product| product.min(most)))
    }

    /// A rate times this factor, rounded half up, at most [`RequestRate::MOST`].
    #[must_use]
    pub fn of(self, rate: RequestRate) -> RequestRate {
        if self == Self::ONE {
            return rate;
        }
        let parts = u128::from(PARTS);
        let product = (u128::from(rate.0) * u128::from(self.0) + parts / 2) / parts;
        u64::try_from(product).map_or(RequestRate::MOST, |rate| {
            RequestRate(rate).min(RequestRate::MOST)
        })
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

#[cfg(test)]
mod tests {
    use super::Factor;
    use crate::units::RequestRate;

    #[test]
    fn factors_are_exact_to_a_millionth() {
        for (text, parts) in [
            ("1", 1_000_000),
            ("2.5", 2_500_000),
            ("0", 0),
            (".000001", 1),
            ("1000000", 1_000_000_000_000),
        ] {
            assert_eq!(Factor::parse(text), Ok(Factor(parts)), "{text}");
        }
        for (text, reason) in [
            ("-1", "must not be negative"),
            ("1000001", "is above 1,000,000"),
            ("99999999999999999999", "is above 1,000,000"),
            ("0.0000001", "has more than six decimals"),
            ("double", "is not a number in plain digits"),
        ] {
            assert_eq!(Factor::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn a_factor_multiplies_and_rounds_half_up() {
        let half = Factor(500_000);
        assert_eq!(half.of(RequestRate(7)), RequestRate(4));
        assert_eq!(half.of(RequestRate(6)), RequestRate(3));
        assert_eq!(Factor::ONE.of(RequestRate(7)), RequestRate(7));
        assert_eq!(Factor(0).of(RequestRate(7)), RequestRate::ZERO);
        let most = Factor(u64::MAX);
        assert_eq!(most.of(RequestRate::MOST), RequestRate::MOST);
        assert_eq!(half.times(half), Factor(250_000));
        assert_eq!(most.times(most), Factor(1_000_000_000_000_000));
    }
}
