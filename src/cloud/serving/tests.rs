//! What a minute publishes.

use proptest::prelude::*;

use super::{RequestCost, ServiceMeter, ServiceMinute, ServiceProfile, Targets, TaskSize};
use crate::kernel::Streams;
use crate::units::{CpuUnits, MemoryMib, Millis, RequestRate};

const HALF: Millis = Millis(30_000);

fn size(cpu: u32, memory: u32, is_cpu_limit: bool) -> TaskSize {
    TaskSize {
        cpu: CpuUnits(cpu),
        is_cpu_limit,
        memory: MemoryMib(memory),
    }
}

/// 10 ms of CPU a request, on a task of one vCPU.
fn profile() -> ServiceProfile {
    ServiceProfile {
        cost: RequestCost {
            cpu_time_us: 10_000,
            ..RequestCost::default()
        },
        size: size(1_024, 1_024, true),
    }
}

fn healthy(count: u32) -> Targets {
    Targets {
        running: count,
        full: count,
        ..Targets::default()
    }
}

/// A minute in which nothing changes; the rate in requests a second.
fn minute(profile: &ServiceProfile, rate: u64, targets: &Targets) -> ServiceMinute {
    let mut meter = ServiceMeter::new();
    meter.advance(Millis::MINUTE, profile, RequestRate(rate * 1_000), targets);
    meter.publish(Millis::MINUTE)
}

fn idle(cpu: u32, memory: u32, max_cpu: Option<u32>) -> RequestCost {
    RequestCost {
        cpu_idle: CpuUnits(cpu),
        memory_idle: MemoryMib(memory),
        max_cpu: max_cpu.map(CpuUnits),
        ..RequestCost::default()
    }
}

#[test]
fn utilization_is_use_over_the_definitions_amount() {
    // G26: 2,048 units and 512 MiB used by a task of 512 units and 1,024 MiB; G27: 128 and 128.
    for (cpu, memory, expected) in [
        (2_048, 512, (400_000, 50_000)),
        (128, 128, (25_000, 12_500)),
    ] {
        let profile = ServiceProfile {
            cost: idle(cpu, memory, Some(2_048)),
            size: size(512, 1_024, false),
        };
        let minute = minute(&profile, 0, &healthy(1));
        let found = (minute.cpu_utilization, minute.memory_utilization);
        assert_eq!(found, (Some(expected.0), Some(expected.1)));
    }
}

#[test]
fn cpu_may_exceed_its_share_but_never_a_task_level_size() {
    let mut profile = profile();
    profile.size = size(512, 1_024, false);
    profile.cost.max_cpu = Some(CpuUnits(2_048));
    // 150 requests a second are 1.5 vCPU, three times the share of half a one.
    let minute_of = |profile: &ServiceProfile| {
        let minute = minute(profile, 150, &healthy(1));
        (minute.cpu_utilization, minute.error_rate)
    };
    assert_eq!(minute_of(&profile), (Some(300_000), Some(0)));
    profile.size.is_cpu_limit = true;
    assert_eq!(minute_of(&profile), (Some(100_000), Some(66_667)));
}

#[test]
fn a_task_uses_at_most_what_is_said_or_its_own_size_or_a_vcpu() {
    for (max_cpu, cpu, is_cpu_limit, expected) in [
        (None, 256, true, 256),
        (None, 256, false, 256),
        (None, 0, false, 1_024),
        (Some(2_048), 256, false, 2_048),
        (Some(2_048), 256, true, 256),
        (Some(128), 256, true, 128),
    ] {
        let profile = ServiceProfile {
            cost: idle(0, 0, max_cpu),
            size: size(cpu, 512, is_cpu_limit),
        };
        assert_eq!(
            profile.max_cpu(),
            CpuUnits(expected),
            "{max_cpu:?} {cpu} {is_cpu_limit}"
        );
    }
}

