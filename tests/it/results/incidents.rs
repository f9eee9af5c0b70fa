//! What incidents did to capacity and services.

use super::{ON_DEMAND, SPOT, elastic, json, text};
use crate::harness::{Ran, instant, run};
use serde_json::Value;

const WEB: &str = "taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 512, memory: 512}]}
services: [{serviceName: web, taskDefinition: web, desiredCount: 24}]";

fn incident(ran: &Ran, place: usize) -> Value {
    json(ran)["incidents"][place].clone()
}

/// A service of 24 tasks on six instances of a group in two zones; one zone is lost for an hour.
fn zone_lost() -> Ran {
    let body = format!(
        "{WEB}\nincidents: [{{name: zone a, at: 1h, duration: 1h, \
         availabilityZoneLost: us-east-1a}}]"
    );
    let group = format!("{ON_DEMAND}, desiredCapacity: 6");
    elastic(&group, "managedScaling: {status: ENABLED}", &body)
}

#[test]
fn a_zone_that_is_lost_says_how_deep_capacity_and_the_service_fell_and_when_they_were_back() {
    let ran = zone_lost();
    let lost = incident(&ran, 0);
    assert_eq!(lost["kind"], "availabilityZoneLost");
    assert_eq!(
        (&lost["instancesStruck"], &lost["instancesEnded"]),
        (&3.into(), &3.into())
    );
    assert_eq!(
        (&lost["tasksStruck"], &lost["tasksEnded"]),
        (&12.into(), &12.into())
    );
    let capacity = &lost["capacity"];
    assert_eq!(
        capacity["instances"],
        serde_json::json!({"before": 6, "lowest": 3})
    );
    assert_eq!(
        capacity["cpu"],
        serde_json::json!({"before": 12_288, "lowest": 6_144})
    );
    // The group launches three in the other zone at once: 15 s to RUNNING, 90 s to register.
    assert_eq!(capacity["recoveredAfterMs"], 105_000);
    let web = &lost["services"]["web"];
    assert_eq!(
        web["running"],
        serde_json::json!({"before": 24, "lowest": 12})
    );
    let recovered = web["recoveredAfterMs"].as_u64().unwrap();
    assert!((105_000..150_000).contains(&recovered), "{recovered}");
    assert_eq!(web["belowDesiredMs"], recovered);
    // The same in the rows of the run.
    let ended = ran.instance_column("end_reason");
    assert_eq!(
        ended.iter().filter(|reason| *reason == "incident").count(),
        3
    );
    let text = text(&ran).replace("\n  ", " ");
    let said = "Incident zone a (availabilityZoneLost) from 1 h to 2 h: 3 instances ended with \
                12 tasks; capacity fell from 6 to 3 instances (12,288 to 6,144 CPU units), back \
                after 1 min 45 s; web fell from 24 to 12 running tasks, as many as desired after";
    assert!(text.contains(said), "{text}");
}

/// The same service on six Spot Instances, all of which EC2 takes back at 1 h; it launches none for
/// 20 minutes.
fn storm(draining: &str) -> Ran {
    elastic(
        &format!("{SPOT}, desiredCapacity: 6, spotInstanceDraining: {draining}"),
        "managedScaling: {status: ENABLED}, managedDraining: DISABLED",
        &format!("{WEB}\nincidents: [{{name: storm, at: 1h, duration: 20m, spotReclaim: {{}}}}]"),
    )
}

#[test]
fn a_spot_storm_strikes_with_its_notices_and_ends_instances_two_minutes_later() {
    let ran = storm("false");
    let storm = incident(&ran, 0);
    assert_eq!(storm["kind"], "spotReclaim");
    assert_eq!(
        (&storm["instancesStruck"], &storm["instancesEnded"]),
        (&6.into(), &6.into())
    );
    assert_eq!(
        (&storm["tasksStruck"], &storm["tasksEnded"]),
        (&24.into(), &24.into())
    );
    assert!(storm["launchFailures"].as_u64() > Some(0), "{storm}");
    let capacity = &storm["capacity"];
    assert_eq!(
        capacity["instances"],
        serde_json::json!({"before": 6, "lowest": 0})
    );
    // Pools are closed for 20 minutes; then 15 s to RUNNING and 90 s to register.
    let recovered = capacity["recoveredAfterMs"].as_u64().unwrap();
    let opens = 20 * 60_000;
    assert!(
        (opens + 105_000..opens + 170_000).contains(&recovered),
        "{recovered}"
    );
    let web = &storm["services"]["web"];
    assert_eq!(
        web["running"],
        serde_json::json!({"before": 24, "lowest": 0})
    );
    // All ran until they were taken back after 120 s.
    let below = web["belowDesiredMs"].as_u64().unwrap();
    let after = web["recoveredAfterMs"].as_u64().unwrap();
    assert_eq!(after - below, 120_000);
    let spot = &json(&ran)["spot"];
    assert_eq!(
        (&spot["notices"], &spot["interruptions"]),
        (&6.into(), &6.into())
    );
    assert_eq!(spot["tasksInterrupted"], 24);
}

