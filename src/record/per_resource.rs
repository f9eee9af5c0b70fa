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
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> PerResource<U> {
        PerResource {
            cpu: to(self.cpu),
            memory: to(self.memory),
            gpu: to(self.gpu),
        }
    }

    /// Each pair of values turned into one.
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
    pub fn amounts(resources: &Resources) -> Self {
        Self {
            cpu: u64::from(resources.cpu.0),
            memory: u64::from(resources.memory.0),
            gpu: u64::from(resources.gpus),
        }
    }

    /// Sums, resource by resource.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }

    /// Differences, resource by resource.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    /// Amounts held for a span of milliseconds.
    pub fn over(self, span: u64) -> PerResource<u128> {
        self.map(|amount| u128::from(amount) * u128::from(span))
    }
}

impl PerResource<u128> {
    /// Sums, resource by resource.
    #[must_use]
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
    /// The larger of the two; one without a whole is smaller than any other.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        let grows = match (self.whole, other.whole) {
            (_, 0) => false,
            (0, _) => true,
            _ => other.part * self.whole > self.part * other.whole,
        };
        if grows { other } else { self }
    }

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

#[cfg(test)]
mod tests {
    use super::Fraction;

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
    fn the_larger_fraction_is_found_without_division() {
        assert_eq!(fraction(1, 2).max(fraction(2, 3)), fraction(2, 3));
        assert_eq!(fraction(1, 2).max(fraction(2, 4)), fraction(1, 2));
        assert_eq!(fraction(0, 0).max(fraction(0, 4)), fraction(0, 4));
        assert_eq!(fraction(1, 2).max(fraction(9, 0)), fraction(1, 2));
    }
}
