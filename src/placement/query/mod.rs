//! The cluster query language of `memberOf` constraints.
//!
//! ```text
//! attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d
//! ```
//!
//! Source: ECS Developer Guide, "Cluster query language" and "Task placement constraints". Where
//! the guide is silent this crate has chosen:
//!
//! - `not` binds closer than `and`, `and` closer than `or`; parentheses override.
//! - An instance that lacks an attribute satisfies only `!exists` on it: `!=`, `!in` and `!~` want
//!   it present, like `!=` in the guide. `not (attribute:x == v)` does select such an instance.
//! - `task:group` compares the groups of all tasks on the instance: `==`, `in`, `=~` are true when
//!   any of them matches, `!=`, `!in`, `!~` when none does, so also on an instance without tasks.
//! - `>` and its like on an attribute compare numbers when both sides are integers, else text.
//! - `=~` matches the whole value. Regular expressions are Java's as far as the crate `regex` goes;
//!   what it lacks (look-around, back references, possessive quantifiers, ...) is refused by name.
//! - Quotes are `'` or `"`, without escapes, so that a quoted regular expression keeps its
//!   backslashes. A regular expression may stand without quotes as long as it has no blank,
//!   no quote, no `&&`, no `||` and its parentheses pair up.

mod error;
mod evaluate;
mod expression;
mod lexer;
#[cfg(test)]
mod message_tests;
mod operator;
mod parser;
mod pattern;
#[cfg(test)]
mod tests;
mod version;

pub use error::QueryError;
pub use evaluate::{Facts, Truth};
pub use expression::Expression;

/// The longest expression that ECS takes, in characters (API reference of PlacementConstraint).
pub const MAX_EXPRESSION_CHARACTERS: usize = 2_000;
