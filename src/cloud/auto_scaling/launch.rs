//! Scale-out: how many instances are missing, and where the next one is launched.

use crate::model::PurchaseOption;
use crate::units::id;

use super::group::GroupView;

/// How many instances a group lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shortfall {
    /// On-Demand Instances; they are launched first.
    pub on_demand: u32,
    /// Spot Instances.
    pub spot: u32,
}

/// An instance that could be launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaunchChoice {
    /// The zone, by its place in `availabilityZones`.
    pub zone: u32,
    /// The type, by its place among the group's types.
    pub instance_type: u32,
    /// On-Demand or Spot.
    pub purchase_option: PurchaseOption,
}

impl GroupView<'_> {
    /// What the group lacks to reach a desired capacity, and how it is to be paid for: the base
    /// and the percentage above it of the desired capacity are On-Demand, the rest is Spot. An
    /// instance too many of one option is not replaced by the other.
    ///
    /// Where no pool has room for a Spot Instance that is missing, the slot stays empty and is
    /// tried again: EC2 Auto Scaling goes on to other Spot pools, never to On-Demand
    /// (InsufficientInstanceCapacity).
    pub fn shortfall(&self, desired_capacity: u32) -> Shortfall {
        let missing = desired_capacity.saturating_sub(self.capacity());
        let target = self
            .configuration
            .distribution
            .on_demand_target(desired_capacity);
        let on_demand = target
            .saturating_sub(self.capacity_of(PurchaseOption::OnDemand))
            .min(missing);
        Shortfall {
            on_demand,
            spot: missing - on_demand,
        }
    }

    /// All that could be launched under a purchase option, best first: the caller takes the first
    /// that has room, and launches nothing when none has.
    ///
    /// Zones come by the number of their instances, fewest first, equals in the order of
    /// `availabilityZones`; within a zone the allocation strategy decides (user guide, "Instance
    /// distribution" and "Allocation strategies"). A launch that fails in a zone is tried in the
    /// next.
    pub fn rank_launches(&self, option: PurchaseOption) -> Vec<LaunchChoice> {
        let counts = self.zone_counts();
        let mut zones: Vec<(u32, u32)> = counts.into_iter().zip(0..).collect();
        zones.sort_unstable();
        let in_zone = |(_, zone): (u32, u32)| {
            let types = self.types_by_allocation_strategy(zone, option);
            types.into_iter().map(move |instance_type| LaunchChoice {
                zone,
                instance_type,
                purchase_option: option,
            })
        };
        zones.into_iter().flat_map(in_zone).collect()
    }

    /// Zones in which something can be launched, by their place.
    pub(super) fn open_zones(&self) -> Vec<u32> {
        let zones = 0..id(self.configuration.availability_zones.len());
        zones
            .filter(|zone| self.offers.iter().any(|offer| offer.zone == *zone))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::testing::Group;
    use crate::cloud::auto_scaling::{LifecycleState, Shortfall};
    use crate::model::PurchaseOption::{OnDemand, Spot};

    #[test]
    fn launches_go_to_the_zone_with_the_fewest_instances() {
        let mut group = Group::of_zones(3).offer_everywhere(1);
        assert_eq!(group.zones(OnDemand), [0, 1, 2]);
        group.add(0, 0, OnDemand);
        group.add(0, 0, Spot);
        group.add(1, 0, OnDemand);
        assert_eq!(group.zones(OnDemand), [2, 1, 0]);
        for lifecycle_state in [LifecycleState::Terminating, LifecycleState::Warmed] {
            group.add(2, 0, OnDemand).lifecycle_state = lifecycle_state;
        }
        assert_eq!(
            group.zones(OnDemand),
            [2, 1, 0],
            "what ends or waits counts not"
        );
    }

    #[test]
    fn a_zone_that_is_lost_gets_no_launch() {
        let group = Group::of_zones(3).offer(0, 0, 10).offer(2, 0, 10);
        assert_eq!(group.zones(OnDemand), [0, 2]);
        assert!(Group::of_zones(2).zones(OnDemand).is_empty());
    }

    #[test]
    fn the_zone_comes_before_the_allocation_strategy() {
        let mut group = Group::of_zones(2)
            .spot(0, 0, 9, 10)
            .spot(0, 1, 8, 10)
            .spot(1, 0, 1, 10);
        group.add(1, 0, Spot);
        let ranked = group.view().rank_launches(Spot);
        let found: Vec<_> = ranked
            .iter()
            .map(|next| (next.zone, next.instance_type))
            .collect();
        assert_eq!(found, [(0, 1), (0, 0), (1, 0)]);
    }

    #[test]
    fn the_base_is_on_demand_and_the_rest_by_percentage() {
        let mut group = Group::of_zones(1).offer_everywhere(1);
        let distribution = &mut group.configuration.distribution;
        distribution.on_demand_base_capacity = 2;
        distribution.on_demand_percentage_above_base_capacity = 50;
        let shortfall = |group: &Group, desired| group.view().shortfall(desired);
        assert_eq!(
            shortfall(&group, 7),
            Shortfall {
                on_demand: 5,
                spot: 2
            }
        );
        for _ in 0..4 {
            group.add(0, 0, OnDemand);
        }
        assert_eq!(
            shortfall(&group, 7),
            Shortfall {
                on_demand: 1,
                spot: 2
            }
        );
        assert_eq!(
            shortfall(&group, 5),
            Shortfall {
                on_demand: 0,
                spot: 1
            }
        );
        assert_eq!(shortfall(&group, 4), Shortfall::default());
        assert_eq!(shortfall(&group, 0), Shortfall::default());
    }

    #[test]
    fn a_spot_slot_that_cannot_be_filled_is_not_filled_with_on_demand() {
        let mut group = Group::of_zones(1).offer_everywhere(1);
        group
            .configuration
            .distribution
            .on_demand_percentage_above_base_capacity = 50;
        group.add(0, 0, OnDemand);
        group.add(0, 0, OnDemand);
        assert_eq!(
            group.view().shortfall(4),
            Shortfall {
                on_demand: 0,
                spot: 2
            }
        );
        assert!(
            group.view().rank_launches(Spot).is_empty(),
            "no pool is offered"
        );
    }
}
