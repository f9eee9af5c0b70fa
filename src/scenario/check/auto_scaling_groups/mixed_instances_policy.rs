//! `instancesDistribution` of a mixed-instances policy.
//!
//! Source: API reference of InstancesDistribution.

use crate::cloud::auto_scaling::{
    InstancesDistribution, OnDemandAllocationStrategy, SpotAllocationStrategy,
};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};

use super::MOST_INSTANCES;

const KEYS: [&str; 6] = [
    "onDemandAllocationStrategy",
    "onDemandBaseCapacity",
    "onDemandPercentageAboveBaseCapacity",
    "spotAllocationStrategy",
    "spotInstancePools",
    "spotMaxPrice",
];

pub(super) fn read_distribution(
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<InstancesDistribution> {
    let example = "onDemandPercentageAboveBaseCapacity: 0";
    let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
    let mut distribution = InstancesDistribution::default();
    let on_demand = [
        ("prioritized", OnDemandAllocationStrategy::Prioritized),
        ("lowest-price", OnDemandAllocationStrategy::LowestPrice),
    ];
    if let Some(node) = fields.get("onDemandAllocationStrategy") {
        let key = "onDemandAllocationStrategy";
        let read = read::one_of(node, key, &on_demand, diagnostics);
        distribution.on_demand_allocation_strategy = read.unwrap_or_default();
    }
    if let Some(node) = fields.get("onDemandBaseCapacity") {
        let base = read::number_u32(node, 0..=MOST_INSTANCES, diagnostics);
        distribution.on_demand_base_capacity = base.unwrap_or(0);
    }
    if let Some(node) = fields.get("onDemandPercentageAboveBaseCapacity") {
        let percentage = read::number_u32(node, 0..=100, diagnostics);
        distribution.on_demand_percentage_above_base_capacity = percentage.unwrap_or(100);
    }
    read_spot(&fields, &mut distribution, diagnostics);
    Some(distribution)
}

fn read_spot(
    fields: &Fields<'_>,
    distribution: &mut InstancesDistribution,
    diagnostics: &mut Diagnostics,
) {
    let strategies = [
        ("lowest-price", SpotAllocationStrategy::LowestPrice),
        ("diversified", SpotAllocationStrategy::Diversified),
        (
            "capacity-optimized",
            SpotAllocationStrategy::CapacityOptimized,
        ),
        (
            "capacity-optimized-prioritized",
            SpotAllocationStrategy::CapacityOptimizedPrioritized,
        ),
        (
            "price-capacity-optimized",
            SpotAllocationStrategy::PriceCapacityOptimized,
        ),
    ];
    if let Some(node) = fields.get("spotAllocationStrategy") {
        let read = read::one_of(node, "spotAllocationStrategy", &strategies, diagnostics);
        distribution.spot_allocation_strategy = read.unwrap_or_default();
    }
    if let Some(node) = fields.get("spotInstancePools") {
        let pools = read::number_u32(node, 1..=20, diagnostics);
        distribution.spot_instance_pools = pools.unwrap_or(2);
        if distribution.spot_allocation_strategy != SpotAllocationStrategy::LowestPrice {
            let place = fields.key_place("spotInstancePools").unwrap_or(node.place);
            diagnostics
                .error(place, "`spotInstancePools` without `lowest-price`")
                .help("only `spotAllocationStrategy: lowest-price` counts pools: remove it");
        }
    }
    if let Some(node) = fields.get("spotMaxPrice") {
        distribution.spot_max_price = read::rate(node, diagnostics);
    }
}
