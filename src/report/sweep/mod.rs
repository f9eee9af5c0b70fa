//! The directory of a sweep: rows that are kept as they come, whole files at the end, and the
//! joining of the directories of several machines.

mod directory;
mod error;
mod journal;
mod manifest;
mod merge;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod plots;
mod rows;
mod text;

pub use directory::{Beside, Opening, SweepDirectory};
pub use error::SweepFilesError;
pub use manifest::{Header, Manifest, hash_files, sha256};
pub use merge::{Merged, merge};
pub use rows::{Columns, Table, TableRow};
pub use text::text;
