//! What the comparison comes to, in a sentence or two a variant.

use crate::experiment::compare::{Compared, Difference, FigureRow, Verdict};
use crate::experiment::figures::{Unit, star};
use crate::report::values::{distance, range, share};
use crate::report::words::{list, plain};
use crate::units::Fixed;

/// How a difference is told. `{}` is its size, `{than}` the baseline in the first clause of a
/// sentence, `{*}` what the star of the path stands for.
struct Phrase {
    path: &'static str,
    less: &'static str,
    more: &'static str,
    /// Whether it is told although nobody asked for it.
    is_headline: bool,
}

const fn phrase(
    path: &'static str,
    less: &'static str,
    more: &'static str,
    is_headline: bool,
) -> Phrase {
    Phrase {
        path,
        less,
        more,
        is_headline,
    }
}

/// In the order of the sentences.
static PHRASES: [Phrase; 20] = [
    phrase(
        "cost.totalUsd",
        "costs {} less{than}",
        "costs {} more{than}",
        true,
    ),
    phrase(
        "utilization.cpu.reservedMean",
        "reserves {} less of the CPU{than}",
        "reserves {} more of the CPU{than}",
        false,
    ),
    phrase(
        "utilization.memory.reservedMean",
        "reserves {} less of the memory{than}",
        "reserves {} more of the memory{than}",
        false,
    ),
    phrase(
        "utilization.cpu.usedMean",
        "uses {} less of the CPU{than}",
        "uses {} more of the CPU{than}",
        false,
    ),
    phrase(
        "utilization.memory.usedMean",
        "uses {} less of the memory{than}",
        "uses {} more of the memory{than}",
        false,
    ),
    phrase(
        "instances.mean",
        "has {} fewer instances{than} on average",
        "has {} more instances{than} on average",
        false,
    ),
    phrase(
        "instances.peak",
        "has {} fewer instances{than} at the peak",
        "has {} more instances{than} at the peak",
        true,
    ),
    phrase(
        "placement.waitMs.mean",
        "waits {} less{than} on average",
        "waits {} longer{than} on average",
        false,
    ),
    phrase(
        "placement.waitMs.p50",
        "waits {} less{than} at the median",
        "waits {} longer{than} at the median",
        false,
    ),
    phrase(
        "placement.waitMs.p99",
        "waits {} less{than} at the 99th percentile",
        "waits {} longer{than} at the 99th percentile",
        true,
    ),
    phrase(
        "tasks.notPlaced",
        "refuses {} fewer tasks{than}",
        "refuses {} more tasks{than}",
        true,
    ),
    phrase(
        "tasks.failed",
        "has {} fewer failed tasks{than}",
        "has {} more failed tasks{than}",
        true,
    ),
    phrase(
        "tasks.interrupted",
        "has {} fewer interrupted tasks{than}",
        "has {} more interrupted tasks{than}",
        true,
    ),
    phrase(
        "tasks.pending",
        "leaves {} fewer tasks pending{than}",
        "leaves {} more tasks pending{than}",
        true,
    ),
    phrase(
        "services.*.availability",
        "keeps {*} available {} less{than}",
        "keeps {*} available {} more{than}",
        true,
    ),
    phrase(
        "services.*.load.errorRate",
        "loses {} fewer of the requests to {*}{than}",
        "loses {} more of the requests to {*}{than}",
        true,
    ),
    phrase(
        "services.*.load.latencyP99Ms.mean",
        "answers requests to {*} {} sooner{than} at the 99th percentile",
        "answers requests to {*} {} later{than} at the 99th percentile",
        true,
    ),
    phrase(
        "spot.interruptions",
        "has {} fewer Spot interruptions{than}",
        "has {} more Spot interruptions{than}",
        true,
    ),
    phrase(
        "cost.usedUsd",
        "has tasks that cost {} less{than}",
        "has tasks that cost {} more{than}",
        false,
    ),
    phrase(
        "cost.idleUsd",
        "pays {} less for idle capacity{than}",
        "pays {} more for idle capacity{than}",
        false,
    ),
];

/// What is said of a figure that has no phrase of its own.
static ANY: Phrase = phrase(
    "*",
    "has {} less{than} in {*}",
    "has {} more{than} in {*}",
    false,
);

/// What is counted, many and one.
const NOUNS: [(&str, &str); 3] = [
    ("instances", "instance"),
    ("tasks", "task"),
    ("interruptions", "interruption"),
];

