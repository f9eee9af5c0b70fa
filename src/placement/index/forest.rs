//! The instances that a kind of request may use at all, in the order of its strategies: one
//! ordered tree for each combination of values of the attributes it spreads over.
//!
//! Where a group's own tasks matter (`spread` over instances, `distinctInstance`), a forest is
//! either one group's own, and its keys count that group's tasks; or it serves all groups, and
//! its keys count none. The keys of the latter are right for every instance that hosts nothing of
//! the asking group. So its trees are walked in order up to the first such instance with room:
//! whatever stands behind it is worse, with or without tasks, and what stands before it is looked
//! at with its tasks counted.

use std::ops::ControlFlow;

use crate::model::{Cluster, ContainerInstanceId, GroupId};
use crate::placement::plain::{Draws, RANDOM_DRAWS, pick};
use crate::placement::template::Template;
use crate::placement::{BinpackField, SpreadField, StrategySpec, check};
use crate::units::{Resources, id, index};

use super::spread_counts::SpreadCounts;
use super::tree::{Key, Root, Trees};

/// The most links of a chain whose ranks are kept.
pub(super) const MAX_LINKS: usize = crate::placement::MAX_STRATEGIES;

/// Ranks in the order of the chain; unused places are 0.
pub(super) type Ranks = [u64; MAX_LINKS];

/// What orders instances within one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    RemainingCpu,
    RemainingMemory,
    /// Tasks of the asking group on the instance.
    GroupTasks,
}

/// Where the rank of one strategy of the chain comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RankSource {
    /// A place in the tree's key.
    Component(usize),
    /// The tree's value of a partition field: a place in the forest's list of fields.
    Field(usize),
    /// Always 0: it leaves everything equal.
    Constant,
}

/// The order that a chain asks for, or `None` when it names a strategy of which the index knows
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Order {
    pub(super) sources: Vec<RankSource>,
    components: Vec<Component>,
    attributes: Vec<String>,
}

impl Order {
    pub(super) fn of(template: &Template) -> Option<Self> {
        let mut order = Self::default();
        for link in &template.chain.ranked {
            let source = match &link.spec {
                StrategySpec::Spread(SpreadField::Attribute(name)) => {
                    RankSource::Field(place(&mut order.attributes, name.clone()))
                }
                StrategySpec::Spread(SpreadField::InstanceId) => {
                    order.component(Component::GroupTasks)
                }
                StrategySpec::Binpack(BinpackField::Cpu) => {
                    order.component(Component::RemainingCpu)
                }
                StrategySpec::Binpack(BinpackField::Memory) => {
                    order.component(Component::RemainingMemory)
                }
                StrategySpec::Named(name) if name == "x-first-fit" => RankSource::Constant,
                StrategySpec::Random | StrategySpec::Named(_) => return None,
            };
            order.sources.push(source);
        }
        Some(order)
    }

    /// Which amount of a key counts the tasks of the asking group, if one does.
    pub(super) fn place_of_group_tasks(&self) -> Option<usize> {
        let mut components = self.components.iter();
        components.position(|component| *component == Component::GroupTasks)
    }

    fn component(&mut self, component: Component) -> RankSource {
        RankSource::Component(place(&mut self.components, component))
    }
}

/// The place of a thing in a list, appended if it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    list.iter()
        .position(|known| *known == thing)
        .unwrap_or_else(|| {
            list.push(thing);
            list.len() - 1
        })
}

/// One combination of values of the partition fields, and its instances in order.
#[derive(Debug)]
struct Partition {
    values: Vec<u32>,
    root: Root,
}

/// What is asked of a forest.
pub(super) struct Question<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) template: &'a Template,
    pub(super) needs: &'a Resources,
    pub(super) counts: &'a SpreadCounts,
}

