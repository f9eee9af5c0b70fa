//! `spot` in right scenarios: the pools of the groups, and what each holds and costs.

use std::path::Path;

use crate::cloud::spot::{SpotOptions, SpotPrice, SpotSupply};
use crate::kernel::Distribution;
use crate::scenario::{LoadError, LoadOptions, Loaded, Scenario, load_text};
use crate::units::{HourlyRate, Millis, SimTime};

/// A group of these types in two zones, so many percent of it On-Demand.
pub(super) fn group(name: &str, types: &[&str], percentage: u32) -> String {
    let overrides = types.iter().map(|name| format!("{{instanceType: {name}}}"));
    let overrides = overrides.collect::<Vec<_>>().join(", ");
    format!(
        "- autoScalingGroupName: {name}
  maxSize: 4
  desiredCapacity: 1
  availabilityZones: [us-east-1a, us-east-1b]
  mixedInstancesPolicy:
    launchTemplate: {{overrides: [{overrides}]}}
    instancesDistribution: {{onDemandPercentageAboveBaseCapacity: {percentage}}}
"
    )
}

/// Loads a scenario of these groups, with a block that may be empty.
pub(super) fn load(groups: &str, block: &str, directory: &Path) -> Result<Loaded, LoadError> {
    let own = if groups.contains("trace.node") {
        "{instanceType: trace.node, cpu: 8 vCPU, memory: 32 GB, onDemandUsdPerHour: 1}"
    } else {
        ""
    };
    let text = format!(
        "duration: 1h
instanceTypes: [{own}]
autoScalingGroups:
{groups}{block}
"
    );
    load_text(&text, "s.yaml", directory, &LoadOptions::default())
}

/// The same for one group that launches Spot Instances alone.
pub(super) fn load_spot(
    types: &[&str],
    block: &str,
    directory: &Path,
) -> Result<Loaded, LoadError> {
    load(&group("spots", types, 0), block, directory)
}

fn right(types: &[&str], block: &str) -> Scenario {
    let loaded = load_spot(types, block, Path::new(""));
    loaded.unwrap_or_else(|error| panic!("{error}")).scenario
}

fn seconds(seconds: u64) -> SimTime {
    SimTime(seconds * 1_000)
}

#[test]
fn pools_are_those_of_the_groups_with_spot_by_type_and_zone() {
    let groups = [
        group("plain", &["m5.large"], 100),
        group("mixed", &["c5.large", "m5.large"], 99),
        group("spots", &["m5.large"], 0),
    ];
    let read = |groups: &str| {
        let loaded = load(groups, "", Path::new(""));
        loaded
            .unwrap_or_else(|error| panic!("{error}"))
            .scenario
            .spot_pools
    };
    let pools = read(&groups.concat());
    let names: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
    let expected = [
        "m5.large/us-east-1a",
        "m5.large/us-east-1b",
        "c5.large/us-east-1a",
        "c5.large/us-east-1b",
    ];
    assert_eq!(names, expected);
    assert_eq!(pools[2].instance_type.0, 1);
    assert_eq!(pools[3].availability_zone, "us-east-1b");
    assert!(read(&groups[0]).is_empty());
}

#[test]
fn price_and_interruptions_come_from_the_catalog_by_default() {
    // 66 % below On-Demand, 15 to 20 % a month.
    let spot = right(&["m5.large"], "");
    let pool = &spot.spot_pools[0];
    assert_eq!(pool.price, SpotPrice::Constant(HourlyRate(32_640_000)));
    let interruptions_per_month = 175_000;
    assert_eq!(
        pool.supply,
        SpotSupply::Stochastic {
            interruptions_per_month
        }
    );
    assert_eq!(spot.spot_options, SpotOptions::default());
}

#[test]
fn what_holds_for_all_gives_way_to_the_type_and_the_type_to_the_zone() {
    let text = "
spot:
  savingsPercent: 50
  interruptions: 1.5%
  pools:
  - {instanceType: m5.large, usdPerHour: 0.03}
  - {instanceType: m5.large, availabilityZone: us-east-1b, savingsPercent: 70.25, capacity: 4}
";
    let pools = right(&["m5.large", "c5.large"], text).spot_pools;
    let prices = [30_000_000, 28_560_000, 42_500_000, 42_500_000];
    let prices = prices.map(|nano| SpotPrice::Constant(HourlyRate(nano)));
    assert!(pools.iter().map(|pool| &pool.price).eq(&prices));
    let rare = SpotSupply::Stochastic {
        interruptions_per_month: 15_000,
    };
    let supplies = [rare.clone(), SpotSupply::Constant(4), rare.clone(), rare];
    assert!(pools.iter().map(|pool| &pool.supply).eq(&supplies));
}

