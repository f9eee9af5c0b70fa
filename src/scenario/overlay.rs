//! `--set PATH=VALUE` and `--set PATH+=VALUE`, applied to the tree before it is checked; so what
//! is set passes the same checks as what the file says.

use std::ops::Range;

use crate::units::nearest;

use super::diagnostics::{Diagnostics, Place, SourceId};
use super::node::{Key, Node, Value};
use super::read;
use super::yaml;

/// The keys that name an element of a list.
const NAMES: [&str; 7] = [
    "name",
    "instanceType",
    "family",
    "serviceName",
    "autoScalingGroupName",
    "subnetId",
    "capacityProvider",
];

/// A part of a path, with its place in the argument.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    text: String,
    place: Range<usize>,
}

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
        source,
        operator,
        whole,
    };
    setting.set(root, &segments, value, diagnostics);
}

/// Splits an argument into path, operator and the offset of the value. A segment may stand in
/// double quotes.
fn split(argument: &str) -> Option<(Vec<Segment>, Operator, usize)> {
    let mut segments = Vec::new();
    let mut text = String::new();
    let mut start = 0;
    let mut quoted = false;
    let mut was_quoted = false;
    for (at, character) in argument.char_indices() {
        match character {
            '"' => {
                quoted = !quoted;
                was_quoted = true;
            }
            '.' | '=' if !quoted => {
                let appends = character == '=' && !was_quoted && text.ends_with('+');
                let appends = appends || (character == '=' && argument[..at].ends_with("\"+"));
                if appends {
                    text.pop();
                }
                if text.is_empty() {
                    return None;
                }
                segments.push(Segment {
                    text: std::mem::take(&mut text),
                    place: start..at,
                });
                if character == '=' {
                    let operator = if appends {
                        Operator::Append
                    } else {
                        Operator::Replace
                    };
                    return Some((segments, operator, at + 1));
                }
                start = at + 1;
                was_quoted = false;
            }
            _ => text.push(character),
        }
    }
    None
}

struct Setting {
    source: SourceId,
    operator: Operator,
    whole: Place,
}

impl Setting {
    fn place(&self, segments: &[Segment]) -> Place {
        match (segments.first(), segments.last()) {
            (Some(first), Some(last)) => Place {
                source: self.source,
                start: first.place.start,
                end: last.place.end,
            },
            _ => self.whole,
        }
    }

    fn set(
        &self,
        node: &mut Node,
        segments: &[Segment],
        value: Node,
        diagnostics: &mut Diagnostics,
    ) {
        if segments.is_empty() {
            self.put(node, value, diagnostics);
            return;
        }
        if node.is_null() {
            *node = Node {
                place: self.place(segments),
                value: Value::Mapping(Vec::new()),
            };
        }
        match &mut node.value {
            Value::Mapping(entries) => self.set_key(entries, segments, value, diagnostics),
            Value::Sequence(items) => {
                if let Some((index, used)) = self.find(items, segments, diagnostics) {
                    self.set(&mut items[index], &segments[used..], value, diagnostics);
                }
            }
            Value::Scalar { text, .. } => {
                let title = format!("there is nothing below the plain value `{text}`");
                diagnostics.error(self.place(&segments[..1]), title);
            }
        }
    }

