//! Right services, and what the loader makes of them.

use super::{loaded, messages};
use crate::control::{CircuitBreaker, DeploymentStrategy, EarlySuccess, Threshold};
use crate::kernel::Distribution;
use crate::model::{ServiceId, TaskDefinitionId};
use crate::placement::{SpreadField, StrategySpec};
use crate::scenario::{
    Incident, IncidentKind, LoadOptions, Scenario, SchedulingStrategy, Service, ServiceOptions,
    StruckInstances, load_text, parse_strategy_chain,
};
use crate::units::{Millis, SimTime};

/// A fleet and two revisions of `web`; the rest is the test's.
const TOP: &str = "duration: 24h
start: 2026-01-05T00:00:00Z
containerInstances: [{instanceType: m5.large, count: 4, availabilityZones: [us-east-1a, us-east-1b]}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
  - {family: web, containerDefinitions: [{name: app, image: web:2, cpu: 64, memory: 128}]}
";

fn scenario(rest: &str) -> Scenario {
    let text = format!("{TOP}{rest}");
    loaded(&text, &[])
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario
}

fn service(keys: &str) -> Service {
    let text = format!(
        "services: [{{serviceName: web, taskDefinition: web, {keys}}}]\n\
         tasks: [{{taskDefinition: \"web:1\", arrivals: {{at: 0s}}}}]"
    );
    scenario(&text).services.remove(0)
}

/// Titles of the warnings but for that of the revision that is not used.
fn warnings(rest: &str) -> Vec<String> {
    let titles = super::warnings(&format!("{TOP}{rest}")).into_iter();
    titles
        .filter(|title| !title.starts_with("the task definition"))
        .collect()
}

#[test]
fn defaults_of_a_service_are_those_of_create_service() {
    let read = service("desiredCount: 2");
    assert_eq!(read.name, "web");
    // A plain family is its latest revision.
    assert_eq!(read.task_definition, TaskDefinitionId(1));
    assert_eq!((read.created_at, read.desired_count), (SimTime::ZERO, 2));
    assert_eq!(read.scheduling_strategy, SchedulingStrategy::Replica);
    let configuration = &read.deployment_configuration;
    assert_eq!(configuration.minimum_healthy_percent, 100);
    assert_eq!(configuration.maximum_percent, 200);
    assert_eq!(configuration.circuit_breaker, None);
    assert!(read.availability_zone_rebalancing);
    assert_eq!(read.health_check_grace_period, Millis::ZERO);
    assert_eq!(read.service_registry, None);
    let daemon = service("schedulingStrategy: DAEMON");
    let configuration = &daemon.deployment_configuration;
    assert_eq!(configuration.minimum_healthy_percent, 0);
    assert_eq!(configuration.maximum_percent, 100);
    assert_eq!(
        (daemon.desired_count, daemon.availability_zone_rebalancing),
        (0, false)
    );
}

#[test]
fn a_deployment_configuration_is_read_as_it_is_written() {
    let read = service(
        "desiredCount: 2, deploymentConfiguration: {minimumHealthyPercent: 50, \
         maximumPercent: 150, strategy: ROLLING, deploymentCircuitBreaker: {enable: true, \
         rollback: true, resetOnHealthyTask: false, thresholdConfiguration: {type: COUNT, \
         value: 7}}, earlySuccessCriteria: {enable: true, healthyPercent: 80, \
         sourceServiceRevisionCleanup: DEFERRED}, bakeTimeInMinutes: 3}",
    );
    let configuration = read.deployment_configuration;
    let breaker = CircuitBreaker {
        rollback: true,
        threshold: Threshold::Count(7),
        reset_on_healthy_task: false,
    };
    assert_eq!(configuration.minimum_healthy_percent, 50);
    assert_eq!(configuration.maximum_percent, 150);
    assert_eq!(configuration.circuit_breaker, Some(breaker));
    let early = EarlySuccess {
        healthy_percent: 80,
        blocking: false,
    };
    assert_eq!(configuration.early_success, Some(early));
    assert_eq!(configuration.bake_time, Some(Millis(180_000)));
    let off = service(
        "desiredCount: 2, deploymentConfiguration: \
         {deploymentCircuitBreaker: {enable: false, rollback: false}, \
         alarms: {alarmNames: [], enable: false, rollback: false}}",
    );
    assert_eq!(off.deployment_configuration.circuit_breaker, None);
    assert_eq!(off.deployment_configuration.alarms, None);
}

#[test]
fn deployment_strategies_have_the_defaults_of_their_apis() {
    let strategy = |keys: &str| {
        let keys = format!("desiredCount: 2, deploymentConfiguration: {{{keys}}}");
        service(&keys).deployment_configuration.strategy
    };
    let minutes = |minutes: u64| Millis(minutes * 60_000);
    let linear = |step, bake| DeploymentStrategy::Linear {
        step,
        step_bake_time: minutes(bake),
    };
    let canary = |canary, bake| DeploymentStrategy::Canary {
        canary,
        canary_bake_time: minutes(bake),
    };
    for (keys, expected) in [
        ("strategy: ROLLING", DeploymentStrategy::Rolling),
        (
            "strategy: BLUE_GREEN, bakeTimeInMinutes: 5",
            DeploymentStrategy::BlueGreen,
        ),
        ("strategy: LINEAR", linear(100, 6)),
        (
            "strategy: LINEAR, linearConfiguration: {stepPercent: 33.3, stepBakeTimeInMinutes: 0}",
            linear(333, 0),
        ),
        ("strategy: CANARY", canary(50, 10)),
        (
            "strategy: CANARY, canaryConfiguration: {canaryPercent: 0.1}",
            canary(1, 10),
        ),
    ] {
        assert_eq!(strategy(keys), expected, "{keys}");
    }
}

#[test]
fn a_lifecycle_hook_that_outlasts_its_timeout_answers_with_its_action() {
    let hook = |keys: &str| {
        let keys = format!(
            "desiredCount: 1, deploymentConfiguration: {{strategy: BLUE_GREEN, \
             bakeTimeInMinutes: 0, lifecycleHooks: [{{lifecycleStages: [POST_SCALE_UP], \
             hookTargetArn: x, roleArn: y, {keys}}}]}}"
        );
        let hook = service(&keys)
            .deployment_configuration
            .lifecycle_hooks
            .remove(0);
        (hook.duration, hook.succeeds)
    };
    assert_eq!(hook("duration: 0s"), (Millis::ZERO, true));
    assert_eq!(
        hook("duration: 90s, succeeds: false"),
        (Millis(90_000), false)
    );
    assert_eq!(hook("duration: 25h"), (Millis::DAY, false));
    let limit = "timeoutConfiguration: {timeoutInMinutes: 2, action: CONTINUE}";
    assert_eq!(
        hook(&format!("duration: 1m, {limit}")),
        (Millis::MINUTE, true)
    );
    let late = hook(&format!("duration: 3m, succeeds: false, {limit}"));
    assert_eq!(late, (Millis(120_000), true));
}

#[test]
fn rebalancing_is_on_where_the_service_is_eligible() {
    // G53 and the other conditions.
    let zone = "{type: spread, field: \"attribute:ecs.availability-zone\"}";
    let distinct = "placementConstraints: [{type: distinctInstance}]";
    let expression = "attribute:ecs.availability-zone == us-east-1a";
    let bound = format!("placementConstraints: [{{type: memberOf, expression: {expression}}}]");
    for (keys, expected) in [
        (String::new(), true),
        ("availabilityZoneRebalancing: DISABLED".to_owned(), false),
        (
            format!("placementStrategy: [{zone}, {{type: random}}]"),
            true,
        ),
        (
            format!("placementStrategy: [{{type: random}}, {zone}]"),
            false,
        ),
        (
            "deploymentConfiguration: {maximumPercent: 100, minimumHealthyPercent: 0}".into(),
            false,
        ),
        (distinct.to_owned(), true),
        (bound, false),
    ] {
        let read = service(&format!("desiredCount: 2, {keys}"));
        assert_eq!(read.availability_zone_rebalancing, expected, "{keys}");
    }
}

#[test]
fn what_describe_services_prints_can_be_pasted() {
    let read = scenario(
        r#"services:
  - {
      "serviceArn": "arn:aws:ecs:us-east-1:123456789012:service/prod/web",
      "serviceName": "web", "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/prod",
      "loadBalancers": [], "serviceRegistries": [], "status": "ACTIVE", "desiredCount": 2,
      "runningCount": 2, "pendingCount": 0, "launchType": "EC2",
      "taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
      "deploymentConfiguration": {
        "deploymentCircuitBreaker": {"enable": false, "rollback": false},
        "maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING",
        "bakeTimeInMinutes": 0
      },
      "deployments": [{"id": "ecs-svc/1"}], "events": [], "createdAt": "2025-03-01T10:00:00Z",
      "placementConstraints": [], "placementStrategy": [], "healthCheckGracePeriodSeconds": 0,
      "schedulingStrategy": "REPLICA", "deploymentController": {"type": "ECS"},
      "createdBy": "arn:aws:iam::123456789012:role/x", "enableECSManagedTags": true,
      "propagateTags": "NONE", "enableExecuteCommand": false,
      "availabilityZoneRebalancing": "ENABLED"
    }
"#,
    );
    let web = &read.services[0];
    assert_eq!(
        (web.task_definition, web.created_at),
        (TaskDefinitionId(0), SimTime::ZERO)
    );
}

#[test]
fn a_service_is_created_at_a_span_or_a_point_in_time() {
    for (given, expected) in [
        ("10m", 600_000),
        ("\"2026-01-05T00:01:00Z\"", 60_000),
        ("\"2025-01-05T00:01:00Z\"", 0),
        // 2026-01-05T00:00:30Z
        ("1767571230.123", 30_000),
    ] {
        let read = service(&format!("desiredCount: 1, createdAt: {given}"));
        assert_eq!(read.created_at, SimTime(expected), "{given}");
    }
}

#[test]
fn deployments_are_sorted_and_build_on_one_another() {
    let read = scenario(
        "services: [{serviceName: web, taskDefinition: \"web:1\", desiredCount: 2}]
deployments:
  - {at: 2h, service: web, forceNewDeployment: true, deploymentConfiguration: {maximumPercent: 150}}
  - {at: 1h, service: web, taskDefinition: web, deploymentConfiguration: {minimumHealthyPercent: 50}}
  - {at: 1h, service: web, desiredCount: 4}
",
    );
    let times: Vec<u64> = read.deployments.iter().map(|update| update.at.0).collect();
    assert_eq!(times, [3_600_000, 3_600_000, 7_200_000]);
    let first = &read.deployments[0];
    assert_eq!(first.task_definition, Some(TaskDefinitionId(1)));
    assert_eq!(
        (first.service, first.force_new_deployment),
        (ServiceId(0), false)
    );
    assert_eq!(read.deployments[1].desired_count, Some(4));
    let percents = |update: usize| {
        let read = read.deployments[update].deployment_configuration.as_ref()?;
        Some((read.minimum_healthy_percent, read.maximum_percent))
    };
    assert_eq!([percents(0), percents(1)], [Some((50, 200)), None]);
    assert_eq!(percents(2), Some((50, 150)));
}

#[test]
fn protection_and_incidents_are_read_as_they_are_written() {
    let read = scenario(
        "services: [{serviceName: web, taskDefinition: web, desiredCount: 2}]
taskProtection:
  - {at: 2h, service: web, tasks: 1, protectionEnabled: false}
  - {at: 1h, service: web, tasks: 2, expiresInMinutes: 5}
  - {at: 1h, service: web, tasks: 1}
incidents:
  - {name: dark, at: 1h, duration: 10m, availabilityZoneLost: us-east-1b}
  - {at: 2h, containerInstancesLost: [3, i-00000000000000001, 3]}
  - {at: 2h, containerInstancesDraining: [{from: 1, count: 2}]}
  - {at: 2h, agentsDisconnected: [{count: 1}]}
  - {at: 3h, registryUnavailable: true}
",
    );
    let spans: Vec<(bool, u64)> = read
        .task_protection
        .iter()
        .map(|entry| (entry.enabled, entry.expires_in.0 / 60_000))
        .collect();
    // G80: two hours where it is not said.
    assert_eq!(spans, [(true, 5), (true, 120), (false, 120)]);
    let dark = Incident {
        name: "dark".to_owned(),
        at: SimTime(3_600_000),
        duration: Some(Millis(600_000)),
        kind: IncidentKind::AvailabilityZoneLost {
            availability_zone: "us-east-1b".to_owned(),
        },
    };
    assert_eq!(read.incidents[0], dark);
    let lost = IncidentKind::InstancesLost {
        instances: StruckInstances::Numbers(vec![1, 3]),
    };
    assert_eq!(read.incidents[1].kind, lost);
    assert_eq!(read.incidents[1].name, "containerInstancesLost-1");
    let draining = IncidentKind::InstancesDraining {
        instances: StruckInstances::Numbers(vec![1, 2]),
    };
    assert_eq!(read.incidents[2].kind, draining);
    let agents = IncidentKind::AgentsDisconnected {
        instances: StruckInstances::Numbers(vec![0]),
    };
    assert_eq!(read.incidents[3].kind, agents);
    assert_eq!(read.incidents[4].kind, IncidentKind::RegistryUnavailable);
}

#[test]
fn options_of_services_lift_quotas_and_choose_rules() {
    let read = |keys: &str| scenario(&format!("serviceOptions: {{{keys}}}")).service_options;
    assert_eq!(read("quotas: true"), ServiceOptions::default());
    assert_eq!(read("quotas: false").task_launches_per_minute, None);
    let rate = read("quotas: false, taskLaunchesPerMinute: 60").task_launches_per_minute;
    assert_eq!(rate, Some(60));
    assert!(read("countStoppingTasks: true").count_stopping_tasks);
    let throttle = read("restartThrottle: {first: 2s, longest: 15m}");
    assert_eq!(throttle.throttle_first, Millis(2_000));
    assert_eq!(throttle.throttle_longest, Millis(900_000));
    let many = "services: [{serviceName: web, taskDefinition: web, desiredCount: 5001}]\n";
    assert!(messages(&format!("{TOP}{many}")).contains("`5001` tasks are beyond the quota"));
    let lifted = scenario(&format!("{many}serviceOptions: {{quotas: false}}"));
    assert_eq!(lifted.services[0].desired_count, 5_001);
}

#[test]
fn a_service_registry_takes_its_time() {
    let registry = "desiredCount: 1, serviceRegistries: [{registryArn: x, containerName: app}]";
    let law = service(registry).service_registry;
    let assumed = Distribution::Uniform {
        min: Millis(1_000),
        max: Millis(5_000),
    };
    assert_eq!(law, Some(assumed));
}

#[test]
fn the_strategy_of_the_command_line_replaces_those_of_services() {
    let text = format!(
        "{TOP}services: [{{serviceName: web, taskDefinition: web, desiredCount: 1, \
         availabilityZoneRebalancing: ENABLED}}]"
    );
    let options = LoadOptions {
        strategy: Some(parse_strategy_chain("binpack-cpu").unwrap()),
        sets: vec!["services.web.desiredCount=20".to_owned()],
        ..LoadOptions::default()
    };
    let read = load_text(&text, "s", std::path::Path::new(""), &options).unwrap();
    let web = &read.scenario.services[0];
    assert_eq!(web.placement_strategy.len(), 1);
    assert!(!matches!(
        web.placement_strategy[0],
        StrategySpec::Spread(SpreadField::InstanceId)
    ));
    assert_eq!(
        (web.desired_count, web.availability_zone_rebalancing),
        (20, false)
    );
}

#[test]
fn services_that_are_legal_but_strange_are_warned_of() {
    let of = |keys: &str| {
        warnings(&format!(
            "services: [{{serviceName: web, taskDefinition: web, {keys}}}]"
        ))
    };
    assert_eq!(of("desiredCount: 2"), [""; 0]);
    for (keys, expected) in [
        (
            "schedulingStrategy: DAEMON, desiredCount: 2",
            "`desiredCount` of a DAEMON service is ignored",
        ),
        (
            "schedulingStrategy: DAEMON, placementStrategy: [{type: random}]",
            "`placementStrategy` of a DAEMON service is ignored",
        ),
        (
            "desiredCount: 1, healthCheckGracePeriodSeconds: 60",
            "a grace period without a load balancer",
        ),
        (
            "desiredCount: 5, placementConstraints: [{type: distinctInstance}]",
            "5 tasks on instances of their own, and 4 instances",
        ),
        (
            "desiredCount: 1, createdAt: 24h",
            "this service is never created",
        ),
        (
            "desiredCount: 1, serviceConnectConfiguration: {enabled: true}",
            "`serviceConnectConfiguration` has no effect in a run",
        ),
        (
            "desiredCount: 1, deploymentConfiguration: {strategy: LINEAR, \
             deploymentCircuitBreaker: {enable: true, rollback: true}}",
            "the circuit breaker watches rolling updates alone",
        ),
    ] {
        assert_eq!(of(keys), [expected], "{keys}");
    }
}

#[test]
fn deployments_that_do_nothing_or_cannot_end_are_warned_of() {
    let of = |deployment: &str| {
        warnings(&format!(
            "services: [{{serviceName: web, taskDefinition: \"web:1\", desiredCount: 2}}]\n\
             deployments: [{{service: web, {deployment}}}]"
        ))
    };
    assert_eq!(of("at: 1h, taskDefinition: web"), [""; 0]);
    for (deployment, expected) in [
        (
            "at: 1h, taskDefinition: \"web:1\"",
            "`web:1` is deployed already: nothing would be deployed",
        ),
        ("at: 1h", "this update changes nothing"),
        (
            "at: 24h, taskDefinition: web",
            "this deployment never happens",
        ),
        // G61, and what rounding makes of 75 percent of two tasks.
        (
            "at: 1h, taskDefinition: web, deploymentConfiguration: {maximumPercent: 100}",
            "this deployment of `web` will be stuck",
        ),
        (
            "at: 1h, forceNewDeployment: true, deploymentConfiguration: \
             {minimumHealthyPercent: 75, maximumPercent: 149}",
            "this deployment of `web` will be stuck",
        ),
    ] {
        assert_eq!(of(deployment), [expected], "{deployment}");
    }
}
