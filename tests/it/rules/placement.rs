//! Strategies and constraints.

use crate::harness::{Ran, instant, refusal, run};

const AZ: &str = "{type: spread, field: 'attribute:ecs.availability-zone'}";
const INSTANCE: &str = "{type: spread, field: instanceId}";

/// `count` small tasks on a fleet by a chain.
fn placed(fleet: &str, chain: &str, count: u32) -> Ran {
    instant(&format!(
        "containerInstances: [{fleet}]
tasks: [{{name: t, cpu: 128, memory: 256, arrivals: {{at: 0s, count: {count}}},
      placementStrategy: [{chain}]}}]"
    ))
}

/// Own types with 1,000 and 600 MiB.
const SIZES: &str = "instanceTypes:
  - {instanceType: a, cpu: 4 vCPU, memory: 1000, onDemandUsdPerHour: 1}
  - {instanceType: b, cpu: 4 vCPU, memory: 600, onDemandUsdPerHour: 1}
";

#[test]
fn spread_over_zones_is_even() {
    // G29
    let ran = placed(
        "{instanceType: m5.large, availabilityZones: [us-east-1a, us-east-1b]}, \
         {instanceType: m5.large, availabilityZone: us-east-1b}",
        AZ,
        4,
    );
    assert_eq!(ran.per_instance(), [2, 2]);
}

#[test]
fn spread_over_zones_then_instances_uses_each_once() {
    // G30
    let fleet = "{instanceType: m5.large, count: 4, availabilityZones: [us-east-1a, us-east-1b]}";
    let ran = placed(fleet, &format!("{AZ}, {INSTANCE}"), 4);
    assert_eq!(ran.per_instance(), [1, 1, 1, 1]);
    // By zones alone the first of each zone takes all: the last tie-break is the lowest id.
    assert_eq!(placed(fleet, AZ, 4).per_instance(), [2, 2, 0, 0]);
}

#[test]
fn binpack_fills_the_instance_with_the_least_memory_left() {
    // G31
    let ran = instant(&format!(
        "{SIZES}containerInstances: [{{instanceType: a}}, {{instanceType: b}}]
tasks: [{{name: t, cpu: 1, memory: 500, arrivals: {{at: 0s, count: 4}},
      placementStrategy: [{{type: binpack, field: memory}}]}}]"
    ));
    assert_eq!(ran.places(), [Some(1), Some(0), Some(0), None]);
}

#[test]
fn binpack_by_cpu_looks_at_cpu_alone() {
    let ran = instant(
        "instanceTypes:
  - {instanceType: wide, cpu: 4 vCPU, memory: 500, onDemandUsdPerHour: 1}
  - {instanceType: deep, cpu: 2 vCPU, memory: 9000, onDemandUsdPerHour: 1}
containerInstances: [{instanceType: wide}, {instanceType: deep}]
tasks:
  - {name: c, cpu: 512, memory: 100, arrivals: {at: 0s}, placementStrategy: [{type: binpack,
      field: cpu}]}
  - {name: m, cpu: 512, memory: 100, arrivals: {at: 0s}, placementStrategy: [{type: binpack,
      field: memory}]}",
    );
    assert_eq!(ran.places(), [Some(1), Some(0)]);
}

#[test]
fn spread_goes_before_binpack_in_a_chain() {
    // G34: instances 0 (a) and 1 (b) in zone a, 2 (a) and 3 (b) in zone b.
    let ran = instant(&format!(
        "{SIZES}containerInstances:
  - {{instanceType: a, availabilityZone: us-east-1a}}
  - {{instanceType: b, availabilityZone: us-east-1a}}
  - {{instanceType: a, availabilityZone: us-east-1b}}
  - {{instanceType: b, availabilityZone: us-east-1b}}
tasks: [{{name: t, cpu: 1, memory: 500, arrivals: {{at: 0s, count: 4}},
      placementStrategy: [{AZ}, {{type: binpack, field: memory}}]}}]"
    ));
    assert_eq!(ran.places(), [Some(1), Some(3), Some(0), Some(2)]);
}

#[test]
fn a_request_takes_five_strategies() {
    // G35
    let text = |count: usize| {
        let chain = vec!["{type: random}"; count].join(", ");
        format!(
            "duration: 1h\ncontainerInstances: [{{instanceType: m5.large}}]\n\
             tasks: [{{name: t, cpu: 1, memory: 4, arrivals: {{at: 0s}},
      placementStrategy: [{chain}]}}]"
        )
    };
    assert_eq!(run(&text(5)).run.tasks.placed, 1);
    assert!(refusal(&text(6)).contains("a request takes at most 5"));
}

#[test]
fn distinct_instance_places_one_of_a_group_on_each() {
    // G37
    let ran = instant(
        "containerInstances: [{instanceType: m5.large, count: 3}]
tasks: [{name: t, cpu: 1, memory: 4, arrivals: {at: 0s, count: 4},
      placementConstraints: [{type: distinctInstance}]}]",
    );
    assert_eq!(ran.per_instance(), [1, 1, 1]);
    let reason = "DistinctInstance placement constraint unsatisfied.";
    assert_eq!(ran.task_column("stopped_reason")[3], reason);
}

