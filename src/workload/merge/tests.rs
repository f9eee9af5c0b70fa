//! The stream of submissions: its order, its numbers, its luck.

use tempfile::TempDir;

use super::Workload;
use crate::kernel::{Distribution, Streams, exponential};
use crate::units::{CpuUnits, MemoryMib, Millis, SimTime};
use crate::workload::{
    Arrivals, Runtime, Schedule, Source, Submission, TaskLatencies, TraceError, TraceSpec,
    WorkloadEntry,
};

const INSTANT: TaskLatencies = TaskLatencies {
    start: Distribution::Fixed(Millis::ZERO),
    stop: Distribution::Fixed(Millis::ZERO),
};
const FOR_EVER: SimTime = SimTime(u64::MAX);

fn generated(name: &str, arrivals: Arrivals, count: u32, runtime: Runtime) -> WorkloadEntry {
    WorkloadEntry {
        name: name.to_owned(),
        source: Source::Generated {
            arrivals,
            count,
            runtime,
        },
    }
}

fn at(name: &str, at: u64, count: u64) -> WorkloadEntry {
    generated(
        name,
        Arrivals::At {
            at: SimTime(at),
            count,
        },
        1,
        Runtime::UntilEnd,
    )
}

fn every(name: &str, interval: u64, from: u64, until: Option<u64>) -> WorkloadEntry {
    let until = until.map(SimTime);
    let arrivals = Arrivals::Every {
        interval: Millis(interval),
        from: SimTime(from),
        until,
    };
    generated(name, arrivals, 1, Runtime::UntilEnd)
}

fn poisson(name: &str, mean_gap_ms: f64, runtime: Distribution) -> WorkloadEntry {
    let arrivals = Arrivals::Poisson {
        mean_gap_ms,
        from: SimTime::ZERO,
        until: None,
    };
    generated(name, arrivals, 1, Runtime::Drawn(runtime))
}

fn scheduled(name: &str, schedule: &str) -> WorkloadEntry {
    let schedule = Schedule::parse(schedule).unwrap();
    generated(name, Arrivals::Schedule(schedule), 1, Runtime::UntilEnd)
}

fn workload_with(
    entries: &[WorkloadEntry],
    latencies: &TaskLatencies,
    end: SimTime,
) -> Result<Workload, TraceError> {
    let start = "2026-01-05T00:00:00Z".parse().unwrap();
    let flags = vec![false; entries.len()];
    Workload::new(entries, latencies, &Streams::new(7), start, end, &flags)
}

fn workload(entries: &[WorkloadEntry], end: u64) -> Workload {
    workload_with(entries, &INSTANT, SimTime(end)).unwrap()
}

fn all(mut workload: Workload) -> (Vec<Submission>, u64) {
    let mut submissions = Vec::new();
    loop {
        let next_at = workload.next_at();
        let submission = workload.next().unwrap();
        assert_eq!(next_at, submission.as_ref().map(|submission| submission.at));
        match submission {
            Some(submission) => submissions.push(submission),
            None => return (submissions, workload.beyond_end()),
        }
    }
}

/// Each submission as `time entry/number.index_in_call`.
fn list(entries: &[WorkloadEntry], end: u64) -> (String, u64) {
    let (submissions, beyond) = all(workload(entries, end));
    let words: Vec<String> = submissions
        .iter()
        .map(|s| format!("{} {}/{}.{}", s.at.0, s.entry, s.number, s.index_in_call))
        .collect();
    (words.join(", "), beyond)
}

