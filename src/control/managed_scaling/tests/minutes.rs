//! Whole minutes: metric, alarms, decisions.

use super::{Group, OPTIONS, amounts, waiting};
use crate::control::managed_scaling::ManagedScalingDecision::{self, HeldBack, ScaleIn, ScaleOut};
use crate::control::managed_scaling::{
    InstanceTypes, ManagedScaling, ManagedScalingController, ManagedScalingOptions,
    ManagedScalingReason, Reservation,
};
use crate::units::{Millis, SimTime};

#[test]
fn the_reservation_is_needed_over_running_with_two_special_cases() {
    for (needed, running, shown) in [
        (0, 0, "100"),
        (3, 0, "200"),
        (2, 3, "66.667"),
        (0, 2, "0"),
        (4, 3, "133.333"),
        (10, 2, "500"),
    ] {
        let reservation = Reservation::of(needed, running);
        assert_eq!(reservation.to_string(), shown, "{needed} of {running}");
    }
}

#[test]
fn g86_an_empty_group_begins_with_two() {
    let mut idle = Group::with_target(100, 0, 0);
    assert_eq!(idle.next_change(), None);
    for tasks in [1, 3, 400] {
        for target in [100, 50, 10] {
            let mut group = Group::with_target(target, 0, 0).with_waiting(tasks);
            let minute = group.minute();
            assert_eq!(minute.reservation.to_string(), "200");
            assert_eq!(minute.decision, ScaleOut { to: 2 }, "{tasks} at {target} %");
        }
    }
    let mut small = Group::with_target(100, 0, 0).with_waiting(3);
    small.max_size = 1;
    assert_eq!(small.minute().decision, ScaleOut { to: 1 });
}

/// The table of the blog: hosting, running, target, the reservation, the first change.
#[test]
fn g87_g88_the_worked_numbers_come_out() {
    for (name, hosting, running, target, shown, change) in [
        // ceil(2 x 100 / 100) = 2, after 15 datapoints.
        ("G87", 2, 3, 100, "66.667", Some((15, ScaleIn { to: 2 }))),
        // 66.7 > 50: ceil(2 x 100 / 50) = 4, at once.
        ("G88", 2, 3, 50, "66.667", Some((1, ScaleOut { to: 4 }))),
        ("3 of 4 at 75", 3, 4, 75, "75", None),
        ("3 of 3", 3, 3, 100, "100", None),
        // 66.7 < 70, but ceil(2 x 100 / 70) = 3: with 2 the reservation would be 100.
        ("2 of 3 at 70", 2, 3, 70, "66.667", None),
    ] {
        let mut group = Group::with_target(target, hosting, running);
        let mut probe = Group::with_target(target, hosting, running);
        let shown_there = probe.minute().reservation.to_string();
        assert_eq!(shown_there, shown, "{name}");
        assert_eq!(group.next_change(), change, "{name}");
    }
}

#[test]
fn g89_a_group_without_tasks_goes_down_to_nothing() {
    // Less than half of two is none, so one a minute.
    let mut group = Group::with_target(100, 0, 2);
    assert_eq!(group.minute().reservation.to_string(), "0");
    assert_eq!(group.next_change(), Some((14, ScaleIn { to: 1 })));
    assert_eq!(group.next_change(), Some((1, ScaleIn { to: 0 })));
    assert_eq!(group.next_change(), None);
}

#[test]
fn g90_a_task_that_waits_brings_an_instance() {
    // Nine slots hold nine of ten tasks: 3 + ceil(1 / 3) = 4.
    let mut group = Group::with_target(100, 3, 3).with_waiting(1);
    let minute = group.minute();
    assert_eq!(minute.needed, 4);
    assert_eq!(minute.reservation.to_string(), "133.333");
    assert_eq!(minute.decision, ScaleOut { to: 4 });
}

#[test]
fn g91_scale_in_takes_fifteen_minutes_below_the_target() {
    let mut group = Group::with_target(100, 2, 3);
    assert_eq!(group.minutes(14).decision, HeldBack);
    assert_eq!(group.minute().decision, ScaleIn { to: 2 });
}

#[test]
fn scale_in_takes_at_least_one_and_less_than_half_a_minute() {
    // 26 - 12, 14 - 6, 8 - 3, 5 - 2, then the one that is left to go.
    let mut group = Group::with_target(100, 2, 26);
    group.minutes(14);
    let steps: Vec<ManagedScalingDecision> = (0..5).map(|_| group.minute().decision).collect();
    assert_eq!(steps, [14, 8, 5, 3, 2].map(|to| ScaleIn { to }));
    assert_eq!(group.next_change(), None);
}

