//! Wrong entries of a scenario with the messages that their users see.

use super::messages;

#[test]
fn an_unknown_task_definition_is_answered_with_the_nearest() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web, memory: 128}]}
tasks:
  - {taskDefinition: wed, arrivals: {at: 0s}}
  - {taskDefinition: web, arrivals: {at: 0s}}
";
    let expected = "error: unknown task definition `wed`
 --> s.yaml:6:22
  |
6 |   - {taskDefinition: wed, arrivals: {at: 0s}}
  |                      ^^^ not in `taskDefinitions`
  |
  = help: did you mean `web`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_missing_trace_file_is_answered_with_the_nearest() {
    let text = "duration: 1h
tasks: [{trace: {file: Cargo.tml}}]
";
    let expected = "error: cannot read `Cargo.tml`: no such file
 --> s.yaml:2:24
  |
2 | tasks: [{trace: {file: Cargo.tml}}]
  |                        ^^^^^^^^^ relative to the directory of the scenario
  |
  = help: did you mean `Cargo.toml`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_directory_is_no_trace() {
    let text = "duration: 1h
tasks: [{trace: {file: src}}]
";
    let expected = "error: `src` is a directory, not a file
 --> s.yaml:2:24
  |
2 | tasks: [{trace: {file: src}}]
  |                        ^^^";
    assert_eq!(messages(text), expected);
}

#[test]
fn an_error_in_an_expression_points_into_it() {
    let text = r#"duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - cpu: 128
    memory: 128
    arrivals: {at: 0s}
    placementConstraints:
      - {type: memberOf, expression: "attribute:stack = prod"}
      - {type: memberOf, expression: attribute:stack in prod}
      - type: memberOf
        expression: >
          attribute:stack
          = prod
"#;
    let expected = r#"error: expected an operator after `attribute:stack`, but found `=`
 --> s.yaml:8:55
  |
8 |       - {type: memberOf, expression: "attribute:stack = prod"}
  |                                                       ^
  |
  = help: did you mean `==`?

error: expected a list, but found `prod`
 --> s.yaml:9:57
  |
9 |       - {type: memberOf, expression: attribute:stack in prod}
  |                                                         ^^^^
  |
  = help: a list stands in square brackets: [a, b]

error: expected an operator after `attribute:stack`, but found `=`
  --> s.yaml:12:11
   |
12 |           attribute:stack
   |           ^^^^^^^^^^^^^^^
   |
   = help: did you mean `==`?"#;
    assert_eq!(messages(text), expected);
}

#[test]
fn an_error_in_a_schedule_points_into_it() {
    let text = r#"duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks: [{cpu: 1, memory: 1, arrivals: {schedule: "cron(0 99 * * ? *)"}}]
"#;
    let expected = "error: `99` is no hour: expected 0 to 23
 --> s.yaml:3:58
  |
3 | tasks: [{cpu: 1, memory: 1, arrivals: {schedule: \"cron(0 99 * * ? *)\"}}]
  |                                                          ^^^^^^^^^^^
  |
  = help: for instance `cron(0 2 * * ? *)`, every night at two: minute, hour, day of the month, \
month, day of the week, year; one of the two days is `?`";
    assert_eq!(messages(text), expected);
}

#[test]
fn an_error_in_a_task_definition_points_into_it() {
    let text = r#"duration: 1h
taskDefinitions:
  - family: web
    containerDefinitions:
      - {name: app, image: web, memori: 128}
    placementConstraints: [{type: memberOf, expression: "attribute:a = b"}]
"#;
    let expected = r#"error: container `app` has neither `memory` nor `memoryReservation`
 --> s.yaml:5:9
  |
5 |       - {name: app, image: web, memori: 128}
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: give one of them, or `memory` for the whole task

error: unknown key `memori`
 --> s.yaml:5:33
  |
5 |       - {name: app, image: web, memori: 128}
  |                                 ^^^^^^
  |
  = help: did you mean `memory`?

error: expected an operator after `attribute:a`, but found `=`
 --> s.yaml:6:70
  |
6 |     placementConstraints: [{type: memberOf, expression: "attribute:a = b"}]
  |                                                                      ^
  |
  = help: did you mean `==`?"#;
    assert_eq!(messages(text), expected);
}

#[test]
fn run_task_starts_at_most_ten_tasks_a_call() {
    // G6
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks: [{cpu: 1, memory: 1, arrivals: {at: 0s}, count: 11}]
";
    let expected = "error: `11` is too large
 --> s.yaml:3:56
  |
3 | tasks: [{cpu: 1, memory: 1, arrivals: {at: 0s}, count: 11}]
  |                                                        ^^ expected a whole number from 1 to 10
  |
  = help: RunTask starts at most 10 tasks a call: more calls are the `count` of `arrivals: {at: 0s, count: 40}`";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_request_takes_at_most_five_strategies() {
    // G35
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - cpu: 1
    memory: 1
    arrivals: {at: 0s}
    placementStrategy: [{type: random}, {type: random}, {type: random}, {type: random}, {type: random}, {type: random}]
";
    let expected = "error: 6 placement strategies
 --> s.yaml:7:105
  |
7 |     placementStrategy: [{type: random}, {type: random}, {type: random}, {type: random}, {type: random}, {type: random}]
  |                                                                                                         ^^^^^^^^^^^^^^ a request takes at most 5";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_strategy_has_the_field_that_its_type_takes() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - cpu: 1
    memory: 1
    arrivals: {at: 0s}
    placementStrategy:
      - {type: spread}
      - {type: random, field: cpu}
      - {type: binpack, field: gpu}
      - {type: spread, field: ecs.availability-zone}
      - {type: binpak, field: cpu}
";
    let expected = r#"error: the key `field` is missing
 --> s.yaml:8:9
  |
8 |       - {type: spread}
  |         ^^^^^^^^^^^^^^
  |
  = help: add `field: "attribute:ecs.availability-zone"`

error: the strategy `random` takes no `field`
 --> s.yaml:9:24
  |
9 |       - {type: random, field: cpu}
  |                        ^^^^^
  |
  = help: remove it

error: `binpack` cannot pack by `gpu`
  --> s.yaml:10:32
   |
10 |       - {type: binpack, field: gpu}
   |                                ^^^ expected `cpu` or `memory`

error: `spread` cannot group by `ecs.availability-zone`
  --> s.yaml:11:31
   |
11 |       - {type: spread, field: ecs.availability-zone}
   |                               ^^^^^^^^^^^^^^^^^^^^^ expected `instanceId`, `host` or `attribute:NAME`
   |
   = help: write `attribute:ecs.availability-zone`

error: unknown placement strategy `binpak`
  --> s.yaml:12:16
   |
12 |       - {type: binpak, field: cpu}
   |                ^^^^^^ expected one of `spread`, `binpack`, `random`
   |
   = help: did you mean `binpack`?"#;
    assert_eq!(messages(text), expected);
}

#[test]
fn start_task_bypasses_placement() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - cpu: 1
    memory: 1
    arrivals: {at: 0s}
    startTask: {containerInstances: [i-00000000000000000]}
    placementStrategy: [{type: random}]
    whenFull: queue
";
    let expected = "error: `placementStrategy` beside `startTask`
 --> s.yaml:8:5
  |
8 |     placementStrategy: [{type: random}]
  |     ^^^^^^^^^^^^^^^^^
  |
  = help: StartTask names its instances and bypasses placement: remove one of them

error: `whenFull` beside `startTask`
 --> s.yaml:9:5
  |
9 |     whenFull: queue
  |     ^^^^^^^^
  |
  = help: StartTask names its instances and bypasses placement: remove one of them";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_network_configuration_needs_awsvpc_and_known_subnets() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
subnets: [{subnetId: subnet-a, availabilityZone: us-east-1a}]
tasks:
  - cpu: 1
    memory: 1
    arrivals: {at: 0s}
    networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-b]}}
";
    let expected = "error: `networkConfiguration` without an `awsvpc` task definition
 --> s.yaml:8:5
  |
8 |     networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-b]}}
  |     ^^^^^^^^^^^^^^^^^^^^
  |
  = help: set `networkMode: awsvpc` in the task definition, or remove this

