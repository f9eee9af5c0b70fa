//! `run` and its files.

use std::fs;

use serde_json::Value;

use super::{Place, SCENARIO, files};

#[test]
fn run_prints_a_summary() {
    let ended = Place::new().run(&["run", "s.yaml"]).ok();
    assert!(
        ended.out().contains('s') && ended.out().contains("13"),
        "{}",
        ended.out()
    );
    assert!(ended.out().contains("RESOURCE:CPU"), "{}", ended.out());
}

/// Every key of the contract, by the object that has it.
const SUMMARY_KEYS: [(&str, &[&str]); 16] = [
    (
        "",
        &[
            "scenario",
            "seed",
            "version",
            "digest",
            "durationMs",
            "events",
        ],
    ),
    (
        "",
        &["tasks", "placement", "utilization", "instances", "cost"],
    ),
    (
        "/tasks",
        &["submitted", "placed", "notPlaced", "pending", "running"],
    ),
    ("/tasks", &["succeeded", "failed", "interrupted", "stopped"]),
    ("/placement", &["attempts", "failures", "waitMs"]),
    ("/placement/waitMs", &["mean", "p50", "p90", "p99", "max"]),
    ("/utilization", &["cpu", "memory", "gpu", "stranded"]),
    (
        "/utilization",
        &["byAvailabilityZone", "byInstanceType", "byCapacityProvider"],
    ),
    (
        "/utilization/cpu",
        &["reservedMean", "reservedPeak", "usedMean"],
    ),
    (
        "/utilization/memory",
        &["reservedMean", "reservedPeak", "usedMean"],
    ),
    (
        "/utilization/gpu",
        &["reservedMean", "reservedPeak", "usedMean"],
    ),
    (
        "/utilization/byAvailabilityZone/us-east-1a/cpu",
        &["reservedMean", "reservedPeak"],
    ),
    (
        "/utilization/byInstanceType/m5.large/memory",
        &["reservedMean", "reservedPeak"],
    ),
    (
        "/instances",
        &["peak", "mean", "launched", "terminated", "lowerBound"],
    ),
    (
        "/cost",
        &["totalUsd", "usedUsd", "idleUsd", "byPurchaseOption"],
    ),
    (
        "/cost",
        &["byCapacityProvider", "byService", "byInstanceType"],
    ),
];

#[test]
fn run_prints_one_json_document_with_every_key() {
    let ended = Place::new()
        .run(&["run", "s.yaml", "--format", "json"])
        .ok();
    let summary: Value = serde_json::from_str(ended.out()).unwrap();
    for (object, keys) in SUMMARY_KEYS {
        let found = summary.pointer(object).and_then(Value::as_object);
        let found = found.unwrap_or_else(|| panic!("no object at {object}"));
        for key in keys {
            assert!(found.contains_key(*key), "no `{key}` at `{object}`");
        }
    }
    assert_eq!(
        (&summary["scenario"], &summary["seed"]),
        (&"s".into(), &1.into())
    );
    assert_eq!(summary["tasks"]["submitted"], 13);
    assert_eq!(summary["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_seed_strategy_and_set_change_the_run() {
    let place = Place::new();
    let digest = |more: &[&str]| {
        let arguments = [&["run", "s.yaml", "--format", "json"], more].concat();
        let ended = place.run(&arguments).ok();
        let summary: Value = serde_json::from_str(ended.out()).unwrap();
        (summary["digest"].to_string(), summary)
    };
    let (plain, _) = digest(&[]);
    assert_eq!(digest(&["--seed", "1"]).0, plain);
    let (other, summary) = digest(&["--seed", "7"]);
    assert!(other != plain && summary["seed"] == 7);
    let (_, summary) = digest(&["--strategy", "spread-az+binpack-memory"]);
    assert_eq!(
        summary["placement"]["strategies"][0],
        "spread-az+binpack-memory"
    );
    let (_, summary) = digest(&["--set", "containerInstances.0.count=5"]);
    assert_eq!(summary["instances"]["peak"], 5);
    let more = "tasks+={name: more, cpu: 1, memory: 4, arrivals: {at: 1m, count: 4}}";
    assert_eq!(digest(&["--set", more]).1["tasks"]["submitted"], 17);
}

#[test]
fn out_writes_the_files_and_never_over_others_unless_forced() {
    let place = Place::new();
    let ended = place.run(&["run", "s.yaml", "--out", "made/out"]).ok();
    assert!(
        ended.err().contains("files written to made/out"),
        "{}",
        ended.err()
    );
    let first = files(&place.path("made/out"));
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "summary.json",
        "tasks.csv",
        "instances.csv",
        "timeseries.csv",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(
        names
            .iter()
            .filter(|name| name.starts_with("plots/"))
            .count()
            >= 4,
        "{names:?}"
    );
    let json = place.run(&["run", "s.yaml", "--format", "json"]).ok();
    let summary = first
        .iter()
        .find(|(name, _)| name == "summary.json")
        .unwrap();
    assert_eq!(summary.1, json.0.stdout);

    place.write("made/out/mine.txt", "kept");
    place
        .run(&["run", "s.yaml", "--out", "made/out"])
        .refused(&["made/out", "--force"]);
    place
        .run(&["run", "s.yaml", "--out", "made/out", "--force"])
        .ok();
    assert_eq!(fs::read(place.path("made/out/mine.txt")).unwrap(), b"kept");
    fs::remove_file(place.path("made/out/mine.txt")).unwrap();
    assert!(
        files(&place.path("made/out")) == first,
        "not the same bytes"
    );
}

#[test]
fn an_out_that_cannot_be_a_directory_is_refused() {
    let place = Place::new();
    place.write("file", "");
    place
        .run(&["run", "s.yaml", "--out", "file"])
        .refused(&["file", "not a directory"]);
    place
        .run(&["run", "s.yaml", "--out", "file/below"])
        .refused(&["file/below"]);
    place.run(&["run", "s.yaml", "--force"]).refused(&["--out"]);
}

#[test]
fn quiet_leaves_standard_error_empty() {
    let place = Place::new();
    let warned = format!("{SCENARIO}  - {{name: late, cpu: 1, memory: 4, arrivals: {{at: 2h}}}}\n");
    place.write("w.yaml", warned);
    let loud = place.run(&["run", "w.yaml", "--out", "one"]).ok();
    assert!(loud.err().contains("warning"), "{}", loud.err());
    let quiet = place
        .run(&["run", "w.yaml", "--quiet", "--out", "two"])
        .ok();
    assert_eq!(quiet.err(), "");
    assert_eq!(quiet.out(), loud.out());
    assert!(files(&place.path("one")) == files(&place.path("two")));
}
