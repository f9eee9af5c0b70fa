//! A stage for tests: a small cluster that is moved by hand, with a recorder that watches.

mod capacity;

use jiff::Timestamp;

use crate::cloud::{RequestCost, ServiceMinute};
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::{
    Metric, PolicyAlarm, PolicyCause, ScalableTarget, ScalingActivity, ScalingCause, ScalingPolicy,
    SuspendedState, TargetTrackingScalingPolicyConfiguration,
};
use crate::control::{
    Deployment, DeploymentConfiguration, DeploymentStatus, FailureCause, RolloutState, ServiceEvent,
};
use crate::kernel::Distribution;
use crate::model::{
    Attributes, Cluster, ContainerInstance, ContainerInstanceId, CpuArchitecture, EntryId,
    InstanceType, InstanceTypeId, LaunchType, NetworkMode, PortTable, Ports, Profile,
    PurchaseOption, ServiceId, Stop, StoppedReason, Task, TaskDefinition, TaskDefinitionId, TaskId,
    TaskStatus, TaskStopCode, TemplateId, attributes,
};
use crate::placement::{BinpackField, NearestMiss, Reason, Reasons, StrategySpec};
use crate::scenario::{
    AutoScaling, Capacity, CapacityOptions, ContainerInstances, Incident, IncidentKind,
    InstanceSettings, Scenario, SchedulingStrategy, Service, TasksEntry, WhenFull,
};
use crate::simulation::{Observer, Record, RunOutcome, ServiceCounts};
use crate::units::{CpuUnits, HourlyRate, MemoryMib, Millis, Resources, SimTime};
use crate::workload::{Arrivals, Runtime, Source, TaskLatencies};

use super::{RecordOptions, Recorder, Run};

