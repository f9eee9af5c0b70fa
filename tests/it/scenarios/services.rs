//! What the comment headers of the scenarios about services claim.

use std::fmt::Write as _;

use ecs_sim::cost::{DeploymentSummary, ServiceSummary};
use ecs_sim::placement::strategies::Strategies;
use ecs_sim::record::ServiceSample;
use ecs_sim::simulation::Simulation;

use super::{Changes, Finished, as_written, directory, generator, loaded, with_sets};
use crate::services::Seen;

const HALF_HEALTHY: &str = "services.web.deploymentConfiguration.minimumHealthyPercent=50";
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// A scenario run with changes, watched step by step.
fn watched(name: &str, sets: &[&str]) -> Seen {
    let sets = sets.iter().map(ToString::to_string).collect();
    let changes = Changes {
        sets,
        ..Changes::default()
    };
    let scenario = loaded(name, &changes).scenario;
    let strategies = Strategies::default();
    let mut simulation = Simulation::new(&scenario, &strategies).expect("a checked scenario");
    let mut seen = Seen::default();
    simulation.run(&mut seen).expect("the run has no fault");
    seen
}

impl Finished {
    fn service(&self, name: &str) -> &ServiceSummary {
        &self.summary.services[name]
    }

    /// A deployment by its number.
    fn deployment(&self, service: &str, number: u32) -> &DeploymentSummary {
        let mut deployments = self.service(service).deployments.iter();
        let found = deployments.find(|deployment| deployment.number == number);
        found.expect("there is such a deployment")
    }

    /// The rows of services.csv of a service.
    fn samples(&self, service: &str) -> &[ServiceSample] {
        let mut rows = self.run.services.iter();
        let row = rows.find(|row| row.name == service);
        &row.expect("there is such a service").samples
    }

    /// The desired counts of a service, with the minute in which each was given.
    fn desired(&self, service: &str) -> Vec<(u64, u32)> {
        let mut steps: Vec<(u64, u32)> = Vec::new();
        for sample in self.samples(service) {
            if steps.last().map(|(_, desired)| *desired) != Some(sample.counts.desired) {
                steps.push((sample.at.0 / MINUTE, sample.counts.desired));
            }
        }
        steps
    }

    /// The longest mean response time of the minutes that end at `from` or later, in ms.
    fn slowest(&self, service: &str, from: u64) -> u32 {
        let samples = self.samples(service).iter();
        let loads = samples.filter(|sample| sample.at.0 >= from);
        let loads = loads.filter_map(|sample| sample.load.as_ref()?.latency);
        loads.max().expect("a minute with load") / 1000
    }

    /// Milliseconds between the submissions of a service's tasks.
    fn gaps(&self, service: &str) -> Vec<u64> {
        let rows = self.rows_of(service);
        let pairs = rows.windows(2);
        pairs
            .map(|pair| pair[1].submitted_at.since(pair[0].submitted_at).0)
            .collect()
    }
}

#[test]
fn crashed_and_lost_tasks_are_replaced_and_what_is_enough_decides_on_availability() {
    let all = as_written("self-healing.yaml");
    let web = all.service("web");
    assert_eq!(web.tasks.placed, 26);
    assert_eq!(web.tasks.failed + web.tasks.interrupted, 20);
    assert_eq!(web.running.end, Some(6));
    assert!(all.says("99 % 26 20"));
    let seen = watched("self-healing.yaml", &[]);
    let settled = seen.counts.iter().filter(|(at, ..)| *at > MINUTE);
    assert_eq!(settled.map(|(.., of)| of.healthy).min(), Some(4));
    let half = with_sets("self-healing.yaml", &[HALF_HEALTHY]);
    assert_eq!(half.tasks_csv, all.tasks_csv, "the same failures");
    assert!(half.says("unavailable for 45 s, all of it at its start"));
}

