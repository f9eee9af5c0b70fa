//! The plan that ships: what its header claims, and what is printed of it.

use std::path::Path;

use ecs_sim::experiment::plan::Planned;
use ecs_sim::report::plan::text;
use ecs_sim::report::text::Style;
use ecs_sim::scenario::{LoadOptions, ScenarioFile};

use super::try_plan;

fn shipped(sets: &[&str]) -> Planned {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/plan-fleet.yaml");
    let file = ScenarioFile::read(&path).expect("it is there");
    let sets = sets.iter().map(ToString::to_string).collect();
    let options = LoadOptions {
        sets,
        ..LoadOptions::default()
    };
    try_plan(&file, &options, 2).unwrap_or_else(|error| panic!("{error}"))
}

/// The winner's values and cost.
fn winner(planned: &Planned) -> (Vec<&str>, String) {
    let winner = planned.winner().expect("a winner");
    let cost = winner.objective.expect("a cost").to_string();
    (winner.values.iter().map(String::as_str).collect(), cost)
}

#[test]
fn the_shipped_plan_finds_the_fleet_that_its_header_names() {
    let planned = shipped(&[]);
    let expected = vec!["m5.xlarge", "15", "binpack-memory"];
    assert_eq!(winner(&planned), (expected, "8.64".to_owned()));
    assert_eq!(planned.choices.all, 180);
    assert!(planned.choices.tried < 25, "{}", planned.choices.tried);
    let command = ["ecs-sim", "run", "scenarios/plan-fleet.yaml"].map(str::to_owned);
    insta::assert_snapshot!("plan-fleet", text(&planned, &command, Style::default()));
}

#[test]
fn who_asks_for_less_gets_it_cheaper() {
    let planned = shipped(&["plan.holdsIn=50%"]);
    let expected = vec!["m5.2xlarge", "7", "binpack-memory"];
    assert_eq!(winner(&planned), (expected, "8.064".to_owned()));
}
