//! Paths such as `tasks.web.count`: names joined by dots, in double quotes where a name holds a
//! dot.

use std::ops::Range;

/// A part of a path, with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) place: Range<usize>,
}

impl Segment {
    /// Whether every element is meant.
    pub(super) fn is_every(&self) -> bool {
        self.text == "*" && !self.quoted
    }
}

/// The parts of a path; `None` when one is empty or a quotation mark stands alone.
pub(super) fn segments(path: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut start = 0;
    for end in ends(path)? {
        let part = &path[start..end];
        let text = part.replace('"', "");
        if text.is_empty() {
            return None;
        }
        segments.push(Segment {
            quoted: part.contains('"'),
            text,
            place: start..end,
        });
        start = end + 1;
    }
    Some(segments)
}

/// Where the parts of a path end.
fn ends(path: &str) -> Option<Vec<usize>> {
    let mut is_quoted = false;
    let mut ends = Vec::new();
    for (at, character) in path.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => ends.push(at),
            _ => {}
        }
    }
    ends.push(path.len());
    (!is_quoted).then_some(ends)
}
