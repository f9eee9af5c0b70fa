//! `whenFull`: refused, in strict order, or with backfill; attempts, failures, waits.

use crate::harness::{Ran, instant};

/// Work on one instance of 2,048 CPU units.
fn on_one(tasks: &str) -> Ran {
    instant(&format!(
        "containerInstances: [{{instanceType: m5.large}}]\ntasks:\n{tasks}"
    ))
}

fn waits(ran: &Ran) -> Vec<Option<u64>> {
    let wait = |task: &ecs_sim::record::TaskRow| {
        task.placed_at
            .get()
            .map(|at| at.since(task.submitted_at).0 / 1_000)
    };
    ran.tasks().iter().map(wait).collect()
}

/// A full instance until 10m, then a large task and a small one that would fit beside it.
fn line(large: &str, small: &str) -> Ran {
    on_one(&format!(
        "  - {{name: first, cpu: 1024, memory: 4, arrivals: {{at: 0s}}, runtime: 10m}}
  - {{name: large, cpu: 2048, memory: 4, arrivals: {{at: 1m}}, runtime: 10m, whenFull: {large}}}
  - {{name: small, cpu: 1024, memory: 4, arrivals: {{at: 2m}}, runtime: 1m, whenFull: {small}}}"
    ))
}

#[test]
fn fail_is_refused_at_once_and_never_tried_again() {
    let ran = line("fail", "fail");
    assert_eq!(waits(&ran), [Some(0), None, Some(0)]);
    assert_eq!(ran.task_column("last_status")[1], "NOT_PLACED");
    assert_eq!(ran.task_column("instance_id")[1], "");
    assert_eq!(ran.task_column("placed_ms")[1], "");
    assert_eq!(ran.run.placement.attempts, 3);
}

#[test]
fn a_waiting_queue_task_holds_back_every_later_queue_task() {
    let ran = line("queue", "queue");
    // The large one at 10m, the small one when that is over, at 20m.
    assert_eq!(waits(&ran), [Some(0), Some(540), Some(1_080)]);
}

#[test]
fn a_backfill_task_may_pass() {
    assert_eq!(
        waits(&line("queue", "backfill")),
        [Some(0), Some(540), Some(0)]
    );
    assert_eq!(
        waits(&line("backfill", "backfill")),
        [Some(0), Some(540), Some(0)]
    );
}

#[test]
fn a_waiting_backfill_task_holds_back_nobody() {
    assert_eq!(
        waits(&line("backfill", "queue")),
        [Some(0), Some(540), Some(0)]
    );
    assert_eq!(
        waits(&line("backfill", "fail")),
        [Some(0), Some(540), Some(0)]
    );
}

#[test]
fn there_is_one_queue_for_the_cluster_in_order_of_submission() {
    let ran = on_one(
        "  - {name: first, cpu: 2048, memory: 4, arrivals: {at: 0s}, runtime: 10m}
  - {name: b, cpu: 2048, memory: 4, arrivals: {every: 2m, from: 2m, until: 7m}, runtime: 1m,
      whenFull: queue}
  - {name: a, cpu: 2048, memory: 4, arrivals: {every: 2m, from: 1m, until: 6m}, runtime: 1m,
      whenFull: backfill}",
    );
    let mut by_place: Vec<(u64, String)> = ran
        .tasks()
        .iter()
        .zip(ran.task_column("task_id"))
        .map(|(task, id)| (task.placed_at.get().unwrap().0, id))
        .collect();
    by_place.sort();
    let order: Vec<&str> = by_place.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(order, ["first/1", "a/1", "b/1", "a/2", "b/2", "a/3", "b/3"]);
}

#[test]
fn the_queue_is_tried_before_arrivals_of_the_same_instant() {
    for new in ["fail", "queue", "backfill"] {
        let ran = on_one(&format!(
            "  - {{name: new, cpu: 2048, memory: 4, arrivals: {{at: 10m}}, whenFull: {new}}}
  - {{name: first, cpu: 2048, memory: 4, arrivals: {{at: 0s}}, runtime: 10m}}
  - {{name: waits, cpu: 2048, memory: 4, arrivals: {{at: 5m}}, whenFull: backfill}}"
        ));
        assert_eq!(waits(&ran), [Some(0), Some(300), None], "{new}");
    }
}

#[test]
fn what_frees_room_comes_before_arrivals_of_the_same_instant() {
    let ran = on_one(
        "  - {name: new, cpu: 2048, memory: 4, arrivals: {at: 10m}}
  - {name: first, cpu: 2048, memory: 4, arrivals: {at: 0s}, runtime: 10m}",
    );
    assert_eq!(waits(&ran), [Some(0), Some(0)]);
}

