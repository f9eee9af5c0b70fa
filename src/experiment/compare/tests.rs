//! Whole comparisons.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::{CompareOptions, Compared, Precision, Verdict, compare, difference};
use crate::experiment::variants::{Variant, VariantSpec};
use crate::scenario::{FigurePath, LoadOptions, ScenarioFile};
use crate::units::Fixed;

const RANDOM: &str = "
duration: 2h
containerInstances: [{instanceType: m5.large, count: 2}]
tasks:
  - name: job
    cpu: 512
    memory: 1024
    arrivals: {poisson: {perHour: 60}}
    runtime: {exponential: {mean: 8m}}
    whenFull: queue
checks: [placement.waitMs.mean <= 60000, cost.totalUsd < 1]
";
const FIXED: &str = "
duration: 1h
latencies: {instant: true}
containerInstances: [{instanceType: m5.large, count: 2}]
tasks: [{name: job, cpu: 512, memory: 1024, arrivals: {at: 0s, count: 3}, runtime: 1m}]
";

fn variants(text: &str, specs: &[&str]) -> Vec<Variant> {
    let file = ScenarioFile {
        name: "s.yaml".to_owned(),
        text: text.to_owned(),
        base_dir: PathBuf::new(),
    };
    let load = |spec: &&str| {
        let spec = VariantSpec::parse(spec).unwrap();
        spec.load(&file, &LoadOptions::default()).unwrap()
    };
    specs.iter().map(load).collect()
}

fn options(replications: u64, figures: &[&str]) -> CompareOptions {
    let path = |text: &&str| FigurePath::parse(text).unwrap();
    CompareOptions {
        baseline: 0,
        replications,
        precision: None,
        figures: figures.iter().map(path).collect(),
        jobs: NonZeroUsize::MIN,
    }
}

fn compared(variants: &[Variant], options: &CompareOptions) -> Compared {
    compare(variants, options, &mut |_, _| {}).unwrap()
}

fn verdicts(compared: &Compared, place: usize) -> Vec<(String, Verdict)> {
    let rows = compared.rows.iter();
    let found = rows.filter_map(|row| {
        let difference = row.cells[place].difference?;
        Some((row.figure.path.to_string(), difference.verdict))
    });
    found.collect()
}

