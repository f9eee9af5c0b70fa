//! What checks say of by when standalone tasks must have been placed.
//!
//! Only checks whose meaning is beyond doubt are used: upper limits of `tasks.notPlaced`,
//! `tasks.waiting`, `tasks.pending`, `tasks.running` and of `placement.waitMs`. All others are left
//! to the runs.

use crate::units::{Fixed, Millis};

/// 1.
const ONE: i128 = 1_000_000_000_000;

/// A check that is an upper limit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit<'a> {
    /// The figure's path.
    pub path: &'a str,
    /// The limit.
    pub most: Fixed,
    /// Whether the limit itself is too much.
    pub below: bool,
}

impl Limit<'_> {
    /// The most of a figure that counts whole things.
    fn whole(&self) -> u64 {
        let floor = self.most.0.div_euclid(ONE);
        let is_whole = self.most.0.rem_euclid(ONE) == 0;
        let most = if self.below && is_whole {
            floor - 1
        } else {
            floor
        };
        u64::try_from(most.max(0)).unwrap_or(u64::MAX)
    }
}

/// How long tasks may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WaitLimit {
    longest: Millis,
    /// In percent of the tasks that were placed, how many may wait longer.
    exempt: u64,
}

/// What must come true of the standalone tasks for the checks to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requirement {
    /// So many may be refused.
    refused: Option<u64>,
    /// So many may wait at the end.
    waiting: Option<u64>,
    wait: Option<WaitLimit>,
    /// At the end none runs, starts or waits.
    pub(super) all_over: bool,
}

impl Requirement {
    /// What the limits come to. Waits are those of all tasks: beside services, whose tasks count
    /// among the placed ones too, a percentile says nothing of the others.
    pub fn of(limits: &[Limit<'_>], has_services: bool) -> Self {
        let least = |paths: &[&str]| {
            let limits = limits.iter().filter(|limit| paths.contains(&limit.path));
            limits.map(Limit::whole).min()
        };
        let percentiles = [("max", 0), ("p99", 1), ("p90", 10), ("p50", 50)];
        let wait = percentiles.iter().find_map(|(name, exempt)| {
            let longest = least(&[&format!("placement.waitMs.{name}")])?;
            (*exempt == 0 || !has_services).then_some(WaitLimit {
                longest: Millis(longest),
                exempt: *exempt,
            })
        });
        let is_none = |path: &str| least(&[path]) == Some(0);
        Self {
            refused: least(&["tasks.notPlaced"]),
            waiting: least(&["tasks.waiting", "tasks.pending"]),
            wait,
            all_over: is_none("tasks.running") && is_none("tasks.pending"),
        }
    }

    /// Whether tasks that do not wait must be placed at once.
    pub(super) fn places_at_once(&self) -> bool {
        self.refused.is_some()
    }

    /// How long tasks that may wait can wait at most, when they must be placed at all.
    pub(super) fn wait_of_queued(&self) -> Option<Millis> {
        self.refused?;
        self.waiting?;
        Some(self.wait.map_or(Millis(u64::MAX), |wait| wait.longest))
    }

    /// How many of so many submitted tasks may be none of those that must be placed in time.
    pub(super) fn exempt(&self, submitted: u64) -> u64 {
        // Nearest rank: of n tasks at most n / 100, rounded down, exceed the 99th percentile.
        let late = self.wait.map_or(0, |wait| {
            submitted / 100 * wait.exempt + submitted % 100 * wait.exempt / 100
        });
        let missing = self
            .refused
            .unwrap_or(0)
            .saturating_add(self.waiting.unwrap_or(0));
        missing.saturating_add(late)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, Requirement};
    use crate::units::{Fixed, Millis};

    fn limit<'a>(path: &'a str, most: &str, below: bool) -> Limit<'a> {
        let most = Fixed::parse(most).unwrap();
        Limit { path, most, below }
    }

    fn requirement(limits: &[(&str, &str)]) -> Requirement {
        let limits: Vec<Limit<'_>> = limits
            .iter()
            .map(|(path, most)| limit(path, most, false))
            .collect();
        Requirement::of(&limits, false)
    }

    #[test]
    fn limits_of_counts_are_whole() {
        let whole = |most, below| limit("tasks.notPlaced", most, below).whole();
        assert_eq!(whole("0", false), 0);
        assert_eq!(whole("1", true), 0);
        assert_eq!(whole("1.5", true), 1);
        assert_eq!(whole("1.5", false), 1);
        assert_eq!(whole("2", false), 2);
        assert_eq!(whole("0", true), 0); // nothing is below 0, and nothing is asked for less
        assert_eq!(whole("-3", false), 0);
    }

    #[test]
    fn tasks_must_be_placed_only_where_checks_leave_no_other_way() {
        let wait = ("placement.waitMs.max", "60000");
        assert!(!requirement(&[wait]).places_at_once());
        // A wait is known of placed tasks alone.
        assert_eq!(requirement(&[wait]).wait_of_queued(), None);
        let refused = ("tasks.notPlaced", "0");
        assert!(requirement(&[refused]).places_at_once());
        assert_eq!(requirement(&[refused, wait]).wait_of_queued(), None);
        let all = [refused, wait, ("tasks.waiting", "0")];
        assert_eq!(requirement(&all).wait_of_queued(), Some(Millis(60_000)));
        assert_eq!(requirement(&all).exempt(1_000), 0);
        assert!(!requirement(&all).all_over);
        let over = [refused, ("tasks.pending", "0"), ("tasks.running", "0")];
        assert!(requirement(&over).all_over);
        assert_eq!(requirement(&over).wait_of_queued(), Some(Millis(u64::MAX)));
    }

    #[test]
    fn what_a_percentile_and_tolerance_leave_out_is_exempt() {
        let p99 = [
            ("placement.waitMs.p99", "0"),
            ("tasks.notPlaced", "2"),
            ("tasks.waiting", "3"),
        ];
        assert_eq!(requirement(&p99).exempt(0), 5);
        assert_eq!(requirement(&p99).exempt(199), 6);
        assert_eq!(requirement(&p99).exempt(200), 7);
        let p50 = [("placement.waitMs.p50", "0")];
        assert_eq!(requirement(&p50).exempt(201), 100);
        let limits = [limit("placement.waitMs.p99", "0", false)];
        assert_eq!(Requirement::of(&limits, true).exempt(1_000), 0);
    }
}
