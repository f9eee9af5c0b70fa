//! Capacity that comes and goes, at a size that hurts.
//!
//! `capacity/spot-week`: ten services of 5,000 tasks each, 50,000 in all, on 5,000 Spot Instances
//! of ten types in three zones (30 pools), for a week with hundreds of interruptions: notices,
//! draining, replacements, managed scaling every minute; from a checked scenario to its summary,
//! without files.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use ecs_sim::cost::{self, Summary};
use ecs_sim::placement::strategies::Strategies;
use ecs_sim::record::{RecordOptions, Recorder};
use ecs_sim::scenario::{LoadOptions, Scenario, load_text};
use ecs_sim::simulation::Simulation;

const TYPES: [&str; 10] = [
    "m5.4xlarge",
    "m5a.4xlarge",
    "m6i.4xlarge",
    "m6a.4xlarge",
    "m7i.4xlarge",
    "r5.4xlarge",
    "r5a.4xlarge",
    "r6i.4xlarge",
    "c5.4xlarge",
    "c6i.4xlarge",
];

/// The scenario in YAML: about one instance in twenty is taken back in the week.
fn text() -> String {
    let mut text = "duration: 168h
autoScalingGroups:
  - autoScalingGroupName: spot
    minSize: 0
    maxSize: 6000
    desiredCapacity: 5000
    availabilityZones: [us-east-1a, us-east-1b, us-east-1c]
    newInstancesProtectedFromScaleIn: true
    mixedInstancesPolicy:
      instancesDistribution:
        onDemandPercentageAboveBaseCapacity: 0
        spotAllocationStrategy: price-capacity-optimized
      launchTemplate:
        overrides:
"
    .to_owned();
    for name in TYPES {
        writeln!(text, "          - {{instanceType: {name}}}").expect("a string takes all");
    }
    text.push_str(
        "spot: {interruptions: 20%}
cluster:
  name: week
  capacityProviders:
    - name: spot
      autoScalingGroupProvider:
        autoScalingGroupName: spot
        managedScaling: {status: ENABLED}
        managedTerminationProtection: ENABLED
        managedDraining: ENABLED
  defaultCapacityProviderStrategy: [{capacityProvider: spot, weight: 1}]
taskDefinitions:
  - family: web
    cpu: 1536
    containerDefinitions: [{name: app, image: 'web:1', memory: 2600}]
services:
",
    );
    for number in 0..10 {
        writeln!(
            text,
            "  - {{serviceName: s{number}, taskDefinition: web, desiredCount: 5000}}"
        )
        .expect("a string takes all");
    }
    text
}

fn scenario() -> Scenario {
    let options = LoadOptions::default();
    load_text(&text(), "capacity.yaml", Path::new("."), &options)
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario
}

fn simulate(scenario: &Scenario) -> Summary {
    let strategies = Strategies::default();
    let mut simulation = Simulation::new(scenario, &strategies).expect("a checked scenario");
    let mut recorder = Recorder::new(scenario, RecordOptions { tasks: false });
    let outcome = simulation.run(&mut recorder).expect("no trace, no fault");
    let run = recorder.finish(&outcome, simulation.cluster());
    Summary::new(&run, &cost::bill(&run))
}

#[expect(
    clippy::print_stdout,
    reason = "what was simulated belongs beside its time"
)]
fn spot_week(criterion: &mut Criterion) {
    let scenario = scenario();
    let summary = simulate(&scenario);
    let spot = summary.spot.as_ref().expect("it is Spot alone");
    println!(
        "{} Spot Instances at most, {} pools, {} tasks placed, {} interruptions, {} events",
        summary.instances.peak,
        scenario.spot_pools.len(),
        summary.tasks.placed,
        spot.all.interruptions,
        summary.events,
    );
    assert!(summary.instances.peak >= 5_000 && spot.all.interruptions >= 200);
    assert!(summary.tasks.running >= 49_000);
    let mut group = criterion.benchmark_group("capacity");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_secs(60));
    group.bench_function("spot-week", |bencher| {
        bencher.iter(|| black_box(simulate(&scenario)));
    });
    group.finish();
}

criterion_group!(benches, spot_week);
criterion_main!(benches);
