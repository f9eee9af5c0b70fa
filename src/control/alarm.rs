//! CloudWatch alarms over one-minute metric data.
//!
//! An alarm is told one datapoint a minute, or that there is none, and answers with its state. It
//! does constant work a minute and keeps bits, not values, of the past.
//!
//! An alarm of a period longer than a minute looks every minute at the periods that end now: the
//! last five minutes, the five before them, and so on.
//!
//! Source: CloudWatch User Guide, alarm evaluation and its two tables of missing data.

use thiserror::Error;

use super::metric::MetricValue;
use crate::units::Millis;

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// The metric is within the threshold.
    Ok,
    /// The metric is outside the threshold.
    Alarm,
    /// There is too little data to tell; also the state in which an alarm begins.
    InsufficientData,
}

/// How a datapoint is compared with the threshold; it is breaching when the comparison holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonOperator {
    /// `>`
    GreaterThanThreshold,
    /// `>=`
    GreaterThanOrEqualToThreshold,
    /// `<`
    LessThanThreshold,
    /// `<=`
    LessThanOrEqualToThreshold,
}

impl ComparisonOperator {
    /// Whether a value is outside the threshold.
    pub fn is_breaching(self, value: MetricValue, threshold: MetricValue) -> bool {
        match self {
            Self::GreaterThanThreshold => value > threshold,
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }

    /// Whether values above the threshold breach it.
    pub fn is_upper(self) -> bool {
        matches!(
            self,
            Self::GreaterThanThreshold | Self::GreaterThanOrEqualToThreshold
        )
    }
}

/// What stands in for periods without data, where there are fewer datapoints than the alarm needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TreatMissingData {
    /// Nothing: without any data the state is `INSUFFICIENT_DATA`. CloudWatch's default.
    #[default]
    Missing,
    /// A datapoint within the threshold.
    NotBreaching,
    /// A datapoint outside the threshold.
    Breaching,
    /// Nothing, and the alarm keeps its state.
    Ignore,
}

/// How the one-minute values within a period become its datapoint. Each minute counts alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Statistic {
    /// Their mean, rounded half up to a thousandth.
    #[default]
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
    /// Their sum.
    Sum,
}

/// An alarm as `PutMetricAlarm` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmConfiguration {
    /// The time that one datapoint covers: whole minutes, at most an hour.
    pub period: Millis,
    /// How the minutes of a period become one datapoint.
    pub statistic: Statistic,
    /// What is compared with the threshold, and how.
    pub comparison_operator: ComparisonOperator,
    /// The threshold, in the metric's unit.
    pub threshold: MetricValue,
    /// N: how many of the latest datapoints are looked at, 1 to 120.
    pub evaluation_periods: u32,
    /// M: how many of them must be breaching, 1 to N.
    pub datapoints_to_alarm: u32,
    /// What stands in for periods without data.
    pub treat_missing_data: TreatMissingData,
}

/// Why there can be no such alarm.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AlarmError {
    /// The metrics are by the minute.
    #[error(
        "a period of {0} is not a whole number of minutes: the metrics of ECS come once a minute, \
         so give 1m, 5m or another multiple of a minute"
    )]
    PeriodNotWholeMinutes(Millis),
    /// Beyond what this simulator keeps.
    #[error("a period of {0} is too long: give at most 1h, and more evaluation periods")]
    PeriodTooLong(Millis),
    /// None, or beyond what this simulator keeps.
    #[error("{0} evaluation periods: give 1 to 120, and a longer period to look back further")]
    EvaluationPeriods(u32),
    /// None, or more than there are.
    #[error(
        "{datapoints_to_alarm} datapoints to alarm of {evaluation_periods} evaluation periods: \
         give 1 to {evaluation_periods}"
    )]
    DatapointsToAlarm {
        /// M.
        datapoints_to_alarm: u32,
        /// N.
        evaluation_periods: u32,
    },
    /// CloudWatch's limit for periods under an hour.
    #[error(
        "{evaluation_periods} evaluation periods of {period} are more than a day: CloudWatch looks \
         back one day at most when the period is shorter than an hour"
    )]
    LongerThanADay {
        /// The period.
        period: Millis,
        /// N.
        evaluation_periods: u32,
    },
}

/// Keeps N + 2 datapoints within the bits of a `History`.
const MOST_EVALUATION_PERIODS: u32 = 120;

/// Datapoints beyond N that are retrieved, so that a few missing ones do no harm: AWS's tables
/// retrieve 5 where N is 3, and publish no rule.
const EXTRA_DATAPOINTS: u32 = 2;

impl AlarmConfiguration {
    /// Whether there can be such an alarm.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), AlarmError> {
        let (period, evaluation_periods) = (self.period, self.evaluation_periods);
        if period == Millis::ZERO || !period.0.is_multiple_of(Millis::MINUTE.0) {
            return Err(AlarmError::PeriodNotWholeMinutes(period));
        }
        if period > Millis::HOUR {
            return Err(AlarmError::PeriodTooLong(period));
        }
        if !(1..=MOST_EVALUATION_PERIODS).contains(&evaluation_periods) {
            return Err(AlarmError::EvaluationPeriods(evaluation_periods));
        }
        if !(1..=evaluation_periods).contains(&self.datapoints_to_alarm) {
            return Err(AlarmError::DatapointsToAlarm {
                datapoints_to_alarm: self.datapoints_to_alarm,
                evaluation_periods,
            });
        }
        let looks_back = u64::from(evaluation_periods) * period.0;
        if period < Millis::HOUR && looks_back > Millis::DAY.0 {
            return Err(AlarmError::LongerThanADay {
                period,
                evaluation_periods,
            });
        }
        Ok(())
    }
}

