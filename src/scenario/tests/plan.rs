//! `plan`: what it may say, and what its users see of a wrong one.

use super::{errors, loaded};
use crate::scenario::{Plan, PlanValue};

const TOP: &str = "duration: 24h
region: us-east-1
containerInstances: [{name: fleet, instanceType: m5.large, count: 4}]
tasks: [{name: web, cpu: 64, memory: 128, arrivals: {at: 0s, count: 5}}]
";

fn plan(block: &str) -> Plan {
    let loaded = loaded(&format!("{TOP}plan: {block}\n"), &[]);
    let scenario = loaded
        .unwrap_or_else(|error| panic!("{block}\n{}", error.render(false)))
        .scenario;
    scenario.plan.expect("there is one")
}

/// The values of the only variable.
fn values(variable: &str) -> Vec<PlanValue> {
    let mut plan = plan(&format!("{{vary: [{variable}]}}"));
    assert_eq!(plan.vary.len(), 1);
    plan.vary.remove(0).values
}

fn labels(variable: &str) -> Vec<String> {
    values(variable)
        .into_iter()
        .map(|value| value.label)
        .collect()
}

fn sets(variable: &str) -> Vec<String> {
    values(variable)
        .into_iter()
        .map(|value| value.sets.join(" & "))
        .collect()
}

fn wrong(block: &str) -> Vec<String> {
    errors(&format!("{TOP}plan: {block}\n"))
}

/// What is wrong with the only variable.
fn wrong_variable(variable: &str) -> String {
    let found = wrong(&format!("{{vary: [{variable}]}}"));
    assert_eq!(found.len(), 1, "{variable}: {found:#?}");
    found.into_iter().next().unwrap()
}

#[test]
fn what_is_not_said_has_a_default() {
    let plan = plan("{vary: [{path: containerInstances.fleet.count, values: 2..4}]}");
    assert_eq!(plan.objective.as_str(), "cost.totalUsd");
    assert_eq!(
        (plan.confidence.to_string(), plan.holds_in.to_string()),
        ("95 %".to_owned(), "90 %".to_owned())
    );
    assert_eq!((plan.budget, plan.require.len()), (500, 0));
    assert_eq!(plan.vary[0].name, "containerInstances.fleet.count");
    assert_eq!(plan.vary[0].place, "s.yaml:5:22");
}

#[test]
fn everything_may_be_said() {
    let plan = plan(
        "{vary: [{path: seed, values: [1]}], require: [tasks.failed == 0, {check: cost.totalUsd < 9, name: budget}], \
         holdsIn: 99.5 %, confidence: 99%, objective: instances.mean, budget: 70}",
    );
    assert_eq!(plan.objective.as_str(), "instances.mean");
    assert_eq!(
        (plan.holds_in.millionths(), plan.confidence.millionths()),
        (995_000, 990_000)
    );
    assert_eq!((plan.budget, plan.require.len()), (70, 2));
}

#[test]
fn a_range_has_both_its_ends_and_may_have_a_step() {
    let of = |range: &str| {
        labels(&format!(
            "{{path: containerInstances.fleet.count, values: {range}}}"
        ))
        .join(" ")
    };
    assert_eq!(of("2..5"), "2 3 4 5");
    assert_eq!(of("7..7"), "7");
    assert_eq!(of("10..40 step 10"), "10 20 30 40");
    assert_eq!(of("10 .. 39 step 10"), "10 20 30");
    assert_eq!(
        sets("{path: containerInstances.fleet.count, values: 8..9}"),
        [
            "containerInstances.fleet.count=8",
            "containerInstances.fleet.count=9"
        ]
    );
}

#[test]
fn values_are_set_as_they_are_written() {
    let variable = "{path: tasks.web.memory, values: [128, 4 GB, '512', null, [a, {b: 'c d', e: \"f:g\"}], {at: 0s}]}";
    let expected = [
        "tasks.web.memory=128",
        "tasks.web.memory=4 GB",
        "tasks.web.memory=\"512\"",
        "tasks.web.memory=null",
        "tasks.web.memory=[a, {b: \"c d\", e: \"f:g\"}]",
        "tasks.web.memory={at: 0s}",
    ];
    assert_eq!(sets(variable), expected);
    assert_eq!(labels(variable)[..4], ["128", "4 GB", "512", "null"]);
}

#[test]
fn instance_types_come_from_the_catalog_in_its_order_each_once() {
    let of = |filter: &str| {
        labels(&format!(
            "{{path: containerInstances.fleet.instanceType, instanceTypes: {filter}}}"
        ))
        .join(" ")
    };
    assert_eq!(of("m5 vcpu<=8"), "m5.large m5.xlarge m5.2xlarge");
    assert_eq!(
        of("[m5.xlarge, c5.large, m5 vcpu<=4]"),
        "c5.large m5.large m5.xlarge"
    );
}