#[test]
fn distinct_instance_looks_at_the_group_alone() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: t, group: one, cpu: 1, memory: 4, arrivals: {at: 0s},
      placementConstraints: [{type: distinctInstance}]}
  - {name: u, group: two, cpu: 1, memory: 4, arrivals: {at: 0s},
      placementConstraints: [{type: distinctInstance}]}
  - {name: v, group: one, cpu: 1, memory: 4, arrivals: {at: 0s},
      placementConstraints: [{type: distinctInstance}]}",
    );
    assert_eq!(ran.places(), [Some(0), Some(0), None]);
}

#[test]
fn distinct_instance_overlooks_a_task_that_is_being_stopped() {
    // G38: the first stops at 1m and is STOPPED at 11m; the second comes at 2m, while its
    // resources are still reserved.
    let text = |at: &str| {
        format!(
            "duration: 1h
latencies: {{start: 0s, stop: 10m}}
containerInstances: [{{instanceType: m5.large}}]
tasks:
  - {{name: t, group: g, cpu: 1024, memory: 4, arrivals: {{at: 0s}}, runtime: 1m}}
  - {{name: u, group: g, cpu: 1024, memory: 4, arrivals: {{at: {at}}},
      placementConstraints: [{{type: distinctInstance}}]}}
  - {{name: v, cpu: 1024, memory: 4, arrivals: {{at: 3m}}}}"
        )
    };
    let ran = run(&text("2m"));
    assert_eq!(ran.places(), [Some(0), Some(0), None]);
    assert_eq!(ran.task_column("stopped_reason")[2], "RESOURCE:CPU");
    assert_eq!(ran.task_column("stopped_ms")[0], "660000");
    assert_eq!(run(&text("30s")).places()[1], None);
}

#[test]
fn the_default_strategy_is_random_and_reaches_every_instance() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.24xlarge, count: 4}]
tasks: [{name: t, cpu: 1, memory: 4, arrivals: {at: 0s, count: 400}}]",
    );
    // 100 expected, standard deviation 8.7.
    let counts = ran.per_instance();
    assert!(
        counts.iter().all(|count| (60..=140).contains(count)),
        "{counts:?}"
    );
    assert_eq!(ran.summary.placement.strategies, ["random"]);
}

#[test]
fn random_takes_the_only_candidate_among_many() {
    // More instances than the 64 draws that are made at first.
    let ran = instant(
        "containerInstances:
  - {instanceType: m5.large, count: 999}
  - {instanceType: m5.large, attributes: {stack: prod}}
tasks: [{name: t, cpu: 1, memory: 4, arrivals: {at: 0s, count: 9},
      placementConstraints: [{type: memberOf, expression: 'attribute:stack == prod'}]}]",
    );
    assert_eq!(ran.places(), [Some(999); 9]);
}

#[test]
fn reasons_stand_in_their_order_and_count_once_an_attempt() {
    let ran = instant(
        "instanceTypes: [{instanceType: g, cpu: 8 vCPU, memory: 9000, gpu: 1,
      onDemandUsdPerHour: 1}]
containerInstances:
  - {instanceType: g, attributes: {stack: dev}}
  - {instanceType: m5.2xlarge, count: 2}
  - {instanceType: g, agentConnected: false}
  - {instanceType: g, registeredMemory: 100}
  - {instanceType: m5.large, count: 3}
tasks: [{name: t, cpu: 4096, memory: 512, gpu: 1, arrivals: {at: 0s, count: 2},
      placementConstraints: [{type: memberOf, expression: 'attribute:stack == prod'}]}]",
    );
    let expected = "AGENT; RESOURCE:CPU; RESOURCE:MEMORY; RESOURCE:GPU; \
                    MemberOf placement constraint unsatisfied.";
    assert_eq!(ran.task_column("stopped_reason"), [expected; 2]);
    assert_eq!(ran.summary.placement.failures.len(), 5);
    assert!(
        ran.summary
            .placement
            .failures
            .values()
            .all(|count| *count == 2)
    );
}

#[test]
fn each_instance_gives_the_first_reason_only() {
    // Too little CPU and too little memory: CPU is looked at first.
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks: [{name: t, cpu: 9999, memory: 999999, gpu: 4, arrivals: {at: 0s}}]",
    );
    assert_eq!(ran.task_column("stopped_reason"), ["RESOURCE:CPU"]);
}

#[test]
fn the_short_names_of_strategies() {
    use ecs_sim::scenario::parse_strategy_chain;
    for name in [
        "spread-az",
        "spread-instance",
        "binpack-cpu",
        "binpack-memory",
        "random",
        "spread-az+binpack-memory",
    ] {
        let chain = parse_strategy_chain(name).unwrap();
        let back: Vec<String> = chain.iter().map(ToString::to_string).collect();
        assert_eq!(back.join("+"), name);
    }
    for wrong in [
        "",
        "spread",
        "binpack",
        "spread-az+",
        "spread-az,random",
        "Random",
    ] {
        assert!(parse_strategy_chain(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_cluster_without_instances_has_its_own_reason() {
    let work = "tasks: [{name: t, cpu: 1, memory: 4, arrivals: {at: 0s, count: 2}}]";
    let ran = instant(work);
    let reason = "No Container Instances were found in your cluster.";
    assert_eq!(ran.task_column("stopped_reason"), [reason; 2]);
    assert_eq!(ran.summary.placement.failures[reason], 2);
    // One instance that is no place for them gives a reason of its own instead.
    let ran = instant(&format!(
        "containerInstances: [{{instanceType: m5.large, agentConnected: false}}]\n{work}"
    ));
    assert_eq!(ran.task_column("stopped_reason"), ["AGENT"; 2]);
}
