//! What `sweep` and `merge` make of rows, beside `sweep.csv`.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::report::OutputDir;
use crate::report::sweep::{Header, SweepFilesError, Table, plots, text};
use crate::scenario::FigurePath;

use super::Failure;
use super::args::{RowFormat, SweepOutputArgs};

/// Figures that are drawn when none is named.
pub(super) const DEFAULT_PLOTS: [&str; 2] = ["cost.totalUsd", "placement.waitMs.p99"];

/// The figures that are drawn and printed.
pub(super) fn plotted(args: &SweepOutputArgs) -> Vec<&str> {
    if args.plot.is_empty() {
        return DEFAULT_PLOTS.to_vec();
    }
    args.plot.iter().map(FigurePath::as_str).collect()
}

/// Writes what was asked for beside the rows: pictures of a whole sweep, and Parquet.
pub(super) fn beside(
    args: &SweepOutputArgs,
    header: &Header,
    output: &OutputDir,
    table: &Table,
) -> Result<Vec<PathBuf>, SweepFilesError> {
    let mut written = Vec::new();
    #[cfg(feature = "parquet")]
    if args.format == RowFormat::Parquet {
        written.push(crate::report::sweep::parquet::write(output, table)?);
    }
    if u64::try_from(table.rows.len()) != Ok(header.sweep.runs) {
        return Ok(written);
    }
    for figure in plotted(args) {
        if let Some(drawn) = plots::draw(table, &header.sweep.scenario, figure) {
            let picture = drawn?;
            written.push(output.write(&plots::file_name(figure), |to| {
                to.write_all(picture.as_bytes())
            })?);
        }
    }
    Ok(written)
}

/// What goes to standard output: the cells of a whole sweep, and of a part how much it is.
pub(super) fn said(args: &SweepOutputArgs, header: &Header, table: &Table) -> String {
    let (here, all) = (table.rows.len(), header.sweep.runs);
    if u64::try_from(here) == Ok(all) {
        return text(table, &header.sweep.scenario, &plotted(args));
    }
    format!("{}: {here} of {all} runs\n", header.sweep.scenario)
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
