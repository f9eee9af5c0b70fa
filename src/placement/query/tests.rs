//! The language against the guides' examples, its messages, and random text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Expression, Facts, Truth};
use jiff::Timestamp;

/// An instance made of what a test says.
struct Instance {
    attributes: BTreeMap<&'static str, &'static str>,
    id: &'static str,
    connected: bool,
    version: &'static str,
    registered: &'static str,
    running: Option<u32>,
    groups: Option<Vec<&'static str>>,
}

impl Facts for Instance {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).copied()
    }
    fn ec2_instance_id(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.id)
    }
    fn agent_connected(&self) -> bool {
        self.connected
    }
    fn agent_version(&self) -> &str {
        self.version
    }
    fn registered_at(&self) -> Timestamp {
        self.registered.parse().unwrap()
    }
    fn running_tasks_count(&self) -> Option<u32> {
        self.running
    }
    fn groups(&self) -> Option<Vec<&str>> {
        self.groups.clone()
    }
}

fn instance(attributes: &[(&'static str, &'static str)]) -> Instance {
    Instance {
        attributes: attributes.iter().copied().collect(),
        id: "i-abcd1234",
        connected: true,
        version: "1.14.5",
        registered: "2018-06-18T22:28:28Z",
        running: Some(0),
        groups: Some(Vec::new()),
    }
}

fn typed(instance_type: &'static str, zone: &'static str) -> Instance {
    instance(&[
        ("ecs.instance-type", instance_type),
        ("ecs.availability-zone", zone),
    ])
}

fn parse(text: &str) -> Expression {
    Expression::parse(text).unwrap_or_else(|error| panic!("{}", error.with_caret(text)))
}

/// Which of the candidates an expression selects, by their places.
fn selected(text: &str, candidates: &[Instance]) -> Vec<usize> {
    let expression = parse(text);
    (0..candidates.len())
        .filter(|place| expression.matches(&candidates[*place]))
        .collect()
}

