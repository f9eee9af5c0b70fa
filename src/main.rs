//! The command `ecs-sim`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecs_sim::cli::main()
}
