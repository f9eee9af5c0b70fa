//! `--set PATH=VALUE` and `--set PATH+=VALUE`, and the `set` of a variant, applied to the tree
//! before it is checked; so what is set passes the same checks as what the file says. `null` as the
//! value removes what the path names; `*` in a path is every element of a list or every value of a
//! mapping.

use crate::units::nearest;

use super::diagnostics::{Diagnostics, Place};
use super::node::{Key, Node, Value};
use super::path::{Segment, segments};
use super::read;
use super::yaml;

/// The keys that name an element of a list.
const NAMES: [&str; 13] = [
    "name",
    "instanceType",
    "family",
    "serviceName",
    "autoScalingGroupName",
    "subnetId",
    "capacityProvider",
    "targetGroupName",
    "loadBalancerName",
    "alarmName",
    "policyName",
    "scheduledActionName",
    "fileSystemId",
];

/// The key that names the elements of a scenario's lists, for the example of how to add one.
const NAMED_BY: [(&str, &str); 14] = [
    ("containerInstances", "instanceType"),
    ("instanceTypes", "instanceType"),
    ("taskDefinitions", "family"),
    ("containerDefinitions", "name"),
    ("subnets", "subnetId"),
    ("tasks", "name"),
    ("services", "serviceName"),
    ("incidents", "name"),
    ("images", "name"),
    ("targetGroups", "targetGroupName"),
    ("alarms", "alarmName"),
    ("policies", "policyName"),
    ("checks", "name"),
    ("variants", "name"),
];

/// Replace, or append to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Replace,
    Append,
}

/// Applies one argument.
pub(crate) fn apply(root: &mut Node, argument: &str, diagnostics: &mut Diagnostics) {
    let source = diagnostics.add_source(format!("--set '{argument}'"), argument.to_owned());
    let whole = Place {
        source,
        start: 0,
        end: argument.len(),
    };
    let Some((segments, operator, value_start)) = split(argument) else {
        diagnostics
            .error(whole, "expected PATH=VALUE or PATH+=VALUE")
            .help("for instance `--set tasks.web.count=5`");
        return;
    };
    let value = argument.get(value_start..).unwrap_or_default();
    if value.trim().is_empty() {
        let path = argument.get(..value_start).unwrap_or_default().trim_end();
        let path = path.trim_end_matches(['+', '=']);
        diagnostics
            .error(whole, "there is no value behind `=`")
            .help(format!("`null` removes the key: `--set {path}=null`"));
        return;
    }
    let errors_before = diagnostics.len();
    let place = Place {
        source,
        start: value_start,
        end: argument.len(),
    };
    let value = yaml::parse(value, source, value_start, diagnostics);
    if diagnostics.len() > errors_before {
        return;
    }
    let nothing = Value::Scalar {
        text: String::new(),
        quoted: false,
    };
    let value = value.unwrap_or(Node {
        place,
        value: nothing,
    });
    let setting = Setting {
        path: argument,
        origin: Some(whole),
        whole,
        is_argument: true,
        operator,
        value,
    };
    setting.set(root, &segments, diagnostics);
}

/// Applies an entry of a mapping `{PATH: VALUE, PATH+: VALUE}`.
pub(super) fn apply_entry(root: &mut Node, key: &Key, value: &Node, diagnostics: &mut Diagnostics) {
    let (path, operator) = split_operator(&key.text);
    let Some(segments) = segments(path) else {
        diagnostics
            .error(
                key.place,
                format!("`{path}` has an empty name or a quotation mark too few"),
            )
            .help("for instance `tasks.web.count: 5`");
        return;
    };
    // Where the file spells the key in another way (in single quotes, with escapes), places
    // within it are not known.
    let is_plain = diagnostics.text_at(key.place) == key.text;
    let setting = Setting {
        path,
        origin: is_plain.then_some(key.place),
        whole: key.place,
        is_argument: false,
        operator,
        value: value.clone(),
    };
    setting.set(root, &segments, diagnostics);
}

/// Splits an argument into path, operator and the offset of the value.
fn split(argument: &str) -> Option<(Vec<Segment>, Operator, usize)> {
    let mut is_quoted = false;
    let equals = argument.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'=' && !is_quoted
    })?;
    let (path, operator) = split_operator(&argument[..equals]);
    Some((segments(path)?, operator, equals + 1))
}

