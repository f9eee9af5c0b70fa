//! Random small scenarios of standalone tasks.

use std::fmt::Write;

use proptest::prelude::*;

const TYPES: [&str; 4] = ["m5.large", "c5.large", "g", "small"];
pub(super) const CHAINS: [&str; 8] = [
    "",
    "{type: random}",
    "{type: spread, field: 'attribute:ecs.availability-zone'}",
    "{type: spread, field: instanceId}",
    "{type: binpack, field: cpu}",
    "{type: binpack, field: memory}",
    "{type: spread, field: 'attribute:rack'}, {type: binpack, field: memory}",
    "{type: x-worst-fit}",
];
pub(super) const CONSTRAINTS: [&str; 7] = [
    "",
    "{type: distinctInstance}",
    "{type: memberOf, expression: 'attribute:rack == r0'}",
    "{type: memberOf, expression: 'not(task:group == shared)'}",
    "{type: memberOf, expression: 'runningTasksCount < 3'}",
    "{type: memberOf, expression: 'attribute:ecs.instance-type =~ m5.*'}, {type: distinctInstance}",
    "{type: memberOf, expression: 'task:group == shared or runningTasksCount == 0'}",
];
const ARRIVALS: [&str; 5] = [
    "{at: 0s, count: 20}",
    "{at: 90s, count: 25}",
    "{every: 20s}",
    "{poisson: {perMinute: 4}}",
    "{every: 1m, from: 30s, until: 8m}",
];
const RUNTIMES: [&str; 5] = [
    "",
    ", runtime: 1m",
    ", runtime: {exponential: {mean: 2m}}",
    ", runtime: 0s",
    ", runtime: 20s",
];
pub(super) const LATENCIES: [&str; 4] = [
    "{instant: true}",
    "{start: 5s, stop: 5s}",
    "{start: {uniform: {min: 0s, max: 20s}}, stop: 0s}",
    "{start: 0s, stop: {exponential: {mean: 10s}}}",
];
/// Tasks' shapes: five definitions, then bare amounts.
const SHAPES: [&str; 8] = [
    "taskDefinition: web",
    "taskDefinition: dynamic",
    "taskDefinition: dns",
    "taskDefinition: eni",
    "taskDefinition: gpu",
    "cpu: 512, memory: 256",
    "cpu: 0, memory: 300",
    "cpu: 1500, memory: 3000",
];
pub(super) const DEFINITIONS: &str = "
instanceTypes:
  - {instanceType: g, cpu: 4 vCPU, memory: 4000, gpu: 2, onDemandUsdPerHour: 1.1}
  - {instanceType: small, cpu: 700, memory: 900, maxEnis: 3, onDemandUsdPerHour: 0.0333}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: c, image: i, cpu: 100, memory: 200,
      portMappings: [{containerPort: 80, hostPort: 80}]}]}
  - {family: dynamic, containerDefinitions: [{name: c, image: i, memory: 100,
      portMappings: [{containerPort: 80}, {containerPort: 81}]}]}
  - {family: dns, networkMode: host, containerDefinitions: [{name: c, image: i, cpu: 10,
      memory: 50, portMappings: [{containerPort: 53}, {containerPort: 53, protocol: udp}]}]}
  - {family: eni, networkMode: awsvpc, containerDefinitions: [{name: c, image: i, cpu: 128,
      memory: 128}]}
  - {family: gpu, containerDefinitions: [{name: c, image: i, cpu: 1, memory: 8,
      resourceRequirements: [{type: GPU, value: '1'}]}]}
";

pub(super) fn fleet() -> impl Strategy<Value = String> {
    (0..TYPES.len(), 1_u32..5, 1..4_usize, 0_u8..3, 0_u8..12).prop_map(
        |(kind, count, zones, rack, other)| {
            let zones = ["us-east-1a", "us-east-1b", "us-east-1c"][..zones].join(", ");
            let mut text = format!(
                "  - {{instanceType: {}, count: {count}, availabilityZones: [{zones}]",
                TYPES[kind]
            );
            if rack < 2 {
                let _ = write!(text, ", attributes: {{rack: r{rack}}}");
            }
            if other == 0 {
                text.push_str(", agentConnected: false");
            }
            text + "}\n"
        },
    )
}

pub(super) fn entry() -> impl Strategy<Value = String> {
    let places = (0..CHAINS.len(), 0..CONSTRAINTS.len(), 0_usize..3);
    let work = (0..SHAPES.len(), 0..ARRIVALS.len(), 0..RUNTIMES.len());
    (places, work, 1_u32..4, any::<bool>()).prop_map(|(places, work, count, shared)| {
        let when_full = ["fail", "queue", "backfill"][places.2];
        let group = if shared { ", group: shared" } else { "" };
        format!(
            "{}, arrivals: {}{}{group}, count: {count}, whenFull: {when_full}, \
             placementStrategy: [{}], placementConstraints: [{}]}}\n",
            SHAPES[work.0],
            ARRIVALS[work.1],
            RUNTIMES[work.2],
            CHAINS[places.0],
            CONSTRAINTS[places.1]
        )
    })
}

pub(crate) fn any_scenario() -> impl Strategy<Value = String> {
    let fleets = prop::collection::vec(fleet(), 1..4);
    let entries = prop::collection::vec(entry(), 1..6);
    (
        fleets,
        entries,
        any::<u32>(),
        0..LATENCIES.len(),
        any::<bool>(),
    )
        .prop_map(|(fleets, entries, seed, latencies, random_ties)| {
            let tie = if random_ties {
                "random"
            } else {
                "lowestInstanceId"
            };
            let mut text = format!(
                "duration: 10m\nseed: {seed}\nlatencies: {}\n\
                 placementOptions: {{tieBreak: {tie}}}\n\
                 {DEFINITIONS}containerInstances:\n{}tasks:\n",
                LATENCIES[latencies],
                fleets.concat()
            );
            for (at, entry) in entries.iter().enumerate() {
                let _ = write!(text, "  - {{name: e{at}, {entry}");
            }
            text
        })
}
