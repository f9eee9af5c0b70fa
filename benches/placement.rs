//! One decision and its two changes of the cluster (a task is placed, an older one stops) by the
//! indexed implementation, on 1,000, 10,000 and 100,000 instances kept about two thirds full.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ecs_sim::kernel::{Stream, Streams};
use ecs_sim::model::{
    Attributes, Cluster, ContainerInstance, InstanceTypeId, PortTable, Ports, Profile, Stop, Task,
    TaskId, TaskStatus, TemplateId, attributes,
};
use ecs_sim::placement::query::Expression;
use ecs_sim::placement::strategies::{Chain, Strategies};
use ecs_sim::placement::{Draws, PlacementOptions, Placer, Template};
use ecs_sim::scenario::parse_strategy_chain;
use ecs_sim::units::{CpuUnits, MemoryMib, Resources, SimTime, index};
use jiff::Timestamp;
use std::collections::VecDeque;

const CHAINS: [(&str, Option<&str>); 7] = [
    ("binpack-memory", None),
    ("binpack-cpu", None),
    ("spread-az+binpack-memory", None),
    ("spread-instance", None),
    ("spread-az+spread-instance", None),
    ("random", None),
    ("spread-az+binpack-memory", Some("attribute:stack == prod")),
];

struct Seeded(Stream);

impl Draws for Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }
}

/// A cluster in steady state: each step places a task and stops the oldest.
struct World {
    cluster: Cluster,
    placer: Placer,
    template: TemplateId,
    running: VecDeque<TaskId>,
    draws: Seeded,
    step: u64,
}

impl World {
    fn new(instances: u32, chain: &str, constraint: Option<&str>) -> Self {
        let mut cluster = Cluster::new(Timestamp::UNIX_EPOCH, Vec::new());
        for number in 0..instances {
            let stack = if number % 4 == 0 { "test" } else { "prod" };
            let mut named = Attributes::new();
            let zone = format!("us-east-1{}", ["a", "b", "c"][index(number % 3)]);
            named.insert(attributes::AVAILABILITY_ZONE.to_owned(), zone);
            named.insert("stack".to_owned(), stack.to_owned());
            let profile = cluster.intern_profile(Profile {
                instance_type: InstanceTypeId(0),
                attributes: named,
                agent_version: "1.95.0".to_owned(),
                fleet_entry: 0,
            });
            let registered = Resources {
                cpu: CpuUnits(16_384),
                memory: MemoryMib(62_950),
                gpus: 0,
                enis: Resources::UNLIMITED_ENIS,
            };
            let ports = PortTable::default();
            let now = SimTime::ZERO;
            cluster.register(ContainerInstance::new(
                profile, true, now, registered, ports,
            ));
        }
        let specs = parse_strategy_chain(chain).expect("a chain of known names");
        let options = PlacementOptions::default();
        let template = Template {
            group: cluster.intern_group("family:bench"),
            ports: Ports::default(),
            required_attributes: Vec::new(),
            subnet_zones: Vec::new(),
            distinct_instance: false,
            member_of: constraint
                .map(|text| Expression::parse(text).expect("a right expression"))
                .into_iter()
                .collect(),
            chain: Chain::new(&specs, &Strategies::default(), options).expect("known strategies"),
        };
        let mut placer = Placer::default();
        let template = placer.add(template, &cluster);
        let draws = Seeded(Streams::new(1).open("bench", "draws"));
        let running = VecDeque::new();
        let mut world = Self {
            cluster,
            placer,
            template,
            running,
            draws,
            step: 0,
        };
        // Tasks average 1,280 CPU units: eight an instance fill about two thirds.
        for _ in 0..instances * 8 {
            world.place();
        }
        world
    }

    fn needs(&mut self) -> Resources {
        let shape = self.draws.below(4);
        let [cpu, memory] = match shape {
            0 => [512, 1_024],
            1 => [1_024, 4_096],
            2 => [1_536, 3_072],
            _ => [2_048, 8_192],
        };
        Resources {
            cpu: CpuUnits(cpu),
            memory: MemoryMib(memory),
            gpus: 0,
            enis: 0,
        }
    }

    fn place(&mut self) {
        let needs = self.needs();
        let placed = self
            .placer
            .place(&self.cluster, self.template, &needs, &mut self.draws);
        let on = placed.expect("a cluster that is two thirds full has room");
        let task = self.cluster.submit(Task::waiting(
            self.step,
            self.template,
            self.placer.template(self.template).group,
            needs,
            SimTime::ZERO,
        ));
        self.step += 1;
        self.cluster
            .place(task, on, &Ports::default(), SimTime::ZERO);
        self.cluster.start_task(task, SimTime::ZERO);
        self.running.push_back(task);
    }

    fn step(&mut self) {
        self.place();
        let oldest = self.running.pop_front().expect("tasks run");
        self.cluster
            .begin_stop(oldest, Stop::FINISHED, TaskStatus::Stopping);
        self.cluster.finish_stop(oldest, &Ports::default());
    }
}

fn placement(criterion: &mut Criterion) {
    for (chain, constraint) in CHAINS {
        let name = match constraint {
            Some(constraint) => format!("{chain} where {constraint}"),
            None => chain.to_owned(),
        };
        let mut group = criterion.benchmark_group(format!("place/{name}"));
        group.sample_size(20);
        group.measurement_time(std::time::Duration::from_secs(1));
        group.warm_up_time(std::time::Duration::from_millis(300));
        for instances in [1_000, 10_000, 100_000] {
            let mut world = World::new(instances, chain, constraint);
            assert_eq!(world.running.len(), index(instances * 8));
            group.bench_function(BenchmarkId::from_parameter(instances), |bencher| {
                bencher.iter(|| world.step());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, placement);
criterion_main!(benches);
