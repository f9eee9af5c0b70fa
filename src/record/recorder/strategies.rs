//! The strategies of a scenario's entries, by their short names.

use std::collections::BTreeSet;

use crate::placement::StrategySpec;
use crate::scenario::{Scenario, TasksEntry};

/// The chain of strategies of an entry by short name; `None` when it names its instances, or needs
/// none.
pub(super) fn strategy(scenario: &Scenario, entry: &TasksEntry) -> Option<String> {
    if entry.start_task.is_some() || scenario.runs_on_fargate(&entry.capacity) {
        return None;
    }
    let chain = entry.placement_strategy.iter();
    let names: Vec<String> = chain.map(StrategySpec::to_string).collect();
    Some(if names.is_empty() {
        StrategySpec::Random.to_string()
    } else {
        names.join("+")
    })
}

/// The chains in order of their first use, each once.
pub(super) fn each_once(chains: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = BTreeSet::new();
    chains.filter(|chain| known.insert(chain.clone())).collect()
}
