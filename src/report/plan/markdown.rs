//! `plan.md`: the plan for whoever reads it in a pull request.

use crate::experiment::plan::Planned;
use crate::report::words::unbound;

use super::rows::{front, runners_up, settings};
use super::text::{
    command_lines, failures, headline, left_out, nearest_headline, no_winner, offer, proof,
    shortfall,
};

/// No line of a command is broken.
const ONE_LINE: usize = usize::MAX;

/// The plan as Markdown.
pub fn markdown(planned: &Planned, command: &[String]) -> String {
    let mut blocks = vec![format!("# {}", escaped(&planned.scenario))];
    let setting_table = |choice| {
        let rows = settings(planned, choice);
        let header = vec!["setting".to_owned(), "value".to_owned()];
        table(&[vec![header], rows].concat())
    };
    if let Some(winner) = planned.winner() {
        blocks.push(headline(planned, winner));
        blocks.push(setting_table(winner));
        blocks.push(proof(planned, winner));
        blocks.push(offer(winner));
        blocks.push(shortfall(planned));
        let lines = command_lines(command, &winner.sets, ONE_LINE).join("\n");
        blocks.push(format!("```sh\n{lines}\n```"));
    } else {
        blocks.push(no_winner(planned));
    }
    if let Some(nearest) = planned.nearest() {
        blocks.push(nearest_headline(planned, nearest));
        blocks.push(setting_table(nearest));
        blocks.push(failures(nearest).join("\n"));
    }
    let next = runners_up(planned);
    if next.len() > 1 {
        blocks.push("## Next best".to_owned());
        blocks.push(table(&next));
    }
    let front = front(planned);
    if front.len() > 1 {
        blocks.push("## Cost against wait and availability".to_owned());
        blocks.push(table(&front));
        blocks.push("![Cost against wait and availability](plots/front.svg)".to_owned());
    }
    blocks.push("## What was asked".to_owned());
    let checks = planned.checks.iter().map(|check| format!("- `{check}`"));
    blocks.push(checks.collect::<Vec<String>>().join("\n"));
    blocks.extend(left_out(planned));
    blocks.push(format!(
        "{} of at most {} runs, seed {}, ecs-sim {}.",
        planned.runs, planned.budget, planned.seed, planned.version
    ));
    blocks.retain(|block| !block.is_empty());
    let mut text = unbound(&blocks.join("\n\n"));
    text.push('\n');
    text
}

/// Rows under a header.
fn table(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| {
        let cells = row.iter().map(|cell| escaped(cell.trim()));
        format!("| {} |", cells.collect::<Vec<String>>().join(" | "))
    };
    let Some((header, rows)) = rows.split_first() else {
        return String::new();
    };
    let rule = format!("|{}", "---|".repeat(header.len()));
    let lines = [line(header), rule]
        .into_iter()
        .chain(rows.iter().map(line));
    lines.collect::<Vec<String>>().join("\n")
}

/// The user's text within a cell or a line.
fn escaped(text: &str) -> String {
    let escape = |character: char| match character {
        '|' | '*' | '`' | '<' | '\\' => format!("\\{character}"),
        _ if character.is_control() => " ".to_owned(),
        _ => character.to_string(),
    };
    text.chars().map(escape).collect()
}
