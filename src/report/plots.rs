//! Charts as SVG: states over time, drawn from the samples of a run.
//!
//! The only place that knows the plotting crate.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

use std::fmt::Display;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    AreaSeries, Cartesian2d, ChartBuilder, ChartContext, Color, DrawingArea, EmptyElement,
    IntoDrawingArea, IntoFont, LineSeries, PathElement, RGBColor, Rectangle, SVGBackend, Text,
    WHITE,
};
use thiserror::Error;

use crate::record::{Run, Sample};
use crate::units::{Millis, SimTime};

/// Why a picture could not be drawn.
#[derive(Debug, Error)]
#[error("cannot draw {chart}: {reason}")]
pub struct PlotError {
    chart: &'static str,
    reason: String,
}

/// Draws one chart of a run as SVG text.
pub type Draw = fn(&Run) -> Result<String, PlotError>;

/// The charts, by the names of their files without `.svg`.
pub const ALL: [(&str, Draw); 5] = [
    ("tasks", tasks),
    ("reserved", reserved),
    ("wait", wait),
    ("instances", instances),
    ("cost", cost),
];

/// Width and height in pixels.
const SIZE: (u32, u32) = (1_000, 500);
/// Height of the title and the legend above the chart.
const HEAD: u32 = 62;
/// The most points of one line: beyond, neighbours are joined to their least and greatest.
const POINTS: usize = 1_000;

// Colours that people with every kind of colour vision tell apart (Okabe and Ito).
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// Tasks running and pending over time.
pub fn tasks(run: &Run) -> Result<String, PlotError> {
    let line = |label, color, of: fn(&Sample) -> u64| Line {
        label,
        color,
        filled: label == "running",
        points: run
            .timeseries
            .iter()
            .map(|row| (row.at, Some(float(of(row)))))
            .collect(),
    };
    let mut chart = Chart {
        name: "tasks",
        title: "Tasks by state",
        y_label: "tasks".to_owned(),
        y: Axis::Count,
        lines: vec![
            line("running", BLUE, |row| row.tasks_running),
            line("pending", ORANGE, |row| row.tasks_pending),
        ],
        level: None,
    };
    if run.tasks.not_placed > 0 {
        let refused = line("not placed so far", VERMILION, |row| row.tasks_not_placed);
        chart.lines.push(refused);
    }
    chart.draw(run)
}

/// Reserved CPU, memory and GPUs in percent of what was registered.
pub fn reserved(run: &Run) -> Result<String, PlotError> {
    let line = |label, color, of: fn(&Sample) -> (u64, u64)| Line {
        label,
        color,
        filled: false,
        points: run
            .timeseries
            .iter()
            .map(|row| (row.at, percent(of(row))))
            .collect(),
    };
    let mut lines = vec![
        line("CPU", BLUE, |row| (row.reserved.cpu, row.registered.cpu)),
        line("memory", ORANGE, |row| {
            (row.reserved.memory, row.registered.memory)
        }),
    ];
    if run.timeseries.iter().any(|row| row.registered.gpu > 0) {
        lines.push(line("GPU", GREEN, |row| {
            (row.reserved.gpu, row.registered.gpu)
        }));
    }
    Chart {
        name: "reserved",
        title: "Reserved capacity",
        y_label: "% of registered".to_owned(),
        y: Axis::Percent,
        lines,
        level: None,
    }
    .draw(run)
}

/// How long the oldest waiting task has waited, and the mean wait of those placed.
pub fn wait(run: &Run) -> Result<String, PlotError> {
    let waits = |row: &Sample| row.wait_longest.max(row.wait_mean.unwrap_or(Millis::ZERO));
    let longest = run.timeseries.iter().map(waits).max();
    let unit = TimeUnit::of(longest.unwrap_or(Millis::ZERO));
    let line = |label, color, of: fn(&Sample) -> Option<Millis>| Line {
        label,
        color,
        filled: false,
        points: run
            .timeseries
            .iter()
            .map(|row| (row.at, of(row).map(|wait| unit.count(wait))))
            .collect(),
    };
    Chart {
        name: "wait",
        title: "Wait for room",
        y_label: format!("wait ({})", unit.name),
        y: Axis::Amount,
        lines: vec![
            line("longest of those waiting", VERMILION, |row| {
                Some(row.wait_longest)
            }),
            line("mean of those just placed", BLUE, |row| row.wait_mean),
        ],
        level: None,
    }
    .draw(run)
}

/// Instances registered and used over time, and the fewest that any packing needs.
pub fn instances(run: &Run) -> Result<String, PlotError> {
    let line = |label, color, of: fn(&Sample) -> u64| Line {
        label,
        color,
        filled: label == "hosting tasks",
        points: run
            .timeseries
            .iter()
            .map(|row| (row.at, Some(float(of(row)))))
            .collect(),
    };
    Chart {
        name: "instances",
        title: "Container instances",
        y_label: "instances".to_owned(),
        y: Axis::Count,
        lines: vec![
            line("registered", BLUE, |row| row.instances),
            line("hosting tasks", GREEN, |row| row.instances_used),
        ],
        level: (run.lower_bound > 0).then(|| {
            let height = float(run.lower_bound);
            ("lower bound for the peak", VERMILION, height)
        }),
    }
    .draw(run)
}

