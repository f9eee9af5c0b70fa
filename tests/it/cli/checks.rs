//! `checks` through the real binary: exit status 3, reports, JUnit files.

use std::fs;

use serde_json::Value;

use super::{Place, SCENARIO};

const CHECKS: &str = "checks:
  - tasks.notPlaced <= 1
  - {name: budget, check: cost.totalUsd < 0.1}
  - utilization.cpu.usedMean > 0
";

fn with_checks(checks: &str) -> Place {
    let place = Place::new();
    place.write("c.yaml", format!("{SCENARIO}{checks}"));
    place
}

#[test]
fn a_check_that_fails_ends_with_status_3_after_the_whole_summary() {
    let place = with_checks(CHECKS);
    let ended = place.run(&["run", "c.yaml"]);
    assert_eq!(ended.status(), Some(3));
    for line in [
        "1 of 3 checks hold.",
        "✓ holds  tasks.notPlaced <= 1: 1, nothing to spare",
        "✗ FAILS  budget: cost.totalUsd < 0.1: $0.192, $0.092 too much",
        "✗ FAILS  utilization.cpu.usedMean > 0: there was nothing to measure",
    ] {
        assert!(ended.out().contains(line), "no {line} in\n{}", ended.out());
    }
    let quiet = place.run(&["run", "c.yaml", "--quiet", "--format", "json"]);
    assert_eq!((quiet.status(), quiet.err()), (Some(3), ""));
    let mended = ["run", "c.yaml", "--set", "checks=[tasks.notPlaced <= 1]"];
    let ended = place.run(&mended).ok();
    assert!(ended.out().contains("The check holds."), "{}", ended.out());
}

#[test]
fn the_summary_has_every_check_under_checks() {
    let place = with_checks(CHECKS);
    let ended = place.run(&["run", "c.yaml", "--format", "json", "--out", "out"]);
    assert_eq!(ended.status(), Some(3));
    let summary: Value = serde_json::from_str(ended.out()).unwrap();
    let written = fs::read_to_string(place.path("out/summary.json")).unwrap();
    assert_eq!(written, ended.out());
    let budget = serde_json::json!({
        "name": "budget", "check": "cost.totalUsd < 0.1", "figure": "cost.totalUsd",
        "comparison": "<", "threshold": 0.1, "measured": 0.192, "margin": -0.092,
        "passed": false, "reason": null,
    });
    assert_eq!(summary["checks"][1], budget);
    assert_eq!(summary["checks"][2]["measured"], Value::Null);
    assert_eq!(summary["checks"].as_array().unwrap().len(), 3);
    // Checks change nothing else, and without them there is no such key.
    let plain = place.run(&["run", "s.yaml", "--format", "json"]).ok();
    let plain: Value = serde_json::from_str(plain.out()).unwrap();
    assert_eq!(plain["digest"], summary["digest"]);
    assert_eq!(plain.get("checks"), None);
}

