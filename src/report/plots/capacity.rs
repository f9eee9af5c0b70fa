//! Charts of capacity providers, with what managed scaling saw and did, and of Spot Instances.
#![expect(
    clippy::float_arithmetic,
    reason = "a picture's coordinates are floats; no figure is made here"
)]

use std::cmp::Reverse;
use std::collections::BTreeSet;

use plotters::prelude::RGBColor;

use crate::control::managed_scaling::{ManagedScalingDecision, ManagedScalingMinute};
use crate::record::{CapacityProviderRow, GroupRow, Run, SpotPoolRow};
use crate::units::SimTime;

use super::chart::{Axis, Chart, Line, Marks, float, stacked_with};
use super::services::unique_file_name;
use super::{BLUE, GREEN, INK, ORANGE, PURPLE, PlotError, SKY, VERMILION};

/// The most capacity providers that have a picture.
pub const MOST_PROVIDERS: usize = 12;
/// Colours of pools; there are no lines for more of them.
const POOLS: [RGBColor; 6] = [BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE];

/// The capacity providers with groups that have a picture, with the names of their files without
/// `capacity-provider-` and `.svg`: the first of the scenario.
pub fn capacity_providers(run: &Run) -> Vec<(String, &CapacityProviderRow)> {
    let mut taken = BTreeSet::new();
    let with_group = run.capacity_providers.iter();
    let with_group = with_group.filter(|row| row.group.is_some());
    with_group
        .take(MOST_PROVIDERS)
        .map(|row| (unique_file_name(&row.name, &mut taken), row))
        .collect()
}

/// Instances of a capacity provider over time; below, where it has managed scaling, its metric and
/// the tasks that wait for it.
pub fn capacity_provider(run: &Run, row: &CapacityProviderRow) -> Result<String, PlotError> {
    let group = row
        .group
        .and_then(|group| run.auto_scaling_groups.get(group));
    let mut charts = vec![instances(row, group)];
    if let Some(target) = row.target_capacity {
        charts.extend([reservation(row, target), provisioning(row)]);
    }
    stacked_with(&charts, &decisions(row), run.into())
}

fn instances(row: &CapacityProviderRow, group: Option<&GroupRow>) -> Chart {
    let counts = || group.into_iter().flat_map(|group| &group.counts);
    let count = |value: u32| Some(f64::from(value));
    // They run at one height for long: wide ones show on both sides of narrow ones.
    let mut lines = vec![
        Line {
            label: "desired".to_owned(),
            color: SKY,
            stroke: 9,
            filled: false,
            points: counts()
                .map(|(at, counts)| (*at, count(counts.desired)))
                .collect(),
        },
        Line {
            label: "in service (N)".to_owned(),
            color: INK,
            stroke: 5,
            filled: true,
            points: counts()
                .map(|(at, counts)| (*at, count(counts.in_service)))
                .collect(),
        },
    ];
    if row.target_capacity.is_some() {
        lines.push(minutes(row, "needed (M)", ORANGE, |minute| {
            count(minute.needed)
        }));
    }
    Chart {
        name: "capacity-provider",
        title: format!("instances of capacity provider {}", row.name),
        y_label: "instances".to_owned(),
        y: Axis::Count,
        lines,
        level: None,
        nothing: None,
    }
}

/// Where managed scaling has changed the desired capacity.
fn decisions(row: &CapacityProviderRow) -> [Marks; 2] {
    let marks = |label: &str, color, up, of: fn(&ManagedScalingDecision) -> Option<u32>| {
        let minutes = row.minutes.iter();
        let points = minutes.filter_map(|minute| {
            let to = of(&minute.decision)?;
            Some((minute.at, f64::from(to)))
        });
        Marks {
            label: label.to_owned(),
            color,
            up,
            points: points.collect(),
        }
    };
    [
        marks("scale-out", BLUE, true, |decision| match decision {
            ManagedScalingDecision::ScaleOut { to } => Some(*to),
            _ => None,
        }),
        marks("scale-in", VERMILION, false, |decision| match decision {
            ManagedScalingDecision::ScaleIn { to } => Some(*to),
            _ => None,
        }),
    ]
}

fn reservation(row: &CapacityProviderRow, target: u32) -> Chart {
    let percent = |minute: &ManagedScalingMinute| {
        let thousandths = u64::try_from(minute.reservation.metric_value().0).ok()?;
        Some(float(thousandths) / 1_000.0)
    };
    Chart {
        name: "capacity-provider",
        title: format!("CapacityProviderReservation of {}", row.name),
        y_label: "percent".to_owned(),
        y: Axis::Amount,
        lines: vec![minutes(row, "M / N", BLUE, percent)],
        level: Some(("targetCapacity", VERMILION, f64::from(target))),
        nothing: None,
    }
}

