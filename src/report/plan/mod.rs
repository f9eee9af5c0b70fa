//! A plan as text, JSON, CSV, Markdown, and the picture of cost against wait and availability.

mod markdown;
mod plot;
mod rows;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;

use csv::{Terminator, WriterBuilder};

use crate::experiment::plan::{Planned, Tried};
use crate::units::Fixed;

use super::{OutputDir, OutputError};

pub use markdown::markdown;
pub use plot::front;
pub use text::text;

/// The columns of `plan.csv` before those of the variables.
pub const COLUMNS: [&str; 21] = [
    "number",
    "fate",
    "dropped_in",
    "on_front",
    "runs",
    "failed_runs",
    "fresh_runs",
    "fresh_failed",
    "confirmation",
    "objective",
    "objective_bound",
    "wait_ms",
    "availability",
    "compared_runs",
    "objective_difference",
    "objective_half_width",
    "wait_ms_difference",
    "wait_ms_half_width",
    "availability_difference",
    "failed_checks",
    "sets",
];

/// `plan.json`: the plan as indented JSON with a line break at the end.
pub fn json(planned: &Planned) -> String {
    let mut text = serde_json::to_string_pretty(planned).expect("a plan has text keys");
    text.push('\n');
    text
}

/// `plan.csv`: a row a choice that was tried, by number; then a column a variable.
pub fn csv(planned: &Planned, to: impl Write) -> io::Result<()> {
    let mut file = WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(to);
    let names = planned
        .variables
        .iter()
        .map(|variable| variable.name.as_str());
    file.write_record(COLUMNS.into_iter().chain(names))?;
    for (place, choice) in planned.tried.iter().enumerate() {
        let row = row(choice, planned.front.contains(&place));
        file.write_record(row.iter().chain(&choice.values))?;
    }
    file.flush()
}

fn row(choice: &Tried, is_on_front: bool) -> [String; 21] {
    let text = |value: Option<Fixed>| value.map_or_else(String::new, |value| value.to_string());
    let difference = choice.difference.as_ref();
    let objective = difference.and_then(|one| one.objective.as_ref());
    let wait = difference.and_then(|one| one.wait_ms.as_ref());
    let availability = difference.and_then(|one| one.availability.as_ref());
    let failed: Vec<String> = choice
        .failed_checks
        .iter()
        .map(|(check, runs)| format!("{check}: {runs}"))
        .collect();
    [
        choice.number.to_string(),
        choice.fate.name().to_owned(),
        choice
            .dropped_in
            .map_or_else(String::new, |round| round.to_string()),
        is_on_front.to_string(),
        choice.runs.to_string(),
        choice.failed_runs.to_string(),
        choice.fresh_runs.to_string(),
        choice.fresh_failed.to_string(),
        choice
            .confirmation
            .map_or_else(String::new, |attempt| attempt.to_string()),
        text(choice.objective),
        text(choice.bound),
        text(choice.wait_ms),
        text(choice.availability),
        difference.map_or_else(String::new, |one| one.runs.to_string()),
        text(objective.map(|paired| paired.mean)),
        text(objective.and_then(|paired| paired.half_width)),
        text(wait.map(|paired| paired.mean)),
        text(wait.and_then(|paired| paired.half_width)),
        text(availability.map(|paired| paired.mean)),
        failed.join("; "),
        choice.sets.join(" "),
    ]
}

/// Writes `plan.json`, `plan.csv`, `plan.md` and `plots/front.svg`. Returns their paths.
///
/// # Errors
/// With the first file that cannot be written.
pub fn write_all(
    directory: &OutputDir,
    planned: &Planned,
    command: &[String],
) -> Result<Vec<PathBuf>, OutputError> {
    Ok(vec![
        directory.write("plan.json", |to| to.write_all(json(planned).as_bytes()))?,
        directory.write("plan.csv", |to| csv(planned, to))?,
        directory.write("plan.md", |to| {
            to.write_all(markdown(planned, command).as_bytes())
        })?,
        directory.write("plots/front.svg", |to| {
            let picture = front(planned).map_err(io::Error::other)?;
            to.write_all(picture.as_bytes())
        })?,
    ])
}
