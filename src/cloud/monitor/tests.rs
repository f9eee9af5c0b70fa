//! Counted checks against checks made one by one.

use proptest::prelude::*;

use super::{Answer, Health, Monitor, MonitorSettings};
use crate::units::{Millis, SimTime};

/// Every check made, until the last that begins before `end`.
fn one_by_one(
    settings: MonitorSettings,
    begin: SimTime,
    answers: &[(SimTime, Answer)],
    end: SimTime,
) -> Vec<(SimTime, Health)> {
    let (mut health, mut passed, mut failed) = (Health::Initial, 0, 0);
    let mut changes = Vec::new();
    let mut check = begin + settings.first_check_after;
    while check < end {
        let (_, answer) = answers.iter().rfind(|(at, _)| *at <= check).unwrap();
        let duration = match answer {
            Answer::TimesOut => settings.timeout,
            Answer::Passes | Answer::Fails => Millis::ZERO,
        };
        let is_excused = health == Health::Initial && check < begin + settings.start_period;
        if *answer == Answer::Passes {
            (passed, failed) = (passed + 1, 0);
        } else if !is_excused {
            (passed, failed) = (0, failed + 1);
        }
        let needed = match health {
            Health::Initial => 1,
            _ => settings.passes_to_recover,
        };
        let turned = if health != Health::Healthy && passed >= needed {
            Some(Health::Healthy)
        } else if health != Health::Unhealthy && failed >= settings.failures {
            Some(Health::Unhealthy)
        } else {
            None
        };
        if let Some(turned) = turned {
            (health, passed, failed) = (turned, 0, 0);
            changes.push((check + duration, health));
        }
        let rest = if settings.is_serial {
            duration
        } else {
            Millis::ZERO
        };
        check = check + settings.interval + rest;
    }
    changes
}

fn settings() -> impl Strategy<Value = MonitorSettings> {
    let spans = (2_u64..40, 1_u64..40, 0_u64..50, 0_u64..150);
    let counts = (1_u32..6, 1_u32..6, any::<bool>());
    (spans, counts).prop_map(
        |((interval, timeout, first, start), (passes, failures, is_serial))| MonitorSettings {
            interval: Millis(interval),
            timeout: Millis(if is_serial {
                timeout
            } else {
                timeout.min(interval - 1)
            }),
            first_check_after: Millis(first),
            is_serial,
            passes_to_recover: passes,
            failures,
            start_period: Millis(start),
        },
    )
}

fn answers() -> impl Strategy<Value = Vec<(u64, Answer)>> {
    let answer = prop_oneof![
        Just(Answer::Passes),
        Just(Answer::Fails),
        Just(Answer::TimesOut)
    ];
    prop::collection::vec((0_u64..200, answer), 1..12)
}

proptest! {
    #[test]
    fn counted_checks_equal_checks_made_one_by_one(
        settings in settings(), gaps in answers(), is_taken_late in any::<bool>(),
    ) {
        let begin = SimTime(1_000);
        let mut at = begin;
        let mut answers = Vec::new();
        for (index, (gap, answer)) in gaps.iter().enumerate() {
            at = if index == 0 { begin } else { at + Millis(*gap) };
            answers.push((at, *answer));
        }
        let end = at + Millis(2_000);
        let expected = one_by_one(settings, begin, &answers, end);

        let mut monitor = Monitor::new(settings, begin, answers[0].1);
        let mut changes = Vec::new();
        for (at, answer) in &answers[1..] {
            while !is_taken_late && monitor.next_change().is_some_and(|(time, _)| time < *at) {
                let change = monitor.take_change().unwrap();
                prop_assert_eq!(monitor.health(), change.1);
                changes.push(change);
            }
            monitor.set_answer(*at, *answer);
        }
        while let Some(change) = monitor.next_change() {
            prop_assert_eq!(monitor.take_change(), Some(change));
            changes.push(change);
        }
        prop_assert_eq!(changes, expected);
        prop_assert_eq!(monitor.take_change(), None);
    }
}

#[test]
fn a_change_that_is_decided_is_not_undone_by_a_later_answer() {
    let settings = MonitorSettings {
        interval: Millis(30),
        timeout: Millis(5),
        first_check_after: Millis::ZERO,
        is_serial: false,
        passes_to_recover: 5,
        failures: 2,
        start_period: Millis::ZERO,
    };
    let mut monitor = Monitor::new(settings, SimTime(0), Answer::TimesOut);
    // The second check begins at 30 and ends at 35; the application answers from 31 on.
    monitor.set_answer(SimTime(31), Answer::Passes);
    assert_eq!(
        monitor.next_change(),
        Some((SimTime(35), Health::Unhealthy))
    );
    assert_eq!(monitor.health(), Health::Initial);
    assert_eq!(
        monitor.take_change(),
        Some((SimTime(35), Health::Unhealthy))
    );
    assert_eq!(monitor.next_change(), Some((SimTime(180), Health::Healthy)));
}

#[test]
fn the_end_of_time_is_no_panic() {
    let settings = MonitorSettings {
        interval: Millis(u64::MAX),
        timeout: Millis(u64::MAX),
        first_check_after: Millis(u64::MAX),
        is_serial: true,
        passes_to_recover: u32::MAX,
        failures: u32::MAX,
        start_period: Millis(u64::MAX),
    };
    let mut monitor = Monitor::new(settings, SimTime(5), Answer::TimesOut);
    assert_eq!(
        monitor.next_change(),
        Some((SimTime(u64::MAX), Health::Unhealthy))
    );
    monitor.set_answer(SimTime(u64::MAX), Answer::Passes);
    assert_eq!(
        monitor.take_change(),
        Some((SimTime(u64::MAX), Health::Healthy))
    );
}
