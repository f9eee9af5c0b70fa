//! What holds for every course of a group.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::{Group, waiting};
use crate::control::managed_scaling::{
    LOW_DATAPOINTS, ManagedScaling, ManagedScalingAlarm, ManagedScalingDecision,
};
use crate::units::Millis;

/// How a group is used for some minutes: tasks that wait, and the share of instances that host one.
fn stretches() -> impl Strategy<Value = Vec<(u32, u32, usize)>> {
    let tasks = prop_oneof![3 => Just(0_u32), 1 => 1_u32..60];
    prop::collection::vec((tasks, 0_u32..=100, 1_usize..25), 1..12)
}

proptest! {
    #[test]
    fn a_group_moves_within_its_sizes_in_the_direction_of_its_target(
        target_capacity in 1_u32..=100,
        (minimum, maximum) in (1_u32..6, 1_u32..20),
        warmup in 0_u64..600,
        (min_size, more) in (0_u32..5, 1_u32..40),
        stretches in stretches(),
    ) {
        let configuration = ManagedScaling {
            target_capacity,
            minimum_scaling_step_size: minimum,
            maximum_scaling_step_size: minimum.max(maximum),
            instance_warmup_period: Millis(warmup * 1_000),
        };
        let mut group = Group::new(configuration, 0, min_size);
        (group.min_size, group.max_size) = (min_size, min_size + more);
        let (mut below, mut last_launch) = (0_u32, None);
        for (tasks, share, minutes) in stretches {
            for _ in 0..minutes {
                group.waiting = vec![waiting(tasks, 1_024, 1_024)];
                group.hosting = group.running * share / 100;
                let minute = group.minute();
                let order = minute.reservation.cmp_percent(target_capacity);
                below = if order == Ordering::Less { below + 1 } else { 0 };
                let alarm = match order {
                    Ordering::Less => ManagedScalingAlarm::Low { datapoints: below },
                    Ordering::Equal => ManagedScalingAlarm::Ok,
                    Ordering::Greater => ManagedScalingAlarm::High,
                };
                prop_assert_eq!(minute.alarm, alarm);
                prop_assert!((group.min_size..=group.max_size).contains(&group.desired));
                match minute.decision {
                    ManagedScalingDecision::ScaleOut { to } => {
                        prop_assert!(order == Ordering::Greater && to > minute.desired);
                        let young = last_launch.is_some_and(|at| minute.at.since(at).0 < warmup * 1_000);
                        prop_assert!(!young);
                        last_launch = Some(minute.at);
                    }
                    ManagedScalingDecision::ScaleIn { to } => {
                        prop_assert!(order == Ordering::Less && below >= LOW_DATAPOINTS);
                        let gone = minute.desired - to;
                        prop_assert!(gone == 1 || gone > 0 && 2 * gone < minute.desired);
                        prop_assert!(to >= minute.wanted);
                    }
                    ManagedScalingDecision::None | ManagedScalingDecision::HeldBack => (),
                }
                let said = minute.reason.to_string();
                prop_assert!(!said.is_empty() && !said.contains('\n'));
            }
        }
    }
}
