//! Wrong services, deployments and incidents, with what their users see.

use super::messages;

const TOP: &str = "duration: 24h
containerInstances: [{instanceType: m5.large, count: 4}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
";

fn errors(rest: &str) -> Vec<String> {
    super::errors(&format!("{TOP}{rest}\n"))
}

/// The errors of a service with these keys beside its name.
fn of_service(keys: &str) -> Vec<String> {
    errors(&format!("services: [{{serviceName: web, {keys}}}]"))
}

fn of_configuration(keys: &str) -> Vec<String> {
    of_service(&format!(
        "taskDefinition: web, desiredCount: 2, deploymentConfiguration: {{{keys}}}"
    ))
}

#[test]
fn a_wrong_service_is_shown_in_its_place() {
    let text = format!(
        "{TOP}services:
  - serviceName: web
    taskDefinition: wbe:3
    desiredcount: 2
"
    );
    let expected = "error: the key `desiredCount` is missing
 --> s.yaml:6:5
  |
6 |   - serviceName: web
  |     ^^^^^^^^^^^^^^^^
  |
  = help: add `desiredCount: 2`

error: unknown task definition `wbe:3`
 --> s.yaml:7:21
  |
7 |     taskDefinition: wbe:3
  |                     ^^^^^ not in `taskDefinitions`
  |
  = help: there are `web`

error: unknown key `desiredcount`
 --> s.yaml:8:5
  |
8 |     desiredcount: 2
  |     ^^^^^^^^^^^^
  |
  = help: did you mean `desiredCount`?";
    let shown = messages(&text);
    assert!(shown.ends_with(expected), "{shown}");
}

#[test]
fn services_are_a_list() {
    assert_eq!(
        errors("services: {web: {taskDefinition: web}}"),
        [
            "expected a list, found a mapping | expected a list | a list is written `[a, b]`, or \
          with `- ` before each element | each service is an element with its name: \
          `- serviceName: web`"
        ]
    );
}

#[test]
fn other_deployment_controllers_are_refused() {
    assert_eq!(
        of_service(
            "taskDefinition: web, desiredCount: 1, deploymentController: {type: CODE_DEPLOY}"
        ),
        [
            "the deployment controller CODE_DEPLOY is not simulated | expected `ECS`, whose \
             strategies are ROLLING, BLUE_GREEN, LINEAR and CANARY"
        ]
    );
}

#[test]
fn names_of_services_are_ecs_s_and_unique() {
    let of = |name: &str| {
        errors(&format!(
            "tasks: [{{name: job, taskDefinition: web, arrivals: {{at: 0s}}}}]\nservices: \
             [{{serviceName: one, taskDefinition: web, desiredCount: 1}}, {{serviceName: {name}, \
             taskDefinition: web, desiredCount: 1}}]"
        ))
    };
    assert_eq!(of("two_2-b"), [""; 0]);
    let twice = "is given twice | services and entries of `tasks` need names of their own";
    assert_eq!(of("one"), [format!("the name `one` {twice}")]);
    assert_eq!(of("job"), [format!("the name `job` {twice}")]);
    for name in ["a/b", "a.b", "a b"] {
        let expected = format!(
            "`{name}` is no name of a service | expected letters, digits, hyphens and underscores"
        );
        assert_eq!(of(name), [expected]);
    }
}

#[test]
fn values_of_a_service_are_checked() {
    for (keys, expected) in [
        (
            "desiredCount: -1",
            "`-1` is negative | expected a whole number from 0 to 1000000",
        ),
        (
            "desiredCount: 1.5",
            "`1.5` is not a whole number | expected a whole number from 0 to 1000000",
        ),
        (
            "desiredCount: 5001",
            "`5001` tasks are beyond the quota | ECS's quota for a service is 5000 | quotas can \
             be raised: `serviceOptions: {quotas: false}` lifts them",
        ),
        (
            "desiredCount: 1001, serviceRegistries: [{registryArn: x}]",
            "`1001` tasks are beyond the quota | ECS's quota for a service with a service \
             registry is 1000 | quotas can be raised: `serviceOptions: {quotas: false}` lifts them",
        ),
        (
            "desiredCount: 1, serviceRegistries: [{registryArn: x}, {registryArn: y}]",
            "2 service registries | a service has at most one",
        ),
        (
            "desiredCount: 1, schedulingStrategy: REPLICAS",
            "`REPLICAS` is not a value of `schedulingStrategy` | expected `REPLICA` or `DAEMON` | \
             did you mean `REPLICA`?",
        ),
        (
            "schedulingStrategy: DAEMON, availabilityZoneRebalancing: ENABLED",
            "the service is not eligible for Availability Zone rebalancing | a DAEMON service has \
             its tasks where its instances are | set `availabilityZoneRebalancing: DISABLED`, or \
             remove it",
        ),
        (
            "desiredCount: 1, availabilityZoneRebalancing: ENABLED, placementStrategy: \
             [{type: binpack, field: cpu}]",
            "the service is not eligible for Availability Zone rebalancing | the first placement \
             strategy must spread by `attribute:ecs.availability-zone` | set \
             `availabilityZoneRebalancing: DISABLED`, or remove it",
        ),
        (
            "desiredCount: 1, availabilityZoneRebalancing: ENABLED, deploymentConfiguration: \
             {minimumHealthyPercent: 0, maximumPercent: 100}",
            "the service is not eligible for Availability Zone rebalancing | with \
             `maximumPercent: 100` no task can be started before another is stopped | set \
             `availabilityZoneRebalancing: DISABLED`, or remove it",
        ),
        (
            "desiredCount: 1, healthCheckGracePeriodSeconds: 60s",
            "`60s` is not a whole number | expected a whole number from 0 to 2147483647",
        ),
    ] {
        let found = of_service(&format!("taskDefinition: web, {keys}"));
        assert_eq!(found, [expected], "{keys}");
    }
    let six = "{type: random}, ".repeat(6);
    let found = of_service(&format!(
        "taskDefinition: web, desiredCount: 1, placementStrategy: [{six}]"
    ));
    assert_eq!(
        found,
        ["6 placement strategies | a request takes at most 5"]
    );
}

#[test]
fn a_deployment_configuration_is_checked() {
    for (keys, expected) in [
        (
            "minimumHealthyPercent: 101",
            "`101` is too large | expected a whole number from 0 to 100",
        ),
        (
            "maximumPercent: 50",
            "`50` is too small | expected a whole number from 100 to 10000",
        ),
        (
            "deploymentCircuitBreaker: {enable: true}",
            "the key `rollback` is missing | add `rollback: true`",
        ),
        (
            "deploymentCircuitBreaker: {enable: true, rollback: true, thresholdConfiguration: \
             {type: COUNT, value: 0}}",
            "`0` is too small | expected a whole number from 1 to 1000000",
        ),
        (
            "strategy: BLUE_GREEN",
            "the key `bakeTimeInMinutes` is missing | add `bakeTimeInMinutes: 10`",
        ),
        (
            "strategy: BLUE-GREEN",
            "`BLUE-GREEN` is not a value of `strategy` | expected `ROLLING`, `BLUE_GREEN`, \
             `LINEAR` or `CANARY` | did you mean `BLUE_GREEN`?",
        ),
        (
            "strategy: CANARY, linearConfiguration: {stepPercent: 10}",
            "`linearConfiguration` beside `strategy: CANARY` | remove it, or change the strategy",
        ),
        (
            "linearConfiguration: {stepPercent: 10}",
            "a configuration without its `strategy` | add `strategy: LINEAR` or `strategy: CANARY`",
        ),
        (
            "strategy: LINEAR, linearConfiguration: {stepPercent: 2.9}",
            "`2.9` is too small | expected a percentage from 3.0 to 100, at most one decimal",
        ),
        (
            "strategy: CANARY, canaryConfiguration: {canaryPercent: NaN}",
            "`NaN` is not a number in plain digits | expected a percentage from 0.1 to 100, at \
             most one decimal",
        ),
        (
            "earlySuccessCriteria: {enable: true, healthyPercent: 90, \
             sourceServiceRevisionCleanup: BLOCKING}",
            "`healthyPercent` (90) is too small | expected at least `minimumHealthyPercent` (100)",
        ),
        (
            "alarms: {alarmNames: [errors], enable: true, rollback: true}",
            "unknown alarm `errors` | not in `alarms` | the scenario has no usable entry in \
             `alarms`",
        ),
        (
            "alarms: {alarmNames: [], enable: true, rollback: true}",
            "alarms are enabled, but none is named | add `alarmNames: [errors]`",
        ),
        (
            "strategy: BLUE_GREEN, bakeTimeInMinutes: 1, lifecycleHooks: \
             [{lifecycleStages: [BAKE_TIME]}]",
            "`BAKE_TIME` is not a value of `lifecycleStages` | expected `RECONCILE_SERVICE`, \
             `PRE_SCALE_UP`, `POST_SCALE_UP`, `TEST_TRAFFIC_SHIFT`, `POST_TEST_TRAFFIC_SHIFT`, \
             `PRE_PRODUCTION_TRAFFIC_SHIFT`, `PRODUCTION_TRAFFIC_SHIFT` or \
             `POST_PRODUCTION_TRAFFIC_SHIFT`",
        ),
    ] {
        assert_eq!(of_configuration(keys), [expected], "{keys}");
    }
}

#[test]
fn a_deployment_names_a_service_and_a_revision_that_there_are() {
    let service = "services: [{serviceName: web, taskDefinition: web, desiredCount: 1, \
                   createdAt: 1h}]\n";
    let of = |deployment: &str| errors(&format!("{service}deployments: [{deployment}]"));
    for (deployment, expected) in [
        (
            "{at: 2h, service: wbe, forceNewDeployment: true}",
            "unknown service `wbe` | not in `services` | did you mean `web`?",
        ),
        (
            "{at: 2h, service: web, taskDefinition: \"web:2\"}",
            "unknown task definition `web:2` | not in `taskDefinitions` | did you mean `web:1`?",
        ),
        (
            "{at: 30m, service: web, forceNewDeployment: true}",
            "there is no service `web` yet | it is created at 1h",
        ),
        (
            "{at: 2h, service: web, placementStrategy: []}",
            "a change of `placementStrategy` is not simulated yet | set it in the service \
             itself; an update changes the revision and counts",
        ),
        (
            "{at: 2, service: web, desiredCount: 3}",
            "`2` has no unit | expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d` | \
             add a unit: `2s` for seconds, `2ms`, `2m`, `2h`",
        ),
        (
            "{service: web, desiredCount: 3}",
            "the key `at` is missing | add `at: 1h`",
        ),
        (
            "web",
            "expected a mapping of `key: value`, found a plain value | expected a mapping of \
             `key: value` | for instance `{at: 1h, service: web, taskDefinition: web}`",
        ),
    ] {
        assert_eq!(of(deployment), [expected], "{deployment}");
    }
}

#[test]
fn what_names_a_service_that_was_reported_is_not_reported_too() {
    let found = errors(
        "services: [{serviceName: web, taskDefinition: web, desiredCount: -1}]\n\
         deployments: [{at: 1h, service: web, desiredCount: 3}]\n\
         taskProtection: [{at: 1h, service: web, tasks: 1}]",
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn task_protection_is_checked() {
    let service = "services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]\n";
    let of = |entry: &str| errors(&format!("{service}taskProtection: [{{at: 1h, {entry}}}]"));
    for (entry, expected) in [
        (
            "service: web",
            "the key `tasks` is missing | add `tasks: 2`",
        ),
        (
            "service: web, tasks: 0",
            "`0` is too small | expected a whole number from 1 to 1000000",
        ),
        (
            "service: web, tasks: 1, expiresInMinutes: 2881",
            "`2881` is too large | expected a whole number from 1 to 2880",
        ),
        (
            "service: wep, tasks: 1",
            "unknown service `wep` | not in `services` | did you mean `web`?",
        ),
    ] {
        assert_eq!(of(entry), [expected], "{entry}");
    }
}

#[test]
fn incidents_name_one_kind_and_what_there_is() {
    let of = |entry: &str| errors(&format!("incidents: [{{at: 1h, {entry}}}]"));
    for (entry, expected) in [
        (
            "duration: 1h",
            "an incident of no kind | expected one of `availabilityZoneLost`, \
             `containerInstancesLost`, `containerInstancesDraining`, `agentsDisconnected`, \
             `registryUnavailable`, `registrySlow`, `spotReclaim`, `onDemandCapacityRefused`, \
             `fargateCapacityRefused`, `fargateSpotReclaim`",
        ),
        (
            "availabilityZoneLost: us-east-1a, registryUnavailable: true",
            "an incident of several kinds: `availabilityZoneLost`, `registryUnavailable` | \
             expected one of `availabilityZoneLost`, `containerInstancesLost`, \
             `containerInstancesDraining`, `agentsDisconnected`, `registryUnavailable`, \
             `registrySlow`, `spotReclaim`, `onDemandCapacityRefused`, \
             `fargateCapacityRefused`, `fargateSpotReclaim`",
        ),
        (
            "availabilityZoneLost: us-east-1b",
            "no container instance stands in `us-east-1b` | did you mean `us-east-1a`?",
        ),
        (
            "containerInstancesLost: [4]",
            "no container instance 4 registers | they are numbered from 0 to 3",
        ),
        (
            "containerInstancesDraining: [i-0000000000000000a]",
            "no container instance 10 registers | they are numbered from 0 to 3",
        ),
        (
            "agentsDisconnected: [{from: 2, count: 3}]",
            "no container instance 4 registers | they are numbered from 0 to 3",
        ),
        (
            "containerInstancesLost: [web]",
            "`web` is not an instance id or its number | expected an id such as \
             `i-00000000000000000`, or a number from 0",
        ),
        (
            "containerInstancesLost: []",
            "no container instance is named | expected ids such as `i-00000000000000000`, or \
             numbers from 0",
        ),
        (
            "registryUnavailable: true, duration: 0s",
            "`0s` is no time: it must be more than 0",
        ),
        (
            "registryUnavailable: false",
            "an incident that does nothing | set `registryUnavailable: true`, or remove the \
             incident",
        ),
    ] {
        assert_eq!(of(entry), [expected], "{entry}");
    }
    let twice = errors(
        "incidents: [{name: a, at: 1h, registryUnavailable: true}, \
         {name: a, at: 2h, registryUnavailable: true}]",
    );
    assert_eq!(twice, ["the name `a` is given twice in `incidents`"]);
}

#[test]
fn service_options_are_checked() {
    for (keys, expected) in [
        (
            "quotas: off",
            "`off` is not `true` or `false` | expected `true` or `false` | did you mean `false`?",
        ),
        (
            "restartThrottle: {first: 1h, longest: 1m}",
            "`longest` (1m) is below `first` (1h) | the delay grows from `first` to `longest`",
        ),
        (
            "taskLaunchesPerMinute: 0",
            "`0` is too small | expected a whole number from 1 to 1000000",
        ),
        (
            "qoutas: false",
            "unknown key `qoutas` | did you mean `quotas`?",
        ),
    ] {
        let found = errors(&format!("serviceOptions: {{{keys}}}"));
        assert_eq!(found, [expected], "{keys}");
    }
}
