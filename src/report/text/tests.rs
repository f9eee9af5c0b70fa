//! What people see, for runs of several kinds.

use std::collections::BTreeMap;

use crate::cost::bill;
use crate::cost::{
    Capacity, CostSummary, InstanceSummary, PlacementSummary, RefusedShapeSummary, Shape, Share,
    StrandedSummary, Summary, TaskSummary, Utilization, UtilizationSummary, Waits,
};
use crate::record::{self, RecordOptions};
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
        cluster: "shop".to_owned(),
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
        capacity_providers: BTreeMap::new(),
        auto_scaling_groups: BTreeMap::new(),
        spot: None,
        services: BTreeMap::new(),
        fargate: None,
        incidents: Vec::new(),
        cost: CostSummary {
            total_usd: NanoUsd(13_824_000_000),
            used_usd: NanoUsd(5_670_000_000),
            idle_usd: NanoUsd(8_154_000_000),
            by_availability_zone: money(&[("us-east-1a", 691), ("us-east-1b", 691)]),
            hourly_usd: NanoUsd(576_000_000),
            monthly_usd: NanoUsd(420_480_000_000),
            ..CostSummary::default()
        },
        checks: Vec::new(),
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
        closest_instance_type: Some("m5.large".to_owned()),
        closest_availability_zone: Some("us-east-1b".to_owned()),
        closest_instance: Some("i-00000000000000002".to_owned()),
        lacked: Some("1256 MiB".to_owned()),
    }];
    said.placement.refused_shape_count = 1;
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
    said.placement.waited = 6_000;
    said.placement.waited_mean_ms = Some(124_896.1);
    said.placement.still_waiting_max_ms = Some(280_000_000);
    said.placement.strategy_by_entry = [("jobs", "random"), ("web", "spread-az")]
        .map(|(entry, chain)| (entry.to_owned(), chain.to_owned()))
        .into();
    let full = capacity(1, share(0.996, 1.0), share(0.5, 0.5));
    (said.utilization.cpu, said.utilization.memory) = (full.cpu, full.memory);
    said.utilization.by_availability_zone = [("us-east-1a".to_owned(), full)].into();
    said.utilization.by_instance_type = [("m5.large".to_owned(), full)].into();
    said.instances.peak = 1;
    said.instances.launched = 1;
    said.instances.lower_bound = 1;
    said.instances.used_peak = 1;
    said
}

