//! From placement to RUNNING, and how tasks end by themselves.

use super::{ONE_TASK_AN_INSTANCE, messages, stop_of, watch, watch_text};

/// A service of one task with room for two, and what befalls it.
fn one_task(rest: &str) -> String {
    format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: 2}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1}}]
{rest}"
    )
}

#[test]
fn stop_codes_and_reasons_are_those_of_ecs() {
    let instance = "i-00000000000000000";
    let host = format!("Host EC2 (instance {instance}) terminated.");
    for (rest, code, reason) in [
        (
            "taskBehaviors: [{service: web, last: 1, exit: {after: 10s}}]",
            "EssentialContainerExited",
            "Essential container in task exited",
        ),
        (
            "taskBehaviors: [{service: web, last: 1, outOfMemory: {after: 10s}}]",
            "EssentialContainerExited",
            "OutOfMemoryError: Container killed due to memory usage",
        ),
        (
            "taskBehaviors: [{service: web, last: 1, failToStart: {after: 10s}}]",
            "TaskFailedToStart",
            "CannotStartContainerError: the container could not be started",
        ),
        (
            "images: [{name: 'web:1', missing: true}]",
            "TaskFailedToStart",
            "CannotPullContainerError: image not found",
        ),
        (
            "deployments: [{at: 10m, service: web, desiredCount: 0}]",
            "ServiceSchedulerInitiated",
            "Scaling activity initiated by (deployment ecs-svc/1)",
        ),
        (
            "deployments: [{at: 10m, service: web, taskDefinition: 'web:2'}]",
            "ServiceSchedulerInitiated",
            "Scaling activity initiated by (deployment ecs-svc/1)",
        ),
        (
            "incidents: [{at: 10m, containerInstancesLost: [0]}]",
            "TerminationNotice",
            host.as_str(),
        ),
    ] {
        let (ran, _) = watch(&one_task(rest));
        let expected = (code.to_owned(), reason.to_owned());
        assert_eq!(stop_of(&ran, 0), expected, "{rest}");
    }
}

/// A service of one task with two containers.
fn two_containers(log: &str, app: &str, rest: &str) -> String {
    format!(
        "duration: 1h
latencies: {{start: 5s, stop: 10s}}
instanceTypes: [{{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    containerDefinitions:
      - {{name: log, image: 'log:1', memory: 256, {log}}}
      - {{name: app, image: 'web:1', memory: 256, {app}}}
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1}}]
{rest}"
    )
}

#[test]
fn the_end_of_an_essential_container_is_the_end_of_its_task_and_of_another_it_is_not() {
    let ended = |essential: bool| {
        let (ran, _) = watch_text(&two_containers(
            &format!("essential: {essential}"),
            "",
            "taskBehaviors: [{service: web, container: log, last: 1, exit: {after: 60s}}]",
        ));
        (
            ran.task_column("stopped_ms").swap_remove(0),
            ran.tasks().len(),
        )
    };
    assert_eq!(ended(false), (String::new(), 1));
    // RUNNING at 5 s, over at 65 s, STOPPED 10 s later; the replacement needs its place.
    assert_eq!(ended(true), ("75000".to_owned(), 2));
}

#[test]
fn a_container_starts_when_what_it_depends_on_has_come_true() {
    let started = |condition: &str, log: &str, behaviors: &str| {
        let (ran, _) = watch_text(&two_containers(
            &format!("essential: false, {log}"),
            &format!("dependsOn: [{{containerName: log, condition: {condition}}}]"),
            &format!("taskBehaviors: [{behaviors}]"),
        ));
        ran.task_column("started_ms").swap_remove(0)
    };
    let exit = |code: u8| {
        format!("{{service: web, container: log, exit: {{after: 20s, exitCode: {code}}}}}")
    };
    let check = "healthCheck: {command: [CMD, ok], interval: 10}";
    assert_eq!(started("START", "", ""), "5000");
    assert_eq!(started("COMPLETE", "", &exit(1)), "25000");
    assert_eq!(started("SUCCESS", "", &exit(0)), "25000");
    assert_eq!(started("HEALTHY", check, ""), "15000");
}

