//! An ordered tree of instances that knows, for every branch, the most that any instance in it
//! has left: the first instance in order that covers a task's needs is found without looking at
//! those that do not.
//!
//! A B-tree whose nodes hold up to [`FANOUT`] entries: three levels serve ten thousand instances,
//! and a node's maxima lie side by side in memory.

use std::ops::ControlFlow;

use crate::units::{Resources, id, index};

/// The most entries of a node.
const FANOUT: usize = 32;

/// Where an instance stands in the order: three amounts, then its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Key(u128);

impl Key {
    /// The place of a row that ranks by these amounts, the first deciding.
    pub fn new(components: [u32; 3], row: u32) -> Self {
        let [first, second, third] = components.map(u128::from);
        Self((first << 96) | (second << 64) | (third << 32) | u128::from(row))
    }

    /// One of the three amounts.
    pub fn component(self, place: usize) -> u32 {
        const MASK: u128 = 0xffff_ffff;
        let shifted = self.0 >> (96 - 32 * place);
        u32::try_from(shifted & MASK).expect("a masked word fits")
    }

    /// The same place with another amount.
    pub(super) fn with(self, place: usize, amount: u32) -> Self {
        let shift = 96 - 32 * place;
        let others = self.0 & !(0xffff_ffff << shift);
        Self(others | (u128::from(amount) << shift))
    }

    /// The row that stands here.
    pub(super) fn row(self) -> u32 {
        let row = self.0 & 0xffff_ffff;
        u32::try_from(row).expect("a masked word fits")
    }

    /// The amounts without the id.
    fn prefix(self) -> u128 {
        self.0 >> 32
    }
}

/// In a leaf an instance; in a branch a child node with its lowest key and its maxima.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    key: Key,
    most: Resources,
    /// The instance's row, or the child's number.
    below: u32,
}

#[derive(Debug, Clone)]
struct Node {
    len: usize,
    keys: [Key; FANOUT],
    most: [Resources; FANOUT],
    below: [u32; FANOUT],
}

impl Node {
    fn empty() -> Self {
        Self {
            len: 0,
            keys: [Key::default(); FANOUT],
            most: [Resources::default(); FANOUT],
            below: [0; FANOUT],
        }
    }

    fn entry(&self, place: usize) -> Entry {
        Entry {
            key: self.keys[place],
            most: self.most[place],
            below: self.below[place],
        }
    }

    fn set(&mut self, place: usize, entry: Entry) {
        self.keys[place] = entry.key;
        self.most[place] = entry.most;
        self.below[place] = entry.below;
    }

    /// Opens a gap and puts the entry there. There must be room.
    fn put(&mut self, place: usize, entry: Entry) {
        self.keys.copy_within(place..self.len, place + 1);
        self.most.copy_within(place..self.len, place + 1);
        self.below.copy_within(place..self.len, place + 1);
        self.len += 1;
        self.set(place, entry);
    }

    fn take(&mut self, place: usize) {
        self.keys.copy_within(place + 1..self.len, place);
        self.most.copy_within(place + 1..self.len, place);
        self.below.copy_within(place + 1..self.len, place);
        self.len -= 1;
    }

    /// Moves the entries from `place` on to the end of another node.
    fn move_to(&mut self, place: usize, other: &mut Self) {
        for from in place..self.len {
            other.set(other.len, self.entry(from));
            other.len += 1;
        }
        self.len = place;
    }

    /// The place of the first entry whose key is not below `key`.
    fn lower_bound(&self, key: Key) -> usize {
        self.keys[..self.len].partition_point(|other| *other < key)
    }

    /// The place of the child that holds `key`, or should.
    fn child_of(&self, key: Key) -> usize {
        self.keys[..self.len]
            .partition_point(|other| *other <= key)
            .saturating_sub(1)
    }

    fn maxima(&self) -> Resources {
        self.most[..self.len]
            .iter()
            .fold(Resources::default(), |most, next| most.max(next))
    }
}

/// The root of one ordered tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    node: Option<u32>,
    height: u32,
}

impl Root {
    /// A tree without instances.
    pub const EMPTY: Self = Self {
        node: None,
        height: 0,
    };
}

/// The nodes of any number of disjoint trees over the same instances.
#[derive(Debug, Default)]
pub struct Trees {
    nodes: Vec<Node>,
    free: Vec<u32>,
    /// By row: what it was last entered with.
    entered: Vec<(Key, Resources)>,
}

impl Trees {
    /// Makes room for the rows below `rows`.
    pub fn grow(&mut self, rows: usize) {
        if rows > self.entered.len() {
            self.entered.resize(rows, Default::default());
        }
    }

    /// What the row was last entered with.
    pub fn entered(&self, row: u32) -> (Key, Resources) {
        self.entered[index(row)]
    }

