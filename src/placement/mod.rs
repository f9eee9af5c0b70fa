//! Where a task goes: filter, constraints, strategies, pick. No time, no events, no randomness
//! beyond the draws it is handed.
//!
//! Two implementations with one meaning: [`place`] is the plain one, which reads like ECS's own
//! description and tells a [`Trace`] why each instance was kept or dropped; [`Placer`] is the
//! indexed one, which serves runs. A property test holds them equal.
//!
//! Reading order: [`query`] (the cluster query language), `template` and `check` (filters and
//! constraints), [`strategies`], `plain`, `index`.

mod check;
pub mod index;
mod outcome;
mod plain;
pub mod query;
mod spec;
pub mod strategies;
mod template;

pub use crate::model::{Reason, Reasons};
pub use check::{Rejection, admits_for_life, check, could_hold_when_empty, nearest_miss};
pub use index::Placer;
pub use outcome::NearestMiss;
pub use plain::{Draws, RANDOM_DRAWS, Trace, place};
pub use spec::{
    BEYOND_ECS, BinpackField, ConstraintSpec, MAX_CONSTRAINTS, MAX_STRATEGIES,
    MissingSpreadAttribute, PlacementOptions, SpreadField, StrategySpec, TieBreak,
};
pub use template::Template;
