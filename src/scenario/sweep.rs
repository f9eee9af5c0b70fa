//! What a sweep varies: paths of the scenario, and the values that each takes.

use crate::units::{Fixed, Millis};

/// More cells than anybody has machines for, and few enough to be numbered and listed.
pub const MOST_CELLS: u64 = 1_000_000;

/// A path of the scenario with a value for it, as `--set` takes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// Which value of the scenario: `containerInstances.m5.large.count`.
    pub path: String,
    /// The value in YAML, on one line.
    pub value: String,
}

impl Setting {
    /// The argument of `--set`.
    pub fn to_set(&self) -> String {
        format!("{}={}", self.path, self.value)
    }
}

/// The cells of a sweep: each is the scenario with some settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Sweep {
    /// Every combination; the values of the last axis change first.
    Grid(Vec<Axis>),
    /// Each as it is written; a path that a cell does not name stays as in the scenario.
    List(Vec<Vec<Setting>>),
    /// Drawn at random.
    Random {
        /// How many cells.
        samples: u64,
        /// What is drawn for each.
        draws: Vec<Draw>,
    },
}

/// A path and the values that it takes one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// Which value of the scenario.
    pub path: String,
    /// Values in YAML, each on one line, no two the same.
    pub values: Vec<String>,
}

/// A path and the law by which its value is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// Which value of the scenario.
    pub path: String,
    /// How it is drawn.
    pub law: Law,
}

/// How a value is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Any number or span of time between two bounds.
    Uniform(Bounds),
    /// The same, its logarithm being uniform: each tenfold as likely as the next.
    LogUniform(Bounds),
    /// A whole number between two bounds, which are included.
    Integer(u64, u64),
    /// One of these, each equally likely.
    Choice(Vec<String>),
}

/// Two bounds, the lower first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// Of a number.
    Numbers(Fixed, Fixed),
    /// Of a span of time.
    Spans(Millis, Millis),
}

impl Sweep {
    /// How many cells it has.
    pub fn cells(&self) -> u64 {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        match self {
            Self::Grid(axes) => axes
                .iter()
                .map(|axis| count(axis.values.len()))
                .fold(1, u64::saturating_mul),
            Self::List(cells) => count(cells.len()),
            Self::Random { samples, .. } => *samples,
        }
    }

    /// The paths that it varies, in the order in which they are written.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Self::Grid(axes) => axes.iter().map(|axis| axis.path.as_str()).collect(),
            Self::Random { draws, .. } => draws.iter().map(|draw| draw.path.as_str()).collect(),
            Self::List(cells) => {
                let mut paths: Vec<&str> = Vec::new();
                for setting in cells.iter().flatten() {
                    if !paths.contains(&setting.path.as_str()) {
                        paths.push(&setting.path);
                    }
                }
                paths
            }
        }
    }
}
