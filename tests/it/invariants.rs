//! Conservation, looked at after every record of random small scenarios.

mod books;
mod capacity;
mod capacity_scenarios;
mod scenarios;
mod service_scenarios;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use ecs_sim::model::{Cluster, ContainerInstanceId, TaskId, TaskStatus};
use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::Scenario;
use ecs_sim::simulation::{Observer, Record};
use ecs_sim::units::{NanoUsd, SimTime};
use proptest::prelude::*;

use crate::harness::{Ran, run_watched, scenario};

use self::books::Books;
pub(crate) use self::scenarios::any_scenario;
pub(crate) use self::service_scenarios::any_service_scenario;

/// Where a task stands, by what the records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Waiting,
    Pending,
    Running,
    Stopping,
    Stopped,
    GivenUp,
}

/// Watches and checks. Its own books are kept from the records alone.
struct Auditor<'a> {
    now: SimTime,
    states: BTreeMap<u64, State>,
    serials: BTreeMap<TaskId, u64>,
    registered: BTreeSet<ContainerInstanceId>,
    attempts: u64,
    books: Books<'a>,
}

impl<'a> Auditor<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            now: SimTime::ZERO,
            states: BTreeMap::new(),
            serials: BTreeMap::new(),
            registered: BTreeSet::new(),
            attempts: 0,
            books: Books::new(scenario),
        }
    }

    /// A task goes from one state to the next one.
    fn moves(&mut self, serial: u64, from: State, to: State) {
        let was = self.states.insert(serial, to);
        assert_eq!(was, Some(from), "task {serial} becomes {to:?}");
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of record")]
    fn follow(&mut self, record: &Record<'_>, cluster: &Cluster) {
        match *record {
            Record::InstanceRegistered { instance } => {
                assert!(self.registered.insert(instance), "registered twice");
            }
            Record::TaskSubmitted { task, .. } => {
                let serial = cluster.task(task).serial;
                assert_eq!(
                    self.states.insert(serial, State::Waiting),
                    None,
                    "submitted twice"
                );
                assert_eq!(cluster.task(task).submitted_at, self.now);
                self.serials.insert(task, serial);
            }
            Record::TaskPlaced { task, instance } => {
                self.attempts += 1;
                let row = cluster.task(task);
                self.moves(row.serial, State::Waiting, State::Pending);
                assert_eq!(
                    (row.instance, row.placed_at),
                    (Some(instance), Some(self.now))
                );
            }
            Record::TaskPlacedOnFargate { task } => {
                self.attempts += 1;
                let row = cluster.task(task);
                self.moves(row.serial, State::Waiting, State::Pending);
                assert!(row.instance.is_none() && row.fargate.is_some());
            }
            Record::AttemptRefused { task, reasons, .. } => {
                self.attempts += 1;
                assert_eq!(self.states[&cluster.task(task).serial], State::Waiting);
                assert!(!reasons.is_empty(), "refused without a reason");
            }
            Record::TaskGivenUp { task, reasons } => {
                self.moves(task.serial, State::Waiting, State::GivenUp);
                assert!(!reasons.is_empty() && task.instance.is_none());
            }
            Record::TaskStarted { task } => {
                let row = cluster.task(task);
                self.moves(row.serial, State::Pending, State::Running);
                let placed = row.placed_at.expect("it was placed");
                assert_eq!(self.now, placed + row.start_latency);
            }
            Record::TaskStopping { task } => {
                let row = cluster.task(task);
                self.moves(row.serial, State::Running, State::Stopping);
                let started = row.started_at.expect("it was started");
                assert_eq!(Some(self.now), row.runtime.map(|span| started + span));
            }
            Record::TaskStopped { task, .. } => {
                self.moves(task.serial, State::Stopping, State::Stopped);
                let stopping = task
                    .started_at
                    .zip(task.runtime)
                    .map(|(at, span)| at + span);
                assert_eq!(Some(self.now), stopping.map(|at| at + task.stop_latency));
            }
            Record::TaskStatusChanged { .. }
            | Record::InstanceChanged { .. }
            | Record::InstanceTerminated { .. }
            | Record::ServiceCounted { .. }
            | Record::ServiceEvent { .. }
            | Record::ServicePlacementFailed { .. }
            | Record::DeploymentChanged { .. }
            | Record::ServiceMinute { .. }
            | Record::ServiceScaled { .. }
            | Record::InstanceNotRegistered { .. }
            | Record::GroupCounted { .. }
            | Record::LaunchFailed { .. }
            | Record::RebalanceRecommended { .. }
            | Record::SpotInterruptionNotice { .. }
            | Record::CapacityProviderMinute { .. }
            | Record::Incident { .. } => {}
        }
    }

    /// The cluster's books against its tasks', and its tasks against what was told of them.
    fn audit(&mut self, cluster: &Cluster) {
        for (_, task) in cluster.live_tasks() {
            let expected = match self.states[&task.serial] {
                State::Waiting => TaskStatus::Provisioning,
                State::Pending => TaskStatus::Pending,
                State::Running => TaskStatus::Running,
                State::Stopping => TaskStatus::Stopping,
                gone => panic!("task {} is {gone:?} and alive", task.serial),
            };
            assert_eq!(task.last_status, expected);
        }
        self.books.audit(cluster);
        let alive = self.in_state(State::Waiting)
            + self.in_state(State::Pending)
            + self.in_state(State::Running)
            + self.in_state(State::Stopping);
        assert_eq!(cluster.live_task_count(), alive);
        assert_eq!(cluster.registered().len(), cluster.instances().len());
    }

    fn in_state(&self, state: State) -> usize {
        self.states
            .values()
            .filter(|known| **known == state)
            .count()
    }

    /// The books of the whole run.
    fn close(&self, ran: &Ran) {
        let size = |state| u64::try_from(self.in_state(state)).expect("few tasks");
        let tasks = &ran.summary.tasks;
        assert_eq!(
            tasks.submitted,
            u64::try_from(self.states.len()).expect("few tasks")
        );
        assert_eq!(tasks.not_placed, size(State::GivenUp));
        assert_eq!(tasks.waiting, Some(size(State::Waiting)));
        assert_eq!(tasks.pending, size(State::Waiting) + size(State::Pending));
        assert_eq!(tasks.running, size(State::Running) + size(State::Stopping));
        assert_eq!(tasks.succeeded, size(State::Stopped));
        let placed = tasks.submitted - tasks.not_placed - size(State::Waiting);
        assert_eq!(tasks.placed, placed);
        assert_eq!(ran.summary.placement.attempts, self.attempts);
        let entries = tasks.by_entry.values();
        assert_eq!(
            entries.map(|entry| entry.submitted).sum::<u64>(),
            tasks.submitted
        );
        assert_eq!(ran.task_column("task_id").len(), self.states.len());
        assert_eq!(
            ran.instance_column("instance_id").len(),
            self.registered.len()
        );
        let run_on: u64 = ran.per_instance().iter().sum();
        assert_eq!(run_on, tasks.placed);
        check_totals(ran);
        for line in &ran.bill.lines {
            let lived = ran.run.duration.0;
            assert!(line.billed.0 >= lived && line.billed.0 < lived.max(59_001) + 1_000);
        }
        check_integrals(ran);
    }
}

