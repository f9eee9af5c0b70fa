//! `ecs-sim compare`.

use std::collections::BTreeSet;
use std::io::Write;

use crate::experiment;
use crate::experiment::checks::{self, first_figures};
use crate::experiment::compare::{CompareOptions, Compared, Precision};
use crate::experiment::figures::Figures;
use crate::experiment::variants::{self, Variant, VariantError, VariantSpec};
use crate::report::compare as pages;
use crate::report::{OutputDir, OutputError};
use crate::scenario::{FigurePath, LoadOptions, Loaded, Scenario, ScenarioFile, Severity};

use super::args::{CompareArgs, CompareFormat};
use super::progress::RunsProgress;
use super::{Failure, cores, dressed, load_options, print, warn, with_output};

/// Loads the variants, runs them, compares, writes, prints.
pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let common = load_options(&args.scenario)?;
    let file = ScenarioFile::read(&args.scenario.scenario)?;
    let base = file.load(&common)?;
    let specs = specs(args, &base.scenario)?;
    let baseline =
        variants::baseline(&specs, args.baseline.as_deref()).map_err(|error| refused(&error))?;
    let mut variants = load_variants(&specs, &file, &common)?;
    let first: Vec<_> = variants
        .iter()
        .filter_map(|variant| first_figures(&variant.scenario))
        .collect();
    let base = refuse_checks(base, &mut variants, &first)?;
    if !args.telling.quiet {
        warn_of_all(base, &variants);
    }
    refuse_impossible(&args.figure, &first)?;
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
    with_output(args.out.as_deref(), args.force, |output| {
        compare_into(args, &variants, &options, output)
    })
}

fn compare_into(
    args: &CompareArgs,
    variants: &[Variant],
    options: &CompareOptions,
    output: Option<&OutputDir>,
) -> Result<(), Failure> {
    let bar = RunsProgress::new(args.telling.is_watched());
    let compared = experiment::compare::compare(variants, options, &mut |done, all| {
        bar.show(done, all);
    });
    drop(bar);
    let compared = compared.map_err(Failure::input)?;
    // Whoever reads our output may have gone away: the files are written all the same.
    let printed = show(&compared, args.format);
    if let Some(output) = output {
        let files = pages::write_all(output, &compared)
            .map_err(|error: OutputError| Failure::fault(error))?;
        args.telling.files_written(files.len(), output);
    }
    let shares = compared.variants.iter().flat_map(|runs| &runs.checks);
    let holds = shares.into_iter().all(|share| share.passed == share.of);
    match printed {
        Ok(()) | Err(Failure::BrokenPipe) if !holds => Err(Failure::CheckFails),
        printed => printed,
    }
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

/// Refuses checks whose figures no run of any variant can have, and warns of those that a variant
/// cannot have.
fn refuse_checks(
    mut base: Loaded,
    variants: &mut [Variant],
    first: &[Figures],
) -> Result<Loaded, Failure> {
    for (place, error) in checks::impossible_in(&base.scenario.checks, first) {
        let check = &base.scenario.checks[place];
        base.warnings.add_of_check(check, Severity::Error, &error);
    }
    base.warnings = base.warnings.without_errors()?;
    for variant in variants {
        for (place, error) in checks::impossible_in(&variant.scenario.checks, first) {
            let check = &variant.scenario.checks[place];
            let findings = &mut variant.warnings;
            findings.add_of_check(check, Severity::Error, &error);
        }
        let findings = std::mem::take(&mut variant.warnings).without_errors();
        variant.warnings = findings.map_err(|source| {
            let name = variant.name.clone();
            refused(&VariantError::Scenario { name, source })
        })?;
        for (place, error) in checks::impossible(&variant.scenario, &[]) {
            let check = &variant.scenario.checks[place];
            let findings = &mut variant.warnings;
            findings.add_of_check(check, Severity::Warning, &error);
        }
    }
    Ok(base)
}

/// Tells of the warnings of the scenario, and of those that a variant has beside them.
fn warn_of_all(mut base: Loaded, variants: &[Variant]) {
    let mut told = BTreeSet::new();
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
fn refuse_impossible(figures: &[FigurePath], first: &[Figures]) -> Result<(), Failure> {
    let mut problems = figures
        .iter()
        .filter_map(|path| checks::never_later(path, first));
    match problems.next() {
        Some(problem) => Err(Failure::input(format_args!("--figure: {problem}"))),
        None => Ok(()),
    }
}

fn show(compared: &Compared, format: CompareFormat) -> Result<(), Failure> {
    match format {
        CompareFormat::Text => print(&pages::text(compared, dressed())),
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
