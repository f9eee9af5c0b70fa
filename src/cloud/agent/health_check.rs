//! A container's health over its life: what becomes of it says when the check passes and fails.

use crate::cloud::behavior::Fate;
use crate::cloud::{ContainerHealthCheck, Health, Monitor};
use crate::model::{HealthCheck, HealthStatus};
use crate::units::SimTime;

/// The changes of a container's health, from UNKNOWN at its start, in order.
pub(super) fn changes(
    check: &HealthCheck,
    fate: &Fate,
    place: usize,
    started_at: SimTime,
) -> Vec<(SimTime, HealthStatus)> {
    let check = ContainerHealthCheck {
        interval: check.interval,
        timeout: check.timeout,
        retries: check.retries,
        start_period: check.start_period,
    };
    let ready = started_at.saturating_add(fate.ready_after(place));
    let failing = fate.unhealthy_after(place);
    let failing = failing.map(|span| started_at.saturating_add(span));
    let status = |(at, health)| match health {
        Health::Initial => (at, HealthStatus::Unknown),
        Health::Healthy => (at, HealthStatus::Healthy),
        Health::Unhealthy => (at, HealthStatus::Unhealthy),
    };
    let changes = Monitor::changes(check.monitor_settings(), started_at, ready, failing);
    changes.into_iter().map(status).collect()
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
