//! A registered task definition: what its tasks need of an instance.

use crate::placement::query::Expression;
use crate::units::{CpuUnits, MemoryMib, Millis, Resources};

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

/// One container of a definition, as far as scheduling looks at it.
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
    /// Between the stop signal and SIGKILL; the agent's default of 30 s when absent.
    pub stop_timeout: Option<Millis>,
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
    /// Network mode.
    pub network_mode: NetworkMode,
    /// Containers, 1 to 10.
    pub containers: Vec<ContainerDefinition>,
    /// What a task reserves: task-level sizes where given, else the containers' sums.
    pub needs: Resources,
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
}
