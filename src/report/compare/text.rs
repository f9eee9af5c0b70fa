//! The comparison as text: what it comes to, then the figures.

use crate::experiment::compare::{Compared, Reached};
use crate::experiment::figures::Unit;
use crate::report::text::Style;
use crate::report::text::table::{aligned, shortened};
use crate::report::values::{exact, rounded, share};
use crate::report::words::{bound, count, list, plain, unbound, wrap};

use super::table::{HEADER, cells, checks, is_same_everywhere, named};
use super::verdict::sentences;

/// The longest name of a variant in the table.
const LONGEST: usize = 28;

/// The comparison for a terminal.
pub fn text(compared: &Compared, style: Style) -> String {
    let width = style.width.clamp(80, 100);
    let mut page = String::new();
    let (on, off) = if style.color {
        ("\x1b[1m", "\x1b[0m")
    } else {
        ("", "")
    };
    page.extend([on, &title(compared), off, "\n\n"]);
    for variant in 0..compared.variants.len() {
        say(&mut page, &sentences(compared, variant), width);
    }
    if let Some(precision) = &compared.precision {
        page.push('\n');
        say(&mut page, &precision_reached(compared, precision), width);
    }
    page.push('\n');
    for line in figures(compared) {
        page.push_str(&line);
        page.push('\n');
    }
    say(&mut page, &the_same(compared), width);
    for line in checks_held(compared, width) {
        page.push_str(&line);
        page.push('\n');
    }
    page
}

/// A blank line and a table of checks and variants; sentences, where it would be too wide.
fn checks_held(compared: &Compared, width: usize) -> Vec<String> {
    let checks = checks(compared);
    if checks.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = compared
        .variants
        .iter()
        .map(|runs| plain(&runs.name))
        .collect();
    let header = [
        vec!["checks held in so many runs".to_owned()],
        names.clone(),
    ]
    .concat();
    let mut lines = vec![String::new()];
    lines.extend(aligned(&[vec![header], checks.clone()].concat()));
    if lines.iter().all(|line| line.chars().count() <= width) {
        return lines;
    }
    let sentences = checks.iter().map(|row| {
        let told = row.iter().skip(1).zip(&names);
        let told = told.map(|(held, name)| bound(&format!("{name} {held}")));
        let check = row.first().map_or("", String::as_str);
        format!("{check}, held in {}.", list(&told.collect::<Vec<_>>()))
    });
    let lines = sentences.flat_map(|sentence| wrap(&sentence, width));
    std::iter::once(String::new()).chain(lines).collect()
}

/// A paragraph, wrapped.
fn say(page: &mut String, sentence: &str, width: usize) {
    for line in wrap(sentence, width) {
        page.push_str(&line);
        page.push('\n');
    }
}

/// `strategies: 3 variants against spread-az, 10 replications each, seeds 2 to 11`.
pub(super) fn title(compared: &Compared) -> String {
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let runs = &compared.variants[compared.baseline];
    let seeds = match runs.replications.as_slice() {
        [] => String::new(),
        [only] => format!("seed {}", only.seed),
        [first, .., last] => format!("seeds {} to {}", first.seed, last.seed),
    };
    unbound(&format!(
        "{}: {} against {}, {} each, {seeds}",
        plain(&compared.scenario),
        count(number(compared.variants.len() - 1), "variant", "variants"),
        plain(&runs.name),
        count(compared.replications, "replication", "replications"),
    ))
}

/// The figures that differ: a header once, then for each figure a line a variant.
fn figures(compared: &Compared) -> Vec<String> {
    let differing = compared.rows.iter().filter(|row| !is_same_everywhere(row));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in differing {
        let mut header = vec![plain(&row.figure.name)];
        if rows.is_empty() {
            header.extend(HEADER.iter().map(ToString::to_string));
        }
        rows.push(header);
        for (name, variant) in named(compared, row) {
            let cells = cells(compared, row, variant);
            let row = [vec![format!("  {name}")], cells.to_vec()].concat();
            rows.push(shortened(row, LONGEST));
        }
    }
    aligned(&rows)
}

/// `The same in every run: cost $6.60, tasks failed 0.`
pub(super) fn the_same(compared: &Compared) -> String {
    let same = compared.rows.iter().filter(|row| is_same_everywhere(row));
    let named = same.filter_map(|row| {
        let estimate = row.cells.first()?.estimate?;
        let value = rounded(row.figure.unit, estimate.mean);
        Some(format!("{} {value}", plain(&row.figure.name)))
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        return String::new();
    }
    format!("The same in every run: {}.", list(&named))
}

/// What became of `--precision`.
pub(super) fn precision_reached(compared: &Compared, precision: &Reached) -> String {
    let figure = compared.rows.first();
    let figure = figure.map_or_else(String::new, |row| plain(&row.figure.name));
    let wanted = exact(Unit::Share, precision.wanted);
    let runs = count(compared.replications, "replication", "replications");
    match precision.reached {
        _ if precision.is_enough => {
            format!("After {runs} the interval of {figure} is within {wanted} of the mean.")
        }
        Some(reached) => format!(
            "After {runs} the interval of {figure} is still {} of the mean on either side, not \
             {wanted}: --max-replications allows no more.",
            share(reached)
        ),
        None => format!(
            "After {runs} the interval of {figure} cannot be told as a part of the mean, which is \
             0 in one of the variants."
        ),
    }
}
