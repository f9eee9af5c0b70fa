//! `ecs-sim sweep`.

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::experiment::checks::first_figures;
use crate::experiment::figures::places_of_interest;
use crate::experiment::sweep::{
    CellFinding, Cells, Checked, Experiment, Identity, MOST_RUNS, PlayError, RunSet, Selection,
    Shard, engines,
};
use crate::report::sweep::{Header, Opening, SweepDirectory, SweepFilesError, hash_files, sha256};
use crate::scenario::{FigurePath, Loaded, ScenarioFile, Sweep, parse_over};

use super::args::SweepArgs;
use super::progress::RunsProgress;
use super::sweep_output::{note, refuse_unbuilt, write_out};
use super::telling::TellingArgs;
use super::{Failure, cores, load_options, print, warn};

/// Loads and checks every cell, plays the runs that are not done yet, writes.
pub(super) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let quiet = args.output.quiet;
    refuse_unbuilt(&args.output)?;
    let options = load_options(&args.scenario)?;
    let file = ScenarioFile::read(&args.scenario.scenario)?;
    let loaded = file.load(&options)?;
    if !quiet {
        warn(&loaded.warnings);
    }
    let selection = selection(args, quiet)?;
    let known = loaded.warnings.render_each(true);
    let figures = figures(args, &loaded)?;
    let experiment = Experiment {
        file: &file,
        options: &options,
        cells: Cells::new(swept(args, &loaded)?, loaded.scenario.seed),
        replications: args.replications,
        figures,
    };
    refuse_impossible(&experiment, &selection)?;
    let jobs = args.jobs.unwrap_or_else(cores);
    let checked = check(&experiment, jobs, &selection, &known, quiet)?;
    if args.dry_run {
        return print(&plan(&experiment, &selection));
    }
    let Some(out) = &args.out else {
        return Err(Failure::input("--out is missing"));
    };
    let header = Header::new(
        identity(args, &experiment),
        &args.scenario.scenario,
        hash_files(&checked.files)
            .map_err(|(name, error)| Failure::input(format!("cannot read `{name}`: {error}")))?,
        &selection,
    );
    let opening = match (args.resume, args.force) {
        (true, _) => Opening::Resume,
        (false, true) => Opening::Force,
        (false, false) => Opening::Empty,
    };
    let directory = SweepDirectory::open(out, opening, header).map_err(Failure::input)?;
    tell_resumed(&directory, quiet);
    let pending = experiment.pending(&selection, |run| directory.is_done(run));
    play(args, &experiment, jobs, &pending, &directory)?;
    write_out(&args.output, |beside| directory.finish(beside))
}

/// What varies.
fn swept(args: &SweepArgs, loaded: &Loaded) -> Result<Sweep, Failure> {
    if !args.over.is_empty() {
        return parse_over(&args.over).map_err(Failure::from);
    }
    let nothing = "there is nothing to vary\nhelp: give values, for instance \
                   `--over containerInstances.m5.large.count=2,4,6`, or add `sweep` to the \
                   scenario";
    loaded.sweep.clone().ok_or_else(|| Failure::input(nothing))
}

/// The columns of figures: those of interest, then those that were asked for.
fn figures(args: &SweepArgs, loaded: &Loaded) -> Result<Vec<FigurePath>, Failure> {
    let cannot = "the scenario cannot be run\nhelp: `ecs-sim validate` says why";
    let first = first_figures(&loaded.scenario).ok_or_else(|| Failure::input(cannot))?;
    let mut figures: Vec<FigurePath> = places_of_interest(&first)
        .into_iter()
        .map(|known| known.path)
        .collect();
    for path in args.figure.iter().chain(&args.output.plot) {
        if let Some(error) = first.never_later(path) {
            return Err(Failure::input(error));
        }
        if !figures.contains(path) {
            figures.push(path.clone());
        }
    }
    Ok(figures)
}

fn selection(args: &SweepArgs, quiet: bool) -> Result<Selection, Failure> {
    let selection = match (&args.shard, &args.runs) {
        (Some(text), _) if text == "auto" => {
            let found = engines::detect(&environment(), args.shards).map_err(Failure::input)?;
            note(quiet, &format!("shard {} by {}", found.shard, found.source));
            Selection::Shard(found.shard)
        }
        (Some(text), _) => {
            let shard = Shard::parse(text).map_err(Failure::input)?;
            if let Some(count) = args.shards.filter(|count| *count != shard.count()) {
                return Err(Failure::input(format_args!(
                    "--shard says {} shards and --shards {count}",
                    shard.count()
                )));
            }
            Selection::Shard(shard)
        }
        (None, Some(text)) => Selection::Runs(RunSet::parse(text).map_err(Failure::input)?),
        (None, None) => Selection::All,
    };
    Ok(selection)
}

/// The variables by which engines of array jobs number their tasks.
#[expect(
    clippy::disallowed_methods,
    reason = "`--shard auto` was asked for: these variables are its input"
)]
fn environment() -> BTreeMap<String, String> {
    let value = |name| Some((String::from(name), std::env::var(name).ok()?));
    engines::variables().into_iter().filter_map(value).collect()
}

