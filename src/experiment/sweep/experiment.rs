//! A sweep that is ready: its cells are checked, its runs are played, each makes a row.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use crate::experiment::parallel::run_indexed;
use crate::experiment::seeds::seed_of;
use crate::experiment::{play, with_seed};
use crate::scenario::{
    FigurePath, LoadError, LoadOptions, Loaded, Scenario, ScenarioFile, Setting,
};
use crate::simulation::SetupError;
use crate::units::Fixed;

use super::cells::Cells;
use super::selection::{RunSet, Selection};

/// More runs than these have no numbers.
pub const MOST_RUNS: u64 = 10_000_000;

/// A scenario, the cells that it is swept over, and what is looked at in each run.
#[derive(Debug)]
pub struct Experiment<'a> {
    /// The scenario's file, which every cell is loaded from.
    pub file: &'a ScenarioFile,
    /// What the command line changes in every cell, before the cell's own settings.
    pub options: &'a LoadOptions,
    /// The cells.
    pub cells: Cells,
    /// How many seeds each cell is run with.
    pub replications: u64,
    /// What is looked up in the summary of each run.
    pub figures: Vec<FigurePath>,
}

/// The numbers of a run: runs go by cell, then by replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunNumbers {
    /// Of the run in the whole sweep, from 1.
    pub run: u64,
    /// Of its cell, from 1.
    pub cell: u64,
    /// How many seeds after the scenario's own its seed is.
    pub replication: u64,
}

/// What a sweep keeps of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which run it was.
    pub numbers: RunNumbers,
    /// The seed of the run.
    pub seed: u64,
    /// The cell's values by the order of [`Cells::paths`].
    pub values: Vec<Option<String>>,
    /// The figures by their order; none where the summary has none.
    pub figures: Vec<Option<Fixed>>,
    /// The fingerprint of everything that happened.
    pub digest: String,
}

/// What is wrong with some cells, or perhaps not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFinding {
    /// The finding with its place, ready for a terminal.
    pub text: String,
    /// The cells that it was found in, from 1.
    pub cells: RunSet,
    /// The settings of the first of them, as arguments of `--set`.
    pub settings: Vec<String>,
}

/// What loading the cells has told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// The files that they name.
    pub files: BTreeMap<String, PathBuf>,
    /// What is wrong: with any of these nothing can run.
    pub errors: Vec<CellFinding>,
    /// What is legal but perhaps not meant.
    pub warnings: Vec<CellFinding>,
}

/// Why a sweep could not go on.
#[derive(Debug, Error)]
pub enum PlayError<E> {
    /// A cell was in order and is so no longer: a file has changed.
    #[error("run {run} can no longer be loaded:\n{error}", run = .numbers.run)]
    Load {
        /// The run.
        numbers: RunNumbers,
        /// What is wrong with it.
        error: Box<LoadError>,
    },
    /// A trace cannot be read or asks for what cannot be.
    #[error("run {} (cell {}) failed: {error}", .numbers.run, .numbers.cell)]
    Run {
        /// The run.
        numbers: RunNumbers,
        /// What is wrong with it.
        error: Box<SetupError>,
    },
    /// The row could not be kept.
    #[error(transparent)]
    Keep(E),
}

/// A cell that has been loaded, by its number.
type Last = Mutex<Option<(u64, Arc<Scenario>)>>;

