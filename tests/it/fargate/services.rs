//! Services on Fargate: the retirement of hosts, and the balance of zones.

use super::{SMALL, counts};
use crate::services::{stop_of, watch_text};

fn retire(wait: &str, service: &str, at: &str) -> (crate::harness::Ran, crate::services::Seen) {
    watch_text(&format!(
        "duration: 20d\nlatencies: {{instant: true}}\n{SMALL}{wait}\
         fargate: {{taskRetirements: [{{at: {at}}}]}}\n\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 2, \
         launchType: FARGATE{service}}}]\n\
         tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, \
         arrivals: {{at: 1h}}}}, {{name: late, taskDefinition: 'web:1', launchType: FARGATE, \
         arrivals: {{at: 3d}}}}]"
    ))
}

const DAY: u64 = 86_400;

#[test]
fn a_retired_task_of_a_service_is_replaced_before_it_stops() {
    let (ran, seen) = retire("", "", "2d");
    // The wait is 7 days; the new ones are healthy after 40 s.
    assert_eq!(seen.moved("web", true), [0, 0, 9 * DAY, 9 * DAY]);
    assert_eq!(seen.moved("web", false), [9 * DAY + 40, 9 * DAY + 40]);
    let ids = ran.task_column("task_id");
    let first = ids.iter().position(|id| id == "web/1").expect("a task");
    let (code, reason) = stop_of(&ran, first);
    assert_eq!(code, "ServiceSchedulerInitiated");
    assert!(
        reason.starts_with("ECS is performing maintenance"),
        "{reason}"
    );
}

#[test]
fn without_room_for_a_new_task_the_old_one_stops_first() {
    let tight = ", deploymentConfiguration: {minimumHealthyPercent: 50, maximumPercent: 100}";
    let (_, seen) = retire("", tight, "2d");
    let (starts, stops) = (seen.moved("web", true), seen.moved("web", false));
    assert_eq!(stops[0], 9 * DAY);
    assert!(
        starts[2] >= stops[0] && stops[1] > starts[2],
        "{starts:?} {stops:?}"
    );
}

#[test]
fn a_standalone_task_is_stopped_and_later_ones_are_left_alone() {
    let (ran, _) = retire("", "", "2d");
    let ids = ran.task_column("task_id");
    let of = |name: &str| ids.iter().position(|id| id == name).expect("a task");
    let (code, reason) = stop_of(&ran, of("job/1"));
    assert_eq!(code, "TerminationNotice");
    assert!(
        reason.starts_with("ECS is performing maintenance"),
        "{reason}"
    );
    assert_eq!(ran.task_column("last_status")[of("late/1")], "RUNNING");
    assert_eq!(ids.iter().filter(|id| id.starts_with("job/")).count(), 1);
}

#[test]
fn the_wait_is_an_account_setting() {
    for (days, expected) in [(0, 2), (14, 16)] {
        let wait = format!("accountSettings: {{fargateTaskRetirementWaitPeriod: {days}}}\n");
        let (_, seen) = retire(&wait, "", "2d");
        assert_eq!(seen.moved("web", true)[2], expected * DAY);
    }
}

#[test]
fn a_task_that_moves_to_another_zone_stays_with_its_capacity_provider() {
    // For ten minutes there is room in one zone alone; then half of the tasks move.
    let (ran, _) = watch_text(&format!(
        "duration: 1h\nlatencies: {{instant: true}}\n{SMALL}\
         fargate: {{availabilityZones: [us-east-1a, us-east-1b]}}\n\
         services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: 8, \
         capacityProviderStrategy: [{{capacityProvider: FARGATE, base: 1, weight: 1}}, \
         {{capacityProvider: FARGATE_SPOT, weight: 3}}]}}]\n\
         incidents: [{{at: 0s, duration: 10m, fargateCapacityRefused: \
         {{availabilityZone: us-east-1b}}}}]"
    ));
    assert_eq!(counts(&ran, "last_status"), "RUNNING 8, STOPPED 4");
    let held = |row: &str| {
        let providers = ran.task_column("capacity_provider").into_iter();
        let pairs = providers.zip(ran.task_column("last_status"));
        pairs
            .filter(|(of, status)| format!("{status} {of}") == row)
            .count()
    };
    // The base and two of seven, and the other five: before the moves and after them.
    assert_eq!(held("RUNNING FARGATE"), 3);
    assert_eq!(held("RUNNING FARGATE_SPOT"), 5);
    assert_eq!(held("STOPPED FARGATE"), 1);
}
