//! Right loads, load balancers, scaling and alarms, and what the loader makes of them.

use std::path::Path;

use super::loaded;
use crate::cloud::{Algorithm, CheckPhase, Listener, ListenerRule, Protocol, TrafficShare};
use crate::control::alarm::{AlarmState, ComparisonOperator, Statistic, TreatMissingData};
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::{Metric, ServiceScaling};
use crate::model::{ServiceId, TargetGroupId};
use crate::scenario::{AlarmSource, LoadOptions, Scenario, ServiceMetric, load_text};
use crate::units::{CpuUnits, MemoryMib, Millis, RequestRate, SimTime};
use crate::workload::load::{
    Alignment, Between, Factor, LoadSpec, TimeForm, ValuePeriod, WhenOver,
};
use crate::workload::{Arrivals, Source};

const TOP: &str = "duration: 24h
containerInstances: [{instanceType: m5.large, count: 4}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
";

fn scenario(rest: &str) -> Scenario {
    let text = format!("{TOP}{rest}\n");
    loaded(&text, &[])
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario
}

fn with_keys(keys: &str) -> Scenario {
    scenario(&format!(
        "services: [{{serviceName: web, taskDefinition: web, desiredCount: 2, {keys}}}]"
    ))
}

#[test]
fn load_comes_as_a_constant_in_steps_or_in_waves() {
    let load = |keys: &str| {
        with_keys(&format!("load: {{{keys}}}")).services[0]
            .load
            .clone()
    };
    let rate = |thousandths| RequestRate(thousandths);
    let constant = load("requestsPerSecond: 12.5");
    assert_eq!(constant, Some(LoadSpec::Constant(rate(12_500))));
    let steps = load("steps: [{at: 0s, requestsPerSecond: 1}, {at: 1h, requestsPerSecond: 0}]");
    let expected = vec![(SimTime(0), rate(1_000)), (SimTime(3_600_000), rate(0))];
    assert_eq!(steps, Some(LoadSpec::Steps(expected)));
    let curve = "curve: {base: 10, peak: 40, peakAt: 14h, sharpness: 2, days: {sunday: 0.25}}";
    let Some(LoadSpec::Curve(curve)) = load(curve) else {
        panic!("no curve")
    };
    assert_eq!((curve.base, curve.peak), (rate(10_000), rate(40_000)));
    assert_eq!(
        (curve.peak_at, curve.sharpness),
        (Millis(14 * 3_600_000), 2)
    );
    assert_eq!(curve.days[0], Factor::ONE);
    assert_eq!(curve.days[6], Factor(250_000));
    assert_eq!(load("request: {cpuTime: 5ms}"), None);
}

#[test]
fn a_file_of_load_is_read_as_the_scenario_says() {
    let directory = tempfile::tempdir().unwrap();
    let rows = "minute,users,hits\n0,1,60\n1,1,120\n";
    std::fs::write(directory.path().join("load.csv"), rows).unwrap();
    let read = |keys: &str| {
        let text = format!(
            "{TOP}services: [{{serviceName: web, taskDefinition: web, desiredCount: 1, load: \
             {{csv: {{file: load.csv, valueColumn: hits{keys}}}}}}}]"
        );
        let options = LoadOptions::default();
        let read = load_text(&text, "s", directory.path(), &options);
        let read = read.unwrap_or_else(|error| panic!("{error}"));
        match read.scenario.services[0].load.clone() {
            Some(LoadSpec::File(file)) => file,
            other => panic!("{other:?}"),
        }
    };
    let plain = read("");
    assert_eq!((plain.per, plain.time_form), (ValuePeriod::Row, None));
    assert_eq!(plain.scan().unwrap().rows, 2);
    assert_eq!(read(", per: 5m").per, ValuePeriod::Span(Millis(300_000)));
    let full = read(
        ", timeColumn: minute, times: minutes, per: minute, scale: 0.5, between: linear, \
         alignment: ownTime, whenOver: repeat",
    );
    assert_eq!(full.time_column.as_deref(), Some("minute"));
    assert_eq!(full.time_form, Some(TimeForm::Number(Millis::MINUTE)));
    assert_eq!(full.per, ValuePeriod::Span(Millis::MINUTE));
    assert_eq!(full.scale, Factor(500_000));
    assert_eq!(
        (full.between, full.alignment),
        (Between::Linear, Alignment::OwnTime)
    );
    assert_eq!(full.when_over, WhenOver::Repeat);
}

#[test]
fn a_request_costs_what_is_said() {
    let cost = with_keys(
        "load: {requestsPerSecond: 1, request: {cpuTime: 2.5ms, extraTime: 500us, cpuIdle: 16, \
         memoryIdle: 64, memoryPerConcurrentRequest: 512 KiB, memoryPerRequestPerSecond: 2, \
         maxCpu: 1 vCPU, maxConcurrency: 8, cpuNoise: 0.25, latencyLimit: 30s}}",
    )
    .services[0]
        .request_cost
        .clone();
    assert_eq!((cost.cpu_time_us, cost.extra_time_us), (2_500, 500));
    assert_eq!(
        (cost.cpu_idle, cost.memory_idle),
        (CpuUnits(16), MemoryMib(64))
    );
    assert_eq!(cost.memory_per_concurrent_kib, 512);
    assert_eq!(cost.memory_per_rate_kib, 2_048);
    assert_eq!(
        (cost.max_cpu, cost.max_concurrency),
        (Some(CpuUnits(1_024)), Some(8))
    );
    assert_eq!((cost.cpu_noise, cost.latency_limit), (250, Millis(30_000)));
    assert_eq!(
        with_keys("").services[0].request_cost.latency_limit,
        Millis::MINUTE
    );
}

#[test]
fn a_target_group_has_the_defaults_of_its_load_balancer() {
    let read = scenario(
        "targetGroups:
  - {targetGroupName: web}
  - targetGroupName: api
    protocol: TCP
    port: 80
    vpcId: vpc-1
    healthCheckIntervalSeconds: 10
    healthCheckTimeoutSeconds: 6
    healthyThresholdCount: 3
    unhealthyThresholdCount: 4
    deregistrationDelay: 30s
    firstCheck: interval
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 2
    loadBalancers:
      - {targetGroupArn: \"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/api/1\"}
      - {targetGroupName: web, containerName: app, containerPort: 80}
",
    );
    let [web, api] = read.target_groups.as_slice() else {
        panic!("two groups")
    };
    assert_eq!(
        (web.protocol, web.algorithm),
        (Protocol::Http, Algorithm::RoundRobin)
    );
    assert_eq!(web.deregistration_delay, Millis(300_000));
    let check = &api.health_check;
    assert_eq!(
        (check.interval, check.timeout),
        (Millis(10_000), Millis(6_000))
    );
    assert_eq!((check.healthy_threshold, check.unhealthy_threshold), (3, 4));
    assert_eq!(
        (check.phase, api.algorithm),
        (CheckPhase::Interval, Algorithm::FlowHash)
    );
    assert_eq!(api.deregistration_delay, Millis(30_000));
    assert_eq!(
        read.services[0].target_groups,
        [TargetGroupId(1), TargetGroupId(0)]
    );
}

#[test]
fn a_load_balancer_parts_its_requests_by_paths() {
    let read = scenario(
        "targetGroups: [{targetGroupName: web}, {targetGroupName: api}]
loadBalancers:
  - loadBalancerName: public
    type: application
    defaultTargetGroupName: web
    rules: [{path: /api/*, targetGroupName: api, share: 33.3}]
    load: {requestsPerSecond: 100}
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 2
    loadBalancers: [{targetGroupName: web}, {targetGroupName: api}]
    load: {request: {cpuTime: 1ms}}
",
    );
    let expected = Listener {
        name: "public".to_owned(),
        rules: vec![ListenerRule {
            path: "/api/*".to_owned(),
            target_group: "api".to_owned(),
            share: TrafficShare(333),
        }],
        default_target_group: "web".to_owned(),
    };
    assert_eq!(read.load_balancers[0].listener, expected);
    let load = LoadSpec::Constant(RequestRate(100_000));
    assert_eq!(read.load_balancers[0].load, load);
    assert_eq!(read.services[0].load, None);
}

#[test]
fn a_service_scales_by_policies_and_schedules() {
    let read = with_keys(
        "load: {requestsPerSecond: 1}, scaling: {minCapacity: 1, maxCapacity: 9, policies: [
        {policyName: cpu, policyType: TargetTrackingScaling,
         targetTrackingScalingPolicyConfiguration: {targetValue: 62.5, scaleInCooldown: 60,
           predefinedMetricSpecification: {predefinedMetricType: ECSServiceAverageCPUUtilization}}},
        {policyName: slow, targetTrackingScalingPolicyConfiguration: {targetValue: 0.5,
           customizedMetricSpecification: {metricName: TargetResponseTime}}},
        {policyName: steps, policyType: StepScaling,
         alarm: {metricName: CPUUtilization, threshold: 80, evaluationPeriods: 3, period: 60,
           comparisonOperator: GreaterThanThreshold},
         stepScalingPolicyConfiguration: {adjustmentType: ChangeInCapacity, cooldown: 0,
           stepAdjustments: [{metricIntervalLowerBound: 0, metricIntervalUpperBound: 10,
             scalingAdjustment: 1}, {metricIntervalLowerBound: 10, scalingAdjustment: 3}]}}],
      scheduledActions: [{scheduledActionName: night, schedule: \"cron(0 22 * * ? *)\",
        timezone: UTC, scalableTargetAction: {maxCapacity: 2}}]}",
    );
    let scaling = read.services[0].scaling.clone().unwrap();
    assert_eq!(scaling.customized, [ServiceMetric::TargetResponseTime]);
    assert_eq!(scaling.schedules.len(), 1);
    let running = ServiceScaling::new(scaling.target);
    let metrics: Vec<(&str, Metric)> = running
        .policies()
        .map(|policy| (policy.policy_name(), policy.metric()))
        .collect();
    let cpu = Metric::EcsServiceAverageCpuUtilization;
    assert_eq!(
        metrics,
        [
            ("cpu", cpu),
            ("slow", Metric::Customized(0)),
            ("steps", cpu)
        ]
    );
    assert_eq!((running.min_capacity(), running.max_capacity()), (1, 9));
    let action = &running.scheduled_actions()[0];
    assert_eq!((action.min_capacity, action.max_capacity), (None, Some(2)));
}

#[test]
fn alarms_watch_a_metric_or_follow_a_script() {
    let read = scenario(
        "services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 2
    deploymentConfiguration:
      alarms: {alarmNames: [drill, slow], enable: true, rollback: false}
alarms:
  - {alarmName: slow, service: web, metricName: TargetResponseTime, statistic: Maximum,
     period: 120, evaluationPeriods: 5, datapointsToAlarm: 3, threshold: 0.25,
     comparisonOperator: GreaterThanOrEqualToThreshold, treatMissingData: notBreaching}
  - {alarmName: drill, states: [{at: 1h, state: ALARM}, {at: 2h, state: OK}]}
",
    );
    let heeded = read.services[0].deployment_configuration.alarms.clone();
    assert_eq!(heeded.unwrap().alarms, [1, 0]);
    let AlarmSource::Metric {
        service,
        metric,
        configuration,
    } = &read.alarms[0].source
    else {
        panic!("no metric")
    };
    assert_eq!(
        (*service, *metric),
        (ServiceId(0), ServiceMetric::TargetResponseTime)
    );
    assert_eq!(
        (configuration.period, configuration.statistic),
        (Millis(120_000), Statistic::Maximum)
    );
    assert_eq!(configuration.threshold, MetricValue(250));
    assert_eq!(
        (
            configuration.evaluation_periods,
            configuration.datapoints_to_alarm
        ),
        (5, 3)
    );
    let operator = ComparisonOperator::GreaterThanOrEqualToThreshold;
    assert_eq!(configuration.comparison_operator, operator);
    assert_eq!(
        configuration.treat_missing_data,
        TreatMissingData::NotBreaching
    );
    let states = vec![
        (SimTime(3_600_000), AlarmState::Alarm),
        (SimTime(7_200_000), AlarmState::Ok),
    ];
    assert_eq!(read.alarms[1].source, AlarmSource::Script(states));
}

#[test]
fn the_scale_of_the_workload_multiplies_rates() {
    let work = "tasks:
  - {taskDefinition: web, arrivals: {every: 10m}}
  - {taskDefinition: web, arrivals: {poisson: {perHour: 60}}}
  - {taskDefinition: web, arrivals: {at: 0s, count: 3}}
";
    let arrivals = |text: &str| -> Vec<Arrivals> {
        let sources = scenario(text).tasks.into_iter().map(|entry| entry.source);
        sources
            .map(|source| match source {
                Source::Generated { arrivals, .. } => arrivals,
                Source::Trace(_) => panic!("a trace"),
            })
            .collect()
    };
    let scaled = arrivals(&format!("{work}workload: {{scale: 2.5}}"));
    let every = Arrivals::Every {
        interval: Millis(240_000),
        from: SimTime::ZERO,
        until: None,
    };
    let poisson = Arrivals::Poisson {
        mean_gap_ms: 24_000.0,
        from: SimTime::ZERO,
        until: None,
    };
    assert_eq!(scaled[..2], [every, poisson]);
    // What comes at a time comes once.
    assert_eq!(scaled[2], arrivals(work)[2]);
    let read = scenario("workload: {scale: 2.5}");
    assert_eq!(read.load_factor, Factor(2_500_000));
    assert_eq!(scenario("").load_factor, Factor::ONE);
}

#[test]
fn what_set_changes_is_found_by_its_name() {
    let text = format!(
        "{TOP}targetGroups: [{{targetGroupName: web}}]\nservices: [{{serviceName: web, \
         taskDefinition: web, desiredCount: 2, loadBalancers: [{{targetGroupName: web}}], load: \
         {{requestsPerSecond: 1}}}}]"
    );
    let options = LoadOptions {
        sets: vec![
            "services.web.load.requestsPerSecond=50".to_owned(),
            "targetGroups.web.deregistrationDelay=10s".to_owned(),
        ],
        ..LoadOptions::default()
    };
    let read = load_text(&text, "s", Path::new(""), &options)
        .unwrap()
        .scenario;
    assert_eq!(
        read.services[0].load,
        Some(LoadSpec::Constant(RequestRate(50_000)))
    );
    assert_eq!(read.target_groups[0].deregistration_delay, Millis(10_000));
}
