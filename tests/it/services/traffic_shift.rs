//! Deployments that shift traffic: blue/green, linear, canary.

use ecs_sim::control::{FailureCause, LifecycleStage, RolloutState};

use super::{ONE_TASK_AN_INSTANCE, Seen, watch};

/// A service of two on six instances that is updated after 10 min.
fn shifted(configuration: &str, service: &str, rest: &str) -> Seen {
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:3', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own, count: 6}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    availabilityZoneRebalancing: DISABLED
    deploymentConfiguration: {{{configuration}}}
    {service}
deployments:
  - {{at: 10m, service: web, taskDefinition: 'web:2'}}
{rest}"
    ));
    seen
}

/// The stages of a deployment, with the second at which it entered them.
fn stages(seen: &Seen, number: u32) -> Vec<(u64, &'static str)> {
    let changes = seen.changes.iter();
    let mut stages: Vec<(u64, &str)> = changes
        .filter(|(_, deployment)| deployment.number == number)
        .filter_map(|(at, deployment)| Some((at / 1_000, deployment.stage?.name())))
        .collect();
    stages.dedup_by_key(|(_, stage)| *stage);
    stages
}

/// The traffic of a deployment in tenths of a percent, with the second since when.
fn traffic(seen: &Seen, number: u32) -> Vec<(u64, u32)> {
    let changes = seen.changes.iter();
    let mut parts: Vec<(u64, u32)> = changes
        .filter(|(_, deployment)| deployment.number == number)
        .map(|(at, deployment)| (at / 1_000, deployment.traffic))
        .collect();
    parts.dedup_by_key(|(_, part)| *part);
    parts
}

#[test]
fn blue_green_goes_through_all_stages_in_order() {
    let seen = shifted(
        "strategy: BLUE_GREEN, bakeTimeInMinutes: 5,
      lifecycleHooks: [{lifecycleStages: [POST_SCALE_UP, POST_TEST_TRAFFIC_SHIFT], duration: 2m}]",
        "",
        "",
    );
    // The green tasks are healthy after 40 s; two hooks take 2 min each; the bake time 5 min.
    let expected = [
        (600, "RECONCILE_SERVICE"),
        (600, "PRE_SCALE_UP"),
        (600, "SCALE_UP"),
        (640, "POST_SCALE_UP"),
        (760, "TEST_TRAFFIC_SHIFT"),
        (760, "POST_TEST_TRAFFIC_SHIFT"),
        (880, "PRE_PRODUCTION_TRAFFIC_SHIFT"),
        (880, "PRODUCTION_TRAFFIC_SHIFT"),
        (880, "POST_PRODUCTION_TRAFFIC_SHIFT"),
        (880, "BAKE_TIME"),
        (1_180, "CLEAN_UP"),
    ];
    assert_eq!(stages(&seen, 2), expected);
    assert_eq!(traffic(&seen, 2), [(600, 0), (880, 1_000)]);
    // Twice the tasks until the clean-up.
    assert_eq!(seen.moved("web", true), [0, 0, 600, 600]);
    assert_eq!(seen.moved("web", false), [1_180, 1_180]);
    assert_eq!(
        seen.rollouts(2),
        [
            (600, RolloutState::InProgress),
            (1_180, RolloutState::Completed)
        ]
    );
}

#[test]
fn blue_green_needs_twice_the_tasks_whatever_the_maximum() {
    let seen = shifted(
        "strategy: BLUE_GREEN, bakeTimeInMinutes: 0, minimumHealthyPercent: 100, maximumPercent: 100",
        "",
        "",
    );
    assert_eq!(seen.old_and_new("web"), [(2, 0), (2, 2), (0, 2)]);
}

#[test]
fn a_canary_takes_its_part_and_then_all() {
    let seen = shifted(
        "strategy: CANARY, bakeTimeInMinutes: 3,
      canaryConfiguration: {canaryPercent: 12.5, canaryBakeTimeInMinutes: 7}",
        "",
        "",
    );
    assert_eq!(traffic(&seen, 2), [(600, 0), (640, 125), (1_060, 1_000)]);
    // The old revision is there to go back to until the bake time is over.
    assert_eq!(seen.moved("web", false), [1_240, 1_240]);
}

