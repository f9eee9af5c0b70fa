//! The container instances of a scenario, those that groups may launch among them: the blocks that
//! say what there is, in the order in which they can be read.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Value;
use crate::scenario::read::Fields;
use crate::scenario::spec::ContainerInstances;

use super::Environment;
use super::arrivals::Clock;
use super::auto_scaling_groups::{Groups, GroupsReader};
use super::capacity_providers::{Providers, ProvidersReader};
use super::container_instances::FleetReader;
use super::fleet::Fleet;
use super::fleet_limits::check_groups;
use super::instance_types::InstanceTypes;
use super::managed_instances::ManagedInstancesReader;
use super::spot::{Spot, SpotReader};

/// What container instances there are and can be.
pub(super) struct Instances {
    pub(super) types: InstanceTypes,
    pub(super) fixed: Vec<ContainerInstances>,
    pub(super) groups: Groups,
    pub(super) providers: Providers,
    pub(super) spot: Spot,
    /// Whether none of them was reported.
    are_known: bool,
}

impl Instances {
    pub(super) fn read(
        fields: &Fields<'_>,
        environment: &Environment<'_>,
        region: &str,
        clock: &Clock,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut types = InstanceTypes::read(fields, region, diagnostics);
        let fixed = FleetReader { region }.read(fields, &mut types, diagnostics);
        let mut groups = GroupsReader { region, clock }.read(fields, &mut types, diagnostics);
        if let Some(place) = fields.key_place("autoScalingGroups") {
            check_groups(&groups.list, &fixed, place, diagnostics);
        }
        ManagedInstancesReader {
            region,
            types: &mut types,
        }
        .read(fields, &mut groups, diagnostics);
        let spot = SpotReader {
            base_dir: environment.base_dir,
            types: &types,
            groups: &groups,
        }
        .read(fields, diagnostics);
        let providers = ProvidersReader { groups: &groups }.read(fields, diagnostics);
        let all_are_read = fields.get("containerInstances").is_none_or(
            |node| matches!(&node.value, Value::Sequence(items) if items.len() == fixed.len()),
        );
        Self {
            are_known: all_are_read && groups.are_known(),
            types,
            fixed,
            groups,
            providers,
            spot,
        }
    }

    /// What work is checked against; `None` when a part of it was reported, which is not to be
    /// reported again of the work.
    pub(super) fn fleet(&self) -> Option<Fleet<'_>> {
        self.are_known.then(|| Fleet::of(self))
    }
}
