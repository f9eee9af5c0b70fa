//! Values of CloudWatch metrics in integers, and the utilization metrics of ECS.

use std::fmt;

use crate::units::{Decimal, NotRepresentable};

/// A value of a metric in thousandths of its unit: of a percent, of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MetricValue(pub i64);

impl MetricValue {
    /// Thousandths in one unit.
    const SCALE: u64 = 1_000;

    /// A whole number of units: `whole(50)` is 50 percent.
    pub fn whole(units: i32) -> Self {
        Self(i64::from(units) * 1_000)
    }

    /// Reads `50`, `37.5`, `-10`, exactly: at most three decimals.
    ///
    /// # Errors
    /// What is wrong with the text, as a clause that follows the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) if !digits.starts_with('-') => (-1, digits),
            _ => (1, text),
        };
        let thousandths =
            Decimal::parse(digits)?
                .times(Self::SCALE)
                .map_err(|reason| match reason {
                    NotRepresentable::TooLarge => "is too large",
                    NotRepresentable::NotWhole => "has more than three decimals",
                })?;
        let thousandths = i64::try_from(thousandths).map_err(|_| "is too large")?;
        Ok(Self(sign * thousandths))
    }
}

/// Writes the value as people do: `50`, `37.5`, `-0.001`.
impl fmt::Display for MetricValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let thousandths = self.0.unsigned_abs();
        let (whole, fraction) = (thousandths / Self::SCALE, thousandths % Self::SCALE);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:03}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

/// `part` in percent of `whole`, rounded half up to a thousandth of a percent. `None` when `whole`
/// is nothing: CloudWatch then has no datapoint.
pub fn percentage(part: u64, whole: u64) -> Option<MetricValue> {
    ratio(part, u128::from(whole))
}

/// `CPUUtilization` or `MemoryUtilization` of a service: what its tasks use together, in percent
/// of what the task definition reserves for each times the tasks that run. It passes 100 where
/// tasks may use more than they reserve. `None`, so no datapoint, while no task runs or when the
/// definition reserves nothing.
///
/// Memory is that of the soft limit where the definition has one.
/// Source: ECS Developer Guide, service utilization metrics.
pub fn service_utilization(
    used: u64,
    definition_amount: u64,
    running_tasks: u32,
) -> Option<MetricValue> {
    ratio(
        used,
        u128::from(definition_amount) * u128::from(running_tasks),
    )
}

fn ratio(part: u64, whole: u128) -> Option<MetricValue> {
    if whole == 0 {
        return None;
    }
    let hundred_percent = 100 * u128::from(MetricValue::SCALE);
    let thousandths = (u128::from(part) * hundred_percent + whole / 2) / whole;
    Some(MetricValue(i64::try_from(thousandths).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::{MetricValue, percentage, service_utilization};

    /// G26, G27: a service of 512 CPU units and 1,024 MiB.
    #[test]
    fn service_utilization_is_use_over_what_the_running_tasks_reserve() {
        for (used, amount, running, thousandths) in [
            (2_048, 512, 1, 400_000),
            (512, 1_024, 1, 50_000),
            (128, 512, 1, 25_000),
            (128, 1_024, 1, 12_500),
            (128, 512, 2, 12_500),
            (1, 3, 1, 33_333),
            (2, 3, 1, 66_667),
            (u64::MAX, 1, 1, i64::MAX),
        ] {
            let found = service_utilization(used, amount, running);
            assert_eq!(found, Some(MetricValue(thousandths)), "{used} of {amount}");
        }
    }

    #[test]
    fn without_running_tasks_there_is_no_datapoint() {
        assert_eq!(service_utilization(0, 512, 0), None);
        assert_eq!(service_utilization(100, 0, 3), None);
        assert_eq!(percentage(1, 0), None);
        assert_eq!(service_utilization(0, 512, 1), Some(MetricValue(0)));
    }

    /// G25: c4.4xlarge and c4.large, ten tasks of 1,024 units and 2,048 MiB; the guide cuts the
    /// decimals off.
    #[test]
    fn cluster_reservation_is_reserved_over_registered() {
        let cpu = percentage(10 * 1_024, 16_384 + 2_048).unwrap();
        let memory = percentage(10 * 2_048, 30_158 + 3_768).unwrap();
        assert_eq!((cpu.0 / 1_000, memory.0 / 1_000), (55, 60));
        assert_eq!(cpu.to_string(), "55.556");
    }

    #[test]
    fn values_read_and_write_as_people_do() {
        for (text, thousandths) in [
            ("50", 50_000),
            ("37.5", 37_500),
            ("-10", -10_000),
            ("-0.001", -1),
            ("0", 0),
        ] {
            assert_eq!(MetricValue::parse(text), Ok(MetricValue(thousandths)));
            assert_eq!(MetricValue(thousandths).to_string(), text);
        }
        for text in [
            "",
            "-",
            "--1",
            "1e3",
            "NaN",
            "0.0001",
            "99999999999999999999",
        ] {
            assert!(MetricValue::parse(text).is_err(), "{text:?}");
        }
    }
}
