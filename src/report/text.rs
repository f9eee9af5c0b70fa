//! The summary as text: one screen that somebody who has never seen it can read.

mod capacity;
pub(super) mod checks;
mod cost;
mod fargate;
mod incidents;
mod refusals;
mod services;
pub(super) mod table;
mod waits;

use crate::cost::{Summary, Utilization};
use crate::units::Millis;

use super::words::{amounts, bound, count, grouped, list, percent, plain, span, unbound, wrap};

/// How text is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours: for a terminal.
    pub color: bool,
    /// Columns of the screen; lines are never longer than 100, and at least 80 are taken.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
        }
    }
}

/// How a paragraph is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Title,
    Plain,
    Warning,
    Faint,
}

impl Tone {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Title => Some("1"),
            Self::Plain => None,
            Self::Warning => Some("33"),
            Self::Faint => Some("2"),
        }
    }
}

/// The most lines of the page, what it says of capacity, services and incidents apart.
const LINES: usize = 40;

/// The summary in sentences, and a table of zones and instance types where there are several.
pub fn summary(summary: &Summary, style: Style) -> String {
    let mut page = Page::new(style);
    page.say(Tone::Title, &title(summary));
    page.gap();
    page.say(Tone::Plain, &what_happened(summary));
    page.say(Tone::Plain, &waits::waits(summary));
    page.say(Tone::Plain, &waits::short_of_tasks(summary));
    for sentence in refusals::sentences(summary) {
        page.say(Tone::Warning, &sentence);
    }
    page.gap();
    page.say(Tone::Plain, &utilization(summary));
    page.say(Tone::Plain, &stranded(summary));
    page.say(Tone::Plain, &lower_bound(summary));
    for sentence in fargate::sentences(summary) {
        page.say(Tone::Plain, &sentence);
    }
    for sentence in cost::sentences(&summary.cost) {
        page.say(Tone::Plain, &sentence);
    }
    // Below the table stand a blank line and the footer, above it a blank line.
    let room = LINES.saturating_sub(page.text.lines().count() + 3);
    let table = table::capacity(summary, page.width, room);
    if !table.is_empty() {
        page.gap();
    }
    for row in table {
        page.line(Tone::Plain, &row);
    }
    say_capacity(&mut page, summary);
    say_services(&mut page, summary);
    let checks = checks::section(&summary.checks);
    if !checks.is_empty() {
        page.gap();
    }
    for (holds, line) in checks {
        page.say(if holds { Tone::Plain } else { Tone::Warning }, &line);
    }
    page.gap();
    page.say(Tone::Faint, &footer(summary));
    page.into_text()
}

/// Capacity providers, groups and Spot.
fn say_capacity(page: &mut Page, summary: &Summary) {
    for part in capacity::section(summary, page.width) {
        match part {
            capacity::Part::Say(sentence) => page.say(Tone::Plain, &sentence),
            capacity::Part::Line(line) => page.line(Tone::Plain, &line),
            capacity::Part::Gap => page.gap(),
        }
    }
}

/// Services, and incidents.
fn say_services(page: &mut Page, summary: &Summary) {
    let (table, sentences) = services::section(summary, page.width);
    if !table.is_empty() {
        page.gap();
    }
    for row in table {
        page.line(Tone::Plain, &row);
    }
    for sentence in sentences {
        page.say(Tone::Plain, &sentence);
    }
    let incidents = incidents::sentences(summary);
    if !incidents.is_empty() {
        page.gap();
    }
    for sentence in incidents {
        page.say(Tone::Plain, &sentence);
    }
}

/// Text as it grows.
pub(super) struct Page {
    text: String,
    style: Style,
    width: usize,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self {
            text: String::new(),
            style,
            width: style.width.clamp(80, 100),
        }
    }

    /// A paragraph, wrapped; nothing when it is empty.
    pub(super) fn say(&mut self, tone: Tone, sentence: &str) {
        for line in wrap(sentence, self.width) {
            self.line(tone, &line);
        }
    }

    /// A line as it is.
    pub(super) fn line(&mut self, tone: Tone, line: &str) {
        let code = tone.code().filter(|_| self.style.color);
        let (on, off) = code.map_or((String::new(), ""), |code| {
            (format!("\x1b[{code}m"), "\x1b[0m")
        });
        for part in [&on, &unbound(line), off, "\n"] {
            self.text.push_str(part);
        }
    }

    /// A blank line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Columns that a line has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// All that was said.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

fn title(summary: &Summary) -> String {
    format!(
        "{}: {} simulated, seed {}",
        plain(&summary.scenario),
        span(Millis(summary.duration_ms)),
        summary.seed
    )
}

