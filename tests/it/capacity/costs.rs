//! What capacity costs, in whole runs: interrupted Spot Instances, commitments, what comes beside
//! instances, and `costs.csv`.

use ecs_sim::report::costs;
use ecs_sim::units::NanoUsd;

use super::{provider, watch};
use crate::harness::{Ran, instant, run};

const DRAINED: &str = "managedScaling: {status: ENABLED}, managedDraining: ENABLED";

/// A group of one Spot Instance at 30 cents an hour, reclaimed once, with a service on it.
fn reclaimed_at(minutes: u64) -> Ran {
    let rest = format!(
        "spot:
  pools:
    - {{instanceType: own, availabilityZone: us-east-1a, usdPerHour: 0.3, capacity: 10}}
incidents: [{{at: {minutes}m, duration: 1m, spotReclaim: {{count: 1}}}}]
services: [{{serviceName: web, taskDefinition: web, desiredCount: 1}}]"
    );
    let text = provider("minSize: 1, maxSize: 1", DRAINED, &rest).replace(
        "launchTemplate: {instanceType: own}",
        "instanceType: own, purchaseOption: spot",
    );
    watch(&text).0
}

/// The columns of `costs.csv` with these names, row by row.
fn rows(ran: &Ran, names: &[&str]) -> Vec<Vec<String>> {
    let mut text = Vec::new();
    costs::costs(&ran.run, &ran.bill, &mut text).expect("it is there");
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers().expect("it is there").clone();
    let places: Vec<usize> = names
        .iter()
        .map(|name| {
            header
                .iter()
                .position(|column| column == *name)
                .expect("it is there")
        })
        .collect();
    let rows = reader.records();
    rows.map(|row| {
        let row = row.expect("it is there");
        places.iter().map(|place| row[*place].to_owned()).collect()
    })
    .collect()
}

fn nano(text: &str) -> NanoUsd {
    let (whole, fraction) = text.split_once('.').expect("it is there");
    assert_eq!(fraction.len(), 9, "{text}");
    NanoUsd(format!("{whole}{fraction}").parse().expect("it is there"))
}

/// Every bill: its lines are its total, and the files say what the summary says.
fn assert_adds_up(ran: &Ran) {
    let billed = rows(ran, &["BilledCost"]);
    let sum: NanoUsd = billed.iter().map(|row| nano(&row[0])).sum();
    assert_eq!(sum, ran.summary.cost.total_usd);
    let instances = ran.instance_column("cost_usd");
    let sum: NanoUsd = instances.iter().map(|cost| nano(cost)).sum();
    let lines: NanoUsd = ran.bill.lines.iter().map(|line| line.cost).sum();
    assert_eq!(sum, lines);
    let tasks: NanoUsd = ran
        .task_column("cost_usd")
        .iter()
        .map(|cost| nano(cost))
        .sum();
    assert_eq!(tasks, ran.summary.cost.used_usd);
}

#[test]
fn tasks_on_a_spot_instance_that_is_free_cost_nothing() {
    // G109: taken back after 42 minutes. Its replacement lives for 2 h 18 min less its launch.
    let ran = reclaimed_at(40);
    let reasons = ran.instance_column("end_reason");
    assert_eq!(reasons[0], "spot-interruption");
    assert_eq!(ran.instance_column("cost_usd")[0], "0.000000000");
    assert_eq!(ran.task_column("cost_usd")[0], "0.000000000");
    let cost = &ran.summary.cost;
    assert_eq!(cost.by_service["web"], cost.used_usd);
    assert!(cost.idle_usd > NanoUsd::ZERO);
    assert_adds_up(&ran);
}

#[test]
fn tasks_on_a_spot_instance_that_is_taken_back_later_have_their_part_of_it() {
    // G110: 92 minutes of 30 cents an hour are 46 cents.
    let ran = reclaimed_at(90);
    assert_eq!(ran.instance_column("cost_usd")[0], "0.460000000");
    assert_ne!(ran.task_column("cost_usd")[0], "0.000000000");
    assert_adds_up(&ran);
    // On-Demand it would have been a dollar an hour.
    let saved = ran.summary.cost.savings_against_on_demand_usd.unwrap();
    let spot = ran.summary.cost.by_purchase_option["spot"];
    let on_demand = spot.0 + saved.0;
    assert!((on_demand * 3 - spot.0 * 10).abs() < 10, "{on_demand}");
}

#[test]
fn a_changing_spot_price_is_in_the_costs_of_tasks() {
    let rest = "spot:
  pools:
    - instanceType: own
      availabilityZone: us-east-1a
      usdPerHour: [{at: 0s, usdPerHour: 0.3}, {at: 1h, usdPerHour: 0.6}]
      capacity: 10
services: [{serviceName: web, taskDefinition: web, desiredCount: 3}]";
    let text = provider("minSize: 1, maxSize: 1", DRAINED, rest).replace(
        "launchTemplate: {instanceType: own}",
        "instanceType: own, purchaseOption: spot",
    );
    let (ran, _) = watch(&text);
    // 0.3 + 0.6 + 0.6.
    assert_eq!(ran.summary.cost.total_usd.to_string(), "1.500000000");
    assert_adds_up(&ran);
    // 3 x (9 x 1,024 + 512) of 9 x 3,072 + 3,072.
    let part = |cost: NanoUsd| cost.0 * 30_720 / (3 * 9_728);
    assert_eq!(part(ran.summary.cost.used_usd), 1_500_000_000);
}

