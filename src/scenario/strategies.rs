//! Placement strategies: as ECS's `placementStrategy`, and by the short names of the command line.

use crate::model::attributes;
use crate::placement::{BEYOND_ECS, BinpackField, MAX_STRATEGIES, SpreadField, StrategySpec};
use crate::units::nearest;

use super::diagnostics::{Diagnostics, Place};
use super::node::Node;
use super::read::{self, Fields};

const SHORT_NAMES: [&str; 5] = [
    "spread-az",
    "spread-instance",
    "binpack-cpu",
    "binpack-memory",
    "random",
];
const SPREAD_ATTRIBUTE: &str = "spread-attribute:";
const ECS_TYPES: [&str; 3] = ["spread", "binpack", "random"];

/// Reports what [`parse_strategy_chain`] finds wrong.
pub(super) fn report_chain(problem: &str, place: Place, diagnostics: &mut Diagnostics) {
    let mut lines = problem.split("\nhelp: ");
    let title = lines.next().unwrap_or_default();
    let finding = diagnostics.error(place, title);
    for help in lines {
        finding.help(help);
    }
}

/// Reads short names joined by `+`: `spread-az`, `spread-instance`, `spread-attribute:NAME`,
/// `binpack-cpu`, `binpack-memory`, `random`, and the names of strategies that are not ECS's.
///
/// # Errors
/// What is wrong, with the names that there are and the nearest one.
pub fn parse_strategy_chain(text: &str) -> Result<Vec<StrategySpec>, String> {
    let chain: Vec<StrategySpec> = text
        .split('+')
        .map(|name| parse_short_name(name.trim()))
        .collect::<Result<_, _>>()?;
    if chain.len() > MAX_STRATEGIES {
        return Err(format!(
            "`{text}` has {} strategies; a request takes at most {MAX_STRATEGIES}",
            chain.len()
        ));
    }
    Ok(chain)
}

fn parse_short_name(name: &str) -> Result<StrategySpec, String> {
    if let Some(attribute) = name
        .strip_prefix(SPREAD_ATTRIBUTE)
        .filter(|name| !name.is_empty())
    {
        return Ok(StrategySpec::Spread(SpreadField::Attribute(
            attribute.to_owned(),
        )));
    }
    match name {
        "spread-az" => Ok(StrategySpec::Spread(SpreadField::Attribute(
            attributes::AVAILABILITY_ZONE.to_owned(),
        ))),
        "spread-instance" => Ok(StrategySpec::Spread(SpreadField::InstanceId)),
        "binpack-cpu" => Ok(StrategySpec::Binpack(BinpackField::Cpu)),
        "binpack-memory" => Ok(StrategySpec::Binpack(BinpackField::Memory)),
        "random" => Ok(StrategySpec::Random),
        _ if BEYOND_ECS.contains(&name) => Ok(StrategySpec::Named(name.to_owned())),
        _ => Err(unknown_short_name(name)),
    }
}

fn unknown_short_name(name: &str) -> String {
    let mut names: Vec<&str> = SHORT_NAMES.to_vec();
    names.push("spread-attribute:NAME");
    names.extend(BEYOND_ECS);
    // `binpack` is the beginning of two names, and a slip of none; `binpak` is one of that.
    let stems = names.iter().filter_map(|name| name.split_once('-'));
    let stems = stems.map(|(stem, _)| stem).filter(|stem| *stem != "x");
    let stem = nearest(name, stems).unwrap_or(name);
    let longer: Vec<&str> = names
        .iter()
        .copied()
        .filter(|known| {
            known
                .strip_prefix(stem)
                .is_some_and(|rest| rest.starts_with('-'))
        })
        .collect();
    let near = match (longer.as_slice(), nearest(name, names.iter().copied())) {
        ([_, ..], _) => format!("\nhelp: did you mean {}?", read::alternatives(&longer)),
        ([], Some(near)) => format!("\nhelp: did you mean `{near}`?"),
        ([], None) => String::new(),
    };
    let names = wrapped(&names);
    format!("unknown placement strategy `{name}`{near}\nhelp: the names are{names}")
}

