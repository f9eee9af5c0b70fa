//! A chart: its frame, its lines, its words.
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
    IntoDrawingArea, IntoFont, LineSeries, PathElement, Polygon, RGBColor, Rectangle, SVGBackend,
    Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::record::Run;
use crate::units::{Millis, SimTime};

use super::{GRID, INK, PlotError};

/// Width and height in pixels.
pub(in crate::report) const SIZE: (u32, u32) = (1_000, 500);
/// Height of the title and the legend above the chart.
pub(in crate::report) const HEAD: u32 = 62;
/// The most marks of a kind.
const MARKS: usize = 400;
/// Height of each further line of the legend.
const LEGEND_LINE: u32 = 20;
/// Where title and legend begin.
const LEFT: u32 = 84;
/// The most points of one line: beyond, neighbours are joined to their least and greatest.
const POINTS: usize = 1_000;

/// One line of a chart: points in time, with gaps where there is no value.
pub(in crate::report) struct Line {
    pub(in crate::report) label: String,
    pub(in crate::report) color: RGBColor,
    /// Width in pixels.
    pub(in crate::report) stroke: u32,
    pub(in crate::report) filled: bool,
    pub(in crate::report) points: Vec<(SimTime, Option<f64>)>,
}

/// Points that stand out: small triangles, with the tip at their place.
pub(super) struct Marks {
    pub(super) label: String,
    pub(super) color: RGBColor,
    /// Whether they point up from below, or down from above.
    pub(super) up: bool,
    pub(super) points: Vec<(SimTime, f64)>,
}

/// What the vertical axis counts.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::report) enum Axis {
    /// Whole things.
    Count,
    /// 0 to 100.
    Percent,
    /// Any amount.
    Amount,
}

pub(in crate::report) struct Chart {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) title: String,
    pub(in crate::report) y_label: String,
    pub(in crate::report) y: Axis,
    pub(in crate::report) lines: Vec<Line>,
    /// A dashed line across: label, colour, height.
    pub(in crate::report) level: Option<(&'static str, RGBColor, f64)>,
    /// What the frame says when there is nothing to draw in it.
    pub(in crate::report) nothing: Option<&'static str>,
}

/// The unit in which a span of time is best told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct TimeUnit {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) millis: u64,
}

impl TimeUnit {
    /// Days from three of them on, hours from three, minutes from three, else seconds.
    pub(in crate::report) fn of(span: Millis) -> Self {
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

    pub(in crate::report) fn count(self, span: Millis) -> f64 {
        float(span.0) / float(self.millis)
    }
}

/// The horizontal axis: time from 0 to the end, with ticks where people look for them.
pub(super) struct TimeAxis {
    scale: RangedCoordf64,
    ticks: Vec<f64>,
}

impl TimeAxis {
    pub(super) fn new(unit: TimeUnit, end: f64) -> Self {
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

pub(in crate::report) type Picture<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Plane<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<TimeAxis, RangedCoordf64>>;

/// What the charts of a picture have in common.
#[derive(Clone, Copy)]
pub(in crate::report) struct Frame<'a> {
    /// What the title begins with.
    pub(in crate::report) name: &'a str,
    /// The horizontal axis.
    pub(in crate::report) duration: Millis,
}

impl<'a> From<&'a Run> for Frame<'a> {
    fn from(run: &'a Run) -> Self {
        Self {
            name: &run.scenario,
            duration: run.duration,
        }
    }
}

/// Charts below one another, as one picture.
pub(super) fn stacked(charts: &[Chart], frame: Frame<'_>) -> Result<String, PlotError> {
    stacked_with(charts, &[], frame)
}

/// The same with marks on the first of them.
pub(super) fn stacked_with(
    charts: &[Chart],
    marks: &[Marks],
    frame: Frame<'_>,
) -> Result<String, PlotError> {
    let mut svg = String::new();
    draw_into(charts, marks, &mut svg, frame).map_err(|reason| PlotError {
        chart: charts.first().map_or("", |chart| chart.name),
        reason,
    })?;
    svg.push('\n');
    Ok(svg)
}

fn draw_into(
    charts: &[Chart],
    marks: &[Marks],
    svg: &mut String,
    frame: Frame<'_>,
) -> Result<(), String> {
    let (width, height) = SIZE;
    let panels = u32::try_from(charts.len()).map_err(said)?;
    let root = SVGBackend::with_string(svg, (width, height * panels)).into_drawing_area();
    root.fill(&WHITE).map_err(said)?;
    let areas = root.split_evenly((charts.len(), 1));
    let marks = std::iter::once(marks).chain(std::iter::repeat(&[][..]));
    for ((chart, area), marks) in charts.iter().zip(&areas).zip(marks) {
        chart.draw_on(area, marks, frame)?;
    }
    root.present().map_err(said)
}

impl Chart {
    pub(in crate::report) fn draw<'f>(
        &self,
        frame: impl Into<Frame<'f>>,
    ) -> Result<String, PlotError> {
        stacked(std::slice::from_ref(self), frame.into())
    }

