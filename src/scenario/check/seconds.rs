//! Spans of time that the API gives in whole seconds.

use std::ops::RangeInclusive;

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read;
use crate::units::Millis;

/// Reads `300`, as the API has it, or a duration such as `5m`.
pub(super) fn read_seconds(
    node: &Node,
    range: RangeInclusive<u64>,
    diagnostics: &mut Diagnostics,
) -> Option<Millis> {
    let text = node.text().unwrap_or_default();
    let is_duration = text.ends_with(|last: char| last.is_ascii_alphabetic());
    let span = if is_duration {
        read::duration(node, diagnostics)?
    } else {
        Millis(read::number(node, range.clone(), diagnostics)?.saturating_mul(1_000))
    };
    let (least, most) = (range.start() * 1_000, range.end() * 1_000);
    if !(least..=most).contains(&span.0) {
        let what = if span.0 < least { "short" } else { "long" };
        diagnostics
            .error(node.place, format!("`{text}` is too {what}"))
            .label(format!("expected {} to {}", Millis(least), Millis(most)));
        return None;
    }
    Some(span)
}
