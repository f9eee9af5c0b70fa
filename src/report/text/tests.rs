//! What people see, for runs of several kinds.

use std::collections::BTreeMap;

use crate::cost::{
    Capacity, CostSummary, InstanceSummary, PlacementSummary, RefusedShapeSummary, Shape, Share,
    StrandedSummary, Summary, TaskSummary, Utilization, UtilizationSummary, Waits,
};
use crate::units::NanoUsd;

use super::{Style, summary};

fn share(mean: f64, peak: f64) -> Utilization {
    Utilization {
        reserved_mean: Some(mean),
        reserved_peak: Some(peak),
        used_mean: None,
    }
}

fn capacity(instances: u64, cpu: Utilization, memory: Utilization) -> Capacity {
    Capacity {
        instances,
        cpu,
        memory,
        gpu: Utilization::default(),
    }
}

fn money(sums: &[(&str, i128)]) -> BTreeMap<String, NanoUsd> {
    let cents = |cents: i128| NanoUsd(cents * 10_000_000);
    let sums = sums.iter();
    sums.map(|(name, sum)| ((*name).to_owned(), cents(*sum)))
        .collect()
}

/// Forty tasks that all found room on six instances in two zones.
fn all_well() -> Summary {
    let (cpu, memory) = (share(0.412, 0.883), share(0.2, 0.52));
    let zones = ["us-east-1a", "us-east-1b"];
    let zones = zones.map(|zone| (zone.to_owned(), capacity(3, cpu, memory)));
    let types = [("m5.large".to_owned(), capacity(6, cpu, memory))];
    Summary {
        scenario: "web-and-batch".to_owned(),
        seed: 7,
        version: "0.1.0".to_owned(),
        digest: "0123456789abcdef0123456789abcdef".to_owned(),
        duration_ms: 86_400_000,
        events: 12_345,
        tasks: TaskSummary {
            submitted: 40,
            placed: 40,
            running: 1,
            succeeded: 39,
            waiting: Some(0),
            beyond_end: Some(0),
            ..TaskSummary::default()
        },
        placement: PlacementSummary {
            strategies: vec!["spread-az".to_owned()],
            attempts: 40,
            wait_ms: Waits {
                mean: Some(0.0),
                p50: Some(0),
                p90: Some(0),
                p99: Some(0),
                max: Some(0),
            },
            ..PlacementSummary::default()
        },
        utilization: UtilizationSummary {
            cpu,
            memory,
            by_availability_zone: zones.into(),
            by_instance_type: types.into(),
            ..UtilizationSummary::default()
        },
        instances: InstanceSummary {
            peak: 6,
            mean: Some(6.0),
            launched: 6,
            lower_bound: 4,
            used: 6,
            used_peak: 6,
            used_mean: Some(3.5),
            ..InstanceSummary::default()
        },
        cost: CostSummary {
            total_usd: NanoUsd(13_824_000_000),
            used_usd: NanoUsd(5_670_000_000),
            idle_usd: NanoUsd(8_154_000_000),
            by_availability_zone: money(&[("us-east-1a", 691), ("us-east-1b", 691)]),
            hourly_usd: NanoUsd(576_000_000),
            monthly_usd: NanoUsd(420_480_000_000),
            ..CostSummary::default()
        },
    }
}

/// Three of forty were refused, and one instance type has GPUs.
fn refused() -> Summary {
    let mut said = all_well();
    said.tasks.placed = 37;
    said.tasks.succeeded = 37;
    said.tasks.running = 0;
    said.tasks.not_placed = 3;
    said.tasks.beyond_end = Some(1);
    said.placement.attempts = 41;
    said.placement.failures = BTreeMap::from([
        ("RESOURCE:CPU".to_owned(), 1),
        ("RESOURCE:MEMORY".to_owned(), 3),
        ("MemberOf placement constraint unsatisfied.".to_owned(), 3),
    ]);
    said.placement.refused_shapes = vec![RefusedShapeSummary {
        entry: "nightly".to_owned(),
        cpu: 512,
        memory: 8_192,
        gpu: 0,
        tasks: 3,
        not_placed: 3,
        reasons: vec!["RESOURCE:MEMORY".to_owned()],
        closest_instance: Some("i-00000000000000002".to_owned()),
        lacked: Some("256 MiB".to_owned()),
    }];
    said.utilization.gpu = share(0.0, 0.0);
    let gpus = Capacity {
        gpu: share(0.0, 0.0),
        ..capacity(1, share(0.004, 1.0), share(0.2, 0.996))
    };
    let types = &mut said.utilization.by_instance_type;
    types.insert("g4dn.xlarge".to_owned(), gpus);
    types.get_mut("m5.large").unwrap().instances = 5;
    said.cost.by_instance_type = money(&[("g4dn.xlarge", 1_262), ("m5.large", 120)]);
    said.utilization.stranded = StrandedSummary {
        shape: Some(Shape {
            cpu: 512,
            memory: 8_192,
            gpu: 0,
        }),
        cpu: Share {
            mean: Some(0.05),
            peak: Some(0.2),
        },
        memory: Share {
            mean: Some(0.213),
            peak: Some(0.4),
        },
        gpu: Share::default(),
        fragmentation: Some(0.5),
    };
    said.instances.used_peak = 4;
    said
}