#[test]
fn each_call_submits_its_count_of_tasks_and_numbers_run_on() {
    let entry = generated(
        "a",
        Arrivals::At {
            at: SimTime(5),
            count: 2,
        },
        3,
        Runtime::Drawn(Distribution::Fixed(Millis(9))),
    );
    let (submissions, beyond) = all(workload(&[entry], 100));
    let numbers: Vec<_> = submissions
        .iter()
        .map(|s| (s.at.0, s.number, s.index_in_call))
        .collect();
    assert_eq!(
        numbers,
        [
            (5, 1, 0),
            (5, 2, 1),
            (5, 3, 2),
            (5, 4, 0),
            (5, 5, 1),
            (5, 6, 2)
        ]
    );
    assert!(submissions.iter().all(|s| s.runtime == Some(Millis(9))));
    assert_eq!(beyond, 0);
}

#[test]
fn regular_calls_begin_at_from_and_end_before_until() {
    assert_eq!(
        list(&[every("a", 10, 3, Some(23))], 100).0,
        "3 0/1.0, 13 0/2.0"
    );
    assert_eq!(
        list(&[every("a", 10, 3, Some(24))], 100).0,
        "3 0/1.0, 13 0/2.0, 23 0/3.0"
    );
    assert_eq!(list(&[every("a", 10, 3, Some(3))], 100).0, "");
    // The run covers [0, end): what falls on its end does not happen.
    assert_eq!(list(&[every("a", 10, 0, None)], 20).0, "0 0/1.0, 10 0/2.0");
}

#[test]
fn entries_merge_by_time_then_by_their_place_in_the_scenario() {
    let entries = [
        every("late", 10, 10, None),
        at("batch", 10, 2),
        every("early", 5, 0, Some(11)),
    ];
    let expected = "0 2/1.0, 5 2/2.0, 10 0/1.0, 10 1/1.0, 10 1/2.0, 10 2/3.0, 20 0/2.0";
    assert_eq!(list(&entries, 30), (expected.to_owned(), 0));
}

#[test]
fn schedules_count_from_the_start_of_the_scenario() {
    let entries = [
        scheduled("nightly", "cron(0 2 * * ? *)"),
        scheduled("rate", "rate(12 hours)"),
        scheduled("once", "at(2026-01-05T00:00:00)"),
    ];
    let (submissions, beyond) = all(workload(&entries, Millis::DAY.0 * 2));
    let hours: Vec<_> = submissions
        .iter()
        .map(|s| (s.at.0 / Millis::HOUR.0, s.entry))
        .collect();
    assert_eq!(
        hours,
        [(0, 1), (0, 2), (2, 0), (12, 1), (24, 1), (26, 0), (36, 1)]
    );
    assert_eq!(beyond, 0);
}

#[test]
fn what_lies_beyond_the_end_is_counted_where_it_is_finite() {
    assert_eq!(list(&[at("a", 50, 7)], 50), (String::new(), 7));
    assert_eq!(list(&[at("a", 49, 1)], 50), ("49 0/1.0".to_owned(), 0));
    // 50, 60, 70, 80 of 40 to 80.
    assert_eq!(
        list(&[every("a", 10, 40, Some(81))], 50),
        ("40 0/1.0".to_owned(), 4)
    );
    assert_eq!(
        list(&[every("a", 10, 40, Some(80))], 50),
        ("40 0/1.0".to_owned(), 3)
    );
    assert_eq!(list(&[every("a", 10, 40, None)], 50).1, 0);
    assert_eq!(list(&[scheduled("a", "at(2026-01-06T00:00:00)")], 50).1, 1);
    assert_eq!(list(&[scheduled("a", "at(2026-01-04T00:00:00)")], 50).1, 0);
    assert_eq!(list(&[scheduled("a", "cron(0 0 6 1 ? *)")], 50).1, 0);
    assert_eq!(list(&[at("a", 0, 0)], 50), (String::new(), 0));
    let huge = generated(
        "a",
        Arrivals::At {
            at: SimTime(9),
            count: u64::MAX,
        },
        10,
        Runtime::UntilEnd,
    );
    assert_eq!(
        list(std::slice::from_ref(&huge), 9),
        (String::new(), u64::MAX)
    );
    // Inside the run such an entry costs no memory.
    let mut endless = workload(&[huge], 10);
    let mut last = 0;
    for _ in 0..1_000 {
        last = endless.next().unwrap().unwrap().number;
    }
    assert_eq!(last, 1_000);
}

