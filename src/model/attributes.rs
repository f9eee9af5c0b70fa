//! Attributes of container instances: what constraints select by and `spread` groups by.

use std::collections::BTreeMap;

/// Name to value. A capability such as `ecs.capability.task-eni` has an empty value.
pub type Attributes = BTreeMap<String, String>;

/// `ecs.availability-zone`.
pub const AVAILABILITY_ZONE: &str = "ecs.availability-zone";
/// `ecs.instance-type`.
pub const INSTANCE_TYPE: &str = "ecs.instance-type";
/// `ecs.os-type`: `linux` or `windows`.
pub const OS_TYPE: &str = "ecs.os-type";
/// `ecs.os-family`: `LINUX`, `WINDOWS_SERVER_2022_FULL`, ...
pub const OS_FAMILY: &str = "ecs.os-family";
/// `ecs.cpu-architecture`: `x86_64` or `arm64`.
pub const CPU_ARCHITECTURE: &str = "ecs.cpu-architecture";
/// The capability that `awsvpc` tasks require.
pub const TASK_ENI: &str = "ecs.capability.task-eni";
/// What servers registered through ECS Anywhere have.
pub const EXTERNAL: &str = "ecs.capability.external";
/// The capability that shows ENI trunking.
pub const TASK_ENI_TRUNKING: &str = "ecs.capability.task-eni-trunking";

/// The capabilities that an instance of the ECS-optimized Linux image registers and that a task
/// definition can require. Source: the container agent's capability list.
pub const LINUX_CAPABILITIES: [&str; 17] = [
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.ecr-auth",
    "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.logging-driver.none",
    "com.amazonaws.ecs.capability.logging-driver.syslog",
    "com.amazonaws.ecs.capability.privileged-container",
    "com.amazonaws.ecs.capability.task-iam-role",
    "ecs.capability.container-ordering",
    "ecs.capability.efs",
    "ecs.capability.env-files.s3",
    "ecs.capability.execution-role-awslogs",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.firelens.fluentbit",
    "ecs.capability.firelens.fluentd",
    TASK_ENI,
];
