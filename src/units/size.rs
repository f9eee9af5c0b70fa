//! Sizes and prices as a scenario writes them: `256`, `2 vCPU`, `4 GB`, `0.096`.

use super::decimal::{Decimal, NotRepresentable};
use super::{CpuUnits, HourlyRate, MemoryMib};

impl CpuUnits {
    /// Reads CPU units (`256`) or vCPUs (`2 vCPU`, `.5 vcpu`), as ECS does.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, suffix) = split_suffix(text);
        let unit = match suffix.to_ascii_lowercase().as_str() {
            "" => 1,
            "vcpu" | "vcpus" => u64::from(Self::PER_VCPU),
            _ => return Err(format!("has the unknown unit `{suffix}`")),
        };
        whole(number, unit, "CPU units").map(Self)
    }
}

impl MemoryMib {
    /// Reads MiB (`512`) or a size with a suffix: `MiB`, `MB`, `GiB`, `GB`, `TiB`, `TB`. As in
    /// ECS, `GB` is 1,024 MiB.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, suffix) = split_suffix(text);
        let unit = match suffix.to_ascii_lowercase().as_str() {
            "" | "mib" | "mb" => 1,
            "gib" | "gb" => 1_024,
            "tib" | "tb" => 1_024 * 1_024,
            _ => return Err(format!("has the unknown unit `{suffix}`")),
        };
        whole(number, unit, "MiB").map(Self)
    }
}

impl HourlyRate {
    /// Reads dollars an hour, exactly: at most nine decimals.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        Decimal::parse(text)?.times(1_000_000_000).map(Self).map_err(|reason| match reason {
            NotRepresentable::TooLarge => "is too large".to_owned(),
            NotRepresentable::NotWhole => "has more than nine decimals".to_owned(),
        })
    }
}

fn split_suffix(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    (number.trim(), suffix.trim())
}

fn whole(number: &str, unit: u64, name: &str) -> Result<u32, String> {
    let amount = Decimal::parse(number)?.times(unit).map_err(|reason| match reason {
        NotRepresentable::TooLarge => "is too large".to_owned(),
        NotRepresentable::NotWhole => format!("is not a whole number of {name}"),
    })?;
    u32::try_from(amount).map_err(|_| "is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{CpuUnits, HourlyRate, MemoryMib};

    #[test]
    fn sizes_are_in_ecs_units_or_have_a_suffix() {
        for (text, units) in [("256", 256), ("2 vCPU", 2_048), (".5 vcpu", 512), ("96vCPU", 98_304)]
        {
            assert_eq!(CpuUnits::parse(text), Ok(CpuUnits(units)), "{text}");
        }
        for (text, mib) in
            [("512", 512), ("4 GB", 4_096), ("0.5GB", 512), ("384 GiB", 393_216), ("1 TiB", 1 << 20)]
        {
            assert_eq!(MemoryMib::parse(text), Ok(MemoryMib(mib)), "{text}");
        }
    }

    #[test]
    fn other_sizes_are_refused_with_a_reason() {
        assert_eq!(CpuUnits::parse("-1").unwrap_err(), "must not be negative");
        assert_eq!(CpuUnits::parse("4294967296").unwrap_err(), "is too large");
        assert_eq!(CpuUnits::parse("0.1 vCPU").unwrap_err(), "is not a whole number of CPU units");
        assert_eq!(MemoryMib::parse("4 GHz").unwrap_err(), "has the unknown unit `GHz`");
        assert_eq!(MemoryMib::parse("lots").unwrap_err(), "has the unknown unit `lots`");
    }

    #[test]
    fn prices_are_exact_to_the_nano_dollar() {
        assert_eq!(HourlyRate::parse("0.096"), Ok(HourlyRate(96_000_000)));
        assert_eq!(HourlyRate::parse("12.345678901"), Ok(HourlyRate(12_345_678_901)));
        assert_eq!(HourlyRate::parse("0.0000000001").unwrap_err(), "has more than nine decimals");
        assert_eq!(HourlyRate::parse("NaN").unwrap_err(), "is not a number in plain digits");
        assert_eq!(HourlyRate::parse("-1").unwrap_err(), "must not be negative");
        assert_eq!(HourlyRate::parse("99999999999").unwrap_err(), "is too large");
    }
}
