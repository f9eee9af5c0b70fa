//! What pools do over time.

mod properties;
mod stochastic;

use super::{InterruptionReason, Reclaim, SpotEvent, SpotMarket, SpotRequestId};
use crate::cloud::spot::{SpotOptions, SpotPool, SpotPrice, SpotSupply};
use crate::kernel::{Distribution, Streams};
use crate::model::{InstanceTypeId, SpotPoolId};
use crate::units::{HourlyRate, Millis, SimTime};

const POOL: SpotPoolId = SpotPoolId(0);
const PRICE: HourlyRate = HourlyRate(40_000_000);

fn seconds(seconds: u64) -> SimTime {
    SimTime(seconds * 1_000)
}

fn options() -> SpotOptions {
    SpotOptions {
        recommendation_percent: 0,
        recommendation_lead: Distribution::Fixed(Millis::ZERO),
        ..SpotOptions::default()
    }
}

fn pool(supply: SpotSupply) -> SpotPool {
    SpotPool {
        name: "m5.large/us-east-1a".to_owned(),
        instance_type: InstanceTypeId(0),
        availability_zone: "us-east-1a".to_owned(),
        price: SpotPrice::Constant(PRICE),
        supply,
    }
}

fn market_of(pool: &SpotPool, options: &SpotOptions, seed: u64) -> SpotMarket {
    let year = Millis(365 * Millis::DAY.0);
    SpotMarket::new(
        std::slice::from_ref(pool),
        options,
        &Streams::new(seed),
        year,
    )
}

fn trace(steps: &[(u64, u32)]) -> SpotMarket {
    let steps = steps.iter().map(|(at, count)| (seconds(*at), *count));
    market_of(&pool(SpotSupply::Trace(steps.collect())), &options(), 7)
}

fn launch(market: &mut SpotMarket, at: u64) -> Option<u32> {
    let request = market.launch(POOL, PRICE, seconds(at));
    request.map(|request| request.number)
}

/// All that happens up to a time: at which second, to which request, and for notices when it ends.
fn happenings(market: &mut SpotMarket, until: u64) -> Vec<(u64, u32, Option<u64>)> {
    let mut found = Vec::new();
    while let Some(now) = market.next_event(POOL).filter(|at| *at <= seconds(until)) {
        for event in market.advance(POOL, now) {
            found.push(match event {
                SpotEvent::Recommendation { request } => (now.0 / 1_000, request.number, None),
                SpotEvent::Notice {
                    request,
                    terminates_at,
                    ..
                } => (now.0 / 1_000, request.number, Some(terminates_at.0 / 1_000)),
            });
        }
    }
    found
}

#[test]
fn a_trace_is_the_number_of_instances_that_can_be_had() {
    let mut market = trace(&[(0, 0), (60, 2), (300, 5)]);
    assert_eq!(launch(&mut market, 0), None);
    assert_eq!(market.free(POOL, seconds(59)), 0);
    assert_eq!(market.free(POOL, seconds(60)), 2);
    assert_eq!(market.depth(POOL, seconds(60)), 2);
    assert_eq!(launch(&mut market, 60), Some(0));
    assert_eq!(launch(&mut market, 61), Some(1));
    assert_eq!(launch(&mut market, 62), None);
    assert_eq!(market.free(POOL, seconds(300)), 3);
    assert_eq!(
        market.free(POOL, seconds(1_000_000)),
        3,
        "the last value holds"
    );
    assert_eq!(happenings(&mut market, 1_000_000), []);
}

#[test]
fn a_fall_interrupts_the_youngest_with_two_minutes_notice() {
    let mut market = trace(&[(0, 4), (600, 1), (700, 4), (900, 0)]);
    for at in [0, 10, 20] {
        launch(&mut market, at);
    }
    assert_eq!(
        happenings(&mut market, 600),
        [(480, 2, Some(600)), (480, 1, Some(600))]
    );
    assert_eq!(
        market.free(POOL, seconds(599)),
        1,
        "what has a notice still runs"
    );
    for number in [1, 2] {
        market.end(SpotRequestId { pool: POOL, number });
    }
    assert_eq!(market.free(POOL, seconds(600)), 0);
    assert_eq!(happenings(&mut market, 900), [(780, 0, Some(900))]);
}

#[test]
fn a_fall_that_leaves_room_interrupts_nobody() {
    let mut market = trace(&[(0, 10), (600, 2)]);
    launch(&mut market, 0);
    launch(&mut market, 1);
    assert_eq!(happenings(&mut market, 10_000), []);
}

#[test]
fn an_early_fall_has_a_shorter_notice() {
    let mut market = trace(&[(0, 2), (60, 1)]);
    launch(&mut market, 0);
    launch(&mut market, 0);
    assert_eq!(happenings(&mut market, 60), [(0, 1, Some(60))]);
}

#[test]
fn an_instance_launched_shortly_before_a_fall_has_a_shorter_notice() {
    let mut market = trace(&[(0, 3), (600, 1), (650, 0)]);
    launch(&mut market, 0);
    assert_eq!(happenings(&mut market, 500), []);
    launch(&mut market, 520);
    assert_eq!(happenings(&mut market, 525), [(520, 1, Some(600))]);
    assert_eq!(happenings(&mut market, 600), [(530, 0, Some(650))]);
}

