//! The end of a run: what still stands is charged, and the ledgers are closed.

use crate::model::{Cluster, ContainerInstanceId, Task};
use crate::record::run::Run;
use crate::record::split_cost;
use crate::record::tasks::TaskLedger;
use crate::simulation::RunOutcome;
use crate::units::{NanoUsd, SimTime};

use super::Recorder;

impl Recorder {
    /// What a task has cost when its place is given back, or the run ends.
    pub(super) fn cost_until(
        &self,
        until: SimTime,
        on: ContainerInstanceId,
        task: &Task,
    ) -> NanoUsd {
        let facts = self.instances.facts(on);
        let since = task.placed_at.unwrap_or(until);
        let time = (since, until);
        split_cost::cost(&facts.price, &task.needs, &facts.registered, time)
    }

    /// Ends the run and gives its record. `cluster` is as the run left it; the last call of
    /// `advance` went to the end.
    pub fn finish(mut self, outcome: &RunOutcome, cluster: &Cluster) -> Run {
        for (_, task) in cluster.live_tasks() {
            if let Some(on) = task.instance {
                let cost = self.cost_until(outcome.end, on, task);
                self.instances.charge(on, cost);
                self.services.charge(task.entry, cost);
            }
            self.charge_fargate(outcome.end, task);
        }
        let oldest = self.waiting.oldest();
        let any_task = self.total.submitted > 0;
        let instances = self.instances.finish(outcome.end);
        let capacity = self.capacity.finish(outcome.end, &instances.rows);
        let task_rows = self.ledger.map(TaskLedger::finish);
        let last_group = task_rows.iter().flatten().map(|row| row.group).max();
        let groups = 0..last_group.map_or(0, |group| group.0 + 1);
        Run {
            digest: self.digest.finish(),
            events: outcome.events,
            beyond_end: outcome.beyond_end,
            tasks: self.total,
            placement: self.placements.finish(),
            waits: self.waits.finish(),
            longest_waiting: oldest.map(|since| outcome.end.since(since)),
            stranded: self.stranded.finish(instances.registered, any_task),
            instances: instances.rows,
            instance_counts: instances.counts,
            lower_bound: self.lower_bound.finish(),
            utilization: instances.groups,
            auto_scaling_groups: capacity.groups,
            capacity_providers: capacity.providers,
            spot_pools: capacity.pools,
            load_balancers: self.load_balancers.finish(),
            timeseries: self.sampler.finish(),
            services: self.services.finish(outcome.end),
            fargate: self.fargate.finish(outcome.end.since(SimTime::ZERO)),
            incidents: self.incidents.finish(outcome.end),
            groups: groups
                .map(|group| cluster.group_name(crate::model::GroupId(group)).to_owned())
                .collect(),
            task_rows,
            ..self.run
        }
    }
}
