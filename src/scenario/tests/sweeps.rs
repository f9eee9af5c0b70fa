//! `sweep` and `--over`: what they mean, and what is said of wrong ones.

use super::{errors, loaded};
use crate::scenario::{Axis, Bounds, Draw, Law, Setting, Sweep, parse_over};
use crate::units::{Fixed, Millis};

const FLEET: &str = "duration: 1h\ncontainerInstances: [{instanceType: m5.large, count: 2}]\n";

fn swept(sweep: &str) -> Sweep {
    let loaded = loaded(&format!("{FLEET}sweep: {sweep}\n"), &[]);
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
    loaded.sweep.expect("a sweep")
}

/// What is wrong with a sweep, on one line.
fn wrong(sweep: &str) -> String {
    errors(&format!("{FLEET}sweep: {sweep}\n")).join(" || ")
}

fn over(arguments: &[&str]) -> Vec<Axis> {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    match parse_over(&arguments) {
        Ok(Sweep::Grid(axes)) => axes,
        Ok(other) => panic!("{other:?}"),
        Err(error) => panic!("{error}"),
    }
}

fn wrong_over(arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    parse_over(&arguments).unwrap_err().render(false)
}

fn axis(path: &str, values: &[&str]) -> Axis {
    Axis {
        path: path.to_owned(),
        values: values.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_grid_has_axes_in_the_order_of_the_file() {
    let grid = swept("{grid: {workload.scale: [1, 1.5], containerInstances.m5.large.count: 2..4}}");
    let axes = vec![
        axis("workload.scale", &["1", "1.5"]),
        axis("containerInstances.m5.large.count", &["2", "3", "4"]),
    ];
    assert_eq!(grid, Sweep::Grid(axes));
    assert_eq!((grid.cells(), grid.paths().len()), (6, 2));
}

#[test]
fn a_list_keeps_its_cells_as_they_are_written() {
    let list = swept("{list: [{}, {a.b: 5m}, {c: [{type: random}], a.b: \"x, y\"}]}");
    let setting = |path: &str, value: &str| Setting {
        path: path.to_owned(),
        value: value.to_owned(),
    };
    let cells = vec![
        vec![],
        vec![setting("a.b", "5m")],
        vec![
            setting("c", r#"[{"type":"random"}]"#),
            setting("a.b", r#""x, y""#),
        ],
    ];
    assert_eq!(list, Sweep::List(cells));
    assert_eq!(list.paths(), ["a.b", "c"]);
    assert_eq!(swept("{list: [{a.b: 5m}]}").cells(), 1);
}

#[test]
fn a_random_sweep_has_a_law_for_each_path() {
    let random = swept(
        "{random: {samples: 7, over: {a: {uniform: [0.5, 2]}, b: {logUniform: [1s, 5m]}, \
         c: {integer: [2, 9]}, d: {choice: [x, y]}}}}",
    );
    let half = Fixed::parse("0.5").expect("a number");
    let laws = [
        ("a", Law::Uniform(Bounds::Numbers(half, Fixed::from(2)))),
        (
            "b",
            Law::LogUniform(Bounds::Spans(Millis(1_000), Millis(300_000))),
        ),
        ("c", Law::Integer(2, 9)),
        ("d", Law::Choice(vec!["x".to_owned(), "y".to_owned()])),
    ];
    let draws = laws.map(|(path, law)| Draw {
        path: path.to_owned(),
        law,
    });
    let expected = Sweep::Random {
        samples: 7,
        draws: draws.to_vec(),
    };
    assert_eq!(random, expected);
}

#[test]
fn a_scenario_may_have_no_sweep_and_sets_reach_into_one() {
    assert_eq!(loaded(FLEET, &[]).expect("right").sweep, None);
    let text =
        format!("{FLEET}sweep: {{random: {{samples: 7, over: {{a: {{integer: [1, 2]}}}}}}}}\n");
    let more = loaded(&text, &["sweep.random.samples=9"]).expect("right");
    assert_eq!(more.sweep.map(|sweep| sweep.cells()), Some(9));
}

#[test]
fn over_takes_values_as_yaml_takes_them() {
    let strategies = "tasks.x.placementStrategy=[{type: random}],[{type: binpack, field: cpu}]";
    assert_eq!(
        over(&[
            "n=1,2,4",
            "tasks.\"a=b\".count=1..4,8",
            "d=5m,1h30m",
            strategies,
            "s='a,b',c"
        ]),
        [
            axis("n", &["1", "2", "4"]),
            axis("tasks.\"a=b\".count", &["1", "2", "3", "4", "8"]),
            axis("d", &["5m", "1h30m"]),
            axis(
                "tasks.x.placementStrategy",
                &[
                    r#"[{"type":"random"}]"#,
                    r#"[{"field":"cpu","type":"binpack"}]"#
                ]
            ),
            axis("s", &[r#""a,b""#, "c"]),
        ]
    );
    assert_eq!(over(&["n=10..40..15"])[0].values, ["10", "25", "40"]);
    assert_eq!(over(&["n=0.5..1..0.2"])[0].values, ["0.5", "0.7", "0.9"]);
    assert_eq!(over(&["n=-1..1"])[0].values, ["-1", "0", "1"]);
    assert_eq!(over(&["n=null,1.5.2"])[0].values, ["null", "1.5.2"]);
}

#[test]
fn wrong_arguments_of_over_are_told_all_at_once_with_their_places() {
    let shown = wrong_over(&["n", "m=", "o=1,1", "o=1,2"]);
    for part in [
        "expected PATH=VALUE,VALUE,...",
        "for instance `--over containerInstances.m5.large.count=2,4,6`",
        "there are no values",
        "--over 'm=':1:3",
        "the value `1` is given twice",
        "--over 'o=1,1':1:5",
    ] {
        assert!(shown.contains(part), "no `{part}` in\n{shown}");
    }
    for (arguments, part) in [
        (["n=1,2", "n=3"], "`n` is varied twice"),
        (["n=1", "m=1,,2"], "there is no value here"),
        (["n=1", "m=1,2,"], "--over 'm=1,2,':1:7"),
        (["n=1", "m=[1, 2], ,3"], "--over 'm=[1, 2], ,3':1:11"),
        (["n=1", ".m=1"], "`.m` is not a path of the scenario"),
        (["n=1", "m=[1"], "this is not YAML"),
        (["n=1", "m=9..2"], "the range `9..2` is empty"),
        (["n=1", "m=1..9..0"], "the range `1..9..0` is empty"),
        (
            ["n=1", "m=1..99999999999"],
            "the range `1..99999999999` has too many numbers",
        ),
        (["n=1..2000", "m=1..2000"], "the sweep has 4000000 cells"),
        (
            ["n=1", "seed=1..5"],
            "`--replications 5` runs every cell with five seeds",
        ),
    ] {
        let shown = wrong_over(&arguments);
        assert!(shown.contains(part), "no `{part}` in\n{shown}");
    }
}

#[test]
fn wrong_sweeps_say_what_is_expected() {
    for (sweep, said) in [
        (
            "{}",
            "the sweep varies nothing | expected one of `grid`, `list` and `random` | for",
        ),
        (
            "{grdi: {a: [1]}}",
            "unknown key `grdi` | did you mean `grid`?",
        ),
        (
            "{grid: {a: [1]}, list: [{a: 1}]}",
            "a sweep has one kind of cells, not `grid`, `list` | expected one of",
        ),
        ("[1, 2]", "expected a mapping of `key: value`, found a list"),
        (
            "{grid: {a: []}}",
            "there are no values | expected at least one value",
        ),
        (
            "{grid: {a: {b: 1}}}",
            "expected a list of values, found a mapping",
        ),
        ("{grid: {}}", "the sweep varies nothing"),
        ("{grid: {a: [1, 1]}}", "the value `1` is given twice"),
        (
            "{grid: {a..b: [1]}}",
            "`a..b` is not a path of the scenario",
        ),
        ("{grid: {seed: [1, 2]}}", "the seed is not varied as a path"),
        ("{list: []}", "the sweep varies nothing"),
        ("{list: [{a: 1}, {a: 1}]}", "this cell is given twice"),
        (
            "{list: [3]}",
            "expected a mapping of `key: value`, found a plain value",
        ),
    ] {
        let shown = wrong(sweep);
        assert!(shown.contains(said), "{sweep}: no `{said}` in\n{shown}");
    }
}

#[test]
fn wrong_random_sweeps_say_what_is_expected() {
    for (sweep, said) in [
        (
            "{random: {over: {a: {integer: [1, 2]}}}}",
            "the key `samples` is missing",
        ),
        ("{random: {samples: 3}}", "the key `over` is missing"),
        (
            "{random: {samples: 0, over: {a: {integer: [1, 2]}}}}",
            "`0` is too small",
        ),
        (
            "{random: {samples: 3, over: {}}}",
            "the sweep varies nothing",
        ),
        (
            "{random: {samples: 3, over: {a: {normal: [1, 2]}}}}",
            "unknown key `normal` | the keys here are `uniform`, `logUniform`, `integer`, `choice`",
        ),
        (
            "{random: {samples: 3, over: {a: {integer: [1, 2], choice: [3]}}}}",
            "a value is drawn by one law | expected one of `uniform`",
        ),
        (
            "{random: {samples: 3, over: {a: {uniform: [2, 1]}}}}",
            "the first bound must be below the second",
        ),
        (
            "{random: {samples: 3, over: {a: {uniform: [1]}}}}",
            "expected two bounds, found 1",
        ),
        (
            "{random: {samples: 3, over: {a: {uniform: [x, y]}}}}",
            "the bounds are neither numbers nor spans of time",
        ),
        (
            "{random: {samples: 3, over: {a: {uniform: [1s, 5]}}}}",
            "`5` has no unit",
        ),
        (
            "{random: {samples: 3, over: {a: {logUniform: [0, 5]}}}}",
            "the logarithm of 0 and less is no number",
        ),
        (
            "{random: {samples: 3, over: {a: {integer: [1.5, 5]}}}}",
            "`1.5` is not a whole number",
        ),
    ] {
        let shown = wrong(sweep);
        assert!(shown.contains(said), "{sweep}: no `{said}` in\n{shown}");
    }
}