fn split_operator(path: &str) -> (&str, Operator) {
    match path.strip_suffix('+') {
        Some(path) => (path, Operator::Append),
        None => (path, Operator::Replace),
    }
}

struct Setting<'a> {
    /// The path, and perhaps more behind it: what the places of segments count in.
    path: &'a str,
    /// Where `path` stands, when places within it are known.
    origin: Option<Place>,
    whole: Place,
    /// Whether it comes from the command line, rather than from a file.
    is_argument: bool,
    operator: Operator,
    value: Node,
}

impl Setting<'_> {
    fn place(&self, segments: &[Segment]) -> Place {
        match (segments.first(), segments.last(), self.origin) {
            (Some(first), Some(last), Some(origin)) => Place {
                source: origin.source,
                start: origin.start + first.place.start,
                end: origin.start + last.place.end,
            },
            _ => self.whole,
        }
    }

    /// Whether what is found at the end of the path is to go.
    fn removes(&self, rest: &[Segment]) -> bool {
        rest.is_empty() && self.operator == Operator::Replace && self.value.is_null()
    }

    fn set(&self, node: &mut Node, segments: &[Segment], diagnostics: &mut Diagnostics) {
        let Some(first) = segments.first() else {
            self.put(node, diagnostics);
            return;
        };
        if first.is_every() {
            self.set_every(node, segments, diagnostics);
            return;
        }
        if node.is_null() {
            *node = Node {
                place: self.place(segments),
                value: Value::Mapping(Vec::new()),
            };
        }
        match &mut node.value {
            Value::Mapping(entries) => self.set_key(entries, segments, diagnostics),
            Value::Sequence(items) => {
                let Some((index, used)) = self.find(items, segments, diagnostics) else {
                    return;
                };
                if self.removes(&segments[used..]) {
                    items.remove(index);
                } else {
                    self.set(&mut items[index], &segments[used..], diagnostics);
                }
            }
            Value::Scalar { text, .. } => {
                let title = format!("there is nothing below the plain value `{text}`");
                diagnostics.error(self.place(&segments[..1]), title);
            }
        }
    }

    fn set_every(&self, node: &mut Node, segments: &[Segment], diagnostics: &mut Diagnostics) {
        let rest = &segments[1..];
        let every: Vec<&mut Node> = match &mut node.value {
            Value::Sequence(items) if self.removes(rest) => return items.clear(),
            Value::Mapping(entries) if self.removes(rest) => return entries.clear(),
            Value::Sequence(items) => items.iter_mut().collect(),
            Value::Mapping(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
            Value::Scalar { .. } => Vec::new(),
        };
        if every.is_empty() {
            let place = self.place(&segments[..1]);
            diagnostics.error(place, "`*` stands for nothing here: there are no elements");
        }
        for one in every {
            let before = diagnostics.len();
            self.set(one, rest, diagnostics);
            if diagnostics.len() > before {
                // What is wrong with one is wrong with its like.
                return;
            }
        }
    }

    fn set_key(
        &self,
        entries: &mut Vec<(Key, Node)>,
        segments: &[Segment],
        diagnostics: &mut Diagnostics,
    ) {
        let found = longest_first(segments).find_map(|(name, used)| {
            let index = entries.iter().position(|(key, _)| key.text == name)?;
            Some((index, used))
        });
        if let Some((index, used)) = found {
            if self.removes(&segments[used..]) {
                entries.remove(index);
            } else {
                self.set(&mut entries[index].1, &segments[used..], diagnostics);
            }
            return;
        }
        let place = self.place(&segments[..1]);
        let key = Key {
            place,
            text: segments[0].text.clone(),
        };
        let nothing = Value::Scalar {
            text: String::new(),
            quoted: false,
        };
        let mut created = Node {
            place,
            value: nothing,
        };
        self.set(&mut created, &segments[1..], diagnostics);
        entries.push((key, created));
    }

    /// The element of a list that a path names, and how many segments its name took.
    fn find(
        &self,
        items: &[Node],
        segments: &[Segment],
        diagnostics: &mut Diagnostics,
    ) -> Option<(usize, usize)> {
        for (name, used) in longest_first(segments) {
            let mut found = items
                .iter()
                .enumerate()
                .filter(|(_, item)| is_named(item, &name));
            if let Some((index, _)) = found.next() {
                if found.next().is_some() {
                    diagnostics
                        .error(
                            self.place(&segments[..used]),
                            format!("more than one element has the name `{name}`"),
                        )
                        .help("address it by its index, from 0");
                    return None;
                }
                return Some((index, used));
            }
        }
        let first = segments.first()?;
        if let Ok(index) = first.text.parse::<usize>()
            && index < items.len()
        {
            return Some((index, 1));
        }
        self.report_missing(items, segments, diagnostics);
        None
    }

    fn report_missing(&self, items: &[Node], segments: &[Segment], diagnostics: &mut Diagnostics) {
        let names: Vec<&str> = items.iter().filter_map(name_of).collect();
        let (wanted, used) = wanted(&names, segments);
        let near = nearest(&wanted, names.iter().copied());
        let has = match (items.len(), names.is_empty()) {
            (0, _) => "the list is empty".to_owned(),
            (length, true) => format!("the list has the indexes 0 to {}", length - 1),
            (_, false) => format!("the list has {}", read::short_list(&names)),
        };
        let place = self.place(&segments[..used]);
        let finding = diagnostics.error(place, format!("no element `{wanted}` in the list"));
        finding.label(has).nearest(near);
        let before = segments.first().map_or(0, |first| first.place.start);
        let list = self.path.get(..before).unwrap_or_default();
        let list = list.trim_end_matches('.');
        let key = NAMED_BY.iter().find(|(name, _)| list.ends_with(name));
        if let Some((_, key)) = key.filter(|_| wanted.parse::<usize>().is_err()) {
            finding.help(if self.is_argument {
                format!("to add it: `--set '{list}+={{{key}: {wanted}, ...}}'`")
            } else {
                format!("to add it: `{list}+: {{{key}: {wanted}, ...}}`")
            });
        }
    }

    fn put(&self, node: &mut Node, diagnostics: &mut Diagnostics) {
        let value = self.value.clone();
        if self.operator == Operator::Replace {
            *node = value;
            return;
        }
        if node.is_null() {
            *node = Node {
                place: value.place,
                value: Value::Sequence(Vec::new()),
            };
        }
        let Value::Sequence(items) = &mut node.value else {
            diagnostics
                .error(self.whole, "`+=` appends to a list, and this is none")
                .help("use `=` to replace the value");
            return;
        };
        // No list of a scenario holds lists: a list is appended element by element.
        match value.value {
            Value::Sequence(more) => items.extend(more),
            single => items.push(Node {
                place: value.place,
                value: single,
            }),
        }
    }
}

