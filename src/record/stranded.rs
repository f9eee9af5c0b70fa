//! Stranded capacity and fragmentation: free capacity that the work at hand cannot use.
//!
//! Both are told by a reference shape s, the CPU, memory and GPUs of one task: the commonest
//! among tasks whose first attempt was refused, or, while none was refused, the commonest
//! submitted (the earlier seen of equals). The shape is decided anew whenever the number of
//! refused tasks (or submitted ones, while none was refused) reaches a power of two.
//!
//! With free_i what instance i has registered and not reserved, and
//!
//! copies(s, f) = the least of floor(f.r / s.r) over the resources r of which s needs any,
//!
//! the *stranded* amount of a resource is the sum of free_i over the instances with
//! copies(s, free_i) = 0. Its mean is the integral of that sum over the integral of what was
//! registered; its peak is the highest share of what was registered at any time. And
//!
//! *fragmentation* = 1 - integral of (sum over i of copies(s, free_i))
//!                     / integral of copies(s, sum over i of free_i):
//!
//! the share of the tasks of shape s that would fit into all free capacity in one piece and do
//! not fit into the pieces. A shape that needs nothing strands nothing.

use super::per_resource::{Fraction, Peak, PerResource};

/// How often `shape` fits into `free`; 0 for the shape that needs nothing.
#[inline]
pub(super) fn copies(shape: PerResource<u64>, free: PerResource<u64>) -> u64 {
    let fits = |need: u64, free: u64| match (u32::try_from(need), u32::try_from(free)) {
        (Ok(0), _) => u64::MAX,
        // The amounts of one instance are small, and small numbers divide quicker.
        (Ok(need), Ok(free)) => u64::from(free / need),
        _ => free / need,
    };
    let least = shape.with(free, fits).values().into_iter().min();
    match least {
        Some(u64::MAX) | None => 0,
        Some(copies) => copies,
    }
}

/// Keeps the sums by which stranded capacity and fragmentation are integrated.
#[derive(Debug, Default)]
pub(super) struct StrandedMeter {
    shape: PerResource<u64>,
    free: PerResource<u64>,
    stranded: PerResource<u64>,
    copies: u64,
    pooled: u64,
    stranded_integral: PerResource<u128>,
    copies_integral: u128,
    pooled_integral: u128,
    peak: PerResource<Peak>,
    changed: bool,
}

/// Stranded capacity and fragmentation of a whole run, as exact fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stranded {
    /// The last reference shape: CPU units, MiB, GPUs. `None` when no task was submitted.
    pub shape: Option<PerResource<u64>>,
    /// Integral of stranded over integral of registered.
    pub mean: PerResource<Fraction>,
    /// The highest share of what was registered.
    pub peak: PerResource<Fraction>,
    /// 1 less this is the fragmentation: copies in pieces over copies in one piece.
    pub pieces: Fraction,
}

impl StrandedMeter {
    /// Free capacity of an instance has become `after`; it was `before` (nothing, for a new one).
    #[inline]
    pub(super) fn changed(&mut self, before: PerResource<u64>, after: PerResource<u64>) {
        self.free = self.free.minus(before).plus(after);
        let (had, has) = (copies(self.shape, before), copies(self.shape, after));
        self.copies = self.copies - had + has;
        if self.strands(had) {
            self.stranded = self.stranded.minus(before);
        }
        if self.strands(has) {
            self.stranded = self.stranded.plus(after);
        }
        self.changed = true;
    }

    fn strands(&self, copies: u64) -> bool {
        copies == 0 && self.shape != PerResource::all(0)
    }

    /// The reference shape is decided: all instances are looked at again if it is another.
    pub(super) fn decide(
        &mut self,
        shape: PerResource<u64>,
        free: impl Iterator<Item = PerResource<u64>>,
    ) {
        if shape == self.shape {
            return;
        }
        self.shape = shape;
        self.copies = 0;
        self.stranded = PerResource::all(0);
        for free in free {
            let has = copies(shape, free);
            self.copies += has;
            if self.strands(has) {
                self.stranded = self.stranded.plus(free);
            }
        }
        self.changed = true;
    }

    /// The state holds for a span of milliseconds, with so much registered.
    #[inline]
    pub(super) fn hold(&mut self, span: u64, registered: PerResource<u64>) {
        self.stranded_integral = self.stranded_integral.plus(self.stranded.over(span));
        self.copies_integral += u128::from(self.copies) * u128::from(span);
        if self.changed {
            self.changed = false;
            self.peak.raise(self.stranded, registered);
            self.pooled = copies(self.shape, self.free);
        }
        self.pooled_integral += u128::from(self.pooled) * u128::from(span);
    }

    /// The figures of the whole run.
    pub(super) fn finish(&self, registered: PerResource<u128>, any_task: bool) -> Stranded {
        let mean = self
            .stranded_integral
            .with(registered, |part, whole| Fraction { part, whole });
        Stranded {
            shape: any_task.then_some(self.shape),
            mean,
            peak: self.peak.map(Peak::fraction),
            pieces: Fraction {
                part: self.copies_integral,
                whole: self.pooled_integral,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StrandedMeter, copies};
    use crate::record::PerResource;

    fn amount(cpu: u64, memory: u64, gpu: u64) -> PerResource<u64> {
        PerResource { cpu, memory, gpu }
    }

    #[test]
    fn the_scarcest_resource_decides_how_often_a_shape_fits() {
        assert_eq!(copies(amount(256, 512, 0), amount(1_024, 1_024, 0)), 2);
        assert_eq!(copies(amount(256, 512, 0), amount(255, 9_999, 8)), 0);
        assert_eq!(copies(amount(0, 512, 1), amount(0, 9_999, 3)), 3);
        assert_eq!(copies(amount(0, 0, 0), amount(1, 1, 1)), 0);
    }

    #[test]
    fn what_no_copy_fits_into_is_stranded() {
        let mut meter = StrandedMeter::default();
        let none = amount(0, 0, 0);
        meter.changed(none, amount(1_000, 1_000, 0));
        meter.changed(none, amount(1_000, 1_000, 0));
        let frees = [amount(1_000, 1_000, 0); 2];
        meter.decide(amount(600, 100, 0), frees.into_iter());
        let registered = amount(2_000, 2_000, 0);
        // 10 ms with 1,000 CPU free on each: one copy each in pieces, 3 in one piece.
        meter.hold(10, registered);
        // 10 ms with 500 and 1,000 free: 500 stranded, 1 copy in pieces, 2 in one piece.
        meter.changed(amount(1_000, 1_000, 0), amount(500, 900, 0));
        meter.hold(10, registered);
        let stranded = meter.finish(registered.over(20), true);
        assert_eq!(stranded.mean.cpu.to_f64(), Some(0.125)); // 500 x 10 / (2,000 x 20)
        assert_eq!(stranded.mean.memory.to_f64(), Some(0.225)); // 900 x 10 / (2,000 x 20)
        assert_eq!(stranded.mean.gpu.to_f64(), None);
        assert_eq!(stranded.peak.cpu.to_f64(), Some(0.25));
        assert_eq!(stranded.pieces.to_f64(), Some(0.6)); // (20 + 10) / (30 + 20)
    }
}
