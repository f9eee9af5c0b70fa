//! `ecs-sim merge`.

use std::path::Path;

use crate::report::OutputDir;
use crate::report::sweep::{Merged, merge as join};

use super::args::MergeArgs;
use super::sweep_output::{beside, note, refuse_unbuilt, said_in};
use super::{Failure, print};

/// Reads the directories, proves that they make one sweep, writes it.
pub(super) fn merge(args: &MergeArgs) -> Result<(), Failure> {
    refuse_unbuilt(&args.output)?;
    refuse_own_input(args)?;
    let merged = join(&args.directories).map_err(Failure::input)?;
    if !merged.missing().is_empty() && !args.partial {
        return Err(Failure::input(incomplete(&merged)));
    }
    let output = OutputDir::prepare(&args.out, args.force).map_err(Failure::input)?;
    let mut text = String::new();
    let written = merged
        .write(&output, |output, table| {
            beside(&args.output, output, table, &mut text)
        })
        .map_err(Failure::fault)?;
    note(args.output.quiet, &said_in(&written));
    print(&text)
}

fn refuse_own_input(args: &MergeArgs) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().ok();
    let out = real(&args.out);
    let is_input = args
        .directories
        .iter()
        .any(|path| out.is_some() && real(path) == out);
    if is_input {
        let out = args.out.display();
        return Err(Failure::input(format_args!(
            "{out} is one of the directories to join\nhelp: write into another one"
        )));
    }
    Ok(())
}

/// Which runs are missing, and what to do about it.
fn incomplete(merged: &Merged) -> String {
    let missing = merged.missing();
    let (count, runs) = (missing.count(), missing.short());
    let mut text = format!("{count} runs are missing: {runs}\nhelp: these commands do them:");
    for (place, command) in merged.commands().into_iter().enumerate() {
        let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
        let out = format!("--out missing-{}", place + 1);
        text.push_str(&format!("\n  {} {out}", words.join(" ")));
    }
    text.push_str("\nhelp: `--partial` joins what is there");
    text
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./,:=+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
