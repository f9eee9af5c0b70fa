//! Figures and tables of a plan, as text and Markdown show them.

use crate::experiment::figures::{KnownFigure, Unit};
use crate::experiment::plan::{PairedMean, Planned, Tried};
use crate::report::values::{distance, rounded};
use crate::report::words::{bound, grouped, plain};
use crate::units::Fixed;

/// What was to be as low as may be.
pub(super) struct Objective(KnownFigure);

impl Objective {
    /// The objective of a plan.
    pub(super) fn of(planned: &Planned) -> Self {
        Self(planned.figure())
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        plain(&self.0.name)
    }

    /// A mean of it.
    pub(super) fn mean(&self, mean: Option<Fixed>) -> String {
        told(self.0.unit, mean)
    }
}

/// What a choice sets: a row a variable.
pub(super) fn settings(planned: &Planned, choice: &Tried) -> Vec<Vec<String>> {
    let rows = planned.variables.iter().zip(&choice.values);
    let row = |name: &str, value: &str| vec![format!("{} ", plain(name)), plain(value)];
    rows.map(|(variable, value)| row(&variable.name, value))
        .collect()
}

/// The next best choices under a header, with their differences from the winner.
pub(super) fn runners_up(planned: &Planned) -> Vec<Vec<String>> {
    let objective = Objective::of(planned);
    let name = objective.name();
    let header = [
        "next best",
        &name,
        "difference",
        "wait p99",
        "difference",
        "availability",
    ];
    let row = |choice: &Tried| {
        let difference = choice.difference.as_ref();
        let of_objective = difference.and_then(|one| one.objective.as_ref());
        let of_wait = difference.and_then(|one| one.wait_ms.as_ref());
        vec![
            values(choice),
            objective.mean(choice.objective),
            signed(objective.0.unit, of_objective),
            told(Unit::Milliseconds, choice.wait_ms),
            signed(Unit::Milliseconds, of_wait),
            told(Unit::Share, choice.availability),
        ]
    };
    under(&header, planned.runners_up().map(row))
}

/// The front under a header, the least objective first.
pub(super) fn front(planned: &Planned) -> Vec<Vec<String>> {
    let objective = Objective::of(planned);
    let name = objective.name();
    let header = [
        "Pareto front",
        &name,
        "wait p99",
        "availability",
        "checks held",
    ];
    let row = |choice: &Tried| {
        let runs = choice.runs + choice.fresh_runs;
        let held = runs - choice.failed_runs - choice.fresh_failed;
        vec![
            values(choice),
            objective.mean(choice.objective),
            told(Unit::Milliseconds, choice.wait_ms),
            told(Unit::Share, choice.availability),
            format!("{} of {}", grouped(held), grouped(runs)),
        ]
    };
    under(&header, planned.front().map(row))
}

fn under(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    let header = header.iter().map(ToString::to_string).collect();
    std::iter::once(header).chain(rows).collect()
}

fn values(choice: &Tried) -> String {
    let values: Vec<String> = choice.values.iter().map(|value| plain(value)).collect();
    values.join(", ")
}

/// A figure, or a dash where there is none.
fn told(unit: Unit, figure: Option<Fixed>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| rounded(unit, figure))
}

/// A difference with its sign, and half the width of its interval where there is one to tell.
fn signed(unit: Unit, paired: Option<&PairedMean>) -> String {
    let Some(paired) = paired else {
        return "-".to_owned();
    };
    let sign = match paired.mean {
        mean if mean < Fixed::ZERO => "-",
        mean if mean > Fixed::ZERO => "+",
        _ => "",
    };
    let mean = distance(unit, paired.mean);
    match paired.half_width {
        Some(half) if half > Fixed::ZERO => {
            bound(&format!("{sign}{mean} ± {}", distance(unit, half)))
        }
        _ => [sign, &mean].concat(),
    }
}
