//! `lifecycleHooks` of a deployment configuration: a hook's stages are ECS's; how long it takes
//! and what it answers are the scenario's, since no function is run.
//!
//! Source: API reference of DeploymentLifecycleHook.

use crate::control::{LifecycleHook, LifecycleStage};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::Millis;

const KEYS: [&str; 5] = [
    "targetType",
    "lifecycleStages",
    "duration",
    "succeeds",
    "timeoutConfiguration",
];
const ACCEPTED: [&str; 3] = ["hookTargetArn", "roleArn", "hookDetails"];
/// The stages at which ECS calls hooks.
const STAGES: [LifecycleStage; 8] = [
    LifecycleStage::ReconcileService,
    LifecycleStage::PreScaleUp,
    LifecycleStage::PostScaleUp,
    LifecycleStage::TestTrafficShift,
    LifecycleStage::PostTestTrafficShift,
    LifecycleStage::PreProductionTrafficShift,
    LifecycleStage::ProductionTrafficShift,
    LifecycleStage::PostProductionTrafficShift,
];
/// How long ECS waits for an answer where it is not said, and the longest for a pause.
const TIMEOUT_MINUTES: u64 = 1_440;
const MOST_MINUTES: u64 = 20_160;

pub(super) fn read_hooks(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<LifecycleHook> {
    read::items_of(fields, "lifecycleHooks", diagnostics)
        .iter()
        .filter_map(|item| read_hook(item, diagnostics))
        .collect()
}

fn read_hook(node: &Node, diagnostics: &mut Diagnostics) -> Option<LifecycleHook> {
    let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
    let kinds = [("AWS_LAMBDA", ()), ("PAUSE", ())];
    if let Some(node) = fields.get("targetType") {
        read::one_of(node, "targetType", &kinds, diagnostics);
    }
    let example = "[POST_SCALE_UP]";
    let list = fields.required("lifecycleStages", example, diagnostics)?;
    let choices = STAGES.map(|stage| (stage.name(), stage));
    let items = read::items(list, diagnostics)?;
    if items.is_empty() {
        diagnostics
            .error(list.place, "no stage is named")
            .label(format!("expected stages such as `{example}`"));
    }
    let stages: Vec<LifecycleStage> = items
        .iter()
        .filter_map(|item| read::one_of(item, "lifecycleStages", &choices, diagnostics))
        .collect();
    let duration = fields
        .get("duration")
        .map_or(Some(Millis::ZERO), |node| read::duration(node, diagnostics));
    let succeeds = fields
        .get("succeeds")
        .map_or(Some(true), |node| read::boolean(node, diagnostics));
    let (timeout, continues) = read_timeout(&fields, diagnostics);
    let duration = duration?;
    let is_late = duration > timeout;
    Some(LifecycleHook {
        stages,
        duration: duration.min(timeout),
        succeeds: if is_late { continues } else { succeeds? },
    })
}

/// When ECS stops waiting, and whether the deployment then goes on.
fn read_timeout(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> (Millis, bool) {
    let keys = ["timeoutInMinutes", "action"];
    let example = "timeoutInMinutes: 60, action: ROLLBACK";
    let timeout = fields
        .get("timeoutConfiguration")
        .and_then(|node| read::fields_like(node, &keys, example, diagnostics));
    let Some(timeout) = timeout else {
        return (Millis(TIMEOUT_MINUTES * 60_000), false);
    };
    let minutes = timeout
        .get("timeoutInMinutes")
        .and_then(|node| read::number(node, 1..=MOST_MINUTES, diagnostics))
        .unwrap_or(TIMEOUT_MINUTES);
    let choices = [("ROLLBACK", false), ("CONTINUE", true)];
    let continues = timeout
        .get("action")
        .and_then(|node| read::one_of(node, "action", &choices, diagnostics))
        .unwrap_or(false);
    (Millis(minutes * 60_000), continues)
}
