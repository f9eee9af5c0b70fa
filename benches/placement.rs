//! One decision and its two changes of the cluster (a task is placed, an older one stops) by the
//! indexed implementation, on 1,000, 10,000 and 100,000 instances kept about two thirds full; then
//! the same with many groups that place in turn, as services do, and attempts that are refused.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ecs_sim::kernel::{Stream, Streams};
use ecs_sim::model::{
    Attributes, CapacityScope, Cluster, ContainerInstance, InstanceTypeId, PortTable, Ports,
    Profile, Stop, Task, TaskId, TaskStatus, TemplateId, attributes,
};
use ecs_sim::placement::query::Expression;
use ecs_sim::placement::strategies::{Chain, Strategies};
use ecs_sim::placement::{Draws, PlacementOptions, Placer, Template};
use ecs_sim::scenario::parse_strategy_chain;
use ecs_sim::units::{CpuUnits, MemoryMib, Resources, SimTime, id, index};
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
    /// One of each group; they place in turn.
    templates: Vec<TemplateId>,
    running: VecDeque<TaskId>,
    draws: Seeded,
    step: u64,
}

impl World {
    /// A cluster with eight tasks an instance. They average 1,280 CPU units: about two thirds.
    fn new(instances: u32, chain: &str, constraint: Option<&str>) -> Self {
        let mut world = Self::empty(instances, chain, constraint, 1);
        for _ in 0..instances * 8 {
            world.place();
        }
        world
    }

    fn empty(instances: u32, chain: &str, constraint: Option<&str>, groups: u32) -> Self {
        let mut cluster = Cluster::new(Timestamp::UNIX_EPOCH, Vec::new());
        for number in 0..instances {
            let stack = if number % 4 == 0 { "test" } else { "prod" };
            let mut named = Attributes::new();
            let zone = format!("us-east-1{}", ["a", "b", "c"][index(number % 3)]);
            named.insert(attributes::AVAILABILITY_ZONE.to_owned(), zone);
            named.insert("stack".to_owned(), stack.to_owned());
            let version = "1.95.0".to_owned();
            let profile = Profile::of_fleet(0, InstanceTypeId(0), named, version);
            let profile = cluster.intern_profile(profile);
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
        let member_of: Vec<Expression> = constraint
            .map(|text| Expression::parse(text).expect("a right expression"))
            .into_iter()
            .collect();
        let chain = Chain::new(&specs, &Strategies::default(), options).expect("known strategies");
        let mut placer = Placer::default();
        let mut templates = Vec::new();
        for group in 0..groups {
            let template = Template {
                capacity: CapacityScope::default(),
                group: cluster.intern_group(&format!("service:{group}")),
                ports: Ports::default(),
                required_attributes: Vec::new(),
                subnet_zones: Vec::new(),
                distinct_instance: false,
                member_of: member_of.clone(),
                chain: chain.clone(),
            };
            templates.push(placer.add(template, &cluster));
        }
        Self {
            cluster,
            placer,
            templates,
            running: VecDeque::new(),
            draws: Seeded(Streams::new(1).open("bench", "draws")),
            step: 0,
        }
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
        let turn = self.step % u64::from(id(self.templates.len()));
        let template = self.templates[usize::try_from(turn).expect("an index")];
        let placed = self
            .placer
            .place(&self.cluster, template, &needs, &mut self.draws);
        let on = placed.expect("a cluster that is two thirds full has room");
        let task = self.cluster.submit(Task::waiting(
            self.step,
            template,
            self.placer.template(template).group,
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

/// Groups in turn over 2,000 instances with 20,000 tasks: `cargo bench --bench placement groups`.
fn many_groups(criterion: &mut Criterion) {
    for chain in [
        "spread-az+spread-instance",
        "spread-instance",
        "spread-az+binpack-memory+spread-instance",
    ] {
        let mut group = criterion.benchmark_group(format!("many_groups/{chain}"));
        group.sample_size(20);
        group.measurement_time(std::time::Duration::from_secs(1));
        group.warm_up_time(std::time::Duration::from_millis(300));
        for groups in [1, 10, 100, 500, 2_000] {
            let mut world = World::empty(2_000, chain, None, groups);
            for _ in 0..20_000 {
                world.place();
            }
            // As many steps as there are tasks: the state that the groups settle in.
            for _ in 0..20_000 {
                world.step();
            }
            group.bench_function(BenchmarkId::from_parameter(groups), |bencher| {
                bencher.iter(|| world.step());
            });
        }
        group.finish();
    }
}

/// An attempt that is refused, again after each step of 500 groups: for want of room, and because
/// the group is on every instance already.
fn refused(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("refused");
    group.sample_size(20);
    group.measurement_time(std::time::Duration::from_secs(1));
    group.warm_up_time(std::time::Duration::from_millis(300));
    let amounts = |cpu: u32, memory: u32| Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus: 0,
        enis: 0,
    };
    for (name, distinct_instance, needs) in [
        ("no-room", false, amounts(16_385, 1)),
        ("distinct-instance", true, amounts(0, 0)),
    ] {
        let mut world = World::empty(2_000, "spread-az+spread-instance", None, 500);
        for _ in 0..20_000 {
            world.place();
        }
        let mut template = world.placer.template(world.templates[0]).clone();
        template.group = world.cluster.intern_group("service:refused");
        template.distinct_instance = distinct_instance;
        let of_group = template.group;
        let template = world.placer.add(template, &world.cluster);
        while let Ok(on) = world
            .placer
            .place(&world.cluster, template, &needs, &mut world.draws)
        {
            let task = Task::waiting(0, template, of_group, needs, SimTime::ZERO);
            let task = world.cluster.submit(task);
            let ports = Ports::default();
            world.cluster.place(task, on, &ports, SimTime::ZERO);
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                world.step();
                let (cluster, draws) = (&world.cluster, &mut world.draws);
                let placed = world.placer.place(cluster, template, &needs, draws);
                assert!(placed.is_err(), "it was refused before");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, placement, many_groups, refused);
criterion_main!(benches);
