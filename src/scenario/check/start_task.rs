//! `startTask` of an entry of `tasks`: the caller names the instances.

use crate::model::ContainerInstanceId;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::StartTask;

/// The most instances of a call (API reference of StartTask).
const MOST_INSTANCES: usize = 10;

/// Reads `{containerInstances: [ids]}`. An id that nothing registers is legal, since StartTask
/// answers it with MISSING, but seldom meant.
pub(super) fn read_start_task(
    node: &Node,
    instances: Option<u64>,
    diagnostics: &mut Diagnostics,
) -> Option<StartTask> {
    let fields = read::fields(node, &["containerInstances"], diagnostics)?;
    let example = "[i-00000000000000000]";
    let list = fields.required("containerInstances", example, diagnostics)?;
    let items = read::items(list, diagnostics)?;
    if items.is_empty() || items.len() > MOST_INSTANCES {
        diagnostics
            .error(list.place, format!("{} container instances", items.len()))
            .label(format!("StartTask takes 1 to {MOST_INSTANCES}"));
    }
    let mut container_instances = Vec::with_capacity(items.len());
    for item in items {
        let Some(id) = read::name(item, "an instance id", diagnostics) else {
            continue;
        };
        let registers = |instances| {
            ContainerInstanceId::parse(id).is_some_and(|known| u64::from(known.0) < instances)
        };
        if instances.is_some_and(|instances| !registers(instances)) {
            diagnostics
                .warning(
                    item.place,
                    format!("no container instance `{id}` registers"),
                )
                .label("StartTask will answer MISSING")
                .help("the first instance is i-00000000000000000, numbered in hexadecimal");
        }
        container_instances.push(id.to_owned());
    }
    Some(StartTask {
        container_instances,
    })
}

/// Reports what StartTask has not: it bypasses placement.
pub(super) fn report_excluded(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    for key in [
        "placementStrategy",
        "placementConstraints",
        "trace",
        "count",
        "whenFull",
        "launchType",
        "capacityProviderStrategy",
    ] {
        let given = fields.get(key).and_then(Node::text);
        let may_be = matches!(
            (key, given),
            ("whenFull", Some("fail")) | ("launchType", Some("EC2"))
        );
        if let Some(place) = fields.key_place(key).filter(|_| !may_be) {
            diagnostics
                .error(place, format!("`{key}` beside `startTask`"))
                .help("StartTask names its instances and bypasses placement: remove one of them");
        }
    }
}