    /// Enters a row that is in no tree.
    pub fn insert(&mut self, root: &mut Root, row: u32, key: Key, remaining: Resources) {
        self.entered[index(row)] = (key, remaining);
        let entry = Entry {
            key,
            most: remaining,
            below: row,
        };
        let Some(top) = root.node else {
            *root = Root {
                node: Some(self.leaf_of(entry)),
                height: 0,
            };
            return;
        };
        if let Some(right) = self.insert_below(top, root.height, entry) {
            let new = self.leaf_of(self.summary(top));
            let summary = self.summary(right);
            self.nodes[index(new)].put(1, summary);
            *root = Root {
                node: Some(new),
                height: root.height + 1,
            };
        }
    }

    /// Takes a row out of the tree that it is in.
    ///
    /// # Panics
    /// When the row is not in this tree.
    pub fn remove(&mut self, root: &mut Root, row: u32) {
        let top = root.node.expect("a row is taken out of the tree it is in");
        self.remove_below(top, root.height, self.entered[index(row)].0);
        let node = &self.nodes[index(top)];
        let (len, only) = (node.len, node.below[0]);
        if len == 0 {
            self.free.push(top);
            *root = Root::EMPTY;
        } else if len == 1 && root.height > 0 {
            self.free.push(top);
            *root = Root {
                node: Some(only),
                height: root.height - 1,
            };
        }
    }

    /// The first row in order whose remaining amounts cover the needs, with its key.
    pub fn first(&self, root: Root, needs: &Resources) -> Option<(u32, Key)> {
        self.first_below(root.node?, root.height, needs)
    }

    /// Shows the keys of the rows that cover the needs, in order, until `see` breaks off.
    pub(super) fn visit(
        &self,
        root: Root,
        needs: &Resources,
        see: &mut impl FnMut(Key) -> ControlFlow<()>,
    ) {
        if let Some(top) = root.node {
            // Whether it came to the end is for `see` to know.
            let _ = self.visit_below(top, root.height, needs, see);
        }
    }

    /// All rows that cover the needs and whose key has the same amounts as `like`.
    pub fn equals(&self, root: Root, needs: &Resources, like: Key, found: &mut Vec<u32>) {
        if let Some(top) = root.node {
            self.equals_below(top, root.height, needs, like, found);
        }
    }

    /// A new node with one entry.
    fn leaf_of(&mut self, entry: Entry) -> u32 {
        let new = self.new_node();
        self.nodes[index(new)].put(0, entry);
        new
    }

    fn new_node(&mut self) -> u32 {
        if let Some(used) = self.free.pop() {
            self.nodes[index(used)].len = 0;
            return used;
        }
        self.nodes.push(Node::empty());
        id(self.nodes.len() - 1)
    }

    /// A node as its parent's entry.
    fn summary(&self, node: u32) -> Entry {
        let child = &self.nodes[index(node)];
        Entry {
            key: child.keys[0],
            most: child.maxima(),
            below: node,
        }
    }

    /// Enters below a node; the new right half when it had to be split.
    fn insert_below(&mut self, node: u32, height: u32, entry: Entry) -> Option<u32> {
        if height == 0 {
            let place = self.nodes[index(node)].lower_bound(entry.key);
            return self.put(node, place, entry);
        }
        let above = &self.nodes[index(node)];
        let place = above.child_of(entry.key);
        let child = above.below[place];
        let right = self.insert_below(child, height - 1, entry);
        let Some(right) = right else {
            // Nothing but this entry has come: no need to look at the child's others again.
            let above = &mut self.nodes[index(node)];
            above.keys[place] = above.keys[place].min(entry.key);
            above.most[place] = above.most[place].max(&entry.most);
            return None;
        };
        let summary = self.summary(child);
        self.nodes[index(node)].set(place, summary);
        let summary = self.summary(right);
        self.put(node, place + 1, summary)
    }

    /// Puts an entry into a node, which is split when it is full.
    fn put(&mut self, node: u32, place: usize, entry: Entry) -> Option<u32> {
        if self.nodes[index(node)].len < FANOUT {
            self.nodes[index(node)].put(place, entry);
            return None;
        }
        let right = self.new_node();
        let mut upper = std::mem::replace(&mut self.nodes[index(right)], Node::empty());
        let lower = &mut self.nodes[index(node)];
        lower.move_to(FANOUT / 2, &mut upper);
        if place <= FANOUT / 2 {
            lower.put(place, entry);
        } else {
            upper.put(place - FANOUT / 2, entry);
        }
        self.nodes[index(right)] = upper;
        Some(right)
    }

    fn remove_below(&mut self, node: u32, height: u32, key: Key) {
        let here = &self.nodes[index(node)];
        if height == 0 {
            let place = here.lower_bound(key);
            assert!(
                place < here.len && here.keys[place] == key,
                "the row is in this tree"
            );
            self.nodes[index(node)].take(place);
            return;
        }
        let place = here.child_of(key);
        let child = here.below[place];
        self.remove_below(child, height - 1, key);
        if self.nodes[index(child)].len == 0 {
            self.nodes[index(node)].take(place);
            self.free.push(child);
            return;
        }
        self.join_with_next(node, place);
        let summary = self.summary(child);
        self.nodes[index(node)].set(place, summary);
    }

