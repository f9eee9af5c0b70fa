//! What a user reads when an expression is wrong; and that nothing read breaks the parser.

use proptest::prelude::*;

use super::{Expression, MAX_EXPRESSION_CHARACTERS, QueryError};

fn complaint(text: &str) -> QueryError {
    Expression::parse(text).expect_err(text)
}

/// Expression, the part that the carets mark, message, hint.
type Row = (&'static str, &'static str, &'static str, &'static str);

fn check(rows: &[Row]) {
    for (text, marked, message, hint) in rows {
        let error = complaint(text);
        assert_eq!(error.message, *message, "{text}");
        assert_eq!(error.hint.as_deref().unwrap_or_default(), *hint, "{text}");
        assert_eq!(&text[error.span], *marked, "{text}");
    }
}

const SUBJECTS: &str = "subjects are `agentConnected`, `agentVersion`, `attribute:<name>`, \
     `ec2InstanceId`, `registeredAt`, `runningTasksCount`, `task:group`";
const ALL: &str = "its operators are `==`, `!=`, `>`, `>=`, `<`, `<=`, `exists`, `!exists`, `in`, \
     `!in`, `=~`, `!~`";
const TEXT: &str = "its operators are `==`, `!=`, `in`, `!in`, `=~`, `!~`";
const TIME: &str = "for example: 2018-06-18T22:28:28Z, or 2018-06-18";
const COUNT: &str = "a whole number, for example: 1";
const LIST: &str = "a list stands in square brackets: [a, b]";
const QUOTES: &str = "a value with blanks or other signs needs quotes: 'two words'";
const ORDER: &str = "its operators are `==`, `!=`, `>`, `>=`, `<`, `<=`";

const WRONG_SUBJECTS: &[Row] = &[
    ("()", ")", "expected a subject, but found `)`", SUBJECTS),
    (
        "not",
        "",
        "expected a subject, but the expression ends",
        SUBJECTS,
    ),
    (
        "attribute:a == a and",
        "",
        "expected a subject, but the expression ends",
        SUBJECTS,
    ),
    (
        "'attribute:a' == b",
        "'",
        "expected a subject, but found `'`",
        SUBJECTS,
    ),
    (
        "attribute: == x",
        "attribute:",
        "the attribute has no name",
        "for example: attribute:ecs.instance-type",
    ),
    (
        "attribute:a:b == x",
        "attribute:a:b",
        "`:` cannot be part of an attribute's name",
        r"letters, digits and - _ / \ .",
    ),
    (
        "  ",
        "",
        "the expression is empty",
        "for example: attribute:ecs.instance-type =~ t2.*",
    ),
];

const WRONG_OPERATORS: &[Row] = &[
    (
        "attribute:a",
        "",
        "expected an operator after `attribute:a`, but the expression ends",
        ALL,
    ),
    (
        "attribute:a = b",
        "=",
        "expected an operator after `attribute:a`, but found `=`",
        "did you mean `==`?",
    ),
    (
        "attribute:a not in [b]",
        "not in",
        "expected an operator after `attribute:a`, but found `not in`",
        "did you mean `!in` or `not_in`?",
    ),
    (
        "attribute:a !  exists",
        "!  exists",
        "expected an operator after `attribute:a`, but found `! exists`",
        "did you mean `!exists`?",
    ),
    (
        "attribute:a not b",
        "not",
        "expected an operator after `attribute:a`, but found `not`",
        ALL,
    ),
    (
        "attribute:a <> b",
        "<>",
        "expected an operator after `attribute:a`, but found `<>`",
        "did you mean `!=`?",
    ),
    (
        "attribute:a === b",
        "===",
        "expected an operator after `attribute:a`, but found `===`",
        "did you mean `==`?",
    ),
    (
        "runningTasksCount =< 3",
        "=<",
        "expected an operator after `runningTasksCount`, but found `=<`",
        "did you mean `<=`?",
    ),
    (
        "runningTasksCount ~ 3",
        "~",
        "expected an operator after `runningTasksCount`, but found `~`",
        ORDER,
    ),
    (
        "attribute:a equal b",
        "equal",
        "expected an operator after `attribute:a`, but found `equal`",
        "did you mean `equals`?",
    ),
    (
        "attribute:a like b",
        "like",
        "expected an operator after `attribute:a`, but found `like`",
        "did you mean `=~`?",
    ),
    (
        "attribute:a !inside [b]",
        "!",
        "expected an operator after `attribute:a`, but found `!`",
        ALL,
    ),
    (
        "runningTasksCount in [1]",
        "in",
        "`in` cannot be used with `runningTasksCount`",
        ORDER,
    ),
    (
        "agentVersion =~ 1.*",
        "=~",
        "`=~` cannot be used with `agentVersion`",
        ORDER,
    ),
    (
        "registeredAt !in [x]",
        "!in",
        "`!in` cannot be used with `registeredAt`",
        ORDER,
    ),
    (
        "agentConnected > true",
        ">",
        "`>` cannot be used with `agentConnected`",
        TEXT,
    ),
    (
        "task:group exists",
        "exists",
        "`exists` cannot be used with `task:group`",
        TEXT,
    ),
    (
        "ec2InstanceId not_exists",
        "not_exists",
        "`not_exists` cannot be used with `ec2InstanceId`",
        TEXT,
    ),
];

