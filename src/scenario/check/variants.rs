//! `variants`: named changes of the scenario. What they change is checked when one of them is
//! loaded; here their frame is.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::parse_strategy_chain;
use crate::scenario::read::{self, Fields};

pub(super) const KEYS: [&str; 3] = ["name", "set", "strategy"];
const EXAMPLE: &str = "name: more, set: {containerInstances.0.count: 5}";

/// The names of the variants.
pub(super) fn read_variants(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in read::items_of(fields, "variants", diagnostics) {
        let Some(name) = read_variant(item, diagnostics) else {
            continue;
        };
        if names.contains(&name) {
            let place = item.get("name").map_or(item.place, |node| node.place);
            diagnostics.error(
                place,
                format!("the name `{name}` is given twice in `variants`"),
            );
        }
        names.push(name);
    }
    names
}

fn read_variant(node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
    let fields = read::fields_like(node, &KEYS, EXAMPLE, diagnostics)?;
    if let Some(set) = fields.get("set") {
        read::mapping(set, diagnostics)?;
    }
    if let Some(strategy) = fields.get("strategy") {
        let text = read::text(strategy, "a strategy such as `binpack-memory`", diagnostics)?;
        if let Err(problem) = parse_strategy_chain(text) {
            let mut lines = problem.split("\nhelp: ");
            let title = lines.next().unwrap_or_default();
            let finding = diagnostics.error(strategy.place, title);
            for help in lines {
                finding.help(help);
            }
        }
    }
    let name = fields.required("name", "more", diagnostics)?;
    read::name(name, "a name", diagnostics).map(str::to_owned)
}
