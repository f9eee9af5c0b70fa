//! Managed scaling minute by minute, and the instances of its group.

use super::{elastic, json, run, text};
use crate::harness::{Ran, column, scenario};
use ecs_sim::report::csv;
use ecs_sim::units::Millis;

/// Seven tasks of a vCPU at 5 min for 40 min: two fit an m5.large.
fn burst() -> Ran {
    let text = elastic(
        "newInstancesProtectedFromScaleIn: true",
        "managedScaling: {status: ENABLED, targetCapacity: 100}",
        "tasks: [{name: job, cpu: 1024, memory: 1024, arrivals: {at: 5m, count: 7}, runtime: 40m}]",
    );
    run(&scenario(&text))
}

fn managed_scaling(ran: &Ran, name: &str) -> Vec<String> {
    let mut file = Vec::new();
    csv::managed_scaling(&ran.run, &mut file).unwrap();
    column(&file, name)
}

#[test]
fn every_minute_says_what_was_seen_and_decided_and_why() {
    let ran = burst();
    let times = managed_scaling(&ran, "time_ms");
    assert_eq!(times.len(), 179);
    assert_eq!(
        (times[0].as_str(), times[178].as_str()),
        ("60000", "10740000")
    );
    let at_five = |name: &str| managed_scaling(&ran, name)[4].clone();
    for (name, value) in [
        ("instances_running", "0"),
        ("instances_needed", "4"),
        ("reservation_percent", "200"),
        ("target_capacity", "100"),
        ("alarm", "HIGH"),
        ("provisioning_tasks", "7"),
        ("desired", "0"),
        ("decision", "scale-out"),
        ("new_desired", "2"),
    ] {
        assert_eq!(at_five(name), value, "{name}");
    }
    // What a minute decides is what the next one sees.
    let desired = managed_scaling(&ran, "desired");
    let decided = managed_scaling(&ran, "new_desired");
    for (minute, decided) in decided.iter().enumerate() {
        let expected = if decided.is_empty() {
            &desired[minute]
        } else {
            decided
        };
        assert!(desired.get(minute + 1).is_none_or(|next| next == expected));
    }
}

#[test]
fn the_summary_counts_what_the_file_says() {
    let ran = burst();
    let cp = &json(&ran)["capacityProviders"]["cp"];
    let scaling = &cp["managedScaling"];
    let decisions = managed_scaling(&ran, "decision");
    let count = |word: &str| decisions.iter().filter(|one| *one == word).count();
    for (key, word) in [
        ("scaleOuts", "scale-out"),
        ("scaleIns", "scale-in"),
        ("heldBack", "held-back"),
    ] {
        assert_eq!(scaling[key], count(word), "{key}");
        assert!(count(word) > 0, "{word}");
    }
    assert_eq!(scaling["minutes"], decisions.len());
    let reasons = scaling["reasons"].as_array().unwrap().iter();
    let minutes: u64 = reasons.map(|of| of["minutes"].as_u64().unwrap()).sum();
    assert_eq!(minutes, 179);
    let waiting = managed_scaling(&ran, "provisioning_tasks");
    let most: Option<u64> = waiting.iter().map(|tasks| tasks.parse().unwrap()).max();
    assert_eq!(cp["provisioningPeak"].as_u64(), most);
    // Instances and their hours are those of instances.csv.
    let number = |name: &str| -> Vec<u64> {
        let column = ran.instance_column(name);
        column.iter().map(|value| value.parse().unwrap()).collect()
    };
    let (launched, ended) = (number("launched_ms"), number("terminated_ms"));
    assert_eq!(cp["instancesLaunched"], launched.len());
    assert_eq!(cp["instancesTerminated"]["scale-in"], ended.len());
    let ran_for = ended.iter().sum::<u64>() - launched.iter().sum::<u64>();
    assert_eq!(cp["instanceHours"].as_f64(), Some(3.65));
    assert_eq!(ran_for, 3 * 3_600_000 + 39 * 60_000); // 3.65 h
}

#[test]
fn the_text_tells_each_change_and_why() {
    let text = text(&burst());
    let at = text.find("Capacity provider cp").unwrap();
    let end = text.rfind("\n\n").unwrap();
    insta::assert_snapshot!(&text[at..end]);
}

#[test]
fn of_many_changes_the_first_twelve_are_told() {
    // Every 30 minutes a wave of tasks for five minutes: out and in again.
    let text_of = elastic(
        "newInstancesProtectedFromScaleIn: true",
        "managedScaling: {status: ENABLED, targetCapacity: 100, instanceWarmupPeriod: 0}",
        "tasks: [{name: job, cpu: 1024, memory: 1024, arrivals: {every: 40m}, count: 9, runtime: 5m}]",
    );
    let mut scenario = scenario(&text_of);
    scenario.capacity_options.scale_in_after_scale_out = Millis::MINUTE;
    let ran = run(&scenario);
    let cp = &json(&ran)["capacityProviders"]["cp"]["managedScaling"];
    let changes = cp["scaleOuts"].as_u64().unwrap() + cp["scaleIns"].as_u64().unwrap();
    assert!(changes > 12, "{changes}");
    assert_eq!(cp["changes"].as_array().unwrap().len(), 12);
    let more = format!("and {} more changes: ", changes - 12);
    assert!(text(&ran).contains(&more), "{}", text(&ran));
}

#[test]
fn groups_are_told_change_by_change() {
    let ran = burst();
    let mut file = Vec::new();
    csv::auto_scaling_groups(&ran.run, &mut file).unwrap();
    let rows = ["desired", "pending", "in_service"].map(|name| column(&file, name));
    let rows: Vec<String> = (0..rows[0].len())
        .map(|row| rows.each_ref().map(|column| column[row].as_str()).join(" "))
        .collect();
    assert_eq!(rows[..4], ["0 0 0", "2 2 0", "2 0 2", "4 2 2"]);
    assert!(rows.windows(2).all(|pair| pair[0] != pair[1]), "{rows:?}");
}

#[test]
fn a_group_that_ec2_refuses_says_how_long_it_lacked_instances() {
    let text_of = elastic(
        "desiredCapacity: 4",
        "managedScaling: {status: DISABLED}",
        "incidents: [{name: none left, at: 1h, duration: 30m, availabilityZoneLost: us-east-1a},
            {name: nor here, at: 1h, duration: 30m, availabilityZoneLost: us-east-1b}]",
    );
    let ran = run(&scenario(&text_of));
    let cp = &json(&ran)["capacityProviders"]["cp"];
    assert_eq!(cp["withoutCapacityMs"], 30 * 60_000);
    // At once, and every minute until it finds some: at 1 h 30 min the zones are back.
    assert_eq!(cp["launchFailures"], 30);
    assert_eq!(cp["instancesTerminated"]["incident"], 4);
    assert!(cp["managedScaling"].is_null());
    let said = "EC2 refused launches 30 times, and it had fewer than desired for 30 min.";
    let text = text(&ran).replace("\n  ", " ");
    assert!(text.contains(said), "{text}");
}
