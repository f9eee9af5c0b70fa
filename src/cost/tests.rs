//! Bills of hand-made runs.

use crate::record::testing::{Stage, eventful, large, needs, scenario, serving, small};
use crate::record::{RecordOptions, Run};
use crate::units::{HourlyRate, NanoUsd};

use super::{Bill, Summary, bill};

fn without_rows() -> RecordOptions {
    RecordOptions { tasks: false }
}

fn sum<'a>(amounts: impl IntoIterator<Item = &'a NanoUsd>) -> NanoUsd {
    amounts.into_iter().copied().sum()
}

fn assert_adds_up(run: &Run, bill: &Bill) {
    let lines: Vec<NanoUsd> = bill.lines.iter().map(|line| line.cost).collect();
    assert_eq!(bill.lines.len(), run.instances.len());
    for part in [
        sum(&lines),
        sum(bill.by_purchase_option.values()),
        sum(bill.by_capacity_provider.values()),
        sum(bill.by_instance_type.values()),
        sum(bill.by_availability_zone.values()),
        bill.used + bill.idle,
    ] {
        assert_eq!(part, bill.total);
    }
}

#[test]
fn a_run_of_forty_seconds_is_billed_for_sixty() {
    // G122: m5.large at 0.096 an hour, 40 s: 60 s, 0.0016.
    let mut m5 = small();
    m5.on_demand = Some(HourlyRate(96_000_000));
    let run = Stage::new(scenario(&[(m5, 1)], 40_000), without_rows()).end();
    let bill = bill(&run);
    assert_eq!(bill.total.to_string(), "0.001600000");
    assert_eq!((bill.used, bill.idle), (NanoUsd::ZERO, bill.total));
    assert_adds_up(&run, &bill);
}

#[test]
fn a_fixed_fleet_is_billed_for_the_whole_run_in_whole_seconds() {
    // 100.001 s are billed as 101: 0.0101 for each small one, 0.101 for the large one.
    let fleet = [(small(), 3), (large(), 1)];
    let run = Stage::new(scenario(&fleet, 100_001), without_rows()).end();
    let bill = bill(&run);
    assert_eq!(bill.total.to_string(), "0.131300000");
    let shown = |sums: &std::collections::BTreeMap<String, NanoUsd>| -> Vec<String> {
        sums.iter()
            .map(|(name, sum)| format!("{name}={sum}"))
            .collect()
    };
    assert_eq!(shown(&bill.by_purchase_option), ["on-demand=0.131300000"]);
    assert_eq!(shown(&bill.by_capacity_provider), ["=0.131300000"]);
    assert_eq!(
        shown(&bill.by_instance_type),
        ["large=0.101000000", "small=0.030300000"]
    );
    // Zone a has instances 0 and 2 of the small ones, and the large one.
    assert_eq!(
        shown(&bill.by_availability_zone),
        ["a=0.121200000", "b=0.010100000"]
    );
    assert!(bill.by_service.is_empty());
    assert_adds_up(&run, &bill);
}

#[test]
fn what_tasks_did_not_use_is_idle() {
    let run = eventful(|_| (), without_rows());
    let bill = bill(&run);
    // A minute for 10 s: 2 x 0.006 + 0.06. Used: 0.00026125 + 0.0003285 + 0.004951532.
    assert_eq!(bill.total.to_string(), "0.072000000");
    assert_eq!(bill.used.to_string(), "0.005541282");
    assert_eq!(bill.idle.to_string(), "0.066458718");
    assert_adds_up(&run, &bill);
}

#[test]
fn an_instance_that_is_full_all_the_time_has_nothing_idle() {
    let mut stage = Stage::new(scenario(&[(small(), 1)], 3_600_000), without_rows());
    for _ in 0..4 {
        stage.run(0, needs(250, 250, 0), 0);
    }
    let bill = bill(&stage.end());
    assert_eq!(bill.used.to_string(), "0.360000000");
    assert_eq!(bill.idle, NanoUsd::ZERO);
    // An hour's bill, and 730 times that.
    assert_eq!(bill.hourly.to_string(), "0.360000000");
    assert_eq!(bill.monthly.to_string(), "262.800000000");
}

#[test]
fn the_summary_has_the_keys_that_scripts_depend_on() {
    let run = eventful(|_| (), without_rows());
    let value = serde_json::to_value(Summary::new(&run, &bill(&run))).unwrap();
    let keys = |path: &str| -> Vec<String> {
        let found = value.pointer(path).and_then(serde_json::Value::as_object);
        found.unwrap().keys().cloned().collect()
    };
    let has = |path: &str, wanted: &str| {
        let found = keys(path);
        for key in wanted.split(' ') {
            assert!(
                found.iter().any(|other| other == key),
                "{path} lacks {key}: {found:?}"
            );
        }
    };
    has(
        "",
        "scenario cluster seed version digest durationMs events tasks placement utilization",
    );
    has("", "instances cost");
    has(
        "/tasks",
        "submitted placed notPlaced pending running succeeded failed interrupted",
    );
    has("/tasks", "stopped byEntry");
    has(
        "/placement",
        "attempts failures waitMs refusedShapes waited",
    );
    has(
        "/placement",
        "strategyByEntry waitedMeanMs stillWaitingMaxMs refusedShapeCount",
    );
    has("/placement/waitMs", "mean p50 p90 p99 max");
    has(
        "/utilization",
        "cpu memory gpu byAvailabilityZone byInstanceType byCapacityProvider",
    );
    has("/utilization", "stranded");
    has("/utilization/cpu", "reservedMean reservedPeak usedMean");
    has(
        "/utilization/byAvailabilityZone/a/gpu",
        "reservedMean reservedPeak usedMean",
    );
    has(
        "/instances",
        "peak mean launched terminated lowerBound used usedPeak usedMean",
    );
    has(
        "/cost",
        "totalUsd usedUsd idleUsd byPurchaseOption byCapacityProvider byService",
    );
    has("/cost", "byInstanceType byAvailabilityZone");
    let at = |path: &str| value.pointer(path).unwrap().to_string();
    assert_eq!(at("/utilization/cpu/reservedMean"), "0.40875");
    assert_eq!(at("/utilization/cpu/usedMean"), "null");
    assert_eq!(
        at("/utilization/byAvailabilityZone/b/gpu/reservedMean"),
        "null"
    );
    assert_eq!(at("/placement/waitMs/mean"), "1166.666667"); // 3,500 over 3
    // One waits from 8 s to the end at 10 s.
    assert_eq!(at("/placement/stillWaitingMaxMs"), "2000");
    assert_eq!(at("/placement/strategyByEntry/web"), "\"binpack-cpu\"");
    assert_eq!(at("/placement/refusedShapeCount"), "3");
    assert_eq!(at("/placement/waited"), "1");
    assert_eq!(at("/placement/waitedMeanMs"), "3500.0");
    assert_eq!(at("/placement/refusedShapes/0/entry"), "\"batch\"");
    assert_eq!(at("/tasks/pending"), "1");
}

