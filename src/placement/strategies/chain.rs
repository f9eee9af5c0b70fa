//! A chain of strategies: the first decides, each next one among what the earlier left equal.

use std::sync::Arc;

use crate::placement::{BinpackField, PlacementOptions, SpreadField, StrategySpec, TieBreak};

use super::binpack::Binpack;
use super::spread::{SpreadAttribute, SpreadInstances};
use super::{Strategies, Strategy};

/// One strategy of a chain: what it is called, and how it ranks.
#[derive(Debug, Clone)]
pub struct Link {
    /// What the scenario said.
    pub spec: StrategySpec,
    /// How it ranks.
    pub strategy: Arc<dyn Strategy>,
}

/// A chain of strategies, ready to rank.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The strategies that rank, in order: those before `random`, if it is there. What stands
    /// after `random` never decides, because a random choice leaves nothing equal.
    pub ranked: Vec<Link>,
    /// Whether what is left equal is drawn from at random; else the lowest instance id wins.
    pub then_random: bool,
    /// How spread treats a missing attribute.
    pub options: PlacementOptions,
}

impl Chain {
    /// Builds a chain from what the scenario says. An empty list is ECS's default for RunTask:
    /// `random`.
    ///
    /// # Errors
    /// The name of a strategy that is not registered.
    pub fn new(
        specs: &[StrategySpec],
        strategies: &Strategies,
        options: PlacementOptions,
    ) -> Result<Self, String> {
        let mut ranked = Vec::new();
        for spec in specs
            .iter()
            .take_while(|spec| **spec != StrategySpec::Random)
        {
            let strategy: Arc<dyn Strategy> = match spec {
                StrategySpec::Spread(SpreadField::InstanceId) => Arc::new(SpreadInstances),
                StrategySpec::Spread(SpreadField::Attribute(name)) => Arc::new(SpreadAttribute {
                    attribute: name.clone(),
                    missing: options.missing_spread_attribute,
                }),
                StrategySpec::Binpack(field) => Arc::new(Binpack(*field)),
                StrategySpec::Random => unreachable!("the list ends before random"),
                StrategySpec::Named(name) => {
                    strategies.get(name).cloned().ok_or_else(|| name.clone())?
                }
            };
            ranked.push(Link {
                spec: spec.clone(),
                strategy,
            });
        }
        let then_random = specs.is_empty()
            || specs.contains(&StrategySpec::Random)
            || options.tie_break == TieBreak::Random;
        Ok(Self {
            ranked,
            then_random,
            options,
        })
    }

    /// The attributes that the chain spreads over.
    pub fn spread_attributes(&self) -> impl Iterator<Item = &str> {
        self.ranked.iter().filter_map(|link| match &link.spec {
            StrategySpec::Spread(SpreadField::Attribute(name)) => Some(name.as_str()),
            StrategySpec::Spread(SpreadField::InstanceId)
            | StrategySpec::Binpack(BinpackField::Cpu | BinpackField::Memory)
            | StrategySpec::Random
            | StrategySpec::Named(_) => None,
        })
    }
}