#[test]
fn instances_that_drain_at_their_notice_are_no_capacity_from_then_on() {
    let storm = incident(&storm("true"), 0);
    assert_eq!(
        (&storm["instancesStruck"], &storm["tasksStruck"]),
        (&6.into(), &24.into())
    );
    assert_eq!(storm["capacity"]["instances"]["lowest"], 0);
    assert_eq!(storm["instancesEnded"], 6);
}

#[test]
fn an_incident_that_nothing_heals_is_never_over() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large, count: 2}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: 'web:1', cpu: 1024, memory: 512}]}
services: [{serviceName: web, taskDefinition: web, desiredCount: 4}]
incidents: [{name: gone, at: 30m, containerInstancesLost: [1]}]",
    );
    let gone = incident(&ran, 0);
    assert!(gone["endedMs"].is_null());
    assert!(gone["capacity"]["recoveredAfterMs"].is_null(), "{gone}");
    assert!(gone["services"]["web"]["recoveredAfterMs"].is_null());
    assert_eq!(gone["services"]["web"]["belowDesiredMs"], 30 * 60_000);
    let text = text(&ran).replace("\n  ", " ");
    assert!(text.contains("never back again"), "{text}");
    let said = "web fell from 4 to 2 running tasks, never as many as desired again.";
    assert!(text.contains(said), "{text}");
}

#[test]
fn an_incident_that_strikes_nothing_says_so() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
incidents: [{name: quiet, at: 30m, duration: 5m, registryUnavailable: true}]",
    );
    let text = text(&ran);
    let said = "Incident quiet (registryUnavailable) from 30 min to 35 min: neither capacity nor a";
    assert!(text.contains(said), "{text}");
}

/// A service on Fargate, half of it on Fargate Spot, in two zones.
fn on_fargate(incident: &str) -> Ran {
    run(&format!(
        "duration: 1h
cluster: {{capacityProviders: [FARGATE, FARGATE_SPOT]}}
taskDefinitions:
  - family: web
    cpu: 256
    memory: 512
    networkMode: awsvpc
    requiresCompatibilities: [FARGATE]
    containerDefinitions: [{{name: app, image: 'web:1'}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 8
    capacityProviderStrategy: [{{capacityProvider: FARGATE, weight: 1}},
      {{capacityProvider: FARGATE_SPOT, weight: 1}}]
incidents: [{{name: it, at: 30m, {incident}}}]"
    ))
}

#[test]
fn fargate_spot_tasks_that_are_taken_back_are_struck_and_fall() {
    let ran = on_fargate("fargateSpotReclaim: {count: 3}");
    let it = incident(&ran, 0);
    assert_eq!(it["kind"], "fargateSpotReclaim");
    assert_eq!(
        (&it["tasksStruck"], &it["tasksEnded"]),
        (&3.into(), &3.into())
    );
    assert_eq!(
        (&it["instancesStruck"], &it["instancesEnded"]),
        (&0.into(), &0.into())
    );
    assert_eq!(it["fargate"]["running"]["before"], 8);
    let web = &it["services"]["web"];
    assert_eq!(
        web["running"],
        serde_json::json!({"before": 8, "lowest": 5})
    );
    assert!(web["recoveredAfterMs"].as_u64() > Some(0), "{it}");
    assert!(it["fargate"]["recoveredAfterMs"].is_u64(), "{it}");
    let text = text(&ran).replace("\n  ", " ");
    let said = "(fargateSpotReclaim) at 30 min: 3 tasks ended; ";
    assert!(text.contains(said), "{text}");
}

#[test]
fn the_fargate_tasks_of_a_zone_that_is_lost_end_with_it() {
    let ran = on_fargate("duration: 20m, availabilityZoneLost: us-east-1a");
    let it = incident(&ran, 0);
    let struck = it["tasksStruck"].as_u64().unwrap();
    assert!(struck > 0, "{it}");
    assert_eq!(it["tasksEnded"], struck);
    let fargate = &it["fargate"];
    assert_eq!(
        fargate["running"],
        serde_json::json!({"before": 8, "lowest": 8 - struck})
    );
    assert!(fargate["recoveredAfterMs"].as_u64() > Some(0), "{it}");
    assert_eq!(
        fargate["recoveredAfterMs"],
        it["services"]["web"]["recoveredAfterMs"]
    );
}

#[test]
fn fargate_tasks_that_end_by_themselves_have_not_fallen() {
    let ran = run("duration: 1h
cluster: {capacityProviders: [FARGATE]}
taskDefinitions:
  - family: job
    cpu: 256
    memory: 512
    networkMode: awsvpc
    requiresCompatibilities: [FARGATE]
    containerDefinitions: [{name: app, image: 'job:1'}]
tasks:
  - {name: job, taskDefinition: job, launchType: FARGATE, runtime: 20m,
     arrivals: {at: 5m, count: 4}}
incidents: [{name: it, at: 10m, duration: 40m, registryUnavailable: true}]");
    let fargate = incident(&ran, 0)["fargate"].clone();
    let expected = serde_json::json!({
        "running": {"before": 4, "lowest": 4},
        "recoveredAfterMs": 0,
    });
    assert_eq!(fargate, expected);
}
