//! What the scenario gives of a run's record, before anything has happened.

use crate::model::TaskDefinition;
use crate::record::{FargateRun, InstanceCounts, PlacementStats, Run, Stranded, TaskCounts};
use crate::scenario::Scenario;

use super::strategies::{each_once, strategy};

/// The record of a run of the scenario with nothing in it. `chains` are the strategies of services.
pub(super) fn blank_run(scenario: &Scenario, chains: impl Iterator<Item = String>) -> Run {
    let definitions = scenario.task_definitions.iter();
    let (target_groups, alarms) = (scenario.target_groups.iter(), scenario.alarms.iter());
    Run {
        scenario: scenario.name.clone(),
        cluster: scenario.cluster_name.clone(),
        seed: scenario.seed,
        region: scenario.region.clone(),
        start: scenario.start,
        duration: scenario.duration,
        strategies: each_once(
            scenario
                .tasks
                .iter()
                .filter_map(|entry| strategy(scenario, entry))
                .chain(chains),
        ),
        entry_strategies: scenario
            .tasks
            .iter()
            .map(|entry| strategy(scenario, entry))
            .collect(),
        digest: String::new(),
        events: 0,
        beyond_end: 0,
        tasks: TaskCounts::default(),
        entries: scenario
            .entry_names()
            .map(|name| (name.to_owned(), TaskCounts::default()))
            .collect(),
        placement: PlacementStats::default(),
        waits: None,
        longest_waiting: None,
        instances: Vec::new(),
        instance_counts: InstanceCounts::default(),
        lower_bound: 0,
        utilization: Vec::new(),
        auto_scaling_groups: Vec::new(),
        capacity_providers: Vec::new(),
        spot_pools: Vec::new(),
        load_balancers: Vec::new(),
        pricing: scenario.pricing.clone(),
        stranded: Stranded::default(),
        timeseries: Vec::new(),
        task_rows: None,
        services: Vec::new(),
        fargate: FargateRun::default(),
        incidents: Vec::new(),
        groups: Vec::new(),
        target_groups: target_groups.map(|group| group.name.clone()).collect(),
        alarms: alarms.map(|alarm| alarm.name.clone()).collect(),
        definitions: definitions.map(TaskDefinition::name).collect(),
    }
}
