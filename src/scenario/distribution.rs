//! Laws that spans of time are drawn from, as a scenario writes them.

use crate::kernel::Distribution;
use crate::units::Millis;

use super::diagnostics::Diagnostics;
use super::node::{Node, Value};
use super::read;

const KEYS: [&str; 5] = ["fixed", "uniform", "exponential", "lognormal", "empirical"];
/// e to this many standard deviations is beyond any measured spread.
const LARGEST_SIGMA: f64 = 10.0;

/// Reads `10m`, `{fixed: d}`, `{uniform: {min, max}}`, `{exponential: {mean}}`,
/// `{lognormal: {median | mean, sigma}}` or `{empirical: [d, ...]}`.
pub(crate) fn read_distribution(
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<Distribution> {
    if matches!(node.value, Value::Scalar { .. }) {
        return read::duration(node, diagnostics).map(Distribution::Fixed);
    }
    if !matches!(node.value, Value::Mapping(_)) {
        read::wrong_kind(node, "a duration or a distribution", diagnostics);
        return None;
    }
    let fields = read::fields(node, &KEYS, diagnostics)?;
    let [(law, value)] = fields.entries() else {
        diagnostics
            .error(node.place, "a distribution names one law")
            .label(format!("expected one of {}", read::list(&KEYS)));
        return None;
    };
    match law.text.as_str() {
        "fixed" => read::duration(value, diagnostics).map(Distribution::Fixed),
        "uniform" => uniform(value, diagnostics),
        "exponential" => {
            let fields = read::fields_like(value, &["mean"], "mean: 5m", diagnostics)?;
            let mean = fields.required("mean", "5m", diagnostics)?;
            let mean = read::positive_duration(mean, diagnostics)?;
            Some(Distribution::Exponential {
                mean_ms: as_float(mean),
            })
        }
        "lognormal" => lognormal(value, diagnostics),
        "empirical" => empirical(value, diagnostics),
        _ => None,
    }
}

fn uniform(node: &Node, diagnostics: &mut Diagnostics) -> Option<Distribution> {
    let fields = read::fields_like(node, &["min", "max"], "min: 1m, max: 10m", diagnostics)?;
    let (min, max) = (fields.required("min", "1m", diagnostics), fields.get("max"));
    let max_node = match max {
        Some(node) => Some(node),
        None => fields.required("max", "10m", diagnostics),
    };
    let min = min.and_then(|node| read::duration(node, diagnostics));
    let max = max_node.and_then(|node| read::duration(node, diagnostics));
    let (min, max, max_node) = (min?, max?, max_node?);
    if max < min {
        diagnostics
            .error(
                max_node.place,
                format!("`max` ({max}) is below `min` ({min})"),
            )
            .label("expected at least `min`");
        return None;
    }
    Some(Distribution::Uniform { min, max })
}

#[expect(
    clippy::float_arithmetic,
    reason = "a parameter of a law, computed once by libm"
)]
fn lognormal(node: &Node, diagnostics: &mut Diagnostics) -> Option<Distribution> {
    let keys = ["median", "mean", "sigma"];
    let fields = read::fields_like(node, &keys, "median: 10m, sigma: 0.5", diagnostics)?;
    let sigma = fields
        .required("sigma", "0.5", diagnostics)
        .and_then(|node| sigma(node, diagnostics));
    let centre = match (fields.get("median"), fields.get("mean")) {
        (Some(node), None) | (None, Some(node)) => read::positive_duration(node, diagnostics),
        (median, _) => {
            let what = if median.is_some() { "both" } else { "neither" };
            diagnostics
                .error(
                    node.place,
                    format!("a lognormal law with {what} of `median` and `mean`"),
                )
                .label("expected one of `median` and `mean`");
            None
        }
    };
    let (sigma, centre) = (sigma?, as_float(centre?));
    let median_ms = match fields.get("mean") {
        Some(_) => centre * libm::exp(-sigma * sigma / 2.0),
        None => centre,
    };
    Some(Distribution::Lognormal { median_ms, sigma })
}

fn sigma(node: &Node, diagnostics: &mut Diagnostics) -> Option<f64> {
    read::parameter(
        node,
        "a number from 0 to 10",
        0.0..=LARGEST_SIGMA,
        diagnostics,
    )
}

fn empirical(node: &Node, diagnostics: &mut Diagnostics) -> Option<Distribution> {
    let items = read::items(node, diagnostics)?;
    if items.is_empty() {
        diagnostics.error(node.place, "an empirical law needs at least one duration");
        return None;
    }
    let values: Vec<Option<Millis>> = items
        .iter()
        .map(|item| read::duration(item, diagnostics))
        .collect();
    values
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .map(Distribution::Empirical)
}

/// Milliseconds as a float: exact, since no span that is read reaches 2^53.
#[expect(clippy::float_arithmetic, reason = "a parameter of a law")]
pub(crate) fn as_float(span: Millis) -> f64 {
    let high = u32::try_from(span.0 >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(span.0 & 0xFFFF_FFFF).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}