#[test]
fn strategies_are_written_as_placement_strategy_writes_them() {
    let found = values(
        "{path: tasks.web.placementStrategy, strategies: [spread-az+binpack-memory, random, x-dot-product, spread-instance]}",
    );
    let labels: Vec<&str> = found.iter().map(|value| value.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "spread-az+binpack-memory",
            "random",
            "x-dot-product",
            "spread-instance"
        ]
    );
    let sets: Vec<&str> = found.iter().map(|value| value.sets[0].as_str()).collect();
    let expected = [
        "tasks.web.placementStrategy=[{type: spread, field: \"attribute:ecs.availability-zone\"}, {type: binpack, field: memory}]",
        "tasks.web.placementStrategy=[{type: random}]",
        "tasks.web.placementStrategy=[{type: x-dot-product}]",
        "tasks.web.placementStrategy=[{type: spread, field: instanceId}]",
    ];
    assert_eq!(sets, expected);
    // Each is one that the loader takes, and means the same.
    for (label, set) in labels.iter().zip(sets) {
        let scenario = loaded(TOP, &[set]).unwrap().scenario;
        let chain: Vec<String> = scenario.tasks[0]
            .placement_strategy
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(chain.join("+"), *label);
    }
}

#[test]
fn options_move_several_paths_together_or_none() {
    let variable = "{name: size, options: {small: {containerInstances.fleet.count: 1, tasks.web.cpu: 32}, as it is: {}, more: {tasks+: {name: x, cpu: 1, memory: 6, arrivals: {at: 0s}}}}}";
    let expected = [
        "containerInstances.fleet.count=1 & tasks.web.cpu=32",
        "",
        "tasks+={name: x, cpu: 1, memory: 6, arrivals: {at: 0s}}",
    ];
    assert_eq!(sets(variable), expected);
    assert_eq!(labels(variable), ["small", "as it is", "more"]);
}

#[test]
fn a_wrong_frame_says_what_is_expected() {
    for (block, expected) in [
        (
            "5..9",
            vec![
                "expected a mapping of `key: value`, found a plain value | expected a mapping of `key: value` | for instance `{vary: [{path: containerInstances.0.count, values: 2..20}]}`",
            ],
        ),
        (
            "{}",
            vec!["the key `vary` is missing | add `vary: [{path: ..., values: 2..20}]`"],
        ),
        (
            "{vary: []}",
            vec![
                "nothing varies | for instance `- {path: containerInstances.0.count, values: 2..20}`",
            ],
        ),
        (
            "{vary: [{path: seed, values: [1]}], objectiv: a.b}",
            vec!["unknown key `objectiv` | did you mean `objective`?"],
        ),
        (
            "{vary: [{path: seed, values: [1]}, {path: seed, values: [2]}]}",
            vec!["`seed` varies twice | join the two"],
        ),
        (
            "{vary: [{path: seed, values: [1]}], budget: 0}",
            vec!["`0` is too small | expected a whole number from 1 to 10000000"],
        ),
        (
            "{vary: [{path: seed, values: [1]}], require: [cost.totalUsd]}",
            vec![
                "this compares nothing | a check is a figure, a comparison and a number: for instance `placement.waitMs.p99 <= 60000`",
            ],
        ),
        (
            "{vary: [{path: seed, values: [1]}], objective: a..b}",
            vec![
                "`a..b` has an empty name or a quotation mark too few | expected a figure of the summary such as `cost.totalUsd`",
            ],
        ),
    ] {
        let found = wrong(block);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        if block.contains("cost.totalUsd]") {
            assert_eq!(found.len(), 1);
            assert!(found[0].starts_with("this compares nothing"), "{found:?}");
        } else {
            assert_eq!(found, expected, "{block}");
        }
    }
}

#[test]
fn a_share_is_in_per_cent_and_neither_nothing_nor_all() {
    const EXPECTED: &str = "expected a part in per cent such as `95%`, above 0% and at most 99.99%";
    for (share, expected) in [
        ("0%", format!("`0%` asks for nothing | {EXPECTED}")),
        (
            "100%",
            format!(
                "`100%`: no number of runs shows that | {EXPECTED} | what has always held may fail the next time: ask for less, such as `95%`"
            ),
        ),
        ("120%", format!("`120%` is more than all | {EXPECTED}")),
        (
            "99.999%",
            format!("`99.999%` asks for more runs than anybody waits for | {EXPECTED}"),
        ),
        ("95", format!("`95` has no `%` | {EXPECTED} | write `95%`")),
        ("-5%", format!("`-5%` must not be negative | {EXPECTED}")),
        (
            "most",
            format!("`most` is not a number in plain digits | {EXPECTED}"),
        ),
        (
            "1.23456%",
            format!("`1.23456%` has too many decimals | {EXPECTED}"),
        ),
    ] {
        for key in ["confidence", "holdsIn"] {
            let found = wrong(&format!(
                "{{vary: [{{path: seed, values: [1]}}], {key}: {share}}}"
            ));
            assert_eq!(found, [expected.as_str()], "{key}: {share}");
        }
    }
}