/// Of the datapoints of the evaluation range, which there are and which are breaching: a bit each,
/// the newest lowest.
#[derive(Debug, Clone, Copy, Default)]
struct History {
    present: u128,
    breaching: u128,
}

impl History {
    /// Adds the newest datapoint (`None` is missing), forgets what leaves the evaluation range.
    fn push(&mut self, is_breaching: Option<bool>, range: u32) {
        let kept = (1_u128 << range) - 1;
        self.present = (self.present << 1 | u128::from(is_breaching.is_some())) & kept;
        self.breaching = (self.breaching << 1 | u128::from(is_breaching == Some(true))) & kept;
    }

    /// Forgets the oldest datapoints until at most `most` are left.
    fn keep_newest(mut self, most: u32) -> Self {
        while self.present.count_ones() > most {
            let oldest = 1_u128 << self.present.ilog2();
            self.present &= !oldest;
            self.breaching &= !oldest;
        }
        self
    }

    /// How many periods ago the oldest breaching datapoint came: 1 is the newest period, 0 never.
    fn age_of_oldest_breaching(self) -> u32 {
        u128::BITS - self.breaching.leading_zeros()
    }
}

/// A CloudWatch alarm.
#[derive(Debug, Clone)]
pub struct Alarm {
    configuration: AlarmConfiguration,
    state: AlarmState,
    /// The values of the last minutes, as many as a period has, in a ring.
    minutes: Vec<Option<MetricValue>>,
    /// A history for each minute at which a period may end, in a ring beside `minutes`.
    histories: Vec<History>,
    now: usize,
}

impl Alarm {
    /// A new alarm, in the state `INSUFFICIENT_DATA`.
    ///
    /// # Errors
    /// When there can be no such alarm.
    pub fn new(configuration: AlarmConfiguration) -> Result<Self, AlarmError> {
        configuration.check()?;
        let minutes = usize::try_from(configuration.period.0 / Millis::MINUTE.0)
            .expect("a period has at most 60 minutes");
        Ok(Self {
            configuration,
            state: AlarmState::InsufficientData,
            minutes: vec![None; minutes],
            histories: vec![History::default(); minutes],
            now: 0,
        })
    }

    /// Takes the datapoint of the minute that has passed, `None` when there was none, and says the
    /// state. To be called once a minute.
    pub fn evaluate(&mut self, datapoint: Option<MetricValue>) -> AlarmState {
        self.now = (self.now + 1) % self.minutes.len();
        self.minutes[self.now] = datapoint;
        let configuration = &self.configuration;
        let is_breaching = self.value(configuration.statistic).map(|value| {
            configuration
                .comparison_operator
                .is_breaching(value, configuration.threshold)
        });
        let range = configuration.evaluation_periods + EXTRA_DATAPOINTS;
        self.histories[self.now].push(is_breaching, range);
        self.state = self.judge(self.histories[self.now]);
        self.state
    }

    /// The state of the last evaluation.
    pub fn state(&self) -> AlarmState {
        self.state
    }

    /// What the alarm was made of.
    pub fn configuration(&self) -> &AlarmConfiguration {
        &self.configuration
    }

    /// The newest datapoint: the period that ends now, by any statistic. `None` without data.
    pub fn value(&self, statistic: Statistic) -> Option<MetricValue> {
        if let [value] = self.minutes.as_slice() {
            return *value;
        }
        let values = || self.minutes.iter().flatten();
        let sum = || values().map(|value| i128::from(value.0)).sum::<i128>();
        let count = i128::try_from(values().count()).expect("at most 60 minutes");
        if count == 0 {
            return None;
        }
        let exact = match statistic {
            Statistic::Minimum => return values().min().copied(),
            Statistic::Maximum => return values().max().copied(),
            Statistic::Average => (2 * sum() + count).div_euclid(2 * count),
            Statistic::Sum => sum(),
        };
        let limits = (i128::from(i64::MIN), i128::from(i64::MAX));
        let value = i64::try_from(exact.clamp(limits.0, limits.1)).expect("just clamped");
        Some(MetricValue(value))
    }

    fn judge(&self, retrieved: History) -> AlarmState {
        let wanted = self.configuration.evaluation_periods;
        let needed = self.configuration.datapoints_to_alarm;
        let evaluated = retrieved.keep_newest(wanted);
        let (found, breaching) = (
            evaluated.present.count_ones(),
            evaluated.breaching.count_ones(),
        );
        let alarm_if = |holds| {
            if holds {
                AlarmState::Alarm
            } else {
                AlarmState::Ok
            }
        };
        let treatment = self.configuration.treat_missing_data;
        match treatment {
            _ if found == wanted || breaching >= needed => alarm_if(breaching >= needed),
            TreatMissingData::NotBreaching => AlarmState::Ok,
            TreatMissingData::Breaching => alarm_if(breaching + wanted - found >= needed),
            // A datapoint within the threshold speaks for OK, however much is missing.
            TreatMissingData::Missing | TreatMissingData::Ignore if breaching < found => {
                AlarmState::Ok
            }
            TreatMissingData::Ignore => self.state,
            // Nothing but breaching datapoints, too few of them: an alarm once the oldest has come
            // as long ago as it takes datapoints to alarm, for nothing has contradicted it since.
            TreatMissingData::Missing if evaluated.age_of_oldest_breaching() >= needed => {
                AlarmState::Alarm
            }
            TreatMissingData::Missing => AlarmState::InsufficientData,
        }
    }
}

#[cfg(test)]
mod tests;
