//! What load balancers cost: each hour or part of one, and the capacity units used in it (Elastic
//! Load Balancing pricing).
//!
//! An Application Load Balancer uses in an hour as many LCUs as the greatest of
//!
//! - new connections a second / 25
//! - active connections / 3,000
//! - GB processed in the hour
//! - rule evaluations a second / 1,000, where the first ten rules of each request are free
//!
//! and a Network Load Balancer as many NLCUs as the greatest of new connections a second / 800,
//! active connections / 100,000, GB processed in the hour. All are means over the hour, and follow
//! from its requests: connections = requests x connections for a request; active connections =
//! new ones a second x how long each stays open.

use crate::model::{LoadBalancerPricing, LoadBalancerRates};
use crate::record::{Fraction, LoadBalancerRow, Run};
use crate::units::{Millis, SimTime};

use super::charge::{Charge, ChargeKind, ChargeResource};

/// Requests, and connections for a request, are in millionths.
const MILLION: u128 = 1_000_000;
const SECONDS: u128 = 3_600;
const GB: u128 = 1_000_000_000;
const FREE_RULES: u64 = 10;

/// What one capacity unit takes.
struct Dimensions {
    connections_per_second: u128,
    active_connections: u128,
    /// `None` where rules are not counted.
    rules_per_second: Option<u128>,
}

const LCU: Dimensions = Dimensions {
    connections_per_second: 25,
    active_connections: 3_000,
    rules_per_second: Some(1_000),
};
const NLCU: Dimensions = Dimensions {
    connections_per_second: 800,
    active_connections: 100_000,
    rules_per_second: None,
};

/// Capacity units are counted in parts of one over this: it is a multiple of every divisor below.
const PARTS: u128 = 108 * 10_u128.pow(22);

/// The capacity units of an hour with so many millionths of a request, in parts.
fn capacity_units(of: &Dimensions, pricing: &LoadBalancerPricing, requests: u128) -> u128 {
    let connections = requests.saturating_mul(u128::from(pricing.connections_per_request));
    let open_for = u128::from(pricing.connection_duration.0);
    let rules = u128::from(pricing.rules_per_request.saturating_sub(FREE_RULES));
    let bytes = u128::from(pricing.bytes_per_request);
    let hour = u128::from(Millis::HOUR.0);
    let parts = |amount: u128, divisor: u128| amount.saturating_mul(PARTS / divisor);
    let new = parts(
        connections,
        MILLION * MILLION * of.connections_per_second * SECONDS,
    );
    let active = parts(
        connections.saturating_mul(open_for),
        MILLION * MILLION * hour * of.active_connections,
    );
    let processed = parts(requests.saturating_mul(bytes), MILLION * GB);
    let evaluated = of.rules_per_second.map_or(0, |rules_per_second| {
        parts(
            requests.saturating_mul(rules),
            MILLION * SECONDS * rules_per_second,
        )
    });
    new.max(active).max(processed).max(evaluated)
}

/// The lines of the load balancers, where the scenario asks for them.
pub(super) fn charges(run: &Run) -> Vec<Charge> {
    let Some(pricing) = &run.pricing.load_balancers else {
        return Vec::new();
    };
    let rows = run.load_balancers.iter().enumerate();
    rows.flat_map(|(place, row)| lines(run, pricing, place, row))
        .collect()
}