/// The instances that a template admits, ordered.
#[derive(Debug)]
pub(super) struct Forest {
    order: Order,
    place_of_group_tasks: Option<usize>,
    /// Whose own it is; `None` serves all groups.
    owner: Option<GroupId>,
    fields: Vec<usize>,
    trees: Trees,
    partitions: Vec<Partition>,
    /// By instance: the partition whose tree it is in.
    entered: Vec<Option<u32>>,
    /// By instance: whether what never changes of it admits the template's tasks.
    admitted_for_life: Vec<bool>,
    seen: Option<u64>,
}

/// The best instance so far: its ranks, and its key with the tasks of the asking group counted.
type Best = (Ranks, Key);

impl Forest {
    /// A forest for all groups.
    pub(super) fn new(order: Order, cluster: &Cluster, counts: &mut SpreadCounts) -> Self {
        let fields = order
            .attributes
            .iter()
            .map(|name| counts.field(name, cluster))
            .collect();
        Self::empty(order, fields, None)
    }

    /// A forest of the same order for one group.
    pub(super) fn for_group(&self, group: GroupId) -> Self {
        Self::empty(self.order.clone(), self.fields.clone(), Some(group))
    }

    fn empty(order: Order, fields: Vec<usize>, owner: Option<GroupId>) -> Self {
        Self {
            place_of_group_tasks: order.place_of_group_tasks(),
            order,
            owner,
            fields,
            trees: Trees::default(),
            partitions: Vec::new(),
            entered: Vec::new(),
            admitted_for_life: Vec::new(),
            seen: None,
        }
    }

    /// How many changes it would have to take in; `None` when it must look at every instance.
    pub(super) fn behind(&self, cluster: &Cluster) -> Option<usize> {
        Some(cluster.changes_since(self.seen?)?.len())
    }

    /// Takes in what has changed since the last time this forest was asked.
    pub(super) fn catch_up(
        &mut self,
        cluster: &Cluster,
        template: &Template,
        counts: &mut SpreadCounts,
    ) {
        let now = cluster.change_count();
        if self.seen == Some(now) {
            return;
        }
        self.entered.resize(cluster.instances().len(), None);
        self.trees.grow(cluster.instances().len());
        for row in id(self.admitted_for_life.len())..id(cluster.instances().len()) {
            let admitted = check::admits_for_life(cluster, template, ContainerInstanceId(row));
            self.admitted_for_life.push(admitted);
        }
        match self.seen.and_then(|seen| cluster.changes_since(seen)) {
            Some(changes) => {
                let mut last = None;
                for change in changes {
                    if last != Some(change.instance) {
                        self.refresh(change.instance, cluster, template, counts);
                        last = Some(change.instance);
                    }
                }
            }
            None => {
                for row in 0..id(cluster.instances().len()) {
                    self.refresh(ContainerInstanceId(row), cluster, template, counts);
                }
            }
        }
        self.seen = Some(now);
    }

    /// Puts one instance where it belongs now.
    fn refresh(
        &mut self,
        instance: ContainerInstanceId,
        cluster: &Cluster,
        template: &Template,
        counts: &mut SpreadCounts,
    ) {
        let row = instance.0;
        let remaining = cluster.instance(instance).remaining;
        let key = self.key(instance, cluster);
        let admitted = self.admitted_for_life[instance.index()]
            && match self.owner {
                Some(_) => check::admits_now(cluster, template, instance),
                None => check::admits_any_group_now(cluster, template, instance),
            };
        if let Some(partition) = self.entered[instance.index()] {
            if admitted && self.trees.entered(row) == (key, remaining) {
                return;
            }
            self.trees
                .remove(&mut self.partitions[index(partition)].root, row);
            self.entered[instance.index()] = None;
            if admitted {
                self.enter(partition, row, key, remaining);
            }
        } else if admitted {
            let partition = self.partition(instance, cluster, counts);
            self.enter(partition, row, key, remaining);
        }
    }

    fn enter(&mut self, partition: u32, row: u32, key: Key, remaining: Resources) {
        self.trees.insert(
            &mut self.partitions[index(partition)].root,
            row,
            key,
            remaining,
        );
        self.entered[index(row)] = Some(partition);
    }

