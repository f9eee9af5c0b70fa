//! Prices as a scenario writes them: `0.096`.

use super::HourlyRate;
use super::decimal::{Decimal, NotRepresentable};

impl HourlyRate {
    /// Reads dollars an hour, exactly: at most nine decimals.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        Decimal::parse(text)?
            .times(1_000_000_000)
            .map(Self)
            .map_err(|reason| match reason {
                NotRepresentable::TooLarge => "is too large".to_owned(),
                NotRepresentable::NotWhole => "has more than nine decimals".to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::HourlyRate;

    #[test]
    fn prices_are_exact_to_the_nano_dollar() {
        assert_eq!(HourlyRate::parse("0.096"), Ok(HourlyRate(96_000_000)));
        assert_eq!(
            HourlyRate::parse("12.345678901"),
            Ok(HourlyRate(12_345_678_901))
        );
        assert_eq!(
            HourlyRate::parse("0.0000000001").unwrap_err(),
            "has more than nine decimals"
        );
        assert_eq!(
            HourlyRate::parse("NaN").unwrap_err(),
            "is not a number in plain digits"
        );
        assert_eq!(HourlyRate::parse("-1").unwrap_err(), "must not be negative");
        assert_eq!(
            HourlyRate::parse("99999999999").unwrap_err(),
            "is too large"
        );
    }
}
