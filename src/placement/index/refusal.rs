//! What a refusal is good for later: the next attempt of the same template and needs has to look
//! only at what has changed since.

use smallvec::SmallVec;

use crate::model::Reasons;
use crate::model::{Cluster, ContainerInstanceId, ContainerInstanceStatus};
use crate::placement::check::check;
use crate::placement::template::Template;
use crate::units::Resources;

/// The most changes to look at one by one; behind more, a search is quicker.
const MOST_CHANGES: usize = 16;

/// The latest refusal of a template.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) needs: Resources,
    /// The cluster's changes by then.
    pub(super) seen: u64,
    pub(super) reasons: Reasons,
    /// Instances that gave the reasons, in the order in which they were found.
    pub(super) witnesses: SmallVec<[ContainerInstanceId; 4]>,
}

impl Refusal {
    /// The reasons that a refusal can have now, when it is known that there is still no candidate;
    /// `None` when there may be one.
    ///
    /// Only an instance that has changed since can have become a candidate, or give a reason that
    /// no instance gave before.
    pub(super) fn holds(
        &self,
        cluster: &Cluster,
        template: &Template,
        needs: &Resources,
    ) -> Option<Reasons> {
        let changes = cluster.changes_since(self.seen)?;
        if self.needs != *needs || changes.len() > MOST_CHANGES {
            return None;
        }
        let mut possible = self.reasons;
        for change in changes {
            let changed = cluster.instance(change.instance);
            if changed.status == ContainerInstanceStatus::Active {
                let rejection = check(cluster, template, needs, change.instance).err()?;
                possible.insert(rejection.reason());
            }
        }
        Some(possible)
    }
}
