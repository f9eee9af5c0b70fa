//! The choices of a plan: objective against wait and against availability.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

use std::ops::Range;

use plotters::prelude::{
    ChartBuilder, Circle, Color, EmptyElement, IntoDrawingArea, IntoFont, RGBColor, SVGBackend,
    ShapeStyle, Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::experiment::figures::Unit;
use crate::experiment::plan::{Planned, Tried, TriedFate};
use crate::units::{Fixed, Millis};

use crate::report::plots::chart::{HEAD, Picture, SIZE, TimeUnit, number, said, title};
use crate::report::plots::{BLUE, GREEN, GRID, INK, PlotError, VERMILION};

/// What a point is drawn as.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Fails,
    Holds,
    Winner,
}

impl Kind {
    const ALL: [(Self, &str); 3] = [
        (Self::Fails, "a check failed in some run"),
        (Self::Holds, "held in every run"),
        (Self::Winner, "the winner"),
    ];

    fn of(choice: &Tried) -> Self {
        match choice.fate {
            TriedFate::Winner => Self::Winner,
            _ if choice.failed_runs + choice.fresh_failed == 0 => Self::Holds,
            _ => Self::Fails,
        }
    }

    /// Radius and style.
    fn drawn(self) -> (i32, ShapeStyle) {
        let (color, radius): (RGBColor, i32) = match self {
            Self::Fails => (VERMILION, 4),
            Self::Holds => (BLUE, 4),
            Self::Winner => (GREEN, 8),
        };
        let style = match self {
            Self::Fails => color.stroke_width(2),
            Self::Holds | Self::Winner => color.filled(),
        };
        (radius, style)
    }
}

struct Point {
    at: (f64, f64),
    kind: Kind,
    is_on_front: bool,
}

struct Panel {
    title: &'static str,
    y_label: String,
    y: Range<f64>,
    /// The highest value there can be.
    most: f64,
    points: Vec<Point>,
}

/// Draws the choices that were tried: above their objective against their wait, below against their
/// availability.
///
/// # Errors
/// When the plotting crate fails.
pub fn front(planned: &Planned) -> Result<String, PlotError> {
    let mut svg = String::new();
    draw(planned, &mut svg).map_err(|reason| PlotError {
        chart: "front",
        reason,
    })?;
    svg.push('\n');
    Ok(svg)
}

fn draw(planned: &Planned, svg: &mut String) -> Result<(), String> {
    let (width, height) = SIZE;
    let root = SVGBackend::with_string(svg, (width, height * 2)).into_drawing_area();
    root.fill(&WHITE).map_err(said)?;
    let panels = [waits(planned), availabilities(planned)];
    for (panel, area) in panels.iter().zip(&root.split_evenly((panels.len(), 1))) {
        panel.draw_on(area, planned)?;
    }
    root.present().map_err(said)
}

fn points(planned: &Planned, of: impl Fn(&Tried) -> Option<f64>) -> Vec<Point> {
    let choices = planned.tried.iter().enumerate();
    let mut points: Vec<Point> = choices
        .filter_map(|(place, choice)| {
            Some(Point {
                at: (choice.objective?.to_f64(), of(choice)?),
                kind: Kind::of(choice),
                is_on_front: planned.front.contains(&place),
            })
        })
        .collect();
    // The winner is drawn last, so that nothing hides it.
    points.sort_by_key(|point| point.kind == Kind::Winner);
    points
}

fn waits(planned: &Planned) -> Panel {
    let longest = planned
        .tried
        .iter()
        .filter_map(|choice| choice.wait_ms)
        .max();
    let millis = longest.map_or(0, |longest| {
        u64::try_from(longest.0 / Fixed::from(1).0).unwrap_or(0)
    });
    let unit = TimeUnit::of(Millis(millis));
    let points = points(planned, |choice| {
        let wait: Fixed = choice.wait_ms?;
        let unit: Fixed = Fixed::from(unit.millis);
        Some(wait.to_f64() / unit.to_f64())
    });
    let highest = points.iter().map(|point| point.at.1).fold(0.0, f64::max);
    let top = if highest > 0.0 { highest * 1.06 } else { 1.0 };
    Panel {
        title: "what waits cost",
        y_label: format!("wait, 99th percentile ({})", unit.name),
        y: -0.03 * top..top,
        most: f64::INFINITY,
        points,
    }
}

