//! Recursive descent: `or` over `and` over `not` over a condition or parentheses.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::expression::{Condition, Literal, Node, TextSet, TextTest};
use super::lexer::Lexer;
use super::operator::OPERATORS;
use super::operator::{Operator, Order, SUBJECTS, Subject, meant_by};
use super::pattern::Pattern;
use super::version::Version;
use super::{MAX_EXPRESSION_CHARACTERS, QueryError};
use crate::units::nearest;

/// Parentheses and negations within one another; keeps the stack shallow whatever is read.
const MAX_DEPTH: u32 = 64;

/// The longest name of an attribute (API reference of Attribute).
const MAX_ATTRIBUTE_NAME: usize = 128;

type Parsed<T> = Result<T, QueryError>;

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Parsed<Node> {
    if let Some((limit, _)) = text.char_indices().nth(MAX_EXPRESSION_CHARACTERS) {
        let message = format!(
            "the expression has {} characters, ECS takes {MAX_EXPRESSION_CHARACTERS}",
            text.chars().count()
        );
        return Err(QueryError::new(limit..text.len(), message));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
        depth: 0,
    };
    if parser.lexer.at_end() {
        return Err(QueryError::new(0..0, "the expression is empty")
            .with_hint("for example: attribute:ecs.instance-type =~ t2.*"));
    }
    let root = parser.disjunction()?;
    if parser.lexer.at_end() {
        Ok(root)
    } else {
        Err(parser.unexpected_rest())
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn disjunction(&mut self) -> Parsed<Node> {
        let mut parts = vec![self.conjunction()?];
        while self.lexer.take("||") || self.lexer.take_word("or") {
            parts.push(self.conjunction()?);
        }
        Ok(Node::or(parts))
    }

    fn conjunction(&mut self) -> Parsed<Node> {
        let mut parts = vec![self.negation()?];
        while self.lexer.take("&&") || self.lexer.take_word("and") {
            parts.push(self.negation()?);
        }
        Ok(Node::and(parts))
    }

    fn negation(&mut self) -> Parsed<Node> {
        let mut negated = false;
        let mut found = false;
        while self.lexer.take("!") || self.lexer.take_word("not") {
            negated = !negated;
            found = true;
        }
        let node = if found {
            // Parentheses right after `not` belong to it: one level, however it is written.
            self.deeper(|parser| match parser.lexer.peek() {
                Some('(') => parser.parentheses(),
                _ => parser.condition(),
            })?
        } else if self.lexer.peek() == Some('(') {
            self.deeper(Self::parentheses)?
        } else {
            self.condition()?
        };
        Ok(if negated { node.negate() } else { node })
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Parsed<Node>) -> Parsed<Node> {
        if self.depth == MAX_DEPTH {
            let message = format!("the expression is nested deeper than {MAX_DEPTH} levels");
            return Err(QueryError::new(self.lexer.span_of_next(), message));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn parentheses(&mut self) -> Parsed<Node> {
        let opening = self.lexer.span_of_next();
        self.lexer.advance(opening.len());
        let node = self.disjunction()?;
        if self.lexer.take(")") {
            Ok(node)
        } else if self.lexer.at_end() {
            Err(QueryError::new(
                opening,
                "the parenthesis ( is never closed",
            ))
        } else {
            Err(self.unexpected_rest())
        }
    }

    /// What may not stand behind a condition.
    fn unexpected_rest(&mut self) -> QueryError {
        let message = format!("expected `and` or `or`, but {}", self.lexer.describe_next());
        let error = QueryError::new(self.lexer.span_of_next(), message);
        let word = self.lexer.peek_word();
        match self.lexer.peek() {
            _ if matches!(word.to_lowercase().as_str(), "and" | "or") => {
                error.with_hint(format!("write `{}`", word.to_lowercase()))
            }
            Some(')') => error.with_hint("this parenthesis was never opened"),
            Some('&') => error.with_hint("write `&&` or `and`"),
            Some('|') => error.with_hint("write `||` or `or`"),
            _ => error.with_hint("a value with blanks or other signs needs quotes: 'two words'"),
        }
    }

    fn condition(&mut self) -> Parsed<Node> {
        let (written, subject) = self.subject()?;
        let operator = self.operator(written, subject)?;
        let condition = match subject {
            Subject::AgentConnected => {
                Condition::AgentConnected(self.text_test(operator, is_true_or_false)?)
            }
            Subject::Ec2InstanceId => Condition::Ec2InstanceId(self.text_test(operator, any_text)?),
            Subject::TaskGroup => Condition::TaskGroup(self.text_test(operator, any_text)?),
            Subject::Attribute(name) => self.attribute_condition(name.to_owned(), operator)?,
            Subject::AgentVersion => {
                let literal = self.lexer.value("a version such as 1.14.5")?;
                Condition::AgentVersion(order_of(operator), version(&literal)?)
            }
            Subject::RegisteredAt => {
                let literal = self.lexer.value("a time such as 2018-06-18T22:28:28Z")?;
                Condition::RegisteredAt(order_of(operator), time(&literal)?)
            }
            Subject::RunningTasksCount => {
                let literal = self.lexer.value("a number of tasks")?;
                Condition::RunningTasksCount(order_of(operator), count(&literal)?)
            }
        };
        Ok(Node::Condition(condition))
    }

    fn attribute_condition(&mut self, name: String, operator: Operator) -> Parsed<Condition> {
        Ok(match operator {
            Operator::Exists | Operator::NotExists => Condition::AttributeExists {
                name,
                negated: operator == Operator::NotExists,
            },
            Operator::Compare(
                order @ (Order::Greater | Order::GreaterOrEqual | Order::Less | Order::LessOrEqual),
            ) => {
                let value = self.lexer.value("a value")?.value;
                Condition::AttributeOrder { name, order, value }
            }
            _ => Condition::AttributeText {
                name,
                test: self.text_test(operator, any_text)?,
            },
        })
    }

    fn subject(&mut self) -> Parsed<(&'a str, Subject<'a>)> {
        let span = self.lexer.span_of_next();
        let word = self.lexer.peek_word();
        if word.is_empty() {
            let message = format!("expected a subject, but {}", self.lexer.describe_next());
            return Err(QueryError::new(span, message).with_hint(subjects()));
        }
        let subject = match word {
            "agentConnected" => Subject::AgentConnected,
            "agentVersion" => Subject::AgentVersion,
            "ec2InstanceId" => Subject::Ec2InstanceId,
            "registeredAt" => Subject::RegisteredAt,
            "runningTasksCount" => Subject::RunningTasksCount,
            "task:group" => Subject::TaskGroup,
            _ => match word.strip_prefix("attribute:") {
                Some(name) => Subject::Attribute(attribute_name(name, span.clone())?),
                None => return Err(unknown_subject(word, span)),
            },
        };
        self.lexer.advance(word.len());
        Ok((word, subject))
    }

    fn operator(&mut self, written: &str, subject: Subject<'_>) -> Parsed<Operator> {
        let start = self.lexer.position();
        if let Some(error) = self.foreign_operator(written, subject) {
            return Err(error);
        }
        let word = self.lexer.peek_word();
        let Some((spelling, operator)) = self.take_operator() else {
            let next = self.lexer.describe_next();
            let message = format!("expected an operator after `{written}`, but {next}");
            let error = QueryError::new(self.lexer.span_of_next(), message);
            let known = OPERATORS.iter().map(|(spelling, _)| *spelling);
            return Err(match nearest(word, known) {
                Some(meant) => error.with_hint(format!("did you mean `{meant}`?")),
                None => error.with_hint(operators_of(subject)),
            });
        };
        let span = start..self.lexer.taken_to();
        if !subject.operators().contains(&operator) {
            let message = format!("`{spelling}` cannot be used with `{written}`");
            return Err(QueryError::new(span, message).with_hint(operators_of(subject)));
        }
        Ok(operator)
    }

    /// An operator of another language, or one of this in two words, with what it is here.
    fn foreign_operator(&mut self, written: &str, subject: Subject<'_>) -> Option<QueryError> {
        let start = self.lexer.position();
        let (found, length) = self.lexer.peek_operator();
        let operator = meant_by(&found)?;
        let span = start..start + length;
        let message = format!("expected an operator after `{written}`, but found `{found}`");
        let error = QueryError::new(span, message);
        if !subject.operators().contains(&operator) {
            return Some(error.with_hint(operators_of(subject)));
        }
        let words = OPERATORS.iter().find(|(spelling, known)| {
            *known == operator && found.starts_with("not") && spelling.starts_with("not_")
        });
        let symbol = operator.symbol();
        Some(error.with_hint(match words {
            Some((word, _)) => format!("did you mean `{symbol}` or `{word}`?"),
            None => format!("did you mean `{symbol}`?"),
        }))
    }

    fn take_operator(&mut self) -> Option<(&'static str, Operator)> {
        OPERATORS
            .into_iter()
            .find(|(spelling, _)| match spelling.strip_prefix('!') {
                // `!in` and `!exists`, but not the beginning of a longer word.
                Some(word) if word.starts_with(char::is_alphabetic) => {
                    self.lexer.take_negated(word)
                }
                _ if spelling.starts_with(char::is_alphabetic) => self.lexer.take_word(spelling),
                _ => self.lexer.take(spelling),
            })
    }

    fn text_test(&mut self, operator: Operator, check: Check) -> Parsed<TextTest> {
        let negated = matches!(
            operator,
            Operator::Compare(Order::NotEqual) | Operator::NotIn | Operator::NotMatches
        );
        let set = match operator {
            Operator::In | Operator::NotIn => TextSet::List(self.list(check)?),
            Operator::Matches | Operator::NotMatches => TextSet::Matching(self.pattern()?),
            _ => TextSet::One(self.one_value(check)?),
        };
        Ok(TextTest { negated, set })
    }

    fn one_value(&mut self, check: Check) -> Parsed<String> {
        if self.lexer.peek() == Some('[') {
            let message = "expected one value, but found a list";
            return Err(QueryError::new(self.lexer.span_of_next(), message)
                .with_hint("compare with a list by `in` or `!in`"));
        }
        let literal = self.lexer.value("a value")?;
        check(&literal)?;
        Ok(literal.value)
    }

    fn list(&mut self, check: Check) -> Parsed<Vec<String>> {
        if !self.lexer.take("[") {
            let message = format!("expected a list, but {}", self.lexer.describe_next());
            return Err(QueryError::new(self.lexer.span_of_next(), message)
                .with_hint("a list stands in square brackets: [a, b]"));
        }
        let mut values = Vec::new();
        loop {
            let literal = self.lexer.value("a value of the list")?;
            check(&literal)?;
            values.push(literal.value);
            if self.lexer.take("]") {
                return Ok(values);
            }
            if !self.lexer.take(",") {
                let message = format!("expected `,` or `]`, but {}", self.lexer.describe_next());
                return Err(QueryError::new(self.lexer.span_of_next(), message));
            }
        }
    }

    fn pattern(&mut self) -> Parsed<Pattern> {
        let literal = self.lexer.pattern()?;
        Pattern::new(&literal.value).map_err(|error| {
            let span = match error.offset {
                None => literal.span.clone(),
                Some(offset) => {
                    // What stands in quotes begins one byte later.
                    let quote = (literal.span.len() - literal.value.len()) / 2;
                    literal.span.start + quote + offset..literal.span.end - quote
                }
            };
            QueryError::new(span, error.message)
        })
    }
}

/// What a subject asks of each value compared with it.
type Check = fn(&Literal) -> Parsed<()>;

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the functions that check values"
)]
fn any_text(_: &Literal) -> Parsed<()> {
    Ok(())
}

fn is_true_or_false(literal: &Literal) -> Parsed<()> {
    if matches!(literal.value.as_str(), "true" | "false") {
        return Ok(());
    }
    let message = format!(
        "agentConnected is `true` or `false`, never `{}`",
        literal.value
    );
    Err(QueryError::new(literal.span.clone(), message))
}

/// The order that an operator stands for. Subjects that are ordered have no other operators.
fn order_of(operator: Operator) -> Order {
    match operator {
        Operator::Compare(order) => order,
        other => unreachable!("`{}` orders nothing", other.symbol()),
    }
}

fn version(literal: &Literal) -> Parsed<Version> {
    Version::parse(&literal.value).ok_or_else(|| {
        let message = format!("`{}` is not a version", literal.value);
        QueryError::new(literal.span.clone(), message).with_hint("for example: 1.14.5")
    })
}

fn count(literal: &Literal) -> Parsed<u64> {
    let digits = literal.value.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| literal.value.parse().ok())
        .flatten()
        .ok_or_else(|| {
            let message = format!("`{}` is not a number of tasks", literal.value);
            QueryError::new(literal.span.clone(), message)
                .with_hint("a whole number, for example: 1")
        })
}

