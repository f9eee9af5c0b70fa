//! A registered task definition: what its tasks need of an instance, and what bears on their
//! lives.

use crate::placement::query::Expression;
use crate::units::{CpuUnits, MemoryMib, Millis, Resources};

use super::capacity::LaunchType;
use super::instance_type::CpuArchitecture;

/// How a task's containers reach the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NetworkMode {
    /// Docker's bridge: host ports are static or dynamic. The default on Linux.
    #[default]
    Bridge,
    /// The instance's own interface: a host port equals its container port.
    Host,
    /// An ENI for each task: ports never conflict.
    Awsvpc,
    /// No network, no port mappings.
    None,
    /// Windows' NAT network, `default`: host ports as in bridge mode.
    Default,
}

/// What a container waits for in another one before it starts (API reference of
/// ContainerDependency).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContainerCondition {
    /// `START`: the other has been started.
    Start,
    /// `COMPLETE`: the other has ended.
    Complete,
    /// `SUCCESS`: the other has ended with exit code 0.
    Success,
    /// `HEALTHY`: the other has passed a health check.
    Healthy,
}

/// One item of `dependsOn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContainerDependency {
    /// The container that is waited for, by its place in the definition.
    pub container: usize,
    /// What it is waited for.
    pub condition: ContainerCondition,
}

/// A container's `healthCheck` (API reference of HealthCheck).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HealthCheck {
    /// From one check to the next, 5 s to 300 s; 30 s when not given.
    pub interval: Millis,
    /// How long a check may take, 2 s to 60 s; 5 s when not given.
    pub timeout: Millis,
    /// How many failures in a row make the container UNHEALTHY, 1 to 10; 3 when not given.
    pub retries: u32,
    /// Failures within this time of the start do not count, 0 to 300 s; none when not given.
    pub start_period: Millis,
}

/// A `restartPolicy` that is enabled (API reference of ContainerRestartPolicy).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RestartPolicy {
    /// Exit codes that bring no restart, ascending.
    pub ignored_exit_codes: Vec<u8>,
    /// How long the container must have run to be restarted, 60 s to 1,800 s; 300 s when not
    /// given.
    pub restart_attempt_period: Millis,
}

/// One container of a definition, as far as placement and the life of a task look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerDefinition {
    /// Unique within the definition.
    pub name: String,
    /// Image with its tag.
    pub image: String,
    /// CPU shares; 0 when absent.
    pub cpu: CpuUnits,
    /// Hard limit.
    pub memory: Option<MemoryMib>,
    /// Soft limit: what is reserved when present.
    pub memory_reservation: Option<MemoryMib>,
    /// Whether its end ends the task.
    pub essential: bool,
    /// What it waits for before it starts, in the order written.
    pub depends_on: Vec<ContainerDependency>,
    /// Its health check.
    pub health_check: Option<HealthCheck>,
    /// How long other containers wait for it to be what they depend on; the agent's default when
    /// absent.
    pub start_timeout: Option<Millis>,
    /// Between the stop signal and SIGKILL; the agent's default of 30 s when absent.
    pub stop_timeout: Option<Millis>,
    /// Whether and when it is started again within its task; `None` when not enabled.
    pub restart_policy: Option<RestartPolicy>,
}

/// Host ports that a task takes on its instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ports {
    /// Static TCP host ports, ascending.
    pub tcp: Vec<u16>,
    /// Static UDP host ports, ascending.
    pub udp: Vec<u16>,
    /// How many host ports are assigned from the instance's dynamic range.
    pub dynamic: u32,
}

/// An attribute that an instance must have for the task to be placed there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequiredAttribute {
    /// Attribute name.
    pub name: String,
    /// The value it must have; `None` when presence is enough.
    pub value: Option<String>,
}

/// A checked task definition.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskDefinition {
    /// Family.
    pub family: String,
    /// Revision within the family, from 1.
    pub revision: u32,
    /// `requiresCompatibilities`: the launch types that it was checked for; empty is EC2.
    pub requires_compatibilities: Vec<LaunchType>,
    /// Network mode.
    pub network_mode: NetworkMode,
    /// Containers, 1 to 10.
    pub containers: Vec<ContainerDefinition>,
    /// What a task reserves: task-level sizes where given, else the containers' sums.
    pub needs: Resources,
    /// Task-level `cpu` where it is given and counts: a ceiling that the task cannot exceed,
    /// while the containers' own CPU units are shares.
    pub task_cpu: Option<CpuUnits>,
    /// Task-level `memory` where it is given and counts.
    pub task_memory: Option<MemoryMib>,
    /// Whether it names an `executionRoleArn`, with which the agent pulls private images.
    pub execution_role: bool,
    /// `ephemeralStorage` of Fargate tasks in GiB; 20 when not given.
    pub ephemeral_storage_gib: Option<u32>,
    /// EFS file systems that some container mounts, ascending, each once.
    pub efs_file_systems: Vec<String>,
    /// Host ports; empty in `awsvpc` mode.
    pub ports: Ports,
    /// Processor architecture.
    pub architecture: CpuArchitecture,
    /// `LINUX`, `WINDOWS_SERVER_2022_FULL`, ...; `None` when the definition does not say.
    pub operating_system_family: Option<String>,
    /// Attributes that an instance must have, sorted by name.
    pub required_attributes: Vec<RequiredAttribute>,
    /// `memberOf` expressions of the definition itself.
    pub placement_constraints: Vec<Expression>,
}

impl TaskDefinition {
    /// `family:revision`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// Whether its containers are Windows containers.
    pub fn is_windows(&self) -> bool {
        self.operating_system_family
            .as_deref()
            .is_some_and(|family| family.starts_with("WINDOWS"))
    }
}
