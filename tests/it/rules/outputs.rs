//! Keys, columns, the order of files.

use crate::harness::{Ran, instant, run};
use serde_json::Value;

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.json()).expect("one document")
}

#[test]
fn utilization_is_told_of_each_zone_type_and_provider() {
    let ran = instant(
        "containerInstances:
  - {instanceType: m5.large, count: 2, availabilityZones: [us-east-1a, us-east-1b]}
  - {instanceType: c5.large}
tasks: [{name: t, cpu: 1024, memory: 4, arrivals: {at: 30m}, placementStrategy: [{type: spread,
      field: instanceId}]}]",
    );
    let all = &json(&ran)["utilization"];
    let keys =
        |key: &str| -> Vec<String> { all[key].as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys("byAvailabilityZone"), ["us-east-1a", "us-east-1b"]);
    assert_eq!(keys("byInstanceType"), ["c5.large", "m5.large"]);
    assert_eq!(keys("byCapacityProvider"), [""]);
    // 1,024 of 6,144 for half the time.
    assert_eq!(all["cpu"]["reservedMean"], 0.083_333);
    assert_eq!(all["cpu"]["reservedPeak"], 0.166_667);
    assert_eq!(
        all["byAvailabilityZone"]["us-east-1a"]["cpu"]["reservedMean"],
        0.125
    );
    assert_eq!(
        all["byAvailabilityZone"]["us-east-1b"]["cpu"]["reservedPeak"],
        0.0
    );
    assert!(all["gpu"]["reservedMean"].is_null());
}

#[test]
fn events_count_what_was_dispatched() {
    // Two submissions, two starts, one stop, one STOPPED.
    let ran = run("duration: 1h
latencies: {start: 1s, stop: 1s}
containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: a, cpu: 1, memory: 4, arrivals: {at: 0s}, runtime: 1m}
  - {name: b, cpu: 1, memory: 4, arrivals: {at: 0s}}");
    assert_eq!(ran.summary.events, 6);
}

#[test]
fn money_in_json_is_a_number_of_nine_digits() {
    let ran = run("duration: 59s\ncontainerInstances: [{instanceType: m5.large}]");
    let text = ran.json();
    assert!(text.contains("\"totalUsd\": 0.001600000,"), "{text}");
    assert!(text.contains("\"usedUsd\": 0.000000000,"), "{text}");
    assert!(json(&ran)["cost"]["totalUsd"].is_number());
}

#[test]
fn the_series_starts_at_zero_after_all_that_happens_in_the_instant() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: a, cpu: 1024, memory: 4, arrivals: {at: 0s}, runtime: 2m}
  - {name: b, cpu: 512, memory: 4, arrivals: {at: 2m}}
  - {name: w, cpu: 2048, memory: 4, arrivals: {at: 3m}, whenFull: queue}",
    );
    let times = ran.series("time_ms");
    assert_eq!(times.len(), 60);
    assert_eq!((times[0].as_str(), times[1].as_str()), ("0", "60000"));
    assert_eq!(times[59], "3540000");
    assert_eq!(
        ran.series("reserved_cpu")[..4],
        ["1024", "1024", "512", "512"]
    );
    assert_eq!(ran.series("registered_cpu")[0], "2048");
    assert_eq!(ran.series("tasks_running")[..4], ["1", "1", "1", "1"]);
    assert_eq!(ran.series("tasks_pending")[..4], ["0", "0", "0", "1"]);
    assert_eq!(ran.series("instances")[0], "1");
}

