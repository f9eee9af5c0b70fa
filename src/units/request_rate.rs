//! Request rates, in integers: the unit between request load and those who serve it.

use std::fmt;

use super::Millis;
use super::decimal::{Decimal, NotRepresentable};

/// Requests a second, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RequestRate(pub u64);

impl RequestRate {
    /// No requests.
    pub const ZERO: Self = Self(0);
    /// The largest rate there is, 10^9 requests a second: sums of it over years and thousands of
    /// services stay far within 128 bits.
    pub const MOST: Self = Self(1_000_000_000_000);

    /// Reads requests a second, exactly: at most three decimals.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rate = Decimal::parse(text)?
            .times(1_000)
            .map_err(|reason| match reason {
                NotRepresentable::TooLarge => "is above 1,000,000,000 requests a second",
                NotRepresentable::NotWhole => "has more than three decimals",
            })?;
        if rate > Self::MOST.0 {
            return Err("is above 1,000,000,000 requests a second".to_owned());
        }
        Ok(Self(rate))
    }

    /// How many requests come in a span, in millionths: a thousandth of a request a second makes
    /// one of them in a millisecond.
    pub fn over(self, span: Millis) -> u128 {
        u128::from(self.0) * u128::from(span.0)
    }
}

/// As people write it, without needless zeros: `0.7`, `12`.
impl fmt::Display for RequestRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{rest:03}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::RequestRate;
    use crate::units::Millis;

    #[test]
    fn request_rates_are_exact_to_a_thousandth() {
        for (text, thousandths) in [
            ("0", 0),
            ("0.7", 700),
            ("12", 12_000),
            ("12.345", 12_345),
            ("1000000000", 1_000_000_000_000),
        ] {
            assert_eq!(
                RequestRate::parse(text),
                Ok(RequestRate(thousandths)),
                "{text}"
            );
            assert_eq!(RequestRate(thousandths).to_string(), text);
        }
        for (text, reason) in [
            ("-1", "must not be negative"),
            ("0.0001", "has more than three decimals"),
            ("1000000000.001", "is above 1,000,000,000 requests a second"),
            (
                "99999999999999999999",
                "is above 1,000,000,000 requests a second",
            ),
            ("fast", "is not a number in plain digits"),
        ] {
            assert_eq!(RequestRate::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn a_rate_over_a_span_is_millionths_of_requests() {
        assert_eq!(RequestRate(700).over(Millis::MINUTE), 42_000_000);
    }
}
