//! The summary as text: one screen that somebody who has never seen it can read.

mod table;
mod words;

use crate::cost::{CostSummary, RefusedShapeSummary, Summary, Utilization};
use crate::units::Millis;

use words::{amounts, count, grouped, list, percent, plain, rounded, span, wrap};

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
enum Tone {
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

/// The most refused shapes that the text names.
const REFUSED_SHAPES: usize = 3;

/// The summary in sentences, and a table of zones and instance types where there are several.
pub fn summary(summary: &Summary, style: Style) -> String {
    let mut page = Page {
        text: String::new(),
        style,
        width: style.width.clamp(80, 100),
    };
    page.say(Tone::Title, &title(summary));
    page.gap();
    page.say(Tone::Plain, &fleet_and_tasks(summary));
    page.say(Tone::Plain, &states(summary));
    page.say(Tone::Plain, &waits(summary));
    for sentence in refusals(summary) {
        page.say(Tone::Warning, &sentence);
    }
    page.gap();
    page.say(Tone::Plain, &utilization(summary));
    page.say(Tone::Plain, &stranded(summary));
    page.say(Tone::Plain, &bound(summary));
    page.say(Tone::Plain, &bill(&summary.cost));
    let table = table::capacity(summary, page.width);
    if !table.is_empty() {
        page.gap();
    }
    for row in table {
        page.line(Tone::Plain, &row);
    }
    page.gap();
    page.say(Tone::Faint, &footer(summary));
    page.text
}

/// Text as it grows.
struct Page {
    text: String,
    style: Style,
    width: usize,
}

impl Page {
    /// A paragraph, wrapped; nothing when it is empty.
    fn say(&mut self, tone: Tone, sentence: &str) {
        for line in wrap(sentence, self.width) {
            self.line(tone, &line);
        }
    }

    fn line(&mut self, tone: Tone, line: &str) {
        let code = tone.code().filter(|_| self.style.color);
        let (on, off) = code.map_or((String::new(), ""), |code| {
            (format!("\x1b[{code}m"), "\x1b[0m")
        });
        for part in [&on, line, off, "\n"] {
            self.text.push_str(part);
        }
    }

