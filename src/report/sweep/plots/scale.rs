//! Where the values of a path stand on an axis.

#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

use std::collections::BTreeSet;

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;

use crate::report::plots::chart::TimeUnit;
use crate::units::{Fixed, Millis};

/// More values than these have no tick of their own.
const MOST_TICKS: usize = 24;

/// The axis of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    path: String,
    kind: Kind,
    /// What spans of time are counted in.
    unit: TimeUnit,
    /// The values, in the order in which they stand.
    values: Vec<String>,
}

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// All are numbers: they stand where they lie.
    Numbers,
    /// All are spans of time.
    Spans,
    /// They stand side by side, in the order in which they came.
    Words,
}

/// What is written where a cell leaves the path as it is in the scenario.
const AS_IT_IS: &str = "as it is";

impl Scale {
    /// The axis of a path that takes these values.
    pub(super) fn new<'a>(path: &str, values: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut seen = BTreeSet::new();
        let mut distinct: Vec<String> = Vec::new();
        for value in values {
            let value = value.unwrap_or(AS_IT_IS);
            if seen.insert(value) {
                distinct.push(value.to_owned());
            }
        }
        let kind = if distinct.iter().all(|value| Fixed::parse(value).is_ok()) {
            Kind::Numbers
        } else if distinct.iter().all(|value| Millis::parse(value).is_ok()) {
            Kind::Spans
        } else {
            Kind::Words
        };
        match kind {
            Kind::Numbers => distinct.sort_by_key(|value| Fixed::parse(value).ok()),
            Kind::Spans => distinct.sort_by_key(|value| Millis::parse(value).ok()),
            Kind::Words => {}
        }
        let spans = distinct
            .iter()
            .filter_map(|value| Millis::parse(value).ok());
        Self {
            path: path.to_owned(),
            kind,
            unit: TimeUnit::of(spans.max().unwrap_or(Millis::ZERO)),
            values: distinct,
        }
    }

    /// Where a value stands: at its number, else at its place among the values.
    pub(super) fn place(&self, value: Option<&str>) -> f64 {
        let value = value.unwrap_or(AS_IT_IS);
        let number = match self.kind {
            Kind::Numbers => Fixed::parse(value).ok().map(Fixed::to_f64),
            Kind::Spans => Millis::parse(value).ok().map(|span| self.unit.count(span)),
            Kind::Words => None,
        };
        number.unwrap_or_else(|| count(self.index(value)))
    }

    /// The place of a value among the values.
    fn index(&self, value: &str) -> usize {
        let found = self.values.iter().position(|other| other == value);
        found.unwrap_or_default()
    }

    /// The values, in the order in which they stand.
    pub(super) fn values(&self) -> &[String] {
        &self.values
    }

    /// Where each value stands.
    pub(super) fn places(&self) -> Vec<f64> {
        let values = self.values.iter();
        values.map(|value| self.place(Some(value))).collect()
    }

    /// Whether there are few enough values for each to have its tick.
    pub(super) fn has_ticks(&self) -> bool {
        self.values.len() <= MOST_TICKS
    }

    /// What the axis is called, whose ticks are the values themselves or numbers.
    pub(super) fn name(&self, by_values: bool) -> String {
        if self.kind == Kind::Spans && !by_values {
            return format!("{}, {}", self.path, self.unit.name);
        }
        self.path.clone()
    }

    /// What is written at a place.
    pub(super) fn label(&self, at: f64) -> String {
        let near = |value: &&String| (self.place(Some(value)) - at).abs() < 1e-9;
        match self.values.iter().find(near) {
            Some(value) if self.has_ticks() => value.clone(),
            _ if self.kind == Kind::Words => String::new(),
            _ => shortest(at),
        }
    }

    /// Round numbers among the values, about so many, with what is written at them.
    pub(super) fn round_numbers(&self, about: usize) -> Vec<(f64, String)> {
        let places = self.places();
        let low = places.iter().copied().fold(f64::INFINITY, f64::min);
        let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range: RangedCoordf64 = (low..high).into();
        let ticks = range.key_points(about).into_iter();
        ticks.map(|at| (at, shortest(at))).collect()
    }
}

fn shortest(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::Scale;

    fn scale(values: &[Option<&str>]) -> Scale {
        Scale::new("p", values.iter().copied())
    }

    #[test]
    fn numbers_and_spans_stand_where_they_lie_and_words_side_by_side() {
        let numbers = scale(&[Some("10"), Some("2"), Some("10"), Some("2.5")]);
        assert_eq!(numbers.values(), ["2", "2.5", "10"]);
        assert_eq!(numbers.places(), [2.0, 2.5, 10.0]);
        let spans = scale(&[Some("1m"), Some("5s")]);
        assert_eq!(spans.values(), ["5s", "1m"]);
        assert_eq!(spans.places(), [5.0, 60.0]);
        assert_eq!(
            (spans.name(true), spans.name(false)),
            ("p".to_owned(), "p, s".to_owned())
        );
        let minutes = scale(&[Some("30s"), Some("10m")]);
        assert_eq!(minutes.places(), [0.5, 10.0]);
        let words = scale(&[Some("m5.large"), None, Some("c5.large"), Some("m5.large")]);
        assert_eq!(words.values(), ["m5.large", "as it is", "c5.large"]);
        assert_eq!(words.places(), [0.0, 1.0, 2.0]);
        assert_eq!(
            (words.label(2.0), words.label(1.5)),
            ("c5.large".to_owned(), String::new())
        );
        assert_eq!(
            (numbers.label(2.5), numbers.label(3.25)),
            ("2.5".to_owned(), "3.25".to_owned())
        );
    }
}
