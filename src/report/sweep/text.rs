//! What a sweep comes to, for a terminal: a line a cell where there are few, else the ends.

use crate::experiment::figures::{KnownFigure, describe_joined};
use crate::experiment::statistics::Estimate;
use crate::experiment::sweep::by_cell;
use crate::report::text::table::aligned;
use crate::report::values::rounded;
use crate::report::words::{count, plain, unbound};

use super::rows::{Table, TableRow};

/// More cells than these are not listed.
const MOST_CELLS: usize = 40;
/// A longer value is cut.
const LONGEST: usize = 40;

/// The cells with the means of some figures, and their 95 % intervals where cells have several
/// runs. Figures that are no columns are left out.
pub fn text(table: &Table, scenario: &str, figures: &[&str]) -> String {
    let cells = cells(table);
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let mut page = unbound(&format!(
        "{}: {} in {}\n\n",
        plain(scenario),
        count(number(table.rows.len()), "run", "runs"),
        count(number(cells.len()), "cell", "cells"),
    ));
    let figures: Vec<Column> = figures
        .iter()
        .filter_map(|path| Column::new(table, path))
        .collect();
    let lines = if cells.len() > MOST_CELLS {
        ends(table, &cells, &figures)
    } else {
        aligned(&list(table, &cells, &figures))
    };
    for line in lines {
        page.push_str(&line);
        page.push('\n');
    }
    page
}

/// The first row of each cell.
fn cells(table: &Table) -> Vec<&TableRow> {
    let mut cells: Vec<&TableRow> = Vec::new();
    for row in &table.rows {
        if cells
            .last()
            .is_none_or(|last| last.numbers.cell != row.numbers.cell)
        {
            cells.push(row);
        }
    }
    cells
}

/// A figure of every cell.
struct Column {
    figure: KnownFigure,
    estimates: std::collections::BTreeMap<u64, Option<Estimate>>,
}

impl Column {
    fn new(table: &Table, path: &str) -> Option<Self> {
        let place = table.columns.figures.iter().position(|name| name == path)?;
        let rows = table.rows.iter();
        let figures = rows.map(|row| (row.numbers.cell, row.figures[place]));
        Some(Self {
            figure: describe_joined(path),
            estimates: by_cell(figures),
        })
    }

    fn of(&self, row: &TableRow) -> Option<Estimate> {
        self.estimates.get(&row.numbers.cell).copied().flatten()
    }

    /// `$4.61 ± $0.12`
    fn said(&self, row: &TableRow) -> String {
        let Some(estimate) = self.of(row) else {
            return "-".to_owned();
        };
        let mean = rounded(self.figure.unit, estimate.mean);
        match estimate.half_width {
            Some(half) if !estimate.is_constant() => {
                unbound(&format!("{mean} ± {}", rounded(self.figure.unit, half)))
            }
            _ => unbound(&mean),
        }
    }
}

fn list(table: &Table, cells: &[&TableRow], figures: &[Column]) -> Vec<Vec<String>> {
    let paths = table.columns.paths.iter().map(|path| plain(path));
    let names = figures.iter().map(|column| plain(&column.figure.name));
    let mut rows: Vec<Vec<String>> = vec![paths.chain(names).collect()];
    for cell in cells {
        let values = cell.values.iter().map(|value| said(value.as_deref()));
        let figures = figures.iter().map(|column| column.said(cell));
        rows.push(values.chain(figures).collect());
    }
    rows
}

fn said(value: Option<&str>) -> String {
    let value = plain(value.unwrap_or("as it is"));
    if value.chars().count() <= LONGEST {
        return value;
    }
    value.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Where each figure is least and greatest.
fn ends(table: &Table, cells: &[&TableRow], figures: &[Column]) -> Vec<String> {
    let mut lines = Vec::new();
    for column in figures {
        let mean = |cell: &&&TableRow| column.of(cell).map(|estimate| estimate.mean);
        let valued = || cells.iter().filter(|cell| mean(cell).is_some());
        // Of equal ones the first, both times.
        let least = valued().min_by_key(mean);
        let greatest = valued().rev().max_by_key(mean);
        for (word, cell) in [("least", least), ("greatest", greatest)] {
            let Some(cell) = cell else { continue };
            let settings = table.columns.paths.iter().zip(&cell.values);
            let settings: Vec<String> = settings
                .map(|(path, value)| format!("{} {}", plain(path), said(value.as_deref())))
                .collect();
            let (name, value) = (plain(&column.figure.name), column.said(cell));
            lines.push(format!(
                "{name}, {word}: {value} with {}",
                settings.join(", ")
            ));
        }
    }
    lines
}
