//! `sweep` and `merge`: rows, interruptions, shards, and what is refused.

mod refusals;
mod resume;
mod shards;

use std::collections::BTreeSet;
use std::fs;

use super::{Ended, Place, files};

/// Three sizes of the fleet, two amounts of memory, and two seeds: twelve runs.
const OVER: [&str; 8] = [
    "s.yaml",
    "--over",
    "containerInstances.m5.large.count=1..3",
    "--over",
    "tasks.huge.memory=4,8",
    "--replications",
    "2",
    "--quiet",
];

impl Place {
    /// `sweep` over [`OVER`] with more arguments.
    fn sweep(&self, more: &[&str]) -> Ended {
        let mut arguments = vec!["sweep"];
        arguments.extend(OVER);
        arguments.extend(more);
        self.run(&arguments)
    }

    /// All files of a directory.
    fn all(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        files(&self.path(name))
    }

    fn rows(&self, directory: &str) -> Vec<csv::StringRecord> {
        let path = self.path(directory).join("sweep.csv");
        let mut reader = csv::Reader::from_path(path).expect("rows");
        reader.records().map(|row| row.expect("a row")).collect()
    }
}

#[test]
fn a_sweep_writes_a_row_for_every_cell_and_seed_in_order() {
    let place = Place::new();
    place
        .sweep(&["--out", "o", "--figure", "tasks.submitted"])
        .ok();
    let text = fs::read_to_string(place.path("o/sweep.csv")).expect("rows");
    let header = text.lines().next().expect("a header");
    let paths = "run,cell,replication,seed,containerInstances.m5.large.count,tasks.huge.memory,";
    assert!(header.starts_with(paths), "{header}");
    assert!(header.ends_with(",tasks.submitted,digest"), "{header}");
    assert!(header.contains(",cost.totalUsd,"), "{header}");
    let rows = place.rows("o");
    let first: Vec<String> = rows
        .iter()
        .map(|row| row.iter().take(6).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        first,
        [
            "1 1 0 1 1 4",
            "2 1 1 2 1 4",
            "3 2 0 1 1 8",
            "4 2 1 2 1 8",
            "5 3 0 1 2 4",
            "6 3 1 2 2 4",
            "7 4 0 1 2 8",
            "8 4 1 2 2 8",
            "9 5 0 1 3 4",
            "10 5 1 2 3 4",
            "11 6 0 1 3 8",
            "12 6 1 2 3 8",
        ]
    );
    // An m5.large costs 0.096 an hour; runs of one seed have their luck in common.
    let column = header
        .split(',')
        .position(|name| name == "cost.totalUsd")
        .expect("a column");
    assert_eq!((&rows[0][column], &rows[4][column]), ("0.096", "0.192"));
    let names: Vec<String> = place.all("o").into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"manifest.json".to_owned()), "{names:?}");
    assert!(!names.contains(&"sweep.journal".to_owned()), "{names:?}");
}

#[test]
fn every_run_of_a_sweep_is_the_run_that_its_settings_and_seed_make() {
    let place = Place::new();
    place.sweep(&["--out", "o"]).ok();
    for row in place.rows("o") {
        let (count, memory) = (&row[4], &row[5]);
        let one = place.run(&[
            "run",
            "s.yaml",
            "--set",
            &format!("containerInstances.m5.large.count={count}"),
            "--set",
            &format!("tasks.huge.memory={memory}"),
            "--seed",
            &row[3],
            "--format",
            "json",
        ]);
        let summary: serde_json::Value = serde_json::from_str(one.ok().out()).expect("JSON");
        assert_eq!(summary["digest"], row[row.len() - 1], "{row:?}");
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let place = Place::new();
    place.sweep(&["--out", "one", "--jobs", "1"]).ok();
    place.sweep(&["--out", "four", "--jobs", "4"]).ok();
    assert!(place.all("one") == place.all("four"));
}

#[test]
fn the_scenarios_own_sweep_is_used_and_over_replaces_it() {
    let place = Place::new();
    let text = format!(
        "{}sweep: {{list: [{{}}, {{tasks.t.runtime: 1m}}]}}\n",
        super::SCENARIO
    );
    place.write("swept.yaml", text);
    place
        .run(&["sweep", "swept.yaml", "--out", "o", "--quiet"])
        .ok();
    let values: Vec<String> = place
        .rows("o")
        .iter()
        .map(|row| row[4].to_owned())
        .collect();
    assert_eq!(values, ["", "1m"]);
    let over = ["--over", "tasks.t.runtime=2m,3m,4m"];
    place
        .run(&[
            "sweep",
            "swept.yaml",
            over[0],
            over[1],
            "--out",
            "p",
            "--quiet",
        ])
        .ok();
    assert_eq!(place.rows("p").len(), 3);
}

#[test]
fn a_random_sweep_is_the_same_every_time_and_another_with_another_seed() {
    let place = Place::new();
    let sweep = "sweep: {random: {samples: 5, over: {tasks.t.runtime: {uniform: [1m, 9m]}}}}\n";
    place.write("random.yaml", format!("{}{sweep}", super::SCENARIO));
    let values = |out: &str, more: &[&str]| {
        let mut arguments = vec!["sweep", "random.yaml", "--out", out, "--quiet"];
        arguments.extend(more);
        place.run(&arguments).ok();
        let values = place.rows(out).into_iter().map(|row| row[4].to_owned());
        values.collect::<BTreeSet<String>>()
    };
    let one = values("a", &[]);
    assert_eq!(one.len(), 5);
    assert_eq!(one, values("b", &[]));
    assert!(one.is_disjoint(&values("c", &["--seed", "8"])));
}

#[test]
fn a_dry_run_checks_and_counts_and_writes_nothing() {
    let place = Place::new();
    let before = place.all("");
    let shown = place.sweep(&["--dry-run", "--shard", "1/4"]).ok();
    assert!(
        shown
            .out()
            .contains("6 cells, 2 replications each: 12 runs, 3 of them here"),
        "{}",
        shown.out()
    );
    assert!(
        shown
            .out()
            .contains("cell 6: containerInstances.m5.large.count=3 tasks.huge.memory=8")
    );
    assert!(place.all("") == before);
}

#[test]
fn a_figure_that_a_cell_has_no_place_for_is_empty_there() {
    let place = Place::new();
    let figure = "placement.failures.RESOURCE:CPU";
    place.sweep(&["--out", "o", "--figure", figure]).ok();
    let rows = place.rows("o");
    let last = rows[0].len() - 2;
    assert!(
        rows.iter().all(|row| row[last].parse::<u32>().is_ok()),
        "{rows:?}"
    );
}
