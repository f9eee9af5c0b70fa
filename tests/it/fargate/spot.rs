//! Fargate Spot: its warning, its capacity, its shares of a strategy.

use super::{SMALL, counts, instant};
use crate::harness::{Ran, run};
use crate::services::{stop_of, watch_text};

const ON_SPOT: &str = "capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT, weight: 1}]";
const ONE_TO_FOUR: &str = "capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}, \
                           {capacityProvider: FARGATE_SPOT, weight: 4}]";

fn at(ran: &Ran, column: &str) -> Vec<u64> {
    let values = ran.task_column(column);
    let given = values.iter().filter(|value| !value.is_empty());
    given
        .map(|value| value.parse().expect("milliseconds"))
        .collect()
}

#[test]
fn g114_the_warning_is_the_stop_signal_and_the_timeout_the_kill() {
    let text = |stop_timeout: &str, ignores: &str| {
        format!(
            "duration: 1h\nlatencies: {{start: 0s, stop: 1s}}\n\
             fargate: {{provisioning: 0s}}\n\
             taskDefinitions: [{{family: web, cpu: 256, memory: 512, networkMode: awsvpc, \
             requiresCompatibilities: [FARGATE], \
             containerDefinitions: [{{name: app, image: a{stop_timeout}}}]}}]\n\
             tasks: [{{name: job, taskDefinition: web, {ON_SPOT}, arrivals: {{at: 0s}}}}]\n\
             {ignores}\
             incidents: [{{at: 10m, fargateSpotReclaim: true}}]"
        )
    };
    let ignores = "taskBehaviors: [{tasks: job, ignoreSigterm: true}]\n";
    for (stop_timeout, ignores, killed_after) in [
        (", stopTimeout: 120", ignores, 120_000),
        ("", ignores, 30_000),
        (", stopTimeout: 120", "", 1_000),
    ] {
        let ran = run(&text(stop_timeout, ignores));
        assert_eq!(at(&ran, "stopped_ms"), [600_000 + killed_after]);
        let (code, reason) = stop_of(&ran, 0);
        assert_eq!(code, "SpotInterruption");
        assert_eq!(reason, "Your Spot Task was interrupted.");
        assert_eq!(ran.summary.tasks.interrupted, 1);
    }
}

#[test]
fn two_minutes_after_the_warning_the_task_is_gone() {
    // One container stops after the other, each killed after two minutes.
    let ran = run(&format!(
        "duration: 1h\nlatencies: {{start: 0s, stop: 1s}}\nfargate: {{provisioning: 0s}}\n\
         taskDefinitions: [{{family: web, cpu: 256, memory: 512, networkMode: awsvpc, \
         requiresCompatibilities: [FARGATE], containerDefinitions: [\
         {{name: db, image: a, stopTimeout: 120}}, {{name: app, image: b, stopTimeout: 120, \
         dependsOn: [{{containerName: db, condition: START}}]}}]}}]\n\
         tasks: [{{name: job, taskDefinition: web, {ON_SPOT}, arrivals: {{at: 0s}}}}]\n\
         taskBehaviors: [{{tasks: job, container: db, ignoreSigterm: true}}, \
         {{tasks: job, container: app, ignoreSigterm: true}}]\n\
         incidents: [{{at: 10m, fargateSpotReclaim: true}}]"
    ));
    assert_eq!(at(&ran, "stopped_ms"), [720_000]);
}

#[test]
fn g115_without_capacity_a_service_stays_down_and_never_falls_back() {
    let (ran, seen) = watch_text(&format!(
        "duration: 2h\nlatencies: {{instant: true}}\n{SMALL}\
         cluster: {{capacityProviders: [FARGATE, FARGATE_SPOT]}}\n\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1, {ON_SPOT}}}]\n\
         incidents:\n\
         \x20 - {{at: 30m, duration: 1h, fargateCapacityRefused: {{capacityProvider: FARGATE_SPOT}}}}\n\
         \x20 - {{at: 31m, fargateSpotReclaim: true}}"
    ));
    assert_eq!(counts(&ran, "capacity_provider"), "FARGATE_SPOT 2");
    // Down from the warning until there is capacity again.
    assert_eq!(seen.moved("web", true), [0, 5_400]);
    assert!(!seen.said("Capacity is unavailable at this time").is_empty());
}

