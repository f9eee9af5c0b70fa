//! Many cells of one scenario, each run with the same seeds.
//!
//! A sweep varies paths of the scenario ([`Cells`]); a cell is the scenario with one value for each
//! of them. Its runs are numbered, cell by cell and in each by replication, so that machines can
//! share them out by their numbers alone ([`Selection`]); [`Experiment`] plays them.

mod cells;
pub mod engines;
mod experiment;
mod identity;
mod means;
mod selection;

pub use cells::Cells;
pub use experiment::{CellFinding, Checked, Experiment, MOST_RUNS, PlayError, Row, RunNumbers};
pub use identity::Identity;
pub use means::by_cell;
pub use selection::{MOST_SHARDS, RunSet, Selection, SelectionError, Shard};
