//! `ecs-sim compare`.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

use crate::experiment;
use crate::experiment::checks::first_figures;
use crate::experiment::compare::{CompareError, CompareOptions, Compared, Precision};
use crate::experiment::variants::{self, Variant, VariantError, VariantSpec};
use crate::report::compare as pages;
use crate::report::text::Style;
use crate::report::{OutputDir, OutputError};
use crate::scenario::{FigurePath, LoadOptions, Loaded, Scenario, ScenarioFile};

use super::args::{CompareArgs, CompareFormat};
use super::progress::RunsProgress;
use super::{Failure, cores, doubt_checks, load_options, print, warn};

/// Loads the variants, runs them, compares, writes, prints.
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let common = load_options(&args.scenario)?;
    let file = ScenarioFile::read(&args.scenario.scenario)?;
    let base = file.load(&common)?;
    let specs = specs(args, &base.scenario)?;
    let baseline =
        variants::baseline(&specs, args.baseline.as_deref()).map_err(|error| refused(&error))?;
    let variants = load_variants(&specs, &file, &common)?;
    if !args.quiet {
        warn_of_all(base, &variants);
    }
    refuse_impossible(&args.figure, &variants)?;
    let made = args.out.as_deref().filter(|path| !path.exists());
    let output = match &args.out {
        Some(path) => Some(OutputDir::prepare(path, args.force).map_err(Failure::input)?),
        None => None,
    };
    let options = CompareOptions {
        baseline,
        replications: args.replications,
        precision: args.precision.map(|wanted| Precision {
            wanted,
            most: args.max_replications.max(args.replications),
        }),
        figures: args.figure.clone(),
        jobs: args.jobs.unwrap_or_else(cores),
    };
    let bar =
        RunsProgress::new(!args.quiet && !args.no_progress && std::io::stderr().is_terminal());
    let compared = experiment::compare::compare(&variants, &options, &mut |done, all| {
        bar.show(done, all);
    });
    drop(bar);
    let compared = compared.map_err(|error: CompareError| {
        // Nothing was written: no empty directory is left behind. One that holds files stays.
        if let Some(path) = made {
            let _ = std::fs::remove_dir(path);
        }
        Failure::input(error)
    })?;
    // Whoever reads our output may have gone away: the files are written all the same.
    let printed = show(&compared, args.format);
    if let Some(output) = &output {
        let files = pages::write_all(output, &compared)
            .map_err(|error: OutputError| Failure::fault(error))?;
        if !args.quiet {
            let (count, path) = (files.len(), output.path().display());
            let _ = writeln!(anstream::stderr(), "{count} files written to {path}");
        }
    }
    printed
}

/// The variants that are asked for, else those of the scenario.
fn specs(args: &CompareArgs, scenario: &Scenario) -> Result<Vec<VariantSpec>, Failure> {
    let asked = match &args.strategies {
        Some(list) => VariantSpec::parse_strategies(list),
        None => args
            .variant
            .iter()
            .map(|text| VariantSpec::parse(text))
            .collect(),
    };
    asked
        .and_then(|asked| variants::complete(asked, scenario))
        .map_err(|error| refused(&error))
}

fn load_variants(
    specs: &[VariantSpec],
    file: &ScenarioFile,
    common: &LoadOptions,
) -> Result<Vec<Variant>, Failure> {
    let variants = specs.iter().map(|spec| spec.load(file, common));
    variants
        .collect::<Result<_, _>>()
        .map_err(|error| refused(&error))
}

/// Tells of the warnings of the scenario, and of those that a variant has beside them.
fn warn_of_all(mut base: Loaded, variants: &[Variant]) {
    let mut told = BTreeSet::new();
    doubt_checks(&mut base);
    base.warnings.retain_untold(&mut told);
    warn(&base.warnings);
    for variant in variants {
        let mut warnings = variant.warnings.clone();
        warnings.retain_untold(&mut told);
        if !warnings.is_empty() {
            let _ = writeln!(anstream::stderr(), "in the variant `{}`:", variant.name);
            warn(&warnings);
        }
    }
}

/// Refuses figures that no run can have before anything is run.
fn refuse_impossible(figures: &[FigurePath], variants: &[Variant]) -> Result<(), Failure> {
    if figures.is_empty() {
        return Ok(());
    }
    let first: Vec<_> = variants
        .iter()
        .filter_map(|variant| first_figures(&variant.scenario))
        .collect();
    for path in figures {
        let problems: Option<Vec<_>> = first.iter().map(|first| first.never_later(path)).collect();
        if let Some(problem) = problems.and_then(|problems| problems.into_iter().next()) {
            return Err(Failure::input(format_args!("--figure: {problem}")));
        }
    }
    Ok(())
}

fn show(compared: &Compared, format: CompareFormat) -> Result<(), Failure> {
    match format {
        CompareFormat::Text => {
            let style = Style {
                color: true,
                ..Style::default()
            };
            print(&pages::text(compared, style))
        }
        CompareFormat::Json => print(&pages::json(compared)),
        CompareFormat::Csv => {
            let mut rows = Vec::new();
            pages::csv(compared, &mut rows)?;
            print(&String::from_utf8(rows).map_err(Failure::fault)?)
        }
        CompareFormat::Markdown => print(&pages::markdown(compared)),
    }
}

fn refused(error: &VariantError) -> Failure {
    Failure::Input(error.render(true))
}