#[test]
fn defaults_of_canary_are_5_percent_for_ten_minutes_and_of_linear_10_percent_for_six() {
    let seen = shifted("strategy: CANARY", "", "");
    assert_eq!(traffic(&seen, 2), [(600, 0), (640, 50), (1_240, 1_000)]);
    let seen = shifted("strategy: LINEAR", "", "");
    let mut steps: Vec<(u64, u32)> = vec![(600, 0)];
    steps.extend((0..10).map(|step| (640 + u64::from(step) * 360, 100 * (step + 1))));
    assert_eq!(traffic(&seen, 2), steps);
}

#[test]
fn linear_steps_are_equal_and_the_last_one_does_not_bake() {
    let seen = shifted(
        "strategy: LINEAR, linearConfiguration: {stepPercent: 40, stepBakeTimeInMinutes: 5}",
        "",
        "",
    );
    let steps = [(600, 0), (640, 400), (940, 800), (1_240, 1_000)];
    assert_eq!(traffic(&seen, 2), steps);
    assert_eq!(seen.moved("web", false), [1_240, 1_240]);
}

#[test]
fn a_hook_that_fails_rolls_back_wherever_it_stands() {
    for (stage, seconds) in [
        ("RECONCILE_SERVICE", 780),
        ("PRE_SCALE_UP", 780),
        ("POST_SCALE_UP", 820),
        ("TEST_TRAFFIC_SHIFT", 820),
        ("PRODUCTION_TRAFFIC_SHIFT", 820),
        ("POST_PRODUCTION_TRAFFIC_SHIFT", 820),
    ] {
        let configuration = format!(
            "strategy: BLUE_GREEN, bakeTimeInMinutes: 5, lifecycleHooks:
      [{{lifecycleStages: [{stage}], duration: 3m, succeeds: false}}]"
        );
        let seen = shifted(&configuration, "", "");
        assert_eq!(
            seen.rollouts(2),
            [
                (600, RolloutState::InProgress),
                (seconds, RolloutState::Failed)
            ],
            "{stage}"
        );
        let failed = &seen.deployments[&(0, 2)];
        assert_eq!(failed.cause, Some(FailureCause::LifecycleHook));
        assert_eq!(failed.traffic, 0);
        assert_eq!(seen.deployments[&(0, 1)].traffic, 1_000);
        assert_eq!(seen.old_and_new("web").last(), Some(&(2, 0)));
        assert_eq!(
            seen.said("deployment failed: a lifecycle hook failed.")
                .len(),
            1
        );
        assert_eq!(seen.rollout(1), RolloutState::Completed);
        // The blue tasks never stopped.
        let stopped = seen.moves.iter().filter(|(_, starts, ..)| !*starts);
        assert!(
            stopped.clone().all(|(.., revision)| *revision == 1),
            "{stage}"
        );
    }
}

#[test]
fn a_hook_at_the_shift_runs_at_each_step() {
    let seen = shifted(
        "strategy: LINEAR, linearConfiguration: {stepPercent: 50, stepBakeTimeInMinutes: 5},
      lifecycleHooks: [{lifecycleStages: [PRODUCTION_TRAFFIC_SHIFT], duration: 1m}]",
        "",
        "",
    );
    assert_eq!(traffic(&seen, 2), [(600, 0), (640, 500), (1_000, 1_000)]);
    assert_eq!(seen.moved("web", false), [1_060, 1_060]);
}

#[test]
fn an_alarm_in_the_bake_time_brings_all_traffic_back() {
    let seen = shifted(
        "strategy: BLUE_GREEN, bakeTimeInMinutes: 30,
      alarms: {alarmNames: [errors], enable: true, rollback: true}",
        "",
        "alarms: [{alarmName: errors, states: [{at: 20m, state: ALARM}]}]",
    );
    assert_eq!(traffic(&seen, 2), [(600, 0), (640, 1_000), (1_200, 0)]);
    assert_eq!(seen.deployments[&(0, 1)].traffic, 1_000);
    assert_eq!(seen.moved("web", true), [0, 0, 600, 600]);
    assert_eq!(seen.old_and_new("web").last(), Some(&(2, 0)));
}

