//! The filters and constraints, in the order in which ECS's reasons are given: one question each,
//! asked of one instance.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::model::{
    Cluster, ContainerInstance, ContainerInstanceId, ContainerInstanceStatus, PortConflict, Profile,
};
use crate::units::Resources;

use super::outcome::NearestMiss;
use super::query::{Facts, Truth};
use super::template::Template;
use crate::model::Reason;

/// Why one instance is no place for a task, with the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The instance belongs to another capacity provider or launch type: it is not considered.
    OtherCapacity,
    /// The instance drains.
    Draining,
    /// The agent is not connected.
    Agent,
    /// A required attribute is missing or differs: its index in the template.
    Attribute(usize),
    /// The zone is none of the subnets'.
    Location,
    /// CPU units asked for and remaining.
    Cpu(u32, u32),
    /// MiB asked for and remaining.
    Memory(u32, u32),
    /// GPUs asked for and remaining.
    Gpu(u32, u32),
    /// A port cannot be had.
    Ports(PortConflict),
    /// Network interfaces asked for and remaining.
    Eni(u32, u32),
    /// A `memberOf` expression does not hold: its index in the template.
    MemberOf(usize),
    /// So many tasks of the group are there already.
    DistinctInstance(u32),
}

impl Rejection {
    /// Whether the instance is one that the task could be placed on at all: one of the capacity
    /// that it is meant for, and not draining. Others have no say in why it was refused.
    pub const fn is_considered(self) -> bool {
        !matches!(self, Self::OtherCapacity | Self::Draining)
    }

    /// ECS's reason.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Draining => Reason::Inactive,
            Self::Agent => Reason::Agent,
            Self::OtherCapacity | Self::Attribute(_) => Reason::Attribute,
            Self::Location => Reason::Location,
            Self::Cpu(..) => Reason::Cpu,
            Self::Memory(..) => Reason::Memory,
            Self::Gpu(..) => Reason::Gpu,
            Self::Ports(_) => Reason::Ports,
            Self::Eni(..) => Reason::Eni,
            Self::MemberOf(_) => Reason::MemberOf,
            Self::DistinctInstance(_) => Reason::DistinctInstance,
        }
    }
}

/// Whether a task could be placed on the instance now; else the first reason why not.
///
/// # Errors
/// [`Rejection::OtherCapacity`] or [`Rejection::Draining`], else the first in the order of
/// [`Reason::ALL`].
pub fn check(
    cluster: &Cluster,
    template: &Template,
    needs: &Resources,
    id: ContainerInstanceId,
) -> Result<(), Rejection> {
    let instance = cluster.instance(id);
    let profile = cluster.profile(id);
    if !profile.is_within(template.capacity) {
        return Err(Rejection::OtherCapacity);
    }
    if instance.status == ContainerInstanceStatus::Draining {
        return Err(Rejection::Draining);
    }
    agent(instance)?;
    attributes(template, profile)?;
    location(template, profile)?;
    amounts(needs, &instance.remaining)?;
    ports(template, instance)?;
    enis(needs, &instance.remaining)?;
    member_of(cluster, template, id)?;
    distinct_instance(template, instance)
}

fn agent(instance: &ContainerInstance) -> Result<(), Rejection> {
    if instance.agent_connected {
        Ok(())
    } else {
        Err(Rejection::Agent)
    }
}

fn attributes(template: &Template, profile: &Profile) -> Result<(), Rejection> {
    match template.missing_attribute(&profile.attributes) {
        Some(missing) => Err(Rejection::Attribute(missing)),
        None => Ok(()),
    }
}

fn location(template: &Template, profile: &Profile) -> Result<(), Rejection> {
    if template.reaches(profile.availability_zone()) {
        Ok(())
    } else {
        Err(Rejection::Location)
    }
}

fn amounts(needs: &Resources, remaining: &Resources) -> Result<(), Rejection> {
    if needs.cpu > remaining.cpu {
        Err(Rejection::Cpu(needs.cpu.0, remaining.cpu.0))
    } else if needs.memory > remaining.memory {
        Err(Rejection::Memory(needs.memory.0, remaining.memory.0))
    } else if needs.gpus > remaining.gpus {
        Err(Rejection::Gpu(needs.gpus, remaining.gpus))
    } else {
        Ok(())
    }
}

fn ports(template: &Template, instance: &ContainerInstance) -> Result<(), Rejection> {
    match instance.ports.conflict(&template.ports) {
        Some(conflict) => Err(Rejection::Ports(conflict)),
        None => Ok(()),
    }
}

fn enis(needs: &Resources, remaining: &Resources) -> Result<(), Rejection> {
    if needs.enis > remaining.enis {
        Err(Rejection::Eni(needs.enis, remaining.enis))
    } else {
        Ok(())
    }
}

fn member_of(
    cluster: &Cluster,
    template: &Template,
    id: ContainerInstanceId,
) -> Result<(), Rejection> {
    let facts = InstanceFacts::now(cluster, id);
    match template
        .member_of
        .iter()
        .position(|expression| !expression.matches(&facts))
    {
        Some(unsatisfied) => Err(Rejection::MemberOf(unsatisfied)),
        None => Ok(()),
    }
}

fn distinct_instance(template: &Template, instance: &ContainerInstance) -> Result<(), Rejection> {
    match instance.tasks_of_group(template.group) {
        tasks if tasks > 0 && template.distinct_instance => Err(Rejection::DistinctInstance(tasks)),
        _ => Ok(()),
    }
}

