//! `ecs-sim plan`.

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::plan::{PlanError, Planned, Planning, Progress};
use crate::report;
use crate::report::OutputDir;
use crate::report::text::Style;
use crate::scenario::{LoadError, ScenarioFile};

use super::args::{PlanArgs, SummaryFormat};
use super::{Failure, load_options, print};

/// Loads, searches, writes, prints.
pub(super) fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let mut options = load_options(&args.scenario)?;
    if let Some(budget) = args.budget {
        options.sets.push(format!("plan.budget={budget}"));
    }
    let wrong = |error: LoadError| Failure::Input(error.render(true));
    let file = ScenarioFile::read(&args.scenario.scenario).map_err(wrong)?;
    let loaded = file.load(&options).map_err(wrong)?;
    if !args.quiet && !loaded.warnings.is_empty() {
        let _ = writeln!(
            anstream::stderr(),
            "{}",
            loaded.warnings.render(true).trim_end()
        );
    }
    let planning = Planning {
        file: &file,
        options: &options,
        scenario: &loaded.scenario,
        jobs: args.jobs.unwrap_or_else(all_cores),
    };
    let made = args.out.as_deref().filter(|path| !path.exists());
    let output = match &args.out {
        Some(path) => Some(OutputDir::prepare(path, args.force).map_err(Failure::input)?),
        None => None,
    };
    plan_into(args, planning, output.as_ref()).inspect_err(|failure| {
        // Nothing was written: no empty directory is left behind. One that holds files stays.
        if let (Some(path), false) = (made, matches!(failure, Failure::CheckFails)) {
            let _ = std::fs::remove_dir(path);
        }
    })
}

fn plan_into(
    args: &PlanArgs,
    planning: Planning<'_>,
    output: Option<&OutputDir>,
) -> Result<(), Failure> {
    let planned = {
        let watched = !args.quiet && !args.no_progress && std::io::stderr().is_terminal();
        let budget = planning
            .scenario
            .plan
            .as_ref()
            .map_or(0, |plan| plan.budget);
        let mut bar = watched.then(|| Bar::new(budget));
        let mut watch = |progress| {
            if let Some(bar) = &mut bar {
                bar.show(progress);
            }
        };
        planning.make(&mut watch).map_err(|error| failure(&error))?
    };
    let command = command(args);
    let printed = match args.format {
        // Where colours are not wanted, `print` takes them out again.
        SummaryFormat::Text => {
            let style = Style {
                color: true,
                ..Style::default()
            };
            print(&report::text::plan::plan(&planned, &command, style))
        }
        SummaryFormat::Json => print(&report::plan::json(&planned)),
    };
    if let (Some(output), Some(path)) = (output, &args.out) {
        let files = report::plan::write_all(output, &planned, &command).map_err(Failure::fault)?;
        if !args.quiet {
            let (count, path) = (files.len(), path.display());
            let _ = writeln!(anstream::stderr(), "{count} files written to {path}");
        }
    }
    match printed {
        Ok(()) | Err(Failure::BrokenPipe) if !has_winner(&planned) => Err(Failure::CheckFails),
        printed => printed,
    }
}

fn has_winner(planned: &Planned) -> bool {
    planned.winner.is_some()
}

/// What is wrong, with the place in the file where there is one to show.
fn failure(error: &PlanError) -> Failure {
    match error {
        PlanError::NeverValid { error: wrong, .. } => {
            Failure::Input(format!("error: {error}\n\n{}", wrong.render(true)))
        }
        PlanError::Load(wrong) => Failure::Input(wrong.render(true)),
        _ => Failure::input(error),
    }
}

/// The command that plays the scenario as it stands, for the winner's settings to be added to.
fn command(args: &PlanArgs) -> Vec<String> {
    let scenario = &args.scenario;
    let mut words = vec![
        "ecs-sim".to_owned(),
        "run".to_owned(),
        scenario.scenario.display().to_string(),
    ];
    words.extend(
        scenario
            .seed
            .iter()
            .flat_map(|seed| ["--seed".to_owned(), seed.to_string()]),
    );
    words.extend(
        scenario
            .strategy
            .iter()
            .flat_map(|chain| ["--strategy".to_owned(), chain.clone()]),
    );
    words.extend(
        scenario
            .set
            .iter()
            .flat_map(|set| ["--set".to_owned(), set.clone()]),
    );
    words
}

fn all_cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A bar on standard error: first of the choices that are looked at, then of the runs.
struct Bar {
    bar: ProgressBar,
    budget: u64,
    runs: u64,
}

impl Bar {
    fn new(budget: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{wide_bar} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            budget,
            runs: 0,
        }
    }

    fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Looked(looked, all) => {
                self.bar.set_length(all);
                self.bar.set_position(looked);
                self.bar
                    .set_message(format!("{looked} of {all} choices looked at"));
            }
            Progress::Played => {
                self.runs += 1;
                self.bar.set_length(self.budget);
                self.bar.set_position(self.runs);
                self.bar
                    .set_message(format!("{} runs, {} at most", self.runs, self.budget));
            }
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
