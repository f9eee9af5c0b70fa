//! Placement strategies: each only ranks a candidate; the loop, the ties and the explanation
//! belong to the pipeline.
//!
//! ECS's own are `spread`, `binpack` and `random`. Those whose names begin with `x-` are not
//! ECS's; they are here for comparison. Adding one of your own takes a type that implements
//! [`Strategy`] and a call of [`Strategies::register`].

mod beyond_ecs;
mod binpack;
mod chain;
mod spread;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::model::{Attributes, ContainerInstanceId};
use crate::units::Resources;

pub use chain::{Chain, Link};

/// How good a candidate is: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rank(pub u64);

/// An instance that passed every filter and constraint.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Which instance.
    pub id: ContainerInstanceId,
    /// What it registered.
    pub registered: Resources,
    /// What remains before the task is placed.
    pub remaining: Resources,
    /// Tasks on it with desired status RUNNING.
    pub running_tasks_count: u32,
    /// Those of the request's group.
    pub tasks_of_group: u32,
    /// Its attributes.
    pub attributes: &'a Attributes,
}

/// What is to be placed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What the task reserves.
    pub needs: Resources,
    /// Tasks of the request's group by attribute and value, over all registered instances, for
    /// the attributes that the chain spreads over. No value is an instance without the attribute.
    pub(super) spread: &'a BTreeMap<&'a str, BTreeMap<Option<&'a str>, u32>>,
}

impl Request<'_> {
    /// Tasks of the group on instances whose attribute has the value (`None`: that lack it).
    pub fn tasks_of_group_where(&self, attribute: &str, value: Option<&str>) -> u32 {
        let values = self.spread.get(attribute);
        values
            .and_then(|values| values.get(&value))
            .copied()
            .unwrap_or(0)
    }
}

/// A placement strategy: it says how good each candidate is and nothing more.
///
/// It must depend on its arguments alone, so that the same question always has the same answer.
pub trait Strategy: fmt::Debug + Send + Sync {
    /// The candidate's rank; the least wins, equal ranks go to the next strategy of the chain.
    fn rank(&self, candidate: &Candidate<'_>, request: &Request<'_>) -> Rank;
}

/// The strategies that a scenario may name beside ECS's own.
#[derive(Debug, Clone)]
pub struct Strategies {
    named: BTreeMap<String, Arc<dyn Strategy>>,
}

impl Default for Strategies {
    /// This crate's strategies beyond ECS.
    fn default() -> Self {
        let named = beyond_ecs::all().into_iter();
        Self {
            named: named
                .map(|(name, strategy)| (name.to_owned(), strategy))
                .collect(),
        }
    }
}

impl Strategies {
    /// Registers a strategy of one's own under a name; an earlier one of that name is replaced.
    pub fn register(&mut self, name: &str, strategy: impl Strategy + 'static) {
        self.named.insert(name.to_owned(), Arc::new(strategy));
    }

    /// The strategy of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Strategy>> {
        self.named.get(name)
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}

#[cfg(test)]
pub(crate) mod testing;