const WRONG_VALUES: &[Row] = &[
    (
        "attribute:a ==",
        "",
        "expected a value, but the expression ends",
        "",
    ),
    (
        "attribute:a == and",
        "and",
        "expected a value, but found `and`",
        "if `and` is the value, write 'and'",
    ),
    (
        "attribute:a == [b, c]",
        "[",
        "expected one value, but found a list",
        "compare with a list by `in` or `!in`",
    ),
    (
        "attribute:a in b",
        "b",
        "expected a list, but found `b`",
        LIST,
    ),
    (
        "attribute:a in (b, c)",
        "(",
        "expected a list, but found `(`",
        LIST,
    ),
    (
        "attribute:a in []",
        "]",
        "expected a value of the list, but found `]`",
        "",
    ),
    (
        "attribute:a in [b,]",
        "]",
        "expected a value of the list, but found `]`",
        "",
    ),
    (
        "attribute:a in [b c]",
        "c",
        "expected `,` or `]`, but found `c`",
        "",
    ),
    (
        "attribute:a in [b",
        "",
        "expected `,` or `]`, but the expression ends",
        "",
    ),
    ("attribute:a == 'b", "'", "the quote ' is never closed", ""),
    (
        "agentConnected in [yes]",
        "yes",
        "agentConnected is `true` or `false`, never `yes`",
        "",
    ),
    (
        "agentVersion < v1.2",
        "v1.2",
        "`v1.2` is not a version",
        "for example: 1.14.5",
    ),
    (
        "registeredAt < yesterday",
        "yesterday",
        "`yesterday` is not a time",
        TIME,
    ),
    (
        "registeredAt < 2018-02-30",
        "2018-02-30",
        "`2018-02-30` is not a time",
        TIME,
    ),
    (
        "runningTasksCount < -1",
        "-1",
        "`-1` is not a number of tasks",
        COUNT,
    ),
    (
        "runningTasksCount == many",
        "many",
        "`many` is not a number of tasks",
        COUNT,
    ),
    (
        "attribute:a =~ t2.*+",
        "+",
        "regular expressions here have no possessive quantifiers",
        "",
    ),
    (
        "attribute:zürich =~ '(?=日本)x'",
        "(?=日本)x",
        "regular expressions here have no look-ahead",
        "",
    ),
    (
        "attribute:a =~ [b",
        "[b",
        "not a regular expression that can be used here: unclosed character class",
        "",
    ),
];

const WRONG_JOINTS: &[Row] = &[
    (
        "attribute:a == b c",
        "c",
        "expected `and` or `or`, but found `c`",
        QUOTES,
    ),
    (
        "attribute:a == b=c",
        "=",
        "expected `and` or `or`, but found `=`",
        QUOTES,
    ),
    (
        "attribute:a == b AND attribute:c == d",
        "AND",
        "expected `and` or `or`, but found `AND`",
        "write `and`",
    ),
    (
        "attribute:a == b & attribute:c == d",
        "&",
        "expected `and` or `or`, but found `&`",
        "write `&&` or `and`",
    ),
    (
        "attribute:a == b | attribute:c == d",
        "|",
        "expected `and` or `or`, but found `|`",
        "write `||` or `or`",
    ),
    (
        "attribute:a == b)",
        ")",
        "expected `and` or `or`, but found `)`",
        "this parenthesis was never opened",
    ),
    (
        "(attribute:a == b",
        "(",
        "the parenthesis ( is never closed",
        "",
    ),
];

#[test]
fn a_wrong_subject_is_named_with_the_nearest() {
    let not = |word: &str| format!("`{word}` is not a subject of the query language");
    for (text, word, hint) in [
        (
            "attribut:stack == prod",
            "attribut:stack",
            "did you mean `attribute:stack`?",
        ),
        (
            "agentconnected == true",
            "agentconnected",
            "did you mean `agentConnected`?",
        ),
        (
            "runningTaskCount > 1",
            "runningTaskCount",
            "did you mean `runningTasksCount`?",
        ),
        (
            "task:groups == web",
            "task:groups",
            "did you mean `task:group`?",
        ),
        (
            "ecs.os-type == a",
            "ecs.os-type",
            "an attribute is written `attribute:ecs.os-type`",
        ),
        ("foo == 1", "foo", SUBJECTS),
    ] {
        let error = complaint(text);
        assert_eq!(error.message, not(word));
        assert_eq!(error.hint.as_deref(), Some(hint), "{text}");
        assert_eq!(&text[error.span], word);
    }
    check(WRONG_SUBJECTS);
}

