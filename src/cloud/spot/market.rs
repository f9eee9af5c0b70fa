//! The state of all Spot pools of a run.

use std::collections::BTreeMap;

use crate::kernel::{StreamFamily, Streams};
use crate::model::SpotPoolId;
use crate::units::{HourlyRate, Millis, SimTime};

use super::options::SpotOptions;
use super::pool::{SpotPool, SpotSupply};
use super::shock::{self, Shock, draw_shocks};

/// From the interruption notice to the end of the instance.
pub const NOTICE: Millis = Millis(120_000);

/// A Spot Instance of a pool: they are numbered from 0 in the order of their launches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpotRequestId {
    /// Its pool.
    pub pool: SpotPoolId,
    /// Its number among all that the pool has launched.
    pub number: u32,
}

/// Why an instance is interrupted (EC2 user guide, "Spot Instance interruptions").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterruptionReason {
    /// EC2 needs the capacity back.
    Capacity,
    /// The Spot price has risen above the instance's maximum price.
    Price,
}

/// What happens to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpotEvent {
    /// A rebalance recommendation: it is at elevated risk of interruption.
    Recommendation {
        /// Which.
        request: SpotRequestId,
    },
    /// An interruption notice. Each instance gets at most one.
    Notice {
        /// Which.
        request: SpotRequestId,
        /// Why.
        reason: InterruptionReason,
        /// When EC2 ends it: 2 minutes on, or sooner where capacity falls before.
        terminates_at: SimTime,
    },
}

/// How many instances an incident takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reclaim {
    /// So many, or all that there are.
    Count(u32),
    /// A share of those that run, in percent, rounded up.
    Percent(u32),
}

/// All Spot pools of a run: see the [room](crate::cloud::spot).
#[derive(Debug, Clone)]
pub struct SpotMarket {
    pools: Vec<Pool>,
    recommendation_percent: u32,
}

#[derive(Debug, Clone)]
struct Pool {
    definition: SpotPool,
    /// What is known of before the run, by time.
    schedule: Vec<(SimTime, Scheduled)>,
    /// How much of the schedule is past.
    past: usize,
    /// What is going to happen to single instances, by time, then in the order of insertion.
    pending: BTreeMap<(SimTime, u64), Pending>,
    inserted: u64,
    running: BTreeMap<SpotRequestId, Running>,
    launched: u32,
    /// It launches nothing before.
    closed_until: SimTime,
    /// Streams of shocks, recommendations and incidents, by their number.
    streams: StreamFamily,
    incident_streams: StreamFamily,
    incidents: u64,
}

#[derive(Debug, Clone, Copy)]
enum Scheduled {
    Shock {
        number: u64,
        shock: Shock,
    },
    /// Recommendations ahead of a fall.
    Warning {
        number: u64,
        fall: Fall,
    },
    /// Notices of a fall.
    Fall(Fall),
    /// The price changes.
    Price,
}

/// Capacity that falls.
#[derive(Debug, Clone, Copy)]
struct Fall {
    at: SimTime,
    to: u32,
}

#[derive(Debug, Clone, Copy)]
enum Pending {
    Recommendation(SpotRequestId),
    /// A notice of the full 2 minutes.
    Notice(SpotRequestId),
    /// A notice whose end is known already, since the instance was launched too late for more.
    ShortNotice(SpotRequestId),
}

#[derive(Debug, Clone, Copy)]
struct Running {
    max_price: HourlyRate,
    /// A shock has chosen it; its notice is still to come.
    is_chosen: bool,
    /// When it ends, once that is settled: it counts as gone whenever others are chosen.
    ends: Option<SimTime>,
}

impl SpotMarket {
    /// The pools before the run, which covers `[0, duration)`. Ids of pools are their places.
    pub fn new(
        pools: &[SpotPool],
        options: &SpotOptions,
        streams: &Streams,
        duration: Millis,
    ) -> Self {
        let end = SimTime(duration.0);
        let pools = pools
            .iter()
            .map(|pool| Pool::new(pool, options, streams, end));
        Self {
            pools: pools.collect(),
            recommendation_percent: options.recommendation_percent,
        }
    }

