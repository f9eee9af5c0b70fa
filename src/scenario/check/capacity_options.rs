//! `capacityOptions`: quotas of capacity, and named choices where AWS publishes no rule.

use crate::scenario::CapacityOptions;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::{self, Fields};

use super::settings::CapacityLatencies;

const KEYS: [&str; 5] = [
    "provisioningLimit",
    "provisioningTimeout",
    "launchRetry",
    "scaleInAfterScaleOut",
    "minimumStepForMixedGroups",
];
/// More tasks than any run has waiting.
const MOST_PROVISIONING: u32 = 10_000_000;

/// Reads the options; the latencies are those of `latencies`.
pub(super) fn read_capacity_options(
    fields: &Fields<'_>,
    latencies: CapacityLatencies,
    diagnostics: &mut Diagnostics,
) -> CapacityOptions {
    let mut options = CapacityOptions {
        instance_launch: latencies.instance_launch,
        agent_registration: latencies.agent_registration,
        warm_start: latencies.warm_start,
        ..CapacityOptions::default()
    };
    let Some(given) = fields
        .get("capacityOptions")
        .and_then(|node| read::fields_like(node, &KEYS, "provisioningTimeout: 10m", diagnostics))
    else {
        return options;
    };
    if let Some(node) = given.get("provisioningLimit") {
        let limit = read::number_u32(node, 1..=MOST_PROVISIONING, diagnostics);
        options.provisioning_limit = limit.unwrap_or(options.provisioning_limit);
    }
    for (key, span) in [
        ("provisioningTimeout", &mut options.provisioning_timeout),
        ("launchRetry", &mut options.launch_retry),
    ] {
        if let Some(node) = given.get(key) {
            *span = read::positive_duration(node, diagnostics).unwrap_or(*span);
        }
    }
    if let Some(node) = given.get("scaleInAfterScaleOut") {
        let span = read::duration(node, diagnostics);
        options.scale_in_after_scale_out = span.unwrap_or(options.scale_in_after_scale_out);
    }
    if let Some(node) = given.get("minimumStepForMixedGroups") {
        let on = read::boolean(node, diagnostics);
        options.minimum_step_for_mixed_groups = on.unwrap_or(false);
    }
    options
}
