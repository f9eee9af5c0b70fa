//! A container instance: what it registered, what remains of it, and what it hosts.

use smallvec::SmallVec;

use crate::units::{Resources, SimTime};

use super::attributes::{self, Attributes};
use super::capacity::{CapacityScope, InstanceSource, LaunchType, PurchaseOption};
use super::ids::{CapacityProviderId, GroupId, InstanceTypeId};
use super::port_table::PortTable;

/// What instances of one launch have in common. Instances share profiles, so that ten thousand of
/// them cost no ten thousand attribute maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The instance type.
    pub instance_type: InstanceTypeId,
    /// Built-in attributes, capabilities and custom attributes.
    pub attributes: Attributes,
    /// Version of the container agent.
    pub agent_version: String,
    /// Where it comes from.
    pub source: InstanceSource,
    /// EC2 or EXTERNAL.
    pub launch_type: LaunchType,
    /// How it is paid for.
    pub purchase_option: PurchaseOption,
    /// The capacity provider whose group launched it.
    pub capacity_provider: Option<CapacityProviderId>,
}

impl Profile {
    /// The profile of On-Demand instances of an entry of `containerInstances`.
    pub fn of_fleet(
        entry: u32,
        instance_type: InstanceTypeId,
        attributes: Attributes,
        agent_version: String,
    ) -> Self {
        Self {
            instance_type,
            attributes,
            agent_version,
            source: InstanceSource::Fleet(entry),
            launch_type: LaunchType::Ec2,
            purchase_option: PurchaseOption::OnDemand,
            capacity_provider: None,
        }
    }

    /// Whether tasks that are confined to this capacity may be placed on it.
    pub fn is_within(&self, scope: CapacityScope) -> bool {
        match scope {
            CapacityScope::LaunchType(launch_type) => self.launch_type == launch_type,
            CapacityScope::Provider(provider) => self.capacity_provider == Some(provider),
        }
    }

    /// The zone: the value of `ecs.availability-zone`.
    pub fn availability_zone(&self) -> &str {
        self.attributes
            .get(attributes::AVAILABILITY_ZONE)
            .map_or("", String::as_str)
    }
}

/// A row of the table of profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(pub u32);

/// `status` of a container instance (API reference of ContainerInstance).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerInstanceStatus {
    /// Accepts tasks.
    Active,
    /// Takes no new tasks; those of services are moved away.
    Draining,
    /// Deregistered.
    Inactive,
}

/// A container instance of the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerInstance {
    /// What it shares with its like.
    pub profile: ProfileId,
    /// Its status.
    pub status: ContainerInstanceStatus,
    /// Whether its agent is connected.
    pub agent_connected: bool,
    /// When it was launched: RUNNING for EC2, and billed from then on.
    pub launched_at: SimTime,
    /// When it registered.
    pub registered_at: SimTime,
    /// What it registered.
    pub registered: Resources,
    /// Registered less reserved.
    pub remaining: Resources,
    /// Host ports in use.
    pub ports: PortTable,
    /// Tasks placed here and not yet STOPPED.
    pub live_tasks: u32,
    /// Tasks placed here with desired status RUNNING.
    pub running_tasks_count: u32,
    /// The same for each group that has any, in no particular order.
    groups: SmallVec<[(GroupId, u32); 2]>,
}

impl ContainerInstance {
    /// An instance that registers as soon as it is launched, and hosts nothing.
    pub fn new(
        profile: ProfileId,
        agent_connected: bool,
        registered_at: SimTime,
        registered: Resources,
        ports: PortTable,
    ) -> Self {
        Self {
            profile,
            status: ContainerInstanceStatus::Active,
            agent_connected,
            launched_at: registered_at,
            registered_at,
            registered,
            remaining: registered,
            ports,
            live_tasks: 0,
            running_tasks_count: 0,
            groups: SmallVec::new(),
        }
    }

    /// Tasks of the group placed here with desired status RUNNING.
    #[inline]
    pub fn tasks_of_group(&self, group: GroupId) -> u32 {
        self.groups
            .iter()
            .find(|(id, _)| *id == group)
            .map_or(0, |(_, tasks)| *tasks)
    }

    /// The groups that have a task here with desired status RUNNING.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.groups.iter().map(|(group, _)| *group)
    }

    /// Counts a task of the group in.
    pub(super) fn count_in(&mut self, group: GroupId) {
        self.running_tasks_count += 1;
        match self.groups.iter_mut().find(|(id, _)| *id == group) {
            Some((_, tasks)) => *tasks += 1,
            None => self.groups.push((group, 1)),
        }
    }

    /// Counts a task of the group out.
    pub(super) fn count_out(&mut self, group: GroupId) {
        self.running_tasks_count -= 1;
        let place = self.groups.iter().position(|(id, _)| *id == group);
        let place = place.expect("a task that is counted out was counted in");
        self.groups[place].1 -= 1;
        if self.groups[place].1 == 0 {
            self.groups.swap_remove(place);
        }
    }
}
