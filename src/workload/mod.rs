//! Arrivals, runtimes, traces: when tasks are submitted and what each of them needs.
//!
//! A scenario's entries ([`WorkloadEntry`]) go in, a stream of [`Submission`]s comes out, ordered
//! and with all luck already drawn ([`Workload`]). It is made as the simulation goes along: a
//! million tasks cost no more memory than one. What the cluster does with them is not known here.

mod cron;
mod generator;
pub mod load;
mod merge;
mod number;
mod schedule;
mod spec;
mod trace;

pub use merge::Workload;
pub use schedule::{Schedule, ScheduleError};
pub use spec::{Arrivals, Runtime, Source, Submission, TaskLatencies, TraceSpec, WorkloadEntry};
pub use trace::{TraceError, TraceSummary, scan_trace};
