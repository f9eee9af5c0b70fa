//! `placementConstraints` of an entry of `tasks`.

use crate::placement::query::Expression;
use crate::placement::{ConstraintSpec, MAX_CONSTRAINTS};
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};

/// Kinds of constraints.
#[derive(Clone, Copy)]
enum Kind {
    DistinctInstance,
    MemberOf,
}

/// Reads an entry's own constraints; `of_definition` is how many its task definition has.
pub(super) fn read_constraints(
    fields: &Fields<'_>,
    of_definition: usize,
    diagnostics: &mut Diagnostics,
) -> Vec<ConstraintSpec> {
    let items = read::items_of(fields, "placementConstraints", diagnostics);
    let total = items.len() + of_definition;
    if total > MAX_CONSTRAINTS && !items.is_empty() {
        let place = fields
            .key_place("placementConstraints")
            .unwrap_or(fields.place);
        diagnostics
            .error(
                place,
                format!("{total} placement constraints, the task definition's included"),
            )
            .label(format!("a task has at most {MAX_CONSTRAINTS}"));
    }
    items
        .iter()
        .filter_map(|item| read_constraint(item, diagnostics))
        .collect()
}

fn read_constraint(node: &Node, diagnostics: &mut Diagnostics) -> Option<ConstraintSpec> {
    let fields = read::fields_like(
        node,
        &["type", "expression"],
        "type: distinctInstance",
        diagnostics,
    )?;
    let type_node = fields.required("type", "memberOf", diagnostics)?;
    let choices = [
        ("distinctInstance", Kind::DistinctInstance),
        ("memberOf", Kind::MemberOf),
    ];
    match read::one_of(type_node, "type", &choices, diagnostics)? {
        Kind::DistinctInstance => {
            if let Some(place) = fields.key_place("expression") {
                diagnostics
                    .error(place, "`distinctInstance` takes no `expression`")
                    .help("remove it");
            }
            Some(ConstraintSpec::DistinctInstance)
        }
        Kind::MemberOf => {
            let example = "\"attribute:stack == prod\"";
            let node = fields.required("expression", example, diagnostics)?;
            read_expression(node, diagnostics).map(ConstraintSpec::MemberOf)
        }
    }
}

/// Reads an expression; an error points at the place inside it.
pub(super) fn read_expression(node: &Node, diagnostics: &mut Diagnostics) -> Option<Expression> {
    let text = read::text(node, "an expression", diagnostics)?;
    match Expression::parse(text) {
        Ok(expression) => Some(expression),
        Err(error) => {
            let place = inside(node, error.span.start, error.span.end, diagnostics);
            let finding = diagnostics.error(place, error.message);
            if let Some(hint) = error.hint {
                finding.help(hint);
            }
            None
        }
    }
}

/// The place of a part of a scalar's text. Where the file spells the text in another way
/// (escapes, several lines), it is the whole scalar.
pub(super) fn inside(node: &Node, start: usize, end: usize, diagnostics: &Diagnostics) -> Place {
    let Value::Scalar { text, .. } = &node.value else {
        return node.place;
    };
    let written = diagnostics.text_at(node.place);
    let before = if written == text {
        0
    } else if written.get(1..written.len().saturating_sub(1)) == Some(text) {
        1
    } else {
        return node.place;
    };
    let first = node.place.start + before;
    Place {
        source: node.place.source,
        start: first + start,
        end: first + end.max(start),
    }
}
