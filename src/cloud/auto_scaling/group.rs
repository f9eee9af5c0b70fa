//! A group at one moment, as its decisions see it.

use crate::model::PurchaseOption;
use crate::units::{HourlyRate, SimTime, id};

use super::configuration::{GroupConfiguration, InstancesDistribution};

/// Where an instance of a group stands (`LifecycleState`, API reference of AutoScaling Instance),
/// as far as decisions tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifecycleState {
    /// `Pending`: launched, not yet in service.
    Pending,
    /// `InService`.
    InService,
    /// `Terminating` or `Terminating:Wait`: it drains or ends, and counts no more.
    Terminating,
    /// `Warmed:Pending`: it is being prepared for the warm pool.
    WarmedPending,
    /// `Warmed:Stopped`, `Warmed:Running`, `Warmed:Hibernated`: in the warm pool.
    Warmed,
}

impl LifecycleState {
    /// Whether it counts toward the group's desired capacity.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Pending | Self::InService)
    }

    /// Whether it is in the warm pool or on its way there.
    pub const fn is_warm(self) -> bool {
        matches!(self, Self::WarmedPending | Self::Warmed)
    }
}

/// An instance of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupInstance {
    /// Its zone, by its place in `availabilityZones`.
    pub zone: u32,
    /// Its type, by its place among the group's types.
    pub instance_type: u32,
    /// On-Demand or Spot.
    pub purchase_option: PurchaseOption,
    /// When it was launched.
    pub launched_at: SimTime,
    /// Version of the launch template it was launched with.
    pub launch_template_version: u32,
    /// Whether scale-in must leave it (`ProtectedFromScaleIn`).
    pub protected_from_scale_in: bool,
    /// Where it stands.
    pub lifecycle_state: LifecycleState,
}

/// What Spot offers of a type in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpotOffer {
    /// Price of an instance-hour now.
    pub price: HourlyRate,
    /// How deep the pool is: the more, the more instances could be had. See
    /// [`SpotMarket::depth`](crate::cloud::spot::SpotMarket::depth).
    pub depth: u64,
}

/// A type that can be launched in a zone. A zone that is lost offers nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The zone, by its place in `availabilityZones`.
    pub zone: u32,
    /// The type, by its place among the group's types.
    pub instance_type: u32,
    /// On-Demand price of an instance-hour.
    pub on_demand: HourlyRate,
    /// The Spot pool; `None` where there is none.
    pub spot: Option<SpotOffer>,
}

impl Offer {
    /// An offer without a Spot pool.
    pub const fn on_demand(zone: u32, instance_type: u32, on_demand: HourlyRate) -> Self {
        Self {
            zone,
            instance_type,
            on_demand,
            spot: None,
        }
    }
}

/// A group at one moment.
#[derive(Debug, Clone, Copy)]
pub struct GroupView<'a> {
    /// Its settings.
    pub configuration: &'a GroupConfiguration,
    /// Its instances. Answers name them by their place here.
    pub instances: &'a [GroupInstance],
    /// What could be launched, at most one offer for each zone and type. A Spot pool is offered
    /// with its price and depth even while it has no room.
    pub offers: &'a [Offer],
}

impl<'a> GroupView<'a> {
    /// Instances that count toward the desired capacity, with their places.
    pub(super) fn counted(&self) -> impl Iterator<Item = (usize, &'a GroupInstance)> + use<'a> {
        let rows = self.instances.iter().enumerate();
        rows.filter(|(_, row)| row.lifecycle_state.counts())
    }

    /// How many instances count toward the desired capacity.
    pub fn capacity(&self) -> u32 {
        id(self.counted().count())
    }

    /// How many of a purchase option count.
    pub(super) fn capacity_of(&self, option: PurchaseOption) -> u32 {
        let of_option = |(_, row): &(usize, &GroupInstance)| row.purchase_option == option;
        id(self.counted().filter(of_option).count())
    }

    /// How many instances of each zone count, by the order of `availabilityZones`.
    pub(super) fn zone_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.configuration.availability_zones.len()];
        for (_, row) in self.counted() {
            counts[crate::units::index(row.zone)] += 1;
        }
        counts
    }
}

impl InstancesDistribution {
    /// How many of `capacity` instances are to be On-Demand: the base, and of the rest the
    /// percentage, rounded up in favour of On-Demand (user guide, "Controlling the proportion of
    /// On-Demand instances").
    pub fn on_demand_target(&self, capacity: u32) -> u32 {
        let base = self.on_demand_base_capacity.min(capacity);
        let percentage = u64::from(self.on_demand_percentage_above_base_capacity.min(100));
        let above = (u64::from(capacity - base) * percentage).div_ceil(100);
        base + u32::try_from(above).expect("a share of the capacity")
    }

    /// The most that a Spot Instance of a type may cost: `spotMaxPrice`, else its On-Demand price.
    pub fn max_price(&self, on_demand: HourlyRate) -> HourlyRate {
        self.spot_max_price.unwrap_or(on_demand)
    }
}

impl GroupConfiguration {
    /// A group of no instances with AWS's defaults, in these zones.
    pub fn new(availability_zones: Vec<String>) -> Self {
        Self {
            min_size: 0,
            max_size: 1,
            desired_capacity: 0,
            availability_zones,
            distribution: InstancesDistribution::default(),
            termination_policies: vec![super::TerminationPolicy::Default],
            new_instances_protected_from_scale_in: false,
            capacity_rebalance: false,
            termination_hook: None,
            max_instance_lifetime: None,
            warm_pool: None,
            instance_refreshes: Vec::new(),
            scheduled_actions: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cloud::auto_scaling::InstancesDistribution;
    use crate::units::HourlyRate;

    /// The table of the user guide, and a fraction.
    #[test]
    fn the_on_demand_share_is_base_and_percentage_rounded_up() {
        for (base, percentage, capacity, expected) in [
            (10, 50, 10, 10),
            (10, 50, 20, 15),
            (10, 50, 40, 25),
            (0, 0, 40, 0),
            (0, 60, 10, 6),
            (0, 60, 40, 24),
            (0, 100, 30, 30),
            (12, 0, 10, 10),
            (12, 0, 40, 12),
            (0, 50, 3, 2),
            (1, 10, 2, 2),
            (0, 0, 0, 0),
            (u32::MAX, 100, u32::MAX, u32::MAX),
        ] {
            let distribution = InstancesDistribution {
                on_demand_base_capacity: base,
                on_demand_percentage_above_base_capacity: percentage,
                ..InstancesDistribution::default()
            };
            let target = distribution.on_demand_target(capacity);
            assert_eq!(target, expected, "{base} {percentage} {capacity}");
        }
    }

    #[test]
    fn the_maximum_price_is_the_on_demand_price_by_default() {
        let mut distribution = InstancesDistribution::default();
        assert_eq!(distribution.max_price(HourlyRate(96)), HourlyRate(96));
        distribution.spot_max_price = Some(HourlyRate(50));
        assert_eq!(distribution.max_price(HourlyRate(96)), HourlyRate(50));
    }
}
