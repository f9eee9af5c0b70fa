//! All instances by id, with the least and the most remaining of every range of ids: it finds
//! who has room without an order, and which reasons a refusal has.

use smallvec::SmallVec;

use crate::model::{Cluster, ContainerInstanceId, ContainerInstanceStatus, Ports, ProfileId};
use crate::model::{Reason, Reasons};
use crate::placement::check::{Rejection, check};
use crate::placement::template::Template;
use crate::units::{CpuUnits, MemoryMib, Resources, id, index};

use super::refusal::Refusal;

/// The least and the most that the registered instances of a range have left.
#[derive(Debug, Clone, Copy)]
struct Range {
    least: Resources,
    most: Resources,
}

impl Range {
    /// A range without registered instances.
    const EMPTY: Self = Self {
        least: Resources {
            cpu: CpuUnits(u32::MAX),
            memory: MemoryMib(u32::MAX),
            gpus: u32::MAX,
            enis: u32::MAX,
        },
        most: Resources {
            cpu: CpuUnits(0),
            memory: MemoryMib(0),
            gpus: 0,
            enis: 0,
        },
    };

    const fn is_empty(&self) -> bool {
        self.least.cpu.0 > self.most.cpu.0
    }

    fn join(&self, other: &Self) -> Self {
        Self {
            least: self.least.min(&other.least),
            most: self.most.max(&other.most),
        }
    }
}

/// A segment tree over instance ids.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// A complete binary tree: node 1 is all, leaf `width + i` is instance i.
    ranges: Vec<Range>,
    width: usize,
    seen: Option<u64>,
    /// By instance: whether it is registered, and its agent connected.
    standing: Vec<Option<bool>>,
    /// By profile: ACTIVE instances whose agent is connected, and others.
    connected: Vec<[u32; 2]>,
    /// How often anything of the three above has changed.
    fleet_version: u64,
}

/// The reasons that a template's refusals have from required attributes, zones and agents alone,
/// with the version of the fleet for which they hold.
pub(super) type StandingReasons = Option<(u64, Reasons)>;

impl Roster {
    /// Takes in what has changed since the last time.
    pub(super) fn catch_up(&mut self, cluster: &Cluster) {
        let now = cluster.change_count();
        if self.seen == Some(now) {
            return;
        }
        let width = cluster.instances().len().next_power_of_two();
        let changes = self.seen.and_then(|seen| cluster.changes_since(seen));
        match changes.filter(|_| self.width == width) {
            Some(changes) => {
                for change in changes {
                    self.update(change.instance, cluster);
                }
            }
            None => self.rebuild(width, cluster),
        }
        self.seen = Some(now);
    }

    fn rebuild(&mut self, width: usize, cluster: &Cluster) {
        self.width = width;
        self.ranges = vec![Range::EMPTY; 2 * width];
        for row in 0..cluster.instances().len() {
            let instance = ContainerInstanceId(id(row));
            self.ranges[width + row] = self.stand(instance, cluster);
        }
        for node in (1..width).rev() {
            self.ranges[node] = self.ranges[2 * node].join(&self.ranges[2 * node + 1]);
        }
    }

    fn update(&mut self, instance: ContainerInstanceId, cluster: &Cluster) {
        let leaf = self.stand(instance, cluster);
        let mut node = self.width + instance.index();
        self.ranges[node] = leaf;
        while node > 1 {
            node /= 2;
            self.ranges[node] = self.ranges[2 * node].join(&self.ranges[2 * node + 1]);
        }
    }

    /// Notes how an instance stands, and returns its leaf.
    fn stand(&mut self, on: ContainerInstanceId, cluster: &Cluster) -> Range {
        let instance = cluster.instance(on);
        let registered = instance.status == ContainerInstanceStatus::Active;
        let now = registered.then_some(instance.agent_connected);
        if self.standing.len() <= on.index() {
            self.standing.resize(on.index() + 1, None);
        }
        let before = std::mem::replace(&mut self.standing[on.index()], now);
        if before != now {
            let profile = index(instance.profile.0);
            if self.connected.len() <= profile {
                self.connected.resize(profile + 1, [0, 0]);
            }
            let [connected, disconnected] = &mut self.connected[profile];
            *disconnected += u32::from(now == Some(false));
            *disconnected -= u32::from(before == Some(false));
            *connected += u32::from(now == Some(true));
            *connected -= u32::from(before == Some(true));
            self.fleet_version += 1;
        }
        if registered {
            Range {
                least: instance.remaining,
                most: instance.remaining,
            }
        } else {
            Range::EMPTY
        }
    }

