//! How deep something fell in an incident, and when it was back.

use crate::units::{Millis, SimTime};

use super::incident_row::Fall;

/// For how long something has to stay as it should be until it counts as recovered, as long as an
/// interruption notice: what comes and goes while instances drain and tasks move is one fall.
const SETTLED: Millis = Millis(2 * 60_000);
/// For how long at least it is watched whether something falls, however short the incident.
const WATCHED: Millis = Millis(5 * 60_000);

/// Two amounts over a stretch of time, and whether each is too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) amounts: [u64; 2],
    pub(super) short: [bool; 2],
}

/// Watches two amounts from the begin of an incident on, until the first has recovered, or has not
/// fallen when the incident is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    began_at: SimTime,
    /// Up to when it has watched.
    since: SimTime,
    falls: [Fall; 2],
    has_fallen: bool,
    /// Since when the first is back, as far as is known.
    back_at: Option<SimTime>,
    short: Millis,
    is_settled: bool,
}

impl Watch {
    pub(super) fn new(began_at: SimTime, amounts: [u64; 2]) -> Self {
        let fall = |before| Fall {
            before,
            lowest: before,
        };
        Self {
            began_at,
            since: began_at,
            falls: amounts.map(fall),
            has_fallen: false,
            back_at: None,
            short: Millis::ZERO,
            is_settled: false,
        }
    }

    /// The state has lasted until `to`; `over_at` is when the incident was over, if it is.
    pub(super) fn hold(&mut self, to: SimTime, state: &State, over_at: Option<SimTime>) {
        let from = std::mem::replace(&mut self.since, to);
        if self.is_settled || from >= to {
            return;
        }
        let seen = state.amounts.into_iter().zip(state.short);
        for (fall, (amount, is_short)) in self.falls.iter_mut().zip(seen) {
            if is_short {
                fall.lowest = fall.lowest.min(amount);
            }
        }
        if state.short[0] {
            self.has_fallen = true;
            self.back_at = None;
            self.short = Millis(self.short.0 + to.since(from).0);
            return;
        }
        let calm_until = if self.has_fallen {
            let back_at = *self.back_at.get_or_insert(from);
            Some(back_at.saturating_add(SETTLED))
        } else {
            let least = self.began_at.saturating_add(WATCHED);
            over_at.map(|over| over.max(least))
        };
        self.is_settled = calm_until.is_some_and(|until| until <= to);
    }

    /// Whether nothing that comes counts any more.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// How deep both amounts fell.
    pub(super) fn falls(&self) -> [Fall; 2] {
        self.falls
    }

    /// For how long the first was too little.
    pub(super) fn short(&self) -> Millis {
        self.short
    }

    /// From the begin until the first was back; 0 when it never fell, `None` when it never came
    /// back.
    pub(super) fn recovered_after(&self) -> Option<Millis> {
        if self.has_fallen {
            self.back_at.map(|back| back.since(self.began_at))
        } else {
            Some(Millis::ZERO)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{State, Watch};
    use crate::record::incident_row::Fall;
    use crate::units::{Millis, SimTime};

    const MINUTE: u64 = 60_000;

    /// Watches 10 that should be 10, through amounts that last until a minute each.
    fn watch(states: &[(u64, u64)], over: Option<u64>) -> Watch {
        let mut watch = Watch::new(SimTime::ZERO, [10, 10]);
        for (until, amount) in states {
            let state = State {
                amounts: [*amount, *amount],
                short: [*amount < 10; 2],
            };
            let over = over.map(|over| SimTime(over * MINUTE));
            watch.hold(SimTime(until * MINUTE), &state, over);
        }
        watch
    }

    fn minutes(watch: &Watch) -> Option<u64> {
        watch.recovered_after().map(|after| after.0 / MINUTE)
    }

    #[test]
    fn what_is_back_for_two_minutes_has_recovered() {
        let back = watch(&[(1, 10), (3, 4), (4, 10), (5, 2), (7, 10), (20, 0)], None);
        assert!(back.is_settled());
        // Back from 3 to 4 is not for long enough; from 5 to 7 is, and what follows is not seen.
        assert_eq!(minutes(&back), Some(5));
        assert_eq!(
            back.falls(),
            [Fall {
                before: 10,
                lowest: 2
            }; 2]
        );
        assert_eq!(back.short(), Millis(3 * MINUTE));
    }

    #[test]
    fn back_at_the_end_is_back_and_never_back_is_never() {
        let back = watch(&[(2, 9), (3, 10)], Some(1));
        assert_eq!((minutes(&back), back.is_settled()), (Some(2), false));
        let never = watch(&[(2, 10), (4, 9)], None);
        assert_eq!((minutes(&never), never.is_settled()), (None, false));
    }

    #[test]
    fn what_has_not_fallen_is_watched_while_the_incident_lasts_and_for_five_minutes() {
        let short = watch(&[(4, 10), (6, 3), (20, 10)], Some(1));
        assert_eq!(minutes(&short), Some(6));
        let late = watch(&[(6, 10), (9, 3), (20, 10)], Some(1));
        assert_eq!(minutes(&late), Some(0));
        assert_eq!(
            late.falls()[0],
            Fall {
                before: 10,
                lowest: 10
            }
        );
        let lasting = watch(&[(60, 10), (90, 3), (120, 10)], Some(61));
        assert_eq!(minutes(&lasting), Some(90));
        let to_the_end = watch(&[(60, 10), (90, 3), (120, 10)], None);
        assert_eq!(minutes(&to_the_end), Some(90));
    }

    #[test]
    fn a_state_that_does_not_last_is_no_fall() {
        let mut watch = watch(&[(1, 10)], None);
        let state = State {
            amounts: [0, 0],
            short: [true; 2],
        };
        watch.hold(SimTime(MINUTE), &state, None);
        assert_eq!(watch.recovered_after(), Some(Millis::ZERO));
        assert_eq!(watch.falls()[0].lowest, 10);
    }

    #[test]
    fn the_second_amount_falls_by_itself() {
        let mut watch = Watch::new(SimTime::ZERO, [5, 5]);
        let state = State {
            amounts: [5, 3],
            short: [false, true],
        };
        watch.hold(SimTime(MINUTE), &state, None);
        assert_eq!(
            watch.falls()[1],
            Fall {
                before: 5,
                lowest: 3
            }
        );
        assert_eq!(watch.recovered_after(), Some(Millis::ZERO));
        assert_eq!(watch.short(), Millis::ZERO);
    }
}
