//! `plan`: files, formats, exit statuses, and what is wrong refused before anything is written.

use serde_json::Value;

use super::{Ended, Place, files};

const PLAN: &str = "duration: 1h
latencies: {instant: true}
containerInstances: [{name: fleet, instanceType: m5.large, count: 2}]
tasks:
  - {name: t, cpu: 1024, memory: 512, arrivals: {poisson: {perHour: 30}}, runtime: 10m, whenFull: queue}
checks: [tasks.notPlaced == 0]
plan:
  vary:
    - {path: containerInstances.fleet.count, values: 1..8}
  require: [placement.waitMs.p90 <= 1m, tasks.waiting == 0]
";

fn place(text: &str) -> Place {
    let place = Place::new();
    place.write("p.yaml", text);
    place
}

/// Refused with each part in the message, and nothing is written.
fn refused(from: &str, to: &str, parts: &[&str]) -> Ended {
    assert!(PLAN.contains(from), "{from}");
    let place = place(&PLAN.replace(from, to));
    let before = files(&place.path(""));
    let ended = place
        .run(&["plan", "p.yaml", "--out", "out"])
        .refused(parts);
    assert!(!place.path("out").exists(), "{}", ended.err());
    assert_eq!(files(&place.path("")), before);
    ended
}

#[test]
fn a_plan_names_its_winner_and_the_flags_that_make_it() {
    let place = place(PLAN);
    let text = place.run(&["plan", "p.yaml", "--seed", "3"]).ok();
    let command = text
        .out()
        .lines()
        .find(|line| line.starts_with("ecs-sim run"))
        .expect("a command");
    let words = crate::docs::words(command);
    let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    assert_eq!(&words[..4], ["run", "p.yaml", "--seed", "3"]);
    place.run(&words).ok();
    let json = place
        .run(&["plan", "p.yaml", "--seed", "3", "--format", "json"])
        .ok();
    let json: Value = serde_json::from_str(json.out()).expect("JSON");
    let winner = json["winner"].as_u64().expect("a winner");
    let winner = &json["tried"][usize::try_from(winner).unwrap()];
    assert_eq!(winner["fate"], "winner");
    assert_eq!(winner["sets"][0].as_str(), words.last().copied());
}

#[test]
fn files_are_written_and_do_not_depend_on_the_number_of_threads() {
    let place = place(PLAN);
    let ended = place
        .run(&["plan", "p.yaml", "--out", "one", "--jobs", "1"])
        .ok();
    assert!(
        ended.err().contains("4 files written to one"),
        "{}",
        ended.err()
    );
    let many = place
        .run(&["plan", "p.yaml", "--out", "many", "--jobs", "5", "--quiet"])
        .ok();
    assert_eq!(many.err(), "");
    assert_eq!(many.out(), ended.out());
    let names: Vec<String> = files(&place.path("one"))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        ["plan.csv", "plan.json", "plan.md", "plots/front.svg"]
    );
    assert!(files(&place.path("one")) == files(&place.path("many")));
    // What is there is not overwritten unasked.
    place
        .run(&["plan", "p.yaml", "--out", "one"])
        .refused(&["one is not empty", "--force"]);
    place
        .run(&["plan", "p.yaml", "--out", "one", "--force"])
        .ok();
    assert!(files(&place.path("one")) == files(&place.path("many")));
}

#[test]
fn rows_of_the_csv_are_the_choices_that_were_tried() {
    let place = place(PLAN);
    place.run(&["plan", "p.yaml", "--out", "out"]).ok();
    let json = std::fs::read(place.path("out/plan.json")).unwrap();
    let json: Value = serde_json::from_slice(&json).expect("JSON");
    let csv = std::fs::read(place.path("out/plan.csv")).unwrap();
    let column = |name| crate::harness::column(&csv, name);
    let tried = json["tried"].as_array().expect("choices");
    assert_eq!(column("number").len(), tried.len());
    for (row, choice) in tried.iter().enumerate() {
        assert_eq!(column("fate")[row], choice["fate"].as_str().unwrap());
        assert_eq!(column("runs")[row], choice["runs"].to_string());
        assert_eq!(
            column("containerInstances.fleet.count")[row],
            choice["values"][0].as_str().unwrap()
        );
        let sets = format!(
            "containerInstances.fleet.count={}",
            choice["values"][0].as_str().unwrap()
        );
        assert_eq!(column("sets")[row], sets);
    }
}

#[test]
fn where_no_choice_holds_the_status_is_3_and_the_check_is_named() {
    let place = place(&PLAN.replace("p90 <= 1m", "p90 < 0s"));
    let ended = place.run(&["plan", "p.yaml", "--out", "out"]);
    assert_eq!(ended.status(), Some(3), "{}", ended.err());
    for part in [
        "No choice holds the checks.",
        "The nearest (cost",
        "placement.waitMs.p90 < 0s failed in",
    ] {
        assert!(
            ended.out().contains(part),
            "no `{part}` in:\n{}",
            ended.out()
        );
    }
    assert_eq!(files(&place.path("out")).len(), 4);
    // What a budget does not suffice for is no proof either.
    let ended = place.run(&[
        "plan",
        "p.yaml",
        "--set",
        "plan.require=[tasks.waiting == 0]",
        "--budget",
        "44",
    ]);
    assert_eq!(ended.status(), Some(3), "{}{}", ended.out(), ended.err());
    assert!(
        ended.out().contains("within the budget of 44 runs"),
        "{}",
        ended.out()
    );
}