/// Names on lines of their own that a terminal of 80 columns shows whole.
fn wrapped(names: &[&str]) -> String {
    const WIDTH: usize = 76;
    let mut text = String::new();
    let mut width = WIDTH;
    for name in names {
        let length = name.len() + ", ``".len();
        if width + length > WIDTH {
            text.push_str("\n     ");
            width = "     ".len();
        }
        text.extend([" `", name, "`,"]);
        width += length;
    }
    text.trim_end_matches(',').to_owned()
}

/// Reads `placementStrategy` of an entry; empty when it is absent. `own` are the names of the
/// caller's strategies.
pub(crate) fn read_strategies(
    fields: &Fields<'_>,
    own: &[String],
    diagnostics: &mut Diagnostics,
) -> Vec<StrategySpec> {
    let items = read::items_of(fields, "placementStrategy", diagnostics);
    if let Some(extra) = items.get(MAX_STRATEGIES) {
        diagnostics
            .error(extra.place, format!("{} placement strategies", items.len()))
            .label(format!("a request takes at most {MAX_STRATEGIES}"));
    }
    items
        .iter()
        .filter_map(|item| read_strategy(item, own, diagnostics))
        .collect()
}

fn read_strategy(
    node: &Node,
    own: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<StrategySpec> {
    let short = node.text().and_then(long_form);
    let example = short.unwrap_or("type: binpack, field: memory");
    let fields = read::fields_like(node, &["type", "field"], example, diagnostics)?;
    let type_node = fields.required("type", "binpack", diagnostics)?;
    let given = read::text(type_node, "a placement strategy", diagnostics)?;
    let kind = given.to_ascii_lowercase();
    match kind.as_str() {
        "spread" => {
            let example = "\"attribute:ecs.availability-zone\"";
            spread_field(fields.required("field", example, diagnostics)?, diagnostics)
        }
        "binpack" => binpack_field(
            fields.required("field", "memory", diagnostics)?,
            diagnostics,
        ),
        "random" => without_field(&fields, StrategySpec::Random, diagnostics),
        name if BEYOND_ECS.contains(&name) => {
            without_field(&fields, StrategySpec::Named(name.to_owned()), diagnostics)
        }
        _ if own.iter().any(|name| name == given) => {
            without_field(&fields, StrategySpec::Named(given.to_owned()), diagnostics)
        }
        _ => {
            let own = own.iter().map(String::as_str);
            let known = ECS_TYPES.into_iter().chain(BEYOND_ECS).chain(own);
            let near = nearest(&kind, known);
            let finding = diagnostics.error(
                type_node.place,
                format!("unknown placement strategy `{given}`"),
            );
            finding
                .label(format!("expected one of {}", read::list(&ECS_TYPES)))
                .nearest(near);
            if let Some(long) = long_form(given) {
                finding.help(format!("in a scenario it is written `{{{long}}}`"));
            } else if near.is_none() {
                let others = read::list(&BEYOND_ECS);
                finding.help(format!("strategies that are not ECS's are {others}"));
            }
            None
        }
    }
}

/// A short name of the command line as a scenario writes the strategy.
fn long_form(short: &str) -> Option<&'static str> {
    match short {
        "spread-az" | "spread" => Some("type: spread, field: attribute:ecs.availability-zone"),
        "spread-instance" => Some("type: spread, field: instanceId"),
        "binpack-cpu" => Some("type: binpack, field: cpu"),
        "binpack-memory" | "binpack" => Some("type: binpack, field: memory"),
        "random" => Some("type: random"),
        _ => None,
    }
}

fn without_field(
    fields: &Fields<'_>,
    strategy: StrategySpec,
    diagnostics: &mut Diagnostics,
) -> Option<StrategySpec> {
    let Some(place) = fields.key_place("field") else {
        return Some(strategy);
    };
    diagnostics
        .error(place, format!("the strategy `{strategy}` takes no `field`"))
        .help("remove it");
    None
}

