//! `ecs-sim completions`.

use clap::CommandFactory;

use super::args::{Args, CompletionsArgs};
use super::{Failure, print};

/// Prints a completion script.
pub(super) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "ecs-sim", &mut script);
    print(&String::from_utf8(script).map_err(Failure::fault)?)
}
