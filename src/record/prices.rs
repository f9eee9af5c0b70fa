//! What an instance costs an hour, by where it comes from, and what its provider is called.

use crate::cloud::spot::SpotPrice;
use crate::model::{CapacityProviderId, InstanceSource, LaunchType};
use crate::scenario::{ContainerInstances, Scenario};
use crate::units::{HourlyRate, RateOverTime, index};

/// The prices of a scenario's instances.
#[derive(Debug)]
pub(super) struct Prices {
    fleet: Vec<HourlyRate>,
    /// On-Demand, by group and type.
    groups: Vec<Vec<HourlyRate>>,
    pools: Vec<RateOverTime>,
    providers: Vec<String>,
}

impl Prices {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let fleet = scenario.container_instances.iter();
        let groups = scenario.auto_scaling_groups.iter();
        let pools = scenario.spot_pools.iter();
        let providers = scenario.capacity_providers.iter();
        Self {
            fleet: fleet.map(|entry| with_fee(scenario, entry)).collect(),
            groups: groups
                .map(|group| group.types.iter().map(|of| of.on_demand).collect())
                .collect(),
            pools: pools.map(|pool| over_time(&pool.price)).collect(),
            providers: providers.map(|provider| provider.name.clone()).collect(),
        }
    }

    /// The price of an instance-hour.
    pub(super) fn of_instance(&self, source: InstanceSource) -> RateOverTime {
        match source {
            InstanceSource::Group {
                pool: Some(pool), ..
            } => self.pools[pool.index()].clone(),
            InstanceSource::Group { pool: None, .. } | InstanceSource::Fleet(_) => {
                RateOverTime::Constant(self.on_demand(source))
            }
        }
    }

    /// The On-Demand price of an instance-hour: what a Spot Instance would have cost.
    pub(super) fn on_demand(&self, source: InstanceSource) -> HourlyRate {
        match source {
            InstanceSource::Fleet(entry) => self.fleet[index(entry)],
            InstanceSource::Group {
                group,
                instance_type,
                ..
            } => self.groups[group.index()][index(instance_type)],
        }
    }

    /// The name of a capacity provider; empty for none.
    pub(super) fn provider_name(&self, provider: Option<CapacityProviderId>) -> String {
        provider.map_or(String::new(), |provider| {
            self.providers[provider.index()].clone()
        })
    }
}

/// The price of an entry's instances, with that of ECS Anywhere for external ones.
fn with_fee(scenario: &Scenario, entry: &ContainerInstances) -> HourlyRate {
    let fee = match entry.launch_type {
        LaunchType::External => scenario.pricing.ecs_anywhere.unwrap_or_default(),
        LaunchType::Ec2 | LaunchType::Fargate | LaunchType::ManagedInstances => {
            HourlyRate::default()
        }
    };
    HourlyRate(entry.rate.0.saturating_add(fee.0))
}

fn over_time(price: &SpotPrice) -> RateOverTime {
    match price {
        SpotPrice::Constant(rate) => RateOverTime::Constant(*rate),
        SpotPrice::Series(prices) => RateOverTime::new(prices),
    }
}
