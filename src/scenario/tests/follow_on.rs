//! Mistakes that would have others follow from them: the user sees the mistake, and nothing else.

use std::path::Path;

use super::{errors, messages, without_trailing_blanks};
use crate::scenario::{LoadOptions, load};

const TWO_PROVIDERS: &str = "duration: 1h
autoScalingGroups:
  - {autoScalingGroupName: a, maxSize: 10, instanceType: m5.large}
  - {autoScalingGroupName: b, maxSize: 10, instanceType: m5.large}
cluster:
  capacityProviders:
    - {name: one, autoScalingGroupProvider: {autoScalingGroupName: a}}
    - {name: two, autoScalingGroupProvider: {autoScalingGroupName: b}}
tasks:
  - name: job
    cpu: 1
    memory: 6
    arrivals: {at: 0s}
    capacityProviderStrategy: [{capacityProvider: one, weight: 1}, {capacityProvider: two, weight: 1}]
";

/// What the user sees of a scenario of this crate with changes.
fn shown(scenario: &str, sets: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("scenarios").join(scenario);
    let options = LoadOptions {
        sets: sets.iter().map(|&set| set.to_owned()).collect(),
        ..LoadOptions::default()
    };
    match load(&path, &options) {
        Ok(loaded) => without_trailing_blanks(&loaded.warnings.render(false)),
        Err(error) => without_trailing_blanks(&error.render(false)),
    }
}

/// One error with these parts, and no warning.
fn assert_alone(shown: &str, parts: &[&str]) {
    assert!(shown.starts_with("error: "), "{shown}");
    assert_eq!(shown.matches("error: ").count(), 1, "{shown}");
    assert!(!shown.contains("warning: "), "{shown}");
    for part in parts {
        assert!(shown.contains(part), "no `{part}` in:\n{shown}");
    }
}

#[test]
fn a_mistake_in_a_strategy_does_not_leave_fargate_unused() {
    let strategy = "services.web.capacityProviderStrategy";
    for (items, part) in [
        (
            "[{capacityProvider: FARGATE_SPOT, weight: 0}]",
            "a strategy whose weights are all 0",
        ),
        (
            "[{capacityProvider: FARGATE, base: 1, weight: 1}, \
             {capacityProvider: FARGATE_SPOT, base: 1, weight: 1}]",
            "a second item with a `base`",
        ),
        (
            "[{capacityProvider: FARGATE_SPOTT, weight: 1}]",
            "did you mean `FARGATE_SPOT`?",
        ),
        ("[{capacityProvider: FARGATE_SPOT, weight: -4}]", "-4"),
        ("[{capacityProvider: FARGATE_SPOT, weight: 1001}]", "1001"),
    ] {
        assert_alone(
            &shown("fargate-spot.yaml", &[&format!("{strategy}={items}")]),
            &[part],
        );
    }
}

#[test]
fn a_mistake_in_a_group_does_not_leave_spot_or_prices_unused() {
    let distribution = "autoScalingGroups.asg.mixedInstancesPolicy.instancesDistribution";
    let percentage = format!("{distribution}.onDemandPercentageAboveBaseCapacity=125");
    assert_alone(&shown("mixed-instances.yaml", &[&percentage]), &["125"]);
    assert_alone(
        &shown(
            "mixed-instances.yaml",
            &["autoScalingGroups.asg.availabilityZones=[]"],
        ),
        &["no zone is named"],
    );
    assert_alone(
        &shown(
            "cluster-auto-scaling.yaml",
            &["cluster.capacityProviders.cp.autoScalingGroupProvider.autoScalingGroupName=ags"],
        ),
        &["`ags`", "did you mean `asg`?"],
    );
    let strategy = "cluster.defaultCapacityProviderStrategy.cp.capacityProvider=ecs-cp";
    assert_alone(
        &shown("cluster-auto-scaling.yaml", &[strategy]),
        &["unknown capacity provider `ecs-cp`"],
    );
    let name = "cluster.capacityProviders.cp.name=ecs-cp";
    assert_alone(
        &shown("cluster-auto-scaling.yaml", &[name]),
        &["the name `ecs-cp` begins with `ecs`"],
    );
    let rate = "commitments.savingsPlans.plan.rates.0.instanceType=m5.lrage";
    assert_alone(
        &shown("savings-plan.yaml", &[rate]),
        &["m5.lrage", "did you mean `m5.large`?"],
    );
}

