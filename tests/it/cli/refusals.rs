//! Whatever is wrong is refused with status 2, its place and a way out; nothing is written.

use std::fmt::Write;
use std::fs;

use super::{Place, SCENARIO, files};

#[test]
fn validate_tells_all_errors_at_once() {
    let place = Place::new();
    let wrong = SCENARIO
        .replace("m5.large", "m5.lrge")
        .replace("taskDefinition: web", "taskDefinition: wbe")
        .replace("count: 2", "count: -2");
    place.write("wrong.yaml", wrong);
    let parts = [
        "m5.lrge",
        "did you mean `m5.large`",
        "wbe",
        "-2",
        "wrong.yaml:2",
    ];
    place.run(&["validate", "wrong.yaml"]).refused(&parts);
    place
        .run(&["run", "wrong.yaml", "--out", "out"])
        .refused(&parts);
    assert!(!place.path("out").exists());
}

#[test]
fn every_wrong_scenario_is_refused_with_its_place() {
    let place = Place::new();
    let (count, taken) = ("count: 2", "runtime: {exponential: {mean: 20m}}");
    for (from, to, part) in [
        (count, "cuont: 2", "did you mean `count`"),
        (count, "count: two", "two"),
        (count, "count: [2]", "list"),
        (count, "count: 0", "0"),
        (count, "count: -1", "-1"),
        (count, "count: 2.5", "2.5"),
        (
            count,
            "count: 99999999999999999999999",
            "99999999999999999999999",
        ),
        ("cpu: 9999", "cpu: -5", "-5"),
        ("cpu: 9999", "cpu: 99999999999", "99999999999"),
        (taken, "runtime: 5 fortnights", "5 fortnights"),
        (taken, "runtime: -5m", "-5m"),
        ("every: 5m", "every: 0s", "0s"),
        ("duration: 1h", "duration: soon", "soon"),
        (
            "duration: 1h",
            "duration: 99999999999999d",
            "99999999999999d",
        ),
        ("duration: 1h", "duration: 1h\nduration: 2h", "duration"),
        ("duration: 1h\n", "", "duration"),
        ("m5.large", "m5.huge", "m5.huge"),
        ("taskDefinition: web", "taskDefinition: website", "website"),
        (taken, "runtime: 1m, whenFull: wait", "wait"),
        (
            taken,
            "placementStrategy: [{type: binpack, field: disk}]",
            "disk",
        ),
        (
            taken,
            "placementConstraints: [{type: memberOf, expression: 'attribute:'}]",
            "attribute:",
        ),
        (taken, "runtime: 1m, taskDefinition: web", "taskDefinition"),
        ("tasks:", "tasks: {", "w.yaml"),
    ] {
        assert!(SCENARIO.contains(from));
        place.write("w.yaml", SCENARIO.replace(from, to));
        place
            .run(&["validate", "w.yaml"])
            .refused(&["error", "w.yaml", part]);
    }
}

#[test]
fn a_file_that_is_no_scenario_is_refused() {
    let place = Place::new();
    place.write("empty.yaml", "");
    place.write("blank.yaml", "# nothing\n\n");
    place.write("binary.yaml", [0_u8, 159, 146, 150]);
    place.write("latin.yaml", [b'a', 0xff, 0xfe]);
    place.write("scalar.yaml", "hello\n");
    place.write("list.yaml", "- 1\n");
    fs::create_dir(place.path("folder")).unwrap();
    for command in ["run", "validate"] {
        place
            .run(&[command, "empty.yaml"])
            .refused(&["empty.yaml", "empty"]);
        place
            .run(&[command, "blank.yaml"])
            .refused(&["blank.yaml", "empty"]);
        place.run(&[command, "binary.yaml"]).refused(&["binary"]);
        place
            .run(&[command, "latin.yaml"])
            .refused(&["latin.yaml", "UTF-8"]);
        place
            .run(&[command, "scalar.yaml"])
            .refused(&["scalar.yaml"]);
        place.run(&[command, "list.yaml"]).refused(&["list.yaml"]);
        place
            .run(&[command, "folder"])
            .refused(&["folder", "directory"]);
        place
            .run(&[command, "none.yaml"])
            .refused(&["none.yaml", "no such file"]);
    }
}

#[test]
fn hostile_yaml_is_refused_at_once() {
    let place = Place::new();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let before = format!("*a{}", level - 1);
        let all = vec![before; 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{all}]").unwrap();
    }
    place.write("bomb.yaml", bomb);
    place
        .run(&["validate", "bomb.yaml"])
        .refused(&["bomb.yaml"]);
    let brackets = 100_000;
    let (open, close) = ("[".repeat(brackets), "]".repeat(brackets));
    place.write("deep.yaml", format!("duration: {open}{close}\n"));
    place
        .run(&["validate", "deep.yaml"])
        .refused(&["deep.yaml", "deep"]);
    place.write(
        "open.yaml",
        format!("duration: {}", "[{a: ".repeat(brackets)),
    );
    place
        .run(&["validate", "open.yaml"])
        .refused(&["open.yaml"]);
    place
        .run(&[
            "validate",
            "s.yaml",
            "--set",
            &format!("duration={}", "[".repeat(50_000)),
        ])
        .refused(&["--set"]);
}

