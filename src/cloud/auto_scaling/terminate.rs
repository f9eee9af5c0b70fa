//! Scale-in: which instances a group ends.

use crate::model::PurchaseOption;
use crate::units::{Millis, SimTime, index};

use super::allocation::scale_in_aligns;
use super::configuration::TerminationPolicy;
use super::group::{GroupInstance, GroupView, LifecycleState};

impl GroupView<'_> {
    /// The instances to end so that the group has `count` fewer, by their places, in the order of
    /// choice; fewer where the others are protected from scale-in.
    ///
    /// One after another (user guide, "Termination policies"): where the group has both purchase
    /// options, that which is above its target; then the zones that have the most instances and
    /// one that may go; then the policies in their order, each keeping those that it would end
    /// first; then `random`, which gets a number of candidates and answers with a place below it.
    /// A step that would leave none is skipped, but where an instance of the purchase option above
    /// its target is on its way: the group waits for it rather than end one of the other.
    pub fn pick_to_terminate(
        &self,
        count: u32,
        now: SimTime,
        random: &mut dyn FnMut(u64) -> u64,
    ) -> Vec<usize> {
        let mut scale_in = ScaleIn {
            view: *self,
            now,
            remaining: self.counted().map(|(place, _)| place).collect(),
        };
        let mut picked = Vec::new();
        while picked.len() < index(count) {
            let candidates = scale_in.candidates();
            if candidates.is_empty() {
                break;
            }
            let bound = u64::try_from(candidates.len()).expect("a length has at most 64 bits");
            let drawn = if bound == 1 { 0 } else { random(bound) };
            let drawn = usize::try_from(drawn).expect("a place within the list");
            let place = candidates[drawn];
            scale_in.remaining.retain(|other| *other != place);
            picked.push(place);
        }
        picked
    }
}

/// A scale-in under way.
struct ScaleIn<'a> {
    view: GroupView<'a>,
    now: SimTime,
    /// Places of the instances that count and have not been picked.
    remaining: Vec<usize>,
}