#[test]
fn the_classes_of_the_advisor_are_their_middles() {
    for (text, expected) in [
        ("\"<5%\"", 25_000),
        ("5-10%", 75_000),
        ("10-15%", 125_000),
        ("15-20%", 175_000),
        ("\">20%\"", 225_000),
        ("0%", 0),
        ("33.3333%", 333_333),
        ("99%", 990_000),
    ] {
        let spot = right(&["m5.large"], &format!("spot: {{interruptions: {text}}}"));
        let supply = SpotSupply::Stochastic {
            interruptions_per_month: expected,
        };
        assert_eq!(spot.spot_pools[0].supply, supply, "{text}");
    }
}

#[test]
fn options_of_the_model_have_names() {
    let text = "
spot:
  reclaimedPercent: {min: 10, max: 30}
  clusteredPercent: 100
  scatteredSpan: 2h
  outage: 5m
  recommendationPercent: 80
  recommendationLead: {fixed: 30m}
";
    let expected = SpotOptions {
        reclaimed_percent: (10, 30),
        clustered_percent: 100,
        scattered_span: Millis(2 * Millis::HOUR.0),
        outage: Distribution::Fixed(Millis(300_000)),
        recommendation_percent: 80,
        recommendation_lead: Distribution::Fixed(Millis(1_800_000)),
    };
    assert_eq!(right(&["m5.large"], text).spot_options, expected);
    let all = right(&["m5.large"], "spot: {reclaimedPercent: 100}");
    assert_eq!(all.spot_options.reclaimed_percent, (100, 100));
}

#[test]
fn capacity_over_time_is_nothing_before_between_and_the_last_after_the_intervals() {
    let text = "
spot:
  pools:
  - instanceType: m5.large
    capacity:
    - {start: 1m, end: 2m, nodes: 5}
    - {start: 2m, end: 3m, nodes: 5}
    - {start: 5m, end: 6m, nodes: 2}
";
    let pools = right(&["m5.large"], text).spot_pools;
    let steps = [(0, 0), (60, 5), (180, 0), (300, 2)].map(|(at, nodes)| (seconds(at), nodes));
    assert_eq!(pools[0].supply, SpotSupply::Trace(steps.to_vec()));
    let unlimited = "spot: {pools: [{instanceType: m5.large, capacity: unlimited}]}";
    assert_eq!(
        right(&["m5.large"], unlimited).spot_pools[0].supply,
        SpotSupply::Unlimited
    );
}

#[test]
fn prices_may_be_a_series() {
    let text = "
spot:
  pools:
  - instanceType: m5.large
    usdPerHour: [{at: 1h, usdPerHour: 0.03}, {at: 2h, usdPerHour: 0.05}]
";
    let pools = right(&["m5.large"], text).spot_pools;
    let steps = [(0, 30_000_000), (7_200, 50_000_000)];
    let steps = steps.map(|(at, nano)| (seconds(at), HourlyRate(nano)));
    assert_eq!(pools[0].price, SpotPrice::Series(steps.to_vec()));
}

#[test]
fn a_capacity_trace_replays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let text = "start_s,end_s,nodes\n0,900,0\n900,2100.5,3\n2100.5,3000,7\n3600,4000,1\n";
    std::fs::write(directory.path().join("pool.csv"), text).unwrap();
    let block = "spot: {pools: [{instanceType: m5.large, capacity: {file: pool.csv}}]}";
    let loaded = load_spot(&["m5.large"], block, directory.path());
    let spot = loaded.unwrap_or_else(|error| panic!("{error}")).scenario;
    let steps = [
        (0, 0),
        (900_000, 3),
        (2_100_500, 7),
        (3_000_000, 0),
        (3_600_000, 1),
    ];
    let steps = steps.map(|(at, nodes)| (SimTime(at), nodes));
    assert_eq!(spot.spot_pools[1].supply, SpotSupply::Trace(steps.to_vec()));
}

#[test]
fn a_price_series_of_a_file_holds_its_first_price_before() {
    let directory = tempfile::tempdir().unwrap();
    let text = "\u{feff}price,time\n0.0425,60\n0.0407, 120\n";
    std::fs::write(directory.path().join("pool.csv"), text).unwrap();
    let block = "spot: {pools: [{instanceType: m5.large, usdPerHour: {file: pool.csv}}]}";
    let loaded = load_spot(&["m5.large"], block, directory.path());
    let spot = loaded.unwrap_or_else(|error| panic!("{error}")).scenario;
    let steps = [(0, 42_500_000), (120, 40_700_000)];
    let steps = steps.map(|(at, nano)| (seconds(at), HourlyRate(nano)));
    assert_eq!(spot.spot_pools[0].price, SpotPrice::Series(steps.to_vec()));
}
