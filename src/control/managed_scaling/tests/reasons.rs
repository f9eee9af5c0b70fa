//! The line that tells why.

use super::{Group, waiting};
use crate::control::managed_scaling::ManagedScaling;
use crate::units::SimTime;

/// The reason after so many minutes.
fn said(mut group: Group, minutes: u32) -> String {
    group.minutes(minutes).reason.to_string()
}

fn with_steps(minimum: u32, maximum: u32) -> ManagedScaling {
    ManagedScaling {
        minimum_scaling_step_size: minimum,
        maximum_scaling_step_size: maximum,
        ..ManagedScaling::default()
    }
}

#[test]
fn tasks_that_wait_are_told_of() {
    let wait = |tasks| Group::with_target(100, 3, 3).with_waiting(tasks);
    assert_eq!(
        said(wait(5), 1),
        "5 tasks wait: 2 more instances would hold them"
    );
    assert_eq!(
        said(wait(1), 1),
        "1 task waits: 1 more instance would hold it"
    );
    let mut mixed = wait(3);
    mixed.waiting.push(waiting(1, 9_999, 1));
    assert_eq!(
        said(mixed, 1),
        "3 tasks wait: 1 more instance would hold them; another is too large for the smallest type"
    );
    let stepped = |minimum, maximum, tasks| {
        let group = Group::new(with_steps(minimum, maximum), 3, 3).with_waiting(tasks);
        said(group, 1)
    };
    assert_eq!(
        stepped(5, 10, 7),
        "7 tasks wait: 3 more instances would hold them, at least 5 come at a time"
    );
    assert_eq!(
        stepped(1, 10, 90),
        "90 tasks wait: 30 more instances would hold them, at most 10 come at a time"
    );
    assert_eq!(
        said(Group::with_target(100, 0, 0).with_waiting(3), 1),
        "3 tasks wait and no instance runs: two come first"
    );
}

#[test]
fn what_holds_back_a_scale_out_is_told_of() {
    let mut large = Group::with_target(100, 3, 3);
    large.waiting = vec![waiting(4, 9_999, 1), waiting(1, 1, 9_999)];
    assert_eq!(
        said(large, 1),
        "5 tasks wait, each too large for the smallest instance type: more would not help"
    );
    let mut warming = Group::with_target(100, 3, 3).with_waiting(5);
    (warming.latest_launch, warming.now) = (Some(SimTime::ZERO), SimTime(40_000));
    assert_eq!(
        said(warming, 1),
        "instances launched 1m 40s ago are still warming up, for 5m each"
    );
    let mut launching = Group::with_target(100, 3, 3).with_waiting(5);
    launching.launching = 2;
    assert_eq!(
        said(launching, 1),
        "2 instances are on the way, and will warm up for 5m"
    );
    let mut full = Group::with_target(100, 3, 3).with_waiting(5);
    full.max_size = 3;
    assert_eq!(
        said(full, 1),
        "5 instances are wanted, the group is at its maxSize of 3"
    );
    let mut asked = Group::with_target(100, 3, 3).with_waiting(5);
    asked.desired = 5;
    assert_eq!(said(asked, 1), "5 instances are asked for already");
}

#[test]
fn a_reservation_beside_the_target_is_told_of() {
    let of = Group::with_target;
    assert_eq!(said(of(100, 0, 0), 1), "no instance runs and no task waits");
    assert_eq!(
        said(of(75, 3, 4), 1),
        "3 of 4 instances are needed, as the target of 75 % has it"
    );
    assert_eq!(
        said(of(50, 2, 3), 1),
        "2 of 3 instances are needed: the target of 50 % keeps more spare"
    );
    assert_eq!(
        said(of(50, 0, 0), 1),
        "no instance runs: a target of 50 % keeps spare ones, and two come first"
    );
    assert_eq!(
        said(of(70, 2, 3), 20),
        "2 of 3 instances are needed, and fewer would exceed the target of 70 %"
    );
}

#[test]
fn a_low_reservation_is_told_of() {
    let of = Group::with_target;
    assert_eq!(
        said(of(100, 1, 3), 9),
        "low for 9 of 15 minutes: 1 of 3 instances is needed"
    );
    assert_eq!(
        said(of(100, 2, 3), 15),
        "low for 15 minutes: 2 of 3 instances are needed"
    );
    assert_eq!(
        said(of(100, 2, 26), 15),
        "low for 15 minutes: 2 of 26 instances are needed, less than half of the group goes in a \
         minute"
    );
    let mut least = of(100, 0, 3);
    least.min_size = 3;
    assert_eq!(
        said(least, 1),
        "0 of 3 instances are needed, the group is at its minSize of 3"
    );
}

#[test]
fn a_group_of_one_instance_is_told_of() {
    let of = |needed| Group::with_target(100, needed, 1);
    assert_eq!(
        said(of(0), 15),
        "low for 15 minutes: the one instance is not needed"
    );
    assert_eq!(
        said(of(1), 1),
        "the one instance is needed, as the target of 100 % has it"
    );
}
