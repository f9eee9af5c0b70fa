//! The cells of a sweep, each made from its number alone.
#![expect(
    clippy::float_arithmetic,
    reason = "values between two bounds are drawn at random; they are rounded and written down"
)]

use crate::kernel::{Stream, Streams};
use crate::scenario::{Bounds, Law, Setting, Sweep};
use crate::units::{Fixed, Millis};

/// Digits of a number that is drawn: more would say nothing.
const DIGITS: usize = 6;

/// The cells of a sweep, numbered from 0. Any one can be had without the others, so that machines
/// may share them out by their numbers.
#[derive(Debug, Clone)]
pub struct Cells {
    sweep: Sweep,
    streams: Streams,
}

impl Cells {
    /// The cells of a sweep; those of a random one follow from the seed, and each value from its
    /// own stream: more samples, or one path more, leave the others as they are.
    pub fn new(sweep: Sweep, seed: u64) -> Self {
        let streams = Streams::new(seed);
        Self { sweep, streams }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.sweep.cells()
    }

    /// The paths that vary, in the order of their columns.
    pub fn paths(&self) -> Vec<&str> {
        self.sweep.paths()
    }

    /// The settings of a cell.
    ///
    /// # Panics
    /// When there is no such cell.
    pub fn settings(&self, cell: u64) -> Vec<Setting> {
        assert!(cell < self.count(), "there is no cell {cell}");
        match &self.sweep {
            Sweep::Grid(axes) => {
                let mut rest = cell;
                let mut settings = Vec::new();
                for axis in axes.iter().rev() {
                    let length = u64::try_from(axis.values.len()).expect("a length has 64 bits");
                    settings.push(Setting {
                        path: axis.path.clone(),
                        value: axis.values[place(rest % length)].clone(),
                    });
                    rest /= length;
                }
                settings.reverse();
                settings
            }
            Sweep::List(cells) => cells[place(cell)].clone(),
            Sweep::Random { draws, .. } => draws
                .iter()
                .map(|draw| {
                    let entity = format!("{}/{}", draw.path, cell + 1);
                    let mut stream = self.streams.open("sweep", &entity);
                    Setting {
                        path: draw.path.clone(),
                        value: value(&draw.law, &mut stream),
                    }
                })
                .collect(),
        }
    }

    /// The values of a cell by the order of [`paths`](Self::paths); none where it leaves a path as
    /// it is in the scenario.
    pub fn values(&self, cell: u64) -> Vec<Option<String>> {
        let settings = self.settings(cell);
        let value = |path: &str| {
            let setting = settings.iter().find(|setting| setting.path == path)?;
            Some(setting.value.clone())
        };
        self.paths().into_iter().map(value).collect()
    }
}

fn place(index: u64) -> usize {
    usize::try_from(index).expect("a place within a list")
}

/// Draws a value by one draw of its stream.
fn value(law: &Law, stream: &mut Stream) -> String {
    match law {
        Law::Uniform(bounds) => {
            between(*bounds, |low, high, unit| low + (high - low) * unit, stream)
        }
        Law::LogUniform(bounds) => {
            let at = |low: f64, high: f64, unit| low * libm::exp(libm::log(high / low) * unit);
            between(*bounds, at, stream)
        }
        Law::Integer(low, high) => (low + stream.below(high - low + 1)).to_string(),
        Law::Choice(values) => {
            let count = u64::try_from(values.len()).expect("a length has 64 bits");
            values[place(stream.below(count))].clone()
        }
    }
}

fn between(bounds: Bounds, at: impl Fn(f64, f64, f64) -> f64, stream: &mut Stream) -> String {
    let unit = stream.unit();
    match bounds {
        Bounds::Numbers(low, high) => {
            let number = at(low.to_f64(), high.to_f64(), unit);
            let number = rounded(number);
            // Rounding may have led out.
            number.clamp(low, high).to_string()
        }
        Bounds::Spans(low, high) => {
            let float = |span: Millis| Fixed::from(span.0).to_f64();
            let drawn = at(float(low), float(high), unit);
            // Nobody reads milliseconds of long spans.
            let is_whole = |span: Millis| span.0.is_multiple_of(Millis::SECOND.0);
            let is_long = high.0 - low.0 >= 100 * Millis::SECOND.0;
            let step = if is_long && is_whole(low) && is_whole(high) {
                Millis::SECOND.0
            } else {
                1
            };
            let millis = format!("{drawn:.0}").parse().unwrap_or(low.0);
            let span = Millis(millis.clamp(low.0, high.0) / step * step);
            span.to_string().replace(' ', "")
        }
    }
}

/// A number with so many digits as are worth writing.
fn rounded(number: f64) -> Fixed {
    let text = format!("{number:.*e}", DIGITS - 1);
    let places = Fixed::parse(&text).or_else(|_| Fixed::parse(&format!("{number:.12}")));
    places.expect("bounds of twelve decimals hold numbers that can be written so")
}

