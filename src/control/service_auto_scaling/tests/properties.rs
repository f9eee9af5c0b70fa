//! What holds for every course of metrics.

use proptest::prelude::*;

use super::{CPU, MEMORY, Service, adds, removes, target, tracking};
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::ServiceMetrics;

/// Metrics of a minute in percent.
fn datapoint() -> impl Strategy<Value = Option<i32>> {
    prop::option::weighted(0.9, prop_oneof![0..40, 40..60, 60..300])
}

/// A level that lasts for some minutes.
fn course() -> impl Strategy<Value = Vec<Option<i32>>> {
    let stretch = (datapoint(), 1_usize..25).prop_map(|(value, minutes)| vec![value; minutes]);
    prop::collection::vec(stretch, 1..30).prop_map(|stretches| stretches.concat())
}

fn metrics(cpu: Option<i32>, memory: Option<i32>) -> ServiceMetrics<'static> {
    ServiceMetrics {
        cpu_utilization: cpu.map(MetricValue::whole),
        memory_utilization: memory.map(MetricValue::whole),
        ..ServiceMetrics::default()
    }
}

proptest! {
    #[test]
    fn the_capacity_stays_within_its_bounds_and_moves_on_data_alone(
        (min, max, desired) in (0_u32..10, 0_u32..30)
            .prop_flat_map(|(min, more)| (Just(min), Just(min + more), min..=min + more)),
        cpu in course(),
        memory in course(),
        late in 0_u32..4,
    ) {
        let policies = vec![tracking(CPU, 50), tracking(MEMORY, 60), adds(2), removes(1)];
        let mut service = Service::with_target(desired, target(min, max, policies));
        for (cpu, memory) in cpu.into_iter().zip(memory) {
            let running = service.running;
            let activity = service.minute_with(&metrics(cpu, memory));
            prop_assert!((min..=max).contains(&service.desired));
            prop_assert!(activity.is_none() || cpu.is_some() || memory.is_some());
            let changed = activity.is_some_and(|a| a.previous_capacity == a.desired_capacity);
            prop_assert!(!changed, "an activity that changes nothing");
            // Tasks come and go in their own time.
            service.running = running + (service.desired.saturating_sub(running)).min(late)
                - running.saturating_sub(service.desired).min(late);
        }
    }

    #[test]
    fn a_higher_metric_never_leads_to_a_lower_capacity(
        desired in 0_u32..30,
        running in 0_u32..30,
        past in course(),
        (low, high) in (0_i32..300, 0_i32..300),
    ) {
        let policies = || vec![tracking(CPU, 50), adds(2), removes(1)];
        let after = |last: i32| {
            let mut service = Service::with_target(desired, target(3, 20, policies()));
            for cpu in &past {
                service.minute_with(&metrics(*cpu, None));
            }
            service.running = running;
            service.cpu(last);
            service.desired
        };
        prop_assert!(after(low.min(high)) <= after(low.max(high)));
    }
}
