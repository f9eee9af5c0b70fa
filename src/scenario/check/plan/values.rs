//! What a variable of a plan may be: each value as arguments of `--set`.

use crate::catalog::{Catalog, FilterExpression};
use crate::placement::{BinpackField, SpreadField, StrategySpec};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Key, Node, Value};
use crate::scenario::parse_strategy_chain;
use crate::scenario::plan::Value as Choice;
use crate::scenario::read;

use super::try_path;
use crate::scenario::check::constraints::inside;

/// The most values of one variable.
const MOST_VALUES: u64 = 10_000;
const RANGE: &str = "a range such as `2..40` or `10..100 step 10`, or a list of values";

/// Reads values for a scenario of a region.
pub(super) struct ValuesReader<'a> {
    pub(super) region: &'a str,
}

impl ValuesReader<'_> {
    /// The values of one path. Whether the path is there is tried with the first of them.
    pub(super) fn read(
        &self,
        source: &str,
        path: &Node,
        node: &Node,
        root: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Choice> {
        let Some(path_text) = read::text(path, "a path such as `tasks.web.count`", diagnostics)
        else {
            return Vec::new();
        };
        let values = match source {
            "values" => read_values(node, diagnostics),
            "instanceTypes" => self.read_instance_types(node, diagnostics),
            _ => read_strategies(node, diagnostics),
        };
        if let Some((_, first)) = values.first() {
            let key = Key {
                place: path.place,
                text: path_text.to_owned(),
            };
            try_path(root, &key, first, diagnostics);
        }
        let choice = |(label, value): (String, Node)| Choice {
            sets: vec![format!("{path_text}={}", written(&value))],
            label,
        };
        values.into_iter().map(choice).collect()
    }

    /// Options: names, each with paths and the values that they have then.
    pub(super) fn read_options(
        node: &Node,
        root: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Choice> {
        let Some(options) = read::mapping(node, diagnostics) else {
            diagnostics
                .last()
                .help("for instance `{small: {tasks.web.count: 2}, large: {tasks.web.count: 8}}`");
            return Vec::new();
        };
        let mut choices = Vec::new();
        for (name, option) in options.entries() {
            let entries = match &option.value {
                Value::Mapping(entries) => entries.as_slice(),
                // The scenario as it stands.
                _ if option.is_null() => &[],
                _ => {
                    read::wrong_kind(option, "a mapping of paths to values", diagnostics);
                    diagnostics
                        .last()
                        .help("for instance `{tasks.web.count: 2}`; `{}` changes nothing");
                    continue;
                }
            };
            for (key, value) in entries {
                try_path(root, key, value, diagnostics);
            }
            let set = |(key, value): &(Key, Node)| format!("{}={}", key.text, written(value));
            choices.push(Choice {
                label: name.text.clone(),
                sets: entries.iter().map(set).collect(),
            });
        }
        choices
    }

    /// Types that a filter of the catalog names, or one of several filters, those without a price
    /// in the region left out.
    fn read_instance_types(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(String, Node)> {
        let filters = match &node.value {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let catalog = Catalog::builtin();
        let mut names: Vec<&str> = Vec::new();
        for filter in filters {
            let expected = "a filter of the catalog such as `m5 vcpu<=8`";
            let Some(text) = read::text(filter, expected, diagnostics) else {
                continue;
            };
            match FilterExpression::parse(text, &catalog) {
                Ok(parsed) => {
                    let found = catalog.filter(&parsed, self.region);
                    let priced = found.iter().map(|entry| entry.name.as_str());
                    let priced: Vec<&str> = priced
                        .filter(|name| catalog.price(self.region, name).is_some())
                        .collect();
                    if priced.is_empty() {
                        self.report_no_types(filter, text, found.len(), diagnostics);
                    }
                    names.extend(priced);
                }
                Err(error) => {
                    let place = inside(filter, error.offset, text.len(), diagnostics);
                    diagnostics
                        .error(place, error.problem)
                        .nearest(error.hint.as_deref())
                        .help(format!(
                            "expected {expected}; types of one's own are `values`"
                        ));
                }
            }
        }
        // In the order of the catalog, each once.
        let chosen = catalog.names().filter(|name| names.contains(name));
        let value = |name: &str| (name.to_owned(), scalar(name, node));
        chosen.map(value).collect()
    }

    fn report_no_types(
        &self,
        node: &Node,
        text: &str,
        found: usize,
        diagnostics: &mut Diagnostics,
    ) {
        let region = self.region;
        let (title, help) = match found {
            0 => (
                format!("no instance type of the catalog is `{text}`"),
                format!(
                    "all terms must hold; see `ecs-sim catalog '{text}'`; several filters \
                     are a list"
                ),
            ),
            _ => (
                format!("none of the {found} types that are `{text}` has a price in {region}"),
                format!("see `ecs-sim catalog '{text}' --region {region}`"),
            ),
        };
        diagnostics.error(node.place, title).help(help);
    }
}

/// A range, or a list of values of any kind.
fn read_values(node: &Node, diagnostics: &mut Diagnostics) -> Vec<(String, Node)> {
    if let Value::Sequence(items) = &node.value {
        return items
            .iter()
            .map(|item| (label(item), item.clone()))
            .collect();
    }
    let Some(text) = read::text(node, RANGE, diagnostics) else {
        return Vec::new();
    };
    match range(text) {
        Ok(numbers) => numbers
            .into_iter()
            .map(|number| {
                let number = number.to_string();
                let value = scalar(&number, node);
                (number, value)
            })
            .collect(),
        Err(problem) => {
            diagnostics
                .error(node.place, format!("`{text}` {problem}"))
                .label(format!("expected {RANGE}"));
            Vec::new()
        }
    }
}

/// The numbers of `2..40` or `10..100 step 10`, both ends among them.
fn range(text: &str) -> Result<Vec<u64>, String> {
    const NO_RANGE: &str = "is no range";
    let (from, rest) = text.split_once("..").ok_or(NO_RANGE)?;
    let (to, step) = rest.split_once("step").unwrap_or((rest, "1"));
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| NO_RANGE);
    let (from, to, step) = (
        number(from)?,
        number(to.trim_start_matches('='))?,
        number(step)?,
    );
    if step == 0 {
        return Err("has a step of 0".to_owned());
    }
    if from > to {
        return Err(format!("is empty: {from} is more than {to}"));
    }
    let count = (to - from) / step;
    if count >= MOST_VALUES {
        return Err(format!(
            "has more than {MOST_VALUES} values: take a larger step"
        ));
    }
    Ok((0..=count).map(|place| from + place * step).collect())
}

/// Chains of strategies by their short names, as `placementStrategy` writes them.
fn read_strategies(node: &Node, diagnostics: &mut Diagnostics) -> Vec<(String, Node)> {
    let items = read::items(node, diagnostics).unwrap_or_default();
    let mut chains = Vec::new();
    for item in items {
        let Some(text) = read::text(item, "a strategy such as `binpack-memory`", diagnostics)
        else {
            continue;
        };
        match parse_strategy_chain(text) {
            Ok(chain) => {
                let names: Vec<String> = chain.iter().map(ToString::to_string).collect();
                let entries = chain
                    .iter()
                    .map(|strategy| mapping(strategy, item))
                    .collect();
                let value = Node {
                    place: item.place,
                    value: Value::Sequence(entries),
                };
                chains.push((names.join("+"), value));
            }
            Err(problem) => {
                let mut lines = problem.split("\nhelp: ");
                let title = lines.next().unwrap_or_default();
                let finding = diagnostics.error(item.place, title);
                for help in lines {
                    finding.help(help);
                }
            }
        }
    }
    chains
}

/// A strategy as an element of `placementStrategy`.
fn mapping(strategy: &StrategySpec, like: &Node) -> Node {
    let (kind, field) = match strategy {
        StrategySpec::Spread(SpreadField::InstanceId) => ("spread", Some("instanceId".to_owned())),
        StrategySpec::Spread(SpreadField::Attribute(name)) => {
            ("spread", Some(format!("attribute:{name}")))
        }
        StrategySpec::Binpack(BinpackField::Cpu) => ("binpack", Some("cpu".to_owned())),
        StrategySpec::Binpack(BinpackField::Memory) => ("binpack", Some("memory".to_owned())),
        StrategySpec::Random => ("random", None),
        StrategySpec::Named(name) => (name.as_str(), None),
    };
    let entry = |key: &str, text: &str| {
        let key = Key {
            place: like.place,
            text: key.to_owned(),
        };
        (key, scalar(text, like))
    };
    let mut entries = vec![entry("type", kind)];
    entries.extend(field.map(|field| entry("field", &field)));
    Node {
        place: like.place,
        value: Value::Mapping(entries),
    }
}

/// A plain value at the place of another.
fn scalar(text: &str, like: &Node) -> Node {
    let text = text.to_owned();
    Node {
        place: like.place,
        value: Value::Scalar {
            text,
            quoted: false,
        },
    }
}

/// What a value is called.
fn label(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } if !text.is_empty() => text.clone(),
        _ if node.is_null() => "null".to_owned(),
        _ => written(node),
    }
}

/// A value as the argument of `--set` writes it: YAML on one line.
fn written(node: &Node) -> String {
    match &node.value {
        Value::Scalar {
            text,
            quoted: false,
        } if text.is_empty() => "null".to_owned(),
        Value::Scalar {
            text,
            quoted: false,
        } => text.clone(),
        Value::Scalar { text, quoted: true } => serde_json::Value::from(text.as_str()).to_string(),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(written_within).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries) => {
            let entry = |(key, value): &(Key, Node)| {
                format!("{}: {}", plain_or_quoted(&key.text), written_within(value))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// The same within brackets, where a plain value may hold fewer characters.
fn written_within(node: &Node) -> String {
    match &node.value {
        Value::Scalar {
            text,
            quoted: false,
        } if text.is_empty() => "null".to_owned(),
        Value::Scalar {
            text,
            quoted: false,
        } => plain_or_quoted(text),
        _ => written(node),
    }
}

fn plain_or_quoted(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "_-./ ".contains(character);
    if !text.is_empty()
        && text.chars().all(is_plain)
        && text.starts_with(char::is_alphanumeric)
        && !text.ends_with(' ')
    {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}
