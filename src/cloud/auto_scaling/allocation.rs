//! Allocation strategies: the types of a zone from the one to launch first to the one to launch
//! last.

use std::cmp::Reverse;

use crate::model::PurchaseOption;
use crate::units::index;

use super::configuration::{OnDemandAllocationStrategy, SpotAllocationStrategy};
use super::group::{GroupView, Offer, SpotOffer};

/// A pool counts as deep when it has at least this share of the depth of the zone's deepest, in
/// percent. AWS does not say how it weighs capacity against price or priority: the choice is ours.
const DEEP_POOL_PERCENT: u128 = 50;

impl GroupView<'_> {
    /// The types that can be launched in a zone under a purchase option, best first. Empty for a
    /// zone that is lost or whose Spot prices are all above the maximum price.
    pub(super) fn types_by_allocation_strategy(
        &self,
        zone: u32,
        option: PurchaseOption,
    ) -> Vec<u32> {
        let offers = self.offers.iter().filter(|offer| offer.zone == zone);
        match option {
            PurchaseOption::Spot => self.spot_types(zone, offers.copied().collect()),
            _ => self.on_demand_types(offers.copied().collect()),
        }
    }

    fn on_demand_types(&self, mut offers: Vec<Offer>) -> Vec<u32> {
        let distribution = &self.configuration.distribution;
        match distribution.on_demand_allocation_strategy {
            OnDemandAllocationStrategy::Prioritized => {
                offers.sort_by_key(|offer| offer.instance_type);
            }
            OnDemandAllocationStrategy::LowestPrice => {
                offers.sort_by_key(|offer| (offer.on_demand, offer.instance_type));
            }
        }
        offers.iter().map(|offer| offer.instance_type).collect()
    }

    fn spot_types(&self, zone: u32, offers: Vec<Offer>) -> Vec<u32> {
        let distribution = &self.configuration.distribution;
        let pools = offers.into_iter().filter_map(|offer| {
            let spot = offer.spot?;
            (spot.price <= distribution.max_price(offer.on_demand)).then_some(Pool {
                instance_type: offer.instance_type,
                spot,
            })
        });
        let mut pools: Vec<Pool> = pools.collect();
        pools.sort_by_key(|pool| pool.instance_type);
        match distribution.spot_allocation_strategy {
            SpotAllocationStrategy::LowestPrice => {
                pools.sort_by_key(|pool| pool.spot.price);
                let most = index(distribution.spot_instance_pools).min(pools.len());
                self.spread(zone, &mut pools[..most]);
            }
            SpotAllocationStrategy::Diversified => self.spread(zone, &mut pools),
            SpotAllocationStrategy::CapacityOptimized => {
                pools.sort_by_key(|pool| Reverse(pool.spot.depth));
            }
            SpotAllocationStrategy::CapacityOptimizedPrioritized => {
                deep_first(&mut pools, |pool| u64::from(pool.instance_type));
            }
            SpotAllocationStrategy::PriceCapacityOptimized => {
                deep_first(&mut pools, |pool| pool.spot.price.0);
            }
        }
        pools.iter().map(|pool| pool.instance_type).collect()
    }

    /// Puts the pools of which the group has the fewest Spot Instances first, and leaves the order
    /// of equals.
    fn spread(&self, zone: u32, pools: &mut [Pool]) {
        pools.sort_by_cached_key(|pool| {
            let in_pool = self.counted().filter(|(_, row)| {
                row.purchase_option == PurchaseOption::Spot
                    && row.zone == zone
                    && row.instance_type == pool.instance_type
            });
            in_pool.count()
        });
    }
}

/// A Spot pool of the zone at hand.
#[derive(Debug, Clone, Copy)]
struct Pool {
    instance_type: u32,
    spot: SpotOffer,
}

/// Puts the deep pools first, by `key`; then the others, the deepest first.
fn deep_first(pools: &mut [Pool], key: impl Fn(&Pool) -> u64) {
    let depths = pools.iter().map(|pool| u128::from(pool.spot.depth));
    let deepest = depths.max().unwrap_or_default();
    pools.sort_by_key(|pool| {
        let depth = u128::from(pool.spot.depth);
        let is_deep = depth * 100 >= deepest * DEEP_POOL_PERCENT;
        let rank = if is_deep {
            0
        } else {
            u64::MAX - pool.spot.depth
        };
        (!is_deep, rank, key(pool))
    });
}

