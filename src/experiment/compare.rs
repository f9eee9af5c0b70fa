//! Variants played under the same seeds, and what differs between them.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use thiserror::Error;

use crate::record::Sample;
use crate::scenario::{Check, FigurePath};
use crate::simulation::SetupError;
use crate::units::{Fixed, Millis};

use super::figures::{FigureError, Figures, KnownFigure, default_figures, describe};
use super::parallel::run_indexed;
use super::run::{play, with_seed};
use super::seeds::seed_of;
use super::statistics::{Estimate, count_for, ratio};
use super::variants::Variant;

/// How variants are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareOptions {
    /// The place of the variant that the others are compared with.
    pub baseline: usize,
    /// Runs of each variant, at least 1.
    pub replications: u64,
    /// Until when runs are added.
    pub precision: Option<Precision>,
    /// Which figures; those of interest when empty.
    pub figures: Vec<FigurePath>,
    /// Threads.
    pub jobs: NonZeroUsize,
}

/// Runs are added until the 95 % interval of the first figure is narrow enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision {
    /// Half the interval's width, as a part of the mean, for every variant.
    pub wanted: Fixed,
    /// The most runs of each variant.
    pub most: u64,
}

/// One run of one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    /// Its seed.
    pub seed: u64,
    /// Its fingerprint.
    pub digest: String,
    /// All its figures.
    pub figures: Figures,
    /// Whether each check of the variant holds.
    pub checks: Vec<bool>,
}

/// In how many runs a check holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckShare {
    /// The check's name, when it has one.
    pub name: Option<String>,
    /// Its expression.
    pub check: String,
    /// Runs in which it holds.
    pub passed: u64,
    /// Runs.
    pub of: u64,
}

/// All runs of one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantRuns {
    /// Its name.
    pub name: String,
    /// Its runs, by replication.
    pub replications: Vec<Replication>,
    /// In how many each check of the variant holds, in the order of the scenario.
    pub checks: Vec<CheckShare>,
    /// The cluster over time in its first run.
    pub timeseries: Vec<Sample>,
    /// How long a run is.
    pub duration: Millis,
}

/// How a variant stands to the baseline in a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Less: the interval of the difference lies below 0.
    Lower,
    /// More: the interval lies above 0.
    Higher,
    /// No difference in any replication.
    Same,
    /// The interval of the difference holds 0.
    NotShown,
    /// They differ in the one run there is, which proves nothing.
    SingleRun,
}

/// A variant's difference from the baseline in a figure, replication by replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Variant minus baseline, over the replications in which both have the figure.
    pub estimate: Estimate,
    /// The mean difference as a part of the baseline's mean; `None` where that is 0.
    pub relative: Option<Fixed>,
    /// The interval of the difference, as parts of the baseline's mean.
    pub relative_interval: Option<(Fixed, Fixed)>,
    /// What can be said.
    pub verdict: Verdict,
}

/// A variant in a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Its mean; `None` when no run has the figure.
    pub estimate: Option<Estimate>,
    /// Its difference from the baseline; `None` for the baseline itself, and where no replication
    /// has the figure on both sides.
    pub difference: Option<Difference>,
}

/// A figure with all variants, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureRow {
    /// Which.
    pub figure: KnownFigure,
    /// The variants.
    pub cells: Vec<Cell>,
}

/// What became of the wish for precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// What was wanted.
    pub wanted: Fixed,
    /// The widest interval of a variant, half of it as a part of the mean; `None` when it cannot be
    /// told because a mean is 0.
    pub reached: Option<Fixed>,
    /// Whether that is narrow enough.
    pub is_enough: bool,
}

/// Variants compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Name of the scenario.
    pub scenario: String,
    /// The variants.
    pub variants: Vec<VariantRuns>,
    /// The place of the baseline.
    pub baseline: usize,
    /// Runs of each variant.
    pub replications: u64,
    /// The figures, the first of which decides on precision.
    pub rows: Vec<FigureRow>,
    /// Whether these are the figures that were asked for, rather than those of interest.
    pub is_chosen: bool,
    /// Whether the precision that was asked for was reached.
    pub precision: Option<Reached>,
}

impl Compared {
    /// Every figure that a run has but for its seed, in the order of `summary.json`; those that
    /// only later runs have come last.
    pub fn columns(&self) -> Vec<&FigurePath> {
        let runs = self.variants.iter().flat_map(|runs| &runs.replications);
        let paths = runs.flat_map(|run| run.figures.numbers().map(|(path, _)| path));
        let mut known = BTreeSet::new();
        let paths = paths.filter(|path| path.as_str() != "seed");
        paths.filter(|path| known.insert(*path)).collect()
    }
}

