//! `spot` in wrong scenarios: what is said of it.

use std::path::Path;

use super::spot::{group, load, load_spot};
use crate::scenario::diagnostics::{Diagnostic, Diagnostics, Severity};

/// Title, label and help of each error and warning of a group of these types.
fn findings(types: &[&str], block: &str, directory: &Path) -> Vec<String> {
    match load_spot(types, block, directory) {
        Ok(loaded) => described(&loaded.warnings),
        Err(error) => described(error.diagnostics()),
    }
}

fn described(diagnostics: &Diagnostics) -> Vec<String> {
    let describe = |finding: &Diagnostic| {
        let mut parts = vec![finding.title(), finding.expected()];
        parts.extend(finding.advice().iter().map(String::as_str));
        parts.retain(|part| !part.is_empty());
        let mark = match finding.severity() {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        format!("{mark}{}", parts.join(" | "))
    };
    let found = diagnostics.in_order();
    found.into_iter().map(describe).collect()
}

fn wrong(block: &str) -> Vec<String> {
    findings(&["m5.large"], block, Path::new(""))
}

#[test]
fn types_without_figures_want_a_price_and_a_supply() {
    let found = |block: &str| findings(&["trace.node"], block, Path::new(""));
    assert_eq!(
        found(""),
        ["the Spot price of `trace.node` is not known | \
          the catalog has no Spot figures of it in us-east-1 | \
          give it in `spot.pools`: `{instanceType: trace.node, usdPerHour: 0.035}`"]
    );
    assert_eq!(
        found("spot: {pools: [{instanceType: trace.node, savingsPercent: 60}]}"),
        [
            "how often EC2 interrupts Spot Instances of `trace.node` is not known | \
          the catalog has no Spot figures of it in us-east-1 | \
          give it in `spot.pools`: `{instanceType: trace.node, interruptions: 5-10%}`"
        ]
    );
    assert!(found("spot: {savingsPercent: 60, interruptions: 5-10%}").is_empty());
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
    let groups = group("plain", &["m5.large"], 100);
    let loaded = load(&groups, "spot: {outage: 1h}", Path::new("")).unwrap();
    assert_eq!(
        described(&loaded.warnings),
        [
            "warning: `spot` is set, and no group launches Spot Instances | \
          a group does with `onDemandPercentageAboveBaseCapacity` below 100"
        ]
    );
}

#[test]
fn a_price_that_nobody_pays_is_warned_of() {
    let found = wrong(&pool("usdPerHour: 0.097"));
    let expected = |zone: &str| {
        format!(
            "warning: no group ever launches `m5.large` in `{zone}` as Spot | \
             the price is above the maximum price at all times | \
             the maximum is `spotMaxPrice` of the group, else the On-Demand price"
        )
    };
    assert_eq!(found, [expected("us-east-1a"), expected("us-east-1b")]);
    let at_times = "usdPerHour: [{at: 0s, usdPerHour: 0.2}, {at: 1h, usdPerHour: 0.05}]";
    assert!(wrong(&pool(at_times)).is_empty());
}

/// A block with one entry for m5.large.
fn pool(terms: &str) -> String {
    format!("spot: {{pools: [{{instanceType: m5.large, {terms}}}]}}")
}

#[test]
fn wrong_prices_and_interruptions_are_told_with_what_is_expected() {
    let class = "expected a class of the Spot Instance Advisor (\"<5%\", \"5-10%\", \"10-15%\", \
                 \"15-20%\", \">20%\"), or a percentage a month from 0% to 99%";
    let savings = "expected a percentage from 0 to 100, at most two decimals";
    let price = "expected US dollars an hour such as `0.096`";
    for (text, expected) in [
        (
            pool("usdPerHour: NaN"),
            format!("`NaN` is not a number in plain digits | {price}"),
        ),
        (
            pool("usdPerHour: -0.1"),
            format!("`-0.1` must not be negative | {price}"),
        ),
        (
            pool("usdPerHour: cheap"),
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
            pool("usdPerHour: 0.03, savingsPercent: 60"),
            "`savingsPercent` beside `usdPerHour` | `usdPerHour` says it all: remove one of them"
                .to_owned(),
        ),
        (
            pool("capacity: 5, interruptions: 5%"),
            "`interruptions` beside `capacity` | `capacity` says it all: remove one of them"
                .to_owned(),
        ),
    ] {
        assert_eq!(wrong(&text), [expected], "{text}");
    }
}

#[test]
fn wrong_series_are_told_with_what_is_expected() {
    for (text, expected) in [
        (
            pool("capacity: -5"),
            "`-5` is negative | expected a whole number from 0 to 1000000 | or `unlimited`, a \
             list of `{start, end, nodes}`, or `{file: pool.csv}`",
        ),
        (
            pool("capacity: []"),
            "a capacity of no intervals | expected some such as `{start: 0s, end: 1h, nodes: 10}`",
        ),
        (
            pool("usdPerHour: []"),
            "a series of no prices | expected some such as `{at: 0s, usdPerHour: 0.035}`",
        ),
        (
            pool("usdPerHour: [{at: 1h, usdPerHour: 1}, {at: 1h, usdPerHour: 2}]"),
            "this price is not after that at 1h | \
             prices stand in order of time, each at a time of its own",
        ),
        (
            pool("capacity: [{start: 1h, end: 1h, nodes: 1}]"),
            "this interval ends at 1h, not after its start at 1h | \
             an interval ends later than it starts",
        ),
        (
            pool("capacity: [{start: 1h, end: 2h, nodes: 1}, {start: 0s, end: 1h, nodes: 2}]"),
            "this interval starts at 0s, before the one ahead of it (1h) | \
             put the intervals in the order of their starts",
        ),
        (
            pool("capacity: [{start: 1h, end: 2h, nodes: 1}, {start: 90m, end: 3h, nodes: 2}]"),
            "this interval starts at 1h 30m, and the one ahead of it lasts until 2h | \
             end the one ahead of it at 1h 30m: a pool has one capacity",
        ),
    ] {
        assert_eq!(wrong(&text), [expected], "{text}");
    }
}

#[test]
fn wrong_options_are_told_with_what_is_expected() {
    for (text, expected) in [
        (
            "spot: {reclaimedPercent: {min: 60, max: 30}}",
            "`max` (30) is below `min` (60) | expected at least `min`",
        ),
        (
            "spot: {clusteredPercent: 101}",
            "`101` is too large | expected a whole number from 0 to 100",
        ),
        (
            "spot: {outages: 1h}",
            "unknown key `outages` | did you mean `outage`?",
        ),
    ] {
        assert_eq!(wrong(text), [expected], "{text}");
    }
}

/// What is wrong with a file called `pool.csv` of this text under a key.
fn of_file(key: &str, text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("pool.csv"), text).unwrap();
    let block = format!("spot: {{pools: [{{instanceType: m5.large, {key}: {{file: pool.csv}}}}]}}");
    findings(&["m5.large"], &block, directory.path())
}

