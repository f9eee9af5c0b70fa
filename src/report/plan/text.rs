//! A plan as text: the winner and how sure it is, what comes next, what was not tried and why.

use crate::experiment::figures::Unit;
use crate::experiment::plan::{Planned, Tried, TriedFate};
use crate::report::text::table::{aligned, shortened};
use crate::report::text::{Page, Style, Tone};
use crate::report::values::rounded;
use crate::report::words::{bound, count, grouped, list, plain};

use super::rows::{Objective, front, runners_up, settings};

/// The most rows of the front.
const FRONT: usize = 10;
/// The longest name of a choice in a table.
const LONGEST_CHOICE: usize = 44;

/// The plan in sentences and tables. `command` plays the scenario as it stands; what the winner
/// sets is added to it.
pub fn text(planned: &Planned, command: &[String], style: Style) -> String {
    let mut page = Page::new(style);
    page.say(Tone::Title, &title(planned));
    page.gap();
    match planned.winner() {
        Some(winner) => say_winner(&mut page, planned, winner, command),
        None => say_nearest(&mut page, planned),
    }
    let next = runners_up(planned);
    if next.len() > 1 {
        page.gap();
        say_table(&mut page, next);
    }
    let mut front = front(planned);
    let more = front.len().saturating_sub(FRONT + 1);
    front.truncate(FRONT + 1);
    if front.len() > 2 {
        page.gap();
        say_table(&mut page, front);
        if more > 0 {
            let more = count(
                more.try_into().unwrap_or(u64::MAX),
                "more choice",
                "more choices",
            );
            page.say(Tone::Plain, &format!("and {more}"));
        }
    }
    page.gap();
    for sentence in left_out(planned) {
        page.say(Tone::Plain, &sentence);
    }
    page.say(Tone::Faint, &format!("ecs-sim {}.", planned.version));
    page.into_text()
}

fn title(planned: &Planned) -> String {
    format!(
        "{}: {}, {} of at most {}, seed {}",
        plain(&planned.scenario),
        count(planned.choices.all, "choice", "choices"),
        grouped(planned.runs),
        count(planned.budget, "run", "runs"),
        planned.seed
    )
}

fn say_winner(page: &mut Page, planned: &Planned, winner: &Tried, command: &[String]) {
    page.say(Tone::Title, &headline(planned, winner));
    say_settings(page, planned, winner);
    page.say(Tone::Plain, &proof(planned, winner));
    page.say(Tone::Plain, &offer(winner));
    page.say(Tone::Warning, &shortfall(planned));
    page.gap();
    for line in command_lines(command, &winner.sets, page.width()) {
        page.line(Tone::Plain, &line);
    }
}

/// What was found, and what it costs.
pub(super) fn headline(planned: &Planned, winner: &Tried) -> String {
    let objective = Objective::of(planned);
    let mean = objective.mean(winner.objective);
    if planned.objective == "cost.totalUsd" {
        return format!("The cheapest choice that holds the checks costs {mean}:");
    }
    let name = objective.name();
    format!("The choice of least {name} that holds the checks has {mean}:")
}

/// How sure it is.
pub(super) fn proof(planned: &Planned, winner: &Tried) -> String {
    let checks = match planned.checks.len() {
        1 => "The check held".to_owned(),
        all => format!("All {all} checks held"),
    };
    let passed = winner.fresh_runs - winner.fresh_failed;
    let runs = bound(&format!("{passed} of {} runs", grouped(winner.fresh_runs)));
    let it = if planned.checks.len() == 1 {
        "it holds"
    } else {
        "they hold"
    };
    let sure = rounded(Unit::Share, planned.confidence);
    let holds_in = rounded(Unit::Share, planned.holds_in);
    let taken_in = match planned.confirmations {
        0 | 1 => String::new(),
        several => {
            let choices = count(several, "choice", "choices");
            format!(" {choices} came to this proof; the number of runs takes that into account.")
        }
    };
    format!(
        "{checks} in {runs} on fresh seeds: with a confidence of {sure} {it} in at least \
         {holds_in} of all runs.{taken_in}"
    )
}

/// What it offers beside its cost.
pub(super) fn offer(winner: &Tried) -> String {
    let runs = count(winner.runs, "run", "runs");
    let wait = winner.wait_ms.map(|wait| {
        format!(
            "wait (99th percentile) {}",
            rounded(Unit::Milliseconds, wait)
        )
    });
    let share = winner
        .availability
        .map(|share| format!("availability {}", rounded(Unit::Share, share)));
    let parts: Vec<String> = wait.into_iter().chain(share).collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("On average over {runs} of the search: {}.", list(&parts))
}

/// That a winner need not be the best, where the budget was used up.
pub(super) fn shortfall(planned: &Planned) -> String {
    if !planned.ran_out {
        return String::new();
    }
    let budget = count(planned.budget, "run", "runs");
    format!(
        "The budget of {budget} did not suffice to look at everything: there may be a cheaper \
         choice. Raise it with --budget or in the plan."
    )
}

