//! Typed values out of the tree. Each function reports what it cannot read and goes on, so that
//! one load shows every mistake; a value that was reported reads as `None`.

use std::ops::RangeInclusive;

use crate::units::parse::{parse_cpu, parse_memory};
use crate::units::{CpuUnits, Decimal, HourlyRate, MemoryMib, Millis, NotRepresentable, nearest};

use super::diagnostics::{Diagnostics, Place};
use super::node::{Key, Node, Value};

/// No span in a scenario is longer: times stay far from the end of the clock.
pub(crate) const LONGEST_SPAN: Millis = Millis(100 * 365 * 86_400_000);

/// A mapping whose keys have been checked.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'n> {
    pub(crate) place: Place,
    entries: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    /// A mapping without keys.
    pub(crate) fn none(place: Place) -> Self {
        Self {
            place,
            entries: &[],
        }
    }

    /// The value of a key; a key without a value counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|(name, _)| name.text == key)
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// Where a key stands, when it is given.
    pub(crate) fn key_place(&self, key: &str) -> Option<Place> {
        self.get(key)?;
        self.entries
            .iter()
            .find(|(name, _)| name.text == key)
            .map(|(name, _)| name.place)
    }

    /// The value of a key that must be there.
    pub(crate) fn required(
        &self,
        key: &str,
        example: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<&'n Node> {
        let value = self.get(key);
        if value.is_none() {
            diagnostics
                .error(self.place, format!("the key `{key}` is missing"))
                .help(format!("add `{key}: {example}`"));
        }
        value
    }

    /// Keys with their values, in the order of the file.
    pub(crate) fn entries(&self) -> &'n [(Key, Node)] {
        self.entries
    }
}

/// A mapping with any keys.
pub(crate) fn mapping<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<Fields<'n>> {
    if let Value::Mapping(entries) = &node.value {
        let place = node.place;
        return Some(Fields { place, entries });
    }
    wrong_kind(node, "a mapping of `key: value`", diagnostics);
    None
}

/// A mapping with known keys; others are errors.
pub(crate) fn fields<'n>(
    node: &'n Node,
    known: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n>> {
    let fields = mapping(node, diagnostics)?;
    for (key, _) in fields.entries {
        refuse_unless_known(key, known, diagnostics);
    }
    Some(fields)
}

/// The same, with keys that are accepted and never proposed.
pub(crate) fn fields_beside<'n>(
    node: &'n Node,
    known: &[&str],
    accepted: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n>> {
    let fields = mapping(node, diagnostics)?;
    for (key, _) in fields.entries {
        if !accepted.contains(&key.text.as_str()) {
            refuse_unless_known(key, known, diagnostics);
        }
    }
    Some(fields)
}

/// The same, with an example of what belongs there when it is no mapping: `mean: 5m`.
pub(crate) fn fields_like<'n>(
    node: &'n Node,
    known: &[&str],
    example: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n>> {
    if matches!(node.value, Value::Mapping(_)) {
        return fields(node, known, diagnostics);
    }
    wrong_kind(node, "a mapping of `key: value`", diagnostics);
    diagnostics
        .last()
        .help(format!("for instance `{{{example}}}`"));
    None
}

/// The mapping of a whole scenario: its keys that begin with `x-` are the user's own, who keeps
/// anchors there.
pub(crate) fn top_fields<'n>(
    node: &'n Node,
    known: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n>> {
    let Some(fields) = mapping(node, diagnostics) else {
        diagnostics
            .last()
            .help("a scenario has keys such as `duration: 24h`; `ecs-sim init` writes one");
        return None;
    };
    let own = |key: &Key| key.text.starts_with("x-");
    for (key, _) in fields.entries.iter().filter(|(key, _)| !own(key)) {
        refuse_unless_known(key, known, diagnostics);
    }
    Some(fields)
}

fn refuse_unless_known(key: &Key, known: &[&str], diagnostics: &mut Diagnostics) {
    if known.contains(&key.text.as_str()) {
        return;
    }
    let near = nearest(&key.text, known.iter().copied());
    let finding = diagnostics.error(key.place, format!("unknown key `{}`", key.text));
    match near {
        Some(name) => finding.nearest(Some(name)),
        None => finding.help(format!("the keys here are {}", list(known))),
    };
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The same, cut after the first few.
pub(crate) fn short_list(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    if names.len() <= SHOWN {
        return list(names);
    }
    format!("{} and {} more", list(&names[..SHOWN]), names.len() - SHOWN)
}

pub(crate) fn wrong_kind(node: &Node, expected: &str, diagnostics: &mut Diagnostics) {
    diagnostics
        .error(
            node.place,
            format!("expected {expected}, found {}", node.kind()),
        )
        .label(format!("expected {expected}"));
}

/// The items of a list.
pub(crate) fn items<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<&'n [Node]> {
    if let Value::Sequence(items) = &node.value {
        return Some(items);
    }
    wrong_kind(node, "a list", diagnostics);
    diagnostics
        .last()
        .help("a list is written `[a, b]`, or with `- ` before each element");
    None
}

