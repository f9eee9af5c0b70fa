//! Cooldowns and deployments.

use super::{
    ABOVE, AdjustmentType, CPU, Millis, Service, SuspendedState, adds, removes, step,
    step_configuration, step_policy, tracking, tracking_configuration,
};
use crate::control::service_auto_scaling::{NotScaledReason, ScalingPolicy};

/// +2 from 50 %, +3 from 60 %, +7 from 90 %.
fn three_steps() -> ScalingPolicy {
    let steps = [
        step(Some(0), Some(10), 2),
        step(Some(10), Some(40), 3),
        step(Some(40), None, 7),
    ];
    step_policy(step_configuration(
        ABOVE,
        AdjustmentType::ChangeInCapacity,
        &steps,
    ))
}

/// G105: +2 was done, +3 in the cooldown adds one.
#[test]
fn a_larger_scale_out_during_cooldown_adds_only_the_rest() {
    let mut service = Service::new(10, vec![three_steps()]);
    assert_eq!(service.cpu(55), Some(12));
    assert_eq!(service.cpu(55), None);
    assert_eq!(
        service.scaling.not_scaled_reason(),
        Some(NotScaledReason::Cooldown)
    );
    assert_eq!(service.cpu(65), Some(13));
    assert_eq!(service.cpu(55), None);
    assert_eq!(service.cpu(95), Some(17));
}

#[test]
fn a_target_tracking_scale_out_counts_what_its_cooldown_has_added() {
    let mut service = Service::new(10, vec![tracking(CPU, 50)]);
    assert_eq!(service.cpu_for(3, 75), Some(15));
    // The fifteen are not reckoned from again: 75 % of ten is what they were added for.
    assert_eq!(service.cpu(75), None);
    assert_eq!(service.cpu(100), Some(20));
}

#[test]
fn the_same_scale_out_comes_again_when_the_cooldown_ends() {
    let mut service = Service::new(10, vec![adds(2)]);
    assert_eq!(service.cpu(55), Some(12));
    assert_eq!(service.cpu_for(4, 55), None);
    assert_eq!(service.cpu(55), Some(14));
}

#[test]
fn tasks_that_vanish_during_a_cooldown_are_no_base() {
    let mut service = Service::new(10, vec![adds(2)]);
    assert_eq!(service.cpu(55), Some(12));
    service.running = 4;
    assert_eq!(service.cpu(55), None);
}

#[test]
fn a_scale_in_cooldown_blocks_further_scale_in() {
    let mut service = Service::new(20, vec![removes(2)]);
    assert_eq!(service.cpu(40), Some(18));
    for _ in 0..4 {
        assert_eq!(service.cpu(0), None);
        assert_eq!(
            service.scaling.not_scaled_reason(),
            Some(NotScaledReason::Cooldown)
        );
    }
    assert_eq!(service.cpu(40), Some(16));
}

#[test]
fn scale_out_interrupts_a_scale_in_cooldown() {
    let mut service = Service::new(20, vec![removes(2), adds(5)]);
    assert_eq!(service.cpu(40), Some(18));
    assert_eq!(service.cpu(60), Some(23));
    // The cooldown of the scale-in is over, three minutes early.
    assert_eq!(service.cpu(40), Some(21));
}

#[test]
fn a_scale_out_cooldown_does_not_undo_a_scale_in() {
    let mut service = Service::new(10, vec![removes(6), adds(2)]);
    assert_eq!(service.cpu(60), Some(12));
    assert_eq!(service.cpu(40), Some(6));
    assert_eq!(service.cpu(60), Some(8));
}

#[test]
fn cooldowns_default_to_300_seconds() {
    let configuration = tracking_configuration(50);
    let five_minutes = Millis(300_000);
    assert_eq!(configuration.scale_out_cooldown, five_minutes);
    assert_eq!(configuration.scale_in_cooldown, five_minutes);
    assert!(!configuration.disable_scale_in);
    assert_eq!(configuration.low_alarm_percent, 90);
}

#[test]
fn each_policy_has_its_cooldowns() {
    for (out_minutes, in_minutes) in [(0, 0), (1, 2), (3, 1)] {
        let mut configuration = tracking_configuration(50);
        configuration.scale_out_cooldown = Millis(out_minutes * 60_000);
        configuration.scale_in_cooldown = Millis(in_minutes * 60_000);
        let policy = ScalingPolicy::target_tracking("cpu", configuration).unwrap();
        let mut service = Service::new(10, vec![policy]);
        service.cpu_for(3, 60);
        let waited = (1..10).find(|_| service.cpu(60).is_some()).unwrap();
        assert_eq!(waited, out_minutes.max(1), "out");
        service.cpu_for(15, 30);
        let waited = (1..10).find(|_| service.cpu(30).is_some()).unwrap();
        assert_eq!(waited, in_minutes.max(1), "in");
    }
}

#[test]
fn scale_in_waits_for_a_deployment_and_scale_out_does_not() {
    let mut service = Service::new(10, vec![removes(2), adds(3)]);
    service.deployment_in_progress = true;
    assert_eq!(service.cpu(40), None);
    let waits = Some(NotScaledReason::DeploymentInProgress);
    assert_eq!(service.scaling.not_scaled_reason(), waits);
    assert_eq!(service.cpu(60), Some(13));
    service.deployment_in_progress = false;
    assert_eq!(service.cpu(40), Some(11));
}

#[test]
fn what_is_suspended_does_nothing() {
    let suspended = |scale_in, scale_out| SuspendedState {
        dynamic_scaling_in_suspended: scale_in,
        dynamic_scaling_out_suspended: scale_out,
        scheduled_scaling_suspended: false,
    };
    for (scale_in, scale_out, expected) in [
        (false, false, [Some(8), Some(11)]),
        (true, false, [None, Some(13)]),
        (false, true, [Some(8), None]),
        (true, true, [None, None]),
    ] {
        let mut service = Service::new(10, vec![removes(2), adds(3)]);
        service
            .scaling
            .set_suspended_state(suspended(scale_in, scale_out));
        assert_eq!([40, 60].map(|cpu| service.cpu(cpu)), expected);
        let reason = service.scaling.not_scaled_reason();
        assert_eq!(reason, scale_out.then_some(NotScaledReason::Suspended));
    }
}
