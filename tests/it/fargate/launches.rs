//! How fast tasks are launched on Fargate, and how long it takes.

use super::{SMALL, counts, instant};
use crate::harness::run;
use crate::services::{messages, watch_text};

#[test]
fn a_burst_of_a_hundred_launches_then_twenty_a_second() {
    let text = |when_full: &str| {
        format!(
            "tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, \
             arrivals: {{at: 0s, count: 150}}{when_full}}}]"
        )
    };
    let ran = instant(&text(", whenFull: queue"));
    let placed: Vec<u64> = ran
        .task_column("placed_ms")
        .iter()
        .map(|at| at.parse().expect("milliseconds"))
        .collect();
    let by = |until: u64| placed.iter().filter(|at| **at <= until).count();
    assert_eq!(
        (by(0), by(49), by(50), by(1_000), by(2_499), by(2_500)),
        (100, 100, 101, 120, 149, 150)
    );
    // RunTask itself does not wait.
    let ran = instant(&text(""));
    assert_eq!(
        (ran.summary.tasks.placed, ran.summary.tasks.not_placed),
        (100, 50)
    );
    let failures = &ran.summary.placement.failures;
    assert_eq!(failures["ThrottlingException: Rate exceeded"], 50);
}

#[test]
fn fargate_and_fargate_spot_have_a_bucket_each() {
    let ran = instant(
        "tasks: [{name: job, taskDefinition: 'web:1', count: 10, \
         arrivals: {at: 0s, count: 25}, \
         capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}, \
         {capacityProvider: FARGATE_SPOT, weight: 1}]}]",
    );
    assert_eq!(ran.summary.tasks.submitted, 250);
    let fargate = ran.summary.fargate.as_ref().expect("tasks on Fargate");
    let tasks = |name: &str| fargate.by_capacity_provider[name].tasks;
    assert_eq!((tasks("FARGATE"), tasks("FARGATE_SPOT")), (100, 100));
}

#[test]
fn small_regions_launch_more_slowly() {
    let ran = instant(
        "region: af-south-1\n\
         fargate: {rates: [{vcpuUsdPerHour: 0.05, memoryGbUsdPerHour: 0.005}]}\n\
         tasks: [{name: job, taskDefinition: 'web:1', launchType: FARGATE, whenFull: queue, \
         arrivals: {at: 0s, count: 30}}]",
    );
    assert_eq!(
        counts(&ran, "placed_ms"),
        "0 25, 1000 1, 200 1, 400 1, 600 1, 800 1"
    );
    assert_eq!(counts(&ran, "availability_zone"), "af-south-1a 30");
}

#[test]
fn a_service_waits_for_the_launch_rate_and_says_so() {
    let (ran, seen) = watch_text(&format!(
        "duration: 1h\nlatencies: {{instant: true}}\n{SMALL}\
         fargate: {{launchRate: {{burst: 10, perSecond: 1}}}}\n\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 13, \
         launchType: FARGATE}}]"
    ));
    let starts = seen.moved("web", true);
    assert_eq!(starts[9..], [0, 1, 2, 3]);
    let said = messages(&ran);
    let throttled = said.iter().filter(|(_, said)| said.contains("throttled"));
    assert_eq!(throttled.count(), 1);
    assert_eq!(ran.summary.placement.failures.len(), 0);
}

#[test]
fn a_service_launches_500_tasks_a_minute_in_large_regions_and_125_elsewhere() {
    for (region, expected) in [("us-east-1", 500), ("af-south-1", 125)] {
        let (_, seen) = watch_text(&format!(
            "duration: 10m\nregion: {region}\nlatencies: {{instant: true}}\n{SMALL}\
             fargate: {{launchRate: none, \
             rates: [{{vcpuUsdPerHour: 0.05, memoryGbUsdPerHour: 0.005}}]}}\n\
             services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 700, \
             launchType: FARGATE}}]"
        ));
        let starts = seen.moved("web", true);
        let at_once = starts.iter().filter(|at| **at == 0).count();
        // The bucket is full at first, and the first second adds a few.
        let added = expected / 60;
        assert!(
            (expected..=expected + added).contains(&at_once),
            "{region}: {at_once}"
        );
    }
}

/// 30 s for the host and its network interface, 2 s for the containers, and images of 500 MB and
/// 200 MB at 50 MB a second.
fn with_images(more: &str) -> crate::harness::Ran {
    run(&format!(
        "duration: 1h\n\
         latencies: {{start: 2s, stop: 0s, imagePull: {{overhead: 0s}}}}\n\
         fargate: {{provisioning: 30s{more}}}\n\
         images: [{{name: 'web:1', size: 500 MB}}, {{name: 'web:2', size: 200 MB}}]\n{SMALL}\
         tasks:\n\
         \x20 - {{name: large, taskDefinition: 'web:1', launchType: FARGATE, count: 1, \
         arrivals: {{every: 20m}}, runtime: 1m}}\n\
         \x20 - {{name: small, taskDefinition: 'web:2', launchType: FARGATE, \
         arrivals: {{at: 0s}}, runtime: 1m}}"
    ))
}

fn started(ran: &crate::harness::Ran, task: &str) -> u64 {
    let ids = ran.task_column("task_id");
    let place = ids.iter().position(|id| id == task).expect("a task");
    let at = |column: &str| -> u64 {
        ran.task_column(column)[place]
            .parse()
            .expect("milliseconds")
    };
    at("started_ms") - at("placed_ms")
}

#[test]
fn every_task_pulls_its_image_anew() {
    let ran = with_images("");
    for task in ["large/1", "large/2", "large/3"] {
        assert_eq!(started(&ran, task), 42_000, "{task}");
    }
    assert_eq!(started(&ran, "small/1"), 36_000);
}

#[test]
fn lazy_loading_starts_large_images_before_they_are_there() {
    let ran = with_images(", imagePull: {lazyLoading: 10%}");
    assert_eq!(started(&ran, "large/1"), 33_000);
    assert_eq!(started(&ran, "small/1"), 36_000, "below 250 MiB");
    let ran = with_images(", imagePull: {bandwidth: 100 MB}");
    assert_eq!(started(&ran, "large/1"), 37_000);
}

#[test]
fn a_task_passes_through_its_states() {
    let (_, seen) = watch_text(&format!(
        "duration: 1h\n\
         latencies: {{start: 2s, stop: 1s, networkInterfaceDetach: 3s}}\n\
         fargate: {{provisioning: 30s}}\n{SMALL}\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1, \
         launchType: FARGATE}}]\n\
         deployments: [{{at: 30m, service: web, desiredCount: 0}}]"
    ));
    let life = seen.life("web", 1);
    assert_eq!(
        life,
        [
            (0, "PENDING"),
            (30_000, "ACTIVATING"),
            (32_000, "RUNNING"),
            (1_800_000, "STOPPING"),
            (1_801_000, "DEPROVISIONING"),
            (1_804_000, "STOPPED"),
        ]
    );
}
