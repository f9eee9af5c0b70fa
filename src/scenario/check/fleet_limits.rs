//! How large a fleet may be.

use crate::scenario::AutoScalingGroup;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::spec::ContainerInstances;

/// What this simulator is made for.
const MOST_INSTANCES: u64 = 1_000_000;
/// ECS's quota for a cluster.
const QUOTA: u64 = 5_000;

/// How many container instances the entries make.
pub(super) fn total(entries: &[ContainerInstances]) -> u64 {
    entries.iter().map(|entry| u64::from(entry.count)).sum()
}

pub(super) fn check_total(
    entries: &[ContainerInstances],
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let total = total(entries);
    if total > MOST_INSTANCES {
        diagnostics
            .error(place, format!("{total} container instances"))
            .label(format!("expected at most {MOST_INSTANCES} in all"));
    } else if total > QUOTA {
        diagnostics
            .warning(place, format!("{total} container instances"))
            .label(format!("ECS's quota is {QUOTA} for a cluster"));
    }
}

/// The same for groups: what they may grow to, and what they begin with.
pub(super) fn check_groups(
    groups: &[AutoScalingGroup],
    entries: &[ContainerInstances],
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let sum = |size: fn(&AutoScalingGroup) -> u32| {
        let sizes = groups.iter().map(|group| u64::from(size(group)));
        sizes.sum::<u64>()
    };
    let fixed = total(entries);
    let most = fixed + sum(|group| group.configuration.max_size);
    let desired = fixed + sum(|group| group.configuration.desired_capacity);
    if most > MOST_INSTANCES {
        diagnostics
            .error(
                place,
                format!("groups that may grow to {most} container instances"),
            )
            .label(format!("expected at most {MOST_INSTANCES} in all"));
    } else if desired > QUOTA && fixed <= QUOTA {
        diagnostics
            .warning(place, format!("{desired} container instances"))
            .label(format!("ECS's quota is {QUOTA} for a cluster"));
    }
}
