//! The indexed implementation: the same answer as the plain one, in a time that grows with the
//! logarithm of the number of instances.
//!
//! It keeps, for each kind of request, the instances that may be used at all in the order of the
//! request's strategies (`forest`); what changes is taken in when a request next asks. Chains
//! with a strategy of which it knows nothing look at every instance.

mod forest;
mod roster;
mod scan;
mod spread_counts;
mod tree;

use crate::model::{Cluster, ContainerInstanceId, GroupId, Ports, RequiredAttribute, TemplateId};
use crate::units::Resources;

use super::check::check;
use super::outcome::Reasons;
use super::plain::{Draws, RANDOM_DRAWS, pick};
use super::template::Template;
pub use tree::{Key, Root, Trees};

use forest::{Forest, Order};
use roster::{Roster, StandingReasons};
use scan::Scan;
use spread_counts::SpreadCounts;

/// What two templates must have in common to share a forest.
#[derive(Debug, Clone, PartialEq)]
struct ForestKey {
    order: Order,
    ports: Ports,
    required_attributes: Vec<RequiredAttribute>,
    subnet_zones: Vec<String>,
    distinct_in: Option<GroupId>,
    member_of: Vec<String>,
}

/// How the tasks of a template are placed.
#[derive(Debug, Clone, Copy)]
enum Plan {
    /// By a look at every instance: the scan of this number.
    Scan(usize),
    /// `random` alone: by drawing.
    Draw,
    /// By the forest of this number.
    Ordered(usize),
}

/// Templates, and the index by which their tasks are placed.
#[derive(Debug, Default)]
pub struct Placer {
    templates: Vec<Template>,
    standing_reasons: Vec<StandingReasons>,
    plans: Vec<Plan>,
    keys: Vec<ForestKey>,
    forests: Vec<Forest>,
    scans: Vec<Scan>,
    counts: SpreadCounts,
    roster: Roster,
}

impl Placer {
    /// Takes in a template.
    pub fn add(&mut self, template: Template, cluster: &Cluster) -> TemplateId {
        let plan = self.plan(&template, cluster);
        self.plans.push(plan);
        self.standing_reasons.push(None);
        self.templates.push(template);
        TemplateId(crate::units::id(self.templates.len() - 1))
    }

    /// A template.
    pub fn template(&self, id: TemplateId) -> &Template {
        &self.templates[id.index()]
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
        let found = match self.plans[template.index()] {
            Plan::Scan(scan) => {
                let template = &self.templates[template.index()];
                self.scans[scan].best(cluster, template, needs, draws)
            }
            Plan::Draw => self.draw(cluster, template, needs, draws),
            Plan::Ordered(forest) => self.best(forest, cluster, template, needs, draws),
        };
        found.ok_or_else(|| {
            self.roster.catch_up(cluster);
            let kept = &mut self.standing_reasons[template.index()];
            self.roster
                .reasons(cluster, &self.templates[template.index()], needs, kept)
        })
    }

    fn plan(&mut self, template: &Template, cluster: &Cluster) -> Plan {
        let Some(order) = Order::of(template) else {
            self.scans.push(Scan::default());
            return Plan::Scan(self.scans.len() - 1);
        };
        if order.sources.is_empty() && template.chain.then_random {
            return Plan::Draw;
        }
        let key = ForestKey {
            order: order.clone(),
            ports: template.ports.clone(),
            required_attributes: template.required_attributes.clone(),
            subnet_zones: template.subnet_zones.clone(),
            distinct_in: template.distinct_instance.then_some(template.group),
            member_of: template
                .member_of
                .iter()
                .map(|member| member.text().to_owned())
                .collect(),
        };
        let known = self.keys.iter().position(|other| *other == key);
        Plan::Ordered(known.unwrap_or_else(|| {
            self.keys.push(key);
            self.forests
                .push(Forest::new(order, cluster, &mut self.counts));
            self.forests.len() - 1
        }))
    }

    fn best(
        &mut self,
        forest: usize,
        cluster: &Cluster,
        template: TemplateId,
        needs: &Resources,
        draws: &mut dyn Draws,
    ) -> Option<ContainerInstanceId> {
        let template = &self.templates[template.index()];
        self.counts.catch_up(cluster);
        let forest = &mut self.forests[forest];
        forest.catch_up(cluster, template, &mut self.counts);
        let best = forest.best(template, &self.counts, needs)?;
        if !template.chain.then_random {
            return Some(ContainerInstanceId(best.1));
        }
        let registered = cluster.registered();
        for _ in 0..RANDOM_DRAWS {
            let drawn = registered[pick(draws, registered.len())];
            if forest.has_ranks(drawn, &best.0, template, &self.counts, needs) {
                return Some(drawn);
            }
        }
        let equals = forest.equals(&best, template, &self.counts, needs);
        Some(equals[pick(draws, equals.len())])
    }

    fn draw(
        &mut self,
        cluster: &Cluster,
        template: TemplateId,
        needs: &Resources,
        draws: &mut dyn Draws,
    ) -> Option<ContainerInstanceId> {
        let template = &self.templates[template.index()];
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
        self.roster.catch_up(cluster);
        let mut candidates = self.roster.covering(needs);
        candidates.retain(|id| check(cluster, template, needs, *id).is_ok());
        if candidates.is_empty() {
            return None;
        }
        Some(candidates[pick(draws, candidates.len())])
    }
}
