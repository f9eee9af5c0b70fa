//! What services were charged for tasks on Spot Instances in their first hour: when EC2 takes an
//! instance back within it, nothing is billed, and its tasks have cost nothing.

use std::collections::BTreeMap;

use crate::model::{ContainerInstanceId, EntryId, PurchaseOption};
use crate::units::{Millis, NanoUsd, SimTime};

use super::instances::InstanceFacts;

/// The charges that may have to be given back.
#[derive(Debug, Default)]
pub(super) struct FirstHour {
    charges: BTreeMap<ContainerInstanceId, Vec<(EntryId, NanoUsd)>>,
}

impl FirstHour {
    /// A task of an entry was charged for its time on an instance.
    pub(super) fn charged(
        &mut self,
        at: SimTime,
        on: &InstanceFacts,
        entry: EntryId,
        cost: NanoUsd,
    ) {
        let is_young = at.since(on.launched_at) < Millis::HOUR;
        if is_young && on.purchase_option == PurchaseOption::Spot {
            self.charges.entry(on.id).or_default().push((entry, cost));
        }
    }

    /// An instance has ended. What was charged there in its first hour.
    pub(super) fn ended(&mut self, instance: ContainerInstanceId) -> Vec<(EntryId, NanoUsd)> {
        self.charges.remove(&instance).unwrap_or_default()
    }
}
