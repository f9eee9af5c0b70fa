//! Many runs: the engine that plays them side by side, and what is learned from them together.
//!
//! A run is one thread and knows nothing of others. Here a scenario's file is loaded once for each
//! variant ([`ScenarioFile`](crate::scenario::ScenarioFile)), played for each seed
//! ([`seeds::seed_of`], [`run_once`]) on as many threads as are wanted
//! ([`parallel::run_indexed`]), and figures are looked up in the summaries
//! ([`figures::Figures`]). The results are typed values; other rooms render them.

pub mod checks;
pub mod compare;
pub mod figures;
pub mod parallel;
pub mod plan;
mod run;
pub mod seeds;
pub mod statistics;
pub mod sweep;
pub mod variants;

pub use run::{Finished, play, run_once, with_seed};
