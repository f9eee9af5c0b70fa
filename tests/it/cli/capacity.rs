//! What a hurried user gets wrong about capacity: refused with a way out, and nothing is written.

use super::Place;

const GROUP: &str = "duration: 1h
autoScalingGroups:
  - {autoScalingGroupName: asg, maxSize: 4, instanceType: m5.large, purchaseOption: spot}
capacityProviders: [{name: cp, autoScalingGroupProvider: {autoScalingGroupName: asg}}]
tasks:
  - {name: t, cpu: 256, memory: 512, arrivals: {at: 0s}, capacityProviderStrategy: [{capacityProvider: cp, weight: 1}]}
";
const FARGATE: &str = "duration: 1h
tasks:
  - {name: t, cpu: 256, memory: 512, arrivals: {at: 0s}, capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}]}
";

/// Runs a scenario with changes, which is refused: one error with these parts, and no warning.
fn refused(place: &Place, scenario: &str, set: &str, parts: &[&str]) {
    place.write("w.yaml", scenario);
    for command in ["validate", "run", "compare", "sweep"] {
        let mut arguments = vec![command, "w.yaml", "--set", set];
        match command {
            "validate" => {}
            "sweep" => arguments.extend(["--over", "duration=1h,2h", "--out", "out"]),
            "compare" => arguments.extend(["--variant", "b:seed=2", "--out", "out"]),
            _ => arguments.extend(["--out", "out", "--junit", "checks.xml"]),
        }
        let ended = place.run(&arguments).refused(parts);
        let shown = ended.err();
        assert_eq!(shown.matches("error: ").count(), 1, "{set}: {shown}");
        assert!(!shown.contains("warning: "), "{set}: {shown}");
        assert!(!place.path("out").exists(), "{set}");
        assert!(!place.path("checks.xml").exists(), "{set}");
    }
}

#[test]
fn a_strategy_that_places_nothing_is_refused() {
    let place = Place::new();
    let strategy = "tasks.t.capacityProviderStrategy";
    for (items, part) in [
        (
            "[{capacityProvider: FARGATE, weight: 0}, {capacityProvider: FARGATE_SPOT}]",
            "a strategy whose weights are all 0 places no task",
        ),
        (
            "[{capacityProvider: FARGATE, base: 1, weight: 1}, \
             {capacityProvider: FARGATE_SPOT, base: 2, weight: 1}]",
            "a second item with a `base`",
        ),
        (
            "[{capacityProvider: FARGATE_SPOTT, weight: 1}]",
            "did you mean `FARGATE_SPOT`?",
        ),
    ] {
        refused(&place, FARGATE, &format!("{strategy}={items}"), &[part]);
    }
}

#[test]
fn a_size_or_a_zone_that_there_is_not_is_refused() {
    let place = Place::new();
    let parts = ["No Fargate configuration exists", "300 CPU units"];
    refused(&place, FARGATE, "tasks.t.cpu=300", &parts);
    let zone = "autoScalingGroups.asg.availabilityZones=[us-east-1a, us-eats-1b]";
    let parts = ["is no zone of us-east-1", "did you mean `us-east-1b`?"];
    refused(&place, GROUP, zone, &parts);
    let parts = ["`0` is too small", "with 0 there is no capacity, ever"];
    refused(&place, GROUP, "autoScalingGroups.asg.maxSize=0", &parts);
    let desired = "autoScalingGroups.asg.desiredCapacity=5";
    refused(&place, GROUP, desired, &["`desiredCapacity`", "4"]);
}

#[test]
fn a_file_of_a_spot_pool_that_is_in_no_order_is_refused() {
    let place = Place::new();
    let set = "spot={pools: [{instanceType: m5.large, capacity: {file: pool.csv}}]}";
    for (rows, part) in [
        ("0,900,3\n100,1800,3\n", "row 2 (line 3): starts at 100 s"),
        ("900,1800,3\n0,900,3\n", "row 2 (line 3)"),
        ("0,420\n", "row 1 (line 2): 2 fields; the header has 3"),
    ] {
        place.write("pool.csv", format!("start_s,end_s,nodes\n{rows}"));
        refused(&place, GROUP, set, &["pool.csv", part]);
    }
    for price in ["NaN", "inf", "-0.1", "1e"] {
        let set = format!("spot={{pools: [{{instanceType: m5.large, usdPerHour: {price}}}]}}");
        refused(&place, GROUP, &set, &[price]);
    }
}
