//! What a scenario says of its work: when tasks arrive, how long they run, where a trace is.

use std::path::PathBuf;

use crate::kernel::Distribution;
use crate::model::TaskDefinitionId;
use crate::units::{CpuUnits, MemoryMib, Millis, SimTime};

use super::Schedule;

/// When the tasks of an entry are submitted.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// `{at: 0s, count: 40}`.
    At {
        /// When.
        at: SimTime,
        /// How many RunTask calls.
        count: u64,
    },
    /// `{every: 10m, from: 0s}`: the first at `from`.
    Every {
        /// From one call to the next, more than 0.
        interval: Millis,
        /// The first call.
        from: SimTime,
        /// The last call lies before this point, when given.
        until: Option<SimTime>,
    },
    /// `{poisson: {perHour: 60}}`: exponential gaps.
    Poisson {
        /// The mean gap in milliseconds, more than 0.
        mean_gap_ms: f64,
        /// Where the process starts.
        from: SimTime,
        /// Where it ends, when given.
        until: Option<SimTime>,
    },
    /// `{schedule: "cron(0 2 * * ? *)"}`.
    Schedule(Schedule),
}

/// How long a task runs, counted from RUNNING.
#[derive(Debug, Clone, PartialEq)]
pub enum Runtime {
    /// Until the end of the run.
    UntilEnd,
    /// Drawn for each task.
    Drawn(Distribution),
}

/// A trace file to replay.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSpec {
    /// The file, plain or gzip (by its content, not its name).
    pub path: PathBuf,
    /// Whether rows stand in order of `submit_s`; if not, the file is read whole and sorted.
    pub sorted: bool,
    /// The task definitions that a row may name: `family` or `family:revision`, sorted by name.
    pub definitions: Vec<(String, TaskDefinitionId)>,
}

/// Where an entry's tasks come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Arrivals by rule, each a RunTask call for `count` tasks.
    Generated {
        /// When calls are made.
        arrivals: Arrivals,
        /// Tasks a call: RunTask's `count`, 1 to 10.
        count: u32,
        /// How long each task runs.
        runtime: Runtime,
    },
    /// Rows of a file.
    Trace(TraceSpec),
}

/// Start-up and stop latencies, drawn for each task when it is submitted.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskLatencies {
    /// From placement to RUNNING: ENI, image pull, container start.
    pub start: Distribution,
    /// From the end of the work to STOPPED.
    pub stop: Distribution,
}

/// One entry of `tasks`, as far as the workload looks at it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkloadEntry {
    /// The entry's unique name; the first half of its task ids and the name of its random streams.
    pub name: String,
    /// Where its tasks come from.
    pub source: Source,
}

/// One task as it is submitted, all its luck already drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Index of the entry in the scenario.
    pub entry: u32,
    /// n of the task id `<entry>/<n>`, from 1.
    pub number: u64,
    /// For generated work, which of its call's tasks this is, from 0; 0 for rows of a trace.
    pub index_in_call: u32,
    /// When.
    pub at: SimTime,
    /// The row's task definition, when a trace names one.
    pub definition: Option<TaskDefinitionId>,
    /// Overrides the definition's CPU.
    pub cpu: Option<CpuUnits>,
    /// Overrides the definition's memory.
    pub memory: Option<MemoryMib>,
    /// Overrides the definition's GPUs.
    pub gpus: Option<u32>,
    /// How long it runs; `None` is until the end.
    pub runtime: Option<Millis>,
    /// From placement to RUNNING.
    pub start_latency: Millis,
    /// From the end of the work to STOPPED.
    pub stop_latency: Millis,
    /// The row's own name.
    pub name: Option<Box<str>>,
}
