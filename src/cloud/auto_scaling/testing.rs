//! Groups for the tests of this room.

use crate::model::PurchaseOption;
use crate::units::{HourlyRate, SimTime};

use super::{GroupConfiguration, GroupInstance, GroupView, LifecycleState, Offer, SpotOffer};

/// A group with its rows and offers.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) configuration: GroupConfiguration,
    pub(super) instances: Vec<GroupInstance>,
    pub(super) offers: Vec<Offer>,
}

/// So many cents an hour.
pub(super) fn cents(cents: u64) -> HourlyRate {
    HourlyRate(cents * 10_000_000)
}

/// A time so many minutes after the start.
pub(super) fn minutes(minutes: u64) -> SimTime {
    SimTime(minutes * 60_000)
}

impl Group {
    /// An empty group without offers.
    pub(super) fn of_zones(zones: u32) -> Self {
        let zones = (0..zones).map(|zone| format!("zone-{zone}")).collect();
        Self {
            configuration: GroupConfiguration {
                max_size: 100,
                ..GroupConfiguration::new(zones)
            },
            instances: Vec::new(),
            offers: Vec::new(),
        }
    }

    /// Adds an On-Demand offer.
    pub(super) fn offer(mut self, zone: u32, instance_type: u32, price: u64) -> Self {
        self.offers
            .push(Offer::on_demand(zone, instance_type, cents(price)));
        self
    }

    /// Adds On-Demand offers of so many types in all zones.
    pub(super) fn offer_everywhere(mut self, types: u32) -> Self {
        for zone in 0..crate::units::id(self.configuration.availability_zones.len()) {
            for instance_type in 0..types {
                self = self.offer(zone, instance_type, 100);
            }
        }
        self
    }

    /// Adds an offer whose On-Demand price is 100 cents, with a Spot pool.
    pub(super) fn spot(mut self, zone: u32, instance_type: u32, price: u64, depth: u64) -> Self {
        let price = cents(price);
        self.offers.push(Offer {
            spot: Some(SpotOffer { price, depth }),
            ..Offer::on_demand(zone, instance_type, cents(100))
        });
        self
    }

    /// Adds an instance in service.
    pub(super) fn add(
        &mut self,
        zone: u32,
        instance_type: u32,
        purchase_option: PurchaseOption,
    ) -> &mut GroupInstance {
        self.instances.push(GroupInstance {
            zone,
            instance_type,
            purchase_option,
            launched_at: SimTime::ZERO,
            launch_template_version: 1,
            protected_from_scale_in: false,
            lifecycle_state: LifecycleState::InService,
        });
        self.instances.last_mut().expect("one was added")
    }

    /// The group now.
    pub(super) fn view(&self) -> GroupView<'_> {
        GroupView {
            configuration: &self.configuration,
            instances: &self.instances,
            offers: &self.offers,
        }
    }

    /// The types of the first zone, best first.
    pub(super) fn types(&self, option: PurchaseOption) -> Vec<u32> {
        self.view().types_by_allocation_strategy(0, option)
    }

    /// The zones in the order of the ranking.
    pub(super) fn zones(&self, option: PurchaseOption) -> Vec<u32> {
        let ranked = self.view().rank_launches(option);
        ranked.iter().map(|choice| choice.zone).collect()
    }
}
