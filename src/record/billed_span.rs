//! How long an instance is billed for (EC2 User Guide, billing of On-Demand Instances and of
//! interrupted Spot Instances).

use crate::units::Millis;

/// Who ended an instance, as far as its bill goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Whoever pays for it, an Auto Scaling group on their behalf, or nobody yet.
    Owner,
    /// EC2, which took a Spot Instance back.
    Ec2,
}

/// What an instance is billed in, by its operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingIncrement {
    /// Seconds, at least 60: Linux, Windows.
    Second,
    /// Hours, each that was begun: SUSE.
    Hour,
}

/// The time that an instance is billed for by the second, when nobody takes it back: whole seconds,
/// at least 60 from launch. An instance that has not existed for any time is not billed.
pub fn billed_span(lived: Millis) -> Millis {
    billed_time(lived, EndedBy::Owner, BillingIncrement::Second)
}

/// The time that an instance is billed for.
///
/// | ended by | billed by the second | billed by the hour |
/// |---|---|---|
/// | its owner | seconds, at least 60 | each hour begun |
/// | EC2 in the first hour | nothing | nothing |
/// | EC2 later | seconds | full hours, the last part of one free |
pub fn billed_time(lived: Millis, ended_by: EndedBy, increment: BillingIncrement) -> Millis {
    let Millis(millis) = lived;
    let up_to_whole = |unit: Millis| Millis(millis.div_ceil(unit.0) * unit.0);
    match (ended_by, increment) {
        _ if lived == Millis::ZERO => Millis::ZERO,
        (EndedBy::Ec2, _) if lived < Millis::HOUR => Millis::ZERO,
        (EndedBy::Ec2, BillingIncrement::Hour) => Millis(millis / Millis::HOUR.0 * Millis::HOUR.0),
        (EndedBy::Owner, BillingIncrement::Hour) => up_to_whole(Millis::HOUR),
        (_, BillingIncrement::Second) => up_to_whole(Millis::SECOND).max(Millis::MINUTE),
    }
}

#[cfg(test)]
mod tests {
    use super::BillingIncrement::{Hour, Second};
    use super::EndedBy::{Ec2, Owner};
    use super::{billed_span, billed_time};
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

    #[test]
    fn the_first_hour_of_an_interrupted_spot_instance_is_free() {
        for (name, minutes, ended_by, increment, billed) in [
            ("G109", 50, Ec2, Second, 0),
            ("G110", 90, Ec2, Second, 90),
            ("G111", 20, Owner, Second, 20),
            ("G112", 90, Ec2, Hour, 60),
            ("an hour to the minute", 60, Ec2, Second, 60),
            ("SUSE, first hour", 59, Ec2, Hour, 0),
            ("SUSE by its owner", 20, Owner, Hour, 60),
            ("SUSE by its owner, later", 61, Owner, Hour, 120),
        ] {
            let lived = Millis(minutes * Millis::MINUTE.0);
            let found = billed_time(lived, ended_by, increment);
            assert_eq!(found, Millis(billed * Millis::MINUTE.0), "{name}");
        }
    }
}
