//! EC2 Spot: capacity pools, what they hold over time, what they cost, when they take back.

mod pool;

pub use pool::{SpotPool, SpotPrice, SpotSupply};
