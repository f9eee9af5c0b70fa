//! Target tracking: alarms, the formula, several policies.

use super::{CPU, MEMORY, Service, adds, removes, target, tracking, tracking_configuration};
use crate::control::alarm::AlarmState;
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::{
    Metric, NotScaledReason, PolicyAlarm, PolicyCause, ScalingCause, ScalingPolicy, ServiceMetrics,
};

fn one(percent: i32, desired: u32) -> Service {
    Service::new(desired, vec![tracking(CPU, percent)])
}

/// G97, G99.
#[test]
fn scale_out_is_proportional_and_rounded_up() {
    for (desired, cpu, expected) in [(3, 75, 5), (10, 75, 15), (10, 51, 11), (7, 100, 14)] {
        assert_eq!(
            one(50, desired).cpu_for(3, cpu),
            Some(expected),
            "{desired} at {cpu}"
        );
    }
}

/// G98.
#[test]
fn scale_in_removes_less_where_a_fraction_is_left() {
    for (desired, cpu, expected) in [
        (5, 35, Some(4)),
        (10, 25, Some(5)),
        (10, 26, Some(6)),
        (4, 40, None),
    ] {
        assert_eq!(
            one(50, desired).cpu_for(15, cpu),
            expected,
            "{desired} at {cpu}"
        );
    }
}

#[test]
fn scale_out_takes_three_minutes_above_the_target() {
    let mut service = one(50, 10);
    assert_eq!(service.cpu_for(2, 90), None);
    assert_eq!(service.cpu(50), None);
    assert_eq!(service.cpu_for(2, 90), None);
    assert_eq!(service.cpu(75), Some(15));
}

#[test]
fn scale_in_takes_fifteen_minutes_below_the_low_line() {
    let mut service = one(50, 10);
    assert_eq!(service.cpu_for(14, 30), None);
    assert_eq!(service.cpu(45), None);
    assert_eq!(service.cpu_for(14, 30), None);
    assert_eq!(service.cpu(30), Some(6));
}

#[test]
fn the_low_line_is_an_option() {
    for (low_alarm_percent, expected) in [(90, None), (91, Some(9)), (100, Some(9)), (50, None)] {
        let mut configuration = tracking_configuration(50);
        configuration.low_alarm_percent = low_alarm_percent;
        let policy = ScalingPolicy::target_tracking("cpu", configuration).unwrap();
        let mut service = Service::new(10, vec![policy]);
        assert_eq!(service.cpu_for(15, 45), expected, "{low_alarm_percent}");
    }
}

/// G108.
#[test]
fn without_data_nothing_is_done() {
    let mut service = one(50, 10);
    for _ in 0..60 {
        assert_eq!(service.minute_with(&ServiceMetrics::default()), None);
    }
    let states: Vec<_> = service.scaling.alarms(0).collect();
    let insufficient = AlarmState::InsufficientData;
    assert_eq!(
        states,
        [
            (PolicyAlarm::High, insufficient),
            (PolicyAlarm::Low, insufficient)
        ]
    );
}

/// G108: the alarm still stands, but its newest datapoint is missing.
#[test]
fn an_alarm_that_outlives_its_data_scales_nothing() {
    let mut service = one(50, 10);
    service.scaling.set_suspended_state(super::SuspendedState {
        dynamic_scaling_in_suspended: true,
        ..Default::default()
    });
    service.cpu_for(15, 30);
    service
        .scaling
        .set_suspended_state(super::SuspendedState::default());
    assert_eq!(service.minute_with(&ServiceMetrics::default()), None);
    assert!(
        service
            .scaling
            .alarms(0)
            .any(|(_, state)| state == AlarmState::Alarm)
    );
    assert_eq!(service.cpu(30), Some(6));
}

#[test]
fn the_running_count_is_the_base_of_the_calculation() {
    // Ten are desired, four found room: eight would bring them to the target.
    let mut service = one(50, 10);
    service.running = 4;
    assert_eq!(service.cpu_for(3, 100), None);
    let met = Some(NotScaledReason::AlreadyAtDesiredCapacity);
    assert_eq!(service.scaling.not_scaled_reason(), met);
    service.running = 6;
    assert_eq!(service.cpu(100), Some(12));
}

#[test]
fn scale_in_can_be_disabled() {
    let mut configuration = tracking_configuration(50);
    configuration.disable_scale_in = true;
    let policy = ScalingPolicy::target_tracking("cpu", configuration).unwrap();
    let mut service = Service::new(10, vec![policy]);
    assert_eq!(service.cpu_for(30, 1), None);
    assert_eq!(service.cpu_for(3, 100), Some(20));
}

