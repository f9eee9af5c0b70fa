//! Instances that there could be, to try tasks on: placement's own checks say what fits.

use std::collections::BTreeMap;

use crate::cloud::auto_scaling::LaunchChoice;
use crate::model::{
    Cluster, ContainerInstance, ContainerInstanceId, PortTable, Profile, ProfileId, Task,
    TemplateId,
};
use crate::placement::{Template, check};
use crate::simulation::waiting::Shape;
use crate::units::{HourlyRate, Resources, SimTime};

/// A task that wants room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) id: TemplateId,
    pub(super) template: &'a Template,
    pub(super) needs: Resources,
}

impl Asked<'_> {
    fn shape(&self) -> Shape {
        Shape::new(self.id, &self.needs)
    }
}

/// An instance that could be launched.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) choice: LaunchChoice,
    pub(super) price: HourlyRate,
    /// Whether EC2 has capacity for it.
    pub(super) has_room: bool,
    /// Its profile in the trial.
    pub(super) profile: ProfileId,
    pub(super) registered: Resources,
    pub(super) ports: PortTable,
}

/// A cluster of its own, in which nothing runs.
#[derive(Debug)]
pub(super) struct Trial {
    cluster: Cluster,
    now: SimTime,
    tasks: u64,
}

impl Trial {
    pub(super) fn new(like: &Cluster, now: SimTime) -> Self {
        Self {
            cluster: Cluster::new(like.start(), like.instance_types().to_vec()),
            now,
            tasks: 0,
        }
    }

    pub(super) fn profile(&mut self, profile: &Profile) -> ProfileId {
        self.cluster.intern_profile(profile.clone())
    }

    /// An empty instance.
    pub(super) fn add(
        &mut self,
        profile: ProfileId,
        registered: Resources,
        ports: PortTable,
    ) -> ContainerInstanceId {
        let new = ContainerInstance::new(profile, true, self.now, registered, ports);
        self.cluster.register(new)
    }

    fn add_one(&mut self, one: &Candidate) -> ContainerInstanceId {
        self.add(one.profile, one.registered, one.ports.clone())
    }

    /// An instance as it is.
    pub(super) fn copy(&mut self, of: &Cluster, on: ContainerInstanceId) -> ContainerInstanceId {
        let mut copy = of.instance(on).clone();
        copy.profile = self.profile(of.profile(on));
        self.cluster.register(copy)
    }

    /// Places a task on an instance, if it fits.
    pub(super) fn take(&mut self, asked: &Asked<'_>, on: ContainerInstanceId) -> bool {
        if check(&self.cluster, asked.template, &asked.needs, on).is_err() {
            return false;
        }
        let (template, group) = (asked.id, asked.template.group);
        let row = Task::waiting(self.tasks, template, group, asked.needs, self.now);
        self.tasks += 1;
        let task = self.cluster.submit(row);
        self.cluster
            .place(task, on, &asked.template.ports, self.now);
        true
    }

    /// Of each candidate, whether an empty instance of it holds a task.
    pub(super) fn holding<'c>(
        &mut self,
        candidates: impl Iterator<Item = &'c Candidate>,
        task: &Asked<'_>,
    ) -> Vec<bool> {
        let holds = candidates.map(|one| {
            let on = self.add_one(one);
            check(&self.cluster, task.template, &task.needs, on).is_ok()
        });
        holds.collect()
    }

    /// The instances that hold tasks and cost least, as far as instances of one type can be said
    /// to: for tasks that the same candidates hold, those of the type of which as many as it takes
    /// cost least, and of equals the fewest; and in the place of each the cheapest that holds what
    /// falls to it. The candidates come cheapest first.
    pub(super) fn cheapest(
        &mut self,
        candidates: &[&Candidate],
        tasks: &[&Asked<'_>],
    ) -> Vec<LaunchChoice> {
        let mut parts: BTreeMap<Vec<bool>, Vec<&Asked<'_>>> = BTreeMap::new();
        let mut known: BTreeMap<Shape, Vec<bool>> = BTreeMap::new();
        for task in tasks {
            let holds = known
                .entry(task.shape())
                .or_insert_with(|| self.holding(candidates.iter().copied(), task));
            parts.entry(holds.clone()).or_default().push(task);
        }
        let mut launches = Vec::new();
        for (holds, tasks) in parts {
            let able = candidates.iter().zip(holds).filter(|(_, holds)| *holds);
            let able: Vec<&Candidate> = able.map(|(one, _)| *one).collect();
            launches.extend(self.cheapest_of(&able, &tasks));
        }
        launches
    }

    fn cheapest_of(&mut self, able: &[&Candidate], tasks: &[&Asked<'_>]) -> Vec<LaunchChoice> {
        let mut best: Option<(u128, usize, Vec<Vec<&Asked<'_>>>)> = None;
        for one in able {
            let most = best.as_ref().map_or(u128::MAX, |(cost, ..)| *cost);
            let Some(bins) = self.fill(one, tasks, most) else {
                continue;
            };
            // What the others leave over may do with a smaller one.
            let last = bins.last().and_then(|bin| self.cheapest_for(able, bin));
            let last = last.map_or(0, |last| u128::from(last.price.0));
            let this = (cost(one, bins.len().saturating_sub(1)) + last, bins.len());
            // Of what costs the same, fewer and larger ones.
            let is_better = |(cost, count, _): &(u128, usize, _)| this < (*cost, *count);
            if best.as_ref().is_none_or(is_better) {
                best = Some((this.0, this.1, bins));
            }
        }
        let bins = best.map_or_else(Vec::new, |(.., bins)| bins);
        let chosen = bins.iter().filter_map(|bin| self.cheapest_for(able, bin));
        chosen.map(|one| one.choice).collect()
    }

    /// The first of the candidates, which come cheapest first, that holds all of some tasks.
    fn cheapest_for<'c>(
        &mut self,
        able: &[&'c Candidate],
        tasks: &[&Asked<'_>],
    ) -> Option<&'c Candidate> {
        able.iter().copied().find(|one| {
            let on = self.add_one(one);
            tasks.iter().all(|task| self.take(task, on))
        })
    }

    /// Spreads tasks over instances of one candidate, each onto the first that has room; `None`
    /// where all but the last would cost more than `most`.
    fn fill<'t>(
        &mut self,
        one: &Candidate,
        tasks: &[&'t Asked<'t>],
        most: u128,
    ) -> Option<Vec<Vec<&'t Asked<'t>>>> {
        let mut bins: Vec<(ContainerInstanceId, Vec<&'t Asked<'t>>)> = Vec::new();
        // What has refused one of a kind refuses its like.
        let mut first: BTreeMap<Shape, usize> = BTreeMap::new();
        for task in tasks {
            let from = first.entry(task.shape()).or_default();
            while let Some((on, held)) = bins.get_mut(*from) {
                if self.take(task, *on) {
                    held.push(task);
                    break;
                }
                *from += 1;
            }
            if *from < bins.len() {
                continue;
            }
            if cost(one, bins.len()) > most {
                return None;
            }
            let on = self.add_one(one);
            if !self.take(task, on) {
                return None;
            }
            bins.push((on, vec![task]));
        }
        Some(bins.into_iter().map(|(_, held)| held).collect())
    }
}

fn cost(one: &Candidate, count: usize) -> u128 {
    u128::from(one.price.0) * u128::try_from(count).unwrap_or(u128::MAX)
}