/// Why variants cannot be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// A run cannot be made.
    #[error("in the variant `{variant}`: {source}")]
    Setup {
        /// The variant.
        variant: String,
        /// Why.
        source: Box<SetupError>,
    },
    /// No run of any variant has a figure that was asked for.
    #[error("no run has this figure: {0}")]
    Figure(#[from] FigureError),
}

/// A run as its thread leaves it.
struct Played {
    replication: Replication,
    /// Kept of first replications only.
    timeseries: Vec<Sample>,
}

/// Plays every variant under the same seeds and compares them. `progress` hears how many runs are
/// done, and how many there will be at least.
///
/// # Errors
/// When a run cannot be made or a figure does not exist.
///
/// # Panics
/// Without variants.
pub fn compare(
    variants: &[Variant],
    options: &CompareOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Compared, CompareError> {
    let mut runs: Vec<VariantRuns> = variants.iter().map(VariantRuns::new).collect();
    let mut target = options.replications.max(1);
    let (rows, precision) = loop {
        play_until(target, variants, &mut runs, options.jobs, progress)?;
        let rows = rows(&runs, options)?;
        let Some(precision) = options.precision else {
            break (rows, None);
        };
        let first = rows.first().map_or(&[][..], |row| &row.cells);
        let Some(next) = next_target(first, precision, target) else {
            let reached = reached(first, precision);
            break (rows, Some(reached));
        };
        target = next;
    };
    for (variant, runs) in variants.iter().zip(&mut runs) {
        runs.count_checks(&variant.scenario.checks);
    }
    Ok(Compared {
        scenario: variants[options.baseline].scenario.name.clone(),
        variants: runs,
        baseline: options.baseline,
        replications: target,
        rows,
        is_chosen: !options.figures.is_empty(),
        precision,
    })
}

impl VariantRuns {
    fn new(variant: &Variant) -> Self {
        Self {
            name: variant.name.clone(),
            replications: Vec::new(),
            checks: Vec::new(),
            timeseries: Vec::new(),
            duration: variant.scenario.duration,
        }
    }

    fn count_checks(&mut self, checks: &[Check]) {
        let runs = &self.replications;
        let held = |place: usize| runs.iter().filter(move |run| run.checks[place]).count();
        let shares = checks.iter().enumerate().map(|(place, check)| CheckShare {
            name: check.name.clone(),
            check: check.text.clone(),
            passed: u64::try_from(held(place)).unwrap_or(u64::MAX),
            of: u64::try_from(runs.len()).unwrap_or(u64::MAX),
        });
        self.checks = shares.collect();
    }

    /// The values of a figure by replication.
    fn values(&self, path: &FigurePath) -> Vec<Option<Fixed>> {
        let runs = self.replications.iter();
        runs.map(|run| run.figures.get(path).ok().flatten())
            .collect()
    }
}

/// Makes the runs that are missing to `target` replications of each variant: the variants of one
/// replication after one another.
fn play_until(
    target: u64,
    variants: &[Variant],
    runs: &mut [VariantRuns],
    jobs: NonZeroUsize,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), CompareError> {
    let width = u64::try_from(variants.len()).unwrap_or(u64::MAX);
    let before = runs.first().map_or(0, |runs| runs.replications.len());
    let before = u64::try_from(before).unwrap_or(u64::MAX);
    let missing = target.saturating_sub(before).saturating_mul(width);
    let count = usize::try_from(missing).unwrap_or(usize::MAX);
    let (done, all) = (before * width, target.saturating_mul(width));
    progress(done, all);
    let played = run_indexed(
        jobs,
        count,
        |index| {
            let replication = before + u64::try_from(index / variants.len()).unwrap_or(u64::MAX);
            play_one(&variants[index % variants.len()], replication)
        },
        |index, result| {
            progress(done + u64::try_from(index + 1).unwrap_or(u64::MAX), all);
            match result {
                Ok(_) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        },
    );
    for (index, result) in played.into_iter().enumerate() {
        let runs = &mut runs[index % variants.len()];
        let mut played = result.map_err(|source| CompareError::Setup {
            variant: runs.name.clone(),
            source: Box::new(source),
        })?;
        match runs.replications.first() {
            Some(first) => played.replication.figures.share_paths(&first.figures),
            None => runs.timeseries = played.timeseries,
        }
        runs.replications.push(played.replication);
    }
    Ok(())
}

fn play_one(variant: &Variant, replication: u64) -> Result<Played, SetupError> {
    let seed = seed_of(variant.scenario.seed, replication);
    let finished = play(&with_seed(&variant.scenario, seed))?;
    let is_first = replication == 0;
    Ok(Played {
        replication: Replication {
            seed,
            digest: finished.run.digest,
            figures: Figures::of(&finished.summary),
            checks: finished
                .summary
                .checks
                .iter()
                .map(|check| check.passed)
                .collect(),
        },
        timeseries: if is_first {
            finished.run.timeseries
        } else {
            Vec::new()
        },
    })
}

/// The figures that were asked for, else those of interest.
fn rows(runs: &[VariantRuns], options: &CompareOptions) -> Result<Vec<FigureRow>, CompareError> {
    let all = || {
        runs.iter()
            .flat_map(|runs| runs.replications.iter().map(|run| &run.figures))
    };
    let figures = if options.figures.is_empty() {
        default_figures(all())
    } else {
        for path in &options.figures {
            let mut found = all().map(|figures| figures.get(path));
            if found.clone().all(|found| found.is_err()) {
                found.next().transpose()?;
            }
        }
        options.figures.iter().map(describe).collect()
    };
    let rows = figures.into_iter().map(|figure| {
        let values: Vec<_> = runs.iter().map(|runs| runs.values(&figure.path)).collect();
        let base = &values[options.baseline];
        let cells = values.iter().enumerate().map(|(place, values)| {
            let known: Vec<Fixed> = values.iter().copied().flatten().collect();
            Cell {
                estimate: Estimate::of(&known),
                difference: difference(values, base).filter(|_| place != options.baseline),
            }
        });
        FigureRow {
            cells: cells.collect(),
            figure,
        }
    });
    Ok(rows.collect())
}

/// The paired difference of values by replication.
fn difference(values: &[Option<Fixed>], base: &[Option<Fixed>]) -> Option<Difference> {
    let pairs: Vec<(Fixed, Fixed)> = values
        .iter()
        .zip(base)
        .filter_map(|(value, base)| Some(((*value)?, (*base)?)))
        .collect();
    let differences: Vec<Fixed> = pairs.iter().map(|(value, base)| *value - *base).collect();
    let bases: Vec<Fixed> = pairs.iter().map(|(_, base)| *base).collect();
    let estimate = Estimate::of(&differences)?;
    let whole = Fixed::mean(&bases)?.abs();
    let relative = ratio(estimate.mean, whole);
    let interval = estimate.interval();
    let relative_interval =
        interval.and_then(|(low, high)| Some((ratio(low, whole)?, ratio(high, whole)?)));
    let verdict = match interval {
        _ if estimate.is_constant() && estimate.mean == Fixed::ZERO => Verdict::Same,
        None => Verdict::SingleRun,
        Some((low, _)) if low > Fixed::ZERO => Verdict::Higher,
        Some((_, high)) if high < Fixed::ZERO => Verdict::Lower,
        Some(_) => Verdict::NotShown,
    };
    Some(Difference {
        estimate,
        relative,
        relative_interval,
        verdict,
    })
}

/// Half the width of the interval that is wanted around a mean.
fn wanted_width(estimate: &Estimate, precision: Precision) -> Fixed {
    let width = estimate.mean.abs().to_f64();
    #[expect(
        clippy::float_arithmetic,
        reason = "a limit for how many runs are made, rounded"
    )]
    let width = width * precision.wanted.to_f64();
    Fixed::from_f64(width, 12).unwrap_or_default()
}

