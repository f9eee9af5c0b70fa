//! Values under their paths, and what is found wrong with them.

use serde_json::Value;

use crate::units::nearest;

use super::UnknownKeys;
use super::shape::Shape;
use crate::scenario::Severity;

/// Something to tell the user about a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The place, such as `containerDefinitions[0].memory`; empty for the whole definition.
    pub path: String,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What would be right, where that can be said.
    pub hint: Option<String>,
    /// Whether the definition can be used all the same.
    pub severity: Severity,
}

/// Findings in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn error(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.push(path.into(), message.into(), None, Severity::Error);
    }

    pub(super) fn error_with_hint(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(
            path.into(),
            message.into(),
            Some(hint.into()),
            Severity::Error,
        );
    }

    pub(super) fn warning(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.push(path.into(), message.into(), None, Severity::Warning);
    }

    fn push(&mut self, path: String, message: String, hint: Option<String>, severity: Severity) {
        self.0.push(Finding {
            path,
            message,
            hint,
            severity,
        });
    }

    pub(super) fn any_error(&self) -> bool {
        self.0
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }
}

/// A value and where it stands. `null` counts as absent: AWS's tools write it for what is not set.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) path: String,
}

impl<'a> Node<'a> {
    /// What stands under a key.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node {
            value,
            path: self.path_of(key),
        })
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The elements of a list under a key; none when there is no list.
    pub(super) fn list(&self, key: &str) -> Vec<Node<'a>> {
        let path = self.path_of(key);
        let elements = self.value.get(key).and_then(Value::as_array);
        elements
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(place, value)| Node {
                value,
                path: format!("{path}[{place}]"),
            })
            .collect()
    }

    /// The text under a key. A value of another kind has been reported by [`check_shape`].
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// The flag under a key.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.value.get(key).and_then(Value::as_bool)
    }

    /// The whole number under a key, as number or in digits.
    pub(super) fn whole(&self, key: &str) -> Option<u64> {
        self.value.get(key).and_then(whole)
    }

    /// Number or text under a key, as text.
    pub(super) fn size(&self, key: &str) -> Option<String> {
        match self.value.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok()
        }
        _ => None,
    }
}

/// Reports what does not have its shape: values of another kind, texts that are not among the
/// known ones, keys that the API does not know.
pub(super) fn check_shape(
    node: &Node<'_>,
    shape: Shape,
    unknown_keys: UnknownKeys,
    findings: &mut Findings,
) {
    let expected = match (shape, node.value) {
        (Shape::Any, _)
        | (_, Value::Null)
        | (Shape::Text, Value::String(_))
        | (Shape::Size, Value::String(_) | Value::Number(_))
        | (Shape::Flag, Value::Bool(_)) => return,
        (Shape::OneOf(known), Value::String(text)) => {
            return check_choice(node, text, known, findings);
        }
        (Shape::Whole, value) if whole(value).is_some() => return,
        (Shape::List(element), Value::Array(values)) => {
            for (place, value) in values.iter().enumerate() {
                let path = format!("{}[{place}]", node.path);
                check_shape(&Node { value, path }, *element, unknown_keys, findings);
            }
            return;
        }
        (Shape::Object(keys), Value::Object(values)) => {
            for key in values.keys() {
                let under = Node {
                    value: &values[key],
                    path: node.path_of(key),
                };
                match keys.iter().find(|(known, _)| known == key) {
                    Some((_, shape)) => check_shape(&under, *shape, unknown_keys, findings),
                    None => report_unknown_key(&under, key, keys, unknown_keys, findings),
                }
            }
            return;
        }
        (Shape::Text | Shape::OneOf(_), _) => "text",
        (Shape::Whole, _) => "a whole number",
        (Shape::Size, _) => "a number or text",
        (Shape::Flag, _) => "true or false",
        (Shape::List(_), _) => "a list",
        (Shape::Object(_), _) => "an object",
    };
    findings.error(
        &node.path,
        format!("expected {expected}, but found {}", describe(node.value)),
    );
}

fn check_choice(node: &Node<'_>, text: &str, known: &[&str], findings: &mut Findings) {
    if known.contains(&text) {
        return;
    }
    let hint = match nearest(text, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("one of {}", known.join(", ")),
    };
    findings.error_with_hint(
        &node.path,
        format!("`{text}` is not a value that ECS knows"),
        hint,
    );
}

fn report_unknown_key(
    node: &Node<'_>,
    key: &str,
    keys: &[(&str, Shape)],
    unknown_keys: UnknownKeys,
    findings: &mut Findings,
) {
    let known = || keys.iter().map(|(known, _)| *known);
    let hint = match (nearest(key, known()), unknown_keys) {
        (Some(meant), _) => Some(format!("did you mean `{meant}`?")),
        (None, UnknownKeys::Refuse) => {
            let known: Vec<&str> = known().collect();
            Some(format!("the keys here are {}", known.join(", ")))
        }
        (None, UnknownKeys::Warn) => None,
    };
    let (message, severity) = match unknown_keys {
        UnknownKeys::Refuse => (format!("unknown key `{key}`"), Severity::Error),
        UnknownKeys::Warn => (format!("unknown key `{key}` is ignored"), Severity::Warning),
    };
    findings.push(node.path.clone(), message, hint, severity);
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => format!("{flag}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text `{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