/// A time with an offset or `Z`, or in UTC when it has neither; a date is its midnight in UTC.
fn time(literal: &Literal) -> Parsed<Timestamp> {
    let text = literal.value.as_str();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-:T.Z+".contains(&byte));
    let in_utc = |civil: DateTime| TimeZone::UTC.to_timestamp(civil).ok();
    plain
        .then(|| {
            text.parse()
                .ok()
                .or_else(|| text.parse().ok().and_then(in_utc))
        })
        .flatten()
        .ok_or_else(|| {
            let message = format!("`{text}` is not a time");
            QueryError::new(literal.span.clone(), message)
                .with_hint("for example: 2018-06-18T22:28:28Z, or 2018-06-18")
        })
}

fn attribute_name(name: &str, span: Range<usize>) -> Parsed<&str> {
    if name.is_empty() {
        return Err(QueryError::new(span, "the attribute has no name")
            .with_hint("for example: attribute:ecs.instance-type"));
    }
    if name.len() > MAX_ATTRIBUTE_NAME {
        let message = format!("the attribute's name has more than {MAX_ATTRIBUTE_NAME} characters");
        return Err(QueryError::new(span, message));
    }
    let odd = |character: char| !(character.is_alphanumeric() || r"-_/\.".contains(character));
    match name.chars().find(|character| odd(*character)) {
        None => Ok(name),
        Some(character) => {
            let message = format!("`{character}` cannot be part of an attribute's name");
            Err(QueryError::new(span, message).with_hint(r"letters, digits and - _ / \ ."))
        }
    }
}

