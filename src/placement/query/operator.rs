//! Subjects, operators, and which goes with which.

use std::cmp::Ordering;

/// What is asked of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    AgentConnected,
    AgentVersion,
    /// With the attribute's name.
    Attribute(&'a str),
    Ec2InstanceId,
    RegisteredAt,
    RunningTasksCount,
    TaskGroup,
}

/// Subjects as they are written; `attribute:` is followed by a name.
pub(super) const SUBJECTS: [&str; 7] = [
    "agentConnected",
    "agentVersion",
    "attribute:",
    "ec2InstanceId",
    "registeredAt",
    "runningTasksCount",
    "task:group",
];

/// An ordering operator, or equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Order {
    /// Whether `left <order> right` holds, given how left compares to right.
    pub(super) const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }

    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Compare(Order),
    Exists,
    NotExists,
    In,
    NotIn,
    Matches,
    NotMatches,
}

/// Every spelling of every operator, so ordered that no symbol hides a longer one.
pub(super) const OPERATORS: [(&str, Operator); 22] = [
    ("==", Operator::Compare(Order::Equal)),
    ("!=", Operator::Compare(Order::NotEqual)),
    (">=", Operator::Compare(Order::GreaterOrEqual)),
    ("<=", Operator::Compare(Order::LessOrEqual)),
    ("=~", Operator::Matches),
    ("!~", Operator::NotMatches),
    (">", Operator::Compare(Order::Greater)),
    ("<", Operator::Compare(Order::Less)),
    ("!exists", Operator::NotExists),
    ("!in", Operator::NotIn),
    ("equals", Operator::Compare(Order::Equal)),
    ("not_equals", Operator::Compare(Order::NotEqual)),
    ("greater_than", Operator::Compare(Order::Greater)),
    (
        "greater_than_equal",
        Operator::Compare(Order::GreaterOrEqual),
    ),
    ("less_than", Operator::Compare(Order::Less)),
    ("less_than_equal", Operator::Compare(Order::LessOrEqual)),
    ("exists", Operator::Exists),
    ("not_exists", Operator::NotExists),
    ("in", Operator::In),
    ("not_in", Operator::NotIn),
    ("matches", Operator::Matches),
    ("not_matches", Operator::NotMatches),
];

/// Operators as other languages spell them, with blanks of any number as one.
const FOREIGN: [(&str, Operator); 34] = [
    ("=", Operator::Compare(Order::Equal)),
    ("===", Operator::Compare(Order::Equal)),
    ("is", Operator::Compare(Order::Equal)),
    ("eq", Operator::Compare(Order::Equal)),
    ("!==", Operator::Compare(Order::NotEqual)),
    ("=!", Operator::Compare(Order::NotEqual)),
    ("<>", Operator::Compare(Order::NotEqual)),
    ("ne", Operator::Compare(Order::NotEqual)),
    ("is not", Operator::Compare(Order::NotEqual)),
    ("not equals", Operator::Compare(Order::NotEqual)),
    ("! equals", Operator::Compare(Order::NotEqual)),
    ("=>", Operator::Compare(Order::GreaterOrEqual)),
    ("ge", Operator::Compare(Order::GreaterOrEqual)),
    ("gte", Operator::Compare(Order::GreaterOrEqual)),
    ("gt", Operator::Compare(Order::Greater)),
    ("=<", Operator::Compare(Order::LessOrEqual)),
    ("le", Operator::Compare(Order::LessOrEqual)),
    ("lte", Operator::Compare(Order::LessOrEqual)),
    ("lt", Operator::Compare(Order::Less)),
    ("~", Operator::Matches),
    ("~=", Operator::Matches),
    ("==~", Operator::Matches),
    ("~~", Operator::Matches),
    ("like", Operator::Matches),
    ("contains", Operator::Matches),
    ("!=~", Operator::NotMatches),
    ("~!", Operator::NotMatches),
    ("not like", Operator::NotMatches),
    ("not matches", Operator::NotMatches),
    ("! matches", Operator::NotMatches),
    ("not in", Operator::NotIn),
    ("! in", Operator::NotIn),
    ("not exists", Operator::NotExists),
    ("! exists", Operator::NotExists),
];

/// The operator that somebody meant who used another language's.
pub(super) fn meant_by(found: &str) -> Option<Operator> {
    FOREIGN
        .iter()
        .find(|(spelling, _)| *spelling == found)
        .map(|(_, operator)| *operator)
}

const TEXT_OPERATORS: [Operator; 6] = [
    Operator::Compare(Order::Equal),
    Operator::Compare(Order::NotEqual),
    Operator::In,
    Operator::NotIn,
    Operator::Matches,
    Operator::NotMatches,
];

const ORDER_OPERATORS: [Operator; 6] = [
    Operator::Compare(Order::Equal),
    Operator::Compare(Order::NotEqual),
    Operator::Compare(Order::Greater),
    Operator::Compare(Order::GreaterOrEqual),
    Operator::Compare(Order::Less),
    Operator::Compare(Order::LessOrEqual),
];

const ALL_OPERATORS: [Operator; 12] = [
    Operator::Compare(Order::Equal),
    Operator::Compare(Order::NotEqual),
    Operator::Compare(Order::Greater),
    Operator::Compare(Order::GreaterOrEqual),
    Operator::Compare(Order::Less),
    Operator::Compare(Order::LessOrEqual),
    Operator::Exists,
    Operator::NotExists,
    Operator::In,
    Operator::NotIn,
    Operator::Matches,
    Operator::NotMatches,
];

impl Operator {
    /// The canonical spelling.
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Compare(order) => order.symbol(),
            Self::Exists => "exists",
            Self::NotExists => "!exists",
            Self::In => "in",
            Self::NotIn => "!in",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
        }
    }
}

impl Subject<'_> {
    /// The operators that go with the subject (Developer Guide, "Cluster query language").
    pub(super) const fn operators(self) -> &'static [Operator] {
        match self {
            Self::Attribute(_) => &ALL_OPERATORS,
            Self::AgentConnected | Self::Ec2InstanceId | Self::TaskGroup => &TEXT_OPERATORS,
            Self::AgentVersion | Self::RegisteredAt | Self::RunningTasksCount => &ORDER_OPERATORS,
        }
    }
}
