//! How long a request takes: a formula of queueing theory, and no queue.
//!
//! A task is a station of `c` vCPUs with arrivals at random. Its mean wait is Sakasegawa's
//! approximation for M/M/c (1977), `rho ^ (sqrt(2 (c + 1)) - 1) / (c (1 - rho))` service times:
//! exact for one vCPU, where it makes the response of a shared processor, `s / (1 - rho)`; within a
//! few percent for more. Chosen because tasks have a few vCPUs or a part of one, because it takes
//! any `c`, and because no queue need be carried from minute to minute.

use crate::kernel::round_half_up;

/// A task as a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Station {
    /// CPU time of a request in nanoseconds of one vCPU.
    pub(super) cpu_ns: u64,
    /// Time of a request without CPU, in microseconds.
    pub(super) extra_us: u64,
    /// What requests may use, in CPU units.
    pub(super) cpu: u64,
    /// Requests under way at once.
    pub(super) slots: Option<u32>,
    /// No response takes longer, in microseconds.
    pub(super) limit_us: u64,
}

/// Mean and 99th percentile, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) mean_us: u64,
    pub(super) p99_us: u64,
}

const PARTS: u64 = 1_000_000_000;
/// Of a vCPU.
const UNITS: u128 = 1_024;
/// The natural logarithm of 100: an exponential time is longer than so many means once in 100.
const LN_100: f64 = std::f64::consts::LN_10 * 2.0;

impl Station {
    /// Requests a second, in thousandths, that its CPU can do.
    fn cpu_capacity(&self) -> u64 {
        if self.cpu_ns == 0 {
            return u64::MAX;
        }
        let rate = u128::from(self.cpu) * 1_000_000_000_000 / (UNITS * u128::from(self.cpu_ns));
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// Requests a second, in thousandths, that pass through its slots.
    fn slot_capacity(&self) -> u64 {
        let held_ns = self.unhindered_ns();
        match self.slots {
            Some(slots) if held_ns > 0 => {
                let rate = u128::from(slots) * 1_000_000_000_000 / held_ns;
                u64::try_from(rate).unwrap_or(u64::MAX)
            }
            _ => u64::MAX,
        }
    }

    /// Requests a second, in thousandths, that it can do.
    pub(super) fn capacity(&self) -> u64 {
        self.cpu_capacity().min(self.slot_capacity())
    }

    /// CPU and other time of a request that meets no other, in nanoseconds.
    fn unhindered_ns(&self) -> u128 {
        self.service_ns() + u128::from(self.extra_us) * 1_000
    }

    /// CPU time of a request by the clock: a task with less than a vCPU is slowed down.
    fn service_ns(&self) -> u128 {
        let own = u128::from(self.cpu.max(1)).min(UNITS);
        u128::from(self.cpu_ns) * UNITS / own
    }

    /// The response when so many requests a second, in thousandths, come to the task. At and
    /// beyond its capacity the queue grows to the limit.
    pub(super) fn response(&self, rate: u64) -> Response {
        let limit = self.limit_us;
        if rate >= self.capacity() {
            return Response {
                mean_us: limit,
                p99_us: limit,
            };
        }
        let (mean, p99) = self.below_capacity(rate);
        Response {
            mean_us: round_half_up(mean).min(limit),
            p99_us: round_half_up(p99).min(limit),
        }
    }

    #[expect(
        clippy::float_arithmetic,
        reason = "a formula; its result is rounded to microseconds at once"
    )]
    fn below_capacity(&self, rate: u64) -> (f64, f64) {
        let service = float(u64::try_from(self.service_ns()).unwrap_or(u64::MAX)) / 1_000.0;
        let extra = float(self.extra_us);
        let servers = (float(self.cpu) / 1_024.0).max(1.0);
        let cpu_wait = service * wait(servers, load(rate, self.cpu_capacity()));
        let slots = self.slots.map_or(0.0, |slots| {
            (service + extra) * wait(f64::from(slots), load(rate, self.slot_capacity()))
        });
        let varying = service + cpu_wait + slots;
        (extra + varying, extra + LN_100 * varying)
    }
}

/// `rate` over `capacity`, which is greater.
#[expect(clippy::float_arithmetic, reason = "of whole parts of 10^9")]
fn load(rate: u64, capacity: u64) -> f64 {
    let parts = u128::from(rate) * u128::from(PARTS) / u128::from(capacity);
    float(u64::try_from(parts).unwrap_or(PARTS).min(PARTS - 1)) / float(PARTS)
}

/// The mean wait of M/M/c in service times, by Sakasegawa.
#[expect(clippy::float_arithmetic, reason = "a formula with libm's functions")]
fn wait(servers: f64, load: f64) -> f64 {
    if servers <= 1.0 {
        // The exponent is 1.
        return load / (1.0 - load);
    }
    let exponent = libm::sqrt(2.0 * (servers + 1.0)) - 1.0;
    libm::pow(load, exponent) / (servers * (1.0 - load))
}

