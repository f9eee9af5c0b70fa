//! What `--set` makes of a scenario, and what it says where it cannot.

use super::{Operator, apply, split};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::yaml;

fn after(text: &str, argument: &str) -> Result<String, String> {
    let mut diagnostics = Diagnostics::default();
    let source = diagnostics.add_source("s.yaml", text.to_owned());
    let mut root = yaml::parse(text, source, 0, &mut diagnostics).unwrap();
    apply(&mut root, argument, &mut diagnostics);
    if diagnostics.is_empty() {
        Ok(root.to_json().to_string())
    } else {
        Err(diagnostics.render(false))
    }
}

#[test]
fn paths_are_split_at_dots_outside_quotes() {
    for (argument, parts, operator, value) in [
        ("a.b=1", vec!["a", "b"], Operator::Replace, "1"),
        (
            "a.\"m5.large\".n=x=y",
            vec!["a", "m5.large", "n"],
            Operator::Replace,
            "x=y",
        ),
        ("a+=[1]", vec!["a"], Operator::Append, "[1]"),
        ("a.\"b\"+=1", vec!["a", "b"], Operator::Append, "1"),
        ("a.\"b=c\"=", vec!["a", "b=c"], Operator::Replace, ""),
    ] {
        let (segments, found, start) = split(argument).unwrap();
        let texts: Vec<&str> = segments.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(
            (texts, found, &argument[start..]),
            (parts, operator, value),
            "{argument}"
        );
    }
    for argument in ["", "a", "=1", "a..b=1", "+=1", "\"a=1"] {
        assert_eq!(split(argument), None, "{argument}");
    }
}

#[test]
fn elements_go_by_name_or_index_and_names_may_hold_dots() {
    let text = "ci: [{instanceType: m5.large, count: 1}, {instanceType: m5.large.x}]";
    let expected =
        r#"{"ci":[{"count":9,"instanceType":"m5.large"},{"instanceType":"m5.large.x"}]}"#;
    for argument in [
        "ci.m5.large.count=9",
        "ci.0.count=9",
        "ci.\"m5.large\".count=9",
    ] {
        assert_eq!(after(text, argument).as_deref(), Ok(expected), "{argument}");
    }
}

