//! Shares of a whole, in integers.

use super::{Decimal, NotRepresentable};

/// A share in hundredths of a percent: 10,000 is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

/// The whole.
const PARTS: u64 = 10_000;

impl Share {
    /// All.
    pub const ALL: Self = Self(10_000);

    /// So many percent, of at most 100.
    pub const fn percent(percent: u32) -> Self {
        Self(percent * 100)
    }

    /// Reads `20%`, `12.5%`, `0.2`, `1`: above 0, at most the whole.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, unit) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), PARTS / 100),
            None => (text, PARTS),
        };
        match Decimal::parse(number)?.times(unit) {
            Ok(0) => Err("is no share: it must be more than 0".to_owned()),
            Ok(parts) => match u32::try_from(parts) {
                Ok(parts) if parts <= Self::ALL.0 => Ok(Self(parts)),
                _ => Err(too_large()),
            },
            Err(NotRepresentable::TooLarge) => Err(too_large()),
            Err(NotRepresentable::NotWhole) => {
                Err("is finer than a hundredth of a percent".to_owned())
            }
        }
    }

    /// How many of `total` that is, rounded up: a share of some is at least one.
    pub fn of(self, total: u64) -> u64 {
        let parts = u128::from(PARTS);
        let product = u128::from(total) * u128::from(self.0);
        u64::try_from(product.div_ceil(parts)).unwrap_or(total)
    }
}

fn too_large() -> String {
    "is more than the whole".to_owned()
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn shares_are_exact_and_rounded_up() {
        for (text, total, expected) in [
            ("20%", 10, 2),
            ("20 %", 10, 2),
            ("0.2", 10, 2),
            ("20%", 11, 3),
            ("0.01%", 10_000, 1),
            ("0.01%", 10_001, 2),
            ("12.5%", 8, 1),
            ("100%", 7, 7),
            ("1", 7, 7),
            ("1", u64::MAX, u64::MAX),
            ("50%", 0, 0),
        ] {
            assert_eq!(
                Share::parse(text).unwrap().of(total),
                expected,
                "{text} of {total}"
            );
        }
        assert_eq!(Share::parse("100%"), Ok(Share::ALL));
    }

    #[test]
    fn what_is_no_share_is_refused_with_its_reason() {
        for (text, reason) in [
            ("0", "is no share: it must be more than 0"),
            ("0%", "is no share: it must be more than 0"),
            ("20", "is more than the whole"),
            ("101%", "is more than the whole"),
            ("99999999999999999999999", "is more than the whole"),
            ("0.00001", "is finer than a hundredth of a percent"),
            ("-1%", "must not be negative"),
            ("half", "is not a number in plain digits"),
            ("%", "is not a number in plain digits"),
        ] {
            assert_eq!(Share::parse(text), Err(reason.to_owned()), "{text}");
        }
    }
}
