//! YAML text to a checked scenario.
//!
//! A file is read in steps: `yaml` makes a tree in which everything knows its place, `overlay`
//! applies `--set`, `check` reads typed values out of the tree and makes the [`Scenario`].
//! Mistakes are collected in [`Diagnostics`] on the way, so that all are reported at once.

mod capacity;
mod check;
mod checks;
mod diagnostics;
mod distribution;
mod fargate;
mod figure;
mod incidents;
mod load;
mod node;
mod overlay;
mod path;
mod plan;
mod read;
mod services;
mod spec;
mod strategies;
mod sweep;
mod task_definition;
#[cfg(test)]
mod tests;
mod traffic;
mod variants;
mod yaml;

pub use capacity::{
    AutoScalingGroup, Capacity, CapacityOptions, CapacityProvider, CapacityProviderKind, GroupType,
    ManagedInstances,
};
pub use check::parse_over;
pub use checks::{Check, Comparison, Expression};
pub use diagnostics::{Diagnostic, Diagnostics, LoadError, Severity};
pub use fargate::{Fargate, FargatePrices};
pub use figure::{FigurePath, Unit};
pub use incidents::{
    Extent, Incident, IncidentKind, InstanceSelector, PoolSelector, StruckInstances,
};
pub use load::{LoadOptions, Loaded, ScenarioFile, load, load_text};
pub use plan::{Plan, Share as PlanShare, Value as PlanValue, Variable};
pub use services::{SchedulingStrategy, Service, ServiceOptions, ServiceUpdate, TaskProtection};
pub use spec::{
    ContainerInstances, InstanceSettings, Scenario, StartTask, Subnet, TasksEntry, WhenFull,
};
pub use strategies::parse_strategy_chain;
pub use sweep::{Axis, Bounds, Draw, Law, MOST_CELLS, Setting, Sweep};
pub use task_definition::{
    Finding, RawTaskDefinition, UnknownKeys, check as check_task_definition,
};
pub use traffic::{AlarmEntry, AlarmSource, AutoScaling, LoadBalancer, ServiceMetric};
