//! Arrivals, runtimes, traces.

mod cron;
mod schedule;
mod spec;

pub use schedule::{Schedule, ScheduleError};
pub use spec::{Arrivals, Runtime, Source, Submission, TaskLatencies, TraceSpec, WorkloadEntry};
