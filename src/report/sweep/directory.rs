//! The directory of one sweep, or of a part of one, while it is played and when it is done.
//!
//! While it is played there is a journal, and no manifest. At the end come the rows in order,
//! pictures, and last the manifest; then the journal goes. So at any moment the directory is
//! either under way or whole, whatever happens to the process.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::experiment::sweep::Row;
use crate::report::OutputDir;
use crate::report::write::OutputError;

use super::error::SweepFilesError;
use super::journal::{self, Journal};
use super::manifest::{self, Header, Manifest, Rows, sha256};
use super::rows::{Columns, Table, row_line, run_of};

/// Makes what belongs beside the rows of a directory: pictures, other formats.
pub type Beside<'a> =
    &'a mut dyn FnMut(&Header, &OutputDir, &Table) -> Result<Vec<PathBuf>, SweepFilesError>;

/// The file of the rows.
pub(super) const ROWS: &str = "sweep.csv";
/// The same rows as Parquet, where they are asked for.
pub(super) const PARQUET: &str = "sweep.parquet";
/// The directory of the pictures.
pub(super) const PLOTS: &str = "plots";

/// What to do with what is in the directory already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Refuse.
    Empty,
    /// Go on with the same sweep; begin it when the directory is empty.
    Resume,
    /// Replace.
    Force,
}

/// A directory in which a sweep is under way.
#[derive(Debug)]
pub struct SweepDirectory {
    output: OutputDir,
    header: Header,
    /// Rows of runs that were done before.
    rows: BTreeMap<u64, String>,
    /// Whether the end of the journal was half written.
    torn: bool,
    journal: Mutex<Journal>,
    /// Held until the end: nobody else works here.
    _lock: Lock,
}

impl SweepDirectory {
    /// Opens a directory and its journal.
    ///
    /// # Errors
    /// When it cannot be used, holds something else, or another process is at work in it.
    pub fn open(path: &Path, opening: Opening, header: Header) -> Result<Self, SweepFilesError> {
        let is_forced = opening != Opening::Empty;
        let output = OutputDir::prepare(path, is_forced).map_err(|error| match error {
            OutputError::NotEmpty(path) => SweepFilesError::NotEmpty(path),
            error => error.into(),
        })?;
        let lock = Lock::take(path)?;
        let removed = output.remove_unfinished(PLOTS);
        removed.map_err(writing(path))?;
        let found = match opening {
            Opening::Resume => found(&output, &header)?,
            Opening::Empty | Opening::Force => None,
        };
        let journal_path = path.join(journal::NAME);
        let read = match found {
            Some(Found::UnderWay(read)) => read,
            other => {
                let rows = match other {
                    Some(Found::Whole(rows)) => rows,
                    _ => BTreeMap::new(),
                };
                begin(&output, &header, &rows)?;
                read_journal(&journal_path)?.unwrap_or_default()
            }
        };
        remove_whole(&output)?;
        let journal = Journal::open(&journal_path, &read).map_err(writing(&journal_path))?;
        Ok(Self {
            output,
            header,
            torn: read.torn > 0,
            rows: read.rows,
            journal: Mutex::new(journal),
            _lock: lock,
        })
    }

    /// Whether a run was done before.
    pub fn is_done(&self, run: u64) -> bool {
        self.rows.contains_key(&run)
    }

    /// How many runs were done before.
    pub fn done(&self) -> usize {
        self.rows.len()
    }

    /// Whether the last line of the journal was half written and has been dropped.
    pub fn was_torn(&self) -> bool {
        self.torn
    }

    /// Keeps a row: whatever happens to this process, it stays.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, row: &Row) -> Result<(), SweepFilesError> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.output.path().join(journal::NAME);
        journal.add(&row_line(row)).map_err(writing(&path))
    }

    /// Writes the rows in order and whatever `beside` makes of them, then the manifest; the journal
    /// goes. Returns the paths of the files, that of the rows first.
    ///
    /// # Errors
    /// With the first file that cannot be written.
    pub fn finish(self, beside: Beside<'_>) -> Result<Vec<PathBuf>, SweepFilesError> {
        let path = self.output.path().join(journal::NAME);
        let rows = read_journal(&path)?.unwrap_or_default().rows;
        let written = write_whole(&self.output, self.header, &rows, beside)?;
        fs::remove_file(&path).map_err(writing(&path))?;
        Ok(written)
    }
}

/// Writes the files of a directory that is whole.
pub(super) fn write_whole(
    output: &OutputDir,
    header: Header,
    rows: &BTreeMap<u64, String>,
    beside: Beside<'_>,
) -> Result<Vec<PathBuf>, SweepFilesError> {
    let columns = Columns::of(&header.sweep);
    let mut text = columns.header();
    for row in rows.values() {
        text.push_str(row);
        text.push('\n');
    }
    let mut written = vec![output.write_durably(ROWS, |to| to.write_all(text.as_bytes()))?];
    let lines = rows.values().map(String::as_str);
    let table = Table::read(&columns, lines).ok_or_else(|| SweepFilesError::Damaged {
        path: output.path().join(ROWS),
        problem: "has a line that is no row of this sweep".to_owned(),
        help: "begin anew with `--force`".to_owned(),
    })?;
    written.extend(beside(&header, output, &table)?);
    let manifest = Manifest {
        header,
        rows: Rows {
            file: ROWS.to_owned(),
            count: u64::try_from(rows.len()).expect("a length has at most 64 bits"),
            sha256: sha256(text.as_bytes()),
        },
    };
    let text = manifest.text();
    written.push(output.write_durably(manifest::NAME, |to| to.write_all(text.as_bytes()))?);
    Ok(written)
}

