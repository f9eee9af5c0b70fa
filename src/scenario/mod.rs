//! YAML text to a checked scenario.

mod spec;

pub use spec::{
    ContainerInstances, PurchaseOption, Scenario, StartTask, Subnet, TasksEntry, WhenFull,
};
