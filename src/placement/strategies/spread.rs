//! ECS `spread`: the group of instances with the fewest tasks of the request's own group.
//!
//! *Field*: `instanceId` or `host` makes every instance a group of its own; `attribute:<name>`
//! groups instances by the attribute's value. *Counted*: tasks of the same task group with
//! desired status RUNNING.

use super::{Candidate, Rank, Request, Strategy};
use crate::placement::MissingSpreadAttribute;

/// `spread` over `instanceId`.
#[derive(Debug)]
pub(super) struct SpreadInstances;

impl Strategy for SpreadInstances {
    fn rank(&self, candidate: &Candidate<'_>, _: &Request<'_>) -> Rank {
        Rank(u64::from(candidate.tasks_of_group))
    }
}

/// `spread` over an attribute.
#[derive(Debug)]
pub(super) struct SpreadAttribute {
    /// The attribute's name.
    pub(super) attribute: String,
    /// What of an instance without it.
    pub(super) missing: MissingSpreadAttribute,
}

impl Strategy for SpreadAttribute {
    fn rank(&self, candidate: &Candidate<'_>, request: &Request<'_>) -> Rank {
        let value = candidate
            .attributes
            .get(&self.attribute)
            .map(String::as_str);
        if value.is_none() && self.missing == MissingSpreadAttribute::Last {
            return Rank(u64::MAX);
        }
        Rank(u64::from(
            request.tasks_of_group_where(&self.attribute, value),
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::placement::strategies::testing::check;

    #[test]
    fn the_instance_with_the_fewest_tasks_of_the_group() {
        check(
            "spread-instance",
            "memory=9 tasks=2 | memory=9 tasks=1 | memory=9 tasks=1",
            1,
            1,
        );
        check(
            "spread-instance",
            "memory=9 tasks=3 | memory=9 tasks=2 | memory=9 tasks=1",
            1,
            2,
        );
    }

    #[test]
    fn the_zone_with_the_fewest_tasks_of_the_group() {
        // G28: zone a holds one task, b none.
        check(
            "spread-az",
            "memory=9 az=a tasks=1 | memory=9 az=a | memory=9 az=b",
            1,
            2,
        );
        // Zone b is full: zone a is the best of what is left.
        check(
            "spread-az",
            "memory=9 az=a tasks=1 | memory=9 az=a | memory=0 az=b",
            1,
            0,
        );
    }

    #[test]
    fn zone_first_then_the_fullest_instance_of_it() {
        // G34.
        let fleet = "memory=5 az=a tasks=1 | memory=9 az=b | memory=7 az=b | memory=8 az=b";
        check("spread-az+binpack-memory", fleet, 1, 2);
    }

    #[test]
    fn instances_without_the_attribute_are_one_more_group() {
        let fleet = "memory=9 rack=r1 tasks=1 | memory=9 rack=r2 tasks=1 | memory=9";
        check("spread-attribute:rack", fleet, 1, 2);
    }
}