#[test]
fn a_wrong_operator_is_named_with_the_right_ones() {
    check(WRONG_OPERATORS);
}

#[test]
fn a_wrong_value_is_named() {
    check(WRONG_VALUES);
}

#[test]
fn a_wrong_joint_is_named() {
    check(WRONG_JOINTS);
}

#[test]
fn an_expression_has_at_most_2000_characters() {
    // Counted in characters, not bytes.
    let of_length = |length: usize| format!("attribute:a == {}", "é".repeat(length - 15));
    assert!(Expression::parse(&of_length(MAX_EXPRESSION_CHARACTERS)).is_ok());
    let error = complaint(&of_length(MAX_EXPRESSION_CHARACTERS + 1));
    assert_eq!(
        error.message,
        "the expression has 2001 characters, ECS takes 2000"
    );
    assert_eq!(error.span, 3_985..3_987);
}

#[test]
fn nesting_has_a_limit() {
    let nested = |opening: &str, depth: usize| {
        format!(
            "{}attribute:a exists{}",
            opening.repeat(depth),
            ")".repeat(depth)
        )
    };
    for opening in ["(", "not(", "!("] {
        assert!(Expression::parse(&nested(opening, 64)).is_ok(), "{opening}");
        let error = complaint(&nested(opening, 65));
        assert_eq!(
            error.message,
            "the expression is nested deeper than 64 levels"
        );
    }
    assert!(Expression::parse(&format!("{}attribute:a exists", "!".repeat(1_900))).is_ok());
}

/// Any condition, in its canonical form or near it.
fn condition() -> impl Strategy<Value = String> {
    let order = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let set = prop::sample::select(vec!["in", "!in"]);
    let text = prop::sample::select(vec!["==", "!=", "<", ">="]);
    let value = prop_oneof![
        "[a-zé0-9./:_-]{1,6}",
        "'[a-z &|=()\"]{0,6}'",
        "\"[a-z']{0,5}\""
    ];
    let matching = prop::sample::select(vec!["t2.*", "(a|b)+", "[a b]", "a{1,2}", "it's"]);
    prop_oneof![
        ("[a-z.]{1,4}", text, value.clone())
            .prop_map(|(n, o, v)| format!("attribute:{n} {o} '{}'", v.replace('\'', ""))),
        ("[a-z.]{1,4}", set, prop::collection::vec(value, 1..4))
            .prop_filter("reserved", |(_, _, v)| !v.iter().any(|v| v == "or"))
            .prop_map(|(n, o, v)| format!("attribute:{n} {o} [{}]", v.join(","))),
        matching.prop_map(|p| format!("task:group =~ \"{p}\"")),
        (order, 0..5_u32).prop_map(|(o, n)| format!("runningTasksCount {o} {n}")),
        (0..5_u32, 0..20_u32).prop_map(|(a, b)| format!("agentVersion >= {a}.{b}")),
        Just("attribute:x !exists".to_owned()),
        Just("registeredAt < 2018-06-18T22:28:28.5-03:00".to_owned()),
        Just("agentConnected != true".to_owned()),
    ]
}

/// Any expression.
fn expression() -> impl Strategy<Value = String> {
    condition().prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!(
                "not {}",
                if a.contains(" and ") {
                    format!("({a})")
                } else {
                    a
                }
            )),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} or {b})")),
        ]
    })
}

proptest! {
    #[test]
    fn the_canonical_form_reads_back_as_the_same_expression(text in expression()) {
        let parsed = Expression::parse(&text).map_err(|error| error.with_caret(&text)).unwrap();
        let canonical = parsed.to_string();
        prop_assume!(canonical.chars().count() <= MAX_EXPRESSION_CHARACTERS);
        let again = Expression::parse(&canonical).unwrap();
        prop_assert_eq!(&again, &parsed);
        prop_assert_eq!(again.to_string(), canonical);
    }

    #[test]
    fn no_text_breaks_the_parser(text in ".{0,60}") {
        if let Err(error) = Expression::parse(&text) {
            prop_assert!(!error.with_caret(&text).is_empty());
        }
    }

    #[test]
    fn no_sequence_of_the_languages_own_words_breaks_the_parser(
        words in prop::collection::vec(prop::sample::select(vec![
            "attribute:a", "task:group", "agentVersion", "registeredAt", "runningTasksCount",
            "==", "=~", "!~", "in", "!in", "not", "!", "exists", "(", ")", "[", "]", ",", "'",
            "\"", "and", "||", "1", "é", "(?=", "\\", "{", "*", "+", " ", "\n",
        ]), 0..24)
    ) {
        let text = words.concat();
        if let Err(error) = Expression::parse(&text) {
            prop_assert!(text.is_char_boundary(error.span.start.min(text.len())));
            prop_assert!(text.is_char_boundary(error.span.end.min(text.len())));
            prop_assert!(!error.with_caret(&text).is_empty());
        }
    }
}