    fn draw_on(&self, root: &Picture<'_>, marks: &[Marks], frame: Frame<'_>) -> Result<(), String> {
        let legend = self.legend(marks);
        let lines = legend.last().map_or(0, |mark| mark.line);
        let (head, body) = root.split_vertically(HEAD + LEGEND_LINE * lines);
        self.draw_head(&head, frame.name, &legend)?;
        let unit = TimeUnit::of(frame.duration);
        let end = unit.count(frame.duration).max(f64::MIN_POSITIVE);
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
        for line in self.lines() {
            line.draw(&mut plane, unit, end)?;
        }
        if let Some((_, color, height)) = self.level {
            dashes(&mut plane, color, height, end)?;
        }
        for marks in marks {
            marks.draw(&mut plane, unit)?;
        }
        if let Some(words) = self.nothing {
            let font = ("sans-serif", 20).into_font().color(&INK);
            let font = font.pos(Pos::new(HPos::Center, VPos::Center));
            let middle = (end / 2.0, self.top() / 2.0);
            let text = Text::new(words, middle, font);
            plane.draw_series([text]).map_err(said)?;
        }
        Ok(())
    }

    /// What is drawn: nothing where words stand instead.
    fn lines(&self) -> &[Line] {
        if self.nothing.is_some() {
            &[]
        } else {
            &self.lines
        }
    }

    /// A little more than the highest value.
    fn top(&self) -> f64 {
        if self.y == Axis::Percent {
            return 104.0;
        }
        let level = self.level.map_or(0.0, |(.., height)| height);
        let highest = highest(self.lines()).unwrap_or(0.0).max(level);
        if highest > 0.0 { highest * 1.06 } else { 1.0 }
    }

    /// What the legend says, and where: as many marks a line as there is room for.
    fn legend(&self, marks: &[Marks]) -> Vec<Mark> {
        let lines = self.lines().iter();
        let lines = lines.map(|line| (line.label.clone(), line.color, MarkKind::Line));
        let level = self.level.iter();
        let level = level.map(|(label, color, _)| ((*label).to_owned(), *color, MarkKind::Dashed));
        let marks = marks.iter().filter(|marks| !marks.points.is_empty());
        let marks = marks.map(|marks| {
            let kind = MarkKind::Triangle { up: marks.up };
            (marks.label.clone(), marks.color, kind)
        });
        let (mut left, mut line) = (LEFT, 0);
        let marks = lines.chain(level).chain(marks).map(|(label, color, kind)| {
            let wide = 7 * u32::try_from(label.chars().count()).unwrap_or(SIZE.0);
            if left > LEFT && left + 25 + wide > SIZE.0 {
                (left, line) = (LEFT, line + 1);
            }
            let mark = Mark {
                label,
                color,
                kind,
                left,
                line,
            };
            left += 52 + wide;
            mark
        });
        marks.collect()
    }

