//! Pictures of a sweep: a figure over one path that varies, with the 95 % intervals of its mean,
//! or over two as a map.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

mod lines;
mod map;
mod scale;

use plotters::prelude::{IntoDrawingArea, IntoFont, SVGBackend, Text, WHITE};

use crate::experiment::figures::{KnownFigure, describe_joined};
use crate::experiment::statistics::Estimate;
use crate::experiment::sweep::by_cell;
use crate::report::plots::chart::{Picture, said};
use crate::report::plots::{INK, PlotError};
use crate::report::words::{count, plain, unbound};

use super::directory::PLOTS;
use super::rows::Table;

use scale::Scale;

/// Width and height in pixels.
const SIZE: (u32, u32) = (1_000, 560);
/// Height of the title.
const HEAD: u32 = 44;
/// Size of titles, of names of axes, and of all other words.
const FONTS: [u32; 3] = [21, 16, 14];

/// A cell that has a value.
struct Point {
    /// Where it stands on each axis.
    at: Vec<f64>,
    estimate: Estimate,
}

/// What is drawn.
struct Drawing {
    title: String,
    axes: Vec<Scale>,
    figure: KnownFigure,
    points: Vec<Point>,
}

/// The name of a figure's file.
pub fn file_name(figure: &str) -> String {
    let fit = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
    let name: String = figure
        .chars()
        .map(|char| if fit(char) { char } else { '_' })
        .collect();
    format!("{PLOTS}/{name}.svg")
}

/// Draws a figure, a column of the table, over the paths that vary. None when it is no column, or
/// when none or more than two vary: no picture shows that.
///
/// # Errors
/// When it cannot be drawn.
pub fn draw(table: &Table, scenario: &str, figure: &str) -> Option<Result<String, PlotError>> {
    let place = table
        .columns
        .figures
        .iter()
        .position(|name| name == figure)?;
    let drawing = Drawing::new(table, scenario, place);
    let drawn = match drawing.axes.len() {
        1 => lines::draw(&drawing),
        2 => map::draw(&drawing),
        _ => return None,
    };
    Some(drawn.map_err(|reason| PlotError {
        chart: "the sweep",
        reason,
    }))
}

impl Drawing {
    fn new(table: &Table, scenario: &str, figure: usize) -> Self {
        let figures = table.rows.iter();
        let figures = figures.map(|row| (row.numbers.cell, row.figures[figure]));
        let estimates = by_cell(figures);
        let paths = table.columns.paths.iter().enumerate();
        let axes: Vec<Scale> = paths
            .map(|(place, path)| {
                let values = table.rows.iter().map(|row| row.values[place].as_deref());
                Scale::new(path, values)
            })
            .collect();
        let mut points = Vec::new();
        let mut last = None;
        for row in &table.rows {
            let cell = row.numbers.cell;
            if last.replace(cell) == Some(cell) {
                continue;
            }
            let Some(estimate) = estimates.get(&cell).copied().flatten() else {
                continue;
            };
            let at = axes.iter().zip(&row.values);
            let at = at.map(|(axis, value)| axis.place(value.as_deref()));
            points.push(Point {
                at: at.collect(),
                estimate,
            });
        }
        let figure = describe_joined(&table.columns.figures[figure]);
        let most = points.iter().map(|point| point.estimate.count).max();
        let title = format!(
            "{}: {}{}",
            plain(scenario),
            plain(&figure.name),
            match most {
                Some(runs) if runs > 1 => unbound(&format!(
                    ", mean of {}",
                    count(runs, "replication", "replications")
                )),
                _ => String::new(),
            }
        );
        Self {
            title,
            axes,
            figure,
            points,
        }
    }
}

/// A picture with a title that begins at `left`, and what `draw` makes below it.
fn picture(
    title: &str,
    left: i32,
    draw: impl FnOnce(&Picture<'_>) -> Result<(), String>,
) -> Result<String, String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(said)?;
        let (head, body) = root.split_vertically(HEAD);
        let font = ("sans-serif", FONTS[0]).into_font().color(&INK);
        head.draw(&Text::new(title, (left, 12), font))
            .map_err(said)?;
        draw(&body)?;
        root.present().map_err(said)?;
    }
    svg.push('\n');
    Ok(svg)
}
