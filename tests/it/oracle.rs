//! The indexed placement gives the plain one's answer: over random clusters, mixed needs, ports,
//! constraints, groups and chains, decision by decision, refusals with their reasons included.

mod groups;

use ecs_sim::kernel::Streams;
use ecs_sim::model::{
    Attributes, CapacityProviderId, CapacityScope, Cluster, ContainerInstance, ContainerInstanceId,
    CpuArchitecture, InstanceType, InstanceTypeId, LaunchType, PortTable, Ports, Profile,
    RequiredAttribute, Stop, Task, TaskId, TaskStatus, TemplateId, attributes,
};
use ecs_sim::placement::query::Expression;
use ecs_sim::placement::strategies::{Chain, Strategies};
use ecs_sim::placement::{
    BinpackField, Draws, MissingSpreadAttribute, PlacementOptions, Placer, SpreadField,
    StrategySpec, Template, TieBreak, place,
};
use ecs_sim::units::{CpuUnits, MemoryMib, Resources, SimTime};
use jiff::Timestamp;
use proptest::prelude::*;

/// The same draws for both implementations.
struct Seeded(ecs_sim::kernel::Stream);

impl Seeded {
    fn new(decision: u64) -> Self {
        Self(Streams::new(decision).open("oracle", "draws"))
    }
}

impl Draws for Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }
}

#[derive(Debug, Clone)]
struct Instance {
    amounts: [u32; 4],
    zone: u8,
    rack: Option<u8>,
    stack: Option<u8>,
    capacity: u8,
    connected: bool,
}

#[derive(Debug, Clone)]
struct Kind {
    capacity: u8,
    group: u8,
    chain: Vec<u8>,
    tcp: Vec<u16>,
    dynamic: u32,
    required: u8,
    zones: Vec<u8>,
    distinct: bool,
    member_of: Vec<u8>,
    random_ties: bool,
    missing_last: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Place {
        kind: usize,
        needs: [u32; 4],
    },
    Stop {
        which: usize,
    },
    FinishStop {
        which: usize,
    },
    Register(Instance),
    /// Takes an instance out, if it is empty.
    Deregister {
        which: usize,
    },
    /// Sets an instance DRAINING, or ACTIVE again.
    Drain {
        which: usize,
        draining: bool,
    },
    /// The agent of an instance connects or drops out.
    Connect {
        which: usize,
        connected: bool,
    },
    /// The kind is asked for under another group, or again under its own.
    Deploy {
        kind: usize,
        group: u8,
    },
}

const STRATEGIES: [&str; 5] = [
    "x-first-fit",
    "x-worst-fit",
    "x-dot-product",
    "x-kubernetes-most-allocated",
    "random",
];

const EXPRESSIONS: [&str; 9] = [
    "attribute:stack == s0",
    "attribute:stack != s0",
    "attribute:rack in [r0, r1]",
    "task:group == g0",
    "not(task:group == g1)",
    "runningTasksCount < 2",
    "attribute:ecs.availability-zone =~ z[01] or task:group == g2",
    "attribute:rack !exists",
    "agentVersion >= 1.9.0",
];

fn instance() -> impl Strategy<Value = Instance> {
    let amounts = [0u32..9, 0u32..9, 0u32..3, 0u32..4];
    (
        amounts,
        0u8..3,
        prop::option::of(0u8..3),
        prop::option::of(0u8..2),
        (0u8..10, 0u8..6),
    )
        .prop_map(|(amounts, zone, rack, stack, (agent, capacity))| Instance {
            amounts,
            zone,
            rack,
            stack,
            capacity,
            connected: agent > 0,
        })
}

fn kind() -> impl Strategy<Value = Kind> {
    let shape = (
        0u8..3,
        prop::collection::vec(0u8..10, 0..5),
        prop::collection::vec(prop_oneof![Just(80u16), Just(443), Just(22)], 0..2),
        0u32..2,
        0u8..8,
    );
    let limits = (
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(0u8..3, 1..3)],
        prop::bool::weighted(0.2),
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(0u8..9, 1..3)],
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        0u8..8,
    );
    (shape, limits).prop_map(
        |(
            (group, chain, tcp, dynamic, required),
            (zones, distinct, member_of, random_ties, missing_last, capacity),
        )| Kind {
            capacity,
            group,
            chain,
            tcp,
            dynamic: if required < 4 { 0 } else { dynamic },
            required,
            zones,
            distinct,
            member_of,
            random_ties,
            missing_last,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0usize..4, [0u32..4, 0u32..4, 0u32..2, 0u32..2])
            .prop_map(|(kind, needs)| Step::Place { kind, needs }),
        3 => (0usize..64).prop_map(|which| Step::Stop { which }),
        3 => (0usize..64).prop_map(|which| Step::FinishStop { which }),
        1 => instance().prop_map(Step::Register),
        1 => (0usize..64).prop_map(|which| Step::Deregister { which }),
        1 => (0usize..64, any::<bool>()).prop_map(|(which, draining)| Step::Drain { which, draining }),
        1 => (0usize..64, any::<bool>())
            .prop_map(|(which, connected)| Step::Connect { which, connected }),
        1 => (0usize..64, 0u8..4).prop_map(|(kind, group)| Step::Deploy { kind, group }),
    ]
}

