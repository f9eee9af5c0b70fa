//! `variants`: applying one of them to the tree before it is checked.

use crate::placement::StrategySpec;
use crate::units::nearest;

use super::diagnostics::Diagnostics;
use super::node::{Node, Value};
use super::overlay;
use super::read;
use super::strategies::parse_strategy_chain;

/// Applies the changes of a variant, in their order. Returns the strategy that it asks for.
pub(super) fn apply(
    root: &mut Node,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<StrategySpec>> {
    let variants = match root.get("variants").map(|node| &node.value) {
        Some(Value::Sequence(variants)) => variants.as_slice(),
        _ => &[],
    };
    let named = |variant: &Node| variant.get("name").and_then(Node::text).map(str::to_owned);
    let Some(variant) = variants
        .iter()
        .find(|variant| named(variant).as_deref() == Some(name))
        .cloned()
    else {
        let names: Vec<String> = variants.iter().filter_map(named).collect();
        report_unknown(name, &names, diagnostics);
        return None;
    };
    if let Some(Value::Mapping(entries)) = variant.get("set").map(|node| &node.value) {
        for (key, value) in entries {
            overlay::apply_entry(root, key, value, diagnostics);
        }
    }
    // A wrong one is reported with the frame of the variants.
    parse_strategy_chain(variant.get("strategy")?.text()?).ok()
}

fn report_unknown(name: &str, names: &[String], diagnostics: &mut Diagnostics) {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let finding = diagnostics.error_without_place(format!("the scenario has no variant `{name}`"));
    match nearest(name, names.iter().copied()) {
        Some(near) => finding.nearest(Some(near)),
        None if names.is_empty() => finding.help("it has no `variants` at all"),
        None => finding.help(format!("its variants are {}", read::short_list(&names))),
    };
}
