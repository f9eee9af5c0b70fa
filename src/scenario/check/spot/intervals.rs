//! `capacity` and `usdPerHour` of a pool, where they change over time: lists in the scenario, or
//! files.

use std::path::Path;

use crate::cloud::spot::{SpotPrice, SpotSupply};
use crate::scenario::check::trace::read_path;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read;
use crate::units::{HourlyRate, Millis, SimTime};

use super::files::{self, Fault};

/// More instances than any pool has.
pub(super) const MOST_NODES: u32 = 1_000_000;

/// From one time to another a pool has so many instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) start: SimTime,
    pub(super) end: SimTime,
    pub(super) nodes: u32,
}

/// What is wrong with an interval, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IntervalFault {
    pub(super) message: String,
    pub(super) help: String,
}

impl Interval {
    /// Whether the interval may follow another. `say` writes a time as the user does.
    pub(super) fn check(
        &self,
        before: Option<&Self>,
        say: impl Fn(SimTime) -> String,
    ) -> Result<(), IntervalFault> {
        let (start, end) = (say(self.start), say(self.end));
        let fault = |message: String, help: &str| {
            let help = help.to_owned();
            Err(IntervalFault { message, help })
        };
        if self.end <= self.start {
            let message = format!("ends at {end}, not after its start at {start}");
            return fault(message, "an interval ends later than it starts");
        }
        let Some(before) = before else {
            return Ok(());
        };
        if self.start < before.start {
            let message = format!(
                "starts at {start}, before the one ahead of it ({})",
                say(before.start)
            );
            return fault(message, "put the intervals in the order of their starts");
        }
        if self.start < before.end {
            let message = format!(
                "starts at {start}, and the one ahead of it lasts until {}",
                say(before.end)
            );
            let help = format!("end the one ahead of it at {start}: a pool has one capacity");
            return fault(message, &help);
        }
        Ok(())
    }
}

/// The capacity over time: 0 before the first interval and between intervals, after the last its
/// own for ever.
pub(super) fn steps(intervals: &[Interval]) -> Vec<(SimTime, u32)> {
    let mut steps = vec![(SimTime::ZERO, 0)];
    let mut step = |at, nodes| match steps.last_mut() {
        Some((last, value)) if *last == at => *value = nodes,
        _ => steps.push((at, nodes)),
    };
    for (interval, next) in intervals
        .iter()
        .zip(intervals.iter().skip(1).map(Some).chain([None]))
    {
        step(interval.start, interval.nodes);
        if next.is_some_and(|next| next.start > interval.end) {
            step(interval.end, 0);
        }
    }
    // Neighbours of the same height are one.
    steps.dedup_by_key(|(_, nodes)| *nodes);
    steps
}

