//! An ordered tree of instances that knows, for every subtree, the most that any instance in it
//! has left: the first instance in order that covers a task's needs is found without looking at
//! those that do not.
//!
//! A treap over dense rows: row i is instance i, so nothing is allocated as instances move.
//! Priorities are a fixed hash of the row, hence the shape is the same in every run.

use crate::units::{Resources, index};

/// No row.
const NIL: u32 = u32::MAX;

/// Where an instance stands in the order: three amounts, then its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Key(u128);

impl Key {
    pub(super) fn new(components: [u32; 3], row: u32) -> Self {
        let [first, second, third] = components.map(u128::from);
        Self((first << 96) | (second << 64) | (third << 32) | u128::from(row))
    }

    /// One of the three amounts.
    pub(super) fn component(self, place: usize) -> u32 {
        const MASK: u128 = 0xffff_ffff;
        let shifted = self.0 >> (96 - 32 * place);
        u32::try_from(shifted & MASK).expect("a masked word fits")
    }

    /// The amounts without the id.
    fn prefix(self) -> u128 {
        self.0 >> 32
    }
}

#[derive(Debug, Clone, Copy)]
struct Node {
    key: Key,
    remaining: Resources,
    most: Resources,
    left: u32,
    right: u32,
    priority: u32,
}

const ABSENT: Node = Node {
    key: Key(0),
    remaining: NOTHING,
    most: NOTHING,
    left: NIL,
    right: NIL,
    priority: 0,
};

const NOTHING: Resources = Resources {
    cpu: crate::units::CpuUnits(0),
    memory: crate::units::MemoryMib(0),
    gpus: 0,
    enis: 0,
};

/// The root of one ordered tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Root(u32);

impl Root {
    /// A tree without instances.
    pub(super) const EMPTY: Self = Self(NIL);
}

/// The rows of any number of disjoint trees over the same instances.
#[derive(Debug, Default)]
pub(super) struct Trees {
    nodes: Vec<Node>,
}

impl Trees {
    /// Makes room for the rows below `rows`.
    pub(super) fn grow(&mut self, rows: usize) {
        if rows > self.nodes.len() {
            self.nodes.resize(rows, ABSENT);
        }
    }

    /// What the row was last entered with.
    pub(super) fn entered(&self, row: u32) -> (Key, Resources) {
        let node = &self.nodes[index(row)];
        (node.key, node.remaining)
    }

    /// Enters a row that is in no tree.
    pub(super) fn insert(&mut self, root: &mut Root, row: u32, key: Key, remaining: Resources) {
        let priority = priority(row);
        self.nodes[index(row)] = Node {
            key,
            remaining,
            most: remaining,
            left: NIL,
            right: NIL,
            priority,
        };
        root.0 = self.insert_below(root.0, row);
    }

    /// Takes a row out of the tree that it is in.
    pub(super) fn remove(&mut self, root: &mut Root, row: u32) {
        root.0 = self.remove_below(root.0, row);
    }

    /// The first row in order whose remaining amounts cover the needs, with its key.
    pub(super) fn first(&self, root: Root, needs: &Resources) -> Option<(u32, Key)> {
        let row = self.first_below(root.0, needs)?;
        Some((row, self.nodes[index(row)].key))
    }

    /// Whether any row could cover the needs, as far as the maxima tell.
    pub(super) fn may_cover(&self, root: Root, needs: &Resources) -> bool {
        root.0 != NIL && self.nodes[index(root.0)].most.covers(needs)
    }

    /// All rows that cover the needs and whose key has the same amounts as `like`.
    pub(super) fn equals(&self, root: Root, needs: &Resources, like: Key, found: &mut Vec<u32>) {
        let mut open = vec![root.0];
        while let Some(row) = open.pop() {
            if row == NIL {
                continue;
            }
            let node = &self.nodes[index(row)];
            if !node.most.covers(needs) {
                continue;
            }
            let order = node.key.prefix().cmp(&like.prefix());
            if order.is_ge() {
                open.push(node.left);
            }
            if order.is_le() {
                open.push(node.right);
            }
            if order.is_eq() && node.remaining.covers(needs) {
                found.push(row);
            }
        }
    }

