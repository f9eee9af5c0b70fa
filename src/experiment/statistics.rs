//! What a few runs tell of all: means with intervals by Student's t.
//!
//! Sums and means are exact. Floats stand in the spread alone, and their results are rounded, so
//! that the same runs give the same bytes on every machine.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::units::Fixed;

/// Decimals of spreads and intervals.
const DECIMALS: usize = 9;
/// Decimals of a quantile: fewer than those in which the machines of this world differ.
const DECIMALS_OF_QUANTILE: usize = 6;
/// The library's quantiles are exact to all decimals that are kept up to here.
const MOST_DEGREES: u64 = 10_000;

/// What values of independent runs tell of their mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// How many values.
    pub count: u64,
    /// Their mean.
    pub mean: Fixed,
    /// Half the width of the 95 % interval around it; 0 when all values are the same, `None` of a
    /// single one.
    pub half_width: Option<Fixed>,
    /// Their standard deviation, with n - 1 below; `None` of a single one.
    pub deviation: Option<Fixed>,
    /// The least.
    pub least: Fixed,
    /// The greatest.
    pub greatest: Fixed,
}

impl Estimate {
    /// The estimate of values; `None` of no values.
    pub fn of(values: &[Fixed]) -> Option<Self> {
        let mean = Fixed::mean(values)?;
        let (least, greatest) = (*values.iter().min()?, *values.iter().max()?);
        let count = u64::try_from(values.len()).ok()?;
        let (deviation, half_width) = match count {
            1 => (None, None),
            _ if least == greatest => (Some(Fixed::ZERO), Some(Fixed::ZERO)),
            _ => spread(values, mean),
        };
        Some(Self {
            count,
            mean,
            half_width,
            deviation,
            least,
            greatest,
        })
    }

    /// Whether every value is the same.
    pub fn is_constant(&self) -> bool {
        self.least == self.greatest
    }

    /// The ends of the 95 % interval.
    pub fn interval(&self) -> Option<(Fixed, Fixed)> {
        let half = self.half_width?;
        Some((self.mean - half, self.mean + half))
    }
}

/// Standard deviation, and half the width of the 95 % interval of the mean.
#[expect(
    clippy::float_arithmetic,
    reason = "a spread is a root; sums run in the order of the runs, and the result is rounded"
)]
fn spread(values: &[Fixed], mean: Fixed) -> (Option<Fixed>, Option<Fixed>) {
    let squares = values.iter().map(|value| {
        let off = (*value - mean).to_f64();
        off * off
    });
    let count = float(values.len());
    let deviation = (squares.sum::<f64>() / (count - 1.0)).sqrt();
    let degrees = u64::try_from(values.len() - 1).unwrap_or(u64::MAX);
    let half_width = t_quantile(degrees).to_f64() * deviation / count.sqrt();
    (
        Fixed::from_f64(deviation, DECIMALS),
        Fixed::from_f64(half_width, DECIMALS),
    )
}

fn float(count: usize) -> f64 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    f64::from(count)
}

/// The 97.5 % quantile of Student's t: the mean of a normal law lies within so many standard errors
/// of the mean of `degrees` + 1 values in 95 of 100 cases. Beyond 10,000 degrees of freedom it is
/// that of 10,000, which is too large by less than 0.02 %.
///
/// # Panics
/// Without a degree of freedom.
pub fn t_quantile(degrees: u64) -> Fixed {
    let degrees = u32::try_from(degrees.min(MOST_DEGREES)).expect("at most 10,000");
    let law = StudentsT::new(0.0, 1.0, f64::from(degrees));
    let quantile = law.map(|law| law.inverse_cdf(0.975)).ok();
    let rounded = quantile.and_then(|quantile| Fixed::from_f64(quantile, DECIMALS_OF_QUANTILE));
    rounded.expect("Student's t has a quantile from one degree of freedom on")
}

/// A part of a whole with six decimals; `None` where the whole is 0.
#[expect(
    clippy::float_arithmetic,
    reason = "a ratio for people, rounded; nothing is decided by it"
)]
pub fn ratio(part: Fixed, whole: Fixed) -> Option<Fixed> {
    Fixed::from_f64(part.to_f64() / whole.to_f64(), 6)
}

