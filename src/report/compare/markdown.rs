//! `compare.md`: the comparison for a page or a pull request.

use crate::experiment::compare::Compared;
use crate::report::words::{plain, unbound};

use super::table::{HEADER, cells, checks, is_same_everywhere, named};
use super::text::{precision_reached, the_same, title};
use super::verdict::sentences;

/// The comparison as Markdown.
pub fn markdown(compared: &Compared) -> String {
    let mut page = format!("# {}\n\n", escaped(&title(compared)));
    let said: Vec<String> = (0..compared.variants.len())
        .map(|variant| sentences(compared, variant))
        .filter(|sentence| !sentence.is_empty())
        .collect();
    for sentence in said {
        page.push_str(&format!("- {}\n", escaped(&unbound(&sentence))));
    }
    if let Some(precision) = &compared.precision {
        let sentence = unbound(&precision_reached(compared, precision));
        page.push_str(&format!("\n{}\n", escaped(&sentence)));
    }
    let differing: Vec<_> = compared
        .rows
        .iter()
        .filter(|row| !is_same_everywhere(row))
        .collect();
    if !differing.is_empty() {
        page.push('\n');
        let header = ["figure", "variant"].into_iter().chain(HEADER);
        let header = header.map(str::to_owned);
        push_row(&mut page, &header.collect::<Vec<_>>());
        page.push_str("|---|---|---:|---:|---:|---:|---:|\n");
    }
    for row in differing {
        for (variant, place) in named(compared, row) {
            let names = vec![plain(&row.figure.name), variant];
            let cells = cells(compared, row, place);
            push_row(&mut page, &[names, cells.to_vec()].concat());
        }
    }
    let same = the_same(compared);
    if !same.is_empty() {
        page.push_str(&format!("\n{}\n", escaped(&unbound(&same))));
    }
    let checks = checks(compared);
    if !checks.is_empty() {
        let names = compared.variants.iter().map(|runs| plain(&runs.name));
        let header: Vec<String> = [String::from("check held in")]
            .into_iter()
            .chain(names)
            .collect();
        page.push('\n');
        push_row(&mut page, &header);
        page.push_str(&format!(
            "|---{}|\n",
            "|---:".repeat(compared.variants.len())
        ));
        for row in &checks {
            push_row(&mut page, row);
        }
    }
    page
}

fn push_row(page: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    page.push_str(&format!("| {} |\n", cells.join(" | ")));
}

/// Text that Markdown leaves as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(
            character,
            '|' | '\\' | '*' | '_' | '`' | '<' | '>' | '[' | ']'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
