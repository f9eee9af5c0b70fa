//! The plans of a task's life, rule by rule, and what holds of all of them.

use proptest::prelude::*;

use super::{AgentSettings, Launch, RunPlan, StartEnd, StartPlan, plan_run, plan_start};
use super::{health_check, stop_duration};
use crate::cloud::behavior::{Effect, Fate, Starts, TaskBehavior, TaskStart};
use crate::cloud::image_pull::PullOutcome;
use crate::cloud::testing::{CHECK, container, definition};
use crate::kernel::{Distribution, Streams};
use crate::model::ContainerCondition::{Complete, Healthy, Start, Success};
use crate::model::{
    ContainerCondition, ContainerDefinition, EntryId, HealthCheck, HealthStatus, PullError,
    RestartPolicy, Stop, StoppedReason, TaskDefinition, TaskDefinitionId, TaskStopCode,
};
use crate::units::{Millis, SimTime};

/// Placed at 100 s, with a start latency of one second.
const PLACED: u64 = 100_000;
const LATENCY: u64 = 1_000;

fn fixed(ms: u64) -> Distribution {
    Distribution::Fixed(Millis(ms))
}

fn exit(ms: u64, exit_code: u8) -> Effect {
    Effect::Exit {
        after: fixed(ms),
        exit_code,
    }
}

/// What these effects on named containers come to.
fn fate(definition: &TaskDefinition, effects: &[(&str, Effect)]) -> Fate {
    let behaviors: Vec<TaskBehavior> = effects
        .iter()
        .map(|(name, effect)| TaskBehavior {
            definition: None,
            entry: None,
            starts: Starts::ALL,
            container: Some((*name).to_owned()),
            effect: effect.clone(),
        })
        .collect();
    let start = TaskStart {
        definition: Some((TaskDefinitionId(0), definition)),
        entry: EntryId(0),
        number: 1,
        placed_at: SimTime(PLACED),
    };
    let mut stream = Streams::new(1).open("behavior", "web/1");
    Fate::of(&behaviors, &start, &mut stream).unwrap_or_default()
}

fn launch<'a>(
    definition: &'a TaskDefinition,
    fate: &'a Fate,
    settings: &'a AgentSettings,
) -> Launch<'a> {
    Launch {
        definition: Some(definition),
        placed_at: SimTime(PLACED),
        start_latency: Millis(LATENCY),
        fate,
        settings,
    }
}

fn after(ms: u64) -> PullOutcome {
    PullOutcome {
        duration: Millis(ms),
        error: None,
    }
}

/// A plan whose pulls take what is said, container by container.
fn start_with(
    containers: Vec<ContainerDefinition>,
    effects: &[(&str, Effect)],
    pulls: &[PullOutcome],
) -> StartPlan {
    let definition = definition(containers);
    let fate = fate(&definition, effects);
    let settings = AgentSettings::default();
    plan_start(&launch(&definition, &fate, &settings), &mut |place, _| {
        pulls[place]
    })
}

/// Without pulls.
fn start_of(containers: Vec<ContainerDefinition>, effects: &[(&str, Effect)]) -> StartPlan {
    let pulls = vec![PullOutcome::AT_ONCE; containers.len()];
    start_with(containers, effects, &pulls)
}

fn running(ms: u64) -> StartEnd {
    StartEnd::Running(SimTime(PLACED + ms))
}

fn fails(ms: u64, reason: StoppedReason) -> StartEnd {
    StartEnd::Fails {
        at: SimTime(PLACED + ms),
        stop: Stop::failed_to_start(reason),
    }
}

/// `app` waits for `first`, which is not essential.
fn pair(condition: ContainerCondition) -> Vec<ContainerDefinition> {
    let mut first = container("first", false, &[]);
    first.health_check = Some(CHECK);
    vec![first, container("app", true, &[(0, condition)])]
}

#[test]
fn a_task_runs_once_its_images_are_there_and_all_containers_are_started() {
    let both = || vec![container("app", true, &[]), container("side", false, &[])];
    let plan = start_with(both(), &[], &[after(4_000), after(9_000)]);
    assert_eq!(plan.activating_at, SimTime(PLACED));
    // Side by side: the longer pull counts, then the start latency once.
    assert_eq!(plan.pulled_at, SimTime(PLACED + 9_000));
    assert_eq!(plan.end, running(9_000 + LATENCY));
    assert_eq!(
        plan.containers[0].started_at,
        Some(SimTime(PLACED + 4_000 + LATENCY))
    );
}

