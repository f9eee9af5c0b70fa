//! ECS `binpack`: the candidate with the least remaining CPU or memory.
//!
//! *In ECS*: among instances where the task fits, the one with the least remaining amount of the
//! field, before the task is placed.

use super::{Candidate, Rank, Request, Strategy};
use crate::placement::BinpackField;

/// `binpack`.
#[derive(Debug)]
pub(super) struct Binpack(pub(super) BinpackField);

impl Strategy for Binpack {
    fn rank(&self, candidate: &Candidate<'_>, _: &Request<'_>) -> Rank {
        Rank(u64::from(match self.0 {
            BinpackField::Cpu => candidate.remaining.cpu.0,
            BinpackField::Memory => candidate.remaining.memory.0,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::placement::strategies::testing::check;

    #[test]
    fn takes_the_least_remaining_memory_that_fits() {
        // G31: A has 1000 free, B 600, the task needs 500: B; the next goes to A.
        check(
            "binpack-memory",
            "cpu=9 memory=1000 | cpu=9 memory=600 | cpu=9 memory=700",
            500,
            1,
        );
        check(
            "binpack-memory",
            "cpu=9 memory=1000 | cpu=9 memory=100 | cpu=9 memory=1000",
            500,
            0,
        );
    }

    #[test]
    fn takes_the_least_remaining_cpu() {
        check(
            "binpack-cpu",
            "cpu=3 memory=600 | cpu=2 memory=900 | cpu=1 memory=400",
            500,
            1,
        );
    }

    #[test]
    fn a_task_that_needs_nothing_may_go_to_a_full_instance() {
        check(
            "binpack-memory",
            "cpu=9 memory=5 | cpu=9 memory=0 | cpu=9 memory=7",
            0,
            1,
        );
    }
}