#[test]
fn the_end_of_time_ends_regular_calls() {
    let entry = every("a", u64::MAX / 2, u64::MAX - 5, None);
    assert_eq!(
        all(workload_with(&[entry], &INSTANT, FOR_EVER).unwrap())
            .0
            .len(),
        1
    );
}

#[test]
fn all_luck_comes_from_the_stream_of_the_task_in_a_fixed_order() {
    let law = Distribution::Exponential { mean_ms: 60_000.0 };
    let start = Distribution::Uniform {
        min: Millis(0),
        max: Millis(1_000),
    };
    let stop = Distribution::Lognormal {
        median_ms: 500.0,
        sigma: 1.0,
    };
    let latencies = TaskLatencies {
        start: start.clone(),
        stop: stop.clone(),
    };
    let entries = [poisson("jobs", 1_000.0, law.clone()), at("other", 0, 3)];
    let (submissions, _) = all(workload_with(&entries, &latencies, SimTime(100_000)).unwrap());
    let jobs: Vec<_> = submissions.iter().filter(|s| s.entry == 0).collect();
    assert!(jobs.len() > 50);
    let mut position = 0.0;
    for job in jobs {
        let mut stream = Streams::new(7).open("task", &format!("jobs/{}", job.number));
        position += exponential(1_000.0, &mut stream);
        assert_eq!(job.at.0, crate::kernel::round_half_up(position));
        assert_eq!(job.runtime, Some(law.sample(&mut stream)));
        assert_eq!(job.start_latency, start.sample(&mut stream));
        assert_eq!(job.stop_latency, stop.sample(&mut stream));
    }
    for other in submissions.iter().filter(|s| s.entry == 1) {
        let mut stream = Streams::new(7).open("task", &format!("other/{}", other.number));
        assert_eq!(other.start_latency, start.sample(&mut stream));
        assert_eq!(other.stop_latency, stop.sample(&mut stream));
    }
}

#[test]
fn an_entry_more_leaves_the_luck_of_the_others_alone() {
    let law = Distribution::Exponential { mean_ms: 60_000.0 };
    let jobs = poisson("jobs", 1_000.0, law.clone());
    let alone = all(workload(std::slice::from_ref(&jobs), 50_000)).0;
    let both = all(workload(&[jobs, poisson("more", 700.0, law)], 50_000)).0;
    let jobs: Vec<_> = both.into_iter().filter(|s| s.entry == 0).collect();
    assert_eq!(alone, jobs);
}

#[test]
fn a_call_by_poisson_is_one_instant_for_all_of_its_tasks() {
    let arrivals = Arrivals::Poisson {
        mean_gap_ms: 1_000.0,
        from: SimTime(500),
        until: Some(SimTime(9_000)),
    };
    let entry = generated("a", arrivals, 3, Runtime::UntilEnd);
    let (submissions, beyond) = all(workload(&[entry], 100_000));
    assert!(submissions.len() > 6 && submissions.len().is_multiple_of(3));
    for call in submissions.chunks(3) {
        assert!(call.iter().all(|task| task.at == call[0].at));
        assert!((500..9_000).contains(&call[0].at.0));
    }
    assert_eq!(beyond, 0);
}

#[test]
fn poisson_arrivals_keep_their_rate_even_when_gaps_are_below_a_millisecond() {
    for (mean_gap_ms, end, expected) in [(0.25, 25_000, 100_000), (40.0, 4_000_000, 100_000)] {
        let entry = poisson("a", mean_gap_ms, Distribution::Fixed(Millis::ZERO));
        let count = all(workload(&[entry], end)).0.len();
        // The count is Poisson: standard deviation 316, five of them on either side.
        assert!(count.abs_diff(expected) <= 1_581, "{mean_gap_ms}: {count}");
    }
}