fn spread_field(node: &Node, diagnostics: &mut Diagnostics) -> Option<StrategySpec> {
    let given = read::text(node, "a field to spread by", diagnostics)?;
    let lower = given.to_ascii_lowercase();
    if lower == "instanceid" || lower == "host" {
        return Some(StrategySpec::Spread(SpreadField::InstanceId));
    }
    // The attribute's name keeps its letters: names of attributes tell upper from lower case.
    let attribute = given
        .get(.."attribute:".len())
        .filter(|prefix| prefix.eq_ignore_ascii_case("attribute:"))
        .map(|prefix| &given[prefix.len()..])
        .filter(|name| !name.is_empty());
    if let Some(name) = attribute {
        return Some(StrategySpec::Spread(SpreadField::Attribute(
            name.to_owned(),
        )));
    }
    let finding = diagnostics.error(node.place, format!("`spread` cannot group by `{given}`"));
    finding.label("expected `instanceId`, `host` or `attribute:NAME`");
    if given.starts_with("ecs.") {
        finding.help(format!("write `attribute:{given}`"));
    } else if matches!(lower.as_str(), "az" | "zone" | "availabilityzone") {
        finding.help("the zone is `attribute:ecs.availability-zone`");
    } else {
        let near = nearest(given, ["instanceId", "host"]);
        finding.nearest(near);
    }
    None
}

fn binpack_field(node: &Node, diagnostics: &mut Diagnostics) -> Option<StrategySpec> {
    let given = read::text(node, "a field to pack by", diagnostics)?;
    match given.to_ascii_lowercase().as_str() {
        "cpu" => Some(StrategySpec::Binpack(BinpackField::Cpu)),
        "memory" => Some(StrategySpec::Binpack(BinpackField::Memory)),
        _ => {
            diagnostics
                .error(node.place, format!("`binpack` cannot pack by `{given}`"))
                .label("expected `cpu` or `memory`");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse_strategy_chain;

    #[test]
    fn short_names_read_back_as_they_display() {
        for text in [
            "spread-az",
            "spread-instance",
            "spread-attribute:stack",
            "binpack-cpu",
            "binpack-memory",
            "random",
            "x-first-fit",
        ] {
            let chain = parse_strategy_chain(text).unwrap();
            assert_eq!(chain.len(), 1);
            assert_eq!(chain[0].to_string(), text);
        }
    }

    #[test]
    fn a_chain_keeps_its_order() {
        let chain = parse_strategy_chain("spread-az+binpack-memory").unwrap();
        let names: Vec<String> = chain.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["spread-az", "binpack-memory"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_and_all() {
        let message = parse_strategy_chain("spread-zz").unwrap_err();
        assert!(message.starts_with("unknown placement strategy `spread-zz`\nhelp: did you mean"));
        assert!(
            message.contains("`x-kubernetes-balanced-allocation`"),
            "{message}"
        );
        assert!(message.lines().all(|line| line.len() <= 80), "{message}");
        assert!(parse_strategy_chain("").is_err());
        assert!(parse_strategy_chain("random+").is_err());
    }

    #[test]
    fn the_beginning_of_names_is_answered_with_those_names() {
        for (name, meant) in [
            ("binpack", "`binpack-cpu` or `binpack-memory`"),
            (
                "spread",
                "`spread-az`, `spread-instance` or `spread-attribute:NAME`",
            ),
            ("binpak-cpu", "`binpack-cpu`"),
        ] {
            let message = parse_strategy_chain(name).unwrap_err();
            let help = format!("\nhelp: did you mean {meant}?\n");
            assert!(message.contains(&help), "{message}");
        }
    }

    #[test]
    fn a_request_takes_at_most_five_strategies() {
        // G35
        assert!(parse_strategy_chain("random+random+random+random+random").is_ok());
        let six = "random+random+random+random+random+random";
        assert!(parse_strategy_chain(six).unwrap_err().contains("at most 5"));
    }
}
