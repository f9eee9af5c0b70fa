//! The laws that spans of time are drawn from.
//!
//! Every variate but a fixed one costs one draw, and is made from it by the inverse of the law's
//! distribution function; so a changed parameter changes a task's luck smoothly, and never which
//! draws belong to whom.

use crate::units::Millis;

use super::normal::normal_quantile;
use super::random::Stream;

/// A law that spans of time are drawn from.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Fixed(Millis),
    /// Every millisecond from `min` to `max`, both included, equally likely.
    Uniform {
        /// Least.
        min: Millis,
        /// Most, not below `min`.
        max: Millis,
    },
    /// Exponential.
    Exponential {
        /// Mean in milliseconds, more than 0.
        mean_ms: f64,
    },
    /// Log-normal: the logarithm is normal.
    Lognormal {
        /// Median in milliseconds, more than 0: e to the mean of the logarithm.
        median_ms: f64,
        /// Standard deviation of the natural logarithm, 0 or more.
        sigma: f64,
    },
    /// One of these values, each equally likely. Not empty.
    Empirical(Vec<Millis>),
}

impl Distribution {
    /// Whether a variate costs a draw: all laws but [`Distribution::Fixed`] do.
    pub fn draws(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }

    /// Draws a variate, rounded half up to a millisecond. What is too large for [`Millis`] becomes
    /// the largest; a fixed law leaves the stream alone, every other takes one draw.
    ///
    /// # Panics
    /// When `min` is above `max` or an empirical law is empty.
    pub fn sample(&self, stream: &mut Stream) -> Millis {
        match self {
            Self::Fixed(span) => *span,
            Self::Uniform { min, max } => {
                let width = max.0.checked_sub(min.0).expect("min is not above max");
                // All 2^64 values are a width that `below` cannot be asked for.
                let offset = match width.checked_add(1) {
                    Some(values) => stream.below(values),
                    None => stream.next_u64(),
                };
                Millis(min.0 + offset)
            }
            Self::Exponential { mean_ms } => Millis(round_half_up(exponential(*mean_ms, stream))),
            Self::Lognormal { median_ms, sigma } => {
                Millis(round_half_up(lognormal(*median_ms, *sigma, stream)))
            }
            Self::Empirical(values) => {
                let count = u64::try_from(values.len()).expect("a length has at most 64 bits");
                values[usize::try_from(stream.below(count)).expect("a place within the list")]
            }
        }
    }
}

/// An exponential variate with this mean, in the unit of the mean: one draw.
#[expect(
    clippy::float_arithmetic,
    reason = "a sampler; callers round the result"
)]
pub fn exponential(mean: f64, stream: &mut Stream) -> f64 {
    -mean * libm::log1p(-stream.unit())
}

#[expect(
    clippy::float_arithmetic,
    reason = "a sampler; its result is rounded to milliseconds"
)]
fn lognormal(median: f64, sigma: f64, stream: &mut Stream) -> f64 {
    median * libm::exp(sigma * normal_quantile(stream.open_unit()))
}

