//! Shocks of the model of interruptions: when they come, and whom they take.

use crate::kernel::{Stream, exponential, round_half_up};
use crate::units::{Millis, SimTime};

use super::options::SpotOptions;

/// The notices of a clustered shock come within this.
pub(super) const CLUSTER: Millis = Millis(3 * 60_000);
/// What the Spot Instance Advisor counts over.
const MONTH: Millis = Millis(30 * 86_400_000);
const MILLION: u64 = 1_000_000;

/// A shock: all of it is drawn before the run, whom it takes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shock {
    /// When its instances are chosen.
    pub(super) at: SimTime,
    /// Which share of the running instances it takes, in millionths.
    pub(super) share: u64,
    /// Within how long its notices come.
    pub(super) window: Millis,
    /// From the choice of an instance to its notice.
    pub(super) lead: Millis,
    /// When the pool launches again.
    pub(super) closed_until: SimTime,
}

/// The shocks of a pool before `end`.
pub(super) fn draw_shocks(
    interruptions_per_month: u32,
    options: &SpotOptions,
    end: SimTime,
    stream: &mut Stream,
) -> Vec<Shock> {
    let (least, most) = options.reclaimed_percent;
    let (least, most) = (u64::from(least) * 10_000, u64::from(most) * 10_000);
    let Some(mean_gap_ms) = mean_gap_ms(interruptions_per_month, least + most) else {
        return Vec::new();
    };
    let mut shocks = Vec::new();
    let mut at = SimTime::ZERO;
    loop {
        let gap = round_half_up(exponential(mean_gap_ms, stream));
        at = at.saturating_add(Millis(gap));
        if at >= end {
            return shocks;
        }
        let share = least + stream.below(most.saturating_sub(least) + 1);
        let is_clustered = stream.below(100) < u64::from(options.clustered_percent);
        let lead = options.recommendation_lead.sample(stream);
        let outage = options.outage.sample(stream);
        shocks.push(Shock {
            at,
            share,
            window: if is_clustered {
                CLUSTER
            } else {
                options.scattered_span
            },
            lead,
            closed_until: at.saturating_add(lead).saturating_add(outage),
        });
    }
}

/// Mean gap between shocks: 30 days over `-ln(1 - q) / m`, where `q` is the monthly probability and
/// `m` the mean share, half of `twice_mean_share`, both in millionths. `None` when no shock comes.
#[expect(
    clippy::float_arithmetic,
    reason = "the rate of a Poisson process, computed once by libm; gaps are rounded"
)]
fn mean_gap_ms(interruptions_per_month: u32, twice_mean_share: u64) -> Option<f64> {
    let millionths = |count: u64| as_float(count) / 1e6;
    // Certainty would be an endless rate.
    let probability = millionths(u64::from(interruptions_per_month).min(MILLION - 1));
    let share = millionths(twice_mean_share) / 2.0;
    let rate = -libm::log1p(-probability);
    (rate > 0.0 && share > 0.0).then(|| as_float(MONTH.0) * share / rate)
}

/// Exact: nothing here reaches 2^53.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "below 2^53, and the standard library has no lossless conversion"
)]
fn as_float(count: u64) -> f64 {
    count as f64
}

/// How many of `count` a share takes: the whole part, and one more with the probability of the
/// fraction. One draw.
pub(super) fn draw_count(count: usize, share: u64, stream: &mut Stream) -> usize {
    let product = u64::try_from(count).expect("a length has at most 64 bits") * share;
    let one_more = stream.below(MILLION) < product % MILLION;
    let taken = product / MILLION + u64::from(one_more);
    usize::try_from(taken).expect("at most the count")
}

#[cfg(test)]
mod tests {
    use super::draw_count;
    use crate::kernel::Streams;

    #[test]
    fn a_share_of_a_count_is_exact_on_average() {
        for (count, share, expected) in [
            (1, 300_000, 300_000),
            (7, 500_000, 3_500_000),
            (10, 1_000_000, 10_000_000),
            (10, 0, 0),
        ] {
            let mut stream = Streams::new(7).open("spot", "test");
            let draws = (0..100_000).map(|_| draw_count(count, share, &mut stream));
            let total = u64::try_from(draws.sum::<usize>()).unwrap() * 10;
            // Five standard errors of a mean of 100,000 draws, in millionths: at most 7,906.
            assert!(
                total.abs_diff(expected) <= 7_906,
                "{count} {share}: {total}"
            );
        }
    }
}
