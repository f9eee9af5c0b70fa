//! Figures of a summary by their paths: `placement.waitMs.p99`, `cost.totalUsd`.

mod known;
mod tree;

use std::sync::Arc;

use thiserror::Error;

use crate::cost::Summary;
use crate::scenario::FigurePath;
use crate::units::{Fixed, id, index, nearest};

use tree::Leaf;

pub use crate::scenario::Unit;
pub use known::{
    Better, KnownFigure, default_figures, describe, describe_joined, is_of_interest,
    places_of_interest, star,
};

/// All figures of one summary, in the order of `summary.json`. Lists of single events are not among
/// them, nor are the verdicts of checks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Shared by runs that have the same figures.
    paths: Arc<Paths>,
    /// What stands at each path.
    leaves: Vec<Leaf>,
}

/// The paths of all figures.
#[derive(Debug, PartialEq, Eq, Default)]
struct Paths {
    /// In the order of the file.
    in_order: Vec<FigurePath>,
    /// Their places, sorted by path.
    sorted: Vec<u32>,
}

/// What the figure at a path is counted in, names joined by dots.
pub fn unit_of(path: &str) -> Unit {
    FigurePath::joined(path.to_owned()).unit()
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

/// Keys of maps that hold only what came to pass: what is absent there is nought.
const COUNTED: [&str; 2] = ["failures", "stopReasons"];
const SPENT: &str = "cost.by";
/// Maps whose names come as things come to pass.
const GROWING: [&str; 8] = [
    "utilization.byAvailabilityZone",
    "utilization.byInstanceType",
    "utilization.byCapacityProvider",
    "cost.lines",
    "fargate.taskHours",
    "fargate.refused",
    "instancesTerminated",
    "reasons",
];

impl Figures {
    /// The figures of a summary.
    pub fn of(summary: &Summary) -> Self {
        let text = serde_json::to_string(summary).expect("a summary has text keys");
        let leaves = tree::leaves(&text).into_iter();
        let leaves = leaves.filter(|(path, _)| !path.as_str().starts_with("checks."));
        let (in_order, leaves): (Vec<FigurePath>, Vec<Leaf>) = leaves.unzip();
        let mut sorted: Vec<u32> = (0..id(in_order.len())).collect();
        sorted.sort_by_key(|place| &in_order[index(*place)]);
        let paths = Arc::new(Paths { in_order, sorted });
        Self { paths, leaves }
    }

    /// Shares its paths with another run's figures, when they are the same: thousands of runs then
    /// take little more than their numbers.
    pub fn share_paths(&mut self, other: &Self) {
        if self.paths == other.paths {
            self.paths = Arc::clone(&other.paths);
        }
    }

    /// The figure at a path; `None` where the summary has `null`, at the path or above it. A reason
    /// for which nothing was refused, or a service for which nothing was paid, is 0.
    ///
    /// # Errors
    /// When nothing is there, or no number.
    pub fn get(&self, path: &FigurePath) -> Result<Option<Fixed>, FigureError> {
        let wanted = path.as_str();
        match self.at(wanted) {
            Some(Leaf::Number(number)) => return Ok(Some(*number)),
            Some(Leaf::Null) => return Ok(None),
            Some(Leaf::Text) => return Err(self.no_number(wanted, "a text")),
            Some(Leaf::Empty) => return Err(self.no_number(wanted, "a group of figures")),
            None => {}
        }
        if self.below(wanted).next().is_some() {
            return Err(self.no_number(wanted, "a group of figures"));
        }
        for above in groups_above(wanted) {
            let key = above.rsplit('.').next().unwrap_or(above);
            let is_counted = COUNTED.contains(&key) || above.starts_with(SPENT);
            match self.at(above) {
                Some(Leaf::Null) => return Ok(None),
                Some(Leaf::Empty) if is_counted => return Ok(Some(Fixed::ZERO)),
                None if is_counted && self.below(above).next().is_some() => {
                    return Ok(Some(Fixed::ZERO));
                }
                _ => {}
            }
        }
        Err(FigureError::Unknown {
            path: wanted.to_owned(),
            nearest: self.nearest(wanted).map(str::to_owned),
        })
    }

    /// Why no run can have a figure, these figures being of its beginning; `None` when it may have
    /// it. What is empty, null or a list at the beginning may hold anything later.
    pub fn never_later(&self, path: &FigurePath) -> Option<FigureError> {
        let error = self.get(path).err()?;
        let wanted = path.as_str();
        let may_come = groups_above(wanted).any(|above| {
            let key = above.rsplit('.').next().unwrap_or(above);
            let first_of_list = format!("{above}.0");
            GROWING.contains(&above)
                || GROWING.contains(&key)
                || self.at(above) == Some(&Leaf::Empty)
                || self.below(&first_of_list).next().is_some()
        });
        let is_number = !matches!(error, FigureError::NoNumber { .. });
        (!may_come || !is_number).then_some(error)
    }

    /// Every number and every null with its path, in the order of `summary.json`.
    pub fn numbers(&self) -> impl Iterator<Item = (&FigurePath, Option<Fixed>)> {
        let leaves = self.paths.in_order.iter().zip(&self.leaves);
        leaves.filter_map(|(path, leaf)| match leaf {
            Leaf::Number(number) => Some((path, Some(*number))),
            Leaf::Null => Some((path, None)),
            Leaf::Text | Leaf::Empty => None,
        })
    }

    fn at(&self, path: &str) -> Option<&Leaf> {
        let place = *self.paths.sorted.get(self.first_from(path))?;
        let found = self.paths.in_order.get(index(place))?;
        let leaf = self.leaves.get(index(place));
        leaf.filter(|_| found.as_str() == path)
    }

    /// The place in `sorted` of the first path that is no less.
    fn first_from(&self, path: &str) -> usize {
        let Paths { in_order, sorted } = &*self.paths;
        sorted.partition_point(|place| in_order[index(*place)].as_str() < path)
    }

    /// The paths below a path, by name.
    fn below(&self, path: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{path}.");
        let from = self.first_from(&prefix);
        let paths = self.paths.sorted[from..].iter();
        let paths = paths.map(|place| self.paths.in_order[index(*place)].as_str());
        paths.take_while(move |path| path.starts_with(&prefix))
    }

    fn no_number(&self, path: &str, what: &'static str) -> FigureError {
        let prefix = format!("{path}.");
        let mut numbers = self.numbers().map(|(path, _)| path.as_str());
        FigureError::NoNumber {
            path: path.to_owned(),
            what,
            nearest: numbers
                .find(|number| number.starts_with(&prefix))
                .map(str::to_owned),
        }
    }

    /// The path that was meant: one that ends like it, else the most alike.
    fn nearest(&self, wanted: &str) -> Option<&str> {
        let end = format!(".{wanted}");
        let paths = || self.numbers().map(|(path, _)| path.as_str());
        let ends_alike = paths().find(|path| path.ends_with(&end));
        ends_alike.or_else(|| nearest(wanted, paths()))
    }
}

/// `a.b` and `a` of `a.b.c`.
fn groups_above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('.').map(|(dot, _)| &path[..dot])
}

#[cfg(test)]
mod tests;
