//! How placement went: attempts, reasons, and the shapes that found no room.

use std::collections::BTreeMap;

use crate::model::{EntryId, Task};
use crate::placement::{NearestMiss, Reason, Reasons};
use crate::units::Resources;

use super::per_resource::PerResource;

/// The most distinct shapes that are told apart; tasks of further shapes are counted in all
/// totals, but have no row of their own. It bounds memory for traces in which no two tasks agree.
pub const MAX_SHAPES: usize = 4_096;

/// Attempts, and why they failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlacementStats {
    /// Attempts: those that placed a task and those that were refused.
    pub attempts: u64,
    /// Refused attempts that gave a reason, for each reason that any gave, in ECS's order.
    pub failures: Vec<(Reason, u64)>,
    /// What was refused, most tasks first, then in order of the first refusal.
    pub refused_shapes: Vec<RefusedShape>,
}

/// Tasks of one entry and the same needs that were refused at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedShape {
    /// Their entry.
    pub entry: EntryId,
    /// What each needs.
    pub needs: Resources,
    /// How many tasks were refused at least once.
    pub tasks: u64,
    /// How many of them were given up.
    pub not_placed: u64,
    /// Every reason that was given.
    pub reasons: Reasons,
    /// The instance that came closest at the first refusal, where one fell short only in amounts.
    pub nearest_miss: Option<NearestMiss>,
}

/// Entry, CPU units, MiB, GPUs, ENIs.
type ShapeKey = (EntryId, u32, u32, u32, u32);

fn key(task: &Task) -> ShapeKey {
    let Resources {
        cpu,
        memory,
        gpus,
        enis,
    } = task.needs;
    (task.entry, cpu.0, memory.0, gpus, enis)
}

/// Counts attempts.
#[derive(Debug, Default)]
pub(super) struct Placements {
    attempts: u64,
    failures: [u64; Reason::ALL.len()],
    shapes: Vec<RefusedShape>,
    shape_rows: BTreeMap<ShapeKey, usize>,
}

impl Placements {
    /// A task was placed.
    #[inline]
    pub(super) fn placed(&mut self) {
        self.attempts += 1;
    }

    /// An attempt was refused.
    pub(super) fn refused(
        &mut self,
        task: &Task,
        first: bool,
        reasons: Reasons,
        nearest_miss: Option<NearestMiss>,
    ) {
        self.count(reasons);
        if !first && nearest_miss.is_none() {
            return;
        }
        let next = self.shapes.len();
        if next == MAX_SHAPES && !self.shape_rows.contains_key(&key(task)) {
            return;
        }
        let row = *self.shape_rows.entry(key(task)).or_insert(next);
        if row == next {
            self.shapes.push(RefusedShape {
                entry: task.entry,
                needs: task.needs,
                tasks: 0,
                not_placed: 0,
                reasons: Reasons::NONE,
                nearest_miss: None,
            });
        }
        let shape = &mut self.shapes[row];
        shape.tasks += u64::from(first);
        for reason in reasons.iter() {
            shape.reasons.insert(reason);
        }
        shape.nearest_miss = shape.nearest_miss.or(nearest_miss);
    }

    /// An attempt was refused for these reasons; for one of a service that is all there is.
    pub(super) fn count(&mut self, reasons: Reasons) {
        self.attempts += 1;
        for (reason, count) in Reason::ALL.into_iter().zip(&mut self.failures) {
            *count += u64::from(reasons.contains(reason));
        }
    }

    /// A refused task was given up.
    pub(super) fn given_up(&mut self, task: &Task) {
        if let Some(row) = self.shape_rows.get(&key(task)) {
            self.shapes[*row].not_placed += 1;
        }
    }

    /// The figures of the whole run.
    pub(super) fn finish(self) -> PlacementStats {
        let mut refused_shapes = self.shapes;
        refused_shapes.sort_by_key(|shape| std::cmp::Reverse(shape.tasks));
        let failures = Reason::ALL.into_iter().zip(self.failures);
        PlacementStats {
            attempts: self.attempts,
            failures: failures.filter(|(_, count)| *count > 0).collect(),
            refused_shapes,
        }
    }
}

/// Counts shapes of tasks, to find the commonest.
#[derive(Debug, Default)]
pub(super) struct ShapeCounts {
    counts: Vec<(PerResource<u64>, u64)>,
    rows: BTreeMap<PerResource<u64>, usize>,
    last: usize,
    total: u64,
}

impl ShapeCounts {
    /// Counts a task. True when the number of tasks has reached a power of two.
    #[inline]
    pub(super) fn add(&mut self, needs: &Resources) -> bool {
        let shape = PerResource::amounts(needs);
        self.total += 1;
        // Tasks of one entry mostly agree: the row of the task before is looked at first.
        match self.counts.get_mut(self.last) {
            Some((last, count)) if *last == shape => *count += 1,
            _ => self.add_other(shape),
        }
        self.total.is_power_of_two()
    }

    fn add_other(&mut self, shape: PerResource<u64>) {
        let next = self.counts.len();
        if let Some(row) = self.rows.get(&shape) {
            self.counts[*row].1 += 1;
            self.last = *row;
        } else if next < MAX_SHAPES {
            self.rows.insert(shape, next);
            self.counts.push((shape, 1));
            self.last = next;
        }
    }

    /// The commonest shape, the earlier seen of equals.
    pub(super) fn commonest(&self) -> Option<PerResource<u64>> {
        let mut best: Option<(PerResource<u64>, u64)> = None;
        for (shape, count) in &self.counts {
            if best.is_none_or(|(_, most)| *count > most) {
                best = Some((*shape, *count));
            }
        }
        best.map(|(shape, _)| shape)
    }

    /// Whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.total == 0
    }
}

#[cfg(test)]
mod tests {
    use super::ShapeCounts;
    use crate::record::PerResource;
    use crate::units::{CpuUnits, Resources};

    #[test]
    fn the_commonest_shape_is_the_earlier_seen_of_equals() {
        let mut counts = ShapeCounts::default();
        assert_eq!(counts.commonest(), None);
        let mut asked = Vec::new();
        for (task, cpu) in [5, 6, 6, 5, 7, 7, 7, 7].into_iter().enumerate() {
            let needs = Resources {
                cpu: CpuUnits(cpu),
                ..Resources::default()
            };
            if counts.add(&needs) {
                asked.push((task + 1, counts.commonest().unwrap_or_default().cpu));
            }
        }
        assert_eq!(asked, [(1, 5), (2, 5), (4, 5), (8, 7)]);
        let PerResource { cpu, .. } = counts.commonest().unwrap_or_default();
        assert_eq!(cpu, 7);
    }
}
