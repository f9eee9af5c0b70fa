<<<<<<< HEAD
//! A deterministic discrete-event simulator of Amazon ECS cluster scheduling.
pub mod catalog;
=======
//! skeleton
#![allow(clippy::allow_attributes, missing_docs, reason = "skeleton")]
<<<<<<< HEAD
pub mod units;
>>>>>>> f14b83273dfecac9bc01cf1bb89b43625b089b9d
pub mod kernel;
pub mod model;
pub mod placement;
pub mod workload;
=======
pub mod cost;
pub mod kernel;
pub mod model;
pub mod placement;
pub mod record;
pub mod report;
>>>>>>> 6c4e2373ebe7464b8c77bc4228aef54c1e6ee48e
pub mod scenario;
pub mod simulation;
pub mod catalog;
pub mod report;
