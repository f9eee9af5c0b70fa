//! What a run tells of capacity and of incidents: whole runs, looked at through their summary, text
//! and files.

mod incidents;
mod managed_scaling;
mod spot;

use ecs_sim::cloud::spot::{SpotPool, SpotPrice, SpotSupply};
use ecs_sim::record::RecordOptions;
use ecs_sim::report;
use ecs_sim::scenario::{IncidentKind, Scenario};
use ecs_sim::units::HourlyRate;
use serde_json::Value;

use crate::harness::{Ran, run_watched, scenario};

/// Three hours of the group `asg` of m5.large in two zones and its capacity provider `cp`, which is
/// the cluster's default strategy.
fn elastic(group: &str, provider: &str, body: &str) -> String {
    format!(
        "duration: 3h
autoScalingGroups:
  - autoScalingGroupName: asg
    maxSize: 20
    availabilityZones: [us-east-1a, us-east-1b]
    launchTemplate: {{instanceType: m5.large}}
    {group}
cluster:
  capacityProviders:
    - name: cp
      autoScalingGroupProvider:
        autoScalingGroupName: asg
        {provider}
  defaultCapacityProviderStrategy: [{{capacityProvider: cp, weight: 1}}]
{body}"
    )
}

/// Runs a scenario, keeping all rows.
fn run(scenario: &Scenario) -> Ran {
    run_watched(scenario, RecordOptions { tasks: true }, &mut ())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.json()).expect("one document")
}

fn text(ran: &Ran) -> String {
    report::text::summary(&ran.summary, report::text::Style::default())
}

/// A scenario whose groups find any number of Spot Instances, at a third of a cent an hour.
fn with_spot_pools(text: &str, supply: &SpotSupply) -> Scenario {
    let mut scenario = scenario(text);
    let group = &scenario.auto_scaling_groups[0];
    let of = &group.types[0];
    let zones = group.configuration.availability_zones.iter();
    let pools = zones.map(|zone| SpotPool {
        name: format!("m5.large/{zone}"),
        instance_type: of.instance_type,
        availability_zone: zone.clone(),
        price: SpotPrice::Constant(HourlyRate(33_000_000)),
        supply: supply.clone(),
    });
    scenario.spot_pools = pools.collect();
    scenario
}

/// The scenario with another kind of incident in place of its first one.
fn befalling(mut scenario: Scenario, kind: IncidentKind) -> Scenario {
    scenario.incidents[0].kind = kind;
    scenario
}
