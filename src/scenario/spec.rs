//! The checked scenario: what the simulator runs on. It cannot hold nonsense.

use jiff::Timestamp;

use crate::cloud::TargetGroup;
use crate::cloud::agent::AgentSettings;
use crate::cloud::behavior::TaskBehavior;
use crate::cloud::file_system::FileSystem;
use crate::cloud::image_pull::{Image, PullSettings};
use crate::cloud::spot::{SpotOptions, SpotPool};
use crate::kernel::Distribution;
use crate::model::{
    Attributes, AutoScalingGroupId, CapacityProviderId, EntryId, InstanceType, InstanceTypeId,
    LaunchType, Pricing, PurchaseOption, ServiceId, TaskDefinition, TaskDefinitionId,
};
use crate::placement::{ConstraintSpec, PlacementOptions, StrategySpec};
use crate::units::{HourlyRate, MemoryMib, Millis, Resources, id};
use crate::workload::load::Factor;
use crate::workload::{Source, TaskLatencies};

use super::capacity::{AutoScalingGroup, Capacity, CapacityOptions, CapacityProvider};
use super::checks::Check;
use super::fargate::Fargate;
use super::incidents::Incident;
use super::plan::Plan;
use super::services::{Service, ServiceOptions, ServiceUpdate, TaskProtection};
use super::traffic::{AlarmEntry, LoadBalancer};

/// How a container instance is set up: what the agent registers beside the type's amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceSettings {
    /// Custom attributes, and built-in ones that are overridden (`ecs.ami-id`, `ecs.vpc-id`).
    pub attributes: Attributes,
    /// Attributes that the instances lack although their like has them (`withoutAttributes`).
    pub without_attributes: Vec<String>,
    /// `LINUX` or `WINDOWS_SERVER_...`.
    pub operating_system_family: String,
    /// Whether the agent is connected; without it an instance takes no tasks.
    pub agent_connected: bool,
    /// The agent's version, `1.95.0` when not given.
    pub agent_version: String,
    /// Host ports reserved beyond ECS's defaults (`ECS_RESERVED_PORTS`), TCP.
    pub reserved_tcp_ports: Vec<u16>,
    /// The same for UDP (`ECS_RESERVED_PORTS_UDP`).
    pub reserved_udp_ports: Vec<u16>,
}

/// An entry of `containerInstances`: a part of a fixed fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerInstances {
    /// Type of every instance of the entry.
    pub instance_type: InstanceTypeId,
    /// How many, at least 1.
    pub count: u32,
    /// Copy k, from 0, registers in zone k mod n. Never empty.
    pub availability_zones: Vec<String>,
    /// How it is paid for.
    pub purchase_option: PurchaseOption,
    /// Price of an instance-hour: the entry's own, else the type's.
    pub rate: HourlyRate,
    /// Memory that each instance registers: `registeredMemory`, else the type's figure (or the
    /// Windows rule) less `reservedMemory` (`ECS_RESERVED_MEMORY`).
    pub registered_memory: MemoryMib,
    /// How they are set up.
    pub settings: InstanceSettings,
    /// EC2, or EXTERNAL for servers registered through ECS Anywhere.
    pub launch_type: LaunchType,
}

/// What becomes of a task that finds no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WhenFull {
    /// Refused with reasons, as RunTask does.
    #[default]
    Fail,
    /// Waits in strict order of submission.
    Queue,
    /// Waits; a later task that fits may go first.
    Backfill,
}

/// A subnet that `awsvpc` tasks may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// `subnet-...`.
    pub subnet_id: String,
    /// Its zone.
    pub availability_zone: String,
}

/// StartTask: the caller names the instances, placement does not choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartTask {
    /// 1 to 10 instance ids; each call starts one task on each.
    pub container_instances: Vec<String>,
}

impl StartTask {
    /// The instance of the n-th task of its entry, from 1: each call starts as many tasks as it
    /// names instances, in their order.
    pub fn instance_of(&self, number: u64) -> &str {
        let in_call = number.saturating_sub(1) % u64::from(id(self.container_instances.len()));
        let place = usize::try_from(in_call).expect("a place in a list is an index of it");
        &self.container_instances[place]
    }
}

/// An entry of `tasks`.
#[derive(Debug, Clone, PartialEq)]
pub struct TasksEntry {
    /// Unique among entries.
    pub name: String,
    /// Definition of its tasks; rows of a trace may name another or none.
    pub task_definition: Option<TaskDefinitionId>,
    /// What a task needs when the entry has neither a task definition nor a trace.
    pub needs: Option<Resources>,
    /// `group`, when given; else `family:<family>`, or the entry's name as the family.
    pub group: Option<String>,
    /// Where its tasks come from.
    pub source: Source,
    /// Strategies, 0 to 5. Empty is ECS's default for RunTask: random.
    pub placement_strategy: Vec<StrategySpec>,
    /// The entry's own constraints; with the definition's at most 10.
    pub placement_constraints: Vec<ConstraintSpec>,
    /// What happens when nothing has room.
    pub when_full: WhenFull,
    /// Zones of the subnets in `networkConfiguration`; empty is any zone.
    pub subnet_zones: Vec<String>,
    /// Named instances instead of placement.
    pub start_task: Option<StartTask>,
    /// `launchType` or `capacityProviderStrategy`: whose capacity its tasks use.
    pub capacity: Capacity,
    /// `retryStrategy.attempts`: how often a task is submitted at most, 1 to 10. ECS itself never
    /// restarts a standalone task; a client such as AWS Batch does.
    pub attempts: u16,
}

