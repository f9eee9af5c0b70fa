//! Whole scenarios through the loader.

mod entry_messages;
mod hostile;
mod hurried;
mod messages;
mod right;
mod service_messages;
mod services;

use std::path::Path;

use crate::scenario::{LoadError, LoadOptions, Loaded, load_text};

/// Loads a text called `s.yaml` that lies in the package's directory.
fn loaded(text: &str, sets: &[&str]) -> Result<Loaded, LoadError> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sets = sets.iter().map(|&set| set.to_owned()).collect();
    load_text(
        text,
        "s.yaml",
        directory,
        &LoadOptions {
            sets,
            ..LoadOptions::default()
        },
    )
}

/// What the user sees of a wrong scenario, without blanks at the ends of lines.
fn messages(text: &str) -> String {
    match loaded(text, &[]) {
        Ok(_) => "no error".to_owned(),
        Err(error) => without_trailing_blanks(&error.render(false)),
    }
}

fn without_trailing_blanks(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
