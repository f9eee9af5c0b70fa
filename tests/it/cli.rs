//! The real binary: exit statuses, messages, files, pipes.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const SCENARIO: &str = "duration: 1h
containerInstances: [{instanceType: m5.large, count: 2}]
taskDefinitions: [{family: web, containerDefinitions: [{name: c, image: i, cpu: 256, memory: 512}]}]
tasks:
  - {name: t, taskDefinition: web, arrivals: {every: 5m}, runtime: {exponential: {mean: 20m}}}
  - {name: huge, cpu: 9999, memory: 4, arrivals: {at: 0s}}
";

const COMMANDS: [&str; 5] = ["run", "validate", "catalog", "init", "completions"];

/// A directory with a right scenario `s.yaml`, and the binary run in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        place.write("s.yaml", SCENARIO);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ecs-sim"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended(self.command(arguments).output().expect("it starts"))
    }
}

/// How a command ended.
struct Ended(Output);

impl Ended {
    fn status(&self) -> Option<i32> {
        self.0.status.code()
    }

    fn out(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).expect("text")
    }

    fn err(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).expect("text")
    }

    fn ok(self) -> Self {
        assert_eq!(self.status(), Some(0), "{}", self.err());
        self
    }

    /// Refused with status 2, nothing on standard output, each part in the message.
    fn refused(self, parts: &[&str]) -> Self {
        assert_eq!(self.status(), Some(2), "{}{}", self.out(), self.err());
        assert_eq!(self.out(), "");
        assert!(!self.err().contains("panicked"), "{}", self.err());
        for part in parts {
            assert!(self.err().contains(part), "no `{part}` in:\n{}", self.err());
        }
        self
    }
}

