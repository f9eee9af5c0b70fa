//! Samples of the cluster at regular times: what `timeseries.csv` and the plots show. No figure of
//! the summary is made from them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use crate::model::TaskId;
use crate::units::{Millis, NanoUsd, RateOverTime, SimTime};

use super::billed_span::billed_span;
use super::fargate_price::FargatePrice;
use super::per_resource::PerResource;

/// The cluster at one time, after everything that happened in that instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: SimTime,
    /// Instances registered.
    pub instances: u64,
    /// What they registered together.
    pub registered: PerResource<u64>,
    /// What is reserved of it.
    pub reserved: PerResource<u64>,
    /// Tasks waiting for room or starting.
    pub tasks_pending: u64,
    /// Tasks running, those being stopped included.
    pub tasks_running: u64,
    /// The bill so far.
    pub cost: NanoUsd,
    /// Tasks placed on `FARGATE` and not yet STOPPED.
    pub fargate_tasks: u64,
    /// The same on `FARGATE_SPOT`.
    pub fargate_spot_tasks: u64,
    /// Instances that host a task.
    pub instances_used: u64,
    /// Tasks that have succeeded so far.
    pub tasks_succeeded: u64,
    /// Tasks that have been given up so far.
    pub tasks_not_placed: u64,
    /// How long the one that has waited longest has waited, 0 when none waits.
    pub wait_longest: Millis,
    /// Mean wait of the tasks placed since the sample before, when any was.
    pub wait_mean: Option<Millis>,
    /// The longest wait of those, 0 when none was placed.
    pub wait_placed_longest: Millis,
}

/// The tasks that wait for room, oldest first.
#[derive(Debug, Default)]
pub(super) struct WaitingTasks {
    queue: VecDeque<(TaskId, u64, SimTime)>,
    /// By row of the live table: the serial number of the task that waits there.
    serials: Vec<Option<u64>>,
    waiting: usize,
}

impl WaitingTasks {
    /// Departed tasks that may stand in the queue before it is swept.
    const SLACK: usize = 1_024;

    /// A task begins to wait.
    #[inline]
    pub(super) fn enter(&mut self, task: TaskId, serial: u64, at: SimTime) {
        if self.serials.len() <= task.index() {
            self.serials.resize(task.index() + 1, None);
        }
        self.serials[task.index()] = Some(serial);
        self.waiting += 1;
        self.queue.push_back((task, serial, at));
    }

    /// A task was placed, in row `task`.
    #[inline]
    pub(super) fn leave(&mut self, task: TaskId) {
        self.serials[task.index()] = None;
        self.left();
    }

    /// A task that has no row any more was given up.
    pub(super) fn leave_by_serial(&mut self, serial: u64) {
        // Rows are given up soon after they were taken, mostly: the search starts at the young end.
        let found = self
            .queue
            .iter()
            .rev()
            .find(|(_, other, _)| *other == serial);
        if let Some((task, ..)) = found.copied() {
            self.leave(task);
        }
    }

    fn left(&mut self) {
        self.waiting -= 1;
        let serials = &self.serials;
        let waits =
            |(task, serial, _): &(TaskId, u64, SimTime)| serials[task.index()] == Some(*serial);
        while self.queue.front().is_some_and(|front| !waits(front)) {
            self.queue.pop_front();
        }
        if self.queue.len() > 2 * self.waiting + Self::SLACK {
            self.queue.retain(waits);
        }
    }

    /// Since when the oldest has waited.
    pub(super) fn oldest(&self) -> Option<SimTime> {
        self.queue.front().map(|(.., at)| *at)
    }
}

/// Makes the samples.
#[derive(Debug)]
pub(super) struct Sampler {
    period: Millis,
    next: SimTime,
    samples: Vec<Sample>,
    /// Instances by launch and price: those of one cohort cost the same at any time.
    cohorts: BTreeMap<(SimTime, RateOverTime), u64>,
    /// The same of Fargate tasks, by the start of their image pull.
    fargate: BTreeMap<(SimTime, FargatePrice), u64>,
    /// What the instances and Fargate tasks that are gone have cost.
    ended: NanoUsd,
    placed: u64,
    waited: u128,
    waited_longest: Millis,
}

impl Sampler {
    /// A sampler with rows `period` apart, the first at 0.
    pub(super) fn new(period: Millis) -> Self {
        Self {
            period: period.max(Millis(1)),
            next: SimTime::ZERO,
            samples: Vec::new(),
            cohorts: BTreeMap::new(),
            fargate: BTreeMap::new(),
            ended: NanoUsd::ZERO,
            placed: 0,
            waited: 0,
            waited_longest: Millis::ZERO,
        }
    }

    /// An instance was launched at a price.
    pub(super) fn launched(&mut self, at: SimTime, price: RateOverTime) {
        *self.cohorts.entry((at, price)).or_default() += 1;
    }