impl Experiment<'_> {
    /// How many runs there are.
    pub fn runs(&self) -> u64 {
        self.cells.count().saturating_mul(self.replications)
    }

    /// The numbers of a run.
    pub fn numbers(&self, run: u64) -> RunNumbers {
        let place = run.saturating_sub(1);
        RunNumbers {
            run,
            cell: place / self.replications + 1,
            replication: place % self.replications,
        }
    }

    /// The runs of a selection that are not among those done, in order.
    pub fn pending(&self, selection: &Selection, is_done: impl Fn(u64) -> bool) -> Vec<u64> {
        let runs = 1..=self.runs();
        runs.filter(|run| selection.holds(*run) && !is_done(*run))
            .collect()
    }

    /// The settings of a cell, from 1, as arguments of `--set`.
    pub fn sets(&self, cell: u64) -> Vec<String> {
        let settings = self.cells.settings(cell - 1);
        settings.iter().map(Setting::to_set).collect()
    }

    /// Loads a cell, from 1.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(&self, cell: u64) -> Result<Loaded, LoadError> {
        let mut options = self.options.clone();
        options.sets.extend(self.sets(cell));
        self.file.load(&options)
    }

    /// Loads every cell of some runs and gathers what is wrong with them; what is found in many
    /// cells is told once. `known` are warnings that the scenario itself gives.
    pub fn check(&self, jobs: NonZeroUsize, runs: &[u64], known: &[String]) -> Checked {
        let mut cells: Vec<u64> = runs.iter().map(|run| self.numbers(*run).cell).collect();
        cells.dedup();
        let mut checked = Checked::default();
        let (mut errors_known, mut warnings_known) = (BTreeMap::new(), BTreeMap::new());
        let look = |place: usize| match self.load(cells[place]) {
            Ok(loaded) => (loaded.files, Vec::new(), loaded.warnings.render_each(true)),
            Err(error) => {
                let all = error.diagnostics();
                let (errors, warnings) = all.render_by_severity(true);
                (BTreeMap::new(), errors, warnings)
            }
        };
        run_indexed(
            jobs,
            cells.len(),
            look,
            |place, (files, errors, warnings)| {
                let cell = cells[place];
                for (name, path) in files {
                    if !checked.files.contains_key(name) {
                        checked.files.insert(name.clone(), path.clone());
                    }
                }
                for text in errors {
                    self.add(cell, text, &mut checked.errors, &mut errors_known);
                }
                for text in warnings.iter().filter(|text| !known.contains(text)) {
                    self.add(cell, text, &mut checked.warnings, &mut warnings_known);
                }
                ControlFlow::Continue(())
            },
        );
        checked
    }

    /// Adds what is found in a cell. What shows a setting is the same in another cell when only the
    /// value that is set differs; `known` are the places of what was found by such texts.
    fn add(
        &self,
        cell: u64,
        text: &str,
        findings: &mut Vec<CellFinding>,
        known: &mut BTreeMap<String, usize>,
    ) {
        let settings = self.cells.settings(cell - 1);
        let mut without_values = text.to_owned();
        for setting in &settings {
            without_values = without_values.replace(&setting.to_set(), &setting.path);
        }
        let place = *known.entry(without_values).or_insert(findings.len());
        if let Some(finding) = findings.get_mut(place) {
            finding.cells.push(cell);
            return;
        }
        let mut cells = RunSet::default();
        cells.push(cell);
        findings.push(CellFinding {
            text: text.to_owned(),
            cells,
            settings: settings.iter().map(Setting::to_set).collect(),
        });
    }

    /// Plays runs side by side and hands each row on as soon as it is there, in no particular
    /// order.
    ///
    /// # Errors
    /// When a run fails, or its row cannot be kept: no other run is begun then.
    pub fn play<E: Send>(
        &self,
        jobs: NonZeroUsize,
        runs: &[u64],
        keep: impl Fn(&Row) -> Result<(), E> + Sync,
    ) -> Result<(), PlayError<E>> {
        let last = Last::default();
        let work = |place: usize| {
            let row = self.row(runs[place], &last)?;
            keep(&row).map_err(PlayError::Keep)
        };
        let results = run_indexed(jobs, runs.len(), work, |_, result| match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        });
        results.into_iter().collect()
    }

    fn row<E>(&self, run: u64, last: &Last) -> Result<Row, PlayError<E>> {
        let numbers = self.numbers(run);
        let scenario = self
            .scenario(numbers.cell, last)
            .map_err(|error| PlayError::Load {
                numbers,
                error: Box::new(error),
            })?;
        let seed = seed_of(scenario.seed, numbers.replication);
        let finished = play(&with_seed(&scenario, seed)).map_err(|error| PlayError::Run {
            numbers,
            error: Box::new(error),
        })?;
        // What the scenario has no place for was refused before; what this cell has none for is
        // empty.
        let figures = self
            .figures
            .iter()
            .map(|path| finished.figures.get(path).ok().flatten());
        Ok(Row {
            numbers,
            seed,
            values: self.cells.values(numbers.cell - 1),
            figures: figures.collect(),
            digest: finished.summary.digest,
        })
    }

    /// The scenario of a cell. Runs of one cell stand side by side: the last one is kept.
    fn scenario(&self, cell: u64, last: &Last) -> Result<Arc<Scenario>, LoadError> {
        let known = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, scenario)) = known.filter(|(known, _)| *known == cell) {
            return Ok(scenario);
        }
        let scenario = Arc::new(self.load(cell)?.scenario);
        let loaded = (cell, Arc::clone(&scenario));
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
        Ok(scenario)
    }
}