/// The items of a list under a key; none when the key is absent.
pub(crate) fn items_of<'n>(
    fields: &Fields<'n>,
    key: &str,
    diagnostics: &mut Diagnostics,
) -> &'n [Node] {
    fields
        .get(key)
        .and_then(|node| items(node, diagnostics))
        .unwrap_or_default()
}

/// A scalar's text.
pub(crate) fn text<'n>(
    node: &'n Node,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'n str> {
    let text = node.text();
    if text.is_none() {
        wrong_kind(node, expected, diagnostics);
    }
    text
}

/// A name: text of 1 to 255 characters without control characters.
pub(crate) fn name<'n>(
    node: &'n Node,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'n str> {
    const LONGEST: usize = 255;
    let name = text(node, what, diagnostics)?;
    let length = name.chars().count();
    if length == 0 || length > LONGEST || name.chars().any(char::is_control) {
        diagnostics
            .error(node.place, format!("this is not {what}"))
            .label(format!("expected 1 to {LONGEST} printable characters"));
        return None;
    }
    Some(name)
}

/// `true` or `false`.
pub(crate) fn boolean(node: &Node, diagnostics: &mut Diagnostics) -> Option<bool> {
    let word = text(node, "`true` or `false`", diagnostics)?;
    let meant = match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "enabled" | "1" => Some("true"),
        "false" | "no" | "off" | "disabled" | "0" => Some("false"),
        _ => nearest(word, ["true", "false"]),
    };
    match word {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            diagnostics
                .error(node.place, format!("`{word}` is not `true` or `false`"))
                .label("expected `true` or `false`")
                .nearest(meant);
            None
        }
    }
}

/// One of a few words under `key`, upper or lower case being different.
pub(crate) fn one_of<T: Copy>(
    node: &Node,
    key: &str,
    choices: &[(&str, T)],
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let word = text(node, &alternatives(&names), diagnostics)?;
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word) {
        return Some(*value);
    }
    let near = nearest(word, names.iter().copied());
    diagnostics
        .error(node.place, format!("`{word}` is not a value of `{key}`"))
        .label(format!("expected {}", alternatives(&names)))
        .nearest(near);
    None
}

/// `` `a`, `b` or `c` ``
pub(crate) fn alternatives(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or `{last}`", list(first)),
        _ => list(names),
    }
}

/// A whole number in a range.
pub(crate) fn number(
    node: &Node,
    range: RangeInclusive<u64>,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let expected = if *range.end() == u64::MAX {
        format!("a whole number, {} or more", range.start())
    } else {
        format!("a whole number from {} to {}", range.start(), range.end())
    };
    let text = text(node, &expected, diagnostics)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let title = if !is_whole {
        format!("`{text}` is not a whole number")
    } else if text.starts_with('-') {
        format!("`{text}` is negative")
    } else {
        match text.parse::<u64>() {
            Ok(number) if range.contains(&number) => return Some(number),
            Ok(number) if number < *range.start() => format!("`{text}` is too small"),
            _ => format!("`{text}` is too large"),
        }
    };
    diagnostics
        .error(node.place, title)
        .label(format!("expected {expected}"));
    None
}

/// The same for 32 bits.
pub(crate) fn number_u32(
    node: &Node,
    range: RangeInclusive<u32>,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let range = u64::from(*range.start())..=u64::from(*range.end());
    u32::try_from(number(node, range, diagnostics)?).ok()
}

/// A decimal number in units of a `1 / unit` part, in a range of those: 3.5 with the unit 10 is 35.
pub(crate) fn decimal(
    node: &Node,
    unit: u64,
    range: RangeInclusive<u64>,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let text = text(node, expected, diagnostics)?;
    let reason = match Decimal::parse(text).map(|number| number.times(unit)) {
        Ok(Ok(parts)) if range.contains(&parts) => return Some(parts),
        Ok(Ok(parts)) if parts < *range.start() => "is too small".to_owned(),
        Ok(Ok(_) | Err(NotRepresentable::TooLarge)) => "is too large".to_owned(),
        Ok(Err(NotRepresentable::NotWhole)) => "has too many decimals".to_owned(),
        Err(reason) => reason,
    };
    diagnostics
        .error(node.place, format!("`{text}` {reason}"))
        .label(format!("expected {expected}"));
    None
}

