//! The plain implementation: it reads like ECS's own description, looks at every instance, and
//! can record why each was kept or dropped. It is the meaning that the index has to match.

use std::collections::BTreeMap;

use crate::model::{Cluster, ContainerInstanceId};
use crate::units::{Resources, id};

use super::check::{Rejection, check};
use super::strategies::{Candidate, Rank, Request};
use super::template::Template;
use crate::model::{Reason, Reasons};

/// How often `random` draws from all registered instances before it draws from a list of the
/// candidates. Part of the contract: both implementations draw alike.
pub const RANDOM_DRAWS: u32 = 64;

/// Where the random choices of one decision come from.
pub trait Draws {
    /// An integer from 0 to `n - 1`, each equally likely; `n` is at least 1.
    fn below(&mut self, n: u64) -> u64;
}

/// Who is told about every instance that a decision looks at.
pub trait Trace {
    /// The instance is no place for the task.
    fn rejected(&mut self, instance: ContainerInstanceId, rejection: Rejection);

    /// The instance is a candidate, with a rank for each strategy of the chain before `random`.
    fn ranked(&mut self, instance: ContainerInstanceId, ranks: &[Rank]);
}

/// Nobody wants to know.
impl Trace for () {
    fn rejected(&mut self, _: ContainerInstanceId, _: Rejection) {}

    fn ranked(&mut self, _: ContainerInstanceId, _: &[Rank]) {}
}

/// Decides where a task goes: filters and constraints, then the chain of strategies, then the
/// pick.
///
/// # Errors
/// The reasons of all registered instances, when none is a candidate.
pub fn place(
    cluster: &Cluster,
    template: &Template,
    needs: &Resources,
    draws: &mut dyn Draws,
    trace: &mut dyn Trace,
) -> Result<ContainerInstanceId, Reasons> {
    let mut reasons = Reasons::NONE;
    let mut candidates = Vec::new();
    let mut any_active = false;
    for id in cluster.registered() {
        let checked = check(cluster, template, needs, *id);
        // An instance of other capacity, or one that drains, could not take the task.
        any_active |= checked.is_ok() || checked.is_err_and(Rejection::is_considered);
        match checked {
            Ok(()) => candidates.push(*id),
            Err(rejection) => {
                trace.rejected(*id, rejection);
                if rejection.is_considered() {
                    reasons.insert(rejection.reason());
                }
            }
        }
    }
    if !any_active {
        reasons.insert(Reason::NoInstances);
    }
    let best = best_ranked(cluster, template, needs, &candidates, trace);
    match best.first() {
        None => Err(reasons),
        Some(_) if template.chain.then_random => Ok(draw(cluster, &best, draws)),
        Some(first) => Ok(*first),
    }
}

/// The candidates that the chain leaves equal at the top, in order of id.
fn best_ranked(
    cluster: &Cluster,
    template: &Template,
    needs: &Resources,
    candidates: &[ContainerInstanceId],
    trace: &mut dyn Trace,
) -> Vec<ContainerInstanceId> {
    let spread = spread_counts(cluster, template);
    let request = Request {
        needs: *needs,
        spread: &spread,
    };
    let mut best: Vec<ContainerInstanceId> = Vec::new();
    let mut best_ranks: Vec<Rank> = Vec::new();
    for id in candidates {
        let candidate = candidate(cluster, template, *id);
        let links = template.chain.ranked.iter();
        let ranks: Vec<Rank> = links
            .map(|link| link.strategy.rank(&candidate, &request))
            .collect();
        trace.ranked(*id, &ranks);
        if best.is_empty() || ranks < best_ranks {
            best = vec![*id];
            best_ranks = ranks;
        } else if ranks == best_ranks {
            best.push(*id);
        }
    }
    best
}

pub(super) fn candidate<'a>(
    cluster: &'a Cluster,
    template: &Template,
    id: ContainerInstanceId,
) -> Candidate<'a> {
    let instance = cluster.instance(id);
    Candidate {
        id,
        registered: instance.registered,
        remaining: instance.remaining,
        running_tasks_count: instance.running_tasks_count,
        tasks_of_group: instance.tasks_of_group(template.group),
        attributes: &cluster.profile(id).attributes,
    }
}

/// Tasks of the group by value, for each attribute that the chain spreads over: counted over all
/// registered instances, candidates or not.
pub(super) fn spread_counts<'a>(
    cluster: &'a Cluster,
    template: &'a Template,
) -> BTreeMap<&'a str, BTreeMap<Option<&'a str>, u32>> {
    let mut spread = BTreeMap::new();
    for attribute in template.chain.spread_attributes() {
        let mut values: BTreeMap<Option<&str>, u32> = BTreeMap::new();
        for id in cluster.registered() {
            let value = cluster
                .profile(*id)
                .attributes
                .get(attribute)
                .map(String::as_str);
            *values.entry(value).or_default() +=
                cluster.instance(*id).tasks_of_group(template.group);
        }
        spread.insert(attribute, values);
    }
    spread
}

/// `random`: up to [`RANDOM_DRAWS`] draws over the registered instances until one is among the
/// best, then one draw over the best.
pub(super) fn draw(
    cluster: &Cluster,
    best: &[ContainerInstanceId],
    draws: &mut dyn Draws,
) -> ContainerInstanceId {
    let registered = cluster.registered();
    for _ in 0..RANDOM_DRAWS {
        let drawn = registered[pick(draws, registered.len())];
        if best.binary_search(&drawn).is_ok() {
            return drawn;
        }
    }
    best[pick(draws, best.len())]
}

/// Draws an index of a list that is not empty.
pub(super) fn pick(draws: &mut dyn Draws, len: usize) -> usize {
    let drawn = draws.below(u64::from(id(len)));
    usize::try_from(drawn).expect("a draw below the length of a list is an index of it")
}