#[test]
fn what_no_instance_could_hold_when_empty_is_refused_at_once() {
    for when_full in ["queue", "backfill"] {
        let ran = on_one(&format!(
            "  - {{name: first, cpu: 2048, memory: 4, arrivals: {{at: 0s}}, runtime: 10m}}
  - {{name: waits, cpu: 2048, memory: 4, arrivals: {{at: 1m}}, whenFull: queue}}
  - {{name: huge, cpu: 2049, memory: 4, arrivals: {{at: 2m}}, whenFull: {when_full}}}
  - {{name: gpu, cpu: 1, memory: 4, gpu: 1, arrivals: {{at: 2m}}, whenFull: {when_full}}}"
        ));
        let status = ran.task_column("last_status");
        assert_eq!(
            status,
            ["STOPPED", "RUNNING", "NOT_PLACED", "NOT_PLACED"],
            "{when_full}"
        );
        let reasons = ran.task_column("stopped_reason");
        assert_eq!(
            reasons[2..],
            ["RESOURCE:CPU", "RESOURCE:CPU"],
            "{when_full}"
        );
    }
}

#[test]
fn a_constraint_that_other_tasks_can_meet_is_waited_for() {
    // `task:group` may come to hold: the task waits until its fellow is there.
    let ran = on_one(
        "  - {name: follower, cpu: 1, memory: 4, arrivals: {at: 0s}, whenFull: queue,
      placementConstraints: [{type: memberOf, expression: 'task:group == leaders'}]}
  - {name: leader, group: leaders, cpu: 1, memory: 4, arrivals: {at: 5m}}",
    );
    assert_eq!(waits(&ran), [Some(300), Some(0)]);
}

#[test]
fn entries_of_one_instant_go_in_the_order_of_the_scenario() {
    let ran = on_one(
        "  - {name: z, cpu: 1, memory: 4, count: 2, arrivals: {every: 1m, until: 2m}}
  - {name: a, cpu: 1, memory: 4, arrivals: {at: 1m, count: 2}}
  - {name: m, cpu: 1, memory: 4, arrivals: {at: 0s}}",
    );
    assert_eq!(
        ran.task_column("task_id"),
        ["z/1", "z/2", "m/1", "z/3", "z/4", "a/1", "a/2"]
    );
}

#[test]
fn retries_count_as_attempts_and_each_refusal_as_a_failure() {
    // `waits` is refused at 1m, again when `b` ends at 5m, and placed at 10m.
    let ran = on_one(
        "  - {name: a, cpu: 1024, memory: 4, arrivals: {at: 0s}, runtime: 10m}
  - {name: b, cpu: 512, memory: 4, arrivals: {at: 0s}, runtime: 5m}
  - {name: waits, cpu: 2048, memory: 4, arrivals: {at: 1m}, whenFull: queue}",
    );
    assert_eq!(ran.run.placement.attempts, 5);
    assert_eq!(ran.summary.placement.failures["RESOURCE:CPU"], 2);
    assert_eq!(ran.summary.placement.failures.len(), 1);
}

#[test]
fn waits_are_of_placed_tasks_by_nearest_rank() {
    // Waits of 0, 60, 120, ... 540 s: ten tasks of a minute come at once.
    let ran = on_one(
        "  - {name: t, cpu: 2048, memory: 4, arrivals: {at: 0s, count: 10}, runtime: 1m,
      whenFull: queue}
  - {name: refused, cpu: 9999, memory: 4, arrivals: {at: 0s}}",
    );
    let wait = &ran.summary.placement.wait_ms;
    assert_eq!(
        (wait.p50, wait.p90, wait.p99),
        (Some(240_000), Some(480_000), Some(540_000))
    );
    assert_eq!((wait.max, wait.mean), (Some(540_000), Some(270_000.0)));
}

#[test]
fn waits_are_null_when_nothing_was_placed() {
    let ran = on_one("  - {name: refused, cpu: 9999, memory: 4, arrivals: {at: 0s}}");
    let wait = &ran.summary.placement.wait_ms;
    assert_eq!(
        (wait.p50, wait.p99, wait.max, wait.mean),
        (None, None, None, None)
    );
    let json: serde_json::Value = serde_json::from_str(&ran.json()).unwrap();
    assert!(json["placement"]["waitMs"]["p50"].is_null());
    assert!(
        json["placement"]["waitMs"]
            .as_object()
            .unwrap()
            .contains_key("mean")
    );
}