#[test]
fn a_size_that_fargate_does_not_have_is_told_alone() {
    let size = shown("fargate-spot.yaml", &["taskDefinitions.web.memory=9 GB"]);
    assert_alone(&size, &["No Fargate configuration exists"]);
    let bridge = shown(
        "fargate-spot.yaml",
        &["taskDefinitions.web.networkMode=bridge"],
    );
    assert_alone(&bridge, &["bridge"]);
}

#[test]
fn an_incident_whose_kind_is_misspelt_has_one_error() {
    let lost = "incidents=[{name: z, at: 1h, availabilityZonLost: us-east-1a}]";
    let shown = shown("lost-zone.yaml", &[lost]);
    assert_alone(
        &shown,
        &[
            "unknown key `availabilityZonLost`",
            "did you mean `availabilityZoneLost`?",
        ],
    );
}

#[test]
fn a_provider_that_is_given_twice_has_one_error() {
    for set in [
        "cluster.capacityProviders.1.name=one",
        "cluster.capacityProviders.0.name=two",
    ] {
        let Err(error) = super::loaded(TWO_PROVIDERS, &[set]) else {
            panic!("it is refused");
        };
        let shown = without_trailing_blanks(&error.render(false));
        assert_alone(&shown, &["is given twice"]);
    }
}

#[test]
fn fargate_beside_a_group_need_not_be_added_to_the_cluster() {
    let strategy = "tasks.job.capacityProviderStrategy+={capacityProvider: FARGATE, weight: 1}";
    let Err(error) = super::loaded(TWO_PROVIDERS, &[strategy]) else {
        panic!("it is refused");
    };
    assert_alone(
        &without_trailing_blanks(&error.render(false)),
        &["Fargate and Auto Scaling groups in one strategy"],
    );
}

#[test]
fn errors_come_before_warnings() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
tasks:
  - {name: late, cpu: 1, memory: 6, arrivals: {at: 2h}}
  - {name: wrong, cpu: x, memory: 6, arrivals: {at: 1m}}
";
    let shown = messages(text);
    let error = shown.find("error: ").expect("an error");
    let warning = shown.find("warning: these tasks never arrive");
    assert!(error < warning.expect("a warning"), "{shown}");
}

#[test]
fn a_lost_zone_says_nothing_of_fargate_where_nothing_runs_there() {
    let lost = "incidents.zone-lost.availabilityZoneLost=us-east-1d";
    let shown = shown("lost-zone.yaml", &[lost]);
    assert_alone(&shown, &["no container instance stands in `us-east-1d`"]);
}

#[test]
fn a_zone_that_the_region_does_not_have_is_refused_alone() {
    let zones = "autoScalingGroups.asg.availabilityZones=[us-east-1a, us-eats-1b, us-east-1c]";
    assert_alone(
        &shown("lost-zone.yaml", &[zones]),
        &[
            "`us-eats-1b` is no zone of us-east-1",
            "did you mean `us-east-1b`?",
        ],
    );
    assert_alone(
        &shown(
            "fargate-spot.yaml",
            &["fargate={availabilityZones: [us-west-2a]}"],
        ),
        &["it is one of us-west-2: set `region: us-west-2`"],
    );
    let subnet = errors("duration: 1h\nsubnets: [{subnetId: s, availabilityZone: use1-az1}]\n");
    let expected = "`use1-az1` is no zone of us-east-1 | expected a name such as `us-east-1a`";
    assert_eq!(subnet, [expected]);
}

#[test]
fn a_value_that_is_missing_does_not_remove_anything() {
    assert_alone(
        &shown("lost-zone.yaml", &["autoScalingGroups.asg.minSize="]),
        &[
            "there is no value behind `=`",
            "`null` removes the key",
            "autoScalingGroups.asg.minSize=null",
        ],
    );
    let removed = shown("lost-zone.yaml", &["autoScalingGroups.asg.minSize=null"]);
    for part in [
        "warning: the group `asg` never launches an instance",
        "set `desiredCapacity`, or enable `managedScaling` of its capacity provider `cp`",
    ] {
        assert!(removed.contains(part), "no `{part}` in:\n{removed}");
    }
}
