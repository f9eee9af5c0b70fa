//! A plan as its readers see it, made by hand.

use std::collections::BTreeMap;

use super::{COLUMNS, csv, front, json, markdown, text};
use crate::experiment::plan::{
    ChoiceCounts, Difference, InvalidExample, PairedMean, Planned, PlannedVariable, Tried,
    TriedFate,
};
use crate::report::text::Style;
use crate::units::Fixed;

fn fixed(text: &str) -> Fixed {
    Fixed::parse(text).unwrap()
}

/// A choice by its number of instances, cost, wait in seconds, and runs that held of eight.
fn choice(count: u64, cost: &str, wait: &str, held: u64) -> Tried {
    let failed: u64 = 8 - held;
    let checks = (failed > 0).then(|| ("placement.waitMs.p99 <= 1m".to_owned(), failed));
    Tried {
        number: count,
        values: vec![count.to_string(), "a | b".to_owned()],
        sets: vec![
            format!("containerInstances.fleet.count={count}"),
            "tasks.it's.cpu={a: b}".to_owned(),
        ],
        fate: if failed > 0 {
            TriedFate::Fails
        } else {
            TriedFate::NoCheaper
        },
        dropped_in: None,
        runs: 8,
        failed_runs: failed,
        fresh_runs: 0,
        fresh_failed: 0,
        confirmation: None,
        failed_checks: checks.into_iter().collect(),
        bound: Some(fixed(cost)),
        objective: Some(fixed(cost)),
        wait_ms: Some(fixed(wait)),
        availability: Some(fixed("0.9995")),
        difference: Some(Difference {
            runs: 8,
            objective: Some(PairedMean {
                mean: fixed("1.5"),
                half_width: Some(Fixed::ZERO),
            }),
            wait_ms: Some(PairedMean {
                mean: fixed("-12000"),
                half_width: Some(fixed("3000.5")),
            }),
            availability: None,
        }),
    }
}

fn planned() -> Planned {
    let winner = Tried {
        fate: TriedFate::Winner,
        fresh_runs: 69,
        fresh_failed: 1,
        confirmation: Some(2),
        difference: None,
        ..choice(5, "12.5", "42000", 8)
    };
    let not_confirmed = Tried {
        fate: TriedFate::NotConfirmed,
        fresh_runs: 12,
        fresh_failed: 4,
        confirmation: Some(1),
        ..choice(4, "10", "55000", 7)
    };
    let dropped = Tried {
        fate: TriedFate::Dropped,
        dropped_in: Some(2),
        ..choice(3, "7.5", "200000", 1)
    };
    let variable = |name: &str| PlannedVariable {
        name: name.to_owned(),
        values: vec!["1".to_owned()],
    };
    Planned {
        scenario: "shop".to_owned(),
        seed: 7,
        version: "9.9.9".to_owned(),
        objective: "cost.totalUsd".to_owned(),
        holds_in: fixed("0.9"),
        confidence: fixed("0.95"),
        checks: vec![
            "placement.waitMs.p99 <= 1m".to_owned(),
            "tasks.notPlaced == 0".to_owned(),
        ],
        variables: vec![variable("containerInstances.fleet.count"), variable("size")],
        choices: ChoiceCounts {
            all: 1_240,
            invalid: 8,
            too_small: 1_200,
            too_dear: 1,
            no_cheaper: 26,
            beyond_budget: 0,
            tried: 5,
        },
        invalid_example: Some(InvalidExample {
            values: vec!["1".to_owned(), "x".to_owned()],
            problem: "`0` is too small".to_owned(),
        }),
        runs: 121,
        budget: 500,
        ran_out: false,
        confirmations: 2,
        winner: Some(3),
        nearest: None,
        runners_up: vec![4],
        front: vec![1, 2, 3, 4],
        tried: vec![
            choice(2, "5", "900000", 0),
            dropped,
            not_confirmed,
            winner,
            choice(6, "14", "30000", 8),
        ],
    }
}

