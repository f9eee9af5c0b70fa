//! Planning: of all choices that a scenario's `plan` allows, the one of least objective that holds
//! the checks.
//!
//! [`Planning::make`] loads every choice ([`Space`]) and sees what can be said of it before any run
//! (`prepare`, `bounds`); the search ([`search()`]) decides which runs are played, `games` plays
//! them, and `assemble` puts together the [`Planned`].

mod assemble;
mod bounds;
mod confidence;
mod error;
mod front;
mod games;
mod outcome;
mod planning;
mod prepare;
mod record;
mod search;
mod space;

pub use bounds::{Demand, FixedFleet, Limit, Requirement};
pub use confidence::{MOST_FAILURES, Trial, Verdict, is_plausible};
pub use error::PlanError;
pub use outcome::{
    ChoiceCounts, Difference, InvalidExample, PairedMean, Planned, PlannedVariable, Tried,
    TriedFate,
};
pub use planning::{Planning, Progress};
pub use prepare::Prospect;
pub use record::{Fate, Observation, Record};
pub use search::{FIRST_FRESH, Play, Player, Rules, Search, search};
pub use space::{MOST_CHOICES, Space};
