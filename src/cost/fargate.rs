//! Fargate in the summary.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::FargateCapacity;
use crate::record::{FargateUse, Fraction, Run};
use crate::units::{Millis, NanoUsd};

/// Fargate over a run: the key `fargate` of the summary.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FargateSummary {
    /// Tasks that were placed on Fargate.
    pub tasks: u64,
    /// Tasks of these whose Fargate Spot capacity was taken back.
    pub interrupted: u64,
    /// Refused attempts by reason.
    pub refused: BTreeMap<String, u64>,
    /// Hours that tasks are billed for, by `<CPU units>/<MiB>`.
    pub task_hours: BTreeMap<String, Option<f64>>,
    /// vCPU-hours of these.
    pub vcpu_hours: Option<f64>,
    /// GB-hours of these.
    pub memory_gb_hours: Option<f64>,
    /// `FARGATE` and `FARGATE_SPOT`, as far as tasks ran there.
    pub by_capacity_provider: BTreeMap<String, FargateCapacitySummary>,
}

/// One of Fargate's two capacity providers over a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FargateCapacitySummary {
    /// Tasks that were placed there.
    pub tasks: u64,
    /// Tasks of these whose capacity was taken back.
    pub interrupted: u64,
    /// The most placed at a time.
    pub peak: u64,
    /// Placed on average.
    pub mean: Option<f64>,
    /// vCPU-hours that are billed.
    pub vcpu_hours: Option<f64>,
    /// GB-hours that are billed.
    pub memory_gb_hours: Option<f64>,
    /// What that costs.
    pub cost_usd: NanoUsd,
}

/// Billed time, weighted.
#[derive(Debug, Clone, Copy, Default)]
struct Hours {
    tasks: u128,
    cpu: u128,
    memory: u128,
}

impl Hours {
    fn add(&mut self, of: &FargateUse) {
        self.tasks += of.billed_millis;
        self.cpu += of.billed_millis * u128::from(of.kind.cpu.0);
        self.memory += of.billed_millis * u128::from(of.kind.memory.0);
    }

    /// Hours of what comes in 1,024 units each.
    fn of_units(part: u128) -> Option<f64> {
        let whole = 1_024 * u128::from(Millis::HOUR.0);
        Fraction { part, whole }.to_f64()
    }

    fn of_tasks(self) -> Option<f64> {
        let whole = u128::from(Millis::HOUR.0);
        Fraction {
            part: self.tasks,
            whole,
        }
        .to_f64()
    }
}

/// Fargate's part of the summary; `None` where no task was placed there and none refused.
pub(super) fn summary(run: &Run) -> Option<FargateSummary> {
    let failures = run.placement.failures.iter();
    let refused: BTreeMap<String, u64> = failures
        .filter(|(reason, _)| reason.is_of_fargate())
        .map(|(reason, count)| (reason.name().to_owned(), *count))
        .collect();
    if run.fargate.uses.is_empty() && refused.is_empty() {
        return None;
    }
    let mut all = Hours::default();
    let mut sizes: BTreeMap<String, Hours> = BTreeMap::new();
    for of in &run.fargate.uses {
        all.add(of);
        let size = format!("{}/{}", of.kind.cpu.0, of.kind.memory.0);
        sizes.entry(size).or_default().add(of);
    }
    let capacities = FargateCapacity::ALL.into_iter();
    let by_capacity = capacities.filter_map(|capacity| {
        let summary = of_capacity(run, capacity)?;
        Some((capacity.name().to_owned(), summary))
    });
    Some(FargateSummary {
        tasks: run.fargate.uses.iter().map(|of| of.tasks).sum(),
        interrupted: run.fargate.uses.iter().map(|of| of.interrupted).sum(),
        refused,
        task_hours: sizes
            .into_iter()
            .map(|(size, hours)| (size, hours.of_tasks()))
            .collect(),
        vcpu_hours: Hours::of_units(all.cpu),
        memory_gb_hours: Hours::of_units(all.memory),
        by_capacity_provider: by_capacity.collect(),
    })
}

fn of_capacity(run: &Run, capacity: FargateCapacity) -> Option<FargateCapacitySummary> {
    let uses = run.fargate.uses.iter();
    let uses: Vec<&FargateUse> = uses.filter(|of| of.kind.capacity == capacity).collect();
    if uses.is_empty() {
        return None;
    }
    let mut hours = Hours::default();
    for of in &uses {
        hours.add(of);
    }
    let place = capacity.index();
    Some(FargateCapacitySummary {
        tasks: uses.iter().map(|of| of.tasks).sum(),
        interrupted: uses.iter().map(|of| of.interrupted).sum(),
        peak: run.fargate.peak[place],
        mean: run.fargate.mean[place].to_f64(),
        vcpu_hours: Hours::of_units(hours.cpu),
        memory_gb_hours: Hours::of_units(hours.memory),
        cost_usd: uses.iter().map(|of| of.cost).sum(),
    })
}
