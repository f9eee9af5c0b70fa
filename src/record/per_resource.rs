//! A value for each countable resource, and exact fractions.

use crate::units::Resources;

/// A value for each resource that utilization is told of: CPU, memory, GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct PerResource<T> {
    /// Of CPU; amounts are in CPU units.
    pub cpu: T,
    /// Of memory; amounts are in MiB.
    pub memory: T,
    /// Of GPUs; amounts are whole GPUs.
    pub gpu: T,
}

impl<T: Copy> PerResource<T> {
    /// The same for each resource.
    pub const fn all(value: T) -> Self {
        Self {
            cpu: value,
            memory: value,
            gpu: value,
        }
    }

    /// Each value turned into another.
    #[inline]
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> PerResource<U> {
        PerResource {
            cpu: to(self.cpu),
            memory: to(self.memory),
            gpu: to(self.gpu),
        }
    }

    /// Each pair of values turned into one.
    #[inline]
    pub fn with<U: Copy, V>(
        self,
        other: PerResource<U>,
        mut to: impl FnMut(T, U) -> V,
    ) -> PerResource<V> {
        PerResource {
            cpu: to(self.cpu, other.cpu),
            memory: to(self.memory, other.memory),
            gpu: to(self.gpu, other.gpu),
        }
    }

    /// The three values: CPU, memory, GPUs.
    pub const fn values(self) -> [T; 3] {
        [self.cpu, self.memory, self.gpu]
    }
}

impl PerResource<u64> {
    /// The amounts of `resources`.
    #[inline]
    pub fn amounts(resources: &Resources) -> Self {
        Self {
            cpu: u64::from(resources.cpu.0),
            memory: u64::from(resources.memory.0),
            gpu: u64::from(resources.gpus),
        }
    }

    /// Sums, resource by resource.
    #[must_use]
    #[inline]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }

    /// Differences, resource by resource.
    #[must_use]
    #[inline]
    pub fn minus(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    /// Amounts held for a span of milliseconds.
    #[inline]
    pub fn over(self, span: u64) -> PerResource<u128> {
        self.map(|amount| u128::from(amount) * u128::from(span))
    }
}

impl PerResource<u128> {
    /// Sums, resource by resource.
    #[must_use]
    #[inline]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }
}

/// An exact fraction: a part of a whole. Without a whole there is no fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fraction {
    /// The part.
    pub part: u128,
    /// The whole; 0 where there is none.
    pub whole: u128,
}

impl Fraction {
    /// The fraction in millionths, rounded half up; `None` without a whole.
    pub fn millionths(self) -> Option<u128> {
        (self.whole > 0).then(|| (self.part * 1_000_000 + self.whole / 2) / self.whole)
    }

    /// The fraction as a decimal number of six digits; `None` without a whole.
    ///
    /// Rounding is done in integers, so that the same fraction is the same text everywhere.
    pub fn to_f64(self) -> Option<f64> {
        let millionths = self.millionths()?;
        let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        Some(text.parse().expect("digits and a point are a number"))
    }
}

/// The highest share that was reached: a part of a whole, both of which change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Peak {
    part: u64,
    whole: u64,
}

impl Peak {
    /// The share is now `part` of `whole`; without a whole there is none.
    #[inline]
    pub(super) fn raise(&mut self, part: u64, whole: u64) {
        // Mostly the whole is what it was: no multiplication then.
        let higher = if whole == self.whole {
            part > self.part
        } else {
            let share = u128::from(part) * u128::from(self.whole);
            let highest = u128::from(self.part) * u128::from(whole);
            whole > 0 && (self.whole == 0 || share > highest)
        };
        if higher {
            *self = Self { part, whole };
        }
    }

    /// The share.
    pub(super) fn fraction(self) -> Fraction {
        Fraction {
            part: u128::from(self.part),
            whole: u128::from(self.whole),
        }
    }
}

impl PerResource<Peak> {
    /// The shares are now `parts` of `wholes`.
    #[inline]
    pub(super) fn raise(&mut self, parts: PerResource<u64>, wholes: PerResource<u64>) {
        self.cpu.raise(parts.cpu, wholes.cpu);
        self.memory.raise(parts.memory, wholes.memory);
        self.gpu.raise(parts.gpu, wholes.gpu);
    }
}

#[cfg(test)]
mod tests {
    use super::{Fraction, Peak};

    fn fraction(part: u128, whole: u128) -> Fraction {
        Fraction { part, whole }
    }

    #[test]
    fn fractions_are_rounded_to_six_digits() {
        assert_eq!(fraction(1, 3).to_f64(), Some(0.333_333));
        assert_eq!(fraction(2, 3).to_f64(), Some(0.666_667));
        assert_eq!(fraction(7, 2).to_f64(), Some(3.5));
        assert_eq!(fraction(0, 5).to_f64(), Some(0.0));
        assert_eq!(fraction(0, 0).to_f64(), None);
    }

    #[test]
    fn the_highest_share_is_found_without_division() {
        let highest = |shares: &[(u64, u64)]| {
            let mut peak = Peak::default();
            for (part, whole) in shares {
                peak.raise(*part, *whole);
            }
            (peak.fraction().part, peak.fraction().whole)
        };
        assert_eq!(highest(&[]), (0, 0));
        assert_eq!(highest(&[(0, 4)]), (0, 4));
        assert_eq!(highest(&[(1, 4), (3, 4), (2, 4)]), (3, 4));
        assert_eq!(highest(&[(1, 2), (2, 3), (5, 10)]), (2, 3));
        assert_eq!(highest(&[(1, 2), (2, 4)]), (1, 2));
        assert_eq!(highest(&[(1, 2), (0, 0)]), (1, 2));
    }
}
