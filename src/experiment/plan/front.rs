//! The Pareto front: the choices that no other one beats in everything.

use crate::units::Fixed;

/// What a choice offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offer {
    /// Its objective: less is better.
    pub(super) objective: Option<Fixed>,
    /// Its wait: less is better.
    pub(super) wait: Option<Fixed>,
    /// Its availability: more is better.
    pub(super) availability: Option<Fixed>,
}

impl Offer {
    /// Whether this one is as good in everything and better in something. What one of them lacks is
    /// not compared.
    fn beats(&self, other: &Self) -> bool {
        let minus = |value: Option<Fixed>| value.map(|value| Fixed(-value.0));
        let pairs = [
            (self.objective, other.objective),
            (self.wait, other.wait),
            (minus(self.availability), minus(other.availability)),
        ];
        let known = || {
            pairs
                .iter()
                .filter_map(|(own, other)| Some(((*own)?, (*other)?)))
        };
        known().all(|(own, other)| own <= other) && known().any(|(own, other)| own < other)
    }
}

/// The places of those on the front, the least objective first; of equal ones the first alone.
/// Those without an objective are left out.
pub(super) fn front(offers: &[Offer]) -> Vec<usize> {
    let is_beaten = |place: usize| {
        let own = &offers[place];
        offers
            .iter()
            .enumerate()
            .any(|(at, other)| other.beats(own) || at < place && other == own)
    };
    let known = (0..offers.len()).filter(|place| offers[*place].objective.is_some());
    let mut front: Vec<usize> = known.filter(|place| !is_beaten(*place)).collect();
    front.sort_by_key(|place| (offers[*place].objective, *place));
    front
}

#[cfg(test)]
mod tests {
    use super::{Offer, front};
    use crate::units::Fixed;

    fn offer(objective: u64, wait: Option<u64>, availability: &str) -> Offer {
        Offer {
            objective: Some(Fixed::from(objective)),
            wait: wait.map(Fixed::from),
            availability: Fixed::parse(availability).ok(),
        }
    }

    #[test]
    fn what_another_beats_is_not_on_the_front() {
        let offers = [
            offer(5, Some(10), "1"),
            offer(3, Some(20), "1"),
            offer(4, Some(20), "1"), // as slow as the one above, and dearer
            offer(4, Some(30), "0.99"), // beaten in everything
            offer(1, Some(0), "0.5"), // cheap and quick, and places but half
            offer(3, Some(20), "1"), // the same as the second
        ];
        assert_eq!(front(&offers), [4, 1, 0]);
    }

    #[test]
    fn what_is_not_known_is_not_compared() {
        let offers = [
            offer(5, None, "x"),
            offer(6, None, "x"),
            Offer {
                objective: None,
                ..offer(1, None, "1")
            },
        ];
        assert_eq!(front(&offers), [0]);
        assert_eq!(front(&[]), Vec::<usize>::new());
    }
}
