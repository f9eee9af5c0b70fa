//! Replacement of old instances: maximum instance lifetime and instance refresh.

use crate::units::{SimTime, index};

use super::configuration::InstanceRefresh;
use super::group::{GroupView, LifecycleState};

impl GroupView<'_> {
    /// The instances that have reached `maxInstanceLifetime` and are to be ended now, the oldest
    /// first: the group ends them and its shortfall launches others.
    ///
    /// At most 10 percent of the capacity is replaced at a time, rounded down, at least one (user
    /// guide, "Maximum instance lifetime"): `being_replaced` are those ended before whose
    /// replacements are not in service yet. Instances protected from scale-in wait. The age counts
    /// from the launch.
    pub fn past_lifetime(&self, now: SimTime, being_replaced: u32) -> Vec<usize> {
        let Some(lifetime) = self.configuration.max_instance_lifetime else {
            return Vec::new();
        };
        let mut due: Vec<usize> = self
            .replaceable()
            .filter(|place| self.instances[*place].launched_at.saturating_add(lifetime) <= now)
            .collect();
        due.sort_by_key(|place| self.instances[*place].launched_at);
        let at_once = (self.capacity() / 10).max(1);
        due.truncate(index(at_once.saturating_sub(being_replaced)));
        due
    }

    /// When the next instance reaches its maximum lifetime, which may be past.
    pub fn next_lifetime_end(&self) -> Option<SimTime> {
        let lifetime = self.configuration.max_instance_lifetime?;
        let ends = self
            .replaceable()
            .map(|place| self.instances[place].launched_at);
        ends.min().map(|launched| launched.saturating_add(lifetime))
    }

    fn replaceable(&self) -> impl Iterator<Item = usize> {
        let in_service = self.counted().filter(|(_, row)| {
            row.lifecycle_state == LifecycleState::InService && !row.protected_from_scale_in
        });
        in_service.map(|(place, _)| place)
    }
}

/// How a group stands amid an instance refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RefreshCounts {
    /// Its desired capacity.
    pub desired: u32,
    /// Instances in service, the new ones after their `instanceWarmup`.
    pub healthy: u32,
    /// Instances launched and not yet healthy.
    pub pending: u32,
    /// Of the healthy those that are still to be replaced.
    pub outdated: u32,
}

/// What an instance refresh does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RefreshStep {
    /// Outdated instances to end now; the group launches others where it falls below its desired
    /// capacity.
    pub terminate: u32,
    /// Instances to launch now beyond the desired capacity.
    pub launch: u32,
}

/// The next step of an instance refresh (user guide, "Instance refresh").
///
/// `minHealthyPercentage` of the desired capacity, rounded up, stays healthy; where that is all of
/// it, one instance is replaced at a time. `maxHealthyPercentage` above 100 lets the group launch
/// before it ends: up to that share of the desired capacity, rounded down, at least one more.
pub fn refresh_step(refresh: &InstanceRefresh, counts: &RefreshCounts) -> RefreshStep {
    let share = |percentage: u32| u64::from(counts.desired) * u64::from(percentage);
    let least = clamp(share(refresh.min_healthy_percentage).div_ceil(100));
    let launches_first = refresh.max_healthy_percentage > 100;
    let mut terminate = counts.healthy.saturating_sub(least);
    let is_whole = counts.pending == 0 && counts.healthy >= counts.desired;
    if is_whole && !launches_first {
        terminate = terminate.max(1);
    }
    let terminate = terminate.min(counts.outdated);
    let mut launch = 0;
    if launches_first {
        let most = clamp(share(refresh.max_healthy_percentage) / 100);
        let most = most.max(counts.desired.saturating_add(1));
        let left = counts.healthy - terminate + counts.pending;
        let spare = left.saturating_sub(counts.desired);
        let wanted = (counts.outdated - terminate).saturating_sub(spare);
        launch = wanted.min(most.saturating_sub(left));
    }
    RefreshStep { terminate, launch }
}

fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{RefreshCounts, RefreshStep, refresh_step};
    use crate::cloud::auto_scaling::testing::{Group, minutes};
    use crate::cloud::auto_scaling::{InstanceRefresh, LifecycleState};
    use crate::model::PurchaseOption::OnDemand;
    use crate::units::{Millis, SimTime};

    fn aged(launched: &[u64]) -> Group {
        let mut group = Group::of_zones(1).offer_everywhere(1);
        group.configuration.max_instance_lifetime = Some(Millis::HOUR);
        for &minute in launched {
            group.add(0, 0, OnDemand).launched_at = minutes(minute);
        }
        group
    }

    #[test]
    fn instances_past_their_lifetime_are_replaced_one_at_a_time_oldest_first() {
        let mut group = aged(&[10, 0, 50]);
        let due = |group: &Group, now, replaced| group.view().past_lifetime(minutes(now), replaced);
        assert!(due(&group, 59, 0).is_empty());
        assert_eq!(due(&group, 60, 0), [1]);
        assert_eq!(due(&group, 90, 0), [1]);
        assert!(due(&group, 90, 1).is_empty());
        assert_eq!(group.view().next_lifetime_end(), Some(minutes(60)));
        group.instances[1].protected_from_scale_in = true;
        assert_eq!(due(&group, 90, 0), [0]);
        group.instances[0].lifecycle_state = LifecycleState::Terminating;
        assert!(due(&group, 90, 0).is_empty());
        assert_eq!(group.view().next_lifetime_end(), Some(minutes(110)));
        group.configuration.max_instance_lifetime = None;
        assert!(due(&group, 1_000, 0).is_empty());
        assert_eq!(group.view().next_lifetime_end(), None);
    }

    #[test]
    fn up_to_ten_percent_of_the_capacity_is_replaced_at_once() {
        let group = aged(&[0; 25]);
        assert_eq!(group.view().past_lifetime(minutes(60), 0), [0, 1]);
        assert_eq!(group.view().past_lifetime(minutes(60), 1), [0]);
    }

    fn step(percentages: (u32, u32), counts: [u32; 4]) -> (u32, u32) {
        let refresh = InstanceRefresh {
            at: SimTime::ZERO,
            min_healthy_percentage: percentages.0,
            max_healthy_percentage: percentages.1,
            instance_warmup: Millis::ZERO,
        };
        let [desired, healthy, pending, outdated] = counts;
        let counts = RefreshCounts {
            desired,
            healthy,
            pending,
            outdated,
        };
        let RefreshStep { terminate, launch } = refresh_step(&refresh, &counts);
        (terminate, launch)
    }

    #[test]
    fn a_refresh_keeps_the_minimum_healthy_percentage() {
        assert_eq!(step((90, 100), [20, 20, 0, 20]), (2, 0));
        assert_eq!(step((90, 100), [20, 18, 2, 18]), (0, 0));
        assert_eq!(step((90, 100), [20, 19, 1, 18]), (1, 0));
        assert_eq!(step((75, 100), [5, 5, 0, 5]), (1, 0), "3.75 is rounded up");
        assert_eq!(step((90, 100), [20, 20, 0, 1]), (1, 0));
        assert_eq!(step((90, 100), [20, 20, 0, 0]), (0, 0));
        assert_eq!(
            step((0, 100), [20, 20, 0, 20]),
            (20, 0),
            "all at the same time"
        );
    }

    #[test]
    fn a_refresh_at_a_hundred_percent_replaces_one_at_a_time() {
        assert_eq!(step((100, 100), [4, 4, 0, 4]), (1, 0));
        assert_eq!(step((100, 100), [4, 3, 1, 3]), (0, 0));
        assert_eq!(step((90, 100), [1, 1, 0, 1]), (1, 0));
        assert_eq!(
            step((90, 100), [10, 5, 0, 5]),
            (0, 0),
            "a group below its size waits"
        );
    }

    #[test]
    fn a_refresh_above_a_hundred_percent_launches_first() {
        assert_eq!(step((100, 110), [20, 20, 0, 20]), (0, 2));
        assert_eq!(step((100, 110), [20, 20, 2, 20]), (0, 0));
        assert_eq!(step((100, 110), [20, 22, 0, 20]), (2, 2));
        assert_eq!(step((100, 110), [20, 21, 0, 1]), (1, 0));
        assert_eq!(step((100, 110), [20, 20, 1, 1]), (0, 0));
        assert_eq!(step((100, 110), [5, 5, 0, 5]), (0, 1), "at least one more");
        assert_eq!(step((100, 200), [3, 3, 0, 3]), (0, 3));
    }
}
