//! Quantities with their units in the type: time, resources, money. No bare numbers travel
//! between rooms, and none of these is a float. Also [`nearest()`](nearest()), for readers of names.

mod decimal;
mod duration;
mod money;
<<<<<<< HEAD
<<<<<<< HEAD
<<<<<<< HEAD
mod nearest;
=======
pub mod parse;
>>>>>>> c8205df8f33f64b196ba6e3f4e36a0aba04be1f5
=======
mod nearest;
>>>>>>> 2fcea381373a51ac0e96f7c3204ebd6914a84ae7
=======
mod nearest;
pub mod parse;
mod rate;
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
mod resources;
mod time;

pub use decimal::{Decimal, NotRepresentable};
pub use money::{HourlyRate, NanoUsd};
pub use nearest::nearest;
pub use resources::{CpuUnits, MemoryMib, Resources};
pub use time::{Millis, SimTime};

/// A `u32` table index as a `usize`.
///
/// The one place where the conversion is made: every platform this crate builds on has at least
/// 32-bit pointers.
#[expect(clippy::as_conversions, reason = "usize is at least 32 bits on every target with std")]
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
