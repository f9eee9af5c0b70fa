//! `load` of a service or a load balancer: how many requests come, and what one costs a task.

use std::path::Path;

use crate::cloud::RequestCost;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{Millis, RequestRate, SimTime};
use crate::workload::load::{
    Alignment, Between, Curve, Factor, LoadSpec, RateFile, TimeForm, ValuePeriod, WhenOver,
};

use super::faults::report_faults;
use super::trace::read_path;

/// The rules by which requests come.
pub(super) const RULES: [&str; 4] = ["requestsPerSecond", "steps", "curve", "csv"];
/// What a file lacks, as the reader of files says it, and the key that says it in its place.
const HELP: [(&str, &str); 4] = [
    ("say whether it is seconds", "times: seconds"),
    ("name the column of values", "valueColumn: requests"),
    ("name the column of times", "timeColumn: time"),
    ("say what values count", "per: minute"),
];
const RATE: &str = "requests a second, 0 or more, at most three decimals";
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// `load` as it was read.
pub(super) struct Load {
    /// The rule; `None` for a service whose requests come through a load balancer.
    pub(super) spec: Option<LoadSpec>,
    pub(super) cost: RequestCost,
}

/// Reads `load` of a service.
pub(super) fn read_service_load(
    node: &Node,
    base_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<Load> {
    let keys = ["requestsPerSecond", "steps", "curve", "csv", "request"];
    let fields = read::fields_like(node, &keys, "requestsPerSecond: 100", diagnostics)?;
    let spec = read_rule(&fields, base_dir, false, diagnostics);
    let cost = match fields.get("request") {
        Some(node) => read_cost(node, diagnostics)?,
        None => RequestCost::default(),
    };
    Some(Load { spec, cost })
}

/// Reads `load` of a load balancer.
pub(super) fn read_load(
    node: &Node,
    base_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<LoadSpec> {
    let fields = read::fields_like(node, &RULES, "requestsPerSecond: 100", diagnostics)?;
    read_rule(&fields, base_dir, true, diagnostics)
}

fn read_rule(
    fields: &Fields<'_>,
    base_dir: &Path,
    is_required: bool,
    diagnostics: &mut Diagnostics,
) -> Option<LoadSpec> {
    let given: Vec<&str> = RULES
        .into_iter()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let [rule] = given.as_slice() else {
        let title = match given.as_slice() {
            [] if !is_required => return None,
            [] => "a load without a rule".to_owned(),
            _ => format!("a load with more than one rule: {}", read::list(&given)),
        };
        diagnostics
            .error(fields.place, title)
            .label(format!("expected one of {}", read::list(&RULES)));
        return None;
    };
    let node = fields.get(rule)?;
    match *rule {
        "requestsPerSecond" => read_rate(node, diagnostics).map(LoadSpec::Constant),
        "steps" => read_steps(node, diagnostics).map(LoadSpec::Steps),
        "curve" => read_curve(node, diagnostics).map(LoadSpec::Curve),
        _ => read_file(node, base_dir, diagnostics).map(LoadSpec::File),
    }
}

fn read_rate(node: &Node, diagnostics: &mut Diagnostics) -> Option<RequestRate> {
    let text = read::text(node, RATE, diagnostics)?;
    match RequestRate::parse(text) {
        Ok(rate) => Some(rate),
        Err(reason) => {
            diagnostics
                .error(node.place, format!("`{text}` {reason}"))
                .label(format!("expected {RATE}"));
            None
        }
    }
}

fn read_factor(node: &Node, diagnostics: &mut Diagnostics) -> Option<Factor> {
    let expected = "a factor from 0 to 1,000,000, at most six decimals";
    let text = read::text(node, expected, diagnostics)?;
    match Factor::parse(text) {
        Ok(factor) => Some(factor),
        Err(reason) => {
            diagnostics
                .error(node.place, format!("`{text}` {reason}"))
                .label(format!("expected {expected}"));
            None
        }
    }
}

/// `workload.scale`.
pub(super) fn read_scale(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Factor {
    let scale = fields
        .get("workload")
        .and_then(|node| read::fields_like(node, &["scale"], "scale: 2", diagnostics))
        .and_then(|workload| {
            let node = workload.get("scale")?;
            Some((node, read_factor(node, diagnostics)?))
        });
    match scale {
        Some((node, Factor(0))) => {
            diagnostics
                .error(node.place, "a scale of 0 leaves no work")
                .label("expected more than 0");
            Factor::ONE
        }
        Some((_, factor)) => factor,
        None => Factor::ONE,
    }
}

fn read_steps(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<(SimTime, RequestRate)>> {
    let items = read::items(node, diagnostics)?;
    if items.is_empty() {
        diagnostics
            .error(node.place, "a load of no steps")
            .label("expected steps such as `{at: 0s, requestsPerSecond: 100}`");
        return None;
    }
    let mut steps: Vec<(SimTime, RequestRate)> = Vec::with_capacity(items.len());
    let mut is_whole = true;
    for item in items {
        match read_step(item, diagnostics) {
            Some(step) => {
                if let Some((before, _)) = steps.last().filter(|(at, _)| *at >= step.0) {
                    let before = Millis(before.0);
                    diagnostics
                        .error(
                            item.place,
                            format!("this step is not after that at {before}"),
                        )
                        .help("steps stand in order of time, each at a time of its own");
                }
                steps.push(step);
            }
            None => is_whole = false,
        }
    }
    is_whole.then_some(steps)
}

fn read_step(node: &Node, diagnostics: &mut Diagnostics) -> Option<(SimTime, RequestRate)> {
    let keys = ["at", "requestsPerSecond"];
    let example = "at: 0s, requestsPerSecond: 100";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    let at = fields
        .required("at", "0s", diagnostics)
        .and_then(|node| read::duration(node, diagnostics));
    let rate = fields
        .required("requestsPerSecond", "100", diagnostics)
        .and_then(|node| read_rate(node, diagnostics));
    Some((SimTime(at?.0), rate?))
}

fn read_curve(node: &Node, diagnostics: &mut Diagnostics) -> Option<Curve> {
    let keys = ["base", "peak", "peakAt", "sharpness", "days"];
    let example = "base: 50, peak: 400, peakAt: 14h";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    let mut rate = |key: &str, example: &str| {
        let node = fields.required(key, example, diagnostics)?;
        read_rate(node, diagnostics)
    };
    let (base, peak) = (rate("base", "50"), rate("peak", "400"));
    let peak_at = match fields.required("peakAt", "14h", diagnostics) {
        Some(node) => read::duration(node, diagnostics).filter(|at| {
            if *at >= Millis::DAY {
                diagnostics
                    .error(node.place, format!("a day has no {at}"))
                    .label("expected a time of the day, below 24h");
            }
            *at < Millis::DAY
        }),
        None => None,
    };
    let sharpness = fields.get("sharpness").map_or(Some(1), |node| {
        read::number_u32(node, 1..=Curve::MOST_SHARPNESS, diagnostics)
    });
    let mut days = [Factor::ONE; 7];
    if let Some(given) = fields
        .get("days")
        .and_then(|node| read::fields_like(node, &DAYS, "saturday: 0.5", diagnostics))
    {
        for (day, factor) in DAYS.iter().zip(&mut days) {
            if let Some(node) = given.get(day) {
                *factor = read_factor(node, diagnostics).unwrap_or_default();
            }
        }
    }
    Some(Curve {
        base: base?,
        peak: peak?,
        peak_at: peak_at?,
        sharpness: sharpness?,
        days,
    })
}

/// A CSV file, which is read through once so that what is wrong with it is known before the run.
fn read_file(node: &Node, base_dir: &Path, diagnostics: &mut Diagnostics) -> Option<RateFile> {
    const KEYS: [&str; 9] = [
        "file",
        "timeColumn",
        "valueColumn",
        "times",
        "per",
        "scale",
        "between",
        "alignment",
        "whenOver",
    ];
    let example = format!("file: {}", node.text().unwrap_or("load.csv"));
    let fields = read::fields_like(node, &KEYS, &example, diagnostics)?;
    let file_node = fields.required("file", "load.csv", diagnostics)?;
    let before = diagnostics.len();
    let path = read_path(file_node, base_dir, diagnostics);
    let mut file = RateFile::new(path.clone().unwrap_or_default());
    let mut column = |key: &str| {
        let node = fields.get(key)?;
        read::name(node, "the name of a column", diagnostics).map(str::to_owned)
    };
    file.time_column = column("timeColumn");
    file.value_column = column("valueColumn");
    read_choices(&fields, &mut file, diagnostics);
    if let Some(node) = fields.get("scale") {
        file.scale = read_factor(node, diagnostics).unwrap_or_default();
    }
    path.filter(|_| diagnostics.len() == before)?;
    match file.scan() {
        Ok(_) => Some(file),
        Err(error) => {
            let is_column = error.message.contains("the header");
            let key = if is_column && fields.get("valueColumn").is_some() {
                "valueColumn"
            } else {
                "file"
            };
            let place = fields.get(key).map_or(file_node.place, |node| node.place);
            let finding = diagnostics.error(place, format!("{error}"));
            for (said, key) in HELP {
                if error.message.contains(said) {
                    finding.help(format!("add `{key}` to the keys of `csv`"));
                }
            }
            None
        }
    }
}

fn read_choices(fields: &Fields<'_>, file: &mut RateFile, diagnostics: &mut Diagnostics) {
    if let Some(node) = fields.get("times") {
        let number = |unit| Some(TimeForm::Number(unit));
        let choices = [
            ("timestamp", Some(TimeForm::Timestamp)),
            ("milliseconds", number(Millis(1))),
            ("seconds", number(Millis::SECOND)),
            ("minutes", number(Millis::MINUTE)),
            ("hours", number(Millis::HOUR)),
            ("days", number(Millis::DAY)),
        ];
        file.time_form = read::one_of(node, "times", &choices, diagnostics).flatten();
    }
    if let Some(node) = fields.get("per") {
        file.per = read_period(node, diagnostics).unwrap_or(file.per);
    }
    if let Some(node) = fields.get("between") {
        let choices = [("hold", Between::Hold), ("linear", Between::Linear)];
        file.between = read::one_of(node, "between", &choices, diagnostics).unwrap_or_default();
    }
    if let Some(node) = fields.get("alignment") {
        let choices = [
            ("firstRow", Alignment::FirstRow),
            ("ownTime", Alignment::OwnTime),
        ];
        file.alignment = read::one_of(node, "alignment", &choices, diagnostics).unwrap_or_default();
    }
    if let Some(node) = fields.get("whenOver") {
        let choices = [("end", WhenOver::End), ("repeat", WhenOver::Repeat)];
        file.when_over = read::one_of(node, "whenOver", &choices, diagnostics).unwrap_or_default();
    }
}

/// `per`: a word, or a span of time.
fn read_period(node: &Node, diagnostics: &mut Diagnostics) -> Option<ValuePeriod> {
    if node
        .text()
        .and_then(|text| Millis::parse(text).ok())
        .is_some()
    {
        return read::positive_duration(node, diagnostics).map(ValuePeriod::Span);
    }
    let choices = [
        ("row", ValuePeriod::Row),
        ("second", ValuePeriod::Span(Millis::SECOND)),
        ("minute", ValuePeriod::Span(Millis::MINUTE)),
        ("hour", ValuePeriod::Span(Millis::HOUR)),
        ("day", ValuePeriod::Span(Millis::DAY)),
    ];
    read::one_of(node, "per", &choices, diagnostics)
}

/// `request`: what one costs a task.
fn read_cost(node: &Node, diagnostics: &mut Diagnostics) -> Option<RequestCost> {
    const KEYS: [&str; 10] = [
        "cpuTime",
        "extraTime",
        "cpuIdle",
        "memoryIdle",
        "memoryPerConcurrentRequest",
        "memoryPerRequestPerSecond",
        "maxCpu",
        "maxConcurrency",
        "cpuNoise",
        "latencyLimit",
    ];
    let fields = read::fields_like(node, &KEYS, "cpuTime: 5ms, extraTime: 20ms", diagnostics)?;
    let mut cost = RequestCost::default();
    let micros = |key: &str, diagnostics: &mut Diagnostics| {
        let node = fields.get(key)?;
        read_micros(node, diagnostics)
    };
    cost.cpu_time_us = micros("cpuTime", diagnostics).unwrap_or_default();
    cost.extra_time_us = micros("extraTime", diagnostics).unwrap_or_default();
    let kib = |key: &str, diagnostics: &mut Diagnostics| {
        let node = fields.get(key)?;
        read_kib(node, diagnostics)
    };
    cost.memory_per_concurrent_kib =
        kib("memoryPerConcurrentRequest", diagnostics).unwrap_or_default();
    cost.memory_per_rate_kib = kib("memoryPerRequestPerSecond", diagnostics).unwrap_or_default();
    if let Some(node) = fields.get("cpuIdle") {
        cost.cpu_idle = read::cpu(node, diagnostics).unwrap_or(cost.cpu_idle);
    }
    if let Some(node) = fields.get("memoryIdle") {
        cost.memory_idle = read::memory(node, diagnostics).unwrap_or(cost.memory_idle);
    }
    if let Some(node) = fields.get("maxCpu") {
        cost.max_cpu = read::cpu(node, diagnostics);
    }
    if let Some(node) = fields.get("maxConcurrency") {
        cost.max_concurrency = read::number_u32(node, 1..=1_000_000, diagnostics);
    }
    if let Some(node) = fields.get("cpuNoise") {
        let expected = "a number from 0 to 5, at most three decimals";
        let most = u64::from(RequestCost::MOST_NOISE);
        let noise = read::decimal(node, 1_000, 0..=most, expected, diagnostics);
        cost.cpu_noise = noise
            .and_then(|parts| u32::try_from(parts).ok())
            .unwrap_or(0);
    }
    if let Some(node) = fields.get("latencyLimit") {
        let limit = read::positive_duration(node, diagnostics);
        cost.latency_limit = limit.unwrap_or(cost.latency_limit);
    }
    report_faults(&cost.faults(), &fields, diagnostics);
    Some(cost)
}

/// A time of a request in microseconds: `500us`, `0.5ms`, `1s`; at most an hour.
fn read_micros(node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
    const EXPECTED: &str = "a time such as `500us`, `2.5ms`, `1s`, at most an hour";
    let units = [("us", 1), ("ms", 1_000), ("s", 1_000_000)];
    let amount = read::amount_in(node, &units, 3_600_000_000, EXPECTED, diagnostics)?;
    u32::try_from(amount).ok()
}

/// Memory in KiB: `512 KiB`, `2 MiB`; without a unit MiB; at most 1 GiB.
fn read_kib(node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
    const EXPECTED: &str = "memory such as `512 KiB`, `2 MiB`, at most 1 GiB";
    let units = [
        ("KiB", 1),
        ("KB", 1),
        ("MiB", 1_024),
        ("MB", 1_024),
        ("GiB", 1_048_576),
        ("GB", 1_048_576),
        ("", 1_024),
    ];
    let amount = read::amount_in(node, &units, 1_048_576, EXPECTED, diagnostics)?;
    u32::try_from(amount).ok()
}