/// The first sentence: who had which tasks to run, and what became of them.
fn what_happened(summary: &Summary) -> String {
    let tasks = &summary.tasks;
    let span = span(Millis(summary.duration_ms));
    let given = match tasks.submitted {
        0 => "no tasks".to_owned(),
        submitted => count(submitted, "task", "tasks"),
    };
    let did = if summary.services.is_empty() {
        format!("was given {given} in {span}{}", states(summary))
    } else {
        ran_services(summary, &span)
    };
    let mut said = format!(
        "{}cluster {}{} {did}.",
        under(summary),
        plain(&summary.cluster),
        fleet(summary),
    );
    if said.starts_with("cluster") {
        said.replace_range(..1, "C");
    }
    if let Some(beyond @ 1..) = tasks.beyond_end {
        let tasks = count(beyond, "task was", "tasks were");
        said += &[" ", &tasks, " due at the end or later: not submitted."].concat();
    }
    said
}

/// What a cluster with services did, and what became of all tasks.
fn ran_services(summary: &Summary, span: &str) -> String {
    let (tasks, services) = (&summary.tasks, &summary.services);
    let of_services: u64 = services.values().map(|one| one.tasks.submitted).sum();
    let given = match tasks.submitted.saturating_sub(of_services) {
        0 => String::new(),
        own => format!(" and was given {}", count(own, "task", "tasks")),
    };
    let services = u64::try_from(services.len()).unwrap_or(u64::MAX);
    let all = match tasks.submitted {
        0 => ": no task was started".to_owned(),
        all => format!(
            ". It had {} in all{}",
            count(all, "task", "tasks"),
            states(summary)
        ),
    };
    let services = count(services, "service", "services");
    format!("ran {services}{given} in {span}{all}")
}

/// `With placement strategy binpack-cpu, `; which entry has which, as far as a line allows.
fn under(summary: &Summary) -> String {
    const LONGEST: usize = 76;
    let chains = &summary.placement.strategies;
    let mut entries = summary.placement.strategy_by_entry.clone();
    let of_services = summary.services.iter();
    entries.extend(
        of_services.filter_map(|(name, service)| {
            Some((name.clone(), service.placement_strategy.clone()?))
        }),
    );
    let with_entries: Vec<String> = chains
        .iter()
        .map(|chain| {
            let of = entries.iter().filter(|(_, other)| *other == chain);
            let names: Vec<String> = of.map(|(name, _)| plain(name)).collect();
            format!("{} for {}", plain(chain), list(&names))
        })
        .collect();
    let with_entries = with_entries.join("; ");
    let chains: Vec<String> = chains.iter().map(|chain| plain(chain)).collect();
    let fits = |text: &str| text.chars().count() <= LONGEST;
    match chains.as_slice() {
        [] => String::new(),
        [one] => format!("With placement strategy {one}, "),
        _ if fits(&with_entries) => format!("With placement strategies {with_entries}, "),
        chains if fits(&list(chains)) => format!("With placement strategies {}, ", list(chains)),
        chains => format!("With {} placement strategies, ", chains.len()),
    }
}

fn fleet(summary: &Summary) -> String {
    // Those that registered: others were launched, and never were in the cluster.
    let types = summary.utilization.by_instance_type.values();
    let instances: u64 = types.map(|group| group.instances).sum();
    if instances == 0 {
        let on_fargate = summary.fargate.as_ref().is_some_and(|of| of.tasks > 0);
        return if on_fargate {
            ", on Fargate alone,".to_owned()
        } else {
            ", which had no instances,".to_owned()
        };
    }
    let types = summary.utilization.by_instance_type.iter();
    let mut types: Vec<String> = types
        .map(|(name, group)| bound(&format!("{} x {}", plain(name), grouped(group.instances))))
        .collect();
    let peak = match summary.instances.peak {
        peak if peak < instances => format!(" in all, at most {} at a time", grouped(peak)),
        _ => String::new(),
    };
    if types.len() > 4 {
        let shown = if peak.is_empty() { 3 } else { 1 };
        let more = types.len() - shown;
        types.truncate(shown);
        types.push(bound(&format!("{more} more types")));
    }
    format!(
        " of {}{peak} ({}{})",
        count(instances, "instance", "instances"),
        types.join(", "),
        places(summary)
    )
}

/// ` in 3 zones`; servers of one's own stand in none.
fn places(summary: &Summary) -> String {
    const EXTERNAL: &str = "external";
    let names = summary.utilization.by_availability_zone.keys();
    let zones = names.filter(|name| *name != EXTERNAL).count();
    let is_external = summary
        .utilization
        .by_availability_zone
        .contains_key(EXTERNAL);
    let zones = match zones {
        0 => None,
        zones => Some(count(
            u64::try_from(zones).unwrap_or(u64::MAX),
            "zone",
            "zones",
        )),
    };
    match (zones, is_external) {
        (Some(zones), true) => format!(" in {zones} and outside AWS"),
        (Some(zones), false) => format!(" in {zones}"),
        (None, true) => " outside AWS".to_owned(),
        (None, false) => String::new(),
    }
}