#[test]
fn a_rolling_deployment_goes_by_the_documented_steps() {
    // G58, G59.
    let name = "rolling-deployment.yaml";
    let whole = [(6, 0), (6, 2), (4, 2), (4, 4), (2, 4), (2, 6), (0, 6)];
    let half = [(6, 0), (3, 0), (3, 5), (0, 5), (0, 6)];
    let roomy = [(6, 0), (6, 6), (0, 6)];
    let room = "containerInstances.0.count=12";
    for (sets, steps, took, least) in [
        (&[][..], &whole[..], 120_000, 6),
        (&[HALF_HEALTHY], &half, 80_000, 3),
        (&[room], &roomy, 40_000, 6),
    ] {
        let seen = watched(name, sets);
        assert_eq!(seen.old_and_new("web"), steps, "{sets:?}");
        let settled = seen.counts.iter().filter(|(at, ..)| *at >= MINUTE);
        let healthy = settled.map(|(.., of)| of.healthy);
        assert_eq!(healthy.min(), Some(least), "{sets:?}");
        let finished = with_sets(name, sets);
        let deployment = finished.deployment("web", 2);
        assert_eq!(deployment.duration_ms, Some(took), "{sets:?}");
        assert_eq!(deployment.rollout_state, "COMPLETED");
    }
    let full = ["containerInstances.0.count=6"];
    assert_eq!(watched(name, &full).old_and_new("web"), [(6, 0)]);
}

#[test]
fn the_circuit_breaker_gives_up_after_three_failed_tasks_and_rolls_back() {
    // G66: half of 6 tasks, at least 3.
    let name = "circuit-breaker.yaml";
    let finished = as_written(name);
    let broken = finished.deployment("web", 2);
    assert_eq!((broken.failed_tasks, broken.failures), (3, 3));
    assert_eq!(broken.rollout_state, "FAILED");
    assert_eq!(broken.rolled_back_by, Some(1));
    assert_eq!(finished.deployment("web", 1).status, "PRIMARY");
    let web = finished.service("web");
    assert_eq!(Some(web.unavailable_ms), web.ready_after_ms);
    let switch = "services.web.deploymentConfiguration.deploymentCircuitBreaker.enable=false";
    let without = with_sets(name, &[switch]);
    let broken = without.deployment("web", 2);
    assert_eq!(broken.rollout_state, "IN_PROGRESS");
    assert_eq!(broken.failures, 45);
    let half = with_sets(name, &[HALF_HEALTHY]);
    assert_eq!(half.deployment("web", 2).tasks_replaced, 3);
    assert_eq!(half.service("web").tasks.stopped, 3);
    assert_eq!(half.service("web").running.end, Some(6));
}

#[test]
fn blue_green_runs_twice_the_tasks_for_the_bake_time_and_loses_nothing() {
    let name = "blue-green.yaml";
    let lost = |finished: &Finished| finished.service("web").load.as_ref().and_then(|of| of.lost);
    let finished = as_written(name);
    assert_eq!(lost(&finished), Some(0.0));
    let doubled = finished.samples("web").iter();
    let doubled = doubled.filter(|sample| sample.counts.running == 8).count();
    assert_eq!(doubled, 10, "minutes");
    let minutes = |of: &DeploymentSummary| of.duration_ms.map(|took| took / MINUTE);
    assert_eq!(minutes(finished.deployment("web", 2)), Some(11));
    let cpu = |minute: u64| {
        let at = |sample: &&ServiceSample| sample.at.0 == minute * MINUTE;
        let sample = finished.samples("web").iter().find(at).expect("a minute");
        sample.load.as_ref().and_then(|load| load.cpu)
    };
    assert_eq!(cpu(30).zip(cpu(35)).map(|(one, two)| one / two), Some(2));
    let alarmed = with_sets(name, &["alarms.0.states+={at: 35m, state: ALARM}"]);
    assert_eq!(lost(&alarmed), Some(0.0));
    assert_eq!(alarmed.deployment("web", 2).rolled_back_by, Some(1));
    assert_eq!(alarmed.deployment("web", 1).rollout_state, "COMPLETED");
    let canary = "services.web.deploymentConfiguration.strategy=CANARY";
    let canary = with_sets(name, &[canary]);
    assert_eq!(minutes(canary.deployment("web", 2)), Some(21));
}

