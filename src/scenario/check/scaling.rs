//! `scaling` of a service: RegisterScalableTarget with its policies and scheduled actions.
//!
//! Source: API reference of Application Auto Scaling.

mod policies;

use crate::control::service_auto_scaling::{ScalableTarget, ScheduledAction, SuspendedState};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::traffic::AutoScaling;
use crate::workload::Schedule;

use self::policies::PoliciesReader;
use super::arrivals::read_schedule_text;

const KEYS: [&str; 5] = [
    "minCapacity",
    "maxCapacity",
    "suspendedState",
    "policies",
    "scheduledActions",
];
/// What DescribeScalableTargets prints beside them.
const ACCEPTED: [&str; 7] = [
    "serviceNamespace",
    "resourceId",
    "scalableDimension",
    "roleARN",
    "creationTime",
    "scalableTargetARN",
    "predictedCapacity",
];
const MOST_TASKS: u32 = 1_000_000;

/// Reads `scaling`. `has_target_group` is whether the service is behind a load balancer.
pub(super) fn read_scaling(
    node: &Node,
    has_target_group: bool,
    diagnostics: &mut Diagnostics,
) -> Option<AutoScaling> {
    let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
    let minimum = bound(&fields, "minCapacity", "1", diagnostics);
    let maximum = bound(&fields, "maxCapacity", "10", diagnostics);
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        let node = fields.get("minCapacity")?;
        diagnostics
            .error(
                node.place,
                format!("`minCapacity` ({minimum}) is above `maxCapacity` ({maximum})"),
            )
            .help("lower the one or raise the other");
        return None;
    }
    let suspended_state = read_suspended(&fields, diagnostics);
    let mut reader = PoliciesReader {
        has_target_group,
        customized: Vec::new(),
    };
    let before = diagnostics.len();
    let policies = reader.read(&fields, diagnostics);
    let (actions, schedules) = read_actions(&fields, diagnostics);
    if policies.is_empty() && actions.is_empty() && diagnostics.len() == before {
        diagnostics
            .warning_of_no_effect(node.place, "nothing scales this service")
            .help("add `policies` or `scheduledActions`");
    }
    let target = ScalableTarget::new(minimum?, maximum?, suspended_state, policies, actions);
    match target {
        Ok(target) => Some(AutoScaling {
            target,
            schedules,
            customized: reader.customized,
        }),
        Err(error) => {
            diagnostics.error(node.place, error.to_string());
            None
        }
    }
}

fn bound(
    fields: &Fields<'_>,
    key: &str,
    example: &str,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let node = fields.required(key, example, diagnostics)?;
    read::number_u32(node, 0..=MOST_TASKS, diagnostics)
}

fn read_suspended(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> SuspendedState {
    const KEYS: [&str; 3] = [
        "dynamicScalingInSuspended",
        "dynamicScalingOutSuspended",
        "scheduledScalingSuspended",
    ];
    let example = "dynamicScalingInSuspended: true";
    let given = fields
        .get("suspendedState")
        .and_then(|node| read::fields_like(node, &KEYS, example, diagnostics));
    let flags = KEYS.map(|key| {
        let node = given.as_ref().and_then(|given| given.get(key));
        node.and_then(|node| read::boolean(node, diagnostics))
            .unwrap_or(false)
    });
    SuspendedState {
        dynamic_scaling_in_suspended: flags[0],
        dynamic_scaling_out_suspended: flags[1],
        scheduled_scaling_suspended: flags[2],
    }
}

fn read_actions(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> (Vec<ScheduledAction>, Vec<Schedule>) {
    read::items_of(fields, "scheduledActions", diagnostics)
        .iter()
        .filter_map(|item| read_action(item, diagnostics))
        .unzip()
}

fn read_action(node: &Node, diagnostics: &mut Diagnostics) -> Option<(ScheduledAction, Schedule)> {
    const KEYS: [&str; 6] = [
        "scheduledActionName",
        "schedule",
        "timezone",
        "scalableTargetAction",
        "startTime",
        "endTime",
    ];
    let accepted = [&ACCEPTED[..], &["scheduledActionARN"]].concat();
    let fields = read::fields_beside(node, &KEYS, &accepted, diagnostics)?;
    let name = fields
        .required("scheduledActionName", "night", diagnostics)
        .and_then(|node| read::name(node, "the name of a scheduled action", diagnostics));
    let example = "\"cron(0 22 * * ? *)\"";
    let schedule = fields
        .required("schedule", example, diagnostics)
        .and_then(|node| read_schedule_text(node, diagnostics));
    if let Some(node) = fields.get("timezone")
        && !matches!(node.text(), Some("UTC" | "Etc/UTC"))
    {
        diagnostics
            .error(node.place, "time zones of schedules are not simulated yet")
            .label("expected `UTC`")
            .help("write the schedule in UTC");
    }
    for key in ["startTime", "endTime"] {
        if let Some(place) = fields.key_place(key) {
            diagnostics
                .error(
                    place,
                    format!("`{key}` of a scheduled action is not simulated yet"),
                )
                .help("leave it out, or give the schedule as `at(...)`");
        }
    }
    let keys = ["minCapacity", "maxCapacity"];
    let example = "minCapacity: 1, maxCapacity: 4";
    let action = fields
        .required(
            "scalableTargetAction",
            &format!("{{{example}}}"),
            diagnostics,
        )
        .and_then(|node| read::fields_like(node, &keys, example, diagnostics))?;
    let [min_capacity, max_capacity] = keys.map(|key| {
        let node = action.get(key)?;
        read::number_u32(node, 0..=MOST_TASKS, diagnostics)
    });
    if let (Some(minimum), Some(maximum)) = (min_capacity, max_capacity)
        && minimum > maximum
    {
        diagnostics
            .error(
                action.place,
                format!("`minCapacity` ({minimum}) is above `maxCapacity` ({maximum})"),
            )
            .help("lower the one or raise the other");
        return None;
    }
    let action = ScheduledAction {
        scheduled_action_name: name?.to_owned(),
        min_capacity,
        max_capacity,
    };
    Some((action, schedule?))
}
