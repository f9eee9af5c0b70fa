//! The instances that a kind of request may use at all, in the order of its strategies: one
//! ordered tree for each combination of values of the attributes it spreads over.

use crate::model::{Cluster, ContainerInstanceId, GroupId};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    RemainingCpu,
    RemainingMemory,
    /// Tasks of the group on the instance.
    GroupTasks(GroupId),
}

/// Where the rank of one strategy of the chain comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Order {
    pub(super) sources: Vec<RankSource>,
    pub(super) components: Vec<Component>,
    pub(super) attributes: Vec<String>,
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
                    order.component(Component::GroupTasks(template.group))
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

/// The instances that a template admits, ordered.
#[derive(Debug)]
pub(super) struct Forest {
    order: Order,
    fields: Vec<usize>,
    trees: Trees,
    partitions: Vec<Partition>,
    /// By instance: the partition whose tree it is in.
    entered: Vec<Option<u32>>,
    /// By instance: whether what never changes of it admits the template's tasks.
    admitted_for_life: Vec<bool>,
    seen: Option<u64>,
}

/// The best instance so far: its ranks, its id, its key.
pub(super) type Best = (Ranks, u32, Key);

impl Forest {
    pub(super) fn new(order: Order, cluster: &Cluster, counts: &mut SpreadCounts) -> Self {
        let fields = order
            .attributes
            .iter()
            .map(|name| counts.field(name, cluster))
            .collect();
        Self {
            order,
            fields,
            trees: Trees::default(),
            partitions: Vec::new(),
            entered: Vec::new(),
            admitted_for_life: Vec::new(),
            seen: None,
        }
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
            && check::admits_now(cluster, template, instance);
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
                Component::GroupTasks(group) => row.tasks_of_group(*group),
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

    /// The candidate that the chain ranks best, ties to the lowest id.
    pub(super) fn best(
        &self,
        template: &Template,
        counts: &SpreadCounts,
        needs: &Resources,
    ) -> Option<Best> {
        let mut best: Option<Best> = None;
        for partition in &self.partitions {
            let leading = self.leading_rank(partition, template, counts);
            if best.as_ref().is_some_and(|(ranks, ..)| leading > ranks[0]) {
                continue;
            }
            let Some((row, key)) = self.trees.first(partition.root, needs) else {
                continue;
            };
            let found = (self.ranks(partition, key, template, counts), row, key);
            if best
                .as_ref()
                .is_none_or(|best| (found.0, found.1) < (best.0, best.1))
            {
                best = Some(found);
            }
        }
        best
    }

    /// Whether a candidate's ranks are exactly these: for a random choice among equals.
    pub(super) fn has_ranks(
        &self,
        instance: ContainerInstanceId,
        ranks: &Ranks,
        template: &Template,
        counts: &SpreadCounts,
        needs: &Resources,
    ) -> bool {
        let Some(partition) = self.entered[instance.index()] else {
            return false;
        };
        let (key, remaining) = self.trees.entered(instance.0);
        let partition = &self.partitions[index(partition)];
        remaining.covers(needs) && self.ranks(partition, key, template, counts) == *ranks
    }

    /// All candidates that the chain ranks equal to the best, in order of id.
    pub(super) fn equals(
        &self,
        best: &Best,
        template: &Template,
        counts: &SpreadCounts,
        needs: &Resources,
    ) -> Vec<ContainerInstanceId> {
        let (ranks, _, like) = best;
        let mut found = Vec::new();
        for partition in &self.partitions {
            if self.ranks(partition, *like, template, counts) == *ranks {
                self.trees.equals(partition.root, needs, *like, &mut found);
            }
        }
        found.sort_unstable();
        found.into_iter().map(ContainerInstanceId).collect()
    }

    /// The first rank where it is the whole partition's, else the least it could be.
    fn leading_rank(
        &self,
        partition: &Partition,
        template: &Template,
        counts: &SpreadCounts,
    ) -> u64 {
        match self.order.sources.first() {
            Some(RankSource::Field(field)) => self.field_rank(partition, *field, template, counts),
            Some(RankSource::Component(_) | RankSource::Constant) | None => 0,
        }
    }

    fn ranks(
        &self,
        partition: &Partition,
        key: Key,
        template: &Template,
        counts: &SpreadCounts,
    ) -> Ranks {
        let mut ranks = [0; MAX_LINKS];
        for (rank, source) in ranks.iter_mut().zip(&self.order.sources) {
            *rank = match source {
                RankSource::Component(place) => u64::from(key.component(*place)),
                RankSource::Field(field) => self.field_rank(partition, *field, template, counts),
                RankSource::Constant => 0,
            };
        }
        ranks
    }

    fn field_rank(
        &self,
        partition: &Partition,
        field: usize,
        template: &Template,
        counts: &SpreadCounts,
    ) -> u64 {
        use crate::placement::MissingSpreadAttribute::Last;
        let value = partition.values[field];
        let last = template.chain.options.missing_spread_attribute == Last;
        if last && counts.is_missing(self.fields[field], value) {
            return u64::MAX;
        }
        u64::from(counts.count(self.fields[field], template.group, value))
    }
}