fn refuse_impossible(experiment: &Experiment<'_>, selection: &Selection) -> Result<(), Failure> {
    let runs = experiment.runs();
    let (cells, replications) = (experiment.cells.count(), experiment.replications);
    if runs > MOST_RUNS {
        return Err(Failure::input(format_args!(
            "{cells} cells with {replications} replications are {runs} runs; the limit is \
             {MOST_RUNS}"
        )));
    }
    if let Selection::Runs(wanted) = selection
        && wanted.last() > runs
    {
        let last = wanted.last();
        return Err(Failure::input(format_args!(
            "there is no run {last}: the sweep has {runs} runs"
        )));
    }
    let figures = experiment.figures.iter().map(FigurePath::as_str);
    for figure in figures {
        if experiment.cells.paths().contains(&figure) {
            return Err(Failure::input(format_args!(
                "`{figure}` is a path that varies and a figure too: there would be two columns of \
                 one name"
            )));
        }
    }
    Ok(())
}

/// Loads the cells of the runs that are selected.
fn check(
    experiment: &Experiment<'_>,
    jobs: NonZeroUsize,
    selection: &Selection,
    known: &[String],
    quiet: bool,
) -> Result<Checked, Failure> {
    let runs = experiment.pending(selection, |_| false);
    let checked = experiment.check(jobs, &runs, known);
    let shown = |findings: &[CellFinding]| {
        let shown: Vec<String> = findings
            .iter()
            .map(|finding| show(experiment, finding))
            .collect();
        shown.join("\n\n")
    };
    if !quiet && !checked.warnings.is_empty() {
        let _ = writeln!(anstream::stderr(), "{}", shown(&checked.warnings));
    }
    if checked.errors.is_empty() {
        return Ok(checked);
    }
    Err(Failure::Input(shown(&checked.errors)))
}

fn show(experiment: &Experiment<'_>, finding: &CellFinding) -> String {
    let count = finding.cells.count();
    let which = match count {
        1 => format!("cell {}", finding.cells),
        _ if count == experiment.cells.count() => format!("all {count} cells, for instance"),
        _ => format!("{count} cells, for instance"),
    };
    let settings: Vec<String> = finding
        .settings
        .iter()
        .map(|set| format!("--set '{set}'"))
        .collect();
    format!("in {which} {}:\n{}", settings.join(" "), finding.text)
}

fn identity(args: &SweepArgs, experiment: &Experiment<'_>) -> Identity {
    let path = &args.scenario.scenario;
    let name = path.file_name().unwrap_or(path.as_os_str());
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    Identity {
        program: concat!("ecs-sim ", env!("CARGO_PKG_VERSION")).to_owned(),
        scenario: name.to_string_lossy().into_owned(),
        scenario_sha256: sha256(experiment.file.text.as_bytes()),
        sets: args.scenario.set.clone(),
        seed: args.scenario.seed,
        strategy: args.scenario.strategy.clone(),
        over: args.over.clone(),
        paths: owned(experiment.cells.paths()),
        figures: owned(experiment.figures.iter().map(FigurePath::as_str).collect()),
        cells: experiment.cells.count(),
        replications: experiment.replications,
        runs: experiment.runs(),
    }
}

/// What `--dry-run` prints.
fn plan(experiment: &Experiment<'_>, selection: &Selection) -> String {
    const SHOWN: u64 = 10;
    let (cells, replications) = (experiment.cells.count(), experiment.replications);
    let here = experiment.pending(selection, |_| false).len();
    let mut text = format!(
        "{cells} cells, {replications} replications each: {} runs, {here} of them here\n",
        experiment.runs()
    );
    for cell in 1..=cells.min(SHOWN) {
        let sets = experiment.sets(cell).join(" ");
        text.extend(["cell ", &cell.to_string(), ": ", &sets, "\n"]);
    }
    if cells > SHOWN {
        text.push_str("...\n");
    }
    text
}

fn tell_resumed(directory: &SweepDirectory, quiet: bool) {
    if directory.was_torn() {
        note(quiet, "the last row was half written and is dropped");
    }
    if directory.done() > 0 {
        note(
            quiet,
            &format!("{} runs are done already", directory.done()),
        );
    }
}

/// Plays the runs; each row is kept as soon as it is there.
fn play(
    args: &SweepArgs,
    experiment: &Experiment<'_>,
    jobs: NonZeroUsize,
    pending: &[u64],
    directory: &SweepDirectory,
) -> Result<(), Failure> {
    let all = u64::try_from(pending.len()).unwrap_or(u64::MAX);
    let telling = TellingArgs {
        quiet: args.output.quiet,
        no_progress: args.no_progress,
    };
    let bar = RunsProgress::new(telling.is_watched());
    let done = AtomicU64::new(0);
    let played = experiment.play(jobs, pending, |row| {
        directory.keep(row)?;
        bar.show(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        Ok(())
    });
    drop(bar);
    played.map_err(|error: PlayError<SweepFilesError>| {
        let help = "help: what is done is kept; mend it and give the command again with `--resume`";
        match error {
            PlayError::Keep(error) => Failure::fault(format_args!("{error}\n{help}")),
            error => Failure::input(format_args!("{error}\n{help}")),
        }
    })
}