impl Scenario {
    /// What submits the tasks of a service: services are numbered after the entries of `tasks`.
    pub fn entry_of(&self, service: ServiceId) -> EntryId {
        EntryId(id(self.tasks.len()) + service.0)
    }

    /// Names by [`EntryId`]: those of the entries of `tasks`, then those of the services.
    pub fn entry_names(&self) -> impl Iterator<Item = &str> {
        let entries = self.tasks.iter().map(|entry| entry.name.as_str());
        entries.chain(self.services.iter().map(|service| service.name.as_str()))
    }

    /// The capacity provider of an Auto Scaling group.
    pub fn provider_of(&self, group: AutoScalingGroupId) -> Option<CapacityProviderId> {
        let mut providers = self.capacity_providers.iter();
        let place = providers.position(|provider| provider.kind.group() == Some(group));
        place.map(|place| CapacityProviderId(id(place)))
    }

    /// Whether tasks run on the instances of `containerInstances` alone, of which there are never
    /// more than at the start. What a plan leaves out without a run rests on it.
    pub fn has_fixed_fleet(&self) -> bool {
        let tasks = self.tasks.iter().map(|entry| &entry.capacity);
        let services = self.services.iter().map(|service| &service.capacity);
        self.auto_scaling_groups.is_empty()
            && tasks
                .chain(services)
                .all(|capacity| !self.runs_on_fargate(capacity))
    }

    /// The service that submits the tasks of an entry, when it is one.
    pub fn service_of(&self, entry: EntryId) -> Option<ServiceId> {
        entry.0.checked_sub(id(self.tasks.len())).map(ServiceId)
    }
}

impl TasksEntry {
    /// Whether a task that says nothing of its needs has them from the entry.
    pub fn has_default_needs(&self) -> bool {
        self.task_definition.is_some() || self.needs.is_some()
    }
}

/// A checked scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// `name`; the file's stem when not given.
    pub name: String,
    /// Master seed of every random stream.
    pub seed: u64,
    /// What simulated time 0 is on the calendar.
    pub start: Timestamp,
    /// The run covers [0, duration).
    pub duration: Millis,
    /// AWS Region of prices and default zones.
    pub region: String,
    /// Name of the cluster.
    pub cluster_name: String,
    /// The instance types that the fleet uses, prices resolved.
    pub instance_types: Vec<InstanceType>,
    /// The fixed fleet in the order of the file.
    pub container_instances: Vec<ContainerInstances>,
    /// Auto Scaling groups in the order of the file.
    pub auto_scaling_groups: Vec<AutoScalingGroup>,
    /// The cluster's capacity providers in the order of the file.
    pub capacity_providers: Vec<CapacityProvider>,
    /// Quotas of capacity, its latencies, and named choices where AWS publishes no rule.
    pub capacity_options: CapacityOptions,
    /// The Spot capacity pools that the groups can use, by instance type, then by zone.
    pub spot_pools: Vec<SpotPool>,
    /// How Spot interruptions come where a model makes them.
    pub spot_options: SpotOptions,
    /// What the bill goes by, beside the prices of instances.
    pub pricing: Pricing,
    /// Fargate: what it gives, how fast, at which price.
    pub fargate: Fargate,
    /// Task definitions in the order of the file.
    pub task_definitions: Vec<TaskDefinition>,
    /// The work in the order of the file.
    pub tasks: Vec<TasksEntry>,
    /// Services in the order of the file.
    pub services: Vec<Service>,
    /// What is done to services: by time, then in the order of the file.
    pub deployments: Vec<ServiceUpdate>,
    /// Task scale-in protection: by time, then in the order of the file.
    pub task_protection: Vec<TaskProtection>,
    /// Incidents in the order of the file.
    pub incidents: Vec<Incident>,
    /// Quotas of services, and named choices where AWS publishes no rule.
    pub service_options: ServiceOptions,
    /// Target groups in the order of the file.
    pub target_groups: Vec<TargetGroup>,
    /// Load balancers in the order of the file.
    pub load_balancers: Vec<LoadBalancer>,
    /// Alarms in the order of the file.
    pub alarms: Vec<AlarmEntry>,
    /// `workload.scale`: multiplies request load. Arrivals of `tasks` are scaled already.
    pub load_factor: Factor,
    /// Images that take time to pull.
    pub images: Vec<Image>,
    /// How agents pull and keep images.
    pub image_pull: PullSettings,
    /// Other settings of the agents.
    pub agent_settings: AgentSettings,
    /// How tasks misbehave, in the order of the file.
    pub task_behaviors: Vec<TaskBehavior>,
    /// EFS file systems.
    pub file_systems: Vec<FileSystem>,
    /// Start and stop latencies of tasks.
    pub latencies: TaskLatencies,
    /// How long an `awsvpc` task is DEPROVISIONING: its network interface is given back.
    pub network_interface_detach: Distribution,
    /// Account setting `awsvpcTrunking`.
    pub awsvpc_trunking: bool,
    /// Named choices where AWS publishes no rule.
    pub placement_options: PlacementOptions,
    /// Distance of the rows of `timeseries.csv`, chosen by the run's length when not given.
    pub timeseries_period: Millis,
    /// What must be true of the summary of the run.
    pub checks: Vec<Check>,
    /// Names of the variants: other scenarios that the file describes by what they change.
    pub variants: Vec<String>,
    /// What may vary where the cheapest choice is looked for.
    pub plan: Option<Plan>,
}
