//! Axes of figures: what they count in, and how their ticks are written.

use crate::experiment::figures::Unit;
use crate::units::{Fixed, Millis};

use super::chart::{TimeUnit, float};

/// The unit of an axis that reaches to `size`, and its size in the figure's units.
pub(in crate::report) fn axis_unit(unit: Unit, size: Fixed) -> (&'static str, f64) {
    match unit {
        Unit::Usd => ("USD", 1.0),
        Unit::Share => ("%", 0.01),
        Unit::Percent => ("%", 1.0),
        Unit::Count => ("", 1.0),
        Unit::Milliseconds => {
            let millis = size.rounded(0).to_string().parse().unwrap_or(u64::MAX);
            let unit = TimeUnit::of(Millis(millis));
            (unit.name, float(unit.millis))
        }
    }
}

/// A tick's number: decimals as far as the width of the axis asks for.
pub(in crate::report) fn tick(value: f64, width: f64) -> String {
    let decimals = match width {
        _ if width >= 8.0 => 0,
        _ if width >= 0.8 => 1,
        _ if width >= 0.08 => 2,
        _ => 5,
    };
    let text = format!("{value:.decimals$}");
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => &text,
    };
    if text == "-0" { "0" } else { text }.to_owned()
}
