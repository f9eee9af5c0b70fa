//! Amounts as AWS and people write them: `256`, `0.25 vCPU`, `512`, `.5 GB`. Exact: a decimal
//! point is read without floats, and what is not a whole unit is refused.

use super::{CpuUnits, MemoryMib};

/// Reads CPU units: a plain number, or vCPUs of 1,024 units with the suffix `vCPU` in any letter
/// case (the forms of RegisterTaskDefinition).
///
/// # Errors
/// Says what is wrong with the text.
pub fn parse_cpu(text: &str) -> Result<CpuUnits, String> {
    let units = [
        ("", 1),
        ("vcpu", CpuUnits::PER_VCPU),
        ("vcpus", CpuUnits::PER_VCPU),
    ];
    parse_amount(text, &units)
        .map(CpuUnits)
        .map_err(|fault| fault.describe(text, "CPU", "256 (CPU units) or 0.25 vCPU"))
}

/// Reads MiB: a plain number or one with `MiB`, or GiB with the suffix `GB` (AWS's spelling of
/// 1,024 MiB) or `GiB`, in any letter case.
///
/// # Errors
/// Says what is wrong with the text.
pub fn parse_memory(text: &str) -> Result<MemoryMib, String> {
    let units = [("", 1), ("mib", 1), ("gb", 1_024), ("gib", 1_024)];
    parse_amount(text, &units)
        .map(MemoryMib)
        .map_err(|fault| fault.describe(text, "memory", "512 (MiB) or 0.5 GB"))
}

/// Why a text is no amount.
enum Fault {
    Unreadable,
    Fraction,
    TooLarge,
}

impl Fault {
    fn describe(&self, text: &str, of: &str, example: &str) -> String {
        match self {
            Self::Unreadable => format!("`{text}` is not an amount of {of}; write {example}"),
            Self::Fraction => {
                format!("`{text}` is not a whole number of units of {of}; write {example}")
            }
            Self::TooLarge => format!("`{text}` is too large an amount of {of}"),
        }
    }
}

fn parse_amount(text: &str, units: &[(&str, u32)]) -> Result<u32, Fault> {
    let text = text.trim();
    let number_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(number_end);
    let suffix = suffix.trim_start().to_ascii_lowercase();
    let (_, size) = units
        .iter()
        .find(|(unit, _)| *unit == suffix)
        .ok_or(Fault::Unreadable)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(Fault::Unreadable);
    }
    if suffix.is_empty() && number.contains('.') {
        return Err(Fault::Fraction);
    }
    scaled(whole, fraction.trim_end_matches('0'), u128::from(*size))
}

/// `whole.fraction * size`, when that is a whole number.
fn scaled(whole: &str, fraction: &str, size: u128) -> Result<u32, Fault> {
    // A unit of 2^10 parts has at most ten decimals that can come out whole.
    let decimals = u32::try_from(fraction.len()).map_err(|_| Fault::Fraction)?;
    if decimals > 10 {
        return Err(Fault::Fraction);
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 10 {
        return Err(Fault::TooLarge);
    }
    let written = format!("0{whole}{fraction}");
    let digits: u128 = written.parse().map_err(|_| Fault::Unreadable)?;
    let divisor = 10_u128.pow(decimals);
    let amount = digits * size;
    if !amount.is_multiple_of(divisor) {
        return Err(Fault::Fraction);
    }
    u32::try_from(amount / divisor).map_err(|_| Fault::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{parse_cpu, parse_memory};

    #[test]
    fn cpu_is_written_in_units_or_vcpus() {
        for (text, expected) in [
            ("256", 256),
            (" 0256 ", 256),
            ("0.25 vCPU", 256),
            (".25 vcpu", 256),
            ("1vCPU", 1_024),
            ("1. VCPU", 1_024),
            ("96 vCPU", 98_304),
            ("2 vCPUs", 2_048),
            ("0.0009765625 vCPU", 1),
            ("0.5000000000000 vCPU", 512),
        ] {
            assert_eq!(parse_cpu(text).map(|cpu| cpu.0), Ok(expected), "{text}");
        }
    }

    #[test]
    fn memory_is_written_in_mib_or_gib() {
        for (text, expected) in [
            ("512", 512),
            ("0.5GB", 512),
            (".5 gb", 512),
            ("1 GB", 1_024),
            ("384 GiB", 393_216),
            ("100 MiB", 100),
            ("3.5gib", 3_584),
        ] {
            assert_eq!(
                parse_memory(text).map(|memory| memory.0),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let unreadable =
            |text| format!("`{text}` is not an amount of CPU; write 256 (CPU units) or 0.25 vCPU");
        for text in [
            "",
            ".",
            "vCPU",
            "-1",
            "1,5 vCPU",
            "1.2.3 vCPU",
            "1 GB",
            "0x10",
            "1e3",
            "１",
        ] {
            assert_eq!(parse_cpu(text), Err(unreadable(text)));
        }
        let example = "write 512 (MiB) or 0.5 GB";
        for text in ["0.3 GB", "0.5", "1.5 MiB", "0.00000000001 GB"] {
            let message = format!("`{text}` is not a whole number of units of memory; {example}");
            assert_eq!(parse_memory(text), Err(message));
        }
        for text in ["4294967296", "99999999999999999999 GB", "4194304 GB"] {
            let message = format!("`{text}` is too large an amount of memory");
            assert_eq!(parse_memory(text), Err(message));
        }
        assert_eq!(
            parse_memory("4 GBs"),
            Err(format!("`4 GBs` is not an amount of memory; {example}"))
        );
    }
}
