//! Request load of a service: its minutes, summed up.
//!
//! mean utilization = sum of (utilization x running tasks) / sum of running tasks
//!
//! over the minutes that have a datapoint, so that it is what was used over what the running tasks
//! reserved; response times are weighted by the requests served.

use crate::cloud::ServiceMinute;

use super::per_resource::Fraction;

/// A mean with weights, and the highest of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeightedMean {
    /// The sum of the products over the sum of the weights.
    pub mean: Fraction,
    /// The highest value; `None` when there was none.
    pub peak: Option<u64>,
}

/// The load of a service over some minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOverTime {
    /// How many minutes.
    pub minutes: u64,
    /// How many of them lost a request.
    pub minutes_with_loss: u64,
    /// Requests that came, in millionths.
    pub offered: u128,
    /// Requests that were answered, in millionths.
    pub served: u128,
    /// The others.
    pub lost: u128,
    /// `CPUUtilization` in thousandths of a percent.
    pub cpu: WeightedMean,
    /// `MemoryUtilization` in thousandths of a percent.
    pub memory: WeightedMean,
    /// Mean response times in microseconds.
    pub latency: WeightedMean,
    /// 99th percentiles of response times in microseconds.
    pub latency_p99: WeightedMean,
}

/// The load of a service since the sample before, in a form that many samples can be kept of.
/// Requests are in millionths, utilizations in thousandths of a percent, times in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadSample {
    /// Over how many minutes.
    pub minutes: u32,
    /// Requests that came.
    pub offered: u64,
    /// Those that were answered.
    pub served: u64,
    /// The others.
    pub lost: u64,
    /// Mean `CPUUtilization`.
    pub cpu: Option<u32>,
    /// Mean `MemoryUtilization`.
    pub memory: Option<u32>,
    /// Mean response time.
    pub latency: Option<u32>,
    /// Mean of the 99th percentiles.
    pub latency_p99: Option<u32>,
}

impl WeightedMean {
    fn add(&mut self, value: Option<u64>, weight: u64) {
        let Some(value) = value else {
            return;
        };
        self.mean.part += u128::from(value) * u128::from(weight);
        self.mean.whole += u128::from(weight);
        self.peak = self.peak.max(Some(value));
    }

    /// The mean, rounded half up.
    fn rounded(&self) -> Option<u32> {
        let Fraction { part, whole } = self.mean;
        let mean = (part + whole / 2).checked_div(whole)?;
        Some(u32::try_from(mean).unwrap_or(u32::MAX))
    }
}

impl LoadOverTime {
    /// One more minute.
    pub(super) fn add(&mut self, minute: &ServiceMinute) {
        self.minutes += 1;
        self.minutes_with_loss += u64::from(minute.lost > 0);
        self.offered += u128::from(minute.offered);
        self.served += u128::from(minute.served);
        self.lost += u128::from(minute.lost);
        self.cpu.add(minute.cpu_utilization, minute.running_tasks);
        self.memory
            .add(minute.memory_utilization, minute.running_tasks);
        // Thousandths of requests: a fine enough weight, with which no sum overflows.
        let served = minute.served.div_ceil(1_000);
        self.latency.add(minute.latency_mean_us, served);
        self.latency_p99.add(minute.latency_p99_us, served);
    }

    /// The load since the sample before, if there was a minute; then it begins anew.
    pub(super) fn take_sample(&mut self) -> Option<Box<LoadSample>> {
        let sums = std::mem::take(self);
        let narrow = |sum: u128| u64::try_from(sum).unwrap_or(u64::MAX);
        (sums.minutes > 0).then(|| {
            Box::new(LoadSample {
                minutes: u32::try_from(sums.minutes).unwrap_or(u32::MAX),
                offered: narrow(sums.offered),
                served: narrow(sums.served),
                lost: narrow(sums.lost),
                cpu: sums.cpu.rounded(),
                memory: sums.memory.rounded(),
                latency: sums.latency.rounded(),
                latency_p99: sums.latency_p99.rounded(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::LoadOverTime;
    use crate::cloud::ServiceMinute;

    fn minute(cpu: Option<u64>, running_tasks: u64, served: u64, mean_us: u64) -> ServiceMinute {
        ServiceMinute {
            cpu_utilization: cpu,
            offered: served + 500_000,
            served,
            lost: 500_000,
            latency_mean_us: (served > 0).then_some(mean_us),
            running_tasks,
            ..ServiceMinute::default()
        }
    }

    #[test]
    fn utilization_is_weighted_by_the_tasks_that_run() {
        let mut load = LoadOverTime::default();
        load.add(&minute(Some(80_000), 1_000, 0, 0));
        load.add(&minute(Some(20_000), 3_000, 0, 0));
        load.add(&minute(None, 0, 0, 0));
        // (80 x 1 + 20 x 3) / 4 = 35 %.
        assert_eq!(load.cpu.mean.to_f64(), Some(35_000.0));
        assert_eq!(load.cpu.peak, Some(80_000));
        assert_eq!(load.memory.mean.to_f64(), None);
        assert_eq!(load.memory.peak, None);
        assert_eq!((load.minutes, load.minutes_with_loss), (3, 3));
    }

    #[test]
    fn response_times_are_weighted_by_the_requests_served() {
        let mut load = LoadOverTime::default();
        load.add(&minute(None, 0, 9_000_000, 1_000));
        load.add(&minute(None, 0, 1_000_000, 11_000));
        load.add(&minute(None, 0, 0, 0));
        assert_eq!(load.latency.mean.to_f64(), Some(2_000.0));
        assert_eq!((load.offered, load.lost), (11_500_000, 1_500_000));
        let sample = load.take_sample().unwrap();
        assert_eq!((sample.latency, sample.served), (Some(2_000), 10_000_000));
        assert_eq!(load.take_sample(), None);
    }
}