/// The bill so far over time.
pub fn cost(run: &Run) -> Result<String, PlotError> {
    let dollars = |row: &Sample| {
        let micros = u64::try_from(row.cost.0 / 1_000).ok()?;
        Some(float(micros) / 1e6)
    };
    Chart {
        name: "cost",
        title: "Cost so far",
        y_label: "USD".to_owned(),
        y: Axis::Amount,
        lines: vec![Line {
            label: "all instances",
            color: BLUE,
            filled: true,
            points: run
                .timeseries
                .iter()
                .map(|row| (row.at, dollars(row)))
                .collect(),
        }],
        level: None,
    }
    .draw(run)
}

/// One line of a chart: points in time, with gaps where there is no value.
struct Line {
    label: &'static str,
    color: RGBColor,
    filled: bool,
    points: Vec<(SimTime, Option<f64>)>,
}

/// What the vertical axis counts.
#[derive(Clone, Copy, PartialEq)]
enum Axis {
    /// Whole things.
    Count,
    /// 0 to 100.
    Percent,
    /// Any amount.
    Amount,
}

struct Chart {
    name: &'static str,
    title: &'static str,
    y_label: String,
    y: Axis,
    lines: Vec<Line>,
    /// A dashed line across: label, colour, height.
    level: Option<(&'static str, RGBColor, f64)>,
}

/// The unit in which a span of time is best told.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TimeUnit {
    name: &'static str,
    millis: u64,
}

impl TimeUnit {
    /// Days from three of them on, hours from three, minutes from three, else seconds.
    fn of(span: Millis) -> Self {
        let units = [
            ("days", Millis::DAY.0),
            ("h", Millis::HOUR.0),
            ("min", Millis::MINUTE.0),
        ];
        let fitting = units.into_iter().find(|(_, millis)| span.0 >= 3 * millis);
        let (name, millis) = fitting.unwrap_or(("s", Millis::SECOND.0));
        Self { name, millis }
    }

    /// Where the ticks of an axis from 0 to `end` stand: whole units that people count in.
    fn ticks(self, end: f64) -> Vec<f64> {
        const MOST: f64 = 13.0;
        let steps: &[f64] = match self.name {
            "h" => &[1.0, 2.0, 3.0, 6.0, 12.0],
            "days" => &[1.0, 2.0, 7.0, 14.0, 28.0],
            _ => &[0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0],
        };
        let fits = |step: &&f64| end / **step <= MOST && end >= **step;
        let step = steps.iter().find(fits).copied().unwrap_or(end / 10.0);
        let places = (0..=14_u32).map(|place| step * f64::from(place));
        places.take_while(|place| *place <= end).collect()
    }

    fn count(self, span: Millis) -> f64 {
        float(span.0) / float(self.millis)
    }
}

/// The horizontal axis: time from 0 to the end, with ticks where people look for them.
struct TimeAxis {
    scale: RangedCoordf64,
    ticks: Vec<f64>,
}

impl TimeAxis {
    fn new(unit: TimeUnit, end: f64) -> Self {
        Self {
            scale: (0.0..end).into(),
            ticks: unit.ticks(end),
        }
    }
}

impl Ranged for TimeAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.scale.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.scale.range()
    }
}

type Picture<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<TimeAxis, RangedCoordf64>>;

impl Chart {
    fn draw(&self, run: &Run) -> Result<String, PlotError> {
        let mut svg = String::new();
        let drawn = self.draw_into(&mut svg, run.duration);
        drawn.map_err(|reason| PlotError {
            chart: self.name,
            reason,
        })?;
        svg.push('\n');
        Ok(svg)
    }

