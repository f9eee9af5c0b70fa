//! The block, over groups of the test's own.

use std::path::Path;

use super::{Spot, SpotReader};
use crate::cloud::auto_scaling::GroupConfiguration;
use crate::cloud::spot::{SpotOptions, SpotPrice, SpotSupply};
use crate::kernel::Distribution;
use crate::model::{Attributes, InstanceTypeId};
use crate::scenario::capacity::{AutoScalingGroup, GroupType};
use crate::scenario::check::instance_types::InstanceTypes;
use crate::scenario::diagnostics::{Diagnostics, Severity};
use crate::scenario::node::Node;
use crate::scenario::read;
use crate::scenario::spec::InstanceSettings;
use crate::scenario::yaml;
use crate::units::{HourlyRate, MemoryMib, Millis, SimTime};

const TYPES: &str = "
instanceTypes:
- {instanceType: trace.node, cpu: 8 vCPU, memory: 32 GB, onDemandUsdPerHour: 1}
autoScalingGroups:
- {autoScalingGroupName: spots}
";

fn group(types: &[(u32, u64)], percentage: u32) -> AutoScalingGroup {
    let zones = ["us-east-1a", "us-east-1b"].map(str::to_owned);
    let mut configuration = GroupConfiguration::new(zones.to_vec());
    let distribution = &mut configuration.distribution;
    distribution.on_demand_percentage_above_base_capacity = percentage;
    let kind = |(id, nano): &(u32, u64)| GroupType {
        instance_type: InstanceTypeId(*id),
        on_demand: HourlyRate(*nano),
        registered_memory: MemoryMib(7_680),
    };
    AutoScalingGroup {
        name: "spots".to_owned(),
        configuration,
        types: types.iter().map(kind).collect(),
        settings: InstanceSettings {
            attributes: Attributes::default(),
            without_attributes: Vec::new(),
            operating_system_family: "LINUX".to_owned(),
            agent_connected: true,
            agent_version: "1.95.0".to_owned(),
            reserved_tcp_ports: Vec::new(),
            reserved_udp_ports: Vec::new(),
        },
        spot_instance_draining: false,
        root_volume_gib: None,
        public_ipv4: false,
    }
}

/// A group of m5.large (type 0), which the catalog knows.
fn of_m5() -> Vec<AutoScalingGroup> {
    vec![group(&[(0, 96_000_000)], 0)]
}

/// Reads a scenario's block for groups whose types are, by number, m5.large, c5.large, trace.node.
fn read(text: &str, groups: &[AutoScalingGroup], base_dir: &Path) -> (Spot, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let text = format!("{TYPES}{text}");
    let source = diagnostics.add_source("s.yaml", text.clone());
    let root = yaml::parse(&text, source, 0, &mut diagnostics).expect("the test's own text");
    let fields = read::mapping(&root, &mut diagnostics).expect("a mapping");
    let mut types = InstanceTypes::read(&fields, "us-east-1", &mut diagnostics);
    for name in ["m5.large", "c5.large", "trace.node"] {
        let node = named(name, root.place);
        types.find(&node, &mut diagnostics);
    }
    let reader = SpotReader {
        base_dir,
        region: "us-east-1",
        types: &types,
        groups,
    };
    let spot = reader.read(&fields, &mut diagnostics);
    (spot, diagnostics)
}

fn named(name: &str, place: crate::scenario::diagnostics::Place) -> Node {
    let text = name.to_owned();
    let value = crate::scenario::node::Value::Scalar {
        text,
        quoted: false,
    };
    Node { place, value }
}

fn right(text: &str, groups: &[AutoScalingGroup]) -> Spot {
    let (spot, diagnostics) = read(text, groups, Path::new(""));
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    spot
}

