//! A sweep that is killed loses what was in flight, and nothing else.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::{Ended, OVER, Place};

/// Enough runs to be killed many times among them.
const MANY: [&str; 7] = [
    "sweep",
    "s.yaml",
    "--over",
    "containerInstances.m5.large.count=1..10",
    "--replications",
    "150",
    "--out",
];

fn start(place: &Place, out: &str, more: &[&str]) -> Child {
    let mut command: Command = place.command(&MANY);
    command.arg(out).args(more);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

/// Rows that are whole in a journal.
fn kept(place: &Place, out: &str) -> Vec<String> {
    let text = fs::read_to_string(place.path(out).join("sweep.journal")).unwrap_or_default();
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    let rows = whole.skip(1).map(|line| line[17..].trim_end().to_owned());
    rows.collect()
}

#[test]
fn killed_again_and_again_and_resumed_a_sweep_has_the_same_bytes() {
    let place = Place::new();
    let whole = start(&place, "whole", &[])
        .wait_with_output()
        .expect("it ends");
    assert!(whole.status.success());
    let mut before: Vec<String> = Vec::new();
    // Killed once so many rows are there, a moment later.
    for (rows, moment) in [(1, 0), (40, 3), (300, 7), (700, 1), (900, 12), (1_300, 5)] {
        let mut child = start(&place, "killed", &["--resume", "--jobs", "3"]);
        while kept(&place, "killed").len() < rows {
            assert_eq!(
                child.try_wait().expect("a child"),
                None,
                "it was done before {rows} rows"
            );
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(moment));
        child.kill().expect("it dies");
        child.wait().expect("it is dead");
        let now = kept(&place, "killed");
        assert!(now.starts_with(&before), "rows that were kept are gone");
        before = now;
    }
    assert!(!place.path("killed/sweep.csv").exists());
    let last = start(&place, "killed", &["--resume"])
        .wait_with_output()
        .expect("it ends");
    let said = String::from_utf8_lossy(&last.stderr).into_owned();
    assert!(last.status.success(), "{said}");
    let done = format!("{} runs are done already", before.len());
    assert!(said.contains(&done), "no `{done}` in {said}");
    assert!(place.all("whole") == place.all("killed"));
}

#[test]
fn a_half_written_row_is_dropped_and_its_run_done_again() {
    let place = Place::new();
    place.sweep(&["--out", "whole"]).ok();
    // A journal as a process leaves it that dies while it writes its fifth row.
    let mut child = place.command(&["sweep"]);
    child.args(OVER).args(["--out", "torn", "--jobs", "1"]);
    child.output().expect("it ends");
    let rows = fs::read_to_string(place.path("torn/sweep.csv")).expect("rows");
    let manifest = fs::read_to_string(place.path("torn/manifest.json")).expect("a manifest");
    let mut header: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    header.as_object_mut().expect("an object").remove("rows");
    let mut journal = line(&header.to_string());
    for row in rows.lines().skip(1).take(4) {
        journal.push_str(&line(row));
    }
    let fifth = line(rows.lines().nth(5).expect("a fifth row"));
    journal.push_str(&fifth[..fifth.len() / 2]);
    for name in ["sweep.csv", "manifest.json"] {
        fs::remove_file(place.path("torn").join(name)).expect("it was there");
    }
    place.write("torn/sweep.journal", journal);
    let mut loud = place.command(&["sweep"]);
    loud.args(&OVER[..OVER.len() - 1])
        .args(["--out", "torn", "--resume"]);
    let ended = Ended(loud.output().expect("it ends")).ok();
    for part in [
        "the last row was half written and is dropped",
        "4 runs are done already",
    ] {
        assert!(ended.err().contains(part), "no `{part}` in {}", ended.err());
    }
    assert!(place.all("whole") == place.all("torn"));
}

/// A line of a journal: sixteen digits of its SHA-256, a blank, its content.
fn line(content: &str) -> String {
    let sum = ecs_sim::report::sweep::sha256(content.as_bytes());
    format!("{} {content}\n", &sum[..16])
}

#[test]
fn a_file_that_a_killed_process_was_writing_is_cleared_away() {
    let place = Place::new();
    place.sweep(&["--out", "whole"]).ok();
    fs::create_dir(place.path("killed")).expect("a directory");
    place.write("killed/.ecs-sim-a1b2c3", "half a journal");
    place
        .sweep(&["--out", "killed"])
        .refused(&["killed is not empty"]);
    place.sweep(&["--out", "killed", "--resume"]).ok();
    assert!(place.all("whole") == place.all("killed"));
    // At the end pictures come before the manifest, and this is the time of the last of them.
    fs::create_dir_all(place.path("killed/plots")).expect("a directory");
    place.write("killed/plots/.ecs-sim-d4e5f6", "<svg");
    place.sweep(&["--out", "killed", "--resume"]).ok();
    assert!(place.all("whole") == place.all("killed"));
}

#[test]
fn a_sweep_that_is_begun_anew_is_gone_on_with_wherever_it_dies() {
    let place = Place::new();
    place.sweep(&["--out", "o"]).ok();
    let old = fs::read(place.path("o/manifest.json")).expect("a manifest");
    let mut child = start(&place, "killed", &["--jobs", "1"]);
    while kept(&place, "killed").is_empty() {
        assert_eq!(
            child.try_wait().expect("a child"),
            None,
            "it was done before a row"
        );
        sleep(Duration::from_millis(1));
    }
    child.kill().expect("it dies");
    child.wait().expect("it is dead");
    // The journal of the new sweep is there, and the manifest of the old one still is.
    fs::write(place.path("killed/manifest.json"), old).expect("written");
    place
        .run(&["merge", "killed", "--out", "m"])
        .refused(&["killed is not finished", "--resume"]);
    let ended = start(&place, "killed", &["--resume"])
        .wait_with_output()
        .expect("it ends");
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let ended = start(&place, "single", &[])
        .wait_with_output()
        .expect("it ends");
    assert!(ended.status.success());
    assert!(place.all("killed") == place.all("single"));
}

#[test]
fn resume_begins_in_an_empty_directory_and_does_nothing_in_a_finished_one() {
    let place = Place::new();
    place.sweep(&["--out", "o", "--resume"]).ok();
    let before = place.all("o");
    place.sweep(&["--out", "o", "--resume"]).ok();
    assert!(place.all("o") == before);
}

#[test]
fn resume_of_another_sweep_is_refused_and_says_what_differs() {
    let place = Place::new();
    place.sweep(&["--out", "o"]).ok();
    let before = place.all("o");
    let resumed = |arguments: &[&str]| {
        let mut all = vec!["sweep"];
        all.extend(arguments);
        all.extend(["--out", "o", "--resume"]);
        place.run(&all)
    };
    let replace = |from: &str, to: &'static str| {
        let changed = OVER
            .iter()
            .map(|word| if *word == from { to } else { word });
        changed.collect::<Vec<&str>>()
    };
    resumed(&replace("2", "3")).refused(&[
        "o holds another sweep: --replications is 3 here and 2 there",
        "--force",
    ]);
    resumed(&replace("tasks.huge.memory=4,8", "tasks.huge.memory=4,9")).refused(&[
        "--over is `containerInstances.m5.large.count=1..3 tasks.huge.memory=4,9` here",
    ]);
    let mut more = OVER.to_vec();
    more.extend(["--figure", "tasks.submitted"]);
    resumed(&more).refused(&["the list of figures"]);
    more = OVER.to_vec();
    more.extend(["--seed", "9"]);
    resumed(&more).refused(&["--seed is 9 here and nothing there"]);
    more = OVER.to_vec();
    more.extend(["--shard", "1/2"]);
    resumed(&more).refused(&["`--shard 1/2` is asked for here and all runs are there"]);
    let scenario = fs::read_to_string(place.path("s.yaml")).expect("a scenario");
    place.write("s.yaml", format!("{scenario}\n# A comment more.\n"));
    resumed(&OVER).refused(&["the text of `s.yaml` is another"]);
    assert!(place.all("o") == before);
}

#[test]
fn a_file_that_the_scenario_names_is_part_of_the_sweep() {
    let place = Place::new();
    place.write("jobs.csv", "submit_s,duration_s,cpu,memory\n0,60,256,512\n");
    place.write(
        "t.yaml",
        "duration: 1h\ncontainerInstances: [{instanceType: m5.large}]\n\
         tasks: [{name: jobs, trace: {file: jobs.csv}}]\n",
    );
    let arguments = [
        "sweep",
        "t.yaml",
        "--over",
        "containerInstances.m5.large.count=1,2",
        "--out",
        "o",
        "--resume",
    ];
    place.run(&arguments).ok();
    place.write("jobs.csv", "submit_s,duration_s,cpu,memory\n0,61,256,512\n");
    place
        .run(&arguments)
        .refused(&["o holds another sweep: the file `jobs.csv` is another"]);
}
