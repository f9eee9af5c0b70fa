//! Load that rises and falls with the hour and the day of the week.

use jiff::Timestamp;

use super::Factor;
use crate::kernel::round_half_up;
use crate::units::{Millis, RequestRate};

/// A wave with a period of one day: at each minute
/// `(base + (peak - base) * shape) * day's factor`, with
/// `shape = ((1 + cos(2 pi (t - hour of the peak) / 24 h)) / 2) ^ sharpness`, taken in the middle
/// of the minute. Hours and days are those of UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// The rate twelve hours from the peak.
    pub base: RequestRate,
    /// The rate at the peak; below `base` the wave has its trough there.
    pub peak: RequestRate,
    /// When in the day the peak is, below 24 hours.
    pub peak_at: Millis,
    /// 1 is a cosine; more makes the peak narrower and the night longer. From 1 to 100.
    pub sharpness: u32,
    /// Factors of Monday to Sunday.
    pub days: [Factor; 7],
}

impl Curve {
    /// The largest `sharpness`: at 100 the load is above half its rise for about two hours.
    pub const MOST_SHARPNESS: u32 = 100;

    /// The rate of a minute of a run that begins at `start`.
    pub(super) fn rate(&self, start: Timestamp, minute: u64) -> RequestRate {
        const WEEK: i128 = 7 * 86_400_000;
        let into_run = i128::from(minute) * 60_000 + 30_000;
        // The first of January 1970 was a Thursday, three days after a Monday.
        let since_monday = i128::from(start.as_millisecond()) + 3 * 86_400_000 + into_run;
        let in_week = u64::try_from(since_monday.rem_euclid(WEEK)).expect("a part of a week");
        let day = usize::try_from(in_week / Millis::DAY.0).expect("a day of the week");
        let since_peak = (in_week % Millis::DAY.0 + Millis::DAY.0 - self.peak_at.0 % Millis::DAY.0)
            % Millis::DAY.0;
        let shape = u128::from(shape(since_peak, self.sharpness));
        let rise = u128::from(self.peak.0.abs_diff(self.base.0));
        let part = (rise * shape + WHOLE / 2) / WHOLE;
        let part = u64::try_from(part).expect("at most the rise");
        let rate = if self.peak >= self.base {
            self.base.0.saturating_add(part)
        } else {
            self.base.0 - part
        };
        self.days[day].of(RequestRate(rate))
    }
}

/// The shape's height at the peak.
const WHOLE: u128 = 1_000_000_000;

/// How high the shape is a while after the peak, of [`WHOLE`].
#[expect(
    clippy::float_arithmetic,
    reason = "a curve; its height is rounded to 10^-9 at once"
)]
fn shape(since_peak: u64, sharpness: u32) -> u64 {
    let millis = u32::try_from(since_peak).expect("less than a day");
    let angle = std::f64::consts::TAU * f64::from(millis) / 86_400_000.0;
    let height = 0.5 + 0.5 * libm::cos(angle);
    let mut power = 1.0;
    for _ in 0..sharpness.min(Curve::MOST_SHARPNESS) {
        power *= height;
    }
    round_half_up(power * 1e9)
}