/// What a directory holds of a sweep.
enum Found {
    UnderWay(journal::Read),
    Whole(BTreeMap<u64, String>),
}

/// Looks for the same sweep. None when the directory is empty.
fn found(output: &OutputDir, header: &Header) -> Result<Option<Found>, SweepFilesError> {
    let path = output.path();
    let same = |other: &Header| match header.difference(other) {
        None => Ok(()),
        Some(difference) => Err(SweepFilesError::AnotherSweep {
            path: path.to_path_buf(),
            difference,
        }),
    };
    // Where both are there the process died just after it had written one of them, and before it
    // removed the other: the journal has all that is done.
    let journal_path = path.join(journal::NAME);
    if journal_path.exists() {
        let Some(read) = read_journal(&journal_path)? else {
            return Err(damaged(&journal_path, "has no header that can be read"));
        };
        same(&parse_header(&read.header, &journal_path)?)?;
        return Ok(Some(Found::UnderWay(read)));
    }
    if path.join(manifest::NAME).exists() {
        let (manifest, rows) = read_whole(path)?;
        same(&manifest.header)?;
        return Ok(Some(Found::Whole(rows)));
    }
    let mut entries = fs::read_dir(path).map_err(reading(path))?;
    match entries.next() {
        None => Ok(None),
        Some(_) => Err(SweepFilesError::NoSweep(path.to_path_buf())),
    }
}

/// Begins a journal.
fn begin(
    output: &OutputDir,
    header: &Header,
    rows: &BTreeMap<u64, String>,
) -> Result<(), SweepFilesError> {
    let text = serde_json::to_string(header).expect("a header has text keys");
    let rows = rows.values().map(String::as_str);
    output.write_durably(journal::NAME, |to| Journal::write(to, &text, rows))?;
    Ok(())
}

/// Removes what says that the directory is whole, now that there is a journal.
fn remove_whole(output: &OutputDir) -> Result<(), SweepFilesError> {
    for name in [manifest::NAME, ROWS, PARQUET] {
        let path = output.path().join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(writing(&path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a directory that is whole, and checks it.
pub(super) fn read_whole(
    directory: &Path,
) -> Result<(Manifest, BTreeMap<u64, String>), SweepFilesError> {
    let path = directory.join(manifest::NAME);
    let text = fs::read_to_string(&path).map_err(reading(&path))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| damaged(&path, &format!("is no manifest of a sweep: {error}")))?;
    let header = manifest.header.known();
    let header = header.map_err(|problem| damaged(&path, &problem))?;
    let manifest = Manifest { header, ..manifest };
    let rows_path = directory.join(ROWS);
    let text = fs::read_to_string(&rows_path).map_err(reading(&rows_path))?;
    let rows = read_rows(&text, &manifest).map_err(|problem| damaged(&rows_path, &problem))?;
    Ok((manifest, rows))
}

fn read_rows(text: &str, manifest: &Manifest) -> Result<BTreeMap<u64, String>, String> {
    let lines = text.lines().count().saturating_sub(1);
    if sha256(text.as_bytes()) != manifest.rows.sha256 {
        let count = manifest.rows.count;
        return Err(format!(
            "is not the file that the manifest was written for: its SHA-256 is another ({lines} \
             rows, {count} expected)"
        ));
    }
    let wrong = || "has other rows than the manifest says".to_owned();
    let header = Columns::of(&manifest.header.sweep).header();
    let body = text.strip_prefix(header.as_str()).ok_or_else(wrong)?;
    let mut rows = BTreeMap::new();
    for line in body.lines() {
        let run = run_of(line).ok_or_else(wrong)?;
        if run > manifest.header.sweep.runs || rows.insert(run, line.to_owned()).is_some() {
            return Err(wrong());
        }
    }
    Ok(rows)
}

fn parse_header(text: &str, path: &Path) -> Result<Header, SweepFilesError> {
    let header: Header = serde_json::from_str(text)
        .map_err(|error| damaged(path, &format!("is no journal of a sweep: {error}")))?;
    header.known().map_err(|problem| damaged(path, &problem))
}

fn read_journal(path: &Path) -> Result<Option<journal::Read>, SweepFilesError> {
    journal::read(path).map_err(reading(path))
}

fn damaged(path: &Path, problem: &str) -> SweepFilesError {
    SweepFilesError::Damaged {
        path: path.to_path_buf(),
        problem: problem.to_owned(),
        help: "run this part of the sweep anew, with `--force`".to_owned(),
    }
}

fn reading(path: &Path) -> impl Fn(io::Error) -> SweepFilesError + '_ {
    |source| SweepFilesError::Io {
        what: "read",
        path: path.to_path_buf(),
        source,
    }
}

fn writing(path: &Path) -> impl Fn(io::Error) -> SweepFilesError + '_ {
    |source| SweepFilesError::Io {
        what: "write",
        path: path.to_path_buf(),
        source,
    }
}

/// Keeps other processes out of a directory for as long as it lives, where the file system knows
/// locks.
#[derive(Debug)]
struct Lock {
    _held: Option<fs::File>,
}

impl Lock {
    #[cfg(unix)]
    fn take(path: &Path) -> Result<Self, SweepFilesError> {
        use rustix::fs::{FlockOperation, flock};
        let directory = fs::File::open(path).map_err(reading(path))?;
        match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => Err(SweepFilesError::Busy(path.to_path_buf())),
            Ok(()) => Ok(Self {
                _held: Some(directory),
            }),
            Err(_) => Ok(Self { _held: None }),
        }
    }

    #[cfg(not(unix))]
    fn take(_: &Path) -> Result<Self, SweepFilesError> {
        Ok(Self { _held: None })
    }
}