    fn set_key(
        &self,
        entries: &mut Vec<(Key, Node)>,
        segments: &[Segment],
        value: Node,
        diagnostics: &mut Diagnostics,
    ) {
        let found = longest_first(segments).find_map(|(name, used)| {
            let index = entries.iter().position(|(key, _)| key.text == name)?;
            Some((index, used))
        });
        if let Some((index, used)) = found {
            self.set(&mut entries[index].1, &segments[used..], value, diagnostics);
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
        self.set(&mut created, &segments[1..], value, diagnostics);
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
        let names: Vec<&str> = items.iter().filter_map(name_of).collect();
        let near = nearest(&first.text, names.iter().copied());
        let has = match (items.len(), names.is_empty()) {
            (0, _) => "the list is empty".to_owned(),
            (length, true) => format!("the list has the indexes 0 to {}", length - 1),
            (_, false) => format!("the list has {}", read::short_list(&names)),
        };
        diagnostics
            .error(
                self.place(&segments[..1]),
                format!("no element `{}` in the list", first.text),
            )
            .label(has)
            .nearest(near);
        None
    }

    fn put(&self, node: &mut Node, value: Node, diagnostics: &mut Diagnostics) {
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
mod tests {
    use super::{Operator, apply, split};
    use crate::scenario::diagnostics::Diagnostics;
    use crate::scenario::yaml;

    fn after(text: &str, argument: &str) -> Result<String, String> {
        let mut diagnostics = Diagnostics::default();
        let source = diagnostics.add_source("s.yaml", text.to_owned());
        let mut root = yaml::parse(text, source, 0, &mut diagnostics).unwrap();
        apply(&mut root, argument, &mut diagnostics);
        if diagnostics.is_empty() {
            Ok(root.to_json().to_string())
        } else {
            Err(diagnostics.render(false))
        }
    }

    #[test]
    fn paths_are_split_at_dots_outside_quotes() {
        for (argument, parts, operator, value) in [
            ("a.b=1", vec!["a", "b"], Operator::Replace, "1"),
            (
                "a.\"m5.large\".n=x=y",
                vec!["a", "m5.large", "n"],
                Operator::Replace,
                "x=y",
            ),
            ("a+=[1]", vec!["a"], Operator::Append, "[1]"),
            ("a.\"b\"+=1", vec!["a", "b"], Operator::Append, "1"),
            ("a.\"b=c\"=", vec!["a", "b=c"], Operator::Replace, ""),
        ] {
            let (segments, found, start) = split(argument).unwrap();
            let texts: Vec<&str> = segments.iter().map(|part| part.text.as_str()).collect();
            assert_eq!(
                (texts, found, &argument[start..]),
                (parts, operator, value),
                "{argument}"
            );
        }
        for argument in ["", "a", "=1", "a..b=1", "+=1", "\"a=1"] {
            assert_eq!(split(argument), None, "{argument}");
        }
    }

    #[test]
    fn elements_go_by_name_or_index_and_names_may_hold_dots() {
        let text = "ci: [{instanceType: m5.large, count: 1}, {instanceType: m5.large.x}]";
        let expected =
            r#"{"ci":[{"count":9,"instanceType":"m5.large"},{"instanceType":"m5.large.x"}]}"#;
        for argument in [
            "ci.m5.large.count=9",
            "ci.0.count=9",
            "ci.\"m5.large\".count=9",
        ] {
            assert_eq!(after(text, argument).as_deref(), Ok(expected), "{argument}");
        }
    }

    #[test]
    fn missing_keys_are_created_and_lists_are_appended_to() {
        assert_eq!(after("a: 1", "b.c=x").unwrap(), r#"{"a":1,"b":{"c":"x"}}"#);
        assert_eq!(after("a: [1]", "a+=2").unwrap(), r#"{"a":[1,2]}"#);
        assert_eq!(after("a: [1]", "a+=[2, 3]").unwrap(), r#"{"a":[1,2,3]}"#);
        assert_eq!(
            after("b: 1", "a+={n: 1}").unwrap(),
            r#"{"a":[{"n":1}],"b":1}"#
        );
        assert_eq!(after("a: {b: 1}", "a=2").unwrap(), r#"{"a":2}"#);
    }

    #[test]
    fn a_missing_element_is_an_error_that_lists_what_is_there() {
        let error = after("tasks: [{name: web}, {name: batch}]", "tasks.wob.count=1").unwrap_err();
        let error: Vec<&str> = error.lines().map(str::trim_end).collect();
        let expected = [
            "error: no element `wob` in the list",
            " --> --set 'tasks.wob.count=1':1:7",
            "  |",
            "1 | tasks.wob.count=1",
            "  |       ^^^ the list has `web`, `batch`",
            "  |",
            "  = help: did you mean `web`?",
        ];
        assert_eq!(error, expected);
    }

    #[test]
    fn what_cannot_be_set_is_an_error() {
        assert!(
            after("a: 1", "a.b=1")
                .unwrap_err()
                .contains("nothing below the plain value")
        );
        assert!(
            after("a: 1", "a+=1")
                .unwrap_err()
                .contains("appends to a list")
        );
        assert!(
            after("a: 1", "a")
                .unwrap_err()
                .contains("expected PATH=VALUE")
        );
        assert!(after("a: 1", "a=[").unwrap_err().contains("not YAML"));
        assert!(
            after("a: [{name: x}, {name: x}]", "a.x.y=1")
                .unwrap_err()
                .contains("by its index")
        );
        assert!(
            after("a: []", "a.0=1")
                .unwrap_err()
                .contains("the list is empty")
        );
    }
}
