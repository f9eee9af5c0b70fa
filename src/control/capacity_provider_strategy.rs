//! Which capacity provider the next task goes to: base first, then by weight.

use crate::model::CapacityProviderId;

/// An item of a capacity provider strategy (API reference of CapacityProviderStrategyItem).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrategyItem {
    /// `capacityProvider`.
    pub provider: CapacityProviderId,
    /// `base`: how many tasks at least; at most one item of a strategy has a base above 0.
    pub base: u32,
    /// `weight`: its share of the rest, 0 to 1,000.
    pub weight: u32,
}
