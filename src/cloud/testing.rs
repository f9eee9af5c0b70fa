//! Definitions for the unit tests of this room.

use crate::model::{
    ContainerCondition, ContainerDefinition, ContainerDependency, CpuArchitecture, HealthCheck,
    NetworkMode, Ports, TaskDefinition,
};
use crate::units::{CpuUnits, MemoryMib, Millis, Resources};

/// A container that waits for others.
pub(super) fn container(
    name: &str,
    essential: bool,
    depends_on: &[(usize, ContainerCondition)],
) -> ContainerDefinition {
    ContainerDefinition {
        name: name.to_owned(),
        image: format!("{name}:1"),
        cpu: CpuUnits(128),
        memory: Some(MemoryMib(128)),
        memory_reservation: None,
        essential,
        depends_on: depends_on
            .iter()
            .map(|&(container, condition)| ContainerDependency {
                container,
                condition,
            })
            .collect(),
        health_check: None,
        start_timeout: None,
        stop_timeout: None,
        restart_policy: None,
    }
}

/// A check every ten seconds, three failures of which are too many.
pub(super) const CHECK: HealthCheck = HealthCheck {
    interval: Millis(10_000),
    timeout: Millis(5_000),
    retries: 3,
    start_period: Millis::ZERO,
};

/// A definition of these containers.
pub(super) fn definition(containers: Vec<ContainerDefinition>) -> TaskDefinition {
    TaskDefinition {
        family: "web".to_owned(),
        revision: 1,
        requires_compatibilities: Vec::new(),
        network_mode: NetworkMode::Bridge,
        containers,
        needs: Resources::default(),
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
    }
}