#[test]
fn files_of_another_form_are_told() {
    let header = "the first line is `start_s,end_s,nodes`";
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
    ] {
        assert_eq!(
            of_file("capacity", rows),
            [format!("pool.csv: {expected}")],
            "{rows:?}"
        );
    }
    let ragged = of_file("capacity", "start_s,end_s,nodes\n0,5\n");
    let expected = "pool.csv: row 1 (line 2): 2 fields; the header has 3 | each row has a value a \
                    column";
    assert_eq!(ragged, [expected]);
}

#[test]
fn intervals_of_files_are_told_by_row_and_line() {
    for (rows, expected) in [
        (
            "start_s,end_s,nodes\n0,900,3\n100,200,3\n",
            "row 2 (line 3): starts at 100 s, and the one ahead of it lasts until 900 s | \
             end the one ahead of it at 100 s: a pool has one capacity",
        ),
        (
            "start_s,end_s,nodes\n50.5,900,3\n0,50.5,1\n",
            "row 2 (line 3): starts at 0 s, before the one ahead of it (50.5 s) | \
             put the intervals in the order of their starts",
        ),
        (
            "start_s,end_s,nodes\n9,9,3\n",
            "row 1 (line 2): ends at 9 s, not after its start at 9 s | \
             an interval ends later than it starts",
        ),
    ] {
        assert_eq!(
            of_file("capacity", rows),
            [format!("pool.csv: {expected}")],
            "{rows:?}"
        );
    }
}

#[test]
fn values_of_files_are_told_by_row_and_line() {
    let times = "times are seconds since the start of the run, such as 195 or 0.5";
    let whole = "expected a whole number from 0 to 1000000";
    for (rows, expected) in [
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
    for (rows, expected) in [
        (
            "time,price\n0,NaN\n",
            "row 1 (line 2): `price` is `NaN`, which is not a number in plain digits | \
             prices are US dollars an hour, such as 0.035",
        ),
        (
            "time,price\n0,-1\n",
            "row 1 (line 2): `price` is `-1`, which must not be negative | \
             prices are US dollars an hour, such as 0.035",
        ),
        (
            "time,price\n10,1\n10,2\n",
            "row 2 (line 3): its time is not after that of the row ahead of it | \
             put the rows in order of time, each at a time of its own",
        ),
    ] {
        assert_eq!(
            of_file("usdPerHour", rows),
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
    let found = |file: &str| findings(&["m5.large"], &block(file), directory.path());
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