/// The first segments joined by dots, longest first: a name such as `m5.large` may hold dots.
fn longest_first(segments: &[Segment]) -> impl Iterator<Item = (String, usize)> + '_ {
    (1..=segments.len()).rev().map(|used| {
        let texts: Vec<&str> = segments[..used]
            .iter()
            .map(|part| part.text.as_str())
            .collect();
        (texts.join("."), used)
    })
}

/// The name that a path must have meant which no element has, and how many segments it takes:
/// that which resembles one there, else as many as the names there have parts.
fn wanted(names: &[&str], segments: &[Segment]) -> (String, usize) {
    let resembles =
        longest_first(segments).find(|(name, _)| nearest(name, names.iter().copied()).is_some());
    resembles.unwrap_or_else(|| {
        let parts = names.iter().map(|name| name.split('.').count()).max();
        let most = segments.len().saturating_sub(1).max(1);
        let used = parts.unwrap_or(1).min(most);
        let texts: Vec<&str> = segments[..used].iter().map(|part| &*part.text).collect();
        (texts.join("."), used)
    })
}

fn is_named(item: &Node, name: &str) -> bool {
    NAMES
        .iter()
        .any(|key| item.get(key).and_then(Node::text) == Some(name))
}

fn name_of(item: &Node) -> Option<&str> {
    NAMES
        .iter()
        .find_map(|key| item.get(key).and_then(Node::text))
}

#[cfg(test)]
mod tests;
