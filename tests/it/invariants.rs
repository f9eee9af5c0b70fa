//! Conservation, looked at after every record of random small scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ecs_sim::model::{Cluster, ContainerInstanceId, GroupId, PortTable, Task, TaskId, TaskStatus};
use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::Scenario;
use ecs_sim::simulation::{Observer, Record};
use ecs_sim::units::{NanoUsd, Resources, SimTime};
use proptest::prelude::*;

use crate::harness::{Ran, run_watched, scenario};

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
    scenario: &'a Scenario,
    now: SimTime,
    states: BTreeMap<u64, State>,
    serials: BTreeMap<TaskId, u64>,
    registered: BTreeSet<ContainerInstanceId>,
    attempts: u64,
    empty_ports: Vec<PortTable>,
}

impl<'a> Auditor<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            now: SimTime::ZERO,
            states: BTreeMap::new(),
            serials: BTreeMap::new(),
            registered: BTreeSet::new(),
            attempts: 0,
            empty_ports: Vec::new(),
        }
    }

    /// A task goes from one state to the next one.
    fn moves(&mut self, serial: u64, from: State, to: State) {
        let was = self.states.insert(serial, to);
        assert_eq!(was, Some(from), "task {serial} becomes {to:?}");
    }

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
            | Record::Incident { .. } => {}
        }
    }

    fn ports(&self, task: &Task) -> (Vec<u16>, Vec<u16>, usize) {
        let definition = task
            .definition
            .map(|id| &self.scenario.task_definitions[id.index()]);
        definition.map_or_else(Default::default, |known| {
            let ports = &known.ports;
            let dynamic = usize::try_from(ports.dynamic).expect("few ports");
            (ports.tcp.clone(), ports.udp.clone(), dynamic)
        })
    }

    /// The cluster's books against its tasks'.
    fn audit(&self, cluster: &Cluster) {
        let count = cluster.instances().len();
        let mut used = vec![Resources::default(); count];
        let mut groups: Vec<BTreeMap<GroupId, u32>> = vec![BTreeMap::new(); count];
        let mut tcp: Vec<BTreeSet<u16>> = vec![BTreeSet::new(); count];
        let mut udp = tcp.clone();
        for (_, task) in cluster.live_tasks() {
            let expected = match self.states[&task.serial] {
                State::Waiting => TaskStatus::Provisioning,
                State::Pending => TaskStatus::Pending,
                State::Running => TaskStatus::Running,
                State::Stopping => TaskStatus::Stopping,
                gone => panic!("task {} is {gone:?} and alive", task.serial),
            };
            assert_eq!(task.last_status, expected);
            assert_eq!(
                task.instance.is_some(),
                expected != TaskStatus::Provisioning
            );
            let Some(on) = task.instance else { continue };
            used[on.index()] = used[on.index()].plus(&task.needs);
            if expected != TaskStatus::Stopping {
                *groups[on.index()].entry(task.group).or_default() += 1;
            }
            let (static_tcp, static_udp, dynamic) = self.ports(task);
            assert_eq!(
                task.dynamic_ports.len(),
                dynamic,
                "one dynamic port a mapping"
            );
            for port in static_tcp.iter().chain(&task.dynamic_ports) {
                assert!(tcp[on.index()].insert(*port), "TCP {port} twice on {on}");
            }
            for port in static_udp {
                assert!(udp[on.index()].insert(port), "UDP {port} twice on {on}");
            }
        }
        for (at, instance) in cluster.instances().iter().enumerate() {
            let (all, sum) = (&instance.registered, &used[at]);
            assert!(
                all.covers(sum),
                "instance {at} is over-allocated: {sum:?} of {all:?}"
            );
            let mut left = all.minus(sum);
            if all.enis == Resources::UNLIMITED_ENIS {
                left.enis = instance.remaining.enis;
            }
            assert_eq!(instance.remaining, left, "instance {at}");
            let running: u32 = groups[at].values().sum();
            assert_eq!(instance.running_tasks_count, running, "instance {at}");
            let known: BTreeMap<GroupId, u32> = instance
                .groups()
                .map(|id| (id, instance.tasks_of_group(id)))
                .collect();
            assert_eq!(known, groups[at], "instance {at}");
            let idle = used[at] == Resources::default();
            let empty = self.empty_ports.get(at);
            if let Some(empty) = empty.filter(|_| idle && tcp[at].is_empty() && udp[at].is_empty())
            {
                assert_eq!(&instance.ports, empty, "ports of an empty instance {at}");
            }
        }
        let alive = self.in_state(State::Waiting)
            + self.in_state(State::Pending)
            + self.in_state(State::Running)
            + self.in_state(State::Stopping);
        assert_eq!(cluster.live_task_count(), alive);
        assert_eq!(cluster.live_tasks().count(), alive);
        assert_eq!(cluster.registered().len(), count);
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
        check_bill(ran);
        check_integrals(ran);
    }
}

fn check_bill(ran: &Ran) {
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
    for line in &bill.lines {
        let lived = ran.run.duration.0;
        assert!(line.billed.0 >= lived && line.billed.0 < lived.max(59_001) + 1_000);
    }
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
        if self.empty_ports.is_empty() {
            let tables = cluster
                .instances()
                .iter()
                .map(|instance| instance.ports.clone());
            self.empty_ports = tables.collect();
        }
        self.follow(record, cluster);
        self.audit(cluster);
    }
}