#[test]
fn an_update_during_a_canary_leaves_the_revision_that_has_the_traffic() {
    let seen = shifted(
        "strategy: CANARY, canaryConfiguration: {canaryPercent: 10, canaryBakeTimeInMinutes: 20}",
        "",
        "  - {at: 20m, service: web, taskDefinition: 'web:3'}",
    );
    // web:2 has a tenth of the traffic when web:3 is asked for: it goes, and web:1 stays.
    let stops: Vec<(u64, u32)> = seen
        .moves
        .iter()
        .filter(|(_, starts, ..)| !*starts)
        .map(|(at, _, _, revision)| (at / 1_000, *revision))
        .collect();
    assert_eq!(stops, [(1_200, 1), (1_200, 1), (2_440, 0), (2_440, 0)]);
    assert_eq!(
        traffic(&seen, 3),
        [(1_200, 0), (1_240, 100), (2_440, 1_000)]
    );
    assert_eq!(seen.deployments[&(0, 2)].traffic, 0);
    assert_eq!(seen.rollout(3), RolloutState::Completed);
}

#[test]
fn both_revisions_follow_the_desired_count_while_traffic_shifts() {
    let seen = shifted(
        "strategy: BLUE_GREEN, bakeTimeInMinutes: 20",
        "",
        "  - {at: 15m, service: web, desiredCount: 3}",
    );
    assert_eq!(seen.old_and_new("web"), [(2, 0), (2, 2), (3, 3), (0, 3)]);
}

#[test]
fn a_network_load_balancer_takes_ten_minutes_more_for_each_shift() {
    let service = "loadBalancers: [{targetGroupName: web, containerName: app, containerPort: 80}]";
    let group = |protocol: &str| {
        format!(
            "targetGroups: [{{targetGroupName: web, protocol: {protocol}, deregistrationDelay: 0s}}]"
        )
    };
    let configuration = "strategy: BLUE_GREEN, bakeTimeInMinutes: 5";
    let seen = shifted(configuration, service, &group("HTTP"));
    assert_eq!(stages(&seen, 2).last(), Some(&(900, "CLEAN_UP")));
    let seen = shifted(configuration, service, &group("TCP"));
    let later: Vec<(u64, &str)> = stages(&seen, 2)
        .into_iter()
        .filter(|(at, _)| *at > 600)
        .collect();
    assert_eq!(
        later,
        [
            (1_200, "POST_TEST_TRAFFIC_SHIFT"),
            (1_200, "PRE_PRODUCTION_TRAFFIC_SHIFT"),
            (1_200, "PRODUCTION_TRAFFIC_SHIFT"),
            (1_800, "POST_PRODUCTION_TRAFFIC_SHIFT"),
            (1_800, "BAKE_TIME"),
            (2_100, "CLEAN_UP"),
        ]
    );
}

#[test]
fn the_first_deployment_of_a_service_shifts_nothing() {
    let seen = shifted("strategy: BLUE_GREEN, bakeTimeInMinutes: 5", "", "");
    assert_eq!(stages(&seen, 1), []);
    assert_eq!(
        seen.rollouts(1)[1],
        (40, RolloutState::Completed),
        "no bake time either"
    );
    assert_eq!(LifecycleStage::ALL.len(), 11);
}

#[test]
fn green_tasks_that_find_no_room_keep_all_traffic_on_the_blue_ones() {
    let (_, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 3}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    deploymentConfiguration: {{strategy: BLUE_GREEN, bakeTimeInMinutes: 0}}
deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]"
    ));
    assert_eq!(stages(&seen, 2).last(), Some(&(600, "SCALE_UP")));
    assert_eq!(seen.old_and_new("web"), [(2, 0), (2, 1)]);
    assert_eq!(seen.said("was unable to place a task").len(), 1);
}

#[test]
fn a_stage_of_more_than_a_day_fails_and_rolls_back() {
    // Two tasks fill the two instances: the green revision never has room.
    let (_, seen) = super::watch_text(&format!(
        "duration: 30h
latencies: {{instant: true}}
{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 2}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: 2
    deploymentConfiguration: {{strategy: BLUE_GREEN, bakeTimeInMinutes: 5}}
deployments: [{{at: 10m, service: web, taskDefinition: 'web:2'}}]"
    ));
    assert_eq!(
        seen.rollouts(2),
        [
            (600, RolloutState::InProgress),
            (87_000, RolloutState::Failed)
        ]
    );
    let failed = &seen.deployments[&(0, 2)];
    assert_eq!(failed.cause, Some(FailureCause::StageTimedOut));
    assert_eq!(seen.old_and_new("web").last(), Some(&(2, 0)));
}
