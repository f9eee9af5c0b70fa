//! ECS Managed Instances: what ECS launches for tasks that wait, and what it ends.

use ecs_sim::record::RecordOptions;

use crate::harness::{Ran, run_watched, scenario};

use super::Seen;

const ONE_ZONE: &str = "availabilityZones: [us-east-1a]";
const THREE_ZONES: &str = "availabilityZones: [us-east-1a, us-east-1b, us-east-1c]";
const SMALL_OR_LARGE: &str = "instanceRequirements: {allowedInstanceTypes: [small, large]}";

/// Types of 2 and 8 vCPU, of which the large one costs three times the small one; tasks of 1 and
/// of 2 vCPU.
fn managed(template: &str, provider: &str, rest: &str) -> String {
    format!(
        "duration: 3h
latencies: {{instant: true}}
instanceTypes:
  - {{instanceType: small, cpu: 2 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}}
  - {{instanceType: large, cpu: 8 vCPU, memory: 32 GiB, onDemandUsdPerHour: 3}}
capacityProviders:
  - name: managed
    managedInstancesProvider: {{instanceLaunchTemplate: {{{template}}}{provider}}}
cluster:
  name: c
  defaultCapacityProviderStrategy: [{{capacityProvider: managed, weight: 1}}]
taskDefinitions:
  - {{family: one, networkMode: host, containerDefinitions: [{{name: app, image: i, cpu: 1024, memory: 512}}]}}
  - {{family: two, networkMode: host, containerDefinitions: [{{name: app, image: i, cpu: 2048, memory: 512}}]}}
{rest}"
    )
}

fn watch(text: &str) -> (Ran, Seen) {
    let mut seen = Seen::default();
    let options = RecordOptions { tasks: true };
    let ran = run_watched(&scenario(text), options, &mut seen);
    (ran, seen)
}

fn types_of(template: &str, rest: &str) -> Vec<String> {
    let (ran, _) = watch(&managed(template, "", rest));
    ran.instance_column("instance_type")
}

#[test]
fn waiting_tasks_get_the_instances_that_cost_least() {
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}");
    let jobs = |count: u32, task: &str| {
        format!(
            "tasks: [{{name: j, taskDefinition: {task}, arrivals: {{at: 0s, count: {count}}}, runtime: 1h}}]"
        )
    };
    // 1, 2 and 3 small ones cost 1, 2 and 3; of equals the one large one.
    assert_eq!(types_of(&template, &jobs(1, "one")), ["small"]);
    assert_eq!(types_of(&template, &jobs(3, "one")), ["small", "small"]);
    assert_eq!(types_of(&template, &jobs(5, "one")), ["large"]);
    // Eight fill a large one; what is left over takes a small one.
    assert_eq!(types_of(&template, &jobs(9, "one")), ["large", "small"]);
    assert_eq!(types_of(&template, &jobs(3, "two")), ["large"]);
}

#[test]
fn tasks_are_spread_over_zones_before_instances_are_filled() {
    let service = "services: [{serviceName: web, taskDefinition: one, desiredCount: 6}]";
    let template = format!("{THREE_ZONES}, {SMALL_OR_LARGE}");
    let (ran, _) = watch(&managed(&template, "", service));
    assert_eq!(
        ran.instance_column("availability_zone"),
        ["us-east-1a", "us-east-1b", "us-east-1c"]
    );
    assert_eq!(ran.per_instance(), [2, 2, 2]);
    assert_eq!(
        types_of(&format!("{ONE_ZONE}, {SMALL_OR_LARGE}"), service),
        ["large"]
    );
}

#[test]
fn what_is_coming_is_counted_before_more_is_launched() {
    let tasks = "tasks:
  - {name: a, taskDefinition: one, arrivals: {at: 0s}, runtime: 1h}
  - {name: b, taskDefinition: one, arrivals: {at: 10s}, runtime: 1h}
  - {name: c, taskDefinition: one, arrivals: {at: 20s}, runtime: 1h}";
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}");
    let text = managed(&template, "", tasks).replace(
        "{instant: true}",
        "{instanceLaunch: 30s, agentRegistration: 60s}",
    );
    let (ran, _) = watch(&text);
    assert_eq!(ran.instance_column("launched_ms"), ["30000", "50000"]);
    assert_eq!(ran.instance_column("registered_ms"), ["90000", "110000"]);
    let placed = ran.task_column("placed_ms");
    assert_eq!(placed, ["90000", "90000", "110000"]);
}