#[test]
fn a_hurried_user_is_told_what_is_missing() {
    let start = PLAN.find("plan:").unwrap();
    refused(&PLAN[start..], "", &["the scenario has no `plan`", "vary:"]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of wrong inputs")]
fn wrong_plans_are_refused_before_anything_runs() {
    let range = "values: 1..8";
    refused(
        range,
        "values: 8..1",
        &["`8..1` is empty: 8 is more than 1", "p.yaml:9:"],
    );
    refused(range, "values: []", &["`values` is empty"]);
    refused(
        "fleet.count",
        "fleat.count",
        &["no element `fleat`", "did you mean `fleet`?", "p.yaml:9:"],
    );
    refused(
        "fleet.count",
        "fleet.cuont",
        &[
            "no choice with `containerInstances.fleet.cuont` = 1",
            "unknown key `cuont`",
            "did you mean `count`?",
        ],
    );
    refused(
        range,
        "values: 0..8",
        &[
            "p.yaml:9:14: no choice with `containerInstances.fleet.count` = 0 is a scenario that can run",
            "`0` is too small",
        ],
    );
    let types = "values: [m5.large]}\n    - {path: containerInstances.fleet.instanceType, instanceTypes: 'm5 gpu>9'";
    refused(
        range,
        types,
        &[
            "no instance type of the catalog is `m5 gpu>9`",
            "p.yaml:10:",
        ],
    );
    let with = |line: &str| format!("plan:\n  {line}");
    let many = "values: 1..800}\n    - {path: seed, values: 1..800";
    refused(
        range,
        many,
        &["the plan has 640000 choices (800 x 800); at most 20000"],
    );
    for (line, parts) in [
        (
            "objective: cost.totlUsd",
            ["the objective of the plan", "did you mean `cost.totalUsd`?"],
        ),
        (
            "objective: cost",
            ["the objective of the plan", "is a group of figures"],
        ),
        ("confidence: 0%", ["`0%` asks for nothing", "p.yaml:8:"]),
        (
            "confidence: 100%",
            ["`100%`: no number of runs shows that", "p.yaml:8:"],
        ),
        ("holdsIn: 0.9", ["`0.9` has no `%`", "p.yaml:8:"]),
        ("budget: 0", ["`0` is too small", "p.yaml:8:"]),
        (
            "budget: 20",
            [
                "a budget of 20 runs cannot confirm any choice: 43",
                "holdsIn",
            ],
        ),
        (
            "budgets: 50",
            ["unknown key `budgets`", "did you mean `budget`?"],
        ),
    ] {
        refused("plan:", &with(line), &parts);
    }
    refused(
        "tasks.waiting == 0",
        "tasks.wating == 0",
        &[
            "the summary has no figure `tasks.wating`",
            "did you mean `tasks.waiting`?",
        ],
    );
    refused(
        "tasks.waiting == 0",
        "tasks.waiting = 0",
        &["`=` is no comparison", "p.yaml:10:"],
    );
}

#[test]
fn nothing_that_must_hold_is_refused() {
    let text = PLAN
        .replace("checks: [tasks.notPlaced == 0]\n", "")
        .replace(
            "  require: [placement.waitMs.p90 <= 1m, tasks.waiting == 0]\n",
            "",
        );
    let place = place(&text);
    place
        .run(&["plan", "p.yaml", "--out", "out"])
        .refused(&["nothing must hold", "`require`"]);
    assert!(!place.path("out").exists());
}

#[test]
fn flags_of_a_hurried_user_are_refused() {
    let place = place(PLAN);
    place
        .run(&["plan", "p.yaml", "--budget", "0"])
        .refused(&["--set 'plan.budget=0'", "`0` is too small"]);
    place
        .run(&["plan", "p.yaml", "--budget", "many"])
        .refused(&["--budget"]);
    place
        .run(&["plan", "p.yaml", "--jobs", "0"])
        .refused(&["--jobs"]);
    let varied = "values: 1..8}\n    - {path: tasks.t.placementStrategy, strategies: [random]";
    place.write("v.yaml", PLAN.replace("values: 1..8", varied));
    place
        .run(&["plan", "v.yaml", "--strategy", "random"])
        .refused(&["`--strategy` replaces every strategy"]);
    place
        .run(&["plan", "none.yaml"])
        .refused(&["cannot read `none.yaml`"]);
    place
        .run(&["plan", "p.yaml", "--force"])
        .refused(&["--out"]);
    place.write("file", "");
    place
        .run(&["plan", "p.yaml", "--out", "file"])
        .refused(&["file is not a directory"]);
}

#[test]
fn combinations_that_are_no_scenario_are_left_out() {
    let vary = "values: 1..8}\n    - {path: containerInstances.fleet.reservedMemory, values: [0, 4000]}\n    - {path: containerInstances.fleet.instanceType, values: [c5.large, m5.large]";
    let place = place(&PLAN.replace("values: 1..8", vary));
    let ended = place.run(&["plan", "p.yaml"]).ok();
    for part in [
        "8 without a valid scenario",
        "No valid scenario is for instance 1, 4000, c5.large",
    ] {
        assert!(
            ended.out().contains(part),
            "no `{part}` in:\n{}",
            ended.out()
        );
    }
}