fn say_nearest(page: &mut Page, planned: &Planned) {
    page.say(Tone::Warning, &no_winner(planned));
    let Some(nearest) = planned.nearest() else {
        return;
    };
    page.gap();
    page.say(Tone::Plain, &nearest_headline(planned, nearest));
    say_settings(page, planned, nearest);
    for sentence in failures(nearest) {
        page.say(Tone::Warning, &sentence);
    }
}

/// Why there is no winner.
pub(super) fn no_winner(planned: &Planned) -> String {
    if planned.ran_out {
        let budget = count(planned.budget, "run", "runs");
        return format!(
            "No choice was confirmed within the budget of {budget}: raise it with --budget or in \
             the plan."
        );
    }
    match planned.choices.all - planned.choices.invalid {
        1 => "The one choice does not hold the checks.".to_owned(),
        _ => "No choice holds the checks.".to_owned(),
    }
}

/// What came nearest, and what it costs.
pub(super) fn nearest_headline(planned: &Planned, nearest: &Tried) -> String {
    let objective = Objective::of(planned);
    let mean = objective.mean(nearest.objective);
    format!("The nearest ({} {mean}):", objective.name())
}

/// Which checks failed how often.
pub(super) fn failures(choice: &Tried) -> Vec<String> {
    let runs = choice.runs + choice.fresh_runs;
    let failed = choice.failed_checks.iter().map(|(check, failed)| {
        let of = bound(&format!(
            "{} of {}",
            grouped(*failed),
            count(runs, "run", "runs")
        ));
        format!("- {} failed in {of}", plain(check))
    });
    failed.collect()
}

fn say_settings(page: &mut Page, planned: &Planned, choice: &Tried) {
    for row in aligned(&settings(planned, choice)) {
        page.line(Tone::Plain, &format!("  {row}"));
    }
}

fn say_table(page: &mut Page, rows: Vec<Vec<String>>) {
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| shortened(row, LONGEST_CHOICE))
        .collect();
    for row in aligned(&rows) {
        page.line(Tone::Plain, &row);
    }
}

/// What became of all the choices but the winner.
pub(super) fn left_out(planned: &Planned) -> Vec<String> {
    let choices = &planned.choices;
    let untried = parts(&[
        (choices.too_small, "whose fleet cannot hold the work"),
        (choices.too_dear, "beyond a check on cost"),
        (choices.no_cheaper, "at no less than the winner's cost"),
        (choices.invalid, "without a valid scenario"),
        (choices.beyond_budget, "beyond the budget"),
    ]);
    let with_fate = |fate: TriedFate, round: Option<u32>| {
        let tried = planned.tried.iter();
        let tried = tried.filter(|choice| choice.fate == fate && choice.dropped_in == round);
        u64::try_from(tried.count()).unwrap_or(u64::MAX)
    };
    let mut tried = vec![
        (with_fate(TriedFate::Fails, None), "failed".to_owned()),
        (
            with_fate(TriedFate::NotConfirmed, None),
            "not confirmed".to_owned(),
        ),
    ];
    let rounds = planned.tried.iter().filter_map(|choice| choice.dropped_in);
    for round in 1..=rounds.max().unwrap_or(0) {
        let dropped = with_fate(TriedFate::Dropped, Some(round));
        tried.push((dropped, format!("dropped in round {round}")));
    }
    tried.push((
        with_fate(TriedFate::NoCheaper, None),
        "no cheaper".to_owned(),
    ));
    let undecided = with_fate(TriedFate::BeyondBudget, None);
    tried.push((undecided, "undecided for want of budget".to_owned()));
    let tried = parts(&tried);
    let mut said = Vec::new();
    if !untried.is_empty() {
        said.push(format!("Left out without a run: {untried}."));
    }
    if !tried.is_empty() {
        said.push(format!("Tried and not chosen: {tried}."));
    }
    if let Some(example) = &planned.invalid_example {
        let values: Vec<String> = example.values.iter().map(|value| plain(value)).collect();
        said.push(format!(
            "No valid scenario is for instance {}: {}.",
            values.join(", "),
            plain(&example.problem)
        ));
    }
    said
}

/// `3 failed, 2 not confirmed and 1 no cheaper`; what there is none of is left out.
fn parts(parts: &[(u64, impl AsRef<str>)]) -> String {
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts = parts.map(|(number, words)| {
        let words = words.as_ref();
        bound(&grouped(*number)) + " " + words
    });
    list(&parts.collect::<Vec<String>>())
}

/// The command that plays a choice, in lines that a shell joins.
pub(super) fn command_lines(command: &[String], sets: &[String], width: usize) -> Vec<String> {
    let flags = sets.iter().map(|set| format!("--set {}", quoted(set)));
    let words = command.iter().map(|word| quoted(word));
    let mut lines: Vec<String> = Vec::new();
    for part in words.chain(flags) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 3 <= width => {
                line.push(' ');
                line.push_str(&part);
            }
            Some(line) => {
                line.push_str(" \\");
                lines.push(format!("  {part}"));
            }
            None => lines.push(part),
        }
    }
    lines
}

/// The word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "_-./:=,@%+".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
