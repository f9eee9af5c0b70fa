//! The indexed implementation: the same answer as the plain one, in a time that grows with the
//! logarithm of the number of instances.
//!
//! It keeps, for each kind of request, the instances that may be used at all in the order of the
//! request's strategies (`forest`); what changes is taken in when a request next asks. All task
//! groups share these, and a group that would look at too much there gets a forest of its own
//! (`forests`). Chains with a strategy of which the index knows nothing look at every instance
//! (`scan`). Who was refused is not searched for again until an instance that changed is a
//! candidate (`refusal`).

mod forest;
mod forests;
mod refusal;
mod roster;
mod scan;
mod spread_counts;
mod tree;

use std::collections::BTreeMap;

use crate::model::{Cluster, ContainerInstanceId, TemplateId};
use crate::units::Resources;

use super::check::check;
use super::plain::{Draws, RANDOM_DRAWS, pick};
use super::template::Template;
use crate::model::Reasons;
pub use forests::Decisions;
pub use tree::{Key, Root, Trees};

use forest::Order;
use forests::{Forests, Kind, PRICE_OF_CHANGE, Way};
use refusal::Refusal;
use roster::{Roster, StandingReasons};
use scan::Scan;

/// How the tasks of a template are placed.
#[derive(Debug, Clone, Copy)]
enum Plan {
    /// By a look at every instance: the scan of this number.
    Scan(usize),
    /// `random` alone: by drawing.
    Draw,
    /// By a forest.
    Ordered(Way),
}

/// A template, how its tasks are placed, and what is remembered of its refusals.
#[derive(Debug)]
struct Planned {
    template: Template,
    plan: Plan,
    standing_reasons: StandingReasons,
    refused: Option<Refusal>,
}

/// Templates, and the index by which their tasks are placed.
#[derive(Debug)]
pub struct Placer {
    templates: Vec<Planned>,
    forests: Forests,
    scan_numbers: BTreeMap<Kind, usize>,
    scans: Vec<Scan>,
    roster: Roster,
}

impl Default for Placer {
    fn default() -> Self {
        Self::with_price_of_change(PRICE_OF_CHANGE)
    }
}

impl Placer {
    /// A placer that takes one change of an instance to cost a forest as much as so many looks at
    /// an instance. It decides alike at any price: at 0 every group whose own tasks matter has a
    /// forest of its own from the beginning, as far as there is room; at the highest none ever.
    pub fn with_price_of_change(looks: u64) -> Self {
        Self {
            templates: Vec::new(),
            forests: Forests::new(looks),
            scan_numbers: BTreeMap::new(),
            scans: Vec::new(),
            roster: Roster::default(),
        }
    }

    /// Takes in a template.
    pub fn add(&mut self, template: Template, cluster: &Cluster) -> TemplateId {
        let plan = self.plan(&template, cluster);
        self.templates.push(Planned {
            template,
            plan,
            standing_reasons: None,
            refused: None,
        });
        TemplateId(crate::units::id(self.templates.len() - 1))
    }

    /// A template.
    pub fn template(&self, id: TemplateId) -> &Template {
        &self.templates[id.index()].template
    }

    /// How the decisions so far were made in which the group's own tasks mattered.
    pub fn decisions(&self) -> Decisions {
        self.forests.decisions
    }

    /// Decides where a task goes.
    ///
    /// # Errors
    /// The reasons of all registered instances, when none is a candidate.
    pub fn place(
        &mut self,
        cluster: &Cluster,
        template: TemplateId,
        needs: &Resources,
        draws: &mut dyn Draws,
    ) -> Result<ContainerInstanceId, Reasons> {
        let earlier = self.templates[template.index()].refused.take();
        let earlier = earlier.and_then(|refusal| {
            let template = &self.templates[template.index()].template;
            let possible = refusal.holds(cluster, template, needs)?;
            Some((refusal, possible))
        });
        if earlier.is_none()
            && let Some(found) = self.search(cluster, template, needs, draws)
        {
            return Ok(found);
        }
        self.roster.catch_up(cluster);
        let planned = &mut self.templates[template.index()];
        let (template, kept) = (&planned.template, &mut planned.standing_reasons);
        let refusal = self.roster.refusal(cluster, template, needs, kept, earlier);
        let reasons = refusal.reasons;
        planned.refused = Some(refusal);
        Err(reasons)
    }

    fn plan(&mut self, template: &Template, cluster: &Cluster) -> Plan {
        let Some(order) = Order::of(template) else {
            let kind = Kind::new(Order::default(), template);
            let scans = &mut self.scans;
            return Plan::Scan(*self.scan_numbers.entry(kind).or_insert_with(|| {
                scans.push(Scan::default());
                scans.len() - 1
            }));
        };
        if order.sources.is_empty() && template.chain.then_random {
            return Plan::Draw;
        }
        Plan::Ordered(self.forests.way(order, template, cluster))
    }

    fn search(
        &mut self,
        cluster: &Cluster,
        template: TemplateId,
        needs: &Resources,
        draws: &mut dyn Draws,
    ) -> Option<ContainerInstanceId> {
        let planned = &self.templates[template.index()];
        let template = &planned.template;
        match planned.plan {
            Plan::Scan(scan) => self.scans[scan].best(cluster, template, needs, draws),
            Plan::Draw => draw(&mut self.roster, cluster, template, needs, draws),
            Plan::Ordered(way) => self.forests.decide(way, cluster, template, needs, draws),
        }
    }
}

/// `random` alone: draws over the registered instances, then over a list of the candidates.
fn draw(
    roster: &mut Roster,
    cluster: &Cluster,
    template: &Template,
    needs: &Resources,
    draws: &mut dyn Draws,
) -> Option<ContainerInstanceId> {
    let registered = cluster.registered();
    if registered.is_empty() {
        return None;
    }
    for _ in 0..RANDOM_DRAWS {
        let drawn = registered[pick(draws, registered.len())];
        if check(cluster, template, needs, drawn).is_ok() {
            return Some(drawn);
        }
    }
    roster.catch_up(cluster);
    let mut candidates = roster.covering(needs);
    candidates.retain(|id| check(cluster, template, needs, *id).is_ok());
    if candidates.is_empty() {
        return None;
    }
    Some(candidates[pick(draws, candidates.len())])
}
