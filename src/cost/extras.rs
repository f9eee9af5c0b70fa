//! What comes with instances and requests: root volumes, public addresses, traffic between zones.

use crate::model::{EndReason, InstanceSource};
use crate::record::{BillingIncrement, EndedBy, Fraction, GroupRow, InstanceRow, Run, billed_time};
use crate::units::{HourlyRate, Millis, SimTime, UnitPrice};

use super::HOURS_PER_MONTH;
use super::charge::{Charge, ChargeKind, ChargeResource};

/// Milliseconds of a month of 730 hours.
const MONTH: u128 = 730 * 3_600_000;
const _: () = assert!(HOURS_PER_MONTH == 730, "a month has 730 hours");
/// Bytes of a GB, and requests in millionths.
const GB_MILLIONTHS: u128 = 1_000_000_000 * 1_000_000;

/// The lines of volumes and addresses, by instance; then what groups keep stopped in warm pools;
/// then traffic.
pub(super) fn charges(run: &Run) -> Vec<Charge> {
    let mut charges = Vec::new();
    for (place, row) in run.instances.iter().enumerate() {
        let Some(group) = group_of(run, row) else {
            continue;
        };
        charges.extend(volume(run, place, row, group));
        charges.extend(address(run, place, row, group));
        charges.extend(management_fee(run, place, row, group));
    }
    let groups = run.auto_scaling_groups.iter().enumerate();
    charges.extend(groups.filter_map(|(place, group)| stopped_volumes(run, place, group)));
    charges.extend(traffic(run));
    charges
}

fn group_of<'a>(run: &'a Run, row: &InstanceRow) -> Option<&'a GroupRow> {
    match row.facts.source {
        InstanceSource::Group { group, .. } => run.auto_scaling_groups.get(group.index()),
        InstanceSource::Fleet(_) => None,
    }
}

/// From launch to the end, whoever ended it: EC2's free hour is of the instance alone.
fn time_of(run: &Run, row: &InstanceRow) -> (SimTime, SimTime, Millis) {
    let from = row.facts.launched_at;
    let until = row.terminated_at.unwrap_or(run.end());
    let billed = billed_time(until.since(from), EndedBy::Owner, BillingIncrement::Second);
    (from, from.saturating_add(billed), billed)
}

fn volume(run: &Run, place: usize, row: &InstanceRow, group: &GroupRow) -> Option<Charge> {
    let (gib, price) = (group.root_volume_gib?, run.pricing.gp3_gb_month?);
    if row.end_reason == Some(EndReason::WarmPool) {
        return None;
    }
    let (from, until, billed) = time_of(run, row);
    let quantity = Fraction {
        part: u128::from(gib) * u128::from(billed.0),
        whole: MONTH,
    };
    let resource = ChargeResource::Instance(place);
    let time = (from, until);
    (billed > Millis::ZERO)
        .then(|| Charge::listed(ChargeKind::RootVolume, resource, time, quantity, price))
}

fn address(run: &Run, place: usize, row: &InstanceRow, group: &GroupRow) -> Option<Charge> {
    let price = run.pricing.public_ipv4.filter(|_| group.public_ipv4)?;
    by_the_hour(run, (place, row), ChargeKind::PublicIpv4, price)
}

/// What ECS charges for a Managed Instance beside EC2, however EC2 is paid.
fn management_fee(run: &Run, place: usize, row: &InstanceRow, group: &GroupRow) -> Option<Charge> {
    let price = HourlyRate(group.management_fee?.of(row.facts.on_demand.0));
    by_the_hour(run, (place, row), ChargeKind::ManagementFee, price)
}

/// What an instance costs for as long as it is there, beside itself.
fn by_the_hour(
    run: &Run,
    (place, row): (usize, &InstanceRow),
    kind: ChargeKind,
    price: HourlyRate,
) -> Option<Charge> {
    let (from, until, billed) = time_of(run, row);
    let quantity = hours(billed.0.into());
    let resource = ChargeResource::Instance(place);
    let time = (from, until);
    (billed > Millis::ZERO).then(|| Charge::listed(kind, resource, time, quantity, price.into()))
}

/// Volumes of the instances that stand stopped in a warm pool, or are being made ready for it.
fn stopped_volumes(run: &Run, place: usize, group: &GroupRow) -> Option<Charge> {
    let (gib, price) = (group.root_volume_gib?, run.pricing.gp3_gb_month?);
    if !group.stops_warm_instances {
        return None;
    }
    let counts = group.counts.iter();
    let next = counts.clone().skip(1).map(|(at, _)| *at);
    let spans = counts.zip(next.chain([run.end()]));
    let warmed = spans.map(|((from, counts), until)| {
        u128::from(counts.warmed) * u128::from(until.since(*from).0)
    });
    let instance_millis: u128 = warmed.sum();
    let quantity = Fraction {
        part: u128::from(gib) * instance_millis,
        whole: MONTH,
    };
    let resource = ChargeResource::WarmPool(place);
    let time = (SimTime::ZERO, run.end());
    (instance_millis > 0)
        .then(|| Charge::listed(ChargeKind::RootVolume, resource, time, quantity, price))
}

/// What crosses from one zone to another is charged where it leaves and where it arrives.
fn traffic(run: &Run) -> Option<Charge> {
    let pricing = run.pricing.cross_zone_traffic?;
    let services = run.services.iter();
    let requests: u128 = services.map(|service| service.load.offered).sum();
    let quantity = Fraction {
        part: requests
            .saturating_mul(u128::from(pricing.bytes_per_request))
            .saturating_mul(2),
        whole: GB_MILLIONTHS,
    };
    let time = (SimTime::ZERO, run.end());
    let price: UnitPrice = pricing.gb;
    Some(Charge::listed(
        ChargeKind::CrossZoneTraffic,
        ChargeResource::Cluster,
        time,
        quantity,
        price,
    ))
}

/// Milliseconds as a quantity of hours.
pub(super) fn hours(millis: u128) -> Fraction {
    Fraction {
        part: millis,
        whole: u128::from(Millis::HOUR.0),
    }
}
