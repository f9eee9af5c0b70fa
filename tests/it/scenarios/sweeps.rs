//! The scenarios with a `sweep`: every command of their headers runs, and what they claim holds.

use std::process::{Command, Output};

use super::{Changes, commands_of, directory, loaded, names};

/// The commands of a header that begin with `ecs-sim sweep`.
fn sweep_commands(name: &str) -> Vec<Vec<String>> {
    let commands = commands_of(name, "ecs-sim sweep ").into_iter();
    commands
        .map(|command| crate::docs::words(&command).split_off(1))
        .collect()
}

/// Runs a command of a header in a directory that has the scenarios; its standard output.
fn run(place: &tempfile::TempDir, words: &[String]) -> String {
    for name in names() {
        std::fs::copy(directory().join(&name), place.path().join(&name)).expect("a copy");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-sim"));
    let output: Output = command
        .args(words)
        .current_dir(place.path())
        .output()
        .expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {errors}");
    assert!(!errors.contains("warning"), "{words:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn every_sweep_of_a_header_runs_and_every_scenario_with_a_sweep_has_one() {
    let mut count = 0;
    for name in names() {
        let has_sweep = loaded(&name, &Changes::default()).sweep.is_some();
        let commands = sweep_commands(&name);
        assert!(!has_sweep || !commands.is_empty(), "{name}");
        for words in commands {
            let place = tempfile::tempdir().expect("a directory");
            run(&place, &words);
            count += 1;
        }
    }
    assert!(count >= 2, "{count} commands");
}

/// The line of a cell.
fn cell(shown: &str, count: &str, scale: &str) -> String {
    let lines = shown.lines();
    let mut rows = lines.map(|line| line.split_whitespace().collect::<Vec<&str>>());
    let found = rows.find(|row| row.starts_with(&[count, scale]));
    found.unwrap_or_else(|| panic!("{shown}")).join(" ")
}

#[test]
fn the_size_of_the_fleet_has_an_edge_in_waits_and_none_in_cost() {
    let place = tempfile::tempdir().expect("a directory");
    let words = sweep_commands("sweep-fleet-size.yaml").remove(0);
    let shown = run(&place, &words);
    assert!(shown.contains("120 runs in 24 cells"), "{shown}");
    for (count, scale, line) in [
        ("2", "1", "2 1 $2.30 4 h 17 min ±"),
        ("3", "1", "3 1 $3.46 51 min ±"),
        ("5", "1", "5 1 $5.76 1 min 47 s ± 2 min"),
        ("9", "2", "9 2 $10.37 1 min 51 s ± 3 min"),
    ] {
        let found = cell(&shown, count, scale);
        assert!(found.starts_with(line), "{found}");
    }
    let plots = place.path().join("fleet/plots");
    for name in ["cost.totalUsd.svg", "placement.waitMs.p99.svg"] {
        assert!(plots.join(name).exists(), "{name}");
    }
}

#[test]
fn sixty_replications_tell_what_five_cannot() {
    let place = tempfile::tempdir().expect("a directory");
    let words = sweep_commands("sweep-fleet-size.yaml").remove(1);
    let shown = run(&place, &words);
    assert_eq!(cell(&shown, "5", "1"), "5 1 $5.76 1 min 7 s ± 21 s");
    assert_eq!(cell(&shown, "9", "2"), "9 2 $10.37 34 s ± 17 s");
}