/// Groups get forests of their own at once, sooner, as in a run, or never.
fn price() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), Just(8), Just(u64::MAX)]
}

fn register(cluster: &mut Cluster, new: &Instance) {
    let mut named = Attributes::new();
    named.insert(
        attributes::AVAILABILITY_ZONE.to_owned(),
        format!("z{}", new.zone),
    );
    named.extend(new.rack.map(|rack| ("rack".to_owned(), format!("r{rack}"))));
    named.extend(
        new.stack
            .map(|stack| ("stack".to_owned(), format!("s{stack}"))),
    );
    let version = if new.zone == 0 { "1.8.9" } else { "1.12.0" }.to_owned();
    let profile = cluster.intern_profile(Profile {
        capacity_provider: (new.capacity == 0).then_some(CapacityProviderId(0)),
        launch_type: if new.capacity == 1 {
            LaunchType::External
        } else {
            LaunchType::Ec2
        },
        ..Profile::of_fleet(0, InstanceTypeId(0), named, version)
    });
    let ports = PortTable::with_reserved(&[22], &[]);
    let registered = resources(new.amounts);
    let now = SimTime::ZERO;
    cluster.register(ContainerInstance::new(
        profile,
        new.connected,
        now,
        registered,
        ports,
    ));
}

fn resources([cpu, memory, gpus, enis]: [u32; 4]) -> Resources {
    Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus,
        enis,
    }
}

fn template(cluster: &mut Cluster, kind: &Kind) -> Template {
    let spec = |number: &u8| match number {
        0 => StrategySpec::Spread(SpreadField::InstanceId),
        1 => StrategySpec::Spread(SpreadField::Attribute("ecs.availability-zone".to_owned())),
        2 => StrategySpec::Spread(SpreadField::Attribute("rack".to_owned())),
        3 => StrategySpec::Binpack(BinpackField::Cpu),
        4 => StrategySpec::Binpack(BinpackField::Memory),
        other => match STRATEGIES[usize::from(*other) - 5] {
            "random" => StrategySpec::Random,
            name => StrategySpec::Named(name.to_owned()),
        },
    };
    let specs: Vec<StrategySpec> = kind.chain.iter().map(spec).collect();
    let options = PlacementOptions {
        tie_break: if kind.random_ties {
            TieBreak::Random
        } else {
            TieBreak::LowestInstanceId
        },
        missing_spread_attribute: if kind.missing_last {
            MissingSpreadAttribute::Last
        } else {
            MissingSpreadAttribute::OwnGroup
        },
    };
    let required = |name: &str, value: Option<&str>| RequiredAttribute {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    };
    Template {
        capacity: match kind.capacity {
            0 => CapacityScope::Provider(CapacityProviderId(0)),
            1 => CapacityScope::LaunchType(LaunchType::External),
            _ => CapacityScope::default(),
        },
        group: cluster.intern_group(&format!("g{}", kind.group)),
        ports: Ports {
            tcp: kind.tcp.clone(),
            udp: Vec::new(),
            dynamic: kind.dynamic,
        },
        required_attributes: match kind.required {
            0 => vec![required("stack", Some("s1"))],
            1 => vec![required("rack", None)],
            _ => Vec::new(),
        },
        subnet_zones: kind.zones.iter().map(|zone| format!("z{zone}")).collect(),
        distinct_instance: kind.distinct,
        member_of: kind
            .member_of
            .iter()
            .map(|number| {
                Expression::parse(EXPRESSIONS[usize::from(*number)]).expect("it is right")
            })
            .collect(),
        chain: Chain::new(&specs, &Strategies::default(), options).expect("known names"),
    }
}

/// The cluster with the tasks that run and those that are stopping on it.
struct World {
    cluster: Cluster,
    placer: Placer,
    templates: Vec<TemplateId>,
    kinds: Vec<Kind>,
    running: Vec<(TaskId, usize)>,
    stopping: Vec<(TaskId, usize)>,
}

