//! A stage for tests: a small cluster that is moved by hand, with a recorder that watches.

use jiff::Timestamp;

use crate::kernel::Distribution;
use crate::model::{
    Attributes, Cluster, ContainerInstance, ContainerInstanceId, CpuArchitecture, EntryId,
    InstanceType, InstanceTypeId, PortTable, Ports, Profile, Stop, Task, TaskId, TaskStatus,
    TemplateId, attributes,
};
use crate::placement::{BinpackField, NearestMiss, Reason, Reasons, StrategySpec};
use crate::scenario::{ContainerInstances, PurchaseOption, Scenario, TasksEntry, WhenFull};
use crate::simulation::{Observer, Record, RunOutcome};
use crate::units::{CpuUnits, HourlyRate, MemoryMib, Millis, Resources, SimTime};
use crate::workload::{Arrivals, Runtime, Source, TaskLatencies};

use super::{RecordOptions, Recorder, Run};

/// CPU units, MiB, GPUs.
pub(crate) fn needs(cpu: u32, memory: u32, gpus: u32) -> Resources {
    Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus,
        enis: 0,
    }
}

/// A type of 1,000 CPU units, 1,000 MiB, at 0.36 an hour: 0.0001 a second.
pub(crate) fn small() -> InstanceType {
    instance_type("small", &needs(1_000, 1_000, 0), 360_000_000)
}

/// A type of 2,000 CPU units, 4,000 MiB, 2 GPUs, at 3.60 an hour: 0.001 a second.
pub(crate) fn large() -> InstanceType {
    instance_type("large", &needs(2_000, 4_000, 2), 3_600_000_000)
}

fn instance_type(name: &str, registers: &Resources, rate: u64) -> InstanceType {
    InstanceType {
        name: name.to_owned(),
        architecture: CpuArchitecture::X86_64,
        cpu: registers.cpu,
        nominal_memory: registers.memory,
        registered_memory: registers.memory,
        gpus: registers.gpus,
        awsvpc_tasks: None,
        awsvpc_tasks_trunking: None,
        on_demand: Some(HourlyRate(rate)),
    }
}

/// A scenario with so many instances of each type, spread over the zones `a` and `b`, and the
/// entries `web` and `batch`. It lasts for `duration` milliseconds, a sample a second.
pub(crate) fn scenario(fleet: &[(InstanceType, u32)], duration: u64) -> Scenario {
    let entries = (0..).zip(fleet);
    Scenario {
        name: "stage".to_owned(),
        seed: 7,
        start: Timestamp::UNIX_EPOCH,
        duration: Millis(duration),
        region: "us-east-1".to_owned(),
        cluster_name: "default".to_owned(),
        instance_types: fleet.iter().map(|(of, _)| of.clone()).collect(),
        container_instances: entries
            .map(|(row, (of, count))| container_instances(InstanceTypeId(row), of, *count))
            .collect(),
        task_definitions: Vec::new(),
        tasks: vec![tasks_entry("web"), tasks_entry("batch")],
        latencies: TaskLatencies {
            start: Distribution::Fixed(Millis::ZERO),
            stop: Distribution::Fixed(Millis::ZERO),
        },
        services: Vec::new(),
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        alarms: Vec::new(),
        load_factor: crate::workload::load::Factor::ONE,
        images: Vec::new(),
        image_pull: crate::cloud::image_pull::PullSettings::default(),
        agent_settings: crate::cloud::agent::AgentSettings::default(),
        task_behaviors: Vec::new(),
        file_systems: Vec::new(),
        deployments: Vec::new(),
        task_protection: Vec::new(),
        incidents: Vec::new(),
        service_options: crate::scenario::ServiceOptions::default(),
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        alarms: Vec::new(),
        load_factor: crate::workload::load::Factor::ONE,
        images: Vec::new(),
        image_pull: crate::cloud::image_pull::PullSettings::default(),
        agent_settings: crate::cloud::agent::AgentSettings::default(),
        task_behaviors: Vec::new(),
        file_systems: Vec::new(),
        awsvpc_trunking: false,
        placement_options: crate::placement::PlacementOptions::default(),
        timeseries_period: Millis::SECOND,
    }
}