    fn insert_below(&mut self, root: u32, row: u32) -> u32 {
        if root == NIL {
            return row;
        }
        let (above, entering) = (self.nodes[index(root)], self.nodes[index(row)]);
        if entering.priority > above.priority {
            let (left, right) = self.split(root, entering.key);
            let node = &mut self.nodes[index(row)];
            (node.left, node.right) = (left, right);
            self.pull(row);
            return row;
        }
        if entering.key < above.key {
            let left = self.insert_below(above.left, row);
            self.nodes[index(root)].left = left;
        } else {
            let right = self.insert_below(above.right, row);
            self.nodes[index(root)].right = right;
        }
        let node = &mut self.nodes[index(root)];
        node.most = node.most.max(&entering.remaining);
        root
    }

    fn remove_below(&mut self, root: u32, row: u32) -> u32 {
        assert_ne!(root, NIL, "a row is taken out of the tree it is in");
        let above = self.nodes[index(root)];
        if root == row {
            return self.merge(above.left, above.right);
        }
        if self.nodes[index(row)].key < above.key {
            let left = self.remove_below(above.left, row);
            self.nodes[index(root)].left = left;
        } else {
            let right = self.remove_below(above.right, row);
            self.nodes[index(root)].right = right;
        }
        self.pull(root);
        root
    }

    /// Splits into the keys below `key` and those above it.
    fn split(&mut self, root: u32, key: Key) -> (u32, u32) {
        if root == NIL {
            return (NIL, NIL);
        }
        let node = self.nodes[index(root)];
        let halves = if node.key < key {
            let (left, right) = self.split(node.right, key);
            self.nodes[index(root)].right = left;
            (root, right)
        } else {
            let (left, right) = self.split(node.left, key);
            self.nodes[index(root)].left = right;
            (left, root)
        };
        self.pull(root);
        halves
    }

    /// Joins two trees, all keys of the first below all of the second.
    fn merge(&mut self, left: u32, right: u32) -> u32 {
        if left == NIL {
            return right;
        }
        if right == NIL {
            return left;
        }
        let (first, second) = (self.nodes[index(left)], self.nodes[index(right)]);
        let top = if first.priority > second.priority {
            let joined = self.merge(first.right, right);
            self.nodes[index(left)].right = joined;
            left
        } else {
            let joined = self.merge(left, second.left);
            self.nodes[index(right)].left = joined;
            right
        };
        self.pull(top);
        top
    }

    /// Makes a node's maxima those of itself and its two subtrees.
    fn pull(&mut self, row: u32) {
        let node = self.nodes[index(row)];
        let mut most = node.remaining;
        for child in [node.left, node.right] {
            if child != NIL {
                most = most.max(&self.nodes[index(child)].most);
            }
        }
        self.nodes[index(row)].most = most;
    }

    fn first_below(&self, root: u32, needs: &Resources) -> Option<u32> {
        if root == NIL {
            return None;
        }
        let node = &self.nodes[index(root)];
        if !node.most.covers(needs) {
            return None;
        }
        self.first_below(node.left, needs)
            .or_else(|| node.remaining.covers(needs).then_some(root))
            .or_else(|| self.first_below(node.right, needs))
    }
}

/// A fixed hash of the row (the finalizer of splitmix64): it keeps the tree's expected depth
/// logarithmic whatever the order of entering.
fn priority(row: u32) -> u32 {
    let mut mixed = u64::from(row).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("the upper half of 64 bits")
}

#[cfg(test)]
mod tests {
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
        /// The tree answers as a sorted list does, under any mix of entering, moving and leaving.
        #[test]
        fn the_first_that_covers_is_that_of_a_sorted_list(
            steps in prop::collection::vec((0u32..12, 0u32..5, 0u32..5, prop::bool::ANY), 1..80),
            cpu in 0u32..5,
            memory in 0u32..5,
        ) {
            let mut trees = Trees::default();
            trees.grow(12);
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
                list.sort_by_key(|(key, ..)| *key);
                let needs = amount(cpu, memory);
                let fits = |(_, _, remaining): &&(Key, u32, Resources)| remaining.covers(&needs);
                let expected = list.iter().find(fits).map(|(key, row, _)| (*row, *key));
                prop_assert_eq!(trees.first(root, &needs), expected);
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
