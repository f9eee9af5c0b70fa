//! Rows of a trace.

use std::fs;
use std::io::Write;

use crate::harness::{Ran, run_watched, scenario_in};
use ecs_sim::placement::strategies::Strategies;
use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::LoadOptions;
use ecs_sim::simulation::Simulation;

const HEAD: &str = "duration: 1h
latencies: {instant: true}
containerInstances: [{instanceType: m5.24xlarge, count: 2}]
taskDefinitions: [{family: web, containerDefinitions: [{name: c, image: i, cpu: 7, memory: 70}]}]
tasks:
";

/// Replays a file by an entry `t` with further keys.
fn replayed(csv: &[u8], more: &str, trace: &str) -> Result<Ran, String> {
    let folder = tempfile::tempdir().expect("a directory");
    fs::write(folder.path().join("jobs.csv"), csv).expect("written");
    let text = format!("{HEAD}  - {{name: t, trace: {{file: jobs.csv{trace}}}{more}}}\n");
    let scenario = scenario_in(folder.path(), &text, &LoadOptions::default());
    // A fault is told by whoever comes upon it first.
    let strategies = Strategies::default();
    let mut simulation =
        Simulation::new(&scenario, &strategies).map_err(|error| error.to_string())?;
    simulation.run(&mut ()).map_err(|error| error.to_string())?;
    Ok(run_watched(
        &scenario,
        RecordOptions { tasks: true },
        &mut (),
    ))
}

fn rows(csv: &str) -> Ran {
    replayed(csv.as_bytes(), "", "").unwrap_or_else(|error| panic!("{error}"))
}

fn fault(csv: &str) -> String {
    replayed(csv.as_bytes(), "", "")
        .err()
        .unwrap_or_else(|| panic!("accepted:\n{csv}"))
}

#[test]
fn columns_stand_in_any_order() {
    let ran = rows("name,memory,cpu,duration_s,submit_s\nx,100,10,60,5\n,200,20,30,6\n");
    assert_eq!(ran.task_column("task_id"), ["t/1", "t/2"]);
    assert_eq!(ran.task_column("name"), ["x", ""]);
    assert_eq!(ran.task_column("cpu"), ["10", "20"]);
    assert_eq!(ran.task_column("memory"), ["100", "200"]);
    assert_eq!(ran.task_column("submitted_ms"), ["5000", "6000"]);
    assert_eq!(ran.task_column("stopped_ms"), ["65000", "36000"]);
    assert_eq!(ran.task_column("group"), ["family:t", "family:t"]);
    assert_eq!(ran.task_column("task_definition"), ["", ""]);
}

#[test]
fn an_unknown_column_is_an_error() {
    let message = fault("submit_s,duration_s,cpu,memory,priority\n1,1,1,4,9\n");
    assert!(
        message.contains("priority") && message.contains("jobs.csv"),
        "{message}"
    );
    let message = fault("submit_s,duration_s,cpu,memry\n1,1,1,4\n");
    assert!(
        message.contains("memry") && message.contains("`memory`"),
        "{message}"
    );
}

#[test]
fn a_header_is_required() {
    let message = fault("1,1,1,4\n2,2,2,4\n");
    assert!(message.contains("jobs.csv"), "{message}");
    fault("");
}

#[test]
fn times_are_rounded_half_up_to_milliseconds() {
    let ran = rows(
        "submit_s,duration_s,cpu,memory\n0.0004999,0.0005,1,4\n0.0005,0.0014999,1,4\n\
         1.2345,2.3455,1,4\n1.23549999999999999999,0.1,1,4\n",
    );
    assert_eq!(ran.task_column("submitted_ms"), ["0", "1", "1235", "1235"]);
    assert_eq!(ran.task_column("stopped_ms"), ["1", "2", "3581", "1335"]);
}

#[test]
fn a_duration_of_zero_is_legal_and_an_empty_one_runs_to_the_end() {
    let ran = rows("submit_s,duration_s,cpu,memory\n1,0,1,4\n2,,1,4\n");
    assert_eq!(ran.task_column("stopped_ms"), ["1000", ""]);
    assert_eq!(ran.task_column("started_ms"), ["1000", "2000"]);
    assert_eq!(ran.task_column("last_status"), ["STOPPED", "RUNNING"]);
    // A task of no duration makes room for the next of the same instant.
    let full = rows("submit_s,duration_s,cpu,memory\n1,0,98304,4\n1,0,98304,4\n1,0,98304,4\n");
    assert_eq!(full.run.tasks.succeeded, 3);
}

#[test]
fn an_earlier_row_is_an_error_that_names_it_and_says_what_to_do() {
    let csv = "submit_s,duration_s,cpu,memory\n1,1,1,4\n5,1,1,4\n4,1,1,4\n6,1,1,4\n";
    let message = fault(csv);
    assert!(message.contains("row 3"), "{message}");
    assert!(message.contains("sorted: false"), "{message}");
    let ran = replayed(csv.as_bytes(), "", ", sorted: false").unwrap();
    assert_eq!(
        ran.task_column("submitted_ms"),
        ["1000", "4000", "5000", "6000"]
    );
    assert_eq!(ran.task_column("task_id"), ["t/1", "t/2", "t/3", "t/4"]);
}