    /// The title, and below it the legend, outside the plane so that it hides nothing.
    fn draw_head(&self, head: &Picture<'_>, name: &str, legend: &[Mark]) -> Result<(), String> {
        let font = ("sans-serif", 21).into_font().color(&INK);
        let title = title(name, &self.title);
        head.draw(&Text::new(title, (84, 8), font)).map_err(said)?;
        for mark in legend {
            let place = (mark.left, 44 + LEGEND_LINE * mark.line);
            let place = (
                i32::try_from(place.0).map_err(said)?,
                i32::try_from(place.1).map_err(said)?,
            );
            let font = ("sans-serif", 15).into_font().color(&INK);
            let label = Text::new(mark.label.clone(), (25, -9), font);
            let first = match mark.kind {
                MarkKind::Line => 18,
                // The mark of a dashed line has a gap.
                MarkKind::Dashed => 7,
                MarkKind::Triangle { up } => {
                    let tip = (place.0 + 9, place.1 + if up { -4 } else { 4 });
                    let triangle = EmptyElement::at(tip) + triangle(up, mark.color);
                    head.draw(&triangle).map_err(said)?;
                    head.draw(&(EmptyElement::at(place) + label))
                        .map_err(said)?;
                    continue;
                }
            };
            let drawn = EmptyElement::at(place)
                + Rectangle::new([(0, -4), (first, 3)], mark.color.filled())
                + Rectangle::new([(11, -4), (18, 3)], mark.color.filled())
                + label;
            head.draw(&drawn).map_err(said)?;
        }
        Ok(())
    }
}

impl Marks {
    /// Draws them, or evenly chosen ones where there are too many to tell apart.
    fn draw(&self, plane: &mut Plane<'_, '_>, unit: TimeUnit) -> Result<(), String> {
        let step = self.points.len().div_ceil(MARKS).max(1);
        let shown = self.points.iter().step_by(step);
        let marks = shown.map(|(at, value)| {
            EmptyElement::at((unit.count(Millis(at.0)), *value)) + triangle(self.up, self.color)
        });
        plane.draw_series(marks).map_err(said)?;
        Ok(())
    }
}

/// A triangle with its tip at the place of the element.
fn triangle(up: bool, color: RGBColor) -> Polygon<(i32, i32)> {
    let base = if up { 10 } else { -10 };
    let corners = vec![(0, 0), (-6, base), (6, base)];
    Polygon::new(corners, color.filled())
}

/// What a mark of the legend looks like.
#[derive(Clone, Copy)]
enum MarkKind {
    Line,
    Dashed,
    Triangle { up: bool },
}

/// A mark of the legend.
struct Mark {
    label: String,
    color: RGBColor,
    kind: MarkKind,
    /// Pixels from the left.
    left: u32,
    /// The line of the legend, from 0.
    line: u32,
}

/// The highest value of lines, when it is above 0.
pub(super) fn highest<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Option<f64> {
    let points = lines.into_iter().flat_map(|line| &line.points);
    let highest = points.filter_map(|(_, value)| *value).fold(0.0, f64::max);
    (highest > 0.0).then_some(highest)
}

impl Line {
    /// Draws the stretches that have values.
    pub(super) fn draw(
        &self,
        plane: &mut Plane<'_, '_>,
        unit: TimeUnit,
        end: f64,
    ) -> Result<(), String> {
        let steps = steps(&thinned(&self.points), unit, end);
        if self.filled {
            for stretch in &steps {
                let area = AreaSeries::new(stretch.iter().copied(), 0.0, self.color.mix(0.18));
                plane.draw_series(area).map_err(said)?;
            }
        }
        for stretch in steps {
            let line = LineSeries::new(stretch, self.color.stroke_width(self.stroke));
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

/// The scenario's name, cut where it is long, and what the chart shows.
pub(in crate::report) fn title(name: &str, shows: &str) -> String {
    const LONGEST: usize = 60;
    let plain = |char: char| if char.is_control() { ' ' } else { char };
    let mut name: String = name.chars().map(plain).collect();
    if let Some((cut, _)) = name.char_indices().nth(LONGEST) {
        name.truncate(cut);
        name.push('…');
    }
    format!("{name}: {shows}")
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
pub(in crate::report) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    match short {
        "-0" | "" => "0".to_owned(),
        _ => short.to_owned(),
    }
}

pub(in crate::report) fn percent((part, whole): (u64, u64)) -> Option<f64> {
    (whole > 0).then(|| 100.0 * float(part) / float(whole))
}

/// The nearest float.
pub(in crate::report) fn float(value: u64) -> f64 {
    let low = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    let high = u32::try_from(value >> 32).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

pub(in crate::report) fn said(error: impl Display) -> String {
    error.to_string()
}
