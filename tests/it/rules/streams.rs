//! Random streams are keyed by purpose and name: what is added leaves the rest alone.

use ecs_sim::kernel::Streams;

use crate::harness::{Ran, instant, run};

const WORK: &str = "
  - {name: a, cpu: 64, memory: 64, arrivals: {poisson: {perHour: 120}},
      runtime: {exponential: {mean: 5m}}}
  - {name: b, cpu: 64, memory: 64, arrivals: {poisson: {perHour: 60}},
      runtime: {lognormal: {mean: 3m, sigma: 1}}}
";

/// Submission and runtime of each task of an entry.
fn luck(ran: &Ran, entry: &str) -> Vec<(u64, Option<u64>, u64)> {
    let rows = ran
        .tasks()
        .iter()
        .filter(|task| ran.run.entry_name(task.entry) == entry);
    rows.map(|task| {
        let span = task.started_at.get().zip(task.stopped_at.get());
        let ran_for = span.map(|(started, stopped)| stopped.since(started).0);
        (task.submitted_at.0, ran_for, task.number)
    })
    .collect()
}

#[test]
fn an_entry_more_leaves_the_others_arrivals_and_runtimes_alone() {
    let fleet = "containerInstances: [{instanceType: m5.24xlarge, count: 3}]\ntasks:";
    let base = instant(&format!("{fleet}{WORK}"));
    let before = instant(&format!(
        "{fleet}\n  - {{name: new, cpu: 64, memory: 64, arrivals: {{poisson: {{perHour: 90}}}},
      runtime: {{exponential: {{mean: 1m}}}}}}{WORK}"
    ));
    for entry in ["a", "b"] {
        assert!(luck(&base, entry).len() > 20);
        assert_eq!(luck(&base, entry), luck(&before, entry), "{entry}");
    }
    assert_ne!(luck(&base, "a"), luck(&base, "b"));
}

#[test]
fn an_instance_more_leaves_arrivals_and_runtimes_alone() {
    let text = |count: u32| {
        format!("containerInstances: [{{instanceType: m5.24xlarge, count: {count}}}]\ntasks:{WORK}")
    };
    let (few, many) = (instant(&text(3)), instant(&text(4)));
    for entry in ["a", "b"] {
        assert_eq!(luck(&few, entry), luck(&many, entry), "{entry}");
    }
    assert_ne!(few.places(), many.places());
}

#[test]
fn a_draw_of_random_depends_on_the_task_alone() {
    // The same work beside an entry that takes its places by binpack.
    let text = |more: &str| {
        format!(
            "containerInstances: [{{instanceType: m5.24xlarge, count: 5}}]
tasks:
  - {{name: r, cpu: 1, memory: 4, arrivals: {{every: 1m}}}}
{more}"
        )
    };
    let alone = instant(&text(""));
    let other = "  - {name: other, cpu: 1, memory: 4, arrivals: {every: 30s}}";
    let beside = instant(&text(other));
    let of_r: Vec<_> = beside
        .tasks()
        .iter()
        .filter(|task| beside.run.entry_name(task.entry) == "r")
        .map(|task| task.instance.map(|id| id.0))
        .collect();
    assert_eq!(alone.places(), of_r);
}

/// How long each task of one entry ran, by number and attempt.
fn spans(text: &str) -> Vec<(u64, u16, u64)> {
    let ran = run(text);
    let rows = ran.tasks().iter();
    rows.map(|task| {
        let ended = task.stopped_at.get().expect("each is struck");
        let started = task.started_at.get().expect("each starts");
        (task.number, task.attempt, ended.since(started).0)
    })
    .collect()
}

