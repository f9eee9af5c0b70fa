//! What holds of services, looked at after every record and every instant of random scenarios with
//! deployments, health checks, incidents, protection, auto scaling and standalone tasks.

mod deployments;
mod scheduler;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

use ecs_sim::control::service_auto_scaling::ScalingActivity;
use ecs_sim::control::{DeploymentConfiguration, ServiceEvent};
use ecs_sim::model::{Cluster, ContainerInstanceStatus, ServiceId, TaskStatus};
use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::{Scenario, SchedulingStrategy};
use ecs_sim::simulation::{Observer, Record, ServiceCounts};
use ecs_sim::units::{Millis, SimTime};
use proptest::prelude::*;

use crate::harness::{Ran, run_watched, scenario};

use self::deployments::Deployments;
use self::tasks::{TaskBook, Tasks};
use super::books::Books;
use super::service_scenarios::{SCALING_BOUNDS, SCHEDULED_BOUNDS, SCHEDULED_MINUTE};
use super::{any_service_scenario, check_integrals, check_totals};

/// Without any check a task counts as healthy after it has run for so long.
const SETTLES_AFTER: Millis = Millis(40_000);

/// What is known of a service from the records alone.
#[derive(Debug, Default)]
struct ServiceBook {
    desired: u32,
    deployments: Deployments,
    /// Its counts as they were told last.
    told: ServiceCounts,
    /// RUNNING tasks that its scheduler has stopped in this instant though they did not fail a
    /// check; those of them that were healthy for certain; RUNNING tasks that it lost otherwise.
    own_stops: u32,
    own_stops_of_healthy: u32,
    losses: u32,
}

/// Watches and checks.
struct Auditor<'a> {
    scenario: &'a Scenario,
    now: SimTime,
    tasks: Tasks,
    services: Vec<ServiceBook>,
    /// How many entries of `taskProtection` have come true.
    protections: usize,
    books: Books<'a>,
    /// Names of what has been seen.
    seen: BTreeSet<String>,
}