#[test]
fn a_dependency_that_fails_or_lasts_too_long_stops_the_task() {
    let stopped = |log: &str, behaviors: &str| {
        let (ran, _) = watch_text(&two_containers(
            &format!("essential: false, {log}"),
            "dependsOn: [{containerName: log, condition: SUCCESS}]",
            &format!("taskBehaviors: [{behaviors}]"),
        ));
        let at = ran.task_column("stopped_ms").swap_remove(0);
        let (code, reason) = stop_of(&ran, 0);
        assert_eq!(code, "TaskFailedToStart");
        (at, reason)
    };
    let exit = |after: &str, code: u8| {
        format!("{{service: web, container: log, exit: {{after: {after}, exitCode: {code}}}}}")
    };
    let failed = "ContainerRuntimeError: a container dependency cannot be met any more";
    let late = "ContainerRuntimeTimeoutError: a container dependency was not met in time";
    let at = |millis: &str, reason: &str| (millis.to_owned(), reason.to_owned());
    assert_eq!(stopped("", &exit("20s", 1)), at("25000", failed));
    // 3 min from its start unless `startTimeout` says otherwise.
    assert_eq!(stopped("", &exit("10m", 0)), at("185000", late));
    let own = stopped("startTimeout: 60", &exit("10m", 0));
    assert_eq!(own, at("65000", late));
}

/// A service of one task, then two, on an instance of two; the image has 100 MB: 2.5 s.
fn pulls(settings: &str, rest: &str) -> (Vec<String>, (String, String)) {
    let (ran, _) = watch_text(&format!(
        "duration: 1h
latencies: {{start: 1s, stop: 1s, imagePull: {{bandwidth: 50 MB, overhead: 500ms}}}}
instanceTypes: [{{instanceType: own, cpu: 2 vCPU, memory: 2 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1}}]
images: [{{name: 'web:1', size: 100 MB}}]
agentSettings: {{{settings}}}
deployments: [{{at: 10m, service: web, desiredCount: 2}}]
{rest}"
    ));
    (ran.task_column("started_ms"), stop_of(&ran, 1))
}

#[test]
fn a_pull_takes_its_time_and_a_copy_spares_it_by_pull_behavior() {
    // G127 is the last: no pull at all.
    for (behavior, second) in [
        ("default", "601500"),
        ("always", "601500"),
        ("once", "601000"),
        ("prefer-cached", "601000"),
    ] {
        let (started, _) = pulls(&format!("imagePullBehavior: {behavior}"), "");
        assert_eq!(started, ["3500", second], "{behavior}");
    }
}

#[test]
fn a_task_is_activating_while_its_image_is_pulled() {
    let (_, seen) = watch_text(&format!(
        "duration: 1h
latencies: {{start: 1s, stop: 1s}}
{}",
        one_task("images: [{name: 'web:1', size: 100 MB}]")
    ));
    let states = [(0, "PENDING"), (0, "ACTIVATING"), (3_500, "RUNNING")];
    assert_eq!(seen.life("web", 1), states);
}

#[test]
fn a_registry_that_does_not_answer_stops_what_has_no_copy() {
    let outage = "incidents: [{at: 9m, duration: 5m, registryUnavailable: true}]";
    // Five attempts of half a second, 1.1, 2.2, 4.4 and 5 s apart; then the copy is used.
    let (started, _) = pulls("imagePullBehavior: default", outage);
    assert_eq!(started, ["3500", "616200"]);
    let (started, stop) = pulls("imagePullBehavior: always", outage);
    assert_eq!(started[..2], ["3500", ""]);
    assert_eq!(stop.0, "TaskFailedToStart");
    assert_eq!(
        stop.1,
        "CannotPullContainerError: the registry does not answer"
    );
    let (started, _) = pulls("imagePullBehavior: prefer-cached", outage);
    assert_eq!(started, ["3500", "601000"]);
}