#[test]
fn a_task_without_a_definition_starts_after_its_latency() {
    let (fate, settings) = (Fate::default(), AgentSettings::default());
    let empty = definition(Vec::new());
    let task = Launch {
        definition: None,
        ..launch(&empty, &fate, &settings)
    };
    let plan = plan_start(&task, &mut |_, _| panic!("there is nothing to pull"));
    assert_eq!(plan.end, running(LATENCY));
    assert_eq!(plan_run(&task, &plan, None).unwrap().end, None);
    assert_eq!(stop_duration(&task, Millis(900)), Millis(900));
}

#[test]
fn a_container_pulls_once_what_it_depends_on_has_come_true() {
    let definition = definition(pair(Complete));
    let fate = fate(&definition, &[("first", exit(20_000, 3))]);
    let settings = AgentSettings::default();
    let mut asked = Vec::new();
    let plan = plan_start(&launch(&definition, &fate, &settings), &mut |place, at| {
        asked.push((place, at));
        after(2_000)
    });
    // The first: 2 s of pull, 1 s of latency, 20 s of work; then the other's pull.
    assert_eq!(asked, [(0, Millis(0)), (1, Millis(23_000))]);
    assert_eq!(plan.end, running(25_000));
    assert_eq!(plan.containers[0].over_at, Some(SimTime(PLACED + 23_000)));
}

#[test]
fn each_condition_waits_for_its_own_moment() {
    let done = |code| ("first", exit(7_000, code));
    let ready = |ms| ("first", Effect::SlowReadiness { after: fixed(ms) });
    for (condition, effect, expected) in [
        (Start, done(0), running(LATENCY)),
        (Complete, done(0), running(LATENCY + 7_000)),
        (Complete, done(9), running(LATENCY + 7_000)),
        (Success, done(0), running(LATENCY + 7_000)),
        (
            Success,
            done(9),
            fails(LATENCY + 7_000, StoppedReason::DependencyFailed),
        ),
        // The first check comes an interval after the start; from 10,001 ms on, the second passes.
        (Healthy, ready(0), running(LATENCY + 10_000)),
        (Healthy, ready(10_000), running(LATENCY + 10_000)),
        (Healthy, ready(10_001), running(LATENCY + 20_000)),
    ] {
        let plan = start_of(pair(condition), std::slice::from_ref(&effect));
        assert_eq!(plan.end, expected, "{condition:?} {effect:?}");
    }
}

#[test]
fn a_dependency_that_takes_longer_than_its_start_timeout_stops_the_task() {
    let timed_out = |ms| fails(LATENCY + ms, StoppedReason::DependencyTimedOut);
    for (condition, takes, own, settings, expected) in [
        (Success, 180_000, None, None, running(LATENCY + 180_000)),
        (Success, 180_001, None, None, timed_out(180_000)),
        (Complete, 60_001, Some(60_000), None, timed_out(60_000)),
        (Complete, 60_001, None, Some(60_000), timed_out(60_000)),
        (
            Complete,
            60_001,
            Some(90_000),
            Some(60_000),
            running(LATENCY + 60_001),
        ),
        (Healthy, 500_000, None, None, timed_out(180_000)),
        (Start, 500_000, None, None, running(LATENCY)),
    ] {
        let mut containers = pair(condition);
        containers[0].start_timeout = own.map(Millis);
        let definition = definition(containers);
        let slow = match condition {
            Healthy => Effect::SlowReadiness {
                after: fixed(takes),
            },
            _ => exit(takes, 0),
        };
        let fate = fate(&definition, &[("first", slow)]);
        let settings = AgentSettings {
            start_timeout: settings.map(Millis),
            stop_timeout: None,
        };
        let plan = plan_start(&launch(&definition, &fate, &settings), &mut |_, _| after(0));
        assert_eq!(plan.end, expected, "{condition:?} {takes} {own:?}");
    }
}

#[test]
fn windows_containers_wait_eight_minutes() {
    let mut definition = definition(pair(Success));
    definition.operating_system_family = Some("WINDOWS_SERVER_2022_CORE".to_owned());
    let fate = fate(&definition, &[("first", exit(500_000, 0))]);
    let settings = AgentSettings::default();
    let plan = plan_start(&launch(&definition, &fate, &settings), &mut |_, _| after(0));
    let expected = fails(LATENCY + 480_000, StoppedReason::DependencyTimedOut);
    assert_eq!(plan.end, expected);
    // The container that waited in vain was never started.
    assert_eq!(plan.containers[1].started_at, None);
}

