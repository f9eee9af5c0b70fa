//! The journal of a sweep that is under way: a header and a line for each run that is done, each
//! with a checksum, so that what was half written when the process died is known for that.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::manifest::sha256;
use super::rows::run_of;

/// The name of the file.
pub(super) const NAME: &str = "sweep.journal";
/// Digits of a line's checksum.
const CHECKSUM: usize = 16;
/// A line is with the system at once and outlives this process; so often it is forced to the disk
/// and outlives the machine.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// A journal that takes lines.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    synced: Instant,
}

/// What a journal holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Read {
    /// The header's content.
    pub(super) header: String,
    /// Lines by their runs.
    pub(super) rows: BTreeMap<u64, String>,
    /// Bytes of whole lines.
    whole: u64,
    /// Bytes behind them: a line that was half written.
    pub(super) torn: u64,
}

fn with_checksum(content: &str) -> String {
    let sum = sha256(content.as_bytes());
    format!("{} {content}\n", &sum[..CHECKSUM])
}

/// The content of a line, when its checksum is right.
fn content(line: &str) -> Option<&str> {
    let (sum, content) = line.split_once(' ')?;
    (sum.len() == CHECKSUM && sha256(content.as_bytes()).starts_with(sum)).then_some(content)
}

/// Reads a journal as far as its lines are whole. None when not even its header is.
pub(super) fn read(path: &Path) -> io::Result<Option<Read>> {
    let bytes = fs::read(path)?;
    let mut found = Read::default();
    let mut has_header = false;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line
            .strip_suffix(b"\n")
            .and_then(|line| str::from_utf8(line).ok());
        let Some(content) = text.and_then(content) else {
            break;
        };
        if !has_header {
            content.clone_into(&mut found.header);
            has_header = true;
        } else if let Some(run) = run_of(content) {
            found.rows.insert(run, content.to_owned());
        } else {
            break;
        }
        found.whole += length(line);
    }
    found.torn = length(&bytes) - found.whole;
    Ok(has_header.then_some(found))
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length has at most 64 bits")
}

#[expect(
    clippy::disallowed_methods,
    reason = "how often lines are forced to the disk depends on it, never what is in them"
)]
fn now() -> Instant {
    Instant::now()
}

impl Journal {
    /// Writes a new journal into a file that is there already.
    pub(super) fn write<'a>(
        to: &mut dyn Write,
        header: &str,
        rows: impl IntoIterator<Item = &'a str>,
    ) -> io::Result<()> {
        to.write_all(with_checksum(header).as_bytes())?;
        for row in rows {
            to.write_all(with_checksum(row).as_bytes())?;
        }
        Ok(())
    }

    /// Opens a journal behind its last whole line; what is half written goes.
    pub(super) fn open(path: &Path, read: &Read) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.set_len(read.whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self {
            file,
            synced: now(),
        })
    }

    /// Adds a line. It is one write, so that a process that dies leaves all of it or a torn end.
    pub(super) fn add(&mut self, row: &str) -> io::Result<()> {
        self.file.write_all(with_checksum(row).as_bytes())?;
        if self.synced.elapsed() >= SYNC_EVERY {
            self.file.sync_data()?;
            self.synced = now();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::PathBuf;

    use super::{Journal, NAME, read, with_checksum};

    const ROWS: [&str; 3] = ["2,1,2,8,x", "1,1,1,7,y", "3,2,1,7,z"];

    fn journal(place: &tempfile::TempDir) -> PathBuf {
        let path = place.path().join(NAME);
        let mut file = fs::File::create(&path).unwrap();
        Journal::write(&mut file, "{\"a\":1}", []).unwrap();
        let empty = read(&path).unwrap().unwrap();
        let mut journal = Journal::open(&path, &empty).unwrap();
        for row in ROWS {
            journal.add(row).unwrap();
        }
        path
    }

    #[test]
    fn lines_are_read_back_by_their_runs() {
        let place = tempfile::tempdir().unwrap();
        let found = read(&journal(&place)).unwrap().unwrap();
        assert_eq!((found.header.as_str(), found.torn), ("{\"a\":1}", 0));
        let rows: Vec<&str> = found.rows.values().map(String::as_str).collect();
        assert_eq!(rows, [ROWS[1], ROWS[0], ROWS[2]]);
    }

    #[test]
    fn wherever_the_file_ends_whole_lines_are_kept_and_the_rest_is_written_anew() {
        let place = tempfile::tempdir().unwrap();
        let path = journal(&place);
        let whole = fs::read(&path).unwrap();
        let header = with_checksum("{\"a\":1}").len();
        for end in 0..=whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            let Some(found) = read(&path).unwrap() else {
                assert!(end < header, "{end}");
                continue;
            };
            let lines = whole[..end].split(|byte| *byte == b'\n').count() - 1;
            assert_eq!(found.rows.len(), lines - 1, "{end}");
            let mut journal = Journal::open(&path, &found).unwrap();
            for row in ROWS.iter().skip(found.rows.len()) {
                journal.add(row).unwrap();
            }
            assert!(fs::read(&path).unwrap() == whole, "{end}");
        }
    }

    #[test]
    fn a_line_whose_checksum_is_wrong_ends_the_journal() {
        let place = tempfile::tempdir().unwrap();
        let path = journal(&place);
        let mut bytes = fs::read(&path).unwrap();
        let second = bytes.iter().position(|byte| *byte == b'y').unwrap();
        bytes[second] = b'!';
        fs::write(&path, &bytes).unwrap();
        let found = read(&path).unwrap().unwrap();
        assert_eq!(found.rows.keys().copied().collect::<Vec<_>>(), [2]);
        assert!(found.torn > 0);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&[0; 100]).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().rows, found.rows);
    }
}
