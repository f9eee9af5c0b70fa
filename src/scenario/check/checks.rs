//! `checks`: what must be true of the run's summary.

use crate::scenario::checks::{Check, Remark, parse};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};

use super::constraints::inside;

const KEYS: [&str; 2] = ["check", "name"];
const EXPECTED: &str = "a check such as `cost.totalUsd < 120`";

/// Reads the checks under a key: each a text, or a mapping with a name.
pub(super) fn read_checks(
    fields: &Fields<'_>,
    key: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for item in read::items_of(fields, key, diagnostics) {
        let Some(check) = read_check(item, diagnostics) else {
            continue;
        };
        let twice = |other: &Check| check.name.is_some() && other.name == check.name;
        if checks.iter().any(twice) {
            let place = item.get("name").map_or(item.place, |node| node.place);
            let name = check.name.as_deref().unwrap_or_default();
            diagnostics.error(
                place,
                format!("the name `{name}` is given twice in `{key}`"),
            );
        }
        checks.push(check);
    }
    checks
}

fn read_check(node: &Node, diagnostics: &mut Diagnostics) -> Option<Check> {
    let (name, node) = if let Value::Mapping(_) = node.value {
        let example = "check: cost.totalUsd < 120, name: the budget";
        let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
        let name = fields.get("name");
        let name = name.and_then(|node| read::name(node, "a name", diagnostics));
        let check = fields.required("check", "cost.totalUsd < 120", diagnostics)?;
        (name.map(str::to_owned), check)
    } else {
        (None, node)
    };
    let text = read::text(node, EXPECTED, diagnostics)?;
    let at = |remark: &Remark, diagnostics: &Diagnostics| {
        inside(node, remark.span.start, remark.span.end, diagnostics)
    };
    match parse(text) {
        Ok(parsed) => {
            if let Some(doubt) = parsed.doubt {
                let place = at(&doubt, diagnostics);
                diagnostics.warning(place, doubt.title).help(doubt.help);
            }
            let place = inside(node, parsed.figure.start, parsed.figure.end, diagnostics);
            Some(Check {
                name,
                text: text.trim().to_owned(),
                expression: parsed.expression,
                place,
            })
        }
        Err(remark) => {
            let place = at(&remark, diagnostics);
            diagnostics.error(place, remark.title).help(remark.help);
            None
        }
    }
}
