//! The summary of capacity and incidents, of hand-made runs.

use serde_json::{Value, json};

use crate::record::testing::{Stage, elastic, elastic_scenario, scenario, serving, small};
use crate::record::{RecordOptions, Run};

use super::{Summary, bill};

const WITHOUT: RecordOptions = RecordOptions { tasks: false };

fn summary(run: &Run) -> Value {
    serde_json::to_value(Summary::new(run, &bill(run))).unwrap()
}

#[test]
fn a_capacity_provider_has_its_instances_and_its_managed_scaling() {
    let all = summary(&elastic(|_| (), WITHOUT));
    let mut cp = all["capacityProviders"]["cp"].clone();
    let scaling = cp["managedScaling"].take();
    // 2 x 1,155 s, 345 s and 1,185 s RUNNING are 3,840 s.
    let expected = json!({
        "targetCapacity": 100,
        "autoScalingGroup": "asg",
        "instancesLaunched": 4,
        "instancesTerminated": {"scale-in": 2, "spot-interruption": 1},
        "instanceHours": 1.066_667,
        "instancesPeak": 3,
        "launchFailures": 2,
        "withoutCapacityMs": 180_000,
        "provisioningPeak": 3,
        "managedScaling": null,
    });
    assert_eq!(cp, expected);
    let expected = json!({
        "minutes": 4,
        "reservationMean": 112.5,
        "reservationMin": 0.0,
        "reservationMax": 200.0,
        "scaleOuts": 1,
        "scaleIns": 1,
        "heldBack": 1,
        "reasons": [
            {"reason": "at-target", "minutes": 1},
            {"reason": "low", "minutes": 1},
            {"reason": "tasks-wait-for-empty-group", "minutes": 1},
            {"reason": "warming-up", "minutes": 1},
        ],
        "changes": [
            {
                "timeMs": 60_000,
                "instancesRunning": 0,
                "instancesNeeded": 3,
                "reservation": 200.0,
                "alarm": "HIGH",
                "from": 0,
                "to": 3,
                "reason": "3 tasks wait and no instance runs: two come first",
            },
            {
                "timeMs": 1_200_000,
                "instancesRunning": 3,
                "instancesNeeded": 0,
                "reservation": 0.0,
                "alarm": "LOW",
                "from": 3,
                "to": 1,
                "reason": "low for 15 minutes: 0 of 3 instances are needed, less than half of \
                           the group goes in a minute",
            },
        ],
    });
    assert_eq!(scaling, expected);
}

#[test]
fn a_group_without_a_capacity_provider_stands_by_itself() {
    let all = summary(&elastic(|_| (), WITHOUT));
    let expected = json!({
        "solo": {
            "instancesLaunched": 1,
            "instancesTerminated": {"scale-in": 1},
            "instanceHours": 0.004_167, // 15 s
            "instancesPeak": 1,
            "launchFailures": 0,
            "withoutCapacityMs": 0,
        }
    });
    assert_eq!(all["autoScalingGroups"], expected);
}

#[test]
fn spot_is_told_of_together_and_by_pool() {
    let all = summary(&elastic(|_| (), WITHOUT));
    let expected = json!({
        "launched": 3,
        "instanceHours": 0.745_833, // 345 + 1,185 + 1,155 s
        "rebalanceRecommendations": 1,
        "notices": 1,
        "interruptions": 1,
        "tasksInterrupted": 2,
        "workLostMs": 255_000,
        "workLostVcpuHours": 0.034_587, // 255 s x 500 / 1,024
        "withoutCapacityMs": 180_000,
        "pools": [
            {
                "instanceType": "small",
                "availabilityZone": "a",
                "launched": 2,
                "instanceHours": 0.425,
                "rebalanceRecommendations": 1,
                "notices": 1,
                "interruptions": 1,
                "tasksInterrupted": 2,
                "workLostMs": 255_000,
                "workLostVcpuHours": 0.034_587,
            },
            {
                "instanceType": "small",
                "availabilityZone": "b",
                "launched": 1,
                "instanceHours": 0.320_833,
                "rebalanceRecommendations": 0,
                "notices": 0,
                "interruptions": 0,
                "tasksInterrupted": 0,
                "workLostMs": 0,
                "workLostVcpuHours": 0.0,
            },
        ],
    });
    assert_eq!(all["spot"], expected);
    let unused = summary(&Stage::new(elastic_scenario(), WITHOUT).end());
    assert_eq!(unused["spot"]["launched"], 0);
    let launched = |place: usize| &unused["spot"]["pools"][place]["launched"];
    assert_eq!((launched(0), launched(1)), (&json!(0), &json!(0)));
}