#[test]
fn each_attempt_has_draws_of_its_own_and_leaves_the_first_alone() {
    // A drawn exit, and a drawn interruption: both strike every attempt.
    let exits = "containerInstances: [{instanceType: m5.large}]
taskDefinitions: [{family: job, containerDefinitions: [{name: a, image: a, cpu: 64, memory: 64}]}]
taskBehaviors: [{taskDefinition: job, exit: {after: {exponential: {mean: 10m}}}}]
tasks: [{name: job, taskDefinition: job, arrivals: {at: 0s, count: 9}";
    let spot = "fargate: {spot: {timeToInterruption: {exponential: {mean: 10m}}}}
taskDefinitions: [{family: job, cpu: 256, memory: 512, networkMode: awsvpc,
  requiresCompatibilities: [FARGATE], containerDefinitions: [{name: a, image: a}]}]
tasks: [{name: job, taskDefinition: job, arrivals: {at: 0s, count: 9},
  capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT, weight: 1}]";
    for body in [exits, spot] {
        let text = |attempts: u16| {
            format!(
                "duration: 30d\nlatencies: {{instant: true}}\n{body}, \
                 retryStrategy: {{attempts: {attempts}}}}}]"
            )
        };
        let (once, thrice) = (spans(&text(1)), spans(&text(3)));
        assert_eq!((once.len(), thrice.len()), (9, 27));
        let of = |attempt: u16| {
            let rows = thrice.iter().filter(move |row| row.1 == attempt);
            let mut rows: Vec<(u64, u64)> = rows.map(|row| (row.0, row.2)).collect();
            rows.sort_unstable();
            rows
        };
        let mut first: Vec<(u64, u64)> = once.iter().map(|row| (row.0, row.2)).collect();
        first.sort_unstable();
        assert_eq!(of(1), first);
        for number in 0..9 {
            let luck = [of(1)[number].1, of(2)[number].1, of(3)[number].1];
            assert!(
                luck[0] != luck[1] && luck[1] != luck[2] && luck[0] != luck[2],
                "{luck:?}"
            );
        }
    }
}

#[test]
fn a_retry_of_start_task_goes_to_the_instance_that_it_names() {
    let ran = run("duration: 1h
latencies: {instant: true}
containerInstances: [{instanceType: m5.large, count: 4}]
taskDefinitions: [{family: job, containerDefinitions: [{name: a, image: a, cpu: 64, memory: 64}]}]
taskBehaviors: [{taskDefinition: job, exit: {after: 1m}}]
tasks:
  - name: job
    taskDefinition: job
    arrivals: {at: 0s, count: 2}
    startTask: {containerInstances: [i-00000000000000003, i-00000000000000001]}
    retryStrategy: {attempts: 3}
");
    let rows = ran.tasks().iter();
    let mut places: Vec<(u64, u16, Option<u32>)> = rows
        .map(|task| (task.number, task.attempt))
        .zip(ran.places())
        .map(|((number, attempt), place)| (number, attempt, place))
        .collect();
    places.sort_unstable();
    let named = [3, 1, 3, 1].into_iter().zip(1..);
    let expected = named.flat_map(|(on, number)| (1..=3).map(move |of| (number, of, Some(on))));
    assert_eq!(places, expected.collect::<Vec<_>>());
}

#[test]
fn latencies_are_drawn_apart_from_runtimes() {
    let text = |latencies: &str| {
        format!(
            "duration: 1h\nlatencies: {latencies}\n\
             containerInstances: [{{instanceType: m5.24xlarge, count: 3}}]\ntasks:{WORK}"
        )
    };
    let instant = run(&text("{instant: true}"));
    let slow = run(&text("{start: {uniform: {min: 1s, max: 9s}}, stop: 0s}"));
    let ended = |ran: &Ran| -> Vec<(u64, u64)> {
        luck(ran, "a")
            .into_iter()
            .filter_map(|(at, span, _)| Some((at, span?)))
            .collect()
    };
    let (fast, slow) = (ended(&instant), ended(&slow));
    // The last ones may end beyond the run where they start later.
    let common = fast.iter().filter(|task| slow.contains(task)).count();
    assert_eq!(common, slow.len());
    assert!(slow.len() > 20 && slow.len() + 5 > fast.len());
}

/// The documented draws: at most 64 over all instances in order until one is a candidate, then one
/// over the candidates.
fn drawn(seed: u64, task: u64, instances: u64, candidates: &[u64]) -> u64 {
    let mut stream = Streams::new(seed).family("placement", "t/").open(task);
    for _ in 0..64 {
        let instance = stream.below(instances);
        if candidates.contains(&instance) {
            return instance;
        }
    }
    let last = u64::try_from(candidates.len()).expect("few");
    candidates[usize::try_from(stream.below(last)).expect("few")]
}

#[test]
fn random_draws_by_the_documented_rule() {
    // Candidates are common, rare, and so rare that the 64 draws mostly miss them.
    for (before, prod, after) in [(0, 5, 0), (7, 3, 2), (500, 2, 700)] {
        let fleet = |count: u64, more: &str| {
            let line = format!("  - {{instanceType: m5.24xlarge, count: {count}{more}}}\n");
            if count > 0 { line } else { String::new() }
        };
        let ran = instant(&format!(
            "seed: 42
containerInstances:
{}{}{}tasks:
  - {{name: t, cpu: 1, memory: 4, arrivals: {{at: 0s, count: 40}},
      placementConstraints: [{{type: memberOf, expression: 'attribute:stack == prod'}}]}}",
            fleet(before, ""),
            fleet(prod, ", attributes: {stack: prod}"),
            fleet(after, "")
        ));
        let candidates: Vec<u64> = (before..before + prod).collect();
        let all = before + prod + after;
        let expected = (1..=40).map(|task| drawn(42, task, all, &candidates));
        let places = ran.places().into_iter().map(|place| place.map(u64::from));
        let expected: Vec<Option<u64>> = expected.map(Some).collect();
        assert_eq!(
            places.collect::<Vec<_>>(),
            expected,
            "{before} {prod} {after}"
        );
    }
}
