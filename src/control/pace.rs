//! How fast a service may start tasks: restart throttling and the launch rate.

use crate::units::{Millis, SimTime};

/// Restart throttling: where tasks stop before they ever reach RUNNING, the next ones wait longer
/// and longer (Developer Guide, "Service throttle logic").
///
/// AWS publishes the longest delay alone. Here tasks are started in rounds: all that start before
/// the first of them fails are one round, and each failed round doubles the delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartThrottle {
    first: Millis,
    longest: Millis,
    round: u32,
    failed_rounds: u32,
    not_before: SimTime,
}

impl RestartThrottle {
    /// After how many failed rounds in a row the service says that it cannot consistently start
    /// tasks.
    pub const IMPAIRED_AFTER: u32 = 3;

    /// No task has failed yet. `first` is the delay after the first failed round.
    pub fn new(first: Millis, longest: Millis) -> Self {
        Self {
            first,
            longest,
            round: 0,
            failed_rounds: 0,
            not_before: SimTime::ZERO,
        }
    }

    /// The round of a task that starts now.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// The next task is not started before this point.
    pub fn not_before(&self) -> SimTime {
        self.not_before
    }

    /// How many rounds have failed in a row.
    pub fn failed_rounds(&self) -> u32 {
        self.failed_rounds
    }

    /// A task of a round has stopped without ever having been RUNNING. Whether it is the first of
    /// its round.
    pub fn failed_to_start(&mut self, round: u32, now: SimTime) -> bool {
        if round != self.round {
            return false;
        }
        let doublings = self.failed_rounds.min(40);
        let delay = self.first.0.saturating_mul(1 << doublings);
        self.round += 1;
        self.failed_rounds += 1;
        self.not_before = now.saturating_add(Millis(delay.min(self.longest.0)));
        true
    }

    /// A task has reached RUNNING, or the service has been updated: back to normal speed.
    pub fn reset(&mut self) {
        self.failed_rounds = 0;
        self.not_before = SimTime::ZERO;
    }
}

/// The quota of tasks that one service launches in a minute, as a bucket that fills evenly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchRate {
    per_minute: Option<u32>,
    /// Tokens in the bucket, in 60,000ths: a millisecond adds `per_minute` of them.
    filled: u64,
    at: SimTime,
}

/// A whole token.
const TOKEN: u64 = 60_000;

impl LaunchRate {
    /// A full bucket; `None` is no limit.
    pub fn new(per_minute: Option<u32>) -> Self {
        Self {
            per_minute,
            filled: u64::from(per_minute.unwrap_or_default()) * TOKEN,
            at: SimTime::ZERO,
        }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// When there will be one, where there is none now.
    pub fn take(&mut self, now: SimTime) -> Result<(), SimTime> {
        let Some(per_minute) = self.per_minute.map(u64::from) else {
            return Ok(());
        };
        let added = now.since(self.at).0.saturating_mul(per_minute);
        self.filled = self.filled.saturating_add(added).min(per_minute * TOKEN);
        self.at = now;
        if self.filled >= TOKEN {
            self.filled -= TOKEN;
            return Ok(());
        }
        Err(now.saturating_add(Millis((TOKEN - self.filled).div_ceil(per_minute))))
    }

    /// Gives the last token back: nothing was launched for it.
    pub fn give_back(&mut self) {
        let most = u64::from(self.per_minute.unwrap_or_default()) * TOKEN;
        self.filled = self.filled.saturating_add(TOKEN).min(most);
    }
}

#[cfg(test)]
mod tests {
    use super::{LaunchRate, RestartThrottle};
    use crate::units::{Millis, SimTime};

    #[test]
    fn delays_double_up_to_27_minutes() {
        // G74.
        let mut throttle = RestartThrottle::new(Millis::SECOND, Millis(27 * 60_000));
        let mut delays = Vec::new();
        for _ in 0..13 {
            let round = throttle.round();
            assert!(throttle.failed_to_start(round, SimTime::ZERO));
            assert!(!throttle.failed_to_start(round, SimTime::ZERO));
            delays.push(throttle.not_before().0 / 1_000);
        }
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_620, 1_620];
        assert_eq!(delays, expected);
        // G75: an update brings it back to normal at once.
        throttle.reset();
        assert_eq!(throttle.not_before(), SimTime::ZERO);
        let round = throttle.round();
        throttle.failed_to_start(round, SimTime::ZERO);
        assert_eq!(throttle.not_before().0, 1_000);
    }

    #[test]
    fn five_hundred_launches_a_minute() {
        let mut rate = LaunchRate::new(Some(500));
        for _ in 0..500 {
            assert_eq!(rate.take(SimTime(7)), Ok(()));
        }
        assert_eq!(rate.take(SimTime(7)), Err(SimTime(127)));
        assert_eq!(rate.take(SimTime(126)), Err(SimTime(127)));
        assert_eq!(rate.take(SimTime(127)), Ok(()));
        let mut rate = LaunchRate::new(None);
        assert!((0..10_000).all(|_| rate.take(SimTime::ZERO).is_ok()));
    }
}