#[test]
fn missing_keys_are_created_and_lists_are_appended_to() {
    assert_eq!(after("a: 1", "b.c=x").unwrap(), r#"{"a":1,"b":{"c":"x"}}"#);
    assert_eq!(after("a: [1]", "a+=2").unwrap(), r#"{"a":[1,2]}"#);
    assert_eq!(after("a: [1]", "a+=[2, 3]").unwrap(), r#"{"a":[1,2,3]}"#);
    assert_eq!(
        after("b: 1", "a+={n: 1}").unwrap(),
        r#"{"a":[{"n":1}],"b":1}"#
    );
    assert_eq!(after("a: {b: 1}", "a=2").unwrap(), r#"{"a":2}"#);
}

#[test]
fn a_missing_element_is_an_error_that_lists_what_is_there() {
    let error = after("tasks: [{name: web}, {name: batch}]", "tasks.wob.count=1").unwrap_err();
    let error: Vec<&str> = error.lines().map(str::trim_end).collect();
    let expected = [
        "error: no element `wob` in the list",
        " --> --set 'tasks.wob.count=1':1:7",
        "  |",
        "1 | tasks.wob.count=1",
        "  |       ^^^ the list has `web`, `batch`",
        "  |",
        "  = help: did you mean `web`?",
        "  = help: to add it: `--set 'tasks+={name: wob, ...}'`",
    ];
    assert_eq!(error, expected);
}

#[test]
fn what_cannot_be_set_is_an_error() {
    assert!(
        after("a: 1", "a.b=1")
            .unwrap_err()
            .contains("nothing below the plain value")
    );
    assert!(
        after("a: 1", "a+=1")
            .unwrap_err()
            .contains("appends to a list")
    );
    assert!(
        after("a: 1", "a")
            .unwrap_err()
            .contains("expected PATH=VALUE")
    );
    assert!(after("a: 1", "a=[").unwrap_err().contains("not YAML"));
    assert!(
        after("a: [{name: x}, {name: x}]", "a.x.y=1")
            .unwrap_err()
            .contains("by its index")
    );
    assert!(
        after("a: []", "a.0=1")
            .unwrap_err()
            .contains("the list is empty")
    );
}

#[test]
fn null_removes_a_key_or_an_element() {
    let text = "a: [{name: x, n: 1}, {name: y.z}]";
    for (argument, expected) in [
        ("a.x=null", r#"{"a":[{"name":"y.z"}]}"#),
        ("a.y.z=~", r#"{"a":[{"n":1,"name":"x"}]}"#),
        ("a.1=null", r#"{"a":[{"n":1,"name":"x"}]}"#),
        ("a.x.n=null", r#"{"a":[{"name":"x"},{"name":"y.z"}]}"#),
        ("a=null", "{}"),
        ("a.*=null", r#"{"a":[]}"#),
        // In quotes it is text.
        (
            "a.x.n='null'",
            r#"{"a":[{"n":"null","name":"x"},{"name":"y.z"}]}"#,
        ),
    ] {
        assert_eq!(after(text, argument).as_deref(), Ok(expected), "{argument}");
    }
    // Nothing at all is rather a variable of the shell that is not set.
    for argument in ["a.1=", "a.x.n= ", "a+="] {
        let error = after(text, argument).unwrap_err();
        assert!(error.contains("there is no value behind `=`"), "{error}");
    }
    let error = after(text, "a.w=null").unwrap_err();
    assert!(error.contains("no element `w` in the list"), "{error}");
}

#[test]
fn an_asterisk_is_every_element_or_value() {
    let list = "a: [{name: x}, {name: y, n: 1}]";
    let mapping = "a: {x: {n: 1}, y: {}}";
    for (text, argument, expected) in [
        (
            list,
            "a.*.n=2",
            r#"{"a":[{"n":2,"name":"x"},{"n":2,"name":"y"}]}"#,
        ),
        (mapping, "a.*.n=2", r#"{"a":{"x":{"n":2},"y":{"n":2}}}"#),
        (mapping, "*.x=2", r#"{"a":{"x":2,"y":{}}}"#),
        (list, "a.*.n=null", r#"{"a":[{"name":"x"},{"name":"y"}]}"#),
        // In quotes it is a key like another.
        (mapping, "a.\"*\"=2", r#"{"a":{"*":2,"x":{"n":1},"y":{}}}"#),
    ] {
        let left = after(text, argument);
        // A key that is set to nothing where there is none counts as absent.
        let left = left.map(|json| json.replace(r#""n":null,"#, ""));
        assert_eq!(left.as_deref(), Ok(expected), "{argument}");
    }
    for argument in ["a.*.n=1", "b.*=1"] {
        let error = after("a: []", argument).unwrap_err();
        assert!(error.contains("`*` stands for nothing here"), "{error}");
    }
    // One finding, not one for each element.
    let error = after("a: [1, 2]", "a.*.n=1").unwrap_err();
    assert_eq!(error.matches("nothing below the plain value").count(), 1);
}

#[test]
fn a_missing_name_with_dots_is_shown_whole_with_the_way_to_add_it() {
    let text = "containerInstances: [{instanceType: m5.large}]";
    for (argument, wanted) in [
        ("containerInstances.m5.xlarge.count=20", "m5.xlarge"),
        ("containerInstances.c7gd.metal.count=20", "c7gd.metal"),
        ("containerInstances.blue=20", "blue"),
    ] {
        let error = after(text, argument).unwrap_err();
        let title = format!("error: no element `{wanted}` in the list");
        assert!(error.starts_with(&title), "{error}");
        assert!(error.contains("the list has `m5.large`"), "{error}");
        let hint =
            format!("to add it: `--set 'containerInstances+={{instanceType: {wanted}, ...}}'`");
        assert!(error.contains(&hint), "{error}");
    }
    let error = after(text, "containerInstances.7.count=1").unwrap_err();
    assert!(!error.contains("to add it"), "{error}");
}