/// Line, title, label and help of each finding.
fn findings(text: &str, groups: &[AutoScalingGroup], base_dir: &Path) -> Vec<String> {
    let (_, diagnostics) = read(text, groups, base_dir);
    let found = diagnostics.in_order();
    let describe = |finding: &&crate::scenario::diagnostics::Diagnostic| {
        let mut parts = vec![finding.title(), finding.expected()];
        parts.extend(finding.advice().iter().map(String::as_str));
        parts.retain(|part| !part.is_empty());
        let mark = match finding.severity() {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        format!("{mark}{}", parts.join(" | "))
    };
    found.iter().map(describe).collect()
}

fn wrong(text: &str) -> Vec<String> {
    findings(text, &of_m5(), Path::new(""))
}

fn seconds(seconds: u64) -> SimTime {
    SimTime(seconds * 1_000)
}

#[test]
fn pools_are_those_of_the_groups_with_spot_by_type_and_zone() {
    let groups = [
        group(&[(0, 96_000_000)], 100),
        group(&[(1, 85_000_000), (0, 96_000_000)], 99),
        group(&[(0, 96_000_000)], 0),
    ];
    let spot = right("", &groups);
    let names: Vec<&str> = spot.pools.iter().map(|pool| pool.name.as_str()).collect();
    let expected = [
        "m5.large/us-east-1a",
        "m5.large/us-east-1b",
        "c5.large/us-east-1a",
        "c5.large/us-east-1b",
    ];
    assert_eq!(names, expected);
    assert_eq!(spot.pools[2].instance_type, InstanceTypeId(1));
    assert_eq!(spot.pools[3].availability_zone, "us-east-1b");
    assert!(right("", &groups[..1]).pools.is_empty());
    assert!(right("", &[]).pools.is_empty());
}

#[test]
fn price_and_interruptions_come_from_the_catalog_by_default() {
    // 66 % below On-Demand, 15 to 20 % a month.
    let spot = right("", &of_m5());
    let pool = &spot.pools[0];
    assert_eq!(pool.price, SpotPrice::Constant(HourlyRate(32_640_000)));
    let interruptions_per_month = 175_000;
    assert_eq!(
        pool.supply,
        SpotSupply::Stochastic {
            interruptions_per_month
        }
    );
    assert_eq!(spot.options, SpotOptions::default());
}

#[test]
fn what_holds_for_all_gives_way_to_the_type_and_the_type_to_the_zone() {
    let text = "
spot:
  savingsPercent: 50
  interruptions: 1.5%
  pools:
  - {instanceType: m5.large, price: 0.03}
  - {instanceType: m5.large, availabilityZone: us-east-1b, savingsPercent: 70.25, capacity: 4}
";
    let groups = [group(&[(0, 96_000_000), (1, 85_000_000)], 0)];
    let pools = right(text, &groups).pools;
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
        let spot = right(&format!("spot: {{interruptions: {text}}}"), &of_m5());
        let supply = SpotSupply::Stochastic {
            interruptions_per_month: expected,
        };
        assert_eq!(spot.pools[0].supply, supply, "{text}");
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
    assert_eq!(right(text, &of_m5()).options, expected);
    let all = right("spot: {reclaimedPercent: 100}", &of_m5());
    assert_eq!(all.options.reclaimed_percent, (100, 100));
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
    let pools = right(text, &of_m5()).pools;
    let steps = [(0, 0), (60, 5), (180, 0), (300, 2)].map(|(at, nodes)| (seconds(at), nodes));
    assert_eq!(pools[0].supply, SpotSupply::Trace(steps.to_vec()));
    let unlimited = "spot: {pools: [{instanceType: m5.large, capacity: unlimited}]}";
    assert_eq!(
        right(unlimited, &of_m5()).pools[0].supply,
        SpotSupply::Unlimited
    );
}

#[test]
fn prices_may_be_a_series() {
    let text = "
spot:
  pools:
  - instanceType: m5.large
    price: [{at: 1h, price: 0.03}, {at: 2h, price: 0.05}]
";
    let pools = right(text, &of_m5()).pools;
    let steps = [(0, 30_000_000), (7_200, 50_000_000)];
    let steps = steps.map(|(at, nano)| (seconds(at), HourlyRate(nano)));
    assert_eq!(pools[0].price, SpotPrice::Series(steps.to_vec()));
}

#[test]
fn types_without_figures_want_a_price_and_a_supply() {
    let groups = [group(&[(2, 1_000_000_000)], 0)];
    let found = |text: &str| findings(text, &groups, Path::new(""));
    assert_eq!(
        found(""),
        ["the Spot price of `trace.node` is not known | \
          the catalog has no Spot figures of it in us-east-1 | \
          give it in `spot.pools`: `{instanceType: trace.node, price: 0.035}`"]
    );
    assert_eq!(
        found("spot: {pools: [{instanceType: trace.node, savingsPercent: 60}]}"),
        [
            "how often EC2 interrupts Spot Instances of `trace.node` is not known | \
          the catalog has no Spot figures of it in us-east-1 | \
          give it in `spot.pools`: `{instanceType: trace.node, interruptions: 5-10%}`"
        ]
    );
    let whole = "spot: {savingsPercent: 60, interruptions: 5-10%}";
    let price = SpotPrice::Constant(HourlyRate(400_000_000));
    assert_eq!(right(whole, &groups).pools[0].price, price);
}

#[test]
fn unknown_pools_have_their_nearest_name() {
    assert_eq!(
        wrong("spot: {pools: [{instanceType: m5.lage}]}"),
        [
            "no group launches Spot Instances of `m5.lage` | they launch `m5.large` | \
          did you mean `m5.large`?"
        ]
    );
    assert_eq!(
        wrong("spot: {pools: [{instanceType: m5.large, availabilityZone: us-east-1x}]}"),
        [
            "no group launches Spot Instances of `m5.large` in `us-east-1x` | \
          they launch it in `us-east-1a`, `us-east-1b` | did you mean `us-east-1a`?"
        ]
    );
    assert_eq!(
        wrong("spot: {pools: [{instanceType: m5.large}, {instanceType: m5.large}]}"),
        ["the pool `m5.large` is given twice | put all that is to hold for it into one entry"]
    );
}

#[test]
fn a_block_without_spot_groups_is_warned_of() {
    let groups = [group(&[(0, 96_000_000)], 100)];
    assert_eq!(
        findings("spot: {outage: 1h}", &groups, Path::new("")),
        [
            "warning: `spot` is set, and no group launches Spot Instances | \
          a group does with `onDemandPercentageAboveBaseCapacity` below 100"
        ]
    );
}

#[test]
fn a_price_that_nobody_pays_is_warned_of() {
    let pool = |price: &str| format!("spot: {{pools: [{{instanceType: m5.large, {price}}}]}}");
    let found = wrong(&pool("price: 0.097"));
    let expected = |zone: &str| {
        format!(
            "warning: no group ever launches `m5.large` in `{zone}` as Spot | \
             the price is above the maximum price at all times | \
             the maximum is `spotMaxPrice` of the group, else the On-Demand price"
        )
    };
    assert_eq!(found, [expected("us-east-1a"), expected("us-east-1b")]);
    let at_times = "price: [{at: 0s, price: 0.2}, {at: 1h, price: 0.05}]";
    assert!(wrong(&pool(at_times)).is_empty());
}

#[test]
fn wrong_values_are_told_with_what_is_expected() {
    let pool = |terms: &str| format!("spot: {{pools: [{{instanceType: m5.large, {terms}}}]}}");
    let class = "expected a class of the Spot Instance Advisor (\"<5%\", \"5-10%\", \"10-15%\", \
                 \"15-20%\", \">20%\"), or a percentage a month from 0% to 99%";
    let savings = "expected a percentage from 0 to 100, at most two decimals";
    let price = "expected US dollars an hour such as `0.096`";
    for (text, expected) in [
        (
            pool("price: NaN"),
            format!("`NaN` is not a number in plain digits | {price}"),
        ),
        (
            pool("price: -0.1"),
            format!("`-0.1` must not be negative | {price}"),
        ),
        (
            pool("price: cheap"),
            format!("`cheap` is not a number in plain digits | {price}"),
        ),
        (
            pool("savingsPercent: 101"),
            format!("`101` is too large | {savings}"),
        ),
        (
            pool("interruptions: 5-11%"),
            format!("`5-11%` is not a number in plain digits | {class} | did you mean `5-10%`?"),
        ),
        (
            pool("interruptions: 5"),
            format!("`5` is no percentage | {class} | write `5%`"),
        ),
        (
            pool("interruptions: 100%"),
            format!("`100%` is too often | {class}"),
        ),
        (
            pool("price: 0.03, savingsPercent: 60"),
            "`savingsPercent` beside `price` | `price` says it all: remove one of them".to_owned(),
        ),
        (
            pool("capacity: 5, interruptions: 5%"),
            "`interruptions` beside `capacity` | `capacity` says it all: remove one of them"
                .to_owned(),
        ),
        (
            pool("capacity: -5"),
            "`-5` is negative | expected a whole number from 0 to 1000000 | or `unlimited`, a \
             list of `{start, end, nodes}`, or `{file: pool.csv}`"
                .to_owned(),
        ),
        (
            pool("capacity: []"),
            "a capacity of no intervals | expected some such as `{start: 0s, end: 1h, nodes: 10}`"
                .to_owned(),
        ),
        (
            pool("price: []"),
            "a series of no prices | expected some such as `{at: 0s, price: 0.035}`".to_owned(),
        ),
        (
            pool("price: [{at: 1h, price: 1}, {at: 1h, price: 2}]"),
            "this price is not after that at 1h | \
             prices stand in order of time, each at a time of its own"
                .to_owned(),
        ),
        (
            pool("capacity: [{start: 1h, end: 1h, nodes: 1}]"),
            "this interval ends at 1h, not after its start at 1h | \
             an interval ends later than it starts"
                .to_owned(),
        ),
        (
            pool("capacity: [{start: 1h, end: 2h, nodes: 1}, {start: 0s, end: 1h, nodes: 2}]"),
            "this interval starts at 0s, before the one ahead of it (1h) | \
             put the intervals in the order of their starts"
                .to_owned(),
        ),
        (
            pool("capacity: [{start: 1h, end: 2h, nodes: 1}, {start: 90m, end: 3h, nodes: 2}]"),
            "this interval starts at 1h 30m, and the one ahead of it lasts until 2h | \
             end the one ahead of it at 1h 30m: a pool has one capacity"
                .to_owned(),
        ),
        (
            "spot: {reclaimedPercent: {min: 60, max: 30}}".to_owned(),
            "`max` (30) is below `min` (60) | expected at least `min`".to_owned(),
        ),
        (
            "spot: {clusteredPercent: 101}".to_owned(),
            "`101` is too large | expected a whole number from 0 to 100".to_owned(),
        ),
        (
            "spot: {outages: 1h}".to_owned(),
            "unknown key `outages` | did you mean `outage`?".to_owned(),
        ),
    ] {
        assert_eq!(wrong(&text), [expected], "{text}");
    }
}

/// What is wrong with a file called `pool.csv` of this text under a key.
fn of_file(key: &str, text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("pool.csv"), text).unwrap();
    let block = format!("spot: {{pools: [{{instanceType: m5.large, {key}: {{file: pool.csv}}}}]}}");
    findings(&block, &of_m5(), directory.path())
}

