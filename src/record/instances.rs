//! What each instance hosted, integrated over time, and how full the cluster and its parts were.
//!
//! Utilization is integrated, never sampled. With reserved_i(t) and registered_i(t) of the
//! instances i of a group (the cluster, a zone, an instance type, a capacity provider):
//!
//! reservedMean = integral of (sum over i of reserved_i) / integral of (sum over i of registered_i)
//!
//! reservedPeak = the highest (sum over i of reserved_i(t)) / (sum over i of registered_i(t))
//!
//! over the states that last: what begins and ends within one instant has no peak.

use std::collections::BTreeMap;

use crate::model::{ContainerInstanceId, EndReason, InstanceSource, PurchaseOption};
use crate::units::{HourlyRate, Millis, NanoUsd, RateOverTime, Resources, SimTime, id};

use super::billed_span::{BillingIncrement, EndedBy, billed_time};
use super::per_resource::{Fraction, Peak, PerResource};

/// What a group of instances has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// All instances of the cluster.
    Cluster,
    /// Their zone.
    AvailabilityZone,
    /// Their instance type.
    InstanceType,
    /// The capacity provider that launched them; empty for a fixed fleet.
    CapacityProvider,
}

/// How full a group of instances was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupUtilization {
    /// What its instances have in common.
    pub kind: GroupKind,
    /// The zone, instance type or capacity provider; empty for the cluster.
    pub name: String,
    /// How many instances ever were of it.
    pub instances: u64,
    /// Reserved over registered, integrated.
    pub reserved_mean: PerResource<Fraction>,
    /// The highest reserved over registered.
    pub reserved_peak: PerResource<Fraction>,
}

#[derive(Debug, Default)]
struct Group {
    /// That ever were of it.
    instances: u64,
    registered: PerResource<u64>,
    reserved: PerResource<u64>,
    peak: PerResource<Peak>,
    changed: bool,
}

/// What is known of an instance when it registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceFacts {
    /// Its id.
    pub id: ContainerInstanceId,
    /// Its type.
    pub instance_type: String,
    /// Its zone.
    pub availability_zone: String,
    /// How it is paid for.
    pub purchase_option: PurchaseOption,
    /// Who launched it; empty for a fixed fleet.
    pub capacity_provider: String,
    /// Where it comes from.
    pub source: InstanceSource,
    /// Its price, which of a Spot Instance may change while it lives.
    pub price: RateOverTime,
    /// The On-Demand price of its type.
    pub on_demand: HourlyRate,
    /// What it registered.
    pub registered: Resources,
    /// When it was launched and its bill began.
    pub launched_at: SimTime,
    /// When it registered; `None` for one that was RUNNING and never did.
    pub registered_at: Option<SimTime>,
}

/// What became of an instance: a row of `instances.csv`, but for its bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
    /// What was known when it registered.
    pub facts: InstanceFacts,
    /// When it was terminated; `None` while it lives.
    pub terminated_at: Option<SimTime>,
    /// Why it was terminated; `None` while it lives.
    pub end_reason: Option<EndReason>,
    /// Integral of what was reserved: CPU-unit-, MiB- and GPU-milliseconds.
    pub reserved_millis: PerResource<u128>,
    /// Tasks that were placed on it.
    pub tasks_run: u64,
    /// Sum of what its tasks cost, each rounded once.
    pub used: NanoUsd,
}

impl InstanceFacts {
    /// The time that it is billed for when it has existed until then: nothing when EC2 takes it
    /// back in its first hour.
    pub fn billed(&self, until: SimTime, ended: Option<EndReason>) -> Millis {
        let ended_by = match ended {
            Some(EndReason::SpotInterruption) => EndedBy::Ec2,
            _ => EndedBy::Owner,
        };
        let lived = until.since(self.launched_at);
        billed_time(lived, ended_by, BillingIncrement::Second)
    }

    /// What that time costs, rounded once.
    pub fn cost(&self, until: SimTime, ended: Option<EndReason>) -> NanoUsd {
        let billed_until = self.launched_at.saturating_add(self.billed(until, ended));
        self.price.cost_between(self.launched_at, billed_until)
    }
}

impl InstanceRow {
    /// The time that it is billed for, in a run that ends then.
    pub fn billed(&self, end: SimTime) -> Millis {
        self.facts
            .billed(self.terminated_at.unwrap_or(end), self.end_reason)
    }

