//! `ecs-sim plan`.

use std::io::{IsTerminal, Write};

use crate::experiment::plan::{PlanError, Planning};
use crate::report::OutputDir;
use crate::report::plan as pages;
use crate::report::text::Style;
use crate::scenario::{LoadError, ScenarioFile};

use super::args::{PlanArgs, SummaryFormat};
use super::progress::PlanProgress;
use super::{Failure, cores, load_options, print, warn};

/// Loads, searches, writes, prints.
pub(super) fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let mut options = load_options(&args.scenario)?;
    if let Some(budget) = args.budget {
        options.sets.push(format!("plan.budget={budget}"));
    }
    let wrong = |error: LoadError| Failure::Input(error.render(true));
    let file = ScenarioFile::read(&args.scenario.scenario).map_err(wrong)?;
    let loaded = file.load(&options).map_err(wrong)?;
    let plan = loaded.scenario.plan.as_ref();
    if args.scenario.strategy.is_some() && plan.is_some_and(|plan| plan.varies("placementStrategy"))
    {
        return Err(Failure::input(
            "`--strategy` replaces every strategy, and the plan varies them: remove one of the two",
        ));
    }
    if !args.quiet {
        warn(&loaded.warnings);
    }
    let planning = Planning {
        file: &file,
        options: &options,
        scenario: &loaded.scenario,
        jobs: args.jobs.unwrap_or_else(cores),
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
    let budget = planning
        .scenario
        .plan
        .as_ref()
        .map_or(0, |plan| plan.budget);
    let is_watched = !args.quiet && !args.no_progress && std::io::stderr().is_terminal();
    let mut bar = PlanProgress::new(is_watched, budget);
    let planned = planning.make(&mut |progress| bar.show(progress));
    drop(bar);
    let planned = planned.map_err(|error| failure(&error))?;
    let command = command(args);
    let printed = match args.format {
        // Where colours are not wanted, `print` takes them out again.
        SummaryFormat::Text => {
            let style = Style {
                color: true,
                ..Style::default()
            };
            print(&pages::text(&planned, &command, style))
        }
        SummaryFormat::Json => print(&pages::json(&planned)),
    };
    if let (Some(output), Some(path)) = (output, &args.out) {
        let files = pages::write_all(output, &planned, &command).map_err(Failure::fault)?;
        if !args.quiet {
            let (count, path) = (files.len(), path.display());
            let _ = writeln!(anstream::stderr(), "{count} files written to {path}");
        }
    }
    match printed {
        Ok(()) | Err(Failure::BrokenPipe) if planned.winner.is_none() => Err(Failure::CheckFails),
        printed => printed,
    }
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
