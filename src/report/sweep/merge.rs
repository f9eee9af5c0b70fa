//! Joining the directories of several machines, with proof that they make one whole sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::experiment::sweep::{RunSet, Selection, Shard};
use crate::report::OutputDir;

use super::directory::{Beside, read_whole, write_whole};
use super::error::SweepFilesError;
use super::manifest::{self, Header};
use super::{journal, manifest::Manifest};

/// So many missing shards are asked for one by one.
const MOST_COMMANDS: usize = 10;
const NOT_FINISHED: &str = "is not finished";

/// Rows of several directories that belong together.
#[derive(Debug)]
pub struct Merged {
    header: Header,
    rows: BTreeMap<u64, String>,
    missing: RunSet,
    /// The numbers of shards that the directories were asked for.
    shards: BTreeSet<u64>,
}

/// A directory that was read.
struct Part {
    path: PathBuf,
    manifest: Manifest,
    rows: BTreeMap<u64, String>,
}

impl Part {
    /// The number of shards that it is one of.
    fn shards(&self) -> Option<u64> {
        match self.manifest.header.selection.as_slice() {
            [flag, shard] if flag == "--shard" => Some(Shard::parse(shard).ok()?.count()),
            _ => None,
        }
    }
}

/// Reads directories, checks each and proves that no run is in two of them.
///
/// # Errors
/// When one is no finished directory of a sweep, is damaged or of another sweep than the first, or
/// when a run is in two of them.
pub fn merge(directories: &[PathBuf]) -> Result<Merged, SweepFilesError> {
    refuse_twice(directories)?;
    let mut merged: Option<Merged> = None;
    let mut owners = Owners::new();
    for (place, path) in directories.iter().enumerate() {
        let part = read_part(path)?;
        refuse_doubled(&part, place, directories, &mut owners)?;
        match &mut merged {
            None => merged = Some(Merged::of(part)),
            Some(merged) => merged.add(part)?,
        }
    }
    let merged = merged.map(Merged::with_missing);
    let nothing = || SweepFilesError::NotOne("there are no directories to join".to_owned());
    merged.ok_or_else(nothing)
}

fn refuse_doubled(
    part: &Part,
    place: usize,
    directories: &[PathBuf],
    owners: &mut Owners,
) -> Result<(), SweepFilesError> {
    let mut doubled = RunSet::default();
    let mut owner = None;
    for run in part.rows.keys() {
        if let Some(known) = owners.insert(*run, place) {
            doubled.push(*run);
            owner.get_or_insert(known);
        }
    }
    let Some(owner) = owner else {
        return Ok(());
    };
    let (path, owner) = (part.path.display(), directories[owner].display());
    let runs = doubled.short();
    Err(SweepFilesError::NotOne(format!(
        "{path} holds runs that {owner} holds too: {runs}\nhelp: leave one of them out"
    )))
}

fn refuse_twice(directories: &[PathBuf]) -> Result<(), SweepFilesError> {
    let mut seen: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    for path in directories {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if seen.insert(real, path).is_some() {
            let path = path.display();
            return Err(SweepFilesError::NotOne(format!("{path} is given twice")));
        }
    }
    Ok(())
}

fn read_part(path: &Path) -> Result<Part, SweepFilesError> {
    let problem = if !path.is_dir() {
        Some("is no directory")
    } else if path.join(journal::NAME).exists() {
        Some(NOT_FINISHED)
    } else if !path.join(manifest::NAME).exists() {
        Some("is no directory of a sweep: it has no manifest.json")
    } else {
        None
    };
    if let Some(problem) = problem {
        let help = if problem == NOT_FINISHED {
            "give its command again with `--resume`; what is done stays done"
        } else {
            "give the directories that `ecs-sim sweep ... --out DIR` has written"
        };
        return Err(SweepFilesError::Damaged {
            path: path.to_path_buf(),
            problem: problem.to_owned(),
            help: help.to_owned(),
        });
    }
    let (manifest, rows) = read_whole(path)?;
    Ok(Part {
        path: path.to_path_buf(),
        manifest,
        rows,
    })
}

/// Which of the directories holds a run.
type Owners = BTreeMap<u64, usize>;

impl Merged {
    fn of(part: Part) -> Self {
        let shards = part.shards().into_iter().collect();
        let mut header = part.manifest.header;
        header.selection.clear();
        Self {
            shards,
            header,
            rows: part.rows,
            missing: RunSet::default(),
        }
    }

    fn add(&mut self, part: Part) -> Result<(), SweepFilesError> {
        let header = &part.manifest.header;
        if let Some(difference) = header.sweep_difference(&self.header) {
            let path = part.path.display();
            return Err(SweepFilesError::NotOne(format!(
                "{path} is of another sweep than those before it: {difference}"
            )));
        }
        self.shards.extend(part.shards());
        self.header.files.extend(part.manifest.header.files);
        self.rows.extend(part.rows);
        Ok(())
    }

    fn with_missing(mut self) -> Self {
        for run in 1..=self.header.sweep.runs {
            if !self.rows.contains_key(&run) {
                self.missing.push(run);
            }
        }
        self
    }

    /// The figures that are columns of the rows.
    pub fn figures(&self) -> &[String] {
        &self.header.sweep.figures
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.rows.len()
    }

    /// The runs that none of the directories holds.
    pub fn missing(&self) -> &RunSet {
        &self.missing
    }

    /// The commands that would do the missing runs, without their `--out`.
    pub fn commands(&self) -> Vec<Vec<String>> {
        let mut counts = self.shards.iter();
        let by_shard = counts.find_map(|count| self.missing_shards(*count));
        let selections = by_shard.unwrap_or_else(|| vec![Selection::Runs(self.missing.clone())]);
        let sweep = &self.header.sweep;
        let command = |selection: Selection| {
            let mut words = vec!["ecs-sim".to_owned(), "sweep".to_owned()];
            let path = self.header.scenario_path.as_deref();
            words.extend(sweep.arguments(path.unwrap_or(&sweep.scenario)));
            words.extend(selection.arguments());
            words
        };
        selections.into_iter().map(command).collect()
    }

    /// The shards of so many that are missing whole, when nothing else is.
    fn missing_shards(&self, count: u64) -> Option<Vec<Selection>> {
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        let mut gone: BTreeMap<u64, u64> = BTreeMap::new();
        for run in 1..=self.header.sweep.runs {
            let index = Shard::index_of(run, count);
            *sizes.entry(index).or_default() += 1;
            if self.missing.holds(run) {
                *gone.entry(index).or_default() += 1;
            }
        }
        let is_whole = |(index, gone): (&u64, &u64)| sizes.get(index) == Some(gone);
        if gone.len() > MOST_COMMANDS || !gone.iter().all(is_whole) {
            return None;
        }
        let shards = gone
            .keys()
            .filter_map(|index| Shard::new(*index, count).ok());
        Some(shards.map(Selection::Shard).collect())
    }

    /// Writes the joined directory: byte for byte what one machine would have written.
    ///
    /// # Errors
    /// With the first file that cannot be written.
    pub fn write(
        self,
        output: &OutputDir,
        beside: Beside<'_>,
    ) -> Result<Vec<PathBuf>, SweepFilesError> {
        write_whole(output, self.header, &self.rows, beside)
    }
}
