//! Named streams: something more in a scenario leaves the luck of all else alone.

use proptest::prelude::*;

use super::cases;
use crate::harness::{Ran, run};
use crate::invariants::capacity_scenarios::any_calm_scenario;

/// A type, a group with Spot pools, a provider and an entry of tasks that have nothing to do with
/// the rest.
fn with_more(text: &str) -> String {
    let mut text = text.to_owned();
    let mut add = |block: &str, entries: &str| {
        let header = format!("\n{block}:\n");
        match text.find(&header) {
            Some(at) => text.insert_str(at + header.len(), entries),
            None => text += &[block, ":\n", entries].concat(),
        }
    };
    add(
        "instanceTypes",
        "  - {instanceType: extra, cpu: 2 vCPU, memory: 4000, onDemandUsdPerHour: 0.5}\n",
    );
    add(
        "autoScalingGroups",
        "  - {autoScalingGroupName: more, minSize: 1, maxSize: 7, availabilityZones: [us-east-1c, \
         us-east-1b], launchTemplate: {instanceType: extra, purchaseOption: spot}}\n",
    );
    add(
        "capacityProviders",
        "  - {name: more, autoScalingGroupProvider: {autoScalingGroupName: more}}\n",
    );
    let pool = "    - {instanceType: extra, usdPerHour: 0.2, interruptions: 99%}\n";
    if text.contains("  pools:\n") {
        text = text.replace("  pools:\n", &format!("  pools:\n{pool}"));
    } else {
        text += &["spot:\n  pools:\n", pool].concat();
    }
    let entry = "  - {name: more, cpu: 300, memory: 300, runtime: {exponential: {mean: 5m}}, \
                 arrivals: {poisson: {perHour: 30}}, \
                 capacityProviderStrategy: [{capacityProvider: more, weight: 1}]}\n";
    match text.find("\ntasks:\n") {
        Some(at) => text.insert_str(at + "\ntasks:\n".len(), entry),
        None => text += &["tasks:\n", entry].concat(),
    }
    text
}

/// What became of all tasks and instances but the added ones. Instances are numbered in the order
/// of their registration, so the numbers may differ.
fn fates(ran: &Ran) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let of = |ran: &Ran, names: &[&str], column: fn(&Ran, &str) -> Vec<String>| {
        let columns: Vec<Vec<String>> = names.iter().map(|name| column(ran, name)).collect();
        let rows = 0..columns[0].len();
        rows.map(|row| columns.iter().map(|of| of[row].clone()).collect())
            .collect::<Vec<Vec<String>>>()
    };
    let names = [
        "task_id",
        "availability_zone",
        "submitted_ms",
        "placed_ms",
        "started_ms",
        "stopped_ms",
        "stop_code",
    ];
    let mut tasks = of(ran, &names, Ran::task_column);
    tasks.retain(|row| !row[0].starts_with("more/"));
    let names = [
        "instance_type",
        "availability_zone",
        "purchase_option",
        "launched_ms",
        "registered_ms",
        "terminated_ms",
        "end_reason",
        "tasks_run",
        "cost_usd",
    ];
    let mut instances = of(ran, &names, Ran::instance_column);
    instances.retain(|row| row[0] != "extra");
    (tasks, instances)
}

/// Without the placements that are drawn from all registered instances: those are another draw when
/// there is an instance more.
fn without_random_places(text: &str) -> String {
    text.replace("tieBreak: random", "tieBreak: lowestInstanceId")
        .replace("{type: random}", "{type: binpack, field: cpu}")
        .replace(
            "placementStrategy: []",
            "placementStrategy: [{type: binpack, field: memory}]",
        )
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_group_a_pool_and_an_entry_more_leave_the_luck_of_the_others_alone(
        made in any_calm_scenario()
    ) {
        let text = without_random_places(&made.text);
        let (alone, beside) = (run(&text), run(&with_more(&text)));
        prop_assert!(beside.run.tasks.submitted > alone.run.tasks.submitted);
        prop_assert_eq!(fates(&alone), fates(&beside));
    }
}
