//! Where Fargate tasks go, and when there is no capacity.

use super::{SMALL, counts, instant};
use crate::harness::run;
use crate::services::{messages, watch_text};

const THREE_ZONES: &str = "fargate: {availabilityZones: [us-east-1a, us-east-1b, us-east-1c]}";
const NO_CAPACITY: &str = "Capacity is unavailable at this time. Please try again later or in a \
                           different availability zone";

#[test]
fn a_fargate_task_has_a_zone_and_no_instance() {
    let ran = instant(&format!(
        "{THREE_ZONES}\n\
         tasks: [{{name: job, cpu: 1024, memory: 2048, launchType: FARGATE, count: 7, \
         arrivals: {{at: 0s}}, runtime: 5m}}]"
    ));
    assert_eq!(
        counts(&ran, "availability_zone"),
        "us-east-1a 3, us-east-1b 2, us-east-1c 2"
    );
    assert_eq!(counts(&ran, "instance_id"), " 7");
    assert_eq!(counts(&ran, "capacity_provider"), "FARGATE 7");
    let (tasks, instances) = (&ran.summary.tasks, &ran.summary.instances);
    assert_eq!((tasks.placed, tasks.succeeded), (7, 7));
    assert_eq!((instances.launched, instances.lower_bound), (0, 0));
}

#[test]
fn tasks_are_spread_over_zones_apart_for_fargate_and_fargate_spot() {
    let ran = instant(&format!(
        "{THREE_ZONES}\n\
         tasks: [{{name: job, taskDefinition: 'web:1', count: 8, arrivals: {{at: 0s}}, \
         capacityProviderStrategy: [{{capacityProvider: FARGATE, weight: 1}}, \
         {{capacityProvider: FARGATE_SPOT, weight: 1}}]}}]"
    ));
    let providers = ran.task_column("capacity_provider");
    let zones = ran.task_column("availability_zone");
    for provider in ["FARGATE", "FARGATE_SPOT"] {
        let of_it = providers.iter().zip(&zones);
        let of_it = of_it.filter(|(name, _)| *name == provider);
        let letters: String = of_it.filter_map(|(_, zone)| zone.chars().last()).collect();
        assert_eq!(letters, "abca", "{provider}");
    }
}

#[test]
fn tasks_stay_in_the_zones_of_their_subnets() {
    let ran = instant(
        "subnets: [{subnetId: subnet-b, availabilityZone: us-east-1b}]\n\
         tasks: [{name: job, taskDefinition: 'web:1', launchType: FARGATE, count: 3, \
         networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-b]}}, \
         arrivals: {at: 0s}}]",
    );
    assert_eq!(counts(&ran, "availability_zone"), "us-east-1b 3");
}

#[test]
fn amounts_of_a_trace_are_rounded_up_to_a_size() {
    let directory = tempfile::tempdir().expect("a place");
    let rows = "submit_s,duration_s,cpu,memory\n0,60,100,600\n0,60,1024,9000\n0,60,40000,1\n";
    std::fs::write(directory.path().join("jobs.csv"), rows).expect("a file");
    let text = "duration: 1h\nlatencies: {instant: true}\n\
                tasks: [{name: job, launchType: FARGATE, trace: {file: jobs.csv}}]";
    let options = ecs_sim::scenario::LoadOptions::default();
    let scenario = crate::harness::scenario_in(directory.path(), text, &options);
    let options = ecs_sim::record::RecordOptions { tasks: true };
    let ran = crate::harness::run_watched(&scenario, options, &mut ());
    assert_eq!(ran.task_column("cpu"), ["256", "2048", "40000"]);
    assert_eq!(ran.task_column("memory"), ["1024", "9216", "1"]);
    assert_eq!(
        ran.task_column("stopped_reason")[2],
        "ClientException: No Fargate configuration exists for given values."
    );
}

#[test]
fn a_refused_capacity_fails_run_task_and_a_zone_that_has_some_is_used() {
    let ran = instant(&format!(
        "{THREE_ZONES}\n\
         incidents:\n\
         \x20 - {{at: 1m, duration: 10m, fargateCapacityRefused: true}}\n\
         \x20 - {{at: 20m, duration: 10m, fargateCapacityRefused: {{availabilityZone: us-east-1a}}}}\n\
         tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, count: 2, \
         arrivals: {{every: 5m}}, runtime: 10s}}]"
    ));
    // Calls at 0, 5, ... 55 minutes: those at 5 and 10 fail.
    let failures = &ran.summary.placement.failures;
    assert_eq!(failures[NO_CAPACITY], 4);
    assert_eq!(ran.summary.tasks.not_placed, 4);
    let at_20 = ran.task_column("submitted_ms").into_iter();
    let zones = ran.task_column("availability_zone");
    let in_incident: Vec<&String> = at_20
        .zip(&zones)
        .filter(|(at, _)| at == "1200000" || at == "1500000")
        .map(|(_, zone)| zone)
        .collect();
    assert_eq!(
        in_incident,
        ["us-east-1b", "us-east-1c", "us-east-1b", "us-east-1c"]
    );
}

