//! `arrivals` and `runtime` of an entry of `tasks`.

use jiff::Timestamp;

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::distribution::{as_float, read_distribution};
use crate::scenario::node::{Key, Node};
use crate::scenario::read::{self, Fields};
use crate::units::{Millis, SimTime};
use crate::workload::load::Factor;
use crate::workload::{Arrivals, Runtime, Schedule};

use super::constraints::inside;

const KEYS: [&str; 7] = [
    "at", "count", "every", "poisson", "schedule", "from", "until",
];
const LAWS: [&str; 4] = ["at", "every", "poisson", "schedule"];
const CRON: &str = "for instance `cron(0 2 * * ? *)`, every night at two: minute, hour, day of the \
    month, month, day of the week, year; one of the two days is `?`";
/// The most calls of one `at`.
const MOST_CALLS: u64 = 1_000_000_000;
/// The highest rate, in its own unit.
const HIGHEST_RATE: f64 = 1_000_000.0;

/// What arrivals are measured against.
pub(super) struct Clock {
    pub(super) start: Timestamp,
    /// `None` when it was reported.
    pub(super) duration: Option<Millis>,
    /// `workload.scale`: multiplies the rates of `poisson` and `every`.
    pub(super) scale: Factor,
}

pub(super) fn read_runtime(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Runtime {
    match fields
        .get("runtime")
        .and_then(|node| read_distribution(node, diagnostics))
    {
        Some(law) => Runtime::Drawn(law),
        None => Runtime::UntilEnd,
    }
}

pub(super) fn read_arrivals(
    node: &Node,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<Arrivals> {
    let fields = read::fields_like(node, &KEYS, "at: 0s, count: 10", diagnostics)?;
    let laws: Vec<&(Key, Node)> = fields
        .entries()
        .iter()
        .filter(|(key, _)| LAWS.contains(&key.text.as_str()))
        .collect();
    let [(law, value)] = laws.as_slice() else {
        let given: Vec<&str> = laws.iter().map(|(key, _)| key.text.as_str()).collect();
        let title = match given.as_slice() {
            [] => "arrivals without a rule".to_owned(),
            _ => format!("arrivals with more than one rule: {}", read::list(&given)),
        };
        diagnostics
            .error(node.place, title)
            .label(format!("expected one of {}", read::list(&LAWS)));
        return None;
    };
    let beside: &[&str] = match law.text.as_str() {
        "at" => &["count"],
        "schedule" => &[],
        _ => &["from", "until"],
    };
    check_beside(&fields, &law.text, beside, diagnostics);
    let arrivals = match law.text.as_str() {
        "at" => read_at(&fields, value, diagnostics),
        "every" => read_every(&fields, value, clock.scale, diagnostics),
        "poisson" => read_poisson(&fields, value, clock.scale, diagnostics),
        _ => read_schedule(value, diagnostics),
    }?;
    let first = match arrivals {
        Arrivals::Every { .. } | Arrivals::Poisson { .. } => fields.get("from").unwrap_or(value),
        Arrivals::At { .. } | Arrivals::Schedule(_) => value,
    };
    warn_if_never(&arrivals, first, clock, diagnostics);
    Some(arrivals)
}

/// Reports keys that belong to another rule.
fn check_beside(fields: &Fields<'_>, law: &str, allowed: &[&str], diagnostics: &mut Diagnostics) {
    for key in ["count", "from", "until"] {
        if allowed.contains(&key) {
            continue;
        }
        if let Some(place) = fields.key_place(key) {
            let finding = diagnostics.error(place, format!("`{law}` takes no `{key}`"));
            if key == "count" {
                finding.help("tasks a call are the `count` of the entry, beside `arrivals`");
            }
        }
    }
}

fn read_at(fields: &Fields<'_>, value: &Node, diagnostics: &mut Diagnostics) -> Option<Arrivals> {
    let at = read::duration(value, diagnostics);
    let count = fields.get("count").map_or(Some(1), |node| {
        read::number(node, 1..=MOST_CALLS, diagnostics)
    });
    Some(Arrivals::At {
        at: SimTime(at?.0),
        count: count?,
    })
}

fn read_every(
    fields: &Fields<'_>,
    value: &Node,
    scale: Factor,
    diagnostics: &mut Diagnostics,
) -> Option<Arrivals> {
    let interval = read::positive_duration(value, diagnostics);
    let (from, until) = read_window(fields, diagnostics);
    let scaled = scaled_interval(interval?, scale);
    if scaled.is_none() {
        diagnostics
            .error(
                value.place,
                "`workload.scale` leaves no interval that can be used",
            )
            .label("expected a millisecond to a hundred years, divided by the scale");
    }
    Some(Arrivals::Every {
        interval: scaled?,
        from,
        until,
    })
}

#[expect(
    clippy::float_arithmetic,
    reason = "a parameter of a law, computed once"
)]
fn read_poisson(
    fields: &Fields<'_>,
    value: &Node,
    scale: Factor,
    diagnostics: &mut Diagnostics,
) -> Option<Arrivals> {
    const RATES: [(&str, Millis); 3] = [
        ("perHour", Millis::HOUR),
        ("perMinute", Millis::MINUTE),
        ("perSecond", Millis::SECOND),
    ];
    let (from, until) = read_window(fields, diagnostics);
    let names = RATES.map(|(name, _)| name);
    let example = match value.text().filter(|text| text.parse::<f64>().is_ok()) {
        Some(rate) => format!("perHour: {rate}"),
        None => "perHour: 60".to_owned(),
    };
    let rates = read::fields_like(value, &names, &example, diagnostics)?;
    let given: Vec<(&Node, Millis)> = RATES
        .iter()
        .filter_map(|(name, unit)| Some((rates.get(name)?, *unit)))
        .collect();
    let [(node, unit)] = given.as_slice() else {
        diagnostics
            .error(value.place, "a Poisson process has one rate")
            .label(format!("expected one of {}", read::list(&names)));
        return None;
    };
    let expected = "a number above 0, at most 1000000";
    let rate = read::parameter(
        node,
        expected,
        f64::MIN_POSITIVE..=HIGHEST_RATE,
        diagnostics,
    )?;
    // A factor is in millionths, as the parts of a span are in milliseconds.
    let mean_gap_ms = as_float(*unit) / rate * (1e6 / as_float(Millis(scale.0)));
    if mean_gap_ms > as_float(read::LONGEST_SPAN) {
        diagnostics
            .error(node.place, "less than one arrival in a hundred years")
            .label("expected a higher rate");
        return None;
    }
    Some(Arrivals::Poisson {
        mean_gap_ms,
        from,
        until,
    })
}

