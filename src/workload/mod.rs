//! Arrivals, runtimes, traces.

mod spec;

pub use spec::{Arrivals, Runtime, Source, Submission, TaskLatencies, TraceSpec, WorkloadEntry};

/// A `rate(...)`, `cron(...)` or `at(...)` schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule;
