//! A figure over two paths: a field for each pair of values, its colour by the mean; where values
//! are too many for fields, points.

use plotters::prelude::{Circle, Color, IntoFont, RGBColor, Rectangle, Text, WHITE};
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::plots::{GRID, INK};
use crate::report::values::rounded;
use crate::report::words::unbound;
use crate::units::Fixed;

use super::scale::{Scale, count};
use super::{Drawing, FONTS, Picture, Point, picture, said};

/// Colours from the least to the greatest: dark to light, told apart by people with every kind of
/// colour vision, and in print (viridis).
const COLORS: [RGBColor; 6] = [
    RGBColor(68, 1, 84),
    RGBColor(64, 67, 135),
    RGBColor(41, 120, 142),
    RGBColor(34, 167, 132),
    RGBColor(121, 209, 81),
    RGBColor(253, 231, 37),
];
/// The plane: left, top, right and bottom edge in pixels.
const PLANE: (i32, i32, i32, i32) = (110, 8, 860, 444);
/// The key to the colours.
const KEY: (i32, i32) = (884, 904);
/// More values on an axis than these make points instead of fields.
const MOST_FIELDS: usize = 60;
/// Where the greatest is so many times the median, colours go by the root.
const STEEP: i128 = 10;
/// Pixels that a character takes.
const CHARACTER: i32 = 8;

/// Means to colours.
struct Shades {
    low: f64,
    high: f64,
    by_root: bool,
}

impl Shades {
    fn of(points: &[Point]) -> Self {
        let mut means: Vec<Fixed> = points.iter().map(|point| point.estimate.mean).collect();
        means.sort_unstable();
        let low = means.first().copied().unwrap_or_default();
        let high = means.last().copied().unwrap_or_default();
        let median = means.get(means.len() / 2).copied().unwrap_or_default();
        Self {
            low: low.to_f64(),
            high: high.to_f64(),
            by_root: low >= Fixed::ZERO && high.0 / STEEP > median.0,
        }
    }

    /// The part of the way from the least to the greatest.
    fn part(&self, mean: f64) -> f64 {
        let width = self.high - self.low;
        if width <= 0.0 {
            return 0.5;
        }
        let part = ((mean - self.low) / width).clamp(0.0, 1.0);
        if self.by_root { part.sqrt() } else { part }
    }

    /// The mean at a part of the way.
    fn mean(&self, part: f64) -> f64 {
        let part = if self.by_root { part * part } else { part };
        self.low + (self.high - self.low) * part
    }
}

/// The colour at a part of the way.
fn color(part: f64) -> RGBColor {
    let steps = count(COLORS.len() - 1);
    let at = part.clamp(0.0, 1.0) * steps;
    let index = (0..COLORS.len() - 1)
        .rev()
        .find(|index| count(*index) <= at);
    let index = index.unwrap_or_default();
    let along = at - count(index);
    let (from, to) = (COLORS[index], COLORS[index + 1]);
    let mix = |from: u8, to: u8| {
        let mixed = f64::from(from) + (f64::from(to) - f64::from(from)) * along;
        format!("{mixed:.0}").parse().unwrap_or(from)
    };
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

pub(super) fn draw(drawing: &Drawing) -> Result<String, String> {
    picture(&drawing.title, PLANE.0, |body| {
        let shades = Shades::of(&drawing.points);
        draw_fields(body, drawing, &shades)?;
        draw_key(body, drawing, &shades)
    })
}

/// Where an axis lies in pixels, and where on it a place is.
struct Track<'a> {
    scale: &'a Scale,
    places: Vec<f64>,
    from: i32,
    to: i32,
    /// Each value has a field of the same width.
    by_fields: bool,
}

impl<'a> Track<'a> {
    fn new(scale: &'a Scale, (from, to): (i32, i32), by_fields: bool) -> Self {
        Self {
            scale,
            places: scale.places(),
            from,
            to,
            by_fields,
        }
    }

    /// Width of a field, positive.
    fn field(&self) -> f64 {
        f64::from((self.to - self.from).abs()) / count(self.places.len().max(1))
    }

    /// The pixel of a place: the middle of its field.
    fn pixel(&self, at: f64) -> i32 {
        let part = if self.by_fields {
            let near = self
                .places
                .iter()
                .position(|place| (place - at).abs() < 1e-9);
            (count(near.unwrap_or_default()) + 0.5) / count(self.places.len().max(1))
        } else {
            let low = self.places.iter().copied().fold(f64::INFINITY, f64::min);
            let high = self
                .places
                .iter()
                .copied()
                .fold(f64::NEG_INFINITY, f64::max);
            0.02 + 0.96 * (at - low) / (high - low).max(1e-9)
        };
        self.from + pixels(part * f64::from(self.to - self.from))
    }

    /// What is written, and where: all values, or so many that they do not cover one another; of
    /// points round numbers.
    fn ticks(&self, room: f64) -> Vec<(i32, String)> {
        let length = f64::from((self.to - self.from).abs());
        if !self.by_fields {
            let most = format!("{:.0}", (length / room).clamp(2.0, 9.0))
                .parse()
                .unwrap_or(2);
            let ticks = self.scale.round_numbers(most).into_iter();
            return ticks.map(|(at, label)| (self.pixel(at), label)).collect();
        }
        let step = (count(self.places.len()) * room / length).ceil();
        let step = format!("{step:.0}").parse().unwrap_or(1).max(1);
        let values = self.places.iter().zip(self.scale.values()).step_by(step);
        values
            .map(|(at, value)| (self.pixel(*at), value.clone()))
            .collect()
    }
}

