//! Random scenarios of capacity that comes and goes: Auto Scaling groups, capacity providers, Spot
//! pools, Fargate, external instances, the work on them, and what befalls them.

mod groups;
mod work;

use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::select;

use self::groups::{Group, group};
use self::work::{service, tasks};

/// Types of instances, all with a price of their own.
pub(super) const TYPES: [&str; 3] = ["large", "medium", "little"];
pub(super) const ZONES: [&str; 3] = ["us-east-1a", "us-east-1b", "us-east-1c"];

/// How long anything takes. The second is the longest that an instance takes to be launched.
const LATENCIES: [(&str, u64); 4] = [
    ("{instant: true}", 0),
    (
        "{start: 5s, stop: 5s, instanceLaunch: 20s, agentRegistration: 45s}",
        20_000,
    ),
    (
        "{start: {uniform: {min: 0s, max: 40s}}, stop: {uniform: {min: 0s, max: 200s}}, \
         networkInterfaceDetach: 7s, instanceLaunch: {uniform: {min: 1s, max: 90s}}, \
         agentRegistration: {uniform: {min: 0s, max: 150s}}, warmStart: 10s}",
        90_000,
    ),
    (
        "{start: 0s, stop: 0s, instanceLaunch: 3m, agentRegistration: 0s}",
        180_000,
    ),
];

const DEFINITIONS: &str = "
instanceTypes:
  - {instanceType: large, cpu: 4 vCPU, memory: 8000, gpu: 1, onDemandUsdPerHour: 0.2}
  - {instanceType: medium, cpu: 2 vCPU, memory: 4000, onDemandUsdPerHour: 0.1}
  - {instanceType: little, cpu: 1 vCPU, memory: 1500, maxEnis: 3, onDemandUsdPerHour: 0.0333}
  - {instanceType: crumb, cpu: 64, memory: 64, onDemandUsdPerHour: 0.001}
containerInstances:
  - {instanceType: crumb, count: 3, availabilityZones: [us-east-1a, us-east-1b, us-east-1c]}
  - {instanceType: medium, count: 2, launchType: EXTERNAL, availabilityZone: cellar}
";

/// What Spot pools of a type hold, and what they cost: a text for an entry of `spot.pools`.
const SUPPLIES: [&str; 6] = [
    "usdPerHour: 0.01, capacity: unlimited",
    "usdPerHour: 0.02, capacity: 2",
    "usdPerHour: 0.015, capacity: [{start: 0s, end: 20m, nodes: 4}, \
     {start: 20m, end: 21m, nodes: 1}, {start: 22m, end: 45m, nodes: 3}, \
     {start: 47m, end: 50m, nodes: 5}, {start: 50m, end: 3h, nodes: 2}]",
    "usdPerHour: [{at: 0s, usdPerHour: 0.01}, {at: 25m, usdPerHour: 0.5}, \
     {at: 40m, usdPerHour: 0.02}], capacity: 6",
    "usdPerHour: 0.012, interruptions: 99%",
    "savingsPercent: 70, interruptions: 0%",
];

const SPOT_OPTIONS: [&str; 3] = [
    "",
    "  reclaimedPercent: {min: 1, max: 3}\n  outage: 12m\n  recommendationPercent: 100\n",
    "  recommendationLead: {uniform: {min: 0s, max: 5m}}\n  recommendationPercent: 100\n",
];

const FARGATE: [&str; 5] = [
    "{}",
    "{vcpuQuota: {FARGATE: 1, FARGATE_SPOT: 2}, availabilityZones: [us-east-1a, us-east-1b]}",
    "{spot: {timeToInterruption: {exponential: {mean: 20m}}}, provisioning: 20s}",
    "{spot: {capacity: [{at: 0s, vcpus: 2}, {at: 10m, vcpus: 0.5}, {at: 11m, vcpus: 1}, \
     {at: 25m, vcpus: 0}, {at: 40m, vcpus: 4}]}, launchRate: {burst: 2, perSecond: 1}}",
    "{taskRetirements: [{at: 20m}], spot: {capacity: [{at: 0s, vcpus: 3}, {at: 50m, vcpus: 1}], \
     timeToInterruption: {uniform: {min: 0s, max: 2h}}}}",
];

/// What befalls the capacity, beside the times.
const INCIDENTS: [&str; 18] = [
    "availabilityZoneLost: us-east-1a",
    "availabilityZoneLost: us-east-1b",
    "containerInstancesLost: {share: 40%}",
    "containerInstancesLost: {count: 1, purchaseOption: spot}",
    "containerInstancesLost: {instanceType: medium}",
    "containerInstancesDraining: {share: 50%}",
    "containerInstancesDraining: true",
    "agentsDisconnected: {count: 2}",
    "agentsDisconnected: true",
    "registryUnavailable: true",
    "registrySlow: {factor: 9}",
    "spotReclaim: {share: 50%}",
    "spotReclaim: {count: 1, availabilityZone: us-east-1a}",
    "onDemandCapacityRefused: true",
    "onDemandCapacityRefused: {availabilityZone: us-east-1a}",
    "fargateCapacityRefused: {availabilityZone: us-east-1a}",
    "fargateCapacityRefused: {capacityProvider: FARGATE_SPOT}",
    "fargateSpotReclaim: {share: 60%}",
];
/// As many of them that strike nothing but what they name.
const NAMED: usize = 2;