#[test]
fn all_went_well() {
    insta::assert_snapshot!(summary(&all_well(), Style::default()), @r"
    web-and-batch: 24 h simulated, seed 7

    With placement strategy spread-az, cluster shop of 6 instances (m5.large x 6 in 2 zones) was given
      40 tasks in 24 h: 39 succeeded and 1 was still running at the end.
    Every task was placed at once.

    CPU was 41 % reserved on average and 88 % at the peak; memory 20 % and 52 %.
    Any packing would have needed at least 4 instances at the peak; spread-az used 6.
    The bill: $13.82, of which $5.67 was used by tasks and $8.15 idle; rate $0.58 an hour,
      $420.48 a month (730 h).

    zone        instances  CPU mean  peak  memory mean  peak   cost
    us-east-1a          3      41 %  88 %         20 %  52 %  $6.91
    us-east-1b          3      41 %  88 %         20 %  52 %  $6.91

    12,345 events, digest 0123456789abcdef0123456789abcdef, ecs-sim 0.1.0.
    ");
}

#[test]
fn some_tasks_were_refused() {
    insta::assert_snapshot!(summary(&refused(), Style::default()), @r"
    web-and-batch: 24 h simulated, seed 7

    With placement strategy spread-az, cluster shop of 6 instances (g4dn.xlarge x 1, m5.large x 5 in
      2 zones) was given 40 tasks in 24 h: 37 succeeded and 3 were refused. 1 task was due at the end or
      later: not submitted.
    Every task that was placed was placed at once.
    3 tasks were refused; refused attempts by reason: MemberOf placement constraint unsatisfied 3,
      RESOURCE:MEMORY 3, RESOURCE:CPU 1.
    - nightly: 3 tasks of 512 CPU units, 8,192 MiB were refused; the closest, i-00000000000000002
      (m5.large in us-east-1b), first lacked 1,256 MiB.

    CPU was 41 % reserved on average and 88 % at the peak; memory 20 % and 52 %; GPUs 0 % throughout.
    Stranded on average: 5 % of the CPU and 21 % of the memory, free on instances without room for one
      more task of 512 CPU units, 8,192 MiB.
    Any packing would have needed at least 4 instances at the peak for the tasks that were placed;
      spread-az used 4 of the 6 there.
    The bill: $13.82, of which $5.67 was used by tasks and $8.15 idle; rate $0.58 an hour,
      $420.48 a month (730 h).

    zone           instances  CPU mean   peak  memory mean    peak  GPU mean  peak    cost
    us-east-1a             3      41 %   88 %         20 %    52 %         -     -   $6.91
    us-east-1b             3      41 %   88 %         20 %    52 %         -     -   $6.91
    instance type  instances  CPU mean   peak  memory mean    peak  GPU mean  peak    cost
    g4dn.xlarge            1     0.4 %  100 %         20 %  99.6 %       0 %   0 %  $12.62
    m5.large               5      41 %   88 %         20 %    52 %         -     -   $1.20

    12,345 events, digest 0123456789abcdef0123456789abcdef, ecs-sim 0.1.0.
    ");
}

#[test]
fn a_queue_still_waits() {
    insta::assert_snapshot!(summary(&queue(), Style::default()), @r"
    web-and-batch: 7 days simulated, seed 7

    With placement strategies spread-az for web; random for jobs, cluster shop of 1 instance
      (m5.large x 1 in 1 zone) was given 12,000 tasks in 7 days: 8,999 succeeded, 1 was still running,
      1 was starting and 2,999 were waiting for room at the end.
    6,000 of 9,001 placed tasks waited, 2 min 5 s on average, at most 25 h 1 min
      (1 min 23 s over all tasks). The 2,999 that wait at the end have waited at most 3 days 6 h.
    Refused attempts by reason: RESOURCE:CPU 990,999.

    CPU was 99.6 % reserved on average and 100 % at the peak; memory 50 % throughout.
    Any packing would have needed at least 1 instance at the peak for the tasks that were placed; this
      run used 1.
    The bill: $13.82, of which $5.67 was used by tasks and $8.15 idle; rate $0.58 an hour,
      $420.48 a month (730 h).

    12,345 events, digest 0123456789abcdef0123456789abcdef, ecs-sim 0.1.0.
    ");
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
    insta::assert_snapshot!(summary(&said, Style::default()), @r"
    empty [2J: 24 h simulated, seed 7

    Cluster shop, which had no instances, was given no tasks in 24 h.

    The bill: $0.00, of which $0.00 was used by tasks and $0.00 idle; rate $0.00 an hour,
      $0.00 a month (730 h).

    12,345 events, digest 0123456789abcdef0123456789abcdef, ecs-sim 0.1.0.
    ");
}

#[test]
fn shapes_that_waited_or_met_no_closest_instance_say_so() {
    let mut said = refused();
    let closest = said.placement.refused_shapes[0].clone();
    let reasons = [
        "RESOURCE:PORTS",
        "DistinctInstance placement constraint unsatisfied.",
    ];
    let ports = RefusedShapeSummary {
        entry: "proxy".to_owned(),
        tasks: 1,
        not_placed: 1,
        reasons: reasons.map(str::to_owned).to_vec(),
        closest_instance: None,
        lacked: None,
        ..closest.clone()
    };
    let waited = |not_placed| RefusedShapeSummary {
        not_placed,
        ..closest.clone()
    };
    said.placement.refused_shapes = vec![ports.clone(), waited(0), waited(2), ports];
    said.placement.refused_shape_count = 12;
    let text = summary(&said, Style::default());
    let lines: Vec<&str> = text.split_whitespace().collect();
    let text = lines.join(" ");
    for words in [
        "1 task of 512 CPU units, 8,192 MiB was refused: RESOURCE:PORTS, DistinctInstance \
         placement constraint unsatisfied. -",
        "3 tasks of 512 CPU units, 8,192 MiB had to wait; the closest, \
         i-00000000000000002 (m5.large in us-east-1b), first lacked 1,256 MiB.",
        "8,192 MiB: 2 refused, 1 had to wait; the closest",
        "- and 9 more kinds of task.",
    ] {
        assert!(text.contains(words), "no {words}\n{text}");
    }
}

#[test]
fn what_was_the_same_throughout_and_next_to_nothing_is_told_so() {
    let mut said = refused();
    said.utilization.cpu = share(0.5, 0.5);
    said.utilization.memory = share(0.000_4, 0.001);
    said.utilization.stranded.cpu.mean = Some(0.000_9);
    said.utilization.gpu = Utilization::default();
    let text = summary(&said, Style::default());
    let wanted =
        "CPU was 50 % reserved throughout; memory 0.04 % on average and 0.1 % at the peak.";
    assert!(text.contains(wanted), "{text}");
    assert!(
        text.contains("Stranded on average: 21 % of the memory"),
        "{text}"
    );
    assert!(
        !text.contains("0.0 %") && !text.contains("no more"),
        "{text}"
    );
}

#[test]
fn no_line_breaks_inside_a_duration_a_sum_or_a_reason() {
    let mut queue = queue();
    queue.placement.failures = refused().placement.failures;
    let whole = [
        "DistinctInstance placement constraint unsatisfied 7",
        "$420.48 a month (730 h)",
        "25 h 1 min",
        "2 min 5 s",
        "$0.58 an hour",
    ];
    let reason = "DistinctInstance placement constraint unsatisfied.".to_owned();
    queue.placement.failures.insert(reason, 7);
    for width in 80..=100 {
        let text = summary(
            &queue,
            Style {
                color: false,
                width,
            },
        );
        for words in whole {
            assert!(text.contains(words), "{words} at {width}\n{text}");
        }
    }
}

/// As much as there can be to say.
fn everything() -> Summary {
    let mut said = refused();
    said.tasks = queue().tasks;
    said.tasks.not_placed = 3;
    said.placement.waited = 5;
    said.placement.waited_mean_ms = Some(5_000.0);
    said.placement.wait_ms = queue().placement.wait_ms;
    said.placement.still_waiting_max_ms = Some(280_000_000);
    for number in 0..6 {
        let reason = format!("Constraint {number} placement constraint unsatisfied.");
        said.placement.failures.insert(reason, 1_000_000);
    }
    let shape = said.placement.refused_shapes[0].clone();
    said.placement.refused_shapes = vec![shape; 10];
    said.placement.refused_shape_count = 400;
    said
}

#[test]
fn it_fits_the_screen() {
    for mut said in [all_well(), refused(), queue(), everything()] {
        for number in 0..50 {
            let zone = said.utilization.by_availability_zone["us-east-1a"];
            let zones = &mut said.utilization.by_availability_zone;
            zones.insert(format!("us-{number}-{}", "long".repeat(20)), zone);
            let types = &mut said.utilization.by_instance_type;
            types.insert(format!("type.{number}large"), zone);
        }
        for width in [0, 80, 99, 100, 300] {
            let text = summary(
                &said,
                Style {
                    color: false,
                    width,
                },
            );
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest.unwrap() <= width.clamp(80, 100), "{width}\n{text}");
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

/// The summary of the run with services of the recorder's tests.
fn serving() -> Summary {
    let run = record::testing::serving(|_| (), RecordOptions { tasks: false });
    let mut summary = Summary::new(&run, &bill(&run));
    summary.digest = "0123456789abcdef0123456789abcdef".to_owned();
    summary
}

#[test]
fn services_have_a_table_and_tell_what_matters() {
    insta::assert_snapshot!(summary(&serving(), Style::default()), @r#"
    stage: 100 s simulated, seed 7

    With placement strategies binpack-cpu for batch and web; spread-az+spread-instance for shop, cluster
      default of 4 instances in all, at most 3 at a time (small x 4 in 2 zones) ran 2 services in 100 s.
      It had 6 tasks in all: 1 failed, 1 was stopped and 4 were still running at the end.
    No task waited for room.
    Services did not always find room for their tasks. On average shop had 3.3 of 4.0 desired tasks
      running.
    Refused attempts by reason: RESOURCE:CPU 1, RESOURCE:MEMORY 1.

    CPU was 12 % reserved on average and 16 % at the peak; memory 12 % and 16 %.
    Any packing would have needed 1 instance, and this run used as many of the 3 there.
    The bill: $0.03, of which $0.00 was used by tasks and $0.03 idle; rate $1.15 an hour,
      $840.96 a month (730 h).

    zone  instances  CPU mean  peak  memory mean  peak   cost
    a             3      17 %  31 %         17 %  31 %  $0.02
    b             1       0 %   0 %          0 %   0 %  $0.01

    service  desired  running  healthy mean  availability  started  lost  stopped   cost
    agent          3        3           3.0         100 %        1     0        0  $0.00
    shop           4        4           3.3          75 %        5     1        1  $0.00
    - agent: scaled out once, between 3 and 3 tasks.
    - shop: unavailable for 25 s, 10 s of it at its start; 15 s without a healthy task.
    - shop: refused attempts by reason: RESOURCE:CPU 1, RESOURCE:MEMORY 1.
    - shop: tasks that ended unasked: CannotStartContainerError 1, Task failed ELB health checks 1.
    - shop: deployment 2: web:2, failed after 0 s: tasks failed to start, 1 task replaced,
      2 failed tasks; rolled back to web:1 by deployment 3.
    - shop: deployment 3: web:1, in progress at the end.
    - shop: CPU utilization 45 % on average, 45 % at most, answers took 2.5 ms (p99 12 ms) and
      10 % of the requests were lost.
    - shop: ERROR at 30 s: service (shop) was unable to place a task because no container instance met
      all of its requirements. The closest matching container-instance encountered error "RESOURCE:CPU".
    - shop: ERROR at 55 s: service (shop) deployment failed: tasks failed to start.

    Incident storm (registryUnavailable) from 50 s to 55 s: 1 instance ended without a task; capacity
      fell from 3 to 2 instances (3,000 to 2,000 CPU units), back after 5 s; shop fell from 4 to
      0 running tasks, as many as desired after 15 s.
    Incident flood (registryUnavailable) from 1 min 10 s to the end: neither capacity nor a service
      fell.

    50 events, digest 0123456789abcdef0123456789abcdef, ecs-sim 0.1.0.
    "#);
}

#[test]
fn of_many_services_the_worst_are_shown() {
    let mut said = serving();
    let well = said.services["agent"].clone();
    for number in 0..500 {
        let mut service = well.clone();
        service.unavailable_ms = if number % 50 == 7 { number } else { 0 };
        said.services.insert(format!("service-{number}"), service);
    }
    let text = summary(&said, Style::default());
    let table: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("service "))
        .skip(1)
        .take(11)
        .map(|line| line.split("  ").next().unwrap())
        .collect();
    let worst = [
        "shop",
        "service-457",
        "service-407",
        "service-357",
        "service-307",
        "service-257",
        "service-207",
        "service-157",
        "service-107",
        "service-57",
        "and 492 more",
    ];
    assert_eq!(table, worst);
    for width in [80, 100] {
        let style = Style {
            color: false,
            width,
        };
        let text = summary(&said, style);
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{text}");
        assert!(text.lines().count() < 80, "{text}");
    }
}

#[test]
fn a_service_tells_at_most_a_few_deployments_and_scalings_with_their_range() {
    let mut said = serving();
    let shop = said.services.get_mut("shop").unwrap();
    let mut deployment = shop.deployments[1].clone();
    deployment.rollout_state = "COMPLETED".to_owned();
    deployment.duration_ms = Some(200_000);
    deployment.tasks_replaced = 6;
    deployment.failures = 0;
    deployment.cause = None;
    deployment.rolled_back_by = None;
    deployment.task_definition = "web:2".to_owned();
    shop.deployments = (2..=9)
        .map(|number| crate::cost::DeploymentSummary {
            number,
            ..deployment.clone()
        })
        .collect();
    shop.deployments[7].rollout_state = "IN_PROGRESS".to_owned();
    shop.deployments[7].status = "PRIMARY".to_owned();
    shop.deployments[7].stuck = Some("nothing goes on".to_owned());
    shop.deployments[6].rollout_state = "IN_PROGRESS".to_owned();
    shop.deployments[6].status = "INACTIVE".to_owned();
    shop.scaling.out = 12;
    shop.scaling.r#in = 1;
    (shop.desired.min, shop.desired.max) = (Some(4), Some(18));
    let text = summary(&said, Style::default());
    for words in [
        "- shop: 5 earlier deployments.",
        "- shop: deployment 7: web:2, completed in 3 min 20 s, 6 tasks replaced.",
        "- shop: deployment 8: web:2, superseded before it was completed, 6 tasks replaced.",
        "deployment 9: web:2, in progress at the end, 6 tasks replaced; stuck: nothing goes on.",
        "- shop: scaled out 12 times and in once, between 4 and 18 tasks.",
    ] {
        assert!(text.contains(words), "no {words}\n{text}");
    }
    assert!(!text.contains("deployment 6:"), "{text}");
}
