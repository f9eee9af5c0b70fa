//! A deterministic discrete-event simulator of Amazon ECS cluster scheduling.
pub mod catalog;
pub mod cli;
pub mod cost;
pub mod kernel;
pub mod model;
pub mod placement;
pub mod record;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod units;
pub mod workload;
