//! Named choices of the Spot market: AWS publishes how often instances of a type are interrupted,
//! and nothing of how.

use crate::kernel::Distribution;
use crate::units::Millis;

/// How interruptions come, where a pool's supply is stochastic, and how they are announced.
///
/// **Model of interruptions.** Shocks befall a pool as a Poisson process. Each takes a share of
/// the pool's running instances, drawn evenly from [`Self::reclaimed_percent`]; of `n` instances
/// and a share `s` it takes `n s`, a fraction being one more with that probability, and which ones
/// is drawn. So each instance is taken with probability `s`, however many there are, and survives
/// 30 days with probability `exp(-k m)`, where `k` is the mean number of shocks in 30 days and `m`
/// the mean share. `k = -ln(1 - q) / m` makes that the probability `1 - q` of the Spot Instance
/// Advisor.
///
/// In [`Self::clustered_percent`] of the shocks all notices come within 3 minutes, each evenly
/// drawn; in the others within [`Self::scattered_span`]. After a shock the pool launches nothing
/// for [`Self::outage`].
///
/// **Rebalance recommendations** are best effort. Each instance that is going to be interrupted
/// gets one with probability [`Self::recommendation_percent`], [`Self::recommendation_lead`] ahead
/// of its notice; the lead is drawn once a shock or fall of capacity, and 0 is together with the
/// notice. Where capacity follows a trace, those get it that would have to go if nothing changed
/// until the notice.
#[derive(Debug, Clone, PartialEq)]
pub struct SpotOptions {
    /// Least and most share of a pool's running instances that a shock takes, in percent.
    pub reclaimed_percent: (u32, u32),
    /// Of 100 shocks so many whose notices all come within 3 minutes.
    pub clustered_percent: u32,
    /// Within how long the notices of the other shocks come.
    pub scattered_span: Millis,
    /// How long a pool launches nothing after the first notice of a shock.
    pub outage: Distribution,
    /// Probability of a rebalance recommendation, in percent.
    pub recommendation_percent: u32,
    /// How long before its notice an instance gets the recommendation.
    pub recommendation_lead: Distribution,
}

/// The share of clustered shocks is a published observation: in more than 92 percent of the cases
/// in which several instances of a type and zone are interrupted, it is within 3 minutes
/// (arXiv:2604.16457). The rest is this simulator's own assumption.
impl Default for SpotOptions {
    fn default() -> Self {
        Self {
            reclaimed_percent: (20, 100),
            clustered_percent: 93,
            scattered_span: Millis::HOUR,
            outage: Distribution::Uniform {
                min: Millis(10 * 60_000),
                max: Millis::HOUR,
            },
            recommendation_percent: 50,
            recommendation_lead: Distribution::Uniform {
                min: Millis::ZERO,
                max: Millis(10 * 60_000),
            },
        }
    }
}
