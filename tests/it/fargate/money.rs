//! What Fargate costs.

use ecs_sim::units::NanoUsd;

use super::{SMALL, instant};
use crate::harness::run;

fn usd(amount: NanoUsd) -> String {
    amount.to_string()
}

#[test]
fn g118_a_small_task_for_a_day() {
    let ran = run(&format!(
        "duration: 24h\nlatencies: {{instant: true}}\n{SMALL}\
         tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, \
         arrivals: {{at: 0s}}}}]"
    ));
    let cost = &ran.summary.cost;
    assert_eq!(usd(cost.total_usd), "0.296220000");
    assert_eq!(
        (cost.used_usd, cost.idle_usd),
        (cost.total_usd, NanoUsd::ZERO)
    );
    assert_eq!(usd(cost.by_purchase_option["fargate"]), "0.296220000");
    assert_eq!(usd(cost.by_capacity_provider["FARGATE"]), "0.296220000");
    assert_eq!(usd(cost.by_availability_zone["us-east-1a"]), "0.296220000");
    let fargate = ran.summary.fargate.expect("tasks on Fargate");
    assert_eq!(fargate.task_hours["256/512"], Some(24.0));
    assert_eq!(
        (fargate.vcpu_hours, fargate.memory_gb_hours),
        (Some(6.0), Some(12.0))
    );
}

#[test]
fn g120_g121_a_minute_at_least_and_then_by_the_second() {
    let ran = instant(
        "tasks: [{name: short, taskDefinition: 'web:1', launchType: FARGATE, \
         arrivals: {at: 0s}, runtime: 30s}, {name: longer, taskDefinition: 'web:1', \
         launchType: FARGATE, arrivals: {at: 0s}, runtime: 90s}]",
    );
    assert_eq!(ran.task_column("cost_usd"), ["0.000205708", "0.000308563"]);
    assert_eq!(usd(ran.summary.cost.total_usd), "0.000514271");
}

#[test]
fn the_bill_begins_with_the_image_pull_and_ends_with_the_task() {
    let ran = run(&format!(
        "duration: 1h\nlatencies: {{start: 5s, stop: 10s, imagePull: {{overhead: 0s}}}}\n\
         fargate: {{provisioning: 40s}}\n\
         images: [{{name: 'web:1', size: 500 MB}}]\n{SMALL}\
         tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, \
         arrivals: {{at: 0s}}, runtime: 10m}}]"
    ));
    let uses = &ran.run.fargate.uses;
    // 10 s of pull, 5 s of start, 600 s of work, 10 s of stop.
    assert_eq!(uses[0].billed_millis, 625_000);
    // One that is stopped before its images are pulled costs nothing.
    let ran = run(&format!(
        "duration: 1h\nlatencies: {{start: 5s, stop: 0s}}\nfargate: {{provisioning: 40s}}\n{SMALL}\
         tasks: [{{name: job, taskDefinition: 'web:1', arrivals: {{at: 0s}}, \
         capacityProviderStrategy: [{{capacityProvider: FARGATE_SPOT, weight: 1}}]}}]\n\
         incidents: [{{at: 20s, fargateSpotReclaim: true}}]"
    ));
    assert_eq!(usd(ran.summary.cost.total_usd), "0.000000000");
    assert_eq!(ran.summary.tasks.interrupted, 1);
}

#[test]
fn spot_has_the_catalogs_price_or_savings_from_the_list_price() {
    let cost = |block: &str| {
        let ran = instant(&format!(
            "{block}tasks: [{{name: job, cpu: 1024, memory: 2048, arrivals: {{at: 0s}}, \
             capacityProviderStrategy: [{{capacityProvider: FARGATE_SPOT, weight: 1}}]}}]"
        ));
        usd(ran.summary.cost.by_purchase_option["fargate-spot"])
    };
    assert_eq!(cost(""), "0.016270360");
    // 0.04937 less 70 %.
    assert_eq!(cost("fargate: {spotSavingsPercent: 70}\n"), "0.014811000");
    let own = "fargate: {rates: [{capacityProvider: FARGATE_SPOT, vcpuUsdPerHour: 0.01, \
               memoryGbUsdPerHour: 0.001}]}\n";
    assert_eq!(cost(own), "0.012000000");
}

#[test]
fn windows_arm_and_ephemeral_storage_have_their_prices() {
    let cost = |platform: &str, storage: &str| {
        let ran = run(&format!(
            "duration: 1h\nlatencies: {{instant: true}}\n\
             taskDefinitions: [{{family: a, cpu: 1024, memory: 2048, networkMode: awsvpc, \
             requiresCompatibilities: [FARGATE], runtimePlatform: {{{platform}}}{storage}, \
             containerDefinitions: [{{name: app, image: a}}]}}]\n\
             tasks: [{{name: job, taskDefinition: a, launchType: FARGATE, \
             arrivals: {{at: 0s}}}}]"
        ));
        usd(ran.summary.cost.total_usd)
    };
    let linux = "operatingSystemFamily: LINUX";
    assert_eq!(cost(linux, ""), "0.049370000");
    assert_eq!(cost("cpuArchitecture: ARM64", ""), "0.039500000");
    // 0.046552 and the licence of 0.046, and two GB.
    let windows = "operatingSystemFamily: WINDOWS_SERVER_2022_CORE";
    assert_eq!(cost(windows, ""), "0.102775400");
    // 80 GB beyond the first 20.
    let storage = ", ephemeralStorage: {sizeInGiB: 100}";
    assert_eq!(cost(linux, storage), "0.058250000");
}

#[test]
fn a_services_cost_is_that_of_its_tasks_and_lines_add_up() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large, count: 1}]\n\
         services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 10, \
         capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}, \
         {capacityProvider: FARGATE_SPOT, weight: 4}]}]\n\
         incidents: [{at: 1000s, fargateSpotReclaim: {share: 30%}}]",
    );
    let cost = &ran.summary.cost;
    let tasks: f64 = ran
        .task_column("cost_usd")
        .iter()
        .map(|cost| cost.parse::<f64>().expect("dollars"))
        .sum();
    let web = cost.by_service["web"];
    assert!((tasks - web.to_string().parse::<f64>().expect("dollars")).abs() < 1e-8);
    let sum = |sums: &std::collections::BTreeMap<String, NanoUsd>| -> NanoUsd {
        sums.values().copied().sum()
    };
    assert_eq!(sum(&cost.by_purchase_option), cost.total_usd);
    assert_eq!(sum(&cost.by_capacity_provider), cost.total_usd);
    assert_eq!(sum(&cost.by_availability_zone), cost.total_usd);
    assert_eq!(cost.total_usd, web + NanoUsd(96_000_000));
    let uses: NanoUsd = ran.run.fargate.uses.iter().map(|of| of.cost).sum();
    assert_eq!(uses, web);
}

#[test]
fn the_samples_of_cost_end_at_the_bill() {
    let ran = run(&format!(
        "duration: 61m\nlatencies: {{instant: true}}\n{SMALL}\
         tasks: [{{name: job, taskDefinition: 'web:1', launchType: FARGATE, count: 3, \
         arrivals: {{every: 7m}}, runtime: 3m}}]"
    ));
    let last = ran.run.timeseries.last().expect("a sample");
    assert_eq!(last.cost, ran.summary.cost.total_usd);
    assert!(
        ran.run
            .timeseries
            .windows(2)
            .all(|pair| pair[0].cost <= pair[1].cost)
    );
}
