//! The fleet of a scenario as far as it is fixed: what it holds at most, and what it costs at
//! least.

use crate::cost;
use crate::record::{PerResource, billed_span};
use crate::scenario::{ContainerInstances, IncidentKind, Scenario};
use crate::units::{Fixed, Millis, NanoUsd, Resources};

use super::Demand;

/// So many steps of a [`Fixed`] make a nano-dollar.
const STEPS_OF_A_NANO_DOLLAR: i128 = 1_000;

/// What registers at the start of a run and stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedFleet {
    /// How many of what.
    instances: Vec<(u64, PerResource<u64>)>,
    /// Whether more can come: instances of groups, or tasks that need none.
    may_grow: bool,
    /// What they cost over the run at least.
    cost: NanoUsd,
    duration: Millis,
}

impl FixedFleet {
    /// The fleet of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let lived = least_life(scenario);
        let entries = scenario.container_instances.iter();
        let instances = entries.clone().map(|entry| {
            let kind = &scenario.instance_types[entry.instance_type.index()];
            let registered = Resources {
                cpu: kind.cpu,
                memory: entry.registered_memory,
                gpus: kind.gpus,
                enis: 0,
            };
            (u64::from(entry.count), PerResource::amounts(&registered))
        });
        let cost = |entry: &ContainerInstances| {
            // Each instance is a line of the bill, rounded by itself.
            let line = entry.rate.cost_of(billed_span(lived));
            NanoUsd(line.0 * i128::from(entry.count))
        };
        // A commitment may bring any instance below its own price.
        let is_committed = !scenario.pricing.commitments.is_empty();
        Self {
            instances: instances.collect(),
            may_grow: !scenario.has_fixed_fleet(),
            cost: if is_committed {
                NanoUsd::ZERO
            } else {
                entries.map(cost).sum()
            },
            duration: scenario.duration,
        }
    }

    /// What a figure of the summary is at least, in every run; `None` where nothing is known.
    pub fn least(&self, path: &str) -> Option<Fixed> {
        let amount = match path {
            "cost.totalUsd" => self.cost,
            "cost.hourlyUsd" => cost::per_hour(self.cost, self.duration),
            "cost.monthlyUsd" => cost::per_month(self.cost, self.duration),
            _ => return None,
        };
        Some(Fixed(amount.0 * STEPS_OF_A_NANO_DOLLAR))
    }

    /// Whether the fleet may hold what is demanded: false only when no placement could.
    pub fn may_hold(&self, demand: &Demand) -> bool {
        if self.may_grow {
            return true;
        }
        let registered = self
            .instances
            .iter()
            .fold(PerResource::all(0), |sum, (count, each)| {
                each.with(sum, |each, sum: u64| {
                    sum.saturating_add(each.saturating_mul(*count))
                })
            });
        let suffices = registered.with(demand.amounts, |has, wanted| has >= wanted);
        let room = |shape: &PerResource<u64>| {
            let each = |(count, registered): &(u64, PerResource<u64>)| {
                count.saturating_mul(held_by_one(*registered, *shape))
            };
            self.instances.iter().map(each).fold(0, u64::saturating_add)
        };
        suffices.values().into_iter().all(|holds| holds)
            && demand
                .tasks
                .iter()
                .all(|(shape, wanted)| room(shape) >= *wanted)
    }
}

/// How many tasks of a shape an instance holds at once.
fn held_by_one(registered: PerResource<u64>, shape: PerResource<u64>) -> u64 {
    let each = registered.with(shape, |has, needs| {
        has.checked_div(needs).unwrap_or(u64::MAX)
    });
    each.values().into_iter().min().unwrap_or(0)
}

/// How long each instance of the fleet lives at least: to the first incident that can end one.
fn least_life(scenario: &Scenario) -> Millis {
    let ends = scenario
        .incidents
        .iter()
        .filter(|incident| match incident.kind {
            IncidentKind::AvailabilityZoneLost { .. } | IncidentKind::InstancesLost { .. } => true,
            IncidentKind::InstancesDraining { .. }
            | IncidentKind::AgentsDisconnected { .. }
            | IncidentKind::RegistryUnavailable
            | IncidentKind::RegistrySlow { .. }
            | IncidentKind::SpotReclaim { .. }
            | IncidentKind::OnDemandCapacityRefused { .. }
            | IncidentKind::FargateCapacityRefused { .. }
            | IncidentKind::FargateSpotReclaim { .. } => false,
        });
    let first = ends.map(|incident| Millis(incident.at.0)).min();
    first.map_or(scenario.duration, |first| first.min(scenario.duration))
}