fn with_trace(place: &Place, csv: &str) {
    place.write("jobs.csv", csv);
    place.write(
        "t.yaml",
        "duration: 1h\ncontainerInstances: [{instanceType: m5.large}]\n\
         tasks: [{name: t, trace: {file: jobs.csv}}]\n",
    );
}

#[test]
fn a_wrong_row_of_a_trace_is_named_and_leaves_nothing_behind() {
    let place = Place::new();
    with_trace(
        &place,
        "submit_s,duration_s,cpu,memory\n1,1,1,4\n2,1,1,4\n3,1,many,4\n",
    );
    let parts = ["jobs.csv", "row 3", "`cpu`", "many"];
    place.run(&["validate", "t.yaml"]).refused(&parts);
    place
        .run(&["run", "t.yaml", "--out", "out"])
        .refused(&parts);
    assert!(!place.path("out").exists(), "the directory was left behind");
    place
        .run(&["run", "t.yaml", "--format", "json"])
        .refused(&parts);
    // A directory that was there stays, as empty as it was.
    fs::create_dir(place.path("out")).unwrap();
    place
        .run(&["run", "t.yaml", "--out", "out"])
        .refused(&parts);
    assert_eq!(files(&place.path("out")), []);
}

#[test]
fn a_trace_that_is_not_there_is_refused() {
    let place = Place::new();
    with_trace(&place, "submit_s,duration_s,cpu,memory\n");
    place.run(&["validate", "t.yaml"]).ok();
    fs::remove_file(place.path("jobs.csv")).unwrap();
    place.run(&["validate", "t.yaml"]).refused(&["jobs.csv"]);
    place
        .run(&["run", "t.yaml", "--out", "out"])
        .refused(&["jobs.csv"]);
    assert!(!place.path("out").exists());
    fs::create_dir(place.path("jobs.csv")).unwrap();
    place
        .run(&["run", "t.yaml", "--out", "out"])
        .refused(&["jobs.csv"]);
    assert!(!place.path("out").exists());
}

#[test]
fn wrong_arguments_are_refused() {
    let place = Place::new();
    place
        .run(&["run", "s.yaml", "--set", "tasks.tt.cpu=4"])
        .refused(&["tt", "`t`"]);
    place
        .run(&["run", "s.yaml", "--set", "durtion=4h"])
        .refused(&["durtion"]);
    place
        .run(&["run", "s.yaml", "--set", "duration"])
        .refused(&["--set"]);
    place
        .run(&["run", "s.yaml", "--set", "duration=soon"])
        .refused(&["soon"]);
    place
        .run(&["run", "s.yaml", "--strategy", "binpack-disk"])
        .refused(&["binpack-disk"]);
    place
        .run(&["run", "s.yaml", "--strategy", "spread-as"])
        .refused(&["`spread-az`"]);
    place
        .run(&["run", "s.yaml", "--seed", "-1"])
        .refused(&["-1", "a seed is a whole number from 0 to"]);
    let tip = place.run(&["compare", "s.yaml", "--seed", "-1"]);
    assert!(
        !tip.err().contains("to pass '-1' as a value"),
        "{}",
        tip.err()
    );
    for strategy in ["binpak", "binpack", "bin-pack"] {
        place
            .run(&["run", "s.yaml", "--strategy", strategy])
            .refused(&["did you mean `binpack-cpu` or `binpack-memory`?"]);
    }
    place
        .run(&["run", "s.yaml", "--format", "xml"])
        .refused(&["xml", "json"]);
    place.run(&["run"]).refused(&["SCENARIO"]);
    place.run(&["walk", "s.yaml"]).refused(&["walk"]);
    place
        .run(&["catalog", "--region", "us-est-1"])
        .refused(&["us-est-1", "`us-east-1`"]);
    place
        .run(&["catalog", "vcpu>=many"])
        .refused(&["vcpu>=many"]);
    place.run(&["catalog", "colour=red"]).refused(&["colour"]);
    place
        .run(&["catalog", "--fargate", "--region", "us-est-1"])
        .refused(&["no prices of Fargate", "did you mean `us-east-1`?"]);
    place
        .run(&["catalog", "m5", "--fargate"])
        .refused(&["cannot be used with"]);
    place.run(&["completions", "tcl"]).refused(&["tcl", "bash"]);
}
