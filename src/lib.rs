<<<<<<< HEAD
//! A deterministic discrete-event simulator of Amazon ECS cluster scheduling.
pub mod catalog;
=======
//! skeleton
#![allow(clippy::allow_attributes, missing_docs, reason = "skeleton")]
<<<<<<< HEAD
<<<<<<< HEAD
pub mod units;
>>>>>>> f14b83273dfecac9bc01cf1bb89b43625b089b9d
=======
pub mod units;
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
pub mod kernel;
pub mod model;
pub mod placement;
pub mod workload;
<<<<<<< HEAD
=======
pub mod cost;
pub mod kernel;
pub mod model;
pub mod placement;
pub mod record;
pub mod report;
>>>>>>> 6c4e2373ebe7464b8c77bc4228aef54c1e6ee48e
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
pub mod scenario;
pub mod simulation;
pub mod catalog;
pub mod report;
