//! The pages of a comparison: sentences by hand-made figures, pages of small comparisons.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde_json::Value;

use super::verdict::sentences;
use super::{ALL, csv, json, markdown, text, write_all};
use crate::experiment::compare::{
    Cell, CompareOptions, Compared, Difference, FigureRow, Reached, Verdict, compare,
};
use crate::experiment::figures::describe;
use crate::experiment::statistics::Estimate;
use crate::experiment::variants::VariantSpec;
use crate::report::OutputDir;
use crate::report::text::Style;
use crate::report::words::unbound;
use crate::scenario::{FigurePath, LoadOptions, ScenarioFile};
use crate::units::Fixed;

const SCENARIO: &str = "
name: small
duration: 2h
latencies: {instant: true}
containerInstances: [{instanceType: m5.large, count: 2}]
tasks:
  - name: job
    cpu: 512
    memory: 1024
    arrivals: {poisson: {perHour: 60}}
    runtime: {exponential: {mean: 8m}}
    whenFull: queue
checks: [placement.waitMs.mean <= 60000, {name: budget, check: cost.totalUsd < 0.5}]
";

fn small(specs: &[&str], replications: u64, figures: &[&str]) -> Compared {
    let file = ScenarioFile {
        name: "s.yaml".to_owned(),
        text: SCENARIO.to_owned(),
        base_dir: PathBuf::new(),
    };
    let variants = specs.iter().map(|spec| {
        let spec = VariantSpec::parse(spec).unwrap();
        spec.load(&file, &LoadOptions::default()).unwrap()
    });
    let variants: Vec<_> = variants.collect();
    let options = CompareOptions {
        baseline: 0,
        replications,
        precision: None,
        figures: figures
            .iter()
            .map(|path| FigurePath::parse(path).unwrap())
            .collect(),
        jobs: NonZeroUsize::MIN,
    };
    compare(&variants, &options, &mut |_, _| {}).unwrap()
}

fn fixed(text: &str) -> Fixed {
    Fixed::parse(text).unwrap()
}

/// A comparison of two in one figure: mean of the baseline, mean of the difference, half of its
/// interval.
fn told(figures: &[(&str, &str, &str, Option<&str>)]) -> String {
    let mut compared = small(&["now:", "new:"], 1, &[]);
    compared.rows = figures
        .iter()
        .map(|(path, base, difference, half)| row(path, base, difference, *half))
        .collect();
    compared.replications = 10;
    unbound(&sentences(&compared, 1))
}

fn row(path: &str, base: &str, difference: &str, half: Option<&str>) -> FigureRow {
    let (base, mean, half) = (fixed(base), fixed(difference), half.map(fixed));
    let spread = half.unwrap_or_default();
    let estimate = |mean: Fixed| Estimate {
        count: 10,
        mean,
        half_width: half,
        deviation: half,
        least: mean - spread,
        greatest: mean + spread,
    };
    let part = |number: Fixed| crate::experiment::statistics::ratio(number, base);
    let ends = half.map(|half| (mean - half, mean + half));
    let verdict = match ends {
        _ if mean == Fixed::ZERO && spread == Fixed::ZERO => Verdict::Same,
        None => Verdict::SingleRun,
        Some((low, _)) if low > Fixed::ZERO => Verdict::Higher,
        Some((_, high)) if high < Fixed::ZERO => Verdict::Lower,
        Some(_) => Verdict::NotShown,
    };
    let difference = Difference {
        estimate: estimate(mean),
        relative: part(mean),
        relative_interval: ends.and_then(|(low, high)| Some((part(low)?, part(high)?))),
        verdict,
    };
    let cell = |mean, difference| Cell {
        estimate: Some(estimate(mean)),
        difference,
    };
    FigureRow {
        figure: describe(&FigurePath::parse(path).unwrap()),
        cells: vec![cell(base, None), cell(base + mean, Some(difference))],
    }
}

#[test]
fn a_verdict_is_a_plain_sentence_with_its_intervals() {
    let said = told(&[
        ("placement.waitMs.p99", "1000", "3000", Some("1000")),
        ("cost.totalUsd", "100", "-18", Some("3")),
        ("tasks.failed", "3", "0", Some("0")),
        ("tasks.notPlaced", "9", "1", Some("2")),
    ]);
    let expected = "new costs 18 % less than now (95 % interval 15 to 21 %) and waits 3 s longer at \
                    the 99th percentile (2 to 4 s). No difference is shown in tasks refused.";
    assert_eq!(said, expected);
}

