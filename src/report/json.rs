//! `summary.json`.

use crate::cost::Summary;

/// The summary as indented JSON with a line break at the end, keys in the order of the types.
pub fn summary(summary: &Summary) -> String {
    let mut text =
        serde_json::to_string_pretty(summary).expect("a summary has text keys and finite numbers");
    text.push('\n');
    text
}
