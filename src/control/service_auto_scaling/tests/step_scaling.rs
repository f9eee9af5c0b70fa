//! Step scaling: which step, how it is rounded, what it adds up to.

use super::{
    ABOVE, AdjustmentType, BELOW, CPU, MEMORY, MetricAggregationType, Service, adds, step,
    step_configuration, step_policy, tracking,
};
use crate::control::alarm::{ComparisonOperator, Statistic};
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::{Metric, NotScaledReason, ScalingPolicy};
use crate::units::Millis;

const PERCENT: AdjustmentType = AdjustmentType::PercentChangeInCapacity;
const CHANGE: AdjustmentType = AdjustmentType::ChangeInCapacity;
const EXACT: AdjustmentType = AdjustmentType::ExactCapacity;

/// G101: the guide's pair of policies, without cooldown.
#[test]
fn the_guides_steps_give_11_14_13_and_10() {
    let mut out = step_configuration(
        ABOVE,
        PERCENT,
        &[
            step(Some(0), Some(10), 0),
            step(Some(10), Some(20), 10),
            step(Some(20), None, 30),
        ],
    );
    let mut back = step_configuration(
        BELOW,
        PERCENT,
        &[
            step(Some(-10), Some(0), 0),
            step(Some(-20), Some(-10), -10),
            step(None, Some(-20), -30),
        ],
    );
    (out.cooldown, back.cooldown) = (Millis::ZERO, Millis::ZERO);
    let mut service = Service::new(10, vec![step_policy(out), step_policy(back)]);
    let found = [60, 70, 40, 30].map(|cpu| service.cpu(cpu));
    assert_eq!(found, [Some(11), Some(14), Some(13), Some(10)]);
    assert_eq!([55, 45, 50].map(|cpu| service.cpu(cpu)), [None; 3]);
}

/// The capacity after one minute far above or below the threshold.
fn adjusted(capacity: u32, kind: AdjustmentType, adjustment: i32, least: Option<u32>) -> u32 {
    let steps = [step(Some(0), None, adjustment)];
    let mut configuration = step_configuration(ABOVE, kind, &steps);
    configuration.min_adjustment_magnitude = least;
    let target = super::target(0, 1_000, vec![step_policy(configuration)]);
    Service::with_target(capacity, target)
        .cpu(90)
        .unwrap_or(capacity)
}

/// G102.
#[test]
fn adjustments_change_the_capacity_by_tasks_to_tasks_or_by_percent() {
    for (capacity, kind, adjustment, expected) in [
        (3, CHANGE, 5, 8),
        (3, EXACT, 5, 5),
        (10, PERCENT, 10, 11),
        (8, EXACT, 5, 5),
        (3, CHANGE, -5, 0),
        (3, CHANGE, 0, 3),
    ] {
        let found = adjusted(capacity, kind, adjustment, None);
        assert_eq!(found, expected, "{capacity} {kind:?} {adjustment}");
    }
}

/// G103.
#[test]
fn a_percentage_changes_by_at_least_its_magnitude() {
    for (capacity, adjustment, least, expected) in [
        (4, 25, 2, 6),
        (4, -25, 2, 2),
        (4, 25, 1, 5),
        (100, 25, 2, 125),
        (4, 0, 2, 4),
    ] {
        let found = adjusted(capacity, PERCENT, adjustment, Some(least));
        assert_eq!(found, expected, "{capacity} {adjustment} {least}");
    }
}

/// G104: 12.7, 0.67, -0.58, -6.67 tasks.
#[test]
fn percentages_round_towards_zero_but_to_one_task_at_least() {
    for (capacity, adjustment, change) in [
        (127, 10, 12),
        (67, 1, 1),
        (58, -1, -1),
        (667, -1, -6),
        (0, 10, 1),
    ] {
        let found = i64::from(adjusted(capacity, PERCENT, adjustment, None));
        assert_eq!(
            found - i64::from(capacity),
            change,
            "{adjustment} % of {capacity}"
        );
    }
}

#[test]
fn above_the_threshold_the_lower_bound_belongs_to_the_step() {
    let steps = [
        step(Some(0), Some(10), 1),
        step(Some(10), Some(20), 2),
        step(Some(20), None, 3),
    ];
    for (cpu, added) in [(50, 1), (59, 1), (60, 2), (69, 2), (70, 3), (400, 3)] {
        let mut service = Service::new(
            10,
            vec![step_policy(step_configuration(ABOVE, CHANGE, &steps))],
        );
        assert_eq!(service.cpu(cpu), Some(10 + added), "{cpu}");
    }
}