impl<'a> Auditor<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let services = scenario.services.iter().map(|service| ServiceBook {
            desired: service.desired_count,
            ..ServiceBook::default()
        });
        Self {
            scenario,
            now: SimTime::ZERO,
            tasks: Tasks::default(),
            services: services.collect(),
            protections: 0,
            books: Books::new(scenario),
            seen: BTreeSet::new(),
        }
    }

    fn is_daemon(&self, service: ServiceId) -> bool {
        self.scenario.services[service.index()].scheduling_strategy == SchedulingStrategy::Daemon
    }

    /// The configuration of a service: its own, or that of its last update.
    fn configuration(&self, service: ServiceId) -> &DeploymentConfiguration {
        let updates = self.scenario.deployments.iter();
        updates
            .filter(|update| update.service == service && update.at <= self.now)
            .filter_map(|update| update.deployment_configuration.as_ref())
            .next_back()
            .unwrap_or(&self.scenario.services[service.index()].deployment_configuration)
    }

    /// Whether nothing but time makes a task of a service healthy.
    fn is_plain(&self, service: ServiceId, task: &TaskBook) -> bool {
        let definition = task.definition.expect("a service has a definition");
        let mut containers = self.scenario.task_definitions[definition.index()]
            .containers
            .iter();
        self.scenario.services[service.index()]
            .target_groups
            .is_empty()
            && !containers.any(|container| container.health_check.is_some())
    }

    fn is_settled(&self, task: &TaskBook) -> bool {
        let since = task
            .running_since
            .filter(|_| task.status == TaskStatus::Running);
        since.is_some_and(|since| since + SETTLES_AFTER <= self.now)
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of record")]
    fn follow(&mut self, record: &Record<'_>, cluster: &Cluster) {
        match *record {
            Record::TaskSubmitted { task, .. } => self.submitted(task, cluster),
            Record::TaskPlaced { task, instance } => {
                let row = cluster.instance(instance);
                assert_eq!(row.status, ContainerInstanceStatus::Active);
                assert!(row.agent_connected, "placed where the agent is silent");
                self.tasks
                    .goes(cluster.task(task), &[TaskStatus::Provisioning]);
                self.check_start(cluster.task(task), cluster);
            }
            Record::TaskPlacedOnFargate { task } => {
                self.tasks
                    .goes(cluster.task(task), &[TaskStatus::Provisioning]);
                self.check_start(cluster.task(task), cluster);
            }
            Record::TaskGivenUp { task, .. } => {
                let book = self.tasks.live.remove(&task.serial).expect("a live task");
                assert_eq!(book.status, TaskStatus::Provisioning);
                self.tasks.given_up += 1;
            }
            Record::TaskStatusChanged { task } => {
                let row = cluster.task(task);
                self.tasks.changes(row);
                self.seen.insert(row.last_status.name().to_owned());
            }
            Record::TaskStarted { task } => {
                let row = cluster.task(task);
                let from = [TaskStatus::Pending, TaskStatus::Activating];
                self.tasks.goes(row, &from).running_since = Some(self.now);
                assert_eq!(row.started_at, Some(self.now));
            }
            Record::TaskStopping { task } => self.stopping(cluster.task(task)),
            Record::TaskStopped { task } => {
                self.tasks.stopped(task);
                let stop = task.stop.expect("a reason");
                self.seen.insert(stop.code.name().to_owned());
            }
            Record::InstanceTerminated { instance, .. } => {
                let mut live = cluster.live_tasks();
                assert!(!live.any(|(_, row)| row.instance == Some(instance)));
            }
            Record::DeploymentChanged {
                service,
                deployment,
            } => {
                self.seen.insert(deployment.rollout_state.name().to_owned());
                let book = &mut self.services[service.index()];
                if book.deployments.change(deployment) {
                    self.check_completed(service, deployment);
                }
            }
            Record::ServiceEvent { service, event } => {
                self.seen.insert(event.event_name().to_owned());
                if let ServiceEvent::DesiredCountUpdated { desired } = event {
                    self.services[service.index()].desired = desired;
                }
            }
            Record::ServiceScaled { service, activity } => self.scaled(service, activity),
            Record::ServiceCounted { service, counts } => self.counted(service, counts),
            Record::AttemptRefused { .. }
            | Record::InstanceRegistered { .. }
            | Record::InstanceChanged { .. }
            | Record::ServicePlacementFailed { .. }
            | Record::ServiceMinute { .. }
            | Record::InstanceNotRegistered { .. }
            | Record::GroupCounted { .. }
            | Record::LaunchFailed { .. }
            | Record::RebalanceRecommended { .. }
            | Record::SpotInterruptionNotice { .. }
            | Record::CapacityProviderMinute { .. }
            | Record::Incident { .. } => {}
        }
    }

    /// Auto scaling keeps within its bounds.
    fn scaled(&mut self, service: ServiceId, activity: &ScalingActivity) {
        self.seen.insert("SCALED".to_owned());
        let late = self.now >= SimTime(SCHEDULED_MINUTE * 60_000);
        let (low, high) = if late {
            SCHEDULED_BOUNDS
        } else {
            SCALING_BOUNDS
        };
        let book = &self.services[service.index()];
        assert_eq!(activity.previous_capacity, book.desired);
        assert!((low..=high).contains(&activity.desired_capacity));
    }

    /// The books of the whole run.
    fn close(&self, ran: &Ran) {
        let tasks = &ran.run.tasks;
        assert_eq!(tasks.submitted, self.tasks.submitted);
        assert_eq!(tasks.not_placed, self.tasks.given_up);
        let live = |is: fn(TaskStatus) -> bool| {
            let count = self.tasks.live.values().filter(|book| is(book.status));
            u64::try_from(count.count()).expect("few tasks")
        };
        assert_eq!(
            tasks.waiting,
            live(|status| status == TaskStatus::Provisioning)
        );
        assert_eq!(tasks.starting, live(TaskStatus::is_starting));
        assert_eq!(tasks.running, live(|status| status >= TaskStatus::Running));
        let ended = tasks.succeeded + tasks.failed + tasks.interrupted + tasks.stopped;
        assert_eq!(ended, self.tasks.stopped_by_code.values().sum::<u64>());
        let by_code = |code: &str| self.tasks.stopped_by_code.get(code).copied().unwrap_or(0);
        assert_eq!(tasks.interrupted, by_code("TerminationNotice"));
        assert_eq!(tasks.stopped, by_code("ServiceSchedulerInitiated"));
        let states = tasks.not_placed + tasks.waiting + tasks.starting + tasks.running + ended;
        assert_eq!(tasks.submitted, states);
        assert_eq!(tasks.placed, states - tasks.not_placed - tasks.waiting);
        check_totals(ran);
        check_integrals(ran);
    }
}

impl Observer for Auditor<'_> {
    fn advance(&mut self, now: SimTime, to: SimTime, cluster: &Cluster) {
        assert!(now == self.now && to > now, "the clock goes forward");
        self.protect();
        for service in (0..).map(ServiceId).take(self.services.len()) {
            self.check_instant(service, cluster);
        }
        self.now = to;
    }

    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        assert_eq!(at, self.now, "a record lies in its instant");
        self.follow(record, cluster);
        self.books.audit(cluster);
        self.tasks.audit(cluster);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn services_keep_their_promises_in_any_scenario(text in any_service_scenario()) {
        let scenario = scenario(&text);
        let mut auditor = Auditor::new(&scenario);
        let ran = run_watched(&scenario, RecordOptions { tasks: true }, &mut auditor);
        auditor.close(&ran);
    }
}

#[test]
fn the_random_scenarios_of_services_reach_what_they_are_about() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..80 {
        let tree = any_service_scenario().new_tree(&mut runner);
        let scenario = scenario(&tree.expect("a scenario").current());
        let mut auditor = Auditor::new(&scenario);
        run_watched(&scenario, RecordOptions::default(), &mut auditor);
        for name in auditor.seen {
            *seen.entry(name).or_insert(0) += 1;
        }
    }
    for name in [
        "COMPLETED",
        "FAILED",
        "SCALED",
        "EssentialContainerExited",
        "ServiceSchedulerInitiated",
        "TaskFailedToStart",
        "TerminationNotice",
        "ACTIVATING",
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "PROTECTED",
        "SERVICE_STEADY_STATE",
        "SERVICE_TASK_PLACEMENT_FAILURE",
        "SERVICE_TASK_START_IMPAIRED",
        "SERVICE_REBALANCING_STARTED",
        "ECS_OPERATION_THROTTLED",
    ] {
        assert!(seen.contains_key(name), "{name} is not among {seen:?}");
    }
}
