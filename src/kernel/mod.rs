//! Clock, event queue, random streams, samplers. Knows nothing of ECS.

use crate::units::Millis;

/// A law that spans of time are drawn from.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Fixed(Millis),
    /// Every millisecond from `min` to `max`, both included, equally likely.
    Uniform {
        /// Least.
        min: Millis,
        /// Most, not below `min`.
        max: Millis,
    },
    /// Exponential.
    Exponential {
        /// Mean in milliseconds, more than 0.
        mean_ms: f64,
    },
    /// Log-normal: the logarithm is normal.
    Lognormal {
        /// Median in milliseconds, more than 0: e to the mean of the logarithm.
        median_ms: f64,
        /// Standard deviation of the natural logarithm, 0 or more.
        sigma: f64,
    },
    /// One of these values, each equally likely. Not empty.
    Empirical(Vec<Millis>),
}
