//! Where a task goes: filter, constraints, strategies, pick. No time, no events.

mod outcome;
pub mod query;
mod spec;

pub use outcome::{NearestMiss, Reason, Reasons};

pub use spec::{
    BinpackField, ConstraintSpec, MAX_CONSTRAINTS, MAX_STRATEGIES, MissingSpreadAttribute,
    PlacementOptions, SpreadField, StrategySpec, TieBreak,
};
