//! `manifest.json`: which sweep a directory holds, which part of it, and the fingerprint of its
//! rows. It is written last: with it the directory is whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::experiment::sweep::{Identity, Selection};

/// The name of the file.
pub(super) const NAME: &str = "manifest.json";
/// The layout of the directory's files.
pub(super) const FORMAT: u32 = 1;

/// Which sweep it is, and which part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The layout of the files.
    format: u32,
    /// The sweep.
    pub sweep: Identity,
    /// The scenario's file as it was given, where that is more than its name. Another path to the
    /// same file is no other sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_path: Option<String>,
    /// SHA-256 of the files that its cells name, by the names under which they do.
    pub files: BTreeMap<String, String>,
    /// The arguments that say which runs are done here; absent for all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selection: Vec<String>,
}

/// What a finished directory says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Which sweep, and which part of it.
    #[serde(flatten)]
    pub header: Header,
    /// The rows.
    pub rows: Rows,
}

/// The file of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rows {
    /// Its name.
    pub file: String,
    /// How many there are, the header line left out.
    pub count: u64,
    /// SHA-256 of the whole file.
    pub sha256: String,
}

impl Header {
    /// The header of a part of a sweep of the scenario at a path.
    pub fn new(
        sweep: Identity,
        path: &Path,
        files: BTreeMap<String, String>,
        selection: &Selection,
    ) -> Self {
        let given = path.display().to_string();
        Self {
            format: FORMAT,
            scenario_path: Some(given).filter(|given| *given != sweep.scenario),
            sweep,
            files,
            selection: selection.arguments(),
        }
    }

    /// What differs between two sweeps or two parts of one, as a clause.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        self.sweep_difference(other).or_else(|| {
            let said = |header: &Self| match header.selection.as_slice() {
                [] => "all runs are".to_owned(),
                arguments => format!("`{}` is", arguments.join(" ")),
            };
            let differs = self.selection != other.selection;
            differs.then(|| format!("{} asked for here and {} there", said(self), said(other)))
        })
    }

    /// What differs between two sweeps, as a clause. Files that one of them does not name do not
    /// count: another part may have cells that do.
    pub(super) fn sweep_difference(&self, other: &Self) -> Option<String> {
        if self.format != other.format {
            let (here, there) = (self.format, other.format);
            return Some(format!("the format is {here} here and {there} there"));
        }
        let differs = |(name, hash): &(&String, &String)| {
            other.files.get(*name).is_some_and(|other| other != *hash)
        };
        let file = || self.files.iter().find(differs);
        self.sweep
            .difference(&other.sweep)
            .or_else(|| Some(format!("the file `{}` is another", file()?.0)))
    }

    /// Checks that this program knows the layout.
    pub(super) fn known(self) -> Result<Self, String> {
        match self.format {
            FORMAT => Ok(self),
            other => Err(format!(
                "its format is {other}, and this program knows {FORMAT}"
            )),
        }
    }
}

impl Manifest {
    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest has text keys");
        text.push('\n');
        text
    }
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

/// SHA-256 of files by their names.
///
/// # Errors
/// With the name of the first that cannot be read.
pub fn hash_files(
    files: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, String>, (String, io::Error)> {
    let hash = |(name, path): (&String, &PathBuf)| match hash_file(path) {
        Ok(hash) => Ok((name.clone(), hash)),
        Err(error) => Err((name.clone(), error)),
    };
    files.iter().map(hash).collect()
}

fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // The examples of FIPS 180-4.
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            sha256(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
