//! `managedScaling` of a capacity provider.
//!
//! Source: API reference of ManagedScaling.

use crate::control::managed_scaling::ManagedScaling;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read;

use crate::scenario::check::seconds::read_seconds;

/// `None` where it is disabled.
pub(super) fn read_managed_scaling(
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<ManagedScaling> {
    const KEYS: [&str; 5] = [
        "status",
        "targetCapacity",
        "minimumScalingStepSize",
        "maximumScalingStepSize",
        "instanceWarmupPeriod",
    ];
    let mut scaling = ManagedScaling::default();
    let Some(fields) = read::fields_like(node, &KEYS, "targetCapacity: 100", diagnostics) else {
        return Some(scaling);
    };
    let numbers = [
        ("targetCapacity", 100, &mut scaling.target_capacity),
        (
            "minimumScalingStepSize",
            10_000,
            &mut scaling.minimum_scaling_step_size,
        ),
        (
            "maximumScalingStepSize",
            10_000,
            &mut scaling.maximum_scaling_step_size,
        ),
    ];
    for (key, most, target) in numbers {
        if let Some(node) = fields.get(key) {
            *target = read::number_u32(node, 1..=most, diagnostics).unwrap_or(*target);
        }
    }
    let (least, most) = (
        scaling.minimum_scaling_step_size,
        scaling.maximum_scaling_step_size,
    );
    if least > most {
        let place = fields
            .get("minimumScalingStepSize")
            .map_or(node.place, |node| node.place);
        diagnostics
            .error(
                place,
                format!("`minimumScalingStepSize` ({least}) is above the maximum ({most})"),
            )
            .help("lower the one or raise the other");
    }
    if let Some(node) = fields.get("instanceWarmupPeriod") {
        let period = read_seconds(node, 0..=10_000, diagnostics);
        scaling.instance_warmup_period = period.unwrap_or(scaling.instance_warmup_period);
    }
    let choices = [("ENABLED", true), ("DISABLED", false)];
    let status = fields
        .get("status")
        .and_then(|node| read::one_of(node, "status", &choices, diagnostics));
    status.unwrap_or(true).then_some(scaling)
}