#[test]
fn junit_is_written_aside_and_never_over_a_file_unasked() {
    let place = with_checks(CHECKS);
    let arguments = ["run", "c.yaml", "--junit", "checks.xml"];
    assert_eq!(place.run(&arguments).status(), Some(3));
    let text = fs::read_to_string(place.path("checks.xml")).unwrap();
    for part in [
        "<testsuite name=\"c\" tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"0\">",
        "<testcase classname=\"c\" name=\"tasks.notPlaced &lt;= 1\"/>",
        "<testcase classname=\"c\" name=\"budget\">",
        "<failure type=\"check\" message=\"cost.totalUsd &lt; 0.1: $0.192, $0.092 too much\"/>",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    place.write("checks.xml", "mine");
    place
        .run(&arguments)
        .refused(&["checks.xml is there already", "--force"]);
    assert_eq!(fs::read(place.path("checks.xml")).unwrap(), b"mine");
    let forced = place.run(&[&arguments[..], &["--force"]].concat());
    assert_eq!(forced.status(), Some(3));
    assert_eq!(fs::read_to_string(place.path("checks.xml")).unwrap(), text);
    place
        .run(&[
            "run",
            "c.yaml",
            "--junit",
            "no/such/checks.xml",
            "--out",
            "out",
        ])
        .refused(&["cannot write no/such/checks.xml: the directory no/such does not exist"]);
    place
        .run(&["run", "c.yaml", "--junit", "."])
        .refused(&["is a directory"]);
    assert!(!place.path("out").exists() && !place.path("no").exists());
    place
        .run(&["run", "c.yaml", "--force"])
        .refused(&["--force"]);
}

#[test]
fn junit_without_checks_is_an_empty_suite_and_a_warning() {
    let place = Place::new();
    let ended = place.run(&["run", "s.yaml", "--junit", "checks.xml"]).ok();
    assert!(ended.err().contains("no `checks`"), "{}", ended.err());
    let text = fs::read_to_string(place.path("checks.xml")).unwrap();
    assert!(text.contains("tests=\"0\" failures=\"0\""), "{text}");
}

#[test]
fn a_wrong_check_is_refused_where_it_stands() {
    for (check, parts) in [
        (
            "cost.totalUsd = 5",
            ["c.yaml:8:19", "`=` is no comparison", "write `==`"],
        ),
        (
            "'cost.totalUsd < $120'",
            ["c.yaml:8:22", "`$120` is not a number", "write `120`"],
        ),
        (
            "120 > cost.totalUsd",
            [
                "c.yaml:8:5",
                "the figure comes first",
                "write `cost.totalUsd < 120`",
            ],
        ),
        (
            "placement.waitMs.p99 <= soon",
            ["c.yaml:8:29", "`soon` is not a number", "such as `5m`"],
        ),
        (
            "services.web.load.cpuUtilization.max < 60%",
            ["c.yaml:8:", "in per cent already", "write `60`"],
        ),
        (
            "{chek: cost.totalUsd < 5}",
            ["c.yaml:8:6", "unknown key `chek`", "did you mean `check`?"],
        ),
        (
            "[cost.totalUsd < 5]",
            ["c.yaml:8:5", "expected a check such as", "a list"],
        ),
    ] {
        let place = with_checks(&format!("checks:\n  - {check}\n"));
        for command in ["run", "validate", "compare"] {
            place.run(&[command, "c.yaml"]).refused(&parts);
        }
    }
}

#[test]
fn a_figure_that_cannot_exist_is_refused_before_any_run() {
    let place = with_checks("checks: [cost.totlUsd < 5, services.web.availability > 0]\n");
    let parts = [
        "error: the summary has no figure `cost.totlUsd`; did you mean `cost.totalUsd`?",
        "c.yaml:7:10",
        "checks: [cost.totlUsd < 5",
        "error: the summary has no figure `services.web.availability`",
        "c.yaml:7:28",
    ];
    place.run(&["validate", "c.yaml"]).refused(&parts);
    let outputs = ["--out", "out", "--junit", "checks.xml"];
    place
        .run(&[&["run", "c.yaml"], &outputs[..]].concat())
        .refused(&parts);
    let variant = ["compare", "c.yaml", "--variant", "b:seed=2", "--out", "out"];
    place.run(&variant).refused(&parts);
    assert!(!place.path("out").exists() && !place.path("checks.xml").exists());
    let json = place.run(&["validate", "c.yaml", "--format", "json"]);
    assert_eq!(json.status(), Some(2));
    let found: Value = serde_json::from_str(json.out()).unwrap();
    let errors: Vec<_> = found.as_array().unwrap().iter().collect();
    let places: Vec<_> = errors
        .iter()
        .filter(|found| found["severity"] == "error")
        .map(|found| (&found["line"], &found["column"]))
        .collect();
    assert_eq!(places, [(&7.into(), &10.into()), (&7.into(), &28.into())]);
}

#[test]
fn a_plan_shows_where_its_wrong_check_stands() {
    let place = with_checks("plan: {vary: [{path: seed, values: 1..2}]}\n");
    let require = "plan.require=[placement.waitMs.p999 <= 10m]";
    place.run(&["plan", "c.yaml", "--set", require]).refused(&[
        "error: the summary has no figure `placement.waitMs.p999`",
        "did you mean `placement.waitMs.p99`?",
        "--set 'plan.require=[placement.waitMs.p999 <= 10m]':1:15",
        "^^^^",
    ]);
}
