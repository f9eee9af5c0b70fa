//! `ecs-sim merge`.

use std::path::Path;

use crate::report::OutputDir;
use crate::report::sweep::{Merged, merge as join};

use crate::units::nearest;

use super::args::MergeArgs;
use super::sweep_output::{beside, note, refuse_unbuilt, said, said_in};
use super::{Failure, print};

/// Reads the directories, proves that they make one sweep, writes it.
pub(super) fn merge(args: &MergeArgs) -> Result<(), Failure> {
    refuse_unbuilt(&args.output)?;
    refuse_own_input(args)?;
    let merged = join(&args.directories).map_err(Failure::input)?;
    refuse_other_figures(args, merged.figures())?;
    if !merged.missing().is_empty() && !args.partial {
        return Err(Failure::input(incomplete(&merged)));
    }
    let output = OutputDir::prepare(&args.out, args.force).map_err(Failure::input)?;
    let mut text = String::new();
    let written = merged.write(&output, &mut |header, output, table| {
        text = said(&args.output, header, table);
        beside(&args.output, header, output, table)
    });
    note(
        args.output.quiet,
        &said_in(&written.map_err(Failure::fault)?),
    );
    print(&text)
}

fn refuse_other_figures(args: &MergeArgs, columns: &[String]) -> Result<(), Failure> {
    for path in &args.output.plot {
        if columns.iter().any(|column| column == path.as_str()) {
            continue;
        }
        let hint = match nearest(path.as_str(), columns.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`sweep --figure` adds a column".to_owned(),
        };
        return Err(Failure::input(format_args!(
            "the rows have no figure `{path}`\nhelp: {hint}"
        )));
    }
    Ok(())
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
        text.extend(["\n  ", &words.join(" "), " ", &out]);
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