    /// One that was launched then, at that price, has ended and has cost so much.
    pub(super) fn terminated(&mut self, launched: SimTime, price: RateOverTime, cost: NanoUsd) {
        if let Entry::Occupied(mut cohort) = self.cohorts.entry((launched, price)) {
            *cohort.get_mut() -= 1;
            if *cohort.get() == 0 {
                cohort.remove();
            }
        }
        self.never_registered(cost);
    }

    /// One has ended that never registered.
    pub(super) fn never_registered(&mut self, cost: NanoUsd) {
        self.ended += cost;
    }

    /// The image pull of a Fargate task begins, and with it its bill.
    pub(super) fn fargate_began(&mut self, at: SimTime, price: FargatePrice) {
        *self.fargate.entry((at, price)).or_default() += 1;
    }

    /// A Fargate task whose pull began then has stopped.
    pub(super) fn fargate_ended(&mut self, began: SimTime, price: FargatePrice, cost: NanoUsd) {
        if let Some(count) = self.fargate.get_mut(&(began, price)) {
            *count -= 1;
            if *count == 0 {
                self.fargate.remove(&(began, price));
            }
        }
        self.ended += cost;
    }

    /// A task was placed after a wait.
    #[inline]
    pub(super) fn placed(&mut self, wait: u64) {
        self.placed += 1;
        self.waited += u128::from(wait);
        self.waited_longest = self.waited_longest.max(Millis(wait));
    }

    /// The state `now` lasts until `to`: the samples that fall into it. `now` is asked only when
    /// one does.
    #[inline]
    pub(super) fn hold(&mut self, to: SimTime, waiting: &WaitingTasks, now: impl Fn() -> Sample) {
        if self.next >= to {
            return;
        }
        let now = now();
        while self.next < to {
            let at = self.next;
            let mut sample = now.clone();
            sample.at = at;
            sample.cost = self.cost_at(at);
            sample.wait_longest = waiting
                .oldest()
                .map_or(Millis::ZERO, |since| at.since(since));
            sample.wait_mean = self.mean_wait();
            sample.wait_placed_longest = std::mem::take(&mut self.waited_longest);
            self.samples.push(sample);
            self.next = at.saturating_add(self.period);
        }
    }

    /// The mean wait since the last sample, rounded half up; starts anew.
    fn mean_wait(&mut self) -> Option<Millis> {
        let placed = u128::from(std::mem::take(&mut self.placed));
        let waited = std::mem::take(&mut self.waited);
        let mean = (waited + placed / 2).checked_div(placed)?;
        u64::try_from(mean).ok().map(Millis)
    }

    /// The sum of the bills of every instance and Fargate task at a time, each rounded as in the
    /// final one.
    fn cost_at(&self, at: SimTime) -> NanoUsd {
        let cohorts = self.cohorts.iter();
        let alive: NanoUsd = cohorts
            .map(|((launched, price), count)| {
                let until = launched.saturating_add(billed_span(at.since(*launched)));
                let each = price.cost_between(*launched, until);
                NanoUsd(each.0 * i128::from(*count))
            })
            .sum();
        let fargate = self.fargate.iter();
        let on_fargate: NanoUsd = fargate
            .map(|((began, price), count)| {
                let each = price.cost(at.since(*began));
                NanoUsd(each.0 * i128::from(*count))
            })
            .sum();
        alive + on_fargate + self.ended
    }

    /// The samples, in order of time.
    pub(super) fn finish(self) -> Vec<Sample> {
        self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::WaitingTasks;
    use crate::model::TaskId;
    use crate::units::SimTime;

    #[test]
    fn the_oldest_waiting_task_is_known() {
        let mut waiting = WaitingTasks::default();
        assert_eq!(waiting.oldest(), None);
        for serial in 0..3 {
            let row = TaskId(u32::try_from(serial).unwrap());
            waiting.enter(row, serial, SimTime(10 * serial));
        }
        waiting.leave(TaskId(1)); // overtakes
        assert_eq!(waiting.oldest(), Some(SimTime(0)));
        waiting.leave(TaskId(0));
        assert_eq!(waiting.oldest(), Some(SimTime(20)));
        waiting.enter(TaskId(0), 3, SimTime(30)); // a row used again
        waiting.leave_by_serial(2);
        assert_eq!(waiting.oldest(), Some(SimTime(30)));
        waiting.leave_by_serial(3);
        assert_eq!(waiting.oldest(), None);
    }

    #[test]
    fn one_that_waits_for_ever_does_not_pile_up_the_others() {
        let mut waiting = WaitingTasks::default();
        waiting.enter(TaskId(0), 0, SimTime(0));
        for serial in 1..100_000 {
            waiting.enter(TaskId(1), serial, SimTime(serial));
            waiting.leave(TaskId(1));
        }
        assert!(waiting.queue.len() < 2_000);
        assert_eq!(waiting.oldest(), Some(SimTime(0)));
    }
}
