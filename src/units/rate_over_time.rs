//! A price that may change over time, integrated exactly.

use std::sync::Arc;

use super::{HourlyRate, Millis, NanoUsd, SimTime};

/// A price an hour that holds from each of some times on. A price that never changes takes no
/// memory of its own; copies of one that does share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RateOverTime {
    /// Always the same.
    Constant(HourlyRate),
    /// By time; the first is at 0.
    Steps(Arc<[RateStep]>),
}

/// A price from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateStep {
    from: SimTime,
    rate: HourlyRate,
    /// What all time before comes to, in nano-dollars an hour times milliseconds.
    before: u128,
}

impl RateOverTime {
    /// From prices by time, the first at 0: the price before the first is the first.
    ///
    /// # Panics
    /// Without any price.
    pub fn new(prices: &[(SimTime, HourlyRate)]) -> Self {
        let (first, rest) = prices.split_first().expect("there is a price at time 0");
        if rest.iter().all(|(_, rate)| *rate == first.1) {
            return Self::Constant(first.1);
        }
        let mut step = RateStep {
            from: SimTime::ZERO,
            rate: first.1,
            before: 0,
        };
        let mut steps = vec![step];
        for (from, rate) in rest {
            step = RateStep {
                from: *from,
                rate: *rate,
                before: step.before + over(step.rate, from.since(step.from)),
            };
            steps.push(step);
        }
        Self::Steps(steps.into())
    }

    /// The price at a time.
    pub fn at(&self, at: SimTime) -> HourlyRate {
        match self {
            Self::Constant(rate) => *rate,
            Self::Steps(steps) => step_at(steps, at).rate,
        }
    }

    /// The price of a span of time, rounded once, half up, to a nano-dollar.
    pub fn cost_between(&self, from: SimTime, to: SimTime) -> NanoUsd {
        self.cost_of_share(from, to, (1, 1))
    }

    /// The price of a part (weight, of whole) of it for a span of time, rounded once.
    ///
    /// # Panics
    /// When the whole is 0, or the span ends before it begins.
    pub fn cost_of_share(&self, from: SimTime, to: SimTime, share: (u128, u128)) -> NanoUsd {
        let (weight, whole) = share;
        let integral = match self {
            Self::Constant(rate) => over(*rate, to.since(from)),
            Self::Steps(steps) => until(steps, to) - until(steps, from),
        };
        // A rate of one nano-dollar an hour, so many times: the one place that rounds.
        HourlyRate(1).cost_of_share(integral * weight, whole)
    }
}

fn over(rate: HourlyRate, span: Millis) -> u128 {
    u128::from(rate.0) * u128::from(span.0)
}

/// The last step that begins at or before a time.
fn step_at(steps: &[RateStep], at: SimTime) -> &RateStep {
    let after = steps.partition_point(|step| step.from <= at);
    &steps[after.saturating_sub(1)]
}

/// What all time before `at` comes to.
fn until(steps: &[RateStep], at: SimTime) -> u128 {
    let step = step_at(steps, at);
    step.before + over(step.rate, at.since(step.from))
}

#[cfg(test)]
mod tests {
    use super::RateOverTime;
    use crate::units::{HourlyRate, Millis, NanoUsd, SimTime};

    const HOUR: u64 = Millis::HOUR.0;

    fn dollars(dollars: u64) -> HourlyRate {
        HourlyRate(dollars * 1_000_000_000)
    }

    fn series() -> RateOverTime {
        RateOverTime::new(&[
            (SimTime(0), dollars(1)),
            (SimTime(HOUR), dollars(3)),
            (SimTime(2 * HOUR), dollars(2)),
        ])
    }

    #[test]
    fn a_series_is_integrated_over_the_time_it_holds() {
        let cost = |from, to| {
            series()
                .cost_between(SimTime(from), SimTime(to))
                .to_string()
        };
        assert_eq!(cost(0, 3 * HOUR), "6.000000000");
        assert_eq!(cost(HOUR / 2, HOUR + HOUR / 2), "2.000000000");
        assert_eq!(cost(HOUR, HOUR), "0.000000000");
        assert_eq!(cost(5 * HOUR, 7 * HOUR), "4.000000000");
        // Half a millisecond's worth of rounding is done once: 1/3 of 6.
        let third = series().cost_of_share(SimTime(0), SimTime(3 * HOUR), (1, 3));
        assert_eq!(third.to_string(), "2.000000000");
    }

    #[test]
    fn the_price_at_a_time_is_the_last_before_it() {
        let at = |ms| series().at(SimTime(ms));
        assert_eq!((at(0), at(HOUR - 1)), (dollars(1), dollars(1)));
        assert_eq!((at(HOUR), at(9 * HOUR)), (dollars(3), dollars(2)));
    }

    #[test]
    fn what_never_changes_is_constant_and_costs_what_a_rate_costs() {
        let same = RateOverTime::new(&[(SimTime(0), dollars(2)), (SimTime(HOUR), dollars(2))]);
        assert_eq!(same, RateOverTime::Constant(dollars(2)));
        let constant = RateOverTime::Constant(HourlyRate(1));
        let of = |ms| constant.cost_between(SimTime(7), SimTime(7 + ms));
        assert_eq!((of(HOUR / 2), of(HOUR / 2 - 1)), (NanoUsd(1), NanoUsd(0)));
    }
}
