//! The event list: what is still to happen, in one total order.

use crate::units::{SimTime, id, index};

/// Where an event stands in the order of events: by time, then by class, then by the order in
/// which events were scheduled. No two events of a queue have the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// When the event happens.
    pub at: SimTime,
    /// Which of the events of one instant go first: the lower class.
    pub class: u8,
    /// How many events were scheduled in this queue before this one.
    pub sequence: u64,
}

/// A scheduled event, to cancel it by. It stays safe to use after its event has happened or was
/// cancelled, and means nothing to another queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    slot: u32,
    sequence: u64,
}

/// Events to come, taken out in the order of their [`EventKey`]s.
///
/// A heap with four children a node holds the keys; the events themselves lie still in a table of
/// slots. Cancelling empties the slot at once and leaves the key in the heap, where it is dropped
/// when it reaches the top, or when more than half of the keys are dead. So cancelling costs as
/// little as looking at a slot, and memory stays within twice what is pending.
#[derive(Debug, Clone)]
pub struct EventQueue<E> {
    /// Keys as a heap. The first, if there is one, is always alive.
    heap: Vec<Node>,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
    /// The sequence number of the next event.
    sequence: u64,
    /// Events that are pending: keys that are alive.
    live: usize,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    at: u64,
    /// The class in the upper 8 bits, the sequence number in the lower 56.
    order: u64,
    slot: u32,
}

#[derive(Debug, Clone)]
struct Slot<E> {
    /// The sequence number of the event that lies or lay here last.
    sequence: u64,
    event: Option<E>,
}

/// Children of a node. Four make the tree half as deep as two, and lie side by side in memory.
const ARITY: usize = 4;
const SEQUENCE_BITS: u32 = 56;
const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;
/// Below this many keys the dead ones are not worth clearing away.
const COMPACTION_FLOOR: usize = 64;

impl Node {
    #[inline]
    fn rank(self) -> u128 {
        (u128::from(self.at) << 64) | u128::from(self.order)
    }