/// The sentences about a variant; empty for the baseline.
pub(super) fn sentences(compared: &Compared, variant: usize) -> String {
    if variant == compared.baseline {
        return String::new();
    }
    let name = plain(&compared.variants[variant].name);
    let baseline = plain(&compared.variants[compared.baseline].name);
    let all: Vec<Told<'_>> = all(compared, variant);
    let told = worth_telling(&all, compared.is_chosen);
    let mut than = format!(" than {baseline}");
    let clauses = told.iter().filter_map(|told| {
        let clause = told.clause(&than)?;
        than.clear();
        Some(clause)
    });
    let mut clauses: Vec<String> = clauses.collect();
    // When all else differs, that the bill does not is worth a word.
    let costs_the_same = |told: &&Told<'_>| {
        told.row.figure.path.as_str() == "cost.totalUsd" && told.difference.verdict == Verdict::Same
    };
    if !clauses.is_empty() && all.iter().any(|told| costs_the_same(&told)) {
        clauses.push("costs the same".to_owned());
    }
    let headlines = all
        .iter()
        .filter(|told| compared.is_chosen || told.phrase.is_headline);
    let unproven = headlines.filter(|told| told.difference.verdict == Verdict::NotShown);
    let unproven: Vec<String> = unproven.map(|told| plain(&told.row.figure.name)).collect();
    let is_same = all
        .iter()
        .all(|told| told.difference.verdict == Verdict::Same);
    match (clauses.is_empty(), unproven.is_empty()) {
        _ if all.is_empty() => format!("{name} has no figure in common with {baseline}."),
        _ if is_same => format!("{name} is the same as {baseline} in every replication."),
        (true, _) => format!("{name}: no difference from {baseline} is shown."),
        (false, true) => format!("{name} {}.", list(&clauses)),
        (false, false) => format!(
            "{name} {}. No difference is shown in {}.",
            list(&clauses),
            list(&unproven)
        ),
    }
}

/// The differences of a variant, in the order of the phrases.
fn all(compared: &Compared, variant: usize) -> Vec<Told<'_>> {
    let rows = compared.rows.iter().filter_map(|row| {
        let (place, phrase, star) = phrase_of(row);
        let difference = row.cells[variant].difference?;
        let told = Told {
            row,
            phrase,
            star,
            difference,
        };
        Some((place, told))
    });
    let mut rows: Vec<(usize, Told<'_>)> = rows.collect();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, told)| told).collect()
}

/// The differences that are shown: those that were asked for, else the headlines; where no headline
/// is shown, the first of the others.
fn worth_telling<'t, 'a>(all: &'t [Told<'a>], is_chosen: bool) -> Vec<&'t Told<'a>> {
    const MOST: usize = 6;
    const MOST_OTHERS: usize = 3;
    let shown = all.iter().filter(|told| told.is_shown());
    if is_chosen {
        return shown.collect();
    }
    let (headlines, others): (Vec<_>, Vec<_>) = shown.partition(|told| told.phrase.is_headline);
    if headlines.is_empty() {
        others.into_iter().take(MOST_OTHERS).collect()
    } else {
        headlines.into_iter().take(MOST).collect()
    }
}

/// A difference that is told.
struct Told<'a> {
    row: &'a FigureRow,
    phrase: &'static Phrase,
    star: &'a str,
    difference: Difference,
}

/// The place of the phrase, itself, and what its star stands for.
fn phrase_of(row: &FigureRow) -> (usize, &'static Phrase, &str) {
    let path = row.figure.path.as_str();
    let mut phrases = PHRASES.iter().enumerate();
    let found = phrases.find_map(|(place, phrase)| {
        let star = star(phrase.path, path)?;
        Some((place, phrase, star))
    });
    found.unwrap_or((PHRASES.len(), &ANY, path))
}

impl Told<'_> {
    fn is_shown(&self) -> bool {
        !matches!(self.difference.verdict, Verdict::Same | Verdict::NotShown)
    }

    /// `costs 18 % less than spread-az (95 % interval 15 to 21 %)`; nothing where nothing is shown.
    fn clause(&self, than: &str) -> Option<String> {
        if !self.is_shown() {
            return None;
        }
        let verb = if self.difference.estimate.mean < Fixed::ZERO {
            self.phrase.less
        } else {
            self.phrase.more
        };
        let size = self.size();
        let verb = match size.as_str() {
            "1" => NOUNS
                .iter()
                .fold(verb.to_owned(), |verb, (many, one)| verb.replace(many, one)),
            _ => verb.to_owned(),
        };
        let clause = verb
            .replace("{than}", than)
            .replace("{*}", &plain(self.star))
            .replace("{}", &size);
        let certainty = self.certainty(!than.is_empty());
        Some(format!("{clause} ({certainty})"))
    }

    /// Whether the difference is told as a part of the baseline: money is.
    fn is_relative(&self) -> bool {
        self.row.figure.unit == Unit::Usd && self.difference.relative.is_some()
    }

    fn size(&self) -> String {
        match self.difference.relative.filter(|_| self.is_relative()) {
            Some(relative) => share(relative),
            None => distance(self.row.figure.unit, self.difference.estimate.mean),
        }
    }

    /// The interval, and in the first clause what it is.
    fn certainty(&self, is_first: bool) -> String {
        let (estimate, unit) = (&self.difference.estimate, self.row.figure.unit);
        let Some((low, high)) = estimate.interval() else {
            return "in one replication, which shows nothing".to_owned();
        };
        if estimate.is_constant() {
            return "in every replication".to_owned();
        }
        let relative = self.difference.relative_interval;
        let (mut ends, say): (_, &dyn Fn(Fixed) -> String) =
            match relative.filter(|_| self.is_relative()) {
                Some((low, high)) => ([low, high], &share),
                None => ([low, high], &|end| distance(unit, end)),
            };
        // Told without its sign: the smaller end first.
        ends.sort_by_key(|end| end.abs());
        let what = if is_first { "95 % interval " } else { "" };
        [what, &range(&say(ends[0]), &say(ends[1]))].concat()
    }
}