/// All files below a directory by their names, with what they hold.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("below")
                    .display()
                    .to_string();
                found.push((name, fs::read(path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}

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

#[test]
fn run_prints_one_json_document() {
    let ended = Place::new()
        .run(&["run", "s.yaml", "--format", "json"])
        .ok();
    let summary: Value = serde_json::from_str(ended.out()).unwrap();
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let has = |value: &Value, wanted: &[&str]| {
        let keys = keys(value);
        for key in wanted {
            assert!(
                keys.iter().any(|known| known == key),
                "no `{key}` in {keys:?}"
            );
        }
    };
    has(
        &summary,
        &[
            "scenario",
            "seed",
            "version",
            "digest",
            "durationMs",
            "events",
        ],
    );
    has(
        &summary,
        &["tasks", "placement", "utilization", "instances", "cost"],
    );
    has(
        &summary["tasks"],
        &["submitted", "placed", "notPlaced", "pending", "running"],
    );
    has(
        &summary["tasks"],
        &["succeeded", "failed", "interrupted", "stopped"],
    );
    has(&summary["placement"], &["attempts", "failures", "waitMs"]);
    assert_eq!(
        keys(&summary["placement"]["waitMs"]),
        ["max", "mean", "p50", "p90", "p99"]
    );
    let utilization = &summary["utilization"];
    has(utilization, &["cpu", "memory", "gpu", "stranded"]);
    has(
        utilization,
        &["byAvailabilityZone", "byInstanceType", "byCapacityProvider"],
    );
    for resource in ["cpu", "memory", "gpu"] {
        let wanted = ["reservedMean", "reservedPeak", "usedMean"];
        assert_eq!(keys(&utilization[resource]), wanted);
        has(
            &utilization["byAvailabilityZone"]["us-east-1a"][resource],
            &wanted,
        );
        has(
            &utilization["byInstanceType"]["m5.large"][resource],
            &wanted,
        );
    }
    has(
        &summary["instances"],
        &["peak", "mean", "launched", "terminated", "lowerBound"],
    );
    has(
        &summary["cost"],
        &["totalUsd", "usedUsd", "idleUsd", "byPurchaseOption"],
    );
    has(
        &summary["cost"],
        &["byCapacityProvider", "byService", "byInstanceType"],
    );
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

#[test]
fn validate_says_what_a_right_scenario_holds() {
    let place = Place::new();
    let ended = place.run(&["validate", "s.yaml"]).ok();
    let found = "s is valid: 2 container instances, 1 task definition, 2 tasks entries.\n";
    assert_eq!(ended.out(), found);
    assert_eq!(place.run(&["validate", "s.yaml", "--quiet"]).ok().out(), "");
}

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
        bomb.push_str(&format!("a{level}: &a{level} [{all}]\n"));
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
        .refused(&["-1"]);
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
    place.run(&["completions", "tcl"]).refused(&["tcl", "bash"]);
}

#[test]
fn init_writes_a_template_once() {
    let place = Place::new();
    let listed = place.run(&["init", "--list"]).ok();
    assert!(listed.out().lines().count() >= 6, "{}", listed.out());
    place.run(&["init", "batch", "--output", "new.yaml"]).ok();
    let printed = place.run(&["init", "batch"]).ok();
    assert_eq!(fs::read(place.path("new.yaml")).unwrap(), printed.0.stdout);
    place.write("new.yaml", "mine");
    let again = ["init", "zones", "--output", "new.yaml"];
    place.run(&again).refused(&["new.yaml", "--force"]);
    assert_eq!(fs::read(place.path("new.yaml")).unwrap(), b"mine");
    place.run(&[&again[..], &["--force"]].concat()).ok();
    assert_ne!(fs::read(place.path("new.yaml")).unwrap(), b"mine");
    place
        .run(&["init", "quikstart"])
        .refused(&["quikstart", "`quickstart`"]);
    place
        .run(&["init", "batch", "--output", "no/such/dir.yaml"])
        .refused(&["no/such/dir.yaml"]);
}

#[test]
fn the_catalog_is_filtered() {
    let place = Place::new();
    let table = place.run(&["catalog", "m5.large"]).ok();
    assert!(
        table.out().contains("m5.large") && table.out().contains("0.096"),
        "{}",
        table.out()
    );
    let csv = place
        .run(&["catalog", "m5", "vcpu<=4", "--format", "csv"])
        .ok();
    let types = crate::harness::column(csv.out().as_bytes(), "instance_type");
    assert_eq!(types, ["m5.large", "m5.xlarge"]);
    let json = place
        .run(&["catalog", "gpu>0 arch=arm64", "--format", "json"])
        .ok();
    serde_json::from_str::<Value>(json.out()).unwrap();
    let dearer = place
        .run(&["catalog", "m5.large", "--region", "eu-west-1"])
        .ok();
    assert_ne!(dearer.out(), table.out());
}

#[test]
fn completions_for_the_common_shells() {
    let place = Place::new();
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef"),
        ("fish", "complete -c"),
    ] {
        let ended = place.run(&["completions", shell]).ok();
        assert!(ended.out().contains(mark), "{shell}");
        assert!(
            COMMANDS.iter().all(|command| ended.out().contains(command)),
            "{shell}"
        );
    }
}

#[test]
fn the_help_of_every_command_has_examples() {
    let place = Place::new();
    let top = place.run(&["--help"]).ok();
    assert!(top.out().contains("Examples:") && top.out().contains("Exit status"));
    for command in COMMANDS {
        assert!(top.out().contains(command), "{command}");
        let ended = place.run(&[command, "--help"]).ok();
        assert!(
            ended.out().contains("Examples:"),
            "{command}: {}",
            ended.out()
        );
        assert!(
            ended.out().contains(&format!("ecs-sim {command}")),
            "{command}"
        );
        assert_eq!(ended.err(), "");
    }
    let version = place.run(&["--version"]).ok();
    assert_eq!(
        version.out(),
        format!("ecs-sim {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn pipes_and_no_color_get_no_escape_codes() {
    let place = Place::new();
    place.write("wrong.yaml", "duration: x\n");
    let all: [&[&str]; 5] = [
        &["run", "s.yaml"],
        &["run", "wrong.yaml"],
        &["--help"],
        &["walk"],
        &["catalog", "m5"],
    ];
    for arguments in all {
        for no_color in [false, true] {
            let mut command = place.command(arguments);
            if no_color {
                command.env("NO_COLOR", "1");
            } else {
                command.env_remove("NO_COLOR");
            }
            let output = command.output().unwrap();
            let both = [output.stdout, output.stderr].concat();
            assert!(!both.is_empty() && !both.contains(&0x1b), "{arguments:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let place = Place::new();
    for arguments in [
        &["catalog"][..],
        &["catalog", "--format", "json"],
        &["completions", "bash"],
    ] {
        let mut command = place.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let mut reader = BufReader::with_capacity(16, child.stdout.take().expect("a pipe"));
        reader.read_line(&mut line).unwrap();
        drop(reader);
        let mut message = String::new();
        child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut message)
            .unwrap();
        assert_eq!(message, "", "{arguments:?}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}");
        assert!(!line.is_empty());
    }
}

#[test]
fn files_are_written_though_nobody_reads_the_summary() {
    let place = Place::new();
    let mut command = place.command(&["run", "s.yaml", "--out", "out"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(files(&place.path("out")).len() >= 8);
}

#[test]
fn a_run_goes_on_though_nobody_reads_its_warnings() {
    let place = Place::new();
    let warned = format!("{SCENARIO}  - {{name: late, cpu: 1, memory: 4, arrivals: {{at: 2h}}}}\n");
    place.write("w.yaml", warned);
    let mut command = place.command(&["run", "w.yaml", "--format", "json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stderr.take());
    let mut text = String::new();
    child
        .stdout
        .take()
        .expect("a pipe")
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    serde_json::from_str::<Value>(&text).unwrap();
}
