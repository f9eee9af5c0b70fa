//! `prices` and `commitments`: what is read, and what their users see of mistakes.

use super::{errors, loaded, warnings};
use crate::model::{FargatePlatform, Meter, Pricing, SavingsPlanType};
use crate::units::{HourlyRate, Millis, UnitPrice};

const TOP: &str = "duration: 24h
containerInstances: [{instanceType: m5.large, count: 1}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
tasks: [{name: job, taskDefinition: web, arrivals: {at: 0s, count: 1}}]
";

const BALANCED: &str = "targetGroups: [{targetGroupName: web}]
services:
  - {serviceName: web, taskDefinition: web, desiredCount: 1, loadBalancers: [{targetGroupName: web}]}
loadBalancers:
  - loadBalancerName: alb
    defaultTargetGroupName: web
    load: {requestsPerSecond: 10}
";

fn group(keys: &str) -> String {
    format!(
        "autoScalingGroups:
  - autoScalingGroupName: asg
    minSize: 1
    maxSize: 1
    launchTemplate: {{instanceType: m5.large, {keys}}}
"
    )
}

fn pricing(rest: &str) -> Pricing {
    let loaded = loaded(&format!("{TOP}{rest}"), &[]);
    loaded
        .unwrap_or_else(|error| panic!("{}", error.render(false)))
        .scenario
        .pricing
}

fn of(rest: &str) -> Vec<String> {
    errors(&format!("{TOP}{rest}"))
}

#[test]
fn nothing_is_priced_that_nothing_asks_for() {
    assert_eq!(pricing(""), Pricing::default());
    let unused = pricing("prices: {gp3UsdPerGbMonth: 1, publicIpv4UsdPerHour: 1}\n");
    assert_eq!(unused, Pricing::default());
    assert_eq!(pricing(BALANCED), Pricing::default());
}

#[test]
fn the_catalogs_prices_hold_in_us_east_1_and_the_scenarios_before_them() {
    let known = pricing(&group("rootVolumeGiB: 30, publicIpv4: true"));
    assert_eq!(known.gp3_gb_month, Some(UnitPrice(80_000_000)));
    assert_eq!(known.public_ipv4, Some(HourlyRate(5_000_000)));
    let own = group("rootVolumeGiB: 30") + "prices: {gp3UsdPerGbMonth: 0.1}\n";
    assert_eq!(pricing(&own).gp3_gb_month, Some(UnitPrice(100_000_000)));
    let servers = TOP.replace("count: 1}]", "count: 1, launchType: EXTERNAL}]");
    let external = loaded(&servers, &[]).unwrap().scenario.pricing;
    assert_eq!(external.ecs_anywhere, Some(HourlyRate(10_250_000)));
}

#[test]
fn elsewhere_the_scenario_must_give_them() {
    const LABEL: &str = "the catalog has that of us-east-1 alone";
    let there = "region: eu-west-1\n";
    let balanced =
        format!("{there}{BALANCED}prices: {{loadBalancers: {{connectionsPerRequest: 1}}}}\n");
    for (rest, expected) in [
        (
            there.to_owned() + &group("rootVolumeGiB: 30"),
            format!(
                "no price of a gp3 volume in eu-west-1 is known | {LABEL} | give it: `prices: \
                 {{gp3UsdPerGbMonth: 0.01}}`"
            ),
        ),
        (
            there.to_owned() + &group("publicIpv4: true"),
            format!(
                "no price of a public IPv4 address in eu-west-1 is known | {LABEL} | give it: \
                 `prices: {{publicIpv4UsdPerHour: 0.01}}`"
            ),
        ),
        (
            balanced,
            format!(
                "no price of an Application Load Balancer in eu-west-1 is known | {LABEL} | give \
                 it: `applicationLoadBalancer: {{usdPerHour: 0.01, usdPerLcuHour: 0.01}}`"
            ),
        ),
    ] {
        assert_eq!(of(&rest), [expected], "{rest}");
    }
    let given = format!(
        "{there}{BALANCED}prices: {{loadBalancers: {{connectionsPerRequest: 1}}, \
         applicationLoadBalancer: {{usdPerHour: 0.0252, usdPerLcuHour: 0.008}}}}\n"
    );
    let rates = pricing(&given).load_balancers.unwrap().application;
    assert_eq!(rates.hour, HourlyRate(25_200_000));
}

#[test]
fn a_price_is_pointed_at_where_it_is_asked_for() {
    let text = format!("{TOP}region: eu-west-1\n{}", group("rootVolumeGiB: 30"));
    let error = loaded(&text, &[]).unwrap_err();
    let finding = error.diagnostics().in_order()[0];
    let (_, line, _) = error.diagnostics().position(finding).unwrap();
    assert_eq!(
        text.lines()
            .nth(line - 1)
            .unwrap()
            .trim_start()
            .split(':')
            .next(),
        Some("launchTemplate")
    );
}

#[test]
fn what_a_request_means_is_read_exactly() {
    let rest = format!(
        "{BALANCED}prices:
  loadBalancers:
    {{connectionsPerRequest: 0.05, connectionDuration: 2m, bytesPerRequest: 20 KB, rulesPerRequest: 12}}
  crossZoneTraffic: {{usdPerGb: 0.01, bytesPerRequest: 1.5 KB}}
"
    );
    let read = pricing(&rest);
    let balancers = read.load_balancers.unwrap();
    assert_eq!(balancers.connections_per_request, 50_000);
    assert_eq!(balancers.connection_duration, Millis(120_000));
    assert_eq!(
        (balancers.bytes_per_request, balancers.rules_per_request),
        (20_000, 12)
    );
    assert_eq!(
        balancers.application.capacity_unit_hour,
        HourlyRate(8_000_000)
    );
    let traffic = read.cross_zone_traffic.unwrap();
    assert_eq!(
        (traffic.gb, traffic.bytes_per_request),
        (UnitPrice(10_000_000), 1_500)
    );
}

#[test]
fn wrong_prices_are_refused_precisely() {
    for (prices, expected) in [
        (
            "loadBalancers: {}",
            "the key `connectionsPerRequest` is missing | add `connectionsPerRequest: 0.1`",
        ),
        (
            "loadBalancers: {connectionsPerRequest: 2}",
            "`2` is too large | expected new connections for each request, 0 to 1, at most six \
             decimals",
        ),
        (
            "crossZoneTraffic: {bytesPerRequest: 1 KB}",
            "the key `usdPerGb` is missing | add `usdPerGb: 0.01`",
        ),
        (
            "gp3: 0.08",
            "unknown key `gp3` | the keys here are `gp3UsdPerGbMonth`, `publicIpv4UsdPerHour`, `ecsAnywhereUsdPerHour`, `applicationLoadBalancer`, `networkLoadBalancer`, `loadBalancers`, `crossZoneTraffic`",
        ),
        (
            "gp3UsdPerGbMonth: free",
            "`free` is not a number in plain digits | expected US dollars such as `0.08`",
        ),
    ] {
        let rest = format!("{BALANCED}prices: {{{prices}}}\n");
        assert_eq!(of(&rest), [expected], "{prices}");
    }
}

#[test]
fn prices_without_use_are_warned_of() {
    let warned = |rest: &str| warnings(&format!("{TOP}{rest}"));
    assert_eq!(
        warned("prices: {gp3UsdPerGbMonth: 0.1}\n"),
        ["nothing is billed by `gp3UsdPerGbMonth`"]
    );
    assert_eq!(
        warned("prices: {applicationLoadBalancer: {usdPerHour: 1, usdPerLcuHour: 1}}\n"),
        ["nothing is billed by `applicationLoadBalancer`"]
    );
    assert_eq!(
        warned("prices: {loadBalancers: {connectionsPerRequest: 1}}\n"),
        ["there are no load balancers to bill"]
    );
}

#[test]
fn commitments_are_read_with_their_names() {
    let read = pricing(
        "commitments:
  reservedInstances:
    - {instanceType: m5.large, instanceCount: 2, usdPerHour: 0.06, availabilityZone: us-east-1b}
  savingsPlans:
    - savingsPlanType: EC2Instance
      ec2InstanceFamily: m5
      commitment: 0.5
      rates: [{instanceType: m5.large, usdPerHour: 0.061}]
    - name: all
      savingsPlanType: Compute
      commitment: 1.25
      rates:
        - {instanceType: m5.large, usdPerHour: 0.07}
        - {platform: Linux/ARM64, vcpuUsdPerHour: 0.02, memoryGbUsdPerHour: 0.002}
",
    )
    .commitments;
    let reserved = &read.reserved_instances[0];
    assert_eq!((reserved.name.as_str(), reserved.count), ("reserved-1", 2));
    assert_eq!(reserved.availability_zone.as_deref(), Some("us-east-1b"));
    let [family, all] = read.savings_plans.as_slice() else {
        panic!("two plans");
    };
    assert_eq!(family.name, "savings-plan-1");
    let of_family = SavingsPlanType::Ec2Instance {
        family: "m5".to_owned(),
    };
    assert_eq!(family.plan_type, of_family);
    assert_eq!(
        (all.name.as_str(), all.commitment),
        ("all", HourlyRate(1_250_000_000))
    );
    let arm = FargatePlatform::LinuxArm;
    let meters: Vec<&Meter> = all.rates.iter().map(|(meter, _)| meter).collect();
    let instance = Meter::Instance("m5.large".to_owned());
    assert_eq!(
        meters,
        [
            &instance,
            &Meter::FargateVcpu(arm),
            &Meter::FargateMemory(arm)
        ]
    );
}

#[test]
fn wrong_commitments_are_refused_precisely() {
    let plan = |keys: &str| format!("savingsPlans: [{{{keys}}}]");
    for (commitments, expected) in [
        (
            "reservedInstances: [{instanceType: m5.larg, instanceCount: 1, usdPerHour: 1}]"
                .to_owned(),
            "unknown instance type `m5.larg` | neither in the catalog nor in `instanceTypes` | did \
             you mean `m5.large`?",
        ),
        (
            "reservedInstances: [{instanceType: m5.large, usdPerHour: 0.1}]".to_owned(),
            "the key `instanceCount` is missing | add `instanceCount: 4`",
        ),
        (
            plan("savingsPlanType: Compute, commitment: 0, rates: []"),
            "a commitment costs something | expected US dollars an hour above 0",
        ),
        (
            plan("savingsPlanType: EC2Instances, commitment: 1, rates: []"),
            "`EC2Instances` is not a value of `savingsPlanType` | expected `Compute` or \
             `EC2Instance` | did you mean `EC2Instance`?",
        ),
        (
            plan("savingsPlanType: Compute, ec2InstanceFamily: m5, commitment: 1, rates: []"),
            "a Compute Savings Plan is for no one family | remove `ec2InstanceFamily`, or set \
             `savingsPlanType: EC2Instance`",
        ),
        (
            plan(
                "savingsPlanType: EC2Instance, ec2InstanceFamily: c5, commitment: 1, rates: \
                  [{instanceType: m5.large, usdPerHour: 0.1}]",
            ),
            "`m5.large` is not of the family `c5` | an EC2 Instance Savings Plan is for one \
             family; a Compute one for all",
        ),
        (
            plan(
                "savingsPlanType: EC2Instance, ec2InstanceFamily: c5, commitment: 1, rates: \
                  [{vcpuUsdPerHour: 0.1, memoryGbUsdPerHour: 0.1}]",
            ),
            "an EC2 Instance Savings Plan does not cover Fargate | a Compute Savings Plan does",
        ),
        (
            plan(
                "savingsPlanType: Compute, commitment: 1, rates: [{instanceType: m5.large, \
                  usdPerHour: 0.1}, {instanceType: m5.large, usdPerHour: 0.2}]",
            ),
            "a second rate for the same usage",
        ),
        (
            "reservedInstances: [{name: a, instanceType: m5.large, instanceCount: 1, usdPerHour: \
             1}, {name: a, instanceType: m5.large, instanceCount: 1, usdPerHour: 1}]"
                .to_owned(),
            "the name `a` is given twice in `commitments`",
        ),
    ] {
        let rest = format!("commitments: {{{commitments}}}\n");
        assert_eq!(of(&rest), [expected], "{commitments}");
    }
}

#[test]
fn commitments_without_use_are_warned_of() {
    let rest = "commitments:
  reservedInstances: [{instanceType: c5.large, instanceCount: 1, usdPerHour: 0.05}]
  savingsPlans:
    - {savingsPlanType: Compute, commitment: 1, rates: [{instanceType: c5.large, usdPerHour: 1}]}
";
    assert_eq!(
        warnings(&format!("{TOP}{rest}")),
        [
            "no instance of the scenario is of `reserved-1`'s c5.large",
            "`savings-plan-1` has a rate for nothing that is used"
        ]
    );
}
