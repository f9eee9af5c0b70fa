//! Requests as a fluid: what the tasks of a service make of the rate that comes to them, in the
//! metrics that ECS and its load balancers publish each minute.
//!
//! Between two changes of rate or tasks everything is constant, so a span costs a few operations,
//! however many requests it holds. Sums are integers; only the response time is a formula in
//! floats, rounded at once.

mod minute;

use super::SettingFault;
use super::queueing::Station;
use crate::kernel::{Distribution, Stream};
use crate::units::{CpuUnits, MemoryMib, Millis, RequestRate};

pub use minute::ServiceMinute;

/// What a request costs a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCost {
    /// CPU time of a request in microseconds of one vCPU (1,024 units).
    pub cpu_time_us: u32,
    /// Time of a request that takes no CPU, in microseconds: waiting for a database, for a disk.
    pub extra_time_us: u32,
    /// What a running task uses without requests.
    pub cpu_idle: CpuUnits,
    /// What a running task holds without requests.
    pub memory_idle: MemoryMib,
    /// KiB for each request under way.
    pub memory_per_concurrent_kib: u32,
    /// KiB for each request a second that a task serves.
    pub memory_per_rate_kib: u32,
    /// What a task may use at most; a task-level size is a limit in any case.
    pub max_cpu: Option<CpuUnits>,
    /// Requests under way at once in a task, at least 1.
    pub max_concurrency: Option<u32>,
    /// Standard deviation over mean of the factor on the CPU time, in thousandths: log-normal,
    /// mean 1, drawn each minute.
    pub cpu_noise: u32,
    /// No request takes longer: by default the 60 s after which an Application Load Balancer gives
    /// up a connection on which nothing moves.
    pub latency_limit: Millis,
}

impl RequestCost {
    /// Whether anything is said of what the tasks use of their memory.
    pub fn uses_memory(&self) -> bool {
        self.memory_idle.0 > 0 || self.memory_per_concurrent_kib > 0 || self.memory_per_rate_kib > 0
    }
}

impl Default for RequestCost {
    fn default() -> Self {
        Self {
            cpu_time_us: 0,
            extra_time_us: 0,
            cpu_idle: CpuUnits(0),
            memory_idle: MemoryMib(0),
            memory_per_concurrent_kib: 0,
            memory_per_rate_kib: 0,
            max_cpu: None,
            max_concurrency: None,
            cpu_noise: 0,
            latency_limit: Millis::MINUTE,
        }
    }
}

impl RequestCost {
    /// Largest `cpu_noise`.
    pub const MOST_NOISE: u32 = 5_000;

    /// What makes no sense.
    pub fn faults(&self) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        let mut refuse = |setting, message: String| faults.push(SettingFault { setting, message });
        if let Some(most) = self.max_cpu.filter(|most| *most <= self.cpu_idle) {
            let idle = self.cpu_idle;
            refuse(
                "maxCpu",
                format!("{most}; expected more than the {idle} of an idle task"),
            );
        }
        if self.max_concurrency == Some(0) {
            refuse("maxConcurrency", "0; expected at least 1".to_owned());
        }
        if self.cpu_noise > Self::MOST_NOISE {
            let noise = self.cpu_noise;
            refuse(
                "cpuNoise",
                format!("{noise} thousandths; expected at most 5,000"),
            );
        }
        if self.latency_limit == Millis::ZERO || self.latency_limit > Millis::HOUR {
            let limit = self.latency_limit;
            refuse(
                "latencyLimit",
                format!("{limit}; expected more than 0 and at most an hour"),
            );
        }
        faults
    }
}

/// What ECS divides use by, and what limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskSize {
    /// CPU of the definition: task-level, else the sum of the containers.
    pub cpu: CpuUnits,
    /// Whether `cpu` is task-level, and so a limit; container CPU is a share that may be exceeded.
    pub is_cpu_limit: bool,
    /// Memory of the definition: the soft limit where there is one.
    pub memory: MemoryMib,
}

/// The tasks of one revision: size and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProfile {
    /// What a request costs.
    pub cost: RequestCost,
    /// What the definition says.
    pub size: TaskSize,
}

impl ServiceProfile {
    /// What a task may use: the least of `max_cpu` and a task-level size. Without either it keeps
    /// to its own container CPU, and without that to one vCPU.
    pub fn max_cpu(&self) -> CpuUnits {
        let size = self.size.cpu;
        match self.cost.max_cpu {
            Some(most) if self.size.is_cpu_limit => most.min(size),
            Some(most) => most,
            None if size == CpuUnits(0) => CpuUnits(CpuUnits::PER_VCPU),
            None => size,
        }
    }

    fn station(&self, cpu_factor: u64) -> Station {
        let cost = &self.cost;
        let cpu_ps = u128::from(cost.cpu_time_us) * u128::from(cpu_factor);
        Station {
            cpu_ns: u64::try_from((cpu_ps + 500) / 1_000).unwrap_or(u64::MAX),
            extra_us: u64::from(cost.extra_time_us),
            cpu: u64::from(self.max_cpu().0.saturating_sub(cost.cpu_idle.0)),
            slots: cost.max_concurrency,
            limit_us: cost.latency_limit.0.saturating_mul(1_000),
        }
    }
}

/// The tasks over a span, all of one revision and one target group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Targets {
    /// All that run, whether they receive requests or not.
    pub running: u32,
    /// Those that receive a full share and answer.
    pub full: u32,
    /// Those in slow start that answer.
    pub ramping: u32,
    /// The sum of their weights, in thousandths of a full share.
    pub ramping_weight: u64,
    /// Those that receive a full share and answer nothing: dead and not yet found out, or failed
    /// open. Their requests are lost.
    pub silent: u32,
}