impl ScaleIn<'_> {
    fn row(&self, place: usize) -> &GroupInstance {
        &self.view.instances[place]
    }

    /// Those of which chance decides which goes next.
    fn candidates(&self) -> Vec<usize> {
        let remaining = self.remaining.iter().copied();
        let mut candidates: Vec<usize> = remaining
            .filter(|&place| !self.row(place).protected_from_scale_in)
            .collect();
        let option = self.option_above_target();
        let is_of_option = |place: usize| self.row(place).purchase_option == option;
        if self.is_on_its_way(option) && !candidates.iter().any(|place| is_of_option(*place)) {
            return Vec::new();
        }
        keep_if_any(&mut candidates, |&place| is_of_option(place));
        self.keep_largest_zones(&mut candidates);
        for policy in &self.view.configuration.termination_policies {
            self.apply(*policy, &mut candidates);
        }
        candidates
    }

    /// The purchase option of which the group has more than it will want with one instance less.
    fn option_above_target(&self) -> PurchaseOption {
        let is_on_demand =
            |place: &&usize| self.row(**place).purchase_option == PurchaseOption::OnDemand;
        let on_demand = self.remaining.iter().filter(is_on_demand).count();
        let left = crate::units::id(self.remaining.len().saturating_sub(1));
        let target = self.view.configuration.distribution.on_demand_target(left);
        if on_demand > index(target) {
            PurchaseOption::OnDemand
        } else {
            PurchaseOption::Spot
        }
    }

    /// Whether an instance of a purchase option is on its way.
    fn is_on_its_way(&self, option: PurchaseOption) -> bool {
        let mut rows = self.remaining.iter().map(|place| self.row(*place));
        rows.any(|row| {
            row.purchase_option == option && row.lifecycle_state == LifecycleState::Pending
        })
    }

    fn keep_largest_zones(&self, candidates: &mut Vec<usize>) {
        let mut counts = vec![0_u32; self.view.configuration.availability_zones.len()];
        for &place in &self.remaining {
            counts[index(self.row(place).zone)] += 1;
        }
        keep_largest(candidates, |&place| counts[index(self.row(place).zone)]);
    }

    fn apply(&self, policy: TerminationPolicy, candidates: &mut Vec<usize>) {
        match policy {
            TerminationPolicy::Default => {
                self.align_to_allocation_strategy(candidates);
                self.keep_oldest_template(candidates);
                self.keep_closest_to_next_hour(candidates);
            }
            TerminationPolicy::AllocationStrategy => self.align_to_allocation_strategy(candidates),
            TerminationPolicy::OldestLaunchTemplate => self.keep_oldest_template(candidates),
            // Every group here has a launch template, so that none has a launch configuration.
            TerminationPolicy::OldestLaunchConfiguration => {}
            TerminationPolicy::ClosestToNextInstanceHour => {
                self.keep_closest_to_next_hour(candidates);
            }
            TerminationPolicy::NewestInstance => {
                keep_largest(candidates, |&place| self.row(place).launched_at);
            }
            TerminationPolicy::OldestInstance => {
                let launched_at = |&place: &usize| self.row(place).launched_at;
                keep_largest(candidates, |place| std::cmp::Reverse(launched_at(place)));
            }
        }
    }

    /// Keeps those whose pool the allocation strategy would choose last today.
    fn align_to_allocation_strategy(&self, candidates: &mut Vec<usize>) {
        let strategy = self
            .view
            .configuration
            .distribution
            .on_demand_allocation_strategy;
        let zones = 0..crate::units::id(self.view.configuration.availability_zones.len());
        // The ranking spreads over the instances that are left.
        let left: Vec<GroupInstance> = self.remaining.iter().map(|&at| *self.row(at)).collect();
        let view = GroupView {
            instances: &left,
            ..self.view
        };
        let ranking = |option| -> Vec<Vec<u32>> {
            let ranked = |zone| view.types_by_allocation_strategy(zone, option);
            zones.clone().map(ranked).collect()
        };
        let (on_demand, spot) = (
            ranking(PurchaseOption::OnDemand),
            ranking(PurchaseOption::Spot),
        );
        let rank = |&place: &usize| {
            let row = self.row(place);
            let ranked = match row.purchase_option {
                PurchaseOption::Spot => &spot,
                _ if scale_in_aligns(strategy) => &on_demand,
                _ => return 0,
            };
            let types = &ranked[index(row.zone)];
            let found = types.iter().position(|known| *known == row.instance_type);
            // What is offered no more would be chosen last of all.
            found.unwrap_or(usize::MAX)
        };
        keep_largest(candidates, rank);
    }

    fn keep_oldest_template(&self, candidates: &mut Vec<usize>) {
        let version = |&place: &usize| self.row(place).launch_template_version;
        keep_largest(candidates, |place| std::cmp::Reverse(version(place)));
    }

    fn keep_closest_to_next_hour(&self, candidates: &mut Vec<usize>) {
        keep_largest(candidates, |&place| {
            let age = self.now.0.saturating_sub(self.row(place).launched_at.0);
            age % Millis::HOUR.0
        });
    }
}

/// Keeps what meets a condition, or all when none does.
fn keep_if_any(candidates: &mut Vec<usize>, meets: impl Fn(&usize) -> bool) {
    if candidates.iter().any(&meets) {
        candidates.retain(meets);
    }
}

