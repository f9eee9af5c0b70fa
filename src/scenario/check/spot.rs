//! `spot`: the Spot pools that groups draw from, and how EC2 takes instances back.

mod files;
mod intervals;
mod options;
mod pools;

use std::path::Path;

use crate::cloud::spot::{SpotOptions, SpotPool};
use crate::scenario::AutoScalingGroup;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::{self, Fields};

use super::auto_scaling_groups::Groups;
use super::instance_types::InstanceTypes;
use pools::{Defaults, Entry, UsedPool};

const KEYS: [&str; 9] = [
    "interruptions",
    "savingsPercent",
    "reclaimedPercent",
    "clusteredPercent",
    "scatteredSpan",
    "outage",
    "recommendationPercent",
    "recommendationLead",
    "pools",
];

/// The Spot market of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spot {
    pub(super) options: SpotOptions,
    /// The pools that the groups can use, by instance type, then by zone.
    pub(super) pools: Vec<SpotPool>,
}

/// Reads `spot` for the groups of a scenario.
pub(super) struct SpotReader<'a> {
    /// What files are relative to.
    pub(super) base_dir: &'a Path,
    pub(super) types: &'a InstanceTypes,
    pub(super) groups: &'a Groups,
}

impl SpotReader<'_> {
    /// Reads the block, which may be missing, and finds the pools of all groups that launch Spot
    /// Instances.
    pub(super) fn read(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Spot {
        let block = fields
            .get("spot")
            .and_then(|node| read::fields_like(node, &KEYS, "interruptions: 10%", diagnostics));
        let used = self.used_pools();
        let mut spot = Spot {
            options: SpotOptions::default(),
            pools: Vec::new(),
        };
        let mut defaults = Defaults::default();
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(block) = &block {
            spot.options = options::read_options(block, diagnostics);
            defaults = Defaults::read(block, diagnostics);
            entries = self.read_entries(block, diagnostics);
            if used.is_empty() && self.groups.are_known() {
                diagnostics
                    .warning_of_no_effect(
                        block.place,
                        "`spot` is set, and no group launches Spot Instances",
                    )
                    .help("a group does with `onDemandPercentageAboveBaseCapacity` below 100");
            } else if self.groups.are_known() {
                self.refuse_unknown(&entries, &used, diagnostics);
            }
        }
        spot.pools = self.resolve(&used, &entries, &defaults, fields, diagnostics);
        spot
    }

    fn read_entries(&self, block: &Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for item in read::items_of(block, "pools", diagnostics) {
            let Some(entry) = pools::read_entry(item, self.base_dir, diagnostics) else {
                continue;
            };
            if entries.iter().any(|other| other.is_of_the_same(&entry)) {
                diagnostics
                    .error(
                        entry.place,
                        format!("the pool `{}` is given twice", entry.name()),
                    )
                    .help("put all that is to hold for it into one entry");
            }
            entries.push(entry);
        }
        entries
    }

    /// The pools of all groups that launch Spot Instances, by instance type, then by zone.
    fn used_pools(&self) -> Vec<UsedPool> {
        let mut used = Vec::new();
        for group in self.groups.list.iter().filter(|group| launches_spot(group)) {
            for kind in &group.types {
                for zone in &group.configuration.availability_zones {
                    used.push(UsedPool {
                        id: kind.instance_type,
                        zone: zone.clone(),
                        on_demand: kind.on_demand,
                        max_price: group.configuration.distribution.max_price(kind.on_demand),
                        group: group.name.clone(),
                    });
                }
            }
        }
        // Stable: of groups that share a pool the first in the file stands for it.
        used.sort_by(|a, b| (a.id, &a.zone).cmp(&(b.id, &b.zone)));
        used.dedup_by(|later, first| {
            let is_same = later.id == first.id && later.zone == first.zone;
            if is_same {
                first.max_price = first.max_price.max(later.max_price);
            }
            is_same
        });
        used
    }
}

/// Whether some of a group's instances are Spot Instances once it is large enough.
fn launches_spot(group: &AutoScalingGroup) -> bool {
    let distribution = &group.configuration.distribution;
    distribution.on_demand_percentage_above_base_capacity < 100
}
