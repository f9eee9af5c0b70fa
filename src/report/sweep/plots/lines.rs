//! A figure over one path: means as a line, their 95 % intervals as a band around it.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{ChartBuilder, Circle, Color, IntoFont, LineSeries, Polygon, WHITE};

use crate::report::plots::axis::{axis_unit, tick};
use crate::report::plots::{BLUE, GRID, INK};
use crate::report::words::plain;
use crate::units::Fixed;

use super::scale::Scale;
use super::{Drawing, FONTS, Picture, Point, picture, said};

/// The horizontal axis: a tick at each value where there are few, else round numbers.
struct PathAxis {
    range: RangedCoordf64,
    ticks: Option<Vec<f64>>,
}

impl PathAxis {
    fn new(scale: &Scale) -> Self {
        let places = scale.places();
        let least = places.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let room = ((greatest - least) * 0.03)
            .max(least.abs() * 1e-3)
            .max(1e-3);
        Self {
            range: (least - room..greatest + room).into(),
            ticks: scale.has_ticks().then_some(places),
        }
    }
}

impl Ranged for PathAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.range.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        let ticks = self.ticks.clone();
        ticks.unwrap_or_else(|| self.range.key_points(hint))
    }

    fn range(&self) -> Range<f64> {
        self.range.range()
    }
}

/// A place on the horizontal axis with the low end, the mean and the high end above it.
type Mark = (f64, [f64; 3]);

pub(super) fn draw(drawing: &Drawing) -> Result<String, String> {
    let axis = drawing.axes.first().ok_or("no path varies")?;
    let highs = drawing.points.iter().map(|point| {
        let estimate = point.estimate;
        estimate.interval().map_or(estimate.mean, |(_, high)| high)
    });
    let (name, size) = axis_unit(drawing.figure.unit, highs.max().unwrap_or_default());
    let figure = plain(&drawing.figure.name);
    let y_label = match name {
        "" => figure,
        unit => format!("{figure}, {unit}"),
    };
    let mut marks: Vec<Mark> = drawing
        .points
        .iter()
        .map(|point| mark(point, size))
        .collect();
    marks.sort_by(|one, other| one.0.total_cmp(&other.0));
    picture(&drawing.title, 84, |body| {
        draw_plane(body, axis, &y_label, &marks)
    })
}

fn mark(point: &Point, size: f64) -> Mark {
    let estimate = point.estimate;
    let (low, high) = estimate
        .interval()
        .unwrap_or((estimate.mean, estimate.mean));
    // What is never below 0 has no band there either.
    let low = if estimate.least >= Fixed::ZERO {
        low.max(Fixed::ZERO)
    } else {
        low
    };
    let ends = [low, estimate.mean, high].map(|end| end.to_f64() / size);
    (point.at[0], ends)
}

fn draw_plane(
    body: &Picture<'_>,
    axis: &Scale,
    y_label: &str,
    marks: &[Mark],
) -> Result<(), String> {
    let top = marks.iter().map(|(_, ends)| ends[2]).fold(0.0, f64::max);
    let bottom = marks.iter().map(|(_, ends)| ends[0]).fold(0.0, f64::min);
    let top = if top > bottom {
        top + (top - bottom) * 0.06
    } else {
        bottom + 1.0
    };
    let mut plane = ChartBuilder::on(body)
        .margin_right(28)
        .margin_bottom(8)
        .margin_left(8)
        .x_label_area_size(52)
        .y_label_area_size(76)
        .build_cartesian_2d(PathAxis::new(axis), bottom..top)
        .map_err(said)?;
    plane
        .configure_mesh()
        .x_desc(axis.name(axis.has_ticks()))
        .y_desc(y_label)
        .x_labels(axis.values().len().max(2))
        .y_labels(8)
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(("sans-serif", FONTS[2]).into_font().color(&INK))
        .axis_desc_style(("sans-serif", FONTS[1]).into_font().color(&INK))
        .x_label_formatter(&|at| axis.label(*at))
        .y_label_formatter(&|at| tick(*at, top - bottom))
        .draw()
        .map_err(said)?;
    let above = marks.iter().map(|(x, ends)| (*x, ends[2]));
    let below = marks.iter().rev().map(|(x, ends)| (*x, ends[0]));
    let band = Polygon::new(above.chain(below).collect::<Vec<_>>(), BLUE.mix(0.2));
    plane.draw_series([band]).map_err(said)?;
    let means = || marks.iter().map(|(x, ends)| (*x, ends[1]));
    plane
        .draw_series(LineSeries::new(means(), BLUE.stroke_width(2)))
        .map_err(said)?;
    plane
        .draw_series(means().map(|at| Circle::new(at, 4, BLUE.filled())))
        .map_err(said)?;
    Ok(())
}