fn lines(
    run: &Run,
    pricing: &LoadBalancerPricing,
    place: usize,
    row: &LoadBalancerRow,
) -> [Charge; 2] {
    let (of, rates): (_, LoadBalancerRates) = if row.is_network {
        (NLCU, pricing.network)
    } else {
        (LCU, pricing.application)
    };
    let resource = ChargeResource::LoadBalancer(place);
    let time = (SimTime::ZERO, run.end());
    let hours = Fraction {
        part: u128::from(run.duration.0.div_ceil(Millis::HOUR.0)),
        whole: 1,
    };
    let hourly = row.requests.iter();
    let units = Fraction {
        part: hourly
            .map(|requests| capacity_units(&of, pricing, *requests))
            .fold(0, u128::saturating_add),
        whole: PARTS,
    };
    let unit_price = rates.capacity_unit_hour.into();
    let kind = ChargeKind::LoadBalancerCapacityUnit;
    [
        Charge::listed(
            ChargeKind::LoadBalancer,
            resource,
            time,
            hours,
            rates.hour.into(),
        ),
        Charge::listed(kind, resource, time, units, unit_price),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Dimensions, LCU, NLCU, PARTS, capacity_units};
    use crate::cost::Quantity;
    use crate::model::LoadBalancerPricing;
    use crate::record::Fraction;
    use crate::units::{Millis, UnitPrice};

    /// An hour of so many requests a second.
    fn units(of: &Dimensions, pricing: &LoadBalancerPricing, per_second: u128) -> Fraction {
        let requests = per_second * 3_600 * 1_000_000;
        Fraction {
            part: capacity_units(of, pricing, requests),
            whole: PARTS,
        }
    }

    fn shown(of: &Dimensions, pricing: &LoadBalancerPricing, per_second: u128) -> String {
        Quantity::from(units(of, pricing, per_second)).to_string()
    }

    #[test]
    fn every_divisor_divides_the_parts() {
        for of in [LCU, NLCU] {
            for divisor in [
                10_u128.pow(12) * of.connections_per_second * 3_600,
                10_u128.pow(12) * 3_600_000 * of.active_connections,
                10_u128.pow(15),
                10_u128.pow(6) * 3_600 * of.rules_per_second.unwrap_or(1),
            ] {
                assert!(PARTS.is_multiple_of(divisor), "{divisor}");
            }
        }
    }

    #[test]
    fn g124_the_greatest_dimension_counts() {
        // 30 new connections a second, each open for 33.334 s: 1,000.02 active; 0.5 GB an hour is
        // 4,629 B for each of 108,000 requests.
        let pricing = LoadBalancerPricing {
            connections_per_request: 1_000_000,
            connection_duration: Millis(33_334),
            bytes_per_request: 4_629,
            ..LoadBalancerPricing::default()
        };
        let lcus = units(&LCU, &pricing, 30);
        assert_eq!(Quantity::from(lcus).to_string(), "1.2");
        let cost = UnitPrice(8_000_000).cost_of(lcus.part, lcus.whole);
        assert_eq!(cost.to_string(), "0.009600000");
    }

    #[test]
    fn each_dimension_can_be_the_greatest() {
        let none = LoadBalancerPricing::default();
        // Half a connection for a request, open for ten minutes: 300 x 600 / 3,000 ... of 60 a
        // second: 30 x 600 = 18,000 active, 6 LCUs.
        let long = LoadBalancerPricing {
            connections_per_request: 500_000,
            connection_duration: Millis(600_000),
            ..none
        };
        assert_eq!(shown(&LCU, &long, 60), "6");
        assert_eq!(shown(&NLCU, &long, 60), "0.18");
        // 10 requests a second of 100 KB: 3.6 GB an hour.
        let heavy = LoadBalancerPricing {
            bytes_per_request: 100_000,
            ..none
        };
        assert_eq!(shown(&LCU, &heavy, 10), "3.6");
        // 15 rules, ten of them free: 1,000 x 5 / 1,000.
        let rules = LoadBalancerPricing {
            rules_per_request: 15,
            ..none
        };
        assert_eq!(shown(&LCU, &rules, 1_000), "5");
        assert_eq!(shown(&NLCU, &rules, 1_000), "0");
        // 800 new connections a second are one NLCU.
        let new = LoadBalancerPricing {
            connections_per_request: 1_000_000,
            ..none
        };
        assert_eq!(shown(&NLCU, &new, 800), "1");
        assert_eq!(shown(&LCU, &none, 1_000), "0");
    }
}