    #[inline]
    fn sequence(self) -> u64 {
        self.order & SEQUENCE_MASK
    }
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> EventQueue<E> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self {
            heap: Vec::new(),
            slots: Vec::new(),
            free: Vec::new(),
            sequence: 0,
            live: 0,
        }
    }

    /// Schedules an event. Of events of the same time the lower class comes first, of events of
    /// the same time and class the one that was scheduled first.
    ///
    /// # Panics
    /// When 2^56 events were scheduled, or 2^32 are pending.
    pub fn push(&mut self, at: SimTime, class: u8, event: E) -> Handle {
        let sequence = self.sequence;
        assert!(
            sequence <= SEQUENCE_MASK,
            "fewer than 2^56 events are ever scheduled"
        );
        self.sequence += 1;
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[index(slot)] = Slot {
                sequence,
                event: Some(event),
            };
            slot
        } else {
            self.slots.push(Slot {
                sequence,
                event: Some(event),
            });
            id(self.slots.len() - 1)
        };
        let node = Node {
            at: at.0,
            order: (u64::from(class) << SEQUENCE_BITS) | sequence,
            slot,
        };
        self.live += 1;
        self.heap.push(node);
        self.sift_up(self.heap.len() - 1, node);
        Handle { slot, sequence }
    }

    /// Takes an event back: gives it, or `None` when it has happened or was cancelled before.
    pub fn cancel(&mut self, handle: Handle) -> Option<E> {
        let slot = self.slots.get_mut(index(handle.slot))?;
        if slot.sequence != handle.sequence {
            return None;
        }
        let event = slot.event.take()?;
        self.free.push(handle.slot);
        self.live -= 1;
        if self.heap.len() > COMPACTION_FLOOR && self.heap.len() / 2 > self.live {
            self.compact();
        } else {
            self.drop_dead_top();
        }
        Some(event)
    }

    /// Takes the next event out, with its time and class.
    pub fn pop(&mut self) -> Option<(SimTime, u8, E)> {
        let node = *self.heap.first()?;
        let event = self.slots[index(node.slot)]
            .event
            .take()
            .expect("the top of the heap lives");
        self.free.push(node.slot);
        self.live -= 1;
        self.remove_top();
        self.drop_dead_top();
        let key = key_of(node);
        Some((key.at, key.class, event))
    }

    /// The key of the next event.
    pub fn peek_key(&self) -> Option<EventKey> {
        self.heap.first().map(|&node| key_of(node))
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    fn is_alive(&self, node: Node) -> bool {
        let slot = &self.slots[index(node.slot)];
        slot.sequence == node.sequence() && slot.event.is_some()
    }

    fn drop_dead_top(&mut self) {
        while let Some(&top) = self.heap.first() {
            if self.is_alive(top) {
                return;
            }
            self.remove_top();
        }
    }

    /// Removes the top: the hole sinks to a leaf along the least children, and the last key is put
    /// there and rises. The last key nearly always belongs near the leaves, so that comparing it
    /// on the way down would be waste.
    fn remove_top(&mut self) {
        let Some(last) = self.heap.pop() else { return };
        if self.heap.is_empty() {
            return;
        }
        let hole = self.sink_hole(0);
        self.sift_up(hole, last);
    }

    fn sink_hole(&mut self, mut hole: usize) -> usize {
        while let Some((child, node)) = self.least_child(hole) {
            self.heap[hole] = node;
            hole = child;
        }
        hole
    }

    #[inline]
    fn least_child(&self, parent: usize) -> Option<(usize, Node)> {
        let first = parent * ARITY + 1;
        let rest = self.heap.get(first..)?;
        if let Some(&[a, b, c, d]) = rest.first_chunk::<ARITY>() {
            let left = if b.rank() < a.rank() {
                (first + 1, b)
            } else {
                (first, a)
            };
            let right = if d.rank() < c.rank() {
                (first + 3, d)
            } else {
                (first + 2, c)
            };
            return Some(if right.1.rank() < left.1.rank() {
                right
            } else {
                left
            });
        }
        let (place, &node) = rest
            .iter()
            .enumerate()
            .min_by_key(|(_, node)| node.rank())?;
        Some((first + place, node))
    }

    /// Puts a node into the hole at `place` after moving down every ancestor that comes later.
    fn sift_up(&mut self, mut place: usize, node: Node) {
        let rank = node.rank();
        while place > 0 {
            let parent = (place - 1) / ARITY;
            let above = self.heap[parent];
            if above.rank() <= rank {
                break;
            }
            self.heap[place] = above;
            place = parent;
        }
        self.heap[place] = node;
    }

    /// Drops every dead key and orders the rest anew.
    fn compact(&mut self) {
        let slots = &self.slots;
        self.heap.retain(|node| {
            let slot = &slots[index(node.slot)];
            slot.sequence == node.sequence() && slot.event.is_some()
        });
        for place in (0..self.heap.len().div_ceil(ARITY)).rev() {
            self.sift_down(place);
        }
    }

    fn sift_down(&mut self, mut place: usize) {
        let node = self.heap[place];
        while let Some((child, below)) = self.least_child(place) {
            if node.rank() <= below.rank() {
                break;
            }
            self.heap[place] = below;
            place = child;
        }
        self.heap[place] = node;
    }
}