#[test]
fn g92_an_instance_with_daemon_tasks_alone_counts_as_empty() {
    // Three instances run, each with a daemon task; one hosts another task.
    let mut group = Group::with_target(100, 1, 3);
    assert_eq!(group.minute().needed, 1);
}

#[test]
fn g93_g94_steps_bound_what_comes_at_a_time() {
    for (name, tasks, minimum, maximum, to) in [
        // ceil(9 / 3) = 3, at least 5.
        ("G93", 9, 5, 10_000, 15),
        // ceil(90 / 3) = 30, at most 10.
        ("G94", 90, 1, 10, 20),
        ("between", 9, 1, 10, 13),
    ] {
        let configuration = ManagedScaling {
            minimum_scaling_step_size: minimum,
            maximum_scaling_step_size: maximum,
            ..ManagedScaling::default()
        };
        let mut group = Group::new(configuration, 10, 10).with_waiting(tasks);
        assert_eq!(group.minute().decision, ScaleOut { to }, "{name}");
    }
}

#[test]
fn g95_tasks_too_large_leave_the_reservation_at_the_target() {
    for target in [100, 60] {
        let mut group = Group::with_target(target, 1, 4);
        group.waiting = vec![waiting(2, 4_096, 512)];
        let minute = group.minute();
        assert_eq!(minute.reservation, Reservation::percent(target));
        assert_eq!(minute.reservation.to_string(), target.to_string());
        // Neither out nor in, although three instances are empty.
        assert_eq!(group.next_change(), None);
    }
}

#[test]
fn g96_a_launch_that_warms_up_blocks_another_increase() {
    let mut group = Group::with_target(100, 3, 3).with_waiting(1);
    group.latest_launch = Some(SimTime::ZERO);
    group.now = SimTime(40_000);
    let minute = group.minute();
    let reason = ManagedScalingReason::WarmingUp {
        launched_ago: Millis(100_000),
        warmup: Millis(300_000),
    };
    assert_eq!((minute.decision, minute.reason), (HeldBack, reason));
    // 160, 220, 280 s; at 340 s the launch is warm.
    assert_eq!(group.next_change(), Some((4, ScaleOut { to: 4 })));
}

#[test]
fn a_period_of_warm_up_ends_on_its_last_instant() {
    for (launched, decision) in [(60_000, ScaleOut { to: 4 }), (60_001, HeldBack)] {
        let mut group = Group::with_target(100, 3, 3).with_waiting(1);
        group.now = SimTime(300_000);
        group.latest_launch = Some(SimTime(launched));
        assert_eq!(group.minute().decision, decision);
    }
}

#[test]
fn a_warm_up_begins_in_service() {
    for (warmup, decision) in [(1, HeldBack), (0, ScaleOut { to: 4 })] {
        let configuration = ManagedScaling {
            instance_warmup_period: Millis(warmup),
            ..ManagedScaling::default()
        };
        let mut group = Group::new(configuration, 3, 3).with_waiting(1);
        group.launching = 1;
        assert_eq!(group.minute().decision, decision);
    }
}

#[test]
fn a_scale_out_makes_scale_in_start_over_and_wait() {
    let mut group = Group::with_target(100, 2, 4);
    group.minutes(10);
    // Ten datapoints below, then a task waits: 4 + 1.
    group.waiting = vec![waiting(1, 1_024, 1_024)];
    assert_eq!(group.minute().decision, ScaleOut { to: 5 });
    group.waiting.clear();
    group.hosting = 3;
    assert_eq!(group.next_change(), Some((15, ScaleIn { to: 3 })));
}

#[test]
fn scale_in_waits_after_a_scale_out_for_as_long_as_it_is_told() {
    let options = ManagedScalingOptions {
        scale_in_after_scale_out: Millis(20 * 60_000),
        ..OPTIONS
    };
    let mut group = Group::with_target(100, 3, 3).with_waiting(1);
    let types = InstanceTypes::new(&[amounts(3_072, 3_072)]);
    group.controller = ManagedScalingController::new(ManagedScaling::default(), options, types, 1);
    group.minute();
    group.waiting.clear();
    let minute = group.minutes(15);
    let reason = ManagedScalingReason::AfterScaleOut {
        wait: Millis(20 * 60_000),
        remaining: Millis(5 * 60_000),
    };
    assert_eq!((minute.decision, minute.reason), (HeldBack, reason));
    assert_eq!(group.next_change(), Some((5, ScaleIn { to: 3 })));
}