    /// Joins a child with its right neighbour when both together fill no more than half a node,
    /// so that the tree stays as low as its instances allow.
    fn join_with_next(&mut self, node: u32, place: usize) {
        let here = &self.nodes[index(node)];
        if place + 1 >= here.len {
            return;
        }
        let (left, right) = (here.below[place], here.below[place + 1]);
        if self.nodes[index(left)].len + self.nodes[index(right)].len > FANOUT / 2 {
            return;
        }
        let mut emptied = std::mem::replace(&mut self.nodes[index(right)], Node::empty());
        emptied.move_to(0, &mut self.nodes[index(left)]);
        self.free.push(right);
        self.nodes[index(node)].take(place + 1);
    }

    fn first_below(&self, node: u32, height: u32, needs: &Resources) -> Option<(u32, Key)> {
        let node = &self.nodes[index(node)];
        for (place, most) in node.most[..node.len].iter().enumerate() {
            if most.covers(needs) {
                if height == 0 {
                    return Some((node.below[place], node.keys[place]));
                }
                let found = self.first_below(node.below[place], height - 1, needs);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn visit_below(
        &self,
        node: u32,
        height: u32,
        needs: &Resources,
        see: &mut impl FnMut(Key) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let node = &self.nodes[index(node)];
        for (place, most) in node.most[..node.len].iter().enumerate() {
            if most.covers(needs) {
                if height == 0 {
                    see(node.keys[place])?;
                } else {
                    self.visit_below(node.below[place], height - 1, needs, see)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn equals_below(
        &self,
        node: u32,
        height: u32,
        needs: &Resources,
        like: Key,
        found: &mut Vec<u32>,
    ) {
        let node = &self.nodes[index(node)];
        let first = node.keys[..node.len].partition_point(|key| key.prefix() < like.prefix());
        // A branch may begin below the wanted amounts and reach into them.
        let first = if height == 0 {
            first
        } else {
            first.saturating_sub(1)
        };
        for place in first..node.len {
            if node.keys[place].prefix() > like.prefix() {
                break;
            }
            if !node.most[place].covers(needs) {
                continue;
            }
            if height == 0 {
                found.push(node.below[place]);
            } else {
                self.equals_below(node.below[place], height - 1, needs, like, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::{Key, Root, Trees};
    use crate::units::{CpuUnits, MemoryMib, Resources};

    fn amount(cpu: u32, memory: u32) -> Resources {
        Resources {
            cpu: CpuUnits(cpu),
            memory: MemoryMib(memory),
            gpus: 0,
            enis: 0,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// The tree answers as a sorted list does, under any mix of entering, moving and leaving.
        #[test]
        fn the_first_that_covers_is_that_of_a_sorted_list(
            steps in prop::collection::vec((0u32..600, 0u32..5, 0u32..9, prop::bool::weighted(0.3)), 1..700),
            cpu in 0u32..5,
            memory in 0u32..5,
        ) {
            let mut trees = Trees::default();
            trees.grow(600);
            let mut root = Root::EMPTY;
            let mut list: Vec<(Key, u32, Resources)> = Vec::new();
            for (row, has_cpu, has_memory, leaves) in steps {
                if list.iter().any(|(_, other, _)| *other == row) {
                    trees.remove(&mut root, row);
                    list.retain(|(_, other, _)| *other != row);
                }
                if !leaves {
                    let remaining = amount(has_cpu, has_memory);
                    let key = Key::new([has_memory, 0, 0], row);
                    trees.insert(&mut root, row, key, remaining);
                    list.push((key, row, remaining));
                }
                let needs = amount(cpu, memory);
                list.sort_by_key(|(key, ..)| *key);
                let fits = |(_, _, remaining): &&(Key, u32, Resources)| remaining.covers(&needs);
                let expected = list.iter().find(fits).map(|(key, row, _)| (*row, *key));
                prop_assert_eq!(trees.first(root, &needs), expected);
                let mut seen = Vec::new();
                trees.visit(root, &needs, &mut |key| {
                    seen.push(key);
                    if seen.len() < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                });
                let five: Vec<Key> = list.iter().filter(fits).map(|(key, ..)| *key).take(5).collect();
                prop_assert_eq!(seen, five);
                if let Some((_, like)) = expected {
                    let mut equals = Vec::new();
                    trees.equals(root, &needs, like, &mut equals);
                    equals.sort_unstable();
                    let mut same: Vec<u32> = list
                        .iter()
                        .filter(fits)
                        .filter(|(key, ..)| key.prefix() == like.prefix())
                        .map(|(_, row, _)| *row)
                        .collect();
                    same.sort_unstable();
                    prop_assert_eq!(equals, same);
                }
            }
        }
    }
}
