//! Strips below one another over the same axes: one line each, to be compared by eye.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

use plotters::prelude::{ChartBuilder, Color, IntoDrawingArea, IntoFont, SVGBackend, Text, WHITE};

use super::chart::{Axis, Frame, Line, Picture, TimeAxis, TimeUnit, highest, number, said, title};
use super::{GRID, INK, PlotError};

const WIDTH: u32 = 1_000;
/// Height of the title, of a strip with the name of its line above it, and of the axis below all.
const HEAD: u32 = 44;
const STRIP: u32 = 128;
const FOOT: u32 = 50;

/// Lines over time, each in a strip of its own.
pub(in crate::report) struct Strips {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) title: String,
    pub(in crate::report) y: Axis,
    pub(in crate::report) lines: Vec<Line>,
}

impl Strips {
    pub(in crate::report) fn draw(&self, frame: Frame<'_>) -> Result<String, PlotError> {
        let mut svg = String::new();
        self.draw_into(&mut svg, frame)
            .map_err(|reason| PlotError {
                chart: self.name,
                reason,
            })?;
        Ok(svg)
    }

    fn draw_into(&self, svg: &mut String, frame: Frame<'_>) -> Result<(), String> {
        let strips = u32::try_from(self.lines.len()).map_err(said)?;
        let size = (WIDTH, HEAD + STRIP * strips + FOOT);
        let root = SVGBackend::with_string(svg, size).into_drawing_area();
        root.fill(&WHITE).map_err(said)?;
        let (head, mut rest) = root.split_vertically(HEAD);
        let font = ("sans-serif", 21).into_font().color(&INK);
        let words = title(frame.name, &self.title);
        head.draw(&Text::new(words, (84, 12), font)).map_err(said)?;
        let top = match self.y {
            Axis::Percent => 104.0,
            _ => highest(self.lines.iter()).map_or(1.0, |highest| highest * 1.06),
        };
        for (place, line) in self.lines.iter().enumerate() {
            let is_last = place + 1 == self.lines.len();
            let height = if is_last { STRIP + FOOT } else { STRIP };
            let (strip, below) = rest.split_vertically(height);
            self.draw_strip(&strip, line, (top, is_last), frame)?;
            rest = below;
        }
        root.present().map_err(said)
    }

    /// One strip; the last one has the axis of time below it.
    fn draw_strip(
        &self,
        strip: &Picture<'_>,
        line: &Line,
        (top, is_last): (f64, bool),
        frame: Frame<'_>,
    ) -> Result<(), String> {
        let font = ("sans-serif", 15).into_font().color(&INK);
        let name = Text::new(line.label.clone(), (84, 2), font);
        strip.draw(&name).map_err(said)?;
        let unit = TimeUnit::of(frame.duration);
        let end = unit.count(frame.duration).max(f64::MIN_POSITIVE);
        let mut plane = ChartBuilder::on(strip)
            .margin_top(22)
            .margin_right(28)
            .margin_left(8)
            .margin_bottom(if is_last { 4 } else { 10 })
            .x_label_area_size(if is_last { FOOT - 4 } else { 0 })
            .y_label_area_size(76)
            .build_cartesian_2d(TimeAxis::new(unit, end), 0.0..top)
            .map_err(said)?;
        let counts = self.y == Axis::Count;
        let mut mesh = plane.configure_mesh();
        if is_last {
            mesh.x_desc(format!("simulated time ({})", unit.name));
        }
        mesh.x_labels(12)
            .y_labels(4)
            .light_line_style(WHITE.mix(0.0))
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 14).into_font().color(&INK))
            .axis_desc_style(("sans-serif", 16).into_font().color(&INK))
            .x_label_formatter(&|x| number(*x))
            .y_label_formatter(&|y| {
                // Between whole things there is nothing to read off.
                if counts && y.fract() > 1e-9 {
                    String::new()
                } else {
                    number(*y)
                }
            })
            .draw()
            .map_err(said)?;
        line.draw(&mut plane, unit, end)
    }
}
