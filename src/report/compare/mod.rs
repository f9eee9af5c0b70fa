//! Variants compared: as text, JSON, CSV, Markdown and pictures.

mod csv;
mod json;
mod markdown;
mod plots;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

use std::io;
use std::path::PathBuf;

use crate::experiment::compare::Compared;

use super::{OutputDir, OutputError};

pub use csv::csv;
pub use json::json;
pub use markdown::markdown;
pub use plots::{ALL, Draw, MOST_VARIANTS};
pub use text::text;

/// Writes `compare.json`, `compare.csv`, `compare.md` and the pictures. Returns their paths.
///
/// # Errors
/// With the first file that cannot be written.
pub fn write_all(directory: &OutputDir, compared: &Compared) -> Result<Vec<PathBuf>, OutputError> {
    let mut written = vec![
        directory.write("compare.json", |to| to.write_all(json(compared).as_bytes()))?,
        directory.write("compare.csv", |to| csv(compared, to))?,
        directory.write("compare.md", |to| {
            to.write_all(markdown(compared).as_bytes())
        })?,
    ];
    for (name, draw) in ALL {
        let path = format!("plots/{name}.svg");
        written.push(directory.write(&path, |to| {
            let picture = draw(compared).map_err(io::Error::other)?;
            to.write_all(picture.as_bytes())
        })?);
    }
    Ok(written)
}