    /// The reasons that agents, required attributes and zones give, over all registered
    /// instances. They change with the fleet only, so they are kept beside the template.
    fn standing_reasons(
        &self,
        cluster: &Cluster,
        template: &Template,
        kept: &mut StandingReasons,
    ) -> Reasons {
        if let Some((version, reasons)) = kept
            && *version == self.fleet_version
        {
            return *reasons;
        }
        let mut reasons = Reasons::NONE;
        let mut any_active = false;
        for (row, [connected, disconnected]) in self.connected.iter().enumerate() {
            let profile = cluster.profile_by_id(ProfileId(id(row)));
            if connected + disconnected == 0 || !profile.is_within(template.capacity) {
                continue;
            }
            any_active = true;
            if *disconnected > 0 {
                reasons.insert(Reason::Agent);
            }
            if *connected == 0 {
                continue;
            }
            if template.missing_attribute(&profile.attributes).is_some() {
                reasons.insert(Reason::Attribute);
            } else if !template.reaches(profile.availability_zone()) {
                reasons.insert(Reason::Location);
            }
        }
        if !any_active {
            reasons.insert(Reason::NoInstances);
        }
        *kept = Some((self.fleet_version, reasons));
        reasons
    }

    /// The instances whose remaining amounts cover the needs, in order of id.
    pub(super) fn covering(&self, needs: &Resources) -> Vec<ContainerInstanceId> {
        let mut found = Vec::new();
        let mut open = vec![1];
        while let Some(node) = open.pop() {
            let range = &self.ranges[node];
            if range.is_empty() || !range.most.covers(needs) {
                continue;
            }
            if node >= self.width {
                found.push(ContainerInstanceId(id(node - self.width)));
            } else {
                open.extend([2 * node + 1, 2 * node]);
            }
        }
        found
    }

    /// The refusal of a template of which no registered instance is a candidate, with the reasons
    /// of all of them. Where an earlier refusal says which reasons there can be, no others are
    /// looked for.
    pub(super) fn refusal(
        &self,
        cluster: &Cluster,
        template: &Template,
        needs: &Resources,
        kept: &mut StandingReasons,
        earlier: Option<(Refusal, Reasons)>,
    ) -> Refusal {
        let (witnesses, possible) = earlier
            .map(|(refusal, possible)| (refusal.witnesses, possible))
            .unzip();
        let mut refusal = Refusal {
            needs: *needs,
            seen: cluster.change_count(),
            reasons: self.standing_reasons(cluster, template, kept),
            witnesses: SmallVec::new(),
        };
        let hear = |refusal: &mut Refusal, instance: ContainerInstanceId| {
            let rejection = check(cluster, template, needs, instance).err();
            let considered = rejection.filter(|rejection| rejection.is_considered());
            let reason = considered.map(Rejection::reason);
            if let Some(reason) = reason.filter(|reason| !refusal.reasons.contains(*reason)) {
                refusal.reasons.insert(reason);
                refusal.witnesses.push(instance);
            }
        };
        for instance in witnesses.unwrap_or_default() {
            if cluster.instance(instance).status == ContainerInstanceStatus::Active {
                hear(&mut refusal, instance);
            }
        }
        let mut open = vec![1];
        while let Some(node) = open.pop() {
            let unknown = |reason| {
                !refusal.reasons.contains(reason)
                    && possible.is_none_or(|possible| possible.contains(reason))
            };
            if !self.may_add(node, template, needs, &unknown) {
                continue;
            }
            if node < self.width {
                open.extend([2 * node + 1, 2 * node]);
                continue;
            }
            hear(&mut refusal, ContainerInstanceId(id(node - self.width)));
        }
        refusal
    }

    /// Whether a range may hold an instance whose reason is not known yet.
    fn may_add(
        &self,
        node: usize,
        template: &Template,
        needs: &Resources,
        new: &impl Fn(Reason) -> bool,
    ) -> bool {
        let Range { least, most } = &self.ranges[node];
        if self.ranges[node].is_empty() {
            return false;
        }
        let cpu_may_do = most.cpu >= needs.cpu;
        let memory_may_do = cpu_may_do && most.memory >= needs.memory;
        let all_may_do = memory_may_do && most.gpus >= needs.gpus;
        let asks_ports = template.ports != Ports::default();
        (new(Reason::Cpu) && least.cpu < needs.cpu)
            || (new(Reason::Memory) && cpu_may_do && least.memory < needs.memory)
            || (new(Reason::Gpu) && memory_may_do && least.gpus < needs.gpus)
            || (new(Reason::Ports) && all_may_do && asks_ports)
            || (new(Reason::Eni) && all_may_do && least.enis < needs.enis)
            || (new(Reason::MemberOf) && all_may_do && !template.member_of.is_empty())
            || (new(Reason::DistinctInstance) && all_may_do && template.distinct_instance)
    }
}
