//! The ledger of Fargate tasks: how many of which size there were, how long they were billed for,
//! what that cost.
//!
//! Each task is a line of the bill, rounded once; the rows here are sums of such lines.

use std::collections::BTreeMap;

use crate::cloud::fargate::FREE_STORAGE_GIB;
use crate::model::{
    EntryId, FargateCapacity, FargatePlace, FargatePlatform, FargateRates, Task, TaskDefinitionId,
    TaskStopCode,
};
use crate::scenario::{FargatePrices, Scenario};
use crate::units::{CpuUnits, MemoryMib, Millis, NanoUsd, SimTime};

use super::fargate_price::FargatePrice;
use super::per_resource::Fraction;

/// What Fargate tasks of one row have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FargateKind {
    /// Their entry of `tasks`, or their service.
    pub entry: EntryId,
    /// `FARGATE` or `FARGATE_SPOT`.
    pub capacity: FargateCapacity,
    /// Their zone.
    pub availability_zone: String,
    /// Operating system and architecture.
    pub platform: FargatePlatform,
    /// CPU units of each.
    pub cpu: CpuUnits,
    /// Memory of each.
    pub memory: MemoryMib,
    /// Ephemeral storage of each in GiB.
    pub storage_gib: u32,
}

/// Fargate tasks of one kind, over the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FargateUse {
    /// What they have in common.
    pub kind: FargateKind,
    /// How many were placed.
    pub tasks: u64,
    /// How many of them ended because their capacity was taken back.
    pub interrupted: u64,
    /// The time that they are billed for together, in milliseconds.
    pub billed_millis: u128,
    /// The same for each hour of the run from its start; what is billed beyond its end falls into
    /// the last one.
    pub billed_by_hour: Vec<u128>,
    /// Their prices.
    pub rates: FargateRates,
    /// What they cost: the sum of each one's cost, rounded once.
    pub cost: NanoUsd,
}

impl FargateUse {
    /// Ephemeral storage of each task that is paid for, in GiB.
    pub fn paid_storage_gib(&self) -> u32 {
        self.kind.storage_gib.saturating_sub(FREE_STORAGE_GIB)
    }
}

/// What `tasks.csv` says of a Fargate task beside its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FargateTask {
    /// Where it ran.
    pub place: FargatePlace,
    /// What it cost.
    pub cost: NanoUsd,
}

/// Fargate over a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FargateRun {
    /// By entry, capacity, zone, platform, size.
    pub uses: Vec<FargateUse>,
    /// The most tasks placed at a time, On-Demand and Spot.
    pub peak: [u64; 2],
    /// Placed on average.
    pub mean: [Fraction; 2],
    /// Fargate tasks by their index in the rows of tasks, when these were kept.
    pub(super) tasks: Vec<FargateTask>,
    /// Names of zones, by their ids.
    pub(super) zones: Vec<String>,
}

#[derive(Debug, Clone)]
struct Meter {
    price: FargatePrice,
    rates: FargateRates,
    billed_by_hour: Vec<u128>,
    tasks: u64,
    interrupted: u64,
    billed_millis: u128,
    cost: NanoUsd,
}

/// Keeps the ledger.
#[derive(Debug)]
pub(super) struct FargateLedger {
    prices: FargatePrices,
    /// Hours of the run, a part of one included.
    hours: usize,
    /// Platform and ephemeral storage of each definition.
    definitions: Vec<(FargatePlatform, u32)>,
    meters: BTreeMap<FargateKind, Meter>,
    zones: Vec<String>,
    now: [u64; 2],
    peak: [u64; 2],
    integral: [u128; 2],
    tasks: Vec<FargateTask>,
}

