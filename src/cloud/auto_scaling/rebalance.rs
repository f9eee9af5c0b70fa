//! Rebalancing: between Availability Zones, and of Spot Instances at risk.

use crate::model::PurchaseOption;
use crate::units::SimTime;

use super::configuration::GroupConfiguration;
use super::group::{GroupInstance, GroupView, LifecycleState};
use super::launch::LaunchChoice;

impl GroupView<'_> {
    /// How many instances the group launches beyond its desired capacity to even out its zones
    /// (`AZRebalance`): after a lost zone has come back, or after launches that went elsewhere.
    /// Once they are in service as many others end, those that
    /// [`GroupView::pick_to_terminate`] finds.
    ///
    /// As many as bring the zones nearer to each other, and at most
    /// [`GroupView::replacements_allowed`]. It is none where that is not to be had: the zone that
    /// has too few has no room for what would be launched there, or what would end then stands in
    /// no zone that has too many, as all others are protected from scale-in or of the other
    /// purchase option. `has_room` is asked for one instance after another.
    pub fn zone_moves(&self, now: SimTime, mut has_room: impl FnMut(&LaunchChoice) -> bool) -> u32 {
        let desired = self.capacity();
        let mut best = (0, unevenness(&self.zone_counts()));
        if best.1 == 0 {
            return 0;
        }
        let mut instances = self.instances.to_vec();
        for moves in 1..=self.replacements_allowed() {
            let view = self.with(&instances);
            let launched = view.next_launch(desired + moves, &mut has_room);
            let Some(choice) = launched else {
                break;
            };
            instances.push(GroupInstance {
                zone: choice.zone,
                instance_type: choice.instance_type,
                purchase_option: choice.purchase_option,
                launched_at: now,
                launch_template_version: u32::MAX,
                protected_from_scale_in: false,
                lifecycle_state: LifecycleState::InService,
            });
            let view = self.with(&instances);
            let mut counts = view.zone_counts();
            // Chance decides within zones of the same size only.
            for place in view.pick_to_terminate(moves, now, &mut |_| 0) {
                counts[crate::units::index(instances[place].zone)] -= 1;
            }
            let after = unevenness(&counts);
            if after >= best.1 {
                break;
            }
            best = (moves, after);
        }
        best.0
    }

    fn with<'v>(&'v self, instances: &'v [GroupInstance]) -> GroupView<'v> {
        GroupView { instances, ..*self }
    }

    /// What the group launches next on its way to a desired capacity.
    fn next_launch(
        &self,
        desired_capacity: u32,
        mut has_room: impl FnMut(&LaunchChoice) -> bool,
    ) -> Option<LaunchChoice> {
        let shortfall = self.shortfall(desired_capacity);
        let wanted = [
            (PurchaseOption::OnDemand, shortfall.on_demand),
            (PurchaseOption::Spot, shortfall.spot),
        ];
        let options = wanted.into_iter().filter(|(_, count)| *count > 0);
        let mut ranked = options.flat_map(|(option, _)| self.rank_launches(option));
        ranked.find(|choice| has_room(choice))
    }

    /// How many instances may be launched now before those are ended that they replace, in a
    /// rebalancing between zones or of Spot Instances at risk (`CapacityRebalance`): the group may
    /// exceed `maxSize` by 10 percent, rounded down, or by one instance, whichever is more (user
    /// guide, "Rebalancing activities").
    ///
    /// A Spot Instance that has got a rebalance recommendation is ended once its replacement is in
    /// service. A group below its desired capacity scales out first.
    pub fn replacements_allowed(&self) -> u32 {
        let most = self.configuration.max_size_while_rebalancing();
        most.saturating_sub(self.capacity())
    }
}

impl GroupConfiguration {
    /// The most instances that the group has while it rebalances between zones or replaces Spot
    /// Instances at risk: see [`GroupView::replacements_allowed`].
    pub fn max_size_while_rebalancing(&self) -> u32 {
        let max_size = self.max_size;
        max_size.saturating_add((max_size / 10).max(1))
    }
}