#[test]
fn a_pull_that_fails_stops_the_task_when_its_container_is_essential() {
    let failed = PullOutcome {
        duration: Millis(3_000),
        error: Some(PullError::NotFound),
    };
    let both = || vec![container("app", true, &[]), container("side", false, &[])];
    let plan = start_with(both(), &[], &[failed, after(60_000)]);
    let reason = StoppedReason::CannotPullContainer(PullError::NotFound);
    assert_eq!(plan.end, fails(3_000, reason));
    // The other's pull goes on, its image is held all the same.
    let holds: Vec<bool> = plan.containers.iter().map(|own| own.holds_image).collect();
    assert_eq!(holds, [false, true]);

    let plan = start_with(both(), &[], &[after(1_000), failed]);
    assert_eq!(plan.end, running(3_000));
    assert_eq!(plan.containers[1].started_at, None);
}

#[test]
fn a_container_that_cannot_be_started_stops_the_task_when_it_is_essential() {
    let fail = |name| [(name, Effect::FailToStart { after: fixed(400) })];
    let lone = start_of(vec![container("app", true, &[])], &fail("app"));
    let cannot_start = StoppedReason::CannotStartContainer;
    assert_eq!(lone.end, fails(LATENCY + 400, cannot_start));
    // Of one that is not, only those feel it that wait for it.
    let side = vec![container("app", true, &[]), container("first", false, &[])];
    assert_eq!(start_of(side, &fail("first")).end, running(LATENCY + 400));
    let hopeless = fails(LATENCY + 400, StoppedReason::DependencyFailed);
    for (condition, expected) in [
        (Start, hopeless),
        (Success, hopeless),
        (Healthy, hopeless),
        (Complete, running(LATENCY + 400)),
    ] {
        let plan = start_of(pair(condition), &fail("first"));
        assert_eq!(plan.end, expected, "{condition:?}");
    }
}

#[test]
fn nothing_is_pulled_after_the_task_has_failed() {
    let containers = vec![
        container("app", true, &[]),
        container("first", false, &[]),
        container("late", false, &[(1, Complete)]),
    ];
    let definition = definition(containers);
    let effects = [
        (
            "app",
            Effect::FailToStart {
                after: fixed(4_000),
            },
        ),
        ("first", exit(9_000, 0)),
    ];
    let fate = fate(&definition, &effects);
    let settings = AgentSettings::default();
    let mut asked = Vec::new();
    let plan = plan_start(&launch(&definition, &fate, &settings), &mut |place, _| {
        asked.push(place);
        after(0)
    });
    assert_eq!(
        plan.end,
        fails(LATENCY + 4_000, StoppedReason::CannotStartContainer)
    );
    assert_eq!(asked, [0, 1]);
}

#[test]
fn one_hopeless_dependency_is_enough() {
    // `app` waits for `first`, which cannot start, and for `second`, whose turn comes later.
    let containers = vec![
        container("first", false, &[]),
        container("work", false, &[]),
        container("second", false, &[(1, Complete)]),
        container("app", true, &[(0, Start), (2, Start)]),
    ];
    let effects = [
        ("first", Effect::FailToStart { after: fixed(0) }),
        ("work", exit(60_000, 0)),
    ];
    let plan = start_of(containers, &effects);
    assert_eq!(plan.end, fails(LATENCY, StoppedReason::DependencyFailed));
    assert!(!plan.containers[2].holds_image);
}

fn run_of(
    containers: Vec<ContainerDefinition>,
    effects: &[(&str, Effect)],
    runtime: Option<u64>,
) -> RunPlan {
    let definition = definition(containers);
    let fate = fate(&definition, effects);
    let settings = AgentSettings::default();
    let launch = launch(&definition, &fate, &settings);
    let start = plan_start(&launch, &mut |_, _| PullOutcome::AT_ONCE);
    plan_run(&launch, &start, runtime.map(Millis)).unwrap()
}

fn exited(exit_code: u8) -> Stop {
    Stop {
        code: TaskStopCode::EssentialContainerExited,
        reason: StoppedReason::EssentialContainerExited { exit_code },
    }
}

/// So long after RUNNING, for a task that starts without ado.
fn then(ms: u64) -> SimTime {
    SimTime(PLACED + LATENCY + ms)
}

