//! `warmPool` of a group: PutWarmPool's shape.
//!
//! Sources: API reference of PutWarmPool; EC2 Auto Scaling User Guide, "Warm pools"; ECS Developer
//! Guide, "Using a pre-initialized warm pool".

use crate::cloud::auto_scaling::{WarmPool, WarmPoolState};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::{self, Fields};

use super::launch_template::Launches;
use super::{MOST_INSTANCES, Sizes};

const KEYS: [&str; 3] = ["minSize", "maxGroupPreparedCapacity", "poolState"];

pub(super) fn read(
    group: &Fields<'_>,
    sizes: Option<Sizes>,
    launches: Option<&Launches>,
    diagnostics: &mut Diagnostics,
) -> Option<WarmPool> {
    let node = group.get("warmPool")?;
    let place = group.key_place("warmPool").unwrap_or(node.place);
    if launches.is_some_and(Launches::may_be_spot) {
        diagnostics
            .error(place, "a warm pool in a group that launches Spot Instances")
            .help("EC2 Auto Scaling keeps On-Demand Instances warm alone: remove `warmPool`");
    }
    let fields = read::fields_beside(node, &KEYS, &["instanceReusePolicy"], diagnostics)?;
    if let Some(place) = fields.key_place("instanceReusePolicy") {
        diagnostics
            .error(place, "instances do not go back to the warm pool")
            .help("ECS does not support reuse on scale-in: remove `instanceReusePolicy`");
    }
    let min_size = fields.get("minSize").map_or(Some(0), |node| {
        read::number_u32(node, 0..=MOST_INSTANCES, diagnostics)
    });
    // The API's -1 is the group's maximum.
    let prepared = fields
        .get("maxGroupPreparedCapacity")
        .filter(|node| node.text() != Some("-1"));
    let prepared = match prepared {
        Some(node) => Some(read::number_u32(node, 0..=MOST_INSTANCES, diagnostics)?),
        None => None,
    };
    if let (Some(prepared), Some(sizes), Some(node)) =
        (prepared, sizes, fields.get("maxGroupPreparedCapacity"))
        && prepared < sizes.min
    {
        let min = sizes.min;
        diagnostics
            .error(
                node.place,
                format!("`{prepared}` is below the group's `minSize` ({min})"),
            )
            .label("the group's own instances count");
    }
    let states = [
        ("Stopped", WarmPoolState::Stopped),
        ("Running", WarmPoolState::Running),
        ("Hibernated", WarmPoolState::Hibernated),
    ];
    let pool_state = fields
        .get("poolState")
        .and_then(|node| read::one_of(node, "poolState", &states, diagnostics));
    Some(WarmPool {
        min_size: min_size?,
        max_group_prepared_capacity: prepared,
        pool_state: pool_state.unwrap_or_default(),
    })
}