    fn gap(&mut self) {
        self.text.push('\n');
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

fn fleet_and_tasks(summary: &Summary) -> String {
    let (tasks, instances) = (&summary.tasks, &summary.instances);
    let work = match (tasks.submitted, tasks.placed) {
        (0, _) => "had no task to run".to_owned(),
        (submitted, 0) => format!("ran none of {}", count(submitted, "task", "tasks")),
        (submitted, placed) => format!(
            "ran {} of {}",
            grouped(placed),
            count(submitted, "task", "tasks")
        ),
    };
    let span = span(Millis(summary.duration_ms));
    if instances.launched == 0 {
        let had = match tasks.submitted {
            0 => "no tasks were".to_owned(),
            submitted => count(submitted, "task was", "tasks were"),
        };
        return format!("The cluster had no instances for {span}; {had} submitted.");
    }
    let types = summary.utilization.by_instance_type.iter();
    let mut types: Vec<String> = types
        .map(|(name, group)| format!("{} x {}", plain(name), grouped(group.instances)))
        .collect();
    if types.len() > 4 {
        let more = types.len() - 3;
        types.truncate(3);
        types.push(format!("{more} more types"));
    }
    let zones = summary.utilization.by_availability_zone.len();
    let zones = count(u64::try_from(zones).unwrap_or(u64::MAX), "zone", "zones");
    format!(
        "{} ({} in {zones}) {work} in {span}.",
        count(instances.launched, "instance", "instances"),
        types.join(", ")
    )
}

fn states(summary: &Summary) -> String {
    let tasks = &summary.tasks;
    let waiting = tasks.waiting.unwrap_or(0);
    let states = [
        (tasks.succeeded, "had succeeded"),
        (tasks.failed, "had failed"),
        (tasks.interrupted, "had been interrupted"),
        (tasks.stopped, "had been stopped"),
        (tasks.running, "still ran"),
        (tasks.pending - waiting.min(tasks.pending), "were starting"),
        (waiting, "still waited for room"),
        (tasks.not_placed, "had found no room"),
    ];
    let states = states.into_iter().filter(|(tasks, _)| *tasks > 0);
    let states: Vec<String> = states
        .map(|(tasks, state)| match (tasks, state) {
            (1, "were starting") => "1 was starting".to_owned(),
            _ => format!("{} {state}", grouped(tasks)),
        })
        .collect();
    let mut said = match states.as_slice() {
        [] => String::new(),
        states => format!("At the end {}.", list(states)),
    };
    if let Some(beyond @ 1..) = tasks.beyond_end {
        let tasks = count(beyond, "task was", "tasks were");
        said += &[" ", &tasks, " due at the end or later: not submitted."].concat();
    }
    said.trim_start().to_owned()
}

fn waits(summary: &Summary) -> String {
    let waits = &summary.placement.wait_ms;
    let (Some(mean), Some(p50), Some(p99), Some(max)) =
        (waits.mean, waits.p50, waits.p99, waits.max)
    else {
        return String::new();
    };
    if max == 0 {
        return "Every task that was placed was placed at once.".to_owned();
    }
    format!(
        "Tasks waited {} for room on average: half of them at most {}, 99 % at most {}, the \
         longest {}.",
        words::mean(mean),
        rounded(p50),
        rounded(p99),
        rounded(max)
    )
}

fn refusals(summary: &Summary) -> Vec<String> {
    let placement = &summary.placement;
    if placement.failures.is_empty() {
        return Vec::new();
    }
    let mut failures: Vec<(&String, &u64)> = placement.failures.iter().collect();
    failures.sort_by_key(|(_, refused)| std::cmp::Reverse(**refused));
    let reasons: Vec<String> = failures
        .iter()
        .map(|(reason, refused)| format!("{} {}", reason.trim_end_matches('.'), grouped(**refused)))
        .collect();
    let head = match summary.tasks.not_placed {
        0 => "Refused attempts by reason".to_owned(),
        tasks => format!(
            "{} found no room; refused attempts by reason",
            count(tasks, "task", "tasks")
        ),
    };
    let shapes = placement.refused_shapes.iter().take(REFUSED_SHAPES);
    std::iter::once(format!("{head}: {}.", reasons.join(", ")))
        .chain(shapes.map(refused_shape))
        .collect()
}

fn refused_shape(shape: &RefusedShapeSummary) -> String {
    let tasks = count(shape.tasks, "task", "tasks");
    let were = if shape.tasks == 1 { "was" } else { "were" };
    let needs = amounts(shape.cpu, shape.memory, shape.gpu);
    let entry = plain(&shape.entry);
    let closest = match (&shape.closest_instance, &shape.lacked) {
        (Some(instance), Some(lacked)) => {
            format!("; the closest instance, {instance}, lacked {lacked} for the first")
        }
        _ => String::new(),
    };
    format!("- {entry}: {tasks} of {needs} {were} refused{closest}.")
}

fn utilization(summary: &Summary) -> String {
    let all = &summary.utilization;
    let told = |name: &str, of: &Utilization, long: bool| {
        let (mean, peak) = (of.reserved_mean?, of.reserved_peak.unwrap_or(0.0));
        let (mean, peak) = (percent(mean), percent(peak));
        Some(if long {
            format!("{name} was {mean} reserved on average and {peak} at the peak")
        } else {
            format!("{name} {mean} and {peak}")
        })
    };
    let parts = [
        told("CPU", &all.cpu, true),
        told("memory", &all.memory, false),
        told("GPUs", &all.gpu, false),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("{}.", parts.join("; ")),
    }
}

fn stranded(summary: &Summary) -> String {
    let stranded = &summary.utilization.stranded;
    let parts = [
        (stranded.cpu.mean, "CPU"),
        (stranded.memory.mean, "memory"),
        (stranded.gpu.mean, "GPUs"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(mean, name)| mean.filter(|mean| *mean > 0.0).map(|mean| (mean, name)))
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

fn bound(summary: &Summary) -> String {
    let instances = &summary.instances;
    if instances.used_peak == 0 {
        return String::new();
    }
    let who = match summary.placement.strategies.as_slice() {
        [one] => plain(one),
        _ => "this run".to_owned(),
    };
    let needed = count(instances.lower_bound, "instance", "instances");
    if instances.used_peak <= instances.lower_bound {
        return format!("Any packing would have needed {needed}, and {who} used no more.");
    }
    format!(
        "Any packing would have needed at least {needed} at the peak; {who} used {}.",
        grouped(instances.used_peak)
    )
}

fn bill(cost: &CostSummary) -> String {
    format!(
        "The bill: ${}, of which ${} was used by tasks and ${} idle; at that rate ${} an hour, \
         ${} a month.",
        cost.total_usd.to_cents(),
        cost.used_usd.to_cents(),
        cost.idle_usd.to_cents(),
        cost.hourly_usd.to_cents(),
        cost.monthly_usd.to_cents()
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
