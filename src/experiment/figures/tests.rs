//! Figures of a whole run.

use std::path::Path;

use super::{Better, FigureError, Figures, default_figures, describe};
use crate::experiment::run_once;
use crate::scenario::{FigurePath, LoadOptions, Unit, load_text};

fn figures() -> Figures {
    let text = "
duration: 1h
containerInstances: [{instanceType: m5.large, count: 2}]
tasks: [{name: a.b, cpu: 1024, memory: 1024, arrivals: {at: 0s, count: 5}}]
taskDefinitions: [{family: web, containerDefinitions: [{name: app, image: web, cpu: 1, memory: 6}]}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]
";
    let options = LoadOptions::default();
    let loaded = load_text(text, "first.yaml", Path::new(""), &options);
    let scenario = loaded
        .map_err(|error| error.render(false))
        .unwrap()
        .scenario;
    Figures::of(&run_once(&scenario).unwrap())
}

fn get(path: &str) -> Result<Option<String>, FigureError> {
    let path = FigurePath::parse(path).unwrap();
    let found = figures().get(&path);
    found.map(|value| value.map(|number| number.to_string()))
}

#[test]
fn figures_are_found_by_their_paths_exactly() {
    for (path, value) in [
        ("cost.totalUsd", "0.192"),
        ("tasks.notPlaced", "1"),
        ("tasks.byEntry.a.b.submitted", "5"),
        ("utilization.byInstanceType.m5.large.instances", "2"),
        ("utilization.byInstanceType.\"m5.large\".instances", "2"),
        ("tasks.byEntry.\"a.b\".placed", "4"),
        ("placement.failures.RESOURCE:CPU", "2"),
        ("placement.failures.RESOURCE:GPU", "0"),
        ("services.web.stopReasons.None", "0"),
        ("cost.byService.other", "0"),
        ("services.web.deployments.0.number", "1"),
        ("seed", "1"),
    ] {
        assert_eq!(get(path), Ok(Some(value.to_owned())), "{path}");
    }
}

#[test]
fn null_is_no_number_and_no_mistake() {
    assert_eq!(get("utilization.cpu.usedMean"), Ok(None));
    assert_eq!(get("services.web.load.errorRate"), Ok(None));
}

#[test]
fn a_wrong_path_names_the_nearest() {
    for (path, said) in [
        (
            "cost.totalUSD",
            "the summary has no figure `cost.totalUSD`; did you mean `cost.totalUsd`?",
        ),
        (
            "waitMs.p99",
            "the summary has no figure `waitMs.p99`; did you mean `placement.waitMs.p99`?",
        ),
        (
            "placement.waitMs.p98",
            "the summary has no figure `placement.waitMs.p98`; did you mean `placement.waitMs.p90`?",
        ),
        ("colour", "the summary has no figure `colour`"),
        (
            "placement.waitMs",
            "`placement.waitMs` is a group of figures, not a number; did you mean `placement.waitMs.mean`?",
        ),
        ("digest", "`digest` is a text, not a number"),
    ] {
        assert_eq!(get(path).unwrap_err().to_string(), said);
    }
}

#[test]
fn figures_of_interest_are_those_that_are_there() {
    let figures = figures();
    let found = default_figures([&figures]);
    let paths: Vec<&str> = found.iter().map(|figure| figure.path.as_str()).collect();
    let expected = [
        "cost.totalUsd",
        "cost.usedUsd",
        "cost.idleUsd",
        "utilization.cpu.reservedMean",
        "utilization.memory.reservedMean",
        "instances.mean",
        "instances.peak",
        "placement.waitMs.mean",
        "placement.waitMs.p50",
        "placement.waitMs.p99",
        "tasks.notPlaced",
        "tasks.failed",
        "tasks.interrupted",
        "tasks.pending",
        "services.web.availability",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn figures_have_names_units_and_a_better_side() {
    for (path, name, unit, better) in [
        ("cost.totalUsd", "cost", Unit::Usd, Better::Lower),
        (
            "services.a.b.availability",
            "availability of a.b",
            Unit::Share,
            Better::Higher,
        ),
        (
            "placement.waitMs.p99",
            "wait (99th percentile)",
            Unit::Milliseconds,
            Better::Lower,
        ),
        (
            "services.web.load.cpuUtilization.max",
            "services.web.load.cpuUtilization.max",
            Unit::Percent,
            Better::Neither,
        ),
        (
            "services.web.load.latencyP99Ms.max",
            "services.web.load.latencyP99Ms.max",
            Unit::Milliseconds,
            Better::Neither,
        ),
        (
            "cost.byService.web",
            "cost.byService.web",
            Unit::Usd,
            Better::Neither,
        ),
        (
            "utilization.byAvailabilityZone.us-east-1a.cpu.reservedPeak",
            "utilization.byAvailabilityZone.us-east-1a.cpu.reservedPeak",
            Unit::Share,
            Better::Neither,
        ),
        (
            "instances.launched",
            "instances.launched",
            Unit::Count,
            Better::Neither,
        ),
    ] {
        let figure = describe(&FigurePath::parse(path).unwrap());
        assert_eq!(
            (&*figure.name, figure.unit, figure.better),
            (name, unit, better)
        );
    }
}
