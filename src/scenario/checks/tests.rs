//! Expressions of checks, right and wrong.

use super::{Comparison, parse};
use crate::units::Fixed;

#[test]
fn expressions_read_as_people_write_them() {
    for (text, figure, comparison, threshold) in [
        (
            "placement.waitMs.p99 <= 60000",
            "placement.waitMs.p99",
            Comparison::AtMost,
            "60000",
        ),
        (
            "placement.waitMs.p99<=1m",
            "placement.waitMs.p99",
            Comparison::AtMost,
            "60000",
        ),
        (
            "services.web.unavailableMs < 1h30m",
            "services.web.unavailableMs",
            Comparison::Less,
            "5400000",
        ),
        (
            "services.web.availability >= 99.9%",
            "services.web.availability",
            Comparison::AtLeast,
            "0.999",
        ),
        (
            " cost.totalUsd  <  120.50 ",
            "cost.totalUsd",
            Comparison::Less,
            "120.5",
        ),
        ("tasks.failed == 0", "tasks.failed", Comparison::Equal, "0"),
        (
            "tasks.failed != 3",
            "tasks.failed",
            Comparison::NotEqual,
            "3",
        ),
        (
            "a.\"b.c > d\".e > -1",
            "a.b.c > d.e",
            Comparison::Greater,
            "-1",
        ),
        (
            "instances.mean > 1e1",
            "instances.mean",
            Comparison::Greater,
            "10",
        ),
    ] {
        let parsed = parse(text).unwrap();
        let expression = parsed.expression;
        assert_eq!(expression.figure.as_str(), figure, "{text}");
        assert_eq!(expression.comparison, comparison, "{text}");
        assert_eq!(expression.threshold.to_string(), threshold, "{text}");
        assert_eq!(parsed.doubt, None, "{text}");
    }
}

/// Expression, the part of it that is wrong, message and help.
const WRONG: [(&str, &str, &str); 20] = [
    (
        "cost.totalUsd",
        "cost.totalUsd",
        "this compares nothing: a check is a figure, a comparison and a number: for instance `placement.waitMs.p99 <= 60000`",
    ),
    (
        "",
        "",
        "this compares nothing: a check is a figure, a comparison and a number: for instance `placement.waitMs.p99 <= 60000`",
    ),
    (
        "< 5",
        "<",
        "there is no figure before `<`: for instance `placement.waitMs.p99 <= 60000`",
    ),
    (
        "a <",
        "<",
        "there is no number after `<`: for instance `placement.waitMs.p99 <= 60000`",
    ),
    ("a = 5", "=", "`=` is no comparison: write `==`"),
    ("a =< 5", "=<", "`=<` is no comparison: write `<=`"),
    ("a ≥ 5", "≥", "`≥` is no comparison: write `>=`"),
    (
        "a <<< 5",
        "<<<",
        "`<<<` is no comparison: the comparisons are `<`, `<=`, `>`, `>=`, `==` and `!=`",
    ),
    (
        "120 > cost.totalUsd",
        "120",
        "the figure comes first: write `cost.totalUsd < 120`",
    ),
    (
        "a..b > 1",
        "a..b",
        "`a..b` has an empty name or a quotation mark too few: a path is names joined by dots; a name with dots may stand in double quotes",
    ),
    (
        "cost.totalUsd < $120",
        "$120",
        "`$120` is not a number: write `120`",
    ),
    (
        "cost.totalUsd < 1,200.5",
        "1,200.5",
        "`1,200.5` is not a number: write `1200.5`",
    ),
    (
        "cost.totalUsd < much",
        "much",
        "`much` is not a number: expected a number such as `120`",
    ),
    (
        "cost.totalUsd < 5m",
        "5m",
        "`5m` is a duration, and `cost.totalUsd` is not: figures of time have a key that ends in `Ms`",
    ),
    (
        "placement.waitMs.p99 < soon",
        "soon",
        "`soon` is not a number: expected milliseconds such as `60000`, or a duration such as `5m`",
    ),
    (
        "services.a.availability > x%",
        "x%",
        "`x%` is not a number: expected a number such as `0.999`, or `99.9%`",
    ),
    (
        "a < 5 and b < 6",
        "5 and b < 6",
        "`5 and b < 6` is not a number: a check compares once; write several, of which each must hold",
    ),
    (
        "0 < a < 5",
        "0",
        "the figure comes first: a check compares once; write several, of which each must hold",
    ),
    (
        "s.load.cpuUtilization.max < 60%",
        "60%",
        "`s.load.cpuUtilization.max` is in per cent already, 100 being the whole: write `60`",
    ),
    (
        "u.availability > 0.00000000001%",
        "0.00000000001%",
        "`0.00000000001%` has more decimals than any figure: ten decimals of a per cent are read",
    ),
];

#[test]
fn wrong_expressions_are_refused_at_their_place_with_a_way_out() {
    for (text, place, said) in WRONG {
        let remark = parse(text).unwrap_err();
        assert_eq!(format!("{}: {}", remark.title, remark.help), said, "{text}");
        assert_eq!(&text[remark.span], place, "{text}");
    }
}

#[test]
fn a_per_cent_of_no_whole_is_doubted() {
    let doubt = parse("tasks.failed < 1%").unwrap().doubt.unwrap();
    assert_eq!(doubt.title, "`tasks.failed` is no part of a whole");
    assert_eq!(doubt.help, "`1%` is the number 0.01");
}

#[test]
fn comparisons_and_margins_are_exact() {
    let read = |text| Fixed::parse(text).unwrap();
    for (comparison, measured, holds, margin) in [
        (Comparison::Less, "0.999", false, "0"),
        (Comparison::AtMost, "0.999", true, "0"),
        (Comparison::AtMost, "1", false, "-0.001"),
        (Comparison::Greater, "0.999", false, "0"),
        (
            Comparison::AtLeast,
            "0.999000000001",
            true,
            "0.000000000001",
        ),
        (Comparison::Equal, "0.998", false, "0.001"),
        (Comparison::NotEqual, "1", true, "0.001"),
    ] {
        let (measured, threshold) = (read(measured), read("0.999"));
        assert_eq!(comparison.holds(measured, threshold), holds);
        assert_eq!(comparison.margin(measured, threshold), read(margin));
    }
}