#[test]
fn the_columns_of_the_series_begin_with_the_agreed_ones() {
    let ran = instant("containerInstances: [{instanceType: m5.large}]");
    let mut text = Vec::new();
    ecs_sim::report::csv::timeseries(&ran.run, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let agreed = "time_ms,instances,registered_cpu,reserved_cpu,registered_memory,\
                  reserved_memory,registered_gpu,reserved_gpu,tasks_pending,tasks_running,cost_usd";
    assert!(text.starts_with(agreed), "{text}");
}

#[test]
fn the_period_of_the_series_can_be_chosen() {
    let ran =
        run("duration: 1h\ntimeseriesPeriod: 25m\ncontainerInstances: [{instanceType: m5.large}]");
    assert_eq!(ran.series("time_ms"), ["0", "1500000", "3000000"]);
    let long = run("duration: 30d\ncontainerInstances: [{instanceType: m5.large}]");
    assert_eq!(long.series("time_ms")[1], "1800000");
}

#[test]
fn tasks_stand_in_order_of_submission_whatever_ends_first() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: long, cpu: 1, memory: 4, arrivals: {at: 0s}, runtime: 30m}
  - {name: short, cpu: 1, memory: 4, arrivals: {at: 1s}, runtime: 1s}
  - {name: refused, cpu: 9999, memory: 4, arrivals: {at: 2s}}
  - {name: mid, cpu: 1, memory: 4, arrivals: {at: 3s}, runtime: 5m}",
    );
    assert_eq!(
        ran.task_column("task_id"),
        ["long/1", "short/1", "refused/1", "mid/1"]
    );
    assert_eq!(
        ran.task_column("stopped_ms"),
        ["1800000", "2000", "", "303000"]
    );
    let code = "EssentialContainerExited";
    assert_eq!(ran.task_column("stop_code"), [code, code, "", code]);
}

#[test]
fn counts_of_instances_and_their_work() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large, count: 3}]
tasks: [{name: t, cpu: 2048, memory: 1000, arrivals: {at: 0s, count: 2}, runtime: 15m,
      placementStrategy: [{type: binpack, field: cpu}]}]",
    );
    let instances = &ran.summary.instances;
    assert_eq!(
        (instances.peak, instances.launched, instances.terminated),
        (3, 3, 0)
    );
    assert_eq!(
        (instances.lower_bound, instances.used, instances.used_peak),
        (2, 2, 2)
    );
    assert_eq!(
        (instances.mean, instances.used_mean),
        (Some(3.0), Some(0.5))
    );
    assert_eq!(ran.instance_column("tasks_run"), ["1", "1", "0"]);
    let seconds = ran.instance_column("memory_mib_seconds_reserved");
    assert_eq!(seconds, ["900000", "900000", "0"]);
}

#[test]
fn a_run_without_services_says_nothing_of_them() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
tasks: [{name: t, cpu: 1, memory: 4, arrivals: {at: 0s}}]",
    );
    let all = json(&ran);
    assert!(all.get("services").is_none() && all.get("incidents").is_none());
    assert_eq!(all["cost"]["byService"], serde_json::json!({}));
    assert_eq!(ran.task_column("service"), [""]);
    assert_eq!(ran.run.services().count(), 0);
    let directory = tempfile::tempdir().unwrap();
    let output = ecs_sim::report::OutputDir::prepare(directory.path(), false).unwrap();
    let bill = ecs_sim::cost::bill(&ran.run);
    let files = ecs_sim::report::write_all(&output, &ran.run, &bill, &ran.summary).unwrap();
    let of_services = |path: &std::path::PathBuf| path.to_string_lossy().contains("service");
    assert!(
        !files.is_empty() && !files.iter().any(of_services),
        "{files:?}"
    );
}

#[test]
fn the_columns_of_services_begin_with_when_and_which() {
    let ran = instant("containerInstances: [{instanceType: m5.large}]");
    let (mut series, mut events) = (Vec::new(), Vec::new());
    ecs_sim::report::csv::services(&ran.run, &mut series).unwrap();
    ecs_sim::report::csv::service_events(&ran.run, &mut events).unwrap();
    let agreed = "time_ms,service,desired,lower_limit,pending,running,healthy,stopping,requests";
    assert!(series.starts_with(agreed.as_bytes()));
    assert_eq!(events, b"time_ms,service,event_name,severity,message\n");
}
