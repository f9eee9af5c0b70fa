//! The filter of `ecs-sim catalog`: terms separated by blanks or commas, all of which must hold.
//!
//! A term is a name with `*` and `?` (`m5.*`), a whole name (`m5.large`), a family (`m5`), or a
//! comparison (`vcpu>=4`, `memory<=16GiB`, `arch=arm64`, `price<0.1`).

use std::cmp::Ordering;

use regex::Regex;

use crate::model::CpuArchitecture;
use crate::units::{HourlyRate, nearest};

use super::decimal::{NANO, parse_nano};
use super::{Catalog, CatalogEntry, Hypervisor};

/// A checked filter. One without terms matches every type.
#[derive(Debug, Clone)]
pub struct FilterExpression {
    terms: Vec<Term>,
}

/// The first faulty term of a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at offset {offset}: {problem}{}", said(.hint.as_deref()))]
pub struct FilterError {
    /// Where the fault begins: bytes from the start of the filter.
    pub offset: usize,
    /// What is wrong.
    pub problem: String,
    /// The valid word that was probably meant.
    pub hint: Option<String>,
}

fn said(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

#[derive(Debug, Clone)]
enum Term {
    /// A name with wildcards.
    Glob(Regex),
    /// A whole name or a family.
    Word(String),
    /// A number against a number, both in units of 10^-9.
    Number(NumberField, Operator, u128),
    /// A word against a word; true for `=`, false for `!=`.
    Choice(ChoiceField, bool, &'static str),
}

#[derive(Debug, Clone, Copy)]
enum NumberField {
    Vcpu,
    Memory,
    Registered,
    Gpu,
    Awsvpc,
    Trunk,
    Price,
}

#[derive(Debug, Clone, Copy)]
enum ChoiceField {
    Architecture,
    Hypervisor,
    Burstable,
    Metal,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    More,
}

#[derive(Debug, Clone, Copy)]
enum Field {
    Number(NumberField),
    Choice(ChoiceField),
}

const FIELDS: [(&str, Field); 11] = [
    ("vcpu", Field::Number(NumberField::Vcpu)),
    ("memory", Field::Number(NumberField::Memory)),
    ("registered", Field::Number(NumberField::Registered)),
    ("gpu", Field::Number(NumberField::Gpu)),
    ("awsvpc", Field::Number(NumberField::Awsvpc)),
    ("trunk", Field::Number(NumberField::Trunk)),
    ("price", Field::Number(NumberField::Price)),
    ("arch", Field::Choice(ChoiceField::Architecture)),
    ("hypervisor", Field::Choice(ChoiceField::Hypervisor)),
    ("burstable", Field::Choice(ChoiceField::Burstable)),
    ("metal", Field::Choice(ChoiceField::Metal)),
];

/// Longer ones first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::NotEqual),
    ("==", Operator::Equal),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::More),
];

/// Units of memory in MiB; ECS's GB are GiB.
const MEMORY_UNITS: [(&str, u64); 6] = [
    ("mib", 1),
    ("mb", 1),
    ("gib", 1_024),
    ("gb", 1_024),
    ("tib", 1_048_576),
    ("tb", 1_048_576),
];

impl FilterExpression {
    /// Reads a filter. Upper and lower case are one. Names and families are looked up in the
    /// catalog, so that a slip is an error and not an empty table.
    ///
    /// # Errors
    /// The first faulty term, with its offset and the nearest valid word.
    pub fn parse(text: &str, catalog: &Catalog) -> Result<Self, FilterError> {
        let separator = |letter: char| letter == ',' || letter.is_whitespace();
        let mut terms = Vec::new();
        let mut offset = 0;
        for piece in text.split_inclusive(separator) {
            let word = piece.trim_end_matches(separator);
            if !word.is_empty() {
                terms.push(term(offset, &word.to_ascii_lowercase(), catalog)?);
            }
            offset += piece.len();
        }
        Ok(Self { terms })
    }

    /// Whether a type meets every term. A type without a price meets no term about prices.
    pub fn matches(&self, entry: &CatalogEntry, price: Option<HourlyRate>) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Glob(pattern) => pattern.is_match(&entry.name),
            Term::Word(word) => *word == entry.name || word == entry.family(),
            Term::Number(field, operator, wanted) => {
                number(*field, entry, price).is_some_and(|has| operator.holds(has.cmp(wanted)))
            }
            Term::Choice(field, equal, wanted) => (choice(*field, entry) == *wanted) == *equal,
        })
    }
}

impl Operator {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
        }
    }
}

impl ChoiceField {
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::Architecture => &["x86_64", "arm64"],
            Self::Hypervisor => &["nitro", "xen", "none"],
            Self::Burstable | Self::Metal => &["true", "false"],
        }
    }
}

fn number(field: NumberField, entry: &CatalogEntry, price: Option<HourlyRate>) -> Option<u128> {
    let count = match field {
        NumberField::Vcpu => entry.vcpus,
        NumberField::Memory => entry.nominal_memory.0,
        NumberField::Registered => entry.registered_memory.0,
        NumberField::Gpu => entry.gpus,
        NumberField::Awsvpc => entry.awsvpc_tasks,
        NumberField::Trunk => entry.awsvpc_tasks_at_most(),
        NumberField::Price => return price.map(|rate| u128::from(rate.0)),
    };
    Some(u128::from(count) * u128::from(NANO))
}

