//! Whether an instance satisfies an expression.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;

use super::Expression;
use super::expression::{Condition, Node, TextSet, TextTest};
use super::operator::Order;
use super::version::Version;

/// What an expression can ask of a container instance.
pub trait Facts {
    /// The value of an attribute, `""` for one without a value; `None` when the instance lacks it.
    fn attribute(&self, name: &str) -> Option<&str>;

    /// The EC2 instance id.
    fn ec2_instance_id(&self) -> Cow<'_, str>;

    /// Whether the container agent is connected.
    fn agent_connected(&self) -> bool;

    /// The container agent's version.
    fn agent_version(&self) -> &str;

    /// When the instance registered.
    fn registered_at(&self) -> Timestamp;

    /// Tasks on the instance that are RUNNING; `None` when that is not known, as for an instance
    /// that does not exist yet.
    fn running_tasks_count(&self) -> Option<u32>;

    /// Groups of the tasks on the instance; `None` when they are not known.
    fn groups(&self) -> Option<Vec<&str>>;

    /// Whether the instance hosts a task of the group. The provided method looks through
    /// [`Facts::groups`]; one that need not list them is quicker.
    fn hosts_group(&self, group: &str) -> Option<bool> {
        self.groups().map(|groups| groups.contains(&group))
    }
}

/// An answer in Kleene's three-valued logic: what is not known spoils an answer only where it
/// matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// The instance does not satisfy the expression, whatever is not known.
    False,
    /// It depends on what is not known.
    Unknown,
    /// The instance satisfies the expression, whatever is not known.
    True,
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

impl From<Option<bool>> for Truth {
    fn from(truth: Option<bool>) -> Self {
        truth.map_or(Self::Unknown, Self::from)
    }
}

impl std::ops::Not for Truth {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl Expression {
    /// Whether an instance satisfies the expression, as far as is known.
    pub fn evaluate(&self, facts: &impl Facts) -> Truth {
        self.root.evaluate(facts)
    }

    /// Whether an instance is known to satisfy the expression.
    pub fn matches(&self, facts: &impl Facts) -> bool {
        self.evaluate(facts) == Truth::True
    }
}

impl Node {
    fn evaluate(&self, facts: &impl Facts) -> Truth {
        match self {
            Self::Condition(condition) => condition.evaluate(facts),
            Self::Not(inner) => !inner.evaluate(facts),
            Self::And(parts) => {
                let mut truth = Truth::True;
                for part in parts {
                    truth = truth.min(part.evaluate(facts));
                    if truth == Truth::False {
                        break;
                    }
                }
                truth
            }
            Self::Or(parts) => {
                let mut truth = Truth::False;
                for part in parts {
                    truth = truth.max(part.evaluate(facts));
                    if truth == Truth::True {
                        break;
                    }
                }
                truth
            }
        }
    }
}

impl Condition {
    fn evaluate(&self, facts: &impl Facts) -> Truth {
        match self {
            Self::AgentConnected(test) => test
                .passes(if facts.agent_connected() {
                    "true"
                } else {
                    "false"
                })
                .into(),
            Self::AgentVersion(order, version) => {
                compare_versions(facts.agent_version(), *order, version).into()
            }
            Self::AttributeExists { name, negated } => {
                (facts.attribute(name).is_some() != *negated).into()
            }
            Self::AttributeText { name, test } => facts
                .attribute(name)
                .is_some_and(|value| test.passes(value))
                .into(),
            Self::AttributeOrder { name, order, value } => facts
                .attribute(name)
                .is_some_and(|actual| order.holds(compare_values(actual, value)))
                .into(),
            Self::Ec2InstanceId(test) => test.passes(&facts.ec2_instance_id()).into(),
            Self::RegisteredAt(order, time) => order.holds(facts.registered_at().cmp(time)).into(),
            Self::RunningTasksCount(order, count) => facts
                .running_tasks_count()
                .map(|running| order.holds(u64::from(running).cmp(count)))
                .into(),
            Self::TaskGroup(test) => hosts_any(test, facts)
                .map(|hosts| hosts != test.negated)
                .into(),
        }
    }
}

/// Whether any task on the instance is of a group in the test's set.
fn hosts_any(test: &TextTest, facts: &impl Facts) -> Option<bool> {
    match &test.set {
        TextSet::One(group) => facts.hosts_group(group),
        TextSet::List(groups) => {
            let hosted: Option<Vec<bool>> = groups
                .iter()
                .map(|group| facts.hosts_group(group))
                .collect();
            hosted.map(|hosted| hosted.contains(&true))
        }
        TextSet::Matching(_) => facts
            .groups()
            .map(|groups| groups.iter().any(|group| test.set.contains(group))),
    }
}

/// Version order. An agent whose version is not a number with dots is only ever unequal.
fn compare_versions(actual: &str, order: Order, version: &Version) -> bool {
    Version::of_agent(actual).map_or(order == Order::NotEqual, |actual| {
        order.holds(actual.order(version))
    })
}

/// Numbers when both are integers, else text.
fn compare_values(actual: &str, value: &str) -> Ordering {
    match (actual.parse::<i64>(), value.parse::<i64>()) {
        (Ok(actual), Ok(value)) => actual.cmp(&value),
        _ => actual.cmp(value),
    }
}
