//! Spot Instances: notices that are kept, and pools that hold no more than they have.

use std::collections::BTreeMap;

use ecs_sim::cloud::spot::{NOTICE, SpotPrice, SpotSupply};
use ecs_sim::model::{Cluster, ContainerInstanceId, EndReason, InstanceSource, SpotPoolId};
use ecs_sim::record::InstanceRow;
use ecs_sim::scenario::{CapacityProviderKind, IncidentKind, Scenario};
use ecs_sim::units::{Millis, SimTime};

use crate::harness::Ran;

/// How long the agent takes to see a notice.
const AGENT_SEES: Millis = Millis(1_000);

/// The interruption notices of registered instances: since when, and until when they are there.
#[derive(Debug, Default)]
pub(super) struct Notices {
    noticed: BTreeMap<ContainerInstanceId, (SimTime, SimTime)>,
    registered: BTreeMap<ContainerInstanceId, SimTime>,
}

impl Notices {
    pub(super) fn registered(&mut self, now: SimTime, instance: ContainerInstanceId) {
        self.registered.insert(instance, now);
    }

    pub(super) fn noticed(
        &mut self,
        now: SimTime,
        instance: Option<ContainerInstanceId>,
        takes_back_at: SimTime,
    ) {
        assert!(takes_back_at >= now && takes_back_at <= now + NOTICE);
        let Some(instance) = instance else { return };
        let known = self.noticed.insert(instance, (now, takes_back_at));
        assert_eq!(known, None, "noticed twice");
    }

    pub(super) fn ended(&mut self, now: SimTime, instance: ContainerInstanceId, reason: EndReason) {
        let notice = self.noticed.remove(&instance);
        if let (Some((_, takes_back_at)), EndReason::SpotInterruption) = (notice, reason) {
            assert_eq!(now, takes_back_at, "taken back when it was said");
        }
    }

    /// Nothing is placed on an instance whose agent drains it at its notice.
    pub(super) fn check_placement(
        &self,
        now: SimTime,
        on: ContainerInstanceId,
        scenario: &Scenario,
        cluster: &Cluster,
    ) {
        let Some((since, _)) = self.noticed.get(&on) else {
            return;
        };
        let seen = (*since + AGENT_SEES).max(self.registered[&on]);
        assert!(
            now <= seen || !drains(scenario, cluster, on),
            "placed on {on}, which is taken back"
        );
    }

    /// Whoever has its time behind it is gone.
    pub(super) fn check_instant(&self, now: SimTime, cluster: &Cluster) {
        for (on, (_, takes_back_at)) in &self.noticed {
            assert!(*takes_back_at > now, "{on} was to go at {takes_back_at:?}");
            assert!(cluster.registered().binary_search(on).is_ok());
        }
    }
}

/// Whether an instance is set DRAINING at its notice.
fn drains(scenario: &Scenario, cluster: &Cluster, on: ContainerInstanceId) -> bool {
    let profile = cluster.profile(on);
    let InstanceSource::Group { group, .. } = profile.source else {
        return false;
    };
    let managed = profile.capacity_provider.is_some_and(|provider| {
        matches!(
            scenario.capacity_providers[provider.index()].kind,
            CapacityProviderKind::AutoScalingGroup {
                managed_draining: true,
                ..
            }
        )
    });
    managed || scenario.auto_scaling_groups[group.index()].spot_instance_draining
}

/// The pools over the run: never more than they hold, nothing while they are closed, and files that
/// count the same.
pub(super) fn close(scenario: &Scenario, longest_launch: u64, ran: &Ran) {
    for (pool, spec) in (0..).map(SpotPoolId).zip(&scenario.spot_pools) {
        let rows: Vec<&InstanceRow> = ran
            .run
            .instances
            .iter()
            .filter(|row| {
                matches!(row.facts.source, InstanceSource::Group { pool: of, .. } if of == Some(pool))
            })
            .collect();
        check_capacity(&spec.supply, &spec.name, &rows);
        for incident in &scenario.incidents {
            let IncidentKind::SpotReclaim { pools, .. } = &incident.kind else {
                continue;
            };
            if !pools.has(spec.instance_type, &spec.availability_zone) {
                continue;
            }
            let over = incident
                .duration
                .map_or(SimTime(u64::MAX), |span| incident.at + span);
            let from = incident.at + Millis(longest_launch);
            let closed =
                |row: &&&InstanceRow| row.facts.launched_at > from && row.facts.launched_at < over;
            let launched = rows.iter().find(closed);
            assert!(launched.is_none(), "{}: {launched:?}", spec.name);
        }
        let told = &ran.run.spot_pools[pool.index()];
        let totals = told.totals();
        assert_eq!(u64::try_from(rows.len()), Ok(totals.launched));
        let taken = |row: &&&InstanceRow| row.end_reason == Some(EndReason::SpotInterruption);
        let taken = rows.iter().filter(taken).count();
        assert_eq!(u64::try_from(taken), Ok(totals.interruptions));
        let alive = rows.iter().filter(|row| row.terminated_at.is_none());
        assert_eq!(u64::try_from(alive.count()), Ok(totals.running));
        assert!(totals.interruptions <= totals.notices && totals.notices <= totals.launched + 99);
        if let SpotPrice::Constant(price) = spec.price {
            assert!(
                rows.iter()
                    .all(|row| row.facts.price.at(row.facts.launched_at) == price)
            );
        }
    }
}

/// At the times at which an instance comes or the capacity changes.
fn check_capacity(supply: &SpotSupply, name: &str, rows: &[&InstanceRow]) {
    let steps: &[(SimTime, u32)] = match supply {
        SpotSupply::Trace(steps) => steps,
        _ => &[],
    };
    let launches = rows.iter().map(|row| row.facts.launched_at);
    let times = steps.iter().map(|(at, _)| *at).chain(launches);
    for at in times {
        let running = rows.iter().filter(|row| {
            row.facts.launched_at <= at && row.terminated_at.is_none_or(|ended| ended > at)
        });
        let (running, capacity) = (running.count(), supply.capacity_at(at));
        assert!(
            running <= usize::try_from(capacity).expect("64 bits"),
            "{name} at {at:?}: {running} of {capacity}"
        );
    }
}