error: unknown subnet `subnet-b`
 --> s.yaml:8:60
  |
8 |     networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-b]}}
  |                                                            ^^^^^^^^ not in `subnets`
  |
  = help: did you mean `subnet-a`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_wrong_definition_or_type_is_reported_once_and_not_as_unknown() {
    let text = "duration: 1h
instanceTypes: [{instanceType: mine, cpu: 1, memory: 1}]
containerInstances: [{instanceType: mine}]
taskDefinitions: [{family: web, containerDefinitions: [{name: app, image: web, memory: none}]}]
tasks: [{taskDefinition: web, arrivals: {at: 0s}}]
";
    let messages = messages(text);
    assert_eq!(messages.matches("error:").count(), 2, "{messages}");
    assert!(!messages.contains("unknown"), "{messages}");
}

#[test]
fn a_task_has_at_most_ten_constraints_those_of_its_definition_included() {
    let text = |own: usize| {
        let constraint = "{type: memberOf, expression: 'attribute:a exists'}";
        let (of_definition, own) = ([constraint; 4].join(", "), vec![constraint; own].join(", "));
        format!(
            "duration: 1h
containerInstances: [{{instanceType: m5.large}}]
taskDefinitions:
  - family: web
    containerDefinitions: [{{name: a, image: a, memory: 8}}]
    placementConstraints: [{of_definition}]
tasks: [{{taskDefinition: web, arrivals: {{at: 0s}}, placementConstraints: [{own}]}}]
"
        )
    };
    assert_eq!(messages(&text(6)), "no error");
    let message = messages(&text(7));
    assert!(message.contains("11 placement constraints, the task definition's included"));
    assert!(message.contains("a task has at most 10"), "{message}");
}
