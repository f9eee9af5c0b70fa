//! The part of the summary that tells what became of the scenario's checks.

use serde::Serialize;

use crate::units::Fixed;

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckSummary {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// The expression as it is written.
    pub check: String,
    /// The path of its figure, names joined by dots.
    pub figure: String,
    /// `<`, `<=`, `>`, `>=`, `==` or `!=`.
    pub comparison: String,
    /// What the figure was compared with, in its unit.
    pub threshold: Fixed,
    /// The figure; `null` when the summary has no number there.
    pub measured: Option<Fixed>,
    /// How far the figure is from the threshold: positive on the good side, negative on the bad. Of
    /// `==` and `!=` the distance.
    pub margin: Option<Fixed>,
    /// Whether it holds.
    pub passed: bool,
    /// Why nothing was measured.
    pub reason: Option<String>,
}

impl CheckSummary {
    /// Its name, else its expression.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.check)
    }
}