/// `: 39 succeeded and 1 was still running at the end`; empty when there was no task.
fn states(summary: &Summary) -> String {
    let tasks = &summary.tasks;
    let waiting = tasks.waiting.unwrap_or(0);
    let starting = tasks.pending - waiting.min(tasks.pending);
    let alive = tasks.pending + tasks.running > 0;
    let states = [
        (tasks.succeeded, "succeeded", "succeeded"),
        (tasks.failed, "failed", "failed"),
        (tasks.interrupted, "was interrupted", "were interrupted"),
        (tasks.stopped, "was stopped", "were stopped"),
        (tasks.not_placed, "was refused", "were refused"),
        (tasks.running, "was still running", "were still running"),
        (starting, "was starting", "were starting"),
        (waiting, "was waiting for room", "were waiting for room"),
    ];
    let states = states.into_iter().filter(|(tasks, ..)| *tasks > 0);
    let states: Vec<String> = states
        .map(|(tasks, one, many)| count(tasks, one, many))
        .collect();
    match states.as_slice() {
        [] => String::new(),
        states if alive => format!(": {} at the end", list(states)),
        states => format!(": {}", list(states)),
    }
}

fn utilization(summary: &Summary) -> String {
    let all = &summary.utilization;
    let told = |name: &str, of: &Utilization| {
        let (mean, peak) = (percent(of.reserved_mean?), percent(of.reserved_peak?));
        Some((name.to_owned(), mean, peak))
    };
    let parts = [
        told("CPU", &all.cpu),
        told("memory", &all.memory),
        told("GPUs", &all.gpu),
    ];
    // What the figures mean is said once.
    let (mut reserved, mut both) = (" reserved", (" on average", " at the peak"));
    let parts = parts.into_iter().flatten().enumerate();
    let parts = parts.map(|(place, (name, mean, peak))| {
        let was = if place == 0 { " was" } else { "" };
        let reserved = std::mem::take(&mut reserved);
        if mean == peak {
            return format!("{name}{was} {mean}{reserved} throughout");
        }
        let (average, highest) = std::mem::take(&mut both);
        format!("{name}{was} {mean}{reserved}{average} and {peak}{highest}")
    });
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("{}.", parts.join("; ")),
    }
}

/// Shares that would be told as less than 0.1 % are left out.
fn stranded(summary: &Summary) -> String {
    let stranded = &summary.utilization.stranded;
    let parts = [
        (stranded.cpu.mean, "CPU"),
        (stranded.memory.mean, "memory"),
        (stranded.gpu.mean, "GPUs"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(mean, name)| mean.filter(|mean| *mean >= 0.001).map(|mean| (mean, name)))
        .map(|(mean, name)| format!("{} of the {name}", percent(mean)))
        .collect();
    match (stranded.shape, parts.as_slice()) {
        (None, _) | (_, []) => String::new(),
        (Some(shape), parts) => format!(
            "Stranded on average: {}, free on instances without room for one more task of {}.",
            list(parts),
            amounts(shape.cpu, shape.memory, shape.gpu)
        ),
    }
}

fn lower_bound(summary: &Summary) -> String {
    let instances = &summary.instances;
    if instances.used_peak == 0 {
        return String::new();
    }
    let who = match summary.placement.strategies.as_slice() {
        [one] => plain(one),
        _ => "this run".to_owned(),
    };
    let needed = count(instances.lower_bound, "instance", "instances");
    let left_out = summary.tasks.not_placed > 0 || summary.tasks.waiting > Some(0);
    let whom = if left_out {
        " for the tasks that were placed"
    } else {
        ""
    };
    let of = if instances.peak > instances.used_peak {
        format!(" of the {} there", grouped(instances.peak))
    } else {
        String::new()
    };
    if instances.used_peak <= instances.lower_bound && !left_out {
        let used = if of.is_empty() { "no more" } else { "as many" };
        return format!("Any packing would have needed {needed}, and {who} used {used}{of}.");
    }
    format!(
        "Any packing would have needed at least {needed} at the peak{whom}; {who} used {}{of}.",
        grouped(instances.used_peak)
    )
}

fn footer(summary: &Summary) -> String {
    format!(
        "{}, digest {}, ecs-sim {}.",
        count(summary.events, "event", "events"),
        summary.digest,
        summary.version
    )
}

#[cfg(test)]
mod tests;