#[test]
fn a_capacity_trace_replays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let text = "start_s,end_s,nodes\n0,900,0\n900,2100.5,3\n2100.5,3000,7\n3600,4000,1\n";
    std::fs::write(directory.path().join("pool.csv"), text).unwrap();
    let block = "spot: {pools: [{instanceType: m5.large, capacity: {file: pool.csv}}]}";
    let (spot, diagnostics) = read(block, &of_m5(), directory.path());
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    let steps = [
        (0, 0),
        (900_000, 3),
        (2_100_500, 7),
        (3_000_000, 0),
        (3_600_000, 1),
    ];
    let steps = steps.map(|(at, nodes)| (SimTime(at), nodes));
    assert_eq!(spot.pools[1].supply, SpotSupply::Trace(steps.to_vec()));
}

#[test]
fn a_price_series_of_a_file_holds_its_first_price_before() {
    let directory = tempfile::tempdir().unwrap();
    let text = "\u{feff}price,time_s\n0.0425,60\n0.0407, 120\n";
    std::fs::write(directory.path().join("pool.csv"), text).unwrap();
    let block = "spot: {pools: [{instanceType: m5.large, price: {file: pool.csv}}]}";
    let (spot, diagnostics) = read(block, &of_m5(), directory.path());
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    let steps = [(0, 42_500_000), (120, 40_700_000)];
    let steps = steps.map(|(at, nano)| (seconds(at), HourlyRate(nano)));
    assert_eq!(spot.pools[0].price, SpotPrice::Series(steps.to_vec()));
}

