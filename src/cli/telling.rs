//! What a command tells on standard error beside its errors.

use std::io::{IsTerminal, Write};

use crate::report::OutputDir;

/// How much a command tells.
#[derive(Debug, clap::Args)]
pub(super) struct TellingArgs {
    /// Print no warnings, no progress, no notes
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// Show no progress bar
    #[arg(long)]
    pub(super) no_progress: bool,
}

impl TellingArgs {
    /// Whether there is somebody to show a progress bar to.
    pub(super) fn is_watched(&self) -> bool {
        !self.quiet && !self.no_progress && std::io::stderr().is_terminal()
    }

    /// Tells that files were written.
    pub(super) fn files_written(&self, count: usize, output: &OutputDir) {
        if !self.quiet {
            let path = output.path().display();
            let _ = writeln!(anstream::stderr(), "{count} files written to {path}");
        }
    }
}
