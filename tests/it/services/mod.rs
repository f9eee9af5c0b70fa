//! Services, run from the text of a scenario: the golden examples `G..` of the specification that
//! are about services, and each rule of the service scheduler by a test that names it.

mod alarms;
mod circuit_breaker;
mod daemon;
mod deployments;
mod events;
mod health;
mod lifecycle;
mod load;
mod quotas;
mod scaling;
mod scheduling;
mod states;
mod stopping;
mod throttling;
mod traffic_shift;

use std::collections::BTreeMap;

use ecs_sim::cloud::ServiceMinute;
use ecs_sim::control::{Deployment, RolloutState};
use ecs_sim::model::{Cluster, Task};
use ecs_sim::record::RecordOptions;
use ecs_sim::report;
use ecs_sim::simulation::{Observer, Record, ServiceCounts};
use ecs_sim::units::SimTime;

use crate::harness::{Ran, column, run_watched, scenario};

/// What was seen of the services of a run, service by service.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// After each instant that changed them: tasks that are to run, by task definition and by
    /// instance.
    pub(crate) steps: Vec<Step>,
    /// Texts of events, with the millisecond and the service.
    pub(crate) events: Vec<(u64, u32, String)>,
    /// The last state of each deployment, by service and number.
    pub(crate) deployments: BTreeMap<(u32, u32), Deployment>,
    /// Every start and stop of a service's task: the millisecond, whether it is a start, the
    /// group, the task definition.
    pub(crate) moves: Vec<(u64, bool, String, u32)>,
    /// Counts as told, with the millisecond and the service.
    pub(crate) counts: Vec<(u64, u32, ServiceCounts)>,
    /// Every change of a deployment of the first service.
    pub(crate) changes: Vec<(u64, Deployment)>,
    /// The metrics of the first service, minute by minute.
    pub(crate) minutes: Vec<(u64, ServiceMinute)>,
    /// The states of each task by group and number, with the millisecond at which it entered them.
    lives: BTreeMap<(String, u64), Vec<(u64, &'static str)>>,
}

/// Tasks that are to run after an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at: u64,
    /// Number of tasks by group and task definition.
    pub(crate) revisions: BTreeMap<(String, u32), u32>,
    /// Number of tasks by group and instance.
    pub(crate) instances: BTreeMap<(String, u32), u32>,
}

impl Observer for Seen {
    fn advance(&mut self, now: SimTime, _: SimTime, cluster: &Cluster) {
        let mut step = Step {
            at: now.0,
            revisions: BTreeMap::new(),
            instances: BTreeMap::new(),
        };
        for (_, task) in cluster.live_tasks() {
            if let (true, Some(on)) = (task.last_status.is_to_run(), task.instance) {
                let group = cluster.group_name(task.group).to_owned();
                let revision = task.definition.map_or(u32::MAX, |definition| definition.0);
                *step.revisions.entry((group.clone(), revision)).or_default() += 1;
                *step.instances.entry((group, on.0)).or_default() += 1;
            }
        }
        let same = self.steps.last().is_some_and(|last| {
            (&last.revisions, &last.instances) == (&step.revisions, &step.instances)
        });
        if !same {
            self.steps.push(step);
        }
    }

    fn record(&mut self, at: SimTime, record: &Record<'_>, cluster: &Cluster) {
        match record {
            Record::TaskPlaced { task, .. }
            | Record::TaskPlacedOnFargate { task }
            | Record::TaskStarted { task }
            | Record::TaskStopping { task }
            | Record::TaskStatusChanged { task } => self.live(at, cluster.task(*task), cluster),
            Record::TaskStopped { task } => self.live(at, task, cluster),
            _ => {}
        }
        match record {
            Record::TaskPlaced { task, .. }
            | Record::TaskPlacedOnFargate { task }
            | Record::TaskStopping { task } => {
                let row = cluster.task(*task);
                let group = cluster.group_name(row.group).to_owned();
                let revision = row.definition.map_or(u32::MAX, |definition| definition.0);
                let starts = !matches!(record, Record::TaskStopping { .. });
                self.moves.push((at.0, starts, group, revision));
            }
            Record::ServiceEvent { service, event } => {
                self.events.push((at.0, service.0, event.to_string()));
            }
            Record::DeploymentChanged {
                service,
                deployment,
            } => {
                let key = (service.0, deployment.number);
                self.deployments.insert(key, (*deployment).clone());
                if service.0 == 0 {
                    self.changes.push((at.0, (*deployment).clone()));
                }
            }
            Record::ServiceMinute { service, metrics } if service.0 == 0 => {
                self.minutes.push((at.0, **metrics));
            }
            Record::ServiceCounted { service, counts } => {
                self.counts.push((at.0, service.0, *counts));
            }
            _ => {}
        }
    }
}

impl Seen {
    fn live(&mut self, at: SimTime, task: &Task, cluster: &Cluster) {
        let key = (cluster.group_name(task.group).to_owned(), task.number);
        let state = (at.0, task.last_status.name());
        self.lives.entry(key).or_default().push(state);
    }

