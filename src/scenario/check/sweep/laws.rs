//! The laws by which a random sweep draws its values.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read;
use crate::scenario::sweep::{Bounds, Law};
use crate::units::{Fixed, Millis};

use super::read_values;

const LAW_KEYS: [&str; 4] = ["uniform", "logUniform", "integer", "choice"];
const EXAMPLE: &str = "uniform: [0.5, 2]";
/// Beyond, a float is no longer every whole number.
const LARGEST_INTEGER: u64 = 1 << 53;

/// Reads `{uniform: [a, b]}` and its like.
pub(super) fn read_law(node: &Node, diagnostics: &mut Diagnostics) -> Option<Law> {
    let law = read::fields_like(node, &LAW_KEYS, EXAMPLE, diagnostics)?;
    let [(key, value)] = law.entries() else {
        diagnostics
            .error(node.place, "a value is drawn by one law")
            .label(format!("expected one of {}", read::list(&LAW_KEYS)))
            .help(format!("for instance `{{{EXAMPLE}}}`"));
        return None;
    };
    match key.text.as_str() {
        "uniform" => read_bounds(value, diagnostics).map(Law::Uniform),
        "logUniform" => read_bounds(value, diagnostics)
            .and_then(|bounds| above_zero(bounds, value, diagnostics))
            .map(Law::LogUniform),
        "integer" => read_integers(value, diagnostics),
        "choice" => read_values(value, diagnostics).map(Law::Choice),
        // Another key has been reported.
        _ => None,
    }
}

fn pair<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<(&'n Node, &'n Node)> {
    match read::items(node, diagnostics)? {
        [low, high] => Some((low, high)),
        items => {
            diagnostics
                .error(
                    node.place,
                    format!("expected two bounds, found {}", items.len()),
                )
                .label("expected `[LOWEST, HIGHEST]`");
            None
        }
    }
}

fn in_order<T: PartialOrd>(
    bounds: (T, T),
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<(T, T)> {
    if bounds.0 < bounds.1 {
        return Some(bounds);
    }
    diagnostics
        .error(node.place, "the first bound must be below the second")
        .label("expected `[LOWEST, HIGHEST]`");
    None
}

fn read_bounds(node: &Node, diagnostics: &mut Diagnostics) -> Option<Bounds> {
    let (low, high) = pair(node, diagnostics)?;
    let is_number = |node: &Node| node.text().is_some_and(|text| Fixed::parse(text).is_ok());
    if is_number(low) && is_number(high) {
        let bounds = (read_number(low)?, read_number(high)?);
        let (low, high) = in_order(bounds, node, diagnostics)?;
        return Some(Bounds::Numbers(low, high));
    }
    let is_span = |node: &Node| node.text().is_some_and(|text| Millis::parse(text).is_ok());
    if !is_span(low) && !is_span(high) {
        let title = "the bounds are neither numbers nor spans of time";
        diagnostics
            .error(node.place, title)
            .label("expected `[LOWEST, HIGHEST]`")
            .help("for instance `[0.5, 2]` or `[30s, 5m]`");
        return None;
    }
    let bounds = (
        read::duration(low, diagnostics)?,
        read::duration(high, diagnostics)?,
    );
    let (low, high) = in_order(bounds, node, diagnostics)?;
    Some(Bounds::Spans(low, high))
}

fn read_number(node: &Node) -> Option<Fixed> {
    Fixed::parse(node.text()?).ok()
}

fn above_zero(bounds: Bounds, node: &Node, diagnostics: &mut Diagnostics) -> Option<Bounds> {
    let is_above = match bounds {
        Bounds::Numbers(low, _) => low > Fixed::ZERO,
        Bounds::Spans(low, _) => low > Millis::ZERO,
    };
    if !is_above {
        diagnostics
            .error(node.place, "the logarithm of 0 and less is no number")
            .label("expected bounds above 0");
    }
    is_above.then_some(bounds)
}

fn read_integers(node: &Node, diagnostics: &mut Diagnostics) -> Option<Law> {
    let (low, high) = pair(node, diagnostics)?;
    let bounds = (
        read::number(low, 0..=LARGEST_INTEGER, diagnostics)?,
        read::number(high, 0..=LARGEST_INTEGER, diagnostics)?,
    );
    let (low, high) = in_order(bounds, node, diagnostics)?;
    Some(Law::Integer(low, high))
}
