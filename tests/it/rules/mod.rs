//! Rules that a user can meet: ECS's, by the golden examples `G..` of the specification, and this
//! program's own contract. Each is a tiny scenario, run from its text to its outputs.

mod lifecycle;
mod money;
mod outputs;
mod placement;
mod query;
mod resources;
mod services;
mod streams;
mod traces;
mod waiting;