fn container_instances(row: InstanceTypeId, of: &InstanceType, count: u32) -> ContainerInstances {
    ContainerInstances {
        instance_type: row,
        count,
        availability_zones: vec!["a".to_owned(), "b".to_owned()],
        purchase_option: PurchaseOption::OnDemand,
        rate: of.on_demand.unwrap(),
        registered_memory: of.registered_memory,
        attributes: Attributes::new(),
        without_attributes: Vec::new(),
        operating_system_family: "LINUX".to_owned(),
        agent_connected: true,
        agent_version: "1.95.0".to_owned(),
        reserved_tcp_ports: Vec::new(),
        reserved_udp_ports: Vec::new(),
    }
}

fn tasks_entry(name: &str) -> TasksEntry {
    TasksEntry {
        needs: None,
        name: name.to_owned(),
        task_definition: None,
        group: None,
        source: Source::Generated {
            arrivals: Arrivals::At {
                at: SimTime::ZERO,
                count: 1,
            },
            count: 1,
            runtime: Runtime::UntilEnd,
        },
        placement_strategy: vec![StrategySpec::Binpack(BinpackField::Cpu)],
        placement_constraints: Vec::new(),
        when_full: WhenFull::Queue,
        subnet_zones: Vec::new(),
        start_task: None,
    }
}

/// A cluster, a clock, and who watches.
pub(crate) struct Stage {
    scenario: Scenario,
    cluster: Cluster,
    recorder: Recorder,
    now: SimTime,
    submitted: u64,
    events: u64,
}

impl Stage {
    /// The scenario's cluster at 0, its fleet registered.
    pub(crate) fn new(scenario: Scenario, options: RecordOptions) -> Self {
        let recorder = Recorder::new(&scenario, options);
        let cluster = Cluster::new(scenario.start, scenario.instance_types.clone());
        let mut stage = Self {
            cluster,
            recorder,
            now: SimTime::ZERO,
            submitted: 0,
            events: 0,
            scenario,
        };
        for (entry, fleet) in (0..).zip(stage.scenario.container_instances.clone()) {
            for copy in 0..fleet.count {
                stage.register(entry, &fleet, copy);
            }
        }
        stage
    }

    fn register(&mut self, entry: u32, fleet: &ContainerInstances, copy: u32) {
        let of = &self.scenario.instance_types[fleet.instance_type.index()];
        let registered = needs(of.cpu.0, fleet.registered_memory.0, of.gpus);
        let zone = if copy.is_multiple_of(2) { "a" } else { "b" };
        let zone = (attributes::AVAILABILITY_ZONE.to_owned(), zone.to_owned());
        let profile = self.cluster.intern_profile(Profile {
            instance_type: fleet.instance_type,
            attributes: Attributes::from([zone]),
            agent_version: String::new(),
            fleet_entry: entry,
        });
        let ports = PortTable::with_reserved(&[], &[]);
        let instance = ContainerInstance::new(profile, true, self.now, registered, ports);
        let instance = self.cluster.register(instance);
        self.tell(&Record::InstanceRegistered { instance });
    }

    fn tell(&mut self, record: &Record<'_>) {
        self.events += 1;
        self.recorder.record(self.now, record, &self.cluster);
    }

    /// The clock moves to a later time.
    pub(crate) fn at(&mut self, millis: u64) -> &mut Self {
        let to = SimTime(millis);
        if to > self.now {
            self.recorder.advance(self.now, to, &self.cluster);
            self.now = to;
        }
        self
    }

    /// Entry 0 is `web`, 1 is `batch`.
    pub(crate) fn submit(&mut self, entry: u32, needs: Resources) -> TaskId {
        self.submit_named(entry, needs, None)
    }

    /// With a name, as a row of a trace has it.
    pub(crate) fn submit_named(
        &mut self,
        entry: u32,
        needs: Resources,
        name: Option<&str>,
    ) -> TaskId {
        let group = self.cluster.intern_group(&format!("family:{entry}"));
        let task = self.cluster.submit(Task {
            entry: EntryId(entry),
            ..Task::waiting(self.submitted, TemplateId(0), group, needs, self.now)
        });
        self.submitted += 1;
        self.tell(&Record::TaskSubmitted { task, name });
        task
    }

