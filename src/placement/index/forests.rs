//! All forests, and which of them decides: the one that all groups share, or a group's own.
//!
//! The shared forest takes in every change once, however many groups there are; but a decision in
//! it looks at those instances with room that host tasks of the group and stand before the first
//! that hosts none. For a group on few instances they are few; for one on every instance they are
//! all. A forest of the group's own needs one look, but has to take in every change again.
//!
//! So a group rents before it buys: it decides in the shared forest and keeps account of what it
//! looked at there. Once that would have paid for bringing its own forest up to date (one change
//! costs about [`PRICE_OF_CHANGE`] looks), it does so. The cost then is at most about
//! twice that of the better way, whoever places how often.

use std::collections::BTreeMap;

use crate::model::{
    CapacityScope, Cluster, ContainerInstanceId, GroupId, Ports, RequiredAttribute,
};
use crate::placement::plain::Draws;
use crate::placement::template::Template;
use crate::units::{Resources, id};

use super::forest::{Forest, Order, Question};
use super::spread_counts::SpreadCounts;

/// What it costs to take a change into a forest, in looks at an instance of the group's.
pub(super) const PRICE_OF_CHANGE: u64 = 2;

/// The most groups that have a forest of their own at a time: memory must not grow with groups
/// times instances.
const MOST_OWN: usize = 16;

/// What two templates must have in common to share a forest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    capacity: CapacityScope,
    order: Order,
    ports: Ports,
    required_attributes: Vec<RequiredAttribute>,
    subnet_zones: Vec<String>,
    member_of: Vec<String>,
}

impl Kind {
    pub(super) fn new(order: Order, template: &Template) -> Self {
        let member_of = template.member_of.iter();
        Self {
            capacity: template.capacity,
            order,
            ports: template.ports.clone(),
            required_attributes: template.required_attributes.clone(),
            subnet_zones: template.subnet_zones.clone(),
            member_of: member_of.map(|member| member.text().to_owned()).collect(),
        }
    }
}

/// Where a template's tasks are placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    forest: usize,
    /// Where its group's own tasks matter: the group's account.
    account: Option<usize>,
}

/// What a group has spent in a shared forest.
#[derive(Debug)]
struct Account {
    group: GroupId,
    own: Option<Box<Forest>>,
    /// Looks since its own forest was last brought up to date.
    spent: u64,
    /// Looks of its latest decision in the shared forest: what the next would cost.
    usual: u64,
}

/// How many decisions were made in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decisions {
    /// In a forest that all groups share, where the group's own tasks mattered.
    pub shared: u64,
    /// In a forest of the group's own.
    pub own: u64,
}

/// The forests of all kinds.
#[derive(Debug, Default)]
pub(super) struct Forests {
    kinds: BTreeMap<Kind, usize>,
    shared: Vec<Forest>,
    account_numbers: BTreeMap<(usize, GroupId, bool), usize>,
    accounts: Vec<Account>,
    /// The accounts that have a forest of their own.
    owners: Vec<usize>,
    counts: SpreadCounts,
    /// In looks.
    price_of_change: u64,
    pub(super) decisions: Decisions,
}

impl Forests {
    pub(super) fn new(price_of_change: u64) -> Self {
        Self {
            price_of_change,
            ..Self::default()
        }
    }

    /// The way of a template whose chain has this order.
    pub(super) fn way(&mut self, order: Order, template: &Template, cluster: &Cluster) -> Way {
        let group_matters = order.place_of_group_tasks().is_some() || template.distinct_instance;
        let kind = Kind::new(order, template);
        let forest = self.kinds.get(&kind).copied().unwrap_or_else(|| {
            let order = kind.order.clone();
            let new = Forest::new(order, cluster, &mut self.counts);
            self.shared.push(new);
            self.kinds.insert(kind, self.shared.len() - 1);
            self.shared.len() - 1
        });
        let account = group_matters.then(|| {
            let of = (forest, template.group, template.distinct_instance);
            *self.account_numbers.entry(of).or_insert_with(|| {
                self.accounts.push(Account {
                    group: template.group,
                    own: None,
                    spent: 0,
                    usual: 0,
                });
                self.accounts.len() - 1
            })
        });
        Way { forest, account }
    }

    /// Where a task of the template goes.
    pub(super) fn decide(
        &mut self,
        way: Way,
        cluster: &Cluster,
        template: &Template,
        needs: &Resources,
        draws: &mut dyn Draws,
    ) -> Option<ContainerInstanceId> {
        self.counts.catch_up(cluster);
        let own = way
            .account
            .filter(|account| self.prefers_own(*account, way.forest, cluster));
        let forest = match own {
            Some(account) => self.accounts[account].own.as_deref_mut(),
            None => None,
        };
        let is_own = forest.is_some();
        let forest = forest.unwrap_or(&mut self.shared[way.forest]);
        forest.catch_up(cluster, template, &mut self.counts);
        let asked = Question {
            cluster,
            template,
            needs,
            counts: &self.counts,
        };
        let mut looked = 0;
        let picked = forest.pick(&asked, draws, &mut looked);
        if let Some(account) = way.account {
            let account = &mut self.accounts[account];
            if is_own {
                account.spent = 0;
                self.decisions.own += 1;
            } else {
                account.spent += looked;
                account.usual = looked;
                self.decisions.shared += 1;
            }
        }
        picked
    }

    /// Whether a group has paid for a decision in a forest of its own; it has one then.
    fn prefers_own(&mut self, number: usize, kind: usize, cluster: &Cluster) -> bool {
        let account = &self.accounts[number];
        let own = account.own.as_ref();
        let behind = own.and_then(|own| own.behind(cluster));
        let changes = behind.unwrap_or(cluster.instances().len());
        let owed = u64::from(id(changes)).saturating_mul(self.price_of_change);
        if owed > account.spent + account.usual {
            return false;
        }
        if own.is_some() {
            return true;
        }
        self.make_room(cluster);
        if self.owners.len() == MOST_OWN {
            return false;
        }
        let group = self.accounts[number].group;
        self.accounts[number].own = Some(Box::new(self.shared[kind].for_group(group)));
        self.owners.push(number);
        true
    }

    /// Gives up the forests that would have to look at every instance anyway.
    fn make_room(&mut self, cluster: &Cluster) {
        let accounts = &mut self.accounts;
        self.owners.retain(|owner| {
            let own = &mut accounts[*owner].own;
            let is_of_use = own
                .as_ref()
                .is_some_and(|own| own.behind(cluster).is_some());
            if !is_of_use {
                *own = None;
            }
            is_of_use
        });
    }
}