    fn draw_into(&self, svg: &mut String, duration: Millis) -> Result<(), String> {
        let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(said)?;
        let (head, body) = root.split_vertically(HEAD);
        self.draw_head(&head)?;
        let unit = TimeUnit::of(duration);
        let end = unit.count(duration).max(f64::MIN_POSITIVE);
        let mut plane = ChartBuilder::on(&body)
            .margin_right(28)
            .margin_bottom(8)
            .margin_left(8)
            .x_label_area_size(48)
            .y_label_area_size(76)
            .build_cartesian_2d(TimeAxis::new(unit, end), 0.0..self.top())
            .map_err(said)?;
        let counts = self.y == Axis::Count;
        plane
            .configure_mesh()
            .x_desc(format!("simulated time ({})", unit.name))
            .y_desc(&self.y_label)
            .x_labels(12)
            .y_labels(8)
            .light_line_style(WHITE.mix(0.0))
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 15).into_font().color(&INK))
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
        for line in &self.lines {
            line.draw(&mut plane, unit, end)?;
        }
        if let Some((_, color, height)) = self.level {
            dashes(&mut plane, color, height, end)?;
        }
        root.present().map_err(said)
    }

    /// A little more than the highest value.
    fn top(&self) -> f64 {
        if self.y == Axis::Percent {
            return 104.0;
        }
        let points = self.lines.iter().flat_map(|line| &line.points);
        let values = points.filter_map(|(_, value)| *value);
        let level = self.level.map(|(.., height)| height);
        let highest = values.chain(level).fold(0.0, f64::max);
        if highest > 0.0 { highest * 1.06 } else { 1.0 }
    }

    /// The title, and below it the legend, outside the plane so that it hides nothing.
    fn draw_head(&self, head: &Picture<'_>) -> Result<(), String> {
        let title = ("sans-serif", 21).into_font().color(&INK);
        head.draw(&Text::new(self.title, (84, 8), title))
            .map_err(said)?;
        let mut left = 84;
        let lines = self.lines.iter().map(|line| (line.label, line.color));
        let level = self.level.map(|(label, color, _)| (label, color));
        for (label, color) in lines.chain(level) {
            let mark = EmptyElement::at((left, 44))
                + Rectangle::new([(0, -4), (18, 3)], color.filled())
                + Text::new(label, (25, -9), ("sans-serif", 15).into_font().color(&INK));
            head.draw(&mark).map_err(said)?;
            left += 52 + i32::try_from(7 * label.chars().count()).map_err(said)?;
        }
        Ok(())
    }
}

impl Line {
    /// Draws the stretches that have values.
    fn draw(&self, plane: &mut Plane<'_, '_>, unit: TimeUnit, end: f64) -> Result<(), String> {
        let steps = steps(&thinned(&self.points), unit, end);
        if self.filled {
            for stretch in &steps {
                let area = AreaSeries::new(stretch.iter().copied(), 0.0, self.color.mix(0.18));
                plane.draw_series(area).map_err(said)?;
            }
        }
        for stretch in steps {
            let line = LineSeries::new(stretch, self.color.stroke_width(2));
            plane.draw_series(line).map_err(said)?;
        }
        Ok(())
    }
}

/// The points as steps, each value holding until the next point; one list a stretch without gaps.
fn steps(points: &[(SimTime, Option<f64>)], unit: TimeUnit, end: f64) -> Vec<Vec<(f64, f64)>> {
    let mut stretches: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut joined = false;
    for (place, (at, value)) in points.iter().enumerate() {
        let Some(value) = *value else {
            joined = false;
            continue;
        };
        let from = unit.count(Millis(at.0));
        let next = points.get(place + 1);
        let to = next.map_or(end, |(next, _)| unit.count(Millis(next.0)));
        match stretches.last_mut() {
            Some(stretch) if joined => stretch.extend([(from, value), (to, value)]),
            _ => stretches.push(vec![(from, value), (to, value)]),
        }
        joined = true;
    }
    stretches
}

/// At most about `POINTS` points: of each run of neighbours the least and the greatest, in order.
fn thinned(points: &[(SimTime, Option<f64>)]) -> Vec<(SimTime, Option<f64>)> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let mut kept = Vec::new();
    for run in points.chunks(points.len().div_ceil(POINTS / 2)) {
        let valued = || run.iter().filter(|(_, value)| value.is_some());
        let by_value = |a: &&(SimTime, Option<f64>), b: &&(SimTime, Option<f64>)| {
            a.1.unwrap_or(0.0).total_cmp(&b.1.unwrap_or(0.0))
        };
        let ends = valued().min_by(by_value).zip(valued().max_by(by_value));
        match ends {
            None => kept.extend(run.first()),
            Some((least, greatest)) if least.0 == greatest.0 => kept.push(*least),
            Some((least, greatest)) if least.0 < greatest.0 => kept.extend([least, greatest]),
            Some((least, greatest)) => kept.extend([greatest, least]),
        }
    }
    kept
}

/// A dashed line across the plane.
fn dashes(plane: &mut Plane<'_, '_>, color: RGBColor, height: f64, end: f64) -> Result<(), String> {
    const DASHES: u32 = 60;
    let dash = end / f64::from(DASHES);
    let each = (0..DASHES).map(|place| {
        let from = dash * f64::from(place);
        let points = vec![(from, height), (from + 0.6 * dash, height)];
        PathElement::new(points, color.stroke_width(2))
    });
    plane.draw_series(each).map_err(said)?;
    Ok(())
}

/// A tick's number: digits only as far as they say something.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    match short {
        "-0" | "" => "0".to_owned(),
        _ => short.to_owned(),
    }
}

fn percent((part, whole): (u64, u64)) -> Option<f64> {
    (whole > 0).then(|| 100.0 * float(part) / float(whole))
}

/// The nearest float.
fn float(value: u64) -> f64 {
    let low = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    let high = u32::try_from(value >> 32).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

fn said(error: impl Display) -> String {
    error.to_string()
}
