//! Wrong loads, load balancers, scaling and alarms, with what their users see.

use super::{errors, warnings};

const TOP: &str = "duration: 24h
containerInstances: [{instanceType: m5.large, count: 4}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
";

fn of(rest: &str) -> Vec<String> {
    errors(&format!("{TOP}{rest}\n"))
}

fn of_service(keys: &str) -> Vec<String> {
    of(&format!(
        "services: [{{serviceName: web, taskDefinition: web, desiredCount: 2, {keys}}}]"
    ))
}

/// A target group `web` that the service uses, and more.
fn of_groups(groups: &str, more: &str) -> Vec<String> {
    of(&format!(
        "targetGroups: [{groups}]\nservices: [{{serviceName: web, taskDefinition: web, \
         desiredCount: 2, loadBalancers: [{{targetGroupName: web}}]}}]\n{more}"
    ))
}

#[test]
fn a_load_has_one_rule_of_plain_numbers() {
    const RATE: &str = "expected requests a second, 0 or more, at most three decimals";
    for (load, expected) in [
        (
            "requestsPerSecond: -1",
            format!("`-1` must not be negative | {RATE}"),
        ),
        (
            "requestsPerSecond: NaN",
            format!("`NaN` is not a number in plain digits | {RATE}"),
        ),
        (
            "requestsPerSecond: 1, steps: []",
            "a load with more than one rule: `requestsPerSecond`, `steps` | expected one of \
             `requestsPerSecond`, `steps`, `curve`, `csv`"
                .to_owned(),
        ),
        (
            "steps: [{at: 1h, requestsPerSecond: 1}, {at: 1h, requestsPerSecond: 2}]",
            "this step is not after that at 1h | steps stand in order of time, each at a time of \
             its own"
                .to_owned(),
        ),
        (
            "curve: {base: 1, peak: 2, peakAt: 24h}",
            "a day has no 1d | expected a time of the day, below 24h".to_owned(),
        ),
        (
            "curve: {base: 1, peak: 2, peakAt: 1h, days: {sundae: 2}}",
            "unknown key `sundae` | did you mean `sunday`?".to_owned(),
        ),
        (
            "request: {cpuTime: 5}",
            "`5` has no unit | expected a time such as `500us`, `2.5ms`, `1s`, \
             at most an hour"
                .to_owned(),
        ),
        (
            "request: {maxCpu: 10, cpuIdle: 16}",
            "`maxCpu`: 10 CPU units | expected more than the 16 CPU units of an idle task"
                .to_owned(),
        ),
        (
            "request: {cpuNoise: 6}",
            "`6` is too large | expected a number from 0 to 5, at most three decimals".to_owned(),
        ),
    ] {
        assert_eq!(
            of_service(&format!("load: {{{load}}}")),
            [expected],
            "{load}"
        );
    }
}

#[test]
fn a_file_of_load_is_read_before_the_run() {
    let fixture = "tests/fixtures/load.csv";
    std::fs::create_dir_all("target/tmp").unwrap();
    let directory = tempfile::tempdir_in("target/tmp").unwrap();
    let path = directory.path().join("load.csv");
    std::fs::write(&path, "minute,users,hits\n0,1,60\n1,1,x\n").unwrap();
    let name = path.display().to_string();
    let found = |keys: &str| of_service(&format!("load: {{csv: {{file: {name}, {keys}}}}}"));
    let column = found("valueColumn: hit");
    assert_eq!(column.len(), 1);
    let expected = "line 1: the header lacks the column `hit`; did you mean `hits`?";
    assert!(column[0].ends_with(expected), "{column:?}");
    let row = found("valueColumn: hits");
    assert!(
        row[0].contains("row 2 (line 3), column `hits`: found `x`"),
        "{row:?}"
    );
    std::fs::write(&path, "t,hits\n0,60\n").unwrap();
    let unit = found("valueColumn: hits");
    let key = "| add `times: seconds` to the keys of `csv`";
    assert!(unit[0].ends_with(key), "{unit:?}");
    let missing = of_service(&format!("load: {{csv: {{file: {fixture}}}}}"));
    assert!(missing[0].starts_with("cannot read"), "{missing:?}");
}

#[test]
fn settings_of_a_target_group_are_those_that_aws_takes() {
    for (keys, expected) in [
        (
            "healthCheckIntervalSeconds: 4",
            "`healthCheckIntervalSeconds`: 4s | expected whole seconds from 5 to 300",
        ),
        (
            "healthCheckTimeoutSeconds: 30",
            "`healthCheckTimeoutSeconds`: a check must end before the next begins | expected less \
             than the interval",
        ),
        (
            "healthyThresholdCount: 1",
            "`healthyThresholdCount`: 1 | expected 2 to 10",
        ),
        (
            "deregistrationDelay: 2h",
            "`deregistrationDelay`: 2h | expected whole seconds from 0 to 3600",
        ),
        (
            "slowStart: 30s, algorithm: least_outstanding_requests",
            "`slowStart`: not with least_outstanding_requests | expected 0 or another algorithm",
        ),
        (
            "protocol: GRPC",
            "`GRPC` is not a value of `protocol` | expected `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP` \
             or `TCP_UDP`",
        ),
    ] {
        let group = format!("{{targetGroupName: web, {keys}}}");
        let found = of_groups(&group, "");
        assert!(found.contains(&expected.to_owned()), "{keys}: {found:?}");
    }
}

#[test]
fn target_groups_are_named_and_used() {
    assert_eq!(of_groups("{targetGroupName: web}", ""), [""; 0]);
    assert_eq!(
        of_groups("{targetGroupName: web}, {targetGroupName: spare}", ""),
        [
            "no service uses the target group `spare` | name it in a service: `loadBalancers: \
          [{targetGroupName: spare}]`"
        ]
    );
    // A service that was reported may have named it.
    let broken = of("targetGroups: [{targetGroupName: web}]\nservices: [{serviceName: web}]");
    assert!(
        !broken.iter().any(|error| error.starts_with("no service")),
        "{broken:?}"
    );
    let unknown = of_service("loadBalancers: [{targetGroupName: wbe}]");
    assert_eq!(
        unknown,
        [
            "unknown target group `wbe` | not in `targetGroups` | the scenario has no usable entry \
          in `targetGroups`"
        ]
    );
    let classic = of_service("loadBalancers: [{loadBalancerName: old}]");
    assert_eq!(
        classic,
        ["a Classic Load Balancer is not simulated | name a target group: `targetGroupName: web`"]
    );
    let six: Vec<String> = (0..6)
        .map(|number| format!("{{targetGroupName: g{number}}}"))
        .collect();
    let six = six.join(", ");
    let found = of(&format!(
        "targetGroups: [{six}]\nservices: [{{serviceName: web, taskDefinition: web, \
         desiredCount: 2, loadBalancers: [{six}]}}]"
    ));
    assert_eq!(
        found,
        [
            "6 target groups | ECS's quota for a service is 5 | quotas can be raised: \
          `serviceOptions: {quotas: false}` lifts them"
        ]
    );
}

#[test]
fn a_load_balancer_names_groups_of_its_kind() {
    let group = "{targetGroupName: web}";
    for (keys, expected) in [
        (
            "defaultTargetGroupName: wbe, load: {requestsPerSecond: 1}",
            "unknown target group `wbe` | not in `targetGroups` | did you mean `web`?",
        ),
        (
            "defaultTargetGroupName: web",
            "the key `load` is missing | add `load: {requestsPerSecond: 100}`",
        ),
        (
            "defaultTargetGroupName: web, load: {}",
            "a load without a rule | expected one of `requestsPerSecond`, `steps`, `curve`, `csv`",
        ),
        (
            "type: network, defaultTargetGroupName: web, load: {requestsPerSecond: 1}",
            "`web` is no target group of a Network Load Balancer | expected one whose `protocol` \
             is TCP, TLS, UDP or TCP_UDP",
        ),
        (
            "defaultTargetGroupName: web, load: {requestsPerSecond: 1}, rules: [{path: /a, \
             targetGroupName: web, share: 60}, {path: /b, targetGroupName: web, share: 50}]",
            "`share`: the rules take 110.0 % | expected at most 100 %",
        ),
        (
            "defaultTargetGroupName: web, load: {requestsPerSecond: 1}, rules: [{path: /a, \
             targetGroupName: web, share: -1}]",
            "`-1` must not be negative | expected percent of the requests, 0 to 100, at most one \
             decimal",
        ),
    ] {
        let more = format!("loadBalancers: [{{loadBalancerName: public, {keys}}}]");
        assert_eq!(of_groups(group, &more), [expected], "{keys}");
    }
    let balancer = |name: &str| {
        format!(
            "{{loadBalancerName: {name}, defaultTargetGroupName: web, load: {{requestsPerSecond: \
             1}}}}"
        )
    };
    let shared = format!("loadBalancers: [{}, {}]", balancer("a"), balancer("b"));
    assert_eq!(
        of_groups(group, &shared),
        [
            "`a` and `b` share the target group `web` | a target group belongs to one load balancer: \
          make another"
        ]
    );
    let twice = of(&format!(
        "targetGroups: [{group}]\nloadBalancers: [{{loadBalancerName: public, \
         defaultTargetGroupName: web, load: {{requestsPerSecond: 1}}}}]\nservices: \
         [{{serviceName: web, taskDefinition: web, desiredCount: 2, loadBalancers: [{group}], \
         load: {{requestsPerSecond: 1}}}}]"
    ));
    assert_eq!(
        twice,
        [
            "`web` gets its requests from `public` already | keep `load.request` here, and the load \
          with the load balancer"
        ]
    );
}

fn policy(keys: &str) -> String {
    format!("policies: [{{policyName: cpu, {keys}}}]")
}

fn tracking(keys: &str) -> String {
    policy(&format!(
        "targetTrackingScalingPolicyConfiguration: {{{keys}}}"
    ))
}

fn step(adjustments: &str) -> String {
    policy(&format!(
        "alarm: {{metricName: CPUUtilization, threshold: 80, evaluationPeriods: 3, \
         comparisonOperator: GreaterThanThreshold}}, stepScalingPolicyConfiguration: \
         {{adjustmentType: ChangeInCapacity, stepAdjustments: [{adjustments}]}}"
    ))
}

fn assert_scaling(keys: &str, expected: &str) {
    let found = of_service(&format!(
        "load: {{requestsPerSecond: 1}}, scaling: {{minCapacity: 1, maxCapacity: 9, {keys}}}"
    ));
    assert!(found.contains(&expected.to_owned()), "{keys}: {found:?}");
}

#[test]
fn a_target_tracking_policy_keeps_one_metric_at_a_value() {
    let metric = "predefinedMetricSpecification: {predefinedMetricType: \
                  ECSServiceAverageCPUUtilization}";
    for (keys, expected) in [
        (
            tracking("targetValue: 60"),
            "a scaling policy without a metric | add `predefinedMetricSpecification: \
             {predefinedMetricType: ECSServiceAverageCPUUtilization}`",
        ),
        (
            tracking(&format!("targetValue: NaN, {metric}")),
            "`NaN` is not a number in plain digits | expected a number, at most three decimals",
        ),
        (
            tracking(&format!("targetValue: 0, {metric}")),
            "targetValue 0 is not positive: give the value that the metric is to be kept at",
        ),
        (
            tracking(
                "targetValue: 60, predefinedMetricSpecification: {predefinedMetricType: \
                 ALBRequestCountPerTarget}",
            ),
            "requests per target of a service without targets | name a target group in \
             `loadBalancers` of the service",
        ),
        (
            tracking(
                "targetValue: 60, predefinedMetricSpecification: {predefinedMetricType: \
                 ECSServiceAverageCpuUtilisation}",
            ),
            "`ECSServiceAverageCpuUtilisation` is not a value of `predefinedMetricType` | \
             expected `ECSServiceAverageCPUUtilization`, `ECSServiceAverageMemoryUtilization` or \
             `ALBRequestCountPerTarget` | did you mean `ECSServiceAverageCPUUtilization`?",
        ),
    ] {
        assert_scaling(&keys, expected);
    }
}

#[test]
fn step_policies_and_scheduled_actions_are_what_application_auto_scaling_takes() {
    for (keys, expected) in [
        (
            policy(
                "stepScalingPolicyConfiguration: {adjustmentType: ChangeInCapacity, \
                 stepAdjustments: []}",
            ),
            "a scaling policy without a metric | a step scaling policy needs the `alarm` that \
             triggers it: `alarm: {metricName: CPUUtilization, threshold: 70, ...}`",
        ),
        (
            step(
                "{metricIntervalLowerBound: 0, metricIntervalUpperBound: 20, scalingAdjustment: \
                 1}, {metricIntervalLowerBound: 10, scalingAdjustment: 2}",
            ),
            "two step adjustments overlap: one goes up to 20, the next begins at 10; let it begin \
             where the one before ends",
        ),
        (
            step("{metricIntervalLowerBound: 0, scalingAdjustment: one}"),
            "`one` is no adjustment | expected a whole number from -1000000 to 1000000",
        ),
        (
            policy("policyType: PredictiveScaling"),
            "predictive scaling is not simulated yet | the policies are TargetTrackingScaling and \
             StepScaling",
        ),
        (
            "scheduledActions: [{scheduledActionName: night, schedule: \"cron(0 22 * * * *)\", \
             scalableTargetAction: {minCapacity: 3, maxCapacity: 1}}]"
                .to_owned(),
            "`minCapacity` (3) is above `maxCapacity` (1) | lower the one or raise the other",
        ),
        (
            "scheduledActions: [{scheduledActionName: night, schedule: \"rate(1 hour)\", \
             timezone: Europe/Berlin, scalableTargetAction: {minCapacity: 1}}]"
                .to_owned(),
            "time zones of schedules are not simulated yet | expected `UTC` | write the schedule \
             in UTC",
        ),
    ] {
        assert_scaling(&keys, expected);
    }
}

#[test]
fn bounds_of_a_scalable_target_do_not_cross() {
    assert_eq!(
        of_service("scaling: {minCapacity: 9, maxCapacity: 3}"),
        ["`minCapacity` (9) is above `maxCapacity` (3) | lower the one or raise the other"]
    );
    let daemon = of(
        "services: [{serviceName: web, taskDefinition: web, schedulingStrategy: DAEMON, scaling: \
         {minCapacity: 1, maxCapacity: 3}}]",
    );
    assert_eq!(
        daemon,
        ["a DAEMON service cannot scale | it runs one task on each instance: remove `scaling`"]
    );
}

#[test]
fn an_alarm_is_what_cloudwatch_takes() {
    let service = "services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]\n";
    let alarm = |keys: &str| of(&format!("{service}alarms: [{{alarmName: slow, {keys}}}]"));
    let rest = "threshold: 1, evaluationPeriods: 3, comparisonOperator: LessThanThreshold";
    for (keys, expected) in [
        (
            format!("service: web, metricName: CpuUtilisation, {rest}"),
            "`CpuUtilisation` is not a value of `metricName` | expected `CPUUtilization`, \
             `MemoryUtilization`, `RequestCountPerTarget`, `RequestCount`, `TargetResponseTime`, \
             `HTTPCode_ELB_5XX_Count`, `RunningTaskCount` or `HealthyHostCount` | did you mean \
             `CPUUtilization`?",
        ),
        (
            format!("service: wbe, metricName: CPUUtilization, {rest}"),
            "unknown service `wbe` | not in `services` | did you mean `web`?",
        ),
        (
            "states: [{at: 1h, state: ALARMED}]".to_owned(),
            "`ALARMED` is not a value of `state` | expected `OK`, `ALARM` or `INSUFFICIENT_DATA` \
             | did you mean `ALARM`?",
        ),
        (
            "states: [{at: 1h, state: ALARM}], threshold: 3".to_owned(),
            "`threshold` beside `states` | an alarm watches a metric or follows a script: remove \
             one of them",
        ),
    ] {
        assert_eq!(alarm(&keys), [expected], "{keys}");
    }
    let more = alarm(&format!(
        "service: web, metricName: CPUUtilization, datapointsToAlarm: 4, {rest}"
    ));
    assert_eq!(more.len(), 1, "{more:?}");
    let period = alarm(&format!(
        "service: web, metricName: CPUUtilization, period: 90, {rest}"
    ));
    assert_eq!(period.len(), 1, "{period:?}");
}

#[test]
fn what_is_never_used_is_warned_of() {
    let service = "services: [{serviceName: web, taskDefinition: web, desiredCount: 1";
    let scaling = "scaling: {minCapacity: 2, maxCapacity: 3, policies: [{policyName: cpu, \
                   targetTrackingScalingPolicyConfiguration: {targetValue: 60, \
                   predefinedMetricSpecification: {predefinedMetricType: \
                   ECSServiceAverageCPUUtilization}}}]}";
    for (rest, expected) in [
        (
            format!("{service}}}]\nalarms: [{{alarmName: slow, states: []}}]"),
            vec!["no deployment heeds the alarm `slow`"],
        ),
        (
            format!("{service}, {scaling}}}]"),
            vec![
                "`desiredCount` (1) is not within the bounds of its scaling",
                "`web` scales by metrics, but no requests come to it",
            ],
        ),
        (
            format!("{service}, scaling: {{minCapacity: 1, maxCapacity: 3}}}}]"),
            vec!["nothing scales this service"],
        ),
        (
            format!("{service}, load: {{request: {{cpuTime: 5ms}}}}}}]"),
            vec!["`web` has a `load`, but no requests come to it"],
        ),
    ] {
        assert_eq!(warnings(&format!("{TOP}{rest}\n")), expected, "{rest}");
    }
}

#[test]
fn a_scale_is_a_plain_number_above_nothing() {
    for (scale, expected) in [
        ("0", "a scale of 0 leaves no work | expected more than 0"),
        (
            "-2",
            "`-2` must not be negative | expected a factor from 0 to 1,000,000, at most six \
             decimals",
        ),
        (
            "NaN",
            "`NaN` is not a number in plain digits | expected a factor from 0 to 1,000,000, at \
             most six decimals",
        ),
    ] {
        assert_eq!(
            of(&format!("workload: {{scale: {scale}}}")),
            [expected],
            "{scale}"
        );
    }
    let tasks = "tasks: [{taskDefinition: web, arrivals: {every: 1s}}]";
    assert_eq!(
        of(&format!("{tasks}\nworkload: {{scale: 1000000}}")),
        [
            "`workload.scale` leaves no interval that can be used | expected a millisecond to a \
          hundred years, divided by the scale"
        ]
    );
}
