//! The way of chains that the index cannot order, because they name a strategy of which it knows
//! nothing: every instance with room is ranked, as the plain implementation does, but what never
//! changes of an instance is asked once, and nothing is kept for an explanation.

use crate::model::{Cluster, ContainerInstanceId};
use crate::placement::check;
use crate::placement::plain::{self, Draws};
use crate::placement::strategies::{Rank, Request};
use crate::placement::template::Template;
use crate::units::{Resources, id};

/// The most links of a chain.
const MAX_LINKS: usize = crate::placement::MAX_STRATEGIES;

/// What a template that is scanned for keeps between decisions.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// By instance: whether what never changes of it admits the template's tasks.
    admitted_for_life: Vec<bool>,
}

impl Scan {
    /// The candidate that the chain ranks best; `None` when there is no candidate.
    pub(super) fn best(
        &mut self,
        cluster: &Cluster,
        template: &Template,
        needs: &Resources,
        draws: &mut dyn Draws,
    ) -> Option<ContainerInstanceId> {
        for row in id(self.admitted_for_life.len())..id(cluster.instances().len()) {
            let admitted = check::admits_for_life(cluster, template, ContainerInstanceId(row));
            self.admitted_for_life.push(admitted);
        }
        let spread = plain::spread_counts(cluster, template);
        let request = Request {
            needs: *needs,
            spread: &spread,
        };
        let mut best: Vec<ContainerInstanceId> = Vec::new();
        let mut best_ranks = [Rank::default(); MAX_LINKS];
        for instance in cluster.registered() {
            let has_room = cluster.instance(*instance).remaining.covers(needs)
                && self.admitted_for_life[instance.index()]
                && check::admits_now(cluster, template, *instance);
            if !has_room {
                continue;
            }
            let candidate = plain::candidate(cluster, template, *instance);
            let mut ranks = [Rank::default(); MAX_LINKS];
            for (rank, link) in ranks.iter_mut().zip(&template.chain.ranked) {
                *rank = link.strategy.rank(&candidate, &request);
            }
            if best.is_empty() || ranks < best_ranks {
                best.clear();
                best.push(*instance);
                best_ranks = ranks;
            } else if ranks == best_ranks {
                best.push(*instance);
            }
        }
        match best.first() {
            Some(_) if template.chain.then_random => Some(plain::draw(cluster, &best, draws)),
            first => first.copied(),
        }
    }
}
