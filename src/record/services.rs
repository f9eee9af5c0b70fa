//! The ledger of services: counts integrated over time, deployments, events.
//!
//! Each service is integrated when its counts change, never sampled: what one state lasted is
//! exact, and a service in which nothing happens costs nothing.

use std::collections::{BTreeMap, VecDeque};

use crate::cloud::ServiceMinute;
use crate::control::service_auto_scaling::ScalingActivity;
use crate::control::{Deployment, EventSeverity, ServiceEvent};
use crate::model::{EntryId, ServiceId, Stop};
use crate::placement::{Reason, Reasons, StrategySpec};
use crate::scenario::{Scenario, SchedulingStrategy, Service};
use crate::simulation::ServiceCounts;
use crate::units::{Millis, NanoUsd, SimTime};

use super::per_resource::Fraction;
use super::service_load::LoadOverTime;
use super::service_row::{
    CountOverTime, DeploymentRow, ServiceEventRow, ServiceRow, ServiceSample,
};

/// The events that a service keeps (DescribeServices shows as many).
pub const LATEST_EVENTS: usize = 100;
/// The warnings and errors that it keeps beside them.
const TROUBLES: usize = 10;

/// All services of a run.
#[derive(Debug)]
pub(super) struct Services {
    rows: Vec<Meter>,
    /// Services are numbered after the entries of `tasks`.
    first_entry: u32,
    period: Millis,
    keep_rows: bool,
}

/// One service as the run goes on.
#[derive(Debug, Default)]
struct Meter {
    /// What the scenario gives, and what is only counted up.
    row: ServiceRow,
    counts: ServiceCounts,
    /// Since when the counts are these.
    since: SimTime,
    integrals: [u128; 6],
    least: Option<[u32; 6]>,
    peak: [u32; 6],
    available: u64,
    next_sample: SimTime,
    failures: [u64; Reason::ALL.len()],
    deployments: BTreeMap<u32, Deployment>,
    events: VecDeque<ServiceEventRow>,
    troubles: VecDeque<ServiceEventRow>,
    scalings: VecDeque<ScalingActivity>,
    /// The load since the last sample.
    recent_load: LoadOverTime,
    /// Whether the scenario says what its tasks use of their memory: else that is unknown.
    uses_memory: bool,
}

impl Services {
    /// The services of a scenario. With `keep_rows` every event and a sample each
    /// `timeseriesPeriod` are kept.
    pub(super) fn new(scenario: &Scenario, keep_rows: bool) -> Self {
        let period = scenario.timeseries_period.max(Millis(1));
        let meter = |service: &Service| {
            let created_at = service.created_at;
            let periods = created_at.0.div_ceil(period.0);
            Meter {
                row: ServiceRow {
                    name: service.name.clone(),
                    scheduling_strategy: match service.scheduling_strategy {
                        SchedulingStrategy::Replica => "REPLICA",
                        SchedulingStrategy::Daemon => "DAEMON",
                    },
                    placement_strategy: strategy(scenario, service),
                    created_at,
                    scalable_target: service
                        .scaling
                        .as_ref()
                        .map(|scaling| scaling.target.clone()),
                    ..ServiceRow::default()
                },
                since: created_at,
                next_sample: SimTime(periods.saturating_mul(period.0)),
                uses_memory: service.request_cost.uses_memory(),
                ..Meter::default()
            }
        };
        Self {
            rows: scenario.services.iter().map(meter).collect(),
            first_entry: scenario.entry_of(ServiceId(0)).0,
            period,
            keep_rows,
        }
    }

    /// The chains of strategies of the services that have one, by short names.
    pub(super) fn chains(&self) -> impl Iterator<Item = String> {
        let rows = self.rows.iter();
        rows.filter_map(|meter| meter.row.placement_strategy.clone())
    }

    /// The counts of a service have changed.
    pub(super) fn counted(&mut self, at: SimTime, service: ServiceId, counts: ServiceCounts) {
        let samples = self.keep_rows.then_some(self.period);
        let row = &mut self.rows[service.index()];
        row.hold(at, samples);
        row.counts = counts;
    }

