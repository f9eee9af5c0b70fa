//! What can be said of a choice before any run: what it costs at least, and whether its fleet can
//! hold the work at all.
//!
//! Bounds are sound: a choice that is left out because of one cannot be the answer. Where nothing
//! can be said, nothing is left out.

mod demand;
mod fixed_fleet;
mod requirement;

pub use demand::Demand;
pub use fixed_fleet::FixedFleet;
pub use requirement::{Limit, Requirement};