#[test]
fn a_savings_plan_pays_for_instances_hour_by_hour() {
    let ran = instant(
        "containerInstances: [{instanceType: m5.large, count: 3}]
commitments:
  reservedInstances: [{instanceType: m5.large, instanceCount: 1, usdPerHour: 0.06}]
  savingsPlans:
    - {name: plan, savingsPlanType: Compute, commitment: 0.105, rates: [{instanceType: m5.large, usdPerHour: 0.07}]}",
    );
    // 0.06 + 0.105, and half an instance at 0.096.
    assert_eq!(ran.summary.cost.total_usd.to_string(), "0.213000000");
    assert_adds_up(&ran);
    let columns = [
        "ChargeCategory",
        "PricingCategory",
        "CommitmentDiscountName",
        "CommitmentDiscountStatus",
        "PricingQuantity",
        "ListCost",
        "BilledCost",
        "EffectiveCost",
    ];
    let told: Vec<String> = rows(&ran, &columns)
        .iter()
        .map(|row| row.join(" "))
        .collect();
    assert_eq!(
        told,
        [
            "Usage Committed reserved-1 Used 1 0.096000000 0.000000000 0.060000000",
            "Usage Committed plan Used 1 0.096000000 0.000000000 0.070000000",
            "Usage Standard   0.5 0.048000000 0.048000000 0.048000000",
            "Usage Committed plan Used 0.5 0.048000000 0.000000000 0.035000000",
            "Purchase Committed reserved-1  1 0.060000000 0.060000000 0.000000000",
            "Purchase Committed plan  1 0.105000000 0.105000000 0.000000000",
        ]
    );
    let mut text = Vec::new();
    costs::commitments(&ran.run, &ran.bill, &mut text).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "time_ms,commitment,committed_usd,used_usd,covered_on_demand_usd,on_demand_usd
0,reserved-1,0.060000000,0.060000000,0.096000000,0.288000000
0,plan,0.105000000,0.105000000,0.144000000,0.288000000
"
    );
}

#[test]
fn load_balancers_volumes_and_addresses_are_billed_where_they_are_asked_for() {
    let body = "autoScalingGroups:
  - autoScalingGroupName: asg
    minSize: 2
    maxSize: 2
    launchTemplate: {instanceType: m5.large, rootVolumeGiB: 73, publicIpv4: true}
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 256, memory: 512}]}
targetGroups: [{targetGroupName: web}]
services:
  - {serviceName: web, taskDefinition: web, desiredCount: 2, loadBalancers: [{targetGroupName: web}]}
loadBalancers:
  - {loadBalancerName: alb, defaultTargetGroupName: web, load: {requestsPerSecond: 50}}
";
    let without = instant(body);
    let with = instant(&format!(
        "{body}prices: {{loadBalancers: {{connectionsPerRequest: 1}}}}\n"
    ));
    let of = |ran: &Ran, kind: &str| ran.summary.cost.lines[kind].usd.to_string();
    // 2 x 73 GB for an hour of 730 at 0.08; 2 x 0.005.
    assert_eq!(of(&without, "root-volume"), "0.016000000");
    assert_eq!(of(&without, "public-ipv4"), "0.010000000");
    assert!(!without.summary.cost.lines.contains_key("load-balancer"));
    assert_eq!(of(&with, "load-balancer"), "0.022500000");
    // 50 connections a second are two LCUs.
    assert_eq!(of(&with, "load-balancer-capacity-units"), "0.016000000");
    assert_adds_up(&with);
    let cost = &with.summary.cost;
    assert_eq!(cost.other_usd.unwrap().to_string(), "0.064500000");
    assert_eq!(
        cost.used_usd + cost.idle_usd,
        cost.by_purchase_option["on-demand"]
    );
}

#[test]
fn fargate_is_billed_by_resource_and_covered_by_compute_savings_plans() {
    let body = "taskDefinitions:
  - family: web
    requiresCompatibilities: [FARGATE]
    networkMode: awsvpc
    cpu: 1024
    memory: 2048
    containerDefinitions: [{name: app, image: web:1}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 4, launchType: FARGATE}]
";
    let plain = instant(body);
    assert_adds_up(&plain);
    assert_eq!(plain.summary.cost.idle_usd, NanoUsd::ZERO);
    let covered = instant(&format!(
        "{body}commitments:
  savingsPlans:
    - name: plan
      savingsPlanType: Compute
      commitment: 10
      rates: [{{vcpuUsdPerHour: 0.03, memoryGbUsdPerHour: 0.003}}]
"
    ));
    assert_adds_up(&covered);
    assert_eq!(covered.summary.cost.total_usd.to_string(), "10.000000000");
    let plan = &covered.summary.cost.commitments.as_ref().unwrap();
    assert_eq!(plan.coverage, Some(1.0));
    // 4 vCPUs at 3 cents and 8 GB at 0.3 cents for an hour, of 10 dollars.
    assert_eq!(plan.by_name["plan"].utilization, Some(0.0144));
}

#[test]
fn the_bill_is_the_same_whether_rows_are_kept_or_not() {
    let text = "duration: 2h
containerInstances: [{instanceType: m5.large, count: 2}]
commitments:
  savingsPlans:
    - {savingsPlanType: Compute, commitment: 0.1, rates: [{instanceType: m5.large, usdPerHour: 0.07}]}";
    let with = run(text);
    let scenario = crate::harness::scenario(text);
    let options = ecs_sim::record::RecordOptions { tasks: false };
    let without = crate::harness::run_watched(&scenario, options, &mut ());
    assert_eq!(with.bill, without.bill);
}