    /// What it cost by its own price, rounded once.
    pub fn cost(&self, end: SimTime) -> NanoUsd {
        self.facts
            .cost(self.terminated_at.unwrap_or(end), self.end_reason)
    }

    /// Whether EC2 took it back in its first hour, which is not billed.
    pub fn is_free(&self) -> bool {
        let ended = self.terminated_at.zip(self.end_reason);
        ended.is_some_and(|(at, reason)| is_free(&self.facts, at, reason))
    }

    /// `end_reason` of `instances.csv`: empty while it lives.
    pub fn end_reason_name(&self) -> &'static str {
        self.end_reason.map_or("", EndReason::name)
    }
}

#[derive(Debug)]
struct Instance {
    facts: InstanceFacts,
    terminated: Option<(SimTime, EndReason)>,
    groups: [usize; 4],
    changed_at: SimTime,
    reserved: PerResource<u64>,
    reserved_millis: PerResource<u128>,
    tasks_now: u64,
    tasks_run: u64,
    used: NanoUsd,
}

/// The ledger of instances, and the groups they belong to.
#[derive(Debug, Default)]
pub(super) struct Instances {
    rows: Vec<Instance>,
    unregistered: Vec<(InstanceFacts, Option<(SimTime, EndReason)>)>,
    groups: Vec<Group>,
    group_rows: BTreeMap<(GroupKind, String), usize>,
    changed_groups: Vec<usize>,
    with_tasks: u64,
    with_tasks_peak: u64,
    with_tasks_integral: u128,
    registered_peak: u64,
    terminated: u64,
}

/// The number of instances over the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InstanceCounts {
    /// The most registered at a time.
    pub peak: u64,
    /// Registered on average.
    pub mean: Fraction,
    /// Launched in the run.
    pub launched: u64,
    /// Terminated in the run.
    pub terminated: u64,
    /// Instances that ever hosted a task.
    pub used: u64,
    /// The most that hosted a task at a time.
    pub used_peak: u64,
    /// Hosting a task on average.
    pub used_mean: Fraction,
}

impl Instances {
    /// An instance registers. Instances register in the order of their ids.
    pub(super) fn register(&mut self, facts: InstanceFacts) {
        let keys = [
            (GroupKind::Cluster, String::new()),
            (GroupKind::AvailabilityZone, facts.availability_zone.clone()),
            (GroupKind::InstanceType, facts.instance_type.clone()),
            (GroupKind::CapacityProvider, facts.capacity_provider.clone()),
        ];
        let groups = keys.map(|key| self.group(key));
        for group in groups {
            let row = &mut self.groups[group];
            row.instances += 1;
            row.registered = row.registered.plus(PerResource::amounts(&facts.registered));
            Self::note(row, group, &mut self.changed_groups);
        }
        self.rows.push(Instance {
            groups,
            changed_at: facts.registered_at.unwrap_or(facts.launched_at),
            facts,
            terminated: None,
            reserved: PerResource::all(0),
            reserved_millis: PerResource::all(0),
            tasks_now: 0,
            tasks_run: 0,
            used: NanoUsd::ZERO,
        });
    }

    /// An instance was RUNNING and never registered.
    pub(super) fn never_registers(
        &mut self,
        facts: InstanceFacts,
        terminated: Option<(SimTime, EndReason)>,
    ) {
        self.unregistered.push((facts, terminated));
    }

    /// An instance ends, empty. Returns what was free there, and what it was.
    pub(super) fn terminate(
        &mut self,
        at: SimTime,
        id: ContainerInstanceId,
        reason: EndReason,
    ) -> (PerResource<u64>, &InstanceFacts) {
        let row = &mut self.rows[id.index()];
        row.terminated = Some((at, reason));
        if is_free(&row.facts, at, reason) {
            row.used = NanoUsd::ZERO;
        }
        self.terminated += 1;
        let registered = PerResource::amounts(&row.facts.registered);
        for group in row.groups {
            let sums = &mut self.groups[group];
            sums.registered = sums.registered.minus(registered);
            Self::note(sums, group, &mut self.changed_groups);
        }
        (row.free(), &row.facts)
    }

    fn group(&mut self, key: (GroupKind, String)) -> usize {
        let next = self.groups.len();
        let row = *self.group_rows.entry(key).or_insert(next);
        if row == next {
            self.groups.push(Group::default());
        }
        row
    }

