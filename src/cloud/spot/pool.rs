//! A Spot capacity pool: an instance type in a zone.

use crate::model::InstanceTypeId;
use crate::units::{HourlyRate, SimTime};

/// What an instance-hour of a pool costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpotPrice {
    /// Always the same.
    Constant(HourlyRate),
    /// From each time on, by time; the first is at 0.
    Series(Vec<(SimTime, HourlyRate)>),
}

impl SpotPrice {
    /// The price at a time.
    pub fn at(&self, at: SimTime) -> HourlyRate {
        match self {
            Self::Constant(rate) => *rate,
            Self::Series(steps) => step_at(steps, at),
        }
    }
}

/// How many instances a pool can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpotSupply {
    /// Any number, and none is ever taken back.
    Unlimited,
    /// A number that does not change.
    Constant(u32),
    /// From each time on, by time; the first is at 0.
    Trace(Vec<(SimTime, u32)>),
    /// Any number, until EC2 takes some back: see
    /// [`SpotOptions`](crate::cloud::spot::SpotOptions).
    Stochastic {
        /// The probability that an instance is interrupted within 30 days, in millionths.
        interruptions_per_month: u32,
    },
}

impl SpotSupply {
    /// How many instances the pool holds at a time, those of others apart.
    pub fn capacity_at(&self, at: SimTime) -> u32 {
        match self {
            Self::Unlimited | Self::Stochastic { .. } => u32::MAX,
            Self::Constant(count) => *count,
            Self::Trace(steps) => step_at(steps, at),
        }
    }
}

/// The value of a series at a time.
fn step_at<T: Copy>(steps: &[(SimTime, T)], at: SimTime) -> T {
    let after = steps.partition_point(|(from, _)| *from <= at);
    let (_, value) = steps[after.saturating_sub(1)];
    value
}

/// A Spot capacity pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotPool {
    /// `<type>/<zone>`, `m5.large/us-east-1a`: names its random streams.
    pub name: String,
    /// The type.
    pub instance_type: InstanceTypeId,
    /// The zone.
    pub availability_zone: String,
    /// What it costs.
    pub price: SpotPrice,
    /// How many instances it holds.
    pub supply: SpotSupply,
}
