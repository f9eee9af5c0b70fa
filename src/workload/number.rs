//! Decimal numbers of a trace, read without floats.

/// Seconds beyond this are refused: 10^12 s are over 31,000 years, and leave room to add spans to.
pub(super) const MOST_SECONDS: u64 = 1_000_000_000_000;

/// Why a text is not the number that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberFault {
    /// It is no number of the expected form.
    NotANumber,
    /// A minus sign and a number.
    Negative,
    /// A number, but too large.
    TooLarge,
}

/// Decimal seconds (`12`, `12.5`, `.25`) as milliseconds, rounded half up.
pub(super) fn milliseconds(text: &[u8]) -> Result<u64, NumberFault> {
    let (whole, fraction) = match text.iter().position(|&byte| byte == b'.') {
        Some(point) => (&text[..point], &text[point + 1..]),
        None => (text, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(NumberFault::NotANumber);
    }
    let mut seconds = 0;
    for &byte in whole {
        // Once too large it stays so; what follows must still be digits.
        seconds = (seconds * 10 + digit(byte, text)?).min(MOST_SECONDS + 1);
    }
    let mut thousandths = 0;
    let mut weight = 100;
    for (place, &byte) in fraction.iter().enumerate() {
        let digit = digit(byte, text)?;
        thousandths += digit * weight;
        weight /= 10;
        // The fourth digit alone decides: 5 and more is half a millisecond and more.
        if place == 3 && digit >= 5 {
            thousandths += 1;
        }
    }
    let most = MOST_SECONDS * 1_000;
    Some(seconds * 1_000 + thousandths)
        .filter(|&ms| ms <= most)
        .ok_or(NumberFault::TooLarge)
}

/// Values of a series beyond this are refused.
pub(super) const MOST_VALUE: u64 = 1_000_000_000;

/// A decimal number (`12`, `.25`, `33.199999999999996`, `5.2e-05`) as millionths, rounded half up.
/// The exponent is what spreadsheets and statistics programs write of small numbers.
pub(super) fn millionths(text: &[u8]) -> Result<u64, NumberFault> {
    let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(mark) => (&text[..mark], exponent(&text[mark + 1..])?),
        None => (text, 0),
    };
    if let Some(rest) = mantissa.strip_prefix(b"-") {
        // Minus nothing is nothing; some programs write it.
        return match millionths_of(rest, exponent) {
            Ok(0) => Ok(0),
            Ok(_) | Err(NumberFault::TooLarge) => Err(NumberFault::Negative),
            Err(fault) => Err(fault),
        };
    }
    millionths_of(mantissa, exponent)
}

fn millionths_of(mantissa: &[u8], exponent: i64) -> Result<u64, NumberFault> {
    let point = mantissa.iter().position(|&byte| byte == b'.');
    let whole_digits = point.unwrap_or(mantissa.len());
    let digits = || {
        let places = mantissa.iter().enumerate();
        places
            .filter(move |(place, _)| Some(*place) != point)
            .map(|(_, &byte)| byte)
    };
    if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberFault::NotANumber);
    }
    // How many digits stand left of the millionths' end; the one after them decides the rounding.
    let kept = i64::try_from(whole_digits)
        .unwrap_or(i64::MAX)
        .saturating_add(exponent + 6);
    let most = MOST_VALUE * 1_000_000;
    let mut number = 0_u64;
    let mut place = 0_i64;
    for digit in digits().map(|byte| u64::from(byte - b'0')) {
        if place < kept {
            number = (number * 10 + digit).min(most + 1);
        } else if place == kept && digit >= 5 {
            number += 1;
        }
        place += 1;
    }
    while place < kept && number > 0 && number <= most {
        number *= 10;
        place += 1;
    }
    Some(number)
        .filter(|&number| number <= most)
        .ok_or(NumberFault::TooLarge)
}

/// The power of ten behind an `e`, kept within what makes a difference.
fn exponent(text: &[u8]) -> Result<i64, NumberFault> {
    const FAR: i64 = 1_000_000;
    let (sign, digits) = match text.split_first() {
        Some((b'-', rest)) => (-1, rest),
        Some((b'+', rest)) => (1, rest),
        _ => (1, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberFault::NotANumber);
    }
    let far = |number: i64, &byte: &u8| (number * 10 + i64::from(byte - b'0')).min(FAR);
    Ok(sign * digits.iter().fold(0, far))
}

/// A whole number of digits alone.
pub(super) fn whole(text: &[u8]) -> Result<u32, NumberFault> {
    if text.is_empty() {
        return Err(NumberFault::NotANumber);
    }
    let mut number = 0;
    for &byte in text {
        number = (number * 10 + digit(byte, text)?).min(u64::from(u32::MAX) + 1);
    }
    u32::try_from(number).map_err(|_| NumberFault::TooLarge)
}

#[inline]
fn digit(byte: u8, text: &[u8]) -> Result<u64, NumberFault> {
    if byte.is_ascii_digit() {
        Ok(u64::from(byte - b'0'))
    } else {
        Err(fault(text))
    }
}

