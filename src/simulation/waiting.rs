//! Tasks that wait for room: one queue for the cluster, in order of submission.
//!
//! A waiting `queue` task holds back every later `queue` task, so that of these only the first is
//! ever tried. Waiting `backfill` tasks are kept by shape: where one of a shape finds no room, its
//! like find none either until something changes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};

use priority_queue::PriorityQueue;

use crate::model::{TaskId, TemplateId};
use crate::units::Resources;

/// What makes two tasks alike for placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shape {
    /// What they ask beside amounts.
    pub(super) template: TemplateId,
    /// CPU units, MiB, GPUs and ENIs.
    pub(super) amounts: [u32; 4],
}

impl Shape {
    pub(super) fn new(template: TemplateId, needs: &Resources) -> Self {
        Self {
            template,
            amounts: [needs.cpu.0, needs.memory.0, needs.gpus, needs.enis],
        }
    }
}

/// Who waits in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// In strict order.
    Strict,
    /// Among its like; a later task may pass.
    Backfill(Shape),
}

type Order = Reverse<u64>;
type FixedHasher = BuildHasherDefault<DefaultHasher>;

/// The waiting tasks.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    strict: VecDeque<(u64, TaskId)>,
    shapes: BTreeMap<Shape, VecDeque<(u64, TaskId)>>,
    /// Shapes by the serial of their first task, the earliest on top.
    heads: PriorityQueue<Shape, Order, FixedHasher>,
    /// What a pass has set aside: shapes that were refused, and whether the strict line was.
    refused: Vec<(Shape, Order)>,
    strict_refused: bool,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.strict.is_empty() && self.shapes.is_empty()
    }

    /// Whether a task waits in the strict line.
    pub(super) fn holds_back(&self) -> bool {
        !self.strict.is_empty()
    }

    /// Joins the tail. Serials rise from call to call.
    pub(super) fn join(&mut self, line: Line, serial: u64, task: TaskId) {
        match line {
            Line::Strict => self.strict.push_back((serial, task)),
            Line::Backfill(shape) => {
                let like = self.shapes.entry(shape).or_default();
                if like.is_empty() {
                    self.heads.push(shape, Reverse(serial));
                }
                like.push_back((serial, task));
            }
        }
    }

    /// The earliest task that this pass has still to try.
    pub(super) fn first(&self) -> Option<(Line, TaskId)> {
        let strict = self.strict.front().filter(|_| !self.strict_refused);
        let shape = self
            .heads
            .peek()
            .map(|(shape, Reverse(serial))| (*shape, *serial));
        match (strict, shape) {
            (Some((serial, task)), other) if other.is_none_or(|(_, head)| *serial < head) => {
                Some((Line::Strict, *task))
            }
            (_, Some((shape, _))) => Some((Line::Backfill(shape), self.shapes[&shape][0].1)),
            (_, None) => None,
        }
    }

    /// The first of a line has been placed, or given up: its successor is next.
    pub(super) fn leave(&mut self, line: Line) {
        match line {
            Line::Strict => {
                self.strict.pop_front();
            }
            Line::Backfill(shape) => {
                let like = self.shapes.get_mut(&shape).expect("the shape has a head");
                like.pop_front();
                if let Some((serial, _)) = like.front() {
                    self.heads.change_priority(&shape, Reverse(*serial));
                } else {
                    self.shapes.remove(&shape);
                    self.heads.remove(&shape);
                }
            }
        }
    }

    /// The first of a line has found no room: the line is not tried again in this pass.
    pub(super) fn refuse(&mut self, line: Line) {
        match line {
            Line::Strict => self.strict_refused = true,
            Line::Backfill(shape) => self.refused.extend(self.heads.remove(&shape)),
        }
    }

    /// Takes a task out of the line of its shape, wherever it stands there.
    pub(super) fn remove(&mut self, shape: Shape, serial: u64) {
        let like = self.shapes.get_mut(&shape).expect("it waits there");
        let place = like.binary_search_by_key(&serial, |(serial, _)| *serial);
        like.remove(place.expect("serials rise along a line"));
        match like.front() {
            None => {
                self.shapes.remove(&shape);
                self.heads.remove(&shape);
            }
            Some((serial, _)) => {
                self.heads.change_priority(&shape, Reverse(*serial));
            }
        }
    }

    /// The shapes that wait, with how many of each.
    pub(super) fn shapes(&self) -> impl Iterator<Item = (Shape, usize)> {
        let shapes = self.shapes.iter();
        shapes.map(|(shape, like)| (*shape, like.len()))
    }

    /// Ends a pass: everybody may be tried again in the next.
    pub(super) fn end_pass(&mut self) {
        self.strict_refused = false;
        self.heads.extend(self.refused.drain(..));
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Shape, Waiting};
    use crate::model::{TaskId, TemplateId};
    use crate::placement::strategies::testing::amount;

    fn shape(cpu: u32) -> Line {
        Line::Backfill(Shape::new(TemplateId(0), &amount(cpu, 1)))
    }

    #[test]
    fn the_earliest_comes_first_whatever_its_line() {
        let mut waiting = Waiting::default();
        waiting.join(shape(1), 0, TaskId(10));
        waiting.join(Line::Strict, 1, TaskId(11));
        waiting.join(shape(1), 2, TaskId(12));
        waiting.join(shape(2), 3, TaskId(13));
        let mut order = Vec::new();
        while let Some((line, task)) = waiting.first() {
            order.push(task.0);
            waiting.leave(line);
        }
        assert_eq!(order, [10, 11, 12, 13]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn a_refused_line_is_tried_again_only_in_the_next_pass() {
        let mut waiting = Waiting::default();
        waiting.join(Line::Strict, 0, TaskId(10));
        waiting.join(Line::Strict, 1, TaskId(11));
        waiting.join(shape(1), 2, TaskId(12));
        waiting.join(shape(2), 3, TaskId(13));
        waiting.refuse(Line::Strict);
        assert_eq!(waiting.first(), Some((shape(1), TaskId(12))));
        waiting.refuse(shape(1));
        assert_eq!(waiting.first(), Some((shape(2), TaskId(13))));
        waiting.leave(shape(2));
        assert_eq!(waiting.first(), None);
        waiting.end_pass();
        assert_eq!(waiting.first(), Some((Line::Strict, TaskId(10))));
        assert!(waiting.holds_back());
    }
}
