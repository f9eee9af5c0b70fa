//! skeleton
#![allow(clippy::allow_attributes, missing_docs, reason = "skeleton")]
pub mod units;
pub mod kernel;
pub mod model;
pub mod placement;
pub mod workload;
pub mod scenario;
pub mod simulation;
pub mod catalog;
pub mod report;