#[test]
fn a_standalone_task_is_not_replaced() {
    let ran = instant(&format!(
        "tasks: [{{name: job, taskDefinition: 'web:1', {ON_SPOT}, arrivals: {{at: 0s}}}}]\n\
         incidents: [{{at: 10m, fargateSpotReclaim: true}}]"
    ));
    assert_eq!(ran.summary.tasks.submitted, 1);
    assert_eq!(at(&ran, "stopped_ms"), [600_000]);
}

#[test]
fn a_service_is_shared_out_by_weight_and_a_share_without_capacity_is_left_out() {
    let text = |incidents: &str| {
        format!(
            "services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 10, \
             {ONE_TO_FOUR}}}]\n{incidents}"
        )
    };
    let ran = instant(&text(""));
    assert_eq!(
        counts(&ran, "capacity_provider"),
        "FARGATE 2, FARGATE_SPOT 8"
    );
    let refused = "incidents: [{at: 0s, fargateCapacityRefused: {capacityProvider: FARGATE_SPOT}}]";
    let ran = instant(&text(refused));
    assert_eq!(counts(&ran, "capacity_provider"), "FARGATE 2");
}

#[test]
fn a_base_is_kept_on_fargate_and_scale_in_keeps_the_shares() {
    let ran = instant(
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 8, \
         capacityProviderStrategy: [{capacityProvider: FARGATE, base: 2, weight: 1}, \
         {capacityProvider: FARGATE_SPOT, weight: 1}]}]\n\
         deployments: [{at: 30m, service: web, desiredCount: 4}]",
    );
    assert_eq!(
        counts(&ran, "capacity_provider"),
        "FARGATE 5, FARGATE_SPOT 3"
    );
    let providers = ran.task_column("capacity_provider");
    let statuses = ran.task_column("last_status");
    let running = providers.iter().zip(&statuses);
    let running = running.filter(|(_, status)| *status == "RUNNING");
    let on_demand = running.filter(|(provider, _)| *provider == "FARGATE");
    assert_eq!(on_demand.count(), 3);
}

#[test]
fn a_task_keeps_its_capacity_for_as_long_as_the_law_says() {
    let ran = instant(&format!(
        "fargate: {{spot: {{timeToInterruption: 10m}}}}\n\
         tasks: [{{name: job, taskDefinition: 'web:1', {ON_SPOT}, arrivals: {{every: 20m}}, \
         runtime: 15m}}, {{name: short, taskDefinition: 'web:1', {ON_SPOT}, \
         arrivals: {{at: 0s}}, runtime: 9m}}, {{name: demand, taskDefinition: 'web:1', \
         launchType: FARGATE, arrivals: {{at: 0s}}, runtime: 15m}}]"
    ));
    assert_eq!(
        counts(&ran, "stop_code"),
        "EssentialContainerExited 2, SpotInterruption 3"
    );
    let fargate = ran.summary.fargate.as_ref().expect("tasks on Fargate");
    assert_eq!((fargate.tasks, fargate.interrupted), (5, 3));
}

#[test]
fn other_work_leaves_the_luck_of_a_spot_task_alone() {
    let ends = |more: &str| {
        let ran = run(&format!(
            "duration: 10h\n{SMALL}\
             fargate: {{spot: {{timeToInterruption: {{exponential: {{mean: 2h}}}}}}}}\n\
             tasks: [{{name: job, taskDefinition: 'web:1', {ON_SPOT}, \
             arrivals: {{at: 0s, count: 20}}}}{more}]"
        ));
        let stopped = ran.task_column("stopped_ms");
        stopped[..20].to_vec()
    };
    let more = ", {name: late, taskDefinition: 'web:1', launchType: FARGATE, \
                arrivals: {at: 1h, count: 5}}";
    assert_eq!(ends(""), ends(more));
    assert!(ends("").iter().filter(|at| !at.is_empty()).count() > 10);
}