impl FargateLedger {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let definitions = scenario.task_definitions.iter();
        Self {
            prices: scenario.fargate.prices,
            hours: usize::try_from(scenario.duration.0.div_ceil(Millis::HOUR.0))
                .expect("a run has fewer hours than memory has places"),
            definitions: definitions
                .map(|definition| {
                    let storage = definition.ephemeral_storage_gib;
                    let platform = FargatePlatform::of(Some(definition));
                    (platform, storage.unwrap_or(FREE_STORAGE_GIB))
                })
                .collect(),
            meters: BTreeMap::new(),
            zones: Vec::new(),
            now: [0; 2],
            peak: [0; 2],
            integral: [0; 2],
            tasks: Vec::new(),
        }
    }

    fn kind(&self, task: &Task, place: FargatePlace) -> FargateKind {
        let default = (FargatePlatform::LinuxX86, FREE_STORAGE_GIB);
        let of = |id: TaskDefinitionId| self.definitions[id.index()];
        let (platform, storage_gib) = task.definition.map_or(default, of);
        FargateKind {
            entry: task.entry,
            capacity: place.capacity,
            availability_zone: self.zones[place.zone.index()].clone(),
            platform,
            cpu: task.needs.cpu,
            memory: task.needs.memory,
            storage_gib,
        }
    }

    fn meter(&mut self, task: &Task, place: FargatePlace) -> &mut Meter {
        let kind = self.kind(task, place);
        let rates = self.prices.of(kind.capacity, kind.platform);
        let size = (kind.cpu, kind.memory);
        let (platform, storage) = (kind.platform, kind.storage_gib);
        let (rates, hours) = (rates.unwrap_or_default(), self.hours);
        self.meters.entry(kind).or_insert_with(|| Meter {
            price: FargatePrice::new(rates, platform, size, storage),
            rates,
            billed_by_hour: vec![0; hours],
            tasks: 0,
            interrupted: 0,
            billed_millis: 0,
            cost: NanoUsd::ZERO,
        })
    }

    /// A task was placed, in a zone of this name. Its index among Fargate's rows of tasks, when
    /// these are kept.
    pub(super) fn placed(
        &mut self,
        task: &Task,
        place: FargatePlace,
        zone: &str,
        keep_row: bool,
    ) -> Option<u32> {
        if self.zones.len() <= place.zone.index() {
            self.zones.resize(place.zone.index() + 1, String::new());
        }
        if self.zones[place.zone.index()].is_empty() {
            zone.clone_into(&mut self.zones[place.zone.index()]);
        }
        self.meter(task, place).tasks += 1;
        let now = &mut self.now[place.capacity.index()];
        *now += 1;
        if !keep_row {
            return None;
        }
        let cost = NanoUsd::ZERO;
        self.tasks.push(FargateTask { place, cost });
        u32::try_from(self.tasks.len() - 1).ok()
    }

    /// The price of a placed task.
    pub(super) fn price(&mut self, task: &Task, place: FargatePlace) -> FargatePrice {
        self.meter(task, place).price
    }

    /// A task has stopped, or stands at the end of the run: what it cost. One whose images were
    /// never pulled costs nothing.
    pub(super) fn charge(
        &mut self,
        until: SimTime,
        task: &Task,
        place: FargatePlace,
        row: Option<u32>,
    ) -> NanoUsd {
        let meter = self.meter(task, place);
        let code = task.stop.map(|stop| stop.code);
        meter.interrupted += u64::from(code == Some(TaskStopCode::SpotInterruption));
        let Some(since) = task.pull_started_at else {
            return NanoUsd::ZERO;
        };
        let used = until.since(since);
        let cost = meter.price.cost(used);
        let Millis(billed) = meter.price.billed(used);
        meter.billed_millis += u128::from(billed);
        add_by_hour(&mut meter.billed_by_hour, since, Millis(billed));
        meter.cost += cost;
        if let Some(row) = row {
            self.tasks[crate::units::index(row)].cost = cost;
        }
        cost
    }

    /// A task has stopped: its place is free.
    pub(super) fn left(&mut self, place: FargatePlace) {
        self.now[place.capacity.index()] -= 1;
    }

    /// The state lasts for a span.
    pub(super) fn hold(&mut self, span: u64) {
        for place in 0..2 {
            self.peak[place] = self.peak[place].max(self.now[place]);
            self.integral[place] += u128::from(self.now[place]) * u128::from(span);
        }
    }

    /// Tasks placed now.
    pub(super) fn placed_now(&self, capacity: FargateCapacity) -> u64 {
        self.now[capacity.index()]
    }

    /// The figures of the whole run.
    pub(super) fn finish(self, duration: Millis) -> FargateRun {
        let whole = u128::from(duration.0);
        let uses = self.meters.into_iter().map(|(kind, meter)| FargateUse {
            kind,
            tasks: meter.tasks,
            interrupted: meter.interrupted,
            billed_millis: meter.billed_millis,
            billed_by_hour: meter.billed_by_hour,
            rates: meter.rates,
            cost: meter.cost,
        });
        FargateRun {
            uses: uses.collect(),
            peak: self.peak,
            mean: self.integral.map(|part| Fraction { part, whole }),
            tasks: self.tasks,
            zones: self.zones,
        }
    }
}

/// Parts a span of time over the hours of the run.
fn add_by_hour(hours: &mut [u128], SimTime(from): SimTime, Millis(span): Millis) {
    let hour = |at: u64| usize::try_from(at / Millis::HOUR.0).unwrap_or(usize::MAX);
    let last = hours.len().saturating_sub(1);
    let (mut at, until) = (from, from + span);
    while at < until {
        let next = (at / Millis::HOUR.0 + 1) * Millis::HOUR.0;
        let place = hour(at).min(last);
        let to = if place == last {
            until
        } else {
            next.min(until)
        };
        if let Some(sum) = hours.get_mut(place) {
            *sum += u128::from(to - at);
        }
        at = to;
    }
}

#[cfg(test)]
mod tests {
    use super::add_by_hour;
    use crate::units::{Millis, SimTime};

    #[test]
    fn time_is_parted_over_the_hours_of_the_run() {
        const HOUR: u64 = Millis::HOUR.0;
        let mut hours = [0; 3];
        add_by_hour(&mut hours, SimTime(HOUR / 2), Millis(2 * HOUR));
        assert_eq!(hours.map(|hour| hour * 2 / u128::from(HOUR)), [1, 2, 1]);
        // What is billed beyond the end is in the last hour.
        add_by_hour(&mut hours, SimTime(3 * HOUR - 1), Millis(60_000));
        assert_eq!(hours[2], u128::from(HOUR / 2 + 60_000));
        add_by_hour(&mut hours, SimTime(0), Millis(0));
        assert_eq!(hours[0], u128::from(HOUR / 2));
    }
}
