//! Spot Instances that EC2 takes back.

use super::{SPOT, elastic, json, text};
use crate::harness::{Ran, column};
use ecs_sim::report::csv;

/// A group of four Spot Instances, two in each zone, each with a task that runs for ever. All are
/// taken back at 1 h, and others are launched from 2 h on.
fn shortage() -> Ran {
    elastic(
        &format!("{SPOT}, desiredCapacity: 4"),
        "managedScaling: {status: DISABLED}, managedDraining: DISABLED",
        "latencies: {start: 0s}
spot:
  pools:
    - {instanceType: m5.large, availabilityZone: us-east-1a, usdPerHour: 0.03, capacity: 2}
    - {instanceType: m5.large, availabilityZone: us-east-1b, usdPerHour: 0.03, capacity: 2}
tasks: [{name: job, cpu: 2048, memory: 1024, arrivals: {at: 5m, count: 4}}]
incidents: [{name: storm, at: 58m, duration: 62m, spotReclaim: {}}]",
    )
}

#[test]
fn interruptions_tasks_and_lost_work_are_told() {
    let ran = shortage();
    let spot = &json(&ran)["spot"];
    assert_eq!(
        (&spot["launched"], &spot["notices"]),
        (&8.into(), &4.into())
    );
    assert_eq!(
        (&spot["interruptions"], &spot["tasksInterrupted"]),
        (&4.into(), &4.into())
    );
    // From 5 min to 1 h, four times, two vCPUs each.
    assert_eq!(spot["workLostMs"], 4 * 55 * 60_000);
    assert_eq!(spot["workLostVcpuHours"], 7.333_333);
    assert_eq!(spot["withoutCapacityMs"], 3_600_000);
    let pools = spot["pools"].as_array().unwrap();
    assert_eq!(pools.len(), 2);
    for key in [
        "launched",
        "notices",
        "interruptions",
        "tasksInterrupted",
        "workLostMs",
    ] {
        let sum: u64 = pools.iter().map(|pool| pool[key].as_u64().unwrap()).sum();
        assert_eq!(spot[key], sum, "{key}");
    }
    let cp = &json(&ran)["capacityProviders"]["cp"];
    assert_eq!(cp["instanceHours"], spot["instanceHours"]);
    assert_eq!(cp["instancesTerminated"]["spot-interruption"], 4);
}

#[test]
fn the_file_of_pools_goes_from_change_to_change() {
    let mut file = Vec::new();
    csv::spot_pools(&shortage().run, &mut file).unwrap();
    let of_zone = |zone: &str, name: &str| -> Vec<String> {
        let zones = column(&file, "availability_zone");
        let values = column(&file, name).into_iter();
        let values = values.zip(zones).filter(|(_, other)| other == zone);
        values.map(|(value, _)| value).collect()
    };
    for zone in ["us-east-1a", "us-east-1b"] {
        assert_eq!(of_zone(zone, "running"), ["2", "2", "0", "2"], "{zone}");
        assert_eq!(of_zone(zone, "interruption_notices"), ["0", "2", "2", "2"]);
        assert_eq!(of_zone(zone, "interruptions"), ["0", "0", "2", "2"]);
        let times = of_zone(zone, "time_ms");
        assert_eq!(times[1..3], ["3480000", "3600000"], "{zone}");
    }
    let times: Vec<u64> = column(&file, "time_ms")
        .iter()
        .map(|at| at.parse().unwrap())
        .collect();
    assert!(times.is_sorted());
}

#[test]
fn the_text_tells_of_spot_in_a_paragraph() {
    let text = text(&shortage());
    let at = text.find("Spot: ").unwrap();
    let end = text.rfind("\n\n").unwrap();
    insta::assert_snapshot!(&text[at..end], @r"
    Spot: 8 instances launched, 7.98 instance-hours in 2 pools; 4 interruption notices, 4 instances
      taken back with 4 tasks, 3 h 40 min of work lost (7.33 vCPU-hours); EC2 had less Spot capacity
      than was asked for, for 1 h in all.
    - Instances taken back by pool: m5.large in us-east-1a 2 of 4, m5.large in us-east-1b 2 of 4.

    Incident storm (spotReclaim) from 58 min to 2 h: 4 instances ended with 4 tasks; EC2 refused
      launches 60 times; capacity fell from 4 to 0 instances (8,192 to 0 CPU units), back after
      1 h 4 min.
    ");
}
