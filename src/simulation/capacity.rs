//! Whose capacity a task uses: a launch type, or the provider that a strategy chooses.

use crate::control::capacity_provider_strategy::StrategyItem;
use crate::model::{CapacityProviderId, FargateCapacity, LaunchType, Task};
use crate::scenario::{Capacity, CapacityProviderKind, Scenario};
use crate::units::id;

/// What a task is to be placed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Its launch type.
    pub(super) launch_type: LaunchType,
    /// Its capacity provider, where a strategy has chosen one.
    pub(super) provider: Option<CapacityProviderId>,
}

/// How many tasks of a strategy are on each of its providers, by their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ProviderCounts(Vec<u32>);

impl ProviderCounts {
    /// Those of tasks that run, or are on their way.
    pub(super) fn of<'t>(items: &[StrategyItem], tasks: impl Iterator<Item = &'t Task>) -> Self {
        let mut counts = Self(vec![0; items.len()]);
        for task in tasks {
            let is_its = |item: &StrategyItem| Some(item.provider) == task.capacity_provider;
            if let Some(place) = items.iter().position(is_its) {
                counts.0[place] += 1;
            }
        }
        counts
    }

    /// A task more.
    pub(super) fn add(&mut self, items: &[StrategyItem], provider: CapacityProviderId) {
        self.0.resize(items.len(), 0);
        if let Some(place) = items.iter().position(|item| item.provider == provider) {
            self.0[place] += 1;
        }
    }
}

/// Where the next task goes: base first, then where (tasks beyond the base + 1) / weight is least,
/// ties in the strategy's order. `None` when bases are met and nothing has a weight.
pub(super) fn choose_provider(
    items: &[StrategyItem],
    counts: &ProviderCounts,
) -> Option<CapacityProviderId> {
    let count = |place: usize| counts.0.get(place).copied().unwrap_or_default();
    let mut places = (0..items.len()).filter(|place| count(*place) < items[*place].base);
    if let Some(place) = places.next() {
        return Some(items[place].provider);
    }
    let next = |place: usize| u64::from(count(place).saturating_sub(items[place].base)) + 1;
    let weight = |place: usize| u64::from(items[place].weight);
    let weighted = (0..items.len()).filter(|place| items[*place].weight > 0);
    let least = weighted.min_by(|a, b| {
        let (a_over_b, b_over_a) = (next(*a) * weight(*b), next(*b) * weight(*a));
        a_over_b.cmp(&b_over_a)
    });
    least.map(|place| items[place].provider)
}

/// What an entry of `tasks` has launched by its strategy.
#[derive(Debug, Clone, Default)]
pub(super) struct EntryCounts {
    /// In the present call of RunTask: a base holds for each call.
    in_call: ProviderCounts,
    /// By weight, over all calls: so calls of one task keep the shares as well.
    by_weight: ProviderCounts,
}

impl EntryCounts {
    /// What the next task of an entry is placed on; `index_in_call` is 0 for the first task of a
    /// call.
    pub(super) fn choose(
        &mut self,
        scenario: &Scenario,
        capacity: &Capacity,
        index_in_call: u32,
    ) -> Chosen {
        let items = match capacity {
            Capacity::LaunchType(launch_type) => return Chosen::launch_type(*launch_type),
            Capacity::Strategy(items) => items,
        };
        if index_in_call == 0 {
            self.in_call = ProviderCounts::default();
        }
        self.in_call.0.resize(items.len(), 0);
        let mut places =
            (0..items.len()).filter(|place| self.in_call.0[*place] < items[*place].base);
        let provider = places.next().map(|place| items[place].provider);
        let provider = provider.or_else(|| {
            let unbased: Vec<StrategyItem> = items
                .iter()
                .map(|item| StrategyItem { base: 0, ..*item })
                .collect();
            let provider = choose_provider(&unbased, &self.by_weight)?;
            self.by_weight.add(items, provider);
            Some(provider)
        });
        let Some(provider) = provider else {
            return Chosen::launch_type(launch_type_of(scenario, capacity));
        };
        self.in_call.add(items, provider);
        Chosen::provider(scenario, provider)
    }
}

impl Chosen {
    pub(super) fn launch_type(launch_type: LaunchType) -> Self {
        Self {
            launch_type,
            provider: None,
        }
    }

    pub(super) fn provider(scenario: &Scenario, provider: CapacityProviderId) -> Self {
        Self {
            launch_type: launch_type_of_kind(&scenario.capacity_providers[provider.index()].kind),
            provider: Some(provider),
        }
    }

    /// Its Fargate capacity, if that is what it is.
    pub(super) fn fargate(self, scenario: &Scenario) -> Option<FargateCapacity> {
        (self.launch_type == LaunchType::Fargate).then(|| fargate_capacity(scenario, self.provider))
    }
}

/// On demand, unless a strategy has chosen `FARGATE_SPOT`.
pub(super) fn fargate_capacity(
    scenario: &Scenario,
    provider: Option<CapacityProviderId>,
) -> FargateCapacity {
    let kind = provider.map(|provider| &scenario.capacity_providers[provider.index()].kind);
    match kind {
        Some(CapacityProviderKind::FargateSpot) => FargateCapacity::Spot,
        _ => FargateCapacity::OnDemand,
    }
}

fn launch_type_of_kind(kind: &CapacityProviderKind) -> LaunchType {
    match kind {
        CapacityProviderKind::AutoScalingGroup { .. } => LaunchType::Ec2,
        CapacityProviderKind::Fargate | CapacityProviderKind::FargateSpot => LaunchType::Fargate,
    }
}

/// The launch type of all tasks of a capacity: the providers of one strategy are of one family.
pub(super) fn launch_type_of(scenario: &Scenario, capacity: &Capacity) -> LaunchType {
    match capacity {
        Capacity::LaunchType(launch_type) => *launch_type,
        Capacity::Strategy(items) => items.first().map_or(LaunchType::Ec2, |item| {
            launch_type_of_kind(&scenario.capacity_providers[item.provider.index()].kind)
        }),
    }
}

/// The counts of entries, none yet.
pub(super) fn entry_counts(scenario: &Scenario) -> Vec<EntryCounts> {
    let entries = 0..id(scenario.tasks.len());
    entries.map(|_| EntryCounts::default()).collect()
}

#[cfg(test)]
mod tests {
    use super::{ProviderCounts, choose_provider};
    use crate::control::capacity_provider_strategy::StrategyItem;
    use crate::model::CapacityProviderId;

    #[test]
    fn the_base_comes_first_then_the_weights() {
        let item = |provider, base, weight| StrategyItem {
            provider: CapacityProviderId(provider),
            base,
            weight,
        };
        let spread = |items: &[StrategyItem], tasks: usize| {
            let mut counts = ProviderCounts::default();
            for _ in 0..tasks {
                let provider = choose_provider(items, &counts).unwrap();
                counts.add(items, provider);
            }
            counts.0
        };
        // G82, G83.
        assert_eq!(spread(&[item(0, 0, 1), item(1, 0, 4)], 10), [2, 8]);
        assert_eq!(spread(&[item(0, 2, 1), item(1, 0, 1)], 6), [4, 2]);
        let empty = [item(0, 0, 0)];
        assert_eq!(choose_provider(&empty, &ProviderCounts::default()), None);
    }
}
