//! Defaults, ranges and rules of target groups.

use super::{
    Algorithm, CheckPhase, HealthCheck, Protocol, TargetGroup, TargetState, receiving_targets,
};
use crate::cloud::{Answer, Health, Monitor};
use crate::units::{Millis, SimTime};

fn group() -> TargetGroup {
    TargetGroup::new("web", Protocol::Http)
}

fn seconds(seconds: u64) -> SimTime {
    SimTime(seconds * 1_000)
}

fn span(seconds: u64) -> Millis {
    Millis(seconds * 1_000)
}

#[test]
fn target_groups_have_the_defaults_of_their_load_balancer() {
    let check = HealthCheck {
        interval: span(30),
        timeout: span(5),
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        phase: CheckPhase::Registration,
    };
    let application = group();
    assert_eq!(application.health_check, check);
    assert_eq!(application.deregistration_delay, span(300));
    assert_eq!(application.slow_start, Millis::ZERO);
    assert_eq!(application.algorithm, Algorithm::RoundRobin);
    let network = TargetGroup::new("tcp", Protocol::Tcp);
    assert_eq!(
        network.health_check,
        HealthCheck {
            timeout: span(10),
            ..check
        }
    );
    assert_eq!(network.deregistration_delay, span(300));
    assert_eq!(network.algorithm, Algorithm::FlowHash);
    assert!(application.faults().is_empty() && network.faults().is_empty());
}

/// The settings at fault after a change of the defaults.
fn faults(change: impl FnOnce(&mut TargetGroup)) -> Vec<&'static str> {
    let mut group = group();
    change(&mut group);
    group.faults().iter().map(|fault| fault.setting).collect()
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    type Set = fn(&mut TargetGroup, u64);
    let cases: [(&str, Set, [u64; 2], [u64; 2]); 6] = [
        (
            "healthCheckIntervalSeconds",
            |group, value| {
                group.health_check.interval = span(value);
                group.health_check.timeout = span(2);
            },
            [5, 300],
            [4, 301],
        ),
        (
            "healthCheckTimeoutSeconds",
            |group, value| {
                group.health_check.timeout = span(value);
                group.health_check.interval = span(300);
            },
            [2, 120],
            [1, 121],
        ),
        (
            "healthyThresholdCount",
            |group, value| group.health_check.healthy_threshold = u32::try_from(value).unwrap(),
            [2, 10],
            [1, 11],
        ),
        (
            "unhealthyThresholdCount",
            |group, value| group.health_check.unhealthy_threshold = u32::try_from(value).unwrap(),
            [2, 10],
            [1, 11],
        ),
        (
            "deregistrationDelay",
            |group, value| group.deregistration_delay = span(value),
            [0, 3_600],
            [3_601, 100_000],
        ),
        (
            "slowStart",
            |group, value| group.slow_start = span(value),
            [30, 900],
            [29, 901],
        ),
    ];
    for (setting, set, good, bad) in cases {
        for value in good {
            assert!(
                faults(|group| set(group, value)).is_empty(),
                "{setting} {value}"
            );
        }
        for value in bad {
            assert_eq!(
                faults(|group| set(group, value)),
                [setting],
                "{setting} {value}"
            );
        }
    }
    let half = faults(|group| group.deregistration_delay = Millis(1_500));
    assert_eq!(half, ["deregistrationDelay"], "whole seconds");
}

#[test]
fn settings_that_exclude_each_other_are_refused() {
    let timeout = faults(|group| group.health_check.timeout = span(30));
    assert_eq!(timeout, ["healthCheckTimeoutSeconds"]);
    let slow_start = |algorithm| {
        faults(|group| {
            group.algorithm = algorithm;
            group.slow_start = span(30);
        })
    };
    assert!(slow_start(Algorithm::RoundRobin).is_empty());
    assert!(slow_start(Algorithm::WeightedRandom).is_empty());
    assert_eq!(
        slow_start(Algorithm::LeastOutstandingRequests),
        ["slowStart"]
    );
    assert_eq!(
        faults(|group| group.algorithm = Algorithm::FlowHash),
        ["algorithm"]
    );
    let mut network = TargetGroup::new("tcp", Protocol::Tcp);
    network.slow_start = span(60);
    network.algorithm = Algorithm::RoundRobin;
    let settings: Vec<&str> = network.faults().iter().map(|fault| fault.setting).collect();
    assert_eq!(settings, ["slowStart", "algorithm"]);
    let message = &group_of_one_zone().faults()[0].message;
    assert_eq!(
        message,
        "one zone; an Application Load Balancer has at least two"
    );
}

fn group_of_one_zone() -> TargetGroup {
    let mut group = group();
    group.availability_zones = vec!["us-east-1a".to_owned()];
    group
}

