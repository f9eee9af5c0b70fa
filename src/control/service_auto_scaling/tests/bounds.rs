//! The target's bounds and scheduled actions.

use super::{CPU, Service, SuspendedState, adds, removes, scheduled_action, target, tracking};
use crate::control::service_auto_scaling::{NotScaledReason, ScalableTarget, ScheduledAction};

#[test]
fn the_desired_count_stays_within_the_bounds() {
    let mut service = Service::with_target(10, target(8, 12, vec![adds(5), removes(5)]));
    assert_eq!(service.cpu(60), Some(12));
    assert_eq!(service.cpu(60), None);
    let reason = service.scaling.not_scaled_reason();
    assert_eq!(reason, Some(NotScaledReason::AlreadyAtMaxCapacity));
    assert_eq!(service.cpu(40), Some(8));
    assert_eq!(service.cpu(40), None);
    let reason = service.scaling.not_scaled_reason();
    assert_eq!(reason, Some(NotScaledReason::AlreadyAtMinCapacity));
}

#[test]
fn below_the_minimum_scale_out_goes_to_the_minimum_first_and_then_on() {
    let mut service = Service::with_target(2, target(5, 20, vec![adds(3)]));
    assert_eq!(
        [60, 60, 60].map(|cpu| service.cpu(cpu)),
        [Some(5), Some(8), None]
    );
}

#[test]
fn below_the_minimum_scale_in_does_nothing() {
    let mut service = Service::with_target(4, target(5, 20, vec![removes(1)]));
    assert_eq!(service.cpu(40), None);
}

#[test]
fn above_the_maximum_scale_in_goes_to_the_maximum_first_and_then_on() {
    let mut service = Service::with_target(30, target(5, 20, vec![removes(3)]));
    assert_eq!(
        [40, 40, 40].map(|cpu| service.cpu(cpu)),
        [Some(20), Some(17), None]
    );
}

#[test]
fn above_the_maximum_scale_out_does_nothing() {
    let mut service = Service::with_target(30, target(5, 20, vec![adds(3)]));
    assert_eq!(service.cpu(60), None);
}

fn scheduled(desired: u32, bounds: (u32, u32), actions: Vec<ScheduledAction>) -> Service {
    let policies = vec![tracking(CPU, 50), adds(2), removes(2)];
    let (min, max) = bounds;
    let state = SuspendedState::default();
    Service::with_target(
        desired,
        ScalableTarget::new(min, max, state, policies, actions).unwrap(),
    )
}

/// G106.
#[test]
fn a_scheduled_minimum_raises_the_desired_count() {
    let actions = || vec![scheduled_action("morning", Some(8), None)];
    for (desired, expected) in [(5, Some(8)), (8, None), (9, None)] {
        let mut service = scheduled(desired, (1, 20), actions());
        assert_eq!(service.scheduled(0), expected, "{desired}");
        assert_eq!(
            (
                service.scaling.min_capacity(),
                service.scaling.max_capacity()
            ),
            (8, 20)
        );
    }
}

/// G107.
#[test]
fn a_scheduled_maximum_lowers_the_desired_count() {
    let actions = || vec![scheduled_action("night", None, Some(5))];
    for (desired, expected) in [(8, Some(5)), (5, None), (2, None)] {
        let mut service = scheduled(desired, (1, 20), actions());
        assert_eq!(service.scheduled(0), expected, "{desired}");
        assert_eq!(
            (
                service.scaling.min_capacity(),
                service.scaling.max_capacity()
            ),
            (1, 5)
        );
    }
}

#[test]
fn policies_keep_within_scheduled_bounds() {
    let actions = vec![
        scheduled_action("night", Some(2), Some(5)),
        scheduled_action("day", Some(6), Some(20)),
    ];
    let mut service = scheduled(8, (1, 20), actions);
    assert_eq!(service.scheduled(0), Some(5));
    assert_eq!(service.cpu(60), None);
    assert_eq!(service.scheduled(1), Some(6));
    assert_eq!(service.cpu(60), Some(8));
}

#[test]
fn a_scheduled_action_ignores_cooldowns() {
    let actions = vec![
        scheduled_action("up", Some(16), None),
        scheduled_action("down", Some(1), Some(3)),
    ];
    let mut service = scheduled(10, (1, 20), actions);
    assert_eq!(service.cpu(60), Some(12));
    assert_eq!(service.scheduled(0), Some(16));
    assert_eq!(service.cpu(40), None, "at the minimum");
    assert_eq!(service.scheduled(1), Some(3));
}

#[test]
fn suspended_scheduled_scaling_sets_no_bounds() {
    let mut service = scheduled(5, (1, 20), vec![scheduled_action("up", Some(8), None)]);
    let scheduled_scaling_suspended = true;
    service.scaling.set_suspended_state(SuspendedState {
        scheduled_scaling_suspended,
        ..SuspendedState::default()
    });
    assert_eq!(service.scheduled(0), None);
    assert_eq!(service.scaling.min_capacity(), 1);
    assert_eq!(
        service.scaling.not_scaled_reason(),
        Some(NotScaledReason::Suspended)
    );
    assert_eq!(service.cpu(60), Some(7), "policies go on");
}

#[test]
fn a_scheduled_action_whose_bounds_would_cross_sets_neither() {
    let mut service = scheduled(5, (1, 6), vec![scheduled_action("up", Some(8), None)]);
    assert_eq!(service.scheduled(0), None);
    assert_eq!(
        (
            service.scaling.min_capacity(),
            service.scaling.max_capacity()
        ),
        (1, 6)
    );
    let reason = service.scaling.not_scaled_reason();
    assert_eq!(reason, Some(NotScaledReason::MinCapacityAboveMaxCapacity));
    assert_eq!(service.scheduled(7), None, "there is no such action");
}
