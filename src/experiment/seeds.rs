//! Seeds of replications.

/// The seed of a replication, counted from 0: the scenario's own, the next, and so on. So every
/// single run of an experiment can be had again with `ecs-sim run --seed`, and variants share
/// their luck (common random numbers).
pub fn seed_of(base: u64, replication: u64) -> u64 {
    base.wrapping_add(replication)
}

#[cfg(test)]
mod tests {
    use super::seed_of;

    #[test]
    fn the_first_replication_has_the_scenarios_own_seed() {
        assert_eq!(seed_of(7, 0), 7);
        assert_eq!(seed_of(7, 3), 10);
        assert_eq!(seed_of(u64::MAX, 1), 0);
    }
}