const TYPES: [&str; 4] = ["m5.large", "c5.large", "g", "small"];
const CHAINS: [&str; 8] = [
    "",
    "{type: random}",
    "{type: spread, field: 'attribute:ecs.availability-zone'}",
    "{type: spread, field: instanceId}",
    "{type: binpack, field: cpu}",
    "{type: binpack, field: memory}",
    "{type: spread, field: 'attribute:rack'}, {type: binpack, field: memory}",
    "{type: x-worst-fit}",
];
const CONSTRAINTS: [&str; 7] = [
    "",
    "{type: distinctInstance}",
    "{type: memberOf, expression: 'attribute:rack == r0'}",
    "{type: memberOf, expression: 'not(task:group == shared)'}",
    "{type: memberOf, expression: 'runningTasksCount < 3'}",
    "{type: memberOf, expression: 'attribute:ecs.instance-type =~ m5.*'}, {type: distinctInstance}",
    "{type: memberOf, expression: 'task:group == shared or runningTasksCount == 0'}",
];
const ARRIVALS: [&str; 5] = [
    "{at: 0s, count: 20}",
    "{at: 90s, count: 25}",
    "{every: 20s}",
    "{poisson: {perMinute: 4}}",
    "{every: 1m, from: 30s, until: 8m}",
];
const RUNTIMES: [&str; 5] = [
    "",
    ", runtime: 1m",
    ", runtime: {exponential: {mean: 2m}}",
    ", runtime: 0s",
    ", runtime: 20s",
];
const LATENCIES: [&str; 4] = [
    "{instant: true}",
    "{start: 5s, stop: 5s}",
    "{start: {uniform: {min: 0s, max: 20s}}, stop: 0s}",
    "{start: 0s, stop: {exponential: {mean: 10s}}}",
];
/// Tasks' shapes: five definitions, then bare amounts.
const SHAPES: [&str; 8] = [
    "taskDefinition: web",
    "taskDefinition: dynamic",
    "taskDefinition: dns",
    "taskDefinition: eni",
    "taskDefinition: gpu",
    "cpu: 512, memory: 256",
    "cpu: 0, memory: 300",
    "cpu: 1500, memory: 3000",
];
const DEFINITIONS: &str = "
instanceTypes:
  - {instanceType: g, cpu: 4 vCPU, memory: 4000, gpu: 2, onDemandUsdPerHour: 1.1}
  - {instanceType: small, cpu: 700, memory: 900, maxEnis: 3, onDemandUsdPerHour: 0.0333}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: c, image: i, cpu: 100, memory: 200,
      portMappings: [{containerPort: 80, hostPort: 80}]}]}
  - {family: dynamic, containerDefinitions: [{name: c, image: i, memory: 100,
      portMappings: [{containerPort: 80}, {containerPort: 81}]}]}
  - {family: dns, networkMode: host, containerDefinitions: [{name: c, image: i, cpu: 10,
      memory: 50, portMappings: [{containerPort: 53}, {containerPort: 53, protocol: udp}]}]}
  - {family: eni, networkMode: awsvpc, containerDefinitions: [{name: c, image: i, cpu: 128,
      memory: 128}]}
  - {family: gpu, containerDefinitions: [{name: c, image: i, cpu: 1, memory: 8,
      resourceRequirements: [{type: GPU, value: '1'}]}]}
";

fn fleet() -> impl Strategy<Value = String> {
    (0..TYPES.len(), 1_u32..5, 1..4_usize, 0_u8..3, 0_u8..12).prop_map(
        |(kind, count, zones, rack, other)| {
            let zones = ["us-east-1a", "us-east-1b", "us-east-1c"][..zones].join(", ");
            let mut text = format!(
                "  - {{instanceType: {}, count: {count}, availabilityZones: [{zones}]",
                TYPES[kind]
            );
            if rack < 2 {
                let _ = write!(text, ", attributes: {{rack: r{rack}}}");
            }
            if other == 0 {
                text.push_str(", agentConnected: false");
            }
            text + "}\n"
        },
    )
}

fn entry() -> impl Strategy<Value = String> {
    let places = (0..CHAINS.len(), 0..CONSTRAINTS.len(), 0_usize..3);
    let work = (0..SHAPES.len(), 0..ARRIVALS.len(), 0..RUNTIMES.len());
    (places, work, 1_u32..4, any::<bool>()).prop_map(|(places, work, count, shared)| {
        let when_full = ["fail", "queue", "backfill"][places.2];
        let group = if shared { ", group: shared" } else { "" };
        format!(
            "{}, arrivals: {}{}{group}, count: {count}, whenFull: {when_full}, \
             placementStrategy: [{}], placementConstraints: [{}]}}\n",
            SHAPES[work.0],
            ARRIVALS[work.1],
            RUNTIMES[work.2],
            CHAINS[places.0],
            CONSTRAINTS[places.1]
        )
    })
}

pub(crate) fn any_scenario() -> impl Strategy<Value = String> {
    let fleets = prop::collection::vec(fleet(), 1..4);
    let entries = prop::collection::vec(entry(), 1..6);
    (
        fleets,
        entries,
        any::<u32>(),
        0..LATENCIES.len(),
        any::<bool>(),
    )
        .prop_map(|(fleets, entries, seed, latencies, random_ties)| {
            let tie = if random_ties {
                "random"
            } else {
                "lowestInstanceId"
            };
            let mut text = format!(
                "duration: 10m\nseed: {seed}\nlatencies: {}\n\
                 placementOptions: {{tieBreak: {tie}}}\n\
                 {DEFINITIONS}containerInstances:\n{}tasks:\n",
                LATENCIES[latencies],
                fleets.concat()
            );
            for (at, entry) in entries.iter().enumerate() {
                let _ = write!(text, "  - {{name: e{at}, {entry}");
            }
            text
        })
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
