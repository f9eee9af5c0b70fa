//! Capacity that comes and goes, run from the text of a scenario: the golden examples `G..` of the
//! specification that are about Auto Scaling groups, capacity providers and Spot.

mod churn;
mod costs;
mod draining;
mod groups;
mod managed_instances;
mod managed_scaling;
mod provisioning;
mod replacement;
mod spot;
mod spot_trace;
mod strategies;

use ecs_sim::control::managed_scaling::ManagedScalingMinute;
use ecs_sim::model::Cluster;
use ecs_sim::record::RecordOptions;
use ecs_sim::simulation::{GroupCounts, Observer, Record};
use ecs_sim::units::SimTime;

use crate::harness::{Ran, run_watched, scenario};

/// What was seen of the first group and the first provider of a run.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The counts of the first group from each millisecond on.
    pub(crate) groups: Vec<(u64, GroupCounts)>,
    /// The minutes of the first provider that has managed scaling.
    pub(crate) minutes: Vec<ManagedScalingMinute>,
    /// The millisecond and the id of each instance that was set DRAINING or ACTIVE again.
    pub(crate) changes: Vec<(u64, u32)>,
    /// The millisecond of each interruption notice, and when the instance goes.
    pub(crate) notices: Vec<(u64, u64)>,
    /// The millisecond of each launch that failed.
    pub(crate) failures: Vec<u64>,
}

impl Observer for Seen {
    fn advance(&mut self, _: SimTime, _: SimTime, _: &Cluster) {}

    fn record(&mut self, at: SimTime, record: &Record<'_>, _: &Cluster) {
        match record {
            Record::GroupCounted { group, counts } if group.0 == 0 => {
                self.groups.push((at.0, *counts));
            }
            Record::CapacityProviderMinute { provider, minute } if provider.0 == 0 => {
                self.minutes.push(**minute);
            }
            Record::InstanceChanged { instance } => self.changes.push((at.0, instance.0)),
            Record::SpotInterruptionNotice { takes_back_at, .. } => {
                self.notices.push((at.0, takes_back_at.0));
            }
            Record::LaunchFailed { .. } => self.failures.push(at.0),
            _ => {}
        }
    }
}

impl Seen {
    /// The desired capacity from each millisecond on, as it changed.
    pub(crate) fn desired(&self) -> Vec<(u64, u32)> {
        let mut steps: Vec<(u64, u32)> = Vec::new();
        for (at, counts) in &self.groups {
            if steps.last().is_none_or(|(_, last)| *last != counts.desired) {
                steps.push((*at, counts.desired));
            }
        }
        steps
    }

    /// The minute that ends at a millisecond.
    pub(crate) fn minute(&self, at: u64) -> &ManagedScalingMinute {
        let mut minutes = self.minutes.iter();
        minutes.find(|minute| minute.at.0 == at).expect("a minute")
    }
}

/// Runs a text and watches its first group.
pub(crate) fn watch(text: &str) -> (Ran, Seen) {
    let mut seen = Seen::default();
    let options = RecordOptions { tasks: true };
    let ran = run_watched(&scenario(text), options, &mut seen);
    (ran, seen)
}

/// A scenario with instances of 3 vCPU and 3 GiB, tasks of 1 vCPU (three to an instance), a group
/// `asg` with these settings, and a provider `cp` of it with these.
pub(crate) fn provider(group: &str, provider: &str, rest: &str) -> String {
    let key = "newInstancesProtectedFromScaleIn";
    let is_missing = provider == PROTECTED && !group.contains(key);
    let protected = if is_missing {
        format!(", {key}: true")
    } else {
        String::new()
    };
    format!(
        "duration: 3h
latencies: {{instant: true}}
instanceTypes: [{{instanceType: own, cpu: 3 vCPU, memory: 3 GiB, onDemandUsdPerHour: 1}}]
autoScalingGroups:
  - {{autoScalingGroupName: asg, launchTemplate: {{instanceType: own}}, {group}{protected}}}
cluster:
  name: c
  capacityProviders:
    - {{name: cp, autoScalingGroupProvider: {{autoScalingGroupName: asg, {provider}}}}}
  defaultCapacityProviderStrategy: [{{capacityProvider: cp, weight: 1}}]
taskDefinitions:
  - family: web
    containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]
{rest}"
    )
}

/// Managed scaling with termination protection.
pub(crate) const PROTECTED: &str =
    "managedScaling: {status: ENABLED}, managedTerminationProtection: ENABLED";
