//! Health by repeated checks, without an event a check.
//!
//! Between two changes of what the application answers all checks end alike, so the check that
//! turns the health can be counted out: a million checks cost no more than one.

use crate::units::{Millis, SimTime};

/// What the application answers to a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What is expected, at once: the check passes.
    Passes,
    /// An error or a closed port, at once: the check fails.
    Fails,
    /// Nothing: the check fails when its timeout has passed.
    TimesOut,
}

/// Health as checks tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// No check has decided yet: `initial` of a target, `UNKNOWN` of a container.
    Initial,
    /// `healthy`, `HEALTHY`.
    Healthy,
    /// `unhealthy`, `UNHEALTHY`.
    Unhealthy,
}

/// How and when is checked; made by a target group or by a container's health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonitorSettings {
    /// From one check to the next, more than 0.
    pub interval: Millis,
    /// After this a check without an answer has failed; below `interval` unless `is_serial`.
    pub timeout: Millis,
    /// From the beginning to the first check.
    pub first_check_after: Millis,
    /// Whether the interval counts from the end of the check before, as Docker's does.
    pub is_serial: bool,
    /// Passed checks in a row that end `Unhealthy`, at least 1; one ends `Initial`.
    pub passes_to_recover: u32,
    /// Failed checks in a row that end `Initial` and `Healthy`, at least 1.
    pub failures: u32,
    /// As long as nothing is decided, checks that begin within this do not count when they fail.
    pub start_period: Millis,
}

/// The health of one target or container over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    settings: MonitorSettings,
    answer: Answer,
    /// Failures of checks that begin before this do not count while nothing is decided.
    start_period_ends: SimTime,
    /// The first check whose result is not counted in below.
    next_check: SimTime,
    /// Health after all checks before `next_check`.
    decided: Health,
    /// How many of the last of them in a row speak against `decided`.
    against: u32,
    /// Changes that are decided and not yet taken, in order of time.
    pending: Vec<(SimTime, Health)>,
    /// Health as of the changes that were taken.
    health: Health,
}

/// Checks until the health turns, or `None` when they never turn it.
struct Turn {
    /// How many checks, those of the start period included, at least 1.
    checks: u64,
    to: Health,
}

impl Turn {
    /// A new target or container needs one passed check.
    fn at_once() -> Self {
        Self {
            checks: 1,
            to: Health::Healthy,
        }
    }
}

impl Monitor {
    /// Begins at the registration of the target or the start of the container.
    ///
    /// # Panics
    /// When the interval is 0.
    pub fn new(settings: MonitorSettings, begin: SimTime, answer: Answer) -> Self {
        assert!(settings.interval > Millis::ZERO, "checks need an interval");
        Self {
            settings,
            answer,
            start_period_ends: begin.saturating_add(settings.start_period),
            next_check: begin.saturating_add(settings.first_check_after),
            decided: Health::Initial,
            against: 0,
            pending: Vec::new(),
            health: Health::Initial,
        }
    }

    /// Every change of the health of an application that fails its checks until it is ready,
    /// passes them from then on, and fails them again for good from `failing`, when that comes.
    ///
    /// # Panics
    /// When the interval is 0.
    pub fn changes(
        settings: MonitorSettings,
        begin: SimTime,
        ready: SimTime,
        failing: Option<SimTime>,
    ) -> Vec<(SimTime, Health)> {
        let mut monitor = Self::new(settings, begin, Answer::Fails);
        monitor.set_answer(ready, Answer::Passes);
        if let Some(failing) = failing {
            monitor.set_answer(failing.max(ready), Answer::Fails);
        }
        std::iter::from_fn(|| monitor.take_change()).collect()
    }

    /// Health as of the changes that were taken.
    pub fn health(&self) -> Health {
        self.health
    }

    /// When the health changes next, and to what, if the answers stay as they are.
    pub fn next_change(&self) -> Option<(SimTime, Health)> {
        let pending = self.pending.first().copied();
        pending.or_else(|| {
            let turn = self.turn()?;
            Some((self.result_of(turn.checks), turn.to))
        })
    }

    /// Makes the next change true and says what it was: to be called at its time.
    pub fn take_change(&mut self) -> Option<(SimTime, Health)> {
        if self.pending.is_empty() {
            let turn = self.turn()?;
            self.count_in(turn.checks);
        }
        let change = self.pending.remove(0);
        self.health = change.1;
        Some(change)
    }

    /// From `at` on, checks that begin are answered so. Points must come in order; a check that
    /// began before `at` ends as it began.
    pub fn set_answer(&mut self, at: SimTime, answer: Answer) {
        if at > self.next_check {
            let before = at.since(self.next_check).0;
            self.count_in((before - 1) / self.spacing() + 1);
        }
        self.answer = answer;
    }

    fn passes(&self) -> bool {
        self.answer == Answer::Passes
    }

    /// From one check to the next.
    fn spacing(&self) -> u64 {
        let waits = self.settings.is_serial && self.answer == Answer::TimesOut;
        let timeout = if waits { self.settings.timeout.0 } else { 0 };
        self.settings.interval.0.saturating_add(timeout)
    }

    /// When the result of the n-th check from here is there.
    fn result_of(&self, checks: u64) -> SimTime {
        let begun = self.begin_of(checks);
        match self.answer {
            Answer::TimesOut => begun.saturating_add(self.settings.timeout),
            Answer::Passes | Answer::Fails => begun,
        }
    }

    /// When the n-th check from here begins, counted from 1.
    fn begin_of(&self, checks: u64) -> SimTime {
        let span = (checks - 1).saturating_mul(self.spacing());
        self.next_check.saturating_add(Millis(span))
    }

    /// How many checks from here fail without counting.
    fn excused(&self) -> u64 {
        let left = self.start_period_ends.0.saturating_sub(self.next_check.0);
        if self.passes() || self.decided != Health::Initial || left == 0 {
            return 0;
        }
        (left - 1) / self.spacing() + 1
    }

    fn turn(&self) -> Option<Turn> {
        let (needed, to) = match (self.decided, self.passes()) {
            (Health::Initial, true) => return Some(Turn::at_once()),
            (Health::Unhealthy, true) => (self.settings.passes_to_recover, Health::Healthy),
            (Health::Initial | Health::Healthy, false) => {
                (self.settings.failures, Health::Unhealthy)
            }
            (Health::Healthy, true) | (Health::Unhealthy, false) => return None,
        };
        let left = needed.saturating_sub(self.against).max(1);
        Some(Turn {
            checks: self.excused().saturating_add(u64::from(left)),
            to,
        })
    }

    /// Counts the results of that many checks in.
    fn count_in(&mut self, checks: u64) {
        if let Some(turn) = self.turn().filter(|turn| turn.checks <= checks) {
            self.pending.push((self.result_of(turn.checks), turn.to));
            self.decided = turn.to;
            self.against = 0;
        } else if self.speaks_against() {
            let counted = checks.saturating_sub(self.excused());
            let counted = u32::try_from(counted).unwrap_or(u32::MAX);
            self.against = self.against.saturating_add(counted);
        } else {
            self.against = 0;
        }
        self.next_check = self.begin_of(checks.saturating_add(1));
    }

    fn speaks_against(&self) -> bool {
        match self.decided {
            Health::Initial | Health::Healthy => !self.passes(),
            Health::Unhealthy => self.passes(),
        }
    }
}

#[cfg(test)]
mod tests;
