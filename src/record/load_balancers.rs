//! Requests to each load balancer, hour by hour: what its capacity units are reckoned from.

use crate::cloud::{Protocol, ServiceMinute};
use crate::model::ServiceId;
use crate::scenario::{LoadBalancer, Scenario, Service};
use crate::units::{Millis, SimTime, index};

/// A load balancer over the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancerRow {
    /// `loadBalancerName`.
    pub name: String,
    /// A Network Load Balancer; otherwise an Application Load Balancer.
    pub is_network: bool,
    /// Requests in millionths, for each hour of the run from its start.
    pub requests: Vec<u128>,
}

/// The ledger of load balancers.
#[derive(Debug, Default)]
pub(super) struct LoadBalancers {
    rows: Vec<LoadBalancerRow>,
    /// By service: which load balancer sends it its requests.
    of_services: Vec<Option<usize>>,
}

impl LoadBalancers {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let hours = usize::try_from(scenario.duration.0.div_ceil(Millis::HOUR.0))
            .expect("a run has fewer hours than memory has places");
        let balancers = scenario.load_balancers.iter();
        let rows = balancers.map(|balancer| LoadBalancerRow {
            name: balancer.listener.name.clone(),
            is_network: is_network(scenario, balancer),
            requests: vec![0; hours],
        });
        let services = scenario.services.iter();
        Self {
            rows: rows.collect(),
            of_services: services
                .map(|service| balancer_of(scenario, service))
                .collect(),
        }
    }

    /// A minute of a service that ends now.
    pub(super) fn minute(&mut self, at: SimTime, service: ServiceId, metrics: &ServiceMinute) {
        let balancer = self.of_services.get(service.index()).copied().flatten();
        let Some(row) = balancer.and_then(|place| self.rows.get_mut(place)) else {
            return;
        };
        let hour = at.0.saturating_sub(1) / Millis::HOUR.0;
        let hour = usize::try_from(hour).ok();
        if let Some(requests) = hour.and_then(|hour| row.requests.get_mut(hour)) {
            *requests += u128::from(metrics.offered);
        }
    }

    pub(super) fn finish(self) -> Vec<LoadBalancerRow> {
        self.rows
    }
}

fn is_network(scenario: &Scenario, balancer: &LoadBalancer) -> bool {
    let name = &balancer.listener.default_target_group;
    let mut groups = scenario.target_groups.iter();
    let group = groups.find(|group| group.name == *name);
    group.is_some_and(|group| group.protocol == Protocol::Tcp)
}

/// The load balancer whose listener forwards to a target group of the service.
fn balancer_of(scenario: &Scenario, service: &Service) -> Option<usize> {
    let groups = service.target_groups.iter();
    let names: Vec<&str> = groups
        .filter_map(|group| scenario.target_groups.get(index(group.0)))
        .map(|group| group.name.as_str())
        .collect();
    let forwards = |balancer: &LoadBalancer| {
        let listener = &balancer.listener;
        let rules = listener.rules.iter().map(|rule| &rule.target_group);
        let mut targets = rules.chain([&listener.default_target_group]);
        targets.any(|target| names.contains(&target.as_str()))
    };
    scenario.load_balancers.iter().position(forwards)
}
