//! `ecs-sim plan`.

use crate::experiment::plan::{PlanError, Planning};
use crate::report::OutputDir;
use crate::report::plan as pages;
use crate::scenario::{Diagnostics, ScenarioFile, Severity};

use super::args::{PlanArgs, SummaryFormat};
use super::progress::PlanProgress;
use super::{Failure, cores, dressed, load_options, print, warn, with_output};

/// Loads, searches, writes, prints.
pub(super) fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let mut options = load_options(&args.scenario)?;
    if let Some(budget) = args.budget {
        options.sets.push(format!("plan.budget={budget}"));
    }
    let file = ScenarioFile::read(&args.scenario.scenario)?;
    let loaded = file.load(&options)?;
    let plan = loaded.scenario.plan.as_ref();
    if args.scenario.strategy.is_some() && plan.is_some_and(|plan| plan.varies("placementStrategy"))
    {
        return Err(Failure::input(
            "`--strategy` replaces every strategy, and the plan varies them: remove one of the two",
        ));
    }
    let findings = &loaded.warnings;
    if !args.telling.quiet {
        warn(findings);
    }
    let planning = Planning {
        file: &file,
        options: &options,
        scenario: &loaded.scenario,
        jobs: args.jobs.unwrap_or_else(cores),
    };
    with_output(args.out.as_deref(), args.force, |output| {
        plan_into(args, planning, findings, output)
    })
}

fn plan_into(
    args: &PlanArgs,
    planning: Planning<'_>,
    findings: &Diagnostics,
    output: Option<&OutputDir>,
) -> Result<(), Failure> {
    let budget = planning
        .scenario
        .plan
        .as_ref()
        .map_or(0, |plan| plan.budget);
    let mut bar = PlanProgress::new(args.telling.is_watched(), budget);
    let planned = planning.make(&mut |progress| bar.show(progress));
    drop(bar);
    let planned = planned.map_err(|error| failure(&error, findings))?;
    let command = command(args);
    let printed = match args.format {
        SummaryFormat::Text => print(&pages::text(&planned, &command, dressed())),
        SummaryFormat::Json => print(&pages::json(&planned)),
    };
    if let Some(output) = output {
        let files = pages::write_all(output, &planned, &command).map_err(Failure::fault)?;
        args.telling.files_written(files.len(), output);
    }
    match printed {
        Ok(()) | Err(Failure::BrokenPipe) if planned.winner.is_none() => Err(Failure::CheckFails),
        printed => printed,
    }
}

/// What is wrong, with the place in the file where there is one to show; `findings` have the texts.
fn failure(error: &PlanError, findings: &Diagnostics) -> Failure {
    match error {
        PlanError::Check { check, error } => {
            let mut findings = findings.clone();
            findings.add_of_check(check, Severity::Error, error);
            let (errors, _) = findings.render_by_severity(true);
            Failure::Input(errors.join("\n\n"))
        }
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