fn choice(field: ChoiceField, entry: &CatalogEntry) -> &'static str {
    let truth = |holds| if holds { "true" } else { "false" };
    match field {
        ChoiceField::Architecture => CpuArchitecture::attribute_value(entry.architecture),
        ChoiceField::Hypervisor => Hypervisor::name(entry.hypervisor),
        ChoiceField::Burstable => truth(entry.burstable),
        ChoiceField::Metal => truth(entry.bare_metal),
    }
}

fn term(offset: usize, word: &str, catalog: &Catalog) -> Result<Term, FilterError> {
    if let Some(at) = word.find(['<', '>', '=', '!']) {
        return comparison(offset, word, at);
    }
    if word.contains(['*', '?']) {
        let pattern = regex::escape(word).replace(r"\*", ".*").replace(r"\?", ".");
        return match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(pattern) => Ok(Term::Glob(pattern)),
            Err(_) => Err(fault(offset, "the name is too long".to_owned(), None)),
        };
    }
    let families = catalog.entries().iter().map(CatalogEntry::family);
    let known = catalog.instance_type(word).is_some() || families.clone().any(|name| name == word);
    if known {
        return Ok(Term::Word(word.to_owned()));
    }
    let fields = FIELDS.iter().map(|(name, _)| *name);
    if fields.clone().any(|name| name == word) {
        let problem = format!("`{word}` needs a comparison without blanks: `{word}=...`");
        return Err(fault(offset, problem, None));
    }
    let (what, hint) = if word.contains('.') {
        ("instance type", catalog.nearest_name(word))
    } else {
        ("family", nearest(word, families.chain(fields)))
    };
    Err(fault(offset, format!("no {what} `{word}`"), hint))
}

fn comparison(offset: usize, word: &str, at: usize) -> Result<Term, FilterError> {
    let (name, rest) = word.split_at(at);
    let Some((sign, operator)) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
        return Err(fault(
            offset + at,
            "`!` alone compares nothing".to_owned(),
            Some("!="),
        ));
    };
    let value = &rest[sign.len()..];
    let value_offset = offset + at + sign.len();
    if name.is_empty() || value.is_empty() {
        let problem = format!("`{sign}` needs a word on both sides and no blanks: `vcpu{sign}4`");
        return Err(fault(offset + at, problem, None));
    }
    let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else {
        let hint = nearest(name, FIELDS.iter().map(|(name, _)| *name));
        return Err(fault(
            offset,
            format!("nothing to compare is called `{name}`"),
            hint,
        ));
    };
    match *field {
        Field::Number(field) => match amount(field, value) {
            Some(amount) => Ok(Term::Number(field, *operator, amount)),
            None => Err(fault(
                value_offset,
                not_an_amount(field, value),
                unit_hint(field, value),
            )),
        },
        Field::Choice(field) => {
            let equal = match operator {
                Operator::Equal => true,
                Operator::NotEqual => false,
                _ => {
                    let problem = format!("`{name}` is a word: `=` or `!=`, not `{sign}`");
                    return Err(fault(offset + at, problem, None));
                }
            };
            let values = field.values();
            match values.iter().find(|known| **known == value) {
                Some(value) => Ok(Term::Choice(field, equal, value)),
                None => Err(fault(
                    value_offset,
                    format!("`{name}` is one of {}, not `{value}`", values.join(", ")),
                    nearest(value, values.iter().copied()),
                )),
            }
        }
    }
}

/// The value in units of 10^-9, memory in MiB.
fn amount(field: NumberField, value: &str) -> Option<u128> {
    let (digits, factor) = match field {
        NumberField::Memory | NumberField::Registered => {
            let (digits, unit) = split_unit(value);
            let (_, factor) = MEMORY_UNITS
                .iter()
                .find(|(name, _)| unit.is_empty() || *name == unit)?;
            (digits, *factor)
        }
        _ => (value, 1),
    };
    Some(u128::from(parse_nano(digits)?) * u128::from(factor))
}

fn split_unit(value: &str) -> (&str, &str) {
    let digits = |letter: char| letter.is_ascii_digit() || letter == '.';
    value.split_at(value.find(|letter| !digits(letter)).unwrap_or(value.len()))
}

fn not_an_amount(field: NumberField, value: &str) -> String {
    let wanted = match field {
        NumberField::Memory | NumberField::Registered => "a size such as 8192 or 8GiB",
        NumberField::Price => "a price in USD an hour such as 0.096",
        _ => "a number",
    };
    format!("`{value}` is not {wanted}")
}

fn unit_hint(field: NumberField, value: &str) -> Option<&'static str> {
    let (_, unit) = split_unit(value);
    match field {
        NumberField::Memory | NumberField::Registered => {
            nearest(unit, ["MiB", "GiB", "TiB"]).filter(|known| !known.eq_ignore_ascii_case(unit))
        }
        _ => None,
    }
}

fn fault(offset: usize, problem: String, hint: Option<&str>) -> FilterError {
    FilterError {
        offset,
        problem,
        hint: hint.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests;