#[test]
fn a_fall_of_capacity_warns_the_youngest_two_minutes_before() {
    let ran = instant(&format!(
        "fargate: {{spot: {{capacity: [{{at: 0s, vcpus: 1}}, {{at: 30m, vcpus: 0.5}}, \
         {{at: 50m, vcpus: 2}}]}}}}\n\
         tasks:\n\
         \x20 - {{name: old, taskDefinition: 'web:1', {ON_SPOT}, count: 3, arrivals: {{at: 0s}}}}\n\
         \x20 - {{name: young, taskDefinition: 'web:1', {ON_SPOT}, count: 2, whenFull: queue, \
         arrivals: {{at: 10m}}}}"
    ));
    // One vCPU is four tasks. Half of it is two: the youngest two are warned at 28 minutes.
    let ids = ran.task_column("task_id");
    let warned: Vec<&String> = ids
        .iter()
        .zip(ran.task_column("stop_code"))
        .filter(|(_, code)| code == "SpotInterruption")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(warned, ["old/3", "young/1"]);
    assert_eq!(at(&ran, "stopped_ms"), [28 * 60_000; 2]);
    // The last waits until there is more.
    assert_eq!(at(&ran, "placed_ms").last(), Some(&(50 * 60_000)));
}

#[test]
fn a_share_of_the_tasks_is_reclaimed_and_replaced() {
    let ran = instant(&format!(
        "services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 10, \
         {ONE_TO_FOUR}}}]\n\
         incidents: [{{at: 10m, fargateSpotReclaim: {{share: 50%}}}}, \
         {{at: 20m, fargateSpotReclaim: {{count: 3}}}}]"
    ));
    assert_eq!(counts(&ran, "stop_code"), " 10, SpotInterruption 7");
    assert_eq!(
        counts(&ran, "capacity_provider"),
        "FARGATE 2, FARGATE_SPOT 15"
    );
    assert_eq!(ran.summary.tasks.running, 10);
}

/// A service on Fargate Spot whose tasks take an hour to leave their target group, scaled in to
/// nothing at 10 minutes.
fn leaving_slowly(rest: &str) -> Ran {
    run(&format!(
        "duration: 2h\nlatencies: {{start: 0s, stop: 1s}}\n\
         taskDefinitions: [{{family: web, cpu: 256, memory: 512, networkMode: awsvpc, \
         requiresCompatibilities: [FARGATE], containerDefinitions: [{{name: app, image: a, \
         stopTimeout: 120, portMappings: [{{containerPort: 80}}]}}]}}]\n\
         targetGroups: [{{targetGroupName: web, deregistrationDelay: 3600s}}]\n\
         services: [{{serviceName: web, taskDefinition: web, desiredCount: 2, {ON_SPOT}, \
         loadBalancers: [{{targetGroupName: web, containerName: app, containerPort: 80}}]}}]\n\
         taskBehaviors: [{{service: web, ignoreSigterm: true}}]\n\
         deployments: [{{at: 10m, service: web, desiredCount: 0}}]\n{rest}"
    ))
}

#[test]
fn a_task_that_leaves_its_target_group_is_gone_two_minutes_after_the_warning() {
    let minutes = |ran: &Ran| -> Vec<u64> {
        let stopped = at(ran, "stopped_ms");
        stopped.iter().map(|at| at / 60_000).collect()
    };
    let undisturbed = leaving_slowly("");
    assert_eq!(minutes(&undisturbed), [72, 72], "an hour and two minutes");
    for (warned, gone) in [
        ("incidents: [{at: 20m, fargateSpotReclaim: true}]", [22, 22]),
        (
            "fargate: {provisioning: 0s, spot: {timeToInterruption: 20m}}",
            [22, 22],
        ),
        (
            "fargate: {spot: {capacity: [{at: 0s, vcpus: 1}, {at: 22m, vcpus: 0.25}]}}",
            [72, 22],
        ),
    ] {
        let ran = leaving_slowly(warned);
        assert_eq!(minutes(&ran), gone, "{warned}");
        // It was asked to stop before, and for that reason.
        let (code, _) = stop_of(&ran, 1);
        assert_eq!(code, "ServiceSchedulerInitiated");
    }
}
