//! What services say, word for word as `service_events.csv` has it.

use super::{ONE_TASK_AN_INSTANCE, messages, watch, watch_text};

/// The first message of a run that contains a part.
fn first(text: &str, part: &str) -> String {
    let (ran, _) = watch(text);
    let said = messages(&ran);
    let found = said.iter().find(|(_, message)| message.contains(part));
    let found = found.map(|(_, message)| message.clone());
    found.unwrap_or_else(|| panic!("nothing with {part:?} in {said:#?}"))
}

fn service(instances: u32, desired: u32, rest: &str) -> String {
    format!(
        "{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own, count: {instances}}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: {desired}
{rest}"
    )
}

#[test]
fn a_quiet_service_says_what_it_did() {
    let (ran, _) = watch(&service(2, 2, ""));
    let said = messages(&ran);
    let expected = [
        (0, "service (web) has begun deployment (ecs-svc/1)."),
        (0, "service (web) has started 2 tasks."),
        (40_000, "service (web) deployment (ecs-svc/1) completed."),
        (40_000, "service (web) has reached a steady state."),
    ];
    let expected = expected.map(|(at, message)| (at, message.to_owned()));
    assert_eq!(said, expected);
}

const UNABLE: &str = "service (web) was unable to place a task because no container instance met \
                      all of its requirements.";

#[test]
fn a_task_without_room_names_the_closest_instance_and_what_it_lacks() {
    let job = |cpu: u32, memory: u32| {
        format!("tasks: [{{name: job, cpu: {cpu}, memory: {memory}, arrivals: {{at: 0s}}}}]")
    };
    let closest = "The closest matching container-instance i-00000000000000000 has";
    for (rest, ending) in [
        (job(512, 4), "insufficient CPU units available."),
        (job(0, 800), "insufficient memory available."),
    ] {
        let said = first(&service(1, 1, &rest), "unable to place");
        assert_eq!(said, format!("{UNABLE} {closest} {ending}"));
    }
}

#[test]
fn a_port_that_is_taken_is_said() {
    let said = first(
        "instanceTypes: [{instanceType: own, cpu: 4 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}]
taskDefinitions:
  - family: web
    containerDefinitions:
      - {name: app, image: 'web:1', cpu: 256, memory: 512,
         portMappings: [{containerPort: 80, hostPort: 80}]}
containerInstances: [{instanceType: own}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 2}]",
        "unable to place",
    );
    let closest =
        "The closest matching container-instance is already using a port required by your task.";
    assert_eq!(said, format!("{UNABLE} {closest}"));
}

#[test]
fn an_agent_that_does_not_answer_is_said() {
    let said = first(
        &service(1, 1, "incidents: [{at: 0s, agentsDisconnected: [0]}]"),
        "unable to place",
    );
    let closest = "The closest matching container-instance i-00000000000000000 encountered error \
                   \"AGENT\".";
    assert_eq!(said, format!("{UNABLE} {closest}"));
}

#[test]
fn a_cluster_without_instances_is_said() {
    let said = first(
        &service(1, 1, "incidents: [{at: 10m, containerInstancesLost: [0]}]"),
        "unable to place",
    );
    let reason = "Reason: No Container Instances were found in your cluster.";
    assert_eq!(said, format!("{UNABLE} {reason}"));
}

#[test]
fn other_complaints_are_worded_as_ecs_words_them() {
    let broken = "    deploymentConfiguration:
      deploymentCircuitBreaker: {enable: true, rollback: false}
taskBehaviors: [{service: web, failToStart: {after: 0s}}]";
    let fails = "taskBehaviors: [{service: web, failToStart: {after: 0s}}]";
    let stuck = "    deploymentConfiguration: {minimumHealthyPercent: 100, maximumPercent: 100}
deployments: [{at: 10m, service: web, forceNewDeployment: true}]";
    let protected = "taskProtection: [{at: 5m, service: web, tasks: 2, expiresInMinutes: 30}]
deployments: [{at: 10m, service: web, desiredCount: 1}]";
    let pace = "serviceOptions: {taskLaunchesPerMinute: 1}";
    for (rest, said) in [
        (fails, "is unable to consistently start tasks successfully."),
        (
            pace,
            "operations are being throttled. Will try again later.",
        ),
        (
            stuck,
            "was unable to stop or start tasks during a deployment because of the service \
             deployment configuration. Update the minimumHealthyPercent or maximumPercent value \
             and try again.",
        ),
        (
            protected,
            "was unable to reach steady state because task set (ecs-svc/1) was unable to scale \
             in. Reason: The number of protected tasks are more than the desired count of tasks.",
        ),
        (broken, "deployment failed: tasks failed to start."),
    ] {
        let text = service(4, 2, rest);
        let said = format!("service (web) {said}");
        assert_eq!(first(&text, &said), said);
    }
}

#[test]
fn an_unchanged_complaint_is_repeated_after_six_hours_and_not_before() {
    // Every ten minutes something ends, and the service tries again in vain.
    let (_, seen) = watch_text(&format!(
        "duration: 20h
latencies: {{instant: true}}
{}
tasks:
  - {{name: long, cpu: 128, memory: 64, arrivals: {{at: 0s}},
     placementStrategy: [{{type: x-first-fit}}]}}
  - {{name: job, cpu: 128, memory: 64, arrivals: {{every: 10m}}, runtime: 5m,
     placementStrategy: [{{type: x-first-fit}}]}}",
        service(2, 2, "")
    ));
    let said = seen.said("unable to place a task");
    let times: Vec<u64> = said.iter().map(|(at, _)| *at).collect();
    assert_eq!(times.len(), 4, "{times:?}");
    assert!(
        times
            .windows(2)
            .all(|pair| pair[1] - pair[0] >= 6 * 3_600_000)
    );
    assert!(
        times
            .windows(2)
            .all(|pair| pair[1] - pair[0] <= 6 * 3_600_000 + 600_000)
    );
}

#[test]
fn a_complaint_whose_cause_was_gone_is_said_again() {
    // Room for one of two, then for both, then for one again.
    let (_, seen) = watch(&service(
        2,
        2,
        "incidents:
  - {at: 10m, duration: 10m, containerInstancesLost: [0]}
  - {at: 60m, duration: 10m, containerInstancesLost: [1]}",
    ));
    let said = seen.said("unable to place a task");
    let times: Vec<u64> = said.iter().map(|(at, _)| at / 60_000).collect();
    assert_eq!(times, [10, 60]);
}

#[test]
fn a_steady_state_is_said_once_and_again_when_it_was_lost() {
    let (_, seen) = watch(&service(
        3,
        2,
        "incidents: [{at: 10m, containerInstancesLost: [0]}]
deployments: [{at: 20m, service: web, desiredCount: 1}]",
    ));
    let said = seen.said("has reached a steady state.");
    let times: Vec<u64> = said.iter().map(|(at, _)| at / 1_000).collect();
    assert_eq!(times, [40, 600, 1_200]);
}