/// `capacity`: a number, `unlimited`, a list of `{start, end, nodes}`, or `{file}`.
pub(super) fn read_capacity(
    node: &Node,
    base_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<SpotSupply> {
    match &node.value {
        Value::Scalar { text, .. } if text == "unlimited" => Some(SpotSupply::Unlimited),
        Value::Scalar { .. } => {
            let count = read::number_u32(node, 0..=MOST_NODES, diagnostics);
            if count.is_none() {
                let help = "or `unlimited`, a list of `{start, end, nodes}`, or `{file: pool.csv}`";
                diagnostics.last().help(help);
            }
            count.map(SpotSupply::Constant)
        }
        Value::Sequence(items) => {
            let intervals = read_intervals(node, items, diagnostics)?;
            Some(SpotSupply::Trace(steps(&intervals)))
        }
        Value::Mapping(_) => {
            let intervals = read_file(node, base_dir, files::read_capacity, diagnostics)?;
            Some(SpotSupply::Trace(steps(&intervals)))
        }
    }
}

fn read_intervals(
    node: &Node,
    items: &[Node],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Interval>> {
    if items.is_empty() {
        diagnostics
            .error(node.place, "a capacity of no intervals")
            .label("expected some such as `{start: 0s, end: 1h, nodes: 10}`");
        return None;
    }
    let before = diagnostics.len();
    let mut intervals: Vec<Interval> = Vec::with_capacity(items.len());
    for item in items {
        let Some(interval) = read_interval(item, diagnostics) else {
            continue;
        };
        let say = |at: SimTime| Millis(at.0).to_string();
        if let Err(fault) = interval.check(intervals.last(), say) {
            let title = format!("this interval {}", fault.message);
            diagnostics.error(item.place, title).help(fault.help);
        }
        intervals.push(interval);
    }
    (diagnostics.len() == before).then_some(intervals)
}

fn read_interval(node: &Node, diagnostics: &mut Diagnostics) -> Option<Interval> {
    let keys = ["start", "end", "nodes"];
    let fields = read::fields_like(node, &keys, "start: 0s, end: 1h, nodes: 10", diagnostics)?;
    let mut time = |key: &str, example: &str| {
        let node = fields.required(key, example, diagnostics)?;
        read::duration(node, diagnostics)
    };
    let (start, end) = (time("start", "0s"), time("end", "1h"));
    let nodes = fields
        .required("nodes", "10", diagnostics)
        .and_then(|node| read::number_u32(node, 0..=MOST_NODES, diagnostics));
    Some(Interval {
        start: SimTime(start?.0),
        end: SimTime(end?.0),
        nodes: nodes?,
    })
}

/// `usdPerHour`: a price, a list of `{at, usdPerHour}`, or `{file}`.
pub(super) fn read_price(
    node: &Node,
    base_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<SpotPrice> {
    match &node.value {
        Value::Scalar { .. } => read::rate(node, diagnostics).map(SpotPrice::Constant),
        Value::Sequence(items) => read_prices(node, items, diagnostics).map(series),
        Value::Mapping(_) => read_file(node, base_dir, files::read_prices, diagnostics).map(series),
    }
}

/// Before its first time a series has its first price.
fn series(mut steps: Vec<(SimTime, HourlyRate)>) -> SpotPrice {
    if let Some((at, _)) = steps.first_mut() {
        *at = SimTime::ZERO;
    }
    SpotPrice::Series(steps)
}

fn read_prices(
    node: &Node,
    items: &[Node],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(SimTime, HourlyRate)>> {
    if items.is_empty() {
        diagnostics
            .error(node.place, "a series of no prices")
            .label("expected some such as `{at: 0s, usdPerHour: 0.035}`");
        return None;
    }
    let before = diagnostics.len();
    let mut steps: Vec<(SimTime, HourlyRate)> = Vec::with_capacity(items.len());
    for item in items {
        let Some((at, rate)) = read_price_step(item, diagnostics) else {
            continue;
        };
        if let Some((last, _)) = steps.last().filter(|(last, _)| *last >= at) {
            let title = format!("this price is not after that at {}", Millis(last.0));
            diagnostics
                .error(item.place, title)
                .help("prices stand in order of time, each at a time of its own");
        }
        steps.push((at, rate));
    }
    (diagnostics.len() == before).then_some(steps)
}

fn read_price_step(node: &Node, diagnostics: &mut Diagnostics) -> Option<(SimTime, HourlyRate)> {
    let fields = read::fields_like(
        node,
        &["at", "usdPerHour"],
        "at: 0s, usdPerHour: 0.035",
        diagnostics,
    )?;
    let at = fields
        .required("at", "0s", diagnostics)
        .and_then(|node| read::duration(node, diagnostics));
    let rate = fields
        .required("usdPerHour", "0.035", diagnostics)
        .and_then(|node| read::rate(node, diagnostics));
    Some((SimTime(at?.0), rate?))
}

/// `{file: pool.csv}`.
fn read_file<T>(
    node: &Node,
    base_dir: &Path,
    read: impl FnOnce(&str) -> Result<T, Fault>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let fields = read::fields(node, &["file"], diagnostics)?;
    let node = fields.required("file", "pool.csv", diagnostics)?;
    let path = read_path(node, base_dir, diagnostics)?;
    let name = node.text().unwrap_or_default();
    let found = files::read_text(&path).and_then(|text| read(&text));
    match found {
        Ok(found) => Some(found),
        Err(fault) => {
            diagnostics
                .error(node.place, format!("{name}: {}", fault.message))
                .help(fault.help);
            None
        }
    }
}
