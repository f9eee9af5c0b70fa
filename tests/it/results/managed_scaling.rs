//! Managed scaling minute by minute, and the instances of its group.

use super::{ON_DEMAND, elastic, json, text};
use crate::harness::{Ran, column};
use ecs_sim::report::csv;

/// Seven tasks of a vCPU at 5 min for 40 min: two fit an m5.large.
fn burst() -> Ran {
    elastic(
        &format!("{ON_DEMAND}, newInstancesProtectedFromScaleIn: true"),
        "managedScaling: {status: ENABLED}, managedTerminationProtection: ENABLED",
        "tasks: [{name: job, cpu: 1024, memory: 1024, arrivals: {at: 5m, count: 7}, runtime: 40m}]",
    )
}

fn managed_scaling(ran: &Ran, name: &str) -> Vec<String> {
    let mut file = Vec::new();
    csv::managed_scaling(&ran.run, &mut file).expect("it is there");
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
    assert_eq!(cp["instanceHours"].as_f64(), Some(3.616_667));
    assert_eq!(ran_for, 3 * 3_600_000 + 37 * 60_000); // 3.617 h
}

#[test]
fn the_text_tells_each_change_and_why() {
    let text = text(&burst());
    let at = text.find("Capacity provider cp").unwrap();
    let end = text.rfind("\n\n").unwrap();
    insta::assert_snapshot!(&text[at..end], @r"
    Capacity provider cp (Auto Scaling group asg) launched 4 instances, at most 4 at a time,
      3.62 instance-hours; ended: scale-in 4.
    - CapacityProviderReservation, M needed over N running instances, was 96 % on average, from 0 % to
      300 %, its target 100 %; at most 7 tasks waited in PROVISIONING.
    - It scaled out twice and in 4 times, and was held back in 20 minutes. Its 179 minutes:
      no instances and no tasks 119, at target 34, low not long enough 14, warming up 6, scaled in 4,
      scaled out for tasks that wait 1, scaled out from none 1.
    time       N  M  metric  alarm  desired  why
    5 min      0  4   200 %   HIGH   0 -> 2  7 tasks wait and no instance runs: two come first
    11 min     2  4   200 %   HIGH   2 -> 4  3 tasks wait: 2 more instances would hold them
    1 h 1 min  4  0     0 %    LOW   4 -> 3  low for 15 minutes: 0 of 4 instances are needed, less than
                                               half of the group goes in a minute
    1 h 2 min  3  0     0 %    LOW   3 -> 2  low for 16 minutes: 0 of 3 instances are needed, less than
                                               half of the group goes in a minute
    1 h 3 min  2  0     0 %    LOW   2 -> 1  low for 17 minutes: 0 of 2 instances are needed, less than
                                               half of the group goes in a minute
    1 h 4 min  1  0     0 %    LOW   1 -> 0  low for 18 minutes: the one instance is not needed
    ");
}

#[test]
fn of_many_changes_the_first_twelve_are_told() {
    // Every 40 minutes a wave of tasks for five minutes: out and in again.
    let ran = elastic(
        &format!("{ON_DEMAND}, newInstancesProtectedFromScaleIn: true"),
        "managedScaling: {status: ENABLED, instanceWarmupPeriod: 0},
         managedTerminationProtection: ENABLED",
        "capacityOptions: {scaleInAfterScaleOut: 1m}
tasks: [{name: job, cpu: 1024, memory: 1024, arrivals: {every: 40m}, count: 9, runtime: 5m}]",
    );
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
    let ran = elastic(
        &format!("{ON_DEMAND}, desiredCapacity: 4"),
        "managedScaling: {status: DISABLED}",
        "incidents: [{name: none left, at: 1h, duration: 30m, availabilityZoneLost: us-east-1a},
            {name: nor here, at: 1h, duration: 30m, availabilityZoneLost: us-east-1b}]",
    );
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
