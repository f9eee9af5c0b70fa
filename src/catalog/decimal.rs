//! Decimals read and written without floats.

use crate::units::HourlyRate;

/// One, in the unit of [`parse_nano`].
pub(super) const NANO: u64 = 1_000_000_000;

/// A plain non-negative decimal (`12`, `0.096`, `.5`) in units of 10^-9. `None` for anything else:
/// signs, exponents, blanks, more than nine decimals, or what a `u64` cannot hold.
pub(super) fn parse_nano(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only(whole) || !digits_only(fraction) || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let whole: u64 = match whole {
        "" if text.starts_with('.') => 0,
        digits => digits.parse().ok()?,
    };
    let missing = u32::try_from(9 - fraction.len()).ok()?;
    let fraction = fraction.parse::<u64>().ok()? * 10_u64.pow(missing);
    whole.checked_mul(NANO)?.checked_add(fraction)
}

/// A price as short as it can be said with at least four decimals: `0.0960`, `21.957642`.
pub fn shortest(rate: HourlyRate) -> String {
    let mut fraction = format!("{:09}", rate.0 % NANO);
    while fraction.len() > 4 && fraction.ends_with('0') {
        fraction.pop();
    }
    format!("{}.{fraction}", rate.0 / NANO)
}

#[cfg(test)]
mod tests {
    use super::{parse_nano, shortest};
    use crate::units::HourlyRate;

    #[test]
    fn decimals_are_exact() {
        let cases = [
            ("0.096", Some(96_000_000)),
            ("21.957642", Some(21_957_642_000)),
            ("0.000000001", Some(1)),
            (".5", Some(500_000_000)),
            ("12", Some(12_000_000_000)),
            ("18446744073.709551615", Some(u64::MAX)),
            ("18446744073.709551616", None),
            ("0.0000000001", None),
            ("99999999999999999999999", None),
            ("", None),
            (".", None),
            ("1.", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            (" 1", None),
            ("1.+5", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_nano(text), expected, "{text:?}");
        }
    }

    #[test]
    fn prices_are_said_shortly() {
        assert_eq!(shortest(HourlyRate(96_000_000)), "0.0960");
        assert_eq!(shortest(HourlyRate(21_957_642_000)), "21.957642");
        assert_eq!(shortest(HourlyRate(0)), "0.0000");
        assert_eq!(shortest(HourlyRate(5_000_000_001)), "5.000000001");
    }
}