    #[inline]
    fn note(row: &mut Group, group: usize, changed: &mut Vec<usize>) {
        if !row.changed {
            row.changed = true;
            changed.push(group);
        }
    }

    /// A task takes its place. Returns what was free on the instance before and what is now.
    #[inline]
    pub(super) fn reserve(
        &mut self,
        at: SimTime,
        on: ContainerInstanceId,
        needs: &Resources,
    ) -> (PerResource<u64>, PerResource<u64>) {
        let needs = PerResource::amounts(needs);
        let row = &mut self.rows[on.index()];
        row.tasks_run += 1;
        row.tasks_now += 1;
        self.with_tasks += u64::from(row.tasks_now == 1);
        for group in row.groups {
            let sums = &mut self.groups[group];
            sums.reserved = sums.reserved.plus(needs);
            Self::note(sums, group, &mut self.changed_groups);
        }
        row.reserved_becomes(at, row.reserved.plus(needs))
    }

    /// A task gives its place back, having cost `cost`. Returns as `reserve` does.
    #[inline]
    pub(super) fn release(
        &mut self,
        at: SimTime,
        on: ContainerInstanceId,
        needs: &Resources,
        cost: NanoUsd,
    ) -> (PerResource<u64>, PerResource<u64>) {
        let needs = PerResource::amounts(needs);
        let row = &mut self.rows[on.index()];
        row.used += cost;
        row.tasks_now -= 1;
        self.with_tasks -= u64::from(row.tasks_now == 0);
        for group in row.groups {
            let sums = &mut self.groups[group];
            sums.reserved = sums.reserved.minus(needs);
            Self::note(sums, group, &mut self.changed_groups);
        }
        row.reserved_becomes(at, row.reserved.minus(needs))
    }

    /// A task that still runs at the end has cost so much.
    pub(super) fn charge(&mut self, on: ContainerInstanceId, cost: NanoUsd) {
        self.rows[on.index()].used += cost;
    }

    /// The state holds for a span of milliseconds.
    #[inline]
    pub(super) fn hold(&mut self, span: u64) {
        self.with_tasks_integral += u128::from(self.with_tasks) * u128::from(span);
        self.with_tasks_peak = self.with_tasks_peak.max(self.with_tasks);
        self.registered_peak = self.registered_peak.max(self.registered_count());
        for group in self.changed_groups.drain(..) {
            let row = &mut self.groups[group];
            row.changed = false;
            row.peak.raise(row.reserved, row.registered);
        }
    }

    /// What an instance is, for the price of its tasks.
    #[inline]
    pub(super) fn facts(&self, on: ContainerInstanceId) -> &InstanceFacts {
        &self.rows[on.index()].facts
    }

