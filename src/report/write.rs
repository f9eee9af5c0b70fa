//! The output directory: nothing of the user's is lost, no file is ever half written.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::cost::{Bill, Summary};
use crate::record::Run;

use super::{costs, csv, json, plots};

/// Why output could not be written.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The path is a file.
    #[error("{} is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The directory holds something already.
    #[error("{} is not empty; --force replaces the files that this program writes", .0.display())]
    NotEmpty(PathBuf),
    /// The directory of a file is not there.
    #[error(
        "cannot write {}: the directory {} does not exist", path.display(), directory.display()
    )]
    NoDirectory {
        /// The file.
        path: PathBuf,
        /// Its directory.
        directory: PathBuf,
    },
    /// The path of a file is a directory.
    #[error("{} is a directory; a file was expected", .0.display())]
    NotAFile(PathBuf),
    /// The file is there already.
    #[error("{} is there already\nhelp: --force replaces it", .0.display())]
    Exists(PathBuf),
    /// The directory cannot be made.
    #[error("cannot make the directory {}: {source}", path.display())]
    Create {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory cannot be read.
    #[error("cannot read the directory {}: {source}", path.display())]
    Read {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory takes no files.
    #[error("cannot write into the directory {}: {source}", path.display())]
    Unwritable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A directory that is there and takes files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDir {
    path: PathBuf,
}

impl OutputDir {
    /// Makes the directory if need be and tries whether a file can be written there, so that a long
    /// run does not end in vain. With `force` it may hold files already: those that are written
    /// are replaced, all others stay.
    ///
    /// # Errors
    /// When the path is a file, cannot be made or written into, or holds anything without `force`.
    pub fn prepare(path: &Path, force: bool) -> Result<Self, OutputError> {
        let owned = || path.to_path_buf();
        if path.exists() && !path.is_dir() {
            return Err(OutputError::NotADirectory(owned()));
        }
        fs::create_dir_all(path).map_err(|source| OutputError::Create {
            path: owned(),
            source,
        })?;
        let mut entries = fs::read_dir(path).map_err(|source| OutputError::Read {
            path: owned(),
            source,
        })?;
        if !force && entries.next().is_some() {
            return Err(OutputError::NotEmpty(owned()));
        }
        aside(path).map_err(|source| OutputError::Unwritable {
            path: owned(),
            source,
        })?;
        Ok(Self { path: owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes files that were being written when a process died: those aside, in the directory and
    /// in `below`, a directory in it.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub(super) fn remove_unfinished(&self, below: &str) -> io::Result<()> {
        for directory in [self.path.clone(), self.path.join(below)] {
            if !directory.is_dir() {
                continue;
            }
            for entry in fs::read_dir(directory)? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().starts_with(ASIDE) {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Writes a file: aside first, then into its place, so that whoever looks sees all of it or
    /// nothing. `name` may have directories before it, which are made. Returns the file's path.
    ///
    /// # Errors
    /// When the file cannot be written; it is then as it was before.
    pub fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<PathBuf, OutputError> {
        let path = self.path.join(name);
        match replace(&path, content, |_| Ok(())) {
            Ok(()) => Ok(path),
            Err(source) => Err(OutputError::Write { path, source }),
        }
    }

    /// The same, and forced to the disk before it takes its place: what a later file relies on is
    /// there even when the machine stops in between.
    ///
    /// # Errors
    /// When the file cannot be written; it is then as it was before.
    pub fn write_durably(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<PathBuf, OutputError> {
        let path = self.path.join(name);
        match replace(&path, content, fs::File::sync_all) {
            Ok(()) => Ok(path),
            Err(source) => Err(OutputError::Write { path, source }),
        }
    }
}

/// A single file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    path: PathBuf,
}

impl OutputFile {
    /// Looks whether the file may be written, so that a long run does not end in vain. Without
    /// `force` it must not be there yet.
    ///
    /// # Errors
    /// When the path is a directory, is there without `force`, or lies in a directory that is not
    /// there or takes no files.
    pub fn prepare(path: &Path, force: bool) -> Result<Self, OutputError> {
        if path.is_dir() {
            return Err(OutputError::NotAFile(path.to_path_buf()));
        }
        if path.exists() && !force {
            return Err(OutputError::Exists(path.to_path_buf()));
        }
        let owned = path.to_path_buf();
        let directory = directory_of(path);
        if !directory.is_dir() {
            return Err(OutputError::NoDirectory {
                path: owned,
                directory: directory.to_path_buf(),
            });
        }
        match aside(directory) {
            Ok(_) => Ok(Self { path: owned }),
            Err(source) => Err(OutputError::Write {
                path: owned,
                source,
            }),
        }
    }

    /// Writes it: aside first, then into its place.
    ///
    /// # Errors
    /// When it cannot be written; it is then as it was before.
    pub fn write(
        &self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let path = self.path.clone();
        replace(&path, content, |_| Ok(())).map_err(|source| OutputError::Write { path, source })
    }
}

/// Where a file is or will be.
fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}

fn replace(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    sync: impl FnOnce(&fs::File) -> io::Result<()>,
) -> io::Result<()> {
    let directory = directory_of(path);
    fs::create_dir_all(directory)?;
    let mut file = BufWriter::new(aside(directory)?);
    content(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    sync(file.as_file())?;
    file.persist(path)?;
    Ok(())
}

/// What the names of files begin with that have not come to their place yet.
const ASIDE: &str = ".ecs-sim-";

/// A new file beside its later place, readable by whom the user's other new files are: files for a
/// short time only are the user's alone, as a rule, and these are not.
fn aside(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(ASIDE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory).map_err(without_name)
}

/// What the system said, without the name of a file that the user does not know.
fn without_name(error: io::Error) -> io::Error {
    let source = error.get_ref().and_then(|inner| inner.source());
    let said = source.and_then(|source| source.downcast_ref::<io::Error>());
    let code = said.and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Writes every file of a run, in a fixed order; `tasks.csv` only when the run kept a row for every
/// task. Returns their paths.
///
/// # Errors
/// With the first file that cannot be written.
pub fn write_all(
    directory: &OutputDir,
    run: &Run,
    bill: &Bill,
    summary: &Summary,
) -> Result<Vec<PathBuf>, OutputError> {
    let mut written = vec![directory.write("summary.json", |to| {
        to.write_all(json::summary(summary).as_bytes())
    })?];
    if run.task_rows.is_some() {
        written.push(directory.write("tasks.csv", |to| csv::tasks(run, to))?);
    }
    written.push(directory.write("instances.csv", |to| csv::instances(run, bill, to))?);
    written.push(directory.write("costs.csv", |to| costs::costs(run, bill, to))?);
    if !run.pricing.commitments.is_empty() {
        written.push(directory.write("commitments.csv", |to| costs::commitments(run, bill, to))?);
    }
    written.push(directory.write("timeseries.csv", |to| csv::timeseries(run, to))?);
    if !run.services.is_empty() {
        written.push(directory.write("services.csv", |to| csv::services(run, to))?);
        written.push(directory.write("service_events.csv", |to| csv::service_events(run, to))?);
    }
    write_capacity(directory, run, &mut written)?;
    if !run.fargate.uses.is_empty() {
        written.push(directory.write("fargate.csv", |to| csv::fargate(run, to))?);
    }
    for (name, draw) in plots::of(run) {
        let path = format!("plots/{name}.svg");
        written.push(directory.write(&path, |to| {
            let picture = draw(run).map_err(io::Error::other)?;
            to.write_all(picture.as_bytes())
        })?);
    }
    for (name, service) in plots::services(run) {
        let path = format!("plots/service-{name}.svg");
        written.push(directory.write(&path, |to| {
            let picture = plots::service(run, service).map_err(io::Error::other)?;
            to.write_all(picture.as_bytes())
        })?);
    }
    for (name, provider) in plots::capacity_providers(run) {
        let path = format!("plots/capacity-provider-{name}.svg");
        written.push(directory.write(&path, |to| {
            let picture = plots::capacity_provider(run, provider).map_err(io::Error::other)?;
            to.write_all(picture.as_bytes())
        })?);
    }
    if let Some(picture) = plots::spot(run) {
        written.push(directory.write("plots/spot.svg", |to| {
            to.write_all(picture.map_err(io::Error::other)?.as_bytes())
        })?);
    }
    Ok(written)
}

/// The files of groups, capacity providers and Spot, each where the scenario has any.
fn write_capacity(
    directory: &OutputDir,
    run: &Run,
    written: &mut Vec<PathBuf>,
) -> Result<(), OutputError> {
    let mut providers = run.capacity_providers.iter();
    if providers.any(|row| row.target_capacity.is_some()) {
        let path = directory.write("managed_scaling.csv", |to| csv::managed_scaling(run, to))?;
        written.push(path);
    }
    if !run.auto_scaling_groups.is_empty() {
        let name = "auto_scaling_groups.csv";
        written.push(directory.write(name, |to| csv::auto_scaling_groups(run, to))?);
    }
    if !run.spot_pools.is_empty() {
        written.push(directory.write("spot_pools.csv", |to| csv::spot_pools(run, to))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use super::{OutputDir, OutputError};

    fn names(directory: &OutputDir) -> Vec<String> {
        let entries = fs::read_dir(directory.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_directory_that_is_not_empty_is_refused_unless_forced() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let fresh = OutputDir::prepare(&path, false).unwrap();
        assert_eq!(names(&fresh), Vec::<String>::new());
        OutputDir::prepare(&path, false).unwrap(); // there, and empty
        fs::write(path.join("mine.txt"), "kept").unwrap();
        fs::write(path.join("summary.json"), "old").unwrap();
        let refused = OutputDir::prepare(&path, false).unwrap_err();
        assert!(
            matches!(&refused, OutputError::NotEmpty(p) if *p == path),
            "{refused}"
        );
        assert!(refused.to_string().contains("--force"));
        let forced = OutputDir::prepare(&path, true).unwrap();
        forced
            .write("summary.json", |to| to.write_all(b"new"))
            .unwrap();
        assert_eq!(
            fs::read_to_string(path.join("summary.json")).unwrap(),
            "new"
        );
        assert_eq!(fs::read_to_string(path.join("mine.txt")).unwrap(), "kept");
        assert_eq!(names(&forced), ["mine.txt", "summary.json"]);
    }

    #[test]
    fn a_file_is_no_directory() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        let said = |path: &std::path::Path, force| match OutputDir::prepare(path, force) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert!(said(&file, false).ends_with("file is not a directory"));
        assert!(said(&file, true).ends_with("file is not a directory"));
        let below = said(&file.join("below"), false);
        assert!(below.starts_with("cannot make the directory"), "{below}");
        assert!(below.contains("file/below"), "{below}");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let directory = OutputDir::prepare(parent.path(), false).unwrap();
        directory
            .write("plots/a.svg", |to| to.write_all(b"old"))
            .unwrap();
        let failed = directory.write("plots/a.svg", |to| {
            to.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        let said = failed.unwrap_err().to_string();
        assert!(said.ends_with("plots/a.svg: the disk is full"), "{said}");
        let kept = fs::read_to_string(parent.path().join("plots/a.svg"));
        assert_eq!(kept.unwrap(), "old");
        assert_eq!(
            fs::read_dir(parent.path().join("plots")).unwrap().count(),
            1
        );
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_the_files_as_the_umask_says() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let directory = OutputDir::prepare(parent.path(), false).unwrap();
        fs::write(parent.path().join("ordinary"), "").unwrap();
        let ours = directory.write("ours", |_| Ok(())).unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(ours), mode(parent.path().join("ordinary")));
    }
}
