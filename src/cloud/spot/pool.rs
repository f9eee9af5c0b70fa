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
            Self::Series(steps) => {
                let after = steps.partition_point(|(from, _)| *from <= at);
                let (_, rate) = steps[after.saturating_sub(1)];
                rate
            }
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
}

/// A Spot capacity pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotPool {
    /// The type.
    pub instance_type: InstanceTypeId,
    /// The zone.
    pub availability_zone: String,
    /// What it costs.
    pub price: SpotPrice,
    /// How many instances it holds.
    pub supply: SpotSupply,
}
