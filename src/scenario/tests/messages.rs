//! Wrong scenarios with the messages that their users see: the document and its top.
//!
//! Written out in full, since the messages are a part of the interface.

use super::messages;

#[test]
fn an_unknown_key_is_answered_with_the_nearest() {
    let text = "duration: 1h
sed: 7
";
    let expected = "error: unknown key `sed`
 --> s.yaml:2:1
  |
2 | sed: 7
  | ^^^
  |
  = help: did you mean `seed`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn an_unknown_key_without_a_neighbour_is_answered_with_the_keys() {
    let text = "duration: 1h
accountSettings: {colour: blue}
";
    let expected = "error: unknown key `colour`
 --> s.yaml:2:19
  |
2 | accountSettings: {colour: blue}
  |                   ^^^^^^
  |
  = help: the keys here are `awsvpcTrunking`, `fargateTaskRetirementWaitPeriod`";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_value_of_the_wrong_kind_says_what_is_expected() {
    let text = "duration: [1h]
containerInstances: m5.large
";
    let expected =
        "error: expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`, found a list
 --> s.yaml:1:11
  |
1 | duration: [1h]
  |           ^^^^ expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`

error: expected a list, found a plain value
 --> s.yaml:2:21
  |
2 | containerInstances: m5.large
  |                     ^^^^^^^^ expected a list
  |
  = help: a list is written `[a, b]`, or with `- ` before each element";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_missing_key_is_shown_with_an_example() {
    let text = "name: web
";
    let expected = "error: the key `duration` is missing
 --> s.yaml:1:1
  |
1 | name: web
  | ^^^^^^^^^
  |
  = help: add `duration: 24h`";
    assert_eq!(messages(text), expected);
}

#[test]
fn an_unknown_instance_type_is_answered_with_the_nearest() {
    let text = "duration: 1h
containerInstances:
  - {instanceType: m5.lagre}
";
    let expected = "error: unknown instance type `m5.lagre`
 --> s.yaml:3:20
  |
3 |   - {instanceType: m5.lagre}
  |                    ^^^^^^^^ neither in the catalog nor in `instanceTypes`
  |
  = help: did you mean `m5.large`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn negative_and_overflowing_numbers_are_out_of_range() {
    let text = "duration: 1h
seed: -1
containerInstances:
  - {instanceType: m5.large, count: 99999999999999999999}
  - {instanceType: m5.large, count: 1.5, registeredMemory: -1}
";
    let expected = "error: `-1` is negative
 --> s.yaml:2:7
  |
2 | seed: -1
  |       ^^ expected a whole number, 0 or more

error: `99999999999999999999` is too large
 --> s.yaml:4:37
  |
4 |   - {instanceType: m5.large, count: 99999999999999999999}
  |                                     ^^^^^^^^^^^^^^^^^^^^ expected a whole number from 1 to 1000000

error: `1.5` is not a whole number
 --> s.yaml:5:37
  |
5 |   - {instanceType: m5.large, count: 1.5, registeredMemory: -1}
  |                                     ^^^ expected a whole number from 1 to 1000000

error: `-1` is not an amount of memory; write 512 (MiB) or 0.5 GB
 --> s.yaml:5:60
  |
5 |   - {instanceType: m5.large, count: 1.5, registeredMemory: -1}
  |                                                            ^^";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_duration_needs_a_unit() {
    let text = "duration: 24
";
    let expected = "error: `24` has no unit
 --> s.yaml:1:11
  |
1 | duration: 24
  |           ^^ expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`
  |
  = help: add a unit: `24s` for seconds, `24ms`, `24m`, `24h`";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_bad_duration_says_why() {
    let text = "duration: 1h30
latencies: {start: soon, stop: -1s}
";
    let expected = "error: `1h30` has no unit
 --> s.yaml:1:11
  |
1 | duration: 1h30
  |           ^^^^ expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`
  |
  = help: every number in it needs a unit: ms, s, m, h or d

error: `soon` is not a duration
 --> s.yaml:2:20
  |
2 | latencies: {start: soon, stop: -1s}
  |                    ^^^^ expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`

error: `-1s` must not be negative
 --> s.yaml:2:32
  |
2 | latencies: {start: soon, stop: -1s}
  |                                ^^^ expected a duration such as `500ms`, `90s`, `5m`, `1h30m`, `2d`";
    assert_eq!(messages(text), expected);
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    let text = "";
    let expected = "error: the scenario is empty
 --> s.yaml:1:1
  |
1 |
  | ^
  |
  = help: a scenario needs at least `duration: 24h`; `ecs-sim init` writes one";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_file_of_comments_is_empty() {
    let text = "# nothing yet
";
    let expected = "error: the scenario is empty
 --> s.yaml:1:1
  |
1 | # nothing yet
  | ^
  |
  = help: a scenario needs at least `duration: 24h`; `ecs-sim init` writes one";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_zero_byte_shows_a_binary_file() {
    let text = "duration\0: 1h\n";
    let expected = "error: this is a binary file, not a scenario in YAML
 --> s.yaml:1:9
  |
1 | duration␀: 1h
  |         ^ a zero byte";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_duplicate_key_is_an_error() {
    let text = "duration: 1h
seed: 1
seed: 2
";
    let expected = "error: the key `seed` is given twice
 --> s.yaml:3:1
  |
3 | seed: 2
  | ^^^^ given before in the same mapping
  |
  = help: remove one of them";
    assert_eq!(messages(text), expected);
}

#[test]
fn all_errors_are_reported_at_once_in_the_order_of_the_file() {
    let text = "tasks: [{name: a}]
duration: 0s
regoin: eu-west-1
";
    let expected = "error: neither `arrivals` nor `trace`
 --> s.yaml:1:9
  |
1 | tasks: [{name: a}]
  |         ^^^^^^^^^
  |
  = help: say when the tasks come: `arrivals: {at: 0s, count: 10}`

error: neither `taskDefinition` nor `cpu` and `memory`
 --> s.yaml:1:9
  |
1 | tasks: [{name: a}]
  |         ^^^^^^^^^
  |
  = help: say what a task needs

error: `0s` is no time: it must be more than 0
 --> s.yaml:2:11
  |
2 | duration: 0s
  |           ^^

error: unknown key `regoin`
 --> s.yaml:3:1
  |
3 | regoin: eu-west-1
  | ^^^^^^
  |
  = help: did you mean `region`?";
    assert_eq!(messages(text), expected);
}

#[test]
fn prices_are_exact_and_never_negative() {
    let text = "duration: 1h
containerInstances:
  - {instanceType: m5.large, onDemandUsdPerHour: NaN}
  - {instanceType: m5.large, onDemandUsdPerHour: -1}
  - {instanceType: m5.large, onDemandUsdPerHour: 0.0000000001}
";
    let expected = "error: `NaN` is not a number in plain digits
 --> s.yaml:3:50
  |
3 |   - {instanceType: m5.large, onDemandUsdPerHour: NaN}
  |                                                  ^^^ expected US dollars an hour such as `0.096`

error: `-1` must not be negative
 --> s.yaml:4:50
  |
4 |   - {instanceType: m5.large, onDemandUsdPerHour: -1}
  |                                                  ^^ expected US dollars an hour such as `0.096`

error: `0.0000000001` has more than nine decimals
 --> s.yaml:5:50
  |
5 |   - {instanceType: m5.large, onDemandUsdPerHour: 0.0000000001}
  |                                                  ^^^^^^^^^^^^ expected US dollars an hour such as `0.096`";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_region_without_a_price_names_regions_that_have_one() {
    // The catalog gains regions with time: only the form of their list is fixed.
    let text = "duration: 1h
region: mars-north-1
containerInstances: [{instanceType: m5.large}]
";
    let messages = messages(text);
    let start = "error: no price for `m5.large` in mars-north-1
 --> s.yaml:3:37
  |
3 | containerInstances: [{instanceType: m5.large}]
  |                                     ^^^^^^^^
  |
  = help: `mars-north-1` is no region with prices: did you mean `eu-north-1`?
  = help: there is one in `";
    assert!(messages.starts_with(start), "{messages}");
    assert!(messages.ends_with("give the price of this entry with `onDemandUsdPerHour`"));
}

#[test]
fn a_windows_instance_needs_a_price() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large, operatingSystemFamily: WINDOWS_SERVER_2022_FULL}]
";
    let expected = "error: no Windows price for `m5.large`
 --> s.yaml:2:37
  |
2 | containerInstances: [{instanceType: m5.large, operatingSystemFamily: WINDOWS_SERVER_2022_FULL}]
  |                                     ^^^^^^^^
  |
  = help: the catalog's prices are those of Linux: add `onDemandUsdPerHour`";
    assert_eq!(messages(text), expected);
}

#[test]
fn built_in_attributes_follow_from_the_entry() {
    let text = r#"duration: 1h
containerInstances:
  - instanceType: m5.large
    attributes: {ecs.instance-type: x, "a b": c, stack: " prod"}
"#;
    let expected = r#"error: the attribute `ecs.instance-type` follows from the entry
 --> s.yaml:4:18
  |
4 |     attributes: {ecs.instance-type: x, "a b": c, stack: " prod"}
  |                  ^^^^^^^^^^^^^^^^^
  |
  = help: set `instanceType` instead

error: `a b` is no name of an attribute
 --> s.yaml:4:40
  |
4 |     attributes: {ecs.instance-type: x, "a b": c, stack: " prod"}
  |                                        ^^^^^ expected 1 to 128 letters, digits and `-` `_` `/` `\` `.`

error: ` prod` is no value of an attribute
 --> s.yaml:4:57
  |
4 |     attributes: {ecs.instance-type: x, "a b": c, stack: " prod"}
  |                                                         ^^^^^^^ expected 1 to 128 letters, digits, inner blanks and `-` `_` `.` `@` `:` `/` `\`"#;
    assert_eq!(messages(text), expected);
}

#[test]
fn a_distribution_is_checked() {
    let text = "duration: 1h
latencies:
  start: {uniform: {min: 2s, max: 1s}}
  stop: {lognormal: {sigma: 99}}
";
    let expected = "error: `max` (1s) is below `min` (2s)
 --> s.yaml:3:35
  |
3 |   start: {uniform: {min: 2s, max: 1s}}
  |                                   ^^ expected at least `min`

error: a lognormal law with neither of `median` and `mean`
 --> s.yaml:4:21
  |
4 |   stop: {lognormal: {sigma: 99}}
  |                     ^^^^^^^^^^^ expected one of `median` and `mean`

error: `99` is out of range
 --> s.yaml:4:29
  |
4 |   stop: {lognormal: {sigma: 99}}
  |                             ^^ expected a number from 0 to 10";
    assert_eq!(messages(text), expected);
}

#[test]
fn instant_excludes_other_latencies() {
    let text = "duration: 1h
latencies: {instant: true, start: 1s}
";
    let expected = "error: `start` beside `instant: true`
 --> s.yaml:2:28
  |
2 | latencies: {instant: true, start: 1s}
  |                            ^^^^^
  |
  = help: instant makes all latencies zero: remove one of them";
    assert_eq!(messages(text), expected);
}

#[test]
fn a_second_document_is_an_error() {
    let text = "duration: 1h
---
duration: 2h
";
    let expected = "error: a second YAML document starts here
 --> s.yaml:2:1
  |
2 | ---
  | ^^^
  |
  = help: a scenario is one document: remove the `---`";
    assert_eq!(messages(text), expected);
}

#[test]
fn what_is_not_yaml_is_pointed_at() {
    let text = "duration: 1h
tasks: [{name: a]
";
    let expected = "error: this is not YAML: mismatched bracket '{' closed by ']'
 --> s.yaml:2:9
  |
2 | tasks: [{name: a]
  |         ^
  |
  = help: close `[` with `]` and `{` with `}`";
    assert_eq!(messages(text), expected);
}