/// A decimal number with one of some units, of which the first that fits is meant: how many of the
/// smallest it is.
pub(crate) fn amount_in(
    node: &Node,
    units: &[(&str, u64)],
    most: u64,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let text = text(node, expected, diagnostics)?;
    let found = units.iter().find_map(|(suffix, unit)| {
        let number = text.strip_suffix(suffix)?.trim_end();
        Decimal::parse(number).ok()?.times(*unit).ok()
    });
    let amount = found
        .or_else(|| (text == "0").then_some(0))
        .filter(|parts| *parts <= most);
    if amount.is_none() {
        let wants_unit = units.iter().all(|(suffix, _)| !suffix.is_empty());
        let title = if wants_unit && Decimal::parse(text).is_ok() {
            format!("`{text}` has no unit")
        } else {
            format!("`{text}` is no amount that can be used")
        };
        diagnostics
            .error(node.place, title)
            .label(format!("expected {expected}"));
    }
    amount
}

/// A span of time.
pub(crate) fn duration(node: &Node, diagnostics: &mut Diagnostics) -> Option<Millis> {
    const EXPECTED: &str = "a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`";
    let text = text(node, EXPECTED, diagnostics)?;
    let reason = match Millis::parse(text) {
        Ok(span) if span <= LONGEST_SPAN => return Some(span),
        Ok(_) => "is too long: the limit is 100 years".to_owned(),
        Err(reason) => reason,
    };
    let has_no_unit = reason == "has no unit";
    let has_unknown_unit = reason.starts_with("has the unknown unit");
    let finding = diagnostics.error(node.place, format!("`{text}` {reason}"));
    finding.label(format!("expected {EXPECTED}"));
    if has_no_unit
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        finding.help(format!(
            "add a unit: `{text}s` for seconds, `{text}ms`, `{text}m`, `{text}h`"
        ));
    } else if has_no_unit {
        finding.help("every number in it needs a unit: ms, s, m, h or d");
    } else if has_unknown_unit {
        finding.help("the units are ms, s, m, h and d");
    }
    None
}

/// A span of time above 0.
pub(crate) fn positive_duration(node: &Node, diagnostics: &mut Diagnostics) -> Option<Millis> {
    let span = duration(node, diagnostics)?;
    if span == Millis::ZERO {
        let text = node.text().unwrap_or_default();
        diagnostics.error(
            node.place,
            format!("`{text}` is no time: it must be more than 0"),
        );
        return None;
    }
    Some(span)
}

/// CPU units.
pub(crate) fn cpu(node: &Node, diagnostics: &mut Diagnostics) -> Option<CpuUnits> {
    let expected = "CPU units such as `256`, or `2 vCPU`";
    let text = text(node, expected, diagnostics)?;
    amount(node, parse_cpu(text), diagnostics)
}

/// Memory.
pub(crate) fn memory(node: &Node, diagnostics: &mut Diagnostics) -> Option<MemoryMib> {
    let expected = "MiB such as `512`, or `4 GB`";
    let text = text(node, expected, diagnostics)?;
    amount(node, parse_memory(text), diagnostics)
}

fn amount<T>(node: &Node, read: Result<T, String>, diagnostics: &mut Diagnostics) -> Option<T> {
    match read {
        Ok(amount) => Some(amount),
        Err(message) => {
            diagnostics.error(node.place, message);
            None
        }
    }
}

/// Dollars an hour.
pub(crate) fn rate(node: &Node, diagnostics: &mut Diagnostics) -> Option<HourlyRate> {
    let expected = "US dollars an hour such as `0.096`";
    let text = text(node, expected, diagnostics)?;
    match HourlyRate::parse(text) {
        Ok(rate) => Some(rate),
        Err(reason) => {
            diagnostics
                .error(node.place, format!("`{text}` {reason}"))
                .label(format!("expected {expected}"));
            None
        }
    }
}

/// A parameter of a distribution: the one kind of number that becomes a float.
pub(crate) fn parameter(
    node: &Node,
    expected: &str,
    range: RangeInclusive<f64>,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    let text = text(node, expected, diagnostics)?;
    // `inf`, `NaN` and `1e3` are numbers to Rust and none in a scenario, but for the last.
    let spelling = text.bytes().any(|byte| byte.is_ascii_digit());
    let title = match text.parse::<f64>().ok().filter(|_| spelling) {
        Some(number) if range.contains(&number) => return Some(number),
        Some(_) => format!("`{text}` is out of range"),
        None => format!("`{text}` is not a number"),
    };
    diagnostics
        .error(node.place, title)
        .label(format!("expected {expected}"));
    None
}