#[test]
fn of_several_policies_the_largest_capacity_wins() {
    let policies = || vec![tracking(CPU, 50), tracking(MEMORY, 50)];
    for (cpu, memory, expected) in [(75, 100, 20), (100, 75, 20), (75, 10, 15), (10, 60, 12)] {
        let mut service = Service::new(10, policies());
        let found = (0..3).filter_map(|_| service.both(cpu, memory)).last();
        assert_eq!(found, Some(expected), "{cpu} {memory}");
    }
}

#[test]
fn target_tracking_scales_in_only_when_all_its_policies_would() {
    let policies = || vec![tracking(CPU, 50), tracking(MEMORY, 50)];
    for (cpu, memory, expected) in [(10, 48, None), (48, 10, None), (10, 30, Some(6))] {
        let mut service = Service::new(10, policies());
        let found = (0..15).filter_map(|_| service.both(cpu, memory)).last();
        assert_eq!(found, expected, "{cpu} {memory}");
    }
    // A policy without data is not ready.
    let mut service = Service::new(10, policies());
    assert_eq!(service.cpu_for(30, 10), None);
}

#[test]
fn a_policy_with_scale_in_disabled_does_not_hold_back_the_others() {
    let mut configuration = tracking_configuration(50);
    configuration.disable_scale_in = true;
    let disabled = ScalingPolicy::target_tracking("out only", configuration).unwrap();
    let mut service = Service::new(10, vec![disabled, tracking(MEMORY, 50)]);
    let found = (0..15).filter_map(|_| service.both(48, 25)).last();
    assert_eq!(found, Some(5));
}

#[test]
fn a_step_policy_removes_tasks_although_target_tracking_is_not_ready() {
    let mut service = Service::new(10, vec![removes(4), tracking(MEMORY, 50)]);
    assert_eq!(service.both(20, 48), Some(6));
}

#[test]
fn scale_out_goes_before_scale_in() {
    let mut service = Service::new(10, vec![removes(4), tracking(MEMORY, 50)]);
    service.scaling.set_suspended_state(super::SuspendedState {
        dynamic_scaling_in_suspended: true,
        ..Default::default()
    });
    assert_eq!(service.both(20, 75), None);
    assert_eq!(service.both(20, 75), None);
    service
        .scaling
        .set_suspended_state(super::SuspendedState::default());
    assert_eq!(service.both(20, 75), Some(15));
}

#[test]
fn a_service_at_zero_needs_a_datapoint_and_then_gets_one_task() {
    let mut service = one(50, 0);
    assert_eq!(service.minute_with(&ServiceMetrics::default()), None);
    assert_eq!(service.cpu_for(3, 400), Some(1));
    let bounded = target(0, 0, vec![adds(3)]);
    assert_eq!(Service::with_target(0, bounded).cpu(60), None);
}

#[test]
fn every_metric_can_be_tracked() {
    let value = Some(MetricValue::whole(100));
    let cpu = ServiceMetrics {
        cpu_utilization: value,
        ..Default::default()
    };
    let memory = ServiceMetrics {
        memory_utilization: value,
        ..Default::default()
    };
    let requests = ServiceMetrics {
        request_count_per_target: value,
        ..Default::default()
    };
    let own = ServiceMetrics {
        customized: &[None, value],
        ..Default::default()
    };
    let metrics = [
        CPU,
        MEMORY,
        Metric::AlbRequestCountPerTarget,
        Metric::Customized(1),
    ];
    for (watched, metric) in metrics.into_iter().enumerate() {
        for (fed, metrics) in [cpu, memory, requests, own].iter().enumerate() {
            let mut service = Service::new(2, vec![tracking(metric, 50)]);
            let found = (0..3).filter_map(|_| service.minute_with(metrics)).last();
            let expected = (watched == fed).then_some(4);
            assert_eq!(
                found.map(|activity| activity.desired_capacity),
                expected,
                "{metric:?}"
            );
        }
    }
}

#[test]
fn an_activity_names_its_policies_with_their_metrics() {
    let mut service = Service::new(10, vec![tracking(CPU, 50), tracking(MEMORY, 40), adds(1)]);
    let metrics = ServiceMetrics {
        cpu_utilization: Some(MetricValue::whole(10)),
        memory_utilization: Some(MetricValue::whole(60)),
        ..Default::default()
    };
    let activity = (0..3)
        .filter_map(|_| service.minute_with(&metrics))
        .last()
        .unwrap();
    let cause = PolicyCause {
        policy: 1,
        alarm: PolicyAlarm::High,
        metric_value: MetricValue::whole(60),
        capacity: 15,
    };
    assert_eq!(activity.cause, ScalingCause::Policies(vec![cause]));
    assert_eq!(
        (activity.previous_capacity, activity.desired_capacity),
        (10, 15)
    );
    assert_eq!(activity.start_time.0, 3 * 60_000);
}
