//! What a scenario may say about placement: strategies, constraints, and the named choices where
//! AWS publishes no rule.

use std::fmt;

use super::query::Expression;

/// The most strategies in one request (API reference of RunTask).
pub const MAX_STRATEGIES: usize = 5;
/// The most constraints of one task, those of its task definition included.
pub const MAX_CONSTRAINTS: usize = 10;
/// Strategies that are not ECS's, by the names under which a scenario asks for them.
pub const BEYOND_ECS: [&str; 6] = [
    "x-first-fit",
    "x-worst-fit",
    "x-dot-product",
    "x-kubernetes-least-allocated",
    "x-kubernetes-most-allocated",
    "x-kubernetes-balanced-allocation",
];

/// What `spread` groups instances by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpreadField {
    /// `instanceId`, or `host`: every instance is a group of its own.
    InstanceId,
    /// `attribute:<name>`: instances with the same value are one group.
    Attribute(String),
}

/// What `binpack` packs by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BinpackField {
    /// `cpu`.
    Cpu,
    /// `memory`.
    Memory,
}

/// One strategy of a chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StrategySpec {
    /// ECS `spread`.
    Spread(SpreadField),
    /// ECS `binpack`.
    Binpack(BinpackField),
    /// ECS `random`.
    Random,
    /// A strategy that is not ECS's: one of this crate's `x-...` ones, or the user's own, by the
    /// name under which it is registered.
    Named(String),
}

/// The strategy as the short names spell it: `spread-az`, `binpack-memory`, `random`, ...
impl fmt::Display for StrategySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spread(SpreadField::InstanceId) => f.write_str("spread-instance"),
            Self::Spread(SpreadField::Attribute(name))
                if name == crate::model::attributes::AVAILABILITY_ZONE =>
            {
                f.write_str("spread-az")
            }
            Self::Spread(SpreadField::Attribute(name)) => write!(f, "spread-attribute:{name}"),
            Self::Binpack(BinpackField::Cpu) => f.write_str("binpack-cpu"),
            Self::Binpack(BinpackField::Memory) => f.write_str("binpack-memory"),
            Self::Random => f.write_str("random"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// One placement constraint.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintSpec {
    /// Every task of the group on an instance of its own.
    DistinctInstance,
    /// The instance satisfies the expression.
    MemberOf(Expression),
}

/// Which of several equally good instances is taken. AWS does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TieBreak {
    /// The one that registered first: `lowestInstanceId`.
    #[default]
    LowestInstanceId,
    /// One of them at random, by the rule of the `random` strategy: `random`.
    Random,
}

/// How `spread` treats an instance without the attribute. AWS does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MissingSpreadAttribute {
    /// All such instances are one more group: `ownGroup`.
    #[default]
    OwnGroup,
    /// Such instances are taken only when no other instance is left: `last`.
    Last,
}

/// The named choices where AWS publishes no rule, with this simulator's defaults. Each is
/// explained in `docs/fidelity.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PlacementOptions {
    /// `tieBreak`.
    pub tie_break: TieBreak,
    /// `missingSpreadAttribute`.
    pub missing_spread_attribute: MissingSpreadAttribute,
}
