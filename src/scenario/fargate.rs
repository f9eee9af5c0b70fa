//! `fargate`: what Fargate gives, how fast, and at which price.

use crate::cloud::fargate::{FargatePulls, FargateSettings, FargateSpot, LaunchQuota};
use crate::kernel::Distribution;
use crate::model::{FargateCapacity, FargatePlatform, FargateRates, LaunchType};
use crate::units::Millis;

use super::capacity::{Capacity, CapacityProviderKind};
use super::spec::Scenario;

impl Scenario {
    /// Whether tasks of a capacity run on Fargate: the providers of a strategy are of one family.
    pub fn runs_on_fargate(&self, capacity: &Capacity) -> bool {
        match capacity {
            Capacity::LaunchType(launch_type) => *launch_type == LaunchType::Fargate,
            Capacity::Strategy(items) => items.iter().any(|item| {
                let kind = &self.capacity_providers[item.provider.index()].kind;
                !matches!(kind, CapacityProviderKind::AutoScalingGroup { .. })
            }),
        }
    }
}

/// Prices by capacity and platform; `None` where no task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FargatePrices {
    rates: [[Option<FargateRates>; 3]; 2],
}

impl FargatePrices {
    /// The rates of tasks.
    pub fn of(&self, capacity: FargateCapacity, platform: FargatePlatform) -> Option<FargateRates> {
        self.rates[capacity.index()][platform.index()]
    }

    /// Sets the rates of tasks.
    pub fn set(
        &mut self,
        capacity: FargateCapacity,
        platform: FargatePlatform,
        rates: FargateRates,
    ) {
        self.rates[capacity.index()][platform.index()] = Some(rates);
    }
}

/// The checked `fargate` block.
#[derive(Debug, Clone, PartialEq)]
pub struct Fargate {
    /// Zones, quotas, latencies, Fargate Spot.
    pub settings: FargateSettings,
    /// The most tasks that one service launches on Fargate in a minute; `None` is no limit.
    pub task_launches_per_minute: Option<u32>,
    /// Prices.
    pub prices: FargatePrices,
}

/// Fargate in a large Region, at once and for nothing.
impl Default for Fargate {
    fn default() -> Self {
        Self {
            settings: FargateSettings {
                availability_zones: vec!["us-east-1a".to_owned()],
                cpu_quota: [None; 2],
                launch_quota: Some(LaunchQuota {
                    burst: 100,
                    per_second: 20,
                }),
                provisioning: Distribution::Fixed(Millis::ZERO),
                pulls: FargatePulls::default(),
                spot: FargateSpot::default(),
                retirements: Vec::new(),
            },
            task_launches_per_minute: Some(500),
            prices: FargatePrices::default(),
        }
    }
}