    /// The states of a task of a service, with the millisecond at which it entered them.
    pub(crate) fn life(&self, service: &str, number: u64) -> &[(u64, &'static str)] {
        &self.lives[&(format!("service:{service}"), number)]
    }

    /// The second at which a task of a service was asked to stop.
    pub(crate) fn asked_to_stop(&self, service: &str, number: u64) -> Option<u64> {
        let mut life = self.life(service, number).iter();
        let asked = life.find(|(_, state)| matches!(*state, "DEACTIVATING" | "STOPPING"));
        asked.map(|(at, _)| at / 1_000)
    }

    /// The seconds at which tasks of a service were started, or were asked to stop.
    pub(crate) fn moved(&self, service: &str, starts: bool) -> Vec<u64> {
        let group = format!("service:{service}");
        let moves = self.moves.iter();
        moves
            .filter(|(_, start, of, _)| *start == starts && *of == group)
            .map(|(at, ..)| at / 1_000)
            .collect()
    }

    /// The numbers of healthy tasks of the first service, with the second since when.
    pub(crate) fn healthy(&self) -> Vec<(u64, u32)> {
        let told = self.counts.iter().filter(|(_, service, _)| *service == 0);
        let mut healthy: Vec<(u64, u32)> = told
            .map(|(at, _, counts)| (at / 1_000, counts.healthy))
            .collect();
        healthy.dedup_by_key(|(_, count)| *count);
        healthy
    }

    /// The desired counts of the first service, with the second since when.
    pub(crate) fn desired(&self) -> Vec<(u64, u32)> {
        let told = self.counts.iter().filter(|(_, service, _)| *service == 0);
        let mut desired: Vec<(u64, u32)> = told
            .map(|(at, _, counts)| (at / 1_000, counts.desired))
            .collect();
        desired.dedup_by_key(|(_, count)| *count);
        desired
    }

    /// The states of a deployment of the first service, with the second since when.
    pub(crate) fn rollouts(&self, number: u32) -> Vec<(u64, RolloutState)> {
        let changes = self.changes.iter();
        let mut states: Vec<(u64, RolloutState)> = changes
            .filter(|(_, deployment)| deployment.number == number)
            .map(|(at, deployment)| (at / 1_000, deployment.rollout_state))
            .collect();
        states.dedup_by_key(|(_, state)| *state);
        states
    }

    /// Tasks of two revisions of a service, task definitions 0 and 1 of the scenario, after each run
    /// of starts or of stops in one instant.
    pub(crate) fn old_and_new(&self, service: &str) -> Vec<(u32, u32)> {
        let group = format!("service:{service}");
        let mut counts = [0, 0];
        let mut steps: Vec<((u64, bool), (u32, u32))> = Vec::new();
        for (at, starts, of, revision) in &self.moves {
            if *of != group {
                continue;
            }
            let count = &mut counts[usize::from(*revision == 1)];
            *count = if *starts { *count + 1 } else { *count - 1 };
            let step = ((*at, *starts), (counts[0], counts[1]));
            match steps.last_mut() {
                Some(last) if last.0 == step.0 => *last = step,
                _ => steps.push(step),
            }
        }
        steps.into_iter().map(|(_, pair)| pair).collect()
    }

    /// Tasks of a service on each of the instances after the last step.
    pub(crate) fn last_places(&self, service: &str, instances: u32) -> Vec<u32> {
        let group = format!("service:{service}");
        let last = &self.steps.last().expect("something happened").instances;
        let count = |on| last.get(&(group.clone(), on)).copied().unwrap_or(0);
        (0..instances).map(count).collect()
    }

    /// The texts of a service's events that contain a part, with their times.
    pub(crate) fn said(&self, part: &str) -> Vec<(u64, &str)> {
        let events = self.events.iter();
        events
            .filter(|(_, _, text)| text.contains(part))
            .map(|(at, _, text)| (*at, text.as_str()))
            .collect()
    }

    /// The state of a deployment of the first service.
    pub(crate) fn rollout(&self, number: u32) -> RolloutState {
        self.deployments[&(0, number)].rollout_state
    }
}

/// Instances of one vCPU and 1,024 MiB that cost 1 dollar an hour, and task definitions `web:1`
/// and `web:2` that need 1,024 CPU units: one task an instance.
pub(crate) const ONE_TASK_AN_INSTANCE: &str = "
instanceTypes: [{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 1024, memory: 512}]}
  - {family: web, containerDefinitions: [{name: app, image: 'web:2', cpu: 1024, memory: 512}]}
";

/// Runs a scenario of two hours without latencies, watched.
pub(crate) fn watch(body: &str) -> (Ran, Seen) {
    watch_text(&format!(
        "duration: 2h\nlatencies: {{instant: true}}\n{body}"
    ))
}

/// Runs a whole scenario, watched.
pub(crate) fn watch_text(text: &str) -> (Ran, Seen) {
    let mut seen = Seen::default();
    let ran = run_watched(&scenario(text), RecordOptions { tasks: true }, &mut seen);
    (ran, seen)
}

/// The messages of `service_events.csv`, with their milliseconds.
pub(crate) fn messages(ran: &Ran) -> Vec<(u64, String)> {
    let mut text = Vec::new();
    report::csv::service_events(&ran.run, &mut text).expect("memory takes all");
    let times = column(&text, "time_ms").into_iter();
    let times = times.map(|time| time.parse().expect("milliseconds"));
    times.zip(column(&text, "message")).collect()
}

/// How a task ended: its stop code and its reason.
pub(crate) fn stop_of(ran: &Ran, task: usize) -> (String, String) {
    let code = ran.task_column("stop_code").swap_remove(task);
    (code, ran.task_column("stopped_reason").swap_remove(task))
}
