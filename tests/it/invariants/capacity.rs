//! What holds of capacity that comes and goes, looked at after every record and every instant of
//! random scenarios: groups and their limits, Spot pools and notices, Fargate's quotas and warnings,
//! tasks and where they are, the bill and the files.

mod bill;
mod fargate;
mod groups;
mod incidents;
mod luck;
mod spot;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

use ecs_sim::model::Cluster;
use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::Scenario;
use ecs_sim::simulation::{Observer, Record};
use ecs_sim::units::SimTime;
use proptest::prelude::*;

use crate::harness::{Ran, run, run_watched, scenario};

use self::fargate::Warnings;
use self::groups::Groups;
use self::incidents::Held;
use self::spot::Notices;
use self::tasks::Tasks;
use super::books::Books;
use super::capacity_scenarios::{CapacityScenario, any_capacity_scenario};

/// More events than any of these scenarios has by far, unless something goes round in circles.
const MOST_EVENTS: u64 = 60_000;
/// More records than an instant has.
const MOST_RECORDS: u64 = 2_000;

/// Watches and checks. Its books are kept from the records and the scenario alone.
struct Auditor<'a> {
    scenario: &'a Scenario,
    now: SimTime,
    /// Records since the clock moved.
    in_instant: u64,
    tasks: Tasks,
    groups: Groups<'a>,
    notices: Notices,
    warnings: Warnings,
    held: Held,
    books: Books<'a>,
    /// Names of what has been seen.
    seen: BTreeSet<String>,
}

impl<'a> Auditor<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            now: SimTime::ZERO,
            in_instant: 0,
            tasks: Tasks::default(),
            groups: Groups::new(scenario),
            notices: Notices::default(),
            warnings: Warnings::default(),
            held: Held::default(),
            books: Books::new(scenario),
            seen: BTreeSet::new(),
        }
    }

    fn follow(&mut self, record: &Record<'_>, cluster: &Cluster) {
        let now = self.now;
        self.tasks.follow(now, record, cluster);
        match *record {
            Record::TaskPlaced { task, instance } => {
                let row = cluster.task(task);
                self.notices
                    .check_placement(now, instance, self.scenario, cluster);
                if let Some(provider) = row.capacity_provider {
                    self.see(format!("on provider {}", provider.0.min(1)));
                }
            }
            Record::TaskPlacedOnFargate { task } => {
                fargate::check_placement(now, cluster.task(task), self.scenario, cluster);
                self.see("on Fargate");
            }
            Record::TaskStopping { task } => {
                self.warnings.stopping(now, cluster.task(task));
                let stop = cluster.task(task).stop.expect("a reason");
                self.see(stop.code.name());
            }
            Record::TaskStatusChanged { task } => self.warnings.goes_on(now, cluster.task(task)),
            Record::TaskStopped { task } => self.warnings.stopped(now, task),
            Record::SpotInterruptionNotice {
                instance,
                takes_back_at,
                ..
            } => {
                self.notices.noticed(now, instance, takes_back_at);
                self.see("noticed");
            }
            Record::RebalanceRecommended { .. } => self.see("recommended"),
            Record::InstanceRegistered { instance } => self.notices.registered(now, instance),
            Record::InstanceTerminated { instance, reason } => {
                self.notices.ended(now, instance, reason);
                self.see(reason.name());
            }
            Record::GroupCounted { group, counts } => self.groups.counted(now, group, counts),
            Record::LaunchFailed {
                group, on_demand, ..
            } => {
                self.groups.failed(now, group, on_demand);
                self.see("launch failed");
            }
            Record::CapacityProviderMinute { minute, .. } => {
                groups::check_minute(minute);
                self.see(minute.decision.name());
            }
            Record::InstanceNotRegistered { ended, .. } => {
                self.see(ended.map_or("never registered", |reason| reason.name()));
            }
            Record::Incident { incident, begins } => self.held.happens(incident, begins),
            _ => {}
        }
    }

    fn see(&mut self, name: impl Into<String>) {
        self.seen.insert(name.into());
    }
}

impl Observer for Auditor<'_> {
    fn advance(&mut self, now: SimTime, to: SimTime, cluster: &Cluster) {
        assert!(now == self.now && to > now, "the clock goes forward");
        self.groups.check_instant(now, cluster);
        self.notices.check_instant(now, cluster);
        self.warnings.check_instant(now, self.scenario, cluster);
        self.held.check_instant(self.scenario, cluster);
        self.now = to;
        self.in_instant = 0;
    }

    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        assert_eq!(at, self.now, "a record lies in its instant");
        self.in_instant += 1;
        assert!(self.in_instant < MOST_RECORDS, "an instant without end");
        self.follow(record, cluster);
        self.books.audit(cluster);
        self.tasks.audit(cluster);
    }
}

/// As many cases as `PROPTEST_CASES` says, else so many.
fn cases(cases: u32) -> ProptestConfig {
    let by_environment = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => by_environment,
        None => ProptestConfig {
            cases,
            ..by_environment
        },
    }
}

/// Runs a scenario and checks all that can be checked.
fn check(made: &CapacityScenario) -> (Ran, BTreeSet<String>) {
    let scenario = scenario(&made.text);
    let mut auditor = Auditor::new(&scenario);
    let ran = run_watched(&scenario, RecordOptions { tasks: true }, &mut auditor);
    assert!(ran.outcome.events < MOST_EVENTS, "{}", ran.outcome.events);
    auditor.tasks.close(&ran);
    auditor.groups.close(&ran);
    spot::close(&scenario, made.longest_launch, &ran);
    bill::close(&scenario, &ran);
    (ran, auditor.seen)
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn capacity_keeps_its_rules_in_any_scenario(made in any_capacity_scenario()) {
        check(&made);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn any_scenario_of_capacity_gives_the_same_bytes_twice(made in any_capacity_scenario()) {
        let (one, two) = (run(&made.text), run(&made.text));
        prop_assert_eq!(&one.run.digest, &two.run.digest);
        prop_assert_eq!(one.bytes(), two.bytes());
        let scenario = scenario(&made.text);
        let bare = run_watched(&scenario, RecordOptions { tasks: false }, &mut ());
        prop_assert_eq!(bare.json(), one.json());
    }
}

#[test]
fn the_random_scenarios_of_capacity_reach_what_they_are_about() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..80 {
        let tree = any_capacity_scenario().new_tree(&mut runner);
        let (_, names) = check(&tree.expect("a scenario").current());
        for name in names {
            *seen.entry(name).or_insert(0) += 1;
        }
    }
    for name in [
        "on provider 0",
        "on provider 1",
        "on Fargate",
        "SpotInterruption",
        "TerminationNotice",
        "TaskFailedToStart",
        "ServiceSchedulerInitiated",
        "noticed",
        "recommended",
        "launch failed",
        "scale-out",
        "scale-in",
        "held-back",
        "never registered",
        "incident",
        "spot-interruption",
        "capacity-rebalancing",
        "zone-rebalancing",
        "instance-refresh",
        "warm-pool",
    ] {
        assert!(seen.contains_key(name), "{name} is not among {seen:?}");
    }
}