#[test]
fn an_idle_instance_ends_after_scale_in_after() {
    let job = "tasks: [{name: j, taskDefinition: one, arrivals: {at: 0s}, runtime: 10m}]";
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}");
    for (seconds, ended) in [
        ("", "900000"),
        ("infrastructureOptimization: {scaleInAfter: 0}", "600000"),
        (
            "infrastructureOptimization: {scaleInAfter: 3600}",
            "4200000",
        ),
        ("infrastructureOptimization: {scaleInAfter: -1}", ""),
    ] {
        let provider = if seconds.is_empty() {
            String::new()
        } else {
            format!(", {seconds}")
        };
        let (ran, _) = watch(&managed(&template, &provider, job));
        assert_eq!(ran.instance_column("terminated_ms"), [ended], "{seconds}");
        let reason = if ended.is_empty() { "" } else { "scale-in" };
        assert_eq!(ran.instance_column("end_reason"), [reason]);
    }
    // A task that comes in between begins the wait anew.
    let again = "tasks:
  - {name: j, taskDefinition: one, arrivals: {at: 0s}, runtime: 10m}
  - {name: k, taskDefinition: one, arrivals: {at: 14m}, runtime: 10m}";
    let (ran, _) = watch(&managed(&template, "", again));
    assert_eq!(ran.instance_column("terminated_ms"), ["1740000"]);
}

/// Three jobs and a task of the service on one instance, the service's other task on a second: when
/// the jobs are over both are a quarter full.
#[test]
fn the_tasks_of_an_instance_that_is_half_empty_move_to_others_of_its_zone() {
    let rest = "services: [{serviceName: web, taskDefinition: two, desiredCount: 2, createdAt: 1m}]
tasks: [{name: j, taskDefinition: two, arrivals: {at: 0s, count: 3}, runtime: 30m}]";
    let template = format!("{ONE_ZONE}, instanceRequirements: {{allowedInstanceTypes: [large]}}");
    let (ran, seen) = watch(&managed(&template, "", rest));
    let mut reasons = ran.instance_column("end_reason");
    reasons.sort();
    assert_eq!(reasons, ["", "consolidation"], "{:?}", ran.places());
    // It drains five minutes after the jobs, and ends when its task has been replaced.
    assert_eq!(seen.changes.len(), 1);
    assert_eq!(seen.changes[0].0, 2_100_000);
    assert_eq!(ran.summary.tasks.running, 2);
    let kept = managed(
        &template,
        ", infrastructureOptimization: {scaleInAfter: -1}",
        rest,
    );
    let (ran, _) = watch(&kept);
    assert_eq!(ran.instance_column("end_reason"), ["", ""]);
}

#[test]
fn an_instance_is_replaced_when_it_is_fourteen_days_old() {
    let rest = "services: [{serviceName: web, taskDefinition: one, desiredCount: 1}]";
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}");
    let text = managed(&template, "", rest).replace("duration: 3h", "duration: 15d");
    let (ran, seen) = watch(&text);
    assert_eq!(
        ran.instance_column("end_reason"),
        ["max-instance-lifetime", ""]
    );
    let fourteen_days = 14 * 86_400_000;
    assert_eq!(seen.changes, [(fourteen_days, 0)], "it drains");
    assert_eq!(
        ran.instance_column("registered_ms")[1],
        fourteen_days.to_string()
    );
}