#[test]
fn a_service_recovers_by_itself_from_a_registry_outage_without_copies() {
    let (ran, seen) = watch(&one_task(
        "images: [{name: 'web:1', size: 0 MB}]
incidents: [{at: 0s, duration: 5m, registryUnavailable: true}]",
    ));
    let reasons = ran.task_column("stopped_reason");
    let (last, failed) = reasons.split_last().expect("tasks were started");
    assert_eq!(last, "");
    assert!(failed.len() >= 3, "{reasons:?}");
    for reason in failed {
        assert_eq!(
            reason,
            "CannotPullContainerError: the registry does not answer"
        );
    }
    assert_eq!(seen.said("is unable to consistently start").len(), 1);
    assert_eq!(seen.said("has reached a steady state.").len(), 1);
}

#[test]
fn a_pull_that_takes_too_long_is_given_up() {
    let (ran, _) = watch_text(&format!(
        "duration: 1h
latencies: {{start: 1s, stop: 1s}}
{}",
        one_task(
            "images: [{name: 'web:1', size: 10 GB}]
agentSettings: {imagePullTimeout: 1m}"
        )
    ));
    assert_eq!(ran.task_column("stopped_ms")[0], "60000");
    let reason = "CannotPullContainerError: the pull took too long";
    assert_eq!(stop_of(&ran, 0).1, reason);
}

#[test]
fn a_private_image_needs_an_execution_role() {
    let run = |role: &str| {
        let (ran, _) = watch(&format!(
            "instanceTypes: [{{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    {role}
    containerDefinitions: [{{name: app, image: 'web:1', memory: 512}}]
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: web, desiredCount: 1}}]
images: [{{name: 'web:1', size: 1 MB, access: executionRole}}]"
        ));
        stop_of(&ran, 0).1
    };
    assert_eq!(
        run(""),
        "CannotPullContainerError: no execution role for a private image"
    );
    assert_eq!(run("executionRoleArn: 'arn:aws:iam::1:role/pull'"), "");
}

#[test]
fn a_file_system_is_mounted_only_in_zones_with_a_mount_target() {
    let run = |zone: &str| {
        let (ran, _) = watch(&format!(
            "instanceTypes: [{{instanceType: own, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - family: web
    volumes: [{{name: data, efsVolumeConfiguration: {{fileSystemId: fs-1}}}}]
    containerDefinitions:
      - name: app
        image: 'web:1'
        memory: 512
        mountPoints: [{{sourceVolume: data, containerPath: /data}}]
containerInstances: [{{instanceType: own, availabilityZone: us-east-1{zone}}}]
services: [{{serviceName: web, taskDefinition: web, desiredCount: 1}}]
fileSystems: [{{fileSystemId: fs-1, mountTargets: [us-east-1a, us-east-1c]}}]"
        ));
        stop_of(&ran, 0)
    };
    for zone in ["a", "c"] {
        assert_eq!(run(zone).1, "");
    }
    let (code, reason) = run("b");
    assert_eq!(code, "TaskFailedToStart");
    assert_eq!(
        reason,
        "ResourceInitializationError: no mount target in the Availability Zone"
    );
}

#[test]
fn registration_with_cloud_map_delays_running() {
    let started = |registries: &str| {
        let (ran, _) = watch_text(&format!(
            "duration: 1h
latencies: {{start: 2s, stop: 1s, serviceRegistration: 3s}}
{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1, {registries}}}]"
        ));
        ran.task_column("started_ms").swap_remove(0)
    };
    assert_eq!(started(""), "2000");
    assert_eq!(started("serviceRegistries: [{registryArn: srv-1}]"), "5000");
}

#[test]
fn a_service_that_is_created_later_begins_then() {
    let (ran, seen) = watch(&format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 1, createdAt: 30m}}]
deployments:
  - {{at: 40m, service: web, taskDefinition: 'web:2'}}"
    ));
    assert_eq!(seen.moved("web", true), [1_800]);
    assert_eq!(ran.task_column("task_definition"), ["web:1"]);
    assert_eq!(messages(&ran).first().map(|(at, _)| *at), Some(30 * 60_000));
}
