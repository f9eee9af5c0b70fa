//! Figures and tables of a plan, as text and Markdown show them.

use crate::experiment::figures::{KnownFigure, Unit, describe};
use crate::experiment::plan::{PairedMean, Planned, Tried};
use crate::scenario::FigurePath;
use crate::units::{Fixed, NanoUsd};

use super::super::values::exact;
use super::super::words::{bound, grouped, mean, percent, plain, unbound};

/// So many steps of a [`Fixed`] make a nano-dollar.
const STEPS_OF_A_NANO_DOLLAR: i128 = 1_000;

/// What was to be as low as may be.
pub(in crate::report) struct Objective(KnownFigure);

impl Objective {
    /// The objective of a plan.
    pub(in crate::report) fn of(planned: &Planned) -> Self {
        Self(describe(&FigurePath::joined(planned.objective.clone())))
    }

    /// What it is called.
    pub(in crate::report) fn name(&self) -> String {
        plain(&self.0.name)
    }

    /// A mean of it.
    pub(in crate::report) fn mean(&self, mean: Option<Fixed>) -> String {
        mean.map_or_else(|| "-".to_owned(), |mean| said(self.0.unit, mean))
    }
}

/// What a choice sets: a row a variable.
pub(in crate::report) fn settings(planned: &Planned, choice: &Tried) -> Vec<Vec<String>> {
    let rows = planned.variables.iter().zip(&choice.values);
    let row = |name: &str, value: &str| vec![format!("{} ", plain(name)), plain(value)];
    rows.map(|(variable, value)| row(&variable.name, value))
        .collect()
}

/// The next best choices under a header, with their differences from the winner.
pub(in crate::report) fn runners_up(planned: &Planned) -> Vec<Vec<String>> {
    let objective = Objective::of(planned);
    let name = objective.name();
    let header = [
        "next best",
        &name,
        "difference",
        "wait",
        "difference",
        "availability",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for choice in planned.runners_up() {
        let difference = choice.difference.as_ref();
        let of = |paired: Option<&PairedMean>, unit: Unit| {
            paired.map_or_else(|| "-".to_owned(), |paired| signed(unit, paired))
        };
        rows.push(vec![
            values(choice),
            objective.mean(choice.objective),
            of(
                difference.and_then(|one| one.objective.as_ref()),
                objective.0.unit,
            ),
            choice.wait_ms.map_or_else(|| "-".to_owned(), wait),
            of(
                difference.and_then(|one| one.wait_ms.as_ref()),
                Unit::Milliseconds,
            ),
            choice.availability.map_or_else(|| "-".to_owned(), share),
        ]);
    }
    rows
}

/// The front under a header, the least objective first.
pub(in crate::report) fn front(planned: &Planned) -> Vec<Vec<String>> {
    let objective = Objective::of(planned);
    let header = [
        "best in its way",
        &objective.name(),
        "wait",
        "availability",
        "checks held",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for choice in planned.front() {
        let runs = choice.runs + choice.fresh_runs;
        let held = runs - choice.failed_runs - choice.fresh_failed;
        rows.push(vec![
            values(choice),
            objective.mean(choice.objective),
            choice.wait_ms.map_or_else(|| "-".to_owned(), wait),
            choice.availability.map_or_else(|| "-".to_owned(), share),
            format!("{} of {}", grouped(held), grouped(runs)),
        ]);
    }
    rows
}

fn values(choice: &Tried) -> String {
    let values: Vec<String> = choice.values.iter().map(|value| plain(value)).collect();
    values.join(", ")
}

/// A wait in milliseconds.
pub(in crate::report) fn wait(millis: Fixed) -> String {
    unbound(&mean(millis.to_f64()))
}

/// A part of a whole.
pub(in crate::report) fn share(share: Fixed) -> String {
    unbound(&percent(share.to_f64()))
}

/// A figure no finer than it matters.
fn said(unit: Unit, figure: Fixed) -> String {
    let sign = if figure < Fixed::ZERO { "-" } else { "" };
    let size = figure.abs();
    let text = match unit {
        Unit::Usd => format!("${}", NanoUsd(size.0 / STEPS_OF_A_NANO_DOLLAR).to_cents()),
        Unit::Milliseconds => wait(size),
        Unit::Share => share(size),
        Unit::Percent => share(size.hundredth()),
        Unit::Count => exact(unit, Fixed(size.0 / 1_000_000_000 * 1_000_000_000)),
    };
    bound(&[sign, &text].concat())
}

/// A difference with its sign, and half the width of its interval where there is one to tell.
fn signed(unit: Unit, paired: &PairedMean) -> String {
    let sign = if paired.mean > Fixed::ZERO { "+" } else { "" };
    let mean = said(unit, paired.mean);
    match paired.half_width {
        Some(half) if half > Fixed::ZERO => bound(&format!("{sign}{mean} ± {}", said(unit, half))),
        _ => [sign, &mean].concat(),
    }
}
