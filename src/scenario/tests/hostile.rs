//! Files that are no scenarios at all, by accident or on purpose.

use std::fmt::Write;
use std::fs;

use proptest::prelude::*;

use super::{loaded, messages};
use crate::scenario::{LoadOptions, load};

#[test]
fn deep_nesting_is_refused_at_once() {
    for opening in ["[", "{a: ", "- ", "? ", "a: [", "!!seq [", "&a ["] {
        let text = opening.repeat(100_000);
        let message = messages(&text);
        let refused = message.contains("nested more than 64 levels deep")
            || message.contains("this is not YAML");
        assert!(refused, "{opening}: {message}");
        let message = messages(&format!("x: {text}"));
        assert!(message.starts_with("error: "), "{opening}: {message}");
    }
    let brackets = messages(&format!("x: {}", "[".repeat(100_000)));
    assert!(
        brackets.starts_with("error: nested more than 64 levels deep"),
        "{brackets}"
    );
}

#[test]
fn an_alias_bomb_is_refused_before_it_goes_off() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let message = messages(&text);
    assert!(
        message.contains("more than 2000000 values here"),
        "{message}"
    );
    assert!(
        message.contains("help: an alias counts as all the values"),
        "{message}"
    );
}

#[test]
fn an_alias_inside_its_own_value_is_an_error() {
    assert!(messages("a: &a [*a]").contains("refers to the value that holds it"));
    assert!(messages("a: *b").contains("this is not YAML"));
}

#[test]
fn many_findings_are_counted_after_the_first_hundred() {
    let mut text = "duration: 1h\n".to_owned();
    for number in 0..100_000 {
        writeln!(text, "key{number}: 1").unwrap();
    }
    let message = messages(&text);
    assert!(message.ends_with("... and 99900 more"));
    assert_eq!(message.matches("error: unknown key").count(), 100);
}

#[test]
fn a_very_long_line_is_pointed_at_without_being_printed() {
    let message = messages(&format!("duration: 1h\nx: \"{}\"\n", "y".repeat(3_000_000)));
    assert!(message.contains("s.yaml:2:1"), "{message}");
    assert!(message.len() < 1_000);
}

#[test]
fn what_is_no_readable_text_file_is_said_plainly() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("binary.yaml"), [b'a', b':', 0xFF, 0xFE]).unwrap();
    fs::write(at("large.yaml"), vec![b' '; 16 * 1024 * 1024 + 1]).unwrap();
    fs::create_dir(at("folder.yaml")).unwrap();
    for (name, says) in [
        ("binary.yaml", "is not a text file: byte 2 is not UTF-8"),
        ("large.yaml", "is larger than 16777216 bytes (16 MiB)"),
        ("folder.yaml", "it is a directory"),
        ("bynary.yaml", "no such file"),
        ("bynary.yaml", "did you mean `binary.yaml`?"),
    ] {
        let error = load(&at(name), &LoadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>(), set in any::<String>()) {
        let _ = loaded(&text, &[&set]).map_err(|error| error.render(true));
    }

    #[test]
    fn text_that_looks_like_a_scenario_never_panics(
        parts in prop::collection::vec(prop::sample::select(PARTS), 0..40),
    ) {
        let _ = loaded(&parts.concat(), &[]).map_err(|error| error.render(false));
    }
}

/// Pieces of scenarios; most orders of them are wrong in some way.
const PARTS: &[&str] = &[
    "duration: ",
    "1h",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ": ",
    "tasks:",
    "count: ",
    "-1",
    "containerInstances:",
    "instanceType: m5.large",
    "taskDefinitions:",
    "family: web",
    "taskDefinition: web",
    "arrivals: {at: 0s}",
    "&a ",
    "*a",
    "<<: *a",
    "\"",
    "'",
    "#",
    "|",
    ">",
    "trace: {file: x}",
    "cpu: 1",
    "memory: 1",
    "expression: é = b",
    "type: memberOf",
    "~",
    "\t",
    "placementConstraints: ",
    "containerDefinitions: ",
    "name: ä",
    "\u{feff}",
    "---\n",
    "autoScalingGroups: [{autoScalingGroupName: a, maxSize: 3, instanceType: m5.large, ",
    "capacityProviders: [{name: a, autoScalingGroupProvider: {autoScalingGroupName: a, ",
    "cluster: {capacityProviders: [a, FARGATE, ",
    "defaultCapacityProviderStrategy: ",
    "capacityProviderStrategy: [{capacityProvider: a, weight: 1, base: ",
    "mixedInstancesPolicy: {launchTemplate: {overrides: [{instanceType: ",
    "incidents: [{at: 1h, spotReclaim: ",
    "containerInstancesLost: {share: ",
    "scheduledActions: [{desiredCapacity: 1, recurrence: ",
    "'* * * * 0-7/0'",
    "20%",
    "18446744073709551615",
    "}]",
    "!!str ",
];
