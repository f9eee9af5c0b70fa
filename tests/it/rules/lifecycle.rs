//! Defaults, the span of a run, ids, groups, states at the end.

use crate::harness::{instant, run, scenario};
use ecs_sim::scenario::WhenFull;

#[test]
fn what_is_not_said_has_the_stated_default() {
    let read = scenario(
        "duration: 1h
instanceTypes: [{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}]
containerInstances: [{instanceType: own}]
tasks: [{cpu: 1, memory: 4, arrivals: {at: 0s}}]",
    );
    assert_eq!((read.seed, read.region.as_str()), (1, "us-east-1"));
    assert_eq!(read.start.to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(read.timeseries_period.0, 60_000);
    let own = &read.instance_types[0];
    assert_eq!(own.architecture.attribute_value(), "x86_64");
    assert_eq!((own.gpus, own.awsvpc_tasks), (0, None));
    assert_eq!(own.registered_memory.0, 1_024);
    let fleet = &read.container_instances[0];
    assert_eq!(
        (fleet.count, fleet.settings.operating_system_family.as_str()),
        (1, "LINUX")
    );
    assert_eq!(fleet.availability_zones, ["us-east-1a"]);
    let entry = &read.tasks[0];
    assert!(entry.placement_strategy.is_empty() && entry.placement_constraints.is_empty());
    assert_eq!(entry.when_full, WhenFull::Fail);
}

#[test]
fn duration_and_a_price_are_required() {
    let message = crate::harness::refusal("name: x\n");
    assert!(message.contains("duration"), "{message}");
    let message = crate::harness::refusal(
        "duration: 1h
instanceTypes: [{instanceType: own, cpu: 1 vCPU, memory: 1 GiB}]
containerInstances: [{instanceType: own}]",
    );
    assert!(
        message.contains("price") || message.contains("onDemandUsdPerHour"),
        "{message}"
    );
}

#[test]
fn an_own_type_has_no_limit_on_awsvpc_tasks_unless_it_is_given() {
    let text = |limit: &str| {
        format!(
            "instanceTypes: [{{instanceType: own, cpu: 8 vCPU, memory: 9 GiB,
      onDemandUsdPerHour: 1{limit}}}]
containerInstances: [{{instanceType: own}}]
taskDefinitions: [{{family: d, networkMode: awsvpc, containerDefinitions: [{{name: c, image: i,
      memory: 4}}]}}]
tasks: [{{name: t, taskDefinition: d, arrivals: {{at: 0s, count: 300}}}}]"
        )
    };
    assert_eq!(instant(&text("")).run.tasks.placed, 300);
    // One interface is the instance's own.
    assert_eq!(instant(&text(", maxEnis: 4")).run.tasks.placed, 3);
}

#[test]
fn the_run_covers_the_duration_without_its_end() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: last, cpu: 1, memory: 4, arrivals: {at: 3599999ms}}
  - {name: beyond, cpu: 1, memory: 4, count: 2, arrivals: {at: 1h}}
  - {name: every, cpu: 1, memory: 4, arrivals: {every: 20m}, runtime: 10m}",
    );
    let by_entry = &ran.summary.tasks.by_entry;
    assert_eq!(
        (by_entry["last"].submitted, by_entry["beyond"].submitted),
        (1, 0)
    );
    // At 0, 20m and 40m; the one at 1h is outside.
    assert_eq!(by_entry["every"].submitted, 3);
    assert!(ran.outcome.beyond_end >= 2, "{}", ran.outcome.beyond_end);
    assert_eq!(ran.summary.tasks.beyond_end, Some(ran.outcome.beyond_end));
    assert_eq!(ran.summary.duration_ms, 3_600_000);
}

#[test]
fn what_would_end_on_the_end_still_runs() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: on, cpu: 1, memory: 4, arrivals: {at: 30m}, runtime: 30m}
  - {name: before, cpu: 1, memory: 4, arrivals: {at: 30m}, runtime: 1799999ms}
  - {name: never, cpu: 1, memory: 4, arrivals: {at: 30m}}",
    );
    assert_eq!(
        ran.task_column("last_status"),
        ["RUNNING", "STOPPED", "RUNNING"]
    );
    assert_eq!(ran.task_column("stopped_ms"), ["", "3599999", ""]);
    let code = "EssentialContainerExited";
    assert_eq!(ran.task_column("stop_code"), ["", code, ""]);
}

#[test]
fn a_run_lasts_its_duration_though_work_ends_earlier() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks: [{name: t, cpu: 1, memory: 4, arrivals: {at: 0s}, runtime: 1m}]",
    );
    assert_eq!(ran.summary.duration_ms, 3_600_000);
    assert_eq!(ran.bill.total.to_string(), "0.096000000");
}

