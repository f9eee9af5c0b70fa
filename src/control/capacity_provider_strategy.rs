//! Which capacity provider the next task goes to: base first, then by weight; and which one a task
//! too many is taken from.
//!
//! AWS publishes the shares (Developer Guide, capacity provider strategies: weights 1 and 4 are a
//! task here for four there), not how uneven counts are rounded. The choice here: the next task
//! goes where (tasks beyond the base + 1) / weight is least, ties in the strategy's order. No
//! provider is then ever a whole task below its share.

use std::cmp::Ordering;

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

/// How many tasks of a service, or of a call of RunTask, are on each capacity provider. Providers
/// that the strategy no longer names may be among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StrategyCounts {
    /// In order of first use; strategies have a handful of providers.
    counts: Vec<(CapacityProviderId, u32)>,
}

impl StrategyCounts {
    /// The tasks on a provider.
    pub fn of(&self, provider: CapacityProviderId) -> u32 {
        let mut counts = self.counts.iter();
        counts
            .find(|(other, _)| *other == provider)
            .map_or(0, |(_, count)| *count)
    }

    /// A task more on a provider.
    pub fn add(&mut self, provider: CapacityProviderId) {
        self.add_many(provider, 1);
    }

    /// So many tasks more on a provider.
    pub fn add_many(&mut self, provider: CapacityProviderId, tasks: u32) {
        match self.counts.iter_mut().find(|(other, _)| *other == provider) {
            Some((_, count)) => *count += tasks,
            None => self.counts.push((provider, tasks)),
        }
    }

    /// A task fewer on a provider.
    ///
    /// # Panics
    /// When it has none.
    pub fn remove(&mut self, provider: CapacityProviderId) {
        let found = self.counts.iter_mut().find(|(other, _)| *other == provider);
        let (_, count) = found.expect("a task is counted before it leaves");
        *count = count
            .checked_sub(1)
            .expect("a task is counted before it leaves");
    }
}

/// Where the next task goes. The base of an item comes first, in the strategy's order; then
/// weights decide. An item of weight 0 takes its base alone; `None` when no item has a weight and
/// every base is met, with which RunTask and CreateService fail.
pub fn next(items: &[StrategyItem], counts: &StrategyCounts) -> Option<CapacityProviderId> {
    let in_need = items
        .iter()
        .find(|item| counts.of(item.provider) < item.base);
    if let Some(item) = in_need {
        return Some(item.provider);
    }
    let weighted = items.iter().filter(|item| item.weight > 0);
    // Of equals `min_by` gives the first.
    let least = weighted.min_by(|a, b| {
        let (next_a, next_b) = (beyond_base(a, counts) + 1, beyond_base(b, counts) + 1);
        (next_a * u64::from(b.weight)).cmp(&(next_b * u64::from(a.weight)))
    });
    least.map(|item| item.provider)
}

/// Where a task too many is taken from: a provider that the strategy does not name; else the one
/// with the most tasks above its share of those beyond the base, ties in the reverse of the
/// strategy's order; else, when only bases are left, the last of them. `None` without tasks.
pub fn surplus(items: &[StrategyItem], counts: &StrategyCounts) -> Option<CapacityProviderId> {
    let is_named = |provider| items.iter().any(|item| item.provider == provider);
    let mut held = counts.counts.iter().rev().filter(|(_, count)| *count > 0);
    if let Some((provider, _)) = held.find(|(provider, _)| !is_named(*provider)) {
        return Some(*provider);
    }
    let tasks: u64 = items.iter().map(|item| beyond_base(item, counts)).sum();
    let weights: u64 = items.iter().map(|item| u64::from(item.weight)).sum();
    // tasks beyond the base - tasks * weight / weights, times `weights`.
    let above_share = |item: &StrategyItem| {
        i128::from(beyond_base(item, counts)) * i128::from(weights)
            - i128::from(tasks) * i128::from(item.weight)
    };
    let has_more_than_base = |item: &&StrategyItem| beyond_base(item, counts) > 0;
    let beyond = items.iter().filter(has_more_than_base);
    // Of equals `max_by` gives the last. Without weights every task beyond a base is too many.
    let most = beyond.max_by(|a, b| match weights {
        0 => Ordering::Equal,
        _ => above_share(a).cmp(&above_share(b)),
    });
    let last_with_base = || items.iter().rfind(|item| counts.of(item.provider) > 0);
    most.or_else(last_with_base).map(|item| item.provider)
}

