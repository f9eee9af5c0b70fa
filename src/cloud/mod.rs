//! AWS beneath the tasks: what happens to a task on its instance.
//!
//! Nothing here knows the event queue or the tables of the world: a plan is made from what is
//! handed in, and `simulation` turns it into events. Reading order: `image_pull`, `behavior`,
//! `agent` (start, run, stop), `file_system`.

pub mod agent;
pub mod behavior;
pub mod file_system;
pub mod image_pull;
#[cfg(test)]
mod testing;
