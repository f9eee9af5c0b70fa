//! ECS Managed Instances: ECS launches what the tasks in PROVISIONING need, as cheap as it can be
//! had, and ends what is not needed any more.
//!
//! AWS says what it aims at (Developer Guide, "Amazon ECS Managed Instances auto scaling and task
//! placement", "infrastructure optimization"), and not how it decides: the way to decide is ours.

use std::collections::BTreeMap;

use crate::cloud::auto_scaling::{LaunchChoice, LifecycleState};
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, CapacityScope, ContainerInstanceId,
    ContainerInstanceStatus, EndReason, PurchaseOption, TaskId,
};
use crate::scenario::{CapacityProviderKind, SchedulingStrategy};
use crate::simulation::{Event, Observer, Simulation, setup};
use crate::units::{HourlyRate, Millis, SimTime, id, index};

use super::LaunchRef;
use super::scaling::needs_of;
use super::trial::{Asked, Candidate, Trial};

impl Simulation<'_> {
    /// Whether ECS launches and ends the instances of a group by itself.
    pub(super) fn is_managed_by_ecs(&self, group: AutoScalingGroupId) -> bool {
        self.group_spec(group).managed_instances.is_some()
    }

    /// ECS looks at its instances when something about the tasks of a provider has changed.
    pub(in crate::simulation) fn managed_instances_look(
        &mut self,
        provider: Option<CapacityProviderId>,
    ) {
        let Some(provider) = provider else { return };
        let kind = &self.scenario.capacity_providers[provider.index()].kind;
        if let CapacityProviderKind::ManagedInstances { group } = kind {
            self.group_looks(*group);
        }
    }

    /// A task is placed on an instance: it is needed.
    pub(in crate::simulation) fn note_needed(&mut self, on: ContainerInstanceId) {
        let Some(launch) = self.groups.launch_of(on) else {
            return;
        };
        if let Some(place) = self.place_of(launch) {
            let state = &mut self.groups.list[launch.group.index()];
            state.members[place].spare_since = None;
        }
    }

    /// A task has left an instance: if it is idle now ECS sees it at once, and whether it is used
    /// enough within a minute.
    pub(super) fn note_less_needed(&mut self, on: ContainerInstanceId, group: AutoScalingGroupId) {
        if self.cluster.instance(on).live_tasks == 0 {
            self.group_looks(group);
            return;
        }
        let minute = Millis::MINUTE.0;
        let next = SimTime(self.now.0.div_ceil(minute).saturating_mul(minute));
        let state = &mut self.groups.list[group.index()];
        if state.looks_at != Some(next) {
            state.looks_at = Some(next);
            self.schedule(next, Event::GroupReconciled(group));
        }
    }

    /// ECS looks at the instances of a provider.
    pub(super) fn reconcile_managed_instances(
        &mut self,
        group: AutoScalingGroupId,
        observer: &mut impl Observer,
    ) {
        self.replace_old(group, observer);
        self.launch_for_waiting(group, observer);
        self.end_spare(group, observer);
        let capacity = self.capacity_of(group);
        self.group_mut(group).desired = capacity;
    }

    /// Instances that are as old as they may become drain, and end.
    fn replace_old(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        let lifetime = self.group_spec(group).configuration.max_instance_lifetime;
        let Some(lifetime) = lifetime else { return };
        let state = self.group(group);
        let rows = state.rows.iter().enumerate();
        let old = rows.filter(|(_, row)| {
            let until = row.launched_at.saturating_add(lifetime);
            row.lifecycle_state == LifecycleState::InService && until <= self.now
        });
        let old: Vec<usize> = old.map(|(place, _)| place).collect();
        for launch in self.launches_at(group, old) {
            self.terminate_instance(launch, EndReason::MaxInstanceLifetime, observer);
        }
    }

    /// Launches what the waiting tasks need beyond what is coming already.
    fn launch_for_waiting(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        loop {
            let plan = self.plan_launches(group);
            let launches = plan.launches.iter();
            let mut launched = launches.map(|choice| self.launch_choice(group, choice));
            if !launched.all(|launched| launched) {
                // A Spot pool has no more room: it is no choice in the next plan.
                continue;
            }
            if plan.refused > 0 {
                let is_spot = self.launches_spot(group);
                let (on_demand, spot) = if is_spot {
                    (0, plan.refused)
                } else {
                    (plan.refused, 0)
                };
                self.launch_failed(group, on_demand, spot, observer);
            } else {
                self.group_mut(group).retries_at = None;
            }
            return;
        }
    }

    fn launches_spot(&self, group: AutoScalingGroupId) -> bool {
        let distribution = &self.group_spec(group).configuration.distribution;
        distribution.on_demand_percentage_above_base_capacity == 0
    }

    /// What is to be launched for the tasks that wait: each goes to the zone that has the fewest
    /// tasks of its group, onto an instance that is coming where there is room, else onto a new
    /// one; and of a zone's new instances those are chosen that cost least.
    fn plan_launches(&mut self, group: AutoScalingGroupId) -> Plan {
        let mut plan = Plan::default();
        if self.asked_of(group).is_empty() {
            return plan;
        }
        let mut trial = Trial::new(&self.cluster, self.now);
        let candidates = self.candidates(group, &mut trial);
        let asked = self.asked_of(group);
        let coming = self.coming(group, &mut trial);
        let mut counts = self.tasks_by_zone_of(group, &asked);
        let zones = id(counts.first().map_or(0, Vec::len));
        let mut open: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let mut holds: Vec<Vec<bool>> = Vec::new();
        for (place, (task, count)) in asked.iter().enumerate() {
            holds.push(trial.holding(candidates.iter(), task));
            let may_open = |zone: u32| {
                let mut pairs = candidates.iter().zip(&holds[place]);
                pairs.any(|(one, holds)| one.choice.zone == zone && one.has_room && *holds)
            };
            for _ in 0..*count {
                let mut order: Vec<u32> = (0..zones).collect();
                order.sort_by_key(|zone| counts[place][index(*zone)]);
                let found = order.into_iter().find(|zone| {
                    let mut there = coming.iter().filter(|(of, _)| of == zone);
                    if there.any(|(_, on)| trial.take(task, *on)) {
                        return true;
                    }
                    let opens = may_open(*zone);
                    if opens {
                        open.entry(*zone).or_default().push(place);
                    }
                    opens
                });
                match found {
                    Some(zone) => add_task(&asked, &mut counts, place, index(zone)),
                    None => plan.refused += u32::from(holds[place].contains(&true)),
                }
            }
        }
        for (zone, places) in open {
            let of_zone = |one: &&Candidate| one.choice.zone == zone && one.has_room;
            let of_zone: Vec<&Candidate> = candidates.iter().filter(of_zone).collect();
            let tasks: Vec<&Asked<'_>> = places.iter().map(|place| &asked[*place].0).collect();
            plan.launches.extend(trial.cheapest(&of_zone, &tasks));
        }
        plan
    }

    /// The tasks that wait for the provider of a group, like ones together.
    fn asked_of(&self, group: AutoScalingGroupId) -> Vec<(Asked<'_>, u32)> {
        let Some(provider) = self.group(group).provider else {
            return Vec::new();
        };
        let scope = CapacityScope::Provider(provider);
        let shapes = self.waiting.shapes();
        let asked = shapes.filter_map(|(shape, count)| {
            let template = self.placer.template(shape.template);
            let needs = needs_of(&shape);
            (template.capacity == scope).then(|| {
                let asked = Asked {
                    id: shape.template,
                    template,
                    needs,
                };
                (asked, id(count))
            })
        });
        asked.collect()
    }

    /// All that could be launched, the cheapest of a zone first.
    fn candidates(&mut self, group: AutoScalingGroupId, trial: &mut Trial) -> Vec<Candidate> {
        let spec = &self.scenario.auto_scaling_groups[group.index()];
        let is_spot = self.launches_spot(group);
        let mut candidates = Vec::new();
        for offer in self.offers(group) {
            let choice = LaunchChoice {
                zone: offer.zone,
                instance_type: offer.instance_type,
                purchase_option: if is_spot {
                    PurchaseOption::Spot
                } else {
                    PurchaseOption::OnDemand
                },
            };
            let price = match offer.spot.filter(|_| is_spot) {
                Some(spot) => spot.price,
                None => offer.on_demand,
            };
            let has_room = self.has_room(group, &choice);
            let pool = self.pool_of(group, &choice).filter(|_| is_spot);
            let profile = self.profile_of(group, &choice, pool);
            let of = &spec.types[index(choice.instance_type)];
            let instance_type = &self.scenario.instance_types[of.instance_type.index()];
            let memory = of.registered_memory;
            candidates.push(Candidate {
                choice,
                price,
                has_room,
                profile: trial.profile(self.cluster.profile_by_id(profile)),
                registered: setup::registered(self.scenario, &spec.settings, instance_type, memory),
                ports: setup::ports(&spec.settings),
            });
        }
        candidates.sort_by_key(|one| (one.choice.zone, one.price, one.choice.instance_type));
        candidates
    }

    /// Whether an instance could be launched now.
    pub(super) fn has_room(&self, group: AutoScalingGroupId, choice: &LaunchChoice) -> bool {
        if choice.purchase_option != PurchaseOption::Spot {
            return !self.is_on_demand_refused(group, choice);
        }
        let of = &self.group_spec(group).types[index(choice.instance_type)];
        let distribution = &self.group_spec(group).configuration.distribution;
        let most: HourlyRate = distribution.max_price(of.on_demand);
        self.pool_of(group, choice).is_some_and(|pool| {
            self.spot.free(pool, self.now) > 0 && self.spot.price(pool, self.now) <= most
        })
    }

    /// The instances that have been asked for and have not registered, empty, with their zones.
    fn coming(
        &self,
        group: AutoScalingGroupId,
        trial: &mut Trial,
    ) -> Vec<(u32, ContainerInstanceId)> {
        let spec = self.group_spec(group);
        let state = self.group(group);
        let rows = state.rows.iter().zip(&state.members);
        let coming = rows
            .filter(|(row, member)| member.instance.is_none() && row.lifecycle_state.counts())
            .filter(|(_, member)| member.taken_back_at.is_none());
        coming
            .map(|(row, member)| {
                let of = &spec.types[index(row.instance_type)];
                let instance_type = &self.scenario.instance_types[of.instance_type.index()];
                let memory = of.registered_memory;
                let registered =
                    setup::registered(self.scenario, &spec.settings, instance_type, memory);
                let profile = trial.profile(self.cluster.profile_by_id(member.profile));
                let ports = setup::ports(&spec.settings);
                (row.zone, trial.add(profile, registered, ports))
            })
            .collect()
    }

    /// For each of those that are asked for: how many tasks of its group each zone has.
    fn tasks_by_zone_of(
        &self,
        group: AutoScalingGroupId,
        asked: &[(Asked<'_>, u32)],
    ) -> Vec<Vec<u32>> {
        let zones = self
            .group_spec(group)
            .configuration
            .availability_zones
            .len();
        let mut counts = vec![vec![0; zones]; asked.len()];
        let state = self.group(group);
        for (row, member) in state.rows.iter().zip(&state.members) {
            let Some(on) = member.instance else { continue };
            let instance = self.cluster.instance(on);
            for (place, (task, _)) in asked.iter().enumerate() {
                counts[place][index(row.zone)] += instance.tasks_of_group(task.template.group);
            }
        }
        counts
    }

    /// Ends instances that have been idle for as long as `scaleInAfter`, and drains one whose
    /// tasks others of its zone have had room for.
    fn end_spare(&mut self, group: AutoScalingGroupId, observer: &mut impl Observer) {
        let managed = self.group_spec(group).managed_instances;
        let Some(after) = managed.and_then(|managed| managed.scale_in_after) else {
            return;
        };
        let spare = self.spare_instances(group);
        let now = self.now;
        let state = &mut self.groups.list[group.index()];
        let mut due: Vec<(LaunchRef, bool)> = Vec::new();
        let mut next: Option<SimTime> = None;
        for (member, spare) in state.members.iter_mut().zip(spare) {
            let Some(is_idle) = spare else {
                member.spare_since = None;
                continue;
            };
            let since = *member.spare_since.get_or_insert(now);
            let at = since.saturating_add(after);
            let number = member.number;
            if at <= now {
                due.push((LaunchRef { group, number }, is_idle));
            } else {
                next = Some(next.map_or(at, |known| known.min(at)));
            }
        }
        if let Some(at) = next {
            self.schedule(at, Event::GroupReconciled(group));
        }
        for (launch, _) in due.iter().filter(|(_, is_idle)| *is_idle) {
            self.terminate_instance(*launch, EndReason::ScaleIn, observer);
        }
        // One at a time: where its tasks go is not known before they have gone.
        let is_draining = self.group(group).counts().terminating > 0;
        let moved = due.iter().find(|(_, is_idle)| !is_idle);
        if let (false, Some((launch, _))) = (is_draining, moved) {
            self.terminate_instance(*launch, EndReason::Consolidation, observer);
        }
    }

    /// Of each instance of a group, whether it is idle, or its tasks could be moved; `None` where
    /// it is needed.
    fn spare_instances(&self, group: AutoScalingGroupId) -> Vec<Option<bool>> {
        let state = self.group(group);
        let rows = state.rows.iter().zip(&state.members);
        let is_ready = |on: ContainerInstanceId| {
            let row = self.cluster.instance(on);
            row.status == ContainerInstanceStatus::Active && row.agent_connected
        };
        let ready: Vec<Option<ContainerInstanceId>> = rows
            .map(|(row, member)| {
                let is_there = row.lifecycle_state == LifecycleState::InService;
                let stays = member.taken_back_at.is_none();
                member
                    .instance
                    .filter(|on| is_there && stays && is_ready(*on))
            })
            .collect();
        let half_empty = |on: &ContainerInstanceId| {
            let row = self.cluster.instance(*on);
            let is_low = |left: u32, all: u32| u64::from(left) * 2 > u64::from(all);
            row.live_tasks > 0
                && is_low(row.remaining.cpu.0, row.registered.cpu.0)
                && is_low(row.remaining.memory.0, row.registered.memory.0)
        };
        let mut tasks: BTreeMap<ContainerInstanceId, Vec<TaskId>> = ready
            .iter()
            .flatten()
            .filter(|on| half_empty(on))
            .map(|on| (*on, Vec::new()))
            .collect();
        if !tasks.is_empty() {
            for (task, row) in self.cluster.live_tasks() {
                if let Some(hosted) = row.instance.and_then(|on| tasks.get_mut(&on)) {
                    hosted.push(task);
                }
            }
        }
        let zones = state.rows.iter().map(|row| row.zone);
        let of_zone = |zone: u32| {
            let pairs = state.rows.iter().zip(&ready);
            pairs.filter_map(move |(row, on)| on.filter(|_| row.zone == zone))
        };
        zones
            .zip(&ready)
            .map(|(zone, on)| {
                let on = (*on)?;
                if self.cluster.instance(on).live_tasks == 0 {
                    return Some(true);
                }
                let tasks = tasks.get(&on)?;
                let others = of_zone(zone).filter(|other| *other != on);
                self.would_fit(tasks, others).then_some(false)
            })
            .collect()
    }

    /// Whether services' tasks, all that an instance hosts, have room on others as they are.
    fn would_fit(
        &self,
        tasks: &[TaskId],
        others: impl Iterator<Item = ContainerInstanceId>,
    ) -> bool {
        let may_move = |task: &TaskId| {
            let row = self.cluster.task(*task);
            let service = self.scenario.service_of(row.entry);
            let is_replica = service.is_some_and(|service| {
                let scheduling = self.service_spec(service).scheduling_strategy;
                scheduling == SchedulingStrategy::Replica
            });
            is_replica && row.last_status.is_to_run() && !self.is_protected(*task)
        };
        if !tasks.iter().all(may_move) {
            return false;
        }
        let mut trial = Trial::new(&self.cluster, self.now);
        let others: Vec<ContainerInstanceId> =
            others.map(|on| trial.copy(&self.cluster, on)).collect();
        tasks.iter().all(|task| {
            let row = self.cluster.task(*task);
            let asked = Asked {
                id: row.template,
                template: self.placer.template(row.template),
                needs: row.needs,
            };
            others.iter().any(|on| trial.take(&asked, *on))
        })
    }
}

/// A task more of a group in a zone, for all that are of the group.
fn add_task(asked: &[(Asked<'_>, u32)], counts: &mut [Vec<u32>], of: usize, zone: usize) {
    let group = asked[of].0.template.group;
    for (counts, (task, _)) in counts.iter_mut().zip(asked) {
        if task.template.group == group {
            counts[zone] += 1;
        }
    }
}

/// What is to be launched.
#[derive(Debug, Default)]
struct Plan {
    launches: Vec<LaunchChoice>,
    /// Tasks that some instance could hold, and for none of which EC2 has capacity.
    refused: u32,
}
