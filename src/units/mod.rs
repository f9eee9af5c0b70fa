//! Quantities with their units in the type: time, resources, money. No bare numbers travel
//! between rooms, and none of these is a float. Also [`nearest()`](nearest()), for those who read
//! names.

mod decimal;
mod duration;
mod fixed;
mod money;
mod nearest;
pub mod parse;
mod rate;
mod rate_over_time;
mod request_rate;
mod resources;
mod share;
mod time;

pub use decimal::{Decimal, NotRepresentable};
pub use fixed::Fixed;
pub use money::{HourlyRate, NanoUsd, UnitPrice};
pub use nearest::nearest;
pub use rate_over_time::{RateOverTime, RateStep};
pub use request_rate::RequestRate;
pub use resources::{CpuUnits, MemoryMib, Resources};
pub use share::Share;
pub use time::{Millis, SimTime};

/// A `u32` table index as a `usize`.
///
/// The one place where the conversion is made: every platform this crate builds on has at least
/// 32-bit pointers.
#[expect(
    clippy::as_conversions,
    reason = "usize is at least 32 bits on every target with std"
)]
pub const fn index(id: u32) -> usize {
    id as usize
}

/// A table length or position as a `u32` id.
///
/// # Panics
/// When a table grows beyond 2^32 rows.
pub fn id(index: usize) -> u32 {
    u32::try_from(index).expect("a table holds fewer than 2^32 rows")
}
