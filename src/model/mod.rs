//! What exists: plain data and what is always true of it, in dense tables with typed ids.

pub mod attributes;
mod ids;
mod instance_type;
mod task_definition;

pub use attributes::Attributes;
pub use ids::{
    ContainerInstanceId, EntryId, GroupId, InstanceTypeId, TaskDefinitionId, TaskId, TemplateId,
};
pub use instance_type::{CpuArchitecture, InstanceType};
pub use task_definition::{
    ContainerDefinition, NetworkMode, Ports, RequiredAttribute, TaskDefinition,
};
