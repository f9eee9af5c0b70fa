//! The model of interruptions, over many seeds.

use super::{POOL, PRICE, market_of, options, pool};
use crate::cloud::spot::market::{NOTICE, SpotEvent, SpotMarket};
use crate::cloud::spot::{SpotOptions, SpotSupply};
use crate::kernel::Distribution;
use crate::units::{Millis, SimTime};

const MONTH: SimTime = SimTime(30 * 86_400_000);
/// Midpoints of the advisor's buckets, in millionths.
const BUCKETS: [u32; 5] = [25_000, 75_000, 125_000, 175_000, 225_000];

fn market(interruptions_per_month: u32, options: &SpotOptions, seed: u64) -> SpotMarket {
    let supply = SpotSupply::Stochastic {
        interruptions_per_month,
    };
    market_of(&pool(supply), options, seed)
}

fn launch(market: &mut SpotMarket, count: u32) {
    for _ in 0..count {
        market.launch(POOL, PRICE, SimTime::ZERO).unwrap();
    }
}

/// When notices come before a time, in order.
fn notices(market: &mut SpotMarket, until: SimTime) -> Vec<SimTime> {
    let mut found = Vec::new();
    while let Some(now) = market.next_event(POOL).filter(|at| *at < until) {
        for event in market.advance(POOL, now) {
            if let SpotEvent::Notice {
                request,
                terminates_at,
                ..
            } = event
            {
                assert_eq!(terminates_at, now + NOTICE);
                market.end(request);
                found.push(now);
            }
        }
    }
    found
}

/// How many millionths of the instances that run from the start of a month are interrupted in it.
fn interrupted(bucket: u32, pools: u32, instances: u32, options: &SpotOptions) -> u32 {
    let mut count = 0;
    for seed in 0..u64::from(pools) {
        let mut market = market(bucket, options, seed);
        launch(&mut market, instances);
        count += notices(&mut market, MONTH).len();
    }
    let share = u64::try_from(count).unwrap() * 1_000_000 / u64::from(pools * instances);
    u32::try_from(share).unwrap()
}

/// Five standard errors of a share of so many independent cases, in millionths.
fn tolerance(bucket: u32, cases: u32) -> u32 {
    let variance = u64::from(bucket) * u64::from(1_000_000 - bucket) / u64::from(cases);
    u32::try_from(5 * variance.isqrt()).unwrap()
}

#[test]
fn an_instance_is_interrupted_within_a_month_as_often_as_its_bucket_says() {
    for bucket in BUCKETS {
        let found = interrupted(bucket, 20_000, 1, &options());
        let tolerance = tolerance(bucket, 20_000);
        assert!(
            found.abs_diff(bucket) <= tolerance,
            "{bucket}: {found} ± {tolerance}"
        );
    }
}

#[test]
fn the_share_and_the_number_of_instances_leave_the_probability_alone() {
    // Instances of a pool are hit together: a pool is one case.
    for (reclaimed_percent, instances) in [((20, 100), 7), ((100, 100), 3), ((1, 30), 10)] {
        let options = SpotOptions {
            reclaimed_percent,
            ..options()
        };
        let found = interrupted(250_000, 4_000, instances, &options);
        let tolerance = tolerance(250_000, 4_000);
        assert!(
            found.abs_diff(250_000) <= tolerance,
            "{reclaimed_percent:?}: {found}"
        );
    }
}

#[test]
fn no_interruptions_and_certain_ones_are_possible() {
    assert_eq!(interrupted(0, 50, 10, &options()), 0);
    assert!(interrupted(1_000_000, 50, 10, &options()) > 990_000);
    let none = SpotOptions {
        reclaimed_percent: (0, 0),
        ..options()
    };
    assert_eq!(interrupted(250_000, 50, 10, &none), 0);
}

/// Of cases in which several instances of the pool are interrupted, how many there are and in how
/// many it is within 3 minutes. Shocks are weeks apart; notices of one within an hour.
fn clustered(options: &SpotOptions) -> (u32, u32) {
    let (mut cases, mut together) = (0, 0);
    for seed in 0..30_000 {
        let mut market = market(250_000, options, seed);
        launch(&mut market, 8);
        let all = notices(&mut market, MONTH);
        let Some(&first) = all.first() else {
            continue;
        };
        let case: Vec<_> = all
            .iter()
            .filter(|at| **at - first <= Millis::HOUR)
            .collect();
        if let [_, .., last] = case.as_slice() {
            cases += 1;
            together += u32::from(**last - first <= Millis(180_000));
        }
    }
    (cases, together)
}

#[test]
fn of_several_interruptions_of_a_pool_more_than_92_percent_are_within_three_minutes() {
    let (cases, together) = clustered(&options());
    assert!(cases > 10_000, "{cases}");
    let percent_hundredths = together * 10_000 / cases;
    assert!(
        (9_200..9_500).contains(&percent_hundredths),
        "{percent_hundredths}"
    );
    let scattered = SpotOptions {
        clustered_percent: 0,
        ..options()
    };
    let (cases, together) = clustered(&scattered);
    assert!(together * 10 < cases, "{together} of {cases}");
}

#[test]
fn a_pool_launches_nothing_for_an_outage_after_a_shock() {
    let options = SpotOptions {
        outage: Distribution::Fixed(Millis(600_000)),
        recommendation_lead: Distribution::Fixed(Millis(60_000)),
        ..options()
    };
    let mut market = market(250_000, &options, 3);
    let shock = market.next_event(POOL).expect("a shock within the year");
    market.advance(POOL, shock);
    let free = |span| market.free(POOL, shock + Millis(span));
    assert_eq!((free(0), free(659_999), free(660_000)), (0, 0, u32::MAX));
    assert_eq!(market.depth(POOL, shock), 0);
}

#[test]
fn shocks_come_when_they_come_whatever_runs() {
    let shocks = |instances| {
        let mut market = market(250_000, &options(), 11);
        let mut found = Vec::new();
        launch(&mut market, instances);
        while let Some(now) = market.next_event(POOL) {
            // Notices follow a shock within the hour.
            if found.last().is_none_or(|last| now - *last > Millis::HOUR) {
                found.push(now);
            }
            market.advance(POOL, now);
        }
        found
    };
    assert!(shocks(0).len() > 2);
    assert_eq!(shocks(0), shocks(40));
}

#[test]
fn recommendations_of_a_shock_come_ahead_of_its_notices() {
    let run = |percent| {
        let options = SpotOptions {
            recommendation_percent: percent,
            recommendation_lead: Distribution::Fixed(Millis(300_000)),
            ..options()
        };
        let mut counts = (0, 0);
        for seed in 0..200 {
            let mut market = market(250_000, &options, seed);
            launch(&mut market, 20);
            let mut recommended = std::collections::BTreeMap::new();
            while let Some(now) = market.next_event(POOL) {
                for event in market.advance(POOL, now) {
                    match event {
                        SpotEvent::Recommendation { request } => {
                            recommended.insert(request, now);
                            counts.0 += 1;
                        }
                        SpotEvent::Notice { request, .. } => {
                            let at = recommended.get(&request);
                            assert!(at.is_none_or(|at| now - *at == Millis(300_000)));
                            counts.1 += 1;
                        }
                    }
                }
            }
        }
        counts
    };
    let (recommended, noticed) = run(0);
    assert!(recommended == 0 && noticed > 1_000);
    assert_eq!(run(100), (noticed, noticed));
    let (recommended, _) = run(50);
    assert!((45 * noticed..55 * noticed).contains(&(100 * recommended)));
}
