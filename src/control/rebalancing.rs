//! Availability Zone rebalancing of a service that is steady (Developer Guide, "Balancing an
//! Amazon ECS service across Availability Zones").

/// From where to where a task should move: places in the list of zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The zone with the most tasks.
    pub from: usize,
    /// A zone with at least two fewer.
    pub to: usize,
}

/// The moves that would bring the zones nearer to balance, the emptiest zone first, given the
/// tasks of the service in each zone. Zones are in balance when none has two tasks more than
/// another: each has its even share, the remainder one each.
pub fn moves(tasks_by_zone: &[u32]) -> Vec<Move> {
    // The first of the fullest zones.
    let fullest = (0..tasks_by_zone.len())
        .rev()
        .max_by_key(|zone| tasks_by_zone[*zone]);
    let Some(from) = fullest else {
        return Vec::new();
    };
    let mut thin: Vec<usize> = (0..tasks_by_zone.len())
        .filter(|zone| tasks_by_zone[*zone] + 2 <= tasks_by_zone[from])
        .collect();
    thin.sort_by_key(|zone| tasks_by_zone[*zone]);
    thin.into_iter().map(|to| Move { from, to }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Move, moves};

    #[test]
    fn a_task_moves_from_the_fullest_to_the_emptiest_zone() {
        // G50.
        assert_eq!(moves(&[2, 0]), [Move { from: 0, to: 1 }]);
        assert_eq!(
            moves(&[1, 5, 0]),
            [Move { from: 1, to: 2 }, Move { from: 1, to: 0 }]
        );
    }

    #[test]
    fn an_even_share_and_the_remainder_one_each_are_balance() {
        // G51, and G52: five tasks over three zones.
        for balanced in [&[1, 2][..], &[1, 2, 2], &[2, 1, 2], &[0, 0], &[3], &[]] {
            assert_eq!(moves(balanced), [], "{balanced:?}");
        }
        let mut zones = [5, 0, 0];
        while let Some(step) = moves(&zones).first() {
            zones[step.from] -= 1;
            zones[step.to] += 1;
        }
        zones.sort_unstable();
        assert_eq!(zones, [1, 2, 2]);
    }
}