/// Every key of a value, maps from names to services apart.
fn keys(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        serde_json::Value::Array(list) => {
            for value in list {
                keys(value, found);
            }
        }
        _ => (),
    }
}

#[test]
fn every_key_of_services_and_incidents_is_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outputs.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (_, section) = page.split_once("### services").unwrap();
    let (section, _) = section.split_once("### cost").unwrap();
    let run = serving(|_| (), without_rows());
    let value = serde_json::to_value(Summary::new(&run, &bill(&run))).unwrap();
    let mut found = std::collections::BTreeSet::new();
    let mut stop_reasons = std::collections::BTreeSet::new();
    for service in ["shop", "agent"] {
        let service = &value["services"][service];
        keys(service, &mut found);
        keys(&service["stopReasons"], &mut stop_reasons);
    }
    found.retain(|key| !stop_reasons.contains(key));
    keys(&value["incidents"], &mut found);
    for name in ["RESOURCE:CPU", "RESOURCE:MEMORY", "shop", "agent"] {
        assert!(found.remove(name), "no {name}");
    }
    assert!(found.len() > 60, "only {} keys: {found:?}", found.len());
    // The states of tasks are explained once, under `tasks`.
    let tasks = page.split("### placement").next().unwrap();
    for key in &found {
        let key = format!("`{key}`");
        assert!(
            section.contains(&key) || tasks.contains(&key),
            "no {key} in {path}"
        );
    }
}

#[test]
fn a_run_without_services_has_no_keys_for_them() {
    let run = eventful(|_| (), without_rows());
    let value = serde_json::to_value(Summary::new(&run, &bill(&run))).unwrap();
    assert!(value.get("services").is_none() && value.get("incidents").is_none());
}

#[test]
fn the_summary_tells_of_each_service() {
    let run = serving(|_| (), without_rows());
    let bill = bill(&run);
    let value = serde_json::to_value(Summary::new(&run, &bill)).unwrap();
    let at = |path: &str| value.pointer(path).unwrap().to_string();
    for (path, told) in [
        ("/services/shop/schedulingStrategy", "\"REPLICA\""),
        (
            "/services/shop/placementStrategy",
            "\"spread-az+spread-instance\"",
        ),
        ("/services/agent/placementStrategy", "null"),
        ("/services/shop/taskDefinition", "\"web:1\""),
        ("/services/shop/tasks/failed", "1"),
        ("/services/shop/healthy/mean", "3.3"),
        ("/services/shop/healthy/min", "0"),
        ("/services/shop/desired/end", "4"),
        ("/services/shop/availability", "0.75"),
        ("/services/shop/unavailableMs", "25000"),
        ("/services/shop/withoutHealthyMs", "15000"),
        ("/services/shop/readyAfterMs", "10000"),
        ("/services/agent/steadyAfterMs", "null"),
        ("/services/shop/placement/failures/RESOURCE:CPU", "1"),
        ("/services/shop/deployments/0/durationMs", "10000"),
        (
            "/services/shop/deployments/1/cause",
            "\"tasks failed to start\"",
        ),
        ("/services/shop/deployments/1/rolledBackBy", "3"),
        ("/services/shop/deployments/2/rollsBack", "2"),
        ("/services/shop/events/error", "2"),
        ("/services/shop/load/requests", "600.0"),
        ("/services/shop/load/errorRate", "0.1"),
        ("/services/shop/load/cpuUtilization/mean", "45.0"),
        ("/services/shop/load/latencyMeanMs/max", "2.5"),
        ("/services/agent/load", "null"),
        ("/services/agent/scaling/out", "1"),
        ("/services/agent/scaling/latest/0/to", "3"),
        ("/services/shop/costUsd", "0.0033"),
        ("/cost/byService/shop", "0.0033"),
        ("/incidents/1/endedMs", "null"),
        ("/instances/terminated", "1"),
    ] {
        assert_eq!(at(path), told, "{path}");
    }
    let said = at("/services/shop/events/latest/0/message");
    assert_eq!(said, "\"service (shop) has started 4 tasks.\"");
    let entries = value
        .pointer("/tasks/byEntry")
        .unwrap()
        .as_object()
        .unwrap();
    assert!(entries.keys().eq(["batch", "web"]), "{entries:?}");
    assert_adds_up(&run, &bill);
    assert_eq!(sum(bill.by_service.values()), bill.used);
}
