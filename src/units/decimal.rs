//! Decimal numbers as people write them, kept exact.

/// A decimal number without a sign: `digits` divided by 10 to the power of `scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    scale: u32,
}

/// More digits than any quantity here has; so that no product below overflows.
const MAX_DIGITS: usize = 24;

impl Decimal {
    /// Reads `12`, `1.5`, `.5`.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause: a sign, an exponent, too many digits, no number.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('-') {
            return Err("must not be negative".to_owned());
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = !(whole.is_empty() && fraction.is_empty())
            && is_digits(whole)
            && is_digits(fraction)
            && !text.ends_with('.');
        if !is_number {
            return Err("is not a number in plain digits".to_owned());
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() > MAX_DIGITS {
            return Err("has too many digits".to_owned());
        }
        let digits = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0_u128, |number, digit| {
                number * 10 + u128::from(digit - b'0')
            });
        let scale = u32::try_from(fraction.len()).expect("at most 24 digits");
        Ok(Self { digits, scale })
    }

    /// The number times `unit`, when that is whole and fits.
    ///
    /// # Errors
    /// `TooLarge` when it does not fit into 64 bits, `NotWhole` when a fraction is left.
    pub fn times(self, unit: u64) -> Result<u64, NotRepresentable> {
        let product = self
            .digits
            .checked_mul(u128::from(unit))
            .ok_or(NotRepresentable::TooLarge)?;
        let divisor = 10_u128.pow(self.scale);
        if product % divisor != 0 {
            return Err(NotRepresentable::NotWhole);
        }
        u64::try_from(product / divisor).map_err(|_| NotRepresentable::TooLarge)
    }
}

/// Why a decimal number is no whole number of small units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRepresentable {
    /// Beyond 64 bits.
    TooLarge,
    /// Finer than the unit.
    NotWhole,
}

#[cfg(test)]
mod tests {
    use super::{Decimal, NotRepresentable};

    #[test]
    fn decimals_are_exact() {
        let times = |text: &str, unit| Decimal::parse(text).unwrap().times(unit);
        assert_eq!(times("0.1", 1_000_000_000), Ok(100_000_000));
        assert_eq!(times("1.50", 2), Ok(3));
        assert_eq!(times(".5", 1_024), Ok(512));
        assert_eq!(
            times("0.0000000001", 1_000_000_000),
            Err(NotRepresentable::NotWhole)
        );
        assert_eq!(
            times("999999999999999999999999", 1),
            Err(NotRepresentable::TooLarge)
        );
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "", ".", "1.", "1e3", "NaN", "inf", "+1", "1_000", "0x10", "1.2.3", "-1", "²",
        ] {
            assert!(Decimal::parse(text).is_err(), "{text:?}");
        }
    }
}