/// The totals of the bill are the sums of its lines.
fn check_totals(ran: &Ran) {
    let bill = &ran.bill;
    assert_eq!(
        bill.total,
        NanoUsd(bill.lines.iter().map(|line| line.cost.0).sum())
    );
    let tasks = ran.tasks().iter().map(|task| ran.run.task_cost(task).0);
    assert_eq!(bill.used, NanoUsd(tasks.sum()));
    assert_eq!(bill.total, bill.used + bill.idle);
    let of_types = bill.by_instance_type.values().map(|sum| sum.0);
    assert_eq!(bill.total, NanoUsd(of_types.sum()));
}

/// What instances reserved over time is what their tasks did.
fn check_integrals(ran: &Ran) {
    let mut cpu = vec![0_u128; ran.run.instances.len()];
    for task in ran.tasks() {
        let Some((on, placed)) = task.instance.zip(task.placed_at.get()) else {
            continue;
        };
        let until = task.stopped_at.get().unwrap_or(ran.run.end());
        cpu[on.index()] += u128::from(task.needs.cpu.0) * u128::from(until.since(placed).0);
    }
    for (at, instance) in ran.run.instances.iter().enumerate() {
        assert_eq!(instance.reserved_millis.cpu, cpu[at], "instance {at}");
    }
}

impl Observer for Auditor<'_> {
    fn advance(&mut self, now: SimTime, to: SimTime, cluster: &Cluster) {
        assert_eq!(now, self.now);
        assert!(to > now, "the clock goes forward");
        assert!(
            cluster
                .live_tasks()
                .all(|(_, task)| task.submitted_at <= now)
        );
        self.now = to;
    }

    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        assert_eq!(at, self.now, "a record lies in its instant");
        self.follow(record, cluster);
        self.audit(cluster);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_doubled_in_any_scenario(text in any_scenario()) {
        let scenario = scenario(&text);
        let mut auditor = Auditor::new(&scenario);
        let ran = run_watched(&scenario, RecordOptions { tasks: true }, &mut auditor);
        auditor.close(&ran);
    }
}

#[test]
fn the_random_scenarios_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..40 {
        let text = any_scenario()
            .new_tree(&mut runner)
            .expect("a scenario")
            .current();
        let scenario = scenario(&text);
        let mut auditor = Auditor::new(&scenario);
        run_watched(&scenario, RecordOptions::default(), &mut auditor);
        seen.extend(auditor.states.into_values());
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}