/// What [`check`] asks that never changes over an instance's life: capacity, attributes, zone,
/// and the `memberOf` expressions that look at no task.
pub fn admits_for_life(cluster: &Cluster, template: &Template, id: ContainerInstanceId) -> bool {
    let profile = cluster.profile(id);
    let facts = InstanceFacts::now(cluster, id);
    let mut lasting = template
        .member_of
        .iter()
        .filter(|expression| expression.is_static());
    profile.is_within(template.capacity)
        && attributes(template, profile).is_ok()
        && location(template, profile).is_ok()
        && lasting.all(|expression| expression.matches(&facts))
}

/// What [`check`] asks that may change, but for the amounts.
pub(super) fn admits_now(cluster: &Cluster, template: &Template, id: ContainerInstanceId) -> bool {
    admits_any_group_now(cluster, template, id)
        && distinct_instance(template, cluster.instance(id)).is_ok()
}

/// The same but for `distinctInstance`: what is left does not depend on the template's group.
pub(super) fn admits_any_group_now(
    cluster: &Cluster,
    template: &Template,
    id: ContainerInstanceId,
) -> bool {
    let instance = cluster.instance(id);
    let changing =
        |template: &Template| template.member_of.iter().any(|member| !member.is_static());
    instance.status == ContainerInstanceStatus::Active
        && instance.agent_connected
        && ports(template, instance).is_ok()
        && (!changing(template) || member_of(cluster, template, id).is_ok())
}

/// Whether the instance could hold the task if no task were on it and its agent were connected.
/// What depends on the tasks there (`task:group`, `runningTasksCount`) may still come to hold.
pub fn could_hold_when_empty(
    cluster: &Cluster,
    template: &Template,
    needs: &Resources,
    id: ContainerInstanceId,
) -> bool {
    let instance = cluster.instance(id);
    let profile = cluster.profile(id);
    let facts = InstanceFacts {
        tasks_known: false,
        ..InstanceFacts::now(cluster, id)
    };
    instance.registered.covers(needs)
        && profile.is_within(template.capacity)
        && attributes(template, profile).is_ok()
        && location(template, profile).is_ok()
        && instance.ports.emptied().conflict(&template.ports).is_none()
        && template
            .member_of
            .iter()
            .all(|member| member.evaluate(&facts) != Truth::False)
}

/// The instance that falls short in amounts alone, and by the least: the smallest sum of what
/// it lacks, each as a share of what is asked. Ties go to the lowest id.
pub fn nearest_miss(
    cluster: &Cluster,
    template: &Template,
    needs: &Resources,
) -> Option<NearestMiss> {
    let lacks = |asked: u32, has: u32| asked.saturating_sub(has);
    let share = |lack: u32, asked: u32| match asked {
        0 => 0,
        asked => u64::from(lack) * 1_000_000 / u64::from(asked),
    };
    let miss = |id: &ContainerInstanceId| {
        let has = cluster.instance(*id).remaining;
        let miss = NearestMiss {
            instance: *id,
            cpu: lacks(needs.cpu.0, has.cpu.0),
            memory: lacks(needs.memory.0, has.memory.0),
            gpus: lacks(needs.gpus, has.gpus),
            enis: lacks(needs.enis, has.enis),
        };
        let distance = share(miss.cpu, needs.cpu.0)
            + share(miss.memory, needs.memory.0)
            + share(miss.gpus, needs.gpus)
            + share(miss.enis, needs.enis);
        (distance, *id, miss)
    };
    cluster
        .registered()
        .iter()
        .filter(|id| {
            admits_now(cluster, template, **id) && admits_for_life(cluster, template, **id)
        })
        .map(miss)
        .min_by_key(|(distance, id, _)| (*distance, *id))
        .map(|(.., miss)| miss)
}

/// What the query language may ask of an instance.
struct InstanceFacts<'a> {
    cluster: &'a Cluster,
    id: ContainerInstanceId,
    tasks_known: bool,
}

impl<'a> InstanceFacts<'a> {
    fn now(cluster: &'a Cluster, id: ContainerInstanceId) -> Self {
        Self {
            cluster,
            id,
            tasks_known: true,
        }
    }
}

impl Facts for InstanceFacts<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.cluster
            .profile(self.id)
            .attributes
            .get(name)
            .map(String::as_str)
    }

    fn ec2_instance_id(&self) -> Cow<'_, str> {
        Cow::Owned(self.id.to_string())
    }

    fn agent_connected(&self) -> bool {
        self.cluster.instance(self.id).agent_connected
    }

    fn agent_version(&self) -> &str {
        &self.cluster.profile(self.id).agent_version
    }

    fn registered_at(&self) -> Timestamp {
        let since_start = self.cluster.instance(self.id).registered_at.0;
        let span =
            jiff::SignedDuration::from_millis(i64::try_from(since_start).unwrap_or(i64::MAX));
        self.cluster
            .start()
            .saturating_add(span)
            .unwrap_or(Timestamp::MAX)
    }

    fn running_tasks_count(&self) -> Option<u32> {
        self.tasks_known
            .then(|| self.cluster.instance(self.id).running_tasks_count)
    }

    fn groups(&self) -> Option<Vec<&str>> {
        let groups = || self.cluster.instance(self.id).groups();
        self.tasks_known.then(|| {
            groups()
                .map(|group| self.cluster.group_name(group))
                .collect()
        })
    }
}
