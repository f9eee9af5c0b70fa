//! The world and the loop.

mod observer;

pub use observer::{Observer, Record, RunOutcome};
