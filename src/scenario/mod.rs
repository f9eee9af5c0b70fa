//! YAML text to a checked scenario.

mod spec;
mod task_definition;

pub use spec::{
    ContainerInstances, PurchaseOption, Scenario, StartTask, Subnet, TasksEntry, WhenFull,
};
pub use task_definition::{
    Finding, RawTaskDefinition, Severity, UnknownKeys, check as check_task_definition,
};
