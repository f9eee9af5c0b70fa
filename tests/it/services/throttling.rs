//! How fast tasks are started: restart throttling, the launch rate.

use super::{ONE_TASK_AN_INSTANCE, watch, watch_text};

/// A service on two instances of one task each, for a span.
fn service(duration: &str, desired: u32, rest: &str) -> String {
    format!(
        "duration: {duration}
latencies: {{instant: true}}
{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 4}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: {desired}}}]
{rest}"
    )
}

const IMPAIRED: &str = "is unable to consistently start tasks successfully.";

#[test]
fn tasks_that_run_however_briefly_are_started_again_at_normal_speed() {
    // G73: each exits one second after RUNNING.
    let rest = "taskBehaviors: [{service: web, exit: {after: 1s}}]";
    let (_, seen) = watch_text(&service("10m", 1, rest));
    let every_second: Vec<u64> = (0..600).collect();
    assert_eq!(seen.moved("web", true), every_second);
    assert!(seen.said(IMPAIRED).is_empty());
}

#[test]
fn tasks_that_fail_their_health_checks_are_not_throttled() {
    let text = service(
        "1h",
        1,
        "taskBehaviors: [{service: web, unhealthy: {after: 0s}}]",
    );
    let text = text.replace(
        "memory: 512}",
        "memory: 512, healthCheck: {command: [CMD, ok], interval: 10}}",
    );
    let (_, seen) = watch_text(&text);
    assert!(seen.moved("web", true).len() > 100);
    assert!(seen.said(IMPAIRED).is_empty());
}

#[test]
fn the_distance_of_starts_that_never_run_grows_to_27_minutes() {
    // G74.
    let rest = "images: [{name: 'web:1', missing: true}]\nlatencies";
    let text = service("8h", 1, rest)
        .replace("latencies: {instant: true}\n", "")
        .replace(
            "latencies",
            "latencies: {start: 0s, stop: 0s, imagePull: {overhead: 0s}}",
        );
    let (ran, seen) = watch_text(&text);
    let starts = seen.moved("web", true);
    let gaps: Vec<u64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];
    assert_eq!(gaps[..11], doubling);
    assert!(gaps[11..].iter().all(|gap| *gap == 27 * 60), "{gaps:?}");
    assert!(gaps.len() > 20);
    assert_eq!(ran.task_column("stop_code")[0], "TaskFailedToStart");
    // Said with the third failure, and again when six hours have passed.
    let said = seen.said(IMPAIRED);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], (3_000, IMPAIRED));
    assert!(said[1].0 >= 3_000 + 6 * 3_600_000 && said[1].0 < 3_000 + 6 * 3_600_000 + 1_620_000);
}

#[test]
fn tasks_that_start_together_fail_together_once() {
    let rest = "taskBehaviors: [{service: web, failToStart: {after: 0s}}]";
    let (_, seen) = watch_text(&service("20s", 3, rest));
    let starts = seen.moved("web", true);
    assert_eq!(starts, [0, 0, 0, 1, 1, 1, 3, 3, 3, 7, 7, 7, 15, 15, 15]);
}

#[test]
fn a_new_definition_or_a_forced_deployment_brings_a_throttled_service_back_to_speed() {
    // G75.
    let rest = "taskBehaviors: [{taskDefinition: 'web:1', failToStart: {after: 0s}}]
deployments: [{at: 30m, service: web, taskDefinition: 'web:2'}]";
    let (_, seen) = watch_text(&service("1h", 1, rest));
    let starts = seen.moved("web", true);
    let (last, before) = starts.split_last().expect("starts");
    assert_eq!(*last, 1_800);
    // The next one of the old definition would have come at 2,047 s.
    assert_eq!(before.last(), Some(&1_023));
    let rest = "taskBehaviors: [{taskDefinition: 'web:1', failToStart: {after: 0s}}]
deployments: [{at: 30m, service: web, forceNewDeployment: true}]";
    let (_, seen) = watch_text(&service("31m", 1, rest));
    let starts = seen.moved("web", true);
    assert_eq!(starts[11..], [1_800, 1_801, 1_803, 1_807, 1_815, 1_831]);
}

#[test]
fn a_task_that_reaches_running_ends_the_throttling() {
    let rest = "taskBehaviors:
  - {service: web, until: 100s, failToStart: {after: 0s}}
  - {service: web, from: 100s, until: 300s, exit: {after: 200s}}
  - {service: web, from: 300s, failToStart: {after: 0s}}";
    let (_, seen) = watch_text(&service("6m", 1, rest));
    // 127 s is the first that runs; it ends at 327 s, and the delays begin anew.
    let starts = seen.moved("web", true);
    assert_eq!(
        starts,
        [0, 1, 3, 7, 15, 31, 63, 127, 327, 328, 330, 334, 342, 358]
    );
    let said: Vec<u64> = seen.said(IMPAIRED).iter().map(|(at, _)| *at).collect();
    assert_eq!(said, [3_000, 330_000]);
}

#[test]
fn the_longest_delay_of_older_guides_can_be_chosen() {
    let rest = "serviceOptions: {restartThrottle: {first: 60s, longest: 15m}}
taskBehaviors: [{service: web, failToStart: {after: 0s}}]";
    let (_, seen) = watch_text(&service("1h", 1, rest));
    assert_eq!(
        seen.moved("web", true),
        [0, 60, 180, 420, 900, 1_800, 2_700]
    );
}

#[test]
fn attempts_that_find_no_room_use_up_no_launches() {
    // Something ends each second, and each time the service tries again in vain.
    let (_, seen) = watch(
        "instanceTypes: [{instanceType: own, cpu: 4 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 4096, memory: 512}]}
containerInstances: [{instanceType: own}]
serviceOptions: {taskLaunchesPerMinute: 10}
tasks: [{name: job, cpu: 128, memory: 64, arrivals: {every: 1s, until: 10m}, runtime: 5s}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1, createdAt: 30s}]",
    );
    assert!(seen.said("operations are being throttled").is_empty());
    // The last job ends at 604 s.
    assert_eq!(seen.moved("web", true), [604]);
}

#[test]
fn a_task_that_ends_as_soon_as_it_runs_does_not_stop_the_clock() {
    let rest = "serviceOptions: {quotas: false}
taskBehaviors: [{service: web, exit: {after: 0s}}]";
    let (ran, _) = watch_text(&service("10s", 1, rest));
    assert!(ran.tasks().len() > 10);
}