fn trace(directory: &TempDir, content: &str, sorted: bool) -> WorkloadEntry {
    let path = directory.path().join("jobs.csv");
    std::fs::write(
        &path,
        format!("submit_s,duration_s,cpu,memory,name\n{content}"),
    )
    .unwrap();
    let spec = TraceSpec {
        path,
        sorted,
        definitions: Vec::new(),
    };
    WorkloadEntry {
        name: "replay".to_owned(),
        source: Source::Trace(spec),
    }
}

#[test]
fn a_trace_is_replayed_between_other_entries() {
    let directory = TempDir::new().unwrap();
    let replay = trace(
        &directory,
        "1,60,256,512,first\n1,,128,64,\n2,0,1,1,\n9,1,1,1,\n",
        true,
    );
    let (submissions, beyond) = all(workload(&[replay, at("a", 1_000, 1)], 9_000));
    let order: Vec<_> = submissions
        .iter()
        .map(|s| (s.at.0, s.entry, s.number))
        .collect();
    assert_eq!(
        order,
        [(1_000, 0, 1), (1_000, 0, 2), (1_000, 1, 1), (2_000, 0, 3)]
    );
    assert_eq!(beyond, 1);
    let first = &submissions[0];
    assert_eq!(first.runtime, Some(Millis(60_000)));
    assert_eq!(
        (first.cpu, first.memory),
        (Some(CpuUnits(256)), Some(MemoryMib(512)))
    );
    assert_eq!(first.name.as_deref(), Some("first"));
    assert_eq!(submissions[1].runtime, None);
}

#[test]
fn an_unsorted_trace_is_sorted_stably_and_numbered_in_order_of_submission() {
    let directory = TempDir::new().unwrap();
    let replay = trace(
        &directory,
        "5,1,1,1,a\n1,1,1,1,b\n9,1,1,1,c\n5,1,1,1,d\n",
        false,
    );
    let (submissions, beyond) = all(workload(&[replay], 9_000));
    let order: Vec<_> = submissions
        .iter()
        .map(|s| (s.number, s.name.as_deref().unwrap()))
        .collect();
    assert_eq!(order, [(1, "b"), (2, "a"), (3, "d")]);
    assert_eq!(beyond, 1);
}

#[test]
fn rows_of_a_trace_draw_their_latencies_from_their_own_streams() {
    let directory = TempDir::new().unwrap();
    let replay = trace(&directory, "1,60,256,512,\n2,60,256,512,\n", true);
    let start = Distribution::Uniform {
        min: Millis(0),
        max: Millis(1_000_000),
    };
    let latencies = TaskLatencies {
        start: start.clone(),
        ..INSTANT
    };
    let (submissions, _) = all(workload_with(&[replay], &latencies, FOR_EVER).unwrap());
    for (submission, entity) in submissions.iter().zip(["replay/1", "replay/2"]) {
        let mut stream = Streams::new(7).open("task", entity);
        assert_eq!(submission.start_latency, start.sample(&mut stream));
    }
}

#[test]
fn a_faulty_row_is_an_error_also_beyond_the_end() {
    let directory = TempDir::new().unwrap();
    let replay = trace(
        &directory,
        "1,1,1,1,\n2,1,1,1,\n99,1,1,1,\n99,1,x,1,\n",
        true,
    );
    let mut workload = workload(&[replay], 50_000);
    assert_eq!(workload.next().unwrap().unwrap().number, 1);
    let error = workload.next().unwrap_err();
    assert_eq!((error.row, error.column.as_deref()), (Some(4), Some("cpu")));
    let missing = trace(&directory, "1,1,1,1,\n", true);
    std::fs::remove_file(directory.path().join("jobs.csv")).unwrap();
    assert!(workload_with(&[missing], &INSTANT, FOR_EVER).is_err());
}