#[test]
fn every_kind_of_verdict_has_its_words() {
    for (figures, said) in [
        (
            &[("cost.totalUsd", "100", "0", Some("0"))][..],
            "new is the same as now in every replication.",
        ),
        (
            &[("cost.totalUsd", "100", "1", Some("3"))],
            "new: no difference from now is shown.",
        ),
        (
            &[("instances.peak", "10", "-2", Some("0"))],
            "new has 2 fewer instances than now at the peak (in every replication).",
        ),
        (
            &[("instances.peak", "10", "1", Some("0"))],
            "new has 1 more instance than now at the peak (in every replication).",
        ),
        (
            &[("tasks.notPlaced", "0", "4", Some("1"))],
            "new refuses 4 more tasks than now (95 % interval 3 to 5).",
        ),
        (
            &[(
                "services.web.availability",
                "0.999",
                "-0.002",
                Some("0.001"),
            )],
            "new keeps web available 0.2 points less than now (95 % interval 0.1 to 0.3 points).",
        ),
        (
            &[("cost.totalUsd", "0", "4", Some("1"))],
            "new costs $4.00 more than now (95 % interval $3.00 to $5.00).",
        ),
        (
            &[("events", "10", "4", Some("1"))],
            "new has 4 more than now in events (95 % interval 3 to 5).",
        ),
        (
            &[("cost.totalUsd", "100", "-18", None)],
            "new costs 18 % less than now (in one replication, which shows nothing).",
        ),
        (
            &[
                ("cost.totalUsd", "100", "0", Some("0")),
                ("placement.waitMs.mean", "100", "-50", Some("5")),
            ],
            "new waits 50 ms less than now on average (95 % interval 45 to 55 ms) and costs the same.",
        ),
        (&[], "new has no figure in common with now."),
    ] {
        assert_eq!(told(figures), said);
    }
}

#[test]
fn the_text_has_what_differs_and_what_does_not() {
    let compared = small(&["now:", "more:containerInstances.0.count=3"], 4, &[]);
    insta::assert_snapshot!(text(&compared, Style::default()));
}

#[test]
fn a_variant_without_a_figure_is_not_the_same() {
    let alone = "alone:tasks.job.whenFull=null,services=[{serviceName: web, desiredCount: 1, \
                 taskDefinition: w}],taskDefinitions=[{family: w, containerDefinitions: [{name: c, \
                 image: i, cpu: 1, memory: 6}]}]";
    let figures = ["services.web.tasks.placed", "services.web.load.errorRate"];
    let page = text(&small(&["now:", alone], 2, &figures), Style::default());
    let lines: Vec<String> = page
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let place = lines
        .iter()
        .position(|line| line.starts_with("services.web.tasks.placed"));
    let rows = &lines[place.unwrap() + 1..];
    assert_eq!(rows[..2], ["now - no such figure", "alone 1 every run -"]);
    // Where nobody has a value, all are alike.
    assert_eq!(rows[3], "all variants - the same");
    let turned = text(&small(&[alone, "now:"], 2, &figures), Style::default());
    assert!(turned.contains("no such figure"), "{turned}");
    assert!(!turned.contains("all variants  1"), "{turned}");
}

#[test]
fn the_markdown_is_a_page_of_its_own() {
    let compared = small(
        &["a|b:", "more:containerInstances.0.count=3"],
        4,
        &["cost.totalUsd", "placement.waitMs.mean", "tasks.failed"],
    );
    insta::assert_snapshot!(markdown(&compared));
}

/// Every key of the contract, by the object that has it.
const KEYS: [(&str, &str); 6] = [
    (
        "",
        "baseline confidence figures precision replications scenario variants version",
    ),
    ("/variants/1", "checks digests name seed verdict"),
    ("/variants/1/checks/0", "check name of passed"),
    ("/figures/0", "better name path unit variants"),
    (
        "/figures/0/variants/1",
        "count difference high low max mean min standardDeviation variant",
    ),
    (
        "/figures/0/variants/1/difference",
        "count high low mean relative relativeHigh relativeLow verdict",
    ),
];