/// The interval whose rate is multiplied by a factor, rounded half up; `None` below a millisecond
/// and beyond what a span may be.
fn scaled_interval(interval: Millis, scale: Factor) -> Option<Millis> {
    let one = u128::from(Factor::ONE.0);
    let scale = u128::from(scale.0);
    let scaled = (u128::from(interval.0) * one + scale / 2).checked_div(scale)?;
    let scaled = u64::try_from(scaled).ok().map(Millis)?;
    (scaled > Millis::ZERO && scaled <= read::LONGEST_SPAN).then_some(scaled)
}

fn read_schedule(node: &Node, diagnostics: &mut Diagnostics) -> Option<Arrivals> {
    read_schedule_text(node, diagnostics).map(Arrivals::Schedule)
}

/// A schedule: `cron(...)`, `rate(...)` or `at(...)`.
pub(super) fn read_schedule_text(node: &Node, diagnostics: &mut Diagnostics) -> Option<Schedule> {
    let expected = "a schedule such as `cron(0 2 * * ? *)`";
    let text = read::text(node, expected, diagnostics)?;
    match Schedule::parse(text) {
        Ok(schedule) => Some(schedule),
        Err(error) => {
            let place = inside(node, error.offset, text.len(), diagnostics);
            let finding = diagnostics.error(place, error.message);
            if text.trim_start().starts_with("cron") || !text.contains('(') {
                finding.help(CRON);
            }
            None
        }
    }
}

fn read_window(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> (SimTime, Option<SimTime>) {
    let mut point = |key: &str| {
        let node = fields.get(key)?;
        read::duration(node, diagnostics).map(|span| SimTime(span.0))
    };
    let from = point("from").unwrap_or(SimTime::ZERO);
    let until = point("until");
    if let (Some(until), Some(node)) = (until, fields.get("until"))
        && until <= from
    {
        diagnostics
            .error(node.place, "`until` is not after `from`")
            .label(format!("expected more than {}", Millis(from.0)));
    }
    (from, until)
}

fn warn_if_never(arrivals: &Arrivals, node: &Node, clock: &Clock, diagnostics: &mut Diagnostics) {
    let first = match arrivals {
        Arrivals::At { at, .. } => *at,
        Arrivals::Every { from, .. } | Arrivals::Poisson { from, .. } => *from,
        Arrivals::Schedule(schedule) => schedule
            .next_after(clock.start, None)
            .unwrap_or(SimTime(u64::MAX)),
    };
    if let Some(duration) = clock.duration.filter(|duration| first.0 >= duration.0) {
        diagnostics
            .warning(node.place, "these tasks never arrive")
            .label(format!("the run ends at {duration}"))
            .help("let them come earlier, or make `duration` longer");
    }
}
