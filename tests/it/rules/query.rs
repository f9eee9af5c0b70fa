//! The cluster query language in `memberOf` constraints.

use crate::harness::{Ran, instant, run};

/// Which of the instances takes tasks under an expression; more tasks than instances, spread.
fn members(fleet: &str, expression: &str) -> Vec<usize> {
    all(fleet, expression).chosen()
}

fn all(fleet: &str, expression: &str) -> Ran {
    instant(&format!(
        "containerInstances: [{fleet}]\n{}",
        constrained(expression)
    ))
}

fn constrained(expression: &str) -> String {
    format!(
        "tasks: [{{name: t, cpu: 1, memory: 4, arrivals: {{at: 0s, count: 12}}, \
         placementStrategy: [{{type: spread, field: instanceId}}], \
         placementConstraints: [{{type: memberOf, expression: \"{expression}\"}}]}}]"
    )
}

#[test]
fn a_pattern_matches_instance_types() {
    // G39
    let fleet = "{instanceType: t2.small}, {instanceType: t3.small}, {instanceType: t2.medium}";
    assert_eq!(
        members(fleet, "attribute:ecs.instance-type =~ t2.*"),
        [0, 2]
    );
}

#[test]
fn both_sides_of_and_hold() {
    // G40
    let ran = instant(&format!(
        "instanceTypes:
  - {{instanceType: g2.2xlarge, cpu: 8 vCPU, memory: 15000, gpu: 1, onDemandUsdPerHour: 0.65}}
containerInstances:
  - {{instanceType: g2.2xlarge, count: 2, availabilityZones: [us-east-1a, us-east-1d]}}
  - {{instanceType: m5.large}}
{}",
        constrained(
            "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d"
        )
    ));
    assert_eq!(ran.chosen(), [0]);
}

#[test]
fn an_instance_without_the_attribute_is_not_unequal() {
    // G41
    let fleet = "{instanceType: m5.large, attributes: {stack: prod}}, \
                 {instanceType: m5.large, attributes: {stack: dev}}, {instanceType: m5.large}";
    assert_eq!(members(fleet, "attribute:stack != prod"), [1]);
    assert_eq!(members(fleet, "attribute:stack == prod"), [0]);
    assert_eq!(members(fleet, "attribute:stack exists"), [0, 1]);
    assert_eq!(members(fleet, "attribute:stack !exists"), [2]);
}

#[test]
fn a_task_group_can_be_kept_away_from() {
    // G42: databases on instance 0 by StartTask, the rest elsewhere.
    let ran = instant(&format!(
        "containerInstances: [{{instanceType: m5.large, count: 3}}]
tasks:
  - {{name: db, group: database, cpu: 1, memory: 4, arrivals: {{at: 0s}},
      startTask: {{containerInstances: [i-{:017x}]}}}}
  - {{name: t, cpu: 1, memory: 4, arrivals: {{at: 1s, count: 6}},
      placementStrategy: [{{type: spread, field: instanceId}}],
      placementConstraints: [{{type: memberOf, expression: not(task:group == database)}}]}}",
        1
    ));
    assert_eq!(ran.per_instance(), [3, 1, 3]);
}

#[test]
fn on_an_empty_cluster_no_instance_hosts_a_group() {
    // G43
    let ran = all(
        "{instanceType: m5.large, count: 3}",
        "task:group == databases",
    );
    assert_eq!(ran.run.tasks.placed, 0);
    let reason = "MemberOf placement constraint unsatisfied.";
    assert_eq!(ran.task_column("stopped_reason"), [reason; 12]);
}

#[test]
fn running_tasks_are_counted_now() {
    // G44: instance 1 hosts one task, instance 2 two.
    let ran = instant(&format!(
        "containerInstances: [{{instanceType: m5.large, count: 3}}]
tasks:
  - {{name: a, cpu: 1, memory: 4, arrivals: {{at: 0s}},
      startTask: {{containerInstances: [i-{one:017x}, i-{two:017x}, i-{two:017x}]}}}}
  - {{name: t, cpu: 1, memory: 4, arrivals: {{at: 1s, count: 2}},
      placementConstraints: [{{type: memberOf, expression: runningTasksCount == 1}}]}}",
        one = 1,
        two = 2
    ));
    // The first goes to instance 1, which then hosts two: no place for the second.
    assert_eq!(ran.places(), [Some(1), Some(2), Some(2), Some(1), None]);
}

#[test]
fn agent_versions_compare_by_their_numbers() {
    // G45
    let fleet = "{instanceType: m5.large, agentVersion: 1.9.0}, \
                 {instanceType: m5.large, agentVersion: 1.14.5}, {instanceType: m5.large}";
    assert_eq!(members(fleet, "agentVersion < 1.14.5"), [0]);
    assert_eq!(members(fleet, "agentVersion >= 1.14.5"), [1, 2]);
}

#[test]
fn registration_is_compared_with_dates() {
    // G46: a fixed fleet registers at the start.
    for (start, placed) in [
        ("2018-02-12T23:59:59Z", 12),
        ("2018-02-13T00:00:00Z", 0),
        ("2018-02-14T00:00:00Z", 0),
    ] {
        let ran = run(&format!(
            "duration: 1h\nstart: {start}\ncontainerInstances: [{{instanceType: m5.large}}]\n{}",
            constrained("registeredAt < 2018-02-13")
        ));
        assert_eq!(ran.run.tasks.placed, placed, "{start}");
    }
}

#[test]
fn instances_can_be_listed_by_id() {
    // G47
    let ids = format!("ec2InstanceId in ['i-{:017x}', 'i-{:017x}']", 1, 3);
    assert_eq!(members("{instanceType: m5.large, count: 5}", &ids), [1, 3]);
}

#[test]
fn a_list_of_types_admits_each() {
    // G48
    let fleet = "{instanceType: t2.small}, {instanceType: t2.large}, {instanceType: t2.medium}";
    assert_eq!(
        members(
            fleet,
            "attribute:ecs.instance-type in [t2.small, t2.medium]"
        ),
        [0, 2]
    );
}

#[test]
fn parentheses_bind_first() {
    // G49
    let fleet = "{instanceType: m5.large, attributes: {a: yes1, c: no1}}, \
                 {instanceType: m5.large, attributes: {a: yes1, c: yes1}}, \
                 {instanceType: m5.large, attributes: {c: yes1}}";
    let expression = "(attribute:a == yes1 or attribute:b == yes1) and attribute:c == yes1";
    assert_eq!(members(fleet, expression), [1]);
}
