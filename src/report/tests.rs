//! Files and pictures of hand-made runs.

use crate::cost::{Bill, Summary, bill};
use crate::record::testing::{Stage, eventful, needs, scenario, serving, small, with_services};
use crate::record::{RecordOptions, Run};
use crate::units::Millis;

use super::{OutputDir, costs, csv, json, plots, write_all};

const WITH_TASKS: RecordOptions = RecordOptions { tasks: true };

pub(super) fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn tasks_csv_has_a_row_a_submission_in_their_order() {
    let run = eventful(|_| (), WITH_TASKS);
    insta::assert_snapshot!(written(|to| csv::tasks(&run, to)), @r#"
    task_id,group,service,task_definition,capacity_provider,instance_id,availability_zone,submitted_ms,placed_ms,started_ms,stopped_ms,last_status,stop_code,stopped_reason,cpu,memory,gpu,cost_usd,name
    web/1,family:0,,,,i-00000000000000000,a,0,0,0,5500,STOPPED,EssentialContainerExited,Essential container in task exited,500,250,0,0.000261250,
    web/2,family:0,,,,i-00000000000000002,a,0,0,0,,RUNNING,,,1000,1000,1,0.004951532,
    batch/3,family:1,,,,i-00000000000000000,a,2000,5500,6250,,RUNNING,,,800,100,0,0.000328500,"row, ""9"""
    batch/4,family:1,,,,,,2000,,,,NOT_PLACED,,RESOURCE:MEMORY,100,5000,0,0.000000000,
    web/5,family:0,,,,,,8000,,,,PROVISIONING,,,1,1,0,0.000000000,
    "#);
}

#[test]
fn instances_csv_has_a_row_an_instance_in_order_of_registration() {
    let run = eventful(|_| (), WITH_TASKS);
    insta::assert_snapshot!(written(|to| csv::instances(&run, &bill(&run), to)), @r"
    instance_id,instance_type,availability_zone,purchase_option,capacity_provider,launched_ms,registered_ms,terminated_ms,end_reason,cpu_seconds_reserved,memory_mib_seconds_reserved,tasks_run,cost_usd
    i-00000000000000000,small,a,on-demand,,0,0,,,6350,1825,2,0.006000000
    i-00000000000000001,small,b,on-demand,,0,0,,,0,0,0,0.006000000
    i-00000000000000002,large,a,on-demand,,0,0,,,10000,10000,1,0.060000000
    ");
}

#[test]
fn costs_csv_has_a_row_a_line_of_the_bill_in_the_columns_of_focus() {
    let mut run = Stage::new(scenario(&[(small(), 1)], 3_600_500), WITH_TASKS).end();
    run.start = "2026-01-31T23:30:00Z".parse().unwrap();
    insta::assert_snapshot!(written(|to| costs::costs(&run, &bill(&run), to)), @r#"
    AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountName,CommitmentDiscountStatus,CommitmentDiscountType,ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,ResourceId,ResourceType,ServiceCategory,ServiceName,SkuMeter,Tags,x_CapacityProvider,x_ChargeKind,x_ScenarioId,x_Seed,x_Simulated
    a,0.360100000,simulated,simulated,USD,2026-02-01T00:30:01Z,2026-01-31T23:30:00Z,Usage,,"small, On-Demand",Usage-Based,2026-02-01T00:30:01Z,2026-01-31T23:30:00Z,,,,,,1.000277778,Hours,0.360100000,0.360000000,0.360100000,AWS,0.360100000,0.360000000,Standard,1.000277778,Hours,AWS,AWS,us-east-1,i-00000000000000000,instance,Compute,Amazon Elastic Compute Cloud,small,"{""aws:ecs:clusterName"":""default""}",,ec2-on-demand,stage,7,true
    "#);
}

#[test]
fn costs_csv_has_every_column_that_focus_demands_in_its_order() {
    // The mandatory columns of FOCUS 1.2.
    for column in [
        "BilledCost",
        "BillingAccountId",
        "BillingAccountName",
        "BillingCurrency",
        "BillingPeriodEnd",
        "BillingPeriodStart",
        "ChargeCategory",
        "ChargeClass",
        "ChargeDescription",
        "ChargePeriodEnd",
        "ChargePeriodStart",
        "ContractedCost",
        "EffectiveCost",
        "InvoiceIssuerName",
        "ListCost",
        "PricingQuantity",
        "PricingUnit",
        "ProviderName",
        "PublisherName",
        "ServiceCategory",
        "ServiceName",
    ] {
        assert!(costs::COST_COLUMNS.contains(&column), "{column}");
    }
    assert!(costs::COST_COLUMNS.is_sorted());
}

#[test]
fn timeseries_csv_has_a_row_a_period() {
    let run = eventful(
        |scenario| scenario.timeseries_period = Millis(4_000),
        WITH_TASKS,
    );
    insta::assert_snapshot!(written(|to| csv::timeseries(&run, to)), @r"
    time_ms,instances,registered_cpu,reserved_cpu,registered_memory,reserved_memory,registered_gpu,reserved_gpu,tasks_pending,tasks_running,cost_usd,instances_used,tasks_succeeded,tasks_not_placed,wait_longest_ms,wait_mean_ms
    0,3,4000,1500,6000,1250,2,1,0,2,0.000000000,2,0,0,0,0
    4000,3,4000,1500,6000,1250,2,1,1,2,0.072000000,2,0,1,2000,
    8000,3,4000,1800,6000,1100,2,1,1,2,0.072000000,2,1,1,0,3500
    ");
}

#[test]
fn exact_seconds_have_no_trailing_zeros() {
    let mut stage = Stage::new(scenario(&[(small(), 1)], 60_000), WITH_TASKS);
    let task = stage.run(0, needs(3, 10, 0), 0);
    stage.at(1_500).stop(task);
    let run = stage.end();
    let text = written(|to| csv::instances(&run, &bill(&run), to));
    // 3 x 1.5 = 4.5 CPU-unit-seconds, 10 x 1.5 = 15 MiB-seconds.
    assert!(text.contains(",4.5,15,1,"), "{text}");
}

#[test]
fn json_ends_in_a_line_break_and_keeps_money_exact() {
    let run = eventful(|_| (), WITH_TASKS);
    let text = json::summary(&Summary::new(&run, &bill(&run)));
    assert!(text.starts_with("{\n  \"scenario\": \"stage\",\n  \"cluster\": "));
    assert!(text.ends_with("}\n"));
    assert!(text.contains("\"totalUsd\": 0.072000000,"), "{text}");
}

fn pictures(run: &Run) -> Vec<String> {
    plots::ALL
        .iter()
        .map(|(_, draw)| draw(run).unwrap())
        .collect()
}

#[test]
fn every_chart_names_its_axes_and_lines() {
    let run = eventful(|_| (), WITH_TASKS);
    let wanted: [&[&str]; 5] = [
        &[
            "stage: tasks by state",
            "running",
            "pending",
            "tasks",
            "simulated time (s)",
        ],
        &[
            "stage: reserved capacity",
            "CPU",
            "memory",
            "GPU",
            "% of registered",
        ],
        &[
            "stage: wait for room",
            "longest of those waiting",
            "wait (s)",
        ],
        &[
            "stage: container instances",
            "registered",
            "hosting tasks",
            "lower bound",
        ],
        &["stage: cost of compute so far", "USD"],
    ];
    for (picture, words) in pictures(&run).iter().zip(wanted) {
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
        for word in words {
            assert!(picture.contains(word), "no {word} in {picture}");
        }
    }
}

#[test]
fn time_is_told_in_units_that_people_count_in() {
    let ticks = |duration| {
        let run = Stage::new(scenario(&[(small(), 1)], duration), WITH_TASKS).end();
        let picture = plots::cost(&run).unwrap();
        let unit = picture.split("simulated time (").nth(1).unwrap();
        let unit = unit.split(')').next().unwrap().to_owned();
        // Labels below the axis are anchored in their middle, those beside it at their end.
        let labels = picture
            .split("<text")
            .filter(|text| text.contains("\"middle\""));
        let lines = labels.flat_map(|text| text.lines().skip(1).take(1));
        let numbers = lines.filter_map(|line| line.trim().parse::<f64>().ok());
        let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
        (unit, numbers.join(" "))
    };
    let told = |unit: &str, numbers: &str| (unit.to_owned(), numbers.to_owned());
    assert_eq!(
        ticks(2_000),
        told("s", "0 0.2 0.4 0.6 0.8 1 1.2 1.4 1.6 1.8 2")
    );
    assert_eq!(ticks(600_000), told("min", "0 1 2 3 4 5 6 7 8 9 10"));
    assert_eq!(
        ticks(86_400_000),
        told("h", "0 2 4 6 8 10 12 14 16 18 20 22 24")
    );
    assert_eq!(ticks(30 * 86_400_000), told("days", "0 7 14 21 28"));
}

#[test]
fn charts_of_next_to_nothing_are_drawn() {
    let degenerate = [
        scenario(&[], 1),
        scenario(&[], 1_000),
        scenario(&[(small(), 1)], 500),
        scenario(&[(small(), 1)], 10_000_000),
    ];
    for scenario in degenerate {
        let run = Stage::new(scenario, WITH_TASKS).end();
        assert_eq!(pictures(&run).len(), 5);
        let mut without = run;
        without.timeseries.clear();
        assert_eq!(pictures(&without).len(), 5);
    }
}

#[test]
fn a_chart_with_nothing_to_show_says_so() {
    let said = |scenario, chart: plots::Draw| {
        let run = Stage::new(scenario, WITH_TASKS).end();
        chart(&run).unwrap()
    };
    let fleet = || scenario(&[(small(), 1)], 1_000);
    for (picture, words) in [
        (said(fleet(), plots::tasks), "No task was submitted."),
        (said(fleet(), plots::wait), "No task had to wait for room."),
        (said(scenario(&[], 9), plots::reserved), "no instance"),
        (said(scenario(&[], 9), plots::instances), "no instance"),
        (said(scenario(&[], 9), plots::cost), "no instance"),
    ] {
        assert!(picture.contains(words), "no {words} in {picture}");
        assert!(!picture.contains("<polyline fill=\"none\" opacity=\"1\" stroke=\"#0072B2\""));
    }
    let eventful = eventful(|_| (), WITH_TASKS);
    for picture in pictures(&eventful) {
        assert!(!picture.contains("No task"), "{picture}");
    }
}

#[test]
fn long_series_are_thinned_but_keep_their_extremes() {
    let mut stage = Stage::new(scenario(&[(small(), 1)], 40_000_000), WITH_TASKS);
    let task = stage.at(20_000_000).run(0, needs(970, 10, 0), 0);
    stage.at(20_001_500).stop(task);
    let run = stage.end();
    assert_eq!(run.timeseries.len(), 40_000);
    let picture = plots::reserved(&run).unwrap();
    assert!(picture.len() < 200_000, "{} bytes", picture.len());
    let flat = Stage::new(scenario(&[(small(), 1)], 40_000_000), WITH_TASKS).end();
    let lowest = |svg: &str| svg.matches("points=").count();
    assert_eq!(lowest(&picture), lowest(&plots::reserved(&flat).unwrap()));
    assert_ne!(picture, plots::reserved(&flat).unwrap());
}

#[test]
fn all_files_are_written_alike_every_time() {
    let run = eventful(|_| (), WITH_TASKS);
    let bill: Bill = bill(&run);
    let summary = Summary::new(&run, &bill);
    let parent = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let directory = OutputDir::prepare(&parent.path().join(name), false).unwrap();
        write_all(&directory, &run, &bill, &summary).unwrap()
    };
    let (first, second) = (write("first"), write("second"));
    let names: Vec<String> = first
        .iter()
        .map(|path| path.strip_prefix(parent.path().join("first")).unwrap())
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let expected = [
        "summary.json",
        "tasks.csv",
        "instances.csv",
        "costs.csv",
        "timeseries.csv",
        "plots/tasks.svg",
        "plots/reserved.svg",
        "plots/wait.svg",
        "plots/instances.svg",
        "plots/cost.svg",
    ];
    assert_eq!(names, expected);
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    }
}

#[test]
fn services_csv_has_a_row_a_service_and_period() {
    let run = serving(
        |scenario| scenario.timeseries_period = Millis(30_000),
        WITH_TASKS,
    );
    insta::assert_snapshot!(written(|to| csv::services(&run, to)), @r"
    time_ms,service,desired,lower_limit,pending,running,healthy,stopping,requests,requests_served,requests_lost,cpu_percent,memory_percent,latency_mean_ms,latency_p99_ms
    0,shop,4,4,4,0,0,0,,,,,,,
    0,agent,3,0,0,3,3,0,,,,,,,
    30000,shop,4,4,0,3,3,0,,,,,,,
    30000,agent,3,0,0,3,3,0,,,,,,,
    60000,shop,4,4,0,0,0,4,600,540,60,45,20.5,2.5,12
    60000,agent,3,0,0,3,3,0,,,,,,,
    90000,shop,4,4,0,4,4,0,,,,,,,
    90000,agent,3,0,0,3,3,0,,,,,,,
    ");
    let never = serving(|_| (), RecordOptions { tasks: false });
    assert_eq!(written(|to| csv::services(&never, to)).lines().count(), 1);
}

#[test]
fn service_events_csv_has_a_row_an_event_by_time() {
    let run = serving(|_| (), WITH_TASKS);
    insta::assert_snapshot!(written(|to| csv::service_events(&run, to)), @r#"
    time_ms,service,event_name,severity,message
    0,shop,TASKS_STARTED,INFO,service (shop) has started 4 tasks.
    10000,shop,SERVICE_STEADY_STATE,INFO,service (shop) has reached a steady state.
    30000,shop,SERVICE_TASK_PLACEMENT_FAILURE,ERROR,"service (shop) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance encountered error ""RESOURCE:CPU""."
    55000,shop,SERVICE_DEPLOYMENT_FAILED,ERROR,service (shop) deployment failed: tasks failed to start.
    55000,shop,SERVICE_DEPLOYMENT_IN_PROGRESS,INFO,service (shop) is rolling back to deployment (ecs-svc/1).
    70000,shop,SERVICE_STEADY_STATE,INFO,service (shop) has reached a steady state.
    "#);
}

#[test]
fn tasks_of_services_name_their_service_and_why_they_stopped() {
    let run = serving(|_| (), WITH_TASKS);
    let text = written(|to| csv::tasks(&run, to));
    let lines: Vec<&str> = text.lines().collect();
    let columns = |row: usize| -> Vec<&str> { lines[row].split(',').collect() };
    assert_eq!(columns(1)[2], "shop");
    assert_eq!(columns(5)[2], "agent");
    let stopped = "ServiceSchedulerInitiated,Task failed ELB health checks in (target-group 0)";
    assert!(lines[1].contains(stopped), "{}", lines[1]);
    assert!(
        lines[6].contains("STOPPED,TaskFailedToStart,"),
        "{}",
        lines[6]
    );
    let instances = written(|to| csv::instances(&run, &bill(&run), to));
    assert!(instances.contains("i-00000000000000002,small,a,on-demand,,0,0,50000,incident,"));
}

#[test]
fn the_columns_of_services_are_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outputs.md");
    let page = std::fs::read_to_string(path).unwrap();
    let files = [
        (
            "## services.csv",
            "## service_events.csv",
            &csv::SERVICE_COLUMNS[..],
        ),
        (
            "## service_events.csv",
            "## Exit",
            &csv::SERVICE_EVENT_COLUMNS[..],
        ),
    ];
    for (from, to, columns) in files {
        let section = page.split(from).nth(1).unwrap().split(to).next().unwrap();
        for column in columns {
            assert!(section.contains(&format!("`{column}`")), "no {column}");
        }
    }
}

#[test]
fn services_have_files_and_pictures() {
    let names = |run: &Run| -> Vec<String> {
        let bill = bill(run);
        let parent = tempfile::tempdir().unwrap();
        let directory = OutputDir::prepare(parent.path(), false).unwrap();
        let written = write_all(&directory, run, &bill, &Summary::new(run, &bill)).unwrap();
        let names = written
            .iter()
            .map(|path| path.strip_prefix(parent.path()).unwrap());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name.contains("service")).collect()
    };
    let expected = [
        "services.csv",
        "service_events.csv",
        "plots/service-shop.svg",
        "plots/service-agent.svg",
    ];
    assert_eq!(names(&serving(|_| (), WITH_TASKS)), expected);
    let many = serving(
        |scenario| {
            for number in 0..20 {
                let mut service = scenario.services[1].clone();
                service.name = format!("more/{number}");
                scenario.services.push(service);
            }
        },
        WITH_TASKS,
    );
    let names = names(&many);
    assert_eq!(names.len(), 2 + plots::MOST_SERVICES);
    // Those that were unavailable longest come first: shop for 25 s, the others never.
    assert_eq!(
        names[2..4],
        ["plots/service-shop.svg", "plots/service-agent.svg"]
    );
    assert_eq!(names[4], "plots/service-more_0.svg");
}

#[test]
fn names_of_pictures_are_told_apart() {
    let run = serving(
        |scenario| {
            scenario.services[0].name = "a/b".to_owned();
            scenario.services[1].name = "A b".to_owned();
        },
        WITH_TASKS,
    );
    let names: Vec<String> = plots::services(&run)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["a_b", "A_b-2"]);
}

#[test]
fn the_picture_of_a_service_shows_its_load_when_it_has_any() {
    let run = serving(|_| (), WITH_TASKS);
    let [with, without] =
        [0, 1].map(|row: usize| plots::service(&run, &run.services[row]).unwrap());
    let words = ["stage: tasks of service shop", "desired", "healthy"];
    let load = [
        "utilization of service shop",
        "% of reserved",
        "requests a second",
        "lost",
    ];
    for word in words.iter().chain(&load) {
        assert!(with.contains(word), "no {word} in {with}");
    }
    assert!(!without.contains("utilization") && !without.contains("never created"));
    assert!(without.contains("height=\"500\"") && with.contains("height=\"1500\""));
    let mut late = with_services(scenario(&[(small(), 1)], 1_000));
    late.services[0].created_at = crate::units::SimTime(1_000);
    let run = Stage::new(late, WITH_TASKS).end();
    let never = plots::service(&run, &run.services[0]).unwrap();
    assert!(never.contains("The service was never created."));
}
