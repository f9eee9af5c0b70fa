//! Progress bars: of simulated time, with events per second, and of many runs.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::plan;
use crate::model::Cluster;
use crate::simulation::{Observer, Record};
use crate::units::{Millis, SimTime};

/// So many records pass between two looks at the bar.
const STRIDE: u64 = 16_384;

/// Watches a run and draws a bar on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    records: u64,
}

impl Progress {
    pub(super) fn new(duration: Millis) -> Self {
        let bar = ProgressBar::with_draw_target(Some(duration.0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, records: 0 }
    }

    fn show(&self, at: SimTime) {
        let elapsed = self.bar.elapsed().as_millis().max(1);
        let per_second = u128::from(self.records) * 1_000 / elapsed;
        self.bar.set_position(at.0);
        let simulated = Millis(at.0 / 1_000 * 1_000);
        self.bar
            .set_message(format!("{simulated} simulated, {per_second} events/s"));
    }
}

impl Observer for Progress {
    fn advance(&mut self, _: SimTime, _: SimTime, _: &Cluster) {}

    fn record(&mut self, at: SimTime, _: &Record<'_>, _: &Cluster) {
        self.records += 1;
        if self.records.is_multiple_of(STRIDE) {
            self.show(at);
        }
    }
}

/// Counts the runs of an experiment on standard error.
#[derive(Debug)]
pub(super) struct RunsProgress {
    bar: ProgressBar,
}

impl RunsProgress {
    /// A bar that is seen when `is_shown`.
    pub(super) fn new(is_shown: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(is_shown));
        let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} runs, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    /// So many runs of so many are done.
    pub(super) fn show(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
    }
}

/// Counts the choices of a plan as they are looked at, then its runs, on standard error.
#[derive(Debug)]
pub(super) struct PlanProgress {
    bar: ProgressBar,
    budget: u64,
    runs: u64,
}

impl PlanProgress {
    /// A bar that is seen when `is_shown`, for at most so many runs.
    pub(super) fn new(is_shown: bool, budget: u64) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(is_shown));
        let style = ProgressStyle::with_template("{wide_bar} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            budget,
            runs: 0,
        }
    }

    /// How far the plan has come.
    pub(super) fn show(&mut self, progress: plan::Progress) {
        let (done, all, what) = match progress {
            plan::Progress::Looked(looked, all) => (looked, all, "choices looked at"),
            plan::Progress::Played => {
                self.runs += 1;
                (self.runs, self.budget, "runs at most")
            }
        };
        self.bar.set_length(all);
        self.bar.set_position(done);
        self.bar.set_message(format!("{done} of {all} {what}"));
    }
}

impl Drop for PlanProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn target(is_shown: bool) -> ProgressDrawTarget {
    if is_shown {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}

impl Drop for RunsProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
