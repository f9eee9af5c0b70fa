//! The warm pool: how many instances it prepares, and which of them the group takes.

use std::cmp::Reverse;

use crate::model::PurchaseOption;
use crate::units::{id, index};

use super::group::{GroupView, LifecycleState};
use super::launch::LaunchChoice;

/// What a warm pool lacks or has too many of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WarmPoolChange {
    /// How many instances to prepare.
    pub prepare: u32,
    /// Instances to end, by their places.
    pub end: Vec<usize>,
}

impl GroupView<'_> {
    /// What brings the warm pool to its size: `maxGroupPreparedCapacity` (else `maxSize`) less the
    /// desired capacity, at least `minSize` (user guide, "Warm pools"). Of instances too many the
    /// latest to be launched end.
    pub fn warm_pool_change(&self, desired_capacity: u32) -> WarmPoolChange {
        let wanted = self.configuration.warm_pool.map_or(0, |pool| {
            let prepared = pool.max_group_prepared_capacity;
            let prepared = prepared.unwrap_or(self.configuration.max_size);
            prepared.saturating_sub(desired_capacity).max(pool.min_size)
        });
        let rows = self.instances.iter().enumerate();
        let mut warm: Vec<usize> = rows
            .filter(|(_, row)| row.lifecycle_state.is_warm())
            .map(|(place, _)| place)
            .collect();
        warm.sort_by_key(|place| Reverse((self.instances[*place].launched_at, *place)));
        let found = id(warm.len());
        warm.truncate(index(found.saturating_sub(wanted)));
        WarmPoolChange {
            prepare: wanted.saturating_sub(found),
            end: warm,
        }
    }

    /// Where the next instance for the warm pool could be launched, best first: as for the group,
    /// with the zone that has the fewest instances in the pool. A group with a warm pool has
    /// neither Spot Instances nor a mixed-instances policy.
    pub fn rank_preparations(&self) -> Vec<LaunchChoice> {
        let mut rows = self.instances.to_vec();
        rows.retain(|row| row.lifecycle_state.is_warm());
        for row in &mut rows {
            row.lifecycle_state = LifecycleState::InService;
        }
        let view = GroupView {
            instances: &rows,
            ..*self
        };
        view.rank_launches(PurchaseOption::OnDemand)
    }

    /// The prepared instance that the group takes next, by its place: in the zone where the group
    /// has the fewest, the one launched first. `None` is a cold start. A lost zone gives none.
    pub fn pick_warmed(&self) -> Option<usize> {
        let counts = self.zone_counts();
        let open = self.open_zones();
        let rows = self.instances.iter().enumerate().filter(|(_, row)| {
            row.lifecycle_state == LifecycleState::Warmed && open.contains(&row.zone)
        });
        rows.min_by_key(|(_, row)| (counts[index(row.zone)], row.zone, row.launched_at))
            .map(|(place, _)| place)
    }
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::testing::{Group, minutes};
    use crate::cloud::auto_scaling::{LifecycleState, WarmPool, WarmPoolState};
    use crate::model::PurchaseOption::OnDemand;

    fn group(min_size: u32, max_group_prepared_capacity: Option<u32>) -> Group {
        let mut group = Group::of_zones(2).offer_everywhere(1);
        group.configuration.max_size = 10;
        group.configuration.warm_pool = Some(WarmPool {
            min_size,
            max_group_prepared_capacity,
            pool_state: WarmPoolState::Stopped,
        });
        group
    }

    fn warm(group: &mut Group, zone: u32, minute: u64) {
        let row = group.add(zone, 0, OnDemand);
        row.lifecycle_state = LifecycleState::Warmed;
        row.launched_at = minutes(minute);
    }

    #[test]
    fn the_pool_holds_what_the_group_may_still_grow_by() {
        // The two examples of the user guide, then the minimum.
        for (min_size, prepared, desired, expected) in [
            (0, None, 6, 4),
            (0, Some(8), 6, 2),
            (0, Some(3), 6, 0),
            (3, Some(8), 6, 3),
            (3, None, 10, 3),
        ] {
            let group = group(min_size, prepared);
            let change = group.view().warm_pool_change(desired);
            assert_eq!(
                change.prepare, expected,
                "{min_size} {prepared:?} {desired}"
            );
        }
        let without = Group::of_zones(1);
        assert_eq!(without.view().warm_pool_change(0).prepare, 0);
    }

    #[test]
    fn what_is_being_prepared_counts_and_the_latest_too_many_end() {
        let mut group = group(0, None);
        for minute in [5, 9, 7] {
            warm(&mut group, 0, minute);
        }
        group.instances[2].lifecycle_state = LifecycleState::WarmedPending;
        assert_eq!(group.view().warm_pool_change(6).prepare, 1);
        let change = group.view().warm_pool_change(9);
        assert_eq!((change.prepare, change.end), (0, vec![1, 2]));
    }

    #[test]
    fn the_pool_is_balanced_between_zones_of_its_own() {
        let mut group = group(0, None);
        group.add(1, 0, OnDemand);
        warm(&mut group, 0, 0);
        let ranked = group.view().rank_preparations();
        let zones: Vec<u32> = ranked.iter().map(|choice| choice.zone).collect();
        assert_eq!(zones, [1, 0]);
    }

    #[test]
    fn the_group_takes_a_prepared_instance_where_it_has_the_fewest() {
        let mut group = group(0, None);
        assert_eq!(group.view().pick_warmed(), None, "a cold start");
        group.add(0, 0, OnDemand);
        warm(&mut group, 0, 0);
        warm(&mut group, 1, 9);
        warm(&mut group, 1, 8);
        assert_eq!(group.view().pick_warmed(), Some(3));
        group.offers.retain(|offer| offer.zone == 0);
        assert_eq!(group.view().pick_warmed(), Some(1));
        group.instances[1].lifecycle_state = LifecycleState::WarmedPending;
        assert_eq!(
            group.view().pick_warmed(),
            None,
            "not before it is prepared"
        );
    }
}
