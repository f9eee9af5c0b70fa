//! What is wrong with an expression, and where.

use std::ops::Range;

use thiserror::Error;

/// An expression that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct QueryError {
    /// What is wrong, without a full stop.
    pub message: String,
    /// What would be right, where that can be said.
    pub hint: Option<String>,
    /// The place in the expression, in bytes.
    pub span: Range<usize>,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            span,
        }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The message, the line of the expression that it is about, and a line of carets below the
    /// place, counted in characters. The hint is not part of it.
    pub fn with_caret(&self, text: &str) -> String {
        let start = floor_char_boundary(text, self.span.start);
        let end = floor_char_boundary(text, self.span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let line: String = text[line_start..line_end]
            .chars()
            .map(|character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        let indent = " ".repeat(text[line_start..start].chars().count());
        let width = text[start..end.min(line_end)].chars().count().max(1);
        let carets = "^".repeat(width);
        format!(
            "{}\n  {}\n  {indent}{carets}",
            self.message,
            line.trim_end()
        )
    }
}

/// The nearest character boundary at or before a position.
fn floor_char_boundary(text: &str, position: usize) -> usize {
    let mut boundary = position.min(text.len());
    while !text.is_char_boundary(boundary) {
        boundary -= 1;
    }
    boundary
}

#[cfg(test)]
mod tests {
    use super::QueryError;

    #[test]
    fn carets_are_counted_in_characters() {
        let text = "attribute:stäck == '日本' oder";
        let start = text.find("oder").unwrap();
        let error = QueryError::new(start..text.len(), "expected `and`");
        assert_eq!(
            error.with_caret(text),
            "expected `and`\n  attribute:stäck == '日本' oder\n                          ^^^^"
        );
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_shown_all_the_same() {
        let error = QueryError::new(99..200, "ended");
        assert_eq!(error.with_caret("é"), "ended\n  é\n   ^");
        let error = QueryError::new(1..2, "inside");
        assert_eq!(error.with_caret("é"), "inside\n  é\n  ^");
    }

    #[test]
    fn only_the_line_with_the_place_is_shown() {
        let text = "attribute:a == b\n\tand or";
        let start = text.find("or").unwrap();
        let error = QueryError::new(start..start + 2, "expected a subject");
        assert_eq!(
            error.with_caret(text),
            "expected a subject\n   and or\n       ^^"
        );
    }
}