pub(crate) use capacity::{elastic, elastic_scenario};

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
        auto_scaling_groups: Vec::new(),
        capacity_providers: Vec::new(),
        capacity_options: CapacityOptions::default(),
        spot_pools: Vec::new(),
        pricing: crate::model::Pricing::default(),
        spot_options: crate::cloud::spot::SpotOptions::default(),
        fargate: crate::scenario::Fargate::default(),
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
        network_interface_detach: Distribution::Fixed(Millis::ZERO),
        awsvpc_trunking: false,
        placement_options: crate::placement::PlacementOptions::default(),
        timeseries_period: Millis::SECOND,
        checks: Vec::new(),
        variants: Vec::new(),
        plan: None,
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
        launch_type: LaunchType::Ec2,
        settings: InstanceSettings {
            attributes: Attributes::new(),
            without_attributes: Vec::new(),
            operating_system_family: "LINUX".to_owned(),
            agent_connected: true,
            agent_version: "1.95.0".to_owned(),
            reserved_tcp_ports: Vec::new(),
            reserved_udp_ports: Vec::new(),
        },
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
        attempts: 1,
        capacity: Capacity::default(),
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
        let attributes = Attributes::from([zone]);
        let profile = Profile::of_fleet(entry, fleet.instance_type, attributes, String::new());
        let profile = self.cluster.intern_profile(profile);
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
        self.begin_stop_for(task, Stop::FINISHED);
    }

    fn begin_stop_for(&mut self, task: TaskId, stop: Stop) {
        self.cluster.begin_stop(task, stop, TaskStatus::Stopping);
        self.tell(&Record::TaskStopping { task });
    }

    /// Stops a placed task in one instant for a reason.
    pub(crate) fn stop_for(&mut self, task: TaskId, code: TaskStopCode, reason: StoppedReason) {
        self.begin_stop_for(task, Stop { code, reason });
        self.finish_stop(task);
    }

    /// One more instance of the first entry of the fleet registers.
    pub(crate) fn register_one(&mut self) {
        let fleet = self.scenario.container_instances[0].clone();
        self.register(0, &fleet, 0);
    }

    /// An empty instance ends.
    pub(crate) fn terminate(&mut self, instance: u32) {
        let instance = ContainerInstanceId(instance);
        self.cluster.deregister(instance);
        self.tell(&Record::InstanceTerminated {
            instance,
            reason: crate::model::EndReason::Incident,
        });
    }

    pub(crate) fn drain(&mut self, instance: u32) {
        let instance = ContainerInstanceId(instance);
        self.cluster.set_draining(instance, true);
        self.tell(&Record::InstanceChanged { instance });
    }

    pub(crate) fn incident(&mut self, incident: u32, begins: bool) {
        self.tell(&Record::Incident { incident, begins });
    }

    /// The counts of a service: desired, lower limit, pending, running, healthy, stopping.
    pub(crate) fn count(&mut self, service: u32, counts: [u32; 6]) {
        let [desired, lower_limit, pending, running, healthy, stopping] = counts;
        let counts = ServiceCounts {
            desired,
            lower_limit,
            pending,
            running,
            healthy,
            stopping,
        };
        let service = ServiceId(service);
        self.tell(&Record::ServiceCounted { service, counts });
    }

    pub(crate) fn say(&mut self, service: u32, event: ServiceEvent) {
        let service = ServiceId(service);
        self.tell(&Record::ServiceEvent { service, event });
    }

    pub(crate) fn no_place(&mut self, service: u32, reasons: &[Reason]) {
        let (service, reasons) = (ServiceId(service), set(reasons));
        self.tell(&Record::ServicePlacementFailed { service, reasons });
    }

    pub(crate) fn minute(&mut self, service: u32, metrics: ServiceMinute) {
        let service = ServiceId(service);
        self.tell(&Record::ServiceMinute {
            service,
            metrics: &metrics,
        });
    }

    /// Auto scaling changes a desired count: the policy `cpu` by its high alarm.
    pub(crate) fn scale(&mut self, service: u32, from: u32, to: u32) {
        let activity = ScalingActivity {
            start_time: self.now,
            previous_capacity: from,
            desired_capacity: to,
            cause: ScalingCause::Policies(vec![PolicyCause {
                policy: 0,
                alarm: PolicyAlarm::High,
                metric_value: MetricValue(92_300),
                capacity: to,
            }]),
        };
        self.tell(&Record::ServiceScaled {
            service: ServiceId(service),
            activity: &activity,
        });
    }

    pub(crate) fn deployment(&mut self, service: u32, deployment: &Deployment) {
        let service = ServiceId(service);
        self.tell(&Record::DeploymentChanged {
            service,
            deployment,
        });
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

/// From 1 to 10 tasks, by the policy `cpu`: target tracking at 50 % CPU.
fn scalable_target() -> ScalableTarget {
    let metric = Metric::EcsServiceAverageCpuUtilization;
    let target = MetricValue::whole(50);
    let configuration = TargetTrackingScalingPolicyConfiguration::new(metric, target);
    let policy = ScalingPolicy::target_tracking("cpu", configuration).unwrap();
    let suspended = SuspendedState::default();
    ScalableTarget::new(1, 10, suspended, vec![policy], Vec::new()).unwrap()
}

/// The scenario with the services `shop` (REPLICA, entry 2) and `agent` (DAEMON, entry 3), the
/// definitions `web:1` and `web:2`, and the incidents `storm` and `flood`.
pub(crate) fn with_services(mut scenario: Scenario) -> Scenario {
    let service = |name: &str, scheduling_strategy| Service {
        name: name.to_owned(),
        created_at: SimTime::ZERO,
        task_definition: TaskDefinitionId(0),
        scheduling_strategy,
        desired_count: 4,
        deployment_configuration: DeploymentConfiguration::replica(),
        placement_strategy: Vec::new(),
        placement_constraints: Vec::new(),
        subnet_zones: Vec::new(),
        health_check_grace_period: Millis::ZERO,
        availability_zone_rebalancing: false,
        target_groups: Vec::new(),
        service_registry: None,
        load: None,
        request_cost: RequestCost::default(),
        capacity: Capacity::default(),
        scaling: Some(AutoScaling {
            target: scalable_target(),
            schedules: Vec::new(),
            customized: Vec::new(),
        }),
    };
    scenario.services = vec![
        service("shop", SchedulingStrategy::Replica),
        service("agent", SchedulingStrategy::Daemon),
    ];
    let revision = |revision| TaskDefinition {
        family: "web".to_owned(),
        revision,
        requires_compatibilities: Vec::new(),
        network_mode: NetworkMode::Bridge,
        containers: Vec::new(),
        needs: needs(100, 100, 0),
        task_cpu: None,
        task_memory: None,
        execution_role: false,
        ephemeral_storage_gib: None,
        efs_file_systems: Vec::new(),
        ports: Ports::default(),
        architecture: CpuArchitecture::X86_64,
        operating_system_family: None,
        required_attributes: Vec::new(),
        placement_constraints: Vec::new(),
    };
    scenario.task_definitions = vec![revision(1), revision(2)];
    let incident = |name: &str| Incident {
        name: name.to_owned(),
        at: SimTime::ZERO,
        duration: None,
        kind: IncidentKind::RegistryUnavailable,
    };
    scenario.incidents = vec![incident("storm"), incident("flood")];
    scenario
}

/// A deployment of `web:<revision>` that has just begun.
pub(crate) fn deployment(number: u32, revision: u32, at: u64) -> Deployment {
    let configuration = DeploymentConfiguration::replica();
    let definition = TaskDefinitionId(revision - 1);
    Deployment::new(number, definition, &configuration, 4, SimTime(at))
}

/// A run of 100 s with the services of `with_services` on three small instances. `shop` wants 4
/// tasks: it starts them in 10 s, loses one from 30 s to 40 s and all from 60 s to 65 s; its second
/// deployment fails and is rolled back. Its first minute has load; `agent` is scaled once. Instance 2 ends at 50 s, another registers at 55 s.
pub(crate) fn serving(change: impl Fn(&mut Scenario), options: RecordOptions) -> Run {
    let mut scenario = with_services(scenario(&[(small(), 3)], 100_000));
    change(&mut scenario);
    let mut stage = Stage::new(scenario, options);
    let mut first = deployment(1, 1, 0);
    stage.deployment(0, &first);
    stage.count(0, [4, 4, 4, 0, 0, 0]);
    stage.count(1, [3, 0, 0, 3, 3, 0]);
    stage.say(0, ServiceEvent::TasksStarted { count: 4 });
    let tasks: Vec<TaskId> = (0..4)
        .map(|_| {
            let task = stage.submit(2, needs(100, 100, 0));
            stage.place(task, 0);
            task
        })
        .collect();
    stage.run(3, needs(10, 10, 0), 0);
    stage.at(10_000);
    for task in &tasks {
        stage.start(*task);
    }
    stage.count(0, [4, 4, 0, 4, 4, 0]);
    stage.say(0, ServiceEvent::SteadyState);
    first.rollout_state = RolloutState::Completed;
    first.finished_at = Some(SimTime(10_000));
    first.tasks_started = 4;
    stage.deployment(0, &first);
    stage.at(30_000);
    let failed = StoppedReason::FailedElbHealthChecks { target_group: 0 };
    stage.stop_for(tasks[0], TaskStopCode::ServiceSchedulerInitiated, failed);
    stage.count(0, [4, 4, 0, 3, 3, 0]);
    stage.no_place(0, &[Reason::Cpu, Reason::Memory]);
    let nowhere = ServiceEvent::PlacementFailed {
        reasons: set(&[Reason::Cpu, Reason::Memory]),
        closest: None,
    };
    stage.say(0, nowhere);
    stage.at(40_000).count(0, [4, 4, 0, 4, 4, 0]);
    let broken = stage.submit(2, needs(100, 100, 0));
    stage.place(broken, 1);
    stage.stop_for(
        broken,
        TaskStopCode::TaskFailedToStart,
        StoppedReason::CannotStartContainer,
    );
    stage.at(50_000).incident(0, true);
    stage.drain(2);
    stage.terminate(2);
    stage.at(55_000).incident(0, false);
    stage.register_one();
    roll_back(&mut stage);
    stage.at(60_000).count(0, [4, 4, 0, 0, 0, 4]);
    stage.minute(0, minute());
    stage.scale(1, 2, 3);
    stage.at(65_000).count(0, [4, 4, 0, 4, 4, 0]);
    stage.at(70_000).incident(1, true);
    stage.say(0, ServiceEvent::SteadyState);
    stage.end()
}

/// 600 requests, of which 60 were lost, at 45 % of the CPU on 3.5 tasks; 2.5 ms each.
pub(crate) fn minute() -> ServiceMinute {
    ServiceMinute {
        cpu_utilization: Some(45_000),
        memory_utilization: Some(20_500),
        offered: 600_000_000,
        served: 540_000_000,
        lost: 60_000_000,
        latency_mean_us: Some(2_500),
        latency_p99_us: Some(12_000),
        error_rate: Some(10_000),
        running_tasks: 3_500,
        ..ServiceMinute::default()
    }
}

/// Deployment 2 of `shop` fails after two tasks, 3 brings back the revision of 1.
fn roll_back(stage: &mut Stage) {
    let cause = FailureCause::TasksFailedToStart;
    let mut second = deployment(2, 2, 55_000);
    second.rollout_state = RolloutState::Failed;
    second.status = DeploymentStatus::Inactive;
    second.finished_at = Some(SimTime(55_000));
    second.cause = Some(cause);
    second.tasks_started = 2;
    second.tasks_replaced = 1;
    second.failed_tasks = 2;
    second.failures = 2;
    stage.deployment(0, &second);
    let deployment = second.number;
    stage.say(0, ServiceEvent::DeploymentFailed { deployment, cause });
    let mut third = self::deployment(3, 1, 55_000);
    third.rolls_back = Some(2);
    stage.deployment(0, &third);
    stage.say(0, ServiceEvent::RollingBack { to: 1 });
}