#[test]
fn a_minute_of_requests_has_these_metrics() {
    let mut profile = profile();
    profile.cost = RequestCost {
        cpu_time_us: 10_000,
        extra_time_us: 80_000,
        cpu_idle: CpuUnits(24),
        memory_idle: MemoryMib(100),
        memory_per_concurrent_kib: 1_024,
        memory_per_rate_kib: 512,
        max_cpu: Some(CpuUnits(1_024)),
        ..RequestCost::default()
    };
    // 100 a second over two tasks: each 0.5 vCPU and 24 units, of 1,000 units for requests.
    let minute = minute(&profile, 100, &healthy(2));
    let expected = ServiceMinute {
        // (24 + 512) / 1,024.
        cpu_utilization: Some(52_344),
        // 100 MiB, 50 * 0.101 s under way of 1 MiB, 50 a second of 0.5 MiB: 130.05 of 1,024.
        memory_utilization: Some(12_700),
        offered: 6_000_000_000,
        served: 6_000_000_000,
        lost: 0,
        requests_per_target: Some(3_000_000_000),
        // 80 ms, and 10.24 ms over (1 - 0.512), all but the 80 ms times ln 100.
        latency_mean_us: Some(100_984),
        latency_p99_us: Some(176_633),
        error_rate: Some(0),
        running_tasks: 2_000,
        receiving_targets: 2_000,
    };
    assert_eq!(minute, expected);
}

#[test]
fn without_traffic_or_tasks_there_is_nothing_to_publish() {
    let quiet = minute(&profile(), 0, &healthy(1));
    assert_eq!(
        (quiet.cpu_utilization, quiet.requests_per_target),
        (Some(0), Some(0))
    );
    assert_eq!(
        (
            quiet.latency_mean_us,
            quiet.latency_p99_us,
            quiet.error_rate
        ),
        (None, None, None)
    );
    let empty = minute(&profile(), 5, &Targets::default());
    assert_eq!(
        (empty.cpu_utilization, empty.memory_utilization),
        (None, None)
    );
    assert_eq!(
        (empty.requests_per_target, empty.latency_mean_us),
        (None, None)
    );
    assert_eq!((empty.lost, empty.error_rate), (300_000_000, Some(100_000)));
    let mut no_cpu = profile();
    no_cpu.size.cpu = CpuUnits(0);
    assert_eq!(minute(&no_cpu, 5, &healthy(1)).cpu_utilization, None);
}

#[test]
fn requests_beyond_what_the_tasks_can_do_are_lost() {
    let busy = minute(&profile(), 250, &healthy(2));
    assert_eq!((busy.served, busy.lost), (12_000_000_000, 3_000_000_000));
    assert_eq!(
        (busy.error_rate, busy.cpu_utilization),
        (Some(20_000), Some(100_000))
    );
    assert_eq!(
        busy.latency_mean_us,
        Some(60_000_000),
        "the queue is as long as may be"
    );
    let mut no_room = profile();
    no_room.cost.cpu_idle = CpuUnits(2_000);
    let stuck = minute(&no_room, 1, &healthy(1));
    assert_eq!((stuck.cpu_utilization, stuck.served), (Some(100_000), 0));
}

#[test]
fn concurrency_bounds_the_rate_and_the_memory() {
    let mut profile = profile();
    profile.cost.extra_time_us = 190_000;
    profile.cost.memory_per_concurrent_kib = 1_024;
    profile.cost.max_concurrency = Some(10);
    // A request holds one of ten places for 0.2 s: 50 a second, and never more than 10 MiB.
    let minute = minute(&profile, 60, &healthy(1));
    assert_eq!((minute.served, minute.lost), (3_000_000_000, 600_000_000));
    assert_eq!(minute.memory_utilization, Some(977));
}

#[test]
fn requests_of_a_silent_target_are_lost() {
    let targets = Targets {
        running: 4,
        full: 3,
        silent: 1,
        ..Targets::default()
    };
    let minute = minute(&profile(), 40, &targets);
    assert_eq!((minute.served, minute.lost), (1_800_000_000, 600_000_000));
    assert_eq!(
        (minute.receiving_targets, minute.requests_per_target),
        (4_000, Some(600_000_000))
    );
}