    /// How many more instances the pool can launch now.
    pub fn free(&self, pool: SpotPoolId, now: SimTime) -> u32 {
        self.pools[pool.index()].free(now)
    }

    /// How deep the pool is, for allocation strategies: the more, the more capacity it has. Where
    /// capacity is known it is the number of free instances. A pool of stochastic supply has
    /// 10^9 over the millionths of its monthly probability of interruption, so that the pool that
    /// is interrupted less is the deeper one, and nothing while it launches nothing.
    pub fn depth(&self, pool: SpotPoolId, now: SimTime) -> u64 {
        let pool = &self.pools[pool.index()];
        match pool.definition.supply {
            _ if pool.free(now) == 0 => 0,
            SpotSupply::Stochastic {
                interruptions_per_month,
            } => 1_000_000_000 / u64::from(interruptions_per_month.max(1)),
            SpotSupply::Unlimited => u64::MAX,
            _ => u64::from(pool.free(now)),
        }
    }

    /// Price of an instance-hour now.
    pub fn price(&self, pool: SpotPoolId, now: SimTime) -> HourlyRate {
        self.pools[pool.index()].definition.price.at(now)
    }

    /// Launches an instance; `None` where the pool has no room or costs more than `max_price`.
    /// The pool's [next event](Self::next_event) may be sooner than before.
    pub fn launch(
        &mut self,
        pool: SpotPoolId,
        max_price: HourlyRate,
        now: SimTime,
    ) -> Option<SpotRequestId> {
        let state = &mut self.pools[pool.index()];
        if state.free(now) == 0 || state.definition.price.at(now) > max_price {
            return None;
        }
        let request = SpotRequestId {
            pool,
            number: state.launched,
        };
        state.launched += 1;
        let running = Running {
            max_price,
            is_chosen: false,
            ends: None,
        };
        state.running.insert(request, running);
        state.check_coming_fall(request, now);
        Some(request)
    }

    /// An instance has ended, whoever ended it. One that has ended already is left alone.
    pub fn end(&mut self, request: SpotRequestId) {
        self.pools[request.pool.index()].running.remove(&request);
    }

    /// When something happens in the pool next.
    pub fn next_event(&self, pool: SpotPoolId) -> Option<SimTime> {
        let pool = &self.pools[pool.index()];
        let scheduled = pool.schedule.get(pool.past).map(|(at, _)| *at);
        let pending = pool.pending.keys().next().map(|(at, _)| *at);
        scheduled.into_iter().chain(pending).min()
    }

    /// What happens in the pool up to and including now, in order. It may be nothing: capacity or
    /// prices change without anybody being hit.
    pub fn advance(&mut self, pool: SpotPoolId, now: SimTime) -> Vec<SpotEvent> {
        let percent = self.recommendation_percent;
        let mut events = Vec::new();
        while let Some(at) = self.next_event(pool).filter(|at| *at <= now) {
            let state = &mut self.pools[pool.index()];
            match state.schedule.get(state.past).copied() {
                Some((due, scheduled)) if due == at => {
                    state.past += 1;
                    state.happen(at, scheduled, percent, &mut events);
                }
                _ => {
                    if let Some((_, pending)) = state.pending.pop_first() {
                        state.come_true(at, pending, &mut events);
                    }
                }
            }
        }
        events
    }

    /// Takes instances back now, as an incident asks for: the youngest where capacity is a number,
    /// else drawn.
    pub fn reclaim(&mut self, pool: SpotPoolId, reclaim: Reclaim, now: SimTime) -> Vec<SpotEvent> {
        let state = &mut self.pools[pool.index()];
        let mut candidates = state.without_end();
        let most = candidates.len();
        let wanted = match reclaim {
            Reclaim::Count(count) => crate::units::index(count),
            Reclaim::Percent(percent) => (most * crate::units::index(percent)).div_ceil(100),
        };
        let number = state.incidents;
        state.incidents += 1;
        match state.definition.supply {
            SpotSupply::Constant(_) | SpotSupply::Trace(_) => candidates.reverse(),
            _ => state.incident_streams.open(number).shuffle(&mut candidates),
        }
        candidates.truncate(wanted);
        candidates.sort_unstable();
        let notice = |request| state.notice(request, InterruptionReason::Capacity, now, None);
        candidates.into_iter().filter_map(notice).collect()
    }