#[test]
fn the_json_has_all_keys_of_the_contract_and_exact_numbers() {
    let figures = ["cost.totalUsd", "utilization.cpu.usedMean"];
    let compared = small(&["now:", "more:containerInstances.0.count=3"], 3, &figures);
    let document: Value = serde_json::from_str(&json(&compared)).unwrap();
    for (place, expected) in KEYS {
        let object = document.pointer(place).and_then(Value::as_object).unwrap();
        let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys.join(" "), expected, "{place}");
    }
    for (place, expected) in [
        ("/confidence", Value::from(0.95)),
        ("/figures/0/variants/1/mean", 0.576.into()),
        ("/figures/0/variants/1/difference/verdict", "higher".into()),
        ("/figures/0/variants/1/difference/relative", 0.5.into()),
        ("/figures/0/variants/0/difference", Value::Null),
        ("/figures/1/variants/1/mean", Value::Null),
        ("/figures/1/variants/1/count", 0.into()),
    ] {
        assert_eq!(document.pointer(place), Some(&expected), "{place}");
    }
}

#[test]
fn the_csv_has_a_row_a_run_with_every_figure() {
    let compared = small(
        &["now:", "more:containerInstances.0.count=3"],
        2,
        &["cost.totalUsd"],
    );
    let mut bytes = Vec::new();
    csv(&compared, &mut bytes).unwrap();
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let header = reader.headers().unwrap().clone();
    let columns: Vec<&str> = header.iter().collect();
    assert_eq!(columns[..4], ["variant", "replication", "seed", "digest"]);
    let place = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
    let own: Vec<_> = rows.iter().map(|row| (&row[0], &row[1], &row[2])).collect();
    assert_eq!(
        own,
        [
            ("now", "0", "1"),
            ("now", "1", "2"),
            ("more", "0", "1"),
            ("more", "1", "2")
        ]
    );
    let cost = place("cost.totalUsd");
    let costs: Vec<&str> = rows.iter().map(|row| &row[cost]).collect();
    assert_eq!(costs, ["0.384", "0.384", "0.576", "0.576"]);
    assert_eq!(&rows[0][place("utilization.cpu.usedMean")], "");
    assert!(columns.len() > 60);
    let mut once = columns.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), columns.len());
}

#[test]
fn a_wish_for_precision_is_answered() {
    let mut compared = small(
        &["now:", "more:containerInstances.0.count=3"],
        2,
        &["placement.waitMs.mean"],
    );
    for (wanted, reached, is_enough, said) in [
        (
            "0.01",
            Some("0.009"),
            true,
            "After 2 replications the interval of wait (mean) is within 1 % of the mean.",
        ),
        (
            "0.01",
            Some("0.25"),
            false,
            "is still 25 % of the mean on either side, not 1 %: --max-replications",
        ),
        (
            "0.01",
            None,
            false,
            "cannot be told as a part of the mean, which is 0",
        ),
    ] {
        compared.precision = Some(Reached {
            wanted: fixed(wanted),
            reached: reached.map(fixed),
            is_enough,
        });
        let page = text(&compared, Style::default());
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(said), "{page}");
        let document: Value = serde_json::from_str(&json(&compared)).unwrap();
        assert_eq!(document["precision"]["enough"], is_enough);
    }
}

#[test]
fn names_that_would_break_a_page_do_not() {
    let mut compared = small(&["now:", "new:"], 1, &[]);
    compared.variants[1].name = "a|b\n\x1b[31m<x>".to_owned();
    let page = markdown(&compared);
    assert!(page.contains("a\\|b  \\[31m\\<x\\>"), "{page}");
    assert!(!text(&compared, Style::default()).contains('\x1b'));
}

#[test]
fn every_file_is_written_and_every_picture_drawn() {
    let directory = tempfile::tempdir().unwrap();
    let output = OutputDir::prepare(directory.path(), false).unwrap();
    let mut compared = small(&["now:", "more:containerInstances.0.count=3"], 2, &[]);
    let written = write_all(&output, &compared).unwrap();
    assert_eq!(written.len(), 3 + ALL.len());
    for path in written {
        assert!(
            std::fs::metadata(&path).unwrap().len() > 200,
            "{}",
            path.display()
        );
    }
    // More variants than colours, one run each, and nothing that differs.
    let more = compared.variants[0].clone();
    compared.variants = vec![more; 9];
    compared.rows.clear();
    for (name, draw) in ALL {
        let picture = draw(&compared).unwrap();
        assert!(
            picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"),
            "{name}"
        );
        let says_so = name == "intervals" || picture.contains("2 variants left out");
        assert!(says_so, "{name}");
    }
}