#[test]
fn a_daemon_is_on_each_active_instance_and_the_last_to_leave_one() {
    // G78.
    let name = "daemon.yaml";
    let seen = watched(name, &[]);
    let agent = seen.counts.iter().filter(|(_, service, _)| *service == 0);
    let mut desired: Vec<u32> = agent.map(|(.., of)| of.desired).collect();
    desired.dedup();
    assert_eq!(desired, [4, 3, 4, 3, 4]);
    let finished = as_written(name);
    let drained = |entry: &str| {
        let rows = finished.rows_of(entry).into_iter();
        let rows = rows.filter(|row| row.instance.is_some_and(|on| on.0 == 1));
        let stops = rows.filter_map(|row| row.stopped_at.get());
        stops.map(|at| at.0).collect::<Vec<u64>>()
    };
    let (agents, webs) = (drained("agent"), drained("web"));
    assert_eq!((agents.len(), webs.len()), (1, 2));
    assert!(webs.iter().all(|at| HOUR < *at && *at < agents[0]));
    let web = finished.service("web");
    let later = web.unavailable_ms - web.ready_after_ms.expect("it was available");
    assert_eq!(later / 1000, 48);
    let full = with_sets(
        name,
        &["services.web.deploymentConfiguration.maximumPercent=100"],
    );
    let stay = full
        .rows()
        .iter()
        .filter(|row| row.instance.is_some_and(|on| on.0 == 1) && row.stopped_at.get().is_none());
    assert_eq!(stay.count(), 3);
    let half = watched(name, &[HALF_HEALTHY]);
    let first: Vec<bool> = half
        .moves
        .iter()
        .filter(|(at, _, group, _)| *at == HOUR && group == "service:web")
        .map(|(_, starts, ..)| *starts)
        .collect();
    assert_eq!(first, [false, false, true, true]);
}