#[test]
fn instance_types_and_zones_select_instances() {
    let fleet = [
        typed("t2.small", "us-east-1a"),
        typed("t2.medium", "us-east-1b"),
        typed("g2.2xlarge", "us-east-1a"),
        typed("g2.2xlarge", "us-east-1d"),
        typed("t3.small", "us-east-1c"),
        typed("p2.xlarge", "us-east-1d"),
        instance(&[]),
    ];
    for (text, expected) in [
        ("attribute:ecs.instance-type == t2.small", vec![0]),
        (
            "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]",
            vec![0, 1, 2],
        ),
        // G40
        (
            "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
            vec![2],
        ),
        // G39
        ("attribute:ecs.instance-type =~ t2.*", vec![0, 1]),
        ("attribute:ecs.instance-type == g2.2xlarge", vec![2, 3]),
        // G48
        (
            "attribute:ecs.instance-type in [t2.small, t2.medium]",
            vec![0, 1],
        ),
        (
            "attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone == us-east-1a",
            vec![0],
        ),
        ("attribute:ecs.instance-type == p2.xlarge", vec![5]),
        ("attribute:ecs.instance-type !~ t.*", vec![2, 3, 5]),
        (
            "attribute:ecs.instance-type !in ['t2.small', \"t3.small\"]",
            vec![1, 2, 3, 5],
        ),
        ("attribute:ecs.instance-type !exists", vec![6]),
        ("attribute:ecs.instance-type exists", vec![0, 1, 2, 3, 4, 5]),
        (
            "!(attribute:ecs.instance-type =~ (t2|t3).*)",
            vec![2, 3, 5, 6],
        ),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn an_attribute_unequal_to_a_value_is_present() {
    // G41
    let fleet = [
        instance(&[("stack", "prod")]),
        instance(&[("stack", "dev")]),
        instance(&[]),
    ];
    for (text, expected) in [
        ("attribute:stack == prod", vec![0]),
        ("attribute:stack != prod", vec![1]),
        ("attribute:stack not_in [prod]", vec![1]),
        ("attribute:stack !~ p.*", vec![1]),
        ("not attribute:stack == prod", vec![1, 2]),
        ("attribute:stack > a", vec![0, 1]),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn an_operating_system_splits_a_mixed_cluster() {
    let fleet = [
        instance(&[("ecs.os-type", "linux"), ("ecs.os-family", "LINUX")]),
        instance(&[
            ("ecs.os-type", "windows"),
            ("ecs.os-family", "WINDOWS_SERVER_2022_FULL"),
        ]),
        instance(&[
            ("ecs.os-type", "windows"),
            ("ecs.os-family", "WINDOWS_SERVER_2019_CORE"),
        ]),
    ];
    for (text, expected) in [
        ("attribute:ecs.os-type == linux", vec![0]),
        ("attribute:ecs.os-type == windows", vec![1, 2]),
        (
            "attribute:ecs.os-family == WINDOWS_SERVER_2022_FULL",
            vec![1],
        ),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn task_groups_attract_and_repel() {
    let hosting = |groups: &[&'static str]| Instance {
        groups: Some(groups.to_vec()),
        ..instance(&[])
    };
    let fleet = [
        hosting(&["service:production"]),
        hosting(&["database", "service:web"]),
        hosting(&["databases"]),
        hosting(&[]),
    ];
    for (text, expected) in [
        ("task:group == service:production", vec![0]),
        // G42
        ("not(task:group == database)", vec![0, 2, 3]),
        ("task:group != database", vec![0, 2, 3]),
        ("task:group == databases", vec![2]),
        ("task:group in [databases, service:web]", vec![1, 2]),
        ("task:group !in [databases, service:web]", vec![0, 3]),
        ("task:group =~ service:.*", vec![0, 1]),
        ("task:group !~ service:.*", vec![2, 3]),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
    // G43
    assert_eq!(
        selected("task:group == databases", &fleet[3..]),
        Vec::<usize>::new()
    );
}

#[test]
fn running_tasks_are_counted_as_numbers() {
    // G44
    let fleet: Vec<Instance> = [0, 1, 2, 10]
        .map(|n| Instance {
            running: Some(n),
            ..instance(&[])
        })
        .into();
    for (text, expected) in [
        ("runningTasksCount == 1", vec![1]),
        ("runningTasksCount != 1", vec![0, 2, 3]),
        ("runningTasksCount > 1", vec![2, 3]),
        ("runningTasksCount >= 2", vec![2, 3]),
        ("runningTasksCount < 10", vec![0, 1, 2]),
        ("runningTasksCount <= 01", vec![0, 1]),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn agent_versions_are_compared_by_number() {
    // G45
    let fleet = ["1.9.0", "1.14.5", "1.14.6", "none"].map(|version| Instance {
        version,
        ..instance(&[])
    });
    for (text, expected) in [
        ("agentVersion < 1.14.5", vec![0]),
        ("agentVersion <= 1.14.5", vec![0, 1]),
        ("agentVersion == 1.14.5.0", vec![1]),
        ("agentVersion != 1.14.5", vec![0, 2, 3]),
        ("agentVersion > 1.9", vec![1, 2]),
        ("agentVersion >= '1.14.6'", vec![2]),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn registration_times_come_in_four_formats() {
    // G46
    let fleet = [
        "2018-02-12T23:59:59Z",
        "2018-02-13T00:00:00Z",
        "2018-06-18T22:28:28Z",
    ]
    .map(|registered| Instance {
        registered,
        ..instance(&[])
    });
    for (text, expected) in [
        ("registeredAt < 2018-02-13", vec![0]),
        ("registeredAt == 2018-02-13", vec![1]),
        ("registeredAt >= 2018-06-18T22:28:28+00:00", vec![2]),
        ("registeredAt != 2018-06-18T22:28:28Z", vec![0, 1]),
        ("registeredAt == 2018-06-18T22:28:28", vec![2]),
        ("registeredAt == 2018-06-19T00:28:28+02:00", vec![2]),
        ("registeredAt > 2018-06-18", vec![2]),
        ("registeredAt <= '2018-02-13T00:00:00'", vec![0, 1]),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn instance_ids_and_the_agents_connection_are_texts() {
    // G47
    let mut fleet = ["i-abcd1234", "i-wxyx7890", "i-00000000"].map(|id| Instance {
        id,
        ..instance(&[])
    });
    fleet[2].connected = false;
    for (text, expected) in [
        ("ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", vec![0, 1]),
        ("ec2InstanceId !in [i-abcd1234,i-wxyx7890]", vec![2]),
        ("ec2InstanceId equals i-abcd1234", vec![0]),
        ("ec2InstanceId != i-abcd1234", vec![1, 2]),
        ("ec2InstanceId =~ i-[0-9]+", vec![2]),
        ("ec2InstanceId !~ i-[0-9]+", vec![0, 1]),
        ("agentConnected == true", vec![0, 1]),
        ("agentConnected != true", vec![2]),
        ("agentConnected in [false]", vec![2]),
        ("agentConnected !in [false]", vec![0, 1]),
        ("agentConnected =~ t.*", vec![0, 1]),
        ("agentConnected !~ t.*", vec![2]),
    ] {
        assert_eq!(selected(text, &fleet), expected, "{text}");
    }
}

#[test]
fn every_operator_has_its_word() {
    for (symbols, words) in [
        ("attribute:a == 1", "attribute:a equals 1"),
        ("attribute:a != 1", "attribute:a not_equals 1"),
        ("attribute:a > 1", "attribute:a greater_than 1"),
        ("attribute:a >= 1", "attribute:a greater_than_equal 1"),
        ("attribute:a < 1", "attribute:a less_than 1"),
        ("attribute:a <= 1", "attribute:a less_than_equal 1"),
        ("attribute:a !exists", "attribute:a not_exists"),
        ("attribute:a !in [1, 2]", "attribute:a not_in ['1','2']"),
        ("attribute:a =~ 1.*", "attribute:a matches '1.*'"),
        ("attribute:a !~ 1.*", "attribute:a not_matches 1.*"),
        (
            "attribute:a==1&&attribute:b==2||!attribute:c exists",
            "(attribute:a == 1 and attribute:b == 2) or not (attribute:c exists)",
        ),
    ] {
        assert_eq!(parse(symbols), parse(words), "{symbols}");
        assert_eq!(parse(symbols).text(), symbols);
    }
    assert_ne!(parse("attribute:a =~ 1"), parse("attribute:a == 1"));
    assert_ne!(parse("attribute:a =~ a.*"), parse("attribute:a =~ a.+"));
}

#[test]
fn not_binds_closer_than_and_and_and_closer_than_or() {
    let subject = instance(&[("a", "1"), ("c", "0")]);
    let (a, b, c) = ("attribute:a == 1", "attribute:b == 1", "attribute:c == 1");
    for (text, expected) in [
        (format!("{a} or {b} and {c}"), true),
        (format!("{c} and {b} or {a}"), true),
        // G49
        (format!("({a} or {b}) and {c}"), false),
        (format!("not {a} or {a}"), true),
        (format!("not ({a} or {a})"), false),
        (format!("not {b} and {c}"), false),
        (format!("!!{a}"), true),
    ] {
        assert_eq!(parse(&text).matches(&subject), expected, "{text}");
    }
}

#[test]
fn attributes_are_ordered_by_number_when_both_are_numbers() {
    let subject = instance(&[("size", "9"), ("name", "b"), ("version", "9a")]);
    for (text, expected) in [
        ("attribute:size < 10", true),
        ("attribute:size >= 10", false),
        ("attribute:size > -1", true),
        ("attribute:name > a", true),
        ("attribute:name <= a", false),
        ("attribute:version > 10", true),
        ("attribute:missing < 10", false),
    ] {
        assert_eq!(parse(text).matches(&subject), expected, "{text}");
    }
}

#[test]
fn what_is_not_known_spoils_an_answer_only_where_it_matters() {
    let imagined = Instance {
        running: None,
        groups: None,
        ..instance(&[("a", "1")])
    };
    for (text, expected) in [
        ("task:group == web", Truth::Unknown),
        ("not task:group in [web]", Truth::Unknown),
        ("task:group !~ w.*", Truth::Unknown),
        ("runningTasksCount < 5", Truth::Unknown),
        ("attribute:a == 2 and runningTasksCount < 5", Truth::False),
        ("runningTasksCount < 5 and attribute:a == 2", Truth::False),
        ("attribute:a == 1 and task:group == web", Truth::Unknown),
        ("attribute:a == 1 or task:group == web", Truth::True),
        ("task:group == web or attribute:a == 1", Truth::True),
        ("attribute:a == 2 or task:group == web", Truth::Unknown),
    ] {
        assert_eq!(parse(text).evaluate(&imagined), expected, "{text}");
        assert_eq!(
            parse(text).matches(&imagined),
            expected == Truth::True,
            "{text}"
        );
    }
}

#[test]
fn an_expression_about_tasks_is_not_static() {
    for (text, expected) in [
        ("attribute:a == 1 and not registeredAt < 2018-02-13", true),
        ("attribute:a == 1 or runningTasksCount < 5", false),
        ("attribute:a == 1 and not (task:group == web)", false),
    ] {
        assert_eq!(parse(text).is_static(), expected, "{text}");
    }
}

#[test]
fn values_may_be_quoted_and_hold_what_bare_words_cannot() {
    let subject = instance(&[
        ("team", "web & co"),
        ("owner", "it's"),
        ("empty", ""),
        ("in", "and"),
    ]);
    for text in [
        "attribute:team == 'web & co'",
        "attribute:owner == \"it's\"",
        "attribute:empty == ''",
        "attribute:in in ['and']",
        "attribute:team =~ 'web.*'",
        "attribute:team\n==\t'web & co'",
    ] {
        assert!(parse(text).matches(&subject), "{text}");
        assert_eq!(parse(&parse(text).to_string()), parse(text), "{text}");
    }
}

#[test]
fn the_canonical_form_is_plain() {
    for (text, expected) in [
        ("((attribute:a==1))", "attribute:a == 1"),
        ("!attribute:a equals '1'", "not (attribute:a == 1)"),
        ("not not attribute:a exists", "attribute:a exists"),
        (
            "(attribute:a == 1 or (attribute:b == 1 || attribute:c == '1 1')) \
             && agentConnected in ['true']",
            "(attribute:a == 1 or attribute:b == 1 or attribute:c == '1 1') \
             and agentConnected in [true]",
        ),
        (
            "registeredAt<2018-02-13",
            "registeredAt < 2018-02-13T00:00:00Z",
        ),
        ("agentVersion >= 01.2", "agentVersion >= 1.2"),
        ("task:group =~ '(a|b).*'", "task:group =~ (a|b).*"),
        ("task:group !~ 'a b'", "task:group !~ 'a b'"),
        ("runningTasksCount less_than 007", "runningTasksCount < 7"),
    ] {
        assert_eq!(parse(text).to_string(), expected);
    }
}
