//! Charts of services: their tasks, and under load what these do.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

use std::cmp::Reverse;
use std::collections::BTreeSet;

use plotters::prelude::RGBColor;

use crate::control::service_auto_scaling::{Metric, ScalableTarget};
use crate::record::{LoadSample, Run, ServiceRow, ServiceSample};
use crate::units::SimTime;

use super::chart::{Axis, Chart, Line, float, stacked};
use super::{BLUE, GREEN, INK, ORANGE, PURPLE, PlotError, SKY, VERMILION};

/// The most services that have a picture.
pub const MOST_SERVICES: usize = 12;
/// The longest part of a service's name that the name of its file takes.
const LONGEST: usize = 80;

/// The services that have a picture, with the names of their files without `service-` and `.svg`:
/// all of them in the order of the scenario, or where there are too many those that were
/// unavailable longest, then those whose desired count changed most.
pub fn services(run: &Run) -> Vec<(String, &ServiceRow)> {
    let mut shown: Vec<&ServiceRow> = run.services.iter().collect();
    if shown.len() > MOST_SERVICES {
        shown.sort_by_key(|row| Reverse(interest(row)));
        shown.truncate(MOST_SERVICES);
    }
    let mut taken = BTreeSet::new();
    let named = shown.into_iter();
    named
        .map(|row| (unique_file_name(&row.name, &mut taken), row))
        .collect()
}

/// A name for a file that none of those `taken` has, whatever the case of its letters.
pub(super) fn unique_file_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = file_name(name);
    let numbered = (2..).map(|number: u32| format!("{plain}-{number}"));
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    let name = names.find(|name| taken.insert(name.to_lowercase()));
    name.unwrap_or(plain)
}

/// How much there is to see of a service: unavailable milliseconds, range of its desired count,
/// deployments.
fn interest(row: &ServiceRow) -> (u128, u32, usize) {
    let unavailable = row.availability.whole.saturating_sub(row.availability.part);
    let range = row.desired.peak.zip(row.desired.least);
    let range = range.map_or(0, |(peak, least)| peak - least);
    (unavailable, range, row.deployments.len())
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    let safe = |char: char| {
        let plain = char.is_ascii_alphanumeric() || char == '-' || char == '_';
        if plain { char } else { '_' }
    };
    name.chars().take(LONGEST).map(safe).collect()
}

/// A service's tasks over time; below, when it has load, its utilization and its requests.
pub fn service(run: &Run, row: &ServiceRow) -> Result<String, PlotError> {
    let mut charts = vec![tasks(row)];
    if row.load.minutes > 0 {
        charts.extend([utilization(row), requests(row)]);
    }
    stacked(&charts, run.into())
}

fn tasks(row: &ServiceRow) -> Chart {
    let line = |label: &str, color: RGBColor, stroke, of: fn(&ServiceSample) -> u32| Line {
        filled: label == "healthy",
        label: label.to_owned(),
        color,
        stroke,
        points: row
            .samples
            .iter()
            .map(|row| (row.at, Some(f64::from(of(row)))))
            .collect(),
    };
    Chart {
        name: "service",
        title: format!("tasks of service {}", row.name),
        y_label: "tasks".to_owned(),
        y: Axis::Count,
        // They run at one height for long: wide ones show on both sides of narrow ones.
        lines: vec![
            line("desired", SKY, 9, |row| row.counts.desired),
            line("running", INK, 5, |row| row.counts.running),
            line("healthy", GREEN, 2, |row| row.counts.healthy),
            line("pending", ORANGE, 2, |row| row.counts.pending),
        ],
        level: None,
        nothing: row
            .desired
            .last
            .is_none()
            .then_some("The service was never created."),
    }
}

fn utilization(row: &ServiceRow) -> Chart {
    let percent = |value: Option<u32>| Some(f64::from(value?) / 1_000.0);
    let cpu = line(row, "CPU", BLUE, |load| percent(load.cpu));
    let memory = line(row, "memory", ORANGE, |load| percent(load.memory));
    // Where the scenario says nothing of memory there is no line.
    let is_told = memory.points.iter().any(|(_, value)| value.is_some());
    let used = std::iter::once(cpu).chain(is_told.then_some(memory));
    Chart {
        name: "service",
        title: format!("utilization of service {}", row.name),
        y_label: "% of reserved".to_owned(),
        y: Axis::Amount,
        lines: targets(row).chain(used).collect(),
        level: None,
        nothing: None,
    }
}

/// What target tracking keeps the utilization at, a level line for each policy.
fn targets(row: &ServiceRow) -> impl Iterator<Item = Line> {
    let policies = row
        .scalable_target
        .iter()
        .flat_map(ScalableTarget::policies);
    policies.filter_map(|policy| {
        let (label, color) = match policy.metric() {
            Metric::EcsServiceAverageCpuUtilization => ("CPU target", SKY),
            Metric::EcsServiceAverageMemoryUtilization => ("memory target", PURPLE),
            Metric::AlbRequestCountPerTarget | Metric::Customized(_) => return None,
        };
        let target = float(u64::try_from(policy.target_value()?.0).ok()?) / 1_000.0;
        Some(line(row, label, color, move |_| Some(target)))
    })
}

fn requests(row: &ServiceRow) -> Chart {
    let rate = |requests: u64, load: &LoadSample| {
        let seconds = 60.0 * f64::from(load.minutes);
        Some(float(requests) / 1e6 / seconds)
    };
    Chart {
        name: "service",
        title: format!("requests of service {}", row.name),
        y_label: "requests a second".to_owned(),
        y: Axis::Amount,
        lines: vec![
            line(row, "offered", BLUE, |load| rate(load.offered, load)),
            line(row, "lost", VERMILION, |load| rate(load.lost, load)),
        ],
        level: None,
        nothing: None,
    }
}

/// What the load was from one sample to the next: the later one tells of it.
fn line(
    row: &ServiceRow,
    label: &str,
    color: RGBColor,
    of: impl Fn(&LoadSample) -> Option<f64>,
) -> Line {
    let later = row.samples.iter().skip(1);
    let points = row.samples.iter().zip(later);
    let last = row.samples.last().map(|row| (row.at, None));
    let points: Vec<(SimTime, Option<f64>)> = points
        .map(|(from, to)| (from.at, to.load.as_deref().and_then(&of)))
        .chain(last)
        .collect();
    Line {
        label: label.to_owned(),
        color,
        stroke: 2,
        filled: false,
        points,
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files_are_safe() {
        assert_eq!(file_name("web-1_A"), "web-1_A");
        assert_eq!(file_name("../a b/ü"), "___a_b__");
        assert_eq!(file_name(&"x".repeat(300)).len(), 80);
    }
}
