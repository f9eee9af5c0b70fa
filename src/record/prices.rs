//! What an instance costs an hour, by where it comes from, and what its provider is called.

use crate::cloud::spot::SpotPrice;
use crate::model::{CapacityProviderId, InstanceSource};
use crate::scenario::Scenario;
use crate::units::{HourlyRate, SimTime, index};

/// The prices of a scenario's instances.
#[derive(Debug)]
pub(super) struct Prices {
    fleet: Vec<HourlyRate>,
    /// On-Demand, by group and type.
    groups: Vec<Vec<HourlyRate>>,
    pools: Vec<SpotPrice>,
    providers: Vec<String>,
}

impl Prices {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let fleet = scenario.container_instances.iter();
        let groups = scenario.auto_scaling_groups.iter();
        let pools = scenario.spot_pools.iter();
        let providers = scenario.capacity_providers.iter();
        Self {
            fleet: fleet.map(|entry| entry.rate).collect(),
            groups: groups
                .map(|group| group.types.iter().map(|of| of.on_demand).collect())
                .collect(),
            pools: pools.map(|pool| pool.price.clone()).collect(),
            providers: providers.map(|provider| provider.name.clone()).collect(),
        }
    }

    /// The price of an instance-hour at the time of its launch.
    pub(super) fn at_launch(&self, source: InstanceSource, at: SimTime) -> HourlyRate {
        match source {
            InstanceSource::Fleet(entry) => self.fleet[index(entry)],
            InstanceSource::Group {
                pool: Some(pool), ..
            } => self.pools[pool.index()].at(at),
            InstanceSource::Group {
                group,
                instance_type,
                pool: None,
            } => self.groups[group.index()][index(instance_type)],
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
