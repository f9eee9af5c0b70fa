//! skeleton
#![allow(clippy::allow_attributes, missing_docs, reason = "skeleton")]
pub mod catalog;
pub mod kernel;
pub mod model;
pub mod placement;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod units;
pub mod workload;