#[test]
fn a_target_in_slow_start_receives_its_weight() {
    let targets = Targets {
        running: 2,
        full: 1,
        ramping: 1,
        ramping_weight: 250,
        silent: 0,
    };
    // 100 of 125 go to the one with a full share, which can do just that.
    let ramping = minute(&profile(), 125, &targets);
    assert_eq!((ramping.lost, ramping.cpu_utilization), (0, Some(62_500)));
    let more = minute(&profile(), 150, &targets);
    assert_eq!(more.lost, 20 * 60_000_000);
    // Alone it receives everything, however little it weighs.
    let alone = Targets {
        running: 1,
        ramping: 1,
        ramping_weight: 1,
        ..Targets::default()
    };
    assert_eq!(minute(&profile(), 50, &alone).lost, 0);
}

#[test]
fn changes_within_a_minute_count_by_their_time() {
    let mut meter = ServiceMeter::new();
    meter.advance(HALF, &profile(), RequestRate(50_000), &healthy(1));
    meter.advance(HALF, &profile(), RequestRate(50_000), &healthy(3));
    let minute = meter.publish(Millis::MINUTE);
    assert_eq!(
        (minute.running_tasks, minute.receiving_targets),
        (2_000, 2_000)
    );
    // Half a vCPU all the time, of two vCPU in the mean.
    assert_eq!(minute.cpu_utilization, Some(25_000));
    assert_eq!(minute.requests_per_target, Some(1_500_000_000));
    // 20 ms, then 10 / (1 - 1 / 6) = 12 ms.
    assert_eq!(minute.latency_mean_us, Some(16_000));
    let next = meter.publish(Millis::MINUTE);
    assert_eq!(next, ServiceMinute::default(), "a minute begins anew");
}

#[test]
fn revisions_of_different_size_add_up() {
    let mut meter = ServiceMeter::new();
    let mut larger = profile();
    larger.size = size(3_072, 1_024, true);
    meter.advance(Millis::MINUTE, &profile(), RequestRate(50_000), &healthy(1));
    meter.advance(Millis::MINUTE, &larger, RequestRate(150_000), &healthy(1));
    let minute = meter.publish(Millis::MINUTE);
    assert_eq!(
        (minute.cpu_utilization, minute.running_tasks),
        (Some(50_000), 2_000)
    );
}

#[test]
fn noise_is_drawn_once_a_minute_with_mean_one() {
    let mut profile = profile();
    let mut stream = Streams::new(7).open("cpu", "web");
    let mut meter = ServiceMeter::new();
    let before = stream.clone().next_u64();
    meter.draw_noise(&profile.cost, &mut stream);
    assert_eq!(stream.clone().next_u64(), before, "no noise, no draw");
    profile.cost.cpu_noise = 200;
    let mut utilizations = Vec::new();
    for _ in 0..10_000 {
        meter.draw_noise(&profile.cost, &mut stream);
        meter.advance(HALF, &profile, RequestRate(10_000), &healthy(1));
        meter.advance(HALF, &profile, RequestRate(10_000), &healthy(1));
        utilizations.push(meter.publish(Millis::MINUTE).cpu_utilization.unwrap());
    }
    let count = 10_000;
    let mean = utilizations.iter().sum::<u64>() / count;
    // Ten percent; the standard error is 2,000 / 100.
    assert!(mean.abs_diff(10_000) <= 100, "{mean}");
    let square = |value: &u64| value.abs_diff(10_000).pow(2);
    let variance = utilizations.iter().map(square).sum::<u64>() / count;
    assert!((3_600_000..4_400_000).contains(&variance), "{variance}");
}

#[test]
fn costs_that_make_no_sense_are_refused() {
    assert!(RequestCost::default().faults().is_empty());
    let wrong = RequestCost {
        cpu_idle: CpuUnits(256),
        max_cpu: Some(CpuUnits(256)),
        max_concurrency: Some(0),
        cpu_noise: 5_001,
        latency_limit: Millis::ZERO,
        ..RequestCost::default()
    };
    let faults = wrong.faults();
    let settings: Vec<&str> = faults.iter().map(|fault| fault.setting).collect();
    assert_eq!(
        settings,
        ["maxCpu", "maxConcurrency", "cpuNoise", "latencyLimit"]
    );
}