#[test]
fn an_instance_that_ends_by_itself_makes_room() {
    let mut market = trace(&[(0, 2), (600, 1)]);
    launch(&mut market, 0);
    launch(&mut market, 1);
    market.end(SpotRequestId {
        pool: POOL,
        number: 0,
    });
    market.end(SpotRequestId {
        pool: POOL,
        number: 0,
    });
    assert_eq!(market.free(POOL, seconds(2)), 1);
    assert_eq!(happenings(&mut market, 600), []);
}

#[test]
fn recommendations_come_ahead_of_the_notice_together_or_never() {
    let steps = vec![(SimTime::ZERO, 2), (seconds(3_600), 0)];
    let pool = pool(SpotSupply::Trace(steps));
    let with = |percent, lead| {
        let options = SpotOptions {
            recommendation_percent: percent,
            recommendation_lead: Distribution::Fixed(Millis(lead)),
            ..SpotOptions::default()
        };
        let mut market = market_of(&pool, &options, 7);
        launch(&mut market, 0);
        launch(&mut market, 0);
        happenings(&mut market, 3_600)
    };
    let notices = [(3_480, 1, Some(3_600)), (3_480, 0, Some(3_600))];
    assert_eq!(with(0, 0), notices);
    let together = [(3_480, 1, None), (3_480, 0, None)];
    assert_eq!(with(100, 0), [together, notices].concat());
    let ahead = [(1_560, 1, None), (1_560, 0, None)];
    assert_eq!(with(100, 32 * 60_000), [ahead, notices].concat());
    // A lead beyond the start begins at the start.
    let start = [(0, 1, None), (0, 0, None)];
    assert_eq!(with(100, 86_400_000), [start, notices].concat());
}

#[test]
fn a_price_above_the_maximum_interrupts_and_refuses() {
    let series = vec![
        (SimTime::ZERO, HourlyRate(10)),
        (seconds(100), HourlyRate(20)),
        (seconds(200), HourlyRate(5)),
    ];
    let pool = SpotPool {
        price: SpotPrice::Series(series),
        ..pool(SpotSupply::Unlimited)
    };
    let mut market = market_of(&pool, &options(), 7);
    let cheap = market.launch(POOL, HourlyRate(19), SimTime::ZERO).unwrap();
    market.launch(POOL, HourlyRate(20), SimTime::ZERO).unwrap();
    assert_eq!(market.launch(POOL, HourlyRate(9), SimTime::ZERO), None);
    let notice = SpotEvent::Notice {
        request: cheap,
        reason: InterruptionReason::Price,
        terminates_at: seconds(220),
    };
    assert_eq!(market.advance(POOL, seconds(100)), [notice]);
    assert_eq!(market.launch(POOL, HourlyRate(19), seconds(150)), None);
    assert_eq!(market.price(POOL, seconds(150)), HourlyRate(20));
    assert!(market.launch(POOL, HourlyRate(19), seconds(200)).is_some());
    assert_eq!(happenings(&mut market, 1_000), []);
}

#[test]
fn an_incident_reclaims_a_count_or_a_share_once() {
    let notices = |events: &[SpotEvent]| -> Vec<u32> {
        let number = |event: &SpotEvent| match event {
            SpotEvent::Notice { request, .. } | SpotEvent::Recommendation { request } => {
                request.number
            }
        };
        events.iter().map(number).collect()
    };
    let mut market = market_of(&pool(SpotSupply::Constant(10)), &options(), 7);
    for at in 0..10 {
        launch(&mut market, at);
    }
    let youngest = market.reclaim(POOL, Reclaim::Count(2), seconds(50));
    assert_eq!(notices(&youngest), [8, 9]);
    let share = market.reclaim(POOL, Reclaim::Percent(40), seconds(60));
    assert_eq!(notices(&share), [4, 5, 6, 7], "3.2 is rounded up");
    let rest = market.reclaim(POOL, Reclaim::Count(100), seconds(60));
    assert_eq!(notices(&rest), [0, 1, 2, 3]);
    assert_eq!(market.reclaim(POOL, Reclaim::Percent(100), seconds(61)), []);
    market.close(POOL, seconds(500));
    for number in 0..10 {
        market.end(SpotRequestId { pool: POOL, number });
    }
    assert_eq!(market.free(POOL, seconds(499)), 0);
    assert_eq!(market.free(POOL, seconds(500)), 10);

    let drawn = |seed| {
        let mut market = market_of(&pool(SpotSupply::Unlimited), &options(), seed);
        for at in 0..100 {
            launch(&mut market, at);
        }
        notices(&market.reclaim(POOL, Reclaim::Percent(10), seconds(200)))
    };
    assert_eq!(drawn(7).len(), 10);
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
}

#[test]
fn a_pool_of_stochastic_supply_is_deeper_the_less_it_is_interrupted() {
    let depth = |interruptions_per_month| {
        let supply = SpotSupply::Stochastic {
            interruptions_per_month,
        };
        market_of(&pool(supply), &options(), 7).depth(POOL, SimTime::ZERO)
    };
    assert_eq!(depth(25_000), 40_000);
    assert_eq!(depth(250_000), 4_000);
    assert_eq!(depth(0), 1_000_000_000);
    let unlimited = market_of(&pool(SpotSupply::Unlimited), &options(), 7);
    assert_eq!(unlimited.depth(POOL, SimTime::ZERO), u64::MAX);
}
