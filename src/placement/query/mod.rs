//! The cluster query language of `memberOf` constraints.

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
}

impl Expression {
    /// The text as the user wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }
}
