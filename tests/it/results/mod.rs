//! What a run tells of capacity and of incidents: whole runs, looked at through their summary, text
//! and files.

mod incidents;
mod managed_scaling;
mod spot;

use ecs_sim::report;
use serde_json::Value;

use crate::harness::{Ran, run};

/// A group of On-Demand Instances.
const ON_DEMAND: &str = "launchTemplate: {instanceType: m5.large}";
/// A group of Spot Instances.
const SPOT: &str = "instanceType: m5.large, purchaseOption: spot";

/// Runs three hours of the group `asg` of m5.large in two zones and its capacity provider `cp`, which
/// is the cluster's default strategy.
fn elastic(group: &str, provider: &str, body: &str) -> Ran {
    run(&format!(
        "duration: 3h
autoScalingGroups:
  - {{autoScalingGroupName: asg, maxSize: 20, availabilityZones: [us-east-1a, us-east-1b], {group}}}
cluster:
  capacityProviders:
    - {{name: cp, autoScalingGroupProvider: {{autoScalingGroupName: asg, {provider}}}}}
  defaultCapacityProviderStrategy: [{{capacityProvider: cp, weight: 1}}]
{body}"
    ))
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.json()).expect("one document")
}

fn text(ran: &Ran) -> String {
    report::text::summary(&ran.summary, report::text::Style::default())
}
