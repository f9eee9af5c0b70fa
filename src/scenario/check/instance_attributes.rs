//! Attributes of an entry of `containerInstances`.

use crate::model::{Attributes, attributes};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};

/// The most custom attributes of a resource (API reference of PutAttributes).
const MOST_CUSTOM: usize = 10;
const LONGEST: usize = 128;

pub(super) fn read_attributes(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Attributes {
    let mut found = Attributes::new();
    let Some(given) = fields
        .get("attributes")
        .and_then(|node| read::mapping(node, diagnostics))
    else {
        return found;
    };
    for (key, value) in given.entries() {
        let instead = match key.text.as_str() {
            attributes::AVAILABILITY_ZONE => Some("availabilityZones"),
            attributes::INSTANCE_TYPE => Some("instanceType"),
            _ => None,
        };
        if let Some(instead) = instead {
            diagnostics
                .error(
                    key.place,
                    format!("the attribute `{}` follows from the entry", key.text),
                )
                .help(format!("set `{instead}` instead"));
            continue;
        }
        if !is_name(&key.text) {
            diagnostics
                .error(
                    key.place,
                    format!("`{}` is no name of an attribute", key.text),
                )
                .label("expected 1 to 128 letters, digits and `-` `_` `/` `\\` `.`");
            continue;
        }
        if let Some(value) = read_value(&key.text, value, diagnostics) {
            found.insert(key.text.clone(), value);
        }
    }
    let custom = found.keys().filter(|name| !is_built_in(name)).count();
    if custom > MOST_CUSTOM {
        let place = fields.key_place("attributes").unwrap_or(given.place);
        diagnostics
            .error(place, format!("{custom} custom attributes"))
            .label(format!("a container instance has at most {MOST_CUSTOM}"));
    }
    found
}

pub(super) fn read_without_attributes(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let mut names = Vec::new();
    for node in read::items_of(fields, "withoutAttributes", diagnostics) {
        let Some(name) = read::text(node, "an attribute's name", diagnostics) else {
            continue;
        };
        if matches!(
            name,
            attributes::AVAILABILITY_ZONE | attributes::INSTANCE_TYPE
        ) {
            diagnostics.error(node.place, format!("every container instance has `{name}`"));
        } else if is_name(name) {
            names.push(name.to_owned());
        } else {
            diagnostics.error(node.place, format!("`{name}` is no name of an attribute"));
        }
    }
    names.sort();
    names.dedup();
    names
}

/// The value of an attribute. Only a capability has none.
fn read_value(name: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
    let is_empty = node.is_null() || node.text() == Some("");
    if is_empty && is_built_in(name) {
        return Some(String::new());
    }
    let text = read::text(node, "an attribute's value", diagnostics)?;
    if !is_value(text) {
        diagnostics
            .error(node.place, format!("`{text}` is no value of an attribute"))
            .label(
                "expected 1 to 128 letters, digits, inner blanks and `-` `_` `.` `@` `:` `/` `\\`",
            );
        return None;
    }
    Some(text.to_owned())
}

fn is_built_in(name: &str) -> bool {
    name.starts_with("ecs.") || name.starts_with("com.amazonaws.ecs.")
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_/\\.".contains(c);
    (1..=LONGEST).contains(&name.chars().count()) && name.chars().all(allowed)
}

fn is_value(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_/\\.@: ".contains(c);
    (1..=LONGEST).contains(&value.chars().count())
        && value.chars().all(allowed)
        && value.trim() == value
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_value};

    #[test]
    fn names_and_values_have_ecs_characters_and_lengths() {
        for name in ["stack", "a/b\\c.d-e_f", &"x".repeat(128)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "a:b", "ä", &"x".repeat(129)] {
            assert!(!is_name(name), "{name}");
        }
        for value in ["prod", "me@home: 1", &"x".repeat(128)] {
            assert!(is_value(value), "{value}");
        }
        for value in ["", " prod", "prod ", "a,b", &"x".repeat(129)] {
            assert!(!is_value(value), "{value}");
        }
    }
}
