//! `fargate.spot`: how long tasks keep their capacity, and how much of it there is.

use crate::cloud::fargate::FargateSpot;
use crate::scenario::check::arrivals::Clock;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::distribution::read_distribution;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::SimTime;

use super::MOST_VCPUS;

pub(super) fn read_spot(
    own: &Fields<'_>,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> FargateSpot {
    let keys = ["timeToInterruption", "capacity"];
    let example = "timeToInterruption: {exponential: {mean: 50h}}";
    let Some(fields) = own
        .get("spot")
        .and_then(|node| read::fields_like(node, &keys, example, diagnostics))
    else {
        return FargateSpot::default();
    };
    FargateSpot {
        time_to_interruption: fields
            .get("timeToInterruption")
            .and_then(|node| read_distribution(node, diagnostics)),
        capacity: read_capacity(&fields, clock, diagnostics),
    }
}

/// Steps of `{at, vcpus}`, by time, the first at 0.
fn read_capacity(
    fields: &Fields<'_>,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Vec<(SimTime, u64)> {
    let mut steps: Vec<(SimTime, u64)> = Vec::new();
    for item in read::items_of(fields, "capacity", diagnostics) {
        let keys = ["at", "vcpus"];
        let Some(step) = read::fields_like(item, &keys, "at: 0s, vcpus: 100", diagnostics) else {
            continue;
        };
        let at =
            crate::scenario::check::services::read_time(&step, "this step", clock, diagnostics);
        let vcpus = step
            .required("vcpus", "100", diagnostics)
            .and_then(|node| read_vcpus_or_none(node, diagnostics));
        let (Some(at), Some(cpu)) = (at, vcpus) else {
            continue;
        };
        let place = step.get("at").map_or(step.place, |node| node.place);
        match steps.last() {
            None if at != SimTime::ZERO => {
                diagnostics
                    .error(place, "the first step of `capacity` is not at `0s`")
                    .help("add `{at: 0s, vcpus: ...}` before it");
            }
            Some((before, _)) if at <= *before => {
                diagnostics
                    .error(place, "a step that does not come after the one before it")
                    .help("put the steps in order of time");
            }
            _ => {}
        }
        steps.push((at, cpu));
    }
    steps
}

/// vCPUs, more than 0, as CPU units: `6`, `0.25`.
pub(super) fn read_vcpus(node: &Node, diagnostics: &mut Diagnostics) -> Option<u64> {
    read_units(node, 1, diagnostics)
}

fn read_vcpus_or_none(node: &Node, diagnostics: &mut Diagnostics) -> Option<u64> {
    read_units(node, 0, diagnostics)
}

fn read_units(node: &Node, least: u64, diagnostics: &mut Diagnostics) -> Option<u64> {
    let expected = "a number of vCPUs such as `6` or `0.25`";
    let range = least..=u64::from(MOST_VCPUS) * 1_024;
    read::decimal(node, 1_024, range, expected, diagnostics)
}
