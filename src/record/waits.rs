//! How long tasks waited for their place.

/// Waits of placed tasks: from submission to placement, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitStats {
    /// Sum over all placed tasks.
    pub sum: u128,
    /// How many tasks were placed, at least 1.
    pub count: u64,
    /// How many of them waited, if only a millisecond.
    pub waited: u64,
    /// Median, by nearest rank like the others.
    pub p50: u64,
    /// 90th percentile.
    pub p90: u64,
    /// 99th percentile.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// Collects waits. Most are 0 in most runs: those are only counted.
#[derive(Debug, Default)]
pub(super) struct Waits {
    none: u64,
    some: Vec<u64>,
}

impl Waits {
    /// A task was placed after so many milliseconds.
    #[inline]
    pub(super) fn add(&mut self, wait: u64) {
        if wait == 0 {
            self.none += 1;
        } else {
            self.some.push(wait);
        }
    }

    /// The statistics; `None` when nothing was placed.
    pub(super) fn finish(mut self) -> Option<WaitStats> {
        self.some.sort_unstable();
        let longer = u64::try_from(self.some.len()).ok()?;
        let count = self.none + longer;
        if count == 0 {
            return None;
        }
        // Nearest rank: the smallest wait that at least p percent of the waits do not exceed.
        let percentile = |p: u64| {
            let rank = (u128::from(count) * u128::from(p)).div_ceil(100);
            let place = rank.checked_sub(u128::from(self.none) + 1);
            let wait = place.and_then(|place| self.some.get(usize::try_from(place).ok()?));
            wait.copied().unwrap_or(0)
        };
        Some(WaitStats {
            sum: self.some.iter().copied().map(u128::from).sum(),
            count,
            waited: longer,
            p50: percentile(50),
            p90: percentile(90),
            p99: percentile(99),
            max: self.some.last().copied().unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Waits;

    fn stats(waits: &[u64]) -> Option<[u64; 4]> {
        let mut all = Waits::default();
        for wait in waits {
            all.add(*wait);
        }
        all.finish().map(|s| [s.p50, s.p90, s.p99, s.max])
    }

    #[test]
    fn tasks_that_waited_are_counted() {
        let counted = |times: &[u64]| {
            let mut all = Waits::default();
            for wait in times {
                all.add(*wait);
            }
            all.finish().map(|stats| (stats.waited, stats.count))
        };
        assert_eq!(counted(&[0, 8, 0, 1]), Some((2, 4)));
        assert_eq!(counted(&[0]), Some((0, 1)));
        assert_eq!(counted(&[9]), Some((1, 1)));
    }

    #[test]
    fn percentiles_go_by_nearest_rank() {
        // Of 1 to 10, rank 5 is the median, rank 9 the 90th, rank 10 the 99th percentile.
        let ten: Vec<u64> = (1..=10).rev().collect();
        assert_eq!(stats(&ten), Some([5, 9, 10, 10]));
        assert_eq!(stats(&[7]), Some([7, 7, 7, 7]));
        // Ranks 2, 4 and 4 of 0, 0, 0, 8.
        assert_eq!(stats(&[0, 8, 0, 0]), Some([0, 8, 8, 8]));
        assert_eq!(stats(&[0, 0]), Some([0, 0, 0, 0]));
        assert_eq!(stats(&[]), None);
    }
}
