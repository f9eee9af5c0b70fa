//! Rebalancing: between Availability Zones, and of Spot Instances at risk.

use crate::units::index;

use super::group::GroupView;

/// An instance more in one zone so that one may go in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneMove {
    /// The zone that has too many, by its place in `availabilityZones`.
    pub from: u32,
    /// The zone that has too few.
    pub to: u32,
}

impl GroupView<'_> {
    /// What evens out the zones (`AZRebalance`): after a lost zone has come back, or after
    /// launches that went elsewhere.
    ///
    /// For each move the group launches an instance in `to` first, and once it is in service ends
    /// one in `from`, which [`GroupView::pick_to_terminate`] finds. A zone gives nothing away
    /// while all its instances are protected from scale-in, and a zone that is lost gets nothing.
    /// At most [`GroupView::replacements_allowed`] moves at a time.
    pub fn zone_moves(&self) -> Vec<ZoneMove> {
        let mut counts = self.zone_counts();
        let mut movable = vec![0_u32; counts.len()];
        for (_, row) in self.counted() {
            movable[index(row.zone)] += u32::from(!row.protected_from_scale_in);
        }
        let open = self.open_zones();
        let mut moves = Vec::new();
        for _ in 0..self.replacements_allowed() {
            let givers = (0_u32..).zip(&movable).filter(|(_, movable)| **movable > 0);
            let count = |zone: &u32| counts[index(*zone)];
            // Of equals the first in the list gets, the last gives.
            let from = givers.map(|(zone, _)| zone).max_by_key(count);
            let to = open.iter().copied().min_by_key(count);
            let (Some(from), Some(to)) = (from, to) else {
                break;
            };
            if counts[index(from)] <= counts[index(to)] + 1 {
                break;
            }
            counts[index(from)] -= 1;
            movable[index(from)] -= 1;
            counts[index(to)] += 1;
            moves.push(ZoneMove { from, to });
        }
        moves
    }

    /// How many instances may be launched now before those are ended that they replace, in a
    /// rebalancing between zones or of Spot Instances at risk (`CapacityRebalance`): the group may
    /// exceed `maxSize` by 10 percent, rounded down, or by one instance, whichever is more (user
    /// guide, "Rebalancing activities").
    ///
    /// A Spot Instance that has got a rebalance recommendation is ended once its replacement is in
    /// service. A group below its desired capacity scales out first.
    pub fn replacements_allowed(&self) -> u32 {
        let max_size = self.configuration.max_size;
        let most = max_size.saturating_add((max_size / 10).max(1));
        most.saturating_sub(self.capacity())
    }
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::ZoneMove;
    use crate::cloud::auto_scaling::testing::Group;
    use crate::model::PurchaseOption::OnDemand;

    fn group(counts: [u32; 3]) -> Group {
        let mut group = Group::of_zones(3).offer_everywhere(1);
        for (zone, count) in (0..).zip(counts) {
            for _ in 0..count {
                group.add(zone, 0, OnDemand);
            }
        }
        group
    }

    fn moves(group: &Group) -> Vec<(u32, u32)> {
        let pair = |next: &ZoneMove| (next.from, next.to);
        group.view().zone_moves().iter().map(pair).collect()
    }

    #[test]
    fn a_zone_that_has_come_back_is_filled_from_the_largest() {
        assert_eq!(moves(&group([3, 3, 0])), [(1, 2), (0, 2)]);
        assert_eq!(moves(&group([2, 1, 1])), []);
        assert_eq!(moves(&group([0, 0, 0])), []);
    }

    #[test]
    fn a_lost_zone_gets_nothing() {
        let mut group = group([3, 1, 0]);
        group.offers.retain(|offer| offer.zone != 2);
        assert_eq!(moves(&group), [(0, 1)]);
    }

    #[test]
    fn protected_instances_are_not_moved() {
        let mut group = group([4, 2, 0]);
        for row in group.instances.iter_mut().filter(|row| row.zone == 0) {
            row.protected_from_scale_in = true;
        }
        assert_eq!(moves(&group), [(1, 2)]);
    }

    #[test]
    fn rebalancing_may_exceed_the_maximum_by_ten_percent_or_one() {
        for (max_size, capacity, expected) in [
            (6, 6, 1),
            (6, 5, 2),
            (9, 9, 1),
            (20, 20, 2),
            (29, 29, 2),
            (6, 9, 0),
        ] {
            let mut group = group([capacity, 0, 0]);
            group.configuration.max_size = max_size;
            let allowed = group.view().replacements_allowed();
            assert_eq!(allowed, expected, "{max_size} {capacity}");
            assert!(moves(&group).len() <= usize::try_from(expected).unwrap());
        }
    }
}