/// How many replications to go to next; `None` when the intervals are narrow enough, or no more
/// are allowed.
fn next_target(cells: &[Cell], precision: Precision, now: u64) -> Option<u64> {
    let estimates = cells.iter().filter_map(|cell| cell.estimate);
    let wide = estimates.filter(|estimate| {
        let wanted = wanted_width(estimate, precision);
        estimate.half_width.is_none_or(|half| half > wanted)
    });
    let needed = wide
        .map(|estimate| count_for(&estimate, wanted_width(&estimate, precision)))
        .map(|needed| needed.unwrap_or(u64::MAX))
        .max()?;
    // By the spread of a few values no forecast is good: never more than twice as many at once.
    let next = needed
        .clamp(now + 1, now.saturating_mul(2))
        .min(precision.most);
    (next > now).then_some(next)
}

fn reached(cells: &[Cell], precision: Precision) -> Reached {
    let estimates = || cells.iter().filter_map(|cell| cell.estimate);
    let parts: Vec<Option<Fixed>> = estimates()
        .map(|estimate| match estimate.half_width? {
            half if half == Fixed::ZERO => Some(half),
            half => ratio(half, estimate.mean.abs()),
        })
        .collect();
    let widest: Option<Vec<Fixed>> = parts.into_iter().collect();
    Reached {
        wanted: precision.wanted,
        reached: widest.and_then(|widest| widest.into_iter().max()),
        is_enough: estimates().all(|estimate| {
            let wanted = wanted_width(&estimate, precision);
            estimate.half_width.is_some_and(|half| half <= wanted)
        }),
    }
}

#[cfg(test)]
mod tests;
