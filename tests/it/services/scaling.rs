//! Service auto scaling over whole runs.

use super::{Seen, watch};

/// A service with its scaling: so many tasks of one vCPU, a request takes 10 ms of it, so that a
/// request a second and task is 1 %.
fn scaled(desired: u32, load: &str, scaling: &str, rest: &str) -> Seen {
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 64 vCPU, memory: 64 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]}}
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:2', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own}}]
services:
  - serviceName: web
    taskDefinition: 'web:1'
    desiredCount: {desired}
    load: {{{load}, request: {{cpuTime: 10ms}}}}
    scaling: {{minCapacity: 1, maxCapacity: 50, {scaling}}}
{rest}"
    ));
    seen
}

fn track(target: u32, more: &str) -> String {
    format!(
        "policies: [{{policyName: cpu, policyType: TargetTrackingScaling,
      targetTrackingScalingPolicyConfiguration: {{targetValue: {target},
       predefinedMetricSpecification: {{predefinedMetricType: ECSServiceAverageCPUUtilization}}
       {more}}}}}]"
    )
}

#[test]
fn target_tracking_scales_out_after_three_minutes_in_proportion() {
    // G99: 10 tasks at 75 % with a target of 50: 15.
    let seen = scaled(10, "requestsPerSecond: 750", &track(50, ""), "");
    assert_eq!(seen.desired(), [(0, 10), (180, 15)]);
    // G97: one and a half task more is two more.
    let seen = scaled(3, "requestsPerSecond: 225", &track(50, ""), "");
    assert_eq!(seen.desired(), [(0, 3), (180, 5)]);
}

#[test]
fn target_tracking_scales_in_after_fifteen_minutes_and_removes_less() {
    // G98: one and a half could go, one goes; five minutes of cooldown later no more.
    let seen = scaled(3, "requestsPerSecond: 75", &track(50, ""), "");
    assert_eq!(seen.desired(), [(0, 3), (900, 2)]);
}

#[test]
fn nothing_happens_between_the_two_alarms() {
    // 46 % is above 90 % of the target of 50 and below the target.
    let seen = scaled(10, "requestsPerSecond: 460", &track(50, ""), "");
    assert_eq!(seen.desired(), [(0, 10)]);
}

#[test]
fn the_scale_in_cooldown_is_waited_for() {
    // At 10 % of a target of 50 each minute would take its part.
    let seen = scaled(
        50,
        "requestsPerSecond: 250",
        &track(50, ", scaleInCooldown: 600"),
        "",
    );
    let at: Vec<u64> = seen.desired().iter().map(|(at, _)| *at).collect();
    assert_eq!(at[..2], [0, 900]);
    assert!(
        at.windows(2).skip(1).all(|pair| pair[1] - pair[0] >= 600),
        "{at:?}"
    );
    assert_eq!(seen.desired().last().map(|(_, count)| *count), Some(5));
}

#[test]
fn scale_in_can_be_disabled() {
    let seen = scaled(
        3,
        "requestsPerSecond: 0",
        &track(50, ", disableScaleIn: true"),
        "",
    );
    assert_eq!(seen.desired(), [(0, 3)]);
}

#[test]
fn a_rolling_deployment_suspends_scale_in_and_not_scale_out() {
    let bakes = "alarms: [{alarmName: quiet, states: [{at: 0s, state: OK}]}]
deployments: [{at: 10m, service: web, taskDefinition: 'web:2', deploymentConfiguration: {
    bakeTimeInMinutes: 20, alarms: {alarmNames: [quiet], enable: true, rollback: false}}}]";
    // COMPLETED at 10 min, 40 s and 20 min: the first minute after that.
    let seen = scaled(3, "requestsPerSecond: 75", &track(50, ""), bakes);
    assert_eq!(seen.desired(), [(0, 3), (1_860, 2)]);
    let load = "steps: [{at: 0s, requestsPerSecond: 150}, {at: 12m, requestsPerSecond: 225}]";
    let seen = scaled(3, load, &track(50, ""), bakes);
    assert_eq!(seen.desired(), [(0, 3), (900, 5)]);
}

#[test]
fn a_metric_without_data_changes_nothing() {
    // G108: no task runs, so there is no utilization.
    let off = "incidents: [{at: 0s, agentsDisconnected: [0]}]";
    let seen = scaled(3, "requestsPerSecond: 0", &track(50, ""), off);
    assert_eq!(seen.desired(), [(0, 3)]);
}

/// A step policy on the requests of a minute.
fn steps(name: &str, kind: &str, operator: &str, more: &str, adjustments: &str) -> String {
    format!(
        "{{policyName: {name}, policyType: StepScaling,
      alarm: {{metricName: RequestCount, statistic: Sum, period: 60, evaluationPeriods: 1,
       threshold: 50, comparisonOperator: {operator}}},
      stepScalingPolicyConfiguration: {{adjustmentType: {kind}, {more}
       stepAdjustments: [{adjustments}]}}}}"
    )
}

const OUT: &str = "GreaterThanOrEqualToThreshold";