#[test]
fn rows_of_one_instant_keep_their_order() {
    let csv = "submit_s,duration_s,cpu,memory,name\n2,1,1,4,x\n1,1,1,4,a\n1,1,1,4,b\n1,1,1,4,c\n";
    let ran = replayed(csv.as_bytes(), "", ", sorted: false").unwrap();
    assert_eq!(ran.task_column("name"), ["a", "b", "c", "x"]);
}

#[test]
fn a_wrong_value_names_its_row_and_column() {
    for (row, column) in [
        ("x,1,1,4", "submit_s"),
        ("-1,1,1,4", "submit_s"),
        ("1,abc,1,4", "duration_s"),
        ("1,1,1.5,4", "cpu"),
        ("1,1,1,many", "memory"),
        ("1,1,99999999999999999999,4", "cpu"),
        ("1,1,,4", "cpu"),
    ] {
        let message = fault(&format!("submit_s,duration_s,cpu,memory\n1,1,1,4\n{row}\n"));
        assert!(message.contains("row 2"), "{row}: {message}");
        assert!(message.contains(&format!("`{column}`")), "{row}: {message}");
    }
    assert!(fault("submit_s,duration_s,cpu,memory\n1,1,1\n").contains("row 1"));
}

#[test]
fn rows_on_the_end_or_later_are_not_submitted_and_are_counted() {
    let ran = rows(
        "submit_s,duration_s,cpu,memory\n3599.999,1,1,4\n3600,1,1,4\n3600,1,1,4\n999999,1,1,4\n",
    );
    assert_eq!((ran.run.tasks.submitted, ran.outcome.beyond_end), (1, 3));
    // 3,599.9995 rounds to the end.
    let ran = rows("submit_s,duration_s,cpu,memory\n3599.9995,1,1,4\n");
    assert_eq!((ran.run.tasks.submitted, ran.outcome.beyond_end), (0, 1));
}

#[test]
fn amounts_of_a_row_override_the_task_definition() {
    let csv = b"submit_s,duration_s,cpu,memory\n1,1,,\n2,1,9,\n3,1,,90\n4,1,9,90\n";
    let ran = replayed(csv, ", taskDefinition: web", "").unwrap();
    assert_eq!(ran.task_column("cpu"), ["7", "9", "7", "9"]);
    assert_eq!(ran.task_column("memory"), ["70", "70", "90", "90"]);
    assert_eq!(ran.task_column("task_definition"), ["web:1"; 4]);
    assert_eq!(ran.task_column("group"), ["family:web"; 4]);
}

#[test]
fn a_row_may_name_its_task_definition() {
    let ran = rows(
        "submit_s,duration_s,cpu,memory,gpu,name,task_definition\n\
         1,1,,,,a,web\n2,1,5,50,0,b,web:1\n3,1,5,50,,c,\n",
    );
    assert_eq!(ran.task_column("task_definition"), ["web:1", "web:1", ""]);
    assert_eq!(
        ran.task_column("group"),
        ["family:web", "family:web", "family:t"]
    );
    assert_eq!(ran.task_column("cpu"), ["7", "5", "5"]);
    assert_eq!(ran.task_column("name"), ["a", "b", "c"]);
    let message = fault("submit_s,duration_s,cpu,memory,task_definition\n1,1,,,wbe\n");
    assert!(
        message.contains("row 1") && message.contains("wbe"),
        "{message}"
    );
}

#[test]
fn gzip_is_read_by_its_content() {
    let plain = b"submit_s,duration_s,cpu,memory\n1,1,3,4\n";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(plain).unwrap();
    let ran = replayed(&packer.finish().unwrap(), "", "").unwrap();
    assert_eq!(ran.task_column("cpu"), ["3"]);
}

#[test]
fn rows_of_one_instant_follow_the_order_of_entries() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "submit_s,duration_s,cpu,memory\n60,1,1,4\n60,1,1,4\n";
    fs::write(folder.path().join("jobs.csv"), csv).unwrap();
    let text = format!(
        "{HEAD}  - {{name: z, trace: {{file: jobs.csv}}}}
  - {{name: m, cpu: 1, memory: 4, arrivals: {{at: 1m}}}}
  - {{name: a, trace: {{file: jobs.csv}}}}\n"
    );
    let scenario = scenario_in(folder.path(), &text, &LoadOptions::default());
    let ran = run_watched(&scenario, RecordOptions { tasks: true }, &mut ());
    assert_eq!(
        ran.task_column("task_id"),
        ["z/1", "z/2", "m/1", "a/1", "a/2"]
    );
}
