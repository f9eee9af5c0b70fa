//! Pictures of variants: the cluster over time, one line a variant, and figures with their
//! intervals.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

mod intervals;

use crate::experiment::compare::Compared;
use crate::record::Sample;
use crate::report::plots::chart::{Axis, Frame, Line, float, percent};
use crate::report::plots::strips::Strips;
use crate::report::plots::{BLUE, INK, PlotError};
use crate::report::words::plain;
use crate::units::Millis;

/// Draws one picture of a comparison as SVG text.
pub type Draw = fn(&Compared) -> Result<String, PlotError>;

/// The pictures, by the names of their files without `.svg`.
pub const ALL: [(&str, Draw); 7] = [
    ("reserved-cpu", reserved_cpu),
    ("reserved-memory", reserved_memory),
    ("instances", instances),
    ("tasks-running", running),
    ("tasks-pending", pending),
    ("cost", cost),
    ("intervals", intervals::intervals),
];

/// The most variants that are drawn over time, a strip each.
pub const MOST_VARIANTS: usize = 7;

/// Reserved CPU in percent of what was registered.
fn reserved_cpu(compared: &Compared) -> Result<String, PlotError> {
    let share = |row: &Sample| percent((row.reserved.cpu, row.registered.cpu));
    let title = "reserved CPU, % of registered";
    strips(compared, title, Axis::Percent, share)
}

/// Reserved memory in percent of what was registered.
fn reserved_memory(compared: &Compared) -> Result<String, PlotError> {
    let share = |row: &Sample| percent((row.reserved.memory, row.registered.memory));
    let title = "reserved memory, % of registered";
    strips(compared, title, Axis::Percent, share)
}

fn instances(compared: &Compared) -> Result<String, PlotError> {
    let count = |row: &Sample| Some(float(row.instances));
    strips(compared, "instances", Axis::Count, count)
}

fn running(compared: &Compared) -> Result<String, PlotError> {
    let count = |row: &Sample| Some(float(row.tasks_running));
    strips(compared, "tasks running", Axis::Count, count)
}

fn pending(compared: &Compared) -> Result<String, PlotError> {
    let count = |row: &Sample| Some(float(row.tasks_pending));
    let title = "tasks starting or waiting for room";
    strips(compared, title, Axis::Count, count)
}

/// What compute has cost so far, by its own prices.
fn cost(compared: &Compared) -> Result<String, PlotError> {
    let dollars = |row: &Sample| {
        let micros = u64::try_from(row.cost.0 / 1_000).ok()?;
        Some(float(micros) / 1e6)
    };
    strips(
        compared,
        "cost of compute so far, USD",
        Axis::Amount,
        dollars,
    )
}

/// A strip a variant.
fn strips(
    compared: &Compared,
    shows: &str,
    y: Axis,
    of: fn(&Sample) -> Option<f64>,
) -> Result<String, PlotError> {
    Strips {
        name: "comparison",
        title: title(compared, shows),
        y,
        lines: lines(compared, of),
    }
    .draw(frame(compared))
}

/// One line a variant, from its first replication; that of the baseline in ink.
fn lines(compared: &Compared, of: fn(&Sample) -> Option<f64>) -> Vec<Line> {
    let shown = compared.variants.iter().take(MOST_VARIANTS).enumerate();
    let lines = shown.map(|(place, runs)| Line {
        label: plain(&runs.name),
        color: if place == compared.baseline {
            INK
        } else {
            BLUE
        },
        stroke: 1,
        filled: true,
        points: runs
            .timeseries
            .iter()
            .map(|row| (row.at, of(row)))
            .collect(),
    });
    lines.collect()
}

/// What is shown, of which run, and how many variants are not.
fn title(compared: &Compared, shows: &str) -> String {
    let runs = compared.variants.first();
    let first = runs.and_then(|runs| runs.replications.first());
    let seed = first.map_or_else(String::new, |run| format!(", seed {}", run.seed));
    let more = match compared.variants.len().saturating_sub(MOST_VARIANTS) {
        0 => String::new(),
        1 => ", one variant left out".to_owned(),
        more => format!(", {more} variants left out"),
    };
    [shows, &seed, &more].concat()
}

fn frame(compared: &Compared) -> Frame<'_> {
    let durations = compared.variants.iter().map(|runs| runs.duration);
    Frame {
        name: &compared.scenario,
        duration: durations.max().unwrap_or(Millis::ZERO),
    }
}