    /// Launches nothing from the pool before `until`.
    pub fn close(&mut self, pool: SpotPoolId, until: SimTime) {
        let state = &mut self.pools[pool.index()];
        state.closed_until = state.closed_until.max(until);
    }
}

impl Pool {
    fn new(definition: &SpotPool, options: &SpotOptions, streams: &Streams, end: SimTime) -> Self {
        let name = &definition.name;
        let mut stream = streams.open("spot", name);
        let mut schedule: Vec<(SimTime, Scheduled)> = Vec::new();
        if let super::SpotPrice::Series(steps) = &definition.price {
            schedule.extend(steps.iter().skip(1).map(|(at, _)| (*at, Scheduled::Price)));
        }
        match &definition.supply {
            SpotSupply::Stochastic {
                interruptions_per_month,
            } => {
                let shocks = draw_shocks(*interruptions_per_month, options, end, &mut stream);
                let entry =
                    |(number, shock): (u64, Shock)| (shock.at, Scheduled::Shock { number, shock });
                schedule.extend((0..).zip(shocks).map(entry));
            }
            SpotSupply::Trace(steps) => {
                let falls = steps.windows(2).filter(|pair| pair[1].1 < pair[0].1);
                for (number, pair) in (0..).zip(falls) {
                    let (at, to) = pair[1];
                    let fall = Fall { at, to };
                    let notice = before(at, NOTICE);
                    let lead = options.recommendation_lead.sample(&mut stream);
                    let warning = Scheduled::Warning { number, fall };
                    schedule.push((before(notice, lead), warning));
                    schedule.push((notice, Scheduled::Fall(fall)));
                }
            }
            SpotSupply::Unlimited | SpotSupply::Constant(_) => {}
        }
        // Stable: what is announced at the time of its notice stays before it.
        schedule.sort_by_key(|(at, _)| *at);
        Self {
            definition: definition.clone(),
            schedule,
            past: 0,
            pending: BTreeMap::new(),
            inserted: 0,
            running: BTreeMap::new(),
            launched: 0,
            closed_until: SimTime::ZERO,
            streams: streams.family("spot", &format!("{name}/")),
            incident_streams: streams.family("spot-reclaim", &format!("{name}/")),
            incidents: 0,
        }
    }

    fn free(&self, now: SimTime) -> u32 {
        if now < self.closed_until {
            return 0;
        }
        let running = crate::units::id(self.running.len());
        self.definition
            .supply
            .capacity_at(now)
            .saturating_sub(running)
    }

    /// Running instances of which nobody knows that they end, the oldest first.
    fn without_end(&self) -> Vec<SpotRequestId> {
        let all = self.running.iter();
        let all = all.filter(|(_, running)| running.ends.is_none());
        all.map(|(request, _)| *request).collect()
    }

    /// The youngest instances that a fall of capacity leaves no room for, the youngest first.
    fn youngest_beyond(&self, capacity: u32) -> Vec<SpotRequestId> {
        let mut all = self.without_end();
        let kept = crate::units::index(capacity).min(all.len());
        let mut beyond = all.split_off(kept);
        beyond.reverse();
        beyond
    }

    /// Gives an instance launched within the notice of a fall its own, shorter one, when it finds
    /// no room after the fall.
    fn check_coming_fall(&mut self, request: SpotRequestId, now: SimTime) {
        let past = self.schedule[..self.past].iter().rev();
        // Older notices are of falls that have happened.
        let announced = past.take_while(|(at, _)| at.saturating_add(NOTICE) > now);
        let falls = announced.filter_map(|(_, scheduled)| match scheduled {
            Scheduled::Fall(fall) if fall.at > now => Some(*fall),
            _ => None,
        });
        let lacks_room = |fall: &Fall| {
            let ends = self.running.values().map(|running| running.ends);
            let left = ends.filter(|end| end.is_none_or(|end| end > fall.at));
            left.count() > crate::units::index(fall.to)
        };
        let Some(end) = falls.filter(lacks_room).map(|fall| fall.at).min() else {
            return;
        };
        self.insert(now, Pending::ShortNotice(request));
        if let Some(running) = self.running.get_mut(&request) {
            running.ends = Some(end);
        }
    }

