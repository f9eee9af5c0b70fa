//! Fargate Spot: how much there is, and when it is taken back (Developer Guide, "Fargate capacity
//! providers"). AWS publishes neither; both are the scenario's.

use crate::kernel::{Distribution, Stream};
use crate::units::{Millis, SimTime};

/// From the warning to the end of the task.
pub const SPOT_WARNING: Millis = Millis(120_000);

/// What Fargate Spot has, and how long a task keeps it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FargateSpot {
    /// From the placement of a task to its warning; `None` is never.
    pub time_to_interruption: Option<Distribution>,
    /// CPU units that there are for us from each time on, by time; the first is at 0. Empty is as
    /// many as are asked for.
    pub capacity: Vec<(SimTime, u64)>,
}

impl FargateSpot {
    /// Draws how long from its placement a task keeps its capacity; `None` is for ever.
    pub fn draw(&self, stream: impl FnOnce() -> Stream) -> Option<Millis> {
        let law = self.time_to_interruption.as_ref()?;
        Some(law.sample(&mut stream()))
    }

    /// The CPU units that there are at a time; `None` is no limit.
    pub fn available_at(&self, at: SimTime) -> Option<u64> {
        let after = self.capacity.partition_point(|(from, _)| *from <= at);
        let (_, available) = self.capacity.get(after.checked_sub(1)?)?;
        Some(*available)
    }

    /// The CPU units that there are at a time and for the whole of a warning from it: tasks beyond
    /// these are warned now.
    pub fn lasting_at(&self, at: SimTime) -> Option<u64> {
        let until = at.saturating_add(SPOT_WARNING);
        let later = self.capacity.iter();
        let later = later.filter(|(from, _)| at < *from && *from <= until);
        let now = self.available_at(at)?;
        Some(later.fold(now, |least, (_, available)| least.min(*available)))
    }

    /// When there is more or less, or falls are to be warned of, in order of time.
    pub fn changes(&self) -> Vec<SimTime> {
        let steps = self.capacity.iter();
        let mut times: Vec<SimTime> = steps
            .flat_map(|(from, _)| [SimTime(from.0.saturating_sub(SPOT_WARNING.0)), *from])
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}

#[cfg(test)]
mod tests {
    use super::FargateSpot;
    use crate::units::SimTime;

    fn minutes(at: u64) -> SimTime {
        SimTime(at * 60_000)
    }

    #[test]
    fn a_fall_of_capacity_is_warned_of_two_minutes_before() {
        let spot = FargateSpot {
            capacity: vec![
                (minutes(0), 4_096),
                (minutes(10), 1_024),
                (minutes(11), 0),
                (minutes(30), 8_192),
            ],
            ..FargateSpot::default()
        };
        let at = |minute| {
            (
                spot.available_at(minutes(minute)),
                spot.lasting_at(minutes(minute)),
            )
        };
        assert_eq!(at(0), (Some(4_096), Some(4_096)));
        assert_eq!(at(7), (Some(4_096), Some(4_096)));
        assert_eq!(at(8), (Some(4_096), Some(1_024)));
        assert_eq!(at(9), (Some(4_096), Some(0)));
        assert_eq!(at(10), (Some(1_024), Some(0)));
        assert_eq!(at(29), (Some(0), Some(0)));
        assert_eq!(at(30), (Some(8_192), Some(8_192)));
        let times: Vec<u64> = spot.changes().iter().map(|at| at.0 / 60_000).collect();
        assert_eq!(times, [0, 8, 9, 10, 11, 28, 30]);
    }

    #[test]
    fn without_a_trace_there_is_no_limit() {
        let spot = FargateSpot::default();
        assert_eq!(spot.available_at(minutes(5)), None);
        assert_eq!(spot.lasting_at(minutes(5)), None);
        assert!(spot.changes().is_empty());
    }
}