#[test]
fn without_managed_scaling_there_is_nothing_to_tell_of_it() {
    let run = elastic(
        |scenario| {
            let kind = &mut scenario.capacity_providers[0].kind;
            if let crate::scenario::CapacityProviderKind::AutoScalingGroup {
                managed_scaling, ..
            } = kind
            {
                *managed_scaling = None;
            }
        },
        WITHOUT,
    );
    let all = summary(&run);
    let cp = &all["capacityProviders"]["cp"];
    for key in ["targetCapacity", "provisioningPeak", "managedScaling"] {
        assert!(cp[key].is_null(), "{key}: {cp}");
    }
    assert_eq!(cp["instancesLaunched"], 4);
}

#[test]
fn a_scenario_without_groups_says_nothing_of_them() {
    let all = summary(&Stage::new(scenario(&[(small(), 1)], 1_000), WITHOUT).end());
    for key in [
        "capacityProviders",
        "autoScalingGroups",
        "spot",
        "incidents",
    ] {
        assert!(all.get(key).is_none(), "{key}: {all}");
    }
}

#[test]
fn an_incident_has_what_it_struck_and_how_deep_all_fell() {
    let all = summary(&serving(|_| (), WITHOUT));
    let expected = json!({
        "name": "storm",
        "kind": "registryUnavailable",
        "beganMs": 50_000,
        "endedMs": 55_000,
        "instancesStruck": 1,
        "instancesEnded": 1,
        "tasksStruck": 0,
        "tasksEnded": 0,
        "tasksFailedToStart": 0,
        "launchFailures": 0,
        "capacity": {
            "instances": {"before": 3, "lowest": 2},
            "cpu": {"before": 3_000, "lowest": 2_000},
            "recoveredAfterMs": 5_000,
        },
        "fargate": null,
        "services": {
            "agent": {
                "running": {"before": 3, "lowest": 3},
                "healthy": {"before": 3, "lowest": 3},
                "belowDesiredMs": 0,
                "recoveredAfterMs": 0,
            },
            "shop": {
                "running": {"before": 4, "lowest": 0},
                "healthy": {"before": 4, "lowest": 0},
                "belowDesiredMs": 5_000,
                "recoveredAfterMs": 15_000,
            },
        },
    });
    assert_eq!(all["incidents"][0], expected);
}

/// Every key of a value, but for those that are names.
fn keys(value: &Value, names: &[&str], found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if !names.contains(&key.as_str()) {
                    found.push(key.clone());
                }
                keys(value, names, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, names, found)),
        _ => (),
    }
}

#[test]
fn every_key_of_capacity_is_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outputs.md");
    let page = std::fs::read_to_string(path).unwrap();
    let all = summary(&elastic(|_| (), WITHOUT));
    let names = ["cp", "solo", "scale-in", "spot-interruption"];
    let sections = [
        ("capacityProviders", "### capacityProviders", 30),
        ("autoScalingGroups", "### capacityProviders", 6),
        ("spot", "### spot", 18),
    ];
    for (key, title, least) in sections {
        let section = page.split(title).nth(1).unwrap();
        let section = section.split("\n### ").next().unwrap();
        let mut found = Vec::new();
        keys(&all[key], &names, &mut found);
        assert!(found.len() >= least, "{key}: {found:?}");
        for name in found {
            assert!(section.contains(&format!("`{name}`")), "{title}: {name}");
        }
        assert!(page.contains(&format!("`{key}`")) || title.ends_with(key));
    }
}
