//! Fargate: quotas, what Fargate Spot has, and warnings that are kept.

use std::collections::BTreeMap;

use ecs_sim::cloud::fargate::SPOT_WARNING;
use ecs_sim::model::{Cluster, FargateCapacity, Task, TaskStatus, TaskStopCode};
use ecs_sim::scenario::Scenario;
use ecs_sim::units::SimTime;

/// A task has been placed: there was as much as it needs.
pub(super) fn check_placement(now: SimTime, row: &Task, scenario: &Scenario, cluster: &Cluster) {
    let place = row.fargate.expect("it is on Fargate");
    let settings = &scenario.fargate.settings;
    if place.capacity == FargateCapacity::Spot
        && let Some(available) = settings.spot.available_at(now)
    {
        let in_use = in_use(cluster, place.capacity, |_| true);
        assert!(in_use <= available, "{in_use} CPU units of {available}");
    }
}

fn in_use(cluster: &Cluster, capacity: FargateCapacity, is: fn(TaskStatus) -> bool) -> u64 {
    let live = cluster.live_tasks().map(|(_, row)| row);
    let of_it = live.filter(|row| {
        row.fargate.is_some_and(|place| place.capacity == capacity) && is(row.last_status)
    });
    of_it.map(|row| u64::from(row.needs.cpu.0)).sum()
}

/// Warned tasks, by serial number: until when their containers have ended.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    until: BTreeMap<u64, SimTime>,
}

impl Warnings {
    pub(super) fn stopping(&mut self, now: SimTime, row: &Task) {
        let stop = row.stop.expect("a reason");
        if stop.code == TaskStopCode::SpotInterruption {
            assert_eq!(
                row.last_status,
                TaskStatus::Stopping,
                "the signal comes at once"
            );
            self.until.insert(row.serial, now + SPOT_WARNING);
        }
    }

    pub(super) fn goes_on(&mut self, now: SimTime, row: &Task) {
        if row.last_status == TaskStatus::Deprovisioning {
            self.stopped(now, row);
        }
    }

    pub(super) fn stopped(&mut self, now: SimTime, row: &Task) {
        let until = self.until.remove(&row.serial);
        assert!(
            until.is_none_or(|until| now <= until),
            "warned and not gone"
        );
    }

    pub(super) fn check_instant(&self, now: SimTime, scenario: &Scenario, cluster: &Cluster) {
        for (serial, until) in &self.until {
            assert!(now < *until, "task {serial} was to be gone at {until:?}");
        }
        let settings = &scenario.fargate.settings;
        for capacity in FargateCapacity::ALL {
            let used = in_use(cluster, capacity, |_| true);
            let quota = settings.cpu_quota(capacity);
            assert!(quota.is_none_or(|quota| used <= quota), "over the quota");
            assert_eq!(cluster.fargate().cpu_in_use(capacity), used);
        }
        // What is being stopped has until the end of its warning.
        let staying = in_use(cluster, FargateCapacity::Spot, |status| {
            status.is_to_run() || status.is_deactivating()
        });
        let available = settings.spot.available_at(now);
        assert!(
            available.is_none_or(|most| staying <= most),
            "beyond what there is"
        );
    }
}