#[test]
fn a_scale_in_under_way_is_aborted() {
    // 26 to 14; then tasks wait, and the group grows from what runs.
    let mut group = Group::with_target(100, 2, 26);
    assert_eq!(group.minutes(15).decision, ScaleIn { to: 14 });
    group.waiting = vec![waiting(4, 1_024, 1_024)];
    assert_eq!(group.minute().decision, ScaleOut { to: 16 });
    group.waiting.clear();
    assert_eq!(group.minutes(14).decision, HeldBack);
    assert_eq!(group.minute().decision, ScaleIn { to: 9 });
}

#[test]
fn a_group_stays_within_its_sizes() {
    let mut full = Group::with_target(100, 3, 3).with_waiting(9);
    full.max_size = 5;
    assert_eq!(full.minute().decision, ScaleOut { to: 5 });
    full.latest_launch = None;
    let minute = full.minute();
    let reason = ManagedScalingReason::AtMaxSize {
        max_size: 5,
        wanted: 8,
    };
    assert_eq!((minute.decision, minute.reason), (HeldBack, reason));
    let mut small = Group::with_target(100, 0, 5);
    small.min_size = 4;
    assert_eq!(small.minutes(15).decision, ScaleIn { to: 4 });
    assert_eq!(small.minute().decision, HeldBack);
}

#[test]
fn what_is_asked_for_is_not_asked_for_again() {
    let mut group = Group::with_target(100, 3, 3).with_waiting(6);
    group.desired = 5;
    let minute = group.minute();
    let reason = ManagedScalingReason::AlreadyAsked { desired: 5 };
    let none = ManagedScalingDecision::None;
    assert_eq!((minute.decision, minute.reason), (none, reason));
    // Protected instances stay although the group has been asked for fewer.
    let mut protected = Group::with_target(100, 2, 3);
    protected.desired = 2;
    let reason = ManagedScalingReason::AlreadyAsked { desired: 2 };
    assert_eq!(protected.minutes(20).reason, reason);
}

#[test]
fn a_target_below_100_never_leaves_a_group_empty() {
    // 100 percent of nothing is above 50: two; both idle, 0 is below 50: none after 15 minutes.
    let mut group = Group::with_target(50, 0, 0);
    assert_eq!(group.next_change(), Some((1, ScaleOut { to: 2 })));
    assert_eq!(group.next_change(), Some((15, ScaleIn { to: 1 })));
    assert_eq!(group.next_change(), Some((1, ScaleIn { to: 0 })));
    group.latest_launch = None;
    assert_eq!(group.next_change(), Some((1, ScaleOut { to: 2 })));
}

#[test]
fn from_zero_one_of_two_goes_again() {
    // One task: two instances come, one hosts it, the other goes after 15 minutes.
    let mut group = Group::with_target(100, 0, 0).with_waiting(1);
    assert_eq!(group.minute().decision, ScaleOut { to: 2 });
    group.minutes(2);
    group.waiting.clear();
    group.hosting = 1;
    assert_eq!(group.next_change(), Some((15, ScaleIn { to: 1 })));
}

#[test]
fn a_mixed_group_goes_by_its_minimum_step_when_told_to() {
    let options = ManagedScalingOptions {
        minimum_step_for_mixed_groups: true,
        ..OPTIONS
    };
    let configuration = ManagedScaling {
        minimum_scaling_step_size: 2,
        ..ManagedScaling::default()
    };
    let one = InstanceTypes::new(&[amounts(3_072, 3_072)]);
    let two = InstanceTypes::new(&[amounts(3_072, 3_072), amounts(6_144, 6_144)]);
    // 30 tasks, three a slot: 10 instances of the one type, 5 of the larger of two.
    for (types, zones, options, to) in [
        (one, 1, options, 13),
        (one, 3, options, 5),
        (two, 1, options, 5),
        (two, 3, OPTIONS, 8),
    ] {
        let mut group = Group::with_target(100, 3, 3).with_waiting(30);
        group.controller = ManagedScalingController::new(configuration, options, types, zones);
        assert_eq!(group.minute().decision, ScaleOut { to });
    }
}