fn any_profile() -> impl Strategy<Value = ServiceProfile> {
    let costs = (
        0_u32..1_000_000,
        0_u32..1_000_000,
        0_u32..5_000,
        0_u32..5_000,
    );
    let limits = (
        prop::option::of(0_u32..5_000),
        prop::option::of(1_u32..500),
        any::<bool>(),
    );
    (costs, limits).prop_map(|((cpu, extra, idle, memory), (max_cpu, slots, is_limit))| {
        ServiceProfile {
            cost: RequestCost {
                cpu_time_us: cpu,
                extra_time_us: extra,
                cpu_idle: CpuUnits(idle / 10),
                memory_per_concurrent_kib: memory,
                memory_per_rate_kib: memory / 2,
                max_cpu: max_cpu.map(CpuUnits),
                max_concurrency: slots,
                ..RequestCost::default()
            },
            size: size(512, 1_024, is_limit),
        }
    })
}

fn any_targets() -> impl Strategy<Value = Targets> {
    (0_u32..50, 0_u32..10, 0_u64..12_000, 0_u32..5).prop_map(|(full, ramping, weight, silent)| {
        Targets {
            running: full + ramping + silent,
            full,
            ramping,
            ramping_weight: weight,
            silent,
        }
    })
}

proptest! {
    #[test]
    fn what_is_offered_is_served_or_lost(
        profile in any_profile(),
        spans in prop::collection::vec((0_u64..60_000, 0_u64..10_000_000, any_targets()), 1..6),
    ) {
        let mut meter = ServiceMeter::new();
        let mut expected = 0;
        for (span, rate, targets) in &spans {
            meter.advance(Millis(*span), &profile, RequestRate(*rate), targets);
            expected += span * rate;
        }
        let minute = meter.publish(Millis::MINUTE);
        prop_assert_eq!(minute.offered, expected);
        prop_assert_eq!(minute.served + minute.lost, minute.offered);
    }

    #[test]
    fn cpu_latency_and_errors_never_fall_when_the_rate_rises(
        profile in any_profile(), count in 1_u32..50, rates in (0_u64..100_000, 0_u64..100_000),
    ) {
        let less = minute(&profile, rates.0.min(rates.1), &healthy(count));
        let more = minute(&profile, rates.0.max(rates.1), &healthy(count));
        prop_assert!(less.cpu_utilization <= more.cpu_utilization);
        prop_assert!(less.memory_utilization <= more.memory_utilization);
        prop_assert!(less.error_rate <= more.error_rate);
        prop_assert!(more.served == 0 || less.latency_mean_us <= more.latency_mean_us);
        prop_assert!(more.served == 0 || less.latency_p99_us <= more.latency_p99_us);
        if profile.size.is_cpu_limit {
            prop_assert!(more.cpu_utilization <= Some(100_000));
        }
    }

    #[test]
    fn the_largest_amounts_are_no_panic(number in any::<u32>(), targets in any_targets()) {
        let cost = RequestCost {
            cpu_time_us: u32::MAX,
            extra_time_us: u32::MAX,
            cpu_idle: CpuUnits(number),
            memory_idle: MemoryMib(u32::MAX),
            memory_per_concurrent_kib: u32::MAX,
            memory_per_rate_kib: u32::MAX,
            max_cpu: Some(CpuUnits(u32::MAX)),
            max_concurrency: None,
            cpu_noise: 0,
            latency_limit: Millis::HOUR,
        };
        let profile = ServiceProfile { cost, size: size(number, number, false) };
        let mut meter = ServiceMeter::new();
        meter.advance(Millis::MINUTE, &profile, RequestRate::MOST, &targets);
        let minute = meter.publish(Millis::MINUTE);
        prop_assert_eq!(minute.served + minute.lost, minute.offered);
    }
}
