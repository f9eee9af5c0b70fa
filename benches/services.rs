//! Many services for a day: load, health, auto scaling every minute.
//!
//! `services/day`: 500 services with about 20,000 tasks on 2,000 instances in three zones, each
//! under a day curve of its own with noise, followed by target tracking on its CPU; from a checked
//! scenario to its summary, without files.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use ecs_sim::experiment::run_once;
use ecs_sim::scenario::{LoadOptions, Scenario, load_text};

const SERVICES: u32 = 500;

/// The scenario in YAML. Peaks differ from service to service, and fall on all hours of the day.
fn text() -> String {
    let mut text = "duration: 24h
instanceTypes: [{instanceType: own, cpu: 16 vCPU, memory: 64 GiB, onDemandUsdPerHour: 1}]
containerInstances:
  - {instanceType: own, count: 2000, availabilityZones: [us-east-1a, us-east-1b, us-east-1c]}
taskDefinitions:
  - family: web
    cpu: 1024
    containerDefinitions: [{name: app, image: 'web:1', memory: 2048}]
services:
"
    .to_owned();
    for number in 0..SERVICES {
        let peak = 40 + number * 37 % 80;
        writeln!(
            text,
            "  - serviceName: s{number}
    taskDefinition: web
    desiredCount: 40
    load:
      curve: {{base: {}, peak: {}, peakAt: {}h}}
      request: {{cpuTime: 20ms, cpuNoise: 0.1}}
    scaling:
      minCapacity: 10
      maxCapacity: 200
      policies:
        - policyName: cpu
          policyType: TargetTrackingScaling
          targetTrackingScalingPolicyConfiguration:
            predefinedMetricSpecification:
              predefinedMetricType: ECSServiceAverageCPUUtilization
            targetValue: 50",
            peak * 5,
            peak * 18,
            number % 24,
        )
        .expect("a string takes all");
    }
    text
}

fn scenario() -> Scenario {
    let options = LoadOptions::default();
    load_text(&text(), "services.yaml", Path::new("."), &options)
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario
}

#[expect(
    clippy::print_stdout,
    reason = "what was simulated belongs beside its time"
)]
fn day(criterion: &mut Criterion) {
    let scenario = scenario();
    let summary = run_once(&scenario).expect("it runs");
    let running: f64 = summary
        .services
        .values()
        .filter_map(|service| service.running.mean)
        .sum();
    println!(
        "{} services, {running:.0} tasks running on average, {} started, {} events",
        summary.services.len(),
        summary.tasks.placed,
        summary.events,
    );
    let mut group = criterion.benchmark_group("services");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_secs(60));
    group.bench_function("day", |bencher| {
        bencher.iter(|| black_box(run_once(&scenario).expect("it runs")));
    });
    group.finish();
}

criterion_group!(benches, day);
criterion_main!(benches);
