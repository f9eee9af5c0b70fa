//! `compare` through the real binary: variants, formats, files, refusals.

use std::fs;

use serde_json::Value;

use super::{Place, SCENARIO, files};

const VARIANTS: &str = "variants:
  - name: now
  - name: more
    set: {containerInstances.m5.large.count: 3, \"tasks+\": {name: new, cpu: 1, memory: 6, arrivals: {at: 1m}}}
  - name: packed
    strategy: binpack-cpu
checks: [tasks.notPlaced <= 1, cost.totalUsd < 0.2]
";

fn place() -> Place {
    let place = Place::new();
    place.write("v.yaml", format!("{SCENARIO}{VARIANTS}"));
    place
}

fn json(place: &Place, more: &[&str]) -> Value {
    let arguments = [&["compare", "v.yaml", "--format", "json"], more].concat();
    let ended = place.run(&arguments).done();
    serde_json::from_str(ended.out()).expect("one JSON document")
}

fn names(document: &Value) -> Vec<&str> {
    let variants = document["variants"].as_array().expect("variants");
    let names = variants.iter().map(|variant| variant["name"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

/// The cell of a variant in a figure.
fn cell<'d>(document: &'d Value, path: &str, variant: &str) -> &'d Value {
    let figures = document["figures"].as_array().expect("figures");
    let figure = figures.iter().find(|figure| figure["path"] == path);
    let cells = figure.expect(path)["variants"].as_array().expect("cells");
    let cell = cells.iter().find(|cell| cell["variant"] == variant);
    cell.expect(variant)
}

#[test]
fn the_scenarios_own_variants_are_compared_under_shared_seeds() {
    let place = place();
    let ended = place
        .run(&[
            "compare",
            "v.yaml",
            "--replications",
            "3",
            "--seed",
            "7",
            "--quiet",
        ])
        .done();
    for part in [
        "v: 2 variants against now, 3 replications each, seeds 7 to 9",
        "more costs 50 % more than now (in every replication)",
        "packed is the same as now in every replication.",
        "tasks.notPlaced <= 1",
        "3 of 3",
        "0 of 3",
    ] {
        assert!(ended.out().contains(part), "no {part} in\n{}", ended.out());
    }
    assert!(
        ended.out().lines().all(|line| line.chars().count() <= 100),
        "{}",
        ended.out()
    );
    // Checks that fail are told as shares; the comparison itself is done.
    assert_eq!(ended.err(), "");
    let document = json(&place, &["--replications", "3", "--seed", "7"]);
    assert_eq!(names(&document), ["now", "more", "packed"]);
    assert_eq!(document["baseline"], "now");
    assert_eq!(
        cell(&document, "cost.totalUsd", "more")["difference"]["relative"],
        0.5
    );
    // Any run can be had again alone.
    let digest = &document["variants"][1]["digests"][2];
    let again = [
        "run",
        "v.yaml",
        "--variant",
        "more",
        "--seed",
        "9",
        "--format",
        "json",
    ];
    let again = place.run(&again);
    let again: Value = serde_json::from_str(again.out()).unwrap();
    assert_eq!(&again["digest"], digest);
    assert_eq!(again["tasks"]["byEntry"]["new"]["placed"], 1);
}

#[test]
fn variants_and_strategies_may_come_from_the_command_line() {
    let place = place();
    let few = ["--replications", "2"];
    let one = json(
        &place,
        &[
            &few[..],
            &[
                "--variant",
                "big:containerInstances.0.count=4,tasks.t.count=2",
            ],
        ]
        .concat(),
    );
    assert_eq!(names(&one), ["as-written", "big"]);
    assert_eq!(cell(&one, "instances.peak", "big")["mean"], 4);
    let mixed = [
        "--variant",
        "now:",
        "--variant",
        "packed",
        "--variant",
        "x:tasks.t.arrivals={poisson: {perHour: 60}, from: 1m},seed=5",
        "--baseline",
        "packed",
    ];
    let mixed = json(&place, &[&few[..], &mixed].concat());
    assert_eq!(
        (names(&mixed), &mixed["baseline"]),
        (vec!["now", "packed", "x"], &"packed".into())
    );
    assert_eq!(mixed["variants"][2]["seed"], 5);
    assert_eq!(mixed["variants"][1]["verdict"], "");
    let strategies = json(
        &place,
        &[&few[..], &["--strategies", "random,spread-az+binpack-cpu"]].concat(),
    );
    assert_eq!(names(&strategies), ["random", "spread-az+binpack-cpu"]);
    let all = json(&place, &["--replications", "1", "--strategies", "all"]);
    assert_eq!(names(&all).len(), 6);
}

#[test]
fn what_is_set_for_all_is_set_before_the_variants() {
    let place = place();
    let document = json(
        &place,
        &[
            "--replications",
            "1",
            "--set",
            "containerInstances.m5.large.count=5",
        ],
    );
    assert_eq!(cell(&document, "instances.peak", "now")["mean"], 5);
    assert_eq!(cell(&document, "instances.peak", "more")["mean"], 3);
}

#[test]
fn the_files_are_the_same_whatever_the_jobs_and_what_is_printed() {
    let place = place();
    let mut all = Vec::new();
    for (jobs, out, format) in [
        ("1", "one", "csv"),
        ("4", "four", "markdown"),
        ("2", "two", "text"),
    ] {
        let arguments = [
            "compare",
            "v.yaml",
            "--replications",
            "4",
            "--jobs",
            jobs,
            "--out",
            out,
            "--format",
            format,
        ];
        let ended = place.run(&arguments).done();
        assert!(
            ended.err().contains(&format!("files written to {out}")),
            "{}",
            ended.err()
        );
        let found = files(&place.path(out));
        let own = |name: &str| {
            let (_, bytes) = found.iter().find(|(found, _)| found == name).unwrap();
            String::from_utf8(bytes.clone()).unwrap()
        };
        match format {
            "csv" => assert_eq!(ended.out(), own("compare.csv")),
            "markdown" => assert_eq!(ended.out(), own("compare.md")),
            _ => {}
        }
        all.push(found);
    }
    assert!(all[0] == all[1] && all[0] == all[2]);
    let names: Vec<&str> = all[0].iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "compare.csv",
        "compare.json",
        "compare.md",
        "plots/cost.svg",
        "plots/instances.svg",
        "plots/intervals.svg",
        "plots/reserved-cpu.svg",
        "plots/reserved-memory.svg",
        "plots/tasks-pending.svg",
        "plots/tasks-running.svg",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_directory_that_is_not_empty_stays_as_it_is() {
    let place = place();
    let arguments = ["compare", "v.yaml", "--replications", "1", "--out", "out"];
    place.run(&arguments).done();
    let before = files(&place.path("out"));
    place
        .run(&arguments)
        .refused(&["out is not empty", "--force"]);
    assert_eq!(files(&place.path("out")), before);
    place
        .run(&[&arguments[..], &["--force", "--quiet"]].concat())
        .done();
}

#[test]
fn runs_are_added_until_the_first_figure_is_precise() {
    let place = place();
    let wish = [
        "--replications",
        "2",
        "--figure",
        "utilization.cpu.reservedMean",
        "--figure",
        "cost.totalUsd",
    ];
    let document = json(
        &place,
        &[
            &wish[..],
            &["--precision", "20%", "--max-replications", "100"],
        ]
        .concat(),
    );
    let replications = document["replications"].as_u64().unwrap();
    assert!((3..100).contains(&replications), "{replications}");
    assert_eq!(document["precision"]["enough"], true);
    assert_eq!(document["figures"].as_array().unwrap().len(), 2);
    let arguments = [
        "compare",
        "v.yaml",
        "--precision",
        "0.1%",
        "--max-replications",
        "3",
    ];
    let ended = place.run(&[&arguments[..], &wish].concat()).done();
    let said = ended.out().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("After 3 replications the interval of CPU reserved is still"),
        "{said}"
    );
}

/// Arguments, and parts of the message that refuses them.
const HURRIED: &[(&[&str], &[&str])] = &[
    (
        &["s.yaml"],
        &["nothing to compare", "--strategies all", "--variant"],
    ),
    (&["missing.yaml"], &["missing.yaml"]),
    (
        &["v.yaml", "--variant", "a.b=1"],
        &["expected NAME:PATH=VALUE", "help: for instance"],
    ),
    (
        &["v.yaml", "--variant", "x:tasks"],
        &["expected NAME:PATH=VALUE"],
    ),
    (&["v.yaml", "--variant", "x:a=[1"], &["not closed"]),
    (
        &["v.yaml", "--variant", "mroe"],
        &[
            "no variant `mroe`",
            "did you mean `more`?",
            "`--variant mroe:` is the scenario as it is",
        ],
    ),
    (
        &[
            "v.yaml",
            "--variant",
            "x:containerInstances.m5.lrge.count=3",
        ],
        &["in the variant `x`", "did you mean `m5.large`?"],
    ),
    (
        &["v.yaml", "--variant", "now", "--variant", "now"],
        &["two variants have the name `now`"],
    ),
    (
        &["v.yaml", "--baseline", "noww"],
        &["did you mean `now`?", "--baseline"],
    ),
    (
        &["v.yaml", "--strategies", "spread-az,binpak-cpu"],
        &["did you mean `binpack-cpu`?"],
    ),
    (
        &["v.yaml", "--strategies", "all", "--variant", "now"],
        &["cannot be used with"],
    ),
    (
        &["v.yaml", "--figure", "cost.total"],
        &["--figure", "did you mean `cost.totalUsd`?"],
    ),
    (
        &["v.yaml", "--figure", "placement.waitMs"],
        &["group of figures", "placement.waitMs.mean"],
    ),
    (&["v.yaml", "--figure", "a..b"], &["an empty name"]),
    (
        &["v.yaml", "--replications", "0"],
        &["--replications", "0 is not in 1.."],
    ),
    (
        &["v.yaml", "--replications", "ten"],
        &["--replications", "ten"],
    ),
    (
        &["v.yaml", "--precision", "one"],
        &["--precision", "1% or 0.01"],
    ),
    (
        &["v.yaml", "--precision", "0"],
        &["--precision", "more than 0"],
    ),
    (&["v.yaml", "--max-replications", "9"], &["--precision"]),
    (&["v.yaml", "--jobs", "0"], &["--jobs"]),
    (&["v.yaml", "--format", "xml"], &["--format", "markdown"]),
    (&["v.yaml", "--force"], &["--out"]),
    (
        &["broken.yaml"],
        &[
            "in the variant `x`",
            "broken.yaml:7:",
            "did you mean `m5.large`?",
        ],
    ),
];

#[test]
fn what_a_hurried_user_types_is_refused_with_a_way_out() {
    let place = place();
    let variants = "variants: [{name: x, set: {containerInstances.m5.lrge.count: 3}}]\n";
    place.write("broken.yaml", format!("{SCENARIO}{variants}"));
    for (arguments, parts) in HURRIED {
        let ended = place
            .run(&[&["compare"], *arguments].concat())
            .refused(parts);
        assert!(!ended.err().contains('\x1b'), "{}", ended.err());
    }
}

#[test]
fn the_frame_of_variants_is_checked_with_the_scenario() {
    let place = place();
    for (variants, parts) in [
        (
            "[{name: a}, {name: a}]",
            ["the name `a` is given twice in `variants`", "w.yaml:7:"],
        ),
        (
            "[{set: {seed: 2}}]",
            ["the key `name` is missing", "add `name: more`"],
        ),
        (
            "[{name: a, sets: {seed: 2}}]",
            ["unknown key `sets`", "did you mean `set`?"],
        ),
        (
            "[{name: a, set: [seed]}]",
            ["expected a mapping", "w.yaml:7:"],
        ),
        (
            "[{name: a, strategy: binpak-cpu}]",
            [
                "unknown placement strategy `binpak-cpu`",
                "did you mean `binpack-cpu`?",
            ],
        ),
        ("{a: {seed: 2}}", ["expected a list", "w.yaml:7:"]),
    ] {
        place.write("w.yaml", format!("{SCENARIO}variants: {variants}\n"));
        for command in ["validate", "run", "compare"] {
            place.run(&[command, "w.yaml"]).refused(&parts);
        }
    }
    place.write(
        "w.yaml",
        format!("{SCENARIO}variants: [{{name: a, set: {{seed: x}}}}]\n"),
    );
    // The scenario itself is right: `run` runs it, `validate` looks at the variant too.
    place.run(&["run", "w.yaml"]).ok();
    place
        .run(&["validate", "w.yaml"])
        .refused(&["in the variant `a`", "w.yaml:7:"]);
    place
        .run(&["run", "w.yaml", "--variant", "a"])
        .refused(&["`x` is not a whole number"]);
    let misspelt = place.run(&["run", "v.yaml", "--variant", "pakced"]);
    let expected = "error: the scenario has no variant `pakced`\nhelp: did you mean `packed`?\n";
    assert_eq!(misspelt.status(), Some(2));
    assert!(misspelt.err().starts_with(expected), "{}", misspelt.err());
    let ended = place.run(&["validate", "w.yaml", "--format", "json"]);
    assert_eq!(ended.status(), Some(2));
    let found: Value = serde_json::from_str(ended.out()).unwrap();
    let message = found[1]["message"].as_str().unwrap();
    assert!(message.starts_with("in the variant `a`: "), "{message}");
}

#[test]
fn a_check_that_fails_in_any_run_of_any_variant_ends_with_status_3() {
    let place = place();
    let holds = [
        "compare",
        "v.yaml",
        "--set",
        "checks=[tasks.notPlaced <= 1]",
    ];
    place.run(&holds).ok();
    // `more` costs more than the others.
    let fails = ["compare", "v.yaml", "--out", "out", "--set"];
    let ended = place.run(&[&fails[..], &["checks=[cost.totalUsd < 0.2]"]].concat());
    assert_eq!(ended.status(), Some(3), "{}", ended.err());
    assert!(ended.out().contains("checks held"), "{}", ended.out());
    assert!(place.path("out/compare.json").exists());
}

#[test]
fn a_check_of_a_figure_that_some_variant_lacks_is_warned_of() {
    let place = place();
    let variants = "variants: [{name: now}, {name: served, set: {services: [{serviceName: web, \
                    taskDefinition: web, desiredCount: 1}]}}]\n\
                    checks: [services.web.tasks.placed >= 0]\n";
    place.write("w.yaml", format!("{SCENARIO}{variants}"));
    let ended = place.run(&["compare", "w.yaml", "--replications", "1"]);
    assert_eq!(ended.status(), Some(3), "{}", ended.err());
    let warning = "in the variant `now`:\nwarning: the summary has no figure";
    assert!(ended.err().contains(warning), "{}", ended.err());
    // No variant has this one.
    let checks = ["--set", "checks=[services.wbe.tasks.placed >= 0]"];
    place
        .run(&[&["compare", "w.yaml"], &checks[..]].concat())
        .refused(&["error: the summary has no figure `services.wbe.tasks.placed`"]);
}

#[test]
fn warnings_of_a_variant_are_told_once_with_its_name() {
    let place = place();
    let arguments = [
        "compare",
        "v.yaml",
        "--replications",
        "1",
        "--variant",
        "late:tasks.t.arrivals={at: 2h}",
        "--variant",
        "now:",
    ];
    let ended = place.run(&arguments).ok();
    let late = "in the variant `late`:\nwarning: these tasks never arrive";
    assert!(ended.err().contains(late), "{}", ended.err());
    assert_eq!(ended.err().matches("warning").count(), 2, "{}", ended.err());
    let quiet = place.run(&[&arguments[..], &["--quiet"]].concat()).ok();
    assert_eq!(quiet.err(), "");
}

#[test]
fn a_trace_that_is_wrong_further_down_leaves_no_directory() {
    let place = place();
    let rows: Vec<String> = (0..3_000).map(|row| format!("{row},60,1,6\n")).collect();
    let rows = rows.concat();
    place.write(
        "jobs.csv",
        format!("submit_s,duration_s,cpu,memory\n{rows}x,60,1,6\n"),
    );
    place.write("t.yaml", "duration: 1h\ncontainerInstances: [{instanceType: m5.large}]\ntasks: [{name: t, trace: {file: jobs.csv}}]\n");
    let ended = place.run(&["compare", "t.yaml", "--strategies", "all", "--out", "out"]);
    ended.refused(&["in the variant `spread-az`: ", "jobs.csv"]);
    assert!(!place.path("out").exists());
    let empty = place.path("empty");
    fs::create_dir(&empty).unwrap();
    place
        .run(&["compare", "t.yaml", "--strategies", "all", "--out", "empty"])
        .refused(&["jobs.csv"]);
    assert!(empty.exists());
}
