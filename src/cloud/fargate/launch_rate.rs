//! How fast Fargate lets an account launch tasks: a token bucket (Developer Guide, "AWS Fargate
//! throttling quotas").

use crate::units::{Millis, SimTime};

/// A quota of launches: a bucket of tokens that fills evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LaunchQuota {
    /// The most tasks at once. At least 1.
    pub burst: u32,
    /// How many a second go on. At least 1.
    pub per_second: u32,
}

/// A whole token, in thousandths: a millisecond adds `per_second` of them.
const TOKEN: u64 = 1_000;

/// A bucket, full at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBucket {
    quota: Option<LaunchQuota>,
    filled: u64,
    at: SimTime,
}

impl TokenBucket {
    /// A full bucket; `None` is no limit.
    pub fn new(quota: Option<LaunchQuota>) -> Self {
        Self {
            quota,
            filled: quota.map_or(0, |quota| u64::from(quota.burst) * TOKEN),
            at: SimTime::ZERO,
        }
    }

    /// When there is a token: `now`, or later.
    pub fn ready_at(&mut self, now: SimTime) -> SimTime {
        let Some(quota) = self.quota else {
            return now;
        };
        let rate = u64::from(quota.per_second);
        let added = now.since(self.at).0.saturating_mul(rate);
        let full = u64::from(quota.burst) * TOKEN;
        self.filled = self.filled.saturating_add(added).min(full);
        self.at = now;
        let lacking = TOKEN.saturating_sub(self.filled);
        now.saturating_add(Millis(lacking.div_ceil(rate.max(1))))
    }

    /// Takes the token that there is.
    pub fn take(&mut self) {
        self.filled = self.filled.saturating_sub(TOKEN);
    }
}

#[cfg(test)]
mod tests {
    use super::{LaunchQuota, TokenBucket};
    use crate::units::SimTime;

    #[test]
    fn a_burst_of_a_hundred_then_twenty_a_second() {
        let quota = LaunchQuota {
            burst: 100,
            per_second: 20,
        };
        let mut bucket = TokenBucket::new(Some(quota));
        let now = SimTime(1_000);
        for _ in 0..100 {
            assert_eq!(bucket.ready_at(now), now);
            bucket.take();
        }
        assert_eq!(bucket.ready_at(now), SimTime(1_050));
        let ahead = bucket.clone().ready_at(SimTime(1_049));
        assert_eq!(ahead, SimTime(1_050));
        for second in 0..5 {
            let mut launched = 0;
            for at in (1_001 + second * 1_000..=2_000 + second * 1_000).map(SimTime) {
                while bucket.ready_at(at) == at {
                    bucket.take();
                    launched += 1;
                }
            }
            assert_eq!(launched, 20, "in second {second}");
        }
        // It never holds more than the burst.
        assert_eq!(bucket.ready_at(SimTime(10_000_000)), SimTime(10_000_000));
        assert_eq!(bucket.filled, 100_000);
    }

    #[test]
    fn without_a_quota_there_is_always_a_token() {
        let mut bucket = TokenBucket::new(None);
        for _ in 0..10_000 {
            assert_eq!(bucket.ready_at(SimTime::ZERO), SimTime::ZERO);
            bucket.take();
        }
    }
}