fn availabilities(planned: &Planned) -> Panel {
    let points = points(planned, |choice| {
        Some(100.0 * choice.availability?.to_f64())
    });
    // A chart of nothing but 100 % has a little below it.
    let lowest = points.iter().map(|point| point.at.1).fold(99.0, f64::min);
    let room = (100.0 - lowest) * 0.06;
    Panel {
        title: "what availability costs",
        y_label: "availability (%)".to_owned(),
        y: lowest - room..100.0 + room,
        most: 100.0,
        points,
    }
}

impl Panel {
    fn draw_on(&self, root: &Picture<'_>, planned: &Planned) -> Result<(), String> {
        let (head, body) = root.split_vertically(HEAD);
        self.draw_head(&head, planned)?;
        let x = self.x();
        let figure = planned.figure();
        let unit = match figure.unit {
            Unit::Usd => " (USD)",
            Unit::Milliseconds => " (ms)",
            Unit::Percent => " (%)",
            Unit::Share | Unit::Count => "",
        };
        let middle = (
            f64::midpoint(x.start, x.end),
            f64::midpoint(self.y.start, self.y.end),
        );
        let mut plane = ChartBuilder::on(&body)
            .margin_right(28)
            .margin_bottom(8)
            .margin_left(8)
            .x_label_area_size(48)
            .y_label_area_size(76)
            .build_cartesian_2d(x, self.y.clone())
            .map_err(said)?;
        plane
            .configure_mesh()
            .x_desc(format!("{}{unit}", figure.name))
            .y_desc(&self.y_label)
            .x_labels(10)
            .y_labels(8)
            .light_line_style(WHITE.mix(0.0))
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .axis_desc_style(("sans-serif", 16).into_font().color(&INK))
            .x_label_formatter(&|x| number(*x))
            // No more than all of it can be available.
            .y_label_formatter(&|y| {
                if *y > self.most {
                    String::new()
                } else {
                    number(*y)
                }
            })
            .draw()
            .map_err(said)?;
        for point in &self.points {
            let (radius, style) = point.kind.drawn();
            let mark = EmptyElement::at(point.at) + Circle::new((0, 0), radius, style);
            plane.draw_series([mark]).map_err(said)?;
            if point.is_on_front {
                let ring = INK.stroke_width(1);
                let ring = EmptyElement::at(point.at) + Circle::new((0, 0), radius + 4, ring);
                plane.draw_series([ring]).map_err(said)?;
            }
        }
        if self.points.is_empty() {
            let font = ("sans-serif", 20).into_font().color(&INK);
            let font = font.pos(Pos::new(HPos::Center, VPos::Center));
            let text = Text::new("No choice that was tried has this figure.", middle, font);
            plane.draw_series([text]).map_err(said)?;
        }
        Ok(())
    }

    /// The range of objectives, with a little room on both sides.
    fn x(&self) -> Range<f64> {
        let all = || self.points.iter().map(|point| point.at.0);
        let least = all().fold(f64::INFINITY, f64::min);
        let greatest = all().fold(f64::NEG_INFINITY, f64::max);
        if self.points.is_empty() {
            return 0.0..1.0;
        }
        let room = (greatest - least) * 0.05;
        let room = if room > 0.0 {
            room
        } else {
            (greatest.abs() * 0.05).max(0.5)
        };
        least - room..greatest + room
    }

    /// The title, and below it the legend.
    fn draw_head(&self, head: &Picture<'_>, planned: &Planned) -> Result<(), String> {
        let font = ("sans-serif", 21).into_font().color(&INK);
        let title = title(&planned.scenario, self.title);
        head.draw(&Text::new(title, (84, 8), font)).map_err(said)?;
        let small = || ("sans-serif", 15).into_font().color(&INK);
        let mut left = 92;
        for (kind, label) in Kind::ALL {
            let (radius, style) = kind.drawn();
            let mark = EmptyElement::at((left, 44))
                + Circle::new((0, 0), radius, style)
                + Text::new(label, (16, -9), small());
            head.draw(&mark).map_err(said)?;
            left += 52 + i32::try_from(7 * label.chars().count()).map_err(said)?;
        }
        let ring = EmptyElement::at((left, 44))
            + Circle::new((0, 0), 8, INK.stroke_width(1))
            + Text::new("none is better in everything", (16, -9), small());
        head.draw(&ring).map_err(said)
    }
}
