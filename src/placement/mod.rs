//! Where a task goes: filter, constraints, strategies, pick. No time, no events.

pub mod query;
mod spec;

pub use spec::{
    BEYOND_ECS, BinpackField, ConstraintSpec, MAX_CONSTRAINTS, MAX_STRATEGIES,
    MissingSpreadAttribute, PlacementOptions, SpreadField, StrategySpec, TieBreak,
};
