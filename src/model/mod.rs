//! What exists: plain data and what is always true of it, in dense tables with typed ids.

pub mod attributes;
mod capacity;
mod cluster;
mod container_instance;
mod fargate;
mod health;
mod ids;
mod instance_type;
mod port_table;
mod pricing;
mod reason;
mod stop;
mod task;
mod task_definition;

pub use attributes::Attributes;
pub use capacity::{CapacityScope, InstanceSource, LaunchType, PurchaseOption};
pub use cluster::{Change, Cluster};
pub use container_instance::{ContainerInstance, ContainerInstanceStatus, Profile, ProfileId};
pub use fargate::{FargateCapacity, FargatePlace, FargatePlatform, FargateRates, FargateTasks};
pub use health::{HealthStatus, task_health};
pub use ids::{
    AutoScalingGroupId, CapacityProviderId, ContainerInstanceId, EntryId, FargateZoneId, GroupId,
    InstanceTypeId, ServiceId, SpotPoolId, TargetGroupId, TaskDefinitionId, TaskId, TemplateId,
};
pub use instance_type::{CpuArchitecture, InstanceType};
pub use port_table::{
    LINUX_RESERVED_TCP, MAX_RESERVED_PORTS, PortConflict, PortTable, WINDOWS_RESERVED_TCP,
};
pub use pricing::{
    Commitments, CrossZonePricing, LoadBalancerPricing, LoadBalancerRates, Meter, Pricing,
    ReservedInstances, SavingsPlan, SavingsPlanType,
};
pub use reason::{Reason, Reasons};
pub use stop::{EndReason, PullError, Stop, StoppedReason, TaskStopCode};
pub use task::{Task, TaskStatus};
pub use task_definition::{
    ContainerCondition, ContainerDefinition, ContainerDependency, HealthCheck, NetworkMode, Ports,
    RequiredAttribute, RestartPolicy, TaskDefinition,
};