#[test]
fn ecs_charges_a_share_of_the_on_demand_price_for_each_instance() {
    let job = "tasks: [{name: j, taskDefinition: one, arrivals: {at: 0s}, runtime: 1h}]";
    let idle = "infrastructureOptimization: {scaleInAfter: 0}";
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}");
    for (fee, usd) in [
        ("", "0.120000000"),
        (", managementFee: 2.5%", "0.025000000"),
    ] {
        let (ran, _) = watch(&managed(&template, &format!(", {idle}{fee}"), job));
        let line = &ran.summary.cost.lines["management-fee"];
        assert_eq!(line.usd.to_string(), usd);
        // 80 GiB for an hour of 730.
        let volume = &ran.summary.cost.lines["root-volume"];
        assert_eq!(volume.usd.to_string(), "0.008767123");
    }
}

#[test]
fn spot_goes_on_to_another_type_where_a_pool_is_closed() {
    let rest = "spot:
  pools:
    - {instanceType: small, availabilityZone: us-east-1a, usdPerHour: 0.3, capacity: 10}
    - {instanceType: large, availabilityZone: us-east-1a, usdPerHour: 0.9, capacity: 10}
incidents: [{at: 10m, duration: 30m, spotReclaim: {instanceType: small}}]
services: [{serviceName: web, taskDefinition: one, desiredCount: 1}]";
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}, capacityOptionType: SPOT");
    let (ran, seen) = watch(&managed(&template, "", rest));
    assert_eq!(ran.instance_column("instance_type"), ["small", "large"]);
    assert_eq!(ran.instance_column("end_reason"), ["spot-interruption", ""]);
    // The service replaces its task when the instance drains.
    assert_eq!(seen.changes, [(601_000, 0)]);
    assert_eq!(ran.instance_column("launched_ms")[1], "601000");
}

#[test]
fn refused_on_demand_capacity_is_looked_for_in_other_zones_and_tried_again() {
    let service = "services: [{serviceName: web, taskDefinition: one, desiredCount: 2}]";
    let refused = |zones: &str| {
        format!(
            "{service}\nincidents: [{{at: 0s, duration: 10m, onDemandCapacityRefused: {{{zones}}}}}]"
        )
    };
    let template = format!("{THREE_ZONES}, {SMALL_OR_LARGE}");
    let (ran, _) = watch(&managed(
        &template,
        "",
        &refused("availabilityZone: us-east-1a"),
    ));
    assert_eq!(
        ran.instance_column("availability_zone"),
        ["us-east-1b", "us-east-1c"]
    );
    let (ran, seen) = watch(&managed(&template, "", &refused("")));
    assert_eq!(seen.failures.first(), Some(&0));
    assert_eq!(ran.instance_column("registered_ms"), ["600000", "600000"]);
}

#[test]
fn a_constraint_says_which_instance_is_launched() {
    let service = "services:
  - serviceName: web
    taskDefinition: one
    desiredCount: 1
    placementConstraints: [{type: memberOf, expression: 'attribute:ecs.instance-type == large'}]";
    let template = format!("{ONE_ZONE}, {SMALL_OR_LARGE}");
    assert_eq!(types_of(&template, service), ["large"]);
}

#[test]
fn other_tasks_stay_away_from_managed_instances() {
    let rest = "services: [{serviceName: web, taskDefinition: one, desiredCount: 1}]
tasks: [{name: j, taskDefinition: one, launchType: EC2, arrivals: {at: 10m}, runtime: 1h}]";
    let (ran, _) = watch(&managed(&format!("{ONE_ZONE}, {SMALL_OR_LARGE}"), "", rest));
    assert_eq!(ran.summary.tasks.not_placed, 1);
}

#[test]
fn a_task_that_fits_on_no_type_waits_until_it_is_given_up() {
    let job = "tasks: [{name: j, cpu: 9 vCPU, memory: 1 GiB, arrivals: {at: 0s}, runtime: 1h}]";
    let (ran, seen) = watch(&managed(&format!("{ONE_ZONE}, {SMALL_OR_LARGE}"), "", job));
    assert!(ran.instance_column("registered_ms").is_empty());
    assert!(seen.failures.is_empty(), "EC2 has refused nothing");
    assert_eq!(ran.summary.tasks.failed, 1);
}
