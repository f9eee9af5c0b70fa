//! EC2 Spot: capacity pools, what they hold over time, what they cost, when they take back.
//!
//! A [`SpotMarket`] holds the state of all pools of a run. It is asked what a pool has now
//! ([`SpotMarket::free`], [`SpotMarket::depth`], [`SpotMarket::price`]), told of launches and ends
//! ([`SpotMarket::launch`], [`SpotMarket::end`]), and says by itself when something happens in a
//! pool next ([`SpotMarket::next_event`]) and what ([`SpotMarket::advance`]): rebalance
//! recommendations and interruption notices, each for one instance. The caller keeps one timer a
//! pool, and sets it anew after `launch` and `advance`; it ends an instance at the time that its
//! notice says, and tells the market with `end`, as it does of an instance that ends otherwise.
//!
//! What a pool holds has one of three sources ([`SpotSupply`]): a number that may change by a
//! recorded trace; a model of interruptions (see [`SpotOptions`] for its rules); or no limit. On
//! top of each, [`SpotMarket::reclaim`] and [`SpotMarket::close`] do what a scenario's incidents
//! ask for, and a price above the maximum of an instance interrupts it.
//!
//! ```
//! use ecs_sim::cloud::spot::{
//!     InterruptionReason, SpotEvent, SpotMarket, SpotOptions, SpotPool, SpotPrice, SpotSupply,
//! };
//! use ecs_sim::kernel::Streams;
//! use ecs_sim::model::{InstanceTypeId, SpotPoolId};
//! use ecs_sim::units::{HourlyRate, Millis, SimTime};
//!
//! // Two instances can be had for ten minutes, then one.
//! let price = HourlyRate(40_000_000);
//! let pool = SpotPool {
//!     name: "m5.large/us-east-1a".to_owned(),
//!     instance_type: InstanceTypeId(0),
//!     availability_zone: "us-east-1a".to_owned(),
//!     price: SpotPrice::Constant(price),
//!     supply: SpotSupply::Trace(vec![(SimTime::ZERO, 2), (SimTime(600_000), 1)]),
//! };
//! let options = SpotOptions { recommendation_percent: 0, ..SpotOptions::default() };
//! let mut market = SpotMarket::new(&[pool], &options, &Streams::new(7), Millis::HOUR);
//! let pool = SpotPoolId(0);
//! let older = market.launch(pool, price, SimTime::ZERO).expect("there is room");
//! let younger = market.launch(pool, price, SimTime(1)).expect("there is room");
//! assert_eq!(market.launch(pool, price, SimTime(2)), None);
//!
//! // Two minutes before the fall the younger gets its notice.
//! while market.next_event(pool) < Some(SimTime(480_000)) {
//!     let now = market.next_event(pool).expect("the fall is still to come");
//!     assert_eq!(market.advance(pool, now), []);
//! }
//! let notice = SpotEvent::Notice {
//!     request: younger,
//!     reason: InterruptionReason::Capacity,
//!     terminates_at: SimTime(600_000),
//! };
//! assert_eq!(market.advance(pool, SimTime(480_000)), [notice]);
//! market.end(younger);
//! market.end(older);
//! assert_eq!(market.free(pool, SimTime(600_000)), 1);
//! ```

mod market;
mod options;
mod pool;
mod shock;

pub use market::{InterruptionReason, NOTICE, Reclaim, SpotEvent, SpotMarket, SpotRequestId};
pub use options::SpotOptions;
pub use pool::{SpotPool, SpotPrice, SpotSupply};
