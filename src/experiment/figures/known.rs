//! The figures that people look at first: what they are called, what they are counted in, and
//! which way is better.

use crate::scenario::{FigurePath, Unit};

use super::Figures;

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// It depends.
    Neither,
}

/// A figure with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFigure {
    /// Its path.
    pub path: FigurePath,
    /// What it is called: `cost`, `wait (99th percentile)`; the path where it has no name.
    pub name: String,
    /// What it is counted in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
}

/// Path, name, which way is better. A `*` is a name of the scenario's own. In the order of tables.
const KNOWN: [(&str, &str, Better); 20] = [
    ("cost.totalUsd", "cost", Better::Lower),
    ("cost.usedUsd", "cost used by tasks", Better::Neither),
    ("cost.idleUsd", "cost of idle capacity", Better::Lower),
    (
        "utilization.cpu.reservedMean",
        "CPU reserved",
        Better::Higher,
    ),
    (
        "utilization.memory.reservedMean",
        "memory reserved",
        Better::Higher,
    ),
    ("utilization.cpu.usedMean", "CPU used", Better::Higher),
    ("utilization.memory.usedMean", "memory used", Better::Higher),
    ("instances.mean", "instances on average", Better::Lower),
    ("instances.peak", "instances at the peak", Better::Lower),
    ("placement.waitMs.mean", "wait (mean)", Better::Lower),
    ("placement.waitMs.p50", "wait (median)", Better::Lower),
    (
        "placement.waitMs.p99",
        "wait (99th percentile)",
        Better::Lower,
    ),
    ("tasks.notPlaced", "tasks refused", Better::Lower),
    ("tasks.failed", "tasks failed", Better::Lower),
    ("tasks.interrupted", "tasks interrupted", Better::Lower),
    ("tasks.pending", "tasks pending at the end", Better::Lower),
    (
        "services.*.availability",
        "availability of *",
        Better::Higher,
    ),
    (
        "services.*.load.errorRate",
        "requests lost of *",
        Better::Lower,
    ),
    (
        "services.*.load.latencyP99Ms.mean",
        "latency of * (99th percentile)",
        Better::Lower,
    ),
    ("spot.interruptions", "Spot interruptions", Better::Lower),
];

/// The figures of interest that the summaries have: those that are a number in one of them.
pub fn default_figures<'a>(all: impl IntoIterator<Item = &'a Figures>) -> Vec<KnownFigure> {
    let numbers = all.into_iter().flat_map(Figures::numbers);
    of_interest(numbers.filter_map(|(path, value)| value.map(|_| path)))
}

/// The figures of interest that a summary has a place for, be it a number or `null`: whatever
/// becomes of a run, they are the same for one scenario. What tasks use is known of services alone.
pub fn places_of_interest(figures: &Figures) -> Vec<KnownFigure> {
    let paths = || figures.numbers().map(|(path, _)| path);
    let has_services = paths().any(|path| path.as_str().starts_with("services."));
    of_interest(paths().filter(|path| has_services || !path.as_str().ends_with(".usedMean")))
}

fn of_interest<'a>(paths: impl Iterator<Item = &'a FigurePath>) -> Vec<KnownFigure> {
    let mut found: Vec<(usize, KnownFigure)> = Vec::new();
    for path in paths {
        let Some((place, _)) = known(path.as_str()) else {
            continue;
        };
        if !found.iter().any(|(_, figure)| figure.path == *path) {
            found.push((place, describe(path)));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, figure)| figure).collect()
}

/// The same of a path whose names are joined by dots already.
pub fn describe_joined(path: &str) -> KnownFigure {
    describe(&FigurePath::joined(path.to_owned()))
}

/// Whether a figure is of interest.
pub fn is_of_interest(path: &str) -> bool {
    known(path).is_some()
}

/// What is known of the figure at a path.
pub fn describe(path: &FigurePath) -> KnownFigure {
    let (name, better) = match known(path.as_str()) {
        Some((place, star)) => (KNOWN[place].1.replace('*', star), KNOWN[place].2),
        None => (path.to_string(), Better::Neither),
    };
    KnownFigure {
        name,
        unit: path.unit(),
        path: path.clone(),
        better,
    }
}

/// The place of a path in the list, and what its star stands for.
fn known(path: &str) -> Option<(usize, &str)> {
    let mut patterns = KNOWN.iter().enumerate();
    patterns.find_map(|(place, (pattern, ..))| Some((place, star(pattern, path)?)))
}

/// What the `*` of a pattern stands for in a path that it matches: empty when it has none.
pub fn star<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    match pattern.split_once('*') {
        None => (path == pattern).then_some(""),
        Some((before, after)) => path.strip_prefix(before)?.strip_suffix(after),
    }
}
