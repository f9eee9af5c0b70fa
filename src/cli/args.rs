//! What the user may type.

mod sweep;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};

use crate::scenario::FigurePath;
use crate::units::Fixed;

use super::telling::TellingArgs;

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
  ecs-sim compare my.yaml --strategies all    which placement strategy suits it, with intervals
  ecs-sim sweep my.yaml --over workload.scale=1,2,3 --replications 10 --out results
  ecs-sim catalog 'm5 vcpu>=8' --region eu-west-1

Exit status: 0 done, 1 the work failed, 2 something is wrong with what was given,
3 the run was done and a check of the scenario fails, in `compare` in any run of any variant."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(RunArgs),
    Compare(Box<CompareArgs>),
    Plan(PlanArgs),
    Sweep(Box<SweepArgs>),
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
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = read_seed)]
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

    #[command(flatten)]
    pub(super) telling: TellingArgs,
}

/// Find the cheapest choice that the scenario's `plan` allows and that holds its checks
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ecs-sim plan scenarios/plan-fleet.yaml
  ecs-sim plan my.yaml --out results          plan.json, plan.csv, plan.md, plots/front.svg
  ecs-sim plan my.yaml --budget 2000 --jobs 8
  ecs-sim plan my.yaml --set plan.confidence=99%
  ecs-sim plan my.yaml --format json | jq -r '.tried[.winner].sets[]'

Exit status 3 when no choice holds the checks.")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) scenario: ScenarioArgs,

    /// The most runs; replaces the plan's `budget`
    #[arg(long, value_name = "N")]
    pub(super) budget: Option<u64>,

    /// How many runs are played side by side; all cores when absent. It changes no result
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,

    /// Write plan.json, plan.csv, plan.md and plots/front.svg into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Let --out write into a directory that is not empty
    #[arg(long, requires = "out")]
    pub(super) force: bool,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(super) format: SummaryFormat,

    #[command(flatten)]
    pub(super) telling: TellingArgs,
}

/// How a summary is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SummaryFormat {
    /// Sentences and a table
    Text,
    /// The whole of summary.json
    Json,
}

/// Run variants of a scenario under the same seeds and tell what differs
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The variants are those of the scenario, unless --variant or --strategies \
names others.
The first is what the others are compared with; a single one is compared with the scenario as it is.

Examples:
  ecs-sim compare my.yaml                            the scenario's own `variants`
  ecs-sim compare my.yaml --strategies all --replications 20
  ecs-sim compare my.yaml --variant more:containerInstances.m5.large.count=20
  ecs-sim compare my.yaml --variant 'now:' --variant 'twice:workload.scale=2' --out results
  ecs-sim compare my.yaml --strategies all --figure cost.totalUsd --precision 1%

Exit status 3 when one of the scenario's checks fails in any run of any variant."
)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    pub(super) scenario: ScenarioArgs,

    /// A variant: its name and what it changes, as with --set. NAME alone is the scenario's variant
    /// of that name, `NAME:` the scenario as it is. Commas in brackets and quotation marks do not
    /// part
    #[arg(long, value_name = "NAME:PATH=VALUE,...")]
    pub(super) variant: Vec<String>,

    /// Compare placement strategies, parted by commas, of every entry and service; `all` is
    /// spread-az, spread-instance, binpack-cpu, binpack-memory, random, spread-az+binpack-memory
    #[arg(long, value_name = "CHAIN,...", conflicts_with_all = ["variant", "strategy"])]
    pub(super) strategies: Option<String>,

    /// The variant that the others are compared with; the first when absent
    #[arg(long, value_name = "NAME")]
    pub(super) baseline: Option<String>,

    /// Runs of each variant, with the scenario's seed and those after it
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = replications())]
    pub(super) replications: u64,

    /// Add runs until the 95 % interval of the first figure lies within this part of the mean, on
    /// either side, for every variant
    #[arg(long, value_name = "PERCENT", value_parser = read_precision)]
    pub(super) precision: Option<Fixed>,

    /// The most runs of each variant that --precision makes
    #[arg(long, value_name = "N", default_value_t = 200, requires = "precision")]
    #[arg(value_parser = replications())]
    pub(super) max_replications: u64,

    /// A figure of the table by its path in summary.json; those of interest when absent
    #[arg(long, value_name = "PATH", value_parser = read_figure)]
    pub(super) figure: Vec<FigurePath>,

    /// Write compare.json, compare.csv, compare.md and plots into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Let --out write into a directory that is not empty
    #[arg(long, requires = "out")]
    pub(super) force: bool,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = CompareFormat::Text)]
    pub(super) format: CompareFormat,

    /// Runs at a time; as many as there are cores when absent. The results are the same
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    pub(super) telling: TellingArgs,
}

fn replications() -> clap::builder::RangedU64ValueParser {
    /// More runs of a variant than anybody waits for.
    const MOST: u64 = 10_000;
    clap::value_parser!(u64).range(1..=MOST)
}

fn read_precision(text: &str) -> Result<Fixed, String> {
    let wanted = match text.strip_suffix('%') {
        Some(percents) => Fixed::parse(percents.trim_end()).map(Fixed::hundredth),
        None => Fixed::parse(text),
    };
    let wanted = wanted.map_err(|reason| format!("`{text}` {reason}; expected 1% or 0.01"))?;
    if wanted <= Fixed::ZERO || wanted >= Fixed::from(1) {
        return Err("expected more than 0 and less than 100%: 1% is the same as 0.01".to_owned());
    }
    Ok(wanted)
}

fn read_seed(text: &str) -> Result<u64, String> {
    let number = text.parse::<u64>();
    number.map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

fn read_figure(text: &str) -> Result<FigurePath, String> {
    FigurePath::parse(text).map_err(|reason| format!("`{text}` {reason}"))
}

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CompareFormat {
    /// Sentences and a table
    Text,
    /// The whole of compare.json
    Json,
    /// compare.csv: a row a run
    Csv,
    /// compare.md
    Markdown,
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

/// Show instance types and their On-Demand prices, or the prices of Fargate
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A FILTER is one or more terms, all of which must hold: a family (m5), a \
pattern (*.large), or a comparison on vcpu, memory, registered, gpu, awsvpc, trunk, price, arch,
hypervisor, burstable or metal.

Examples:
  ecs-sim catalog m5 --region eu-west-1
  ecs-sim catalog 'vcpu>=8 memory<=32GiB arch=arm64'
  ecs-sim catalog 'gpu>0 price<2' --format csv
  ecs-sim catalog --fargate --region eu-west-1"
)]
pub(super) struct CatalogArgs {
    /// Which types; all of them when absent
    pub(super) filter: Vec<String>,

    /// The prices of Fargate and Fargate Spot instead
    #[arg(long, conflicts_with = "filter")]
    pub(super) fargate: bool,

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