#[test]
fn a_variant_that_changes_nothing_has_the_same_luck() {
    let variants = variants(RANDOM, &["now:", "same:"]);
    let compared = compared(&variants, &options(4, &[]));
    let found = verdicts(&compared, 1);
    assert!(found.len() > 8);
    assert!(
        found.iter().all(|(_, verdict)| *verdict == Verdict::Same),
        "{found:?}"
    );
    let [now, same] = compared.variants.as_slice() else {
        panic!("two variants")
    };
    assert_eq!(now.replications, same.replications);
    let seeds: Vec<u64> = now.replications.iter().map(|run| run.seed).collect();
    assert_eq!(seeds, [1, 2, 3, 4]);
    let digests: Vec<&str> = now.replications.iter().map(|run| &*run.digest).collect();
    assert!(digests.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let variants = variants(RANDOM, &["now:", "more:containerInstances.0.count=3"]);
    let mut options = options(6, &["placement.waitMs.mean", "cost.totalUsd"]);
    options.precision = Some(Precision {
        wanted: Fixed::ZERO,
        most: 9,
    });
    let one = compared(&variants, &options);
    options.jobs = NonZeroUsize::new(4).unwrap();
    assert_eq!(compared(&variants, &options), one);
    assert_eq!(one.replications, 9);
}

#[test]
fn what_differs_in_every_replication_needs_no_variance() {
    let variants = variants(FIXED, &["now:", "more:containerInstances.0.count=3"]);
    let compared = compared(&variants, &options(3, &["cost.totalUsd", "tasks.placed"]));
    let cost = compared.rows[0].cells[1];
    let difference = cost.difference.unwrap();
    assert_eq!(cost.estimate.unwrap().half_width, Some(Fixed::ZERO));
    assert_eq!(difference.estimate.half_width, Some(Fixed::ZERO));
    assert_eq!(difference.verdict, Verdict::Higher);
    assert_eq!(difference.relative, Fixed::parse("0.5").ok());
    assert_eq!(
        compared.rows[1].cells[1].difference.unwrap().verdict,
        Verdict::Same
    );
    assert_eq!(compared.rows[1].cells[0].difference, None);
}

#[test]
fn one_run_shows_nothing() {
    let variants = variants(RANDOM, &["now:", "more:containerInstances.0.count=3"]);
    let compared = compared(
        &variants,
        &options(1, &["cost.totalUsd", "tasks.submitted"]),
    );
    let verdicts: Vec<Verdict> = verdicts(&compared, 1).into_iter().map(|(_, v)| v).collect();
    assert_eq!(verdicts, [Verdict::SingleRun, Verdict::Same]);
}

#[test]
fn differences_are_taken_pair_by_pair() {
    let numbers = |texts: &[&str]| -> Vec<Option<Fixed>> {
        texts.iter().map(|text| Fixed::parse(text).ok()).collect()
    };
    let base = numbers(&["10", "20", "30", "-", "40"]);
    // Two more each time, however far the replications lie apart; pairs with a gap do not count.
    let found = difference(&numbers(&["12", "22", "32", "9", "-"]), &base).unwrap();
    assert_eq!(
        (found.estimate.count, found.estimate.mean),
        (3, Fixed::from(2))
    );
    assert_eq!(found.verdict, Verdict::Higher);
    assert_eq!(found.relative, Fixed::parse("0.1").ok());
    let found = difference(&numbers(&["11", "18", "32"]), &base).unwrap();
    assert_eq!(found.verdict, Verdict::NotShown);
    let found = difference(&numbers(&["9.5", "19", "29.2"]), &base).unwrap();
    assert_eq!(found.verdict, Verdict::Lower);
    assert_eq!(difference(&numbers(&["-", "-"]), &base), None);
    let nought = numbers(&["0", "0"]);
    let found = difference(&numbers(&["1", "3"]), &nought).unwrap();
    assert_eq!((found.relative, found.relative_interval), (None, None));
}

#[test]
fn replications_are_added_until_the_interval_is_narrow() {
    let variants = variants(RANDOM, &["now:", "more:containerInstances.0.count=3"]);
    let figure = ["utilization.cpu.reservedMean"];
    let mut wish = options(3, &figure);
    let wanted = Fixed::parse("0.06").unwrap();
    wish.precision = Some(Precision { wanted, most: 500 });
    let found = compared(&variants, &wish);
    let reached = found.precision.unwrap();
    assert!(
        reached.is_enough && reached.reached.unwrap() <= wanted,
        "{reached:?}"
    );
    assert!(
        found.replications > 3 && found.replications < 500,
        "{}",
        found.replications
    );
    // They are the very runs that so many replications make.
    let direct = compared(&variants, &options(found.replications, &figure));
    assert_eq!(direct.variants, found.variants);
    assert_eq!(direct.rows, found.rows);

    wish.precision = Some(Precision { wanted, most: 4 });
    let found = compared(&variants, &wish);
    assert!(!found.precision.unwrap().is_enough);
    assert_eq!(found.replications, 4);
}

#[test]
fn a_figure_without_variance_is_precise_at_once() {
    let variants = variants(FIXED, &["now:", "more:containerInstances.0.count=3"]);
    let mut wish = options(2, &["cost.totalUsd"]);
    wish.precision = Some(Precision {
        wanted: Fixed::parse("0.01").unwrap(),
        most: 50,
    });
    let found = compared(&variants, &wish);
    assert_eq!(found.replications, 2);
    assert_eq!(found.precision.unwrap().reached, Some(Fixed::ZERO));
}

#[test]
fn checks_are_told_by_the_runs_in_which_they_hold() {
    let variants = variants(RANDOM, &["now:", "more:containerInstances.0.count=6"]);
    let compared = compared(&variants, &options(5, &[]));
    let shares = |place: usize| {
        let shares = compared.variants[place].checks.iter();
        shares
            .map(|share| (share.passed, share.of))
            .collect::<Vec<_>>()
    };
    assert_eq!(shares(0)[1], (5, 5));
    assert!(shares(0)[0].0 < 5, "{:?}", shares(0));
    assert_eq!(shares(1)[0], (5, 5));
    assert_eq!(shares(1)[1], (0, 5));
}

#[test]
fn a_figure_that_no_run_has_is_an_error() {
    let variants = variants(FIXED, &["now:", "same:"]);
    let wrong = options(2, &["cost.totalUsd", "cost.total"]);
    let error = compare(&variants, &wrong, &mut |_, _| {})
        .unwrap_err()
        .to_string();
    let expected = "no run has this figure: the summary has no figure `cost.total`; did you mean \
                    `cost.totalUsd`?";
    assert_eq!(error, expected);
    // One that is null is there, and has no mean.
    let compared = compared(&variants, &options(2, &["utilization.cpu.usedMean"]));
    assert_eq!(compared.rows[0].cells[0].estimate, None);
}

#[test]
fn a_run_that_cannot_be_made_names_its_variant() {
    let mut variants = variants(RANDOM, &["now:", "wrong:"]);
    for entry in &mut variants[1].scenario.tasks {
        entry.placement_strategy = vec![crate::placement::StrategySpec::Named("mine".to_owned())];
    }
    let error = compare(&variants, &options(2, &[]), &mut |_, _| {})
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("in the variant `wrong`: tasks entry `job` names"),
        "{error}"
    );
}

#[test]
fn progress_counts_every_run() {
    let variants = variants(FIXED, &["now:", "same:"]);
    let mut heard = Vec::new();
    compare(&variants, &options(2, &[]), &mut |done, all| {
        heard.push((done, all));
    })
    .unwrap();
    assert_eq!(heard, [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]);
}
