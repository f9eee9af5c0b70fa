//! Why files of a sweep could not be opened, joined or written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::report::{OutputError, plots::PlotError};

/// Why files of a sweep could not be opened, joined or written.
#[derive(Debug, Error)]
pub enum SweepFilesError {
    /// The directory cannot be used.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// It holds something, and nobody said what to do with it.
    #[error(
        "{} is not empty\nhelp: `--resume` goes on with the sweep that is there, `--force` begins \
         anew and replaces its files", .0.display()
    )]
    NotEmpty(PathBuf),
    /// It holds something, but no sweep to go on with.
    #[error(
        "{} holds no sweep to go on with\nhelp: choose another directory, or `--force` to begin a \
         sweep beside the files that are there", .0.display()
    )]
    NoSweep(PathBuf),
    /// It holds another sweep.
    #[error(
        "{} holds another sweep: {difference}\nhelp: choose another directory, or `--force` to \
         replace what is there", path.display()
    )]
    AnotherSweep {
        /// The directory.
        path: PathBuf,
        /// What differs, as a clause.
        difference: String,
    },
    /// Another process works in it.
    #[error("another process is at work in {}", .0.display())]
    Busy(PathBuf),
    /// A file of it is not what its manifest says.
    #[error("{} {problem}\nhelp: {help}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, as a clause.
        problem: String,
        /// How to mend it.
        help: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directories do not make one whole sweep.
    #[error("{0}")]
    NotOne(String),
    /// A picture cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
}
