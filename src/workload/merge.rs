//! All entries' submissions in one order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use jiff::Timestamp;

use super::generator::Generator;
use super::spec::{Runtime, Source, Submission, TaskLatencies, TraceSpec, WorkloadEntry};
use super::trace::{TraceError, TraceReader, TraceRow};
use crate::kernel::{Distribution, Stream, StreamFamily, Streams};
use crate::units::{Millis, SimTime, id, index};

/// The submissions of a scenario's entries, in the order of time, of entries in the scenario and
/// of tasks within the entry. They are made one at a time: only the next of each entry is in
/// memory, unless a trace has to be sorted.
pub struct Workload {
    producers: Vec<Producer>,
    /// The next submission of each entry.
    pending: Vec<Option<Submission>>,
    /// When the entries submit next; entries that have ended are not in it.
    order: BinaryHeap<Reverse<(SimTime, u32)>>,
    latencies: TaskLatencies,
    end: SimTime,
    beyond_end: u64,
}

/// Makes the submissions of one entry.
struct Producer {
    entry: u32,
    /// How many tasks the entry has submitted.
    number: u64,
    source: Submissions,
    /// Whether anything of a task is drawn at all; if not, no stream is opened.
    draws: bool,
    family: StreamFamily,
}

enum Submissions {
    Generated(Generator, Runtime),
    Trace(Box<TraceReader>),
    Sorted(std::vec::IntoIter<TraceRow>),
}

impl Workload {
    /// The submissions of these entries from the scenario's start to before `end`.
    ///
    /// `start` is what schedules count from; `has_default_definition` says for each entry whether
    /// it names a task definition, so that the rows of its trace may leave amounts to it. All that
    /// is drawn for a task comes from the stream (`"task"`, `"<entry's name>/<n>"`), in the order:
    /// gap before the call (Poisson arrivals, first task of a call), runtime, start latency, stop
    /// latency. Fixed laws draw nothing.
    ///
    /// # Errors
    /// When a trace cannot be opened or the first row is faulty; any row, if it is to be sorted.
    ///
    /// # Panics
    /// When `has_default_definition` is not as long as `entries`, or an interval of arrivals is 0.
    pub fn new(
        entries: &[WorkloadEntry],
        latencies: &TaskLatencies,
        streams: &Streams,
        start: Timestamp,
        end: SimTime,
        has_default_definition: &[bool],
    ) -> Result<Self, TraceError> {
        assert_eq!(
            entries.len(),
            has_default_definition.len(),
            "one flag for each entry"
        );
        let mut workload = Self {
            producers: Vec::with_capacity(entries.len()),
            pending: Vec::with_capacity(entries.len()),
            order: BinaryHeap::with_capacity(entries.len()),
            latencies: latencies.clone(),
            end,
            beyond_end: 0,
        };
        for (place, (entry, &has_default)) in entries.iter().zip(has_default_definition).enumerate()
        {
            let source = match &entry.source {
                Source::Generated {
                    arrivals,
                    count,
                    runtime,
                } => {
                    let generator = Generator::new(arrivals, *count, start);
                    Submissions::Generated(generator, runtime.clone())
                }
                Source::Trace(spec) => open_trace(spec, has_default)?,
            };
            let mut producer = Producer {
                entry: id(place),
                number: 0,
                draws: source.draws() || latencies.start.draws() || latencies.stop.draws(),
                source,
                family: streams.family("task", &format!("{}/", entry.name)),
            };
            let first = producer.next(latencies, end, &mut workload.beyond_end)?;
            if let Some(first) = &first {
                workload.order.push(Reverse((first.at, producer.entry)));
            }
            workload.pending.push(first);
            workload.producers.push(producer);
        }
        Ok(workload)
    }

    /// When the next task is submitted; `None` when all have been.
    pub fn next_at(&self) -> Option<SimTime> {
        self.order.peek().map(|Reverse((at, _))| *at)
    }

