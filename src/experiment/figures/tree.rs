//! The leaves of a JSON document, in its order, numbers exact.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::scenario::FigurePath;
use crate::units::Fixed;

/// What stands at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    Number(Fixed),
    Null,
    /// A text or a boolean.
    Text,
    /// A group or a list without anything in it.
    Empty,
}

/// Keys of lists that tell single events. What stands there are no figures.
const LOGS: [&str; 3] = ["latest", "troubles", "refusedShapes"];

/// Lists whose elements have other names than their `name`: the keys that make these.
const NAMED_BY: [(&str, &[&str]); 2] = [
    ("pools", &["instanceType", "availabilityZone"]),
    ("reasons", &["reason"]),
];

/// The leaves of a document of this crate's own making. Elements of lists go by their `name` or
/// what stands for one, such as `m5.large/us-east-1a`, else by their index from 0.
///
/// # Panics
/// When the text is no JSON.
pub(super) fn leaves(json: &str) -> Vec<(FigurePath, Leaf)> {
    let mut leaves = Vec::new();
    descend(String::new(), json, &mut leaves);
    leaves
}

fn descend(path: String, json: &str, leaves: &mut Vec<(FigurePath, Leaf)>) {
    let key = path.rsplit('.').next().unwrap_or_default();
    let children = match json.as_bytes().first() {
        Some(b'{' | b'[') => parse(json, names_of(key)),
        _ => return leaves.push((FigurePath::joined(path), leaf(json))),
    };
    if children.is_empty() {
        leaves.push((FigurePath::joined(path), Leaf::Empty));
        return;
    }
    for (name, child) in children {
        if LOGS.contains(&name.as_str()) {
            continue;
        }
        let below = if path.is_empty() {
            name
        } else {
            format!("{path}.{name}")
        };
        descend(below, child.get(), leaves);
    }
}

/// The keys that name the elements of a list.
fn names_of(list: &str) -> &'static [&'static str] {
    let mut lists = NAMED_BY.iter();
    let found = lists.find(|(key, _)| *key == list);
    found.map_or(&["name"], |(_, names)| names)
}

fn leaf(json: &str) -> Leaf {
    match json.as_bytes().first() {
        Some(b'"' | b't' | b'f') => Leaf::Text,
        Some(b'n') => Leaf::Null,
        _ => Leaf::Number(Fixed::parse(json).expect("a figure has at most 12 decimals")),
    }
}

fn parse<'a>(json: &'a str, names: &'static [&'static str]) -> Vec<(String, &'a RawValue)> {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader
        .deserialize_any(Children { names })
        .expect("this crate writes JSON that can be read")
}

/// Reads one level of a document.
struct Children {
    /// The keys that name the elements of a list.
    names: &'static [&'static str],
}

impl<'de> Visitor<'de> for Children {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some(entry) = map.next_entry()? {
            children.push(entry);
        }
        Ok(children)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut children: Vec<(String, &'de RawValue)> = Vec::new();
        while let Some(element) = list.next_element::<&RawValue>()? {
            let name = name_of(element, self.names).map_err(A::Error::custom)?;
            let name = name.unwrap_or_else(|| children.len().to_string());
            children.push((name, element));
        }
        Ok(children)
    }
}

/// What stands in an object under the keys that name it; `None` where one of them is missing.
fn name_of(element: &RawValue, names: &[&str]) -> serde_json::Result<Option<String>> {
    if !element.get().starts_with('{') {
        return Ok(None);
    }
    let keys = parse(element.get(), &[]);
    let mut parts: Vec<String> = Vec::new();
    for name in names {
        let found = keys.iter().find(|(key, _)| key == name);
        let part: Option<String> = match found {
            Some((_, part)) => serde_json::from_str(part.get())?,
            None => None,
        };
        let Some(part) = part else { return Ok(None) };
        parts.push(part);
    }
    Ok(Some(parts.join("/")))
}
