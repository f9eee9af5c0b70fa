//! Pipes, colours, readers that go away.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::Value;

use super::{Place, SCENARIO, files};

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
