//! What holds of any trace and any launches.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{POOL, PRICE, market_of, pool};
use crate::cloud::spot::market::{NOTICE, SpotEvent, SpotMarket, SpotRequestId};
use crate::cloud::spot::{SpotOptions, SpotSupply};
use crate::units::{Millis, SimTime};

/// A caller that ends each instance when its notice says, and launches at given times.
struct Caller {
    market: SpotMarket,
    supply: SpotSupply,
    /// What runs, and when it ends for those that have a notice.
    running: BTreeMap<SpotRequestId, Option<SimTime>>,
}

impl Caller {
    /// Goes on to a time: events first, then ends.
    fn advance(&mut self, now: SimTime) -> Result<(), TestCaseError> {
        loop {
            let ends = self.running.values().copied().flatten();
            let next = ends.chain(self.market.next_event(POOL)).min();
            let Some(at) = next.filter(|at| *at <= now) else {
                return Ok(());
            };
            for event in self.market.advance(POOL, at) {
                self.take(event, at)?;
            }
            let (market, running) = (&mut self.market, &mut self.running);
            running.retain(|request, end| {
                let is_due = end.is_some_and(|end| end <= at);
                if is_due {
                    market.end(*request);
                }
                !is_due
            });
            let capacity = self.supply.capacity_at(at);
            let running = u32::try_from(self.running.len()).unwrap();
            prop_assert!(running <= capacity, "{running} of {capacity} at {at:?}");
        }
    }

    fn take(&mut self, event: SpotEvent, at: SimTime) -> Result<(), TestCaseError> {
        match event {
            SpotEvent::Recommendation { request } => {
                prop_assert_eq!(self.running.get(&request), Some(&None));
            }
            SpotEvent::Notice {
                request,
                terminates_at,
                ..
            } => {
                prop_assert!(terminates_at > at && terminates_at <= at + NOTICE);
                let before = self.running.insert(request, Some(terminates_at));
                prop_assert_eq!(before, Some(None), "one notice, of what runs");
                let fall = self.supply.capacity_at(terminates_at);
                let after = self.running.values();
                let left = after.filter(|end| end.is_none_or(|end| end > terminates_at));
                prop_assert!(
                    left.count() >= usize::try_from(fall).unwrap(),
                    "not too many"
                );
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn a_trace_is_kept_whoever_launches_when(
        steps in prop::collection::vec((1_u64..400_000, 0_u32..12), 1..30),
        launches in prop::collection::vec((0_u64..200_000, 1_u32..6), 1..60),
    ) {
        let mut at = SimTime::ZERO;
        let mut trace = vec![(SimTime::ZERO, 6)];
        for (gap, capacity) in steps {
            at = at + Millis(gap);
            trace.push((at, capacity));
        }
        let supply = SpotSupply::Trace(trace);
        let market = market_of(&pool(supply.clone()), &SpotOptions::default(), 7);
        let mut caller = Caller { market, supply, running: BTreeMap::new() };
        let mut now = SimTime::ZERO;
        for (gap, count) in launches {
            now = now + Millis(gap);
            caller.advance(now)?;
            for _ in 0..count {
                let free = caller.market.free(POOL, now);
                let launched = caller.market.launch(POOL, PRICE, now);
                prop_assert_eq!(launched.is_some(), free > 0);
                caller.running.extend(launched.map(|request| (request, None)));
            }
        }
        caller.advance(at)?;
    }
}
