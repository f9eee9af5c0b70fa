//! `compare.json`. Its keys are a part of the interface: `docs/outputs.md` names them.

use serde::Serialize;

use crate::experiment::compare::{Cell, CheckShare, Compared, VariantRuns, Verdict};
use crate::experiment::figures::{Better, Unit};
use crate::report::words::unbound;
use crate::units::Fixed;

use super::verdict::sentences;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    scenario: &'a str,
    version: &'static str,
    replications: u64,
    confidence: Fixed,
    baseline: &'a str,
    precision: Option<PrecisionJson>,
    variants: Vec<VariantJson<'a>>,
    figures: Vec<FigureJson<'a>>,
}

#[derive(Serialize)]
struct PrecisionJson {
    wanted: Fixed,
    reached: Option<Fixed>,
    enough: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VariantJson<'a> {
    name: &'a str,
    /// Of the first replication; each further one has the next.
    seed: Option<u64>,
    digests: Vec<&'a str>,
    /// Empty for the baseline.
    verdict: String,
    checks: Vec<CheckJson<'a>>,
}

#[derive(Serialize)]
struct CheckJson<'a> {
    name: Option<&'a str>,
    check: &'a str,
    passed: u64,
    of: u64,
}

#[derive(Serialize)]
struct FigureJson<'a> {
    path: &'a str,
    name: &'a str,
    unit: &'static str,
    better: &'static str,
    variants: Vec<CellJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CellJson<'a> {
    variant: &'a str,
    count: u64,
    mean: Option<Fixed>,
    low: Option<Fixed>,
    high: Option<Fixed>,
    standard_deviation: Option<Fixed>,
    min: Option<Fixed>,
    max: Option<Fixed>,
    difference: Option<DifferenceJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DifferenceJson {
    verdict: &'static str,
    count: u64,
    mean: Fixed,
    low: Option<Fixed>,
    high: Option<Fixed>,
    relative: Option<Fixed>,
    relative_low: Option<Fixed>,
    relative_high: Option<Fixed>,
}

/// The comparison as indented JSON with a line break at the end.
pub fn json(compared: &Compared) -> String {
    let document = Document {
        scenario: &compared.scenario,
        version: env!("CARGO_PKG_VERSION"),
        replications: compared.replications,
        confidence: Fixed::from(95).hundredth(),
        baseline: &compared.variants[compared.baseline].name,
        precision: compared.precision.map(|precision| PrecisionJson {
            wanted: precision.wanted,
            reached: precision.reached,
            enough: precision.is_enough,
        }),
        variants: (0..compared.variants.len())
            .map(|place| variant(compared, place))
            .collect(),
        figures: figures(compared),
    };
    let text = serde_json::to_string_pretty(&document);
    let mut text = text.expect("a comparison has text keys and exact numbers");
    text.push('\n');
    text
}

fn variant(compared: &Compared, place: usize) -> VariantJson<'_> {
    let VariantRuns {
        name,
        replications,
        checks,
        ..
    } = &compared.variants[place];
    VariantJson {
        name,
        seed: replications.first().map(|run| run.seed),
        digests: replications.iter().map(|run| run.digest.as_str()).collect(),
        verdict: unbound(&sentences(compared, place)),
        checks: checks.iter().map(check).collect(),
    }
}

fn check(share: &CheckShare) -> CheckJson<'_> {
    CheckJson {
        name: share.name.as_deref(),
        check: &share.check,
        passed: share.passed,
        of: share.of,
    }
}

fn figures(compared: &Compared) -> Vec<FigureJson<'_>> {
    let rows = compared.rows.iter().map(|row| FigureJson {
        path: row.figure.path.as_str(),
        name: &row.figure.name,
        unit: match row.figure.unit {
            Unit::Usd => "usd",
            Unit::Share => "share",
            Unit::Milliseconds => "milliseconds",
            Unit::Percent => "percent",
            Unit::Count => "count",
        },
        better: match row.figure.better {
            Better::Lower => "lower",
            Better::Higher => "higher",
            Better::Neither => "neither",
        },
        variants: compared
            .variants
            .iter()
            .zip(&row.cells)
            .map(|(runs, cell)| figure_of(&runs.name, cell))
            .collect(),
    });
    rows.collect()
}

fn figure_of<'a>(variant: &'a str, cell: &Cell) -> CellJson<'a> {
    let estimate = cell.estimate;
    let interval = estimate.and_then(|estimate| estimate.interval());
    CellJson {
        variant,
        count: estimate.map_or(0, |estimate| estimate.count),
        mean: estimate.map(|estimate| estimate.mean),
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        standard_deviation: estimate.and_then(|estimate| estimate.deviation),
        min: estimate.map(|estimate| estimate.least),
        max: estimate.map(|estimate| estimate.greatest),
        difference: cell.difference.map(|difference| {
            let interval = difference.estimate.interval();
            DifferenceJson {
                verdict: match difference.verdict {
                    Verdict::Lower => "lower",
                    Verdict::Higher => "higher",
                    Verdict::Same => "same",
                    Verdict::NotShown => "notShown",
                    Verdict::SingleRun => "singleRun",
                },
                count: difference.estimate.count,
                mean: difference.estimate.mean,
                low: interval.map(|(low, _)| low),
                high: interval.map(|(_, high)| high),
                relative: difference.relative,
                relative_low: difference.relative_interval.map(|(low, _)| low),
                relative_high: difference.relative_interval.map(|(_, high)| high),
            }
        }),
    }
}
