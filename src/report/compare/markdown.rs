//! `compare.md`: the comparison for a page or a pull request.

use crate::experiment::compare::Compared;
use crate::report::words::{plain, unbound};

use super::table::{HEADER, cells, checks, is_same_everywhere, named};
use super::text::{precision_reached, the_same, title};
use super::verdict::sentences;

/// The comparison as Markdown.
pub fn markdown(compared: &Compared) -> String {
    let mut blocks = vec![vec![format!("# {}", escaped(&title(compared)))]];
    let said = (0..compared.variants.len()).map(|variant| sentences(compared, variant));
    let said = said.filter(|sentence| !sentence.is_empty());
    blocks.push(said.map(|said| format!("- {}", paragraph(&said))).collect());
    if let Some(precision) = &compared.precision {
        blocks.push(vec![paragraph(&precision_reached(compared, precision))]);
    }
    blocks.push(figures(compared));
    blocks.push(vec![paragraph(&the_same(compared))]);
    blocks.push(checks_held(compared));
    let blocks = blocks.iter().map(|lines| lines.join("\n"));
    let blocks: Vec<String> = blocks.filter(|block| !block.is_empty()).collect();
    blocks.join("\n\n") + "\n"
}

/// The figures that differ: a row a figure and variant.
fn figures(compared: &Compared) -> Vec<String> {
    let differing = compared.rows.iter().filter(|row| !is_same_everywhere(row));
    let rows = differing.flat_map(|figure| {
        named(compared, figure).into_iter().map(|(variant, place)| {
            let names = vec![plain(&figure.figure.name), variant];
            row(&[names, cells(compared, figure, place).to_vec()].concat())
        })
    });
    let mut rows: Vec<String> = rows.collect();
    if !rows.is_empty() {
        let header = ["figure", "variant"].into_iter().chain(HEADER);
        let header: Vec<String> = header.map(str::to_owned).collect();
        let head = [
            row(&header),
            "|---|---|---:|---:|---:|---:|---:|".to_owned(),
        ];
        rows.splice(0..0, head);
    }
    rows
}

/// In how many runs each check holds: a row a check.
fn checks_held(compared: &Compared) -> Vec<String> {
    let checks = checks(compared);
    if checks.is_empty() {
        return Vec::new();
    }
    let names = compared.variants.iter().map(|runs| plain(&runs.name));
    let header: Vec<String> = ["check held in".to_owned()]
        .into_iter()
        .chain(names)
        .collect();
    let columns = "|---:".repeat(compared.variants.len());
    let mut rows = vec![row(&header), format!("|---{columns}|")];
    rows.extend(checks.iter().map(|cells| row(cells)));
    rows
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    format!("| {} |", cells.join(" | "))
}

fn paragraph(sentence: &str) -> String {
    escaped(&unbound(sentence))
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
