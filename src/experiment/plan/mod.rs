//! Planning: of all choices that a scenario's `plan` allows, the one of least objective that holds
//! the checks.

mod bounds;
mod confidence;
mod record;
mod search;

pub use bounds::{Demand, FixedFleet, Limit, Requirement};
pub use confidence::{is_plausible, runs_needed};
pub use record::{Fate, Observation, Record};
pub use search::{FIRST_FRESH, Play, Player, Rules, Search, search};