fn command() -> Vec<String> {
    ["ecs-sim", "run", "my shop.yaml"]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn the_text_has_the_winner_what_comes_next_and_what_was_left_out() {
    insta::assert_snapshot!(text(&planned(), &command(), Style::default()));
}

#[test]
fn without_a_winner_the_text_says_which_checks_fail() {
    let mut without = Planned {
        winner: None,
        nearest: Some(2),
        runners_up: Vec::new(),
        ..planned()
    };
    without.tried.truncate(3);
    without.front.truncate(2);
    for choice in &mut without.tried {
        choice.difference = None;
    }
    insta::assert_snapshot!(text(&without, &command(), Style::default()));
    let short = Planned {
        ran_out: true,
        ..without
    };
    let said = text(&short, &command(), Style::default());
    assert!(
        said.contains("No choice was confirmed within the budget of 500 runs"),
        "{said}"
    );
}

#[test]
fn a_winner_of_a_budget_that_was_used_up_is_told_with_a_warning() {
    let short = Planned {
        ran_out: true,
        ..planned()
    };
    let warning = "The budget of 500 runs did not suffice to look at everything";
    assert!(text(&short, &command(), Style::default()).contains(warning));
    assert!(markdown(&short, &command()).contains(warning));
    assert!(!text(&planned(), &command(), Style::default()).contains(warning));
}

#[test]
fn the_page_in_markdown_escapes_what_is_the_users() {
    let page = markdown(&planned(), &command());
    assert!(page.contains("| size | a \\| b |"), "{page}");
    assert!(page.contains("ecs-sim run 'my shop.yaml' --set containerInstances.fleet.count=5 --set 'tasks.it'\\''s.cpu={a: b}'"), "{page}");
    insta::assert_snapshot!(page);
}

#[test]
fn the_csv_has_a_row_a_choice_and_a_column_a_variable() {
    let mut file = Vec::new();
    csv(&planned(), &mut file).unwrap();
    let mut reader = ::csv::Reader::from_reader(file.as_slice());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(header[..COLUMNS.len()], COLUMNS);
    assert_eq!(
        header[COLUMNS.len()..],
        ["containerInstances.fleet.count", "size"]
    );
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5);
    let column = |name: &str| {
        rows.iter()
            .map(|row| row[name].as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        column("fate"),
        ["fails", "dropped", "not-confirmed", "winner", "no-cheaper"]
    );
    assert_eq!(column("dropped_in"), ["", "2", "", "", ""]);
    assert_eq!(
        column("on_front"),
        ["false", "true", "true", "true", "true"]
    );
    assert_eq!(
        column("objective_difference"),
        ["1.5", "1.5", "1.5", "", "1.5"]
    );
    assert_eq!(column("confirmation"), ["", "", "1", "2", ""]);
    assert_eq!(column("failed_checks")[0], "placement.waitMs.p99 <= 1m: 8");
    assert_eq!(column("size")[0], "a | b");
}

#[test]
fn keys_of_the_json_are_what_the_documents_say() {
    let json: serde_json::Value = serde_json::from_str(&json(&planned())).unwrap();
    let keys = |value: &serde_json::Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let outputs = include_str!("../../../docs/outputs.md");
    let documented = |key: &String| outputs.contains(&format!("`{key}`"));
    for value in [&json, &json["choices"], &json["tried"][0]] {
        let missing: Vec<String> = keys(value)
            .into_iter()
            .filter(|key| !documented(key))
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    }
    for column in COLUMNS
        .iter()
        .filter(|column| !column.ends_with("_difference") && !column.ends_with("_half_width"))
    {
        assert!(documented(&(*column).to_owned()), "{column}");
    }
    assert_eq!(json["tried"][3]["fate"], "winner");
    assert_eq!(json["holdsIn"].to_string(), "0.9");
}

#[test]
fn the_picture_has_a_point_a_choice_and_a_ring_around_those_on_the_front() {
    let picture = front(&planned()).unwrap();
    // Five points and four rings in each of two charts, and four marks in each legend.
    assert_eq!(
        picture.matches("<circle").count(),
        2 * (5 + 4 + 4),
        "{picture}"
    );
    for words in [
        "shop: what waits cost",
        "shop: what availability costs",
        "cost (USD)",
        "wait, 99th percentile (min)",
        "the winner",
    ] {
        assert!(picture.contains(words), "no `{words}`");
    }
    let nothing = Planned {
        tried: Vec::new(),
        front: Vec::new(),
        runners_up: Vec::new(),
        winner: None,
        ..planned()
    };
    let picture = front(&nothing).unwrap();
    assert!(picture.contains("No choice that was tried has this figure."));
}