#[test]
fn step_scaling_follows_the_example_of_the_guide() {
    // G101: 60, 70, 40 and 30 requests in turn, then 50.
    let out = steps(
        "out",
        "PercentChangeInCapacity",
        OUT,
        "cooldown: 0,",
        "{metricIntervalLowerBound: 0, metricIntervalUpperBound: 10, scalingAdjustment: 0},
        {metricIntervalLowerBound: 10, metricIntervalUpperBound: 20, scalingAdjustment: 10},
        {metricIntervalLowerBound: 20, scalingAdjustment: 30}",
    );
    let back = steps(
        "in",
        "PercentChangeInCapacity",
        "LessThanThreshold",
        "cooldown: 0,",
        "{metricIntervalLowerBound: -10, metricIntervalUpperBound: 0, scalingAdjustment: 0},
        {metricIntervalLowerBound: -20, metricIntervalUpperBound: -10, scalingAdjustment: -10},
        {metricIntervalUpperBound: -20, scalingAdjustment: -30}",
    );
    let load = "steps: [{at: 0s, requestsPerSecond: 1}, {at: 1m, requestsPerSecond: 1.167},
      {at: 2m, requestsPerSecond: 0.666}, {at: 3m, requestsPerSecond: 0.5},
      {at: 4m, requestsPerSecond: 0.833}]";
    let seen = scaled(10, load, &format!("policies: [{out}, {back}]"), "");
    assert_eq!(
        seen.desired(),
        [(0, 10), (60, 11), (120, 14), (180, 13), (240, 10)]
    );
}

#[test]
fn of_several_policies_the_largest_capacity_wins() {
    // G100: +3 and +200 % of ten.
    let adjustment = |by: i32| format!("{{metricIntervalLowerBound: 0, scalingAdjustment: {by}}}");
    let three = steps("three", "ChangeInCapacity", OUT, "", &adjustment(3));
    let triple = steps(
        "triple",
        "PercentChangeInCapacity",
        OUT,
        "",
        &adjustment(200),
    );
    for policies in [format!("{three}, {triple}"), format!("{triple}, {three}")] {
        let load = "steps: [{at: 0s, requestsPerSecond: 1}, {at: 1m, requestsPerSecond: 0}]";
        let seen = scaled(10, load, &format!("policies: [{policies}]"), "");
        assert_eq!(seen.desired(), [(0, 10), (60, 30)]);
    }
}

#[test]
fn in_the_cooldown_only_what_is_more_is_added() {
    // G105: +2, then +3 of which two are there already.
    let out = steps(
        "out",
        "ChangeInCapacity",
        OUT,
        "cooldown: 300,",
        "{metricIntervalLowerBound: 0, metricIntervalUpperBound: 10, scalingAdjustment: 2},
        {metricIntervalLowerBound: 10, scalingAdjustment: 3}",
    );
    let load = "steps: [{at: 0s, requestsPerSecond: 0.9}, {at: 1m, requestsPerSecond: 1.2},
      {at: 2m, requestsPerSecond: 0}]";
    let seen = scaled(5, load, &format!("policies: [{out}]"), "");
    assert_eq!(seen.desired(), [(0, 5), (60, 7), (120, 8)]);
}

#[test]
fn kinds_of_adjustment() {
    // G102, G103.
    for (kind, more, by, from, to) in [
        ("ChangeInCapacity", "", 5, 3, 8),
        ("ExactCapacity", "", 5, 3, 5),
        ("PercentChangeInCapacity", "", 10, 10, 11),
        (
            "PercentChangeInCapacity",
            "minAdjustmentMagnitude: 2,",
            25,
            4,
            6,
        ),
    ] {
        let adjustment = format!("{{metricIntervalLowerBound: 0, scalingAdjustment: {by}}}");
        let policy = steps("out", kind, OUT, more, &adjustment);
        let load = "steps: [{at: 0s, requestsPerSecond: 1}, {at: 1m, requestsPerSecond: 0}]";
        let seen = scaled(from, load, &format!("policies: [{policy}]"), "");
        assert_eq!(seen.desired(), [(0, from), (60, to)], "{kind} {by}");
    }
}

#[test]
fn a_scheduled_action_brings_the_count_within_its_bounds_at_once() {
    // G106, G107.
    let action = |at: &str, bounds: &str| {
        format!(
            "{{scheduledActionName: 'a{at}', schedule: 'at(2026-01-01T00:{at}:00)',
        scalableTargetAction: {{{bounds}}}}}"
        )
    };
    let scaling = format!(
        "scheduledActions: [{}, {}, {}]",
        action("10", "minCapacity: 8"),
        action("20", "minCapacity: 2, maxCapacity: 5"),
        action("30", "maxCapacity: 20")
    );
    let seen = scaled(5, "requestsPerSecond: 0", &scaling, "");
    assert_eq!(seen.desired(), [(0, 5), (600, 8), (1_200, 5)]);
}

#[test]
fn scaling_reckons_from_the_tasks_that_run() {
    // Room for 64 vCPU and 40 tasks wanted of a second service: no more than 24 ever run, and the
    // desired count does not run away.
    let other = "  - {serviceName: other, taskDefinition: 'web:2', desiredCount: 60}";
    let scaling = track(10, ", scaleOutCooldown: 0");
    let seen = scaled(2, "requestsPerSecond: 200", &scaling, other);
    // Four tasks run at most, each at 50 %: 4 * 5 tasks are wanted, and no more ever.
    let most = seen.desired().iter().map(|(_, count)| *count).max();
    assert_eq!(most, Some(20));
}

#[test]
fn a_count_below_the_minimum_goes_to_the_minimum_first() {
    let scaling = track(50, "").replace("policies", "minCapacity: 4, policies");
    let (_, seen) = watch(&format!(
        "instanceTypes: [{{instanceType: own, cpu: 64 vCPU, memory: 64 GiB, onDemandUsdPerHour: 1}}]
taskDefinitions:
  - {{family: web, containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]}}
containerInstances: [{{instanceType: own}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 2
    load: {{requestsPerSecond: 500, request: {{cpuTime: 10ms}}}}
    scaling: {{maxCapacity: 50, {scaling}}}"
    ));
    let counts: Vec<u32> = seen.desired().iter().map(|(_, count)| *count).collect();
    assert_eq!(counts[..2], [2, 4]);
    assert_eq!(counts.last(), Some(&10));
}
