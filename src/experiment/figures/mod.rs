//! Figures of a summary by their paths: `placement.waitMs.p99`, `cost.totalUsd`.

mod known;
mod tree;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::cost::Summary;
use crate::scenario::FigurePath;
use crate::units::{Fixed, nearest};

use tree::Leaf;

pub use known::{Better, KnownFigure, Unit, default_figures, describe, places_of_interest};

/// All figures of one summary, in the order of `summary.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Paths and values in the order of the file.
    leaves: Vec<(String, Leaf)>,
    /// Their places by path.
    places: BTreeMap<String, usize>,
}

/// Why a path leads to no number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FigureError {
    /// Nothing is there.
    #[error("the summary has no figure `{path}`{}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// The path.
        path: String,
        /// The nearest one that there is.
        nearest: Option<String>,
    },
    /// A text is there, or other figures below it.
    #[error("`{path}` is {what}, not a number{}", did_you_mean(.nearest.as_deref()))]
    NoNumber {
        /// The path.
        path: String,
        /// What is there.
        what: &'static str,
        /// The first number below it.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |path| format!("; did you mean `{path}`?"))
}

impl Figures {
    /// The figures of a summary.
    pub fn of(summary: &Summary) -> Self {
        let text = serde_json::to_string(summary).expect("a summary has text keys");
        let leaves = tree::leaves(&text);
        let places = leaves.iter().enumerate();
        let places = places.map(|(place, (path, _))| (path.clone(), place));
        Self {
            places: places.collect(),
            leaves,
        }
    }

    /// The figure at a path; `None` where the summary has `null`, at the path or above it.
    ///
    /// # Errors
    /// When nothing is there, or no number.
    pub fn get(&self, path: &FigurePath) -> Result<Option<Fixed>, FigureError> {
        let wanted = path.as_str();
        match self.at(wanted) {
            Some(Leaf::Number(number)) => return Ok(Some(*number)),
            Some(Leaf::Null) => return Ok(None),
            Some(Leaf::Text) => return Err(self.no_number(wanted, "a text")),
            None => {}
        }
        let above = wanted.match_indices('.').map(|(dot, _)| &wanted[..dot]);
        if above
            .into_iter()
            .any(|above| self.at(above) == Some(&Leaf::Null))
        {
            return Ok(None);
        }
        if self.below(wanted).next().is_some() {
            return Err(self.no_number(wanted, "a group of figures"));
        }
        Err(FigureError::Unknown {
            path: wanted.to_owned(),
            nearest: self.nearest(wanted).map(str::to_owned),
        })
    }

    /// Every number and every null with its path, in the order of `summary.json`.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, Option<Fixed>)> {
        let leaves = self.leaves.iter();
        leaves.filter_map(|(path, leaf)| match leaf {
            Leaf::Number(number) => Some((path.as_str(), Some(*number))),
            Leaf::Null => Some((path.as_str(), None)),
            Leaf::Text => None,
        })
    }

    fn at(&self, path: &str) -> Option<&Leaf> {
        let place = self.places.get(path)?;
        self.leaves.get(*place).map(|(_, leaf)| leaf)
    }

    /// The paths of numbers below a path.
    fn below(&self, path: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{path}.");
        let numbers = self.numbers();
        numbers.filter_map(move |(path, _)| path.starts_with(&prefix).then_some(path))
    }

    fn no_number(&self, path: &str, what: &'static str) -> FigureError {
        FigureError::NoNumber {
            path: path.to_owned(),
            what,
            nearest: self.below(path).next().map(str::to_owned),
        }
    }

    /// The path that was meant: one that ends like it, else the most alike.
    fn nearest(&self, wanted: &str) -> Option<&str> {
        let end = format!(".{wanted}");
        let paths = || self.numbers().map(|(path, _)| path);
        let ends_alike = paths().find(|path| path.ends_with(&end));
        ends_alike.or_else(|| nearest(wanted, paths()))
    }
}

#[cfg(test)]
mod tests;
