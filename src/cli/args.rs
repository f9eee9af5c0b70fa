//! What the user may type.

mod sweep;

use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};

pub(super) use sweep::{MergeArgs, RowFormat, SweepArgs, SweepOutputArgs};

/// A deterministic simulator of Amazon ECS cluster scheduling.
///
/// It runs a scenario (a fleet, task definitions, work, a placement strategy) and tells how well
/// the fleet was used, what it cost, and what found no room.
#[derive(Debug, Parser)]
#[command(
    name = "ecs-sim",
    version,
    propagate_version = true,
    after_help = "Examples:
  ecs-sim init > my.yaml                      a commented scenario to start from
  ecs-sim validate my.yaml                    every mistake at once, no run
  ecs-sim run my.yaml                         run it and read the summary
  ecs-sim run my.yaml --strategy binpack-memory --out results
  ecs-sim sweep my.yaml --over workload.scale=1,2,3 --replications 10 --out results
  ecs-sim catalog 'm5 vcpu>=8' --region eu-west-1

Exit status: 0 done, 1 the work failed, 2 something is wrong with what was given,
3 the run was done and a check of the scenario fails."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(RunArgs),
    Sweep(SweepArgs),
    Merge(MergeArgs),
    Validate(ValidateArgs),
    Catalog(CatalogArgs),
    Init(InitArgs),
    Completions(CompletionsArgs),
}

/// Which scenario, and what to change in it for this run.
#[derive(Debug, clap::Args)]
pub(super) struct ScenarioArgs {
    /// The scenario: a YAML file
    pub(super) scenario: PathBuf,

    /// Change a value of the scenario: `P=V` replaces, `P+=V` appends to a list, null removes.
    /// Elements of lists are addressed by name or by index from 0; `*` is all of them
    #[arg(long, value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,

    /// Replace the scenario's seed
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,

    /// Place every entry's tasks by this strategy: spread-az, spread-instance,
    /// spread-attribute:NAME, binpack-cpu, binpack-memory, random, chains joined by `+`; and for
    /// comparison, none of them ECS's: x-first-fit, x-worst-fit, x-dot-product,
    /// x-kubernetes-least-allocated, x-kubernetes-most-allocated,
    /// x-kubernetes-balanced-allocation
    #[arg(long, value_name = "CHAIN")]
    pub(super) strategy: Option<String>,
}

/// Run a scenario and print its summary
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("outputs").args(["out", "junit"]).multiple(true))]
#[command(after_help = "Examples:
  ecs-sim run scenarios/quickstart.yaml
  ecs-sim run my.yaml --out results           also tasks.csv, instances.csv, plots, ...
  ecs-sim run my.yaml --set containerInstances.m5.large.count=20
  ecs-sim run my.yaml --strategy spread-az+binpack-memory --seed 7
  ecs-sim run my.yaml --format json | jq .cost.totalUsd
  ecs-sim run my.yaml --junit checks.xml      for continuous integration

Exit status 3 when one of the scenario's checks fails.")]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) scenario: ScenarioArgs,

    /// Run one of the scenario's `variants`
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Option<String>,

    /// Write summary.json, tasks.csv, instances.csv, timeseries.csv and plots into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Write what became of the scenario's checks into this file, as JUnit's XML
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,

    /// Let --out write into a directory that is not empty, and --junit replace a file
    #[arg(long, requires = "outputs")]
    pub(super) force: bool,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(super) format: SummaryFormat,

    /// Print no warnings, no progress, no notes
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// Show no progress bar
    #[arg(long)]
    pub(super) no_progress: bool,
}

/// How a summary is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SummaryFormat {
    /// Sentences and a table
    Text,
    /// The whole of summary.json
    Json,
}

/// Check a scenario without running it: every error and warning at once
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ecs-sim validate my.yaml
  ecs-sim validate my.yaml --set tasks.web.whenFull=queue
  ecs-sim validate my.yaml --set 'tasks.*.whenFull=queue'
  ecs-sim validate my.yaml --format json | jq -r '.[].message'")]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) scenario: ScenarioArgs,

    /// How to print what is found: json is a list of objects with severity, file, line, column,
    /// message and help, on standard output
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub(super) format: FindingFormat,

    /// Print only errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// How errors and warnings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FindingFormat {
    /// With the lines of the file, on standard error
    Text,
    /// One JSON document on standard output
    Json,
}

/// Show instance types and their On-Demand prices
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A FILTER is one or more terms, all of which must hold: a family (m5), a \
pattern (*.large), or a comparison on vcpu, memory, registered, gpu, awsvpc, trunk, price, arch,
hypervisor, burstable or metal.

Examples:
  ecs-sim catalog m5 --region eu-west-1
  ecs-sim catalog 'vcpu>=8 memory<=32GiB arch=arm64'
  ecs-sim catalog 'gpu>0 price<2' --format csv"
)]
pub(super) struct CatalogArgs {
    /// Which types; all of them when absent
    pub(super) filter: Vec<String>,

    /// AWS Region of the prices
    #[arg(long, default_value = "us-east-1")]
    pub(super) region: String,

    /// How to print them
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(super) format: TableFormat,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// An aligned table
    Text,
    /// One JSON document
    Json,
    /// Comma-separated values
    Csv,
}

/// Print a commented scenario to start from
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ecs-sim init --list
  ecs-sim init > my.yaml
  ecs-sim init batch --output my.yaml")]
pub(super) struct InitArgs {
    /// Which template; `quickstart` when absent
    pub(super) template: Option<String>,

    /// List the templates
    #[arg(long, conflicts_with_all = ["template", "output"])]
    pub(super) list: bool,

    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Let --output replace a file that is there already
    #[arg(long, requires = "output")]
    pub(super) force: bool,
}

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ecs-sim completions bash > ~/.local/share/bash-completion/completions/ecs-sim
  ecs-sim completions zsh > ~/.zfunc/_ecs-sim")]
pub(super) struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