fn unknown_subject(word: &str, span: Range<usize>) -> QueryError {
    let error = QueryError::new(
        span,
        format!("`{word}` is not a subject of the query language"),
    );
    let (before, after) = word
        .split_once(':')
        .map_or((word, None), |(a, b)| (a, Some(b)));
    match after {
        Some(name) if nearest(before, ["attribute"]).is_some() => {
            error.with_hint(format!("did you mean `attribute:{name}`?"))
        }
        _ => match nearest(word, SUBJECTS) {
            Some(meant) => error.with_hint(format!("did you mean `{meant}`?")),
            None if word.starts_with("ecs.") => {
                error.with_hint(format!("an attribute is written `attribute:{word}`"))
            }
            None => error.with_hint(subjects()),
        },
    }
}

fn subjects() -> String {
    let names = SUBJECTS.map(|name| {
        if name == "attribute:" {
            "`attribute:<name>`".to_owned()
        } else {
            format!("`{name}`")
        }
    });
    format!("subjects are {}", names.join(", "))
}

fn operators_of(subject: Subject<'_>) -> String {
    let symbols: Vec<String> = subject
        .operators()
        .iter()
        .map(|operator| format!("`{}`", operator.symbol()))
        .collect();
    format!("its operators are {}", symbols.join(", "))
}
