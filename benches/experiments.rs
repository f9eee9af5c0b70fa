//! Many runs side by side: the same comparison with one thread and with two.
//!
//! Eight runs of about 24,000 tasks each on 100 instances. On two free cores two threads should
//! take little more than half the time of one: the runs share nothing but the scenario.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use criterion::{Criterion, criterion_group, criterion_main};
use ecs_sim::experiment::compare::{CompareOptions, Compared, compare};
use ecs_sim::experiment::variants::{Variant, VariantSpec};
use ecs_sim::scenario::{LoadOptions, ScenarioFile};

const MEDIUM: &str = "
duration: 24h
containerInstances:
  - {instanceType: m5.xlarge, count: 100, availabilityZones: [us-east-1a, us-east-1b, us-east-1c]}
tasks:
  - name: jobs
    cpu: 512
    memory: 1 GB
    arrivals: {poisson: {perHour: 1000}}
    runtime: {exponential: {mean: 30m}}
    whenFull: queue
    placementStrategy:
      - {type: spread, field: 'attribute:ecs.availability-zone'}
      - {type: binpack, field: memory}
";
const REPLICATIONS: u64 = 4;

fn variants() -> Vec<Variant> {
    let file = ScenarioFile {
        name: "medium.yaml".to_owned(),
        text: MEDIUM.to_owned(),
        base_dir: PathBuf::new(),
    };
    let specs = VariantSpec::parse_strategies("spread-az+binpack-memory,random");
    let specs = specs.expect("strategies of ECS");
    let load = |spec: &VariantSpec| spec.load(&file, &LoadOptions::default());
    let variants = specs.iter().map(load).collect::<Result<_, _>>();
    variants.unwrap_or_else(|error| panic!("{error}"))
}

fn compared(variants: &[Variant], jobs: usize) -> Compared {
    let options = CompareOptions {
        baseline: 0,
        replications: REPLICATIONS,
        precision: None,
        figures: Vec::new(),
        jobs: NonZeroUsize::new(jobs).expect("at least one"),
    };
    compare(variants, &options, &mut |_, _| {}).expect("every run can be made")
}

fn jobs(criterion: &mut Criterion) {
    let variants = variants();
    // The same results before anything is timed.
    assert!(compared(&variants, 1) == compared(&variants, 2));
    let mut group = criterion.benchmark_group("compare");
    group.sample_size(10);
    for jobs in [1, 2] {
        group.bench_function(format!("jobs-{jobs}"), |bencher| {
            bencher.iter(|| compared(&variants, jobs));
        });
    }
    group.finish();
}

criterion_group!(benches, jobs);
criterion_main!(benches);