/// The tasks of an item's provider that its weight accounts for.
fn beyond_base(item: &StrategyItem, counts: &StrategyCounts) -> u64 {
    u64::from(counts.of(item.provider).saturating_sub(item.base))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{StrategyCounts, StrategyItem, next, surplus};
    use crate::model::CapacityProviderId;

    /// Items of (base, weight), the first provider 0.
    fn items(list: &[(u32, u32)]) -> Vec<StrategyItem> {
        (0..)
            .zip(list)
            .map(|(provider, (base, weight))| StrategyItem {
                provider: CapacityProviderId(provider),
                base: *base,
                weight: *weight,
            })
            .collect()
    }

    fn counts(list: &[u32]) -> StrategyCounts {
        let mut counts = StrategyCounts::default();
        for (provider, count) in (0..).zip(list) {
            (0..*count).for_each(|_| counts.add(CapacityProviderId(provider)));
        }
        counts
    }

    fn shown(items: &[StrategyItem], counts: &StrategyCounts) -> Vec<u32> {
        items.iter().map(|item| counts.of(item.provider)).collect()
    }

    fn distribute(list: &[(u32, u32)], tasks: u32) -> Vec<u32> {
        let (items, mut counts) = (items(list), StrategyCounts::default());
        for _ in 0..tasks {
            counts.add(next(&items, &counts).unwrap());
        }
        shown(&items, &counts)
    }

    #[test]
    fn g81_g82_g83_base_first_then_by_weight() {
        for (name, strategy, tasks, expected) in [
            ("G81", &[(0, 1), (0, 1)][..], 10, &[5, 5][..]),
            ("G82", &[(0, 1), (0, 4)], 10, &[2, 8]),
            ("G83", &[(2, 1), (0, 1)], 6, &[4, 2]),
            // B has three; then A's 1/1 ties with B's 4/4, and A is the first.
            ("an uneven count", &[(0, 1), (0, 4)], 4, &[1, 3]),
            ("a base below the weights", &[(0, 1), (3, 0)], 5, &[2, 3]),
            ("fewer than the base", &[(0, 1), (3, 1)], 2, &[0, 2]),
        ] {
            assert_eq!(distribute(strategy, tasks), expected, "{name}");
        }
    }

    #[test]
    fn g84_without_any_weight_nothing_goes_beyond_the_base() {
        let strategy = items(&[(0, 0), (2, 0)]);
        assert_eq!(
            next(&strategy, &counts(&[0, 1])),
            Some(CapacityProviderId(1))
        );
        assert_eq!(next(&strategy, &counts(&[0, 2])), None);
    }

    #[test]
    fn a_task_too_many_leaves_the_provider_most_above_its_share() {
        for (name, strategy, held, expected) in [
            // Shares of 6: 3 and 3.
            ("above", &[(0, 1), (0, 1)][..], &[4, 2][..], Some(0)),
            ("a tie: the last", &[(0, 1), (0, 1)], &[3, 3], Some(1)),
            // Shares of 10: 2 and 8.
            ("by weight", &[(0, 1), (0, 4)], &[3, 7], Some(0)),
            // Beyond the base: 1 and 2 of 3, shares 1.5 and 1.5.
            ("base kept", &[(3, 1), (0, 1)], &[4, 2], Some(1)),
            ("bases alone", &[(2, 1), (0, 1)], &[2, 0], Some(0)),
            ("no weight", &[(0, 0), (2, 0)], &[1, 2], Some(0)),
            ("no longer named", &[(0, 1)], &[9, 1], Some(1)),
            ("no task", &[(0, 1)], &[0], None),
        ] {
            let found = surplus(&items(strategy), &counts(held));
            assert_eq!(found, expected.map(CapacityProviderId), "{name}");
        }
    }

    /// A strategy with a weight and at most one base.
    fn strategy() -> impl Strategy<Value = Vec<StrategyItem>> {
        let weights = prop::collection::vec(0_u32..=20, 1..5);
        let with_weight = weights.prop_filter("a weight", |weights| weights.iter().any(|w| *w > 0));
        (with_weight, any::<prop::sample::Index>(), 0_u32..8).prop_map(|(weights, place, base)| {
            let place = place.index(weights.len());
            let pairs = weights.iter().enumerate();
            let with_base = |(index, weight): (usize, &u32)| {
                let base = if index == place { base } else { 0 };
                (base, *weight)
            };
            items(&pairs.map(with_base).collect::<Vec<_>>())
        })
    }

    proptest! {
        #[test]
        fn the_base_is_met_first_and_no_provider_is_a_task_below_its_share(
            items in strategy(),
            tasks in 0_u32..120,
        ) {
            let mut counts = StrategyCounts::default();
            for _ in 0..tasks {
                counts.add(next(&items, &counts).unwrap());
            }
            let base: u32 = items.iter().map(|item| item.base).sum();
            let beyond = tasks.saturating_sub(base);
            let weights: u32 = items.iter().map(|item| item.weight).sum();
            for item in &items {
                let held = counts.of(item.provider);
                prop_assert!(held >= item.base.min(tasks));
                let weighted = held.saturating_sub(item.base);
                // weighted > beyond * weight / weights - 1
                prop_assert!((weighted + 1) * weights > beyond * item.weight);
                if item.weight == 0 || beyond == 0 {
                    prop_assert_eq!(weighted, 0);
                }
                if items.len() == 2 {
                    // Of two, one's shortfall is the other's excess.
                    prop_assert!(weighted * weights < beyond * item.weight + weights);
                }
                if beyond.is_multiple_of(weights) {
                    prop_assert_eq!(weighted * weights, beyond * item.weight);
                }
            }
        }

        #[test]
        fn what_is_taken_back_one_by_one_keeps_the_base_to_the_last(
            items in strategy(),
            held in prop::collection::vec(0_u32..20, 5),
        ) {
            let mut counts = counts(&held[..items.len()]);
            while let Some(provider) = surplus(&items, &counts) {
                let item = items.iter().find(|item| item.provider == provider).unwrap();
                let others_have_more = items.iter().any(|other| {
                    counts.of(other.provider) > other.base
                });
                prop_assert!(counts.of(provider) > item.base || !others_have_more);
                counts.remove(provider);
            }
            prop_assert!(shown(&items, &counts).iter().all(|count| *count == 0));
        }
    }
}
