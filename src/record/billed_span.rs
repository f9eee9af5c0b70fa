//! How long an instance is billed for.

use crate::units::Millis;

/// The time that an instance is billed for: EC2 bills Linux instances by the second, at least
/// 60 s from launch. An instance that has not existed for any time is not billed.
pub fn billed_span(lived: Millis) -> Millis {
    if lived == Millis::ZERO {
        return Millis::ZERO;
    }
    let seconds = lived.0.div_ceil(Millis::SECOND.0);
    Millis(seconds * Millis::SECOND.0).max(Millis::MINUTE)
}

#[cfg(test)]
mod tests {
    use super::billed_span;
    use crate::units::{HourlyRate, Millis};

    #[test]
    fn instances_are_billed_by_the_second_and_at_least_for_a_minute() {
        let billed = |ms| billed_span(Millis(ms)).0;
        // G122: 40 s of an m5.large at 0.096 an hour are billed as 60 s.
        assert_eq!(billed(40_000), 60_000);
        let cost = HourlyRate(96_000_000).cost_of(billed_span(Millis(40_000)));
        assert_eq!(cost.to_string(), "0.001600000");
        assert_eq!(billed(60_000), 60_000);
        assert_eq!(billed(60_001), 61_000);
        assert_eq!(billed(1), 60_000);
        assert_eq!(billed(0), 0);
        assert_eq!(billed(3_600_000), 3_600_000);
    }
}