#[test]
fn target_tracking_follows_the_day() {
    let name = "target-tracking.yaml";
    let finished = as_written(name);
    let web = finished.service("web");
    assert_eq!((web.desired.min, web.desired.max), (Some(2), Some(9)));
    assert_eq!((web.scaling.out, web.scaling.r#in), (8, 8));
    assert!(finished.says("64 % at most"));
    assert_eq!(web.cost_usd.to_cents(), "2.13");
    assert!(finished.says("unavailable for 6 min 59 s"));
    let nine = [
        "services.web.desiredCount=9",
        "services.web.scaling.minCapacity=9",
    ];
    let nine = with_sets(name, &nine);
    assert_eq!(nine.service("web").cost_usd.to_cents(), "4.47");
    let larger = with_sets(name, &["services.web.load.curve.peak=800"]);
    assert_eq!(larger.service("web").desired.max, Some(12));
    let cpu = larger.service("web").load.as_ref();
    assert!(cpu.and_then(|load| load.cpu_utilization.max) > Some(70.0));
    let steady = with_sets(name, &["services.web.load.request.cpuNoise=0"]);
    assert_eq!(steady.service("web").desired.max, Some(8));
}

#[test]
fn step_scaling_lags_behind_target_tracking_and_costs_more() {
    let finished = as_written("step-scaling.yaml");
    let tracking = [(0, 2), (483, 4), (484, 8), (485, 11)];
    let tracking = [&tracking[..], &[(735, 7), (740, 6), (1215, 2)]].concat();
    assert_eq!(finished.desired("tracking"), tracking);
    let steps = finished.desired("steps");
    assert_eq!(steps[..4], [(0, 2), (483, 5), (488, 8), (493, 9)]);
    assert_eq!(steps[4], (1215, 8));
    let cost = |service: &str| finished.service(service).cost_usd.to_cents();
    assert_eq!(
        (cost("tracking"), cost("steps")),
        ("2.42".into(), "2.77".into())
    );
    let cooldown = "services.steps.scaling.policies.out.stepScalingPolicyConfiguration.cooldown=60";
    let sooner = with_sets("step-scaling.yaml", &[cooldown]).desired("steps");
    assert_eq!(
        sooner.iter().map(|(_, of)| *of).take(4).collect::<Vec<_>>(),
        [2, 5, 8, 9]
    );
    assert!(sooner[3].0 < 493, "{sooner:?}");
}

#[test]
fn a_zone_that_comes_back_is_filled_by_moves() {
    let name = "zone-rebalancing.yaml";
    let live = |finished: &Finished| -> [usize; 3] {
        let zones = finished.column("availability_zone");
        let states = finished.column("last_status");
        let running = |zone: &str| {
            let here = zones.iter().filter(|(_, of)| *of == zone);
            here.filter(|(task, _)| states[*task] == "RUNNING").count()
        };
        ["us-east-1a", "us-east-1b", "us-east-1c"].map(running)
    };
    let finished = as_written(name);
    assert_eq!(live(&finished), [3, 3, 3]);
    assert_eq!(finished.service("api").tasks.stopped, 3);
    let seen = watched(name, &[]);
    let moves: Vec<bool> = seen
        .moves
        .iter()
        .filter(|(at, ..)| *at >= 2 * HOUR)
        .map(|(_, starts, ..)| *starts)
        .collect();
    assert_eq!(moves, [true, false, true, false, true, false]);
    let [(completed, _)] = seen.said("completed Availability Zone")[..] else {
        panic!("once");
    };
    assert_eq!((completed - 2 * HOUR) / 1000, 138);
    let left = with_sets(name, &["services.api.availabilityZoneRebalancing=DISABLED"]);
    let [a, b, c] = live(&left);
    assert_eq!((a + b, c), (9, 0));
    assert_eq!(a.max(b), 5);
    assert!(left.says("us-east-1c 4 12 %") && finished.says("us-east-1c 4 37 %"));
    let unavailable = |of: &Finished| of.service("api").unavailable_ms;
    assert_eq!(unavailable(&left), unavailable(&finished));
}

#[test]
fn only_tasks_that_never_ran_are_slowed_down() {
    // G73, G74.
    let name = "crash-loop.yaml";
    let finished = as_written(name);
    let started =
        |of: &Finished| ["no-image", "crashing"].map(|service| of.service(service).tasks.placed);
    assert_eq!(started(&finished), [24, 1853]);
    let gaps = finished.gaps("no-image");
    assert!(gaps.is_sorted(), "{gaps:?}");
    let longest = 27 * MINUTE;
    assert!(
        gaps.last()
            .is_some_and(|gap| (longest..longest + 1000).contains(gap))
    );
    let gaps = finished.gaps("crashing");
    assert!(gaps.iter().all(|gap| *gap < MINUTE));
    let warned = |service: &str| finished.service(service).events.warn;
    assert_eq!((warned("no-image"), warned("crashing")), (1, 0));
    let breaker = "services.*.deploymentConfiguration.deploymentCircuitBreaker.enable=true";
    let ended = with_sets(name, &[breaker]);
    assert_eq!(started(&ended), [3, 1853]);
    assert_eq!(ended.deployment("no-image", 1).rollout_state, "FAILED");
    assert_eq!(ended.deployment("crashing", 1).failed_tasks, 0);
    let older = with_sets(name, &["serviceOptions.restartThrottle.longest=15m"]);
    assert_eq!(started(&older), [33, 1853]);
}

#[test]
fn the_deregistration_delay_is_most_of_a_deployment_behind_a_load_balancer() {
    let name = "load-balancing.yaml";
    let took = |of: &Finished| of.deployment("web", 2).duration_ms.map(|ms| ms / 1000);
    let finished = as_written(name);
    assert_eq!(took(&finished), Some(309));
    let shorter = with_sets(name, &["targetGroups.web.deregistrationDelay=30s"]);
    assert_eq!(took(&shorter), Some(39));
    let at_once = with_sets(name, &["targetGroups.web.slowStart=0s"]);
    let slowest = |of: &Finished| of.slowest("web", 3 * MINUTE);
    assert_eq!((slowest(&finished), slowest(&at_once)), (302, 45));
    let load = at_once.service("web").load.as_ref();
    assert_eq!(load.and_then(|load| load.lost), Some(0.0));
}

/// The rows of measured-load.yaml's header.
fn requests_by_rule() -> String {
    let mut next = generator();
    let mut text = "minute,requests\n".to_owned();
    for k in 0..288 {
        let crowd = if (200..=205).contains(&k) { 60_000 } else { 0 };
        let requests = 9000 + 4 * k * (288 - k) + next(3000) + crowd;
        writeln!(text, "{},{requests}", 5 * k).expect("text grows");
    }
    text
}

#[test]
fn the_measured_load_is_what_its_header_says_and_the_service_follows_the_crowd() {
    let file = std::fs::read_to_string(directory().join("requests.csv")).expect("the load");
    assert!(
        file == requests_by_rule(),
        "the rows differ from the header's rule"
    );
    let finished = as_written("measured-load.yaml");
    let desired = finished.desired("web");
    let crowd: Vec<(u64, u32)> = desired
        .into_iter()
        .filter(|(minute, _)| (1000..1060).contains(minute))
        .collect();
    assert_eq!(crowd, [(1003, 8), (1004, 9), (1019, 8), (1045, 5)]);
    assert!(finished.says("95 % at most"));
    assert_eq!(finished.slowest("web", 10 * HOUR), 209);
}
