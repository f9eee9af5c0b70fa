//! Request load: how many requests a second come to a service or a load balancer, minute by minute.
//!
//! A [`LoadSpec`] says it as a scenario does; a [`LoadSeries`] answers for each minute of the run.
//! A minute is the grain because ECS and its load balancers publish a metric a minute. Load is
//! never changed by what becomes of the requests: nobody retries and nobody goes away.

mod curve;
mod factor;
mod file;
mod series;

use jiff::Timestamp;

use super::trace::TraceError;
use crate::units::{Millis, RequestRate, SimTime};

pub use curve::Curve;
pub use factor::Factor;
pub use file::{Alignment, Between, RateFile, RateSummary, TimeForm, ValuePeriod, WhenOver};

/// Request load as a scenario says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadSpec {
    /// The same for the whole run.
    Constant(RequestRate),
    /// From each point on its rate, until the next; nothing before the first. In order of time.
    Steps(Vec<(SimTime, RequestRate)>),
    /// A wave that comes each day, with a factor for each day of the week.
    Curve(Curve),
    /// The rows of a CSV file.
    File(RateFile),
}

/// Request rates by the minute of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadSeries {
    kind: Kind,
    factor: Factor,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Constant(RequestRate),
    Steps(Vec<(SimTime, RequestRate)>),
    Curve {
        curve: Curve,
        start: Timestamp,
    },
    /// A rate a minute, already multiplied: small values must not be rounded before.
    Minutes(Vec<RequestRate>),
}

impl LoadSeries {
    /// The series of a run that begins at `start` and lasts `minutes` (begun ones included), each
    /// rate times `factor`. A file is read here, and no more of it kept than a rate a minute.
    ///
    /// # Errors
    /// The first fault of the file.
    pub fn new(
        spec: &LoadSpec,
        start: Timestamp,
        minutes: u64,
        factor: Factor,
    ) -> Result<Self, TraceError> {
        let kind = match spec {
            LoadSpec::Constant(rate) => Kind::Constant(*rate),
            LoadSpec::Steps(steps) => Kind::Steps(steps.clone()),
            LoadSpec::Curve(curve) => Kind::Curve {
                curve: curve.clone(),
                start,
            },
            LoadSpec::File(file) => {
                let minutes = file.minutes(start, minutes, factor)?;
                return Ok(Self {
                    kind: Kind::Minutes(minutes),
                    factor: Factor::ONE,
                });
            }
        };
        Ok(Self { kind, factor })
    }

    /// The mean rate over a minute of the run, counted from 0; after the last one the series of a
    /// file is over.
    pub fn rate(&self, minute: u64) -> RequestRate {
        let rate = match &self.kind {
            Kind::Constant(rate) => *rate,
            Kind::Steps(steps) => mean_of_steps(steps, minute),
            Kind::Curve { curve, start } => curve.rate(*start, minute),
            Kind::Minutes(minutes) => usize::try_from(minute)
                .ok()
                .and_then(|minute| minutes.get(minute).copied())
                .unwrap_or_default(),
        };
        self.factor.of(rate)
    }
}

/// The mean over a minute, rounded half up.
fn mean_of_steps(steps: &[(SimTime, RequestRate)], minute: u64) -> RequestRate {
    let begin = SimTime(minute.saturating_mul(Millis::MINUTE.0));
    let end = begin.saturating_add(Millis::MINUTE);
    let after = steps.partition_point(|(at, _)| *at <= begin);
    let (mut now, mut sum) = (begin, 0);
    let mut rate = match after.checked_sub(1) {
        Some(place) => steps[place].1,
        None => RequestRate::ZERO,
    };
    for (at, next) in steps[after..].iter().take_while(|(at, _)| *at < end) {
        sum += rate.over(at.since(now));
        (now, rate) = (*at, *next);
    }
    sum += rate.over(end.since(now));
    let length = u128::from(Millis::MINUTE.0);
    let mean = (sum + length / 2) / length;
    u64::try_from(mean).map_or(RequestRate::MOST, RequestRate)
}

#[cfg(test)]
mod tests;