    /// A service has told something.
    pub(super) fn told(&mut self, at: SimTime, service: ServiceId, event: ServiceEvent) {
        let meter = &mut self.rows[service.index()];
        let row = ServiceEventRow { at, event };
        let severity = event.severity();
        if event == ServiceEvent::SteadyState && meter.row.steady_at.is_none() {
            meter.row.steady_at = Some(at);
        }
        let [info, warn, error] = &mut meter.row.event_counts;
        *match severity {
            EventSeverity::Info => info,
            EventSeverity::Warn => warn,
            EventSeverity::Error => error,
        } += 1;
        if severity > EventSeverity::Info {
            if meter.troubles.len() == TROUBLES {
                meter.troubles.pop_front();
            }
            meter.troubles.push_back(row);
        }
        if !self.keep_rows && meter.events.len() == LATEST_EVENTS {
            meter.events.pop_front();
        }
        meter.events.push_back(row);
    }

    /// A minute of a service with load is over.
    pub(super) fn minute(&mut self, at: SimTime, service: ServiceId, metrics: &ServiceMinute) {
        let samples = self.keep_rows.then_some(self.period);
        let meter = &mut self.rows[service.index()];
        meter.hold(at, samples);
        let metrics = ServiceMinute {
            memory_utilization: metrics
                .memory_utilization
                .filter(|used| *used > 0 || meter.uses_memory),
            ..*metrics
        };
        meter.row.load.add(&metrics);
        if self.keep_rows {
            meter.recent_load.add(&metrics);
        }
    }

    /// Auto scaling has changed a desired count.
    pub(super) fn scaled(&mut self, service: ServiceId, activity: &ScalingActivity) {
        let meter = &mut self.rows[service.index()];
        if activity.desired_capacity > activity.previous_capacity {
            meter.row.scaled_out += 1;
        } else {
            meter.row.scaled_in += 1;
        }
        if !self.keep_rows && meter.scalings.len() == LATEST_EVENTS {
            meter.scalings.pop_front();
        }
        meter.scalings.push_back(activity.clone());
    }

    /// A service has found no instance for a task.
    pub(super) fn not_placed(&mut self, service: ServiceId, reasons: Reasons) {
        let meter = &mut self.rows[service.index()];
        meter.row.attempts += 1;
        for (reason, count) in Reason::ALL.into_iter().zip(&mut meter.failures) {
            *count += u64::from(reasons.contains(reason));
        }
    }

    fn of(&mut self, entry: EntryId) -> Option<&mut Meter> {
        let row = entry.0.checked_sub(self.first_entry)?;
        self.rows.get_mut(ServiceId(row).index())
    }

    /// A task was placed: one of a service, perhaps.
    #[inline]
    pub(super) fn placed(&mut self, entry: EntryId) {
        if let Some(meter) = self.of(entry) {
            meter.row.attempts += 1;
        }
    }

    /// A task has cost so much: one of a service, perhaps.
    #[inline]
    pub(super) fn charge(&mut self, entry: EntryId, cost: NanoUsd) {
        if let Some(meter) = self.of(entry) {
            meter.row.used += cost;
        }
    }

    /// A task has stopped: one of a service, perhaps.
    pub(super) fn task_stopped(&mut self, entry: EntryId, stop: &Stop) {
        if let Some(meter) = self.of(entry) {
            *meter
                .row
                .stop_reasons
                .entry(stop.reason.kind())
                .or_default() += 1;
        }
    }

    /// A deployment is no longer what it was.
    pub(super) fn deployed(&mut self, service: ServiceId, deployment: &Deployment) {
        let deployments = &mut self.rows[service.index()].deployments;
        deployments.insert(deployment.number, deployment.clone());
    }

    /// Ends the run.
    pub(super) fn finish(self, end: SimTime) -> Vec<ServiceRow> {
        let samples = self.keep_rows.then_some(self.period);
        let rows = self.rows.into_iter();
        rows.map(|meter| meter.finish(end, samples)).collect()
    }
}