    fn insert(&mut self, at: SimTime, pending: Pending) {
        self.pending.insert((at, self.inserted), pending);
        self.inserted += 1;
    }

    fn happen(
        &mut self,
        now: SimTime,
        scheduled: Scheduled,
        recommendation_percent: u32,
        events: &mut Vec<SpotEvent>,
    ) {
        match scheduled {
            Scheduled::Shock { number, shock } => {
                self.strike(number, &shock, recommendation_percent);
            }
            Scheduled::Warning { number, fall } => {
                let mut stream = self.streams.open(number);
                for request in self.youngest_beyond(fall.to) {
                    if stream.below(100) < u64::from(recommendation_percent) {
                        events.push(SpotEvent::Recommendation { request });
                    }
                }
            }
            Scheduled::Fall(fall) => {
                for request in self.youngest_beyond(fall.to) {
                    let reason = InterruptionReason::Capacity;
                    events.extend(self.notice(request, reason, now, Some(fall.at)));
                }
            }
            Scheduled::Price => {
                let price = self.definition.price.at(now);
                for request in self.without_end() {
                    if self.running[&request].max_price < price {
                        let reason = InterruptionReason::Price;
                        events.extend(self.notice(request, reason, now, None));
                    }
                }
            }
        }
    }

    /// Chooses the instances that a shock takes.
    fn strike(&mut self, number: u64, shock: &Shock, recommendation_percent: u32) {
        self.closed_until = self.closed_until.max(shock.closed_until);
        let mut stream = self.streams.open(number);
        let all = self.running.iter();
        let free = all.filter(|(_, running)| !running.is_chosen && running.ends.is_none());
        let mut victims: Vec<SpotRequestId> = free.map(|(request, _)| *request).collect();
        let taken = shock::draw_count(victims.len(), shock.share, &mut stream);
        stream.shuffle(&mut victims);
        victims.truncate(taken);
        for request in victims {
            let offset = Millis(stream.below(shock.window.0 + 1));
            let is_announced = stream.below(100) < u64::from(recommendation_percent);
            let chosen_at = shock.at.saturating_add(offset);
            if is_announced {
                self.insert(chosen_at, Pending::Recommendation(request));
            }
            let noticed_at = chosen_at.saturating_add(shock.lead);
            self.insert(noticed_at, Pending::Notice(request));
            if let Some(running) = self.running.get_mut(&request) {
                running.is_chosen = true;
            }
        }
    }

    fn come_true(&mut self, now: SimTime, pending: Pending, events: &mut Vec<SpotEvent>) {
        let reason = InterruptionReason::Capacity;
        match pending {
            Pending::Recommendation(request) => {
                let running = self.running.get(&request);
                if running.is_some_and(|running| running.ends.is_none()) {
                    events.push(SpotEvent::Recommendation { request });
                }
            }
            Pending::Notice(request) => events.extend(self.notice(request, reason, now, None)),
            Pending::ShortNotice(request) => {
                let ends = self.running.get(&request).and_then(|running| running.ends);
                events.extend(ends.map(|terminates_at| SpotEvent::Notice {
                    request,
                    reason,
                    terminates_at,
                }));
            }
        }
    }

    /// The notice of an instance that runs and whose end is not settled.
    fn notice(
        &mut self,
        request: SpotRequestId,
        reason: InterruptionReason,
        now: SimTime,
        end: Option<SimTime>,
    ) -> Option<SpotEvent> {
        let running = self.running.get_mut(&request)?;
        if running.ends.is_some() {
            return None;
        }
        let terminates_at = end.unwrap_or(now.saturating_add(NOTICE));
        running.ends = Some(terminates_at);
        Some(SpotEvent::Notice {
            request,
            reason,
            terminates_at,
        })
    }
}

fn before(at: SimTime, span: Millis) -> SimTime {
    SimTime(at.0.saturating_sub(span.0))
}

#[cfg(test)]
mod tests;
