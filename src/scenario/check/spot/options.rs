//! How interruptions come and are announced.

use crate::cloud::spot::SpotOptions;
use crate::kernel::Distribution;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::distribution::read_distribution;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};

pub(super) fn read_options(block: &Fields<'_>, diagnostics: &mut Diagnostics) -> SpotOptions {
    let mut options = SpotOptions::default();
    if let Some(node) = block.get("reclaimedPercent")
        && let Some(range) = read_range(node, diagnostics)
    {
        options.reclaimed_percent = range;
    }
    let percents = [
        ("clusteredPercent", &mut options.clustered_percent),
        ("recommendationPercent", &mut options.recommendation_percent),
    ];
    for (key, percent) in percents {
        if let Some(node) = block.get(key) {
            let read = read::number_u32(node, 0..=100, diagnostics);
            *percent = read.unwrap_or(*percent);
        }
    }
    if let Some(node) = block.get("scatteredSpan") {
        let read = read::positive_duration(node, diagnostics);
        options.scattered_span = read.unwrap_or(options.scattered_span);
    }
    let laws: [(&str, &mut Distribution); 2] = [
        ("outage", &mut options.outage),
        ("recommendationLead", &mut options.recommendation_lead),
    ];
    for (key, law) in laws {
        if let Some(read) = block
            .get(key)
            .and_then(|node| read_distribution(node, diagnostics))
        {
            *law = read;
        }
    }
    options
}

/// A percentage, or `{min: 20, max: 100}`.
fn read_range(node: &Node, diagnostics: &mut Diagnostics) -> Option<(u32, u32)> {
    if matches!(node.value, Value::Scalar { .. }) {
        let percent = read::number_u32(node, 0..=100, diagnostics)?;
        return Some((percent, percent));
    }
    let fields = read::fields_like(node, &["min", "max"], "min: 20, max: 100", diagnostics)?;
    let mut percent = |key: &str, example: &str| {
        let node = fields.required(key, example, diagnostics)?;
        read::number_u32(node, 0..=100, diagnostics)
    };
    let (min, max) = (percent("min", "20"), percent("max", "100"));
    let (min, max) = (min?, max?);
    if max < min {
        diagnostics
            .error(node.place, format!("`max` ({max}) is below `min` ({min})"))
            .label("expected at least `min`");
        return None;
    }
    Some((min, max))
}