/// Whether scale-in goes by the On-Demand allocation strategy: AWS does not honour `lowest-price`
/// there (user guide, "Allocation strategies").
pub(super) fn scale_in_aligns(strategy: OnDemandAllocationStrategy) -> bool {
    strategy == OnDemandAllocationStrategy::Prioritized
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::testing::{Group, cents};
    use crate::cloud::auto_scaling::{OnDemandAllocationStrategy, SpotAllocationStrategy};
    use crate::model::PurchaseOption::{OnDemand, Spot};

    fn group(strategy: SpotAllocationStrategy) -> Group {
        let mut group = Group::of_zones(1);
        group.configuration.distribution.spot_allocation_strategy = strategy;
        group
    }

    #[test]
    fn on_demand_prioritized_goes_by_the_order_of_the_overrides() {
        let group = Group::of_zones(1).offer(0, 0, 30).offer(0, 1, 10);
        assert_eq!(group.types(OnDemand), [0, 1]);
    }

    #[test]
    fn on_demand_lowest_price_goes_by_price() {
        let mut group = Group::of_zones(1)
            .offer(0, 0, 30)
            .offer(0, 1, 10)
            .offer(0, 2, 10);
        group
            .configuration
            .distribution
            .on_demand_allocation_strategy = OnDemandAllocationStrategy::LowestPrice;
        assert_eq!(group.types(OnDemand), [1, 2, 0]);
    }

    #[test]
    fn spot_lowest_price_spreads_over_the_cheapest_pools() {
        let mut group = group(SpotAllocationStrategy::LowestPrice)
            .spot(0, 0, 3, 10)
            .spot(0, 1, 1, 10)
            .spot(0, 2, 2, 10);
        assert_eq!(group.types(Spot), [1, 2, 0]);
        group.add(0, 1, Spot);
        assert_eq!(group.types(Spot), [2, 1, 0], "two pools take turns");
        group.configuration.distribution.spot_instance_pools = 1;
        assert_eq!(group.types(Spot), [1, 2, 0]);
        group.configuration.distribution.spot_instance_pools = 20;
        assert_eq!(group.types(Spot), [2, 0, 1]);
    }

    #[test]
    fn spot_diversified_takes_all_pools_in_turn() {
        let mut group = group(SpotAllocationStrategy::Diversified)
            .spot(0, 0, 3, 10)
            .spot(0, 1, 1, 10)
            .spot(0, 2, 2, 10);
        assert_eq!(group.types(Spot), [0, 1, 2]);
        group.add(0, 0, Spot);
        group.add(0, 2, OnDemand);
        assert_eq!(group.types(Spot), [1, 2, 0]);
    }

    #[test]
    fn spot_capacity_optimized_takes_the_deepest_pool() {
        let group = group(SpotAllocationStrategy::CapacityOptimized)
            .spot(0, 0, 1, 10)
            .spot(0, 1, 3, 40)
            .spot(0, 2, 2, 40);
        assert_eq!(group.types(Spot), [1, 2, 0]);
    }

    #[test]
    fn spot_capacity_optimized_prioritized_honours_the_order_among_deep_pools() {
        let group = group(SpotAllocationStrategy::CapacityOptimizedPrioritized)
            .spot(0, 0, 1, 10)
            .spot(0, 1, 3, 50)
            .spot(0, 2, 2, 100)
            .spot(0, 3, 2, 49);
        assert_eq!(group.types(Spot), [1, 2, 3, 0]);
    }

    #[test]
    fn spot_price_capacity_optimized_takes_the_cheapest_of_the_deep_pools() {
        let group = group(SpotAllocationStrategy::PriceCapacityOptimized)
            .spot(0, 0, 1, 10)
            .spot(0, 1, 3, 50)
            .spot(0, 2, 2, 100)
            .spot(0, 3, 1, 49);
        assert_eq!(group.types(Spot), [2, 1, 3, 0]);
    }

    #[test]
    fn pools_above_the_maximum_price_are_not_asked() {
        let mut group = group(SpotAllocationStrategy::LowestPrice)
            .spot(0, 0, 3, 10)
            .spot(0, 1, 101, 10);
        assert_eq!(group.types(Spot), [0], "the On-Demand price is 100 cents");
        group.configuration.distribution.spot_max_price = Some(cents(2));
        assert!(group.types(Spot).is_empty());
        group.configuration.distribution.spot_max_price = Some(cents(101));
        assert_eq!(group.types(Spot), [0, 1]);
    }
}