fn key_of(node: Node) -> EventKey {
    let class = u8::try_from(node.order >> SEQUENCE_BITS).expect("8 bits are left");
    EventKey {
        at: SimTime(node.at),
        class,
        sequence: node.sequence(),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use priority_queue::PriorityQueue;
    use proptest::prelude::*;

    use super::{EventKey, EventQueue, Handle};
    use crate::units::SimTime;

    #[test]
    fn events_come_by_time_then_class_then_order_of_scheduling() {
        let mut queue = EventQueue::new();
        for (at, class, event) in [
            (7, 0, 'e'),
            (5, 3, 'c'),
            (5, 1, 'a'),
            (9, 0, 'f'),
            (5, 3, 'd'),
            (5, 1, 'b'),
        ] {
            queue.push(SimTime(at), class, event);
        }
        assert_eq!(
            queue.peek_key(),
            Some(EventKey {
                at: SimTime(5),
                class: 1,
                sequence: 2
            })
        );
        let order: String = std::iter::from_fn(|| queue.pop())
            .map(|(_, _, event)| event)
            .collect();
        assert_eq!(order, "abcdef");
    }

    #[test]
    fn extremes_of_time_and_class_keep_their_order() {
        let mut queue = EventQueue::new();
        queue.push(SimTime(u64::MAX), 255, "last");
        queue.push(SimTime(u64::MAX), 0, "before it");
        queue.push(SimTime(0), 255, "first");
        assert_eq!(queue.pop(), Some((SimTime(0), 255, "first")));
        assert_eq!(queue.pop(), Some((SimTime(u64::MAX), 0, "before it")));
        assert_eq!(queue.pop(), Some((SimTime(u64::MAX), 255, "last")));
    }

    #[test]
    fn a_handle_of_the_past_cancels_nothing() {
        let mut queue = EventQueue::new();
        let past = queue.push(SimTime(1), 0, 'a');
        assert_eq!(queue.pop(), Some((SimTime(1), 0, 'a')));
        // The slot of 'a' is used again by 'b'.
        let next = queue.push(SimTime(2), 0, 'b');
        assert_eq!(queue.cancel(past), None);
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.cancel(next), Some('b'));
        assert_eq!(queue.cancel(next), None);
        assert!(queue.is_empty());
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn cancelled_events_do_not_pile_up() {
        let mut queue = EventQueue::new();
        let keep = queue.push(SimTime(1_000_000), 0, 0);
        for n in 1..10_000 {
            let handle = queue.push(SimTime(2_000_000 + n), 0, n);
            assert_eq!(queue.cancel(handle), Some(n));
            assert!(queue.heap.len() <= super::COMPACTION_FLOOR + 1);
        }
        assert_eq!(queue.slots.len(), 2);
        assert_eq!(queue.cancel(keep), Some(0));
    }

    /// What a test does to a queue.
    #[derive(Debug, Clone)]
    enum Step {
        Push(u64, u8),
        /// Cancels the handle at this place, counted over all handles ever given.
        Cancel(usize),
        Pop,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            5 => (0_u64..6, 0_u8..3).prop_map(|(at, class)| Step::Push(at, class)),
            1 => any::<(u64, u8)>().prop_map(|(at, class)| Step::Push(at, class)),
            4 => any::<prop::sample::Index>().prop_map(|place| Step::Cancel(place.index(4_096))),
            2 => Just(Step::Pop),
        ];
        prop::collection::vec(step, 0..600)
    }

    proptest! {
        #[test]
        fn the_queue_equals_priority_queue_under_any_mix_of_steps(steps in steps()) {
            let mut queue = EventQueue::new();
            let mut oracle = PriorityQueue::new();
            let mut handles: Vec<Handle> = Vec::new();
            for step in steps {
                match step {
                    Step::Push(at, class) => {
                        let number = handles.len();
                        handles.push(queue.push(SimTime(at), class, number));
                        oracle.push(number, Reverse((at, class, number)));
                    }
                    Step::Cancel(place) if !handles.is_empty() => {
                        let number = place % handles.len();
                        let expected = oracle.remove(&number).map(|(number, _)| number);
                        prop_assert_eq!(queue.cancel(handles[number]), expected);
                    }
                    Step::Cancel(_) => {}
                    Step::Pop => {
                        let expected = oracle.pop().map(|(n, Reverse((at, class, _)))| {
                            (SimTime(at), class, n)
                        });
                        prop_assert_eq!(queue.pop(), expected);
                    }
                }
                prop_assert_eq!(queue.len(), oracle.len());
                let next = oracle.peek().map(|(_, Reverse((at, class, n)))| EventKey {
                    at: SimTime(*at), class: *class, sequence: u64::try_from(*n).unwrap(),
                });
                prop_assert_eq!(queue.peek_key(), next);
            }
            while let Some((number, Reverse((at, class, _)))) = oracle.pop() {
                prop_assert_eq!(queue.pop(), Some((SimTime(at), class, number)));
            }
            prop_assert_eq!(queue.pop(), None);
        }
    }
}