/// How many values it would take for the 95 % interval to have half the width `wanted`, going by
/// the spread of these.
#[expect(
    clippy::float_arithmetic,
    reason = "a forecast of how many runs are needed; the interval itself decides"
)]
pub fn count_for(estimate: &Estimate, wanted: Fixed) -> Option<u64> {
    let ratio = estimate.half_width?.to_f64() / wanted.to_f64();
    let count: Fixed = Fixed::from(estimate.count);
    let needed = (count.to_f64() * ratio * ratio).ceil();
    format!("{needed:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Estimate, count_for, ratio, t_quantile};
    use crate::kernel::{Stream, Streams};
    use crate::units::Fixed;

    fn fixed(text: &str) -> Fixed {
        Fixed::parse(text).unwrap()
    }

    fn values(texts: &[&str]) -> Vec<Fixed> {
        texts.iter().map(|text| fixed(text)).collect()
    }

    /// The column t.975 of NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2.
    #[test]
    fn quantiles_are_those_of_published_tables() {
        for (degrees, published) in [
            (1, "12.706"),
            (2, "4.303"),
            (3, "3.182"),
            (4, "2.776"),
            (5, "2.571"),
            (6, "2.447"),
            (7, "2.365"),
            (8, "2.306"),
            (9, "2.262"),
            (10, "2.228"),
            (15, "2.131"),
            (20, "2.086"),
            (29, "2.045"),
            (30, "2.042"),
            (40, "2.021"),
            (60, "2.000"),
            (99, "1.984"),
            (100, "1.984"),
        ] {
            let quantile = t_quantile(degrees).to_f64();
            assert_eq!(format!("{quantile:.3}"), published, "{degrees}");
        }
        // With many values it is nearly that of the normal law, 1.959964.
        assert_eq!(t_quantile(10_000).to_string(), "1.960201");
        assert_eq!(t_quantile(u64::MAX), t_quantile(10_000));
    }

    #[test]
    fn no_quantile_lies_where_its_rounding_could_go_either_way() {
        use statrs::distribution::{ContinuousCDF, StudentsT};
        for degrees in 1..=1_000_u32 {
            let law = StudentsT::new(0.0, 1.0, f64::from(degrees)).unwrap();
            let steps = law.inverse_cdf(0.975) * 1e6;
            let from_edge = (steps.fract() - 0.5).abs();
            assert!(from_edge > 1e-5, "{degrees}: {steps}");
        }
    }

    #[test]
    fn an_estimate_of_known_values_is_that_of_the_formula() {
        // Mean 5, squares of differences 32, deviation sqrt(32 / 7), t with 7 degrees 2.364624.
        let values = values(&["2", "4", "4", "4", "5", "5", "7", "9"]);
        let estimate = Estimate::of(&values).unwrap();
        assert_eq!((estimate.count, estimate.mean), (8, fixed("5")));
        assert_eq!(
            (estimate.least, estimate.greatest),
            (fixed("2"), fixed("9"))
        );
        assert_eq!(estimate.deviation, Some(fixed("2.138089935")));
        assert_eq!(estimate.half_width, Some(fixed("1.787487728")));
        let (low, high) = estimate.interval().unwrap();
        assert_eq!((low, high), (fixed("3.212512272"), fixed("6.787487728")));
    }

    #[test]
    fn values_that_are_all_the_same_have_no_spread() {
        let estimate = Estimate::of(&values(&["0.1", "0.1", "0.1"])).unwrap();
        assert_eq!(estimate.half_width, Some(Fixed::ZERO));
        assert!(estimate.is_constant());
        let single = Estimate::of(&values(&["3"])).unwrap();
        assert_eq!((single.half_width, single.interval()), (None, None));
        assert_eq!(Estimate::of(&[]), None);
    }

    #[test]
    fn ratios_of_nothing_are_none() {
        assert_eq!(ratio(fixed("1"), fixed("3")), Some(fixed("0.333333")));
        assert_eq!(ratio(fixed("-1"), fixed("4")), Some(fixed("-0.25")));
        assert_eq!(ratio(fixed("1"), Fixed::ZERO), None);
        assert_eq!(ratio(Fixed::ZERO, Fixed::ZERO), None);
    }

    #[test]
    fn four_times_the_values_halve_an_interval() {
        let estimate = Estimate {
            half_width: Some(fixed("2")),
            ..Estimate::of(&values(&["1", "2", "3", "4", "5"])).unwrap()
        };
        assert_eq!(count_for(&estimate, fixed("1")), Some(20));
        assert_eq!(count_for(&estimate, fixed("2")), Some(5));
        assert_eq!(count_for(&estimate, Fixed::ZERO), None);
    }

    /// Two independent values of the standard normal law (Box and Muller).
    #[expect(clippy::float_arithmetic, reason = "a sampler of floats")]
    fn normals(stream: &mut Stream) -> [f64; 2] {
        let radius = (-2.0 * libm::log(1.0 - stream.unit())).sqrt();
        let angle = std::f64::consts::TAU * stream.unit();
        [radius * libm::cos(angle), radius * libm::sin(angle)]
    }

    #[test]
    fn ninety_five_of_a_hundred_intervals_hold_the_mean() {
        const TRIALS: u32 = 2_000;
        let (mean, deviation) = (100.0, 15.0);
        for size in [2, 5, 10, 30] {
            let streams = Streams::new(size);
            let holds = (0..TRIALS).filter(|trial| {
                let mut stream = streams.open("coverage", &trial.to_string());
                let values: Vec<Fixed> = (0..size.div_ceil(2))
                    .flat_map(|_| normals(&mut stream))
                    .take(usize::try_from(size).unwrap())
                    .map(|value| Fixed::from_f64(mean + deviation * value, 9).unwrap())
                    .collect();
                let (low, high) = Estimate::of(&values).unwrap().interval().unwrap();
                low.to_f64() <= mean && mean <= high.to_f64()
            });
            let share = f64::from(u32::try_from(holds.count()).unwrap()) / f64::from(TRIALS);
            assert!((0.93..=0.97).contains(&share), "{size}: {share}");
        }
    }
}
