//! The parsed expression and its canonical text.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;

use super::QueryError;
use super::lexer::{is_bare_pattern, is_bare_value};
use super::operator::{Operator, Order};
use super::parser;
use super::pattern::Pattern;
use super::version::Version;

/// A parsed expression. Two are equal when they ask the same in the same order: blanks,
/// superfluous parentheses and quotes, and the spelling of operators do not count.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    pub(super) root: Node,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is longer than [`super::MAX_EXPRESSION_CHARACTERS`], nested deeper than 64 levels,
    /// or not of the language; the error has the place.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parser::parse(text).map(|root| Self {
            text: text.to_owned(),
            root,
        })
    }

    /// The text as the user wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the answer for an instance never changes while it is registered: no
    /// `runningTasksCount`, no `task:group`.
    pub fn is_static(&self) -> bool {
        self.root.is_static()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

/// A condition, or several joined. `And` and `Or` have at least two parts, none of which is of
/// their own kind; `Not` never holds a `Not`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Condition(Condition),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// One subject and what must be true of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    AgentConnected(TextTest),
    AgentVersion(Order, Version),
    AttributeExists {
        name: String,
        negated: bool,
    },
    AttributeText {
        name: String,
        test: TextTest,
    },
    AttributeOrder {
        name: String,
        order: Order,
        value: String,
    },
    Ec2InstanceId(TextTest),
    RegisteredAt(Order, Timestamp),
    RunningTasksCount(Order, u64),
    TaskGroup(TextTest),
}

/// A set of texts, or all others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextTest {
    pub(super) negated: bool,
    pub(super) set: TextSet,
}

/// A set of texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextSet {
    One(String),
    List(Vec<String>),
    Matching(Pattern),
}

impl Node {
    /// The opposite. In three-valued logic, too, two opposites are none.
    pub(super) fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            node => Self::Not(Box::new(node)),
        }
    }

    /// Both; joined into one list with what already is a conjunction.
    pub(super) fn and(parts: Vec<Self>) -> Self {
        let flatten = |node| match node {
            Self::And(inner) => inner,
            node => vec![node],
        };
        let mut parts: Vec<Self> = parts.into_iter().flat_map(flatten).collect();
        if parts.len() == 1 {
            parts.remove(0)
        } else {
            Self::And(parts)
        }
    }

    /// Either; joined into one list with what already is a disjunction.
    pub(super) fn or(parts: Vec<Self>) -> Self {
        let flatten = |node| match node {
            Self::Or(inner) => inner,
            node => vec![node],
        };
        let mut parts: Vec<Self> = parts.into_iter().flat_map(flatten).collect();
        if parts.len() == 1 {
            parts.remove(0)
        } else {
            Self::Or(parts)
        }
    }

    fn is_static(&self) -> bool {
        match self {
            Self::Condition(condition) => !matches!(
                condition,
                Condition::RunningTasksCount(..) | Condition::TaskGroup(_)
            ),
            Self::Not(inner) => inner.is_static(),
            Self::And(parts) | Self::Or(parts) => parts.iter().all(Self::is_static),
        }
    }
}

impl TextTest {
    /// Whether a text passes.
    pub(super) fn passes(&self, text: &str) -> bool {
        self.set.contains(text) != self.negated
    }
}

impl TextSet {
    pub(super) fn contains(&self, text: &str) -> bool {
        match self {
            Self::One(value) => value == text,
            Self::List(values) => values.iter().any(|value| value == text),
            Self::Matching(pattern) => pattern.matches(text),
        }
    }
}

/// The canonical form: symbols for operators, quotes and parentheses only where needed, single
/// blanks. Reading it gives an equal expression (as long as it keeps the limit of characters).
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(condition) => condition.fmt(f),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(parts) => write_joined(f, parts, " and "),
            Self::Or(parts) => write_joined(f, parts, " or "),
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, parts: &[Node], joint: &str) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(joint)?;
        }
        // Of the parts only an `or` below an `and` binds more loosely than the joint.
        if matches!(part, Node::Or(_)) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AgentConnected(test) => write!(f, "agentConnected {test}"),
            Self::AgentVersion(order, version) => {
                write!(f, "agentVersion {} {version}", order.symbol())
            }
            Self::AttributeExists { name, negated } => {
                let operator = if *negated {
                    Operator::NotExists
                } else {
                    Operator::Exists
                };
                write!(f, "attribute:{name} {}", operator.symbol())
            }
            Self::AttributeText { name, test } => write!(f, "attribute:{name} {test}"),
            Self::AttributeOrder { name, order, value } => {
                write!(f, "attribute:{name} {} {}", order.symbol(), Value(value))
            }
            Self::Ec2InstanceId(test) => write!(f, "ec2InstanceId {test}"),
            Self::RegisteredAt(order, time) => {
                write!(f, "registeredAt {} {time}", order.symbol())
            }
            Self::RunningTasksCount(order, count) => {
                write!(f, "runningTasksCount {} {count}", order.symbol())
            }
            Self::TaskGroup(test) => write!(f, "task:group {test}"),
        }
    }
}

impl fmt::Display for TextTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plain, negated) = match &self.set {
            TextSet::One(_) => (
                Operator::Compare(Order::Equal),
                Operator::Compare(Order::NotEqual),
            ),
            TextSet::List(_) => (Operator::In, Operator::NotIn),
            TextSet::Matching(_) => (Operator::Matches, Operator::NotMatches),
        };
        let operator = if self.negated { negated } else { plain };
        write!(f, "{} ", operator.symbol())?;
        match &self.set {
            TextSet::One(value) => Value(value).fmt(f),
            TextSet::List(values) => {
                f.write_str("[")?;
                for (place, value) in values.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Value(value))?;
                }
                f.write_str("]")
            }
            TextSet::Matching(pattern) if is_bare_pattern(pattern.source()) => {
                f.write_str(pattern.source())
            }
            TextSet::Matching(pattern) => write_quoted(f, pattern.source()),
        }
    }
}

/// A value, in quotes where it needs them.
struct Value<'a>(&'a str);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare_value(self.0) {
            f.write_str(self.0)
        } else {
            write_quoted(f, self.0)
        }
    }
}

/// What was read never holds both kinds of quotes: there is no way to write it.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') { '"' } else { '\'' };
    write!(f, "{quote}{text}{quote}")
}

/// A value as written, with its place in the expression.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) value: String,
    pub(super) span: Range<usize>,
}
