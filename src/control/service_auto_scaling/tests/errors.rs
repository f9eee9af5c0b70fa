//! What cannot be a scalable target, and what is said of it.

use super::{
    ABOVE, AdjustmentType, BELOW, CPU, Service, StepAdjustment, SuspendedState, scheduled_action,
    step, step_configuration, tracking, tracking_configuration,
};
use crate::control::alarm::AlarmError;
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::{
    ScalableTarget, ScalingError, ScalingPolicy, ScheduledAction, StepScalingPolicyConfiguration,
};
use crate::units::Millis;

fn steps_error(steps: &[StepAdjustment]) -> String {
    let configuration = step_configuration(ABOVE, AdjustmentType::ChangeInCapacity, steps);
    ScalingPolicy::step_scaling("steps", configuration)
        .unwrap_err()
        .to_string()
}

#[test]
fn steps_neither_overlap_nor_leave_gaps() {
    for (steps, said) in [
        (
            vec![],
            "a step scaling policy without stepAdjustments does nothing",
        ),
        (
            vec![step(None, None, 1)],
            "a step adjustment has neither bound",
        ),
        (
            vec![step(Some(10), Some(10), 1), step(Some(20), None, 1)],
            "a step adjustment's metricIntervalLowerBound 10 is not below its \
             metricIntervalUpperBound 10",
        ),
        (
            vec![step(Some(0), Some(20), 1), step(Some(10), None, 2)],
            "two step adjustments overlap: one goes up to 20, the next begins at 10",
        ),
        (
            vec![step(Some(15), None, 2), step(Some(0), Some(10), 1)],
            "there is a gap between step adjustments: one goes up to 10, the next begins at 15",
        ),
        (
            vec![step(None, Some(0), -1), step(None, Some(-10), -2)],
            "two step adjustments have no metricIntervalLowerBound",
        ),
        (
            vec![step(Some(0), None, 1), step(Some(10), None, 2)],
            "two step adjustments have no metricIntervalUpperBound",
        ),
        (
            vec![step(Some(0), None, 1), step(Some(10), Some(20), 2)],
            "the step adjustment without metricIntervalUpperBound overlaps the one that begins at \
             10",
        ),
        (
            vec![step(Some(-10), Some(0), -1)],
            "the lowest step adjustment begins at -10",
        ),
        (
            vec![step(Some(0), Some(10), 1)],
            "the highest step adjustment ends at 10",
        ),
        (
            vec![step(Some(0), None, 1); 21],
            "21 step adjustments: a policy has at most 20",
        ),
    ] {
        let error = steps_error(&steps);
        assert!(error.starts_with(said), "{error}");
        assert!(error.len() > said.len(), "no remedy: {error}");
    }
}

#[test]
fn twenty_steps_are_allowed() {
    let mut steps: Vec<StepAdjustment> = (0..19).map(|k| step(Some(k), Some(k + 1), k)).collect();
    steps.push(step(Some(19), None, 19));
    let configuration = step_configuration(ABOVE, AdjustmentType::ChangeInCapacity, &steps);
    let policy = ScalingPolicy::step_scaling("steps", configuration).unwrap();
    assert_eq!(Service::new(1, vec![policy]).cpu(62), Some(13));
}

#[test]
fn impossible_policies_are_refused() {
    let step_error = |change: fn(&mut StepScalingPolicyConfiguration)| {
        let steps = [step(None, Some(0), -5)];
        let kind = AdjustmentType::ChangeInCapacity;
        let mut configuration = step_configuration(BELOW, kind, &steps);
        change(&mut configuration);
        ScalingPolicy::step_scaling("steps", configuration).unwrap_err()
    };
    assert_eq!(
        step_error(|policy| policy.adjustment_type = AdjustmentType::ExactCapacity),
        ScalingError::NegativeExactCapacity(-5)
    );
    assert_eq!(
        step_error(|policy| policy.min_adjustment_magnitude = Some(2)),
        ScalingError::MagnitudeWithoutPercent
    );
    assert_eq!(
        step_error(|policy| policy.alarm.period = Millis(1)),
        ScalingError::Alarm(AlarmError::PeriodNotWholeMinutes(Millis(1)))
    );
    for target_value in [0, -1] {
        let mut configuration = tracking_configuration(50);
        configuration.target_value = MetricValue(target_value);
        let error = ScalingPolicy::target_tracking("cpu", configuration).unwrap_err();
        assert_eq!(
            error,
            ScalingError::TargetValueNotPositive(MetricValue(target_value))
        );
    }
    for low_alarm_percent in [0, 101] {
        let mut configuration = tracking_configuration(50);
        configuration.low_alarm_percent = low_alarm_percent;
        let error = ScalingPolicy::target_tracking("cpu", configuration).unwrap_err();
        assert_eq!(error, ScalingError::LowAlarmPercent(low_alarm_percent));
    }
}

fn target_error(min: u32, max: u32, policies: usize, actions: Vec<ScheduledAction>) -> String {
    let policy = |k| ScalingPolicy::target_tracking(format!("p{k}"), tracking_configuration(50));
    let policies = (0..policies).map(|k| policy(k).unwrap()).collect();
    let state = SuspendedState::default();
    let target = ScalableTarget::new(min, max, state, policies, actions);
    target
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn a_target_has_its_limits() {
    let actions = |count: usize| -> Vec<ScheduledAction> {
        let action = |k| scheduled_action(&format!("a{k}"), Some(1), None);
        (0..count).map(action).collect()
    };
    assert_eq!(target_error(0, 0, 50, actions(200)), "");
    for (error, said) in [
        (
            target_error(3, 2, 0, vec![]),
            "minCapacity 3 is above maxCapacity 2",
        ),
        (
            target_error(0, 2, 51, vec![]),
            "51 scaling policies: a service has at most 50",
        ),
        (
            target_error(0, 2, 0, actions(201)),
            "201 scheduled actions: a service has at most 200",
        ),
        (
            target_error(0, 2, 0, [actions(2), actions(1)].concat()),
            "two scheduled actions are named `a0`",
        ),
        (
            target_error(0, 2, 0, vec![scheduled_action("idle", None, None)]),
            "scheduled action `idle` changes nothing",
        ),
        (
            target_error(0, 2, 0, vec![scheduled_action("x", Some(4), Some(3))]),
            "scheduled action `x` has minCapacity 4 above maxCapacity 3",
        ),
    ] {
        assert!(error.starts_with(said), "{error}");
    }
    let twice = vec![tracking(CPU, 50), tracking(CPU, 60)];
    let error = ScalableTarget::new(0, 1, SuspendedState::default(), twice, vec![]).unwrap_err();
    assert!(matches!(error, ScalingError::SamePolicyName(_)), "{error}");
}