    /// The next submission; `None` when all have been given.
    ///
    /// # Errors
    /// When the row of a trace that follows is faulty or cannot be read.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator of results would not end"
    )]
    pub fn next(&mut self) -> Result<Option<Submission>, TraceError> {
        let Some(mut top) = self.order.peek_mut() else {
            return Ok(None);
        };
        let Reverse((at, entry)) = *top;
        let entry = index(entry);
        let following =
            self.producers[entry].next(&self.latencies, self.end, &mut self.beyond_end)?;
        match &following {
            // The heap is touched only where the entry's time moves on.
            Some(following) if following.at == at => {}
            Some(following) => top.0.0 = following.at,
            None => {
                PeekMut::pop(top);
            }
        }
        Ok(std::mem::replace(&mut self.pending[entry], following))
    }

    /// How many tasks would have been submitted at or after the end, as far as that has been found:
    /// rows of traces and calls of entries that end by themselves. All are found by the time that
    /// [`Workload::next`] has given `None`. What goes on for ever counts nothing.
    pub fn beyond_end(&self) -> u64 {
        self.beyond_end
    }
}

fn open_trace(spec: &TraceSpec, has_default_definition: bool) -> Result<Submissions, TraceError> {
    let mut reader = Box::new(TraceReader::open(spec, has_default_definition)?);
    if spec.sorted {
        return Ok(Submissions::Trace(reader));
    }
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        rows.push(row);
    }
    // Stable: rows of one instant stay in the order of the file.
    rows.sort_by_key(|row| row.submit);
    Ok(Submissions::Sorted(rows.into_iter()))
}

impl Submissions {
    fn draws(&self) -> bool {
        match self {
            Self::Generated(generator, runtime) => {
                generator.draws() || matches!(runtime, Runtime::Drawn(law) if law.draws())
            }
            Self::Trace(_) | Self::Sorted(_) => false,
        }
    }

    fn next_row(&mut self) -> Result<Option<TraceRow>, TraceError> {
        match self {
            Self::Generated(..) => Ok(None),
            Self::Trace(reader) => reader.next_row(),
            Self::Sorted(rows) => Ok(rows.next()),
        }
    }
}

impl Producer {
    /// The entry's next submission before `end`. When the entry has reached the end, what lies
    /// beyond is added to `beyond_end`.
    fn next(
        &mut self,
        latencies: &TaskLatencies,
        end: SimTime,
        beyond_end: &mut u64,
    ) -> Result<Option<Submission>, TraceError> {
        let number = self.number + 1;
        let mut stream = self.draws.then(|| self.family.open(number));
        let mut submission = Submission {
            entry: self.entry,
            number,
            index_in_call: 0,
            at: SimTime::ZERO,
            definition: None,
            cpu: None,
            memory: None,
            gpus: None,
            runtime: None,
            start_latency: Millis::ZERO,
            stop_latency: Millis::ZERO,
            name: None,
        };
        if let Submissions::Generated(generator, runtime) = &mut self.source {
            let Some((at, index_in_call)) = generator.next(&mut stream) else {
                return Ok(None);
            };
            if at >= end {
                *beyond_end = beyond_end.saturating_add(generator.tasks_from_here());
                return Ok(None);
            }
            submission.at = at;
            submission.index_in_call = index_in_call;
            submission.runtime = match runtime {
                Runtime::UntilEnd => None,
                Runtime::Drawn(law) => Some(sample(law, &mut stream)),
            };
        } else {
            let Some(row) = self.source.next_row()? else {
                return Ok(None);
            };
            if row.submit >= end {
                *beyond_end += 1;
                while self.source.next_row()?.is_some() {
                    *beyond_end += 1;
                }
                return Ok(None);
            }
            submission.at = row.submit;
            submission.definition = row.definition;
            submission.cpu = row.cpu;
            submission.memory = row.memory;
            submission.gpus = row.gpus;
            submission.runtime = row.duration;
            submission.name = row.name;
        }
        submission.start_latency = sample(&latencies.start, &mut stream);
        submission.stop_latency = sample(&latencies.stop, &mut stream);
        self.number = number;
        Ok(Some(submission))
    }
}

fn sample(law: &Distribution, stream: &mut Option<Stream>) -> Millis {
    match (law, stream) {
        (Distribution::Fixed(span), _) => *span,
        (law, Some(stream)) => law.sample(stream),
        (_, None) => unreachable!("a stream is opened where anything is drawn"),
    }
}

#[cfg(test)]
mod tests;