#[test]
fn the_first_end_of_an_essential_container_is_the_end_of_the_task() {
    let out_of_memory = Stop {
        code: TaskStopCode::EssentialContainerExited,
        reason: StoppedReason::OutOfMemory,
    };
    let kill = |ms| Effect::OutOfMemory { after: fixed(ms) };
    for (effects, runtime, expected) in [
        (vec![], None, None),
        (vec![], Some(9_000), Some((then(9_000), Stop::FINISHED))),
        (
            vec![("app", exit(4_000, 2))],
            Some(9_000),
            Some((then(4_000), exited(2))),
        ),
        (
            vec![("app", exit(4_000, 2))],
            Some(3_000),
            Some((then(3_000), Stop::FINISHED)),
        ),
        (
            vec![("app", kill(4_000))],
            None,
            Some((then(4_000), out_of_memory)),
        ),
        (
            vec![("app", kill(4_000)), ("two", exit(1_000, 1))],
            None,
            Some((then(1_000), exited(1))),
        ),
        // The end of a container that is not essential is nothing to the task.
        (vec![("side", exit(4_000, 2))], None, None),
    ] {
        let containers = vec![
            container("app", true, &[]),
            container("two", true, &[]),
            container("side", false, &[]),
        ];
        let plan = run_of(containers, &effects, runtime);
        assert_eq!(plan.end, expected, "{effects:?} {runtime:?}");
    }
}

#[test]
fn a_restart_policy_keeps_the_task_when_the_container_has_run_long_enough() {
    let ends = |ms| Some((then(ms), exited(2)));
    for (runs, ignored, expected) in [
        (59_999, vec![], ends(59_999)),
        (60_000, vec![], None),
        (60_000, vec![0, 2], ends(60_000)),
        (60_000, vec![0, 3], None),
    ] {
        let mut app = container("app", true, &[]);
        app.restart_policy = Some(RestartPolicy {
            ignored_exit_codes: ignored.clone(),
            restart_attempt_period: Millis(60_000),
        });
        let plan = run_of(vec![app], &[("app", exit(runs, 2))], None);
        assert_eq!(plan.end, expected, "{runs} {ignored:?}");
    }
}

#[test]
fn an_application_answers_while_all_essential_containers_do() {
    let two = || vec![container("app", true, &[]), container("two", true, &[])];
    let plan = run_of(two(), &[], None);
    assert_eq!((plan.answers_from, plan.answers_until), (then(0), None));
    let effects = [
        (
            "app",
            Effect::SlowReadiness {
                after: fixed(5_000),
            },
        ),
        (
            "two",
            Effect::SlowReadiness {
                after: fixed(8_000),
            },
        ),
        (
            "app",
            Effect::Unhealthy {
                after: fixed(90_000),
            },
        ),
        (
            "two",
            Effect::Unhealthy {
                after: fixed(70_000),
            },
        ),
    ];
    let plan = run_of(two(), &effects, None);
    assert_eq!(plan.answers_from, then(8_000));
    assert_eq!(plan.answers_until, Some(then(70_000)));
}

#[test]
fn a_container_is_unhealthy_after_as_many_failed_checks_as_its_retries() {
    use HealthStatus::{Healthy, Unhealthy};
    let ready = |ms| ("app", Effect::SlowReadiness { after: fixed(ms) });
    let failing = |ms| ("app", Effect::Unhealthy { after: fixed(ms) });
    for (effects, start_period, expected) in [
        (vec![], 0, vec![(10, Healthy)]),
        (vec![ready(30_000)], 0, vec![(30, Healthy)]),
        // The third failure is at 30 s; a container may recover.
        (vec![ready(30_001)], 0, vec![(30, Unhealthy), (40, Healthy)]),
        // Failures before 25 s do not count: 30, 40, 50 s do.
        (vec![ready(50_000)], 25_000, vec![(50, Healthy)]),
        (
            vec![ready(50_001)],
            25_000,
            vec![(50, Unhealthy), (60, Healthy)],
        ),
        (vec![failing(0)], 0, vec![(30, Unhealthy)]),
        (vec![failing(0)], 25_000, vec![(50, Unhealthy)]),
        // A success has ended the start period.
        (
            vec![failing(11_000)],
            25_000,
            vec![(10, Healthy), (40, Unhealthy)],
        ),
        (
            vec![failing(60_000)],
            0,
            vec![(10, Healthy), (80, Unhealthy)],
        ),
        (
            vec![ready(12_000), failing(18_000)],
            0,
            vec![(30, Unhealthy)],
        ),
    ] {
        let mut app = container("app", true, &[]);
        app.health_check = Some(HealthCheck {
            start_period: Millis(start_period),
            ..CHECK
        });
        let plan = run_of(vec![app], &effects, None);
        let expected: Vec<(SimTime, HealthStatus)> = expected
            .into_iter()
            .map(|(seconds, status)| (then(seconds * 1_000), status))
            .collect();
        assert_eq!(plan.health, expected, "{effects:?} {start_period}");
    }
}