#[test]
fn a_variable_says_once_what_it_may_be() {
    const SOURCES: &str = "expected one of `values`, `instanceTypes`, `strategies`, `options` | for instance `{path: containerInstances.0.count, values: 2..20}`";
    for (variable, expected) in [
        ("{path: seed}", format!("nothing says what this may be | {SOURCES}")),
        ("{path: seed, values: 1..2, strategies: [random]}", format!("`values`, `strategies` beside one another | {SOURCES}")),
        ("{values: 1..2}", "the key `path` is missing | add `path: containerInstances.0.count`".to_owned()),
        ("{options: {a: {}}}", "the key `name` is missing | add `name: size`".to_owned()),
        ("{name: x, path: seed, options: {a: {}}}", "`path` beside `options` | each option names its paths itself; what it is called is its `name`".to_owned()),
        ("{name: x, path: seed, values: 1..2}", "`name` beside `values` | what varies is called by its `path`: remove the name".to_owned()),
        ("{path: seed, valeus: 1..2}", "unknown key `valeus` | did you mean `values`?".to_owned()),
    ] {
        let found = wrong(&format!("{{vary: [{variable}]}}"));
        assert_eq!(found.first(), Some(&expected), "{variable}: {found:#?}");
    }
}

#[test]
fn wrong_values_are_refused_at_their_place() {
    const RANGE: &str =
        "expected a range such as `2..40` or `10..100 step 10`, or a list of values";
    const EXAMPLE: &str = "for instance `{path: containerInstances.0.count, values: 2..20}`";
    for (variable, expected) in [
        ("{path: seed, values: 5}", format!("`5` is no range | {RANGE}")),
        ("{path: seed, values: 9..2}", format!("`9..2` is empty: 9 is more than 2 | {RANGE}")),
        ("{path: seed, values: 1..9 step 0}", format!("`1..9 step 0` has a step of 0 | {RANGE}")),
        ("{path: seed, values: -1..9}", format!("`-1..9` is no range | {RANGE}")),
        ("{path: seed, values: 0..10000}", format!("`0..10000` has more than 10000 values: take a larger step | {RANGE}")),
        ("{path: seed, values: []}", format!("`values` is empty | {EXAMPLE}")),
        ("{path: seed, values: [1, 2, 1]}", "`1` is given twice".to_owned()),
        ("{path: tasks.web.placementStrategy, strategies: []}", format!("`strategies` is empty | {EXAMPLE}")),
        ("{name: x, options: {}}", format!("`options` is empty | {EXAMPLE}")),
        ("{name: x, options: {a: 5}}", "expected a mapping of paths to values, found a plain value | expected a mapping of paths to values | for instance `{tasks.web.count: 2}`; `{}` changes nothing".to_owned()),
    ] {
        assert_eq!(wrong_variable(variable), expected, "{variable}");
    }
    let found = wrong_variable("{path: tasks.web.placementStrategy, strategies: [binpak-cpu]}");
    assert!(
        found.starts_with("unknown placement strategy `binpak-cpu` | did you mean `binpack-cpu`?"),
        "{found}"
    );
}

#[test]
fn a_filter_that_names_no_type_is_refused() {
    let of = |filter: &str| {
        wrong_variable(&format!(
            "{{path: containerInstances.fleet.instanceType, instanceTypes: {filter}}}"
        ))
    };
    assert_eq!(
        of("m5 vcpu>1000"),
        "no instance type of the catalog is `m5 vcpu>1000` | all terms must hold; see `ecs-sim catalog 'm5 vcpu>1000'`; several filters are a list"
    );
    assert_eq!(
        of("m5.lrge"),
        "no instance type `m5.lrge` | did you mean `m5.large`? | expected a filter of the catalog such as `m5 vcpu<=8`; types of one's own are `values`"
    );
    let found = errors(&format!("{TOP}plan: {{vary: [{{path: containerInstances.fleet.instanceType, instanceTypes: m5}}]}}\n").replace("us-east-1", "us-east-9"));
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("none of the ") && one.contains("has a price in us-east-9")),
        "{found:#?}"
    );
}

#[test]
fn a_path_that_is_not_there_is_refused_where_it_stands() {
    let found = wrong_variable("{path: containerInstances.fleat.count, values: 2..4}");
    assert!(
        found.starts_with(
            "no element `fleat` in the list | the list has `fleet` | did you mean `fleet`?"
        ),
        "{found}"
    );
    let found = wrong_variable("{name: x, options: {a: {tasks.wbe.cpu: 5}}}");
    assert!(
        found
            .starts_with("no element `wbe` in the list | the list has `web` | did you mean `web`?"),
        "{found}"
    );
    let found = wrong_variable("{path: duration.long, values: 2..4}");
    assert_eq!(found, "there is nothing below the plain value `24h`");
}