#[test]
fn instances_register_at_zero_in_the_order_of_the_file() {
    let ran = run("duration: 1h
containerInstances:
  - {instanceType: m5.large, count: 5, availabilityZones: [us-east-1a, us-east-1b, us-east-1c]}
  - {instanceType: c5.large}
  - {instanceType: m5.large, count: 2, availabilityZones: [us-east-1c, us-east-1a]}");
    // Copy k in zone k mod n; n begins anew in each entry.
    let zones: Vec<String> = ["a", "b", "c", "a", "b", "a", "c", "a"]
        .iter()
        .map(|letter| format!("us-east-1{letter}"))
        .collect();
    assert_eq!(ran.instance_column("availability_zone"), zones);
    let types = ran.instance_column("instance_type");
    assert_eq!(
        (types[4].as_str(), types[5].as_str()),
        ("m5.large", "c5.large")
    );
    assert_eq!(ran.instance_column("registered_ms"), ["0"; 8]);
    assert_eq!(ran.instance_column("terminated_ms"), [""; 8]);
    assert_eq!(ran.instance_column("end_reason"), [""; 8]);
    assert_eq!(ran.instance_column("capacity_provider"), [""; 8]);
    assert_eq!(ran.instance_column("purchase_option"), ["on-demand"; 8]);
}

#[test]
fn instance_ids_number_registrations_in_17_hexadecimal_digits() {
    let ran = instant("containerInstances: [{instanceType: m5.large, count: 18}]");
    let ids = ran.instance_column("instance_id");
    assert_eq!(ids[0], "i-00000000000000000");
    assert_eq!(
        (ids[9].as_str(), ids[10].as_str()),
        ("i-00000000000000009", "i-0000000000000000a")
    );
    assert_eq!(ids[17], "i-00000000000000011");
    assert!(ids.is_sorted());
}

#[test]
fn task_ids_number_an_entry_in_order_of_submission() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: late, cpu: 1, memory: 4, arrivals: {at: 2m, count: 2}}
  - {name: early, cpu: 1, memory: 4, count: 2, arrivals: {every: 1m, until: 3m}}",
    );
    let ids = ran.task_column("task_id");
    let expected = [
        "early/1", "early/2", "early/3", "early/4", "late/1", "late/2", "early/5", "early/6",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn groups_default_to_the_family_and_the_family_to_the_entry() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: c, image: i, memory: 64}]}
  - {family: web, containerDefinitions: [{name: c, image: i, memory: 32}]}
tasks:
  - {name: a, taskDefinition: web, arrivals: {at: 0s}}
  - {name: b, taskDefinition: 'web:1', arrivals: {at: 0s}}
  - {name: c, taskDefinition: web, group: mine, arrivals: {at: 0s}}
  - {name: d, cpu: 1, memory: 4, arrivals: {at: 0s}}",
    );
    assert_eq!(
        ran.task_column("group"),
        ["family:web", "family:web", "mine", "family:d"]
    );
    assert_eq!(
        ran.task_column("task_definition"),
        ["web:2", "web:1", "web:2", ""]
    );
    assert_eq!(ran.task_column("memory"), ["32", "64", "32", "4"]);
    assert_eq!(ran.task_column("service"), [""; 4]);
}

#[test]
fn the_runtime_counts_from_running_and_the_reservation_from_placement_to_stopped() {
    let ran = run("duration: 1h
latencies: {start: 30s, stop: 10s}
containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: a, cpu: 2048, memory: 4, arrivals: {at: 0s}, runtime: 1m}
  - {name: b, cpu: 2048, memory: 4, arrivals: {at: 1s}, runtime: 1m, whenFull: queue}");
    assert_eq!(ran.task_column("placed_ms"), ["0", "100000"]);
    assert_eq!(ran.task_column("started_ms"), ["30000", "130000"]);
    assert_eq!(ran.task_column("stopped_ms"), ["100000", "200000"]);
    // 2,048 CPU units over 200 s.
    assert_eq!(ran.instance_column("cpu_seconds_reserved"), ["409600"]);
}

#[test]
fn the_states_at_the_end_add_up_to_what_was_submitted() {
    let ran = run("duration: 1h
latencies: {start: 30s, stop: 20s}
containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: done, cpu: 256, memory: 4, arrivals: {at: 0s}, runtime: 1m}
  - {name: runs, cpu: 256, memory: 4, arrivals: {at: 0s}}
  - {name: ending, cpu: 256, memory: 4, arrivals: {at: 0s}, runtime: 3560s}
  - {name: starts, cpu: 256, memory: 4, arrivals: {at: 3590s}}
  - {name: waits, cpu: 2048, memory: 4, arrivals: {at: 30m, count: 2}, whenFull: queue}
  - {name: refused, cpu: 2048, memory: 4, arrivals: {at: 30m, count: 3}}");
    let tasks = &ran.summary.tasks;
    assert_eq!((tasks.submitted, tasks.placed), (9, 4));
    assert_eq!(
        (tasks.not_placed, tasks.pending, tasks.waiting),
        (3, 3, Some(2))
    );
    assert_eq!((tasks.running, tasks.succeeded), (2, 1));
    assert_eq!((tasks.failed, tasks.interrupted, tasks.stopped), (0, 0, 0));
    let sum = tasks.not_placed + tasks.pending + tasks.running + tasks.succeeded;
    assert_eq!(sum, tasks.submitted);
    let status = ran.task_column("last_status");
    let expected = [
        "STOPPED",
        "RUNNING",
        "STOPPING",
        "PROVISIONING",
        "PROVISIONING",
        "NOT_PLACED",
        "NOT_PLACED",
        "NOT_PLACED",
        "PENDING",
    ];
    assert_eq!(status, expected);
}

#[test]
fn a_task_without_a_definition_pulls_no_image() {
    let ran = run("duration: 1h
latencies: {start: 0s, stop: 0s}
containerInstances: [{instanceType: m5.large}]
taskDefinitions: [{family: web, containerDefinitions: [{name: c, image: i, memory: 64}]}]
images: [{name: i, size: 100 MB}]
tasks:
  - {name: bare, cpu: 64, memory: 64, arrivals: {at: 0s}, runtime: 1m}
  - {name: web, taskDefinition: web, arrivals: {at: 0s}, runtime: 1m}");
    assert_eq!(ran.task_column("started_ms"), ["0", "2500"]);
}