/// What is wrong with a text that holds more than digits and a point.
#[cold]
fn fault(text: &[u8]) -> NumberFault {
    let digits = |rest: &[u8]| {
        rest.iter().any(u8::is_ascii_digit)
            && rest
                .iter()
                .all(|&byte| byte.is_ascii_digit() || byte == b'.')
    };
    match text.strip_prefix(b"-") {
        Some(rest) if digits(rest) => NumberFault::Negative,
        _ => NumberFault::NotANumber,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOST_SECONDS, MOST_VALUE, NumberFault, millionths, milliseconds, whole};

    #[test]
    fn seconds_become_milliseconds_rounded_half_up() {
        for (text, expected) in [
            ("0", 0),
            ("12", 12_000),
            ("12.", 12_000),
            (".25", 250),
            ("12.5", 12_500),
            ("0.0004", 0),
            ("0.0005", 1),
            ("0.00049999999999999999999", 0),
            ("0.0014999999", 1),
            ("0.9995", 1_000),
            ("59.9999", 60_000),
            // In binary floating point this one is below the half.
            ("1.0005", 1_001),
            ("0000000000000000000000000012.000000", 12_000),
            ("1000000000000", 1_000_000_000_000_000),
        ] {
            assert_eq!(milliseconds(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_seconds_is_told_apart() {
        for text in [
            "", ".", "abc", "1e3", "1,5", "+5", "1.2.3", "0x10", " 1", "-", "-.", "NaN",
        ] {
            assert_eq!(
                milliseconds(text.as_bytes()),
                Err(NumberFault::NotANumber),
                "{text}"
            );
        }
        for text in ["-1", "-0.5", "-.5"] {
            assert_eq!(
                milliseconds(text.as_bytes()),
                Err(NumberFault::Negative),
                "{text}"
            );
        }
        for text in [
            "1000000000000.001",
            "1000000000001",
            "99999999999999999999999999999999",
        ] {
            assert_eq!(
                milliseconds(text.as_bytes()),
                Err(NumberFault::TooLarge),
                "{text}"
            );
        }
        let text = b"99999999999999999999999999999999x";
        assert_eq!(milliseconds(text), Err(NumberFault::NotANumber));
    }

    #[test]
    fn whole_numbers_are_digits_alone() {
        assert_eq!(whole(b"0"), Ok(0));
        assert_eq!(whole(b"4294967295"), Ok(u32::MAX));
        assert_eq!(whole(b"4294967296"), Err(NumberFault::TooLarge));
        assert_eq!(
            whole(b"99999999999999999999999"),
            Err(NumberFault::TooLarge)
        );
        assert_eq!(whole(b"-1"), Err(NumberFault::Negative));
        for text in ["", "256.0", "1k", "+1", "0.25 vCPU"] {
            assert_eq!(
                whole(text.as_bytes()),
                Err(NumberFault::NotANumber),
                "{text}"
            );
        }
    }

    #[test]
    fn values_become_millionths_rounded_half_up() {
        for (text, expected) in [
            ("0", 0),
            ("42", 42_000_000),
            ("94.0", 94_000_000),
            ("33.199999999999996", 33_200_000),
            ("0.068", 68_000),
            (".0000005", 1),
            ("0.00000049999999999", 0),
            ("5.29e-05", 53),
            ("4e-7", 0),
            ("5e-7", 1),
            ("5e-8", 0),
            ("1.5E+3", 1_500_000_000),
            ("0e99999999999999999999", 0),
            ("1e-99999999999999999999", 0),
            ("-0.0", 0),
            ("1000000000", 1_000_000_000_000_000),
            ("10e8", 1_000_000_000_000_000),
        ] {
            assert_eq!(millionths(text.as_bytes()), Ok(expected), "{text}");
        }
        for text in [
            "", ".", "e5", "1e", "1e+", "1e1.5", "x", "1.2.3", "NaN", "+1", "--1", "1,5",
        ] {
            let found = millionths(text.as_bytes());
            assert_eq!(found, Err(NumberFault::NotANumber), "{text}");
        }
        for text in ["-1", "-0.01", "-99999999999999999999"] {
            assert_eq!(
                millionths(text.as_bytes()),
                Err(NumberFault::Negative),
                "{text}"
            );
        }
        for text in [
            "1000000000.000001",
            "1e10",
            "99999999999999999999",
            "1e999999999999",
        ] {
            assert_eq!(
                millionths(text.as_bytes()),
                Err(NumberFault::TooLarge),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn millionths_equal_exact_rationals(
            whole in 0..MOST_VALUE, numerator in any::<u128>(), digits in 1_u32..30, e in 0_usize..9,
        ) {
            let denominator = 10_u128.pow(digits);
            let numerator = numerator % denominator;
            let width = usize::try_from(digits).unwrap();
            let rounded = (2_000_000 * numerator + denominator) / (2 * denominator);
            let expected = whole * 1_000_000 + u64::try_from(rounded).unwrap();
            let text = format!("{whole}.{numerator:0width$}");
            prop_assert_eq!(millionths(text.as_bytes()), Ok(expected));
            // The same number with its point moved to the left and an exponent.
            let all = format!("{whole:0>10}{numerator:0width$}");
            let shifted = format!("{}.{}e{}", &all[..10 - e], &all[10 - e..], e);
            prop_assert_eq!(millionths(shifted.as_bytes()), Ok(expected));
        }

        #[test]
        fn rounding_equals_exact_rationals(
            seconds in 0..=MOST_SECONDS - 1, numerator in any::<u128>(), digits in 1_u32..30,
        ) {
            let denominator = 10_u128.pow(digits);
            let numerator = numerator % denominator;
            let width = usize::try_from(digits).unwrap();
            let text = format!("{seconds}.{numerator:0width$}");
            // floor(x + 1/2) for x = 1000 * numerator / denominator.
            let rounded = (2_000 * numerator + denominator) / (2 * denominator);
            let expected = seconds * 1_000 + u64::try_from(rounded).unwrap();
            prop_assert_eq!(milliseconds(text.as_bytes()), Ok(expected));
        }
    }
}