/// The nearest whole number, halves upwards. Negative numbers (and what is none) become 0, numbers
/// beyond 2^64 the largest.
#[expect(
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the one way from sampled floats to integers; `as` saturates"
)]
pub fn round_half_up(value: f64) -> u64 {
    let whole = libm::floor(value);
    // Subtracting the floor is exact; adding 0.5 first would not be.
    if value - whole >= 0.5 {
        (whole + 1.0) as u64
    } else {
        whole as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Distribution, exponential, round_half_up};
    use crate::kernel::Streams;
    use crate::units::Millis;

    fn variates(law: &Distribution, count: usize) -> Vec<u64> {
        let mut stream = Streams::new(7).open("task", "golden");
        (0..count).map(|_| law.sample(&mut stream).0).collect()
    }

    fn sorted(law: &Distribution, count: usize) -> Vec<u64> {
        let mut variates = variates(law, count);
        variates.sort_unstable();
        variates
    }

    fn mean(values: &[u64]) -> u64 {
        values.iter().sum::<u64>() / u64::try_from(values.len()).unwrap()
    }

    fn assert_near(what: &str, value: u64, expected: u64, tolerance: u64) {
        assert!(
            value.abs_diff(expected) <= tolerance,
            "{what}: {value}, expected {expected}"
        );
    }

    const UNIFORM_LAW: Distribution = Distribution::Uniform {
        min: Millis(1_000),
        max: Millis(3_000),
    };
    const EXPONENTIAL_LAW: Distribution = Distribution::Exponential { mean_ms: 300_000.0 };
    const LOGNORMAL_LAW: Distribution = Distribution::Lognormal {
        median_ms: 60_000.0,
        sigma: 0.8,
    };

    fn empirical_law() -> Distribution {
        Distribution::Empirical([10, 20, 30, 1_000, 50_000].map(Millis).to_vec())
    }

    #[test]
    fn golden_variates_of_each_law() {
        assert_eq!(variates(&UNIFORM_LAW, 64), UNIFORM);
        assert_eq!(variates(&EXPONENTIAL_LAW, 64), EXPONENTIAL);
        assert_eq!(variates(&LOGNORMAL_LAW, 64), LOGNORMAL);
        assert_eq!(variates(&empirical_law(), 64), EMPIRICAL);
        assert_eq!(variates(&Distribution::Fixed(Millis(5)), 64), [5; 64]);
    }

    #[test]
    fn a_fixed_law_draws_nothing_and_others_draw_once() {
        let next_after = |law: &Distribution| {
            let mut stream = Streams::new(7).open("task", "golden");
            law.sample(&mut stream);
            stream.next_u64()
        };
        let mut fresh = Streams::new(7).open("task", "golden");
        let (first, second) = (fresh.next_u64(), fresh.next_u64());
        let fixed = Distribution::Fixed(Millis(5));
        assert_eq!(next_after(&fixed), first);
        assert!(!fixed.draws());
        for law in [UNIFORM_LAW, EXPONENTIAL_LAW, LOGNORMAL_LAW, empirical_law()] {
            assert_eq!(next_after(&law), second, "{law:?}");
            assert!(law.draws(), "{law:?}");
        }
    }

    // In the tests below the tolerance is five standard errors of the estimate for 100,000
    // variates; a quantile's is sqrt(p (1 - p) / n) over the density there.

    #[test]
    fn a_uniform_law_has_its_mean_and_both_ends() {
        let values = sorted(&UNIFORM_LAW, 100_000);
        assert_near("mean", mean(&values), 2_000, 10);
        assert_near("median", values[50_000], 2_000, 16);
        assert_eq!((values[0], values[99_999]), (1_000, 3_000));
    }

    #[test]
    fn a_uniform_law_may_be_one_value_or_all() {
        let one = Distribution::Uniform {
            min: Millis(4),
            max: Millis(4),
        };
        assert_eq!(variates(&one, 3), [4, 4, 4]);
        let all = Distribution::Uniform {
            min: Millis(0),
            max: Millis(u64::MAX),
        };
        assert!(variates(&all, 64).iter().any(|&value| value > u64::MAX / 2));
    }

    #[test]
    fn an_exponential_law_has_its_mean_and_quantiles() {
        let values = sorted(&EXPONENTIAL_LAW, 100_000);
        assert_near("mean", mean(&values), 300_000, 4_744);
        // The quantile p is -mean ln(1 - p); the standard error mean sqrt(p / (1 - p) / n).
        assert_near("median", values[50_000], 207_944, 4_744);
        assert_near("p90", values[90_000], 690_776, 14_231);
        assert_near("p99", values[99_000], 1_381_551, 47_200);
    }

    #[test]
    fn a_lognormal_law_has_its_mean_and_quantiles() {
        let values = sorted(&LOGNORMAL_LAW, 100_000);
        // Mean median exp(sigma^2 / 2), standard deviation mean sqrt(exp(sigma^2) - 1).
        assert_near("mean", mean(&values), 82_628, 1_238);
        assert_near("median", values[50_000], 60_000, 952);
        // median exp(1.281552 sigma) and median exp(2.326348 sigma).
        assert_near("p90", values[90_000], 167_266, 3_617);
        assert_near("p99", values[99_000], 385_840, 18_220);
    }

    #[test]
    fn a_lognormal_law_without_spread_is_its_median() {
        let law = Distribution::Lognormal {
            median_ms: 1_500.0,
            sigma: 0.0,
        };
        assert_eq!(variates(&law, 3), [1_500; 3]);
    }

    #[test]
    fn an_empirical_law_gives_each_value_equally_often() {
        let values = variates(&empirical_law(), 100_000);
        for expected in [10, 20, 30, 1_000, 50_000] {
            let count = values.iter().filter(|&&value| value == expected).count();
            assert_near("count", u64::try_from(count).unwrap(), 20_000, 632);
        }
    }

    #[test]
    fn halves_are_rounded_up_and_extremes_saturate() {
        for (value, expected) in [
            (0.0, 0),
            (0.499_999_999_999_999_94, 0),
            (0.5, 1),
            (1.499, 1),
            (2.5, 3),
            (-3.0, 0),
            (f64::NAN, 0),
            (1e300, u64::MAX),
            (f64::INFINITY, u64::MAX),
        ] {
            assert_eq!(round_half_up(value), expected, "{value}");
        }
    }

    #[test]
    fn exponential_variates_scale_with_their_mean() {
        let draw = |mean| exponential(mean, &mut Streams::new(1).open("gap", "a"));
        assert!((draw(20.0) / draw(10.0) - 2.0).abs() < 1e-12);
        assert!(draw(10.0) >= 0.0);
    }

    const UNIFORM: [u64; 64] = [
        2_337, 2_087, 1_566, 2_664, 2_180, 2_139, 2_497, 2_924, 1_092, 2_874, 1_479, 2_370, 2_560,
        1_987, 1_837, 1_358, 1_637, 2_027, 1_280, 1_371, 2_483, 1_614, 2_836, 1_186, 2_887, 2_801,
        2_102, 2_760, 2_230, 2_977, 1_061, 2_149, 2_088, 1_495, 1_992, 2_430, 1_533, 1_768, 2_953,
        2_941, 1_284, 2_365, 1_555, 1_066, 1_979, 1_987, 2_645, 1_103, 1_099, 1_352, 1_396, 2_335,
        2_625, 1_835, 1_472, 2_403, 2_917, 1_756, 1_637, 2_749, 1_076, 1_751, 2_312, 1_405,
    ];
    const EXPONENTIAL: [u64; 64] = [
        331_283, 235_081, 99_768, 534_552, 267_396, 252_824, 413_805, 980_518, 14_168, 827_796,
        82_109, 346_323, 454_035, 203_926, 162_663, 59_303, 115_000, 216_155, 45_254, 61_552,
        405_997, 110_104, 749_261, 29_412, 861_389, 691_347, 240_358, 635_603, 286_123, 1_339_401,
        9_441, 256_218, 235_511, 85_354, 205_554, 376_376, 93_009, 145_498, 1_122_424, 1_055_581,
        46_062, 344_002, 97_541, 10_115, 201_671, 204_199, 518_664, 15_931, 15_285, 58_222, 66_195,
        330_063, 502_109, 162_260, 80_788, 362_357, 952_840, 142_508, 115_144, 621_710, 11_676,
        141_153, 320_182, 68_022,
    ];
    const LOGNORMAL: [u64; 64] = [
        85_036, 65_446, 37_901, 129_409, 71_963, 69_018, 102_469, 247_942, 15_603, 203_617, 34_051,
        88_162, 111_241, 59_194, 50_899, 28_792, 41_126, 61_647, 25_284, 29_331, 100_788, 40_097,
        182_404, 20_868, 213_011, 167_411, 66_507, 153_480, 75_764, 369_765, 13_478, 69_703,
        65_533, 34_770, 59_521, 94_474, 36_444, 47_417, 293_013, 271_300, 25_494, 87_678, 37_423,
        13_808, 58_742, 59_249, 125_756, 16_307, 16_053, 28_532, 30_427, 84_783, 121_986, 50_817,
        33_756, 91_519, 239_597, 46_807, 41_156, 150_082, 14_534, 46_530, 82_741, 30_853,
    ];
    const EMPIRICAL: [u64; 64] = [
        1_000, 30, 20, 50_000, 30, 30, 1_000, 50_000, 10, 50_000, 20, 1_000, 1_000, 30, 30, 10, 20,
        30, 10, 10, 1_000, 20, 50_000, 10, 50_000, 50_000, 30, 50_000, 1_000, 50_000, 10, 30, 30,
        20, 30, 1_000, 20, 20, 50_000, 50_000, 10, 1_000, 20, 10, 30, 30, 50_000, 10, 10, 10, 10,
        1_000, 50_000, 30, 20, 1_000, 50_000, 20, 20, 50_000, 10, 20, 1_000, 20,
    ];
}