/// Sums over the spans of a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceMeter {
    /// On the CPU time of a request, in millionths.
    cpu_factor: u64,
    sums: Sums,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Sums {
    /// Requests, in millionths.
    offered: u128,
    served: u128,
    /// CPU of idle tasks in unit-milliseconds.
    cpu_idle: u128,
    /// CPU of requests: millionths of requests times nanoseconds of a vCPU.
    cpu_requests: u128,
    /// Definition amounts: unit-milliseconds, KiB-milliseconds.
    cpu_defined: u128,
    memory_defined: u128,
    /// KiB-milliseconds, in 10^-9.
    memory_used: u128,
    /// Millionths of requests times microseconds.
    latency_mean: u128,
    latency_p99: u128,
    /// Task-milliseconds.
    running: u128,
    receiving: u128,
}

/// Targets that are alike, with their part of the requests.
struct Share {
    count: u32,
    /// Millionths of requests over the span.
    offered: u128,
}

impl ServiceMeter {
    /// A meter at the begin of a minute, without noise.
    pub fn new() -> Self {
        Self {
            cpu_factor: 1_000_000,
            sums: Sums::default(),
        }
    }

    /// Draws the noise of the minute that begins, once; nothing is drawn when there is none.
    pub fn draw_noise(&mut self, cost: &RequestCost, stream: &mut Stream) {
        self.cpu_factor = match cost.cpu_noise {
            0 => 1_000_000,
            noise => {
                noise_law(noise.min(RequestCost::MOST_NOISE))
                    .sample(stream)
                    .0
            }
        };
    }

    /// A span in which `rate` came to `targets`. Spans of several revisions or target groups may
    /// be added for the same time, each with its own part of the rate.
    pub fn advance(
        &mut self,
        span: Millis,
        profile: &ServiceProfile,
        rate: RequestRate,
        targets: &Targets,
    ) {
        let station = profile.station(self.cpu_factor);
        let length = u128::from(span.0);
        let tasks = u128::from(targets.running) * length;
        let sums = &mut self.sums;
        let (cost, size) = (&profile.cost, &profile.size);
        let idle = cost.cpu_idle.min(profile.max_cpu());
        sums.running += tasks;
        sums.cpu_idle += u128::from(idle.0) * tasks;
        sums.cpu_defined += u128::from(size.cpu.0) * tasks;
        sums.memory_defined += u128::from(size.memory.0) * 1_024 * tasks;
        sums.memory_used += u128::from(cost.memory_idle.0) * 1_024 * tasks * 1_000_000_000;
        let receiving = [targets.full, targets.ramping, targets.silent];
        let receiving: u128 = receiving.into_iter().map(u128::from).sum();
        sums.receiving += receiving * length;
        let offered = rate.over(span);
        sums.offered += offered;
        if offered == 0 {
            return;
        }
        for share in shares(offered, targets) {
            sums.serve(&share, length, &station, cost);
        }
    }

    /// The metrics of the minute, which lasted `span`; then all sums begin anew.
    pub fn publish(&mut self, span: Millis) -> ServiceMinute {
        let sums = std::mem::take(&mut self.sums);
        ServiceMinute::new(&sums, span)
    }
}

impl Default for ServiceMeter {
    fn default() -> Self {
        Self::new()
    }
}

/// The parts of the targets that answer, by weight. What is cut off in rounding goes to them, so
/// that nothing is lost where nothing is silent.
fn shares(offered: u128, targets: &Targets) -> [Share; 2] {
    let weight = u128::from(targets.full) * 1_000;
    let silent = u128::from(targets.silent) * 1_000;
    let ramping = u128::from(targets.ramping_weight).min(u128::from(targets.ramping) * 1_000);
    let whole = (weight + silent + ramping).max(1);
    let unheard = offered * silent / whole;
    let (full, ramping) = if targets.full > 0 {
        let ramping = offered * ramping / whole;
        (offered - unheard - ramping, ramping)
    } else if ramping > 0 {
        (0, offered - unheard)
    } else {
        (0, 0)
    };
    let share = |count, offered| Share { count, offered };
    [share(targets.full, full), share(targets.ramping, ramping)]
}

impl Sums {
    fn serve(&mut self, share: &Share, length: u128, station: &Station, cost: &RequestCost) {
        let target_time = u128::from(share.count) * length;
        if share.offered == 0 || target_time == 0 {
            return;
        }
        let served = share
            .offered
            .min(u128::from(station.capacity()) * target_time);
        let rate = u64::try_from(share.offered / target_time).unwrap_or(u64::MAX);
        let response = station.response(rate);
        self.served += served;
        self.cpu_requests += served * u128::from(station.cpu_ns);
        self.latency_mean += served * u128::from(response.mean_us);
        self.latency_p99 += served * u128::from(response.p99_us);
        // Little's law: as many are under way as come in the time that one takes.
        let under_way = served * u128::from(response.mean_us);
        let under_way = match cost.max_concurrency {
            Some(most) => under_way.min(u128::from(most) * target_time * 1_000_000_000),
            None => under_way,
        };
        self.memory_used += under_way * u128::from(cost.memory_per_concurrent_kib)
            + served * u128::from(cost.memory_per_rate_kib) * 1_000_000;
    }
}

/// Log-normal with mean 1, in millionths.
#[expect(
    clippy::float_arithmetic,
    reason = "parameters of a law, by libm; what is drawn is rounded to millionths"
)]
fn noise_law(thousandths: u32) -> Distribution {
    let variation = f64::from(thousandths) / 1_000.0;
    let variance = libm::log1p(variation * variation);
    Distribution::Lognormal {
        median_ms: 1_000_000.0 * libm::exp(-variance / 2.0),
        sigma: libm::sqrt(variance),
    }
}

#[cfg(test)]
mod tests;