/// A scenario, and what a test has to know of it beside what the scenario says itself.
#[derive(Debug, Clone)]
pub(crate) struct CapacityScenario {
    pub(crate) text: String,
    /// The longest that an instance takes from the request to RUNNING, in milliseconds.
    pub(crate) longest_launch: u64,
}

/// What befalls a scenario: the second of its begin in tens, which one, and how many minutes it
/// lasts; 0 is to the end. Then whether another of its kind begins while it lasts, or Spot Instances
/// are taken back.
type Incident = (u32, usize, u32, u8);

fn incidents(entries: &[Incident]) -> String {
    let mut text = String::new();
    let mut add = |seconds: u32, kind: &str, minutes: u32| {
        let _ = write!(text, "  - {{at: {seconds}s, {kind}");
        if minutes > 0 && !kind.starts_with("fargateSpotReclaim") {
            let _ = write!(text, ", duration: {minutes}m");
        }
        text.push_str("}\n");
    };
    for (at, kind, minutes, amid) in entries {
        let (begins, kind) = (at * 10, INCIDENTS[*kind]);
        add(begins, kind, *minutes);
        let halfway = begins + minutes * 30;
        match amid {
            0 => add(halfway, kind, *minutes),
            1 => add(halfway, "spotReclaim: {share: 80%}", 1),
            _ => {}
        }
    }
    text
}

/// Entries for the pools of all types that groups launch as Spot Instances.
fn pools(groups: &[Group], supplies: &[usize; 6]) -> String {
    let mut text = String::new();
    for (place, name) in TYPES.into_iter().enumerate() {
        if !groups.iter().any(|group| group.launches_spot(place)) {
            continue;
        }
        let supply = SUPPLIES[supplies[place]];
        let _ = writeln!(text, "    - {{instanceType: {name}, {supply}}}");
        // Zone a may differ.
        if supplies[place + 3] != supplies[place] {
            let (zone, supply) = (ZONES[0], SUPPLIES[supplies[place + 3]]);
            let _ = writeln!(
                text,
                "    - {{instanceType: {name}, availabilityZone: {zone}, {supply}}}"
            );
        }
    }
    text
}

fn block(name: &str, entries: &str) -> String {
    if entries.is_empty() {
        String::new()
    } else {
        format!("{name}:\n{entries}")
    }
}

/// The top of the file.
type Header = (u32, usize, usize, [usize; 6], (usize, usize, bool));

fn header() -> impl Strategy<Value = Header> {
    let supplies = prop::array::uniform6(0..SUPPLIES.len());
    let others = (0..SPOT_OPTIONS.len(), 0..FARGATE.len(), any::<bool>());
    (
        any::<u32>(),
        0_usize..4,
        0..LATENCIES.len(),
        supplies,
        others,
    )
}

/// Everything at once.
pub(crate) fn any_capacity_scenario() -> impl Strategy<Value = CapacityScenario> {
    let incident = (
        0_u32..360,
        0..INCIDENTS.len(),
        select(&[0_u32, 1, 3, 10, 30][..]),
        0_u8..4,
    );
    composed(prop::collection::vec(incident, 0..5))
}

/// The same, without what strikes a part of all that there is.
pub(crate) fn any_calm_scenario() -> impl Strategy<Value = CapacityScenario> {
    let incident = (0_u32..360, 0..NAMED, select(&[1_u32, 3, 10][..]), Just(2));
    composed(prop::collection::vec(incident, 0..2))
}

fn composed(
    befalls: impl Strategy<Value = Vec<Incident>>,
) -> impl Strategy<Value = CapacityScenario> {
    let groups = prop::collection::vec(group(), 1..4);
    let services = prop::collection::vec(service(), 0..3);
    let entries = prop::collection::vec(tasks(), 0..4);
    (header(), groups, services, entries, befalls).prop_map(
        |((seed, duration, latencies, supplies, others), groups, services, entries, befalls)| {
            let duration = ["1h", "1h", "2h", "3h"][duration];
            let (spot, fargate, random_ties) = others;
            let tie = ["lowestInstanceId", "random"][usize::from(random_ties)];
            let (latencies, longest_launch) = LATENCIES[latencies];
            let mut fargate = FARGATE[fargate].to_owned();
            if longest_launch == 0 {
                fargate = fargate.replace(", provisioning: 20s", "");
            }
            let mut text = format!(
                "duration: {duration}\nseed: {seed}\nlatencies: {latencies}\n\
                 placementOptions: {{tieBreak: {tie}}}\n\
                 accountSettings: {{fargateTaskRetirementWaitPeriod: 0}}\n\
                 fargate: {fargate}\n{}{}",
                DEFINITIONS.trim_start_matches('\n'),
                work::DEFINITIONS
            );
            text.push_str("autoScalingGroups:\n");
            let mut providers = String::new();
            for (number, group) in groups.iter().enumerate() {
                text.push_str(&group.text(number));
                providers.push_str(&group.provider(number));
            }
            text.push_str(&block("capacityProviders", &providers));
            let pools = pools(&groups, &supplies);
            if !pools.is_empty() {
                let _ = write!(text, "spot:\n{}  pools:\n{pools}", SPOT_OPTIONS[spot]);
            }
            let named: Vec<usize> = (0..groups.len())
                .filter(|number| groups[*number].has_provider())
                .collect();
            text.push_str(&work::text(&services, &entries, &named));
            text.push_str(&block("incidents", &incidents(&befalls)));
            CapacityScenario {
                text,
                longest_launch,
            }
        },
    )
}
