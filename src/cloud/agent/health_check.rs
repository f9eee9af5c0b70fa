//! A container's health over its life: Docker runs the check once an interval from its start.

use crate::cloud::behavior::Fate;
use crate::model::{HealthCheck, HealthStatus};
use crate::units::{Millis, SimTime};

/// The changes of a container's health, from UNKNOWN at its start, in order.
pub(super) fn changes(
    check: &HealthCheck,
    fate: &Fate,
    place: usize,
    started_at: SimTime,
) -> Vec<(SimTime, HealthStatus)> {
    let probes = Probes {
        interval: check.interval.0.max(1),
        ready: fate.ready_after(place).0,
        failing: fate.unhealthy_after(place).map_or(u64::MAX, |span| span.0),
    };
    let at = |probe: u64| started_at.saturating_add(Millis(probe.saturating_mul(probes.interval)));
    let retries = u64::from(check.retries.max(1));
    let passed = probes.first_pass();
    let failed = probes
        .failures_from(passed, check.start_period)
        .and_then(|first| first.checked_add(retries - 1));
    let mut changes = Vec::new();
    match passed {
        None => changes.extend(failed.map(|probe| (at(probe), HealthStatus::Unhealthy))),
        Some(passed) => {
            // Before it is ready it may have failed often enough already.
            let first = probes.first_that_counts(check.start_period);
            let early = first.saturating_add(retries - 1);
            if early < passed {
                changes.push((at(early), HealthStatus::Unhealthy));
            }
            changes.push((at(passed), HealthStatus::Healthy));
            changes.extend(failed.map(|probe| (at(probe), HealthStatus::Unhealthy)));
        }
    }
    changes
}

/// When a container first becomes HEALTHY.
pub(super) fn healthy_at(
    check: &HealthCheck,
    fate: &Fate,
    place: usize,
    started_at: SimTime,
) -> Option<SimTime> {
    let all = changes(check, fate, place, started_at);
    let healthy =
        |(at, status): (SimTime, HealthStatus)| (status == HealthStatus::Healthy).then_some(at);
    all.into_iter().find_map(healthy)
}

/// The checks of a container, numbered from 1, and the spans from its start between which they
/// pass, in milliseconds.
struct Probes {
    interval: u64,
    ready: u64,
    failing: u64,
}

impl Probes {
    fn first_at_or_after(&self, span: u64) -> u64 {
        span.div_ceil(self.interval).max(1)
    }

    /// The first check that passes.
    fn first_pass(&self) -> Option<u64> {
        let probe = self.first_at_or_after(self.ready);
        (probe.saturating_mul(self.interval) < self.failing).then_some(probe)
    }

    /// The first check whose failure counts when none has passed: those of the start period do
    /// not.
    fn first_that_counts(&self, start_period: Millis) -> u64 {
        self.first_at_or_after(start_period.0)
    }

    /// The first of the failures that never end. A container that has been healthy has no start
    /// period any more.
    fn failures_from(&self, passed: Option<u64>, start_period: Millis) -> Option<u64> {
        match passed {
            None => Some(self.first_that_counts(start_period)),
            Some(_) if self.failing == u64::MAX => None,
            Some(_) => Some(self.first_at_or_after(self.failing)),
        }
    }
}
