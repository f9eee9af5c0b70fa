//! A progress bar of simulated time, with events per second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