    /// What is free on each registered instance.
    pub(super) fn free(&self) -> impl Iterator<Item = PerResource<u64>> + '_ {
        let rows = self.rows.iter();
        rows.filter(|row| row.terminated.is_none())
            .map(Instance::free)
    }

    /// How many instances are registered.
    pub(super) fn registered_count(&self) -> u64 {
        self.groups.first().map_or(0, |all| all.instances) - self.terminated
    }

    /// How many instances host a task.
    pub(super) fn with_tasks(&self) -> u64 {
        self.with_tasks
    }

    /// What all registered instances registered together.
    #[inline]
    pub(super) fn registered(&self) -> PerResource<u64> {
        self.groups
            .first()
            .map_or(PerResource::all(0), |all| all.registered)
    }

    /// What is reserved on all of them together.
    #[inline]
    pub(super) fn reserved(&self) -> PerResource<u64> {
        self.groups
            .first()
            .map_or(PerResource::all(0), |all| all.reserved)
    }

    /// Ends the run: integrals are brought up to `end` and summed by group.
    pub(super) fn finish(mut self, end: SimTime) -> FinishedInstances {
        let mut reserved = vec![PerResource::all(0_u128); self.groups.len()];
        let mut registered = reserved.clone();
        let mut instance_millis = 0;
        for row in &mut self.rows {
            row.reserved_becomes(end, row.reserved);
            let until = row.terminated.map_or(end, |(at, _)| at);
            let since = row.facts.registered_at.unwrap_or(row.facts.launched_at);
            let lived = until.since(since).0;
            instance_millis += u128::from(lived);
            let whole = PerResource::amounts(&row.facts.registered).over(lived);
            for group in row.groups {
                reserved[group] = reserved[group].plus(row.reserved_millis);
                registered[group] = registered[group].plus(whole);
            }
        }
        let groups = self.group_rows.into_iter().map(|((kind, name), group)| {
            let row = &self.groups[group];
            GroupUtilization {
                kind,
                name,
                instances: row.instances,
                reserved_mean: fractions(reserved[group], registered[group]),
                reserved_peak: row.peak.map(Peak::fraction),
            }
        });
        let over_time = |part| Fraction {
            part,
            whole: u128::from(end.0),
        };
        let unregistered = std::mem::take(&mut self.unregistered);
        let not_registered = u64::from(id(unregistered.len()));
        let ended = unregistered.iter().filter(|(_, ended)| ended.is_some());
        let terminated = self.terminated + u64::from(id(ended.count()));
        let registered_count = self.groups.first().map_or(0, |all| all.instances);
        let launched = registered_count + not_registered;
        let used = self.rows.iter().map(|row| u64::from(row.tasks_run > 0));
        FinishedInstances {
            counts: InstanceCounts {
                peak: self.registered_peak,
                mean: over_time(instance_millis),
                launched,
                terminated,
                used: used.sum(),
                used_peak: self.with_tasks_peak,
                used_mean: over_time(self.with_tasks_integral),
            },
            registered: registered.first().copied().unwrap_or(PerResource::all(0)),
            groups: groups.collect(),
            rows: self
                .rows
                .into_iter()
                .map(Instance::finish)
                .chain(never_registered(unregistered, registered_count))
                .collect(),
        }
    }
}

/// The rows of instances that never registered: they get the ids that follow.
fn never_registered(
    unregistered: Vec<(InstanceFacts, Option<(SimTime, EndReason)>)>,
    registered: u64,
) -> impl Iterator<Item = InstanceRow> {
    let first = u32::try_from(registered).expect("a cluster numbers its instances in 32 bits");
    (first..)
        .zip(unregistered)
        .map(|(number, (facts, terminated))| InstanceRow {
            facts: InstanceFacts {
                id: ContainerInstanceId(number),
                ..facts
            },
            terminated_at: terminated.map(|(at, _)| at),
            end_reason: terminated.map(|(_, reason)| reason),
            reserved_millis: PerResource::all(0),
            tasks_run: 0,
            used: NanoUsd::ZERO,
        })
}

/// The ledger when the run is over.
#[derive(Debug)]
pub(super) struct FinishedInstances {
    /// A row an instance, by registration.
    pub(super) rows: Vec<InstanceRow>,
    /// The groups, by kind and name.
    pub(super) groups: Vec<GroupUtilization>,
    /// Their number over time.
    pub(super) counts: InstanceCounts,
    /// Integral of what the cluster had registered.
    pub(super) registered: PerResource<u128>,
}

impl Instance {
    fn free(&self) -> PerResource<u64> {
        PerResource::amounts(&self.facts.registered).minus(self.reserved)
    }

    /// Integrates what was reserved up to `at`. Returns what was free before and what is now.
    #[inline]
    fn reserved_becomes(
        &mut self,
        at: SimTime,
        reserved: PerResource<u64>,
    ) -> (PerResource<u64>, PerResource<u64>) {
        let span = at.since(self.changed_at).0;
        self.reserved_millis = self.reserved_millis.plus(self.reserved.over(span));
        self.changed_at = at;
        let before = self.free();
        self.reserved = reserved;
        (before, self.free())
    }

    fn finish(self) -> InstanceRow {
        InstanceRow {
            facts: self.facts,
            terminated_at: self.terminated.map(|(at, _)| at),
            end_reason: self.terminated.map(|(_, reason)| reason),
            reserved_millis: self.reserved_millis,
            tasks_run: self.tasks_run,
            used: self.used,
        }
    }
}

fn is_free(facts: &InstanceFacts, ended_at: SimTime, reason: EndReason) -> bool {
    reason == EndReason::SpotInterruption && facts.billed(ended_at, Some(reason)) == Millis::ZERO
}

fn fractions(part: PerResource<u128>, whole: PerResource<u128>) -> PerResource<Fraction> {
    part.with(whole, |part, whole| Fraction { part, whole })
}