#[test]
fn wrong_files_are_told_by_row_and_line() {
    let header = "the first line is `start_s,end_s,nodes`";
    let times = "times are seconds since the start of the run, such as 195 or 0.5";
    let whole = "expected a whole number from 0 to 1000000";
    for (rows, expected) in [
        ("", format!("the file is empty | {header}")),
        (" \n\n", format!("the file is empty | {header}")),
        (
            "start_s,end_s,nodes\n",
            "the file has no rows | add at least one row below the header".to_owned(),
        ),
        (
            "start_s,ends_s,nodes\n0,1,1\n",
            format!("the header has the unknown column `ends_s`; did you mean `end_s`? | {header}"),
        ),
        (
            "0,900,3\n",
            format!("the header has the unknown column `0` | {header}"),
        ),
        (
            "start_s,end_s\n0,1\n",
            format!("the header lacks the column `nodes` | {header}"),
        ),
        (
            "start_s,end_s,nodes,nodes\n0,1,1,1\n",
            format!("column `nodes` stands in the header twice | {header}"),
        ),
        (
            "start_s,end_s,nodes\n0,900,3\n100,200,3\n",
            "row 2 (line 3): starts at 100 s, and the one ahead of it lasts until 900 s | \
             end the one ahead of it at 100 s: a pool has one capacity"
                .to_owned(),
        ),
        (
            "start_s,end_s,nodes\n50.5,900,3\n0,50.5,1\n",
            "row 2 (line 3): starts at 0 s, before the one ahead of it (50.5 s) | \
             put the intervals in the order of their starts"
                .to_owned(),
        ),
        (
            "start_s,end_s,nodes\n9,9,3\n",
            "row 1 (line 2): ends at 9 s, not after its start at 9 s | \
             an interval ends later than it starts"
                .to_owned(),
        ),
        (
            "start_s,end_s,nodes\n0,nan,3\n",
            format!(
                "row 1 (line 2): `end_s` is `nan`, which is not a number in plain digits | {times}"
            ),
        ),
        (
            "start_s,end_s,nodes\n-1,5,3\n",
            format!("row 1 (line 2): `start_s` is `-1`, which must not be negative | {times}"),
        ),
        (
            "start_s,end_s,nodes\n0.0001,5,3\n",
            format!(
                "row 1 (line 2): `start_s` is `0.0001`, which is finer than a millisecond | {times}"
            ),
        ),
        (
            "start_s,end_s,nodes\n0,5,2.5\n",
            format!("row 1 (line 2): `nodes` is `2.5`, which is no number of instances | {whole}"),
        ),
        (
            "start_s,end_s,nodes\n0,5,+2\n",
            format!("row 1 (line 2): `nodes` is `+2`, which is no number of instances | {whole}"),
        ),
    ] {
        assert_eq!(
            of_file("capacity", rows),
            [format!("pool.csv: {expected}")],
            "{rows:?}"
        );
    }
    let ragged = of_file("capacity", "start_s,end_s,nodes\n0,5\n");
    assert!(
        ragged[0].contains("each row has a value a column"),
        "{ragged:?}"
    );
    for (rows, expected) in [
        (
            "time_s,price\n0,NaN\n",
            "row 1 (line 2): `price` is `NaN`, which is not a number in plain digits | \
             prices are US dollars an hour, such as 0.035",
        ),
        (
            "time_s,price\n0,-1\n",
            "row 1 (line 2): `price` is `-1`, which must not be negative | \
             prices are US dollars an hour, such as 0.035",
        ),
        (
            "time_s,price\n10,1\n10,2\n",
            "row 2 (line 3): its time is not after that of the row ahead of it | \
             put the rows in order of time, each at a time of its own",
        ),
    ] {
        assert_eq!(
            of_file("price", rows),
            [format!("pool.csv: {expected}")],
            "{rows:?}"
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("pool.csv"), [0x1f, 0x8b, 0xff]).unwrap();
    let block = |file: &str| {
        format!("spot: {{pools: [{{instanceType: m5.large, capacity: {{file: {file}}}}}]}}")
    };
    let found = |file: &str| findings(&block(file), &of_m5(), directory.path());
    assert_eq!(
        found("pool.csv"),
        ["pool.csv: the file is no text | \
          a plain CSV file in UTF-8 is expected; unpack a compressed one"]
    );
    assert_eq!(
        found("pol.csv"),
        [
            "cannot read `pol.csv`: no such file | relative to the directory of the scenario | \
          did you mean `pool.csv`?"
        ]
    );
}