/// How far zones are from having as many instances each, give or take one: 0 where they have.
fn unevenness(counts: &[u32]) -> u64 {
    let (Some(least), Some(most)) = (counts.iter().min(), counts.iter().max()) else {
        return 0;
    };
    if most - least <= 1 {
        return 0;
    }
    // Each move from a larger to a smaller zone makes the sum of squares smaller.
    counts.iter().map(|&count| u64::from(count).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::testing::{Group, minutes};
    use crate::model::PurchaseOption::{self, OnDemand, Spot};

    fn add(group: &mut Group, counts: [u32; 3], option: PurchaseOption) {
        for (zone, count) in (0..).zip(counts) {
            for _ in 0..count {
                group.add(zone, 0, option);
            }
        }
    }

    fn group(counts: [u32; 3]) -> Group {
        let mut group = Group::of_zones(3).offer_everywhere(1);
        group.configuration.max_size = 20;
        add(&mut group, counts, OnDemand);
        group
    }

    fn spot_group(counts: [u32; 3]) -> Group {
        let mut group = (0..3).fold(Group::of_zones(3), |group, zone| group.spot(zone, 0, 30, 5));
        group
            .configuration
            .distribution
            .on_demand_percentage_above_base_capacity = 0;
        add(&mut group, counts, Spot);
        group
    }

    fn moves(group: &Group) -> u32 {
        group.view().zone_moves(minutes(0), |_| true)
    }

    #[test]
    fn a_zone_that_has_come_back_is_filled_from_the_largest() {
        assert_eq!(moves(&group([3, 3, 0])), 2);
        assert_eq!(moves(&group([9, 0, 0])), 6);
        assert_eq!(
            moves(&group([20, 0, 0])),
            2,
            "a tenth of `maxSize` at a time"
        );
        assert_eq!(moves(&group([2, 1, 1])), 0);
        assert_eq!(moves(&group([0, 0, 0])), 0);
    }

    #[test]
    fn a_lost_zone_gets_nothing() {
        let mut group = group([3, 1, 0]);
        group.offers.retain(|offer| offer.zone != 2);
        assert_eq!(moves(&group), 1, "the second zone gets one");
        group.instances.remove(0);
        assert_eq!(moves(&group), 0);
    }

    #[test]
    fn a_zone_whose_pool_has_no_room_gets_nothing() {
        let group = spot_group([0, 3, 3]);
        assert_eq!(moves(&group), 2);
        let moves = |zone: u32, mut room: u32| {
            group.view().zone_moves(minutes(0), |choice| {
                let has_room = choice.zone != zone || room > 0;
                room -= u32::from(choice.zone == zone && room > 0);
                has_room
            })
        };
        assert_eq!(
            moves(0, 0),
            0,
            "launched elsewhere, an instance evens out nothing"
        );
        assert_eq!(moves(0, 1), 1);
    }

    /// Two On-Demand Instances in one zone and a Spot Instance in another: what would be launched
    /// in the third is a Spot Instance, and a Spot Instance would end for it.
    #[test]
    fn what_ends_is_of_the_purchase_option_that_was_launched() {
        let mut group = spot_group([0, 1, 0]);
        group.configuration.distribution.on_demand_base_capacity = 2;
        add(&mut group, [2, 0, 0], OnDemand);
        assert_eq!(moves(&group), 0);
        add(&mut group, [1, 0, 0], Spot);
        assert_eq!(moves(&group), 1);
    }

    #[test]
    fn protected_instances_are_not_moved() {
        let mut group = group([4, 1, 0]);
        assert_eq!(moves(&group), 2);
        for row in &mut group.instances {
            row.protected_from_scale_in = row.zone == 0;
        }
        assert_eq!(moves(&group), 0);
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
            assert!(moves(&group) <= expected);
        }
    }
}
