//! The table of figures and variants, and that of checks, in cells of text.

use crate::experiment::compare::{Cell, Compared, FigureRow, Verdict};
use crate::experiment::figures::Unit;
use crate::experiment::statistics::Estimate;
use crate::report::values::{distance, rounded, share};
use crate::report::words::{plain, unbound};
use crate::units::Fixed;

/// What stands above the columns of a figure's variants.
pub(super) const HEADER: [&str; 5] = ["mean", "± 95 %", "difference", "± 95 %", "relative"];

/// Whether all runs of all variants have the same value.
pub(super) fn is_same_everywhere(row: &FigureRow) -> bool {
    let mut means = row.cells.iter().map(|cell| {
        let estimate = cell.estimate?;
        estimate.is_constant().then_some(estimate.mean)
    });
    let first = means.next().flatten();
    first.is_some() && means.all(|mean| mean == first)
}

/// Whether no variant differs from the baseline in any replication. One that lacks the figure which
/// another has is not like it.
pub(super) fn is_alike(row: &FigureRow) -> bool {
    let measured = row.cells.iter().filter(|cell| cell.estimate.is_some());
    let differences = row.cells.iter().filter_map(|cell| cell.difference);
    let same = differences.filter(|difference| difference.verdict == Verdict::Same);
    match measured.count() {
        0 => true,
        measured => measured == row.cells.len() && same.count() + 1 == measured,
    }
}

/// The variants that have a line of their own in a figure, by name and place: where no variant
/// differs from the baseline, all stand in one.
pub(super) fn named(compared: &Compared, row: &FigureRow) -> Vec<(String, usize)> {
    if is_alike(row) {
        return vec![("all variants".to_owned(), compared.baseline)];
    }
    let names = compared.variants.iter().map(|runs| plain(&runs.name));
    names
        .enumerate()
        .map(|(place, name)| (name, place))
        .collect()
}

/// The cells of a variant in a figure, below [`HEADER`].
pub(super) fn cells(compared: &Compared, row: &FigureRow, variant: usize) -> [String; 5] {
    let unit = row.figure.unit;
    let cell = &row.cells[variant];
    let difference = if is_alike(row) {
        ["the same".to_owned(), String::new(), String::new()]
    } else if let Some(lack) = lack(compared, row, variant) {
        [lack.to_owned(), String::new(), String::new()]
    } else if variant == compared.baseline {
        ["baseline".to_owned(), String::new(), String::new()]
    } else {
        difference(cell, unit)
    };
    let [mean, interval] = estimate(cell, unit);
    let [size, ends, relative] = difference;
    [mean, interval, size, ends, relative].map(|cell| unbound(&cell))
}

/// Why a variant has no value of a figure in any run.
fn lack(compared: &Compared, row: &FigureRow, variant: usize) -> Option<&'static str> {
    if row.cells[variant].estimate.is_some() {
        return None;
    }
    let mut runs = compared.variants[variant].replications.iter();
    let is_there = runs.any(|run| run.figures.get(&row.figure.path).is_ok());
    Some(if is_there {
        "nothing measured"
    } else {
        "no such figure"
    })
}

fn estimate(cell: &Cell, unit: Unit) -> [String; 2] {
    let Some(estimate) = cell.estimate else {
        return ["-".to_owned(), String::new()];
    };
    [rounded(unit, estimate.mean), margin(&estimate, unit)]
}

/// Half the width of the interval: `± $0.24`, of shares in points.
fn margin(estimate: &Estimate, unit: Unit) -> String {
    match estimate.half_width {
        None => "one run".to_owned(),
        Some(_) if estimate.is_constant() => "every run".to_owned(),
        Some(half) => format!("± {}", distance(unit, half).replace("\u{a0}points", "")),
    }
}

fn difference(cell: &Cell, unit: Unit) -> [String; 3] {
    let Some(difference) = cell.difference else {
        return ["-".to_owned(), String::new(), String::new()];
    };
    if difference.verdict == Verdict::Same {
        return ["the same".to_owned(), String::new(), String::new()];
    }
    let estimate = difference.estimate;
    // Of what was next to nothing, any difference is a large part.
    let relative = difference
        .relative
        .filter(|relative| relative.abs() < Fixed::from(100));
    let relative = relative.map(|relative| {
        let sign = sign(relative);
        format!("{sign}{}", share(relative))
    });
    [
        signed(unit, estimate.mean),
        margin(&estimate, unit),
        relative.unwrap_or_default(),
    ]
}

fn signed(unit: Unit, difference: Fixed) -> String {
    [sign(difference), &distance(unit, difference)].concat()
}

fn sign(number: Fixed) -> &'static str {
    match number {
        _ if number < Fixed::ZERO => "-",
        _ if number > Fixed::ZERO => "+",
        _ => "",
    }
}

/// `10 of 10` for each check and variant that has it: a row a check, a column a variant.
pub(super) fn checks(compared: &Compared) -> Vec<Vec<String>> {
    let mut names: Vec<(&Option<String>, &String)> = Vec::new();
    for share in compared.variants.iter().flat_map(|runs| &runs.checks) {
        let name = (&share.name, &share.check);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rows = names.into_iter().map(|(name, check)| {
        let title = match name {
            Some(name) => format!("{}: {}", plain(name), plain(check)),
            None => plain(check),
        };
        let cells = compared.variants.iter().map(|runs| {
            let mut shares = runs.checks.iter();
            let share = shares.find(|share| (&share.name, &share.check) == (name, check));
            share.map_or_else(
                || "-".to_owned(),
                |share| format!("{} of {}", share.passed, share.of),
            )
        });
        std::iter::once(title).chain(cells).collect()
    });
    rows.collect()
}
