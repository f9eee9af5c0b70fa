//! Strategies that are *not* ECS's, for comparison. Their names begin with `x-`.
//!
//! The three Kubernetes scores follow its default scheduler's resource plug-ins: the mean over
//! CPU and memory of the free (least-allocated) or requested (most-allocated) share after the
//! task is placed, and how far the two shares lie apart (balanced), in integers of a millionth.

use std::sync::Arc;

use super::{Candidate, Rank, Request, Strategy};

/// A share in millionths of a whole.
const WHOLE: u64 = 1_000_000;

/// All of them under their names.
pub(super) fn all() -> [(&'static str, Arc<dyn Strategy>); 6] {
    [
        ("x-first-fit", Arc::new(FirstFit)),
        ("x-worst-fit", Arc::new(WorstFit)),
        ("x-dot-product", Arc::new(DotProduct)),
        (
            "x-kubernetes-least-allocated",
            Arc::new(KubernetesLeastAllocated),
        ),
        (
            "x-kubernetes-most-allocated",
            Arc::new(KubernetesMostAllocated),
        ),
        (
            "x-kubernetes-balanced-allocation",
            Arc::new(KubernetesBalancedAllocation),
        ),
    ]
}

/// The candidate that registered first.
#[derive(Debug)]
struct FirstFit;

impl Strategy for FirstFit {
    fn rank(&self, _: &Candidate<'_>, _: &Request<'_>) -> Rank {
        Rank(0)
    }
}

/// The least loaded candidate: the largest share of its scarcer resource still free.
#[derive(Debug)]
struct WorstFit;

impl Strategy for WorstFit {
    fn rank(&self, candidate: &Candidate<'_>, _: &Request<'_>) -> Rank {
        let [cpu, memory] = reserved_shares(candidate, 0, 0);
        Rank(cpu.max(memory))
    }
}

/// Tetris' alignment: the candidate whose free resources point the way of the task's needs, the
/// largest dot product of the two, each as a share of what the instance registered.
#[derive(Debug)]
struct DotProduct;

impl Strategy for DotProduct {
    fn rank(&self, candidate: &Candidate<'_>, request: &Request<'_>) -> Rank {
        let registered = candidate.registered;
        let product = |needed: u32, free: u32, whole: u32| {
            share(u64::from(needed), whole) * share(u64::from(free), whole) / WHOLE
        };
        let dot = product(
            request.needs.cpu.0,
            candidate.remaining.cpu.0,
            registered.cpu.0,
        ) + product(
            request.needs.memory.0,
            candidate.remaining.memory.0,
            registered.memory.0,
        ) + product(
            request.needs.gpus,
            candidate.remaining.gpus,
            registered.gpus,
        );
        Rank(u64::MAX - dot)
    }
}

/// Kubernetes' `LeastAllocated`.
#[derive(Debug)]
struct KubernetesLeastAllocated;

impl Strategy for KubernetesLeastAllocated {
    fn rank(&self, candidate: &Candidate<'_>, request: &Request<'_>) -> Rank {
        let [cpu, memory] = shares_after(candidate, request);
        Rank(cpu + memory)
    }
}

/// Kubernetes' `MostAllocated`.
#[derive(Debug)]
struct KubernetesMostAllocated;

impl Strategy for KubernetesMostAllocated {
    fn rank(&self, candidate: &Candidate<'_>, request: &Request<'_>) -> Rank {
        let [cpu, memory] = shares_after(candidate, request);
        Rank(2 * WHOLE - cpu - memory)
    }
}

/// Kubernetes' `NodeResourcesBalancedAllocation`: with two resources its standard deviation is
/// half the distance of their shares.
#[derive(Debug)]
struct KubernetesBalancedAllocation;

impl Strategy for KubernetesBalancedAllocation {
    fn rank(&self, candidate: &Candidate<'_>, request: &Request<'_>) -> Rank {
        let [cpu, memory] = shares_after(candidate, request);
        Rank(cpu.abs_diff(memory))
    }
}

fn share(part: u64, whole: u32) -> u64 {
    match whole {
        0 => WHOLE,
        whole => (part * WHOLE / u64::from(whole)).min(WHOLE),
    }
}

/// Reserved CPU and memory as shares of what is registered, with so much more reserved.
fn reserved_shares(candidate: &Candidate<'_>, cpu: u32, memory: u32) -> [u64; 2] {
    let (registered, remaining) = (candidate.registered, candidate.remaining);
    let reserved = |registered: u32, remaining: u32, more: u32| {
        u64::from(registered) - u64::from(remaining) + u64::from(more)
    };
    [
        share(
            reserved(registered.cpu.0, remaining.cpu.0, cpu),
            registered.cpu.0,
        ),
        share(
            reserved(registered.memory.0, remaining.memory.0, memory),
            registered.memory.0,
        ),
    ]
}

fn shares_after(candidate: &Candidate<'_>, request: &Request<'_>) -> [u64; 2] {
    reserved_shares(candidate, request.needs.cpu.0, request.needs.memory.0)
}

#[cfg(test)]
mod tests {
    use crate::placement::strategies::testing::check_loaded;

    /// One fleet on which every strategy answers differently from its neighbours. Each instance
    /// registers 100 CPU units and 1000 MiB; the task asks for 10 and 100.
    const FLEET: &str = "cpu=30 memory=350 | cpu=90 memory=600 | cpu=60 memory=900 | \
                         cpu=25 memory=250 | cpu=70 memory=690";

    #[test]
    fn first_fit_takes_the_first_that_fits() {
        check_loaded("x-first-fit", FLEET, 0);
    }

    #[test]
    fn worst_fit_takes_the_least_loaded_by_its_scarcer_resource() {
        // Scarcer share reserved: .70, .40, .40, .75, .31.
        check_loaded("x-worst-fit", FLEET, 4);
    }

    #[test]
    fn dot_product_takes_the_largest_free_vector_along_the_needs() {
        // .1 * (free cpu + free memory): .065, .15, .15, .05, .139; the tie goes to the lower id.
        check_loaded("x-dot-product", FLEET, 1);
    }

    #[test]
    fn kubernetes_least_allocated_takes_the_largest_mean_free_share() {
        // Reserved after: .80+.75, .20+.50, .50+.20, .85+.85, .40+.41.
        check_loaded("x-kubernetes-least-allocated", FLEET, 1);
    }

    #[test]
    fn kubernetes_most_allocated_takes_the_fullest() {
        check_loaded("x-kubernetes-most-allocated", FLEET, 3);
    }

    #[test]
    fn kubernetes_balanced_takes_the_nearest_shares() {
        // Distances after: .05, .30, .30, 0, .01.
        check_loaded("x-kubernetes-balanced-allocation", FLEET, 3);
    }
}
