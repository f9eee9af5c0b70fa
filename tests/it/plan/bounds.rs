//! Nothing is left out that could have been the answer: what a random run has shown to be possible,
//! no bound calls impossible.

use ecs_sim::cost::Summary;
use ecs_sim::experiment::plan::{Demand, FixedFleet, Limit, Requirement};
use ecs_sim::experiment::run_once;
use ecs_sim::scenario::Scenario;
use ecs_sim::units::Fixed;
use proptest::prelude::*;

use crate::harness::scenario;
use crate::invariants::{any_scenario, any_service_scenario};

/// Figures that a requirement is made of, as this run has them.
fn figures(summary: &Summary) -> Vec<(&'static str, u64)> {
    let (tasks, wait) = (&summary.tasks, &summary.placement.wait_ms);
    let waits = [
        ("placement.waitMs.p50", wait.p50),
        ("placement.waitMs.p90", wait.p90),
        ("placement.waitMs.p99", wait.p99),
        ("placement.waitMs.max", wait.max),
    ];
    let counts = [
        ("tasks.notPlaced", Some(tasks.not_placed)),
        ("tasks.waiting", tasks.waiting),
        ("tasks.pending", Some(tasks.pending)),
        ("tasks.running", Some(tasks.running)),
    ];
    let all = counts.into_iter().chain(waits);
    all.filter_map(|(path, value)| Some((path, value?)))
        .collect()
}

/// The limits that a run just keeps, those of a mask.
fn limits(summary: &Summary, mask: u8) -> Vec<Limit<'static>> {
    let figures = figures(summary).into_iter().enumerate();
    let chosen = figures.filter(|(place, _)| mask & (1 << place) != 0);
    chosen
        .map(|(_, (path, value))| Limit {
            path,
            most: Fixed::from(value),
            below: false,
        })
        .collect()
}

/// Whether the bounds leave a scenario in that has just kept its limits.
fn is_left_in(scenario: &Scenario, summary: &Summary, mask: u8) -> bool {
    let limits = limits(summary, mask);
    let requirement = Requirement::of(&limits, !scenario.services.is_empty());
    let fleet = FixedFleet::of(scenario);
    let demand = Demand::of(scenario, scenario.seed, &requirement);
    demand.is_none_or(|demand| fleet.may_hold(&demand))
}

/// What the bill is at least, and what it was.
fn costs(scenario: &Scenario, summary: &Summary) -> (Fixed, Fixed) {
    let read = |text: String| Fixed::parse(&text).expect("money");
    let least = FixedFleet::of(scenario)
        .least("cost.totalUsd")
        .expect("known");
    (least, read(summary.cost.total_usd.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_bound_leaves_out_what_a_run_has_shown_to_be_possible(text in any_scenario(), masks in any::<[u8; 4]>()) {
        let scenario = scenario(&text);
        let summary = run_once(&scenario).expect("it runs");
        for mask in masks.into_iter().chain([255, 3, 0b1000_0011]) {
            prop_assert!(is_left_in(&scenario, &summary, mask), "{mask:b}\n{text}");
        }
        let (least, bill) = costs(&scenario, &summary);
        prop_assert_eq!(least, bill);
    }

    #[test]
    fn no_bound_leaves_out_what_services_have_shown_to_be_possible(text in any_service_scenario(), mask in any::<u8>()) {
        let scenario = scenario(&text);
        let summary = run_once(&scenario).expect("it runs");
        for mask in [mask, 255] {
            prop_assert!(is_left_in(&scenario, &summary, mask), "{mask:b}\n{text}");
        }
        let (least, bill) = costs(&scenario, &summary);
        prop_assert!(least <= bill, "{least} {bill}\n{text}");
        if scenario.incidents.is_empty() {
            prop_assert_eq!(least, bill);
        }
    }
}

/// Whether a fleet of so many instances may hold work, by the checks given.
fn may_hold(count: u32, work: &str, checks: &[(&'static str, u64)]) -> bool {
    let text = format!(
        "duration: 1h
latencies: {{instant: true}}
containerInstances: [{{instanceType: m5.large, count: {count}}}]
tasks: [{work}]
"
    );
    let scenario = scenario(&text);
    let limits: Vec<Limit<'_>> = checks
        .iter()
        .map(|(path, most)| Limit {
            path,
            most: Fixed::from(*most),
            below: false,
        })
        .collect();
    let demand = Demand::of(&scenario, 1, &Requirement::of(&limits, false));
    FixedFleet::of(&scenario).may_hold(&demand.expect("it can be told"))
}

const NONE_REFUSED: (&str, u64) = ("tasks.notPlaced", 0);
const NONE_WAITS: (&str, u64) = ("tasks.waiting", 0);

#[test]
fn what_must_run_at_once_must_fit_at_once() {
    // An m5.large has 2,048 CPU units and 7,666 MiB or so: two of these, six of those.
    let cpu = "{name: a, cpu: 1024, memory: 64, runtime: 10m, arrivals: {at: 0s, count: 6}}";
    assert!(!may_hold(2, cpu, &[NONE_REFUSED]));
    assert!(may_hold(3, cpu, &[NONE_REFUSED]));
    assert!(may_hold(2, cpu, &[("tasks.notPlaced", 2)]));
    assert!(!may_hold(2, cpu, &[("tasks.notPlaced", 1)]));
    // Without a check that asks for it nothing must fit.
    assert!(may_hold(1, cpu, &[NONE_WAITS]));
}

#[test]
fn tasks_too_large_to_share_an_instance_need_one_each() {
    let big = "{name: a, cpu: 1100, memory: 64, runtime: 10m, arrivals: {at: 0s, count: 5}}";
    // 5,500 CPU units would fit into three instances of 2,048.
    assert!(!may_hold(4, big, &[NONE_REFUSED]));
    assert!(may_hold(5, big, &[NONE_REFUSED]));
}

#[test]
fn tasks_that_may_wait_need_room_by_the_end_of_their_wait() {
    let waiting = "{name: a, cpu: 1024, memory: 64, runtime: 10m, whenFull: queue, \
                   arrivals: {at: 0s, count: 8}}";
    let within = |most| [NONE_REFUSED, NONE_WAITS, ("placement.waitMs.max", most)];
    // After five minutes the last must have begun, and the first runs still.
    assert!(!may_hold(3, waiting, &within(300_000)));
    assert!(may_hold(4, waiting, &within(300_000)));
    // After ten minutes they need not overlap.
    assert!(may_hold(2, waiting, &within(600_000)));
    // Those who wait at the end have no wait: without a check on them nothing can be said.
    assert!(may_hold(
        1,
        waiting,
        &[NONE_REFUSED, ("placement.waitMs.max", 0)]
    ));
}

#[test]
fn all_that_must_be_over_must_fit_into_the_time_that_is_left() {
    // Thirty hours of one vCPU from minute 30 on.
    let late = "{name: a, cpu: 1024, memory: 64, runtime: 30m, whenFull: queue, \
                arrivals: {at: 30m, count: 60}}";
    let over = [NONE_REFUSED, ("tasks.pending", 0), ("tasks.running", 0)];
    assert!(!may_hold(29, late, &over));
    assert!(may_hold(30, late, &over));
}
