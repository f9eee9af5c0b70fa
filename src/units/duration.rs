//! Spans of time as a scenario writes them: `500ms`, `90s`, `1h30m`.

use super::Millis;
use super::decimal::{Decimal, NotRepresentable};

/// Suffixes with their length in milliseconds.
const UNITS: [(&str, Millis); 5] = [
    ("ms", Millis(1)),
    ("s", Millis::SECOND),
    ("m", Millis::MINUTE),
    ("h", Millis::HOUR),
    ("d", Millis::DAY),
];

impl Millis {
    /// Reads `500ms`, `90s`, `5m`, `24h`, `2d`, parts after one another such as `1h30m` (each
    /// shorter than the one before), and decimals such as `1.5h` that are whole milliseconds.
    /// A bare `0` is no time at all.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "0" {
            return Ok(Self::ZERO);
        }
        if text.starts_with('-') {
            return Err("must not be negative".to_owned());
        }
        if text.is_empty() {
            return Err("is empty".to_owned());
        }
        let mut rest = text;
        let mut total = 0_u64;
        let mut longest = u64::MAX;
        while !rest.is_empty() {
            let (number, unit, after) = next_part(rest)?;
            if unit.0 >= longest {
                return Err("must have its units from long to short, each once".to_owned());
            }
            longest = unit.0;
            total = number
                .times(unit.0)
                .map_err(|reason| match reason {
                    NotRepresentable::TooLarge => "is too long".to_owned(),
                    NotRepresentable::NotWhole => "is finer than a millisecond".to_owned(),
                })?
                .checked_add(total)
                .ok_or("is too long")?;
            rest = after;
        }
        Ok(Self(total))
    }
}

/// Splits `1.5h30m` into 1.5, an hour, `30m`.
fn next_part(text: &str) -> Result<(Decimal, Millis, &str), String> {
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    let (number, rest) = text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()));
    if number.is_empty() {
        return Err("is not a duration".to_owned());
    }
    if rest.is_empty() {
        return Err("has no unit".to_owned());
    }
    let (suffix, rest) = rest.split_at(rest.find(is_number).unwrap_or(rest.len()));
    let unit = UNITS.iter().find(|(name, _)| *name == suffix.trim());
    let Some((_, unit)) = unit else {
        return Err(format!("has the unknown unit `{}`", suffix.trim()));
    };
    Ok((Decimal::parse(number)?, *unit, rest))
}

#[cfg(test)]
mod tests {
    use super::Millis;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, millis) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("5m", 300_000),
            ("24h", 86_400_000),
            ("2d", 172_800_000),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("0.001s", 1),
            ("0", 0),
            ("0s", 0),
        ] {
            assert_eq!(Millis::parse(text), Ok(Millis(millis)), "{text}");
        }
    }

    #[test]
    fn other_durations_are_refused_with_a_reason() {
        for (text, reason) in [
            ("10", "has no unit"),
            ("1h30", "has no unit"),
            ("-5s", "must not be negative"),
            ("5 weeks", "has the unknown unit `weeks`"),
            ("30m1h", "must have its units from long to short, each once"),
            ("0.1ms", "is finer than a millisecond"),
            ("999999999999999999d", "is too long"),
            ("soon", "is not a duration"),
            ("", "is empty"),
            ("1..5s", "is not a number in plain digits"),
        ] {
            assert_eq!(Millis::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn what_is_displayed_without_blanks_reads_back() {
        for millis in [0, 1, 999, 93_780_000, 86_400_001] {
            let text = Millis(millis).to_string().replace(' ', "");
            assert_eq!(Millis::parse(&text), Ok(Millis(millis)));
        }
    }
}