#[expect(
    clippy::float_arithmetic,
    reason = "exact below 2^53, as near as can be above"
)]
fn float(number: u64) -> f64 {
    let high = u32::try_from(number >> 32).expect("the upper half");
    let low = u32::try_from(number & 0xFFFF_FFFF).expect("the lower half");
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Station;

    /// 10 ms of CPU a request.
    const STATION: Station = Station {
        cpu_ns: 10_000_000,
        extra_us: 0,
        cpu: 1_024,
        slots: None,
        limit_us: 60_000_000,
    };

    fn mean(station: &Station, rate: u64) -> u64 {
        station.response(rate).mean_us
    }

    #[test]
    fn one_vcpu_is_a_shared_processor() {
        // 100 requests a second at most; s / (1 - rho).
        assert_eq!(STATION.capacity(), 100_000);
        for (rate, expected) in [
            (0, 10_000),
            (50_000, 20_000),
            (80_000, 50_000),
            (99_000, 1_000_000),
        ] {
            assert_eq!(mean(&STATION, rate), expected, "{rate}");
        }
        let slow = Station {
            cpu: 256,
            ..STATION
        };
        // A quarter of a vCPU takes four times as long.
        assert_eq!(slow.capacity(), 25_000);
        assert_eq!((mean(&slow, 0), mean(&slow, 12_500)), (40_000, 80_000));
    }

    #[test]
    fn the_99th_percentile_is_that_of_an_exponential_law_after_the_extra_time() {
        let station = Station {
            extra_us: 7_000,
            ..STATION
        };
        let response = station.response(50_000);
        assert_eq!(response.mean_us, 27_000);
        // 7,000 + 20,000 ln 100.
        assert_eq!(response.p99_us, 99_103);
    }

    #[test]
    fn several_vcpus_wait_less_and_near_the_exact_value() {
        // M/M/c by Erlang's formula: the wait over the service time.
        for (vcpus, load, exact) in [(2, 500, 0.3333), (2, 900, 4.2632), (4, 800, 0.7455)] {
            let station = Station {
                cpu: vcpus * 1_024,
                ..STATION
            };
            let rate = station.capacity() * load / 1_000;
            let expected = 10_000.0 * (1.0 + exact);
            let found = f64::from(u32::try_from(mean(&station, rate)).unwrap());
            assert!(
                (found / expected - 1.0).abs() < 0.03,
                "{vcpus} {load}: {found} {expected}"
            );
        }
    }

    #[test]
    fn at_its_capacity_a_request_takes_the_limit() {
        let limited = Station {
            limit_us: 500_000,
            ..STATION
        };
        assert_eq!(mean(&limited, 97_000), 333_333);
        assert_eq!(mean(&limited, 99_500), 500_000);
        assert_eq!(mean(&limited, 100_000), 500_000);
        assert_eq!(limited.response(97_000).p99_us, 500_000);
    }

    #[test]
    fn slots_bound_the_rate_and_make_requests_wait() {
        let station = Station {
            extra_us: 190_000,
            slots: Some(10),
            ..STATION
        };
        // Each request holds a slot for 0.2 s.
        assert_eq!(station.capacity(), 50_000);
        let free = Station {
            slots: None,
            ..station
        };
        assert!(mean(&station, 45_000) > mean(&free, 45_000) + 50_000);
    }

    #[test]
    fn requests_that_cost_nothing_take_no_time() {
        let free = Station {
            cpu_ns: 0,
            ..STATION
        };
        assert_eq!(free.capacity(), u64::MAX);
        assert_eq!((mean(&free, 0), mean(&free, 1_000_000_000)), (0, 0));
        let none = Station { cpu: 0, ..STATION };
        assert_eq!((none.capacity(), mean(&none, 1)), (0, 60_000_000));
    }

    proptest! {
        #[test]
        fn a_response_never_falls_when_the_rate_rises(
            cpu_ns in 0_u64..10_000_000_000, extra_us in 0_u64..10_000_000, cpu in 0_u64..20_000,
            slots in prop::option::of(1_u32..1_000), parts in (0_u64..2_000, 0_u64..2_000),
        ) {
            let station = Station { cpu_ns, extra_us, cpu, slots, limit_us: 60_000_000 };
            let capacity = station.capacity().min(1_000_000_000);
            let rate = |part| capacity * part / 1_000;
            let (less, more) = (parts.0.min(parts.1), parts.0.max(parts.1));
            let (less, more) = (station.response(rate(less)), station.response(rate(more)));
            prop_assert!(less.mean_us <= more.mean_us && less.p99_us <= more.p99_us);
            prop_assert!(less.mean_us <= less.p99_us);
        }
    }
}
