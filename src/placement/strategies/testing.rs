//! A fixture for strategies: a fleet as one line of text, a decision as one call.

use jiff::Timestamp;

use crate::model::{
    Attributes, CapacityScope, Cluster, ContainerInstance, ContainerInstanceId, CpuArchitecture,
    InstanceType, InstanceTypeId, PortTable, Ports, Profile, Task, TemplateId, attributes,
};
use crate::placement::{
    BinpackField, Draws, PlacementOptions, SpreadField, StrategySpec, Template, place,
};
use crate::units::{CpuUnits, MemoryMib, Resources, SimTime};

use super::{Chain, Strategies};

/// Draws that a test must not need.
pub(crate) struct NoDraws;

impl Draws for NoDraws {
    fn below(&mut self, _: u64) -> u64 {
        panic!("this decision draws nothing")
    }
}

/// Amounts without GPUs and ENIs.
pub(crate) fn amount(cpu: u32, memory: u32) -> Resources {
    Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus: 0,
        enis: 0,
    }
}

/// A chain by its short names, joined by `+`.
pub(crate) fn chain(names: &str) -> Chain {
    let spec = |name: &str| match name {
        "spread-instance" => StrategySpec::Spread(SpreadField::InstanceId),
        "spread-az" => StrategySpec::Spread(SpreadField::Attribute(
            attributes::AVAILABILITY_ZONE.to_owned(),
        )),
        "binpack-cpu" => StrategySpec::Binpack(BinpackField::Cpu),
        "binpack-memory" => StrategySpec::Binpack(BinpackField::Memory),
        "random" => StrategySpec::Random,
        other => match other.strip_prefix("spread-attribute:") {
            Some(name) => StrategySpec::Spread(SpreadField::Attribute(name.to_owned())),
            None => StrategySpec::Named(other.to_owned()),
        },
    };
    let specs: Vec<StrategySpec> = names.split('+').map(spec).collect();
    Chain::new(&specs, &Strategies::default(), PlacementOptions::default()).unwrap()
}

/// A template that asks for nothing but the chain, in the group `g`.
pub(crate) fn template(cluster: &mut Cluster, chain: Chain) -> Template {
    Template {
        capacity: CapacityScope::default(),
        group: cluster.intern_group("g"),
        ports: Ports::default(),
        required_attributes: Vec::new(),
        subnet_zones: Vec::new(),
        distinct_instance: false,
        member_of: Vec::new(),
        chain,
    }
}

/// Reads a fleet such as `cpu=9 memory=600 az=b rack=r1 tasks=2 | memory=7`: remaining amounts (CPU
/// 1 unless given), attributes, and tasks of the group `g`. Whole amounts if given are 100 and 1000.
pub(crate) fn fleet(text: &str, loaded: bool) -> Cluster {
    let mut cluster = Cluster::new(
        Timestamp::UNIX_EPOCH,
        vec![InstanceType {
            name: "t".to_owned(),
            architecture: CpuArchitecture::X86_64,
            cpu: CpuUnits(100),
            nominal_memory: MemoryMib(1_000),
            registered_memory: MemoryMib(1_000),
            gpus: 0,
            awsvpc_tasks: None,
            awsvpc_tasks_trunking: None,
            on_demand: None,
        }],
    );
    for words in text.split('|') {
        let (mut cpu, mut memory, mut tasks) = (1, 0, 0);
        let mut attributes = Attributes::new();
        for word in words.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap();
            match name {
                "cpu" => cpu = value.parse().unwrap(),
                "memory" => memory = value.parse().unwrap(),
                "tasks" => tasks = value.parse().unwrap(),
                "az" => {
                    attributes.insert(attributes::AVAILABILITY_ZONE.to_owned(), value.to_owned());
                }
                other => {
                    attributes.insert(other.to_owned(), value.to_owned());
                }
            }
        }
        add(&mut cluster, attributes, amount(cpu, memory), tasks, loaded);
    }
    cluster
}

fn add(cluster: &mut Cluster, attributes: Attributes, left: Resources, tasks: u32, loaded: bool) {
    let version = "1.95.0".to_owned();
    let profile = Profile::of_fleet(0, InstanceTypeId(0), attributes, version);
    let profile = cluster.intern_profile(profile);
    let registered = if loaded { amount(100, 1_000) } else { left };
    let ports = PortTable::default();
    let new = ContainerInstance::new(profile, true, SimTime::ZERO, registered, ports);
    let instance = cluster.register(new);
    if loaded {
        put(cluster, instance, registered.minus(&left));
    }
    for _ in 0..tasks {
        put(cluster, instance, amount(0, 0));
    }
}

/// Puts a task of the group `g` on an instance.
pub(crate) fn put(cluster: &mut Cluster, on: ContainerInstanceId, needs: Resources) {
    let group = cluster.intern_group("g");
    let task = cluster.submit(Task::waiting(0, TemplateId(0), group, needs, SimTime::ZERO));
    cluster.place(task, on, &Ports::default(), SimTime::ZERO);
}

/// Asserts which instance a task of 1 CPU unit (0 when it needs no memory) goes to.
pub(crate) fn check(strategies: &str, text: &str, memory: u32, expected: u32) {
    decide(
        strategies,
        fleet(text, false),
        amount(memory.min(1), memory),
        expected,
    );
}

/// The same on instances that registered 100 CPU units and 1000 MiB, for a task of 10 and 100.
pub(crate) fn check_loaded(strategies: &str, text: &str, expected: u32) {
    decide(strategies, fleet(text, true), amount(10, 100), expected);
}

fn decide(strategies: &str, mut cluster: Cluster, needs: Resources, expected: u32) {
    let template = template(&mut cluster, chain(strategies));
    let placed = place(&cluster, &template, &needs, &mut NoDraws, &mut ());
    assert_eq!(placed, Ok(ContainerInstanceId(expected)), "{strategies}");
}
