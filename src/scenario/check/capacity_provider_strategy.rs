//! `capacityProviderStrategy` of a task or a service, and the cluster's default.
//!
//! Sources: API reference of CapacityProviderStrategyItem; Developer Guide, "Amazon ECS clusters".

use crate::control::capacity_provider_strategy::StrategyItem;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read;

use super::capacity_providers::Providers;

const KEYS: [&str; 3] = ["capacityProvider", "base", "weight"];
/// The most items of a strategy.
const MOST_ITEMS: usize = 20;
const LARGEST_BASE: u32 = 100_000;
const LARGEST_WEIGHT: u32 = 1_000;

/// Reads a strategy; `None` when it was reported.
pub(super) fn read_strategy(
    node: &Node,
    providers: &Providers,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<StrategyItem>> {
    let items = read::items(node, diagnostics)?;
    if items.len() > MOST_ITEMS {
        diagnostics
            .error(node.place, format!("{} items", items.len()))
            .label(format!("a strategy has at most {MOST_ITEMS}"));
        return None;
    }
    let before = diagnostics.len();
    // Ahead of the items: a provider of the other family need not be added to the cluster.
    check_families(items, providers, diagnostics);
    if diagnostics.len() > before {
        return None;
    }
    let read: Vec<Option<StrategyItem>> = items
        .iter()
        .map(|item| read_item(item, providers, diagnostics))
        .collect();
    let strategy: Option<Vec<StrategyItem>> = read.into_iter().collect();
    let strategy = strategy.filter(|_| diagnostics.len() == before)?;
    check_twice(items, &strategy, diagnostics);
    check_bases(items, &strategy, diagnostics);
    if !strategy.is_empty() && strategy.iter().all(|item| item.weight == 0) {
        diagnostics
            .error(
                node.place,
                "a strategy whose weights are all 0 places no task",
            )
            .help("a weight that is not given is 0: add `weight: 1`");
    }
    (diagnostics.len() == before).then_some(strategy)
}

fn read_item(
    node: &Node,
    providers: &Providers,
    diagnostics: &mut Diagnostics,
) -> Option<StrategyItem> {
    let name = node.text().unwrap_or("web");
    let example = format!("capacityProvider: {name}, weight: 1");
    let fields = read::fields_like(node, &KEYS, &example, diagnostics)?;
    let provider = fields
        .required("capacityProvider", "web", diagnostics)
        .and_then(|node| providers.find(node, diagnostics));
    let mut number = |key: &str, most: u32| {
        fields.get(key).map_or(Some(0), |node| {
            read::number_u32(node, 0..=most, diagnostics)
        })
    };
    let (base, weight) = (
        number("base", LARGEST_BASE),
        number("weight", LARGEST_WEIGHT),
    );
    Some(StrategyItem {
        provider: provider?,
        base: base?,
        weight: weight?,
    })
}

fn check_twice(items: &[Node], strategy: &[StrategyItem], diagnostics: &mut Diagnostics) {
    for (position, item) in strategy.iter().enumerate() {
        let earlier = &strategy[..position];
        if earlier.iter().any(|other| other.provider == item.provider) {
            let node = &items[position];
            let place = node
                .get("capacityProvider")
                .map_or(node.place, |name| name.place);
            diagnostics
                .error(place, "a capacity provider that the strategy has already")
                .help("remove one of the items");
        }
    }
}

/// A strategy has providers of one family: Fargate's two, those of Auto Scaling groups, or those of
/// ECS Managed Instances.
fn check_families(items: &[Node], providers: &Providers, diagnostics: &mut Diagnostics) {
    let family = |item: &Node| providers.family_of(item.get("capacityProvider")?);
    let Some(first) = items.iter().find_map(family) else {
        return;
    };
    let others = items.iter().enumerate();
    let mut others = others.filter_map(|(position, item)| Some((position, family(item)?)));
    let other = others.find(|(_, family)| *family != first);
    if let Some((position, other)) = other {
        let mut families = [first, other];
        families.sort_by_key(|family| *family != "Fargate");
        let [one, other] = families;
        diagnostics
            .error(
                items[position].place,
                format!("{one} and {other} in one strategy"),
            )
            .help(
                "a strategy has `FARGATE` and `FARGATE_SPOT`, or providers of Auto Scaling groups, \
                 or of ECS Managed Instances: make two services of it",
            );
    }
}

/// Only one item may have a base.
fn check_bases(items: &[Node], strategy: &[StrategyItem], diagnostics: &mut Diagnostics) {
    let mut with_base = strategy.iter().zip(items).filter(|(item, _)| item.base > 0);
    if let Some((_, node)) = with_base.nth(1) {
        let place = node.get("base").map_or(node.place, |base| base.place);
        diagnostics
            .error(place, "a second item with a `base`")
            .label("only one item of a strategy has a base above 0");
    }
}