#[test]
fn the_vcpu_quota_counts_what_is_not_yet_stopped() {
    let text = |when_full: &str| {
        format!(
            "fargate: {{vcpuQuota: 1, launchRate: none}}\n\
             tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, count: 6, \
             arrivals: {{at: 0s}}, runtime: 1m{when_full}}}]"
        )
    };
    let ran = instant(&text(""));
    let reason = "You've reached the limit on the number of vCPUs you can run concurrently";
    assert_eq!(ran.summary.placement.failures[reason], 2);
    let fargate = ran.summary.fargate.as_ref().expect("tasks on Fargate");
    assert_eq!((fargate.tasks, fargate.refused[reason]), (4, 2));
    // A client that waits gets in when others are gone.
    let ran = instant(&text(", whenFull: queue"));
    let placed = ran.task_column("placed_ms");
    assert_eq!(placed, ["0", "0", "0", "0", "60000", "60000"]);
}

#[test]
fn quotas_of_fargate_and_fargate_spot_are_two() {
    let ran = instant(
        "fargate: {vcpuQuota: {FARGATE: 0.5, FARGATE_SPOT: 1}}\n\
         tasks: [{name: job, taskDefinition: 'web:1', count: 10, arrivals: {at: 0s}, \
         capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}, \
         {capacityProvider: FARGATE_SPOT, weight: 1}]}]",
    );
    let fargate = ran.summary.fargate.as_ref().expect("tasks on Fargate");
    let tasks = |name: &str| fargate.by_capacity_provider[name].tasks;
    assert_eq!((tasks("FARGATE"), tasks("FARGATE_SPOT")), (2, 4));
}

#[test]
fn a_lost_zone_ends_its_tasks_and_the_others_take_over() {
    let (ran, seen) = watch_text(&format!(
        "duration: 2h\nlatencies: {{instant: true}}\n{SMALL}{THREE_ZONES}\n\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 6, \
         launchType: FARGATE}}]\n\
         incidents: [{{at: 30m, duration: 20m, availabilityZoneLost: us-east-1b}}]"
    ));
    let zones = ran.task_column("availability_zone");
    let codes = ran.task_column("stop_code");
    let lost = zones.iter().zip(&codes);
    let lost = lost.filter(|(_, code)| *code == "TerminationNotice");
    assert!(lost.clone().all(|(zone, _)| zone == "us-east-1b"));
    assert_eq!(lost.count(), 2);
    assert_eq!(ran.summary.tasks.interrupted, 2);
    // Two tasks are replaced at once; when the zone is back they move there again.
    let starts = seen.moved("web", true);
    assert_eq!(starts[..8], [0, 0, 0, 0, 0, 0, 1_800, 1_800]);
    assert!(starts[8] >= 3_000, "{starts:?}");
    let statuses = ran.task_column("last_status");
    let running = zones.iter().zip(&statuses);
    let running: Vec<&str> = running
        .filter(|(_, status)| *status == "RUNNING")
        .map(|(zone, _)| zone.as_str())
        .collect();
    let in_b = running.iter().filter(|zone| **zone == "us-east-1b").count();
    assert_eq!((running.len(), in_b), (6, 2));
}

#[test]
fn what_befalls_instances_leaves_fargate_alone() {
    let ran = run(&format!(
        "duration: 1h\nlatencies: {{instant: true}}\n{SMALL}\
         containerInstances: [{{instanceType: m5.large, count: 2}}]\n\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 4, \
         launchType: FARGATE}}]\n\
         incidents:\n\
         \x20 - {{at: 5m, containerInstancesDraining: [0, 1]}}\n\
         \x20 - {{at: 10m, agentsDisconnected: [0, 1]}}\n\
         \x20 - {{at: 15m, containerInstancesLost: [0, 1]}}"
    ));
    assert_eq!(ran.summary.tasks.submitted, 4);
    assert_eq!(ran.summary.tasks.running, 4);
}

#[test]
fn a_service_says_why_it_cannot_place_a_task_and_tries_again() {
    let (ran, _) = watch_text(&format!(
        "duration: 1h\nlatencies: {{instant: true}}\n{SMALL}\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 2, \
         launchType: FARGATE}}]\n\
         incidents: [{{at: 0s, duration: 10m, fargateCapacityRefused: true}}]"
    ));
    let said: Vec<(u64, String)> = messages(&ran)
        .into_iter()
        .filter(|(_, message)| message.contains("unable to place"))
        .collect();
    let expected = format!("service (web) was unable to place a task. Reason: {NO_CAPACITY}.");
    assert_eq!(said, [(0, expected)]);
    assert_eq!(ran.task_column("placed_ms"), ["600000", "600000"]);
}
