//! What `sweep` and `merge` make of rows, beside `sweep.csv`.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::report::OutputDir;
use crate::report::sweep::{SweepFilesError, Table};

use super::Failure;
use super::args::{RowFormat, SweepOutputArgs};

/// Figures that are drawn when none is named.
pub(super) const DEFAULT_PLOTS: [&str; 2] = ["cost.totalUsd", "placement.waitMs.p99"];

/// Writes what was asked for, and fills `text` with what goes to standard output.
pub(super) fn beside(
    args: &SweepOutputArgs,
    output: &OutputDir,
    table: &Table,
    text: &mut String,
) -> Result<Vec<PathBuf>, SweepFilesError> {
    let mut written = Vec::new();
    #[cfg(feature = "parquet")]
    if args.format == RowFormat::Parquet {
        written.push(write_parquet(output, table)?);
    }
    let _ = (table, output, text);
    Ok(written)
}

#[cfg(feature = "parquet")]
fn write_parquet(output: &OutputDir, table: &Table) -> Result<PathBuf, SweepFilesError> {
    crate::report::sweep::parquet::write(output, table)
}

/// Refuses what this program was built without, before anything runs.
pub(super) fn refuse_unbuilt(args: &SweepOutputArgs) -> Result<(), Failure> {
    if args.format == RowFormat::Parquet && cfg!(not(feature = "parquet")) {
        return Err(Failure::input(
            "this program was built without Parquet\nhelp: build it with `cargo build --release \
             --features parquet`; sweep.csv holds the same rows",
        ));
    }
    Ok(())
}

/// A note on standard error, unless `quiet`.
pub(super) fn note(quiet: bool, text: &str) {
    if !quiet {
        // Where standard error cannot be written to, the work goes on.
        let _ = writeln!(anstream::stderr(), "note: {text}");
    }
}

/// Where the files are.
pub(super) fn said_in(written: &[PathBuf]) -> String {
    let rows = written.first().map_or(Path::new(""), PathBuf::as_path);
    format!("the rows are in {}", rows.display())
}
