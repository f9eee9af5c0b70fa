//! The bill.

use crate::harness::{instant, run};
use ecs_sim::units::NanoUsd;

#[test]
fn an_instance_is_billed_by_the_second_and_at_least_for_a_minute() {
    // m5.large, 0.096 USD an hour.
    for (duration, cost) in [
        ("1ms", "0.001600000"),
        ("59s", "0.001600000"),
        ("60s", "0.001600000"),
        ("60001ms", "0.001626667"),
        ("90s", "0.002400000"),
        ("1h", "0.096000000"),
    ] {
        let ran = run(&format!(
            "duration: {duration}\ncontainerInstances: [{{instanceType: m5.large}}]"
        ));
        assert_eq!(ran.bill.total.to_string(), cost, "{duration}");
        assert_eq!(ran.instance_column("cost_usd"), [cost], "{duration}");
    }
}

#[test]
fn the_lines_add_up_to_the_total_exactly() {
    // A third of a second's price does not come out even in nano-dollars.
    let ran = run("duration: 61s
instanceTypes: [{instanceType: odd, cpu: 1 vCPU, memory: 1 GiB, onDemandUsdPerHour: 0.333333333}]
containerInstances:
  - {instanceType: odd, count: 7, availabilityZones: [us-east-1a, us-east-1b]}
  - {instanceType: c5.large, count: 3}");
    let total = ran.bill.lines.iter().map(|line| line.cost.0).sum::<i128>();
    assert_eq!(ran.bill.total, NanoUsd(total));
    for sums in [
        &ran.bill.by_instance_type,
        &ran.bill.by_purchase_option,
        &ran.bill.by_capacity_provider,
        &ran.bill.by_availability_zone,
    ] {
        assert_eq!(sums.values().map(|sum| sum.0).sum::<i128>(), total);
    }
    assert_eq!(ran.bill.by_instance_type.len(), 2);
    assert_eq!(ran.bill.by_availability_zone.len(), 2);
    // 0.333333333 * 61 / 3600 = 0.00564814814..., rounded once a line.
    assert_eq!(ran.bill.by_instance_type["odd"], NanoUsd(7 * 5_648_148));
}

#[test]
fn a_task_costs_its_part_of_its_instance() {
    // 4 vCPUs and 4 GiB weigh 4 * 9 + 4 = 40; a vCPU and 2 GiB weigh 11.
    let ran = instant(
        "instanceTypes: [{instanceType: own, cpu: 4 vCPU, memory: 4 GiB, onDemandUsdPerHour: 4}]
containerInstances: [{instanceType: own}]
tasks:
  - {name: half, cpu: 1024, memory: 2048, arrivals: {at: 0s}, runtime: 30m}
  - {name: end, cpu: 2048, memory: 0, arrivals: {at: 45m}}
  - {name: refused, cpu: 9999, memory: 4, arrivals: {at: 0s}}",
    );
    let order = ran.task_column("task_id");
    assert_eq!(order, ["half/1", "refused/1", "end/1"]);
    assert_eq!(
        ran.task_column("cost_usd"),
        ["0.550000000", "0.000000000", "0.450000000"]
    );
    assert_eq!(ran.bill.used, NanoUsd(1_000_000_000));
    assert_eq!(ran.bill.idle, NanoUsd(3_000_000_000));
}

#[test]
fn a_gpu_weighs_ten_vcpus() {
    let ran = instant(
        "instanceTypes: [{instanceType: g, cpu: 10 vCPU, memory: 20 GiB, gpu: 2,
      onDemandUsdPerHour: 2.9}]
containerInstances: [{instanceType: g}]
tasks: [{name: t, cpu: 0, memory: 0, gpu: 1, arrivals: {at: 0s}}]",
    );
    // 90 of 2 * 90 + 10 * 9 + 20 = 290.
    assert_eq!(ran.task_column("cost_usd"), ["0.900000000"]);
}

#[test]
fn used_and_idle_add_up_to_the_total() {
    let ran = run("duration: 3h
containerInstances: [{instanceType: m5.large, count: 3}, {instanceType: c5.xlarge}]
tasks:
  - {name: a, cpu: 333, memory: 777, arrivals: {poisson: {perHour: 200}},
      runtime: {exponential: {mean: 7m}}, whenFull: backfill}");
    assert_eq!(ran.bill.total, ran.bill.used + ran.bill.idle);
    let tasks = ran
        .tasks()
        .iter()
        .map(|task| ran.run.task_cost(task).0)
        .sum::<i128>();
    assert_eq!(ran.bill.used, NanoUsd(tasks));
    assert!(ran.bill.used > NanoUsd::ZERO && ran.bill.idle > NanoUsd::ZERO);
}
