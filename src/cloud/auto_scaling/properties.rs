//! What holds of any group.

use proptest::prelude::*;

use super::testing::{Group, minutes};
use super::{
    GroupInstance, LifecycleState, OnDemandAllocationStrategy, SpotAllocationStrategy,
    TerminationPolicy,
};
use crate::kernel::Streams;
use crate::model::PurchaseOption;

const TYPES: u32 = 3;

fn spot_strategies() -> impl Strategy<Value = SpotAllocationStrategy> {
    prop::sample::select(vec![
        SpotAllocationStrategy::LowestPrice,
        SpotAllocationStrategy::Diversified,
        SpotAllocationStrategy::CapacityOptimized,
        SpotAllocationStrategy::CapacityOptimizedPrioritized,
        SpotAllocationStrategy::PriceCapacityOptimized,
    ])
}

fn policies() -> impl Strategy<Value = TerminationPolicy> {
    prop::sample::select(vec![
        TerminationPolicy::Default,
        TerminationPolicy::AllocationStrategy,
        TerminationPolicy::OldestLaunchTemplate,
        TerminationPolicy::OldestLaunchConfiguration,
        TerminationPolicy::ClosestToNextInstanceHour,
        TerminationPolicy::NewestInstance,
        TerminationPolicy::OldestInstance,
    ])
}

prop_compose! {
    /// An empty group with pools of drawn prices and depths in every zone.
    fn groups()(
        zones in 1_u32..4,
        figures in prop::collection::vec((1_u64..100, 0_u64..50), 12),
        base in 0_u32..5,
        percentage in 0_u32..=100,
        strategy in spot_strategies(),
        by_price in any::<bool>(),
        policies in prop::collection::vec(policies(), 1..4),
    ) -> Group {
        let mut group = Group::of_zones(zones);
        let mut figures = figures.into_iter();
        for zone in 0..zones {
            for instance_type in 0..TYPES {
                let (price, depth) = figures.next().expect("enough for four zones");
                group = group.spot(zone, instance_type, price, depth);
            }
        }
        let distribution = &mut group.configuration.distribution;
        distribution.on_demand_base_capacity = base;
        distribution.on_demand_percentage_above_base_capacity = percentage;
        distribution.spot_allocation_strategy = strategy;
        if by_price {
            distribution.on_demand_allocation_strategy = OnDemandAllocationStrategy::LowestPrice;
        }
        group.configuration.termination_policies = policies;
        group
    }
}

/// Launches until the group has a capacity, as its caller does.
fn grow(group: &mut Group, desired: u32, minute: u64) {
    let shortfall = group.view().shortfall(desired);
    let wanted = [
        (PurchaseOption::OnDemand, shortfall.on_demand),
        (PurchaseOption::Spot, shortfall.spot),
    ];
    for (option, count) in wanted {
        for _ in 0..count {
            let choice = group.view().rank_launches(option)[0];
            let row = group.add(choice.zone, choice.instance_type, option);
            row.launched_at = minutes(minute);
        }
    }
}

fn on_demand(group: &Group) -> u32 {
    group.view().capacity_of(PurchaseOption::OnDemand)
}

fn spread(group: &Group) -> u32 {
    let counts = group.view().zone_counts();
    counts.iter().max().unwrap() - counts.iter().min().unwrap()
}

proptest! {
    #[test]
    fn a_group_that_grows_is_balanced_and_paid_for_as_it_should(
        mut group in groups(),
        sizes in prop::collection::vec(1_u32..20, 1..4),
    ) {
        let mut size = 0;
        for (more, minute) in sizes.into_iter().zip(0..) {
            size += more;
            grow(&mut group, size, minute);
            prop_assert_eq!(group.view().capacity(), size);
            let target = group.configuration.distribution.on_demand_target(size);
            prop_assert_eq!(on_demand(&group), target);
            prop_assert!(spread(&group) <= 1);
            prop_assert_eq!(group.view().zone_moves(minutes(minute), |_| true), 0);
        }
    }

    #[test]
    fn scale_in_ends_as_many_as_it_may_and_keeps_the_shares(
        mut group in groups(),
        size in 1_u32..30,
        ended in 0_u32..30,
        protected in prop::collection::vec(any::<bool>(), 30),
        seed in any::<u64>(),
    ) {
        grow(&mut group, size, 0);
        let mut stream = Streams::new(seed).open("scale-in", "group");
        let mut draw = |bound| stream.below(bound);
        let plain = group.view().pick_to_terminate(ended, minutes(90), &mut draw);
        prop_assert_eq!(plain.len(), usize::try_from(ended.min(size)).unwrap());
        let mut left = Group { instances: Vec::new(), offers: group.offers.clone(), ..group };
        left.instances = group.instances.iter().enumerate()
            .filter(|(place, _)| !plain.contains(place))
            .map(|(_, row)| *row)
            .collect();
        let target = left.configuration.distribution.on_demand_target(size.saturating_sub(ended));
        prop_assert_eq!(on_demand(&left), target, "nothing was protected");

        left.instances = group.instances;
        for (row, protected) in left.instances.iter_mut().zip(protected) {
            row.protected_from_scale_in = protected;
        }
        let picked = left.view().pick_to_terminate(ended, minutes(90), &mut draw);
        let mut distinct = picked.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), picked.len());
        let may_go = |row: &&GroupInstance| {
            !row.protected_from_scale_in && row.lifecycle_state == LifecycleState::InService
        };
        let free = left.instances.iter().filter(may_go).count();
        prop_assert_eq!(picked.len(), free.min(usize::try_from(ended).unwrap()));
        prop_assert!(picked.iter().all(|place| !left.instances[*place].protected_from_scale_in));
    }
}