#[test]
fn essential_containers_without_a_check_leave_the_health_of_a_task_unknown() {
    let mut app = container("app", true, &[]);
    app.health_check = Some(CHECK);
    let alone = run_of(vec![app.clone()], &[], None);
    assert_eq!(alone.health, [(then(10_000), HealthStatus::Healthy)]);
    let side = |essential| container("side", essential, &[]);
    // G69
    assert_eq!(run_of(vec![app.clone(), side(true)], &[], None).health, []);
    assert_eq!(
        run_of(vec![app.clone(), side(false)], &[], None).health,
        alone.health
    );
    // An unhealthy one outweighs them.
    let failing = [("app", Effect::Unhealthy { after: fixed(0) })];
    let plan = run_of(vec![app, side(true)], &failing, None);
    assert_eq!(plan.health, [(then(30_000), HealthStatus::Unhealthy)]);
}

/// How long the containers take to stop, of which some mind no signal.
fn stop_of(containers: Vec<ContainerDefinition>, deaf: &[&str], latency: u64) -> Millis {
    let definition = definition(containers);
    let effects: Vec<(&str, Effect)> = deaf
        .iter()
        .map(|name| (*name, Effect::IgnoreSigterm))
        .collect();
    let fate = fate(&definition, &effects);
    let settings = AgentSettings::default();
    stop_duration(&launch(&definition, &fate, &settings), Millis(latency))
}

#[test]
fn a_container_that_ignores_the_stop_signal_is_killed_after_its_stop_timeout() {
    let containers = |own: Option<u64>| {
        let mut app = container("app", true, &[]);
        app.stop_timeout = own.map(Millis);
        vec![app, container("side", false, &[])]
    };
    for (own, deaf, latency, expected) in [
        (None, &[][..], 700, 700),
        (None, &["app"], 700, 30_000),
        (Some(120_000), &["app"], 700, 120_000),
        (Some(2_000), &["app"], 700, 2_000),
        (None, &["side"], 700, 30_000),
        // One that takes longer than it may is killed as well.
        (None, &[], 45_000, 30_000),
        (Some(120_000), &[], 45_000, 45_000),
    ] {
        let duration = stop_of(containers(own), deaf, latency);
        assert_eq!(duration, Millis(expected), "{own:?} {deaf:?} {latency}");
    }
}

#[test]
fn containers_stop_in_the_reverse_of_the_order_in_which_they_start() {
    let chain = |condition| {
        vec![
            container("first", false, &[]),
            container("second", false, &[(0, condition)]),
            container("app", true, &[(1, condition)]),
        ]
    };
    assert_eq!(stop_of(chain(Start), &[], 700), Millis(2_100));
    assert_eq!(stop_of(chain(Start), &["second"], 700), Millis(31_400));
    // What was over before the application started needs no stop.
    assert_eq!(stop_of(chain(Success), &["second"], 700), Millis(700));
}

/// Containers of which each may wait for those before it.
fn any_containers() -> impl Strategy<Value = Vec<ContainerDefinition>> {
    let one = (
        any::<bool>(),
        prop::collection::vec((0_usize..4, 0_u8..5), 4),
        1_u64..90_000,
    );
    prop::collection::vec(one, 1..5).prop_map(|rows| {
        let mut containers = Vec::new();
        for (place, (essential, waits, stop_timeout)) in rows.into_iter().enumerate() {
            let depends_on: Vec<(usize, ContainerCondition)> = waits
                .into_iter()
                .filter(|(on, _)| *on < place)
                .filter_map(|(on, condition)| match condition {
                    0 => Some((on, Start)),
                    1 => Some((on, Complete)),
                    2 => Some((on, Success)),
                    3 => Some((on, Healthy)),
                    _ => None,
                })
                .collect();
            let mut made = container(&format!("c{place}"), essential, &depends_on);
            made.health_check = Some(CHECK);
            made.stop_timeout = Some(Millis(stop_timeout));
            containers.push(made);
        }
        containers
    })
}

