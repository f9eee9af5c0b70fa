//! The metrics of a minute.

use super::Sums;
use crate::units::Millis;

/// What ECS and a load balancer publish of a service for a minute. Utilizations and rates are in
/// thousandths of a percent, requests in millionths, times in microseconds, tasks in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceMinute {
    /// Use over the definition's amount times running tasks; above 100 % where CPU is no limit.
    /// `None` without tasks, or when the definition has no CPU.
    pub cpu_utilization: Option<u64>,
    /// The same of memory, over the soft limit where there is one.
    pub memory_utilization: Option<u64>,
    /// Requests that came; exactly those served and those lost.
    pub offered: u64,
    /// Requests that were answered.
    pub served: u64,
    /// Requests that found no target, a silent one or one at its capacity.
    pub lost: u64,
    /// Requests over the mean number of targets that received any; `None` without targets.
    pub requests_per_target: Option<u64>,
    /// Mean response time of the requests served; `None` when there were none.
    pub latency_mean_us: Option<u64>,
    /// The mean, over the requests served, of the 99th percentile when they were served.
    pub latency_p99_us: Option<u64>,
    /// Requests lost over requests that came; `None` when none came.
    pub error_rate: Option<u64>,
    /// Mean number of running tasks.
    pub running_tasks: u64,
    /// Mean number of targets that received requests.
    pub receiving_targets: u64,
}

/// A hundred percent.
const WHOLE: u128 = 100_000;

impl ServiceMinute {
    pub(super) fn new(sums: &Sums, span: Millis) -> Self {
        // A millionth of a request and a nanosecond make 10^-15 s of a vCPU, of 1,024 units.
        const CPU_PARTS: u128 = 1_000_000_000_000;
        let span = u128::from(span.0);
        let cpu_used = sums.cpu_idle * CPU_PARTS + sums.cpu_requests * 1_024;
        let lost = sums.offered - sums.served;
        Self {
            cpu_utilization: ratio(cpu_used, WHOLE, sums.cpu_defined * CPU_PARTS),
            memory_utilization: ratio(sums.memory_used, WHOLE, sums.memory_defined * 1_000_000_000),
            offered: narrow(sums.offered),
            served: narrow(sums.served),
            lost: narrow(lost),
            requests_per_target: ratio(sums.offered, span, sums.receiving),
            latency_mean_us: ratio(sums.latency_mean, 1, sums.served),
            latency_p99_us: ratio(sums.latency_p99, 1, sums.served),
            error_rate: ratio(lost, WHOLE, sums.offered),
            running_tasks: ratio(sums.running, 1_000, span).unwrap_or(0),
            receiving_targets: ratio(sums.receiving, 1_000, span).unwrap_or(0),
        }
    }
}

/// `part * factor / whole` rounded half up; `None` of nothing. What would overflow is divided
/// first, and loses nothing that matters beside its size.
fn ratio(part: u128, factor: u128, whole: u128) -> Option<u64> {
    if whole == 0 {
        return None;
    }
    let quotient = match part
        .checked_mul(factor)
        .and_then(|product| product.checked_add(whole / 2))
    {
        Some(product) => product / whole,
        None => (part / whole).saturating_mul(factor),
    };
    Some(narrow(quotient))
}

fn narrow(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