impl Meter {
    /// The counts have held until `to`; with a period samples are taken.
    fn hold(&mut self, to: SimTime, period: Option<Millis>) {
        let span = to.0.saturating_sub(self.since.0);
        if span == 0 {
            return;
        }
        let counts = values(self.counts);
        for (integral, count) in self.integrals.iter_mut().zip(counts) {
            *integral += u128::from(count) * u128::from(span);
        }
        let least = self.least.unwrap_or(counts);
        self.least = Some(each(least, counts, u32::min));
        self.peak = each(self.peak, counts, u32::max);
        let ServiceCounts {
            desired,
            lower_limit,
            healthy,
            ..
        } = self.counts;
        if healthy >= lower_limit.max(desired.min(1)) {
            self.available += span;
            self.row.ready_at = self.row.ready_at.or(Some(self.since));
        }
        if healthy == 0 && desired > 0 {
            self.row.without_healthy += Millis(span);
        }
        while let Some(period) = period.filter(|_| self.next_sample < to) {
            self.row.samples.push(ServiceSample {
                at: self.next_sample,
                counts: self.counts,
                load: self.recent_load.take_sample(),
            });
            self.next_sample = self.next_sample.saturating_add(period);
        }
        self.since = to;
    }

    fn finish(mut self, end: SimTime, period: Option<Millis>) -> ServiceRow {
        self.hold(end, period);
        let lived = end.0.saturating_sub(self.row.created_at.0);
        let share = |part: u128, whole: u64| Fraction {
            part,
            whole: u128::from(whole),
        };
        let (last, peak) = (values(self.counts), self.peak);
        let over_time = |of: usize| CountOverTime {
            mean: share(self.integrals[of], lived),
            least: self.least.map(|least| least[of]),
            peak: self.least.map(|_| peak[of]),
            last: self.least.map(|_| last[of]),
        };
        let ready = self.row.ready_at.map_or(0, |at| end.since(at).0);
        let available = u128::from(self.available);
        let failures = Reason::ALL.into_iter().zip(self.failures);
        ServiceRow {
            lived: Millis(lived),
            desired: over_time(0),
            lower_limit: over_time(1),
            pending: over_time(2),
            running: over_time(3),
            healthy: over_time(4),
            stopping: over_time(5),
            availability: share(available, lived),
            availability_since_ready: share(available, ready),
            failures: failures.filter(|(_, count)| *count > 0).collect(),
            deployments: deployments(self.deployments),
            scalings: self.scalings.into(),
            events: self.events.into(),
            troubles: self.troubles.into(),
            ..self.row
        }
    }
}

/// The counts, in the order of their declaration.
const fn values(counts: ServiceCounts) -> [u32; 6] {
    [
        counts.desired,
        counts.lower_limit,
        counts.pending,
        counts.running,
        counts.healthy,
        counts.stopping,
    ]
}

fn each(mut some: [u32; 6], others: [u32; 6], of: fn(u32, u32) -> u32) -> [u32; 6] {
    for (one, other) in some.iter_mut().zip(others) {
        *one = of(*one, other);
    }
    some
}

fn deployments(by_number: BTreeMap<u32, Deployment>) -> Vec<DeploymentRow> {
    let rolled_back: BTreeMap<u32, u32> = by_number
        .values()
        .filter_map(|deployment| Some((deployment.rolls_back?, deployment.number)))
        .collect();
    let rows = by_number.into_values().map(|last| DeploymentRow {
        rolled_back_by: rolled_back.get(&last.number).copied(),
        last,
    });
    rows.collect()
}

/// The chain by short name. Without one a service's tasks go to the zone with the fewest of them,
/// inside it to the instance with the fewest; DAEMON tasks and those on Fargate have no choice.
fn strategy(scenario: &Scenario, service: &Service) -> Option<String> {
    let is_daemon = service.scheduling_strategy == SchedulingStrategy::Daemon;
    if is_daemon || scenario.runs_on_fargate(&service.capacity) {
        return None;
    }
    let chain = service.placement_strategy.iter();
    let names: Vec<String> = chain.map(StrategySpec::to_string).collect();
    Some(if names.is_empty() {
        "spread-az+spread-instance".to_owned()
    } else {
        names.join("+")
    })
}