fn pixels(length: f64) -> i32 {
    format!("{length:.0}").parse().unwrap_or_default()
}

fn draw_fields(body: &Picture<'_>, drawing: &Drawing, shades: &Shades) -> Result<(), String> {
    let [first, second] = drawing.axes.as_slice() else {
        return Err("two paths make a map".to_owned());
    };
    let by_fields = [first, second]
        .iter()
        .all(|scale| scale.values().len() <= MOST_FIELDS);
    let (left, top, right, bottom) = PLANE;
    let across = Track::new(first, (left, right), by_fields);
    let up = Track::new(second, (bottom, top), by_fields);
    let half = (
        pixels(across.field() / 2.0 - 1.0),
        pixels(up.field() / 2.0 - 1.0),
    );
    for point in &drawing.points {
        let mean = point.estimate.mean;
        let part = shades.part(mean.to_f64());
        let (x, y) = (across.pixel(point.at[0]), up.pixel(point.at[1]));
        if !by_fields {
            body.draw(&Circle::new((x, y), 5, color(part).filled()))
                .map_err(said)?;
            continue;
        }
        let field = [(x - half.0, y - half.1), (x + half.0, y + half.1)];
        body.draw(&Rectangle::new(field, color(part).filled()))
            .map_err(said)?;
        let words = unbound(&rounded(drawing.figure.unit, mean));
        let wide = CHARACTER * i32::try_from(words.chars().count()).map_err(said)?;
        if wide < 2 * half.0 && half.1 > 8 {
            let ink = if part < 0.6 { WHITE } else { INK };
            let font = ("sans-serif", FONTS[2]).into_font().color(&ink);
            let font = font.pos(Pos::new(HPos::Center, VPos::Center));
            body.draw(&Text::new(words, (x, y), font)).map_err(said)?;
        }
    }
    let frame = [(left, top), (right, bottom)];
    body.draw(&Rectangle::new(frame, GRID)).map_err(said)?;
    draw_labels(body, &across, &up)
}

fn draw_labels(body: &Picture<'_>, across: &Track<'_>, up: &Track<'_>) -> Result<(), String> {
    let by_fields = across.by_fields;
    let (left, top, right, bottom) = PLANE;
    let small = || ("sans-serif", FONTS[2]).into_font().color(&INK);
    let large = || ("sans-serif", FONTS[1]).into_font();
    let middle = Pos::new(HPos::Center, VPos::Top);
    let longest = |scale: &Scale| {
        let lengths = scale.values().iter().map(|value| value.chars().count());
        count(lengths.max().unwrap_or(1)) * f64::from(CHARACTER) + 8.0
    };
    for (x, label) in across.ticks(longest(across.scale)) {
        let words = Text::new(label, (x, bottom + 8), small().pos(middle));
        body.draw(&words).map_err(said)?;
    }
    let beside = Pos::new(HPos::Right, VPos::Center);
    for (y, mut label) in up.ticks(20.0) {
        if label.chars().count() > 10 {
            label = label.chars().take(9).chain(['…']).collect();
        }
        let words = Text::new(label, (left - 8, y), small().pos(beside));
        body.draw(&words).map_err(said)?;
    }
    let below = (i32::midpoint(left, right), bottom + 34);
    let name = Text::new(
        across.scale.name(by_fields),
        below,
        large().color(&INK).pos(middle),
    );
    body.draw(&name).map_err(said)?;
    let turned = large().transform(FontTransform::Rotate270).color(&INK);
    let name = Text::new(
        up.scale.name(by_fields),
        (6, i32::midpoint(top, bottom)),
        turned.pos(middle),
    );
    body.draw(&name).map_err(said)
}

/// Which colour is which mean.
fn draw_key(body: &Picture<'_>, drawing: &Drawing, shades: &Shades) -> Result<(), String> {
    if drawing.points.is_empty() {
        let font = ("sans-serif", FONTS[1]).into_font().color(&INK);
        let words = Text::new(
            "No run has this figure.",
            (PLANE.0 + 20, PLANE.1 + 20),
            font,
        );
        return body.draw(&words).map_err(said);
    }
    let (_, top, _, bottom) = PLANE;
    let (left, right) = KEY;
    for y in top..bottom {
        let part = f64::from(bottom - y) / f64::from(bottom - top);
        let line = [(left, y), (right, y + 1)];
        body.draw(&Rectangle::new(line, color(part).filled()))
            .map_err(said)?;
    }
    for quarter in 0..=4_i32 {
        let part = f64::from(quarter) / 4.0;
        let mean = Fixed::from_f64(shades.mean(part), 9).unwrap_or_default();
        let words = unbound(&rounded(drawing.figure.unit, mean));
        let font = ("sans-serif", FONTS[2]).into_font().color(&INK);
        let font = font.pos(Pos::new(HPos::Left, VPos::Center));
        let y = bottom - pixels(part * f64::from(bottom - top));
        body.draw(&Text::new(words, (right + 6, y), font))
            .map_err(said)?;
    }
    Ok(())
}
