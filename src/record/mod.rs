//! What happened in a run, written down by an observer that watches and never steers.
//!
//! [`Recorder`] folds every record of a run into a [`Run`]: ledgers of tasks and instances,
//! integrals of utilization, counts, samples over time, and the digest. Bills and reports are made
//! from the `Run` alone.

mod instances;
mod lower_bound;
mod per_resource;
mod placements;
mod recorder;
#[cfg(test)]
#[path = "tests.rs"]
mod recorder_tests;
mod run;
pub mod split_cost;
mod stranded;
mod tasks;
#[cfg(test)]
pub(crate) mod testing;
mod timeseries;
mod waits;

pub use instances::{GroupKind, GroupUtilization, InstanceCounts, InstanceFacts, InstanceRow};
pub use per_resource::{Fraction, PerResource};
pub use placements::{MAX_SHAPES, PlacementStats, RefusedShape};
pub use recorder::{RecordOptions, Recorder};
pub use run::{Run, TaskCounts};
pub use stranded::Stranded;
pub use tasks::{Moment, TaskOutcome, TaskRow};
pub use timeseries::Sample;
pub use waits::WaitStats;

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