    fn key(&self, instance: ContainerInstanceId, cluster: &Cluster) -> Key {
        let row = cluster.instance(instance);
        let mut components = [0; 3];
        for (place, component) in self.order.components.iter().enumerate() {
            components[place] = match component {
                Component::RemainingCpu => row.remaining.cpu.0,
                Component::RemainingMemory => row.remaining.memory.0,
                Component::GroupTasks => self.owner.map_or(0, |group| row.tasks_of_group(group)),
            };
        }
        Key::new(components, instance.0)
    }

    fn partition(
        &mut self,
        instance: ContainerInstanceId,
        cluster: &Cluster,
        counts: &mut SpreadCounts,
    ) -> u32 {
        let profile = cluster.instance(instance).profile;
        let fields = self.fields.iter();
        let values: Vec<u32> = fields
            .map(|field| counts.value(*field, profile, cluster))
            .collect();
        let known = self
            .partitions
            .iter()
            .position(|partition| partition.values == values);
        id(known.unwrap_or_else(|| {
            self.partitions.push(Partition {
                values,
                root: Root::EMPTY,
            });
            self.partitions.len() - 1
        }))
    }

    /// The candidate that the chain picks. What the search looked at with tasks of the asking
    /// group is added to `looked`.
    pub(super) fn pick(
        &self,
        asked: &Question<'_>,
        draws: &mut dyn Draws,
        looked: &mut u64,
    ) -> Option<ContainerInstanceId> {
        let best = self.best(asked, looked)?;
        if !asked.template.chain.then_random {
            return Some(ContainerInstanceId(best.1.row()));
        }
        let registered = asked.cluster.registered();
        for _ in 0..RANDOM_DRAWS {
            let drawn = registered[pick(draws, registered.len())];
            if self.has_ranks(drawn, &best.0, asked) {
                return Some(drawn);
            }
        }
        let equals = self.equals(&best, asked, looked);
        Some(equals[pick(draws, equals.len())])
    }

    /// The candidate that the chain ranks best, ties to the lowest id.
    fn best(&self, asked: &Question<'_>, looked: &mut u64) -> Option<Best> {
        let foremost = self.foremost(asked);
        let others = (0..self.partitions.len()).filter(|number| *number != foremost);
        let mut best: Option<Best> = None;
        for number in std::iter::once(foremost).chain(others) {
            let Some(partition) = self.partitions.get(number) else {
                continue;
            };
            let leading = self.leading_rank(partition, asked);
            if best.as_ref().is_some_and(|(ranks, _)| leading > ranks[0]) {
                continue;
            }
            let Some(key) = self.first(partition, asked, looked) else {
                continue;
            };
            let found = (self.ranks(partition, key, asked), key);
            let better = |best: &Best| (found.0, key.row()) < (best.0, best.1.row());
            if best.as_ref().is_none_or(better) {
                best = Some(found);
            }
        }
        best
    }

    /// The partition to begin with: where the first rank is a partition's, one with the least.
    fn foremost(&self, asked: &Question<'_>) -> usize {
        match self.order.sources.first() {
            Some(RankSource::Field(_)) => (0..self.partitions.len())
                .min_by_key(|number| self.leading_rank(&self.partitions[*number], asked))
                .unwrap_or(0),
            Some(RankSource::Component(_) | RankSource::Constant) | None => 0,
        }
    }

    /// The first candidate of a partition.
    fn first(&self, partition: &Partition, asked: &Question<'_>, looked: &mut u64) -> Option<Key> {
        if !self.hides_tasks(asked.template) {
            let first = self.trees.first(partition.root, asked.needs);
            return first.map(|(_, key)| key);
        }
        let mut best: Option<Key> = None;
        self.trees.visit(partition.root, asked.needs, &mut |key| {
            let tasks = hosted(asked, key.row());
            if let Some(key) = self.with_tasks(asked, key, tasks) {
                best = Some(best.map_or(key, |best| best.min(key)));
            }
            if tasks == 0 {
                return ControlFlow::Break(());
            }
            *looked += 1;
            ControlFlow::Continue(())
        });
        best
    }