/// Keeps those with the largest key.
fn keep_largest<K: Ord>(candidates: &mut Vec<usize>, key: impl Fn(&usize) -> K) {
    if let Some(largest) = candidates.iter().map(&key).max() {
        candidates.retain(|place| key(place) == largest);
    }
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::testing::{Group, minutes};
    use crate::cloud::auto_scaling::{
        LifecycleState, OnDemandAllocationStrategy, SpotAllocationStrategy, TerminationPolicy,
    };
    use crate::model::PurchaseOption::{OnDemand, Spot};

    fn group(zones: u32, policy: TerminationPolicy) -> Group {
        let mut group = Group::of_zones(zones).offer_everywhere(3);
        group.configuration.termination_policies = vec![policy];
        group
    }

    /// Picks with a draw that always takes the last candidate.
    fn pick(group: &Group, count: u32) -> Vec<usize> {
        group
            .view()
            .pick_to_terminate(count, minutes(600), &mut |bound| bound - 1)
    }

    #[test]
    fn the_zone_with_the_most_instances_comes_before_the_policy() {
        let mut group = group(2, TerminationPolicy::OldestInstance);
        group.add(0, 0, OnDemand).launched_at = minutes(1);
        group.add(1, 0, OnDemand).launched_at = minutes(2);
        group.add(1, 0, OnDemand).launched_at = minutes(3);
        assert_eq!(pick(&group, 1), [1]);
        assert_eq!(
            pick(&group, 3),
            [1, 0, 2],
            "balanced zones are taken together"
        );
    }

    #[test]
    fn protected_instances_never_go() {
        let mut group = group(2, TerminationPolicy::OldestInstance);
        for zone in [0, 0, 1] {
            group.add(zone, 0, OnDemand).protected_from_scale_in = true;
        }
        group.add(1, 0, OnDemand).launched_at = minutes(9);
        assert_eq!(pick(&group, 3), [3]);
    }

    #[test]
    fn a_zone_whose_instances_are_all_protected_is_passed_over() {
        let mut group = group(2, TerminationPolicy::Default);
        for _ in 0..3 {
            group.add(0, 0, OnDemand).protected_from_scale_in = true;
        }
        group.add(1, 0, OnDemand);
        assert_eq!(pick(&group, 1), [3]);
    }

    #[test]
    fn the_zone_with_the_most_instances_counts_protected_ones() {
        let mut group = group(2, TerminationPolicy::Default);
        for _ in 0..3 {
            group.add(0, 0, OnDemand).protected_from_scale_in = true;
        }
        group.add(0, 0, OnDemand);
        group.add(1, 0, OnDemand);
        group.add(1, 0, OnDemand);
        assert_eq!(pick(&group, 1), [3]);
    }

    #[test]
    fn the_purchase_option_above_its_target_goes_first() {
        let mut group = group(2, TerminationPolicy::NewestInstance);
        group
            .configuration
            .distribution
            .on_demand_percentage_above_base_capacity = 50;
        for minute in 0..4 {
            group.add(0, 0, OnDemand).launched_at = minutes(minute);
        }
        for minute in 4..6 {
            group.add(1, 0, Spot).launched_at = minutes(minute);
        }
        // Of 5, 4, 3 and 2 instances 3, 2, 2 and 1 are to be On-Demand.
        assert_eq!(pick(&group, 4), [3, 2, 5, 1]);
    }

    #[test]
    fn scale_in_waits_for_the_purchase_option_above_its_target() {
        let mut group = group(1, TerminationPolicy::Default);
        let distribution = &mut group.configuration.distribution;
        distribution.on_demand_base_capacity = 1;
        distribution.on_demand_percentage_above_base_capacity = 0;
        group.add(0, 0, OnDemand);
        let on_its_way = group.add(0, 0, Spot);
        on_its_way.lifecycle_state = LifecycleState::Pending;
        on_its_way.protected_from_scale_in = true;
        assert!(pick(&group, 1).is_empty());
        group.instances[1].lifecycle_state = LifecycleState::InService;
        assert_eq!(pick(&group, 1), [0], "all Spot Instances are protected");
        group.instances[1].protected_from_scale_in = false;
        assert_eq!(pick(&group, 1), [1]);
    }

    #[test]
    fn default_aligns_to_the_priority_of_on_demand_types() {
        let mut group = group(1, TerminationPolicy::Default);
        group.add(0, 0, OnDemand).launch_template_version = 1;
        group.add(0, 2, OnDemand).launch_template_version = 2;
        group.add(0, 1, OnDemand).launch_template_version = 1;
        assert_eq!(pick(&group, 3), [1, 2, 0]);
        group
            .configuration
            .distribution
            .on_demand_allocation_strategy = OnDemandAllocationStrategy::LowestPrice;
        assert_eq!(
            pick(&group, 3),
            [2, 0, 1],
            "lowest-price is not honoured: templates are"
        );
    }

    #[test]
    fn default_goes_on_to_the_oldest_template_then_the_billing_hour_then_chance() {
        let mut group = group(1, TerminationPolicy::Default);
        for (version, launched_at) in [(2, 0), (1, 595), (1, 550), (1, 490)] {
            let row = group.add(0, 0, OnDemand);
            row.launch_template_version = version;
            row.launched_at = minutes(launched_at);
        }
        // At 600 min the hours of the last two are 50 min old, of the second 5.
        assert_eq!(pick(&group, 4), [3, 2, 1, 0]);
        let first = group.view().pick_to_terminate(1, minutes(600), &mut |_| 0);
        assert_eq!(first, [2]);
    }

    #[test]
    fn allocation_strategy_ends_what_the_strategy_would_choose_last() {
        for (strategy, expected) in [
            // The two cheapest pools stay; the third goes although it is the newest template.
            (SpotAllocationStrategy::LowestPrice, [0, 3, 2, 1]),
            (SpotAllocationStrategy::Diversified, [3, 2, 1, 0]),
            (SpotAllocationStrategy::CapacityOptimized, [3, 2, 1, 0]),
            (
                SpotAllocationStrategy::CapacityOptimizedPrioritized,
                [3, 2, 1, 0],
            ),
            (SpotAllocationStrategy::PriceCapacityOptimized, [3, 2, 0, 1]),
        ] {
            let mut group = Group::of_zones(1)
                .spot(0, 0, 3, 100)
                .spot(0, 1, 1, 60)
                .spot(0, 2, 2, 10);
            let distribution = &mut group.configuration.distribution;
            distribution.on_demand_percentage_above_base_capacity = 0;
            distribution.spot_allocation_strategy = strategy;
            group.configuration.termination_policies = vec![TerminationPolicy::AllocationStrategy];
            for instance_type in [0, 1, 2, 2] {
                group.add(0, instance_type, Spot);
            }
            assert_eq!(pick(&group, 4), expected, "{strategy:?}");
        }
    }

    #[test]
    fn oldest_launch_template_ends_the_lowest_version() {
        let mut group = group(1, TerminationPolicy::OldestLaunchTemplate);
        for version in [3, 1, 2] {
            group.add(0, 0, OnDemand).launch_template_version = version;
        }
        assert_eq!(pick(&group, 3), [1, 2, 0]);
    }

    #[test]
    fn oldest_launch_configuration_leaves_launch_templates_to_the_next_policy() {
        let mut group = group(1, TerminationPolicy::OldestLaunchConfiguration);
        group
            .configuration
            .termination_policies
            .push(TerminationPolicy::NewestInstance);
        for minute in [1, 3, 2] {
            group.add(0, 0, OnDemand).launched_at = minutes(minute);
        }
        assert_eq!(pick(&group, 3), [1, 2, 0]);
    }

    #[test]
    fn closest_to_next_instance_hour_ends_what_has_used_most_of_its_hour() {
        let mut group = group(1, TerminationPolicy::ClosestToNextInstanceHour);
        for minute in [30, 541, 599, 600] {
            group.add(0, 0, OnDemand).launched_at = minutes(minute);
        }
        assert_eq!(pick(&group, 4), [1, 0, 2, 3]);
    }

    #[test]
    fn newest_and_oldest_instance_go_by_the_launch() {
        for (policy, expected) in [
            (TerminationPolicy::NewestInstance, [1, 2, 0]),
            (TerminationPolicy::OldestInstance, [0, 2, 1]),
        ] {
            let mut group = group(1, policy);
            for minute in [1, 3, 2] {
                group.add(0, 0, OnDemand).launched_at = minutes(minute);
            }
            assert_eq!(pick(&group, 3), expected, "{policy:?}");
        }
    }

    #[test]
    fn only_what_counts_toward_the_capacity_is_picked() {
        let mut group = group(1, TerminationPolicy::OldestInstance);
        for lifecycle_state in [
            LifecycleState::Terminating,
            LifecycleState::Warmed,
            LifecycleState::WarmedPending,
            LifecycleState::Pending,
            LifecycleState::InService,
        ] {
            group.add(0, 0, OnDemand).lifecycle_state = lifecycle_state;
        }
        let mut picked = pick(&group, 9);
        picked.sort_unstable();
        assert_eq!(picked, [3, 4]);
    }
}