impl World {
    fn new(instances: &[Instance], kinds: &[Kind], placer: Placer) -> Self {
        let mut cluster = Cluster::new(
            Timestamp::UNIX_EPOCH,
            vec![InstanceType {
                name: "t".to_owned(),
                architecture: CpuArchitecture::X86_64,
                cpu: CpuUnits(8),
                nominal_memory: MemoryMib(8),
                registered_memory: MemoryMib(8),
                gpus: 2,
                awsvpc_tasks: None,
                awsvpc_tasks_trunking: None,
                on_demand: None,
            }],
        );
        for new in instances {
            register(&mut cluster, new);
        }
        let mut world = Self {
            cluster,
            placer,
            templates: Vec::new(),
            kinds: Vec::new(),
            running: Vec::new(),
            stopping: Vec::new(),
        };
        for kind in kinds {
            world.add(kind);
        }
        world
    }

    fn add(&mut self, kind: &Kind) {
        let template = template(&mut self.cluster, kind);
        let id = self.placer.add(template, &self.cluster);
        self.templates.push(id);
        self.kinds.push(kind.clone());
    }

    fn place_both_ways(&mut self, kind: usize, needs: Resources, decision: u64) {
        let kind = kind % self.templates.len();
        let id = self.templates[kind];
        let template = self.placer.template(id).clone();
        let plain = place(
            &self.cluster,
            &template,
            &needs,
            &mut Seeded::new(decision),
            &mut (),
        );
        let indexed = self
            .placer
            .place(&self.cluster, id, &needs, &mut Seeded::new(decision));
        assert_eq!(
            indexed, plain,
            "decision {decision}: {template:?} needs {needs:?}"
        );
        let Ok(on) = indexed else { return };
        let task = self.cluster.submit(Task::waiting(
            decision,
            id,
            template.group,
            needs,
            SimTime::ZERO,
        ));
        self.cluster.place(task, on, &template.ports, SimTime::ZERO);
        self.cluster.start_task(task, SimTime::ZERO);
        self.running.push((task, kind));
    }

    fn deregister(&mut self, which: usize) {
        let registered = self.cluster.registered();
        if registered.is_empty() {
            return;
        }
        let id = registered[which % registered.len()];
        let instance = self.cluster.instance(id);
        let hosts_none = |(_, task): (TaskId, &Task)| task.instance != Some(id);
        if instance.remaining == instance.registered && self.cluster.live_tasks().all(hosts_none) {
            self.cluster.deregister(id);
        }
    }

    /// One of the registered instances.
    fn registered(&self, which: usize) -> Option<ContainerInstanceId> {
        let registered = self.cluster.registered();
        let place = which.checked_rem(registered.len())?;
        Some(registered[place])
    }

    fn step(&mut self, step: &Step, decision: u64) {
        match step {
            Step::Place { kind, needs } => {
                self.place_both_ways(*kind, resources(*needs), decision);
            }
            Step::Stop { which } if !self.running.is_empty() => {
                let (task, kind) = self.running.swap_remove(which % self.running.len());
                self.cluster
                    .begin_stop(task, Stop::FINISHED, TaskStatus::Stopping);
                self.stopping.push((task, kind));
            }
            Step::FinishStop { which } if !self.stopping.is_empty() => {
                let (task, kind) = self.stopping.swap_remove(which % self.stopping.len());
                let ports = self.placer.template(self.templates[kind]).ports.clone();
                self.cluster.finish_stop(task, &ports);
            }
            Step::Register(new) => register(&mut self.cluster, new),
            Step::Deregister { which } => self.deregister(*which),
            Step::Drain { which, draining } => {
                if let Some(id) = self.registered(*which) {
                    self.cluster.set_draining(id, *draining);
                }
            }
            Step::Connect { which, connected } => {
                if let Some(id) = self.registered(*which) {
                    self.cluster.set_agent_connected(id, *connected);
                }
            }
            Step::Deploy { kind, group } => {
                let kind = self.kinds[kind % self.kinds.len()].clone();
                self.add(&Kind {
                    group: *group,
                    ..kind
                });
            }
            Step::Stop { .. } | Step::FinishStop { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_the_plain_implementation(
        instances in prop::collection::vec(instance(), 0..12),
        kinds in prop::collection::vec(kind(), 1..4),
        steps in prop::collection::vec(step(), 1..60),
        price in price(),
    ) {
        let mut world = World::new(&instances, &kinds, Placer::with_price_of_change(price));
        for (decision, step) in steps.iter().enumerate() {
            world.step(step, u64::try_from(decision).unwrap());
        }
    }
}