#[cfg(test)]
mod tests {
    use super::Cells;
    use crate::scenario::{Axis, Bounds, Draw, Law, Setting, Sweep};
    use crate::units::{Fixed, Millis};

    fn axis(path: &str, values: &[&str]) -> Axis {
        Axis {
            path: path.to_owned(),
            values: values.iter().map(ToString::to_string).collect(),
        }
    }

    fn drawn(law: Law, samples: u64) -> Vec<String> {
        let draws = vec![Draw {
            path: "p".to_owned(),
            law,
        }];
        let cells = Cells::new(Sweep::Random { samples, draws }, 7);
        let one = |cell| cells.settings(cell).remove(0).value;
        (0..samples).map(one).collect()
    }

    fn numbers(values: &[String]) -> Vec<f64> {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    #[test]
    fn the_last_axis_of_a_grid_changes_first() {
        let grid = Sweep::Grid(vec![axis("a", &["1", "2"]), axis("b", &["x", "y", "z"])]);
        let cells = Cells::new(grid, 1);
        let all: Vec<String> = (0..cells.count())
            .map(|cell| {
                let values = cells.values(cell).into_iter();
                values.map(Option::unwrap).collect::<String>()
            })
            .collect();
        assert_eq!(all, ["1x", "1y", "1z", "2x", "2y", "2z"]);
        assert_eq!(cells.paths(), ["a", "b"]);
    }

    #[test]
    fn a_cell_of_a_list_leaves_alone_what_it_does_not_name() {
        let setting = |path: &str| Setting {
            path: path.to_owned(),
            value: "1".to_owned(),
        };
        let list = vec![vec![setting("b")], vec![], vec![setting("a"), setting("b")]];
        let cells = Cells::new(Sweep::List(list), 1);
        assert_eq!(cells.paths(), ["b", "a"]);
        let one = || Some("1".to_owned());
        assert_eq!(cells.values(0), [one(), None]);
        assert_eq!(cells.values(1), [None, None]);
        assert_eq!(cells.values(2), [one(), one()]);
    }

    #[test]
    fn draws_stay_within_their_bounds_and_fill_them() {
        let fixed = |text| Fixed::parse(text).unwrap();
        let uniform = numbers(&drawn(
            Law::Uniform(Bounds::Numbers(fixed("-1"), fixed("3"))),
            4_000,
        ));
        assert!(uniform.iter().all(|value| (-1.0..=3.0).contains(value)));
        let below = uniform.iter().filter(|value| **value < 0.0).count();
        // Mean 1,000, standard deviation 27.
        assert!((860..=1_140).contains(&below), "{below}");
        let bounds = Bounds::Numbers(fixed("0.001"), fixed("1000"));
        let values = numbers(&drawn(Law::LogUniform(bounds), 6_000));
        assert!(values.iter().all(|value| (0.001..=1_000.0).contains(value)));
        let tenth = values.iter().filter(|value| **value < 0.01).count();
        // One of six powers of ten: mean 1,000, standard deviation 29.
        assert!((850..=1_150).contains(&tenth), "{tenth}");
    }

    #[test]
    fn integers_and_choices_reach_all_and_spans_are_whole_milliseconds() {
        let mut integers = drawn(Law::Integer(3, 5), 100);
        integers.sort();
        integers.dedup();
        assert_eq!(integers, ["3", "4", "5"]);
        let choices = vec!["x".to_owned(), "y".to_owned()];
        let mut chosen = drawn(Law::Choice(choices), 100);
        chosen.sort();
        chosen.dedup();
        assert_eq!(chosen, ["x", "y"]);
        let bounds = Bounds::Spans(Millis::SECOND, Millis::MINUTE);
        for span in drawn(Law::Uniform(bounds), 100) {
            let millis = Millis::parse(&span).unwrap();
            assert!(
                (Millis::SECOND..=Millis::MINUTE).contains(&millis),
                "{span}"
            );
        }
    }

    #[test]
    fn golden_draws_and_more_samples_leave_the_first_alone() {
        let law = || Law::Uniform(Bounds::Numbers(Fixed::from(0), Fixed::from(10)));
        let few = drawn(law(), 3);
        assert_eq!(few, drawn(law(), 300)[..3]);
        let bounds = Bounds::Numbers(Fixed::from(1), Fixed::from(1_000));
        let log = drawn(Law::LogUniform(bounds), 3);
        assert_eq!(few.join(" "), "3.52298 5.2801 4.95176");
        // 1,000 to the power of a tenth of the numbers above.
        assert_eq!(log.join(" "), "11.3997 38.3732 30.5863");
    }
}