/// A queue that never empties, over a week, on one instance.
fn queue() -> Summary {
    let mut said = all_well();
    said.duration_ms = 7 * 86_400_000;
    said.tasks = TaskSummary {
        submitted: 12_000,
        placed: 9_001,
        pending: 3_000,
        running: 1,
        succeeded: 8_999,
        waiting: Some(2_999),
        beyond_end: Some(0),
        ..TaskSummary::default()
    };
    said.placement.strategies.push("random".to_owned());
    said.placement.attempts = 1_000_000;
    said.placement.failures = BTreeMap::from([("RESOURCE:CPU".to_owned(), 990_999)]);
    said.placement.wait_ms = Waits {
        mean: Some(83_250.4),
        p50: Some(40_000),
        p90: Some(600_000),
        p99: Some(3_600_000),
        max: Some(90_061_000),
    };
    let full = capacity(1, share(0.996, 1.0), share(0.5, 0.5));
    (said.utilization.cpu, said.utilization.memory) = (full.cpu, full.memory);
    said.utilization.by_availability_zone = [("us-east-1a".to_owned(), full)].into();
    said.utilization.by_instance_type = [("m5.large".to_owned(), full)].into();
    said.instances.launched = 1;
    said.instances.lower_bound = 1;
    said.instances.used_peak = 1;
    said
}

#[test]
fn all_went_well() {
    insta::assert_snapshot!(summary(&all_well(), Style::default()), @"");
}

#[test]
fn some_tasks_were_refused() {
    insta::assert_snapshot!(summary(&refused(), Style::default()), @"");
}

#[test]
fn a_queue_still_waits() {
    insta::assert_snapshot!(summary(&queue(), Style::default()), @"");
}

#[test]
fn nothing_was_there_to_do() {
    let mut said = all_well();
    said.scenario = "empty\u{1b}[2J".to_owned();
    said.tasks = TaskSummary::default();
    said.placement = PlacementSummary::default();
    said.utilization = UtilizationSummary::default();
    said.instances = InstanceSummary::default();
    said.cost = CostSummary::default();
    insta::assert_snapshot!(summary(&said, Style::default()), @"");
}

#[test]
fn it_fits_the_screen() {
    for mut said in [all_well(), refused(), queue()] {
        for number in 0..50 {
            let zone = said.utilization.by_availability_zone["us-east-1a"];
            let zones = &mut said.utilization.by_availability_zone;
            zones.insert(format!("us-{number}-{}", "long".repeat(20)), zone);
            let types = &mut said.utilization.by_instance_type;
            types.insert(format!("type.{number}large"), zone);
        }
        for width in [0, 60, 80, 100, 300] {
            let text = summary(
                &said,
                Style {
                    color: false,
                    width,
                },
            );
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest.unwrap() <= width.clamp(60, 100), "{width}\n{text}");
            let lines = text.lines().count();
            assert!(lines <= 40, "{lines} lines at {width} columns\n{text}");
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let plain = summary(&refused(), Style::default());
    let colored = summary(
        &refused(),
        Style {
            color: true,
            width: 100,
        },
    );
    assert!(colored.starts_with("\u{1b}[1mweb-and-batch"));
    let mut bare = colored;
    for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[33m"] {
        bare = bare.replace(code, "");
    }
    assert_eq!(bare, plain);
}