#[test]
fn a_new_target_is_healthy_after_one_passed_check() {
    // G125.
    let settings = group().monitor_settings();
    let ready = Monitor::new(settings, seconds(100), Answer::Passes);
    assert_eq!(ready.next_change(), Some((seconds(100), Health::Healthy)));
    // The application begins to answer 20 s later: the check at 130 s is the first to pass.
    let mut slow = Monitor::new(settings, seconds(100), Answer::Fails);
    slow.set_answer(seconds(120), Answer::Passes);
    assert_eq!(slow.next_change(), Some((seconds(130), Health::Healthy)));
    let mut group = group();
    group.health_check.phase = CheckPhase::Interval;
    let later = Monitor::new(group.monitor_settings(), seconds(100), Answer::Passes);
    assert_eq!(later.next_change(), Some((seconds(130), Health::Healthy)));
}

#[test]
fn a_target_that_is_dead_is_unhealthy_after_the_unhealthy_threshold() {
    let mut monitor = Monitor::new(group().monitor_settings(), seconds(0), Answer::Passes);
    monitor.take_change();
    monitor.set_answer(seconds(31), Answer::Fails);
    // Checks at 60 and 90 s fail.
    assert_eq!(
        monitor.next_change(),
        Some((seconds(90), Health::Unhealthy))
    );
    let mut monitor = Monitor::new(group().monitor_settings(), seconds(0), Answer::Passes);
    monitor.take_change();
    monitor.set_answer(seconds(30), Answer::TimesOut);
    // Checks at 30 and 60 s; the second has failed at its timeout.
    assert_eq!(
        monitor.next_change(),
        Some((seconds(65), Health::Unhealthy))
    );
}

#[test]
fn a_target_recovers_after_the_healthy_threshold() {
    let mut monitor = Monitor::new(group().monitor_settings(), seconds(0), Answer::Fails);
    assert_eq!(
        monitor.take_change(),
        Some((seconds(30), Health::Unhealthy))
    );
    monitor.set_answer(seconds(31), Answer::Passes);
    // Checks at 60, 90, 120, 150, 180 s: one that has failed before is no new target.
    assert_eq!(monitor.next_change(), Some((seconds(180), Health::Healthy)));
}

#[test]
fn requests_go_to_all_when_every_target_is_unhealthy() {
    for (initial, healthy, unhealthy, receiving) in [
        (0, 3, 2, 3),
        (0, 0, 2, 2),
        (1, 0, 2, 0),
        (1, 1, 0, 1),
        (0, 0, 0, 0),
    ] {
        let found = receiving_targets(initial, healthy, unhealthy);
        assert_eq!(found, receiving, "{initial} {healthy} {unhealthy}");
    }
}

#[test]
fn a_target_drains_for_the_deregistration_delay_and_is_unused() {
    // G126: deregistered, up to 300 s, and only then the stop signal.
    let group = group();
    assert_eq!(group.unused_at(seconds(50)), seconds(350));
    let state = |now| {
        group.state(
            Health::Healthy,
            "us-east-1a",
            Some(seconds(50)),
            seconds(now),
        )
    };
    assert_eq!(state(50), TargetState::Draining);
    assert_eq!(state(349), TargetState::Draining);
    assert_eq!(state(350), TargetState::Unused);
}

#[test]
fn targets_in_zones_that_are_not_enabled_are_unused() {
    let mut group = group_of_one_zone();
    let state = |group: &TargetGroup, zone| group.state(Health::Healthy, zone, None, seconds(0));
    assert_eq!(state(&group, "us-east-1a"), TargetState::Healthy);
    assert_eq!(state(&group, "us-east-1b"), TargetState::Unused);
    group.availability_zones.clear();
    assert_eq!(state(&group, "us-east-1b"), TargetState::Healthy);
    for (health, expected) in [
        (Health::Initial, TargetState::Initial),
        (Health::Unhealthy, TargetState::Unhealthy),
    ] {
        assert_eq!(
            group.state(health, "us-east-1b", None, seconds(0)),
            expected
        );
    }
}

#[test]
fn the_share_of_a_new_target_rises_over_the_slow_start() {
    let mut group = group();
    let full = group.weight(seconds(10), seconds(10), seconds(20));
    assert_eq!(full, 1_000, "without a slow start at once");
    group.slow_start = span(100);
    let weight = |from, to| group.weight(seconds(10), seconds(from), seconds(to));
    for (from, to, expected) in [
        (10, 10, 0),
        (35, 35, 250),
        (10, 110, 500),
        (10, 60, 250),
        (60, 110, 750),
        (60, 160, 875),
        (110, 110, 1_000),
        (110, 500, 1_000),
    ] {
        assert_eq!(weight(from, to), expected, "{from} {to}");
    }
    assert!(group.is_ramping(seconds(10), seconds(109)));
    assert!(!group.is_ramping(seconds(10), seconds(110)));
}
