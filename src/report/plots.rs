//! Charts as SVG: states over time, drawn from the samples of a run.
//!
//! Pictures of comparisons, sweeps and plans stand with their texts, and use the axes, colors and
//! frames of this module.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

pub(super) mod axis;
mod capacity;
pub(super) mod chart;
mod services;
pub(super) mod strips;

use plotters::prelude::RGBColor;
use thiserror::Error;

use crate::record::{Run, Sample};
use crate::units::{Millis, SimTime};

use chart::{Axis, Chart, Line, Marks, TimeUnit, float, percent, stacked_with};

pub use capacity::{MOST_PROVIDERS, capacity_provider, capacity_providers, spot};
pub use services::{MOST_SERVICES, service, services};

/// Why a picture could not be drawn.
#[derive(Debug, Error)]
#[error("cannot draw {chart}: {reason}")]
pub struct PlotError {
    pub(super) chart: &'static str,
    pub(super) reason: String,
}

/// Draws one chart of a run as SVG text.
pub type Draw = fn(&Run) -> Result<String, PlotError>;

/// The charts, by the names of their files without `.svg`.
pub const ALL: [(&str, Draw); 5] = [
    ("tasks", tasks),
    ("reserved", reserved),
    ("wait", wait),
    ("instances", instances),
    ("cost", cost),
];

/// The charts of a run: `fargate` only where tasks ran there.
pub fn of(run: &Run) -> impl Iterator<Item = (&'static str, Draw)> {
    let draw: Draw = fargate;
    let on_fargate = !run.fargate.uses.is_empty();
    let more = std::iter::once(("fargate", draw)).filter(move |_| on_fargate);
    ALL.into_iter().chain(more)
}

// Colours that people with every kind of colour vision tell apart (Okabe and Ito).
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(super) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(super) const INK: RGBColor = RGBColor(40, 40, 40);
pub(super) const GRID: RGBColor = RGBColor(225, 225, 225);

const NO_INSTANCE: &str = "There was no instance.";

/// Tasks running and pending over time.
pub fn tasks(run: &Run) -> Result<String, PlotError> {
    let pending = match run.tasks.waiting {
        0 => "pending: starting or waiting for room".to_owned(),
        waiting => format!("pending: starting or waiting for room ({waiting} wait at the end)"),
    };
    let line = |label: String, color, of: fn(&Sample) -> u64| Line {
        filled: label == "running",
        label,
        color,
        stroke: 2,
        points: sampled(run, |row| Some(float(of(row)))),
    };
    let mut chart = Chart {
        name: "tasks",
        title: "tasks by state".to_owned(),
        y_label: "tasks".to_owned(),
        y: Axis::Count,
        lines: vec![
            line("running".to_owned(), BLUE, |row| row.tasks_running),
            line(pending, ORANGE, |row| row.tasks_pending),
        ],
        level: None,
        nothing: (run.tasks.submitted == 0).then_some("No task was submitted."),
    };
    if run.tasks.not_placed > 0 {
        let label = format!("refused so far ({} in all)", run.tasks.not_placed);
        let refused = line(label, VERMILION, |row| row.tasks_not_placed);
        chart.lines.push(refused);
    }
    chart.draw(run)
}

/// A value of each sample.
fn sampled(run: &Run, of: impl Fn(&Sample) -> Option<f64>) -> Vec<(SimTime, Option<f64>)> {
    let samples = run.timeseries.iter();
    samples.map(|row| (row.at, of(row))).collect()
}

/// Reserved CPU, memory and GPUs in percent of what was registered.
pub fn reserved(run: &Run) -> Result<String, PlotError> {
    let line = |label: &str, color, of: fn(&Sample) -> (u64, u64)| Line {
        label: label.to_owned(),
        color,
        stroke: 2,
        filled: false,
        points: sampled(run, |row| percent(of(row))),
    };
    let mut lines = vec![
        line("CPU", BLUE, |row| (row.reserved.cpu, row.registered.cpu)),
        line("memory", ORANGE, |row| {
            (row.reserved.memory, row.registered.memory)
        }),
    ];
    if run.timeseries.iter().any(|row| row.registered.gpu > 0) {
        lines.push(line("GPU", GREEN, |row| {
            (row.reserved.gpu, row.registered.gpu)
        }));
    }
    Chart {
        name: "reserved",
        title: "reserved capacity".to_owned(),
        y_label: "% of registered".to_owned(),
        y: Axis::Percent,
        lines,
        level: None,
        nothing: run.instances.is_empty().then_some(NO_INSTANCE),
    }
    .draw(run)
}

