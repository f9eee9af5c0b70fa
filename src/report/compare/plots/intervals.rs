//! Figures with their 95 % intervals: a panel a figure, a bar a variant.

use std::fmt::Display;

use plotters::coord::Shift;
use plotters::prelude::{
    ChartBuilder, Circle, Color, DrawingArea, IntoDrawingArea, IntoFont, PathElement, RGBColor,
    SVGBackend, Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::experiment::compare::{Compared, FigureRow};
use crate::report::plots::axis::{axis_unit, tick};
use crate::report::plots::{BLUE, GRID, INK, PlotError};
use crate::report::values::rounded;
use crate::report::words::{plain, unbound};
use crate::units::Fixed;

use crate::report::compare::table::is_alike;

/// Width of a panel, the labels at its left and the values at its right included.
const WIDTH: u32 = 540;
const LABELS: u32 = 196;
/// Height of a variant's bar, and of all else in a panel.
const BAR: u32 = 26;
const AROUND: u32 = 84;
const COLUMNS: usize = 2;
/// The most panels.
const MOST: usize = 12;
/// The longest name of a variant that fits beside its bar.
const LONGEST: usize = 25;

type Picture<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Every figure in which a variant differs from the baseline.
pub(super) fn intervals(compared: &Compared) -> Result<String, PlotError> {
    let mut svg = String::new();
    draw(compared, &mut svg).map_err(|reason| PlotError {
        chart: "intervals",
        reason,
    })?;
    Ok(svg)
}

fn draw(compared: &Compared, svg: &mut String) -> Result<(), String> {
    let differing = compared.rows.iter().filter(|row| !is_alike(row));
    let shown: Vec<&FigureRow> = differing.take(MOST).collect();
    let lines = shown.len().div_ceil(COLUMNS).max(1);
    let bars = u32::try_from(compared.variants.len()).map_err(said)?;
    let panel = AROUND + BAR * bars;
    let columns = u32::try_from(COLUMNS).map_err(said)?;
    let size = (
        WIDTH * columns,
        48 + panel * u32::try_from(lines).map_err(said)?,
    );
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    root.fill(&WHITE).map_err(said)?;
    let (head, body) = root.split_vertically(48);
    let title = format!("{}: means and 95 % intervals", plain(&compared.scenario));
    let font = ("sans-serif", 21).into_font().color(&INK);
    head.draw(&Text::new(title, (20, 12), font)).map_err(said)?;
    if shown.is_empty() {
        let font = ("sans-serif", 18).into_font().color(&INK);
        let words = "No variant differs from the baseline in any figure.";
        body.draw(&Text::new(words, (20, 20), font)).map_err(said)?;
    }
    for (row, area) in shown.into_iter().zip(body.split_evenly((lines, COLUMNS))) {
        Panel::new(compared, row).draw(&area)?;
    }
    root.present().map_err(said)
}

/// One figure.
struct Panel<'a> {
    compared: &'a Compared,
    row: &'a FigureRow,
    /// What the axis counts in, and how many of the figure's units that is.
    unit: (&'static str, f64),
    range: (f64, f64),
}

impl<'a> Panel<'a> {
    fn new(compared: &'a Compared, row: &'a FigureRow) -> Self {
        let estimates = || row.cells.iter().filter_map(|cell| cell.estimate);
        let ends = estimates().flat_map(|estimate| {
            let (low, high) = estimate
                .interval()
                .unwrap_or((estimate.mean, estimate.mean));
            [low, high]
        });
        let ends: Vec<Fixed> = ends.collect();
        let (low, high) = (
            ends.iter().min().copied().unwrap_or_default(),
            ends.iter().max().copied().unwrap_or_default(),
        );
        let unit = axis_unit(row.figure.unit, high.abs().max(low.abs()));
        let (low, high) = (low.to_f64() / unit.1, high.to_f64() / unit.1);
        let room = ((high - low) * 0.08).max(high.abs() * 1e-6).max(1e-9);
        Self {
            compared,
            row,
            unit,
            range: (low - room, high + room),
        }
    }

    fn draw(&self, area: &Picture<'_>) -> Result<(), String> {
        let bars = self.compared.variants.len();
        let name = plain(&self.row.figure.name);
        let title = match self.unit.0 {
            "" => name,
            unit => format!("{name}, {unit}"),
        };
        let font = ("sans-serif", 17).into_font().color(&INK);
        area.draw(&Text::new(title, (20, 8), font)).map_err(said)?;
        let (low, high) = self.range;
        let mut plane = ChartBuilder::on(area)
            .margin_top(34)
            .margin_right(110)
            .margin_bottom(8)
            .x_label_area_size(34)
            .y_label_area_size(LABELS)
            .build_cartesian_2d(low..high, 0.0..count(bars))
            .map_err(said)?;
        plane
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .x_labels(4)
            .light_line_style(WHITE.mix(0.0))
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 14).into_font().color(&INK))
            .x_label_formatter(&|x| tick(*x, high - low))
            .draw()
            .map_err(said)?;
        for (place, cell) in self.row.cells.iter().enumerate() {
            let Some(estimate) = cell.estimate else {
                continue;
            };
            let (low, high) = estimate
                .interval()
                .unwrap_or((estimate.mean, estimate.mean));
            let [low, mean, high] = [low, estimate.mean, high].map(|x| x.to_f64() / self.unit.1);
            let y = count(bars) - count(place) - 0.5;
            let color = self.color(place);
            let bar = [
                (low, high, y, y),
                (low, low, y - 0.2, y + 0.2),
                (high, high, y - 0.2, y + 0.2),
            ];
            let bar = bar.map(|(from, to, below, above)| {
                PathElement::new(vec![(from, below), (to, above)], color.stroke_width(2))
            });
            plane.draw_series(bar).map_err(said)?;
            let dot = Circle::new((mean, y), 5, color.filled());
            plane.draw_series([dot]).map_err(said)?;
        }
        let places: Vec<(i32, i32)> = (0..bars)
            .map(|place| plane.backend_coord(&(low, count(bars) - count(place) - 0.5)))
            .collect();
        self.draw_words(area, &places)
    }

    /// The baseline is drawn in ink.
    fn color(&self, place: usize) -> RGBColor {
        if place == self.compared.baseline {
            INK
        } else {
            BLUE
        }
    }

    /// Names at the left, means at the right, at the heights of the bars.
    fn draw_words(&self, area: &Picture<'_>, places: &[(i32, i32)]) -> Result<(), String> {
        let (_, top) = area.get_base_pixel();
        let right = i32::try_from(WIDTH).map_err(said)? - 102;
        let left = i32::try_from(LABELS).map_err(said)? - 8;
        for (place, (_, y)) in places.iter().enumerate() {
            let font = || ("sans-serif", 14).into_font().color(&INK);
            let at_right = font().pos(Pos::new(HPos::Right, VPos::Center));
            let name = short(&plain(&self.compared.variants[place].name));
            let words = Text::new(name, (left, y - top), at_right);
            area.draw(&words).map_err(said)?;
            let estimate = self.row.cells.get(place).and_then(|cell| cell.estimate);
            let mean = estimate.map_or_else(
                || "no value".to_owned(),
                |estimate| unbound(&rounded(self.row.figure.unit, estimate.mean)),
            );
            let at_left = font().pos(Pos::new(HPos::Left, VPos::Center));
            let words = Text::new(mean, (right, y - top), at_left);
            area.draw(&words).map_err(said)?;
        }
        Ok(())
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

fn said(error: impl Display) -> String {
    error.to_string()
}