fn any_effects() -> impl Strategy<Value = Vec<(&'static str, Effect)>> {
    let name = prop::sample::select(vec!["c0", "c1", "c2", "c3"]);
    let effect = (0_u8..6, 0_u64..400_000, 0_u8..2).prop_map(|(kind, ms, code)| match kind {
        0 => Effect::FailToStart { after: fixed(ms) },
        1 => exit(ms, code),
        2 => Effect::OutOfMemory { after: fixed(ms) },
        3 => Effect::Unhealthy { after: fixed(ms) },
        4 => Effect::SlowReadiness { after: fixed(ms) },
        _ => Effect::IgnoreSigterm,
    });
    prop::collection::vec((name, effect), 0..4)
}

proptest! {
    /// Whatever the containers and their fates: pulls are asked for in the order of time, nothing
    /// happens before what it waits for, and no plan is left without an end.
    #[test]
    fn a_start_plan_never_goes_back_in_time(
        containers in any_containers(),
        effects in any_effects(),
        pulls in prop::collection::vec((0_u64..100_000, 0_u8..8), 4),
    ) {
        let definition = definition(containers);
        let fate = fate(&definition, &effects);
        let settings = AgentSettings::default();
        let launch = launch(&definition, &fate, &settings);
        let mut asked: Vec<Millis> = Vec::new();
        let plan = plan_start(&launch, &mut |place, at| {
            asked.push(at);
            let (duration, luck) = pulls[place];
            PullOutcome {
                duration: Millis(duration),
                error: (luck == 0).then_some(PullError::NotFound),
            }
        });
        prop_assert!(asked.is_sorted(), "{asked:?}");
        let (StartEnd::Running(end) | StartEnd::Fails { at: end, .. }) = plan.end;
        prop_assert!(launch.placed_at <= plan.activating_at && plan.activating_at <= plan.pulled_at);
        prop_assert!(plan.pulled_at <= end);
        prop_assert!(asked.iter().all(|at| launch.placed_at + *at <= end));
        for (own, container) in plan.containers.iter().zip(&definition.containers) {
            let times = own.started_at.into_iter().chain(own.over_at);
            prop_assert!(times.clone().is_sorted() && times.clone().all(|at| at <= end));
            let Some(started_at) = own.started_at else { continue };
            for dependency in &container.depends_on {
                let on = plan.containers[dependency.container];
                let met = match dependency.condition {
                    Start => on.started_at,
                    Complete | Success => on.over_at,
                    Healthy => on.started_at.and_then(|at| {
                        health_check::healthy_at(&CHECK, &fate, dependency.container, at)
                    }),
                };
                prop_assert!(met.is_some_and(|at| at <= started_at), "{dependency:?} {plan:?}");
            }
        }
        let run = plan_run(&launch, &plan, Some(Millis(1_000)));
        prop_assert_eq!(run.is_some(), matches!(plan.end, StartEnd::Running(_)));
        if let Some(run) = run {
            let stopped_at = run.end.unwrap().0;
            prop_assert!(end <= run.answers_from && end <= stopped_at);
            prop_assert!(run.answers_until.is_none_or(|at| end <= at));
            prop_assert!(run.health.iter().map(|(at, _)| *at).is_sorted());
            prop_assert!(run.health.iter().all(|(at, _)| *at <= stopped_at));
        }
    }

    /// One after the other at the longest; all at once, the largest of the timeouts.
    #[test]
    fn no_stop_takes_longer_than_the_stop_timeouts_allow(
        containers in any_containers(),
        effects in any_effects(),
        latency in 0_u64..100_000,
    ) {
        let limits: Vec<u64> =
            containers.iter().map(|own| own.stop_timeout.unwrap().0).collect();
        let chained = containers.iter().any(|own| !own.depends_on.is_empty());
        let definition = definition(containers);
        let fate = fate(&definition, &effects);
        let settings = AgentSettings::default();
        let duration = stop_duration(&launch(&definition, &fate, &settings), Millis(latency));
        let bound: u64 = if chained { limits.iter().sum() } else { *limits.iter().max().unwrap() };
        prop_assert!(duration.0 <= bound, "{duration} {limits:?}");
    }
}