/// The longest wait since the sample before, of tasks placed and of those that still wait, and the
/// mean of those placed.
pub fn wait(run: &Run) -> Result<String, PlotError> {
    let longest_wait = |row: &Sample| row.wait_longest.max(row.wait_placed_longest);
    let longest = run.timeseries.iter().map(longest_wait).max();
    let unit = TimeUnit::of(longest.unwrap_or(Millis::ZERO));
    let waited = run.waits.is_some_and(|waits| waits.waited > 0) || run.tasks.waiting > 0;
    let is_short = run.services.iter().any(|row| !row.failures.is_empty());
    let nothing = match run.tasks.not_placed {
        _ if waited => None,
        _ if is_short => Some("No task waited: services that found no room started fewer tasks."),
        0 => Some("No task had to wait for room."),
        _ => Some("No task waited for room: what found none was refused at once."),
    };
    let means = run.timeseries.iter();
    // Where nobody waited there is nothing to mark.
    let means = means.filter_map(|row| {
        let mean = row.wait_mean.filter(|mean| *mean > Millis::ZERO)?;
        Some((row.at, unit.count(mean)))
    });
    let means = Marks {
        label: "mean of those just placed".to_owned(),
        color: BLUE,
        up: true,
        points: if waited { means.collect() } else { Vec::new() },
    };
    let chart = Chart {
        name: "wait",
        title: "wait for room".to_owned(),
        y_label: format!("wait ({})", unit.name),
        y: Axis::Amount,
        lines: vec![Line {
            label: "longest of those waiting or just placed".to_owned(),
            color: VERMILION,
            stroke: 2,
            filled: false,
            points: sampled(run, |row| Some(unit.count(longest_wait(row)))),
        }],
        level: None,
        nothing,
    };
    stacked_with(&[chart], &[means], run.into())
}

/// Instances registered and used over time, and the fewest that any packing needs.
pub fn instances(run: &Run) -> Result<String, PlotError> {
    let line = |label: &str, color, stroke, of: fn(&Sample) -> u64| Line {
        label: label.to_owned(),
        color,
        stroke,
        filled: label == "hosting tasks",
        points: sampled(run, |row| Some(float(of(row)))),
    };
    Chart {
        name: "instances",
        title: "container instances".to_owned(),
        y_label: "instances".to_owned(),
        y: Axis::Count,
        lines: vec![
            // Both may run at one height for long: the wide one shows on both sides of the other.
            line("registered", SKY, 7, |row| row.instances),
            line("hosting tasks", GREEN, 2, |row| row.instances_used),
        ],
        level: (run.lower_bound > 0).then(|| {
            let height = float(run.lower_bound);
            ("lower bound for the peak", VERMILION, height)
        }),
        nothing: run.instances.is_empty().then_some(NO_INSTANCE),
    }
    .draw(run)
}

/// Tasks placed on Fargate and on Fargate Spot over time.
pub fn fargate(run: &Run) -> Result<String, PlotError> {
    let line = |label: &str, color, of: fn(&Sample) -> u64| Line {
        label: label.to_owned(),
        color,
        stroke: 2,
        filled: false,
        points: sampled(run, |row| Some(float(of(row)))),
    };
    Chart {
        name: "fargate",
        title: "tasks on Fargate".to_owned(),
        y_label: "tasks".to_owned(),
        y: Axis::Count,
        lines: vec![
            line("FARGATE", BLUE, |row| row.fargate_tasks),
            line("FARGATE_SPOT", ORANGE, |row| row.fargate_spot_tasks),
        ],
        level: None,
        nothing: run
            .fargate
            .uses
            .is_empty()
            .then_some("No task ran on Fargate."),
    }
    .draw(run)
}

/// What instances and Fargate tasks have cost so far, by their own prices: what commitments spare,
/// and what comes beside compute, is known of the whole run alone.
pub fn cost(run: &Run) -> Result<String, PlotError> {
    let dollars = |row: &Sample| {
        let micros = u64::try_from(row.cost.0 / 1_000).ok()?;
        Some(float(micros) / 1e6)
    };
    Chart {
        name: "cost",
        title: "cost of compute so far".to_owned(),
        y_label: "USD".to_owned(),
        y: Axis::Amount,
        lines: vec![Line {
            label: if run.fargate.uses.is_empty() {
                "all instances, at their own prices".to_owned()
            } else {
                "all instances and Fargate tasks, at their own prices".to_owned()
            },
            color: BLUE,
            stroke: 2,
            filled: true,
            points: sampled(run, |row| dollars(row)),
        }],
        level: None,
        nothing: (run.instances.is_empty() && run.fargate.uses.is_empty()).then_some(NO_INSTANCE),
    }
    .draw(run)
}