fn provisioning(row: &CapacityProviderRow) -> Chart {
    let waited = row.managed_scaling.provisioning_peak > 0;
    Chart {
        name: "capacity-provider",
        title: format!("tasks waiting for {}", row.name),
        y_label: "tasks".to_owned(),
        y: Axis::Count,
        lines: vec![Line {
            filled: true,
            ..minutes(row, "PROVISIONING", ORANGE, |minute| {
                Some(f64::from(minute.provisioning_tasks))
            })
        }],
        level: None,
        nothing: (!waited).then_some("No task waited at a minute of managed scaling."),
    }
}

/// What managed scaling saw, from each minute to the next.
fn minutes(
    row: &CapacityProviderRow,
    label: &str,
    color: RGBColor,
    of: impl Fn(&ManagedScalingMinute) -> Option<f64>,
) -> Line {
    let minutes = row.minutes.iter();
    Line {
        label: label.to_owned(),
        color,
        stroke: 2,
        filled: false,
        points: minutes.map(|minute| (minute.at, of(minute))).collect(),
    }
}

/// Spot Instances that run, and those that EC2 takes back; below, where there are several, the
/// pools that had most. `None` where the scenario has no pools.
pub fn spot(run: &Run) -> Option<Result<String, PlotError>> {
    if run.spot_pools.is_empty() {
        return None;
    }
    let mut pools: Vec<&SpotPoolRow> = run.spot_pools.iter().collect();
    pools.retain(|pool| pool.instances.launched > 0);
    let all = running_together(&pools);
    let taken_back = Marks {
        label: "taken back by EC2".to_owned(),
        color: VERMILION,
        up: false,
        points: all
            .iter()
            .filter(|row| row.interrupted)
            .map(|row| (row.at, float(row.running)))
            .collect(),
    };
    let running = Line {
        label: "RUNNING".to_owned(),
        color: BLUE,
        stroke: 2,
        filled: true,
        points: all
            .iter()
            .map(|row| (row.at, Some(float(row.running))))
            .collect(),
    };
    let chart = |title: String, lines| Chart {
        name: "spot",
        title,
        y_label: "instances".to_owned(),
        y: Axis::Count,
        lines,
        level: None,
        nothing: pools.is_empty().then_some("No Spot Instance was launched."),
    };
    let mut charts = vec![chart("Spot Instances".to_owned(), vec![running])];
    if pools.len() > 1 {
        let left_out = if pools.len() > POOLS.len() {
            format!(", the {} busiest of {}", POOLS.len(), pools.len())
        } else {
            String::new()
        };
        let title = format!("Spot Instances by pool{left_out}");
        charts.push(chart(title, by_pool(&pools)));
    }
    Some(stacked_with(&charts, &[taken_back], run.into()))
}

/// Spot Instances of all pools from a time on.
struct SpotStep {
    at: SimTime,
    running: u64,
    /// Whether EC2 takes some back at that time.
    interrupted: bool,
}

fn running_together(pools: &[&SpotPoolRow]) -> Vec<SpotStep> {
    let changes = pools.iter().enumerate();
    let changes = changes.flat_map(|(pool, row)| {
        let rows = row.counts.iter();
        rows.map(move |(at, counts)| (*at, pool, counts.running, counts.interruptions))
    });
    let mut changes: Vec<_> = changes.collect();
    changes.sort_by_key(|(at, ..)| *at);
    let mut now = vec![(0, 0); pools.len()];
    let mut rows: Vec<SpotStep> = vec![SpotStep {
        at: SimTime::ZERO,
        running: 0,
        interrupted: false,
    }];
    for (at, pool, running, interruptions) in changes {
        let (_, before) = std::mem::replace(&mut now[pool], (running, interruptions));
        let interrupted = interruptions > before;
        let running = now.iter().map(|(running, _)| running).sum();
        match rows.last_mut() {
            Some(row) if row.at == at => {
                row.running = running;
                row.interrupted |= interrupted;
            }
            _ => rows.push(SpotStep {
                at,
                running,
                interrupted,
            }),
        }
    }
    rows
}

/// The pools in which instances ran longest.
fn by_pool(pools: &[&SpotPoolRow]) -> Vec<Line> {
    let mut pools = pools.to_vec();
    pools.sort_by_key(|pool| Reverse(pool.instances.running_millis));
    let lines = pools.into_iter().zip(POOLS);
    lines
        .map(|(pool, color)| Line {
            label: format!("{} {}", pool.instance_type, pool.availability_zone),
            color,
            stroke: 2,
            filled: false,
            points: pool
                .counts
                .iter()
                .map(|(at, counts)| (*at, Some(float(counts.running))))
                .collect(),
        })
        .collect()
}
