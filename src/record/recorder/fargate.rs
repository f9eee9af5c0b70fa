//! What befalls Fargate tasks, in the digest and in the ledgers.

use crate::model::{Cluster, Task, TaskId, TaskStatus};
use crate::record::tasks::TaskOutcome;
use crate::units::{NanoUsd, SimTime};

use super::{Recorder, tag};

impl Recorder {
    pub(super) fn task_placed_on_fargate(&mut self, at: SimTime, id: TaskId, cluster: &Cluster) {
        let task = cluster.task(id);
        let Some(place) = task.fargate else {
            return;
        };
        let capacity = u64::from(crate::units::id(place.capacity.index()));
        let where_to = capacity << 32 | u64::from(place.zone.0);
        self.fold(at, tag::TASK_PLACED_ON_FARGATE, task.serial, where_to);
        self.found_a_place(at, id, task);
        let zone = cluster.fargate().zone_name(place.zone);
        let kept = self
            .fargate
            .placed(task, place, zone, self.ledger.is_some());
        if let Some(ledger) = &mut self.ledger {
            let row = ledger.row(task);
            row.placed_at = at.into();
            row.fargate = kept.into();
            row.outcome = TaskOutcome::Alive(TaskStatus::Pending);
        }
    }

    /// From here on a Fargate task is billed.
    pub(super) fn fargate_pull_begins(&mut self, at: SimTime, task: &Task) {
        if let Some(place) = task.fargate {
            let price = self.fargate.price(task, place);
            self.sampler.fargate_began(at, price);
        }
    }

    pub(super) fn fargate_task_stopped(&mut self, at: SimTime, task: &Task) {
        let Some(place) = task.fargate else {
            return;
        };
        let cost = self.charge_fargate(at, task);
        self.fargate.left(place);
        if let Some(began) = task.pull_started_at {
            let price = self.fargate.price(task, place);
            self.sampler.fargate_ended(began, price, cost);
        }
    }

    /// What a task has cost that stops now, or stands when the run ends.
    pub(super) fn charge_fargate(&mut self, until: SimTime, task: &Task) -> NanoUsd {
        let Some(place) = task.fargate else {
            return NanoUsd::ZERO;
        };
        let row = self
            .ledger
            .as_mut()
            .and_then(|ledger| ledger.row(task).fargate.get());
        let cost = self.fargate.charge(until, task, place, row);
        self.services.charge(task.entry, cost);
        cost
    }
}
