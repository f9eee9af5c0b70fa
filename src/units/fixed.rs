//! Signed decimal numbers with twelve decimals: exact sums and comparisons of figures of any unit.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Serialize, Serializer};

/// A number in steps of 10^-12. No figure of this crate is finer: money has nine decimals,
/// fractions and means have six.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fixed(pub i128);

/// Decimals of a [`Fixed`].
const DECIMALS: usize = 12;
/// 1.
const ONE: i128 = 1_000_000_000_000;
/// More digits before the point than any quantity here has; so that no sum of a million overflows.
const MOST_WHOLE_DIGITS: usize = 20;

impl Fixed {
    /// 0.
    pub const ZERO: Self = Self(0);

    /// Reads `12`, `-1.5`, `.5`, `2e-6`.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows it: no number, too large, too many
    /// decimals.
    pub fn parse(text: &str) -> Result<Self, String> {
        const NO_NUMBER: &str = "is not a number";
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| NO_NUMBER)?;
        let (is_negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty()
            || !is_digits(whole)
            || !is_digits(fraction)
            || digits.ends_with('.')
        {
            return Err(NO_NUMBER.to_owned());
        }
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        // The place of the point in `significant`, from its start; beyond its ends there are zeros.
        let dropped = all.len() - significant.len();
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX) + i64::from(exponent)
            - i64::try_from(dropped).unwrap_or(i64::MAX);
        if point > i64::try_from(MOST_WHOLE_DIGITS).unwrap_or(i64::MAX) {
            return Err("is too large".to_owned());
        }
        // How many of the digits are whole steps of 10^-12.
        let digits = point + i64::try_from(DECIMALS).unwrap_or(i64::MAX);
        let kept = usize::try_from(digits.max(0)).unwrap_or(0);
        let (steps, finer) = significant.split_at(kept.min(significant.len()));
        if finer.bytes().any(|digit| digit != b'0') {
            return Err(format!("has more than {DECIMALS} decimals"));
        }
        let steps = format!("{steps:0<kept$}");
        let steps = steps
            .bytes()
            .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        Ok(Self(if is_negative { -steps } else { steps }))
    }

    /// A hundredth of it: what a per cent is of its number. Rounded towards 0 beyond the last
    /// decimal.
    #[must_use]
    pub const fn hundredth(self) -> Self {
        Self(self.0 / 100)
    }

    /// The nearest number with at most `decimals` decimals; `None` for what is infinite, too large
    /// or no number. So the last bits of a float are nowhere to be seen.
    pub fn from_f64(number: f64, decimals: usize) -> Option<Self> {
        Self::parse(&format!("{number:.*}", decimals.min(DECIMALS))).ok()
    }

    /// The mean, rounded half away from 0 at the last decimal; `None` of no numbers.
    pub fn mean(numbers: &[Self]) -> Option<Self> {
        let count = i128::try_from(numbers.len())
            .ok()
            .filter(|count| *count > 0)?;
        let sum: i128 = numbers.iter().map(|number| number.0).sum();
        let half = if sum < 0 { -(count / 2) } else { count / 2 };
        Some(Self((sum + half) / count))
    }

    /// With at most so many decimals, rounded half away from 0.
    #[must_use]
    pub fn rounded(self, decimals: usize) -> Self {
        let finer = u32::try_from(DECIMALS.saturating_sub(decimals)).unwrap_or(0);
        let step = 10_i128.pow(finer);
        let half = if self.0 < 0 { -(step / 2) } else { step / 2 };
        Self((self.0 + half) / step * step)
    }

    /// Without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The nearest float: for statistics and pictures, not for decisions.
    pub fn to_f64(self) -> f64 {
        let text = self.to_string();
        text.parse().expect("digits and a point are a number")
    }
}

impl From<u64> for Fixed {
    fn from(number: u64) -> Self {
        Self(i128::from(number) * ONE)
    }
}

impl Add for Fixed {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fixed {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// The shortest form: `12`, `-1.5`, `0.000001`.
impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (one, steps) = (ONE.unsigned_abs(), self.0.unsigned_abs());
        let fraction = format!("{:0DECIMALS$}", steps % one);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        f.pad(&format!("{sign}{}{point}{fraction}", steps / one))
    }
}

/// In JSON a number, exact.
impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::value::RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::Fixed;

    #[test]
    fn numbers_read_and_write_exactly() {
        for (text, written) in [
            ("12", "12"),
            ("-1.50", "-1.5"),
            (".5", "0.5"),
            ("0.000001", "0.000001"),
            ("1e-6", "0.000001"),
            ("1.25E3", "1250"),
            ("2.0e+1", "20"),
            ("0.000000000001", "0.000000000001"),
            ("18446744073709551615", "18446744073709551615"),
            ("0e999", "0"),
            ("-0", "0"),
            ("0.100000000000000", "0.1"),
        ] {
            assert_eq!(Fixed::parse(text).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_a_reason() {
        for (text, reason) in [
            ("", "is not a number"),
            ("-", "is not a number"),
            ("1.", "is not a number"),
            ("NaN", "is not a number"),
            ("1e", "is not a number"),
            ("+1", "is not a number"),
            ("1_000", "is not a number"),
            ("1e21", "is too large"),
            ("123456789012345678901", "is too large"),
            ("1e-13", "has more than 12 decimals"),
            ("0.0000000000001", "has more than 12 decimals"),
        ] {
            assert_eq!(Fixed::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn means_and_floats_are_rounded_once() {
        let read = |text| Fixed::parse(text).unwrap();
        assert_eq!(Fixed::mean(&[read("1"), read("2")]), Some(read("1.5")));
        let thirds = [read("0"), read("0"), read("2")];
        assert_eq!(Fixed::mean(&thirds), Some(read("0.666666666667")));
        let thirds = thirds.map(|number| Fixed::ZERO - number);
        assert_eq!(Fixed::mean(&thirds), Some(read("-0.666666666667")));
        assert_eq!(Fixed::mean(&[]), None);
        assert_eq!(Fixed::from_f64(2.0 / 3.0, 6), Some(read("0.666667")));
        assert_eq!(Fixed::from_f64(-0.000_000_1, 6), Some(Fixed::ZERO));
        assert_eq!(Fixed::from_f64(f64::NAN, 6), None);
        assert_eq!(Fixed::from_f64(f64::INFINITY, 6), None);
        assert_eq!(read("-3").abs(), read("3"));
        assert_eq!(read("2.345").rounded(2), read("2.35"));
        assert_eq!(read("-2.345").rounded(2), read("-2.35"));
        assert_eq!(read("2.345").rounded(0), read("2"));
        assert_eq!(read("2.345").rounded(99), read("2.345"));
    }

    #[test]
    fn order_and_differences_are_exact() {
        let read = |text| Fixed::parse(text).unwrap();
        assert!(read("0.1") + read("0.2") == read("0.3"));
        assert!(read("-2") < read("-1.999999999999"));
        assert_eq!(read("99.9").hundredth(), read("0.999"));
        assert_eq!(read("1") - read("1.5"), read("-0.5"));
        assert_eq!(read("0.25").to_f64().to_bits(), 0.25_f64.to_bits());
    }
}
