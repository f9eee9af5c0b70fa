//! Paths such as `tasks.web.count`: names joined by dots, in double quotes where a name holds a
//! dot.

use std::fmt;
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

/// The path of a figure in `summary.json`: `placement.waitMs.p99`, `services.web.availability`.
/// Its names are joined by dots, whether or not they hold dots themselves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigurePath(String);

impl FigurePath {
    /// Reads a path; a name may stand in double quotes.
    ///
    /// # Errors
    /// What is wrong with it, as a clause that follows the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is empty".to_owned());
        }
        let segments = segments(text).ok_or("has an empty name or a quotation mark too few")?;
        let names: Vec<String> = segments.into_iter().map(|segment| segment.text).collect();
        Ok(Self(names.join(".")))
    }

    /// The names joined by dots.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last key.
    pub fn last(&self) -> &str {
        self.0.rsplit('.').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for FigurePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::FigurePath;

    #[test]
    fn names_with_dots_may_stand_in_quotes() {
        let read = |text| FigurePath::parse(text).map(|path| path.as_str().to_owned());
        let plain = "utilization.byInstanceType.m5.large.cpu.reservedMean";
        assert_eq!(read(plain).as_deref(), Ok(plain));
        let quoted = "utilization.byInstanceType.\"m5.large\".cpu.reservedMean";
        assert_eq!(read(quoted).as_deref(), Ok(plain));
        for wrong in ["", ".", "a.", ".a", "a..b", "\"a", "a.\"\""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
