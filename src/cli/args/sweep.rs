//! The arguments of `ecs-sim sweep` and `ecs-sim merge`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::scenario::FigurePath;

use super::{ScenarioArgs, read_figure, replications};

/// Run a scenario many times: every combination of some values, each with the same seeds
#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that stands alone"
)]
#[command(
    after_help = "What varies is given by --over, or by the scenario's `sweep`. The rows are in
DIR/sweep.csv, one a run; each is safe as soon as its run is done.

Examples:
  ecs-sim sweep my.yaml --over containerInstances.m5.large.count=2,4,6 --out results
  ecs-sim sweep my.yaml --over containerInstances.m5.large.count=1..20 --over workload.scale=1,2 \\
      --replications 10 --out results
  ecs-sim sweep my.yaml --out results --resume      go on after an interruption
  ecs-sim sweep my.yaml --dry-run                   check every cell, run nothing
  ecs-sim sweep my.yaml --shard 3/16 --out part-3   the third of 16 parts, for 16 machines"
)]
pub(in crate::cli) struct SweepArgs {
    #[command(flatten)]
    pub(in crate::cli) scenario: ScenarioArgs,

    /// Let a path of the scenario take some values; with several, every combination is run.
    /// Values are YAML; `1..10` and `10..100..10` are ranges. Replaces the scenario's `sweep`
    #[arg(long, value_name = "PATH=V1,V2,...")]
    pub(in crate::cli) over: Vec<String>,

    /// Run every cell with so many seeds: the scenario's own, the next, and so on
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = replications())]
    pub(in crate::cli) replications: u64,

    /// Add a figure of summary.json to the columns: `services.web.availability`
    #[arg(long, value_name = "PATH", value_parser = read_figure)]
    pub(in crate::cli) figure: Vec<FigurePath>,

    #[command(flatten)]
    pub(in crate::cli) output: SweepOutputArgs,

    /// Where the rows go; refused when it is not empty, unless --resume or --force is given
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    pub(in crate::cli) out: Option<PathBuf>,

    /// Go on with the same sweep in DIR: runs that are done are not done again
    #[arg(long, conflicts_with = "force")]
    pub(in crate::cli) resume: bool,

    /// Begin anew in a DIR that is not empty
    #[arg(long)]
    pub(in crate::cli) force: bool,

    /// Do only part I of N, counted from 1; `auto` takes I and N from the variables of Slurm, AWS
    /// Batch, Kubernetes and other engines of array jobs
    #[arg(long, value_name = "I/N", conflicts_with = "runs")]
    pub(in crate::cli) shard: Option<String>,

    /// With `--shard auto`: how many shards there are, where the engine does not say; also
    /// ECS_SIM_SHARDS
    #[arg(long, value_name = "N", requires = "shard")]
    pub(in crate::cli) shards: Option<u64>,

    /// Do only the runs with these numbers: `3,7,11-20`
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) runs: Option<String>,

    /// Runs at a time; as many as there are cores when absent. The results are the same
    #[arg(long, value_name = "N")]
    pub(in crate::cli) jobs: Option<NonZeroUsize>,

    /// Check every cell and say how many runs there would be
    #[arg(long, conflicts_with_all = ["out", "resume", "force"])]
    pub(in crate::cli) dry_run: bool,

    /// Show no progress bar
    #[arg(long)]
    pub(in crate::cli) no_progress: bool,
}

/// What is made of the rows.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SweepOutputArgs {
    /// Draw this figure over the paths that vary; cost.totalUsd and placement.waitMs.p99 when
    /// absent
    #[arg(long, value_name = "PATH", value_parser = read_figure)]
    pub(in crate::cli) plot: Vec<FigurePath>,

    /// Write the rows as Parquet too
    #[arg(long, value_enum, default_value_t = RowFormat::Csv)]
    pub(in crate::cli) format: RowFormat,

    /// Print no warnings, no progress, no notes
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RowFormat {
    /// sweep.csv
    Csv,
    /// sweep.csv and sweep.parquet
    Parquet,
}

/// Join the shards of a sweep, with proof that none is missing or doubled
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The result is, byte for byte, what one machine would have written.

Examples:
  ecs-sim merge part-1 part-2 part-3 --out results
  ecs-sim merge part-* --out results --format parquet
  ecs-sim merge part-1 part-3 --out some --partial   without what is missing"
)]
pub(in crate::cli) struct MergeArgs {
    /// The directories that `ecs-sim sweep` has written
    #[arg(required = true, value_name = "DIR")]
    pub(in crate::cli) directories: Vec<PathBuf>,

    /// Where the joined sweep goes; refused when it is not empty, unless --force is given
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,

    /// Replace the files of a sweep in DIR
    #[arg(long)]
    pub(in crate::cli) force: bool,

    /// Join them although runs are missing: the result can be joined again, or be completed with
    /// `sweep --resume`
    #[arg(long)]
    pub(in crate::cli) partial: bool,

    #[command(flatten)]
    pub(in crate::cli) output: SweepOutputArgs,
}