#[test]
fn below_the_threshold_the_upper_bound_belongs_to_the_step() {
    let steps = [
        step(Some(-10), Some(0), -1),
        step(Some(-20), Some(-10), -2),
        step(None, Some(-20), -3),
    ];
    for (cpu, removed) in [(50, 1), (41, 1), (40, 2), (31, 2), (30, 3), (0, 3)] {
        let mut service = Service::new(
            10,
            vec![step_policy(step_configuration(BELOW, CHANGE, &steps))],
        );
        assert_eq!(service.cpu(cpu), Some(10 - removed), "{cpu}");
    }
}

#[test]
fn steps_may_stand_in_any_order() {
    let steps = [
        step(Some(20), None, 3),
        step(Some(0), Some(10), 1),
        step(Some(10), Some(20), 2),
    ];
    for (cpu, added) in [(55, 1), (65, 2), (75, 3)] {
        let mut service = Service::new(
            10,
            vec![step_policy(step_configuration(ABOVE, CHANGE, &steps))],
        );
        assert_eq!(service.cpu(cpu), Some(10 + added), "{cpu}");
    }
}

#[test]
fn a_value_that_no_step_covers_does_nothing() {
    let steps = [step(Some(10), None, 1)];
    let policy = || step_policy(step_configuration(ABOVE, CHANGE, &steps));
    assert_eq!(Service::new(10, vec![policy()]).cpu(55), None);
    assert_eq!(Service::new(10, vec![policy()]).cpu(60), Some(11));
    // Two of three minutes are above the threshold, the newest is below.
    let mut configuration = step_configuration(ABOVE, CHANGE, &steps);
    configuration.alarm.evaluation_periods = 3;
    configuration.alarm.datapoints_to_alarm = 2;
    let mut service = Service::new(10, vec![step_policy(configuration)]);
    assert_eq!([55, 55, 20].map(|cpu| service.cpu(cpu)), [None; 3]);
}

#[test]
fn the_aggregation_type_makes_one_value_of_a_period() {
    let steps = [
        step(Some(0), Some(20), 1),
        step(Some(20), Some(40), 2),
        step(Some(40), None, 3),
    ];
    for (aggregation, added) in [
        (MetricAggregationType::Minimum, 1),
        (MetricAggregationType::Average, 2),
        (MetricAggregationType::Maximum, 3),
    ] {
        let mut configuration = step_configuration(ABOVE, CHANGE, &steps);
        configuration.alarm.period = Millis(3 * 60_000);
        configuration.alarm.statistic = Statistic::Minimum;
        configuration.metric_aggregation_type = aggregation;
        let mut service = Service::new(10, vec![step_policy(configuration)]);
        assert_eq!([0, 60, 60].map(|cpu| service.cpu(cpu)), [None; 3]);
        assert_eq!(service.cpu(99), Some(10 + added), "{aggregation:?}");
    }
}

/// G100: +3 and +200 % on ten tasks.
#[test]
fn of_three_more_and_two_hundred_percent_more_the_larger_wins() {
    let double = step_configuration(
        ComparisonOperator::GreaterThanThreshold,
        PERCENT,
        &[step(Some(0), None, 200)],
    );
    let mut service = Service::new(10, vec![adds(3), step_policy(double)]);
    assert_eq!(service.cpu(60), Some(30));
}

#[test]
fn the_running_count_is_the_base_of_a_step_too() {
    let mut service = Service::new(10, vec![adds(3)]);
    service.running = 5;
    assert_eq!(service.cpu(60), None);
    let met = Some(NotScaledReason::AlreadyAtDesiredCapacity);
    assert_eq!(service.scaling.not_scaled_reason(), met);
    service.running = 8;
    assert_eq!(service.cpu(60), Some(11));
}

#[test]
fn a_step_policy_may_watch_any_metric() {
    let mut configuration = step_configuration(ABOVE, CHANGE, &[step(Some(0), None, 2)]);
    configuration.metric = Metric::Customized(0);
    let policy = ScalingPolicy::step_scaling("depth", configuration).unwrap();
    let mut service = Service::new(1, vec![policy, tracking(CPU, 50), tracking(MEMORY, 50)]);
    let customized = [Some(MetricValue::whole(70))];
    let metrics = super::ServiceMetrics {
        customized: &customized,
        ..Default::default()
    };
    let activity = service.minute_with(&metrics).unwrap();
    assert_eq!(activity.desired_capacity, 3);
}