    pub(crate) fn place(&mut self, task: TaskId, on: u32) {
        let instance = ContainerInstanceId(on);
        self.cluster
            .place(task, instance, &Ports::default(), self.now);
        self.tell(&Record::TaskPlaced { task, instance });
    }

    /// Submits, places and starts a task in one instant.
    pub(crate) fn run(&mut self, entry: u32, needs: Resources, on: u32) -> TaskId {
        let task = self.submit(entry, needs);
        self.place(task, on);
        self.start(task);
        task
    }

    pub(crate) fn start(&mut self, task: TaskId) {
        self.cluster.start_task(task, self.now);
        self.tell(&Record::TaskStarted { task });
    }

    pub(crate) fn begin_stop(&mut self, task: TaskId) {
        self.cluster
            .begin_stop(task, Stop::FINISHED, TaskStatus::Stopping);
        self.tell(&Record::TaskStopping { task });
    }

    pub(crate) fn finish_stop(&mut self, task: TaskId) {
        let task = self.cluster.finish_stop(task, &Ports::default());
        self.tell(&Record::TaskStopped { task: &task });
    }

    /// Ends a running task in one instant.
    pub(crate) fn stop(&mut self, task: TaskId) {
        self.begin_stop(task);
        self.finish_stop(task);
    }

    pub(crate) fn refuse(&mut self, task: TaskId, reasons: &[Reason], lacking: Option<u32>) {
        let reasons = set(reasons);
        let nearest_miss = lacking.map(|memory| NearestMiss {
            instance: ContainerInstanceId(0),
            cpu: 0,
            memory,
            gpus: 0,
            enis: 0,
        });
        self.tell(&Record::AttemptRefused {
            task,
            reasons,
            nearest_miss,
        });
    }

    pub(crate) fn give_up(&mut self, task: TaskId, reasons: &[Reason]) {
        let task = self.cluster.give_up(task);
        let reasons = set(reasons);
        self.tell(&Record::TaskGivenUp {
            task: &task,
            reasons,
        });
    }

    /// The end of the run.
    pub(crate) fn end(mut self) -> Run {
        let end = SimTime::ZERO + self.scenario.duration;
        self.at(end.0);
        let outcome = RunOutcome {
            events: self.events,
            end,
            beyond_end: 0,
        };
        self.recorder.finish(&outcome, &self.cluster)
    }
}

fn set(reasons: &[Reason]) -> Reasons {
    let mut all = Reasons::NONE;
    for reason in reasons {
        all.insert(*reason);
    }
    all
}

/// A run of 10 s with everything in it: two small and one large instance, tasks that run, wait,
/// are refused, given up and still run at the end.
pub(crate) fn eventful(change: impl Fn(&mut Scenario), options: RecordOptions) -> Run {
    let mut scenario = scenario(&[(small(), 2), (large(), 1)], 10_000);
    change(&mut scenario);
    let mut stage = Stage::new(scenario, options);
    let first = stage.run(0, needs(500, 250, 0), 0);
    stage.run(0, needs(1_000, 1_000, 1), 2);
    stage.at(2_000);
    let waits = stage.submit_named(1, needs(800, 100, 0), Some("row, \"9\""));
    stage.refuse(waits, &[Reason::Cpu], None);
    let hopeless = stage.submit(1, needs(100, 5_000, 0));
    stage.refuse(hopeless, &[Reason::Memory], Some(1_000));
    stage.give_up(hopeless, &[Reason::Memory]);
    stage.at(5_000).begin_stop(first);
    stage.at(5_500).finish_stop(first);
    stage.place(waits, 0);
    stage.at(6_250).start(waits);
    let last = stage.at(8_000).submit(0, needs(1, 1, 0));
    stage.refuse(last, &[Reason::Cpu, Reason::Ports], None);
    stage.end()
}