    /// Whether the tasks of the asking group matter, and the keys do not count them.
    fn hides_tasks(&self, template: &Template) -> bool {
        self.owner.is_none() && (self.place_of_group_tasks.is_some() || template.distinct_instance)
    }

    /// A key of the shared order as it is for a group with so many tasks there; `None` when
    /// `distinctInstance` forbids one more.
    fn with_tasks(&self, asked: &Question<'_>, key: Key, tasks: u32) -> Option<Key> {
        match self.place_of_group_tasks {
            _ if tasks > 0 && asked.template.distinct_instance => None,
            Some(place) => Some(key.with(place, tasks)),
            None => Some(key),
        }
    }

    /// Whether a candidate's ranks are exactly these: for a random choice among equals.
    fn has_ranks(
        &self,
        instance: ContainerInstanceId,
        ranks: &Ranks,
        asked: &Question<'_>,
    ) -> bool {
        let Some(partition) = self.entered[instance.index()] else {
            return false;
        };
        let (mut key, remaining) = self.trees.entered(instance.0);
        if !remaining.covers(asked.needs) {
            return false;
        }
        if self.hides_tasks(asked.template) {
            match self.with_tasks(asked, key, hosted(asked, instance.0)) {
                Some(counted) => key = counted,
                None => return false,
            }
        }
        self.ranks(&self.partitions[index(partition)], key, asked) == *ranks
    }

    /// All candidates that the chain ranks equal to the best, in order of id.
    fn equals(
        &self,
        best: &Best,
        asked: &Question<'_>,
        looked: &mut u64,
    ) -> Vec<ContainerInstanceId> {
        let (ranks, like) = best;
        let hides_tasks = self.hides_tasks(asked.template);
        let (mut like_entered, mut tasks) = (*like, 0);
        if let (true, Some(place)) = (hides_tasks, self.place_of_group_tasks) {
            tasks = like.component(place);
            like_entered = like.with(place, 0);
        }
        let mut found = Vec::new();
        for partition in &self.partitions {
            if self.ranks(partition, *like, asked) == *ranks {
                let root = partition.root;
                self.trees
                    .equals(root, asked.needs, like_entered, &mut found);
            }
        }
        if hides_tasks {
            *looked += u64::from(id(found.len()));
            found.retain(|row| hosted(asked, *row) == tasks);
        }
        found.sort_unstable();
        found.into_iter().map(ContainerInstanceId).collect()
    }

    /// The first rank where it is the whole partition's, else the least it could be.
    fn leading_rank(&self, partition: &Partition, asked: &Question<'_>) -> u64 {
        match self.order.sources.first() {
            Some(RankSource::Field(field)) => self.field_rank(partition, *field, asked),
            Some(RankSource::Component(_) | RankSource::Constant) | None => 0,
        }
    }

    fn ranks(&self, partition: &Partition, key: Key, asked: &Question<'_>) -> Ranks {
        let mut ranks = [0; MAX_LINKS];
        for (rank, source) in ranks.iter_mut().zip(&self.order.sources) {
            *rank = match source {
                RankSource::Component(place) => u64::from(key.component(*place)),
                RankSource::Field(field) => self.field_rank(partition, *field, asked),
                RankSource::Constant => 0,
            };
        }
        ranks
    }

    fn field_rank(&self, partition: &Partition, field: usize, asked: &Question<'_>) -> u64 {
        use crate::placement::MissingSpreadAttribute::Last;
        let (template, counts) = (asked.template, asked.counts);
        let value = partition.values[field];
        let last = template.chain.options.missing_spread_attribute == Last;
        if last && counts.is_missing(self.fields[field], value) {
            return u64::MAX;
        }
        u64::from(counts.count(self.fields[field], template.group, value))
    }
}

/// Tasks of the asking group on an instance.
fn hosted(asked: &Question<'_>, row: u32) -> u32 {
    let instance = asked.cluster.instance(ContainerInstanceId(row));
    instance.tasks_of_group(asked.template.group)
}
