//! The command line: one thin file a subcommand. It parses, calls the rooms, prints, and turns
//! what went wrong into an exit status.

mod args;
mod catalog;
mod compare;
mod completions;
mod init;
mod merge;
mod plan;
mod progress;
mod run;
mod sweep;
mod sweep_output;
mod telling;
mod validate;

use std::fmt::Display;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::experiment;
use crate::experiment::figures::Figures;
use crate::report::OutputDir;
use crate::report::text::Style;
use crate::scenario::{self, Diagnostics, LoadError, LoadOptions, Loaded, Severity};
use args::{Args, Command, ScenarioArgs};

/// Why a command did not finish. The exit statuses are part of the user's contract.
#[derive(Debug)]
enum Failure {
    /// Status 1: something failed after the work had begun, or an internal fault.
    Fault(String),
    /// Status 2: something is wrong with what the user gave.
    Input(String),
    /// Status 2 too: what is wrong stands on standard output already.
    Reported,
    /// Status 3: the run was done, and a check of the scenario fails; the report says which.
    CheckFails,
    /// Status 0: whoever read our output has gone away.
    BrokenPipe,
}

impl Failure {
    fn input(error: impl Display) -> Self {
        Self::Input(format!("error: {error}"))
    }

    fn fault(error: impl Display) -> Self {
        Self::Fault(format!("error: {error}"))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::fault(format_args!("cannot write the output: {error}")),
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::Input(error.render(true))
    }
}

/// Parses the arguments, runs the command, and returns its exit status.
pub fn main() -> ExitCode {
    let (status, message) = match dispatch(Args::parse()) {
        Ok(()) | Err(Failure::BrokenPipe) => (0, None),
        Err(Failure::Fault(message)) => (1, Some(message)),
        Err(Failure::Input(message)) => (2, Some(message)),
        Err(Failure::Reported) => (2, None),
        Err(Failure::CheckFails) => (3, None),
    };
    if let Some(message) = message {
        // Where standard error cannot be written to, nobody is left to tell.
        let _ = writeln!(anstream::stderr(), "{}", message.trim_end());
    }
    ExitCode::from(status)
}

fn dispatch(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Merge(args) => merge::merge(&args),
        Command::Validate(args) => validate::validate(&args),
        Command::Catalog(args) => catalog::catalog(&args),
        Command::Init(args) => init::init(&args),
        Command::Completions(args) => completions::completions(&args),
    }
}

/// Loads a scenario; its warnings go to standard error unless `quiet`.
fn load(path: &Path, options: &LoadOptions, quiet: bool) -> Result<Loaded, Failure> {
    let loaded = refuse_checks(scenario::load(path, options)?, &[])?;
    if !quiet {
        warn(&loaded.warnings);
    }
    Ok(loaded)
}

/// Tells of warnings on standard error.
fn warn(warnings: &Diagnostics) {
    if !warnings.is_empty() {
        // Where standard error cannot be written to, the run goes on.
        let _ = writeln!(anstream::stderr(), "{}", warnings.render(true).trim_end());
    }
}

/// Refuses checks whose figures no run can have, nor one of the scenarios `beside` it: they would
/// fail after all of the work.
fn refuse_checks(mut loaded: Loaded, beside: &[Figures]) -> Result<Loaded, LoadError> {
    for (place, error) in experiment::checks::impossible(&loaded.scenario, beside) {
        let check = &loaded.scenario.checks[place];
        loaded.warnings.add_of_check(check, Severity::Error, &error);
    }
    let warnings = loaded.warnings.without_errors()?;
    Ok(Loaded { warnings, ..loaded })
}

fn load_options(args: &ScenarioArgs) -> Result<LoadOptions, Failure> {
    let strategy = match &args.strategy {
        Some(names) => Some(scenario::parse_strategy_chain(names).map_err(Failure::input)?),
        None => None,
    };
    Ok(LoadOptions {
        sets: args.set.clone(),
        seed: args.seed,
        strategy,
        ..LoadOptions::default()
    })
}

/// How many runs are played at a time when nobody says so.
fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Does work whose files go into the directory of `--out`, made ready before it. A directory that
/// was made for work that then wrote nothing is taken away again; one that holds files stays.
fn with_output(
    out: Option<&Path>,
    force: bool,
    work: impl FnOnce(Option<&OutputDir>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(path) = out else {
        return work(None);
    };
    let is_new = !path.exists();
    let output = OutputDir::prepare(path, force).map_err(Failure::input)?;
    work(Some(&output)).inspect_err(|_| {
        if is_new {
            let _ = std::fs::remove_dir(path);
        }
    })
}

/// How text is written: where colours are not wanted, `print` takes them out again.
fn dressed() -> Style {
    Style {
        color: true,
        ..Style::default()
    }
}

/// Writes a finished document to standard output.
fn print(document: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    out.write_all(document.as_bytes())?;
    out.flush()?;
    Ok(())
}
